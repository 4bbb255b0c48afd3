/* seed_data.c: the warehouse's table: invented accounts with honest traffic and known fraud.
 *
 * Honest attempts of a segment and day: Poisson with a gamma-distributed rate (over-dispersion)
 * around level x weekday x trend; conversions: binomial with a rate that wanders from day to day.
 * Fraud is added on top, and written into the table truth. Every number follows from the account's
 * name, so that two folders seeded for the same day are the same. */
#include "config.h"
#include "seed.h"

#include <math.h>
#include <string.h>

#define DAYS 42
#define PAST 14 /* days that accounts of the demo's history reach further back */

typedef struct {
    guint64 state;
} Random;

typedef struct {
    const char *country, *prefix, *carrier;
    double level, rate, price; /* attempts a day, share that converts, cost of an attempt */
    int first, last;           /* days on which it exists, counted back: 42 … 1 */
} Segment;

/* An attack on one segment; the days are counted back from today. */
typedef struct {
    const char *account, *country, *prefix;
    int first, last;
    double attempts;  /* a day */
    double converted; /* share of them that the attackers verify */
    double price;
} Attack;

typedef struct {
    const char *name;
    double size;  /* attempts a day over all segments */
    double trend; /* factor over the whole window */
    const char *kind;
    gboolean is_past; /* of the demo's history: its days count from SEED_PAST_US ago */
} Account;

static const Account accounts[] = {
    {"acme-payments", 9000, 1.05, "attack", FALSE},
    {"northwind", 1800, 1.0, "new country", FALSE},
    {"globex", 5200, 1.0, "attacks", FALSE},
    {"initech", 2600, 1.1, "attack", FALSE},
    {"umbrella", 3100, 1.0, "clean", FALSE},
    {"hooli", 12000, 1.2, "attacks", FALSE},
    {"stark-pay", 4100, 1.0, "slow attack", FALSE},
    {"wonka", 700, 1.0, "attack", FALSE},
    {"vandelay", 1500, 1.0, "surge", FALSE},
    {"soylent", 2200, 1.0, "outage", FALSE},
    {"tyrell", 60, 1.0, "tiny", FALSE},
    {"cyberdyne", 3600, 1.0, "one-day attack", FALSE},
    {"oscorp", 2900, 1.3, "growth", FALSE},
    {"wayne-bank", 6400, 1.0, "attack that verifies", FALSE},
    {"duff", 1200, 1.0, "clean", FALSE},
    {"pied-piper", 950, 1.0, "launch", FALSE},
    {"gringotts", 7700, 1.0, "swelling attack", FALSE},
    {"monarch", 1900, 1.0, "attack", FALSE},
    {"zorg", 2400, 1.0, "clean", FALSE},
    {"aperture", 3300, 1.0, "attacks", FALSE},
    /* customers of the demo's two weeks before today */
    {"contoso", 5200, 1.0, "attack", TRUE},
    {"fabrikam", 1400, 1.05, "slow attack", TRUE},
    {"tailspin", 2800, 1.0, "one-day attack", TRUE},
    {"adventure-works", 6100, 1.0, "attack", TRUE},
    {"litware", 2300, 1.0, "load test", TRUE},
    {"proseware", 900, 1.1, "new country", TRUE},
    {"wingtip", 3400, 1.0, "attack", TRUE},
    {"alpine-ski", 700, 1.0, "one-day attack", TRUE},
    {"woodgrove", 8800, 1.05, "attack", TRUE},
    {"humongous", 9900, 1.0, "attacks", TRUE},
    {"trey", 2100, 1.0, "attack", TRUE},
    {"fourth-coffee", 1100, 1.0, "new country", TRUE},
    {"blue-yonder", 4400, 1.1, "attack", TRUE},
    {"coho", 800, 1.0, "attack", TRUE},
    {"relecloud", 3700, 1.0, "attack", TRUE},
    {"nodmedia", 1300, 1.0, "attack", TRUE},
    {"bellows", 2900, 1.0, "attack", TRUE},
    {"munson", 600, 1.0, "one-day attack", TRUE},
    {"vanarsdel", 5600, 1.0, "attack that grows", TRUE},
    {"southridge", 1900, 1.0, "attack", TRUE},
    {"liberty", 3100, 1.0, "attack that verifies", TRUE},
    {"lucerne", 2600, 1.0, "attack", TRUE},
    {"city-power", 2200, 1.0, "attack", TRUE},
    {"consolid", 1600, 1.0, "attack", TRUE},
};

