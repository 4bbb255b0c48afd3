/* Scenarios of each kind with fixed seeds and bounds, and properties that every result must have.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/config.h"
#include "calc/calc.h"
#include "calc_world.h"

static const char *const columns[] = {"day", "country", "attempts", "conversions", "cost", NULL};

static Calc *
calc_open(const char *key, const char *value)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config =
        config_parse("[product.verify]\nmatch=Authy\ncalculator=verify\n", "test", NULL, &error);
    g_autoptr(GHashTable) overrides = g_hash_table_new(g_str_hash, g_str_equal);
    if (key)
        g_hash_table_insert(overrides, (gpointer)(guintptr)key, (gpointer)(guintptr)value);
    Calc *calc = calc_new(config, "verify", overrides, &error);
    assert_null(error);
    g_autofree char *plan = calc_plan(calc, "SELECT 1", columns, &error);
    assert_non_null(plan);
    return calc;
}

static void
feed(Calc *calc, const char *country, int day, gint64 attempts, gint64 conversions, gint64 micro)
{
    GDate date;
    g_date_clear(&date, 1);
    g_date_set_dmy(&date, 1, G_DATE_SEPTEMBER, 2026);
    g_date_add_days(&date, (guint)day);
    g_autofree char *name = g_strdup_printf("%04d-%02d-%02d", g_date_get_year(&date),
                                            g_date_get_month(&date), g_date_get_day(&date));
    g_autofree char *a = g_strdup_printf("%" G_GINT64_FORMAT, attempts);
    g_autofree char *c = g_strdup_printf("%" G_GINT64_FORMAT, conversions);
    g_autofree char *m =
        g_strdup_printf("%" G_GINT64_FORMAT ".%06d", micro / 1000000, (int)(micro % 1000000));
    const char *cells[] = {name, country, a, c, m, "1"};
    assert_true(calc_feed(calc, cells, G_N_ELEMENTS(cells), NULL));
}

static CalcResult *
run_world(const World *world)
{
    g_autoptr(Calc) calc = calc_open(NULL, NULL);
    for (guint i = 0; i < world->rows->len; i++) {
        const WorldRow *row = &g_array_index(world->rows, WorldRow, i);
        feed(calc, row->country, row->day, row->attempts, row->conversions, row->cost);
    }
    CalcResult *result = calc_finish(calc, NULL);
    assert_non_null(result);
    return result;
}

/* What holds for every result, whatever the data. */
static void
assert_sound(const CalcResult *result)
{
    gint64 sum = 0, spend = 0;
    for (guint i = 0; i < result->segments->len; i++) {
        const CalcSegment *segment = g_ptr_array_index(result->segments, i);
        assert_true(segment->credit >= 0 && segment->credit <= segment->cost);
        assert_true(segment->attacked || segment->credit == 0);
        assert_true(segment->expected >= 0 &&
                    segment->expected <= (double)segment->attempts + 1e-6);
        assert_true(segment->baseline > 0 && segment->baseline < 1);
        sum += segment->credit;
        spend += segment->cost;
    }
    assert_true(spend == result->spend);
    assert_true(llabs(sum - result->amount) <= 5000 && result->amount % 10000 == 0);
    assert_true(result->low <= result->amount && result->amount <= result->high);
    assert_true(result->low >= 0 && result->high <= result->spend + 5000);
    assert_true(result->reasons->len > 0);
}

typedef struct {
    WorldKind kind;
    double median; /* of the relative errors over the seeds */
    double worst;
} Bound;

#define SEEDS 5

static void
test_attacks(void **state)
{
    (void)state;
    static const Bound bounds[] = {
        {WORLD_ONE, 0.008, 0.05},      {WORLD_SEVERAL, 0.008, 0.05}, {WORLD_SLOW, 0.04, 1},
        {WORLD_SWELLING, 0.02, 0.10},  {WORLD_ONE_DAY, 0.015, 0.10}, {WORLD_WHOLE, 0.03, 1},
        {WORLD_VERIFYING, 0.02, 0.15}, {WORLD_GROWING, 0.02, 0.10},  {WORLD_TINY, 0.03, 0.15},
        {WORLD_NEW, 0.001, 0.05},      {WORLD_MIXED, 0.03, 0.30},
    };
    for (gsize b = 0; b < G_N_ELEMENTS(bounds); b++) {
        double errors[SEEDS] = {0};
        for (guint i = 0; i < SEEDS; i++) {
            World *world = world_new(bounds[b].kind, 5000 + i);
            g_autoptr(CalcResult) result = run_world(world);
            assert_sound(result);
            double error = fabs((double)result->amount - world->fraud) / world->fraud;
            assert_true(error <= bounds[b].worst);
            guint at = i;
            for (; at > 0 && errors[at - 1] > error; at--)
                errors[at] = errors[at - 1];
            errors[at] = error;
            world_free(world);
        }
        if (errors[SEEDS / 2] > bounds[b].median)
            print_message("%s: median error %f\n", world_name(bounds[b].kind), errors[SEEDS / 2]);
        assert_true(errors[SEEDS / 2] <= bounds[b].median);
    }
}

