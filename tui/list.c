/* list.c: rows, their order and the selection. list_draw.c shows them. */
#include "tui/list_private.h"

#include <string.h>

#define WANT_NEAR 50 /* rows to an end that is not loaded */

List *
list_new(const ListOps *ops)
{
    List *list = g_new0(List, 1);
    list->ops = ops;
    list->rows = g_ptr_array_new_with_free_func(ops->free_row);
    list->shown = g_ptr_array_new();
    list->position = -1;
    list->page = 10;
    list->sort = ops->default_sort;
    list->reverse = ops->default_reverse;
    list->widths = g_new0(int, ops->n_columns);
    return list;
}

void
list_free(List *list)
{
    if (!list)
        return;
    g_ptr_array_unref(list->shown);
    g_ptr_array_unref(list->rows);
    g_free(list->filter);
    g_free(list->match);
    g_free(list->widths);
    g_free(list);
}

void
list_set_context(List *list, const void *context)
{
    list->context = context;
    list->measured = FALSE;
}

void
list_cell_text(const List *list, const void *row, guint column, GString *text, Role *role)
{
    g_string_truncate(text, 0);
    *role = ROLE_TEXT;
    list->ops->columns[column].cell(row, list->context, text, role);
}

static gboolean
contains(const List *list, const void *row, const char *folded)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < list->ops->n_columns; i++) {
        Role role;
        list_cell_text(list, row, i, text, &role);
        g_autofree char *valid = g_utf8_make_valid(text->str, (gssize)text->len);
        g_autofree char *cell = g_utf8_casefold(valid, -1);
        if (strstr(cell, folded))
            return TRUE;
    }
    return FALSE;
}

gboolean
list_row_matches(const List *list, const void *row, const char *filter)
{
    gboolean inverse = filter && filter[0] == '!';
    const char *needle = inverse ? filter + 1 : filter;
    if (!needle || !*needle)
        return TRUE;
    g_autofree char *folded = g_utf8_casefold(needle, -1);
    return contains(list, row, folded) != inverse;
}

static int
compare_rows(gconstpointer a, gconstpointer b, gpointer data)
{
    const List *list = data;
    const void *x = *(const void *const *)a, *y = *(const void *const *)b;
    int order = list->ops->columns[list->sort].compare(x, y);
    if (order == 0) {
        gint64 i = list->ops->id(x), k = list->ops->id(y);
        return i < k ? -1 : i > k;
    }
    return list->reverse ? -order : order;
}

static int
find_shown(const List *list, gint64 id)
{
    for (guint i = 0; i < list->shown->len; i++) {
        if (list->ops->id(g_ptr_array_index(list->shown, i)) == id)
            return (int)i;
    }
    return -1;
}

static void
set_position(List *list, int position)
{
    list->position = list->shown->len == 0 ? -1 : CLAMP(position, 0, (int)list->shown->len - 1);
    list->selected_id =
        list->position < 0 ? 0 : list->ops->id(g_ptr_array_index(list->shown, list->position));
}

/* Works out what is shown; the selection stays on its object, or where the object was. */
static void
rebuild(List *list)
{
    int old = list->position;
    g_ptr_array_set_size(list->shown, 0);
    for (guint i = 0; i < list->rows->len; i++) {
        gpointer row = g_ptr_array_index(list->rows, i);
        if (list->windowed || list_row_matches(list, row, list->filter))
            g_ptr_array_add(list->shown, row);
    }
    if (!list->windowed && list->sort >= 0 && list->ops->columns[list->sort].compare)
        g_ptr_array_sort_with_data(list->shown, compare_rows, list);
    int position = list->selected_id ? find_shown(list, list->selected_id) : -1;
    if (position >= 0 && old >= 0)
        list->top += position - old;
    set_position(list, position >= 0 ? position : MAX(old, 0));
    list->measured = FALSE;
}

void
list_set_rows(List *list, GPtrArray *rows)
{
    g_ptr_array_set_free_func(rows, list->ops->free_row);
    g_ptr_array_set_size(list->shown, 0);
    g_ptr_array_unref(list->rows);
    list->rows = rows;
    rebuild(list);
}

void
list_set_more(List *list, gboolean before, gboolean after)
{
    list->windowed = TRUE;
    list->more_before = before;
    list->more_after = after;
}

