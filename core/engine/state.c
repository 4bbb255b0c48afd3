/* state.c: the table of states, and the one function that makes a change. */
#include "engine/state.h"

#include "base/error.h"
#include "base/json.h"

#define TO(s) STATE_BIT(STATE_##s)

/* One line a state: where it may go. Working states may fail; a failed one goes on where it
 * stopped. */
static const guint legal[STATE_COUNT] = {
    [STATE_NEW] =
        TO(RESOLVED) | TO(IGNORED) | TO(NEEDS_LINK) | TO(FAILED) | TO(DEAD) | TO(REJECTED),
    [STATE_RESOLVED] = TO(CALCULATING) | TO(NEW) | TO(FAILED) | TO(DEAD) | TO(REJECTED),
    [STATE_CALCULATING] = TO(PENDING) | TO(RESOLVED) | TO(FAILED) | TO(DEAD),
    [STATE_PENDING] = TO(APPROVED) | TO(REJECTED) | TO(CALCULATING) | TO(NEW),
    [STATE_APPROVED] = TO(POSTING) | TO(PENDING) | TO(REJECTED) | TO(NEW) | TO(CALCULATING),
    [STATE_POSTING] = TO(POSTED) | TO(UNCONFIRMED) | TO(FAILED) | TO(DEAD) | TO(APPROVED),
    [STATE_POSTED] = 0,
    [STATE_UNCONFIRMED] = TO(POSTING) | TO(POSTED),
    [STATE_REJECTED] = 0,
    [STATE_IGNORED] = TO(NEW),
    [STATE_NEEDS_LINK] = TO(NEW) | TO(REJECTED),
    [STATE_FAILED] = TO(NEW) | TO(RESOLVED) | TO(PENDING) | TO(APPROVED) | TO(DEAD) | TO(REJECTED),
    [STATE_DEAD] = TO(NEW) | TO(RESOLVED) | TO(PENDING) | TO(APPROVED) | TO(REJECTED),
};

gboolean
state_change_legal(RequestState from, RequestState to)
{
    return from < STATE_COUNT && to < STATE_COUNT && (legal[from] & STATE_BIT(to)) != 0;
}

typedef struct {
    Request *request;
    const char *actor, *kind, *from, *to, *detail;
} Change;

static gboolean
save_with_event(Store *store, void *data, GError **error)
{
    Change *change = data;

    return store_request_save(store, change->request, error) &&
           store_event(store, change->request->id, change->actor, change->kind, change->from,
                       change->to, change->detail, error);
}

gboolean
state_change(Store *store, Request *request, RequestState to, const char *actor, const char *kind,
             cJSON *detail, gint64 now, GError **error)
{
    G_GNUC_UNUSED g_autoptr(cJSON) owned = detail;
    g_autofree char *text = detail ? json_print(detail) : NULL;
    RequestState from = request->state;
    gint64 state_at = request->state_at;
    gint64 version = request->version;

    if (!state_change_legal(from, to)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                    "request %" G_GINT64_FORMAT " is %s; from there it cannot become %s",
                    request->id, state_name(from), state_name(to));
        return FALSE;
    }
    request->state = to;
    request->state_at = now;
    Change change = {request, actor, kind, state_name(from), state_name(to), text};
    if (store_transact(store, save_with_event, &change, error))
        return TRUE;
    request->state = from;
    request->state_at = state_at;
    request->version = version;
    return FALSE;
}

gboolean
state_transact(Store *store, Request *request, StoreFunc step, void *data, GError **error)
{
    g_autoptr(Request) before = request_copy(request);

    if (store_transact(store, step, data, error))
        return TRUE;
    Request half = *request;
    *request = *before;
    *before = half;
    return FALSE;
}

gboolean
state_note(Store *store, Request *request, const char *actor, const char *kind, cJSON *detail,
           GError **error)
{
    G_GNUC_UNUSED g_autoptr(cJSON) owned = detail;
    g_autofree char *text = detail ? json_print(detail) : NULL;
    Change change = {request, actor, kind, NULL, NULL, text};
    gint64 version = request->version;

    if (store_transact(store, save_with_event, &change, error))
        return TRUE;
    request->version = version;
    return FALSE;
}
