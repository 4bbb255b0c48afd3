/* log_keeper.c: a buffer that the log fills and one thread empties into the state. */
#include "cli/log_keeper.h"

#include "base/error.h"

#define FLUSH_USEC (G_USEC_PER_SEC / 2)
#define FLUSH_ROWS 256
#define MOST_ROWS  20000

struct LogKeeper {
    char *path, *group;
    Store *store;    /* of the thread; NULL: not open yet */
    GError *failure; /* why it could not be opened or written last; of the thread */
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
        if (keeper->rows->len == 1 || keeper->rows->len == FLUSH_ROWS)
            g_cond_signal(&keeper->wake);
    }
    g_mutex_unlock(&keeper->lock);
}

static gboolean
open_state(LogKeeper *keeper, GError **error)
{
    StoreOptions options = {.path = keeper->path, .group = keeper->group, .relaxed = TRUE};
    keeper->store = store_open(&options, error);
    return keeper->store != NULL;
}

/* Opened with the first line, so that it holds up no start. A state that is gone by then is not
 * made anew here: it would be an empty one that knows of no post. */
static gboolean
is_open(LogKeeper *keeper)
{
    g_clear_error(&keeper->failure);
    if (keeper->store)
        return TRUE;
    if (g_file_test(keeper->path, G_FILE_TEST_EXISTS))
        return open_state(keeper, &keeper->failure);
    g_set_error(&keeper->failure, CREDITBOT_ERROR, ERR_NOT_FOUND, "%s is gone", keeper->path);
    return FALSE;
}

static LogRow *
lost_row(guint64 dropped)
{
    LogRow *row = g_new0(LogRow, 1);
    row->at = clock_now(NULL);
    row->level = LOG_LEVEL_WARN;
    row->area = g_strdup("log");
    row->message = g_strdup_printf("%" G_GUINT64_FORMAT " lines were lost here", dropped);
    return row;
}

/* Without the lock: writing may wait for another process. */
static void
write_rows(LogKeeper *keeper, GPtrArray *rows, guint64 dropped)
{
    guint64 lost = dropped + rows->len;
    if (dropped)
        g_ptr_array_add(rows, lost_row(dropped));
    if (rows->len == 0)
        return;
    g_autofree LogRow *flat = g_new(LogRow, rows->len);
    for (guint i = 0; i < rows->len; i++)
        flat[i] = *(const LogRow *)g_ptr_array_index(rows, i);
    if (store_logs_add(keeper->store, flat, rows->len, &keeper->failure))
        return;
    g_mutex_lock(&keeper->lock);
    keeper->dropped += lost;
    g_mutex_unlock(&keeper->lock);
}

/* Until lines are to be written, if any; TRUE: for the last time. */
static gboolean
wait_rows(LogKeeper *keeper, gboolean *any)
{
    g_mutex_lock(&keeper->lock);
    while (!keeper->stopping && keeper->rows->len == 0)
        g_cond_wait(&keeper->wake, &keeper->lock);
    gint64 until = g_get_monotonic_time() + FLUSH_USEC;
    while (!keeper->stopping && (keeper->rows->len < FLUSH_ROWS || keeper->failure) &&
           g_cond_wait_until(&keeper->wake, &keeper->lock, until))
        ;
    gboolean last = keeper->stopping;
    *any = keeper->rows->len > 0 || keeper->dropped > 0;
    g_mutex_unlock(&keeper->lock);
    return last;
}

static void
flush(LogKeeper *keeper)
{
    g_mutex_lock(&keeper->lock);
    g_autoptr(GPtrArray) rows = g_steal_pointer(&keeper->rows);
    keeper->rows = g_ptr_array_new_with_free_func(free_row);
    guint64 dropped = keeper->dropped;
    keeper->dropped = 0;
    g_mutex_unlock(&keeper->lock);
    write_rows(keeper, rows, dropped);
}

/* What cannot be written yet because the state is not open stays in the buffer. */
static gpointer
empty(gpointer data)
{
    LogKeeper *keeper = data;
    for (gboolean last = FALSE, any; !last;) {
        last = wait_rows(keeper, &any);
        if (any && is_open(keeper))
            flush(keeper);
    }
    return NULL;
}

static void
keeper_free(LogKeeper *keeper)
{
    g_ptr_array_unref(keeper->rows);
    store_close(keeper->store);
    g_mutex_clear(&keeper->lock);
    g_cond_clear(&keeper->wake);
    g_clear_error(&keeper->failure);
    g_free(keeper->path);
    g_free(keeper->group);
    g_free(keeper);
}

LogKeeper *
log_keeper_start(const StoreOptions *options, Log *log, GError **error)
{
    LogKeeper *keeper = g_new0(LogKeeper, 1);
    keeper->path = g_strdup(options->path);
    keeper->group = g_strdup(options->group);
    keeper->rows = g_ptr_array_new_with_free_func(free_row);
    g_mutex_init(&keeper->lock);
    g_cond_init(&keeper->wake);
    if (!g_file_test(keeper->path, G_FILE_TEST_EXISTS) && !open_state(keeper, error)) {
        keeper_free(keeper);
        return NULL;
    }
    keeper->thread = g_thread_new("log keeper", empty, keeper);
    log_to_sink(log, keep, keeper);
    return keeper;
}

gboolean
log_keeper_stop(LogKeeper *keeper, GError **error)
{
    if (!keeper)
        return TRUE;
    g_mutex_lock(&keeper->lock);
    keeper->stopping = TRUE;
    g_cond_signal(&keeper->wake);
    g_mutex_unlock(&keeper->lock);
    g_thread_join(keeper->thread);
    guint64 lost = keeper->dropped + keeper->rows->len;
    if (lost > 0)
        g_set_error(error, CREDITBOT_ERROR, ERR_STORE,
                    "%" G_GUINT64_FORMAT " lines of the log are not in the state: %s", lost,
                    keeper->failure ? keeper->failure->message : "too many came at once");
    keeper_free(keeper);
    return lost == 0;
}
