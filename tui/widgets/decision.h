/* decision.h: what the dialogs that decide on one request have in common: the form, the exact words
 * that are worked out on a worker while the fields may change, and the job that does it.
 */
#ifndef TUI_WIDGETS_DECISION_H
#define TUI_WIDGETS_DECISION_H

#include "tui/widgets/dialogs.h"
#include "tui/widgets/form.h"
#include "tui/widgets/preview_job.h"

typedef struct Decision Decision;

typedef struct {
    /* The text, from what is there; it was renewed. */
    void (*write)(Decision *decision);
    /* What a preview came back for still is what is typed; NULL: whatever is typed. */
    gboolean (*same)(const Decision *decision, const PreviewAsk *ask);
    /* The preview is there, or (error) cannot be; the text is written next. NULL: error is said
     * with failed, and what is shown stays. */
    void (*arrived)(Decision *decision, const GError *error);
    /* Enter, once the text was seen. Changed bits. */
    guint (*yes)(Decision *decision);
    /* A key before the form has it; FALSE: it is the form's. NULL: none. */
    gboolean (*key)(Decision *decision, const TermEvent *event);
    void (*clear)(Decision *decision); /* what is the dialog's own; may be NULL */
    const char *failed;                /* "cannot show the rejection" */
    guint apart;                       /* bits of the fields that the words do not hold */
} DecisionOps;

/* A dialog's data begins with it. */
struct Decision {
    Form form;
    const DecisionOps *ops;
    guint serial;
    gint64 id;
    char *customer;
    Preview *preview; /* NULL: not there (yet) */
    gboolean asked;
};

/* Data of size bytes for a dialog about the request; fields and what is its own come next, then
 * decision_push(). */
gpointer decision_new(Console *console, gsize size, const DecisionOps *ops, const Request *request);
guint decision_push(Decision *decision, const DialogOps *dialog);
/* Writes the text anew. */
void decision_write(Decision *decision);
/* Asks for the exact words, one question at a time; id is the decision's. */
void decision_ask(Decision *decision, const PreviewAsk *ask);
/* What is known no longer is what would be posted. */
void decision_drop(Decision *decision);
/* "Reject 2: northwind". Caller frees. */
char *decision_title(const Decision *decision, const char *verb);

/* For the table of a dialog. */
guint decision_key(gpointer dialog, const TermEvent *event);
void decision_free(gpointer dialog);

/* -- doing it -- */

/* Travels to a worker and back; a dialog's own begins with it. */
typedef struct {
    Console *console;
    gint64 id;
    char *reason;
    GDestroyNotify clear; /* what is its own; may be NULL */
} DecisionJob;
/* Of size bytes, with the text of the field of the reason. */
gpointer decision_job(const Decision *decision, gsize size, guint reason_field);
/* Closes the dialog and starts the job (taken); the console says that it is doing ("approving 2 …",
 * NULL: nothing), and at the end asks about "approval of 2". */
guint decision_do(Decision *decision, gpointer job, const char *what, const char *doing,
                  JobFunc run, JobDone done);

#endif
