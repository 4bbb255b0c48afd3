/* The distributions against published values, against each other, and against plain sums. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "calc/stats.h"

static void
assert_near(double value, double expected, double tolerance)
{
    assert_true(fabs(value - expected) <= tolerance * fmax(1, fabs(expected)));
}

static void
test_log_gamma(void **state)
{
    (void)state;
    assert_near(stats_log_gamma(1), 0, 1e-13);
    assert_near(stats_log_gamma(0.5), 0.5723649429247001, 1e-13); /* log sqrt(pi) */
    assert_near(stats_log_gamma(10), 12.801827480081469, 1e-13);  /* log 9! */
    for (int i = 0; i < 50; i++)
        assert_near(stats_log_gamma(0.01 * pow(1.7, i)), lgamma(0.01 * pow(1.7, i)), 1e-12);
}

static void
test_normal(void **state)
{
    (void)state;
    assert_near(stats_normal_cdf(0), 0.5, 1e-15);
    assert_near(stats_normal_cdf(1.959963984540054), 0.975, 1e-14);
    assert_near(stats_normal_quantile(0.975), 1.959963984540054, 1e-12);
    for (int i = 1; i < 100; i++)
        assert_near(stats_normal_cdf(stats_normal_quantile(i / 100.0)), i / 100.0, 1e-10);
    assert_near(stats_normal_cdf(stats_normal_quantile(1e-9)) * 1e9, 1, 1e-6);
    assert_near(stats_normal_log_cdf(-10), -53.23128515051247, 1e-9);
    assert_near(stats_normal_log_cdf(-30.01), stats_normal_log_cdf(-29.99) - 0.6, 2e-2);
}

static void
test_beta_and_gamma(void **state)
{
    (void)state;
    assert_near(stats_beta_cdf(0.3, 1, 1), 0.3, 1e-14);
    assert_near(stats_beta_cdf(0.5, 2, 3), 0.6875, 1e-13); /* 1 - 5/16 */
    for (int i = 1; i < 20; i++)
        assert_near(stats_beta_cdf(i / 20.0, 7.5, 2.25),
                    1 - stats_beta_cdf(1 - i / 20.0, 2.25, 7.5), 1e-12);
    assert_near(stats_gamma_cdf(1, 1), 1 - exp(-1), 1e-13);
    assert_near(stats_gamma_cdf(0.5, 0.5), 0.6826894921370859, 1e-12); /* chi-squared 1 at 1 */
    assert_near(stats_gamma_cdf(250, 200), 0.99944, 1e-3);
}

static void
test_binomial(void **state)
{
    (void)state;
    assert_near(stats_binomial_lower(3, 10, 0.5), 0.171875, 1e-12); /* 176/1024 */
    assert_near(stats_binomial_lower(-1, 10, 0.5), 0, 0);
    assert_near(stats_binomial_lower(10, 10, 0.5), 1, 0);
    double sum = 0;
    for (int k = 0; k <= 60; k++) {
        sum += exp(stats_beta_binomial_log(k, 60, 0.3, 0));
        assert_near(stats_binomial_lower(k, 60, 0.3), sum, 1e-10);
    }
}

static void
test_beta_binomial(void **state)
{
    (void)state;
    /* a = b = 1 is the discrete uniform: rho = 1/(a + b + 1). */
    assert_near(exp(stats_beta_binomial_log(4, 9, 0.5, 1.0 / 3)), 0.1, 1e-12);
    double sum = 0, mean = 0, square = 0;
    for (int k = 0; k <= 150; k++) {
        double p = exp(stats_beta_binomial_log(k, 150, 0.6, 0.02));
        sum += p;
        mean += k * p;
        square += k * k * p;
        assert_near(stats_beta_binomial_lower(k, 150, 0.6, 0.02), sum, 1e-10);
    }
    assert_near(mean, 90, 1e-10);
    assert_near(square - mean * mean, 150 * 0.24 * (1 + 149 * 0.02), 1e-8);
    /* The approximation beyond the exact sum. */
    double exact = 0;
    for (int k = 0; k <= 560; k++)
        exact += exp(stats_beta_binomial_log(k, 1000, 0.6, 0.01));
    assert_near(stats_beta_binomial_lower(560, 1000, 0.6, 0.01), exact, 5e-3);
}

static void
test_negative_binomial(void **state)
{
    (void)state;
    double sum = 0, mean = 0, square = 0;
    for (int k = 0; k < 2000; k++) {
        double p = exp(stats_negative_binomial_log(k, 40, 0.1));
        assert_near(stats_negative_binomial_upper(k, 40, 0.1), 1 - sum, 1e-9);
        sum += p;
        mean += k * p;
        square += k * k * p;
    }
    assert_near(sum, 1, 1e-10);
    assert_near(mean, 40, 1e-9);
    assert_near(square - mean * mean, 40 + 0.1 * 1600, 1e-7);
    assert_near(stats_negative_binomial_upper(3, 2, 0), 0.3233235838169366, 1e-12); /* Poisson */
    assert_near(exp(stats_negative_binomial_log(3, 2, 0)), 0.1804470443154836, 1e-12);
}

static void
test_order_statistics(void **state)
{
    (void)state;
    double odd[] = {5, 1, 3}, even[] = {4, 1, 3, 2};
    double values[] = {10, 30, 20}, weights[] = {1, 1, 8};
    assert_near(stats_median(odd, 3), 3, 0);
    assert_near(stats_median(even, 4), 2.5, 0);
    assert_near(stats_median(NULL, 0), 0, 0);
    assert_near(stats_weighted_quantile(values, weights, 3, 0.5), 20, 0);
    assert_near(stats_weighted_quantile(values, weights, 3, 0.05), 10, 0);
    assert_near(stats_weighted_quantile(values, weights, 3, 1), 30, 0);
}

static void
test_cholesky(void **state)
{
    (void)state;
    double a[] = {4, 2, 0, 2, 5, 3, 0, 3, 6}, factor[9], b[] = {8, 21, 24}, inverse[9];
    for (int i = 0; i < 9; i++)
        factor[i] = a[i];
    assert_true(stats_cholesky(factor, 3));
    stats_cholesky_solve(factor, 3, b);
    stats_cholesky_inverse(factor, 3, inverse);
    for (int i = 0; i < 3; i++) {
        double back = 0;
        for (int j = 0; j < 3; j++) {
            double unit = 0;
            back += a[i * 3 + j] * b[j];
            for (int k = 0; k < 3; k++)
                unit += a[i * 3 + k] * inverse[k * 3 + j];
            assert_near(unit, i == j, 1e-12);
        }
        assert_near(back, ((double[]){8, 21, 24})[i], 1e-12);
    }
    double singular[] = {1, 2, 2, 4};
    assert_false(stats_cholesky(singular, 2));
}

static double
falling(double x, const void *data)
{
    return *(const double *)data - x * x;
}

static void
test_bisect(void **state)
{
    (void)state;
    double two = 2;
    assert_near(stats_bisect(falling, &two, 0, 10, 0), sqrt(2), 1e-12);
    assert_near(stats_bisect(falling, &two, 3, 10, 0), 3, 1e-12);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log_gamma),        cmocka_unit_test(test_normal),
        cmocka_unit_test(test_beta_and_gamma),   cmocka_unit_test(test_binomial),
        cmocka_unit_test(test_beta_binomial),    cmocka_unit_test(test_negative_binomial),
        cmocka_unit_test(test_order_statistics), cmocka_unit_test(test_cholesky),
        cmocka_unit_test(test_bisect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
