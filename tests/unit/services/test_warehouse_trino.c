/* test_warehouse_trino.c: the Trino and Presto client against a scripted server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "base/error.h"
#include "fake_trino.h"
#include "services/warehouse.h"

#define COLUMNS                                                                                    \
    "\"columns\":[{\"name\":\"a\",\"type\":\"bigint\"},{\"name\":\"b\",\"type\":\"varchar\"}]"
#define STATE(s) "\"stats\":{\"state\":\"" s "\"}"
#define NEXT(n)  "\"nextUri\":\"$URL/v1/statement/executing/q1/y/" #n "\""
#define PAGE(n)  "/v1/statement/executing/q1/y/" #n
#define POSTED                                                                                     \
    {                                                                                              \
        "POST", "/v1/statement", 200, "{\"id\":\"q1\"," NEXT(1) "," STATE("QUEUED") "}"            \
    }
#define DELETED(n)                                                                                 \
    {                                                                                              \
        "DELETE", PAGE(n), 204, NULL                                                               \
    }

typedef struct {
    FakeTrino *fake;
    Http *http;
    Config *config;
    Warehouse *warehouse;
    Cancel *cancel;
    GString *rows, *names;
    char *query_id;
    int column_calls, progress_calls;
    double percent;
    gint64 processed;
    gint64 fired_at;
    gboolean stop_at_first;
} Fixture;

static const char *
no_environment(const char *name)
{
    (void)name;
    return NULL;
}

static void
begin(Fixture *f, const FakeStep *steps, const char *driver, const char *more)
{
    *f = (Fixture){.percent = -2};
    g_autoptr(GError) error = NULL;
    HttpOptions options = {.retries = 3, .backoff = 1000};
    f->fake = fake_trino_start(steps);
    g_autofree char *text = g_strdup_printf("[warehouse]\ndriver=%s\nurl=%s\nuser=ann\n%s", driver,
                                            fake_trino_url(f->fake), more ? more : "");
    f->config = config_parse(text, "test.conf", no_environment, &error);
    if (!f->config)
        fail_msg("%s", error->message);
    f->http = http_new(&options, NULL, &error);
    assert_non_null(f->http);
    f->warehouse = warehouse_new(f->http, f->config, NULL, &error);
    if (!f->warehouse)
        fail_msg("%s", error->message);
    f->cancel = cancel_new();
    f->rows = g_string_new(NULL);
    f->names = g_string_new(NULL);
}

static void
end(Fixture *f)
{
    warehouse_free(f->warehouse);
    http_free(f->http);
    fake_trino_stop(f->fake);
    config_free(f->config);
    cancel_unref(f->cancel);
    g_string_free(f->rows, TRUE);
    g_string_free(f->names, TRUE);
    g_free(f->query_id);
}

static gboolean
on_columns(const char *const *names, const char *const *types, void *data, GError **error)
{
    Fixture *f = data;
    (void)error;
    assert_int_equal(f->rows->len, 0);
    f->column_calls++;
    for (gsize i = 0; names[i]; i++)
        g_string_append_printf(f->names, "%s:%s ", names[i], types[i]);
    return TRUE;
}

static gboolean
on_row(const char *const *cells, gsize n, void *data, GError **error)
{
    Fixture *f = data;
    for (gsize i = 0; i < n; i++)
        g_string_append_printf(f->rows, "%s%s", i ? "|" : "", cells[i] ? cells[i] : "NULL");
    g_string_append_c(f->rows, '\n');
    if (f->stop_at_first)
        g_set_error(error, CREDITBOT_ERROR, ERR_INPUT, "the sink has enough");
    return !f->stop_at_first;
}

static void
on_progress(const WarehouseProgress *progress, void *data)
{
    Fixture *f = data;
    f->progress_calls++;
    f->percent = progress->percent;
    f->processed = progress->rows;
}

static gboolean
run(Fixture *f, const char *sql, const WarehouseLimits *limits, GError **error)
{
    WarehouseSink sink = {on_columns, on_row, on_progress, f};
    return warehouse_run(f->warehouse, sql, limits, &sink, &f->query_id, f->cancel, error);
}

static void
runs(Fixture *f, const char *sql, const char *rows)
{
    g_autoptr(GError) error = NULL;
    if (!run(f, sql, NULL, &error))
        fail_msg("%s", error->message);
    assert_string_equal(f->rows->str, rows);
    assert_string_equal(f->query_id, "q1");
    assert_int_equal(f->column_calls, 1);
    assert_int_equal(fake_trino_count(f->fake, "DELETE"), 0);
}

static void
fails(Fixture *f, const WarehouseLimits *limits, CreditbotError code, const char *reason)
{
    g_autoptr(GError) error = NULL;
    assert_false(run(f, "SELECT a, b FROM t", limits, &error));
    if (!g_error_matches(error, CREDITBOT_ERROR, (int)code) || !strstr(error->message, reason))
        fail_msg("%s: %s\nwant %s: %s", error_code_name(error->code), error->message,
                 error_code_name((int)code), reason);
}

static void
has_header(const FakeRequest *request, const char *line, gboolean expected)
{
    g_autofree char *wanted = g_strdup_printf("\r\n%s\r\n", line);
    if ((strstr(request->head, wanted) != NULL) != expected)
        fail_msg("%s %s in:\n%s", expected ? "no" : "unwanted", line, request->head);
}

static void
test_pages(void **state)
{
    (void)state;
    static const FakeStep steps[] = {
        POSTED,
        {"GET", PAGE(1), 200, "{\"id\":\"q1\"," NEXT(2) "," STATE("RUNNING") "}"},
        {"GET", PAGE(2), 503, "later"},
        {"GET", PAGE(2), 200, ""},
        {"GET", PAGE(2), 200,
         "{\"id\":\"q1\"," NEXT(
             3) "," COLUMNS ",\"data\":null,\"stats\":{\"state\":\"RUNNING\","
                "\"progressPercentage\":12.5,\"processedRows\":9007199254740993}}"},
        {"GET", PAGE(3), 200,
         "{\"id\":\"q1\"," NEXT(4) "," COLUMNS
                                   ",\"data\":[[9223372036854775807,\"ä\\u65e5\\ud83d\\ude42"
                                   "\\n\"],[null,null]]," STATE("RUNNING") "}"},
        {"GET", PAGE(4), 200, "{\"id\":\"q1\"," NEXT(5) "," COLUMNS "," STATE("FINISHING") "}"},
        {"GET", PAGE(5), 200,
         "{\"data\":[[-1,\"12345678901234567890.10\"]],\"id\":\"q1\"," COLUMNS ","
         "\"stats\":{\"state\":\"FINISHED\",\"scheduled\":true,\"totalSplits\":4,"
         "\"completedSplits\":3}}"},
        {0},
    };
    Fixture f;
    begin(&f, steps, "trino",
          "catalog=hive\nschema=default\nsession=a=b c;d=e=f\nclient_tags=x;y\nsource=cb\n");
    runs(&f, "SELECT a, b FROM t;",
         "9223372036854775807|ä日🙂\n\nNULL|NULL\n"
         "-1|12345678901234567890.10\n");
    assert_string_equal(f.names->str, "a:bigint b:varchar ");
    assert_int_equal(f.progress_calls, 6);
    assert_true(f.percent == 75);

    const FakeRequest *post = fake_trino_wait(f.fake, "POST", 0);
    assert_string_equal(post->body, "SELECT a, b FROM t");
    static const char *const lines[] = {
        "X-Trino-User: ann",
        "X-Trino-Catalog: hive",
        "X-Trino-Schema: default",
        "X-Trino-Source: cb",
        "X-Trino-Client-Tags: x,y",
        "X-Trino-Session: a=b%20c",
        "X-Trino-Session: d=e%3Df",
        "X-Trino-Session: query_max_run_time=600s",
        "X-Trino-Time-Zone: UTC",
        "X-Trino-Client-Capabilities: PARAMETRIC_DATETIME",
        "Content-Type: text/plain; charset=utf-8",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(lines); i++)
        has_header(post, lines[i], TRUE);
    assert_null(strstr(post->head, "X-Presto-"));
    const FakeRequest *get = fake_trino_wait(f.fake, "GET", 0);
    has_header(get, "X-Trino-User: ann", TRUE);
    end(&f);
}

static void
test_presto_headers(void **state)
{
    (void)state;
    static const FakeStep steps[] = {
        {"POST", "/v1/statement", 200,
         "{\"id\":\"q1\"," COLUMNS ",\"data\":[[1,\"x\"]]," STATE("FINISHED") "}"},
        {0},
    };
    Fixture f;
    begin(&f, steps, "presto", "password=s3cret word\nsession=query_max_run_time=1h\n");
    runs(&f, "SELECT 1", "1|x\n");
    const FakeRequest *post = fake_trino_wait(f.fake, "POST", 0);
    has_header(post, "X-Presto-User: ann", TRUE);
    has_header(post, "X-Presto-Session: query_max_run_time=1h", TRUE);
    has_header(post, "X-Presto-Session: query_max_run_time=600s", FALSE);
    has_header(post, "Authorization: Basic YW5uOnMzY3JldCB3b3Jk", TRUE);
    assert_null(strstr(post->head, "X-Trino-"));
    end(&f);
}

static void
test_token(void **state)
{
    (void)state;
    static const FakeStep steps[] = {
        {"POST", "/v1/statement", 401, "no"},
        {0},
    };
    Fixture f;
    begin(&f, steps, "trino", "token=abc.def\npassword=unused\n");
    fails(&f, NULL, ERR_AUTH, "PRESTO_PASSWORD");
    const FakeRequest *post = fake_trino_wait(f.fake, "POST", 0);
    has_header(post, "Authorization: Bearer abc.def", TRUE);
    assert_null(strstr(post->head, "Basic"));
    end(&f);
}

static void
test_statuses(void **state)
{
    (void)state;
    static const struct {
        int status;
        CreditbotError code;
        const char *reason;
    } cases[] = {
        {403, ERR_AUTH, "does not let user ann"},
        {404, ERR_CONFIG, "not a coordinator"},
        {500, ERR_BUSY, "500"},
        {503, ERR_BUSY, "503"},
        {400, ERR_REFUSED, "400"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const FakeStep steps[] = {
            {"POST", "/v1/statement", cases[i].status, "words", .repeats = TRUE},
            {0},
        };
        Fixture f;
        begin(&f, steps, "trino", NULL);
        fails(&f, NULL, cases[i].code, cases[i].reason);
        assert_int_equal(fake_trino_count(f.fake, NULL), cases[i].status == 503 ? 4 : 1);
        end(&f);
    }
    static const FakeStep gone[] = {POSTED, {"GET", PAGE(1), 404, "Query not found"}, {0}};
    Fixture f;
    begin(&f, gone, "trino", NULL);
    fails(&f, NULL, ERR_BUSY, "no longer knows query q1");
    end(&f);
}

static void
engine_error(const char *failure, CreditbotError code, const char *reason)
{
    g_autofree char *body =
        g_strdup_printf("{\"id\":\"q1\"," STATE("FAILED") ",\"error\":%s}", failure);
    const FakeStep steps[] = {POSTED, {"GET", PAGE(1), 200, body}, {0}};
    Fixture f;
    begin(&f, steps, "trino", NULL);
    fails(&f, NULL, code, reason);
    assert_int_equal(fake_trino_count(f.fake, "DELETE"), 0); /* it is over already */
    assert_string_equal(f.query_id, "q1");
    end(&f);
}

