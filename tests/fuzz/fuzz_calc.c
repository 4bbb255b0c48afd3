/* fuzz_calc.c: a stored result and the parameters of a rerun: any JSON is a result or an error, a
 * result is the same after it was written; any parameter is taken or refused with its reason. */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include "base/error.h"
#include "calc/calc.h"

static const char *
no_environment(const char *name G_GNUC_UNUSED)
{
    return NULL;
}

static void *
make_config(void *unused G_GNUC_UNUSED)
{
    Config *config = config_parse("[product.verify]\nmatch=Authy\ncalculator=verify\n", "fuzz",
                                  no_environment, NULL);
    g_assert_nonnull(config);
    return config;
}

static void
check_numbers(const CalcResult *result)
{
    for (guint i = 0; i < result->segments->len; i++) {
        const CalcSegment *segment = result->segments->pdata[i];
        g_assert_true(segment->country && segment->day);
        g_assert_cmpint(segment->attempts, >=, 0);
        g_assert_cmpint(segment->conversions, >=, 0);
    }
}

static void
check_result(const char *text, gsize size)
{
    g_autoptr(cJSON) json = json_parse(text, size, "fuzz", NULL);
    g_autoptr(GError) error = NULL;
    if (!json)
        return;
    g_autoptr(CalcResult) result = calc_result_from_json(json, &error);
    g_assert_true((result == NULL) == (error != NULL));
    if (!result)
        return;
    check_numbers(result);
    g_autoptr(cJSON) written = calc_result_to_json(result);
    g_autofree char *first = json_print(written);
    g_autoptr(cJSON) read = json_parse(first, strlen(first), "again", NULL);
    g_assert_nonnull(read);
    g_autoptr(CalcResult) back = calc_result_from_json(read, NULL);
    g_assert_nonnull(back);
    g_assert_cmpint(back->amount, ==, result->amount);
    g_assert_cmpint(back->low, ==, result->low);
    g_assert_cmpint(back->high, ==, result->high);
    g_assert_cmpint(back->spend, ==, result->spend);
    g_assert_cmpuint(back->segments->len, ==, result->segments->len);
    g_assert_cmpuint(back->reasons->len, ==, result->reasons->len);
    g_autoptr(cJSON) again = calc_result_to_json(back);
    g_autofree char *second = json_print(again);
    g_assert_cmpstr(first, ==, second);
}

/* Lines of key=value, as `rerun --set` gives them. */
static void
check_parameters(const char *text)
{
    static GOnce once = G_ONCE_INIT;
    g_autoptr(GHashTable) set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_auto(GStrv) lines = g_strsplit(text, "\n", 6);
    g_autoptr(GError) error = NULL;
    g_once(&once, make_config, NULL);
    for (char **line = lines; *line; line++) {
        char *equals = strchr(*line, '=');
        if (equals && g_utf8_validate(*line, -1, NULL))
            g_hash_table_replace(set, g_strndup(*line, (gsize)(equals - *line)),
                                 g_strdup(equals + 1));
    }
    g_autoptr(Calc) calc = calc_new(once.retval, "verify", set, &error);
    g_assert_true((calc == NULL) == (error != NULL));
    if (calc) {
        const char *const columns[] = {"day", "country", "attempts", "conversions", "cost", NULL};
        g_autofree char *sql = calc_plan(calc, "SELECT 1", columns, NULL);
        g_assert_true(sql == NULL || g_utf8_validate(sql, -1, NULL));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    check_result((const char *)data, size);
    if (*text != '{')
        check_parameters(text);
    return 0;
}
