/* test_http.c: what is repeated, what is refused, what an ended connection means, cancel,
 * parallelism. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include "base/error.h"
#include "net/http.h"
#include "tests/unit/net/fake_http.h"

typedef struct {
    FakeHttp *fake;
    Http *http;
    Log *log;
    GString *lines;
    GMutex lock;
    GCond logged;
} Fixture;

static void
on_line(const LogLine *line, void *data)
{
    Fixture *f = data;

    g_mutex_lock(&f->lock);
    g_string_append_printf(f->lines, "%s: %s\n", line->area, line->message);
    g_cond_broadcast(&f->logged);
    g_mutex_unlock(&f->lock);
}

static int
setup(void **state)
{
    HttpOptions options = {
        .retries = 3, .backoff = 1000, .max_retry_after = 3 * G_TIME_SPAN_SECOND};
    Fixture *f = g_new0(Fixture, 1);

    g_mutex_init(&f->lock);
    g_cond_init(&f->logged);
    f->lines = g_string_new(NULL);
    f->log = log_new(NULL);
    log_set_level(f->log, LOG_TRACE);
    log_to_sink(f->log, on_line, f);
    f->fake = fake_http_new();
    f->http = http_new(&options, f->log, NULL);
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    Fixture *f = *state;

    http_free(f->http);
    fake_http_free(f->fake);
    log_free(f->log);
    g_string_free(f->lines, TRUE);
    g_mutex_clear(&f->lock);
    g_cond_clear(&f->logged);
    g_free(f);
    return 0;
}

static HttpResponse *
call(Fixture *f, const char *path, HttpRepeat repeat, Cancel *cancel, GError **error)
{
    g_autofree char *url = g_strconcat(fake_http_url(f->fake), path, NULL);
    HttpRequest request = {.service = "test",
                           .method = repeat == HTTP_ONCE ? "POST" : "GET",
                           .url = url,
                           .body = repeat == HTTP_ONCE ? "x=1" : NULL,
                           .body_len = -1,
                           .repeat = repeat};

    return http_send(f->http, &request, cancel, error);
}

#define assert_code(error, expected)                                                               \
    do {                                                                                           \
        assert_non_null(error);                                                                    \
        assert_string_equal(error_code_name((error)->code), error_code_name(expected));            \
    } while (0)

static void
test_answers(void **state)
{
    Fixture *f = *state;
    g_autoptr(HttpResponse) response = NULL;
    g_autofree char *seen = NULL;

    fake_http_reply(f->fake, (FakeReply){.status = 404,
                                         .body = "{\"a\":1}",
                                         .headers = "content-TYPE: application/json\r\n"
                                                    "WWW-Authenticate: Basic realm=\"x\"\r\n"});
    response = call(f, "/a?b=c", HTTP_REPEATABLE, NULL, NULL);
    assert_non_null(response);
    assert_int_equal(response->status, 404);
    assert_string_equal(response->body, "{\"a\":1}");
    assert_int_equal(response->length, 7);
    assert_string_equal(response->content_type, "application/json");
    assert_string_equal(response->www_authenticate, "Basic realm=\"x\"");
    assert_null(response->retry_after);
    assert_int_equal(response->attempts, 1);
    seen = fake_http_request(f->fake, 0);
    assert_true(g_str_has_prefix(seen, "GET /a?b=c HTTP/1.1\r\n"));
    assert_non_null(strstr(seen, "User-Agent: creditbot/"));
}

static void
test_sends_method_body_and_headers(void **state)
{
    Fixture *f = *state;
    static const char *const headers[] = {"X-One: 1", "Content-Type: text/plain", NULL};
    static const char *const methods[] = {"POST", "PUT", "DELETE", "PATCH"};

    fake_http_reply(f->fake, (FakeReply){.body = "ok"});
    for (guint i = 0; i < G_N_ELEMENTS(methods); i++) {
        g_autofree char *url = g_strconcat(fake_http_url(f->fake), "/m", NULL);
        HttpRequest request = {.method = methods[i],
                               .url = url,
                               .headers = headers,
                               .body = i == 2 ? NULL : "SELECT 1 and more",
                               .body_len = 8,
                               .user = "alice",
                               .password = "pass:word"};
        g_autoptr(HttpResponse) response = http_send(f->http, &request, NULL, NULL);
        g_autofree char *seen = fake_http_request(f->fake, i);

        assert_non_null(response);
        assert_true(g_str_has_prefix(seen, methods[i]));
        assert_non_null(strstr(seen, "X-One: 1\r\n"));
        assert_non_null(strstr(seen, "Content-Type: text/plain\r\n"));
        assert_non_null(strstr(seen, "Authorization: Basic YWxpY2U6cGFzczp3b3Jk\r\n"));
        assert_null(strstr(seen, "Expect"));
        assert_true(g_str_has_suffix(seen, i == 2 ? "\r\n\r\n" : "\r\n\r\nSELECT 1"));
    }
}

static void
test_retries_503_then_succeeds(void **state)
{
    Fixture *f = *state;
    g_autoptr(HttpResponse) response = NULL;

    fake_http_reply(f->fake, (FakeReply){.status = 503, .times = 1});
    fake_http_reply(f->fake, (FakeReply){.status = 502, .times = 1});
    fake_http_reply(f->fake, (FakeReply){.status = 504, .times = 1});
    fake_http_reply(f->fake, (FakeReply){.body = "at last"});
    response = call(f, "/", HTTP_REPEATABLE, NULL, NULL);
    assert_int_equal(response->status, 200);
    assert_int_equal(response->attempts, 4);
}

static void
test_retries_end_with_the_answer(void **state)
{
    Fixture *f = *state;
    g_autoptr(HttpResponse) response = NULL;

    fake_http_reply(f->fake, (FakeReply){.status = 503, .body = "down"});
    response = call(f, "/", HTTP_REPEATABLE, NULL, NULL);
    assert_int_equal(response->status, 503);
    assert_int_equal(response->attempts, 4);
    assert_int_equal(fake_http_count(f->fake, NULL), 4);
}

static void
test_500_is_not_repeated(void **state)
{
    Fixture *f = *state;
    g_autoptr(HttpResponse) response = NULL;

    fake_http_reply(f->fake, (FakeReply){.status = 500});
    response = call(f, "/", HTTP_REPEATABLE, NULL, NULL);
    assert_int_equal(response->status, 500);
    assert_int_equal(fake_http_count(f->fake, NULL), 1);
}

static void
test_once_is_not_repeated_after_5xx(void **state)
{
    Fixture *f = *state;
    g_autoptr(HttpResponse) response = NULL;

    fake_http_reply(f->fake, (FakeReply){.status = 503});
    response = call(f, "/", HTTP_ONCE, NULL, NULL);
    assert_int_equal(response->status, 503);
    assert_int_equal(fake_http_count(f->fake, NULL), 1);
}

static void
test_429_is_repeated_for_both(void **state)
{
    Fixture *f = *state;

    for (int repeat = HTTP_REPEATABLE; repeat <= HTTP_ONCE; repeat++) {
        g_autoptr(HttpResponse) response = NULL;

        fake_http_forget(f->fake);
        fake_http_reply(f->fake,
                        (FakeReply){.status = 429, .times = 2, .headers = "retry-after: 0\r\n"});
        fake_http_reply(f->fake, (FakeReply){.body = "ok"});
        response = call(f, "/", (HttpRepeat)repeat, NULL, NULL);
        assert_int_equal(response->status, 200);
        assert_int_equal(response->attempts, 3);
    }
}

static void
test_retry_after_is_honoured(void **state)
{
    Fixture *f = *state;
    g_autoptr(HttpResponse) response = NULL;
    gint64 started = g_get_monotonic_time();

    fake_http_reply(f->fake,
                    (FakeReply){.status = 429, .times = 1, .headers = "Retry-After: 1\r\n"});
    fake_http_reply(f->fake, (FakeReply){.body = "ok"});
    response = call(f, "/", HTTP_REPEATABLE, NULL, NULL);
    assert_int_equal(response->status, 200);
    assert_true(g_get_monotonic_time() - started >= G_USEC_PER_SEC);
    assert_true(response->elapsed >= G_USEC_PER_SEC);
}

static void
test_long_retry_after_is_an_error(void **state)
{
    Fixture *f = *state;
    static const char *const headers[] = {"Retry-After: 3600\r\n",
                                          "Retry-After: Fri, 31 Dec 2100 23:59:59 GMT\r\n"};

    for (guint i = 0; i < G_N_ELEMENTS(headers); i++) {
        g_autoptr(GError) error = NULL;

        fake_http_forget(f->fake);
        fake_http_reply(f->fake, (FakeReply){.status = 429, .headers = headers[i]});
        assert_null(call(f, "/", HTTP_ONCE, NULL, &error));
        assert_code(error, ERR_RATE);
        assert_int_equal(fake_http_count(f->fake, NULL), 1);
    }
}

static void
test_date_in_the_past_waits_nothing(void **state)
{
    Fixture *f = *state;
    g_autoptr(HttpResponse) response = NULL;

    fake_http_reply(f->fake,
                    (FakeReply){.status = 429,
                                .times = 1,
                                .headers = "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n"});
    fake_http_reply(f->fake, (FakeReply){.body = "ok"});
    response = call(f, "/", HTTP_ONCE, NULL, NULL);
    assert_int_equal(response->status, 200);
    assert_true(response->elapsed < G_USEC_PER_SEC);
}

static void
test_lost_answers(void **state)
{
    Fixture *f = *state;
    static const FakeFault faults[] = {FAKE_CLOSE, FAKE_RESET, FAKE_CUT};

    for (guint i = 0; i < G_N_ELEMENTS(faults); i++) {
        g_autoptr(GError) once = NULL;
        g_autoptr(GError) often = NULL;
        g_autoptr(HttpResponse) response = NULL;
        FakeReply fault = {.fault = faults[i], .body = "a body that is cut in two"};

        fake_http_forget(f->fake);
        fake_http_reply(f->fake, fault);
        assert_null(call(f, "/once", HTTP_ONCE, NULL, &once));
        assert_code(once, ERR_UNCLEAR);
        assert_int_equal(fake_http_count(f->fake, NULL), 1);
        assert_null(call(f, "/often", HTTP_REPEATABLE, NULL, &often));
        assert_code(often, ERR_UNREACHABLE);
        assert_true(error_is_transient(often));
        /* 5: libcurl itself repeats what a kept connection swallowed. */
        assert_in_range(fake_http_count(f->fake, "/often"), 4, 5);

        fake_http_forget(f->fake);
        fault.times = 2;
        fake_http_reply(f->fake, fault);
        fake_http_reply(f->fake, (FakeReply){.body = "whole"});
        response = call(f, "/", HTTP_REPEATABLE, NULL, NULL);
        assert_string_equal(response->body, "whole");
    }
}

