/* list.c: `creditbot list`: the requests, oldest first, so that a terminal ends with the newest. */
#include "base/clock.h"
#include "base/digits.h"
#include "base/error.h"
#include "cli/present.h"
#include "cli/session.h"

typedef struct {
    char **states, *since, *grep, *product, *channel, *filter;
    gint limit;
    gboolean all, ids;
} Options;

/* Nobody reads more on a screen. */
#define MOST_ROWS 500

static const OptSpec specs[] = {
    {"all", 'a', OPT_FLAG, G_STRUCT_OFFSET(Options, all), NULL,
     "all of them on a terminal too, not only the newest 500"},
    {"channel", 0, OPT_TEXT, G_STRUCT_OFFSET(Options, channel), "ID", "of this channel only"},
    {"filter", 'f', OPT_TEXT, G_STRUCT_OFFSET(Options, filter), "QUERY",
     "as in the console: 'acme amount:>500 !state:ignored'"},
    {"grep", 'g', OPT_TEXT, G_STRUCT_OFFSET(Options, grep), "TEXT",
     "text, customer, requester, title, SQL or error holds TEXT"},
    {"ids", 'q', OPT_FLAG, G_STRUCT_OFFSET(Options, ids), NULL, "print the ids only"},
    {"limit", 'l', OPT_NUMBER, G_STRUCT_OFFSET(Options, limit), "N", "the newest N only"},
    {"product", 'p', OPT_TEXT, G_STRUCT_OFFSET(Options, product), "NAME", "of this product only"},
    {"since", 's', OPT_TEXT, G_STRUCT_OFFSET(Options, since), "TIME",
     "asked since then: 2d, yesterday, 2026-09-14"},
    {"state", 0, OPT_TEXTS, G_STRUCT_OFFSET(Options, states), "STATE[,STATE]",
     "in these states only; open and closed stand for several"},
    {NULL},
};

enum { W_ID = -6, W_AGE = 6, W_STATE = 11, W_PRODUCT = 8, W_AMOUNT = -13, FIXED = 44 + 6 };

typedef struct {
    Session *session;
    const Options *options;
    gint64 now;
    int customer, note; /* columns */
    GPtrArray *kept;    /* with a limit: newest first, printed backwards */
    guint most;         /* of them; 0: no limit */
    gboolean more;      /* there are older ones */
    guint64 rows;
} Listing;

static void
print_row(Listing *listing, const Request *request)
{
    Out *out = listing->session->out;
    char id[24] = "", *first = digits_before(id + sizeof id - 1, (guint64)request->id);
    g_autofree char *age = duration_short(MAX(listing->now - request->received_at, 0));
    g_autofree char *amount = present_amount(request);
    gboolean noted = request->note || request->unusual || request->error;
    g_autofree char *note = noted ? present_note(request) : NULL;
    out_cell(out, ROLE_PLAIN, W_ID, first);
    out_raw(out, " ", 1);
    out_cell(out, ROLE_PLAIN, -W_AGE, age);
    out_raw(out, " ", 1);
    out_cell(out, present_state_role(request->state), W_STATE, state_name(request->state));
    out_raw(out, " ", 1);
    out_cell(out, ROLE_PLAIN, W_PRODUCT, request->product ? request->product : "-");
    out_raw(out, " ", 1);
    out_cell(out, ROLE_PLAIN, W_AMOUNT, amount);
    out_raw(out, " ", 1);
    if (note && *note) {
        out_cell(out, ROLE_PLAIN, listing->customer, present_customer(request));
        out_raw(out, " ", 1);
        out_cell(out, ROLE_DIM, out_columns(out) ? listing->note : 0, note);
    } else {
        out_text(out, ROLE_PLAIN, present_customer(request));
    }
    out_line(out);
}

static void
print_request(Listing *listing, const Request *request)
{
    Out *out = listing->session->out;
    listing->rows++;
    if (listing->options->ids)
        out_printf(out, "%" G_GINT64_FORMAT "\n", request->id);
    else if (listing->session->globals->json)
        out_json(out, request_to_json(request));
    else
        print_row(listing, request);
}

static gboolean
on_request(Request *request, void *data)
{
    Listing *listing = data;
    if (!listing->most) {
        print_request(listing, request);
        return TRUE;
    }
    listing->more = listing->kept->len == listing->most;
    if (!listing->more)
        g_ptr_array_add(listing->kept, request_copy(request));
    return !listing->more;
}

