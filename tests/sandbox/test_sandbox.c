/* test_sandbox.c: the sandbox keeps to the documents of Slack, Looker and Trino, and its faults are
 * the faults that were asked for. */
#include "config.h"
#include "client.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define CHANNEL "C0CREDITS1"
#define FORM    "Content-Type: application/x-www-form-urlencoded\r\n"

typedef struct {
    Process *process;
    char *dir;
} Fixture;

static Fixture *
fixture(void **state)
{
    return *state;
}

static void
remove_dir(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        g_unlink(file);
    }
    g_rmdir(path);
}

static int
set_up(void **state)
{
    Fixture *new = g_new0(Fixture, 1);
    new->dir = g_dir_make_tmp("creditbot-sandbox-XXXXXX", NULL);
    new->process = process_start(new->dir, "empty");
    *state = new;
    return new->process == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
    Fixture *old = *state;
    int status = old->process != NULL ? process_stop(old->process) : 0;
    remove_dir(old->dir);
    g_free(old->dir);
    g_free(old);
    return status;
}

/* --- calls --- */

static cJSON *
slack(const Process *process, const char *method, const char *form)
{
    g_autofree char *target = g_strconcat("/slack/api/", method, NULL);
    g_autofree char *headers = g_strdup_printf("%sAuthorization: Bearer %s\r\n", FORM,
                                               process_text(process, "slack_token"));
    g_autoptr(Reply) reply = http(process, "POST", target, headers, form);
    return reply_json(reply);
}

static cJSON *
control(const Process *process, const char *path, const char *body)
{
    g_autofree char *target = g_strconcat("/control/", path, NULL);
    g_autoptr(Reply) reply = http(process, body != NULL ? "POST" : "GET", target, NULL, body);
    cJSON *json = reply_json(reply);
    assert_int_equal(reply->status, 200);
    return json;
}

static void
tell(const Process *process, const char *path, const char *body)
{
    cJSON_Delete(control(process, path, body));
}

static const char *
text_of(const cJSON *json, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));
    return text != NULL ? text : "";
}

static cJSON *
list_of(const cJSON *json, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(json, name);
}

static char *
say(const Process *process, const char *body)
{
    g_autoptr(cJSON) json = control(process, "message", body);
    return g_strdup(text_of(json, "ts"));
}

static void
assert_slack_error(const Process *process, const char *method, const char *form, const char *error)
{
    g_autoptr(cJSON) json = slack(process, method, form);
    assert_string_equal(text_of(json, "error"), error);
}

static int
count_posts(const Process *process)
{
    g_autoptr(cJSON) json = control(process, "posts", NULL);
    return cJSON_GetArraySize(list_of(json, "posts"));
}

/* --- Slack --- */

static void
history_comes_in_pages_newest_first(void **state)
{
    const Process *process = fixture(state)->process;
    for (int i = 0; i < 7; i++)
        g_free(say(process, "{\"text\":\"a request\"}"));
    g_autofree char *cursor = g_strdup("");
    g_autofree char *last = g_strdup("9999999999.999999");
    int seen = 0, pages = 0;
    do {
        g_autofree char *form =
            g_strdup_printf("channel=" CHANNEL "&limit=3%s%s", *cursor ? "&cursor=" : "", cursor);
        g_autoptr(cJSON) json = slack(process, "conversations.history", form);
        const cJSON *message;
        assert_true(cJSON_IsTrue(list_of(json, "ok")));
        cJSON_ArrayForEach (message, list_of(json, "messages")) {
            assert_true(strcmp(text_of(message, "ts"), last) < 0);
            g_free(last);
            last = g_strdup(text_of(message, "ts"));
            seen++;
        }
        g_free(cursor);
        cursor = g_uri_escape_string(text_of(list_of(json, "response_metadata"), "next_cursor"),
                                     NULL, FALSE);
        assert_int_equal(cJSON_IsTrue(list_of(json, "has_more")), *cursor != '\0');
        pages++;
    } while (*cursor != '\0');
    assert_int_equal(seen, 7);
    assert_int_equal(pages, 3);
}

