/* unusual.c: what the desk's own history finds unusual about a new run, in two words each. */
#include "engine/desk_private.h"

#include "base/money.h"

#define MONTH      (30 * (gint64)86400 * G_USEC_PER_SEC)
#define MANY_TIMES 5

typedef struct {
    const Request *request;
    const CalcResult *result;
    const char *sql_sha256;
    gint64 last_posted, last_amount; /* of this customer */
    gboolean same_look, sql_changed;
} History;

static gboolean
same_text(const char *a, const char *b)
{
    return a && b && g_str_equal(a, b);
}

static gboolean
look_at(Request *other, void *data)
{
    History *history = data;
    const Request *request = history->request;

    if (other->id == request->id)
        return TRUE;
    if (same_text(other->link_ref, request->link_ref) &&
        same_text(other->link_kind, request->link_kind) && other->run_id) {
        if (STATE_BIT(other->state) & (STATES_OPEN | STATE_BIT(STATE_POSTED)))
            history->same_look = TRUE;
        if (other->sql_sha256 && !same_text(other->sql_sha256, history->sql_sha256))
            history->sql_changed = TRUE;
    }
    if (other->state == STATE_POSTED && same_text(other->customer, history->result->customer) &&
        other->posted_at > history->last_posted) {
        history->last_posted = other->posted_at;
        history->last_amount = other->amount;
    }
    return TRUE;
}

gboolean
unusual_check(Desk *desk, const Request *request, const CalcResult *result, const char *sql_sha256,
              GPtrArray *unusual, GError **error)
{
    History history = {.request = request, .result = result, .sql_sha256 = sql_sha256};
    RequestFilter filter = {.since = request->received_at - MONTH,
                            .until = request->received_at + MONTH,
                            .product = request->product};

    if (!store_requests(desk->store, &filter, look_at, &history, error))
        return FALSE;
    if (history.same_look)
        g_ptr_array_add(unusual, g_strdup("same look"));
    if (history.sql_changed)
        g_ptr_array_add(unusual, g_strdup("SQL changed"));
    if (history.last_amount > 0 && result->amount / history.last_amount >= MANY_TIMES)
        g_ptr_array_add(unusual, g_strdup_printf("%" G_GINT64_FORMAT "x last credit",
                                                 result->amount / history.last_amount));
    return TRUE;
}