/* A kept connection that the server closes as the post arrives: libcurl would repeat it by itself.
 */
static void
test_once_never_rides_a_stale_connection(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(HttpResponse) first = NULL;

    fake_http_reply(f->fake, (FakeReply){.match = "GET", .body = "ok"});
    fake_http_reply(f->fake, (FakeReply){.match = "POST", .fault = FAKE_CLOSE});
    first = call(f, "/", HTTP_REPEATABLE, NULL, NULL);
    assert_non_null(first);
    assert_null(call(f, "/", HTTP_ONCE, NULL, &error));
    assert_code(error, ERR_UNCLEAR);
    assert_int_equal(fake_http_count(f->fake, "POST"), 1);
    assert_int_equal(fake_http_connections(f->fake), 2);
}

static void
test_never_connected(void **state)
{
    Fixture *f = *state;

    for (int repeat = HTTP_REPEATABLE; repeat <= HTTP_ONCE; repeat++) {
        g_autofree char *url = g_strdup_printf("http://127.0.0.1:%d/x", fake_http_dead_port());
        HttpRequest request = {.method = "POST",
                               .url = url,
                               .body = "x",
                               .body_len = -1,
                               .repeat = (HttpRepeat)repeat};
        g_autoptr(GError) error = NULL;

        g_mutex_lock(&f->lock);
        g_string_truncate(f->lines, 0);
        g_mutex_unlock(&f->lock);
        assert_null(http_send(f->http, &request, NULL, &error));
        assert_code(error, ERR_UNREACHABLE);
        assert_non_null(strstr(f->lines->str, "attempt 4"));
    }
}

