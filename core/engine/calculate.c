/* calculate.c: from SQL to a run: the calculator plans, the warehouse works, the run is recorded.
 */
#include "engine/desk_private.h"

#include <string.h>

#include "base/error.h"
#include "base/failpoint.h"
#include "base/money.h"
#include "base/text.h"

typedef struct {
    Desk *desk;
    Calc *calc;
    Progress *progress; /* NULL: nothing is recorded */
    CalcAsk *ask;       /* NULL: nobody listens */
} Feed;

static gboolean
feed_row(const char *const *cells, gsize n, void *data, GError **error)
{
    Feed *feed = data;

    return calc_feed(feed->calc, cells, n, error);
}

static void
feed_progress(const WarehouseProgress *query, void *data)
{
    Feed *feed = data;

    if (feed->progress)
        work_progress(feed->desk, feed->progress, "query", query);
    if (feed->ask && feed->ask->progress)
        feed->ask->progress("query", query->percent, query->rows, feed->ask->data);
}

CalcResult *
calculate_sql(Desk *desk, const char *sql, const char *product, GHashTable *overrides,
              Progress *progress, CalcAsk *ask, char **query_id, Cancel *cancel, GError **error)
{
    Warehouse *warehouse = desk_warehouse(desk, error);
    g_autoptr(Calc) calc = warehouse ? calc_new(desk->config, product, overrides, error) : NULL;

    if (!calc)
        return NULL;
    if (progress)
        work_progress(desk, progress, "query", NULL);
    g_auto(GStrv) columns = warehouse_columns(warehouse, sql, cancel, error);
    if (!columns)
        return NULL;
    g_autofree char *plan = calc_plan(calc, sql, (const char *const *)columns, error);
    if (!plan)
        return NULL;
    Feed feed = {desk, calc, progress, ask};
    WarehouseSink sink = {.row = feed_row, .progress = feed_progress, .data = &feed};
    WarehouseLimits limits = {0};
    if (!warehouse_run(warehouse, plan, &limits, &sink, query_id, cancel, error))
        return NULL;
    if (progress)
        work_progress(desk, progress, "calculating", NULL);
    return calc_finish(calc, error);
}

static char *
join(GPtrArray *words)
{
    if (words->len == 0)
        return NULL;
    g_ptr_array_add(words, NULL);
    char *text = g_strjoinv("; ", (char **)words->pdata);
    g_ptr_array_set_size(words, (gint)words->len - 1);
    return text;
}

static gboolean
fill_run(Desk *desk, Run *run, const Request *request, CalcResult *result, GError **error)
{
    if (!unusual_check(desk, request, result, run->sql_sha256, result->unusual, error))
        return FALSE;
    g_autoptr(cJSON) json = calc_result_to_json(result);
    run->calculator = g_strdup(result->calculator);
    run->calculator_version = g_strdup(result->version);
    run->parameters = result->parameters ? json_print(result->parameters) : g_strdup("{}");
    run->rows = result->rows;
    run->amount = result->amount;
    run->low = result->low;
    run->high = result->high;
    run->currency = g_strdup(result->currency);
    run->product = g_strdup(result->product);
    run->customer = g_strdup(result->customer);
    run->unusual = join(result->unusual);
    run->result = json_print(json);
    run->status = g_strdup("done");
    run->digest = evidence_digest(request, run);
    return TRUE;
}

Run *
calculate_run(Desk *desk, const Request *request, const char *actor, GHashTable *overrides,
              Progress *progress, Cancel *cancel, GError **error)
{
    g_autoptr(Run) run = run_new();

    run->request_id = request->id;
    run->started_at = desk_now(desk);
    run->actor = g_strdup(actor);
    run->sql = g_strdup(request->sql);
    run->sql_sha256 = g_strdup(request->sql_sha256);
    g_autoptr(CalcResult) result = calculate_sql(desk, request->sql, request->product, overrides,
                                                 progress, NULL, &run->query_id, cancel, error);
    if (!result)
        return NULL;
    if (overrides && g_hash_table_size(overrides) > 0)
        g_ptr_array_add(result->unusual, g_strdup(CALCULATE_OVERRIDDEN));
    Warehouse *warehouse = desk_warehouse(desk, NULL);
    run->warehouse = g_strdup(warehouse ? warehouse_name(warehouse) : NULL);
    run->finished_at = desk_now(desk);
    if (!fill_run(desk, run, request, result, error))
        return NULL;
    return g_steal_pointer(&run);
}

