/* test_slack.c: paging, errors in words, the fate of posts, reading back, the rate of posts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include "base/error.h"
#include "services/slack.h"
#include "tests/unit/net/fake_http.h"

typedef struct {
    FakeHttp *fake;
    Http *http;
    Slack *slack;
} Fixture;

#define IDENTITY                                                                                   \
    "{\"ok\":true,\"team\":\"Example\",\"team_id\":\"T1\",\"url\":\"https://x.example.com/\","     \
    "\"user\":\"creditbot\",\"user_id\":\"U0BOT\",\"bot_id\":\"B0BOT\"}"

static int
setup(void **state)
{
    HttpOptions options = {.retries = 1, .backoff = 1000, .timeout = 5 * G_TIME_SPAN_SECOND};
    Fixture *f = g_new0(Fixture, 1);
    SlackOptions slack = {.token = "xoxb-test", .page_size = 2, .post_interval = 1};

    f->fake = fake_http_new();
    f->http = http_new(&options, NULL, NULL);
    slack.base_url = fake_http_url(f->fake);
    f->slack = slack_new(f->http, &slack, NULL);
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    Fixture *f = *state;

    slack_free(f->slack);
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

static void
test_identity(void **state)
{
    Fixture *f = *state;
    g_autofree char *seen = NULL;
    const SlackIdentity *self;

    reply(f, "/auth.test", IDENTITY);
    self = slack_identity(f->slack, NULL, NULL);
    assert_non_null(self);
    assert_string_equal(self->bot_id, "B0BOT");
    assert_string_equal(self->team, "Example");
    assert_ptr_equal(slack_identity(f->slack, NULL, NULL), self);
    assert_int_equal(fake_http_count(f->fake, NULL), 1);
    seen = fake_http_request(f->fake, 0);
    assert_non_null(strstr(seen, "Authorization: Bearer xoxb-test\r\n"));
}

static void
test_errors_in_words(void **state)
{
    Fixture *f = *state;
    static const struct {
        const char *body;
        int status, code;
        const char *says;
    } cases[] = {
        {"{\"ok\":false,\"error\":\"invalid_auth\"}", 200, ERR_AUTH, "SLACK_BOT_TOKEN"},
        {"{\"ok\":false,\"error\":\"token_revoked\"}", 200, ERR_AUTH, "revoked"},
        {"{\"ok\":false,\"error\":\"missing_scope\",\"needed\":\"channels:read\"}", 200, ERR_AUTH,
         "channels:read"},
        {"{\"ok\":false,\"error\":\"invalid_auth\"}", 401, ERR_AUTH, "invalid_auth"},
        {"{\"ok\":false,\"error\":\"some_new_code\"}", 200, ERR_REFUSED, "some_new_code"},
        {"{\"ok\":false}", 200, ERR_BAD_ANSWER, "neither yes nor no"},
        {"{\"error\":\"x\"}", 200, ERR_BAD_ANSWER, "neither yes nor no"},
        {"<html>", 200, ERR_BAD_ANSWER, "not valid JSON"},
        {"{\"ok\":true}", 200, ERR_BAD_ANSWER, "user_id"},
        {"{\"ok\":true", 200, ERR_BAD_ANSWER, "auth.test"},
        {"nothing", 404, ERR_NOT_FOUND, "HTTP 404"},
        {"nothing", 503, ERR_BUSY, "HTTP 503"},
        {"{\"ok\":true}", 500, ERR_BUSY, "HTTP 500"},
        {"{\"ok\":false,\"error\":\"ratelimited\"}", 429, ERR_RATE, "slow down"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        fake_http_forget(f->fake);
        fake_http_reply(f->fake, (FakeReply){.status = cases[i].status,
                                             .body = cases[i].body,
                                             .headers = "Retry-After: 0\r\n"});
        assert_null(slack_identity(f->slack, NULL, &error));
        assert_code(error, cases[i].code);
        assert_says(error, cases[i].says);
        assert_null(strstr(error->message, "xoxb-test"));
    }
}

static void
test_error_names_method_and_channel(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;

    reply(f, NULL, "{\"ok\":false,\"error\":\"not_in_channel\"}");
    assert_false(slack_history(f->slack, "C0CREDIT", NULL, NULL, NULL, NULL, &error));
    assert_code(error, ERR_REFUSED);
    assert_says(error, "conversations.history");
    assert_says(error, "C0CREDIT");
    assert_says(error, "/invite");
}

static void
test_ratelimited_in_a_200_is_tried_again(void **state)
{
    Fixture *f = *state;

    fake_http_reply(f->fake,
                    (FakeReply){.times = 1, .body = "{\"ok\":false,\"error\":\"ratelimited\"}"});
    reply(f, NULL, IDENTITY);
    assert_non_null(slack_identity(f->slack, NULL, NULL));
    assert_int_equal(fake_http_count(f->fake, NULL), 2);
}

/* ---- channels and people ---- */

