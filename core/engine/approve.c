/* approve.c: who may approve what; approvals sealed to a run; what still holds when it is posted.
 */
#include "engine/desk_private.h"

#include <string.h>

#include "base/error.h"
#include "base/money.h"

#define AUTO_UID (-1)

/* What a correction takes back counts as much as what it gives: the larger of the two amounts
 * decides. What cannot be read is taken for large. */
gint64
approve_need(Desk *desk, const Run *run)
{
    gint64 above = config_amount(desk->config, "approval", "second_above");
    g_auto(Corrected) corrected = {0};

    if (above < 0)
        return 1;
    if (run->amount > above)
        return 2;
    g_autoptr(Request) request = desk_request(desk, run->request_id, NULL);
    return request && corrected_of(desk, request, &corrected, NULL) && corrected.amount <= above
               ? 1
               : 2;
}

/* A valid approval: not void, not past its time, sealed to the digest of the run that counts (a
 * rerun that found the very same evidence has the same one). */
static gboolean
is_valid(const Approval *approval, const Request *request, const Run *run, gint64 now)
{
    return !approval->voided_at && approval->request_id == request->id &&
           (!approval->expires_at || approval->expires_at > now) &&
           g_strcmp0(approval->digest, run->digest) == 0;
}

/* Valid approvals are given anew to a run that found the very same evidence. */
gboolean
approve_carry(Desk *desk, const Request *request, const Run *run, GError **error)
{
    g_autoptr(GPtrArray) approvals = store_approvals(desk->store, request->id, error);
    g_autofree char *why = g_strdup_printf(
        "carried over to run %" G_GINT64_FORMAT ", which found the same evidence", run->number);

    if (!approvals || !store_approvals_void(desk->store, request->id, why, error))
        return FALSE;
    for (guint i = 0; i < approvals->len; i++) {
        Approval *approval = g_ptr_array_index(approvals, i);

        if (!is_valid(approval, request, run, desk_now(desk)))
            continue;
        approval->run_id = run->id;
        if (!store_approval_add(desk->store, approval, error))
            return FALSE;
    }
    return TRUE;
}

/* Distinct persons (the automatic rule counts as one) among valid approvals. */
static gint64
count_valid(GPtrArray *approvals, const Request *request, const Run *run, gint64 now,
            gint64 *hold_until)
{
    g_autoptr(GHashTable) persons = g_hash_table_new(g_int64_hash, g_int64_equal);

    for (guint i = 0; i < approvals->len; i++) {
        Approval *approval = g_ptr_array_index(approvals, i);

        if (!is_valid(approval, request, run, now))
            continue;
        g_hash_table_add(persons, &approval->uid);
        if (hold_until)
            *hold_until = MAX(*hold_until, approval->hold_until);
    }
    return g_hash_table_size(persons);
}

gint64
approve_have(Desk *desk, const Request *request, gint64 *hold_until, GError **error)
{
    if (!request->run_id)
        return 0;
    g_autoptr(Run) run = store_run_get(desk->store, request->run_id, error);
    if (!run)
        return -1;
    g_autoptr(GPtrArray) approvals = store_approvals(desk->store, request->id, error);
    if (!approvals)
        return -1;
    return count_valid(approvals, request, run, desk_now(desk), hold_until);
}

/* The requester's Slack id belongs to this operator: [approval] slack_users=mara=U123;… */
static gboolean
is_requester(const Desk *desk, const Request *request)
{
    const char *const *pairs = config_list(desk->config, "approval", "slack_users");

    for (gsize i = 0; pairs[i]; i++) {
        const char *equals = strchr(pairs[i], '=');

        if (equals && (gsize)(equals - pairs[i]) == strlen(desk->actor) &&
            strncmp(pairs[i], desk->actor, strlen(desk->actor)) == 0 &&
            g_strcmp0(equals + 1, request->requester) == 0)
            return TRUE;
    }
    return FALSE;
}

