/* list.h: the one list engine: columns that adapt and scroll sideways, a selection and marks that
 * stick to the objects, filter, sort, search, a pause, a preview pane, and windows over lists that
 * are too long to load.
 *
 * A list owns its rows. Rows are named by an id that never changes; selection and marks follow the
 * id while rows come, go and move. A whole list filters and sorts by itself. A windowed list holds
 * a few pages around the selection and asks for more; the store filters and sorts it, and whoever
 * feeds it is told through ListHooks. */
#ifndef TUI_LIST_H
#define TUI_LIST_H

#include <glib.h>
#include "base/query.h"
#include "tui/grid.h"

/* The ground of a selected row goes so far, and on to the end of its column: over a slow line a
 * move is two such pieces, not two rows. */
#define LIST_BAR 12

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
    int (*compare)(const void *a, const void *b); /* NULL: by number; without it not at all */
    /* What it is worth as a number of its kind (of filters, order and export); FALSE: nothing.
     * NULL: its text is all there is. */
    gboolean (*number)(const void *row, gint64 *number);
    QueryKind kind;
    gboolean big_first; /* the order without reverse begins with the greatest number */
    int order;          /* of windowed lists: the store's name for it; 0: cannot be sorted by */
    gboolean sparse;    /* takes no room while it has nothing to show */
} ListColumn;

typedef struct {
    const ListColumn *columns;
    guint n_columns;
    gint64 (*id)(const void *row);
    GDestroyNotify free_row;
    int default_sort; /* column, -1: as the rows come */
    gboolean default_reverse;
    guint frozen; /* columns at the left that do not scroll sideways; 0: one */
    /* Fields of filters. Those of a whole list come before its columns, which are fields too; a
     * windowed list with fields has only them. NULL: the columns. */
    const QueryField *fields;
    gboolean (*field)(const void *row, guint field, GString *text, gint64 *number, gpointer unused);
    /* Beside the columns, for the export alone. */
    const ListColumn *more;
    guint n_more;
    /* One line of JSON for the export; NULL: an object of the columns. Caller frees. */
    char *(*json)(const void *row);
} ListOps;

typedef struct List List;

List *list_new(const ListOps *ops);
void list_free(List *list);
/* Passed to the cell functions; borrowed. */
void list_set_context(List *list, const void *context);
/* What the context points to is another: columns may need another width. */
void list_context_changed(List *list);
/* What ages in filters are counted from; borrowed. NULL: the system's clock. */
void list_set_clock(List *list, const gint64 *now);
const ListOps *list_spec(const List *list);

/* -- rows -- */
/* Replaces all rows (taken, with the array), also in a pause. */
void list_set_rows(List *list, GPtrArray *rows);
/* The same for rows that nobody asked for: a pause holds them back. */
void list_refresh_rows(List *list, GPtrArray *rows);
/* Windowed lists: which ends are not loaded yet. */
void list_set_more(List *list, gboolean before, gboolean after);
/* Adds rows (taken, with the array) at the end or the start; drops from the other end what is
 * beyond keep rows, and then says so in list_more_…(). */
void list_extend(List *list, GPtrArray *rows, gboolean at_end, guint keep);
gboolean list_windowed(const List *list);
gboolean list_more_before(const List *list);
gboolean list_more_after(const List *list);
/* Windowed: TRUE when the selection is so near an end that isn't loaded that more is wanted. */
gboolean list_wants(const List *list, gboolean *at_end);
const void *list_first(const List *list); /* first and last row that is loaded; NULL: none */
const void *list_last(const List *list);
guint list_count(const List *list);                  /* rows that pass the filter */
guint list_total(const List *list);                  /* rows that are loaded */
const void *list_row(const List *list, guint index); /* that pass; borrowed */
/* What a column shows. */
void list_cell_text(const List *list, const void *row, guint column, GString *text, Role *role);

/* -- selection -- */
const void *list_selected(const List *list); /* borrowed, NULL: none */
/* The selected object as it is now, where a pause shows an older one. Borrowed. */
const void *list_present(const List *list);
gint64 list_selected_id(const List *list);   /* 0: none */
int list_position(const List *list);         /* 0-based among those that pass; -1: none */
gboolean list_select(List *list, gint64 id); /* FALSE when it is not shown */
gboolean list_at_end(const List *list);
void list_move(List *list, int delta);
void list_page(List *list, int pages);
void list_home(List *list);
void list_end(List *list);
/* A click into the last draw: a row is selected, a heading sorts (again: the other way round). */
typedef enum { LIST_CLICK_NOTHING, LIST_CLICK_ROW, LIST_CLICK_HEADER } ListClick;
ListClick list_click(List *list, int x, int y);

