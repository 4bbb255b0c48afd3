/* console_private.h: the console's insides, as its views, dialogs and commands see them. */
#ifndef TUI_CONSOLE_PRIVATE_H
#define TUI_CONSOLE_PRIVATE_H

#include "tui/claims.h"
#include "tui/console.h"
#include "tui/keymap.h"
#include "tui/mailbox.h"
#include "tui/paths.h"
#include "tui/reader.h"
#include "tui/settings.h"
#include "tui/term.h"
#include "tui/theme.h"
#include "tui/toast.h"
#include "tui/view.h"
#include "tui/work.h"
#include "tui/wording.h"

#define CONSOLE_MIN_WIDTH  60
#define CONSOLE_MIN_HEIGHT 16
#define RECENT_MAX         6

/* How things stand, read anew after every change. */
typedef struct {
    StateCounts counts;
    GPtrArray *progress; /* Progress * */
    GPtrArray *claims;   /* Claim *: who looks at what; NULL: not known */
    guint to_review;     /* approvals that broke the glass, and that nobody reviewed yet */
    GPtrArray *notices;  /* Notice *: what happened since the last time; taken by the console */
    gint64 last_event;   /* up to which */
    Pass *last;          /* the newest that ended; NULL: none yet */
    gboolean running;    /* a pass runs now */
    char *runner;        /* "host, pid 4711" */
    gint64 next_at;      /* when the next pass is due; 0: unknown */
    char *paused;        /* who and why; NULL: not paused */
    gint64 paused_until; /* 0: until somebody resumes */
    char *error;         /* the last failure to read; NULL: none */
} Summary;
void summary_free(Summary *summary);
/* Asks the reader; the answer goes to console_set_summary(). */
void summary_ask(Console *console);

typedef struct {
    const char *name;
    void (*draw)(gpointer dialog, Grid *grid, Rect screen);
    guint (*key)(gpointer dialog, const TermEvent *event);
    void (*free)(gpointer dialog);
    gboolean foot; /* stands where messages are shown, which are kept until it is gone */
} DialogOps;

typedef struct {
    guint serial;
    const DialogOps *ops;
    gpointer data;
} Dialog;

struct Console {
    Desk *desk;
    const Config *config;
    Log *log;
    gboolean demo;
    Term *term;
    Grid *grid;
    Theme *theme;
    Keymap *keymap;
    Mailbox *mailbox;
    Reader *live; /* small questions; sees changes */
    Reader *bulk; /* questions that may take long */
    Work *work;
    Summary *summary; /* NULL: not read yet */
    gboolean summary_asked, summary_stale;
    Facts facts;
    Settings *settings;
    guint remembered[VIEW_COUNT]; /* list_settings_serial() of what is in the settings */
    ViewId here, before;
    gpointer views[VIEW_COUNT];
    GPtrArray *dialogs; /* Dialog */
    guint serial;
    char *message;
    Role message_role;
    gint64 message_until; /* 0: until the next key */
    Toasts *toasts;
    gint64 toasts_until; /* when the next one goes; 0: none is shown */
    gint64 last_event;   /* of the notices that were read; 0: none yet */
    Claims *claims;
    gboolean tips;      /* the next useful step is told */
    gboolean may_break; /* [approval] break_glass names this operator */
    GArray *holds;      /* Hold: approvals of this console that wait to be posted */
    char *search;
    char *unused_reason;           /* typed for an approval that was not given; NULL: none */
    gint64 unused_of;              /* the request that it was typed for */
    Paths paths;                   /* the folder that Tab completed in */
    guint32 pending[KEYMAP_DEPTH]; /* the beginning of a sequence of keys */
    guint n_pending;
    guint8 recent[RECENT_MAX]; /* commands that were used, newest first: index + 1; 0: none */
    gboolean theme_auto;       /* follows the terminal's background while nobody chose one */
    gboolean dirty, quit;
    int exit_code;
};

/* An approval given here: posted by this console when its hold is over. */
typedef struct {
    gint64 id, until;
    gboolean posting;
} Hold;

/* -- the console as views and commands use it -- */
gpointer console_view(Console *console); /* data of the view that is shown */
const ViewOps *console_ops(Console *console);
void console_show(Console *console, ViewId id);
/* Opens a view's data without showing it. */
gpointer console_view_data(Console *console, ViewId id);
/* The request that commands act on; NULL: none. Borrowed until the next event. */
const Request *console_request(Console *console);
/* A line for the operator; NULL takes it away. Hostile text is fine. */
void console_say(Console *console, Role role, const char *format, ...) G_GNUC_PRINTF(3, 4);
void console_say_error(Console *console, const char *what, const GError *error);
void console_hold(Console *console, gint64 id, gint64 until);
void console_unhold(Console *console, gint64 id);
/* Loads and shows a theme; the one that is shown stays when it cannot. */
gboolean console_set_theme(Console *console, const char *name, GError **error);
/* The theme that is shown is the one to begin with next time, and says so. Changed bits. */
guint console_keep_theme(Console *console);
/* Something is to be drawn anew. */
void console_touch(Console *console);
/* Data changed: the summary and the view that is shown ask anew. */
void console_refresh(Console *console);
void console_set_summary(Console *console, Summary *summary);
gint64 console_now(Console *console);
/* The list of the view that is shown; NULL: it has none. */
List *console_list(Console *console);
void console_clear_filter(Console *console);
/* gint64 ids of the rows that are marked and shown, in their order: hidden ones are never among
 * them. Empty: none is. Caller unrefs. */
GArray *console_marked(Console *console);
/* Says what the selected request is now, where a pause shows an older state of it. */
void console_say_outdated(Console *console);

/* Path of the store; ERR_CONFIG. Caller frees. */
char *console_store_path(Console *console, GError **error);

/* -- what is remembered of a view's list, remember.c -- */
void remember_restore(Console *console, ViewId id);
void remember_keep(Console *console, ViewId id);

/* -- dialogs: the newest gets the keys -- */
guint console_push(Console *console, const DialogOps *ops, gpointer data);
void console_pop(Console *console);
/* Data of an open dialog; NULL when it was closed meanwhile. */
gpointer console_dialog(Console *console, guint serial);

/* -- drawing, frame.c -- */
void frame_draw(Console *console);

/* -- input, input_events.c -- */
void console_event(Console *console, const TermEvent *event);
/* What time alone brings: countdowns, holds that are over. Milliseconds until the next, -1: none.
 */
int console_tick(Console *console);

#endif