static void
test_channel_by_name(void **state)
{
    Fixture *f = *state;
    g_autoptr(SlackChannel) third = NULL;
    g_autoptr(SlackChannel) first = NULL;
    g_autoptr(SlackChannel) none = NULL;
    g_autoptr(GError) error = NULL;

    reply(f, "cursor=p2",
          "{\"ok\":true,\"channels\":[],\"response_metadata\":{\"next_cursor\":\"p3\"}}");
    reply(f, "cursor=p3",
          "{\"ok\":true,\"channels\":[{\"id\":\"C3\",\"name\":\"help\","
          "\"is_private\":true,\"is_member\":true}]}");
    reply(f, "conversations.list",
          "{\"ok\":true,\"channels\":[{\"id\":\"C1\",\"name\":\"general\"},{\"name\":\"broken\"}],"
          "\"response_metadata\":{\"next_cursor\":\"p2\"}}");
    third = slack_channel_find(f->slack, "#Help", NULL, NULL);
    assert_non_null(third);
    assert_string_equal(third->id, "C3");
    assert_true(third->is_private && third->is_member && !third->is_archived);
    first = slack_channel_find(f->slack, "general", NULL, NULL);
    assert_string_equal(first->id, "C1");
    none = slack_channel_find(f->slack, "absent", NULL, &error);
    assert_null(none);
    assert_code(error, ERR_NOT_FOUND);
    assert_says(error, "/invite");
    assert_int_equal(fake_http_count(f->fake, NULL), 3);
}

static void
test_channel_by_id(void **state)
{
    Fixture *f = *state;
    g_autoptr(SlackChannel) channel = NULL;
    g_autoptr(GError) error = NULL;

    reply(f, "conversations.info?channel=C0000001 ",
          "{\"ok\":true,\"channel\":{\"id\":\"C0000001\",\"name\":\"a\",\"is_archived\":true}}");
    reply(f, "conversations.info", "{\"ok\":false,\"error\":\"channel_not_found\"}");
    channel = slack_channel_find(f->slack, "C0000001", NULL, NULL);
    assert_string_equal(channel->name, "a");
    assert_true(channel->is_archived);
    assert_null(slack_channel_find(f->slack, "C0000002", NULL, &error));
    assert_code(error, ERR_NOT_FOUND);
    assert_says(error, "C0000002");
}