static void
test_engine_errors(void **state)
{
    (void)state;
    engine_error(
        "{\"message\":\"line 3:15: Column 'x' cannot be resolved\",\"errorName\":"
        "\"COLUMN_NOT_FOUND\",\"errorType\":\"USER_ERROR\",\"errorLocation\":{\"lineNumber\":3,"
        "\"columnNumber\":15},\"failureInfo\":{\"stack\":[\"at io.trino\"]}}",
        ERR_INPUT, "COLUMN_NOT_FOUND at line 3:15: Column 'x' cannot be resolved;");
    engine_error("{\"message\":\"line of 5\",\"errorName\":\"DIVISION_BY_ZERO\","
                 "\"errorType\":\"USER_ERROR\"}",
                 ERR_INPUT, "DIVISION_BY_ZERO: line of 5");
    engine_error("{\"message\":\"m\",\"errorName\":\"EXCEEDED_LOCAL_MEMORY_LIMIT\",\"errorType\":"
                 "\"INSUFFICIENT_RESOURCES\"}",
                 ERR_BUSY, "lacks room");
    engine_error("{\"message\":\"m\",\"errorName\":\"EXCEEDED_TIME_LIMIT\",\"errorType\":"
                 "\"INSUFFICIENT_RESOURCES\"}",
                 ERR_TIMEOUT, "[warehouse] timeout");
    engine_error("{\"message\":\"m\",\"errorName\":\"HIVE_X\",\"errorType\":\"EXTERNAL\"}",
                 ERR_BUSY, "behind the warehouse");
    engine_error("{\"message\":\"m\",\"errorName\":\"G\",\"errorType\":\"INTERNAL_ERROR\"}",
                 ERR_BUSY, "G: m");
    engine_error("{\"message\":\"m\",\"errorName\":\"USER_CANCELED\",\"errorType\":\"USER_ERROR\"}",
                 ERR_CANCELLED, "cancelled on the warehouse");
    engine_error("{\"message\":\"m\",\"errorName\":\"ADMINISTRATIVELY_KILLED\",\"errorType\":"
                 "\"USER_ERROR\"}",
                 ERR_REFUSED, "administrator");
    engine_error(
        "{\"message\":\"m\",\"errorName\":\"PERMISSION_DENIED\",\"errorType\":\"USER_ERROR\"}",
        ERR_AUTH, "granted");
    engine_error("{}", ERR_BUSY, "no message");
}

