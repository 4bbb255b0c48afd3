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

/* What stands outside of quotes and comments, these being one blank each, character by character:
 * a second and plainer reading than the guard's. */
static char *
bare_text(const char *sql)
{
    GString *out = g_string_new(NULL);
    char inside = '\0'; /* the quote, '-' or '*' */
    for (const char *p = sql; *p; p++) {
        if (inside == '\0') {
            gboolean line = p[0] == '-' && p[1] == '-', block = p[0] == '/' && p[1] == '*';
            inside = *p == '\'' || *p == '"' ? *p : line ? '-' : block ? '*' : '\0';
            p += block;
            g_string_append_c(out, inside ? ' ' : g_ascii_toupper(*p));
        } else if (inside == '-') {
            inside = *p == '\n' || *p == '\r' ? '\0' : inside;
        } else if (inside == '*') {
            inside = p[0] == '*' && p[1] == '/' ? '\0' : inside;
            p += inside == '\0';
        } else if (*p == inside) {
            inside = '\0'; /* a doubled one begins the next quoted text at once */
        }
    }
    return g_string_free(out, FALSE);
}

static void
check_bare(const char *sql)
{
    g_autofree char *bare = bare_text(sql);
    g_auto(GStrv) words = g_strsplit_set(bare, " \t\r\n()[],.;+-*/<>=|%?:{}^$&", -1);
    char **word = words;
    g_assert_null(strpbrk(bare, ";`\\#@!~") && !strstr(bare, "!=") ? bare : NULL);
    while (*word && **word == '\0')
        word++;
    g_assert_nonnull(*word);
    if (strcmp(*word, "SELECT") != 0 && strcmp(*word, "WITH") != 0)
        g_error("begins with '%s': %s", *word, sql);
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
    check_bare(clean);
    g_autofree char *wrapped = g_strdup_printf("SELECT * FROM (%s\n) t LIMIT 0", clean);
    if (strlen(wrapped) < 10000) /* so that no limit is near */
        g_assert_true(sql_guard(wrapped, NULL, NULL));
    return 0;
}
