/* Product detection, settings and overrides, feeding of bad rows, and the JSON of a result. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/config.h"
#include "base/error.h"
#include "calc/calc.h"

static const char settings[] = "[product.psms]\nmatch=Programmable\naction=ignore\n"
                               "[product.verify]\nmatch=Authy\ncalculator=verify\n";
static const char *const columns[] = {"day", "country", "attempts", "conversions", "cost", NULL};

static Config *
config_make(void)
{
    g_autoptr(GError) error = NULL;
    Config *config = config_parse(settings, "test", NULL, &error);
    assert_null(error);
    return config;
}

static Calc *
calc_planned(GHashTable *overrides)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = config_make();
    Calc *calc = calc_new(config, "verify", overrides, &error);
    assert_null(error);
    g_autofree char *plan = calc_plan(calc, "SELECT 1", columns, &error);
    assert_non_null(plan);
    return calc;
}

static void
test_product(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *product;
    } cases[] = {
        {"SELECT * FROM x WHERE product = 'Authy'", "verify"},
        {"SELECT \"Authy attempts\" FROM x", "verify"},
        {"SELECT * FROM x -- Authy", NULL},
        {"SELECT * FROM x /* Authy */ WHERE 1=1", NULL},
        {"SELECT '--' AS a, 'Authy' AS b", "verify"},
        {"SELECT 'it''s -- ' || 'Authy'", "verify"},
        {"SELECT \"/*\", 'Authy'", "verify"},
        {"SELECT * FROM x WHERE product = 'authy'", NULL},
        {"SELECT 'Programmable Messaging'", "psms"},
        {"SELECT 1 -- x\n FROM Authy", "verify"},
        {"SELECT 1 /* unclosed Authy", NULL},
        {"", NULL},
    };
    g_autoptr(Config) config = config_make();
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *product = calc_product_of(config, cases[i].sql);
        if (cases[i].product)
            assert_string_equal(product, cases[i].product);
        else
            assert_null(product);
    }
    assert_true(calc_product_ignored(config, "psms"));
    assert_false(calc_product_ignored(config, "verify"));
}

static void
test_overrides(void **state)
{
    (void)state;
    static const struct {
        const char *key, *value;
    } bad[] = {{"threshold", "two"},
               {"threshold", "0.9"},
               {"no_such_key", "1"},
               {"window", "5"},
               {"a[b", "1"},
               {"", "1"},
               {"window", "7d\nthreshold=0.1"},
               {"currency", "US\xff"},
               {"win\ndow", "7d"}};
    g_autoptr(Config) config = config_make();
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GHashTable) overrides = g_hash_table_new(g_str_hash, g_str_equal);
        g_hash_table_insert(overrides, (gpointer)(guintptr)bad[i].key,
                            (gpointer)(guintptr)bad[i].value);
        assert_null(calc_new(config, "verify", overrides, &error));
        assert_non_null(error);
    }
    g_autoptr(GHashTable) good = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_insert(good, (gpointer)(guintptr) "window", (gpointer)(guintptr) "7d");
    g_autoptr(Calc) calc = calc_planned(good);
    const char *row[] = {"2026-09-14", "AZ", "10", "5", "1", "1"};
    assert_true(calc_feed(calc, row, G_N_ELEMENTS(row), NULL));
    g_autoptr(CalcResult) result = calc_finish(calc, NULL);
    assert_int_equal(json_int(result->parameters, "window_days", 0), 7);
}

static void
test_bad_rows(void **state)
{
    (void)state;
    static const struct {
        const char *cells[6];
        const char *why;
    } bad[] = {
        {{"2026-09-14", "AZ", "9223372036854775808", "1", "1", "1"}, "beyond"},
        {{"2026-09-14", "AZ", "1e3", "1", "1", "1"}, "AZ on 2026-09-14: attempts '1e3' is not"},
        {{"2026-09-14", "AZ", "", "1", "1", "1"}, "whole number"},
        {{"2026-09-14", "AZ", "10", "11", "1", "1"}, "AZ on 2026-09-14: 11 conversions of 10"},
        {{"2026-09-14", "AZ", "10", "1", "9999999999999999", "1"}, "cost"},
        {{"2026-09-14", "AZ", "10", "1", "x", "1"}, "AZ on 2026-09-14: cost: "},
        {{"2026-13-01", "AZ", "10", "1", "1", "1"}, "calendar day"},
        {{"2026-9-14", "AZ", "10", "1", "1", "1"}, "calendar day"},
        {{NULL, "AZ", "10", "1", "1", "77"}, "77 rows of AZ have no day"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Calc) calc = calc_planned(NULL);
        assert_false(calc_feed(calc, bad[i].cells, 6, &error));
        assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_INPUT));
        assert_non_null(strstr(error->message, bad[i].why));
    }
}

