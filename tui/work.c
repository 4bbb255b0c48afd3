/* work.c: the desk's work away from the screen thread. */
#include "tui/work.h"

#define THREADS       6
#define STAYS_TOUCHED (3 * G_TIME_SPAN_SECOND)

struct Job {
    Work *work;
    JobSpec spec;
    Cancel *cancel;
    GError *error;
};

struct Work {
    Desk *desk;
    Mailbox *mailbox;
    GThreadPool *pool;
    GPtrArray *running; /* Job *, borrowed: screen thread only */
    GHashTable *ended;  /* request id → gint64 *, when its last job ended (monotonic) */
    Cancel *all;
};

static void
job_free(gpointer data)
{
    Job *job = data;
    if (job->spec.free_data)
        job->spec.free_data(job->spec.data);
    g_free(job->spec.what);
    cancel_unref(job->cancel);
    g_clear_error(&job->error);
    g_free(job);
}

static void
job_done(gpointer data)
{
    Job *job = data;
    g_ptr_array_remove(job->work->running, job);
    if (!job->spec.quiet) {
        gint64 now = g_get_monotonic_time();
        g_hash_table_replace(job->work->ended, g_memdup2(&job->spec.request_id, sizeof(gint64)),
                             g_memdup2(&now, sizeof now));
    }
    job->spec.done(job->spec.data, job->error);
}

static void
job_run(gpointer data, gpointer user_data)
{
    Job *job = data;
    Work *work = user_data;
    job->spec.run(work->desk, job->cancel, job->spec.data, &job->error);
    mailbox_post(work->mailbox, job_done, job, job_free);
}

Work *
work_new(Desk *desk, Mailbox *mailbox)
{
    Work *work = g_new0(Work, 1);
    work->desk = desk;
    work->mailbox = mailbox;
    work->pool = g_thread_pool_new(job_run, work, THREADS, FALSE, NULL);
    work->running = g_ptr_array_new();
    work->ended = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    work->all = cancel_new();
    return work;
}

void
work_free(Work *work)
{
    if (!work)
        return;
    cancel_fire(work->all);
    g_thread_pool_free(work->pool, FALSE, TRUE);
    g_ptr_array_unref(work->running);
    g_hash_table_unref(work->ended);
    cancel_unref(work->all);
    g_free(work);
}

void
work_start(Work *work, const JobSpec *spec)
{
    Job *job = g_new0(Job, 1);
    job->work = work;
    job->spec = *spec;
    job->cancel = cancel_new_child(work->all);
    g_ptr_array_add(work->running, job);
    g_thread_pool_push(work->pool, job, NULL);
}

guint
work_running(Work *work, const char **what)
{
    guint n = 0;
    for (guint i = 0; i < work->running->len; i++) {
        const Job *job = g_ptr_array_index(work->running, i);
        if (job->spec.quiet)
            continue;
        if (n++ == 0 && what)
            *what = job->spec.what;
    }
    return n;
}

static gboolean
ended_lately(Work *work, gint64 request_id)
{
    const gint64 *at = g_hash_table_lookup(work->ended, &request_id);
    return at && g_get_monotonic_time() - *at < STAYS_TOUCHED;
}

gboolean
work_touched(Work *work, gint64 request_id)
{
    for (guint i = 0; i < work->running->len; i++) {
        const Job *job = g_ptr_array_index(work->running, i);
        if (!job->spec.quiet && (job->spec.request_id == request_id || job->spec.request_id == 0))
            return TRUE;
    }
    return ended_lately(work, request_id) || ended_lately(work, 0);
}

gboolean
work_cancel(Work *work, gint64 request_id)
{
    gboolean any = FALSE;
    for (guint i = 0; i < work->running->len; i++) {
        Job *job = g_ptr_array_index(work->running, i);
        if (job->spec.quiet || (request_id != 0 && job->spec.request_id != request_id))
            continue;
        cancel_fire(job->cancel);
        any = TRUE;
    }
    return any;
}
