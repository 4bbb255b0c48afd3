/* sql_guard.c: lets one SELECT or WITH statement through, and says why it refuses anything else. */
#include <stdarg.h>
#include <string.h>
#include "base/error.h"
#include "services/sql_guard.h"

#define MAX_NESTING 500

/* A walk over the tokens that count: spaces and comments are left out. */
typedef struct {
    const char *sql;
    gsize pos;
    SqlToken token;      /* the current one */
    SqlToken before;     /* the one before it; SQL_END at the start */
    GByteArray *closers; /* of the brackets that are open, innermost last */
} Walk;

static gsize
line_of(const char *sql, gsize at)
{
    gsize line = 1;
    for (gsize i = 0; i < at; i++)
        line += sql[i] == '\n';
    return line;
}

static gboolean G_GNUC_PRINTF(4, 5)
    refuse(const char *sql, gsize at, GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *reason = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, CREDITBOT_ERROR, ERR_INPUT, "SQL refused, line %" G_GSIZE_FORMAT ": %s",
                line_of(sql, at), reason);
    return FALSE;
}

/* Text of a token for a message: its first 40 bytes or so. Caller frees. */
static char *
token_text(const Walk *walk)
{
    if (walk->token.kind == SQL_END)
        return g_strdup("the end");
    gsize length = MIN(walk->token.length, 40);
    while (length < walk->token.length && (walk->sql[walk->token.start + length] & 0xC0) == 0x80)
        length++;
    return g_strndup(walk->sql + walk->token.start, length);
}

static gboolean
token_is(const Walk *walk, const SqlToken *token, const char *word)
{
    return token->kind == SQL_WORD && strlen(word) == token->length &&
           g_ascii_strncasecmp(walk->sql + token->start, word, token->length) == 0;
}

static gboolean
is_word(const Walk *walk, const char *word)
{
    return token_is(walk, &walk->token, word);
}

static gboolean
is_op(const Walk *walk, char op)
{
    return walk->token.kind == SQL_OP && walk->token.length == 1 &&
           walk->sql[walk->token.start] == op;
}

static gboolean
after_op(const Walk *walk, char op)
{
    return walk->before.kind == SQL_OP && walk->before.length == 1 &&
           walk->sql[walk->before.start] == op;
}

static gboolean
in_list(const Walk *walk, const char *const *words)
{
    for (; *words; words++)
        if (is_word(walk, *words))
            return TRUE;
    return FALSE;
}

static gboolean
refuse_bad_token(const Walk *walk, GError **error)
{
    const char *at = walk->sql + walk->token.start;
    const char *reason = NULL;
    if (*at == '`')
        reason = "names in backquotes are not Trino's; it takes \"double quotes\"";
    else if (*at == '$')
        reason = "'$$' begins a string in some versions of Trino and not in others";
    else if (*at == '"')
        reason = "a name in double quotes is never closed";
    else if (at[0] == '/' && at[1] == '*')
        reason = "a comment is never closed";
    else if (*at == '\'' || g_ascii_isalpha(*at))
        reason = "a string is never closed";
    if (reason)
        return refuse(walk->sql, walk->token.start, error, "%s", reason);
    return refuse(walk->sql, walk->token.start, error,
                  "the character %.*s (U+%04X) has no meaning in SQL outside of quotes",
                  (int)walk->token.length, at, g_utf8_get_char(at));
}

/* Keeps the stack of open brackets. */
static gboolean
track_brackets(Walk *walk, GError **error)
{
    static const char opening[] = "([{", closing[] = ")]}";
    if (walk->token.kind != SQL_OP || walk->token.length != 1)
        return TRUE;
    char c = walk->sql[walk->token.start];
    const char *open = strchr(opening, c);
    if (open) {
        if (walk->closers->len >= MAX_NESTING)
            return refuse(walk->sql, walk->token.start, error,
                          "more than %d brackets stand inside one another", MAX_NESTING);
        g_byte_array_append(walk->closers, (const guint8 *)&closing[open - opening], 1);
        return TRUE;
    }
    if (!strchr(closing, c))
        return TRUE;
    guint depth = walk->closers->len;
    if (depth == 0 || walk->closers->data[depth - 1] != (guint8)c)
        return refuse(walk->sql, walk->token.start, error,
                      "this '%c' closes nothing; the brackets do not match", c);
    g_byte_array_set_size(walk->closers, depth - 1);
    return TRUE;
}

/* To the next token that counts. */
static gboolean
advance(Walk *walk, GError **error)
{
    walk->before = walk->token;
    do
        walk->token = sql_next(walk->sql, &walk->pos);
    while (walk->token.kind == SQL_SPACE || walk->token.kind == SQL_COMMENT);
    if (walk->token.kind == SQL_BAD)
        return refuse_bad_token(walk, error);
    return track_brackets(walk, error);
}

static gboolean
expect_query(Walk *walk, const char *where, GError **error)
{
    if (is_word(walk, "SELECT") || is_word(walk, "WITH") || is_op(walk, '('))
        return TRUE;
    g_autofree char *text = token_text(walk);
    return refuse(walk->sql, walk->token.start, error,
                  "%s begins with %s; only SELECT or WITH is run", where, text);
}

