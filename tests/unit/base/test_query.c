/* test_query.c: the filter language: what its terms mean, which rows pass, what completes. */
#include "cmocka_base.h"

#include <string.h>
#include "base/clock.h"
#include "base/error.h"
#include "base/money.h"
#include "base/query.h"

#define USD  MONEY_UNIT
#define HOUR G_TIME_SPAN_HOUR
#define DAY  G_TIME_SPAN_DAY

enum { F_CUSTOMER, F_STATE, F_PRODUCT, F_AMOUNT, F_ID, F_AGE, F_DECIDED };

static const char *const states[] = {"pending", "posted", "posting", "needs_link", NULL};
static const QueryField fields[] = {
    {"customer", QUERY_TEXT, NULL, "who lost the money"},
    {"state", QUERY_WORD, states, "where it stands"},
    {"product", QUERY_WORD, NULL, "which product"},
    {"amount", QUERY_MONEY, NULL, "the credit"},
    {"id", QUERY_NUMBER, NULL, "the number"},
    {"age", QUERY_AGE, NULL, "how old"},
    {"decided", QUERY_TIME, NULL, "when it was decided"},
    {NULL, QUERY_TEXT, NULL, NULL},
};

typedef struct {
    const char *customer, *state, *product;
    gint64 amount, id, received, decided; /* amount -1, decided 0: none */
} Row;

static gint64
now(void)
{
    gint64 at = 0;
    assert_true(time_parse_iso("2026-09-14T12:00:00Z", &at, NULL));
    return at;
}

static void
column(const void *data, guint at, GString *text, gpointer user)
{
    const Row *row = data;
    (void)user;
    g_string_append(text, at == 0 ? row->customer : row->state);
}

static gboolean
field(const void *data, guint at, GString *text, gint64 *number, gpointer user)
{
    const Row *row = data;
    const char *texts[] = {row->customer, row->state, row->product};
    gint64 numbers[] = {row->amount, row->id, row->received, row->decided};
    (void)user;
    if (at <= F_PRODUCT) {
        if (texts[at])
            g_string_append(text, texts[at]);
        return texts[at] != NULL;
    }
    *number = numbers[at - F_AMOUNT];
    return at == F_AMOUNT ? row->amount >= 0 : *number != 0;
}

static gboolean
passes(const Row *row, const char *text)
{
    const QueryReader reader = {2, column, field, NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(Query) query = query_parse(text, fields, now(), &error);
    if (!query)
        fail_msg("%s: %s", text, error->message);
    return query_matches(query, &reader, row);
}

static void
assert_error(const char *text, const char *message)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Query) query = query_parse(text, fields, now(), &error);
    assert_null(query);
    assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_USAGE));
    if (!strstr(error->message, message))
        fail_msg("'%s' says '%s', not '%s'", text, error->message, message);
}

static void
check(const Row *row, const char *const *yes, const char *const *no)
{
    for (; *yes; yes++) {
        if (!passes(row, *yes))
            fail_msg("%s does not pass", *yes);
    }
    for (; *no; no++) {
        if (passes(row, *no))
            fail_msg("%s passes", *no);
    }
}

static void
test_texts(void **state)
{
    const Row row = {"Acme Payments", "pending", "verify", 500 * USD, 1042, now(), 0};
    const char *const yes[] = {"",
                               "  ",
                               "acme",
                               "PAYMENTS pend",
                               "\"acme pay\"",
                               "!globex",
                               "!\"acme  pay\"",
                               "/^ac(me|ne) /",
                               "!/^pay/",
                               "/a.*m/ pending",
                               "customer:acme",
                               "customer:globex,pay",
                               "customer:\"e p\"",
                               "customer:/^acme/",
                               "!customer:globex",
                               "product:ver",
                               "!",
                               "pen\"ding\"",
                               NULL};
    const char *const no[] = {"globex",
                              "acme globex",
                              "!acme",
                              "\"payments acme\"",
                              "/^payments/",
                              "customer:pending",
                              "customer:\"e,p\"",
                              "product:erify",
                              "acme !pending",
                              "!product:verify",
                              NULL};
    (void)state;
    check(&row, yes, no);
}

