/* trino_query.c: the life of a query: started by its first poll, read page by page, canceled. */
#include "config.h"
#include "trino_query.h"

#include <string.h>

#define TEXT_MAX 1000000

TrinoQuery *
trino_query_new(const char *sql, const char *schema, const char *db_path)
{
    TrinoQuery *query = g_atomic_rc_box_new0(TrinoQuery);
    g_mutex_init(&query->mutex);
    g_cond_init(&query->wake);
    query->sql = g_strdup(sql);
    query->schema = g_strdup(schema);
    query->db_path = g_strdup(db_path);
    query->submitted = query->touched = g_get_monotonic_time();
    query->executing_token = -1;
    return query;
}

static void
close_statement(TrinoQuery *query)
{
    sqlite3_finalize(query->statement);
    sqlite3_close(query->db);
    query->statement = NULL;
    query->db = NULL;
}

static void
query_clear(void *data)
{
    TrinoQuery *query = data;
    close_statement(query);
    trino_sql_clear(&query->translated);
    trino_error_clear(&query->error);
    if (query->names != NULL)
        g_ptr_array_unref(query->names);
    if (query->types != NULL)
        g_ptr_array_unref(query->types);
    if (query->cells != NULL)
        g_array_unref(query->cells);
    g_free(query->id);
    g_free(query->slug);
    g_free(query->base);
    g_free(query->sql);
    g_free(query->schema);
    g_free(query->db_path);
    g_free(query->queued_page);
    g_free(query->executing_page);
    g_mutex_clear(&query->mutex);
    g_cond_clear(&query->wake);
}

TrinoQuery *
trino_query_ref(TrinoQuery *query)
{
    return g_atomic_rc_box_acquire(query);
}

void
trino_query_unref(TrinoQuery *query)
{
    g_atomic_rc_box_release_full(query, query_clear);
}

static char *
query_uri(const TrinoQuery *query, const char *phase, gint64 token)
{
    if (query->presto)
        return g_strdup_printf("%s/v1/statement/%s/%s/%" G_GINT64_FORMAT "?slug=%s", query->base,
                               phase, query->id, token, query->slug);
    return g_strdup_printf("%s/v1/statement/%s/%s/%s/%" G_GINT64_FORMAT, query->base, phase,
                           query->id, query->slug, token);
}

char *
trino_query_submitted(TrinoQuery *query)
{
    g_autofree char *next = query_uri(query, "queued", 1);
    return trino_page(query, next, NULL);
}

/* --- the engine --- */

static int
authorize(void *data, int action, const char *table, const char *column, const char *database,
          const char *trigger)
{
    static const char *const hidden[] = {
        "account", "channel",       "dashboard",     "element",   "fault",
        "log",     "look",          "looker_token",  "member",    "message",
        "person",  "query",         "setting",       "sql_query", "token",
        "truth",   "sqlite_master", "sqlite_schema", NULL};
    (void)data;
    (void)column;
    (void)database;
    (void)trigger;
    if (action == SQLITE_READ)
        return table != NULL && g_strv_contains(hidden, table) ? SQLITE_DENY : SQLITE_OK;
    return action == SQLITE_SELECT || action == SQLITE_FUNCTION || action == SQLITE_RECURSIVE
               ? SQLITE_OK
               : SQLITE_DENY;
}

static int
on_progress(void *data)
{
    TrinoQuery *query = data;
    gint64 now = g_get_monotonic_time();
    return g_atomic_int_get(&query->canceled) ||
           (query->limit_us > 0 && now - query->submitted > query->limit_us);
}

