/* slack_post.c: chat.postMessage and chat.update, with the checks that Slack makes on a payload. */
#include "config.h"
#include "slack.h"

#include <string.h>

#define TEXT_MAX     40000
#define UPDATE_MAX   4000
#define METADATA_MAX 16384
#define BLOCKS_MAX   50
#define BLOCK_TEXT   3000
#define BLOCKS_BYTES 13200

static const char *const block_types[] = {"actions", "context", "divider",  "file",      "header",
                                          "image",   "input",   "markdown", "rich_text", "section",
                                          "table",   "video",   NULL};

static gboolean
block_error(SlackCall *call, const char *text)
{
    cJSON *errors = cJSON_AddArrayToObject(call->out, "errors");
    cJSON_AddItemToArray(errors, cJSON_CreateString(text));
    return slack_fail(call, "invalid_blocks", text);
}

static gboolean
check_text_object(SlackCall *call, const cJSON *text, glong max)
{
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(text, "type"));
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(text, "text"));
    if (type == NULL || (strcmp(type, "mrkdwn") != 0 && strcmp(type, "plain_text") != 0))
        return block_error(call, "unsupported type: text [json-pointer:/blocks/text]");
    if (value == NULL || *value == '\0')
        return block_error(call, "must be more than 0 characters [json-pointer:/blocks/text/text]");
    if (g_utf8_strlen(value, -1) > max) {
        g_autofree char *message = g_strdup_printf(
            "must be less than %ld characters [json-pointer:/blocks/text/text]", max + 1);
        return block_error(call, message);
    }
    return TRUE;
}

static gboolean
check_block(SlackCall *call, const cJSON *block)
{
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(block, "type"));
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(block, "text");
    if (type == NULL || !g_strv_contains(block_types, type))
        return block_error(call, "unsupported type [json-pointer:/blocks/type]");
    if (strcmp(type, "header") == 0)
        return check_text_object(call, text, 150);
    const cJSON *fields = cJSON_GetObjectItemCaseSensitive(block, "fields"), *field;
    if (strcmp(type, "section") == 0) {
        if (text == NULL && fields == NULL)
            return block_error(call, "missing required field: text [json-pointer:/blocks]");
        if (cJSON_GetArraySize(fields) > 10)
            return block_error(call, "no more than 10 items allowed [json-pointer:/blocks/fields]");
        cJSON_ArrayForEach (field, fields) {
            if (!check_text_object(call, field, 2000))
                return FALSE;
        }
        return text == NULL || check_text_object(call, text, BLOCK_TEXT);
    }
    if (strcmp(type, "context") == 0 || strcmp(type, "rich_text") == 0)
        return cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(block, "elements")) ||
               block_error(call, "missing required field: elements [json-pointer:/blocks]");
    return TRUE;
}

static gboolean
check_blocks(SlackCall *call, const cJSON *blocks)
{
    const cJSON *block;
    if (!cJSON_IsArray(blocks))
        return slack_fail(call, "invalid_blocks_format", NULL);
    if (cJSON_GetArraySize(blocks) > BLOCKS_MAX)
        return block_error(call, "no more than 50 items allowed [json-pointer:/blocks]");
    cJSON_ArrayForEach (block, blocks) {
        if (!check_block(call, block))
            return FALSE;
    }
    return strlen(slack_arg(call, "blocks")) <= BLOCKS_BYTES ||
           slack_fail(call, "msg_blocks_too_long", NULL);
}

/* Payload values: text, number, boolean, or an array or object of them, one level deep. */
static gboolean
payload_value_ok(const cJSON *value, int depth)
{
    if (!cJSON_IsArray(value) && !cJSON_IsObject(value))
        return !cJSON_IsNull(value);
    const cJSON *item;
    cJSON_ArrayForEach (item, value) {
        if (depth >= 3 || !payload_value_ok(item, depth + 1))
            return FALSE;
    }
    return TRUE;
}

static gboolean
check_metadata(SlackCall *call, const cJSON *metadata)
{
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(metadata, "event_type");
    const cJSON *payload = cJSON_GetObjectItemCaseSensitive(metadata, "event_payload"), *item;
    if (!cJSON_IsObject(metadata))
        return slack_fail(call, "invalid_metadata_format", NULL);
    if (!cJSON_IsString(type) || *type->valuestring == '\0' || !cJSON_IsObject(payload))
        return slack_fail(call, "invalid_metadata_schema", NULL);
    cJSON_ArrayForEach (item, payload) {
        if (!payload_value_ok(item, 1))
            return slack_fail(call, "invalid_metadata_schema", NULL);
    }
    return strlen(slack_arg(call, "metadata")) <= METADATA_MAX ||
           slack_fail(call, "metadata_too_large", NULL);
}

/* Parses an argument that is JSON and puts it into the message. FALSE with the argument's error. */
static gboolean
take_json(SlackCall *call, cJSON *message, const char *name, const char *bad,
          gboolean (*check)(SlackCall *call, const cJSON *json))
{
    const char *text = slack_arg(call, name);
    if (text == NULL)
        return TRUE;
    cJSON *json = cJSON_ParseWithOpts(text, NULL, TRUE);
    if (json == NULL)
        return slack_fail(call, bad, NULL);
    if (check != NULL && !check(call, json)) {
        cJSON_Delete(json);
        return FALSE;
    }
    cJSON_DeleteItemFromObjectCaseSensitive(message, name);
    cJSON_AddItemToObject(message, name, json);
    return TRUE;
}

