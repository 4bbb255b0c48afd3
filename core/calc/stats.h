/* stats.h: the distributions and small linear algebra that the model needs; pure functions.
 *
 * Sources: NIST Digital Library of Mathematical Functions (DLMF, dlmf.nist.gov) by section;
 * Wichura's AS 241 for the normal quantile. docs/calculation.md says where each is used. */
#ifndef CALC_STATS_H
#define CALC_STATS_H

#include <glib.h>

double stats_log_gamma(double x);       /* x > 0; thread-safe */
double stats_normal_cdf(double z);      /* P(Z <= z) */
double stats_normal_log_cdf(double z);  /* also far in the lower tail */
double stats_normal_quantile(double p); /* 0 < p < 1 */
double stats_logit(double p);
double stats_logistic(double x);

/* Regularised incomplete beta I_x(a, b) and gamma P(a, x); a, b > 0. DLMF 8.17.22
 * and 8.11.4, 8.9.2. */
double stats_beta_cdf(double x, double a, double b);
double stats_gamma_cdf(double x, double a);

/* P(X <= k) of n draws with rate p. */
double stats_binomial_lower(double k, double n, double p);
/* The same with the rate itself spread, with intra-class correlation rho: by the beta distribution
 * of the same mean and variance as X/n (exact sum for n up to 200). */
double stats_beta_binomial_lower(double k, double n, double p, double rho);
/* log P(X = k); rho 0 is the binomial. */
double stats_beta_binomial_log(double k, double n, double p, double rho);
/* Variance mean + phi mean^2; phi 0 is the Poisson. */
double stats_negative_binomial_log(double k, double mean, double phi);
/* P(X >= k). */
double stats_negative_binomial_upper(double k, double mean, double phi);

/* Sorts the values in place. 0 when n is 0. */
double stats_median(double *values, gsize n);
/* Value at share q (0..1) of the sorted weights; values and weights are reordered. */
double stats_weighted_quantile(double *values, double *weights, gsize n, double q);

/* Symmetric positive definite n x n, row-major: its Cholesky factor in the lower triangle; FALSE
 * when it is not positive definite. */
gboolean stats_cholesky(double *a, guint n);
void stats_cholesky_solve(const double *factor, guint n, double *b); /* b becomes A^-1 b */
void stats_cholesky_inverse(const double *factor, guint n, double *inverse);

/* Root of a decreasing function in [low, high] by bisection, to the tolerance (0: as exact as it
 * gets); an end when it has no sign change. */
typedef double (*StatsFunc)(double x, const void *data);
double stats_bisect(StatsFunc f, const void *data, double low, double high, double tolerance);

#endif
