/* history.c: what was decided: a window of pages around the selection, however long the history is.
 */
#include "tui/views/history.h"
#include "tui/views/request.h"

#include <string.h>
#include "base/clock.h"

#define PAGE 200
#define KEEP 1000

typedef struct {
    Rows rows;
    Sums *sums;
    HistoryPane pane;
} History;

/* -- columns -- */

static void
cell_took(const void *row, const void *context, GString *text, Role *role)
{
    const Request *request = row;
    (void)context;
    *role = ROLE_DIM;
    if (request->decided_at <= 0)
        return;
    g_autofree char *words = duration_short(MAX(request->decided_at - request->received_at, 0));
    g_string_append(text, words);
}

static void
cell_decided_by(const void *row, const void *context, GString *text, Role *role)
{
    const Request *request = row;
    (void)context;
    *role = ROLE_DIM;
    g_string_append(text, request->decided_by ? request->decided_by : "-");
}

/* What was corrected no longer counts: its sign stands beside the state, the words in the title. */
static void
cell_outcome(const void *row, const void *context, GString *text, Role *role)
{
    const Request *request = row;
    cell_state(row, context, text, role);
    if (request->corrected_by) {
        *role = ROLE_DIM;
        g_string_append(text, " ~");
    } else if (request->corrects) {
        g_string_append(text, " +");
    }
    if (request_is_broken(request)) {
        *role = ROLE_BAD;
        g_string_append(text, " !!");
    }
}

static void
cell_about(const void *row, const void *context, GString *text, Role *role)
{
    const Request *request = row;
    if (request->corrected_by)
        g_string_append_printf(text, "~ corrected by %" G_GINT64_FORMAT "  ",
                               request->corrected_by);
    if (request_is_broken(request))
        g_string_append(text, "!! break-glass  ");
    if (request->corrects)
        g_string_append_printf(text, "+ corrects %" G_GINT64_FORMAT "  ", request->corrects);
    cell_title(row, context, text, role);
}

static gboolean
number_took(const void *row, gint64 *number)
{
    const Request *request = row;
    *number = request->decided_at - request->received_at;
    return request->decided_at > 0;
}

static const ListColumn columns[] = {
    {"decided", "DECIDED", 12, 12, ALIGN_RIGHT, 0, cell_decided, NULL, number_decided, QUERY_TIME,
     TRUE, ROWS_ORDER(ORDER_DECIDED)},
    {"id", "ID", 4, 8, ALIGN_RIGHT, 0, cell_id, NULL, number_id, QUERY_NUMBER, TRUE,
     ROWS_ORDER(ORDER_ID)},
    {"customer", "CUSTOMER", 12, 40, ALIGN_LEFT, 0, cell_customer,
     .order = ROWS_ORDER(ORDER_CUSTOMER)},
    {"product", "PRODUCT", 6, 12, ALIGN_LEFT, 7, cell_product, .order = ROWS_ORDER(ORDER_PRODUCT)},
    {"amount", "AMOUNT", 9, 16, ALIGN_RIGHT, 0, cell_amount, NULL, number_amount, QUERY_MONEY, TRUE,
     ROWS_ORDER(ORDER_AMOUNT)},
    {"state", "STATE", 10, 12, ALIGN_LEFT, 0, cell_outcome, .order = ROWS_ORDER(ORDER_STATE)},
    {"decided-by", "BY", 6, 16, ALIGN_LEFT, 2, cell_decided_by,
     .order = ROWS_ORDER(ORDER_DECIDED_BY)},
    {"took", "TOOK", 5, 6, ALIGN_RIGHT, 3, cell_took, NULL, number_took, QUERY_NUMBER, TRUE,
     ROWS_ORDER(ORDER_DECISION)},
    {"requester", "ASKED BY", 8, 20, ALIGN_LEFT, 5, cell_requester,
     .order = ROWS_ORDER(ORDER_REQUESTER)},
    {"title", "TITLE", 10, 60, ALIGN_LEFT, 6, cell_about, .order = ROWS_ORDER(ORDER_TITLE)},
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

/* -- rows -- */

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
    History *history = view;
    Feed *feed = view;
    sums_want(history->sums, list_query(feed->list), TRUE);
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
    History *history = rows_open(console, sizeof(History), &feed_ops);
    history->sums = sums_new(console);
    return history;
}

static void
history_close(gpointer view)
{
    History *history = view;
    sums_free(history->sums);
    rows_close(view);
}

/* What was posted opens at what was posted. */
static guint
history_enter(gpointer view)
{
    Feed *feed = view;
    const Request *request = list_selected(feed->list);
    guint changed = rows_enter(view);
    if (changed && request && request->state == STATE_POSTED)
        view_request.adjust(console_view_data(feed->console, VIEW_REQUEST), "section",
                            SECTION_POST);
    return changed;
}

static guint
history_moved(gpointer view)
{
    feed_want(view);
    return CHANGED_SCREEN;
}

/* "end": to where the list ends or starts in the store, not in the window. "chart": what stands
 * below. */
static guint
history_adjust(gpointer view, const char *what, int step)
{
    History *history = view;
    Feed *feed = view;
    if (strcmp(what, "chart") == 0) {
        history->pane = (HistoryPane)((history->pane + 1) % PANE_COUNT);
        return CHANGED_SCREEN;
    }
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
draw_pane(gpointer view, Grid *grid, Rect area)
{
    History *history = view;
    const DayActivity *days = sums_days(history->sums);
    if (history->pane == PANE_DAYS)
        history_draw_days(grid, area, days);
    else if (history->pane == PANE_WEEKS)
        history_draw_weeks(grid, area, days);
    else
        rows_draw_why(view, grid, area);
}

static void
history_draw(gpointer view, Grid *grid, Rect area)
{
    History *history = view;
    Feed *feed = view;
    sums_want(history->sums, list_query(feed->list), FALSE);
    if (list_count(feed->list) == 0) {
        draw_empty(feed, grid, area);
        return;
    }
    Rect above = {area.x, area.y, area.w, area.h - 1};
    list_draw_with(feed->list, grid, above, CLAMP(area.h * 2 / 5, 6, 20), draw_pane, view);
    if (feed->error) {
        grid_print_cut(grid, area.x + 1, area.y + area.h - 1, area.w - 2, ROLE_BAD, feed->error);
        return;
    }
    g_autofree char *sums = sums_words(history->sums);
    grid_print_cut(grid, area.x + 1, area.y + area.h - 1, area.w - 2,
                   sums_totals(history->sums) ? ROLE_STRONG : ROLE_DIM, sums);
}

static const char *const hints[] = {"open",    "filter", "chart", "reverse", "copy", "rerun",
                                    "palette", "help",   "queue", "quit",    NULL};

const ViewOps view_history = {
    .name = "history",
    .title = "History",
    .tab = TRUE,
    .hints = hints,
    .open = history_open,
    .close = history_close,
    .refresh = history_refresh,
    .draw = history_draw,
    .enter = history_enter,
    .list = feed_list,
    .request = rows_request,
    .moved = history_moved,
    .adjust = history_adjust,
};
