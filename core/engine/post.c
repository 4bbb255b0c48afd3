/* post.c: posts reach Slack exactly once.
 *
 * The intent, with a random nonce, is committed before anything is sent; the post carries the nonce
 * as message metadata. After a crash or an unclear answer the thread is read back: the nonce is
 * there, so it is posted; it is certainly not there after a grace time, so it is sent again with
 * the same nonce; it cannot be read, so it is unconfirmed: shown, never guessed. */
#include "engine/post_private.h"

#include <string.h>

#include "base/error.h"
#include "base/failpoint.h"
#include "base/text.h"

static Post *
intent_new(Desk *desk, const Request *request, const char *kind, const char *channel,
           const char *thread_ts, const char *text)
{
    Post *post = post_new();

    post->request_id = request->id;
    post->kind = g_strdup(kind);
    post->nonce = g_uuid_string_random();
    post->channel = g_strdup(channel);
    post->thread_ts = g_strdup(thread_ts);
    post->text = g_strdup(text);
    post->created_at = desk_now(desk);
    post_set_status(post, "sending", NULL);
    post_take_hold(post);
    return post;
}

/* -- results -- */

typedef struct {
    Desk *desk;
    Request *request;
    const Run *run;
    Post *post;
} Intent;

/* Once more where nobody can change anything any more: since the check before, an approval may have
 * been taken back or another request come in. */
static gboolean
suffices_still(const Intent *intent, GError **error)
{
    g_autoptr(GError) cause = NULL;
    g_autofree char *why = approve_shortfall(intent->desk, intent->request, intent->run, &cause);

    if (cause)
        g_propagate_error(error, g_steal_pointer(&cause));
    else if (why)
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFLICT,
                    "request %" G_GINT64_FORMAT " was not posted: %s", intent->request->id, why);
    else
        return TRUE;
    return FALSE;
}

/* The log of events as it stands goes out with the post, so that a copy of it lies where nobody who
 * could change the log could change it too. */
static gboolean
testify(Store *store, Post *post, GError **error)
{
    post->witness_hash = store_events_head(store, &post->witness_id, error);
    if (!post->witness_hash)
        return FALSE;
    char *text = message_record(post->text, post->witness_id, post->witness_hash);
    g_autoptr(cJSON) blocks = message_blocks(text);

    g_free(post->text);
    post->text = text;
    post->blocks = blocks ? json_print(blocks) : NULL;
    return TRUE;
}

static gboolean
intent_step(Store *store, void *data, GError **error)
{
    Intent *intent = data;

    if (!suffices_still(intent, error))
        return FALSE;
    cJSON *detail = cJSON_CreateObject();
    g_autofree char *hash = text_sha256(intent->post->text, strlen(intent->post->text));

    json_add(detail, "nonce", intent->post->nonce);
    json_add_int(detail, "run_id", intent->post->run_id);
    json_add(detail, "text_sha256", hash); /* of the words that were previewed */
    return state_change(store, intent->request, STATE_POSTING, "creditbot", "state", detail,
                        desk_now(intent->desk), error) &&
           testify(store, intent->post, error) && store_post_add(store, intent->post, error);
}

static Post *
result_intent(Desk *desk, const Request *request, const Run *run, GError **error)
{
    g_autoptr(cJSON) json = json_parse(run->result, strlen(run->result), "the stored run", error);
    g_autoptr(CalcResult) result = json ? calc_result_from_json(json, error) : NULL;

    g_auto(Corrected) corrected = {0};

    if (!result || !corrected_of(desk, request, &corrected, error))
        return NULL;
    g_autofree char *broken = approve_broken_words(desk, request, run);
    const Message message = {desk->config, request, run, result, &corrected, broken};
    g_autofree char *text = message_result(&message);
    Post *post = intent_new(desk, request, "result", request->channel, request->thread_ts, text);
    post->run_id = run->id;
    return post;
}

gboolean
post_result(Desk *desk, Request *request, Cancel *cancel, GError **error)
{
    g_autoptr(Run) run = NULL;

    if (!desk_slack(desk, error) || !store_check_writable(desk->store, error) ||
        !approve_still_valid(desk, request, &run, error))
        return FALSE;
    g_autoptr(Post) post = result_intent(desk, request, run, error);
    if (!post)
        return FALSE;
    Intent intent = {desk, request, run, post};
    failpoint("post:before-intent");
    if (!state_transact(desk->store, request, intent_step, &intent, error))
        return FALSE;
    failpoint("post:after-intent");
    return post_deliver(desk, post, request, cancel, error);
}

/* -- words -- */

/* Said, being said, or refused as often as a request may fail: then it is not tried again. */
static gboolean
is_said(Desk *desk, GPtrArray *posts, const char *kind)
{
    gint64 refused = 0;

    for (guint i = 0; i < posts->len; i++) {
        const Post *post = g_ptr_array_index(posts, i);

        if (!g_str_equal(post->kind, kind) || g_str_equal(post->status, "abandoned"))
            continue;
        if (!g_str_equal(post->status, "refused"))
            return TRUE;
        refused++;
    }
    return refused >= config_int(desk->config, "retry", "attempts");
}

gboolean
post_is_said(Desk *desk, gint64 request_id, const char *kind)
{
    g_autoptr(GPtrArray) posts = store_posts(desk->store, request_id, NULL);

    return posts && is_said(desk, posts, kind);
}

gboolean
post_word_prepare(Desk *desk, const Request *request, const char *kind, const char *channel,
                  const char *thread_ts, const char *text, Post **post, GError **error)
{
    if (!desk_slack(desk, error))
        return FALSE;
    g_autoptr(GPtrArray) posts = store_posts(desk->store, request->id, error);
    if (!posts)
        return FALSE;
    if (is_said(desk, posts, kind)) {
        *post = NULL;
        return TRUE;
    }
    if (!store_check_writable(desk->store, error))
        return FALSE;
    *post = intent_new(desk, request, kind, channel, thread_ts, text);
    return TRUE;
}

gboolean
post_word(Desk *desk, Request *request, const char *kind, const char *channel,
          const char *thread_ts, const char *text, Cancel *cancel, GError **error)
{
    g_autoptr(Post) post = NULL;

    if (!post_word_prepare(desk, request, kind, channel, thread_ts, text, &post, error))
        return FALSE;
    if (!post)
        return TRUE;
    failpoint("word:before-intent");
    if (!store_post_add(desk->store, post, error))
        return FALSE;
    failpoint("word:after-intent");
    return post_deliver(desk, post, request, cancel, error);
}