/* One answer to the first GET, and whether the query is cancelled because of it. */
static void
bad_page(const char *body, CreditbotError code, const char *reason, gboolean deletes)
{
    const FakeStep steps[] = {POSTED, {"GET", PAGE(1), 200, body}, DELETED(1), DELETED(2), {0}};
    Fixture f;
    begin(&f, steps, "trino", NULL);
    fails(&f, NULL, code, reason);
    assert_int_equal(fake_trino_count(f.fake, "DELETE"), deletes ? 1 : 0);
    assert_int_equal(fake_trino_count(f.fake, "GET"), 1);
    end(&f);
}

static void
test_bad_pages(void **state)
{
    (void)state;
    bad_page("{\"id\":\"q1\"," COLUMNS ",\"data\":[[1,\"x\"]]," STATE("RUNNING") "}",
             ERR_BAD_ANSWER, "it was cut", FALSE);
    bad_page("{\"id\":\"q1\"," STATE("FINISHED") "}", ERR_BAD_ANSWER, "naming its columns", FALSE);
    bad_page("{\"id\":\"q1\",\"data\":[[1]]," NEXT(2) "," STATE("RUNNING") "}", ERR_BAD_ANSWER,
             "without their columns", TRUE);
    bad_page("{\"id\":\"q1\"," COLUMNS ",\"data\":{\"encoding\":\"json\"}," NEXT(2) "}",
             ERR_BAD_ANSWER, "spooled", TRUE);
    bad_page("{\"id\":\"q1\"," COLUMNS ",\"data\":[[1,\"x\"],[2", ERR_BAD_ANSWER, "cut", TRUE);
    bad_page("{\"id\":\"q1\"," COLUMNS ",\"data\":[[1,\"x\"],[2]]," NEXT(2) "}", ERR_BAD_ANSWER,
             "row 2", TRUE);
    bad_page("<html>welcome</html>", ERR_BAD_ANSWER, "no JSON object", TRUE);
    bad_page("{\"id\":\"q1\",\"nextUri\":7}", ERR_BAD_ANSWER, "nextUri", TRUE);
}

