/* difference.c: what a newer run found otherwise than an older one, in one sentence. */
#include "engine/desk_private.h"

static char *
segment_key(const CalcSegment *segment)
{
    return g_strjoin("\n", segment->country, segment->detail ? segment->detail : "", segment->day,
                     NULL);
}

/* "country detail day" → segment, borrowed from the result; only what matters for the amount. */
static GHashTable *
segments_of(const CalcResult *result)
{
    GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < result->segments->len; i++) {
        CalcSegment *segment = g_ptr_array_index(result->segments, i);
        g_hash_table_insert(table, segment_key(segment), segment);
    }
    return table;
}

typedef struct {
    guint fresh, gone, changed;
} Counts;

static Counts
count(const CalcResult *before, const CalcResult *after)
{
    g_autoptr(GHashTable) old = segments_of(before), new = segments_of(after);
    Counts counts = {0};
    GHashTableIter iter;
    gpointer key, value;

    g_hash_table_iter_init(&iter, new);
    while (g_hash_table_iter_next(&iter, &key, &value)) {
        const CalcSegment *there = g_hash_table_lookup(old, key), *here = value;

        counts.fresh += there == NULL;
        counts.changed += there && (there->attempts != here->attempts ||
                                    there->conversions != here->conversions ||
                                    there->cost != here->cost || there->credit != here->credit);
    }
    g_hash_table_iter_init(&iter, old);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        counts.gone += !g_hash_table_contains(new, key);
    return counts;
}

static CalcResult *
result_of(const Run *run)
{
    g_autoptr(cJSON) json = run->result ? cJSON_Parse(run->result) : NULL;

    return json ? calc_result_from_json(json, NULL) : NULL;
}

static void
add(GPtrArray *words, guint n, const char *what)
{
    if (n > 0)
        g_ptr_array_add(words, g_strdup_printf("%u segment%s %s", n, n == 1 ? "" : "s", what));
}

char *
difference_words(const Run *before, const Run *after)
{
    g_autoptr(CalcResult) old = result_of(before), new = result_of(after);
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);

    if (!old || !new)
        return NULL;
    Counts counts = count(old, new);
    add(words, counts.fresh, "new");
    add(words, counts.gone, "gone");
    add(words, counts.changed, "changed");
    if (g_strcmp0(before->sql_sha256, after->sql_sha256) != 0)
        g_ptr_array_add(words, g_strdup("another SQL"));
    if (g_strcmp0(before->parameters, after->parameters) != 0 && !override_is(after))
        g_ptr_array_add(words, g_strdup("other parameters"));
    if (g_strcmp0(before->calculator_version, after->calculator_version) != 0)
        g_ptr_array_add(words, g_strdup("another calculator"));
    if (words->len == 0)
        return NULL;
    g_ptr_array_add(words, NULL);
    g_autofree char *list = g_strjoinv(", ", (char **)words->pdata);
    return g_strdup_printf("Since run %" G_GINT64_FORMAT ": %s.", before->number, list);
}
