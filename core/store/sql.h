/* sql.h: the statement layer under core/store, and what a Store is inside. Only files of this
 * folder include it, and only they know SQLite.
 *
 * A Statement is prepared once for a connection and kept; it holds the Store's lock from
 * sql_prepare() to sql_done(), so statements of several threads never mix. */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include <glib.h>
#include <sqlite3.h>

#include "base/error.h"
#include "store/store.h"
#include "store/table.h"

struct Store {
    sqlite3 *db;
    char *path;
    char *group;
    Clock clock;
    gboolean read_only, once;
    int depth;     /* of nested transactions */
    GError *fault; /* what made SQLite undo the open transaction by itself */
    GRecMutex lock;
    GHashTable *statements; /* SQL → Statement */
    GPtrArray *extras;      /* Statements beyond those: in use twice, or too many to keep */
    gint64 busy_since;      /* monotonic; 0: not waiting */
    void (*migrating)(const StoreMigrating *now);
    StoreTell tell; /* may be NULL */
    void *tell_data;
};

#define BUSY_LIMIT G_GINT64_CONSTANT(10000000) /* microseconds */

typedef struct Statement Statement;
typedef enum { STEP_FAIL, STEP_ROW, STEP_DONE } Step;

/* NULL on error. sql_done() resets it and gives it back; NULL accepted. */
Statement *sql_prepare(Store *store, const char *sql, GError **error);
void sql_done(Statement *statement);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Statement, sql_done)

/* Parameters count from 1. Texts are not copied: they live until sql_done(). */
void sql_bind_int(Statement *statement, int at, gint64 value);
void sql_bind_ref(Statement *statement, int at, gint64 value); /* 0 becomes NULL */
void sql_bind_text(Statement *statement, int at, const char *text);
void sql_bind_real(Statement *statement, int at, double value);
/* The parameters 1, 2, … in order; types: i gint64, r gint64 with 0 as NULL, s const char *. */
void sql_bind(Statement *statement, const char *types, ...);

Step sql_step(Statement *statement, GError **error);
/* Columns count from 0. */
gint64 sql_int(Statement *statement, int at);
double sql_real(Statement *statement, int at);
const char *sql_text(Statement *statement,
                     int at); /* NULL for NULL; borrowed until the next step */
gboolean sql_is_null(Statement *statement, int at);
sqlite3_stmt *sql_raw(Statement *statement);

/* A statement without rows (or whose rows do not matter). */
gboolean sql_run(Store *store, GError **error, const char *sql, const char *types, ...);
/* The first column of the first row; *value untouched when there is no row. */
gboolean sql_query_int(Store *store, gint64 *value, GError **error, const char *sql,
                       const char *types, ...);
char *sql_query_text(Store *store, GError **error, const char *sql, const char *types, ...);
/* Several statements as they stand, without parameters. */
gboolean sql_script(Store *store, const char *script, GError **error);

/* Structs by their table: "SELECT its columns FROM it " + tail. One: ERR_NOT_FOUND without a row
 * (missing names what, as "request 12"; caller's). */
GPtrArray *sql_rows(Store *store, const Table *table, GError **error, const char *tail,
                    const char *types, ...);
gpointer sql_row(Store *store, const Table *table, const char *missing, GError **error,
                 const char *tail, const char *types, ...);
gboolean sql_insert(Store *store, const Table *table, const void *row, gint64 *id, GError **error);

/* Writes of a struct's columns; TABLE_SKIPs as in table.h. */
int sql_bind_row(Statement *statement, int at, const Table *table, guint roles, const void *row);
gboolean sql_read_row(Statement *statement, int at, const Table *table, void *row, GError **error);

/* From here to sql_unwatch() a token that fires ends what the store does, with ERR_CANCELLED. The
 * store is held meanwhile. NULL: nothing happens. */
void sql_watch(Store *store, Cancel *cancel);
void sql_unwatch(Store *store, const Cancel *cancel);

/* The last failure of SQLite as a sentence with path and fix. Always FALSE. */
gboolean sql_fail(Store *store, const char *doing, GError **error);
/* The same from a code and an errno, where there is no connection. */
void sql_error(GError **error, const char *path, const char *doing, int code, int system,
               const char *message);

gint64 sql_now(Store *store);
void sql_tell(Store *store, const char *what, gint64 done, gint64 all);

/* SQLite undoes a whole transaction by itself when the disk is full or fails: what a caller that
 * overlooked it would still write must not be committed piece by piece. FALSE with the first cause.
 */
gboolean sql_check_transaction(Store *store, GError **error);

/* A file that is there, without a look at modes and schema, for restore. */
Store *sql_open_plain(const char *path, gboolean read_only, GError **error);

#endif
