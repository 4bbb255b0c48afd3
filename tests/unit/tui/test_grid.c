/* test_grid.c: the cell buffer: clipping, wide characters, hostile text, charts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tui/chart.h"
#include "tui/grid.h"

static void
assert_shows(const Grid *grid, const char *expected)
{
    g_autofree char *text = grid_to_text(grid);
    assert_string_equal(text, expected);
}

static void
test_clips(void **state)
{
    (void)state;
    g_autoptr(Grid) grid = grid_new(6, 2, FALSE);
    assert_int_equal(grid_print(grid, 3, 0, 10, ROLE_TEXT, "abcdef"), 3);
    grid_print_cut(grid, 0, 1, 5, ROLE_TEXT, "abcdefgh");
    grid_print(grid, 0, 7, 5, ROLE_TEXT, "below");
    grid_print(grid, -1, -1, 5, ROLE_TEXT, "above");
    assert_shows(grid, "   abc\nabcd…\n");
    grid_clear(grid);
    grid_print_right(grid, 0, 0, 6, ROLE_TEXT, "12");
    grid_print_right(grid, 0, 1, 3, ROLE_TEXT, "12345");
    assert_shows(grid, "    12\n12…\n");
}

static void
test_wide(void **state)
{
    (void)state;
    g_autoptr(Grid) grid = grid_new(6, 1, FALSE);
    grid_print(grid, 0, 0, 6, ROLE_TEXT, "日本語");
    assert_shows(grid, "日本語\n");
    assert_int_equal(grid_cell(grid, 0, 0)->width, 2);
    assert_int_equal(grid_cell(grid, 1, 0)->width, 0);
    /* Half of a wide character never stays. */
    grid_print(grid, 1, 0, 1, ROLE_TEXT, "x");
    assert_shows(grid, " x本語\n");
    grid_print(grid, 4, 0, 1, ROLE_TEXT, "y");
    assert_shows(grid, " x本y\n");
    /* One that does not fit is left out. */
    grid_clear(grid);
    assert_int_equal(grid_print(grid, 0, 0, 3, ROLE_TEXT, "日本"), 2);
    assert_shows(grid, "日\n");
}

static void
test_combining(void **state)
{
    (void)state;
    g_autoptr(Grid) grid = grid_new(4, 1, FALSE);
    grid_print(grid, 0, 0, 4, ROLE_TEXT, "e\xcc\x81x");
    assert_string_equal(grid_cell(grid, 0, 0)->text, "e\xcc\x81");
    assert_string_equal(grid_cell(grid, 1, 0)->text, "x");
}

static void
test_hostile(void **state)
{
    (void)state;
    static const char *const texts[] = {"\033]0;owned\007a",
                                        "\033[2Jb",
                                        "a\xe2\x80\xae"
                                        "b",
                                        "\x9b"
                                        "31mc",
                                        "\xff\xfe",
                                        "a\nb\tc",
                                        "\xc2\x9b"
                                        "1m"};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(Grid) grid = grid_new(20, 1, FALSE);
        grid_print(grid, 0, 0, 20, ROLE_TEXT, texts[i]);
        for (int x = 0; x < 20; x++) {
            const GridCell *cell = grid_cell(grid, x, 0);
            assert_true(g_utf8_validate(cell->text, -1, NULL));
            for (const char *c = cell->text; *c; c = g_utf8_find_next_char(c, NULL)) {
                gunichar point = g_utf8_get_char(c);
                assert_false(point < 0x20 || (point >= 0x7f && point < 0xa0) ||
                             (point >= 0x202a && point <= 0x202e));
            }
        }
    }
}

static void
test_ascii(void **state)
{
    (void)state;
    g_autoptr(Grid) grid = grid_new(12, 3, TRUE);
    grid_box(grid, (Rect){0, 0, 12, 3}, ROLE_DIALOG, "é");
    grid_print(grid, 1, 1, 10, ROLE_TEXT, "naïve");
    assert_shows(grid, "+- ? ------+\n|na?ve     |\n+----------+\n");
}

static void
test_box(void **state)
{
    (void)state;
    g_autoptr(Grid) grid = grid_new(11, 3, FALSE);
    grid_box(grid, (Rect){0, 0, 11, 3}, ROLE_DIALOG, "Title");
    assert_shows(grid, "┌─ Title ─┐\n│         │\n└─────────┘\n");
    assert_int_equal(grid_cell(grid, 4, 1)->ground, ROLE_DIALOG);
}

