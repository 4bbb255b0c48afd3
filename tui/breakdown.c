/* breakdown.c: results of runs, grouped for charts and compared. */
#include "tui/breakdown.h"

#include <string.h>
#include "base/json.h"

static void
country_free(gpointer data)
{
    BreakdownCountry *country = data;
    if (!country)
        return;
    g_free(country->name);
    g_free(country->attempts);
    g_free(country->verified);
    g_free(country->attacked);
    g_free(country);
}

static BreakdownCountry *
country_new(const char *name, guint days)
{
    BreakdownCountry *country = g_new0(BreakdownCountry, 1);
    country->name = g_strdup(name);
    country->attempts = g_new0(double, days + 1);
    country->verified = g_new0(double, days + 1);
    country->attacked = g_new0(gboolean, days + 1);
    return country;
}

static int
compare_text(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
collect_days(Breakdown *breakdown)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < breakdown->result->segments->len; i++) {
        const CalcSegment *segment = g_ptr_array_index(breakdown->result->segments, i);
        if (segment->day && g_hash_table_add(seen, segment->day))
            g_ptr_array_add(breakdown->days, g_strdup(segment->day));
    }
    g_ptr_array_sort(breakdown->days, compare_text);
    if (breakdown->days->len > BREAKDOWN_DAYS_MAX)
        g_ptr_array_remove_range(breakdown->days, 0, breakdown->days->len - BREAKDOWN_DAYS_MAX);
}

/* Sums that only a country's rates need. */
typedef struct {
    gint64 attacked_attempts, attacked_conversions;
    double usual;
} Sums;

static void
add_segment(BreakdownCountry *country, Sums *sums, const CalcSegment *segment, guint day)
{
    country->attempts[day] += (double)segment->attempts;
    country->verified[day] += (double)segment->conversions;
    country->total += segment->attempts;
    country->conversions += segment->conversions;
    country->credit += segment->credit;
    sums->usual += segment->baseline * (double)segment->attempts;
    if (segment->attacked) {
        country->attacked_days += country->attacked[day] ? 0 : 1;
        country->attacked[day] = TRUE;
        sums->attacked_attempts += segment->attempts;
        sums->attacked_conversions += segment->conversions;
    }
}

static void
set_rates(BreakdownCountry *country, const Sums *sums)
{
    gint64 attempts = sums->attacked_attempts > 0 ? sums->attacked_attempts : country->total;
    gint64 verified =
        sums->attacked_attempts > 0 ? sums->attacked_conversions : country->conversions;
    country->rate = attempts > 0 ? (double)verified / (double)attempts : 0;
    country->usual = country->total > 0 ? sums->usual / (double)country->total : 0;
}

static int
compare_countries(gconstpointer a, gconstpointer b)
{
    const BreakdownCountry *x = *(const BreakdownCountry *const *)a,
                           *y = *(const BreakdownCountry *const *)b;
    if (x->credit != y->credit)
        return x->credit < y->credit ? 1 : -1;
    if (x->total != y->total)
        return x->total < y->total ? 1 : -1;
    return strcmp(x->name, y->name);
}

/* -- which countries are shown by themselves -- */

typedef struct {
    const char *name; /* of a segment */
    gint64 credit, attempts;
} Weight;

static int
compare_weights(gconstpointer a, gconstpointer b)
{
    const Weight *x = *(const Weight *const *)a, *y = *(const Weight *const *)b;
    if (x->credit != y->credit)
        return x->credit < y->credit ? 1 : -1;
    if (x->attempts != y->attempts)
        return x->attempts < y->attempts ? 1 : -1;
    return strcmp(x->name, y->name);
}

static GPtrArray *
weigh(const CalcResult *result)
{
    GPtrArray *weights = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < result->segments->len; i++) {
        const CalcSegment *segment = g_ptr_array_index(result->segments, i);
        if (!segment->country)
            continue;
        Weight *weight = g_hash_table_lookup(by_name, segment->country);
        if (!weight) {
            weight = g_new0(Weight, 1);
            weight->name = segment->country;
            g_ptr_array_add(weights, weight);
            g_hash_table_insert(by_name, segment->country, weight);
        }
        weight->credit += segment->credit;
        weight->attempts += segment->attempts;
    }
    g_ptr_array_sort(weights, compare_weights);
    return weights;
}

