/* test_sql_guard.c: what the SQL guard lets through, what it refuses, and where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "base/error.h"
#include "services/sql_guard.h"

static void
allows(const char *sql, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *clean = NULL;
    if (!sql_guard(sql, &clean, &error))
        fail_msg("%s: %s", error->message, sql);
    assert_string_equal(clean, expected ? expected : sql);
    /* What was let through is let through again. */
    assert_true(sql_guard(clean, NULL, &error));
}

static void
refuses(const char *sql, int line, const char *reason)
{
    g_autoptr(GError) error = NULL;
    char *clean = NULL;
    if (sql_guard(sql, &clean, &error))
        fail_msg("let through: %s", sql);
    assert_null(clean);
    assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_INPUT));
    g_autofree char *where = g_strdup_printf("line %d: ", line);
    if (!strstr(error->message, where) || !strstr(error->message, reason))
        fail_msg("%s\nsays: %s\nwant: %s… %s", sql, error->message, where, reason);
}

/* As Looker writes it: its comment, its aliases, casts, windows, and words that are also keywords.
 */
static const char looker_sql[] =
    "-- Looker Query Context '{\"user_id\":12,\"history_slug\":\"ab'c;\"}'\n"
    "WITH verify_attempts AS (SELECT a.account_sid, a.\"delete\", CAST(a.created AS date) AS day,\n"
    "    replace(a.phone, '+', '') AS phone, a.update, set_digest(a.x) AS merge\n"
    "  FROM hive.default.attempts a /* not ';' DROP TABLE x */\n"
    "  WHERE a.friendly_name <> 'O''Brien; DELETE FROM t --' AND a.call = 1)\n"
    ", usage (\"day\", total) AS (VALUES (DATE '2026-09-01', 1_000), (DATE '2026-09-02', 0x1F))\n"
    "SELECT\n"
    "    (DATE_FORMAT(v.day , '%Y-%m-%d')) AS \"verify.day\",\n"
    "    COALESCE(v.country, U&'\\00e4' UESCAPE '\\', X'00ff') AS \"verify.country\",\n"
    "    COUNT(DISTINCT v.id) FILTER (WHERE v.state = 'sent') AS \"verify.attempts\",\n"
    "    CASE WHEN grant > 1e-3 THEN .5 ELSE 2. END, transform(ARRAY[1,2], x -> x + 1),\n"
    "    set, show, map['into'], listagg(p, ',' ON OVERFLOW TRUNCATE) WITHIN GROUP (ORDER BY p)\n"
    "FROM verify_attempts v, TABLE(sequence(start => 1, stop => 3))\n"
    "CROSS JOIN UNNEST(v.tags) WITH ORDINALITY AS t (tag, n)\n"
    "WHERE v.day >= (DATE_ADD('day', -29, CURRENT_DATE)) AND v.t < (WITH q AS (SELECT 1) TABLE q)\n"
    "GROUP BY 1, 2 HAVING COUNT(*) > 0 ORDER BY 1 DESC, \"verify.country\"";

static void
test_allows(void **state)
{
    (void)state;
    allows("SELECT 1", NULL);
    allows("select 1;", "select 1");
    allows("  SELECT 1 ; -- the end\n /* really */ \n", "  SELECT 1");
    allows("/* a */ -- b\nWITH a AS (SELECT 1) SELECT * FROM a", NULL);
    allows("WITH RECURSIVE t(n) AS (VALUES 1 UNION ALL SELECT n+1 FROM t) SELECT * FROM t", NULL);
    allows("WITH function AS (SELECT 1), session (a) AS (TABLE x) SELECT * FROM function", NULL);
    allows("(SELECT 1) UNION ALL (SELECT 2) LIMIT 5", NULL);
    allows("((SELECT 1))", NULL);
    allows("(WITH a AS (SELECT 1) SELECT * FROM a)", NULL);
    allows("WITH a AS NOT MATERIALIZED (SELECT 1) (SELECT * FROM a)", NULL);
    allows("SELECT ';', '--', '/*', \"a;b\", '''', \"\"\"\" FROM t", NULL);
    allows("SELECT 1 -- DROP TABLE t;", NULL);
    allows("SELECT 1\r\nFROM t\r\n", "SELECT 1\r\nFROM t");
    allows("SELECT 'ä', '日本', '🙂' -- é", NULL);
    allows("SELECT execute, prepare, describe FROM t", NULL); /* names on SQLite */
    allows("SELECT t.insert, 1 AS delete, a.into FROM t", NULL);
    allows("SELECT update, merge, call, set, show, replace(a, 'x'), truncate(1.5) FROM t", NULL);
    allows("SELECT * FROM TABLE(exclude_columns(input => TABLE(orders), columns => DESCRIPTOR(x)))",
           NULL);
    allows("SELECT * FROM TABLE(cat.system.table_changes(schema_name => 'a'))", NULL);
    allows("SELECT * FROM TABLE(exclude_columns(input => TABLE(SELECT (1)), columns => 1))", NULL);
    allows("SELECT 1 /* a /* b */", NULL); /* Trino's comments do not nest */
    allows(looker_sql, NULL);
}

