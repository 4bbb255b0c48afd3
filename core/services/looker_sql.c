/* looker_sql.c: the one statement that counts out of what Looker generates.
 *
 * Looker writes comment lines before it, and appends statements for totals and pivots without a
 * semicolon, each introduced by a comment line (protocols.md 2, "Generated SQL traps"). A line that
 * looks like one inside a literal or a comment is text. */
#include "services/looker.h"

#include <string.h>

#define APPENDED "-- sql for creating the "

/* The end of a literal or quoted name that begins at p: past the closing quote, a doubled one
 * stays. */
static const char *
skip_quoted(const char *p)
{
    char quote = *p++;

    while (*p) {
        if (*p != quote)
            p++;
        else if (p[1] == quote)
            p += 2;
        else
            return p + 1;
    }
    return p;
}

static const char *
skip_line(const char *p)
{
    p += strcspn(p, "\n");
    return *p ? p + 1 : p;
}

static const char *
skip_block_comment(const char *p)
{
    const char *end = strstr(p + 2, "*/");

    return end ? end + 2 : p + strlen(p);
}

/* One token, as far as quotes and comments matter. */
static const char *
skip_token(const char *p)
{
    if (*p == '\'' || *p == '"' || *p == '`')
        return skip_quoted(p);
    if (p[0] == '-' && p[1] == '-')
        return skip_line(p);
    if (p[0] == '/' && p[1] == '*')
        return skip_block_comment(p);
    return p + 1;
}

static gboolean
is_comment(const char *p)
{
    return (p[0] == '-' && p[1] == '-') || (p[0] == '/' && p[1] == '*');
}

/* Only blanks stand between the line's beginning and p. */
static gboolean
begins_line(const char *sql, const char *p)
{
    while (p > sql && (p[-1] == ' ' || p[-1] == '\t' || p[-1] == '\r'))
        p--;
    return p == sql || p[-1] == '\n';
}

/* Past Looker's own comment lines at the top; hints and block comments belong to the statement. */
static const char *
skip_head(const char *sql)
{
    for (;;) {
        while (g_ascii_isspace(*sql))
            sql++;
        if (sql[0] != '-' || sql[1] != '-')
            return sql;
        sql = skip_line(sql);
    }
}

char *
looker_trim_sql(const char *sql)
{
    const char *start = skip_head(sql);
    const char *end = start;    /* behind the last token that is neither blank nor comment */
    const char *before = start; /* the same without that token */
    char last = '\0';
    const char *next;

    for (const char *p = start; *p; p = next) {
        next = skip_token(p);
        if (is_comment(p) && begins_line(start, p) &&
            g_ascii_strncasecmp(p, APPENDED, strlen(APPENDED)) == 0)
            break;
        if (g_ascii_isspace(*p) || is_comment(p))
            continue;
        before = end;
        end = next;
        last = *p;
    }
    return g_strndup(start, (gsize)((last == ';' ? before : end) - start));
}
