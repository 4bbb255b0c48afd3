/* verify_fit.c: the usual volume (a robust quasi-Poisson regression with a prior) and the usual
 * conversion (beta-binomial) of one segment, from the days that look clean. */
#include "calc/verify_fit.h"

#include <math.h>
#include <string.h>

#include "calc/stats.h"

#define HUBER        2.0  /* Pearson residuals beyond it weigh less */
#define LEVEL_SD     5.0  /* log volume: as good as flat */
#define LEAST_VOLUME 0.02 /* attempts a day; keeps the log finite */
#define FIT_STEPS    12
/* Daily volumes are not independent: the fit knows less than independent days would tell it, and
 * the level may have drifted by this share of the daily variance. */
#define DESIGN_EFFECT 1.5
#define DRIFT         0.15
#define PHI_MIN       1e-4
#define PHI_MAX       1.0
#define RHO_MIN       1e-5
#define RHO_MAX       0.06

/* The arrays of a sheet, one value a day each. */
static const gsize sheet_rows[] = {
    G_STRUCT_OFFSET(Sheet, attempts),
    G_STRUCT_OFFSET(Sheet, conversions),
    G_STRUCT_OFFSET(Sheet, usual),
    G_STRUCT_OFFSET(Sheet, usual_var),
    G_STRUCT_OFFSET(Sheet, volume_weight),
    G_STRUCT_OFFSET(Sheet, rate_weight),
    G_STRUCT_OFFSET(Sheet, best_volume_weight),
    G_STRUCT_OFFSET(Sheet, best_rate_weight),
    G_STRUCT_OFFSET(Sheet, scratch),
};

Sheet *
sheet_new(guint max_days)
{
    Sheet *sheet = g_new0(Sheet, 1);
    for (gsize i = 0; i < G_N_ELEMENTS(sheet_rows); i++)
        G_STRUCT_MEMBER(double *, sheet, sheet_rows[i]) = g_new0(double, max_days);
    for (gsize i = 0; i < N_VERDICTS; i++)
        sheet->posterior[i] = g_new0(double, max_days);
    sheet->emission = g_new0(double, (gsize)max_days *N_VERDICTS);
    return sheet;
}

void
sheet_free(Sheet *sheet)
{
    if (!sheet)
        return;
    for (gsize i = 0; i < G_N_ELEMENTS(sheet_rows); i++)
        g_free(G_STRUCT_MEMBER(double *, sheet, sheet_rows[i]));
    for (gsize i = 0; i < N_VERDICTS; i++)
        g_free(sheet->posterior[i]);
    g_free(sheet->emission);
    g_free(sheet);
}

/* A segment that is silent for its first days begins on its first one: its launch is no surge. */
#define LAUNCH_SILENCE 5

void
sheet_load(Sheet *sheet, const VerifySegment *segment, const VerifyAccount *account)
{
    gint32 first = account->first_day;
    sheet->silent = (guint)(segment->groups[0].day - first);
    if (sheet->silent >= LAUNCH_SILENCE)
        first = segment->groups[0].day;
    sheet->first = first;
    sheet->n = (guint)(account->last_day - first + 1);
    sheet->warm = FALSE;
    memset(sheet->attempts, 0, sheet->n * sizeof(double));
    memset(sheet->conversions, 0, sheet->n * sizeof(double));
    for (guint i = 0; i < segment->n_groups; i++) {
        gint32 at = segment->groups[i].day - first;
        sheet->attempts[at] = (double)segment->groups[i].attempts;
        sheet->conversions[at] = (double)segment->groups[i].conversions;
    }
}

void
sheet_design(const Sheet *sheet, guint i, double x[N_COEFFICIENTS])
{
    memset(x, 0, N_COEFFICIENTS * sizeof(*x));
    x[FIT_LEVEL] = 1;
    x[FIT_SLOPE] = (double)i - (sheet->n - 1) / 2.0;
    x[FIT_WEEKDAY + (sheet->first + (gint32)i) % 7] = 1;
}

