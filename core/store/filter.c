/* filter.c: from a RequestFilter to one statement that reads few rows.
 *
 * Four ways, the first that fits: the few rows that can pass are known by an index (filter_terms.c)
 * and are sorted; the order has an index and is walked, for several states as a UNION ALL of one
 * walk a state, which SQLite merges; the states asked for hold few rows, which are sorted; all rows
 * are read and the page is kept (a second for a million). Pages go on from the last row's key. */
#include "store/filter.h"

#include <string.h>

/* Rows of some states that are sorted rather than walked past. */
#define MOST_SORTED 20000

#define NO_AMOUNT (-G_MAXINT64) /* amount_key of a request without one: below all others */
#define NOCASE    " COLLATE NOCASE"

typedef enum {
    WALK_NEVER, /* no index: sorted */
    WALK_ALL,   /* one index over all states */
    WALK_STATE, /* that, and one that begins with the state */
} Walk;

typedef struct {
    const char *key; /* never NULL in SQL */
    gboolean text;
    Walk walk;
} Order;

static const Order orders[ORDER_COUNT] = {
    [ORDER_RECEIVED] = {"r.received_at", FALSE, WALK_STATE},
    [ORDER_STATE_AT] = {"r.state_at", FALSE, WALK_NEVER},
    [ORDER_POSTED] = {"r.posted_at", FALSE, WALK_NEVER},
    [ORDER_AMOUNT] = {"r.amount_key", FALSE, WALK_ALL},
    [ORDER_ID] = {"r.id", FALSE, WALK_STATE},
    [ORDER_DECIDED] = {"r.decided_at", FALSE, WALK_ALL},
    [ORDER_DECISION] = {"iif(r.decided_at > 0, r.decided_at - r.received_at, -1)", FALSE,
                        WALK_NEVER},
    [ORDER_INTERVAL] = {"iif(r.amount >= 1000000, (r.high - r.low) / (r.amount / 1000000), -1)",
                        FALSE, WALK_NEVER},
    [ORDER_CUSTOMER] = {"r.customer_key", TRUE, WALK_ALL},
    [ORDER_REQUESTER] = {"ifnull(r.requester_name, ifnull(r.requester, ''))" NOCASE, TRUE,
                         WALK_NEVER},
    [ORDER_PRODUCT] = {"ifnull(r.product, '')" NOCASE, TRUE, WALK_NEVER},
    [ORDER_STATE] = {"r.state" NOCASE, TRUE, WALK_NEVER},
    [ORDER_TITLE] = {"ifnull(r.title, '')" NOCASE, TRUE, WALK_NEVER},
    [ORDER_NOTE] = {"ifnull(r.unusual, ifnull(r.note, ''))" NOCASE, TRUE, WALK_NEVER},
    [ORDER_DECIDED_BY] = {"ifnull(r.decided_by, '')" NOCASE, TRUE, WALK_NEVER},
};

/* -- the keys of a row in C -- */

gint64
request_order_key(const Request *r, RequestOrder order)
{
    gboolean money = r->has_amount && r->amount >= G_USEC_PER_SEC;
    const gint64 keys[ORDER_COUNT] = {
        [ORDER_RECEIVED] = r->received_at,
        [ORDER_STATE_AT] = r->state_at,
        [ORDER_POSTED] = r->posted_at,
        [ORDER_AMOUNT] = r->has_amount ? r->amount : NO_AMOUNT,
        [ORDER_ID] = r->id,
        [ORDER_DECIDED] = r->decided_at,
        [ORDER_DECISION] = r->decided_at > 0 ? r->decided_at - r->received_at : -1,
        [ORDER_INTERVAL] = money ? (r->high - r->low) / (r->amount / G_USEC_PER_SEC) : -1,
    };
    return keys[order];
}

gboolean
request_order_is_text(RequestOrder order)
{
    return orders[order].text;
}

const char *
request_order_text(const Request *r, RequestOrder order)
{
    const char *const texts[ORDER_COUNT] = {
        [ORDER_CUSTOMER] = r->customer,
        [ORDER_REQUESTER] = r->requester_name ? r->requester_name : r->requester,
        [ORDER_PRODUCT] = r->product,
        [ORDER_STATE] = state_name(r->state),
        [ORDER_TITLE] = r->title,
        [ORDER_NOTE] = r->unusual ? r->unusual : r->note,
        [ORDER_DECIDED_BY] = r->decided_by,
    };
    return texts[order] ? texts[order] : "";
}

/* -- functions -- */

typedef gboolean (*TextTest)(const char *text, const void *wanted);

