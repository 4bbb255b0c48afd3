/* post_deliver.c: sends a post until its fate is known, and reads threads back. */
#include "engine/post_private.h"

#include "base/error.h"
#include "base/failpoint.h"

#define CLOCK_SLACK (60 * G_USEC_PER_SEC)

typedef enum { BACK_FOUND, BACK_ABSENT, BACK_UNREADABLE } ReadBack;

static gboolean
open_dm(Desk *desk, Post *post, Cancel *cancel, GError **error)
{
    if (!post_is_dm(post) || post->channel[0] == 'D')
        return TRUE;
    char *channel = slack_open_dm(desk->slack, post->channel, cancel, error);
    if (!channel)
        return FALSE;
    g_free(post->channel);
    post->channel = channel;
    return store_post_save(desk->store, post, error);
}

/* How the metadata calls it: the results of one thread are told apart by this, and a correction by
 * the post that it corrects. */
static const char *
sent_kind(const Post *post, const Request *request)
{
    return post_is_result(post) && request->corrects ? "correction" : post->kind;
}

/* NULL: no correction, or its original cannot be read. Caller frees. */
static char *
corrected_ts(Desk *desk, const Post *post, const Request *request)
{
    g_auto(Corrected) corrected = {0};

    return post_is_result(post) && corrected_of(desk, request, &corrected, NULL)
               ? g_strdup(corrected.posted_ts)
               : NULL;
}

static cJSON *
post_extra(Desk *desk, const Post *post, const Request *request)
{
    cJSON *extra = cJSON_CreateObject();
    g_autofree char *corrects = corrected_ts(desk, post, request);

    json_add_int(extra, "request", post->request_id);
    if (post->witness_id) {
        json_add(extra, "head", post->witness_hash);
        json_add_int(extra, "head_id", post->witness_id);
    }
    if (corrects)
        json_add(extra, "corrects", corrects);
    return extra;
}

/* Whose post it is, seen in the transaction that counts: another process takes over what was held
 * for too long. */
static gboolean
begin_send_step(Store *store, void *data, GError **error)
{
    const Post *post = data;
    const Holder *self = holder_self();
    g_autoptr(Post) stored = store_post_get(store, post->id, error);

    if (!stored)
        return FALSE;
    if (stored->settled_at || g_strcmp0(stored->holder_host, self->host) != 0 ||
        stored->holder_pid != self->pid || stored->holder_start != self->start) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFLICT,
                    "request %" G_GINT64_FORMAT ": another process has taken over the %s",
                    post->request_id, post->kind);
        return FALSE;
    }
    return store_post_save(store, post, error);
}

static SlackFate
transmit(Desk *desk, Post *post, const Request *request, char **ts, Cancel *cancel, GError **error)
{
    g_autoptr(cJSON) extra = post_extra(desk, post, request);
    g_autoptr(cJSON) blocks = post->blocks ? cJSON_Parse(post->blocks) : NULL;

    if (!open_dm(desk, post, cancel, error))
        return SLACK_REFUSED;
    post->attempts++;
    post->sent_at = desk_now(desk);
    post_set_status(post, "sending", NULL);
    post_take_hold(post);
    if (!store_transact(desk->store, begin_send_step, post, error))
        return SLACK_REFUSED;
    failpoint("post:before-send");
    SlackFate fate = slack_post(desk->slack, post->channel, post->thread_ts, post->text, blocks,
                                sent_kind(post, request), post->nonce, extra, ts, cancel, error);
    failpoint("post:after-send");
    return fate;
}

/* The request's own message is older than any answer to it, and by Slack's clock: what our clock
 * said at the intent may have been far ahead of it. */
static gint64
sent_after(const Post *post, const Request *request)
{
    gint64 asked = 0;

    if (!post->thread_ts && slack_ts_parse(request->ts, &asked))
        return MIN(asked, post->created_at - CLOCK_SLACK);
    return post->created_at - CLOCK_SLACK;
}

static ReadBack
read_back(Desk *desk, const Post *post, const Request *request, char **ts, Cancel *cancel,
          GError **error)
{
    g_autofree char *oldest = slack_ts_format(MAX(sent_after(post, request), 0));

    if (post_is_dm(post) && post->channel[0] != 'D')
        return BACK_ABSENT; /* the conversation was never opened, so nothing was sent */
    if (!slack_find_post(desk->slack, post->channel, post->thread_ts, oldest, post->nonce, ts,
                         cancel, error))
        return BACK_UNREADABLE;
    return *ts ? BACK_FOUND : BACK_ABSENT;
}

/* After an unclear answer: waits the grace out, then looks. Sets *again when it must be sent again.
 */
gboolean
post_clear_up(Desk *desk, Post *post, Request *request, gboolean *again, Cancel *cancel,
              GError **error)
{
    gint64 grace = config_duration(desk->config, "posting", "readback_grace");
    gint64 wait = post->sent_at + grace - desk_now(desk);
    g_autoptr(GError) cause = NULL;
    g_autofree char *ts = NULL;

    *again = FALSE;
    if (wait > 0 && cancel_sleep(cancel, MIN(wait, grace))) {
        g_set_error(&cause, CREDITBOT_ERROR, ERR_CANCELLED, "stopped before it could be read back");
        return post_settle_unconfirmed(desk, post, request, cause, error);
    }
    switch (read_back(desk, post, request, &ts, cancel, &cause)) {
    case BACK_FOUND:
        return post_settle_posted(desk, post, request, g_steal_pointer(&ts), error);
    case BACK_UNREADABLE:
        return post_settle_unconfirmed(desk, post, request, cause, error);
    case BACK_ABSENT:
        break;
    }
    *again = TRUE;
    return TRUE;
}

