/* trino_sql.c: Trino SQL to SQLite SQL: tokens, statement checks, rewriting of casts and literals.
 */
#include "config.h"
#include "trino_token.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    int code;
    const char *type;
} error_codes[] = {
    {"COLUMN_NOT_FOUND", 47, "USER_ERROR"},
    {"DIVISION_BY_ZERO", 8, "USER_ERROR"},
    {"EXCEEDED_TIME_LIMIT", 131075, "INSUFFICIENT_RESOURCES"},
    {"FUNCTION_NOT_FOUND", 6, "USER_ERROR"},
    {"GENERIC_INTERNAL_ERROR", 65536, "INTERNAL_ERROR"},
    {"INVALID_CAST_ARGUMENT", 9, "USER_ERROR"},
    {"MISSING_SCHEMA_NAME", 57, "USER_ERROR"},
    {"CATALOG_NOT_FOUND", 44, "USER_ERROR"},
    {"NUMERIC_VALUE_OUT_OF_RANGE", 19, "USER_ERROR"},
    {"PERMISSION_DENIED", 4, "USER_ERROR"},
    {"QUERY_TEXT_TOO_LARGE", 35, "USER_ERROR"},
    {"SCHEMA_NOT_FOUND", 45, "USER_ERROR"},
    {"SYNTAX_ERROR", 1, "USER_ERROR"},
    {"TABLE_NOT_FOUND", 46, "USER_ERROR"},
    {"TYPE_NOT_FOUND", 43, "USER_ERROR"},
    {"USER_CANCELED", 3, "USER_ERROR"},
};

void
trino_error_set(TrinoError *error, const char *name, const char *message)
{
    trino_error_clear(error);
    for (gsize i = 0; i < G_N_ELEMENTS(error_codes); i++) {
        if (strcmp(error_codes[i].name, name) == 0) {
            error->code = error_codes[i].code;
            error->type = g_strdup(error_codes[i].type);
        }
    }
    error->name = g_strdup(name);
    error->message = g_strdup(message);
}

void
trino_error_clear(TrinoError *error)
{
    g_free(error->name);
    g_free(error->type);
    g_free(error->message);
    *error = (TrinoError){NULL};
}

/* --- tokens --- */

static gsize
quoted_end(const char *sql, gsize at)
{
    char quote = sql[at];
    for (gsize i = at + 1; sql[i] != '\0'; i++) {
        if (sql[i] != quote)
            continue;
        if (sql[i + 1] != quote)
            return i + 1;
        i++;
    }
    return 0;
}

static gsize
space_end(const char *sql, gsize at)
{
    for (;;) {
        gsize n = strspn(sql + at, " \t\r\n");
        if (strncmp(sql + at + n, "--", 2) == 0) {
            n += strcspn(sql + at + n, "\n");
        } else if (strncmp(sql + at + n, "/*", 2) == 0) {
            const char *end = strstr(sql + at + n + 2, "*/");
            n = end != NULL ? (gsize)(end + 2 - (sql + at)) : strlen(sql + at);
        }
        if (n == 0)
            return at;
        at += n;
    }
}

static Token
next_token(const char *sql, gsize at)
{
    Token token = {.start = at};
    char c = sql[at];
    if (c == '\'' || c == '"') {
        gsize end = quoted_end(sql, at);
        token.kind = end == 0 ? TOKEN_BAD : c == '"' ? TOKEN_QUOTED : TOKEN_STRING;
        token.length = end == 0 ? strlen(sql + at) : end - at;
    } else if (g_ascii_isalpha(c) || c == '_' || (c & 0x80)) {
        token.kind = TOKEN_WORD;
        while (g_ascii_isalnum(sql[at]) || sql[at] == '_' || sql[at] == '$' || (sql[at] & 0x80))
            at++;
        token.length = at - token.start;
    } else if (g_ascii_isdigit(c) || (c == '.' && g_ascii_isdigit(sql[at + 1]))) {
        token.kind = TOKEN_NUMBER;
        char *end;
        g_ascii_strtod(sql + at, &end);
        token.length = (gsize)(end - (sql + at));
    } else {
        static const char *const pairs[] = {"<=", ">=", "<>", "!=", "||", "=>"};
        token.kind = TOKEN_SYMBOL;
        token.length = 1;
        for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++)
            if (strncmp(sql + at, pairs[i], 2) == 0)
                token.length = 2;
    }
    return token;
}