/* What Slack makes of plain text unless it is told not to: addresses, bare domains too, become
 * links, #names channels. */
static char *
linkified(const char *text)
{
    g_autoptr(GRegex) address =
        g_regex_new("(?<![<|/@\\w.-])((?:https?://"
                    "|www\\.)[^\\s<>|]+|(?:[\\w-]+\\.)+(?:com|example|net|org)\\b[^\\s<>|]*)",
                    G_REGEX_CASELESS, 0, NULL);
    g_autoptr(GRegex) channel = g_regex_new("(?<![<\\w&])#([a-z][a-z0-9_-]+)", 0, 0, NULL);
    g_autofree char *links = g_regex_replace(address, text, -1, 0, "<\\1>", 0, NULL);
    return g_regex_replace(channel, links ? links : text, -1, 0, "<#C0LINKED01|\\1>", 0, NULL);
}

/* In each mrkdwn object that is not verbatim (Block Kit, "Text object"). */
static void
linkify_blocks(cJSON *node)
{
    cJSON *child, *text = cJSON_GetObjectItemCaseSensitive(node, "text");
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(node, "type"));
    if (g_strcmp0(type, "mrkdwn") == 0 && cJSON_IsString(text) &&
        !cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(node, "verbatim"))) {
        g_autofree char *shown = linkified(text->valuestring);
        cJSON_SetValuestring(text, shown ? shown : "");
    }
    cJSON_ArrayForEach (child, node)
        if (cJSON_IsObject(child) || cJSON_IsArray(child))
            linkify_blocks(child);
}

static gboolean
take_content(SlackCall *call, cJSON *message, glong text_max)
{
    const char *text = slack_arg(call, "text");
    if (slack_arg(call, "markdown_text") != NULL)
        return slack_fail(call, text != NULL ? "markdown_text_conflict" : "no_text", NULL);
    if (text == NULL && slack_arg(call, "blocks") == NULL && slack_arg(call, "attachments") == NULL)
        return slack_fail(call, "no_text", NULL);
    if (text != NULL && g_utf8_strlen(text, -1) > text_max)
        return slack_fail(call, "msg_too_long", NULL);
    gboolean plain = g_strcmp0(slack_arg(call, "parse"), "none") == 0;
    g_autofree char *shown = text == NULL || plain ? NULL : linkified(text);
    cJSON_DeleteItemFromObjectCaseSensitive(message, "text");
    cJSON_AddStringToObject(message, "text", shown ? shown : text ? text : "");
    if (!take_json(call, message, "blocks", "invalid_blocks_format", check_blocks))
        return FALSE;
    linkify_blocks(cJSON_GetObjectItemCaseSensitive(message, "blocks"));
    return take_json(call, message, "attachments", "invalid_attachments", NULL) &&
           take_json(call, message, "metadata", "invalid_metadata_format", check_metadata);
}

/* --- where a post goes --- */

static SlackChannel *
writable_channel(SlackCall *call)
{
    const char *id = slack_arg(call, "channel");
    gboolean existed;
    g_autofree char *im = NULL;
    if (!slack_need_scope(call, "chat:write"))
        return NULL;
    if ((id[0] == 'U' || id[0] == 'W') &&
        db_int(call->db, 0, "SELECT 1 FROM person WHERE id=?", "s", id)) {
        im = slack_im_with(call->db, id, &existed);
        id = im;
    }
    SlackChannel *channel = slack_channel(call, id);
    if (channel == NULL)
        return NULL;
    gboolean ok = TRUE;
    if (channel->is_archived)
        ok = slack_fail(call, "is_archived", NULL);
    else if (!channel->is_member && strstr(call->scopes, "chat:write.public") == NULL)
        ok = slack_fail(call, "not_in_channel", NULL);
    if (!ok)
        g_clear_pointer(&channel, slack_channel_free);
    return channel;
}

