/* test_monkey.c: keys at random against a store that changes: the console lives, writes nothing
 * that a terminal must not get, leaves a sound store, and posts nothing without the two keys for
 * it.
 *
 * MONKEY_EVENTS says how many events (36000 are an hour's worth), MONKEY_SEED which; both are
 * printed. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "sandbox.h"
#include "wire.h"
#include "writer.h"

#define EVENTS     2500
#define SEED       20260917
#define MEMORY_MAX 96 /* MiB of a console after all that, without sanitizers */

/* What people and terminals send besides single letters. The first block needs no Enter. */
static const char *const phrases[] = {
    "\033",
    "\033",
    "\t",
    "\033[Z",
    "\033OA",
    "\033OB",
    "\033OC",
    "\033OD",
    "\033OH",
    "\033OF",
    "\033[5~",
    "\033[6~",
    "\033[2~",
    "\033[3~",
    "\177",
    "\033OP",
    "\033[15~",
    "\033[24~",
    "\033[<0;9;7M\033[<0;9;7m",
    "\033[<65;9;7M",
    "\033[<64;9;7M",
    "\033[<0;200;200M",
    "\033[200~pasted\033[201~",
    "\033[200~two\rlines\nq\033[201~",
    "\033[200~\033[31mred\033[201~",
    "\033[200~",
    "\033[I",
    "\033[O",
    "\033[99999999999999999~",
    "\033[<",
    "\033]11;rgb:0/0/0\033\\",
    "\xff\xfe",
    "\xc3",
    "\xe6\x97\xa5",
    "\xf0\x9f\x98\x80",
    "e\xcc\x81\xcc\x81\xcc\x81",
    "\x01",
    "\x02",
    "\x06",
    "\x0c",
    "\x1a",
    "\x15",
    "\x17",
    "a",
    "acarrier",
    "x",
    "xno reason",
    "/state:",
    "/amount:>500",
    "/!north",
    "/\"two words",
    "//re(/",
    ":",
    ":sort amount",
    ":theme light",
    "1",
    "2",
    "3",
    "4",
    "?",
    "r",
    "d",
    "u",
    "p",
    "P",
    "R",
    "j",
    "k",
    "j",
    "k",
    "\tj",
};
static const char *const entered[] = {
    "\r",          "\r",         "\r",       "\r\r",
    "acarrier\r",  "aok\r\r",    "xno\r",    ":theme nord\r",
    ":sort age\r", ":history\r", ":queue\r", "/north\r",
    "/\r",         "Plater\r",   "l8841\r",  "r\r",
    "d\r",         "\n",
};

typedef struct {
    Fixture *fixture;
    Sandbox *sandbox;
    GRand *rand;
    gboolean enter; /* may press it */
    Tty *tty;
    Writer *writer; /* NULL: nobody else changes the store */
    guint starts;
} Monkey;

static guint
number_from(const char *name, guint fallback)
{
    const char *text = g_getenv(name);
    return text && *text ? (guint)g_ascii_strtoull(text, NULL, 10) : fallback;
}

/* -- the monkey -- */

/* Nothing to be started from the console is there, so no key reaches a shell. */
static void
start_console(Monkey *monkey)
{
    const char *env[] = {"CREDITBOT_TEST_NOW=",      "PATH=/nonexistent",     "LESSSECURE=1",
                         "PAGER=/nonexistent/pager", "SHELL=/nonexistent/sh", NULL};
    monkey->tty = fixture_start_with(monkey->fixture, 80, 24, NULL, env);
    tty_wait(monkey->tty, "creditbot");
    monkey->starts++;
}

static void
check_wire(Monkey *monkey)
{
    const GString *raw = tty_raw(monkey->tty);
    g_autofree char *fault = wire_fault(raw->str, raw->len);
    if (fault)
        fail_msg("%s", fault);
}

/* It may leave where it was told to (q, Enter), never crash. */
static void
console_left(Monkey *monkey)
{
    int status = tty_end(monkey->tty);
    check_wire(monkey);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("the console ended with status %d:\n%s", status, tty_raw(monkey->tty)->str);
    tty_free(monkey->tty);
    start_console(monkey);
}

static void
one_key(Monkey *monkey)
{
    gint32 dice = g_rand_int_range(monkey->rand, 0, 10);
    char letter[2] = {(char)g_rand_int_range(monkey->rand, 32, 127), 0};
    const char *keys = letter;
    if (dice < 5)
        keys = phrases[g_rand_int_range(monkey->rand, 0, G_N_ELEMENTS(phrases))];
    else if (dice < 7 && monkey->enter)
        keys = entered[g_rand_int_range(monkey->rand, 0, G_N_ELEMENTS(entered))];
    tty_send(monkey->tty, keys);
}

