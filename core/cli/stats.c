/* stats.c: `creditbot stats`: how the desk does. */
#include "base/clock.h"
#include "base/money.h"
#include "cli/present.h"
#include "cli/session.h"

#define BAR      32
#define WEEK_BAR 16
/* What the weekly check of the desk wants. */
#define GOOD_RATE 0.95

typedef struct {
    char *since;
} Options;

static const OptSpec specs[] = {
    {"since", 's', OPT_TEXT, G_STRUCT_OFFSET(Options, since), "TIME",
     "count from then on: 30d, 2026-09-14"},
    {NULL},
};

static cJSON *
numbers(const gint64 *values, gsize n)
{
    cJSON *array = cJSON_CreateArray();
    for (gsize i = 0; i < n; i++)
        cJSON_AddItemToArray(array, cJSON_CreateNumber((double)values[i]));
    return array;
}

/* null: nothing was decided */
static cJSON *
rate_json(double rate)
{
    return rate < 0 ? cJSON_CreateNull() : cJSON_CreateNumber(rate);
}

static cJSON *
stats_to_json(const StoreStats *stats, const StateCounts *counts, guint glass)
{
    cJSON *json = cJSON_CreateObject(), *states = cJSON_AddObjectToObject(json, "states");
    g_autofree char *amount = money_format(stats->amount_posted);
    for (int i = 0; i < STATE_COUNT; i++)
        json_add_int(states, state_name((RequestState)i), counts->count[i]);
    json_add_int(json, "requests", stats->requests);
    json_add_int(json, "posted", stats->posted);
    json_add_int(json, "rejected", stats->rejected);
    json_add_int(json, "ignored", stats->ignored);
    json_add_int(json, "failed", stats->failed);
    json_add_int(json, "break_glass_open", glass);
    json_add(json, "amount_posted", amount);
    json_add(json, "currency", *stats->currency ? stats->currency : NULL);
    cJSON_AddItemToObject(json, "success_rate", rate_json(stats->success_rate));
    json_add_int(json, "median_decision_ms", stats->median_decision / 1000);
    json_add_int(json, "passes", stats->pass_count);
    json_add_int(json, "passes_failed", stats->pass_failed);
    json_add_int(json, "pass_median_ms", stats->pass_median / 1000);
    json_add_int(json, "pass_p95_ms", stats->pass_p95 / 1000);
    cJSON_AddItemToObject(json, "weeks", numbers(stats->weeks, G_N_ELEMENTS(stats->weeks)));
    cJSON *success = cJSON_AddArrayToObject(json, "success_weeks");
    cJSON *amounts = cJSON_AddArrayToObject(json, "amount_weeks");
    for (gsize i = 0; i < G_N_ELEMENTS(stats->weeks); i++) {
        g_autofree char *posted = money_format(stats->amounts[i]);
        cJSON_AddItemToArray(success, rate_json(stats->success[i]));
        cJSON_AddItemToArray(amounts, cJSON_CreateString(posted));
    }
    cJSON_AddItemToObject(json, "days", numbers(stats->days, G_N_ELEMENTS(stats->days)));
    return json;
}

static void
print_bars(Out *out, const char *unit, const gint64 *values, int n)
{
    gint64 most = 0;
    int shown = 1;
    for (int i = 0; i < n; i++) {
        most = MAX(most, values[i]);
        shown = values[i] ? i + 1 : shown;
    }
    for (int i = 0; i < shown; i++) {
        g_autofree char *bar = present_bar(values[i], most, BAR);
        g_autofree char *label = i == 0
                                     ? g_strdup_printf("this %s", unit)
                                     : g_strdup_printf("%d %s%s ago", i, unit, i == 1 ? "" : "s");
        out_printf(out, "  %-13s%6" G_GINT64_FORMAT " %s\n", label, values[i], bar);
    }
}

