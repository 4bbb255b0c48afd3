/* history.c: `creditbot history`: what was decided, when, and how. */
#include "base/clock.h"
#include "base/error.h"
#include "cli/present.h"
#include "cli/session.h"

typedef struct {
    char *since, *grep, **states;
    gint limit;
} Options;

static const OptSpec specs[] = {
    {"grep", 'g', OPT_TEXT, G_STRUCT_OFFSET(Options, grep), "TEXT",
     "text, customer, requester, title, SQL or error holds TEXT"},
    {"limit", 'l', OPT_NUMBER, G_STRUCT_OFFSET(Options, limit), "N", "the newest N only"},
    {"since", 's', OPT_TEXT, G_STRUCT_OFFSET(Options, since), "TIME",
     "decided since then: 2d, yesterday, 2026-09-14"},
    {"state", 0, OPT_TEXTS, G_STRUCT_OFFSET(Options, states), "STATE[,STATE]",
     "posted, rejected or ignored only"},
    {NULL},
};

typedef struct {
    GPtrArray *kept; /* Request *, newest first */
    gint64 since;
} Reading;

static gboolean
on_request(Request *request, void *data)
{
    Reading *reading = data;
    if (request->state_at < reading->since)
        return FALSE;
    g_ptr_array_add(reading->kept, request_copy(request));
    return TRUE;
}

static void
print_row(Session *session, const Request *request)
{
    Out *out = session->out;
    int room = out_columns(out) ? MAX(out_columns(out) - 62, 8) : 24;
    g_autofree char *when = present_time(request->state_at);
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, request->id);
    g_autofree char *amount = present_amount(request);
    g_autofree char *note = present_note(request);
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
    Reading reading = {0};
    RequestFilter filter = {
        .grep = options->grep, .order = ORDER_DECIDED, .descending = TRUE, .brief = TRUE};
    if (!present_states(options->states, &filter.states, error))
        return 2;
    if (options->since && !time_parse_since(options->since, clock_now(NULL), &reading.since, error))
        return 2;
    filter.states = filter.states ? filter.states & STATES_CLOSED : STATES_CLOSED;
    filter.limit = (guint)MAX(options->limit, 0);
    if (!session->store || !filter.states)
        return 0;
    g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func((GDestroyNotify)request_free);
    reading.kept = kept;
    if (!store_requests(session->store, &filter, on_request, &reading, error))
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
