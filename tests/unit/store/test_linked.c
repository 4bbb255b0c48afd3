/* What is linked to a request: its corrections, and who looks at it. */
#include "fixture.h"

#include <sys/wait.h>
#include <unistd.h>

#include "store/sql.h"

static Request *
correction_of(Store *store, gint64 id)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Request) original = store_request_get(store, id, &error);
    no_error(error);
    Request *r = request_new();
    r->channel = g_strdup(original->channel);
    r->ts = g_strdup(original->ts);
    r->thread_ts = g_strdup(original->thread_ts);
    r->received_at = NOW;
    r->state = STATE_PENDING;
    r->state_at = NOW;
    r->corrects = id;
    return r;
}

static gint64
correct(Store *store, gint64 id, GError **error)
{
    g_autoptr(Request) r = correction_of(store, id);
    gboolean added = FALSE;
    return store_request_add(store, r, &added, error) && added ? r->id : 0;
}

/* Takes a pending request to posted. */
static void
post(Store *store, gint64 id, gint64 amount)
{
    g_autoptr(GError) error = NULL;
    gint64 run = run_put(store, id, amount);
    assert_true(approve(store, id, run, 1001, &error));
    request_move(store, id, STATE_APPROVED);
    g_autofree char *nonce = g_strdup_printf("correction-%d", (int)id);
    g_autoptr(Post) p = post_make(id, run, "result", nonce);
    assert_true(store_post_add(store, p, &error));
    request_move(store, id, STATE_POSTING);
    g_free(p->status);
    p->status = g_strdup("posted");
    assert_true(store_post_save(store, p, &error));
    request_move(store, id, STATE_POSTED);
}

static gint64
posted_sum(Store *store)
{
    g_autoptr(GError) error = NULL;
    StateCounts counts;
    assert_true(store_counts(store, 0, &counts, &error));
    return counts.amount[STATE_POSTED];
}

static gint64
by_day(Store *store, const char *what)
{
    gint64 n = -1;
    g_autoptr(GError) error = NULL;
    g_autofree char *sql = g_strdup_printf(
        "SELECT sum(%s) FROM activity WHERE side = 'out' AND state = 'posted'", what);
    assert_true(sql_query_int(store, &n, &error, sql, ""));
    return n;
}

static void
assert_sound(Store *store)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) problems = NULL;
    assert_true(store_verify(store, &problems, &error));
    if (problems->len)
        fail_msg("%s", (const char *)problems->pdata[0]);
}

static void
test_correction(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    gint64 original = posted_put(f->store, 1, 5000000);
    assert_int_equal(posted_sum(f->store), 5000000);
    gint64 first = correct(f->store, original, &error);
    no_error(error);
    /* While it is open the first post counts, and there is no second correction. */
    assert_int_equal(posted_sum(f->store), 5000000);
    assert_int_equal(correct(f->store, original, &error), 0);
    is_error(&error, ERR_ILLEGAL, "open already");
    g_autoptr(Request) o = store_request_get(f->store, original, &error);
    assert_int_equal(o->corrected_by, 0);
    g_autoptr(Request) same = store_request_by_ts(f->store, o->channel, o->ts, &error);
    assert_int_equal(same->id, original);

    post(f->store, first, 3000000);
    assert_int_equal(posted_sum(f->store), 3000000);
    assert_int_equal(by_day(f->store, "units"), 3);
    assert_int_equal(by_day(f->store, "count"), 1);
    g_autoptr(Request) after = store_request_get(f->store, original, &error);
    assert_int_equal(after->corrected_by, first);
    g_autoptr(Request) c = store_request_get(f->store, first, &error);
    assert_int_equal(c->corrects, original);
    assert_string_equal(c->decided_by, "user1001");
    /* The newest one is the one to correct. */
    assert_int_equal(correct(f->store, original, &error), 0);
    is_error(&error, ERR_ILLEGAL, "newest");
    gint64 second = correct(f->store, first, &error);
    no_error(error);
    post(f->store, second, 4000000);
    assert_int_equal(posted_sum(f->store), 4000000);
    assert_sound(f->store);
    FilterTotals totals;
    assert_true(store_totals(f->store, &(RequestFilter){.states = STATES_CLOSED}, &totals, &error));
    assert_int_equal(totals.count, 3);
    assert_int_equal(totals.decided, 3);
    assert_int_equal(totals.n_sums, 1);
    assert_string_equal(totals.sums[0].currency, "USD");
    assert_int_equal(totals.sums[0].amount, 4000000);
    assert_int_equal(totals.median, 10);
    DayActivity days[3];
    assert_true(store_activity(f->store, NOW / DAY - 1, 3, days, &error));
    assert_int_equal(days[0].received + days[1].received, 1);
    assert_int_equal(days[1].posted, 1);
    assert_int_equal(days[1].amount, 4000000);
    assert_int_equal(days[2].posted, 0);
}