static GArray *
tokenize(const char *sql)
{
    GArray *tokens = g_array_new(FALSE, FALSE, sizeof(Token));
    for (gsize at = space_end(sql, 0); sql[at] != '\0'; at = space_end(sql, at)) {
        Token token = next_token(sql, at);
        g_array_append_val(tokens, token);
        at += token.length;
    }
    return tokens;
}

gboolean
token_is(const Script *script, guint i, const char *text)
{
    if (i >= script->tokens->len)
        return FALSE;
    const Token *token = token_at(script, i);
    return token->kind != TOKEN_STRING && token->kind != TOKEN_QUOTED &&
           strlen(text) == token->length &&
           g_ascii_strncasecmp(script->sql + token->start, text, token->length) == 0;
}

char *
token_text(const Script *script, guint i)
{
    const Token *token = token_at(script, i);
    if (token->kind == TOKEN_QUOTED || token->kind == TOKEN_STRING) {
        char quote[3] = {script->sql[token->start], script->sql[token->start], 0};
        g_autofree char *inner = g_strndup(script->sql + token->start + 1, token->length - 2);
        g_auto(GStrv) parts = g_strsplit(inner, quote, -1);
        quote[1] = '\0';
        return g_strjoinv(quote, parts);
    }
    return g_strndup(script->sql + token->start, token->length);
}

guint
token_close(const Script *script, guint open, guint end)
{
    int depth = 0;
    for (guint i = open; i < end; i++) {
        if (token_is(script, i, "("))
            depth++;
        else if (token_is(script, i, ")") && --depth == 0)
            return i;
    }
    return end;
}

guint
token_find(const Script *script, guint begin, guint end, const char *text)
{
    for (guint i = begin; i < end; i++) {
        if (token_is(script, i, text))
            return i;
        if (token_is(script, i, "("))
            i = token_close(script, i, end);
    }
    return end;
}

static void
place(const char *sql, gsize at, guint *line, guint *column)
{
    *line = 1;
    *column = 1;
    for (gsize i = 0; i < at && sql[i] != '\0'; i++) {
        *column = sql[i] == '\n' ? 1 : *column + 1;
        *line += sql[i] == '\n';
    }
}

void
trino_locate(const char *sql, const char *word, guint *line, guint *column)
{
    const char *found = strstr(sql, word);
    *line = *column = 0;
    if (found != NULL)
        place(sql, (gsize)(found - sql), line, column);
}

static gboolean
fail_at(const Script *script, guint i, const char *name, const char *message, TrinoError *error)
{
    guint line, column;
    gsize at = i < script->tokens->len ? token_at(script, i)->start : strlen(script->sql);
    place(script->sql, at, &line, &column);
    g_autofree char *full = g_strdup_printf("line %u:%u: %s", line, column, message);
    trino_error_set(error, name, full);
    error->line = line;
    error->column = column;
    return FALSE;
}

/* --- the statement as a whole --- */

