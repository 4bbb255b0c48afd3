/* test_setup.c: the first run as someone meets it who has nothing yet: the real program, against
 * the sandbox. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include "base/json.h"
#include "fixture.h"

typedef struct {
    char *home, *program, *conf;
    cJSON *hello; /* of the sandbox; NULL: not started */
    GPid sandbox;
    int sandbox_in;
} First;

static char *
beside(const char *name)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = g_path_get_dirname(self);
    g_autofree char *path = g_build_filename(folder, "..", "..", name, NULL);
    return g_canonicalize_filename(path, NULL);
}

static int
make_home(void **state)
{
    First *first = g_new0(First, 1);
    first->home = g_dir_make_tmp("creditbot-first-XXXXXX", NULL);
    first->program = beside("creditbot");
    first->conf = g_build_filename(first->home, ".config", "creditbot", "creditbot.conf", NULL);
    *state = first;
    return 0;
}

static void
start_sandbox(First *first)
{
    g_autofree char *program = beside("tests/sandbox/creditbot-sandbox");
    g_autofree char *dir = g_build_filename(first->home, "sandbox", NULL);
    char with[] = "--exit-with-stdin", dir_option[] = "--dir", seed[] = "--seed", demo[] = "demo";
    char *argv[] = {program, dir_option, dir, seed, demo, with, NULL};
    char line[4096];
    int out;
    assert_int_equal(g_mkdir(dir, 0700), 0);
    assert_true(g_spawn_async_with_pipes(NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                                         &first->sandbox, &first->sandbox_in, &out, NULL, NULL));
    assert_int_equal(fcntl(first->sandbox_in, F_SETFD, FD_CLOEXEC), 0);
    FILE *stream = fdopen(out, "r");
    assert_non_null(fgets(line, sizeof line, stream));
    fclose(stream);
    first->hello = json_parse(line, strlen(line), "the sandbox", NULL);
    assert_non_null(first->hello);
}

static int
drop_home(void **state)
{
    First *first = *state;
    if (first->sandbox) {
        close(first->sandbox_in);
        kill(first->sandbox, SIGTERM);
        waitpid(first->sandbox, NULL, 0);
    }
    cJSON_Delete(first->hello);
    fixture_remove(first->home);
    g_free(first->home);
    g_free(first->program);
    g_free(first->conf);
    g_free(first);
    return 0;
}

/* command NULL: the console; with a sandbox the set-up asks that one for Slack. */
static Tty *
start(const First *first, int width, int height, const char *command, const char *term)
{
    g_autofree char *home = g_strdup_printf("HOME=%s", first->home);
    g_autofree char *config = g_strdup_printf("XDG_CONFIG_HOME=%s/.config", first->home);
    g_autofree char *here = g_strdup_printf("XDG_STATE_HOME=%s/.state", first->home);
    const char *url = command && first->hello ? json_string(first->hello, "slack") : NULL;
    const char *argv[] = {first->program, command, url ? "--slack-url" : NULL, url, NULL};
    const char *env[] = {home, config, here, term, NULL};
    return tty_start(width, height, argv, env);
}

static void
answer(Tty *tty, const char *text)
{
    tty_send(tty, text);
    tty_send(tty, "\r");
}

static void
answer_hello(Tty *tty, const First *first, const char *name)
{
    answer(tty, json_string(first->hello, name));
}

