/* decide.c: an operator's other decisions: reject, rerun, retry, give a link. */
#include "engine/post_private.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

static gboolean
illegal(const Request *request, const char *what, GError **error)
{
    g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                "request %" G_GINT64_FORMAT " is %s and cannot be %s", request->id,
                state_name(request->state), what);
    return FALSE;
}

/* -- reject -- */

typedef struct {
    Desk *desk;
    Request *request;
    const char *reason;
    Post *word; /* for the thread; NULL: none */
} Rejection;

static gboolean
reject_step(Store *store, void *data, GError **error)
{
    Rejection *rejection = data;
    Desk *desk = rejection->desk;
    cJSON *detail = cJSON_CreateObject();

    json_add(detail, "reason", rejection->reason);
    json_add_int(detail, "uid", desk->uid);
    g_free(rejection->request->note);
    rejection->request->note =
        g_strdup_printf("rejected by %s: %s", desk->actor, rejection->reason);
    if (!store_approvals_void(store, rejection->request->id, "rejected", error)) {
        cJSON_Delete(detail);
        return FALSE;
    }
    return state_change(store, rejection->request, STATE_REJECTED, desk->actor, "reject", detail,
                        desk_now(desk), error) &&
           (!rejection->word || store_post_add(store, rejection->word, error));
}

/* Records the rejection together with the intent to tell the thread, so that neither is lost. */
static gboolean
reject(Desk *desk, Request *request, const char *reason, gboolean notify, Cancel *cancel,
       GError **error)
{
    g_autoptr(Post) word = NULL;
    g_autofree char *text = notify ? message_rejection(request, reason) : NULL;

    if (notify && !post_word_prepare(desk, request, "rejection", request->channel,
                                     request->thread_ts, text, &word, error))
        return FALSE;
    Rejection rejection = {desk, request, reason, word};
    if (!state_transact(desk->store, request, reject_step, &rejection, error))
        return FALSE;
    log_write(desk->log, LOG_LEVEL_INFO, "approval",
              "request %" G_GINT64_FORMAT " rejected by %s: %s", request->id, desk->actor, reason);
    if (!word || post_deliver(desk, word, request, cancel, error))
        return TRUE;
    g_prefix_error(error, "Rejected and recorded, but the thread was not told: ");
    return FALSE;
}

gboolean
desk_reject(Desk *desk, gint64 id, const char *reason, gboolean notify, Cancel *cancel,
            GError **error)
{
    g_autofree char *trimmed = g_strstrip(g_strdup(reason ? reason : ""));
    g_autoptr(Request) request = desk_request(desk, id, error);

    if (!request)
        return FALSE;
    if (!*trimmed) {
        g_set_error(error, CREDITBOT_ERROR, ERR_USAGE,
                    "a rejection needs a reason, which is kept with it");
        return FALSE;
    }
    if (!state_change_legal(request->state, STATE_REJECTED))
        return illegal(request, "rejected", error);
    if (desk_is_dry(desk)) {
        log_write(desk->log, LOG_LEVEL_INFO, "approval",
                  "dry run: request %" G_GINT64_FORMAT " would be rejected; nothing recorded", id);
        return TRUE;
    }
    /* What was posted stands when its correction is rejected: there is nothing to say. */
    return reject(desk, request, trimmed, notify && !request->corrects, cancel, error);
}

/* -- rerun -- */

/* What the link gives now, into a copy of the request; the stored one is left alone. */
static gboolean
refetch(Desk *desk, Request *request, Cancel *cancel, GError **error)
{
    LinkKind kind;
    g_auto(GStrv) choices = NULL;

    if (!request->link_ref || !link_kind_parse(request->link_kind, &kind)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                    "request %" G_GINT64_FORMAT " has no Looker link to run", request->id);
        return FALSE;
    }
    Link link = {.kind = kind, .url = request->link_url, .ref = request->link_ref};
    g_autoptr(LookerSql) found = resolve_fetch(desk, &link, &choices, cancel, error);
    if (!found)
        return FALSE;
    const char *product = calc_product_of(desk->config, found->sql);
    if (!product || calc_product_ignored(desk->config, product)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_INPUT,
                    "the SQL behind %s is about %s, which is not handled here", found->ref,
                    product ? product : "no product that is configured");
        return FALSE;
    }
    g_free(request->sql);
    request->sql = g_steal_pointer(&found->sql);
    g_free(request->sql_sha256);
    request->sql_sha256 = text_sha256(request->sql, strlen(request->sql));
    g_free(request->product);
    request->product = g_strdup(product);
    return TRUE;
}

static gboolean
store_dry_run(Store *store, void *data, GError **error)
{
    Run *run = data;
    g_autoptr(cJSON) detail = cJSON_CreateObject();

    if (!store_run_add(store, run, error))
        return FALSE;
    json_add_int(detail, "run", run->number);
    json_add(detail, "dry", "true");
    g_autofree char *text = json_print(detail);
    return store_event(store, run->request_id, run->actor, "run", NULL, NULL, text, error);
}

static Run *
rerun_dry(Desk *desk, Request *request, GHashTable *overrides, Progress *progress, Cancel *cancel,
          GError **error)
{
    if (!work_progress_begin(desk, desk->store, progress, "fetching SQL", error) ||
        !refetch(desk, request, cancel, error))
        return NULL;
    g_autoptr(Run) run =
        calculate_run(desk, request, desk->actor, overrides, progress, cancel, error);
    if (!run)
        return NULL;
    run->dry = TRUE;
    if (!store_transact(desk->store, store_dry_run, run, error))
        return NULL;
    log_scope(desk->pass_id, request->id, run->id);
    log_write(desk->log, LOG_LEVEL_INFO, "calc",
              "request %" G_GINT64_FORMAT ": dry run %" G_GINT64_FORMAT
              " by %s from %" G_GINT64_FORMAT " rows; the request is left alone",
              request->id, run->number, desk->actor, run->rows);
    return g_steal_pointer(&run);
}

