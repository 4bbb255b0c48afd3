/* counts.c: counts, sums and medians: of states, of days, and of what a filter shows. */
#include "store/counts.h"

#include "store/filter.h"

gint64
counts_sum(gint64 units, gint64 micros)
{
    gint64 sum = 0;
    if (__builtin_mul_overflow(units, G_GINT64_CONSTANT(1000000), &sum) ||
        __builtin_add_overflow(sum, micros, &sum))
        return units < 0 ? G_MININT64 : G_MAXINT64;
    return sum;
}

char *
counts_currency(Store *store)
{
    return sql_query_text(store, NULL,
                          "SELECT currency FROM totals WHERE currency <> '' GROUP BY currency "
                          "ORDER BY sum(count) DESC, currency LIMIT 1",
                          "");
}

static int
compare_times(gconstpointer a, gconstpointer b)
{
    gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
    return x < y ? -1 : x > y;
}

gint64
counts_median(GArray *times)
{
    if (times->len == 0)
        return -1;
    g_array_sort(times, compare_times);
    return g_array_index(times, gint64, (times->len - 1) / 2);
}

/* -- by state -- */

static gboolean
add_total(Statement *statement, StateCounts *counts, GError **error)
{
    RequestState state = STATE_NEW;
    if (!state_parse(sql_text(statement, 0), &state)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_STORE,
                    "the totals of the state name an unknown state: run `creditbot state verify`");
        return FALSE;
    }
    counts->count[state] += sql_int(statement, 1);
    const char *currency = sql_text(statement, 2);
    if (g_strcmp0(currency, counts->currency) != 0)
        return TRUE;
    counts->amount[state] = counts_sum(sql_int(statement, 3), sql_int(statement, 4));
    return TRUE;
}

static gboolean
read_totals(Store *store, StateCounts *counts, GError **error)
{
    g_autofree char *currency = counts_currency(store);
    g_strlcpy(counts->currency, currency ? currency : "", sizeof counts->currency);
    g_autoptr(Statement) statement =
        sql_prepare(store, "SELECT state, count, currency, units, micros FROM totals", error);
    if (!statement)
        return FALSE;
    Step step;
    while ((step = sql_step(statement, error)) == STEP_ROW)
        if (!add_total(statement, counts, error))
            return FALSE;
    return step == STEP_DONE;
}

static char *
late_sql(void)
{
    GString *sql = g_string_new("SELECT count(*) FROM requests WHERE state IN (");
    const char *separator = "";
    for (int i = 0; i < STATE_COUNT; i++) {
        if (!(STATES_OPEN & STATE_BIT(i)))
            continue;
        g_string_append_printf(sql, "%s'%s'", separator, state_name((RequestState)i));
        separator = ", ";
    }
    g_string_append(sql, ") AND received_at < ?1");
    return g_string_free(sql, FALSE);
}

gboolean
store_counts(Store *store, gint64 late_before, StateCounts *counts, GError **error)
{
    StateCounts fresh = {0};
    g_autofree char *late = late_sql();
    if (!read_totals(store, &fresh, error) ||
        (late_before && !sql_query_int(store, &fresh.late, error, late, "i", late_before)))
        return FALSE;
    *counts = fresh;
    return TRUE;
}

/* -- by day -- */

static void
add_day(Statement *row, const char *currency, DayActivity *day)
{
    RequestState state = STATE_NEW;
    gint64 count = sql_int(row, 3);
    if (!state_parse(sql_text(row, 2), &state))
        return;
    if (g_strcmp0(sql_text(row, 1), "in") == 0) {
        day->received += count;
        *(STATE_BIT(state) & STATES_CLOSED ? &day->done
          : state == STATE_DEAD            ? &day->dead
                                           : &day->open) += count;
        return;
    }
    *(state == STATE_POSTED     ? &day->posted
      : state == STATE_REJECTED ? &day->rejected
      : state == STATE_IGNORED  ? &day->ignored
                                : &day->given_up) += count;
    if (state == STATE_POSTED && g_strcmp0(sql_text(row, 4), currency) == 0)
        day->amount = counts_sum(sql_int(row, 5), sql_int(row, 6));
}

gboolean
store_activity(Store *store, gint64 first, guint n, DayActivity *days, GError **error)
{
    g_autofree char *currency = counts_currency(store);
    g_autoptr(Statement) row =
        sql_prepare(store,
                    "SELECT day, side, state, count, currency, units, micros FROM activity "
                    "WHERE day >= ?1 AND day < ?2",
                    error);
    if (!row)
        return FALSE;
    sql_bind(row, "ii", first, first + n);
    for (guint i = 0; i < n; i++)
        days[i] = (DayActivity){.day = first + i};
    Step step;
    while ((step = sql_step(row, error)) == STEP_ROW)
        add_day(row, currency, &days[sql_int(row, 0) - first]);
    return step == STEP_DONE;
}

/* -- of what a filter shows -- */

static void
add_sum(FilterTotals *totals, const char *currency, gint64 amount)
{
    guint i = 0;
    while (i < totals->n_sums && g_strcmp0(totals->sums[i].currency, currency) != 0)
        i++;
    if (i == TOTALS_CURRENCIES)
        return;
    if (i == totals->n_sums)
        g_strlcpy(totals->sums[totals->n_sums++].currency, currency,
                  sizeof totals->sums[i].currency);
    gint64 *sum = &totals->sums[i].amount;
    if (__builtin_add_overflow(*sum, amount, sum))
        *sum = amount < 0 ? G_MININT64 : G_MAXINT64;
}

static gboolean
read_filter_totals(Store *store, const RequestFilter *filter, FilterTotals *totals, GError **error)
{
    g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_autoptr(Statement) row = filter_prepare_totals(store, filter, error);
    if (!row)
        return FALSE;
    Step step;
    while ((step = sql_step(row, error)) == STEP_ROW) {
        gint64 decided = sql_int(row, 2), time = decided - sql_int(row, 3);
        totals->count++;
        if (decided > 0)
            g_array_append_val(times, time);
        if (!sql_is_null(row, 0) && !sql_is_null(row, 1))
            add_sum(totals, sql_text(row, 0), sql_int(row, 1));
    }
    totals->decided = times->len;
    totals->median = counts_median(times);
    return step == STEP_DONE;
}

gboolean
store_totals(Store *store, const RequestFilter *filter, FilterTotals *totals, GError **error)
{
    FilterTotals fresh = {0};
    if (cancel_check(filter->cancel, error))
        return FALSE;
    sql_watch(store, filter->cancel);
    gboolean done = read_filter_totals(store, filter, &fresh, error);
    sql_unwatch(store, filter->cancel);
    if (done)
        *totals = fresh;
    return done;
}
