/* verify_schema.c: whether tables, indexes and triggers are those that this program makes: a
 * trigger that was changed guards nothing. */
#include "store/verify.h"

#include "store/schema.h"

/* What SQLite and FTS5 keep for themselves is theirs to write. */
#define OBJECTS                                                                                    \
    "SELECT type || ' ' || name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE "  \
    "'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'search\\_%' ESCAPE '\\' ORDER BY 1"

/* "trigger posts_stay" → its SQL. */
static GHashTable *
objects_of(Store *store, GError **error)
{
    g_autoptr(GHashTable) objects = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(Statement) row = sql_prepare(store, OBJECTS, error);
    Step step = STEP_FAIL;
    while (row && (step = sql_step(row, error)) == STEP_ROW)
        g_hash_table_insert(objects, g_strdup(sql_text(row, 0)), g_strdup(sql_text(row, 1)));
    return step == STEP_DONE ? g_steal_pointer(&objects) : NULL;
}

/* As an empty state has them. */
static GHashTable *
objects_wanted(GError **error)
{
    g_autoptr(Store) fresh = sql_open_plain(":memory:", FALSE, error);
    return fresh && schema_migrate(fresh, schema_steps, schema_version, error)
               ? objects_of(fresh, error)
               : NULL;
}

void
verify_schema(Store *store, GPtrArray *problems)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(GHashTable) wanted = objects_wanted(&failure);
    g_autoptr(GHashTable) have = wanted ? objects_of(store, &failure) : NULL;
    verify_failure(problems, "the tables and triggers", failure);
    if (!have)
        return;
    GHashTableIter iter;
    gpointer name, sql;
    g_hash_table_iter_init(&iter, wanted);
    while (g_hash_table_iter_next(&iter, &name, &sql)) {
        const char *found = g_hash_table_lookup(have, name);
        if (g_strcmp0(found, sql) != 0)
            verify_problem(problems, "the %s is %s: what it guards can't be relied on",
                           (const char *)name, found ? "another than this program makes" : "gone");
        g_hash_table_remove(have, name);
    }
    g_hash_table_iter_init(&iter, have);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        if (g_str_has_prefix(name, "trigger "))
            verify_problem(problems, "the %s was not made by this program", (const char *)name);
}
