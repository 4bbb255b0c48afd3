/* test_parse.c: words become options and arguments, wrong ones become errors that help. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/error.h"
#include "cli/parse.h"
#include "cli/present.h"

typedef struct {
    gboolean flag;
    char *text, **texts;
    gint number;
} Options;

static const OptSpec specs[] = {
    {"flag", 'f', OPT_FLAG, G_STRUCT_OFFSET(Options, flag), NULL, "a flag"},
    {"number", 0, OPT_NUMBER, G_STRUCT_OFFSET(Options, number), "N", "a number"},
    {"text", 't', OPT_TEXT, G_STRUCT_OFFSET(Options, text), "TEXT", "a text"},
    {"texts", 0, OPT_TEXTS, G_STRUCT_OFFSET(Options, texts), "TEXT", "texts"},
    {NULL},
};
static const Command command = {.name = "test", .options = specs, .options_size = sizeof(Options)};

/* The whole way: what stands before the command, then the command's own words. */
static gboolean
parse(const char *line, Globals *globals, Options *options, char **joined, GError **error)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    g_autofree char **rest = NULL;
    g_autofree char **args = NULL;
    if (!parse_globals((int)g_strv_length(words), words, globals, &rest, error))
        return FALSE;
    char *none[] = {words[0], NULL};
    if (!parse_command(&command, rest[0] ? rest : none, globals, options, &args, error))
        return FALSE;
    *joined = g_strjoinv("|", args);
    return TRUE;
}

static void
globals_stand_before_and_after(void **state)
{
    (void)state;
    const char *lines[] = {"creditbot --json -n test a b", "creditbot test a --json b --dry-run",
                           "creditbot --json test -n -- a b"};
    for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
        Globals globals = {0};
        Options options = {0};
        g_autofree char *args = NULL;
        g_autoptr(GError) error = NULL;
        assert_true(parse(lines[i], &globals, &options, &args, &error));
        assert_true(globals.json && globals.dry_run && !globals.batch);
        assert_string_equal(args, "a|b");
        parse_clear(specs, &options);
    }
}

static void
own_options_are_filled(void **state)
{
    (void)state;
    Globals globals = {0};
    Options options = {0};
    g_autofree char *args = NULL;
    g_autoptr(GError) error = NULL;
    assert_true(parse("creditbot test --text=\xff\xfe -f --texts a --texts=b --number 7 -- -x",
                      &globals, &options, &args, &error));
    assert_true(options.flag);
    assert_string_equal(options.text, "\xff\xfe");
    g_autofree char *texts = g_strjoinv("|", options.texts);
    assert_string_equal(texts, "a|b");
    assert_int_equal(options.number, 7);
    assert_string_equal(args, "-x");
    parse_clear(specs, &options);
    assert_null(options.text);
    assert_null(options.texts);
}

static void
wrong_words_are_usage_errors(void **state)
{
    (void)state;
    const struct {
        const char *line, *says;
    } cases[] = {
        {"creditbot --jsn test", "did you mean --json"},
        {"creditbot test --numbr 7", "did you mean --number"},
        {"creditbot test --number x", "number"},
        {"creditbot test --text", "--text"},
        {"creditbot test --number 99999999999", "number"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        Globals globals = {0};
        Options options = {0};
        g_autofree char *args = NULL;
        g_autoptr(GError) error = NULL;
        assert_false(parse(cases[i].line, &globals, &options, &args, &error));
        assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_USAGE));
        assert_non_null(strstr(error->message, cases[i].says));
        assert_non_null(strstr(error->message, "--help"));
        parse_clear(specs, &options);
    }
}

static void
ids_are_strict(void **state)
{
    (void)state;
    gint64 id = 0;
    assert_true(session_id("1042", &id, NULL));
    assert_int_equal(id, 1042);
    assert_true(session_id("#7", &id, NULL));
    assert_int_equal(id, 7);
    const char *wrong[] = {"", "#", "0", "-1", "+1", "1x", " 1", "1 ", "9223372036854775808"};
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        assert_false(session_id(wrong[i], &id, &error));
        assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_USAGE));
    }
    assert_int_equal(id, 7);
}

static void
reasons_are_real(void **state)
{
    (void)state;
    assert_true(session_reason("checked", NULL));
    assert_true(session_reason("geprüft", NULL));
    assert_false(session_reason(NULL, NULL));
    assert_false(session_reason("  \t", NULL));
    assert_false(session_reason("\xff", NULL));
}

static void
states_are_named_in_many_ways(void **state)
{
    (void)state;
    const char *words[] = {"pending,needs-link", "failed", NULL};
    guint states = 0;
    assert_true(present_states((char **)(guintptr)words, &states, NULL));
    assert_int_equal(states, STATE_BIT(STATE_PENDING) | STATE_BIT(STATE_NEEDS_LINK) |
                                 STATE_BIT(STATE_FAILED));
    const char *all[] = {"open", "closed", NULL};
    assert_true(present_states((char **)(guintptr)all, &states, NULL));
    assert_int_equal(states, STATE_BIT(STATE_COUNT) - 1);
    const char *wrong[] = {"pendign", NULL};
    g_autoptr(GError) error = NULL;
    assert_false(present_states((char **)(guintptr)wrong, &states, &error));
    assert_non_null(strstr(error->message, "did you mean 'pending'"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(globals_stand_before_and_after),
        cmocka_unit_test(own_options_are_filled),
        cmocka_unit_test(wrong_words_are_usage_errors),
        cmocka_unit_test(ids_are_strict),
        cmocka_unit_test(reasons_are_real),
        cmocka_unit_test(states_are_named_in_many_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
