/* slack_messages.c: conversations.history, conversations.replies, chat.getPermalink. */
#include "config.h"
#include "slack.h"

#include <string.h>

/* Adds what Slack adds to the parent of a thread. */
static void
add_thread(SlackCall *call, cJSON *json, const char *channel, const char *ts)
{
    sqlite3_stmt *row = db_query(call->db,
                                 "SELECT COUNT(*), MAX(ts), COUNT(DISTINCT json->>'user') FROM"
                                 " message WHERE channel=? AND thread_ts=? AND ts<>thread_ts"
                                 " AND NOT deleted",
                                 "ss", channel, ts);
    if (row != NULL && sqlite3_step(row) == SQLITE_ROW && sqlite3_column_int(row, 0) > 0) {
        cJSON_DeleteItemFromObject(json, "thread_ts");
        cJSON_AddStringToObject(json, "thread_ts", ts);
        cJSON_AddNumberToObject(json, "reply_count", sqlite3_column_double(row, 0));
        cJSON_AddNumberToObject(json, "reply_users_count", sqlite3_column_double(row, 2));
        cJSON_AddStringToObject(json, "latest_reply", db_column(row, 1));
        cJSON_AddFalseToObject(json, "is_locked");
        cJSON_AddFalseToObject(json, "subscribed");
    }
    sqlite3_finalize(row);
}

/* Metadata keeps its payload only where the call asks for it. */
static cJSON *
message_json(SlackCall *call, const char *channel, sqlite3_stmt *row, gboolean all_metadata)
{
    cJSON *json = cJSON_Parse(db_column(row, 0));
    const char *ts = db_column(row, 1), *thread = db_column(row, 2);
    cJSON *metadata = cJSON_GetObjectItemCaseSensitive(json, "metadata");
    if (metadata != NULL && !all_metadata)
        cJSON_DeleteItemFromObject(metadata, "event_payload");
    if (*thread == '\0' || strcmp(thread, ts) == 0)
        add_thread(call, json, channel, ts);
    return json;
}

typedef struct {
    char *oldest, *latest;
    gboolean inclusive, all_metadata;
    gint64 limit;
} Window;

static void
window_clear(Window *window)
{
    g_free(window->oldest);
    g_free(window->latest);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Window, window_clear)

static gboolean
read_window(SlackCall *call, gint64 fallback_limit, gint64 max_limit, Window *window)
{
    const char *oldest = slack_arg(call, "oldest"), *latest = slack_arg(call, "latest");
    window->inclusive = slack_flag(call, "inclusive") && (oldest != NULL || latest != NULL);
    window->all_metadata = slack_flag(call, "include_all_metadata");
    window->oldest = slack_ts(oldest != NULL ? oldest : "0");
    if (window->oldest == NULL)
        return slack_fail(call, "invalid_ts_oldest", NULL);
    window->latest = slack_ts(latest != NULL ? latest : "9999999999");
    if (window->latest == NULL)
        return slack_fail(call, "invalid_ts_latest", NULL);
    return slack_limit(call, fallback_limit, max_limit, &window->limit);
}

static SlackChannel *
readable_channel(SlackCall *call)
{
    SlackChannel *channel = slack_channel(call, slack_arg(call, "channel"));
    if (channel == NULL)
        return NULL;
    g_autofree char *scope = g_strconcat(slack_channel_family(channel), ":history", NULL);
    gboolean ok = slack_need_scope(call, scope) &&
                  (channel->is_member || slack_fail(call, "not_in_channel", NULL));
    if (!ok)
        g_clear_pointer(&channel, slack_channel_free);
    return channel;
}

/* "1512085861.000543" as the digits that cursors carry, and back. */
static char *
ts_digits(const char *ts)
{
    return g_strdup_printf("%.10s%s", ts, ts + 11);
}

static char *
digits_ts(const char *digits)
{
    return strlen(digits) == 16 ? g_strdup_printf("%.10s.%s", digits, digits + 10) : g_strdup("");
}

/* Takes rows (json, ts, thread_ts) up to limit; gives the ts of the last one when more follow. */
static char *
take_page(SlackCall *call, const char *channel, sqlite3_stmt *row, const Window *window,
          gint64 limit, cJSON *list)
{
    g_autofree char *last = NULL;
    gint64 taken = 0;
    gboolean more = FALSE;
    while (row != NULL && !more && sqlite3_step(row) == SQLITE_ROW) {
        if (taken++ == limit) {
            more = TRUE;
            break;
        }
        cJSON_AddItemToArray(list, message_json(call, channel, row, window->all_metadata));
        g_free(last);
        last = g_strdup(db_column(row, 1));
    }
    sqlite3_finalize(row);
    return more ? g_steal_pointer(&last) : NULL;
}

static void
finish_page(SlackCall *call, const char *last)
{
    cJSON_AddBoolToObject(call->out, "has_more", last != NULL);
    if (last != NULL) {
        g_autofree char *digits = ts_digits(last);
        slack_cursor_add(call, "next_ts", digits);
    }
}