static gboolean
check_statement(const Script *script, TrinoError *error)
{
    static const char *const expect =
        "Expecting: 'ALTER', 'ANALYZE', 'CALL', 'CREATE', 'DELETE', 'DESCRIBE', 'EXECUTE', "
        "'EXPLAIN', 'INSERT', 'SELECT', 'SHOW', 'TABLE', 'UPDATE', 'VALUES', 'WITH', <query>";
    static const char *const writes[] = {"ALTER",  "CREATE", "DELETE", "DROP",     "GRANT",
                                         "INSERT", "MERGE",  "REVOKE", "TRUNCATE", "UPDATE"};
    for (guint i = 0; i < script->tokens->len; i++) {
        const Token *token = token_at(script, i);
        gboolean bad = token->kind == TOKEN_BAD;
        if (!bad && !token_is(script, i, ";"))
            continue;
        g_autofree char *message =
            g_strdup_printf("mismatched input '%c'. Expecting: <EOF>", script->sql[token->start]);
        return fail_at(script, i, "SYNTAX_ERROR", message, error);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(writes); i++)
        if (token_is(script, 0, writes[i]))
            return trino_error_set(error, "PERMISSION_DENIED",
                                   "Access Denied: the catalog hive is read-only"),
                   FALSE;
    if (token_is(script, 0, "SELECT") || token_is(script, 0, "WITH") ||
        token_is(script, 0, "VALUES") || token_is(script, 0, "("))
        return TRUE;
    g_autofree char *word = script->tokens->len > 0 ? token_text(script, 0) : g_strdup("<EOF>");
    g_autofree char *message = g_strdup_printf("mismatched input '%s'. %s", word, expect);
    return fail_at(script, 0, "SYNTAX_ERROR", message, error);
}

/* The number of parts of the dotted name at token i. */
static guint
name_parts(const Script *script, guint i)
{
    guint parts = 1;
    while (token_is(script, i + 1, ".") && i + 2 < script->tokens->len) {
        parts++;
        i += 2;
    }
    return parts;
}

static gboolean
check_table(Script *script, guint i, const char *schema, TrinoError *error)
{
    guint parts = name_parts(script, i);
    g_autofree char *first = token_text(script, i);
    if (parts == 1 && g_ascii_strcasecmp(first, "verify_attempts") == 0) {
        if (schema == NULL)
            return fail_at(script, i, "MISSING_SCHEMA_NAME",
                           "Schema must be specified when session schema is not set", error);
        if (strcmp(schema, "analytics") != 0) {
            g_autofree char *message = g_strdup_printf("Schema '%s' does not exist", schema);
            return fail_at(script, i, "SCHEMA_NOT_FOUND", message, error);
        }
    }
    if (parts == 3) {
        if (g_ascii_strcasecmp(first, "hive") != 0) {
            g_autofree char *message = g_strdup_printf("Catalog '%s' does not exist", first);
            return fail_at(script, i, "CATALOG_NOT_FOUND", message, error);
        }
        token_at(script, i)->dropped = token_at(script, i + 1)->dropped = TRUE;
    }
    return TRUE;
}

static gboolean
check_tables(Script *script, const char *schema, TrinoError *error)
{
    for (guint i = 0; i + 1 < script->tokens->len; i++) {
        TokenKind next = token_at(script, i + 1)->kind;
        gboolean table = token_is(script, i, "FROM") || token_is(script, i, "JOIN");
        if (table && (next == TOKEN_WORD || next == TOKEN_QUOTED) &&
            !check_table(script, i + 1, schema, error))
            return FALSE;
    }
    return TRUE;
}

/* --- rewriting --- */

static gboolean emit(Script *script, guint begin, guint end, GString *out, TrinoError *error);

static void
emit_token(const Script *script, guint i, GString *out)
{
    const Token *token = token_at(script, i);
    if (out->len > 0)
        g_string_append_c(out, ' ');
    if (!token->dropped)
        g_string_append_len(out, script->sql + token->start, (gssize)token->length);
}

