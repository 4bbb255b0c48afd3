/* test_terminals.c: kinds of terminals, sizes, signals and ends; what is asked and what is written.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "fixture.h"

static gboolean
wrote(const Tty *tty, const char *bytes)
{
    const GString *raw = tty_raw(tty);
    for (gsize i = 0; i + strlen(bytes) <= raw->len; i++) {
        if (memcmp(raw->str + i, bytes, strlen(bytes)) == 0)
            return TRUE;
    }
    return FALSE;
}

/* Starts, shows the queue, and leaves the terminal as it was. */
static void
test_kinds(void **state)
{
    static const struct {
        const char *term;
        gboolean modern;
    } kinds[] = {{"TERM=xterm", TRUE},         {"TERM=xterm-256color", TRUE},
                 {"TERM=tmux-256color", TRUE}, {"TERM=screen", FALSE},
                 {"TERM=linux", FALSE},        {"TERM=vt100", FALSE}};
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        Tty *tty = fixture_start(*state, 80, 24, NULL, kinds[i].term);
        tty_wait(tty, "acme-payments Verify  12,480.50");
        tty_wait_cursor(tty, 3);
        assert_int_equal(wrote(tty, "\033]11;?"), kinds[i].modern);
        assert_int_equal(wrote(tty, "\033[c"), kinds[i].modern);
        fixture_quit(tty);
    }
}

static void
test_true_colour(void **state)
{
    Tty *tty = fixture_start(*state, 80, 24, NULL, "COLORTERM=truecolor");
    tty_wait(tty, "acme-payments");
    assert_true(wrote(tty, "8;2;"));
    fixture_quit(tty);
    tty = fixture_start(*state, 80, 24, NULL, "NO_COLOR=1");
    tty_wait(tty, "acme-payments");
    assert_false(wrote(tty, "8;5;"));
    fixture_quit(tty);
}

static void
test_ascii_locale(void **state)
{
    Tty *tty = fixture_start(*state, 80, 24, NULL, "LC_ALL=C");
    tty_wait(tty, "acme-payments");
    const GString *raw = tty_raw(tty);
    for (gsize i = 0; i < raw->len; i++)
        assert_true((guchar)raw->str[i] < 0x80);
    fixture_quit(tty);
}

/* The ground of the first line, which the themes for dark and for light terminals have apart. */
static VTermColor
ground(Tty *tty)
{
    return tty_cell(tty, 0, 0).bg;
}

static gboolean
same_colour(VTermColor a, VTermColor b)
{
    return vterm_color_is_equal(&a, &b) != 0;
}

/* A light background is answered, whenever: the theme follows, and no letter of it is a key. */
static void
test_background(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    VTermColor dark = ground(tty);
    tty_send(tty, "\033]11;rgb:ffff/ffff/ffff\033\\\033[?62c");
    gint64 deadline = g_get_monotonic_time() + 10 * G_TIME_SPAN_SECOND;
    while (same_colour(dark, ground(tty)) && g_get_monotonic_time() < deadline)
        tty_pump(tty, 20000);
    VTermColor light = ground(tty);
    assert_false(same_colour(dark, light));
    /* Once; a later one changes nothing. */
    tty_send(tty, "\033]11;rgb:0000/0000/0000\033\\j");
    tty_wait_cursor(tty, 4);
    assert_true(same_colour(light, ground(tty)));
    fixture_quit(tty);
    /* A dark one leaves all as it is, and so does one that was not asked for. */
    tty = fixture_start(*state, 80, 24, "default", NULL);
    tty_wait(tty, "acme-payments");
    assert_false(wrote(tty, "\033]11;?"));
    tty_send(tty, "\033]11;rgb:ffff/ffff/ffff\033\\j");
    tty_wait_cursor(tty, 4);
    assert_true(same_colour(dark, ground(tty)));
    fixture_quit(tty);
    tty = fixture_start(*state, 80, 24, NULL, "COLORFGBG=0;15");
    tty_wait(tty, "acme-payments");
    assert_true(same_colour(light, ground(tty)));
    fixture_quit(tty);
}

static void
test_sizes(void **state)
{
    static const int sizes[][2] = {{20, 5}, {1, 1},   {3, 2},    {59, 16}, {60, 15}, {60, 16},
                                   {2, 40}, {300, 3}, {200, 90}, {1, 1},   {80, 24}};
    Tty *tty = fixture_queue(*state, 80, 24);
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        tty_resize(tty, sizes[i][0], sizes[i][1]);
        tty_send(tty, "j/x\033k");
        tty_pump(tty, 30000);
    }
    tty_wait(tty, "acme-payments Verify  12,480.50");
    tty_resize(tty, 40, 10);
    tty_wait(tty, "40x10 is too small; 60x16 is enough");
    tty_resize(tty, 80, 24);
    tty_wait(tty, "acme-payments Verify  12,480.50");
    fixture_quit(tty);
}

static void
assert_given_back(const Tty *tty)
{
    assert_true(wrote(tty, "\033[?1000l"));
    assert_true(wrote(tty, "\033[?2004l"));
    assert_true(wrote(tty, "\033[?1049l"));
    assert_false(tty_on_alternate(tty));
}

/* A clean stop says by which signal it was; what cannot be clean gives the terminal back too. */
static void
test_ends(void **state)
{
    static const struct {
        int signo;
        gboolean clean;
    } ends[] = {{SIGHUP, TRUE}, {SIGTERM, TRUE}, {SIGSEGV, FALSE}, {SIGABRT, FALSE}};
    for (guint i = 0; i < G_N_ELEMENTS(ends); i++) {
        Tty *tty = fixture_queue(*state, 80, 24);
        kill(tty_pid(tty), ends[i].signo);
        int status = tty_end(tty);
        if (ends[i].clean)
            assert_int_equal(WEXITSTATUS(status), 128 + ends[i].signo);
        else
            assert_true(!WIFEXITED(status) || WEXITSTATUS(status) != 0);
        assert_given_back(tty);
        tty_free(tty);
    }
}

/* Nothing is written when nothing changed; a move of one row is two pieces of two rows. */
static void
test_bytes(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    tty_send(tty, "2");
    tty_wait(tty, "DECIDED");
    tty_send(tty, "ww"); /* the pane below is another thing */
    tty_wait_gone(tty, "usually 61%");
    tty_settle(tty);
    gsize before = tty_bytes(tty);
    tty_send(tty, "j");
    tty_wait_cursor(tty, 4);
    tty_settle(tty);
    assert_in_range(tty_bytes(tty) - before, 1, 150);
    before = tty_bytes(tty);
    tty_send(tty, "k");
    tty_wait_cursor(tty, 3);
    tty_settle(tty);
    assert_in_range(tty_bytes(tty) - before, 1, 150);
    fixture_quit(tty);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CONSOLE_TEST(test_kinds),      CONSOLE_TEST(test_true_colour),
        CONSOLE_TEST(test_background), CONSOLE_TEST(test_ascii_locale),
        CONSOLE_TEST(test_sizes),      CONSOLE_TEST(test_ends),
        CONSOLE_TEST(test_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
