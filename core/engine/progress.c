/* progress.c: who works on which request, how far it is, and how to stop it from anywhere. */
#include "engine/desk_private.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/error.h"

#define WRITE_EVERY (1 * G_USEC_PER_SEC)
#define STALE_AFTER (5 * 60 * G_USEC_PER_SEC)

/* -- stops asked for by other processes -- */

#define LOOK_EVERY (1 * G_USEC_PER_SEC)

static Store *side_store(Desk *desk);

/* FALSE when nobody here works on it. */
static gboolean
stop_here(Desk *desk, gint64 id)
{
    g_mutex_lock(&desk->work_lock);
    Cancel *token = g_hash_table_lookup(desk->working, &id);
    if (token)
        cancel_ref(token);
    g_mutex_unlock(&desk->work_lock);
    if (!token)
        return FALSE;
    cancel_fire(token);
    cancel_unref(token);
    return TRUE;
}

/* Fires the tokens of what others asked to stop, if it runs here. */
static void
take_asked(Desk *desk)
{
    const Holder *self = holder_self();
    Store *side = side_store(desk);
    g_autoptr(GPtrArray) rows = side ? store_progress(side, NULL) : NULL;

    for (guint i = 0; rows && i < rows->len; i++) {
        const Progress *row = g_ptr_array_index(rows, i);

        if (!row->cancel_asked || row->pid != self->pid || g_strcmp0(row->host, self->host) != 0)
            continue;
        stop_here(desk, row->request_id);
    }
}

/* One thread for all work of this process: whatever a request waits for, the statement that asks
 * for the columns too, ends when another process asks. It looks once a second while there is work.
 */
static void *
watch(void *data)
{
    Desk *desk = data;

    g_mutex_lock(&desk->work_lock);
    while (!desk->closing) {
        if (g_hash_table_size(desk->working) == 0) {
            g_cond_wait(&desk->work_changed, &desk->work_lock);
            continue;
        }
        gint64 until = g_get_monotonic_time() + LOOK_EVERY;
        while (!desk->closing && g_cond_wait_until(&desk->work_changed, &desk->work_lock, until))
            continue;
        if (desk->closing || g_hash_table_size(desk->working) == 0)
            continue;
        g_mutex_unlock(&desk->work_lock);
        take_asked(desk);
        g_mutex_lock(&desk->work_lock);
    }
    g_mutex_unlock(&desk->work_lock);
    return NULL;
}

void
work_watch_end(Desk *desk)
{
    g_mutex_lock(&desk->work_lock);
    desk->closing = TRUE;
    g_cond_signal(&desk->work_changed);
    g_mutex_unlock(&desk->work_lock);
    if (desk->watcher)
        g_thread_join(desk->watcher);
}

/* The lock is held. */
static void
watch_begin(Desk *desk)
{
    if (!desk->watcher)
        desk->watcher = g_thread_new("stops", watch, desk);
    else if (g_hash_table_size(desk->working) == 1)
        g_cond_signal(&desk->work_changed);
}

Cancel *
work_begin(Desk *desk, gint64 id, Cancel *parent, GError **error)
{
    Cancel *token = NULL;

    g_mutex_lock(&desk->work_lock);
    if (g_hash_table_contains(desk->working, &id)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFLICT,
                    "request %" G_GINT64_FORMAT
                    " is being worked on right now; wait for it or cancel it",
                    id);
    } else {
        token = cancel_new_child(parent);
        g_hash_table_insert(desk->working, g_memdup2(&id, sizeof id), token);
        watch_begin(desk);
    }
    g_mutex_unlock(&desk->work_lock);
    return token;
}

void
work_end(Desk *desk, gint64 id, Cancel *token)
{
    if (!token)
        return;
    g_mutex_lock(&desk->work_lock);
    g_hash_table_remove(desk->working, &id);
    g_mutex_unlock(&desk->work_lock);
    cancel_unref(token);
}

/* Progress has a connection of its own: a slow disk under it never delays a decision. */
static Store *
side_store(Desk *desk)
{
    g_mutex_lock(&desk->work_lock);
    if (!desk->side) {
        g_autofree char *path =
            store_path(config_string(desk->config, "store", "url"), desk->state_dir, NULL);
        StoreOptions options = {.path = path,
                                .group = config_string(desk->config, "store", "group"),
                                .relaxed = TRUE,
                                .clock = desk->clock};
        g_autoptr(GError) error = NULL;

        if (path)
            desk->side = store_open(&options, &error);
        if (error)
            log_write(desk->log, LOG_LEVEL_WARN, "progress", "%s", error->message);
    }
    g_mutex_unlock(&desk->work_lock);
    return desk->side;
}

