/* test_keymap.c: key names, sequences, presets, conflicts and where they come from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/error.h"
#include "tui/command.h"

static void
test_names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        guint32 key;
    } cases[] = {
        {"Alt-x", 'x' | KEYS_ALT},
        {"Alt-<", '<' | KEYS_ALT},
        {"Ctrl-Left", KEYS_LEFT | KEYS_CONTROL},
        {"Shift-Up", KEYS_UP | KEYS_SHIFT},
        {"Ctrl-Alt-Left", KEYS_LEFT | KEYS_CONTROL | KEYS_ALT},
        {"Alt-Enter", KEYS_ENTER | KEYS_ALT},
        {"Ctrl-A", 1},
        {"-", '-'},
        {",", ','},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        assert_int_equal(key_parse(cases[i].name), cases[i].key);
        g_autofree char *back = key_name(cases[i].key);
        assert_string_equal(back, cases[i].name);
    }
    /* As the terminal sends them. */
    assert_int_equal(key_parse("Ctrl-I"), KEYS_TAB);
    assert_int_equal(key_parse("Ctrl-M"), KEYS_ENTER);
    assert_int_equal(key_parse("Ctrl-H"), KEYS_BACKSPACE);
    static const char *const none[] = {"Ctrl-", "Shift-a", "Ctrl-1", "Hyper-a", "Alt-", "Ctrl--a"};
    for (guint i = 0; i < G_N_ELEMENTS(none); i++)
        assert_int_equal(key_parse(none[i]), KEY_NONE);
}

static void
test_sequences(void **state)
{
    (void)state;
    guint32 keys[KEYMAP_DEPTH];
    assert_int_equal(key_sequence_parse("gg", keys), 2);
    assert_int_equal(keys[1], 'g');
    assert_int_equal(key_sequence_parse("Ctrl-X,Ctrl-C", keys), 2);
    assert_int_equal(keys[0], KEYS_CTRL('x'));
    g_autofree char *name = key_sequence_name(keys, 2);
    assert_string_equal(name, "Ctrl-X,Ctrl-C");
    assert_int_equal(key_sequence_parse("F,2", keys), 2);
    g_autofree char *apart = key_sequence_name(keys, 2);
    assert_string_equal(apart, "F,2"); /* F2 is a key */
    assert_int_equal(key_sequence_parse("z,z,Up", keys), 3);
    assert_int_equal(key_sequence_parse(",", keys), 1);
    static const char *const none[] = {"abc", "a,,b", "a,b,c,d", "Entr", "\xff\xfe"};
    for (guint i = 0; i < G_N_ELEMENTS(none); i++)
        assert_int_equal(key_sequence_parse(none[i], keys), 0);
}

static void
test_find(void **state)
{
    (void)state;
    g_autoptr(Keymap) keymap = keymap_new();
    const KeymapOwner top = {4, "top", 3, "here"}, go = {5, "go", 2, "here"};
    assert_true(keymap_bind(keymap, &top, "gg Home", FALSE, NULL));
    assert_true(keymap_bind(keymap, &go, "gd", FALSE, NULL));
    const guint32 gg[] = {'g', 'g'}, gd[] = {'g', 'd'}, gx[] = {'g', 'x'}, ggg[] = {'g', 'g', 'g'};
    assert_int_equal(keymap_find(keymap, gg, 1, 1), KEYMAP_MORE);
    assert_int_equal(keymap_find(keymap, gg, 2, 1), 4);
    assert_int_equal(keymap_find(keymap, gd, 2, 2), 5);
    assert_int_equal(keymap_find(keymap, gd, 2, 1), KEYMAP_NONE);
    assert_int_equal(keymap_find(keymap, gx, 2, 2), KEYMAP_NONE);
    assert_int_equal(keymap_find(keymap, ggg, 3, 1), KEYMAP_NONE);
    assert_int_equal(keymap_command(keymap, 'g', 1), KEYMAP_NONE);
    assert_int_equal(keymap_command(keymap, KEYS_HOME, 1), 4);
    g_autofree char *keys = keymap_keys(keymap, 4);
    assert_string_equal(keys, "gg Home");
    /* What would never be reached is refused; what yields is left out. */
    g_autoptr(GError) error = NULL;
    const KeymapOwner other = {6, "other", 1, "there"};
    assert_false(keymap_bind(keymap, &other, "g", FALSE, &error));
    assert_non_null(strstr(error->message, "gg means 'top' (here), and g means 'other' (there)"));
    assert_true(keymap_bind(keymap, &other, "g h", TRUE, NULL));
    g_autofree char *left = keymap_keys(keymap, 6);
    assert_string_equal(left, "h");
}

