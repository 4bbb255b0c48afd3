/* toast.h: what other processes did, in a few words, for some seconds; the last ones are kept.
 *
 * Words are made from the desk's events on the reader's thread; what this console did itself is
 * left out by the screen, which knows. */
#ifndef TUI_TOAST_H
#define TUI_TOAST_H

#include <glib.h>
#include "store/store.h"
#include "tui/grid.h"

#define TOAST_STAYS (8 * G_TIME_SPAN_SECOND)

/* One thing that happened. */
typedef struct {
    gint64 at;         /* microseconds, of the event */
    gint64 request_id; /* 0: none */
    char *kind;        /* what it counts as: "posted" "approve" "pause" … */
    char *actor;       /* who; "creditbot": a pass */
    char *words;       /* "mara approved 1042" */
    char *many; /* "posted": how several of them read, after their number; NULL: never joined */
    Role role;
    gint64 amount; /* of a request that is new to people, micro-units; -1: none */
} Notice;
void notice_free(Notice *notice);

/* The events after *last, oldest first, as Notice *; *last becomes the newest event's id. *last 0:
 * nothing is told, only where to begin. At most 200 events are looked at. */
GPtrArray *notices_read(Store *store, gint64 *last, GError **error);

typedef struct Toasts Toasts;

Toasts *toasts_new(void);
void toasts_free(Toasts *toasts);
/* Shows them from now on; those of one kind and actor become one toast. notices are taken. */
void toasts_add(Toasts *toasts, GPtrArray *notices, gint64 now);
/* When the next one goes; 0: none is shown. */
gint64 toasts_next(const Toasts *toasts, gint64 now);
/* At most three, newest last, stacked upwards from the lower right corner of the area. */
void toasts_draw(const Toasts *toasts, Grid *grid, Rect area, gint64 now);
/* The last ones, newest first, a line each with its time. Caller frees. */
char *toasts_text(const Toasts *toasts, gint64 now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Notice, notice_free)

#endif
