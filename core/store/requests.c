/* requests.c: the requests: adding, saving, reading, listing, counting. */
#include "store/filter.h"
#include "store/search.h"

#include <string.h>

/* -- reading -- */

static gboolean
read_request(Statement *statement, Request *request, GError **error)
{
    if (!sql_read_row(statement, 0, &table_requests, request, error))
        return FALSE;
    return sql_read_row(statement, table_width(&table_requests), &table_request_texts, request,
                        error);
}

/* A row of a list, in part: its version is negative, so that it is never saved. */
static gboolean
read_listed(Statement *statement, const RequestFilter *filter, Request *request, GError **error)
{
    if (!filter->line && !filter->brief)
        return read_request(statement, request, error);
    const Table *table = filter->line ? &table_request_lines : &table_requests;
    if (!sql_read_row(statement, 0, table, request, error))
        return FALSE;
    request->version = filter->line ? -1 : -request->version;
    return TRUE;
}

static char *
select_request(const char *where)
{
    GString *sql = g_string_new("SELECT ");
    table_add_columns(sql, &table_requests);
    g_string_append(sql, ", ");
    table_add_columns(sql, &table_request_texts);
    g_string_append_printf(
        sql, " FROM requests r CROSS JOIN request_texts t ON t.id = r.id WHERE %s", where);
    return g_string_free(sql, FALSE);
}

static Request *
read_one(Store *store, Statement *statement, const char *missing, GError **error)
{
    sql_bind_int(statement, 1, sql_now(store));
    Step step = sql_step(statement, error);
    if (step == STEP_DONE)
        g_set_error(error, CREDITBOT_ERROR, ERR_NOT_FOUND, "there is no request %s", missing);
    if (step != STEP_ROW)
        return NULL;
    g_autoptr(Request) request = request_new();
    return read_request(statement, request, error) ? g_steal_pointer(&request) : NULL;
}

Request *
store_request_get(Store *store, gint64 id, GError **error)
{
    g_autofree char *sql = select_request("r.id = ?2");
    g_autofree char *missing = g_strdup_printf("%" G_GINT64_FORMAT, id);
    g_autoptr(Statement) statement = sql_prepare(store, sql, error);
    if (!statement)
        return NULL;
    sql_bind_int(statement, 2, id);
    return read_one(store, statement, missing, error);
}

Request *
store_request_by_ts(Store *store, const char *channel, const char *ts, GError **error)
{
    g_autofree char *sql = select_request("r.channel = ?2 AND r.ts = ?3 AND r.corrects IS NULL");
    g_autofree char *missing = g_strdup_printf("%s in channel %s", ts, channel);
    g_autoptr(Statement) statement = sql_prepare(store, sql, error);
    if (!statement)
        return NULL;
    sql_bind_text(statement, 2, channel);
    sql_bind_text(statement, 3, ts);
    return read_one(store, statement, missing, error);
}

static gboolean
read_requests(Store *store, const RequestFilter *filter, RequestFunc func, void *data,
              GError **error)
{
    g_autoptr(Statement) statement = filter_prepare(store, filter, error);
    if (!statement)
        return FALSE;
    g_autoptr(Request) request = request_new();
    Step step;
    while ((step = sql_step(statement, error)) == STEP_ROW) {
        if (!read_listed(statement, filter, request, error))
            return FALSE;
        if (!func(request, data))
            return TRUE;
    }
    return step == STEP_DONE;
}

gboolean
store_requests(Store *store, const RequestFilter *filter, RequestFunc func, void *data,
               GError **error)
{
    if (cancel_check(filter->cancel, error))
        return FALSE;
    sql_watch(store, filter->cancel);
    gboolean done = read_requests(store, filter, func, data, error);
    sql_unwatch(store, filter->cancel);
    return done;
}

/* -- adding and saving -- */

typedef struct {
    Request *request;
    gboolean added;
} Adding;

static gboolean
add_request(Store *store, void *data, GError **error)
{
    Adding *adding = data;
    Request *request = adding->request;
    gint64 old = 0;
    if (!request->corrects &&
        !sql_query_int(
            store, &old, error,
            "SELECT id FROM requests WHERE channel = ?1 AND ts = ?2 AND corrects IS NULL", "ss",
            request->channel, request->ts))
        return FALSE;
    if (old) {
        request->id = old;
        return TRUE;
    }
    gint64 version = request->version;
    const SearchRow nothing = {0};
    request->version = 1;
    if (!sql_insert(store, &table_requests, request, &request->id, error) ||
        !sql_insert(store, &table_request_texts, request, NULL, error) ||
        !search_add(store, request, &nothing, error)) {
        request->version = version;
        return FALSE;
    }
    adding->added = TRUE;
    return TRUE;
}

