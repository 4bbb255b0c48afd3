/* stats.c: the distributions and small linear algebra that the model needs. */
#include "calc/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EXACT_SUM_LIMIT 200
#define TINY            1e-300

/* Stirling's series (DLMF 5.11.1) after moving x above 10; no shared state, unlike lgamma(). */
double
stats_log_gamma(double x)
{
    double product = 1.0;
    while (x < 10.0) {
        product *= x;
        x += 1.0;
    }
    double r = 1.0 / x, r2 = r * r;
    double series =
        r * (1.0 / 12 - r2 * (1.0 / 360 - r2 * (1.0 / 1260 - r2 * (1.0 / 1680 - r2 / 1188))));
    return (x - 0.5) * log(x) - x + 0.91893853320467274178 + series - log(product);
}

double
stats_normal_cdf(double z)
{
    return 0.5 * erfc(-z * G_SQRT2 / 2);
}

double
stats_normal_log_cdf(double z)
{
    if (z > -30)
        return log(stats_normal_cdf(z));
    /* DLMF 7.12.1, first terms. */
    return -0.5 * z * z - log(-z) - 0.91893853320467274178 + log1p(-1 / (z * z));
}

/* AS 241 (PPND7), then one step of Newton, which brings it to double precision. */
double
stats_normal_quantile(double p)
{
    double q = p - 0.5, x;
    if (fabs(q) <= 0.425) {
        double r = 0.180625 - q * q;
        x = q * (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179) /
            (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1.0);
    } else {
        double r = sqrt(-log(q < 0 ? p : 1 - p));
        if (r <= 5) {
            r -= 1.6;
            x = (((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777) /
                ((0.12021132975 * r + 0.73700164250) * r + 1.0);
        } else {
            r -= 5;
            x = (((0.017337203119 * r + 0.42868294337) * r + 3.0812263860) * r + 6.6579051150) /
                ((0.012258202635 * r + 0.24197894225) * r + 1.0);
        }
        x = q < 0 ? -x : x;
    }
    double density = exp(-0.5 * x * x) / 2.50662827463100050242;
    return density > TINY ? x - (stats_normal_cdf(x) - p) / density : x;
}

double
stats_logit(double p)
{
    return log(p / (1 - p));
}

double
stats_logistic(double x)
{
    return 1 / (1 + exp(-x));
}

static double
away_from_zero(double x)
{
    return fabs(x) < TINY ? TINY : x;
}

/* The continued fraction of DLMF 8.17.22 by the modified Lentz method. */
static double
beta_fraction(double x, double a, double b)
{
    double c = 1, d = 1 / away_from_zero(1 - (a + b) * x / (a + 1)), h = d;
    for (int m = 1; m <= 10000; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        d = 1 / away_from_zero(1 + even * d);
        c = away_from_zero(1 + even / c);
        h *= d * c;
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / away_from_zero(1 + odd * d);
        c = away_from_zero(1 + odd / c);
        h *= d * c;
        if (fabs(d * c - 1) < 1e-14)
            break;
    }
    return h;
}

double
stats_beta_cdf(double x, double a, double b)
{
    if (!(x > 0))
        return 0;
    if (x >= 1)
        return 1;
    double front = exp(stats_log_gamma(a + b) - stats_log_gamma(a) - stats_log_gamma(b) +
                       a * log(x) + b * log1p(-x));
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(x, a, b) / a;
    return 1 - front * beta_fraction(1 - x, b, a) / b;
}

/* DLMF 8.11.4. */
static double
gamma_series(double x, double a)
{
    double term = 1 / a, sum = term;
    for (int n = 1; n <= 100000 && term > sum * 1e-16; n++) {
        term *= x / (a + n);
        sum += term;
    }
    return sum * exp(a * log(x) - x - stats_log_gamma(a));
}

/* DLMF 8.9.2 by the modified Lentz method. */
static double
gamma_fraction(double x, double a)
{
    double b = x + 1 - a, c = 1 / TINY, d = 1 / away_from_zero(b), h = d;
    for (int i = 1; i <= 100000; i++) {
        double an = -i * (i - a);
        b += 2;
        d = 1 / away_from_zero(an * d + b);
        c = away_from_zero(b + an / c);
        h *= d * c;
        if (fabs(d * c - 1) < 1e-15)
            break;
    }
    return h * exp(a * log(x) - x - stats_log_gamma(a));
}

double
stats_gamma_cdf(double x, double a)
{
    if (!(x > 0))
        return 0;
    return x < a + 1 ? gamma_series(x, a) : 1 - gamma_fraction(x, a);
}

double
stats_binomial_lower(double k, double n, double p)
{
    if (k < 0)
        return 0;
    return k >= n ? 1 : stats_beta_cdf(1 - p, n - k, k + 1);
}

double
stats_beta_binomial_log(double k, double n, double p, double rho)
{
    double choose = stats_log_gamma(n + 1) - stats_log_gamma(k + 1) - stats_log_gamma(n - k + 1);
    if (rho < 1e-9)
        return choose + (k > 0 ? k * log(p) : 0) + (n > k ? (n - k) * log1p(-p) : 0);
    double s = 1 / rho - 1, a = p * s, b = (1 - p) * s;
    return choose + stats_log_gamma(k + a) + stats_log_gamma(n - k + b) - stats_log_gamma(n + s) +
           stats_log_gamma(s) - stats_log_gamma(a) - stats_log_gamma(b);
}

static double
beta_binomial_sum(double k, double n, double p, double rho)
{
    double sum = 0;
    for (int i = 0; i <= (int)k; i++)
        sum += exp(stats_beta_binomial_log(i, n, p, rho));
    return MIN(sum, 1);
}

double
stats_beta_binomial_lower(double k, double n, double p, double rho)
{
    if (k < 0)
        return 0;
    if (k >= n)
        return 1;
    if (rho < 1e-9)
        return stats_binomial_lower(k, n, p);
    if (n <= EXACT_SUM_LIMIT)
        return beta_binomial_sum(k, n, p, rho);
    /* var(X/n) = p(1-p)(1 + (n-1) rho)/n, as the beta's p(1-p)/(s+1); continuity-corrected. */
    double s = n / (1 + (n - 1) * rho) - 1;
    return s > 0 ? stats_beta_cdf((k + 0.5) / n, p * s, (1 - p) * s) : 1 - p;
}

double
stats_negative_binomial_log(double k, double mean, double phi)
{
    if (phi < 1e-9)
        return k * log(mean) - mean - stats_log_gamma(k + 1);
    double size = 1 / phi;
    return stats_log_gamma(k + size) - stats_log_gamma(size) - stats_log_gamma(k + 1) -
           size * log1p(mean * phi) + k * log(mean * phi / (1 + mean * phi));
}

double
stats_negative_binomial_upper(double k, double mean, double phi)
{
    if (k <= 0)
        return 1;
    if (phi < 1e-9)
        return stats_gamma_cdf(mean, k);
    return stats_beta_cdf(mean * phi / (1 + mean * phi), k, 1 / phi);
}

static int
double_order(gconstpointer a, gconstpointer b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double
stats_median(double *values, gsize n)
{
    if (n == 0)
        return 0;
    qsort(values, n, sizeof(*values), double_order);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

typedef struct {
    double value, weight;
} Weighted;

double
stats_weighted_quantile(double *values, double *weights, gsize n, double q)
{
    if (n == 0)
        return 0;
    g_autofree Weighted *pairs = g_new(Weighted, n);
    double total = 0, sum = 0;
    for (gsize i = 0; i < n; i++) {
        pairs[i] = (Weighted){values[i], weights[i]};
        total += weights[i];
    }
    qsort(pairs, n, sizeof(*pairs), double_order); /* value stands first */
    for (gsize i = 0; i < n; i++) {
        sum += pairs[i].weight;
        if (sum >= q * total)
            return pairs[i].value;
    }
    return pairs[n - 1].value;
}

gboolean
stats_cholesky(double *a, guint n)
{
    for (guint j = 0; j < n; j++) {
        for (guint i = j; i < n; i++) {
            double sum = a[i * n + j];
            for (guint k = 0; k < j; k++)
                sum -= a[i * n + k] * a[j * n + k];
            if (i == j && !(sum > 0))
                return FALSE;
            a[i * n + j] = i == j ? sqrt(sum) : sum / a[j * n + j];
        }
    }
    return TRUE;
}

void
stats_cholesky_solve(const double *factor, guint n, double *b)
{
    for (guint i = 0; i < n; i++) {
        for (guint k = 0; k < i; k++)
            b[i] -= factor[i * n + k] * b[k];
        b[i] /= factor[i * n + i];
    }
    for (guint i = n; i-- > 0;) {
        for (guint k = i + 1; k < n; k++)
            b[i] -= factor[k * n + i] * b[k];
        b[i] /= factor[i * n + i];
    }
}

/* Symmetric: a column of the inverse is also its row. */
void
stats_cholesky_inverse(const double *factor, guint n, double *inverse)
{
    for (guint j = 0; j < n; j++) {
        double *row = inverse + (gsize)j * n;
        memset(row, 0, n * sizeof(*row));
        row[j] = 1;
        stats_cholesky_solve(factor, n, row);
    }
}

double
stats_bisect(StatsFunc f, const void *data, double low, double high, double tolerance)
{
    for (int i = 0; i < 60 && high - low > tolerance; i++) {
        double middle = (low + high) / 2;
        if (f(middle, data) > 0)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}
