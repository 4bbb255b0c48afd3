/* test_draw.c: random frames, one after the other, through a terminal emulator: what it shows after
 * only the difference was written is what it shows when everything is painted anew. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <vterm.h>
#include <cmocka.h>

#include "tui/term_draw.h"

#define WIDTH  50
#define HEIGHT 14

typedef struct {
    VTerm *vterm;
    VTermScreen *screen;
    VTermPos cursor;
} Screen;

static int
on_cursor(VTermPos pos, VTermPos old, int visible, void *data)
{
    Screen *screen = data;
    (void)old;
    (void)visible;
    screen->cursor = pos;
    return 1;
}

static const VTermScreenCallbacks callbacks = {.movecursor = on_cursor};

static void
screen_open(Screen *screen)
{
    screen->vterm = vterm_new(HEIGHT, WIDTH);
    vterm_set_utf8(screen->vterm, 1);
    screen->screen = vterm_obtain_screen(screen->vterm);
    vterm_screen_set_callbacks(screen->screen, &callbacks, screen);
    vterm_screen_reset(screen->screen, 1);
}

static void
screen_write(Screen *screen, const GString *bytes)
{
    vterm_input_write(screen->vterm, bytes->str, bytes->len);
    vterm_screen_flush_damage(screen->screen);
}

static const char *
variables_256(const char *name)
{
    return strcmp(name, "TERM") == 0 ? "xterm-256color" : NULL;
}

static const char *
variables_true(const char *name)
{
    return strcmp(name, "COLORTERM") == 0 ? "truecolor" : variables_256(name);
}

static const char *
variables_8(const char *name)
{
    return strcmp(name, "TERM") == 0 ? "linux" : NULL;
}

static const char *
variables_vt(const char *name)
{
    return strcmp(name, "TERM") == 0 ? "vt100" : NULL;
}

static void
random_text(GRand *random, Grid *grid)
{
    static const char *const words[] = {"pending",
                                        "12,480.50",
                                        "日本テレコム",
                                        "é",
                                        "e\u0301x",
                                        "─────────────",
                                        "▁▂▇█",
                                        "                  ",
                                        "a",
                                        "🙂 ok",
                                        "the quick brown fox jumps over the lazy dog and more"};
    int x = g_rand_int_range(random, -3, WIDTH), y = g_rand_int_range(random, 0, HEIGHT);
    Role role = (Role)g_rand_int_range(random, ROLE_TEXT, ROLE_COUNT);
    int used = grid_print(grid, x, y, g_rand_int_range(random, 1, WIDTH), role,
                          words[g_rand_int_range(random, 0, G_N_ELEMENTS(words))]);
    if (g_rand_int_range(random, 0, 8) == 0)
        grid_link(grid, x, y, used, "https://example.com/looks/1");
}

static void
random_change(GRand *random, Grid *grid)
{
    Rect area = {g_rand_int_range(random, 0, WIDTH), g_rand_int_range(random, 0, HEIGHT),
                 g_rand_int_range(random, 1, WIDTH), g_rand_int_range(random, 1, 4)};
    Role ground = (Role)g_rand_int_range(random, ROLE_SCREEN, ROLE_TEXT);
    switch (g_rand_int_range(random, 0, 8)) {
    case 0:
        grid_fill(grid, area, ground);
        break;
    case 1:
        grid_ground(grid, area, ground);
        break;
    case 2:
        grid_set_cursor(grid, area.x, area.y, FALSE);
        break;
    default:
        random_text(random, grid);
        break;
    }
}

/* All rows moved by some, as a list does. */
static void
scroll_grid(GRand *random, Grid *grid)
{
    g_autoptr(Grid) copy = grid_new(WIDTH, HEIGHT, FALSE);
    int by = g_rand_int_range(random, -4, 5);
    grid_copy(copy, grid_whole(copy), grid, 0);
    grid_copy(grid, (Rect){0, 2, WIDTH, HEIGHT - 4}, copy, 2 + by);
}

static gboolean
same_cells(const VTermScreenCell *a, const VTermScreenCell *b)
{
    if (a->chars[0] == (uint32_t)-1 && b->chars[0] == (uint32_t)-1)
        return TRUE; /* a right half: the emulator leaves there what was before */
    gboolean blank = a->chars[0] == 0 || a->chars[0] == ' ';
    gboolean both = blank && (b->chars[0] == 0 || b->chars[0] == ' ');
    gboolean seen = !both || a->attrs.reverse || a->attrs.underline;
    if (!both && memcmp(a->chars, b->chars, sizeof a->chars) != 0)
        return FALSE;
    if (a->attrs.reverse != b->attrs.reverse || a->attrs.underline != b->attrs.underline ||
        (!both && a->width != b->width) || !vterm_color_is_equal(&a->bg, &b->bg))
        return FALSE;
    return !seen || (vterm_color_is_equal(&a->fg, &b->fg) && a->attrs.bold == b->attrs.bold &&
                     a->attrs.italic == b->attrs.italic);
}

