/* rows.c: lists of requests: their cells, and what their views share. */
#include "tui/views/rows.h"

#include <string.h>
#include "base/clock.h"
#include "base/json.h"

void
cell_age(const void *row, const void *context, GString *text, Role *role)
{
    const Request *request = row;
    const Facts *facts = context;
    gint64 age = MAX(facts->now - request->received_at, 0);
    const char *sign = wording_age_sign(age, facts, role);
    g_autofree char *words = duration_short(age);
    g_string_append_printf(text, "%s %s", sign, words);
}

void
cell_id(const void *row, const void *context, GString *text, Role *role)
{
    const Request *request = row;
    (void)context;
    *role = ROLE_STRONG;
    g_string_append_printf(text, "%" G_GINT64_FORMAT, request->id);
}

void
cell_customer(const void *row, const void *context, GString *text, Role *role)
{
    (void)context;
    (void)role;
    g_string_append(text, wording_customer(row));
}

void
cell_product(const void *row, const void *context, GString *text, Role *role)
{
    const Request *request = row;
    g_autofree char *words = wording_product(request->product);
    (void)context;
    *role = ROLE_DIM;
    g_string_append(text, words);
}

void
cell_amount(const void *row, const void *context, GString *text, Role *role)
{
    const Request *request = row;
    g_autofree char *words = wording_amount(request);
    (void)context;
    *role = request->has_amount ? ROLE_MONEY : ROLE_DIM;
    g_string_append(text, words);
}

void
cell_interval(const void *row, const void *context, GString *text, Role *role)
{
    g_autofree char *words = wording_interval(row);
    (void)context;
    *role = ROLE_DIM;
    g_string_append(text, words);
}

void
cell_note(const void *row, const void *context, GString *text, Role *role)
{
    g_autofree char *words = wording_note(row, context, role);
    g_string_append(text, words);
}

void
cell_claim(const void *row, const void *context, GString *text, Role *role)
{
    const Request *request = row;
    const char *who = facts_claimed(context, request->id);
    *role = ROLE_BUSY;
    if (who)
        g_string_append_printf(text, "@%s", who);
}

void
cell_state(const void *row, const void *context, GString *text, Role *role)
{
    g_autofree char *words = wording_state(row, context, role);
    g_string_append(text, words);
}

void
cell_requester(const void *row, const void *context, GString *text, Role *role)
{
    const Request *request = row;
    (void)context;
    *role = ROLE_DIM;
    g_string_append(text, request->requester_name ? request->requester_name
                          : request->requester    ? request->requester
                                                  : "-");
}

void
cell_title(const void *row, const void *context, GString *text, Role *role)
{
    const Request *request = row;
    (void)context;
    *role = ROLE_DIM;
    if (request->state == STATE_IGNORED && request->note)
        g_string_append(text, request->note);
    else if (request->title || request->note)
        g_string_append(text, request->title ? request->title : request->note);
}

void
cell_decided(const void *row, const void *context, GString *text, Role *role)
{
    const Request *request = row;
    const Facts *facts = context;
    g_autofree char *words = wording_time(request->state_at, facts->now);
    *role = ROLE_DIM;
    g_string_append(text, words);
}

static int
compare_int(gint64 a, gint64 b)
{
    return a < b ? -1 : a > b;
}

int
compare_age(const void *a, const void *b)
{
    const Request *x = a, *y = b;
    return compare_int(x->received_at, y->received_at);
}

int
compare_id(const void *a, const void *b)
{
    const Request *x = a, *y = b;
    return compare_int(x->id, y->id);
}

int
compare_customer(const void *a, const void *b)
{
    return g_utf8_collate(wording_customer(a), wording_customer(b));
}

int
compare_product(const void *a, const void *b)
{
    const Request *x = a, *y = b;
    return g_strcmp0(x->product, y->product);
}

int
compare_amount(const void *a, const void *b)
{
    const Request *x = a, *y = b;
    return compare_int(y->has_amount ? y->amount : -1, x->has_amount ? x->amount : -1);
}

int
compare_state(const void *a, const void *b)
{
    const Request *x = a, *y = b;
    return compare_int(x->state, y->state);
}

int
compare_requester(const void *a, const void *b)
{
    const Request *x = a, *y = b;
    return g_strcmp0(x->requester_name, y->requester_name);
}

