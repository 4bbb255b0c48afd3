/* verify_model.c: the judgement of an account: learns all segments together, finds the runs of
 * attacked days, tests each run, and has the honest attempts of those that stand estimated. */
#include <math.h>
#include <string.h>

#include "calc/stats.h"
#include "calc/verify.h"
#include "calc/verify_credit.h"
#include "calc/verify_fit.h"
#include "calc/verify_states.h"

#define POOL_ROUNDS 3
/* Of accounts with more segments, only the largest teach the others. */
#define POOL_SEGMENTS 150
/* A segment without clean days counts as attacked when its rate lies so far below the product's
 * that one honest account in FAR_CHANCE^-1 has such a segment; fewer standard deviations will do
 * when attempts move without conversions, more are needed when conversions follow attempts. */
#define FAR_CHANCE   0.0005
#define FAR_PROVEN   (-0.7)
#define FAR_DOUBTFUL 1.5
#define FAR_SHARE    0.5 /* and below this share of the product's rate */
/* The surge is the second of two tests, and may be so much less certain than the fall where no
 * outage looks like it: above what retries explain, or for longer than outages last. */
#define SURGE_EASE  10
#define OUTAGE_DAYS 7
/* Without a baseline the volume's over-dispersion is not known either. */
#define UNKNOWN_PHI     1.5
#define ATTACKER_ROUNDS 3

typedef struct {
    VerifyAccount *account;
    const VerifyModelSettings *settings;
    Pool pool;
    GArray *rates; /* RateSeen of the segments that teach */
    Sheet *sheet;
    gboolean *attacked;
    guint8 *verdicts;
    double *unit, *honest;
    double *attacker_evidence; /* n_segments x N_ATTACKER_RATES; NULL at first */
} Model;

/* Sums over a run of days, against the baseline. */
typedef struct {
    guint first, last; /* days of the sheet, inclusive */
    double attempts, conversions;
    double usual, usual_var;
    double rate_var; /* of conversions/attempts as honest traffic would have it */
} Run;

static double
segment_attempts(const VerifySegment *segment)
{
    double sum = 0;
    for (guint i = 0; i < segment->n_groups; i++)
        sum += (double)segment->groups[i].attempts;
    return sum;
}

static int
larger_first(gconstpointer a, gconstpointer b, gpointer data)
{
    const double *size = data;
    double x = size[*(const guint *)a], y = size[*(const guint *)b];
    return (x < y) - (x > y);
}

/* Indices of the segments that teach the pool, the largest first; returns how many. */
static guint
teachers(const VerifyAccount *account, double least, guint **order)
{
    guint n = 0;
    g_autofree double *size = g_new(double, account->n_segments);
    *order = g_new(guint, account->n_segments);
    for (guint i = 0; i < account->n_segments; i++) {
        size[i] = segment_attempts(&account->segments[i]);
        if (size[i] >= least)
            (*order)[n++] = i;
    }
    g_qsort_with_data(*order, (int)n, sizeof(guint), larger_first, size);
    return MIN(n, POOL_SEGMENTS);
}

/* --- segments without a baseline -------------------------------------------------------------- */

/* How surely the conversions do not follow the attempts from day to day, in standard deviations:
 * positive when they stay while attempts move, negative when they follow. A weighted regression of
 * c on n, against the slope that a constant rate has. */