static void
test_tls_to_a_plain_server_is_unreachable(void **state)
{
    Fixture *f = *state;
    g_autofree char *url = g_strdup_printf("https%s/", fake_http_url(f->fake) + 4);
    HttpRequest request = {.method = "POST",
                           .url = url,
                           .body = "x",
                           .body_len = -1,
                           .repeat = HTTP_ONCE,
                           .timeout = G_USEC_PER_SEC / 5};
    g_autoptr(GError) error = NULL;

    /* The scripted server waits for a request that never ends; the handshake times out or fails. */
    assert_null(http_send(f->http, &request, NULL, &error));
    assert_code(error, ERR_UNREACHABLE);
}

static void
test_slow_answers_time_out(void **state)
{
    Fixture *f = *state;
    g_autofree char *url = g_strconcat(fake_http_url(f->fake), "/", NULL);
    static const FakeFault faults[] = {FAKE_DRIP, FAKE_HANG};

    for (guint i = 0; i < G_N_ELEMENTS(faults); i++) {
        HttpRequest request = {.method = "POST",
                               .url = url,
                               .body = "x",
                               .body_len = -1,
                               .repeat = HTTP_ONCE,
                               .timeout = 150 * G_TIME_SPAN_MILLISECOND};
        HttpOptions options = {.retries = 0};
        g_autoptr(Http) single = http_new(&options, NULL, NULL);
        g_autoptr(GError) once = NULL;
        g_autoptr(GError) often = NULL;

        fake_http_forget(f->fake);
        fake_http_reply(f->fake, (FakeReply){.fault = faults[i]});
        assert_null(http_send(single, &request, NULL, &once));
        assert_code(once, ERR_UNCLEAR);
        request.repeat = HTTP_REPEATABLE;
        assert_null(http_send(single, &request, NULL, &often));
        assert_code(often, ERR_UNREACHABLE);
    }
}

