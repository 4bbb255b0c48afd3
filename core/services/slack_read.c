/* slack_read.c: messages: what one is, and the walk over history and threads. */
#include "services/slack_private.h"

#include <string.h>

#define PAGES_MAX 10000

void
slack_message_free(SlackMessage *message)
{
    if (message == NULL)
        return;
    g_free(message->ts);
    g_free(message->thread_ts);
    g_free(message->user);
    g_free(message->bot_id);
    g_free(message->app_id);
    g_free(message->subtype);
    g_free(message->edited_ts);
    g_free(message->text);
    g_free(message->latest_reply);
    g_free(message->metadata_type);
    g_free(message->metadata_id);
    cJSON_Delete(message->raw);
    g_free(message);
}

SlackMessage *
slack_message_from_json(const cJSON *json)
{
    const cJSON *metadata = json_object(json, "metadata");
    const char *ts = json_string(json, "ts");
    SlackMessage *message;
    gint64 at;

    if (ts == NULL || !slack_ts_parse(ts, &at))
        return NULL;
    message = g_new0(SlackMessage, 1);
    message->ts = g_strdup(ts);
    message->thread_ts = g_strdup(json_string(json, "thread_ts"));
    message->user = g_strdup(json_string(json, "user"));
    message->bot_id = g_strdup(json_string(json, "bot_id"));
    message->app_id = g_strdup(json_string(json, "app_id"));
    message->subtype = g_strdup(json_string(json, "subtype"));
    message->edited_ts = g_strdup(json_string(json_object(json, "edited"), "ts"));
    message->text = g_strdup(json_string(json, "text"));
    message->latest_reply = g_strdup(json_string(json, "latest_reply"));
    message->has_replies = json_int(json, "reply_count", 0) > 0 || message->latest_reply != NULL;
    message->metadata_type = g_strdup(json_string(metadata, "event_type"));
    message->metadata_id = g_strdup(json_string(json_object(metadata, "event_payload"), "nonce"));
    message->raw = cJSON_Duplicate(json, TRUE);
    return message;
}

