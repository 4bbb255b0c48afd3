/* post.c: posts reach Slack exactly once.
 *
 * The intent, with a random nonce, is committed before anything is sent; the post carries the nonce
 * as message metadata. After a crash or an unclear answer the thread is read back: the nonce is
 * there, so it is posted; it is certainly not there after a grace time, so it is sent again with
 * the same nonce; it cannot be read, so it is unconfirmed: shown, never guessed. */
#include "engine/desk_private.h"

#include <string.h>

#include "base/error.h"
#include "base/failpoint.h"
#include "base/money.h"

#define SENDS_A_TRY  3
#define CLOCK_SLACK  (60 * G_USEC_PER_SEC)
#define HELD_AT_MOST (10 * 60 * G_USEC_PER_SEC)

typedef enum { BACK_FOUND, BACK_ABSENT, BACK_UNREADABLE } ReadBack;

static gboolean
is_result(const Post *post)
{
    return g_str_equal(post->kind, "result");
}

static void
set_status(Post *post, const char *status, const char *error)
{
    g_free(post->status);
    post->status = g_strdup(status);
    g_free(post->error);
    post->error = g_strdup(error);
}

static void
take_hold(Post *post)
{
    const Holder *self = holder_self();

    g_free(post->holder_host);
    post->holder_host = g_strdup(self->host);
    post->holder_pid = self->pid;
    post->holder_start = self->start;
}

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
    set_status(post, "sending", NULL);
    take_hold(post);
    return post;
}

/* -- settling: what is known about a post, with the request that it belongs to -- */

typedef struct {
    Desk *desk;
    Post *post;
    Request *request; /* NULL for words */
    RequestState to;
    const char *event;
} Settle;

static cJSON *
post_detail(const Post *post)
{
    cJSON *detail = cJSON_CreateObject();

    json_add(detail, "kind", post->kind);
    json_add(detail, "status", post->status);
    json_add(detail, "nonce", post->nonce);
    json_add(detail, "ts", post->posted_ts);
    if (post->error)
        json_add(detail, "error", post->error);
    return detail;
}

static gboolean
settle_step(Store *store, void *data, GError **error)
{
    Settle *settle = data;
    gint64 now = desk_now(settle->desk);

    if (!store_post_save(store, settle->post, error))
        return FALSE;
    if (settle->request && settle->request->state != settle->to)
        return state_change(store, settle->request, settle->to, "creditbot", settle->event,
                            post_detail(settle->post), now, error);
    g_autoptr(cJSON) detail = post_detail(settle->post);
    g_autofree char *text = json_print(detail);
    return store_event(store, settle->post->request_id, "creditbot", settle->event, NULL, NULL,
                       text, error);
}

static gboolean
settle(Desk *desk, Post *post, Request *request, RequestState to, GError **error)
{
    Settle step = {desk, post, is_result(post) ? request : NULL, to, "post"};

    return state_transact(desk->store, request, settle_step, &step, error);
}

static gboolean
settle_posted(Desk *desk, Post *post, Request *request, char *ts, GError **error)
{
    set_status(post, "posted", NULL);
    g_free(post->posted_ts);
    post->posted_ts = ts;
    post->settled_at = desk_now(desk);
    if (is_result(post)) {
        g_free(request->posted_ts);
        request->posted_ts = g_strdup(ts);
        request->posted_at = post->settled_at;
        request->attempts = 0;
        g_clear_pointer(&request->error, g_free);
        g_clear_pointer(&request->error_code, g_free);
    }
    failpoint("post:before-settle");
    if (!settle(desk, post, request, STATE_POSTED, error))
        return FALSE;
    failpoint("post:after-settle");
    log_write(desk->log, LOG_LEVEL_INFO, "post", "request %" G_GINT64_FORMAT ": %s posted as %s",
              request->id, post->kind, ts);
    return TRUE;
}

static gboolean
settle_unconfirmed(Desk *desk, Post *post, Request *request, const GError *cause, GError **error)
{
    const char *why =
        cause ? cause->message : "sent several times without an answer, and not found";

    set_status(post, "unconfirmed", why);
    if (is_result(post)) {
        g_free(request->error);
        request->error = g_strdup_printf("It is not known whether the post reached Slack: %s", why);
        g_free(request->error_code);
        request->error_code = g_strdup(error_code_name(ERR_UNCLEAR));
    }
    if (!settle(desk, post, request, STATE_UNCONFIRMED, error))
        return FALSE;
    g_set_error(error, CREDITBOT_ERROR, ERR_UNCLEAR,
                "request %" G_GINT64_FORMAT
                ": it is not known whether the %s reached Slack (%s); the "
                "next pass reads the thread again",
                request->id, post->kind, why);
    return FALSE;
}

