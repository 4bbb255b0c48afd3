/* cancel.h: a token that one thread fires and others see at once.
 *
 * Reference-counted and thread-safe. NULL is accepted everywhere and is never fired. */
#ifndef BASE_CANCEL_H
#define BASE_CANCEL_H

#include <glib.h>

typedef struct Cancel Cancel;
typedef void (*CancelFunc)(void *data);

Cancel *cancel_new(void);
/* A token that also fires when its parent fires. */
Cancel *cancel_new_child(Cancel *parent);
Cancel *cancel_ref(Cancel *cancel);
void cancel_unref(Cancel *cancel);

/* Fires once; later calls do nothing. Callbacks run in the calling thread. */
void cancel_fire(Cancel *cancel);
gboolean cancel_fired(Cancel *cancel);

/* Runs func(data) when fired, at once if it already was. Returns an id for cancel_forget(), 0 when
 * the function has already run. cancel_forget() returns after a running callback has ended. */
guint cancel_watch(Cancel *cancel, CancelFunc func, void *data);
void cancel_forget(Cancel *cancel, guint id);

/* Sleeps up to usec microseconds; returns TRUE (early) when fired. */
gboolean cancel_sleep(Cancel *cancel, gint64 usec);

/* Sets ERR_CANCELLED and returns TRUE when fired. */
gboolean cancel_check(Cancel *cancel, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Cancel, cancel_unref)

#endif
