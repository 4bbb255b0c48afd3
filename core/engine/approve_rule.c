/* approve_rule.c: mode=auto: what the rule approves without a person, and what it leaves to one. */
#include "engine/desk_private.h"

#include "base/error.h"
#include "engine/person.h"

static char *
above_limit(const Policy *policy, gint64 limit)
{
    if (policy->amount > limit || !policy->others)
        return g_strdup("above [approval] auto_limit");
    return g_strdup_printf("above [approval] auto_limit together with %s", policy->others);
}

char *
approve_rule_refusal(Desk *desk, const Request *request, const Run *run, const Policy *policy)
{
    gint64 limit = config_amount(desk->config, "approval", "auto_limit");
    gint64 uid;
    g_autofree char *author = override_author(run, &uid);

    if (g_strcmp0(config_string(desk->config, "approval", "mode"), "auto") != 0)
        return g_strdup("[approval] mode is not auto");
    if (request->corrects)
        return g_strdup("a correction is left to a person");
    if (override_is(run))
        return g_strdup("its amount was set by hand");
    if (run->amount == 0)
        return g_strdup("a credit of zero is left to a person");
    if (limit >= 0 && policy->together > limit)
        return above_limit(policy, limit);
    if (policy->need > 1 || policy->group)
        return g_strdup_printf("needs %s approvers: %s", policy->need > 1 ? "two" : "named",
                               policy->split ? policy->split : policy->tier);
    if (author)
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

/* Why it is held now, its age included. NULL without an error: it is not. */
static char *
held(Desk *desk, const Request *request, const Run *run, GError **error)
{
    g_auto(Policy) policy = {0};
    g_autofree char *stale = NULL;

    if (!policy_of(desk, request, run, &policy, error) || !fresh_words(desk, run, &stale, error))
        return NULL;
    return stale ? g_steal_pointer(&stale) : approve_rule_refusal(desk, request, run, &policy);
}

static gboolean
auto_step(Store *store G_GNUC_UNUSED, void *data, GError **error)
{
    Rule *rule = data;
    Desk *desk = rule->desk;
    g_autoptr(GError) cause = NULL;
    g_autoptr(Run) run = approve_run(desk, rule->request, 0, error);

    if (!run)
        return FALSE;
    *rule->why = held(desk, rule->request, run, &cause);
    if (cause) {
        g_propagate_error(error, g_steal_pointer(&cause));
        return FALSE;
    }
    if (*rule->why)
        return TRUE;
    gint64 now = desk_now(desk);
    char actor[] = "auto", reason[] = "mode=auto";
    Approval approval = {
        .request_id = rule->request->id,
        .run_id = run->id,
        .digest = run->digest,
        .uid = PERSON_UID_AUTO,
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
    return approve_record(desk, rule->request, run, &approval, NULL, TRUE, error);
}

gboolean
approve_auto(Desk *desk, Request *request, char **why, GError **error)
{
    Rule rule = {desk, request, why};

    return state_transact(desk->store, request, auto_step, &rule, error);
}
