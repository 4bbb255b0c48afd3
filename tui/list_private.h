/* list_private.h: what the files of the list engine share. */
#ifndef TUI_LIST_PRIVATE_H
#define TUI_LIST_PRIVATE_H

#include "tui/list.h"

struct List {
    const ListOps *ops;
    const void *context;
    const gint64 *now;
    GPtrArray *rows;  /* owned */
    GPtrArray *shown; /* borrowed from rows, filtered and sorted */
    gint64 selected_id;
    int position, top, page;
    /* list_filter.c */
    char *filter, *match;
    Query *query;
    gint64 query_at;          /* the time that it was made for */
    const QueryField *fields; /* of ops, then columns; NULL: not asked for yet */
    QueryField *own_fields;   /* fields, where it is not the table of ops itself */
    guint n_ops_fields;       /* of fields, those that are of ops */
    int *field_columns;       /* of the others */
    GPtrArray *needles;       /* texts of the filter, to be shown where they stand */
    /* list_sort.c */
    int sort;
    gboolean reverse;
    int column; /* picked; -1: none */
    /* list_marks.c */
    GHashTable *marks; /* of gint64 * */
    gint64 anchor;     /* where a range begins; 0: nowhere */
    /* list_pause.c */
    gboolean paused;
    GPtrArray *waiting; /* rows to come; NULL: none */
    guint changes;
    gboolean windowed, more_before, more_after, busy;
    ListHooks hooks;
    gpointer hooks_data;
    guint settings;
    ListPreview preview;
    /* list_layout.c */
    gboolean measured;
    int measured_width;
    int *widths; /* of each column; 0: left out */
    int scroll;  /* columns after the frozen ones that are scrolled away */
    int frozen;  /* columns that are, at this width */
    gboolean more_right;
    Rect area; /* of the last draw */
};

/* list.c */
void list_rebuild(List *list);
void list_free_rows(List *list, GPtrArray *rows);
/* list_filter.c */
void list_filter_free(List *list);
/* The filter again for the present time, where it counts back from it. */
void list_filter_renew(List *list);
gboolean list_passes(const List *list, const void *row);
/* list_sort.c */
void list_order(List *list);
gboolean list_sorts_down(const List *list);
/* list_pause.c */
void list_hold_back(List *list, GPtrArray *rows);
/* list_layout.c */
#define LIST_GAP 1
void list_measure(List *list, int room);
int list_margin(const List *list);
/* A sparse column of which nothing is shown. */
gboolean list_column_empty(const List *list, int column);

#endif
