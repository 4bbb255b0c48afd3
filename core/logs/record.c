/* record.c: what a line says about itself before its message. */
#include "logs/record_private.h"

#include <string.h>
#include "base/log.h"

#define WORDS     6   /* that a level is looked for among */
#define WEB_START 120 /* bytes before the time of a web server's line */

static const struct {
    const char *word;
    int level;
} level_words[] = {
    {"error", LOG_LEVEL_ERROR},      {"info", LOG_LEVEL_INFO},    {"warn", LOG_LEVEL_WARN},
    {"debug", LOG_LEVEL_DEBUG},      {"warning", LOG_LEVEL_WARN}, {"trace", LOG_TRACE},
    {"err", LOG_LEVEL_ERROR},        {"fatal", LOG_LEVEL_ERROR},  {"critical", LOG_LEVEL_ERROR},
    {"crit", LOG_LEVEL_ERROR},       {"severe", LOG_LEVEL_ERROR}, {"panic", LOG_LEVEL_ERROR},
    {"alert", LOG_LEVEL_ERROR},      {"emerg", LOG_LEVEL_ERROR},  {"notice", LOG_LEVEL_INFO},
    {"information", LOG_LEVEL_INFO}, {"fine", LOG_LEVEL_DEBUG},   {"verbose", LOG_TRACE},
};

int
log_level_word(const char *word, gsize len)
{
    for (gsize i = 0; i < G_N_ELEMENTS(level_words); i++) {
        const char *name = level_words[i].word;
        if ((name[0] == (word[0] | 0x20)) && strlen(name) == len &&
            g_ascii_strncasecmp(name, word, len) == 0)
            return level_words[i].level;
    }
    return LOG_UNKNOWN;
}

/* In lower case a word is a level only near the start or behind level=, since messages say "error"
 * as well. */
static gsize
read_level(LogRecord *record, gsize from)
{
    const char *text = record->text;
    gsize at = from;
    gboolean named = FALSE;
    for (int words = 0; words < WORDS && at < record->len;) {
        gsize start = at;
        while (at < record->len && g_ascii_isalpha(text[at]))
            at++;
        if (at == start) {
            at++;
            continue;
        }
        gboolean alone = start == 0 || strchr(" \t[(<|=\":-", text[start - 1]) != NULL;
        gboolean shouts = g_ascii_isupper(text[start]);
        int level = log_level_word(text + start, at - start);
        if (level != LOG_UNKNOWN && alone &&
            (named || shouts || words == 0 || text[start - 1] == '[')) {
            record->level = level;
            while (at < record->len && strchr(" \t])>|\":", text[at]))
                at++;
            return at;
        }
        named = at < record->len && text[at] == '=';
        words++;
    }
    return from;
}

/* "pass      #12 run 3 message", as our own lines go on behind the level. */
static void
read_ids(LogRecord *record, gsize at)
{
    const char *text = record->text, *end = text + record->len;
    const char *c = text + at;
    while (c < end && *c != ' ')
        c++;
    while (c < end && *c == ' ')
        c++;
    if (c >= end || *c != '#')
        return;
    for (c++; c < end && g_ascii_isdigit(*c) && record->request < G_MAXINT64 / 100; c++)
        record->request = record->request * 10 + (*c - '0');
    if (end - c < 6 || memcmp(c, " run ", 5) != 0)
        return;
    for (c += 5; c < end && g_ascii_isdigit(*c) && record->run < G_MAXINT64 / 100; c++)
        record->run = record->run * 10 + (*c - '0');
}

/* "<PRI>" and "<PRI>1 " of syslog; the severity is its lowest three bits. */
static gsize
skip_priority(LogRecord *record)
{
    static const int severity[] = {LOG_LEVEL_ERROR, LOG_LEVEL_ERROR, LOG_LEVEL_ERROR,
                                   LOG_LEVEL_ERROR, LOG_LEVEL_WARN,  LOG_LEVEL_INFO,
                                   LOG_LEVEL_INFO,  LOG_LEVEL_DEBUG};
    const char *text = record->text;
    guint priority = 0;
    gsize at = 1;
    for (; at < record->len && at < 4 && g_ascii_isdigit(text[at]); at++)
        priority = priority * 10 + (guint)(text[at] - '0');
    if (at < 2 || at >= record->len || text[at] != '>' || priority > 191)
        return 0;
    record->level = severity[priority & 7];
    at++;
    if (at + 1 < record->len && text[at] == '1' && text[at + 1] == ' ')
        at += 2;
    return at;
}

/* time="…", ts=…: what stands before the time. */
static gsize
skip_name(const LogRecord *record)
{
    static const char *const names[] = {"time=", "ts=", "t=", "timestamp=", "at="};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        gsize n = strlen(names[i]);
        if (record->len > n && memcmp(record->text, names[i], n) == 0)
            return n + (record->text[n] == '"' ? 1 : 0);
    }
    return 0;
}

static gboolean
read_web_time(LogRecord *record, gint64 now)
{
    const char *open = memchr(record->text, '[', MIN(record->len, WEB_START));
    gsize at = open ? (gsize)(open - record->text) + 1 : 0, end;
    return open && record->len - at > 20 && open[3] == '/' &&
           log_time_read(open + 1, record->len - at, now, &record->at, &end);
}

static void
read_glog_level(LogRecord *record)
{
    static const char letters[] = "DIWEF";
    static const int levels[] = {LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR,
                                 LOG_LEVEL_ERROR};
    const char *at = strchr(letters, record->text[0]);
    record->level = at && *at ? levels[at - letters] : LOG_UNKNOWN;
}

void
log_record_read(LogRecord *record, gint64 now)
{
    const char *text = record->text;
    gsize start = 0, end = 0;
    record->at = record->pass = record->request = record->run = 0;
    record->level = LOG_UNKNOWN;
    record->message = 0;
    record->flags &= ~(guint)LOG_JSON;
    if (record->len == 0 || (record->flags & LOG_MIDST))
        return;
    if (text[0] == '{' && log_json_read(record, NULL, NULL))
        return;
    if (text[0] == '<')
        start = skip_priority(record);
    else if (text[0] == '[' || text[0] == '"')
        start = 1;
    else
        start = skip_name(record);
    if (!log_time_read(text + start, record->len - start, now, &record->at, &end)) {
        gboolean web = !g_ascii_isspace(text[0]) && read_web_time(record, now);
        if (!web && record->level == LOG_UNKNOWN && !g_ascii_isspace(text[0]))
            read_level(record, 0);
        return;
    }
    end += start;
    if (g_ascii_isalpha(text[0]) && g_ascii_isdigit(text[1]))
        read_glog_level(record);
    while (end < record->len && strchr(" \t]\"|,", text[end]))
        end++;
    record->message = end;
    if (record->level == LOG_UNKNOWN)
        record->message = read_level(record, end);
    if (record->message > end)
        read_ids(record, record->message);
}
