/* result.c: a calculation's result, and its JSON shape, which `calc --json` prints and runs keep.
 */
#include "calc/calc.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/money.h"

/* The members that are plain strings or amounts, so that writing and reading can't part ways. */
typedef struct {
    const char *name;
    gsize offset;
} Member;

static const Member result_strings[] = {
    {"currency", G_STRUCT_OFFSET(CalcResult, currency)},
    {"product", G_STRUCT_OFFSET(CalcResult, product)},
    {"calculator", G_STRUCT_OFFSET(CalcResult, calculator)},
    {"version", G_STRUCT_OFFSET(CalcResult, version)},
    {"customer", G_STRUCT_OFFSET(CalcResult, customer)},
    {"first_day", G_STRUCT_OFFSET(CalcResult, first_day)},
    {"last_day", G_STRUCT_OFFSET(CalcResult, last_day)},
};
static const Member segment_strings[] = {
    {"country", G_STRUCT_OFFSET(CalcSegment, country)},
    {"detail", G_STRUCT_OFFSET(CalcSegment, detail)},
    {"day", G_STRUCT_OFFSET(CalcSegment, day)},
};
static const Member segment_counts[] = {
    {"attempts", G_STRUCT_OFFSET(CalcSegment, attempts)},
    {"conversions", G_STRUCT_OFFSET(CalcSegment, conversions)},
};
static const Member segment_amounts[] = {
    {"cost", G_STRUCT_OFFSET(CalcSegment, cost)},
    {"credit", G_STRUCT_OFFSET(CalcSegment, credit)},
};

static const char *
text_at(const void *base, gsize offset)
{
    return *(char *const *)(const void *)((const char *)base + offset);
}

static gint64
number_at(const void *base, gsize offset)
{
    return *(const gint64 *)(const void *)((const char *)base + offset);
}

static void
segment_free(gpointer data)
{
    CalcSegment *segment = data;
    g_free(segment->country);
    g_free(segment->detail);
    g_free(segment->day);
    g_free(segment);
}

CalcResult *
calc_result_new(void)
{
    CalcResult *result = g_new0(CalcResult, 1);
    result->segments = g_ptr_array_new_with_free_func(segment_free);
    result->reasons = g_ptr_array_new_with_free_func(g_free);
    result->unusual = g_ptr_array_new_with_free_func(g_free);
    return result;
}

void
calc_result_free(CalcResult *result)
{
    if (!result)
        return;
    g_free(result->calculator);
    g_free(result->version);
    g_free(result->product);
    g_free(result->customer);
    g_free(result->currency);
    g_free(result->first_day);
    g_free(result->last_day);
    g_clear_pointer(&result->segments, g_ptr_array_unref);
    g_clear_pointer(&result->reasons, g_ptr_array_unref);
    g_clear_pointer(&result->unusual, g_ptr_array_unref);
    cJSON_Delete(result->parameters);
    g_free(result);
}

static void
add_amount(cJSON *object, const char *name, gint64 micro)
{
    g_autofree char *text = money_format(micro);
    json_add(object, name, text);
}

static void
add_strings(cJSON *object, const void *base, const Member *members, gsize n)
{
    for (gsize i = 0; i < n; i++)
        json_add(object, members[i].name, text_at(base, members[i].offset));
}

/* A rate or an estimate: six decimals are more than it holds. */
static void
add_estimate(cJSON *object, const char *name, double value)
{
    cJSON_AddNumberToObject(object, name, round(value * 1e6) / 1e6);
}

static cJSON *
segment_to_json(const CalcSegment *segment)
{
    cJSON *object = cJSON_CreateObject();
    add_strings(object, segment, segment_strings, G_N_ELEMENTS(segment_strings));
    for (gsize i = 0; i < G_N_ELEMENTS(segment_counts); i++)
        json_add_int(object, segment_counts[i].name, number_at(segment, segment_counts[i].offset));
    for (gsize i = 0; i < G_N_ELEMENTS(segment_amounts); i++)
        add_amount(object, segment_amounts[i].name, number_at(segment, segment_amounts[i].offset));
    add_estimate(object, "baseline", segment->baseline);
    add_estimate(object, "expected", segment->expected);
    cJSON_AddBoolToObject(object, "attacked", segment->attacked);
    return object;
}

static void
add_sentences(cJSON *object, const char *name, const GPtrArray *sentences)
{
    cJSON *array = cJSON_AddArrayToObject(object, name);
    for (guint i = 0; i < sentences->len; i++)
        cJSON_AddItemToArray(array, cJSON_CreateString(g_ptr_array_index(sentences, i)));
}

