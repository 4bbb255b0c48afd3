/* calc_world.c: accounts with known truth, for measuring the calculator's error. */
#include "calc_world.h"

#include <math.h>
#include <string.h>

#define MAX_DAYS      90
#define MAX_COUNTRIES 50

typedef struct {
    double base, rate, unit, launch_day;
    double weekday[7];
    double volume[MAX_DAYS];   /* multiplies the honest volume */
    double delivery[MAX_DAYS]; /* multiplies the honest conversion rate */
    double fraud[MAX_DAYS];    /* expected fraudulent attempts */
    double attacker_rate;
} Country;

typedef struct {
    GRand *rand;
    WorldKind kind;
    guint days, n;
    double volume_cv, wander, rho, slope;
    double price_change; /* factor on the unit cost from half-time on */
    Country countries[MAX_COUNTRIES];
} Maker;

static double
uniform(Maker *m, double low, double high)
{
    return g_rand_double_range(m->rand, low, high);
}

static double
log_uniform(Maker *m, double low, double high)
{
    return exp(uniform(m, log(low), log(high)));
}

static double
normal(Maker *m)
{
    double u = 1 - g_rand_double(m->rand);
    return sqrt(-2 * log(u)) * cos(2 * G_PI * g_rand_double(m->rand));
}

/* Marsaglia and Tsang 2000. */
static double
gamma_draw(Maker *m, double shape)
{
    if (shape < 1)
        return gamma_draw(m, shape + 1) * pow(1 - g_rand_double(m->rand), 1 / shape);
    double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double x = normal(m), v = pow(1 + c * x, 3), u = 1 - g_rand_double(m->rand);
        if (v > 0 && log(u) < 0.5 * x * x + d - d * v + d * log(v))
            return d * v;
    }
}

static double
poisson(Maker *m, double mean)
{
    if (mean > 200)
        return MAX(0, floor(mean + sqrt(mean) * normal(m) + 0.5));
    double limit = exp(-mean), product = 1, k = -1;
    do {
        product *= 1 - g_rand_double(m->rand);
        k++;
    } while (product > limit);
    return k;
}

static double
binomial(Maker *m, double n, double p)
{
    if (n * p * (1 - p) > 100)
        return CLAMP(floor(n * p + sqrt(n * p * (1 - p)) * normal(m) + 0.5), 0, n);
    if (n > 300) /* a rare event of many */
        return p < 0.5 ? MIN(poisson(m, n * p), n) : n - MIN(poisson(m, n * (1 - p)), n);
    double k = 0;
    for (int i = 0; i < (int)n; i++)
        k += g_rand_double(m->rand) < p;
    return k;
}

static double
beta_binomial(Maker *m, double n, double p, double rho)
{
    double s = 1 / rho - 1;
    double a = gamma_draw(m, p * s), b = gamma_draw(m, (1 - p) * s);
    return binomial(m, n, a / (a + b));
}

static double
logistic(double x)
{
    return 1 / (1 + exp(-x));
}

static void
make_countries(Maker *m)
{
    double account_rate = log(0.65 / 0.35) + 0.4 * normal(m);
    double rate_spread = m->kind == WORLD_UNEVEN ? 0.7 : uniform(m, 0.15, 0.4);
    double base = m->kind == WORLD_TINY     ? log_uniform(m, 3, 25)
                  : m->kind == WORLD_SPARSE ? log_uniform(m, 0.2, 4)
                                            : log_uniform(m, 60, 3000);
    double weekday[7], amplitude = uniform(m, 0, 0.4);
    for (int d = 0; d < 7; d++)
        weekday[d] = (d >= 5 ? -amplitude : 0) + 0.05 * normal(m);
    for (guint i = 0; i < m->n; i++) {
        Country *country = &m->countries[i];
        country->base = base * exp(uniform(m, 0.2, 1.2) * normal(m));
        country->rate = CLAMP(logistic(account_rate + rate_spread * normal(m)), 0.05, 0.97);
        country->unit = log_uniform(m, 5000, 300000);
        country->attacker_rate = g_rand_double(m->rand) < 0.4 ? 0 : log_uniform(m, 0.001, 0.02);
        for (int d = 0; d < 7; d++)
            country->weekday[d] = weekday[d] + 0.05 * normal(m);
        for (guint t = 0; t < m->days; t++)
            country->volume[t] = country->delivery[t] = 1;
    }
}

/* An attack of length days: shape 0 is level, positive grows so much a day. */
static void
make_attack(Maker *m, Country *country, guint first, guint length, double ratio, double growth)
{
    double day_noise = uniform(m, 0.05, 0.5);
    for (guint t = 0; t < length && first + t < m->days; t++) {
        double shape = exp(growth * ((double)t - (double)(length - 1)));
        country->fraud[first + t] +=
            MAX(country->base, 2) * ratio * shape * exp(day_noise * normal(m));
    }
}