/* CAST ( x AS type ) at token i; gives the token after it. */
static gboolean
emit_cast(Script *script, guint *i, guint end, GString *out, TrinoError *error)
{
    static const char *const integers[] = {"bigint", "integer", "int", "smallint", "tinyint", NULL};
    guint close = token_close(script, *i + 1, end), as = token_find(script, *i + 2, close, "AS");
    if (close >= end || as >= close || as + 1 >= close)
        return fail_at(script, *i, "SYNTAX_ERROR", "mismatched input 'CAST'", error);
    g_autofree char *raw = token_text(script, as + 1);
    g_autofree char *type = g_ascii_strdown(raw, -1);
    g_autofree char *from = type_of(script, *i + 2, as);
    gboolean lenient = token_is(script, *i, "TRY_CAST");
    const char *function = NULL;
    int scale = 0;
    if (g_strv_contains(integers, type)) {
        function = "trino_bigint";
    } else if (strcmp(type, "decimal") == 0) {
        function = "trino_round";
        scale = type_scale(script, as + 1, close);
    } else if (strcmp(type, "date") == 0) {
        function = "trino_date";
    } else if (strcmp(type, "double") == 0 || strcmp(type, "real") == 0) {
        function = "trino_double";
    } else if (strcmp(type, "varchar") == 0 || strcmp(type, "char") == 0) {
        gboolean decimal = from != NULL && g_str_has_prefix(from, "decimal");
        function = decimal                                        ? "trino_decimal_text"
                   : from != NULL && strcmp(from, "double") == 0  ? "trino_double_text"
                   : from != NULL && strcmp(from, "boolean") == 0 ? "trino_boolean_text"
                                                                  : "trino_text";
        scale = decimal ? decimal_scale(from) : 0;
    } else if (g_str_has_prefix(type, "timestamp") || strcmp(type, "boolean") == 0) {
        function = strcmp(type, "boolean") == 0 ? "trino_bigint" : "trino_text";
    } else {
        g_autofree char *message = g_strdup_printf("Unknown type: %s", type);
        return fail_at(script, as + 1, "TYPE_NOT_FOUND", message, error);
    }
    g_string_append_printf(out, " %s(", function);
    if (!emit(script, *i + 2, as, out, error))
        return FALSE;
    g_string_append_printf(out, ", %d, %d)", scale, lenient);
    *i = close + 1;
    return TRUE;
}

static gboolean
emit(Script *script, guint begin, guint end, GString *out, TrinoError *error)
{
    for (guint i = begin; i < end;) {
        gboolean called = token_is(script, i + 1, "(");
        gboolean literal = i + 1 < end && token_at(script, i + 1)->kind == TOKEN_STRING;
        if (called && (token_is(script, i, "CAST") || token_is(script, i, "TRY_CAST"))) {
            if (!emit_cast(script, &i, end, out, error))
                return FALSE;
            continue;
        }
        if (called && token_is(script, i, "IF")) {
            g_string_append(out, " iif");
        } else if (token_is(script, i, "CURRENT_DATE") && !called) {
            g_string_append(out, " trino_current_date()");
        } else if (!literal || (!token_is(script, i, "DATE") && !token_is(script, i, "TIMESTAMP") &&
                                !token_is(script, i, "DECIMAL"))) {
            emit_token(script, i, out);
        }
        i++;
    }
    return TRUE;
}

void
trino_sql_clear(TrinoSql *sql)
{
    g_free(sql->sql);
    if (sql->names != NULL)
        g_ptr_array_unref(sql->names);
    if (sql->types != NULL)
        g_ptr_array_unref(sql->types);
    if (sql->aliases != NULL)
        g_hash_table_unref(sql->aliases);
    *sql = (TrinoSql){NULL};
}

gboolean
trino_translate(const char *sql, const char *schema, TrinoSql *out, TrinoError *error)
{
    Script script = {.sql = sql, .tokens = tokenize(sql)};
    g_autoptr(GString) text = g_string_new(NULL);
    script.aliases = aliases_find(&script);
    out->names = g_ptr_array_new_with_free_func(g_free);
    out->types = g_ptr_array_new_with_free_func(g_free);
    out->aliases = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    gboolean ok = check_statement(&script, error) && check_tables(&script, schema, error) &&
                  emit(&script, 0, script.tokens->len, text, error);
    if (ok) {
        select_columns(&script, out);
        out->sql = g_strdup(text->str);
    }
    g_array_unref(script.aliases);
    g_array_unref(script.tokens);
    return ok;
}
