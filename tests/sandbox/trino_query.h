/* trino_query.h: one query in the memory of this process: its statement, its pages, its state. */
#ifndef SANDBOX_TRINO_QUERY_H
#define SANDBOX_TRINO_QUERY_H

#include "server.h"
#include "trino_sql.h"

typedef enum { QUERY_QUEUED, QUERY_RUNNING, QUERY_FINISHED, QUERY_FAILED } TrinoState;

/* How a column's values are written. */
typedef enum { CELL_TEXT, CELL_INTEGER, CELL_DOUBLE, CELL_BOOLEAN, CELL_DECIMAL } TrinoCellKind;

typedef struct {
    TrinoCellKind kind;
    int scale;
} TrinoCell;

typedef struct {
    /* set by the one that submits it */
    char *id, *slug, *base, *sql, *schema, *db_path;
    gboolean presto;
    guint64 number;
    gint64 page_rows, page_ms, work_us, limit_us, queued_polls, clock_offset;
    gint64 submitted, touched; /* monotonic */
    /* under the mutex */
    GMutex mutex;
    GCond wake;
    gboolean working, canceled;
    TrinoState state;
    gint64 queued_token, executing_token; /* of the newest page; -1 before the first */
    char *queued_page, *executing_page;
    sqlite3 *db;
    sqlite3_stmt *statement;
    TrinoSql translated;
    GPtrArray *names, *types; /* char * a column; types may be settled by the first row */
    GArray *cells;            /* TrinoCell a column, from the first row on */
    guint64 rows, bytes;
    double progress;
    TrinoError error;
} TrinoQuery;

typedef struct {
    Sandbox *sandbox;
    gboolean executing;
    gint64 token;
    gint64 wait_us; /* how long the poll may be held */
    gsize bytes;    /* size of a page */
    gboolean gone;  /* out: the token's page is past */
} TrinoPoll;

TrinoQuery *trino_query_new(const char *sql, const char *schema, const char *db_path);
TrinoQuery *trino_query_ref(TrinoQuery *query);
void trino_query_unref(TrinoQuery *query);

/* The answer to the POST. Caller frees. */
char *trino_query_submitted(TrinoQuery *query);
/* The page of a token: the same for the same token, the next for the next; NULL for others.
 * Caller frees. */
char *trino_query_poll(TrinoQuery *query, TrinoPoll *poll);
void trino_query_cancel(TrinoQuery *query);

/* trino_page.c: the JSON of a page; data (may be NULL) is the array's text. Caller frees. */
char *trino_page(const TrinoQuery *query, const char *next, const char *data);
/* Appends the statement's current row as a JSON array. */
void trino_row(const TrinoQuery *query, GString *out);
/* Settles the types that only a value tells. */
void trino_settle_types(TrinoQuery *query);

#endif
