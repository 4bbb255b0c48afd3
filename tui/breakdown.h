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

typedef struct {
    Run *run; /* may have failed: result is NULL then */
    CalcResult *result;
    GPtrArray *days;      /* char *: every day of the data, in order */
    GPtrArray *countries; /* BreakdownCountry *, the largest credit first, then the most attempts */
    BreakdownCountry *whole; /* all together */
} Breakdown;

/* Takes the run. Never NULL: a run without a usable result has no countries. */
Breakdown *breakdown_new(Run *run);
void breakdown_free(Breakdown *breakdown);

/* Attempts and verified of a country (or the whole) by day, as charts take them; borrowed. */
ChartSeries breakdown_series(const Breakdown *breakdown, const BreakdownCountry *country);

typedef struct {
    char sign;                         /* '+' new, '-' gone, '~' changed */
    const CalcSegment *before, *after; /* borrowed from the results; one may be NULL */
} SegmentChange;
/* What differs in segments that are attacked in either; SegmentChange, the largest difference of
 * credit first. Caller frees the array. */
GArray *breakdown_compare(const Breakdown *before, const Breakdown *after);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Breakdown, breakdown_free)

#endif
