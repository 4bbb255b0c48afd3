/* slack_post.c: the post, its fate, and the reading back. */
#include "services/slack_private.h"

#include <string.h>

/* Slots are handed out in the order of asking, post_interval apart, each channel for itself. */
static gint64
reserve_slot(Slack *slack, const char *channel)
{
    gint64 now = g_get_monotonic_time();
    gint64 *next, at;

    g_mutex_lock(&slack->mutex);
    next = g_hash_table_lookup(slack->next_post, channel);
    if (next == NULL) {
        next = g_new0(gint64, 1);
        g_hash_table_insert(slack->next_post, g_strdup(channel), next);
    }
    at = MAX(now, *next);
    *next = at + slack->post_interval;
    g_mutex_unlock(&slack->mutex);
    return at;
}

/* The last slot can be given back when it was not used. */
static void
return_slot(Slack *slack, const char *channel, gint64 at)
{
    gint64 *next;

    g_mutex_lock(&slack->mutex);
    next = g_hash_table_lookup(slack->next_post, channel);
    if (next != NULL && *next == at + slack->post_interval)
        *next = at;
    g_mutex_unlock(&slack->mutex);
}

static gboolean
wait_for_slot(Slack *slack, const char *channel, Cancel *cancel, GError **error)
{
    gint64 at = reserve_slot(slack, channel);

    if (slack_wait_until(at, cancel, error))
        return TRUE;
    return_slot(slack, channel, at);
    return FALSE;
}

static cJSON *
build_metadata(const char *kind, const char *nonce, const cJSON *extra)
{
    cJSON *metadata = cJSON_CreateObject();
    cJSON *payload = cJSON_CreateObject();
    const cJSON *item;

    json_add(metadata, "event_type", SLACK_EVENT_TYPE);
    cJSON_ArrayForEach (item, extra) {
        if (item->string != NULL && strcmp(item->string, "nonce") != 0 &&
            strcmp(item->string, "kind") != 0)
            cJSON_AddItemToObject(payload, item->string, cJSON_Duplicate(item, TRUE));
    }
    json_add(payload, "nonce", nonce);
    json_add(payload, "kind", kind);
    cJSON_AddItemToObject(metadata, "event_payload", payload);
    return metadata;
}

static char *
build_body(const char *channel, const char *thread_ts, const char *text, const cJSON *blocks,
           cJSON *metadata)
{
    g_autoptr(cJSON) body = cJSON_CreateObject();

    json_add(body, "channel", channel);
    if (thread_ts != NULL)
        json_add(body, "thread_ts", thread_ts);
    json_add(body, "text", text);
    if (blocks != NULL)
        cJSON_AddItemToObject(body, "blocks", cJSON_Duplicate(blocks, TRUE));
    cJSON_AddItemToObject(body, "metadata", metadata);
    /* Nothing that stands in the text becomes a link, a name or a channel by Slack's own reading.
     */
    json_add(body, "parse", "none");
    cJSON_AddFalseToObject(body, "link_names");
    cJSON_AddFalseToObject(body, "unfurl_links");
    cJSON_AddFalseToObject(body, "unfurl_media");
    return json_print(body);
}

SlackFate
slack_post(Slack *slack, const char *channel, const char *thread_ts, const char *text,
           const cJSON *blocks, const char *kind, const char *nonce, const cJSON *extra, char **ts,
           Cancel *cancel, GError **error)
{
    g_autofree char *json =
        build_body(channel, thread_ts, text, blocks, build_metadata(kind, nonce, extra));
    SlackMethod method = {.name = "chat.postMessage",
                          .verb = "POST",
                          .about = channel,
                          .json = json,
                          .repeat = HTTP_ONCE};
    g_autoptr(cJSON) root = NULL;
    SlackFailure failure;
    gint64 at;

    if (!wait_for_slot(slack, channel, cancel, error))
        return SLACK_REFUSED;
    root = slack_call(slack, &method, &failure, cancel, error);
    if (root == NULL)
        return failure.unclear ? SLACK_UNCLEAR : SLACK_REFUSED;
    if (json_string(root, "ts") == NULL || !slack_ts_parse(json_string(root, "ts"), &at)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_UNCLEAR,
                    "Slack chat.postMessage (%s): the answer says ok, but has no ts of the message",
                    channel);
        return SLACK_UNCLEAR;
    }
    *ts = g_strdup(json_string(root, "ts"));
    return SLACK_POSTED;
}

/* ---- reading back ---- */

typedef struct {
    const SlackIdentity *self;
    const char *nonce;
    const char *oldest;
    char *ts;          /* found */
    gboolean nameless; /* a post of ours whose nonce cannot be read */
} Search;

/* Our own post, in the span asked for, that shows no nonce: Slack did not give the metadata (scope,
 * migration), so that a missing nonce proves nothing. */
static gboolean
hides_its_nonce(const SlackMessage *message, const char *oldest)
{
    gint64 at = 0, from = 0;

    if (message->metadata_id != NULL)
        return FALSE;
    if (message->subtype != NULL && strcmp(message->subtype, "bot_message") != 0)
        return FALSE;
    if (message->metadata_type != NULL)
        return strcmp(message->metadata_type, SLACK_EVENT_TYPE) == 0;
    return oldest != NULL && slack_ts_parse(oldest, &from) && slack_ts_parse(message->ts, &at) &&
           at > from;
}

static gboolean
look_at(const SlackMessage *message, void *data)
{
    Search *search = data;

    if (!slack_message_is_own(message, search->self))
        return TRUE;
    if (message->metadata_id != NULL && strcmp(message->metadata_id, search->nonce) == 0) {
        search->ts = g_strdup(message->ts);
        return FALSE;
    }
    search->nameless = search->nameless || hides_its_nonce(message, search->oldest);
    return TRUE;
}

static gboolean
thread_is_gone(const GError *why, const char *thread_ts)
{
    /* conversations.replies with thread_not_found: no thread, so no post of ours in it. */
    return thread_ts != NULL && g_error_matches(why, CREDITBOT_ERROR, ERR_NOT_FOUND) &&
           strstr(why->message, ": thread_not_found: ") != NULL;
}

gboolean
slack_find_post(Slack *slack, const char *channel, const char *thread_ts, const char *oldest,
                const char *nonce, char **ts, Cancel *cancel, GError **error)
{
    g_autoptr(GError) why = NULL;
    Search search = {.nonce = nonce, .oldest = oldest};
    gboolean read;

    search.self = slack_identity(slack, cancel, error);
    if (search.self == NULL)
        return FALSE;
    read = thread_ts != NULL
               ? slack_replies(slack, channel, thread_ts, NULL, look_at, &search, cancel, &why)
               : slack_history(slack, channel, oldest, look_at, &search, cancel, &why);
    if (!read && !thread_is_gone(why, thread_ts)) {
        g_propagate_error(error, g_steal_pointer(&why));
        return FALSE;
    }
    if (search.ts == NULL && search.nameless) {
        g_set_error(error, CREDITBOT_ERROR, ERR_UNCLEAR,
                    "Slack %s: a post of ours came back without its metadata, so nobody can tell "
                    "whether it is this one; look into the thread",
                    channel);
        return FALSE;
    }
    *ts = search.ts;
    return TRUE;
}
