/* warehouse_trino.c: Trino and Presto over their HTTP statement protocol (trino.io client-protocol;
 * presto develop/client-protocol.rst): one POST, then the server's nextUri until there is none. */
#include <string.h>
#include "base/error.h"
#include "base/text.h"
#include "services/trino_error.h"
#include "services/trino_page.h"
#include "services/warehouse_deadline.h"
#include "services/warehouse_driver.h"

#define CANCEL_LIMIT   (2 * G_TIME_SPAN_SECOND) /* for the DELETE, which no other cancel stops */
#define EMPTY_ATTEMPTS 3
#define EMPTY_PAUSE    (100 * G_TIME_SPAN_MILLISECOND)
#define VERSION_LIMIT  (5 * G_TIME_SPAN_SECOND)

typedef struct {
    Http *http;
    Log *log;
    char *label;
    char *url; /* without a trailing '/' */
    HttpUrl *origin;
    char *user;
    char *password;     /* NULL: none */
    GPtrArray *every;   /* headers of all requests, NULL-terminated */
    GPtrArray *first;   /* and of the POST */
    const char *prefix; /* "X-Trino-" */
    gboolean own_limit; /* [warehouse] session sets query_max_run_time itself */
} Driver;

/* One statement under way. */
typedef struct {
    Driver *driver;
    WarehouseRun *run;
    char *id;
    char *uri;    /* of the page at hand, what a cancel goes to; NULL: nothing runs */
    char **names; /* of the columns, NULL: not told yet */
    gsize width;
} Statement;

static void
add_header(const Driver *driver, GPtrArray *headers, const char *name, const char *value)
{
    if (value && *value)
        g_ptr_array_add(headers, g_strdup_printf("%s%s: %s", driver->prefix, name, value));
}

/* [warehouse] session: name=value each, the value percent-encoded on the wire. */
static gboolean
add_session(Driver *driver, const Config *config, GError **error)
{
    const char *const *items = config_list(config, "warehouse", "session");
    for (; *items; items++) {
        const char *equals = strchr(*items, '=');
        if (!equals || equals == *items) {
            g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                        "[warehouse] session: '%s' is not of the form name=value", *items);
            return FALSE;
        }
        g_autofree char *name = g_strndup(*items, (gsize)(equals - *items));
        g_autofree char *value = http_encode(equals + 1);
        g_autofree char *pair = g_strconcat(g_strstrip(name), "=", value, NULL);
        if (strcmp(name, "query_max_run_time") == 0)
            driver->own_limit = TRUE;
        add_header(driver, driver->first, "Session", pair);
    }
    return TRUE;
}

static gboolean
make_headers(Driver *driver, const Config *config, GError **error)
{
    const char *token = config_string(config, "warehouse", "token");
    g_autoptr(GString) tags = g_string_new(NULL);

    for (const char *const *tag = config_list(config, "warehouse", "client_tags"); *tag; tag++)
        g_string_append_printf(tags, "%s%s", tags->len ? "," : "", *tag);
    add_header(driver, driver->every, "User", driver->user);
    if (token && *token)
        g_ptr_array_add(driver->every, g_strconcat("Authorization: Bearer ", token, NULL));
    g_ptr_array_add(driver->first, g_strdup("Content-Type: text/plain; charset=utf-8"));
    add_header(driver, driver->first, "Source", config_string(config, "warehouse", "source"));
    add_header(driver, driver->first, "Catalog", config_string(config, "warehouse", "catalog"));
    add_header(driver, driver->first, "Schema", config_string(config, "warehouse", "schema"));
    add_header(driver, driver->first, "Time-Zone", "UTC");
    add_header(driver, driver->first, "Client-Tags", tags->str);
    if (strcmp(driver->prefix, "X-Trino-") == 0)
        add_header(driver, driver->first, "Client-Capabilities", "PARAMETRIC_DATETIME");
    return add_session(driver, config, error);
}

static void
driver_close(void *state)
{
    Driver *driver = state;
    http_url_free(driver->origin);
    g_ptr_array_unref(driver->every);
    g_ptr_array_unref(driver->first);
    g_free(driver->label);
    g_free(driver->url);
    g_free(driver->user);
    text_wipe_free(driver->password);
    g_free(driver);
}

static gboolean
check_settings(const Config *config, GError **error)
{
    static const char *const needed[] = {"url", "user"};
    for (gsize i = 0; i < G_N_ELEMENTS(needed); i++) {
        const char *value = config_string(config, "warehouse", needed[i]);
        if (value && *value)
            continue;
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG, "[warehouse] driver=%s needs %s=%s",
                    config_string(config, "warehouse", "driver"), needed[i],
                    i == 0 ? ", the coordinator's https URL" : " (or PRESTO_USERNAME)");
        return FALSE;
    }
    return TRUE;
}

