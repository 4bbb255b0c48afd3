/* trino_sql.h: Trino's SQL as far as the sandbox plays it: what is sent is cut into tokens,
 * checked, typed, and turned into SQL that SQLite runs. */
#ifndef SANDBOX_TRINO_SQL_H
#define SANDBOX_TRINO_SQL_H

#include <glib.h>
#include <sqlite3.h>

typedef struct {
    char *name; /* "SYNTAX_ERROR" */
    int code;
    char *type; /* "USER_ERROR" */
    char *message;
    guint line, column; /* 0: no place known */
} TrinoError;

void trino_error_set(TrinoError *error, const char *name, const char *message);
void trino_error_clear(TrinoError *error);

typedef struct {
    char *sql; /* for SQLite */
    GPtrArray
        *names; /* char *: column names of the outermost SELECT; NULL where SQLite knows better */
    GPtrArray *types;    /* char *: their types; NULL where not known. Empty for SELECT * */
    GHashTable *aliases; /* types of everything that is named by AS, by that name */
} TrinoSql;

/* schema is the session's, may be NULL. FALSE with error set as Trino would say it. */
gboolean trino_translate(const char *sql, const char *schema, TrinoSql *out, TrinoError *error);
void trino_sql_clear(TrinoSql *sql);

/* Line and column (from 1) of the first occurrence of a word, for error messages of SQLite. */
void trino_locate(const char *sql, const char *word, guint *line, guint *column);

/* Registers Trino's functions on a connection. clock_offset: microseconds. */
void trino_functions(sqlite3 *db, gint64 clock_offset);

/* A decimal's text with that many places from a SQLite value. Caller frees. */
char *trino_decimal(sqlite3_value *value, int scale);

#endif