static void
test_refuses_other_statements(void **state)
{
    (void)state;
    refuses("", 1, "no statement");
    refuses(" -- only words\n", 1, "no statement");
    refuses(";", 1, "begins with ;");
    refuses("\n\nDELETE FROM t", 3, "begins with DELETE");
    static const char *const words[] = {
        "INSERT INTO t SELECT 1",
        "UPDATE t SET a=1",
        "MERGE INTO t USING s ON 1=1",
        "DROP TABLE t",
        "EXPLAIN SELECT 1",
        "EXPLAIN ANALYZE DELETE FROM t",
        "ANALYZE t",
        "CALL p()",
        "SET SESSION a=1",
        "PREPARE p FROM SELECT 1",
        "EXECUTE p",
        "EXECUTE IMMEDIATE 'DROP TABLE t'",
        "VALUES 1",
        "TABLE t",
        "SHOW TABLES",
        "USE a.b",
        "GRANT SELECT ON t TO u",
        "(VALUES 1)",
        "(DELETE FROM t)",
        "PRAGMA query_only=0",
        "ATTACH 'x' AS y",
        "\"SELECT\" 1",
        "1",
        "?",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        refuses(words[i], 1, "only SELECT or WITH is run");
    refuses("WITH a AS (SELECT 1)\nINSERT INTO t SELECT * FROM a", 2, "begins with INSERT");
    refuses("WITH a AS (SELECT 1) DELETE FROM t", 1, "begins with DELETE");
    refuses("WITH a AS (SELECT 1), b AS (SELECT 2) UPDATE t SET x = 1", 1, "begins with UPDATE");
    refuses("WITH a AS (SELECT 1) MERGE INTO t USING a ON 1=1", 1, "begins with MERGE");
    refuses("WITH a AS (DELETE FROM t RETURNING *) SELECT * FROM a", 1, "begins with DELETE");
    refuses("WITH a AS (update t set x=1 returning *) SELECT * FROM a", 1, "begins with update");
    refuses("WITH FUNCTION f(x int) RETURNS int RETURN x SELECT f(1)", 1, "WITH FUNCTION");
    refuses("WITH SESSION query_max_run_time = '9h' SELECT 1", 1, "WITH SESSION");
    refuses("WITH a SELECT 1", 1, "lacks AS");
    refuses("WITH SELECT 1", 1, "lacks AS");
    refuses("WITH 'a' AS (SELECT 1) SELECT 1", 1, "lacks the name");
    refuses("WITH a AS SELECT 1", 1, "lacks its");
}

static void
test_refuses_more_than_one(void **state)
{
    (void)state;
    refuses("SELECT 1; SELECT 2", 1, "exactly one statement");
    refuses("SELECT 1;\n\n;", 3, "exactly one statement");
    refuses("SELECT 1; -- x\nDROP TABLE t", 2, "exactly one statement");
    refuses("SELECT ';' ; 'x'", 1, "exactly one statement");
    refuses("SELECT (1; 2)", 1, "inside brackets");
    refuses("WITH a AS (SELECT 1; DROP TABLE t) SELECT 1", 1, "inside brackets");
    refuses("SELECT 1 /* /* */ ; DROP TABLE t -- */", 1, "exactly one statement");
    refuses("SELECT 1\nDELETE FROM t", 2, "DELETE stands in a query");
    refuses("SELECT * INTO copy FROM t", 1, "INTO writes");
    refuses("SELECT a\nFROM x WHERE b IN (DROP TABLE t)", 2, "DROP stands");
}

static void
test_refuses_pass_through(void **state)
{
    (void)state;
    refuses("SELECT * FROM TABLE(pg.system.query(query => 'DROP TABLE t'))", 1,
            "the table function pg.system.query may pass");
    refuses("SELECT *\nFROM TABLE(mysql.\"system\".\"query\"('DELETE FROM t'))", 2,
            "function mysql.system.query");
    refuses("SELECT * FROM TABLE ( /* x */ es.system.raw_query(schema => 's'))", 1, "raw_query");
    refuses("SELECT * FROM TABLE(mssql.system.procedure(query => 'EXEC p'))", 1, "procedure");
    refuses("WITH a AS (SELECT * FROM TABLE(query('x'))) SELECT * FROM a", 1, "function query");
    /* A reader's name does not make a reader. */
    refuses("SELECT * FROM TABLE(evil.system.sequence(start => 1))", 1, "evil.system.sequence");
    refuses("SELECT * FROM TABLE(a.b.table_changes('x'))", 1, "a.b.table_changes");
    refuses("SELECT * FROM TABLE(\"a.system\".table_changes('x'))", 1, "table function");
    refuses("SELECT * FROM TABLE(\"que\"\"ry\"('x'))", 1, "table function");
    refuses("SELECT * FROM t, LATERAL (SELECT * FROM tABLE(x.system.query('')))", 1, "query");
    refuses("SELECT * FROM TABLE(exclude_columns(input => TABLE(pg.system.query('x')), "
            "columns => DESCRIPTOR(x)))",
            1, "pg.system.query");
    allows(
        "SELECT * FROM TABLE(SYSTEM.builtin.sequence(1, 3)) JOIN TABLE(\"sequence\"(1, 2)) ON 1=1",
        NULL);
    allows("SELECT query, t.query FROM query WHERE query('x') = 1", NULL);
}

/* Every statement of the grammar that is no query, alone, in brackets, behind a comment and behind
 * a list of queries. */
static void
test_refuses_each_statement(void **state)
{
    static const char *const words[] = {"USE",
                                        "CREATE",
                                        "DROP",
                                        "ALTER",
                                        "COMMENT",
                                        "REFRESH",
                                        "TRUNCATE",
                                        "INSERT",
                                        "UPDATE",
                                        "DELETE",
                                        "MERGE",
                                        "ANALYZE",
                                        "CALL",
                                        "GRANT",
                                        "DENY",
                                        "REVOKE",
                                        "SHOW",
                                        "DESCRIBE",
                                        "DESC",
                                        "EXPLAIN",
                                        "EXPLAIN ANALYZE",
                                        "EXPLAIN ANALYZE VERBOSE",
                                        "SET",
                                        "RESET",
                                        "START",
                                        "COMMIT",
                                        "ROLLBACK",
                                        "PREPARE",
                                        "DEALLOCATE",
                                        "EXECUTE",
                                        "EXECUTE IMMEDIATE",
                                        "VALUES",
                                        "TABLE",
                                        "REPLACE",
                                        "PRAGMA",
                                        "ATTACH",
                                        "DETACH",
                                        "VACUUM",
                                        "REINDEX",
                                        "BEGIN",
                                        "END",
                                        "COPY",
                                        "DO",
                                        "LOCK",
                                        "KILL",
                                        "LOAD",
                                        "MSCK",
                                        "UNLOAD",
                                        "FROM",
                                        "\357\274\263\357\274\245LECT"};

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        g_autofree char *lower = g_ascii_strdown(words[i], -1);
        const char *const forms[] = {"%s t",
                                     "(%s t)",
                                     "/* SELECT */ %s t",
                                     "-- SELECT\n%s t",
                                     "((%s t))",
                                     "WITH a AS (SELECT 1) %s t",
                                     "WITH a AS (%s t) SELECT 1",
                                     "SELECT 1 WHERE 1 IN (WITH b AS (%s t) SELECT 1)"};
        for (gsize n = 0; n < G_N_ELEMENTS(forms); n++) {
            g_auto(GStrv) halves = g_strsplit(forms[n], "%s", 2);
            g_autofree char *sql =
                g_strconcat(halves[0], n % 2 ? lower : words[i], halves[1], NULL);
            gboolean named =
                n >= 6 && (strcmp(words[i], "VALUES") == 0 || strcmp(words[i], "TABLE") == 0);
            if (sql_guard(sql, NULL, NULL) != named)
                fail_msg("%s: %s", named ? "refused" : "let through", sql);
        }
    }
}

