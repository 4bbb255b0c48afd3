/* interop_prism.c: sends every kind of request of the Looker and Slack clients to Prism's mock
 * servers.
 *
 * interop_prism LOOKER_API_URL SLACK_API_URL. What Prism thinks of the requests stands in its log,
 * which tests/interop/run reads; what it answers is made up, so only the sending is looked at here.
 */
#include <stdio.h>
#include "services/looker.h"
#include "services/slack.h"
#include "services/warehouse_deadline.h"

#define CALL_LIMIT (20 * G_TIME_SPAN_SECOND)

typedef struct {
    const char *kind;
    const char *url;
} Sample;

static void
ask_looker(Http *http, const char *api_url)
{
    static const char base[] = "https://looker.example.com";
    static const Sample samples[] = {
        {"look", "https://looker.example.com/looks/12"},
        {"slug", "https://looker.example.com/x/abcDEF0123456789abcdef"},
        {"dashboard", "https://looker.example.com/dashboards/7"},
        {"LookML dashboard", "https://looker.example.com/dashboards/model::name"},
        {"SQL Runner", "https://looker.example.com/sql/abcdefghijkl"},
    };
    LookerOptions options = {.api_url = api_url,
                             .client_id = "id",
                             .client_secret = "s3cret&=+ %",
                             .timeout = 10 * G_TIME_SPAN_SECOND};
    g_autoptr(Looker) looker = looker_new(http, &options, NULL);
    g_autofree char *who = NULL;
    looker_check(looker, &who, NULL, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
        g_autofree char *why = NULL;
        g_auto(GStrv) choices = NULL;
        g_autoptr(GError) error = NULL;
        Deadline deadline;
        g_autoptr(Link) link = link_parse(samples[i].url, base, &why);
        if (!link) {
            printf("FAIL prism looker: %s: %s\n", samples[i].kind, why);
            continue;
        }
        deadline_start(&deadline, NULL, CALL_LIMIT);
        g_autoptr(LookerSql) sql =
            looker_fetch(looker, link, NULL, NULL, &choices, deadline.token, &error);
        deadline_stop(&deadline);
        if (g_getenv("VERBOSE"))
            printf("# looker %s: %s\n", samples[i].kind, sql ? sql->ref : error->message);
    }
}

static gboolean
first_page(const SlackMessage *message, void *data)
{
    (void)message, (void)data;
    return FALSE;
}

static void
note(const char *call, GError **error)
{
    if (g_getenv("VERBOSE"))
        printf("# slack %s: %s\n", call, *error ? (*error)->message : "answered");
    g_clear_error(error);
}

static void
ask_slack(Http *http, const char *base_url)
{
    SlackOptions options = {.base_url = base_url, .token = "xoxb-interop", .page_size = 100};
    g_autoptr(GError) error = NULL;
    g_autoptr(Slack) slack = slack_new(http, &options, NULL);
    g_autofree char *ts = NULL, *found = NULL;
    Deadline deadline;
    deadline_start(&deadline, NULL, 3 * CALL_LIMIT);
    Cancel *limit = deadline.token;

    slack_identity(slack, limit, &error);
    note("auth.test", &error);
    slack_channel_free(slack_channel_find(slack, "C012AB3CD", limit, &error));
    note("conversations.info", &error);
    slack_channel_free(slack_channel_find(slack, "#general", limit, &error));
    note("conversations.list", &error);
    slack_history(slack, "C012AB3CD", "1512085950.000216", first_page, NULL, limit, &error);
    note("conversations.history", &error);
    slack_replies(slack, "C012AB3CD", "1512085950.000216", NULL, first_page, NULL, limit, &error);
    note("conversations.replies", &error);
    g_autoptr(cJSON) blocks = cJSON_Parse(
        "[{\"type\":\"section\",\"text\":{\"type\":\"mrkdwn\",\"text\":\"*1.00 USD*\"}}]");
    slack_post(slack, "C012AB3CD", "1512085950.000216", "1.00 USD &amp; more", blocks, "result",
               "0123456789abcdef", NULL, &ts, limit, &error);
    note("chat.postMessage", &error);
    slack_find_post(slack, "C012AB3CD", "1512085950.000216", NULL, "0123456789abcdef", &found,
                    limit, &error);
    note("conversations.replies", &error);
    g_free(slack_open_dm(slack, "W1234567890", limit, &error));
    note("conversations.open", &error);
    g_free(slack_user_name(slack, "W1234567890", limit, &error));
    note("users.info", &error);
    g_free(slack_permalink(slack, "C012AB3CD", "1512085950.000216", limit, &error));
    note("chat.getPermalink", &error);
    deadline_stop(&deadline);
}

int
main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s LOOKER_API_URL SLACK_API_URL\n", argv[0]);
        return 2;
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(Http) http = http_new(NULL, NULL, &error);
    if (!http) {
        printf("FAIL prism: %s\n", error->message);
        return 1;
    }
    ask_looker(http, argv[1]);
    ask_slack(http, argv[2]);
    return 0;
}
