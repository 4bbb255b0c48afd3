/* chart.c: sparklines, columns and bars. */
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

/* -- columns -- */

#define SCALE_WIDTH 6 /* "1.2k┤" */

static const char *const dots[] = {" ", "⣀", "⣤", "⣶", "⣿"};
static const char *const ascii_dots[] = {" ", ".", ".", ":", ":"};

/* What stands in one column: the largest of the values that fall into it, and its part. */
typedef struct {
    double value, part;
    gboolean marked;
} Bar;

/* How a series is laid out in an area. */
typedef struct {
    const ChartSeries *series;
    Rect plot; /* the bars alone */
    double top;
    guint bars;     /* columns of bars; twice the columns of the plot when dense */
    int step;       /* columns from bar to bar */
    gboolean dense; /* two bars a column, in braille */
    gboolean ascii;
    int marks_y, names_y; /* -1: none */
} Layout;

static Bar
bar_at(const Layout *layout, guint index)
{
    const ChartSeries *series = layout->series;
    guint first = (guint)((guint64)series->n * index / layout->bars),
          last = (guint)((guint64)series->n * (index + 1) / layout->bars);
    Bar bar = {0, 0, FALSE};
    for (guint i = first; i < MAX(last, first + 1) && i < series->n; i++) {
        if (i == first || series->values[i] > bar.value) {
            bar.value = MAX(series->values[i], 0);
            bar.part = series->parts ? CLAMP(series->parts[i], 0, bar.value) : 0;
        }
        bar.marked = bar.marked || (series->marked && series->marked[i]);
    }
    return bar;
}

/* How much of a row of the plot a value fills, in steps of a cell. */
static int
fill_of(double value, double top, int rows, int row, int steps)
{
    if (top <= 0 || value <= 0)
        return 0;
    int filled = MAX((int)lround(value / top * rows * steps), 1);
    return CLAMP(filled - row * steps, 0, steps);
}

/* The sign of a bar in a row, counted from the foot; NULL: nothing. */
static const char *
bar_sign(const Layout *layout, const Bar *bar, int row, Role *role)
{
    int rows = layout->plot.h, all = fill_of(bar->value, layout->top, rows, row, 8),
        part = fill_of(bar->part, layout->top, rows, row, 8);
    *role = bar->marked ? ROLE_CHART_BAD : ROLE_CHART;
    if (all == 0)
        return NULL;
    if (!layout->series->parts)
        return layout->ascii ? "#" : blocks[all];
    /* The part alone where it fills half of the cell, and always at the foot. */
    if (part >= 4 || (part > 0 && row == 0)) {
        *role = ROLE_CHART_BASE;
        return layout->ascii ? "#" : blocks[part];
    }
    return layout->ascii ? ascii_dots[(all + 1) / 2] : dots[(all + 1) / 2];
}

static void
draw_bar(const Layout *layout, Grid *grid, guint index)
{
    Bar bar = bar_at(layout, index);
    int x = layout->plot.x + (int)index * layout->step, width = MAX(layout->step - 1, 1);
    for (int row = 0; row < layout->plot.h; row++) {
        Role role;
        const char *sign = bar_sign(layout, &bar, row, &role);
        if (sign)
            grid_repeat(grid, x, layout->plot.y + layout->plot.h - 1 - row, width, role, sign);
    }
    if (bar.marked && layout->marks_y >= 0)
        grid_repeat(grid, x, layout->marks_y, width, ROLE_CHART_BAD, layout->ascii ? "^" : "▲");
}

/* Braille of two bars: Unicode 2800 and a bit a dot, filled from below. */
static void
put_pair(const Layout *layout, Grid *grid, int x, int row, const Bar *left, const Bar *right)
{
    static const guint8 left_bits[] = {0, 0x40, 0x44, 0x46, 0x47},
                        right_bits[] = {0, 0x80, 0xa0, 0xb0, 0xb8};
    int rows = layout->plot.h, y = layout->plot.y + rows - 1 - row;
    int l = fill_of(left->value, layout->top, rows, row, 4),
        r = fill_of(right->value, layout->top, rows, row, 4);
    gboolean solid = fill_of(left->part, layout->top, rows, row, 4) == 4 &&
                     fill_of(right->part, layout->top, rows, row, 4) == 4;
    char sign[8] = "█";
    if (l == 0 && r == 0)
        return;
    if (!solid)
        sign[g_unichar_to_utf8(0x2800u + left_bits[l] + right_bits[r], sign)] = '\0';
    grid_repeat(grid, x, y, 1,
                solid                           ? ROLE_CHART_BASE
                : left->marked || right->marked ? ROLE_CHART_BAD
                                                : ROLE_CHART,
                sign);
}

static void
draw_dense(const Layout *layout, Grid *grid)
{
    const Bar none = {0, 0, FALSE};
    for (guint i = 0; i < layout->bars; i += 2) {
        Bar left = bar_at(layout, i), right = i + 1 < layout->bars ? bar_at(layout, i + 1) : none;
        int x = layout->plot.x + (int)(i / 2);
        for (int row = 0; row < layout->plot.h; row++)
            put_pair(layout, grid, x, row, &left, &right);
        if ((left.marked || right.marked) && layout->marks_y >= 0)
            grid_repeat(grid, x, layout->marks_y, 1, ROLE_CHART_BAD, "▲");
    }
}