/* Somebody set parameters for this run alone (calculate.c notes it), or its amount. */
static gboolean
is_overridden(const Run *run)
{
    return override_is(run) || (run->unusual && strstr(run->unusual, CALCULATE_OVERRIDDEN));
}

static gboolean
is_own(const Desk *desk, const Run *run)
{
    return g_strcmp0(run->actor, desk->actor) == 0 || override_is_by(run, desk->uid);
}

/* A correction that says what the post says already corrects nothing. */
static gboolean
says_something_new(Desk *desk, const Request *request, const Run *run, GError **error)
{
    g_auto(Corrected) corrected = {0};

    if (!corrected_of(desk, request, &corrected, error))
        return FALSE;
    if (!corrected.id || corrected.amount != run->amount ||
        g_strcmp0(corrected.currency, run->currency) != 0)
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                "request %" G_GINT64_FORMAT " corrects %" G_GINT64_FORMAT
                ", but says the same amount; set another one, rerun it or reject it",
                request->id, corrected.id);
    return FALSE;
}

static gboolean
may_approve(Desk *desk, const Request *request, const Run *run, GPtrArray *approvals,
            GError **error)
{
    const char *const *approvers = config_list(desk->config, "approval", "approvers");

    if (approvers[0] && !g_strv_contains(approvers, desk->actor)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                    "%s is not among [approval] approvers; ask one of them", desk->actor);
        return FALSE;
    }
    if (!config_bool(desk->config, "approval", "allow_self") && is_requester(desk, request)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                    "%s asked for this credit and cannot approve it; another approver is needed",
                    desk->actor);
        return FALSE;
    }
    if (is_overridden(run) && is_own(desk, run)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL, "%s %s; another person approves it",
                    desk->actor,
                    override_is(run) ? "set this amount by hand"
                                     : "made this run with parameters of their own");
        return FALSE;
    }
    if (!says_something_new(desk, request, run, error))
        return FALSE;
    for (guint i = 0; i < approvals->len; i++) {
        const Approval *earlier = g_ptr_array_index(approvals, i);

        if (earlier->uid == desk->uid && is_valid(earlier, request, run, desk_now(desk))) {
            g_set_error(
                error, CREDITBOT_ERROR, ERR_ILLEGAL,
                "%s has approved this already; the second approval must be another person's",
                desk->actor);
            return FALSE;
        }
    }
    return TRUE;
}

static Run *
run_to_approve(Desk *desk, const Request *request, gint64 run_number, GError **error)
{
    if (request->state != STATE_PENDING || !request->run_id) {
        g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                    "request %" G_GINT64_FORMAT " is %s; only a pending one can be approved",
                    request->id, state_name(request->state));
        return NULL;
    }
    g_autoptr(Run) run = store_run_get(desk->store, request->run_id, error);
    if (!run)
        return NULL;
    if (run_number && run_number != run->number) {
        g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                    "run %" G_GINT64_FORMAT " of request %" G_GINT64_FORMAT
                    " no longer counts: run %" G_GINT64_FORMAT
                    " took its place; look at that one first",
                    run_number, request->id, run->number);
        return NULL;
    }
    g_autofree char *digest = evidence_digest(request, run);
    if (g_strcmp0(digest, run->digest) != 0) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFLICT,
                    "the evidence of request %" G_GINT64_FORMAT
                    " is no longer what run %" G_GINT64_FORMAT " was made from; rerun it",
                    request->id, run->number);
        return NULL;
    }
    return g_steal_pointer(&run);
}

char *
approve_refusal(Desk *desk, const Request *request, gint64 run_number)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Run) run = run_to_approve(desk, request, run_number, &error);
    g_autoptr(GPtrArray) approvals = run ? store_approvals(desk->store, request->id, &error) : NULL;

    if (approvals && may_approve(desk, request, run, approvals, &error))
        return NULL;
    return g_strdup(error->message);
}

typedef struct {
    Desk *desk;
    gint64 id, run_number;
    const char *reason;
    Approved *approved;
} Decision;

