/* source_private.h: what the sources are made of. */
#ifndef LOGS_SOURCE_PRIVATE_H
#define LOGS_SOURCE_PRIVATE_H

#include "logs/file.h"
#include "logs/source.h"

/* Where the needle stands first at or after from (direction 1), or last wholly before it (-1), in
 * the bytes of a file; -1: nowhere, or stopped. Two threads share the work where there is much. */
gint64 log_scan(LogFile *file, const Needle *needle, gint64 from, int direction,
                const LogPatience *patience);
/* Replaces out by text without the escape sequences of terminals; NUL becomes U+FFFD. */
void log_strip(GString *out, const char *text, gsize len);

#endif