static void
test_folding(void **state)
{
    const Row row = {"Müller & Söhne", "pending", NULL, -1, 1, now(), 0};
    const char *const yes[] = {"müller",   "MÜLLER",          "customer:SÖHNE",
                               "/SÖHNE$/", "!product:verify", NULL};
    const char *const no[] = {"muller", "product:verify", NULL};
    const Row broken = {"a\xff"
                        "b",
                        "pending",
                        NULL,
                        -1,
                        1,
                        now(),
                        0};
    (void)state;
    check(&row, yes, no);
    assert_true(passes(&broken, "b"));
    assert_true(passes(&broken, "/b$/"));
}

static void
test_words(void **state)
{
    const Row row = {"acme", "posted", "verify", 0, 1, now(), 0};
    const char *const yes[] = {
        "state:posted",  "state:POSTED",   "state:pending,posted", "state:post",
        "state:/^post/", "!state:posting", "STATE:posted",         NULL};
    const char *const no[] = {"state:posting", "state:pending,needs_link", "!state:post", NULL};
    guint n;
    (void)state;
    check(&row, yes, no);
    g_autoptr(Query) query = query_parse("state:post", fields, now(), NULL);
    const QueryTerm *terms = query_terms(query, &n);
    assert_int_equal(n, 1);
    assert_int_equal(terms[0].values->len, 2); /* posted and posting */
    assert_false(query_is_relative(query));
}

static void
test_numbers(void **state)
{
    const Row row = {"acme", "posted", "verify", 12480 * USD + 500000, 1042, now(), 0};
    const Row none = {"acme", "posted", "verify", -1, 1, now(), 0};
    const char *const yes[] = {"amount:>12480",   "amount:>=12480.50", "amount:<=12480.5",
                               "amount:12480",    "amount:12480.5",    "amount:12480.50",
                               "amount:100..20k", "amount:20k..100",   "amount:10k..",
                               "amount:..12.5k",  "amount:>12.4k",     "amount:5,12480.5",
                               "!amount:<100",    "amount:=12480.5",   "id:1042",
                               "id:>1k",          "id:1,2,1042",       "id:1000..1042",
                               "!amount:none",    "amount:<1m",        NULL};
    const char *const no[] = {
        "amount:>12480.5", "amount:<12480.5", "amount:12479", "amount:..12k", "amount:12480.51",
        "amount:none",     "id:>1042",        "id:104",       "!id:1042",     NULL};
    const char *const none_yes[] = {"amount:none", "!amount:>0", NULL};
    const char *const none_no[] = {"amount:>=0", "amount:0", "!amount:none", NULL};
    (void)state;
    check(&row, yes, no);
    check(&none, none_yes, none_no);
}

static void
test_times(void **state)
{
    Row row = {"acme",           "posted", "verify", -1, 1, now() - 150 * G_TIME_SPAN_MINUTE,
               now() - 20 * HOUR};
    const char *const yes[] = {"age:>2h",
                               "age:<3h",
                               "age:2h",
                               "age:1h..3h",
                               "age:3h..1h",
                               "age:..3h",
                               "age:2h..",
                               "age:today",
                               "age:>=150m",
                               "age:<=150m",
                               "decided:yesterday",
                               "decided:1d",
                               "decided:<1d",
                               "decided:>19h",
                               "decided:\"last week\"",
                               "decided:2026-09-13",
                               "decided:2026-09",
                               "decided:>2026-09-12",
                               "decided:<2026-09-14",
                               "decided:>=2026-09-13",
                               "decided:<=2026-09-13",
                               "decided:2026-09-01..2026-09-13",
                               "decided:2026-09-13..",
                               "decided:2026-09-13T16:00Z",
                               "!decided:none",
                               "decided:>\"2 hours ago\",<\"2 hours ago\"",
                               NULL};
    const char *const no[] = {"age:>3h",
                              "age:<2h",
                              "age:1h",
                              "age:yesterday",
                              "age:>150m",
                              "age:<150m",
                              "decided:today",
                              "decided:19h",
                              "decided:<19h",
                              "decided:2026-09-14",
                              "decided:2026-08",
                              "decided:>2026-09-13",
                              "decided:<2026-09-13",
                              "decided:2026-09-14..2026-09-20",
                              "decided:none",
                              NULL};
    (void)state;
    check(&row, yes, no);
    row.decided = 0;
    assert_true(passes(&row, "decided:none"));
    assert_false(passes(&row, "decided:<2030-01-01"));
    g_autoptr(Query) query = query_parse("age:>2h", fields, now(), NULL);
    assert_true(query_is_relative(query));
}

