/* Requests, runs, approvals, posts: what is kept, what is refused, how lists are paged. */
#include "fixture.h"

#include "store/filter.h"

static void
test_round_trip(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Request) r = request_make(1, STATE_NEEDS_LINK);
    r->resume = STATE_RESOLVED;
    r->note = g_strdup("two links \xf0\x9f\x98\x80");
    r->sql = g_strdup("SELECT 1");
    r->attempts = 3;
    gboolean added = FALSE;
    assert_true(store_request_add(f->store, r, &added, &error));
    assert_true(added);
    assert_int_equal(r->version, 1);
    g_autoptr(Request) back = store_request_by_ts(f->store, r->channel, r->ts, &error);
    no_error(error);
    assert_int_equal(back->id, r->id);
    assert_int_equal(back->state, STATE_NEEDS_LINK);
    assert_int_equal(back->resume, STATE_RESOLVED);
    assert_string_equal(back->note, r->note);
    assert_string_equal(back->sql, "SELECT 1");
    assert_string_equal(back->text, r->text);
    assert_int_equal(back->attempts, 3);
    assert_int_equal(back->received_at, r->received_at);
    assert_null(back->error);
    assert_false(back->has_amount);
    g_autoptr(Request) copy = request_copy(back);
    assert_string_equal(copy->message, back->message);
    assert_ptr_not_equal(copy->message, back->message);

    g_autoptr(Request) again = request_make(1, STATE_NEW);
    assert_true(store_request_add(f->store, again, &added, &error));
    assert_false(added);
    assert_int_equal(again->id, r->id);
    assert_null(store_request_get(f->store, 99, &error));
    is_error(&error, ERR_NOT_FOUND, "99");
}

static void
test_versions(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    gint64 id = request_put(f->store, 1, STATE_NEW);
    g_autoptr(Request) a = store_request_get(f->store, id, &error);
    g_autoptr(Request) b = store_request_get(f->store, id, &error);
    a->state = STATE_RESOLVED;
    g_free(a->text);
    a->text = g_strdup("edited");
    assert_true(store_request_save(f->store, a, &error));
    assert_int_equal(a->version, 2);
    assert_true(store_request_save(f->store, a, &error));
    b->state = STATE_IGNORED;
    assert_false(store_request_save(f->store, b, &error));
    is_error(&error, ERR_CONFLICT, "somebody else");
    assert_int_equal(b->version, 1);
    g_autoptr(Request) now = store_request_get(f->store, id, &error);
    assert_int_equal(now->state, STATE_RESOLVED);
    assert_string_equal(now->text, "edited");
}

static void
test_current_run(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    gint64 id = request_put(f->store, 1, STATE_PENDING);
    gint64 first = run_put(f->store, id, 5000000);
    g_autoptr(Request) r = store_request_get(f->store, id, &error);
    assert_true(r->has_amount);
    assert_int_equal(r->amount, 5000000);
    assert_int_equal(r->low, 4999999);
    assert_string_equal(r->currency, "USD");
    assert_string_equal(r->unusual, "new country");
    assert_int_equal(r->run_number, 1);
    assert_int_equal(r->approvals, 0);
    assert_true(approve(f->store, id, first, 1000, &error));
    assert_false(approve(f->store, id, first, 1000, &error));
    is_error(&error, ERR_CONFLICT, NULL);
    assert_true(approve(f->store, id, first, 1001, &error));
    /* The save tells what it found. */
    assert_true(store_request_save(f->store, r, &error));
    assert_int_equal(r->approvals, 2);
    run_put(f->store, id, 0);
    g_autoptr(Request) zero = store_request_get(f->store, id, &error);
    assert_true(zero->has_amount);
    assert_int_equal(zero->amount, 0);
    assert_int_equal(zero->run_number, 2);
    assert_int_equal(zero->approvals, 0);
    g_autoptr(GPtrArray) runs = store_runs(f->store, id, 0, 0, &error);
    assert_int_equal(runs->len, 2);
    assert_int_equal(((Run *)runs->pdata[0])->number, 2);
    g_autoptr(Run) one = store_run_by_number(f->store, id, 1, &error);
    assert_int_equal(one->id, first);
    g_autofree char *digest = evidence_digest(r, one);
    assert_string_equal(one->digest, digest);
    assert_null(store_run_by_number(f->store, id, 3, &error));
    is_error(&error, ERR_NOT_FOUND, "run 3 of request 1");
}

