/* dossier.c: everything about one request, read on the reader's thread. */
#include "tui/views/request.h"

#include <string.h>

#define RUNS_MAX   50
#define EVENTS_MAX 500

static void
run_destroy(gpointer data)
{
    run_free(data);
}

static gboolean
same_newest(GPtrArray *known, const Run *newest)
{
    const Run *first = known && known->len > 0 ? g_ptr_array_index(known, 0) : NULL;
    return first && newest && first->id == newest->id;
}

/* One by one, so that only one result is in memory at a time; not at all where none is new. */
static void
read_runs(Dossier *dossier, Store *store, gint64 id, GPtrArray *known, GError **error)
{
    gint64 before = 0;
    dossier->runs = g_ptr_array_new_with_free_func(run_destroy);
    for (guint i = 0; i <= RUNS_MAX; i++) {
        g_autoptr(GPtrArray) page = store_runs(store, id, before, 1, error);
        Run *run = page && page->len > 0 ? g_ptr_array_index(page, 0) : NULL;
        if (i == 0 && same_newest(known, run)) {
            g_ptr_array_unref(dossier->runs);
            dossier->runs = g_ptr_array_ref(known);
            dossier->more_runs = known->len == RUNS_MAX;
            return;
        }
        dossier->more_runs = run && i == RUNS_MAX;
        if (!run || i == RUNS_MAX)
            return;
        before = run->id;
        g_clear_pointer(&run->result, g_free);
        g_ptr_array_add(dossier->runs, g_ptr_array_steal_index(page, 0));
    }
}

static void
request_destroy(gpointer data)
{
    request_free(data);
}

static void
link_request(Dossier *dossier, Store *store, gint64 id)
{
    Request *other = id > 0 ? store_request_get(store, id, NULL) : NULL;
    if (other)
        g_ptr_array_add(dossier->linked, other);
}

/* The one that it corrects, and those that its events name as corrections. */
static void
read_linked(Dossier *dossier, Store *store)
{
    dossier->linked = g_ptr_array_new_with_free_func(request_destroy);
    link_request(dossier, store, dossier->request->corrects);
    for (guint i = dossier->events->len; i > 0; i--) {
        const Event *event = g_ptr_array_index(dossier->events, i - 1);
        if (g_strcmp0(event->kind, "correct") != 0 || !event->detail)
            continue;
        g_autoptr(cJSON) json = json_parse(event->detail, strlen(event->detail), "event", NULL);
        link_request(dossier, store, json_int(json, "correction", 0));
    }
}

static void
read_claim(Dossier *dossier, Store *store)
{
    g_autoptr(GPtrArray) claims = store_claims(store, dossier->request->id, NULL);
    for (guint i = 0; claims && i < claims->len && !dossier->claim; i++) {
        const Claim *claim = g_ptr_array_index(claims, i);
        if (!claim_is_own(claim))
            dossier->claim =
                g_strdup_printf("%s is %s at it", claim->actor ? claim->actor : "somebody",
                                claim->what ? claim->what : "looking");
    }
}

Dossier *
dossier_read(Store *store, gint64 id, GPtrArray *known)
{
    Dossier *dossier = g_new0(Dossier, 1);
    g_autoptr(GError) error = NULL;
    dossier->request = store_request_get(store, id, &error);
    if (!error)
        read_runs(dossier, store, id, known, &error);
    if (!error)
        dossier->approvals = store_approvals(store, id, &error);
    if (!error)
        dossier->posts = store_posts(store, id, &error);
    if (!error)
        dossier->events = store_events(store, id, 0, EVENTS_MAX, &error);
    if (!error) {
        read_linked(dossier, store);
        read_claim(dossier, store);
    }
    const char *message = dossier->request ? dossier->request->message : NULL;
    if (message)
        dossier->message = json_parse(message, strlen(message), "message", NULL);
    if (error)
        dossier->error = g_strdup(error->message);
    return dossier;
}

void
dossier_free(Dossier *dossier)
{
    if (!dossier)
        return;
    request_free(dossier->request);
    cJSON_Delete(dossier->message);
    g_clear_pointer(&dossier->runs, g_ptr_array_unref);
    g_clear_pointer(&dossier->approvals, g_ptr_array_unref);
    g_clear_pointer(&dossier->posts, g_ptr_array_unref);
    g_clear_pointer(&dossier->events, g_ptr_array_unref);
    g_clear_pointer(&dossier->linked, g_ptr_array_unref);
    g_free(dossier->claim);
    g_free(dossier->error);
    g_free(dossier);
}

const Run *
dossier_counting(const Dossier *dossier)
{
    for (guint i = 0; dossier->runs && i < dossier->runs->len; i++) {
        const Run *run = g_ptr_array_index(dossier->runs, i);
        if (run->id == dossier->request->run_id)
            return run;
    }
    return NULL;
}