static void
a_cursor_belongs_to_its_arguments(void **state)
{
    const Process *process = fixture(state)->process;
    for (int i = 0; i < 3; i++)
        g_free(say(process, "{\"text\":\"a request\"}"));
    g_autoptr(cJSON) json = slack(process, "conversations.history", "channel=" CHANNEL "&limit=2");
    g_autofree char *cursor = g_uri_escape_string(
        text_of(list_of(json, "response_metadata"), "next_cursor"), NULL, FALSE);
    assert_true(*cursor != '\0');
    g_autofree char *form =
        g_strdup_printf("channel=" CHANNEL "&limit=2&oldest=5&cursor=%s", cursor);
    assert_slack_error(process, "conversations.history", form, "invalid_cursor");
    assert_slack_error(process, "conversations.history", "channel=" CHANNEL "&cursor=abc",
                       "invalid_cursor");
}

static void
oldest_is_exclusive_unless_inclusive(void **state)
{
    const Process *process = fixture(state)->process;
    g_autofree char *ts = say(process, "{\"text\":\"a request\"}");
    g_autofree char *plain = g_strdup_printf("channel=" CHANNEL "&oldest=%s", ts);
    g_autofree char *with = g_strdup_printf("channel=" CHANNEL "&oldest=%s&inclusive=1", ts);
    g_autoptr(cJSON) none = slack(process, "conversations.history", plain);
    g_autoptr(cJSON) one = slack(process, "conversations.history", with);
    assert_int_equal(cJSON_GetArraySize(list_of(none, "messages")), 0);
    assert_int_equal(cJSON_GetArraySize(list_of(one, "messages")), 1);
    assert_slack_error(process, "conversations.history", "channel=" CHANNEL "&oldest=yesterday",
                       "invalid_ts_oldest");
}

static void
replies_begin_with_the_parent_on_every_page(void **state)
{
    const Process *process = fixture(state)->process;
    g_autofree char *ts = say(process, "{\"text\":\"a request\"}");
    for (int i = 0; i < 4; i++) {
        g_autofree char *body = g_strdup_printf("{\"text\":\"r\",\"thread_ts\":\"%s\"}", ts);
        g_free(say(process, body));
    }
    g_autofree char *form = g_strdup_printf("channel=" CHANNEL "&limit=3&ts=%s", ts);
    g_autoptr(cJSON) first = slack(process, "conversations.replies", form);
    g_autofree char *cursor = g_uri_escape_string(
        text_of(list_of(first, "response_metadata"), "next_cursor"), NULL, FALSE);
    g_autofree char *more = g_strdup_printf("%s&cursor=%s", form, cursor);
    g_autoptr(cJSON) second = slack(process, "conversations.replies", more);
    const cJSON *pages[] = {first, second};
    for (int i = 0; i < 2; i++) {
        const cJSON *parent = cJSON_GetArrayItem(list_of(pages[i], "messages"), 0);
        assert_string_equal(text_of(parent, "ts"), ts);
        assert_int_equal(cJSON_GetArraySize(list_of(pages[i], "messages")), 3);
    }
    assert_true(cJSON_IsFalse(list_of(second, "has_more")));
    g_autoptr(cJSON) history = slack(process, "conversations.history", "channel=" CHANNEL);
    assert_int_equal(cJSON_GetArraySize(list_of(history, "messages")), 1);
    assert_slack_error(process, "conversations.replies", "channel=" CHANNEL "&ts=1.5",
                       "thread_not_found");
}

static void
tokens_and_scopes(void **state)
{
    const Process *process = fixture(state)->process;
    g_autoptr(Reply) none = http(process, "POST", "/slack/api/auth.test", NULL, NULL);
    g_autoptr(cJSON) json = reply_json(none);
    assert_string_equal(text_of(json, "error"), "not_authed");
    g_autofree char *target =
        g_strconcat("/slack/api/auth.test?token=", process_text(process, "slack_token"), NULL);
    g_autoptr(Reply) in_query = http(process, "GET", target, NULL, NULL);
    g_autoptr(cJSON) refused = reply_json(in_query);
    assert_string_equal(text_of(refused, "error"), "not_authed");
    tell(process, "token", "{\"service\":\"slack\",\"scopes\":\"chat:write\"}");
    assert_slack_error(process, "conversations.history", "channel=" CHANNEL, "missing_scope");
    tell(process, "token", "{\"service\":\"slack\",\"state\":\"revoked\"}");
    assert_slack_error(process, "auth.test", "", "token_revoked");
    tell(process, "token", "{\"service\":\"slack\",\"state\":\"expired\"}");
    assert_slack_error(process, "auth.test", "", "token_expired");
}

