/* work.c: takes one request as far as it goes, and records how a stage failed. */
#include "engine/desk_private.h"

#include "base/error.h"
#include "base/failpoint.h"

#define MAX_DELAY   (6 * (gint64)3600 * G_USEC_PER_SEC)
#define TELL_WITHIN (24 * (gint64)3600 * G_USEC_PER_SEC)

/* -- failure -- */

static gint64
next_attempt(Desk *desk, gint64 attempts)
{
    gint64 delay = config_duration(desk->config, "retry", "delay");

    for (gint64 i = 1; i < attempts && delay < MAX_DELAY; i++)
        delay *= 2;
    return desk_now(desk) + MIN(delay, MAX_DELAY);
}

static void
tell_error_user(Desk *desk, Request *request, Cancel *cancel)
{
    const char *user = config_string(desk->config, "slack", "error_user");
    g_autoptr(GError) error = NULL;

    /* Told by a pass that has Slack; to be refused here would use up the tries of the message. */
    if (!user || !*user || desk->pass_mute)
        return;
    g_autofree char *text = message_dead(request);
    if (desk_is_dry(desk)) {
        log_write(desk->log, LOG_LEVEL_INFO, "post", "dry run: would tell %s: %s", user, text);
        return;
    }
    if (!post_word(desk, request, "error_dm", user, NULL, text, cancel, &error))
        log_write(desk->log, LOG_LEVEL_ERROR, "post",
                  "request %" G_GINT64_FORMAT ": no DM to %s: %s", request->id, user,
                  error->message);
}

static void
set_error(Request *request, const GError *cause)
{
    g_free(request->error);
    request->error = g_strdup(cause->message);
    g_free(request->error_code);
    request->error_code = g_strdup(error_code_name(cause->code));
}

static cJSON *
failure_detail(const Request *request, RequestState resume)
{
    cJSON *detail = cJSON_CreateObject();

    json_add(detail, "error", request->error);
    json_add(detail, "code", request->error_code);
    json_add(detail, "resume", state_name(resume));
    json_add_int(detail, "attempts", request->attempts);
    return detail;
}

gboolean
work_record(Desk *desk, Request *request, RequestState resume, const GError *cause, gboolean *dead,
            GError **error)
{
    gint64 limit = config_int(desk->config, "retry", "attempts");
    gboolean stopped = g_error_matches(cause, CREDITBOT_ERROR, ERR_CANCELLED);

    if (!stopped)
        request->attempts++;
    *dead = !stopped && request->attempts >= limit;
    request->resume = resume;
    /* An operator who stopped it says when it goes on. */
    request->next_attempt_at = *dead || stopped ? 0 : next_attempt(desk, request->attempts);
    set_error(request, cause);
    return state_change(desk->store, request, *dead ? STATE_DEAD : STATE_FAILED, "creditbot",
                        "state", failure_detail(request, resume), desk_now(desk), error);
}

void
work_tell(Desk *desk, Request *request, const GError *cause, gboolean dead, Cancel *cancel)
{
    log_write(desk->log, LOG_LEVEL_ERROR, "work",
              "request %" G_GINT64_FORMAT " %s (attempt %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
              "): %s",
              request->id, dead ? "is dead" : "failed", request->attempts,
              config_int(desk->config, "retry", "attempts"), cause->message);
    if (dead)
        tell_error_user(desk, request, cancel);
}

void
work_fail(Desk *desk, Request *request, RequestState resume, const GError *cause, Cancel *cancel)
{
    g_autoptr(GError) error = NULL;
    gboolean dead = FALSE;

    if (work_record(desk, request, resume, cause, &dead, &error))
        work_tell(desk, request, cause, dead, cancel);
    else
        log_write(desk->log, LOG_LEVEL_ERROR, "work",
                  "request %" G_GINT64_FORMAT " failed (%s), which could not be recorded: %s",
                  request->id, cause->message, error->message);
}

