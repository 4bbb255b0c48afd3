/* test_history.c: the history: search, ranges of time, totals, charts, corrections, evidence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fixture.h"
#include "seed.h"

static Tty *
open_history(const Fixture *desk, int width, int height)
{
    Tty *tty = fixture_queue(desk, width, height);
    tty_send(tty, "2");
    tty_wait(tty, "wayne-bank");
    return tty;
}

static void
filter(Tty *tty, const char *text)
{
    tty_send(tty, "/");
    tty_wait(tty, "Filter:");
    tty_send(tty, "\x15");
    tty_send(tty, text);
    tty_send(tty, "\r");
}

static void
test_totals(void **state)
{
    Tty *tty = open_history(*state, 80, 24);
    tty_wait(tty, "3 requests, 2,561.98 USD posted, decided in 20m (median)");
    filter(tty, "wayne-bank");
    tty_wait(tty, "1 request, 2,430.67 USD posted");
    filter(tty, "state:rejected");
    tty_wait(tty, "stark-pay");
    tty_wait(tty, "1 request, decided in");
    filter(tty, "amount:>100 state:posted");
    tty_wait(tty, "2 requests, 2,561.98 USD posted");
    fixture_quit(tty);
}

/* Texts that no column shows, amounts as people write them, who decided. */
static void
test_search(void **state)
{
    Tty *tty = open_history(*state, 80, 24);
    filter(tty, "2,430");
    tty_wait_gone(tty, "stark-pay");
    tty_wait(tty, "wayne-bank");
    filter(tty, "sql:select look:8847 wayne");
    tty_wait_gone(tty, "stark-pay");
    filter(tty, "decided-by:nobody");
    tty_wait(tty, "Nothing that was decided");
    fixture_quit(tty);
}

static void
test_since(void **state)
{
    Tty *tty = open_history(*state, 80, 24);
    tty_send(tty, ":");
    tty_send(tty, "since yesterday\r");
    tty_wait_gone(tty, "stark-pay");
    tty_wait(tty, "decided:\"yesterday..\"");
    tty_send(tty, ":");
    tty_send(tty, "since last month-ish\r");
    tty_wait(tty, "is not a time");
    tty_send(tty, ":");
    tty_send(tty, "since last week\r");
    tty_wait(tty, "stark-pay");
    tty_send(tty, ":");
    tty_send(tty, "since\r");
    tty_wait_gone(tty, "decided:");
    fixture_quit(tty);
}

static void
test_charts(void **state)
{
    Tty *tty = open_history(*state, 80, 24);
    tty_send(tty, "o");
    tty_wait(tty, "requests a day");
    tty_wait(tty, "of them decided");
    tty_send(tty, "o");
    tty_wait(tty, "wanted 95 % or more");
    tty_wait(tty, "in 7 days");
    tty_wait(tty, "2,561.98");
    tty_send(tty, "o");
    tty_wait_gone(tty, "wanted 95 %");
    tty_resize(tty, 60, 16);
    tty_send(tty, "oo");
    tty_wait(tty, "success");
    fixture_quit(tty);
}

static void
test_evidence(void **state)
{
    Tty *tty = open_history(*state, 80, 24);
    tty_send(tty, "\r");
    tty_wait(tty, "[Post]");
    tty_send(tty, "2");
    tty_wait(tty, "stark-pay");
    tty_send(tty, "j");
    tty_send(tty, "\r");
    tty_wait(tty, "[Why]");
    tty_send(tty, "2");
    tty_wait(tty, "wayne-bank");
    tty_send(tty, ":");
    tty_send(tty, "evidence\r");
    tty_wait(tty, "[Evidence]");
    tty_wait(tty, "ok  made anew from what is stored now it is the same.");
    fixture_quit(tty);
}

/* A correction that another process makes appears with its sign on both. */
static void
test_corrected(void **state)
{
    const Fixture *desk = *state;
    Tty *tty = open_history(desk, 132, 50);
    g_autoptr(Store) store = fixture_store(desk);
    g_autoptr(GError) error = NULL;
    g_autoptr(Request) original = store_request_get(store, 7, &error);
    assert_non_null(original);
    g_autoptr(Request) c = request_new();
    c->channel = g_strdup(original->channel);
    c->ts = g_strdup(original->ts);
    c->thread_ts = g_strdup(original->thread_ts);
    c->customer = g_strdup("corrected-bank");
    c->received_at = original->posted_at;
    c->state = STATE_PENDING;
    c->corrects = original->id;
    assert_true(store_request_add(store, c, NULL, &error));
    c->state = STATE_POSTED;
    c->posted_at = c->state_at = original->posted_at + 60 * G_USEC_PER_SEC;
    assert_true(store_request_save(store, c, &error));
    tty_wait(tty, "corrected-bank");
    tty_wait(tty, "posted ~");
    tty_wait(tty, "posted +");
    tty_wait(tty, "+ corrects 7");
    tty_wait(tty, "~ corrected by ");
    fixture_quit(tty);
}

static void
test_sorted_by_text(void **state)
{
    Tty *tty = open_history(*state, 132, 50);
    int x, first, second;
    tty_send(tty, ":");
    tty_send(tty, "sort customer\r");
    tty_wait(tty, "CUSTOMER");
    tty_wait(tty, "stark-pay");
    tty_wait(tty, "wayne-bank");
    assert_true(tty_find(tty, "stark-pay", &x, &first));
    assert_true(tty_find(tty, "wayne-bank", &x, &second));
    assert_int_not_equal(first, second);
    tty_send(tty, ":");
    tty_send(tty, "sort took\r");
    tty_wait(tty, "TOOK");
    tty_wait(tty, "stark-pay");
    fixture_quit(tty);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CONSOLE_TEST(test_totals),         CONSOLE_TEST(test_search),
        CONSOLE_TEST(test_since),          CONSOLE_TEST(test_charts),
        CONSOLE_TEST(test_evidence),       CONSOLE_TEST(test_corrected),
        CONSOLE_TEST(test_sorted_by_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