static void
compare(Screen *step, Screen *whole, guint frame)
{
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            VTermScreenCell a, b;
            memset(&a, 0, sizeof a);
            memset(&b, 0, sizeof b);
            vterm_screen_get_cell(step->screen, (VTermPos){y, x}, &a);
            vterm_screen_get_cell(whole->screen, (VTermPos){y, x}, &b);
            if (!same_cells(&a, &b))
                fail_msg("frame %u: the cell %d, %d differs: U+%04X U+%04X", frame, x, y,
                         a.chars[0], b.chars[0]);
        }
    }
}

static void
check_frames(const char *(*variables)(const char *name), const char *theme_name)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(7);
    g_autoptr(TermCaps) caps = term_caps_load(variables, NULL);
    g_autoptr(Theme) theme = theme_load(theme_name, NULL);
    assert_true(caps && theme);
    g_autoptr(TermDraw) draw = term_draw_new(caps, theme, caps->modern);
    g_autoptr(Grid) grid = grid_new(WIDTH, HEIGHT, FALSE);
    Screen step = {0}, whole = {0};
    screen_open(&step);
    screen_open(&whole);
    for (guint frame = 0; frame < 400; frame++) {
        g_autoptr(GString) bytes = g_string_new(NULL), anew = g_string_new(NULL);
        int changes = g_rand_int_range(random, 0, frame % 10 == 0 ? 60 : 4);
        for (int i = 0; i < changes; i++)
            random_change(random, grid);
        if (frame % 3 == 0)
            scroll_grid(random, grid);
        term_draw_frame(draw, grid, WIDTH, HEIGHT, bytes);
        screen_write(&step, bytes);
        g_autoptr(TermDraw) fresh = term_draw_new(caps, theme, FALSE);
        term_draw_frame(fresh, grid, WIDTH, HEIGHT, anew);
        screen_write(&whole, anew);
        compare(&step, &whole, frame);
        int x, y;
        gboolean typing;
        if (grid_cursor(grid, &x, &y, &typing)) {
            assert_int_equal(step.cursor.row, y);
            assert_int_equal(step.cursor.col, x);
        }
        g_string_truncate(bytes, 0);
        term_draw_frame(draw, grid, WIDTH, HEIGHT, bytes);
        assert_int_equal(bytes->len, 0);
    }
    vterm_free(step.vterm);
    vterm_free(whole.vterm);
}

static void
test_frames(void **state)
{
    (void)state;
    check_frames(variables_256, "default");
    check_frames(variables_true, "light");
    check_frames(variables_8, "high-contrast");
    check_frames(variables_vt, "mono");
}

/* A list that moves by one row is scrolled, not written. */
static void
test_scroll(void **state)
{
    (void)state;
    g_autoptr(TermCaps) caps = term_caps_load(variables_256, NULL);
    g_autoptr(Theme) theme = theme_load("default", NULL);
    g_autoptr(TermDraw) draw = term_draw_new(caps, theme, FALSE);
    g_autoptr(Grid) grid = grid_new(80, 24, FALSE);
    g_autoptr(GString) bytes = g_string_new(NULL);
    for (int first = 0; first < 3; first++) {
        grid_clear(grid);
        grid_print(grid, 0, 0, 80, ROLE_TITLE, "creditbot");
        for (int y = 0; y < 20; y++)
            grid_printf(grid, 0, 2 + y, 80, ROLE_TEXT, "line %d of many that are all different %d",
                        first + y, (first + y) * 7919);
        g_string_truncate(bytes, 0);
        term_draw_frame(draw, grid, 80, 24, bytes);
        if (first > 0)
            assert_true(bytes->len < 120);
    }
}

