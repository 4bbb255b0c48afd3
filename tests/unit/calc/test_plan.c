/* The planned statement, as text and run by SQLite, fed back into the calculator. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/config.h"
#include "base/error.h"
#include "calc/calc.h"

static const char settings[] = "[product.verify]\nmatch=Authy\ncalculator=verify\n";

#define COLUMNS(...) ((const char *const[]){__VA_ARGS__, NULL})

static Calc *
calc_make(const char *extra)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = g_strconcat(settings, extra, NULL);
    g_autoptr(Config) config = config_parse(text, "test", NULL, &error);
    assert_null(error);
    Calc *calc = calc_new(config, "verify", NULL, &error);
    assert_null(error);
    return calc;
}

static char *
plan_of(const char *sql, const char *const *columns)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Calc) calc = calc_make("");
    char *plan = calc_plan(calc, sql, columns, &error);
    assert_null(error);
    return plan;
}

static void
assert_refused(const char *const *columns, const char *part, const char *other)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Calc) calc = calc_make("");
    assert_null(calc_plan(calc, "SELECT 1", columns, &error));
    assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_INPUT));
    assert_non_null(strstr(error->message, part));
    assert_non_null(strstr(error->message, other));
}

static void
test_text(void **state)
{
    (void)state;
    g_autofree char *plan =
        plan_of("SELECT * FROM x -- all",
                COLUMNS("v.created_date", "v.country", "Attempts", "odd\".conversions", "cost"));
    assert_string_equal(
        plan, "SELECT SUBSTR(CAST(t.\"v.created_date\" AS VARCHAR), 1, 10),\n"
              "       COALESCE(NULLIF(TRIM(CAST(t.\"v.country\" AS VARCHAR)), ''), '(none)'),\n"
              "       CAST(SUM(CAST(t.\"Attempts\" AS DECIMAL(38,6))) AS VARCHAR),\n"
              "       CAST(SUM(CAST(t.\"odd\"\".conversions\" AS DECIMAL(38,6))) AS VARCHAR),\n"
              "       CAST(SUM(CAST(t.\"cost\" AS DECIMAL(38,12))) AS VARCHAR),\n"
              "       CAST(COUNT(*) AS VARCHAR)\n"
              "FROM (\nSELECT * FROM x -- all\n) t\nGROUP BY 1, 2");
}

static void
test_refusals(void **state)
{
    (void)state;
    assert_refused(COLUMNS("day", "country", "attempts", "cost"), "conversions",
                   "day, country, attempts, cost");
    assert_refused(COLUMNS("day", "country", "a.attempts", "b.attempts", "conversions", "cost"),
                   "a.attempts", "b.attempts");
    assert_refused(COLUMNS("day", "country", "attempts", "messages", "conversions", "cost"),
                   "'attempts' and 'messages'", "[calculator.verify] attempts");
    assert_refused(COLUMNS("day", "day", "country", "attempts", "conversions", "cost"), "day",
                   "columns found");
    g_autoptr(GError) error = NULL;
    g_autoptr(Calc) calc = calc_make("[calculator.verify]\ncost=attempts\n");
    assert_null(
        calc_plan(calc, "SELECT 1", COLUMNS("day", "country", "attempts", "conversions"), &error));
    assert_non_null(strstr(error->message, "both as"));
}

static void
test_optional_columns(void **state)
{
    (void)state;
    g_autofree char *plan = plan_of("SELECT 1", COLUMNS("day", "country", "carrier", "prefix",
                                                        "attempts", "conversions", "cost",
                                                        "currency", "account_sid", "account_name"));
    assert_non_null(strstr(plan, "t.\"prefix\"")); /* the first alias wins */
    assert_null(strstr(plan, "t.\"carrier\""));
    assert_non_null(strstr(plan, "MIN(t.\"account_sid\")"));
    assert_non_null(strstr(plan, "GROUP BY 1, 2, 3, 4"));
}

