/* runs.c: the calculations and the approvals that name them. */
#include "store/search.h"

static gboolean
add_run(Store *store, void *data, GError **error)
{
    Run *run = data;
    gint64 number = 0;
    return sql_query_int(
               store, &number, error,
               "SELECT number FROM runs WHERE request_id = ?1 ORDER BY number DESC LIMIT 1", "i",
               run->request_id) &&
           (run->number = number + 1, sql_insert(store, &table_runs, run, &run->id, error));
}

gboolean
store_run_add(Store *store, Run *run, GError **error)
{
    gint64 id = run->id, number = run->number;
    if (store_transact(store, add_run, run, error))
        return TRUE;
    run->id = id;
    run->number = number;
    return FALSE;
}

Run *
store_run_get(Store *store, gint64 id, GError **error)
{
    g_autofree char *missing = g_strdup_printf("run with id %" G_GINT64_FORMAT, id);
    return sql_row(store, &table_runs, missing, error, "WHERE r.id = ?1", "i", id);
}

Run *
store_run_by_number(Store *store, gint64 request_id, gint64 number, GError **error)
{
    g_autofree char *missing = g_strdup_printf(
        "run %" G_GINT64_FORMAT " of request %" G_GINT64_FORMAT, number, request_id);
    return sql_row(store, &table_runs, missing, error, "WHERE r.request_id = ?1 AND r.number = ?2",
                   "ii", request_id, number);
}

GPtrArray *
store_runs(Store *store, gint64 request_id, gint64 before_id, guint limit, GError **error)
{
    gint64 before = before_id > 0 ? before_id : G_MAXINT64;
    gint64 most = limit ? (gint64)limit : -1;
    if (request_id)
        return sql_rows(store, &table_runs, error,
                        "WHERE r.request_id = ?1 AND r.id < ?2 ORDER BY r.id DESC LIMIT ?3", "iii",
                        request_id, before, most);
    return sql_rows(store, &table_runs, error, "WHERE r.id < ?1 ORDER BY r.id DESC LIMIT ?2", "ii",
                    before, most);
}

static gboolean
add_approval(Store *store, void *data, GError **error)
{
    Approval *approval = data;
    return sql_run(store, error,
                   "UPDATE approvals SET voided_at = ?1, voided_why = 'expired' WHERE "
                   "request_id = ?2 AND voided_at = 0 AND expires_at <> 0 AND expires_at <= ?1",
                   "ii", sql_now(store), approval->request_id) &&
           sql_insert(store, &table_approvals, approval, &approval->id, error) &&
           search_add_person(store, approval->request_id, approval->actor, error);
}

gboolean
store_approval_add(Store *store, Approval *approval, GError **error)
{
    gint64 id = approval->id;
    if (store_transact(store, add_approval, approval, error))
        return TRUE;
    approval->id = id;
    return FALSE;
}

GPtrArray *
store_approvals(Store *store, gint64 request_id, GError **error)
{
    return sql_rows(store, &table_approvals, error, "WHERE a.request_id = ?1 ORDER BY a.id", "i",
                    request_id);
}

typedef struct {
    gint64 request_id;
    const char *why;
} Voiding;

static gboolean
void_approvals(Store *store, void *data, GError **error)
{
    const Voiding *voiding = data;
    return sql_run(store, error,
                   "UPDATE approvals SET voided_at = ?1, voided_why = ?2 WHERE request_id = ?3 AND "
                   "voided_at = 0",
                   "isi", sql_now(store), voiding->why, voiding->request_id);
}

gboolean
store_approvals_void(Store *store, gint64 request_id, const char *why, GError **error)
{
    Voiding voiding = {request_id, why};
    return store_transact(store, void_approvals, &voiding, error);
}

gboolean
store_approved_since(Store *store, const char *person, gint64 uid, gint64 since, gint64 *amount,
                     gint64 *count, GError **error)
{
    g_autoptr(Statement) row = sql_prepare(
        store,
        "SELECT q.amount FROM requests q WHERE q.amount IS NOT NULL AND q.state NOT IN "
        "('rejected', 'ignored') AND q.id IN (SELECT a.request_id FROM approvals a WHERE a.at >= "
        "?1 "
        "AND a.voided_at = 0 AND a.method <> 'auto' AND (a.person = ?2 OR (?3 >= 0 AND a.uid = "
        "?3)))",
        error);
    Step step = STEP_FAIL;
    *amount = *count = 0;
    if (!row)
        return FALSE;
    sql_bind(row, "isi", since, person, uid);
    for (; (step = sql_step(row, error)) == STEP_ROW; (*count)++)
        if (__builtin_add_overflow(*amount, sql_int(row, 0), amount))
            *amount = G_MAXINT64;
    return step == STEP_DONE;
}