static const Segment segments[] = {
    {"US", "+1", "carrier-a", 0.34, 0.86, 0.0079, DAYS, 1},
    {"US", "+1", "carrier-b", 0.18, 0.84, 0.0083, DAYS, 1},
    {"GB", "+44", "carrier-c", 0.16, 0.81, 0.0400, DAYS, 1},
    {"DE", "+49", "carrier-d", 0.11, 0.78, 0.0750, DAYS, 1},
    {"BR", "+55", "carrier-e", 0.08, 0.66, 0.0510, DAYS, 1},
    {"AZ", "+994", "carrier-f", 0.05, 0.61, 0.2295, DAYS, 1},
    {"UZ", "+998", "carrier-g", 0.04, 0.55, 0.2600, DAYS, 1},
    {"ID", "+62", "carrier-h", 0.04, 0.63, 0.3420, DAYS, 1},
};

static const Attack attacks[] = {
    {"acme-payments", "AZ", "+994", 8, 4, 8600, 0.002, 0.2295},
    {"acme-payments", "UZ", "+998", 7, 4, 2500, 0.001, 0.2600},
    {"northwind", "TJ", "+992", 6, 3, 1100, 0.000, 0.2050},
    {"globex", "ID", "+62", 12, 9, 1900, 0.010, 0.3420},
    {"globex", "AZ", "+994", 5, 3, 1500, 0.004, 0.2295},
    {"initech", "UZ", "+998", 9, 7, 700, 0.000, 0.2600},
    {"hooli", "AZ", "+994", 20, 16, 5200, 0.003, 0.2295},
    {"hooli", "ID", "+62", 10, 8, 3800, 0.006, 0.3420},
    {"hooli", "UZ", "+998", 4, 2, 4400, 0.000, 0.2600},
    {"stark-pay", "ID", "+62", 15, 2, 420, 0.010, 0.3420},
    {"wonka", "AZ", "+994", 4, 3, 310, 0.000, 0.2295},
    {"cyberdyne", "UZ", "+998", 6, 6, 3200, 0.001, 0.2600},
    {"wayne-bank", "ID", "+62", 7, 4, 1700, 0.180, 0.3420},
    {"monarch", "BR", "+55", 8, 5, 2100, 0.004, 0.0510},
    {"aperture", "AZ", "+994", 13, 12, 1300, 0.000, 0.2295},
    {"aperture", "UZ", "+998", 4, 3, 900, 0.002, 0.2600},
    {"contoso", "AZ", "+994", 18, 15, 2100, 0.003, 0.2295},
    {"fabrikam", "ID", "+62", 20, 14, 190, 0.010, 0.3420},
    {"tailspin", "UZ", "+998", 13, 13, 900, 0.000, 0.2600},
    {"adventure-works", "ID", "+62", 17, 13, 4600, 0.004, 0.3420},
    {"litware", "US", "+1", 13, 13, 5200, 0.000, 0.0079},
    {"proseware", "LK", "+94", 13, 12, 640, 0.000, 0.2900},
    {"wingtip", "GB", "+44", 15, 12, 2600, 0.005, 0.0400},
    {"alpine-ski", "AZ", "+994", 12, 12, 190, 0.000, 0.2295},
    {"woodgrove", "UZ", "+998", 14, 11, 5200, 0.001, 0.2600},
    {"humongous", "AZ", "+994", 16, 14, 4200, 0.002, 0.2295},
    {"humongous", "ID", "+62", 11, 9, 5800, 0.003, 0.3420},
    {"trey", "UZ", "+998", 10, 9, 800, 0.000, 0.2600},
    {"fourth-coffee", "TN", "+216", 9, 8, 410, 0.000, 0.3100},
    {"blue-yonder", "AZ", "+994", 10, 8, 1600, 0.004, 0.2295},
    {"coho", "DE", "+49", 9, 7, 700, 0.010, 0.0750},
    {"relecloud", "ID", "+62", 11, 7, 900, 0.006, 0.3420},
    {"nodmedia", "AZ", "+994", 7, 6, 350, 0.000, 0.2295},
    {"bellows", "UZ", "+998", 8, 6, 1900, 0.002, 0.2600},
    {"munson", "ID", "+62", 6, 6, 260, 0.000, 0.3420},
    {"vanarsdel", "AZ", "+994", 7, 7, 1500, 0.002, 0.2295},
    {"vanarsdel", "AZ", "+994", 6, 6, 2600, 0.002, 0.2295},
    {"vanarsdel", "AZ", "+994", 5, 5, 3900, 0.002, 0.2295},
    {"southridge", "GB", "+44", 5, 4, 3200, 0.004, 0.0400},
    {"liberty", "UZ", "+998", 5, 3, 700, 0.120, 0.2600},
    {"lucerne", "ID", "+62", 4, 2, 500, 0.005, 0.3420},
    {"city-power", "ID", "+62", 4, 3, 1300, 0.003, 0.3420},
    {"consolid", "AZ", "+994", 3, 2, 900, 0.000, 0.2295},
};

