/* request_read.c: what the request view reads: the dossier, results, the exact post; never on the
 * screen's thread. */
#include "tui/views/request_view.h"
#include "tui/widgets/preview_job.h"

#include <string.h>

#define SEGMENTS_KEPT 1000 /* of the result that is shown */

typedef struct {
    RequestView *view;
    gint64 id;
    gint64 run_id, older, newer;
    GPtrArray *known;
    Dossier *dossier;
    Breakdown *breakdown;
    Comparison *comparison;
    GError *error;
} Ask;

static Ask *
ask_new(RequestView *view)
{
    Ask *ask = g_new0(Ask, 1);
    ask->view = view;
    ask->id = view->id;
    return ask;
}

static void
ask_free(gpointer data)
{
    Ask *ask = data;
    g_clear_pointer(&ask->known, g_ptr_array_unref);
    dossier_free(ask->dossier);
    breakdown_free(ask->breakdown);
    comparison_free(ask->comparison);
    g_clear_error(&ask->error);
    g_free(ask);
}

static void
arrived(RequestView *view)
{
    request_rewrite(view);
    request_want(view);
    console_touch(view->console);
}

/* -- the exact post, from the desk -- */

static void
preview_done(gpointer target, const PreviewAsk *ask, Preview *preview, const GError *error)
{
    RequestView *view = target;
    view->preview_asked = FALSE;
    if (ask->id == view->id) {
        g_clear_pointer(&view->preview, preview_free);
        g_clear_pointer(&view->preview_error, g_free);
        view->preview = preview;
        view->preview_error = error ? g_strdup(error->message) : NULL;
        view->preview_version = ask->version;
    } else {
        preview_free(preview);
    }
    arrived(view);
}

static void
want_preview(RequestView *view)
{
    const Request *request = view->dossier ? view->dossier->request : NULL;
    gboolean postable = request && request->has_amount && (STATES_OPEN & STATE_BIT(request->state));
    if (!postable || view->preview_asked || view->preview_version == request->version)
        return;
    const PreviewAsk ask = {.id = view->id,
                            .run_number = request->run_number,
                            .kind = "result",
                            .version = request->version};
    view->preview_asked = TRUE;
    preview_start_for(view->console, &ask, view, preview_done);
}

/* -- the result of the run that counts -- */

static void
breakdown_read(Store *store, gpointer data)
{
    Ask *ask = data;
    Run *run = store_run_get(store, ask->run_id, NULL);
    ask->breakdown = run ? breakdown_new(run, SEGMENTS_KEPT) : NULL;
}

static void
breakdown_done(gpointer data)
{
    Ask *ask = data;
    RequestView *view = ask->view;
    view->breakdown_asked = 0;
    if (ask->id == view->id) {
        request_rewrite(view); /* figures borrow the old one */
        breakdown_free(view->breakdown);
        view->breakdown = g_steal_pointer(&ask->breakdown);
        view->breakdown_id = ask->run_id;
    }
    arrived(view);
}

static void
want_breakdown(RequestView *view)
{
    gint64 wanted = view->dossier->request->run_id;
    if (wanted == 0 || wanted == view->breakdown_id || view->breakdown_asked)
        return;
    Ask *ask = ask_new(view);
    ask->run_id = view->breakdown_asked = wanted;
    reader_ask(view->console->bulk, breakdown_read, breakdown_done, ask, ask_free);
}

/* -- two runs against each other -- */

static void
comparison_ask_read(Store *store, gpointer data)
{
    Ask *ask = data;
    ask->comparison = comparison_read(store, ask->older, ask->newer, &ask->error);
}

static void
comparison_done(gpointer data)
{
    Ask *ask = data;
    RequestView *view = ask->view;
    view->comparing[0] = view->comparing[1] = 0;
    if (ask->id == view->id) {
        comparison_free(view->comparison);
        g_clear_pointer(&view->comparison_error, g_free);
        view->comparison = g_steal_pointer(&ask->comparison);
        view->comparison_error = ask->error ? g_strdup(ask->error->message) : NULL;
        view->compared[0] = ask->older;
        view->compared[1] = ask->newer;
    }
    arrived(view);
}