static void
test_people(void **state)
{
    Fixture *f = *state;
    g_autofree char *ada = NULL;
    g_autofree char *again = NULL;
    g_autofree char *bob = NULL;
    g_autofree char *dm = NULL;
    g_autofree char *link = NULL;
    g_autoptr(GError) error = NULL;

    reply(f, "user=U1",
          "{\"ok\":true,\"user\":{\"id\":\"U1\",\"name\":\"ada1\",\"real_name\":\"Ada\","
          "\"profile\":{\"display_name\":\"ada\"}}}");
    reply(f, "user=U2",
          "{\"ok\":true,\"user\":{\"name\":\"bob2\",\"real_name\":\"Bob\","
          "\"profile\":{\"display_name\":\"\"}}}");
    reply(f, "users.info", "{\"ok\":false,\"error\":\"user_not_found\"}");
    reply(f, "conversations.open", "{\"ok\":true,\"channel\":{\"id\":\"D1\"}}");
    reply(f, "chat.getPermalink?channel=C1&message_ts=1512085950.000216",
          "{\"ok\":true,\"permalink\":\"https://x.example.com/p\"}");
    ada = slack_user_name(f->slack, "U1", NULL, NULL);
    again = slack_user_name(f->slack, "U1", NULL, NULL);
    bob = slack_user_name(f->slack, "U2", NULL, NULL);
    assert_string_equal(ada, "ada");
    assert_string_equal(again, "ada");
    assert_string_equal(bob, "Bob");
    assert_int_equal(fake_http_count(f->fake, "user=U1"), 1);
    assert_null(slack_user_name(f->slack, "U3", NULL, &error));
    assert_code(error, ERR_NOT_FOUND);
    dm = slack_open_dm(f->slack, "U1", NULL, NULL);
    assert_string_equal(dm, "D1");
    assert_int_equal(fake_http_count(f->fake, "\r\n\r\nusers=U1"), 1);
    link = slack_permalink(f->slack, "C1", "1512085950.000216", NULL, NULL);
    assert_string_equal(link, "https://x.example.com/p");
}

/* ---- reading ---- */

static gboolean
collect(const SlackMessage *message, void *data)
{
    GString *out = data;

    g_string_append_printf(out, "%s ", message->ts);
    return out->str[0] != 'S' || strlen(out->str) < 20;
}

#define MSG(n)                                                                                     \
    "{\"type\":\"message\",\"user\":\"U1\",\"text\":\"t\",\"ts\":\"100000000" n ".000000\"}"
#define PARENT                                                                                     \
    "{\"type\":\"message\",\"user\":\"U1\",\"ts\":\"1000000001.000000\",\"thread_ts\":"            \
    "\"1000000001.000000\",\"reply_count\":2}"

static void
test_history_pages(void **state)
{
    Fixture *f = *state;
    g_autoptr(GString) got = g_string_new(NULL);
    g_autofree char *seen = NULL;

    reply(f, "cursor=b%3D",
          "{\"ok\":true,\"messages\":[],\"has_more\":true,\"response_metadata\":{\"next_cursor\":"
          "\"c\"}}");
    reply(f, "cursor=c",
          "{\"ok\":true,\"messages\":[" MSG("1") "],\"has_more\":false,"
                                                 "\"response_metadata\":{\"next_cursor\":\"\"}}");
    reply(f, "conversations.history",
          "{\"ok\":true,\"messages\":[" MSG("3") ",{\"text\":\"no ts\"}," MSG(
              "2") "],\"has_more\":true,"
                   "\"response_metadata\":{\"next_cursor\":\"b=\"}}");
    assert_true(slack_history(f->slack, "C1", "999.000000", collect, got, NULL, NULL));
    assert_string_equal(got->str, "1000000003.000000 1000000002.000000 1000000001.000000 ");
    assert_int_equal(fake_http_count(f->fake, "oldest=999.000000"), 3);
    assert_int_equal(fake_http_count(f->fake, "limit=2"), 3);
    seen = fake_http_request(f->fake, 0);
    assert_true(g_str_has_prefix(seen, "GET /conversations.history?channel=C1&"));
    assert_null(strstr(seen, "cursor="));
}

static void
test_walk_stops_when_told(void **state)
{
    Fixture *f = *state;
    g_autoptr(GString) got = g_string_new("S");

    reply(f, NULL,
          "{\"ok\":true,\"messages\":[" MSG("3") "," MSG("2") "," MSG(
              "1") "],\"has_more\":true,"
                   "\"response_metadata\":{\"next_cursor\":\"b\"}}");
    assert_true(slack_history(f->slack, "C1", NULL, collect, got, NULL, NULL));
    assert_string_equal(got->str, "S1000000003.000000 1000000002.000000 ");
    assert_int_equal(fake_http_count(f->fake, NULL), 1);
}

