/* override.c: an amount that a person sets by hand, as a run that says so for ever.
 *
 * The run repeats the evidence of the one that it is based on; its parameters carry "override" with
 * who, why and what was calculated, so the digest that an approval is sealed to covers it. */
#include "engine/desk_private.h"

#include <string.h>

#include "base/error.h"
#include "base/failpoint.h"
#include "base/money.h"
#include "base/text.h"

#define REASON_SHOWN 300
#define CENT         (MONEY_UNIT / 100)

/* The "override" member of a run's parameters; NULL: calculated. *root owns it. */
static const cJSON *
override_of(const Run *run, cJSON **root)
{
    *root = run->parameters ? cJSON_Parse(run->parameters) : NULL;
    return json_object(*root, "override");
}

gboolean
override_is(const Run *run)
{
    g_autoptr(cJSON) root = NULL;

    return override_of(run, &root) != NULL;
}

gboolean
override_from(const Run *run, gint64 *request_id, gint64 *number)
{
    g_autoptr(cJSON) root = NULL;
    const cJSON *override = override_of(run, &root);

    if (!override)
        return FALSE;
    *request_id = json_int(override, "from_request", 0);
    *number = json_int(override, "from_run", 0);
    return TRUE;
}

char *
override_author(const Run *run, gint64 *uid)
{
    g_autoptr(cJSON) root = NULL;
    const cJSON *override = override_of(run, &root);
    const char *by = json_string(override, "by");

    *uid = override ? json_int(override, "uid", -1) : -1;
    if (override)
        return g_strdup(by ? by : "?");
    /* calculate.c notes parameters that were set for this run alone */
    if (run->unusual && strstr(run->unusual, CALCULATE_OVERRIDDEN))
        return g_strdup(run->actor ? run->actor : "?");
    return NULL;
}

/* One line that a list of unusual things can hold. */
#define BY_HAND   "amount set by hand by "
#define ABOVE_ALL "more than all measured attempts cost"

static char *
words_of(const char *actor, const char *reason)
{
    g_autofree char *line = text_printable(reason, -1, TEXT_LINE);
    g_autofree char *shown = text_ellipsize(line, REASON_SHOWN, TEXT_LINE);

    g_strdelimit(shown, ";", ',');
    return g_strdup_printf(BY_HAND "%s: %s", actor, shown);
}

char *
run_override_words(const Run *run)
{
    g_autoptr(cJSON) root = NULL;
    const cJSON *override = override_of(run, &root);

    if (!override)
        return NULL;
    const char *by = json_string(override, "by"), *reason = json_string(override, "reason");
    const char *calculated = json_string(override, "calculated");
    g_autofree char *words = words_of(by ? by : "?", reason ? reason : "");
    return g_strdup_printf("%s (%s calculated)", words, calculated ? calculated : "nothing");
}

/* Who, why, and what was there before; what was calculated is carried on through several of them.
 */
static cJSON *
override_json(const Desk *desk, const Run *base, gint64 amount, const char *reason)
{
    g_autoptr(cJSON) root = NULL;
    const cJSON *earlier = override_of(base, &root);
    const char *calculated = json_string(earlier, "calculated");
    cJSON *json = cJSON_CreateObject();
    g_autofree char *to = money_format(amount), *from = money_format(base->amount);

    json_add(json, "amount", to);
    json_add(json, "before", from);
    json_add(json, "calculated", calculated ? calculated : from);
    json_add(json, "reason", reason);
    json_add(json, "by", desk->actor);
    json_add_int(json, "uid", desk->uid);
    json_add_int(json, "from_request", base->request_id);
    json_add_int(json, "from_run", base->number);
    return json;
}

static CalcResult *
result_of(const Run *run, GError **error)
{
    if (!run->result || run->dry) {
        g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                    "run %" G_GINT64_FORMAT " has no result that an amount could be based on",
                    run->number);
        return NULL;
    }
    g_autoptr(cJSON) json = json_parse(run->result, strlen(run->result), "the stored run", error);
    return json ? calc_result_from_json(json, error) : NULL;
}

static char *
warning_of(const CalcResult *result, gint64 amount)
{
    g_autofree char *spend = money_display(result->spend);

    if (amount <= result->spend)
        return NULL;
    return g_strdup_printf(ABOVE_ALL " (%s %s)", spend, result->currency);
}

static char *
join(GPtrArray *words)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new();

    for (guint i = 0; i < words->len; i++)
        g_ptr_array_add(list, g_ptr_array_index(words, i));
    g_ptr_array_add(list, NULL);
    return g_strjoinv("; ", (char **)list->pdata);
}

