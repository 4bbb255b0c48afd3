/* looker.c: the part of Looker's API 4.0 that leads from a link to its SQL. */
#include "config.h"
#include "server.h"

#include <stdlib.h>
#include <string.h>

#define DOCS "https://docs.looker.com/r/err/4.0"

typedef struct {
    Request *request;
    Answer *answer;
    Db *db;
    char **path; /* segments of the request's path */
} Call;

static void
fail(Call *call, guint status, const char *message)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "message", message);
    cJSON_AddStringToObject(json, "documentation_url", DOCS);
    answer_json(call->answer, status, json);
    call->request->result = g_strdup(message);
    cJSON_Delete(json);
}

/* --- ?fields=id,query(slug,sql) --- */

static char **
split_fields(const char *fields)
{
    GPtrArray *names = g_ptr_array_new();
    const char *start = fields;
    int depth = 0;
    for (const char *c = fields;; c++) {
        depth += *c == '(' ? 1 : *c == ')' ? -1 : 0;
        if (*c == '\0' || (*c == ',' && depth == 0)) {
            g_ptr_array_add(names, g_strstrip(g_strndup(start, (gsize)(c - start))));
            start = c + 1;
        }
        if (*c == '\0')
            break;
    }
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}

static void
keep_fields(cJSON *json, const char *fields)
{
    g_auto(GStrv) names = split_fields(fields);
    cJSON *item = json->child;
    if (cJSON_IsArray(json)) {
        for (; item != NULL; item = item->next)
            keep_fields(item, fields);
        return;
    }
    while (item != NULL) {
        cJSON *next = item->next;
        gboolean keep = FALSE;
        for (char **name = names; *name != NULL && !keep; name++) {
            gsize length = strcspn(*name, "(");
            keep = strlen(item->string) == length && strncmp(item->string, *name, length) == 0;
            if (keep && (*name)[length] == '(' && item->child != NULL) {
                g_autofree char *inner = g_strdup(*name + length + 1);
                inner[strlen(inner) - (inner[0] != '\0' ? 1 : 0)] = '\0';
                keep_fields(item, inner);
            }
        }
        if (!keep)
            cJSON_Delete(cJSON_DetachItemViaPointer(json, item));
        item = next;
    }
}

static void
answer_fields(Call *call, cJSON *json)
{
    const char *fields = request_query(call->request, "fields");
    if (fields != NULL && *fields != '\0')
        keep_fields(json, fields);
    answer_json(call->answer, 200, json);
    call->request->result = g_strdup("ok");
    cJSON_Delete(json);
}

/* --- sessions --- */

static void
login(Call *call)
{
    const GString *body = call->request->body;
    const char *type = request_header(call->request, "Content-Type");
    if (request_query(call->request, "client_id") || request_query(call->request, "client_secret"))
        cJSON_AddTrueToObject(call->request->logged, "secret_in_query");
    if (type == NULL || g_ascii_strncasecmp(type, "application/x-www-form-urlencoded", 33) != 0) {
        fail(call, 400, "Bad Request");
        return;
    }
    GHashTable *form = form_parse(body->str, body->len);
    const char *id = form != NULL ? g_hash_table_lookup(form, "client_id") : NULL;
    const char *secret = form != NULL ? g_hash_table_lookup(form, "client_secret") : NULL;
    g_autofree char *good_id = db_setting_text(call->db, "looker_client_id", "");
    g_autofree char *good_secret = db_setting_text(call->db, "looker_client_secret", "");
    if (id != NULL)
        cJSON_AddStringToObject(call->request->logged, "client_id", id);
    if (g_strcmp0(id, good_id) != 0 || g_strcmp0(secret, good_secret) != 0) {
        fail(call, 404, "Not found");
    } else {
        gint64 lifetime = db_setting(call->db, "looker_expires_in", 3600);
        g_autofree char *uuid = g_uuid_string_random();
        g_autofree char *token = g_strconcat("sandbox-looker-", uuid, NULL);
        db_exec(call->db, "INSERT INTO looker_token VALUES(?,?)", "si", token,
                db_now(call->db) + lifetime * G_USEC_PER_SEC);
        cJSON *json = cJSON_CreateObject();
        cJSON_AddStringToObject(json, "access_token", token);
        cJSON_AddStringToObject(json, "token_type", "Bearer");
        cJSON_AddNumberToObject(json, "expires_in", (double)lifetime);
        cJSON_AddNullToObject(json, "refresh_token");
        answer_json(call->answer, 200, json);
        call->request->result = g_strdup("ok");
        cJSON_Delete(json);
    }
    if (form != NULL)
        g_hash_table_unref(form);
}

