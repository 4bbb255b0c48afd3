/* test_command.c: the table of commands keeps what its users rely on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "cli/command.h"
#include "cli/session.h"

static void
table_is_in_order_and_names_are_unique(void **state)
{
    (void)state;
    guint n = 0;
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (const Command *const *at = command_table; *at; at++, n++) {
        if (n)
            assert_true(strcmp(at[-1]->name, (*at)->name) < 0);
        assert_true(g_hash_table_add(names, g_strdup((*at)->name)));
        g_auto(GStrv) aliases = g_strsplit((*at)->aliases ? (*at)->aliases : "", " ", -1);
        for (char **alias = aliases; *alias; alias++)
            assert_true(g_hash_table_add(names, g_strdup(*alias)));
    }
    assert_true(n >= 20);
}

static void
every_command_has_help(void **state)
{
    (void)state;
    for (const Command *const *at = command_table; *at; at++) {
        const Command *command = *at;
        assert_non_null(command->func);
        assert_true(command->help && strlen(command->help) > 10 && strlen(command->help) < 68);
        assert_false(g_str_has_suffix(command->help, "."));
        assert_true(command->max_args >= command->min_args);
        assert_true(!command->min_args || command->args);
        assert_true(!(command->flags & CMD_NEEDS_ID) || command->min_args >= 1);
        assert_true((command->options != NULL) == (command->options_size > 0));
    }
}

static void
check_options(const OptSpec *specs, gsize size, GHashTable *taken)
{
    const char *last = "";
    for (const OptSpec *spec = specs; spec && spec->name; spec++) {
        assert_true(strcmp(last, spec->name) < 0);
        assert_true(g_hash_table_add(taken, g_strdup(spec->name)));
        if (spec->letter)
            assert_true(g_hash_table_add(taken, g_strdup_printf("-%c", spec->letter)));
        assert_true(spec->offset < size);
        assert_true((spec->arg == NULL) == (spec->kind == OPT_FLAG));
        assert_true(spec->help && *spec->help);
        last = spec->name;
    }
}

static void
options_are_in_order_and_clash_with_none(void **state)
{
    (void)state;
    for (const Command *const *at = command_table; *at; at++) {
        g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        check_options(global_options, sizeof(Globals), taken);
        check_options((*at)->options, (*at)->options_size, taken);
    }
}

static void
names_and_aliases_are_found(void **state)
{
    (void)state;
    assert_ptr_equal(command_find("list"), &command_list);
    assert_ptr_equal(command_find("ls"), &command_list);
    assert_null(command_find("l"));
    assert_null(command_find(""));
    assert_string_equal(command_nearest("aprove"), "approve");
    assert_string_equal(command_nearest("histroy"), "history");
    assert_null(command_nearest("xyzzy"));
}

static void
completion_names_states_that_exist(void **state)
{
    (void)state;
    guint found = 0;
    for (const Command *const *at = command_table; *at; at++) {
        const char *completes = (*at)->completes;
        if (!completes || !g_str_has_prefix(completes, "ids "))
            continue;
        g_auto(GStrv) words = g_strsplit(completes, " ", -1);
        for (char **word = words + 1; *word; word++, found++) {
            RequestState parsed;
            assert_true(state_parse(*word, &parsed) || strcmp(*word, "open") == 0 ||
                        strcmp(*word, "closed") == 0);
        }
    }
    assert_true(found > 5);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_in_order_and_names_are_unique),
        cmocka_unit_test(every_command_has_help),
        cmocka_unit_test(options_are_in_order_and_clash_with_none),
        cmocka_unit_test(names_and_aliases_are_found),
        cmocka_unit_test(completion_names_states_that_exist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