double
sheet_quadratic(const double *cov, const double *x)
{
    double sum = 0;
    for (guint a = 0; a < N_COEFFICIENTS; a++) {
        if (x[a] == 0)
            continue;
        for (guint b = 0; b < N_COEFFICIENTS; b++)
            sum += x[a] * cov[a * N_COEFFICIENTS + b] * x[b];
    }
    return sum;
}

static void
volume_prior(const Pool *pool, double level, double mean[N_COEFFICIENTS],
             double precision[N_COEFFICIENTS])
{
    mean[FIT_LEVEL] = level;
    precision[FIT_LEVEL] = 1 / (LEVEL_SD * LEVEL_SD);
    mean[FIT_SLOPE] = pool->slope;
    precision[FIT_SLOPE] = 1 / (pool->slope_sd * pool->slope_sd);
    for (guint d = 0; d < 7; d++) {
        mean[FIT_WEEKDAY + d] = pool->weekday[d];
        precision[FIT_WEEKDAY + d] = 1 / (pool->weekday_sd * pool->weekday_sd);
    }
}

static double
weighted_mean_attempts(const Sheet *sheet)
{
    double sum = 0, total = 0;
    for (guint i = 0; i < sheet->n; i++) {
        sum += sheet->volume_weight[i] * sheet->attempts[i];
        total += sheet->volume_weight[i];
    }
    return MAX(total > 0 ? sum / total : 0, LEAST_VOLUME);
}

/* The three columns of the design that are not zero for a row. */
static void
row_columns(const double *x, guint columns[3])
{
    columns[0] = FIT_LEVEL;
    columns[1] = FIT_SLOPE;
    for (guint d = 0; d < 7; d++) {
        if (x[FIT_WEEKDAY + d] != 0)
            columns[2] = FIT_WEEKDAY + d;
    }
}

static double
predict(const double *beta, const double *x)
{
    double eta = 0;
    for (guint a = 0; a < N_COEFFICIENTS; a++)
        eta += beta[a] * x[a];
    return exp(CLAMP(eta, log(LEAST_VOLUME), 40));
}

/* One step of iteratively reweighted least squares (McCullagh and Nelder, 2.5), penalised by the
 * prior, with Huber's weights. Leaves the information's factor in cov; returns the largest change.
 */
static double
volume_step(Sheet *sheet, const double *mean, const double *precision)
{
    double a[N_COEFFICIENTS * N_COEFFICIENTS] = {0}, b[N_COEFFICIENTS], x[N_COEFFICIENTS];
    for (guint k = 0; k < N_COEFFICIENTS; k++) {
        a[k * N_COEFFICIENTS + k] = precision[k];
        b[k] = precision[k] * mean[k];
    }
    for (guint i = 0; i < sheet->n; i++) {
        if (sheet->volume_weight[i] < 1e-3)
            continue;
        sheet_design(sheet, i, x);
        double v = predict(sheet->beta, x);
        double r = (sheet->attempts[i] - v) / sqrt(v + sheet->phi * v * v);
        double huber = fabs(r) > HUBER ? HUBER / fabs(r) : 1;
        double w = sheet->volume_weight[i] * huber * v / (1 + sheet->phi * v);
        double z = log(v) + CLAMP((sheet->attempts[i] - v) / v, -1, 3);
        guint at[3] = {0};
        row_columns(x, at);
        for (guint k = 0; k < 3; k++) {
            b[at[k]] += w * x[at[k]] * z;
            for (guint l = 0; l < 3; l++)
                a[at[k] * N_COEFFICIENTS + at[l]] += w * x[at[k]] * x[at[l]];
        }
    }
    if (!stats_cholesky(a, N_COEFFICIENTS))
        return 0;
    stats_cholesky_solve(a, N_COEFFICIENTS, b);
    double change = 0;
    for (guint k = 0; k < N_COEFFICIENTS; k++)
        change = MAX(change, fabs(b[k] - sheet->beta[k]));
    memcpy(sheet->beta, b, sizeof(b));
    memcpy(sheet->cov, a, sizeof(a)); /* its factor, until volume_predict() */
    return change;
}