static void
wipe_header(void *header)
{
    text_wipe_free(header);
}

static Driver *
open_with_prefix(Http *http, const Config *config, Log *log, const char *prefix, char **label,
                 GError **error)
{
    if (!check_settings(config, error))
        return NULL;
    const char *url = config_string(config, "warehouse", "url");
    const char *password = config_string(config, "warehouse", "password");
    const char *token = config_string(config, "warehouse", "token");
    HttpUrl *origin = http_url_parse(url, error);
    if (!origin)
        return NULL;
    Driver *driver = g_new0(Driver, 1);
    driver->http = http;
    driver->log = log;
    driver->prefix = prefix;
    driver->origin = origin;
    driver->url = g_strdup(url);
    while (g_str_has_suffix(driver->url, "/"))
        driver->url[strlen(driver->url) - 1] = '\0';
    driver->label =
        g_strdup_printf("%s %s", config_string(config, "warehouse", "driver"), driver->url);
    driver->user = g_strdup(config_string(config, "warehouse", "user"));
    if (password && *password && !(token && *token))
        driver->password = g_strdup(password);
    driver->every = g_ptr_array_new_with_free_func(wipe_header);
    driver->first = g_ptr_array_new_with_free_func(g_free);
    if (!make_headers(driver, config, error)) {
        driver_close(driver);
        return NULL;
    }
    *label = g_strdup(driver->label);
    return driver;
}

static void *
trino_open(Http *http, const Config *config, Log *log, char **label, GError **error)
{
    return open_with_prefix(http, config, log, "X-Trino-", label, error);
}

static void *
presto_open(Http *http, const Config *config, Log *log, char **label, GError **error)
{
    return open_with_prefix(http, config, log, "X-Presto-", label, error);
}

/* Borrowed strings; the array ends with NULL. limit: for query_max_run_time, 0: none. */
static GPtrArray *
request_headers(const Driver *driver, gboolean first, char *limit)
{
    GPtrArray *headers = g_ptr_array_new();
    for (guint i = 0; i < driver->every->len; i++)
        g_ptr_array_add(headers, driver->every->pdata[i]);
    for (guint i = 0; first && i < driver->first->len; i++)
        g_ptr_array_add(headers, driver->first->pdata[i]);
    if (limit)
        g_ptr_array_add(headers, limit);
    g_ptr_array_add(headers, NULL);
    return headers;
}

