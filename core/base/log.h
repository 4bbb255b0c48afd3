/* log.h: structured log lines to stderr, a file and the store.
 *
 * A Log is thread-safe. A secret registered with log_secret() is replaced by "***" in every line,
 * at every level, at every sink. The engine never prints; it logs here, and the faces add the
 * sinks. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <glib.h>
#include "base/clock.h"

typedef enum {
    LOG_TRACE,
    LOG_LEVEL_DEBUG,
    LOG_LEVEL_INFO,
    LOG_LEVEL_WARN,
    LOG_LEVEL_ERROR
} LogLevel;
typedef enum { LOG_FORMAT_TEXT, LOG_FORMAT_JSON } LogFormat;

typedef struct {
    gint64 at; /* microseconds UTC */
    LogLevel level;
    const char *area;    /* "slack", "pass", … */
    gint64 pass_id;      /* 0: none */
    gint64 request_id;   /* 0: none */
    gint64 run_id;       /* 0: none */
    const char *message; /* redacted, may hold hostile text: sanitise before showing */
} LogLine;

typedef struct Log Log;
typedef void (*LogSink)(const LogLine *line, void *data);

Log *log_new(const Clock *clock);
void log_free(Log *log);
void log_set_level(Log *log, LogLevel level);
/* Text is coloured only when colour is TRUE. The stream is borrowed; a file is opened 0600,
 * appended, and opened anew when it was renamed or removed. */
void log_to_fd(Log *log, int fd, LogFormat format, gboolean colour);
gboolean log_to_file(Log *log, const char *path, LogFormat format, GError **error);
void log_to_sink(Log *log, LogSink sink, void *data);
void log_secret(Log *log, const char *secret); /* ignored when shorter than 4 bytes */
/* The same replacement for other text (errors, exports). Caller frees. */
char *log_redact(Log *log, const char *text);

/* Which pass/request/run the calling thread works on; set on entry, cleared with zeros. */
void log_scope(gint64 pass_id, gint64 request_id, gint64 run_id);

/* NULL log: dropped. */
void log_write(Log *log, LogLevel level, const char *area, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

const char *log_level_name(LogLevel level); /* "debug" */
gboolean log_level_parse(const char *name, LogLevel *level);

/* One line in the given format, without newline, printable. Caller frees. */
char *log_line_format(const LogLine *line, LogFormat format, gboolean colour);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Log, log_free)

#endif