static gboolean
is_one_of(const char *word, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (strcmp(word, *words) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean
is_bot(const SlackMessage *message, const SlackIdentity *self)
{
    if (message->bot_id != NULL && *message->bot_id)
        return TRUE;
    if (message->subtype != NULL && strcmp(message->subtype, "bot_message") == 0)
        return TRUE;
    if (message->user == NULL)
        return FALSE;
    return strcmp(message->user, "USLACKBOT") == 0 ||
           (self != NULL && self->user_id != NULL && strcmp(message->user, self->user_id) == 0);
}

SlackKind
slack_message_kind(const SlackMessage *message, const SlackIdentity *self)
{
    static const char *const written[] = {"me_message", "file_share", "thread_broadcast",
                                          "bot_message", NULL};
    const char *type = json_string(message->raw, "type");

    if (type != NULL && strcmp(type, "message") != 0)
        return SLACK_NOTICE;
    if (message->subtype != NULL && !is_one_of(message->subtype, written))
        return SLACK_NOTICE;
    if (json_true(message->raw, "hidden"))
        return SLACK_NOTICE;
    if (is_bot(message, self))
        return SLACK_BOT;
    if (message->user == NULL || *message->user == '\0')
        return SLACK_NOTICE;
    if (message->subtype != NULL && strcmp(message->subtype, "thread_broadcast") == 0)
        return SLACK_REPLY;
    if (message->thread_ts != NULL && strcmp(message->thread_ts, message->ts) != 0)
        return SLACK_REPLY;
    return SLACK_PERSON;
}

gboolean
slack_message_is_own(const SlackMessage *message, const SlackIdentity *self)
{
    if (self->bot_id != NULL && *self->bot_id && message->bot_id != NULL &&
        strcmp(message->bot_id, self->bot_id) == 0)
        return TRUE;
    return message->user != NULL && strcmp(message->user, self->user_id) == 0;
}

/* ---- the walk ---- */

typedef struct {
    Slack *slack;
    const char *method, *channel, *thread_ts, *oldest;
    SlackMessageFunc cb;
    void *data;
    GHashTable *seen;    /* ts of messages, a thread's parent comes on every page */
    GHashTable *cursors; /* a cursor that comes again would be an endless walk */
    char *cursor;
    gboolean stopped;
} Walk;

/* Reserves the next call of history or replies, min_interval after the one before. */
static gboolean
wait_for_turn(Slack *slack, Cancel *cancel, GError **error)
{
    gint64 now = g_get_monotonic_time();
    gint64 at;

    if (slack->min_interval <= 0)
        return !cancel_check(cancel, error);
    g_mutex_lock(&slack->mutex);
    at = MAX(now, slack->next_read);
    slack->next_read = at + slack->min_interval;
    g_mutex_unlock(&slack->mutex);
    return slack_wait_until(at, cancel, error);
}

static cJSON *
fetch_page(const Walk *walk, Cancel *cancel, GError **error)
{
    g_autofree char *limit = g_strdup_printf("%u", walk->slack->page_size);
    g_autofree char *form =
        http_form("channel", walk->channel, "ts", walk->thread_ts, "oldest", walk->oldest, "limit",
                  limit, "include_all_metadata", "true", "cursor", walk->cursor, NULL);
    SlackMethod method = {
        .name = walk->method, .verb = "GET", .about = walk->channel, .form = form};

    if (!wait_for_turn(walk->slack, cancel, error))
        return NULL;
    return slack_call(walk->slack, &method, NULL, cancel, error);
}

/* FALSE: the caller has seen enough. */
static gboolean
visit(Walk *walk, const cJSON *item)
{
    SlackMessage *message = slack_message_from_json(item);
    gboolean go_on = TRUE;

    if (message != NULL && g_hash_table_add(walk->seen, g_strdup(message->ts)))
        go_on = walk->cb(message, walk->data);
    slack_message_free(message);
    return go_on;
}

static void
visit_page(Walk *walk, const cJSON *messages)
{
    for (const cJSON *item = messages->child; item != NULL && !walk->stopped; item = item->next)
        walk->stopped = !visit(walk, item);
}

static gboolean
bad_page(const Walk *walk, const char *why, GError **error)
{
    g_set_error(error, CREDITBOT_ERROR, ERR_BAD_ANSWER,
                "Slack %s (%s): %s, so the reading is not complete; try again later", walk->method,
                walk->channel, why);
    return FALSE;
}

/* Takes the next cursor; *more is FALSE after the last page. */
static gboolean
advance(Walk *walk, const cJSON *root, gboolean *more, GError **error)
{
    const char *next = json_string(json_object(root, "response_metadata"), "next_cursor");

    if (next == NULL || *next == '\0')
        next = json_string(root, "next_cursor");
    *more = next != NULL && *next;
    if (!*more)
        return json_true(root, "has_more")
                   ? bad_page(walk, "there is more, but no cursor to read it with", error)
                   : TRUE;
    if (!g_hash_table_add(walk->cursors, g_strdup(next)))
        return bad_page(walk, "a cursor came twice", error);
    if (g_hash_table_size(walk->cursors) > PAGES_MAX)
        return bad_page(walk, "more than 10000 pages", error);
    g_free(walk->cursor);
    walk->cursor = g_strdup(next);
    return TRUE;
}

static gboolean
walk_pages(Walk *walk, Cancel *cancel, GError **error)
{
    gboolean more = TRUE;

    while (more) {
        g_autoptr(cJSON) root = fetch_page(walk, cancel, error);
        const cJSON *messages = json_array(root, "messages");

        if (root == NULL)
            return FALSE;
        if (messages == NULL)
            return bad_page(walk, "a page without messages", error);
        visit_page(walk, messages);
        if (walk->stopped)
            return TRUE;
        if (!advance(walk, root, &more, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
walk_run(Walk *walk, Cancel *cancel, GError **error)
{
    gboolean good;

    walk->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    walk->cursors = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    good = walk_pages(walk, cancel, error);
    g_hash_table_unref(walk->seen);
    g_hash_table_unref(walk->cursors);
    g_free(walk->cursor);
    return good;
}

gboolean
slack_history(Slack *slack, const char *channel, const char *oldest, SlackMessageFunc cb,
              void *data, Cancel *cancel, GError **error)
{
    Walk walk = {.slack = slack,
                 .method = "conversations.history",
                 .channel = channel,
                 .oldest = oldest,
                 .cb = cb,
                 .data = data};

    return walk_run(&walk, cancel, error);
}

gboolean
slack_replies(Slack *slack, const char *channel, const char *thread_ts, const char *oldest,
              SlackMessageFunc cb, void *data, Cancel *cancel, GError **error)
{
    Walk walk = {.slack = slack,
                 .method = "conversations.replies",
                 .channel = channel,
                 .thread_ts = thread_ts,
                 .oldest = oldest,
                 .cb = cb,
                 .data = data};

    return walk_run(&walk, cancel, error);
}
