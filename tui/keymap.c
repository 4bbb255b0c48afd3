/* keymap.c: key names and bindings. */
#include "tui/keymap.h"

#include <string.h>
#include "base/error.h"
#include "base/text.h"
#include "tui/term.h"

typedef struct {
    guint32 keys[KEYMAP_DEPTH];
    guint n;
    guint command, views;
    char *name, *origin;
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

static const struct {
    const char *prefix;
    guint32 modifier;
} prefixes[] = {{"Ctrl-", KEYS_CONTROL}, {"Alt-", KEYS_ALT}, {"Shift-", KEYS_SHIFT}};

/* A key without modifiers; KEY_NONE: none. */
static guint32
plain_key(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        if (g_ascii_strcasecmp(name, names[i].name) == 0)
            return names[i].key;
    }
    if ((name[0] == 'F' || name[0] == 'f') && g_ascii_isdigit(name[1])) {
        gint64 n = g_ascii_strtoll(name + 1, NULL, 10);
        return n >= 1 && n <= 12 && strlen(name) <= 3 ? KEYS_F1 + (guint32)n - 1 : KEY_NONE;
    }
    if (!g_utf8_validate(name, -1, NULL) || g_utf8_strlen(name, -1) != 1)
        return KEY_NONE;
    gunichar c = g_utf8_get_char(name);
    return g_unichar_isgraph(c) ? c : KEY_NONE;
}

/* As the terminal sends it: Ctrl with a letter is a sign of its own. */
static guint32
with_modifiers(guint32 key, guint32 modifiers)
{
    gboolean letter = key >= '@' && key < 127 && key != '`';
    if (key == KEY_NONE || modifiers == 0)
        return key;
    if (letter && (modifiers & KEYS_CONTROL)) {
        key = KEYS_CTRL(key);
        modifiers &= ~(guint32)KEYS_CONTROL;
        key = key == KEYS_CTRL('h') ? KEYS_BACKSPACE : key == KEYS_CTRL('j') ? KEYS_ENTER : key;
    }
    if (key < KEYS_SPECIAL && (modifiers & (KEYS_CONTROL | KEYS_SHIFT)))
        return KEY_NONE;
    return key ? key | modifiers : KEY_NONE;
}

guint32
key_parse(const char *name)
{
    guint32 modifiers = 0, key = plain_key(name);
    for (gsize i = 0; key == KEY_NONE && i < G_N_ELEMENTS(prefixes);) {
        gsize len = strlen(prefixes[i].prefix);
        if (g_ascii_strncasecmp(name, prefixes[i].prefix, len) != 0) {
            i++;
            continue;
        }
        modifiers |= prefixes[i].modifier;
        name += len;
        key = plain_key(name);
        i = 0;
    }
    return with_modifiers(key, modifiers);
}

char *
key_name(guint32 key)
{
    guint32 plain = KEYS_PLAIN(key);
    char utf8[7] = {0};
    g_autoptr(GString) text = g_string_new(NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(prefixes); i++) {
        if (key & prefixes[i].modifier)
            g_string_append(text, prefixes[i].prefix);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        if (names[i].key == plain) {
            g_string_append(text, names[i].name);
            return g_strdup(text->str);
        }
    }
    if (plain >= KEYS_F1 && plain <= KEYS_F12)
        g_string_append_printf(text, "F%u", plain - KEYS_F1 + 1);
    else if (plain > 0 && plain < ' ')
        g_string_append_printf(text, "Ctrl-%c", (char)(plain + 64));
    else if (plain < KEYS_SPECIAL)
        g_string_append_len(text, utf8, g_unichar_to_utf8(plain, utf8));
    return g_strdup(text->str);
}

guint
key_sequence_parse(const char *text, guint32 keys[KEYMAP_DEPTH])
{
    guint n = 0;
    keys[0] = key_parse(text);
    if (keys[0] != KEY_NONE)
        return 1;
    if (!g_utf8_validate(text, -1, NULL))
        return 0;
    gboolean pair = g_utf8_strlen(text, -1) == 2 && !strchr(text, ',');
    g_auto(GStrv) words = g_strsplit(text, ",", -1);
    const char *second = pair ? g_utf8_find_next_char(text, NULL) : NULL;
    if (pair) {
        g_autofree char *first = g_strndup(text, (gsize)(second - text));
        keys[0] = key_parse(first);
        keys[1] = key_parse(second);
        return keys[0] && keys[1] ? 2 : 0;
    }
    for (char **word = words; *word; word++) {
        if (n == KEYMAP_DEPTH || !(keys[n] = key_parse(*word)))
            return 0;
        n++;
    }
    return n;
}