/* The first argument is what is wanted, the others are texts. */
static void
any_text(sqlite3_context *context, int argc, sqlite3_value **argv, const void *wanted,
         TextTest test)
{
    gboolean found = FALSE;
    for (int i = 1; wanted && i < argc && !found; i++) {
        const char *text = (const char *)sqlite3_value_text(argv[i]);
        found = text && test(text, wanted);
    }
    sqlite3_result_int(context, found);
}

static gboolean
text_holds(const char *text, const void *folded)
{
    return query_holds(text, folded);
}

static gboolean
text_begins(const char *text, const void *folded)
{
    g_autofree char *other = query_fold(text);
    return g_str_has_prefix(other, folded);
}

static gboolean
text_matches(const char *text, const void *data)
{
    const GRegex *regex = data;
    g_autofree char *valid = g_utf8_validate(text, -1, NULL) ? NULL : g_utf8_make_valid(text, -1);
    return g_regex_match(regex, valid ? valid : text, 0, NULL);
}

static void
contains(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    any_text(context, argc, argv, argc ? sqlite3_value_text(argv[0]) : NULL, text_holds);
}

static void
begins(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    any_text(context, argc, argv, argc ? sqlite3_value_text(argv[0]) : NULL, text_begins);
}

static void
matches(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    any_text(context, argc, argv, argc ? sqlite3_value_pointer(argv[0], "GRegex") : NULL,
             text_matches);
}

static void
fold(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    const char *text = argc ? (const char *)sqlite3_value_text(argv[0]) : NULL;
    if (text)
        sqlite3_result_text(context, query_fold(text), -1, g_free);
}

void
filter_register(Store *store)
{
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    sqlite3_create_function_v2(store->db, "contains", -1, flags, NULL, contains, NULL, NULL, NULL);
    sqlite3_create_function_v2(store->db, "begins", -1, flags, NULL, begins, NULL, NULL, NULL);
    sqlite3_create_function_v2(store->db, "matches", -1, flags, NULL, matches, NULL, NULL, NULL);
    sqlite3_create_function_v2(store->db, "fold", 1, flags, NULL, fold, NULL, NULL, NULL);
}

/* -- parameters -- */

typedef struct {
    gint64 number;
    char *text;
    GRegex *regex;
    gboolean is_text;
} Bind;

static void
bind_clear(gpointer data)
{
    Bind *bind = data;
    g_free(bind->text);
    g_clear_pointer(&bind->regex, g_regex_unref);
}

static int
add_bind(Plan *plan, Bind bind)
{
    g_array_append_val(plan->binds, bind);
    return (int)plan->binds->len;
}

int
plan_int(Plan *plan, gint64 value)
{
    return add_bind(plan, (Bind){.number = value});
}

int
plan_text(Plan *plan, const char *text)
{
    return add_bind(plan, (Bind){.text = g_strdup(text), .is_text = TRUE});
}

int
plan_regex(Plan *plan, GRegex *regex)
{
    return add_bind(plan, (Bind){.regex = g_regex_ref(regex)});
}

static void
drop_regex(void *regex)
{
    g_regex_unref(regex);
}

void
plan_bind(const Plan *plan, Statement *statement)
{
    sqlite3_stmt *stmt = sql_raw(statement);
    for (guint i = 0; i < plan->binds->len; i++) {
        const Bind *bind = &g_array_index(plan->binds, Bind, i);
        if (bind->regex)
            sqlite3_bind_pointer(stmt, (int)i + 1, g_regex_ref(bind->regex), "GRegex", drop_regex);
        else if (bind->is_text)
            sqlite3_bind_text(stmt, (int)i + 1, g_strdup(bind->text), -1, g_free);
        else
            sqlite3_bind_int64(stmt, (int)i + 1, bind->number);
    }
}

gboolean
plan_offer(Plan *plan, const char *subselect, GError **error)
{
    g_autofree char *sql =
        g_strdup_printf("SELECT count(*) FROM (%s LIMIT %d)", subselect, MOST_HITS + 1);
    g_autoptr(Statement) statement = sql_prepare(plan->store, sql, error);
    if (!statement)
        return FALSE;
    plan_bind(plan, statement);
    if (sql_step(statement, error) != STEP_ROW)
        return FALSE;
    gint64 n = sql_int(statement, 0);
    if (n <= MOST_HITS && (!plan->hits || n < plan->n_hits)) {
        g_free(plan->hits);
        plan->hits = g_strdup(subselect);
        plan->n_hits = n;
    }
    return TRUE;
}

static void
plan_clear(Plan *plan)
{
    g_string_free(plan->where, TRUE);
    g_array_unref(plan->binds);
    g_free(plan->hits);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Plan, plan_clear)

/* -- conditions -- */