static void
resize_by_chance(Monkey *monkey)
{
    gboolean usual = g_rand_boolean(monkey->rand);
    tty_resize(monkey->tty, usual ? 80 : g_rand_int_range(monkey->rand, 1, 251),
               usual ? 24 : g_rand_int_range(monkey->rand, 1, 81));
}

static void
let_it_play(Monkey *monkey, guint events)
{
    for (guint i = 0; i < events; i++) {
        one_key(monkey);
        if (i % 5 == 0 && monkey->writer)
            writer_change(monkey->writer);
        if (i % 60 == 59)
            resize_by_chance(monkey);
        if (i % 500 == 499) {
            gsize tail = tty_raw(monkey->tty)->len;
            check_wire(monkey);
            if (tail > 1 << 20 && wire_fault(tty_raw(monkey->tty)->str, tail) == NULL)
                tty_forget(monkey->tty);
        }
        if (!tty_pump(monkey->tty, 1000))
            console_left(monkey);
    }
}

/* MiB resident; 0 when it is not known. */
static guint
memory_of(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/statm", (int)pid), *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    const char *resident = strchr(text, ' ');
    return resident ? (guint)(g_ascii_strtoull(resident, NULL, 10) * (guint64)getpagesize() >> 20)
                    : 0;
}

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED TRUE
#else
#define SANITIZED FALSE
#endif

/* Out of all dialogs, at a size that shows all: it still answers, and ends when told to. */
static void
end_console(Monkey *monkey)
{
    tty_resize(monkey->tty, 80, 24);
    tty_send(monkey->tty, "\033[201~"); /* the end of a paste that was left open */
    for (int i = 0; i < 8; i++) {
        tty_send(monkey->tty, "\033");
        if (!tty_pump(monkey->tty, 60000)) {
            console_left(monkey);
            break;
        }
    }
    tty_send(monkey->tty, "\x0c");
    tty_wait(monkey->tty, "creditbot");
    guint memory = memory_of(tty_pid(monkey->tty));
    print_message("# %u starts, %u MiB\n", monkey->starts, memory);
    if (!SANITIZED)
        assert_in_range(memory, 1, MEMORY_MAX);
    kill(tty_pid(monkey->tty), SIGTERM);
    int status = tty_end(monkey->tty);
    check_wire(monkey);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 128 + SIGTERM);
    tty_free(monkey->tty);
}

static Monkey *
monkey_new(void **state, gboolean enter)
{
    Monkey *monkey = g_new0(Monkey, 1);
    guint seed = number_from("MONKEY_SEED", SEED);
    monkey->fixture = *state;
    monkey->enter = enter;
    monkey->rand = g_rand_new_with_seed(seed);
    print_message("# MONKEY_SEED=%u MONKEY_EVENTS=%u\n", seed,
                  number_from("MONKEY_EVENTS", EVENTS));
    return monkey;
}

static void
monkey_free(Monkey *monkey)
{
    g_rand_free(monkey->rand);
    g_free(monkey);
}

/* On the desk of seed.h, where nothing answers, while another process changes the store. */
static void
test_changing_store(void **state)
{
    Monkey *monkey = monkey_new(state, TRUE);
    Writer writer = writer_start(monkey->fixture);
    monkey->writer = &writer;
    start_console(monkey);
    let_it_play(monkey, number_from("MONKEY_EVENTS", EVENTS));
    end_console(monkey);
    writer_end(&writer);
    fixture_verify(monkey->fixture);
    monkey_free(monkey);
}

static const char *const batch[] = {"--batch", NULL};

static void
ask_for_credits(Monkey *monkey)
{
    static const int looks[] = {1, 2, 4, 6, 7, 12, 17, 20};
    for (guint i = 0; i < G_N_ELEMENTS(looks); i++) {
        g_autofree char *ts = sandbox_ask(monkey->sandbox, looks[i]);
        assert_non_null(ts);
    }
    assert_int_equal(program_run(monkey->fixture, batch), 0);
}

typedef struct {
    GHashTable *posts;
    guint posted, approved;
} Tally;

static gboolean
tally(Request *request, void *data)
{
    Tally *sum = data;
    guint posts = GPOINTER_TO_UINT(g_hash_table_lookup(sum->posts, request->ts));
    assert_in_range(posts, 0, 1); /* never twice */
    if (posts)
        assert_int_equal(request->state, STATE_POSTED);
    sum->posted += posts;
    return TRUE;
}

