/* preview.c: what exactly would be posted, and whether this operator may let it. */
#include "engine/desk_private.h"

#include <string.h>

#include "base/error.h"

#define DAY (24 * (gint64)3600 * G_USEC_PER_SEC)

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

typedef struct {
    Desk *desk;
    gint64 since, amount, count;
} Today;

static gboolean
add_today(Request *request, void *data)
{
    Today *today = data;
    g_autoptr(GPtrArray) approvals = store_approvals(today->desk->store, request->id, NULL);

    for (guint i = 0; approvals && i < approvals->len; i++) {
        const Approval *approval = g_ptr_array_index(approvals, i);

        if (approval->uid == today->desk->uid && approval->at >= today->since &&
            !approval->voided_at && request->has_amount) {
            today->amount += request->amount;
            today->count++;
        }
    }
    return TRUE;
}

static gboolean
count_today(Desk *desk, gint64 since, Today *today, GError **error)
{
    RequestFilter filter = {.states = STATE_BIT(STATE_PENDING) | STATE_BIT(STATE_APPROVED) |
                                      STATE_BIT(STATE_POSTING) | STATE_BIT(STATE_POSTED) |
                                      STATE_BIT(STATE_UNCONFIRMED),
                            .since = since - 29 * DAY,
                            .brief = TRUE};

    *today = (Today){.desk = desk, .since = since};
    return store_requests(desk->store, &filter, add_today, today, error);
}

/* What this operator approved since midnight UTC; counted once as long as nothing is committed, so
 * that many previews in a row cost no more than one. */
static gboolean
total_today(Desk *desk, Preview *preview, GError **error)
{
    gint64 since = desk_now(desk) - desk_now(desk) % DAY, stamp = store_stamp(desk->store);
    Today today = {0};

    g_mutex_lock(&desk->today_lock);
    TodayTotal kept = desk->today;
    g_mutex_unlock(&desk->today_lock);
    if (kept.since != since || kept.stamp != stamp) {
        if (!count_today(desk, since, &today, error))
            return FALSE;
        kept = (TodayTotal){since, stamp, today.amount, today.count};
        g_mutex_lock(&desk->today_lock);
        desk->today = kept;
        g_mutex_unlock(&desk->today_lock);
    }
    preview->approved_today_amount = kept.amount;
    preview->approved_today_count = kept.count;
    return TRUE;
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
            Preview *preview, GError **error)
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
    const Message message = {desk->config, request, run, result, corrected};
    preview->text = message_result(&message);
    preview->blocks = message_result_blocks(&message);
    preview->evidence = g_strndup(run->digest ? run->digest : "", 8);
    preview->need = approve_need(desk, run);
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

static gboolean
preview_result(Desk *desk, const Request *request, gint64 number, Preview *preview, GError **error)
{
    g_autoptr(Run) run = run_of(desk, request, number, error);
    g_auto(Corrected) corrected = {0};

    if (!run || !corrected_of(desk, request, &corrected, error) ||
        !preview_run(desk, request, run, &corrected, preview, error) ||
        (!corrected.id && !compare_before(desk, run, preview, error)))
        return FALSE;
    preview->have = approve_have(desk, request, NULL, error);
    if (preview->have < 0)
        return FALSE;
    preview->refusal = approve_refusal(desk, request, number);
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
    else if (!preview_result(desk, request, run_number, preview, error))
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
    if (!preview_run(desk, target, run, &corrected, preview, error))
        return NULL;
    preview->plain = message_plain(preview->text);
    return g_steal_pointer(&preview);
}
