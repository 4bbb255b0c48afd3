/* sql.c: prepared statements kept for a connection, their parameters, rows and structs. */
#include "store/sql.h"

#include <stdarg.h>
#include <string.h>

#define STATEMENTS_KEPT 128
#define WATCH_EVERY     20000 /* steps of SQLite: a millisecond or less */

struct Statement {
    Store *store;
    sqlite3_stmt *stmt;
    gboolean busy;
    gboolean kept; /* in the cache; others die with sql_done() */
};

static void
statement_free(void *data)
{
    Statement *statement = data;
    sqlite3_finalize(statement->stmt);
    g_free(statement);
}

gboolean
sql_check_transaction(Store *store, GError **error)
{
    if (!sqlite3_get_autocommit(store->db))
        return TRUE;
    if (store->fault && error)
        *error = g_error_copy(store->fault);
    else
        g_set_error(error, CREDITBOT_ERROR, ERR_STORE,
                    "the change to %s was undone after an earlier failure; nothing was changed",
                    store->path);
    return FALSE;
}

static Statement *
statement_new(Store *store, const char *sql, GError **error)
{
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) !=
        SQLITE_OK) {
        sql_fail(store, "read or write", error);
        return NULL;
    }
    Statement *statement = g_new0(Statement, 1);
    statement->store = store;
    statement->stmt = stmt;
    return statement;
}

static Statement *
find_or_prepare(Store *store, const char *sql, GError **error)
{
    if (!store->statements) {
        store->statements = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, statement_free);
        store->extras = g_ptr_array_new_with_free_func(statement_free);
    }
    Statement *kept = g_hash_table_lookup(store->statements, sql);
    if (kept && !kept->busy)
        return kept;
    Statement *statement = statement_new(store, sql, error);
    if (!statement)
        return NULL;
    statement->kept = !kept && g_hash_table_size(store->statements) < STATEMENTS_KEPT;
    if (statement->kept)
        g_hash_table_insert(store->statements, g_strdup(sql), statement);
    else
        g_ptr_array_add(store->extras, statement);
    return statement;
}

Statement *
sql_prepare(Store *store, const char *sql, GError **error)
{
    g_rec_mutex_lock(&store->lock);
    Statement *statement = NULL;
    if (store->depth == 0 || sql_check_transaction(store, error))
        statement = find_or_prepare(store, sql, error);
    if (statement)
        statement->busy = TRUE;
    else
        g_rec_mutex_unlock(&store->lock);
    return statement;
}

void
sql_done(Statement *statement)
{
    if (!statement)
        return;
    Store *store = statement->store;
    sqlite3_reset(statement->stmt);
    sqlite3_clear_bindings(statement->stmt);
    statement->busy = FALSE;
    if (!statement->kept)
        g_ptr_array_remove_fast(store->extras, statement);
    g_rec_mutex_unlock(&store->lock);
}

void
sql_bind_int(Statement *statement, int at, gint64 value)
{
    sqlite3_bind_int64(statement->stmt, at, value);
}

void
sql_bind_ref(Statement *statement, int at, gint64 value)
{
    if (value)
        sqlite3_bind_int64(statement->stmt, at, value);
    else
        sqlite3_bind_null(statement->stmt, at);
}

void
sql_bind_text(Statement *statement, int at, const char *text)
{
    sqlite3_bind_text(statement->stmt, at, text, -1, SQLITE_STATIC);
}

void
sql_bind_real(Statement *statement, int at, double value)
{
    sqlite3_bind_double(statement->stmt, at, value);
}

/* NOLINTBEGIN(clang-analyzer-valist.Uninitialized): the analyzer loses sight of the callers'
 * va_start() */
static void
bind_list(Statement *statement, const char *types, va_list *values)
{
    for (int at = 1; *types; types++, at++) {
        if (*types == 's')
            sql_bind_text(statement, at, va_arg(*values, const char *));
        else if (*types == 'r')
            sql_bind_ref(statement, at, va_arg(*values, gint64));
        else
            sql_bind_int(statement, at, va_arg(*values, gint64));
    }
}
/* NOLINTEND(clang-analyzer-valist.Uninitialized) */

void
sql_bind(Statement *statement, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    bind_list(statement, types, &values);
    va_end(values);
}

