/* list_marks.c: rows that are marked, to be acted on together. */
#include "tui/list_private.h"

static void
set_mark(List *list, gint64 id, gboolean on)
{
    if (on)
        g_hash_table_add(list->marks, g_memdup2(&id, sizeof id));
    else
        g_hash_table_remove(list->marks, &id);
    list->measured = FALSE; /* the margin may be another one */
}

static gint64
shown_id(const List *list, guint i)
{
    return list->ops->id(g_ptr_array_index(list->shown, i));
}

gboolean
list_has_marks(const List *list)
{
    return g_hash_table_size(list->marks) > 0;
}

gboolean
list_is_marked(const List *list, gint64 id)
{
    return g_hash_table_contains(list->marks, &id);
}

void
list_mark(List *list)
{
    if (list->position < 0)
        return;
    list->anchor = list->selected_id;
    set_mark(list, list->selected_id, !list_is_marked(list, list->selected_id));
}

void
list_mark_range(List *list)
{
    int from = list->position;
    for (guint i = 0; list->anchor && i < list->shown->len; i++) {
        if (shown_id(list, i) == list->anchor)
            from = (int)i;
    }
    for (int i = MIN(from, list->position); i >= 0 && i <= MAX(from, list->position); i++)
        set_mark(list, shown_id(list, (guint)i), TRUE);
    list->anchor = list->selected_id;
}

void
list_mark_all(List *list)
{
    for (guint i = 0; i < list->shown->len; i++)
        set_mark(list, shown_id(list, i), TRUE);
}

void
list_mark_invert(List *list)
{
    for (guint i = 0; i < list->shown->len; i++)
        set_mark(list, shown_id(list, i), !list_is_marked(list, shown_id(list, i)));
}

void
list_mark_clear(List *list)
{
    g_hash_table_remove_all(list->marks);
    list->anchor = 0;
    list->measured = FALSE;
}

GArray *
list_marked(const List *list, guint *hidden)
{
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    for (guint i = 0; i < list->shown->len && g_hash_table_size(list->marks) > 0; i++) {
        gint64 id = shown_id(list, i);
        if (list_is_marked(list, id))
            g_array_append_val(ids, id);
    }
    if (hidden)
        *hidden = g_hash_table_size(list->marks) - ids->len;
    return ids;
}
