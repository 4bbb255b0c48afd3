/* warehouse.h: one interface to what runs SQL: Trino and Presto over their HTTP statement protocol
 * (trino.io client-protocol; protocols.md 3), SQLite for the embedded default and exported files.
 *
 * Thread-safe: each query is independent. Memory is bounded by one result page. */
#ifndef SERVICES_WAREHOUSE_H
#define SERVICES_WAREHOUSE_H

#include <glib.h>
#include "base/config.h"
#include "net/http.h"

typedef struct Warehouse Warehouse;

/* From [warehouse]; ERR_CONFIG for a driver that this build lacks. */
Warehouse *warehouse_new(Http *http, const Config *config, Log *log, GError **error);
void warehouse_free(Warehouse *warehouse);
const char *warehouse_name(const Warehouse *warehouse); /* "trino https://…" for people. Borrowed */

typedef struct {
    const char *query_id;
    const char *state; /* the engine's word: QUEUED, RUNNING … */
    double percent;    /* -1: unknown */
    gint64 rows;       /* processed so far */
    gint64 bytes;
    gint64 elapsed; /* microseconds since submission */
} WarehouseProgress;

typedef struct {
    /* Once, before the first row; NULL-terminated names. FALSE with error stops. May be NULL. */
    gboolean (*columns)(const char *const *names, const char *const *types, void *data,
                        GError **error);
    /* Per row; cells as text exactly as sent (integers not through double), NULL for null; valid
     * during the call only. FALSE with error stops and cancels the query. */
    gboolean (*row)(const char *const *cells, gsize n, void *data, GError **error);
    void (*progress)(const WarehouseProgress *progress, void *data); /* may be NULL */
    void *data;
} WarehouseSink;

typedef struct {
    gint64 timeout;  /* microseconds for the whole query; 0: [warehouse] timeout */
    gint64 max_rows; /* more is ERR_INPUT; 0: [warehouse] max_rows */
} WarehouseLimits;

/* Runs one statement, which must pass sql_guard(), to its end. On cancel, time-out, too many rows
 * or a stop by the sink the query is cancelled on the server (DELETE, at most 2 s; the server has
 * the same time limit as a session property). *query_id (may be NULL; caller frees) is set as soon
 * as known, on failure too; SQLite has none. The sink is called from the calling thread.
 *
 * Errors: ERR_INPUT the statement is wrong (the engine's message, with line and column) or has too
 * many rows; ERR_AUTH credentials or rights; ERR_BUSY, ERR_UNREACHABLE may pass; ERR_TIMEOUT,
 * ERR_CANCELLED; ERR_REFUSED an administrator ended it, or the server sends us to another host
 * (nothing is sent there); ERR_BAD_ANSWER malformed or cut: rows that came before an error count
 * for nothing. */
gboolean warehouse_run(Warehouse *warehouse, const char *sql, const WarehouseLimits *limits,
                       const WarehouseSink *sink, char **query_id, Cancel *cancel, GError **error);

/* Column names of a statement (SELECT * FROM (sql) LIMIT 0), in order, duplicates too. Lines in an
 * error are the statement's own. NULL-terminated; caller g_strfreev. */
char **warehouse_columns(Warehouse *warehouse, const char *sql, Cancel *cancel, GError **error);

/* SELECT 1 within a minute, for doctor. *version as the engine tells it (NULL when it does not).
 * Caller frees. */
gboolean warehouse_check(Warehouse *warehouse, char **version, Cancel *cancel, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Warehouse, warehouse_free)

#endif
