/* trino.c: the statement protocol of Trino and Presto: tokens, pages, cancel, authentication. */
#include "config.h"
#include "trino_query.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ABANDONED_US (300 * (gint64)G_USEC_PER_SEC)

struct Trino {
    GMutex mutex;
    GHashTable *queries; /* id → TrinoQuery */
    char *db_path;
    guint64 count;
};

typedef struct {
    Request *request;
    Answer *answer;
    Sandbox *sandbox;
    char **path; /* segments */
    gboolean presto;
} Call;

Trino *
trino_new(const char *db_path)
{
    Trino *trino = g_new0(Trino, 1);
    g_mutex_init(&trino->mutex);
    trino->queries =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)trino_query_unref);
    trino->db_path = g_strdup(db_path);
    return trino;
}

void
trino_free(Trino *trino)
{
    g_hash_table_unref(trino->queries);
    g_mutex_clear(&trino->mutex);
    g_free(trino->db_path);
    g_free(trino);
}

static void
say(Call *call, guint status, const char *text)
{
    answer_text(call->answer, status, "text/plain; charset=utf-8", text);
    call->request->result = g_strdup(text);
}

static const char *
client_header(const Call *call, const char *suffix)
{
    g_autofree char *name = g_strconcat(call->presto ? "X-Presto-" : "X-Trino-", suffix, NULL);
    return request_header(call->request, name);
}

/* --- authentication --- */

static gboolean
basic_matches(const char *header, const char *user, const char *password)
{
    gsize length;
    g_autofree guchar *raw = g_base64_decode(header + strlen("Basic "), &length);
    g_autofree char *given = g_strndup((const char *)raw, length);
    g_autofree char *good = g_strconcat(user, ":", password, NULL);
    return strcmp(given, good) == 0;
}

/* trino_auth: "optional" (a password that comes must be right), "none", "basic", "jwt". */
static gboolean
authenticate(Call *call)
{
    Db *db = call->sandbox->db;
    const char *header = request_header(call->request, "Authorization");
    db_begin(db);
    g_autofree char *mode = db_setting_text(db, "trino_auth", "optional");
    g_autofree char *user = db_setting_text(db, "trino_user", "");
    g_autofree char *password = db_setting_text(db, "trino_password", "");
    g_autofree char *jwt = db_setting_text(db, "trino_jwt", "");
    db_commit(db);
    gboolean basic = header != NULL && g_str_has_prefix(header, "Basic ");
    gboolean good = basic && basic_matches(header, user, password);
    gboolean bearer = header != NULL && g_str_has_prefix(header, "Bearer ") &&
                      strcmp(header + strlen("Bearer "), jwt) == 0;
    if (strcmp(mode, "none") == 0 || (strcmp(mode, "basic") == 0 && good) ||
        (strcmp(mode, "jwt") == 0 && bearer) ||
        (strcmp(mode, "optional") == 0 && (header == NULL || good || bearer)))
        return TRUE;
    answer_header(call->answer, "WWW-Authenticate",
                  strcmp(mode, "jwt") == 0 ? "Bearer" : "Basic realm=\"Trino\"");
    say(call, 401, "Access Denied: Invalid credentials");
    return FALSE;
}

/* --- POST /v1/statement --- */

static gboolean
check_headers(Call *call)
{
    gboolean trino = request_header(call->request, "X-Trino-User") != NULL;
    gboolean presto = request_header(call->request, "X-Presto-User") != NULL;
    const char *user = client_header(call, "User");
    if (trino && presto)
        return say(call, 400, "Both Trino and Presto headers detected"), FALSE;
    if (user == NULL || *user == '\0')
        return say(call, 400, "User must be set"), FALSE;
    if (call->request->body->len == 0)
        return say(call, 400, "SQL statement is empty"), FALSE;
    if (!g_utf8_validate(call->request->body->str, (gssize)call->request->body->len, NULL))
        return say(call, 400, "SQL statement is not UTF-8"), FALSE;
    return TRUE;
}

static void
log_statement(Call *call, const TrinoQuery *query)
{
    static const char *const headers[] = {"User",        "Source",    "Catalog",
                                          "Schema",      "Session",   "Client-Tags",
                                          "Client-Info", "Time-Zone", "Client-Capabilities"};
    cJSON *logged = call->request->logged;
    const char *type = request_header(call->request, "Content-Type");
    cJSON_AddStringToObject(logged, "sql", call->request->body->str);
    cJSON_AddStringToObject(logged, "query_id", query->id);
    cJSON_AddStringToObject(logged, "content_type", type != NULL ? type : "");
    for (gsize i = 0; i < G_N_ELEMENTS(headers); i++) {
        const char *value = client_header(call, headers[i]);
        if (value != NULL)
            cJSON_AddStringToObject(logged, headers[i], value);
    }
}

