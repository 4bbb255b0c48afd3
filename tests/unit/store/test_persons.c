/* The rule of two persons where nobody gets around it: rows written by SQL, without the engine. */
#include "fixture.h"

#include <sqlite3.h>

#include "store/sql.h"

/* An approval of run 1 of request 1; the rest of its columns stands for what the policy wanted. */
typedef struct {
    int uid;
    const char *person, *method, *slack, *need_group, *groups;
    int self, need;
    gint64 expires, voided;
} Given;

static gboolean
give(Store *store, const Given *given, GError **error)
{
    const char *method = given->method ? given->method : "login";
    gboolean signs = g_str_equal(method, "signature");
    return sql_run(store, error,
                   "INSERT INTO approvals (request_id, run_id, digest, uid, actor, reason, at,"
                   " hold_until, expires_at, voided_at, person, method, principal, signature,"
                   " slack, self, need, need_group, groups) VALUES (1, 1, '" DIGEST "', ?1, ?2,"
                   " 'seen', 1, 0, ?3, ?4, ?2, ?5, ?6, ?6, ?7, ?8, ?9, ?10, ?11)",
                   "isiisssiiss", (gint64)given->uid, given->person, given->expires, given->voided,
                   method, signs ? "signed" : NULL, given->slack, (gint64)given->self,
                   (gint64)(given->need ? given->need : 1), given->need_group, given->groups);
}

static gboolean
post_it(Store *store, GError **error)
{
    return sql_run(
        store, error,
        "INSERT INTO posts (request_id, run_id, kind, nonce, text, created_at, channel,"
        " status, sent_at, settled_at, attempts, holder_pid, holder_start)"
        " VALUES (1, 1, 'result', 'n1', 'the credit', ?1, 'C1', 'intent', 0, 0, 0, 0, 0)",
        "i", NOW);
}

/* One approved request with a run of these parameters, and nothing given yet. */
static void
prepare(Fixture *f, const char *parameters)
{
    g_autoptr(GError) error = NULL;
    gint64 id = request_put(f->store, 1, STATE_PENDING);
    g_autoptr(Run) run = run_make(id, 5000000);
    run->parameters = g_strdup(parameters);
    assert_true(store_run_add(f->store, run, &error));
    g_autoptr(Request) r = store_request_get(f->store, id, &error);
    r->run_id = run->id;
    r->state = STATE_APPROVED;
    assert_true(store_request_save(f->store, r, &error));
    assert_int_equal(id, 1);
    assert_int_equal(run->id, 1);
}

typedef struct {
    const char *name, *parameters;
    Given given[3];      /* as many as have a person */
    const char *refused; /* NULL: posted */
} Case;

#define BY_MARA "{\"override\":{\"amount\":\"5.00\",\"by\":\"mara\",\"uid\":1000}}"

static const Case cases[] = {
    {"nobody", NULL, {{0}}, "while it is approved"},
    {"one alone", NULL, {{.uid = 1000, .person = "mara"}}, NULL},
    {"one of two", NULL, {{.uid = 1000, .person = "mara", .need = 2}}, "fewer persons"},
    {"two of two",
     NULL,
     {{.uid = 1000, .person = "mara", .need = 2}, {.uid = 1001, .person = "ivo", .need = 2}},
     NULL},
    {"the most demanding counts",
     NULL,
     {{.uid = 1000, .person = "mara", .need = 1}, {.uid = 1001, .person = "ivo", .need = 3}},
     "fewer persons"},
    {"the second expired",
     NULL,
     {{.uid = 1000, .person = "mara", .need = 2},
      {.uid = 1001, .person = "ivo", .need = 2, .expires = NOW}},
     "fewer persons"},
    {"the second is void",
     NULL,
     {{.uid = 1000, .person = "mara", .need = 2},
      {.uid = 1001, .person = "ivo", .need = 2, .voided = NOW - 1}},
     "fewer persons"},
    {"nobody of the group",
     NULL,
     {{.uid = 1000, .person = "mara", .need = 2, .need_group = "seniors", .groups = "juniors"},
      {.uid = 1001, .person = "ivo", .need = 2, .groups = "not-seniors;seniors2"}},
     "nobody of the group"},
    {"one of the group",
     NULL,
     {{.uid = 1000, .person = "mara", .need = 2, .need_group = "seniors"},
      {.uid = 1001, .person = "ivo", .need = 2, .groups = "night;seniors;desk"}},
     NULL},
    {"the glass is broken for both",
     NULL,
     {{.uid = 1000, .person = "mara", .need = 3, .need_group = "seniors"},
      {.uid = 1001, .person = "ivo", .method = "break-glass", .need = 3}},
     NULL},
    {"a void broken glass stands for nothing",
     NULL,
     {{.uid = 1000, .person = "mara", .need = 2},
      {.uid = 1001, .person = "ivo", .method = "break-glass", .need = 2, .voided = NOW - 1}},
     "fewer persons"},
    {"who set the amount, by uid", BY_MARA, {{.uid = 1000, .person = "root"}}, "by hand"},
    {"who set the amount, by name",
     BY_MARA,
     {{.uid = -2, .person = "mara", .method = "signature"}},
     "by hand"},
    {"who set the amount, beside another",
     BY_MARA,
     {{.uid = 1001, .person = "ivo"}, {.uid = 1000, .person = "mara"}},
     "by hand"},
    {"who set the amount, breaking the glass",
     BY_MARA,
     {{.uid = 1000, .person = "mara", .method = "break-glass"}},
     "by hand"},
    {"another than who set the amount", BY_MARA, {{.uid = 1001, .person = "ivo"}}, NULL},
    {"the rule, for an amount by hand of uid -1 alone",
     "{\"days\":7}",
     {{.uid = -1, .person = "auto", .method = "auto"}},
     NULL},
    {"who asked", NULL, {{.uid = 1000, .person = "mara", .slack = "U0PERSON"}}, "asked"},
    {"who asked, and may",
     NULL,
     {{.uid = 1000, .person = "mara", .slack = "U0PERSON", .self = 1}},
     NULL},
    {"who asked, breaking the glass",
     NULL,
     {{.uid = 1000, .person = "mara", .slack = "U0PERSON", .method = "break-glass"}},
     "asked"},
    {"another than who asked", NULL, {{.uid = 1000, .person = "mara", .slack = "U0OTHER"}}, NULL},
    {"parameters that are no JSON", "{", {{.uid = 1000, .person = "mara"}}, "no JSON"},
};