static void
test_spark(void **state)
{
    (void)state;
    const double values[] = {0, 1, 4, 8, 2, 8};
    const gboolean attacked[] = {FALSE, FALSE, FALSE, TRUE, FALSE, FALSE};
    g_autoptr(Grid) grid = grid_new(8, 2, FALSE);
    assert_int_equal(chart_spark(grid, 0, 0, 8, values, attacked, 6), 6);
    assert_shows(grid, " ▁▄█▂█\n\n");
    assert_int_equal(grid_cell(grid, 3, 0)->role, ROLE_CHART_BAD);
    assert_int_equal(grid_cell(grid, 5, 0)->role, ROLE_CHART);
    /* Fewer columns than values: the largest of those that share one. */
    grid_clear(grid);
    assert_int_equal(chart_spark(grid, 0, 0, 3, values, attacked, 6), 3);
    assert_shows(grid, "▁██\n\n");
}

/* A cell leads to a URL only when it is one that can be written to a terminal. */
static void
test_links(void **state)
{
    (void)state;
    static const char *const refused[] = {"javascript:alert(1)",
                                          "file:///etc/passwd",
                                          "https://example.com/a b",
                                          "https://example.com/\033]0;x\a",
                                          "https://example.com/\xc3\xa9",
                                          "HTTPS://example.com/",
                                          "",
                                          NULL};
    g_autoptr(Grid) grid = grid_new(10, 2, FALSE), copy = grid_new(10, 2, FALSE);
    for (guint i = 0; i < G_N_ELEMENTS(refused); i++)
        assert_false(grid_link(grid, 0, 0, 4, refused[i]));
    g_autofree char *filler = g_strnfill(3000, 'x');
    g_autofree char *endless = g_strconcat("https://example.com/", filler, NULL);
    assert_false(grid_link(grid, 0, 0, 4, endless));
    assert_int_equal(grid_cell(grid, 0, 0)->link, 0);
    grid_print(grid, 0, 0, 4, ROLE_LINK, "look");
    assert_true(grid_link(grid, 0, 0, 4, "https://example.com/looks/1"));
    assert_true(grid_link(grid, 8, 0, 40, "https://example.com/looks/1")); /* over the edge */
    assert_string_equal(grid_link_url(grid, grid_cell(grid, 3, 0)->link),
                        "https://example.com/looks/1");
    assert_int_equal(grid_cell(grid, 3, 0)->link, grid_cell(grid, 9, 0)->link);
    /* It goes with a copy, and away with what is printed over it. */
    assert_true(grid_link(copy, 0, 1, 1, "https://example.com/other"));
    grid_copy(copy, (Rect){0, 0, 10, 1}, grid, 0);
    assert_string_equal(grid_link_url(copy, grid_cell(copy, 3, 0)->link),
                        "https://example.com/looks/1");
    grid_print(copy, 3, 0, 1, ROLE_TEXT, "x");
    assert_int_equal(grid_cell(copy, 3, 0)->link, 0);
    assert_null(grid_link_url(copy, 0));
    grid_clear(copy);
    assert_null(grid_link_url(copy, 1));
    for (int i = 0; i < 300; i++) {
        g_autofree char *url = g_strdup_printf("https://example.com/%d", i);
        assert_int_equal(grid_link(copy, 0, 0, 1, url), i < 255);
    }
}

static void
test_targets(void **state)
{
    (void)state;
    g_autoptr(Grid) grid = grid_new(6, 1, FALSE);
    grid_print(grid, 0, 0, 6, ROLE_KEY, "a ok");
    grid_target(grid, -2, 0, 4, TARGET_COMMAND(6));
    grid_target(grid, 4, 0, 10, TARGET_KEY(13));
    assert_int_equal(grid_cell(grid, 1, 0)->target, 7);
    assert_int_equal(grid_cell(grid, 2, 0)->target, 0);
    assert_int_equal(grid_cell(grid, 5, 0)->target, 0x8000 | 13);
    grid_print(grid, 1, 0, 1, ROLE_TEXT, "x");
    assert_int_equal(grid_cell(grid, 1, 0)->target, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clips),     cmocka_unit_test(test_wide),
        cmocka_unit_test(test_combining), cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_ascii),     cmocka_unit_test(test_box),
        cmocka_unit_test(test_spark),     cmocka_unit_test(test_links),
        cmocka_unit_test(test_targets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