static void
test_foreign_uri(void **state)
{
    (void)state;
    static const char *const uris[] = {
        "http://127.0.0.1:1/v1/statement/x",
        "https://elsewhere.example.com/v1/statement/x",
        "coordinator:8080/v1/statement/x",
        "//elsewhere.example.com/x",
        "http://a@127.0.0.1/x",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(uris); i++) {
        g_autofree char *body = g_strdup_printf("{\"id\":\"q1\",\"nextUri\":\"%s\"}", uris[i]);
        const FakeStep steps[] = {{"POST", "/v1/statement", 200, body}, {0}};
        Fixture f;
        begin(&f, steps, "trino", "password=p\n");
        fails(&f, NULL, ERR_REFUSED, uris[i]);
        assert_int_equal(fake_trino_count(f.fake, NULL), 1);
        end(&f);
    }
}

static void
test_max_rows(void **state)
{
    (void)state;
    static const FakeStep steps[] = {
        POSTED,
        {"GET", PAGE(1), 200,
         "{\"id\":\"q1\"," NEXT(2) "," COLUMNS ",\"data\":[[1,\"x\"],[2,\"y\"],[3,\"z\"]]}"},
        DELETED(2),
        {0},
    };
    Fixture f;
    WarehouseLimits limits = {.max_rows = 2};
    begin(&f, steps, "trino", NULL);
    fails(&f, &limits, ERR_INPUT, "more than 2 rows");
    assert_non_null(fake_trino_wait(f.fake, "DELETE", 0));
    end(&f);

    begin(&f, steps, "trino", NULL);
    f.stop_at_first = TRUE;
    fails(&f, NULL, ERR_INPUT, "the sink has enough");
    assert_string_equal(f.rows->str, "1|x\n");
    assert_non_null(fake_trino_wait(f.fake, "DELETE", 0));
    end(&f);
}