static void
bodies_need_their_type_and_charset(void **state)
{
    static const struct {
        const char *method, *type, *error;
    } cases[] = {
        {"conversations.history", "application/json; charset=utf-8", ""},
        {"conversations.history", "application/json", "invalid_charset"},
        {"conversations.replies", "application/json; charset=utf-8", "invalid_post_type"},
        {"conversations.history", "application/xml", "invalid_post_type"},
        {"conversations.history", NULL, "missing_post_type"},
    };
    const Process *process = fixture(state)->process;
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *target = g_strconcat("/slack/api/", cases[i].method, NULL);
        g_autofree char *type =
            cases[i].type ? g_strdup_printf("Content-Type: %s\r\n", cases[i].type) : g_strdup("");
        g_autofree char *headers = g_strdup_printf("%sAuthorization: Bearer %s\r\n", type,
                                                   process_text(process, "slack_token"));
        g_autoptr(Reply) reply =
            http(process, "POST", target, headers, "{\"channel\":\"" CHANNEL "\",\"ts\":\"1.2\"}");
        g_autoptr(cJSON) json = reply_json(reply);
        assert_string_equal(text_of(json, "error"), cases[i].error);
    }
}

static void
channels_that_cannot_be_used(void **state)
{
    const Process *process = fixture(state)->process;
    assert_slack_error(process, "conversations.history", "channel=C0GENERAL3", "not_in_channel");
    assert_slack_error(process, "conversations.history", "channel=C0SECRET05", "channel_not_found");
    assert_slack_error(process, "chat.postMessage", "channel=C0ARCHIVE4&text=x", "is_archived");
    assert_slack_error(process, "chat.postMessage", "channel=C0GENERAL3&text=x", "not_in_channel");
    assert_slack_error(process, "conversations.history", "", "invalid_arguments");
    assert_slack_error(process, "conversations.rename", "", "unknown_method");
    assert_int_equal(count_posts(process), 0);
}

static void
posts_are_checked_and_read_back_with_metadata(void **state)
{
    const Process *process = fixture(state)->process;
    g_autofree char *ts = say(process, "{\"text\":\"a request\"}");
    g_autofree char *base = g_strdup_printf("channel=" CHANNEL "&thread_ts=%s", ts);
    g_autofree char *bad = g_strconcat(base, "&text=x&metadata=%7B%22event_type%22%3A5%7D", NULL);
    g_autofree char *good =
        g_strconcat(base,
                    "&text=x%26amp%3By&metadata=%7B%22event_type%22%3A%22t%22%2C"
                    "%22event_payload%22%3A%7B%22nonce%22%3A%22n1%22%7D%7D",
                    NULL);
    assert_slack_error(process, "chat.postMessage", base, "no_text");
    assert_slack_error(process, "chat.postMessage", bad, "invalid_metadata_schema");
    assert_slack_error(process, "chat.postMessage", "channel=" CHANNEL "&text=x&thread_ts=1.2",
                       "thread_not_found");
    g_autoptr(cJSON) post = slack(process, "chat.postMessage", good);
    assert_string_equal(text_of(list_of(post, "message"), "text"), "x&amp;y");
    assert_true(*text_of(list_of(post, "message"), "bot_id") != '\0');
    for (int all = 0; all < 2; all++) {
        g_autofree char *form = g_strdup_printf("channel=" CHANNEL "&ts=%s%s", ts,
                                                all ? "&include_all_metadata=true" : "");
        g_autoptr(cJSON) thread = slack(process, "conversations.replies", form);
        const cJSON *reply = cJSON_GetArrayItem(list_of(thread, "messages"), 1);
        const cJSON *payload = list_of(list_of(reply, "metadata"), "event_payload");
        assert_string_equal(text_of(payload, "nonce"), all ? "n1" : "");
    }
    assert_int_equal(count_posts(process), 1);
}

static void
one_post_a_second_when_asked_for(void **state)
{
    const Process *process = fixture(state)->process;
    tell(process, "setting", "{\"slack_post_interval_ms\":5000}");
    cJSON_Delete(slack(process, "chat.postMessage", "channel=" CHANNEL "&text=1"));
    assert_slack_error(process, "chat.postMessage", "channel=" CHANNEL "&text=2", "ratelimited");
    assert_int_equal(count_posts(process), 1);
}