static cJSON *
approval_detail(const Approval *approval, const Run *run, gint64 have, gint64 need)
{
    cJSON *detail = cJSON_CreateObject();
    g_autofree char *amount = money_format(run->amount);

    json_add_int(detail, "run", run->number);
    json_add(detail, "amount", amount);
    json_add(detail, "currency", run->currency);
    json_add(detail, "digest", approval->digest);
    json_add_int(detail, "uid", approval->uid);
    json_add(detail, "reason", approval->reason);
    json_add_int(detail, "have", have);
    json_add_int(detail, "need", need);
    return detail;
}

/* Adds the approval; the last one that is needed makes the request approved. */
static gboolean
record(Desk *desk, Request *request, Run *run, Approval *approval, gint64 have, GError **error)
{
    gint64 need = approve_need(desk, run);
    cJSON *detail = approval_detail(approval, run, have, need);

    if (!store_approval_add(desk->store, approval, error)) {
        cJSON_Delete(detail);
        return FALSE;
    }
    request->hold_until = approval->hold_until;
    if (!request->corrects) /* its note says what it corrects, and why */
        g_clear_pointer(&request->note, g_free);
    if (have < need)
        return state_note(desk->store, request, approval->actor, "approve", detail, error);
    return state_change(desk->store, request, STATE_APPROVED, approval->actor, "approve", detail,
                        desk_now(desk), error);
}

static gboolean
decide(Store *store, void *data, GError **error)
{
    Decision *decision = data;
    Desk *desk = decision->desk;
    gint64 now = desk_now(desk);
    g_autoptr(Request) request = store_request_get(store, decision->id, error);
    g_autoptr(Run) run =
        request ? run_to_approve(desk, request, decision->run_number, error) : NULL;
    g_autoptr(GPtrArray) approvals = run ? store_approvals(store, request->id, error) : NULL;

    if (!approvals || !may_approve(desk, request, run, approvals, error))
        return FALSE;
    gint64 have = count_valid(approvals, request, run, now, NULL) + 1;
    gint64 need = approve_need(desk, run);
    gint64 hold = config_duration(desk->config, "posting", "hold");
    *decision->approved = (Approved){.need = need,
                                     .have = have,
                                     .hold_until = have >= need ? now + hold : 0,
                                     .dry_run = desk_is_dry(desk)};
    if (desk_is_dry(desk))
        return TRUE;
    char method[] = "login";
    Approval approval = {
        .request_id = request->id,
        .run_id = run->id,
        .digest = run->digest,
        .uid = desk->uid,
        .actor = desk->actor,
        .person = desk->actor,
        .method = method,
        .self = config_bool(desk->config, "approval", "allow_self"),
        .need = need,
        .reason = (char *)(gintptr)decision->reason,
        .at = now,
        .hold_until = now + hold,
        .expires_at = now + config_duration(desk->config, "approval", "expires"),
    };
    return record(desk, request, run, &approval, have, error);
}

/* Only what this operator decides here and now is known yet. */
static gboolean
is_plain(const ApproveHow *how, GError **error)
{
    if (!how->break_glass && !how->signature)
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL, "%s",
                how->signature ? "[approval] allowed_signers is not set; nobody may sign approvals"
                               : "[approval] break_glass is not set; nobody may approve alone");
    return FALSE;
}

gboolean
desk_approve(Desk *desk, gint64 id, gint64 run_number, const char *reason, Approved *approved,
             GError **error)
{
    const ApproveHow how = {.run_number = run_number, .reason = reason};

    return desk_approve_as(desk, id, &how, approved, error);
}