/* Runs the plan on SQLite and feeds what comes back. */
static gboolean
run_on_sqlite(Calc *calc, const char *create, const char *sql, const char *const *columns,
              GError **error)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    gboolean ok = TRUE;
    g_autofree char *plan = calc_plan(calc, sql, columns, error);
    assert_non_null(plan);
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, create, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, plan, -1, &statement, NULL), SQLITE_OK);
    while (ok && sqlite3_step(statement) == SQLITE_ROW) {
        const char *cells[16];
        int n = sqlite3_column_count(statement);
        for (int i = 0; i < n; i++) {
            assert_true(sqlite3_column_type(statement, i) == SQLITE_TEXT ||
                        sqlite3_column_type(statement, i) == SQLITE_NULL);
            cells[i] = (const char *)sqlite3_column_text(statement, i);
        }
        ok = calc_feed(calc, cells, (gsize)n, error);
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return ok;
}

static const char rows_table[] =
    "CREATE TABLE v (\"v.created_date\" TEXT, country TEXT, attempts, conversions, cost, account);"
    "INSERT INTO v VALUES"
    " ('2026-09-14 00:00:00.000', 'AZ', 9007199254740993, 1, '10.01', 'acme'),"
    " ('2026-09-14', 'AZ', '2', NULL, 0.1, 'globex'),"
    " ('2026-09-15', NULL, 4, 2, 0.0000004, 'acme'),"
    " ('2026-09-15', ' ', 1, 1, NULL, 'acme');";

static void
test_sqlite(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Calc) calc = calc_make("");
    assert_true(run_on_sqlite(
        calc, rows_table, "SELECT * FROM v -- the end",
        COLUMNS("v.created_date", "country", "attempts", "conversions", "cost", "account"),
        &error));
    g_autoptr(CalcResult) result = calc_finish(calc, &error);
    assert_non_null(result);
    assert_int_equal(result->segments->len, 2);
    const CalcSegment *none = g_ptr_array_index(result->segments, 0);
    const CalcSegment *az = g_ptr_array_index(result->segments, 1);
    assert_string_equal(none->country, "(none)");
    assert_true(none->attempts == 5 && none->conversions == 3 && none->cost == 0);
    assert_string_equal(az->day, "2026-09-14");
    assert_true(az->attempts == G_GINT64_CONSTANT(9007199254740995));
    assert_true(az->conversions == 1 && az->cost == 10110000);
    assert_int_equal(result->rows, 4);
    assert_string_equal(result->customer, "2 accounts");
}

static void
test_sqlite_with(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Calc) calc = calc_make("");
    assert_true(run_on_sqlite(
        calc, rows_table,
        "WITH w AS (SELECT * FROM v WHERE country = 'AZ') SELECT * FROM w "
        "ORDER BY 1 LIMIT 5",
        COLUMNS("v.created_date", "country", "attempts", "conversions", "cost"), &error));
    g_autoptr(CalcResult) result = calc_finish(calc, &error);
    assert_int_equal(result->segments->len, 1);
    assert_null(result->customer);
}

static void
test_sqlite_bad_rows(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"(NULL, 'AZ', 1, 1, 1)", "1 rows of AZ have no day"},
        {"('2026-02-30', 'AZ', 1, 1, 1)", "not a calendar day"},
        {"('2026-02-03', 'AZ', 1.5, 1, 1)", "not a non-negative whole number"},
        {"('2026-02-03', 'AZ', -1, 0, 1)", "not a non-negative whole number"},
        {"('2026-02-03', 'AZ', 1, 2, 1)", "2 conversions of 1 attempts"},
        {"('2026-02-03', 'AZ', 1, 1, -1)", "negative"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Calc) calc = calc_make("");
        g_autofree char *create = g_strdup_printf(
            "CREATE TABLE v (day, country, attempts, conversions, cost); INSERT INTO v VALUES %s",
            bad[i][0]);
        assert_false(run_on_sqlite(calc, create, "SELECT * FROM v",
                                   COLUMNS("day", "country", "attempts", "conversions", "cost"),
                                   &error));
        assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_INPUT));
        assert_non_null(strstr(error->message, bad[i][1]));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_optional_columns),
        cmocka_unit_test(test_sqlite),
        cmocka_unit_test(test_sqlite_with),
        cmocka_unit_test(test_sqlite_bad_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