static void
test_body_limit(void **state)
{
    Fixture *f = *state;
    static char body[100001]; /* the server may still send when the test is over */
    g_autofree char *url = g_strconcat(fake_http_url(f->fake), "/", NULL);
    HttpRequest request = {.method = "GET", .url = url, .max_body = 99999};
    g_autoptr(GError) error = NULL;
    g_autoptr(HttpResponse) fits = NULL;
    memset(body, 'x', sizeof body - 1);

    fake_http_reply(f->fake, (FakeReply){.body = body});
    assert_null(http_send(f->http, &request, NULL, &error));
    assert_code(error, ERR_BAD_ANSWER);
    request.max_body = 100000;
    fits = http_send(f->http, &request, NULL, NULL);
    assert_int_equal(fits->length, 100000);
}

static void
test_body_limit_without_a_length(void **state)
{
    Fixture *f = *state;
    g_autofree char *url = g_strconcat(fake_http_url(f->fake), "/", NULL);
    HttpRequest request = {.method = "GET", .url = url, .max_body = 5};
    g_autoptr(GError) error = NULL;
    g_autoptr(HttpResponse) fits = NULL;

    fake_http_reply(f->fake, (FakeReply){.headers = "Transfer-Encoding: chunked\r\n",
                                         .body = "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"});
    assert_null(http_send(f->http, &request, NULL, &error));
    assert_code(error, ERR_BAD_ANSWER);
    request.max_body = 6;
    fits = http_send(f->http, &request, NULL, NULL);
    assert_string_equal(fits->body, "abcdef");
}

static void
test_not_http(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;

    fake_http_reply(f->fake, (FakeReply){.fault = FAKE_GARBAGE});
    assert_null(call(f, "/", HTTP_REPEATABLE, NULL, &error));
    assert_code(error, ERR_BAD_ANSWER);
}

/* A proxy is asked for the way and told nothing else; what is on this machine needs none. */
static void
test_a_proxy_learns_no_credential(void **state)
{
    Fixture *f = *state;
    static const char *const headers[] = {"Authorization: Bearer hunter2hunter2", NULL};
    HttpRequest request = {.method = "POST",
                           .url = "https://slack.example.com/api/auth.test",
                           .headers = headers,
                           .body = "secret=hunter2hunter2",
                           .body_len = -1,
                           .repeat = HTTP_ONCE,
                           .user = "presto",
                           .password = "hunter2hunter2"};
    g_autoptr(GError) error = NULL;

    fake_http_reply(f->fake, (FakeReply){.match = "CONNECT", .status = 403});
    fake_http_reply(f->fake, (FakeReply){.match = "GET /"});
    g_setenv("https_proxy", fake_http_url(f->fake), TRUE);
    g_setenv("http_proxy", "http://127.0.0.1:1", TRUE);
    assert_null(http_send(f->http, &request, NULL, &error));
    g_autoptr(HttpResponse) near = call(f, "/", HTTP_REPEATABLE, NULL, NULL);
    g_unsetenv("https_proxy");
    g_unsetenv("http_proxy");
    assert_non_null(near);
    assert_int_equal(fake_http_count(f->fake, "CONNECT slack.example.com:443 "), 1);
    assert_int_equal(fake_http_count(f->fake, "uthorization"), 0);
    assert_int_equal(fake_http_count(f->fake, "hunter2"), 0);
    assert_null(strstr(error->message, "hunter2"));
}

