/* breakdown.h: a run's result as the screens want it: by country, by day, and against another run.
 */
#ifndef TUI_BREAKDOWN_H
#define TUI_BREAKDOWN_H

#include <glib.h>
#include "calc/calc.h"
#include "store/model.h"
#include "tui/chart.h"

typedef struct {
    char *name;       /* country */
    double *attempts; /* one a day of the breakdown */
    double *verified;
    gboolean *attacked;
    gint64 total, conversions; /* over all days */
    gint64 attacked_days;
    double rate;   /* verified on attacked days, on all where there are none; 0 to 1 */
    double usual;  /* baseline, 0 to 1 */
    gint64 credit; /* micro-units */
} BreakdownCountry;

#define BREAKDOWN_COUNTRIES_MAX 100                /* the rest are one, named "others" */
#define BREAKDOWN_DAYS_MAX      1000               /* the newest */
#define BREAKDOWN_RESULT_MAX    (64 * 1024 * 1024) /* bytes of a result that is read */

typedef struct {
    Run *run;             /* its result text is gone; it may have failed: result is NULL then */
    CalcResult *result;   /* its segments: those kept, by attacked, credit, attempts */
    GPtrArray *days;      /* char *: the days of the data, in order */
    GPtrArray *countries; /* BreakdownCountry *, the largest credit first, then the most attempts */
    BreakdownCountry *whole;  /* all together */
    guint segments, attacked; /* how many the result had, and how many of them attacked */
    guint left_out;           /* attacked segments that were not kept */
    gint64 left_out_credit;   /* and what they come to */
    char *problem;            /* why a result that is there is not shown; NULL: none */
} Breakdown;

/* Takes the run. keep: so many segments stay in the result at most (memory), the most important
 * ones. Takes time with the size of the result: not for the screen's thread. Never NULL: a run
 * without a usable result has no countries. */
Breakdown *breakdown_new(Run *run, guint keep);
void breakdown_free(Breakdown *breakdown);

/* Attempts and verified of a country (or the whole) by day, as charts take them; borrowed. */
ChartSeries breakdown_series(const Breakdown *breakdown, const BreakdownCountry *country);

typedef struct {
    char sign;                         /* '+' new, '-' gone, '~' changed */
    const CalcSegment *before, *after; /* borrowed from the results; one may be NULL */
} SegmentChange;
/* What differs, segment by segment of those that were kept; SegmentChange, the largest difference
 * of credit first, then of attempts. Caller frees the array. */
GArray *breakdown_compare(const Breakdown *before, const Breakdown *after);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Breakdown, breakdown_free)

#endif
