/* post_recover.c: finishes the posts that a dead process or an unclear answer left behind. */
#include "engine/post_private.h"

#include "base/error.h"

#define HELD_AT_MOST (10 * 60 * G_USEC_PER_SEC)

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
} SendClaim;

/* Of several processes that find the same post one takes it. */
static gboolean
claim_step(Store *store, void *data, GError **error)
{
    SendClaim *claim = data;
    g_autoptr(Post) post = store_post_get(store, claim->id, error);

    if (!post)
        return FALSE;
    if (post->settled_at || is_held(claim->desk, post))
        return TRUE;
    g_free(post->status);
    post->status = g_strdup("unclear");
    post_take_hold(post);
    if (!store_post_save(store, post, error))
        return FALSE;
    claim->post = g_steal_pointer(&post);
    return TRUE;
}

/* What made a word worth saying may be over. */
static gboolean
word_is_stale(const Post *post, const Request *request)
{
    if (g_str_has_prefix(post->kind, "ask_"))
        return request->state != STATE_NEEDS_LINK;
    return g_str_equal(post->kind, "error_dm") && request->state != STATE_DEAD;
}

/* The approvals, the evidence and the words, as they are right before a post. *fallen: what no
 * longer stands; NULL: all does. */
static gboolean
check_stands(Desk *desk, const Post *post, const Request *request, const char **fallen,
             GError **error)
{
    g_autoptr(Run) run = store_run_get(desk->store, request->run_id, error);
    gboolean stands = FALSE;
    const char *wrong = NULL;

    if (!run || !approve_suffices(desk, request, run, &stands, NULL, error) ||
        !post_seal_check(desk->store, post, request, &wrong, error))
        return FALSE;
    g_autofree char *digest = evidence_digest(request, run);
    if (wrong)
        *fallen = "what is stored of it is not what was decided";
    else if (!stands || post->run_id != run->id || g_strcmp0(digest, run->digest) != 0)
        *fallen = "the approval no longer stands";
    return TRUE;
}

/* The thread certainly does not have it: sent again while the approval still stands. */
static gboolean
send_again(Desk *desk, Post *post, Request *request, Cancel *cancel, GError **error)
{
    const char *fallen = NULL;

    if (desk_is_dry(desk)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_UNCLEAR,
                    "request %" G_GINT64_FORMAT
                    ": the %s did not reach Slack; not sent again in a dry run",
                    request->id, post->kind);
        return FALSE;
    }
    if (!post_is_result(post) && message_is_result(post->text))
        return post_abandon(desk, post, request, "it reads like a result, which nobody decided",
                            error);
    if (!post_is_result(post) && word_is_stale(post, request))
        return post_abandon(desk, post, request, "there is nothing to say any more", error);
    if (post_is_result(post) && !check_stands(desk, post, request, &fallen, error))
        return FALSE;
    if (fallen)
        return post_abandon(desk, post, request, fallen, error);
    if (post_is_result(post) && request->state == STATE_UNCONFIRMED &&
        !state_change(desk->store, request, STATE_POSTING, "creditbot", "state", NULL,
                      desk_now(desk), error))
        return FALSE;
    return post_deliver(desk, post, request, cancel, error);
}

static gboolean
recover_one(Desk *desk, gint64 id, guint *posted, Cancel *cancel, GError **error)
{
    SendClaim claim = {.desk = desk, .id = id};
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
    if (!post_clear_up(desk, post, request, &again, cancel, error) ||
        (again && !send_again(desk, post, request, cancel, error)))
        return FALSE;
    if (post_is_result(post) && g_str_equal(post->status, "posted"))
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
