/* fuzz_sql_guard.c: what the guard lets through is one statement that only reads, by SQLite's own
 * reading of it too, and is let through again in every wrapping that we use. */
#include <glib.h>
#include <sqlite3.h>
#include <stdint.h>
#include <string.h>
#include "tests/fuzz/fuzz.h"
#include "services/sql_guard.h"

static void
check_tokens(const char *sql)
{
    gsize pos = 0, end = 0;
    SqlToken token;
    while ((token = sql_next(sql, &pos)).kind != SQL_END) {
        g_assert_cmpuint(token.start, ==, end);
        g_assert_cmpuint(token.length, >, 0);
        end = token.start + token.length;
        g_assert_cmpuint(pos, ==, end);
    }
    g_assert_cmpuint(end, ==, strlen(sql));
}

static void
check_statement(const char *sql)
{
    static sqlite3 *db;
    sqlite3_stmt *statement = NULL;
    const char *tail = NULL;
    if (!db) {
        g_assert_cmpint(sqlite3_open(":memory:", &db), ==, SQLITE_OK);
        sqlite3_exec(db, "CREATE TABLE t (a, b, c)", NULL, NULL, NULL);
    }
    if (sqlite3_prepare_v2(db, sql, -1, &statement, &tail) == SQLITE_OK) {
        g_assert_nonnull(statement);
        g_assert_true(sqlite3_stmt_readonly(statement));
        g_assert_cmpint(sqlite3_stmt_isexplain(statement), ==, 0);
        g_assert_cmpstr(tail, ==, "");
    }
    sqlite3_finalize(statement);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *sql = g_strndup((const char *)data, size);
    g_autofree char *clean = NULL, *again = NULL;
    g_autoptr(GError) error = NULL;

    check_tokens(sql);
    if (!sql_guard(sql, &clean, &error)) {
        g_assert_nonnull(error);
        g_assert_null(clean);
        return 0;
    }
    g_assert_true(sql_guard(clean, &again, NULL));
    g_assert_cmpstr(again, ==, clean);
    check_statement(clean);
    g_autofree char *wrapped = g_strdup_printf("SELECT * FROM (%s\n) t LIMIT 0", clean);
    if (strlen(wrapped) < 10000) /* so that no limit is near */
        g_assert_true(sql_guard(wrapped, NULL, NULL));
    return 0;
}
