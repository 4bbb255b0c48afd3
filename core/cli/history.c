/* history.c: `creditbot history`: what was decided, when, and how. */
#include "base/clock.h"
#include "base/error.h"
#include "cli/present.h"
#include "cli/session.h"

typedef struct {
    char *since, *grep, *filter, **states;
    gint limit;
} Options;

static const OptSpec specs[] = {
    {"filter", 'f', OPT_TEXT, G_STRUCT_OFFSET(Options, filter), "QUERY",
     "as in the console: 'acme amount:>500 decided-by:mara'"},
    {"grep", 'g', OPT_TEXT, G_STRUCT_OFFSET(Options, grep), "TEXT",
     "text, customer, requester, title, SQL or error holds TEXT"},
    {"limit", 'l', OPT_NUMBER, G_STRUCT_OFFSET(Options, limit), "N", "the newest N only"},
    {"since", 's', OPT_TEXT, G_STRUCT_OFFSET(Options, since), "TIME",
     "decided since then: 2d, yesterday, 'last week', 2026-09-14"},
    {"state", 0, OPT_TEXTS, G_STRUCT_OFFSET(Options, states), "STATE[,STATE]",
     "posted, rejected or ignored only"},
    {NULL},
};

static gboolean
on_request(Request *request, void *data)
{
    g_ptr_array_add(data, request_copy(request));
    return TRUE;
}

/* Who decided and after how long, what it corrects, and why. Caller frees. */
static char *
decided_note(const Request *request)
{
    GString *text = g_string_new(NULL);
    g_autofree char *note = present_note(request);
    g_autofree char *took = duration_short(MAX(request->decided_at - request->received_at, 0));
    g_string_append_printf(text, "after %s", took);
    if (request->decided_by)
        g_string_append_printf(text, " by %s", request->decided_by);
    if (request->corrects)
        g_string_append_printf(text, "; corrects %" G_GINT64_FORMAT, request->corrects);
    if (request->corrected_by)
        g_string_append_printf(text, "; corrected by %" G_GINT64_FORMAT, request->corrected_by);
    if (*note)
        g_string_append_printf(text, "; %s", note);
    return g_string_free(text, FALSE);
}

static void
print_row(Session *session, const Request *request)
{
    Out *out = session->out;
    int room = out_columns(out) ? MAX(out_columns(out) - 62, 8) : 24;
    g_autofree char *when = present_time(request->decided_at);
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, request->id);
    g_autofree char *amount = present_amount(request);
    g_autofree char *note = decided_note(request);
    out_cell(out, ROLE_DIM, 23, when);
    out_raw(out, " ", 1);
    out_cell(out, ROLE_PLAIN, -6, id);
    out_raw(out, " ", 1);
    out_cell(out, present_state_role(request->state), 8, state_name(request->state));
    out_raw(out, " ", 1);
    out_cell(out, ROLE_PLAIN, -14, amount);
    out_raw(out, " ", 1);
    out_cell(out, ROLE_PLAIN, MIN(room, 20), present_customer(request));
    if (*note && (!out_columns(out) || room > 24)) {
        out_raw(out, " ", 1);
        out_cell(out, ROLE_DIM, out_columns(out) ? room - 20 : 0, note);
    }
    out_line(out);
}

static int
run(Session *session, const void *data, char **args, GError **error)
{
    (void)args;
    const Options *options = data;
    gint64 now = clock_now(NULL);
    g_autoptr(Query) query = NULL;
    RequestFilter filter = {
        .grep = options->grep, .order = ORDER_DECIDED, .descending = TRUE, .brief = TRUE};
    if (!present_states(options->states, &filter.states, error) ||
        !present_query(options->filter, now, &query, error) ||
        (options->since && !time_parse_since(options->since, now, &filter.decided_since, error)))
        return 2;
    filter.query = query;
    filter.states = filter.states ? filter.states & STATES_CLOSED : STATES_CLOSED;
    filter.limit = (guint)MAX(options->limit, 0);
    if (!session->store || !filter.states)
        return 0;
    g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func((GDestroyNotify)request_free);
    if (!store_requests(session->store, &filter, on_request, kept, error))
        return 1;
    for (guint i = kept->len; i > 0; i--) {
        const Request *request = g_ptr_array_index(kept, i - 1);
        if (session->globals->json)
            out_json(session->out, request_to_json(request));
        else
            print_row(session, request);
    }
    return 0;
}

const Command command_history = {
    .name = "history",
    .help = "what was posted, rejected or ignored, and when",
    .about = "The requests that are done, in the order in which they were decided. creditbot show\n"
             "tells all about one of them, creditbot list --state open what is still to do.",
    .options = specs,
    .options_size = sizeof(Options),
    .flags = CMD_READS | CMD_JSON | CMD_BATCH_OK,
    .func = run,
};
