/* Filters: what the index finds is what reading every row finds, field by field and word by word.
 */
#include "fixture.h"

#include "store/request_fields.h"

#define ROWS 300

static const char *const words[] = {"acme",     "Müller",  "Straße", "strasse", "globex",
                                    "pumping",  "a",       "xy",     "8841",    "O'Neil \"q\"",
                                    "business", "ΣΊΣΥΦΟΣ", "名前は", "100%",    "under_score"};

static const char *
word(GRand *random)
{
    return words[g_rand_int_range(random, 0, (int)G_N_ELEMENTS(words))];
}

static void
put(Store *store, GRand *random, int n)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Request) r = request_make(n, (RequestState)(n % STATE_COUNT));
    g_free(r->text);
    r->text = g_strjoin(" ", word(random), word(random), word(random), NULL);
    r->requester_name = g_strdup(word(random));
    assert_true(store_request_add(store, r, NULL, &error));
    if (n % 3 == 0)
        run_put(store, r->id, (n % 40) * G_GINT64_CONSTANT(10300000));
    g_autoptr(Request) again = store_request_get(store, r->id, &error);
    again->customer = g_strdup(n % 4 ? word(random) : NULL);
    again->title = g_strdup(word(random));
    again->link_ref = g_strdup_printf("%d", n * 37);
    again->product = g_strdup(n % 2 ? "verify" : "psms");
    again->note = g_strdup(n % 5 ? NULL : word(random));
    again->sql = g_strdup_printf("SELECT cost FROM %s WHERE d > %d", word(random), n % 7);
    if (!store_request_save(store, again, &error))
        no_error(error);
}

static gboolean
count_row(Request *request, void *data)
{
    (void)request;
    (*(guint *)data)++;
    return TRUE;
}

/* The oracle: every row is read and judged on its own. */
typedef struct {
    const Query *query;
    guint n;
    GString *wrong;
} Oracle;

static void
column(const void *row, guint at, GString *text, gpointer data)
{
    const Request *r = row;
    const char *const texts[] = {
        r->customer, r->requester, r->requester_name,   r->product, r->title,
        r->link_ref, r->note,      r->unusual,          r->error,   r->decided_by,
        r->text,     r->sql,       state_name(r->state)};
    (void)data;
    g_string_append(text, texts[at] ? texts[at] : "");
}

static gboolean
judge(Request *request, void *data)
{
    Oracle *oracle = data;
    const QueryReader reader = {13, column, request_field, NULL};
    oracle->n += query_matches(oracle->query, &reader, request) ? 1 : 0;
    return TRUE;
}

static guint
found(Store *store, const Query *query, RequestOrder order, guint states)
{
    g_autoptr(GError) error = NULL;
    guint n = 0;
    RequestFilter filter = {.query = query, .order = order, .states = states};
    store_requests(store, &filter, count_row, &n, &error);
    no_error(error);
    return n;
}

static void
check(Store *store, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Query) query = query_parse(text, request_fields, NOW, &error);
    no_error(error);
    Oracle oracle = {.query = query};
    store_requests(store, &(RequestFilter){0}, judge, &oracle, &error);
    no_error(error);
    const RequestOrder ways[] = {ORDER_RECEIVED, ORDER_AMOUNT, ORDER_TITLE, ORDER_ID};
    for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
        guint n = found(store, query, ways[i], 0);
        if (n != oracle.n)
            fail_msg("'%s' in order %d: %u rows, %u expected", text, (int)ways[i], n, oracle.n);
    }
    guint parts = 0;
    for (int i = 0; i < STATE_COUNT; i++)
        parts += found(store, query, ORDER_CUSTOMER, STATE_BIT(i));
    assert_int_equal(parts, oracle.n);
}

/* A filter of each kind, alone and joined. */
static const char *const filters[] = {
    "",
    "acme",
    "ACME",
    "müller",
    "MÜLLER",
    "straße",
    "STRASSE",
    "strasse",
    "rass",
    "ss",
    "sse",
    "business",
    "usin",
    "pumping acme",
    "!acme",
    "!acme !globex",
    "\"o'neil \\\"q\"",
    "100%",
    "under_sc",
    "σίσυφοσ",
    "名前",
    "名前は",
    "x",
    "xy",
    "/ac(m|n)e/",
    "!/ac(m|n)e/",
    "/^select/",
    "customer:acme",
    "customer:acme,globex",
    "customer:a",
    "!customer:acme",
    "customer:/^a/",
    "who:müller",
    "title:strasse",
    "note:pump",
    "text:\"acme acme\"",
    "sql:\"from acme\"",
    "sql:\"d > 3\"",
    "look:37",
    "look:111,222",
    "!look:37",
    "product:verify",
    "product:psms acme",
    "state:pending",
    "state:p",
    "state:pending,failed acme",
    "!state:posted",
    "rejected",
    "amount:>100",
    "amount:103",
    "amount:none",
    "!amount:none",
    "amount:10..50",
    "amount:none,103",
    "id:7",
    "id:>290",
    "!id:7",
    "age:>20h",
    "asked:2d",
    "decided:2d",
    "decided:none",
    "decided-by:mara",
    "currency:usd",
    "corrects:none",
    "corrected:none",
    "channel:help",
    "error:acme",
    "needs_l",
};

