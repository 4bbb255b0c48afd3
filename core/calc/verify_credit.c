/* verify_credit.c: the honest attempts of attacked days, from conversions and from usual volume.
 *
 * For one attackers' rate q a day's conversions are c = p H + q (n - H) + noise, with H near the
 * usual volume V. Linear in H, in the error of the fitted volume and in the error of p, so the
 * posterior is Gaussian and found by one Kalman update a day; q is summed over a grid. */
#include "calc/verify_credit.h"

#include <math.h>
#include <string.h>

#include "calc/stats.h"

#define N_STATE (N_COEFFICIENTS + 1) /* errors of the volume's coefficients, and of the rate */
/* Attackers' own rate wanders from day to day by this share of itself. */
#define ATTACKER_SPREAD 0.25
/* On so many attacked days the honest traffic is itself far from usual, by this share of it. */
#define ODD_SHARE  0.03
#define ODD_VOLUME 1.5
#define PASSES     2

typedef struct {
    double mean[N_STATE];
    double cov[N_STATE * N_STATE];
    double log_likelihood;
} State;

/* One attackers' rate worked out. */
typedef struct {
    double mean, var, log_weight;
    State state;
    double *volume_var; /* by day */
} Branch;

typedef struct {
    double x[N_COEFFICIENTS];
    double n, c, usual, volume_var, noise, unit;
} Day;

typedef struct {
    Credit *credit;
    const Pool *pool;
    double shift[N_COEFFICIENTS]; /* where the log volume is linearised */
    double *guess;                /* honest attempts as far as known, by day */
} Work;

static Day
day_at(const Work *work, guint i, double q)
{
    const Sheet *sheet = work->credit->sheet;
    Day day = {.n = sheet->attempts[i], .c = sheet->conversions[i], .unit = work->credit->unit[i]};
    double shifted = 0, p = sheet->rate;
    sheet_design(sheet, i, day.x);
    for (guint k = 0; k < N_COEFFICIENTS; k++)
        shifted += day.x[k] * work->shift[k];
    day.usual = sheet->usual[i] * exp(CLAMP(shifted, -4, 4));
    day.volume_var = day.usual + sheet->phi * day.usual * day.usual;
    double honest = CLAMP(work->guess[i], 0.5, day.n), fraud = day.n - honest;
    double wander = ATTACKER_SPREAD * q * fraud;
    day.noise = honest * p * (1 - p) * (1 + MAX(honest - 1, 0) * sheet->rho) + fraud * q * (1 - q) +
                wander * wander + 0.08;
    return day;
}

static void
state_prior(const Work *work, State *state)
{
    const Sheet *sheet = work->credit->sheet;
    memset(state, 0, sizeof(*state));
    for (guint a = 0; a < N_COEFFICIENTS; a++) {
        state->mean[a] = -work->shift[a];
        for (guint b = 0; b < N_COEFFICIENTS; b++)
            state->cov[a * N_STATE + b] = sheet->cov[a * N_COEFFICIENTS + b];
    }
    state->cov[N_STATE * N_STATE - 1] = sheet->rate_var;
}

/* How the expected conversions move with the state. */
static void
slope_of(const Day *day, double p, double q, double h[N_STATE])
{
    for (guint k = 0; k < N_COEFFICIENTS; k++)
        h[k] = (p - q) * day->usual * day->x[k];
    h[N_COEFFICIENTS] = day->usual;
}

static double
product(const double *a, const double *b)
{
    double sum = 0;
    for (guint k = 0; k < N_STATE; k++)
        sum += a[k] * b[k];
    return sum;
}

static double
log_normal(double residual, double var)
{
    return -0.5 * (residual * residual / var + log(2 * G_PI * var));
}

/* Kalman's update by one day's conversions. A day on which honest traffic may itself have surged or
 * failed is told by its residual; there the usual volume says little. */
static void
state_update(State *state, Day *day, double p, double q)
{
    double h[N_STATE], gain[N_STATE];
    slope_of(day, p, q, h);
    for (guint a = 0; a < N_STATE; a++)
        gain[a] = product(state->cov + (gsize)a * N_STATE, h);
    double odd = ODD_VOLUME * day->usual, slope = (p - q) * (p - q);
    double residual = day->c - p * day->usual - q * (day->n - day->usual) - product(h, state->mean);
    double var = product(gain, h) + slope * day->volume_var + day->noise;
    double common = log(1 - ODD_SHARE) + log_normal(residual, var);
    double rare = log(ODD_SHARE) + log_normal(residual, var + slope * odd * odd);
    state->log_likelihood += MAX(common, rare) + log1p(exp(-fabs(common - rare)));
    if (rare > common) {
        day->volume_var += odd * odd;
        var += slope * odd * odd;
    }
    for (guint a = 0; a < N_STATE; a++) {
        state->mean[a] += gain[a] * residual / var;
        for (guint b = 0; b < N_STATE; b++)
            state->cov[a * N_STATE + b] -= gain[a] * gain[b] / var;
    }
}

