/* history.c: what was decided: a window of pages around the selection, however long the history is.
 */
#include "tui/views/rows.h"

#include <string.h>

#define PAGE 200
#define KEEP 1000

typedef struct {
    Console *console;
    List *list;
    Why *why;
    gboolean loaded, asked, stale, reverse;
    guint serial; /* of the order and filter: answers to older questions are dropped */
    char *filter, *error;
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

typedef enum { ASK_START, ASK_END, ASK_AFTER, ASK_BEFORE, ASK_AGAIN } AskKind;

typedef struct {
    History *history;
    AskKind kind;
    guint serial;
    RequestFilter filter;
    char *text;
    gboolean inverse;
    guint limit;
    GPtrArray *rows;
    char *error;
} Ask;

static void
ask_free(gpointer data)
{
    Ask *ask = data;
    if (ask->rows)
        g_ptr_array_unref(ask->rows);
    g_free(ask->text);
    g_free(ask->error);
    g_free(ask);
}

static gboolean
add_row(Request *request, void *data)
{
    Ask *ask = data;
    if (!ask->inverse || list_row_matches(ask->history->list, request, ask->text))
        g_ptr_array_add(ask->rows, request_copy(request));
    return ask->rows->len < ask->limit;
}

static void
reverse_rows(GPtrArray *rows)
{
    for (guint i = 0; i + 1 < rows->len - i; i++) {
        gpointer other = rows->pdata[rows->len - 1 - i];
        rows->pdata[rows->len - 1 - i] = rows->pdata[i];
        rows->pdata[i] = other;
    }
}

static void
ask_read(Store *store, gpointer data)
{
    Ask *ask = data;
    g_autoptr(GError) error = NULL;
    ask->rows = g_ptr_array_new_with_free_func(row_free);
    if (!store_requests(store, &ask->filter, add_row, ask, &error))
        ask->error = g_strdup(error->message);
    if (ask->rows->len > 0 && (ask->kind == ASK_END || ask->kind == ASK_BEFORE))
        reverse_rows(ask->rows);
}

static void
set_rows(History *history, Ask *ask)
{
    gboolean full = ask->rows->len >= ask->limit;
    guint got = ask->rows->len;
    gboolean before = list_more_before(history->list), after = list_more_after(history->list);
    switch (ask->kind) {
    case ASK_START:
    case ASK_END:
    case ASK_AGAIN:
        list_set_more(history->list, ask->kind == ASK_END && full, ask->kind != ASK_END && full);
        list_set_rows(history->list, g_steal_pointer(&ask->rows));
        if (ask->kind == ASK_START)
            list_home(history->list);
        if (ask->kind == ASK_END)
            list_end(history->list);
        break;
    case ASK_AFTER:
        list_set_more(history->list, before, full);
        if (got > 0)
            list_extend(history->list, g_steal_pointer(&ask->rows), TRUE, KEEP);
        break;
    case ASK_BEFORE:
        list_set_more(history->list, full, after);
        if (got > 0)
            list_extend(history->list, g_steal_pointer(&ask->rows), FALSE, KEEP);
        break;
    }
}

static guint history_moved(gpointer view);
static void history_refresh(gpointer view);

static void
ask_done(gpointer data)
{
    Ask *ask = data;
    History *history = ask->history;
    history->asked = FALSE;
    g_clear_pointer(&history->error, g_free);
    if (ask->error)
        history->error = g_strdup(ask->error);
    else if (ask->serial == history->serial)
        set_rows(history, ask);
    history->loaded = TRUE;
    console_touch(history->console);
    if (history->stale || ask->serial != history->serial)
        history_refresh(history);
    else
        history_moved(history);
}

static void
ask_rows(History *history, AskKind kind)
{
    Ask *ask = g_new0(Ask, 1);
    const Request *edge = kind == ASK_AFTER    ? list_last(history->list)
                          : kind == ASK_BEFORE ? list_first(history->list)
                                               : NULL;
    gboolean backwards = kind == ASK_END || kind == ASK_BEFORE;
    gboolean again =
        kind == ASK_AGAIN && list_total(history->list) > PAGE && !list_more_before(history->list);
    ask->history = history;
    ask->kind = kind;
    ask->serial = history->serial;
    ask->text = g_strdup(history->filter);
    ask->inverse = history->filter && history->filter[0] == '!';
    ask->limit = again ? MIN(list_total(history->list), KEEP) : PAGE;
    ask->filter = (RequestFilter){.states = STATES_CLOSED,
                                  .order = ORDER_STATE_AT,
                                  .descending = history->reverse == backwards,
                                  .grep = ask->inverse ? NULL : ask->text,
                                  .limit = ask->inverse ? 0 : ask->limit};
    if (edge) {
        ask->filter.after_key = request_order_key(edge, ORDER_STATE_AT);
        ask->filter.after_id = edge->id;
    }
    history->asked = TRUE;
    history->stale = FALSE;
    reader_ask(history->console->bulk, ask_read, ask_done, ask, ask_free);
}

/* New rows come in at the top; who reads further down is not disturbed. */
static void
history_refresh(gpointer view)
{
    History *history = view;
    gboolean at_top = !history->loaded || !list_more_before(history->list);
    if (history->asked)
        history->stale = TRUE;
    else if (at_top)
        ask_rows(history, history->loaded ? ASK_AGAIN : ASK_START);
}

static guint
history_moved(gpointer view)
{
    History *history = view;
    gboolean at_end;
    if (!history->asked && list_wants(history->list, &at_end))
        ask_rows(history, at_end ? ASK_AFTER : ASK_BEFORE);
    return CHANGED_SCREEN;
}

static void
start_anew(History *history, AskKind kind)
{
    history->serial++;
    if (!history->asked)
        ask_rows(history, kind);
}

static guint
history_filter(gpointer view, const char *text)
{
    History *history = view;
    const char *used = text && *text && strcmp(text, "!") != 0 ? text : NULL;
    list_set_filter(history->list, text);
    if (g_strcmp0(history->filter, used) == 0)
        return CHANGED_SCREEN;
    g_free(history->filter);
    history->filter = g_strdup(used);
    history->loaded = FALSE;
    list_set_more(history->list, FALSE, FALSE);
    start_anew(history, ASK_START);
    return CHANGED_SCREEN;
}

/* "end": to where the list ends or starts in the store, not in the window. "reverse": the order. */
static guint
history_adjust(gpointer view, const char *what, int step)
{
    History *history = view;
    if (strcmp(what, "end") == 0) {
        if (step < 0 ? list_more_before(history->list) : list_more_after(history->list))
            start_anew(history, step < 0 ? ASK_START : ASK_END);
        return CHANGED_SCREEN;
    }
    if (strcmp(what, "reverse") == 0) {
        history->reverse = !history->reverse;
        start_anew(history, ASK_START);
        console_say(history->console, ROLE_DIM, history->reverse ? "oldest first" : "newest first");
        return CHANGED_SCREEN;
    }
    return strcmp(what, "sort") == 0 ? CHANGED_SCREEN : CHANGED_UNUSED;
}

static gpointer
history_open(Console *console)
{
    History *history = g_new0(History, 1);
    history->console = console;
    history->list = list_new(&list_ops);
    history->why = why_new(console);
    list_set_context(history->list, &console->facts);
    list_set_more(history->list, FALSE, FALSE);
    return history;
}

static void
history_close(gpointer view)
{
    History *history = view;
    list_free(history->list);
    why_free(history->why);
    g_free(history->filter);
    g_free(history->error);
    g_free(history);
}

static void
draw_empty(const History *history, Grid *grid, Rect area)
{
    int x = area.x + 3, y = area.y + 2, room = area.w - 6;
    if (history->error)
        grid_print_cut(grid, x, y, room, ROLE_BAD, history->error);
    else if (!history->loaded || history->asked)
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
    History *history = view;
    int pane = CLAMP(area.h * 2 / 5, 6, 20);
    Rect foot = {area.x, area.y + area.h - pane, area.w, pane};
    if (list_count(history->list) == 0) {
        draw_empty(history, grid, area);
        return;
    }
    const Request *selected = list_selected(history->list);
    why_want(history->why, selected);
    list_draw(history->list, grid, (Rect){area.x, area.y, area.w, area.h - pane});
    why_draw(history->why, grid, foot, selected);
    if (history->filter) {
        g_autofree char *text =
            g_strdup_printf(" %s: %s ", history->asked ? "searching" : "filter", history->filter);
        grid_print_right(grid, foot.x + 10, foot.y, foot.w - 12, ROLE_MATCH, text);
    }
}

static guint
history_enter(gpointer view)
{
    History *history = view;
    gint64 id = list_selected_id(history->list);
    if (id == 0)
        return CHANGED_NOTHING;
    view_request_show(console_view_data(history->console, VIEW_REQUEST), id);
    console_show(history->console, VIEW_REQUEST);
    return CHANGED_SCREEN;
}

static List *
history_list(gpointer view)
{
    History *history = view;
    return history->list;
}

static const Request *
history_request(gpointer view)
{
    History *history = view;
    return list_selected(history->list);
}

static const char *const hints[] = {"open",    "filter", "reverse", "copy", "rerun", "dry-run",
                                    "palette", "help",   "queue",   "quit", NULL};

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
    .list = history_list,
    .request = history_request,
    .filter = history_filter,
    .moved = history_moved,
    .adjust = history_adjust,
};