/* A '+' keeps the planner on the way that is chosen here. */
static void
add_conditions(Plan *plan, const RequestFilter *f)
{
    GString *sql = plan->where;
    const char *plus = f->order == ORDER_RECEIVED ? "" : "+";
    if (f->since)
        g_string_append_printf(sql, " AND %sr.received_at >= ?%d", plus, plan_int(plan, f->since));
    if (f->until)
        g_string_append_printf(sql, " AND %sr.received_at < ?%d", plus, plan_int(plan, f->until));
    if (f->decided_since)
        g_string_append_printf(sql, " AND %sr.decided_at >= ?%d",
                               f->order == ORDER_DECIDED ? "" : "+",
                               plan_int(plan, f->decided_since));
    if (f->product)
        g_string_append_printf(sql, " AND r.product = ?%d", plan_text(plan, f->product));
    if (f->channel)
        g_string_append_printf(sql, " AND ?%d IN (+r.channel, r.channel_name)",
                               plan_text(plan, f->channel));
    if (f->requester)
        g_string_append_printf(sql, " AND ?%d IN (r.requester, r.requester_name)",
                               plan_text(plan, f->requester));
    if (f->related_customer || f->related_link)
        g_string_append_printf(
            sql, " AND (lower(trim(+r.customer)) = lower(trim(?%d)) OR +r.link_ref = ?%d)",
            plan_text(plan, f->related_customer), plan_text(plan, f->related_link));
    if (f->amount_min || f->amount_max)
        g_string_append_printf(sql, " AND r.amount IS NOT NULL AND +r.amount >= ?%d",
                               plan_int(plan, f->amount_min));
    if (f->amount_max)
        g_string_append_printf(sql, " AND +r.amount <= ?%d", plan_int(plan, f->amount_max));
    if (f->order == ORDER_DECIDED)
        g_string_append(sql, " AND r.decided_at <> 0");
}

static void
add_page(Plan *plan, const RequestFilter *f)
{
    const char *beyond = f->descending ? "<" : ">";
    if (!f->after_id)
        return;
    int id = plan_int(plan, f->after_id);
    if (f->order == ORDER_ID) {
        g_string_append_printf(plan->where, " AND r.id %s ?%d", beyond, id);
        return;
    }
    const Order *order = &orders[f->order];
    int key = order->text ? plan_text(plan, f->after_text ? f->after_text : "")
                          : plan_int(plan, f->after_key);
    g_string_append_printf(plan->where, " AND (%s, r.id) %s (?%d, ?%d)", order->key, beyond, key,
                           id);
}

#define ALL_STATES (STATE_BIT(STATE_COUNT) - 1)

static guint
states_of(const RequestFilter *f)
{
    guint states = f->states & ALL_STATES;
    return f->states == 0 ? ALL_STATES : states;
}

static void
add_state_list(GString *sql, const char *column, guint states)
{
    g_string_append_printf(sql, " AND %s IN (", column);
    const char *between = "";
    for (int i = 0; i < STATE_COUNT; i++) {
        if (!(states & STATE_BIT(i)))
            continue;
        g_string_append_printf(sql, "%s'%s'", between, state_name((RequestState)i));
        between = ", ";
    }
    g_string_append_c(sql, ')');
}

static gboolean
plan_init(Plan *plan, Store *store, const RequestFilter *f, GError **error)
{
    *plan = (Plan){.store = store,
                   .where = g_string_new(NULL),
                   .binds = g_array_new(FALSE, FALSE, sizeof(Bind))};
    g_array_set_clear_func(plan->binds, bind_clear);
    plan_int(plan, sql_now(store)); /* ?1 of table_requests */
    add_page(plan, f);
    add_conditions(plan, f);
    return (!f->grep || filter_add_grep(plan, f->grep, error)) &&
           (!f->query || filter_add_query(plan, f->query, error));
}

/* -- ways -- */

static gboolean
few_in_states(Store *store, guint states)
{
    StateCounts counts;
    gint64 n = 0;
    if (states == ALL_STATES || !store_counts(store, 0, &counts, NULL))
        return FALSE;
    for (int i = 0; i < STATE_COUNT; i++)
        n += states & STATE_BIT(i) ? counts.count[i] : 0;
    return n <= MOST_SORTED;
}

/* Where the rows come from is decided here, not by the planner. */
static const char *
sorted_from(const Plan *plan, gboolean few)
{
    return few && !plan->hits ? "INDEXED BY requests_in_state" : "NOT INDEXED";
}

static void
add_from(GString *sql, const char *how, gboolean texts)
{
    g_string_append_printf(sql, " FROM requests r %s", how);
    if (texts)
        g_string_append(sql, " CROSS JOIN request_texts t ON t.id = r.id");
    g_string_append(sql, " WHERE true");
}

