/* looker.c: the session with Looker: login, the token's life, one authorised GET. */
#include "services/looker_private.h"

#include <string.h>
#include "base/json.h"
#include "base/text.h"

#define EXPIRY_MARGIN (30 * G_TIME_SPAN_SECOND)
#define MESSAGE_MAX   300

struct Looker {
    Http *http;
    Log *log;
    char *api_url, *client_id, *client_secret;
    gint64 timeout;
    GMutex mutex; /* for all below */
    GCond changed;
    gboolean logging_in; /* one thread asks for a token, the others wait for it */
    char *token;
    gint64 renew_at; /* monotonic */
};

Looker *
looker_new(Http *http, const LookerOptions *options, Log *log)
{
    Looker *looker = g_new0(Looker, 1);

    looker->http = http;
    looker->log = log;
    looker->api_url = g_strdup(options->api_url);
    if (g_str_has_suffix(looker->api_url, "/"))
        looker->api_url[strlen(looker->api_url) - 1] = '\0';
    looker->client_id = g_strdup(options->client_id);
    looker->client_secret = g_strdup(options->client_secret);
    looker->timeout = options->timeout;
    g_mutex_init(&looker->mutex);
    g_cond_init(&looker->changed);
    return looker;
}

void
looker_free(Looker *looker)
{
    if (looker == NULL)
        return;
    g_free(looker->api_url);
    text_wipe_free(looker->client_id);
    text_wipe_free(looker->client_secret);
    text_wipe_free(looker->token);
    g_cond_clear(&looker->changed);
    g_mutex_clear(&looker->mutex);
    g_free(looker);
}

void
looker_log(Looker *looker, const char *text)
{
    log_write(looker->log, LOG_LEVEL_WARN, "looker", "%s", text);
}

/* ---- errors ---- */

/* Looker's own words: {"message", "errors":[{"field","message"}]}, without our secrets. NULL when
 * there are none. */
static char *
service_message(Log *log, const HttpResponse *response)
{
    g_autoptr(cJSON) root = json_parse(response->body, response->length, "Looker", NULL);
    const char *message = json_string(root, "message");
    const cJSON *first = cJSON_GetArrayItem(json_array(root, "errors"), 0);
    const char *detail = json_string(first, "message");
    g_autofree char *whole = NULL;

    if (message == NULL)
        return NULL;
    g_autofree char *said = detail ? g_strdup_printf("%s: %s", message, detail) : g_strdup(message);
    whole = log_redact(log, said);
    if (strlen(whole) > MESSAGE_MAX)
        whole[MESSAGE_MAX] = '\0';
    return text_printable(whole, -1, TEXT_LINE);
}

static void
set_status_error(Log *log, const HttpResponse *response, const char *what, GError **error)
{
    g_autofree char *message = service_message(log, response);
    g_autofree char *subject = message ? g_strdup_printf("Looker, %s (it says: %s)", what, message)
                                       : g_strdup_printf("Looker, %s", what);

    if (response->status == 404)
        g_set_error(
            error, CREDITBOT_ERROR, ERR_NOT_FOUND,
            "%s: it does not exist, or the API user may not see it: open the link, and ask a "
            "Looker admin for access to its folder and model",
            subject);
    else if (response->status == 403)
        g_set_error(
            error, CREDITBOT_ERROR, ERR_AUTH,
            "%s: the API user has no right to it: it needs see_looks, see_sql and access to "
            "the model",
            subject);
    else
        http_status_error(response, subject, error);
}

static void
set_login_error(Log *log, const HttpResponse *response, GError **error)
{
    gboolean ours = response->status == 404 || response->status == 401 || response->status == 403 ||
                    response->status == 400;
    g_autofree char *message = service_message(log, response);

    if (!ours)
        http_status_error(response, "Looker login", error);
    else if (message == NULL)
        g_set_error(error, CREDITBOT_ERROR, ERR_AUTH,
                    "Looker login: HTTP %d, and not in Looker's own words: check [looker] api_url "
                    "(https://HOST/api/4.0, older hosts with port 19999)",
                    response->status);
    else
        g_set_error(
            error, CREDITBOT_ERROR, ERR_AUTH,
            "Looker login: HTTP %d (%s): it does not know these API credentials: check "
            "LOOKER_CLIENT_ID and LOOKER_CLIENT_SECRET; an admin makes new ones under Admin > "
            "Users > Edit > API Keys",
            response->status, message);
}

/* ---- the token ---- */

/* A copy of it; what the answer holds of it is wiped. */
static char *
take_out_token(cJSON *root)
{
    cJSON *item = cJSON_GetObjectItemCaseSensitive(root, "access_token");
    char *token;

    if (!cJSON_IsString(item) || *item->valuestring == '\0')
        return NULL;
    token = g_strdup(item->valuestring);
    explicit_bzero(item->valuestring, strlen(item->valuestring));
    return token;
}

static char *
read_token(Looker *looker, const HttpResponse *response, gint64 *renew_at, GError **error)
{
    g_autoptr(cJSON) root = json_parse(response->body, response->length, "Looker login", error);
    char *token = take_out_token(root);
    gint64 lifetime = json_int(root, "expires_in", 0) * G_USEC_PER_SEC;

    if (root == NULL)
        return NULL;
    if (token == NULL) {
        g_set_error(error, CREDITBOT_ERROR, ERR_BAD_ANSWER,
                    "Looker login: the answer has no access_token: check [looker] api_url");
        return NULL;
    }
    if (looker->log != NULL)
        log_secret(looker->log, token);
    *renew_at = g_get_monotonic_time() + MAX(lifetime - EXPIRY_MARGIN, lifetime / 2);
    return token;
}