static void
draw_names(const Layout *layout, Grid *grid)
{
    int free_from = layout->plot.x, right = layout->plot.x + layout->plot.w;
    for (guint i = 0; i < layout->bars; i++) {
        guint at = (guint)((guint64)layout->series->n * i / layout->bars);
        g_autofree char *name = wording_day(g_ptr_array_index(layout->series->names, at));
        int x = layout->plot.x + (layout->dense ? (int)(i / 2) : (int)i * layout->step);
        int width = (int)g_utf8_strlen(name, -1);
        if (x < free_from || x + width > right)
            continue;
        grid_print(grid, x, layout->names_y, width, ROLE_DIM, name);
        free_from = x + width + 3;
    }
}

char *
chart_number(double value)
{
    static const char units[] = " kMGT";
    guint unit = 0;
    while (value >= 999.5 && unit + 2 < sizeof units) {
        value /= 1000;
        unit++;
    }
    gboolean whole = value >= 100 || fabs(value - round(value)) < 0.05;
    return g_strdup_printf(whole ? "%.0f%.*s" : "%.1f%.*s", value, unit ? 1 : 0, units + unit);
}

/* The next round number from value on. */
static double
round_top(double value)
{
    static const double steps[] = {1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10};
    double power = pow(10, floor(log10(MAX(value, 1))));
    for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
        if (value <= steps[i] * power)
            return steps[i] * power;
    }
    return value;
}

static void
draw_scale(const Layout *layout, Grid *grid)
{
    int x = layout->plot.x - SCALE_WIDTH, h = layout->plot.h, half = h / 2 - 1;
    for (int row = 0; row < h; row++) {
        gboolean named = row == 0 || row == h - 1 || (row == half && h % 2 == 0 && h > 5);
        int y = layout->plot.y + h - 1 - row;
        /* A label says what the upper edge of its row means, the foot is nothing. */
        g_autofree char *label = chart_number(row == 0 ? 0 : layout->top * (row + 1) / h);
        if (named)
            grid_print_right(grid, x, y, SCALE_WIDTH - 1, ROLE_DIM, label);
        grid_repeat(grid, x + SCALE_WIDTH - 1, y, 1, ROLE_BORDER,
                    layout->ascii ? (named ? "+" : "|")
                    : named       ? "┤"
                                  : "│");
    }
}

static gboolean
any_marked(const ChartSeries *series)
{
    for (guint i = 0; series->marked && i < series->n; i++) {
        if (series->marked[i])
            return TRUE;
    }
    return FALSE;
}

static Layout
lay_out(const ChartSeries *series, Rect area, gboolean ascii)
{
    Layout layout = {.series = series, .ascii = ascii, .marks_y = -1, .names_y = -1};
    layout.plot = (Rect){area.x + SCALE_WIDTH, area.y, area.w - SCALE_WIDTH,
                         area.h - (series->names ? 1 : 0)};
    if (series->names)
        layout.names_y = area.y + area.h - 1;
    if (any_marked(series))
        layout.marks_y = area.y + --layout.plot.h;
    layout.top = round_top(largest(series->values, series->n));
    layout.dense = !ascii && series->n > (guint)layout.plot.w;
    layout.step = CLAMP(layout.plot.w / (int)MIN(series->n, 1000u), 1, 4);
    guint room = (guint)layout.plot.w * (layout.dense ? 2 : 1) / (guint)layout.step;
    layout.bars = MIN(series->n, room);
    return layout;
}

int
chart_series(Grid *grid, Rect area, const ChartSeries *series)
{
    if (series->n == 0 || area.w < 16 || area.h < 4)
        return 0;
    Layout layout = lay_out(series, area, grid_ascii(grid));
    draw_scale(&layout, grid);
    if (layout.dense)
        draw_dense(&layout, grid);
    for (guint i = 0; !layout.dense && i < layout.bars; i++)
        draw_bar(&layout, grid, i);
    if (series->names)
        draw_names(&layout, grid);
    return area.h;
}

void
chart_legend(Grid *grid, int x, int y, int max, const char *value, const char *part,
             const char *mark)
{
    gboolean ascii = grid_ascii(grid);
    const struct {
        const char *sign, *name;
        Role role;
    } items[] = {{ascii ? ":" : "⣿", value, ROLE_CHART},
                 {ascii ? "#" : "█", part, ROLE_CHART_BASE},
                 {ascii ? "^" : "▲", mark, ROLE_CHART_BAD}};
    int right = x + max;
    for (guint i = 0; i < G_N_ELEMENTS(items); i++) {
        if (!items[i].name)
            continue;
        grid_repeat(grid, x, y, x < right ? 1 : 0, items[i].role, items[i].sign);
        x += 2 + grid_print(grid, x + 2, y, right - x - 2, ROLE_DIM, items[i].name) + 3;
    }
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