/* What was said about an amount that stood here before; its run says it still. */
static void
drop_marks(GPtrArray *unusual)
{
    for (guint i = unusual->len; i > 0; i--) {
        const char *words = g_ptr_array_index(unusual, i - 1);

        if (g_str_has_prefix(words, BY_HAND) || g_str_has_prefix(words, ABOVE_ALL))
            g_ptr_array_remove_index(unusual, i - 1);
    }
}

/* The marks of the calculation, those of the history for the new amount, and the hand's. */
static gboolean
renew_unusual(Desk *desk, const Request *request, const Run *base, CalcResult *result,
              const char *reason, GError **error)
{
    char *warning = warning_of(result, result->amount);

    if (!unusual_renew(desk, request, result, base->sql_sha256, error)) {
        g_free(warning);
        return FALSE;
    }
    drop_marks(result->unusual);
    g_ptr_array_insert(result->unusual, 0, words_of(desk->actor, reason));
    if (warning)
        g_ptr_array_insert(result->unusual, 1, warning);
    return TRUE;
}

static Run *
copy_of(const Run *base, const Request *request, gint64 now, const char *actor)
{
    Run *run = run_new();

    run->request_id = request->id;
    run->started_at = run->finished_at = now;
    run->actor = g_strdup(actor);
    run->status = g_strdup("done");
    run->sql = g_strdup(base->sql);
    run->sql_sha256 = g_strdup(base->sql_sha256);
    run->calculator = g_strdup(base->calculator);
    run->calculator_version = g_strdup(base->calculator_version);
    run->warehouse = g_strdup(base->warehouse);
    run->query_id = g_strdup(base->query_id);
    run->rows = base->rows;
    run->currency = g_strdup(base->currency);
    run->product = g_strdup(base->product);
    run->customer = g_strdup(base->customer);
    return run;
}

static gboolean
check_amount(const Run *base, gint64 amount, GError **error)
{
    g_autofree char *text = money_format(amount);

    if (amount < 0)
        g_set_error(error, CREDITBOT_ERROR, ERR_INPUT,
                    "a credit cannot be negative, as %s is; to give nothing set 0 or reject it",
                    text);
    else if (amount % CENT)
        g_set_error(error, CREDITBOT_ERROR, ERR_INPUT, "%s has more than two decimals", text);
    else if (amount == base->amount)
        g_set_error(error, CREDITBOT_ERROR, ERR_INPUT, "the amount is %s %s already", text,
                    base->currency);
    else
        return TRUE;
    return FALSE;
}

Run *
override_run(Desk *desk, const Request *request, const Run *base, gint64 amount, const char *reason,
             GError **error)
{
    if (!check_amount(base, amount, error))
        return NULL;
    g_autoptr(CalcResult) result = result_of(base, error);
    if (!result)
        return NULL;
    g_autoptr(Run) run = copy_of(base, request, desk_now(desk), desk->actor);
    result->amount = result->low = result->high = amount;
    run->amount = run->low = run->high = amount;
    if (!renew_unusual(desk, request, base, result, reason, error))
        return NULL;
    cJSON *parameters = base->parameters ? cJSON_Parse(base->parameters) : NULL;
    if (!cJSON_IsObject(parameters)) {
        cJSON_Delete(parameters);
        parameters = cJSON_CreateObject();
    }
    cJSON_DeleteItemFromObject(parameters, "override");
    cJSON_AddItemToObject(parameters, "override", override_json(desk, base, amount, reason));
    cJSON_Delete(result->parameters);
    result->parameters = parameters;
    g_autoptr(cJSON) json = calc_result_to_json(result);
    run->parameters = json_print(parameters);
    run->unusual = join(result->unusual);
    run->result = json_print(json);
    run->digest = evidence_digest(request, run);
    return g_steal_pointer(&run);
}

/* -- the change -- */

#define OVERRIDES (STATE_BIT(STATE_PENDING) | STATE_BIT(STATE_APPROVED))
/* A correction needs no calculation of its own: what it corrects was calculated. */
#define OVERRIDES_CORRECTION                                                                       \
    (OVERRIDES | STATE_BIT(STATE_RESOLVED) | STATE_BIT(STATE_FAILED) | STATE_BIT(STATE_DEAD))