static const char *
bearer(const Call *call)
{
    const char *header = request_header(call->request, "Authorization");
    if (header == NULL)
        return NULL;
    if (g_ascii_strncasecmp(header, "Bearer ", 7) == 0)
        return header + 7;
    return g_ascii_strncasecmp(header, "token ", 6) == 0 ? header + 6 : NULL;
}

static gboolean
authenticate(Call *call)
{
    const char *token = bearer(call);
    if (token != NULL && db_int(call->db, 0, "SELECT expires FROM looker_token WHERE token=?", "s",
                                token) > db_now(call->db))
        return TRUE;
    fail(call, 401, "Requires authentication.");
    return FALSE;
}

static void
logout(Call *call)
{
    db_exec(call->db, "DELETE FROM looker_token WHERE token=?", "s", bearer(call));
    answer_text(call->answer, 204, "application/json", "");
    call->request->result = g_strdup("ok");
}

/* --- queries --- */

/* The SQL as Looker generates it: leading comment, row limit, statement for the totals. */
static char *
generated_sql(sqlite3_stmt *row, const char *limit_argument)
{
    const char *sql = db_column(row, 4);
    gint64 limit = limit_argument != NULL ? g_ascii_strtoll(limit_argument, NULL, 10)
                                          : sqlite3_column_int64(row, 5);
    g_autoptr(GString) text = g_string_new(NULL);
    if (sqlite3_column_int(row, 6))
        g_string_append(text, "-- raw sql results do not include filled-in values for "
                              "'verify_attempts.created_date'\n\n\n");
    g_string_append(text, sql);
    if (limit >= 0)
        g_string_append_printf(text, "\nLIMIT %" G_GINT64_FORMAT, limit);
    if (sqlite3_column_int(row, 7)) {
        const char *from = strstr(sql, "\nFROM "), *group = strstr(sql, "\nGROUP BY");
        gsize length = from == NULL ? 0 : group != NULL ? (gsize)(group - from) : strlen(from);
        g_string_append(text, "\n\n-- sql for creating the total and/or determining pivot columns\n"
                              "SELECT\n    COALESCE(SUM(verify_attempts.attempts ), 0) AS"
                              " \"verify_attempts.attempts\"");
        g_string_append_len(text, from != NULL ? from : "", (gssize)length);
        g_string_append(text, "\nLIMIT 1");
    }
    return g_strdup(text->str);
}

static sqlite3_stmt *
query_row(Call *call, const char *column, const char *value)
{
    g_autofree char *sql = g_strdup_printf(
        "SELECT id,slug,model,view,sql,row_limit,fill,totals FROM query WHERE %s=?", column);
    sqlite3_stmt *row = db_query(call->db, sql, "s", value);
    if (row != NULL && sqlite3_step(row) == SQLITE_ROW)
        return row;
    sqlite3_finalize(row);
    return NULL;
}

static cJSON *
query_json(Call *call, const char *column, const char *value)
{
    sqlite3_stmt *row = query_row(call, column, value);
    if (row == NULL)
        return NULL;
    g_autofree char *share = g_strconcat("https://looker.example.com/x/", db_column(row, 1), NULL);
    g_autofree char *limit =
        g_strdup_printf("%" G_GINT64_FORMAT, (gint64)sqlite3_column_int64(row, 5));
    cJSON *json = cJSON_CreateObject();
    cJSON_AddObjectToObject(json, "can");
    cJSON_AddStringToObject(json, "id", db_column(row, 0));
    cJSON_AddStringToObject(json, "model", db_column(row, 2));
    cJSON_AddStringToObject(json, "view", db_column(row, 3));
    cJSON *fields = cJSON_AddArrayToObject(json, "fields");
    cJSON_AddItemToArray(fields, cJSON_CreateString("verify_attempts.created_date"));
    cJSON_AddItemToArray(fields, cJSON_CreateString("verify_attempts.attempts"));
    cJSON_AddNullToObject(json, "pivots");
    cJSON_AddStringToObject(json, "limit", limit);
    cJSON_AddStringToObject(json, "slug", db_column(row, 1));
    cJSON_AddStringToObject(json, "share_url", share);
    cJSON_AddStringToObject(json, "query_timezone", "UTC");
    cJSON_AddBoolToObject(json, "total", sqlite3_column_int(row, 7));
    cJSON_AddFalseToObject(json, "has_table_calculations");
    sqlite3_finalize(row);
    return json;
}

