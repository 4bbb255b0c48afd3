/* logs_commands.c: what can be done with a log: search, mark, copy, fold, times, going to a place,
 * opening another one. */
#include "tui/command.h"
#include "tui/views/logs.h"
#include "tui/widgets/dialogs.h"

#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"

#define COPY_MAX  (48 * 1024) /* bytes; terminals refuse more */
#define SHIFT     20          /* columns */
#define WORDS_MAX LOG_SOURCES_MAX

static Logs *
logs_of(Console *console)
{
    return console_view_data(console, VIEW_LOGS);
}

/* -- search -- */

static guint
searched(Console *console, const char *text, gint64 data)
{
    Logs *logs = logs_of(console);
    g_autoptr(GError) error = NULL;
    (void)data;
    if (!text || !*text) /* as in less: the same again */
        return text && logs->find ? logs_search_on(logs, 1) : CHANGED_SCREEN;
    LogSelect *find = log_select_find(logs->select, text, &error);
    if (!find) {
        console_say(console, ROLE_WARN, "%s", error->message);
        return CHANGED_SCREEN;
    }
    log_select_unref(logs->find);
    logs->find = find;
    logs->hit = FALSE;
    g_free(logs->search);
    logs->search = g_strdup(text);
    /* From the end there is nothing below. */
    gboolean at_end =
        logs->follow || (!logs->window->more_after &&
                         logs->window->selected == (int)logs->window->entries->len - 1);
    return logs_search_on(logs, at_end ? -1 : 1);
}

static guint
act_find(Logs *logs, const char *args)
{
    if (*args)
        return searched(logs->console, args, 0);
    return prompt_open(logs->console, "Search:", NULL, searched, NULL, 0);
}

/* -- marks -- */

static guint
act_mark_range(Logs *logs, const char *args)
{
    (void)args;
    guint n = window_mark_range(logs->window);
    if (n == 0)
        console_say(logs->console, ROLE_WARN, "mark the first line, then go to the last one");
    else
        console_say(logs->console, ROLE_DIM, "%u lines marked", n);
    return CHANGED_SCREEN;
}

static guint
act_unmark(Logs *logs, const char *args)
{
    (void)args;
    window_unmark(logs->window);
    return CHANGED_SCREEN;
}

static guint
act_copy(Logs *logs, const char *args)
{
    guint n, marked = g_hash_table_size(logs->window->marks);
    g_autofree char *text = window_text(logs->window, COPY_MAX, &n);
    (void)args;
    if (!window_selected(logs->window) && marked == 0)
        return CHANGED_NOTHING;
    if (logs->console->term)
        term_copy(logs->console->term, text);
    if (n < MAX(marked, 1))
        console_say(logs->console, ROLE_WARN, "copied %u of %u lines: more than %d KiB do not go",
                    n, MAX(marked, 1), COPY_MAX / 1024);
    else
        console_say(logs->console, ROLE_GOOD, "copied %u line%s", n, n == 1 ? "" : "s");
    return CHANGED_SCREEN;
}

/* -- how it is shown -- */

static guint
act_fold(Logs *logs, const char *args)
{
    (void)args;
    logs->fold = !logs->fold;
    logs->side = 0;
    console_say(logs->console, ROLE_DIM,
                logs->fold ? "long lines are folded" : "long lines are cut; < and > go sideways");
    /* Lines that come in pieces are read in another way. */
    logs_ask_again(logs);
    return CHANGED_SCREEN;
}

static guint
act_times(Logs *logs, const char *args)
{
    static const char *const names[] = {"utc", "local", "ago", "raw"};
    static const char *const words[] = {"times in UTC", "times of this terminal's zone",
                                        "how long ago", "lines as they stand"};
    LogTimes next = (logs->times + 1) % TIMES_COUNT;
    for (guint i = 0; i < TIMES_COUNT; i++) {
        if (strcmp(args, names[i]) == 0)
            next = (LogTimes)i;
    }
    logs->times = next;
    console_say(logs->console, ROLE_DIM, "%s", words[next]);
    return CHANGED_SCREEN;
}

static guint
act_shift_left(Logs *logs, const char *args)
{
    (void)args;
    logs->side = MAX(logs->side - SHIFT, 0);
    return CHANGED_SCREEN;
}

