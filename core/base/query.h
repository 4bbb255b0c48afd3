/* query.h: the filter language: one for every list of the console and for the command line.
 *
 *   acme            a column shows it, without regard to case
 *   "two words"     the same, with blanks
 *   /ac(me|ne)/     a column matches the regular expression (Perl's, without regard to case)
 *   state:pending   a named field; state:pending,failed: any of them
 *   amount:>500     > >= < <= =, 100..500 100.. ..500; k and m are thousands and millions;
 *                   500 alone stands for everything that begins so: 500.00 to 500.99
 *   age:>2h         older than two hours; decided:today yesterday 2d 2026-09-01 2026-09
 *                   "last week" 2026-09-01..2026-09-03; a duration counts back from now, a date
 *                   is a day (UTC)
 *   amount:none     a number or time that is not there
 *   !term           the opposite of a term; a row without the field passes it
 *
 * Blanks stand between terms; all of them must hold. A Query never changes and may be used from
 * several threads. */
#ifndef BASE_QUERY_H
#define BASE_QUERY_H

#include <glib.h>

#define QUERY_MAX_BYTES 500
#define QUERY_MAX_TERMS 20

typedef enum {
    QUERY_TEXT,   /* holds a text */
    QUERY_WORD,   /* is one of words, or begins so where words is NULL */
    QUERY_NUMBER, /* whole */
    QUERY_MONEY,  /* micro-units */
    QUERY_AGE,    /* an instant that people see as an age */
    QUERY_TIME,   /* an instant */
} QueryKind;

typedef struct {
    const char *name; /* "state"; a table of fields ends with NULL */
    QueryKind kind;
    const char *const *words; /* QUERY_WORD: all that there are, NULL-terminated; NULL: unknown */
    const char *help;         /* a few words: "where it stands" */
} QueryField;

/* One of the values of a term; which member counts is told by the kind of its field. */
typedef struct {
    char *text;      /* TEXT: folded (query_fold); WORD: as in words, or folded without them */
    gint64 min, max; /* the others, both inclusive; instants in microseconds. Open ends are
                      * G_MININT64 and G_MAXINT64 */
    gboolean none;   /* the others: there must be no value */
} QueryValue;

typedef struct {
    gboolean inverse;
    int field;      /* its index; -1: any column that is shown */
    GRegex *regex;  /* NULL: one of values. For a column, TEXT and WORD alone */
    char *pattern;  /* of regex, without the slashes */
    GArray *values; /* QueryValue; any of them. Without a field: exactly one, its text */
} QueryTerm;

typedef struct Query Query;

/* now: microseconds, what "2h" counts back from. fields (may be NULL: none) are borrowed and must
 * outlive the query. An empty text gives a query without terms, which everything passes. NULL with
 * ERR_USAGE: an unknown field (the nearest is named), a value that the field cannot have, an
 * expression that is malformed or has no end, a text or a number of terms beyond the limits. */
Query *query_parse(const char *text, const QueryField *fields, gint64 now, GError **error);
Query *query_ref(Query *query);
void query_unref(Query *query); /* accepts NULL */
const char *query_text(const Query *query);
const QueryField *query_fields(const Query *query);
const QueryTerm *query_terms(const Query *query, guint *n);
/* TRUE when it means something else tomorrow: it counts back from now. */
gboolean query_is_relative(const Query *query);

/* How the values of a row are read. */
typedef struct {
    guint n_columns;
    /* Adds what the row shows in a column. */
    void (*column)(const void *row, guint column, GString *text, gpointer data);
    /* Adds the text (TEXT, WORD) or sets the number (the others) of a field; FALSE: it has none. */
    gboolean (*field)(const void *row, guint field, GString *text, gint64 *number, gpointer data);
    gpointer data;
} QueryReader;
gboolean query_matches(const Query *query, const QueryReader *reader, const void *row);

/* Text as it is compared: case-folded, invalid bytes replaced. Caller frees. */
char *query_fold(const char *text);
/* TRUE when text holds what query_fold() made, without regard to case. */
gboolean query_holds(const char *text, const char *folded);

/* A text in quotes: a term that looks for exactly it. Caller frees. */
char *query_quote(const char *text);

/* What the word at the cursor (bytes) could become: names of fields with their colon, values of the
 * field before the colon. words gives the values of a WORD field without a list, or a TEXT one, as
 * a NULL-terminated array (freed here with g_strfreev), or NULL; it may be NULL itself. *from: the
 * byte that the word begins at. Sorted, at most 50, each to stand between *from and the cursor;
 * never NULL; caller frees with g_strfreev. */
typedef char **(*QueryWords)(guint field, gpointer data);
char **query_complete(const char *text, gsize cursor, const QueryField *fields, QueryWords words,
                      gpointer data, gsize *from);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Query, query_unref)

#endif