/* Credentials go in the form body: in a query they would stand in every log on the way. */
static char *
login(Looker *looker, gint64 *renew_at, Cancel *cancel, GError **error)
{
    static const char *const headers[] = {"Content-Type: application/x-www-form-urlencoded",
                                          "Accept: application/json", NULL};
    g_autofree char *url = g_strconcat(looker->api_url, "/login", NULL);
    char *body =
        http_form("client_id", looker->client_id, "client_secret", looker->client_secret, NULL);
    HttpRequest request = {.service = "looker",
                           .method = "POST",
                           .url = url,
                           .headers = headers,
                           .body = body,
                           .body_len = -1,
                           .timeout = looker->timeout};
    g_autoptr(HttpResponse) response = http_send(looker->http, &request, cancel, error);
    char *token = NULL;

    text_wipe_free(body);
    if (response == NULL)
        return NULL;
    if (response->status == 200)
        token = read_token(looker, response, renew_at, error);
    else
        set_login_error(looker->log, response, error);
    explicit_bzero(response->body, response->length);
    return token;
}

/* With the mutex, which it gives up meanwhile. */
static gboolean
renew(Looker *looker, Cancel *cancel, GError **error)
{
    gint64 renew_at = 0;
    char *token;

    looker->logging_in = TRUE;
    g_mutex_unlock(&looker->mutex);
    token = login(looker, &renew_at, cancel, error);
    g_mutex_lock(&looker->mutex);
    looker->logging_in = FALSE;
    g_cond_broadcast(&looker->changed);
    if (token == NULL)
        return FALSE;
    text_wipe_free(looker->token);
    looker->token = token;
    looker->renew_at = renew_at;
    return TRUE;
}

/* A copy of a token that is good as far as we know; stale (may be NULL) is one that Looker refused.
 */
static char *
take_token(Looker *looker, const char *stale, Cancel *cancel, GError **error)
{
    char *token = NULL;
    gboolean good = TRUE;

    g_mutex_lock(&looker->mutex);
    while (good && token == NULL) {
        gboolean fresh = looker->token != NULL && g_get_monotonic_time() < looker->renew_at &&
                         (stale == NULL || strcmp(stale, looker->token) != 0);

        if (fresh) {
            token = g_strdup(looker->token);
        } else if (looker->logging_in) {
            g_cond_wait_until(&looker->changed, &looker->mutex,
                              g_get_monotonic_time() + 100 * G_TIME_SPAN_MILLISECOND);
            good = !cancel_check(cancel, error);
        } else {
            good = renew(looker, cancel, error);
            if (good) /* even if it is the same one, or lives but a moment */
                token = g_strdup(looker->token);
        }
    }
    g_mutex_unlock(&looker->mutex);
    return token;
}

/* ---- one call ---- */

static HttpResponse *
get_with(Looker *looker, const char *token, const char *path, const char *accept, Cancel *cancel,
         GError **error)
{
    g_autofree char *url = g_strconcat(looker->api_url, path, NULL);
    g_autofree char *accept_line = g_strconcat("Accept: ", accept, NULL);
    char *authorization = g_strconcat("Authorization: token ", token, NULL);
    const char *headers[] = {authorization, accept_line, NULL};
    HttpRequest request = {.service = "looker",
                           .method = "GET",
                           .url = url,
                           .headers = headers,
                           .timeout = looker->timeout};
    HttpResponse *response = http_send(looker->http, &request, cancel, error);

    text_wipe_free(authorization);
    return response;
}

HttpResponse *
looker_get(Looker *looker, const char *path, const char *accept, const char *what, Cancel *cancel,
           GError **error)
{
    g_autoptr(HttpResponse) response = NULL;
    char *token = take_token(looker, NULL, cancel, error);

    if (token != NULL)
        response = get_with(looker, token, path, accept, cancel, error);
    if (response != NULL && response->status == 401) {
        char *fresh = take_token(looker, token, cancel, error);

        g_clear_pointer(&response, http_response_free);
        text_wipe_free(token);
        token = fresh;
        if (token != NULL)
            response = get_with(looker, token, path, accept, cancel, error);
    }
    text_wipe_free(token);
    if (response == NULL)
        return NULL;
    if (response->status >= 200 && response->status < 300)
        return g_steal_pointer(&response);
    set_status_error(looker->log, response, what, error);
    return NULL;
}

cJSON *
looker_get_json(Looker *looker, const char *path, const char *what, Cancel *cancel, GError **error)
{
    g_autofree char *source = g_strdup_printf("Looker, %s", what);
    g_autoptr(HttpResponse) response =
        looker_get(looker, path, "application/json", what, cancel, error);
    cJSON *root;

    if (response == NULL)
        return NULL;
    root = json_parse(response->body, response->length, source, error);
    if (root != NULL && !cJSON_IsObject(root)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_BAD_ANSWER, "%s: the answer is not a JSON object",
                    source);
        g_clear_pointer(&root, cJSON_Delete);
    }
    return root;
}

gboolean
looker_check(Looker *looker, char **who, Cancel *cancel, GError **error)
{
    g_autoptr(cJSON) user = looker_get_json(looker, "/user?fields=id,display_name,email",
                                            "the API user", cancel, error);
    const char *name = json_string(user, "display_name");

    if (user == NULL)
        return FALSE;
    if (name == NULL || *name == '\0')
        name = json_string(user, "email");
    *who = name ? g_strdup(name) : json_text(user, "id");
    if (*who == NULL)
        *who = g_strdup("the API user");
    return TRUE;
}
