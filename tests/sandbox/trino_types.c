/* trino_types.c: what type Trino would give to an expression, told from its tokens. */
#include "config.h"
#include "trino_token.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    const char *type;
} columns[] = {
    {"account_sid", "varchar"}, {"account_name", "varchar"}, {"day", "date"},
    {"country", "varchar"},     {"prefix", "varchar"},       {"carrier", "varchar"},
    {"attempts", "bigint"},     {"conversions", "bigint"},   {"cost", "decimal(18,6)"},
    {"product", "varchar"},     {"created_date", "date"},
};

/* Result types of functions: "1", "2", "3" stand for the type of that argument, "sum" and "avg" for
 * what those do to it. */
static const struct {
    const char *name;
    const char *type;
} functions[] = {
    {"abs", "1"},
    {"any_value", "1"},
    {"arbitrary", "1"},
    {"avg", "avg"},
    {"coalesce", "1"},
    {"concat", "varchar"},
    {"count", "bigint"},
    {"count_if", "bigint"},
    {"date", "date"},
    {"date_add", "3"},
    {"date_diff", "bigint"},
    {"date_format", "varchar"},
    {"date_trunc", "2"},
    {"day_of_week", "bigint"},
    {"greatest", "1"},
    {"if", "2"},
    {"least", "1"},
    {"length", "bigint"},
    {"lower", "varchar"},
    {"max", "1"},
    {"min", "1"},
    {"month", "bigint"},
    {"nullif", "1"},
    {"regexp_like", "boolean"},
    {"replace", "varchar"},
    {"round", "1"},
    {"row_number", "bigint"},
    {"strpos", "bigint"},
    {"substr", "varchar"},
    {"sum", "sum"},
    {"trim", "varchar"},
    {"upper", "varchar"},
    {"year", "bigint"},
};

GArray *
aliases_find(const Script *script)
{
    GArray *aliases = g_array_new(FALSE, TRUE, sizeof(Alias));
    for (guint i = 1; i + 1 < script->tokens->len; i++) {
        TokenKind next = token_at(script, i + 1)->kind;
        if (!token_is(script, i, "AS") || (next != TOKEN_WORD && next != TOKEN_QUOTED))
            continue;
        int depth = 0;
        guint begin = i;
        while (begin > 0) {
            guint before = begin - 1;
            depth += token_is(script, before, ")") ? 1 : token_is(script, before, "(") ? -1 : 0;
            if (depth < 0 ||
                (depth == 0 &&
                 (token_is(script, before, ",") || token_is(script, before, "SELECT") ||
                  token_is(script, before, "DISTINCT") || token_is(script, before, "FROM") ||
                  token_is(script, before, "JOIN"))))
                break;
            begin = before;
        }
        Alias alias = {.begin = begin, .end = i, .name = i + 1};
        g_array_append_val(aliases, alias);
    }
    return aliases;
}

int
type_scale(const Script *script, guint i, guint end)
{
    if (!token_is(script, i + 1, "(") || i + 4 >= end || !token_is(script, i + 3, ","))
        return 0;
    g_autofree char *scale = token_text(script, i + 4);
    return atoi(scale);
}

int
decimal_scale(const char *type)
{
    const char *comma = strchr(type, ',');
    return comma != NULL ? atoi(comma + 1) : 0;
}

static gboolean
is_decimal(const char *type)
{
    return type != NULL && g_str_has_prefix(type, "decimal");
}

static gboolean
is_integer(const char *type)
{
    return type != NULL && (strcmp(type, "bigint") == 0 || strcmp(type, "integer") == 0);
}

static char *
type_of_name(Script *script, guint i)
{
    g_autofree char *name = token_text(script, i);
    for (guint n = script->aliases->len; n-- > 0;) {
        Alias *alias = &g_array_index(script->aliases, Alias, n);
        g_autofree char *alias_name = token_text(script, alias->name);
        if (alias->active || g_ascii_strcasecmp(name, alias_name) != 0 ||
            (i >= alias->begin && i < alias->end))
            continue;
        alias->active = TRUE;
        char *type = type_of(script, alias->begin, alias->end);
        g_array_index(script->aliases, Alias, n).active = FALSE;
        if (type != NULL)
            return type;
    }
    for (gsize n = 0; n < G_N_ELEMENTS(columns); n++)
        if (g_ascii_strcasecmp(name, columns[n].name) == 0)
            return g_strdup(columns[n].type);
    return NULL;
}

static char *
type_of_number(const Script *script, guint i)
{
    g_autofree char *text = token_text(script, i);
    const char *point = strchr(text, '.');
    if (strpbrk(text, "eE") != NULL)
        return g_strdup("double");
    if (point != NULL)
        return g_strdup_printf("decimal(%zu,%zu)", strlen(text) - 1, strlen(point + 1));
    return g_strdup(g_ascii_strtoll(text, NULL, 10) > G_MAXINT32 ? "bigint" : "integer");
}