static void
test_approvals(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    gint64 id = request_put(f->store, 1, STATE_PENDING);
    gint64 run = run_put(f->store, id, 5000000);
    char digest[] = DIGEST2;
    Approval wrong = {.request_id = id, .run_id = run, .digest = digest, .at = NOW};
    assert_false(store_approval_add(f->store, &wrong, &error));
    is_error(&error, ERR_ILLEGAL, "digest");
    g_autoptr(Run) dry = run_make(id, 7);
    dry->dry = TRUE;
    assert_true(store_run_add(f->store, dry, &error));
    assert_false(approve(f->store, id, dry->id, 1000, &error));
    is_error(&error, ERR_ILLEGAL, NULL);

    assert_true(approve(f->store, id, run, 1000, &error));
    f->now = NOW + DAY;
    g_autoptr(Request) r = store_request_get(f->store, id, &error);
    assert_int_equal(r->approvals, 0); /* expired */
    assert_true(approve(f->store, id, run, 1000, &error));
    assert_true(store_approvals_void(f->store, id, "rerun", &error));
    g_autoptr(GPtrArray) all = store_approvals(f->store, id, &error);
    assert_int_equal(all->len, 2);
    assert_string_equal(((Approval *)all->pdata[0])->voided_why, "expired");
    assert_string_equal(((Approval *)all->pdata[1])->voided_why, "rerun");
}

static void
test_posts(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    gint64 id = request_put(f->store, 1, STATE_PENDING);
    gint64 run = run_put(f->store, id, 5000000);
    g_autoptr(Post) post = post_make(id, run, "result", "n1");
    assert_false(store_post_add(f->store, post, &error));
    is_error(&error, ERR_ILLEGAL, "approved");
    request_move(f->store, id, STATE_APPROVED);
    assert_false(store_post_add(f->store, post, &error)); /* nobody approved it */
    is_error(&error, ERR_ILLEGAL, "approved");
    assert_true(approve(f->store, id, run, 1000, &error));
    g_autoptr(Run) other = run_make(id, 6000000);
    assert_true(store_run_add(f->store, other, &error));
    g_autoptr(Post) elsewhere = post_make(id, other->id, "result", "n0");
    assert_false(store_post_add(f->store, elsewhere, &error)); /* not the run that counts */
    is_error(&error, ERR_ILLEGAL, NULL);
    assert_true(store_post_add(f->store, post, &error));
    g_autoptr(Post) second = post_make(id, run, "result", "n2");
    assert_false(store_post_add(f->store, second, &error));
    is_error(&error, ERR_CONFLICT, NULL);
    assert_int_equal(second->id, 0);

    g_autoptr(GPtrArray) open = store_posts_open(f->store, &error);
    assert_int_equal(open->len, 1);
    g_free(post->status);
    post->status = g_strdup("refused");
    assert_true(store_post_save(f->store, post, &error));
    assert_true(store_post_add(f->store, second, &error));
    g_free(second->status);
    second->status = g_strdup("posted");
    assert_true(store_post_save(f->store, second, &error));
    g_free(post->status);
    post->status = g_strdup("posted"); /* two would be live */
    assert_false(store_post_save(f->store, post, &error));
    is_error(&error, ERR_CONFLICT, NULL);
    g_free(second->status);
    second->status = g_strdup("refused");
    assert_false(store_post_save(f->store, second, &error));
    is_error(&error, ERR_ILLEGAL, "stays posted");
    g_free(second->status);
    second->status = g_strdup("posted");
    g_free(second->text);
    second->text = g_strdup("another amount");
    assert_false(store_post_save(f->store, second, &error));
    is_error(&error, ERR_ILLEGAL, "never changed");
    g_autoptr(GPtrArray) all = store_posts(f->store, id, &error);
    assert_int_equal(all->len, 2);
}

