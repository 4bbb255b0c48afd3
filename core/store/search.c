/* search.c: the index over the words of requests: what goes into it, and what is looked up. */
#include "store/search.h"

#include <string.h>

#include "base/query.h"
#include "base/text.h"

/* Kinds of documents: rowid modulo 4. */
enum { KIND_ROW, KIND_MESSAGE, KIND_SQL, KIND_PERSON };

#define GRAM      3  /* characters of a token */
#define MOST_PART 64 /* tokens of a needle that are looked up */

gboolean
search_check(Store *store, GError **error)
{
    if (sqlite3_compileoption_used("ENABLE_FTS5"))
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                "%s cannot be opened: the SQLite library here (%s) was built without FTS5, which "
                "the search needs: install one that has it, as Debian's libsqlite3-0 does",
                store->path, sqlite3_libversion());
    return FALSE;
}

gboolean
search_rebuild(Store *store, GError **error)
{
    return sql_script(store, SEARCH_FILL, error);
}

/* -- what goes in -- */

void
search_row_clear(SearchRow *row)
{
    for (int i = 0; i < SEARCH_WIDTH; i++)
        g_clear_pointer(&row->values[i], g_free);
    g_clear_pointer(&row->text, g_free);
    g_clear_pointer(&row->sql, g_free);
}

gboolean
search_row_read(Store *store, gint64 id, SearchRow *row, GError **error)
{
    g_autoptr(Statement) statement =
        sql_prepare(store,
                    "SELECT " SEARCH_NAMES ", text, sql FROM requests "
                    "CROSS JOIN request_texts USING (id) WHERE requests.id = ?1",
                    error);
    if (!statement)
        return FALSE;
    sql_bind_int(statement, 1, id);
    Step step = sql_step(statement, error);
    if (step != STEP_ROW)
        return step == STEP_DONE;
    for (int i = 0; i < SEARCH_WIDTH; i++)
        row->values[i] = g_strdup(sql_text(statement, i));
    row->text = g_strdup(sql_text(statement, SEARCH_WIDTH));
    row->sql = g_strdup(sql_text(statement, SEARCH_WIDTH + 1));
    return TRUE;
}

static void
bind_folded(Statement *statement, int at, const char *text)
{
    if (text)
        sqlite3_bind_text(sql_raw(statement), at, query_fold(text), -1, g_free);
}

/* One text of its own: of a kind (search.h), or of an SQL. */
static gboolean
add_text(Store *store, gint64 id, gint64 kind, const char *text, GError **error)
{
    g_autoptr(Statement) statement =
        sql_prepare(store, "INSERT INTO search (rowid, text) VALUES (4 * ?1 + ?2, ?3)", error);
    if (!statement)
        return FALSE;
    sql_bind(statement, "ii", id, kind);
    bind_folded(statement, 3, text);
    return sql_step(statement, error) != STEP_FAIL;
}

static gboolean
add_row(Store *store, const Request *request, const SearchRow *known, GError **error)
{
    /* In the order of SEARCH_NAMES. */
    const char *const values[SEARCH_WIDTH] = {
        request->customer, request->requester, request->requester_name,
        request->product,  request->title,     request->link_ref,
        request->note,     request->unusual,   request->error,
    };
    gboolean news = FALSE;
    for (int i = 0; i < SEARCH_WIDTH; i++)
        news = news || (values[i] && g_strcmp0(values[i], known->values[i]) != 0);
    if (!news)
        return TRUE;
    g_autoptr(Statement) statement =
        sql_prepare(store,
                    "INSERT INTO search (rowid, " SEARCH_NAMES ") VALUES (4 * ?1, ?2, ?3, ?4, ?5, "
                    "?6, ?7, ?8, ?9, ?10)",
                    error);
    if (!statement)
        return FALSE;
    sql_bind_int(statement, 1, request->id);
    for (int i = 0; i < SEARCH_WIDTH; i++)
        if (g_strcmp0(values[i], known->values[i]) != 0)
            bind_folded(statement, i + 2, values[i]);
    return sql_step(statement, error) != STEP_FAIL;
}

/* An SQL text is known by its hash: most are asked again and again. */
static gboolean
add_sql(Store *store, const Request *request, GError **error)
{
    if (!request->sql)
        return sql_run(store, error, "UPDATE request_texts SET sql_id = NULL WHERE id = ?1", "i",
                       request->id);
    g_autofree char *hash =
        request->sql_sha256 ? NULL : text_sha256(request->sql, strlen(request->sql));
    const char *sha256 = hash ? hash : request->sql_sha256;
    gint64 id = 0;
    if (!sql_query_int(store, &id, error, "SELECT id FROM sqls WHERE sha256 = ?1", "s", sha256))
        return FALSE;
    if (!id) {
        if (!sql_run(store, error, "INSERT INTO sqls (sha256) VALUES (?1)", "s", sha256))
            return FALSE;
        id = sqlite3_last_insert_rowid(store->db);
        if (!add_text(store, id, KIND_SQL, request->sql, error))
            return FALSE;
    }
    return sql_run(store, error, "UPDATE request_texts SET sql_id = ?1 WHERE id = ?2", "ii", id,
                   request->id);
}

gboolean
search_add(Store *store, const Request *request, const SearchRow *known, GError **error)
{
    return add_row(store, request, known, error) &&
           (!request->text || g_strcmp0(request->text, known->text) == 0 ||
            add_text(store, request->id, KIND_MESSAGE, request->text, error)) &&
           (g_strcmp0(request->sql, known->sql) == 0 || add_sql(store, request, error));
}

gboolean
search_add_person(Store *store, gint64 request_id, const char *actor, GError **error)
{
    return !actor || add_text(store, request_id, KIND_PERSON, actor, error);
}

/* -- what is looked up -- */

char *
search_match(const char *folded)
{
    g_autoptr(GString) match = g_string_new(NULL);
    guint parts = 0;
    for (const char *p = folded; *p && parts < MOST_PART; p += g_utf8_skip[(guchar)*p]) {
        const char *end = p;
        int n = 0;
        while (n < GRAM && *end) {
            end += g_utf8_skip[(guchar)*end];
            n++;
        }
        if (n < GRAM)
            continue;
        g_string_append(match, parts++ ? " AND \"" : "\"");
        for (const char *c = p; c < end; c++) {
            if (*c == '"')
                g_string_append_c(match, '"');
            g_string_append_c(match, *c);
        }
        g_string_append_c(match, '"');
    }
    return parts ? g_string_free(g_steal_pointer(&match), FALSE) : NULL;
}

void
search_add_hits(GString *sql, int at)
{
    g_string_append_printf(
        sql,
        "SELECT s.rowid / 4 FROM search s WHERE s.search MATCH ?%d AND s.rowid %% 4 <> 2 "
        "UNION ALL SELECT t.id FROM search s CROSS JOIN request_texts t ON t.sql_id = s.rowid / 4 "
        "WHERE s.search MATCH ?%d AND s.rowid %% 4 = 2",
        at, at);
}
