/* filter.c: from a RequestFilter to SQL that walks an index in order, page by page.
 *
 * Each order has an index of its own, and one that begins with the state. For several states the
 * statement is a UNION ALL of one ordered walk a state, which SQLite merges: no sort, no full scan.
 */
#ifdef HAVE_CONFIG_H
#include "config.h" /* _GNU_SOURCE: strcasestr */
#endif
#include "store/filter.h"

#include <string.h>

/* Parameters of every statement; ?1 is the present time (table_requests). */
enum {
    AT_NOW = 1,
    AT_KEY,
    AT_ID,
    AT_SINCE,
    AT_UNTIL,
    AT_GREP,
    AT_PRODUCT,
    AT_CHANNEL,
    AT_REQUESTER,
    AT_MIN,
    AT_MAX,
    AT_LIMIT,
    AT_CUSTOMER,
    AT_LINK
};

static const char *const order_columns[] = {
    [ORDER_RECEIVED] = "r.received_at",
    [ORDER_STATE_AT] = "r.state_at",
    [ORDER_POSTED] = "r.posted_at",
    [ORDER_AMOUNT] = "r.amount_key",
    [ORDER_ID] = "r.id",
    [ORDER_DECISION] = "r.id",
    [ORDER_INTERVAL] = "r.id",
    [ORDER_CUSTOMER] = "r.id",
    [ORDER_REQUESTER] = "r.id",
    [ORDER_PRODUCT] = "r.id",
    [ORDER_STATE] = "r.id",
    [ORDER_TITLE] = "r.id",
    [ORDER_NOTE] = "r.id",
    [ORDER_DECIDED_BY] = "r.id",
};

#define NO_AMOUNT (-G_MAXINT64) /* amount_key of a request without one: below all others */

gint64
request_order_key(const Request *request, RequestOrder order)
{
    const gint64 keys[] = {
        [ORDER_RECEIVED] = request->received_at,
        [ORDER_STATE_AT] = request->state_at,
        [ORDER_POSTED] = request->posted_at,
        [ORDER_AMOUNT] = request->has_amount ? request->amount : NO_AMOUNT,
        [ORDER_ID] = request->id,
    };
    return order <= ORDER_ID ? keys[order] : request->id;
}

gboolean
request_order_is_text(RequestOrder order)
{
    return order >= ORDER_CUSTOMER;
}

const char *
request_order_text(const Request *request, RequestOrder order)
{
    return order == ORDER_CUSTOMER ? request->customer : NULL;
}

static gboolean
contains_folded(const char *text, const char *needle)
{
    g_autofree char *folded = g_utf8_casefold(text, -1);
    return strstr(folded, needle) != NULL;
}

static void
contains(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    const char *needle = argc > 0 ? (const char *)sqlite3_value_text(argv[0]) : NULL;
    gboolean found = FALSE;
    gboolean ascii = needle && g_str_is_ascii(needle);
    g_autofree char *folded = ascii || !needle ? NULL : g_utf8_casefold(needle, -1);
    for (int i = 1; needle && i < argc && !found; i++) {
        const char *text = (const char *)sqlite3_value_text(argv[i]);
        if (!text)
            continue;
        if (ascii)
            found = strcasestr(text, needle) != NULL;
        else if (g_utf8_validate(text, -1, NULL))
            found = contains_folded(text, folded);
        else
            found = strstr(text, needle) != NULL;
    }
    sqlite3_result_int(context, found);
}

void
filter_register(Store *store)
{
    sqlite3_create_function_v2(store->db, "contains", -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
                               contains, NULL, NULL, NULL);
}