static void
count_approvals(Store *store, Tally *sum)
{
    g_autoptr(GError) error = NULL;
    for (gint64 id = 1; id < 100; id++) {
        g_autoptr(GPtrArray) approvals = store_approvals(store, id, &error);
        for (guint i = 0; approvals && i < approvals->len; i++) {
            const Approval *approval = g_ptr_array_index(approvals, i);
            assert_string_not_equal(approval->reason, "");
            sum->approved++;
        }
    }
}

/* A state of its own: the seed's requests are unknown in the sandbox. */
static gboolean
on_sandbox(Monkey *monkey)
{
    g_autofree char *old = g_build_filename(monkey->fixture->dir, "creditbot.db", NULL);
    fixture_remove(old);
    monkey->sandbox = sandbox_start(monkey->fixture, "1s");
    if (!monkey->sandbox)
        return FALSE;
    ask_for_credits(monkey);
    return TRUE;
}

/* The two deliberate keys: a, and Enter once the preview is read and a reason is given. */
static void
approve_one(Monkey *monkey)
{
    tty_wait(monkey->tty, "Attack ");
    tty_send(monkey->tty, "a");
    tty_wait(monkey->tty, "Recommended credit");
    tty_send(monkey->tty, "checked");
    tty_wait(monkey->tty, "checked");
    tty_send(monkey->tty, "\r");
    tty_wait(monkey->tty, "approved");
}

static Tally
play_on_sandbox(Monkey *monkey, guint events)
{
    g_autoptr(GError) error = NULL;
    Tally sum = {0};
    start_console(monkey);
    if (monkey->enter)
        approve_one(monkey);
    let_it_play(monkey, events);
    end_console(monkey);
    /* What was under way when it was stopped is read back. */
    assert_in_range(program_run(monkey->fixture, batch), 0, 1);
    fixture_verify(monkey->fixture);
    g_autoptr(Store) store = fixture_store(monkey->fixture);
    RequestFilter all = {.order = ORDER_ID};
    sum.posts = sandbox_posts(monkey->sandbox);
    assert_true(store_requests(store, &all, tally, &sum, &error));
    count_approvals(store, &sum);
    print_message("# %u posted, %u approvals\n", sum.posted, sum.approved);
    g_hash_table_unref(sum.posts);
    sandbox_stop(monkey->sandbox);
    return sum;
}

/* LIVE: each post has its approval, none is made twice. */
static void
test_posts_once(void **state)
{
    Monkey *monkey = monkey_new(state, TRUE);
    if (!on_sandbox(monkey)) {
        monkey_free(monkey);
        skip();
    }
    Tally sum = play_on_sandbox(monkey, number_from("MONKEY_EVENTS", EVENTS));
    assert_in_range(sum.approved, 1, 100);
    assert_true(sum.posted <= sum.approved);
    monkey_free(monkey);
}

/* LIVE, and Enter is never pressed: nothing is approved, nothing is posted, whatever is pasted. */
static void
test_no_enter_no_post(void **state)
{
    Monkey *monkey = monkey_new(state, FALSE);
    if (!on_sandbox(monkey)) {
        monkey_free(monkey);
        skip();
    }
    Tally sum = play_on_sandbox(monkey, number_from("MONKEY_EVENTS", EVENTS) / 2);
    assert_int_equal(sum.posted, 0);
    assert_int_equal(sum.approved, 0);
    monkey_free(monkey);
}

static void
assert_fault(const char *bytes, gboolean expected)
{
    g_autofree char *fault = wire_fault(bytes, strlen(bytes));
    if ((fault != NULL) != expected)
        fail_msg("%s: %s", bytes, fault ? fault : "should be a fault");
}

/* The reader of what comes out finds what it is there for. */
static void
test_wire(void **state)
{
    (void)state;
    static const char *const well[] = {"plain \xe6\x97\xa5\r\n",
                                       "\033[1;1H\033[38;5;17mx\033[0m",
                                       "\033]52;c;eA==\a",
                                       "\033]8;;https://a.example\033\\x",
                                       "\033[?1049h\033(B\033[>4;1m",
                                       "\033[1",
                                       "\xe6\x97"};
    static const char *const bad[] = {
        "\001",         "\x7f",          "\302\23331m",  "\xff",           "\033c",
        "\033]999;x\a", "\033]0;a\nb\a", "\xe2\x80\xae", "\033P1$r\033\\", "\033[5i"};
    for (guint i = 0; i < G_N_ELEMENTS(well); i++)
        assert_fault(well[i], FALSE);
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
        assert_fault(bad[i], TRUE);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wire),
        CONSOLE_TEST(test_changing_store),
        CONSOLE_TEST(test_posts_once),
        CONSOLE_TEST(test_no_enter_no_post),
    };
    int code;
    if (writer_main(argc, argv, &code))
        return code;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
