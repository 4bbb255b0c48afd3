/* command_keys.c: which keys the commands have: [keys] of the configuration, a preset, the table.
 */
#include "tui/command.h"

#include <string.h>
#include "base/error.h"
#include "base/text.h"

/* Presets that are there without a file. */
static const char *const builtin[][2] = {
    {
        "vi",
#include "tui/keys_vi.inc"
    },
    {
        "emacs",
#include "tui/keys_emacs.inc"
    },
};

static const char *
no_environment(const char *name)
{
    (void)name;
    return NULL;
}

/* Refuses a name in [keys] that no command has: its key would do nothing, silently. */
static gboolean
check_names(const Config *config, GError **error)
{
    g_auto(GStrv) given = config_keys_set(config, "keys");
    g_autofree const char **names = g_new0(const char *, commands_count() + 1);
    for (guint i = 0; i < commands_count(); i++)
        names[i] = commands[i].name;
    for (char **name = given; *name; name++) {
        if (g_strv_contains(names, *name))
            continue;
        int alias = commands_find(*name);
        const char *near = alias >= 0 ? names[alias] : text_nearest(*name, names);
        g_autofree char *shown = text_printable(*name, -1, TEXT_LINE);
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "%s: [keys] no command is named '%.60s'; %s%s%s",
                    config_origin(config, "keys", *name), shown, near ? "did you mean " : "",
                    near ? near : "? in the console tells them", near ? "?" : "");
        return FALSE;
    }
    return TRUE;
}

static Config *
read_preset(const char *name, GError **error)
{
    g_autoptr(GError) inner = NULL;
    g_autofree char *text = NULL;
    g_autofree char *path = g_str_has_prefix(name, "~/")
                                ? g_build_filename(g_get_home_dir(), name + 2, NULL)
                                : g_strdup(name);
    for (guint i = 0; i < G_N_ELEMENTS(builtin); i++) {
        if (strcmp(name, builtin[i][0]) == 0)
            return config_parse(builtin[i][1], name, no_environment, error);
    }
    if (g_str_has_suffix(name, ".keys") && g_file_get_contents(path, &text, NULL, &inner))
        return config_parse(text, path, no_environment, error);
    g_set_error(
        error, CREDITBOT_ERROR, ERR_CONFIG,
        "[tui] keys: %s%s; there are: default, vi, emacs, and files NAME.keys by their path",
        inner ? "" : name, inner ? inner->message : " is no preset of keys");
    return NULL;
}

/* What [tui] keys names; *preset stays NULL for the default keys. */
static gboolean
load_preset(const Config *config, Config **preset, GError **error)
{
    const char *name = config ? config_string(config, "tui", "keys") : NULL;
    if (!name || strcmp(name, "default") == 0)
        return TRUE;
    g_autoptr(Config) read = read_preset(name, error);
    if (!read || !check_names(read, error))
        return FALSE;
    *preset = g_steal_pointer(&read);
    return TRUE;
}

/* One layer: the commands whose keys it sets and no layer before it has. */
static gboolean
bind_layer(Keymap *keymap, const Config *from, gboolean yields, gboolean *done, GError **error)
{
    for (guint i = 0; i < commands_count(); i++) {
        const char *keys = from ? config_string(from, "keys", commands[i].name) : commands[i].keys;
        KeymapOwner owner = {i, commands[i].name, commands[i].views, "a default key"};
        if (!keys || done[i])
            continue;
        if (from)
            owner.origin = config_origin(from, "keys", commands[i].name);
        done[i] = TRUE;
        if (!keymap_bind(keymap, &owner, keys, yields, error))
            return FALSE;
    }
    return TRUE;
}

/* The operator's own keys first: who else claims them is at fault. A preset takes keys from the
 * defaults without a word: that is what it is for. */
Keymap *
commands_keymap(const Config *config, GError **error)
{
    g_autoptr(Config) preset = NULL;
    if (config && (!check_names(config, error) || !load_preset(config, &preset, error)))
        return NULL;
    g_autoptr(Keymap) keymap = keymap_new();
    g_autofree gboolean *done = g_new0(gboolean, commands_count());
    if ((config && !bind_layer(keymap, config, FALSE, done, error)) ||
        (preset && !bind_layer(keymap, preset, FALSE, done, error)) ||
        !bind_layer(keymap, NULL, preset != NULL, done, error))
        return NULL;
    return g_steal_pointer(&keymap);
}

char *
commands_keys_text(const Config *config, GError **error)
{
    g_autoptr(Keymap) keymap = commands_keymap(config, error);
    if (!keymap)
        return NULL;
    GString *text = g_string_new("# The keys in force: what differs goes into the configuration.\n"
                                 "[keys]\n");
    for (guint i = 0; i < commands_count(); i++) {
        g_autofree char *keys = keymap_keys(keymap, i);
        g_auto(GStrv) parts = g_strsplit(keys, "\\", -1); /* as the file's language has it */
        g_autofree char *written = g_strjoinv("\\\\", parts);
        g_string_append_printf(text, "# %s\n%s=%s\n", commands[i].help, commands[i].name, written);
    }
    return g_string_free(text, FALSE);
}
