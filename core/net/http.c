/* http.c: what may be sent where, what may be repeated, what is logged, and the words of the
 * errors. */
#include "net/http.h"

#include <arpa/inet.h>
#include <string.h>
#include "base/error.h"
#include "config.h"
#include "net/curl_api.h"
#include "net/wire.h"
#include "base/failpoint.h"

#define CONNECT_TIMEOUT (10 * G_TIME_SPAN_SECOND)
#define TIMEOUT         (60 * G_TIME_SPAN_SECOND)
#define MAX_BODY        ((gsize)64 << 20)
#define BACKOFF         (500 * G_TIME_SPAN_MILLISECOND)
#define BACKOFF_MAX     (30 * G_TIME_SPAN_SECOND)
#define MAX_RETRY_AFTER (120 * G_TIME_SPAN_SECOND)

struct Http {
    HttpOptions options;
    char *ca_file, *user_agent;
    Log *log;
    Wire *wire;
};

/* One http_send() under way. */
typedef struct {
    Http *http;
    const HttpRequest *request;
    HttpUrl *url;
    char *shown; /* the URL as logs and errors show it */
    Cancel *cancel;
    gint64 started;
    guint attempts;
    WireAnswer answer;
} Exchange;

typedef enum { STEP_DONE, STEP_FAILED, STEP_AGAIN } Step;

Http *
http_new(const HttpOptions *options, Log *log, GError **error)
{
    static const HttpOptions none;
    Http *http;

    if (options == NULL)
        options = &none;
    if (options->ca_file != NULL && !g_file_test(options->ca_file, G_FILE_TEST_IS_REGULAR)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG, "no file with CA certificates at %s",
                    options->ca_file);
        return NULL;
    }
    if (!curl_api_load(error))
        return NULL;
    http = g_new0(Http, 1);
    http->options = *options;
    http->options.connect_timeout =
        options->connect_timeout ? options->connect_timeout : CONNECT_TIMEOUT;
    http->options.timeout = options->timeout ? options->timeout : TIMEOUT;
    http->options.max_body = options->max_body ? options->max_body : MAX_BODY;
    http->options.backoff = options->backoff ? options->backoff : BACKOFF;
    http->options.max_retry_after =
        options->max_retry_after ? options->max_retry_after : MAX_RETRY_AFTER;
    http->ca_file = g_strdup(options->ca_file);
    http->user_agent =
        g_strdup(options->user_agent ? options->user_agent : "creditbot/" PACKAGE_VERSION);
    http->log = log;
    http->wire = wire_new();
    return http;
}

void
http_free(Http *http)
{
    if (http == NULL)
        return;
    wire_free(http->wire);
    g_free(http->ca_file);
    g_free(http->user_agent);
    g_free(http);
}

void
http_response_free(HttpResponse *response)
{
    if (response == NULL)
        return;
    g_free(response->body);
    g_free(response->content_type);
    g_free(response->retry_after);
    g_free(response->www_authenticate);
    g_free(response);
}

/* ---- what is shown ---- */

static gboolean
looks_secret(const char *name)
{
    static const char *const words[] = {"token", "secret", "password",  "passwd",
                                        "key",   "code",   "signature", "credential"};
    g_autofree char *lower = g_ascii_strdown(name, -1);

    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        if (strstr(lower, words[i]) != NULL)
            return TRUE;
    }
    return FALSE;
}

