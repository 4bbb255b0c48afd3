/* test_error.c: every code has a name, an exit code and a word on permanence. */
#include "tests/unit/base/cmocka_base.h"

#include "base/error.h"

static int
exit_of(int code)
{
    g_autoptr(GError) error = g_error_new_literal(CREDITBOT_ERROR, code, "x");
    return error_exit_code(error);
}

static void
test_names(void **state)
{
    (void)state;
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (int code = ERR_USAGE; code <= ERR_STORE; code++) {
        const char *name = error_code_name(code);
        assert_non_null(name);
        assert_string_not_equal(name, "unknown");
        assert_true(g_hash_table_add(seen, g_strdup(name)));
    }
    assert_string_equal(error_code_name(ERR_UNREACHABLE), "unreachable");
    assert_string_equal(error_code_name(-1), "unknown");
    assert_string_equal(error_code_name(ERR_STORE + 1), "unknown");
}

static void
test_exit_codes(void **state)
{
    (void)state;
    assert_int_equal(error_exit_code(NULL), 0);
    assert_int_equal(exit_of(ERR_USAGE), 2);
    assert_int_equal(exit_of(ERR_CONFIG), 2);
    assert_int_equal(exit_of(ERR_INPUT), 1);
    assert_int_equal(exit_of(ERR_UNREACHABLE), 3);
    assert_int_equal(exit_of(ERR_AUTH), 3);
    assert_int_equal(exit_of(ERR_LEASE), 4);
    assert_int_equal(exit_of(ERR_STORE), 5);
    assert_int_equal(exit_of(ERR_CANCELLED), 130);
    assert_int_equal(exit_of(9999), 1);
    g_autoptr(GError) option =
        g_error_new_literal(G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION, "x");
    assert_int_equal(error_exit_code(option), 2);
}

static void
test_transient(void **state)
{
    (void)state;
    static const int yes[] = {ERR_UNREACHABLE, ERR_RATE, ERR_BUSY, ERR_CONFLICT, ERR_LEASE};
    static const int no[] = {ERR_USAGE, ERR_AUTH, ERR_UNCLEAR, ERR_REFUSED, ERR_STORE, ERR_INPUT};
    for (gsize i = 0; i < G_N_ELEMENTS(yes); i++) {
        g_autoptr(GError) error = g_error_new_literal(CREDITBOT_ERROR, yes[i], "x");
        assert_true(error_is_transient(error));
    }
    for (gsize i = 0; i < G_N_ELEMENTS(no); i++) {
        g_autoptr(GError) error = g_error_new_literal(CREDITBOT_ERROR, no[i], "x");
        assert_false(error_is_transient(error));
    }
    assert_false(error_is_transient(NULL));
    g_autoptr(GError) other = g_error_new_literal(G_FILE_ERROR, ERR_BUSY, "x");
    assert_false(error_is_transient(other));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_exit_codes),
        cmocka_unit_test(test_transient),
    };
    return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