gboolean
desk_approve_as(Desk *desk, gint64 id, const ApproveHow *how, Approved *approved, GError **error)
{
    Approved made = {0};
    g_autofree char *trimmed = g_strstrip(g_strdup(how->reason ? how->reason : ""));

    if (!is_plain(how, error))
        return FALSE;
    if (!*trimmed) {
        g_set_error(error, CREDITBOT_ERROR, ERR_USAGE,
                    "an approval needs a reason, which is kept with it");
        return FALSE;
    }
    Decision decision = {desk, id, how->run_number, trimmed, &made};
    if (!store_transact(desk->store, decide, &decision, error))
        return FALSE;
    log_write(desk->log, LOG_LEVEL_INFO, "approval",
              "request %" G_GINT64_FORMAT " %s by %s (%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
              ")",
              id, made.dry_run ? "would be approved (dry run: nothing recorded)" : "approved",
              desk->actor, made.have, made.need);
    if (approved)
        *approved = made;
    return TRUE;
}

/* Back to pending; every approval of the request goes void. */
static gboolean
void_all(Desk *desk, Request *request, const char *actor, const char *why, GError **error)
{
    cJSON *detail = cJSON_CreateObject();

    json_add(detail, "why", why);
    request->hold_until = 0;
    g_free(request->note);
    request->note = g_strdup(why);
    if (!store_approvals_void(desk->store, request->id, why, error)) {
        cJSON_Delete(detail);
        return FALSE;
    }
    if (request->state == STATE_APPROVED)
        return state_change(desk->store, request, STATE_PENDING, actor, "void", detail,
                            desk_now(desk), error);
    return state_note(desk->store, request, actor, "void", detail, error);
}

static gboolean
take_back(Store *store, void *data, GError **error)
{
    Decision *decision = data;
    g_autoptr(Request) request = store_request_get(store, decision->id, error);

    if (!request)
        return FALSE;
    if (request->state != STATE_APPROVED) {
        g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                    "request %" G_GINT64_FORMAT
                    " is %s; only an approval that is not posted yet can be "
                    "taken back",
                    request->id, state_name(request->state));
        return FALSE;
    }
    g_autofree char *why = g_strdup_printf("taken back by %s", decision->desk->actor);
    return void_all(decision->desk, request, decision->desk->actor, why, error);
}

gboolean
desk_take_back(Desk *desk, gint64 id, GError **error)
{
    Decision decision = {.desk = desk, .id = id};

    return store_transact(desk->store, take_back, &decision, error);
}

/* Why the rule leaves this one to a person; NULL: it does not. */
static char *
auto_refusal(Desk *desk, const Request *request, const Run *run)
{
    gint64 limit = config_amount(desk->config, "approval", "auto_limit");

    if (request->corrects)
        return g_strdup("a correction is left to a person");
    if (override_is(run))
        return g_strdup("its amount was set by hand");
    if (run->amount == 0)
        return g_strdup("a credit of zero is left to a person");
    if (limit >= 0 && run->amount > limit)
        return g_strdup("above [approval] auto_limit");
    if (approve_need(desk, run) > 1)
        return g_strdup("needs two approvers");
    if (is_overridden(run))
        return g_strdup("its parameters were changed by hand");
    if (run->unusual && config_bool(desk->config, "approval", "hold_unusual"))
        return g_strdup_printf("unusual: %s", run->unusual);
    return NULL;
}

typedef struct {
    Desk *desk;
    Request *request;
    char **why;
} Rule;

static gboolean
auto_step(Store *store G_GNUC_UNUSED, void *data, GError **error)
{
    Rule *rule = data;
    Desk *desk = rule->desk;
    g_autoptr(Run) run = run_to_approve(desk, rule->request, 0, error);

    if (!run)
        return FALSE;
    *rule->why = auto_refusal(desk, rule->request, run);
    if (*rule->why)
        return TRUE;
    gint64 now = desk_now(desk);
    char actor[] = "auto", reason[] = "mode=auto";
    Approval approval = {
        .request_id = rule->request->id,
        .run_id = run->id,
        .digest = run->digest,
        .uid = AUTO_UID,
        .actor = actor,
        .person = actor,
        .method = actor,
        .self = TRUE, /* the rule asked for nothing */
        .need = 1,
        .reason = reason,
        .at = now,
        .hold_until = now,
        .expires_at = now + config_duration(desk->config, "approval", "expires"),
    };
    return record(desk, rule->request, run, &approval, 1, error);
}

