/* sql_guard.h: fetched SQL is one SELECT/WITH statement, or it is refused (design.md 7).
 *
 * A tokenizer of the Trino grammar (SqlBase.g4): line and block comments, '' strings, U&'' and X''
 * literals, "" and `` identifiers, numbers, operators. */
#ifndef SERVICES_SQL_GUARD_H
#define SERVICES_SQL_GUARD_H

#include <glib.h>

#define SQL_MAX_LENGTH 1000000 /* characters; Trino's QUERY_TEXT_TOO_LARGE */

/* What passes: one statement that begins with SELECT or WITH (also in brackets), one ';' at most
 * and only at its end, brackets that match, quotes and comments that end, UTF-8 whose only control
 * characters are tab, newline and the carriage return of a CR LF. What does not: a write behind a
 * WITH list or in its queries, SELECT … INTO, WITH FUNCTION and WITH SESSION, backquotes, and table
 * functions other than Trino's own readers, since TABLE(x.system.query('…')) hands text to another
 * database unread.
 *
 * ERR_INPUT with the reason and the line. On success *clean (may be NULL; caller frees) is the
 * statement without a trailing ';'. */
gboolean sql_guard(const char *sql, char **clean, GError **error);

typedef enum {
    SQL_SPACE,
    SQL_COMMENT,
    SQL_WORD,
    SQL_IDENT,
    SQL_STRING,
    SQL_NUMBER,
    SQL_OP,
    SQL_BAD,
    SQL_END
} SqlKind;
typedef struct {
    SqlKind kind;
    gsize start, length; /* bytes */
} SqlToken;
/* The next token at *pos; advances. Also what the console colours SQL with. */
SqlToken sql_next(const char *sql, gsize *pos);

#endif
