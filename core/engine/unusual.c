/* unusual.c: what the desk's own history finds unusual about a new run, in two words each.
 *
 * Looked at: requests of the same customer or the same link, up to a quarter of a year around. */
#include "engine/desk_private.h"

#include <string.h>

#include "base/error.h"
#include "base/money.h"

#define AROUND     (90 * (gint64)86400 * G_USEC_PER_SEC)
#define MANY_TIMES 5

typedef struct {
    Desk *desk;
    const Request *request;
    const char *sql_sha256;
    GHashTable *days; /* "country detail day" that this run credits */
    gint64 last_posted, last_amount;
    gboolean asked_twice, sql_changed, credited_before;
    GArray *posted; /* run ids of posted results to be compared day by day */
} History;

static char *
segment_key(const CalcSegment *segment)
{
    return g_strjoin("\n", segment->country, segment->detail ? segment->detail : "", segment->day,
                     NULL);
}

static GHashTable *
credited_days(const CalcResult *result)
{
    GHashTable *days = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < result->segments->len; i++) {
        const CalcSegment *segment = g_ptr_array_index(result->segments, i);

        if (segment->credit > 0)
            g_hash_table_add(days, segment_key(segment));
    }
    return days;
}

/* States in which a request for the same link may still be posted. */
#define MAY_BE_POSTED                                                                              \
    (STATE_BIT(STATE_PENDING) | STATE_BIT(STATE_APPROVED) | STATE_BIT(STATE_POSTING) |             \
     STATE_BIT(STATE_UNCONFIRMED))

/* The request itself, or what it corrects, or what corrects it. */
static gboolean
is_same_message(const Request *other, const Request *request)
{
    return other->id == request->id || (g_strcmp0(other->channel, request->channel) == 0 &&
                                        g_strcmp0(other->ts, request->ts) == 0);
}

static gboolean
look_at(Request *other, void *data)
{
    History *history = data;
    const Request *request = history->request;

    if (is_same_message(other, request))
        return TRUE;
    if (g_strcmp0(other->link_ref, request->link_ref) == 0 &&
        g_strcmp0(other->link_kind, request->link_kind) == 0) {
        if (STATE_BIT(other->state) & MAY_BE_POSTED)
            history->asked_twice = TRUE;
        if (other->sql_sha256 && g_strcmp0(other->sql_sha256, history->sql_sha256) != 0)
            history->sql_changed = TRUE;
    }
    if (other->state != STATE_POSTED)
        return TRUE;
    g_array_append_val(history->posted, other->run_id);
    if (other->posted_at > history->last_posted) {
        history->last_posted = other->posted_at;
        history->last_amount = other->amount;
    }
    return TRUE;
}

static gboolean
shares_a_day(const CalcResult *earlier, GHashTable *days)
{
    for (guint i = 0; i < earlier->segments->len; i++) {
        const CalcSegment *segment = g_ptr_array_index(earlier->segments, i);
        g_autofree char *key = segment->credit > 0 ? segment_key(segment) : NULL;

        if (key && g_hash_table_contains(days, key))
            return TRUE;
    }
    return FALSE;
}

/* TRUE unless the state itself failed; a result that cannot be read is left out. */
static gboolean
compare_days(History *history, GError **error)
{
    for (guint i = 0; i < history->posted->len && !history->credited_before; i++) {
        g_autoptr(Run) run =
            store_run_get(history->desk->store, g_array_index(history->posted, gint64, i), error);

        if (!run)
            return FALSE;
        g_autoptr(cJSON) json = run->result ? cJSON_Parse(run->result) : NULL;
        g_autoptr(CalcResult) earlier = json ? calc_result_from_json(json, NULL) : NULL;
        if (earlier && shares_a_day(earlier, history->days))
            history->credited_before = TRUE;
    }
    return TRUE;
}

#define CREDITED_BEFORE "credited before"
#define ASKED_TWICE     "asked twice"
#define SQL_CHANGED     "SQL changed"
#define TIMES_LAST      "x last credit"
#define SPLIT_REQUESTS  "split requests"

/* Said by unusual_check(), not by a calculator or a person. */
static gboolean
is_of_history(const char *words)
{
    return g_str_equal(words, CREDITED_BEFORE) || g_str_equal(words, ASKED_TWICE) ||
           g_str_equal(words, SQL_CHANGED) || g_str_equal(words, SPLIT_REQUESTS) ||
           (g_ascii_isdigit(words[0]) && g_str_has_suffix(words, TIMES_LAST));
}

/* Together with others of the customer or link it is in a higher tier than by itself. */
static gboolean
is_split(Desk *desk, const Request *request, const CalcResult *result, gboolean *split,
         GError **error)
{
    g_auto(Policy) policy = {0};
    const Run run = {.request_id = request->id,
                     .amount = result->amount,
                     .currency = result->currency,
                     .customer = result->customer};

    if (!policy_of(desk, request, &run, &policy, error))
        return FALSE;
    *split = policy.split != NULL;
    return TRUE;
}

gboolean
unusual_renew(Desk *desk, const Request *request, CalcResult *result, const char *sql_sha256,
              GError **error)
{
    for (guint i = result->unusual->len; i > 0; i--)
        if (is_of_history(g_ptr_array_index(result->unusual, i - 1)))
            g_ptr_array_remove_index(result->unusual, i - 1);
    return unusual_check(desk, request, result, sql_sha256, result->unusual, error);
}

gboolean
unusual_check(Desk *desk, const Request *request, const CalcResult *result, const char *sql_sha256,
              GPtrArray *unusual, GError **error)
{
    g_autoptr(GHashTable) days = credited_days(result);
    g_autoptr(GArray) posted = g_array_new(FALSE, FALSE, sizeof(gint64));
    History history = {
        .desk = desk, .request = request, .sql_sha256 = sql_sha256, .days = days, .posted = posted};
    RequestFilter filter = {.since = MAX(request->received_at - AROUND, 1),
                            .until = request->received_at + AROUND,
                            .related_customer = result->customer,
                            .related_link = request->link_ref,
                            .brief = TRUE};

    gboolean split = FALSE;

    if (!store_requests(desk->store, &filter, look_at, &history, error) ||
        !compare_days(&history, error) || !is_split(desk, request, result, &split, error))
        return FALSE;
    if (split)
        g_ptr_array_add(unusual, g_strdup(SPLIT_REQUESTS));
    if (history.credited_before)
        g_ptr_array_add(unusual, g_strdup(CREDITED_BEFORE));
    if (history.asked_twice)
        g_ptr_array_add(unusual, g_strdup(ASKED_TWICE));
    if (history.sql_changed)
        g_ptr_array_add(unusual, g_strdup(SQL_CHANGED));
    if (history.last_amount > 0 && result->amount / history.last_amount >= MANY_TIMES)
        g_ptr_array_add(unusual, g_strdup_printf("%" G_GINT64_FORMAT TIMES_LAST,
                                                 result->amount / history.last_amount));
    return TRUE;
}