static void
test_post_needs(void **state)
{
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        Fixture *f = *state;
        const Case *c = &cases[i];
        g_autoptr(GError) error = NULL;
        store_close(f->store);
        g_unlink(f->path);
        f->store = fixture_open(f, FALSE, &error);
        no_error(error);
        prepare(f, c->parameters);
        for (gsize k = 0; k < G_N_ELEMENTS(c->given) && c->given[k].person; k++)
            if (!give(f->store, &c->given[k], &error))
                fail_msg("%s: %s", c->name, error->message);
        if (post_it(f->store, &error) != !c->refused)
            fail_msg("%s: %s", c->name, error ? error->message : "it was posted");
        if (c->refused && !strstr(error->message, c->refused))
            fail_msg("%s: refused otherwise: %s", c->name, error->message);
    }
}

/* One person is one, whatever they log in as; and one uid is one person, whatever it is called. */
static void
test_persons_are_distinct(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    prepare(f, NULL);
    const Given mara = {.uid = 1000, .person = "mara", .need = 2};
    const Given mara_again = {.uid = 1001, .person = "mara", .need = 2};
    const Given signed_mara = {.uid = -2, .person = "mara", .method = "signature", .need = 2};
    const Given same_uid = {.uid = 1000, .person = "root", .need = 2};
    const Given one = {.uid = -2, .person = "ines", .method = "signature", .need = 2};
    const Given two = {.uid = -2, .person = "juri", .method = "signature", .need = 2};
    assert_true(give(f->store, &mara, &error));
    assert_false(give(f->store, &mara_again, &error));
    is_error(&error, ERR_CONFLICT, NULL);
    assert_false(give(f->store, &signed_mara, &error));
    is_error(&error, ERR_CONFLICT, NULL);
    assert_false(give(f->store, &same_uid, &error));
    is_error(&error, ERR_CONFLICT, NULL);
    assert_false(post_it(f->store, &error));
    is_error(&error, ERR_ILLEGAL, "fewer persons");
    /* Signatures without an account are told apart by their persons. */
    assert_true(give(f->store, &one, &error));
    assert_true(give(f->store, &two, &error));
    assert_true(post_it(f->store, &error));
    no_error(error);
    /* A second result is refused, whoever approved it. */
    assert_false(sql_script(f->store,
                            "INSERT INTO posts (request_id, run_id, kind, nonce, text, created_at,"
                            " channel, status, sent_at, settled_at, attempts, holder_pid,"
                            " holder_start) SELECT request_id, run_id, kind, 'n2', text,"
                            " created_at, channel, status, 0, 0, 0, 0, 0 FROM posts",
                            &error));
    is_error(&error, ERR_CONFLICT, NULL);
}

static void
test_approval_is_whole(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    prepare(f, NULL);
    const Given bad[] = {
        {.uid = 1000, .person = ""},
        {.uid = 1000, .person = "mara", .method = "told"},
        {.uid = 1000, .person = "mara", .method = "auto"},
        {.uid = -1, .person = "mara"},
        {.uid = 1000, .person = "mara", .need = -1},
        {.uid = 1000, .person = "mara", .need_group = ""},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        assert_false(give(f->store, &bad[i], &error));
        is_error(&error, ERR_INPUT, NULL);
    }
    const char *const changes[] = {"need = 1",       "need_group = NULL", "groups = 'seniors'",
                                   "person = 'ivo'", "slack = NULL",      "method = 'break-glass'",
                                   "self = 1"};
    const Given mara = {.uid = 1000, .person = "mara", .need = 2, .need_group = "x", .slack = "U"};
    assert_true(give(f->store, &mara, &error));
    for (gsize i = 0; i < G_N_ELEMENTS(changes); i++) {
        g_autofree char *sql = g_strdup_printf("UPDATE approvals SET %s", changes[i]);
        assert_false(sql_script(f->store, sql, &error));
        is_error(&error, ERR_ILLEGAL, "only be voided");
    }
}