static void *
fire_when_polled(void *data)
{
    Fixture *f = data;
    if (fake_trino_wait(f->fake, "GET", 1)) {
        f->fired_at = g_get_monotonic_time();
        cancel_fire(f->cancel);
    }
    return NULL;
}

static const FakeStep hanging[] = {
    POSTED,
    {"GET", PAGE(1), 200, "{\"id\":\"q1\"," NEXT(2) "," STATE("RUNNING") "}"},
    {"GET", PAGE(2), 200, NULL, .hang = TRUE},
    DELETED(2),
    {0},
};

static void
test_cancel(void **state)
{
    (void)state;
    Fixture f;
    begin(&f, hanging, "trino", NULL);
    GThread *thread = g_thread_new("cancel", fire_when_polled, &f);
    fails(&f, NULL, ERR_CANCELLED, "");
    g_thread_join(thread);
    const FakeRequest *deleted = fake_trino_wait(f.fake, "DELETE", 0);
    assert_non_null(deleted);
    assert_true(deleted->at - f.fired_at < 200 * G_TIME_SPAN_MILLISECOND);
    has_header(deleted, "X-Trino-User: ann", TRUE);
    end(&f);

    /* Fired before: nothing is sent at all. */
    begin(&f, hanging, "trino", NULL);
    cancel_fire(f.cancel);
    fails(&f, NULL, ERR_CANCELLED, "");
    assert_int_equal(fake_trino_count(f.fake, NULL), 0);
    end(&f);
}

