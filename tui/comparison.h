/* comparison.h: two runs of a request against each other: what differs in amount, rows, SQL,
 * parameters and versions. */
#ifndef TUI_COMPARISON_H
#define TUI_COMPARISON_H

#include "store/store.h"
#include "tui/breakdown.h"
#include "tui/diff.h"

#define COMPARISON_SEGMENTS_MAX 50000 /* of each run that are compared */

typedef struct {
    char *name, *before, *after; /* "-" where a run has no such thing */
    gboolean same, parameter;
} ComparedFact;

typedef struct {
    Breakdown *before, *after;
    GPtrArray *facts;           /* ComparedFact *: what is the same too */
    GArray *changes;            /* SegmentChange, as breakdown_compare() gives them */
    guint added, gone, changed; /* how many of each sign there are */
    Diff *sql;                  /* NULL: the same SQL */
} Comparison;

/* Takes both. Takes time with the size of the results and the SQL: not for the screen's thread. */
Comparison *comparison_new(Breakdown *before, Breakdown *after);
/* Reads both runs. NULL when one of them is gone. */
Comparison *comparison_read(Store *store, gint64 before_id, gint64 after_id, GError **error);
void comparison_free(Comparison *comparison);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Comparison, comparison_free)

#endif
