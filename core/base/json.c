/* json.c: cJSON with limits on the way in and exact integers on the way out. */
#include "base/json.h"

#include "base/error.h"
#include "base/text.h"

#include <string.h>

#define NESTING_MAX   64
#define EXACT_INTEGER 9007199254740992.0                  /* 2^53 */
#define PRINTED_EXACT G_GINT64_CONSTANT(1000000000000000) /* cJSON prints 15 digits */

/* What a look at the text alone tells, before it costs memory. */
typedef struct {
    int depth_max;
    gboolean bad_escape; /* \u0000, which cuts a C string, or a surrogate without its other half */
    gboolean not_ascii;
} Look;

/* The code unit of "\uXXXX" at p, -1 when there is none. */
static int
escape_unit(const char *p, const char *end)
{
    int unit = 0;
    if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
        return -1;
    for (int i = 2; i < 6; i++) {
        int digit = g_ascii_xdigit_value(p[i]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

/* Bytes of the escape at p; *bad when no text can hold what it stands for. */
static gsize
escape_length(const char *p, const char *end, gboolean *bad)
{
    int unit = escape_unit(p, end);
    *bad = FALSE;
    if (unit < 0)
        return MIN(2, (gsize)(end - p));
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        int low = escape_unit(p + 6, end);
        if (low >= 0xDC00 && low <= 0xDFFF)
            return 12;
    }
    *bad = unit == 0 || (unit >= 0xD800 && unit <= 0xDFFF);
    return 6;
}

/* TRUE when no byte has its highest bit set; by words, since whole pages pass here. */
static gboolean
is_ascii(const char *text, gsize len)
{
    guint64 seen = 0, word;
    gsize i = 0;
    for (; i + sizeof word <= len; i += sizeof word) {
        memcpy(&word, text + i, sizeof word);
        seen |= word;
    }
    for (; i < len; i++)
        seen |= (guchar)text[i];
    return (seen & G_GUINT64_CONSTANT(0x8080808080808080)) == 0;
}

/* The end of the string whose inside begins at p. */
static const char *
skip_string(const char *p, const char *end, gboolean *bad_escape)
{
    for (;;) {
        while (p < end && *p != '"' && *p != '\\')
            p++;
        if (p == end || *p == '"')
            break;
        gboolean bad;
        p += escape_length(p, end, &bad);
        *bad_escape |= bad;
    }
    return p < end ? p + 1 : end;
}

static Look
look_at(const char *text, gsize len)
{
    /* A bracket opens +1 or shuts -1, a quote is 2, the rest passes. */
    static const gint8 steps[256] = {
        ['['] = 1, ['{'] = 1, [']'] = -1, ['}'] = -1, ['"'] = 2,
    };
    const char *p = text, *end = text + len;
    Look look = {.not_ascii = !is_ascii(text, len)};
    int depth = 0;
    while (p < end) {
        gint8 step = steps[(guchar)*p++];
        if (step == 0)
            continue;
        if (step == 2) {
            p = skip_string(p, end, &look.bad_escape);
            continue;
        }
        depth += step;
        look.depth_max = MAX(look.depth_max, depth);
    }
    return look;
}

/* A copy whose every string is text: what is not becomes U+FFFD, so that one hostile message does
 * not make its whole page unreadable. */
static char *
repair(const char *text, gsize len)
{
    GString *out = g_string_sized_new(len);
    const char *p = text, *end = text + len;
    while (p < end) {
        gboolean bad = FALSE;
        gsize used = *p == '\\' ? escape_length(p, end, &bad) : 1;
        g_string_append_len(out, bad ? "\\ufffd" : p, bad ? 6 : (gssize)used);
        p += used;
    }
    char *valid = g_utf8_make_valid(out->str, (gssize)out->len);
    g_string_free(out, TRUE);
    return valid;
}

/* NULL, and what is wrong with the text in *fault. */
static cJSON *
parse_one(const char *text, gsize len, const char **fault)
{
    const char *end = NULL;
    cJSON *json = cJSON_ParseWithLengthOpts(text, len, &end, FALSE);
    while (json && end < text + len && g_ascii_isspace(*end))
        end++;
    if (json && end == text + len)
        return json;
    *fault = json ? "goes on after its JSON value" : "is not valid JSON";
    cJSON_Delete(json);
    return NULL;
}

cJSON *
json_parse(const char *text, gsize len, const char *what, GError **error)
{
    const char *fault = NULL;
    cJSON *json = NULL;
    Look look = look_at(text, len);
    if (memchr(text, '\0', len)) {
        fault = "holds a NUL byte";
    } else if (look.depth_max > NESTING_MAX) {
        fault = "is nested deeper than 64 levels";
    } else if (look.bad_escape || (look.not_ascii && !g_utf8_validate_len(text, len, NULL))) {
        g_autofree char *repaired = repair(text, len);
        json = parse_one(repaired, strlen(repaired), &fault);
    } else {
        json = parse_one(text, len, &fault);
    }
    if (!json)
        g_set_error(error, CREDITBOT_ERROR, ERR_BAD_ANSWER,
                    "%s: the text (%" G_GSIZE_FORMAT " bytes) %s", what ? what : "JSON", len,
                    fault);
    return json;
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
    return value >= -EXACT_INTEGER && value <= EXACT_INTEGER && (double)(gint64)value == value;
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

/* cJSON escapes C0 only. Outside of strings JSON is ASCII, so every other one stands in a string.
 */
static char *
escape_hidden(const char *json)
{
    g_autofree char *valid = g_utf8_make_valid(json, -1);
    GString *out = g_string_sized_new(strlen(valid) + 64);
    for (const char *p = valid, *next; *p; p = next) {
        gunichar c = g_utf8_get_char(p);
        next = p + g_utf8_skip[(guchar)*p];
        if (!text_hidden(c))
            g_string_append_len(out, p, next - p);
        else if (c < 0x10000)
            g_string_append_printf(out, "\\u%04x", c);
        else
            g_string_append_printf(out, "\\u%04x\\u%04x", 0xD7C0 + (c >> 10), 0xDC00 + (c & 0x3FF));
    }
    return g_string_free(out, FALSE);
}

/* Takes what cJSON made. */
static char *
safe_copy(char *raw)
{
    const char *text = raw ? raw : "null";
    gsize len = strlen(text);
    char *copy = is_ascii(text, len) && !strchr(text, 0x7F) ? g_strdup(text) : escape_hidden(text);
    cJSON_free(raw);
    return copy;
}

char *
json_print(const cJSON *value)
{
    return safe_copy(cJSON_PrintUnformatted(value));
}

char *
json_print_pretty(const cJSON *value)
{
    return safe_copy(cJSON_Print(value));
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
    if (value > -PRINTED_EXACT && value < PRINTED_EXACT)
        cJSON_AddNumberToObject(object, name, (double)value);
    else
        cJSON_AddRawToObject(object, name, text);
}
