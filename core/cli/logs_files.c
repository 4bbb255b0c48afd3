/* logs_files.c: log files and the standard input, merged by their times, in the console or printed.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/logs.h"
#include "cli/present.h"
#include "logs/merge.h"

#define POLL_USEC (G_USEC_PER_SEC / 5)
#define LINES     500 /* read at a time */

typedef struct {
    Session *session;
    LogMerge *merge;
    LogSelect *select;
    gboolean named; /* each line with its source */
} Printing;

/* --since, --grep and --filter as one filter. */
static char *
filter_text(const LogFiles *files)
{
    g_autoptr(GString) text = g_string_new(files->filter);
    if (files->since)
        g_string_append_printf(text, " since:\"%s\"", files->since);
    if (files->grep && !strpbrk(files->grep, "\"\\"))
        g_string_append_printf(text, " \"%s\"", files->grep);
    return g_strdup(g_strchug(text->str));
}

static LogSelect *
make_select(const LogFiles *files, GError **error)
{
    g_autofree char *text = filter_text(files);
    g_autoptr(LogSelect) select = log_select_new(files->level, text, clock_now(NULL), error);
    if (select && files->grep && strpbrk(files->grep, "\"\\"))
        return log_select_find(select, files->grep, error);
    return g_steal_pointer(&select);
}

static gboolean
has_pipe(const LogFiles *files)
{
    return files->paths && g_strv_contains(files->paths, "-");
}

/* Keys come from the terminal where the standard input is the log. */
static int
pipe_aside(void)
{
    int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3), tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (fd >= 0 && tty >= 0 && dup2(tty, STDIN_FILENO) == STDIN_FILENO) {
        close(tty);
        return fd;
    }
    if (fd >= 0)
        close(fd);
    if (tty >= 0)
        close(tty);
    return -1;
}

static gboolean
in_console(Session *session, const LogFiles *files, int *code, GError **error)
{
    static const char *const desk[] = {"@desk", NULL};
    gboolean piped = has_pipe(files) && !isatty(STDIN_FILENO);
    if (session->globals->json || !isatty(STDOUT_FILENO) || files->limit)
        return FALSE;
    int fd = piped ? pipe_aside() : -1;
    if (piped && fd < 0)
        return FALSE;
    g_autofree char *filter = filter_text(files);
    SessionLogs logs = {.paths = files->paths && files->paths[0] ? files->paths : desk,
                        .pipe_fd = fd,
                        .level = files->level,
                        .filter = filter};
    if (session_console_logs(session, &logs, code, error))
        return TRUE;
    if (fd >= 0) {
        dup2(fd, STDIN_FILENO);
        close(fd);
    }
    return FALSE;
}

/* -- printed -- */

static gboolean
add_source(Printing *printing, const char *path, GError **error)
{
    LogSource *source;
    if (strcmp(path, "@desk") == 0) {
        g_autofree char *state = session_store_path(printing->session, error);
        LogStoreOptions options = {
            .path = state, .group = config_string(printing->session->config, "store", "group")};
        if (!state)
            return FALSE;
        source = log_source_store(&options);
    } else if (strcmp(path, "-") == 0) {
        source = log_source_pipe(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3), "standard input", FALSE);
    } else {
        source = log_source_file(path, FALSE);
    }
    if (log_merge_add(printing->merge, source))
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "at most %d logs at a time", LOG_SOURCES_MAX);
    return FALSE;
}

static gboolean
open_all(Printing *printing, const LogFiles *files, GError **error)
{
    guint n = 0;
    while (files->paths && files->paths[n])
        n++;
    printing->named = n > 1;
    for (guint i = 0; i < n; i++) {
        if (!add_source(printing, files->paths[i], error))
            return FALSE;
        LogSource *source = log_merge_source(printing->merge, i);
        g_autofree char *notice = source->ops->notice(source);
        if (!notice)
            continue;
        if (!files->follow) {
            g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "%s; only --follow waits", notice);
            return FALSE;
        }
    }
    return n > 0 || add_source(printing, "@desk", error);
}

static void
print_json(const Printing *printing, const LogEntry *entry)
{
    LogSource *source = log_merge_source(printing->merge, entry->source);
    g_autofree char *line = text_printable(entry->text, (gssize)entry->len, TEXT_LINE);
    g_autofree char *at = entry->at ? time_iso(entry->at, TRUE) : NULL;
    cJSON *json = cJSON_CreateObject();
    json_add(json, "source", source->name);
    json_add(json, "at", at);
    json_add(json, "level",
             entry->level == LOG_UNKNOWN ? NULL : log_level_name((LogLevel)entry->level));
    json_add(json, "line", line);
    out_json(printing->session->out, json);
}