/* -- sending and reading back -- */

static gboolean
open_dm(Desk *desk, Post *post, Cancel *cancel, GError **error)
{
    if (!g_str_equal(post->kind, "error_dm") || post->channel[0] == 'D')
        return TRUE;
    char *channel = slack_open_dm(desk->slack, post->channel, cancel, error);
    if (!channel)
        return FALSE;
    g_free(post->channel);
    post->channel = channel;
    return store_post_save(desk->store, post, error);
}

static cJSON *
post_extra(const Post *post)
{
    cJSON *extra = cJSON_CreateObject();

    json_add_int(extra, "request", post->request_id);
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
transmit(Desk *desk, Post *post, char **ts, Cancel *cancel, GError **error)
{
    g_autoptr(cJSON) extra = post_extra(post);
    g_autoptr(cJSON) blocks = post->blocks ? cJSON_Parse(post->blocks) : NULL;

    if (!open_dm(desk, post, cancel, error))
        return SLACK_REFUSED;
    post->attempts++;
    post->sent_at = desk_now(desk);
    set_status(post, "sending", NULL);
    take_hold(post);
    if (!store_transact(desk->store, begin_send_step, post, error))
        return SLACK_REFUSED;
    failpoint("post:before-send");
    SlackFate fate = slack_post(desk->slack, post->channel, post->thread_ts, post->text, blocks,
                                post->kind, post->nonce, extra, ts, cancel, error);
    failpoint("post:after-send");
    return fate;
}

static ReadBack
read_back(Desk *desk, const Post *post, char **ts, Cancel *cancel, GError **error)
{
    g_autofree char *oldest = slack_ts_format(MAX(post->created_at - CLOCK_SLACK, 0));

    if (g_str_equal(post->kind, "error_dm") && post->channel[0] != 'D')
        return BACK_ABSENT; /* the conversation was never opened, so nothing was sent */
    if (!slack_find_post(desk->slack, post->channel, post->thread_ts, oldest, post->nonce, ts,
                         cancel, error))
        return BACK_UNREADABLE;
    return *ts ? BACK_FOUND : BACK_ABSENT;
}

typedef struct {
    Desk *desk;
    Post *post;
    Request *request;
    const GError *cause;
    gboolean dead;
} Refusal;

/* In one transaction: a request never stays in posting without a post that somebody finishes. */
static gboolean
refuse_step(Store *store, void *data, GError **error)
{
    Refusal *refusal = data;
    g_autoptr(cJSON) detail = post_detail(refusal->post);
    g_autofree char *text = json_print(detail);

    return store_post_save(store, refusal->post, error) &&
           store_event(store, refusal->post->request_id, "creditbot", "post", NULL, NULL, text,
                       error) &&
           (!is_result(refusal->post) ||
            work_record(refusal->desk, refusal->request, STATE_APPROVED, refusal->cause,
                        &refusal->dead, error));
}

static gboolean
refuse(Desk *desk, Post *post, Request *request, const GError *cause, Cancel *cancel,
       GError **error)
{
    Refusal refusal = {desk, post, request, cause, FALSE};

    set_status(post, "refused", cause->message);
    post->settled_at = desk_now(desk);
    if (!state_transact(desk->store, request, refuse_step, &refusal, error))
        return FALSE;
    log_write(desk->log, LOG_LEVEL_WARN, "post", "request %" G_GINT64_FORMAT ": %s not posted: %s",
              request->id, post->kind, cause->message);
    if (is_result(post))
        work_tell(desk, request, cause, refusal.dead, cancel);
    g_propagate_error(error, g_error_copy(cause));
    return FALSE;
}

/* A stop before anything was sent is no refusal: the approval stands, and the next pass posts. */
static gboolean
withdraw(Desk *desk, Post *post, Request *request, const GError *cause, GError **error)
{
    set_status(post, "abandoned", cause->message);
    post->settled_at = desk_now(desk);
    if (settle(desk, post, request, STATE_APPROVED, error))
        g_propagate_error(error, g_error_copy(cause));
    return FALSE;
}

/* Certainly not sent. */
static gboolean
not_sent(Desk *desk, Post *post, Request *request, GError *cause, Cancel *cancel, GError **error)
{
    if (g_error_matches(cause, CREDITBOT_ERROR, ERR_CANCELLED))
        return withdraw(desk, post, request, cause, error);
    if (!g_error_matches(cause, CREDITBOT_ERROR, ERR_STORE) &&
        !g_error_matches(cause, CREDITBOT_ERROR, ERR_CONFLICT))
        return refuse(desk, post, request, cause, cancel, error);
    /* What is recorded stands; whoever holds the post, or the next pass, finishes it. */
    g_propagate_error(error, g_error_copy(cause));
    return FALSE;
}

/* After an unclear answer: waits the grace out, then looks. Sets *again when it must be sent again.
 */
static gboolean
clear_up(Desk *desk, Post *post, Request *request, gboolean *again, Cancel *cancel, GError **error)
{
    gint64 grace = config_duration(desk->config, "posting", "readback_grace");
    gint64 wait = post->sent_at + grace - desk_now(desk);
    g_autoptr(GError) cause = NULL;
    g_autofree char *ts = NULL;

    *again = FALSE;
    if (wait > 0 && cancel_sleep(cancel, MIN(wait, grace))) {
        g_set_error(&cause, CREDITBOT_ERROR, ERR_CANCELLED, "stopped before it could be read back");
        return settle_unconfirmed(desk, post, request, cause, error);
    }
    switch (read_back(desk, post, &ts, cancel, &cause)) {
    case BACK_FOUND:
        return settle_posted(desk, post, request, g_steal_pointer(&ts), error);
    case BACK_UNREADABLE:
        return settle_unconfirmed(desk, post, request, cause, error);
    case BACK_ABSENT:
        break;
    }
    *again = TRUE;
    return TRUE;
}

/* -- threads that a state which was lost has answered -- */

typedef struct {
    const SlackIdentity *self;
    const char *kind;
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

    if (own && reply->metadata_id && g_strcmp0(json_string(payload, "kind"), earlier->kind) == 0) {
        g_free(earlier->ts);
        earlier->ts = g_strdup(reply->ts);
    }
    return TRUE;
}

gboolean
post_find_kind(Desk *desk, const char *channel, const char *thread_ts, const char *kind, char **ts,
               Cancel *cancel, GError **error)
{
    Earlier earlier = {.self = slack_identity(desk->slack, cancel, error), .kind = kind};

    if (earlier.self && slack_replies(desk->slack, channel, thread_ts, NULL, look_for_kind,
                                      &earlier, cancel, error)) {
        *ts = earlier.ts;
        return TRUE;
    }
    g_free(earlier.ts);
    return FALSE;
}

/* The state was put back to an earlier time, and the request is from before that: its answer may
 * stand in the thread although nothing here knows of it. */
static gboolean
may_be_answered(Desk *desk, const Post *post, const Request *request)
{
    g_autofree char *restored = store_value(desk->store, "restored");

    return restored && post->thread_ts && post->attempts == 0 &&
           request->received_at <= g_ascii_strtoll(restored, NULL, 10);
}

/* Sends until its fate is known; TRUE: posted. The request (of a result) is in state posting. */
static gboolean
deliver(Desk *desk, Post *post, Request *request, Cancel *cancel, GError **error)
{
    if (may_be_answered(desk, post, request)) {
        g_autoptr(GError) cause = NULL;
        char *ts = NULL;

        if (!post_find_kind(desk, post->channel, post->thread_ts, post->kind, &ts, cancel, &cause))
            return not_sent(desk, post, request, cause, cancel, error);
        if (ts)
            return settle_posted(desk, post, request, ts, error);
    }
    for (guint i = 0; i < SENDS_A_TRY; i++) {
        g_autoptr(GError) cause = NULL;
        char *ts = NULL;
        gboolean again = FALSE;
        SlackFate fate = transmit(desk, post, &ts, cancel, &cause);

        if (fate == SLACK_POSTED)
            return settle_posted(desk, post, request, ts, error);
        if (fate == SLACK_REFUSED)
            return not_sent(desk, post, request, cause, cancel, error);
        log_write(desk->log, LOG_LEVEL_WARN, "post",
                  "request %" G_GINT64_FORMAT
                  ": no clear answer to the %s (%s); reading the thread back",
                  request->id, post->kind, cause->message);
        set_status(post, "unclear", cause->message);
        if (!store_post_save(desk->store, post, error))
            return FALSE;
        failpoint("post:unclear");
        if (!clear_up(desk, post, request, &again, cancel, error))
            return FALSE;
        if (!again)
            return TRUE;
    }
    return settle_unconfirmed(desk, post, request, NULL, error);
}

/* -- results -- */

typedef struct {
    Desk *desk;
    Request *request;
    Post *post;
} Intent;

static gboolean
intent_step(Store *store, void *data, GError **error)
{
    Intent *intent = data;
    cJSON *detail = cJSON_CreateObject();

    json_add(detail, "nonce", intent->post->nonce);
    json_add_int(detail, "run_id", intent->post->run_id);
    if (!state_change(store, intent->request, STATE_POSTING, "creditbot", "state", detail,
                      desk_now(intent->desk), error))
        return FALSE;
    return store_post_add(store, intent->post, error);
}

static Post *
result_intent(Desk *desk, const Request *request, const Run *run, GError **error)
{
    g_autoptr(cJSON) json = json_parse(run->result, strlen(run->result), "the stored run", error);
    g_autoptr(CalcResult) result = json ? calc_result_from_json(json, error) : NULL;

    if (!result)
        return NULL;
    g_autofree char *text = message_result(desk->config, request, run, result);
    g_autoptr(cJSON) blocks = message_result_blocks(desk->config, request, run, result);
    Post *post = intent_new(desk, request, "result", request->channel, request->thread_ts, text);
    post->run_id = run->id;
    post->blocks = blocks ? json_print(blocks) : NULL;
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
    Intent intent = {desk, request, post};
    failpoint("post:before-intent");
    if (!state_transact(desk->store, request, intent_step, &intent, error))
        return FALSE;
    failpoint("post:after-intent");
    return deliver(desk, post, request, cancel, error);
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
post_word(Desk *desk, Request *request, const char *kind, const char *channel,
          const char *thread_ts, const char *text, Cancel *cancel, GError **error)
{
    if (!desk_slack(desk, error))
        return FALSE;
    g_autoptr(GPtrArray) posts = store_posts(desk->store, request->id, error);
    if (!posts)
        return FALSE;
    if (is_said(desk, posts, kind))
        return TRUE;
    if (!store_check_writable(desk->store, error))
        return FALSE;
    g_autoptr(Post) post = intent_new(desk, request, kind, channel, thread_ts, text);
    failpoint("word:before-intent");
    if (!store_post_add(desk->store, post, error))
        return FALSE;
    failpoint("word:after-intent");
    return deliver(desk, post, request, cancel, error);
}

/* -- what was left behind -- */

/* Somebody alive has it in hand. An unconfirmed one was put down. */
static gboolean
is_held(Desk *desk, const Post *post)
{
    const Holder *self = holder_self();
    gint64 limit = HELD_AT_MOST + SENDS_A_TRY * config_duration(desk->config, "http", "timeout");

    if (g_str_equal(post->status, "unconfirmed"))
        return FALSE;
    if (g_strcmp0(post->holder_host, self->host) == 0 && post->holder_pid == self->pid &&
        post->holder_start == self->start)
        return FALSE; /* work_begin() keeps the threads of this process apart */
    return holder_alive(post->holder_host, post->holder_pid, post->holder_start) &&
           desk_now(desk) - MAX(post->sent_at, post->created_at) < limit;
}

typedef struct {
    Desk *desk;
    gint64 id;
    Post *post; /* NULL: settled, or in other hands */
} Claim;

/* Of several processes that find the same post one takes it. */
static gboolean
claim_step(Store *store, void *data, GError **error)
{
    Claim *claim = data;
    g_autoptr(Post) post = store_post_get(store, claim->id, error);

    if (!post)
        return FALSE;
    if (post->settled_at || is_held(claim->desk, post))
        return TRUE;
    g_free(post->status);
    post->status = g_strdup("unclear");
    take_hold(post);
    if (!store_post_save(store, post, error))
        return FALSE;
    claim->post = g_steal_pointer(&post);
    return TRUE;
}

typedef struct {
    Desk *desk;
    Post *post;
    Request *request;
} Abandon;

static gboolean
abandon_step(Store *store, void *data, GError **error)
{
    Abandon *step = data;
    Settle last = {step->desk, step->post, is_result(step->post) ? step->request : NULL,
                   STATE_APPROVED, "post"};

    return (step->request->state != STATE_UNCONFIRMED || !is_result(step->post) ||
            state_change(store, step->request, STATE_POSTING, "creditbot", "state", NULL,
                         desk_now(step->desk), error)) &&
           settle_step(store, &last, error);
}

static gboolean
abandon(Desk *desk, Post *post, Request *request, const char *why, GError **error)
{
    Abandon step = {desk, post, request};

    set_status(post, "abandoned", why);
    post->settled_at = desk_now(desk);
    return state_transact(desk->store, request, abandon_step, &step, error);
}

/* What made a word worth saying may be over. */
static gboolean
word_is_stale(const Post *post, const Request *request)
{
    if (g_str_has_prefix(post->kind, "ask_"))
        return request->state != STATE_NEEDS_LINK;
    return g_str_equal(post->kind, "error_dm") && request->state != STATE_DEAD;
}

/* The approvals and the evidence, as they are right before a post. *stands FALSE: not any more. */
static gboolean
check_stands(Desk *desk, const Post *post, const Request *request, gboolean *stands, GError **error)
{
    gint64 have = approve_have(desk, request, NULL, error);
    g_autoptr(Run) run = have >= 0 ? store_run_get(desk->store, request->run_id, error) : NULL;

    if (!run)
        return FALSE;
    g_autofree char *digest = evidence_digest(request, run);
    *stands = have >= approve_need(desk, run) && post->run_id == run->id &&
              g_strcmp0(digest, run->digest) == 0;
    return TRUE;
}

/* The thread certainly does not have it: sent again while the approval still stands. */
static gboolean
send_again(Desk *desk, Post *post, Request *request, Cancel *cancel, GError **error)
{
    gboolean stands = TRUE;

    if (desk_is_dry(desk)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_UNCLEAR,
                    "request %" G_GINT64_FORMAT
                    ": the %s did not reach Slack; not sent again in a dry run",
                    request->id, post->kind);
        return FALSE;
    }
    if (!is_result(post) && word_is_stale(post, request))
        return abandon(desk, post, request, "there is nothing to say any more", error);
    if (is_result(post) && !check_stands(desk, post, request, &stands, error))
        return FALSE;
    if (!stands)
        return abandon(desk, post, request, "the approval no longer stands", error);
    if (is_result(post) && request->state == STATE_UNCONFIRMED &&
        !state_change(desk->store, request, STATE_POSTING, "creditbot", "state", NULL,
                      desk_now(desk), error))
        return FALSE;
    return deliver(desk, post, request, cancel, error);
}

static gboolean
recover_one(Desk *desk, gint64 id, guint *posted, Cancel *cancel, GError **error)
{
    Claim claim = {.desk = desk, .id = id};
    gboolean again = FALSE;

    if (!store_transact(desk->store, claim_step, &claim, error))
        return FALSE;
    g_autoptr(Post) post = claim.post;
    if (!post)
        return TRUE;
    g_autoptr(Request) request = store_request_get(desk->store, post->request_id, error);
    if (!request)
        return FALSE;
    if (!post->sent_at)
        post->sent_at = post->created_at;
    if (!clear_up(desk, post, request, &again, cancel, error) ||
        (again && !send_again(desk, post, request, cancel, error)))
        return FALSE;
    if (is_result(post) && g_str_equal(post->status, "posted"))
        (*posted)++;
    return TRUE;
}

gboolean
post_recover(Desk *desk, gint64 request_id, guint *posted, GPtrArray *problems, Cancel *cancel,
             GError **error)
{
    g_autoptr(GPtrArray) open = store_posts_open(desk->store, error);
    guint count = 0;

    if (!open)
        return FALSE;
    for (guint i = 0; i < open->len && !cancel_fired(cancel); i++) {
        const Post *post = g_ptr_array_index(open, i);
        g_autoptr(GError) cause = NULL;

        if ((request_id && post->request_id != request_id) || is_held(desk, post))
            continue;
        if (!desk_slack(desk, error))
            return FALSE;
        Cancel *token = work_begin(desk, post->request_id, cancel, NULL);
        if (!token)
            continue;
        gboolean ok = recover_one(desk, post->id, &count, token, &cause);
        work_end(desk, post->request_id, token);
        if (ok)
            continue;
        log_write(desk->log, LOG_LEVEL_WARN, "post", "%s", cause->message);
        if (g_error_matches(cause, CREDITBOT_ERROR, ERR_STORE)) {
            g_propagate_error(error, g_steal_pointer(&cause));
            return FALSE;
        }
        if (problems)
            g_ptr_array_add(problems, g_strdup(cause->message));
    }
    if (posted)
        *posted += count;
    return TRUE;
}