char *
key_sequence_name(const guint32 *keys, guint n)
{
    g_autoptr(GString) text = g_string_new(NULL);
    gboolean pair = n == 2;
    for (guint i = 0; i < n; i++)
        pair = pair && keys[i] > ' ' && keys[i] < KEYS_SPECIAL && keys[i] != ',';
    for (guint i = 0; i < n; i++) {
        g_autofree char *name = key_name(keys[i]);
        g_string_append_printf(text, "%s%s", i > 0 && !pair ? "," : "", name);
    }
    if (pair && key_parse(text->str) != KEY_NONE) /* F and 2 is not F2 */
        g_string_insert_c(text, (gssize)(g_utf8_next_char(text->str) - text->str), ',');
    return g_strdup(text->str);
}

static void
binding_clear(gpointer data)
{
    Binding *binding = data;
    g_free(binding->name);
    g_free(binding->origin);
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

/* Who has a sequence, the beginning of it, or one that begins with it. */
static const Binding *
find_clash(const Keymap *keymap, const guint32 *keys, guint n, guint views)
{
    for (guint i = 0; i < keymap->bindings->len; i++) {
        const Binding *binding = &g_array_index(keymap->bindings, Binding, i);
        guint common = MIN(binding->n, n);
        if ((binding->views & views) && memcmp(binding->keys, keys, common * sizeof *keys) == 0)
            return binding;
    }
    return NULL;
}

static gboolean
no_key(const KeymapOwner *owner, const char *word, GError **error)
{
    const char *candidates[G_N_ELEMENTS(names) + 1] = {NULL};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        candidates[i] = names[i].name;
    const char *dash = strrchr(word, '-');
    const char *near = text_nearest(dash && dash[1] ? dash + 1 : word, candidates);
    g_autofree char *shown = text_printable(word, -1, TEXT_LINE);
    g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG, "%s: [keys] %s: '%.40s' is no key; %s%s%s",
                owner->origin, owner->name, shown,
                near ? "did you mean " : "keys are written a, Ctrl-L, Alt-x, Enter, PgDn, F1, gg",
                near ? near : "", near ? "?" : "");
    return FALSE;
}

static gboolean
both_claim(const KeymapOwner *owner, const Binding *other, const guint32 *keys, guint n,
           GError **error)
{
    g_autofree char *ours = key_sequence_name(keys, n);
    g_autofree char *theirs = key_sequence_name(other->keys, other->n);
    gboolean same = n == other->n;
    g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                "[keys] %s means '%s' (%s)%s%s%s '%s' (%s); give one of them another key", theirs,
                other->name, other->origin, same ? " and also" : ", and ", same ? "" : ours,
                same ? "" : " means", owner->name, owner->origin);
    return FALSE;
}

gboolean
keymap_bind(Keymap *keymap, const KeymapOwner *owner, const char *keys, gboolean yields,
            GError **error)
{
    g_auto(GStrv) words = g_strsplit_set(keys, " \t", -1);
    for (char **word = words; *word; word++) {
        Binding binding = {.command = owner->command, .views = owner->views};
        if (!**word)
            continue;
        binding.n = key_sequence_parse(*word, binding.keys);
        if (binding.n == 0)
            return no_key(owner, *word, error);
        const Binding *other = find_clash(keymap, binding.keys, binding.n, owner->views);
        if (other && !yields)
            return both_claim(owner, other, binding.keys, binding.n, error);
        if (other)
            continue;
        binding.name = g_strdup(owner->name);
        binding.origin = g_strdup(owner->origin);
        g_array_append_val(keymap->bindings, binding);
    }
    return TRUE;
}

int
keymap_find(const Keymap *keymap, const guint32 *keys, guint n, guint view)
{
    const Binding *binding = n > 0 ? find_clash(keymap, keys, n, view) : NULL;
    if (!binding || binding->n < n)
        return KEYMAP_NONE;
    return binding->n == n ? (int)binding->command : KEYMAP_MORE;
}

int
keymap_command(const Keymap *keymap, guint32 key, guint view)
{
    return MAX(keymap_find(keymap, &key, 1, view), KEYMAP_NONE);
}

char *
keymap_keys(const Keymap *keymap, guint command)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < keymap->bindings->len; i++) {
        const Binding *binding = &g_array_index(keymap->bindings, Binding, i);
        if (binding->command != command)
            continue;
        g_autofree char *name = key_sequence_name(binding->keys, binding->n);
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