static gboolean
collect(Request *request, void *data)
{
    g_autoptr(Request) copy = request_copy(request);
    g_ptr_array_add(data, g_steal_pointer(&copy));
    return TRUE;
}

static GPtrArray *
list(Store *store, const RequestFilter *filter)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *rows = g_ptr_array_new_with_free_func((GDestroyNotify)request_free);
    store_requests(store, filter, collect, rows, &error);
    no_error(error);
    return rows;
}

/* Pages of three give the same rows in the same order as one list of all. */
static void
check_paging(Store *store, RequestFilter filter)
{
    filter.limit = 0;
    g_autoptr(GPtrArray) all = list(store, &filter);
    assert_true(all->len > 0);
    filter.limit = 3;
    guint seen = 0;
    g_autofree char *text = NULL;
    for (;;) {
        g_autoptr(GPtrArray) page = list(store, &filter);
        if (page->len == 0)
            break;
        for (guint i = 0; i < page->len; i++, seen++) {
            assert_true(seen < all->len);
            assert_int_equal(((Request *)page->pdata[i])->id, ((Request *)all->pdata[seen])->id);
        }
        const Request *last = page->pdata[page->len - 1];
        filter.after_key = request_order_key(last, filter.order);
        filter.after_id = last->id;
        if (request_order_is_text(filter.order)) {
            g_free(text);
            text = g_strdup(request_order_text(last, filter.order));
            filter.after_text = text;
        }
    }
    assert_int_equal(seen, all->len);
    for (guint i = 1; i < all->len; i++) {
        gint64 a = request_order_key(all->pdata[i - 1], filter.order);
        gint64 b = request_order_key(all->pdata[i], filter.order);
        if (request_order_is_text(filter.order)) {
            a = g_ascii_strcasecmp(request_order_text(all->pdata[i - 1], filter.order),
                                   request_order_text(all->pdata[i], filter.order));
            b = 0;
        }
        assert_true(filter.descending ? a >= b : a <= b);
    }
}

static void
fill(Store *store)
{
    for (int i = 0; i < 40; i++) {
        gint64 id =
            request_put(store, i / 2 * 7 % 40 + 100 * (i % 2), (RequestState)(i % STATE_COUNT));
        if (i % 3 == 0)
            run_put(store, id, (i % 5) * G_GINT64_CONSTANT(1000000));
        static const char *const names[] = {"acme", "Zed", NULL, "ACME", "beta"};
        g_autoptr(GError) error = NULL;
        g_autoptr(Request) r = store_request_get(store, id, &error);
        r->customer = g_strdup(names[i % 5]);
        r->title = g_strdup(names[i % 4]);
        r->product = g_strdup(names[i % 3]);
        r->requester_name = g_strdup(names[i % 5]);
        if (STATE_BIT(r->state) & STATES_CLOSED)
            r->posted_at = r->state_at = NOW + i % 4;
        store_request_save(store, r, &error);
        no_error(error);
    }
}

static void
test_paging(void **state)
{
    Fixture *f = *state;
    fill(f->store);
    const guint states[] = {0, STATE_BIT(STATE_PENDING), STATES_OPEN, STATES_CLOSED};
    for (int order = ORDER_RECEIVED; order < ORDER_COUNT; order++)
        for (guint s = 0; s < G_N_ELEMENTS(states); s++)
            for (int way = 0; way < 4 && (order != ORDER_DECIDED || s % 3 == 0); way++)
                check_paging(f->store, (RequestFilter){.order = (RequestOrder)order,
                                                       .states = states[s],
                                                       .descending = way & 1,
                                                       .brief = way > 1});
}