static void
a_deleted_parent_leaves_a_tombstone(void **state)
{
    const Process *process = fixture(state)->process;
    g_autofree char *ts = say(process, "{\"text\":\"a request\"}");
    g_autofree char *reply = g_strdup_printf("{\"text\":\"r\",\"thread_ts\":\"%s\"}", ts);
    g_autofree char *gone = g_strdup_printf("{\"ts\":\"%s\"}", ts);
    g_free(say(process, reply));
    tell(process, "message/delete", gone);
    g_autoptr(cJSON) history = slack(process, "conversations.history", "channel=" CHANNEL);
    const cJSON *message = cJSON_GetArrayItem(list_of(history, "messages"), 0);
    assert_string_equal(text_of(message, "subtype"), "tombstone");
}

/* --- Looker --- */

static char *
looker_token(const Process *process)
{
    g_autofree char *form =
        g_strdup_printf("client_id=%s&client_secret=%s", process_text(process, "looker_client_id"),
                        process_text(process, "looker_client_secret"));
    g_autoptr(Reply) reply = http(process, "POST", "/looker/api/4.0/login", FORM, form);
    g_autoptr(cJSON) json = reply_json(reply);
    assert_int_equal(reply->status, 200);
    return g_strdup_printf("Authorization: token %s\r\n", text_of(json, "access_token"));
}

static int
looker_status(const Process *process, const char *path, const char *token)
{
    g_autofree char *target = g_strconcat("/looker/api/4.0/", path, NULL);
    g_autoptr(Reply) reply = http(process, "GET", target, token, NULL);
    return reply->status;
}

static void
looker_sessions(void **state)
{
    const Process *process = fixture(state)->process;
    g_autoptr(Reply) bad = http(process, "POST", "/looker/api/4.0/login", FORM,
                                "client_id=sandbox-client&client_secret=no");
    assert_int_equal(bad->status, 404);
    g_autoptr(Reply) json =
        http(process, "POST", "/looker/api/4.0/login", "Content-Type: application/json\r\n", "{}");
    assert_int_equal(json->status, 400);
    g_autofree char *token = looker_token(process);
    assert_int_equal(looker_status(process, "looks/8841", token), 200);
    assert_int_equal(looker_status(process, "looks/8841", NULL), 401);
    assert_int_equal(looker_status(process, "looks/77", token), 404);
    tell(process, "token", "{\"service\":\"looker\"}");
    assert_int_equal(looker_status(process, "looks/8841", token), 401);
    tell(process, "setting", "{\"looker_expires_in\":0}");
    g_autofree char *stale = looker_token(process);
    assert_int_equal(looker_status(process, "looks/8841", stale), 401);
}

static void
looker_sql_has_its_traps(void **state)
{
    const Process *process = fixture(state)->process;
    g_autofree char *token = looker_token(process);
    g_autoptr(Reply) cut = http(process, "GET", "/looker/api/4.0/looks/8841/run/sql", token, NULL);
    g_autoptr(Reply) whole =
        http(process, "GET", "/looker/api/4.0/looks/8841/run/sql?limit=-1", token, NULL);
    assert_non_null(strstr(cut->body->str, "\nLIMIT 500"));
    assert_null(strstr(whole->body->str, "\nLIMIT 500"));
    assert_true(g_str_has_prefix(whole->body->str, "-- raw sql results do not include"));
    assert_non_null(strstr(whole->body->str, "\n-- sql for creating the total and/or"));
    assert_non_null(strstr(whole->body->str, "(verify_attempts.product ) = 'Authy'"));
    g_autoptr(Reply) fields =
        http(process, "GET", "/looker/api/4.0/looks/8841?fields=id,query(slug)", token, NULL);
    assert_string_equal(fields->body->str,
                        "{\"id\":\"8841\",\"query\":{\"slug\":\"aB3dE5fG7hJ9kL1mN3pQ5r\"}}");
}

static void
dashboards_show_their_tiles(void **state)
{
    const Process *process = fixture(state)->process;
    g_autofree char *token = looker_token(process);
    g_autoptr(Reply) reply = http(process, "GET", "/looker/api/4.0/dashboards/310", token, NULL);
    g_autoptr(cJSON) json = reply_json(reply);
    const cJSON *tiles = list_of(json, "dashboard_elements");
    assert_int_equal(cJSON_GetArraySize(tiles), 3);
    assert_string_equal(text_of(cJSON_GetArrayItem(tiles, 0), "type"), "text");
    assert_string_equal(text_of(cJSON_GetArrayItem(tiles, 1), "query_id"), "9841");
    assert_int_equal(looker_status(process, "dashboards/dAcmeVerify310", token), 200);
    assert_int_equal(looker_status(process, "sql_queries/wonkaRunner7", token), 200);
}

