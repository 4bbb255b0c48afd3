/* Several processes and threads on one state: no lost update, no busy error, one lease. */
#include "fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES 4
#define ROUNDS    40

typedef struct {
    Fixture *f;
    Store *store;
    gboolean failed;
} Worker;

static gboolean
count_up(Store *store, void *data G_GNUC_UNUSED, GError **error)
{
    g_autoptr(Request) r = store_request_get(store, 1, error);
    if (!r)
        return FALSE;
    r->attempts++;
    return store_request_save(store, r, error) &&
           store_event(store, 1, "batch", "count", NULL, NULL, NULL, error);
}

/* Without a transaction around it: a version that was overtaken is a conflict, then tried again. */
static gboolean
count_up_optimistic(Store *store, GError **error)
{
    for (;;) {
        g_autoptr(Request) r = store_request_get(store, 2, error);
        if (!r)
            return FALSE;
        r->attempts++;
        g_autoptr(GError) local = NULL;
        if (store_request_save(store, r, &local))
            return TRUE;
        if (!g_error_matches(local, CREDITBOT_ERROR, ERR_CONFLICT)) {
            g_propagate_error(error, g_steal_pointer(&local));
            return FALSE;
        }
    }
}

static void *
work(void *data)
{
    Worker *worker = data;
    g_autoptr(GError) error = NULL;
    for (int i = 0; i < ROUNDS && !error; i++) {
        if (store_transact(worker->store, count_up, NULL, &error))
            count_up_optimistic(worker->store, &error);
    }
    if (error)
        g_printerr("# %s\n", error->message);
    worker->failed = error != NULL;
    return NULL;
}

/* Two threads share one Store, as the workers of a pass do. */
static int
process(Fixture *f)
{
    g_autoptr(GError) error = NULL;
    Store *store = fixture_open(f, FALSE, &error);
    if (!store)
        return 1;
    Worker workers[2] = {{f, store, FALSE}, {f, store, FALSE}};
    GThread *thread = g_thread_new("work", work, &workers[0]);
    work(&workers[1]);
    g_thread_join(thread);
    store_close(store);
    return workers[0].failed || workers[1].failed;
}

static void
test_hammer(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    request_put(f->store, 1, STATE_NEW);
    request_put(f->store, 2, STATE_NEW);
    g_clear_pointer(&f->store, store_close);
    pid_t pids[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i] == 0)
            _exit(process(f));
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = 0;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    f->store = fixture_open(f, FALSE, &error);
    no_error(error);
    for (int id = 1; id <= 2; id++) {
        g_autoptr(Request) r = store_request_get(f->store, id, &error);
        assert_int_equal(r->attempts, PROCESSES * 2 * ROUNDS);
        assert_int_equal(r->version, PROCESSES * 2 * ROUNDS + 1);
    }
    g_autoptr(GPtrArray) problems = NULL;
    assert_true(store_verify(f->store, &problems, &error));
    assert_int_equal(problems->len, 0);
}

/* Several processes that open a state which is not there yet all get the same one. */
static void
test_create_together(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    g_clear_pointer(&f->store, store_close);
    g_unlink(f->path);
    pid_t pids[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            Store *store = fixture_open(f, FALSE, &error);
            if (!store)
                _exit(1);
            gboolean added = FALSE;
            g_autoptr(Request) r = request_make(i, STATE_NEW);
            _exit(store_request_add(store, r, &added, &error) && added ? 0 : 2);
        }
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = 0;
        waitpid(pids[i], &status, 0);
        assert_int_equal(status, 0);
    }
    f->store = fixture_open(f, FALSE, &error);
    no_error(error);
    StateCounts counts;
    assert_true(store_counts(f->store, 0, &counts, &error));
    assert_int_equal(counts.count[STATE_NEW], PROCESSES);
}

/* -- lease -- */

/* A process that takes the lease, says so, and waits to be killed. */
static pid_t
start_holder(Fixture *f)
{
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    pid_t pid = fork();
    if (pid == 0) {
        Store *store = fixture_open(f, FALSE, NULL);
        char ok = store && store_lease_take(store, "pass", NULL) ? 'y' : 'n';
        if (write(pipes[1], &ok, 1) != 1)
            _exit(1);
        pause();
        _exit(0);
    }
    char ok = 0;
    assert_int_equal(read(pipes[0], &ok, 1), 1);
    assert_int_equal(ok, 'y');
    close(pipes[0]);
    close(pipes[1]);
    return pid;
}

static void
test_lease(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    LeaseInfo info = {0};
    assert_false(store_lease_info(f->store, "pass", &info));
    pid_t pid = start_holder(f);
    assert_false(store_lease_take(f->store, "pass", &error));
    g_autofree char *named = g_strdup_printf("process %d", (int)pid);
    is_error(&error, ERR_LEASE, named);
    assert_true(store_lease_info(f->store, "pass", &info));
    assert_int_equal(info.pid, pid);
    assert_int_equal(info.since, NOW);
    lease_info_clear(&info);
    assert_false(store_lease_beat(f->store, "pass", &error));
    is_error(&error, ERR_LEASE, NULL);

    kill(pid, SIGKILL);
    siginfo_t gone;
    assert_int_equal(waitid(P_PID, (id_t)pid, &gone, WEXITED | WNOWAIT), 0);
    /* Still a zombie: gone all the same. */
    assert_true(store_lease_take(f->store, "pass", &error));
    waitpid(pid, NULL, 0);
    assert_false(store_lease_take(f->store, "pass", &error)); /* one pass at a time here too */
    is_error(&error, ERR_LEASE, NULL);
    f->now += 5;
    assert_true(store_lease_beat(f->store, "pass", &error));
    assert_true(store_lease_info(f->store, "pass", &info));
    assert_int_equal(info.heartbeat, NOW + 5);
    lease_info_clear(&info);
    store_lease_drop(f->store, "pass");
    assert_false(store_lease_info(f->store, "pass", &info));
}