/* A failure that says nothing about the request: the state itself, or somebody was faster. */
static gboolean
is_ours(const GError *error)
{
    return g_error_matches(error, CREDITBOT_ERROR, ERR_STORE) ||
           g_error_matches(error, CREDITBOT_ERROR, ERR_CONFLICT);
}

gboolean
work_is_outage(const GError *error)
{
    static const int codes[] = {ERR_UNREACHABLE, ERR_AUTH, ERR_BUSY, ERR_RATE};

    for (gsize i = 0; i < G_N_ELEMENTS(codes); i++)
        if (g_error_matches(error, CREDITBOT_ERROR, codes[i]))
            return TRUE;
    return FALSE;
}

/* -- stages -- */

typedef struct {
    Desk *desk;
    Request *request;
    Progress *progress;
    WorkResult *result;
    Cancel *stop;  /* the pass's or the program's: a stop is no failure */
    Cancel *token; /* also fired by an operator */
    guint parts;
} Work;

/* Back where it can be worked again, as if it had not begun. */
static gboolean
step_back(Work *work, GError **error)
{
    if (work->request->state != STATE_CALCULATING)
        return TRUE;
    return state_change(work->desk->store, work->request, STATE_RESOLVED, "creditbot", "state",
                        NULL, desk_now(work->desk), error);
}

static gboolean
stage_failed(Work *work, RequestState resume, GError *cause, GError **error)
{
    if (is_ours(cause)) {
        g_propagate_error(error, cause);
        return FALSE;
    }
    if (g_error_matches(cause, CREDITBOT_ERROR, ERR_CANCELLED) && cancel_fired(work->stop)) {
        gboolean back = step_back(work, error);

        if (back)
            g_propagate_error(error, cause);
        else
            g_error_free(cause);
        return FALSE;
    }
    work->result->failed = TRUE;
    work->result->outage = work_is_outage(cause);
    work_fail(work->desk, work->request, resume, cause, work->stop);
    g_error_free(cause);
    return TRUE;
}

/* Each stage: TRUE with *more when there is a next one; FALSE when the work itself cannot go on. */
static gboolean
stage_resolve(Work *work, gboolean *more, GError **error)
{
    GError *cause = NULL;

    if (!(work->parts & WORK_CALCULATE))
        return TRUE;
    *more = resolve_request(work->desk, work->request, work->progress, work->token, &cause);
    return *more || stage_failed(work, STATE_NEW, cause, error);
}

static gboolean
stage_calculate(Work *work, gboolean *more, GError **error)
{
    GError *cause = NULL;

    if (!(work->parts & WORK_CALCULATE))
        return TRUE;
    *more = calculate_request(work->desk, work->request, "creditbot", NULL, work->progress,
                              work->token, &cause);
    work->result->calculated = *more;
    /* What will not pass by itself is mended at the link: the retry fetches its SQL anew. */
    return *more ||
           stage_failed(work, error_is_transient(cause) ? STATE_RESOLVED : STATE_NEW, cause, error);
}

static gboolean
keep_note(Work *work, char *note, GError **error)
{
    if (g_strcmp0(work->request->note, note) == 0) {
        g_free(note);
        return TRUE;
    }
    g_free(work->request->note);
    work->request->note = note;
    return store_request_save(work->desk->store, work->request, error);
}

static gboolean
stage_decide(Work *work, gboolean *more, GError **error)
{
    Desk *desk = work->desk;
    g_autofree char *why = NULL;
    GError *cause = NULL;

    /* A correction is left to a person; its note says what it is about. */
    if (!(work->parts & WORK_CALCULATE) || work->request->corrects ||
        g_strcmp0(config_string(desk->config, "approval", "mode"), "auto") != 0)
        return TRUE;
    if (desk_is_dry(desk)) {
        log_write(desk->log, LOG_LEVEL_INFO, "approval",
                  "dry run: request %" G_GINT64_FORMAT " is left pending", work->request->id);
        return TRUE;
    }
    if (!approve_auto(desk, work->request, &why, &cause)) {
        /* Evidence that no longer matches its run waits for a rerun; a person sees it pending. */
        if (g_error_matches(cause, CREDITBOT_ERROR, ERR_STORE)) {
            g_propagate_error(error, cause);
            return FALSE;
        }
        char *note = g_strdup_printf("held: %s", cause->message);
        g_error_free(cause);
        return keep_note(work, note, error);
    }
    *more = why == NULL;
    return *more || keep_note(work, g_strdup_printf("held: %s", why), error);
}