static void
test_honest(void **state)
{
    (void)state;
    double credit = 0, spend = 0;
    for (int kind = WORLD_FIRST_HONEST; kind < N_WORLDS; kind++) {
        for (guint32 i = 0; i < SEEDS; i++) {
            World *world = world_new((WorldKind)kind, 5000 + i);
            g_autoptr(CalcResult) result = run_world(world);
            assert_sound(result);
            credit += (double)result->amount;
            spend += world->spend;
            world_free(world);
        }
    }
    assert_true(credit <= 0.0005 * spend);
}

/* 28 days of 100 attempts at 60 %, 0.05 each, with one day replaced. */
static CalcResult *
run_simple(int day, gint64 attempts, gint64 conversions, const char *key, const char *value)
{
    g_autoptr(Calc) calc = calc_open(key, value);
    for (int i = 0; i < 28; i++) {
        gint64 n = i == day ? attempts : 96 + i * 7 % 11, c = i == day ? conversions : n * 6 / 10;
        feed(calc, "AZ", i, n, c, n * 50000);
    }
    CalcResult *result = calc_finish(calc, NULL);
    assert_sound(result);
    return result;
}

static gboolean
says(const CalcResult *result, const char *part)
{
    for (guint i = 0; i < result->reasons->len; i++) {
        if (strstr(g_ptr_array_index(result->reasons, i), part))
            return TRUE;
    }
    return FALSE;
}

static void
test_day_without_conversion(void **state)
{
    (void)state;
    g_autoptr(CalcResult) result = run_simple(20, 3000, 0, NULL, NULL);
    assert_int_equal(result->amount, G_GINT64_CONSTANT(3000) * 50000);
    assert_true(says(result, "Attack 21 Sep in AZ"));
}

static void
test_surge_and_outage(void **state)
{
    (void)state;
    g_autoptr(CalcResult) surge = run_simple(20, 900, 545, NULL, NULL);
    assert_int_equal(surge->amount, 0);
    assert_true(says(surge, "business"));
    g_autoptr(CalcResult) outage = run_simple(20, 104, 9, NULL, NULL);
    assert_int_equal(outage->amount, 0);
    assert_true(says(outage, "delivery problem"));
    g_autoptr(CalcResult) retried = run_simple(20, 170, 9, NULL, NULL);
    assert_int_equal(retried->amount, 0);
    g_autoptr(CalcResult) quiet = run_simple(20, 100, 60, NULL, NULL);
    assert_int_equal(quiet->amount, 0);
    assert_true(says(quiet, "No attack"));
}

static void
test_attack_size(void **state)
{
    (void)state;
    /* 2,000 that never verify on top of 100: the truth is 100.00. */
    g_autoptr(CalcResult) result = run_simple(20, 2100, 61, NULL, NULL);
    assert_true(llabs(result->amount - 100000000) < 1000000);
    assert_true(result->low <= 100000000 && 100000000 <= result->high);
    /* A dearer day is credited at its own price. */
    g_autoptr(Calc) calc = calc_open(NULL, NULL);
    for (int i = 0; i < 28; i++)
        feed(calc, "AZ", i, i == 20 ? 2100 : 100, 61,
             G_GINT64_CONSTANT(100) * (i == 20 ? 21 * 70000 : 50000));
    g_autoptr(CalcResult) dearer = calc_finish(calc, NULL);
    assert_true(llabs(dearer->amount - 140000000) < 1400000);
}

static void
test_window(void **state)
{
    (void)state;
    g_autoptr(CalcResult) inside = run_simple(25, 2100, 61, "window", "7d");
    assert_true(inside->amount > 0);
    g_autoptr(CalcResult) outside = run_simple(10, 2100, 61, "window", "7d");
    assert_int_equal(outside->amount, 0);
}

static void
feed_country(Calc *calc, const char *country, int first, int last, gint64 attempts,
             gint64 conversions)
{
    for (int i = first; i < last; i++)
        feed(calc, country, i, attempts + i * 7 % 11, conversions + i * 5 % 7,
             50000 * (attempts + i * 7 % 11));
}

