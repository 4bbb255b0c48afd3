/* sql_guard_token.c: cuts SQL text into tokens as Trino's lexer does (SqlBase.g4, lexer rules). */
#include <string.h>
#include "services/sql_guard.h"

static gboolean
is_word(char c)
{
    return g_ascii_isalnum(c) || c == '_';
}

/* 1. Spaces: [ \r\n\t]+ */
static gsize
scan_space(const char *s)
{
    return strspn(s, " \t\r\n");
}

/* From the opening quote to past the closing one; a doubled quote stands for itself. 0: no end. */
static gsize
scan_quoted(const char *s, char quote)
{
    gsize i = 1;
    for (;;) {
        const char *end = strchr(s + i, quote);
        if (!end)
            return 0;
        i = (gsize)(end - s) + 1;
        if (s[i] != quote)
            return i;
        i++;
    }
}

/* Digits with single underscores between them: DECIMAL_INTEGER. */
static gsize
scan_digits(const char *s)
{
    gsize i = 0;
    while (g_ascii_isdigit(s[i]) || (i > 0 && s[i] == '_' && g_ascii_isdigit(s[i + 1])))
        i++;
    return i;
}

/* EXPONENT: 'E' [+-]? DIGIT+. 0: there is none. */
static gsize
scan_exponent(const char *s)
{
    if (s[0] != 'e' && s[0] != 'E')
        return 0;
    gsize sign = s[1] == '+' || s[1] == '-' ? 1 : 0;
    gsize digits = strspn(s + 1 + sign, "0123456789");
    return digits ? 1 + sign + digits : 0;
}

static gboolean
is_radix_number(const char *s, gsize length)
{
    static const struct {
        char mark;
        const char *digits;
    } radix[] = {{'x', "0123456789abcdefABCDEF_"}, {'o', "01234567_"}, {'b', "01_"}};

    if (length < 3 || s[0] != '0' || s[length - 1] == '_')
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(radix); i++)
        if (g_ascii_tolower(s[1]) == radix[i].mark)
            return strspn(s + 2, radix[i].digits) >= length - 2;
    return FALSE;
}

/* A number, or a word that begins with a digit (DIGIT_IDENTIFIER): whichever is longer, as in
 * ANTLR. */
static gsize
scan_number(const char *s, SqlKind *kind)
{
    gsize word = 0;
    while (is_word(s[word]))
        word++;
    gsize length = scan_digits(s);
    if (s[length] == '.')
        length += 1 + scan_digits(s + length + 1);
    length += scan_exponent(s + length);
    if (length >= word || is_radix_number(s, word)) {
        *kind = SQL_NUMBER;
        return MAX(length, word);
    }
    *kind = SQL_WORD;
    return word;
}

static gsize
scan_operator(const char *s)
{
    static const char *const twos[] = {"<>", "!=", "<=", ">=", "||", "->", "=>", "{-", "-}"};
    for (gsize i = 0; i < G_N_ELEMENTS(twos); i++)
        if (s[0] == twos[i][0] && s[1] == twos[i][1])
            return 2;
    return strchr("=<>+-*/%?;(),.[]:{}^$|", s[0]) ? 1 : 0;
}

/* A quoted token, or SQL_BAD up to the end of the text when the quote is never closed. */
static gsize
take_quoted(const char *s, gsize prefix, SqlKind whole, SqlKind *kind)
{
    gsize length = scan_quoted(s + prefix, s[prefix]);
    *kind = length ? whole : SQL_BAD;
    return prefix + (length ? length : strlen(s + prefix));
}

static gsize
take_block_comment(const char *s, SqlKind *kind)
{
    const char *end = strstr(s + 2, "*/"); /* not nested */
    *kind = end ? SQL_COMMENT : SQL_BAD;
    return end ? (gsize)(end - s) + 2 : strlen(s);
}

/* Bytes of the UTF-8 character at s, never past the NUL. */
static gsize
character_bytes(const char *s)
{
    gsize want = (gsize)g_utf8_skip[(guint8)*s], have = 1;
    while (have < want && s[have] != '\0')
        have++;
    return have;
}

static gsize
scan_word(const char *s, SqlKind *kind)
{
    if ((s[0] == 'x' || s[0] == 'X') && s[1] == '\'')
        return take_quoted(s, 1, SQL_STRING, kind);
    if ((s[0] == 'u' || s[0] == 'U') && s[1] == '&' && s[2] == '\'')
        return take_quoted(s, 2, SQL_STRING, kind);
    gsize length = 1;
    while (is_word(s[length]))
        length++;
    *kind = SQL_WORD;
    return length;
}

static gsize
scan_token(const char *s, SqlKind *kind)
{
    *kind = SQL_SPACE;
    gsize length = scan_space(s);
    if (length)
        return length;
    if (s[0] == '-' && s[1] == '-') {
        *kind = SQL_COMMENT;
        return strcspn(s, "\r\n");
    }
    if (s[0] == '/' && s[1] == '*')
        return take_block_comment(s, kind);
    if (s[0] == '\'')
        return take_quoted(s, 0, SQL_STRING, kind);
    if (s[0] == '"')
        return take_quoted(s, 0, SQL_IDENT, kind);
    /* Routines quote their bodies so (DOLLAR_STRING of newer versions); older ones read two signs.
     */
    if (s[0] == '$' && s[1] == '$') {
        *kind = SQL_BAD;
        return 2;
    }
    if (s[0] == '`') /* the parser refuses what its lexer takes */
        return take_quoted(s, 0, SQL_BAD, kind);
    if (g_ascii_isdigit(s[0]) || (s[0] == '.' && g_ascii_isdigit(s[1])))
        return scan_number(s, kind);
    if (is_word(s[0]))
        return scan_word(s, kind);
    *kind = SQL_OP;
    length = scan_operator(s);
    if (length)
        return length;
    *kind = SQL_BAD;
    return character_bytes(s);
}

SqlToken
sql_next(const char *sql, gsize *pos)
{
    SqlToken token = {SQL_END, *pos, 0};
    if (sql[*pos] != '\0')
        token.length = scan_token(sql + *pos, &token.kind);
    *pos += token.length;
    return token;
}
