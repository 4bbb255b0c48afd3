/* trino_page.c: pages of the statement protocol as JSON: statistics, columns, rows, errors. */
#include "config.h"
#include "trino_query.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void
json_string(GString *out, const char *text)
{
    g_string_append_c(out, '"');
    for (const char *c = text; *c != '\0'; c++) {
        const char *plain = c;
        while ((guchar)*c >= 0x20 && *c != '"' && *c != '\\')
            c++;
        g_string_append_len(out, plain, c - plain);
        if (*c == '\0')
            break;
        if (*c == '"' || *c == '\\')
            g_string_append_printf(out, "\\%c", *c);
        else
            g_string_append_printf(out, "\\u%04x", (guint)*c);
    }
    g_string_append_c(out, '"');
}

static void
json_double(GString *out, double number)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    if (isnan(number) || isinf(number))
        g_string_append(out, isnan(number) ? "\"NaN\""
                             : number > 0  ? "\"Infinity\""
                                           : "\"-Infinity\"");
    else
        g_string_append(out, g_ascii_dtostr(text, sizeof text, number));
}

static void
json_integer(GString *out, gint64 number)
{
    char digits[24], *at = digits + sizeof digits;
    guint64 rest = number < 0 ? 0 - (guint64)number : (guint64)number;
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0)
        *--at = '-';
    g_string_append_len(out, at, digits + sizeof digits - at);
}

/* A value that sqlite3_column_value() gives is unprotected; the text and number accessors are safe
 * on it, since a query's connection belongs to one thread at a time. */
static void
json_value(GString *out, sqlite3_value *value, const TrinoCell *cell)
{
    if (sqlite3_value_type(value) == SQLITE_NULL) {
        g_string_append(out, "null");
        return;
    }
    switch (cell->kind) {
    case CELL_INTEGER:
        json_integer(out, sqlite3_value_int64(value));
        break;
    case CELL_DOUBLE:
        json_double(out, sqlite3_value_double(value));
        break;
    case CELL_BOOLEAN:
        g_string_append(out, sqlite3_value_int(value) ? "true" : "false");
        break;
    case CELL_DECIMAL: {
        g_autofree char *text = trino_decimal(value, cell->scale);
        json_string(out, text);
        break;
    }
    case CELL_TEXT:
        json_string(out, (const char *)sqlite3_value_text(value));
        break;
    }
}

void
trino_row(const TrinoQuery *query, GString *out)
{
    g_string_append_c(out, '[');
    for (guint i = 0; i < query->cells->len; i++) {
        if (i > 0)
            g_string_append_c(out, ',');
        json_value(out, sqlite3_column_value(query->statement, (int)i),
                   &g_array_index(query->cells, TrinoCell, i));
    }
    g_string_append_c(out, ']');
}

static TrinoCell
cell_of(const char *type)
{
    static const struct {
        const char *type;
        TrinoCellKind kind;
    } kinds[] = {{"bigint", CELL_INTEGER},  {"integer", CELL_INTEGER}, {"smallint", CELL_INTEGER},
                 {"tinyint", CELL_INTEGER}, {"double", CELL_DOUBLE},   {"real", CELL_DOUBLE},
                 {"boolean", CELL_BOOLEAN}};
    const char *comma = strchr(type, ',');
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(type, kinds[i].type) == 0)
            return (TrinoCell){kinds[i].kind, 0};
    if (g_str_has_prefix(type, "decimal"))
        return (TrinoCell){CELL_DECIMAL, comma != NULL ? atoi(comma + 1) : 0};
    return (TrinoCell){CELL_TEXT, 0};
}

void
trino_settle_types(TrinoQuery *query)
{
    query->cells = g_array_new(FALSE, FALSE, sizeof(TrinoCell));
    for (guint i = 0; i < query->types->len; i++) {
        int type = sqlite3_column_type(query->statement, (int)i);
        if (query->types->pdata[i] == NULL)
            query->types->pdata[i] = g_strdup(type == SQLITE_INTEGER ? "bigint"
                                              : type == SQLITE_FLOAT ? "double"
                                                                     : "varchar");
        TrinoCell cell = cell_of(query->types->pdata[i]);
        g_array_append_val(query->cells, cell);
    }
}