static double
independence(const Sheet *sheet, double rate)
{
    double w_sum = 0, n_sum = 0, c_sum = 0, nn = 0, nc = 0, mean, days = 0;
    for (guint i = 0; i < sheet->n; i++) {
        double n = sheet->attempts[i], rho = MAX(sheet->rho, 0.002);
        double w = n > 0 ? 1 / (n * rate * (1 - rate) * (1 + (n - 1) * rho) + 1) : 0;
        w_sum += w;
        n_sum += w * n;
        c_sum += w * sheet->conversions[i];
        days += n > 0;
    }
    mean = w_sum > 0 ? n_sum / w_sum : 0;
    for (guint i = 0; i < sheet->n; i++) {
        double n = sheet->attempts[i], rho = MAX(sheet->rho, 0.002);
        double w = n > 0 ? 1 / (n * rate * (1 - rate) * (1 + (n - 1) * rho) + 1) : 0;
        nn += w * (n - mean) * (n - mean);
        nc += w * (n - mean) * (sheet->conversions[i] - c_sum / MAX(w_sum, 1e-12));
    }
    if (days < 5 || nn <= 0)
        return 0;
    double slope = nc / nn, residual = 0;
    for (guint i = 0; i < sheet->n; i++) {
        double n = sheet->attempts[i], rho = MAX(sheet->rho, 0.002);
        double w = n > 0 ? 1 / (n * rate * (1 - rate) * (1 + (n - 1) * rho) + 1) : 0;
        double off = sheet->conversions[i] - c_sum / w_sum - slope * (n - mean);
        residual += w * off * off;
    }
    double error = sqrt(MAX(residual / (days - 2), 0.2) / nn);
    double still = (rate - slope) / error, follows = slope / error;
    return follows > still ? -follows : still;
}

/* TRUE when the whole segment converts so far below the product that only an attack explains it. */
static gboolean
whole_segment_attacked(const Model *model, const Pool *pool, double rate, double tried)
{
    double p = (rate * tried + 0.5) / (tried + 1);
    double var = pool->rate_sd * pool->rate_sd + 1 / ((tried + 1) * p * (1 - p));
    double far = (stats_logit(pool->rate) - stats_logit(p)) / sqrt(var);
    double apart = independence(model->sheet, p);
    double needed = -stats_normal_quantile(FAR_CHANCE / model->account->n_segments);
    needed += apart > 5 ? FAR_PROVEN : apart < -6 ? FAR_DOUBTFUL : 0;
    return rate < FAR_SHARE * pool->rate && far > needed;
}

static double *
cov_diagonal(Sheet *sheet, gsize coefficient)
{
    return &sheet->cov[coefficient * (N_COEFFICIENTS + 1)];
}

/* The product's rate and an almost unknown volume stand in for a baseline. */
static void
baseline_from_pool(Sheet *sheet, const Pool *pool)
{
    guint n = 0;
    double p = pool->rate;
    for (guint i = 0; i < sheet->n; i++) {
        if (sheet->attempts[i] > 0)
            sheet->scratch[n++] = MAX(sheet->conversions[i] - 0.01 * sheet->attempts[i], 0) / p;
    }
    double level = stats_median(sheet->scratch, n) + 0.5, sd = 2;
    if (sheet->silent >= 7) {
        level = 0.5 + 1.0 / sheet->silent;
        sd = 1;
    }
    memset(sheet->cov, 0, sizeof(sheet->cov));
    sheet->cov[FIT_LEVEL] = sd * sd;
    *cov_diagonal(sheet, FIT_SLOPE) = pool->slope_sd * pool->slope_sd;
    for (guint d = 0; d < 7; d++)
        *cov_diagonal(sheet, FIT_WEEKDAY + d) = pool->weekday_sd * pool->weekday_sd;
    sheet->phi = UNKNOWN_PHI * pool->phi;
    sheet->rho = pool->rho;
    sheet->rate = p;
    sheet->rate_var = pow(p * (1 - p) * pool->rate_sd, 2);
    for (guint i = 0; i < sheet->n; i++) {
        double x[N_COEFFICIENTS];
        sheet_design(sheet, i, x);
        sheet->usual[i] = level;
        for (guint d = 0; d < 7; d++)
            sheet->usual[i] *= exp(x[FIT_WEEKDAY + d] * pool->weekday[d]);
        sheet->usual_var[i] = sheet_quadratic(sheet->cov, x);
    }
}