static void
volume_predict(Sheet *sheet)
{
    double x[N_COEFFICIENTS], factor[N_COEFFICIENTS * N_COEFFICIENTS];
    memcpy(factor, sheet->cov, sizeof(factor));
    stats_cholesky_inverse(factor, N_COEFFICIENTS, sheet->cov);
    for (guint k = 0; k < N_COEFFICIENTS * N_COEFFICIENTS; k++)
        sheet->cov[k] *= DESIGN_EFFECT;
    sheet->cov[FIT_LEVEL] += DRIFT * sheet->phi;
    for (guint i = 0; i < sheet->n; i++) {
        sheet_design(sheet, i, x);
        sheet->usual[i] = predict(sheet->beta, x);
        sheet->usual_var[i] = sheet_quadratic(sheet->cov, x);
    }
}

/* Pearson's sum against its degrees of freedom (McCullagh and Nelder, 4.5.2). */
typedef struct {
    const Sheet *sheet;
    double freedom;
} Dispersion;

static double
dispersion_solve(StatsFunc pearson, const Dispersion *d, double low, double high)
{
    return exp(stats_bisect(pearson, d, log(low), log(high), 0.01));
}

static double
volume_pearson(double log_phi, const void *data)
{
    double phi = exp(log_phi);
    const Dispersion *d = data;
    double sum = 0;
    for (guint i = 0; i < d->sheet->n; i++) {
        double v = d->sheet->usual[i], r = d->sheet->attempts[i] - v;
        sum += d->sheet->volume_weight[i] * MIN(r * r / (v + phi * v * v), 12);
    }
    return sum - d->freedom;
}

/* The estimate from this segment's days, drawn to the account's by the days that inform it: those
 * where over-dispersion outweighs the Poisson noise. */
static void
volume_dispersion(Sheet *sheet, const Pool *pool)
{
    double freedom = 0, informed = 0;
    for (guint i = 0; i < sheet->n; i++) {
        double v = sheet->usual[i], share = pool->phi * v / (1 + pool->phi * v);
        double leverage = MIN(sheet->usual_var[i] * v / (1 + sheet->phi * v), 1);
        freedom += sheet->volume_weight[i] * (1 - leverage);
        informed += sheet->volume_weight[i] * (1 - leverage) * share * share;
    }
    Dispersion d = {sheet, freedom};
    double own = freedom > 1 ? dispersion_solve(volume_pearson, &d, PHI_MIN, PHI_MAX) : pool->phi;
    sheet->phi_own = own;
    sheet->phi_informed = informed;
    sheet->phi = (informed * own + pool->phi_days * pool->phi) / (informed + pool->phi_days);
}

void
fit_volume(Sheet *sheet, const Pool *pool)
{
    double mean[N_COEFFICIENTS], precision[N_COEFFICIENTS];
    double level = log(weighted_mean_attempts(sheet));
    volume_prior(pool, level, mean, precision);
    if (!sheet->warm) {
        memcpy(sheet->beta, mean, sizeof(mean));
        sheet->phi = pool->phi;
    }
    for (int round = sheet->warm; round < 2; round++) {
        for (int step = 0; step < FIT_STEPS; step++) {
            if (volume_step(sheet, mean, precision) < 1e-4)
                break;
        }
        volume_predict(sheet);
        volume_dispersion(sheet, pool);
    }
    sheet->warm = TRUE;
}

static double
rate_pearson(double log_rho, const void *data)
{
    double rho = exp(log_rho);
    const Dispersion *d = data;
    double p = d->sheet->rate, sum = 0;
    for (guint i = 0; i < d->sheet->n; i++) {
        double n = d->sheet->attempts[i], r = d->sheet->conversions[i] - p * n;
        if (n > 0)
            sum +=
                d->sheet->rate_weight[i] * MIN(r * r / (n * p * (1 - p) * (1 + (n - 1) * rho)), 12);
    }
    return sum - d->freedom;
}

