/* test_lists.c: lists in the terminal: the filter while it is typed, marks, order, columns, pause,
 * preview, exports, and what is remembered. */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include "seed.h"

#define TAB       "\t"
#define ENTER     "\r"
#define RIGHT_SEQ "\033OC"

static void
clear_line(Tty *tty)
{
    tty_send(tty, "\025");
}

static void
test_filter_typed(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    tty_send(tty, "/st");
    tty_wait(tty, "state:");
    tty_send(tty, TAB);
    tty_wait(tty, "Filter: state:");
    tty_wait(tty, "state: wants a word  new  resolved");
    tty_send(tty, "ne");
    tty_wait(tty, "new  needs_link");
    tty_send(tty, TAB TAB);
    tty_wait(tty, "Filter: state:needs_link");
    tty_wait_gone(tty, "northwind");
    tty_wait(tty, "tomas");
    /* What is wrong is said while it is typed; the rows stay, and Enter takes nothing. */
    tty_send(tty, " \"x");
    tty_wait(tty, "the quote \" has no end");
    assert_true(tty_shows(tty, "tomas"));
    tty_send(tty, ENTER);
    tty_wait(tty, "has no end");
    clear_line(tty);
    tty_send(tty, "amount:>5x");
    tty_wait(tty, "amount: '5x' is not an amount");
    clear_line(tty);
    tty_wait(tty, "northwind");
    tty_send(tty, "amount:>1k !acme");
    tty_wait(tty, "filter: amount:>1k !acme  1 of 6");
    tty_send(tty, ENTER);
    tty_wait(tty, "/ filter");
    tty_send(tty, KEY_ESC_SEQ);
    tty_wait_gone(tty, "filter:");
    fixture_quit(tty);
}

/* Giving up brings back the filter that was there. */
static void
test_filter_given_up(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    tty_send(tty, "/north" ENTER);
    tty_wait(tty, "filter: north  1 of 6");
    tty_wait(tty, "/ filter");
    tty_send(tty, "/x");
    tty_wait(tty, "passes 'northx'");
    tty_send(tty, KEY_ESC_SEQ);
    tty_wait(tty, "filter: north  1 of 6");
    fixture_quit(tty);
}

static void
test_marks(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    tty_send(tty, "  ");
    tty_wait(tty, "2 marked");
    tty_wait_cursor(tty, 5);
    tty_wait(tty, " *! 2h14m");
    tty_send(tty, "jjV");
    tty_wait(tty, "5 marked");
    tty_wait(tty, ">*");
    tty_send(tty, "/globex" ENTER);
    tty_wait(tty, "5 marked, 4 hidden and left out");
    tty_send(tty, KEY_ESC_SEQ);
    tty_wait_gone(tty, "hidden");
    tty_send(tty, "~");
    tty_wait(tty, "1 marked");
    tty_send(tty, "*");
    tty_wait(tty, "6 marked");
    tty_send(tty, KEY_ESC_SEQ);
    tty_wait_gone(tty, "marked");
    tty_send(tty, " ");
    tty_wait(tty, "1 marked");
    tty_send(tty, "\\");
    tty_wait_gone(tty, "marked");
    fixture_quit(tty);
}

static void
test_order(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    tty_send(tty, ":sort amount" ENTER);
    tty_wait(tty, "AMOUNT▼");
    tty_send(tty, "S");
    tty_wait(tty, "AMOUNT▲");
    /* Acme stays selected while it moves to the last row. */
    tty_wait_cursor(tty, 7);
    tty_send(tty, ":sort note" ENTER);
    tty_wait(tty, "cannot be sorted by note; it can by age, id");
    tty_send(tty, ":sort nonsense" ENTER);
    tty_wait(tty, "no column is named 'nonsense'");
    tty_send(tty, RIGHT_SEQ);
    tty_wait(tty, "column amount: s sorts by it");
    tty_send(tty, RIGHT_SEQ);
    tty_wait(tty, "column interval");
    fixture_quit(tty);
}

/* The store's order, of a list that is too long to load. */
static void
test_stored_order(void **state)
{
    g_autoptr(GError) error = NULL;
    const Fixture *fixture = *state;
    assert_true(seed_history(fixture->dir, 3000, &error));
    Tty *tty = fixture_queue(fixture, 80, 24);
    tty_send(tty, "2");
    tty_wait(tty, "DECIDED▼");
    tty_send(tty, ":sort id reverse" ENTER);
    tty_wait(tty, "ID▲");
    tty_wait(tty, ">16 Sep 11:20    7 wayne-bank");
    tty_send(tty, "G");
    tty_wait(tty, ">15 Sep 10:00 3008");
    tty_send(tty, "g");
    tty_wait(tty, ">16 Sep 11:20    7 wayne-bank");
    tty_send(tty, "/state:rejected id:<9" ENTER);
    tty_wait(tty, "filter: state:rejected id:<9");
    tty_wait_gone(tty, "wayne-bank");
    tty_wait(tty, "stark-pay");
    tty_send(tty, "*");
    tty_wait(tty, "1 marked");
    fixture_quit(tty);
}

