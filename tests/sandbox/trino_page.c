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
        if (*c == '"' || *c == '\\')
            g_string_append_printf(out, "\\%c", *c);
        else if ((guchar)*c < 0x20)
            g_string_append_printf(out, "\\u%04x", (guint)*c);
        else
            g_string_append_c(out, *c);
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

static gboolean
is_whole(const char *type)
{
    return strcmp(type, "bigint") == 0 || strcmp(type, "integer") == 0 ||
           strcmp(type, "smallint") == 0 || strcmp(type, "tinyint") == 0;
}

static void
json_value(GString *out, sqlite3_value *value, const char *type)
{
    if (sqlite3_value_type(value) == SQLITE_NULL) {
        g_string_append(out, "null");
    } else if (is_whole(type)) {
        g_string_append_printf(out, "%" G_GINT64_FORMAT, (gint64)sqlite3_value_int64(value));
    } else if (strcmp(type, "double") == 0 || strcmp(type, "real") == 0) {
        json_double(out, sqlite3_value_double(value));
    } else if (strcmp(type, "boolean") == 0) {
        g_string_append(out, sqlite3_value_int(value) ? "true" : "false");
    } else if (g_str_has_prefix(type, "decimal")) {
        const char *comma = strchr(type, ',');
        g_autofree char *text = trino_decimal(value, comma != NULL ? atoi(comma + 1) : 0);
        json_string(out, text);
    } else {
        json_string(out, (const char *)sqlite3_value_text(value));
    }
}

void
trino_row(const TrinoQuery *query, GString *out)
{
    g_string_append_c(out, '[');
    for (guint i = 0; i < query->types->len; i++) {
        const char *type = query->types->pdata[i];
        sqlite3_value *value = sqlite3_column_value(query->statement, (int)i);
        if (i > 0)
            g_string_append_c(out, ',');
        /* A value that sqlite3_column_value() gives is unprotected; the text and number accessors
         * below are safe on it, since this connection belongs to one thread at a time. */
        json_value(out, value, type != NULL ? type : "varchar");
    }
    g_string_append_c(out, ']');
}

void
trino_settle_types(TrinoQuery *query)
{
    for (guint i = 0; i < query->types->len; i++) {
        if (query->types->pdata[i] != NULL)
            continue;
        int type = sqlite3_column_type(query->statement, (int)i);
        query->types->pdata[i] = g_strdup(type == SQLITE_INTEGER ? "bigint"
                                          : type == SQLITE_FLOAT ? "double"
                                                                 : "varchar");
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
