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

/* What this operator approved since midnight UTC. */
static gboolean
total_today(Desk *desk, Preview *preview, GError **error)
{
    gint64 now = desk_now(desk);
    Today today = {.desk = desk, .since = now - now % DAY};
    RequestFilter filter = {.states = STATE_BIT(STATE_PENDING) | STATE_BIT(STATE_APPROVED) |
                                      STATE_BIT(STATE_POSTING) | STATE_BIT(STATE_POSTED) |
                                      STATE_BIT(STATE_UNCONFIRMED),
                            .since = now - 30 * DAY,
                            .brief = TRUE};

    if (!store_requests(desk->store, &filter, add_today, &today, error))
        return FALSE;
    preview->approved_today_amount = today.amount;
    preview->approved_today_count = today.count;
    return TRUE;
}

static gboolean
preview_result(Desk *desk, const Request *request, gint64 number, Preview *preview, GError **error)
{
    g_autoptr(Run) run = run_of(desk, request, number, error);

    if (!run)
        return FALSE;
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
    preview->text = message_result(desk->config, request, run, result);
    preview->blocks = message_result_blocks(desk->config, request, run, result);
    preview->evidence = g_strndup(run->digest ? run->digest : "", 8);
    preview->need = approve_need(desk, run);
    preview->have = approve_have(desk, request, NULL, error);
    if (preview->have < 0)
        return FALSE;
    preview->refusal = approve_refusal(desk, request, number);
    return total_today(desk, preview, error);
}

Preview *
desk_preview(Desk *desk, gint64 id, const char *kind, gint64 run_number, const char *reason,
             GError **error)
{
    g_autoptr(Request) request = desk_request(desk, id, error);

    if (!request)
        return NULL;
    g_autoptr(Preview) preview = g_new0(Preview, 1);
    preview->channel_name =
        g_strdup_printf("#%s", request->channel_name ? request->channel_name : request->channel);
    preview->thread_ts = g_strdup(request->thread_ts);
    preview->live = !desk_is_dry(desk);
    preview->hold = config_duration(desk->config, "posting", "hold");
    if (g_str_equal(kind, "rejection"))
        preview->text = message_rejection(request, reason ? reason : "");
    else if (!preview_result(desk, request, run_number, preview, error))
        return NULL;
    preview->plain = message_plain(preview->text);
    return g_steal_pointer(&preview);
}