/* A line has of a request what it says, and cannot be saved. */
static void
test_lines(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    fill(f->store);
    g_autoptr(Request) told = store_request_get(f->store, 7, &error);
    g_free(told->customer);
    told->customer = g_strdup("globex");
    told->error = g_strdup("no answer");
    told->note = g_strdup("look at it");
    assert_true(store_request_save(f->store, told, &error));
    g_autoptr(GPtrArray) whole = list(f->store, &(RequestFilter){0});
    g_autoptr(GPtrArray) lines = list(f->store, &(RequestFilter){.line = TRUE});
    assert_int_equal(lines->len, whole->len);
    for (guint i = 0; i < whole->len; i++) {
        Request *a = whole->pdata[i], *b = lines->pdata[i];
        assert_int_equal(a->id, b->id);
        assert_int_equal(a->state, b->state);
        assert_true(a->received_at == b->received_at && a->has_amount == b->has_amount);
        assert_true(a->amount == b->amount);
        const char *const pairs[][2] = {
            {a->requester, b->requester}, {a->requester_name, b->requester_name},
            {a->product, b->product},     {a->customer, b->customer},
            {a->note, b->note},           {a->error, b->error},
            {a->currency, b->currency},   {a->unusual, b->unusual},
        };
        for (gsize k = 0; k < G_N_ELEMENTS(pairs); k++)
            assert_int_equal(g_strcmp0(pairs[k][0], pairs[k][1]), 0);
        assert_null(b->text);
        assert_false(store_request_save(f->store, b, &error));
        is_error(&error, ERR_CONFLICT, "list only");
    }
    g_autoptr(GPtrArray) found = list(f->store, &(RequestFilter){.line = TRUE, .grep = "globex"});
    assert_int_equal(found->len, 1);
}

static guint
count(Store *store, RequestFilter filter)
{
    g_autoptr(GPtrArray) rows = list(store, &filter);
    return rows->len;
}

static void
test_filters(void **state)
{
    Fixture *f = *state;
    Store *s = f->store;
    g_autoptr(GError) error = NULL;
    gint64 one = request_put(s, 1, STATE_PENDING), two = request_put(s, 2, STATE_POSTED);
    run_put(s, one, 5000000);
    g_autoptr(Request) r = store_request_get(s, two, &error);
    r->customer = g_strdup("Müller & 100% _x_");
    r->product = g_strdup("verify");
    assert_true(store_request_save(s, r, &error));
    assert_int_equal(count(s, (RequestFilter){0}), 2);
    assert_int_equal(count(s, (RequestFilter){.grep = "CREDIT account"}), 2);
    assert_int_equal(count(s, (RequestFilter){.grep = "credit account", .brief = TRUE}), 2);
    assert_int_equal(count(s, (RequestFilter){.grep = "mÜLLER"}), 1);
    assert_int_equal(count(s, (RequestFilter){.grep = "100%"}), 1);
    assert_int_equal(count(s, (RequestFilter){.grep = "1%0"}), 0);
    assert_int_equal(count(s, (RequestFilter){.grep = "' OR 1=1 --"}), 0);
    assert_int_equal(count(s, (RequestFilter){.product = "verify"}), 1);
    assert_int_equal(count(s, (RequestFilter){.channel = "help-credit"}), 2);
    assert_int_equal(count(s, (RequestFilter){.requester = "U0OTHER"}), 0);
    assert_int_equal(count(s, (RequestFilter){.amount_min = 5000000}), 1);
    assert_int_equal(count(s, (RequestFilter){.amount_max = 4000000}), 0);
    assert_int_equal(count(s, (RequestFilter){.since = r->received_at}), 1);
    assert_int_equal(count(s, (RequestFilter){.until = r->received_at}), 1);
    assert_int_equal(count(s, (RequestFilter){.states = STATES_OPEN, .grep = "please"}), 1);
    assert_int_equal(count(s, (RequestFilter){.states = STATE_BIT(STATE_NEW)}), 0);
    /* A row of a brief list can't wipe the texts that it lacks. */
    g_autoptr(GPtrArray) rows = list(s, &(RequestFilter){.brief = TRUE});
    assert_null(((Request *)rows->pdata[0])->text);
    assert_false(store_request_save(s, rows->pdata[0], &error));
    is_error(&error, ERR_CONFLICT, "list only");
}