/* From nothing to a file that works, with each kind of mistake on the way. */
static void
test_whole_way(void **state)
{
    First *first = *state;
    start_sandbox(first);
    Tty *tty = start(first, 80, 24, "setup", NULL);
    tty_wait(tty, "Enter   Set it up here");
    tty_send(tty, "\r");
    tty_wait(tty, "> Bot token");
    answer(tty, "xoxp-of-a-person");
    tty_wait(tty, "it begins with");
    assert_false(tty_shows(tty, "xoxp-of"));
    tty_send(tty, "\x15");
    /* A paste brings the end of its line along. */
    g_autofree char *paste =
        g_strdup_printf("\033[200~%s\n\033[201~", json_string(first->hello, "slack_token"));
    tty_send(tty, paste);
    tty_send(tty, "\r");
    tty_wait(tty, "> Channels");
    answer(tty, "#help-sms-credit-pumping-memos,#nope");
    tty_wait(tty, "FAIL slack #nope");
    tty_wait(tty, "Ctrl-N go on as it is");
    tty_send(tty, "\x7f\x7f\x7f\x7f\x7f\x7f\r");
    tty_wait(tty, "Slack works: creditbot");
    tty_send(tty, "\x15");
    answer_hello(tty, first, "looker");
    answer(tty, "no-such-id");
    answer(tty, "no-such-secret");
    tty_wait(tty, "FAIL looker");
    tty_wait(tty, "fix  set LOOKER_CLIENT_ID");
    /* Back and forth: what was typed is still there. */
    tty_send(tty, "\033");
    tty_wait(tty, "#help-sms-credit-pumping-memos");
    tty_send(tty, "\r\r");
    tty_wait(tty, "> Looker URL");
    tty_send(tty, "\t\x15");
    answer_hello(tty, first, "looker_client_id");
    tty_send(tty, "\x15");
    answer_hello(tty, first, "looker_client_secret");
    tty_wait(tty, "Looker works");
    tty_send(tty, "\x15");
    answer_hello(tty, first, "trino");
    answer_hello(tty, first, "trino_user");
    answer(tty, "wrong-password");
    tty_send(tty, "\r\r");
    tty_wait(tty, "FAIL warehouse");
    tty_send(tty, "\x0e");
    tty_wait(tty, "Enter writes this to");
    tty_wait(tty, "did not work when it was tried");
    assert_false(tty_shows(tty, "wrong-password"));
    assert_false(g_file_test(first->conf, G_FILE_TEST_EXISTS));
    tty_send(tty, "\r");
    int status = tty_end(tty);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    const char *token = json_string(first->hello, "slack_token");
    assert_null(strstr(tty_raw(tty)->str, token));
    assert_null(strstr(tty_raw(tty)->str, "wrong-password"));
    tty_free(tty);
    struct stat about;
    assert_int_equal(g_stat(first->conf, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0600);
    /* It is not asked again: the console opens. */
    g_clear_pointer(&first->hello, cJSON_Delete);
    tty = start(first, 80, 24, NULL, NULL);
    tty_wait(tty, "DRY RUN");
    tty_wait(tty, "Nothing waits: no pass was made yet.");
    fixture_quit(tty);
    /* And the file is never written over. */
    tty = start(first, 80, 24, "setup", NULL);
    tty_wait(tty, "never writes over a file");
    assert_int_equal(WEXITSTATUS(tty_end(tty)), 2);
    tty_free(tty);
}

/* clang-format off */
static const char first_80[] =
    " creditbot  Set-up   1 Slack  2 Looker  3 Warehouse  4 Write\n"
    "\n"
    "  CreditBot has no configuration yet.\n"
    "  What would you like to do?\n"
    "\n"
    "    Enter   Set it up here: Slack, Looker and the warehouse, each tried at\n"
    "            once.\n";
/* clang-format on */

static void
test_leave(void **state)
{
    First *first = *state;
    Tty *tty = start(first, 80, 24, NULL, NULL);
    tty_wait(tty, "Look at the demo first.");
    g_autofree char *screen = tty_screen(tty);
    assert_true(g_str_has_prefix(screen, first_80));
    tty_send(tty, "\r");
    tty_wait(tty, "> Bot token");
    tty_send(tty, "\x03");
    int status = tty_end(tty);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_false(tty_on_alternate(tty));
    assert_true(tty_shows(tty, "Nothing was written."));
    assert_false(g_file_test(first->conf, G_FILE_TEST_EXISTS));
    tty_free(tty);
}

static void
test_small(void **state)
{
    First *first = *state;
    Tty *tty = start(first, 40, 10, NULL, NULL);
    tty_wait(tty, "40x10 is too small; 60x16");
    tty_resize(tty, 60, 16);
    tty_wait(tty, "no configuration yet");
    tty_send(tty, "\r");
    tty_wait(tty, "> Bot token");
    tty_resize(tty, 20, 5);
    tty_wait(tty, "20x5, needs 60x16");
    tty_send(tty, "\x03");
    tty_end(tty);
    tty_free(tty);
}

/* A terminal that cannot place text: no curses, a clear word; then the queue as text. */
static void
test_dumb(void **state)
{
    First *first = *state;
    Tty *tty = start(first, 80, 24, NULL, "TERM=dumb");
    assert_int_equal(WEXITSTATUS(tty_end(tty)), 2);
    assert_true(tty_shows(tty, "creditbot setup"));
    assert_null(strchr(tty_raw(tty)->str, '\033'));
    tty_free(tty);
    g_autofree char *folder = g_path_get_dirname(first->conf);
    assert_int_equal(g_mkdir_with_parents(folder, 0700), 0);
    assert_true(g_file_set_contents(first->conf, "[slack]\nchannels=#help\n", -1, NULL));
    tty = start(first, 80, 24, NULL, "TERM=dumb");
    assert_int_equal(WEXITSTATUS(tty_end(tty)), 0);
    assert_true(tty_shows(tty, "CUSTOMER"));
    assert_true(tty_shows(tty, "--batch"));
    tty_free(tty);
}

/* Into a pipe the same, and exit code 0. */
static void
test_pipe(void **state)
{
    First *first = *state;
    g_autofree char *folder = g_path_get_dirname(first->conf);
    g_autofree char *config = g_strdup_printf("XDG_CONFIG_HOME=%s/.config", first->home);
    g_autofree char *here = g_strdup_printf("XDG_STATE_HOME=%s/.state", first->home);
    char term[] = "TERM=xterm", locale[] = "LC_ALL=C.UTF-8";
    char *argv[] = {first->program, NULL}, *env[] = {config, here, term, locale, NULL};
    g_autofree char *out = NULL;
    int status = -1;
    assert_int_equal(g_mkdir_with_parents(folder, 0700), 0);
    assert_true(g_file_set_contents(first->conf, "[slack]\nchannels=#help\n", -1, NULL));
    assert_true(g_spawn_sync(NULL, argv, env, 0, NULL, NULL, &out, NULL, &status, NULL));
    assert_int_equal(status, 0);
    assert_true(g_str_has_prefix(out, "    ID"));
    assert_non_null(strstr(out, "needs a terminal"));
    assert_null(strchr(out, '\033'));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_whole_way, make_home, drop_home),
        cmocka_unit_test_setup_teardown(test_leave, make_home, drop_home),
        cmocka_unit_test_setup_teardown(test_small, make_home, drop_home),
        cmocka_unit_test_setup_teardown(test_dumb, make_home, drop_home),
        cmocka_unit_test_setup_teardown(test_pipe, make_home, drop_home),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
