/* merge.h: several logs as one, ordered by time, read from any place in both directions.
 *
 * A cut names a place in each source; reading goes on from there and moves it. Nothing is read
 * twice or left out, whatever the times say; of lines with the same time those of the first source
 * come first. Belongs to one thread. */
#ifndef LOGS_MERGE_H
#define LOGS_MERGE_H

#include "logs/select.h"

#define LOG_SOURCES_MAX 16

typedef struct {
    gint64 place[LOG_SOURCES_MAX];
} LogCut;

typedef struct LogMerge LogMerge;

typedef struct {
    int direction;           /* 1 forwards, -1 backwards */
    guint lines;             /* at least so many are given, if there are (a group is never cut) */
    const LogSelect *select; /* NULL: all */
    gboolean whole;          /* see LogSourceOps.next */
    gint64 budget; /* microseconds; with something in hand it is given when that is over; 0: none */
    const LogPatience *patience; /* may be NULL */
} LogWant;

LogMerge *log_merge_new(void);
void log_merge_free(LogMerge *merge);
/* Takes the source; FALSE (and frees it) when there are too many. */
gboolean log_merge_add(LogMerge *merge, LogSource *source);
guint log_merge_count(const LogMerge *merge);
LogSource *log_merge_source(const LogMerge *merge, guint i);
/* Adds LogEntry * to out, in the direction read; TRUE when there may be more. A stop by patience
 * leaves the cut as it was. */
gboolean log_merge_read(LogMerge *merge, LogCut *cut, const LogWant *want, GPtrArray *out);
void log_merge_start(LogMerge *merge, LogCut *cut);
void log_merge_end(LogMerge *merge, LogCut *cut);
/* Before the first line of a time or later. */
void log_merge_seek(LogMerge *merge, gint64 at, LogCut *cut);
/* Before a line of which source, place and time are known. */
void log_merge_before(LogMerge *merge, guint source, gint64 pos, gint64 at, LogCut *cut);
/* By the bytes of all sources, 0 to 1000000. */
void log_merge_part(LogMerge *merge, gint64 millionths, LogCut *cut);
gint64 log_merge_part_of(LogMerge *merge, const LogCut *cut);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LogMerge, log_merge_free)

#endif