/* "name=value" of X-Trino-Session; caller frees. */
static char *
session_property(const Call *call, const char *name)
{
    const char *header = client_header(call, "Session");
    g_auto(GStrv) pairs = g_strsplit(header != NULL ? header : "", ",", -1);
    for (char **pair = pairs; *pair != NULL; pair++) {
        g_strstrip(*pair);
        gsize length = strlen(name);
        if (strncmp(*pair, name, length) == 0 && (*pair)[length] == '=')
            return g_uri_unescape_string(*pair + length + 1, NULL);
    }
    return NULL;
}

/* "10m", "1.50s", "500ms" in microseconds; 0 when it is none. */
static gint64
duration_us(const char *text)
{
    static const struct {
        const char *unit;
        double microseconds;
    } units[] = {{"ms", 1e3}, {"s", 1e6}, {"m", 6e7}, {"h", 3.6e9}, {"d", 8.64e10}};
    char *end = NULL;
    double number = text != NULL ? g_ascii_strtod(text, &end) : 0;
    for (gsize i = 0; text != NULL && i < G_N_ELEMENTS(units); i++)
        if (strcmp(end, units[i].unit) == 0)
            return (gint64)(number * units[i].microseconds);
    return 0;
}

static void
read_settings(Call *call, TrinoQuery *query)
{
    Db *db = call->sandbox->db;
    g_autofree char *limit = session_property(call, "query_max_run_time");
    if (limit == NULL)
        limit = session_property(call, "query_max_execution_time");
    query->limit_us = duration_us(limit);
    db_begin(db);
    query->page_rows = db_setting(db, "trino_page_rows", 20000);
    query->page_ms = db_setting(db, "trino_page_ms", 0);
    query->work_us = db_setting(db, "trino_work_ms", 0) * G_TIME_SPAN_MILLISECOND;
    query->queued_polls = db_setting(db, "trino_queued_polls", 1);
    query->clock_offset = db_setting(db, "clock_offset_us", 0);
    db_commit(db);
}

static gboolean
is_abandoned(gpointer key, gpointer value, gpointer data)
{
    (void)key;
    const TrinoQuery *query = value;
    return *(const gint64 *)data - query->touched > ABANDONED_US;
}

static void
submit(Call *call)
{
    Trino *trino = call->sandbox->trino;
    if (!check_headers(call))
        return;
    TrinoQuery *query =
        trino_query_new(call->request->body->str, client_header(call, "Schema"), trino->db_path);
    gint64 now = g_get_monotonic_time();
    read_settings(call, query);
    time_t seconds = (time_t)((g_get_real_time() + query->clock_offset) / G_USEC_PER_SEC);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    char day[32];
    strftime(day, sizeof day, "%Y%m%d_%H%M%S", &tm);
    g_mutex_lock(&trino->mutex);
    g_hash_table_foreach_remove(trino->queries, is_abandoned, &now);
    query->number = trino->count++;
    query->id = g_strdup_printf("%s_%05" G_GUINT64_FORMAT "_%05u", day, query->number % 100000,
                                call->sandbox->port);
    query->slug = g_strdup_printf("y%08x%08x", g_random_int(), g_random_int());
    query->base = g_strdup_printf("%s/%s", call->sandbox->origin, call->request->service);
    query->presto = call->presto;
    g_hash_table_insert(trino->queries, query->id, query);
    log_statement(call, query);
    g_autofree char *page = trino_query_submitted(query);
    g_mutex_unlock(&trino->mutex);
    answer_text(call->answer, 200, "application/json", page);
    call->request->result = g_strdup("ok");
}

/* --- the URIs of a query --- */

/* v1/statement/PHASE/ID/SLUG/TOKEN, or Presto's v1/statement/PHASE/ID/TOKEN?slug=SLUG. */
static TrinoQuery *
find_query(Call *call, gint64 *token)
{
    guint n = g_strv_length(call->path);
    if (n != (call->presto ? 5 : 6))
        return NULL;
    const char *slug = call->presto ? request_query(call->request, "slug") : call->path[4];
    const char *number = call->path[n - 1];
    Trino *trino = call->sandbox->trino;
    g_mutex_lock(&trino->mutex);
    TrinoQuery *query = g_hash_table_lookup(trino->queries, call->path[3]);
    if (query != NULL && g_strcmp0(slug, query->slug) == 0 && query->presto == call->presto &&
        *number != '\0' && strspn(number, "0123456789") == strlen(number))
        trino_query_ref(query);
    else
        query = NULL;
    g_mutex_unlock(&trino->mutex);
    *token = strtoll(number, NULL, 10);
    return query;
}

