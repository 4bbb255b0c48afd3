/* dossier.c: everything about one request, read on the reader's thread. */
#include "tui/views/request.h"

#define RUNS_MAX   50
#define EVENTS_MAX 500

static void
breakdown_destroy(gpointer data)
{
    breakdown_free(data);
}

static void
read_runs(Dossier *dossier, Store *store, gint64 id, GError **error)
{
    g_autoptr(GPtrArray) runs = store_runs(store, id, 0, RUNS_MAX, error);
    dossier->runs = g_ptr_array_new_with_free_func(breakdown_destroy);
    for (guint i = 0; runs && i < runs->len; i++) {
        const Run *brief = g_ptr_array_index(runs, i);
        Run *whole = store_run_get(store, brief->id, NULL);
        if (whole)
            g_ptr_array_add(dossier->runs, breakdown_new(whole));
    }
}

Dossier *
dossier_read(Store *store, gint64 id)
{
    Dossier *dossier = g_new0(Dossier, 1);
    g_autoptr(GError) error = NULL;
    dossier->request = store_request_get(store, id, &error);
    if (!error)
        read_runs(dossier, store, id, &error);
    if (!error)
        dossier->approvals = store_approvals(store, id, &error);
    if (!error)
        dossier->posts = store_posts(store, id, &error);
    if (!error)
        dossier->events = store_events(store, id, 0, EVENTS_MAX, &error);
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
    g_clear_pointer(&dossier->runs, g_ptr_array_unref);
    g_clear_pointer(&dossier->approvals, g_ptr_array_unref);
    g_clear_pointer(&dossier->posts, g_ptr_array_unref);
    g_clear_pointer(&dossier->events, g_ptr_array_unref);
    g_free(dossier->error);
    g_free(dossier);
}

const Breakdown *
dossier_counting(const Dossier *dossier)
{
    for (guint i = 0; dossier->runs && i < dossier->runs->len; i++) {
        const Breakdown *breakdown = g_ptr_array_index(dossier->runs, i);
        if (breakdown->run->id == dossier->request->run_id)
            return breakdown;
    }
    return NULL;
}
