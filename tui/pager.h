/* pager.h: long texts in the operator's own pager ($PAGER, else less), without a shell. */
#ifndef TUI_PAGER_H
#define TUI_PAGER_H

#include "tui/term.h"

/* Writes the text, with everything taken out that could steer a terminal, into a new file of mode
 * 0600 (in XDG_RUNTIME_DIR, the user's cache folder, or TMPDIR). May take time; any thread. Its
 * path: pager_show() removes it; caller frees. */
char *pager_file(const char *text, GError **error);

/* Called on the screen's thread several times a second while the pager has the terminal. */
typedef void (*PagerMeanwhile)(gpointer data);
/* Shows the file until the pager ends, with LESSSECURE=1 (no shell, no editor, no other files from
 * within less), then removes it. wake_fd: meanwhile is called at once when it is readable; -1:
 * none. FALSE with ERR_CONFIG or ERR_INPUT when the pager cannot be started or fails. */
gboolean pager_show(Term *term, const char *path, int wake_fd, PagerMeanwhile meanwhile,
                    gpointer data, GError **error);

/* Starts a program beside the console (a browser), with nothing of the terminal, and does not wait
 * for it. */
gboolean pager_detach(const char *const *argv, GError **error);

#endif
