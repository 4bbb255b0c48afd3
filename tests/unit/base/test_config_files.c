/* test_config_files.c: configuration on disk: places, modes, .env, the state's folder, the
 * document. */
#include "tests/unit/base/cmocka_base.h"

#include "base/config.h"
#include "base/config_internal.h"
#include "base/error.h"

#include <glib/gstdio.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    char *folder;
    char *before; /* the current folder, restored after the test */
    char *conf, *env;
} Place;

static const Place *place; /* for the environment functions, which take no data */

static int
set_up(void **state)
{
    Place *p = g_new0(Place, 1);
    p->folder = g_dir_make_tmp("creditbot-config-XXXXXX", NULL);
    p->before = g_get_current_dir();
    p->conf = g_build_filename(p->folder, "creditbot.conf", NULL);
    p->env = g_build_filename(p->folder, ".env", NULL);
    *state = p;
    place = p;
    return g_chdir(p->folder);
}

static int
tear_down(void **state)
{
    Place *p = *state;
    g_unlink(p->conf);
    g_unlink(p->env);
    int failed = g_chdir(p->before) || g_rmdir(p->folder);
    g_free(p->folder);
    g_free(p->before);
    g_free(p->conf);
    g_free(p->env);
    g_free(p);
    place = NULL;
    return failed;
}

static const char *
empty_env(const char *name)
{
    return strcmp(name, "XDG_CONFIG_HOME") == 0 ? place->folder : NULL;
}

static const char *
named_env(const char *name)
{
    return strcmp(name, "CREDITBOT_CONFIG") == 0 ? place->conf : empty_env(name);
}

static void
put(const char *path, const char *text, int mode)
{
    assert_true(g_file_set_contents(path, text, -1, NULL));
    assert_int_equal(g_chmod(path, mode), 0);
}

static Config *
load(const char *path, ConfigGetenv env)
{
    g_autoptr(GError) error = NULL;
    Config *config = config_load(path, env, &error);
    if (!config)
        fail_msg("%s", error->message);
    return config;
}

static void
refused(const char *path, ConfigGetenv env, const char *part)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = config_load(path, env, &error);
    if (config)
        fail_msg("it was loaded, though: %s", part);
    assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_CONFIG));
    assert_has(error->message, part);
    assert_null(strstr(error->message, "hunter2"));
}

static void
test_places(void **state)
{
    const Place *p = *state;
    g_autoptr(Config) none = load(NULL, empty_env);
    if (!g_file_test("/etc/creditbot/creditbot.conf", G_FILE_TEST_EXISTS))
        assert_null(config_file(none));
    refused(p->conf, empty_env, "there is no configuration file");
    refused(NULL, named_env, "$CREDITBOT_CONFIG");
    refused(p->folder, empty_env, "it is a folder");
    put(p->conf, "[general]\nworkers=3\n", 0644);
    g_autoptr(Config) given = load(p->conf, empty_env);
    assert_string_equal(config_file(given), p->conf);
    assert_int_equal(config_int(given, "general", "workers"), 3);
    g_autoptr(Config) named = load(NULL, named_env);
    assert_string_equal(config_file(named), p->conf);
}

static void
test_xdg_place(void **state)
{
    const Place *p = *state;
    g_autofree char *own = g_build_filename(p->folder, "creditbot", NULL);
    g_autofree char *conf = g_build_filename(own, "creditbot.conf", NULL);
    assert_int_equal(g_mkdir(own, 0700), 0);
    put(conf, "[general]\nworkers=5\n", 0600);
    g_autoptr(Config) config = load(NULL, empty_env);
    assert_string_equal(config_file(config), conf);
    assert_int_equal(config_int(config, "general", "workers"), 5);
    g_unlink(conf);
    g_rmdir(own);
}

