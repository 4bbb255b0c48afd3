/* queue.c: what waits, and why. */
#include "tui/views/rows.h"

#include <string.h>

#define QUEUE_MAX 5000 /* rows; more open requests than this are not read by anyone */

static const ListColumn columns[] = {
    {"age", "AGE", 7, 8, ALIGN_RIGHT, 0, cell_age, compare_age, number_received, QUERY_AGE},
    {"id", "ID", 4, 8, ALIGN_RIGHT, 0, cell_id, compare_id, number_id, QUERY_NUMBER},
    {"customer", "CUSTOMER", 12, 40, ALIGN_LEFT, 0, cell_customer, compare_customer},
    {"product", "PRODUCT", 6, 12, ALIGN_LEFT, 4, cell_product, compare_product},
    {"amount", "AMOUNT", 9, 16, ALIGN_RIGHT, 0, cell_amount, compare_amount, number_amount,
     QUERY_MONEY, TRUE},
    {"interval", "±95%", 5, 6, ALIGN_RIGHT, 3, cell_interval},
    {"requester", "ASKED BY", 8, 16, ALIGN_LEFT, 6, cell_requester, compare_requester},
    {"note", "NOTE", 12, 60, ALIGN_LEFT, 2, cell_note},
    {"at-it", "AT IT", 5, 9, ALIGN_LEFT, 1, cell_claim, .sparse = TRUE},
    {"state", "STATE", 12, 14, ALIGN_LEFT, 0, cell_state, compare_state},
};

static const ListOps list_ops = {.columns = columns,
                                 .n_columns = G_N_ELEMENTS(columns),
                                 .id = row_id,
                                 .free_row = row_free,
                                 .default_sort = -1,
                                 .frozen = 3,
                                 .fields = request_fields,
                                 .field = request_field,
                                 .more = rows_more,
                                 .n_more = ROWS_MORE,
                                 .json = rows_json};

/* What wants a person comes first, what runs by itself next, what waits for others last. */
static int
attention(const Request *request)
{
    if (request->state == STATE_NEEDS_LINK)
        return 2;
    return STATE_BIT(request->state) & (STATE_BIT(STATE_NEW) | STATE_BIT(STATE_RESOLVED) |
                                        STATE_BIT(STATE_CALCULATING) | STATE_BIT(STATE_POSTING) |
                                        STATE_BIT(STATE_FAILED))
               ? 1
               : 0;
}

static int
compare_attention(gconstpointer a, gconstpointer b)
{
    const Request *x = *(const Request *const *)a, *y = *(const Request *const *)b;
    if (attention(x) != attention(y))
        return attention(x) - attention(y);
    return compare_age(x, y) ? compare_age(x, y) : compare_id(x, y);
}

static gboolean
queue_read(Store *store, FeedAsk *ask, GError **error)
{
    RequestFilter filter = {.states = STATES_OPEN, .order = ORDER_RECEIVED, .limit = QUEUE_MAX};
    gboolean ok = store_requests(store, &filter, rows_add, ask, error);
    g_ptr_array_sort(ask->rows, compare_attention);
    return ok;
}

static const FeedOps feed_ops = {.list = &list_ops, .read = queue_read, .refresh = feed_refresh};

static gpointer
queue_open(Console *console)
{
    return rows_open(console, sizeof(Rows), &feed_ops);
}

static void
draw_empty(const Feed *queue, Grid *grid, Rect area)
{
    int x = area.x + 3, y = area.y + 2, room = area.w - 6;
    const Summary *summary = queue->console->summary;
    if (queue->error) {
        grid_print_cut(grid, x, y, room, ROLE_BAD, queue->error);
    } else if (!queue->loaded) {
        grid_print(grid, x, y, room, ROLE_DIM, "reading the queue …");
    } else if (list_filter(queue->list)) {
        grid_printf(grid, x, y, room, ROLE_TEXT, "None of %u requests passes '%s'.",
                    list_total(queue->list), list_filter(queue->list));
        grid_print(grid, x, y + 1, room, ROLE_DIM, "Esc shows all of them again.");
    } else if (summary && !summary->last && !summary->running) {
        grid_print(grid, x, y, room, ROLE_TEXT, "Nothing waits: no pass was made yet.");
        grid_print(grid, x, y + 1, room, ROLE_DIM,
                   "p makes one now; 'creditbot doctor' checks Slack, Looker and the warehouse.");
    } else {
        grid_print(grid, x, y, room, ROLE_GOOD, "Nothing waits: every request is decided.");
        grid_print(grid, x, y + 1, room, ROLE_DIM, "p makes a pass now; 2 shows what was decided.");
    }
}

static void
queue_draw(gpointer view, Grid *grid, Rect area)
{
    Rows *rows = view;
    const Feed *queue = &rows->feed;
    /* The list takes what it needs, the pane the rest, and never less than it needs to say why. */
    int pane_least = CLAMP(area.h * 9 / 20, 7, 24);
    int list =
        CLAMP((int)list_count(queue->list) + 2, MIN(10, area.h - pane_least), area.h - pane_least);
    if (list_count(queue->list) == 0)
        draw_empty(queue, grid, area);
    else
        rows_draw(rows, grid, area, area.h - list);
}

static const char *const hints[] = {
    "approve", "reject",    "rerun", "open", "filter", "dry-run",   "palette", "help",
    "retry",   "give-link", "pass",  "sort", "cancel", "take-back", "quit",    NULL};

const ViewOps view_queue = {
    .name = "queue",
    .title = "Queue",
    .tab = TRUE,
    .hints = hints,
    .open = queue_open,
    .close = rows_close,
    .refresh = feed_refresh,
    .draw = queue_draw,
    .enter = rows_enter,
    .list = feed_list,
    .request = rows_request,
};