static char *
type_of_token(Script *script, guint i)
{
    switch (token_at(script, i)->kind) {
    case TOKEN_STRING: {
        g_autofree char *text = token_text(script, i);
        return g_strdup_printf("varchar(%ld)", g_utf8_strlen(text, -1));
    }
    case TOKEN_NUMBER:
        return type_of_number(script, i);
    case TOKEN_WORD:
        if (token_is(script, i, "TRUE") || token_is(script, i, "FALSE"))
            return g_strdup("boolean");
        if (token_is(script, i, "NULL"))
            return NULL;
        return token_is(script, i, "CURRENT_DATE") ? g_strdup("date") : type_of_name(script, i);
    case TOKEN_QUOTED:
        return type_of_name(script, i);
    default:
        return NULL;
    }
}

/* The n-th argument (from 1) of the call whose arguments are [begin, end). */
static char *
type_of_argument(Script *script, guint begin, guint end, int n)
{
    for (; n > 1 && begin < end; n--)
        begin = token_find(script, begin, end, ",") + 1;
    return begin < end ? type_of(script, begin, token_find(script, begin, end, ",")) : NULL;
}

static char *
type_of_aggregate(Script *script, const char *how, guint begin, guint end)
{
    g_autofree char *type = type_of(script, begin, end);
    if (is_decimal(type))
        return strcmp(how, "sum") == 0 ? g_strdup_printf("decimal(38,%d)", decimal_scale(type))
                                       : g_steal_pointer(&type);
    if (is_integer(type) && strcmp(how, "sum") == 0)
        return g_strdup("bigint");
    return type != NULL ? g_strdup("double") : NULL;
}

static char *
type_of_cast(Script *script, guint begin, guint end)
{
    guint as = token_find(script, begin, end, "AS") + 1;
    if (as >= end)
        return NULL;
    g_autoptr(GString) type = g_string_new(NULL);
    for (guint i = as; i < end; i++) {
        g_autofree char *text = token_text(script, i);
        g_string_append(type, text);
    }
    g_string_ascii_down(type);
    if (strcmp(type->str, "int") == 0)
        g_string_assign(type, "integer");
    return g_strdup(type->str);
}

static char *
type_of_call(Script *script, guint begin, guint end)
{
    g_autofree char *raw = token_text(script, begin);
    g_autofree char *name = g_ascii_strdown(raw, -1);
    guint from = begin + 2, to = end - 1;
    if (strcmp(name, "cast") == 0 || strcmp(name, "try_cast") == 0)
        return type_of_cast(script, from, to);
    for (gsize i = 0; i < G_N_ELEMENTS(functions); i++) {
        const char *type = functions[i].type;
        if (strcmp(name, functions[i].name) != 0)
            continue;
        if (g_ascii_isdigit(type[0]))
            return type_of_argument(script, from, to, type[0] - '0');
        if (strcmp(type, "sum") == 0 || strcmp(type, "avg") == 0)
            return type_of_aggregate(script, type, from, to);
        return g_strdup(type);
    }
    return NULL;
}

static char *
type_of_arithmetic(Script *script, guint begin, guint op, guint end)
{
    g_autofree char *left = type_of(script, begin, op);
    g_autofree char *right = type_of(script, op + 1, end);
    if (g_strcmp0(left, "double") == 0 || g_strcmp0(right, "double") == 0)
        return g_strdup("double");
    if (is_decimal(left) || is_decimal(right)) {
        int a = left != NULL ? decimal_scale(left) : 0, b = right ? decimal_scale(right) : 0;
        return g_strdup_printf("decimal(38,%d)",
                               token_is(script, op, "*") ? MIN(a + b, 12) : MAX(a, b));
    }
    if (g_strcmp0(left, "date") == 0)
        return g_strdup("date");
    return is_integer(left) && is_integer(right) ? g_strdup("bigint") : NULL;
}

/* Splits at the operator that binds least. */
static char *
type_of_operation(Script *script, guint begin, guint end)
{
    static const char *const logic[] = {
        "OR", "AND", "NOT", "=", "<", ">", "<=", ">=", "<>", "!=", "IS", "IN", "LIKE", "BETWEEN"};
    static const char *const arithmetic[] = {"+", "-", "*", "/", "%"};
    for (gsize i = 0; i < G_N_ELEMENTS(logic); i++)
        if (token_find(script, begin, end, logic[i]) < end)
            return g_strdup("boolean");
    if (token_find(script, begin, end, "||") < end)
        return g_strdup("varchar");
    for (gsize i = 0; i < G_N_ELEMENTS(arithmetic); i++) {
        guint op = token_find(script, begin + 1, end, arithmetic[i]);
        if (op < end)
            return type_of_arithmetic(script, begin, op, end);
    }
    return token_is(script, begin, "-") ? type_of(script, begin + 1, end) : NULL;
}

static char *
type_of_case(Script *script, guint begin, guint end)
{
    static const char *const stops[] = {"WHEN", "ELSE", "END"};
    guint then = token_find(script, begin, end, "THEN") + 1, stop = end;
    for (gsize i = 0; i < G_N_ELEMENTS(stops); i++)
        stop = MIN(stop, token_find(script, MIN(then, end), end, stops[i]));
    return then < stop ? type_of(script, then, stop) : NULL;
}

