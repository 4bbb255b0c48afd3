/* posts.c: what was decided to be said in Slack, committed before it is sent. */
#include "store/sql.h"

static gboolean
add_post(Store *store, void *data, GError **error)
{
    Post *post = data;
    return sql_insert(store, &table_posts, post, &post->id, error);
}

gboolean
store_post_add(Store *store, Post *post, GError **error)
{
    gint64 id = post->id;
    if (store_transact(store, add_post, post, error))
        return TRUE;
    post->id = id;
    g_prefix_error(error, "the %s of request %" G_GINT64_FORMAT " is not posted: ", post->kind,
                   post->request_id);
    return FALSE;
}

typedef struct {
    const Post *post;
} Saving;

static gboolean
save_post(Store *store, void *data, GError **error)
{
    const Post *post = ((const Saving *)data)->post;
    /* The fixed columns are written too, so that the table can refuse another text or nonce. */
    g_autoptr(GString) sql = g_string_new("UPDATE posts SET ");
    int at = table_add_assignments(sql, &table_posts, 1);
    for (const Column *c = table_posts.columns; c->name; c++)
        if (c->role == ROLE_FIXED)
            g_string_append_printf(sql, ", %s = ?%d", c->name, at++);
    g_string_append_printf(sql, " WHERE id = ?%d", at);
    g_autoptr(Statement) statement = sql_prepare(store, sql->str, error);
    if (!statement)
        return FALSE;
    at = sql_bind_row(statement, 1, &table_posts, ROLE_STORED, post);
    at = sql_bind_row(statement, at, &table_posts, ROLE_FIXED, post);
    sql_bind_int(statement, at, post->id);
    if (sql_step(statement, error) == STEP_FAIL)
        return FALSE;
    if (sqlite3_changes64(store->db) > 0)
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_NOT_FOUND, "there is no post with id %" G_GINT64_FORMAT,
                post->id);
    return FALSE;
}

gboolean
store_post_save(Store *store, const Post *post, GError **error)
{
    Saving saving = {post};
    return store_transact(store, save_post, &saving, error);
}

Post *
store_post_get(Store *store, gint64 id, GError **error)
{
    g_autofree char *missing = g_strdup_printf("post with id %" G_GINT64_FORMAT, id);
    return sql_row(store, &table_posts, missing, error, "WHERE p.id = ?1", "i", id);
}

GPtrArray *
store_posts(Store *store, gint64 request_id, GError **error)
{
    return sql_rows(store, &table_posts, error, "WHERE p.request_id = ?1 ORDER BY p.id", "i",
                    request_id);
}

GPtrArray *
store_posts_open(Store *store, GError **error)
{
    return sql_rows(store, &table_posts, error,
                    "WHERE p.status IN ('intent', 'sending', 'unclear', 'unconfirmed') "
                    "ORDER BY p.id",
                    "");
}