/* The URL without user-info, fragment and the values of parameters that look secret. */
static char *
url_for_people(const HttpUrl *url)
{
    gboolean v6 = strchr(url->host, ':') != NULL;
    gboolean usual = url->port == (strcmp(url->scheme, "https") == 0 ? 443 : 80);
    GString *out = g_string_new(NULL);
    g_auto(GStrv) pairs = NULL;

    g_string_append_printf(out, v6 ? "%s://[%s]" : "%s://%s", url->scheme, url->host);
    if (!usual)
        g_string_append_printf(out, ":%d", url->port);
    g_string_append(out, url->path);
    if (url->query != NULL)
        pairs = g_strsplit(url->query, "&", -1);
    for (guint i = 0; pairs != NULL && pairs[i] != NULL; i++) {
        char *eq = strchr(pairs[i], '=');
        g_autofree char *name =
            eq ? g_strndup(pairs[i], (gsize)(eq - pairs[i])) : g_strdup(pairs[i]);

        g_string_append_c(out, i ? '&' : '?');
        if (eq != NULL && looks_secret(name))
            g_string_append_printf(out, "%s=***", name);
        else
            g_string_append(out, pairs[i]);
    }
    return g_string_free(out, FALSE);
}

static void
log_attempt(const Exchange *x)
{
    const char *area = x->request->service ? x->request->service : "http";
    int ms = (int)(x->answer.elapsed / 1000);

    if (x->answer.outcome == WIRE_ANSWERED)
        log_write(x->http->log, LOG_LEVEL_DEBUG, area, "%s %s: %d in %d ms, attempt %u",
                  x->request->method, x->shown, x->answer.status, ms, x->attempts);
    else
        log_write(x->http->log, LOG_LEVEL_DEBUG, area, "%s %s: %s after %d ms, attempt %u",
                  x->request->method, x->shown, x->answer.reason, ms, x->attempts);
}

/* ---- what may be sent ---- */

static gboolean
is_loopback(const char *host)
{
    struct in_addr v4;

    if (strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0)
        return TRUE;
    return inet_pton(AF_INET, host, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}

static gboolean
check_target(Exchange *x, GError **error)
{
    g_autoptr(GError) why = NULL;
    const char *service = x->request->service ? x->request->service : "http";

    x->url = http_url_parse(x->request->url, &why);
    if (x->url == NULL) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "%s: %s; check its URL in the configuration", service, why->message);
        return FALSE;
    }
    x->shown = url_for_people(x->url);
    if (x->url->has_userinfo) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "%s: %s: user and password do not belong in a URL", service, x->shown);
        return FALSE;
    }
    if (strcmp(x->url->scheme, "http") == 0 && !is_loopback(x->url->host)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "%s: %s: plain http is for this machine only; use https", service, x->shown);
        return FALSE;
    }
    return TRUE;
}

static gboolean
is_token(const char *text)
{
    if (text == NULL || *text == '\0')
        return FALSE;
    for (const char *p = text; *p; p++) {
        if (!g_ascii_isalpha(*p))
            return FALSE;
    }
    return TRUE;
}

/* A line break in a header would let its value write headers of its own. */
static gboolean
check_head(const HttpRequest *request, GError **error)
{
    gboolean good = is_token(request->method);

    for (const char *const *line = request->headers; line != NULL && *line != NULL; line++) {
        for (const unsigned char *p = (const unsigned char *)*line; *p; p++)
            good = good && (*p >= 0x20 || *p == '\t') && *p != 0x7f;
        good = good && strchr(*line, ':') != NULL;
    }
    if (!good)
        g_set_error(error, CREDITBOT_ERROR, ERR_INPUT,
                    "%s: a header or the method holds characters that HTTP does not allow",
                    request->service ? request->service : "http");
    return good;
}

/* ---- what may be repeated ---- */

/* ±50 % around backoff × 2^n, so that many callers do not come back together. */
static gint64
backoff_pause(const Exchange *x)
{
    gint64 pause = x->http->options.backoff;

    for (guint i = 1; i < x->attempts && pause < BACKOFF_MAX; i++)
        pause *= 2;
    pause = MIN(pause, BACKOFF_MAX);
    return pause / 2 + (gint64)(g_random_double() * (double)pause);
}

static void
set_failure(const Exchange *x, GError **error, int code, const char *what, const char *fix)
{
    g_set_error(error, CREDITBOT_ERROR, code, "%s: %s %s: %s%s%s",
                x->request->service ? x->request->service : "http", x->request->method, x->shown,
                what, *fix ? "; " : "", fix);
}

