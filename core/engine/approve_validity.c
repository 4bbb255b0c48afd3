/* approve_validity.c: which approvals count, whether they suffice, and what becomes of those that
 * no longer do. */
#include "engine/desk_private.h"

#include <string.h>

#include "base/error.h"
#include "engine/person.h"

void
tally_clear(Tally *tally)
{
    g_clear_pointer(&tally->want_group, g_free);
    g_clear_pointer(&tally->persons, g_ptr_array_unref);
    g_clear_pointer(&tally->dropped, g_free);
}

gboolean
approve_is_valid(const Approval *approval, const Request *request, const Run *run, gint64 now)
{
    return !approval->voided_at && approval->request_id == request->id &&
           (!approval->expires_at || approval->expires_at > now) &&
           g_strcmp0(approval->digest, run->digest) == 0;
}

/* -- one person -- */

gboolean
approve_breaker(const Config *config, const char *person)
{
    const char *const *names = config_list(config, "approval", "break_glass");

    for (gsize i = 0; names[i]; i++)
        if (person_in_group(config, names[i], person))
            return TRUE;
    return person_in(config, names, person);
}

static gboolean
may_decide(const Config *config, const char *person, gboolean breaks_glass)
{
    const char *const *approvers = config_list(config, "approval", "approvers");

    if (breaks_glass)
        return approve_breaker(config, person);
    return !approvers[0] || person_in(config, approvers, person);
}

/* By name and by uid: a login that was renamed, or a second name of it, stays the same human. */
static gboolean
is_author(const Config *config, const Run *run, const char *person, gint64 uid)
{
    gint64 author_uid = PERSON_UID_NONE;
    g_autofree char *author = override_author(run, &author_uid);
    g_autofree char *who = author ? person_of_login(config, author) : NULL;

    if (!author)
        return FALSE;
    if (author_uid < 0)
        author_uid = person_uid(author);
    return g_str_equal(who, person) || (uid >= 0 && uid == author_uid);
}

char *
approve_objection(Desk *desk, const Request *request, const Run *run, const char *person,
                  gint64 uid, const char *shown, gboolean breaks_glass)
{
    const Config *config = desk->config;

    if (!may_decide(config, person, breaks_glass))
        return g_strdup_printf("%s is not among [approval] %s; ask one of them", shown,
                               breaks_glass ? "break_glass" : "approvers");
    if (!config_bool(config, "approval", "allow_self") &&
        person_has_slack(config, person, request->requester))
        return g_strdup_printf(
            "%s asked for this credit and cannot approve it; another approver is needed", shown);
    if (is_author(config, run, person, uid))
        return g_strdup_printf("%s %s; another person approves it", shown,
                               override_is(run) ? "set this amount by hand"
                                                : "made this run with parameters of their own");
    return NULL;
}

/* Who it is by the configuration of this moment. */
static char *
person_now(const Config *config, const Approval *approval)
{
    if (g_str_equal(approval->method, "signature"))
        return person_of_principal(config, approval->principal);
    return person_of_login(config, approval->actor ? approval->actor : approval->person);
}

/* -- all of them -- */

typedef struct {
    Desk *desk;
    const Request *request;
    const Run *run;
    const Policy *policy;
    Tally *tally;
    GPtrArray *counted; /* const Approval * */
} Count;

static void
drop(Count *count, char *why)
{
    if (count->tally->dropped)
        g_free(why);
    else
        count->tally->dropped = why;
}

static gboolean
is_counted(const Count *count, const char *person, gint64 uid)
{
    for (guint i = 0; i < count->counted->len; i++) {
        const Approval *other = g_ptr_array_index(count->counted, i);

        if (g_str_equal(g_ptr_array_index(count->tally->persons, i), person) ||
            (uid >= 0 && other->uid == uid))
            return TRUE;
    }
    return FALSE;
}

/* Why it does not count; NULL: it does. */
static char *
reason_against(const Count *count, const Approval *approval, const char *person)
{
    const char *shown = approval->actor ? approval->actor : approval->person;

    if (g_str_equal(approval->method, "auto"))
        return approve_rule_refusal(count->desk, count->request, count->run, count->policy);
    char *why = approve_objection(count->desk, count->request, count->run, person, approval->uid,
                                  shown, g_str_equal(approval->method, "break-glass"));
    if (!why && is_counted(count, person, approval->uid))
        why = g_strdup_printf("%s counts once only", person);
    return why;
}

