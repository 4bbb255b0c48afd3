/* warehouse_deadline.h: a cancel token that also fires when a time is up. */
#ifndef SERVICES_WAREHOUSE_DEADLINE_H
#define SERVICES_WAREHOUSE_DEADLINE_H

#include <glib.h>
#include "base/cancel.h"

typedef struct {
    Cancel *token; /* borrowed until deadline_stop() */
    GThread *thread;
    GMutex lock;
    GCond changed;
    gint64 until;
    gboolean stopped, expired;
} Deadline;

/* The token fires with parent (may be NULL), or usec microseconds from now; 0: with parent only. */
void deadline_start(Deadline *deadline, Cancel *parent, gint64 usec);
/* Ends the watch. TRUE when it was the time that fired the token. */
gboolean deadline_stop(Deadline *deadline);

#endif