/* Table functions that only read, by all the names they have; every other may hand its text to
 * another database unread, as system.query of the PostgreSQL and MySQL connectors does. */
static gboolean
only_reads(const char *name)
{
    static const char *const ours[] = {"sequence", "exclude_columns", "system.builtin.sequence",
                                       "system.builtin.exclude_columns", NULL};
    const char *dot = strchr(name, '.');

    if (g_strv_contains(ours, name))
        return TRUE;
    /* CATALOG.system.table_changes, or without the catalog. */
    return strcmp(name, "system.table_changes") == 0 ||
           (dot != NULL && strcmp(dot + 1, "system.table_changes") == 0);
}

/* A dotted name, in lower case and without its quotes; ends behind it. */
static gboolean
read_name(Walk *walk, GString *name, GError **error)
{
    while (walk->token.kind == SQL_WORD || walk->token.kind == SQL_IDENT) {
        gboolean quoted = walk->token.kind == SQL_IDENT;
        g_autofree char *part = g_ascii_strdown(walk->sql + walk->token.start + quoted,
                                                (gssize)(walk->token.length - 2 * (gsize)quoted));
        /* A dot within quotes is no border of parts. */
        g_string_append_printf(name, "%s%s", name->len ? "." : "",
                               quoted && strchr(part, '.') ? "?" : part);
        if (!advance(walk, error))
            return FALSE;
        if (!is_op(walk, '.'))
            return TRUE;
        if (!advance(walk, error))
            return FALSE;
    }
    return TRUE;
}

/* At the first word of TABLE(…): what is called must be known to only read. */
static gboolean
check_table_function(Walk *walk, GError **error)
{
    static const char *const query[] = {"SELECT", "WITH", "VALUES", "TABLE", NULL};
    g_autoptr(GString) name = g_string_new(NULL);
    gsize at = walk->token.start;

    if (in_list(walk, query)) /* an argument: TABLE(SELECT …) */
        return TRUE;
    if (!read_name(walk, name, error))
        return FALSE;
    if (name->len == 0 || !is_op(walk, '(')) /* an argument: TABLE(orders) */
        return TRUE;
    if (only_reads(name->str))
        return TRUE;
    return refuse(walk->sql, at, error,
                  "the table function %s may pass a statement through to another database, "
                  "which this guard cannot read; select from tables instead",
                  name->str);
}

/* Inline functions and settings: WITH FUNCTION f(…) …, WITH SESSION a = b. As names of a named
 * query both words are legal. */
static gboolean
check_with_scope(Walk *walk, const SqlToken *word, GError **error)
{
    gboolean scoped = token_is(walk, word, "FUNCTION") || token_is(walk, word, "SESSION");
    if (!scoped || is_word(walk, "AS") || is_op(walk, '('))
        return TRUE;
    return refuse(walk->sql, word->start, error, "WITH %.*s is not allowed; only named queries are",
                  (int)word->length, walk->sql + word->start);
}

/* Runs over everything up to the bracket that brings the depth back down. */
static gboolean check_inside(Walk *walk, guint depth, GError **error);

/* One 'name [(columns)] AS [[NOT] MATERIALIZED] ( query )' of a WITH list; ends behind it. */
static gboolean
check_named_query(Walk *walk, GError **error)
{
    SqlToken name = walk->token;
    if (name.kind != SQL_WORD && name.kind != SQL_IDENT)
        return refuse(walk->sql, name.start, error, "WITH lacks the name of a query here");
    if (!advance(walk, error) || !check_with_scope(walk, &name, error))
        return FALSE;
    if (is_op(walk, '(')) {
        guint depth = walk->closers->len - 1;
        if (!advance(walk, error) || !check_inside(walk, depth, error) || !advance(walk, error))
            return FALSE;
    }
    if (!is_word(walk, "AS"))
        return refuse(walk->sql, walk->token.start, error, "WITH … lacks AS ( query ) here");
    do
        if (!advance(walk, error))
            return FALSE;
    while (is_word(walk, "NOT") || is_word(walk, "MATERIALIZED"));
    if (!is_op(walk, '('))
        return refuse(walk->sql, walk->token.start, error, "WITH … AS lacks its ( query ) here");
    guint depth = walk->closers->len - 1;
    if (!advance(walk, error))
        return FALSE;
    if (!is_word(walk, "VALUES") && !is_word(walk, "TABLE") &&
        !expect_query(walk, "a named query", error))
        return FALSE;
    return check_inside(walk, depth, error) && advance(walk, error);
}

/* At WITH: runs to the first token of the query that the list serves. */
static gboolean
check_with_list(Walk *walk, GError **error)
{
    if (!advance(walk, error))
        return FALSE;
    if (is_word(walk, "RECURSIVE") && !advance(walk, error))
        return FALSE;
    for (;;) {
        if (!check_named_query(walk, error))
            return FALSE;
        gboolean nested = walk->closers->len > 0;
        if (nested && (is_word(walk, "VALUES") || is_word(walk, "TABLE")))
            return TRUE;
        if (!is_op(walk, ','))
            return expect_query(walk, "what follows the WITH list", error);
        if (!advance(walk, error))
            return FALSE;
    }
}