gboolean
store_request_add(Store *store, Request *request, gboolean *added, GError **error)
{
    Adding adding = {request, FALSE};
    gint64 id = request->id;
    if (!store_transact(store, add_request, &adding, error)) {
        request->id = id;
        return FALSE;
    }
    if (added)
        *added = adding.added;
    return TRUE;
}

/* Parameters: the stored columns from 1, then id and version. */
static char *
save_sql(int *at_id)
{
    GString *sql = g_string_new("UPDATE requests SET ");
    int id = table_add_assignments(sql, &table_requests, 1);
    int run = 0, at = 1;
    for (const Column *c = table_requests.columns; c->name; c++) {
        if (c->role != ROLE_STORED)
            continue;
        if (strcmp(c->name, "run_id") == 0)
            run = at;
        at++;
    }
    g_string_append_printf(
        sql,
        ", (amount, low, high, currency, unusual, run_number, run_at) = (SELECT "
        "iif(status = 'done', amount, NULL), iif(status = 'done', low, NULL), "
        "iif(status = 'done', high, NULL), iif(status = 'done', currency, NULL), "
        "unusual, number, finished_at FROM runs WHERE id = ?%d)"
        ", version = version + 1 WHERE id = ?%d AND version = ?%d",
        run, id, id + 1);
    *at_id = id;
    return g_string_free(sql, FALSE);
}

static char *
save_texts_sql(void)
{
    GString *sql = g_string_new("UPDATE request_texts SET ");
    int id = table_add_assignments(sql, &table_request_texts, 1);
    g_string_append_printf(sql, " WHERE id = ?%d AND (text, message, sql) IS NOT (?1, ?2, ?3)", id);
    return g_string_free(sql, FALSE);
}

static gboolean
run_save(Store *store, const char *sql, const Table *table, const Request *request, GError **error)
{
    g_autoptr(Statement) statement = sql_prepare(store, sql, error);
    if (!statement)
        return FALSE;
    int at = sql_bind_row(statement, 1, table, ROLE_STORED, request);
    sql_bind_int(statement, at, request->id);
    if (table == &table_requests)
        sql_bind_int(statement, at + 1, request->version);
    return sql_step(statement, error) != STEP_FAIL;
}

/* What the save worked out: the amount of the run that counts, its approvals. */
static gboolean
read_derived(Store *store, Request *request, GError **error)
{
    g_autoptr(GString) sql = g_string_new("SELECT ");
    table_add_columns(sql, &table_requests);
    g_string_append(sql, " FROM requests r WHERE r.id = ?2");
    g_autoptr(Statement) statement = sql_prepare(store, sql->str, error);
    if (!statement)
        return FALSE;
    sql_bind(statement, "ii", sql_now(store), request->id);
    return sql_step(statement, error) == STEP_ROW &&
           sql_read_row(statement, 0, &table_requests, request, error);
}

static gboolean
conflict(Store *store, const Request *request, GError **error)
{
    gint64 version = 0;
    if (!sql_query_int(store, &version, error, "SELECT version FROM requests WHERE id = ?1", "i",
                       request->id))
        return FALSE;
    if (version == 0)
        g_set_error(error, CREDITBOT_ERROR, ERR_NOT_FOUND, "there is no request %" G_GINT64_FORMAT,
                    request->id);
    else if (request->version < 0)
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFLICT,
                    "request %" G_GINT64_FORMAT " was read for a list only and can't be saved",
                    request->id);
    else
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFLICT,
                    "request %" G_GINT64_FORMAT " was changed by somebody else in the meantime: "
                    "look at it again, then repeat",
                    request->id);
    return FALSE;
}

static gboolean
save_request(Store *store, void *data, GError **error)
{
    Request *request = data;
    int at_id = 0;
    g_autofree char *sql = save_sql(&at_id);
    g_autofree char *texts = save_texts_sql();
    g_auto(SearchRow) known = {0};
    if (!search_row_read(store, request->id, &known, error) ||
        !run_save(store, sql, &table_requests, request, error))
        return FALSE;
    if (sqlite3_changes64(store->db) == 0)
        return conflict(store, request, error);
    return run_save(store, texts, &table_request_texts, request, error) &&
           read_derived(store, request, error) && search_add(store, request, &known, error);
}

gboolean
store_request_save(Store *store, Request *request, GError **error)
{
    gint64 version = request->version;
    gboolean saved = store_transact(store, save_request, request, error);
    request->version = saved ? version + 1 : version;
    return saved;
}
