/* test_together.c: two consoles and passes at once on one state: each sees what the others do, no
 * update is lost, nothing is posted twice, nobody hears that the state is busy. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "sandbox.h"

/* What a console may take to show what was committed elsewhere, and what we give a busy machine. */
#define SEEN_WITHIN (2 * G_TIME_SPAN_SECOND)

static const char *const batch[] = {"--batch", NULL};
static const int looks[] = {1, 2, 4, 6, 7, 12};

typedef struct {
    Fixture *fixture;
    Sandbox *sandbox;
    Tty *sam, *kim;
} Office;

static Tty *
start_as(const Fixture *fixture, const char *actor)
{
    g_autofree char *who = g_strconcat("CREDITBOT_TEST_ACTOR=", actor, NULL);
    const char *env[] = {"CREDITBOT_TEST_NOW=", who, NULL};
    Tty *tty = fixture_start_with(fixture, 100, 30, NULL, env);
    tty_wait(tty, "CUSTOMER");
    tty_wait(tty, "Attack");
    return tty;
}

/* Six requests that wait for a decision, and two who look at them. */
static gboolean
office_open(Office *office, void **state, const char *hold)
{
    office->fixture = *state;
    g_autofree char *old = g_build_filename(office->fixture->dir, "creditbot.db", NULL);
    fixture_remove(old);
    office->sandbox = sandbox_start(office->fixture, hold);
    if (!office->sandbox)
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(looks); i++)
        g_free(sandbox_ask(office->sandbox, looks[i]));
    assert_int_equal(program_run(office->fixture, batch), 0);
    office->sam = start_as(office->fixture, "sam:4242");
    office->kim = start_as(office->fixture, "kim:4343");
    return TRUE;
}

/* What was not sent yet is sent; then all is sound, and nothing was posted twice. */
static GHashTable *
office_close(Office *office)
{
    Tty *consoles[] = {office->sam, office->kim};
    for (guint i = 0; i < G_N_ELEMENTS(consoles); i++) {
        kill(tty_pid(consoles[i]), SIGTERM);
        int status = tty_end(consoles[i]);
        assert_true(WIFEXITED(status));
        const char *raw = tty_raw(consoles[i])->str;
        assert_null(strstr(raw, "locked"));
        assert_null(strstr(raw, "SQLITE"));
        tty_free(consoles[i]);
    }
    assert_in_range(program_run(office->fixture, batch), 0, 1);
    fixture_verify(office->fixture);
    GHashTable *posts = sandbox_posts(office->sandbox);
    GHashTableIter iter;
    gpointer n;
    g_hash_table_iter_init(&iter, posts);
    while (g_hash_table_iter_next(&iter, NULL, &n))
        assert_int_equal(GPOINTER_TO_UINT(n), 1);
    sandbox_stop(office->sandbox);
    return posts;
}

/* Reads both, so that neither waits for its terminal, until one shows a text. */
static void
wait_both(Office *office, Tty *tty, const char *text)
{
    gint64 deadline = g_get_monotonic_time() + 10 * G_TIME_SPAN_SECOND;
    while (!tty_shows(tty, text) && g_get_monotonic_time() < deadline) {
        tty_pump(office->sam, 5000);
        tty_pump(office->kim, 5000);
    }
    tty_wait(tty, text);
}

/* The dialog of the selected request, ready for its Enter. */
static void
get_ready(Tty *tty, const char *key, const char *shown)
{
    tty_send(tty, key);
    tty_wait(tty, shown);
    tty_send(tty, "checked twice");
    tty_wait(tty, "checked twice");
}

static gboolean
count_state(Request *request, void *data)
{
    guint *counts = data;
    counts[request->state]++;
    return TRUE;
}

static void
count_states(const Fixture *fixture, guint *counts)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) store = fixture_store(fixture);
    RequestFilter all = {.order = ORDER_ID, .brief = TRUE};
    assert_true(store_requests(store, &all, count_state, counts, &error));
}

/* What one decides, and what a pass finds, the other sees by itself. */
static void
test_see_each_other(void **state)
{
    Office office = {0};
    if (!office_open(&office, state, "0s")) {
        skip();
        return;
    }
    get_ready(office.sam, "x", "Reject");
    gint64 from = g_get_monotonic_time();
    tty_send(office.sam, "\r");
    wait_both(&office, office.kim, "5 waiting");
    assert_true(g_get_monotonic_time() - from < SEEN_WITHIN);
    wait_both(&office, office.sam, "5 waiting");
    g_free(sandbox_ask(office.sandbox, 17));
    assert_int_equal(program_run(office.fixture, batch), 0);
    from = g_get_monotonic_time();
    wait_both(&office, office.sam, "6 waiting");
    wait_both(&office, office.kim, "6 waiting");
    assert_true(g_get_monotonic_time() - from < SEEN_WITHIN);
    g_hash_table_unref(office_close(&office));
}

