/* policy.c: how many persons approve a result, and of which group one must be. */
#include "engine/policy.h"

#include <string.h>

#include "base/error.h"
#include "base/money.h"
#include "engine/desk_private.h"
#include "engine/person.h"

#define MOST_APPROVERS 9

void
policy_clear(Policy *policy)
{
    g_clear_pointer(&policy->others, g_free);
    g_clear_pointer(&policy->tier, g_free);
    g_clear_pointer(&policy->split, g_free);
}

/* -- the configuration -- */

typedef struct {
    gint64 from, need;
    const char *group; /* borrowed from the configuration */
} Tier;

static gboolean refuse(const Config *config, const char *section, const char *key, GError **error,
                       const char *format, ...) G_GNUC_PRINTF(5, 6);

static gboolean
refuse(const Config *config, const char *section, const char *key, GError **error,
       const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG, "%s: [%s] %s: %s",
                config_origin(config, section, key), section, key, what);
    return FALSE;
}

/* "5000:2:seniors" */
static gboolean
parse_tier(const Config *config, const char *item, Tier *tier, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(item, ":", 3);
    guint n = g_strv_length(parts);
    g_autoptr(GError) cause = NULL;

    if (n < 2)
        return refuse(config, "approval", "tiers", error,
                      "'%.60s' is not of the form AMOUNT:APPROVERS or AMOUNT:APPROVERS:GROUP",
                      item);
    if (!money_parse(parts[0], TRUE, &tier->from, &cause))
        return refuse(config, "approval", "tiers", error, "%s", cause->message);
    if (tier->from < 0)
        return refuse(config, "approval", "tiers", error, "'%.40s' is negative", parts[0]);
    if (!g_ascii_string_to_signed(parts[1], 10, 1, MOST_APPROVERS, &tier->need, NULL))
        return refuse(config, "approval", "tiers", error,
                      "'%.20s' in '%.60s' is not a number of approvers from 1 to %d", parts[1],
                      item, MOST_APPROVERS);
    tier->group = NULL;
    if (n == 3)
        tier->group = strchr(strchr(item, ':') + 1, ':') + 1;
    return TRUE;
}

/* A higher tier asks for at least what a lower one does. */
static gboolean
check_order(const Config *config, const Tier *before, const Tier *tier, const char *item,
            GError **error)
{
    if (tier->from <= before->from)
        return refuse(config, "approval", "tiers", error,
                      "'%.60s' is out of order: write the tiers from the smallest amount to the "
                      "largest",
                      item);
    if (tier->need < before->need)
        return refuse(config, "approval", "tiers", error,
                      "'%.60s' asks for fewer approvers than the tier before it", item);
    if (before->group && !tier->group)
        return refuse(config, "approval", "tiers", error,
                      "'%.60s' names no group, but the tier before it does: name %s or another one",
                      item, before->group);
    return TRUE;
}

static GArray *
parse_tiers(const Config *config, GError **error)
{
    const char *const *items = config_list(config, "approval", "tiers");
    g_autoptr(GArray) tiers = g_array_new(FALSE, FALSE, sizeof(Tier));

    for (gsize i = 0; items[i]; i++) {
        Tier tier = {0};

        if (!parse_tier(config, items[i], &tier, error) ||
            (i && !check_order(config, &g_array_index(tiers, Tier, i - 1), &tier, items[i], error)))
            return NULL;
        g_array_append_val(tiers, tier);
    }
    return g_steal_pointer(&tiers);
}

/* -- whether it can be met -- */

/* How many persons may approve; -1: anyone. */
static gint64
approvers_in_all(const Config *config)
{
    const char *const *approvers = config_list(config, "approval", "approvers");
    g_autoptr(GPtrArray) persons = person_distinct(config, approvers);

    return approvers[0] ? (gint64)persons->len : -1;
}

static gboolean
check_need(const Config *config, const char *key, gint64 need, GError **error)
{
    gint64 all = approvers_in_all(config);

    if (all < 0 || all >= need)
        return TRUE;
    return refuse(config, "approval", key, error,
                  "it asks for %" G_GINT64_FORMAT
                  " approvers, but [approval] approvers are %" G_GINT64_FORMAT
                  " person%s; nothing could ever be approved",
                  need, all, all == 1 ? "" : "s");
}

static gboolean
check_group(const Config *config, const char *group, GError **error)
{
    const char *const *members = person_group(config, group);
    const char *const *approvers = config_list(config, "approval", "approvers");

    if (!members)
        return refuse(config, "approval", "tiers", error,
                      "there is no group '%.40s'; name its members in [group.%.40s] members", group,
                      group);
    g_autoptr(GPtrArray) persons = person_distinct(config, members);
    for (guint i = 0; i < persons->len; i++)
        if (!approvers[0] || person_in(config, approvers, g_ptr_array_index(persons, i)))
            return TRUE;
    return refuse(config, "approval", "tiers", error,
                  "no member of [group.%.40s] is among [approval] approvers; nothing could ever be "
                  "approved",
                  group);
}

