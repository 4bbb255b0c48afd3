/* diff.h: what differs between two texts, line by line.
 *
 * E. W. Myers, "An O(ND) Difference Algorithm and Its Variations", Algorithmica 1 (1986): the
 * shortest script, in time and memory bounded by the number of differences. */
#ifndef TUI_DIFF_H
#define TUI_DIFF_H

#include <glib.h>

#define DIFF_LINES_MAX   20000 /* of each text; what is longer is compared up to there */
#define DIFF_CHANGES_MAX 1500  /* more than so many: all old lines, then all new ones */

typedef struct {
    char sign;           /* ' ' the same, '-' gone, '+' new */
    guint before, after; /* line numbers from 0; of the text that has the line */
    const char *line;    /* borrowed from the Diff */
} DiffLine;

typedef struct {
    char **before, **after; /* the lines */
    guint n_before, n_after;
    GArray *lines;     /* DiffLine, in the order of reading */
    guint gone, fresh; /* how many lines are '-' and '+' */
    gboolean whole;    /* FALSE: a text was longer than the limit */
} Diff;

/* NULL texts are empty. Never NULL. */
Diff *diff_texts(const char *before, const char *after);
void diff_free(Diff *diff);

/* Bytes that two lines have in common at their start and, behind that, at their end, both at
 * character borders: what is between them changed. */
void diff_within(const char *before, const char *after, gsize *head, gsize *tail);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Diff, diff_free)

#endif