static void
test_modes(void **state)
{
    const Place *p = *state;
    static const int open_modes[] = {0644, 0640, 0604, 0660, 0610, 0601};
    for (gsize i = 0; i < G_N_ELEMENTS(open_modes); i++) {
        put(p->conf, "[slack]\ntoken=xoxb-hunter2\n", open_modes[i]);
        refused(p->conf, empty_env, "chmod 600");
    }
    put(p->conf, "[slack]\ntoken=xoxb-hunter2\n", 0600);
    g_autoptr(Config) closed = load(p->conf, empty_env);
    assert_string_equal(config_string(closed, "slack", "token"), "xoxb-hunter2");
    put(p->conf, "[general]\nworkers=3\n", 0666);
    refused(p->conf, empty_env, "everybody can write");
    g_autofree char *huge = g_strnfill((1 << 20) + 1, '#');
    put(p->conf, huge, 0600);
    refused(p->conf, empty_env, "larger than 1 MB");
    assert_true(g_file_set_contents(p->conf, "[log]\n\0", 7, NULL));
    refused(p->conf, empty_env, "NUL");
}

static void
test_env_file(void **state)
{
    const Place *p = *state;
    put(p->env,
        "# secrets\n\nSLACK_BOT_TOKEN=xoxb-1 # the bot's\nexport LOOKER_CLIENT_ID='a b'\n"
        "LOOKER_CLIENT_SECRET=\"q\\\"uo#te\" # x\nDRY_RUN=false\r\nOTHER=$(rm -rf x)\n"
        "PRESTO_PASSWORD=a#b=c\n  PRESTO_USERNAME = someone  \n",
        0600);
    put(p->conf, "[slack]\ntoken=xoxb-file\n[general]\ndry_run=true\n", 0600);
    g_autoptr(Config) config = load(p->conf, empty_env);
    assert_string_equal(config_string(config, "slack", "token"), "xoxb-1");
    assert_string_equal(config_string(config, "looker", "client_id"), "a b");
    assert_string_equal(config_string(config, "looker", "client_secret"), "q\"uo#te");
    assert_string_equal(config_string(config, "warehouse", "password"), "a#b=c");
    assert_string_equal(config_string(config, "warehouse", "user"), "someone");
    assert_false(config_bool(config, "general", "dry_run"));
    g_autofree char *shown = config_show(config);
    assert_has(shown, "/.env:3\n");
    put(p->env, "SLACK_BOT_TOKEN=xoxb-hunter2\n", 0644);
    refused(p->conf, empty_env, "chmod 600");
    put(p->env, "SLACK_BOT_TOKEN\n", 0600);
    refused(p->conf, empty_env, ".env:1");
    put(p->env, "A=1\nSLACK_BOT_TOKEN=\"hunter2\n", 0600);
    refused(p->conf, empty_env, ".env:2");
    put(p->env, "DRY_RUN=perhaps\n", 0600);
    refused(p->conf, empty_env, "neither true nor false");
}

static const char *
winning_env(const char *name)
{
    return strcmp(name, "SLACK_BOT_TOKEN") == 0 ? "xoxb-environment" : empty_env(name);
}

/* Somebody else's .env in a folder that one happens to stand in. Only root can make one. */
static void
test_env_stranger(void **state)
{
    const Place *p = *state;
    put(p->env, "DRY_RUN=false\n", 0600);
    if (geteuid() != 0) {
        skip();
        return;
    }
    assert_int_equal(chown(p->env, 12345, (gid_t)-1), 0);
    refused(NULL, empty_env, "another user");
}

static void
test_env_order(void **state)
{
    const Place *p = *state;
    put(p->env, "SLACK_BOT_TOKEN=xoxb-env-file\nLOOKER_CLIENT_ID=from-env-file\n", 0600);
    g_autoptr(Config) config = load(NULL, winning_env);
    assert_string_equal(config_string(config, "slack", "token"), "xoxb-environment");
    assert_string_equal(config_string(config, "looker", "client_id"), "from-env-file");
}

