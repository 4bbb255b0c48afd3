/* preview_job.h: what exactly would be posted, worked out on a worker, and how it reads in a
 * dialog.
 */
#ifndef TUI_WIDGETS_PREVIEW_JOB_H
#define TUI_WIDGETS_PREVIEW_JOB_H

#include "tui/console_private.h"

typedef struct {
    gint64 id;
    gint64 run_number;  /* of a result; 0: the run that counts */
    const char *kind;   /* "result" "rejection", or "amount": an amount that is not set yet */
    const char *reason; /* of a rejection or an amount */
    gint64 amount;      /* micro-units */
    gint64 version;     /* the caller's own, handed back */
} PreviewAsk;

/* On the screen thread. target: the dialog's data, or what was given; preview is taken, NULL with
 * error. ask: what was asked for, borrowed. */
typedef void (*PreviewDone)(gpointer target, const PreviewAsk *ask, Preview *preview,
                            const GError *error);
/* For a dialog: serial is its own; done is not called when it was closed meanwhile. */
void preview_start(Console *console, const PreviewAsk *ask, guint serial, PreviewDone done);
/* For a view, which lives as long as the console. */
void preview_start_for(Console *console, const PreviewAsk *ask, gpointer target, PreviewDone done);

/* Whether it is real (dry: what a dry run says instead) and where it goes; the exact words; the
 * amount before and after. */
void preview_write(Doc *doc, const Preview *preview, const char *dry);
#define PREVIEW_DRY "Nothing is recorded or sent."
/* What is unusual or doubtful about it, in full, and who else looks at it. */
void preview_write_doubts(Doc *doc, const Preview *preview, gint64 now);

#endif