/* -- filter (base/query.h) and search -- */
/* NULL or "": all. FALSE with an error: the filter that was there stays. */
gboolean list_set_filter(List *list, const char *text, GError **error);
const char *list_filter(const List *list); /* NULL: none */
/* The filter in force, made for the present time; NULL: none. Borrowed. */
Query *list_query(List *list);
/* TRUE when the row passes; may be called from another thread, where the cells may. */
gboolean list_row_passes(const List *list, const void *row, const Query *query);
/* Fields that a filter of this list can name, NULL-terminated; borrowed. */
const QueryField *list_fields(List *list);
/* query_complete() with the values of the rows that are loaded. */
char **list_complete(List *list, const char *text, gsize cursor, gsize *from);
/* Selects the next row that a filter would show, in a direction, around the ends; FALSE when there
 * is none. A text that is no filter is looked for as it is. */
gboolean list_find(List *list, const char *text, int direction);

/* -- order and columns -- */
gboolean list_sortable(const List *list, int column);
/* column < 0: as the rows come. Nothing changes when it is not sortable. */
void list_sort(List *list, int column, gboolean reverse);
void list_sort_next(List *list);
void list_sort_reverse(List *list);
int list_sorted_by(const List *list, gboolean *reverse);
guint list_n_columns(const List *list);
const char *list_column_name(const List *list, int column); /* borrowed */
int list_column_named(const List *list, const char *name);  /* -1: none */
/* The column that is picked in the heading; -1: none. */
int list_column(const List *list);
/* Picks the next one in a direction and scrolls sideways to it. */
void list_pick_column(List *list, int direction);
/* Scrolls sideways by columns; FALSE at the edge. */
gboolean list_scroll(List *list, int columns);

/* -- marks -- */
void list_mark(List *list);       /* the selected row, or no longer; begins a range */
void list_mark_range(List *list); /* from the last one that was marked to the selected one */
void list_mark_all(List *list);   /* all that are shown */
void list_mark_invert(List *list);
void list_mark_clear(List *list);
gboolean list_has_marks(const List *list);
gboolean list_is_marked(const List *list, gint64 id);
/* gint64 ids of rows that are marked and shown, in their order; *hidden (may be NULL): how many
 * marked ones are not shown. Caller frees. */
GArray *list_marked(const List *list, guint *hidden);

/* -- pause -- */
void list_set_paused(List *list, gboolean paused);
gboolean list_paused(const List *list);
guint list_waiting(const List *list); /* changes that wait */
/* TRUE when the selected object is another one by now, or gone. */
gboolean list_outdated(const List *list);

/* -- what the feeder of a windowed list, and who remembers its settings, are told -- */
typedef struct {
    void (*order)(gpointer data);  /* filter or order of a windowed list are others */
    void (*resume)(gpointer data); /* a pause of a windowed list is over */
} ListHooks;
void list_set_hooks(List *list, const ListHooks *hooks, gpointer data);
gpointer list_feeder(const List *list); /* the data of the hooks; NULL: nobody feeds it */
const void *list_context(const List *list);
/* Counts up whenever filter, order or preview change. */
guint list_settings_serial(const List *list);

/* -- drawing -- */
typedef enum { PREVIEW_NORMAL, PREVIEW_LARGE, PREVIEW_OFF, PREVIEW_COUNT } ListPreview;
const char *preview_name(ListPreview preview); /* "normal" "large" "off" */
gboolean preview_parse(const char *name, ListPreview *preview);
ListPreview list_preview(const List *list);
void list_set_preview(List *list, ListPreview preview);
/* Header in the first row, rows below; puts the cursor on the selected one. */
void list_draw(List *list, Grid *grid, Rect area);
/* The list, below it a pane with a line on top that draw() fills, and on that line how the list
 * stands: filter, marks, pause. rows: of the pane, when its size is the normal one. */
typedef void (*ListPane)(gpointer data, Grid *grid, Rect pane);
void list_draw_with(List *list, Grid *grid, Rect area, int rows, ListPane draw, gpointer data);
/* How it stands, right-aligned in a row, for who draws the list alone. */
void list_draw_status(const List *list, Grid *grid, Rect row);
gboolean list_has_status(const List *list);
/* The answer to a filter is on its way. */
void list_set_busy(List *list, gboolean busy);

#endif