/* country → its place in the breakdown + 1; what is not in it belongs to the last place. */
static GHashTable *
place_countries(Breakdown *breakdown)
{
    g_autoptr(GPtrArray) weights = weigh(breakdown->result);
    GHashTable *places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    guint own = weights->len > BREAKDOWN_COUNTRIES_MAX ? BREAKDOWN_COUNTRIES_MAX - 1 : weights->len;
    for (guint i = 0; i < own; i++) {
        const Weight *weight = g_ptr_array_index(weights, i);
        g_ptr_array_add(breakdown->countries, country_new(weight->name, breakdown->days->len));
        g_hash_table_insert(places, g_strdup(weight->name), GUINT_TO_POINTER(i + 1));
    }
    if (own < weights->len)
        g_ptr_array_add(breakdown->countries, country_new("others", breakdown->days->len));
    return places;
}

static void
collect_countries(Breakdown *breakdown)
{
    g_autoptr(GHashTable) index = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) places = place_countries(breakdown);
    g_autofree Sums *sums = g_new0(Sums, breakdown->countries->len + 1);
    guint last = breakdown->countries->len;
    Sums all = {0};
    for (guint i = 0; i < breakdown->days->len; i++)
        g_hash_table_insert(index, g_ptr_array_index(breakdown->days, i), GUINT_TO_POINTER(i));
    for (guint i = 0; i < breakdown->result->segments->len; i++) {
        const CalcSegment *segment = g_ptr_array_index(breakdown->result->segments, i);
        gpointer day = NULL;
        if (!segment->day || !segment->country ||
            !g_hash_table_lookup_extended(index, segment->day, NULL, &day))
            continue;
        gpointer place = g_hash_table_lookup(places, segment->country);
        guint at = (place ? GPOINTER_TO_UINT(place) : last) - 1;
        add_segment(g_ptr_array_index(breakdown->countries, at), &sums[at], segment,
                    GPOINTER_TO_UINT(day));
        add_segment(breakdown->whole, &all, segment, GPOINTER_TO_UINT(day));
    }
    for (guint i = 0; i < last; i++)
        set_rates(g_ptr_array_index(breakdown->countries, i), &sums[i]);
    set_rates(breakdown->whole, &all);
    g_ptr_array_sort(breakdown->countries, compare_countries);
}

/* -- which segments are kept -- */

static int
compare_segments(gconstpointer a, gconstpointer b)
{
    const CalcSegment *x = *(const CalcSegment *const *)a, *y = *(const CalcSegment *const *)b;
    if (x->attacked != y->attacked)
        return x->attacked ? -1 : 1;
    if (x->credit != y->credit)
        return x->credit < y->credit ? 1 : -1;
    if (x->attempts != y->attempts)
        return x->attempts < y->attempts ? 1 : -1;
    int by_country = g_strcmp0(x->country, y->country);
    return by_country ? by_country : g_strcmp0(x->day, y->day);
}

static void
keep_segments(Breakdown *breakdown, guint keep)
{
    GPtrArray *segments = breakdown->result->segments;
    g_ptr_array_sort(segments, compare_segments);
    breakdown->segments = segments->len;
    for (guint i = 0; i < segments->len; i++) {
        const CalcSegment *segment = g_ptr_array_index(segments, i);
        breakdown->attacked += segment->attacked ? 1 : 0;
        breakdown->left_out += segment->attacked && i >= keep ? 1 : 0;
        breakdown->left_out_credit += i >= keep ? segment->credit : 0;
    }
    if (segments->len > keep)
        g_ptr_array_set_size(segments, (gint)keep);
}

static CalcResult *
parse_result(Breakdown *breakdown)
{
    const char *text = breakdown->run->result;
    gsize len = text ? strlen(text) : 0;
    g_autoptr(GError) error = NULL;
    if (!text)
        return NULL;
    if (len > BREAKDOWN_RESULT_MAX) {
        g_autofree char *size = g_format_size(len);
        breakdown->problem =
            g_strdup_printf("The result has %s: too much to be shown by parts.", size);
        return NULL;
    }
    g_autoptr(cJSON) json = json_parse(text, len, "run", &error);
    CalcResult *result = json ? calc_result_from_json(json, &error) : NULL;
    if (!result)
        breakdown->problem = g_strdup_printf("The result cannot be read: %s", error->message);
    return result;
}