/* A killed client cannot cancel; the server ends the query by itself at our limit. Caller frees. */
static char *
limit_header(const Driver *driver, gint64 timeout)
{
    if (timeout <= 0 || driver->own_limit)
        return NULL;
    gint64 seconds = MAX(1, (timeout + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);
    return g_strdup_printf("%sSession: query_max_run_time=%" G_GINT64_FORMAT "s", driver->prefix,
                           seconds);
}

/* body NULL: no POST. timeout: of one attempt, 0: the client's. */
static HttpResponse *
exchange(const Driver *driver, const char *method, const char *url, const char *body, char *limit,
         gint64 timeout, Cancel *cancel, GError **error)
{
    g_autoptr(GPtrArray) headers = request_headers(driver, body != NULL, limit);
    HttpRequest request = {
        .service = "warehouse",
        .method = method,
        .url = url,
        .headers = (const char *const *)headers->pdata,
        .body = body,
        .body_len = -1,
        /* A POST too: execution starts with the first GET, an unread answer starts nothing. */
        .repeat = HTTP_REPEATABLE,
        .timeout = timeout,
        .user = driver->password ? driver->user : NULL,
        .password = driver->password,
    };
    return http_send(driver->http, &request, cancel, error);
}

/* The same until there is an answer with a body: a gateway that is being replaced sends empty ones.
 * The server gives the same page again for the same address. */
static HttpResponse *
exchange_page(const Statement *statement, const char *body, char *limit, GError **error)
{
    const Driver *driver = statement->driver;
    Cancel *stop = statement->run->stop;
    g_autofree char *post = g_strconcat(driver->url, "/v1/statement", NULL);
    HttpResponse *response = NULL;
    for (int attempt = 0; attempt < EMPTY_ATTEMPTS; attempt++) {
        http_response_free(response);
        if (attempt > 0)
            cancel_sleep(stop, attempt * EMPTY_PAUSE);
        response = exchange(driver, body ? "POST" : "GET", body ? post : statement->uri, body,
                            limit, 0, stop, error);
        if (!response || response->status != 200 || response->length > 0)
            break;
    }
    return response;
}

/* Whatever stopped us, the query must not run on. Its own short limit; failure is only logged. */
static void
cancel_statement(const Statement *statement)
{
    const Driver *driver = statement->driver;
    g_autoptr(GError) failure = NULL;
    Deadline deadline;
    if (!statement->uri)
        return;
    deadline_start(&deadline, NULL, CANCEL_LIMIT);
    g_autoptr(HttpResponse) response = exchange(driver, "DELETE", statement->uri, NULL, NULL,
                                                CANCEL_LIMIT, deadline.token, &failure);
    deadline_stop(&deadline);
    const char *id = statement->id ? statement->id : "?";
    if (!response)
        log_write(driver->log, LOG_LEVEL_WARN, "warehouse", "query %s could not be cancelled: %s",
                  id, failure->message);
    else
        log_write(driver->log, LOG_LEVEL_INFO, "warehouse", "query %s cancelled (HTTP %d)", id,
                  response->status);
}

static gboolean
bad_answer(const Statement *statement, GError **error, const char *reason)
{
    g_set_error(error, CREDITBOT_ERROR, ERR_BAD_ANSWER, "%s: query %s: %s",
                statement->driver->label, statement->id ? statement->id : "?", reason);
    return FALSE;
}

static gboolean
check_status(const Statement *statement, const HttpResponse *response, GError **error)
{
    const char *label = statement->driver->label;
    switch (response->status) {
    case 200:
        return TRUE;
    case 401:
        g_set_error(error, CREDITBOT_ERROR, ERR_AUTH,
                    "%s refuses our credentials (HTTP 401); check [warehouse] user and password "
                    "(PRESTO_USERNAME, PRESTO_PASSWORD) or token",
                    label);
        return FALSE;
    case 403:
        g_set_error(error, CREDITBOT_ERROR, ERR_AUTH,
                    "%s does not let user %s run queries (HTTP 403); have the user permitted, or "
                    "correct [warehouse] user",
                    label, statement->driver->user);
        return FALSE;
    case 404:
    case 410:
        if (statement->uri) {
            g_set_error(error, CREDITBOT_ERROR, ERR_BUSY,
                        "%s no longer knows query %s (HTTP %d): the coordinator was restarted or "
                        "dropped it; run it again",
                        label, statement->id ? statement->id : "?", response->status);
            return FALSE;
        }
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "%s has no /v1/statement (HTTP %d); [warehouse] url is not a coordinator",
                    label, response->status);
        return FALSE;
    default:
        http_status_error(response, label, error);
        return FALSE;
    }
}

/* nextUri is the server's own view of itself. Credentials go to the configured origin only; when it
 * is another one, what was followed last stays, so that it can be cancelled. */
static gboolean
take_next_uri(Statement *statement, const cJSON *frame, GError **error)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(frame, "nextUri");
    const char *text = cJSON_GetStringValue(member);
    if (member && !cJSON_IsNull(member) && !text)
        return bad_answer(statement, error, "nextUri is no text");
    g_autoptr(HttpUrl) url = text ? http_url_parse(text, NULL) : NULL;
    if (!text ||
        (url && !url->has_userinfo && http_url_same_origin(url, statement->driver->origin))) {
        g_free(statement->uri);
        statement->uri = g_strdup(text);
        return TRUE;
    }
    g_autofree char *shown = g_strndup(text, 200);
    g_autofree char *valid = g_utf8_make_valid(shown, -1);
    g_set_error(
        error, CREDITBOT_ERROR, ERR_REFUSED,
        "%s sends us on to another place, %s; nothing was sent there. Set [warehouse] url to "
        "that place if it is yours, or have the coordinator told its public name "
        "(http-server.process-forwarded=true behind a proxy)",
        statement->driver->label, valid);
    return FALSE;
}

static gboolean
take_columns(Statement *statement, const cJSON *frame, GError **error)
{
    const cJSON *columns = json_array(frame, "columns"), *column = NULL;
    if (statement->names || cJSON_GetArraySize(columns) <= 0)
        return TRUE;
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) types = g_ptr_array_new_with_free_func(g_free);
    cJSON_ArrayForEach (column, columns) {
        const char *name = json_string(column, "name"), *type = json_string(column, "type");
        if (!name)
            return bad_answer(statement, error, "a column has no name");
        g_ptr_array_add(names, g_strdup(name));
        g_ptr_array_add(types, g_strdup(type ? type : "unknown"));
    }
    statement->width = names->len;
    g_ptr_array_add(names, NULL);
    g_ptr_array_add(types, NULL);
    statement->names = (char **)g_ptr_array_free(g_steal_pointer(&names), FALSE);
    return warehouse_put_columns(statement->run, (const char *const *)statement->names,
                                 (const char *const *)types->pdata, error);
}

