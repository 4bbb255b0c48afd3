/* test_console.c: the console as its operator sees it: keys in, cells and attributes out. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "fixture.h"
#include "seed.h"

#define UP   KEY_UP_SEQ
#define DOWN KEY_DOWN_SEQ
#define ESC  KEY_ESC_SEQ

/* -- what is shown -- */

/* clang-format off */
static const char queue_80[] =
    " creditbot   LIVE  production            1 Queue   2 History   3 Runs   4 Logs\n"
    " 6 waiting, 2 late, 26,694.67 pending          last pass 2m ago ok, next in 12m\n"
    "     AGE   ID CUSTOMER      PRODUCT    AMOUNT  ±95% NOTE           STATE       ›\n"
    ">! 2h14m    1 acme-payments Verify  12,480.50  3.1% 12x last month pending\n"
    "   ! 58m    2 northwind     Verify     904.17  8.4% new country    pending\n"
    "     31m    3 globex        Verify  13,310.00  2.2% needs 2nd      approved 1/2\n"
    "     12m    4 initech       Verify          -     - [####....] 62% calculating\n"
    "      7m    6 hooli         Verify          -     - service busy,… failed 1/3\n"
    "      9m    5 tomas         -               -     - asked 8m ago   needs link\n"
    "\n"
    "\n"
    "\n"
    "────────────────────────────────────────────────────────────────────────────────\n"
    " 1  acme-payments, look 8841, asked 2h14m ago by mara            run 2, 19m ago\n"
    " AZ ▁▁▁▁▁▁▁███▁▁▁▁    18,146 attempts   6.1% verified  usually 61%     9,360.38\n"
    " UZ ▁▁▁▁▁▁▁███▁▁▁▁     4,171 attempts   5.5% verified  usually 55%     3,120.12\n"
    " US ▇█▇▇█▇▇█▇▇█▇▇█   124,000 attempts  77.7% verified  usually 86%         0.00\n"
    " Unusual: 12x last month.\n"
    " Attack 8 to 10 Sep in AZ and UZ; baseline from 11 clean days.\n"
    " In US a surge with normal conversion is credited nothing.\n"
    "\n"
    "\n"
    "\n"
    " a approve  x reject  r rerun  Enter open  / filter  : command  ? help  t retry\n";

static const char queue_132[] =
    " creditbot   LIVE  production  12:00 UTC                                                     1 Queue   2 History   3 Runs   4 Logs\n"
    " 6 waiting, 2 late, 26,694.67 pending                                                              last pass 2m ago ok, next in 12m\n"
    "     AGE   ID CUSTOMER      PRODUCT    AMOUNT  ±95% ASKED BY NOTE                      STATE\n"
    ">! 2h14m    1 acme-payments Verify  12,480.50  3.1% mara     12x last month            pending\n"
    "   ! 58m    2 northwind     Verify     904.17  8.4% jonas    new country               pending\n"
    "     31m    3 globex        Verify  13,310.00  2.2% lena     needs 2nd                 approved 1/2\n"
    "     12m    4 initech       Verify          -     - mara     [####....] 62%            calculating\n"
    "      7m    6 hooli         Verify          -     - lena     service busy, again in 3m failed 1/3\n"
    "      9m    5 tomas         -               -     - tomas    asked 8m ago              needs link\n"
    "\n"
    "\n"
    "\n"
    "────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────\n"
    " 1  acme-payments, look 8841, asked 2h14m ago by mara                                                                run 2, 19m ago\n"
    " AZ ▁▁▁▁▁▁▁███▁▁▁▁    18,146 attempts   6.1% verified  usually 61%     9,360.38\n"
    " UZ ▁▁▁▁▁▁▁███▁▁▁▁     4,171 attempts   5.5% verified  usually 55%     3,120.12\n"
    " US ▇█▇▇█▇▇█▇▇█▇▇█   124,000 attempts  77.7% verified  usually 86%         0.00\n"
    " ⣿ attempts   █ verified   ▲ attacked\n"
    "   15k┤                            ⣿⣿⣿     ⣀⣀⣀\n"
    "      │                            ⣿⣿⣿ ⣶⣶⣶ ⣿⣿⣿\n"
    "      │                            ⣿⣿⣿ ⣿⣿⣿ ⣿⣿⣿\n"
    "      │    ⣀⣀⣀         ⣀⣀⣀         ⣿⣿⣿ ⣿⣿⣿ ⣿⣿⣿ ⣀⣀⣀         ⣀⣀⣀\n"
    "      │⣤⣤⣤ ⣿⣿⣿     ⣤⣤⣤ ⣿⣿⣿     ⣤⣤⣤ ⣿⣿⣿ ⣿⣿⣿ ⣿⣿⣿ ⣿⣿⣿     ⣤⣤⣤ ⣿⣿⣿\n"
    "      │⣿⣿⣿ ⣿⣿⣿ ⣿⣿⣿ ⣿⣿⣿ ⣿⣿⣿ ⣿⣿⣿ ⣿⣿⣿ ⣿⣿⣿ ⣿⣿⣿ ⣿⣿⣿ ⣿⣿⣿ ⣿⣿⣿ ⣿⣿⣿ ⣿⣿⣿\n"
    "  7.5k┤▆▆▆ ▆▆▆ ▆▆▆ ▆▆▆ ▆▆▆ ▆▆▆ ▆▆▆ ▆▆▆ ▆▆▆ ▆▆▆ ▆▆▆ ▆▆▆ ▆▆▆ ▆▆▆\n"
    "      │███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███\n"
    "      │███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███\n"
    "      │███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███\n"
    "      │███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███\n"
    "     0┤███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███ ███\n"
    "                                   ▲▲▲ ▲▲▲ ▲▲▲\n"
    "       1 Sep   3 Sep   5 Sep   7 Sep   9 Sep   11 Sep      14 Sep\n"
    " Unusual: 12x last month.\n"
    " Attack 8 to 10 Sep in AZ and UZ; baseline from 11 clean days.\n"
    " In US a surge with normal conversion is credited nothing.\n"
    "\n"
    "\n"
    "\n"
    "\n"
    "\n"
    "\n"
    "\n"
    "\n"
    "\n"
    "\n"
    "\n"
    "\n"
    "\n"
    "\n"
    " a approve  x reject  r rerun  Enter open  / filter  d dry-run  : command  ? help  t retry  l give link  p pass  s sort  c cancel\n";
