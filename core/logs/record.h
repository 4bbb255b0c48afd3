/* record.h: one line of a log and what can be told from it: when, how grave, about what.
 *
 * Recognised are our own two formats, ISO 8601 with and without a zone (without: UTC), syslog
 * (RFC 3164 and 5424), glog, the epoch in seconds, milliseconds or microseconds, the common log
 * format of web servers, time=/level= pairs, and JSON objects with the usual names. */
#ifndef LOGS_RECORD_H
#define LOGS_RECORD_H

#include <glib.h>

/* A line that is longer comes in pieces of this many bytes, cut where the file's offset is a
 * multiple of it, so that a place in it is found from both sides. */
#define LOG_PIECE     16384
#define LOG_PIECE_MAX (2 * LOG_PIECE)
#define LOG_UNKNOWN   (-1) /* a level */

typedef enum {
    LOG_OPEN = 1,  /* the last line, without its newline yet */
    LOG_MIDST = 2, /* a piece that is not a line's first */
    LOG_JSON = 4,
} LogRecordFlags;

typedef struct {
    gint64 pos, next;          /* where it begins and where the following one does, in its source */
    const char *text;          /* of its source until the next call; without the newline */
    gsize len;                 /* of text */
    gint64 bytes;              /* of the whole line; more than len when only its start is here */
    gint64 at;                 /* microseconds UTC; 0: none is written in it */
    int level;                 /* LogLevel or LOG_UNKNOWN */
    gsize message;             /* offset in text behind time and level; 0 where that is all text */
    gint64 pass, request, run; /* 0: none */
    guint flags;
} LogRecord;

/* Fills in everything from at on, from text and len. now (microseconds): for times that have no
 * year. */
void log_record_read(LogRecord *record, gint64 now);
/* The time at the start of a text, and where it ends; FALSE when none stands there. */
gboolean log_time_read(const char *text, gsize len, gint64 now, gint64 *at, gsize *end);
/* A word as a level, without regard to case: "warning", "ERR", "I"; LOG_UNKNOWN. */
int log_level_word(const char *word, gsize len);
/* A JSON object on one line; FALSE when it is none. message is as it stands, escapes undone; area
 * too; either may be NULL on return. Caller frees. */
gboolean log_json_read(LogRecord *record, char **area, char **message);

#endif
