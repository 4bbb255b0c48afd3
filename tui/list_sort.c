/* list_sort.c: the order of a list, and the column that is picked in its heading. */
#include "tui/list_private.h"

gboolean
list_sortable(const List *list, int column)
{
    if (column < 0 || column >= (int)list->ops->n_columns)
        return column < 0;
    const ListColumn *spec = &list->ops->columns[column];
    return list->windowed ? spec->order != 0 : spec->compare || spec->number;
}

/* What has no number comes last. */
static int
compare_numbers(const ListColumn *column, const void *a, const void *b)
{
    gint64 x = 0, y = 0;
    gboolean has_x = column->number(a, &x), has_y = column->number(b, &y);
    if (!has_x || !has_y)
        return has_x ? -1 : has_y;
    int order = x < y ? -1 : x > y;
    return column->big_first ? -order : order;
}

static int
compare_rows(gconstpointer a, gconstpointer b, gpointer data)
{
    const List *list = data;
    const ListColumn *column = &list->ops->columns[list->sort];
    const void *x = *(const void *const *)a, *y = *(const void *const *)b;
    int order = column->compare ? column->compare(x, y) : compare_numbers(column, x, y);
    if (order == 0) {
        gint64 i = list->ops->id(x), k = list->ops->id(y);
        return i < k ? -1 : i > k;
    }
    return list->reverse ? -order : order;
}

void
list_order(List *list)
{
    if (!list->windowed && list->sort >= 0 && list_sortable(list, list->sort))
        g_ptr_array_sort_with_data(list->shown, compare_rows, list);
}

/* What people see gets smaller from row to row: the older an age, the smaller its instant. */
gboolean
list_sorts_down(const List *list)
{
    const ListColumn *column = &list->ops->columns[list->sort];
    return (column->big_first != list->reverse) != (column->kind == QUERY_AGE);
}

void
list_sort(List *list, int column, gboolean reverse)
{
    if (!list_sortable(list, column) || (list->sort == column && list->reverse == reverse))
        return;
    list->sort = column;
    list->reverse = reverse;
    list->settings++;
    list->measured = FALSE;
    if (list->windowed && list->hooks.order)
        list->hooks.order(list->hooks_data);
    else
        list_rebuild(list);
}

void
list_sort_next(List *list)
{
    int n = (int)list->ops->n_columns, column = list->sort;
    /* -1 is an order of its own where rows come in one that no column has. */
    int first = list->ops->default_sort >= 0 ? 0 : -1;
    for (int step = 0; step <= n; step++) {
        column = column + 1 >= n ? first : column + 1;
        if (list_sortable(list, column))
            break;
    }
    list_sort(list, column, FALSE);
}

void
list_sort_reverse(List *list)
{
    list_sort(list, list->sort, !list->reverse);
}

int
list_sorted_by(const List *list, gboolean *reverse)
{
    if (reverse)
        *reverse = list->reverse;
    return list->sort;
}

guint
list_n_columns(const List *list)
{
    return list->ops->n_columns;
}

const char *
list_column_name(const List *list, int column)
{
    return list->ops->columns[column].name;
}

int
list_column_named(const List *list, const char *name)
{
    for (guint i = 0; i < list->ops->n_columns; i++) {
        if (g_ascii_strcasecmp(list->ops->columns[i].name, name) == 0)
            return (int)i;
    }
    return -1;
}

int
list_column(const List *list)
{
    return list->column;
}

void
list_pick_column(List *list, int direction)
{
    int n = (int)list->ops->n_columns;
    int column = list->column < 0 ? MAX(list->sort, direction > 0 ? 0 : n - 1)
                                  : CLAMP(list->column + direction, 0, n - 1);
    if (list_column_empty(list, column))
        column = CLAMP(column + direction, 0, n - 1);
    list->column = column;
    list->measured = FALSE;
    list_measure(list, list->measured_width);
    while (list->widths[column] == 0 && column >= list->frozen + list->scroll &&
           list_scroll(list, 1))
        ;
    while (list->widths[column] == 0 && list_scroll(list, -1))
        ;
}