/* --- Trino --- */

static cJSON *
submit(const Process *process, const char *service, const char *headers, const char *sql)
{
    g_autofree char *target = g_strdup_printf("/%s/v1/statement", service);
    g_autoptr(Reply) reply = http(process, "POST", target, headers, sql);
    assert_int_equal(reply->status, 200);
    return reply_json(reply);
}

/* Path and query of a nextUri; caller frees. */
static char *
next_of(const cJSON *page)
{
    const char *uri = text_of(page, "nextUri");
    return *uri != '\0' ? g_strdup(strchr(uri + strlen("http://"), '/')) : NULL;
}

static cJSON *
poll_page(const Process *process, const char *target)
{
    g_autoptr(Reply) reply = http(process, "GET", target, NULL, NULL);
    assert_int_equal(reply->status, 200);
    return reply_json(reply);
}

/* Runs to the end: the rows, or the last page when it has an error. */
static cJSON *
run_sql(const Process *process, const char *sql)
{
    g_autoptr(cJSON) page =
        submit(process, "trino", "X-Trino-User: t\r\nX-Trino-Schema: analytics\r\n", sql);
    cJSON *rows = cJSON_CreateArray();
    for (g_autofree char *next = next_of(page); next != NULL;) {
        cJSON_Delete(page);
        page = poll_page(process, next);
        cJSON *row;
        while ((row = cJSON_DetachItemFromArray(list_of(page, "data"), 0)) != NULL)
            cJSON_AddItemToArray(rows, row);
        g_free(next);
        next = next_of(page);
    }
    if (list_of(page, "error") == NULL)
        return rows;
    cJSON_Delete(rows);
    return g_steal_pointer(&page);
}

static void
assert_rows(const Process *process, const char *sql, const char *rows)
{
    g_autoptr(cJSON) json = run_sql(process, sql);
    char *text = cJSON_PrintUnformatted(json);
    assert_string_equal(text, rows);
    cJSON_free(text);
}

static void
assert_trino_error(const Process *process, const char *sql, const char *name)
{
    g_autoptr(cJSON) json = run_sql(process, sql);
    assert_string_equal(text_of(list_of(json, "error"), "errorName"), name);
}

static void
statements_give_typed_values(void **state)
{
    const Process *process = fixture(state)->process;
    assert_rows(process, "SELECT 1, 'x', CAST(2.5 AS DECIMAL(38,12)), NULL, true",
                "[[1,\"x\",\"2.500000000000\",null,true]]");
    assert_rows(process,
                "SELECT CAST(SUM(CAST(c AS DECIMAL(38,12))) AS VARCHAR) FROM (SELECT 0.1 AS"
                " c UNION ALL SELECT 0.2)",
                "[[\"0.300000000000\"]]");
    assert_rows(process, "SELECT date_trunc('week', DATE '2026-09-02'), CAST(1234.5e0 AS VARCHAR)",
                "[[\"2026-08-31\",\"1.2345E3\"]]");
    g_autoptr(Reply) post = http(process, "POST", "/trino/v1/statement", "X-Trino-User: t\r\n",
                                 "SELECT 9007199254740993");
    g_autoptr(cJSON) page = reply_json(post);
    g_autofree char *queued = next_of(page);
    g_autoptr(cJSON) second = poll_page(process, queued);
    g_autofree char *executing = next_of(second);
    g_autoptr(Reply) data = http(process, "GET", executing, NULL, NULL);
    assert_non_null(strstr(data->body->str, "[[9007199254740993]]"));
}

