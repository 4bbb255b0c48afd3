/* trino_cell.c: the lexical half of the page reader: one JSON value at a time, in place, RFC 8259.
 */
#include <string.h>
#include "services/trino_cell.h"

#define MAX_NESTING 64

enum { PLAIN, QUOTE, ESCAPE, HIGH, CONTROL, OPEN, CLOSE };

/* What a byte means inside a string. */
static const guint8 in_string[256] = {
    [0 ... 0x1F] = CONTROL,
    ['"'] = QUOTE,
    ['\\'] = ESCAPE,
    [0x80 ... 0xFF] = HIGH,
};

/* What a byte means to one who only looks for the end of a value. */
static const guint8 in_value[256] = {
    ['\0'] = CONTROL, ['"'] = QUOTE, ['['] = OPEN, ['{'] = OPEN, [']'] = CLOSE, ['}'] = CLOSE,
};

char *
trino_skip_space(char *p)
{
    while (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r')
        p++;
    return p;
}

/* From the opening quote to past the closing one; NULL: none. */
static char *
skip_string(char *p)
{
    for (p++;; p++) {
        while (in_string[(guint8)*p] != QUOTE && *p != '\\' && *p != '\0')
            p++;
        if (*p == '"')
            return p + 1;
        if (*p == '\0' || *++p == '\0')
            return NULL;
    }
}

char *
trino_skip_value(char *p)
{
    gsize depth = 0;
    if (*p != '[' && *p != '{' && *p != '"')
        return p + strcspn(p, ",]} \t\r\n");
    do {
        while (in_value[(guint8)*p] == PLAIN)
            p++;
        switch (in_value[(guint8)*p]) {
        case QUOTE:
            p = skip_string(p);
            if (!p)
                return NULL;
            break;
        case OPEN:
            depth++;
            p++;
            break;
        case CLOSE:
            depth--;
            p++;
            break;
        default:
            return NULL;
        }
    } while (depth > 0);
    return p;
}

/* Four hex digits; -1 when they are not. */
static int
hex4(const char *p)
{
    int value = 0;
    for (int i = 0; i < 4; i++) {
        int digit = g_ascii_xdigit_value(p[i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* \uXXXX at p (on the 'u'), with its second half when it is a surrogate. 0: malformed or U+0000. */
static gunichar
unicode_escape(const char *p, gsize *used)
{
    int high = hex4(p + 1);
    *used = 5;
    if (high < 0xD800 || high > 0xDFFF)
        return high > 0 ? (gunichar)high : 0;
    if (high > 0xDBFF || p[5] != '\\' || p[6] != 'u')
        return 0;
    int low = hex4(p + 7);
    *used = 11;
    if (low < 0xDC00 || low > 0xDFFF)
        return 0;
    return 0x10000 + ((gunichar)(high - 0xD800) << 10) + (gunichar)(low - 0xDC00);
}

/* The escape at p (behind the backslash) into *out; returns past it, NULL when there is no such
 * one. */
static char *
take_escape(char *p, char **out, const char **fault)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    const char *name = *p ? strchr(names, *p) : NULL;
    if (name) {
        *(*out)++ = values[name - names];
        return p + 1;
    }
    gsize used = 0;
    gunichar c = *p == 'u' ? unicode_escape(p, &used) : 0;
    if (c == 0) {
        *fault = strncmp(p, "u0000", 5) == 0
                     ? "holds a NUL character (\\u0000), which no text cell may"
                     : "has a malformed escape in a string";
        return NULL;
    }
    *out += g_unichar_to_utf8(c, *out);
    return p + used;
}

/* The rest of a string that has escapes or bytes beyond ASCII; decoded towards out, which is never
 * ahead of p. Returns past the closing quote. */
static char *
take_long_string(char *p, char *out, const char **fault)
{
    for (;;) {
        switch (in_string[(guint8)*p]) {
        case PLAIN:
            *out++ = *p++;
            break;
        case QUOTE:
            *out = '\0';
            return p + 1;
        case ESCAPE:
            p = take_escape(p + 1, &out, fault);
            if (!p)
                return NULL;
            break;
        case HIGH: {
            gunichar c = g_utf8_get_char_validated(p, -1);
            if (c >= (gunichar)-2) {
                *fault = "is not UTF-8";
                return NULL;
            }
            for (int n = g_unichar_to_utf8(c, NULL); n > 0; n--)
                *out++ = *p++;
            break;
        }
        default:
            *fault =
                *p ? "has a bare control character in a string" : "has a string without an end";
            return NULL;
        }
    }
}

/* p stands on the opening quote. */
static char *
take_string(char *p, const char **cell, const char **fault)
{
    *cell = ++p;
    while (in_string[(guint8)*p] == PLAIN)
        p++;
    if (*p != '"')
        return take_long_string(p, p, fault);
    *p = '\0';
    return p + 1;
}

static char *
skip_digits(char *p)
{
    while (g_ascii_isdigit(*p))
        p++;
    return p;
}

/* -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)? ; NULL when it is none. */
static char *
skip_number(char *p)
{
    if (*p == '-')
        p++;
    char *end = *p == '0' ? p + 1 : skip_digits(p);
    if (end == p)
        return NULL;
    p = end;
    if (*p == '.') {
        end = skip_digits(++p);
        if (end == p)
            return NULL;
        p = end;
    }
    if (*p != 'e' && *p != 'E')
        return p;
    p++;
    if (*p == '+' || *p == '-')
        p++;
    end = skip_digits(p);
    return end == p ? NULL : end;
}

/* A string whose text stays as it is, but must be well-formed. */
static char *
check_string(char *p)
{
    for (p++;;) {
        switch (in_string[(guint8)*p]) {
        case PLAIN:
            p++;
            break;
        case QUOTE:
            return p + 1;
        case ESCAPE: {
            char room[8], *out = room;
            const char *fault = NULL;
            p = take_escape(p + 1, &out, &fault);
            if (!p)
                return NULL;
            break;
        }
        case HIGH: {
            gunichar c = g_utf8_get_char_validated(p, -1);
            if (c >= (gunichar)-2)
                return NULL;
            p += g_unichar_to_utf8(c, NULL);
            break;
        }
        default:
            return NULL;
        }
    }
}

static char *check_value(char *p, int depth);

/* "key" : with the space behind it; NULL when malformed. */
static char *
check_key(char *p)
{
    if (*p != '"')
        return NULL;
    p = check_string(p);
    if (!p)
        return NULL;
    p = trino_skip_space(p);
    return *p == ':' ? trino_skip_space(p + 1) : NULL;
}

/* The members of an array or object behind its opening bracket. */
static char *
check_members(char *p, char close, int depth)
{
    p = trino_skip_space(p);
    if (*p == close)
        return p + 1;
    for (;;) {
        if (close == '}')
            p = check_key(p);
        if (p)
            p = check_value(p, depth + 1);
        if (!p)
            return NULL;
        p = trino_skip_space(p);
        if (*p == close)
            return p + 1;
        if (*p != ',')
            return NULL;
        p = trino_skip_space(p + 1);
    }
}

static char *
skip_word(char *p, const char *word)
{
    gsize length = strlen(word);
    return strncmp(p, word, length) == 0 ? p + length : NULL;
}

/* One whole value of any kind, checked but left as it is; NULL when malformed. */
static char *
check_value(char *p, int depth)
{
    if (depth > MAX_NESTING)
        return NULL;
    switch (*p) {
    case '"':
        return check_string(p);
    case '[':
        return check_members(p + 1, ']', depth);
    case '{':
        return check_members(p + 1, '}', depth);
    case 't':
        return skip_word(p, "true");
    case 'f':
        return skip_word(p, "false");
    case 'n':
        return skip_word(p, "null");
    default:
        return skip_number(p);
    }
}

char *
trino_take_cell(char *p, const char **cell, char **mark, const char **fault)
{
    *mark = NULL;
    if (*p == '"')
        return take_string(p, cell, fault);
    *cell = *p == 'n' ? NULL : p;
    char *end = check_value(p, 0);
    if (!end)
        *fault = "is not valid JSON";
    else if (*cell)
        *mark = end;
    return end;
}