static void
test_sideways(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    tty_wait(tty, "STATE       ›");
    tty_wait_gone(tty, "ASKED BY");
    tty_send(tty, ">");
    tty_wait(tty, "‹");
    tty_send(tty, ">");
    tty_wait(tty, "ASKED BY");
    tty_wait(tty, "2h14m    1");
    tty_send(tty, "<<");
    tty_wait_gone(tty, "‹");
    tty_resize(tty, 140, 30);
    tty_wait(tty, "ASKED BY");
    tty_wait_gone(tty, "›");
    fixture_quit(tty);
}

static void
approve_elsewhere(const Fixture *fixture, gint64 id, RequestState to)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) store = fixture_store(fixture);
    g_autoptr(Request) request = store_request_get(store, id, &error);
    assert_non_null(request);
    request->state = to;
    assert_true(store_request_save(store, request, &error));
}

/* What others do waits, is counted, and is acted on as it is. */
static void
test_pause(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    tty_send(tty, "z");
    tty_wait(tty, " standing still ");
    approve_elsewhere(*state, 1, STATE_REJECTED);
    tty_wait(tty, " standing still, 1 change waits ");
    assert_true(tty_shows(tty, "acme-payments"));
    tty_send(tty, "x");
    tty_wait(tty, "1 has changed since the list stands still: now gone from it");
    tty_send(tty, KEY_ESC_SEQ);
    tty_send(tty, "z");
    tty_wait(tty, "the list goes on");
    tty_wait_gone(tty, "acme-payments");
    fixture_quit(tty);
}

static void
test_preview(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    tty_send(tty, ":preview off" ENTER);
    tty_wait(tty, "preview: off");
    tty_wait_gone(tty, "Attack 8 to 10 Sep");
    tty_send(tty, "w");
    tty_wait(tty, "Attack 8 to 10 Sep");
    tty_send(tty, ":preview huge" ENTER);
    tty_wait(tty, "preview is one of normal, large, off");
    fixture_quit(tty);
}

static char *
read_export(const Fixture *fixture, const char *name)
{
    GStatBuf there;
    char *text = NULL;
    g_autofree char *path = g_build_filename(fixture->dir, name, NULL);
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_int_equal(g_stat(path, &there), 0);
    assert_int_equal(there.st_mode & 0777, 0600);
    return text;
}

static void
test_export(void **state)
{
    const Fixture *fixture = *state;
    Tty *tty = fixture_queue(fixture, 80, 24);
    tty_send(tty, "E");
    tty_wait(tty, "~/creditbot-queue-20260917-1200.csv");
    clear_line(tty);
    tty_send(tty, "~/q.txt");
    tty_wait(tty, "neither .csv nor .jsonl");
    clear_line(tty);
    tty_send(tty, "~/q.csv" ENTER);
    tty_wait(tty, "6 rows in ");
    g_autofree char *all = read_export(fixture, "q.csv");
    assert_true(g_str_has_prefix(all,
                                 "age,id,customer,product,amount,interval,requester,note,state,"
                                 "currency,received_at,channel,link\r\n"
                                 "2026-09-17T09:46:00Z,1,acme-payments,Verify,12480.50,"));
    /* What is there is not written over without a word. */
    tty_send(tty, "j  ");
    tty_wait(tty, "2 marked");
    tty_send(tty, ":export ~/q.csv" ENTER);
    tty_wait(tty, "is there already");
    tty_send(tty, KEY_ESC_SEQ);
    tty_wait_gone(tty, "is there already");
    tty_send(tty, ":export ~/q.jsonl" ENTER);
    tty_wait(tty, "2 marked rows in ");
    g_autofree char *marked = read_export(fixture, "q.jsonl");
    g_auto(GStrv) lines = g_strsplit(marked, "\n", -1);
    assert_int_equal(g_strv_length(lines), 3);
    assert_true(g_str_has_prefix(lines[0], "{\"id\":2,\"channel\":"));
    assert_non_null(strstr(lines[1], "\"amount\":\"13310.00\",\"currency\":\"USD\""));
    tty_send(tty, ":export ~/q.csv" ENTER);
    tty_wait(tty, "is there already");
    tty_send(tty, ENTER);
    g_autofree char *said = g_strdup_printf("2 marked rows in %s/q.csv", fixture->dir);
    tty_wait(tty, said);
    g_autofree char *two = read_export(fixture, "q.csv");
    assert_null(strstr(two, "acme-payments"));
    fixture_quit(tty);
}

