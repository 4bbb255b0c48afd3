/* chart.h: charts out of block and braille characters, or ASCII where there are none.
 *
 * Every chart takes any number of values: more than its columns are put together by their largest,
 * so that no peak is lost. Colour is never the only sign. */
#ifndef TUI_CHART_H
#define TUI_CHART_H

#include <glib.h>
#include "tui/grid.h"

/* One sign a column; n values are put together (by their largest) where there are more than
 * columns. Attacked columns take ROLE_CHART_BAD. Returns the columns used. */
int chart_spark(Grid *grid, int x, int y, int columns, const double *values,
                const gboolean *attacked, guint n);

/* A value a day (or of anything else that has an order). All arrays are borrowed. */
typedef struct {
    const double *values;   /* n of them; below 0 counts as 0 */
    const double *parts;    /* what of each is well ("verified"); NULL: the values have no part */
    const gboolean *marked; /* marked below with a sign and drawn in ROLE_CHART_BAD; NULL: none */
    const GPtrArray
        *names; /* char *, n of them: a day ("2026-09-14") reads as "14 Sep"; NULL: none */
    guint n;
} ChartSeries;

/* Columns with a scale at their left, a row of marks below where anything is marked, and a row of
 * names below where there are names. Values are dotted (braille; ':' in ASCII), their parts solid
 * (blocks; '#'); values without parts are solid. Where there are more values than columns they
 * stand two to a column (braille). Wants 16x4 at least, else draws nothing. Returns the rows used,
 * at most area.h. */
int chart_series(Grid *grid, Rect area, const ChartSeries *series);
/* One line that says what the signs of chart_series() mean; value and part are their names. */
void chart_legend(Grid *grid, int x, int y, int max, const char *value, const char *part,
                  const char *mark);

/* A horizontal bar of a part of columns, 0 to 1. */
void chart_bar(Grid *grid, int x, int y, int columns, Role role, double part);
/* A number for a scale, at most five columns: "950", "1.2k", "48k", "3.4M". Caller frees. */
char *chart_number(double value);

#endif
