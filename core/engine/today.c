/* today.c: what a person approved since midnight UTC. */
#include "engine/desk_private.h"

#include "base/error.h"
#include "engine/person.h"

#define DAY (24 * (gint64)3600 * G_USEC_PER_SEC)

typedef struct {
    Desk *desk;
    const char *person;
    gint64 uid, since, amount, count;
    GError *error;
} Today;

static gboolean
is_theirs(const Today *today, const Approval *approval)
{
    return approval->at >= today->since && !approval->voided_at &&
           !g_str_equal(approval->method, "auto") &&
           (g_strcmp0(approval->person, today->person) == 0 ||
            (today->uid >= 0 && approval->uid == today->uid));
}

static gboolean
add_up(Request *request, void *data)
{
    Today *today = data;
    g_autoptr(GPtrArray) approvals =
        store_approvals(today->desk->store, request->id, &today->error);

    for (guint i = 0; approvals && i < approvals->len; i++) {
        if (!is_theirs(today, g_ptr_array_index(approvals, i)) || !request->has_amount)
            continue;
        today->amount = split_add(today->amount, request->amount);
        today->count++;
        break;
    }
    return approvals != NULL;
}

/* What was approved today is open yet, or was posted today. */
static gboolean
count_today(Today *today, GError **error)
{
    const RequestFilter filters[] = {
        {.states = STATE_BIT(STATE_PENDING) | STATE_BIT(STATE_APPROVED) | STATE_BIT(STATE_POSTING) |
                   STATE_BIT(STATE_UNCONFIRMED) | STATE_BIT(STATE_FAILED) | STATE_BIT(STATE_DEAD),
         .brief = TRUE},
        {.states = STATE_BIT(STATE_POSTED),
         .decided_since = today->since,
         .brief = TRUE,
         .order = ORDER_DECIDED},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(filters); i++) {
        if (!store_requests(today->desk->store, &filters[i], add_up, today, error))
            return FALSE;
        if (today->error) {
            g_propagate_error(error, today->error);
            return FALSE;
        }
    }
    return TRUE;
}

/* The operator's own total is counted once as long as nothing is committed, so that many previews
 * in a row cost no more than one. */
gboolean
today_of(Desk *desk, const char *person, gint64 uid, gint64 *amount, gint64 *count, GError **error)
{
    gint64 now = desk_now(desk), since = now - now % DAY, stamp = store_stamp(desk->store);
    gboolean own = uid == desk->uid;
    Today today = {.desk = desk, .person = person, .uid = uid, .since = since};

    g_mutex_lock(&desk->today_lock);
    TodayTotal kept = desk->today;
    g_mutex_unlock(&desk->today_lock);
    if (!own || kept.since != since || kept.stamp != stamp) {
        if (!count_today(&today, error))
            return FALSE;
        kept = (TodayTotal){since, stamp, today.amount, today.count};
    }
    if (own) {
        g_mutex_lock(&desk->today_lock);
        desk->today = kept;
        g_mutex_unlock(&desk->today_lock);
    }
    *amount = kept.amount;
    *count = kept.count;
    return TRUE;
}