static void
print_entry(const Printing *printing, const LogEntry *entry)
{
    LogSource *source = log_merge_source(printing->merge, entry->source);
    gint64 hidden = entry->bytes - (gint64)entry->len;
    if (printing->session->globals->json) {
        print_json(printing, entry);
        return;
    }
    g_autofree char *line = text_printable(entry->text, (gssize)entry->len, TEXT_LINE);
    if (printing->named) {
        out_text(printing->session->out, ROLE_PLAIN, source->name);
        out_raw(printing->session->out, ": ", 2);
    }
    out_printf(printing->session->out, "%s", line);
    if (hidden > 0 && entry->len >= LOG_PIECE)
        out_printf(printing->session->out, " (+%" G_GINT64_FORMAT " bytes)", hidden);
    out_line(printing->session->out);
}

static gboolean
print_from(Printing *printing, LogCut *cut, gboolean hold_open, GError **error)
{
    gboolean more = TRUE;
    while (more && !out_broken(printing->session->out) &&
           !cancel_fired(printing->session->cancel)) {
        g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(log_entry_free);
        LogWant want = {.direction = 1, .lines = LINES, .select = printing->select, .whole = TRUE};
        more = log_merge_read(printing->merge, cut, &want, lines);
        for (guint i = 0; i < lines->len; i++) {
            const LogEntry *entry = g_ptr_array_index(lines, i);
            /* The rest of a line that is not whole yet comes later. */
            if (hold_open && (entry->flags & LOG_OPEN))
                cut->place[entry->source] = MIN(cut->place[entry->source], entry->pos);
            else
                print_entry(printing, entry);
        }
    }
    return out_flush(printing->session->out, error);
}

/* Where the newest lines begin. */
static void
newest(Printing *printing, guint n, LogCut *cut)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(log_entry_free);
    LogWant want = {.direction = -1, .lines = n, .select = printing->select, .whole = TRUE};
    log_merge_end(printing->merge, cut);
    log_merge_read(printing->merge, cut, &want, lines);
    if (lines->len < n)
        return;
    for (guint i = lines->len; i-- > n;) { /* a group is read whole; not all of it is wanted */
        const LogEntry *entry = g_ptr_array_index(lines, i);
        cut->place[entry->source] = MAX(cut->place[entry->source], entry->next);
    }
}

/* TRUE while more may come. */
static gboolean
poll_all(Printing *printing, gboolean *fresh)
{
    gboolean lives = FALSE;
    *fresh = FALSE;
    for (guint i = 0; i < log_merge_count(printing->merge); i++) {
        LogSource *source = log_merge_source(printing->merge, i);
        *fresh = source->ops->poll(source) || *fresh;
        lives = source->ops->lives(source) || lives;
    }
    return lives;
}

/* A pipe is read to its end, also without --follow. */
static gboolean
print_all(Printing *printing, const LogFiles *files, GError **error)
{
    LogCut cut;
    gboolean fresh, lives = TRUE;
    while (!files->follow && has_pipe(files) && lives &&
           !cancel_sleep(printing->session->cancel, POLL_USEC / 10)) {
        poll_all(printing, &fresh);
        guint alive = 0;
        for (guint i = 0; i < log_merge_count(printing->merge); i++) {
            LogSource *source = log_merge_source(printing->merge, i);
            alive += strcmp(source->name, "standard input") == 0 && source->ops->lives(source);
        }
        lives = alive > 0;
    }
    if (files->limit)
        newest(printing, files->limit, &cut);
    else
        log_merge_start(printing->merge, &cut);
    if (!print_from(printing, &cut, files->follow, error))
        return FALSE;
    while (files->follow && lives && !out_broken(printing->session->out) &&
           !cancel_sleep(printing->session->cancel, POLL_USEC)) {
        lives = poll_all(printing, &fresh);
        if (fresh && !print_from(printing, &cut, lives, error))
            return FALSE;
    }
    return TRUE;
}

int
logs_files(Session *session, const LogFiles *files, GError **error)
{
    int code = 0;
    g_autoptr(LogSelect) select = make_select(files, error);
    if (!select)
        return 2;
    if (in_console(session, files, &code, error))
        return code;
    g_autoptr(LogMerge) merge = log_merge_new();
    Printing printing = {.session = session, .merge = merge, .select = select};
    if (!open_all(&printing, files, error))
        return 2;
    return print_all(&printing, files, error) ? session_stopped(session, 0) : 1;
}
