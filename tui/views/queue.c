/* queue.c: what waits, and why. */
#include "tui/views/rows.h"

#include <string.h>

#define QUEUE_MAX 5000 /* rows; more open requests than this are not read by anyone */

typedef struct {
    Console *console;
    List *list;
    Why *why;
    gboolean loaded, asked, stale;
    char *error;
} Queue;

static const ListColumn columns[] = {
    {"age", "AGE", 7, 8, ALIGN_RIGHT, 0, cell_age, compare_age},
    {"id", "ID", 4, 8, ALIGN_RIGHT, 0, cell_id, compare_id},
    {"customer", "CUSTOMER", 12, 40, ALIGN_LEFT, 0, cell_customer, compare_customer},
    {"product", "PRODUCT", 6, 12, ALIGN_LEFT, 4, cell_product, compare_product},
    {"amount", "AMOUNT", 9, 16, ALIGN_RIGHT, 0, cell_amount, compare_amount},
    {"interval", "±95%", 5, 6, ALIGN_RIGHT, 3, cell_interval, NULL},
    {"requester", "ASKED BY", 8, 16, ALIGN_LEFT, 6, cell_requester, compare_requester},
    {"note", "NOTE", 12, 60, ALIGN_LEFT, 2, cell_note, NULL},
    {"state", "STATE", 12, 14, ALIGN_LEFT, 0, cell_state, compare_state},
};

static const ListOps list_ops = {columns, G_N_ELEMENTS(columns), row_id, row_free, -1, FALSE};

typedef struct {
    Queue *queue;
    GPtrArray *rows;
    char *error;
} Ask;

static void
ask_free(gpointer data)
{
    Ask *ask = data;
    if (ask->rows)
        g_ptr_array_unref(ask->rows);
    g_free(ask->error);
    g_free(ask);
}

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
add_row(Request *request, void *data)
{
    g_ptr_array_add(data, request_copy(request));
    return TRUE;
}

static void
ask_read(Store *store, gpointer data)
{
    Ask *ask = data;
    g_autoptr(GError) error = NULL;
    RequestFilter filter = {.states = STATES_OPEN, .order = ORDER_RECEIVED, .limit = QUEUE_MAX};
    ask->rows = g_ptr_array_new_with_free_func(row_free);
    if (!store_requests(store, &filter, add_row, ask->rows, &error))
        ask->error = g_strdup(error->message);
    g_ptr_array_sort(ask->rows, compare_attention);
}

static void queue_refresh(gpointer view);

static void
ask_done(gpointer data)
{
    Ask *ask = data;
    Queue *queue = ask->queue;
    queue->asked = FALSE;
    g_clear_pointer(&queue->error, g_free);
    queue->error = g_steal_pointer(&ask->error);
    if (!queue->error) {
        list_set_rows(queue->list, g_steal_pointer(&ask->rows));
        queue->loaded = TRUE;
    }
    why_want(queue->why, list_selected(queue->list));
    console_touch(queue->console);
    if (queue->stale)
        queue_refresh(queue);
}

static void
queue_refresh(gpointer view)
{
    Queue *queue = view;
    queue->stale = queue->asked;
    if (queue->asked)
        return;
    queue->asked = TRUE;
    Ask *ask = g_new0(Ask, 1);
    ask->queue = queue;
    reader_ask(queue->console->live, ask_read, ask_done, ask, ask_free);
}

static gpointer
queue_open(Console *console)
{
    Queue *queue = g_new0(Queue, 1);
    queue->console = console;
    queue->list = list_new(&list_ops);
    queue->why = why_new(console);
    list_set_context(queue->list, &console->facts);
    return queue;
}

static void
queue_close(gpointer view)
{
    Queue *queue = view;
    list_free(queue->list);
    why_free(queue->why);
    g_free(queue->error);
    g_free(queue);
}

static void
draw_empty(const Queue *queue, Grid *grid, Rect area)
{
    int x = area.x + 3, y = area.y + 2, room = area.w - 6;
    const Summary *summary = queue->console->summary;
    if (queue->error) {
        grid_print_cut(grid, x, y, room, ROLE_BAD, queue->error);
    } else if (!queue->loaded) {
        grid_print(grid, x, y, room, ROLE_DIM, "reading the queue …");
    } else if (list_filter(queue->list)) {
        grid_printf(grid, x, y, room, ROLE_TEXT, "None of %u requests contains '%s'.",
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
draw_filter(const Queue *queue, Grid *grid, Rect area)
{
    if (!list_filter(queue->list))
        return;
    g_autofree char *text = g_strdup_printf(" filter: %s  %u of %u ", list_filter(queue->list),
                                            list_count(queue->list), list_total(queue->list));
    grid_print_right(grid, area.x + 10, area.y, area.w - 12, ROLE_MATCH, text);
}

static void
queue_draw(gpointer view, Grid *grid, Rect area)
{
    Queue *queue = view;
    /* The list takes what it needs, the pane the rest, and never less than it needs to say why. */
    int pane_least = CLAMP(area.h * 9 / 20, 7, 24);
    int rows =
        CLAMP((int)list_count(queue->list) + 2, MIN(10, area.h - pane_least), area.h - pane_least);
    int pane = area.h - rows;
    Rect top = {area.x, area.y, area.w, area.h - pane};
    Rect foot = {area.x, area.y + area.h - pane, area.w, pane};
    if (list_count(queue->list) == 0) {
        draw_empty(queue, grid, area);
        return;
    }
    const Request *selected = list_selected(queue->list);
    why_want(queue->why, selected);
    list_draw(queue->list, grid, top);
    why_draw(queue->why, grid, foot, selected);
    draw_filter(queue, grid, foot);
}

static guint
queue_enter(gpointer view)
{
    Queue *queue = view;
    gint64 id = list_selected_id(queue->list);
    if (id == 0)
        return CHANGED_NOTHING;
    view_request_show(console_view_data(queue->console, VIEW_REQUEST), id);
    console_show(queue->console, VIEW_REQUEST);
    return CHANGED_SCREEN;
}

static List *
queue_list(gpointer view)
{
    Queue *queue = view;
    return queue->list;
}

static const Request *
queue_request(gpointer view)
{
    Queue *queue = view;
    return list_selected(queue->list);
}

static const char *const hints[] = {"approve", "reject",    "rerun", "dry-run",   "open", "filter",
                                    "palette", "help",      "retry", "give-link", "pass", "sort",
                                    "cancel",  "take-back", "quit",  NULL};

const ViewOps view_queue = {
    .name = "queue",
    .title = "Queue",
    .tab = TRUE,
    .hints = hints,
    .open = queue_open,
    .close = queue_close,
    .refresh = queue_refresh,
    .draw = queue_draw,
    .enter = queue_enter,
    .list = queue_list,
    .request = queue_request,
};