/* Both approve the same request at the same moment: it is posted once. */
static void
test_approve_at_once(void **state)
{
    Office office = {0};
    guint counts[STATE_COUNT] = {0};
    if (!office_open(&office, state, "0s")) {
        skip();
        return;
    }
    get_ready(office.sam, "a", "Recommended credit");
    get_ready(office.kim, "a", "Recommended credit");
    tty_send(office.sam, "\r");
    tty_send(office.kim, "\r");
    wait_both(&office, office.sam, "5 waiting");
    wait_both(&office, office.kim, "5 waiting");
    GHashTable *posts = office_close(&office);
    assert_int_equal(g_hash_table_size(posts), 1);
    count_states(office.fixture, counts);
    assert_int_equal(counts[STATE_POSTED], 1);
    assert_int_equal(counts[STATE_PENDING], G_N_ELEMENTS(looks) - 1);
    g_hash_table_unref(posts);
}

/* One approves what the other rejects: one of them wins, and what is posted agrees with the state.
 */
static void
test_approve_and_reject(void **state)
{
    Office office = {0};
    guint counts[STATE_COUNT] = {0};
    if (!office_open(&office, state, "0s")) {
        skip();
        return;
    }
    get_ready(office.sam, "a", "Recommended credit");
    get_ready(office.kim, "x", "Reject");
    tty_send(office.kim, "\r");
    tty_send(office.sam, "\r");
    wait_both(&office, office.sam, "5 waiting");
    wait_both(&office, office.kim, "5 waiting");
    GHashTable *posts = office_close(&office);
    count_states(office.fixture, counts);
    assert_int_equal(counts[STATE_POSTED] + counts[STATE_REJECTED], 1);
    assert_int_equal(g_hash_table_size(posts), counts[STATE_POSTED]);
    g_hash_table_unref(posts);
}

/* Decides the selected request where it still can be; the others may have been quicker. */
static void
decide(Office *office, Tty *tty, const char *keys)
{
    tty_send(tty, keys);
    wait_both(office, tty, "[ Esc ]");
    if (tty_shows(tty, "[ Enter ]")) {
        tty_send(tty, "checked twice");
        wait_both(office, tty, "checked twice");
        tty_send(tty, "\r");
    } else {
        tty_send(tty, KEY_ESC_SEQ);
    }
    tty_wait_gone(tty, "[ Esc ]");
}

/* Passes run, requests come in, and two people decide all the while. */
static void
test_all_at_once(void **state)
{
    Office office = {0};
    guint counts[STATE_COUNT] = {0};
    if (!office_open(&office, state, "0s")) {
        skip();
        return;
    }
    for (int i = 0; i < 4; i++) {
        g_free(sandbox_ask(office.sandbox, looks[i]));
        GPid passes[] = {program_start(office.fixture, batch),
                         program_start(office.fixture, batch)};
        decide(&office, office.sam, "ga");
        decide(&office, office.kim, "Gx");
        for (guint k = 0; k < G_N_ELEMENTS(passes); k++) {
            int status;
            while (waitpid(passes[k], &status, 0) < 0 && errno == EINTR)
                continue;
            assert_true(WIFEXITED(status));
            /* 4: the other one makes the pass. */
            if (WEXITSTATUS(status) != 4)
                assert_in_range(WEXITSTATUS(status), 0, 1);
        }
    }
    GHashTable *posts = office_close(&office);
    count_states(office.fixture, counts);
    assert_int_equal(counts[STATE_FAILED] + counts[STATE_DEAD] + counts[STATE_UNCONFIRMED], 0);
    assert_int_equal(g_hash_table_size(posts), counts[STATE_POSTED]);
    assert_in_range(counts[STATE_POSTED] + counts[STATE_REJECTED], 4, 10);
    g_hash_table_unref(posts);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CONSOLE_TEST(test_see_each_other),
        CONSOLE_TEST(test_approve_at_once),
        CONSOLE_TEST(test_approve_and_reject),
        CONSOLE_TEST(test_all_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
