/* query.c: the terms of a filter: what they are (query.h), and which rows they hold for. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* strcasestr */
#endif
#include "base/query_internal.h"

#include <string.h>
#include "base/error.h"
#include "base/text.h"

#define MAX_PATTERN 200
/* An expression that would search for ever gives up, and does not match. */
#define LIMIT_MATCH "(*LIMIT_MATCH=100000)(*LIMIT_DEPTH=2000)"

struct Query {
    gatomicrefcount refs;
    char *text;
    const QueryField *fields;
    GArray *terms; /* QueryTerm */
    gboolean relative;
};

typedef struct {
    const char *p;
    Query *query;
    gint64 now;
} Parse;

static void
value_clear(gpointer data)
{
    QueryValue *value = data;
    g_free(value->text);
}

static void
term_clear(gpointer data)
{
    QueryTerm *term = data;
    g_clear_pointer(&term->regex, g_regex_unref);
    g_free(term->pattern);
    g_array_unref(term->values);
}

Query *
query_ref(Query *query)
{
    g_atomic_ref_count_inc(&query->refs);
    return query;
}

void
query_unref(Query *query)
{
    if (!query || !g_atomic_ref_count_dec(&query->refs))
        return;
    g_array_unref(query->terms);
    g_free(query->text);
    g_free(query);
}

const char *
query_text(const Query *query)
{
    return query->text;
}

const QueryField *
query_fields(const Query *query)
{
    return query->fields;
}

const QueryTerm *
query_terms(const Query *query, guint *n)
{
    *n = query->terms->len;
    return (const QueryTerm *)(const void *)query->terms->data;
}

gboolean
query_is_relative(const Query *query)
{
    return query->relative;
}

char *
query_fold(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    return g_utf8_casefold(valid, -1);
}

gboolean
query_holds(const char *text, const char *folded)
{
    if (g_str_is_ascii(text))
        return strcasestr(text, folded) != NULL;
    g_autofree char *other = query_fold(text);
    return strstr(other, folded) != NULL;
}

/* -- reading the text -- */

int
query_field_named(const QueryField *fields, const char *name, gsize len)
{
    for (int i = 0; fields && fields[i].name; i++) {
        if (strlen(fields[i].name) == len && g_ascii_strncasecmp(fields[i].name, name, len) == 0)
            return i;
    }
    return -1;
}

gsize
query_field_prefix(const char *p)
{
    const char *end = p;
    while (g_ascii_isalnum(*end) || *end == '_' || *end == '-')
        end++;
    /* 12:30 and https://… are text. */
    gboolean field = g_ascii_isalpha(*p) && *end == ':' && strncmp(end, "://", 3) != 0;
    return field ? (gsize)(end - p) : 0;
}

static gboolean
fail_field(const Parse *parse, gsize len, GError **error)
{
    const QueryField *fields = parse->query->fields;
    g_autofree char *name = g_strndup(parse->p, len);
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (guint i = 0; fields && fields[i].name; i++)
        g_ptr_array_add(names, (gpointer)(gintptr)fields[i].name);
    g_ptr_array_add(names, NULL);
    const char *near = text_nearest(name, (const char *const *)names->pdata);
    if (near)
        g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "no field '%.40s': did you mean %s:?", name,
                    near);
    else
        g_set_error(error, CREDITBOT_ERROR, ERR_USAGE,
                    "no field '%.40s'; in quotes it is looked for as a text", name);
    return FALSE;
}

/* One word up to a blank (and a comma, in the values of a field), its quotes taken off. NULL: a
 * quote has no end. */
static char *
take_word(Parse *parse, gboolean commas, GError **error)
{
    GString *word = g_string_new(NULL);
    gboolean quoted = FALSE;
    for (; *parse->p; parse->p++) {
        char c = *parse->p;
        if (!quoted && (c == ' ' || (commas && c == ',')))
            break;
        if (c == '"')
            quoted = !quoted;
        else if (c == '\\' && quoted && (parse->p[1] == '"' || parse->p[1] == '\\'))
            g_string_append_c(word, *++parse->p);
        else
            g_string_append_c(word, c);
    }
    if (!quoted)
        return g_string_free(word, FALSE);
    g_string_free(word, TRUE);
    g_set_error_literal(error, CREDITBOT_ERROR, ERR_USAGE, "the quote \" has no end");
    return NULL;
}

