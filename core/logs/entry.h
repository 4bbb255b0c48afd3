/* entry.h: a line of a log as it is kept: its text and what it says about itself. */
#ifndef LOGS_ENTRY_H
#define LOGS_ENTRY_H

#include "logs/source.h"

typedef struct {
    guint source;     /* its number among those that are merged */
    gint64 pos, next; /* in its source */
    gint64 at;        /* its own time, or that of the line that it belongs to; 0: unknown */
    int level;        /* the same; LOG_UNKNOWN */
    gboolean head;    /* the time is its own */
    guint flags;      /* LogRecordFlags */
    gint64 bytes;     /* of the whole line; more than len when only its start is here */
    gint64 pass, request, run;
    gsize message;      /* offset behind time and level */
    int rows, rows_for; /* for who shows it: rows that it takes at a width */
    gsize len;
    char text[]; /* NUL-terminated; may hold anything else */
} LogEntry;

/* at and level: of the line that it belongs to, where it has none. */
LogEntry *log_entry_new(const LogRecord *record, guint source, gint64 at, int level);
void log_entry_free(gpointer entry); /* accepts NULL */

#endif
