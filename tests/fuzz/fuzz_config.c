/* fuzz_config.c: any text as a configuration: what is taken is what GLib's key files read, is shown
 * without its secrets, and is the same when it is read from what was shown. */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include "base/config.h"
#include "base/error.h"

static const char *
no_environment(const char *name G_GNUC_UNUSED)
{
    return NULL;
}

/* Each value as GKeyFile has it, where one of ours is set. */
static void
check_value(const Config *config, GKeyFile *file, const char *section, const ConfigKey *key)
{
    const char *name = key->key, *ours;
    if (!config_is_set(config, section, name))
        return;
    g_autofree char *theirs = key->type == CONFIG_LIST
                                  ? g_key_file_get_value(file, section, name, NULL)
                                  : g_key_file_get_string(file, section, name, NULL);
    ours = config_string(config, section, name);
    g_assert_nonnull(theirs);
    g_assert_nonnull(ours);
    if (key->type == CONFIG_STRING || key->type == CONFIG_SECRET)
        g_assert_cmpstr(ours, ==, g_strchomp(theirs));
}

/* Every getter answers for every key; none of them aborts, and ranges hold. */
static void
check_getters(const Config *config, const char *section, const ConfigKey *key)
{
    if (key->type == CONFIG_BOOL)
        config_bool(config, section, key->key);
    if (key->type == CONFIG_INT)
        config_int(config, section, key->key);
    if (key->type == CONFIG_DURATION)
        g_assert_cmpint(config_duration(config, section, key->key), >=, 0);
    if (key->type == CONFIG_AMOUNT)
        g_assert_cmpint(config_amount(config, section, key->key), >=, -1);
    if (key->type == CONFIG_LIST)
        g_assert_nonnull(config_list(config, section, key->key));
    if (key->type == CONFIG_URL && config_string(config, section, key->key))
        g_assert_true(g_str_has_prefix(config_string(config, section, key->key), "http"));
}

static void
check_shown(const Config *config)
{
    g_autoptr(GPtrArray) secrets = config_secrets(config);
    g_autofree char *shown = config_show(config);
    g_assert_true(g_utf8_validate(shown, -1, NULL));
    for (const char *p = shown; *p; p++)
        g_assert_true(*p == '\n' || (guchar)*p >= 0x20);
    for (guint i = 0; i < secrets->len; i++) {
        g_autofree char *line = g_strdup_printf("=%s ", (const char *)secrets->pdata[i]);
        if (strlen(secrets->pdata[i]) > 12) /* shorter ones stand in it by chance */
            g_assert_null(strstr(shown, line));
    }
}

static void
check_config(const Config *config, const char *text)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    gboolean bom = g_str_has_prefix(text, "\xEF\xBB\xBF");
    gboolean read = g_key_file_load_from_data(file, text + 3 * bom, strlen(text) - 3 * bom,
                                              G_KEY_FILE_KEEP_TRANSLATIONS, NULL);
    for (const ConfigKey *key = config_keys(); key->section; key++) {
        if (strchr(key->section, '*') || strcmp(key->key, "*") == 0)
            continue;
        check_getters(config, key->section, key);
        if (read)
            check_value(config, file, key->section, key);
    }
    g_auto(GStrv) sections = config_sections(config, "product.");
    for (char **section = sections; *section; section++)
        config_string(config, *section, "match");
    check_shown(config);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = config_parse(text, "fuzz", no_environment, &error);
    g_assert_true((config == NULL) == (error != NULL));
    if (config)
        check_config(config, text);
    else
        g_assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_CONFIG));
    return 0;
}