/* clang-format on */

static gboolean
same_colour(VTermColor a, VTermColor b)
{
    return vterm_color_is_equal(&a, &b) != 0;
}

static void
test_queue_80(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    int x, y;
    tty_expect(tty, queue_80);
    /* LIVE has a ground of its own; the selected row too, and the cursor stands on it. */
    assert_true(tty_find(tty, "LIVE", &x, &y));
    assert_int_equal(y, 0);
    assert_false(same_colour(tty_cell(tty, x, y).bg, tty_cell(tty, 70, 10).bg));
    assert_true(tty_cell(tty, x, y).attrs.bold);
    tty_wait_cursor(tty, 3);
    assert_false(same_colour(tty_cell(tty, 4, 3).bg, tty_cell(tty, 4, 4).bg));
    /* A late row is told by a sign and by its colour. */
    assert_true(tty_find(tty, "! 2h14m", &x, &y));
    assert_false(same_colour(tty_cell(tty, x, y).fg, tty_cell(tty, 30, y).fg));
    fixture_quit(tty);
}

static void
test_queue_132(void **state)
{
    Tty *tty = fixture_queue(*state, 132, 50);
    tty_expect(tty, queue_132);
    fixture_quit(tty);
}

static void
test_small(void **state)
{
    Tty *tty = fixture_start(*state, 40, 10, NULL, NULL);
    tty_expect(tty,
               "LIVE\n40x10 is too small; 60x16 is enough\n\n6 waiting, 2 late, 26,694.67 pending\n"
               "last pass 2m ago ok, next in 12m\n\n\n\n\nq quit\n");
    /* Nothing can be decided where it cannot be read. */
    tty_send(tty, "axn");
    tty_wait(tty, "nothing was searched for yet");
    tty_resize(tty, 80, 24);
    tty_wait(tty, "CUSTOMER");
    assert_false(tty_shows(tty, "Reason"));
    fixture_quit(tty);
}

static void
test_any_size(void **state)
{
    static const int sizes[][2] = {{1, 1},   {200, 60}, {2, 40},   {80, 2}, {60, 16},
                                   {59, 16}, {61, 17},  {132, 50}, {20, 5}};
    Tty *tty = fixture_queue(*state, 80, 24);
    tty_send(tty, "a");
    tty_wait(tty, "Reason");
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        tty_resize(tty, sizes[i][0], sizes[i][1]);
        for (int k = 0; k < 5; k++)
            assert_true(tty_pump(tty, 2000));
    }
    tty_resize(tty, 80, 24);
    tty_wait(tty, "Reason");
    tty_send(tty, ESC);
    tty_expect(tty, queue_80);
    fixture_quit(tty);
}

