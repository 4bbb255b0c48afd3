/* test_acting.c: the dialogs that decide: nothing happens before its whole text was on the screen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fixture.h"
#include "seed.h"

#define DOWN KEY_DOWN_SEQ
#define ESC  KEY_ESC_SEQ
#define PGDN "\033[6~"

static void
send_and_wait(Tty *tty, const char *keys, const char *text)
{
    tty_send(tty, keys);
    tty_wait(tty, text);
}

static Request *
stored(const Fixture *fixture, gint64 id)
{
    g_autoptr(Store) store = fixture_store(fixture);
    Request *request = store_request_get(store, id, NULL);

    assert_non_null(request);
    return request;
}

/* On the smallest screen the words do not fit: the key counts after the last of them. */
static void
test_read_to_the_end(void **state)
{
    Tty *tty = fixture_start(*state, 60, 16, NULL, NULL);
    tty_wait(tty, "northwind");
    send_and_wait(tty, "a", "PgDn");
    tty_wait(tty, "Reason");
    tty_send(tty, "fine");
    send_and_wait(tty, "\r", "read it to its end first");
    for (int i = 0; i < 4; i++)
        tty_send(tty, PGDN);
    tty_wait(tty, "Your total today");
    send_and_wait(tty, "\r", "1 approved 1/2");
    fixture_quit(tty);
}

static void
test_doubts_are_shown(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    send_and_wait(tty, "ja", "Unusual: new country");
    tty_wait(tty, "813.75 USD -> 904.17 USD");
    tty_wait(tty, "Since run 1:");
    send_and_wait(tty, ESC, "2  northwind, look");
    fixture_quit(tty);
}

static void
test_override(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    send_and_wait(tty, "j", "2  northwind, look");
    send_and_wait(tty, "A", "The amount now is 904.17 USD");
    send_and_wait(tty, "12x", "12x");
    send_and_wait(tty, "\r", "is no amount");
    send_and_wait(tty, "\177", "Amount 12 ");
    send_and_wait(tty, "\r", "say why first");
    send_and_wait(tty, DOWN "half of it", "half of it");
    /* The exact words come first, and again when they change. */
    send_and_wait(tty, "\r", "904.17 USD -> 12.00 USD");
    tty_wait(tty, "The amount was set by hand.");
    tty_wait(tty, "Another person has to approve it.");
    send_and_wait(tty, "!", "show the words");
    send_and_wait(tty, "\r", "904.17 USD -> 12.00 USD");
    send_and_wait(tty, "\r", "amount of 2 set");
    g_autoptr(Request) request = stored(*state, 2);
    assert_int_equal(request->amount, 12 * G_GINT64_CONSTANT(1000000));
    assert_int_equal(request->state, STATE_PENDING);
    assert_non_null(strstr(request->unusual, "half of it!"));
    /* And its maker cannot approve it. */
    tty_wait(tty, "12.00");
    send_and_wait(tty, "a", "set this amount by hand");
    send_and_wait(tty, "\r" ESC, "2  northwind, look");
    fixture_quit(tty);
}

static void
test_correction(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    send_and_wait(tty, "C", "is not posted");
    send_and_wait(tty, "2", "wayne-bank");
    send_and_wait(tty, "/wayne\r", "7  wayne-bank");
    send_and_wait(tty, "A", "is posted; correct puts it right");
    send_and_wait(tty, "C", "Posted is 2,430.67 USD");
    send_and_wait(tty, "2000" DOWN "wrong month", "wrong month");
    send_and_wait(tty, "\r", "2,430.67 USD -> 2,000.00 USD");
    tty_wait(tty, "Correction: the recommended credit for wayne-bank");
    send_and_wait(tty, PGDN PGDN "\r", "corrects 7");
    g_autoptr(Request) original = stored(*state, 7);
    assert_int_equal(original->state, STATE_POSTED);
    fixture_quit(tty);
}

static void
test_give_link(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    send_and_wait(tty, "l", "does not wait for a link");
    send_and_wait(tty, "G", "5  ");
    send_and_wait(tty, "l", "Looker link");
    send_and_wait(tty, "https://looker.example.org/looks/1", "This link does not count");
    send_and_wait(tty, "\r", "does not count:");
    for (int i = 0; i < 11; i++)
        tty_send(tty, "\177");
    send_and_wait(tty, "com/looks/1", "This link counts.");
    send_and_wait(tty, ESC, "needs link");
    fixture_quit(tty);
}

static void
test_pause_for_a_time(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    send_and_wait(tty, "P", "Passes of the schedule do nothing");
    send_and_wait(tty, "warehouse moves" DOWN "soon", "soon");
    send_and_wait(tty, "\r", "'soon' is not a duration");
    send_and_wait(tty, "\177\177\177\1772h", "2h");
    send_and_wait(tty, "\r", "paused for a time");
    tty_wait(tty, "PAUSED");
    send_and_wait(tty, "R", "the schedule goes on");
    fixture_quit(tty);
}