Breakdown *
breakdown_new(Run *run, guint keep)
{
    Breakdown *breakdown = g_new0(Breakdown, 1);
    breakdown->run = run;
    breakdown->days = g_ptr_array_new_with_free_func(g_free);
    breakdown->countries = g_ptr_array_new_with_free_func(country_free);
    breakdown->result = parse_result(breakdown);
    g_clear_pointer(&run->result, g_free);
    if (breakdown->result)
        collect_days(breakdown);
    breakdown->whole = country_new("all", breakdown->days->len);
    if (breakdown->result) {
        collect_countries(breakdown);
        keep_segments(breakdown, keep);
    }
    return breakdown;
}

void
breakdown_free(Breakdown *breakdown)
{
    if (!breakdown)
        return;
    run_free(breakdown->run);
    calc_result_free(breakdown->result);
    g_ptr_array_unref(breakdown->days);
    g_ptr_array_unref(breakdown->countries);
    country_free(breakdown->whole);
    g_free(breakdown->problem);
    g_free(breakdown);
}

ChartSeries
breakdown_series(const Breakdown *breakdown, const BreakdownCountry *country)
{
    return (ChartSeries){.values = country->attempts,
                         .parts = country->verified,
                         .marked = country->attacked,
                         .names = breakdown->days,
                         .n = breakdown->days->len};
}

static char *
segment_key(const CalcSegment *segment)
{
    return g_strdup_printf("%s\x1f%s\x1f%s", segment->country ? segment->country : "",
                           segment->detail ? segment->detail : "",
                           segment->day ? segment->day : "");
}

static gint64
credit_of(const CalcSegment *segment)
{
    return segment ? segment->credit : 0;
}

static gint64
attempts_of(const CalcSegment *segment)
{
    return segment ? segment->attempts : 0;
}

static int
compare_changes(gconstpointer a, gconstpointer b)
{
    const SegmentChange *x = a, *y = b;
    const CalcSegment *of_x = x->after ? x->after : x->before,
                      *of_y = y->after ? y->after : y->before;
    gint64 dx = ABS(credit_of(x->after) - credit_of(x->before)),
           dy = ABS(credit_of(y->after) - credit_of(y->before));
    gint64 nx = ABS(attempts_of(x->after) - attempts_of(x->before)),
           ny = ABS(attempts_of(y->after) - attempts_of(y->before));
    if (dx != dy)
        return dx < dy ? 1 : -1;
    if (nx != ny)
        return nx < ny ? 1 : -1;
    int by_country = g_strcmp0(of_x->country, of_y->country);
    return by_country ? by_country : g_strcmp0(of_x->day, of_y->day);
}

static void
add_change(GArray *changes, const CalcSegment *before, const CalcSegment *after)
{
    SegmentChange change = {before && after ? '~' : before ? '-' : '+', before, after};
    if (before && after && before->attempts == after->attempts &&
        before->conversions == after->conversions && before->credit == after->credit &&
        before->attacked == after->attacked)
        return;
    g_array_append_val(changes, change);
}

GArray *
breakdown_compare(const Breakdown *before, const Breakdown *after)
{
    GArray *changes = g_array_new(FALSE, FALSE, sizeof(SegmentChange));
    if (!before->result || !after->result)
        return changes;
    g_autoptr(GHashTable) old = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < before->result->segments->len; i++) {
        CalcSegment *segment = g_ptr_array_index(before->result->segments, i);
        g_hash_table_insert(old, segment_key(segment), segment);
    }
    for (guint i = 0; i < after->result->segments->len; i++) {
        const CalcSegment *segment = g_ptr_array_index(after->result->segments, i);
        g_autofree char *key = segment_key(segment);
        const CalcSegment *match = g_hash_table_lookup(old, key);
        add_change(changes, match, segment);
        g_hash_table_remove(old, key);
    }
    GHashTableIter iter;
    gpointer gone;
    g_hash_table_iter_init(&iter, old);
    while (g_hash_table_iter_next(&iter, NULL, &gone))
        add_change(changes, gone, NULL);
    g_array_sort(changes, compare_changes);
    return changes;
}