typedef struct {
    Desk *desk;
    Request *request;
    Run *run;
    const char *actor;
    Progress *progress;
} Finish;

static cJSON *
run_detail(const Run *run)
{
    cJSON *detail = cJSON_CreateObject();
    g_autofree char *amount = money_format(run->amount);

    json_add_int(detail, "run", run->number);
    json_add(detail, "amount", amount);
    json_add(detail, "currency", run->currency);
    json_add(detail, "digest", run->digest);
    json_add(detail, "query_id", run->query_id);
    return detail;
}

/* Approvals that still hold approve the new run at once. */
static gboolean
approve_if_carried(Desk *desk, Request *request, const Run *run, GError **error)
{
    gint64 hold_until = 0;
    gboolean suffices = FALSE;

    if (!approve_suffices(desk, request, run, &suffices, &hold_until, error))
        return FALSE;
    if (!suffices)
        return TRUE;
    request->hold_until = hold_until;
    return state_change(desk->store, request, STATE_APPROVED, "creditbot", "state", NULL,
                        desk_now(desk), error);
}

/* Approvals live on only when the new run found the very same evidence. */
static gboolean
keep_or_void_approvals(Desk *desk, const Request *request, const Run *before, const Run *run,
                       GError **error)
{
    g_autofree char *why = g_strdup_printf(
        "carried over to run %" G_GINT64_FORMAT ", which found the same evidence", run->number);

    if (before && g_strcmp0(before->digest, run->digest) == 0)
        return approve_carry(desk, request, run, why, NULL, error);
    return store_approvals_void(desk->store, request->id, "a newer run took its place", error);
}

/* The run, the request that it now counts for, and the end of approvals that named other evidence.
 */
static gboolean
store_finish(Store *store, void *data, GError **error)
{
    Finish *finish = data;
    Request *request = finish->request;
    g_autoptr(Run) before = request->run_id ? store_run_get(store, request->run_id, error) : NULL;

    if ((request->run_id && !before) || !store_run_add(store, finish->run, error) ||
        !keep_or_void_approvals(finish->desk, request, before, finish->run, error))
        return FALSE;
    request->run_id = finish->run->id;
    request->attempts = 0;
    request->next_attempt_at = 0;
    request->hold_until = 0;
    g_clear_pointer(&request->error, g_free);
    g_clear_pointer(&request->error_code, g_free);
    g_free(request->customer);
    request->customer = g_strdup(finish->run->customer);
    return state_change(store, request, STATE_PENDING, finish->actor, "run",
                        run_detail(finish->run), desk_now(finish->desk), error) &&
           approve_if_carried(finish->desk, request, finish->run, error) &&
           work_progress_done(store, finish->progress, error);
}

/* Seen at once: a request in calculating that nobody is seen to work on is taken up again. */
static gboolean
store_begin(Store *store, void *data, GError **error)
{
    Finish *begin = data;

    return work_progress_begin(begin->desk, store, begin->progress, "query", error) &&
           state_change(store, begin->request, STATE_CALCULATING, begin->actor, "state", NULL,
                        desk_now(begin->desk), error);
}

gboolean
calculate_request(Desk *desk, Request *request, const char *actor, GHashTable *overrides,
                  Progress *progress, Cancel *cancel, GError **error)
{
    RequestState before = request->state;
    Finish finish = {.desk = desk, .request = request, .actor = actor, .progress = progress};

    if (!state_transact(desk->store, request, store_begin, &finish, error))
        return FALSE;
    log_write(desk->log, LOG_LEVEL_DEBUG, "calc", "request %" G_GINT64_FORMAT ": %s to calculating",
              request->id, state_name(before));
    failpoint("calc:running");
    g_autoptr(Run) run = calculate_run(desk, request, actor, overrides, progress, cancel, error);
    if (!run)
        return FALSE;
    finish.run = run;
    failpoint("calc:before-store");
    if (!state_transact(desk->store, request, store_finish, &finish, error))
        return FALSE;
    progress->shown = FALSE;
    failpoint("calc:after-store");
    g_autofree char *amount = money_format(run->amount);
    log_scope(desk->pass_id, request->id, run->id);
    log_write(desk->log, LOG_LEVEL_INFO, "calc",
              "request %" G_GINT64_FORMAT ": run %" G_GINT64_FORMAT
              " gives %s %s from %" G_GINT64_FORMAT " rows",
              request->id, run->number, amount, run->currency, run->rows);
    log_scope(desk->pass_id, request->id, 0);
    return TRUE;
}
