/* test_deciding.c: what stands around an approval: a rerun in its dialog, a signature from
 * elsewhere, requests that are counted together, breaking the glass and its review. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include "fixture.h"
#include "sandbox.h"
#include "seed.h"

static void
send_and_wait(Tty *tty, const char *keys, const char *text)
{
    tty_send(tty, keys);
    tty_wait(tty, text);
}

static void
configure(Fixture *desk, const char *extra)
{
    g_free(desk->config);
    desk->config = seed_config(desk->dir, FALSE, extra, NULL);
    assert_non_null(desk->config);
}

static RequestState
state_of(const Fixture *desk, gint64 id)
{
    g_autoptr(Store) store = fixture_store(desk);
    g_autoptr(Request) request = store_request_get(store, id, NULL);
    assert_non_null(request);
    return request->state;
}

static void
test_split(void **state)
{
    Fixture *desk = *state;
    assert_true(seed_split(desk->dir, NULL));
    Tty *tty = fixture_queue(desk, 80, 24);
    send_and_wait(tty, "j", "2  northwind, look");
    send_and_wait(tty, "a", "counted together with 3 (same customer or link), 14,214.17");
    /* The key jumps to it. */
    send_and_wait(tty, "\007", "[Why]");
    tty_wait(tty, " 3  northwind");
    assert_int_equal(state_of(desk, 2), STATE_PENDING);
    fixture_quit(tty);
}

/* Another look at the query from within the dialog, its difference, and only then the approval. */
static void
test_rerun(void **state)
{
    static const char *const batch[] = {"--batch", NULL};
    Fixture *desk = *state;
    g_autofree char *old = g_build_filename(desk->dir, "creditbot.db", NULL);
    fixture_remove(old);
    Sandbox *sandbox = sandbox_start(desk, "1h");
    if (!sandbox)
        skip();
    g_free(sandbox_ask(sandbox, 8847));
    assert_int_equal(program_run(desk, batch), 0);
    Tty *tty = fixture_start(desk, 100, 40, NULL, "CREDITBOT_TEST_NOW=");
    tty_wait(tty, "stark-pay, look");
    send_and_wait(tty, "a", "Ctrl-R rerun");
    send_and_wait(tty, "\022", "Run 1 -> run 2: ");
    tty_wait(tty, "nothing changed.");
    send_and_wait(tty, "\r", "say why first");
    assert_int_equal(state_of(desk, 1), STATE_PENDING);
    send_and_wait(tty, "the same again\r", "1 approved, posts in");
    assert_int_equal(state_of(desk, 1), STATE_APPROVED);
    send_and_wait(tty, "u", "nothing was posted");
    fixture_quit(tty);
    sandbox_stop(sandbox);
}

/* -- a signature -- */

static void
shell(const Fixture *desk, const char *line)
{
    g_autofree char *quoted = g_shell_quote(line);
    g_autofree char *command = g_strdup_printf("sh -ec %s", quoted);
    g_auto(GStrv) argv = NULL;
    int status = -1;
    assert_true(g_shell_parse_argv(command, NULL, &argv, NULL));
    assert_true(g_spawn_sync(desk->dir, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
                             &status, NULL));
    assert_int_equal(status, 0);
}

static void
test_signature(void **state)
{
    Fixture *desk = *state;
    g_autofree char *keygen = g_find_program_in_path("ssh-keygen");
    g_autofree char *extra = g_strdup_printf("[approval]\nallowed_signers=%s/allowed\n", desk->dir);
    if (!keygen)
        skip();
    shell(desk, "ssh-keygen -q -t ed25519 -N '' -C c -f ines; ssh-keygen -q -t ed25519 -N '' -f x;"
                "echo \"ines@example.com $(cat ines.pub)\" > allowed; chmod 600 allowed");
    configure(desk, extra);
    Tty *tty = fixture_queue(desk, 80, 24);
    send_and_wait(tty, "j", "2  northwind, look");
    send_and_wait(tty, ":to-sign text\r", "written; there: ssh-keygen -Y sign");
    send_and_wait(tty, ":to-sign text\r", "could not write text: File exists");
    shell(desk, "ssh-keygen -q -Y sign -n creditbot -f x text; mv text.sig wrong.sig;"
                "ssh-keygen -q -Y sign -n creditbot -f ines text; mv text.sig right.sig");
    send_and_wait(tty, "a", "Ctrl-O signature");
    send_and_wait(tty, "\017", "Signature file:");
    send_and_wait(tty, "wrong.sig\r", "the signature does not count");
    send_and_wait(tty, "\017", "Signature file:");
    send_and_wait(tty, "ri", "right.sig");
    send_and_wait(tty, "\t", "Signature file: right.sig");
    send_and_wait(tty, "\r", "By the signature of ines@example.com");
    send_and_wait(tty, "she saw it\r", "2 approved, posts in 10s");
    tty_wait_gone(tty, "Approve 2");
    tty_send(tty, ":to-sign other\r");
    tty_wait(tty, "to-sign: request 2 is approved");
    g_autoptr(Store) store = fixture_store(desk);
    g_autoptr(GPtrArray) approvals = store_approvals(store, 2, NULL);
    assert_int_equal(approvals->len, 1);
    const Approval *approval = g_ptr_array_index(approvals, 0);
    assert_string_equal(approval->method, "signature");
    assert_string_equal(approval->principal, "ines@example.com");
    /* Who approved how stands with the evidence. */
    send_and_wait(tty, ":evidence\r", "by signature of ines@example.com: she saw it");
    send_and_wait(tty, "u", "nothing was posted");
    fixture_quit(tty);
}

