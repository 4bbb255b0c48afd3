/* list.h: the one list engine: columns that adapt, a selection that sticks to the object, filter,
 * sort, search, scroll, and windows over lists that are too long to load.
 *
 * A list owns its rows. Rows are named by an id that never changes; the selection follows the id
 * while rows come, go and move. A whole list filters and sorts by itself. A windowed list holds a
 * few pages around the selection and asks for more; its view filters and sorts in the store. */
#ifndef TUI_LIST_H
#define TUI_LIST_H

#include <glib.h>
#include "tui/grid.h"

typedef enum { ALIGN_LEFT, ALIGN_RIGHT } ListAlign;

/* What a row shows in a column; text is empty on entry. */
typedef void (*ListCell)(const void *row, const void *context, GString *text, Role *role);

typedef struct {
    const char *name;  /* for sort and filter: "customer" */
    const char *title; /* "CUSTOMER" */
    int min, max;      /* columns; more room than max is not used */
    ListAlign align;
    int drop; /* 0: always shown; else the highest is left out first where room is short */
    ListCell cell;
    int (*compare)(const void *a, const void *b); /* NULL: cannot be sorted by */
} ListColumn;

typedef struct {
    const ListColumn *columns;
    guint n_columns;
    gint64 (*id)(const void *row);
    GDestroyNotify free_row;
    int default_sort; /* column, -1: as the rows come */
    gboolean default_reverse;
} ListOps;

typedef struct List List;

List *list_new(const ListOps *ops);
void list_free(List *list);
/* Passed to the cell functions; borrowed. */
void list_set_context(List *list, const void *context);

/* Replaces all rows (taken, with the array). */
void list_set_rows(List *list, GPtrArray *rows);
/* Windowed lists: which ends are not loaded yet. */
void list_set_more(List *list, gboolean before, gboolean after);
/* Adds rows (taken, with the array) at the end or the start; drops from the other end what is
 * beyond keep rows, and then says so in list_more_…(). */
void list_extend(List *list, GPtrArray *rows, gboolean at_end, guint keep);
gboolean list_more_before(const List *list);
gboolean list_more_after(const List *list);
/* Windowed: TRUE when the selection is so near an end that isn't loaded that more is wanted. */
gboolean list_wants(const List *list, gboolean *at_end);
const void *list_first(const List *list); /* first and last row that is loaded; NULL: none */
const void *list_last(const List *list);

guint list_count(const List *list);          /* rows that pass the filter */
guint list_total(const List *list);          /* rows that are loaded */
const void *list_selected(const List *list); /* borrowed, NULL: none */
gint64 list_selected_id(const List *list);   /* 0: none */
int list_position(const List *list);         /* 0-based among those that pass; -1: none */
gboolean list_select(List *list, gint64 id); /* FALSE when it is not shown */
gboolean list_at_end(const List *list);
void list_move(List *list, int delta);
void list_page(List *list, int pages);
void list_home(List *list);
void list_end(List *list);
/* The row at a screen position of the last draw becomes the selected one. */
gboolean list_click(List *list, int y);

/* Substring of any shown column, without regard to case; "!text" is the inverse; NULL or "": all.
 */
void list_set_filter(List *list, const char *text);
const char *list_filter(const List *list); /* NULL: none */
/* TRUE when the row passes a filter in that syntax. */
gboolean list_row_matches(const List *list, const void *row, const char *filter);
/* Selects the next row that contains text, in a direction, around the ends; FALSE when there is
 * none. */
gboolean list_find(List *list, const char *text, int direction);
/* column < 0: as the rows come. */
void list_sort(List *list, int column, gboolean reverse);
void list_sort_next(List *list);
void list_sort_reverse(List *list);
int list_sorted_by(const List *list, gboolean *reverse);
const char *list_column_name(const List *list, int column); /* borrowed */
int list_column_named(const List *list, const char *name);  /* -1: none */

/* Header in the first row, rows below; puts the cursor on the selected one. */
void list_draw(List *list, Grid *grid, Rect area);

#endif
