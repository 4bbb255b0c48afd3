/* test_request.c: the request view: Slack's rendering, sections, runs, pager, clipboard. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include "base/text.h"
#include "fixture.h"
#include "seed.h"

#define PAGER                                                                                      \
    "PAGER=sh -c 'cat \"$0\"; stat -c \"mode %a\" \"$0\"; env | grep ^LESSSECURE; "                \
    "echo file \"$0\"; read answer'"

static const char message[] =
    "{\"team\":\"T1\",\"user\":\"U0000001\",\"edited\":{\"user\":\"U0000001\",\"ts\":\"1789645000"
    ".000100\"},\"text\":\"never shown\",\"blocks\":[{\"type\":\"rich_text\",\"elements\":[{"
    "\"type\":\"rich_text_section\",\"elements\":[{\"type\":\"text\",\"text\":\"Please credit \"},"
    "{\"type\":\"text\",\"text\":\"acme-payments\",\"style\":{\"bold\":true}},{\"type\":\"text\","
    "\"text\":\" \\u001b[31m for \"},{\"type\":\"user\",\"user_id\":\"U0000001\"}]},{\"type\":"
    "\"rich_text_list\",\"style\":\"bullet\",\"elements\":[{\"type\":\"rich_text_section\","
    "\"elements\":[{\"type\":\"link\",\"url\":\"https://looker.example.com/looks/8841\",\"text\":"
    "\"the look\"}]}]}]}],\"files\":[{\"name\":\"invoice.csv\",\"mimetype\":\"text/csv\",\"size\":"
    "2048}]}";

#define WELL(call)                                                                                 \
    do {                                                                                           \
        if (!(call))                                                                               \
            fail_msg("%s", error->message);                                                        \
    } while (0)

/* Request 1 gets the message above and a third run: other SQL, another parameter. */
static void
enrich(const Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    Store *store = fixture_store(fixture);
    g_autoptr(Request) request = store_request_get(store, 1, &error);
    assert_non_null(request);
    g_autoptr(Run) run = store_run_get(store, request->run_id, &error);
    assert_non_null(run);
    g_free(run->sql);
    g_free(run->sql_sha256);
    g_free(run->parameters);
    run->sql = g_strconcat("WITH more AS (SELECT 1)\n", request->sql, NULL);
    run->sql_sha256 = text_sha256(run->sql, strlen(run->sql));
    run->parameters = g_strdup("{\"window\":\"14d\"}");
    run->dry = TRUE;
    WELL(store_run_add(store, run, &error));
    g_free(request->message);
    g_free(request->edited_ts);
    request->message = g_strdup(message);
    request->edited_ts = g_strdup("1789645000.000100");
    WELL(store_request_save(store, request, &error));
    WELL(store_event(store, 1, "mara", "edit", NULL, NULL,
                     "{\"reason\":\"the\\nsecond look\",\"sum\":12}", &error));
    store_close(store);
}

/* The console with request 1 opened. */
static Tty *
start(const Fixture *fixture, int width, int height, const char *env)
{
    enrich(fixture);
    Tty *tty = fixture_start(fixture, width, height, NULL, env);
    tty_wait(tty, "Attack 8 to 10 Sep");
    tty_send(tty, "\r");
    tty_wait(tty, "[Why]");
    tty_wait(tty, "37,441.50 spent");
    return tty;
}

static void
test_why(void **state)
{
    Tty *tty = start(*state, 80, 24, NULL);
    int x, y;
    tty_wait(tty, "attacked");
    tty_wait(tty, "▲▲▲ ▲▲▲ ▲▲▲");
    tty_wait(tty, "15k┤");
    tty_wait(tty, "1-17 of ");
    tty_send(tty, "G");
    tty_wait(tty, "How it was made");
    tty_wait_gone(tty, "more ↓");
    tty_send(tty, "g");
    tty_wait(tty, "1-17 of ");
    /* Wide: the days at the left, the countries at the right of them. */
    tty_resize(tty, 132, 40);
    tty_wait(tty, "By country");
    assert_true(tty_find(tty, "By country", &x, &y));
    assert_true(x > 40);
    tty_wait(tty, "AZ     8 Sep");
    fixture_quit(tty);
}