static guint
act_shift_right(Logs *logs, const char *args)
{
    (void)args;
    if (!logs->fold)
        logs->side = MIN(logs->side + SHIFT, LOG_PIECE_MAX);
    return CHANGED_SCREEN;
}

/* -- going to a place -- */

/* "12:30" or "12:30:05" is of the selected line's day. */
static gboolean
time_of_day(const Logs *logs, const char *text, gint64 *at)
{
    const LogEntry *entry = window_selected(logs->window);
    gint64 day = entry && entry->at ? entry->at : console_now(logs->console);
    g_autofree char *iso = time_iso(day, FALSE);
    gboolean seconds = strlen(text) > 5;
    if (strlen(text) < 4 || !strchr(text, ':') || strchr(text, '-'))
        return FALSE;
    iso[10] = '\0';
    g_autofree char *whole =
        g_strdup_printf("%sT%s%s%sZ", iso, text[1] == ':' ? "0" : "", text, seconds ? "" : ":00");
    return time_parse_iso(whole, at, NULL);
}

static guint
gone(Console *console, const char *text, gint64 data)
{
    Logs *logs = logs_of(console);
    char *end = NULL;
    (void)data;
    if (!text || !*text)
        return CHANGED_SCREEN;
    double n = g_ascii_strtod(text, &end);
    LogAsk ask = {.kind = ASK_LINE, .value = (gint64)CLAMP(n, 0, 1e15)};
    if (strcmp(end, "%") == 0)
        ask = (LogAsk){.kind = ASK_PART, .value = (gint64)(CLAMP(n, 0, 100) * 1e4)};
    else if (*end && (time_of_day(logs, text, &ask.value) ||
                      time_parse_since(text, console_now(console), &ask.value, NULL)))
        ask.kind = ASK_TIME;
    else if (*end || n < 1) {
        console_say(console, ROLE_WARN,
                    "a line (1200), a part (50%%), a time (12:30, 2h, 2026-09-01T08:30)");
        return CHANGED_SCREEN;
    }
    logs->follow = FALSE;
    logs_ask(logs, ask);
    return CHANGED_SCREEN;
}

static guint
act_goto(Logs *logs, const char *args)
{
    if (*args)
        return gone(logs->console, args, 0);
    return prompt_open(logs->console, "Go to line, 50% or time:", NULL, gone, NULL, 0);
}

/* -- opening -- */

static guint
opened(Console *console, const char *text, gint64 data)
{
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) words = NULL;
    int n = 0;
    (void)data;
    if (!text || !*text)
        return CHANGED_SCREEN;
    if (!g_shell_parse_argv(text, &n, &words, &error)) {
        console_say(console, ROLE_WARN, "open-log: %s", error->message);
        return CHANGED_SCREEN;
    }
    if (n > WORDS_MAX) {
        console_say(console, ROLE_WARN, "at most %d logs at a time", WORDS_MAX);
        return CHANGED_SCREEN;
    }
    for (int i = 0; i < n; i++) {
        char *path = paths_expand(words[i]);
        g_free(words[i]);
        words[i] = path;
    }
    return view_logs_files(console, (const char *const *)words, -1, LOG_TRACE, NULL);
}

static char **
complete_log(Console *console, const char *text, gsize cursor, gsize *from, gint64 data)
{
    (void)data;
    return paths_complete_word(console, text, cursor, from, "@desk");
}

static guint
act_open(Logs *logs, const char *args)
{
    const PromptSpec spec = {
        .label = "Open logs (paths, @desk):", .done = opened, .complete = complete_log};
    if (*args)
        return opened(logs->console, args, 0);
    paths_clear(&logs->console->paths);
    return prompt_ask(logs->console, &spec);
}

static guint (*const acts[])(Logs *logs, const char *args) = {
    [LOGS_COPY] = act_copy,
    [LOGS_FIND] = act_find,
    [LOGS_FOLD] = act_fold,
    [LOGS_GOTO] = act_goto,
    [LOGS_MARK_RANGE] = act_mark_range,
    [LOGS_OPEN] = act_open,
    [LOGS_SHIFT_LEFT] = act_shift_left,
    [LOGS_SHIFT_RIGHT] = act_shift_right,
    [LOGS_TIMES] = act_times,
    [LOGS_UNMARK] = act_unmark,
};

guint
cmd_logs(Console *console, int act, const char *args)
{
    return acts[act](logs_of(console), args);
}
