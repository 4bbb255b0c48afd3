/* test_keys.c: keys, sequences, presets, the mouse, the palette and themes, as pressed on a
 * terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "fixture.h"

static void
configure(const Fixture *fixture, const char *more)
{
    g_autofree char *text = NULL;
    assert_true(g_file_get_contents(fixture->config, &text, NULL, NULL));
    g_autofree char *whole = g_strconcat(text, "\n", more, NULL);
    assert_true(
        g_file_set_contents_full(fixture->config, whole, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

/* What was pressed of a sequence is shown; Esc gives it up; what is none is said. */
static void
test_sequences(void **state)
{
    configure(*state, "[tui]\nkeys=vi\n");
    Tty *tty = fixture_queue(*state, 80, 24);
    tty_send(tty, "G");
    tty_wait_cursor(tty, 8);
    tty_send(tty, "g");
    tty_wait(tty, "g …");
    tty_send(tty, "g");
    tty_wait_cursor(tty, 3);
    tty_wait_gone(tty, "g …");
    tty_send(tty, "g");
    tty_wait(tty, "g …");
    tty_send(tty, KEY_ESC_SEQ);
    tty_wait_gone(tty, "g …");
    tty_send(tty, "gx");
    tty_wait(tty, "gx means nothing here");
    tty_send(tty, "gh");
    tty_wait(tty, "DECIDED");
    tty_send(tty, "ZZ");
    assert_true(WIFEXITED(tty_end(tty)));
    tty_free(tty);
}

/* Keys with modifiers; Alt with a key that is not bound is Esc and that key. */
static void
test_modifiers(void **state)
{
    configure(*state, "[keys]\nhistory=Alt-h\nruns=Ctrl-Right\nlogs=Ctrl-X,l\n");
    Tty *tty = fixture_queue(*state, 80, 24);
    tty_send(tty, "\033h");
    tty_wait(tty, "DECIDED");
    tty_send(tty, "\033[1;5C");
    tty_wait(tty, "some failed");
    tty_send(tty, "\030l");
    tty_wait(tty, "line 29");
    tty_send(tty, "\0331");
    tty_wait(tty, "acme-payments");
    fixture_quit(tty);
}

/* A key that came in pieces over a slow line is that key; a lone ESC acts by itself. */
static void
test_torn_keys(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    tty_send(tty, "\033[");
    tty_pump(tty, 60000);
    tty_send(tty, "B");
    tty_wait_cursor(tty, 4);
    tty_send(tty, "/");
    tty_wait(tty, "Filter:");
    gint64 from = g_get_monotonic_time();
    tty_send(tty, "\033");
    tty_wait_gone(tty, "Filter:");
    /* 25 ms, and what the machine takes besides. */
    assert_true(g_get_monotonic_time() - from < G_TIME_SPAN_SECOND / 2);
    fixture_quit(tty);
}

static void
click(Tty *tty, const char *text)
{
    int x, y;
    assert_true(tty_find(tty, text, &x, &y));
    g_autofree char *bytes =
        g_strdup_printf("\033[<0;%d;%dM\033[<0;%d;%dm", x + 1, y + 1, x + 1, y + 1);
    tty_send(tty, bytes);
}

static void
test_mouse(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    int x, y;
    click(tty, "globex");
    tty_wait(tty, "3  globex, look");
    tty_send(tty, "\033[<64;10;6M");
    tty_wait(tty, "1  acme-payments, look");
    /* Tabs, the keys of the last line and those of a dialog. */
    click(tty, "2 History");
    tty_wait(tty, "DECIDED");
    click(tty, "1 Queue");
    tty_wait(tty, "x reject");
    click(tty, "/ filter");
    tty_wait(tty, "Filter:");
    tty_send(tty, KEY_ESC_SEQ);
    tty_wait_gone(tty, "Filter:");
    click(tty, "x reject");
    tty_wait(tty, "[ Esc ]");
    click(tty, "[ Esc ]");
    tty_wait_gone(tty, "[ Esc ]");
    /* A second click opens. */
    assert_true(tty_find(tty, "northwind", &x, &y));
    click(tty, "northwind");
    click(tty, "northwind");
    tty_wait(tty, "[Why]");
    /* Given to the terminal, and taken again. */
    tty_send(tty, "\033[21~");
    tty_wait(tty, "the mouse is the terminal's");
    assert_non_null(g_strstr_len(tty_raw(tty)->str, (gssize)tty_raw(tty)->len, "\033[?1000l"));
    fixture_quit(tty);
}

/* Moving shows a theme, Esc goes back, Enter keeps it for the next time. */
static void
test_themes(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    int x, y;
    assert_true(tty_find(tty, "! 2h14m", &x, &y));
    VTermColor before = tty_cell(tty, x, y).fg;
    tty_send(tty, ":theme\r");
    tty_wait(tty, "> default");
    tty_send(tty, KEY_DOWN_SEQ);
    tty_wait(tty, "> deuteranopia");
    VTermColor other = tty_cell(tty, x, y).fg;
    assert_false(vterm_color_is_equal(&before, &other));
    tty_send(tty, KEY_ESC_SEQ);
    tty_wait_gone(tty, "deuteranopia");
    VTermColor again = tty_cell(tty, x, y).fg;
    assert_true(vterm_color_is_equal(&before, &again));
    tty_send(tty, ":theme nord\r");
    tty_wait(tty, "theme nord, also next time");
    fixture_quit(tty);
    tty = fixture_queue(*state, 80, 24);
    tty_send(tty, ":theme\r");
    tty_wait(tty, "> nord");
    tty_send(tty, KEY_ESC_SEQ);
    tty_wait_gone(tty, "> nord");
    fixture_quit(tty);
}

static void
test_palette(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    tty_send(tty, ":follow");
    tty_wait(tty, "does nothing in this view");
    tty_send(tty, "\r");
    tty_wait(tty, "follow does nothing in this view; ? shows what does");
    tty_send(tty, "\025sort am\t");
    tty_wait(tty, ": sort amount");
    tty_send(tty, "\r");
    tty_wait(tty, "sorted by");
    /* What was used last comes first. */
    tty_send(tty, ":");
    tty_wait(tty, "> sort [COLUMN]");
    tty_send(tty, KEY_ESC_SEQ);
    tty_wait_gone(tty, "> sort [COLUMN]");
    fixture_quit(tty);
}

/* The operator's own keys stand in the help and in the last line. */
static void
test_help(void **state)
{
    configure(*state, "[keys]\napprove=F5\n");
    Tty *tty = fixture_queue(*state, 100, 30);
    tty_wait(tty, "F5 approve");
    tty_send(tty, "?");
    tty_wait(tty, "Keys in Queue");
    tty_wait(tty, "F5           approve");
    tty_send(tty, "/other views\r");
    tty_wait(tty, "In other views");
    fixture_quit(tty);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CONSOLE_TEST(test_sequences), CONSOLE_TEST(test_modifiers), CONSOLE_TEST(test_torn_keys),
        CONSOLE_TEST(test_mouse),     CONSOLE_TEST(test_themes),    CONSOLE_TEST(test_palette),
        CONSOLE_TEST(test_help),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
