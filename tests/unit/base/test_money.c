/* test_money.c: exact to the micro-unit, checked against school arithmetic on decimal strings. */
#include "tests/unit/base/cmocka_base.h"

#include "base/error.h"
#include "base/money.h"

static gint64
parse(const char *text)
{
    gint64 micro = 0;
    g_autoptr(GError) error = NULL;
    if (!money_parse(text, FALSE, &micro, &error))
        fail_msg("%s: %s", text, error->message);
    return micro;
}

static void
test_parse(void **state)
{
    (void)state;
    const struct {
        const char *text;
        gint64 micro;
    } cases[] = {
        {"1234.56", 1234560000},
        {"-0.5", -500000},
        {"0", 0},
        {"-0", 0},
        {"-0.0000001", 0},
        {"1.2E3", 1200000000},
        {"1.2e+3", 1200000000},
        {"1.0E-5", 10},
        {"5e-7", 0},
        {"15e-7", 2},
        {"0.0000005", 0},
        {"0.0000015", 2},
        {"0.0000025", 2},
        {"0.00000250000000000001", 3},
        {"0.0000024999999999999999999", 2},
        {"-0.0000015", -2},
        {".5", 500000},
        {"00012.5", 12500000},
        {"9223372036854.775807", G_MAXINT64},
        {"-9223372036854.775808", G_MININT64},
        {"9223372036854.7758074", G_MAXINT64},
        {"0e400", 0},
        {"0.000000000000000000000000000001e30", 1000000},
        {"1000000000000000000000000e-20", 10000000000},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        if (parse(cases[i].text) != cases[i].micro)
            fail_msg("%s became %" G_GINT64_FORMAT, cases[i].text, parse(cases[i].text));
    }
}

static void
test_parse_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "-",
        ".",
        "1.",
        "1,234.56",
        "1 000",
        "+1",
        "0x10",
        "NaN",
        "nan",
        "inf",
        "-Infinity",
        "1e",
        "1e+",
        "1e1.5",
        "--1",
        " 1",
        "1 ",
        "1.2.3",
        "1e401",
        "1e99999999999999999999",
        "9223372036854.775808",
        "9223372036854.7758075",
        "-9223372036854.775809",
        "1e13",
        "1e300",
        "１２",
        "340282366920938463463374607431768211456",
        "99999999999999999999999999999999999999999",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        gint64 micro = 7;
        g_autoptr(GError) error = NULL;
        if (money_parse(bad[i], FALSE, &micro, &error))
            fail_msg("'%s' was taken for an amount", bad[i]);
        assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_INPUT));
        assert_true(micro == 7);
    }
    gint64 micro = 7;
    assert_false(money_parse(NULL, FALSE, &micro, NULL));
    g_autofree char *endless = g_strnfill(100000, '9');
    assert_false(money_parse(endless, FALSE, &micro, NULL));
}

static void
test_parse_exact(void **state)
{
    (void)state;
    gint64 micro = 7;
    g_autoptr(GError) error = NULL;
    assert_true(money_parse("0.123456", TRUE, &micro, NULL));
    assert_int_equal(micro, 123456);
    assert_true(money_parse("0.1234560000", TRUE, &micro, NULL));
    assert_int_equal(micro, 123456);
    assert_false(money_parse("0.1234561", TRUE, &micro, &error));
    assert_has(error->message, "six decimals");
    assert_int_equal(micro, 123456);
}

