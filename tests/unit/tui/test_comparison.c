/* test_comparison.c: breakdowns and what differs between two runs, small ones and very large ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tui/comparison.h"

static void
segment_free(gpointer data)
{
    CalcSegment *segment = data;
    g_free(segment->country);
    g_free(segment->day);
    g_free(segment);
}

static void
add(CalcResult *result, const char *country, const char *day, gint64 attempts, gint64 verified,
    gint64 credit)
{
    CalcSegment *segment = g_new0(CalcSegment, 1);
    segment->country = g_strdup(country);
    segment->day = g_strdup(day);
    segment->attempts = attempts;
    segment->conversions = verified;
    segment->baseline = 0.5;
    segment->attacked = credit > 0;
    segment->credit = credit;
    g_ptr_array_add(result->segments, segment);
}

static CalcResult *
new_result(void)
{
    CalcResult *result = calc_result_new();
    g_ptr_array_unref(result->segments);
    result->segments = g_ptr_array_new_with_free_func(segment_free);
    result->currency = g_strdup("USD");
    return result;
}

static Run *
new_run(gint64 number, const CalcResult *result, const char *sql, const char *parameters)
{
    Run *run = run_new();
    g_autoptr(cJSON) json = calc_result_to_json(result);
    run->id = run->number = number;
    run->status = g_strdup("done");
    run->amount = number * 1000000;
    run->currency = g_strdup("USD");
    run->result = json_print(json);
    run->sql = g_strdup(sql);
    run->parameters = g_strdup(parameters);
    return run;
}

static const ComparedFact *
fact_named(const Comparison *comparison, const char *name)
{
    for (guint i = 0; i < comparison->facts->len; i++) {
        const ComparedFact *fact = g_ptr_array_index(comparison->facts, i);
        if (strcmp(fact->name, name) == 0)
            return fact;
    }
    fail_msg("no fact is named %s", name);
    return NULL;
}

static void
test_compare(void **state)
{
    (void)state;
    g_autoptr(CalcResult) old = new_result(), new = new_result();
    add(old, "AZ", "2026-09-14", 9120, 98, 2104100000);
    add(old, "US", "2026-09-14", 500, 400, 0);
    add(old, "GE", "2026-09-14", 7, 7, 0);
    add(new, "AZ", "2026-09-14", 9120, 98, 2104100000);
    add(new, "US", "2026-09-14", 510, 400, 0);
    add(new, "UZ", "2026-09-15", 3310, 21, 860500000);
    Breakdown *before = breakdown_new(new_run(1, old, "SELECT 1\nFROM a", "{\"window\":30}"), 100);
    Breakdown *after = breakdown_new(
        new_run(3, new, "SELECT 1\nFROM b", "{\"window\":14,\"deep\":{\"x\":\"y\"}}"), 100);
    g_autoptr(Comparison) comparison = comparison_new(before, after);
    assert_int_equal(comparison->added, 1);
    assert_int_equal(comparison->gone, 1);
    assert_int_equal(comparison->changed, 1);
    const SegmentChange *first = &g_array_index(comparison->changes, SegmentChange, 0);
    assert_int_equal(first->sign, '+');
    assert_string_equal(first->after->country, "UZ");
    assert_non_null(comparison->sql);
    assert_int_equal(comparison->sql->gone, 1);
    assert_int_equal(comparison->sql->fresh, 1);
    assert_string_equal(fact_named(comparison, "amount")->before, "1.00 USD");
    assert_string_equal(fact_named(comparison, "amount")->after, "3.00 USD");
    assert_string_equal(fact_named(comparison, "window")->after, "14");
    assert_false(fact_named(comparison, "window")->same);
    assert_string_equal(fact_named(comparison, "deep.x")->before, "-");
    assert_string_equal(fact_named(comparison, "deep.x")->after, "y");
    assert_true(fact_named(comparison, "product")->same);
}

static void
test_without_result(void **state)
{
    (void)state;
    g_autoptr(CalcResult) result = new_result();
    add(result, "AZ", "2026-09-14", 1, 1, 0);
    Run *failed = run_new();
    failed->status = g_strdup("failed");
    Run *broken = new_run(2, result, "SELECT 1", "[");
    g_free(broken->result);
    broken->result = g_strdup("{\"amount\":");
    g_autoptr(Comparison) comparison =
        comparison_new(breakdown_new(failed, 10), breakdown_new(broken, 10));
    assert_null(comparison->before->problem);
    assert_non_null(strstr(comparison->after->problem, "cannot be read"));
    assert_int_equal(comparison->changes->len, 0);
    assert_string_equal(fact_named(comparison, "amount")->before, "failed");
}

/* 60,000 segments in 3,000 countries over 1,500 days: bounded, and summed. */
static void
test_large(void **state)
{
    (void)state;
    g_autoptr(CalcResult) result = new_result();
    gint64 credit = 0, attempts = 0;
    for (guint i = 0; i < 60000; i++) {
        char country[16], day[16];
        g_snprintf(country, sizeof country, "C%u", i % 3000);
        g_snprintf(day, sizeof day, "%04u-%02u-%02u", 2020 + i % 1500 / 336, i % 1500 / 28 % 12 + 1,
                   i % 28 + 1);
        add(result, country, day, 10, 5, i % 10 == 0 ? 1000 : 0);
    }
    Run *run = run_new();
    g_autoptr(cJSON) json = calc_result_to_json(result);
    run->result = json_print(json);
    g_autoptr(Breakdown) breakdown = breakdown_new(run, 1000);
    assert_null(run->result);
    assert_int_equal(breakdown->segments, 60000);
    assert_int_equal(breakdown->attacked, 6000);
    assert_int_equal(breakdown->left_out, 5000);
    assert_int_equal(breakdown->left_out_credit, 5000 * 1000);
    assert_int_equal(breakdown->result->segments->len, 1000);
    assert_true(breakdown->days->len <= BREAKDOWN_DAYS_MAX);
    assert_int_equal(breakdown->countries->len, BREAKDOWN_COUNTRIES_MAX);
    for (guint i = 0; i < breakdown->countries->len; i++) {
        const BreakdownCountry *country = g_ptr_array_index(breakdown->countries, i);
        credit += country->credit;
        attempts += country->total;
    }
    assert_int_equal(credit, breakdown->whole->credit);
    assert_int_equal(attempts, breakdown->whole->total);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_without_result),
        cmocka_unit_test(test_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
