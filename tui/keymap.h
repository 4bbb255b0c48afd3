/* keymap.h: which keys mean which command, in which views; keys are written as in [keys]. */
#ifndef TUI_KEYMAP_H
#define TUI_KEYMAP_H

#include <glib.h>

#define KEYMAP_DEPTH 3 /* keys of the longest sequence */
#define KEYMAP_NONE  (-1)
#define KEYMAP_MORE  (-2)

typedef struct Keymap Keymap;

/* Who gets keys; where the binding is written ("creditbot.conf:12", "the keys of vi", …). */
typedef struct {
    guint command;    /* an index */
    const char *name; /* the command's */
    guint views;      /* a mask */
    const char *origin;
} KeymapOwner;

/* "a", "Ctrl-L", "Alt-x", "Shift-Up", "Enter", "Esc", "Tab", "Shift-Tab", "Space", "PgDn", "F1" → a
 * code of term.h; 0 when it is no key. */
guint32 key_parse(const char *name);
/* The opposite; also what the screen shows. Caller frees. */
char *key_name(guint32 key);
/* "gg" (two signs) or "Ctrl-X,Ctrl-C" (keys with commas) → how many of keys are set; 0 when it is
 * neither. One key is a sequence of one. */
guint key_sequence_parse(const char *text, guint32 keys[KEYMAP_DEPTH]);
/* Caller frees. */
char *key_sequence_name(const guint32 *keys, guint n);

Keymap *keymap_new(void);
void keymap_free(Keymap *keymap);
/* Binds the sequences (blanks between them) to a command, besides what it has. ERR_CONFIG names
 * what is no key, with the nearest one, or both who claim the same keys, or one of them the
 * beginning of the other's. yields: what is taken is left out instead. */
gboolean keymap_bind(Keymap *keymap, const KeymapOwner *owner, const char *keys, gboolean yields,
                     GError **error);
/* The command of a sequence in a view (one bit); KEYMAP_MORE: it is the beginning of one. */
int keymap_find(const Keymap *keymap, const guint32 *keys, guint n, guint view);
/* The command of one key; KEYMAP_NONE also where it begins a sequence. */
int keymap_command(const Keymap *keymap, guint32 key, guint view);
/* The keys of a command as text, "" when none. Caller frees. */
char *keymap_keys(const Keymap *keymap, guint command);
/* The first of them. Caller frees. */
char *keymap_first(const Keymap *keymap, guint command);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Keymap, keymap_free)

#endif
