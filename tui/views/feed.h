/* feed.h: a list of the store's rows on the screen: its one question at a time, and the answers.
 *
 * A view of a list begins with its Feed, opened with feed_open(), and adds its columns, its query
 * and its keys. A feed holds all rows, or pages around the selection of what is too long to load:
 * then the store filters, and what lies before and after is asked for when it is wanted. */
#ifndef TUI_VIEWS_FEED_H
#define TUI_VIEWS_FEED_H

#include "tui/console_private.h"

/* Which rows are asked for. */
typedef enum {
    FEED_NOTHING,
    FEED_FIRST,  /* anew, from the start of the order */
    FEED_AGAIN,  /* the same, and what is there is read again in its length */
    FEED_LAST,   /* anew, from its end */
    FEED_AFTER,  /* what joins the last row */
    FEED_BEFORE, /* what joins the first one */
} FeedPart;

typedef struct Feed Feed;

/* A question on its way to the reader's thread and back. */
typedef struct {
    Feed *feed; /* there: for feed_passes() alone */
    FeedPart part;
    guint serial, limit; /* rows */
    const void *edge;    /* the row that is joined, while ask() runs; NULL: from the start or end */
    int order;           /* ListColumn.order of the column that sorts; 0: none */
    gboolean descending; /* the way to read in: FEED_LAST and FEED_BEFORE go backwards */
    Query *where;        /* the filter; NULL: all */
    const char *grep;    /* a text that says the same as where, for a store that knows no queries */
    gboolean sift;       /* read() leaves out what feed_passes() refuses */
    Cancel *cancel;      /* fired when nobody waits for the answer any more */
    gpointer query;      /* of the view; freed with g_free */
    char *edge_text;     /* the same, for a text of the edge */
    GPtrArray *rows;     /* freed as the list's */
    char *error;
} FeedAsk;

typedef struct {
    const ListOps *list;
    guint page, keep;    /* rows of a page, rows held; 0: all rows at once */
    gboolean open_ended; /* rows come at the end by themselves: a full page says nothing of more */
    gboolean backwards;  /* read() gives FEED_LAST and FEED_BEFORE from the end: they are turned */
    /* Fills in the query from the ask, on the screen's thread, and for an export on another one:
     * the export's is copied from the feed before. NULL: there is none. */
    void (*ask)(Feed *feed, FeedAsk *ask);
    /* Reader's thread: adds to ask->rows. */
    gboolean (*read)(Store *store, FeedAsk *ask, GError **error);
    /* An answer is in the list; again: the next question is on its way already. May be NULL. */
    void (*taken)(Feed *feed, FeedPart part, gboolean again);
    void (*refresh)(gpointer view); /* the view's own */
} FeedOps;

struct Feed {
    const FeedOps *ops;
    Console *console;
    List *list;
    gboolean loaded, asked, stale, quiet;
    FeedPart next; /* to be asked after the question on its way */
    guint serial;  /* of order and filter: answers to older questions are dropped */
    char *filter;  /* that the store applies to pages; NULL: none */
    char *error;
    Cancel *cancel; /* of the question on its way */
};

/* A view's data of size bytes, zeroed, that begins with its Feed. */
gpointer feed_open(Console *console, gsize size, const FeedOps *ops);
void feed_close(gpointer view); /* also frees the view's data */
void feed_ask(Feed *feed, FeedPart part);
/* TRUE while a question is on its way; the view is then refreshed after it. */
gboolean feed_busy(Feed *feed);
/* Order or query are others now: asks anew, at once or after the question on its way. */
void feed_restart(Feed *feed, FeedPart part);
/* The same, and what is there no longer counts. */
void feed_reset(Feed *feed, FeedPart part);
/* Asks for the page that list_wants(), if any is wanted. */
void feed_want(Feed *feed);
/* Takes the text as the filter without asking anew; FALSE when it is the one that is in force, or
 * none. */
gboolean feed_set_filter(Feed *feed, const char *text);
/* For read(): FALSE when a filter that the store does not know leaves the row out. */
gboolean feed_passes(const FeedAsk *ask, const void *row);
/* A question with the list's filter and order; edge is borrowed while ask() of the view runs.
 * Caller frees. */
FeedAsk *feed_ask_new(Feed *feed, FeedPart part, const void *edge, guint limit);
void feed_ask_free(gpointer ask);
/* Nothing can be said yet about what there is. */
gboolean feed_waits(const Feed *feed);
/* One line where there are no rows: the error, that it reads, or which of the two holds. */
void feed_draw_empty(const Feed *feed, Grid *grid, Rect area, const char *no_match,
                     const char *none);

/* All rows of the filter, in their order, from the store: page by page, on any thread. */
typedef struct {
    FeedAsk *first; /* of feed_ask_new(), FEED_FIRST */
    /* Takes the rows of a page (borrowed); FALSE with an error ends it. */
    gboolean (*rows)(gpointer data, GPtrArray *rows, GError **error);
    gpointer data;
} FeedScan;
gboolean feed_scan(const FeedScan *scan, Store *store, GError **error);

/* For the table of a view. */
void feed_refresh(gpointer view); /* all rows */
List *feed_list(gpointer view);

#endif