void
list_extend(List *list, GPtrArray *rows, gboolean at_end, guint keep)
{
    GPtrArray *joined = g_ptr_array_new_with_free_func(list->ops->free_row);
    GPtrArray *head = at_end ? list->rows : rows, *tail = at_end ? rows : list->rows;
    g_ptr_array_set_free_func(head, NULL);
    g_ptr_array_set_free_func(tail, NULL);
    g_ptr_array_set_size(list->shown, 0);
    g_ptr_array_extend_and_steal(joined, head);
    g_ptr_array_extend_and_steal(joined, tail);
    if (joined->len > keep) {
        guint surplus = joined->len - keep;
        g_ptr_array_remove_range(joined, at_end ? 0 : keep, surplus);
        if (at_end)
            list->more_before = TRUE;
        else
            list->more_after = TRUE;
    }
    list->rows = joined;
    rebuild(list);
}

gboolean
list_more_before(const List *list)
{
    return list->more_before;
}

gboolean
list_more_after(const List *list)
{
    return list->more_after;
}

gboolean
list_wants(const List *list, gboolean *at_end)
{
    if (list->more_after && list->position + WANT_NEAR >= (int)list->shown->len) {
        *at_end = TRUE;
        return TRUE;
    }
    *at_end = FALSE;
    return list->more_before && list->position < WANT_NEAR;
}

const void *
list_first(const List *list)
{
    return list->rows->len ? g_ptr_array_index(list->rows, 0) : NULL;
}

const void *
list_last(const List *list)
{
    return list->rows->len ? g_ptr_array_index(list->rows, list->rows->len - 1) : NULL;
}

guint
list_count(const List *list)
{
    return list->shown->len;
}

guint
list_total(const List *list)
{
    return list->rows->len;
}

const void *
list_selected(const List *list)
{
    return list->position < 0 ? NULL : g_ptr_array_index(list->shown, list->position);
}

gint64
list_selected_id(const List *list)
{
    return list->selected_id;
}

int
list_position(const List *list)
{
    return list->position;
}

gboolean
list_select(List *list, gint64 id)
{
    int position = find_shown(list, id);
    if (position < 0)
        return FALSE;
    set_position(list, position);
    return TRUE;
}

gboolean
list_at_end(const List *list)
{
    return list->position + 1 >= (int)list->shown->len && !list->more_after;
}

void
list_move(List *list, int delta)
{
    set_position(list, list->position + delta);
}

void
list_page(List *list, int pages)
{
    int step = pages * MAX(list->page - 1, 1);
    list->top = MAX(list->top + step, 0);
    set_position(list, list->position + step);
}

void
list_home(List *list)
{
    list->top = 0;
    set_position(list, 0);
}

void
list_end(List *list)
{
    set_position(list, (int)list->shown->len - 1);
}

gboolean
list_click(List *list, int y)
{
    int position = list->top + y - list->area.y - 1;
    if (y <= list->area.y || y >= list->area.y + list->area.h || position >= (int)list->shown->len)
        return FALSE;
    set_position(list, position);
    return TRUE;
}

void
list_set_filter(List *list, const char *text)
{
    g_free(list->filter);
    list->filter = text && *text ? g_strdup(text) : NULL;
    rebuild(list);
}

const char *
list_filter(const List *list)
{
    return list->filter;
}

gboolean
list_find(List *list, const char *text, int direction)
{
    int n = (int)list->shown->len;
    g_autofree char *folded = g_utf8_casefold(text, -1);
    g_free(list->match);
    list->match = g_strdup(text);
    for (int step = 1; step <= n; step++) {
        int i = ((list->position + direction * step) % n + n) % n;
        if (contains(list, g_ptr_array_index(list->shown, i), folded)) {
            set_position(list, i);
            return TRUE;
        }
    }
    return FALSE;
}

void
list_sort(List *list, int column, gboolean reverse)
{
    if (column >= 0 && !list->ops->columns[column].compare)
        return;
    list->sort = column;
    list->reverse = reverse;
    rebuild(list);
}

void
list_sort_next(List *list)
{
    int n = (int)list->ops->n_columns, column = list->sort;
    for (int step = 0; step <= n; step++) {
        column = column + 1 >= n ? -1 : column + 1;
        if (column < 0 || list->ops->columns[column].compare)
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
