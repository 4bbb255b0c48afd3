/* fuzz_keys.c: any text as keys: names go there and back, and no two bindings stand in each other's
 * way, by a second and plainer reading of what is bound. */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include "base/error.h"
#include "tui/keymap.h"
#include "tui/term.h"

#define OWNERS 8

static void
check_name(const char *text)
{
    guint32 key = key_parse(text);
    g_autofree char *name = key == KEY_NONE ? NULL : key_name(key);
    if (!name)
        return;
    g_assert_cmpuint(key_parse(name), ==, key);
    g_assert_true(g_utf8_validate(name, -1, NULL));
}

static void
check_sequence(const char *text)
{
    guint32 keys[KEYMAP_DEPTH] = {0}, again[KEYMAP_DEPTH] = {0};
    guint n = key_sequence_parse(text, keys);
    g_assert_cmpuint(n, <=, KEYMAP_DEPTH);
    if (n == 0)
        return;
    g_autofree char *name = key_sequence_name(keys, n);
    g_assert_cmpuint(key_sequence_parse(name, again), ==, n);
    g_assert_cmpmem(keys, n * sizeof *keys, again, n * sizeof *keys);
}

/* What a command has is found by it, in every view it serves. */
static void
check_found(const Keymap *keymap, guint command, guint views)
{
    g_autofree char *text = keymap_keys(keymap, command);
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    for (char **word = words; *word && **word; word++) {
        guint32 keys[KEYMAP_DEPTH];
        guint n = key_sequence_parse(*word, keys);
        g_assert_cmpuint(n, >, 0);
        for (guint view = 1; view <= 4; view <<= 1) {
            if (!(views & view))
                continue;
            g_assert_cmpint(keymap_find(keymap, keys, n, view), ==, (int)command);
            for (guint shorter = 1; shorter < n; shorter++)
                g_assert_cmpint(keymap_find(keymap, keys, shorter, view), ==, KEYMAP_MORE);
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(GStrv) lines = g_strsplit(text, "\n", OWNERS);
    g_autoptr(Keymap) keymap = keymap_new();
    guint views[OWNERS] = {0};
    for (guint i = 0; lines[i]; i++) {
        g_autoptr(GError) error = NULL;
        views[i] = 1 + (guint)strlen(lines[i]) % 7;
        KeymapOwner owner = {i, "name", views[i], "fuzz:1"};
        g_auto(GStrv) words = g_strsplit_set(lines[i], " \t", -1);
        for (char **word = words; *word; word++) {
            check_name(*word);
            check_sequence(*word);
        }
        if (!keymap_bind(keymap, &owner, lines[i], i % 2 == 1, &error))
            g_assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_CONFIG));
        else
            g_assert_no_error(error);
    }
    for (guint i = 0; lines[i]; i++)
        check_found(keymap, i, views[i]);
    return 0;
}
