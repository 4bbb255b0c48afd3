/* log.c: one line in, redacted once, out to every sink. */
#include "base/log.h"

#include "base/error.h"
#include "base/failpoint.h"
#include "base/json.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_MIN 4

typedef struct {
    int fd;
    char *path; /* of a file, which is closed here; NULL: fd is another's */
    LogFormat format;
    gboolean colour;
    LogSink sink; /* when set, fd is not used */
    void *data;
} Output;

struct Log {
    const Clock *clock;
    GRecMutex lock; /* a sink may ask for log_redact() */
    LogLevel level;
    GArray *outputs;    /* Output */
    GPtrArray *secrets; /* char *, the longest first */
};

typedef struct {
    gint64 pass_id, request_id, run_id;
    gboolean writing; /* a sink that logs would wait for itself */
} Scope;

static _Thread_local Scope scope;

static const struct {
    const char *name;
    const char *padded;
    const char *colour;
} levels[] = {
    [LOG_TRACE] = {"trace", "trace", "\033[2m"},
    [LOG_LEVEL_DEBUG] = {"debug", "debug", "\033[2m"},
    [LOG_LEVEL_INFO] = {"info", "info ", "\033[32m"},
    [LOG_LEVEL_WARN] = {"warn", "WARN ", "\033[33m"},
    [LOG_LEVEL_ERROR] = {"error", "ERROR", "\033[1;31m"},
};

static void
wipe(gpointer secret)
{
    text_wipe_free(secret);
}

Log *
log_new(const Clock *clock)
{
    Log *log = g_new0(Log, 1);
    log->clock = clock;
    log->level = LOG_LEVEL_INFO;
    g_rec_mutex_init(&log->lock);
    log->outputs = g_array_new(FALSE, TRUE, sizeof(Output));
    log->secrets = g_ptr_array_new_with_free_func(wipe);
    return log;
}

void
log_free(Log *log)
{
    if (!log)
        return;
    for (guint i = 0; i < log->outputs->len; i++) {
        Output *output = &g_array_index(log->outputs, Output, i);
        if (output->path)
            close(output->fd);
        g_free(output->path);
    }
    g_array_unref(log->outputs);
    g_ptr_array_unref(log->secrets);
    g_rec_mutex_clear(&log->lock);
    g_free(log);
}

void
log_set_level(Log *log, LogLevel level)
{
    g_rec_mutex_lock(&log->lock);
    log->level = level;
    g_rec_mutex_unlock(&log->lock);
}

static void
add_output(Log *log, Output output)
{
    g_rec_mutex_lock(&log->lock);
    g_array_append_val(log->outputs, output);
    g_rec_mutex_unlock(&log->lock);
}

void
log_to_fd(Log *log, int fd, LogFormat format, gboolean colour)
{
    add_output(log, (Output){.fd = fd, .format = format, .colour = colour});
}

