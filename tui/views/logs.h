/* logs.h: the view of logs: its state, shared by the files that ask, draw and act. */
#ifndef TUI_VIEWS_LOGS_H
#define TUI_VIEWS_LOGS_H

#include "tui/console_private.h"
#include "tui/logs/window.h"
#include "tui/logs/worker.h"

typedef enum { TIMES_UTC, TIMES_LOCAL, TIMES_AGO, TIMES_RAW, TIMES_COUNT } LogTimes;

typedef struct {
    Console *console;
    LogWorker *worker;
    LogWindow *window;
    /* What is open. */
    char **paths; /* NULL: none */
    gboolean store;
    gint64 pass, request, run;
    /* What is wanted of it. */
    int level;
    char *filter;      /* as typed; NULL: none */
    LogSelect *select; /* level and filter; never NULL */
    int shown_level;   /* of the lines on the screen, until those that are asked for come */
    char *shown_filter;
    char *search;    /* as typed; NULL: none */
    LogSelect *find; /* NULL: nothing is searched for */
    gboolean hit;    /* the last search found this line */
    guint hit_source;
    gint64 hit_pos;
    gboolean follow, fold;
    int side; /* columns that the text is shifted by */
    LogTimes times;
    /* The question on its way. */
    guint serial;
    gboolean asking, stale, loaded;
    LogAsk asked;
    int percent; /* -1: not told */
    char *failure, *notice;
    gboolean lives;
    LogWhere where;
    gboolean where_asked, where_stale;
    /* Of the last drawing. */
    Rect lines;
    int time_width, text_x;
} Logs;

/* Asks for a window anew; cut and the like as the kind needs. */
void logs_ask(Logs *logs, LogAsk ask);
/* The same lines with another level or filter, around the selected one or at the end. */
void logs_ask_again(Logs *logs);
/* FALSE and a message when the filter is wrong. */
gboolean logs_choose(Logs *logs, int level, const char *filter, GError **error);
/* Searches on; direction 1 down, -1 up. */
guint logs_search_on(Logs *logs, int direction);
/* After the selection moved: asks for what comes into reach. */
void logs_moved(Logs *logs);
void logs_follow(Logs *logs, gboolean on);
/* The letter of a source and its name. */
const char *logs_source_name(const Logs *logs, guint source);
guint logs_sources(const Logs *logs);

/* logs_draw.c */
void logs_draw(gpointer view, Grid *grid, Rect area);
int logs_row_height(LogEntry *entry, gpointer logs);
/* "12:00:00.123" or "14 Sep 12:00:00", in the way that is chosen; "" for 0. Caller frees. */
char *logs_time(gint64 at, gint64 now, LogTimes times);
/* The text that is shown of a line behind its time and level; at most limit bytes. Caller frees. */
char *logs_message(const Logs *logs, const LogEntry *entry, gsize limit, gboolean ascii);

/* logs_commands.c */
typedef enum {
    LOGS_COPY,
    LOGS_FIND,
    LOGS_FOLD,
    LOGS_GOTO,
    LOGS_MARK_RANGE,
    LOGS_OPEN,
    LOGS_SHIFT_LEFT,
    LOGS_SHIFT_RIGHT,
    LOGS_TIMES,
    LOGS_UNMARK,
} LogsAct;
/* A command of the view, by its LogsAct. */
guint cmd_logs(Console *console, int act, const char *args);

#endif
