/* verify_states.c: clean, surge, delivery problem or attack: the state of each day by a hidden
 * Markov model whose clean state is the fitted baseline (Rabiner 1989; the learning is hard-start
 * EM). */
#include "calc/verify_states.h"

#include <math.h>
#include <string.h>

#include "calc/stats.h"

#define EM_STEPS 10
/* Exponents of the power-law tails of a surge's and of an attack's volume over the usual. */
#define SURGE_TAIL  1.5
#define ATTACK_TAIL 0.5
#define RETRY_TAIL  4.0
/* What attackers verify, for recognising them: rates and weights. */
static const double attack_rates[] = {0.0, 0.005, 0.02, 0.06, 0.15};
static const double attack_weights[] = {0.35, 0.25, 0.2, 0.12, 0.05};
#define ATTACK_ODD_WEIGHT 0.03 /* conversions that fit none of them */

typedef struct {
    double start, stay;
} StateRule;

static const StateRule state_rules[N_VERDICTS] = {
    [VERDICT_CLEAN] = {0.96, 0.96},
    [VERDICT_SURGE] = {0.01, 0.75},
    [VERDICT_DELIVERY] = {0.01, 0.75},
    [VERDICT_ATTACK] = {0.02, 0.88},
};

/* A day against the baseline, with the uncertainty of the baseline in phi and rho. */
typedef struct {
    double n, c;
    double usual, usual_sd, phi;
    double rate, rho;
} DayView;

static DayView
day_view(const Sheet *sheet, guint i)
{
    double v = sheet->usual[i], phi = sheet->phi + MIN(sheet->usual_var[i], 25);
    double p = sheet->rate;
    return (DayView){
        .n = sheet->attempts[i],
        .c = sheet->conversions[i],
        .usual = v,
        .usual_sd = sqrt(v + phi * v * v),
        .phi = phi,
        .rate = p,
        .rho = MIN(sheet->rho + sheet->rate_var / (p * (1 - p)), 0.5),
    };
}

/* Log density of a volume above the usual with a power-law tail; fades out below the usual. */
static double
log_excess(const DayView *day, double tail)
{
    double over = MAX(day->n, day->usual + 1) / (day->usual + 1);
    return log(tail) - log1p(day->n) - tail * log(over) +
           stats_normal_log_cdf((day->n - day->usual) / day->usual_sd);
}

static double
log_conversions(const DayView *day, double rho)
{
    return day->n > 0 ? stats_beta_binomial_log(day->c, day->n, day->rate, rho) : 0;
}

static double
log_delivery(const DayView *day, double volume)
{
    double retry = log_excess(day, RETRY_TAIL);
    double most = MAX(volume, retry);
    double mixed = most + log(0.7 * exp(volume - most) + 0.3 * exp(retry - most));
    double expected = day->rate * day->n;
    double sd = sqrt(expected * (1 - day->rate) * (1 + MAX(day->n - 1, 0) * day->rho)) + 0.5;
    return mixed - log1p(expected) + stats_normal_log_cdf((expected - day->c) / sd);
}

static double
normal_density(double x, double mean, double var)
{
    return exp(-0.5 * (x - mean) * (x - mean) / var) / sqrt(2 * G_PI * var);
}

/* Honest attempts are the usual ones, or fewer when there are not that many. */
static double
log_attack(const DayView *day)
{
    double honest = MIN(day->usual, day->n), fraud = day->n - honest, p = day->rate;
    double spread = MIN(day->usual_sd, day->n);
    double base =
        p * p * spread * spread + honest * p * (1 - p) * (1 + MAX(honest - 1, 0) * day->rho);
    double density = ATTACK_ODD_WEIGHT / (p * honest + 0.2 * fraud + 1) *
                     (day->c <= p * honest + 0.3 * fraud + 2 * sqrt(base) + 1);
    for (gsize k = 0; k < G_N_ELEMENTS(attack_rates); k++) {
        double q = attack_rates[k], step = 0.4 * q * fraud;
        density += attack_weights[k] * normal_density(day->c, p * honest + q * fraud,
                                                      base + q * fraud + step * step + 0.25);
    }
    return log_excess(day, ATTACK_TAIL) + log(density + 1e-300);
}

