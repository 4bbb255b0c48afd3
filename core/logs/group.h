/* group.h: one source read line group by line group, those that are wanted. */
#ifndef LOGS_GROUP_H
#define LOGS_GROUP_H

#include "logs/merge.h"

/* Reads one source in one direction. What is found next waits in entries. */
typedef struct {
    LogSource *source;
    const LogWant *want;
    gint64 low, high;   /* bounds by time */
    gint64 place;       /* all up to here is read or left out */
    gint64 after;       /* behind what waits, in the direction */
    GPtrArray *entries; /* LogEntry, in the direction */
    gint64 at;          /* of what waits */
    gint64 last_at;     /* of what was read last */
    guint number;
    int last_level;
    gboolean joined; /* place follows what was read: no head is to be looked for */
    gboolean ended, stopped;
    guint steps;
    GString *text;
} LogStream;

void log_stream_init(LogStream *stream, LogSource *source, guint number, gint64 place,
                     const LogWant *want);
void log_stream_clear(LogStream *stream);
/* Finds what comes next; FALSE at the end, or when patience is over (stopped). */
gboolean log_stream_load(LogStream *stream);

#endif