static gboolean
is_dotted_name(const Script *script, guint begin, guint end)
{
    for (guint i = begin; i < end; i++) {
        TokenKind kind = token_at(script, i)->kind;
        gboolean name = kind == TOKEN_WORD || kind == TOKEN_QUOTED;
        if ((i - begin) % 2 == 0 ? !name : !token_is(script, i, "."))
            return FALSE;
    }
    return (end - begin) % 2 == 1;
}

char *
type_of(Script *script, guint begin, guint end)
{
    while (begin + 1 < end && token_is(script, begin, "(") &&
           token_close(script, begin, end) == end - 1) {
        begin++;
        end--;
    }
    if (begin >= end || token_is(script, begin, "SELECT") || token_is(script, begin, "WITH"))
        return NULL;
    if (end - begin == 1)
        return type_of_token(script, begin);
    if (token_is(script, begin, "CASE") && token_is(script, end - 1, "END"))
        return type_of_case(script, begin + 1, end);
    if (token_is(script, begin, "DISTINCT"))
        return type_of(script, begin + 1, end);
    if (is_dotted_name(script, begin, end))
        return type_of_name(script, end - 1);
    if (end - begin == 2 && token_at(script, end - 1)->kind == TOKEN_STRING) {
        if (token_is(script, begin, "DATE"))
            return g_strdup("date");
        if (token_is(script, begin, "TIMESTAMP"))
            return g_strdup("timestamp(3)");
        if (token_is(script, begin, "DECIMAL"))
            return g_strdup("decimal(38,0)");
    }
    if (token_is(script, begin + 1, "(")) {
        guint close = token_close(script, begin + 1, end);
        if (close == end - 1 || token_is(script, close + 1, "OVER"))
            return type_of_call(script, begin, close + 1);
    }
    return type_of_operation(script, begin, end);
}

/* --- the outermost SELECT list --- */

/* The first SELECT that stands outside parentheses, or inside those around the whole statement. */
static guint
outer_select(const Script *script)
{
    guint begin = 0;
    while (token_is(script, begin, "("))
        begin++;
    return token_find(script, begin, script->tokens->len, "SELECT");
}

/* Words that are values, not names of columns. */
static gboolean
is_constant(const Script *script, guint i)
{
    return token_is(script, i, "TRUE") || token_is(script, i, "FALSE") ||
           token_is(script, i, "NULL") || token_is(script, i, "CURRENT_DATE");
}

static void
add_column(Script *script, guint begin, guint end, TrinoSql *out)
{
    guint as = token_find(script, begin, end, "AS");
    TokenKind last = token_at(script, end - 1)->kind;
    guint stop = as < end ? as : end;
    gboolean named =
        as < end || (is_dotted_name(script, begin, end) && !is_constant(script, begin));
    gboolean word =
        last == TOKEN_QUOTED || (last == TOKEN_WORD && !token_is(script, end - 1, "END"));
    if (!named && word && end - begin > 1 &&
        (token_at(script, end - 2)->kind != TOKEN_SYMBOL || token_is(script, end - 2, ")"))) {
        named = TRUE; /* a name without AS */
        stop = end - 1;
    }
    g_ptr_array_add(out->names, named ? NULL : g_strdup_printf("_col%u", out->names->len));
    g_ptr_array_add(out->types, type_of(script, begin, stop));
}

static void
type_aliases(Script *script, TrinoSql *out)
{
    for (guint i = 0; i < script->aliases->len; i++) {
        Alias *alias = &g_array_index(script->aliases, Alias, i);
        char *name = token_text(script, alias->name);
        char *type = type_of(script, alias->begin, alias->end);
        if (type != NULL && !g_hash_table_contains(out->aliases, name)) {
            g_hash_table_insert(out->aliases, name, type);
        } else {
            g_free(name);
            g_free(type);
        }
    }
}

void
select_columns(Script *script, TrinoSql *out)
{
    type_aliases(script, out);
    guint begin = outer_select(script) + 1, end = script->tokens->len;
    if (begin >= end)
        return;
    if (token_is(script, begin, "DISTINCT") || token_is(script, begin, "ALL"))
        begin++;
    static const char *const stops[] = {"FROM",  "WHERE", "UNION",  "ORDER",
                                        "LIMIT", "GROUP", "EXCEPT", "INTERSECT"};
    for (gsize i = 0; i < G_N_ELEMENTS(stops); i++)
        end = MIN(end, token_find(script, begin, end, stops[i]));
    while (begin < end) {
        guint comma = token_find(script, begin, end, ",");
        if (token_is(script, comma - 1, "*") && (comma - begin == 1 || comma - begin == 3)) {
            g_ptr_array_set_size(out->names, 0);
            g_ptr_array_set_size(out->types, 0);
            return;
        }
        if (comma > begin)
            add_column(script, begin, comma, out);
        begin = comma + 1;
    }
}