/* With the setting slack_post_interval_ms: one post an interval and channel, else 429. */
static gboolean
check_rate(SlackCall *call, const char *channel)
{
    gint64 interval = db_setting(call->db, "slack_post_interval_ms", 0) * 1000;
    g_autofree char *name = g_strconcat("last_post:", channel, NULL);
    gint64 now = db_now(call->db), next = db_setting(call->db, name, 0) + interval;
    if (interval > 0 && now < next) {
        call->retry_after = (guint)((next - now + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);
        return slack_fail(call, "ratelimited", NULL);
    }
    g_autofree char *value = g_strdup_printf("%" G_GINT64_FORMAT, now);
    db_set_setting(call->db, name, value);
    return TRUE;
}

/* The thread must exist, and its name is its parent's ts. */
static gboolean
check_thread(SlackCall *call, const char *channel, cJSON *message, char **thread)
{
    const char *given = slack_arg(call, "thread_ts");
    if (given == NULL)
        return TRUE;
    *thread = slack_ts(given);
    sqlite3_stmt *row = db_query(
        call->db, "SELECT thread_ts, json->>'user', deleted FROM message WHERE channel=? AND ts=?",
        "ss", channel, *thread);
    gboolean found = row != NULL && sqlite3_step(row) == SQLITE_ROW && !sqlite3_column_int(row, 2);
    gboolean is_reply =
        found && *db_column(row, 0) != '\0' && strcmp(db_column(row, 0), *thread) != 0;
    if (found && !is_reply) {
        cJSON_AddStringToObject(message, "thread_ts", *thread);
        cJSON_AddStringToObject(message, "parent_user_id", db_column(row, 1));
    }
    sqlite3_finalize(row);
    if (!found)
        return slack_fail(call, "thread_not_found", NULL);
    return !is_reply || slack_fail(call, "cannot_reply_to_message", NULL);
}

static cJSON *
bot_message(void)
{
    cJSON *message = cJSON_CreateObject();
    cJSON_AddStringToObject(message, "type", "message");
    cJSON_AddStringToObject(message, "user", SLACK_BOTUSER);
    cJSON_AddStringToObject(message, "bot_id", SLACK_BOT);
    cJSON_AddStringToObject(message, "app_id", SLACK_APP);
    cJSON_AddStringToObject(message, "team", SLACK_TEAM);
    cJSON *profile = cJSON_AddObjectToObject(message, "bot_profile");
    cJSON_AddStringToObject(profile, "id", SLACK_BOT);
    cJSON_AddStringToObject(profile, "app_id", SLACK_APP);
    cJSON_AddStringToObject(profile, "name", "creditbot");
    cJSON_AddStringToObject(profile, "team_id", SLACK_TEAM);
    return message;
}

static void
store_post(SlackCall *call, const char *channel, const char *thread, cJSON *message)
{
    g_autofree char *ts = slack_new_ts(call->db, channel, db_now(call->db));
    gboolean broadcast = thread != NULL && slack_flag(call, "reply_broadcast");
    cJSON_AddStringToObject(message, "ts", ts);
    if (broadcast)
        cJSON_AddStringToObject(message, "subtype", "thread_broadcast");
    char *json = cJSON_PrintUnformatted(message);
    db_exec(call->db,
            "INSERT INTO message(channel,ts,thread_ts,subtype,json,by_api) VALUES(?,?,?,?,?,1)",
            "sssss", channel, ts, thread, broadcast ? "thread_broadcast" : NULL, json);
    cJSON_free(json);
    cJSON_AddStringToObject(call->out, "channel", channel);
    cJSON_AddStringToObject(call->out, "ts", ts);
    cJSON_AddItemToObject(call->out, "message", cJSON_Duplicate(message, TRUE));
}

void
slack_post_message(SlackCall *call)
{
    g_autoptr(SlackChannel) channel = writable_channel(call);
    if (channel == NULL)
        return;
    cJSON *message = bot_message();
    g_autofree char *thread = NULL;
    if (take_content(call, message, TEXT_MAX) &&
        check_thread(call, channel->id, message, &thread) && check_rate(call, channel->id))
        store_post(call, channel->id, thread, message);
    cJSON_Delete(message);
}

void
slack_update(SlackCall *call)
{
    g_autoptr(SlackChannel) channel = writable_channel(call);
    g_autofree char *ts = slack_ts(slack_arg(call, "ts"));
    if (channel == NULL)
        return;
    g_autofree char *text =
        db_text(call->db, "SELECT json FROM message WHERE channel=? AND ts=? AND NOT deleted", "ss",
                channel->id, ts);
    if (text == NULL) {
        slack_fail(call, "message_not_found", NULL);
        return;
    }
    cJSON *message = cJSON_Parse(text);
    const char *bot = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(message, "bot_id"));
    if (bot == NULL || strcmp(bot, SLACK_BOT) != 0) {
        slack_fail(call, "cant_update_message", NULL);
    } else if (take_content(call, message, UPDATE_MAX)) {
        g_autofree char *now = slack_new_ts(call->db, channel->id, db_now(call->db));
        cJSON_DeleteItemFromObjectCaseSensitive(message, "edited");
        cJSON *edited = cJSON_AddObjectToObject(message, "edited");
        cJSON_AddStringToObject(edited, "user", SLACK_BOTUSER);
        cJSON_AddStringToObject(edited, "ts", now);
        char *json = cJSON_PrintUnformatted(message);
        db_exec(call->db, "UPDATE message SET json=?, updates=updates+1 WHERE channel=? AND ts=?",
                "sss", json, channel->id, ts);
        cJSON_free(json);
        cJSON_AddStringToObject(call->out, "channel", channel->id);
        cJSON_AddStringToObject(call->out, "ts", ts);
        cJSON_AddStringToObject(call->out, "text",
                                cJSON_GetStringValue(cJSON_GetObjectItem(message, "text")));
        cJSON_AddItemToObject(call->out, "message", cJSON_Duplicate(message, TRUE));
    }
    cJSON_Delete(message);
}