static void
test_format(void **state)
{
    (void)state;
    const struct {
        gint64 micro;
        const char *exact, *display;
    } cases[] = {
        {0, "0.00", "0.00"},
        {1, "0.000001", "0.00"},
        {-1, "-0.000001", "0.00"},
        {1234500000, "1234.50", "1,234.50"},
        {12480500000, "12480.50", "12,480.50"},
        {5000, "0.005", "0.00"},
        {15000, "0.015", "0.02"},
        {25000, "0.025", "0.02"},
        {25001, "0.025001", "0.03"},
        {-15000, "-0.015", "-0.02"},
        {999995000, "999.995", "1,000.00"},
        {999000000, "999.00", "999.00"},
        {-1000000000, "-1000.00", "-1,000.00"},
        {G_MAXINT64, "9223372036854.775807", "9,223,372,036,854.78"},
        {G_MININT64, "-9223372036854.775808", "-9,223,372,036,854.78"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *exact = money_format(cases[i].micro);
        g_autofree char *display = money_display(cases[i].micro);
        g_autofree char *both = g_strconcat(display, " USD", NULL);
        g_autofree char *in = money_display_in(cases[i].micro, "USD");
        assert_string_equal(in, both);
        assert_string_equal(exact, cases[i].exact);
        assert_string_equal(display, cases[i].display);
    }
}

static gint64
random_micro(guint64 *seed)
{
    gint64 value = (gint64)next_random(seed);
    return value >> (next_random(seed) % 64);
}

static void
test_round_trip(void **state)
{
    (void)state;
    guint64 seed = 4;
    for (int i = 0; i < 50000; i++) {
        gint64 micro = random_micro(&seed), back = 0;
        g_autofree char *text = money_format(micro);
        assert_true(money_parse(text, TRUE, &back, NULL));
        assert_true(back == micro);
    }
}

/* The oracle works on decimal digits alone: long division of a digit string by a small number, then
 * the rule for halves on what remains. Nothing of it is shared with money.c. */
static gint64
oracle_divide(const char *digits, guint64 divisor)
{
    guint64 quotient = 0, rest = 0;
    for (; *digits != '\0'; digits++) {
        rest = rest * 10 + (guint64)(*digits - '0');
        quotient = quotient * 10 + rest / divisor;
        rest %= divisor;
    }
    if (rest * 2 > divisor || (rest * 2 == divisor && quotient % 2 == 1))
        quotient++;
    return (gint64)quotient;
}

/* Product of two numbers as a digit string, by hand. */
static char *
oracle_multiply(guint64 a, guint64 b)
{
    char da[24], db[24];
    int cells[48] = {0};
    g_snprintf(da, sizeof da, "%" G_GUINT64_FORMAT, a);
    g_snprintf(db, sizeof db, "%" G_GUINT64_FORMAT, b);
    int na = (int)strlen(da), nb = (int)strlen(db);
    for (int i = 0; i < na; i++) {
        for (int j = 0; j < nb; j++)
            cells[i + j] += (da[na - 1 - i] - '0') * (db[nb - 1 - j] - '0');
    }
    GString *text = g_string_new(NULL);
    for (int i = 0, carry = 0; i < na + nb; i++) {
        carry += cells[i];
        g_string_prepend_c(text, (char)('0' + carry % 10));
        carry /= 10;
    }
    return g_string_free(text, FALSE);
}

static void
test_scale_oracle(void **state)
{
    (void)state;
    guint64 seed = 5;
    for (int i = 0; i < 50000; i++) {
        guint64 divisor = next_random(&seed) % 1000000000 + 1;
        guint64 numerator = next_random(&seed) % (divisor + 1);
        guint64 a = next_random(&seed) >> (1 + next_random(&seed) % 40);
        g_autofree char *digits = oracle_multiply(a, numerator);
        gint64 expected = oracle_divide(digits, divisor), got = -1, mirrored = -1;
        assert_true(money_scale((gint64)a, (gint64)numerator, (gint64)divisor, &got, NULL));
        assert_true(got == expected);
        assert_true(money_scale(-(gint64)a, (gint64)numerator, (gint64)divisor, &mirrored, NULL));
        assert_true(mirrored == -expected);
    }
}

/* Halves on purpose: random values almost never hit them. */
static void
test_halves(void **state)
{
    (void)state;
    guint64 seed = 6;
    for (int i = 0; i < 20000; i++) {
        gint64 step = 2 * (gint64)(next_random(&seed) % 1000000 + 1);
        gint64 count = (gint64)(next_random(&seed) % 1000000), rounded = -1;
        gint64 half = count * step + step / 2;
        gint64 even = (count % 2 ? count + 1 : count) * step;
        assert_true(money_round(half, step, &rounded, NULL));
        assert_true(rounded == even);
        assert_true(money_round(-half, step, &rounded, NULL));
        assert_true(rounded == -even);
        assert_true(money_round(half - 1, step, &rounded, NULL));
        assert_true(rounded == count * step || step == 2);
        assert_true(money_round(half + 1, step, &rounded, NULL));
        assert_true(rounded == (count + 1) * step);
    }
}

static void
test_properties(void **state)
{
    (void)state;
    guint64 seed = 7;
    for (int i = 0; i < 50000; i++) {
        gint64 a = random_micro(&seed) / 4, b = random_micro(&seed) / 4, sum, back, once, twice;
        assert_true(money_add(a, b, &sum, NULL));
        assert_true(money_add(sum, -b, &back, NULL));
        assert_true(back == a);
        assert_true(money_round(a, 10000, &once, NULL));
        assert_true(money_round(once, 10000, &twice, NULL));
        assert_true(once == twice && once % 10000 == 0);
        assert_true(ABS(once - a) <= 5000);
        assert_true(money_scale(a, 7, 7, &back, NULL));
        assert_true(back == a);
    }
}

static void
test_overflow(void **state)
{
    (void)state;
    gint64 result = 7;
    g_autoptr(GError) error = NULL;
    assert_false(money_add(G_MAXINT64, 1, &result, &error));
    assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_INPUT));
    assert_false(money_add(G_MININT64, -1, &result, NULL));
    assert_false(money_scale(G_MAXINT64, 2, 1, &result, NULL));
    assert_false(money_scale(G_MININT64, -1, 1, &result, NULL));
    assert_false(money_round(G_MAXINT64, 10000, &result, NULL));
    assert_int_equal(result, 7);
    assert_true(money_scale(G_MAXINT64, G_MAXINT64, G_MAXINT64, &result, NULL));
    assert_true(result == G_MAXINT64);
    assert_true(money_scale(G_MININT64, G_MININT64, G_MAXINT64, &result, NULL) == FALSE);
    assert_true(money_add(G_MAXINT64, G_MININT64, &result, NULL));
    assert_int_equal(result, -1);
}

static void
test_currency(void **state)
{
    (void)state;
    assert_true(money_currency_valid("USD"));
    static const char *const bad[] = {"", "usd", "US", "USDT", "U D", "US1", "ÄB"};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        assert_false(money_currency_valid(bad[i]));
    assert_false(money_currency_valid(NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),       cmocka_unit_test(test_parse_refused),
        cmocka_unit_test(test_parse_exact), cmocka_unit_test(test_format),
        cmocka_unit_test(test_round_trip),  cmocka_unit_test(test_scale_oracle),
        cmocka_unit_test(test_halves),      cmocka_unit_test(test_properties),
        cmocka_unit_test(test_overflow),    cmocka_unit_test(test_currency),
    };
    return cmocka_run_group_tests_name("money", tests, NULL, NULL);
}
