/* test_looker_sql.c: what is cut from Looker's generated SQL, and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include "services/looker.h"

static void
test_trim(void **state)
{
    static const struct {
        const char *sql, *expected;
    } cases[] = {
        {"", ""},
        {"  \n", ""},
        {"SELECT 1", "SELECT 1"},
        {" SELECT 1 ;\n", "SELECT 1"},
        {"SELECT 1; -- done\n", "SELECT 1"},
        {"SELECT 1 -- done", "SELECT 1"},
        {"SELECT 1 /* done */ ; /* really */", "SELECT 1"},
        {"-- raw sql results do not include filled-in values for 'a.b'\n\n\nSELECT 1", "SELECT 1"},
        {"-- one\r\n -- two\r\nSELECT 1\r\n", "SELECT 1"},
        {"-- only a comment", ""},
        {"/* hint */ SELECT 1", "/* hint */ SELECT 1"},
        {"SELECT 1\n\n-- sql for creating the total and/or determining pivot columns\nSELECT 2",
         "SELECT 1"},
        {"SELECT 1;\n-- sql for creating the grand totals\nSELECT 2;", "SELECT 1"},
        {"SELECT 1\n  -- SQL for creating the pivot row totals\nSELECT 2", "SELECT 1"},
        {"-- sql for creating the grand totals\nSELECT 2", "SELECT 2"},
        /* text, not comments */
        {"SELECT '\n-- sql for creating the grand totals\n' FROM a",
         "SELECT '\n-- sql for creating the grand totals\n' FROM a"},
        {"SELECT \"\n-- sql for creating the grand totals\n\" FROM a",
         "SELECT \"\n-- sql for creating the grand totals\n\" FROM a"},
        {"SELECT 1 /*\n-- sql for creating the grand totals\n*/ FROM a",
         "SELECT 1 /*\n-- sql for creating the grand totals\n*/ FROM a"},
        {"SELECT 'it''s;' ;", "SELECT 'it''s;'"},
        {"SELECT ';'", "SELECT ';'"},
        {"SELECT ';", "SELECT ';"},
        {"SELECT 1 -- sql for creating the grand totals\n, 2",
         "SELECT 1 -- sql for creating the grand totals\n, 2"},
        /* only one is Looker's; the guard shall see the rest */
        {"SELECT 1;;", "SELECT 1;"},
        {"SELECT 1; DROP TABLE a", "SELECT 1; DROP TABLE a"},
        {"SELECT 1; DROP TABLE a;", "SELECT 1; DROP TABLE a"},
        {"SELECT a - -1", "SELECT a - -1"},
        {"SELECT 1 /* open", "SELECT 1"},
        {";", ""},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *got = looker_trim_sql(cases[i].sql);

        if (strcmp(got, cases[i].expected) != 0)
            fail_msg("'%s' became '%s'", cases[i].sql, got);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_trim)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