/* A list as the history is: five looks in a row, a bar under what is selected. */
static void
draw_list(Grid *grid, int first, int selected)
{
    grid_clear(grid);
    grid_print(grid, 1, 0, 78, ROLE_TITLE, "creditbot");
    grid_print(grid, 1, 22, 78, ROLE_STRONG, "1,000,000 requests, 2,561,980.00 USD posted");
    for (int i = 0; i < 18; i++) {
        int n = first + i, y = 3 + i;
        grid_printf(grid, 5, y, 10, ROLE_DIM, "11:%02d:30", 59 - n % 60);
        grid_printf(grid, 16, y, 4, ROLE_STRONG, "%d", 100 + n);
        grid_printf(grid, 20, y, 14, ROLE_TEXT, "account-%05d", n * 13 % 1000);
        if (n % 3)
            grid_printf(grid, 35, y, 9, ROLE_MONEY, "%d.%02d", 100 + n * 7 % 900, n * 31 % 100);
        grid_print(grid, 44, y, 9, n % 3 ? ROLE_GOOD : ROLE_WARN, n % 3 ? "posted" : "rejected");
        grid_printf(grid, 62, y, 12, ROLE_DIM, "%ds mara", 30 + n % 7);
        if (n != selected)
            continue;
        grid_print(grid, 0, y, 1, ROLE_STRONG, ">");
        grid_ground(grid, (Rect){0, y, 13, 1}, ROLE_SELECTED);
        grid_set_cursor(grid, 0, y, FALSE);
    }
}

static int
compare_bytes(const void *a, const void *b)
{
    const gsize *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* The median of many moves of the bar, each of which scrolls the list by a row. */
static gsize
bytes_of_moves(const char *(*variables)(const char *name), int step)
{
    gsize took[41];
    g_autoptr(TermCaps) caps = term_caps_load(variables, NULL);
    g_autoptr(Theme) theme = theme_load("default", NULL);
    g_autoptr(TermDraw) draw = term_draw_new(caps, theme, FALSE);
    g_autoptr(Grid) grid = grid_new(80, 24, FALSE);
    g_autoptr(GString) bytes = g_string_new(NULL);
    for (guint i = 0; i < G_N_ELEMENTS(took); i++) {
        draw_list(grid, (int)i * step, (int)i * step + 17);
        g_string_truncate(bytes, 0);
        term_draw_frame(draw, grid, 80, 24, bytes);
        took[i] = bytes->len;
    }
    qsort(took, G_N_ELEMENTS(took), sizeof *took, compare_bytes);
    return took[G_N_ELEMENTS(took) / 2];
}

static void
test_bytes(void **state)
{
    (void)state;
    gsize row = bytes_of_moves(variables_256, 1), row_true = bytes_of_moves(variables_true, 1),
          page = bytes_of_moves(variables_256, 18), page_true = bytes_of_moves(variables_true, 18);
    print_message("# a row %zu and %zu bytes, a page %zu and %zu\n", row, row_true, page,
                  page_true);
    assert_in_range(row, 1, 150);
    assert_in_range(row_true, 1, 150);
    assert_in_range(page, 1, 700);
    assert_in_range(page_true, 1, 700);
}

/* What stays set is put back: a region of rows that scroll would spoil the shell. */
static void
test_region(void **state)
{
    (void)state;
    g_autoptr(TermCaps) caps = term_caps_load(variables_256, NULL);
    g_autoptr(Theme) theme = theme_load("default", NULL);
    g_autoptr(TermDraw) draw = term_draw_new(caps, theme, FALSE);
    g_autoptr(Grid) grid = grid_new(80, 24, FALSE);
    g_autoptr(GString) bytes = g_string_new(NULL);
    for (int i = 0; i < 2; i++) {
        draw_list(grid, i, i + 17);
        g_string_truncate(bytes, 0);
        term_draw_frame(draw, grid, 80, 24, bytes);
    }
    assert_non_null(strstr(bytes->str, "\033[4;21r"));
    term_draw_forget(draw);
    g_string_truncate(bytes, 0);
    term_draw_frame(draw, grid, 80, 24, bytes);
    assert_non_null(strstr(bytes->str, "\033[r"));
}

static void
test_links(void **state)
{
    (void)state;
    g_autoptr(TermCaps) caps = term_caps_load(variables_256, NULL);
    g_autoptr(Theme) theme = theme_load("default", NULL);
    g_autoptr(TermDraw) draw = term_draw_new(caps, theme, TRUE);
    g_autoptr(Grid) grid = grid_new(80, 24, FALSE);
    g_autoptr(GString) bytes = g_string_new(NULL);
    int used = grid_print(grid, 2, 2, 80, ROLE_LINK, "look 8841");
    assert_true(grid_link(grid, 2, 2, used, "https://example.com/looks/8841"));
    term_draw_frame(draw, grid, 80, 24, bytes);
    assert_non_null(strstr(bytes->str, "\033]8;id=1;https://example.com/looks/8841\033\\look 8841"
                                       "\033]8;;\033\\"));
    g_autoptr(TermCaps) old = term_caps_load(variables_8, NULL);
    assert_true(caps->modern);
    assert_false(old->modern);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames), cmocka_unit_test(test_scroll), cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_region), cmocka_unit_test(test_links),
    };
    setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
