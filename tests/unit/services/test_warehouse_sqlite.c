/* test_warehouse_sqlite.c: a SQLite file as a warehouse: values, errors, limits, and that it only
 * reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include "base/error.h"
#include "services/warehouse.h"

typedef struct {
    char *folder, *path;
    Config *config;
    Warehouse *warehouse;
    Cancel *cancel;
    GString *out;
    gint64 progress;
} Fixture;

static const char *
no_environment(const char *name)
{
    (void)name;
    return NULL;
}

static void
fill(const char *path)
{
    static const char sql[] =
        "CREATE TABLE t (i INTEGER, r REAL, s VARCHAR(10), b BLOB);"
        "INSERT INTO t VALUES (9223372036854775807, 0.1, 'ä\n', x'00ff'),"
        " (-9223372036854775808, 1e300, NULL, NULL), (0, 0.30000000000000004, '', x''),"
        " (1, 9e999, 'x', NULL);"
        "CREATE TABLE odd (s);"
        "INSERT INTO odd VALUES (CAST(x'61006200' AS TEXT));";
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void
open_path(Fixture *f, const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = g_strdup_printf("[warehouse]\ndriver=sqlite\npath=%s\n", path);
    f->config = config_parse(text, "test.conf", no_environment, &error);
    assert_non_null(f->config);
    f->warehouse = warehouse_new(NULL, f->config, NULL, &error);
    if (!f->warehouse)
        fail_msg("%s", error->message);
}

static int
setup(void **state)
{
    Fixture *f = g_new0(Fixture, 1);
    f->folder = g_dir_make_tmp("creditbot-test-XXXXXX", NULL);
    f->path = g_build_filename(f->folder, "data.db", NULL);
    f->cancel = cancel_new();
    f->out = g_string_new(NULL);
    fill(f->path);
    open_path(f, f->path);
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    Fixture *f = *state;
    warehouse_free(f->warehouse);
    config_free(f->config);
    cancel_unref(f->cancel);
    g_string_free(f->out, TRUE);
    g_unlink(f->path);
    g_rmdir(f->folder);
    g_free(f->path);
    g_free(f->folder);
    g_free(f);
    return 0;
}

static gboolean
on_columns(const char *const *names, const char *const *types, void *data, GError **error)
{
    Fixture *f = data;
    (void)error;
    for (gsize i = 0; names[i]; i++)
        g_string_append_printf(f->out, "%s:%s ", names[i], types[i]);
    g_string_append(f->out, "\n");
    return TRUE;
}

static gboolean
on_row(const char *const *cells, gsize n, void *data, GError **error)
{
    Fixture *f = data;
    (void)error;
    for (gsize i = 0; i < n; i++)
        g_string_append_printf(f->out, "%s%s", i ? "|" : "", cells[i] ? cells[i] : "NULL");
    g_string_append_c(f->out, '\n');
    return TRUE;
}

static void
on_progress(const WarehouseProgress *progress, void *data)
{
    Fixture *f = data;
    assert_true(progress->percent == -1);
    f->progress++;
    cancel_fire(f->cancel);
}

static void
gives(Fixture *f, const char *sql, const char *expected)
{
    g_autoptr(GError) error = NULL;
    WarehouseSink sink = {.columns = on_columns, .row = on_row, .data = f};
    g_string_truncate(f->out, 0);
    if (!warehouse_run(f->warehouse, sql, NULL, &sink, NULL, NULL, &error))
        fail_msg("%s", error->message);
    assert_string_equal(f->out->str, expected);
}

static void
fails(Fixture *f, const char *sql, CreditbotError code, const char *reason)
{
    g_autoptr(GError) error = NULL;
    WarehouseSink sink = {.row = on_row, .data = f};
    assert_false(warehouse_run(f->warehouse, sql, NULL, &sink, NULL, NULL, &error));
    if (!g_error_matches(error, CREDITBOT_ERROR, (int)code) || !strstr(error->message, reason))
        fail_msg("%s\nsays %s: %s\nwant %s", sql, error_code_name(error->code), error->message,
                 reason);
}

static void
test_values(void **state)
{
    Fixture *f = *state;
    gives(f, "SELECT i, r, s, b FROM t ORDER BY i;",
          "i:INTEGER r:REAL s:VARCHAR(10) b:BLOB \n"
          "-9223372036854775808|1e+300|NULL|NULL\n"
          "0|0.30000000000000004||\n"
          "1|Infinity|x|NULL\n"
          "9223372036854775807|0.1|ä\n|AP8=\n");
    gives(f, "WITH a AS (SELECT 1 AS n) SELECT n, n + 1 AS m, 'z' FROM a WHERE n > 5",
          "n:unknown m:unknown 'z':unknown \n");
}

static void
test_errors(void **state)
{
    Fixture *f = *state;
    fails(f, "SELECT 1,\n  nope FROM t", ERR_INPUT, "line 2: no such column: nope");
    fails(f, "SELECT 1 FROM nowhere", ERR_INPUT, "no such table: nowhere");
    fails(f, "SELECT \"nope\" FROM t", ERR_INPUT, "no such column");
    fails(f, "SELECT ?", ERR_INPUT, "1 parameters");
    fails(f, "SELECT * FROM pragma_table_info('t')", ERR_INPUT, "refused the statement");
    fails(f, "SELECT load_extension('x')", ERR_INPUT, "refused the statement");
    fails(f, "DELETE FROM t", ERR_INPUT, "begins with DELETE");
    fails(f, "SELECT 1; DROP TABLE t", ERR_INPUT, "exactly one statement");
    fails(f, "SELECT s FROM odd", ERR_INPUT, "column s: the text is not UTF-8 without NUL");
}

static void
test_missing_and_damaged(void **state)
{
    Fixture *f = *state, other = {0};
    g_autofree char *gone = g_build_filename(f->folder, "gone.db", NULL);
    open_path(&other, gone);
    fails(&other, "SELECT 1 FROM t", ERR_UNREACHABLE, "check [warehouse] path");
    assert_false(g_file_test(gone, G_FILE_TEST_EXISTS));
    warehouse_free(other.warehouse);
    config_free(other.config);

    assert_true(g_file_set_contents(gone, "this is no database, only words that are long enough",
                                    -1, NULL));
    open_path(&other, gone);
    fails(&other, "SELECT 1 FROM t", ERR_BAD_ANSWER, "cannot be read");
    warehouse_free(other.warehouse);
    config_free(other.config);
    g_unlink(gone);
}

static void
test_max_rows(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    WarehouseSink sink = {.row = on_row, .data = f};
    WarehouseLimits limits = {.max_rows = 4};
    assert_true(warehouse_run(f->warehouse, "SELECT i FROM t", &limits, &sink, NULL, NULL, &error));
    limits.max_rows = 3;
    assert_false(
        warehouse_run(f->warehouse, "SELECT i FROM t", &limits, &sink, NULL, NULL, &error));
    assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_INPUT));
    assert_non_null(strstr(error->message, "more than 3 rows"));
}

static const char endless[] = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                              "SELECT MAX(i) FROM n";

static void
test_cancel_and_timeout(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    WarehouseSink sink = {.progress = on_progress, .data = f};
    WarehouseLimits limits = {.timeout = 30 * G_TIME_SPAN_SECOND};
    assert_false(warehouse_run(f->warehouse, endless, &limits, &sink, NULL, f->cancel, &error));
    assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_CANCELLED));
    assert_true(f->progress > 0);
    g_clear_error(&error);

    limits.timeout = 50 * G_TIME_SPAN_MILLISECOND;
    gint64 started = g_get_monotonic_time();
    assert_false(warehouse_run(f->warehouse, endless, &limits, NULL, NULL, NULL, &error));
    assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_TIMEOUT));
    assert_true(g_get_monotonic_time() - started < 5 * G_TIME_SPAN_SECOND);
}

static void
test_columns_and_check(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) names =
        warehouse_columns(f->warehouse, "SELECT i, s AS \"verify.day\" FROM t", NULL, &error);
    assert_non_null(names);
    g_autofree char *all = g_strjoinv(",", names);
    assert_string_equal(all, "i,verify.day");
    assert_null(warehouse_columns(f->warehouse, "SELECT q FROM t", NULL, &error));
    assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_INPUT));
    g_clear_error(&error);

    g_autofree char *version = NULL;
    assert_true(warehouse_check(f->warehouse, &version, NULL, &error));
    assert_string_equal(version, sqlite3_libversion());
    g_autofree char *label = g_strconcat("sqlite ", f->path, NULL);
    assert_string_equal(warehouse_name(f->warehouse), label);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_values, setup, teardown),
        cmocka_unit_test_setup_teardown(test_errors, setup, teardown),
        cmocka_unit_test_setup_teardown(test_missing_and_damaged, setup, teardown),
        cmocka_unit_test_setup_teardown(test_max_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cancel_and_timeout, setup, teardown),
        cmocka_unit_test_setup_teardown(test_columns_and_check, setup, teardown),
    };
    return cmocka_run_group_tests_name("services/warehouse_sqlite", tests, NULL, NULL);
}