/* .../run/FORMAT: only "sql" is played. */
static void
run_query(Call *call, const char *id, const char *format)
{
    sqlite3_stmt *row = id != NULL ? query_row(call, "id", id) : NULL;
    const char *limit = request_query(call->request, "limit");
    if (limit != NULL)
        cJSON_AddStringToObject(call->request->logged, "limit", limit);
    if (row == NULL) {
        fail(call, 404, "Not found");
    } else if (strcmp(format, "sql") != 0) {
        fail(call, 400, "Unsupported format");
    } else if (limit != NULL && (*limit == '\0' || strspn(limit, "-0123456789") != strlen(limit))) {
        fail(call, 422, "Validation Failed");
    } else {
        g_autofree char *sql = generated_sql(row, limit);
        answer_text(call->answer, 200, "text/plain;charset=utf-8", sql);
        call->request->result = g_strdup("ok");
    }
    sqlite3_finalize(row);
}

static void
get_query(Call *call, const char *column, const char *value)
{
    cJSON *json = query_json(call, column, value);
    if (json == NULL)
        fail(call, 404, "Not found");
    else
        answer_fields(call, json);
}

/* --- looks, dashboards, SQL Runner --- */

static cJSON *
look_json(Call *call, const char *id)
{
    sqlite3_stmt *row =
        db_query(call->db, "SELECT id,title,query_id,deleted FROM look WHERE id=?", "s", id);
    if (row == NULL || sqlite3_step(row) != SQLITE_ROW) {
        sqlite3_finalize(row);
        return NULL;
    }
    g_autofree char *url = g_strconcat("/looks/", id, NULL);
    cJSON *json = cJSON_CreateObject();
    cJSON_AddObjectToObject(json, "can");
    cJSON_AddStringToObject(json, "id", db_column(row, 0));
    cJSON_AddStringToObject(json, "title", db_column(row, 1));
    cJSON_AddStringToObject(json, "query_id", db_column(row, 2));
    cJSON_AddBoolToObject(json, "deleted", sqlite3_column_int(row, 3));
    cJSON_AddStringToObject(json, "short_url", url);
    cJSON_AddStringToObject(json, "url", url);
    cJSON_AddFalseToObject(json, "public");
    cJSON *query = query_json(call, "id", db_column(row, 2));
    cJSON *model = cJSON_AddObjectToObject(json, "model");
    cJSON_AddStringToObject(model, "id", "messaging");
    if (query != NULL)
        cJSON_AddItemToObject(json, "query", query);
    sqlite3_finalize(row);
    return json;
}

static void
get_look(Call *call)
{
    cJSON *json = look_json(call, call->path[1]);
    if (json == NULL)
        fail(call, 404, "Not found");
    else
        answer_fields(call, json);
}

static void
run_look(Call *call)
{
    g_autofree char *id =
        db_text(call->db, "SELECT query_id FROM look WHERE id=?", "s", call->path[1]);
    run_query(call, id, call->path[3]);
}

static void
get_query_by_id(Call *call)
{
    get_query(call, "id", call->path[1]);
}

static void
get_query_by_slug(Call *call)
{
    get_query(call, "slug", call->path[2]);
}

static void
run_query_by_id(Call *call)
{
    run_query(call, call->path[1], call->path[3]);
}

static void
add_or_null(cJSON *json, const char *name, const char *kind, const char *wanted, const char *value)
{
    if (strcmp(kind, wanted) == 0)
        cJSON_AddStringToObject(json, name, value);
    else
        cJSON_AddNullToObject(json, name);
}