/* What is no http at all is never sent, wherever it would go. */
static void
test_other_protocols_are_refused(void **state)
{
    Fixture *f = *state;
    static const char *const urls[] = {"file:///etc/passwd",
                                       "ftp://127.0.0.1/x",
                                       "gopher://127.0.0.1:1/x",
                                       "dict://127.0.0.1/x",
                                       "smb://127.0.0.1/x",
                                       "ldap://127.0.0.1/x",
                                       "HTTP+unix://x/",
                                       "https:127.0.0.1",
                                       "http://127.1/",
                                       "http://127.0.0.1.example.com/",
                                       "http://0x7f000001/",
                                       "http://0.0.0.0/",
                                       "http://[::]/",
                                       "http://[::ffff:127.0.0.1]/",
                                       "http://slack.example.com",
                                       "http://localhost.example.com/"};

    for (guint i = 0; i < G_N_ELEMENTS(urls); i++) {
        HttpRequest request = {.method = "GET", .url = urls[i]};
        g_autoptr(GError) error = NULL;
        g_autoptr(HttpResponse) response = http_send(f->http, &request, NULL, &error);

        if (response != NULL || !g_error_matches(error, CREDITBOT_ERROR, ERR_CONFIG))
            fail_msg("%s: %s", urls[i], error ? error->message : "was sent");
    }
}

static void
test_redirects_are_refused(void **state)
{
    Fixture *f = *state;
    static const int statuses[] = {301, 302, 303, 307, 308};

    for (guint i = 0; i < G_N_ELEMENTS(statuses); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *location =
            g_strdup_printf("Location: %s/elsewhere\r\n", fake_http_url(f->fake));

        fake_http_forget(f->fake);
        fake_http_reply(f->fake, (FakeReply){.status = statuses[i], .headers = location});
        assert_null(call(f, "/", HTTP_REPEATABLE, NULL, &error));
        assert_code(error, ERR_REFUSED);
        assert_non_null(strstr(error->message, "redirects are not followed"));
        assert_int_equal(fake_http_count(f->fake, NULL), 1);
    }
}

static void
test_refused_before_sending(void **state)
{
    Fixture *f = *state;
    static const char *const urls[] = {
        "http://example.com/",      "http://10.0.0.1/",       "http://localhost.example.com/",
        "http://127.0.0.1.nip.io/", "https://u:p@127.0.0.1/", "ftp://127.0.0.1/",
        "file:///etc/passwd",       "http://127.0.0.1\\@x/",  "http://[::2]/",
    };
    static const char *const bad_header[] = {"X: 1\r\nY: 2", NULL};
    g_autofree char *good = g_strconcat(fake_http_url(f->fake), "/", NULL);
    HttpRequest injected = {.method = "GET", .url = good, .headers = bad_header};
    HttpRequest method = {.method = "GET /x HTTP/1.1\r\nA:", .url = good};
    g_autoptr(GError) header_error = NULL;
    g_autoptr(GError) method_error = NULL;

    for (guint i = 0; i < G_N_ELEMENTS(urls); i++) {
        HttpRequest request = {.method = "GET", .url = urls[i]};
        g_autoptr(GError) error = NULL;

        assert_null(http_send(f->http, &request, NULL, &error));
        assert_code(error, ERR_CONFIG);
        assert_null(strstr(error->message, "u:p"));
    }
    assert_null(http_send(f->http, &injected, NULL, &header_error));
    assert_code(header_error, ERR_INPUT);
    assert_null(http_send(f->http, &method, NULL, &method_error));
    assert_code(method_error, ERR_INPUT);
    assert_int_equal(fake_http_count(f->fake, NULL), 0);
}

/* ---- cancel ---- */

typedef struct {
    Fixture *f;
    Cancel *cancel;
    HttpRepeat repeat;
    GError *error;
    HttpResponse *response;
    gint64 ended;
} Job;

