/* test_storm.c: the window's size changes at random while keys go in and the store changes: the
 * console lives, and in the end shows what a fresh one shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "wire.h"
#include "writer.h"

#define SEED      471100u
#define STEPS     400
#define NEWS_ROWS 7
#define NEWS_FROM 44

/* They look around and leave everything as it was. */
static const char *const looks[] = {
    "j",      "k",      "g",        "G",       "1",       "2",        "3",
    "4",      "\033OA", "\033OB",   "\033[6~", "\033[5~", "\r",       "\t",
    "\033[Z", "?",      "/nor\033", "/\033",   ":\033",   ":the\033", "a\033",
    "x\033",  "r\033",  "l\033",    "\x0c",    "n",       "\033",     "\033",
};

static void
check_wire(const Tty *tty)
{
    const GString *raw = tty_raw(tty);
    g_autofree char *fault = wire_fault(raw->str, raw->len);
    if (fault)
        fail_msg("%s", fault);
}

/* All but where messages and toasts tell what happened meanwhile: the line above the keys, and the
 * lower right. */
static char *
screen_without_news(Tty *tty, int height)
{
    g_autofree char *screen = tty_screen(tty);
    g_auto(GStrv) rows = g_strsplit(screen, "\n", -1);
    for (int y = height - NEWS_ROWS; y < height - 1; y++) {
        glong length = g_utf8_strlen(rows[y], -1);
        char *kept = g_utf8_substring(rows[y], 0, y == height - 2 ? 0 : MIN(length, NEWS_FROM));
        g_free(rows[y]);
        rows[y] = g_strchomp(kept);
    }
    return g_strjoinv("\n", rows);
}

static void
to_queue(Tty *tty)
{
    for (int i = 0; i < 6; i++) {
        tty_send(tty, KEY_ESC_SEQ);
        assert_true(tty_pump(tty, 60000)); /* so that it stands alone */
    }
    tty_send(tty, "1");
    tty_wait(tty, "CUSTOMER");
    tty_send(tty, "g");
}

static void
print_difference(const char *shown, const char *expected)
{
    g_auto(GStrv) a = g_strsplit(shown, "\n", -1);
    g_auto(GStrv) b = g_strsplit(expected, "\n", -1);
    for (guint i = 0; a[i] && b[i]; i++) {
        if (strcmp(a[i], b[i]) != 0)
            print_error("after the storm: %s\nfresh console:   %s\n", a[i], b[i]);
    }
}

static void
assert_same_screen(Tty *old, Tty *fresh, int height)
{
    gint64 deadline = g_get_monotonic_time() + 10 * G_TIME_SPAN_SECOND;
    for (;;) {
        g_autofree char *shown = screen_without_news(old, height);
        g_autofree char *expected = screen_without_news(fresh, height);
        if (strcmp(shown, expected) == 0)
            return;
        if (g_get_monotonic_time() > deadline) {
            print_difference(shown, expected);
            fail();
        }
        assert_true(tty_pump(old, 10000) && tty_pump(fresh, 10000));
    }
}

static void
end_storm(const Fixture *fixture, Tty *tty, int width, int height)
{
    tty_resize(tty, width, height);
    to_queue(tty);
    check_wire(tty);
    Tty *fresh = fixture_start(fixture, width, height, NULL, NULL);
    tty_wait(fresh, "CUSTOMER");
    tty_wait(fresh, "Attack");
    assert_same_screen(tty, fresh, height);
    tty_free(fresh);
    tty_free(tty);
}

static void
test_storm(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(GRand) rand = g_rand_new_with_seed(SEED);
    Writer writer = writer_start(fixture);
    Tty *tty = fixture_queue(fixture, 80, 24);
    for (int i = 0; i < STEPS; i++) {
        tty_resize(tty, g_rand_int_range(rand, 1, 251), g_rand_int_range(rand, 1, 81));
        tty_send(tty, looks[g_rand_int_range(rand, 0, (gint32)G_N_ELEMENTS(looks))]);
        if (i % 4 == 0)
            writer_change(&writer);
        assert_true(tty_pump(tty, g_rand_int_range(rand, 0, 4) * 1000));
    }
    writer_end(&writer);
    end_storm(fixture, tty, 80, 24);
    fixture_verify(fixture);
}

/* Each size on the way down and up again, a dialog open: it is still there, whole. */
static void
test_every_width(void **state)
{
    Tty *tty = fixture_queue(*state, 100, 30);
    tty_send(tty, "a");
    tty_wait(tty, "Recommended credit");
    for (int width = 100; width > 0; width -= 3) {
        tty_resize(tty, width, 1 + width * 3 / 10);
        assert_true(tty_pump(tty, 3000));
    }
    for (int width = 1; width <= 100; width += 3) {
        tty_resize(tty, width, 1 + width * 3 / 10);
        assert_true(tty_pump(tty, 3000));
    }
    tty_resize(tty, 80, 24);
    tty_wait(tty, "Recommended credit");
    tty_wait(tty, "[ Enter ]");
    end_storm(*state, tty, 80, 24);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CONSOLE_TEST(test_storm),
        CONSOLE_TEST(test_every_width),
    };
    int code;
    if (writer_main(argc, argv, &code))
        return code;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
