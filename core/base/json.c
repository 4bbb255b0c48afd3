/* json.c: cJSON with limits on the way in and exact integers on the way out. */
#include "base/json.h"

#include "base/error.h"

#include <math.h>
#include <string.h>

#define NESTING_MAX   64
#define EXACT_INTEGER 9007199254740992.0 /* 2^53 */

/* What a look at the text alone says before it costs memory: cJSON allows 1000 levels, cuts strings
 * at a \u0000, and both can be sent by anybody. Returns what is wrong, NULL when nothing is. */
static const char *
scan(const char *text, gsize len)
{
    const char *p = text, *end = text + len;
    int depth = 0;
    while (p < end) {
        char c = *p++;
        if (c == '[' || c == '{') {
            if (++depth > NESTING_MAX)
                return "is nested deeper than 64 levels";
        } else if (c == ']' || c == '}') {
            depth--;
        } else if (c == '"') {
            while (p < end && *p != '"') {
                if (*p == '\\') {
                    if (end - p >= 6 && memcmp(p, "\\u0000", 6) == 0)
                        return "holds a NUL character";
                    p++;
                }
                p++;
            }
            p++;
        }
    }
    return NULL;
}

cJSON *
json_parse(const char *text, gsize len, const char *what, GError **error)
{
    const char *fault = NULL;
    cJSON *json = NULL;
    if (memchr(text, '\0', len))
        fault = "holds a NUL byte";
    if (!fault)
        fault = scan(text, len);
    if (!fault) {
        const char *end = NULL;
        json = cJSON_ParseWithLengthOpts(text, len, &end, FALSE);
        while (json && end < text + len && g_ascii_isspace(*end))
            end++;
        if (json && end == text + len)
            return json;
        fault = json ? "goes on after its JSON value" : "is not valid JSON";
    }
    cJSON_Delete(json);
    g_set_error(error, CREDITBOT_ERROR, ERR_BAD_ANSWER,
                "%s: the text (%" G_GSIZE_FORMAT " bytes) %s", what ? what : "JSON", len, fault);
    return NULL;
}

static const cJSON *
member(const cJSON *object, const char *name)
{
    return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, name) : NULL;
}

const char *
json_string(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(member(object, name));
}

static gboolean
is_exact_integer(double value)
{
    return floor(value) == value && fabs(value) <= EXACT_INTEGER;
}

char *
json_text(const cJSON *object, const char *name)
{
    const cJSON *item = member(object, name);
    if (cJSON_IsString(item))
        return g_strdup(item->valuestring);
    if (!cJSON_IsNumber(item))
        return NULL;
    if (is_exact_integer(item->valuedouble))
        return g_strdup_printf("%" G_GINT64_FORMAT, (gint64)item->valuedouble);
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];
    return g_strdup(g_ascii_dtostr(buffer, sizeof buffer, item->valuedouble));
}

gboolean
json_true(const cJSON *object, const char *name)
{
    return cJSON_IsTrue(member(object, name));
}

gint64
json_int(const cJSON *object, const char *name, gint64 fallback)
{
    const cJSON *item = member(object, name);
    if (cJSON_IsNumber(item) && is_exact_integer(item->valuedouble))
        return (gint64)item->valuedouble;
    gint64 value;
    if (cJSON_IsString(item) &&
        g_ascii_string_to_signed(item->valuestring, 10, G_MININT64, G_MAXINT64, &value, NULL))
        return value;
    return fallback;
}

const cJSON *
json_object(const cJSON *object, const char *name)
{
    const cJSON *item = member(object, name);
    return cJSON_IsObject(item) ? item : NULL;
}

const cJSON *
json_array(const cJSON *object, const char *name)
{
    const cJSON *item = member(object, name);
    return cJSON_IsArray(item) ? item : NULL;
}

char *
json_print(const cJSON *value)
{
    char *raw = cJSON_PrintUnformatted(value);
    char *text = g_strdup(raw ? raw : "null");
    cJSON_free(raw);
    return text;
}

void
json_add(cJSON *object, const char *name, const char *value)
{
    if (value)
        cJSON_AddStringToObject(object, name, value);
    else
        cJSON_AddNullToObject(object, name);
}

void
json_add_int(cJSON *object, const char *name, gint64 value)
{
    char text[32];
    g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT, value);
    if (is_exact_integer((double)value) && ABS(value) < (gint64)EXACT_INTEGER)
        cJSON_AddNumberToObject(object, name, (double)value);
    else
        cJSON_AddRawToObject(object, name, text);
}
