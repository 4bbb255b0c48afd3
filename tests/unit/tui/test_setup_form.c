/* test_setup_form.c: the values of the first run: what is refused, and that the file gives back
 * what was typed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include "base/error.h"
#include "base/text.h"
#include "tui/setup_form.h"

static guint
field(const char *section, const char *key)
{
    for (guint i = 0; i < setup_n_fields; i++) {
        if (strcmp(setup_fields[i].section, section) == 0 && strcmp(setup_fields[i].key, key) == 0)
            return i;
    }
    fail_msg("no field %s %s", section, key);
    return 0;
}

static void
put(SetupForm *form, const char *section, const char *key, const char *value)
{
    g_strlcpy(form->values[field(section, key)], value, SETUP_VALUE_MAX);
}

static void
refused(SetupForm *form, const char *section, const char *key, const char *value, const char *why)
{
    put(form, section, key, value);
    g_autofree char *wrong = setup_wrong(form, field(section, key));
    assert_non_null(wrong);
    if (!strstr(wrong, why))
        fail_msg("'%s' is refused with '%s', not with '%s'", value, wrong, why);
}

static void
taken(SetupForm *form, const char *section, const char *key, const char *value)
{
    put(form, section, key, value);
    g_autofree char *wrong = setup_wrong(form, field(section, key));
    if (wrong)
        fail_msg("'%s' is refused: %s", value, wrong);
}

static void
test_values(void **state)
{
    g_autoptr(SetupForm) form = setup_form_new(NULL, NULL);
    (void)state;
    refused(form, "slack", "token", "", "needed");
    refused(form, "slack", "token", "xoxp-123456789", "Bot User OAuth Token");
    refused(form, "slack", "token", "hunter2", "xoxb-");
    refused(form, "slack", "token", "xoxb-12", "cut");
    refused(form, "slack", "token", "xoxb-123 456789", "blank");
    taken(form, "slack", "token", "xoxb-123-456789");
    refused(form, "slack", "channels", " ; ", "needed");
    refused(form, "slack", "channels", "help-credit", "#name");
    refused(form, "slack", "channels", "#Help", "small letters");
    taken(form, "slack", "channels", "#help-credit, C0123456789");
    refused(form, "looker", "base_url", "https://", "needed");
    refused(form, "looker", "base_url", "http://looker.example.com", "https");
    refused(form, "looker", "base_url", "https://user@looker.example.com", "user");
    taken(form, "looker", "base_url", "https://looker.example.com/");
    taken(form, "looker", "base_url", "https://https://looker.example.com/");
    taken(form, "warehouse", "password", "");
    /* What another kind of warehouse wants is not asked for. */
    assert_false(setup_asked(form, field("warehouse", "path")));
    taken(form, "warehouse", "path", "");
    setup_choose(form, field("warehouse", "driver"), -1);
    assert_string_equal(form->values[field("warehouse", "driver")], "sqlite");
    assert_false(setup_asked(form, field("warehouse", "url")));
    refused(form, "warehouse", "path", "", "needed");
}

static SetupForm *
filled(void)
{
    SetupForm *form = setup_form_new(NULL, NULL);
    put(form, "slack", "token", "xoxb-1\\2#3;4=5'\"");
    put(form, "slack", "channels", " #help-credit ,#other;C0123456789");
    put(form, "looker", "base_url", "https://looker.example.com/");
    put(form, "looker", "client_id", "[id]");
    put(form, "looker", "client_secret", "# no comment");
    put(form, "warehouse", "url", "https://trino.example.com");
    put(form, "warehouse", "user", "crédit");
    put(form, "warehouse", "password", "a\\tb\\");
    put(form, "warehouse", "schema", "");
    return form;
}

static const char *
nothing(const char *name)
{
    (void)name;
    return NULL;
}

static void
test_written(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SetupForm) form = filled();
    g_autofree char *dir = g_dir_make_tmp("creditbot-setup-XXXXXX", NULL);
    g_autofree char *folder = g_build_filename(dir, "a", "b", NULL);
    g_autofree char *path = g_build_filename(folder, "creditbot.conf", NULL);
    struct stat about;
    (void)state;
    assert_true(setup_write(form, path, &error));
    assert_int_equal(g_stat(path, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0600);
    assert_int_equal(g_stat(folder, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0700);
    g_autoptr(Config) config = config_load(path, nothing, &error);
    assert_non_null(config);
    assert_true(config_bool(config, "general", "dry_run"));
    assert_string_equal(config_string(config, "slack", "token"), "xoxb-1\\2#3;4=5'\"");
    assert_string_equal(config_list(config, "slack", "channels")[0], "#help-credit");
    assert_string_equal(config_list(config, "slack", "channels")[2], "C0123456789");
    assert_null(config_list(config, "slack", "channels")[3]);
    assert_string_equal(config_string(config, "looker", "base_url"), "https://looker.example.com");
    assert_string_equal(config_string(config, "looker", "client_secret"), "# no comment");
    assert_string_equal(config_string(config, "warehouse", "password"), "a\\tb\\");
    assert_string_equal(config_string(config, "warehouse", "user"), "crédit");
    assert_null(config_string(config, "warehouse", "schema"));
    assert_string_equal(config_string(config, "product.verify", "match"), "Authy");
    /* Never over a file, and nothing is left beside it. */
    put(form, "warehouse", "user", "another");
    assert_false(setup_write(form, path, &error));
    assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_CONFIG));
    assert_non_null(strstr(error->message, "there already"));
    g_autoptr(GDir) listing = g_dir_open(folder, 0, NULL);
    assert_string_equal(g_dir_read_name(listing), "creditbot.conf");
    assert_null(g_dir_read_name(listing));
    g_unlink(path);
    g_rmdir(folder);
    g_autofree char *above = g_build_filename(dir, "a", NULL);
    g_rmdir(above);
    g_rmdir(dir);
}

static const char *
token_given(const char *name)
{
    return strcmp(name, "SLACK_BOT_TOKEN") == 0 ? "xoxb-from-outside" : NULL;
}

static void
test_environment(void **state)
{
    g_autoptr(Config) present = config_parse("", "test", token_given, NULL);
    g_autoptr(SetupForm) form = setup_form_new(present, "https://slack.example.com/api");
    (void)state;
    assert_true(setup_given(form, field("slack", "token")));
    taken(form, "slack", "token", "");
    put(form, "slack", "channels", "#help-credit");
    char *text = setup_text(form);
    assert_null(strstr(text, "xoxb"));
    assert_non_null(strstr(text, "\nbase_url=https://slack.example.com/api\n"));
    assert_non_null(strstr(text, "# token comes from the environment"));
    text_wipe_free(text);
}

/* Every field belongs to a page, in order, and its key is one of the configuration's. */
static void
test_tables(void **state)
{
    guint next = 0;
    (void)state;
    for (guint i = 0; i < setup_n_pages; i++) {
        assert_int_equal(setup_pages[i].first, next);
        next += setup_pages[i].n;
    }
    assert_int_equal(next, setup_n_fields);
    g_autoptr(Config) config = config_parse("", "test", nothing, NULL);
    for (guint i = 0; i < setup_n_fields; i++) {
        assert_false(config_is_set(config, setup_fields[i].section, setup_fields[i].key));
        assert_true(strlen(setup_fields[i].label) < 20);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_written),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