static void
test_replies_are_told_once(void **state)
{
    Fixture *f = *state;
    g_autoptr(GString) got = g_string_new(NULL);

    reply(f, "cursor=b", "{\"ok\":true,\"messages\":[" PARENT "," MSG("3") "]}");
    reply(f, "conversations.replies?channel=C1&ts=1000000001.000000",
          "{\"ok\":true,\"messages\":[" PARENT
          "," MSG("2") "],\"response_metadata\":{\"next_cursor\":"
                       "\"b\"}}");
    assert_true(slack_replies(f->slack, "C1", "1000000001.000000", NULL, collect, got, NULL, NULL));
    assert_string_equal(got->str, "1000000001.000000 1000000002.000000 1000000003.000000 ");
    assert_int_equal(fake_http_count(f->fake, "include_all_metadata=true"), 2);
}

static void
test_incomplete_walks_are_errors(void **state)
{
    Fixture *f = *state;
    static const struct {
        const char *second;
        int status, code;
        const char *says;
    } cases[] = {
        {"{\"ok\":true,\"messages\":[],\"response_metadata\":{\"next_cursor\":\"b\"}}", 200,
         ERR_BAD_ANSWER, "twice"},
        {"{\"ok\":true,\"messages\":[],\"has_more\":true}", 200, ERR_BAD_ANSWER, "no cursor"},
        {"{\"ok\":true}", 200, ERR_BAD_ANSWER, "without messages"},
        {"{\"ok\":false,\"error\":\"invalid_cursor\"}", 200, ERR_REFUSED, "cursor"},
        {"{\"ok\":false,\"error\":\"internal_error\"}", 200, ERR_BUSY, "internal_error"},
        {"x", 503, ERR_BUSY, "503"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) got = g_string_new(NULL);
        g_autoptr(GError) error = NULL;

        fake_http_forget(f->fake);
        fake_http_reply(
            f->fake,
            (FakeReply){.match = "cursor=b", .status = cases[i].status, .body = cases[i].second});
        reply(f, NULL,
              "{\"ok\":true,\"messages\":[" MSG("3") "],\"response_metadata\":{"
                                                     "\"next_cursor\":\"b\"}}");
        assert_false(slack_history(f->slack, "C1", NULL, collect, got, NULL, &error));
        assert_code(error, cases[i].code);
        assert_says(error, cases[i].says);
    }
}

static void
test_message_kinds(void **state)
{
    static const struct {
        const char *json;
        SlackKind kind;
    } cases[] = {
        {"{\"user\":\"U1\"}", SLACK_PERSON},
        {"{\"type\":\"message\",\"user\":\"U1\",\"thread_ts\":\"1.000000\"}", SLACK_PERSON},
        {"{\"user\":\"U1\",\"subtype\":\"file_share\"}", SLACK_PERSON},
        {"{\"user\":\"U1\",\"subtype\":\"me_message\"}", SLACK_PERSON},
        {"{\"user\":\"U1\",\"edited\":{\"ts\":\"2.000000\"}}", SLACK_PERSON},
        {"{\"user\":\"U1\",\"thread_ts\":\"0.500000\"}", SLACK_REPLY},
        {"{\"user\":\"U1\",\"thread_ts\":\"0.500000\",\"subtype\":\"thread_broadcast\"}",
         SLACK_REPLY},
        {"{\"user\":\"U1\",\"subtype\":\"thread_broadcast\"}", SLACK_REPLY},
        {"{\"user\":\"U0BOT\"}", SLACK_BOT},
        {"{\"user\":\"U1\",\"bot_id\":\"B9\"}", SLACK_BOT},
        {"{\"subtype\":\"bot_message\"}", SLACK_BOT},
        {"{\"user\":\"USLACKBOT\"}", SLACK_BOT},
        {"{\"user\":\"U1\",\"subtype\":\"channel_join\"}", SLACK_NOTICE},
        {"{\"user\":\"U1\",\"subtype\":\"tombstone\"}", SLACK_NOTICE},
        {"{\"user\":\"U1\",\"subtype\":\"message_changed\"}", SLACK_NOTICE},
        {"{\"user\":\"U1\",\"subtype\":\"something_new\"}", SLACK_NOTICE},
        {"{\"user\":\"U1\",\"hidden\":true}", SLACK_NOTICE},
        {"{\"user\":\"U1\",\"type\":\"reaction\"}", SLACK_NOTICE},
        {"{}", SLACK_NOTICE},
    };
    SlackIdentity self = {.user_id = (char[]){"U0BOT"}, .bot_id = (char[]){"B0BOT"}};

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(cJSON) json = cJSON_Parse(cases[i].json);
        g_autoptr(SlackMessage) message = NULL;

        json_add(json, "ts", "1.000000");
        message = slack_message_from_json(json);
        assert_non_null(message);
        if (slack_message_kind(message, &self) != cases[i].kind)
            fail_msg("%s: %d", cases[i].json, (int)slack_message_kind(message, &self));
    }
}