/* -- the glass -- */

#define GLASS "[approval]\ntiers=500:2:seniors\nbreak_glass=sam\n[group.seniors]\nmembers=ines\n"

static void
test_break_glass(void **state)
{
    Fixture *desk = *state;
    configure(desk, GLASS);
    Tty *tty = fixture_queue(desk, 100, 40);
    send_and_wait(tty, "j", "2  northwind, look");
    /* What was typed and not used stands there again, for this request only. */
    send_and_wait(tty, "a", "Ctrl-B break glass");
    send_and_wait(tty, "half a wo", "half a wo");
    tty_send(tty, KEY_ESC_SEQ);
    tty_wait_gone(tty, "Approve 2");
    send_and_wait(tty, "k", "1  acme");
    send_and_wait(tty, "a", "Approve 1");
    tty_wait_gone(tty, "half a wo");
    tty_send(tty, KEY_ESC_SEQ);
    tty_wait_gone(tty, "Approve 1");
    send_and_wait(tty, "j", "2  northwind, look");
    send_and_wait(tty, "a", "Reason half a wo");
    /* A paste that does not fit is not dropped without a word. */
    g_autofree char *much = g_strnfill(3000, 'x');
    g_autofree char *paste = g_strdup_printf("\033[200~%s\033[201~", much);
    send_and_wait(tty, paste, "nothing of the paste was taken: it does not fit");
    send_and_wait(tty, "\025", "Ctrl-B break glass");
    send_and_wait(tty, "\002", "!! BREAK THE GLASS !!");
    send_and_wait(tty, "too short\r", "at least 15 characters");
    send_and_wait(tty, ", I know\r", "Approved alone by sam (break-glass): too short, I know");
    /* Other words are shown anew; the number is not part of them. */
    send_and_wait(tty, "!", "show the words");
    send_and_wait(tty, "\r", "BREAK THE GLASS, post in 10s");
    send_and_wait(tty, "\r", "type the number of the request, 2,");
    assert_int_equal(state_of(desk, 2), STATE_PENDING);
    send_and_wait(tty, "22\r", "type the number of the request, 2,");
    send_and_wait(tty, "\177\r", "2 approved, posts in 10s");
    tty_wait(tty, "!! break-glass");
    tty_wait(tty, "!! 1 to review");
    /* Whoever broke it does not close its review. */
    send_and_wait(tty, ":review\r", "sam broke the glass for 2");
    send_and_wait(tty, "v", "you broke the glass for 2: another person reviews it");
    tty_wait(tty, "ask another person to");
    assert_int_equal(state_of(desk, 2), STATE_APPROVED);
    /* The line of the hold says so in every view. */
    tty_wait(tty, "u takes it back");
    send_and_wait(tty, "u", "2 taken back; nothing was posted");
    assert_int_equal(state_of(desk, 2), STATE_PENDING);
    fixture_quit(tty);
}

/* What another one does is told, and reviewed here. */
static void
test_review(void **state)
{
    Fixture *desk = *state;
    Tty *tty = fixture_queue(desk, 80, 24);
    send_and_wait(tty, ":break-glass\r", "those alone whom [approval] break_glass names");
    tty_send(tty, KEY_ESC_SEQ);
    tty_wait_gone(tty, "Command");
    assert_true(seed_glass(desk->dir, NULL));
    tty_wait(tty, "mara BROKE THE GLASS for 1");
    send_and_wait(tty, ":review\r", "Nobody looked at it yet");
    send_and_wait(tty, "v", "I looked at it");
    send_and_wait(tty, "\r", "say why first");
    send_and_wait(tty, "asked mara\r", "Reviewed by sam");
    send_and_wait(tty, "v", "it is reviewed already");
    send_and_wait(tty, "\r", "!! BREAK-GLASS");
    fixture_quit(tty);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CONSOLE_TEST(test_split),       CONSOLE_TEST(test_rerun),  CONSOLE_TEST(test_signature),
        CONSOLE_TEST(test_break_glass), CONSOLE_TEST(test_review),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