gboolean
approve_auto(Desk *desk, Request *request, char **why, GError **error)
{
    Rule rule = {desk, request, why};

    return state_transact(desk->store, request, auto_step, &rule, error);
}

typedef struct {
    Desk *desk;
    Request *request;
    const char *actor, *kind, *why;
} Back;

static gboolean
void_step(Store *store G_GNUC_UNUSED, void *data, GError **error)
{
    const Back *back = data;

    return void_all(back->desk, back->request, back->actor, back->why, error);
}

static gboolean
step_back_step(Store *store, void *data, GError **error)
{
    const Back *back = data;
    Desk *desk = back->desk;
    Request *request = back->request;

    if (!state_change(store, request, request->run_id ? STATE_PENDING : STATE_RESOLVED, back->actor,
                      back->kind, NULL, desk_now(desk), error))
        return FALSE;
    g_autoptr(Run) run = request->run_id ? store_run_get(store, request->run_id, error) : NULL;
    if (!run)
        return !request->run_id;
    gint64 have = approve_have(desk, request, NULL, error);
    return have >= 0 && (have < approve_need(desk, run) ||
                         void_all(desk, request, back->actor, back->why, error));
}

gboolean
approve_step_back(Desk *desk, Request *request, const char *actor, const char *kind, GError **error)
{
    Back back = {desk, request, actor, kind, "a rerun was begun after the approval, and failed"};

    return state_transact(desk->store, request, step_back_step, &back, error);
}

gboolean
approve_still_valid(Desk *desk, Request *request, Run **run_out, GError **error)
{
    g_autoptr(Run) run = store_run_get(desk->store, request->run_id, error);
    g_autoptr(GPtrArray) approvals = run ? store_approvals(desk->store, request->id, error) : NULL;

    if (!approvals)
        return FALSE;
    g_autofree char *digest = evidence_digest(request, run);
    const char *why = NULL;
    if (g_strcmp0(digest, run->digest) != 0)
        why = "the evidence changed after the approval";
    else if (count_valid(approvals, request, run, desk_now(desk), NULL) < approve_need(desk, run))
        why = "the approval expired, or no longer suffices";
    if (!why) {
        *run_out = g_steal_pointer(&run);
        return TRUE;
    }
    Back back = {desk, request, "creditbot", NULL, why};
    if (state_transact(desk->store, request, void_step, &back, error))
        g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                    "request %" G_GINT64_FORMAT " was not posted: %s; approve it again",
                    request->id, why);
    return FALSE;
}

static gboolean
collect_id(Request *request, void *data)
{
    g_ptr_array_add(data, g_memdup2(&request->id, sizeof request->id));
    return TRUE;
}

static gboolean
expire_one(Store *store, void *data, GError **error)
{
    Decision *decision = data;
    g_autoptr(Request) request = store_request_get(store, decision->id, error);
    g_autoptr(Run) run = request ? store_run_get(store, request->run_id, error) : NULL;
    g_autoptr(GPtrArray) approvals = run ? store_approvals(store, request->id, error) : NULL;

    if (!approvals)
        return FALSE;
    if (request->state != STATE_APPROVED ||
        count_valid(approvals, request, run, desk_now(decision->desk), NULL) >=
            approve_need(decision->desk, run))
        return TRUE;
    return void_all(decision->desk, request, "creditbot",
                    "the approval expired before it was posted", error);
}

gboolean
approve_expire(Desk *desk, GError **error)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    RequestFilter filter = {.states = STATE_BIT(STATE_APPROVED), .brief = TRUE};

    if (!store_requests(desk->store, &filter, collect_id, ids, error))
        return FALSE;
    for (guint i = 0; i < ids->len; i++) {
        Decision decision = {.desk = desk, .id = *(gint64 *)g_ptr_array_index(ids, i)};

        if (!store_transact(desk->store, expire_one, &decision, error))
            return FALSE;
    }
    return TRUE;
}