static void
test_sums_and_duplicates(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Calc) calc = calc_planned(NULL);
    const char *big[] = {"2026-09-14", "AZ", "10", "1", "9000000000000", "1"};
    const char *more[] = {"2026-09-15", "AZ", "10", "1", "9000000000000", "1"};
    assert_true(calc_feed(calc, big, 6, &error));
    assert_false(calc_feed(calc, more, 6, &error));
    assert_non_null(strstr(error->message, "add up to more"));

    g_clear_error(&error);
    g_autoptr(Calc) twice = calc_planned(NULL);
    assert_true(calc_feed(twice, big, 6, &error));
    assert_true(
        calc_feed(twice, (const char *[]){"2026-09-14", "AZ", "1", "0", "0", "1"}, 6, &error));
    assert_null(calc_finish(twice, &error));
    assert_non_null(strstr(error->message, "two groups on 2026-09-14"));

    g_clear_error(&error);
    g_autoptr(Calc) empty = calc_planned(NULL);
    assert_null(calc_finish(empty, &error));
    assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_INPUT));

    g_clear_error(&error);
    g_autoptr(Calc) apart = calc_planned(NULL);
    assert_true(
        calc_feed(apart, (const char *[]){"1990-01-01", "AZ", "1", "0", "0", "1"}, 6, &error));
    assert_true(
        calc_feed(apart, (const char *[]){"2026-01-01", "AZ", "1", "0", "0", "1"}, 6, &error));
    assert_null(calc_finish(apart, &error));
    assert_non_null(strstr(error->message, "days"));
    assert_false(calc_feed(apart, big, 5, NULL)); /* too few cells */
}

static void
assert_same_json(const CalcResult *a, const CalcResult *b)
{
    g_autoptr(cJSON) x = calc_result_to_json(a), y = calc_result_to_json(b);
    g_autofree char *first = json_print(x), *second = json_print(y);
    assert_string_equal(first, second);
}

static void
test_json(void **state)
{
    (void)state;
    g_autoptr(Calc) calc = calc_planned(NULL);
    for (int i = 1; i <= 20; i++) {
        g_autofree char *day = g_strdup_printf("2026-09-%02d", i);
        const char *cells[] = {day,          "AZ", i == 15 ? "4321" : "100", i == 15 ? "60" : "61",
                               "12.3456789", "7"};
        assert_true(calc_feed(calc, cells, 6, NULL));
    }
    g_autoptr(CalcResult) result = calc_finish(calc, NULL);
    g_autoptr(cJSON) json = calc_result_to_json(result);
    assert_true(result->amount > 0 && result->amount % 10000 == 0);
    assert_true(result->low <= result->amount && result->amount <= result->high);
    assert_string_equal(json_string(json, "currency"), "USD");
    assert_string_equal(json_string(json, "product"), "verify");
    assert_int_equal(cJSON_GetArraySize(json_array(json, "interval")), 2);
    g_autoptr(CalcResult) back = calc_result_from_json(json, NULL);
    assert_non_null(back);
    assert_same_json(result, back);
    assert_int_equal(back->rows, 140);

    static const char *const needed[] = {"amount", "interval", "segments", "spend"};
    for (gsize i = 0; i < G_N_ELEMENTS(needed); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(cJSON) cut = cJSON_Duplicate(json, TRUE);
        cJSON_DeleteItemFromObjectCaseSensitive(cut, needed[i]);
        assert_null(calc_result_from_json(cut, &error));
        assert_non_null(strstr(error->message, needed[i]));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_product),  cmocka_unit_test(test_overrides),
        cmocka_unit_test(test_bad_rows), cmocka_unit_test(test_sums_and_duplicates),
        cmocka_unit_test(test_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
