/* test_demo.c: the demo by what the screen says alone: from the start to a posted credit, at 80x24,
 * in mono and without a mouse; and the demo at a pinned time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/json.h"
#include "fixture.h"

#define DAY G_TIME_SPAN_DAY

typedef struct {
    char *home, *program;
} Demo;

static int
make_home(void **state)
{
    Demo *demo = g_new0(Demo, 1);
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = g_path_get_dirname(self);
    demo->program = g_build_filename(folder, "..", "..", "creditbot", NULL);
    demo->home = g_dir_make_tmp("creditbot-demo-XXXXXX", NULL);
    *state = demo;
    return 0;
}

static int
drop_home(void **state)
{
    Demo *demo = *state;
    fixture_remove(demo->home);
    g_free(demo->home);
    g_free(demo->program);
    g_free(demo);
    return 0;
}

/* What the program prints; it must end well. now: "" for the machine's time. */
static char *
output(const Demo *demo, const char *now, const char *words)
{
    g_autofree char *line = g_strdup_printf("%s --demo %s", demo->program, words);
    g_auto(GStrv) argv = g_strsplit(line, " ", -1);
    g_auto(GStrv) env = g_get_environ();
    char *out = NULL;
    g_autofree char *err = NULL;
    int status = -1;
    env = g_environ_setenv(env, "XDG_STATE_HOME", demo->home, TRUE);
    env = g_environ_setenv(env, "CREDITBOT_DEMO_NOW", now, TRUE);
    assert_true(g_spawn_sync(NULL, argv, env, 0, NULL, NULL, &out, &err, &status, NULL));
    if (status != 0)
        fail_msg("%s: %d: %s", words, status, err);
    return out;
}

static gboolean
selected_is(Tty *tty, const char *state)
{
    g_autofree char *screen = tty_screen(tty);
    g_auto(GStrv) rows = g_strsplit(screen, "\n", -1);
    for (char **row = rows; *row; row++) {
        if (**row == '>')
            return strstr(*row, state) != NULL && !strstr(*row, "0.00") &&
                   !strstr(*row, "needs 2nd");
    }
    return FALSE;
}

/* The row of the screen that is selected; -1: none. */
static int
selected_row(Tty *tty)
{
    g_autofree char *screen = tty_screen(tty);
    g_auto(GStrv) rows = g_strsplit(screen, "\n", -1);
    for (int y = 0; rows[y]; y++) {
        if (*rows[y] == '>')
            return y;
    }
    return -1;
}

/* Down until one can be decided by one person; its id. The cursor comes last in a frame. */
static char *
choose(Tty *tty)
{
    int y = selected_row(tty);
    assert_true(y > 0);
    for (int i = 0; i < 12 && !selected_is(tty, "pending"); i++) {
        tty_send(tty, KEY_DOWN_SEQ);
        tty_wait_cursor(tty, ++y);
    }
    assert_true(selected_is(tty, "pending"));
    g_autofree char *screen = tty_screen(tty);
    g_auto(GStrv) words = g_strsplit_set(strstr(screen, "\n>") + 2, " !", -1);
    guint found = 0;
    /* Its age, then its id. */
    for (char **word = words; *word; word++) {
        if (**word != '\0' && found++ == 1)
            return g_strdup(*word);
    }
    return NULL;
}

static void
test_walk(void **state)
{
    const Demo *demo = *state;
    g_autofree char *made = output(demo, "", "--reset");
    g_autofree char *home = g_strdup_printf("XDG_STATE_HOME=%s", demo->home);
    const char *argv[] = {demo->program, "--demo", "--theme", "mono", NULL};
    const char *env[] = {home, NULL};
    assert_non_null(strstr(made, "made anew"));
    Tty *tty = tty_start(80, 24, argv, env);
    /* The line above the keys tells the next step, everywhere. */
    tty_wait(tty, "waiting");
    tty_wait(tty, "hides tips");
    tty_wait(tty, "\n>"); /* the rows come after the frame around them */
    g_autofree char *id = choose(tty);
    assert_non_null(id);
    tty_wait(tty, "Enter shows why; a approves");
    tty_send(tty, "\r");
    tty_wait(tty, "Why]");
    tty_wait(tty, "a approves; Esc goes back");
    tty_send(tty, "a");
    tty_wait(tty, "This posts to #");
    tty_wait(tty, "Recommended credit for");
    tty_wait(tty, "Reason");
    tty_wait(tty, "[ Enter ] approve");
    /* Without a reason it says that one is needed. */
    tty_send(tty, "\r");
    tty_wait(tty, "say why");
    tty_send(tty, "checked against the ticket\r");
    tty_wait(tty, "u takes it back");
    tty_wait(tty, "posts in 3s");
    g_autofree char *posted = g_strdup_printf("%s posted", id);
    tty_wait(tty, posted);
    /* Esc goes back, 2 shows it in the history; Ctrl-T hides the tips for ever. */
    tty_send(tty, KEY_ESC_SEQ);
    tty_wait_gone(tty, "Why]");
    tty_send(tty, "2");
    tty_wait(tty, "DECIDED");
    tty_wait(tty, posted + strlen(id) + 1);
    tty_send(tty, "\x14");
    tty_wait(tty, "no more tips");
    fixture_quit(tty);
    tty = tty_start(80, 24, argv, env);
    tty_wait(tty, "waiting");
    assert_false(tty_shows(tty, "hides tips"));
    fixture_quit(tty);
    g_autofree char *words = g_strdup_printf("show %s --json", id);
    g_autofree char *shown = output(demo, "", words);
    assert_non_null(strstr(shown, "\"posted\""));
}

/* At any time of the day the same story: nothing lies in the future, as much is decided, and the
 * state is sound. */
static void
check_story(const Demo *demo, const char *now, guint *posted)
{
    gint64 at = 0;
    g_autofree char *made = output(demo, now, "--reset");
    g_autofree char *list = output(demo, now, "list --json");
    g_autofree char *sound = output(demo, now, "state verify");
    assert_non_null(strstr(made, "made anew"));
    assert_true(*sound != '\0');
    g_auto(GStrv) lines = g_strsplit(list, "\n", -1);
    gint64 newest = 0;
    *posted = 0;
    assert_true(time_parse_iso(now, &at, NULL));
    for (char **line = lines; *line && **line; line++) {
        g_autoptr(cJSON) request = cJSON_Parse(*line);
        gint64 received = 0;
        assert_non_null(request);
        assert_true(time_parse_iso(json_string(request, "received_at"), &received, NULL));
        assert_true(received <= at);
        if (strcmp(json_string(request, "state"), "posted") != 0)
            continue;
        (*posted)++;
        newest = MAX(newest, received);
    }
    /* Somebody was at work within the last day. */
    assert_true(at - newest < DAY);
}

static void
test_pinned(void **state)
{
    const char *const times[] = {"2026-09-17T12:00:00Z", "2026-09-17T00:30:00Z",
                                 "2026-09-17T01:59:59Z"};
    guint first = 0, posted = 0;
    check_story(*state, times[0], &first);
    assert_true(first > 10);
    for (gsize i = 1; i < G_N_ELEMENTS(times); i++) {
        check_story(*state, times[i], &posted);
        assert_int_equal(posted, first);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_walk, make_home, drop_home),
        cmocka_unit_test_setup_teardown(test_pinned, make_home, drop_home),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