static void
count_one(Count *count, const Approval *approval)
{
    Tally *tally = count->tally;
    g_autofree char *person = person_now(count->desk->config, approval);
    char *why = reason_against(count, approval, person);

    if (why) {
        drop(count, why);
        return;
    }
    g_ptr_array_add(count->counted, (gpointer)(gintptr)approval);
    g_ptr_array_add(tally->persons, g_steal_pointer(&person));
    tally->need = MAX(tally->need, approval->need);
    tally->hold_until = MAX(tally->hold_until, approval->hold_until);
    tally->broken = tally->broken || g_str_equal(approval->method, "break-glass");
}

/* One who approved is in the group now, and was when they approved: the state wants that too. */
static gboolean
group_is_there(const Count *count, const char *group)
{
    for (guint i = 0; i < count->counted->len; i++) {
        const Approval *approval = g_ptr_array_index(count->counted, i);
        g_auto(GStrv) groups = g_strsplit(approval->groups ? approval->groups : "", ";", -1);

        if (g_strv_contains((const char *const *)groups, group) &&
            person_in_group(count->desk->config, group,
                            g_ptr_array_index(count->tally->persons, i)))
            return TRUE;
    }
    return FALSE;
}

/* Of those that the policy and the approvals themselves ask for. */
static const char *
group_missing(const Count *count)
{
    if (count->policy->group && !group_is_there(count, count->policy->group))
        return count->policy->group;
    for (guint i = 0; i < count->counted->len; i++) {
        const char *group = ((const Approval *)g_ptr_array_index(count->counted, i))->need_group;

        if (group && !group_is_there(count, group))
            return group;
    }
    return NULL;
}

gboolean
approve_tally(Desk *desk, const Request *request, const Run *run, const Policy *policy,
              const GPtrArray *approvals, Tally *tally, GError **error)
{
    g_autoptr(GPtrArray) counted = g_ptr_array_new();
    Count count = {desk, request, run, policy, tally, counted};
    g_autofree char *stale = NULL;

    if (!fresh_words(desk, run, &stale, error))
        return FALSE;
    *tally = (Tally){.need = policy->need, .persons = g_ptr_array_new_with_free_func(g_free)};
    for (guint i = 0; i < approvals->len; i++) {
        const Approval *approval = g_ptr_array_index(approvals, i);

        if (!approve_is_valid(approval, request, run, desk_now(desk)))
            continue;
        if (stale)
            drop(&count, g_strdup(stale));
        else
            count_one(&count, approval);
    }
    const char *group = group_missing(&count);
    tally->have = counted->len;
    if (tally->broken)
        return TRUE;
    tally->missing = MAX(tally->need - tally->have, group ? 1 : 0);
    if (group)
        tally->want_group = g_strdup(group);
    return TRUE;
}

static gboolean
tally_now(Desk *desk, const Request *request, const Run *run, Policy *policy, Tally *tally,
          GError **error)
{
    g_autoptr(GPtrArray) approvals = store_approvals(desk->store, request->id, error);

    return approvals && policy_of(desk, request, run, policy, error) &&
           approve_tally(desk, request, run, policy, approvals, tally, error);
}

gboolean
approve_suffices(Desk *desk, const Request *request, const Run *run, gboolean *suffices,
                 gint64 *hold_until, GError **error)
{
    g_auto(Policy) policy = {0};
    g_auto(Tally) tally = {0};

    if (!tally_now(desk, request, run, &policy, &tally, error))
        return FALSE;
    *suffices = tally.missing == 0;
    if (hold_until)
        *hold_until = tally.hold_until;
    return TRUE;
}

/* -- who else -- */

static void
add_if_free(Desk *desk, const Request *request, const Run *run, const Tally *tally,
            const char *person, GPtrArray *names)
{
    g_autofree char *why =
        approve_objection(desk, request, run, person, person_uid(person), person, FALSE);

    if (!why && !g_ptr_array_find_with_equal_func(tally->persons, person, g_str_equal, NULL))
        g_ptr_array_add(names, (gpointer)(gintptr)person);
}

char *
approve_who(Desk *desk, const Request *request, const Run *run, const Tally *tally)
{
    gboolean group = tally->missing == 1 && tally->want_group;
    const char *const *names = group ? person_group(desk->config, tally->want_group)
                                     : config_list(desk->config, "approval", "approvers");
    static const char *const nobody[] = {NULL};

    if (!names)
        names = nobody;
    if (!group && !names[0])
        return NULL;
    g_autoptr(GPtrArray) persons = person_distinct(desk->config, names);
    g_autoptr(GPtrArray) left = g_ptr_array_new();
    for (guint i = 0; i < persons->len; i++)
        add_if_free(desk, request, run, tally, g_ptr_array_index(persons, i), left);
    return left->len ? person_words(left) : g_strdup("nobody who is configured");
}