static int
open_file(const char *path)
{
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

gboolean
log_to_file(Log *log, const char *path, LogFormat format, GError **error)
{
    int fd = open_file(path);
    if (fd < 0) {
        g_set_error(
            error, CREDITBOT_ERROR, ERR_CONFIG,
            "cannot open the log file %s: %s; check [log] file and the rights of its folder", path,
            g_strerror(errno));
        return FALSE;
    }
    add_output(log, (Output){.fd = fd, .path = g_strdup(path), .format = format});
    return TRUE;
}

void
log_to_sink(Log *log, LogSink sink, void *data)
{
    add_output(log, (Output){.fd = -1, .sink = sink, .data = data});
}

static gint
by_length_down(gconstpointer a, gconstpointer b)
{
    gsize x = strlen(*(char *const *)a), y = strlen(*(char *const *)b);
    return (x < y) - (x > y);
}

static void
add_secret(Log *log, char *secret)
{
    if (g_ptr_array_find_with_equal_func(log->secrets, secret, g_str_equal, NULL)) {
        text_wipe_free(secret);
        return;
    }
    g_ptr_array_add(log->secrets, secret);
    g_ptr_array_sort(log->secrets, by_length_down);
}

/* Also as it stands in a URL or a form, and in JSON. */
void
log_secret(Log *log, const char *secret)
{
    if (!log || !secret || strlen(secret) < SECRET_MIN)
        return;
    g_rec_mutex_lock(&log->lock);
    add_secret(log, g_strdup(secret));
    add_secret(log, g_uri_escape_string(secret, NULL, FALSE));
    add_secret(log, g_strescape(secret, NULL));
    g_rec_mutex_unlock(&log->lock);
}

static char *
redact_locked(Log *log, const char *text)
{
    GString *out = g_string_new(text);
    for (guint i = 0; i < log->secrets->len; i++)
        g_string_replace(out, g_ptr_array_index(log->secrets, i), "***", 0);
    return g_string_free(out, FALSE);
}

char *
log_redact(Log *log, const char *text)
{
    if (!log || !text)
        return g_strdup(text);
    g_rec_mutex_lock(&log->lock);
    char *clean = redact_locked(log, text);
    g_rec_mutex_unlock(&log->lock);
    return clean;
}

void
log_scope(gint64 pass_id, gint64 request_id, gint64 run_id)
{
    scope.pass_id = pass_id;
    scope.request_id = request_id;
    scope.run_id = run_id;
}

/* A log that cannot be written must not stop the work: what fails here is dropped. */
static void
write_all(int fd, const char *text, gsize len)
{
    while (len > 0) {
        ssize_t n = write(fd, text, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        text += n;
        len -= (gsize)n;
    }
}

/* Whoever rotates logs renames the file: the next line begins a new one. Where it cannot be opened,
 * the old one goes on. */
static void
reopen_rotated(Output *output)
{
    struct stat there, here;
    if (stat(output->path, &there) == 0 && fstat(output->fd, &here) == 0 &&
        there.st_dev == here.st_dev && there.st_ino == here.st_ino)
        return;
    int fd = open_file(output->path);
    if (fd < 0)
        return;
    close(output->fd);
    output->fd = fd;
}

static void
emit(Output *output, const LogLine *line)
{
    if (output->sink) {
        output->sink(line, output->data);
        return;
    }
    if (output->path)
        reopen_rotated(output);
    g_autofree char *text = log_line_format(line, output->format, output->colour);
    g_autofree char *whole = g_strconcat(text, "\n", NULL);
    if (output->path)
        failpoint("log:before-line");
    write_all(output->fd, whole, strlen(whole));
}

void
log_write(Log *log, LogLevel level, const char *area, const char *format, ...)
{
    if (!log || scope.writing)
        return;
    va_list args;
    va_start(args, format);
    g_rec_mutex_lock(&log->lock);
    if (level >= log->level) {
        int kept_errno = errno;
        g_autofree char *raw = g_strdup_vprintf(format, args);
        g_autofree char *message = redact_locked(log, raw);
        explicit_bzero(raw, strlen(raw));
        LogLine line = {.at = clock_now(log->clock),
                        .level = level,
                        .area = area,
                        .pass_id = scope.pass_id,
                        .request_id = scope.request_id,
                        .run_id = scope.run_id,
                        .message = message};
        scope.writing = TRUE;
        for (guint i = 0; i < log->outputs->len; i++)
            emit(&g_array_index(log->outputs, Output, i), &line);
        scope.writing = FALSE;
        errno = kept_errno;
    }
    g_rec_mutex_unlock(&log->lock);
    va_end(args);
}

const char *
log_level_name(LogLevel level)
{
    return (guint)level < G_N_ELEMENTS(levels) ? levels[level].name : "unknown";
}

gboolean
log_level_parse(const char *name, LogLevel *level)
{
    for (gsize i = 0; name && i < G_N_ELEMENTS(levels); i++) {
        if (strcmp(levels[i].name, name) != 0)
            continue;
        *level = (LogLevel)i;
        return TRUE;
    }
    return FALSE;
}

static char *
format_json(const LogLine *line, const char *area, const char *message)
{
    g_autoptr(cJSON) json = cJSON_CreateObject();
    g_autofree char *at = time_iso(line->at, TRUE);
    json_add(json, "at", at);
    json_add(json, "level", log_level_name(line->level));
    json_add(json, "area", area);
    if (line->pass_id)
        json_add_int(json, "pass", line->pass_id);
    if (line->request_id)
        json_add_int(json, "request", line->request_id);
    if (line->run_id)
        json_add_int(json, "run", line->run_id);
    json_add(json, "message", message);
    return json_print(json);
}

static char *
format_text(const LogLine *line, const char *area, const char *message, gboolean colour)
{
    guint level = MIN((guint)line->level, LOG_LEVEL_ERROR);
    g_autofree char *at = time_iso(line->at, FALSE);
    GString *out = g_string_new(NULL);
    g_string_append_printf(out, "%s %s%s%s %-9s", at, colour ? levels[level].colour : "",
                           levels[level].padded, colour ? "\033[0m" : "", area);
    if (line->request_id)
        g_string_append_printf(out, " #%" G_GINT64_FORMAT, line->request_id);
    if (line->run_id)
        g_string_append_printf(out, " run %" G_GINT64_FORMAT, line->run_id);
    g_string_append_printf(out, " %s", message);
    return g_string_free(out, FALSE);
}

char *
log_line_format(const LogLine *line, LogFormat format, gboolean colour)
{
    g_autofree char *area = text_printable(line->area, -1, TEXT_LINE);
    g_autofree char *message =
        text_printable(line->message, -1, format == LOG_FORMAT_JSON ? TEXT_MULTILINE : TEXT_LINE);
    return format == LOG_FORMAT_JSON ? format_json(line, area, message)
                                     : format_text(line, area, message, colour);
}
