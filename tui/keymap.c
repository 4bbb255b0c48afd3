/* keymap.c: key names and bindings. */
#include "tui/keymap.h"

#include <string.h>
#include "base/error.h"
#include "tui/term.h"

typedef struct {
    guint32 key;
    guint command;
    guint views;
    char *command_name;
} Binding;

struct Keymap {
    GArray *bindings; /* Binding */
};

static const struct {
    const char *name;
    guint32 key;
} names[] = {
    {"Up", KEYS_UP},         {"Down", KEYS_DOWN},           {"Left", KEYS_LEFT},
    {"Right", KEYS_RIGHT},   {"Home", KEYS_HOME},           {"End", KEYS_END},
    {"PgUp", KEYS_PGUP},     {"PgDn", KEYS_PGDN},           {"Insert", KEYS_INSERT},
    {"Delete", KEYS_DELETE}, {"Backspace", KEYS_BACKSPACE}, {"Shift-Tab", KEYS_BACKTAB},
    {"Tab", KEYS_TAB},       {"Enter", KEYS_ENTER},         {"Esc", KEYS_ESC},
    {"Space", ' '},
};

guint32
key_parse(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        if (g_ascii_strcasecmp(name, names[i].name) == 0)
            return names[i].key;
    }
    if (g_ascii_strncasecmp(name, "Ctrl-", 5) == 0 && g_ascii_isalpha(name[5]) && !name[6])
        return KEYS_CTRL(name[5]);
    if ((name[0] == 'F' || name[0] == 'f') && g_ascii_isdigit(name[1])) {
        gint64 n = g_ascii_strtoll(name + 1, NULL, 10);
        return n >= 1 && n <= 12 && strlen(name) <= 3 ? KEYS_F1 + (guint32)n - 1 : KEY_NONE;
    }
    if (!g_utf8_validate(name, -1, NULL) || g_utf8_strlen(name, -1) != 1)
        return KEY_NONE;
    gunichar c = g_utf8_get_char(name);
    return g_unichar_isgraph(c) ? c : KEY_NONE;
}

char *
key_name(guint32 key)
{
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        if (names[i].key == key)
            return g_strdup(names[i].name);
    }
    if (key >= KEYS_F1 && key <= KEYS_F12)
        return g_strdup_printf("F%u", key - KEYS_F1 + 1);
    if (key > 0 && key < 27)
        return g_strdup_printf("Ctrl-%c", (char)(key + 64));
    char utf8[7] = {0};
    g_unichar_to_utf8(key, utf8);
    return g_strdup(utf8);
}

static void
binding_clear(gpointer data)
{
    Binding *binding = data;
    g_free(binding->command_name);
}

Keymap *
keymap_new(void)
{
    Keymap *keymap = g_new0(Keymap, 1);
    keymap->bindings = g_array_new(FALSE, TRUE, sizeof(Binding));
    g_array_set_clear_func(keymap->bindings, binding_clear);
    return keymap;
}

void
keymap_free(Keymap *keymap)
{
    if (!keymap)
        return;
    g_array_unref(keymap->bindings);
    g_free(keymap);
}

static const Binding *
find(const Keymap *keymap, guint32 key, guint views)
{
    for (guint i = 0; i < keymap->bindings->len; i++) {
        const Binding *binding = &g_array_index(keymap->bindings, Binding, i);
        if (binding->key == key && (binding->views & views))
            return binding;
    }
    return NULL;
}

void
keymap_unbind(Keymap *keymap, guint command)
{
    for (guint i = keymap->bindings->len; i-- > 0;) {
        if (g_array_index(keymap->bindings, Binding, i).command == command)
            g_array_remove_index(keymap->bindings, i);
    }
}

gboolean
keymap_bind(Keymap *keymap, guint command, const char *command_name, guint views, const char *keys,
            GError **error)
{
    g_auto(GStrv) words = g_strsplit_set(keys, " \t;", -1);
    keymap_unbind(keymap, command);
    for (char **word = words; *word; word++) {
        if (!**word)
            continue;
        guint32 key = key_parse(*word);
        if (key == KEY_NONE) {
            g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                        "[keys] %s: '%s' is no key; keys are written a, Ctrl-L, Enter, PgDn, F1",
                        command_name, *word);
            return FALSE;
        }
        const Binding *other = find(keymap, key, views);
        if (other) {
            g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                        "[keys] %s: the key %s already means '%s'; give one of them another key",
                        command_name, *word, other->command_name);
            return FALSE;
        }
        Binding binding = {key, command, views, g_strdup(command_name)};
        g_array_append_val(keymap->bindings, binding);
    }
    return TRUE;
}

int
keymap_command(const Keymap *keymap, guint32 key, guint view)
{
    const Binding *binding = find(keymap, key, view);
    return binding ? (int)binding->command : -1;
}

char *
keymap_keys(const Keymap *keymap, guint command)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < keymap->bindings->len; i++) {
        const Binding *binding = &g_array_index(keymap->bindings, Binding, i);
        if (binding->command != command)
            continue;
        g_autofree char *name = key_name(binding->key);
        g_string_append_printf(text, "%s%s", text->len ? " " : "", name);
    }
    return g_string_free(text, FALSE);
}

char *
keymap_first(const Keymap *keymap, guint command)
{
    char *keys = keymap_keys(keymap, command);
    char *blank = strchr(keys, ' ');
    if (blank)
        *blank = '\0';
    return keys;
}