static void
test_mono(void **state)
{
    Tty *tty = fixture_start(*state, 80, 24, NULL, "NO_COLOR=1");
    tty_wait(tty, "Attack 8 to 10 Sep");
    VTermScreenCell plain = tty_cell(tty, 79, 12);
    for (int y = 0; y < 24; y++) {
        for (int x = 0; x < 80; x++) {
            assert_true(same_colour(tty_cell(tty, x, y).fg, plain.fg));
            assert_true(same_colour(tty_cell(tty, x, y).bg, plain.bg));
        }
    }
    assert_true(tty_cell(tty, 4, 3).attrs.reverse); /* the selected row */
    fixture_quit(tty);
}

static void
test_ascii(void **state)
{
    Tty *tty = fixture_start(*state, 80, 24, NULL, "LC_ALL=C");
    tty_wait(tty, "Attack 8 to 10 Sep");
    const GString *raw = tty_raw(tty);
    for (gsize i = 0; i < raw->len; i++)
        assert_true((guchar)raw->str[i] < 0x80);
    fixture_quit(tty);
}

/* Nothing of what people wrote reaches the terminal as a control. */
static void
test_hostile(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    tty_send(tty, "jjjjj");
    tty_wait(tty, "can somebody look at umbrella");
    tty_send(tty, "\r\t");
    tty_wait(tty, "[Message]");
    tty_send(tty, "4");
    tty_wait(tty, "line 29");
    tty_send(tty, "g");
    tty_wait(tty, "line 12 with a");
    const GString *raw = tty_raw(tty);
    assert_null(strstr(raw->str, "umbrella\033"));
    assert_null(strstr(raw->str, "\xe2\x80\xae"));
    assert_null(strstr(raw->str, "\033[1mneedle"));
    fixture_quit(tty);
}

/* -- moving about -- */

static void
test_move_and_filter(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    tty_send(tty, DOWN);
    tty_wait(tty, "2  northwind, look");
    tty_wait_cursor(tty, 4);
    tty_send(tty, "k");
    tty_wait(tty, "1  acme-payments, look");
    tty_send(tty, "/north");
    tty_wait_gone(tty, "hooli");
    tty_send(tty, "\r");
    tty_wait(tty, "filter: north  1 of 6");
    tty_send(tty, ESC);
    tty_wait(tty, "hooli");
    tty_send(tty, "/!north\r");
    tty_wait_gone(tty, "northwind ");
    tty_wait(tty, "5 of 6");
    tty_send(tty, ESC "/nowhere\r");
    tty_wait(tty, "None of 6 requests passes 'nowhere'.");
    tty_send(tty, ESC);
    tty_wait(tty, "northwind");
    fixture_quit(tty);
}

static void
test_sections(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    int x, y;
    tty_send(tty, "\r");
    tty_wait(tty, "[Why]");
    tty_wait(tty, "of 37,441.50 spent");
    tty_send(tty, "\t");
    tty_wait(tty, "(https://looker.example.com/looks/8841)");
    tty_send(tty, "\t");
    tty_wait(tty, "SELECT day, country");
    assert_true(tty_find(tty, "SELECT", &x, &y));
    assert_true(tty_cell(tty, x, y).attrs.bold);
    assert_true(tty_find(tty, "'Authy'", &x, &y));
    tty_send(tty, "\t");
    tty_wait(tty, "Run 1 -> run 2: 11,232.45 -> 12,480.50");
    tty_wait(tty, "~!AZ   8 Sep");
    tty_send(tty, "\t");
    tty_wait(tty, "Recommended credit for acme-payments: 12,480.50 USD");
    tty_send(tty, "\t");
    tty_wait(tty, "new -> pending");
    tty_send(tty, "\033[Z\033[Z/calculator\r");
    tty_wait(tty, "match 1 of 1");
    tty_send(tty, ESC);
    tty_wait_gone(tty, "match 1 of 1");
    tty_send(tty, ESC);
    tty_wait(tty, "CUSTOMER");
    fixture_quit(tty);
}

static void
test_views(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    tty_send(tty, "2");
    tty_wait(tty, "日本テレコム");
    tty_send(tty, "/stark\r");
    tty_wait_gone(tty, "wayne-bank");
    tty_wait(tty, "stark-pay");
    tty_send(tty, ESC "3");
    tty_wait(tty, "some failed");
    tty_send(tty, "4");
    tty_wait(tty, "line 29");
    tty_send(tty, "vv");
    tty_wait(tty, "from error on");
    tty_wait_gone(tty, "line 28");
    tty_send(tty, "?");
    tty_wait(tty, "Keys in Logs");
    tty_send(tty, ESC "1");
    tty_wait(tty, "acme-payments");
    tty_send(tty, ":hist\r");
    tty_wait(tty, "wayne-bank");
    fixture_quit(tty);
}

