/* correct.c: what was posted put right: a linked request that goes the ordinary way.
 *
 * The original stays posted and is never changed. Its correction shares its message and its link,
 * begins with the SQL that the original had, and posts into the same thread. */
#include "engine/desk_private.h"

#include "base/error.h"

void
corrected_clear(Corrected *corrected)
{
    g_clear_pointer(&corrected->currency, g_free);
    g_clear_pointer(&corrected->posted_ts, g_free);
}

static void
fill(Corrected *corrected, const Request *original)
{
    *corrected = (Corrected){.id = original->id,
                             .amount = original->amount,
                             .posted_at = original->posted_at,
                             .currency = g_strdup(original->currency),
                             .posted_ts = g_strdup(original->posted_ts)};
}

gboolean
corrected_of(Desk *desk, const Request *request, Corrected *corrected, GError **error)
{
    if (!request->corrects)
        return TRUE;
    g_autoptr(Request) original = desk_request(desk, request->corrects, error);
    if (!original)
        return FALSE;
    fill(corrected, original);
    return TRUE;
}

static gboolean
may_be_corrected(const Request *original, GError **error)
{
    if (original->state != STATE_POSTED)
        g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                    "request %" G_GINT64_FORMAT
                    " is %s; only what was posted is corrected, other amounts are set by hand",
                    original->id, state_name(original->state));
    else if (original->corrected_by)
        g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                    "request %" G_GINT64_FORMAT " was corrected by %" G_GINT64_FORMAT
                    " already; correct that one",
                    original->id, original->corrected_by);
    else
        return TRUE;
    return FALSE;
}

Request *
correct_request(Desk *desk, const Request *original, const char *reason, GError **error)
{
    if (!may_be_corrected(original, error))
        return NULL;
    Request *request = request_new();
    request->corrects = original->id;
    request->channel = g_strdup(original->channel);
    request->channel_name = g_strdup(original->channel_name);
    request->ts = g_strdup(original->ts);
    request->thread_ts = g_strdup(original->thread_ts);
    request->requester = g_strdup(original->requester);
    request->requester_name = g_strdup(original->requester_name);
    request->text = g_strdup(original->text);
    request->message = g_strdup(original->message);
    request->edited_ts = g_strdup(original->edited_ts);
    request->link_url = g_strdup(original->link_url);
    request->link_kind = g_strdup(original->link_kind);
    request->link_ref = g_strdup(original->link_ref);
    request->title = g_strdup(original->title);
    request->product = g_strdup(original->product);
    request->customer = g_strdup(original->customer);
    request->sql = g_strdup(original->sql);
    request->sql_sha256 = g_strdup(original->sql_sha256);
    request->note = g_strdup_printf("corrects %" G_GINT64_FORMAT ", asked by %s: %s", original->id,
                                    desk->actor, reason);
    request->received_at = request->state_at = desk_now(desk);
    request->state = STATE_NEW;
    return request;
}

typedef struct {
    Desk *desk;
    gint64 id;
    const char *reason;
    gint64 correction;
} Correct;

static gboolean
note_events(Store *store, const Correct *correct, const Request *request, GError **error)
{
    g_autoptr(cJSON) there = cJSON_CreateObject(), here = cJSON_CreateObject();
    const char *actor = correct->desk->actor;

    json_add_int(there, "correction", request->id);
    json_add(there, "reason", correct->reason);
    json_add_int(here, "corrects", correct->id);
    json_add(here, "reason", correct->reason);
    json_add_int(here, "uid", correct->desk->uid);
    json_add(here, "requester", request->requester);
    g_autofree char *to_original = json_print(there);
    g_autofree char *to_new = json_print(here);
    return store_event(store, correct->id, actor, "correct", NULL, NULL, to_original, error) &&
           store_event(store, request->id, actor, "found", NULL, state_name(request->state), to_new,
                       error);
}

/* What it will be worked out from is known, so it begins where a resolved request stands. */
static gboolean
correct_step(Store *store, void *data, GError **error)
{
    Correct *correct = data;
    Desk *desk = correct->desk;
    gboolean added = FALSE;
    g_autoptr(Request) original = store_request_get(store, correct->id, error);
    g_autoptr(Request) request =
        original ? correct_request(desk, original, correct->reason, error) : NULL;

    if (!request || !store_request_add(store, request, &added, error))
        return FALSE;
    if (!added) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFLICT,
                    "request %" G_GINT64_FORMAT
                    " has an open correction already; finish or reject that one",
                    correct->id);
        return FALSE;
    }
    correct->correction = request->id;
    return note_events(store, correct, request, error) &&
           (!request->sql || state_change(store, request, STATE_RESOLVED, desk->actor, "state",
                                          NULL, desk_now(desk), error));
}

gboolean
desk_correct(Desk *desk, gint64 id, const char *reason, gint64 *correction, GError **error)
{
    g_autofree char *trimmed = override_reason(reason, "a correction", error);
    Correct correct = {desk, id, trimmed, 0};

    if (!trimmed || !store_transact(desk->store, correct_step, &correct, error))
        return FALSE;
    log_write(desk->log, LOG_LEVEL_INFO, "approval",
              "request %" G_GINT64_FORMAT " corrects %" G_GINT64_FORMAT ", asked by %s: %s",
              correct.correction, id, desk->actor, trimmed);
    if (correction)
        *correction = correct.correction;
    return TRUE;
}