/* A program that does not know the rule can't write a post at all. */
static void
test_other_program(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    prepare(f, NULL);
    const Given mara = {.uid = 1000, .person = "mara"};
    assert_true(give(f->store, &mara, &error));
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_not_equal(
        sqlite3_exec(
            db,
            "INSERT INTO posts (request_id, run_id, kind, nonce, text, created_at, channel,"
            " status, sent_at, settled_at, attempts, holder_pid, holder_start) VALUES (1,"
            " 1, 'result', 'n1', 't', 1, 'C1', 'intent', 0, 0, 0, 0, 0)",
            NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
}

static void
test_witness(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    gint64 id = request_put(f->store, 1, STATE_NEEDS_LINK), head = 0;
    assert_true(store_event(f->store, id, "mara", "ask", NULL, NULL, NULL, &error));
    g_autofree char *hash = store_events_head(f->store, &head, &error);
    g_autoptr(Post) wrong = post_make(id, 0, "ask_link", "n1");
    wrong->witness_id = head;
    wrong->witness_hash = g_strdup(DIGEST);
    assert_false(store_post_add(f->store, wrong, &error));
    is_error(&error, ERR_ILLEGAL, "head of the event log");
    g_autoptr(Post) half = post_make(id, 0, "ask_link", "n1");
    half->witness_hash = g_strdup(hash);
    assert_false(store_post_add(f->store, half, &error));
    is_error(&error, ERR_INPUT, NULL);
    g_autoptr(Post) post = post_make(id, 0, "ask_link", "n1");
    post->witness_id = head;
    post->witness_hash = g_strdup(hash);
    assert_true(store_post_add(f->store, post, &error));
    g_autoptr(Post) read = store_post_get(f->store, post->id, &error);
    assert_int_equal(read->witness_id, head);
    assert_string_equal(read->witness_hash, hash);
    assert_false(sql_script(f->store, "UPDATE posts SET witness_id = 7", &error));
    is_error(&error, ERR_ILLEGAL, "never changed");
}

static void
test_reviews(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    char ivo[] = "ivo", mara[] = "mara", word[] = "the carrier confirmed it", none[] = "";
    prepare(f, NULL);
    const Given glass = {.uid = 1000, .person = "mara", .method = "break-glass", .need = 2};
    const Given plain = {.uid = 1001, .person = "ivo", .need = 2};
    assert_true(give(f->store, &glass, &error));
    assert_true(give(f->store, &plain, &error));
    g_autoptr(GPtrArray) open = store_break_glass(f->store, TRUE, &error);
    assert_int_equal(open->len, 1);
    const BreakGlass *found = open->pdata[0];
    assert_string_equal(found->approval->person, "mara");
    assert_int_equal(found->approval->need, 2);
    assert_int_equal(found->request->id, 1);
    assert_null(found->review);

    Review own = {.approval_id = 1, .at = NOW, .uid = 1000, .actor = ivo, .word = word};
    assert_false(store_review_add(f->store, &own, &error));
    is_error(&error, ERR_ILLEGAL, "another person");
    Review own_name = {.approval_id = 1, .at = NOW, .uid = 1001, .actor = mara, .word = word};
    assert_false(store_review_add(f->store, &own_name, &error));
    is_error(&error, ERR_ILLEGAL, "another person");
    Review of_plain = {.approval_id = 2, .at = NOW, .uid = 1002, .actor = mara, .word = word};
    assert_false(store_review_add(f->store, &of_plain, &error));
    is_error(&error, ERR_ILLEGAL, "broke the glass");
    Review wordless = {.approval_id = 1, .at = NOW, .uid = 1001, .actor = ivo, .word = none};
    assert_false(store_review_add(f->store, &wordless, &error));
    is_error(&error, ERR_INPUT, NULL);
    Review good = {.approval_id = 1, .at = NOW, .uid = 1001, .actor = ivo, .word = word};
    assert_true(store_review_add(f->store, &good, &error));
    assert_false(store_review_add(f->store, &good, &error));
    is_error(&error, ERR_CONFLICT, NULL);

    g_autoptr(GPtrArray) left = store_break_glass(f->store, TRUE, &error);
    assert_int_equal(left->len, 0);
    g_autoptr(GPtrArray) all = store_break_glass(f->store, FALSE, &error);
    assert_int_equal(all->len, 1);
    assert_string_equal(((BreakGlass *)all->pdata[0])->review->word, word);
    assert_false(sql_script(f->store, "UPDATE reviews SET word = 'x'", &error));
    is_error(&error, ERR_ILLEGAL, "never changed");
    assert_false(sql_script(f->store, "DELETE FROM reviews", &error));
    is_error(&error, ERR_ILLEGAL, "never deleted");
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(test_post_needs),        T(test_persons_are_distinct),
        T(test_approval_is_whole), T(test_other_program),
        T(test_witness),           T(test_reviews),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