static gboolean
judge_whole(Model *model, VerifySegment *segment, const Pool *pool)
{
    Sheet *sheet = model->sheet;
    double n = 0, c = 0, tried = 0;
    for (guint i = 0; i < sheet->n; i++) {
        n += sheet->attempts[i];
        c += sheet->conversions[i];
        tried += sheet->attempts[i] / (1 + MAX(sheet->attempts[i] - 1, 0) * sheet->rho);
    }
    segment->no_baseline = TRUE;
    if (!whole_segment_attacked(model, pool, c / n, tried))
        return FALSE;
    baseline_from_pool(sheet, pool);
    for (guint i = 0; i < sheet->n; i++) {
        double expected = pool->rate * sheet->attempts[i];
        model->attacked[i] = sheet->attempts[i] > 0 &&
                             sheet->conversions[i] < (1 - model->settings->min_fall) * expected;
        sheet->posterior[VERDICT_ATTACK][i] = 1;
    }
    return TRUE;
}

/* --- runs ------------------------------------------------------------------------------------- */

static Run
run_sum(const Sheet *sheet, guint first, guint last)
{
    Run run = {.first = first, .last = last};
    double gradient[N_COEFFICIENTS] = {0}, x[N_COEFFICIENTS], p = sheet->rate;
    for (guint i = first; i <= last; i++) {
        double n = sheet->attempts[i], v = sheet->usual[i];
        sheet_design(sheet, i, x);
        run.attempts += n;
        run.conversions += sheet->conversions[i];
        run.usual += v;
        run.usual_var += v + sheet->phi * v * v;
        run.rate_var += n * p * (1 - p) * (1 + MAX(n - 1, 0) * sheet->rho);
        for (guint k = 0; k < N_COEFFICIENTS; k++)
            gradient[k] += v * x[k];
    }
    run.usual_var += sheet_quadratic(sheet->cov, gradient);
    run.rate_var = run.rate_var / (run.attempts * run.attempts + 1e-9) + sheet->rate_var;
    return run;
}

/* P(conversions this low) of honest traffic. */
static double
run_fall(const Run *run, double p)
{
    double s = p * (1 - p) / run->rate_var - 1;
    return s > 0
               ? stats_beta_cdf((run->conversions + 0.5) / (run->attempts + 1), p * s, (1 - p) * s)
               : 1;
}

/* P(volume this high) of honest traffic. */
static double
run_surge(const Run *run)
{
    double phi = (run->usual_var - run->usual) / (run->usual * run->usual);
    return stats_negative_binomial_upper(run->attempts, run->usual, MAX(phi, 0));
}

static gboolean
falls(const Model *model, const Run *run)
{
    double p = model->sheet->rate;
    return run->conversions < (1 - model->settings->min_fall) * p * run->attempts &&
           run_fall(run, p) < model->settings->threshold;
}

/* The whole run, or its beginning or end, where the usual volume is best known because clean days
 * lie beside it; a few looks share the threshold. */
static gboolean
surges(const Model *model, const Run *run)
{
    static const guint lengths[] = {G_MAXUINT, 3, 7, 14};
    const double looks = 7; /* the whole once, the others from both ends */
    guint days = run->last - run->first + 1;
    gboolean no_outage =
        days > OUTAGE_DAYS || run->attempts >= (1 + model->settings->retry_surge) * run->usual;
    double threshold = (no_outage ? SURGE_EASE : 1) * model->settings->threshold / looks;
    if (run->attempts <= (1 + model->settings->min_surge) * run->usual)
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(lengths); i++) {
        guint length = MIN(lengths[i], days);
        Run head = run_sum(model->sheet, run->first, run->first + length - 1);
        Run tail = run_sum(model->sheet, run->last - length + 1, run->last);
        if (run_surge(&head) < threshold || run_surge(&tail) < threshold)
            return TRUE;
    }
    return FALSE;
}

/* The users who were there before still verify, and those who came do not: what an attack does. In
 * an outage the usual users fail, and some of them try again. */