static void
set_cancelled(const Exchange *x, GError **error)
{
    if (x->request->repeat == HTTP_ONCE && x->answer.outcome == WIRE_CANCELLED && x->answer.sent)
        set_failure(x, error, ERR_UNCLEAR, "stopped after it was sent",
                    "whether it had its effect is not known");
    else
        set_failure(x, error, ERR_CANCELLED, "stopped before it was done", "");
}

/* Sleeps before the next attempt. */
static Step
pause_for(const Exchange *x, gint64 usec, GError **error)
{
    if (!wire_sleep(x->http->wire, usec, x->cancel))
        return STEP_AGAIN;
    set_failure(x, error, ERR_CANCELLED, "stopped while it waited to try again", "");
    return STEP_FAILED;
}

static Step
after_rate_limit(const Exchange *x, GError **error)
{
    gint64 wait = 0;
    gboolean told = x->answer.retry_after != NULL && wire_retry_after(x->answer.retry_after, &wait);

    if (told && wait > x->http->options.max_retry_after) {
        g_autofree char *what = g_strdup_printf("the service asks to wait %d s, longer than we may",
                                                (int)(wait / G_USEC_PER_SEC));

        set_failure(x, error, ERR_RATE, what, "try again later");
        return STEP_FAILED;
    }
    if (x->attempts > x->http->options.retries)
        return STEP_DONE;
    if (!told)
        wait = backoff_pause(x);
    else /* not before, and not all at once */
        wait += (gint64)(g_random_double() * 0.1 * (double)x->http->options.backoff);
    return pause_for(x, wait, error);
}

static Step
after_answer(const Exchange *x, GError **error)
{
    int status = x->answer.status;

    if (status >= 300 && status < 400 && status != 304) {
        set_failure(x, error, ERR_REFUSED, "redirects are not followed",
                    "check the service's URL in the configuration");
        return STEP_FAILED;
    }
    if (status == 429)
        return after_rate_limit(x, error);
    if (status >= 502 && status <= 504 && x->request->repeat == HTTP_REPEATABLE &&
        x->attempts <= x->http->options.retries) {
        gint64 wait = 0;

        if (x->answer.retry_after == NULL || !wire_retry_after(x->answer.retry_after, &wait) ||
            wait > x->http->options.max_retry_after)
            wait = 0;
        return pause_for(x, MAX(wait, backoff_pause(x)), error);
    }
    return STEP_DONE;
}

static const struct {
    int code;           /* for what may be repeated */
    gboolean transient; /* another attempt may help */
    const char *fix;
} failures[] = {
    [WIRE_UNREACHABLE] = {ERR_UNREACHABLE, TRUE, "check the network, the host name and the proxy"},
    [WIRE_UNTRUSTED] =
        {ERR_UNREACHABLE, FALSE,
         "the server's certificate is not trusted: check the host name, the clock and "
         "the CA certificates"},
    [WIRE_TIMEOUT] = {ERR_UNREACHABLE, TRUE, "the service is slow or out of reach"},
    [WIRE_BROKEN] = {ERR_UNREACHABLE, TRUE, "the connection was lost"},
    [WIRE_TOO_LARGE] = {ERR_BAD_ANSWER, FALSE, "the answer is larger than we accept"},
    [WIRE_NOT_HTTP] = {ERR_BAD_ANSWER, FALSE, "check that the URL is the service's"},
    [WIRE_MISUSE] = {ERR_CONFIG, FALSE, "check the service's URL in the configuration"},
};

static Step
after_failure(const Exchange *x, GError **error)
{
    WireOutcome outcome = x->answer.outcome;
    gboolean once = x->request->repeat == HTTP_ONCE;
    int code = failures[outcome].code;

    if (failures[outcome].transient && !(once && x->answer.sent) &&
        x->attempts <= x->http->options.retries)
        return pause_for(x, backoff_pause(x), error);
    if (once && x->answer.sent && code != ERR_BAD_ANSWER)
        set_failure(x, error, ERR_UNCLEAR, x->answer.reason,
                    "it was sent, whether it had its effect is not known");
    else
        set_failure(x, error, code, x->answer.reason, failures[outcome].fix);
    return STEP_FAILED;
}