/* provider=file fills what is still open, and nothing else. */
static void
test_secrets_file(void **state)
{
    const Place *p = *state;
    g_autofree char *path = g_build_filename(p->folder, "secrets", NULL);
    g_autofree char *text =
        g_strdup_printf("[secrets]\nprovider=file\nfile=%s\n[slack]\ntoken=xoxb-file\n", path);
    put(p->conf, text, 0600);
    put(path, "SLACK_BOT_TOKEN=xoxb-hunter2\nPRESTO_PASSWORD=hunter2\n", 0600);
    g_autoptr(Config) config = load(p->conf, empty_env);
    assert_string_equal(config_string(config, "slack", "token"), "xoxb-file");
    assert_string_equal(config_string(config, "warehouse", "password"), "hunter2");
    assert_int_equal(g_chmod(path, 0640), 0);
    refused(p->conf, empty_env, "chmod 600");
    g_unlink(path);
    refused(p->conf, empty_env, "there is no file");
}

static void
test_env_line(void **state)
{
    (void)state;
    const struct {
        const char *line, *name, *value;
    } cases[] = {
        {"A=b", "A", "b"},           {"A=", "A", ""},
        {"A='b # c'", "A", "b # c"}, {"A=b#c", "A", "b#c"},
        {"A=b # c", "A", "b"},       {"A=#c", "A", ""},
        {"export  A=b", "A", "b"},   {"A=\"x\\n\"", "A", "x\n"},
        {"A='x\\n'", "A", "x\\n"},   {"A=\"\"", "A", ""},
        {"_a1=b c ", "_a1", "b c"},  {"# A=b", NULL, NULL},
        {"   ", NULL, NULL},         {"exported=1", "exported", "1"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = NULL, *value = NULL;
        assert_true(config_env_line(cases[i].line, &name, &value));
        assert_int_equal(g_strcmp0(name, cases[i].name), 0);
        assert_int_equal(g_strcmp0(value, cases[i].value), 0);
    }
    static const char *const bad[] = {"A",    "=b",        "1A=b",   "A-B=c",
                                      "A='b", "A=\"b\\\"", "A='b'c", "export A"};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        char *name = NULL, *value = NULL;
        if (config_env_line(bad[i], &name, &value))
            fail_msg("'%s' was taken", bad[i]);
        assert_null(name);
    }
}

static int
mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return (int)st.st_mode & 07777;
}

static void
test_state_dir(void **state)
{
    const Place *p = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = load(NULL, empty_env);
    g_autofree char *outer = g_build_filename(p->folder, "one", NULL);
    g_autofree char *inner = g_build_filename(outer, "two", NULL);
    assert_true(config_set(config, "general", "state_dir", inner, NULL));
    g_autofree char *made = config_state_dir(config, &error);
    assert_non_null(made);
    assert_string_equal(made, inner);
    assert_int_equal(mode_of(inner), 0700);
    assert_int_equal(mode_of(outer), 0700);
    g_autofree char *again = config_state_dir(config, NULL);
    assert_non_null(again);
    assert_int_equal(g_chmod(inner, 0777), 0);
    assert_null(config_state_dir(config, &error));
    assert_has(error->message, "chmod 700");
    g_clear_error(&error);
    assert_true(config_set(config, "store", "group", "no-such-group-here", NULL));
    assert_null(config_state_dir(config, &error));
    assert_has(error->message, "no-such-group-here");
    const struct group *own = getgrgid(getegid());
    if (own) {
        assert_true(config_set(config, "store", "group", own->gr_name, NULL));
        g_autofree char *shared = config_state_dir(config, NULL);
        assert_non_null(shared);
        assert_int_equal(mode_of(inner), 02770);
    }
    g_rmdir(inner);
    g_rmdir(outer);
    g_clear_error(&error);
    put(p->conf, "", 0600);
    assert_true(config_set(config, "general", "state_dir", p->conf, NULL));
    assert_null(config_state_dir(config, &error));
    assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_CONFIG));
}

static const char *const type_names[] = {
    [CONFIG_STRING] = "text", [CONFIG_SECRET] = "secret",     [CONFIG_BOOL] = "true, false",
    [CONFIG_INT] = "number",  [CONFIG_DURATION] = "duration", [CONFIG_AMOUNT] = "decimal",
    [CONFIG_LIST] = "list",   [CONFIG_ENUM] = "one of",       [CONFIG_URL] = "URL",
    [CONFIG_PATH] = "path",
};

