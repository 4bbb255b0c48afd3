/* history.h: the history view's data, and the files that add to it. */
#ifndef TUI_VIEWS_HISTORY_H
#define TUI_VIEWS_HISTORY_H

#include "tui/views/rows.h"

#define HISTORY_WEEKS 12
#define HISTORY_DAYS  (7 * HISTORY_WEEKS)

/* Totals of what the filter shows and the days of late, read on a thread of their own: the list
 * never waits for them. */
typedef struct Sums Sums;
Sums *sums_new(Console *console);
void sums_free(Sums *sums);
/* Something was committed, or the filter is another (NULL: none): asked anew. What is still being
 * counted for another filter is given up. */
void sums_want(Sums *sums, const Query *where, gboolean changed);
/* NULL: not counted yet. Borrowed. */
const FilterTotals *sums_totals(const Sums *sums);
/* The HISTORY_DAYS that end with today (UTC), oldest first; NULL: not read yet. Borrowed. */
const DayActivity *sums_days(const Sums *sums);
/* "1,204 requests, 51,567.96 USD posted, decided in 27m (median)", or that it counts. Caller frees.
 */
char *sums_words(const Sums *sums);

/* What stands below the list. */
typedef enum { PANE_WHY, PANE_DAYS, PANE_WEEKS, PANE_COUNT } HistoryPane;
/* Requests by day, or the trend by week with its two checks; the first row is a line. */
void history_draw_days(Grid *grid, Rect area, const DayActivity *days);
void history_draw_weeks(Grid *grid, Rect area, const DayActivity *days);

typedef struct {
    gint64 received, done, dead, amount;
} HistoryWeek;
/* The week'th seven days before today, 0: the newest. */
HistoryWeek history_week(const DayActivity *days, guint week);

#endif