static double
random_unit(Random *random)
{
    random->state += 0x9E3779B97F4A7C15u;
    guint64 z = random->state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return ((double)((z ^ (z >> 31)) >> 11) + 0.5) / 9007199254740992.0;
}

static double
random_normal(Random *random)
{
    double radius = sqrt(-2 * log(random_unit(random)));
    return radius * cos(2 * G_PI * random_unit(random));
}

/* Exact for small means, by the normal curve for large ones. */
static gint64
random_poisson(Random *random, double mean)
{
    if (mean > 60)
        return (gint64)MAX(0, round(mean + sqrt(mean) * random_normal(random)));
    double limit = exp(-mean), product = random_unit(random);
    gint64 n = 0;
    while (product > limit) {
        product *= random_unit(random);
        n++;
    }
    return n;
}

static gint64
random_binomial(Random *random, gint64 n, double p)
{
    double mean = (double)n * p, spread = sqrt(mean * (1 - p));
    if (n > 60)
        return (gint64)CLAMP(round(mean + spread * random_normal(random)), 0, (double)n);
    gint64 hits = 0;
    for (gint64 i = 0; i < n; i++)
        hits += random_unit(random) < p;
    return hits;
}

typedef struct {
    Db *db;
    sqlite3_stmt *row, *truth;
    const Account *account;
    char *sid;
    Random random;
    gint64 now_us;
} Build;

static char *
day_text(gint64 now_us, int back)
{
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(now_us / G_USEC_PER_SEC);
    g_autoptr(GDateTime) day = g_date_time_add_days(now, -back);
    return g_date_time_format(day, "%Y-%m-%d");
}

static int
weekday(gint64 now_us, int back)
{
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(now_us / G_USEC_PER_SEC);
    g_autoptr(GDateTime) day = g_date_time_add_days(now, -back);
    return g_date_time_get_day_of_week(day);
}

static void
bind_text(sqlite3_stmt *row, int at, const char *text)
{
    sqlite3_bind_text(row, at, text, -1, SQLITE_TRANSIENT);
}

static void
write_row(Build *build, const Segment *segment, const char *day, gint64 attempts,
          gint64 conversions, const char *product)
{
    sqlite3_stmt *row = build->row;
    const char *texts[] = {build->sid,       build->account->name, day,
                           segment->country, segment->prefix,      segment->carrier};
    for (int i = 0; i < 6; i++)
        bind_text(row, i + 1, texts[i]);
    sqlite3_bind_int64(row, 7, attempts);
    sqlite3_bind_int64(row, 8, conversions);
    sqlite3_bind_double(row, 9, round((double)attempts * segment->price * 1e6) / 1e6);
    bind_text(row, 10, product);
    sqlite3_step(row);
    sqlite3_reset(row);
}

static void
write_truth(Build *build, const Segment *segment, const char *day, const gint64 numbers[4])
{
    sqlite3_stmt *row = build->truth;
    const char *texts[] = {build->sid,       build->account->name, day,
                           segment->country, segment->prefix,      segment->carrier};
    for (int i = 0; i < 6; i++)
        bind_text(row, i + 1, texts[i]);
    for (int i = 0; i < 4; i++)
        sqlite3_bind_int64(row, 7 + i, numbers[i]);
    sqlite3_step(row);
    sqlite3_reset(row);
}

/* What is special about honest traffic of some accounts on some days. */
static void
bend(const Account *account, const Segment *segment, int back, double *mean, double *rate)
{
    gboolean europe = strcmp(segment->country, "GB") == 0 || strcmp(segment->country, "DE") == 0;
    if (strcmp(account->kind, "surge") == 0 && back >= 5 && back <= 8)
        *mean *= 3.2; /* a campaign: more traffic, conversion as ever */
    if (strcmp(account->kind, "outage") == 0 && europe && back >= 6 && back <= 7)
        *rate *= 0.22; /* codes were not delivered: conversion falls, traffic does not surge */
    if (strcmp(account->kind, "launch") == 0 && strcmp(segment->country, "BR") == 0)
        *mean *= back > 14 ? 0 : 4.5; /* goes live in a country */
}

