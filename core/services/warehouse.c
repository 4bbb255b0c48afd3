/* warehouse.c: the front of all warehouses: the guard, the limits, and the table of drivers. */
#include "base/error.h"
#include "services/sql_guard.h"
#include "services/warehouse.h"
#include "services/warehouse_deadline.h"
#include "services/warehouse_driver.h"

#define CHECK_LIMIT (60 * G_TIME_SPAN_SECOND) /* the queue of a busy cluster included */

struct Warehouse {
    const WarehouseDriver *driver;
    void *state; /* the driver's own */
    char *label;
    gint64 timeout;
    gint64 max_rows;
};

static const WarehouseDriver *const drivers[] = {&warehouse_presto, &warehouse_sqlite,
                                                 &warehouse_trino};

Warehouse *
warehouse_new(Http *http, const Config *config, Log *log, GError **error)
{
    const char *name = config_string(config, "warehouse", "driver");
    const WarehouseDriver *driver = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(drivers); i++)
        if (g_strcmp0(drivers[i]->name, name) == 0)
            driver = drivers[i];
    if (!driver) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "[warehouse] driver=%s is not available in this build; "
                    "use trino, presto or sqlite",
                    name ? name : "");
        return NULL;
    }
    g_autofree char *label = NULL;
    void *state = driver->open(http, config, log, &label, error);
    if (!state)
        return NULL;
    Warehouse *warehouse = g_new0(Warehouse, 1);
    warehouse->driver = driver;
    warehouse->state = state;
    warehouse->label = g_steal_pointer(&label);
    warehouse->timeout = config_duration(config, "warehouse", "timeout");
    warehouse->max_rows = config_int(config, "warehouse", "max_rows");
    return warehouse;
}

void
warehouse_free(Warehouse *warehouse)
{
    if (!warehouse)
        return;
    warehouse->driver->close(warehouse->state);
    g_free(warehouse->label);
    g_free(warehouse);
}

const char *
warehouse_name(const Warehouse *warehouse)
{
    return warehouse->label;
}

gboolean
warehouse_put_columns(WarehouseRun *run, const char *const *names, const char *const *types,
                      GError **error)
{
    const WarehouseSink *sink = run->sink;
    return !sink || !sink->columns || sink->columns(names, types, sink->data, error);
}

gboolean
warehouse_put_row(WarehouseRun *run, const char *const *cells, gsize n, GError **error)
{
    const WarehouseSink *sink = run->sink;
    if (run->max_rows > 0 && run->rows >= run->max_rows) {
        g_set_error(error, CREDITBOT_ERROR, ERR_INPUT,
                    "the result has more than %" G_GINT64_FORMAT " rows; nothing was worked out "
                    "from a part of it. Narrow the query or raise [warehouse] max_rows",
                    run->max_rows);
        return FALSE;
    }
    run->rows++;
    return !sink || !sink->row || sink->row(cells, n, sink->data, error);
}

void
warehouse_put_progress(const WarehouseRun *run, WarehouseProgress *progress)
{
    const WarehouseSink *sink = run->sink;
    if (!sink || !sink->progress)
        return;
    progress->elapsed = g_get_monotonic_time() - run->started;
    sink->progress(progress, sink->data);
}

/* A driver only sees that it was stopped; here it is known why. */
static void
explain_stop(const Warehouse *warehouse, gint64 timeout, GError **error)
{
    g_clear_error(error);
    g_set_error(error, CREDITBOT_ERROR, ERR_TIMEOUT,
                "%s: the query was not done within %" G_GINT64_FORMAT
                ".%01d s and was cancelled; narrow it or raise [warehouse] timeout",
                warehouse->label, timeout / G_USEC_PER_SEC,
                (int)(timeout % G_USEC_PER_SEC / (G_USEC_PER_SEC / 10)));
}

typedef gboolean (*RunFunc)(Warehouse *warehouse, WarehouseRun *run, void *result, GError **error);

/* Guard, limits and time around one call of the driver. */
static gboolean
run_guarded(Warehouse *warehouse, const char *sql, const WarehouseLimits *limits, WarehouseRun *run,
            RunFunc func, void *result, Cancel *cancel, GError **error)
{
    g_autofree char *clean = NULL;
    g_autoptr(GError) failure = NULL;
    Deadline deadline;

    if (!sql_guard(sql, &clean, error) || cancel_check(cancel, error))
        return FALSE;
    run->sql = clean;
    run->timeout = limits && limits->timeout ? limits->timeout : warehouse->timeout;
    run->max_rows = limits && limits->max_rows ? limits->max_rows : warehouse->max_rows;
    run->started = g_get_monotonic_time();
    deadline_start(&deadline, cancel, run->timeout);
    run->stop = deadline.token;
    gboolean done = func(warehouse, run, result, &failure);
    gboolean late = deadline_stop(&deadline);
    if (done)
        return TRUE;
    if (late && g_error_matches(failure, CREDITBOT_ERROR, ERR_CANCELLED))
        explain_stop(warehouse, run->timeout, &failure);
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

static gboolean
run_statement(Warehouse *warehouse, WarehouseRun *run, void *result G_GNUC_UNUSED, GError **error)
{
    return warehouse->driver->run(warehouse->state, run, error);
}

gboolean
warehouse_run(Warehouse *warehouse, const char *sql, const WarehouseLimits *limits,
              const WarehouseSink *sink, char **query_id, Cancel *cancel, GError **error)
{
    WarehouseRun run = {.sink = sink, .query_id = query_id};
    return run_guarded(warehouse, sql, limits, &run, run_statement, NULL, cancel, error);
}

static gboolean
keep_names(const char *const *names, const char *const *types G_GNUC_UNUSED, void *data,
           GError **error G_GNUC_UNUSED)
{
    char ***kept = data;
    gsize n = 0;
    while (names[n])
        n++;
    g_strfreev(*kept);
    *kept = g_new0(char *, n + 1);
    for (gsize i = 0; i < n; i++)
        (*kept)[i] = g_strdup(names[i]);
    return TRUE;
}

/* The statement stays on its own lines, so that a line number in an error is that of the statement;
 * the newline behind it ends a trailing comment. */
static gboolean
ask_columns(Warehouse *warehouse, WarehouseRun *run, void *result, GError **error)
{
    char ***names = result;
    if (warehouse->driver->columns) {
        *names = warehouse->driver->columns(warehouse->state, run, error);
        return *names != NULL;
    }
    g_autofree char *wrapped = g_strdup_printf("SELECT * FROM (%s\n) t LIMIT 0", run->sql);
    WarehouseSink sink = {.columns = keep_names, .data = names};
    WarehouseRun wrapping = *run;
    wrapping.sql = wrapped;
    wrapping.sink = &sink;
    return warehouse->driver->run(warehouse->state, &wrapping, error);
}

char **
warehouse_columns(Warehouse *warehouse, const char *sql, Cancel *cancel, GError **error)
{
    g_auto(GStrv) names = NULL;
    WarehouseRun run = {0};
    if (!run_guarded(warehouse, sql, NULL, &run, ask_columns, &names, cancel, error))
        return NULL;
    return g_steal_pointer(&names);
}

gboolean
warehouse_check(Warehouse *warehouse, char **version, Cancel *cancel, GError **error)
{
    WarehouseLimits limits = {.timeout = MIN(CHECK_LIMIT, warehouse->timeout)};
    if (!warehouse_run(warehouse, "SELECT 1", &limits, NULL, NULL, cancel, error))
        return FALSE;
    if (version)
        *version = warehouse->driver->version(warehouse->state, cancel);
    return TRUE;
}
