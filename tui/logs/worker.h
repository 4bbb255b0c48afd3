/* worker.h: the thread that reads logs for the screen: one question at a time, answers by the
 * mailbox.
 *
 * Answers come in parts as soon as there is something to show; a question that is outdated stops
 * within a few milliseconds. */
#ifndef TUI_LOGS_WORKER_H
#define TUI_LOGS_WORKER_H

#include "logs/merge.h"
#include "tui/mailbox.h"

typedef struct LogWorker LogWorker;

typedef enum {
    ASK_MORE,  /* what joins a cut, in a direction */
    ASK_START, /* the rest: a window anew, around … */
    ASK_END,
    ASK_PART,   /* value: millionths of all */
    ASK_LINE,   /* value: a line of the first source, from 1 */
    ASK_TIME,   /* value: microseconds */
    ASK_AROUND, /* a line: source, pos, value: its time */
    ASK_FIND,   /* the next line, from the cut in the direction, that passes find */
    ASK_WHERE,  /* how far a line is: source, pos; not a window */
} LogAskKind;

typedef struct {
    LogAskKind kind;
    LogCut cut;
    int direction;
    guint lines; /* wanted; of a window anew on each side */
    gboolean whole;
    LogSelect *select, *find; /* a reference each; may be NULL */
    guint source;
    gint64 pos, value;
} LogAsk;

/* A part of an answer. The screen owns it until its function returns; entries may be stolen. */
typedef struct {
    LogAskKind kind;
    guint serial;
    gboolean anew; /* entries replace all; else they join in direction */
    int direction;
    GPtrArray *entries; /* LogEntry, oldest first */
    LogCut first, last; /* around them; joining: only the one of the direction counts */
    gboolean more_before, more_after;
    int focus;           /* which one was asked for; -1: none */
    gboolean done;       /* no further part comes */
    const char *failure; /* a sentence; NULL: none */
} LogAnswer;

/* How things stand; borrowed. */
typedef struct {
    gboolean grew;      /* lines came */
    const char *notice; /* a new sentence about a source; NULL: none */
    gint64 size;        /* of all, bytes or rows */
    gboolean lives;     /* more may come */
    int percent;        /* of a search that takes long; -1: none */
} LogNews;

/* Where a line stands. */
typedef struct {
    gint64 line, lines; /* from 1; 0: not counted (yet) */
    gboolean all;       /* lines are all */
    gint64 millionths;
} LogWhere;

typedef struct {
    void (*answer)(gpointer data, LogAnswer *answer);
    void (*news)(gpointer data, const LogNews *news);
    void (*where)(gpointer data, const LogWhere *where);
    gpointer data;
} LogScreen;

/* What is to be read; copied. */
typedef struct {
    const char *const *paths; /* NULL: none */
    int pipe_fd;              /* taken; -1: none */
    const char *store;        /* path of the state, to be read too; NULL: not */
    const char *group;        /* [store] group; NULL: none */
    gint64 pass, request, run;
} LogOpen;

LogWorker *log_worker_new(Mailbox *mailbox, const LogOpen *open, const LogScreen *screen);
/* Ends the thread; after that none of the screen's functions is called. */
void log_worker_free(LogWorker *worker);
/* Takes the references in ask; returns its serial. All but ASK_WHERE make older ones outdated. */
guint log_worker_ask(LogWorker *worker, const LogAsk *ask);
/* Stops what is worked on; its last part comes with done. */
void log_worker_stop(LogWorker *worker);
/* How often it looks for what is new: milliseconds. */
void log_worker_pace(LogWorker *worker, guint milliseconds);

#endif
