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

#define SENDS_A_TRY 3
#define CLOCK_SLACK (60 * G_USEC_PER_SEC)

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

    return store_transact(desk->store, settle_step, &step, error);
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
    if (!store_post_save(desk->store, post, error))
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

static gboolean
refuse(Desk *desk, Post *post, Request *request, GError *cause, Cancel *cancel, GError **error)
{
    set_status(post, "refused", cause->message);
    post->settled_at = desk_now(desk);
    log_write(desk->log, LOG_LEVEL_WARN, "post", "request %" G_GINT64_FORMAT ": %s not posted: %s",
              request->id, post->kind, cause->message);
    if (!store_post_save(desk->store, post, error))
        return FALSE;
    if (is_result(post))
        work_fail(desk, request, STATE_APPROVED, cause, cancel);
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

/* Sends until its fate is known; TRUE: posted. The request (of a result) is in state posting. */
static gboolean
deliver(Desk *desk, Post *post, Request *request, Cancel *cancel, GError **error)
{
    for (guint i = 0; i < SENDS_A_TRY; i++) {
        g_autoptr(GError) cause = NULL;
        char *ts = NULL;
        gboolean again = FALSE;
        SlackFate fate = transmit(desk, post, &ts, cancel, &cause);

        if (fate == SLACK_POSTED)
            return settle_posted(desk, post, request, ts, error);
        if (fate == SLACK_REFUSED)
            return refuse(desk, post, request, cause, cancel, error);
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
    g_autofree char *text = message_result(request, run, result);
    g_autoptr(cJSON) blocks = message_result_blocks(request, run, result);
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
    RequestState before = request->state;
    gint64 version = request->version;
    failpoint("post:before-intent");
    if (!store_transact(desk->store, intent_step, &intent, error)) {
        request->state = before;
        request->version = version;
        return FALSE;
    }
    failpoint("post:after-intent");
    return deliver(desk, post, request, cancel, error);
}

/* -- words -- */

static gboolean
is_said(GPtrArray *posts, const char *kind)
{
    for (guint i = 0; i < posts->len; i++) {
        const Post *post = g_ptr_array_index(posts, i);

        if (g_str_equal(post->kind, kind) && !g_str_equal(post->status, "refused") &&
            !g_str_equal(post->status, "abandoned"))
            return TRUE;
    }
    return FALSE;
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
    if (is_said(posts, kind))
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

static gboolean
is_held_by_other(Desk *desk, const Post *post)
{
    const Holder *self = holder_self();

    if (!g_str_equal(post->status, "sending") && !g_str_equal(post->status, "intent"))
        return FALSE;
    if (g_strcmp0(post->holder_host, self->host) == 0 && post->holder_pid == self->pid &&
        post->holder_start == self->start) {
        gint64 id = post->request_id;

        g_mutex_lock(&desk->work_lock);
        gboolean working = g_hash_table_contains(desk->working, &id);
        g_mutex_unlock(&desk->work_lock);
        return working;
    }
    return holder_alive(post->holder_host, post->holder_pid, post->holder_start);
}

static gboolean
abandon(Desk *desk, Post *post, Request *request, const char *why, GError **error)
{
    set_status(post, "abandoned", why);
    post->settled_at = desk_now(desk);
    if (request->state == STATE_UNCONFIRMED &&
        !state_change(desk->store, request, STATE_POSTING, "creditbot", "state", NULL,
                      desk_now(desk), error))
        return FALSE;
    return settle(desk, post, request, STATE_APPROVED, error);
}

/* The thread certainly does not have it: sent again while the approval still stands. */
static gboolean
send_again(Desk *desk, Post *post, Request *request, Cancel *cancel, GError **error)
{
    if (desk_is_dry(desk)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_UNCLEAR,
                    "request %" G_GINT64_FORMAT
                    ": the %s did not reach Slack; not sent again in a dry run",
                    request->id, post->kind);
        return FALSE;
    }
    if (is_result(post)) {
        gint64 have = approve_have(desk, request, NULL, error);
        g_autoptr(Run) run = have >= 0 ? store_run_get(desk->store, request->run_id, error) : NULL;

        if (!run)
            return FALSE;
        if (have < approve_need(desk, run) || post->run_id != run->id)
            return abandon(desk, post, request, "the approval no longer stands", error);
        if (request->state == STATE_UNCONFIRMED &&
            !state_change(desk->store, request, STATE_POSTING, "creditbot", "state", NULL,
                          desk_now(desk), error))
            return FALSE;
    }
    return deliver(desk, post, request, cancel, error);
}

static gboolean
recover_one(Desk *desk, Post *post, guint *posted, Cancel *cancel, GError **error)
{
    g_autoptr(Request) request = store_request_get(desk->store, post->request_id, error);
    gboolean again = FALSE;

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
        Post *post = g_ptr_array_index(open, i);
        g_autoptr(GError) cause = NULL;

        if ((request_id && post->request_id != request_id) || is_held_by_other(desk, post))
            continue;
        if (!desk_slack(desk, error))
            return FALSE;
        Cancel *token = work_begin(desk, post->request_id, cancel, NULL);
        if (!token)
            continue;
        if (!recover_one(desk, post, &count, token, &cause)) {
            log_write(desk->log, LOG_LEVEL_WARN, "post", "%s", cause->message);
            if (problems)
                g_ptr_array_add(problems, g_strdup(cause->message));
        }
        work_end(desk, post->request_id, token);
    }
    if (posted)
        *posted += count;
    return TRUE;
}
