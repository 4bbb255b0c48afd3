/* history.c: what was decided: a window of pages around the selection, however long the history is.
 */
#include "tui/views/rows.h"

#include <string.h>

#define PAGE 200
#define KEEP 1000

typedef struct {
    Rows rows;
    gboolean reverse;
} History;

static const ListColumn columns[] = {
    {"decided", "DECIDED", 12, 12, ALIGN_RIGHT, 0, cell_decided, NULL},
    {"id", "ID", 4, 8, ALIGN_RIGHT, 0, cell_id, NULL},
    {"customer", "CUSTOMER", 12, 40, ALIGN_LEFT, 0, cell_customer, NULL},
    {"product", "PRODUCT", 6, 12, ALIGN_LEFT, 5, cell_product, NULL},
    {"amount", "AMOUNT", 9, 16, ALIGN_RIGHT, 0, cell_amount, NULL},
    {"state", "STATE", 8, 12, ALIGN_LEFT, 0, cell_state, NULL},
    {"requester", "ASKED BY", 8, 20, ALIGN_LEFT, 4, cell_requester, NULL},
    {"title", "TITLE", 10, 60, ALIGN_LEFT, 6, cell_title, NULL},
};

static const ListOps list_ops = {columns, G_N_ELEMENTS(columns), row_id, row_free, -1, FALSE};

static void
reverse_rows(GPtrArray *rows)
{
    for (guint i = 0; i + 1 < rows->len - i; i++) {
        gpointer other = rows->pdata[rows->len - 1 - i];
        rows->pdata[rows->len - 1 - i] = rows->pdata[i];
        rows->pdata[i] = other;
    }
}

static gboolean
backwards(FeedPart part)
{
    return part == FEED_LAST || part == FEED_BEFORE;
}

static void
history_ask(Feed *feed, FeedAsk *ask)
{
    const History *history = (const History *)feed;
    const Request *edge = ask->part == FEED_AFTER    ? list_last(feed->list)
                          : ask->part == FEED_BEFORE ? list_first(feed->list)
                                                     : NULL;
    RequestFilter *filter = ask->query = g_new0(RequestFilter, 1);
    *filter = (RequestFilter){.states = STATES_CLOSED,
                              .order = ORDER_STATE_AT,
                              .descending = history->reverse == backwards(ask->part),
                              .grep = ask->grep,
                              .limit = ask->inverse ? 0 : ask->limit};
    if (edge) {
        filter->after_key = request_order_key(edge, ORDER_STATE_AT);
        filter->after_id = edge->id;
    }
}

static gboolean
history_read(Store *store, FeedAsk *ask, GError **error)
{
    gboolean ok = store_requests(store, ask->query, rows_add, ask, error);
    if (ask->rows->len > 0 && backwards(ask->part))
        reverse_rows(ask->rows);
    return ok;
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
                                 .ask = history_ask,
                                 .read = history_read,
                                 .taken = history_taken,
                                 .refresh = history_refresh};

static gpointer
history_open(Console *console)
{
    return rows_open(console, sizeof(History), &feed_ops);
}

static guint
history_moved(gpointer view)
{
    feed_want(view);
    return CHANGED_SCREEN;
}

static guint
history_filter(gpointer view, const char *text)
{
    if (feed_set_filter(view, text))
        feed_reset(view, FEED_FIRST);
    return CHANGED_SCREEN;
}

/* "end": to where the list ends or starts in the store, not in the window. "reverse": the order. */
static guint
history_adjust(gpointer view, const char *what, int step)
{
    History *history = view;
    Feed *feed = view;
    if (strcmp(what, "end") == 0) {
        if (step < 0 ? list_more_before(feed->list) : list_more_after(feed->list))
            feed_restart(feed, step < 0 ? FEED_FIRST : FEED_LAST);
        return CHANGED_SCREEN;
    }
    if (strcmp(what, "reverse") == 0) {
        history->reverse = !history->reverse;
        feed_restart(feed, FEED_FIRST);
        console_say(feed->console, ROLE_DIM, history->reverse ? "oldest first" : "newest first");
        return CHANGED_SCREEN;
    }
    return strcmp(what, "sort") == 0 ? CHANGED_SCREEN : CHANGED_UNUSED;
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
    Rect foot = rows_draw(view, grid, area, CLAMP(area.h * 2 / 5, 6, 20));
    if (history->filter) {
        g_autofree char *text =
            g_strdup_printf(" %s: %s ", history->asked ? "searching" : "filter", history->filter);
        grid_print_right(grid, foot.x + 10, foot.y, foot.w - 12, ROLE_MATCH, text);
    }
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
    .filter = history_filter,
    .moved = history_moved,
    .adjust = history_adjust,
};
