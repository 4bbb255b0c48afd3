/* stats.c: figures about the past, and what is let go of it. */
#include "store/counts.h"
#include "store/sql.h"

#define DAY (24 * G_TIME_SPAN_HOUR)

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

typedef struct {
    gint64 since, now;
    StoreStats stats;
} Asking;

#define PASSES                                                                                     \
    "SELECT finished_at - started_at AS d FROM passes WHERE started_at >= ?1 AND finished_at > 0"

static double
rate(gint64 done, gint64 dead)
{
    return done + dead ? (double)done / (double)(done + dead) : -1.0;
}

/* Whole days from the kept counts, the part of the first one from its requests. */
static gboolean
ask_requests(Store *store, gint64 since, StoreStats *s, GError **error)
{
    g_autofree char *currency = counts_currency(store);
    g_strlcpy(s->currency, currency ? currency : "", sizeof s->currency);
    g_autoptr(Statement) row = sql_prepare(
        store,
        "SELECT state, sum(count), sum(iif(currency = ?2, units, 0)), "
        "sum(iif(currency = ?2, micros, 0)) FROM (SELECT state, count, currency, units, micros "
        "FROM activity WHERE side = 'in' AND day > (?1 - 1) / 86400000000 UNION ALL "
        "SELECT q.state, " COUNT_ONE("q") ", " COUNT_CURRENCY("q") ", " COUNT_UNITS(
            "q") ", " COUNT_MICROS("q") " FROM requests q WHERE q.received_at >= ?1 AND "
                                        "q.received_at < "
                                        "((?1 - 1) / 86400000000 + 1) * 86400000000) GROUP BY "
                                        "state",
        error);
    if (!row)
        return FALSE;
    sql_bind(row, "is", MAX(since, 1), s->currency);
    gint64 count[STATE_COUNT] = {0};
    Step step;
    while ((step = sql_step(row, error)) == STEP_ROW) {
        RequestState state = STATE_NEW;
        if (!state_parse(sql_text(row, 0), &state))
            continue;
        count[state] = sql_int(row, 1);
        s->requests += count[state];
        if (state == STATE_POSTED)
            s->amount_posted = counts_sum(sql_int(row, 2), sql_int(row, 3));
    }
    s->posted = count[STATE_POSTED];
    s->rejected = count[STATE_REJECTED];
    s->ignored = count[STATE_IGNORED];
    s->failed = count[STATE_FAILED] + count[STATE_DEAD];
    s->success_rate = rate(s->posted + s->rejected + s->ignored, count[STATE_DEAD]);
    return step == STEP_DONE;
}

static gboolean
ask_median(Store *store, gint64 since, StoreStats *s, GError **error)
{
    g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_autoptr(Statement) row = sql_prepare(
        store,
        "SELECT decided_at - received_at FROM requests INDEXED BY requests_in_state_received "
        "WHERE state IN ('posted', 'rejected', 'ignored') AND received_at >= ?1",
        error);
    if (!row)
        return FALSE;
    sql_bind_int(row, 1, since);
    Step step;
    while ((step = sql_step(row, error)) == STEP_ROW) {
        gint64 time = sql_int(row, 0);
        g_array_append_val(times, time);
    }
    s->median_decision = MAX(counts_median(times), 0);
    return step == STEP_DONE;
}

static gboolean
ask_periods(Store *store, gint64 now, StoreStats *s, GError **error)
{
    const guint n_weeks = G_N_ELEMENTS(s->weeks);
    DayActivity days[7 * G_N_ELEMENTS(((StoreStats *)NULL)->weeks)];
    /* Days of the calendar (UTC), today's being the newest; a week is seven of them. */
    if (!store_activity(store, now / DAY - 7 * n_weeks + 1, 7 * n_weeks, days, error))
        return FALSE;
    for (guint week = 0; week < n_weeks; week++) {
        gint64 done = 0, dead = 0;
        for (guint i = 0; i < 7; i++) {
            const DayActivity *day = &days[7 * (n_weeks - week) - 1 - i];
            s->weeks[week] += day->received;
            s->amounts[week] += day->amount;
            done += day->done;
            dead += day->dead;
        }
        s->success[week] = rate(done, dead);
    }
    for (guint i = 0; i < G_N_ELEMENTS(s->days); i++)
        s->days[i] = days[7 * n_weeks - 1 - i].received;
    return TRUE;
}

static gboolean
ask_all(Store *store, void *data, GError **error)
{
    Asking *asking = data;
    StoreStats *s = &asking->stats;
    return ask_requests(store, asking->since, s, error) &&
           ask_median(store, asking->since, s, error) &&
           sql_query_int(store, &s->pass_count, error, "SELECT count(*) FROM (" PASSES ")", "i",
                         asking->since) &&
           sql_query_int(
               store, &s->pass_failed, error,
               "SELECT count(*) FROM passes WHERE started_at >= ?1 AND finished_at > 0 AND "
               "status <> 'ok'",
               "i", asking->since) &&
           percentile(store, PASSES, asking->since, 50, &s->pass_median, error) &&
           percentile(store, PASSES, asking->since, 95, &s->pass_p95, error) &&
           ask_periods(store, asking->now, s, error);
}

gboolean
store_stats(Store *store, gint64 since, gint64 now, StoreStats *stats, GError **error)
{
    Asking asking = {.since = since, .now = now};
    if (!store_snapshot(store, ask_all, &asking, error))
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
