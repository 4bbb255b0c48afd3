/* From version to version: a state of version 1 becomes one of today, whole, and its copy is kept.
 */
#include "fixture.h"

#include <sqlite3.h>

#include "store/schema.h"

/* A state as version 1 made it, with rows of all that is carried over. */
static const char rows_1[] =
    "INSERT INTO requests (id, version, channel, ts, thread_ts, requester, requester_name, title,"
    "  product, customer, sql_sha256, link_ref, state, resume, note, attempts, next_attempt_at,"
    "  received_at, state_at, hold_until, posted_ts, posted_at) VALUES"
    " (1, 3, 'C1', '1788900000.000100', '1788900000.000100', 'U1', 'mara', 'Toll fraud', 'verify',"
    "  'acme', '" DIGEST "', '8841', 'approved', 'new', NULL, 0, 0, 1788900000000100,"
    "  1788907200000000, 0, NULL, 0),"
    " (2, 2, 'C1', '1788986400.000200', '1788986400.000200', 'U2', 'ivo', NULL, NULL, NULL, NULL,"
    "  NULL, 'rejected', 'new', 'not fraud', 0, 0, 1788986400000200, 1788990000000000, 0, NULL, 0),"
    " (3, 1, 'C1', '1788990000.000300', '1788990000.000300', 'U2', 'ivo', NULL, NULL, NULL, NULL,"
    "  NULL, 'new', 'new', NULL, 0, 0, 1788990000000300, 1788990000000300, 0, NULL, 0);"
    "INSERT INTO request_texts VALUES (1, 'please credit Müller', '{}', 'SELECT cost FROM t'),"
    " (2, 'and this', '{}', NULL), (3, 'one more', '{}', NULL);"
    "INSERT INTO runs (id, request_id, number, dry, status, started_at, finished_at, rows, amount,"
    "  low, high, currency, digest, result) VALUES (1, 1, 1, 0, 'done', 1, 2, 3, 12480500000,"
    "  12480000000, 12481000000, 'USD', '" DIGEST "', '{\"amount\":\"12480.50\",'"
    "  || '\"currency\":\"USD\"}');"
    "UPDATE requests SET run_id = 1, amount = 12480500000, low = 12480000000, high = 12481000000,"
    "  currency = 'USD', run_number = 1, run_at = 2 WHERE id = 1;"
    "INSERT INTO approvals VALUES (1, 1, 1, '" DIGEST "', 1000, 'zoe', 'fine', 5, 6, 0, 0, NULL),"
    " (2, 1, 1, '" DIGEST "', 1001, 'max', 'fine', 7, 8, 0, 0, NULL);"
    "INSERT INTO posts (id, request_id, run_id, kind, nonce, text, created_at, channel, status,"
    "  sent_at, settled_at, attempts, posted_ts, holder_pid, holder_start) VALUES (1, 1, 1,"
    "  'result', 'n1', 'the credit', 9, 'C1', 'posted', 10, 11, 1, '1788910000.000100', 0, 0);"
    "UPDATE requests SET state = 'posted', posted_at = 1788910000000000,"
    "  posted_ts = '1788910000.000100' WHERE id = 1;";

/* The rows with the digests that their evidence has. */
static char *
sealed(const char *rows)
{
    char channel[] = "C1", currency[] = "USD",
         usd12480[] = "{\"amount\":\"12480.50\",\"currency\":"
                      "\"USD\"}";
    char first[] = "1788900000.000100", muller[] = "please credit Müller", look[] = "8841";
    char fourth_ts[] = "1788990001.000300", fourth[] = "the fourth";
    char usd5[] = "{\"amount\":\"5.00\",\"currency\":\"USD\"}";
    Request one = {.channel = channel, .ts = first, .text = muller, .link_ref = look};
    Run run = {.rows = 3, .amount = 12480500000, .currency = currency, .result = usd12480};
    Request four = {.channel = channel, .ts = fourth_ts, .text = fourth};
    Run run_4 = {.rows = 3, .amount = 5000000, .currency = currency, .result = usd5};
    g_autofree char *digest = evidence_digest(&one, &run);
    g_autofree char *digest_4 = evidence_digest(&four, &run_4);
    GString *script = g_string_new(rows);
    g_string_replace(script, DIGEST, digest, 0);
    g_string_replace(script, DIGEST2, digest_4, 0);
    return g_string_free(script, FALSE);
}