/* What is read another way than it looks: refused wherever it is not plainly text. */
static void
test_refuses_disguises(void **state)
{
    static const char *const disguised[] = {
        "SELECT $$ ' $$; DROP TABLE t -- '",
        "SELECT 1 $$",
        "SELECT U&\"d\\0061t\" FROM t",
        "SELECT 'a' \\' ; DROP TABLE t --'",
        "SELECT E'a\\'; DROP TABLE t --'",
        "SELECT 1;\342\200\213",
        "SELECT 1\357\274\233 DROP TABLE t",
        "SEL\342\200\213ECT 1",
        "S\xd0\x95LECT 1",
        "\357\273\277SELECT 1",
        "SELECT 1\342\200\250DROP TABLE t",
        "SELECT\f1",
        "SELECT\v1",
        "SELECT 1 /* a */ */ DROP",
        "SELECT 1 /* /* */ DELETE FROM t */",
        "SELECT '\342\200\231'';DROP TABLE t--",
        "SELECT \"a\"\";DROP TABLE t--",
        "SELECT X'00'';DROP TABLE t--",
        "SELECT U&'\\0027;DROP TABLE t--'' UESCAPE '\\';DROP TABLE t",
        "SELECT 1 UNION ALL DELETE FROM t",
        "SELECT 1, (CREATE TABLE x AS SELECT 1)",
        "WITH a AS (INSERT INTO t VALUES 1 RETURNING *) SELECT * FROM a",
        "WITH a AS (SELECT 1), RECURSIVE AS (DELETE FROM t) SELECT 1",
        "WITH FUNCTION a.b.f() RETURNS int BEGIN RETURN 1; END SELECT f()",
        "WITH \"a\" (\"b\") AS MATERIALIZED (DROP TABLE t) SELECT 1",
        "SELECT * INTO OUTFILE '/tmp/x' FROM t",
        "SELECT a into\tt2 FROM t",
        "SELECT 1;;",
        "SELECT 1;--\n;",
        "SELECT 1\n;\nCALL system.sync_partition_metadata()",
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(disguised); i++)
        if (sql_guard(disguised[i], NULL, NULL))
            fail_msg("let through: %s", disguised[i]);
}