static void
test_message(void **state)
{
    Tty *tty = start(*state, 80, 24, NULL);
    int x, y;
    tty_send(tty, "m");
    tty_wait(tty, "Please credit acme-payments");
    tty_wait(tty, "for @mara");
    tty_wait(tty, "• the look (https://looker.example.com/looks/8841)");
    tty_wait(tty, "[file] invoice.csv  text/csv, 2.0 kB");
    tty_wait(tty, "by mara; this is the edited text");
    tty_wait(tty, "https://app.slack.com/client/T1/C0CREDITS/thread/C0CREDITS-");
    assert_false(tty_shows(tty, "never shown"));
    assert_true(tty_find(tty, "acme-payments for", &x, &y) ||
                tty_find(tty, "acme-payments \xef\xbf\xbd", &x, &y));
    assert_true(tty_cell(tty, x, y).attrs.bold);
    fixture_quit(tty);
}

static void
test_sql(void **state)
{
    Tty *tty = start(*state, 60, 16, NULL);
    tty_send(tty, "s");
    tty_wait(tty, "SELECT day");
    tty_send(tty, "#");
    tty_wait(tty, "   1  SELECT day");
    tty_wait(tty, "   4  GROUP BY");
    tty_send(tty, "W");
    tty_wait_gone(tty, "-- 'Authy'");
    tty_send(tty, ">");
    tty_wait(tty, "-- 'Authy'");
    tty_wait_gone(tty, "   2  FROM");
    tty_send(tty, "<");
    tty_wait_gone(tty, "-- 'Authy'");
    tty_send(tty, "W");
    tty_wait(tty, "\n         'Authy'");
    tty_wait(tty, "   2  FROM");
    fixture_quit(tty);
}

/* Any two of three runs, by marks, by brackets, by name. */
static void
test_runs(void **state)
{
    Tty *tty = start(*state, 80, 50, NULL);
    tty_send(tty, "=");
    tty_wait(tty, "Run 2 -> run 3: 12,480.50, as before");
    tty_wait(tty, "~ window         -                            -> 14d");
    tty_wait(tty, "SQL: 0 lines gone, 1 new");
    tty_wait(tty, "1 + WITH more AS (SELECT 1)");
    tty_wait(tty, "Segments: all the same.");
    tty_send(tty, "[");
    tty_wait(tty, "Run 1 -> run 3: 11,232.45 -> 12,480.50 (+1,248.05)");
    tty_wait(tty, "Segments: 0 new, 0 gone, 6 changed");
    tty_send(tty, "{");
    tty_wait(tty, "Run 1 -> run 2: ");
    tty_wait_gone(tty, "WITH more");
    tty_send(tty, "}]");
    tty_wait(tty, "Run 2 -> run 3: ");
    /* The mark on the oldest: it takes the place of the older one. */
    tty_send(tty, KEY_DOWN_SEQ KEY_DOWN_SEQ "\r");
    tty_wait(tty, "Run 1 -> run 3: ");
    tty_send(tty, ":compare 2 1\r");
    tty_wait(tty, "Run 1 -> run 2: ");
    tty_send(tty, ":compare 2 9\r");
    tty_wait(tty, "compare takes the numbers of two runs");
    tty_resize(tty, 132, 50);
    tty_send(tty, ":compare 3 2\r");
    tty_wait(tty, "2 FROM verify_attempts");
    tty_wait(tty, "   3 FROM verify_attempts");
    fixture_quit(tty);
}