Progress *
work_progress_new(Desk *desk, gint64 id)
{
    Progress *progress = g_new0(Progress, 1);
    const Holder *self = holder_self();

    progress->request_id = id;
    progress->started_at = desk_now(desk);
    progress->at = g_get_monotonic_time();
    progress->percent = -1;
    progress->host = g_strdup(self->host);
    progress->pid = self->pid;
    return progress;
}

void
work_progress_free(Desk *desk, Progress *progress)
{
    if (!progress)
        return;
    if (progress->shown && side_store(desk))
        store_progress_clear(desk->side, progress->request_id, NULL);
    progress_free(progress);
}

static void
tell_listener(Desk *desk, const Progress *progress)
{
    void (*func)(const Progress *, void *);
    void *data;

    g_mutex_lock(&desk->work_lock);
    func = desk->on_progress;
    data = desk->on_progress_data;
    g_mutex_unlock(&desk->work_lock);
    if (func)
        func(progress, data);
}

static gboolean
turn_to(Progress *progress, const char *stage)
{
    if (g_strcmp0(progress->stage, stage) == 0)
        return FALSE;
    g_free(progress->stage);
    progress->stage = g_strdup(stage);
    progress->percent = -1;
    return TRUE;
}

/* The row carries wall time; the struct keeps the monotonic one for its own pace. */
static gboolean
write_row(Desk *desk, Store *store, Progress *progress, GError **error)
{
    Progress row = *progress;

    row.at = desk_now(desk);
    progress->at = g_get_monotonic_time();
    progress->shown = TRUE;
    return store_progress_set(store, &row, error);
}

gboolean
work_progress_begin(Desk *desk, Store *store, Progress *progress, const char *stage, GError **error)
{
    if (turn_to(progress, stage))
        tell_listener(desk, progress);
    return write_row(desk, store, progress, error);
}

gboolean
work_progress_done(Store *store, Progress *progress, GError **error)
{
    return store_progress_clear(store, progress->request_id, error);
}

/* Each row is a commit for which other workers wait, so what is over within a second writes none.
 */
void
work_progress(Desk *desk, Progress *progress, const char *stage, const WarehouseProgress *query)
{
    gboolean due = g_get_monotonic_time() - progress->at >= WRITE_EVERY;

    if (!turn_to(progress, stage) && !due)
        return;
    if (query) {
        progress->percent = query->percent;
        progress->rows = query->rows;
        progress->bytes = query->bytes;
        if (query->query_id && !progress->query_id)
            progress->query_id = g_strdup(query->query_id);
    }
    tell_listener(desk, progress);
    Store *side = due ? side_store(desk) : NULL;
    if (side)
        write_row(desk, side, progress, NULL);
}

/* TRUE when nobody alive works on the request any more. */
gboolean
work_holder_gone(Desk *desk, gint64 id, GPtrArray *progress)
{
    g_mutex_lock(&desk->work_lock);
    gboolean ours = g_hash_table_contains(desk->working, &id);
    g_mutex_unlock(&desk->work_lock);
    if (ours)
        return FALSE;
    for (guint i = 0; i < progress->len; i++) {
        const Progress *row = g_ptr_array_index(progress, i);
        const Holder *self = holder_self();

        if (row->request_id != id || desk_now(desk) - row->at > STALE_AFTER)
            continue;
        if (g_strcmp0(row->host, self->host) != 0)
            return FALSE;
        if (row->pid != self->pid && (kill((pid_t)row->pid, 0) == 0 || errno == EPERM))
            return FALSE;
    }
    return TRUE;
}

gboolean
desk_cancel(Desk *desk, gint64 id, GError **error)
{
    if (!stop_here(desk, id))
        return store_cancel_ask(desk->store, id, error);
    log_write(desk->log, LOG_LEVEL_INFO, "desk", "request %" G_GINT64_FORMAT " cancelled by %s", id,
              desk->actor);
    return TRUE;
}