static void
poll_query(Call *call)
{
    gint64 token;
    TrinoQuery *query = find_query(call, &token);
    if (query == NULL) {
        say(call, 404, "Query not found");
        return;
    }
    cJSON_AddStringToObject(call->request->logged, "query_id", query->id);
    const char *wait = request_query(call->request, "maxWait");
    const char *size = request_query(call->request, "targetResultSize");
    gint64 bytes = size != NULL ? g_ascii_strtoll(size, NULL, 10) : 0;
    TrinoPoll poll = {.sandbox = call->sandbox,
                      .executing = strcmp(call->path[2], "executing") == 0,
                      .token = token,
                      .wait_us =
                          wait != NULL ? MIN(duration_us(wait), G_USEC_PER_SEC) : G_USEC_PER_SEC,
                      .bytes = 1 << 20};
    if (bytes > 0 && size != NULL && g_str_has_suffix(size, "MB"))
        poll.bytes = (gsize)MIN(bytes, 128) << 20;
    g_autofree char *page = trino_query_poll(query, &poll);
    if (page != NULL) {
        answer_text(call->answer, 200, "application/json", page);
        call->request->result = g_strdup(query->error.name != NULL ? query->error.name : "ok");
    } else {
        say(call, poll.gone ? 410 : 404, poll.gone ? "Gone" : "Not Found");
    }
    trino_query_unref(query);
}

static void
cancel_query(Call *call)
{
    gint64 token;
    TrinoQuery *query = find_query(call, &token);
    if (query == NULL) {
        say(call, 404, "Query not found");
        return;
    }
    cJSON_AddStringToObject(call->request->logged, "query_id", query->id);
    trino_query_cancel(query);
    trino_query_unref(query);
    answer_text(call->answer, 204, "text/plain", "");
    call->request->result = g_strdup("canceled");
}

/* DELETE v1/query/ID */
static void
kill_query(Call *call)
{
    Trino *trino = call->sandbox->trino;
    g_mutex_lock(&trino->mutex);
    TrinoQuery *query =
        call->path[2] != NULL ? g_hash_table_lookup(trino->queries, call->path[2]) : NULL;
    if (query != NULL)
        trino_query_ref(query);
    g_mutex_unlock(&trino->mutex);
    if (query == NULL) {
        say(call, 404, "Query not found");
        return;
    }
    trino_query_cancel(query);
    trino_query_unref(query);
    answer_text(call->answer, 204, "text/plain", "");
    call->request->result = g_strdup("canceled");
}

static void
info(Call *call)
{
    answer_text(call->answer, 200, "application/json",
                "{\"nodeVersion\":{\"version\":\"476\"},\"environment\":\"sandbox\","
                "\"coordinator\":true,\"starting\":false,\"uptime\":\"1.00h\"}");
    call->request->result = g_strdup("ok");
}

static const struct {
    const char *verb;
    const char *prefix;
    gboolean exact;
    void (*run)(Call *call);
} routes[] = {
    {"POST", "v1/statement", TRUE, submit},
    {"GET", "v1/statement/queued/", FALSE, poll_query},
    {"GET", "v1/statement/executing/", FALSE, poll_query},
    {"HEAD", "v1/statement/executing/", FALSE, info},
    {"DELETE", "v1/statement/queued/", FALSE, cancel_query},
    {"DELETE", "v1/statement/executing/", FALSE, cancel_query},
    {"DELETE", "v1/query/", FALSE, kill_query},
    {"GET", "v1/info", TRUE, info},
};

void
trino_handle(Request *request, Answer *answer)
{
    g_auto(GStrv) path = request_segments(request);
    Call call = {request, answer, request->sandbox, path, strcmp(request->service, "presto") == 0};
    gboolean known = FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(routes); i++) {
        if (routes[i].exact ? strcmp(request->path, routes[i].prefix) != 0
                            : !g_str_has_prefix(request->path, routes[i].prefix))
            continue;
        known = TRUE;
        if (strcmp(routes[i].verb, request->verb) != 0)
            continue;
        if (routes[i].run == info || authenticate(&call))
            routes[i].run(&call);
        return;
    }
    say(&call, known ? 405 : 404, known ? "Method Not Allowed" : "Not Found");
}
