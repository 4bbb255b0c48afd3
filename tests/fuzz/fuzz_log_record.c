/* fuzz_log_record.c: any line of a log: offsets lie within it, times within time, the same line
 * says the same as a piece of more, and our own lines are read as they were written. */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include "base/log.h"
#include "logs/record.h"

#define NOW G_GINT64_CONSTANT(1789387200000000)

static LogRecord
read_line(const char *text, gsize len)
{
    LogRecord record = {.text = text, .len = len, .bytes = (gint64)len};
    log_record_read(&record, NOW);
    g_assert_cmpuint(record.message, <=, len);
    g_assert_true(record.level >= LOG_UNKNOWN && record.level <= LOG_LEVEL_ERROR);
    g_assert_true(record.pass >= 0 && record.request >= 0 && record.run >= 0);
    return record;
}

/* With other bytes behind its end it is the same line. */
static void
check_alone(const LogRecord *record, const char *text, gsize len)
{
    g_autofree char *more = g_malloc(len + 8);
    memcpy(more, text, len);
    memcpy(more + len, "99:99Z[\"", 8);
    LogRecord again = read_line(more, len);
    g_assert_cmpint(again.at, ==, record->at);
    g_assert_cmpint(again.level, ==, record->level);
    g_assert_cmpuint(again.message, ==, record->message);
    g_assert_cmpint(again.request, ==, record->request);
}

static void
check_time(const char *text, gsize len)
{
    gint64 at = 0;
    gsize end = 0;
    if (!log_time_read(text, len, NOW, &at, &end))
        return;
    g_assert_cmpuint(end, >, 0);
    g_assert_cmpuint(end, <=, len);
}

static void
check_json(const char *text, gsize len)
{
    g_autofree char *area = NULL, *message = NULL;
    LogRecord record = {.text = text, .len = len, .bytes = (gint64)len};
    if (!log_json_read(&record, &area, &message))
        return;
    while (g_ascii_isspace(*text))
        text++;
    g_assert_true(*text == '{');
}

/* ISO 8601 in front of any message, made by GLib. */
static void
check_ours(const char *text, gsize len)
{
    guint32 seconds = 0;
    memcpy(&seconds, text, MIN(len, sizeof seconds));
    seconds = MAX(seconds, 86400); /* 0 is no time */
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(seconds);
    g_autofree char *stamp = g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ ERROR ");
    g_autoptr(GString) line = g_string_new(stamp);
    g_string_append_len(line, text, (gssize)len);
    LogRecord record = read_line(line->str, line->len);
    g_assert_cmpint(record.at, ==, (gint64)seconds * G_USEC_PER_SEC);
    g_assert_cmpint(record.level, ==, LOG_LEVEL_ERROR);
    g_assert_cmpuint(record.message, >=, strlen(stamp) - 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    if (size > LOG_PIECE || memchr(text, '\n', size)) /* a line is what is between newlines */
        return 0;
    LogRecord record = read_line(text, size);
    check_alone(&record, text, size);
    check_time(text, size);
    check_json(text, size);
    check_ours(text, size);
    for (gsize i = 0; i < size && i < 16; i++)
        log_level_word(text + i, size - i);
    return 0;
}