/* Up to the slash that a blank or the end follows. */
static gboolean
take_regex(Parse *parse, QueryTerm *term, GError **error)
{
    const char *start = parse->p + 1, *end = start;
    while (*end && !(end[0] == '/' && (end[1] == ' ' || !end[1])))
        end += end[0] == '\\' && end[1] ? 2 : 1;
    if (!*end || end == start || end - start > MAX_PATTERN) {
        g_set_error(error, CREDITBOT_ERROR, ERR_USAGE,
                    !*end          ? "the expression has no end: /…/; a slash alone needs quotes"
                    : end == start ? "the expression between the slashes is empty"
                                   : "an expression has at most %d bytes",
                    MAX_PATTERN);
        return FALSE;
    }
    term->pattern = g_strndup(start, (gsize)(end - start));
    parse->p = end + 1;
    g_autoptr(GError) wrong = NULL;
    g_autofree char *limited = g_strconcat(LIMIT_MATCH, term->pattern, NULL);
    term->regex = g_regex_new(limited, G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, &wrong);
    if (!term->regex) {
        const char *why = strrchr(wrong->message, ':');
        g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "/%s/:%s", term->pattern,
                    why ? why + 1 : " malformed");
    }
    return term->regex != NULL;
}

/* A word of a list stands for all that begin with it; one that is whole for itself. */
static gboolean
add_words(GArray *values, const QueryField *field, const char *text, GError **error)
{
    guint before = values->len;
    gsize len = strlen(text);
    gboolean whole = g_strv_contains(field->words, text);
    for (guint i = 0; field->words[i]; i++) {
        if (whole ? g_ascii_strcasecmp(field->words[i], text) == 0
                  : g_ascii_strncasecmp(field->words[i], text, len) == 0) {
            QueryValue value = {.text = g_strdup(field->words[i])};
            g_array_append_val(values, value);
        }
    }
    if (values->len > before)
        return TRUE;
    const char *near = text_nearest(text, field->words);
    g_autofree char *all = near ? NULL : g_strjoinv(" ", (char **)(gintptr)field->words);
    g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "%s: is never '%.40s'%s%s%s", field->name, text,
                near ? ": did you mean " : "; it is one of ", near ? near : all, near ? "?" : "");
    return FALSE;
}

static gboolean
add_value(Parse *parse, const QueryField *field, GArray *values, const char *text, GError **error)
{
    QueryValue value = {0};
    if (field->kind == QUERY_WORD && field->words)
        return add_words(values, field, text, error);
    if (field->kind == QUERY_WORD || field->kind == QUERY_TEXT)
        value.text = query_fold(text);
    else if (!query_range(field, text, parse->now, &value, error))
        return FALSE;
    if (field->kind == QUERY_AGE || field->kind == QUERY_TIME)
        parse->query->relative = TRUE;
    g_array_append_val(values, value);
    return TRUE;
}

static gboolean
take_values(Parse *parse, QueryTerm *term, GError **error)
{
    const QueryField *field = &parse->query->fields[term->field];
    gboolean text = field->kind == QUERY_TEXT || field->kind == QUERY_WORD;
    if (text && *parse->p == '/')
        return take_regex(parse, term, error);
    for (;;) {
        g_autofree char *word = take_word(parse, TRUE, error);
        if (!word)
            return FALSE;
        if (*word && !add_value(parse, field, term->values, word, error))
            return FALSE;
        if (*parse->p != ',')
            break;
        parse->p++;
    }
    if (term->values->len > 0)
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "%s: wants %s", field->name,
                query_kind_example(field->kind));
    return FALSE;
}

/* FALSE with an error, or TRUE: the term counts when it has values or an expression. */
static gboolean
take_term(Parse *parse, QueryTerm *term, GError **error)
{
    term->field = -1;
    if (*parse->p == '!') {
        term->inverse = TRUE;
        parse->p++;
    }
    if (*parse->p == '/')
        return take_regex(parse, term, error);
    gsize name = query_field_prefix(parse->p);
    if (name > 0) {
        term->field = query_field_named(parse->query->fields, parse->p, name);
        if (term->field < 0)
            return fail_field(parse, name, error);
        parse->p += name + 1;
        return take_values(parse, term, error);
    }
    g_autofree char *word = take_word(parse, FALSE, error);
    if (word && *word) {
        QueryValue value = {.text = query_fold(word)};
        g_array_append_val(term->values, value);
    }
    return word != NULL;
}