static guint
count_lines(const char *text)
{
    guint n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

/* Everything of the filter, not the window alone. */
static void
test_stored_export(void **state)
{
    g_autoptr(GError) error = NULL;
    const Fixture *fixture = *state;
    assert_true(seed_history(fixture->dir, 3000, &error));
    Tty *tty = fixture_queue(fixture, 80, 24);
    tty_send(tty, "2");
    tty_wait(tty, "DECIDED▼");
    tty_send(tty, ":export ~/h.csv" ENTER);
    tty_wait(tty, "3,002 rows in ");
    g_autofree char *all = read_export(fixture, "h.csv");
    assert_int_equal(count_lines(all), 3003);
    tty_send(tty, "/state:rejected" ENTER);
    tty_wait(tty, "filter: state:rejected");
    tty_send(tty, ":export ~/r.jsonl" ENTER);
    tty_wait(tty, "601 rows in ");
    g_autofree char *some = read_export(fixture, "r.jsonl");
    assert_int_equal(count_lines(some), 601);
    assert_null(strstr(some, "\"state\":\"posted\""));
    fixture_quit(tty);
}

static char *
settings_of(const Fixture *fixture)
{
    return g_build_filename(fixture->dir, ".local", "state", "creditbot", "console.conf", NULL);
}

static void
test_remembered(void **state)
{
    GStatBuf there;
    const Fixture *fixture = *state;
    g_autofree char *path = settings_of(fixture);
    Tty *tty = fixture_queue(fixture, 80, 24);
    fixture_quit(tty);
    assert_int_not_equal(g_stat(path, &there), 0); /* nothing was changed */
    tty = fixture_queue(fixture, 80, 24);
    tty_send(tty, ":sort amount" ENTER "S");
    tty_wait(tty, "AMOUNT▲");
    tty_send(tty, "/pending" ENTER);
    tty_wait(tty, "filter: pending  2 of 6");
    fixture_quit(tty);
    assert_int_equal(g_stat(path, &there), 0);
    assert_int_equal(there.st_mode & 0777, 0600);
    tty = fixture_start(fixture, 80, 24, NULL, NULL);
    tty_wait(tty, "filter from last time: pending; Esc clears it");
    tty_wait(tty, "filter: pending  2 of 6");
    tty_wait(tty, "AMOUNT▲");
    tty_send(tty, KEY_ESC_SEQ);
    tty_wait(tty, "initech");
    fixture_quit(tty);
    tty = fixture_start(fixture, 80, 24, NULL, NULL);
    tty_wait(tty, "AMOUNT▲");
    tty_wait(tty, "initech");
    assert_false(tty_shows(tty, "last time"));
    fixture_quit(tty);
}

static void
test_damaged_memory(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *path = settings_of(fixture), *folder = g_path_get_dirname(path);
    assert_int_equal(g_mkdir_with_parents(folder, 0700), 0);
    assert_true(g_file_set_contents(path, "filter=x\n", -1, NULL));
    Tty *tty = fixture_start(fixture, 80, 24, NULL, NULL);
    tty_wait(tty, "what was remembered is left out");
    tty_wait(tty, "acme-payments");
    fixture_quit(tty);
    assert_true(g_file_set_contents(path, "[view queue]\nfilter=nofield:x\nsort=none\n", -1, NULL));
    tty = fixture_start(fixture, 80, 24, NULL, NULL);
    tty_wait(tty, "is no longer one: no field 'nofield'");
    tty_wait(tty, "acme-payments");
    fixture_quit(tty);
}

/* A click on a heading sorts, another one turns the order around. */
static void
test_heading(void **state)
{
    int x, y;
    Tty *tty = fixture_queue(*state, 80, 24);
    assert_true(tty_find(tty, "AMOUNT", &x, &y));
    g_autofree char *click =
        g_strdup_printf("\033[<0;%d;%dM\033[<0;%d;%dm", x + 2, y + 1, x + 2, y + 1);
    tty_send(tty, click);
    tty_wait(tty, "AMOUNT▼");
    tty_send(tty, click);
    tty_wait(tty, "AMOUNT▲");
    fixture_quit(tty);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CONSOLE_TEST(test_filter_typed), CONSOLE_TEST(test_filter_given_up),
        CONSOLE_TEST(test_marks),        CONSOLE_TEST(test_order),
        CONSOLE_TEST(test_stored_order), CONSOLE_TEST(test_sideways),
        CONSOLE_TEST(test_pause),        CONSOLE_TEST(test_preview),
        CONSOLE_TEST(test_export),       CONSOLE_TEST(test_stored_export),
        CONSOLE_TEST(test_remembered),   CONSOLE_TEST(test_damaged_memory),
        CONSOLE_TEST(test_heading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
