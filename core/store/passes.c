/* passes.c: what the passes did, their log lines, and the live progress of queries. */
#include "store/filter.h"
#include "store/sql.h"

/* -- passes -- */

static gboolean
begin_pass(Store *store, void *data, GError **error)
{
    Pass *pass = data;
    return sql_insert(store, &table_passes, pass, &pass->id, error);
}

gboolean
store_pass_begin(Store *store, Pass *pass, GError **error)
{
    gint64 id = pass->id;
    if (store_transact(store, begin_pass, pass, error))
        return TRUE;
    pass->id = id;
    return FALSE;
}

typedef struct {
    const Pass *pass;
} Ending;

static gboolean
end_pass(Store *store, void *data, GError **error)
{
    const Pass *pass = ((const Ending *)data)->pass;
    g_autoptr(GString) sql = g_string_new("UPDATE passes SET ");
    int at = table_add_assignments(sql, &table_passes, 1);
    g_string_append_printf(sql, " WHERE id = ?%d", at);
    g_autoptr(Statement) statement = sql_prepare(store, sql->str, error);
    if (!statement)
        return FALSE;
    at = sql_bind_row(statement, 1, &table_passes, ROLE_STORED, pass);
    sql_bind_int(statement, at, pass->id);
    if (sql_step(statement, error) == STEP_FAIL)
        return FALSE;
    if (sqlite3_changes64(store->db) > 0)
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_NOT_FOUND, "there is no pass with id %" G_GINT64_FORMAT,
                pass->id);
    return FALSE;
}

gboolean
store_pass_end(Store *store, const Pass *pass, GError **error)
{
    Ending ending = {pass};
    return store_transact(store, end_pass, &ending, error);
}

GPtrArray *
store_passes(Store *store, gint64 before_id, guint limit, GError **error)
{
    return sql_rows(store, &table_passes, error, "WHERE p.id < ?1 ORDER BY p.id DESC LIMIT ?2",
                    "ii", before_id > 0 ? before_id : G_MAXINT64,
                    limit ? (gint64)limit : (gint64)-1);
}

/* -- logs -- */

typedef struct {
    const LogRow *rows;
    guint n;
} Lines;

static gboolean
add_lines(Store *store, void *data, GError **error)
{
    const Lines *lines = data;
    for (guint i = 0; i < lines->n; i++)
        if (!sql_insert(store, &table_logs, &lines->rows[i], NULL, error))
            return FALSE;
    return TRUE;
}

gboolean
store_logs_add(Store *store, const LogRow *rows, guint n, GError **error)
{
    Lines lines = {rows, n};
    return n == 0 || store_transact(store, add_lines, &lines, error);
}

/* The newest that match, found backwards along an index, then turned round. */
static char *
logs_sql(const LogFilter *filter)
{
    g_autoptr(GString) inner = g_string_new("SELECT ");
    table_add_columns(inner, &table_logs);
    g_string_append(inner, " FROM logs l WHERE l.id > ?1");
    if (filter->before_id)
        g_string_append(inner, " AND l.id < ?2");
    if (filter->pass_id)
        g_string_append(inner, " AND l.pass_id = ?3");
    if (filter->request_id)
        g_string_append(inner, " AND l.request_id = ?4");
    if (filter->run_id)
        /* What was said before the run had an id, too: about its request, in its time. */
        g_string_append(inner, " AND (l.run_id = ?5 OR (l.run_id IS NULL AND "
                               "l.request_id = (SELECT request_id FROM runs WHERE id = ?5) AND "
                               "l.at BETWEEN (SELECT started_at FROM runs WHERE id = ?5) AND "
                               "(SELECT finished_at FROM runs WHERE id = ?5)))");
    if (filter->since)
        g_string_append(inner, " AND +l.at >= ?6");
    if (filter->min_level)
        g_string_append(inner, " AND l.level >= ?7");
    if (filter->grep)
        g_string_append(inner, " AND contains(?8, l.message, l.area)");
    if (!filter->limit)
        return g_strconcat(inner->str, " ORDER BY l.id", NULL);
    return g_strconcat("SELECT * FROM (", inner->str, " ORDER BY l.id DESC LIMIT ?9) ORDER BY id",
                       NULL);
}

gboolean
store_logs(Store *store, const LogFilter *filter, LogRowFunc func, void *data, GError **error)
{
    g_autofree char *sql = logs_sql(filter);
    g_autofree char *folded = filter->grep ? query_fold(filter->grep) : NULL;
    g_autoptr(Statement) statement = sql_prepare(store, sql, error);
    if (!statement)
        return FALSE;
    sql_bind(statement, "iiiiiiisi", filter->after_id, filter->before_id, filter->pass_id,
             filter->request_id, filter->run_id, filter->since, (gint64)filter->min_level, folded,
             (gint64)filter->limit);
    g_autoptr(LogRow) row = table_row_new(&table_logs);
    Step step;
    while ((step = sql_step(statement, error)) == STEP_ROW) {
        if (!sql_read_row(statement, 0, &table_logs, row, error))
            return FALSE;
        if (!func(row, data))
            return TRUE;
    }
    return step == STEP_DONE;
}

/* -- progress -- */

typedef struct {
    const Progress *progress;
} Advance;

static gboolean
set_progress(Store *store, void *data, GError **error)
{
    const Progress *progress = ((const Advance *)data)->progress;
    g_autofree char *insert = table_insert_sql(&table_progress);
    g_autoptr(GString) sql = g_string_new(insert);
    g_string_append(sql, " ON CONFLICT (request_id) DO UPDATE SET ");
    /* The stored columns follow request_id in the order of the parameters. */
    table_add_assignments(sql, &table_progress, 2);
    g_autoptr(Statement) statement = sql_prepare(store, sql->str, error);
    if (!statement)
        return FALSE;
    sql_bind_row(statement, 1, &table_progress, ROLE_FIXED | ROLE_STORED, progress);
    return sql_step(statement, error) != STEP_FAIL;
}

gboolean
store_progress_set(Store *store, const Progress *progress, GError **error)
{
    Advance advance = {progress};
    return store_transact(store, set_progress, &advance, error);
}

static gboolean
clear_progress(Store *store, void *data, GError **error)
{
    return sql_run(store, error, "DELETE FROM progress WHERE request_id = ?1", "i",
                   *(const gint64 *)data);
}

gboolean
store_progress_clear(Store *store, gint64 request_id, GError **error)
{
    return store_transact(store, clear_progress, &request_id, error);
}

GPtrArray *
store_progress(Store *store, GError **error)
{
    return sql_rows(store, &table_progress, error, "ORDER BY g.request_id", "");
}

static gboolean
ask_cancel(Store *store, void *data, GError **error)
{
    gint64 id = *(const gint64 *)data;
    if (!sql_run(store, error, "UPDATE progress SET cancel_asked = 1 WHERE request_id = ?1", "i",
                 id))
        return FALSE;
    if (sqlite3_changes64(store->db) > 0)
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_NOT_FOUND,
                "nothing runs for request %" G_GINT64_FORMAT " that could be stopped", id);
    return FALSE;
}

gboolean
store_cancel_ask(Store *store, gint64 request_id, GError **error)
{
    return store_transact(store, ask_cancel, &request_id, error);
}

gboolean
store_cancel_asked(Store *store, gint64 request_id)
{
    gint64 asked = 0;
    sql_query_int(store, &asked, NULL, "SELECT cancel_asked FROM progress WHERE request_id = ?1",
                  "i", request_id);
    return asked != 0;
}