static void
rate_dispersion(Sheet *sheet, const Pool *pool)
{
    double freedom = -1, informed = 0;
    for (guint i = 0; i < sheet->n; i++) {
        double n = sheet->attempts[i], share = n * pool->rho / (1 + n * pool->rho);
        if (n > 0) {
            freedom += sheet->rate_weight[i];
            informed += sheet->rate_weight[i] * share * share;
        }
    }
    Dispersion d = {sheet, freedom};
    double own = freedom > 1 ? dispersion_solve(rate_pearson, &d, RHO_MIN, RHO_MAX) : pool->rho;
    sheet->rho_own = own;
    sheet->rho_informed = informed;
    sheet->rho = (informed * own + pool->rho_days * pool->rho) / (informed + pool->rho_days);
}

/* The beta prior of the mean and logit spread that the pool gives. */
static double
rate_prior_strength(const Pool *pool)
{
    double m = pool->rate;
    return MAX(1 / (m * (1 - m) * pool->rate_sd * pool->rate_sd) - 1, 0.5);
}

void
fit_rate(Sheet *sheet, const Pool *pool)
{
    double strength = rate_prior_strength(pool);
    if (!sheet->warm)
        sheet->rho = pool->rho;
    for (int round = sheet->warm; round < 3; round++) {
        double tried = strength, done = strength * pool->rate;
        for (guint i = 0; i < sheet->n; i++) {
            double n = sheet->attempts[i];
            double w = sheet->rate_weight[i] / (1 + MAX(n - 1, 0) * sheet->rho);
            tried += w * n;
            done += w * sheet->conversions[i];
        }
        sheet->own_tried = tried - strength;
        sheet->own_rate = (done - strength * pool->rate + 0.5) / (tried - strength + 1);
        sheet->rate = CLAMP(done / tried, 1e-3, 1 - 1e-3);
        sheet->rate_var = sheet->rate * (1 - sheet->rate) / (tried + 1);
        rate_dispersion(sheet, pool);
    }
}

double
attacker_rate(guint i)
{
    /* Closer where most attackers are: 0, then from 0.0005 by a constant factor to 0.5. */
    return i == 0 ? 0 : 0.0005 * pow(1000, (i - 1) / (double)(N_ATTACKER_RATES - 2));
}

/* Shares of attackers that verify nothing, next to nothing, some codes, and many. */
static void
attacker_prior(double prior[N_ATTACKER_RATES])
{
    static const struct {
        double low, high, share;
    } bands[] = {{0.0005, 0.004, 0.2}, {0.004, 0.03, 0.32}, {0.03, 0.15, 0.09}, {0.15, 0.6, 0.01}};
    memset(prior, 0, N_ATTACKER_RATES * sizeof(*prior));
    prior[0] = 0.38;
    for (gsize b = 0; b < G_N_ELEMENTS(bands); b++) {
        guint n = 0;
        for (guint i = 1; i < N_ATTACKER_RATES; i++)
            n += attacker_rate(i) >= bands[b].low && attacker_rate(i) < bands[b].high;
        for (guint i = 1; i < N_ATTACKER_RATES; i++) {
            if (attacker_rate(i) >= bands[b].low && attacker_rate(i) < bands[b].high)
                prior[i] = bands[b].share / n;
        }
    }
}

void
pool_init(Pool *pool, const VerifyModelSettings *settings)
{
    memset(pool, 0, sizeof(*pool));
    pool->weekday_sd = 0.3;
    pool->slope_sd = 0.015;
    pool->phi = 0.02;
    pool->phi_days = 10;
    pool->rho = 0.004;
    pool->rho_days = 15;
    pool->rate = settings->default_rate;
    pool->rate_sd = settings->default_spread;
    attacker_prior(pool->attacker);
}

void
pool_sums_init(PoolSums *sums)
{
    memset(sums, 0, sizeof(*sums));
    sums->rates = g_array_new(FALSE, FALSE, sizeof(RateSeen));
}

/* Least effective attempts and days for a segment to say something about the others. */
#define GATHER_TRIED 15
#define GATHER_DAYS  6

