/* preview.c: what exactly would be posted, and whether this operator may let it. */
#include "engine/desk_private.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "engine/person.h"

void
preview_free(Preview *preview)
{
    if (!preview)
        return;
    g_free(preview->channel_name);
    g_free(preview->thread_ts);
    g_free(preview->text);
    g_free(preview->plain);
    cJSON_Delete(preview->blocks);
    g_free(preview->evidence);
    g_free(preview->refusal);
    g_free(preview->currency);
    g_free(preview->unusual);
    g_free(preview->change);
    g_free(preview->claim);
    g_free(preview->tier);
    g_free(preview->need_group);
    g_free(preview->who);
    g_free(preview->split);
    g_free(preview->stale);
    g_free(preview->approvals);
    g_free(preview);
}

static Run *
run_of(Desk *desk, const Request *request, gint64 number, GError **error)
{
    if (number)
        return store_run_by_number(desk->store, request->id, number, error);
    if (request->run_id)
        return store_run_get(desk->store, request->run_id, error);
    g_set_error(error, CREDITBOT_ERROR, ERR_NOT_FOUND,
                "request %" G_GINT64_FORMAT " has no run yet, so there is nothing to post",
                request->id);
    return NULL;
}

/* What this operator approved since midnight UTC. */
static gboolean
total_today(Desk *desk, Preview *preview, GError **error)
{
    g_autofree char *self = person_of_login(desk->config, desk->actor);

    return today_of(desk, self, desk->uid, &preview->approved_today_amount,
                    &preview->approved_today_count, error);
}

static void
fill_amounts(Preview *preview, const Run *run, const Corrected *corrected)
{
    preview->run_number = run->number;
    preview->run_at = run->finished_at;
    preview->has_amount = TRUE;
    preview->amount = run->amount;
    preview->currency = g_strdup(run->currency);
    preview->unusual = g_strdup(run->unusual);
    if (!preview->has_before && corrected->id) {
        preview->has_before = TRUE;
        preview->before = corrected->amount;
    }
}

/* The words of a run, stored or not, of a request. */
static gboolean
preview_run(Desk *desk, const Request *request, const Run *run, const Corrected *corrected,
            const char *broken, Preview *preview, GError **error)
{
    if (!run->result) {
        g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                    "run %" G_GINT64_FORMAT " of request %" G_GINT64_FORMAT " has no result",
                    run->number, request->id);
        return FALSE;
    }
    g_autoptr(cJSON) json = json_parse(run->result, strlen(run->result), "the stored run", error);
    g_autoptr(CalcResult) result = json ? calc_result_from_json(json, error) : NULL;
    if (!result)
        return FALSE;
    const Message message = {desk->config, request, run, result, corrected, broken};
    preview->text = message_result(&message);
    preview->blocks = message_blocks(preview->text);
    preview->evidence = g_strndup(run->digest ? run->digest : "", 8);
    fill_amounts(preview, run, corrected);
    return total_today(desk, preview, error);
}

/* The amount that a rerun or a hand took the place of. */
static gboolean
compare_before(Desk *desk, const Run *run, Preview *preview, GError **error)
{
    g_autoptr(GPtrArray) runs = store_runs(desk->store, run->request_id, run->id, 0, error);

    for (guint i = 0; runs && i < runs->len; i++) {
        const Run *before = g_ptr_array_index(runs, i);

        if (before->dry || !before->digest)
            continue;
        preview->has_before = TRUE;
        preview->before = before->amount;
        preview->change = difference_words(before, run);
        break;
    }
    return runs != NULL;
}

/* "mara 5m ago, signature of ines@example.com 1m ago"; NULL: none. */
static char *
approvals_words(Desk *desk, const Request *request, const Run *run, const GPtrArray *approvals)
{
    g_autoptr(GString) words = g_string_new(NULL);
    gint64 now = desk_now(desk);

    for (guint i = 0; i < approvals->len; i++) {
        const Approval *approval = g_ptr_array_index(approvals, i);

        if (!approve_is_valid(approval, request, run, now))
            continue;
        gint64 age = MAX(now - approval->at, 0);
        g_autofree char *span = duration_short(age);
        g_string_append_printf(
            words, "%s%s%s %s%s%s", words->len ? ", " : "",
            approval->principal ? "signature of " : "",
            approval->principal ? approval->principal : approval->person,
            age < G_USEC_PER_SEC ? "just now" : span, age < G_USEC_PER_SEC ? "" : " ago",
            g_str_equal(approval->method, "break-glass") ? " (break-glass)" : "");
    }
    return words->len ? g_strdup(words->str) : NULL;
}

