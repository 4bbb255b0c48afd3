/* work.c: the desk's work away from the screen thread. */
#include "tui/work.h"

#define THREADS 6

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
