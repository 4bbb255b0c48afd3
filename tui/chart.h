/* chart.h: small charts out of block characters, or ASCII where there are none. */
#ifndef TUI_CHART_H
#define TUI_CHART_H

#include <glib.h>
#include "tui/grid.h"

/* One sign a column; n values are put together (by their largest) where there are more than
 * columns. Attacked columns take ROLE_CHART_BAD. Returns the columns used. */
int chart_spark(Grid *grid, int x, int y, int columns, const double *values,
                const gboolean *attacked, guint n);
/* Columns of attempts with their verified part at the foot, as high as the area less one row, in
 * which attacked days are marked. days: char *, their names. */
void chart_days(Grid *grid, Rect area, const double *attempts, const double *verified,
                const gboolean *attacked, guint n, const GPtrArray *days);
/* A horizontal bar of a part of columns, 0 to 1. */
void chart_bar(Grid *grid, int x, int y, int columns, Role role, double part);

#endif