static gpointer
run_job(gpointer data)
{
    Job *job = data;

    job->response = call(job->f, "/job", job->repeat, job->cancel, &job->error);
    job->ended = g_get_monotonic_time();
    return NULL;
}

static gboolean
wait_for_line(Fixture *f, const char *part)
{
    gint64 end = g_get_monotonic_time() + 5 * G_TIME_SPAN_SECOND;
    gboolean there;

    g_mutex_lock(&f->lock);
    while (strstr(f->lines->str, part) == NULL && g_cond_wait_until(&f->logged, &f->lock, end))
        ;
    there = strstr(f->lines->str, part) != NULL;
    g_mutex_unlock(&f->lock);
    return there;
}

static void
cancel_in_flight(Fixture *f, HttpRepeat repeat, const char *line, int expected)
{
    g_autoptr(Cancel) cancel = cancel_new();
    Job job = {.f = f, .cancel = cancel, .repeat = repeat};
    GThread *thread = g_thread_new("job", run_job, &job);
    gint64 fired;

    assert_true(fake_http_wait(f->fake, 1));
    assert_true(wait_for_line(f, line));
    fired = g_get_monotonic_time();
    cancel_fire(cancel);
    g_thread_join(thread);
    assert_null(job.response);
    assert_code(job.error, expected);
    assert_true(job.ended - fired < 200 * G_TIME_SPAN_MILLISECOND);
    g_error_free(job.error);
    fake_http_forget(f->fake);
}

static void
test_cancel_is_fast(void **state)
{
    Fixture *f = *state;

    fake_http_reply(f->fake, (FakeReply){.fault = FAKE_HANG});
    cancel_in_flight(f, HTTP_REPEATABLE, "", ERR_CANCELLED);
    fake_http_reply(f->fake, (FakeReply){.fault = FAKE_HANG});
    cancel_in_flight(f, HTTP_ONCE, "", ERR_UNCLEAR);
    fake_http_reply(f->fake, (FakeReply){.fault = FAKE_DRIP});
    cancel_in_flight(f, HTTP_REPEATABLE, "", ERR_CANCELLED);
    fake_http_reply(f->fake, (FakeReply){.status = 429, .headers = "Retry-After: 3\r\n"});
    cancel_in_flight(f, HTTP_ONCE, ": 429 in ", ERR_CANCELLED);
}

static void
test_cancel_before(void **state)
{
    Fixture *f = *state;
    g_autoptr(Cancel) cancel = cancel_new();
    g_autoptr(GError) error = NULL;

    cancel_fire(cancel);
    assert_null(call(f, "/", HTTP_ONCE, cancel, &error));
    assert_code(error, ERR_CANCELLED);
    assert_int_equal(fake_http_count(f->fake, NULL), 0);
}

static void
test_free_ends_calls(void **state)
{
    Fixture *f = *state;
    Job job = {.f = f, .repeat = HTTP_REPEATABLE};
    GThread *thread;

    fake_http_reply(f->fake, (FakeReply){.fault = FAKE_HANG});
    thread = g_thread_new("job", run_job, &job);
    assert_true(fake_http_wait(f->fake, 1));
    http_free(f->http);
    g_thread_join(thread);
    assert_code(job.error, ERR_CANCELLED);
    g_error_free(job.error);
    f->http = NULL;
}

/* ---- many at once ---- */

static gint64
run_jobs(Fixture *f, guint count)
{
    g_autofree Job *jobs = g_new0(Job, count);
    g_autofree GThread **threads = g_new0(GThread *, count);
    gint64 started = g_get_monotonic_time();
    gint64 ended;

    for (guint i = 0; i < count; i++) {
        jobs[i].f = f;
        threads[i] = g_thread_new("job", run_job, &jobs[i]);
    }
    for (guint i = 0; i < count; i++)
        g_thread_join(threads[i]);
    ended = g_get_monotonic_time();
    for (guint i = 0; i < count; i++) {
        assert_non_null(jobs[i].response);
        assert_int_equal(jobs[i].response->status, 200);
        http_response_free(jobs[i].response);
    }
    return ended - started;
}

