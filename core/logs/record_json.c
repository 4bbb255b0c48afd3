/* record_json.c: the members of a JSON object that logs use, read in one go over the line. */
#include "logs/record_private.h"

#include <string.h>
#include "base/log.h"

typedef enum { AT, LEVEL, AREA, MESSAGE, PASS, REQUEST, RUN } Member;

static const struct {
    const char *name;
    Member member;
} names[] = {
    {"at", AT},           {"time", AT},         {"ts", AT},
    {"timestamp", AT},    {"@timestamp", AT},   {"t", AT},
    {"level", LEVEL},     {"lvl", LEVEL},       {"severity", LEVEL},
    {"log.level", LEVEL}, {"levelname", LEVEL}, {"area", AREA},
    {"logger", AREA},     {"component", AREA},  {"name", AREA},
    {"message", MESSAGE}, {"msg", MESSAGE},     {"event", MESSAGE},
    {"pass", PASS},       {"request", REQUEST}, {"run", RUN},
};

typedef struct {
    const char *at, *end;
} Walk;

static void
blanks(Walk *walk)
{
    while (walk->at < walk->end && g_ascii_isspace(*walk->at))
        walk->at++;
}

/* A string at the place, without its quotes; escapes stay. */
static gboolean
string(Walk *walk, const char **text, gsize *len)
{
    if (walk->at >= walk->end || *walk->at != '"')
        return FALSE;
    const char *from = ++walk->at;
    for (; walk->at < walk->end && *walk->at != '"'; walk->at++) {
        if (*walk->at == '\\')
            walk->at++;
    }
    if (walk->at >= walk->end)
        return FALSE;
    *text = from;
    *len = (gsize)(walk->at++ - from);
    return TRUE;
}

/* Past an object or an array, whatever is in it. */
static gboolean
nested(Walk *walk)
{
    const char *text;
    gsize len;
    int depth = 0;
    do {
        if (walk->at >= walk->end)
            return FALSE;
        char c = *walk->at;
        if (c == '"') {
            if (!string(walk, &text, &len))
                return FALSE;
            continue;
        }
        depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
        walk->at++;
    } while (depth > 0);
    return TRUE;
}

static gboolean
value(Walk *walk, const char **text, gsize *len, gboolean *quoted)
{
    *quoted = walk->at < walk->end && *walk->at == '"';
    if (*quoted)
        return string(walk, text, len);
    *text = walk->at;
    if (walk->at < walk->end && (*walk->at == '{' || *walk->at == '[')) {
        if (!nested(walk))
            return FALSE;
    } else {
        while (walk->at < walk->end && !strchr(",} \t", *walk->at))
            walk->at++;
    }
    *len = (gsize)(walk->at - *text);
    return *len > 0;
}

static void
append_unicode(GString *out, const char **at, const char *end)
{
    gunichar c = 0;
    if (end - *at < 4)
        return;
    for (int i = 0; i < 4; i++)
        c = c * 16 + (gunichar)MAX(g_ascii_xdigit_value((*at)[i]), 0);
    *at += 4;
    if (c >= 0xd800 && c < 0xdc00 && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u') {
        gunichar low = 0;
        for (int i = 2; i < 6; i++)
            low = low * 16 + (gunichar)MAX(g_ascii_xdigit_value((*at)[i]), 0);
        if (low >= 0xdc00 && low < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            *at += 6;
        }
    }
    g_string_append_unichar(out, c && g_unichar_validate(c) ? c : 0xfffd);
}

static char *
unescape(const char *text, gsize len)
{
    static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
    GString *out = g_string_sized_new(len);
    for (const char *at = text, *end = text + len; at < end;) {
        char c = *at++;
        if (c != '\\' || at >= end) {
            g_string_append_c(out, c);
            continue;
        }
        c = *at++;
        const char *known = strchr(from, c);
        if (c == 'u')
            append_unicode(out, &at, end);
        else
            g_string_append_c(out, known && c ? to[known - from] : c);
    }
    return g_string_free(out, FALSE);
}

/* Of the value alone: the line ends where it ends, with or without a NUL. 0: none that we have. */
static gint64
number(const char *text, gsize len)
{
    gint64 n = 0;
    for (gsize i = 0; i < len && g_ascii_isdigit(text[i]) && n < G_MAXINT64 / 100; i++)
        n = n * 10 + (text[i] - '0');
    return n;
}

static void
take_level(LogRecord *record, const char *text, gsize len, gboolean quoted)
{
    if (quoted) {
        record->level = log_level_word(text, len);
        return;
    }
    /* As bunyan and pino number them. */
    gint64 n = number(text, len);
    record->level = n >= 50   ? LOG_LEVEL_ERROR
                    : n >= 40 ? LOG_LEVEL_WARN
                    : n >= 30 ? LOG_LEVEL_INFO
                    : n >= 20 ? LOG_LEVEL_DEBUG
                              : LOG_TRACE;
}

static void
take_text(char **into, const char *text, gsize len, gboolean quoted)
{
    if (into && !*into)
        *into = quoted ? unescape(text, len) : g_strndup(text, len);
}

static void
take(LogRecord *record, Member member, Walk found, gboolean quoted, char **area, char **message)
{
    const char *text = found.at;
    gsize len = (gsize)(found.end - found.at), end;
    gint64 n = member >= PASS ? number(text, len) : 0;
    switch (member) {
    case AT:
        if (!record->at && !log_time_read(text, len, 0, &record->at, &end))
            log_epoch_read(text, len, &record->at, &end);
        break;
    case LEVEL:
        take_level(record, text, len, quoted);
        break;
    case AREA:
        take_text(area, text, len, quoted);
        break;
    case MESSAGE:
        take_text(message, text, len, quoted);
        break;
    case PASS:
        record->pass = n;
        break;
    case REQUEST:
        record->request = n;
        break;
    case RUN:
        record->run = n;
        break;
    default:
        break;
    }
}

gboolean
log_json_read(LogRecord *record, char **area, char **message)
{
    Walk walk = {record->text, record->text + record->len};
    gboolean any = FALSE;
    blanks(&walk);
    if (walk.at >= walk.end || *walk.at != '{')
        return FALSE;
    do {
        const char *name, *text;
        gsize name_len, len;
        gboolean quoted;
        walk.at++;
        blanks(&walk);
        if (!string(&walk, &name, &name_len))
            break;
        blanks(&walk);
        if (walk.at >= walk.end || *walk.at++ != ':')
            return FALSE;
        blanks(&walk);
        if (!value(&walk, &text, &len, &quoted))
            break; /* cut off: what came before holds */
        any = TRUE;
        for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
            if (strlen(names[i].name) == name_len && memcmp(names[i].name, name, name_len) == 0)
                take(record, names[i].member, (Walk){text, text + len}, quoted, area, message);
        }
        blanks(&walk);
    } while (walk.at < walk.end && *walk.at == ',');
    if (any)
        record->flags |= LOG_JSON;
    return any;
}
