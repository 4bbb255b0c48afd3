/* list_private.h: what list.c and list_draw.c share. */
#ifndef TUI_LIST_PRIVATE_H
#define TUI_LIST_PRIVATE_H

#include "tui/list.h"

struct List {
    const ListOps *ops;
    const void *context;
    GPtrArray *rows;  /* owned */
    GPtrArray *shown; /* borrowed from rows, filtered and sorted */
    gint64 selected_id;
    int position, top, page;
    char *filter, *match;
    int sort;
    gboolean reverse;
    gboolean windowed, more_before, more_after;
    gboolean measured;
    int measured_width;
    int *widths; /* of each column; 0: left out */
    Rect area;   /* of the last draw */
};

void list_cell_text(const List *list, const void *row, guint column, GString *text, Role *role);

#endif
