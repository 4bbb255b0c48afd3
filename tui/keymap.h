/* keymap.h: which key means which command, in which views; keys are written as in [keys]. */
#ifndef TUI_KEYMAP_H
#define TUI_KEYMAP_H

#include <glib.h>

typedef struct Keymap Keymap;

/* "a", "Ctrl-L", "Enter", "Esc", "Tab", "Shift-Tab", "Space", "PgDn", "F1" → a code of term.h; 0
 * when it is no key. */
guint32 key_parse(const char *name);
/* The opposite; also what the screen shows. Caller frees. */
char *key_name(guint32 key);

Keymap *keymap_new(void);
void keymap_free(Keymap *keymap);
/* Binds the keys (blanks between them) to a command (an index) in the views of a mask, instead of
 * what the command had. ERR_CONFIG names what is no key, or who has the key already. */
gboolean keymap_bind(Keymap *keymap, guint command, const char *command_name, guint views,
                     const char *keys, GError **error);
void keymap_unbind(Keymap *keymap, guint command);
/* The command of a key in a view (one bit); -1: none. */
int keymap_command(const Keymap *keymap, guint32 key, guint view);
/* The keys of a command as text, "" when none. Caller frees. */
char *keymap_keys(const Keymap *keymap, guint command);
/* The first of them. Caller frees. */
char *keymap_first(const Keymap *keymap, guint command);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Keymap, keymap_free)

#endif