static gboolean
stage_post(Work *work, gboolean *more, GError **error)
{
    Desk *desk = work->desk;
    GError *cause = NULL;

    if (desk_is_dry(desk) || work->request->hold_until > desk_now(desk))
        return TRUE;
    if (!(work->parts & WORK_POST)) {
        work->result->wants_post = TRUE;
        return TRUE;
    }
    work_progress(desk, work->progress, "posting", NULL);
    *more = FALSE;
    if (post_result(desk, work->request, work->token, &cause)) {
        work->result->posted = work->request->state == STATE_POSTED;
        return TRUE;
    }
    /* post.c has recorded what happened to the request. An operator who stopped it does not want it
     * posted by the next pass. */
    if (g_error_matches(cause, CREDITBOT_ERROR, ERR_CANCELLED) && !cancel_fired(work->stop) &&
        work->request->state == STATE_APPROVED) {
        g_error_free(cause);
        return desk_take_back(desk, work->request->id, error);
    }
    if (is_ours(cause) || g_error_matches(cause, CREDITBOT_ERROR, ERR_CANCELLED)) {
        g_propagate_error(error, cause);
        return FALSE;
    }
    work->result->failed = !g_error_matches(cause, CREDITBOT_ERROR, ERR_ILLEGAL);
    work->result->outage = work_is_outage(cause);
    log_write(desk->log, LOG_LEVEL_WARN, "post", "%s", cause->message);
    g_error_free(cause);
    return TRUE;
}

static const char *
kind_of_ask(const Request *request)
{
    gboolean board = request->note && (g_str_has_prefix(request->note, NOTE_TILES) ||
                                       g_str_has_prefix(request->note, NOTE_FILTERS));

    return board ? "ask_tile" : "ask_link";
}

gboolean
work_wants_to_ask(Desk *desk, const Request *request)
{
    return g_strcmp0(config_string(desk->config, "slack", "ask_for_link"), "never") != 0 &&
           !post_is_said(desk, request->id, kind_of_ask(request));
}

static gboolean
stage_ask(Work *work, gboolean *more, GError **error)
{
    Desk *desk = work->desk;
    Request *request = work->request;
    g_autoptr(GError) cause = NULL;

    *more = FALSE;
    if (!request->requester_name && (work->parts & WORK_CALCULATE)) {
        resolve_requester(desk, request, work->token);
        if (request->requester_name && !store_request_save(desk->store, request, error))
            return FALSE;
    }
    if (!work_wants_to_ask(desk, request))
        return TRUE;
    g_autofree char *text = message_ask(request);
    if (desk_is_dry(desk)) {
        log_write(desk->log, LOG_LEVEL_INFO, "post",
                  "dry run: would ask in request %" G_GINT64_FORMAT ": %s", request->id, text);
        return TRUE;
    }
    if (!(work->parts & WORK_POST)) {
        work->result->wants_post = TRUE;
        return TRUE;
    }
    if (post_word(desk, request, kind_of_ask(request), request->channel, request->thread_ts, text,
                  work->token, &cause))
        return TRUE;
    if (is_ours(cause) || g_error_matches(cause, CREDITBOT_ERROR, ERR_CANCELLED)) {
        g_propagate_error(error, g_steal_pointer(&cause));
        return FALSE;
    }
    work->result->failed = TRUE;
    work->result->outage = work_is_outage(cause);
    log_write(desk->log, LOG_LEVEL_WARN, "post",
              "request %" G_GINT64_FORMAT ": could not ask for a link: %s", request->id,
              cause->message);
    return TRUE;
}