static void
want_comparison(RequestView *view)
{
    gboolean there = view->compared[0] == view->older && view->compared[1] == view->newer;
    if (view->section != SECTION_RUNS || !view->older || there || view->comparing[0])
        return;
    Ask *ask = ask_new(view);
    ask->older = view->comparing[0] = view->older;
    ask->newer = view->comparing[1] = view->newer;
    reader_ask(view->console->bulk, comparison_ask_read, comparison_done, ask, ask_free);
}

void
request_want(RequestView *view)
{
    if (!view->dossier || !view->dossier->request)
        return;
    want_breakdown(view);
    want_comparison(view);
    want_preview(view);
    request_want_evidence(view);
}

/* -- the dossier -- */

static void
note_names(RequestView *view)
{
    const Request *request = view->dossier->request;
    if (request->requester && request->requester_name)
        g_hash_table_insert(view->names.users, g_strdup(request->requester),
                            g_strdup(request->requester_name));
    if (request->channel && request->channel_name)
        g_hash_table_insert(view->names.channels, g_strdup(request->channel),
                            g_strdup(request->channel_name));
}

static gboolean
has_run(const Dossier *dossier, gint64 id)
{
    for (guint i = 0; i < dossier->runs->len; i++) {
        if (((const Run *)g_ptr_array_index(dossier->runs, i))->id == id)
            return TRUE;
    }
    return FALSE;
}

/* The newest two, unless the operator chose others that are still there. */
static void
choose_pair(RequestView *view)
{
    const Dossier *dossier = view->dossier;
    if (!dossier->runs)
        return;
    if (view->chosen && has_run(dossier, view->older) && has_run(dossier, view->newer))
        return;
    gboolean two = dossier->runs->len > 1;
    view->chosen = FALSE;
    view->newer = two ? ((const Run *)g_ptr_array_index(dossier->runs, 0))->id : 0;
    view->older = two ? ((const Run *)g_ptr_array_index(dossier->runs, 1))->id : 0;
}

static void
dossier_ask_read(Store *store, gpointer data)
{
    Ask *ask = data;
    ask->dossier = dossier_read(store, ask->id, ask->known);
}

static void
dossier_done(gpointer data)
{
    Ask *ask = data;
    RequestView *view = ask->view;
    view->asked = FALSE;
    if (ask->id == view->id) {
        dossier_free(view->dossier);
        view->dossier = g_steal_pointer(&ask->dossier);
        if (view->dossier->request) {
            note_names(view);
            choose_pair(view);
        }
        arrived(view);
    }
    if (view->stale || ask->id != view->id)
        request_ask(view);
}

void
request_ask(RequestView *view)
{
    view->stale = view->asked;
    if (view->asked || view->id == 0)
        return;
    view->asked = TRUE;
    Ask *ask = ask_new(view);
    if (view->dossier && view->dossier->runs)
        ask->known = g_ptr_array_ref(view->dossier->runs);
    reader_ask(view->console->live, dossier_ask_read, dossier_done, ask, ask_free);
}

void
request_forget(RequestView *view)
{
    request_rewrite(view);
    g_clear_pointer(&view->dossier, dossier_free);
    g_clear_pointer(&view->breakdown, breakdown_free);
    g_clear_pointer(&view->comparison, comparison_free);
    g_clear_pointer(&view->comparison_error, g_free);
    g_clear_pointer(&view->preview, preview_free);
    g_clear_pointer(&view->preview_error, g_free);
    request_forget_evidence(view);
    view->breakdown_id = view->older = view->newer = 0;
    view->compared[0] = view->compared[1] = 0;
    view->preview_version = view->open_event = 0;
    view->chosen = FALSE;
}
