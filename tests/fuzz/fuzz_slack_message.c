/* fuzz_slack_message.c: any JSON as a Slack message: its fields and its kind. */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include "base/clock.h"
#include "services/slack.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char user[] = "U0BOT", bot[] = "B0BOT";
    SlackIdentity self = {.user_id = user, .bot_id = bot};
    g_autoptr(cJSON) json = json_parse((const char *)data, size, "fuzz", NULL);
    g_autoptr(SlackMessage) message = slack_message_from_json(json);
    SlackKind kind;
    gint64 at;

    if (message == NULL)
        return 0;
    g_assert_true(slack_ts_parse(message->ts, &at));
    kind = slack_message_kind(message, &self);
    if (kind == SLACK_PERSON) {
        g_assert_nonnull(message->user);
        g_assert_cmpstr(message->user, !=, self.user_id);
        g_assert_true(message->thread_ts == NULL || strcmp(message->thread_ts, message->ts) == 0);
    }
    return 0;
}