static gboolean
check_members(const Config *config, GError **error)
{
    g_auto(GStrv) sections = config_sections(config, "group.");

    for (gsize i = 0; sections[i]; i++)
        if (!config_list(config, sections[i], "members")[0])
            return refuse(config, sections[i], "members", error,
                          "the group has no members; name them or take the group out");
    return TRUE;
}

gboolean
policy_check(const Config *config, GError **error)
{
    g_autoptr(GArray) tiers = parse_tiers(config, error);

    if (!tiers || !check_members(config, error))
        return FALSE;
    for (guint i = 0; i < tiers->len; i++) {
        const Tier *tier = &g_array_index(tiers, Tier, i);

        if (!check_need(config, "tiers", tier->need, error) ||
            (tier->group && !check_group(config, tier->group, error)))
            return FALSE;
    }
    return config_amount(config, "approval", "second_above") < 0 ||
           check_need(config, "second_above", 2, error);
}

/* -- what an amount asks for -- */

typedef struct {
    gint64 need, line;
    gboolean above; /* strictly above the line, not from it on */
    const char *group;
} Step;

static Step
step_of(const Config *config, const GArray *tiers, gint64 amount)
{
    gint64 above = config_amount(config, "approval", "second_above");
    Step step = {.need = 1};

    for (guint i = 0; i < tiers->len; i++) {
        const Tier *tier = &g_array_index(tiers, Tier, i);

        if (amount >= tier->from)
            step = (Step){tier->need, tier->from, FALSE, tier->group};
    }
    if (above >= 0 && amount > above && step.need < 2)
        step = (Step){2, above, TRUE, step.group};
    return step;
}

static const char *
number_word(gint64 n)
{
    static const char *const words[] = {"nobody", "one", "two",   "three", "four",
                                        "five",   "six", "seven", "eight", "nine"};

    return n >= 0 && n < (gint64)G_N_ELEMENTS(words) ? words[n] : "many";
}

static char *
step_words(const Step *step, const char *currency)
{
    g_autofree char *line = money_display_in(step->line, currency);
    const char *from = step->above ? "above" : "from";

    if (step->need < 2 && !step->group)
        return NULL;
    if (step->need < 2)
        return g_strdup_printf("%s %s one of %s approves", from, line, step->group);
    return g_strdup_printf("%s %s %s approve%s%s", from, line, number_word(step->need),
                           step->group ? ", one of " : "", step->group ? step->group : "");
}

static void
add_members(GString *words, const Config *config, const char *group)
{
    const char *const *members = person_group(config, group);
    g_autoptr(GPtrArray) persons = members ? person_distinct(config, members) : NULL;
    g_autofree char *names = persons ? person_words(persons) : NULL;

    g_string_append_printf(words, " (%s)", names ? names : "unknown");
}

char *
policy_words(const Config *config)
{
    g_autoptr(GArray) tiers = parse_tiers(config, NULL);
    gint64 above = config_amount(config, "approval", "second_above");
    const Step second = {2, above, TRUE, NULL};
    GString *words = g_string_new("one approves");

    if (g_strcmp0(config_string(config, "approval", "mode"), "auto") == 0)
        g_string_assign(words, "mode=auto, else one approves");
    if (above >= 0) {
        g_autofree char *step = step_words(&second, NULL);
        g_string_append_printf(words, "; %s", step);
    }
    for (guint i = 0; tiers && i < tiers->len; i++) {
        const Tier *tier = &g_array_index(tiers, Tier, i);
        const Step at = {tier->need, tier->from, FALSE, tier->group};
        g_autofree char *step = step_words(&at, NULL);

        if (step)
            g_string_append_printf(words, "; %s", step);
        if (step && tier->group)
            add_members(words, config, tier->group);
    }
    return g_string_free(words, FALSE);
}

/* What a correction takes back counts as much as what it gives. */
static gboolean
amount_of(Desk *desk, const Request *request, const Run *run, gint64 *amount, GError **error)
{
    g_auto(Corrected) corrected = {0};

    if (!corrected_of(desk, request, &corrected, error))
        return FALSE;
    *amount = MAX(run->amount, corrected.amount);
    return TRUE;
}

gboolean
policy_of(Desk *desk, const Request *request, const Run *run, Policy *policy, GError **error)
{
    g_auto(Split) split = {0};
    gint64 amount = 0;

    if (!policy_check(desk->config, error) || !amount_of(desk, request, run, &amount, error) ||
        !split_of(desk, request, run, &split, error))
        return FALSE;
    g_autoptr(GArray) tiers = parse_tiers(desk->config, error);
    if (!tiers)
        return FALSE;
    gint64 together = split_add(amount, split.amount);
    Step alone = step_of(desk->config, tiers, amount);
    Step step = step_of(desk->config, tiers, together);
    gboolean raised = step.need > alone.need || g_strcmp0(step.group, alone.group) != 0;
    g_autofree char *sum = money_display_in(together, run->currency);

    *policy = (Policy){.amount = amount,
                       .together = together,
                       .need = step.need,
                       .group = step.group,
                       .tier = step_words(&step, run->currency)};
    if (split.ids)
        policy->others = g_strdup(split.ids);
    if (raised)
        policy->split = g_strdup_printf(
            "split requests: counted together with %s (same customer or link), %s in all",
            split.ids, sum);
    return TRUE;
}