static void
test_timeout(void **state)
{
    (void)state;
    Fixture f;
    WarehouseLimits limits = {.timeout = 150 * G_TIME_SPAN_MILLISECOND};
    begin(&f, hanging, "trino", NULL);
    gint64 started = g_get_monotonic_time();
    fails(&f, &limits, ERR_TIMEOUT, "raise [warehouse] timeout");
    assert_true(g_get_monotonic_time() - started < G_USEC_PER_SEC);
    assert_non_null(fake_trino_wait(f.fake, "DELETE", 0));
    const FakeRequest *post = fake_trino_wait(f.fake, "POST", 0);
    has_header(post, "X-Trino-Session: query_max_run_time=1s", TRUE);
    end(&f);
}

static void
test_columns_and_check(void **state)
{
    (void)state;
    static const FakeStep steps[] = {
        {"POST", "/v1/statement", 200, "{\"id\":\"q1\"," COLUMNS "," STATE("FINISHED") "}",
         .repeats = TRUE},
        {"GET", "/v1/info", 200, "{\"nodeVersion\":{\"version\":\"435\"},\"starting\":false}"},
        {0},
    };
    Fixture f;
    g_autoptr(GError) error = NULL;
    begin(&f, steps, "trino", NULL);
    g_auto(GStrv) names = warehouse_columns(f.warehouse, "SELECT a, b -- x", NULL, &error);
    assert_non_null(names);
    assert_string_equal(names[0], "a");
    assert_string_equal(names[1], "b");
    assert_null(names[2]);
    assert_string_equal(fake_trino_wait(f.fake, "POST", 0)->body,
                        "SELECT * FROM (SELECT a, b -- x\n) t LIMIT 0");
    assert_null(warehouse_columns(f.warehouse, "SELECT 1) t; DROP TABLE x --", NULL, &error));
    assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_INPUT));
    assert_int_equal(fake_trino_count(f.fake, NULL), 1);
    g_clear_error(&error);

    g_autofree char *version = NULL;
    assert_true(warehouse_check(f.warehouse, &version, NULL, &error));
    assert_string_equal(version, "435");
    g_autofree char *label = g_strconcat("trino ", fake_trino_url(f.fake), NULL);
    assert_string_equal(warehouse_name(f.warehouse), label);
    end(&f);
}

static void
config_fails(const char *text, const char *reason)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = config_parse(text, "test.conf", no_environment, &error);
    assert_non_null(config);
    assert_null(warehouse_new(NULL, config, NULL, &error));
    assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_CONFIG));
    if (!strstr(error->message, reason))
        fail_msg("%s", error->message);
}

static void
test_configuration(void **state)
{
    (void)state;
    config_fails("[warehouse]\ndriver=athena\n", "not available in this build");
    config_fails("[warehouse]\ndriver=trino\nuser=a\n", "needs url=");
    config_fails("[warehouse]\ndriver=trino\nurl=https://t.example.com\n", "needs user=");
    config_fails("[warehouse]\ndriver=sqlite\n", "needs path=");
}

static void
test_sample(void **state)
{
    (void)state;
    const char *source = g_getenv("CREDITBOT_SRCDIR");
    g_autofree char *path =
        g_build_filename(source ? source : ".",
                         "../shared/specs/trino-samples/sample_get_error_response_data.json", NULL);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        print_message("no %s: skipped\n", path);
        g_free(g_steal_pointer(&path)); /* skip() jumps over the clean-up */
        skip();
    }
    const FakeStep steps[] = {POSTED, {"GET", PAGE(1), 200, text}, {0}};
    Fixture f;
    begin(&f, steps, "trino", NULL);
    fails(&f, NULL, ERR_INPUT,
          "SYNTAX_ERROR at line 1:15: Schema must be specified when session schema is not set;");
    end(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_presto_headers),
        cmocka_unit_test(test_token),
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_engine_errors),
        cmocka_unit_test(test_bad_pages),
        cmocka_unit_test(test_foreign_uri),
        cmocka_unit_test(test_max_rows),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_timeout),
        cmocka_unit_test(test_columns_and_check),
        cmocka_unit_test(test_configuration),
        cmocka_unit_test(test_sample),
    };
    return cmocka_run_group_tests_name("services/warehouse_trino", tests, NULL, NULL);
}
