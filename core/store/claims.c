/* claims.c: who looks at a request now, so that two operators see each other. */
#include "store/lease.h"

typedef struct {
    gint64 request_id, uid;
    const char *actor, *what;
} Claiming;

/* The rows of holders that are gone, seen from here. */
static gboolean
clean(Store *store, GError **error)
{
    g_autoptr(GPtrArray) all =
        sql_rows(store, &table_claims, error, "ORDER BY c.request_id, c.since", "");
    for (guint i = 0; all && i < all->len; i++) {
        const Claim *c = all->pdata[i];
        if (holder_gone(store, c->host, c->boot, c->pid, c->start, c->heartbeat) &&
            !sql_run(store, error,
                     "DELETE FROM claims WHERE (request_id, host, boot, pid, start) = "
                     "(?1, ?2, ?3, ?4, ?5)",
                     "issii", c->request_id, c->host, c->boot, c->pid, c->start))
            return FALSE;
    }
    return all != NULL;
}

static gboolean
set_claim(Store *store, void *data, GError **error)
{
    const Claiming *claiming = data;
    const Holder *self = holder_self();
    gint64 known = 0;
    if (!sql_query_int(store, &known, error, "SELECT id FROM requests WHERE id = ?1", "i",
                       claiming->request_id))
        return FALSE;
    if (!known) {
        g_set_error(error, CREDITBOT_ERROR, ERR_NOT_FOUND, "there is no request %" G_GINT64_FORMAT,
                    claiming->request_id);
        return FALSE;
    }
    return clean(store, error) &&
           sql_run(store, error,
                   "INSERT INTO claims (request_id, host, boot, pid, start, uid, actor, what, "
                   "since, heartbeat) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9) "
                   "ON CONFLICT DO UPDATE SET heartbeat = ?9, actor = ?7, what = ?8",
                   "issiiissi", claiming->request_id, self->host, self->boot, self->pid,
                   self->start, claiming->uid, claiming->actor, claiming->what, sql_now(store));
}

gboolean
store_claim_set(Store *store, gint64 request_id, gint64 uid, const char *actor, const char *what,
                GError **error)
{
    Claiming claiming = {request_id, uid, actor, what};
    return store_transact(store, set_claim, &claiming, error);
}

static gboolean
clear_claims(Store *store, void *data, GError **error)
{
    const Holder *self = holder_self();
    return sql_run(store, error,
                   "DELETE FROM claims WHERE (?1 = 0 OR request_id = ?1) AND "
                   "(host, boot, pid, start) = (?2, ?3, ?4, ?5)",
                   "issii", *(const gint64 *)data, self->host, self->boot, self->pid, self->start);
}

gboolean
store_claim_clear(Store *store, gint64 request_id, GError **error)
{
    return store_transact(store, clear_claims, &request_id, error);
}

static gboolean
release_claims(Store *store, void *data, GError **error)
{
    gint64 id = *(const gint64 *)data;
    if (!clean(store, error) ||
        !sql_run(store, error, "DELETE FROM claims WHERE request_id = ?1", "i", id))
        return FALSE;
    if (sqlite3_changes64(store->db) > 0)
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_NOT_FOUND, "nobody holds request %" G_GINT64_FORMAT,
                id);
    return FALSE;
}

gboolean
store_claim_release(Store *store, gint64 request_id, GError **error)
{
    return store_transact(store, release_claims, &request_id, error);
}

GPtrArray *
store_claims(Store *store, gint64 request_id, GError **error)
{
    g_autoptr(GPtrArray) all =
        request_id ? sql_rows(store, &table_claims, error,
                              "WHERE c.request_id = ?1 ORDER BY c.since", "i", request_id)
                   : sql_rows(store, &table_claims, error, "ORDER BY c.request_id, c.since", "");
    for (guint i = all ? all->len : 0; i > 0; i--) {
        const Claim *c = all->pdata[i - 1];
        if (holder_gone(store, c->host, c->boot, c->pid, c->start, c->heartbeat))
            g_ptr_array_remove_index(all, i - 1);
    }
    return g_steal_pointer(&all);
}

gboolean
claim_is_own(const Claim *claim)
{
    const Holder *self = holder_self();
    return claim->pid == self->pid && claim->start == self->start &&
           g_strcmp0(claim->host, self->host) == 0 && g_strcmp0(claim->boot, self->boot) == 0;
}
