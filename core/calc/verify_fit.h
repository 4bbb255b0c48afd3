/* verify_fit.h: the usual volume and conversion of one segment, and what all segments share. */
#ifndef CALC_VERIFY_FIT_H
#define CALC_VERIFY_FIT_H

#include "calc/verify.h"

/* Coefficients of the log volume: level, slope a day, seven weekdays. */
enum { FIT_LEVEL, FIT_SLOPE, FIT_WEEKDAY, N_COEFFICIENTS = FIT_WEEKDAY + 7 };

#define N_ATTACKER_RATES 29

/* What is learned over all segments of the account; the prior of each of them. */
typedef struct {
    double weekday[7], weekday_sd;     /* log factors */
    double slope, slope_sd;            /* log volume a day */
    double phi, phi_days;              /* over-dispersion of the volume, worth so many days */
    double rho, rho_days;              /* of the conversions: intra-class correlation */
    double rate, rate_sd;              /* usual conversion, its spread between segments in logits */
    double attacker[N_ATTACKER_RATES]; /* prior of the attackers' rate on attacker_rate() */
} Pool;

/* One segment laid out day by day; absent days count as zero. */
typedef struct {
    gint32 first; /* Julian day of [0] */
    guint n;
    double *attempts, *conversions;
    double *usual;                       /* fitted volume */
    double *usual_var;                   /* relative variance of the fit itself */
    double *volume_weight, *rate_weight; /* 0..1: how clean the day looks */
    double *posterior[N_VERDICTS];
    double *best_volume_weight, *best_rate_weight; /* of the best start so far */
    double *scratch;
    double *emission; /* n x N_VERDICTS */
    double beta[N_COEFFICIENTS];
    double cov[N_COEFFICIENTS * N_COEFFICIENTS];
    double phi, rho;
    double phi_own, phi_informed; /* from this segment alone, and the days that inform it */
    double rho_own, rho_informed;
    double own_tried, own_rate; /* effective attempts on clean days, and their rate */
    double rate, rate_var;
    double log_likelihood;
    gboolean warm; /* the fit of the same sheet's last step is where the next one begins */
    guint silent;  /* days before its first attempt, left out */
} Sheet;

void sheet_load(Sheet *sheet, const VerifySegment *segment, const VerifyAccount *account);
Sheet *sheet_new(guint max_days);
void sheet_free(Sheet *sheet);
/* The row of the design for day i. */
void sheet_design(const Sheet *sheet, guint i, double x[N_COEFFICIENTS]);
/* x' cov x. */
double sheet_quadratic(const double *cov, const double *x);

void fit_volume(Sheet *sheet, const Pool *pool);
void fit_rate(Sheet *sheet, const Pool *pool);

/* Starting values before anything is known. */
void pool_init(Pool *pool, const VerifyModelSettings *settings);
/* The conversion rate that the clean days of one segment show. */
typedef struct {
    guint segment;
    double logit, var;
} RateSeen;
/* A round of empirical Bayes: pool_gather() each learned sheet, then pool_update(). */
typedef struct {
    double weekday[7], weekday_square, slope, slope_square, volume_segments;
    double phi, phi_informed, rho, rho_informed;
    GArray *rates; /* RateSeen */
} PoolSums;
void pool_sums_init(PoolSums *sums);
void pool_gather(PoolSums *sums, const Sheet *sheet, guint segment);
void pool_update(Pool *pool, const PoolSums *sums, const VerifyModelSettings *settings);
/* The usual rate and its spread as all segments but one show it. */
void pool_rates(Pool *pool, const GArray *rates, guint except, const VerifyModelSettings *settings);
double attacker_rate(guint i); /* 0 … 0.5 */

#endif