/* Back to where it was, when a rerun of something that had a run failed. */
static void
rerun_undo(Desk *desk, gint64 id, RequestState from)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Request) request = desk_request(desk, id, &error);
    gboolean failed = from == STATE_FAILED || from == STATE_DEAD;

    if (request && request->state == STATE_CALCULATING) {
        if (failed)
            state_change(desk->store, request, from, desk->actor, "state", NULL, desk_now(desk),
                         &error);
        else
            approve_step_back(desk, request, desk->actor, "state", &error);
    }
    if (error)
        log_write(desk->log, LOG_LEVEL_ERROR, "desk", "%s", error->message);
}

static Run *
newest_run(Desk *desk, gint64 id, GError **error)
{
    g_autoptr(Request) request = desk_request(desk, id, error);

    return request ? store_run_get(desk->store, request->run_id, error) : NULL;
}

static Run *
rerun_real(Desk *desk, Request *request, GHashTable *overrides, Progress *progress, Cancel *cancel,
           GError **error)
{
    RequestState from = request->state;

    if (!work_progress_begin(desk, desk->store, progress, "fetching SQL", error) ||
        !refetch(desk, request, cancel, error))
        return NULL;
    if ((from == STATE_FAILED || from == STATE_DEAD) &&
        !state_change(desk->store, request, STATE_RESOLVED, desk->actor, "retry", NULL,
                      desk_now(desk), error))
        return NULL;
    if (!calculate_request(desk, request, desk->actor, overrides, progress, cancel, error)) {
        rerun_undo(desk, request->id, from);
        return NULL;
    }
    return newest_run(desk, request->id, error);
}

#define RERUNS                                                                                     \
    (STATE_BIT(STATE_RESOLVED) | STATE_BIT(STATE_PENDING) | STATE_BIT(STATE_APPROVED) |            \
     STATE_BIT(STATE_FAILED) | STATE_BIT(STATE_DEAD))

Run *
desk_rerun(Desk *desk, gint64 id, gboolean dry, GHashTable *overrides, Cancel *cancel,
           GError **error)
{
    Cancel *token = work_begin(desk, id, cancel, error);

    if (!token)
        return NULL;
    g_autoptr(Request) request = desk_request(desk, id, error);
    if (!request || (!dry && !(STATE_BIT(request->state) & RERUNS))) {
        if (request)
            illegal(request, "rerun; a dry run leaves it alone", error);
        work_end(desk, id, token);
        return NULL;
    }
    log_scope(desk->pass_id, id, 0);
    Progress *progress = work_progress_new(desk, id);
    Run *run = dry ? rerun_dry(desk, request, overrides, progress, token, error)
                   : rerun_real(desk, request, overrides, progress, token, error);
    work_progress_free(desk, progress);
    log_scope(0, 0, 0);
    work_end(desk, id, token);
    return run;
}

/* -- what is possible -- */

#define RETRIES (STATE_BIT(STATE_FAILED) | STATE_BIT(STATE_DEAD) | STATE_BIT(STATE_IGNORED))

static guint
rejectable(void)
{
    guint states = 0;

    for (RequestState state = 0; state < STATE_COUNT; state++)
        if (state_change_legal(state, STATE_REJECTED))
            states |= STATE_BIT(state);
    return states;
}

char *
desk_refusal(Desk *desk, const Request *request, const char *act)
{
    if (g_str_equal(act, "approve"))
        return approve_refusal(desk, request, 0);
    guint states = g_str_equal(act, "reject")  ? rejectable()
                   : g_str_equal(act, "rerun") ? RERUNS
                                               : RETRIES;
    return STATE_BIT(request->state) & states
               ? NULL
               : g_strdup_printf("it is %s", state_name(request->state));
}

/* -- retry, link -- */

gboolean
desk_retry(Desk *desk, gint64 id, GError **error)
{
    g_autoptr(Request) request = desk_request(desk, id, error);
    RequestState to;

    if (!request)
        return FALSE;
    if (request->state == STATE_FAILED || request->state == STATE_DEAD)
        to = request->resume;
    else if (request->state == STATE_IGNORED)
        to = STATE_NEW;
    else
        return illegal(request, "retried; only failed, dead and ignored ones can", error);
    request->attempts = 0;
    request->next_attempt_at = 0;
    return state_change(desk->store, request, to, desk->actor, "retry", NULL, desk_now(desk),
                        error);
}

char *
desk_link_refusal(Desk *desk, const char *url)
{
    g_autofree char *why = NULL;
    g_autoptr(Link) link = link_parse(url, config_string(desk->config, "looker", "base_url"), &why);

    if (link && link->ref)
        return NULL;
    return why ? g_steal_pointer(&why) : g_strdup("it carries no query");
}

gboolean
desk_give_link(Desk *desk, gint64 id, const char *url, GError **error)
{
    const char *base = config_string(desk->config, "looker", "base_url");
    g_autofree char *why = NULL;
    g_autoptr(Request) request = desk_request(desk, id, error);

    if (!request)
        return FALSE;
    if (request->state != STATE_NEEDS_LINK)
        return illegal(request, "given a link; it does not wait for one", error);
    g_autoptr(Link) link = link_parse(url, base, &why);
    if (!link || !link->ref) {
        g_set_error(error, CREDITBOT_ERROR, ERR_INPUT, "that link does not count: %s",
                    why ? why : "it carries no query");
        return FALSE;
    }
    return read_take_link(desk, request, link, desk->actor, error);
}