void
slack_conversations_history(SlackCall *call)
{
    g_autoptr(SlackChannel) channel = readable_channel(call);
    g_auto(Window) window = {NULL};
    g_autofree char *key = NULL;
    if (channel == NULL || !read_window(call, 100, 999, &window) ||
        !slack_cursor_read(call, "next_ts", &key))
        return;
    g_autofree char *before = key != NULL ? digits_ts(key) : g_strdup("9999999999.999999");
    cJSON *list = cJSON_AddArrayToObject(call->out, "messages");
    gboolean empty = key == NULL && db_setting(call->db, "slack_empty_first_page", 0) > 0;
    g_autofree char *last = NULL;
    if (empty) {
        last = g_strdup("9999999999.999999");
    } else {
        sqlite3_stmt *row = db_query(
            call->db,
            "SELECT json,ts,thread_ts FROM message WHERE channel=?1 AND NOT deleted AND ts<?2"
            " AND (thread_ts IS NULL OR thread_ts=ts OR subtype='thread_broadcast')"
            " AND (ts>?3 OR (?5 AND ts=?3)) AND (ts<?4 OR (?5 AND ts=?4))"
            " ORDER BY ts DESC LIMIT ?6",
            "ssssii", channel->id, before, window.oldest, window.latest, (gint64)window.inclusive,
            window.limit + 1);
        last = take_page(call, channel->id, row, &window, window.limit, list);
    }
    if (slack_arg(call, "latest") != NULL)
        cJSON_AddStringToObject(call->out, "latest", slack_arg(call, "latest"));
    cJSON_AddNumberToObject(call->out, "pin_count", 0);
    cJSON_AddNullToObject(call->out, "channel_actions_ts");
    cJSON_AddNumberToObject(call->out, "channel_actions_count", 0);
    finish_page(call, last);
}

/* The parent stands first on every page; replies follow, oldest first. */
void
slack_conversations_replies(SlackCall *call)
{
    g_autoptr(SlackChannel) channel = readable_channel(call);
    g_auto(Window) window = {NULL};
    g_autofree char *key = NULL, *ts = slack_ts(slack_arg(call, "ts"));
    if (channel == NULL || !read_window(call, 1000, 1000, &window) ||
        !slack_cursor_read(call, "next_ts", &key))
        return;
    g_autofree char *parent =
        db_text(call->db,
                "SELECT COALESCE(thread_ts, ts) FROM message WHERE channel=? AND ts=? AND NOT"
                " deleted",
                "ss", channel->id, ts);
    if (parent == NULL) {
        slack_fail(call, "thread_not_found", NULL);
        return;
    }
    cJSON *list = cJSON_AddArrayToObject(call->out, "messages");
    sqlite3_stmt *row = db_query(
        call->db, "SELECT json,ts,thread_ts FROM message WHERE channel=? AND ts=? AND NOT deleted",
        "ss", channel->id, parent);
    g_free(take_page(call, channel->id, row, &window, 1, list));
    g_autofree char *after = key != NULL ? digits_ts(key) : g_strdup("0");
    gint64 limit = MAX(window.limit - 1, 1);
    row = db_query(call->db,
                   "SELECT json,ts,thread_ts FROM message WHERE channel=?1 AND thread_ts=?2"
                   " AND ts<>thread_ts AND NOT deleted AND ts>?3"
                   " AND (ts>?4 OR (?6 AND ts=?4)) AND (ts<?5 OR (?6 AND ts=?5))"
                   " ORDER BY ts LIMIT ?7",
                   "sssssii", channel->id, parent, after, window.oldest, window.latest,
                   (gint64)window.inclusive, limit + 1);
    g_autofree char *last = take_page(call, channel->id, row, &window, limit, list);
    finish_page(call, last);
}

void
slack_permalink(SlackCall *call)
{
    g_autoptr(SlackChannel) channel = slack_channel(call, slack_arg(call, "channel"));
    g_autofree char *ts = slack_ts(slack_arg(call, "message_ts"));
    if (channel == NULL)
        return;
    sqlite3_stmt *row =
        db_query(call->db, "SELECT thread_ts FROM message WHERE channel=? AND ts=? AND NOT deleted",
                 "ss", channel->id, ts);
    if (row == NULL || sqlite3_step(row) != SQLITE_ROW) {
        slack_fail(call, "message_not_found", NULL);
    } else {
        const char *thread = db_column(row, 0);
        g_autofree char *digits = ts_digits(ts);
        g_autoptr(GString) link = g_string_new("https://sandbox-example.slack.com/archives/");
        g_string_append_printf(link, "%s/p%s", channel->id, digits);
        if (*thread != '\0' && strcmp(thread, ts) != 0)
            g_string_append_printf(link, "?thread_ts=%s&cid=%s", thread, channel->id);
        cJSON_AddStringToObject(call->out, "channel", channel->id);
        cJSON_AddStringToObject(call->out, "permalink", link->str);
    }
    sqlite3_finalize(row);
}