/* -- deciding -- */

static void
test_approve_first_of_two(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    /* What is typed ahead of the preview approves nothing. */
    tty_send(tty, "a\r");
    tty_wait(tty, "Recommended credit for acme-payments: 12,480.50 USD");
    tty_wait(tty, "This posts to #help-sms-credit-pumping-memos");
    tty_wait(tty, "one more approver is");
    tty_send(tty, "\r");
    tty_wait(tty, "say why first");
    tty_send(tty, "checked against the carrier");
    tty_wait(tty, "checked against the carrier");
    tty_send(tty, "\r");
    tty_wait(tty, "1 approved 1/2");
    tty_wait(tty, "needs 2nd");
    fixture_quit(tty);
}

static void
test_approve_and_take_back(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    tty_send(tty, "j");
    tty_wait(tty, "2  northwind, look");
    tty_send(tty, "a");
    tty_wait(tty, "posted after 10s (u takes it back)");
    tty_send(tty, "looks right\r");
    tty_wait(tty, "2 approved, posts in 10s; u takes it back");
    tty_wait(tty, "new country    posts in 10s");
    /* Leaving while it is held is a question. */
    tty_send(tty, "q");
    tty_wait(tty, "2 is approved and held");
    tty_send(tty, ESC "u");
    tty_wait(tty, "2 taken back; nothing was posted");
    tty_wait_gone(tty, "posts in");
    fixture_quit(tty);
}

static void
test_dry_run_decides_nothing(void **state)
{
    Fixture *desk = *state;
    g_free(desk->config);
    desk->config = seed_config(desk->dir, TRUE, NULL, NULL);
    Tty *tty = fixture_queue(desk, 80, 24);
    assert_true(tty_shows(tty, " DRY RUN "));
    assert_false(tty_shows(tty, "LIVE"));
    tty_send(tty, "ja");
    tty_wait(tty, "Nothing is recorded or sent");
    tty_send(tty, "why not\r");
    tty_wait(tty, "DRY RUN: 2 could be approved; nothing was recorded or posted");
    for (int view = '2'; view <= '4'; view++) {
        char key[] = {(char)view, 0};
        tty_send(tty, key);
        tty_wait(tty, " DRY RUN ");
    }
    fixture_quit(tty);
}

static void
test_reject(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    tty_send(tty, "jx");
    tty_wait(tty, "Nothing is said in Slack.");
    tty_send(tty, "a delivery problem");
    tty_wait(tty, "a delivery problem");
    /* With a word in the thread, its exact text comes first. */
    tty_send(tty, "\t");
    tty_wait(tty, "[x] tell the thread");
    tty_send(tty, "\r");
    tty_wait(tty, "Reason: a delivery problem");
    tty_send(tty, "\t");
    tty_wait(tty, "[ ] tell the thread");
    tty_send(tty, "\r");
    tty_wait(tty, "2 rejected");
    tty_wait_gone(tty, "northwind  ");
    tty_send(tty, "2");
    tty_wait(tty, "northwind");
    fixture_quit(tty);
}

/* What another process decides appears by itself, and the selection stays on its object. */
static void
test_other_process(void **state)
{
    const Fixture *desk = *state;
    Tty *tty = fixture_queue(desk, 80, 24);
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) store = fixture_store(desk);
    tty_send(tty, "jj");
    tty_wait(tty, "3  globex, look");
    g_autoptr(Request) request = store_request_get(store, 1, &error);
    request->state = STATE_IGNORED;
    gint64 before = g_get_monotonic_time();
    assert_true(store_request_save(store, request, &error));
    tty_wait_gone(tty, "acme-payments");
    assert_true(g_get_monotonic_time() - before < 2 * G_TIME_SPAN_SECOND);
    tty_wait(tty, "5 waiting");
    tty_wait(tty, "3  globex, look");
    tty_wait_cursor(tty, 4);
    fixture_quit(tty);
}

/* A paste is text for a field, and never a command. */
static void
test_paste(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    tty_send(tty, "\033[200~xyes\rq\033[201~");
    tty_send(tty, "/\033[200~glo\nbex\033[201~");
    tty_wait(tty, "Filter: glo bex");
    assert_false(tty_shows(tty, "Reject"));
    tty_send(tty, ESC);
    tty_wait(tty, "northwind");
    fixture_quit(tty);
}