static void
test_rerun_offers_parameters(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    send_and_wait(tty, "r", "min_surge");
    tty_wait(tty, "now 0.001");
    tty_wait(tty, "threshold: Chance of honest traffic");
    send_and_wait(tty, DOWN, "min_fall: Least fall");
    send_and_wait(tty, "a lot", "a lot");
    send_and_wait(tty, "\r", "\n min_fall: 'a lot' is not an amount; write it as 1234.56");
    tty_wait(tty, "Rerun 1");
    send_and_wait(tty, "\024", "Dry run 1");
    send_and_wait(tty, ESC, "1  acme-payments, look");
    /* By name, from the palette. */
    send_and_wait(tty, ":rerun window=30d\r", "30d");
    tty_wait(tty, "window: Only so much");
    send_and_wait(tty, ESC, "1  acme-payments, look");
    fixture_quit(tty);
}

static void
test_many_at_once(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    /* Two pending ones and one that cannot be approved. */
    tty_send(tty, "   " DOWN);
    send_and_wait(tty, " ", "*");
    send_and_wait(tty, "a", "Approve");
    tty_wait(tty, "1 acme-payments  12,480.50 USD");
    tty_wait(tty, "more: PgDn");
    send_and_wait(tty, "fine\r", "read it to its end first");
    for (int i = 0; i < 6; i++)
        tty_send(tty, PGDN);
    tty_wait(tty, "Left out, nothing happens to them:");
    tty_wait(tty, "hooli: request 6 is failed");
    tty_wait(tty, "Total 26,694.67 USD in 3 requests.");
    send_and_wait(tty, "\r", "type 3 in the last field");
    g_autoptr(Request) before = stored(*state, 2);
    assert_int_equal(before->state, STATE_PENDING);
    send_and_wait(tty, DOWN "3\r", "2 northwind: approved, held");
    tty_wait(tty, "1 acme-payments: approved 1 of 2");
    tty_wait(tty, "close");
    tty_send(tty, ESC);
    tty_wait_gone(tty, "close");
    /* Both that are held can be taken back, the newest first. */
    send_and_wait(tty, "u", "3 taken back; nothing was posted");
    send_and_wait(tty, "u", "2 taken back; nothing was posted");
    fixture_quit(tty);
}

/* What a filter hides is never acted on. */
static void
test_hidden_marks(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    send_and_wait(tty, " ", "*");
    tty_send(tty, "/hooli\r");
    tty_wait_gone(tty, "northwind");
    send_and_wait(tty, "a", "the marked rows are hidden");
    send_and_wait(tty, "x", "the marked rows are hidden");
    fixture_quit(tty);
}

static void
test_reject_many(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    send_and_wait(tty, "  ", "*");
    send_and_wait(tty, "x", "Reject 2 of 2 marked");
    send_and_wait(tty, "not fraud\r", "1 acme-payments: rejected");
    tty_wait(tty, "2 northwind: rejected");
    tty_send(tty, ESC);
    g_autoptr(Request) first = stored(*state, 1);
    g_autoptr(Request) third = stored(*state, 3);
    assert_int_equal(first->state, STATE_REJECTED);
    assert_non_null(strstr(first->note, "not fraud"));
    assert_int_equal(third->state, STATE_PENDING);
    fixture_quit(tty);
}

/* What the line says is held is what the key takes back. */
static void
test_take_back_of_two(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    send_and_wait(tty, "j", "2  northwind, look");
    send_and_wait(tty, "a", "posted after 10s");
    send_and_wait(tty, "fine\r", "2 approved, posts in 10s; u takes it back");
    send_and_wait(tty, "j", "3  globex, look");
    send_and_wait(tty, "a", "posted after 10s");
    /* In the last line, which no dialog covers. */
    int x, y;
    send_and_wait(tty, "\r", "say why first");
    assert_true(tty_find(tty, "say why first", &x, &y));
    assert_int_equal(y, 23);
    send_and_wait(tty, "fine\r", "3 approved, posts in 10s; u takes it back (1 more held)");
    send_and_wait(tty, "k", "2 approved, posts in 10s; u takes it back (1 more held)");
    send_and_wait(tty, "u", "2 taken back; nothing was posted");
    tty_wait(tty, "3 approved, posts in 10s; u takes it back  ");
    send_and_wait(tty, "u", "3 taken back; nothing was posted");
    g_autoptr(Request) second = stored(*state, 2);
    assert_int_equal(second->state, STATE_PENDING);
    fixture_quit(tty);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CONSOLE_TEST(test_read_to_the_end),  CONSOLE_TEST(test_doubts_are_shown),
        CONSOLE_TEST(test_take_back_of_two), CONSOLE_TEST(test_override),
        CONSOLE_TEST(test_correction),       CONSOLE_TEST(test_give_link),
        CONSOLE_TEST(test_pause_for_a_time), CONSOLE_TEST(test_rerun_offers_parameters),
        CONSOLE_TEST(test_many_at_once),     CONSOLE_TEST(test_hidden_marks),
        CONSOLE_TEST(test_reject_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