static void
add_result_maker(Call *call, cJSON *json, const char *kind, const char *ref)
{
    if (strcmp(kind, "result_maker") != 0 && strcmp(kind, "sql") != 0) {
        cJSON_AddNullToObject(json, "result_maker");
        return;
    }
    cJSON *maker = cJSON_AddObjectToObject(json, "result_maker");
    cJSON_AddStringToObject(maker, "id", "9001");
    add_or_null(maker, "query_id", kind, "result_maker", ref);
    add_or_null(maker, "sql_query_id", kind, "sql", ref);
    cJSON_AddNullToObject(maker, "merge_result_id");
    cJSON_AddArrayToObject(maker, "filterables");
    cJSON *query =
        strcmp(kind, "result_maker") == 0 ? query_json(call, "id", ref) : cJSON_CreateNull();
    cJSON_AddItemToObject(maker, "query", query != NULL ? query : cJSON_CreateNull());
}

static cJSON *
element_json(Call *call, sqlite3_stmt *row)
{
    const char *kind = db_column(row, 3), *ref = db_column(row, 4);
    cJSON *json = cJSON_CreateObject();
    cJSON_AddObjectToObject(json, "can");
    cJSON_AddStringToObject(json, "id", db_column(row, 0));
    cJSON_AddStringToObject(json, "dashboard_id", db_column(row, 1));
    cJSON_AddStringToObject(json, "title", db_column(row, 2));
    cJSON_AddStringToObject(json, "type", strcmp(kind, "text") == 0 ? "text" : "vis");
    add_or_null(json, "body_text", kind, "text", db_column(row, 5));
    add_or_null(json, "query_id", kind, "query", ref);
    add_or_null(json, "look_id", kind, "look", ref);
    add_or_null(json, "merge_result_id", kind, "merge", ref);
    add_result_maker(call, json, kind, ref);
    cJSON *query = strcmp(kind, "query") == 0 ? query_json(call, "id", ref) : NULL;
    cJSON_AddItemToObject(json, "query", query != NULL ? query : cJSON_CreateNull());
    cJSON *look = strcmp(kind, "look") == 0 ? look_json(call, ref) : NULL;
    cJSON_AddItemToObject(json, "look", look != NULL ? look : cJSON_CreateNull());
    return json;
}

static cJSON *
elements_json(Call *call, const char *dashboard)
{
    cJSON *list = cJSON_CreateArray();
    sqlite3_stmt *row = db_query(
        call->db,
        "SELECT id,dashboard,title,kind,ref,body FROM element WHERE dashboard=? ORDER BY rowid",
        "s", dashboard);
    while (row != NULL && sqlite3_step(row) == SQLITE_ROW)
        cJSON_AddItemToArray(list, element_json(call, row));
    sqlite3_finalize(row);
    return list;
}

/* The id of the dashboard that the path names by id or slug; NULL after a 404. */
static char *
dashboard_id(Call *call)
{
    char *id =
        db_text(call->db, "SELECT id FROM dashboard WHERE id=?1 OR slug=?1", "s", call->path[1]);
    if (id == NULL)
        fail(call, 404, "Not found");
    return id;
}

static void
get_dashboard(Call *call)
{
    g_autofree char *id = dashboard_id(call);
    if (id == NULL)
        return;
    g_autofree char *title = db_text(call->db, "SELECT title FROM dashboard WHERE id=?", "s", id);
    g_autofree char *slug = db_text(call->db, "SELECT slug FROM dashboard WHERE id=?", "s", id);
    g_autofree char *url = g_strconcat("/dashboards/", id, NULL);
    cJSON *json = cJSON_CreateObject();
    cJSON_AddObjectToObject(json, "can");
    cJSON_AddStringToObject(json, "id", id);
    cJSON_AddStringToObject(json, "slug", slug != NULL ? slug : "");
    cJSON_AddStringToObject(json, "title", title != NULL ? title : "");
    cJSON_AddBoolToObject(
        json, "deleted",
        (int)db_int(call->db, 0, "SELECT deleted FROM dashboard WHERE id=?", "s", id));
    cJSON_AddItemToObject(json, "dashboard_elements", elements_json(call, id));
    cJSON_AddArrayToObject(json, "dashboard_filters");
    cJSON_AddStringToObject(json, "url", url);
    answer_fields(call, json);
}