/* -- threads that a state which was lost has answered -- */

typedef struct {
    const SlackIdentity *self;
    const char *kind, *corrects;
    char *ts;
} Earlier;

static gboolean
look_for_kind(const SlackMessage *reply, void *data)
{
    Earlier *earlier = data;
    const SlackIdentity *self = earlier->self;
    const cJSON *payload = json_object(json_object(reply->raw, "metadata"), "event_payload");
    gboolean own = (reply->bot_id && g_strcmp0(reply->bot_id, self->bot_id) == 0) ||
                   (reply->user && g_strcmp0(reply->user, self->user_id) == 0);

    if (own && reply->metadata_id && g_strcmp0(json_string(payload, "kind"), earlier->kind) == 0 &&
        (!earlier->corrects ||
         g_strcmp0(json_string(payload, "corrects"), earlier->corrects) == 0)) {
        g_free(earlier->ts);
        earlier->ts = g_strdup(reply->ts);
    }
    return TRUE;
}

gboolean
post_find_kind(Desk *desk, const char *channel, const char *thread_ts, const char *kind,
               const char *corrects, char **ts, Cancel *cancel, GError **error)
{
    Earlier earlier = {
        .self = slack_identity(desk->slack, cancel, error), .kind = kind, .corrects = corrects};

    if (earlier.self && slack_replies(desk->slack, channel, thread_ts, NULL, look_for_kind,
                                      &earlier, cancel, error)) {
        *ts = earlier.ts;
        return TRUE;
    }
    g_free(earlier.ts);
    return FALSE;
}

/* The state was put back to an earlier time, and what this answers is from before that: the
 * message, or for a correction the post that it corrects. The answer may stand in the thread
 * although nothing here knows of it. */
static gboolean
may_be_answered(Desk *desk, const Post *post, const Request *request)
{
    g_autofree char *restored = store_value(desk->store, "restored");
    g_auto(Corrected) corrected = {0};

    if (!restored || !post->thread_ts || post->attempts > 0)
        return FALSE;
    gboolean known = post_is_result(post) && corrected_of(desk, request, &corrected, NULL);
    gint64 since = known && corrected.id ? corrected.posted_at : request->received_at;
    return since <= g_ascii_strtoll(restored, NULL, 10);
}

/* What the thread has already counts as this post. A correction that the state does not know may
 * have said another amount: it is not posted over, and a person looks. */
static gboolean
take_answered(Desk *desk, Post *post, Request *request, gboolean *done, Cancel *cancel,
              GError **error)
{
    g_autoptr(GError) cause = NULL;
    g_autofree char *corrects = corrected_ts(desk, post, request);
    char *ts = NULL;

    *done = TRUE;
    if (!post_find_kind(desk, post->channel, post->thread_ts, sent_kind(post, request), corrects,
                        &ts, cancel, &cause))
        return post_not_sent(desk, post, request, cause, cancel, error);
    *done = ts != NULL;
    if (!ts)
        return TRUE;
    if (!corrects)
        return post_settle_posted(desk, post, request, ts, error);
    g_set_error(&cause, CREDITBOT_ERROR, ERR_REFUSED,
                "its thread has a correction of the same post already (%s), which this state does "
                "not know of; look at the thread and reject this one",
                ts);
    g_free(ts);
    return post_not_sent(desk, post, request, cause, cancel, error);
}

/* Sends until its fate is known; TRUE: posted. The request (of a result) is in state posting. */
gboolean
post_deliver(Desk *desk, Post *post, Request *request, Cancel *cancel, GError **error)
{
    gboolean done = FALSE;

    if (may_be_answered(desk, post, request) &&
        (!take_answered(desk, post, request, &done, cancel, error) || done))
        return done && g_str_equal(post->status, "posted");
    for (guint i = 0; i < SENDS_A_TRY; i++) {
        g_autoptr(GError) cause = NULL;
        char *ts = NULL;
        gboolean again = FALSE;
        SlackFate fate = transmit(desk, post, request, &ts, cancel, &cause);

        if (fate == SLACK_POSTED)
            return post_settle_posted(desk, post, request, ts, error);
        if (fate == SLACK_REFUSED)
            return post_not_sent(desk, post, request, cause, cancel, error);
        log_write(desk->log, LOG_LEVEL_WARN, "post",
                  "request %" G_GINT64_FORMAT
                  ": no clear answer to the %s (%s); reading the thread back",
                  request->id, post->kind, cause->message);
        post_set_status(post, "unclear", cause->message);
        if (!store_post_save(desk->store, post, error))
            return FALSE;
        failpoint("post:unclear");
        if (!post_clear_up(desk, post, request, &again, cancel, error))
            return FALSE;
        if (!again)
            return TRUE;
    }
    return post_settle_unconfirmed(desk, post, request, NULL, error);
}
