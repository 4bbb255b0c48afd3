/* post_seal.c: whether a stored result still is what was decided: the words that the log of events
 * sealed, the place of its request, the record that it carries. */
#include "engine/post_private.h"

#include <string.h>

#include "base/text.h"

/* The event of a post's intent: the head of the log at that moment. NULL: cannot be read. */
static Event *
event_of(Store *store, gint64 id, GError **error)
{
    g_autoptr(GPtrArray) events = store_events(store, 0, id + 1, 1, error);

    return events && events->len ? g_ptr_array_steal_index(events, 0) : NULL;
}

/* The blocks that the text makes, and nothing beside it that Slack would show; or none. */
static gboolean
is_in_blocks(const Post *post)
{
    g_autoptr(cJSON) blocks = post->blocks ? cJSON_Parse(post->blocks) : NULL;
    g_autoptr(cJSON) made = message_blocks(post->text);

    return !post->blocks || cJSON_Compare(blocks, made, TRUE);
}

static const char *
sealed_words(const Post *post, const Event *event)
{
    g_autofree char *text = message_before_record(post->text, post->witness_id, post->witness_hash);
    g_autofree char *hash = text ? text_sha256(text, strlen(text)) : NULL;
    g_autoptr(cJSON) detail = event->detail ? cJSON_Parse(event->detail) : NULL;

    if (!text)
        return "does not carry the record of its witness";
    if (event->id != post->witness_id || g_strcmp0(event->hash, post->witness_hash) != 0)
        return "has a witness that is no link of the event log";
    if (g_strcmp0(json_string(detail, "nonce"), post->nonce) != 0)
        return "has the witness of another post";
    if (g_strcmp0(json_string(detail, "text_sha256"), hash) != 0)
        return "says something else than what was decided";
    return is_in_blocks(post) ? NULL : "has blocks that say something else than its text";
}

/* A result that was decided with a witness has one: else it was taken away, and its seal with it.
 */
static gboolean
lost_witness(Store *store, const Post *post, gboolean *lost, GError **error)
{
    g_autoptr(GPtrArray) events = store_events(store, post->request_id, 0, 0, error);

    *lost = FALSE;
    for (guint i = 0; events && i < events->len && !*lost; i++) {
        const Event *event = g_ptr_array_index(events, i);
        g_autoptr(cJSON) detail = g_strcmp0(event->to, "posting") == 0 && event->detail
                                      ? cJSON_Parse(event->detail)
                                      : NULL;

        *lost = json_string(detail, "text_sha256") != NULL;
    }
    return events != NULL;
}

gboolean
post_seal_check(Store *store, const Post *post, const Request *request, const char **wrong,
                GError **error)
{
    *wrong = NULL;
    if (g_strcmp0(post->channel, request->channel) != 0 ||
        g_strcmp0(post->thread_ts, request->thread_ts) != 0)
        *wrong = "goes to another thread than the one of its request";
    if (*wrong)
        return TRUE;
    if (!post->witness_id) { /* of a version without witnesses, if that is true */
        gboolean lost;

        if (!lost_witness(store, post, &lost, error))
            return FALSE;
        *wrong = lost ? "has lost its witness" : NULL;
        return TRUE;
    }
    g_autoptr(GError) failure = NULL;
    g_autoptr(Event) event = event_of(store, post->witness_id, &failure);
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    *wrong = event ? sealed_words(post, event) : "has a witness that is no link of the event log";
    return TRUE;
}