/* What the token at hand alone tells. */
static gboolean
check_word(Walk *walk, GError **error)
{
    /* Reserved in Trino and SQLite alike, so never the name of a column or a function. */
    static const char *const writing[] = {"INSERT", "DELETE", "CREATE", "DROP", "ALTER", NULL};
    gboolean name = after_op(walk, '.') || token_is(walk, &walk->before, "AS");
    if (walk->token.kind != SQL_WORD || name)
        return TRUE;
    if (is_word(walk, "INTO"))
        return refuse(walk->sql, walk->token.start, error, "SELECT … INTO writes a table");
    if (in_list(walk, writing)) {
        g_autofree char *text = token_text(walk);
        return refuse(walk->sql, walk->token.start, error,
                      "%s stands in a query that may only read", text);
    }
    return TRUE;
}

/* One token of a query, with what hangs on it; ends on the next one that is to be looked at. */
static gboolean
check_token(Walk *walk, GError **error)
{
    if (!check_word(walk, error))
        return FALSE;
    if (is_word(walk, "WITH") && after_op(walk, '('))
        return check_with_list(walk, error);
    gboolean table = is_word(walk, "TABLE") && !after_op(walk, '.');
    if (!advance(walk, error))
        return FALSE;
    if (!table || !is_op(walk, '('))
        return TRUE;
    return advance(walk, error) && check_table_function(walk, error);
}

static gboolean
check_inside(Walk *walk, guint depth, GError **error)
{
    while (walk->closers->len > depth) {
        if (walk->token.kind == SQL_END)
            return refuse(walk->sql, walk->token.start, error, "a bracket is never closed");
        if (is_op(walk, ';'))
            return refuse(walk->sql, walk->token.start, error, "a ';' stands inside brackets");
        if (!check_token(walk, error))
            return FALSE;
    }
    return TRUE;
}

/* From the first token of the statement to its ';' or its end. */
static gboolean
check_statement(Walk *walk, GError **error)
{
    if (walk->token.kind == SQL_END)
        return refuse(walk->sql, 0, error, "there is no statement in this text");
    if (!expect_query(walk, "the statement", error))
        return FALSE;
    while (is_op(walk, '('))
        if (!advance(walk, error) || !expect_query(walk, "the statement in brackets", error))
            return FALSE;
    if (is_word(walk, "WITH") && !check_with_list(walk, error))
        return FALSE;
    while (walk->token.kind != SQL_END && !(is_op(walk, ';') && walk->closers->len == 0)) {
        if (is_op(walk, ';'))
            return refuse(walk->sql, walk->token.start, error, "a ';' stands inside brackets");
        if (!check_token(walk, error))
            return FALSE;
    }
    if (walk->closers->len > 0)
        return refuse(walk->sql, walk->token.start, error, "a bracket is never closed");
    return TRUE;
}

/* Length, encoding, control characters: what no token may carry. */
static gboolean
check_characters(const char *sql, GError **error)
{
    const char *end = NULL;
    if (!g_utf8_validate(sql, -1, &end))
        return refuse(sql, (gsize)(end - sql), error, "this is not UTF-8 (byte 0x%02X)",
                      (unsigned)(guint8)*end);
    glong characters = 0;
    for (const char *p = sql; *p; p += g_utf8_skip[(guint8)*p], characters++) {
        gunichar c = g_utf8_get_char(p);
        gboolean control = c < 0x20 || (c >= 0x7F && c < 0xA0);
        if (control && c != '\t' && c != '\n' && !(c == '\r' && p[1] == '\n'))
            return refuse(sql, (gsize)(p - sql), error,
                          "the control character U+%04X; only tab and newline are allowed", c);
    }
    if (characters > SQL_MAX_LENGTH)
        return refuse(sql, strlen(sql), error, "%ld characters; at most %d are run", characters,
                      SQL_MAX_LENGTH);
    return TRUE;
}

gboolean
sql_guard(const char *sql, char **clean, GError **error)
{
    if (!check_characters(sql, error))
        return FALSE;
    g_autoptr(GByteArray) closers = g_byte_array_new();
    Walk walk = {
        .sql = sql, .token = {SQL_END, 0, 0}, .before = {SQL_END, 0, 0}, .closers = closers};
    if (!advance(&walk, error) || !check_statement(&walk, error))
        return FALSE;
    gsize length = walk.token.start;
    if (walk.token.kind != SQL_END) {
        if (!advance(&walk, error))
            return FALSE;
        if (walk.token.kind != SQL_END)
            return refuse(sql, walk.token.start, error,
                          "more follows the ';'; exactly one statement is run");
    }
    while (length > 0 && g_ascii_isspace(sql[length - 1]))
        length--;
    if (clean)
        *clean = g_strndup(sql, length);
    return TRUE;
}