cJSON *
calc_result_to_json(const CalcResult *result)
{
    cJSON *object = cJSON_CreateObject();
    add_amount(object, "amount", result->amount);
    cJSON *interval = cJSON_AddArrayToObject(object, "interval");
    g_autofree char *low = money_format(result->low);
    g_autofree char *high = money_format(result->high);
    cJSON_AddItemToArray(interval, cJSON_CreateString(low));
    cJSON_AddItemToArray(interval, cJSON_CreateString(high));
    add_strings(object, result, result_strings, G_N_ELEMENTS(result_strings));
    add_amount(object, "spend", result->spend);
    json_add_int(object, "rows", result->rows);
    json_add_int(object, "clean_days", result->clean_days);
    cJSON *segments = cJSON_AddArrayToObject(object, "segments");
    for (guint i = 0; i < result->segments->len; i++)
        cJSON_AddItemToArray(segments, segment_to_json(g_ptr_array_index(result->segments, i)));
    add_sentences(object, "reasons", result->reasons);
    add_sentences(object, "unusual", result->unusual);
    if (result->parameters)
        cJSON_AddItemToObject(object, "parameters", cJSON_Duplicate(result->parameters, TRUE));
    return object;
}

static gboolean
missing(const char *name, GError **error)
{
    g_set_error(error, CREDITBOT_ERROR, ERR_INPUT,
                "reading a stored result: member '%s' is missing or malformed", name);
    return FALSE;
}

static gboolean
read_amount(const cJSON *object, const char *name, gint64 *micro, GError **error)
{
    const char *text = json_string(object, name);
    if (!text || !money_parse(text, TRUE, micro, NULL))
        return missing(name, error);
    return TRUE;
}

static void
read_strings(const cJSON *object, void *base, const Member *members, gsize n)
{
    for (gsize i = 0; i < n; i++)
        G_STRUCT_MEMBER(char *, base, members[i].offset) =
            g_strdup(json_string(object, members[i].name));
}

static double
read_estimate(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNumber(item) ? item->valuedouble : 0.0;
}

static CalcSegment *
segment_from_json(const cJSON *object, GError **error)
{
    CalcSegment *segment = g_new0(CalcSegment, 1);
    read_strings(object, segment, segment_strings, G_N_ELEMENTS(segment_strings));
    gboolean ok = (segment->country && segment->day) || missing("country or day", error);
    for (gsize i = 0; i < G_N_ELEMENTS(segment_counts) && ok; i++) {
        gint64 count = json_int(object, segment_counts[i].name, -1);
        G_STRUCT_MEMBER(gint64, segment, segment_counts[i].offset) = count;
        ok = count >= 0 || missing(segment_counts[i].name, error);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(segment_amounts) && ok; i++)
        ok = read_amount(object, segment_amounts[i].name,
                         &G_STRUCT_MEMBER(gint64, segment, segment_amounts[i].offset), error);
    if (!ok) {
        segment_free(segment);
        return NULL;
    }
    segment->baseline = read_estimate(object, "baseline");
    segment->expected = read_estimate(object, "expected");
    segment->attacked = json_true(object, "attacked");
    return segment;
}

static gboolean
read_segments(CalcResult *result, const cJSON *json, GError **error)
{
    const cJSON *segments = json_array(json, "segments");
    const cJSON *item;
    if (!segments)
        return missing("segments", error);
    cJSON_ArrayForEach (item, segments) {
        CalcSegment *segment = segment_from_json(item, error);
        if (!segment)
            return FALSE;
        g_ptr_array_add(result->segments, segment);
    }
    return TRUE;
}

static gboolean
read_interval(CalcResult *result, const cJSON *json, GError **error)
{
    const cJSON *interval = json_array(json, "interval");
    const cJSON *low = cJSON_GetArrayItem(interval, 0);
    const cJSON *high = cJSON_GetArrayItem(interval, 1);
    if (!cJSON_IsString(low) || !cJSON_IsString(high) ||
        !money_parse(low->valuestring, TRUE, &result->low, NULL) ||
        !money_parse(high->valuestring, TRUE, &result->high, NULL))
        return missing("interval", error);
    return TRUE;
}

static void
read_sentences(const cJSON *json, const char *name, GPtrArray *sentences)
{
    const cJSON *item;
    cJSON_ArrayForEach (item, json_array(json, name)) {
        if (cJSON_IsString(item))
            g_ptr_array_add(sentences, g_strdup(item->valuestring));
    }
}

CalcResult *
calc_result_from_json(const cJSON *json, GError **error)
{
    g_autoptr(CalcResult) result = calc_result_new();
    read_strings(json, result, result_strings, G_N_ELEMENTS(result_strings));
    if (!read_amount(json, "amount", &result->amount, error) ||
        !read_amount(json, "spend", &result->spend, error) || !read_interval(result, json, error) ||
        !read_segments(result, json, error))
        return NULL;
    result->rows = json_int(json, "rows", 0);
    result->clean_days = (guint)json_int(json, "clean_days", 0);
    read_sentences(json, "reasons", result->reasons);
    read_sentences(json, "unusual", result->unusual);
    const cJSON *parameters = json_object(json, "parameters");
    result->parameters = parameters ? cJSON_Duplicate(parameters, TRUE) : NULL;
    return g_steal_pointer(&result);
}