static void
test_parallel(void **state)
{
    /* memcheck runs one thread at a time. */
    gint64 limit = (g_getenv("CREDITBOT_VALGRIND") ? 20 : 1) * 300 * G_TIME_SPAN_MILLISECOND;
    Fixture *f = *state;

    fake_http_reply(f->fake, (FakeReply){.body = "ok", .delay_ms = 100});
    assert_true(run_jobs(f, 8) < limit);
    assert_int_equal(fake_http_count(f->fake, NULL), 8);
    run_jobs(f, 64);
    assert_int_equal(fake_http_count(f->fake, NULL), 72);
}

static void
test_connections_are_kept(void **state)
{
    Fixture *f = *state;

    fake_http_reply(f->fake, (FakeReply){.body = "ok"});
    for (int i = 0; i < 20; i++) {
        g_autoptr(HttpResponse) response = call(f, "/", HTTP_REPEATABLE, NULL, NULL);

        assert_int_equal(response->status, 200);
    }
    assert_int_equal(fake_http_connections(f->fake), 1);
}

/* ---- what is logged ---- */

static void
test_log_hides_secrets(void **state)
{
    Fixture *f = *state;
    static const char *const headers[] = {"Authorization: Bearer xoxb-very-hidden", NULL};
    g_autofree char *url =
        g_strconcat(fake_http_url(f->fake),
                    "/api?cursor=abc&access_token=hidden1&CODE=hidden2&q#hidden3", NULL);
    HttpRequest request = {.service = "slack",
                           .method = "POST",
                           .url = url,
                           .headers = headers,
                           .body = "client_secret=hidden4",
                           .body_len = -1,
                           .user = "u",
                           .password = "hidden5"};
    g_autoptr(HttpResponse) response = NULL;

    fake_http_reply(f->fake, (FakeReply){.body = "hidden6"});
    response = http_send(f->http, &request, NULL, NULL);
    assert_non_null(response);
    assert_null(strstr(f->lines->str, "hidden"));
    assert_true(g_str_has_prefix(f->lines->str, "slack: POST http://127.0.0.1:"));
    assert_non_null(strstr(f->lines->str, "/api?cursor=abc&access_token=***&CODE=***&q: 200 in "));
    assert_non_null(strstr(f->lines->str, "attempt 1"));
}

static void
test_status_errors(void **state)
{
    static const struct {
        int status, code;
    } cases[] = {{401, ERR_AUTH},    {403, ERR_AUTH},    {404, ERR_NOT_FOUND}, {408, ERR_BUSY},
                 {429, ERR_RATE},    {500, ERR_BUSY},    {503, ERR_BUSY},      {599, ERR_BUSY},
                 {400, ERR_REFUSED}, {422, ERR_REFUSED}, {204, ERR_REFUSED}};

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        HttpResponse response = {.status = cases[i].status};
        g_autoptr(GError) error = NULL;

        http_status_error(&response, "Thing", &error);
        assert_code(error, cases[i].code);
        assert_true(g_str_has_prefix(error->message, "Thing: HTTP "));
    }
}

static void
test_missing_ca_file(void **state)
{
    HttpOptions options = {.ca_file = "/nonexistent/ca.pem"};
    g_autoptr(GError) error = NULL;

    (void)state;
    assert_null(http_new(&options, NULL, &error));
    assert_code(error, ERR_CONFIG);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_answers),
        T(test_sends_method_body_and_headers),
        T(test_retries_503_then_succeeds),
        T(test_retries_end_with_the_answer),
        T(test_500_is_not_repeated),
        T(test_once_is_not_repeated_after_5xx),
        T(test_429_is_repeated_for_both),
        T(test_retry_after_is_honoured),
        T(test_long_retry_after_is_an_error),
        T(test_date_in_the_past_waits_nothing),
        T(test_lost_answers),
        T(test_once_never_rides_a_stale_connection),
        T(test_never_connected),
        T(test_tls_to_a_plain_server_is_unreachable),
        T(test_slow_answers_time_out),
        T(test_body_limit),
        T(test_body_limit_without_a_length),
        T(test_not_http),
        T(test_redirects_are_refused),
        T(test_a_proxy_learns_no_credential),
        T(test_other_protocols_are_refused),
        T(test_refused_before_sending),
        T(test_cancel_is_fast),
        T(test_cancel_before),
        T(test_free_ends_calls),
        T(test_parallel),
        T(test_connections_are_kept),
        T(test_log_hides_secrets),
        cmocka_unit_test(test_status_errors),
        cmocka_unit_test(test_missing_ca_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