/* The trend: volume, and how much of it went well and out. */
static void
print_weeks(Out *out, const StoreStats *stats)
{
    gint64 most = 0;
    guint shown = 1;
    for (guint i = 0; i < G_N_ELEMENTS(stats->weeks); i++) {
        most = MAX(most, stats->weeks[i]);
        shown = stats->weeks[i] ? i + 1 : shown;
    }
    out_printf(out, "\nrequests a week, their success, posted\n");
    for (guint i = 0; i < shown; i++) {
        g_autofree char *bar = present_bar(stats->weeks[i], most, WEEK_BAR);
        g_autofree char *label = i ? g_strdup_printf("%u week%s ago", i, i == 1 ? "" : "s") : NULL;
        g_autofree char *rate =
            stats->success[i] < 0 ? NULL : g_strdup_printf("%.1f %%", stats->success[i] * 100.0);
        g_autofree char *posted = present_money(stats->amounts[i], stats->currency);
        out_printf(out, "  %-13s%6" G_GINT64_FORMAT " %-*s %8s %18s%s\n",
                   label ? label : "this week", stats->weeks[i], WEEK_BAR, bar, rate ? rate : "-",
                   posted, rate && stats->success[i] < GOOD_RATE ? " !" : "");
    }
}

static void
print_text(Out *out, const StoreStats *stats, const StateCounts *counts, guint glass)
{
    g_autofree char *posted = present_money(stats->amount_posted, stats->currency);
    g_autofree char *decision = duration_short(stats->median_decision);
    out_field_f(out, "requests", "%" G_GINT64_FORMAT, stats->requests);
    out_field_f(out, "posted", "%" G_GINT64_FORMAT ", %s in all", stats->posted, posted);
    out_field_f(out, "rejected", "%" G_GINT64_FORMAT, stats->rejected);
    out_field_f(out, "ignored", "%" G_GINT64_FORMAT, stats->ignored);
    out_field_f(out, "failed", "%" G_GINT64_FORMAT, stats->failed);
    if (stats->success_rate < 0) {
        out_field_f(out, "success", "nothing was decided yet");
    } else {
        out_field_f(out, "success", "%.1f %%%s", stats->success_rate * 100.0,
                    stats->success_rate < GOOD_RATE ? ", below the 95 % of the weekly check" : "");
        out_field_f(out, "decided in", "%s (median)", decision);
    }
    for (int i = 0; i < STATE_COUNT; i++) {
        if ((STATES_OPEN & STATE_BIT(i)) && counts->count[i])
            out_field_f(out, state_name((RequestState)i), "%" G_GINT64_FORMAT " now",
                        counts->count[i]);
    }
    if (glass)
        out_field_f(out, "break-glass", "%u not reviewed (creditbot review)", glass);
    out_field_f(out, "passes",
                "%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT " failed; %.1f s median, %.1f s at 95 %%",
                stats->pass_count, stats->pass_failed, (double)stats->pass_median / 1e6,
                (double)stats->pass_p95 / 1e6);
    print_weeks(out, stats);
    out_printf(out, "\nrequests a day (UTC)\n");
    print_bars(out, "day", stats->days, G_N_ELEMENTS(stats->days));
}

/* Approvals by breaking the glass that nobody looked at yet. */
static gboolean
count_glass(Store *store, guint *glass, GError **error)
{
    g_autoptr(GPtrArray) open = store_break_glass(store, TRUE, error);
    *glass = open ? open->len : 0;
    return open != NULL;
}

static int
run(Session *session, const void *data, char **args, GError **error)
{
    (void)args;
    const Options *options = data;
    gint64 now = clock_now(NULL), since = 0;
    StoreStats stats = {0};
    StateCounts counts = {0};
    guint glass = 0;
    if (options->since && !time_parse_since(options->since, now, &since, error))
        return 2;
    if (session->store && (!store_stats(session->store, since, now, &stats, error) ||
                           !store_counts(session->store, 0, &counts, error) ||
                           !count_glass(session->store, &glass, error)))
        return 1;
    if (session->globals->json)
        out_json(session->out, stats_to_json(&stats, &counts, glass));
    else
        print_text(session->out, &stats, &counts, glass);
    return 0;
}

const Command command_stats = {
    .name = "stats",
    .help = "success rate, counts a week, durations",
    .about =
        "success is the share of requests that were posted, rejected or ignored among all that\n"
        "were decided or gave up; the weekly check wants 95 %, less is marked with '!'. decided\n"
        "in counts from the message in Slack. A week is seven days (UTC), the newest ending with\n"
        "today; its success is of the requests that came in it, posted what was posted in it. Of\n"
        "a request that was corrected the correction alone is in the sums.",
    .options = specs,
    .options_size = sizeof(Options),
    .flags = CMD_READS | CMD_JSON | CMD_BATCH_OK,
    .func = run,
};
