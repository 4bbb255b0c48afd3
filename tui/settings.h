/* settings.h: what the console remembers from one time to the next, in console.conf.
 *
 * A key file of mode 0600; a console writes only what was changed in it, so that two of them do not
 * take each other's away. */
#ifndef TUI_SETTINGS_H
#define TUI_SETTINGS_H

#include <glib.h>

typedef struct Settings Settings;

/* $XDG_STATE_HOME/creditbot/console.conf, in the demo's folder for a demo. Caller frees. */
char *settings_path(gboolean demo);
/* Never NULL. A file that is not there is empty; one that cannot be read or is damaged counts as
 * empty, with error set. */
Settings *settings_load(const char *path, GError **error);
void settings_free(Settings *settings);
/* NULL: not there. Caller frees. */
char *settings_get(const Settings *settings, const char *group, const char *key);
/* NULL takes it away. */
void settings_set(Settings *settings, const char *group, const char *key, const char *value);
/* Writes what was set since it was loaded, if anything. A damaged file is kept as
 * console.conf.damaged. ERR_INPUT names the file. */
gboolean settings_save(Settings *settings, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Settings, settings_free)

#endif
