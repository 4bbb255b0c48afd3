/* calc_world.h: accounts with known truth, for measuring the calculator's error.
 *
 * The generator shares no code with the calculator and is richer than its model: volumes also
 * wander (autocorrelated noise), prices change, attackers' own rate changes from day to day, honest
 * surges convert a little less, users try again in an outage. */
#ifndef BENCH_CALC_WORLD_H
#define BENCH_CALC_WORLD_H

#include <glib.h>

typedef enum {
    WORLD_ONE,      /* one attack in one country */
    WORLD_SEVERAL,  /* several attacks in several countries */
    WORLD_SLOW,     /* long and small against the usual volume */
    WORLD_SWELLING, /* grows every day */
    WORLD_ONE_DAY,
    WORLD_WHOLE,     /* all days of the data */
    WORLD_VERIFYING, /* attackers verify some codes */
    WORLD_GROWING,   /* on growing traffic */
    WORLD_TINY,      /* a handful of honest attempts a day */
    WORLD_NEW,       /* in countries without history */
    WORLD_MIXED,     /* an attack, a surge and an outage in one account */
    WORLD_FIRST_HONEST,
    WORLD_CLEAN = WORLD_FIRST_HONEST,
    WORLD_LAUNCH, /* a new country */
    WORLD_SURGE,
    WORLD_OUTAGE,
    WORLD_UNEVEN, /* countries whose rates differ much */
    WORLD_RISING, /* fast growth */
    WORLD_SPARSE, /* hardly any traffic */
    N_WORLDS
} WorldKind;

typedef struct {
    char country[4];
    gint32 day; /* from 0 */
    gint64 attempts, conversions;
    gint64 cost;  /* micro-units */
    double fraud; /* micro-units of the cost that are fraud */
} WorldRow;

typedef struct {
    GArray *rows; /* WorldRow, no empty ones */
    double fraud; /* micro-units */
    double spend; /* micro-units */
    guint days, countries;
} World;

const char *world_name(WorldKind kind);
World *world_new(WorldKind kind, guint32 seed);
void world_free(World *world);

#endif
