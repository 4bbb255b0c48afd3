/* due.c: posts what is approved and past its hold. */
#include "engine/desk_private.h"

#include "base/error.h"

static gboolean
collect_id(Request *request, void *data)
{
    g_array_append_val(data, request->id);
    return TRUE;
}

static gboolean
due_ids(Desk *desk, gint64 id, GArray *ids, GError **error)
{
    RequestFilter filter = {.states = STATE_BIT(STATE_APPROVED), .brief = TRUE};

    if (id) {
        g_array_append_val(ids, id);
        return TRUE;
    }
    return store_requests(desk->store, &filter, collect_id, ids, error);
}

/* One request, named by the caller: its failure is the caller's answer. */
static gboolean
post_one(Desk *desk, gint64 id, guint *posted, Cancel *cancel, GError **error)
{
    WorkResult result = {0};

    if (!work_request(desk, id, WORK_POST, &result, cancel, error))
        return FALSE;
    *posted += result.posted;
    if (!result.failed)
        return TRUE;
    g_autoptr(Request) request = desk_request(desk, id, error);
    if (request)
        g_set_error(error, CREDITBOT_ERROR, ERR_REFUSED,
                    "request %" G_GINT64_FORMAT " was not posted: %s", id,
                    request->error ? request->error : "see its log");
    return FALSE;
}

gboolean
desk_post_due(Desk *desk, gint64 id, guint *posted, Cancel *cancel, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    guint count = 0;

    if (!post_recover(desk, id, &count, NULL, cancel, error) || !due_ids(desk, id, ids, error))
        return FALSE;
    gboolean ok = TRUE;
    for (guint i = 0; i < ids->len && !cancel_fired(cancel); i++) {
        g_autoptr(GError) cause = NULL;

        if (post_one(desk, g_array_index(ids, gint64, i), &count, cancel, &cause))
            continue;
        log_write(desk->log, LOG_LEVEL_WARN, "post", "%s", cause->message);
        if (ok)
            g_propagate_error(error, g_steal_pointer(&cause));
        ok = FALSE;
    }
    if (posted)
        *posted = count;
    return ok;
}