static void
day_likelihoods(const Sheet *sheet, guint i, double log_likelihood[N_VERDICTS])
{
    DayView day = day_view(sheet, i);
    double conversions = log_conversions(&day, day.rho);
    double volume = stats_negative_binomial_log(day.n, day.usual, day.phi);
    log_likelihood[VERDICT_CLEAN] = volume + conversions;
    log_likelihood[VERDICT_SURGE] =
        log_excess(&day, SURGE_TAIL) + log_conversions(&day, MIN(day.rho + 0.01, 0.5));
    log_likelihood[VERDICT_DELIVERY] = log_delivery(&day, volume);
    log_likelihood[VERDICT_ATTACK] = log_attack(&day);
}

static double
transition(int from, int to)
{
    if (from == to)
        return state_rules[from].stay;
    if (from == VERDICT_CLEAN)
        return state_rules[to].start;
    double leave = 1 - state_rules[from].stay;
    return to == VERDICT_CLEAN ? leave * 0.8 : leave * 0.1;
}

/* Scaled forward-backward (Rabiner 1989, III.A and V.A). Returns the log likelihood. */
static double
forward_backward(Sheet *sheet)
{
    double log_likelihood[N_VERDICTS], alpha[N_VERDICTS], total = 0;
    g_autofree double *emission = g_new(double, (gsize)sheet->n *N_VERDICTS);
    for (guint i = 0; i < sheet->n; i++) {
        double most = -G_MAXDOUBLE, sum = 0;
        day_likelihoods(sheet, i, log_likelihood);
        for (int s = 0; s < N_VERDICTS; s++)
            most = MAX(most, log_likelihood[s]);
        for (int s = 0; s < N_VERDICTS; s++) {
            double prior = 0;
            for (int from = 0; from < N_VERDICTS && i > 0; from++)
                prior += sheet->posterior[from][i - 1] * transition(from, s);
            emission[i * N_VERDICTS + s] = exp(log_likelihood[s] - most);
            alpha[s] = (i > 0 ? prior : state_rules[s].start) * emission[i * N_VERDICTS + s];
            sum += alpha[s];
        }
        for (int s = 0; s < N_VERDICTS; s++)
            sheet->posterior[s][i] = alpha[s] / sum;
        total += most + log(sum);
    }
    double beta[N_VERDICTS] = {1, 1, 1, 1}, next[N_VERDICTS];
    for (guint i = sheet->n; i-- > 0;) {
        double sum = 0;
        if (i + 1 < sheet->n) {
            double scale = 0;
            for (int s = 0; s < N_VERDICTS; s++) {
                next[s] = 0;
                for (int to = 0; to < N_VERDICTS; to++)
                    next[s] += transition(s, to) * emission[(i + 1) * N_VERDICTS + to] * beta[to];
                scale = MAX(scale, next[s]);
            }
            for (int s = 0; s < N_VERDICTS; s++)
                beta[s] = next[s] / scale;
        }
        for (int s = 0; s < N_VERDICTS; s++) {
            sheet->posterior[s][i] *= beta[s];
            sum += sheet->posterior[s][i];
        }
        for (int s = 0; s < N_VERDICTS; s++)
            sheet->posterior[s][i] /= sum;
    }
    return total;
}

/* The volume is learned from clean days and delivery problems, the rate from clean days and surges.
 */
static double
weights_update(Sheet *sheet)
{
    double change = 0;
    for (guint i = 0; i < sheet->n; i++) {
        double clean = sheet->posterior[VERDICT_CLEAN][i];
        double rate = MIN(clean + sheet->posterior[VERDICT_SURGE][i], 1);
        change = MAX(change, fabs(clean - sheet->volume_weight[i]));
        change = MAX(change, fabs(rate - sheet->rate_weight[i]));
        sheet->volume_weight[i] = clean;
        sheet->rate_weight[i] = rate;
    }
    return change;
}

static void
weights_all(Sheet *sheet)
{
    for (guint i = 0; i < sheet->n; i++)
        sheet->volume_weight[i] = sheet->rate_weight[i] = 1;
}

/* Days whose conversions fit a supposed usual rate, and among them those of no unusual volume. */
static void
weights_from_rate(Sheet *sheet, double rate)
{
    guint n = 0;
    for (guint i = 0; i < sheet->n; i++) {
        double tried = sheet->attempts[i], expected = rate * tried;
        double var = expected * (1 - rate) * (1 + MAX(tried - 1, 0) * 0.01);
        gboolean fits = tried <= 0 || sheet->conversions[i] > expected - 2.5 * sqrt(var) - 0.5;
        sheet->rate_weight[i] = sheet->volume_weight[i] = fits;
        if (fits)
            sheet->scratch[n++] = tried;
    }
    double most = 3 * stats_median(sheet->scratch, n) + 5;
    for (guint i = 0; i < sheet->n; i++) {
        if (sheet->attempts[i] > most)
            sheet->volume_weight[i] = 0;
    }
}

