/* stats.c: `creditbot stats`: how the desk does. */
#include "base/clock.h"
#include "base/money.h"
#include "cli/present.h"
#include "cli/session.h"

#define BAR 32

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

static cJSON *
stats_to_json(const StoreStats *stats, const StateCounts *counts)
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
    json_add(json, "amount_posted", amount);
    cJSON_AddNumberToObject(json, "success_rate", stats->success_rate);
    json_add_int(json, "median_decision_ms", stats->median_decision / 1000);
    json_add_int(json, "passes", stats->pass_count);
    json_add_int(json, "passes_failed", stats->pass_failed);
    json_add_int(json, "pass_median_ms", stats->pass_median / 1000);
    json_add_int(json, "pass_p95_ms", stats->pass_p95 / 1000);
    cJSON_AddItemToObject(json, "weeks", numbers(stats->weeks, G_N_ELEMENTS(stats->weeks)));
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

static void
print_text(Out *out, const StoreStats *stats, const StateCounts *counts)
{
    g_autofree char *posted = money_display(stats->amount_posted);
    g_autofree char *decision = duration_short(stats->median_decision);
    out_field_f(out, "requests", "%" G_GINT64_FORMAT, stats->requests);
    out_field_f(out, "posted", "%" G_GINT64_FORMAT ", %s in all", stats->posted, posted);
    out_field_f(out, "rejected", "%" G_GINT64_FORMAT, stats->rejected);
    out_field_f(out, "ignored", "%" G_GINT64_FORMAT, stats->ignored);
    out_field_f(out, "failed", "%" G_GINT64_FORMAT, stats->failed);
    out_field_f(out, "success", "%.1f %%", stats->success_rate * 100.0);
    out_field_f(out, "decided in", "%s (median)", decision);
    for (int i = 0; i < STATE_COUNT; i++) {
        if ((STATES_OPEN & STATE_BIT(i)) && counts->count[i])
            out_field_f(out, state_name((RequestState)i), "%" G_GINT64_FORMAT " now",
                        counts->count[i]);
    }
    out_field_f(out, "passes",
                "%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT " failed; %.1f s median, %.1f s at 95 %%",
                stats->pass_count, stats->pass_failed, (double)stats->pass_median / 1e6,
                (double)stats->pass_p95 / 1e6);
    out_printf(out, "\nrequests a week\n");
    print_bars(out, "week", stats->weeks, G_N_ELEMENTS(stats->weeks));
    out_printf(out, "\nrequests a day (UTC)\n");
    print_bars(out, "day", stats->days, G_N_ELEMENTS(stats->days));
}

static int
run(Session *session, const void *data, char **args, GError **error)
{
    (void)args;
    const Options *options = data;
    gint64 now = clock_now(NULL), since = 0;
    StoreStats stats = {0};
    StateCounts counts = {0};
    if (options->since && !time_parse_since(options->since, now, &since, error))
        return 2;
    if (session->store && (!store_stats(session->store, since, now, &stats, error) ||
                           !store_counts(session->store, 0, &counts, error)))
        return 1;
    if (session->globals->json)
        out_json(session->out, stats_to_json(&stats, &counts));
    else
        print_text(session->out, &stats, &counts);
    return 0;
}

const Command command_stats = {
    .name = "stats",
    .help = "success rate, counts a week, durations",
    .about =
        "success is the share of requests that were posted, rejected or ignored among all that\n"
        "were decided or gave up. decided in counts from the message in Slack.",
    .options = specs,
    .options_size = sizeof(Options),
    .flags = CMD_READS | CMD_JSON | CMD_BATCH_OK,
    .func = run,
};