static gboolean
excess_is_fraud(const Model *model, const Run *run)
{
    double p = model->sheet->rate, excess = run->attempts - run->usual;
    double kept = p * run->usual;
    if (run->conversions - kept > model->settings->attacker_share * p * excess)
        return FALSE;
    if (run->attempts < (1 + model->settings->retry_surge) * run->usual && run->conversions > 0) {
        double sd = sqrt(p * p * run->usual_var + run->rate_var * run->usual * run->usual);
        return run->conversions > 0.7 * kept || run->conversions > kept - 2 * sd;
    }
    return TRUE;
}

static Verdict
run_verdict(const Model *model, const Run *run)
{
    gboolean fall = falls(model, run), surge = surges(model, run);
    if (fall && surge)
        return excess_is_fraud(model, run) ? VERDICT_ATTACK : VERDICT_DELIVERY;
    return fall ? VERDICT_DELIVERY : surge ? VERDICT_SURGE : VERDICT_CLEAN;
}

static Verdict
likeliest(const Sheet *sheet, guint i)
{
    Verdict best = VERDICT_CLEAN;
    for (int s = 1; s < N_VERDICTS; s++) {
        if (sheet->posterior[s][i] > sheet->posterior[best][i])
            best = (Verdict)s;
    }
    return best;
}

/* Each run of one state, tested as a whole; the verdicts are what stands. */
static gboolean
judge_runs(Model *model)
{
    const Sheet *sheet = model->sheet;
    gboolean any = FALSE;
    for (guint i = 0; i < sheet->n;) {
        Verdict state = likeliest(sheet, i), verdict = VERDICT_CLEAN;
        guint last = i;
        while (last + 1 < sheet->n && likeliest(sheet, last + 1) == state)
            last++;
        if (state != VERDICT_CLEAN) {
            Run run = run_sum(sheet, i, last);
            verdict = run_verdict(model, &run);
            if (verdict == VERDICT_ATTACK && state != VERDICT_ATTACK)
                verdict = state;
        }
        for (; i <= last; i++) {
            model->verdicts[i] = (guint8)verdict;
            model->attacked[i] = verdict == VERDICT_ATTACK;
            any = any || model->attacked[i];
        }
    }
    return any;
}

/* --- the credit of one segment ------------------------------------------------------------------
 */

static void
clear_days(Model *model)
{
    memset(model->attacked, 0, model->sheet->n * sizeof(gboolean));
    memset(model->verdicts, VERDICT_CLEAN, model->sheet->n);
    memset(model->unit, 0, model->sheet->n * sizeof(double));
    memset(model->honest, 0, model->sheet->n * sizeof(double));
}

static void
load_units(Model *model, const VerifySegment *segment)
{
    for (guint i = 0; i < segment->n_groups; i++) {
        const VerifyGroup *group = &segment->groups[i];
        if (group->attempts > 0)
            model->unit[group->day - model->sheet->first] =
                (double)group->cost / (double)group->attempts;
    }
}

/* Days outside the window are judged but not credited. */
static gboolean
limit_to_window(Model *model)
{
    gboolean any = FALSE;
    guint window = model->settings->window;
    for (guint i = 0; i < model->sheet->n; i++) {
        if (window > 0 && i + window < model->sheet->n)
            model->attacked[i] = FALSE;
        any = any || model->attacked[i];
    }
    return any;
}

/* What doubt about the states adds: days that may be attacked but were not credited, and days that
 * were credited but may be clean. The doubts of neighbouring days are one doubt. */
static double
state_variance(const Model *model)
{
    const Sheet *sheet = model->sheet;
    double sum = 0, stretch = 0;
    for (guint i = 0; i < sheet->n; i++) {
        double p = sheet->posterior[VERDICT_ATTACK][i];
        double fraud = model->unit[i] * MAX(sheet->attempts[i] - sheet->usual[i], 0);
        double doubt = sqrt(p * (1 - p)) * fraud;
        if (doubt <= 0 || (i > 0 && model->attacked[i] != model->attacked[i - 1])) {
            sum += stretch * stretch;
            stretch = 0;
        }
        stretch += doubt;
    }
    return sum + stretch * stretch;
}

