/* parse.h: the words of the command line, by GLib's option parser from our tables. */
#ifndef CLI_PARSE_H
#define CLI_PARSE_H

#include "cli/command.h"
#include "cli/session.h"

/* The global options that stand before the command's name; *rest: the words from it on, borrowed
 * strings, caller frees the array. */
gboolean parse_globals(int argc, char **argv, Globals *globals, char ***rest, GError **error);
/* A command's own options (filled into a zeroed struct of options_size) and once more the global
 * ones; words[0] is its name. *args: what is left, NULL-terminated. */
gboolean parse_command(const Command *command, char **words, Globals *globals, void *options,
                       char ***args, GError **error);
/* Frees what the options own. */
void parse_clear(const OptSpec *specs, void *options);

#endif