/* The same words where they are only words. */
static void
test_allows_words(void **state)
{
    (void)state;
    allows("SELECT 'INSERT INTO t; DROP TABLE x --' AS \"delete\", \"create table\" FROM t", NULL);
    allows("SELECT 1 -- ; DROP TABLE t\n", "SELECT 1 -- ; DROP TABLE t");
    allows("SELECT 1 /* ; DELETE FROM t */ + 2", NULL);
    allows("SELECT U&'\\0027 ; DROP TABLE t' UESCAPE '!' FROM t", NULL);
    allows("SELECT '$$', \"$path\", '\342\200\213', '\342\200\256' FROM t -- \342\200\213", NULL);
    allows("SELECT grant, call, merge, update, \"into\", show, analyze, comment FROM t", NULL);
    allows("SELECT t.create, t.drop, t.alter, a.b.insert FROM t", NULL);
    allows("SELECT update.a FROM update JOIN merge ON update.id = merge.id", NULL);
    allows("SELECT * FROM t MATCH_RECOGNIZE (PARTITION BY a ORDER BY b MEASURES A.x AS y "
           "PATTERN (^ A+ {- B -} C{2,3}? $) DEFINE B AS b > 1)",
           NULL);
    allows("SELECT json_value(j, 'lax $.a') FROM t FOR VERSION AS OF 3 TABLESAMPLE BERNOULLI (1)",
           NULL);
    allows(
        "SELECT a FROM t WHERE b IS NOT DISTINCT FROM 1 OFFSET 1 ROW FETCH FIRST 2 ROWS WITH TIES",
        NULL);
    allows("SELECT try_cast('x' AS interval day to second), date '2026-01-01' AT TIME ZONE 'UTC'",
           NULL);
}