/* Attempts come whole: where the estimate is a fraction of one, there may have been none. */
static double
fraction_variance(const Model *model)
{
    double cost = 0;
    for (guint i = 0; i < model->sheet->n; i++) {
        if (model->attacked[i])
            cost += model->unit[i] * MIN(model->honest[i], 1);
    }
    return cost * cost;
}

static void
credit_groups(Model *model, VerifySegment *segment)
{
    for (guint i = 0; i < segment->n_groups; i++) {
        VerifyGroup *group = &segment->groups[i];
        gint32 at = group->day - model->sheet->first;
        group->verdict = model->verdicts[at];
        group->honest = (double)group->attempts;
        if (!model->attacked[at])
            continue;
        group->verdict = VERDICT_ATTACK;
        group->honest = group->conversions == 0 ? 0 : model->honest[at];
        long double share = 1 - (long double)group->honest / (long double)group->attempts;
        group->credit = CLAMP((gint64)llrintl((long double)group->cost * share), 0, group->cost);
    }
}

static void
segment_credit(Model *model, VerifySegment *segment, guint index)
{
    Credit credit = {.sheet = model->sheet,
                     .attacked = model->attacked,
                     .unit = model->unit,
                     .honest = model->honest};
    load_units(model, segment);
    credit_estimate(&credit, &model->pool);
    segment->attacked = TRUE;
    double extra = state_variance(model) + fraction_variance(model);
    segment->median = credit.total;
    segment->attacker_rate = 0;
    for (guint k = 0; k < N_ATTACKER_RATES; k++)
        segment->attacker_rate += credit.branch_weight[k] * attacker_rate(k);
    segment->low = credit_quantile(&credit, 0.025, extra);
    segment->high = credit_quantile(&credit, 0.975, extra);
    memcpy(&model->attacker_evidence[(gsize)index * N_ATTACKER_RATES], credit.attacker,
           sizeof(credit.attacker));
    credit_groups(model, segment);
}

static guint
count_clean(const Sheet *sheet)
{
    guint n = 0;
    for (guint i = 0; i < sheet->n; i++)
        n += sheet->posterior[VERDICT_CLEAN][i] >= 0.5;
    return n;
}

/* A segment must not be its own witness of what is usual; among many it hardly is. */
static Pool
pool_of_others(const Model *model, guint index)
{
    Pool others = model->pool;
    if (model->rates->len < POOL_SEGMENTS)
        pool_rates(&others, model->rates, index, model->settings);
    return others;
}

static void
segment_judge(Model *model, VerifySegment *segment, guint index)
{
    Sheet *sheet = model->sheet;
    sheet_load(sheet, segment, model->account);
    clear_days(model);
    segment->launched = segment->groups[0].day != model->account->first_day &&
                        sheet->first == segment->groups[0].day;
    segment->baseline = model->pool.rate;
    segment->attacked = FALSE;
    gboolean any = FALSE;
    if (segment_attempts(segment) >= model->settings->min_attempts) {
        states_learn(sheet, &model->pool);
        segment->clean_days = count_clean(sheet);
        segment->baseline = sheet->rate;
        Pool others = pool_of_others(model, index);
        if (segment->clean_days < model->settings->min_clean_days ||
            whole_segment_attacked(model, &others, sheet->own_rate, sheet->own_tried + 1))
            any = judge_whole(model, segment, &others);
        if (!any && segment->clean_days >= model->settings->min_clean_days)
            any = judge_runs(model);
        segment->baseline = sheet->rate;
    }
    if (any && limit_to_window(model))
        segment_credit(model, segment, index);
    else
        credit_groups(model, segment);
}

/* --- the account
 * ---------------------------------------------------------------------------------- */

/* What attackers of this account verify: a discrete mixture, each attacked segment one draw (EM for
 * a mixing distribution, Laird 1978), with the prior as one more draw. */