static void
test_terms(void **state)
{
    Fixture *f = *state;
    g_autoptr(GRand) random = g_rand_new_with_seed(7);
    for (int i = 0; i < ROWS; i++)
        put(f->store, random, i);
    for (guint i = 0; i < G_N_ELEMENTS(filters); i++)
        check(f->store, filters[i]);
    /* Any part of any word, however it is cut. */
    for (int i = 0; i < 60; i++) {
        const char *w = word(random);
        glong length = g_utf8_strlen(w, -1);
        glong from = g_rand_int_range(random, 0, (gint32)length);
        glong to = g_rand_int_range(random, (gint32)from + 1, (gint32)length + 1);
        g_autofree char *part = g_utf8_substring(w, from, to);
        g_auto(GStrv) safe = g_strsplit_set(part, "\"\\/", -1);
        g_autofree char *inner = g_strjoinv("", safe);
        g_autofree char *text = g_strdup_printf("\"%s\"", inner);
        if (!g_ascii_isdigit(*inner)) /* test_numbers */
            check(f->store, text);
    }
}

static guint
hits(Store *store, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Query) query = query_parse(text, request_fields, NOW, &error);
    no_error(error);
    return found(store, query, ORDER_RECEIVED, 0);
}

/* A number is an id, an amount as people write it, and part of a text. */
static void
test_numbers(void **state)
{
    Fixture *f = *state;
    gint64 one = request_put(f->store, 1, STATE_PENDING);
    gint64 two = request_put(f->store, 4711, STATE_PENDING);
    run_put(f->store, one, G_GINT64_CONSTANT(12480500000));
    run_put(f->store, two, G_GINT64_CONSTANT(12481000000));
    assert_int_equal(hits(f->store, "12,480"), 1);
    assert_int_equal(hits(f->store, "12480.5"), 1);
    assert_int_equal(hits(f->store, "12480.50"), 1);
    assert_int_equal(hits(f->store, "12480.51"), 0);
    assert_int_equal(hits(f->store, "12,481"), 1);
    assert_int_equal(hits(f->store, "4711"), 1); /* in its text */
    assert_int_equal(hits(f->store, "!12,481"), 1);
    g_autofree char *id = g_strdup_printf("id:%d", (int)two);
    assert_int_equal(hits(f->store, id), 1);
}

/* A text that changed is found by what it says now, not by what it said. */
static void
test_changes(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    gint64 id = request_put(f->store, 1, STATE_NEW);
    static const char *const errors[] = {"gateway timeout", "wrong column", "gateway timeout"};
    for (int i = 0; i < 3; i++) {
        g_autoptr(Request) r = store_request_get(f->store, id, &error);
        g_free(r->error);
        g_free(r->text);
        g_free(r->sql);
        r->error = g_strdup(errors[i]);
        r->text = g_strdup_printf("edited %d times", i);
        r->sql = g_strdup_printf("SELECT %d", 1000 + i % 2);
        if (!store_request_save(f->store, r, &error))
            no_error(error);
        assert_int_equal(hits(f->store, "timeout"), i != 1);
        assert_int_equal(hits(f->store, "column"), i == 1);
        assert_int_equal(hits(f->store, "\"edited 0\""), i == 0);
        assert_int_equal(hits(f->store, "\"select 1001\""), i == 1);
        assert_int_equal(hits(f->store, "please"), 0);
    }
    store_event(f->store, id, "uid 7 (zoe)", "state", "new", "rejected", NULL, &error);
    no_error(error);
    request_move(f->store, id, STATE_REJECTED);
    assert_int_equal(hits(f->store, "(zoe)"), 1);
    assert_int_equal(hits(f->store, "decided-by:zoe"), 1);
    assert_int_equal(hits(f->store, "who:zoe"), 0);
}

static gboolean
fire(Request *request, void *data)
{
    (void)request;
    cancel_fire(data);
    return TRUE;
}

static void
test_cancel(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Cancel) cancel = cancel_new();
    for (int i = 0; i < 20; i++)
        request_put(f->store, i, STATE_NEW);
    RequestFilter filter = {.cancel = cancel};
    /* It is looked at from time to time: a short list may still end by itself. */
    assert_true(store_requests(f->store, &filter, fire, cancel, &error));
    assert_false(store_requests(f->store, &filter, fire, cancel, &error));
    is_error(&error, ERR_CANCELLED, NULL);
    /* It is over with the question. */
    g_autoptr(Request) first = store_request_get(f->store, 1, &error);
    assert_non_null(first);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(test_terms),
        T(test_numbers),
        T(test_changes),
        T(test_cancel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
