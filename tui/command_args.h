/* command_args.h: what commands take after their name: shown and completed in the palette. */
#ifndef TUI_COMMAND_ARGS_H
#define TUI_COMMAND_ARGS_H

#include "tui/command.h"

/* "NAME", "[KEY=VALUE …]"; NULL when the command takes nothing. */
const char *command_args(const Command *command);
/* What may stand there and begins with what was typed, sorted; NULL when anything may. Caller frees
 * with g_strfreev. */
char **command_args_complete(Console *console, const Command *command, const char *typed);

#endif