static const char *
no_environment(const char *name)
{
    (void)name;
    return NULL;
}

static Keymap *
keymap_of(const char *text, GError **error)
{
    g_autoptr(Config) config = config_parse(text, "my.conf", no_environment, error);
    return config ? commands_keymap(config, error) : NULL;
}

/* Every preset binds, and leaves no command of the default keys that an operator needs at once
 * without one. */
static void
test_presets(void **state)
{
    (void)state;
    static const char *const presets[] = {"default", "vi", "emacs"};
    static const char *const needed[] = {
        "approve", "back", "down", "filter", "help", "open",    "palette", "quit", "reject",
        "rerun",   "top",  "up",   "queue",  "next", "history", "logs",    "runs", "take-back"};
    for (guint i = 0; i < G_N_ELEMENTS(presets); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *text = g_strdup_printf("[tui]\nkeys = %s\n", presets[i]);
        g_autoptr(Keymap) keymap = keymap_of(text, &error);
        if (!keymap)
            fail_msg("%s", error->message);
        for (guint k = 0; k < G_N_ELEMENTS(needed); k++) {
            g_autofree char *keys = keymap_first(keymap, (guint)commands_find(needed[k]));
            if (!*keys)
                fail_msg("%s has no key in %s", needed[k], presets[i]);
        }
    }
    g_autoptr(Keymap) vi = keymap_of("[tui]\nkeys = vi\n", NULL);
    const guint32 gg[] = {'g', 'g'};
    assert_int_equal(keymap_find(vi, gg, 2, VIEW_BIT(VIEW_QUEUE)), commands_find("top"));
    /* The operator's own keys win over a preset's. */
    g_autoptr(Keymap) own = keymap_of("[tui]\nkeys = vi\n[keys]\ntop = Home\n", NULL);
    assert_int_equal(keymap_find(own, gg, 2, VIEW_BIT(VIEW_QUEUE)), KEYMAP_NONE);
}

static void
test_errors(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"[keys]\napprove = z\nreject = z\n",
         "[keys] z means 'approve' (my.conf:2) and also 'reject' (my.conf:3)"},
        {"[keys]\napprove = q\n",
         "[keys] q means 'approve' (my.conf:2) and also 'quit' (a default"},
        {"[keys]\napprove = qq\n", "and q means 'quit'"},
        {"[tui]\nkeys = vi\n[keys]\napprove = gg\n", "(my.conf:4) and also 'top' (vi:5)"},
        {"[keys]\napprove = PgDwn\n",
         "my.conf:2: [keys] approve: 'PgDwn' is no key; did you mean PgDn?"},
        {"[keys]\napprove = Ctrl-Entr\n", "did you mean Enter?"},
        {"[keys]\napprove = abc\n", "keys are written a, Ctrl-L"},
        {"[tui]\nkeys = nano\n", "[tui] keys: nano is no preset"},
        {"[tui]\nkeys = /no/such.keys\n", "/no/such.keys"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Keymap) keymap = keymap_of(cases[i].text, &error);
        assert_null(keymap);
        assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_CONFIG));
        if (!strstr(error->message, cases[i].message))
            fail_msg("'%s' is not in '%s'", cases[i].message, error->message);
    }
}

/* What is printed is the configuration that it describes. */
static void
test_printed(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = commands_keys_text(NULL, &error);
    assert_non_null(text);
    g_autoptr(Keymap) defaults = commands_keymap(NULL, &error), read = keymap_of(text, &error);
    if (!read)
        fail_msg("%s", error->message);
    for (guint i = 0; i < commands_count(); i++) {
        g_autofree char *a = keymap_keys(defaults, i), *b = keymap_keys(read, i);
        assert_string_equal(a, b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),  cmocka_unit_test(test_sequences),
        cmocka_unit_test(test_find),   cmocka_unit_test(test_presets),
        cmocka_unit_test(test_errors), cmocka_unit_test(test_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
