/* test_frame.c: what stands around the views: environment, clock, notices, claims, tips; two
 * consoles on one desk. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "fixture.h"
#include "seed.h"

static void
configure(Fixture *desk, const char *extra)
{
    g_autoptr(GError) error = NULL;
    g_free(desk->config);
    desk->config = seed_config(desk->dir, FALSE, extra, &error);
    assert_non_null(desk->config);
}

static gboolean
same_colour(VTermColor a, VTermColor b)
{
    return vterm_color_is_equal(&a, &b) != 0;
}

/* -- the first two lines -- */

static void
test_environment(void **state)
{
    Fixture *desk = *state;
    int x, y, live_x;
    configure(desk, "[tui]\nenvironment_colour=red\n");
    Tty *tty = fixture_queue(desk, 80, 24);
    assert_true(tty_find(tty, "LIVE", &live_x, &y));
    assert_true(tty_find(tty, "production", &x, &y));
    assert_int_equal(y, 0);
    assert_true(same_colour(tty_cell(tty, x, 0).bg, tty_cell(tty, live_x, 0).bg));
    fixture_quit(tty);
    configure(desk, "[tui]\nenvironment_colour=yellow\n");
    tty = fixture_queue(desk, 80, 24);
    assert_true(tty_find(tty, "production", &x, &y));
    assert_false(same_colour(tty_cell(tty, x, 0).bg, tty_cell(tty, live_x, 0).bg));
    assert_false(same_colour(tty_cell(tty, x, 0).bg, tty_cell(tty, 70, 10).bg));
    fixture_quit(tty);
}

static void
write_config(Fixture *desk, const char *general)
{
    g_autofree char *text = NULL;
    assert_true(g_file_get_contents(desk->config, &text, NULL, NULL));
    g_autofree char *all = g_strdup_printf("[general]\n%s%s", general, strchr(text, '\n') + 1);
    assert_true(g_file_set_contents(desk->config, all, -1, NULL));
}

static void
test_clock(void **state)
{
    Fixture *desk = *state;
    write_config(desk, "timezone=Europe/Berlin\n");
    Tty *tty = fixture_queue(desk, 132, 50);
    tty_wait(tty, "12:00 UTC  14:00 CEST");
    tty_resize(tty, 86, 24);
    tty_wait(tty, "12:00 UTC");
    tty_wait_gone(tty, "CEST");
    fixture_quit(tty);
}

/* The ways to all other commands stay, whatever else a narrow screen leaves out. */
static void
test_hints(void **state)
{
    static const char *const views[] = {"1", "2", "3", "4"};
    Tty *tty = fixture_queue(*state, 80, 24);
    tty_wait(tty, "/ filter  : command  ? help");
    tty_send(tty, "Q"); /* no key is dropped without a word */
    tty_wait(tty, "Q means nothing here; ? shows what does");
    tty_send(tty, "\r");
    tty_wait(tty, "Tab section  Esc back  a approve  x reject  r rerun  : command  ? help");
    tty_resize(tty, 60, 16);
    tty_wait(tty, "Tab section  Esc back  a approve  : command  ? help");
    tty_resize(tty, 132, 40);
    tty_wait(tty, "/ search"); /* a text is searched, not filtered */
    tty_resize(tty, 60, 16);
    for (gsize i = 0; i < G_N_ELEMENTS(views); i++) {
        tty_send(tty, views[i]);
        tty_wait(tty, "  : command  ? help");
    }
    fixture_quit(tty);
}

/* All views and the whole of the mode where our own name has no room. */
static void
test_narrow_top(void **state)
{
    int x, y;
    Tty *tty = fixture_queue(*state, 80, 24);
    tty_resize(tty, 60, 16);
    tty_wait(tty, " LIVE  production    1 Queue   2 History   3 Runs   4 Logs");
    tty_send(tty, "\r");
    tty_wait(tty, "w[Why]");
    assert_true(tty_find(tty, "pending    ", &x, &y));
    assert_int_equal(y, 2);
    fixture_quit(tty);
}

/* Each line is of one thing, with all the numbers. */
static void
test_tiny(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    tty_resize(tty, 20, 5);
    tty_wait(tty, "20x5, needs 60x16");
    tty_expect(tty, "LIVE\n20x5, needs 60x16\n6 waiting, 2 late, …\n\nq quit\n");
    fixture_quit(tty);
}

static void
test_narrow(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    tty_wait(tty, "26,694.67 pending");
    tty_resize(tty, 60, 16);
    tty_wait_gone(tty, "26,694.67 pending");
    tty_wait(tty, "6 waiting, 2 late");
    tty_wait(tty, "next in 12m");
    fixture_quit(tty);
}

/* -- notices -- */

static void
happens(Store *store, gint64 id, const char *actor, const char *kind, const char *from,
        const char *to, const char *detail)
{
    g_autoptr(GError) error = NULL;
    assert_true(store_event(store, id, actor, kind, from, to, detail, &error));
}