void
pool_gather(PoolSums *sums, const Sheet *sheet, guint segment)
{
    double days = 0, mean = 0, volume = 0;
    for (guint i = 0; i < sheet->n; i++) {
        days += sheet->volume_weight[i];
        volume += sheet->volume_weight[i] * sheet->attempts[i];
    }
    sums->phi += sheet->phi_informed * sheet->phi_own;
    sums->phi_informed += sheet->phi_informed;
    sums->rho += sheet->rho_informed * sheet->rho_own;
    sums->rho_informed += sheet->rho_informed;
    if (sheet->own_tried > GATHER_TRIED) {
        double p = CLAMP(sheet->own_rate, 0.005, 0.995);
        RateSeen seen = {segment, stats_logit(p), 1 / (sheet->own_tried * p * (1 - p))};
        g_array_append_val(sums->rates, seen);
    }
    if (days < GATHER_DAYS || volume < 5 * days)
        return;
    for (guint d = 0; d < 7; d++)
        mean += sheet->beta[FIT_WEEKDAY + d] / 7;
    for (guint d = 0; d < 7; d++) {
        guint at = FIT_WEEKDAY + d;
        double effect = sheet->beta[at] - mean;
        sums->weekday[d] += effect;
        sums->weekday_square += (effect * effect + sheet->cov[at * N_COEFFICIENTS + at]) / 7;
    }
    double slope = sheet->beta[FIT_SLOPE];
    sums->slope += slope;
    sums->slope_square += slope * slope + sheet->cov[FIT_SLOPE * N_COEFFICIENTS + FIT_SLOPE];
    sums->volume_segments += 1;
}

/* Mean and spread of the rates by moments, robust to segments that lie far off, with the configured
 * rate as one more piece of evidence (DerSimonian and Laird 1986, with a prior). */
void
pool_rates(Pool *pool, const GArray *rates, guint except, const VerifyModelSettings *settings)
{
    double within = 0.6 * settings->default_spread, spread = within;
    double between = settings->default_spread * settings->default_spread;
    double mean = stats_logit(settings->default_rate), mean_var = between;
    for (int round = 0; round < 20; round++) {
        double sum = stats_logit(settings->default_rate) / between, weights = 1 / between;
        double squares = 3 * within * within, count = 3;
        for (guint i = 0; i < rates->len; i++) {
            const RateSeen *seen = &g_array_index(rates, RateSeen, i);
            if (seen->segment == except)
                continue;
            double var = seen->var + spread * spread, off = seen->logit - mean;
            double huber = MIN(1, 1.5 * sqrt(var) / (fabs(off) + 1e-9));
            sum += huber * seen->logit / var;
            weights += huber / var;
            squares += MIN(off * off, 6 * var) - MIN(seen->var, 6 * var);
            count += 1;
        }
        mean = sum / weights;
        mean_var = 1 / weights;
        spread = sqrt(MAX(squares / count, 0.01));
    }
    pool->rate = CLAMP(stats_logistic(mean), 0.02, 0.98);
    pool->rate_sd = sqrt(spread * spread + mean_var);
}

/* Normal hierarchy, one EM step (Gelman et al., Bayesian Data Analysis, 5.4). */
void
pool_update(Pool *pool, const PoolSums *sums, const VerifyModelSettings *settings)
{
    double k = sums->volume_segments;
    if (k >= 3) {
        double between = 0;
        for (guint d = 0; d < 7; d++) {
            pool->weekday[d] = sums->weekday[d] / k;
            between += pool->weekday[d] * pool->weekday[d] / 7;
        }
        double var = MAX(sums->weekday_square / k - between, 0);
        pool->weekday_sd = sqrt((var * k + 2 * 0.1 * 0.1) / (k + 2));
        pool->slope = sums->slope / (k + 1);
        var = MAX(sums->slope_square / k - pool->slope * pool->slope, 0);
        pool->slope_sd = sqrt((var * k + 2 * 0.01 * 0.01) / (k + 2));
    }
    pool->phi = (sums->phi + 5 * 0.02) / (sums->phi_informed + 5);
    pool->rho = (sums->rho + 5 * 0.004) / (sums->rho_informed + 5);
    pool_rates(pool, sums->rates, G_MAXUINT, settings);
}
