/* test_looker.c: login, the token's life, and from every kind of link to its SQL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include "base/error.h"
#include "services/looker.h"
#include "tests/unit/net/fake_http.h"

typedef struct {
    FakeHttp *fake;
    Http *http;
    Looker *looker;
} Fixture;

#define TOKEN(t) "{\"access_token\":\"" t "\",\"token_type\":\"Bearer\",\"expires_in\":3600}"

static int
setup(void **state)
{
    HttpOptions options = {.retries = 1, .backoff = 1000, .timeout = 5 * G_TIME_SPAN_SECOND};
    Fixture *f = g_new0(Fixture, 1);
    g_autofree char *url = NULL;
    LookerOptions looker = {.client_id = "id", .client_secret = "s3 cret&"};

    f->fake = fake_http_new();
    f->http = http_new(&options, NULL, NULL);
    url = g_strconcat(fake_http_url(f->fake), "/api/4.0/", NULL);
    looker.api_url = url;
    f->looker = looker_new(f->http, &looker, NULL);
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    Fixture *f = *state;

    looker_free(f->looker);
    http_free(f->http);
    fake_http_free(f->fake);
    g_free(f);
    return 0;
}

static void
reply(Fixture *f, const char *match, const char *body)
{
    fake_http_reply(f->fake, (FakeReply){.match = match, .body = body});
}

static LookerSql *
fetch(Fixture *f, LinkKind kind, const char *ref, LookerMatch match, char ***choices,
      GError **error)
{
    Link link = {.kind = kind, .url = (char[]){"https://looker.example.com/"}, .ref = NULL};
    g_autofree char *copy = g_strdup(ref);

    link.ref = copy;
    return looker_fetch(f->looker, &link, match, NULL, choices, NULL, error);
}

#define assert_code(error, expected)                                                               \
    do {                                                                                           \
        assert_non_null(error);                                                                    \
        assert_string_equal(error_code_name((error)->code), error_code_name(expected));            \
    } while (0)

#define assert_says(error, part)                                                                   \
    do {                                                                                           \
        if (strstr((error)->message, (part)) == NULL)                                              \
            fail_msg("'%s' does not say '%s'", (error)->message, (part));                          \
    } while (0)

/* ---- session ---- */

static void
test_login_and_who(void **state)
{
    Fixture *f = *state;
    g_autofree char *who = NULL;
    g_autofree char *again = NULL;
    g_autofree char *seen = NULL;
    g_autofree char *user = NULL;

    reply(f, "POST /api/4.0/login ", TOKEN("tok1"));
    reply(f, "GET /api/4.0/user?", "{\"id\":\"7\",\"display_name\":\"Credit Bot\"}");
    assert_true(looker_check(f->looker, &who, NULL, NULL));
    assert_true(looker_check(f->looker, &again, NULL, NULL));
    assert_string_equal(who, "Credit Bot");
    assert_int_equal(fake_http_count(f->fake, "/login"), 1);
    seen = fake_http_request(f->fake, 0);
    assert_non_null(strstr(seen, "\r\n\r\nclient_id=id&client_secret=s3%20cret%26"));
    user = fake_http_request(f->fake, 1);
    assert_non_null(strstr(user, "Authorization: token tok1\r\n"));
}