/* -- what no longer holds -- */

gboolean
approve_void_all(Desk *desk, Request *request, const char *actor, const char *why, GError **error)
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

gboolean
approve_carry(Desk *desk, const Request *request, const Run *run, const char *why, const char *but,
              GError **error)
{
    g_autoptr(GPtrArray) approvals = store_approvals(desk->store, request->id, error);

    if (!approvals || !store_approvals_void(desk->store, request->id, why, error))
        return FALSE;
    for (guint i = 0; i < approvals->len; i++) {
        Approval *approval = g_ptr_array_index(approvals, i);

        if (!approve_is_valid(approval, request, run, desk_now(desk)) ||
            g_strcmp0(approval->person, but) == 0)
            continue;
        approval->run_id = run->id;
        if (!store_approval_add(desk->store, approval, error))
            return FALSE;
    }
    return TRUE;
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

    return approve_void_all(back->desk, back->request, back->actor, back->why, error);
}

static gboolean
step_back_step(Store *store, void *data, GError **error)
{
    const Back *back = data;
    Desk *desk = back->desk;
    Request *request = back->request;
    gboolean suffices = FALSE;

    if (!state_change(store, request, request->run_id ? STATE_PENDING : STATE_RESOLVED, back->actor,
                      back->kind, NULL, desk_now(desk), error))
        return FALSE;
    g_autoptr(Run) run = request->run_id ? store_run_get(store, request->run_id, error) : NULL;
    if (!run)
        return !request->run_id;
    return approve_suffices(desk, request, run, &suffices, NULL, error) &&
           (!suffices || approve_void_all(desk, request, back->actor, back->why, error));
}

gboolean
approve_step_back(Desk *desk, Request *request, const char *actor, const char *kind, GError **error)
{
    Back back = {desk, request, actor, kind, "a rerun was begun after the approval, and failed"};

    return state_transact(desk->store, request, step_back_step, &back, error);
}

/* What events of earlier versions do not say is not asked. */
static gboolean
says(const cJSON *detail, const char *name, const char *value)
{
    return !cJSON_HasObjectItem(detail, name) || g_strcmp0(json_string(detail, name), value) == 0;
}

gboolean
approve_is_of(const Event *event, const Approval *approval)
{
    if ((!g_str_equal(event->kind, "approve") && !g_str_equal(event->kind, "break-glass")) ||
        g_strcmp0(event->actor, approval->actor) != 0)
        return FALSE;
    g_autoptr(cJSON) detail = event->detail ? cJSON_Parse(event->detail) : NULL;
    return g_strcmp0(json_string(detail, "digest"), approval->digest) == 0 &&
           json_int(detail, "uid", PERSON_UID_NONE) == approval->uid &&
           json_int(detail, "given_at", approval->at) == approval->at &&
           json_int(detail, "self", approval->self) == approval->self &&
           json_int(detail, "wanted", approval->need) == approval->need &&
           json_int(detail, "expires_at", approval->expires_at) == approval->expires_at &&
           says(detail, "slack", approval->slack) && says(detail, "groups", approval->groups) &&
           says(detail, "person", approval->person) && says(detail, "method", approval->method) &&
           says(detail, "reason", approval->reason) &&
           says(detail, "principal", approval->principal);
}

gboolean
approve_is_told(const GPtrArray *events, const Approval *approval)
{
    for (guint i = 0; i < events->len; i++) {
        const Event *event = g_ptr_array_index(events, i);

        if (g_str_equal(event->kind, "void"))
            return FALSE;
        if (approve_is_of(event, approval))
            return TRUE;
    }
    return FALSE;
}

gboolean
approve_knows_requester(const GPtrArray *events, const Request *request)
{
    for (guint i = 0; i < events->len; i++) {
        const Event *event = g_ptr_array_index(events, i);
        g_autoptr(cJSON) detail =
            g_str_equal(event->kind, "found") && event->detail ? cJSON_Parse(event->detail) : NULL;

        if (!says(detail, "requester", request->requester))
            return FALSE;
    }
    return TRUE;
}