static void
make_version_1(Fixture *f)
{
    g_clear_pointer(&f->store, store_close);
    g_unlink(f->path);
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    g_autofree char *rows = sealed(rows_1);
    g_autofree char *script =
        g_strdup_printf("PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON; BEGIN; %s %s "
                        "PRAGMA application_id=%d; PRAGMA user_version=1; COMMIT",
                        schema_steps[0], rows, STORE_APPLICATION_ID);
    if (sqlite3_exec(db, script, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    sqlite3_close(db);
    g_chmod(f->path, 0600);
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

/* An event of the old version, chained as it chained them. */
static void
add_events(Fixture *f)
{
    g_autoptr(GError) error = NULL;
    f->store = sql_open_plain(f->path, FALSE, &error);
    no_error(error);
    f->store->clock = f->clock;
    sql_script(f->store, "CREATE VIRTUAL TABLE search USING fts5 (text)", &error);
    no_error(error);
    store_event(f->store, 2, "uid 1000 (mara)", "state", "pending", "rejected", NULL, &error);
    no_error(error);
    sql_script(f->store, "DROP TABLE search", &error);
    no_error(error);
    g_clear_pointer(&f->store, store_close);
}

static void
test_from_version_1(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    make_version_1(f);
    add_events(f);
    assert_null(fixture_open(f, TRUE, &error)); /* a reader changes nothing */
    is_error(&error, ERR_STORE, "older creditbot");
    f->store = fixture_open(f, FALSE, &error);
    no_error(error);
    assert_sound(f->store);
    g_autoptr(Request) posted = store_request_get(f->store, 1, &error);
    assert_string_equal(posted->text, "please credit Müller");
    assert_string_equal(posted->sql, "SELECT cost FROM t");
    assert_string_equal(posted->decided_by, "zoe, max");
    assert_int_equal(posted->decided_at, posted->posted_at);
    assert_int_equal(posted->amount, 12480500000);
    assert_int_equal(posted->corrects, 0);
    g_autoptr(Request) rejected = store_request_get(f->store, 2, &error);
    assert_string_equal(rejected->decided_by, "uid 1000 (mara)");
    assert_int_equal(rejected->decided_at, rejected->state_at);
    StateCounts counts;
    assert_true(store_counts(f->store, 0, &counts, &error));
    assert_int_equal(counts.count[STATE_POSTED], 1);
    assert_int_equal(counts.amount[STATE_POSTED], 12480500000);
    /* The guards hold as before. */
    assert_false(sql_script(f->store, "DELETE FROM requests", &error));
    is_error(&error, ERR_ILLEGAL, "never deleted");
    assert_false(sql_script(f->store, "DELETE FROM runs", &error));
    is_error(&error, ERR_ILLEGAL, "never deleted");
    assert_false(sql_script(f->store, "UPDATE approvals SET request_id = 99", &error));
    g_clear_error(&error);
}

static void
test_copy_is_kept(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    make_version_1(f);
    f->store = fixture_open(f, FALSE, &error);
    no_error(error);
    g_autofree char *copy = g_strconcat(f->path, ".v1.bak", NULL);
    g_autoptr(Store) plain = sql_open_plain(copy, TRUE, &error);
    no_error(error);
    gint64 version = 0, n = 0;
    assert_true(sql_query_int(plain, &version, &error, "PRAGMA user_version", ""));
    assert_true(sql_query_int(plain, &n, &error, "SELECT count(*) FROM requests", ""));
    assert_int_equal(version, 1);
    assert_int_equal(n, 3);
}

/* What version 2 has beyond that: a row in every table, approvals of all kinds. */
static const char rows_2[] =
    "INSERT INTO requests (id, version, channel, ts, thread_ts, state, resume, attempts,"
    "  next_attempt_at, received_at, state_at, hold_until, posted_at) VALUES"
    " (4, 1, 'C1', '1788990001.000300', '1788990001.000300', 'pending', 'new', 0, 0,"
    "  1788990001000300, 1788990001000300, 0, 0);"
    "INSERT INTO request_texts (id, text, message) VALUES (4, 'the fourth', '{}');"
    "INSERT INTO runs (id, request_id, number, dry, status, started_at, finished_at, rows, amount,"
    "  low, high, currency, digest, result) VALUES (2, 4, 1, 0, 'done', 1, 2, 3, 5000000, 5000000,"
    "  5000000, 'USD', '" DIGEST2 "', '{\"amount\":\"5.00\",\"currency\":\"USD\"}');"
    "UPDATE requests SET run_id = 2, amount = 5000000, low = 5000000, high = 5000000,"
    "  currency = 'USD', run_number = 1, run_at = 2 WHERE id = 4;"
    "INSERT INTO approvals VALUES (3, 4, 2, '" DIGEST2 "', 1000, 'zoe', 'fine', 5, 6, 0, 9, 'no'),"
    " (4, 4, 2, '" DIGEST2 "', 1000, 'zoe', 'fine', 5, 6, 0, 0, NULL),"
    " (5, 4, 2, '" DIGEST2 "', 1002, 'zoe', 'fine', 5, 6, 0, 0, NULL),"
    " (6, 4, 2, '" DIGEST2 "', 1003, NULL, NULL, 5, 6, 0, 0, NULL),"
    " (7, 4, 2, '" DIGEST2 "', -1, 'auto', 'mode=auto', 5, 6, 0, 0, NULL);"
    "INSERT INTO passes (id, started_at, pid, dry_run, finished_at, status, exit_code, found, "
    "fresh,"
    "  ignored, needs_link, calculated, pending, posted, failed) VALUES (1, 1, 2, 0, 3, 'ok', 0, 1,"
    "  1, 0, 0, 1, 1, 0, 0);"
    "INSERT INTO logs (at, level, message) VALUES (1, 2, 'a line');"
    "INSERT INTO progress VALUES (4, 1, 1, 2, 3, 0.5, 'query', 'q', 'h', 1, 0);"
    "INSERT INTO leases VALUES ('other', 'h', 'b', 1, 2, 3, 4);"
    "INSERT INTO \"values\" VALUES ('pause', 'lunch');"
    "INSERT INTO processed VALUES ('1788000000.000100', 'C1', 1, 2, '{}');"
    "INSERT INTO probe VALUES (1, zeroblob(8));"
    "INSERT INTO claims VALUES (4, 'h', 'b', 1, 2, 1000, 'zoe', 'looking', 5, 6);";

static void
make_version_2(Fixture *f)
{
    g_autoptr(GError) error = NULL;
    make_version_1(f);
    add_events(f);
    g_autoptr(Store) store = sql_open_plain(f->path, FALSE, &error);
    no_error(error);
    store->clock = f->clock;
    schema_migrate(store, schema_steps, 2, &error);
    no_error(error);
    g_autofree char *rows = sealed(rows_2);
    sql_script(store, rows, &error);
    no_error(error);
    g_autofree char *detail = sealed("{\"digest\":\"" DIGEST2 "\",\"have\":1,\"need\":3}");
    store_event(store, 4, "zoe", "approve", NULL, NULL, detail, &error);
    no_error(error);
    store_event(store, 4, "max", "approve", NULL, NULL, "no JSON", &error);
    no_error(error);
    store_event(store, 4, "creditbot", "state", "calculating", "pending", NULL, &error);
    no_error(error);
}

/* "table rows", one a line. */
static char *
count_tables(Fixture *f)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) plain = sql_open_plain(f->path, TRUE, &error);
    no_error(error);
    g_autofree char *tables = sql_query_text(
        plain, &error,
        "SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_schema WHERE type = 'table'"
        " AND name <> 'reviews' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'search%'"
        " ORDER BY name)",
        "");
    g_auto(GStrv) names = g_strsplit(tables, " ", -1);
    GString *counts = g_string_new(NULL);
    for (char **name = names; *name; name++) {
        gint64 n = 0;
        g_autofree char *sql = g_strdup_printf("SELECT count(*) FROM \"%s\"", *name);
        assert_true(sql_query_int(plain, &n, &error, sql, ""));
        if (n == 0)
            fail_msg("no row in %s: nothing is proven about it", *name);
        g_string_append_printf(counts, "%s %d\n", *name, (int)n);
    }
    return g_string_free(counts, FALSE);
}

typedef struct {
    const char *person, *method;
    gint64 need;
} Approver;

static void
test_from_version_2(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    static const Approver closed[] = {{"zoe", "login", 1}, {"max", "login", 1}};
    static const Approver open[] = {
        {"zoe", "login", 1}, /* void: it asks for nothing any more */
        {"zoe", "login", 3},      {"zoe (uid 1002)", "login", 3},
        {"uid 1003", "login", 3}, {"auto", "auto", 3},
    };
    make_version_2(f);
    g_autofree char *before = count_tables(f);
    f->store = fixture_open(f, FALSE, &error);
    no_error(error);
    assert_sound(f->store);
    g_autofree char *after = count_tables(f);
    assert_string_equal(before, after);
    for (int id = 1; id <= 4; id += 3) {
        const Approver *expected = id == 1 ? closed : open;
        g_autoptr(GPtrArray) approvals = store_approvals(f->store, id, &error);
        assert_int_equal(approvals->len, id == 1 ? 2 : 5);
        for (guint i = 0; i < approvals->len; i++) {
            const Approval *approval = approvals->pdata[i];
            assert_string_equal(approval->person, expected[i].person);
            assert_string_equal(approval->method, expected[i].method);
            assert_int_equal(approval->need, expected[i].need);
            assert_true(approval->self);
            assert_null(approval->signature);
        }
    }
    g_autoptr(GPtrArray) posts = store_posts(f->store, 1, &error);
    assert_int_equal(((Post *)posts->pdata[0])->witness_id, 0);
    assert_null(((Post *)posts->pdata[0])->witness_hash);
    assert_false(sql_script(f->store, "UPDATE posts SET text = 'x'", &error));
    is_error(&error, ERR_ILLEGAL, "never changed");
    assert_false(sql_script(f->store, "DELETE FROM approvals", &error));
    is_error(&error, ERR_ILLEGAL, "never deleted");
    g_autofree char *copy = g_strconcat(f->path, ".v2.bak", NULL);
    assert_true(g_file_test(copy, G_FILE_TEST_EXISTS));
}

/* A state of the next version is left alone, whoever asks. */
static void
test_newer(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    g_autofree char *mark = g_strdup_printf("PRAGMA user_version=%d", schema_version + 1);
    assert_true(sql_script(f->store, mark, &error));
    g_clear_pointer(&f->store, store_close);
    assert_null(fixture_open(f, FALSE, &error));
    is_error(&error, ERR_STORE, "newer creditbot");
    assert_null(fixture_open(f, TRUE, &error));
    is_error(&error, ERR_STORE, "newer creditbot");
}

/* A step that fails, or leaves a row that belongs to none, leaves the state as it was. */
static void
test_step_fails(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    const char *const steps[] = {schema_steps[0], schema_steps[1], schema_steps[2],
                                 "ALTER TABLE requests ADD COLUMN extra TEXT",
                                 "CREATE TABLE broken (x NONSENSE) STRICT"};
    const char *const orphans[] = {
        schema_steps[0], schema_steps[1], schema_steps[2],
        "CREATE TABLE child (id INTEGER REFERENCES requests (id)); INSERT INTO child VALUES (77)"};
    request_put(f->store, 1, STATE_NEW);
    assert_false(schema_migrate(f->store, steps, 5, &error));
    g_clear_error(&error);
    assert_false(schema_migrate(f->store, orphans, 4, &error));
    is_error(&error, ERR_STORE, "child");
    gint64 version = 0;
    assert_true(sql_query_int(f->store, &version, &error, "PRAGMA user_version", ""));
    assert_int_equal(version, 3);
    assert_true(schema_migrate(f->store, steps, 4, &error));
    no_error(error);
    g_autoptr(GPtrArray) problems = NULL;
    assert_true(store_verify(f->store, &problems, &error));
    assert_int_equal(problems->len, 1); /* the new column alone */
    assert_non_null(strstr(problems->pdata[0], "the table requests is another"));
    /* Foreign keys are on again. */
    assert_false(sql_script(f->store, "INSERT INTO request_texts (id) VALUES (99)", &error));
    is_error(&error, ERR_NOT_FOUND, NULL);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(test_from_version_1), T(test_from_version_2), T(test_newer),
        T(test_copy_is_kept),   T(test_step_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
