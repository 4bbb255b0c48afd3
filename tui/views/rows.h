/* rows.h: what lists of requests have in common: cells, the pane that says why, the way in. */
#ifndef TUI_VIEWS_ROWS_H
#define TUI_VIEWS_ROWS_H

#include "store/request_fields.h"
#include "tui/breakdown.h"
#include "tui/views/feed.h"

/* Cells; the context is Facts. */
void cell_age(const void *row, const void *context, GString *text, Role *role);
void cell_id(const void *row, const void *context, GString *text, Role *role);
void cell_customer(const void *row, const void *context, GString *text, Role *role);
void cell_product(const void *row, const void *context, GString *text, Role *role);
void cell_amount(const void *row, const void *context, GString *text, Role *role);
void cell_interval(const void *row, const void *context, GString *text, Role *role);
void cell_note(const void *row, const void *context, GString *text, Role *role);
void cell_claim(const void *row, const void *context, GString *text, Role *role);
void cell_state(const void *row, const void *context, GString *text, Role *role);
void cell_requester(const void *row, const void *context, GString *text, Role *role);
void cell_title(const void *row, const void *context, GString *text, Role *role);
void cell_decided(const void *row, const void *context, GString *text, Role *role);
int compare_age(const void *a, const void *b);
int compare_id(const void *a, const void *b);
int compare_customer(const void *a, const void *b);
int compare_product(const void *a, const void *b);
int compare_amount(const void *a, const void *b);
int compare_state(const void *a, const void *b);
int compare_requester(const void *a, const void *b);
/* What their columns are worth. */
gboolean number_id(const void *row, gint64 *number);
gboolean number_amount(const void *row, gint64 *number);
gboolean number_received(const void *row, gint64 *number);
gboolean number_decided(const void *row, gint64 *number);
gint64 row_id(const void *row);
void row_free(gpointer row);

/* What an export has beside the columns. */
#define ROWS_MORE 4
extern const ListColumn rows_more[ROWS_MORE];
/* One line as docs/json.md has it. Caller frees. */
char *rows_json(const void *row);

/* The breakdown of the selected request's run, fetched when the selection rests on another one. */
typedef struct Why Why;
Why *why_new(Console *console);
void why_free(Why *why);
/* Asks for the breakdown where it is not there yet. */
void why_want(Why *why, const Request *request);
/* NULL: not there (yet). Borrowed. */
const Breakdown *why_breakdown(const Why *why, const Request *request);
/* Line on top, then why: countries, reasons, or what it waits for. */
void why_draw(Why *why, Grid *grid, Rect area, const Request *request);

/* A list of requests with that pane; a view's data begins with it. */
typedef struct {
    Feed feed;
    Why *why;
} Rows;

/* As feed_open() and feed_close(). */
gpointer rows_open(Console *console, gsize size, const FeedOps *ops);
void rows_close(gpointer view);
/* A column's order in windowed lists of requests (ListColumn.order). */
#define ROWS_ORDER(order) ((order) + 1)
/* For FeedOps.ask of a windowed list of requests in these states: a RequestFilter with filter,
 * order and page of the ask; more may be set in it. */
void rows_ask(FeedAsk *ask, guint states);
/* Adds a copy to the rows of a question (FeedAsk); FALSE: it has enough. */
gboolean rows_add(Request *request, void *ask);
/* The list, and below it why, in the last pane rows of the area. */
void rows_draw(Rows *rows, Grid *grid, Rect area, int pane);
/* Why the selected one is as it is: a ListPane, data is the view. */
void rows_draw_why(gpointer view, Grid *grid, Rect area);
/* For the table of a view. */
guint rows_enter(gpointer view);
const Request *rows_request(gpointer view);

/* One line a country: sparkline, attempts, verified, usual, credit. Returns the lines used. */
int why_countries(Grid *grid, Rect area, const Breakdown *breakdown);

#endif
