/* log_keeper.c: a buffer that the log fills and one thread empties into the state. */
#include "cli/log_keeper.h"

#define FLUSH_USEC (G_USEC_PER_SEC / 2)
#define FLUSH_ROWS 256
#define MOST_ROWS  20000

struct LogKeeper {
    Store *store;
    GMutex lock;
    GCond wake;
    GPtrArray *rows; /* LogRow * */
    guint64 dropped;
    gboolean stopping;
    GThread *thread;
};

static void
free_row(gpointer row)
{
    log_row_free(row);
}

static void
keep(const LogLine *line, void *data)
{
    LogKeeper *keeper = data;
    g_mutex_lock(&keeper->lock);
    if (keeper->rows->len >= MOST_ROWS || keeper->stopping) {
        keeper->dropped++;
    } else {
        LogRow *row = g_new0(LogRow, 1);
        row->at = line->at;
        row->level = (int)line->level;
        row->pass_id = line->pass_id;
        row->request_id = line->request_id;
        row->run_id = line->run_id;
        row->area = g_strdup(line->area);
        row->message = g_strdup(line->message);
        g_ptr_array_add(keeper->rows, row);
        if (keeper->rows->len == FLUSH_ROWS)
            g_cond_signal(&keeper->wake);
    }
    g_mutex_unlock(&keeper->lock);
}

/* Without the lock: writing may wait for another process. */
static void
write_rows(LogKeeper *keeper, GPtrArray *rows, guint64 dropped)
{
    if (dropped) {
        LogRow *row = g_new0(LogRow, 1);
        row->at = clock_now(NULL);
        row->level = LOG_LEVEL_WARN;
        row->area = g_strdup("log");
        row->message = g_strdup_printf("%" G_GUINT64_FORMAT " lines were lost here", dropped);
        g_ptr_array_add(rows, row);
    }
    if (rows->len == 0)
        return;
    g_autofree LogRow *flat = g_new(LogRow, rows->len);
    for (guint i = 0; i < rows->len; i++)
        flat[i] = *(const LogRow *)g_ptr_array_index(rows, i);
    if (store_logs_add(keeper->store, flat, rows->len, NULL))
        return;
    g_mutex_lock(&keeper->lock);
    keeper->dropped += rows->len;
    g_mutex_unlock(&keeper->lock);
}

static gpointer
empty(gpointer data)
{
    LogKeeper *keeper = data;
    gboolean last = FALSE;
    while (!last) {
        g_mutex_lock(&keeper->lock);
        gint64 until = g_get_monotonic_time() + FLUSH_USEC;
        while (!keeper->stopping && keeper->rows->len < FLUSH_ROWS &&
               g_cond_wait_until(&keeper->wake, &keeper->lock, until))
            ;
        g_autoptr(GPtrArray) rows = g_steal_pointer(&keeper->rows);
        keeper->rows = g_ptr_array_new_with_free_func(free_row);
        guint64 dropped = keeper->dropped;
        keeper->dropped = 0;
        last = keeper->stopping;
        g_mutex_unlock(&keeper->lock);
        write_rows(keeper, rows, dropped);
    }
    return NULL;
}

LogKeeper *
log_keeper_start(const StoreOptions *options, Log *log, GError **error)
{
    StoreOptions relaxed = *options;
    relaxed.relaxed = TRUE;
    Store *store = store_open(&relaxed, error);
    if (!store)
        return NULL;
    LogKeeper *keeper = g_new0(LogKeeper, 1);
    keeper->store = store;
    keeper->rows = g_ptr_array_new_with_free_func(free_row);
    g_mutex_init(&keeper->lock);
    g_cond_init(&keeper->wake);
    keeper->thread = g_thread_new("log keeper", empty, keeper);
    log_to_sink(log, keep, keeper);
    return keeper;
}

void
log_keeper_stop(LogKeeper *keeper)
{
    if (!keeper)
        return;
    g_mutex_lock(&keeper->lock);
    keeper->stopping = TRUE;
    g_cond_signal(&keeper->wake);
    g_mutex_unlock(&keeper->lock);
    g_thread_join(keeper->thread);
    g_ptr_array_unref(keeper->rows);
    store_close(keeper->store);
    g_mutex_clear(&keeper->lock);
    g_cond_clear(&keeper->wake);
    g_free(keeper);
}