/* Mean and variance of a normal cut to [0, most] (Johnson, Kotz, Balakrishnan, ch. 13.10.1). */
static void
truncate_normal(double mean, double var, double most, double *cut_mean, double *cut_var)
{
    double sd = sqrt(var), a = -mean / sd, b = (most - mean) / sd;
    double mass = stats_normal_cdf(b) - stats_normal_cdf(a);
    if (sd <= 0 || (a < -6 && b > 6) || mass < 1e-12) {
        *cut_mean = CLAMP(mean, 0, most);
        *cut_var = mass < 1e-12 ? MIN(var, most * most / 12) : var;
        return;
    }
    double da = exp(-0.5 * a * a) * 0.3989422804014327, db = exp(-0.5 * b * b) * 0.3989422804014327;
    double m = (da - db) / mass;
    *cut_mean = CLAMP(mean + sd * m, 0, most);
    *cut_var = MAX(var * (1 + (a * da - b * db) / mass - m * m), 0);
}

/* The honest attempts of a day given the state, and what the cost of the rest adds to the sums. */
static double
day_honest(const Day *day, const State *state, double p, double q, double gradient[N_STATE],
           double *var)
{
    double d = p - q, whole = d * d * day->volume_var + day->noise;
    double gain = day->volume_var * d / whole;
    double expected = day->usual;
    for (guint k = 0; k < N_COEFFICIENTS; k++) {
        expected += day->usual * day->x[k] * state->mean[k];
        gradient[k] = day->usual * day->x[k] * (1 - gain * d);
    }
    gradient[N_COEFFICIENTS] = -gain * day->usual;
    *var = day->volume_var * day->noise / whole;
    return expected + gain * (day->c - q * day->n - (d + state->mean[N_COEFFICIENTS]) * expected);
}

static double
quadratic(const double *cov, const double *g)
{
    double sum = 0;
    for (guint a = 0; a < N_STATE; a++)
        sum += g[a] * product(cov + (gsize)a * N_STATE, g);
    return sum;
}

/* Adds up one branch; honest (may be NULL) collects weight x estimate by day. */
static void
branch_sum(const Work *work, Branch *branch, double q, double weight, double *honest)
{
    const Sheet *sheet = work->credit->sheet;
    double total[N_STATE] = {0}, own = 0, untruncated = 0, shrunk = 0, p = sheet->rate;
    branch->mean = 0;
    for (guint i = 0; i < sheet->n; i++) {
        double gradient[N_STATE], var, mean, cut_var;
        if (!work->credit->attacked[i])
            continue;
        Day day = day_at(work, i, q);
        day.volume_var = branch->volume_var[i];
        double h = day_honest(&day, &branch->state, p, q, gradient, &var);
        double day_var = var + quadratic(branch->state.cov, gradient);
        truncate_normal(h, day_var, day.n, &mean, &cut_var);
        double keep = day_var > 0 ? sqrt(cut_var / day_var) : 1;
        for (guint k = 0; k < N_STATE; k++)
            total[k] += day.unit * gradient[k] * keep;
        own += day.unit * day.unit * var * keep * keep;
        branch->mean += day.unit * (day.n - mean);
        untruncated += h;
        shrunk += sqrt(day_var);
        if (honest)
            honest[i] += weight * mean;
    }
    branch->var = own + quadratic(branch->state.cov, total);
    branch->log_weight =
        branch->state.log_likelihood + stats_normal_log_cdf(shrunk > 0 ? untruncated / shrunk : 1);
}

static void
branch_run(const Work *work, Branch *branch, double q)
{
    const Sheet *sheet = work->credit->sheet;
    state_prior(work, &branch->state);
    for (guint i = 0; i < sheet->n; i++) {
        if (!work->credit->attacked[i])
            continue;
        Day day = day_at(work, i, q);
        state_update(&branch->state, &day, sheet->rate, q);
        branch->volume_var[i] = day.volume_var;
    }
    branch_sum(work, branch, q, 0, NULL);
}