static void
test_login_errors(void **state)
{
    Fixture *f = *state;
    static const struct {
        long status;
        const char *body;
        long code;
        const char *says;
    } cases[] = {
        {404, "{\"message\":\"Not found\",\"documentation_url\":\"x\"}", ERR_AUTH,
         "LOOKER_CLIENT_ID"},
        {404, "<html>", ERR_AUTH, "api_url"},
        {401, "{\"message\":\"no\"}", ERR_AUTH, "LOOKER_CLIENT_SECRET"},
        {500, "x", ERR_BUSY, "login"},
        {200, "{}", ERR_BAD_ANSWER, "access_token"},
        {200, "<html>", ERR_BAD_ANSWER, "not valid JSON"},
        {302, "", ERR_REFUSED, "redirects"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        char *who = NULL;

        fake_http_forget(f->fake);
        fake_http_reply(f->fake,
                        (FakeReply){.status = (int)cases[i].status, .body = cases[i].body});
        assert_false(looker_check(f->looker, &who, NULL, &error));
        assert_code(error, (int)cases[i].code);
        assert_says(error, cases[i].says);
        assert_null(strstr(error->message, "s3"));
        assert_null(who);
    }
}

static void
test_401_renews_once(void **state)
{
    Fixture *f = *state;
    g_autofree char *who = NULL;
    g_autoptr(GError) error = NULL;

    fake_http_reply(f->fake, (FakeReply){.match = "/login", .times = 1, .body = TOKEN("old")});
    reply(f, "/login", TOKEN("new"));
    fake_http_reply(f->fake, (FakeReply){.match = "token old",
                                         .status = 401,
                                         .body = "{\"message\":\"Requires authentication.\"}"});
    fake_http_reply(f->fake, (FakeReply){.match = "token new", .times = 1, .body = "{\"id\":7}"});
    fake_http_reply(f->fake, (FakeReply){.match = "token new",
                                         .status = 401,
                                         .body = "{\"message\":\"Requires authentication.\"}"});
    assert_true(looker_check(f->looker, &who, NULL, NULL));
    assert_string_equal(who, "7");
    assert_int_equal(fake_http_count(f->fake, "/login"), 2);
    assert_false(looker_check(f->looker, &who, NULL, &error));
    assert_code(error, ERR_AUTH);
    assert_int_equal(fake_http_count(f->fake, "/login"), 3);
}

static void
test_short_token_is_renewed_before_it_expires(void **state)
{
    Fixture *f = *state;
    g_autofree char *one = NULL;
    g_autofree char *two = NULL;

    reply(f, "/login", "{\"access_token\":\"brief\",\"expires_in\":0}");
    reply(f, "/user", "{\"display_name\":\"x\"}");
    assert_true(looker_check(f->looker, &one, NULL, NULL));
    assert_true(looker_check(f->looker, &two, NULL, NULL));
    assert_int_equal(fake_http_count(f->fake, "/login"), 2);
}

static gpointer
check_thread(gpointer data)
{
    Fixture *f = data;
    g_autofree char *who = NULL;

    return GINT_TO_POINTER(looker_check(f->looker, &who, NULL, NULL));
}

static void
test_one_login_for_many_threads(void **state)
{
    Fixture *f = *state;
    GThread *threads[8];

    fake_http_reply(f->fake, (FakeReply){.match = "/login", .body = TOKEN("t"), .delay_ms = 50});
    reply(f, "/user", "{\"display_name\":\"x\"}");
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("check", check_thread, f);
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        assert_true(GPOINTER_TO_INT(g_thread_join(threads[i])));
    assert_int_equal(fake_http_count(f->fake, "/login"), 1);
}

/* ---- looks, queries, SQL Runner ---- */

static void
test_look(void **state)
{
    Fixture *f = *state;
    g_autoptr(LookerSql) sql = NULL;

    reply(f, "/login", TOKEN("t"));
    reply(f, "/looks/8841/run/sql?limit=-1", "-- raw sql results do not include x\nSELECT 1;\n");
    reply(f, "/looks/8841?fields=id,title,model,deleted",
          "{\"title\":\"Attempts\",\"model\":{\"id\":\"sms\"},\"deleted\":false}");
    sql = fetch(f, LINK_LOOK, "8841", NULL, NULL, NULL);
    assert_non_null(sql);
    assert_string_equal(sql->sql, "SELECT 1");
    assert_string_equal(sql->title, "Attempts");
    assert_string_equal(sql->model, "sms");
    assert_string_equal(sql->ref, "look 8841");
    assert_int_equal(fake_http_count(f->fake, NULL), 3);
}

static void
test_slug_and_runner(void **state)
{
    Fixture *f = *state;
    g_autoptr(LookerSql) slug = NULL;
    g_autoptr(LookerSql) runner = NULL;

    reply(f, "/login", TOKEN("t"));
    reply(f, "/queries/slug/AbC?fields=id,model", "{\"id\":\"55\",\"model\":\"sms\"}");
    reply(f, "/queries/55/run/sql?limit=-1", "SELECT 2");
    reply(f, "/sql_queries/xyz", "{\"slug\":\"xyz\",\"sql\":\"SELECT 3;\",\"model_name\":null}");
    slug = fetch(f, LINK_SLUG, "AbC", NULL, NULL, NULL);
    assert_string_equal(slug->sql, "SELECT 2");
    assert_string_equal(slug->model, "sms");
    assert_null(slug->title);
    runner = fetch(f, LINK_SQL, "xyz", NULL, NULL, NULL);
    assert_string_equal(runner->sql, "SELECT 3");
    assert_null(runner->model);
}

static void
test_fetch_errors(void **state)
{
    Fixture *f = *state;
    static const struct {
        long status;
        const char *look;
        long sql_status;
        const char *sql;
        long code;
        const char *says;
    } cases[] = {
        {404, "{\"message\":\"Not found\"}", 200, "", ERR_NOT_FOUND, "look 1"},
        {200, "{\"deleted\":true}", 200, "", ERR_NOT_FOUND, "trash"},
        {200, "[]", 200, "", ERR_BAD_ANSWER, "not a JSON object"},
        {200, "{}", 403, "{\"message\":\"no\"}", ERR_AUTH, "see_sql"},
        {200, "{}", 422,
         "{\"message\":\"Validation Failed\",\"errors\":[{\"message\":\"bad field\"}]}",
         ERR_REFUSED, "bad field"},
        {200, "{}", 200, "", ERR_BAD_ANSWER, "not SQL"},
        {200, "{}", 200, "<!DOCTYPE html>", ERR_BAD_ANSWER, "not SQL"},
        {200, "{}", 200, "SELECT '\xff'", ERR_BAD_ANSWER, "not SQL"},
        {200, "{}", 503, "", ERR_BUSY, "503"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        fake_http_forget(f->fake);
        reply(f, "/login", TOKEN("t"));
        fake_http_reply(f->fake, (FakeReply){.match = "/run/sql",
                                             .status = (int)cases[i].sql_status,
                                             .body = cases[i].sql});
        fake_http_reply(f->fake,
                        (FakeReply){.status = (int)cases[i].status, .body = cases[i].look});
        assert_null(fetch(f, LINK_LOOK, "1", NULL, NULL, &error));
        assert_code(error, (int)cases[i].code);
        assert_says(error, cases[i].says);
    }
}

static void
test_links_without_a_query(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;

    assert_null(fetch(f, LINK_OTHER, NULL, NULL, NULL, &error));
    assert_code(error, ERR_INPUT);
    assert_int_equal(fake_http_count(f->fake, NULL), 0);
}

/* ---- dashboards ---- */

static gboolean
is_verify(const char *sql, void *data)
{
    (void)data;
    return strstr(sql, "verify") != NULL;
}

static void
script_board(Fixture *f, const char *elements)
{
    fake_http_forget(f->fake);
    reply(f, "/login", TOKEN("t"));
    reply(f, "/dashboards/sms%3A%3Aboard?", elements);
    reply(f, "/queries/1/run/sql?limit=-1", "SELECT verify FROM a");
    reply(f, "/queries/2/run/sql?limit=-1", "SELECT other FROM b");
    reply(f, "/queries/3/run/sql?limit=-1", "SELECT verify FROM c");
    reply(f, "/looks/4/run/sql?limit=-1", "SELECT verify FROM d");
    reply(f, "/sql_queries/five", "{\"sql\":\"SELECT verify FROM e\"}");
    reply(f, "/merge_queries/m?",
          "{\"source_queries\":[{\"name\":\"left\",\"query_id\":\"2\"},{\"name\":\"right\","
          "\"query_id\":\"3\"}]}");
    fake_http_reply(
        f->fake,
        (FakeReply){.match = "/queries/9/", .status = 404, .body = "{\"message\":\"Not found\"}"});
    fake_http_reply(f->fake, (FakeReply){.match = "/queries/8/", .status = 503});
}

#define BOARD(tiles)  "{\"title\":\"Board\",\"dashboard_elements\":[" tiles "]}"
#define TILE(t, rest) "{\"title\":\"" t "\"," rest "}"

static void
test_dashboards(void **state)
{
    Fixture *f = *state;
    static const struct {
        const char *board;
        const char *sql; /* NULL: an error with the code and the words */
        int code;
        const char *says;
    } cases[] = {
        {BOARD(TILE("A", "\"query_id\":\"1\"") "," TILE("B", "\"query_id\":\"2\"") "," TILE(
             "T", "\"type\":\"text\"")),
         "SELECT verify FROM a", 0, "dashboard sms::board tile 'A'"},
        {BOARD(TILE("B", "\"query_id\":\"2\"")), "SELECT other FROM b", 0, "tile 'B'"},
        {BOARD(TILE("L", "\"look_id\":\"4\",\"query\":null")), "SELECT verify FROM d", 0,
         "tile 'L'"},
        {BOARD(TILE("Q", "\"query\":{\"id\":3,\"model\":\"sms\"}")), "SELECT verify FROM c", 0,
         "'Q'"},
        {BOARD(TILE("R", "\"query\":null,\"result_maker\":{\"query_id\":\"1\"}")),
         "SELECT verify FROM a", 0, "'R'"},
        {BOARD(TILE("S", "\"result_maker\":{\"sql_query_id\":\"five\"}")), "SELECT verify FROM e",
         0, "'S'"},
        {BOARD(TILE("M", "\"merge_result_id\":\"m\"")), "SELECT verify FROM c", 0, "'M / right'"},
        {BOARD(TILE("A", "\"query_id\":\"1\"") "," TILE("A2", "\"query_id\":\"1\"")),
         "SELECT verify FROM a", 0, "'A'"},
        {BOARD(TILE("Gone", "\"query_id\":\"9\"") "," TILE("A", "\"query_id\":\"1\"")),
         "SELECT verify FROM a", 0, "'A'"},
        {BOARD(TILE("A", "\"query_id\":\"1\"") "," TILE("C", "\"query_id\":\"3\"")), NULL,
         ERR_REFUSED, "several tiles match (A, C)"},
        {BOARD(TILE("B", "\"query_id\":\"2\"") "," TILE("Gone", "\"query_id\":\"9\"")),
         "SELECT other FROM b", 0, "'B'"},
        {BOARD(TILE("T", "\"type\":\"text\"")), NULL, ERR_NOT_FOUND, "no tile"},
        {BOARD(""), NULL, ERR_NOT_FOUND, "no tile"},
        {BOARD(TILE("A", "\"query_id\":\"1\"") "," TILE("Busy", "\"query_id\":\"8\"")), NULL,
         ERR_BUSY, "Busy"},
        {"{\"deleted\":true}", NULL, ERR_NOT_FOUND, "trash"},
        {BOARD(TILE("F", "\"query_id\":\"1\",\"result_maker\":{\"filterables\":[{\"listen\":[{"
                         "\"dashboard_filter_name\":\"Account\",\"field\":\"a.sid\"}]}]}")),
         NULL, ERR_REFUSED, "Explore from here"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(LookerSql) sql = NULL;
        g_auto(GStrv) choices = NULL;

        script_board(f, cases[i].board);
        sql = fetch(f, LINK_DASHBOARD, "sms::board", is_verify, &choices, &error);
        if (cases[i].sql != NULL) {
            if (sql == NULL) {
                fail_msg("case %u: %s", i, error->message);
                return;
            }
            assert_string_equal(sql->sql, cases[i].sql);
            assert_non_null(strstr(sql->ref, cases[i].says));
        } else {
            assert_null(sql);
            assert_code(error, (int)cases[i].code);
            assert_says(error, cases[i].says);
            if (strcmp(cases[i].says, "Explore from here") == 0) {
                assert_non_null(choices);
                assert_string_equal(choices[0], "F");
                assert_null(choices[1]);
            }
        }
        assert_int_equal(choices != NULL, cases[i].says[0] == 's' || cases[i].says[0] == 'E');
    }
}

static void
test_dashboard_without_a_match_lists_titles(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;

    script_board(f, BOARD(TILE("B", "\"query_id\":\"2\"") "," TILE("", "\"query_id\":\"66\"")));
    reply(f, "/queries/66/run/sql", "SELECT nothing");
    assert_null(fetch(f, LINK_DASHBOARD, "sms::board", is_verify, NULL, &error));
    assert_code(error, ERR_NOT_FOUND);
    assert_says(error, "B, untitled (66)");
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_login_and_who),
        T(test_login_errors),
        T(test_401_renews_once),
        T(test_short_token_is_renewed_before_it_expires),
        T(test_one_login_for_many_threads),
        T(test_look),
        T(test_slug_and_runner),
        T(test_fetch_errors),
        T(test_links_without_a_query),
        T(test_dashboards),
        T(test_dashboard_without_a_match_lists_titles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
