/* post_settle.c: records what is known about a post, with the request that it belongs to. */
#include "engine/post_private.h"

#include "base/error.h"
#include "base/failpoint.h"

gboolean
post_is_result(const Post *post)
{
    return g_str_equal(post->kind, "result");
}

gboolean
post_is_dm(const Post *post)
{
    return g_str_has_suffix(post->kind, "_dm");
}

void
post_set_status(Post *post, const char *status, const char *error)
{
    g_free(post->status);
    post->status = g_strdup(status);
    g_free(post->error);
    post->error = g_strdup(error);
}

void
post_take_hold(Post *post)
{
    const Holder *self = holder_self();

    g_free(post->holder_host);
    post->holder_host = g_strdup(self->host);
    post->holder_pid = self->pid;
    post->holder_start = self->start;
}

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
    Settle step = {desk, post, post_is_result(post) ? request : NULL, to, "post"};

    return state_transact(desk->store, request, settle_step, &step, error);
}

gboolean
post_settle_posted(Desk *desk, Post *post, Request *request, char *ts, GError **error)
{
    post_set_status(post, "posted", NULL);
    g_free(post->posted_ts);
    post->posted_ts = ts;
    post->settled_at = desk_now(desk);
    if (post_is_result(post)) {
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

gboolean
post_settle_unconfirmed(Desk *desk, Post *post, Request *request, const GError *cause,
                        GError **error)
{
    const char *why =
        cause ? cause->message : "sent several times without an answer, and not found";

    post_set_status(post, "unconfirmed", why);
    if (post_is_result(post)) {
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
           (!post_is_result(refusal->post) ||
            work_record(refusal->desk, refusal->request, STATE_APPROVED, refusal->cause,
                        &refusal->dead, error));
}

static gboolean
refuse(Desk *desk, Post *post, Request *request, const GError *cause, Cancel *cancel,
       GError **error)
{
    Refusal refusal = {desk, post, request, cause, FALSE};

    post_set_status(post, "refused", cause->message);
    post->settled_at = desk_now(desk);
    if (!state_transact(desk->store, request, refuse_step, &refusal, error))
        return FALSE;
    log_write(desk->log, LOG_LEVEL_WARN, "post", "request %" G_GINT64_FORMAT ": %s not posted: %s",
              request->id, post->kind, cause->message);
    if (post_is_result(post))
        work_tell(desk, request, cause, refusal.dead, cancel);
    g_propagate_error(error, g_error_copy(cause));
    return FALSE;
}

/* A stop before anything was sent is no refusal: the approval stands, and the next pass posts. */
static gboolean
withdraw(Desk *desk, Post *post, Request *request, const GError *cause, GError **error)
{
    post_set_status(post, "abandoned", cause->message);
    post->settled_at = desk_now(desk);
    if (settle(desk, post, request, STATE_APPROVED, error))
        g_propagate_error(error, g_error_copy(cause));
    return FALSE;
}

/* Certainly not sent. */
gboolean
post_not_sent(Desk *desk, Post *post, Request *request, GError *cause, Cancel *cancel,
              GError **error)
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

typedef struct {
    Desk *desk;
    Post *post;
    Request *request;
} Abandon;

static gboolean
abandon_step(Store *store, void *data, GError **error)
{
    Abandon *step = data;
    Settle last = {step->desk, step->post, post_is_result(step->post) ? step->request : NULL,
                   STATE_APPROVED, "post"};

    return (step->request->state != STATE_UNCONFIRMED || !post_is_result(step->post) ||
            state_change(store, step->request, STATE_POSTING, "creditbot", "state", NULL,
                         desk_now(step->desk), error)) &&
           settle_step(store, &last, error);
}

gboolean
post_abandon(Desk *desk, Post *post, Request *request, const char *why, GError **error)
{
    Abandon step = {desk, post, request};

    post_set_status(post, "abandoned", why);
    post->settled_at = desk_now(desk);
    return state_transact(desk->store, request, abandon_step, &step, error);
}