/* ---- one call ---- */

static Step
attempt(Exchange *x, GError **error)
{
    const HttpOptions *options = &x->http->options;
    const HttpRequest *request = x->request;
    WireRequest wire = {
        .method = request->method,
        .url = request->url,
        .headers = request->headers,
        .body = request->body,
        .body_len = request->body == NULL    ? 0
                    : request->body_len >= 0 ? (gsize)request->body_len
                                             : strlen(request->body),
        .user = request->user,
        .password = request->password,
        .ca_file = x->http->ca_file,
        .user_agent = x->http->user_agent,
        .connect_timeout = options->connect_timeout,
        .timeout = request->timeout ? request->timeout : options->timeout,
        .max_body = request->max_body ? request->max_body : options->max_body,
        .fresh = request->repeat == HTTP_ONCE,
        .loopback = is_loopback(x->url->host),
    };

    wire_answer_clear(&x->answer);
    failpoint("http:before-send");
    wire_exchange(x->http->wire, &wire, x->cancel, &x->answer);
    failpoint("http:after-answer");
    x->attempts++;
    log_attempt(x);
    if (x->answer.outcome == WIRE_ANSWERED)
        return after_answer(x, error);
    if (x->answer.outcome == WIRE_CANCELLED) {
        set_cancelled(x, error);
        return STEP_FAILED;
    }
    return after_failure(x, error);
}

static HttpResponse *
take_response(Exchange *x)
{
    HttpResponse *response = g_new0(HttpResponse, 1);

    response->status = x->answer.status;
    response->length = x->answer.length;
    response->body = g_steal_pointer(&x->answer.body);
    response->content_type = g_steal_pointer(&x->answer.content_type);
    response->retry_after = g_steal_pointer(&x->answer.retry_after);
    response->www_authenticate = g_steal_pointer(&x->answer.www_authenticate);
    response->elapsed = g_get_monotonic_time() - x->started;
    response->attempts = x->attempts;
    return response;
}

HttpResponse *
http_send(Http *http, const HttpRequest *request, Cancel *cancel, GError **error)
{
    Exchange x = {
        .http = http, .request = request, .cancel = cancel, .started = g_get_monotonic_time()};
    HttpResponse *response = NULL;
    Step step = STEP_FAILED;

    wire_enter(http->wire);
    if (check_head(request, error) && check_target(&x, error)) {
        do
            step = attempt(&x, error);
        while (step == STEP_AGAIN);
    }
    if (step == STEP_DONE)
        response = take_response(&x);
    wire_answer_clear(&x.answer);
    http_url_free(x.url);
    g_free(x.shown);
    wire_leave(http->wire);
    return response;
}

void
http_status_error(const HttpResponse *response, const char *what, GError **error)
{
    static const struct {
        int low, high, code;
        const char *fix;
    } statuses[] = {
        {401, 401, ERR_AUTH, "it does not accept our credentials: check them in the configuration"},
        {403, 403, ERR_AUTH,
         "our account has no right to this: ask an administrator of the service"},
        {404, 404, ERR_NOT_FOUND, "it does not exist there, or our account may not see it"},
        {408, 408, ERR_BUSY, "the service gave up waiting for us; try again later"},
        {429, 429, ERR_RATE, "the service asks us to slow down; try again later"},
        {500, 599, ERR_BUSY, "the service has a failure of its own; try again later"},
        {0, 999, ERR_REFUSED, "the service refuses the request"},
    };
    gsize i = 0;

    while (response->status < statuses[i].low || response->status > statuses[i].high) {
        if (++i == G_N_ELEMENTS(statuses) - 1)
            break;
    }
    g_set_error(error, CREDITBOT_ERROR, statuses[i].code, "%s: HTTP %d: %s", what, response->status,
                statuses[i].fix);
}
