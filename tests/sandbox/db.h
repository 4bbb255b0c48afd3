/* db.h: the sandbox's state, one SQLite file in WAL mode that several sandbox processes share.
 *
 * Bound values are given as a string of types followed by the values: s (const char *, may be
 * NULL), i (gint64). All calls below db_begin() belong between db_begin() and db_commit(); the pair
 * holds the process's one connection and SQLite's write lock, so a request is one transaction. */
#ifndef SANDBOX_DB_H
#define SANDBOX_DB_H

#include <glib.h>
#include <sqlite3.h>

typedef struct Db Db;

/* Opens DIR/sandbox.db and makes its tables. Another process that does the same at once is waited
 * for. NULL with error set when the folder can't be used. */
Db *db_open(const char *dir, GError **error);
void db_close(Db *db);
const char *db_path(const Db *db);
sqlite3 *db_handle(Db *db);

void db_begin(Db *db);
void db_commit(Db *db);

/* A bound statement that the caller steps and finalizes; NULL (and a warning) when the SQL is
 * wrong. */
sqlite3_stmt *db_query(Db *db, const char *sql, const char *types, ...);
/* Runs to the end. FALSE (and a warning) on an error. */
gboolean db_exec(Db *db, const char *sql, const char *types, ...);
/* First column of the first row: caller frees; NULL when there is no row. */
char *db_text(Db *db, const char *sql, const char *types, ...);
/* First column of the first row, or fallback. */
gint64 db_int(Db *db, gint64 fallback, const char *sql, const char *types, ...);

/* Named settings; a missing one gives the fallback. Caller frees the text. */
gint64 db_setting(Db *db, const char *name, gint64 fallback);
char *db_setting_text(Db *db, const char *name, const char *fallback);
void db_set_setting(Db *db, const char *name, const char *value);

/* Microseconds since the epoch on the sandbox's clock: the system's, moved by what --now said at
 * the first seeding. */
gint64 db_now(Db *db);

/* Column text of a statement, "" for NULL. */
const char *db_column(sqlite3_stmt *statement, int column);

#endif