/* Runs every rate; weights[] become the posterior of the rate. Returns the likeliest branch. */
static guint
branches_run(Work *work, Branch *branches, double *weights)
{
    double most = -G_MAXDOUBLE, sum = 0;
    guint best = 0;
    for (guint k = 0; k < N_ATTACKER_RATES; k++) {
        double q = attacker_rate(k);
        weights[k] = 0;
        if (q > 0.9 * work->credit->sheet->rate) {
            work->credit->attacker[k] = -G_MAXDOUBLE;
            continue;
        }
        branch_run(work, &branches[k], q);
        work->credit->attacker[k] = branches[k].log_weight;
        weights[k] = branches[k].log_weight + log(work->pool->attacker[k] + 1e-12);
        if (weights[k] > most) {
            most = weights[k];
            best = k;
        }
    }
    for (guint k = 0; k < N_ATTACKER_RATES; k++) {
        gboolean used = work->credit->attacker[k] > -G_MAXDOUBLE;
        weights[k] = used ? exp(weights[k] - most) : 0;
        sum += weights[k];
    }
    for (guint k = 0; k < N_ATTACKER_RATES; k++)
        weights[k] /= sum;
    return best;
}

static void
branches_mix(Work *work, Branch *branches, const double *weights)
{
    Credit *credit = work->credit;
    for (guint i = 0; i < credit->sheet->n; i++) {
        if (credit->attacked[i])
            credit->honest[i] = 0;
    }
    for (guint k = 0; k < N_ATTACKER_RATES; k++) {
        credit->branch_weight[k] = weights[k];
        if (weights[k] <= 0)
            continue;
        branch_sum(work, &branches[k], attacker_rate(k), weights[k], credit->honest);
        credit->branch_mean[k] = branches[k].mean;
        credit->branch_var[k] = branches[k].var;
    }
}

typedef struct {
    const Credit *credit;
    double probability, extra_var;
} Quantile;

/* Decreasing in x: what is left to the probability at x in the mixture of normals. */
static double
quantile_left(double x, const void *data)
{
    const Quantile *quantile = data;
    double sum = 0;
    for (guint k = 0; k < N_ATTACKER_RATES; k++) {
        double sd = sqrt(quantile->credit->branch_var[k] + quantile->extra_var) + 1e-3;
        if (quantile->credit->branch_weight[k] > 0)
            sum += quantile->credit->branch_weight[k] *
                   stats_normal_cdf((x - quantile->credit->branch_mean[k]) / sd);
    }
    return quantile->probability - sum;
}

double
credit_quantile(const Credit *credit, double probability, double extra_var)
{
    Quantile quantile = {credit, probability, extra_var};
    double low = G_MAXDOUBLE, high = 0;
    for (guint k = 0; k < N_ATTACKER_RATES; k++) {
        double reach = 8 * sqrt(credit->branch_var[k] + extra_var);
        if (credit->branch_weight[k] <= 0)
            continue;
        low = MIN(low, credit->branch_mean[k] - reach);
        high = MAX(high, credit->branch_mean[k] + reach);
    }
    return stats_bisect(quantile_left, &quantile, low, high, 0);
}

/* The amount is the median, which is what errs least; the days follow it in proportion. */
static void
scale_to_median(Credit *credit)
{
    double sum = 0;
    credit->total = credit_quantile(credit, 0.5, 0);
    for (guint i = 0; i < credit->sheet->n; i++) {
        if (credit->attacked[i])
            sum += credit->unit[i] * (credit->sheet->attempts[i] - credit->honest[i]);
    }
    for (guint i = 0; i < credit->sheet->n && sum > 0; i++) {
        double n = credit->sheet->attempts[i];
        if (credit->attacked[i])
            credit->honest[i] = CLAMP(n - (n - credit->honest[i]) * credit->total / sum, 0, n);
    }
}

void
credit_estimate(Credit *credit, const Pool *pool)
{
    const Sheet *sheet = credit->sheet;
    g_autofree Branch *branches = g_new0(Branch, N_ATTACKER_RATES);
    g_autofree double *guess = g_new0(double, sheet->n);
    g_autofree double *volume_var = g_new0(double, (gsize)sheet->n *N_ATTACKER_RATES);
    double weights[N_ATTACKER_RATES];
    Work work = {.credit = credit, .pool = pool, .guess = guess};
    for (guint k = 0; k < N_ATTACKER_RATES; k++)
        branches[k].volume_var = volume_var + (gsize)k * sheet->n;
    for (guint i = 0; i < sheet->n; i++)
        guess[i] = MIN(sheet->usual[i], sheet->attempts[i]);
    for (int pass = 0; pass < PASSES; pass++) {
        guint best = branches_run(&work, branches, weights);
        branches_mix(&work, branches, weights);
        if (pass + 1 == PASSES)
            scale_to_median(credit);
        for (guint k = 0; k < N_COEFFICIENTS; k++)
            work.shift[k] += branches[best].state.mean[k];
        for (guint i = 0; i < sheet->n; i++) {
            if (credit->attacked[i])
                guess[i] = credit->honest[i];
        }
    }
}