/* The document's table as it follows from the table of keys. */
static char *
document_table(void)
{
    GString *out = g_string_new(NULL);
    const char *last = "";
    for (const ConfigKey *key = config_keys(); key->section; key++) {
        if (strcmp(key->section, last) != 0) {
            g_autoptr(GString) section = g_string_new(key->section);
            g_string_replace(section, "*.*", "NAME.PROBE", 0);
            g_string_replace(section, "*", "NAME", 0);
            g_string_append_printf(out,
                                   "\n### [%s]\n\n| key | value | default | meaning |\n"
                                   "|---|---|---|---|\n",
                                   section->str);
        }
        last = key->section;
        g_auto(GStrv) words = g_strsplit(key->choices ? key->choices : "", "|", -1);
        g_autofree char *choices = g_strjoinv(", ", words);
        g_autofree char *type = key->type == CONFIG_ENUM ? g_strdup(choices)
                                : key->choices
                                    ? g_strdup_printf("%s %s", type_names[key->type], choices)
                                    : g_strdup(type_names[key->type]);
        g_autofree char *fallback =
            key->fallback ? g_strdup_printf("`%s`", key->fallback) : g_strdup("");
        const char *name = strcmp(key->key, "*") == 0 ? "ACTION" : key->key;
        g_string_append_printf(out, "| `%s` | %s | %s | %s |\n", name, type, fallback, key->help);
    }
    g_string_append_c(out, '\n');
    return g_string_free(out, FALSE);
}

/* docs/configuration.md carries the table; GENERATE=1 writes it anew. */
static void
test_document(void **state)
{
    (void)state;
    static const char begin[] = "<!-- keys: made from core/base/config_keys.c -->\n";
    static const char end[] = "<!-- end of keys -->\n";
    const char *source = g_getenv("CREDITBOT_SRCDIR");
    if (!source) {
        print_message("CREDITBOT_SRCDIR is not set: run this by make check\n");
        skip();
        return;
    }
    g_autofree char *path = g_build_filename(source, "docs", "configuration.md", NULL);
    g_autofree char *text = NULL, *table = document_table();
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    char *from = strstr(text, begin), *to = strstr(text, end);
    assert_true(from && to && from < to);
    from += strlen(begin);
    g_autofree char *head = g_strndup(text, (gsize)(from - text));
    g_autofree char *whole = g_strconcat(head, table, to, NULL);
    if (g_getenv("GENERATE"))
        assert_true(g_file_set_contents(path, whole, -1, NULL));
    else if (strcmp(text, whole) != 0)
        fail_msg("docs/configuration.md is not what core/base/config_keys.c says; run "
                 "tests/unit/base/test_config_files once more with GENERATE=1");
}

static void
test_environment_is_wiped(void **state)
{
    (void)state;
    g_setenv("SLACK_BOT_TOKEN", "xoxb-hunter2", TRUE);
    g_setenv("PRESTO_USERNAME", "mara", TRUE);
    const char *at = g_getenv("SLACK_BOT_TOKEN");
    config_wipe_environment();
    assert_null(g_getenv("SLACK_BOT_TOKEN"));
    assert_int_equal(*at, '\0');
    assert_string_equal(g_getenv("PRESTO_USERNAME"), "mara"); /* no secret */
    config_wipe_environment();
    g_unsetenv("PRESTO_USERNAME");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_places, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_xdg_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_modes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_env_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_env_stranger, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_env_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_secrets_file, set_up, tear_down),
        cmocka_unit_test(test_env_line),
        cmocka_unit_test_setup_teardown(test_state_dir, set_up, tear_down),
        cmocka_unit_test(test_environment_is_wiped),
        cmocka_unit_test(test_document),
    };
    return cmocka_run_group_tests_name("config_files", tests, NULL, NULL);
}