static void
test_lease_elsewhere(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    assert_true(store_lease_take(f->store, "pass", &error));
    sqlite3 *db = NULL;
    sqlite3_open(f->path, &db);
    assert_int_equal(
        sqlite3_exec(db, "UPDATE leases SET host='other.example.com'", NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    f->now = NOW + 60 * G_USEC_PER_SEC;
    assert_false(store_lease_take(f->store, "pass", &error));
    is_error(&error, ERR_LEASE, "other.example.com");
    f->now++;
    assert_true(store_lease_take(f->store, "pass", &error));
    store_lease_drop(f->store, "pass");
}

static void
test_holder(void **state G_GNUC_UNUSED)
{
    const Holder *self = holder_self();
    assert_int_equal(self->pid, getpid());
    assert_true(self->start > 0);
    assert_true(holder_alive(self->host, self->pid, self->start));
    assert_false(holder_alive(self->host, self->pid, self->start + 1));
    assert_true(holder_alive("other.example.com", self->pid, 1));
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    siginfo_t gone;
    waitid(P_PID, (id_t)pid, &gone, WEXITED | WNOWAIT);
    assert_false(holder_alive(self->host, pid, 0));
    waitpid(pid, NULL, 0);
    assert_false(holder_alive(self->host, pid, 0));
}

static void
test_progress(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) other = fixture_open(f, FALSE, &error);
    char stage[] = "query";
    Progress p = {.request_id = 3, .at = NOW, .rows = 5, .percent = 12.5, .stage = stage, .pid = 7};
    assert_false(store_cancel_ask(other, 3, &error));
    is_error(&error, ERR_NOT_FOUND, "nothing runs");
    assert_true(store_progress_set(f->store, &p, &error));
    assert_false(store_cancel_asked(f->store, 3));
    assert_true(store_cancel_ask(other, 3, &error));
    p.percent = 50;
    assert_true(store_progress_set(f->store, &p, &error)); /* does not take the request back */
    assert_true(store_cancel_asked(f->store, 3));
    g_autoptr(GPtrArray) rows = store_progress(other, &error);
    assert_int_equal(rows->len, 1);
    const Progress *seen = rows->pdata[0];
    assert_true(seen->percent == 50.0);
    assert_true(seen->cancel_asked);
    assert_string_equal(seen->stage, "query");
    assert_true(store_progress_clear(f->store, 3, &error));
    assert_false(store_cancel_asked(f->store, 3));
}

static gboolean
join_lines(const LogRow *row, void *data)
{
    g_string_append_printf(data, "%s ", row->message);
    return TRUE;
}

static char *
lines(Store *store, LogFilter filter)
{
    g_autoptr(GError) error = NULL;
    GString *text = g_string_new(NULL);
    store_logs(store, &filter, join_lines, text, &error);
    no_error(error);
    return g_string_free(text, FALSE);
}

static void
check_lines(Store *store, LogFilter filter, const char *expected)
{
    g_autofree char *text = lines(store, filter);
    assert_string_equal(text, expected);
}

static void
test_logs(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    char a[] = "a", b[] = "b", c[] = "C", area[] = "slack";
    LogRow rows[] = {
        {.at = NOW, .pass_id = 1, .level = 1, .message = a},
        {.at = NOW + 1, .pass_id = 1, .request_id = 7, .level = 2, .message = b},
        {.at = NOW + 2, .pass_id = 2, .run_id = 9, .level = 3, .area = area, .message = c}};
    assert_true(store_logs_add(f->store, rows, 3, &error));
    check_lines(f->store, (LogFilter){0}, "a b C ");
    check_lines(f->store, (LogFilter){.limit = 2}, "b C ");
    check_lines(f->store, (LogFilter){.limit = 1, .before_id = 3}, "b ");
    check_lines(f->store, (LogFilter){.after_id = 1}, "b C ");
    check_lines(f->store, (LogFilter){.pass_id = 1}, "a b ");
    check_lines(f->store, (LogFilter){.request_id = 7}, "b ");
    check_lines(f->store, (LogFilter){.run_id = 9, .limit = 5}, "C ");
    check_lines(f->store, (LogFilter){.min_level = 2}, "b C ");
    check_lines(f->store, (LogFilter){.grep = "c"}, "C ");
    check_lines(f->store, (LogFilter){.grep = "SLACK"}, "C ");
    check_lines(f->store, (LogFilter){.since = NOW + 1}, "b C ");
    g_autoptr(GPtrArray) passes = store_passes(f->store, 0, 10, &error);
    assert_int_equal(passes->len, 0);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(test_hammer), T(test_create_together), T(test_lease), T(test_lease_elsewhere),
        T(test_holder), T(test_progress),        T(test_logs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
