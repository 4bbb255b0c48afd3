/* history_sums.c: what the history shows, in sum: asked on a reader of its own. */
#include "tui/views/history.h"

#include "base/clock.h"
#include "base/money.h"

/* After a count that took long, the next waits so many times as long: a busy desk is not counted
 * all the time. */
#define REST_TIMES 10

struct Sums {
    Console *console;
    Reader *reader;
    Cancel *cancel; /* of the question on its way; NULL: none is */
    Query *where;   /* asked for last */
    gboolean stale, counted, failed;
    gint64 rest_until; /* monotonic */
    FilterTotals totals;
    DayActivity *days; /* NULL: not read yet */
};

typedef struct {
    Sums *sums;
    Cancel *cancel;
    Query *where;
    gint64 first_day, took;
    gboolean ok;
    FilterTotals totals;
    DayActivity *days;
} SumsAsk;

static void
ask_free(gpointer data)
{
    SumsAsk *ask = data;
    cancel_unref(ask->cancel);
    query_unref(ask->where);
    g_free(ask->days);
    g_free(ask);
}

static void
ask_read(Store *store, gpointer data)
{
    SumsAsk *ask = data;
    gint64 begun = g_get_monotonic_time();
    RequestFilter filter = {.states = STATES_CLOSED,
                            .order = ORDER_DECIDED,
                            .query = ask->where,
                            .cancel = ask->cancel};
    ask->ok = store_activity(store, ask->first_day, HISTORY_DAYS, ask->days, NULL) &&
              store_totals(store, &filter, &ask->totals, NULL);
    ask->took = g_get_monotonic_time() - begun;
}

static void ask_now(Sums *sums);

static void
ask_done(gpointer data)
{
    SumsAsk *ask = data;
    Sums *sums = ask->sums;
    gboolean given_up = cancel_fired(ask->cancel);
    g_clear_pointer(&sums->cancel, cancel_unref);
    if (!given_up) {
        sums->counted = ask->ok;
        sums->failed = !ask->ok;
        sums->totals = ask->totals;
        sums->rest_until = g_get_monotonic_time() + REST_TIMES * ask->took;
        g_free(sums->days);
        sums->days = g_steal_pointer(&ask->days);
    }
    if (given_up)
        ask_now(sums);
    console_touch(sums->console);
}

static void
ask_now(Sums *sums)
{
    SumsAsk *ask = g_new0(SumsAsk, 1);
    ask->sums = sums;
    ask->cancel = cancel_new();
    ask->where = sums->where ? query_ref(sums->where) : NULL;
    ask->first_day = console_now(sums->console) / G_TIME_SPAN_DAY - HISTORY_DAYS + 1;
    ask->days = g_new0(DayActivity, HISTORY_DAYS);
    sums->cancel = cancel_ref(ask->cancel);
    sums->stale = FALSE;
    reader_ask(sums->reader, ask_read, ask_done, ask, ask_free);
}

Sums *
sums_new(Console *console)
{
    g_autofree char *path = console_store_path(console, NULL);
    Sums *sums = g_new0(Sums, 1);
    sums->console = console;
    sums->stale = TRUE;
    if (path)
        sums->reader =
            reader_new(console->mailbox,
                       &(ReaderOptions){.path = path,
                                        .group = config_string(console->config, "store", "group")});
    return sums;
}

void
sums_free(Sums *sums)
{
    cancel_fire(sums->cancel);
    reader_free(sums->reader);
    cancel_unref(sums->cancel);
    query_unref(sums->where);
    g_free(sums->days);
    g_free(sums);
}

void
sums_want(Sums *sums, const Query *where, gboolean changed)
{
    const char *before = sums->where ? query_text(sums->where) : NULL;
    gboolean other = g_strcmp0(before, where ? query_text(where) : NULL) != 0;
    if (!sums->reader)
        return;
    sums->stale = sums->stale || changed;
    if (other) {
        query_unref(sums->where);
        sums->where = where ? query_ref((Query *)(gintptr)where) : NULL;
        sums->counted = FALSE;
        if (sums->cancel)
            cancel_fire(sums->cancel); /* asked anew when it has ended */
        else
            ask_now(sums);
    } else if (sums->stale && !sums->cancel && g_get_monotonic_time() >= sums->rest_until) {
        ask_now(sums);
    }
}

const FilterTotals *
sums_totals(const Sums *sums)
{
    return sums->counted ? &sums->totals : NULL;
}

const DayActivity *
sums_days(const Sums *sums)
{
    return sums->days;
}

char *
sums_words(const Sums *sums)
{
    const FilterTotals *totals = sums_totals(sums);
    if (!totals)
        return g_strdup(sums->failed ? "not counted" : "counting …");
    g_autofree char *count = wording_count(totals->count);
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "%s request%s", count, totals->count == 1 ? "" : "s");
    for (guint i = 0; i < totals->n_sums; i++) {
        g_autofree char *sum = money_display_in(totals->sums[i].amount, totals->sums[i].currency);
        g_string_append_printf(text, "%s%s", i ? " and " : ", ", sum);
    }
    if (totals->n_sums)
        g_string_append(text, " posted");
    if (totals->median >= 0) {
        g_autofree char *median = duration_short(totals->median);
        g_string_append_printf(text, ", decided in %s (median)", median);
    }
    return g_string_free(text, FALSE);
}
