/* logs.h: the part of `creditbot logs` that reads files. */
#ifndef CLI_LOGS_H
#define CLI_LOGS_H

#include "cli/session.h"

typedef struct {
    const char *const *paths; /* "-" is the standard input, "@desk" the state; none: the state */
    int level;                /* LogLevel: the least */
    const char *filter, *grep, *since; /* NULL: none */
    guint limit;                       /* the newest so many; 0: all */
    gboolean follow;
} LogFiles;

/* In the console where there is a terminal and no --json, else printed. The exit code. */
int logs_files(Session *session, const LogFiles *files, GError **error);

#endif
