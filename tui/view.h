/* view.h: what a view is: one const struct and its private data.
 *
 * A view draws into the grid, asks its questions through the console's readers, and never waits. */
#ifndef TUI_VIEW_H
#define TUI_VIEW_H

#include "store/model.h"
#include "tui/doc.h"
#include "tui/grid.h"
#include "tui/list.h"
#include "tui/term.h"

typedef struct Console Console;

/* In the order of their digits; those without one come last. */
typedef enum {
    VIEW_QUEUE,
    VIEW_HISTORY,
    VIEW_RUNS,
    VIEW_LOGS,
    VIEW_REQUEST,
    VIEW_REVIEW,
    VIEW_HELP,
    VIEW_COUNT,
} ViewId;
#define VIEW_BIT(v) (1u << (v))
#define VIEWS_ALL   (VIEW_BIT(VIEW_COUNT) - 1)

/* What an action or a key changed; the loop decides what that means. */
typedef enum {
    CHANGED_NOTHING = 0,
    CHANGED_SCREEN = 1,
    CHANGED_DATA = 2,   /* the views ask anew */
    CHANGED_UNUSED = 4, /* the key means nothing here */
} Changed;

/* Ways to go in a view that has neither a List nor a Doc: by rows, pages, to an end, to a match, to
 * the row of the screen that was clicked; or to mark the row and go on. */
typedef enum { GO_ROWS, GO_PAGES, GO_END, GO_FIND, GO_CLICK, GO_MARK } ViewGo;

typedef struct {
    const char *name;         /* "queue" */
    const char *title;        /* "Queue" */
    gboolean tab;             /* stands in the first line with its digit */
    const char *const *hints; /* commands whose keys the last line shows, NULL-terminated */
    gpointer (*open)(Console *console);
    void (*close)(gpointer view);
    void (*refresh)(gpointer view); /* something was committed, or the view was entered */
    void (*draw)(gpointer view, Grid *grid, Rect area);
    /* All of these may be NULL. */
    guint (*enter)(gpointer view);            /* the open command */
    List *(*list)(gpointer view);             /* what list commands act on */
    Doc *(*doc)(gpointer view);               /* what scrolling and searching act on */
    const Request *(*request)(gpointer view); /* what the desk's commands act on */
    /* Instead of the list's own filter; FALSE with an error: what is shown stays. */
    gboolean (*filter)(gpointer view, const char *text, GError **error);
    const QueryField *fields;                                   /* of that filter, for Tab */
    guint (*section)(gpointer view, int step);                  /* next and previous section */
    guint (*moved)(gpointer view);                              /* the selection moved */
    guint (*adjust)(gpointer view, const char *what, int step); /* "level" "follow" "pair" */
    guint (*go)(gpointer view, ViewGo how, int by);             /* instead of list and doc */
    const char *(*filtered)(gpointer view); /* the filter in force, where there is no list; NULL */
} ViewOps;

extern const ViewOps view_queue, view_history, view_runs, view_logs, view_request, view_review,
    view_help;
const ViewOps *view_ops(ViewId id);

/* Shows a request in its view, or the logs of one pass; Changed bits, none for the id 0. */
guint view_request_open(Console *console, gint64 id);
guint view_logs_open(Console *console, gint64 pass_id);
/* The log about a request or of a run; 0: of any. None for both 0. */
guint view_logs_of(Console *console, gint64 request_id, gint64 run_id);
/* Log files merged by their times; "@desk" among the paths is the state's log. pipe_fd is taken,
 * -1: none. level: the least, filter: as typed, may be NULL. */
guint view_logs_files(Console *console, const char *const *paths, int pipe_fd, int level,
                      const char *filter);
/* The help of a view: its commands and keys. */
void view_help_show(gpointer view, ViewId about);

#endif