static gboolean
take_terms(Parse *parse, GError **error)
{
    GArray *terms = parse->query->terms;
    for (;;) {
        while (*parse->p == ' ')
            parse->p++;
        if (!*parse->p)
            return TRUE;
        QueryTerm term = {.values = g_array_new(FALSE, TRUE, sizeof(QueryValue))};
        g_array_set_clear_func(term.values, value_clear);
        gboolean ok = take_term(parse, &term, error);
        if (!ok || (!term.regex && term.values->len == 0))
            term_clear(&term);
        else
            g_array_append_val(terms, term);
        if (!ok)
            return FALSE;
        if (terms->len > QUERY_MAX_TERMS) {
            g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "a filter has at most %d terms",
                        QUERY_MAX_TERMS);
            return FALSE;
        }
    }
}

Query *
query_parse(const char *text, const QueryField *fields, gint64 now, GError **error)
{
    if (strlen(text) > QUERY_MAX_BYTES) {
        g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "a filter has at most %d bytes",
                    QUERY_MAX_BYTES);
        return NULL;
    }
    g_autoptr(Query) query = g_new0(Query, 1);
    g_atomic_ref_count_init(&query->refs);
    query->text = text_printable(text, -1, TEXT_LINE);
    query->fields = fields;
    query->terms = g_array_new(FALSE, TRUE, sizeof(QueryTerm));
    g_array_set_clear_func(query->terms, term_clear);
    Parse parse = {query->text, query, now};
    return take_terms(&parse, error) ? g_steal_pointer(&query) : NULL;
}

/* -- which rows -- */

static gboolean
text_passes(const QueryTerm *term, QueryKind kind, const char *text)
{
    if (term->regex) {
        g_autofree char *valid = g_utf8_make_valid(text, -1);
        return g_regex_match(term->regex, valid, 0, NULL);
    }
    for (guint i = 0; i < term->values->len; i++) {
        const char *wanted = g_array_index(term->values, QueryValue, i).text;
        if (kind == QUERY_TEXT) {
            if (query_holds(text, wanted))
                return TRUE;
            continue;
        }
        g_autofree char *folded = query_fold(text);
        if (g_str_has_prefix(folded, wanted))
            return TRUE;
    }
    return FALSE;
}

static gboolean
word_passes(const QueryTerm *term, const char *text)
{
    for (guint i = 0; i < term->values->len; i++) {
        if (g_ascii_strcasecmp(g_array_index(term->values, QueryValue, i).text, text) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean
number_passes(const QueryTerm *term, gboolean there, gint64 number)
{
    for (guint i = 0; i < term->values->len; i++) {
        const QueryValue *value = &g_array_index(term->values, QueryValue, i);
        if (value->none ? !there : there && number >= value->min && number <= value->max)
            return TRUE;
    }
    return FALSE;
}

static gboolean
any_column(const QueryTerm *term, const QueryReader *reader, const void *row, GString *text)
{
    for (guint i = 0; i < reader->n_columns; i++) {
        g_string_truncate(text, 0);
        reader->column(row, i, text, reader->data);
        if (text_passes(term, QUERY_TEXT, text->str))
            return TRUE;
    }
    return FALSE;
}

static gboolean
field_passes(const Query *query, const QueryTerm *term, const QueryReader *reader, const void *row,
             GString *text)
{
    const QueryField *field = &query->fields[term->field];
    gint64 number = 0;
    g_string_truncate(text, 0);
    gboolean there =
        reader->field && reader->field(row, (guint)term->field, text, &number, reader->data);
    if (field->kind != QUERY_TEXT && field->kind != QUERY_WORD)
        return number_passes(term, there, number);
    if (!there)
        return FALSE;
    return field->kind == QUERY_WORD && field->words && !term->regex
               ? word_passes(term, text->str)
               : text_passes(term, field->kind, text->str);
}

gboolean
query_matches(const Query *query, const QueryReader *reader, const void *row)
{
    g_autoptr(GString) text = query->terms->len ? g_string_new(NULL) : NULL;
    for (guint i = 0; i < query->terms->len; i++) {
        const QueryTerm *term = &g_array_index(query->terms, QueryTerm, i);
        gboolean holds = term->field < 0 ? any_column(term, reader, row, text)
                                         : field_passes(query, term, reader, row, text);
        if (holds == term->inverse)
            return FALSE;
    }
    return TRUE;
}