static void
test_message_fields(void **state)
{
    g_autoptr(cJSON) json = cJSON_Parse(
        "{\"ts\":\"1512085950.000216\",\"thread_ts\":\"1512085950.000216\",\"user\":\"U1\","
        "\"text\":"
        "\"a &amp; b\",\"edited\":{\"user\":\"U1\",\"ts\":\"1512085960.000000\"},\"reply_count\":1,"
        "\"latest_reply\":\"1512085970.000000\",\"app_id\":\"A1\",\"metadata\":{\"event_type\":"
        "\"creditbot_post\",\"event_payload\":{\"nonce\":\"n1\",\"kind\":\"result\"}}}");
    g_autoptr(cJSON) bare = cJSON_Parse("{\"text\":\"x\"}");
    g_autoptr(cJSON) bad = cJSON_Parse("{\"ts\":\"yesterday\"}");
    g_autoptr(SlackMessage) message = slack_message_from_json(json);

    (void)state;
    assert_string_equal(message->text, "a &amp; b");
    assert_string_equal(message->edited_ts, "1512085960.000000");
    assert_string_equal(message->latest_reply, "1512085970.000000");
    assert_true(message->has_replies);
    assert_string_equal(message->metadata_type, "creditbot_post");
    assert_string_equal(message->metadata_id, "n1");
    assert_string_equal(message->app_id, "A1");
    assert_null(slack_message_from_json(bare));
    assert_null(slack_message_from_json(bad));
    assert_null(slack_message_from_json(NULL));
}

/* ---- posting ---- */

static SlackFate
post(Fixture *f, char **ts, GError **error)
{
    return slack_post(f->slack, "C1", "1000000001.000000", "Hello", NULL, "result", "n-1", NULL, ts,
                      NULL, error);
}

static void
test_post(void **state)
{
    Fixture *f = *state;
    g_autoptr(cJSON) blocks = cJSON_Parse("[{\"type\":\"divider\"}]");
    g_autoptr(cJSON) extra = cJSON_Parse("{\"request\":7,\"nonce\":\"other\"}");
    g_autofree char *ts = NULL;
    g_autofree char *seen = NULL;
    g_autoptr(cJSON) body = NULL;
    const cJSON *payload;

    reply(f, "/chat.postMessage", "{\"ok\":true,\"channel\":\"C1\",\"ts\":\"1503435956.000247\"}");
    assert_int_equal(slack_post(f->slack, "C1", "1.000000", "Hello \"x\"", blocks, "result", "n-1",
                                extra, &ts, NULL, NULL),
                     SLACK_POSTED);
    assert_string_equal(ts, "1503435956.000247");
    seen = fake_http_request(f->fake, 0);
    assert_non_null(strstr(seen, "Content-Type: application/json; charset=utf-8\r\n"));
    body = cJSON_Parse(strstr(seen, "\r\n\r\n") + 4);
    assert_string_equal(json_string(body, "channel"), "C1");
    assert_string_equal(json_string(body, "thread_ts"), "1.000000");
    assert_string_equal(json_string(body, "text"), "Hello \"x\"");
    assert_int_equal(cJSON_GetArraySize(json_array(body, "blocks")), 1);
    assert_string_equal(json_string(body, "parse"), "none");
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(body, "link_names")));
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(body, "unfurl_links")));
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(body, "unfurl_media")));
    payload = json_object(json_object(body, "metadata"), "event_payload");
    assert_string_equal(json_string(json_object(body, "metadata"), "event_type"), "creditbot_post");
    assert_string_equal(json_string(payload, "nonce"), "n-1");
    assert_string_equal(json_string(payload, "kind"), "result");
    assert_int_equal(json_int(payload, "request", 0), 7);
}

