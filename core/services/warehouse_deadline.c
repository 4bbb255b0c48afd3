/* warehouse_deadline.c: a cancel token that also fires when a time is up. */
#include "services/warehouse_deadline.h"

static void *
watch(void *data)
{
    Deadline *deadline = data;
    gboolean more = TRUE;

    g_mutex_lock(&deadline->lock);
    while (!deadline->stopped && more)
        more = g_cond_wait_until(&deadline->changed, &deadline->lock, deadline->until);
    /* Somebody else's cancel is not a time-out, even when both come together. */
    gboolean late = !deadline->stopped && !cancel_fired(deadline->token);
    deadline->expired = late;
    g_mutex_unlock(&deadline->lock);
    if (late)
        cancel_fire(deadline->token);
    return NULL;
}

void
deadline_start(Deadline *deadline, Cancel *parent, gint64 usec)
{
    *deadline = (Deadline){.token = cancel_new_child(parent)};
    g_mutex_init(&deadline->lock);
    g_cond_init(&deadline->changed);
    if (usec <= 0)
        return;
    deadline->until = g_get_monotonic_time() + usec;
    deadline->thread = g_thread_new("deadline", watch, deadline);
}

gboolean
deadline_stop(Deadline *deadline)
{
    g_mutex_lock(&deadline->lock);
    deadline->stopped = TRUE;
    g_cond_signal(&deadline->changed);
    g_mutex_unlock(&deadline->lock);
    if (deadline->thread)
        g_thread_join(deadline->thread);
    cancel_unref(deadline->token);
    g_mutex_clear(&deadline->lock);
    g_cond_clear(&deadline->changed);
    return deadline->expired;
}