static Statement *
prepare_with(Store *store, const char *sql, GError **error, const char *types, va_list *values)
{
    Statement *statement = sql_prepare(store, sql, error);
    if (statement)
        bind_list(statement, types, values);
    return statement;
}

Step
sql_step(Statement *statement, GError **error)
{
    int code = sqlite3_step(statement->stmt);
    if (code == SQLITE_ROW)
        return STEP_ROW;
    if (code == SQLITE_DONE)
        return STEP_DONE;
    /* COMMIT counts as reading for SQLite. */
    gboolean reading =
        sqlite3_stmt_readonly(statement->stmt) && sqlite3_column_count(statement->stmt) > 0;
    sql_fail(statement->store, reading ? "read" : "write", error);
    return STEP_FAIL;
}

gint64
sql_int(Statement *statement, int at)
{
    return sqlite3_column_int64(statement->stmt, at);
}

double
sql_real(Statement *statement, int at)
{
    return sqlite3_column_double(statement->stmt, at);
}

const char *
sql_text(Statement *statement, int at)
{
    return (const char *)sqlite3_column_text(statement->stmt, at);
}

gboolean
sql_is_null(Statement *statement, int at)
{
    return sqlite3_column_type(statement->stmt, at) == SQLITE_NULL;
}

sqlite3_stmt *
sql_raw(Statement *statement)
{
    return statement->stmt;
}

static gboolean
run_to_end(Statement *statement, GError **error)
{
    Step step;
    while ((step = sql_step(statement, error)) == STEP_ROW)
        ;
    return step == STEP_DONE;
}

gboolean
sql_run(Store *store, GError **error, const char *sql, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    g_autoptr(Statement) statement = prepare_with(store, sql, error, types, &values);
    va_end(values);
    if (!statement)
        return FALSE;
    return run_to_end(statement, error);
}

gboolean
sql_query_int(Store *store, gint64 *value, GError **error, const char *sql, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    g_autoptr(Statement) statement = prepare_with(store, sql, error, types, &values);
    va_end(values);
    if (!statement)
        return FALSE;
    Step step = sql_step(statement, error);
    if (step == STEP_ROW)
        *value = sql_int(statement, 0);
    return step != STEP_FAIL;
}

char *
sql_query_text(Store *store, GError **error, const char *sql, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    g_autoptr(Statement) statement = prepare_with(store, sql, error, types, &values);
    va_end(values);
    if (!statement)
        return NULL;
    return sql_step(statement, error) == STEP_ROW ? g_strdup(sql_text(statement, 0)) : NULL;
}

gboolean
sql_script(Store *store, const char *script, GError **error)
{
    g_rec_mutex_lock(&store->lock);
    gboolean done = sqlite3_exec(store->db, script, NULL, NULL, NULL) == SQLITE_OK ||
                    sql_fail(store, "write", error);
    g_rec_mutex_unlock(&store->lock);
    return done;
}

int
sql_bind_row(Statement *statement, int at, const Table *table, guint roles, const void *row)
{
    for (const Column *c = table->columns; c->name; c++) {
        if (!(c->role & roles))
            continue;
        const char *field = (const char *)row + c->offset;
        if (c->type == TYPE_TEXT)
            sql_bind_text(statement, at, *(char *const *)field);
        else if (c->type == TYPE_INT)
            sql_bind_int(statement, at, *(const gint64 *)field);
        else if (c->type == TYPE_REF)
            sql_bind_ref(statement, at, *(const gint64 *)field);
        else if (c->type == TYPE_STATE)
            sql_bind_text(statement, at, state_name(*(const RequestState *)field));
        else if (c->type == TYPE_REAL)
            sql_bind_real(statement, at, *(const double *)field);
        else if (c->type == TYPE_BOOL)
            sql_bind_int(statement, at, *(const gboolean *)field ? 1 : 0);
        else
            sql_bind_int(statement, at, *(const int *)field);
        at++;
    }
    return at;
}

static gboolean
read_state(Statement *statement, int at, RequestState *state, GError **error)
{
    const char *name = sql_text(statement, at);
    if (name && strcmp(name, state_name(*state)) == 0) /* most rows are like the one before */
        return TRUE;
    if (state_parse(name, state))
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_STORE,
                "%s is damaged: it holds the unknown state \"%s\"; run `creditbot state verify`",
                statement->store->path, name ? name : "(none)");
    return FALSE;
}