static void
test_events(void **state)
{
    Tty *tty = start(*state, 80, 24, NULL);
    tty_send(tty, "e");
    tty_wait(tty, "reason the second look, sum 12");
    tty_send(tty, "\r");
    tty_wait(tty, "chain hash");
    tty_wait_gone(tty, "reason the second look, sum 12");
    tty_send(tty, "\r");
    tty_wait_gone(tty, "chain hash");
    tty_send(tty, KEY_DOWN_SEQ "\r");
    tty_wait(tty, "2026-09-17 12:00:00 UTC");
    fixture_quit(tty);
}

static void
test_post(void **state)
{
    Tty *tty = start(*state, 80, 30, NULL);
    int x, y;
    tty_send(tty, "T");
    tty_wait(tty, "Recommended credit for acme-payments: 12,480.50 USD");
    tty_wait(tty, "As it is sent");
    tty_wait(tty, "*12,480.50 USD");
    assert_true(tty_find(tty, "12,480.50 USD (exactly", &x, &y) ||
                tty_find(tty, "payments: 12,480.50 USD", &x, &y));
    tty_send(tty, "Y");
    tty_wait(tty, "the text of the post");
    tty_forget(tty);
    tty_send(tty, "p");
    tty_wait(tty, "copied: the text of the post");
    assert_non_null(strstr(tty_raw(tty)->str, "\033]52;c;UmVjb21tZW5kZWQg"));
    fixture_quit(tty);
}

/* A posted request and its correction lead to each other. */
static void
test_correction(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    Store *store = fixture_store(fixture);
    g_autoptr(Request) original = store_request_get(store, 7, &error);
    assert_non_null(original);
    g_autoptr(Request) correction = request_copy(original);
    gboolean added = FALSE;
    correction->corrects = 7;
    correction->state = STATE_NEW;
    correction->run_id = 0;
    WELL(store_request_add(store, correction, &added, &error));
    g_autofree char *detail =
        g_strdup_printf("{\"correction\":%" G_GINT64_FORMAT "}", correction->id);
    WELL(store_event(store, 7, "mara", "correct", NULL, NULL, detail, &error));
    store_close(store);
    g_autofree char *there =
        g_strdup_printf("Corrected by request %" G_GINT64_FORMAT ": - , new", correction->id);
    Tty *tty = fixture_start(fixture, 80, 24, NULL, NULL);
    tty_wait(tty, "Attack 8 to 10 Sep");
    tty_send(tty, "2");
    tty_wait(tty, "wayne-bank");
    tty_send(tty, "/wayne\r");
    tty_wait(tty, "filter: wayne");
    tty_wait_gone(tty, "stark-pay");
    tty_send(tty, "\r");
    tty_wait(tty, "w Why");
    tty_wait_gone(tty, "reading");
    tty_send(tty, "T");
    tty_wait(tty, there);
    tty_send(tty, "\r");
    tty_wait_gone(tty, there);
    tty_send(tty, "T");
    tty_wait(tty, "Corrects request 7: 2,430.67 USD, posted");
    fixture_quit(tty);
}

/* The pager has the terminal, a private file without a way to steer it, and gives all back. */
static void
test_pager(void **state)
{
    Tty *tty = start(*state, 80, 50, PAGER);
    tty_send(tty, "s");
    tty_wait(tty, "SELECT day");
    tty_send(tty, "|");
    tty_wait(tty, "LESSSECURE=1");
    tty_wait(tty, "mode 600");
    tty_wait(tty, "SELECT day, country, SUM(attempts) AS attempts -- 'Authy'");
    tty_wait(tty, "file /");
    g_autofree char *screen = tty_screen(tty);
    g_auto(GStrv) words = g_strsplit(strstr(screen, "file /") + 5, "\n", 2);
    assert_true(g_file_test(words[0], G_FILE_TEST_EXISTS));
    tty_send(tty, "\n");
    tty_wait(tty, "s[SQL]");
    assert_false(g_file_test(words[0], G_FILE_TEST_EXISTS));
    /* Ctrl-C is the pager's: the console goes on. */
    tty_send(tty, "m|");
    tty_wait(tty, "\"mimetype\":");
    tty_send(tty, "\003");
    tty_wait(tty, "m[Message]");
    tty_send(tty, ":pager nonsense\r");
    tty_wait(tty, "'nonsense' is none of amount, link, sql");
    tty_send(tty, ":pager log\r");
    tty_wait(tty, "the log of this request is not there");
    fixture_quit(tty);
}

