/* test_chart.c: columns, their scale and marks, dense and in ASCII; nothing is drawn outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tui/chart.h"

static const char *const days[] = {"2026-09-01", "2026-09-02", "2026-09-03", "2026-09-04",
                                   "2026-09-05", "2026-09-06", "2026-09-07"};
static const double attempts[] = {100, 120, 90, 1000, 800, 110, 0};
static const double verified[] = {80, 100, 75, 80, 85, 90, 0};
static const gboolean attacked[] = {FALSE, FALSE, FALSE, TRUE, TRUE, FALSE, FALSE};

static void
expect(const Grid *grid, const char *expected)
{
    g_autofree char *text = grid_to_text(grid);
    assert_string_equal(text, expected);
}

static void
test_columns(void **state)
{
    (void)state;
    g_autoptr(Grid) grid = grid_new(36, 8, FALSE);
    g_autoptr(GPtrArray) week = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < G_N_ELEMENTS(days); i++)
        g_ptr_array_add(week, g_strdup(days[i]));
    ChartSeries series = {attempts, verified, attacked, week, G_N_ELEMENTS(days)};
    assert_int_equal(chart_series(grid, grid_whole(grid), &series), 8);
    expect(grid, "   1k┤            ⣿⣿⣿\n"
                 "     │            ⣿⣿⣿ ⣶⣶⣶\n"
                 "     │            ⣿⣿⣿ ⣿⣿⣿\n"
                 "  500┤            ⣿⣿⣿ ⣿⣿⣿\n"
                 "     │            ⣿⣿⣿ ⣿⣿⣿\n"
                 "    0┤▄▄▄ ▅▅▅ ▄▄▄ ▄▄▄ ▄▄▄ ▄▄▄\n"
                 "                  ▲▲▲ ▲▲▲\n"
                 "      1 Sep   3 Sep   5 Sep   7 Sep\n");
    /* The part keeps its colour on a day that is marked; what is above it does not. */
    assert_int_equal(grid_cell(grid, 18, 5)->role, ROLE_CHART_BASE);
    assert_int_equal(grid_cell(grid, 18, 2)->role, ROLE_CHART_BAD);
    assert_int_equal(grid_cell(grid, 18, 6)->role, ROLE_CHART_BAD);
}

static void
test_ascii(void **state)
{
    (void)state;
    g_autoptr(Grid) grid = grid_new(20, 7, TRUE);
    ChartSeries series = {attempts, verified, attacked, NULL, G_N_ELEMENTS(days)};
    chart_series(grid, grid_whole(grid), &series);
    expect(grid, "   1k+      :\n"
                 "     |      : :\n"
                 "     |      : :\n"
                 "  500+      : :\n"
                 "     |      : :\n"
                 "    0+# # # # # #\n"
                 "            ^ ^\n");
    g_autofree char *text = grid_to_text(grid);
    assert_true(g_str_is_ascii(text));
}

/* More values than columns: braille, two to a column, and the one peak is still there. */
static void
test_dense(void **state)
{
    (void)state;
    enum { N = 100000 };
    g_autofree double *values = g_new0(double, N);
    g_autofree gboolean *marked = g_new0(gboolean, N);
    g_autoptr(Grid) grid = grid_new(26, 5, FALSE);
    ChartSeries series = {values, NULL, marked, NULL, N};
    for (guint i = 0; i < N; i++)
        values[i] = 1;
    values[N / 2] = 40000;
    marked[N / 2] = TRUE;
    chart_series(grid, grid_whole(grid), &series);
    expect(grid, "  40k┤          ⡇\n"
                 "     │          ⡇\n"
                 "     │          ⡇\n"
                 "    0┤⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣇⣀⣀⣀⣀⣀⣀⣀⣀⣀\n"
                 "                ▲\n");
}

static void
test_nothing(void **state)
{
    (void)state;
    const double zero[] = {0, -5, 0};
    g_autoptr(Grid) grid = grid_new(20, 6, FALSE);
    ChartSeries none = {NULL, NULL, NULL, NULL, 0}, flat = {zero, NULL, NULL, NULL, 3};
    assert_int_equal(chart_series(grid, grid_whole(grid), &none), 0);
    assert_int_equal(chart_series(grid, (Rect){0, 0, 15, 6}, &flat), 0);
    assert_int_equal(chart_series(grid, (Rect){0, 0, 20, 3}, &flat), 0);
    assert_int_equal(chart_series(grid, grid_whole(grid), &flat), 6);
    g_autofree char *text = grid_to_text(grid);
    assert_null(strstr(text, "█"));
}

/* Any number of values in any area stays inside the area. */
static void
test_stays_inside(void **state)
{
    (void)state;
    g_autofree double *values = g_new0(double, 300);
    g_autofree gboolean *marked = g_new0(gboolean, 300);
    for (guint i = 0; i < 300; i++) {
        values[i] = i * 37 % 211;
        marked[i] = i % 7 == 0;
    }
    for (guint n = 1; n <= 300; n += 13) {
        for (int w = 16; w <= 60; w += 7) {
            g_autoptr(Grid) grid = grid_new(w + 2, 9, n % 2 == 0);
            ChartSeries series = {values, n % 3 ? values : NULL, marked, NULL, n};
            chart_series(grid, (Rect){1, 1, w, 7}, &series);
            for (int i = 0; i < w + 2; i++) {
                assert_string_equal(grid_cell(grid, i, 0)->text, " ");
                assert_string_equal(grid_cell(grid, i, 8)->text, " ");
            }
            for (int y = 0; y < 9; y++)
                assert_string_equal(grid_cell(grid, w + 1, y)->text, " ");
        }
    }
}

static void
test_numbers(void **state)
{
    static const struct {
        double value;
        const char *text;
    } samples[] = {{0, "0"},      {7, "7"},        {0.5, "0.5"},     {950, "950"},
                   {999.7, "1k"}, {1234, "1.2k"},  {48100, "48.1k"}, {3400000, "3.4M"},
                   {2e9, "2G"},   {1.5e13, "15T"}, {9e15, "9000T"}};
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(samples); i++) {
        g_autofree char *text = chart_number(samples[i].value);
        assert_string_equal(text, samples[i].text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns),      cmocka_unit_test(test_ascii),
        cmocka_unit_test(test_dense),        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_stays_inside), cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