static void
test_refuses_bad_text(void **state)
{
    (void)state;
    refuses("SELECT 'a", 1, "a string is never closed");
    refuses("SELECT 1,\n'it''s", 2, "a string is never closed");
    refuses("SELECT X'00", 1, "a string is never closed");
    refuses("SELECT U&'00", 1, "a string is never closed");
    refuses("SELECT \"a", 1, "double quotes is never closed");
    refuses("SELECT 1 /* x", 1, "a comment is never closed");
    refuses("SELECT `a` FROM t", 1, "backquotes");
    refuses("SELECT (1", 1, "a bracket is never closed");
    refuses("SELECT 1)\nFROM t", 1, "closes nothing");
    refuses("SELECT 1 FROM t)\nUNION SELECT (2", 1, "closes nothing");
    refuses("SELECT (a[1)]", 1, "do not match");
    refuses("WITH a (b AS (SELECT 1", 1, "a bracket is never closed");
    refuses("SELECT 1\x01", 1, "U+0001");
    refuses("SELECT 1\n\x1b[2J", 2, "U+001B");
    refuses("SELECT 'a\xc2\x85'", 1, "U+0085");
    refuses("SELECT 1 -- x\rDROP TABLE t", 1, "U+000D");
    refuses("SELECT '\xff'", 1, "not UTF-8 (byte 0xFF)");
    refuses("SELECT\xc2\xa0"
            "1",
            1, "U+00A0");
    refuses("SELECT 1 # x", 1, "U+0023");
    refuses("SELECT a \\ b", 1, "U+005C");
    refuses("SELECT \xe2\x80\x98x\xe2\x80\x99", 1, "U+2018");
}

static void
test_limits(void **state)
{
    (void)state;
    g_autoptr(GString) sql = g_string_new("SELECT '");
    while (sql->len < SQL_MAX_LENGTH - 1)
        g_string_append_c(sql, 'x');
    g_string_append_c(sql, '\'');
    allows(sql->str, NULL);
    g_string_append_c(sql, ' ');
    refuses(sql->str, 1, "1000001 characters");

    g_string_assign(sql, "SELECT ");
    for (int i = 0; i < 100000; i++)
        g_string_append_c(sql, '(');
    refuses(sql->str, 1, "inside one another");
}

/* Kinds of all tokens, a letter each: s p(ace) c w i s(tring) n o b. */
static void
tokens_are(const char *sql, const char *expected)
{
    static const char letters[] = {
        [SQL_SPACE] = '_',  [SQL_COMMENT] = 'c', [SQL_WORD] = 'w', [SQL_IDENT] = 'i',
        [SQL_STRING] = 's', [SQL_NUMBER] = 'n',  [SQL_OP] = 'o',   [SQL_BAD] = 'b'};
    g_autoptr(GString) kinds = g_string_new(NULL);
    gsize pos = 0, end = 0;
    for (SqlToken token = sql_next(sql, &pos); token.kind != SQL_END; token = sql_next(sql, &pos)) {
        assert_int_equal(token.start, end);
        assert_true(token.length > 0);
        end = token.start + token.length;
        g_string_append_c(kinds, letters[token.kind]);
    }
    assert_int_equal(end, strlen(sql));
    assert_string_equal(kinds->str, expected);
}

static void
test_tokens(void **state)
{
    (void)state;
    tokens_are("", "");
    tokens_are("SELECT a.b", "w_wow");
    tokens_are("1 1_000 1.5 .5 1. 1e5 1.5E-3 0xFF 0b1_1 0o17", "n_n_n_n_n_n_n_n_n_n");
    tokens_are("1e5x 1__0 0xZZ 12ab 1_", "w_w_w_w_w");
    tokens_are("1..2", "nn");
    tokens_are("1e+5 1e+", "n_wo");
    tokens_are("'a''b' '' X'0f' U&'x' u&'y' N'z'", "s_s_s_s_s_ws");
    tokens_are("\"a\"\"b\" `c`", "i_b");
    tokens_are("a<=b<>c!=d||e->f=>g", "wowowowowowow");
    tokens_are("a--b\nc/*d*/e", "wc_wcw");
    tokens_are("a-- b", "wc");
    tokens_are("/*/ */", "c");
    tokens_are("! & ~ @ \\", "b_b_b_b_b");
    tokens_are("'a", "b");
    tokens_are("\xe6\x97\xa5\xe6", "bb");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allows),
        cmocka_unit_test(test_refuses_other_statements),
        cmocka_unit_test(test_refuses_more_than_one),
        cmocka_unit_test(test_refuses_pass_through),
        cmocka_unit_test(test_refuses_each_statement),
        cmocka_unit_test(test_refuses_disguises),
        cmocka_unit_test(test_allows_words),
        cmocka_unit_test(test_refuses_bad_text),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_tokens),
    };
    return cmocka_run_group_tests_name("services/sql_guard", tests, NULL, NULL);
}