/* Conditions beside state and page. A '+' keeps the planner on the index of the order. */
static void
add_conditions(GString *sql, const RequestFilter *filter)
{
    const char *plus = filter->order == ORDER_RECEIVED ? "" : "+";
    if (filter->since)
        g_string_append_printf(sql, " AND %sr.received_at >= ?%d", plus, AT_SINCE);
    if (filter->until)
        g_string_append_printf(sql, " AND %sr.received_at < ?%d", plus, AT_UNTIL);
    if (filter->product)
        g_string_append_printf(sql, " AND r.product = ?%d", AT_PRODUCT);
    if (filter->channel)
        g_string_append_printf(sql, " AND (+r.channel = ?%d OR r.channel_name = ?%d)", AT_CHANNEL,
                               AT_CHANNEL);
    if (filter->requester)
        g_string_append_printf(sql, " AND (r.requester = ?%d OR r.requester_name = ?%d)",
                               AT_REQUESTER, AT_REQUESTER);
    if (filter->related_customer || filter->related_link)
        g_string_append_printf(sql, " AND (+r.customer = ?%d OR +r.link_ref = ?%d)", AT_CUSTOMER,
                               AT_LINK);
    if (filter->amount_min || filter->amount_max)
        g_string_append_printf(sql, " AND r.amount IS NOT NULL AND +r.amount >= ?%d", AT_MIN);
    if (filter->amount_max)
        g_string_append_printf(sql, " AND +r.amount <= ?%d", AT_MAX);
    if (filter->grep)
        g_string_append_printf(sql,
                               " AND contains(?%d, t.text, r.customer, r.requester, "
                               "r.requester_name, r.title, t.sql, r.error, r.note)",
                               AT_GREP);
}

static void
add_page(GString *sql, const RequestFilter *filter)
{
    if (!filter->after_id)
        return;
    const char *beyond = filter->descending ? "<" : ">";
    if (filter->order == ORDER_ID)
        g_string_append_printf(sql, " AND r.id %s ?%d", beyond, AT_ID);
    else
        g_string_append_printf(sql, " AND (%s, r.id) %s (?%d, ?%d)", order_columns[filter->order],
                               beyond, AT_KEY, AT_ID);
}

/* One walk: all states (state -1) or one. */
static void
add_walk(GString *sql, const RequestFilter *filter, int state)
{
    g_string_append(sql, "SELECT ");
    gboolean whole = !filter->brief && !filter->line;
    table_add_columns(sql, filter->line ? &table_request_lines : &table_requests);
    if (whole) {
        g_string_append(sql, ", ");
        table_add_columns(sql, &table_request_texts);
    }
    g_string_append_printf(sql, ", %s AS key FROM requests r", order_columns[filter->order]);
    if (whole || filter->grep)
        g_string_append(sql, " CROSS JOIN request_texts t ON t.id = r.id");
    g_string_append(sql, " WHERE true");
    if (state >= 0)
        g_string_append_printf(sql, " AND r.state = '%s'", state_name((RequestState)state));
    add_page(sql, filter);
    add_conditions(sql, filter);
}

static char *
filter_sql(const RequestFilter *filter)
{
    GString *sql = g_string_new(NULL);
    guint all = STATE_BIT(STATE_COUNT) - 1;
    guint states = filter->states & all;
    const char *between = "";
    if (filter->states == 0 || states == all)
        add_walk(sql, filter, -1);
    for (int i = 0; i < STATE_COUNT && filter->states != 0 && states != all; i++) {
        if (!(states & STATE_BIT(i)))
            continue;
        g_string_append(sql, between);
        add_walk(sql, filter, i);
        between = " UNION ALL ";
    }
    const char *way = filter->descending ? "DESC" : "ASC";
    /* In a compound the terms are columns of the result: the key is its last, the id its first. */
    g_string_append_printf(sql, " ORDER BY key %s, 1 %s", way, way);
    if (filter->limit)
        g_string_append_printf(sql, " LIMIT ?%d", AT_LIMIT);
    return g_string_free(sql, FALSE);
}

Statement *
filter_prepare(Store *store, const RequestFilter *filter, GError **error)
{
    g_autofree char *sql = filter_sql(filter);
    Statement *statement = sql_prepare(store, sql, error);
    if (!statement)
        return NULL;
    sql_bind_int(statement, AT_NOW, sql_now(store));
    sql_bind_int(statement, AT_KEY, filter->after_key);
    sql_bind_int(statement, AT_ID, filter->after_id);
    sql_bind_int(statement, AT_SINCE, filter->since);
    sql_bind_int(statement, AT_UNTIL, filter->until);
    sql_bind_text(statement, AT_GREP, filter->grep);
    sql_bind_text(statement, AT_PRODUCT, filter->product);
    sql_bind_text(statement, AT_CHANNEL, filter->channel);
    sql_bind_text(statement, AT_REQUESTER, filter->requester);
    sql_bind_int(statement, AT_MIN, filter->amount_min);
    sql_bind_int(statement, AT_MAX, filter->amount_max);
    sql_bind_int(statement, AT_LIMIT, filter->limit);
    sql_bind_text(statement, AT_CUSTOMER, filter->related_customer);
    sql_bind_text(statement, AT_LINK, filter->related_link);
    return statement;
}