Run *
override_base(Desk *desk, const Request *request, GError **error)
{
    guint states = request->corrects ? OVERRIDES_CORRECTION : OVERRIDES;

    if (!(STATE_BIT(request->state) & states)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                    "request %" G_GINT64_FORMAT
                    " is %s; an amount is set by hand while it is pending or approved%s",
                    request->id, state_name(request->state),
                    request->state == STATE_POSTED ? "; what is posted is put right by a correction"
                                                   : "");
        return NULL;
    }
    if (request->run_id)
        return store_run_get(desk->store, request->run_id, error);
    if (request->corrects) {
        g_autoptr(Request) original = desk_request(desk, request->corrects, error);
        return original ? store_run_get(desk->store, original->run_id, error) : NULL;
    }
    g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                "request %" G_GINT64_FORMAT " has no run yet: there is no amount to replace",
                request->id);
    return NULL;
}

typedef struct {
    Desk *desk;
    gint64 id, amount;
    const char *reason;
    Run *run;
} Override;

static cJSON *
override_detail(const Desk *desk, const Run *base, const Run *run, const char *reason)
{
    cJSON *detail = cJSON_CreateObject();
    g_autofree char *to = money_format(run->amount), *from = money_format(base->amount);

    json_add_int(detail, "run", run->number);
    json_add(detail, "amount", to);
    json_add(detail, "before", from);
    json_add(detail, "currency", run->currency);
    json_add(detail, "digest", run->digest);
    json_add(detail, "reason", reason);
    json_add_int(detail, "uid", desk->uid);
    return detail;
}

/* A correction without a run of its own goes the way that a calculation would. */
static gboolean
move_to_pending(Desk *desk, Request *request, cJSON *detail, GError **error)
{
    gint64 now = desk_now(desk);

    if (request->state == STATE_PENDING)
        return state_note(desk->store, request, desk->actor, "override", detail, error);
    if (request->state == STATE_RESOLVED && !state_change(desk->store, request, STATE_CALCULATING,
                                                          desk->actor, "state", NULL, now, error)) {
        cJSON_Delete(detail);
        return FALSE;
    }
    return state_change(desk->store, request, STATE_PENDING, desk->actor, "override", detail, now,
                        error);
}

static gboolean
override_step(Store *store, void *data, GError **error)
{
    Override *override = data;
    Desk *desk = override->desk;
    g_autoptr(Request) request = store_request_get(store, override->id, error);
    g_autoptr(Run) base = request ? override_base(desk, request, error) : NULL;
    g_autoptr(Run) run =
        base ? override_run(desk, request, base, override->amount, override->reason, error) : NULL;

    if (!run || !store_run_add(store, run, error) ||
        !store_approvals_void(store, request->id, "the amount was set by hand", error))
        return FALSE;
    request->run_id = run->id;
    request->attempts = 0;
    request->next_attempt_at = 0;
    request->hold_until = 0;
    if (!request->corrects)
        g_clear_pointer(&request->note, g_free);
    g_clear_pointer(&request->error, g_free);
    g_clear_pointer(&request->error_code, g_free);
    if (!move_to_pending(desk, request, override_detail(desk, base, run, override->reason), error))
        return FALSE;
    failpoint("override:before-commit");
    override->run = g_steal_pointer(&run);
    return TRUE;
}

char *
override_reason(const char *reason, const char *what, GError **error)
{
    g_autofree char *trimmed = g_strstrip(g_strdup(reason ? reason : ""));

    if (*trimmed)
        return g_steal_pointer(&trimmed);
    g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "%s needs a reason, which is kept with it",
                what);
    return NULL;
}

gboolean
desk_override(Desk *desk, gint64 id, gint64 amount, const char *reason, Run **run, GError **error)
{
    g_autofree char *trimmed = override_reason(reason, "an amount set by hand", error);
    Override override = {desk, id, amount, trimmed, NULL};

    if (!trimmed)
        return FALSE;
    Cancel *token = work_begin(desk, id, NULL, error);
    if (!token)
        return FALSE;
    gboolean ok = store_transact(desk->store, override_step, &override, error);
    work_end(desk, id, token);
    g_autoptr(Run) made = override.run;
    if (!ok)
        return FALSE;
    g_autofree char *to = money_format(amount);
    log_write(desk->log, LOG_LEVEL_INFO, "approval",
              "request %" G_GINT64_FORMAT ": run %" G_GINT64_FORMAT
              ", amount set to %s %s by %s: %s",
              id, made->number, to, made->currency, desk->actor, trimmed);
    if (run)
        *run = g_steal_pointer(&made);
    return TRUE;
}
