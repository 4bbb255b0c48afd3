/* history.c: what was decided: a window of pages around the selection, however long the history is.
 */
#include "tui/views/rows.h"

#include <string.h>

#define PAGE 200
#define KEEP 1000

static const ListColumn columns[] = {
    {"decided", "DECIDED", 12, 12, ALIGN_RIGHT, 0, cell_decided, NULL, QUERY_TIME, number_decided,
     TRUE, ROWS_ORDER(ORDER_DECIDED)},
    {"id", "ID", 4, 8, ALIGN_RIGHT, 0, cell_id, NULL, QUERY_NUMBER, number_id, TRUE,
     ROWS_ORDER(ORDER_ID)},
    {"customer", "CUSTOMER", 12, 40, ALIGN_LEFT, 0, cell_customer,
     .order = ROWS_ORDER(ORDER_CUSTOMER)},
    {"product", "PRODUCT", 6, 12, ALIGN_LEFT, 5, cell_product, .order = ROWS_ORDER(ORDER_PRODUCT)},
    {"amount", "AMOUNT", 9, 16, ALIGN_RIGHT, 0, cell_amount, NULL, QUERY_MONEY, number_amount, TRUE,
     ROWS_ORDER(ORDER_AMOUNT)},
    {"state", "STATE", 8, 12, ALIGN_LEFT, 0, cell_state, .order = ROWS_ORDER(ORDER_STATE)},
    {"requester", "ASKED BY", 8, 20, ALIGN_LEFT, 4, cell_requester,
     .order = ROWS_ORDER(ORDER_REQUESTER)},
    {"title", "TITLE", 10, 60, ALIGN_LEFT, 6, cell_title, .order = ROWS_ORDER(ORDER_TITLE)},
};

static const ListOps list_ops = {.columns = columns,
                                 .n_columns = G_N_ELEMENTS(columns),
                                 .id = row_id,
                                 .free_row = row_free,
                                 .default_sort = 0,
                                 .frozen = 3,
                                 .fields = request_fields,
                                 .field = request_field,
                                 .more = rows_more,
                                 .n_more = ROWS_MORE,
                                 .json = rows_json};

static void
history_ask(Feed *feed, FeedAsk *ask)
{
    (void)feed;
    rows_ask(ask, STATES_CLOSED);
}

static gboolean
history_read(Store *store, FeedAsk *ask, GError **error)
{
    return store_requests(store, ask->query, rows_add, ask, error);
}

static void
history_taken(Feed *feed, FeedPart part, gboolean again)
{
    if (part == FEED_FIRST)
        list_home(feed->list);
    if (part == FEED_LAST)
        list_end(feed->list);
    if (!again)
        feed_want(feed);
}

/* New rows come in at the top; who reads further down is not disturbed. */
static void
history_refresh(gpointer view)
{
    Feed *feed = view;
    if (!feed_busy(feed) && (!feed->loaded || !list_more_before(feed->list)))
        feed_ask(feed, feed->loaded ? FEED_AGAIN : FEED_FIRST);
}

static const FeedOps feed_ops = {.list = &list_ops,
                                 .page = PAGE,
                                 .keep = KEEP,
                                 .backwards = TRUE,
                                 .ask = history_ask,
                                 .read = history_read,
                                 .taken = history_taken,
                                 .refresh = history_refresh};

static gpointer
history_open(Console *console)
{
    return rows_open(console, sizeof(Rows), &feed_ops);
}

static guint
history_moved(gpointer view)
{
    feed_want(view);
    return CHANGED_SCREEN;
}

/* "end": to where the list ends or starts in the store, not in the window. */
static guint
history_adjust(gpointer view, const char *what, int step)
{
    Feed *feed = view;
    if (strcmp(what, "end") != 0)
        return CHANGED_UNUSED;
    if (step < 0 ? list_more_before(feed->list) : list_more_after(feed->list))
        feed_restart(feed, step < 0 ? FEED_FIRST : FEED_LAST);
    return CHANGED_SCREEN;
}

static void
draw_empty(const Feed *history, Grid *grid, Rect area)
{
    int x = area.x + 3, y = area.y + 2, room = area.w - 6;
    if (history->error)
        grid_print_cut(grid, x, y, room, ROLE_BAD, history->error);
    else if (feed_waits(history))
        grid_print(grid, x, y, room, ROLE_DIM, history->filter ? "searching …" : "reading …");
    else if (history->filter)
        grid_printf(grid, x, y, room, ROLE_TEXT,
                    "Nothing that was decided contains '%s'. Esc shows all.", history->filter);
    else
        grid_print(grid, x, y, room, ROLE_TEXT,
                   "Nothing was decided yet: what is posted, rejected or ignored appears here.");
}

static void
history_draw(gpointer view, Grid *grid, Rect area)
{
    const Feed *history = view;
    if (list_count(history->list) == 0) {
        draw_empty(history, grid, area);
        return;
    }
    rows_draw(view, grid, area, CLAMP(area.h * 2 / 5, 6, 20));
}

static const char *const hints[] = {"open",    "filter", "reverse", "copy", "rerun", "dry-run",
                                    "palette", "help",   "queue",   "quit", NULL};

const ViewOps view_history = {
    .name = "history",
    .title = "History",
    .tab = TRUE,
    .hints = hints,
    .open = history_open,
    .close = rows_close,
    .refresh = history_refresh,
    .draw = history_draw,
    .enter = rows_enter,
    .list = feed_list,
    .request = rows_request,
    .moved = history_moved,
    .adjust = history_adjust,
};