static void
attackers_update(Model *model)
{
    double prior[N_ATTACKER_RATES], next[N_ATTACKER_RATES];
    memcpy(prior, model->pool.attacker, sizeof(prior));
    for (int round = 0; round < ATTACKER_ROUNDS; round++) {
        double count = 1;
        memcpy(next, prior, sizeof(next));
        for (guint s = 0; s < model->account->n_segments; s++) {
            const double *evidence = &model->attacker_evidence[(gsize)s * N_ATTACKER_RATES];
            double weights[N_ATTACKER_RATES], most = -G_MAXDOUBLE, sum = 0;
            if (!model->account->segments[s].attacked)
                continue;
            for (guint k = 0; k < N_ATTACKER_RATES; k++)
                most = MAX(most, evidence[k]);
            for (guint k = 0; k < N_ATTACKER_RATES; k++)
                sum += weights[k] = evidence[k] > -G_MAXDOUBLE
                                        ? model->pool.attacker[k] * exp(evidence[k] - most)
                                        : 0;
            for (guint k = 0; k < N_ATTACKER_RATES && sum > 0; k++)
                next[k] += weights[k] / sum;
            count += 1;
        }
        for (guint k = 0; k < N_ATTACKER_RATES; k++)
            model->pool.attacker[k] = next[k] / count;
    }
}

static void
account_learn(Model *model)
{
    g_autofree guint *order = NULL;
    guint n = teachers(model->account, model->settings->min_attempts, &order);
    for (int round = 0; round < POOL_ROUNDS; round++) {
        PoolSums sums;
        pool_sums_init(&sums);
        for (guint i = 0; i < n; i++) {
            sheet_load(model->sheet, &model->account->segments[order[i]], model->account);
            states_learn(model->sheet, &model->pool);
            if (round == 0 || count_clean(model->sheet) >= model->settings->min_clean_days)
                pool_gather(&sums, model->sheet, order[i]);
        }
        pool_update(&model->pool, &sums, model->settings);
        g_clear_pointer(&model->rates, g_array_unref);
        model->rates = sums.rates;
    }
}

/* Segments err independently: their distances to the median add up as squares, each side by itself.
 */
static void
account_interval(Model *model)
{
    VerifyAccount *account = model->account;
    double median = 0, below = 0, above = 0, amount = 0, verified = 0;
    for (guint s = 0; s < account->n_segments; s++) {
        const VerifySegment *segment = &account->segments[s];
        for (guint i = 0; i < segment->n_groups; i++)
            amount += (double)segment->groups[i].credit;
        if (!segment->attacked)
            continue;
        median += segment->median;
        verified += segment->median * segment->attacker_rate;
        below += pow(segment->median - segment->low, 2);
        above += pow(segment->high - segment->median, 2);
    }
    account->low = MIN(median - sqrt(below), amount);
    account->high = MAX(median + sqrt(above), amount);
    account->usual_rate = model->pool.rate;
    account->attacker_rate = median > 0 ? verified / median : 0;
}

void
verify_model_run(VerifyAccount *account, const VerifyModelSettings *settings)
{
    guint days = (guint)(account->last_day - account->first_day + 1);
    Model model = {.account = account, .settings = settings, .sheet = sheet_new(days)};
    model.attacked = g_new0(gboolean, days);
    model.verdicts = g_new0(guint8, days);
    model.unit = g_new0(double, days);
    model.honest = g_new0(double, days);
    model.attacker_evidence = g_new0(double, (gsize)account->n_segments *N_ATTACKER_RATES);
    pool_init(&model.pool, settings);
    account_learn(&model);
    for (guint s = 0; s < account->n_segments; s++)
        segment_judge(&model, &account->segments[s], s);
    attackers_update(&model);
    for (guint s = 0; s < account->n_segments; s++) {
        if (account->segments[s].attacked)
            segment_judge(&model, &account->segments[s], s);
    }
    account_interval(&model);
    g_array_unref(model.rates);
    g_free(model.attacker_evidence);
    g_free(model.honest);
    g_free(model.unit);
    g_free(model.verdicts);
    g_free(model.attacked);
    sheet_free(model.sheet);
}