gboolean
number_id(const void *row, gint64 *number)
{
    const Request *request = row;
    *number = request->id;
    return TRUE;
}

gboolean
number_amount(const void *row, gint64 *number)
{
    const Request *request = row;
    *number = request->amount;
    return request->has_amount;
}

gboolean
number_received(const void *row, gint64 *number)
{
    const Request *request = row;
    *number = request->received_at;
    return TRUE;
}

gboolean
number_decided(const void *row, gint64 *number)
{
    const Request *request = row;
    *number = request->state_at;
    return (STATES_CLOSED & STATE_BIT(request->state)) != 0;
}

/* -- exports -- */

static void
cell_currency(const void *row, const void *context, GString *text, Role *role)
{
    const Request *request = row;
    (void)context;
    (void)role;
    if (request->has_amount && request->currency)
        g_string_append(text, request->currency);
}

static void
cell_channel(const void *row, const void *context, GString *text, Role *role)
{
    const Request *request = row;
    (void)context;
    (void)role;
    g_string_append(text, request->channel_name ? request->channel_name
                          : request->channel    ? request->channel
                                                : "");
}

static void
cell_link(const void *row, const void *context, GString *text, Role *role)
{
    const Request *request = row;
    (void)context;
    (void)role;
    if (request->link_url)
        g_string_append(text, request->link_url);
}

const ListColumn rows_more[ROWS_MORE] = {
    {"currency", "CURRENCY", 3, 3, ALIGN_LEFT, 0, cell_currency},
    {"received_at", "RECEIVED", 8, 20, ALIGN_LEFT, 0, cell_age, NULL, number_received, QUERY_TIME},
    {"channel", "CHANNEL", 8, 20, ALIGN_LEFT, 0, cell_channel},
    {"link", "LINK", 8, 20, ALIGN_LEFT, 0, cell_link},
};

char *
rows_json(const void *row)
{
    cJSON *object = request_to_json(row);
    char *line = json_print(object);
    cJSON_Delete(object);
    return line;
}

gint64
row_id(const void *row)
{
    const Request *request = row;
    return request->id;
}

void
row_free(gpointer row)
{
    request_free(row);
}

gpointer
rows_open(Console *console, gsize size, const FeedOps *ops)
{
    Rows *rows = feed_open(console, size, ops);
    rows->why = why_new(console);
    return rows;
}

void
rows_close(gpointer view)
{
    Rows *rows = view;
    why_free(rows->why);
    feed_close(view);
}

void
rows_ask(FeedAsk *ask, guint states)
{
    const Request *edge = ask->edge;
    RequestFilter *filter = ask->query = g_new0(RequestFilter, 1);
    *filter = (RequestFilter){.states = states,
                              .order = (RequestOrder)(ask->order - 1),
                              .descending = ask->descending,
                              .query = ask->where,
                              .cancel = ask->cancel,
                              .limit = ask->limit};
    ask->sift = FALSE;
    if (!edge)
        return;
    filter->after_id = edge->id;
    if (request_order_is_text(filter->order))
        filter->after_text = ask->edge_text = g_strdup(request_order_text(edge, filter->order));
    else
        filter->after_key = request_order_key(edge, filter->order);
}

gboolean
rows_add(Request *request, void *data)
{
    FeedAsk *ask = data;
    if (feed_passes(ask, request))
        g_ptr_array_add(ask->rows, request_copy(request));
    return ask->limit == 0 || ask->rows->len < ask->limit;
}

void
rows_draw_why(gpointer view, Grid *grid, Rect area)
{
    Rows *rows = view;
    const Request *selected = list_selected(rows->feed.list);
    why_want(rows->why, selected);
    why_draw(rows->why, grid, area, selected);
}

void
rows_draw(Rows *rows, Grid *grid, Rect area, int pane)
{
    list_draw_with(rows->feed.list, grid, area, pane, rows_draw_why, rows);
}

guint
rows_enter(gpointer view)
{
    Rows *rows = view;
    return view_request_open(rows->feed.console, list_selected_id(rows->feed.list));
}

const Request *
rows_request(gpointer view)
{
    Rows *rows = view;
    return list_present(rows->feed.list);
}
