/* paths.h: what the beginning of a path could become, for Tab. A folder is read on a worker, never
 * on the screen's thread: it may lie on a disk that does not answer. */
#ifndef TUI_PATHS_H
#define TUI_PATHS_H

#include <glib.h>

typedef struct Console Console;

/* Complete paths that begin with this one, folders with a slash at their end, sorted; ~ stays as it
 * was typed, names with a dot in front only where one is typed. NULL: none, or the folder is still
 * being read: then prompt_look_again() is called when it was. Caller frees. */
char **paths_complete(Console *console, const char *path);

/* The same for the word at the cursor of a line that g_shell_parse_argv() takes apart; *from is
 * where the word begins. first (may be NULL) is offered where a word begins like it. */
char **paths_complete_word(Console *console, const char *line, gsize cursor, gsize *from,
                           const char *first);

/* A folder that was read, kept by the console. */
typedef struct {
    char *folder;     /* as typed; NULL: none */
    GPtrArray *names; /* char *, with a slash behind folders; NULL: being read */
} Paths;
void paths_clear(Paths *paths);

/* "~/x" with the home folder in its place. Caller frees. */
char *paths_expand(const char *path);

#endif
