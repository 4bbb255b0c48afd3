/* chart.c: sparklines, day charts and bars. */
#include "tui/chart.h"

#include <math.h>
#include "tui/wording.h"

static const char *const blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
static const char *const ascii_blocks[] = {" ", "_", ".", ".", ":", "-", "=", "+", "#"};
static const char *const left_blocks[] = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};

/* The largest of the values that fall into a column. */
static double
column_value(const double *values, const gboolean *attacked, guint n, int columns, int column,
             gboolean *marked)
{
    guint first = (guint)((guint64)n * (guint)column / (guint)columns),
          last = (guint)((guint64)n * ((guint)column + 1) / (guint)columns);
    double best = 0;
    *marked = FALSE;
    for (guint i = first; i < MAX(last, first + 1) && i < n; i++) {
        best = MAX(best, values[i]);
        *marked = *marked || (attacked && attacked[i]);
    }
    return best;
}

static double
largest(const double *values, guint n)
{
    double best = 0;
    for (guint i = 0; i < n; i++)
        best = MAX(best, values[i]);
    return best;
}

int
chart_spark(Grid *grid, int x, int y, int columns, const double *values, const gboolean *attacked,
            guint n)
{
    const char *const *signs = grid_ascii(grid) ? ascii_blocks : blocks;
    double top = largest(values, n);
    columns = MIN(columns, (int)n);
    for (int i = 0; i < columns; i++) {
        gboolean marked;
        double value = column_value(values, attacked, n, columns, i, &marked);
        int level = top > 0 && value > 0 ? CLAMP((int)lround(value / top * 8), 1, 8) : 0;
        grid_repeat(grid, x + i, y, 1, marked ? ROLE_CHART_BAD : ROLE_CHART, signs[level]);
    }
    return columns;
}

/* Eighths of a cell that a value fills in the row that begins at base rows above the foot. */
static int
eighths(double value, double top, int rows, int base)
{
    if (top <= 0 || value <= 0)
        return 0;
    int filled = (int)lround(value / top * rows * 8);
    filled = MAX(filled, 1);
    return CLAMP(filled - base * 8, 0, 8);
}

static void
draw_column(Grid *grid, int x, Rect area, double total, double part, double top, gboolean marked)
{
    const char *const *signs = grid_ascii(grid) ? ascii_blocks : blocks;
    for (int row = 0; row < area.h; row++) {
        int y = area.y + area.h - 1 - row;
        int all = eighths(total, top, area.h, row), verified = eighths(part, top, area.h, row);
        Role role = marked ? ROLE_CHART_BAD : ROLE_CHART;
        if (all == 0)
            continue;
        if (verified >= 8 || (verified > 0 && verified >= all))
            role = ROLE_CHART_BASE;
        gboolean full_ascii = grid_ascii(grid) && role == ROLE_CHART_BASE;
        grid_repeat(grid, x, y, 1, role, full_ascii ? "o" : signs[all]);
    }
}

static void
draw_day_names(Grid *grid, Rect area, int step, guint n, const GPtrArray *days, int columns)
{
    int free_from = area.x;
    for (int i = 0; i < columns; i++) {
        guint day = (guint)((guint64)n * (guint)i / (guint)columns);
        if (day >= days->len)
            continue;
        g_autofree char *name = wording_day(g_ptr_array_index(days, day));
        int x = area.x + i * step;
        if (x < free_from || x + 6 > area.x + area.w)
            continue;
        grid_print(grid, x, area.y, 6, ROLE_DIM, name);
        free_from = x + 9;
    }
}

void
chart_days(Grid *grid, Rect area, const double *attempts, const double *verified,
           const gboolean *attacked, guint n, const GPtrArray *days)
{
    if (n == 0 || area.w < 4 || area.h < 3)
        return;
    int step = CLAMP(area.w / (int)n, 1, 4), columns = MIN((int)n, area.w / step);
    Rect bars = {area.x, area.y, area.w, area.h - 2};
    double top = largest(attempts, n);
    for (int i = 0; i < columns; i++) {
        gboolean marked, ignored;
        double all = column_value(attempts, attacked, n, columns, i, &marked);
        double part = column_value(verified, NULL, n, columns, i, &ignored);
        for (int k = 0; k < MAX(step - 1, 1); k++)
            draw_column(grid, area.x + i * step + k, bars, all, part, top, marked);
        if (marked)
            grid_repeat(grid, area.x + i * step, area.y + area.h - 2, MAX(step - 1, 1),
                        ROLE_CHART_BAD, grid_ascii(grid) ? "^" : "▲");
    }
    draw_day_names(grid, (Rect){area.x, area.y + area.h - 1, area.w, 1}, step, n, days, columns);
}

void
chart_bar(Grid *grid, int x, int y, int columns, Role role, double part)
{
    int filled = (int)lround(CLAMP(part, 0, 1) * columns * 8);
    for (int i = 0; i < columns; i++) {
        int here = CLAMP(filled - i * 8, 0, 8);
        if (here > 0)
            grid_repeat(grid, x + i, y, 1, role, grid_ascii(grid) ? "#" : left_blocks[here]);
    }
}