static void
print_head(Listing *listing)
{
    Out *out = listing->session->out;
    int room = out_columns(out) ? out_columns(out) - FIXED : 48;
    listing->customer = CLAMP(room / 2, 9, 24);
    listing->note = MAX(room - listing->customer, 4);
    if (listing->options->ids || listing->session->globals->json)
        return;
    g_autofree char *head =
        g_strdup_printf("%6s %6s %-11s %-8s %13s %-*s %s", "ID", "AGE", "STATE", "PRODUCT",
                        "AMOUNT", listing->customer, "CUSTOMER", "NOTE");
    out_cell(out, ROLE_DIM, out_columns(out), head);
    out_line(out);
}

static gboolean
make_filter(const Options *options, gint64 now, RequestFilter *filter, Query **query,
            GError **error)
{
    if (options->limit < 0) {
        g_set_error_literal(error, CREDITBOT_ERROR, ERR_USAGE, "--limit wants a positive number");
        return FALSE;
    }
    filter->grep = options->grep;
    filter->product = options->product;
    filter->channel = options->channel;
    filter->order = ORDER_RECEIVED;
    return present_states(options->states, &filter->states, error) &&
           present_query(options->filter, now, query, error) &&
           (!options->since || time_parse_since(options->since, now, &filter->since, error));
}

/* An empty list says why, to people. */
static void
print_none(Session *session, const RequestFilter *filter)
{
    if (!out_is_terminal(session->out) || session->globals->json)
        return;
    gboolean chosen = filter->states || filter->grep || filter->product || filter->channel ||
                      filter->since || filter->query;
    out_printf(session->out, chosen ? "No request is like that.\n"
                                    : "No requests yet: creditbot --batch makes a pass.\n");
}

static gboolean
print_newest(Listing *listing, RequestFilter *filter, GError **error)
{
    g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func((GDestroyNotify)request_free);
    listing->kept = kept;
    filter->descending = TRUE;
    filter->limit = listing->most + 1;
    if (!store_requests(listing->session->store, filter, on_request, listing, error))
        return FALSE;
    for (guint i = kept->len; i > 0; i--)
        print_request(listing, g_ptr_array_index(kept, i - 1));
    if (!listing->more || listing->options->limit)
        return TRUE;
    g_autofree char *last =
        g_strdup_printf("the newest %u; --all lists the older ones too", listing->most);
    out_text(listing->session->out, ROLE_DIM, last);
    out_line(listing->session->out);
    return TRUE;
}

static int
run(Session *session, const void *data, char **args, GError **error)
{
    (void)args;
    const Options *options = data;
    RequestFilter filter = {0};
    Listing listing = {.session = session, .options = options, .now = clock_now(NULL)};
    g_autoptr(Query) query = NULL;
    if (!make_filter(options, listing.now, &filter, &query, error))
        return 2;
    filter.query = query;
    filter.brief = session->globals->json;
    filter.line = !filter.brief;
    if (options->limit)
        listing.most = (guint)options->limit;
    else if (out_is_terminal(session->out) && !options->all && !options->ids && !filter.brief)
        listing.most = MOST_ROWS;
    print_head(&listing);
    if (session->store &&
        !(listing.most ? print_newest(&listing, &filter, error)
                       : store_requests(session->store, &filter, on_request, &listing, error)))
        return 1;
    if (!listing.rows)
        print_none(session, &filter);
    return 0;
}

const Command command_list = {
    .name = "list",
    .aliases = "ls",
    .help = "list the requests",
    .about =
        "All requests, oldest first, or those that the options choose. On a terminal the\n"
        "columns are fitted to its width, and it is the newest 500 unless --all, --ids, --json\n"
        "or --limit says otherwise; into a pipe or a file nothing is cut.\n"
        "\n"
        "AGE counts from the message in Slack. STATE is one of new resolved calculating\n"
        "pending approved posting posted unconfirmed rejected ignored needs_link failed dead;\n"
        "--state open means all that still want something, closed the others. --filter takes\n"
        "the words of the console's filter line: a text, \"two words\", /expression/, !not this,\n"
        "and field:value with the fields id state amount currency age asked decided posted\n"
        "customer product who decided-by channel look title note error text sql corrects\n"
        "corrected.",
    .options = specs,
    .options_size = sizeof(Options),
    .flags = CMD_READS | CMD_JSON | CMD_BATCH_OK,
    .func = run,
};