static void
add_result(GString *sql, const RequestFilter *f, const char *key)
{
    g_string_append(sql, "SELECT ");
    table_add_columns(sql, f->line ? &table_request_lines : &table_requests);
    if (!f->brief && !f->line) {
        g_string_append(sql, ", ");
        table_add_columns(sql, &table_request_texts);
    }
    g_string_append_printf(sql, ", %s AS key", key);
}

static void
add_order(GString *sql, const RequestFilter *f, const char *key, const char *id)
{
    const char *way = f->descending ? "DESC" : "ASC";
    g_string_append_printf(sql, " ORDER BY %s %s, %s %s", key, way, id, way);
    if (f->limit)
        g_string_append_printf(sql, " LIMIT %u", f->limit);
}

/* In the order of an index; state -1: of all states, or of several that are passed over. */
static void
add_walk(GString *sql, const Plan *plan, const RequestFilter *f, guint states, int state)
{
    add_result(sql, f, orders[f->order].key);
    add_from(sql, "", plan->texts || (!f->brief && !f->line));
    if (state >= 0)
        g_string_append_printf(sql, " AND r.state = '%s'", state_name((RequestState)state));
    else if (states != ALL_STATES)
        add_state_list(sql, "+r.state", states);
    g_string_append(sql, plan->where->str);
}

static void
add_walks(GString *sql, const Plan *plan, const RequestFilter *f, guint states)
{
    if (orders[f->order].walk == WALK_ALL || states == ALL_STATES) {
        add_walk(sql, plan, f, states, -1);
    } else {
        const char *between = "";
        for (int i = 0; i < STATE_COUNT; i++) {
            if (!(states & STATE_BIT(i)))
                continue;
            g_string_append(sql, between);
            add_walk(sql, plan, f, states, i);
            between = " UNION ALL ";
        }
    }
    /* In a compound the terms are columns of the result: the key by its name, the id its first. */
    add_order(sql, f, "key", "1");
}

/* The keys are sorted, and only the rows of the page are read. */
static void
add_sorted(GString *sql, const Plan *plan, const RequestFilter *f, guint states, gboolean few)
{
    const Order *order = &orders[f->order];
    const char *outer = order->text ? "k.key" NOCASE : "k.key";
    gboolean texts = !f->brief && !f->line;
    add_result(sql, f, "k.key");
    g_string_append_printf(sql, " FROM (SELECT r.id AS id, %s AS key", order->key);
    add_from(sql, sorted_from(plan, few), plan->texts);
    if (plan->hits)
        g_string_append_printf(sql, " AND r.id IN (%s)", plan->hits);
    if (states != ALL_STATES)
        add_state_list(sql, few && !plan->hits ? "r.state" : "+r.state", states);
    g_string_append(sql, plan->where->str);
    add_order(sql, f, order->key, "r.id");
    g_string_append(sql, ") k CROSS JOIN requests r ON r.id = k.id");
    if (texts)
        g_string_append(sql, " CROSS JOIN request_texts t ON t.id = r.id");
    add_order(sql, f, outer, "k.id");
}

Statement *
filter_prepare(Store *store, const RequestFilter *filter, GError **error)
{
    g_auto(Plan) plan = {0};
    if (!plan_init(&plan, store, filter, error))
        return NULL;
    g_autoptr(GString) sql = g_string_new(NULL);
    guint states = states_of(filter);
    Walk walk = orders[filter->order].walk;
    gboolean few = walk != WALK_STATE && few_in_states(store, states);
    if (plan.hits || few || walk == WALK_NEVER)
        add_sorted(sql, &plan, filter, states, few);
    else
        add_walks(sql, &plan, filter, states);
    Statement *statement = sql_prepare(store, sql->str, error);
    if (statement)
        plan_bind(&plan, statement);
    return statement;
}

Statement *
filter_prepare_totals(Store *store, const RequestFilter *filter, GError **error)
{
    g_auto(Plan) plan = {0};
    RequestFilter whole = *filter;
    whole.after_id = 0;
    if (!plan_init(&plan, store, &whole, error))
        return NULL;
    g_autoptr(GString) sql = g_string_new(
        "SELECT r.currency, iif(r.state = 'posted' AND r.corrected_by IS NULL, r.amount, NULL), "
        "r.decided_at, r.received_at");
    guint states = states_of(filter);
    gboolean few = few_in_states(store, states);
    add_from(sql, sorted_from(&plan, few), plan.texts);
    if (plan.hits)
        g_string_append_printf(sql, " AND r.id IN (%s)", plan.hits);
    if (states != ALL_STATES)
        add_state_list(sql, few && !plan.hits ? "r.state" : "+r.state", states);
    g_string_append(sql, plan.where->str);
    Statement *statement = sql_prepare(store, sql->str, error);
    if (statement)
        plan_bind(&plan, statement);
    return statement;
}
