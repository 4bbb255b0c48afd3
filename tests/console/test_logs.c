/* test_logs.c: the view of logs over real files: merged, followed, rotated, searched, folded. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include "fixture.h"

static void
append(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static char *
path_in(const Fixture *fixture, const char *name)
{
    return g_build_filename(fixture->dir, name, NULL);
}

/* The console with these files open. */
static Tty *
open_logs(const Fixture *fixture, int width, int height, const char *paths)
{
    Tty *tty = fixture_queue(fixture, width, height);
    g_autofree char *command = g_strdup_printf(":open-log %s\r", paths);
    tty_send(tty, command);
    return tty;
}

static void
test_merge(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *a = path_in(fixture, "a.log"), *b = path_in(fixture, "b.log");
    g_autofree char *both = g_strdup_printf("%s '%s'", a, b);
    append(a, "2026-09-17T11:00:00Z info first\n2026-09-17T11:00:02Z error boom\n"
              "Traceback of it\n2026-09-17T11:00:05Z info last\n");
    append(b, "{\"time\":\"2026-09-17T11:00:01Z\",\"level\":\"warn\",\"msg\":\"from json\"}\n"
              "Sep 17 11:00:03 host app: from syslog\n");
    Tty *tty = open_logs(fixture, 80, 24, both);
    tty_wait(tty, "A a.log, B b.log, following");
    static const char *const order[] = {"A 11:00:00.000 info  first",
                                        "B 11:00:01.000 warn  from json",
                                        "A 11:00:02.000 error boom",
                                        "Traceback of it",
                                        "B 11:00:03.000       host app: from syslog",
                                        "A 11:00:05.000 info  last"};
    for (gsize i = 0; i < G_N_ELEMENTS(order); i++) {
        int x, y = 0;
        tty_wait(tty, order[i]);
        assert_true(tty_find(tty, order[i], &x, &y));
        assert_int_equal(y, 3 + (int)i);
    }
    /* The stack trace stays with its head. */
    tty_send(tty, "/traceback\r");
    tty_wait_gone(tty, "from json");
    tty_wait(tty, "error boom");
    tty_send(tty, KEY_ESC_SEQ);
    tty_wait(tty, "from json");
    tty_send(tty, ":times raw\r");
    tty_wait(tty, "{\"time\":\"2026-09-17T11:00:01Z\"");
    /* Back to the desk's own log. */
    tty_send(tty, KEY_ESC_SEQ);
    tty_wait(tty, "line 29");
    fixture_quit(tty);
}

/* Tab goes into folders, whose names may be anything. */
static void
test_complete(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *folder = path_in(fixture, "logs of b's");
    g_autofree char *one = g_build_filename(folder, "one.log", NULL);
    g_autofree char *hidden = g_build_filename(folder, ".hidden.log", NULL);
    assert_int_equal(g_mkdir(folder, 0700), 0);
    append(one, "2026-09-17T11:00:00Z info the only one\n");
    append(hidden, "2026-09-17T11:00:00Z info never\n");
    Tty *tty = fixture_queue(fixture, 80, 24);
    tty_send(tty, "O");
    tty_wait(tty, "Open logs");
    tty_send(tty, "@");
    tty_wait(tty, "@desk");
    tty_send(tty, "\t log");
    tty_wait(tty, "@desk log");
    tty_wait(tty, "logs\\ of\\ b\\'s/");
    tty_send(tty, "\t");
    tty_wait(tty, "@desk logs\\ of\\ b\\'s/");
    tty_wait(tty, "s/one.log");
    assert_false(tty_shows(tty, "hidden"));
    tty_send(tty, "\t\r");
    tty_wait(tty, "A one.log, B the desk's log");
    fixture_quit(tty);
}

static void
test_wrong_filter(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    tty_send(tty, "4");
    tty_wait(tty, "line 29");
    tty_send(tty, "/levl:warn\r");
    tty_wait(tty, "no field 'levl': did you mean level:?");
    tty_wait(tty, "Filter: levl:warn"); /* still there, to be mended */
    tty_send(tty, "\025lev\t");
    tty_wait(tty, "Filter: level:");
    tty_send(tty, "err\t");
    tty_wait(tty, "Filter: level:error");
    tty_send(tty, KEY_ESC_SEQ);
    tty_wait(tty, "line 28");
    /* What was wrong on the way there is not said of a filter that is right. */
    tty_send(tty, "/since:2h");
    tty_wait(tty, "Filter: since:2h");
    tty_send(tty, "\r");
    tty_wait(tty, "filter since:2h");
    tty_wait_gone(tty, "is not a time");
    fixture_quit(tty);
}