static Country *
any_country(Maker *m)
{
    return &m->countries[g_rand_int_range(m->rand, 0, (gint32)m->n)];
}

/* Ranges of an attack: days, times the usual volume, growth a day. */
typedef struct {
    gint32 shortest, longest;
    double least, most;
    double level, steep;
} Shape;

/* The draws stand in statements of their own: the order of a call's arguments is the compiler's. */
static void
attack_from(Maker *m, Country *country, gint32 earliest, const Shape *shape)
{
    guint length = (guint)g_rand_int_range(m->rand, shape->shortest, shape->longest + 1);
    double ratio = log_uniform(m, shape->least, shape->most);
    double growth = shape->steep > 0 ? uniform(m, shape->level, shape->steep) : 0;
    length = MIN(length, m->days - 7);
    guint first = (guint)g_rand_int_range(m->rand, earliest, (gint32)(m->days - length + 1));
    make_attack(m, country, first, length, ratio, growth);
}

static void
attack_somewhere(Maker *m, const Shape *shape)
{
    attack_from(m, any_country(m), 0, shape);
}

static void
event_surge(Maker *m)
{
    Country *country = any_country(m);
    guint length = (guint)g_rand_int_range(m->rand, 1, 6);
    guint first = (guint)g_rand_int_range(m->rand, 0, (gint32)(m->days - length));
    double ratio = log_uniform(m, 1.5, 8), quality = uniform(m, 0.92, 1.02);
    gboolean everywhere = g_rand_double(m->rand) < 0.3;
    for (guint i = 0; i < m->n; i++) {
        Country *hit = everywhere ? &m->countries[i] : country;
        for (guint t = first; t < first + length; t++) {
            hit->volume[t] *= ratio;
            hit->delivery[t] *= quality;
        }
        if (!everywhere)
            break;
    }
}

static void
event_outage(Maker *m)
{
    Country *country = any_country(m);
    guint length = (guint)g_rand_int_range(m->rand, 1, 5);
    guint first = (guint)g_rand_int_range(m->rand, 0, (gint32)(m->days - length));
    double left = uniform(m, 0, 0.7), retry = 1 + (1 - left) * uniform(m, 0, 0.6);
    gboolean everywhere = g_rand_double(m->rand) < 0.3;
    for (guint i = 0; i < m->n; i++) {
        Country *hit = everywhere ? &m->countries[i] : country;
        for (guint t = first; t < first + length; t++) {
            if (hit->volume[t] > 1) /* nothing tells an outage within a surge from an attack */
                continue;
            hit->volume[t] *= retry;
            hit->delivery[t] *= left;
        }
        if (!everywhere)
            break;
    }
}

static void
event_launch(Maker *m)
{
    Country *country = any_country(m);
    guint first = (guint)g_rand_int_range(m->rand, 5, (gint32)m->days - 2);
    double ramp = uniform(m, 0, 0.3);
    for (guint t = 0; t < m->days; t++)
        country->volume[t] *= t < first ? 0 : 1 - exp(-ramp * (t - first + 1) - 0.5);
}

static const Shape plain = {2, 8, 3, 30, 0, 0};

static void
event_new_attack(Maker *m)
{
    static const Shape shape = {1, 9, 3, 30, 0, 0};
    Country *country = any_country(m);
    memset(country->volume, 0, sizeof(country->volume));
    attack_from(m, country, 4, &shape);
}

static void
attack_several(Maker *m)
{
    static const Shape shape = {1, 7, 3, 30, 0, 0.3};
    int waves = g_rand_int_range(m->rand, 2, 6);
    for (int i = 0; i < waves; i++)
        attack_somewhere(m, &shape);
}

static void
attack_verifying(Maker *m)
{
    Country *country = any_country(m);
    country->attacker_rate = log_uniform(m, 0.02, 0.15);
    attack_from(m, country, 3, &plain);
}

static void
attack_plain(Maker *m)
{
    attack_somewhere(m, &plain);
}

static void
attack_slow(Maker *m)
{
    static const Shape shape = {10, 30, 0.7, 3, 0, 0};
    attack_somewhere(m, &shape);
}

static void
attack_swelling(Maker *m)
{
    static const Shape shape = {5, 12, 5, 60, 0.2, 0.7};
    attack_somewhere(m, &shape);
}

static void
attack_one_day(Maker *m)
{
    static const Shape shape = {1, 1, 3, 30, 0, 0};
    attack_somewhere(m, &shape);
}

