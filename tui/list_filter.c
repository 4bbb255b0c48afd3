/* list_filter.c: which rows are shown: the filter of a list, its fields, and the search. */
#include "tui/list_private.h"

#include <string.h>

#define MOST_VALUES 200 /* of a field, offered while it is typed */

static gint64
list_now(const List *list)
{
    return list->now ? *list->now : g_get_real_time();
}

void
list_filter_free(List *list)
{
    g_clear_pointer(&list->query, query_unref);
    g_clear_pointer(&list->needles, g_ptr_array_unref);
    g_clear_pointer(&list->filter, g_free);
    g_clear_pointer(&list->own_fields, g_free);
    list->fields = NULL;
    g_clear_pointer(&list->field_columns, g_free);
}

/* -- fields -- */

static gboolean
is_named(const GArray *fields, const char *name)
{
    for (guint i = 0; i < fields->len; i++) {
        if (g_ascii_strcasecmp(g_array_index(fields, QueryField, i).name, name) == 0)
            return TRUE;
    }
    return FALSE;
}

const QueryField *
list_fields(List *list)
{
    const ListOps *ops = list->ops;
    if (list->fields)
        return list->fields;
    /* The store knows its own table by its address. */
    if (list->windowed && ops->fields) {
        for (list->n_ops_fields = 0; ops->fields[list->n_ops_fields].name;)
            list->n_ops_fields++;
        return list->fields = ops->fields;
    }
    GArray *fields = g_array_new(TRUE, TRUE, sizeof(QueryField));
    for (const QueryField *field = ops->fields; field && field->name; field++)
        g_array_append_vals(fields, field, 1);
    list->n_ops_fields = fields->len;
    list->field_columns = g_new0(int, ops->n_columns);
    for (guint i = 0; i < ops->n_columns; i++) {
        const ListColumn *column = &ops->columns[i];
        QueryField field = {column->name, column->number ? column->kind : QUERY_TEXT, NULL,
                            column->title};
        if (is_named(fields, column->name))
            continue;
        list->field_columns[fields->len - list->n_ops_fields] = (int)i;
        g_array_append_val(fields, field);
    }
    list->own_fields = (QueryField *)(void *)g_array_free(fields, FALSE);
    return list->fields = list->own_fields;
}

static void
read_column(const void *row, guint column, GString *text, gpointer data)
{
    const List *list = data;
    Role role = ROLE_TEXT;
    list->ops->columns[column].cell(row, list->context, text, &role);
}

static gboolean
read_field(const void *row, guint field, GString *text, gint64 *number, gpointer data)
{
    const List *list = data;
    if (field < list->n_ops_fields)
        return list->ops->field(row, field, text, number, NULL);
    guint at = (guint)list->field_columns[field - list->n_ops_fields];
    if (list->ops->columns[at].number)
        return list->ops->columns[at].number(row, number);
    read_column(row, at, text, data);
    return TRUE;
}

gboolean
list_row_passes(const List *list, const void *row, const Query *query)
{
    const QueryReader reader = {list->ops->n_columns, read_column, read_field,
                                (gpointer)(gintptr)list};
    return !query || query_matches(query, &reader, row);
}

gboolean
list_passes(const List *list, const void *row)
{
    return list_row_passes(list, row, list->query);
}

/* -- the filter -- */

/* What its plain terms look for is marked in the cells. */
static void
take_needles(List *list)
{
    guint n = 0;
    const QueryTerm *terms = list->query ? query_terms(list->query, &n) : NULL;
    g_clear_pointer(&list->needles, g_ptr_array_unref);
    list->needles = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < n; i++) {
        gboolean text = terms[i].field < 0 || list->fields[terms[i].field].kind == QUERY_TEXT;
        for (guint k = 0; text && !terms[i].inverse && k < terms[i].values->len; k++)
            g_ptr_array_add(list->needles,
                            g_strdup(g_array_index(terms[i].values, QueryValue, k).text));
    }
}

gboolean
list_set_filter(List *list, const char *text, GError **error)
{
    gint64 now = list_now(list);
    const char *wanted = text ? text + strspn(text, " ") : "";
    g_autoptr(Query) query = query_parse(wanted, list_fields(list), now, error);
    guint n = 0;
    if (!query)
        return FALSE;
    query_terms(query, &n);
    g_autofree char *kept = n > 0 ? g_strchomp(g_strdup(query_text(query))) : NULL;
    if (g_strcmp0(kept, list->filter) == 0)
        return TRUE;
    g_free(list->filter);
    list->filter = g_steal_pointer(&kept);
    query_unref(list->query);
    list->query = n > 0 ? g_steal_pointer(&query) : NULL;
    list->query_at = now;
    list->settings++;
    take_needles(list);
    if (list->windowed && list->hooks.order)
        list->hooks.order(list->hooks_data);
    else
        list_rebuild(list);
    return TRUE;
}

const char *
list_filter(const List *list)
{
    return list->filter;
}

void
list_filter_renew(List *list)
{
    gint64 now = list_now(list);
    if (!list->query || !query_is_relative(list->query) || list->query_at == now)
        return;
    Query *query = query_parse(query_text(list->query), list_fields(list), now, NULL);
    if (!query)
        return;
    query_unref(list->query);
    list->query = query;
    list->query_at = now;
}

Query *
list_query(List *list)
{
    list_filter_renew(list);
    return list->query;
}

/* -- completion -- */

static int
by_text(gconstpointer a, gconstpointer b)
{
    return g_utf8_collate(*(const char *const *)a, *(const char *const *)b);
}

/* The values of a field in the rows that are loaded, each once. */
static char **
known_values(guint field, gpointer data)
{
    const List *list = data;
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    const QueryField *what = &list->fields[field];
    gint64 number;
    if (what->kind != QUERY_TEXT && what->kind != QUERY_WORD)
        return NULL;
    for (guint i = 0; i < list->rows->len && g_hash_table_size(seen) < MOST_VALUES; i++) {
        g_string_truncate(text, 0);
        if (read_field(g_ptr_array_index(list->rows, i), field, text, &number, data) && text->len &&
            strcmp(text->str, "-") != 0 && g_utf8_validate(text->str, -1, NULL))
            g_hash_table_add(seen, g_strdup(text->str));
    }
    GPtrArray *words = g_ptr_array_new();
    GHashTableIter iter;
    gpointer word;
    for (g_hash_table_iter_init(&iter, seen); g_hash_table_iter_next(&iter, &word, NULL);)
        g_ptr_array_add(words, g_strdup(word));
    g_ptr_array_sort(words, by_text);
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_free(words, FALSE);
}

char **
list_complete(List *list, const char *text, gsize cursor, gsize *from)
{
    return query_complete(text, cursor, list_fields(list), known_values, list, from);
}

/* -- search -- */

gboolean
list_find(List *list, const char *text, int direction)
{
    int n = (int)list->shown->len;
    g_autoptr(Query) query = query_parse(text, list_fields(list), list_now(list), NULL);
    g_autofree char *plain = query ? NULL : query_quote(text);
    if (plain)
        query = query_parse(plain, list_fields(list), list_now(list), NULL);
    g_free(list->match);
    list->match = query_fold(text);
    for (int step = 1; query && step <= n; step++) {
        int i = ((list->position + direction * step) % n + n) % n;
        const void *row = g_ptr_array_index(list->shown, i);
        if (list_row_passes(list, row, query)) {
            list_select(list, list->ops->id(row));
            return TRUE;
        }
    }
    return FALSE;
}