static void
test_counts(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    gint64 one = request_put(f->store, 1, STATE_PENDING),
           two = request_put(f->store, 2, STATE_PENDING);
    request_put(f->store, 3, STATE_IGNORED);
    run_put(f->store, one, 5000000);
    run_put(f->store, two, 2500001);
    StateCounts counts;
    assert_true(store_counts(f->store, NOW - DAY + 2 * G_USEC_PER_SEC, &counts, &error));
    assert_int_equal(counts.count[STATE_PENDING], 2);
    assert_int_equal(counts.amount[STATE_PENDING], 7500001);
    assert_int_equal(counts.count[STATE_IGNORED], 1);
    assert_int_equal(counts.late, 1);
    assert_string_equal(counts.currency, "USD");
    request_move(f->store, one, STATE_REJECTED);
    run_put(f->store, two, 0);
    assert_true(store_counts(f->store, 0, &counts, &error));
    assert_int_equal(counts.count[STATE_PENDING], 1);
    assert_int_equal(counts.amount[STATE_PENDING], 0);
    assert_int_equal(counts.amount[STATE_REJECTED], 5000000);
    /* Two sums beyond 64 bits neither fail nor wrap. */
    run_put(f->store, one, G_MAXINT64 - 1);
    run_put(f->store, two, G_MAXINT64 - 1);
    request_move(f->store, one, STATE_PENDING);
    assert_true(store_counts(f->store, 0, &counts, &error));
    assert_true(counts.amount[STATE_PENDING] == G_MAXINT64);
    run_put(f->store, one, 1);
    run_put(f->store, two, 2);
    assert_true(store_counts(f->store, 0, &counts, &error));
    assert_int_equal(counts.amount[STATE_PENDING], 3);
}

/* The plan of a filter's statement, from EXPLAIN QUERY PLAN. */
static char *
plan_of(Store *store, const RequestFilter *filter)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Statement) statement = filter_prepare(store, filter, &error);
    no_error(error);
    g_autofree char *sql =
        g_strconcat("EXPLAIN QUERY PLAN ", sqlite3_sql(sql_raw(statement)), NULL);
    g_autoptr(Statement) plan = sql_prepare(store, sql, &error);
    no_error(error);
    GString *text = g_string_new(NULL);
    while (sql_step(plan, &error) == STEP_ROW)
        g_string_append_printf(text, "%s\n", sql_text(plan, 3));
    no_error(error);
    return g_string_free(text, FALSE);
}

static void
check_plan(Store *store, const RequestFilter *filter)
{
    g_autofree char *plan = plan_of(store, filter);
    g_auto(GStrv) lines = g_strsplit(plan, "\n", 0);
    for (char **line = lines; *line; line++) {
        gboolean scan = g_str_has_prefix(*line, "SCAN r") && !strstr(*line, "USING INDEX") &&
                        filter->order != ORDER_ID;
        if (scan || strstr(*line, "TEMP B-TREE"))
            fail_msg("order %d, states %x: %s", (int)filter->order, filter->states, plan);
    }
}

/* What is walked along its index: nothing is sorted, whatever else is asked for. */
static void
test_plans(void **state)
{
    Fixture *f = *state;
    const struct {
        RequestOrder order;
        guint states;
    } cases[] = {
        {ORDER_RECEIVED, 0},
        {ORDER_RECEIVED, STATE_BIT(STATE_PENDING)},
        {ORDER_RECEIVED, STATES_OPEN},
        {ORDER_ID, 0},
        {ORDER_ID, STATES_CLOSED},
        {ORDER_DECIDED, 0},
        {ORDER_AMOUNT, 0},
        {ORDER_CUSTOMER, 0},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        for (int way = 0; way < 64; way++)
            check_plan(f->store, &(RequestFilter){.order = cases[i].order,
                                                  .states = cases[i].states,
                                                  .descending = way & 1,
                                                  .brief = (way & 2) != 0,
                                                  .after_id = way & 4 ? 7 : 0,
                                                  .since = way & 8 ? NOW - DAY : 0,
                                                  .line = (way & 16) != 0,
                                                  .decided_since = way & 32 ? NOW : 0,
                                                  .limit = 50});
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(test_round_trip), T(test_versions), T(test_current_run), T(test_approvals), T(test_posts),
        T(test_paging),     T(test_lines),    T(test_filters),     T(test_counts),    T(test_plans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
