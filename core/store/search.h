/* search.h: the index over the words of requests, inside core/store.
 *
 * FTS5 with three-character tokens (sqlite.org/fts5.html, 4.3.5): it finds any part of a word,
 * which is what people type. It holds no text and no positions, so that it stays small, and what
 * was once said of a request stays in it: what it finds are candidates, which the statement then
 * checks. Four kinds of documents share it, told apart by their rowid: what a request's row says (4
 * id), its message (4 id + 1), an SQL text (4 sqls.id + 2), which is there once for all requests
 * that have it, and who decided (4 id + 3).
 *
 * Texts go in as query_fold() makes them, as comparisons see them: ß is ss.
 *
 * The writers of core/store keep it, not triggers: SQLite lets none of those touch a virtual table
 * while the schema of a file is not trusted (SQLITE_DBCONFIG_TRUSTED_SCHEMA). */
#ifndef STORE_SEARCH_H
#define STORE_SEARCH_H

#include "store/sql.h"

#define SEARCH_NAMES                                                                               \
    "customer, requester, requester_name, product, title, link_ref, note, unusual, error"
#define SEARCH_FOLDED                                                                              \
    "fold(customer), fold(requester), fold(requester_name), fold(product), fold(title), "          \
    "fold(link_ref), fold(note), fold(unusual), fold(error)"
#define SEARCH_WIDTH 9

#define SEARCH_TABLES                                                                              \
    "CREATE VIRTUAL TABLE search USING fts5 (text, " SEARCH_NAMES ", content='', columnsize=0,"    \
    " detail=none, tokenize='trigram');"                                                           \
    "CREATE TABLE sqls (id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE) STRICT;"              \
    "ALTER TABLE request_texts ADD COLUMN sql_id INTEGER REFERENCES sqls (id);"

/* All of it from the requests. The memory for it is raised meanwhile: fewer, larger pieces. */
#define SEARCH_FILL                                                                                \
    "INSERT INTO search (search) VALUES ('delete-all');"                                           \
    "INSERT INTO search (search, rank) VALUES ('hashsize', 67108864);"                             \
    "DROP INDEX IF EXISTS request_texts_sql;"                                                      \
    "UPDATE request_texts SET sql_id = NULL WHERE sql_id IS NOT NULL;"                             \
    "DELETE FROM sqls;"                                                                            \
    "INSERT INTO sqls (sha256) SELECT DISTINCT ifnull(q.sql_sha256, 'request ' || q.id)"           \
    " FROM requests q JOIN request_texts t ON t.id = q.id WHERE t.sql IS NOT NULL;"                \
    "UPDATE request_texts SET sql_id = (SELECT s.id FROM requests q JOIN sqls s"                   \
    " ON s.sha256 = ifnull(q.sql_sha256, 'request ' || q.id) WHERE q.id = request_texts.id)"       \
    " WHERE sql IS NOT NULL;"                                                                      \
    "CREATE INDEX request_texts_sql ON request_texts (sql_id) WHERE sql_id IS NOT NULL;"           \
    "INSERT INTO search (rowid, " SEARCH_NAMES ") SELECT 4 * id, " SEARCH_FOLDED                   \
    " FROM requests ORDER BY id;"                                                                  \
    "INSERT INTO search (rowid, text) SELECT 4 * id + 1, fold(text) FROM request_texts"            \
    " WHERE text IS NOT NULL ORDER BY id;"                                                         \
    "INSERT INTO search (rowid, text) SELECT 4 * s.id + 2,"                                        \
    " (SELECT fold(t.sql) FROM request_texts t WHERE t.sql_id = s.id LIMIT 1) FROM sqls s ORDER "  \
    "BY id;"                                                                                       \
    "INSERT INTO search (rowid, text) SELECT 4 * id + 3, fold(decided_by) FROM requests"           \
    " WHERE decided_by IS NOT NULL ORDER BY id;"                                                   \
    "INSERT INTO search (search, rank) VALUES ('hashsize', 1048576);"

/* The library must have been built with FTS5 (Debian's and most are): ERR_CONFIG when it is not. */
gboolean search_check(Store *store, GError **error);
/* All of it anew, from the requests. */
gboolean search_rebuild(Store *store, GError **error);

/* What the index knows of a request, to be compared with what is saved. */
typedef struct {
    char *values[SEARCH_WIDTH];
    char *text, *sql;
} SearchRow;
void search_row_clear(SearchRow *row);
gboolean search_row_read(Store *store, gint64 id, SearchRow *row, GError **error);
/* Indexes what a request (as it was just written and read back) says beyond known, which may be
 * empty, and names its SQL in request_texts. */
gboolean search_add(Store *store, const Request *request, const SearchRow *known, GError **error);
/* Somebody decided about a request. */
gboolean search_add_person(Store *store, gint64 request_id, const char *actor, GError **error);

/* What to MATCH for texts that hold what query_fold() made: a superset of them, in their parts of
 * three characters. NULL when there is no such part: then only reading helps. Caller frees. */
char *search_match(const char *folded);
/* A subselect of the ids of requests that match the parameter ?at. Appended to sql. */
void search_add_hits(GString *sql, int at);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SearchRow, search_row_clear)

#endif