static double
attack_on(const Account *account, const Segment *segment, int back, double *converted)
{
    static const double swell[] = {0.2, 0.4, 0.8, 1.4, 2.0, 2.6};
    double attempts = 0;
    if (strcmp(account->kind, "swelling attack") == 0 && strcmp(segment->country, "ID") == 0 &&
        back >= 3 && back <= 8) {
        *converted = 0.003;
        return 1500 * swell[8 - back];
    }
    for (gsize i = 0; i < G_N_ELEMENTS(attacks); i++) {
        const Attack *attack = &attacks[i];
        if (strcmp(attack->account, account->name) == 0 && back <= attack->first &&
            back >= attack->last && strcmp(attack->country, segment->country) == 0) {
            attempts += attack->attempts;
            *converted = attack->converted;
        }
    }
    return attempts;
}

static void
build_day(Build *build, const Segment *segment, int back)
{
    static const double week[] = {1.08, 1.10, 1.09, 1.06, 1.02, 0.84, 0.81};
    const Account *account = build->account;
    Random *random = &build->random;
    double age = (double)(DAYS - back) / DAYS;
    double mean = account->size * segment->level * week[weekday(build->now_us, back) - 1] *
                  pow(account->trend, age);
    double rate = CLAMP(segment->rate + 0.012 * random_normal(random), 0.02, 0.98);
    bend(account, segment, back, &mean, &rate);
    mean *= MAX(0.3, 1 + 0.06 * random_normal(random));
    gint64 honest = random_poisson(random, mean);
    gint64 conversions = random_binomial(random, honest, rate);
    double converted = 0, level = attack_on(account, segment, back, &converted);
    gint64 fraud =
        level > 0 ? random_poisson(random, level * (0.85 + 0.3 * random_unit(random))) : 0;
    gint64 verified = fraud > 0 ? random_binomial(random, fraud, converted) : 0;
    g_autofree char *day = day_text(build->now_us, back);
    if (honest + fraud > 0)
        write_row(build, segment, day, honest + fraud, conversions + verified, "Authy");
    if (fraud > 0) {
        gint64 numbers[] = {honest, fraud, verified,
                            (gint64)round((double)fraud * segment->price * 1e6)};
        write_truth(build, segment, day, numbers);
    }
}

/* Countries that the account has no honest traffic in. */
static void
build_new_countries(Build *build)
{
    for (gsize i = 0; i < G_N_ELEMENTS(attacks); i++) {
        const Attack *attack = &attacks[i];
        gboolean known = FALSE;
        for (gsize k = 0; k < G_N_ELEMENTS(segments); k++)
            known |= strcmp(segments[k].country, attack->country) == 0;
        if (known || strcmp(attack->account, build->account->name) != 0)
            continue;
        Segment segment = {attack->country, attack->prefix, "carrier-x", 0, 0,
                           attack->price,   attack->first,  attack->last};
        for (int back = attack->first; back >= attack->last; back--)
            build_day(build, &segment, back);
    }
}

/* Messages of another product, which no credit is for. */
static void
build_other_product(Build *build)
{
    static const Segment segment = {"US", "+1", "carrier-a", 0, 0, 0.0079, DAYS, 1};
    for (int back = DAYS; back >= 1; back--) {
        g_autofree char *day = day_text(build->now_us, back);
        gint64 attempts = random_poisson(&build->random, build->account->size * 0.3);
        write_row(build, &segment, day, attempts, 0, "Programmable");
    }
}

void
seed_data(Db *db, gint64 now_us)
{
    sqlite3_stmt *row =
        db_query(db, "INSERT INTO verify_attempts VALUES(?,?,?,?,?,?,?,?,?,?)", NULL);
    sqlite3_stmt *truth = db_query(db, "INSERT INTO truth VALUES(?,?,?,?,?,?,?,?,?,?)", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(accounts); i++) {
        guint hash = g_str_hash(accounts[i].name);
        Build build = {.db = db,
                       .row = row,
                       .truth = truth,
                       .account = &accounts[i],
                       .sid = g_strdup_printf("AC%08x%08x%08x%08x", hash, hash * 7919u,
                                              hash * 104729u, hash * 1299709u),
                       .random = {.state = hash},
                       .now_us = accounts[i].is_past ? now_us - SEED_PAST_US : now_us};
        int more = accounts[i].is_past ? PAST : 0;
        db_exec(db, "INSERT INTO account VALUES(?,?,?)", "sss", build.sid, accounts[i].name,
                accounts[i].kind);
        for (gsize k = 0; k < G_N_ELEMENTS(segments); k++)
            for (int back = segments[k].first + more; back >= segments[k].last; back--)
                build_day(&build, &segments[k], back);
        build_new_countries(&build);
        build_other_product(&build);
        g_free(build.sid);
    }
    sqlite3_finalize(row);
    sqlite3_finalize(truth);
}