static gboolean
stage_retry(Work *work, gboolean *more, GError **error)
{
    Request *request = work->request;

    if (!request->next_attempt_at || request->next_attempt_at > desk_now(work->desk))
        return TRUE;
    *more = state_change(work->desk->store, request, request->resume, "creditbot", "retry", NULL,
                         desk_now(work->desk), error);
    return *more;
}

static gboolean (*const stages[STATE_COUNT])(Work *work, gboolean *more, GError **error) = {
    [STATE_NEW] = stage_resolve,    [STATE_RESOLVED] = stage_calculate,
    [STATE_PENDING] = stage_decide, [STATE_APPROVED] = stage_post,
    [STATE_NEEDS_LINK] = stage_ask, [STATE_FAILED] = stage_retry,
};

gboolean
work_request(Desk *desk, gint64 id, guint parts, WorkResult *result, Cancel *cancel, GError **error)
{
    gboolean ok = TRUE, more = TRUE;
    Cancel *token = work_begin(desk, id, cancel, error);

    if (!token)
        return FALSE;
    g_autoptr(Request) request = desk_request(desk, id, error);
    if (!request) {
        work_end(desk, id, token);
        return FALSE;
    }
    RequestState before = request->state;
    log_scope(desk->pass_id, id, 0);
    Progress *progress = work_progress_new(desk, id);
    Work work = {desk, request, progress, result, cancel, token, parts};
    while (ok && more && stages[request->state]) {
        more = FALSE;
        ok = !cancel_check(cancel, error) && stages[request->state](&work, &more, error);
    }
    result->moved = request->state != before;
    work_progress_free(desk, progress);
    log_scope(desk->pass_id, 0, 0);
    work_end(desk, id, token);
    return ok;
}

gboolean
desk_work(Desk *desk, gint64 id, RequestState *state, Cancel *cancel, GError **error)
{
    WorkResult result = {0};

    if (!post_recover(desk, id, NULL, NULL, cancel, error) ||
        !work_request(desk, id, WORK_CALCULATE | WORK_POST, &result, cancel, error))
        return FALSE;
    g_autoptr(Request) request = desk_request(desk, id, error);
    if (request && state)
        *state = request->state;
    return request != NULL;
}

/* -- after a crash -- */

static gboolean
collect(Request *request, void *data)
{
    g_ptr_array_add(data, request_copy(request));
    return TRUE;
}

void
work_tell_dead(Desk *desk, Cancel *cancel)
{
    g_autoptr(GPtrArray) dead = g_ptr_array_new_with_free_func((GDestroyNotify)request_free);
    RequestFilter filter = {.states = STATE_BIT(STATE_DEAD), .brief = TRUE};
    gint64 since = desk_now(desk) - TELL_WITHIN;

    if (!store_requests(desk->store, &filter, collect, dead, NULL))
        return;
    for (guint i = 0; i < dead->len && !cancel_fired(cancel); i++) {
        Request *request = g_ptr_array_index(dead, i);

        if (request->state_at >= since)
            tell_error_user(desk, request, cancel);
    }
}

gboolean
work_recover(Desk *desk, GError **error)
{
    g_autoptr(GPtrArray) left = g_ptr_array_new_with_free_func((GDestroyNotify)request_free);
    g_autoptr(GPtrArray) progress = store_progress(desk->store, error);
    RequestFilter filter = {.states = STATE_BIT(STATE_CALCULATING)};

    if (!progress || !store_requests(desk->store, &filter, collect, left, error))
        return FALSE;
    for (guint i = 0; i < left->len; i++) {
        Request *request = g_ptr_array_index(left, i);

        if (!work_holder_gone(desk, request->id, progress))
            continue;
        log_write(desk->log, LOG_LEVEL_WARN, "work",
                  "request %" G_GINT64_FORMAT
                  " was left calculating by a process that died; taken up again",
                  request->id);
        if (!approve_step_back(desk, request, "creditbot", "recover", error))
            return FALSE;
        store_progress_clear(desk->store, request->id, NULL);
    }
    return TRUE;
}