static void
test_withdrawn(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    gint64 original = posted_put(f->store, 1, 5000000);
    gint64 pending = request_put(f->store, 2, STATE_PENDING);
    assert_int_equal(correct(f->store, pending, &error), 0);
    is_error(&error, ERR_ILLEGAL, "only what was posted");
    g_autoptr(Request) elsewhere = correction_of(f->store, original);
    g_free(elsewhere->ts);
    elsewhere->ts = g_strdup("1789000099.000000");
    assert_false(store_request_add(f->store, elsewhere, NULL, &error));
    is_error(&error, ERR_ILLEGAL, "its own thread");
    /* A rejected one makes room for another, and does not come back beside it. */
    gint64 first = correct(f->store, original, &error);
    request_move(f->store, first, STATE_REJECTED);
    gint64 second = correct(f->store, original, &error);
    no_error(error);
    assert_true(second > first);
    g_autoptr(Request) back = store_request_get(f->store, first, &error);
    back->state = STATE_PENDING;
    assert_false(store_request_save(f->store, back, &error));
    is_error(&error, ERR_CONFLICT, NULL);
    assert_false(sql_script(f->store, "UPDATE requests SET corrects = 1 WHERE id = 2", &error));
    is_error(&error, ERR_ILLEGAL, "what it corrects");
    assert_int_equal(posted_sum(f->store), 5000000);
}

static void
test_claims(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    gint64 one = request_put(f->store, 1, STATE_PENDING);
    gint64 two = request_put(f->store, 2, STATE_PENDING);
    assert_false(store_claim_set(f->store, 99, 1000, "mara", "looking", &error));
    is_error(&error, ERR_NOT_FOUND, "99");
    assert_true(store_claim_set(f->store, one, 1000, "mara", "looking", &error));
    assert_true(store_claim_set(f->store, two, 1000, "mara", "looking", &error));
    f->now += 5;
    assert_true(store_claim_set(f->store, one, 1000, "mara", "approving", &error));
    g_autoptr(GPtrArray) claims = store_claims(f->store, one, &error);
    assert_int_equal(claims->len, 1);
    const Claim *claim = claims->pdata[0];
    assert_true(claim_is_own(claim));
    assert_string_equal(claim->what, "approving");
    assert_int_equal(claim->heartbeat - claim->since, 5);
    g_autoptr(GPtrArray) all = store_claims(f->store, 0, &error);
    assert_int_equal(all->len, 2);
    assert_true(store_claim_clear(f->store, one, &error));
    assert_true(store_claim_clear(f->store, one, &error)); /* is not there any more */
    g_autoptr(GPtrArray) left = store_claims(f->store, 0, &error);
    assert_int_equal(left->len, 1);
    assert_true(store_claim_clear(f->store, 0, &error));
    assert_false(store_claim_release(f->store, two, &error));
    is_error(&error, ERR_NOT_FOUND, "nobody");
}

/* A claim of a process that died is gone, one from another host after a minute of silence. */
static void
test_claims_die(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    gint64 id = request_put(f->store, 1, STATE_PENDING);
    const Holder *self = holder_self();
    const char *const insert = "INSERT INTO claims VALUES (?1, ?2, ?3, ?4, 5, 1001, 'ivo', "
                               "'looking', ?5, ?5)";
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_true(sql_run(f->store, &error, insert, "issii", id, self->host, self->boot, (gint64)pid,
                        f->now));
    assert_true(
        sql_run(f->store, &error, insert, "issii", id, "elsewhere", "boot", (gint64)7, f->now));
    g_autoptr(GPtrArray) claims = store_claims(f->store, id, &error);
    assert_int_equal(claims->len, 1);
    assert_string_equal(((Claim *)claims->pdata[0])->host, "elsewhere");
    assert_false(claim_is_own(claims->pdata[0]));
    f->now += 61 * G_USEC_PER_SEC;
    g_autoptr(GPtrArray) later = store_claims(f->store, id, &error);
    assert_int_equal(later->len, 0);
    /* Who writes next clears them away. */
    assert_true(store_claim_set(f->store, id, 1000, "mara", "looking", &error));
    gint64 n = 0;
    assert_true(sql_query_int(f->store, &n, &error, "SELECT count(*) FROM claims", ""));
    assert_int_equal(n, 1);
    assert_true(store_claim_release(f->store, id, &error));
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(test_correction),
        T(test_withdrawn),
        T(test_claims),
        T(test_claims_die),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