static void
attack_whole(Maker *m)
{
    Country *country = any_country(m);
    double ratio = log_uniform(m, 3, 30);
    make_attack(m, country, 0, m->days, ratio, 0);
}

static void
event_mixed(Maker *m)
{
    event_surge(m);
    event_outage(m);
    attack_several(m);
}

static void
nothing(Maker *m)
{
    (void)m;
}

static const struct {
    const char *name;
    void (*events)(Maker *m);
} kinds[N_WORLDS] = {
    [WORLD_ONE] = {"one attack", attack_plain},
    [WORLD_SEVERAL] = {"several", attack_several},
    [WORLD_SLOW] = {"slow", attack_slow},
    [WORLD_SWELLING] = {"swelling", attack_swelling},
    [WORLD_ONE_DAY] = {"one day", attack_one_day},
    [WORLD_WHOLE] = {"whole window", attack_whole},
    [WORLD_VERIFYING] = {"verifying", attack_verifying},
    [WORLD_GROWING] = {"growing", attack_plain},
    [WORLD_TINY] = {"tiny", attack_plain},
    [WORLD_NEW] = {"new country", event_new_attack},
    [WORLD_MIXED] = {"mixed", event_mixed},
    [WORLD_CLEAN] = {"clean", nothing},
    [WORLD_LAUNCH] = {"launch", event_launch},
    [WORLD_SURGE] = {"surge", event_surge},
    [WORLD_OUTAGE] = {"outage", event_outage},
    [WORLD_UNEVEN] = {"uneven rates", nothing},
    [WORLD_RISING] = {"fast growth", nothing},
    [WORLD_SPARSE] = {"sparse", nothing},
};

const char *
world_name(WorldKind kind)
{
    return kinds[kind].name;
}

static void
make_rows(Maker *m, World *world, guint index)
{
    const Country *country = &m->countries[index];
    double wander = 0;
    for (guint t = 0; t < m->days; t++) {
        wander = 0.6 * wander + 0.8 * m->wander * normal(m);
        double mean = country->base * country->volume[t] *
                      exp(country->weekday[t % 7] + m->slope * t + wander);
        double shape = 1 / (m->volume_cv * m->volume_cv);
        double honest = mean > 0 ? poisson(m, mean * gamma_draw(m, shape) / shape) : 0;
        double fraud = country->fraud[t] > 0 ? poisson(m, country->fraud[t]) : 0;
        double q = MIN(country->attacker_rate * exp(0.2 * normal(m)), 0.5);
        double done =
            beta_binomial(m, honest, country->rate * country->delivery[t] * 0.9999 + 1e-5, m->rho);
        double unit = country->unit * (t >= m->days / 2 ? m->price_change : 1);
        WorldRow row = {.day = (gint32)t, .attempts = (gint64)(honest + fraud)};
        row.conversions = (gint64)(done + binomial(m, fraud, q));
        row.cost = (gint64)llrint((honest + fraud) * unit);
        row.fraud = fraud * unit;
        row.country[0] = (char)('A' + index / 26);
        row.country[1] = (char)('A' + index % 26);
        if (row.attempts == 0)
            continue;
        world->fraud += row.fraud;
        world->spend += (double)row.cost;
        g_array_append_val(world->rows, row);
    }
}

World *
world_new(WorldKind kind, guint32 seed)
{
    g_autofree Maker *m = g_new0(Maker, 1);
    World *world = g_new0(World, 1);
    m->rand = g_rand_new_with_seed(seed * 131 + (guint32)kind);
    m->kind = kind;
    m->days = (guint)log_uniform(m, 14, 90.99);
    m->n = (guint)log_uniform(m, 1, 50.99);
    if (kind == WORLD_NEW)
        m->n = MAX(m->n, 2);
    m->volume_cv = log_uniform(m, 0.04, 0.25);
    m->wander = g_rand_double(m->rand) < 0.25 ? uniform(m, 0, 0.1) : 0;
    m->rho = log_uniform(m, 0.0003, 0.01);
    m->slope = kind == WORLD_GROWING  ? uniform(m, 0.01, 0.035)
               : kind == WORLD_RISING ? uniform(m, 0.02, 0.05)
                                      : 0.006 * normal(m);
    m->price_change = g_rand_double(m->rand) < 0.2 ? uniform(m, 0.8, 1.25) : 1;
    make_countries(m);
    kinds[kind].events(m);
    world->days = m->days;
    world->countries = m->n;
    world->rows = g_array_new(FALSE, FALSE, sizeof(WorldRow));
    for (guint i = 0; i < m->n; i++)
        make_rows(m, world, i);
    g_rand_free(m->rand);
    return world;
}

void
world_free(World *world)
{
    if (!world)
        return;
    g_array_unref(world->rows);
    g_free(world);
}
