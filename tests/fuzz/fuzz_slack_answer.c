/* fuzz_slack_answer.c: any answers of Slack to auth.test, conversations.list, history and replies:
 * a walk that says it is whole has seen every message of every page, and a post of ours that stands
 * in the thread is never said to be missing. A line of the input is an answer; "429 " and the like
 * in front of it are its status. */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include "base/clock.h"
#include "base/error.h"
#include "services/slack.h"

#define ANSWERS 12
#define CALLS   64

typedef struct {
    char **lines;
    guint next, calls;
} Server;

static Server server;

/* The status in front of an answer, and where the answer begins. */
static const char *
body_of(const char *line, int *status)
{
    gboolean told = g_ascii_isdigit(line[0]) && strlen(line) > 4 && line[3] == ' ';
    *status = told ? (int)g_ascii_strtoll(line, NULL, 10) : 200;
    return told ? line + 4 : line;
}

/* In the place of the network; the last answer comes again and again. */
HttpResponse *__wrap_http_send(Http *http, const HttpRequest *request, Cancel *cancel,
                               GError **error);
HttpResponse *
__wrap_http_send(Http *http G_GNUC_UNUSED, const HttpRequest *request, Cancel *cancel G_GNUC_UNUSED,
                 GError **error)
{
    const char *line = server.lines[server.next];
    g_assert_true(g_str_has_prefix(request->url, "https://slack.example.com/api/"));
    g_assert_cmpuint(++server.calls, <, CALLS);
    if (server.lines[server.next] && server.lines[server.next + 1])
        server.next++;
    if (!line || *line == '\0') {
        g_set_error(error, CREDITBOT_ERROR, ERR_UNREACHABLE, "nobody there");
        return NULL;
    }
    HttpResponse *response = g_new0(HttpResponse, 1);
    response->body = g_strdup(body_of(line, &response->status));
    response->length = strlen(response->body);
    return response;
}

gboolean __wrap_cancel_sleep(Cancel *cancel, gint64 usec);
gboolean
__wrap_cancel_sleep(Cancel *cancel G_GNUC_UNUSED, gint64 usec G_GNUC_UNUSED)
{
    return FALSE;
}

static Slack *
begin(char **lines)
{
    static const SlackOptions options = {
        .base_url = "https://slack.example.com/api", .token = "xoxb-fuzz", .post_interval = 1};
    server = (Server){.lines = lines};
    return slack_new(NULL, &options, NULL);
}

static gboolean
collect(const SlackMessage *message, void *data)
{
    gint64 at;
    g_assert_true(slack_ts_parse(message->ts, &at));
    g_assert_true(g_hash_table_add(data, g_strdup(message->ts)));
    return TRUE;
}

/* The messages of the answers that were given, by the plainest reading: every object with a ts in
 * "messages" of what says ok. */
static guint
count_messages(char **lines, guint calls, const char *nonce, gboolean *stands)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < calls && lines[i]; i++) {
        int status;
        const char *body = body_of(lines[i], &status);
        g_autoptr(cJSON) root = json_parse(body, strlen(body), "naive", NULL);
        gboolean good = status == 200 && json_true(root, "ok");
        const cJSON *item;
        cJSON_ArrayForEach (item, json_array(good ? root : NULL, "messages")) {
            const char *ts = json_string(item, "ts");
            const cJSON *payload = json_object(json_object(item, "metadata"), "event_payload");
            gint64 at;
            if (!ts || !slack_ts_parse(ts, &at) || !g_hash_table_add(seen, g_strdup(ts)))
                continue;
            gboolean ours = g_strcmp0(json_string(item, "bot_id"), "B1") == 0 ||
                            g_strcmp0(json_string(item, "user"), "U1") == 0;
            if (ours && g_strcmp0(json_string(payload, "nonce"), nonce) == 0)
                *stands = TRUE;
        }
    }
    return g_hash_table_size(seen);
}

static void
check_walk(char **lines)
{
    g_autoptr(Slack) slack = begin(lines);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GError) error = NULL;
    gboolean stands = FALSE;
    gboolean whole = slack_replies(slack, "C1", "1.000001", NULL, collect, seen, NULL, &error);
    g_assert_cmpint(whole, ==, error == NULL);
    if (whole)
        g_assert_cmpuint(g_hash_table_size(seen), ==,
                         count_messages(lines, server.calls, "N1", &stands));
}

/* Before the thread, who we are. */
static void
check_find(char **lines)
{
    static const char *const self = "{\"ok\":true,\"user_id\":\"U1\",\"bot_id\":\"B1\"}";
    g_autofree char **all = g_new0(char *, g_strv_length(lines) + 2);
    g_autofree char *first = g_strdup(self);
    g_autofree char *ts = NULL;
    g_autoptr(GError) error = NULL;
    gboolean stands = FALSE;
    all[0] = first;
    for (guint i = 0; lines[i]; i++)
        all[i + 1] = lines[i];
    g_autoptr(Slack) slack = begin(all);
    gboolean read = slack_find_post(slack, "C1", "1.000001", "1.000001", "N1", &ts, NULL, &error);
    g_assert_cmpint(read, ==, error == NULL);
    g_assert_true(read || ts == NULL);
    count_messages(all + 1, server.calls - 1, "N1", &stands);
    if (read)
        g_assert_cmpint(stands, ==, ts != NULL);
}

static void
check_others(char **lines)
{
    g_autoptr(Slack) slack = begin(lines);
    g_autoptr(GError) error = NULL;
    const SlackIdentity *self = slack_identity(slack, NULL, NULL);
    g_assert_true(!self || self->user_id);
    server = (Server){.lines = lines};
    g_autoptr(SlackChannel) channel = slack_channel_find(slack, "#help", NULL, &error);
    g_assert_true((channel == NULL) == (error != NULL));
    if (channel)
        g_assert_cmpint(g_ascii_strcasecmp(channel->name, "help"), ==, 0);
    server = (Server){.lines = lines};
    g_autofree char *name = slack_user_name(slack, "U1", NULL, NULL);
    g_assert_true(!name || *name);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(GStrv) lines = g_strsplit(text, "\n", ANSWERS);
    check_walk(lines);
    check_find(lines);
    check_others(lines);
    return 0;
}