static void
statements_fail_by_name(void **state)
{
    const Process *process = fixture(state)->process;
    assert_trino_error(process, "SELECT 1;", "SYNTAX_ERROR");
    assert_trino_error(process, "SELECT 1 SELECT 2", "SYNTAX_ERROR");
    assert_trino_error(process, "SELECT x FROM nowhere", "TABLE_NOT_FOUND");
    assert_trino_error(process, "SELECT nope FROM verify_attempts", "COLUMN_NOT_FOUND");
    assert_trino_error(process, "SELECT \"nope\" FROM verify_attempts", "COLUMN_NOT_FOUND");
    assert_trino_error(process, "SELECT * FROM truth", "TABLE_NOT_FOUND");
    assert_trino_error(process, "DELETE FROM verify_attempts", "PERMISSION_DENIED");
    assert_trino_error(process, "SELECT CAST('x' AS BIGINT)", "INVALID_CAST_ARGUMENT");
    g_autoptr(cJSON) json = run_sql(process, "SELECT 1,\n  nope FROM verify_attempts");
    const cJSON *place = list_of(list_of(json, "error"), "errorLocation");
    assert_int_equal((int)cJSON_GetNumberValue(list_of(place, "lineNumber")), 2);
    assert_int_equal((int)cJSON_GetNumberValue(list_of(place, "columnNumber")), 3);
}

static void
pages_are_read_again_by_their_token(void **state)
{
    const Process *process = fixture(state)->process;
    tell(process, "setting", "{\"trino_page_rows\":2}");
    g_autoptr(cJSON) page = submit(process, "trino", "X-Trino-User: t\r\n",
                                   "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM t"
                                   " WHERE n < 7) SELECT n FROM t");
    g_autofree char *queued = next_of(page);
    g_autoptr(cJSON) second = poll_page(process, queued);
    g_autofree char *first = next_of(second);
    g_autoptr(cJSON) one = poll_page(process, first);
    g_autoptr(cJSON) again = poll_page(process, first);
    assert_true(cJSON_Compare(list_of(one, "data"), list_of(again, "data"), TRUE));
    assert_int_equal(cJSON_GetArraySize(list_of(one, "data")), 2);
    g_autofree char *next = next_of(one);
    g_autoptr(cJSON) two = poll_page(process, next);
    assert_false(cJSON_Compare(list_of(one, "data"), list_of(two, "data"), TRUE));
    g_autoptr(Reply) gone = http(process, "GET", first, NULL, NULL);
    assert_int_equal(gone->status, 410);
    g_autofree char *far = g_strdup_printf("%.*s9", (int)strlen(first) - 1, first);
    g_autoptr(Reply) unknown = http(process, "GET", far, NULL, NULL);
    assert_int_equal(unknown->status, 404);
}

static void
headers_of_one_family(void **state)
{
    const Process *process = fixture(state)->process;
    static const struct {
        const char *target, *headers;
        int status;
    } cases[] = {
        {"/trino/v1/statement", "X-Trino-User: t\r\n", 200},
        {"/trino/v1/statement", "X-Presto-User: t\r\n", 400},
        {"/trino/v1/statement", "X-Trino-User: t\r\nX-Presto-User: t\r\n", 400},
        {"/presto/v1/statement", "X-Presto-User: t\r\n", 200},
        {"/presto/v1/statement", "X-Trino-User: t\r\n", 400},
        {"/trino/v1/statement", "X-Trino-User: t\r\nAuthorization: Basic eDp5\r\n", 401},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Reply) reply =
            http(process, "POST", cases[i].target, cases[i].headers, "SELECT 1");
        assert_int_equal(reply->status, cases[i].status);
    }
    tell(process, "setting", "{\"trino_auth\":\"basic\"}");
    g_autoptr(Reply) reply = http(process, "POST", cases[0].target, cases[0].headers, "SELECT 1");
    assert_int_equal(reply->status, 401);
}

static void
a_canceled_query_says_so(void **state)
{
    const Process *process = fixture(state)->process;
    tell(process, "setting", "{\"trino_work_ms\":60000}");
    g_autoptr(cJSON) page = submit(process, "trino", "X-Trino-User: t\r\n", "SELECT 1");
    g_autofree char *queued = next_of(page);
    g_autoptr(cJSON) second = poll_page(process, queued);
    g_autofree char *bare = next_of(second);
    g_autofree char *quick = g_strconcat(bare, "?maxWait=10ms", NULL);
    g_autoptr(cJSON) third = poll_page(process, quick);
    assert_true(cJSON_GetNumberValue(list_of(list_of(third, "stats"), "progressPercentage")) > 0);
    g_autofree char *next = next_of(third);
    g_autoptr(Reply) canceled = http(process, "DELETE", next, NULL, NULL);
    assert_int_equal(canceled->status, 204);
    g_autoptr(cJSON) last = poll_page(process, next);
    assert_string_equal(text_of(list_of(last, "error"), "errorName"), "USER_CANCELED");
    assert_null(list_of(last, "nextUri"));
}

