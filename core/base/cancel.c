/* cancel.c: the token that stops work on other threads.
 *
 * One thread only ever runs the callbacks of a token (the one that fired it), so one "running" slot
 * is enough for cancel_forget() to wait on. */
#include "base/cancel.h"

#include "base/error.h"

typedef struct {
    guint id;
    CancelFunc func;
    void *data;
} Watch;

struct Cancel {
    int refs; /* atomic */
    GMutex lock;
    GCond changed;
    gboolean fired;
    guint last_id;
    guint running_id; /* 0: none */
    GThread *running_on;
    GQueue watches; /* Watch * */
    Cancel *parent;
    guint parent_watch;
};

Cancel *
cancel_new(void)
{
    Cancel *cancel = g_new0(Cancel, 1);
    cancel->refs = 1;
    g_mutex_init(&cancel->lock);
    g_cond_init(&cancel->changed);
    g_queue_init(&cancel->watches);
    return cancel;
}

/* Takes a reference unless the last one has already gone: the parent may fire a child while another
 * thread is dropping it. The memory stays until that thread's cancel_forget() has returned. */
static gboolean
try_ref(Cancel *cancel)
{
    int refs = g_atomic_int_get(&cancel->refs);
    while (refs > 0) {
        if (g_atomic_int_compare_and_exchange(&cancel->refs, refs, refs + 1))
            return TRUE;
        refs = g_atomic_int_get(&cancel->refs);
    }
    return FALSE;
}

/* The caller holds a reference. */
static void
fire_held(Cancel *cancel)
{
    g_mutex_lock(&cancel->lock);
    if (!cancel->fired) {
        cancel->fired = TRUE;
        cancel->running_on = g_thread_self();
        g_cond_broadcast(&cancel->changed);
        Watch *watch;
        while ((watch = g_queue_pop_head(&cancel->watches))) {
            cancel->running_id = watch->id;
            g_mutex_unlock(&cancel->lock);
            watch->func(watch->data);
            g_free(watch);
            g_mutex_lock(&cancel->lock);
            cancel->running_id = 0;
            g_cond_broadcast(&cancel->changed);
        }
    }
    g_mutex_unlock(&cancel->lock);
}

static void
on_parent(void *data)
{
    Cancel *child = data;
    if (!try_ref(child))
        return;
    fire_held(child);
    cancel_unref(child);
}

Cancel *
cancel_new_child(Cancel *parent)
{
    Cancel *child = cancel_new();
    if (parent) {
        child->parent = cancel_ref(parent);
        /* Our own reference is still there, also when the parent fires at once. */
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
        child->parent_watch = cancel_watch(parent, on_parent, child);
    }
    return child;
}

Cancel *
cancel_ref(Cancel *cancel)
{
    if (cancel)
        g_atomic_int_inc(&cancel->refs);
    return cancel;
}

void
cancel_unref(Cancel *cancel)
{
    if (!cancel || !g_atomic_int_dec_and_test(&cancel->refs))
        return;
    if (cancel->parent) {
        cancel_forget(cancel->parent, cancel->parent_watch);
        cancel_unref(cancel->parent);
    }
    g_queue_clear_full(&cancel->watches, g_free);
    g_cond_clear(&cancel->changed);
    g_mutex_clear(&cancel->lock);
    g_free(cancel);
}

void
cancel_fire(Cancel *cancel)
{
    if (!cancel)
        return;
    /* A callback may drop the reference that the caller came with. */
    cancel_ref(cancel);
    fire_held(cancel);
    cancel_unref(cancel);
}

gboolean
cancel_fired(Cancel *cancel)
{
    if (!cancel)
        return FALSE;
    g_mutex_lock(&cancel->lock);
    gboolean fired = cancel->fired;
    g_mutex_unlock(&cancel->lock);
    return fired;
}

guint
cancel_watch(Cancel *cancel, CancelFunc func, void *data)
{
    if (!cancel)
        return 0;
    g_mutex_lock(&cancel->lock);
    if (cancel->fired) {
        g_mutex_unlock(&cancel->lock);
        func(data);
        return 0;
    }
    Watch *watch = g_new(Watch, 1);
    *watch = (Watch){.id = ++cancel->last_id, .func = func, .data = data};
    g_queue_push_tail(&cancel->watches, watch);
    guint id = watch->id;
    g_mutex_unlock(&cancel->lock);
    return id;
}

void
cancel_forget(Cancel *cancel, guint id)
{
    if (!cancel || id == 0)
        return;
    g_mutex_lock(&cancel->lock);
    for (GList *link = cancel->watches.head; link; link = link->next) {
        Watch *watch = link->data;
        if (watch->id != id)
            continue;
        g_queue_delete_link(&cancel->watches, link);
        g_free(watch);
        break;
    }
    /* A callback that forgets itself must not wait for itself. */
    while (cancel->running_id == id && cancel->running_on != g_thread_self())
        g_cond_wait(&cancel->changed, &cancel->lock);
    g_mutex_unlock(&cancel->lock);
}

gboolean
cancel_sleep(Cancel *cancel, gint64 usec)
{
    if (!cancel) {
        if (usec > 0)
            g_usleep((gulong)usec);
        return FALSE;
    }
    gint64 end = g_get_monotonic_time() + MAX(usec, 0);
    g_mutex_lock(&cancel->lock);
    while (!cancel->fired && g_cond_wait_until(&cancel->changed, &cancel->lock, end))
        ;
    gboolean fired = cancel->fired;
    g_mutex_unlock(&cancel->lock);
    return fired;
}

gboolean
cancel_check(Cancel *cancel, GError **error)
{
    if (!cancel_fired(cancel))
        return FALSE;
    g_set_error_literal(error, CREDITBOT_ERROR, ERR_CANCELLED, "stopped before it was done");
    return TRUE;
}
