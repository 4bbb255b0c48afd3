/* bulk.h: what the two files of the bulk dialog share. */
#ifndef TUI_WIDGETS_BULK_H
#define TUI_WIDGETS_BULK_H

#include "tui/widgets/dialogs.h"
#include "tui/widgets/form.h"

typedef struct BulkAct BulkAct;

/* One row, on its way to a worker and back. */
typedef struct {
    Console *console;
    guint serial, index;
    const BulkAct *act;
    gint64 id, run_number;
    char *reason;
    Approved approved;
    Run *run;
    RequestState state;
} BulkStep;

struct BulkAct {
    const char *name, *title;
    gboolean reason, posts; /* posts: each text is shown, and the number is typed */
    const char *about;      /* what happens to each; NULL: its post says it */
    gboolean (*run)(Desk *desk, BulkStep *step, Cancel *cancel, GError **error);
    char *(*done)(Console *console, const BulkStep *step); /* what became of it; caller frees */
};

typedef struct {
    gint64 id;
    Request *request; /* NULL: cannot be read */
    Preview *preview; /* of an approval */
    char *refusal;    /* why it is left out; NULL: it is not */
    char *outcome;    /* NULL: not done (yet) */
    gboolean failed;
} BulkItem;

typedef enum { BULK_LOADING, BULK_ASKING, BULK_RUNNING, BULK_DONE } BulkStage;

typedef struct {
    Form form;
    guint serial;
    const BulkAct *act;
    BulkStage stage;
    GPtrArray *items; /* BulkItem *; NULL: not read yet */
    guint next;       /* the row to be begun next */
    char *reason;
} Bulk;

/* bulk_text.c: the rows as they stand in this stage. */
void bulk_write(Bulk *bulk);

#endif