static void
fraud_in_the_data_is_the_truth_told(void **state)
{
    const Process *process = fixture(state)->process;
    g_autoptr(cJSON) truth = control(process, "truth?account=acme-payments", NULL);
    const cJSON *account = cJSON_GetArrayItem(list_of(truth, "accounts"), 0);
    assert_true(g_ascii_strtod(text_of(account, "fraud_cost"), NULL) > 5000);
    g_autoptr(cJSON) all = control(process, "truth", NULL);
    assert_int_equal(cJSON_GetArraySize(list_of(all, "accounts")), 44);
    tell(process, "data",
         "{\"sql\":\"UPDATE verify_attempts SET attempts=5 WHERE"
         " account_name='duff'\"}");
    assert_rows(process, "SELECT MAX(attempts) FROM verify_attempts WHERE account_name='duff'",
                "[[5]]");
}

/* --- faults --- */

static Reply *
post_with_fault(const Process *process, const char *fault)
{
    g_autofree char *headers = g_strdup_printf("%sAuthorization: Bearer %s\r\n", FORM,
                                               process_text(process, "slack_token"));
    tell(process, "faults/clear", "{}");
    tell(process, "fault", fault);
    return http(process, "POST", "/slack/api/chat.postMessage", headers,
                "channel=" CHANNEL "&text=x");
}

#define POST_FAULT(kind) "{\"service\":\"slack\",\"match\":\"chat.postMessage\",\"kind\":" kind "}"

static void
faults_before_the_post(void **state)
{
    const Process *process = fixture(state)->process;
    g_autoptr(Reply) limited =
        post_with_fault(process, POST_FAULT("\"status\",\"status\":429,\"retry_after\":7"));
    g_autofree char *wait = reply_header(limited, "Retry-After");
    assert_int_equal(limited->status, 429);
    assert_string_equal(wait, "7");
    g_autoptr(Reply) reset = post_with_fault(process, POST_FAULT("\"reset_before\""));
    assert_int_equal(reset->status, 0);
    assert_true(reset->reset);
    g_autoptr(Reply) error =
        post_with_fault(process, POST_FAULT("\"error\",\"error\":\"fatal_error\""));
    assert_string_equal(error->body->str, "{\"ok\":false,\"error\":\"fatal_error\"}");
    g_autoptr(Reply) broken = post_with_fault(process, POST_FAULT("\"malformed\""));
    assert_null(cJSON_Parse(broken->body->str));
    assert_int_equal(count_posts(process), 0);
}

static void
faults_after_the_post_landed(void **state)
{
    const Process *process = fixture(state)->process;
    g_autoptr(Reply) reset = post_with_fault(process, POST_FAULT("\"land_then_reset\""));
    assert_true(reset->reset && reset->status == 0);
    assert_int_equal(count_posts(process), 1);
    g_autoptr(Reply) five = post_with_fault(process, POST_FAULT("\"land_then_500\""));
    assert_int_equal(five->status, 500);
    assert_int_equal(count_posts(process), 2);
    g_autoptr(Reply) half = post_with_fault(process, POST_FAULT("\"reset_mid\""));
    assert_int_equal(half->status, 200);
    assert_true(half->reset && !half->complete && half->body->len > 0);
    assert_int_equal(count_posts(process), 3);
}

static void
faults_of_the_body(void **state)
{
    const Process *process = fixture(state)->process;
    g_autoptr(Reply) huge = post_with_fault(process, POST_FAULT("\"huge\",\"mb\":3"));
    assert_true(huge->body->len > (gsize)3 << 20 && huge->complete);
    g_autoptr(Reply) deep = post_with_fault(process, POST_FAULT("\"deep\",\"depth\":5000"));
    assert_non_null(strstr(deep->body->str, "[[[["));
    g_autoptr(Reply) type = post_with_fault(process, POST_FAULT("\"wrong_type\""));
    g_autofree char *content = reply_header(type, "Content-Type");
    assert_true(g_str_has_prefix(content, "text/html"));
    g_autoptr(Reply) drip =
        post_with_fault(process, POST_FAULT("\"slow_drip\",\"bytes\":200,\"interval_ms\":5"));
    assert_true(drip->complete && drip->pieces > 1);
}

