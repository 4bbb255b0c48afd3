/* stats.c: figures about the past, and what is let go of it. */
#include "store/sql.h"

#define DAY  (24 * G_TIME_SPAN_HOUR)
#define WEEK (7 * DAY)

static gboolean
count_state(Store *store, RequestState state, gint64 since, gint64 *n, GError **error)
{
    return sql_query_int(store, n, error,
                         "SELECT count(*) FROM requests WHERE state = ?1 AND received_at >= ?2",
                         "si", state_name(state), since);
}

static gboolean
sum_posted(Store *store, gint64 since, gint64 *sum, GError **error)
{
    gint64 units = 0, micros = 0;
    const char *const sqls[] = {
        "SELECT ifnull(sum(amount / 1000000), 0) FROM requests WHERE state = 'posted' AND "
        "received_at >= ?1",
        "SELECT ifnull(sum(amount % 1000000), 0) FROM requests WHERE state = 'posted' AND "
        "received_at >= ?1",
    };
    if (!sql_query_int(store, &units, error, sqls[0], "i", since) ||
        !sql_query_int(store, &micros, error, sqls[1], "i", since))
        return FALSE;
    if (__builtin_mul_overflow(units, G_GINT64_CONSTANT(1000000), sum) ||
        __builtin_add_overflow(*sum, micros, sum))
        *sum = G_MAXINT64;
    return TRUE;
}

/* The value below which percent of 100 of the single column of from lie; 0 without rows. */
static gboolean
percentile(Store *store, const char *from, gint64 since, gint64 percent, gint64 *value,
           GError **error)
{
    g_autofree char *counting = g_strconcat("SELECT count(*) FROM (", from, ")", NULL);
    g_autofree char *picking =
        g_strconcat("SELECT d FROM (", from, ") ORDER BY d LIMIT 1 OFFSET ?2", NULL);
    gint64 n = 0;
    if (!sql_query_int(store, &n, error, counting, "i", since))
        return FALSE;
    return n == 0 ||
           sql_query_int(store, value, error, picking, "ii", since, (n - 1) * percent / 100);
}

static gboolean
count_periods(Store *store, gint64 end, gint64 length, gint64 *counts, guint n, GError **error)
{
    for (guint i = 0; i < n; i++)
        if (!sql_query_int(
                store, &counts[i], error,
                "SELECT count(*) FROM requests WHERE received_at >= ?1 AND received_at < ?2", "ii",
                end - (gint64)(i + 1) * length, end - (gint64)i * length))
            return FALSE;
    return TRUE;
}

typedef struct {
    gint64 since, now;
    StoreStats stats;
} Asking;

#define DECIDED                                                                                    \
    "SELECT iif(state = 'posted', posted_at, state_at) - received_at AS d FROM requests "          \
    "WHERE state IN ('posted', 'rejected', 'ignored') AND received_at >= ?1"
#define PASSES                                                                                     \
    "SELECT finished_at - started_at AS d FROM passes WHERE started_at >= ?1 AND finished_at > 0"

static gboolean
ask_requests(Store *store, const Asking *asking, StoreStats *s, GError **error)
{
    gint64 dead = 0, since = asking->since;
    if (!sql_query_int(store, &s->requests, error,
                       "SELECT count(*) FROM requests WHERE received_at >= ?1", "i", since) ||
        !count_state(store, STATE_POSTED, since, &s->posted, error) ||
        !count_state(store, STATE_REJECTED, since, &s->rejected, error) ||
        !count_state(store, STATE_IGNORED, since, &s->ignored, error) ||
        !count_state(store, STATE_FAILED, since, &s->failed, error) ||
        !count_state(store, STATE_DEAD, since, &dead, error) ||
        !sum_posted(store, since, &s->amount_posted, error) ||
        !percentile(store, DECIDED, since, 50, &s->median_decision, error))
        return FALSE;
    gint64 decided = s->posted + s->rejected + s->ignored;
    s->success_rate = decided + dead ? (double)decided / (double)(decided + dead) : 1.0;
    s->failed += dead;
    return TRUE;
}

static gboolean
ask_all(Store *store, void *data, GError **error)
{
    Asking *asking = data;
    StoreStats *s = &asking->stats;
    /* Days of the calendar (UTC), today's being the newest; a week is seven of them. */
    gint64 end = asking->now - asking->now % DAY + DAY;
    return ask_requests(store, asking, s, error) &&
           sql_query_int(store, &s->pass_count, error, "SELECT count(*) FROM (" PASSES ")", "i",
                         asking->since) &&
           sql_query_int(
               store, &s->pass_failed, error,
               "SELECT count(*) FROM passes WHERE started_at >= ?1 AND finished_at > 0 AND "
               "status <> 'ok'",
               "i", asking->since) &&
           percentile(store, PASSES, asking->since, 50, &s->pass_median, error) &&
           percentile(store, PASSES, asking->since, 95, &s->pass_p95, error) &&
           count_periods(store, end, WEEK, s->weeks, G_N_ELEMENTS(s->weeks), error) &&
           count_periods(store, end, DAY, s->days, G_N_ELEMENTS(s->days), error);
}

gboolean
store_stats(Store *store, gint64 since, gint64 now, StoreStats *stats, GError **error)
{
    Asking asking = {.since = since, .now = now};
    if (!sql_snapshot(store, ask_all, &asking, error))
        return FALSE;
    *stats = asking.stats;
    return TRUE;
}

/* -- prune -- */

typedef struct {
    gint64 before;
    PruneCounts counts;
} Pruning;

static gboolean
prune_one(Store *store, const char *sql, gint64 before, gint64 *n, GError **error)
{
    if (!sql_run(store, error, sql, "i", before))
        return FALSE;
    *n = sqlite3_changes64(store->db);
    return TRUE;
}

static gboolean
prune_all(Store *store, void *data, GError **error)
{
    Pruning *pruning = data;
    /* The newest run of a request stays, so that no number is given twice. */
    return prune_one(store, "DELETE FROM logs WHERE at < ?1", pruning->before,
                     &pruning->counts.logs, error) &&
           prune_one(store,
                     "DELETE FROM passes WHERE started_at < ?1 AND finished_at > 0 AND status <> "
                     "'running'",
                     pruning->before, &pruning->counts.passes, error) &&
           prune_one(
               store,
               "DELETE FROM runs WHERE finished_at < ?1 AND (status <> 'done' OR dry = 1) AND "
               "NOT EXISTS (SELECT 1 FROM requests q WHERE q.run_id = runs.id) AND "
               "NOT EXISTS (SELECT 1 FROM posts p WHERE p.request_id = runs.request_id AND "
               "p.run_id = runs.id) AND "
               "number < (SELECT max(n.number) FROM runs n WHERE n.request_id = "
               "runs.request_id)",
               pruning->before, &pruning->counts.runs, error);
}

gboolean
store_prune(Store *store, gint64 before, PruneCounts *counts, GError **error)
{
    Pruning pruning = {.before = before};
    if (!store_transact(store, prune_all, &pruning, error))
        return FALSE;
    if (counts)
        *counts = pruning.counts;
    return TRUE;
}