/* "decimal(38,6)" → rawType "decimal" and its arguments. */
static void
add_column(GString *out, const char *name, const char *type)
{
    gsize length = strcspn(type, "(");
    g_autofree char *raw = g_strndup(type, length);
    g_string_append(out, "{\"name\":");
    json_string(out, name);
    g_string_append_printf(out, ",\"type\":\"%s\",\"typeSignature\":{\"rawType\":\"%s\",", type,
                           raw);
    g_string_append(out, "\"arguments\":[");
    if (type[length] == '(') {
        g_autofree char *inner = g_strndup(type + length + 1, strlen(type + length) - 2);
        g_auto(GStrv) numbers = g_strsplit(inner, ",", -1);
        for (guint i = 0; numbers[i] != NULL; i++)
            g_string_append_printf(out, "%s{\"kind\":\"LONG\",\"value\":%s}", i > 0 ? "," : "",
                                   numbers[i]);
    } else if (strcmp(type, "varchar") == 0) {
        g_string_append(out, "{\"kind\":\"LONG\",\"value\":2147483647}");
    }
    g_string_append(out, "]}}");
}

static void
add_columns(const TrinoQuery *query, GString *out)
{
    g_string_append(out, ",\"columns\":[");
    for (guint i = 0; i < query->names->len; i++) {
        const char *type = query->types->pdata[i];
        if (i > 0)
            g_string_append_c(out, ',');
        add_column(out, query->names->pdata[i], type != NULL ? type : "varchar");
    }
    g_string_append_c(out, ']');
}

static void
add_error(const TrinoError *error, GString *out)
{
    g_autoptr(GString) place = g_string_new(NULL);
    if (error->line > 0)
        g_string_printf(place, "\"errorLocation\":{\"lineNumber\":%u,\"columnNumber\":%u},",
                        error->line, error->column);
    g_string_append(out, ",\"error\":{\"message\":");
    json_string(out, error->message);
    g_string_append_printf(out, ",\"errorCode\":%d,\"errorName\":\"%s\",\"errorType\":\"%s\",%s",
                           error->code, error->name, error->type, place->str);
    g_string_append_printf(out,
                           "\"failureInfo\":{\"type\":\"io.trino.spi.TrinoException\",%s"
                           "\"suppressed\":[],\"stack\":[\"io.trino.sql.analyzer.Analyzer.analyze"
                           "(Analyzer.java:91)\"],\"message\":",
                           place->str);
    json_string(out, error->message);
    g_string_append(out, "}}");
}

static void
add_stats(const TrinoQuery *query, GString *out)
{
    static const char *const states[] = {"QUEUED", "RUNNING", "FINISHED", "FAILED"};
    gint64 elapsed = (g_get_monotonic_time() - query->submitted) / 1000;
    gboolean queued = query->state == QUERY_QUEUED;
    int done = (int)query->progress;
    g_string_append_printf(
        out, ",\"stats\":{\"state\":\"%s\",\"queued\":%s,\"scheduled\":%s,\"nodes\":%d,",
        states[query->state], queued ? "true" : "false", queued ? "false" : "true", queued ? 0 : 3);
    if (!queued) {
        char text[G_ASCII_DTOSTR_BUF_SIZE];
        g_string_append_printf(out, "\"progressPercentage\":%s,",
                               g_ascii_dtostr(text, sizeof text, query->progress));
    }
    g_string_append_printf(out,
                           "\"totalSplits\":%d,\"queuedSplits\":0,\"runningSplits\":%d,"
                           "\"completedSplits\":%d,\"cpuTimeMillis\":%" G_GINT64_FORMAT
                           ",\"wallTimeMillis\":%" G_GINT64_FORMAT
                           ",\"queuedTimeMillis\":1,\"elapsedTimeMillis\":%" G_GINT64_FORMAT,
                           queued ? 0 : 100, queued ? 0 : 100 - done, queued ? 0 : done,
                           elapsed / 2, elapsed, elapsed);
    g_string_append_printf(out,
                           ",\"processedRows\":%" G_GUINT64_FORMAT
                           ",\"processedBytes\":%" G_GUINT64_FORMAT
                           ",\"physicalInputBytes\":%" G_GUINT64_FORMAT
                           ",\"peakMemoryBytes\":1048576,\"spilledBytes\":0}",
                           query->rows, query->bytes, query->bytes);
}

char *
trino_page(const TrinoQuery *query, const char *next, const char *data)
{
    GString *out = g_string_sized_new(data != NULL ? strlen(data) + 2048 : 2048);
    g_string_append_printf(out, "{\"id\":\"%s\",\"infoUri\":\"%s/ui/query.html?%s\"", query->id,
                           query->base, query->id);
    if (next != NULL)
        g_string_append_printf(out, ",\"nextUri\":\"%s\"", next);
    if (query->names != NULL && query->progress > 0 && query->error.name == NULL)
        add_columns(query, out);
    if (data != NULL)
        g_string_append_printf(out, ",\"data\":%s", data);
    add_stats(query, out);
    if (query->error.name != NULL)
        add_error(&query->error, out);
    g_string_append(out, ",\"warnings\":[]}");
    return g_string_free(out, FALSE);
}
