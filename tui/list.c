/* list.c: rows, windows and the selection. Its neighbours filter, sort, mark, pause and draw. */
#include "tui/list_private.h"

#define WANT_NEAR 50 /* rows to an end that is not loaded */

List *
list_new(const ListOps *ops)
{
    List *list = g_new0(List, 1);
    list->ops = ops;
    list->rows = g_ptr_array_new_with_free_func(ops->free_row);
    list->shown = g_ptr_array_new();
    list->marks = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    list->position = -1;
    list->page = 10;
    list->sort = ops->default_sort;
    list->reverse = ops->default_reverse;
    list->column = -1;
    list->widths = g_new0(int, ops->n_columns);
    return list;
}

void
list_free(List *list)
{
    if (!list)
        return;
    list_filter_free(list);
    g_clear_pointer(&list->waiting, g_ptr_array_unref);
    g_hash_table_unref(list->marks);
    g_ptr_array_unref(list->shown);
    g_ptr_array_unref(list->rows);
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
list_context_changed(List *list)
{
    list->measured = FALSE;
}

void
list_set_clock(List *list, const gint64 *now)
{
    list->now = now;
}

const ListOps *
list_spec(const List *list)
{
    return list->ops;
}

void
list_set_hooks(List *list, const ListHooks *hooks, gpointer data)
{
    list->hooks = *hooks;
    list->hooks_data = data;
}

gpointer
list_feeder(const List *list)
{
    return list->hooks_data;
}

const void *
list_context(const List *list)
{
    return list->context;
}

guint
list_settings_serial(const List *list)
{
    return list->settings;
}

void
list_cell_text(const List *list, const void *row, guint column, GString *text, Role *role)
{
    g_string_truncate(text, 0);
    *role = ROLE_TEXT;
    list->ops->columns[column].cell(row, list->context, text, role);
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
void
list_rebuild(List *list)
{
    int old = list->position;
    list_filter_renew(list);
    g_ptr_array_set_size(list->shown, 0);
    for (guint i = 0; i < list->rows->len; i++) {
        gpointer row = g_ptr_array_index(list->rows, i);
        if (list->windowed || list_passes(list, row))
            g_ptr_array_add(list->shown, row);
    }
    list_order(list);
    int position = list->selected_id ? find_shown(list, list->selected_id) : -1;
    if (position >= 0 && old >= 0)
        list->top += position - old;
    set_position(list, position >= 0 ? position : MAX(old, 0));
    list->measured = FALSE;
}

/* Marks of objects that are gone for good: those of a whole list. */
static void
drop_marks(List *list)
{
    if (list->windowed || g_hash_table_size(list->marks) == 0)
        return;
    g_autoptr(GHashTable) there = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    for (guint i = 0; i < list->rows->len; i++) {
        gint64 id = list->ops->id(g_ptr_array_index(list->rows, i));
        if (g_hash_table_contains(list->marks, &id))
            g_hash_table_add(there, g_memdup2(&id, sizeof id));
    }
    g_hash_table_unref(list->marks);
    list->marks = g_steal_pointer(&there);
}

void
list_set_rows(List *list, GPtrArray *rows)
{
    g_clear_pointer(&list->waiting, g_ptr_array_unref);
    list->changes = 0;
    g_ptr_array_set_free_func(rows, list->ops->free_row);
    g_ptr_array_set_size(list->shown, 0);
    g_ptr_array_unref(list->rows);
    list->rows = rows;
    drop_marks(list);
    list_rebuild(list);
}

void
list_refresh_rows(List *list, GPtrArray *rows)
{
    if (list->paused)
        list_hold_back(list, rows);
    else
        list_set_rows(list, rows);
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
    list_rebuild(list);
}

gboolean
list_windowed(const List *list)
{
    return list->windowed;
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
list_row(const List *list, guint index)
{
    return index < list->shown->len ? g_ptr_array_index(list->shown, index) : NULL;
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

static ListClick
click_header(List *list, int x)
{
    int from = list->area.x + list_margin(list);
    for (int i = 0; i < (int)list->ops->n_columns; i++) {
        if (list->widths[i] == 0)
            continue;
        if (x >= from && x < from + list->widths[i] + LIST_GAP && list_sortable(list, i)) {
            list_sort(list, i, list->sort == i && !list->reverse);
            return LIST_CLICK_HEADER;
        }
        from += list->widths[i] + LIST_GAP;
    }
    return LIST_CLICK_NOTHING;
}

ListClick
list_click(List *list, int x, int y)
{
    int position = list->top + y - list->area.y - 1;
    if (y == list->area.y && list->area.h > 0)
        return click_header(list, x);
    if (y < list->area.y || y >= list->area.y + list->area.h || position >= (int)list->shown->len)
        return LIST_CLICK_NOTHING;
    set_position(list, position);
    return LIST_CLICK_ROW;
}