/* An approval that stands in the state, but was never given to this program: a row that somebody
 * put there is no decision; or a requester who was changed. NULL: all were given. */
static char *
forged(Desk *desk, const Request *request, const Run *run, GError **error)
{
    g_autoptr(GPtrArray) approvals = store_approvals(desk->store, request->id, error);
    g_autoptr(GPtrArray) events =
        approvals ? store_events(desk->store, request->id, 0, 0, error) : NULL;

    if (events && !approve_knows_requester(events, request))
        return g_strdup(
            "another person asked for it when it was found; run creditbot state verify");
    for (guint i = 0; events && i < approvals->len; i++) {
        const Approval *approval = g_ptr_array_index(approvals, i);

        if (approve_is_valid(approval, request, run, desk_now(desk)) &&
            !approve_is_told(events, approval))
            return g_strdup_printf("no event tells of the approval of %s; run creditbot state "
                                   "verify",
                                   approval->person);
    }
    return NULL;
}

char *
approve_shortfall(Desk *desk, const Request *request, const Run *run, GError **error)
{
    g_auto(Policy) policy = {0};
    g_auto(Tally) tally = {0};
    g_autofree char *digest = evidence_digest(request, run);

    if (g_strcmp0(digest, run->digest) != 0)
        return g_strdup("the evidence changed after the approval");
    if (!tally_now(desk, request, run, &policy, &tally, error))
        return NULL;
    if (!tally.missing)
        return forged(desk, request, run, error);
    if (tally.dropped)
        return g_strdup_printf("the approval no longer suffices: %s", tally.dropped);
    if (!tally.have)
        return g_strdup("the approval expired before it was posted");
    const char *why = policy.split ? policy.split : policy.tier;
    return g_strdup_printf(
        "the approval no longer suffices: %s%s%s%s", why ? why : "more persons approve it",
        policy.split && policy.tier ? "; " : "", policy.split && policy.tier ? policy.tier : "",
        tally.want_group && !policy.tier ? " (a group is missing)" : "");
}

gboolean
approve_still_valid(Desk *desk, Request *request, Run **run_out, GError **error)
{
    g_autoptr(Run) run = store_run_get(desk->store, request->run_id, error);
    g_autoptr(GError) cause = NULL;

    if (!run)
        return FALSE;
    g_autofree char *why = approve_shortfall(desk, request, run, &cause);
    if (cause) {
        g_propagate_error(error, g_steal_pointer(&cause));
        return FALSE;
    }
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

/* -- in every pass -- */

typedef struct {
    Desk *desk;
    gint64 id;
} Expire;

static gboolean
collect_id(Request *request, void *data)
{
    g_array_append_val((GArray *)data, request->id);
    return TRUE;
}

static gboolean
expire_one(Store *store, void *data, GError **error)
{
    const Expire *expire = data;
    g_autoptr(GError) cause = NULL;
    g_autoptr(Request) request = store_request_get(store, expire->id, error);

    if (!request || request->state != STATE_APPROVED)
        return request != NULL;
    g_autoptr(Run) run = store_run_get(store, request->run_id, error);
    if (!run)
        return FALSE;
    g_autofree char *why = approve_shortfall(expire->desk, request, run, &cause);
    if (cause) {
        g_propagate_error(error, g_steal_pointer(&cause));
        return FALSE;
    }
    return !why || approve_void_all(expire->desk, request, "creditbot", why, error);
}

gboolean
approve_expire(Desk *desk, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    RequestFilter filter = {.states = STATE_BIT(STATE_APPROVED), .brief = TRUE};

    if (!store_requests(desk->store, &filter, collect_id, ids, error))
        return FALSE;
    for (guint i = 0; i < ids->len; i++) {
        Expire expire = {desk, g_array_index(ids, gint64, i)};

        if (!store_transact(desk->store, expire_one, &expire, error))
            return FALSE;
    }
    return TRUE;
}

char *
approve_broken_words(Desk *desk, const Request *request, const Run *run)
{
    g_autoptr(GPtrArray) approvals = store_approvals(desk->store, request->id, NULL);

    for (guint i = 0; approvals && i < approvals->len; i++) {
        const Approval *approval = g_ptr_array_index(approvals, i);

        if (!approval->voided_at && approval->run_id == run->id &&
            g_str_equal(approval->method, "break-glass"))
            return g_strdup_printf(BROKEN_FORMAT, approval->person, approval->reason);
    }
    return NULL;
}
