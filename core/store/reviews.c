/* reviews.c: what was approved by breaking the glass, and who looked at it afterwards. */
#include "store/sql.h"

void
break_glass_free(BreakGlass *glass)
{
    if (!glass)
        return;
    approval_free(glass->approval);
    request_free(glass->request);
    review_free(glass->review);
    g_free(glass);
}

typedef struct {
    gboolean open_only;
    GPtrArray *found; /* BreakGlass * */
} Looking;

static gboolean
add_glass(Store *store, Approval *approval, GPtrArray *found, GError **error)
{
    BreakGlass *glass = g_new0(BreakGlass, 1);
    glass->approval = approval;
    g_ptr_array_add(found, glass);
    g_autoptr(GPtrArray) reviews =
        sql_rows(store, &table_reviews, error, "WHERE v.approval_id = ?1", "i", approval->id);
    if (!reviews)
        return FALSE;
    if (reviews->len)
        glass->review = g_ptr_array_steal_index(reviews, 0);
    glass->request = store_request_get(store, approval->request_id, error);
    return glass->request != NULL;
}

static gboolean
look(Store *store, void *data, GError **error)
{
    const Looking *looking = data;
    const char *tail = looking->open_only
                           ? "WHERE a.method = 'break-glass' AND a.voided_at = 0 AND NOT EXISTS "
                             "(SELECT 1 FROM reviews v WHERE v.approval_id = a.id) ORDER BY a.id"
                           : "WHERE a.method = 'break-glass' AND a.voided_at = 0 ORDER BY a.id";
    g_autoptr(GPtrArray) approvals = sql_rows(store, &table_approvals, error, tail, "");
    if (!approvals)
        return FALSE;
    while (approvals->len)
        if (!add_glass(store, g_ptr_array_steal_index(approvals, 0), looking->found, error))
            return FALSE;
    return TRUE;
}

GPtrArray *
store_break_glass(Store *store, gboolean open_only, GError **error)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)break_glass_free);
    Looking looking = {open_only, found};
    return store_snapshot(store, look, &looking, error) ? g_steal_pointer(&found) : NULL;
}

static gboolean
add_review(Store *store, void *data, GError **error)
{
    Review *review = data;
    return sql_insert(store, &table_reviews, review, &review->id, error);
}

gboolean
store_review_add(Store *store, Review *review, GError **error)
{
    gint64 id = review->id;
    if (store_transact(store, add_review, review, error))
        return TRUE;
    review->id = id;
    g_prefix_error(error, "the review of approval %" G_GINT64_FORMAT " is not recorded: ",
                   review->approval_id);
    return FALSE;
}
