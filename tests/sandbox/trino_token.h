/* trino_token.h: tokens of a statement and what is worked out over them. Shared by trino_sql.c
 * (which makes them) and trino_types.c. Ranges are [begin, end) of token numbers. */
#ifndef SANDBOX_TRINO_TOKEN_H
#define SANDBOX_TRINO_TOKEN_H

#include "trino_sql.h"

typedef enum {
    TOKEN_WORD,
    TOKEN_QUOTED,
    TOKEN_STRING,
    TOKEN_NUMBER,
    TOKEN_SYMBOL,
    TOKEN_BAD
} TokenKind;

typedef struct {
    TokenKind kind;
    gboolean dropped; /* left out of the SQL for SQLite */
    gsize start, length;
} Token;

/* "expression AS name" anywhere in the statement. */
typedef struct {
    guint begin, end; /* the expression */
    guint name;
    gboolean active; /* being typed right now */
} Alias;

typedef struct {
    const char *sql;
    GArray *tokens;
    GArray *aliases;
} Script;

static inline Token *
token_at(const Script *script, guint i)
{
    return &g_array_index(script->tokens, Token, i);
}

/* Whether the token is that word or symbol; case does not count, quotes do. */
gboolean token_is(const Script *script, guint i, const char *text);
/* The token's text without its quotes; caller frees. */
char *token_text(const Script *script, guint i);
/* The parenthesis that closes the one at open; end when there is none. */
guint token_close(const Script *script, guint open, guint end);
/* The first such token outside parentheses; end when there is none. */
guint token_find(const Script *script, guint begin, guint end, const char *text);

GArray *aliases_find(const Script *script);
/* Trino's type of an expression, NULL when it can't be told; caller frees. */
char *type_of(Script *script, guint begin, guint end);
/* The scale of DECIMAL(p, s) at token i, and of "decimal(p,s)". */
int type_scale(const Script *script, guint i, guint end);
int decimal_scale(const char *type);
/* Names and types of the outermost SELECT list. */
void select_columns(Script *script, TrinoSql *out);

#endif