/* Days that convert far better than the supposed baseline: honest traffic has no reason to, so the
 * supposed baseline is itself an attack. The account's over-dispersion is the yardstick here: one
 * fitted to such days would hide them. */
static double
better_days(const Sheet *sheet, const Pool *pool)
{
    double sum = 0, p = sheet->rate;
    for (guint i = 0; i < sheet->n; i++) {
        double n = sheet->attempts[i], over = sheet->conversions[i] - p * n;
        double var = n * p * (1 - p) * (1 + MAX(n - 1, 0) * MAX(pool->rho, 0.001)) + 0.25;
        double z = over > 0 ? MIN(over / sqrt(var), 8) : 0;
        sum += z > 2.5 ? 0.5 * z * z : 0;
    }
    return sum;
}

static void
learn_from_weights(Sheet *sheet, const Pool *pool)
{
    sheet->warm = FALSE;
    for (int step = 0; step < EM_STEPS; step++) {
        fit_rate(sheet, pool);
        fit_volume(sheet, pool);
        sheet->log_likelihood = forward_backward(sheet);
        if (weights_update(sheet) < 0.02)
            break;
    }
    fit_rate(sheet, pool);
    fit_volume(sheet, pool);
    double far = (stats_logit(sheet->rate) - stats_logit(pool->rate)) / pool->rate_sd;
    sheet->log_likelihood += -2.5 * log1p(far * far / 4) -
                             better_days(sheet, pool); /* Student's t with 4 degrees of freedom */
}

/* A rate below which the given share of the attempts-bearing days lies. */
static double
rate_quantile(Sheet *sheet, double q)
{
    guint n = 0;
    double median;
    for (guint i = 0; i < sheet->n; i++) {
        if (sheet->attempts[i] > 0)
            sheet->scratch[n++] = sheet->attempts[i];
    }
    median = stats_median(sheet->scratch, n);
    g_autofree double *rates = g_new(double, n + 1), *weights = g_new(double, n + 1);
    guint m = 0;
    for (guint i = 0; i < sheet->n; i++) {
        if (sheet->attempts[i] <= 0)
            continue;
        rates[m] = (sheet->conversions[i] + 0.5) / (sheet->attempts[i] + 1);
        weights[m++] = MIN(sheet->attempts[i] / median, 1);
    }
    return stats_weighted_quantile(rates, weights, m, q);
}

static void
best_keep(Sheet *sheet)
{
    memcpy(sheet->best_volume_weight, sheet->volume_weight, sheet->n * sizeof(double));
    memcpy(sheet->best_rate_weight, sheet->rate_weight, sheet->n * sizeof(double));
}

static void
best_restore(Sheet *sheet)
{
    memcpy(sheet->volume_weight, sheet->best_volume_weight, sheet->n * sizeof(double));
    memcpy(sheet->rate_weight, sheet->best_rate_weight, sheet->n * sizeof(double));
}

/* The plain start explains every day as clean: no other start can do better. */
static gboolean
nothing_odd(const Sheet *sheet, const Pool *pool)
{
    for (guint i = 0; i < sheet->n; i++) {
        if (sheet->posterior[VERDICT_CLEAN][i] < 0.9)
            return FALSE;
    }
    double far = (stats_logit(sheet->rate) - stats_logit(pool->rate)) / pool->rate_sd;
    return far > -1.5 && better_days(sheet, pool) == 0;
}

void
states_learn(Sheet *sheet, const Pool *pool)
{
    static const double starts[] = {-1, 0.5, 0.8, 0.95};
    double best = -G_MAXDOUBLE;
    for (gsize s = 0; s < G_N_ELEMENTS(starts); s++) {
        if (starts[s] < 0)
            weights_all(sheet);
        else
            weights_from_rate(sheet, rate_quantile(sheet, starts[s]));
        learn_from_weights(sheet, pool);
        if (s == 0 && nothing_odd(sheet, pool))
            return;
        if (sheet->log_likelihood > best + 1e-6) {
            best = sheet->log_likelihood;
            best_keep(sheet);
        }
    }
    best_restore(sheet);
    sheet->warm = FALSE;
    fit_rate(sheet, pool);
    fit_volume(sheet, pool);
    forward_backward(sheet);
}
