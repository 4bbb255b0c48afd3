/* list_pause.c: a list that stands still while its rows change: what comes waits, and is counted.
 */
#include "tui/list_private.h"

#include <string.h>

/* Everything that the row shows: what a change is, to who looks at it. */
static char *
row_words(const List *list, const void *row)
{
    g_autoptr(GString) cell = g_string_new(NULL);
    GString *all = g_string_new(NULL);
    for (guint i = 0; i < list->ops->n_columns; i++) {
        Role role;
        list_cell_text(list, row, i, cell, &role);
        g_string_append_printf(all, "%s\t%d\t", cell->str, role);
    }
    return g_string_free(all, FALSE);
}

static GHashTable *
by_id(const List *list, GPtrArray *rows)
{
    GHashTable *table = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    for (guint i = 0; i < rows->len; i++) {
        gint64 id = list->ops->id(g_ptr_array_index(rows, i));
        g_hash_table_insert(table, g_memdup2(&id, sizeof id), g_ptr_array_index(rows, i));
    }
    return table;
}

static gboolean
differs(const List *list, const void *a, const void *b)
{
    g_autofree char *x = row_words(list, a), *y = row_words(list, b);
    return strcmp(x, y) != 0;
}

/* Rows that came, went or show something else. */
static guint
count_changes(const List *list, GPtrArray *rows)
{
    g_autoptr(GHashTable) before = by_id(list, list->rows);
    guint kept = 0, changes = 0;
    for (guint i = 0; i < rows->len; i++) {
        gint64 id = list->ops->id(g_ptr_array_index(rows, i));
        const void *old = g_hash_table_lookup(before, &id);
        kept += old != NULL;
        changes += !old || differs(list, old, g_ptr_array_index(rows, i));
    }
    return changes + list->rows->len - kept;
}

void
list_hold_back(List *list, GPtrArray *rows)
{
    g_ptr_array_set_free_func(rows, list->ops->free_row);
    list->changes = count_changes(list, rows);
    g_clear_pointer(&list->waiting, g_ptr_array_unref);
    list->waiting = rows;
}

void
list_set_paused(List *list, gboolean paused)
{
    if (list->paused == paused)
        return;
    list->paused = paused;
    if (paused)
        return;
    GPtrArray *rows = g_steal_pointer(&list->waiting);
    list->changes = 0;
    if (rows && !list->windowed)
        list_set_rows(list, rows);
    else if (rows)
        g_ptr_array_unref(rows);
    if (list->windowed && list->hooks.resume)
        list->hooks.resume(list->hooks_data);
}

gboolean
list_paused(const List *list)
{
    return list->paused;
}

guint
list_waiting(const List *list)
{
    return list->changes;
}

static const void *
waiting_row(const List *list, gint64 id)
{
    for (guint i = 0; list->waiting && i < list->waiting->len; i++) {
        const void *row = g_ptr_array_index(list->waiting, i);
        if (list->ops->id(row) == id)
            return row;
    }
    return NULL;
}

const void *
list_present(const List *list)
{
    const void *row = list->waiting ? waiting_row(list, list->selected_id) : NULL;
    return row ? row : list_selected(list);
}

gboolean
list_outdated(const List *list)
{
    const void *old = list_selected(list);
    if (!list->waiting || !old || (list->windowed && list->more_before))
        return FALSE;
    const void *row = waiting_row(list, list->selected_id);
    return row ? differs(list, old, row) : !list->windowed;
}
