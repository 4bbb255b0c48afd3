/* work.h: what the desk is asked to do, on worker threads, with its result back on the screen. */
#ifndef TUI_WORK_H
#define TUI_WORK_H

#include <glib.h>
#include "base/cancel.h"
#include "engine/desk.h"
#include "tui/mailbox.h"

typedef struct Work Work;
typedef struct Job Job;

/* On a worker thread; what it finds goes into data. */
typedef gboolean (*JobFunc)(Desk *desk, Cancel *cancel, gpointer data, GError **error);
/* On the screen thread; error is NULL when it went well (borrowed). */
typedef void (*JobDone)(gpointer data, const GError *error);

typedef struct {
    char *what;        /* "rerun of 1042", for the status line and the question at the end; taken */
    gint64 request_id; /* 0: none */
    gboolean quiet;    /* TRUE: nobody waits for it at the end (a preview) */
    JobFunc run;
    JobDone done;
    gpointer data;
    GDestroyNotify free_data;
} JobSpec;

Work *work_new(Desk *desk, Mailbox *mailbox);
/* Cancels what runs and waits for it. */
void work_free(Work *work);
void work_start(Work *work, const JobSpec *spec);
/* How many run that are not quiet; *what (may be NULL): the oldest of them, borrowed until the next
 * call. */
guint work_running(Work *work, const char **what);
/* TRUE when a job of the request, or one about none, runs or ended some seconds ago. */
gboolean work_touched(Work *work, gint64 request_id);
/* Fires the cancel of the jobs of a request (0: of all); TRUE when there was one. */
gboolean work_cancel(Work *work, gint64 request_id);

#endif