static void
test_new_country(void **state)
{
    (void)state;
    static const struct {
        gint64 conversions;
        gboolean attack;
    } cases[] = {{580, FALSE}, {4, TRUE}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Calc) calc = calc_open(NULL, NULL);
        feed_country(calc, "US", 0, 28, 1000, 600);
        feed_country(calc, "GB", 0, 28, 800, 500);
        feed_country(calc, "DE", 0, 28, 500, 310);
        feed_country(calc, "UZ", 20, 26, 1000, cases[i].conversions);
        g_autoptr(CalcResult) result = calc_finish(calc, NULL);
        assert_sound(result);
        if (cases[i].attack)
            assert_true(result->amount > 290000000 && result->amount <= 303000000);
        else
            assert_int_equal(result->amount, 0);
        assert_true(result->unusual->len > 0);
    }
}

static void
test_whole_window(void **state)
{
    (void)state;
    g_autoptr(Calc) calc = calc_open(NULL, NULL);
    feed_country(calc, "US", 0, 28, 1000, 600);
    feed_country(calc, "GB", 0, 28, 800, 500);
    feed_country(calc, "DE", 0, 28, 500, 310);
    feed_country(calc, "UZ", 0, 28, 5000, 60);
    g_autoptr(CalcResult) result = calc_finish(calc, NULL);
    assert_sound(result);
    assert_true(says(result, "conversions alone"));
    assert_true(result->amount > G_GINT64_CONSTANT(6700000000) &&
                result->amount < G_GINT64_CONSTANT(7000000000));
    assert_true(result->high - result->low > 1000000);
}

/* The order of rows and a common factor on the prices change nothing but the scale. */
static void
test_invariances(void **state)
{
    (void)state;
    World *world = world_new(WORLD_SEVERAL, 5003);
    g_autoptr(CalcResult) plain = run_world(world);
    g_autoptr(Calc) backwards = calc_open(NULL, NULL), dear = calc_open(NULL, NULL);
    for (guint i = world->rows->len; i-- > 0;) {
        const WorldRow *row = &g_array_index(world->rows, WorldRow, i);
        feed(backwards, row->country, row->day, row->attempts, row->conversions, row->cost);
        feed(dear, row->country, row->day, row->attempts, row->conversions, row->cost * 8);
    }
    world_free(world);
    g_autoptr(CalcResult) reversed = calc_finish(backwards, NULL);
    g_autoptr(CalcResult) scaled = calc_finish(dear, NULL);
    assert_int_equal(reversed->amount, plain->amount);
    assert_int_equal(reversed->low, plain->low);
    assert_true(llabs(scaled->amount - 8 * plain->amount) <= 80000);
}

/* Whatever the numbers are, the result is sound and finite. */
static void
test_odd_data(void **state)
{
    (void)state;
    static const gint64 sizes[] = {0, 1, 3, 40, 5000, 1000000, G_GINT64_CONSTANT(4000000000000)};
    static const int spans[] = {1, 2, 6, 15, 400};
    GRand *rand = g_rand_new_with_seed(7);
    for (int round = 0; round < 60; round++) {
        g_autoptr(Calc) calc = calc_open(NULL, NULL);
        int span = spans[g_rand_int_range(rand, 0, G_N_ELEMENTS(spans))];
        feed(calc, "AA", 0, 1, round % 2, 1000);
        for (int country = 1; country < 4; country++) {
            gint64 size = sizes[g_rand_int_range(rand, 0, G_N_ELEMENTS(sizes))];
            char name[] = {'B', (char)('A' + country), '\0'};
            for (int day = 0; day < span; day++) {
                gint64 n = (gint64)((double)size * g_rand_double(rand));
                double rate = round % 3 == 0 ? 0 : round % 3 == 1 ? 1 : g_rand_double(rand);
                if (g_rand_int_range(rand, 0, 3) > 0)
                    feed(calc, name, day, n, (gint64)((double)n * rate), n / 7);
            }
        }
        g_autoptr(CalcResult) result = calc_finish(calc, NULL);
        assert_non_null(result);
        assert_sound(result);
        for (guint i = 0; i < result->segments->len; i++) {
            const CalcSegment *segment = g_ptr_array_index(result->segments, i);
            assert_true(isfinite(segment->expected) && isfinite(segment->baseline));
        }
    }
    g_rand_free(rand);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_attacks),
        cmocka_unit_test(test_honest),
        cmocka_unit_test(test_day_without_conversion),
        cmocka_unit_test(test_surge_and_outage),
        cmocka_unit_test(test_attack_size),
        cmocka_unit_test(test_window),
        cmocka_unit_test(test_new_country),
        cmocka_unit_test(test_whole_window),
        cmocka_unit_test(test_invariances),
        cmocka_unit_test(test_odd_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
