/* comparison.c: what differs between two runs. */
#include "tui/comparison.h"

#include <string.h>
#include "base/money.h"
#include "tui/wording.h"

#define VALUE_MAX 400 /* bytes of a parameter that are shown */

static void
fact_free(gpointer data)
{
    ComparedFact *fact = data;
    g_free(fact->name);
    g_free(fact->before);
    g_free(fact->after);
    g_free(fact);
}

/* Takes the values; NULL reads as "-". */
static void
add_fact(Comparison *comparison, const char *name, char *before, char *after)
{
    ComparedFact *fact = g_new0(ComparedFact, 1);
    fact->name = g_strdup(name);
    fact->same = g_strcmp0(before, after) == 0;
    fact->before = before ? before : g_strdup("-");
    fact->after = after ? after : g_strdup("-");
    g_ptr_array_add(comparison->facts, fact);
}

static void
add_text(Comparison *comparison, const char *name, const char *before, const char *after)
{
    add_fact(comparison, name, g_strdup(before), g_strdup(after));
}

static char *
amount_of(const Run *run)
{
    g_autofree char *amount = money_display(run->amount);
    if (g_strcmp0(run->status, "done") != 0)
        return g_strdup(run->status);
    return g_strdup_printf("%s %s", amount, run->currency ? run->currency : "");
}

static char *
interval_of(const Run *run)
{
    g_autofree char *low = money_display(run->low), *high = money_display(run->high);
    return g_strcmp0(run->status, "done") == 0 ? g_strdup_printf("%s to %s", low, high) : NULL;
}

static char *
days_of(const Breakdown *breakdown)
{
    const CalcResult *result = breakdown->result;
    if (!result)
        return NULL;
    return g_strdup_printf("%s to %s, %u clean", result->first_day ? result->first_day : "-",
                           result->last_day ? result->last_day : "-", result->clean_days);
}

static char *
calculator_of(const Run *run)
{
    return run->calculator ? g_strdup_printf("%s %s", run->calculator,
                                             run->calculator_version ? run->calculator_version : "")
                           : NULL;
}

static char *
digest_of(const char *digest)
{
    return digest ? g_strndup(digest, 12) : NULL;
}

/* -- parameters -- */

static void
flatten(GHashTable *values, const char *prefix, const cJSON *json, guint depth)
{
    const cJSON *member;
    cJSON_ArrayForEach (member, json) {
        g_autofree char *name =
            prefix ? g_strdup_printf("%s.%s", prefix, member->string ? member->string : "")
                   : g_strdup(member->string ? member->string : "");
        if (cJSON_IsObject(member) && depth < 4) {
            flatten(values, name, member, depth + 1);
            continue;
        }
        g_autofree char *plain = json_print(member);
        char *value =
            cJSON_IsString(member) ? g_strdup(member->valuestring) : g_strndup(plain, VALUE_MAX);
        g_hash_table_insert(values, g_steal_pointer(&name), value);
    }
}

/* What was used, and over it what was given for this run alone. */
static GHashTable *
parameters_of(const Breakdown *breakdown)
{
    GHashTable *values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    const char *own = breakdown->run->parameters;
    g_autoptr(cJSON) json = own ? json_parse(own, strlen(own), "parameters", NULL) : NULL;
    if (breakdown->result && cJSON_IsObject(breakdown->result->parameters))
        flatten(values, NULL, breakdown->result->parameters, 0);
    if (cJSON_IsObject(json))
        flatten(values, NULL, json, 0);
    return values;
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
add_parameters(Comparison *comparison)
{
    g_autoptr(GHashTable) before = parameters_of(comparison->before),
                          after = parameters_of(comparison->after),
                          all = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    GHashTable *const both[] = {before, after};
    for (guint i = 0; i < G_N_ELEMENTS(both); i++) {
        GHashTableIter iter;
        gpointer name;
        g_hash_table_iter_init(&iter, both[i]);
        while (g_hash_table_iter_next(&iter, &name, NULL)) {
            if (g_hash_table_add(all, name))
                g_ptr_array_add(names, name);
        }
    }
    g_ptr_array_sort(names, compare_names);
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        add_text(comparison, name, g_hash_table_lookup(before, name),
                 g_hash_table_lookup(after, name));
        ((ComparedFact *)g_ptr_array_index(comparison->facts, comparison->facts->len - 1))
            ->parameter = TRUE;
    }
}

static void
add_facts(Comparison *comparison)
{
    const Breakdown *old = comparison->before, *new = comparison->after;
    const Run *before = old->run, *after = new->run;
    add_fact(comparison, "amount", amount_of(before), amount_of(after));
    add_fact(comparison, "95 % interval", interval_of(before), interval_of(after));
    add_fact(comparison, "rows", wording_count(before->rows), wording_count(after->rows));
    add_fact(comparison, "data", days_of(old), days_of(new));
    add_fact(comparison, "SQL", digest_of(before->sql_sha256), digest_of(after->sql_sha256));
    add_fact(comparison, "calculator", calculator_of(before), calculator_of(after));
    add_text(comparison, "product", before->product, after->product);
    add_text(comparison, "customer", before->customer, after->customer);
    add_text(comparison, "unusual", before->unusual, after->unusual);
    add_text(comparison, "warehouse", before->warehouse, after->warehouse);
    add_text(comparison, "by", before->actor, after->actor);
    add_parameters(comparison);
}

Comparison *
comparison_new(Breakdown *before, Breakdown *after)
{
    Comparison *comparison = g_new0(Comparison, 1);
    comparison->before = before;
    comparison->after = after;
    comparison->facts = g_ptr_array_new_with_free_func(fact_free);
    comparison->changes = breakdown_compare(before, after);
    for (guint i = 0; i < comparison->changes->len; i++) {
        char sign = g_array_index(comparison->changes, SegmentChange, i).sign;
        comparison->added += sign == '+' ? 1 : 0;
        comparison->gone += sign == '-' ? 1 : 0;
        comparison->changed += sign == '~' ? 1 : 0;
    }
    if (g_strcmp0(before->run->sql, after->run->sql) != 0)
        comparison->sql = diff_texts(before->run->sql, after->run->sql);
    add_facts(comparison);
    return comparison;
}

Comparison *
comparison_read(Store *store, gint64 before_id, gint64 after_id, GError **error)
{
    g_autoptr(Run) before = store_run_get(store, before_id, error);
    g_autoptr(Run) after = before ? store_run_get(store, after_id, error) : NULL;
    if (!after)
        return NULL;
    Breakdown *old = breakdown_new(g_steal_pointer(&before), COMPARISON_SEGMENTS_MAX);
    return comparison_new(old, breakdown_new(g_steal_pointer(&after), COMPARISON_SEGMENTS_MAX));
}

void
comparison_free(Comparison *comparison)
{
    if (!comparison)
        return;
    breakdown_free(comparison->before);
    breakdown_free(comparison->after);
    g_ptr_array_unref(comparison->facts);
    g_array_unref(comparison->changes);
    diff_free(comparison->sql);
    g_free(comparison);
}