static void
get_elements(Call *call)
{
    g_autofree char *id = dashboard_id(call);
    if (id != NULL)
        answer_fields(call, elements_json(call, id));
}

static void
get_sql_query(Call *call)
{
    g_autofree char *sql =
        db_text(call->db, "SELECT sql FROM sql_query WHERE slug=?", "s", call->path[1]);
    if (sql == NULL) {
        fail(call, 404, "Not found");
        return;
    }
    cJSON *json = cJSON_CreateObject();
    cJSON_AddObjectToObject(json, "can");
    cJSON_AddStringToObject(json, "slug", call->path[1]);
    cJSON_AddStringToObject(json, "sql", sql);
    cJSON_AddNumberToObject(json, "last_runtime", 1.25);
    cJSON_AddNumberToObject(json, "run_count", 3);
    cJSON_AddNumberToObject(json, "browser_limit", 5000);
    cJSON_AddNullToObject(json, "model_name");
    cJSON *connection = cJSON_AddObjectToObject(json, "connection");
    cJSON_AddStringToObject(connection, "name", "warehouse");
    cJSON *dialect = cJSON_AddObjectToObject(connection, "dialect");
    cJSON_AddStringToObject(dialect, "name", "trino");
    answer_fields(call, json);
}

static void
get_user(Call *call)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "id", "42");
    cJSON_AddStringToObject(json, "display_name", "creditbot");
    cJSON_AddStringToObject(json, "first_name", "creditbot");
    cJSON_AddFalseToObject(json, "is_disabled");
    answer_fields(call, json);
}

static void
get_versions(Call *call)
{
    g_autofree char *base = g_strconcat(call->request->sandbox->origin, "/looker", NULL);
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "looker_release_version", "26.12.3");
    cJSON *current = cJSON_AddObjectToObject(json, "current_version");
    cJSON_AddStringToObject(current, "version", "4.0");
    cJSON_AddStringToObject(current, "full_version", "4.0.26.12");
    cJSON_AddStringToObject(current, "status", "current");
    cJSON *supported = cJSON_AddArrayToObject(json, "supported_versions");
    cJSON_AddItemToArray(supported, cJSON_Duplicate(current, TRUE));
    cJSON_AddStringToObject(json, "api_server_url", base);
    cJSON_AddStringToObject(json, "web_server_url", "https://looker.example.com");
    answer_fields(call, json);
}

/* --- routes: "*" is any one segment --- */

static const struct {
    const char *verb;
    const char *path;
    gboolean open; /* needs no session */
    void (*run)(Call *call);
} routes[] = {
    {"POST", "login", TRUE, login},
    {"DELETE", "logout", FALSE, logout},
    {"GET", "versions", TRUE, get_versions},
    {"GET", "user", FALSE, get_user},
    {"GET", "looks/*", FALSE, get_look},
    {"GET", "looks/*/run/*", FALSE, run_look},
    {"GET", "queries/*", FALSE, get_query_by_id},
    {"GET", "queries/slug/*", FALSE, get_query_by_slug},
    {"GET", "queries/*/run/*", FALSE, run_query_by_id},
    {"GET", "dashboards/*", FALSE, get_dashboard},
    {"GET", "dashboards/*/dashboard_elements", FALSE, get_elements},
    {"GET", "sql_queries/*", FALSE, get_sql_query},
};

static gboolean
route_matches(const char *pattern, char **path)
{
    g_auto(GStrv) want = g_strsplit(pattern, "/", -1);
    guint n = g_strv_length(want);
    if (n != g_strv_length(path))
        return FALSE;
    for (guint i = 0; i < n; i++)
        if (strcmp(want[i], "*") != 0 && strcmp(want[i], path[i]) != 0)
            return FALSE;
    return TRUE;
}

void
looker_handle(Request *request, Answer *answer)
{
    g_auto(GStrv) path = request_segments(request);
    Call call = {request, answer, request->sandbox->db, path};
    gboolean known = FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(routes); i++) {
        if (!route_matches(routes[i].path, path))
            continue;
        known = TRUE;
        if (strcmp(routes[i].verb, request->verb) != 0)
            continue;
        if (routes[i].open || authenticate(&call))
            routes[i].run(&call);
        return;
    }
    fail(&call, known ? 405 : 404, known ? "Method Not Allowed" : "Not found");
}