static void
test_no_pager(void **state)
{
    Tty *tty = start(*state, 80, 24, "PAGER=/nowhere/pager --flag");
    tty_send(tty, "|");
    tty_wait(tty, "$PAGER cannot be started");
    tty_wait(tty, "[Why]");
    fixture_quit(tty);
}

/* Without a desktop the link goes to the clipboard; with one, an address that is none of Looker's
 * is not opened. */
static void
test_browse(void **state)
{
    const Fixture *fixture = *state;
    Tty *tty = start(fixture, 80, 24, "DISPLAY=");
    tty_forget(tty);
    tty_send(tty, "b");
    tty_wait(tty, "there is no desktop here; copied instead: https://looker.example.com/lo");
    assert_non_null(strstr(tty_raw(tty)->str, "\033]52;c;"));
    fixture_quit(tty);
    g_autoptr(GError) error = NULL;
    Store *store = fixture_store(fixture);
    g_autoptr(Request) request = store_request_get(store, 1, &error);
    assert_non_null(request);
    g_free(request->link_url);
    request->link_url = g_strdup("https://looker.example.net/looks/1");
    WELL(store_request_save(store, request, &error));
    store_close(store);
    tty = fixture_start(fixture, 80, 24, NULL, "DISPLAY=:99");
    tty_wait(tty, "Attack 8 to 10 Sep");
    tty_send(tty, "b");
    tty_wait(tty, "not opened");
    fixture_quit(tty);
}

/* A search is counted, goes round, and Esc takes its marks away before it leaves. */
static void
test_search(void **state)
{
    Tty *tty = start(*state, 80, 24, NULL);
    tty_send(tty, "/sep\r");
    tty_wait(tty, "match 1 of ");
    tty_send(tty, "n");
    tty_wait(tty, "match 2 of ");
    tty_send(tty, "NN");
    tty_wait_gone(tty, "match 2 of ");
    tty_wait_gone(tty, "match 1 of ");
    tty_send(tty, KEY_ESC_SEQ);
    tty_wait_gone(tty, "match");
    tty_wait(tty, "[Why]");
    tty_send(tty, KEY_ESC_SEQ);
    tty_wait(tty, "CUSTOMER");
    fixture_quit(tty);
}

/* A click on a section's name goes there; a double click on an item opens it. */
static void
test_mouse(void **state)
{
    Tty *tty = start(*state, 80, 24, NULL);
    int x, y;
    assert_true(tty_find(tty, "Events", &x, &y));
    g_autofree char *tab =
        g_strdup_printf("\033[<0;%d;%dM\033[<0;%d;%dm", x + 1, y + 1, x + 1, y + 1);
    tty_send(tty, tab);
    tty_wait(tty, "e[Events]");
    tty_wait(tty, "new -> pending");
    assert_true(tty_find(tty, "new -> pending", &x, &y));
    g_autofree char *item =
        g_strdup_printf("\033[<0;%d;%dM\033[<0;%d;%dm", x + 1, y + 1, x + 1, y + 1);
    tty_send(tty, item);
    tty_wait_cursor(tty, y);
    fixture_quit(tty);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CONSOLE_TEST(test_why),        CONSOLE_TEST(test_message), CONSOLE_TEST(test_sql),
        CONSOLE_TEST(test_runs),       CONSOLE_TEST(test_events),  CONSOLE_TEST(test_post),
        CONSOLE_TEST(test_correction), CONSOLE_TEST(test_pager),   CONSOLE_TEST(test_no_pager),
        CONSOLE_TEST(test_browse),     CONSOLE_TEST(test_search),  CONSOLE_TEST(test_mouse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