/* A text that is the same stays where it is: who saves a row may hold one of its strings. */
static void
replace_text(char **text, const char *now)
{
    if (g_strcmp0(*text, now) == 0)
        return;
    g_free(*text);
    *text = g_strdup(now);
}

gboolean
sql_read_row(Statement *statement, int at, const Table *table, void *row, GError **error)
{
    for (const Column *c = table->columns; c->name; c++, at++) {
        if (c->type == TYPE_TEXT) {
            replace_text(&G_STRUCT_MEMBER(char *, row, c->offset), sql_text(statement, at));
        } else if (c->type == TYPE_INT || c->type == TYPE_REF) {
            G_STRUCT_MEMBER(gint64, row, c->offset) = sql_int(statement, at);
        } else if (c->type == TYPE_REAL) {
            G_STRUCT_MEMBER(double, row, c->offset) = sql_real(statement, at);
        } else if (c->type == TYPE_BOOL) {
            G_STRUCT_MEMBER(gboolean, row, c->offset) = sql_int(statement, at) != 0;
        } else if (c->type == TYPE_SMALL) {
            G_STRUCT_MEMBER(int, row, c->offset) = (int)sql_int(statement, at);
        } else if (!read_state(statement, at, &G_STRUCT_MEMBER(RequestState, row, c->offset),
                               error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static char *
select_sql(const Table *table, const char *tail)
{
    GString *sql = g_string_new("SELECT ");
    table_add_columns(sql, table);
    g_string_append_printf(sql, " FROM %s %s %s", table->name, table->alias, tail);
    return g_string_free(sql, FALSE);
}

static GPtrArray *
read_rows(Statement *statement, const Table *table, GError **error)
{
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(table->free);
    Step step;
    while ((step = sql_step(statement, error)) == STEP_ROW) {
        gpointer row = table_row_new(table);
        g_ptr_array_add(rows, row);
        if (!sql_read_row(statement, 0, table, row, error))
            return NULL;
    }
    return step == STEP_DONE ? g_steal_pointer(&rows) : NULL;
}

GPtrArray *
sql_rows(Store *store, const Table *table, GError **error, const char *tail, const char *types, ...)
{
    g_autofree char *sql = select_sql(table, tail);
    va_list values;
    va_start(values, types);
    g_autoptr(Statement) statement = prepare_with(store, sql, error, types, &values);
    va_end(values);
    if (!statement)
        return NULL;
    return read_rows(statement, table, error);
}

gpointer
sql_row(Store *store, const Table *table, const char *missing, GError **error, const char *tail,
        const char *types, ...)
{
    g_autofree char *sql = select_sql(table, tail);
    va_list values;
    va_start(values, types);
    g_autoptr(Statement) statement = prepare_with(store, sql, error, types, &values);
    va_end(values);
    if (!statement)
        return NULL;
    Step step = sql_step(statement, error);
    if (step == STEP_DONE)
        g_set_error(error, CREDITBOT_ERROR, ERR_NOT_FOUND, "there is no %s", missing);
    if (step != STEP_ROW)
        return NULL;
    gpointer row = table_row_new(table);
    if (sql_read_row(statement, 0, table, row, error))
        return row;
    table->free(row);
    return NULL;
}

gboolean
sql_insert(Store *store, const Table *table, const void *row, gint64 *id, GError **error)
{
    g_autofree char *sql = table_insert_sql(table);
    g_autoptr(Statement) statement = sql_prepare(store, sql, error);
    if (!statement)
        return FALSE;
    sql_bind_row(statement, 1, table, ROLE_FIXED | ROLE_STORED, row);
    if (!run_to_end(statement, error))
        return FALSE;
    if (id)
        *id = sqlite3_last_insert_rowid(store->db);
    return TRUE;
}

gint64
sql_now(Store *store)
{
    return clock_now(&store->clock);
}

static int
is_cancelled(void *data)
{
    return cancel_fired(data);
}

void
sql_watch(Store *store, Cancel *cancel)
{
    if (!cancel)
        return;
    g_rec_mutex_lock(&store->lock);
    sqlite3_progress_handler(store->db, WATCH_EVERY, is_cancelled, cancel);
}

void
sql_unwatch(Store *store, const Cancel *cancel)
{
    if (!cancel)
        return;
    sqlite3_progress_handler(store->db, 0, NULL, NULL);
    g_rec_mutex_unlock(&store->lock);
}
