/* request_sql.c: SQL in its colours, by the tokenizer that also guards it. */
#include "tui/views/request.h"

#include <string.h>
#include "services/sql_guard.h"

static gboolean
is_keyword(const char *word)
{
    static const char *const keywords[] = {
        "select", "from",    "where",    "group",    "order",  "by",       "having",    "limit",
        "with",   "as",      "join",     "left",     "right",  "inner",    "outer",     "full",
        "cross",  "on",      "using",    "and",      "or",     "not",      "in",        "is",
        "null",   "between", "like",     "case",     "when",   "then",     "else",      "end",
        "union",  "all",     "distinct", "cast",     "date",   "interval", "over",      "partition",
        "asc",    "desc",    "true",     "false",    "exists", "filter",   "sum",       "count",
        "avg",    "min",     "max",      "coalesce", "values", "except",   "intersect", "recursive",
        "offset", "fetch",   NULL};
    g_autofree char *low = g_ascii_strdown(word, -1);
    return g_strv_contains(keywords, low);
}

static Role
token_role(SqlKind kind, const char *token)
{
    static const Role roles[] = {
        [SQL_SPACE] = ROLE_TEXT, [SQL_WORD] = ROLE_TEXT,         [SQL_COMMENT] = ROLE_SQL_COMMENT,
        [SQL_IDENT] = ROLE_TEXT, [SQL_STRING] = ROLE_SQL_STRING, [SQL_NUMBER] = ROLE_SQL_NUMBER,
        [SQL_OP] = ROLE_TEXT,    [SQL_BAD] = ROLE_BAD,           [SQL_END] = ROLE_TEXT};
    return kind == SQL_WORD && is_keyword(token) ? ROLE_SQL_WORD : roles[kind];
}

static void
begin_line(Doc *doc, gboolean numbers, guint *line)
{
    ++*line;
    if (numbers)
        doc_addf(doc, ROLE_DIM, "%4u  ", *line);
}

/* A token may go over several lines: each of them ends its paragraph. */
static void
add_token(Doc *doc, Role role, const char *token, gboolean numbers, guint *line)
{
    for (const char *from = token; from;) {
        const char *stop = strchr(from, '\n');
        g_autofree char *piece = stop ? g_strndup(from, (gsize)(stop - from)) : g_strdup(from);
        doc_add(doc, role, piece);
        if (stop) {
            doc_end(doc);
            begin_line(doc, numbers, line);
        }
        from = stop ? stop + 1 : NULL;
    }
}

void
sql_write(Doc *doc, const char *sql, gboolean numbers)
{
    gsize pos = 0;
    guint line = 0;
    doc_indent(doc, 0, numbers ? 8 : 4);
    begin_line(doc, numbers, &line);
    while (doc_has_room(doc)) {
        SqlToken token = sql_next(sql, &pos);
        if (token.kind == SQL_END || token.length == 0)
            break;
        g_autofree char *piece = g_strndup(sql + token.start, token.length);
        add_token(doc, token_role(token.kind, piece), piece, numbers, &line);
    }
    doc_end(doc);
    doc_indent(doc, 0, 0);
}

void
section_sql(Doc *doc, const SectionText *text)
{
    const Request *request = text->dossier->request;
    const Run *run = dossier_counting(text->dossier);
    if (!request->sql) {
        doc_line(doc, ROLE_DIM, "The SQL was not fetched yet.");
        return;
    }
    if (run) {
        g_autofree char *rows = wording_count(run->rows);
        doc_addf(doc, ROLE_DIM, "run %" G_GINT64_FORMAT ": %s, query %s, %s rows, SHA-256 %.12s",
                 run->number, run->warehouse ? run->warehouse : "-",
                 run->query_id ? run->query_id : "-", rows,
                 run->sql_sha256 ? run->sql_sha256 : "-");
        doc_end(doc);
        if (g_strcmp0(run->sql_sha256, request->sql_sha256) != 0)
            doc_line(doc, ROLE_WARN,
                     "The SQL changed since that run; what is shown is the newest.");
    }
    doc_line(doc, ROLE_TEXT, "");
    doc_unwrapped(doc, text->unwrapped);
    sql_write(doc, request->sql, text->numbers);
    doc_unwrapped(doc, FALSE);
}
