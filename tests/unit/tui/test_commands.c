/* test_commands.c: the table of commands, key names, conflicts, the palette's match. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/error.h"
#include "tui/command.h"

static void
test_table(void **state)
{
    (void)state;
    for (guint i = 0; i < commands_count(); i++) {
        const Command *command = &commands[i];
        assert_non_null(command->run);
        assert_true(command->views != 0);
        assert_true(strlen(command->help) > 3 &&
                    strchr(".", command->help[strlen(command->help) - 1]) != NULL);
        assert_non_null(command->label);
        if (i > 0)
            assert_true(strcmp(commands[i - 1].name, command->name) < 0);
        assert_int_equal(commands_find(command->name), (int)i);
        if (command->alias)
            assert_int_equal(commands_find(command->alias), (int)i);
        /* What acts on a request writes or shows something in the views that have one. */
        if (command->flags & NEEDS_REQUEST)
            assert_false(command->views &
                         (VIEW_BIT(VIEW_HELP) | VIEW_BIT(VIEW_LOGS) | VIEW_BIT(VIEW_RUNS)));
    }
    assert_int_equal(commands_find("no such"), -1);
}

/* Everything that posts or destroys asks first. */
static void
test_confirms(void **state)
{
    (void)state;
    static const char *const asks[] = {"approve", "reject",    "rerun", "cancel",
                                       "pass",    "give-link", "pause"};
    for (guint i = 0; i < G_N_ELEMENTS(asks); i++) {
        int found = commands_find(asks[i]);
        assert_true(found >= 0);
        assert_true((commands[found].flags & (WRITES | CONFIRMS)) == (WRITES | CONFIRMS));
    }
}

static void
test_hints(void **state)
{
    (void)state;
    for (ViewId id = 0; id < VIEW_COUNT; id++) {
        for (guint i = 0; view_ops(id)->hints[i]; i++) {
            int found = commands_find(view_ops(id)->hints[i]);
            assert_true(found >= 0);
            assert_true(commands[found].views & VIEW_BIT(id));
        }
        if (view_ops(id)->tab)
            assert_true(commands_find(view_ops(id)->name) >= 0);
    }
}

static void
test_default_keys(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Keymap) keymap = commands_keymap(NULL, &error);
    assert_null(error);
    assert_non_null(keymap);
    assert_int_equal(keymap_command(keymap, 'a', VIEW_BIT(VIEW_QUEUE)), commands_find("approve"));
    assert_int_equal(keymap_command(keymap, 'a', VIEW_BIT(VIEW_LOGS)), -1);
    assert_int_equal(keymap_command(keymap, KEYS_CTRL('l'), VIEW_BIT(VIEW_HELP)),
                     commands_find("redraw"));
    g_autofree char *keys = keymap_keys(keymap, (guint)commands_find("down"));
    assert_string_equal(keys, "Down j");
    g_autofree char *none = keymap_first(keymap, (guint)commands_find("theme"));
    assert_string_equal(none, "");
}

static const char *
no_environment(const char *name)
{
    (void)name;
    return NULL;
}

static void
test_own_keys(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config =
        config_parse("[keys]\napprove = F5 +\n", "test", no_environment, &error);
    assert_non_null(config);
    g_autoptr(Keymap) keymap = commands_keymap(config, &error);
    assert_non_null(keymap);
    assert_int_equal(keymap_command(keymap, KEYS_F1 + 4, VIEW_BIT(VIEW_QUEUE)),
                     commands_find("approve"));
    assert_int_equal(keymap_command(keymap, 'a', VIEW_BIT(VIEW_QUEUE)), -1);
}

static void
assert_refused(const char *text, const char *word)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = config_parse(text, "test", no_environment, &error);
    assert_non_null(config);
    Keymap *keymap = commands_keymap(config, &error);
    assert_null(keymap);
    assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_CONFIG));
    assert_non_null(strstr(error->message, word));
}

static void
test_conflicts(void **state)
{
    (void)state;
    assert_refused("[keys]\napprove = q\n", "quit");
    assert_refused("[keys]\napprove = z\nreject = z\n", "approve");
    assert_refused("[keys]\napprove = Hyper-A\n", "Hyper-A");
    assert_refused("[keys]\naprove = z\n",
                   "test:2: [keys] no command is named 'aprove'; did you mean approve?");
    assert_refused("[keys]\nok = z\n", "did you mean approve?");
    assert_refused("[keys]\nteleport = z\n", "? in the console");
    /* The same key in views that do not meet is no conflict. */
    g_autoptr(Keymap) keymap = keymap_new();
    g_autoptr(GError) error = NULL;
    const KeymapOwner one = {0, "one", 1, "here"}, two = {1, "two", 2, "here"},
                      three = {2, "three", 3, "there"};
    assert_true(keymap_bind(keymap, &one, "z", FALSE, &error));
    assert_true(keymap_bind(keymap, &two, "z", FALSE, &error));
    assert_false(keymap_bind(keymap, &three, "z", FALSE, &error));
}

static void
test_check(void **state)
{
    (void)state;
    static const struct {
        const char *text, *word;
    } cases[] = {{"[tui]\ntheme = lihgt\n", "[tui] no theme named 'lihgt'"},
                 {"[keys]\naprove = z\n", "approve"}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Config) config = config_parse(cases[i].text, "test", no_environment, &error);
        assert_non_null(config);
        assert_false(console_check(config, &error));
        assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_CONFIG));
        assert_non_null(strstr(error->message, cases[i].word));
    }
    g_autoptr(Config) good = config_parse("[keys]\napprove = Q\n", "test", no_environment, NULL);
    assert_true(console_check(good, NULL));
}

static void
test_key_names(void **state)
{
    (void)state;
    static const char *const names[] = {"a",   "Q",   "?",         "Ctrl-L", "Enter",
                                        "Esc", "Tab", "Shift-Tab", "Space",  "PgDn",
                                        "F1",  "F12", "Up",        "é",      "["};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        guint32 key = key_parse(names[i]);
        assert_int_not_equal(key, KEY_NONE);
        g_autofree char *back = key_name(key);
        assert_string_equal(back, names[i]);
    }
    assert_int_equal(key_parse("F13"), KEY_NONE);
    assert_int_equal(key_parse("ab"), KEY_NONE);
    assert_int_equal(key_parse(""), KEY_NONE);
    assert_int_equal(key_parse("\xff"), KEY_NONE);
}

static void
test_fuzzy(void **state)
{
    (void)state;
    assert_true(fuzzy_score("dry", "dry-run") > fuzzy_score("dry", "directory"));
    assert_true(fuzzy_score("tb", "take-back") > fuzzy_score("tb", "xtxbx"));
    assert_int_equal(fuzzy_score("xyz", "approve"), 0);
    assert_int_equal(fuzzy_score("approvee", "approve"), 0);
    assert_true(fuzzy_score("", "approve") > 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),     cmocka_unit_test(test_confirms),
        cmocka_unit_test(test_hints),     cmocka_unit_test(test_default_keys),
        cmocka_unit_test(test_own_keys),  cmocka_unit_test(test_conflicts),
        cmocka_unit_test(test_key_names), cmocka_unit_test(test_fuzzy),
        cmocka_unit_test(test_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
