/* history_panes.c: the activity by day and the trend by week, below the history. */
#include "tui/chart.h"
#include "tui/views/history.h"

#include "base/clock.h"

/* What the weekly check of the desk wants. */
#define GOOD_RATE 0.95
#define BAR       16

HistoryWeek
history_week(const DayActivity *days, guint week)
{
    HistoryWeek sum = {0};
    for (guint i = 0; i < 7; i++) {
        const DayActivity *day = &days[HISTORY_DAYS - 7 * (week + 1) + i];
        sum.received += day->received;
        sum.done += day->done;
        sum.dead += day->dead;
        sum.amount += day->amount;
    }
    return sum;
}

static char *
day_name(gint64 day)
{
    g_autofree char *iso = time_iso(day * G_TIME_SPAN_DAY, FALSE);
    return g_strndup(iso, 10);
}

/* A line across, with a title; what follows it stands below. */
static Rect
begin(Grid *grid, Rect area, const char *title)
{
    grid_hline(grid, area.x, area.y, area.w, ROLE_BORDER);
    grid_printf(grid, area.x + 2, area.y, area.w - 4, ROLE_TITLE, " %s ", title);
    return (Rect){area.x + 1, area.y + 1, area.w - 2, area.h - 1};
}

void
history_draw_days(Grid *grid, Rect area, const DayActivity *days)
{
    guint n = (guint)CLAMP(area.w / 2 - 6, 14, HISTORY_DAYS);
    Rect rest = begin(grid, area, "requests a day (UTC)");
    if (!days) {
        grid_print(grid, rest.x + 1, rest.y, rest.w, ROLE_DIM, "counting …");
        return;
    }
    g_autofree double *values = g_new(double, n), *parts = g_new(double, n);
    g_autofree gboolean *marked = g_new(gboolean, n);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    gint64 dead = 0;
    for (guint i = 0; i < n; i++) {
        const DayActivity *day = &days[HISTORY_DAYS - n + i];
        values[i] = (double)day->received;
        parts[i] = (double)day->done;
        marked[i] = day->dead > 0;
        dead += day->dead;
        g_ptr_array_add(names, day_name(day->day));
    }
    const ChartSeries series = {values, parts, marked, names, n};
    rest.h--;
    int used = chart_series(grid, rest, &series);
    chart_legend(grid, rest.x, rest.y + used, rest.w, "asked", "of them decided",
                 dead ? "gave up" : NULL);
}

/* -- weeks -- */

static double
rate(const HistoryWeek *week)
{
    gint64 all = week->done + week->dead;
    return all ? (double)week->done / (double)all : -1;
}

/* Weeks up to the one of the first request, at least this one. */
static guint
weeks_known(const DayActivity *days)
{
    guint n = HISTORY_WEEKS;
    while (n > 1 && history_week(days, n - 1).received == 0)
        n--;
    return n;
}

/* The two questions of the weekly and the capacity check, answered. */
static void
draw_checks(Grid *grid, Rect area, const DayActivity *days)
{
    HistoryWeek now = history_week(days, 0), last = history_week(days, 1);
    double four = 0;
    /* Not of weeks before the first request. */
    guint known = MIN(weeks_known(days), 5) - 1;
    for (guint i = 1; i <= known; i++)
        four += (double)history_week(days, i).received / known;
    double success = rate(&now) >= 0 ? rate(&now) : rate(&last);
    gboolean good = success < 0 || success >= GOOD_RATE;
    if (success < 0)
        grid_print(grid, area.x, area.y, area.w, ROLE_DIM, "success: nothing was decided yet");
    else
        grid_printf(grid, area.x, area.y, area.w, good ? ROLE_GOOD : ROLE_WARN,
                    "%s success %.1f %%, wanted 95 %% or more", good ? "ok" : "! ", success * 100);
    g_autofree char *volume = wording_count(now.received);
    if (four >= 1)
        grid_printf(grid, area.x, area.y + 1, area.w, ROLE_TEXT,
                    known > 1
                        ? "volume %s in 7 days, %+.0f %% to the average of the %u weeks before"
                        : "volume %s in 7 days, %+.0f %% to the week before",
                    volume, ((double)now.received / four - 1) * 100, known);
    else
        grid_printf(grid, area.x, area.y + 1, area.w, ROLE_TEXT, "volume %s in 7 days", volume);
}

static void
draw_week(Grid *grid, Rect area, const DayActivity *days, guint week, gint64 most)
{
    HistoryWeek sum = history_week(days, week);
    g_autofree char *iso = day_name(days[HISTORY_DAYS - 7 * (week + 1)].day);
    g_autofree char *day = wording_day(iso);
    g_autofree char *count = wording_count(sum.received);
    Request posted = {.has_amount = TRUE, .amount = sum.amount};
    g_autofree char *amount = wording_amount(&posted);
    double success = rate(&sum);
    int x = area.x;
    grid_printf(grid, x, area.y, 12, ROLE_DIM, "from %6s", day);
    grid_print_right(grid, x + 12, area.y, 8, ROLE_TEXT, count);
    chart_bar(grid, x + 21, area.y, BAR, ROLE_CHART,
              most ? (double)sum.received / (double)most : 0);
    if (success >= 0)
        grid_printf(grid, x + 39, area.y, 11, success < GOOD_RATE ? ROLE_WARN : ROLE_TEXT,
                    "%s%5.1f %%", success < GOOD_RATE ? "! " : "  ", success * 100);
    else
        grid_print(grid, x + 46, area.y, 3, ROLE_DIM, "-");
    grid_print_right(grid, x + 50, area.y, MIN(18, area.w - 50), ROLE_MONEY, amount);
}

void
history_draw_weeks(Grid *grid, Rect area, const DayActivity *days)
{
    Rect rest = begin(grid, area, "weeks of 7 days: asked, success, posted");
    if (!days) {
        grid_print(grid, rest.x + 1, rest.y, rest.w, ROLE_DIM, "counting …");
        return;
    }
    gint64 most = 0;
    for (guint i = 0; i < HISTORY_WEEKS; i++)
        most = MAX(most, history_week(days, i).received);
    draw_checks(grid, rest, days);
    for (guint i = 0; i < weeks_known(days) && (int)i + 2 < rest.h; i++)
        draw_week(grid, (Rect){rest.x, rest.y + 2 + (int)i, rest.w, 1}, days, i, most);
}