static void
faults_strike_when_their_turn_has_come(void **state)
{
    const Process *process = fixture(state)->process;
    tell(process, "fault",
         "{\"service\":\"slack\",\"match\":\"auth.*\",\"after\":1,\"times\":2,"
         "\"kind\":\"error\",\"error\":\"internal_error\"}");
    static const char *const expected[] = {"", "internal_error", "internal_error", ""};
    for (gsize i = 0; i < G_N_ELEMENTS(expected); i++)
        assert_slack_error(process, "auth.test", "", expected[i]);
    g_autoptr(cJSON) log = control(process, "log?service=slack", NULL);
    const cJSON *second = cJSON_GetArrayItem(list_of(log, "log"), 1);
    assert_string_equal(text_of(second, "fault"), "error");
    assert_string_equal(text_of(second, "path"), "auth.test");
}

/* --- several processes, the log --- */

static void
processes_share_a_folder(void **state)
{
    Fixture *one = fixture(state);
    Process *other = process_start(one->dir, "empty");
    assert_non_null(other);
    assert_int_not_equal(other->port, one->process->port);
    g_autofree char *ts = say(other, "{\"text\":\"said to the other\"}");
    g_autoptr(cJSON) history = slack(one->process, "conversations.history", "channel=" CHANNEL);
    const cJSON *message = cJSON_GetArrayItem(list_of(history, "messages"), 0);
    assert_string_equal(text_of(message, "ts"), ts);
    cJSON_Delete(slack(other, "chat.postMessage", "channel=" CHANNEL "&text=x"));
    assert_int_equal(count_posts(one->process), 1);
    assert_int_equal(process_stop(other), 0);
    /* what was there stays when the folder is used again */
    assert_int_equal(process_stop(one->process), 0);
    one->process = process_start(one->dir, "demo");
    assert_non_null(one->process);
    assert_int_equal(count_posts(one->process), 1);
}

static void
the_log_holds_no_secret(void **state)
{
    const Process *process = fixture(state)->process;
    g_free(looker_token(process));
    g_autofree char *form = g_strdup_printf("token=%s", process_text(process, "slack_token"));
    g_autoptr(Reply) in_form = http(process, "POST", "/slack/api/auth.test", FORM, form);
    assert_non_null(strstr(in_form->body->str, "\"ok\":true"));
    g_autoptr(Reply) log = http(process, "GET", "/control/log", NULL, NULL);
    assert_non_null(strstr(log->body->str, "auth.test"));
    assert_null(strstr(log->body->str, process_text(process, "slack_token")));
    assert_null(strstr(log->body->str, process_text(process, "looker_client_secret")));
}

static void
the_demo_has_its_day(void **state)
{
    Fixture *one = fixture(state);
    tell(one->process, "reset", "{\"seed\":\"demo\"}");
    g_autoptr(cJSON) history =
        slack(one->process, "conversations.history", "channel=" CHANNEL "&limit=999");
    const cJSON *message;
    int plain = 0;
    cJSON_ArrayForEach (message, list_of(history, "messages"))
        plain += list_of(message, "subtype") == NULL;
    assert_in_range(plain, 50, 60);
    assert_int_equal(count_posts(one->process), 0);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(history_comes_in_pages_newest_first),
        CASE(a_cursor_belongs_to_its_arguments),
        CASE(oldest_is_exclusive_unless_inclusive),
        CASE(replies_begin_with_the_parent_on_every_page),
        CASE(tokens_and_scopes),
        CASE(bodies_need_their_type_and_charset),
        CASE(channels_that_cannot_be_used),
        CASE(posts_are_checked_and_read_back_with_metadata),
        CASE(one_post_a_second_when_asked_for),
        CASE(a_deleted_parent_leaves_a_tombstone),
        CASE(looker_sessions),
        CASE(looker_sql_has_its_traps),
        CASE(dashboards_show_their_tiles),
        CASE(statements_give_typed_values),
        CASE(statements_fail_by_name),
        CASE(pages_are_read_again_by_their_token),
        CASE(headers_of_one_family),
        CASE(a_canceled_query_says_so),
        CASE(fraud_in_the_data_is_the_truth_told),
        CASE(faults_before_the_post),
        CASE(faults_after_the_post_landed),
        CASE(faults_of_the_body),
        CASE(faults_strike_when_their_turn_has_come),
        CASE(processes_share_a_folder),
        CASE(the_log_holds_no_secret),
        CASE(the_demo_has_its_day),
    };
    return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