static void
test_fates(void **state)
{
    Fixture *f = *state;
    static const struct {
        FakeReply reply;
        SlackFate fate;
    } cases[] = {
        {{.body = "{\"ok\":false,\"error\":\"not_in_channel\"}"}, SLACK_REFUSED},
        {{.body = "{\"ok\":false,\"error\":\"invalid_auth\"}"}, SLACK_REFUSED},
        {{.body = "{\"ok\":false,\"error\":\"restricted_action_thread_locked\"}"}, SLACK_REFUSED},
        {{.status = 429,
          .body = "{\"ok\":false,\"error\":\"ratelimited\"}",
          .headers = "Retry-After: 0\r\n"},
         SLACK_REFUSED},
        {{.status = 429, .headers = "Retry-After: 9999\r\n"}, SLACK_REFUSED},
        {{.body = "{\"ok\":false,\"error\":\"internal_error\"}"}, SLACK_UNCLEAR},
        {{.body = "{\"ok\":false,\"error\":\"fatal_error\"}"}, SLACK_UNCLEAR},
        {{.body = "{\"ok\":false,\"error\":\"service_unavailable\"}"}, SLACK_UNCLEAR},
        {{.body = "{\"ok\":false,\"error\":\"brand_new_code\"}"}, SLACK_UNCLEAR},
        {{.body = "{\"ok\":true}"}, SLACK_UNCLEAR},
        {{.body = "{\"ok\":true,\"ts\":\"soon\"}"}, SLACK_UNCLEAR},
        {{.body = "{\"ok\":tr"}, SLACK_UNCLEAR},
        {{.body = ""}, SLACK_UNCLEAR},
        {{.body = "{}"}, SLACK_UNCLEAR},
        {{.status = 500}, SLACK_UNCLEAR},
        {{.status = 502}, SLACK_UNCLEAR},
        {{.status = 503}, SLACK_UNCLEAR},
        {{.status = 504, .body = "{\"ok\":false,\"error\":\"not_in_channel\"}"}, SLACK_UNCLEAR},
        {{.status = 302, .headers = "Location: /x\r\n"}, SLACK_UNCLEAR},
        {{.fault = FAKE_CLOSE}, SLACK_UNCLEAR},
        {{.fault = FAKE_RESET}, SLACK_UNCLEAR},
        {{.fault = FAKE_CUT, .body = "{\"ok\":true,\"ts\":\"1503435956.000247\"}"}, SLACK_UNCLEAR},
        {{.fault = FAKE_GARBAGE}, SLACK_UNCLEAR},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        char *ts = NULL;
        SlackFate fate;

        fake_http_forget(f->fake);
        fake_http_reply(f->fake, cases[i].reply);
        fate = post(f, &ts, &error);
        if (fate != cases[i].fate)
            fail_msg("case %u: %d: %s", i, (int)fate, error ? error->message : "");
        assert_non_null(error);
        assert_null(ts);
        if (cases[i].fate == SLACK_UNCLEAR) /* never sent twice */
            assert_int_equal(fake_http_count(f->fake, NULL), 1);
    }
}

