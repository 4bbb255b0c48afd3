/* window.h: the lines of a log that are loaded, which one is selected, which stand on the screen.
 *
 * The selection stays on its line while lines come and go at both ends. Rows are those of the
 * screen: a line that is folded takes several. */
#ifndef TUI_LOGS_WINDOW_H
#define TUI_LOGS_WINDOW_H

#include "logs/merge.h"

#define WINDOW_LINES 3000              /* held at most */
#define WINDOW_BYTES (6 * 1024 * 1024) /* of text, at most */

typedef struct {
    GPtrArray *entries; /* LogEntry, oldest first */
    LogCut first, last; /* around them */
    guint sources;      /* places in the cuts that count */
    gboolean more_before, more_after;
    gsize bytes;
    int selected;          /* -1: there are none */
    int top, top_row;      /* the first line on the screen, its rows above the edge */
    gboolean below, above; /* rows of the selected line lie beyond the edges */
    GHashTable *marks;     /* of marked lines, see window_mark() */
} LogWindow;

/* Rows that a line takes on the screen, at least 1. */
typedef int (*WindowHeight)(LogEntry *entry, gpointer data);

LogWindow *window_new(void);
void window_free(LogWindow *window);
/* All lines anew; takes the entries out of the array. selected: which one, -1: none. */
void window_set(LogWindow *window, GPtrArray *entries, const LogCut *first, const LogCut *last,
                int selected);
/* Lines at an end; takes them. What is beyond the limits is dropped at the other end. A last line
 * without its newline is replaced by what came. */
void window_join(LogWindow *window, GPtrArray *entries, int direction, const LogCut *cut);
/* Where reading goes on at the end: before lines that were not whole yet. */
void window_tail(const LogWindow *window, LogCut *cut);
const LogEntry *window_selected(const LogWindow *window); /* NULL: none */
/* Before (direction -1) or behind the selected line: where a search goes on. */
void window_here(const LogWindow *window, int direction, LogCut *cut);
/* FALSE when the line isn't loaded. */
gboolean window_select(LogWindow *window, guint source, gint64 pos);
void window_move(LogWindow *window, int lines);
/* Chooses top so that the selected line is on the screen, and the screen is full where it can be.
 */
void window_lay(LogWindow *window, int rows, WindowHeight height, gpointer data);
/* The line in a row of the screen after window_lay(); -1: none. */
int window_at_row(const LogWindow *window, int row, WindowHeight height, gpointer data);

/* Marks, or takes the mark away; marked lines are kept though they leave the window. */
gboolean window_marked(const LogWindow *window, const LogEntry *entry);
void window_mark(LogWindow *window, const LogEntry *entry, gboolean on);
/* From the nearest marked line that is loaded to the selected one; how many were marked. */
guint window_mark_range(LogWindow *window);
void window_unmark(LogWindow *window);
/* The marked lines in the order of their times, or the selected one; newlines between. n: how many;
 * limit: bytes, what is beyond is left out. Caller frees. */
char *window_text(const LogWindow *window, gsize limit, guint *n);

#endif