static gboolean
open_database(TrinoQuery *query)
{
    g_autofree char *path = g_uri_escape_string(query->db_path, "/", TRUE);
    g_autofree char *uri = g_strdup_printf("file:%s?mode=ro", path);
    g_autofree char *attach = g_strdup_printf("ATTACH '%s' AS analytics", uri);
    if (sqlite3_open_v2(":memory:", &query->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK ||
        sqlite3_exec(query->db, attach, NULL, NULL, NULL) != SQLITE_OK)
        return FALSE;
    sqlite3_busy_timeout(query->db, 20000);
    sqlite3_exec(query->db, "PRAGMA case_sensitive_like=ON", NULL, NULL, NULL);
    sqlite3_db_config(query->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_set_authorizer(query->db, authorize, NULL);
    sqlite3_progress_handler(query->db, 10000, on_progress, query);
    trino_functions(query->db, query->clock_offset);
    return TRUE;
}

/* SQLite's messages as the errors that Trino would give; the word after the mark is looked for in
 * the statement, to say where. */
static const struct {
    const char *mark;
    const char *name;
    const char *format_before, *format_after;
} sqlite_errors[] = {
    {"no such table: ", "TABLE_NOT_FOUND", "Table '", "' does not exist"},
    {"no such column: ", "COLUMN_NOT_FOUND", "Column '", "' cannot be resolved"},
    {"no such function: ", "FUNCTION_NOT_FOUND", "Function '", "' not registered"},
    {"near \"", "SYNTAX_ERROR", "mismatched input '", "'"},
    {"access to ", "TABLE_NOT_FOUND", "Table '", "' does not exist"},
    {"Cannot cast ", "INVALID_CAST_ARGUMENT", "Cannot cast ", ""},
    {"bigint addition overflow", "NUMERIC_VALUE_OUT_OF_RANGE", "bigint addition overflow", ""},
    {"not authorized", "PERMISSION_DENIED", "Access Denied", ""},
};

static void
fail_query(TrinoQuery *query, const char *name, const char *message)
{
    trino_error_set(&query->error, name, message);
    query->state = QUERY_FAILED;
}

static void
explain_error(TrinoQuery *query)
{
    const char *message = sqlite3_errmsg(query->db);
    for (gsize i = 0; i < G_N_ELEMENTS(sqlite_errors); i++) {
        const char *mark = strstr(message, sqlite_errors[i].mark);
        if (mark == NULL)
            continue;
        g_autofree char *word = g_strdup(mark + strlen(sqlite_errors[i].mark));
        if (strcmp(sqlite_errors[i].name, "SYNTAX_ERROR") == 0 && strchr(word, '"') != NULL)
            *strchr(word, '"') = '\0';
        if (g_str_has_suffix(word,
                             " is prohibited")) /* "access to analytics.log.id is prohibited" */
            *strrchr(word, '.') = '\0';
        guint line, column;
        trino_locate(query->sql, word, &line, &column);
        g_autofree char *text =
            g_strconcat(sqlite_errors[i].format_before, word, sqlite_errors[i].format_after, NULL);
        g_autofree char *full = line > 0 && *word != '\0'
                                    ? g_strdup_printf("line %u:%u: %s", line, column, text)
                                    : g_strdup(text);
        fail_query(query, sqlite_errors[i].name, full);
        query->error.line = *word != '\0' ? line : 0;
        query->error.column = column;
        return;
    }
    fail_query(query, strstr(message, "incomplete") ? "SYNTAX_ERROR" : "GENERIC_INTERNAL_ERROR",
               message);
}

static char *
declared_type(const TrinoQuery *query, int column)
{
    const char *type = sqlite3_column_decltype(query->statement, column);
    if (type == NULL)
        return NULL;
    if (strcmp(type, "DATE_TEXT") == 0)
        return g_strdup("date");
    if (strcmp(type, "DECIMAL_REAL_18_6") == 0)
        return g_strdup("decimal(18,6)");
    return g_ascii_strdown(type, -1);
}

static void
describe_columns(TrinoQuery *query)
{
    const TrinoSql *sql = &query->translated;
    int n = sqlite3_column_count(query->statement);
    query->names = g_ptr_array_new_with_free_func(g_free);
    query->types = g_ptr_array_new_with_free_func(g_free);
    for (int i = 0; i < n; i++) {
        guint at = (guint)i;
        const char *name = at < sql->names->len ? sql->names->pdata[at] : NULL;
        char *type = at < sql->types->len ? g_strdup(sql->types->pdata[at]) : NULL;
        g_ptr_array_add(query->names,
                        g_strdup(name ? name : sqlite3_column_name(query->statement, i)));
        if (type == NULL)
            type = declared_type(query, i);
        if (type == NULL)
            type = g_strdup(
                g_hash_table_lookup(sql->aliases, sqlite3_column_name(query->statement, i)));
        g_ptr_array_add(query->types, type);
    }
}

/* The first poll starts the query. */
static void
start_query(TrinoQuery *query)
{
    if (strlen(query->sql) > TEXT_MAX) {
        fail_query(query, "QUERY_TEXT_TOO_LARGE",
                   "Query text length exceeds the maximum length (1000000)");
        return;
    }
    query->state = QUERY_RUNNING;
    if (!trino_translate(query->sql, query->schema, &query->translated, &query->error)) {
        query->state = QUERY_FAILED;
        return;
    }
    if (!open_database(query) || sqlite3_prepare_v2(query->db, query->translated.sql, -1,
                                                    &query->statement, NULL) != SQLITE_OK)
        explain_error(query);
    else
        describe_columns(query);
}

/* Reads rows up to the page's size. TRUE when the rows have ended. */
static gboolean
read_rows(TrinoQuery *query, gsize bytes, GString *data)
{
    gint64 rows = 0;
    g_string_assign(data, "[");
    while (rows < query->page_rows && data->len < bytes) {
        int rc = sqlite3_step(query->statement);
        if (rc == SQLITE_ROW) {
            if (query->rows == 0)
                trino_settle_types(query);
            if (rows++ > 0)
                g_string_append_c(data, ',');
            trino_row(query, data);
            query->rows++;
            continue;
        }
        if (rc != SQLITE_DONE && query->canceled)
            fail_query(query, "USER_CANCELED", "Query was canceled");
        else if (rc == SQLITE_INTERRUPT)
            fail_query(query, "EXCEEDED_TIME_LIMIT", "Query exceeded the maximum run time limit");
        else if (rc != SQLITE_DONE)
            explain_error(query);
        g_string_append_c(data, ']');
        query->bytes += data->len;
        return TRUE;
    }
    g_string_append_c(data, ']');
    query->bytes += data->len;
    return FALSE;
}

/* Waits with the mutex given back, so that a cancel is heard at once. */
static void
wait_in_poll(TrinoQuery *query, const Sandbox *sandbox, gint64 until)
{
    while (!query->canceled && !sandbox->stopping && g_get_monotonic_time() < until)
        g_cond_wait_until(&query->wake, &query->mutex,
                          MIN(until, g_get_monotonic_time() + 50 * G_TIME_SPAN_MILLISECOND));
}

/* --- pages --- */

static char *
queued_page(TrinoQuery *query, const TrinoPoll *poll)
{
    if (query->state == QUERY_QUEUED && poll->token >= query->queued_polls)
        start_query(query);
    if (query->state == QUERY_FAILED)
        return trino_page(query, NULL, NULL);
    gboolean more = query->state == QUERY_QUEUED;
    g_autofree char *next =
        query_uri(query, more ? "queued" : "executing", more ? poll->token + 1 : 0);
    return trino_page(query, next, NULL);
}

static gboolean
over_time(const TrinoQuery *query)
{
    return query->limit_us > 0 && g_get_monotonic_time() - query->submitted > query->limit_us;
}

/* A page while the engine still "works": a state, a percentage, no rows. */
static char *
working_page(TrinoQuery *query, const TrinoPoll *poll)
{
    gint64 end = query->submitted + query->work_us, now = g_get_monotonic_time();
    gint64 until = MIN(end, now + poll->wait_us);
    if (query->limit_us > 0)
        until = MIN(until, query->submitted + query->limit_us + 1000);
    wait_in_poll(query, poll->sandbox, until);
    now = g_get_monotonic_time();
    if (query->canceled || over_time(query) || now >= end)
        return NULL;
    query->progress =
        MAX(query->progress, 90.0 * (double)(now - query->submitted) / (double)query->work_us);
    g_autofree char *next = query_uri(query, "executing", poll->token + 1);
    return trino_page(query, next, NULL);
}

static char *
executing_page(TrinoQuery *query, const TrinoPoll *poll)
{
    if (query->state == QUERY_RUNNING && !query->canceled &&
        g_get_monotonic_time() < query->submitted + query->work_us) {
        char *page = working_page(query, poll);
        if (page != NULL)
            return page;
    }
    if (query->state == QUERY_RUNNING && query->page_ms > 0)
        wait_in_poll(query, poll->sandbox, g_get_monotonic_time() + query->page_ms * 1000);
    if (query->state == QUERY_RUNNING && query->canceled)
        fail_query(query, "USER_CANCELED", "Query was canceled");
    if (query->state == QUERY_RUNNING && over_time(query))
        fail_query(query, "EXCEEDED_TIME_LIMIT", "Query exceeded the maximum run time limit");
    if (query->state != QUERY_RUNNING || query->statement == NULL) {
        if (query->state == QUERY_RUNNING)
            query->state = QUERY_FINISHED;
        return trino_page(query, NULL, NULL);
    }
    g_autoptr(GString) data = g_string_new(NULL);
    gboolean ended = read_rows(query, poll->bytes, data);
    query->progress = MAX(query->progress, 90) + (99 - MAX(query->progress, 90)) / 4;
    if (ended)
        close_statement(query);
    gboolean last = ended && (query->state == QUERY_FAILED || query->number % 2 == 1);
    if (last) { /* every other query: the last rows come with the last page */
        query->progress = 100;
        if (query->state == QUERY_RUNNING)
            query->state = QUERY_FINISHED;
    }
    g_autofree char *next = last ? NULL : query_uri(query, "executing", poll->token + 1);
    gboolean failed = query->state == QUERY_FAILED;
    return trino_page(query, next, failed || data->len == 2 ? NULL : data->str);
}

char *
trino_query_poll(TrinoQuery *query, TrinoPoll *poll)
{
    g_mutex_lock(&query->mutex);
    while (query->working)
        g_cond_wait(&query->wake, &query->mutex);
    gint64 *newest = poll->executing ? &query->executing_token : &query->queued_token;
    char **page = poll->executing ? &query->executing_page : &query->queued_page;
    gboolean begun = query->state != QUERY_QUEUED || !poll->executing;
    gboolean ended = poll->executing &&
                     (query->state == QUERY_FINISHED || query->state == QUERY_FAILED) &&
                     *newest >= 0;
    query->touched = g_get_monotonic_time();
    char *result = NULL;
    if (poll->token == *newest && *page != NULL) {
        result = g_strdup(*page);
    } else if (poll->token == *newest + 1 && begun && !(ended && !query->canceled)) {
        query->working = TRUE;
        char *fresh = poll->executing ? executing_page(query, poll) : queued_page(query, poll);
        g_free(*page);
        *page = fresh;
        *newest = poll->token;
        result = g_strdup(fresh);
        query->working = FALSE;
        g_cond_broadcast(&query->wake);
    } else {
        poll->gone = poll->token < *newest;
    }
    g_mutex_unlock(&query->mutex);
    return result;
}

void
trino_query_cancel(TrinoQuery *query)
{
    g_atomic_int_set(&query->canceled, TRUE);
    g_mutex_lock(&query->mutex);
    g_cond_broadcast(&query->wake);
    if (query->state == QUERY_RUNNING && !query->working) {
        fail_query(query, "USER_CANCELED", "Query was canceled");
        close_statement(query);
    }
    g_mutex_unlock(&query->mutex);
}