static void
test_never_connected_is_refused(void **state)
{
    Fixture *f = *state;
    g_autofree char *url = g_strdup_printf("http://127.0.0.1:%d/api", fake_http_dead_port());
    SlackOptions options = {.base_url = url, .token = "t"};
    g_autoptr(Slack) slack = slack_new(f->http, &options, NULL);
    g_autoptr(GError) error = NULL;
    char *ts = NULL;

    assert_int_equal(
        slack_post(slack, "C1", NULL, "x", NULL, "result", "n", NULL, &ts, NULL, &error),
        SLACK_REFUSED);
    assert_code(error, ERR_UNREACHABLE);
    assert_true(error_is_transient(error));
}

static void
test_timeout_after_sending_is_unclear(void **state)
{
    Fixture *f = *state;
    HttpOptions http_options = {.timeout = 100 * G_TIME_SPAN_MILLISECOND};
    g_autoptr(Http) http = http_new(&http_options, NULL, NULL);
    SlackOptions options = {.base_url = fake_http_url(f->fake), .token = "t"};
    g_autoptr(Slack) slack = slack_new(http, &options, NULL);
    g_autoptr(GError) error = NULL;
    char *ts = NULL;

    fake_http_reply(f->fake, (FakeReply){.fault = FAKE_HANG});
    assert_int_equal(
        slack_post(slack, "C1", NULL, "x", NULL, "result", "n", NULL, &ts, NULL, &error),
        SLACK_UNCLEAR);
    assert_code(error, ERR_UNCLEAR);
}

static void
test_posts_keep_their_distance(void **state)
{
    Fixture *f = *state;
    SlackOptions options = {.base_url = fake_http_url(f->fake),
                            .token = "t",
                            .post_interval = 100 * G_TIME_SPAN_MILLISECOND};
    g_autoptr(Slack) slack = slack_new(f->http, &options, NULL);
    gint64 started = g_get_monotonic_time();
    static const char *const channels[] = {"C1", "C1", "C1", "C2"};

    reply(f, NULL, "{\"ok\":true,\"ts\":\"1503435956.000247\"}");
    for (guint i = 0; i < G_N_ELEMENTS(channels); i++) {
        g_autofree char *ts = NULL;

        assert_int_equal(
            slack_post(slack, channels[i], NULL, "x", NULL, "r", "n", NULL, &ts, NULL, NULL),
            SLACK_POSTED);
        if (i == 2)
            assert_true(g_get_monotonic_time() - started >= 200 * G_TIME_SPAN_MILLISECOND);
    }
}

static void
test_waiting_for_the_slot_is_cancellable(void **state)
{
    Fixture *f = *state;
    SlackOptions options = {.base_url = fake_http_url(f->fake),
                            .token = "t",
                            .post_interval = 3600 * G_TIME_SPAN_SECOND};
    g_autoptr(Slack) slack = slack_new(f->http, &options, NULL);
    g_autoptr(Cancel) cancel = cancel_new();
    g_autoptr(GError) error = NULL;
    g_autofree char *ts = NULL;
    char *none = NULL;

    reply(f, NULL, "{\"ok\":true,\"ts\":\"1503435956.000247\"}");
    assert_int_equal(slack_post(slack, "C1", NULL, "x", NULL, "r", "n", NULL, &ts, NULL, NULL),
                     SLACK_POSTED);
    cancel_fire(cancel);
    assert_int_equal(
        slack_post(slack, "C1", NULL, "x", NULL, "r", "n", NULL, &none, cancel, &error),
        SLACK_REFUSED);
    assert_code(error, ERR_CANCELLED);
    assert_int_equal(fake_http_count(f->fake, NULL), 1);
}

/* ---- reading back ---- */

#define OURS(ts, metadata)                                                                         \
    "{\"type\":\"message\",\"user\":\"U0BOT\",\"bot_id\":\"B0BOT\",\"ts\":\"" ts "\"" metadata "}"
#define NONCE(n)                                                                                   \
    ",\"metadata\":{\"event_type\":\"creditbot_post\",\"event_payload\":{\"nonce\":\"" n "\"}}"
#define THREAD(messages) "{\"ok\":true,\"messages\":[" PARENT messages "]}"