static double
percent_of(const cJSON *stats)
{
    const cJSON *told = cJSON_GetObjectItemCaseSensitive(stats, "progressPercentage");
    if (cJSON_IsNumber(told))
        return CLAMP(cJSON_GetNumberValue(told), 0, 100);
    gint64 total = json_int(stats, "totalSplits", 0);
    if (total <= 0 || !json_true(stats, "scheduled"))
        return -1;
    return CLAMP(100.0 * (double)json_int(stats, "completedSplits", 0) / (double)total, 0, 100);
}

static void
tell_progress(const Statement *statement, const cJSON *frame)
{
    const cJSON *stats = json_object(frame, "stats");
    const char *state = json_string(stats, "state");
    WarehouseProgress progress = {
        .query_id = statement->id,
        .state = state ? state : "UNKNOWN",
        .percent = percent_of(stats),
        .rows = json_int(stats, "processedRows", 0),
        .bytes = json_int(stats, "processedBytes", 0),
    };
    warehouse_put_progress(statement->run, &progress);
}

static gboolean
put_row(const char *const *cells, gsize n, void *data, GError **error)
{
    return warehouse_put_row(data, cells, n, error);
}

/* The last page must say that the query is finished: a smaller result is worse than none. */
static gboolean
check_end(const Statement *statement, const cJSON *frame, GError **error)
{
    const char *state = json_string(json_object(frame, "stats"), "state");
    if (state && strcmp(state, "FINISHED") != 0)
        return bad_answer(statement, error,
                          "the result ends before the query does; it was cut on the way");
    if (!statement->names)
        return bad_answer(statement, error, "it finished without ever naming its columns");
    return TRUE;
}

static gboolean
take_page(Statement *statement, HttpResponse *response, GError **error)
{
    g_autoptr(TrinoPage) page = trino_page_new(response->body, response->length, error);
    if (!page)
        return FALSE;
    const char *id = json_string(page->frame, "id");
    if (!statement->id && id) {
        statement->id = g_strdup(id);
        if (statement->run->query_id)
            *statement->run->query_id = g_strdup(id);
    }
    const cJSON *failure = json_object(page->frame, "error");
    if (failure) {
        g_clear_pointer(&statement->uri, g_free); /* it is over there */
        trino_error(failure, statement->driver->label, statement->driver->log, error);
        return FALSE;
    }
    if (!take_next_uri(statement, page->frame, error) ||
        !take_columns(statement, page->frame, error))
        return FALSE;
    tell_progress(statement, page->frame);
    if (page->data && !statement->names)
        return bad_answer(statement, error, "rows came without their columns");
    if (page->data && !trino_page_rows(page, statement->width, put_row, statement->run, error))
        return FALSE;
    return statement->uri || check_end(statement, page->frame, error);
}

/* POST, then GET after GET. On failure the caller cancels. */
static gboolean
follow(Statement *statement, GError **error)
{
    WarehouseRun *run = statement->run;
    g_autofree char *limit = limit_header(statement->driver, run->timeout);
    g_autoptr(HttpResponse) response = exchange_page(statement, run->sql, limit, error);

    while (response) {
        if (!check_status(statement, response, error) || !take_page(statement, response, error))
            return FALSE;
        g_clear_pointer(&response, http_response_free); /* one page at a time */
        if (!statement->uri)
            return TRUE;
        if (cancel_check(run->stop, error))
            return FALSE;
        response = exchange_page(statement, NULL, NULL, error);
    }
    return FALSE;
}

static gboolean
driver_run(void *state, WarehouseRun *run, GError **error)
{
    Statement statement = {.driver = state, .run = run};
    gboolean done = follow(&statement, error);
    if (!done)
        cancel_statement(&statement);
    g_free(statement.id);
    g_free(statement.uri);
    g_strfreev(statement.names);
    return done;
}

/* GET /v1/info: {"nodeVersion":{"version":"435"},…} */
static char *
driver_version(void *state, Cancel *cancel)
{
    const Driver *driver = state;
    g_autofree char *url = g_strconcat(driver->url, "/v1/info", NULL);
    g_autoptr(HttpResponse) response =
        exchange(driver, "GET", url, NULL, NULL, VERSION_LIMIT, cancel, NULL);
    if (!response || response->status != 200)
        return NULL;
    g_autoptr(cJSON) info = json_parse(response->body, response->length, "/v1/info", NULL);
    return g_strdup(json_string(json_object(info, "nodeVersion"), "version"));
}

const WarehouseDriver warehouse_trino = {
    .name = "trino",
    .open = trino_open,
    .close = driver_close,
    .run = driver_run,
    .version = driver_version,
};

const WarehouseDriver warehouse_presto = {
    .name = "presto",
    .open = presto_open,
    .close = driver_close,
    .run = driver_run,
    .version = driver_version,
};