/* How many it needs, has, and lacks. */
static gboolean
preview_policy(Desk *desk, const Request *request, const Run *run, Preview *preview, GError **error)
{
    g_auto(Policy) policy = {0};
    g_auto(Tally) tally = {0};
    g_autoptr(GPtrArray) approvals =
        request->id ? store_approvals(desk->store, request->id, error) : g_ptr_array_new();

    if (!approvals || !policy_of(desk, request, run, &policy, error) ||
        !approve_tally(desk, request, run, &policy, approvals, &tally, error) ||
        ((STATE_BIT(request->state) & STATES_OPEN) &&
         !fresh_words(desk, run, &preview->stale, error)))
        return FALSE;
    preview->have = tally.have;
    preview->need = MAX(tally.need, tally.have + tally.missing);
    preview->tier = g_steal_pointer(&policy.tier);
    preview->split = g_steal_pointer(&policy.split);
    preview->need_group = g_strdup(policy.group);
    preview->who = tally.missing ? approve_who(desk, request, run, &tally) : NULL;
    preview->approvals = approvals_words(desk, request, run, approvals);
    return TRUE;
}

static gboolean
preview_result(Desk *desk, const Request *request, gint64 number, const char *reason,
               Preview *preview, GError **error)
{
    g_autoptr(Run) run = run_of(desk, request, number, error);
    g_auto(Corrected) corrected = {0};
    g_autofree char *self = person_of_login(desk->config, desk->actor);
    g_autofree char *broken = !run     ? NULL
                              : reason ? g_strdup_printf(BROKEN_FORMAT, self, reason)
                                       : approve_broken_words(desk, request, run);

    if (!run || !corrected_of(desk, request, &corrected, error) ||
        !preview_run(desk, request, run, &corrected, broken, preview, error) ||
        !preview_policy(desk, request, run, preview, error) ||
        (!corrected.id && !compare_before(desk, run, preview, error)))
        return FALSE;
    preview->refusal = approve_refusal(desk, request, number);
    preview->break_glass = approve_may_break(desk, request, number);
    return TRUE;
}

/* Where it goes, and whether it is for real. */
static Preview *
preview_new(Desk *desk, const Request *request)
{
    Preview *preview = g_new0(Preview, 1);

    preview->channel_name =
        g_strdup_printf("#%s", request->channel_name ? request->channel_name : request->channel);
    preview->thread_ts = g_strdup(request->thread_ts);
    preview->live = !desk_is_dry(desk);
    preview->hold = config_duration(desk->config, "posting", "hold");
    preview->today_limit = config_amount(desk->config, "approval", "daily_limit");
    preview->claim = desk_claimed_by(desk, request->id);
    return preview;
}

Preview *
desk_preview(Desk *desk, gint64 id, const char *kind, gint64 run_number, const char *reason,
             GError **error)
{
    g_autoptr(Request) request = desk_request(desk, id, error);

    if (!request)
        return NULL;
    g_autoptr(Preview) preview = preview_new(desk, request);
    if (g_str_equal(kind, "rejection"))
        preview->text = message_rejection(request, reason ? reason : "");
    else if (!preview_result(desk, request, run_number,
                             g_str_equal(kind, "break-glass") ? (reason ? reason : "") : NULL,
                             preview, error))
        return NULL;
    preview->plain = message_plain(preview->text);
    return g_steal_pointer(&preview);
}

/* -- an amount that is not set yet -- */

/* The number that the next run of a request gets; of one that is not stored: the first. */
static gboolean
next_number(Desk *desk, const Request *request, gint64 *number, GError **error)
{
    g_autoptr(GPtrArray) runs =
        request->id ? store_runs(desk->store, request->id, 0, 1, error) : g_ptr_array_new();

    if (!runs)
        return FALSE;
    *number = runs->len ? ((const Run *)g_ptr_array_index(runs, 0))->number + 1 : 1;
    return TRUE;
}

/* The request that the amount would be set for: itself, or the correction of what is posted. */
static Request *
target_of(Desk *desk, Request *request, const char *reason, GError **error)
{
    if (request->state != STATE_POSTED)
        return request_copy(request);
    Request *correction = correct_request(desk, request, reason, error);
    if (correction)
        correction->state = STATE_RESOLVED;
    return correction;
}

Preview *
desk_preview_amount(Desk *desk, gint64 id, gint64 amount, const char *reason, GError **error)
{
    g_autoptr(Request) request = desk_request(desk, id, error);
    const char *why = reason ? reason : "";
    g_autoptr(Request) target = request ? target_of(desk, request, why, error) : NULL;
    g_autoptr(Run) base = target ? override_base(desk, target, error) : NULL;
    g_autoptr(Run) run = base ? override_run(desk, target, base, amount, why, error) : NULL;
    g_auto(Corrected) corrected = {0};

    if (!run || !next_number(desk, target, &run->number, error) ||
        !corrected_of(desk, target, &corrected, error))
        return NULL;
    g_autoptr(Preview) preview = preview_new(desk, request);
    preview->has_before = TRUE;
    preview->before = corrected.id ? corrected.amount : base->amount;
    if (!preview_run(desk, target, run, &corrected, NULL, preview, error) ||
        !preview_policy(desk, target, run, preview, error))
        return NULL;
    preview->plain = message_plain(preview->text);
    return g_steal_pointer(&preview);
}