static void
test_follow(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *path = path_in(fixture, "app.log"), *old = path_in(fixture, "app.log.1");
    Tty *tty = open_logs(fixture, 80, 24, path);
    tty_wait(tty, "waiting for ");
    append(path, "2026-09-17T11:00:00Z info it begins\n");
    tty_wait(tty, "it begins");
    for (int i = 0; i < 100; i++) {
        g_autofree char *line = g_strdup_printf("2026-09-17T11:00:01Z info more %d\n", i);
        append(path, line);
    }
    tty_wait(tty, "more 99");
    assert_int_equal(g_rename(path, old), 0);
    append(path, "2026-09-17T11:00:02Z warn of the new file\n");
    tty_wait(tty, "of the new file");
    tty_wait(tty, "was rotated");
    tty_wait(tty, "more 99");
    assert_int_equal(truncate(path, 0), 0);
    append(path, "2026-09-17T11:00:03Z info fresh\n");
    tty_wait(tty, "was emptied");
    tty_wait(tty, "fresh");
    /* A line in two parts is one. */
    append(path, "2026-09-17T11:00:04Z info half");
    tty_wait(tty, "half");
    append(path, " and whole\n");
    tty_wait(tty, "half and whole");
    /* Who looks back is not torn away. */
    tty_send(tty, "g");
    tty_wait(tty, "not following");
    append(path, "2026-09-17T11:00:05Z info unseen\n");
    tty_send(tty, "f");
    tty_wait(tty, "unseen");
    fixture_quit(tty);
}

/* Two matches, one of them the one that the search stands on: two grounds. */
static void
test_search(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *path = path_in(fixture, "long.log");
    g_autoptr(GString) text = g_string_new(NULL);
    for (int i = 0; i < 20000; i++)
        g_string_append_printf(text, "2026-09-17T11:00:00Z info %s %d\n",
                               i == 7000 || i == 7003 ? "a Needle" : "hay", i);
    append(path, text->str);
    Tty *tty = open_logs(fixture, 80, 24, path);
    int x, y, other_x, other_y;
    tty_wait(tty, "hay 19999");
    tty_wait(tty, "line 20,000 of 20,000");
    tty_send(tty, "sneedle\r");
    tty_wait(tty, "a Needle 7003");
    tty_wait(tty, "line 7,004 of 20,000");
    assert_true(tty_find(tty, "Needle 7003", &x, &y));
    tty_send(tty, "N");
    tty_wait_cursor(tty, y - 3);
    tty_wait(tty, "line 7,001 of");
    assert_true(tty_find(tty, "Needle 7000", &x, &y));
    assert_true(tty_find(tty, "Needle 7003", &other_x, &other_y));
    VTermScreenCell here = tty_cell(tty, x, y), there = tty_cell(tty, other_x, other_y);
    assert_false(vterm_color_is_equal(&here.bg, &there.bg));
    tty_send(tty, "N");
    tty_wait(tty, "nothing further up");
    tty_send(tty, ":goto 12345\r");
    tty_wait(tty, "hay 12344");
    tty_send(tty, ":goto 50%\r");
    tty_wait(tty, " 50%");
    fixture_quit(tty);
}

/* A line of a MB, bytes of all kinds: shown by its start, folded on demand, never a crash. */
static void
test_junk(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *path = path_in(fixture, "junk.log");
    g_autofree char *wide = g_strnfill(1000000, 'w');
    g_autofree char *line = g_strdup_printf("2026-09-17T11:00:00Z info %s end\n", wide);
    static const char red[] = "2026-09-17T11:00:01Z info \033[31mred\033[0m \001\377 text\n";
    append(path, line);
    append(path, red);
    int fd = open(path, O_WRONLY | O_APPEND);
    for (int i = 0; i < 5000; i++)
        assert_int_equal(write(fd, "\000\377\200\033]\n", 6), 6);
    append(path, "2026-09-17T11:00:02Z info after the junk\n");
    close(fd);
    Tty *tty = open_logs(fixture, 80, 24, path);
    tty_wait(tty, "after the junk");
    tty_send(tty, "g");
    tty_wait(tty, "bytes");
    tty_wait(tty, "red");
    tty_send(tty, "w");
    tty_wait(tty, "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww");
    for (int i = 0; i < 40; i++)
        tty_send(tty, i % 4 ? "\033[6~" : "j");
    tty_resize(tty, 132, 50);
    tty_send(tty, "G");
    tty_wait(tty, "after the junk");
    fixture_quit(tty);
}

/* A pass in Runs leads to its log. */
static void
test_pass(void **state)
{
    Tty *tty = fixture_queue(*state, 80, 24);
    tty_send(tty, "3");
    tty_wait(tty, "some failed");
    tty_send(tty, "\r");
    tty_wait(tty, "the desk's log, pass ");
    fixture_quit(tty);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CONSOLE_TEST(test_merge),  CONSOLE_TEST(test_complete), CONSOLE_TEST(test_wrong_filter),
        CONSOLE_TEST(test_follow), CONSOLE_TEST(test_search),   CONSOLE_TEST(test_junk),
        CONSOLE_TEST(test_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