static void
test_toasts(void **state)
{
    g_autoptr(Store) store = fixture_store(*state);
    Tty *tty = fixture_queue(*state, 80, 24);
    happens(store, 2, "mara", "approve", "pending", "approved", "{\"reason\":\"carrier\"}");
    tty_wait(tty, "mara approved 2: carrier");
    /* Never over a dialog. */
    tty_send(tty, "a");
    tty_wait(tty, "Recommended credit");
    tty_wait_gone(tty, "mara approved 2");
    tty_send(tty, KEY_ESC_SEQ);
    tty_wait(tty, "mara approved 2: carrier");
    happens(store, 3, "lena", "void", "approved", "pending", "{\"why\":\"taken back by lena\"}");
    tty_wait(tty, "3 lost its approval: taken back by lena");
    happens(store, 6, "creditbot", "state", "failed", "dead", NULL);
    tty_wait(tty, "6 is dead");
    happens(store, 0, "jonas", "pause", NULL, NULL, "{\"reason\":\"the warehouse moves\"}");
    tty_wait(tty, "jonas paused the schedule: the warehouse moves");
    happens(store, 1, "lena\033[31m", "reject", "pending", "rejected", NULL);
    tty_wait(tty, "rejected 1");
    /* Three at a time; the key shows all. */
    tty_wait_gone(tty, "mara approved 2");
    tty_send(tty, "\x0e");
    tty_wait(tty, "What others did lately");
    tty_wait(tty, "mara approved 2: carrier");
    tty_wait(tty, "6 is dead");
    assert_false(tty_cell(tty, 1, 1).attrs.blink);
    tty_send(tty, KEY_ESC_SEQ);
    fixture_quit(tty);
}

static gboolean
two_at_once(Store *store, void *data, GError **error)
{
    (void)data;
    return store_event(store, 1, "creditbot", "post", "posting", "posted", NULL, error) &&
           store_event(store, 2, "creditbot", "post", "posting", "posted", NULL, error);
}

static void
test_toasts_together(void **state)
{
    g_autoptr(Store) store = fixture_store(*state);
    g_autoptr(GError) error = NULL;
    Tty *tty = fixture_queue(*state, 80, 24);
    assert_true(store_transact(store, two_at_once, NULL, &error));
    tty_wait(tty, "a pass posted 2");
    fixture_quit(tty);
}

static void
wait_bell(Tty *tty, gsize from)
{
    gint64 deadline = g_get_monotonic_time() + 10 * G_TIME_SPAN_SECOND;
    while (!memchr(tty_raw(tty)->str + from, '\a', tty_raw(tty)->len - from)) {
        assert_true(g_get_monotonic_time() < deadline);
        tty_pump(tty, 20000);
    }
}

static void
test_bell(void **state)
{
    Fixture *desk = *state;
    g_autoptr(Store) store = fixture_store(desk);
    configure(desk, "[tui]\nbell_above=5000\n");
    Tty *tty = fixture_queue(desk, 80, 24);
    gsize before = tty_raw(tty)->len;
    happens(store, 2, "creditbot", "run", "calculating", "pending", NULL);
    tty_wait(tty, "2 is ready to decide: 904.17 USD, northwind");
    assert_null(memchr(tty_raw(tty)->str + before, '\a', tty_raw(tty)->len - before));
    happens(store, 1, "creditbot", "run", "calculating", "pending", NULL);
    tty_wait(tty, "1 is ready to decide: 12,480.50 USD");
    wait_bell(tty, before);
    fixture_quit(tty);
}

/* -- claims -- */

static void
wait_claims(Store *store, guint n)
{
    gint64 deadline = g_get_monotonic_time() + 10 * G_TIME_SPAN_SECOND;
    for (;;) {
        g_autoptr(GPtrArray) claims = store_claims(store, 0, NULL);
        assert_non_null(claims);
        if (claims->len == n)
            return;
        assert_true(g_get_monotonic_time() < deadline);
        g_thread_yield();
    }
}

static void
test_two_consoles(void **state)
{
    g_autoptr(Store) store = fixture_store(*state);
    Tty *one = fixture_queue(*state, 80, 24), *two = fixture_queue(*state, 80, 24);
    assert_false(tty_shows(two, "@"));
    assert_false(tty_shows(two, "AT IT"));
    tty_send(one, "\r");
    tty_wait(one, "[Why]");
    gint64 began = g_get_monotonic_time();
    tty_wait(two, "AT IT STATE");
    tty_wait(two, "@sam  pending");
    /* Within a second, and some for a machine under load. */
    assert_true(g_get_monotonic_time() - began < 3 * G_TIME_SPAN_SECOND);
    tty_send(one, KEY_ESC_SEQ);
    tty_wait_gone(two, "@");
    tty_wait_gone(two, "AT IT");
    /* A dialog claims too. */
    tty_send(two, "ja");
    tty_wait(two, "Recommended credit");
    tty_wait(one, "@");
    tty_send(two, KEY_ESC_SEQ);
    tty_wait_gone(one, "@");
    tty_send(two, "\r");
    tty_wait(one, "@");
    tty_send(two, KEY_ESC_SEQ);
    fixture_quit(two);
    tty_wait_gone(one, "@");
    wait_claims(store, 0);
    fixture_quit(one);
}

/* A lost connection gives the claim back; a console that was killed loses it too. */
static void
test_claim_lost(void **state)
{
    g_autoptr(Store) store = fixture_store(*state);
    static const int signals[] = {SIGHUP, SIGKILL};
    for (gsize i = 0; i < G_N_ELEMENTS(signals); i++) {
        Tty *tty = fixture_queue(*state, 80, 24);
        tty_send(tty, "\r");
        tty_wait(tty, "[Why]");
        wait_claims(store, 1);
        kill(tty_pid(tty), signals[i]);
        int status = tty_end(tty);
        if (signals[i] == SIGHUP) {
            assert_true(WIFEXITED(status));
            assert_int_equal(WEXITSTATUS(status), 128 + SIGHUP);
        }
        tty_free(tty);
        wait_claims(store, 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CONSOLE_TEST(test_environment), CONSOLE_TEST(test_clock),
        CONSOLE_TEST(test_hints),       CONSOLE_TEST(test_narrow_top),
        CONSOLE_TEST(test_tiny),        CONSOLE_TEST(test_narrow),
        CONSOLE_TEST(test_toasts),      CONSOLE_TEST(test_toasts_together),
        CONSOLE_TEST(test_bell),        CONSOLE_TEST(test_two_consoles),
        CONSOLE_TEST(test_claim_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