static void
test_mouse(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    tty_send(tty, "\033[<0;20;6M\033[<0;20;6m"); /* SGR: row 6 is the third request */
    tty_wait(tty, "3  globex, look");
    tty_wait_cursor(tty, 5);
    tty_send(tty, "\033[<64;20;6M");
    tty_wait(tty, "1  acme-payments, look");
    fixture_quit(tty);
}

/* -- the ways out -- */

static void
assert_restored(Tty *tty)
{
    assert_false(tty_on_alternate(tty));
    const GString *raw = tty_raw(tty);
    const char *on = g_strrstr(raw->str, "\033[?2004h"), *off = g_strrstr(raw->str, "\033[?2004l");
    assert_true(on && off && off > on);
}

static void
test_signals(void **state)
{
    static const struct {
        int signo;
        gboolean killed;
    } cases[] = {
        {SIGTERM, FALSE}, {SIGHUP, FALSE}, {SIGINT, FALSE}, {SIGSEGV, TRUE}, {SIGABRT, TRUE}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        Tty *tty = fixture_queue(*state, 80, 24);
        kill(tty_pid(tty), cases[i].signo);
        int status = tty_end(tty);
        if (cases[i].killed) {
            /* A sanitizer takes these signals for itself and exits. */
            assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
        } else {
            assert_true(WIFEXITED(status));
            assert_int_equal(WEXITSTATUS(status), 128 + cases[i].signo);
        }
        assert_restored(tty);
        tty_free(tty);
    }
}

static void
test_no_terminal(void **state)
{
    Tty *tty = fixture_start(*state, 80, 24, NULL, "TERM=dumb");
    int status = tty_end(tty);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 2);
    assert_non_null(strstr(tty_raw(tty)->str, "creditbot list"));
    assert_null(strchr(tty_raw(tty)->str, '\033'));
    tty_free(tty);
}

static void
test_bad_theme(void **state)
{
    Tty *tty = fixture_start(*state, 80, 24, "nosuch", NULL);
    int status = tty_end(tty);
    assert_int_equal(WEXITSTATUS(status), 2);
    assert_non_null(strstr(tty_raw(tty)->str, "no theme named 'nosuch'"));
    assert_null(strchr(tty_raw(tty)->str, '\033'));
    tty_free(tty);
}

/* The program itself, by its clock of today. */
static void
test_program(void **state)
{
    const Fixture *desk = *state;
    const char *program = g_getenv("CREDITBOT");
    if (!program || !g_file_test(program, G_FILE_TEST_IS_EXECUTABLE))
        skip();
    const char *argv[] = {program, "--config", desk->config, NULL};
    Tty *tty = tty_start(80, 24, argv, NULL);
    tty_wait(tty, "LIVE");
    tty_wait(tty, "acme-payments");
    tty_wait(tty, "6 waiting");
    tty_send(tty, "?");
    tty_wait(tty, "Keys in Queue");
    fixture_quit(tty);
}

/* The terminal goes while a paste is under way: its end never comes. */
static void
test_lost_terminal(void **state)
{
    static const char *const last[] = {"j", "/", "\033[200~never ended", "\033[<"};
    for (guint i = 0; i < G_N_ELEMENTS(last); i++) {
        Tty *tty = fixture_queue(*state, 80, 24);
        tty_send(tty, last[i]);
        tty_hang_up(tty);
        int status = tty_end(tty);
        assert_true(WIFEXITED(status));
        assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 128 + SIGHUP);
        tty_free(tty);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CONSOLE_TEST(test_queue_80),
        CONSOLE_TEST(test_queue_132),
        CONSOLE_TEST(test_small),
        CONSOLE_TEST(test_any_size),
        CONSOLE_TEST(test_mono),
        CONSOLE_TEST(test_ascii),
        CONSOLE_TEST(test_hostile),
        CONSOLE_TEST(test_move_and_filter),
        CONSOLE_TEST(test_sections),
        CONSOLE_TEST(test_views),
        CONSOLE_TEST(test_approve_first_of_two),
        CONSOLE_TEST(test_approve_and_take_back),
        CONSOLE_TEST(test_dry_run_decides_nothing),
        CONSOLE_TEST(test_reject),
        CONSOLE_TEST(test_other_process),
        CONSOLE_TEST(test_paste),
        CONSOLE_TEST(test_mouse),
        CONSOLE_TEST(test_signals),
        CONSOLE_TEST(test_no_terminal),
        CONSOLE_TEST(test_bad_theme),
        CONSOLE_TEST(test_program),
        CONSOLE_TEST(test_lost_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