static void
test_errors(void **state)
{
    (void)state;
    assert_error("stat:pending", "did you mean state:");
    assert_error("zzz:pending", "in quotes");
    assert_error("state:pendig", "did you mean pending");
    assert_error("state:", "state: wants a word");
    assert_error("state:,,", "state: wants a word");
    assert_error("amount:12x", "amount: '12x' is not an amount");
    assert_error("amount:>", "amount: '' is not");
    assert_error("amount:=>5", "it is one of >");
    assert_error("amount:<>5", "it is one of >");
    assert_error("amount:99999999999999m", "is not an amount");
    assert_error("id:1.5", "is not a number");
    assert_error("age:soon", "age: 'soon' is not an age");
    assert_error("decided:2026-13", "is not a time");
    assert_error("decided:9999-12", "is not a time");
    assert_error("/abc", "has no end");
    assert_error("//", "is empty");
    assert_error("/a(/", "/a(/:");
    assert_error("customer:/a[/", "/a[/:");
    assert_error("\"abc", "no end");
    assert_error("a b c d e f g h i j k l m n o p q r s t u", "at most 20 terms");
    g_autofree char *longest = g_strnfill(QUERY_MAX_BYTES + 1, 'x');
    assert_error(longest, "at most 500 bytes");
    g_autofree char *x = g_strnfill(201, 'x'), *pattern = g_strdup_printf("/%s/", x);
    assert_error(pattern, "at most 200 bytes");
}

/* What looks like a field and is text; what would take for ever. */
static void
test_edges(void **state)
{
    const Row row = {
        "https://looker.example.com/looks/8841 12:30 C:", "pending", NULL, -1, 1, 1, 0};
    const char *const yes[] = {"https://looker.example.com", "12:30", "\"c:\"", "looks\"/8841\"",
                               NULL};
    const char *const no[] = {"http://looker", NULL};
    g_autofree char *many = g_strnfill(5000, 'a');
    const Row evil = {many, "pending", NULL, -1, 1, 1, 0};
    (void)state;
    check(&row, yes, no);
    gint64 start = g_get_monotonic_time();
    assert_false(passes(&evil, "/(a+)+$b/"));
    assert_in_range(g_get_monotonic_time() - start, 0, G_USEC_PER_SEC);
}

static char **
known(guint at, gpointer data)
{
    const char *const customers[] = {"acme", "Acme \"Two\"", "globex", NULL};
    (void)data;
    return at == F_CUSTOMER ? g_strdupv((char **)(gintptr)customers) : NULL;
}

static void
assert_completes(const char *text, gsize from, const char *all)
{
    gsize start = 99;
    g_auto(GStrv) got = query_complete(text, strlen(text), fields, known, NULL, &start);
    g_autofree char *joined = g_strjoinv(" ", got);
    assert_string_equal(joined, all);
    assert_int_equal(start, from);
}

static void
test_completion(void **state)
{
    (void)state;
    assert_completes("", 0, "age: amount: customer: decided: id: product: state:");
    assert_completes("a", 0, "age: amount:");
    assert_completes("acme !st", 6, "state:");
    assert_completes("state:", 6, "pending posted posting needs_link");
    assert_completes("state:pending,po", 14, "posted posting");
    assert_completes("!state:n", 7, "needs_link");
    assert_completes("customer:ac", 9, "acme \"Acme \\\"Two\\\"\"");
    assert_completes("customer:g x", 11, "");
    assert_completes("age:<", 4, "<1h");
    assert_completes("decided:last", 8, "\"last week\" \"last month\"");
    assert_completes("nothing:", 0, "");
    assert_completes("/a", 0, "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts), cmocka_unit_test(test_folding),
        cmocka_unit_test(test_words), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_times), cmocka_unit_test(test_errors),
        cmocka_unit_test(test_edges), cmocka_unit_test(test_completion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
