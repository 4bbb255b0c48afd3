/* verify_report.c: says in plain sentences what was found and why the amount is what it is. */
#include "calc/verify_report.h"

#include <math.h>
#include <string.h>

#include "base/money.h"
#include "calc/stats.h"

/* Sentences name at most so many places. */
#define NAMES_SHOWN 5
/* A last day with less than this share of the account's usual day looks cut. */
#define PARTIAL_SHARE 0.4
#define WIDE_INTERVAL 0.25

char *
verify_day_name(gint32 julian)
{
    GDate date;
    g_date_clear(&date, 1);
    g_date_set_julian(&date, (guint32)julian);
    return g_strdup_printf("%04d-%02d-%02d", g_date_get_year(&date), g_date_get_month(&date),
                           g_date_get_day(&date));
}

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* "12 Sep", "12 to 16 Sep", "29 Aug to 2 Sep". */
static char *
span_name(gint32 first, gint32 last)
{
    GDate a, b;
    g_date_clear(&a, 1);
    g_date_clear(&b, 1);
    g_date_set_julian(&a, (guint32)first);
    g_date_set_julian(&b, (guint32)last);
    const char *month_a = months[g_date_get_month(&a) - 1];
    const char *month_b = months[g_date_get_month(&b) - 1];
    if (first == last)
        return g_strdup_printf("%d %s", g_date_get_day(&a), month_a);
    if (month_a == month_b && g_date_get_year(&a) == g_date_get_year(&b))
        return g_strdup_printf("%d to %d %s", g_date_get_day(&a), g_date_get_day(&b), month_b);
    return g_strdup_printf("%d %s to %d %s", g_date_get_day(&a), month_a, g_date_get_day(&b),
                           month_b);
}

static void G_GNUC_PRINTF(2, 3) add(GPtrArray *list, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_ptr_array_add(list, g_strdup_vprintf(format, args));
    va_end(args);
}

/* Segments and days of one verdict. */
typedef struct {
    GPtrArray *names; /* countries, each once; borrowed */
    gint32 first, last;
} Found;

static gboolean
segment_has(const VerifySegment *segment, Verdict verdict, Found *found)
{
    gboolean any = FALSE;
    for (guint i = 0; i < segment->n_groups; i++) {
        if (segment->groups[i].verdict != verdict)
            continue;
        any = TRUE;
        found->first = MIN(found->first, segment->groups[i].day);
        found->last = MAX(found->last, segment->groups[i].day);
    }
    return any;
}

static Found
find_verdict(const VerifyAccount *account, Verdict verdict, gboolean no_baseline)
{
    Found found = {g_ptr_array_new(), G_MAXINT32, G_MININT32};
    for (guint s = 0; s < account->n_segments; s++) {
        const VerifySegment *segment = &account->segments[s];
        const char *last =
            found.names->len ? g_ptr_array_index(found.names, found.names->len - 1) : "";
        if (segment->no_baseline == no_baseline && segment_has(segment, verdict, &found) &&
            strcmp(last, segment->country) != 0)
            g_ptr_array_add(found.names, (gpointer)(guintptr)segment->country);
    }
    return found;
}

/* "AZ", "AZ and UZ", "AZ, UZ and 3 more". */
static char *
names_joined(const GPtrArray *names)
{
    GString *out = g_string_new(NULL);
    guint shown = names->len > NAMES_SHOWN ? NAMES_SHOWN - 1 : names->len;
    for (guint i = 0; i < shown; i++) {
        const char *gap = i == 0 ? "" : i + 1 == names->len ? " and " : ", ";
        g_string_append_printf(out, "%s%s", gap, (const char *)g_ptr_array_index(names, i));
    }
    if (shown < names->len)
        g_string_append_printf(out, " and %u more", names->len - shown);
    return g_string_free(out, FALSE);
}

/* The median over the attacked segments, or over all when none is. */
static guint
median_clean_days(const VerifyAccount *account)
{
    g_autoptr(GArray) days = g_array_new(FALSE, FALSE, sizeof(double));
    gboolean attack = FALSE;
    for (guint s = 0; s < account->n_segments; s++)
        attack = attack || account->segments[s].attacked;
    for (guint s = 0; s < account->n_segments; s++) {
        double clean = account->segments[s].clean_days;
        if (!attack || account->segments[s].attacked)
            g_array_append_val(days, clean);
    }
    return (guint)stats_median((double *)(gpointer)days->data, days->len);
}

typedef struct {
    Verdict verdict;
    gboolean no_baseline;
    const char *format; /* span, countries */
    const char *flag;   /* NULL: none */
} Finding;

static const Finding findings[] = {
    {VERDICT_ATTACK, TRUE,
     "Attack %s in %s, on conversions alone: too few clean days to know the usual volume, so the "
     "product's own rate was taken.",
     "few clean"},
    {VERDICT_SURGE, FALSE,
     "More traffic %s in %s with the usual conversion: business, credited nothing.", NULL},
    {VERDICT_DELIVERY, FALSE,
     "Fewer conversions %s in %s without the traffic of an attack: a delivery problem, credited "
     "nothing.",
     "delivery problem"},
};

static void
say_attack(CalcResult *result, const VerifyAccount *account)
{
    Found found = find_verdict(account, VERDICT_ATTACK, FALSE);
    if (found.names->len > 0) {
        g_autofree char *span = span_name(found.first, found.last);
        g_autofree char *names = names_joined(found.names);
        add(result->reasons, "Attack %s in %s; baseline from %u clean %s.", span, names,
            result->clean_days, result->clean_days == 1 ? "day" : "days");
    }
    g_ptr_array_unref(found.names);
}

