/* source.h: where log lines come from: a file, a pipe, or the store; one interface to all.
 *
 * A place in a source is a number: what is before it has smaller places. Lines are read from a
 * place forwards and backwards; nothing is held but a buffer. A source belongs to one thread. */
#ifndef LOGS_SOURCE_H
#define LOGS_SOURCE_H

#include "logs/needle.h"
#include "logs/record.h"
#include "store/store.h"

typedef struct LogSource LogSource;

/* Long work asks this now and then: FALSE stops it. done of all are bytes or rows. May be called
 * from several threads at once; on is NULL: never stops. */
typedef struct {
    gboolean (*on)(gpointer data, gint64 done, gint64 all);
    gpointer data;
} LogPatience;

typedef struct {
    void (*free)(LogSource *source);
    gint64 (*start)(LogSource *source);
    gint64 (*end)(LogSource *source);
    /* The line that begins at a place, or the one that ends there; FALSE: none. whole: a line that
     * comes in pieces is one, with its first piece as its text. */
    gboolean (*next)(LogSource *source, gint64 place, gboolean whole, LogRecord *record);
    gboolean (*previous)(LogSource *source, gint64 place, gboolean whole, LogRecord *record);
    /* The nearest place at or before this one that a line begins at. */
    gint64 (*align)(LogSource *source, gint64 place);
    /* The place of the first line at or after from that holds the needle (direction 1), or of the
     * last one that lies wholly before from (-1); -1: none, or stopped. */
    gint64 (*find)(LogSource *source, const Needle *needle, gint64 from, int direction,
                   const LogPatience *patience);
    gboolean (*poll)(LogSource *source);  /* TRUE: something is new */
    gboolean (*lives)(LogSource *source); /* more may come */
    char *(*notice)(LogSource *source);   /* NULL: nothing; caller frees */
    /* Newlines before a place, all that are known, whether that is all; FALSE: not counted yet. */
    gboolean (*lines)(LogSource *source, gint64 place, gint64 *line, gint64 *lines, gboolean *all);
    gint64 (*line_place)(LogSource *source, gint64 line); /* -1: not counted yet */
} LogSourceOps;

struct LogSource {
    const LogSourceOps *ops;
    char *name; /* to show */
    gint64 now; /* for times without a year; microseconds */
};

/* Cannot fail: what is wrong is in notice(). path "-" is no name here. index: count lines in the
 * background, from the first poll() on. */
LogSource *log_source_file(const char *path, gboolean index);
LogSource *log_source_pipe(int fd, const char *name, gboolean index); /* takes fd */
/* The log that the store keeps. Opened read-only when first read. 0: of all. */
typedef struct {
    const char *path;  /* of the state */
    const char *group; /* [store] group; NULL: none */
    gint64 pass, request, run;
} LogStoreOptions;
LogSource *log_source_store(const LogStoreOptions *options);
void log_source_free(LogSource *source);
/* The place of the first line of that time or later, if the lines are in order; the end when all
 * are before it. */
gint64 log_source_seek(LogSource *source, gint64 at);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LogSource, log_source_free)

#endif