static void
test_find_post(void **state)
{
    Fixture *f = *state;
    static const struct {
        const char *page;
        gboolean known;
        const char *ts;
    } cases[] = {
        {THREAD("," OURS("1000000005.000000", NONCE("n-1"))), TRUE, "1000000005.000000"},
        {THREAD(""), TRUE, NULL},
        {THREAD("," OURS("1000000005.000000", NONCE("n-2"))), TRUE, NULL},
        /* somebody else who copies our nonce */
        {THREAD(",{\"user\":\"U1\",\"ts\":\"1000000005.000000\"" NONCE("n-1") "}"), TRUE, NULL},
        {THREAD(",{\"bot_id\":\"B9\",\"ts\":\"1000000005.000000\"" NONCE("n-1") "}"), TRUE, NULL},
        /* ours without what would tell */
        {THREAD("," OURS("1000000005.000000", ",\"metadata\":{\"event_type\":\"creditbot_post\"}")),
         FALSE, NULL},
        {THREAD("," OURS("1000000005.000000", "")), FALSE, NULL},
        {THREAD("," OURS("1000000001.500000", "")), TRUE, NULL}, /* before the span */
        {"{\"ok\":false,\"error\":\"thread_not_found\"}", TRUE, NULL},
        {"{\"ok\":false,\"error\":\"channel_not_found\"}", FALSE, NULL},
        {"{\"ok\":false,\"error\":\"internal_error\"}", FALSE, NULL},
        {"{\"ok\":true,\"messages\":[],\"has_more\":true}", FALSE, NULL},
        {"nonsense", FALSE, NULL},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *ts = NULL;
        gboolean known;

        fake_http_forget(f->fake);
        reply(f, "/auth.test", IDENTITY);
        reply(f, "/conversations.replies", cases[i].page);
        known = slack_find_post(f->slack, "C1", "1000000001.000000", "1000000002.000000", "n-1",
                                &ts, NULL, &error);
        if (known != cases[i].known)
            fail_msg("case %u: %d: %s", i, known, error ? error->message : "");
        assert_int_equal(known, error == NULL);
        if (cases[i].ts == NULL)
            assert_null(ts);
        else
            assert_string_equal(ts, cases[i].ts);
    }
}

static void
test_find_post_in_a_channel(void **state)
{
    Fixture *f = *state;
    g_autofree char *ts = NULL;

    reply(f, "/auth.test", IDENTITY);
    reply(f, "/conversations.history?channel=D1&oldest=1000000000.000000",
          "{\"ok\":true,\"messages\":[" OURS("1000000005.000000", NONCE("n-1")) "]}");
    assert_true(slack_find_post(f->slack, "D1", NULL, "1000000000.000000", "n-1", &ts, NULL, NULL));
    assert_string_equal(ts, "1000000005.000000");
}

static void
test_find_post_needs_to_know_itself(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    char *ts = NULL;

    reply(f, "/auth.test", "{\"ok\":false,\"error\":\"token_revoked\"}");
    assert_false(slack_find_post(f->slack, "C1", "1.000000", NULL, "n", &ts, NULL, &error));
    assert_code(error, ERR_AUTH);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_identity),
        T(test_errors_in_words),
        T(test_error_names_method_and_channel),
        T(test_ratelimited_in_a_200_is_tried_again),
        T(test_channel_by_name),
        T(test_channel_by_id),
        T(test_people),
        T(test_history_pages),
        T(test_walk_stops_when_told),
        T(test_replies_are_told_once),
        T(test_incomplete_walks_are_errors),
        cmocka_unit_test(test_message_kinds),
        cmocka_unit_test(test_message_fields),
        T(test_post),
        T(test_fates),
        T(test_never_connected_is_refused),
        T(test_timeout_after_sending_is_unclear),
        T(test_posts_keep_their_distance),
        T(test_waiting_for_the_slot_is_cancellable),
        T(test_find_post),
        T(test_find_post_in_a_channel),
        T(test_find_post_needs_to_know_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