static void
say_findings(CalcResult *result, const VerifyAccount *account)
{
    for (gsize i = 0; i < G_N_ELEMENTS(findings); i++) {
        Found found = find_verdict(account, findings[i].verdict, findings[i].no_baseline);
        if (found.names->len > 0) {
            g_autofree char *span = span_name(found.first, found.last);
            g_autofree char *names = names_joined(found.names);
            g_auto(GStrv) parts = g_strsplit(findings[i].format, "%s", 3);
            add(result->reasons, "%s%s%s%s%s", parts[0], span, parts[1], names, parts[2]);
            if (findings[i].flag)
                add(result->unusual, "%s", findings[i].flag);
        }
        g_ptr_array_unref(found.names);
    }
}

static void
say_launches(CalcResult *result, const VerifyAccount *account)
{
    g_autoptr(GPtrArray) clean = g_ptr_array_new(), attacked = g_ptr_array_new();
    for (guint s = 0; s < account->n_segments; s++) {
        const VerifySegment *segment = &account->segments[s];
        GPtrArray *to = segment->attacked ? attacked : clean;
        const char *last = to->len ? g_ptr_array_index(to, to->len - 1) : "";
        if (segment->launched && segment->clean_days > 0 && strcmp(last, segment->country) != 0)
            g_ptr_array_add(to, (gpointer)(guintptr)segment->country);
    }
    if (attacked->len > 0) {
        g_autofree char *names = names_joined(attacked);
        add(result->reasons, "%s had no traffic in the first days of the data.", names);
    }
    if (attacked->len > 0 || clean->len > 0)
        add(result->unusual, "new country");
}

/* The account's last day against the median of the others. */
static gboolean
last_day_partial(const VerifyAccount *account)
{
    guint days = (guint)(account->last_day - account->first_day + 1);
    g_autoptr(GArray) values = g_array_sized_new(FALSE, TRUE, sizeof(double), days);
    g_array_set_size(values, days);
    double *sums = (double *)(gpointer)values->data;
    for (guint s = 0; s < account->n_segments; s++) {
        for (guint i = 0; i < account->segments[s].n_groups; i++) {
            const VerifyGroup *group = &account->segments[s].groups[i];
            sums[group->day - account->first_day] += group->honest;
        }
    }
    /* The same weekday of the weeks before. */
    double most = 0, least = G_MAXDOUBLE;
    for (guint back = 7; back < days && back <= 28; back += 7) {
        most = MAX(most, sums[days - 1 - back]);
        least = MIN(least, sums[days - 1 - back]);
    }
    return most > 20 && least < G_MAXDOUBLE && sums[days - 1] < PARTIAL_SHARE * least;
}

static void
say_amount(CalcResult *result, const VerifyAccount *account)
{
    if (result->amount == 0) {
        add(result->reasons,
            "No attack found: no day has both fewer conversions and more traffic than "
            "usual.");
        return;
    }
    double half = (double)(result->high - result->low) / 2 / (double)result->amount;
    add(result->reasons,
        "Attackers verified about %.1f %% of their codes; usual conversion is %.0f %%.",
        100 * account->attacker_rate, 100 * account->usual_rate);
    if (half > WIDE_INTERVAL)
        add(result->unusual, "wide interval");
    if (result->spend > 0 && (double)result->amount > 0.9 * (double)result->spend)
        add(result->unusual, "nearly all");
}

static cJSON *
parameters_of(const VerifyModelSettings *settings, const VerifyPlan *plan)
{
    static const struct {
        const char *name;
        gsize offset;
    } decimals[] = {
        {"default_rate", G_STRUCT_OFFSET(VerifyModelSettings, default_rate)},
        {"default_spread", G_STRUCT_OFFSET(VerifyModelSettings, default_spread)},
        {"threshold", G_STRUCT_OFFSET(VerifyModelSettings, threshold)},
        {"min_fall", G_STRUCT_OFFSET(VerifyModelSettings, min_fall)},
        {"min_surge", G_STRUCT_OFFSET(VerifyModelSettings, min_surge)},
        {"attacker_share", G_STRUCT_OFFSET(VerifyModelSettings, attacker_share)},
        {"retry_surge", G_STRUCT_OFFSET(VerifyModelSettings, retry_surge)},
    };
    cJSON *parameters = cJSON_CreateObject();
    for (gsize i = 0; i < G_N_ELEMENTS(decimals); i++) {
        double value = *(const double *)(const void *)((const char *)settings + decimals[i].offset);
        g_autofree char *text = money_format((gint64)llrint(value * 1e6));
        json_add(parameters, decimals[i].name, text);
    }
    json_add_int(parameters, "min_clean_days", settings->min_clean_days);
    json_add_int(parameters, "min_attempts", (gint64)settings->min_attempts);
    if (settings->window > 0)
        json_add_int(parameters, "window_days", settings->window);
    cJSON *columns = cJSON_AddObjectToObject(parameters, "columns");
    for (int i = 0; i < N_COLUMNS; i++) {
        if (plan->names[i])
            json_add(columns, verify_column_key((VerifyColumn)i), plan->names[i]);
    }
    return parameters;
}

void
verify_report(CalcResult *result, const VerifyAccount *account, const VerifyModelSettings *settings,
              const VerifyPlan *plan)
{
    result->clean_days = median_clean_days(account);
    result->parameters = parameters_of(settings, plan);
    say_attack(result, account);
    say_findings(result, account);
    say_launches(result, account);
    say_amount(result, account);
    if (result->clean_days < settings->min_clean_days)
        add(result->unusual, "few days");
    if (last_day_partial(account)) {
        add(result->reasons, "The last day looks incomplete; ask again when it is whole.");
        add(result->unusual, "partial day");
    }
}
