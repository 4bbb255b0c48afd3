/* logs.c: what the program and others said: follows the newest line, goes anywhere, filters,
 * searches; over files, pipes and the state's own log. */
#include "tui/views/logs.h"

#include <string.h>
#include "base/log.h"

#define LINES       400 /* read at a time */
#define NEAR        200 /* lines from an end at which more is read */
#define PACE_HERE   100 /* milliseconds between two looks for news */
#define PACE_HIDDEN 2000

/* -- questions -- */

static void
where_is(Logs *logs)
{
    const LogEntry *entry = window_selected(logs->window);
    logs->where_stale = logs->where_asked;
    if (logs->where_asked || !entry || !logs->worker)
        return;
    LogAsk ask = {
        .kind = ASK_WHERE, .source = entry->source, .pos = entry->pos, .value = entry->next};
    logs->where_asked = TRUE;
    log_worker_ask(logs->worker, &ask);
}

void
logs_ask(Logs *logs, LogAsk ask)
{
    ask.lines = LINES;
    ask.whole = !logs->fold;
    ask.select = log_select_ref(logs->select);
    logs->asking = TRUE;
    logs->stale = FALSE;
    logs->percent = -1;
    logs->asked = ask;
    g_clear_pointer(&logs->failure, g_free);
    logs->serial = log_worker_ask(logs->worker, &ask);
    console_touch(logs->console);
}

static void
ask_more(Logs *logs, int direction)
{
    LogAsk ask = {.kind = ASK_MORE, .direction = direction, .cut = logs->window->first};
    if (direction > 0)
        window_tail(logs->window, &ask.cut);
    logs_ask(logs, ask);
}

void
logs_ask_again(Logs *logs)
{
    const LogEntry *entry = window_selected(logs->window);
    LogAsk ask = {.kind = ASK_END};
    if (entry && !logs->follow)
        ask = (LogAsk){
            .kind = ASK_AROUND, .source = entry->source, .pos = entry->pos, .value = entry->at};
    logs_ask(logs, ask);
}

/* What is near an end that is not loaded is read; a long reading in the other direction gives way
 * when the selection stands at the end itself. */
static void
want(Logs *logs)
{
    const LogWindow *window = logs->window;
    int n = (int)window->entries->len, left = n - 1 - window->selected;
    gboolean down = window->more_after && left < NEAR;
    gboolean up = window->more_before && window->selected < NEAR;
    if (logs->asking && logs->asked.kind != ASK_MORE)
        return;
    if (logs->asking) {
        int direction = logs->asked.direction;
        if (direction > 0 && up && window->selected == 0 && left > 0)
            ask_more(logs, -1);
        else if (direction < 0 && down && left == 0 && window->selected > 0)
            ask_more(logs, 1);
        return;
    }
    if (down && (left <= window->selected || !up))
        ask_more(logs, 1);
    else if (up)
        ask_more(logs, -1);
}

void
logs_moved(Logs *logs)
{
    logs->follow = logs->follow && window_selected(logs->window) &&
                   logs->window->selected == (int)logs->window->entries->len - 1;
    want(logs);
    where_is(logs);
}

void
logs_follow(Logs *logs, gboolean on)
{
    logs->follow = on;
    if (on && logs->window->more_after)
        logs_ask(logs, (LogAsk){.kind = ASK_END});
    else if (on)
        window_move(logs->window, G_MAXINT / 2);
    logs_moved(logs);
}

guint
logs_search_on(Logs *logs, int direction)
{
    if (!logs->find) {
        console_say(logs->console, ROLE_WARN, "nothing was searched for yet");
        return CHANGED_SCREEN;
    }
    LogAsk ask = {.kind = ASK_FIND, .direction = direction, .find = log_select_ref(logs->find)};
    window_here(logs->window, direction, &ask.cut);
    console_say(logs->console, ROLE_TEXT, NULL);
    logs_ask(logs, ask);
    return CHANGED_SCREEN;
}

/* -- answers -- */

/* Lines between the top of the screen and one that is on it now; else a few, so that what came
 * before it is in sight. */
static int
lines_above(const Logs *logs, const LogAnswer *answer)
{
    const LogWindow *window = logs->window;
    const LogEntry *hit =
        answer->focus >= 0 ? g_ptr_array_index(answer->entries, answer->focus) : NULL;
    for (int i = window->top;
         hit && i < (int)window->entries->len && i < window->top + logs->lines.h; i++) {
        const LogEntry *entry = g_ptr_array_index(window->entries, i);
        if (entry->source == hit->source && entry->pos == hit->pos)
            return i - window->top;
    }
    return 5;
}

static void
take_anew(Logs *logs, LogAnswer *answer)
{
    int above = lines_above(logs, answer);
    window_set(logs->window, answer->entries, &answer->first, &answer->last, answer->focus);
    logs->window->more_before = answer->more_before;
    logs->window->more_after = answer->more_after;
    logs->loaded = TRUE;
    logs->shown_level = logs->level;
    g_free(logs->shown_filter);
    logs->shown_filter = g_strdup(logs->filter);
    const LogEntry *entry = window_selected(logs->window);
    if (answer->kind == ASK_END)
        window_move(logs->window, G_MAXINT / 2);
    if (answer->kind == ASK_FIND && entry) {
        logs->hit = TRUE;
        logs->hit_source = entry->source;
        logs->hit_pos = entry->pos;
        logs->follow = FALSE;
        logs->window->top = MAX(logs->window->selected - above, 0);
    }
}

static void
take_more(Logs *logs, LogAnswer *answer)
{
    gboolean forwards = answer->direction > 0;
    window_join(logs->window, answer->entries, answer->direction,
                forwards ? &answer->last : &answer->first);
    if (forwards)
        logs->window->more_after = answer->more_after;
    else
        logs->window->more_before = answer->more_before;
    if (logs->follow)
        window_move(logs->window, G_MAXINT / 2);
}

static void
on_answer(gpointer data, LogAnswer *answer)
{
    Logs *logs = data;
    if (answer->serial != logs->serial)
        return;
    if (answer->failure) {
        if (strcmp(answer->failure, "stopped") != 0)
            console_say(logs->console, ROLE_WARN, "%s", answer->failure);
    } else if (answer->anew) {
        take_anew(logs, answer);
    } else {
        take_more(logs, answer);
    }
    if (answer->done) {
        logs->asking = FALSE;
        logs->percent = -1;
        /* More came than is read at a time: to the newest. */
        if (logs->follow && logs->window->more_after)
            logs_ask(logs, (LogAsk){.kind = ASK_END});
        else if (logs->stale)
            ask_more(logs, 1);
        else
            want(logs);
    }
    where_is(logs);
    console_touch(logs->console);
}

static void
on_news(gpointer data, const LogNews *news)
{
    Logs *logs = data;
    gboolean here = logs->console->here == VIEW_LOGS;
    log_worker_pace(logs->worker, here ? PACE_HERE : PACE_HIDDEN);
    if (news->percent >= 0)
        logs->percent = news->percent;
    logs->lives = news->lives;
    if (news->notice) {
        g_free(logs->notice);
        logs->notice = g_strdup(news->notice);
        if (here)
            console_say(logs->console, ROLE_WARN, "%s", news->notice);
    }
    if (news->grew && logs->asking)
        logs->stale = !logs->window->more_after;
    else if (news->grew && logs->loaded && !logs->window->more_after)
        ask_more(logs, 1);
    if (!here)
        return;
    where_is(logs);
    console_touch(logs->console);
}

static void
on_where(gpointer data, const LogWhere *where)
{
    Logs *logs = data;
    logs->where = *where;
    logs->where_asked = FALSE;
    if (logs->where_stale)
        where_is(logs);
    console_touch(logs->console);
}

/* -- what is open -- */

static char *
state_path(Console *console)
{
    g_autofree char *folder = config_state_dir(console->config, NULL);
    return folder ? store_path(config_string(console->config, "store", "url"), folder, NULL) : NULL;
}

static void
open_worker(Logs *logs, int pipe_fd)
{
    g_autofree char *store = logs->store ? state_path(logs->console) : NULL;
    LogOpen open = {.paths = (const char *const *)logs->paths,
                    .pipe_fd = pipe_fd,
                    .store = store,
                    .group = config_string(logs->console->config, "store", "group"),
                    .pass = logs->pass,
                    .request = logs->request,
                    .run = logs->run};
    LogScreen screen = {on_answer, on_news, on_where, logs};
    LogCut none = {{0}};
    g_autoptr(GPtrArray) empty = g_ptr_array_new();
    log_worker_free(logs->worker);
    window_set(logs->window, empty, &none, &none, -1);
    window_unmark(logs->window);
    logs->window->more_before = logs->window->more_after = FALSE;
    logs->where = (LogWhere){0};
    logs->where_asked = logs->where_stale = logs->loaded = logs->hit = FALSE;
    logs->follow = TRUE;
    logs->side = 0;
    g_clear_pointer(&logs->notice, g_free);
    logs->worker = log_worker_new(logs->console->mailbox, &open, &screen);
    logs_ask(logs, (LogAsk){.kind = ASK_END});
}

guint
logs_sources(const Logs *logs)
{
    return (logs->paths ? g_strv_length(logs->paths) : 0) + (logs->store ? 1 : 0);
}

const char *
logs_source_name(const Logs *logs, guint source)
{
    guint n = logs->paths ? g_strv_length(logs->paths) : 0;
    return source < n ? logs->paths[source] : "the desk's log";
}

gboolean
logs_choose(Logs *logs, int level, const char *filter, GError **error)
{
    LogSelect *select = log_select_new(level, filter, console_now(logs->console), error);
    if (!select)
        return FALSE;
    log_select_unref(logs->select);
    logs->select = select;
    logs->level = level;
    char *text = filter && *filter ? g_strdup(filter) : NULL;
    g_free(logs->filter);
    logs->filter = text;
    return TRUE;
}

/* The state's own log, of one pass, request or run, or all of it. */
static void
open_store(Logs *logs, gint64 pass, gint64 request, gint64 run)
{
    g_clear_pointer(&logs->paths, g_strfreev);
    logs->store = TRUE;
    logs->pass = pass;
    logs->request = request;
    logs->run = run;
    logs_choose(logs, LOG_LEVEL_INFO, NULL, NULL);
    open_worker(logs, -1);
}

guint
view_logs_open(Console *console, gint64 pass_id)
{
    if (pass_id == 0)
        return CHANGED_NOTHING;
    open_store(console_view_data(console, VIEW_LOGS), pass_id, 0, 0);
    console_show(console, VIEW_LOGS);
    return CHANGED_SCREEN;
}

guint
view_logs_of(Console *console, gint64 request_id, gint64 run_id)
{
    if (request_id == 0 && run_id == 0)
        return CHANGED_NOTHING;
    open_store(console_view_data(console, VIEW_LOGS), 0, request_id, run_id);
    console_show(console, VIEW_LOGS);
    return CHANGED_SCREEN;
}

guint
view_logs_files(Console *console, const char *const *paths, int pipe_fd, int level,
                const char *filter)
{
    Logs *logs = console_view_data(console, VIEW_LOGS);
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    logs->store = FALSE;
    for (guint i = 0; paths && paths[i]; i++) {
        if (strcmp(paths[i], "@desk") == 0)
            logs->store = TRUE;
        else if (strcmp(paths[i], "-") != 0)
            g_ptr_array_add(files, g_strdup(paths[i]));
    }
    if (pipe_fd >= 0)
        g_ptr_array_add(files, g_strdup("standard input"));
    g_ptr_array_add(files, NULL);
    g_strfreev(logs->paths);
    logs->paths = (char **)g_ptr_array_steal(files, NULL);
    logs->pass = logs->request = logs->run = 0;
    g_autoptr(GError) error = NULL;
    if (!logs_choose(logs, level, filter, &error)) {
        console_say(console, ROLE_WARN, "%s", error->message);
        logs_choose(logs, level, NULL, NULL);
    }
    /* The last name only shows where the pipe stands. */
    char *pipe_name = NULL;
    guint n = g_strv_length(logs->paths);
    if (pipe_fd >= 0) {
        pipe_name = logs->paths[n - 1];
        logs->paths[n - 1] = NULL;
    }
    open_worker(logs, pipe_fd);
    if (pipe_name)
        logs->paths[n - 1] = pipe_name;
    console_show(console, VIEW_LOGS);
    return CHANGED_SCREEN;
}

/* -- the view -- */

static gpointer
logs_open(Console *console)
{
    Logs *logs = g_new0(Logs, 1);
    logs->console = console;
    logs->window = window_new();
    logs->percent = -1;
    open_store(logs, 0, 0, 0);
    return logs;
}

static void
logs_close(gpointer view)
{
    Logs *logs = view;
    log_worker_free(logs->worker);
    window_free(logs->window);
    log_select_unref(logs->select);
    log_select_unref(logs->find);
    g_strfreev(logs->paths);
    g_free(logs->filter);
    g_free(logs->shown_filter);
    g_free(logs->search);
    g_free(logs->failure);
    g_free(logs->notice);
    g_free(logs);
}

static void
logs_refresh(gpointer view)
{
    Logs *logs = view;
    log_worker_pace(logs->worker, PACE_HERE);
}

static gboolean
logs_filter(gpointer view, const char *text, GError **error)
{
    Logs *logs = view;
    const char *used = text && *text ? text : NULL;
    if (g_strcmp0(used, logs->filter) == 0)
        return TRUE;
    if (!logs_choose(logs, logs->level, used, error))
        return FALSE;
    logs_ask_again(logs);
    return TRUE;
}

static const char *
logs_filtered(gpointer view)
{
    const Logs *logs = view;
    return logs->filter;
}

/* One step back: a search that runs, the filter, what was searched for, what was opened. */
static guint
back(Logs *logs)
{
    gboolean searches = logs->asked.kind == ASK_FIND,
             goes_on = logs->asked.kind == ASK_MORE && logs->percent >= 0;
    if (logs->asking && (searches || goes_on)) {
        log_worker_stop(logs->worker);
        logs->serial = 0; /* what still comes of it is dropped */
        logs->asking = FALSE;
        logs->percent = -1;
        console_say(logs->console, ROLE_DIM, "stopped");
        return CHANGED_SCREEN;
    }
    if (logs->filter) {
        logs_filter(logs, NULL, NULL);
        return CHANGED_SCREEN;
    }
    if (logs->find) {
        g_clear_pointer(&logs->find, log_select_unref);
        logs->hit = FALSE;
        return CHANGED_SCREEN;
    }
    if (logs->paths || logs->pass || logs->request || logs->run) {
        open_store(logs, 0, 0, 0);
        return CHANGED_SCREEN;
    }
    return CHANGED_UNUSED;
}

static guint
next_level(Logs *logs)
{
    int level = logs->level >= LOG_LEVEL_ERROR ? LOG_TRACE : logs->level + 1;
    logs_choose(logs, level, logs->filter, NULL);
    console_say(logs->console, ROLE_DIM,
                level == LOG_TRACE ? "lines of all levels" : "lines from %s on",
                log_level_name((LogLevel)level));
    logs_ask_again(logs);
    return CHANGED_SCREEN;
}

static guint
logs_adjust(gpointer view, const char *what, int step)
{
    Logs *logs = view;
    (void)step;
    if (strcmp(what, "back") == 0)
        return back(logs);
    if (strcmp(what, "level") == 0)
        return next_level(logs);
    if (strcmp(what, "follow") != 0)
        return CHANGED_UNUSED;
    logs_follow(logs, !logs->follow);
    return CHANGED_SCREEN;
}

/* A line that is taller than the screen is scrolled through first. */
static gboolean
scroll_within(LogWindow *window, int rows)
{
    if (rows > 0 && window->below && window->top == window->selected) {
        window->top_row += rows;
        return TRUE;
    }
    if (rows < 0 && window->above) {
        window->top_row = MAX(window->top_row + rows, 0);
        return TRUE;
    }
    return FALSE;
}

static void
to_end(Logs *logs, int direction)
{
    LogWindow *window = logs->window;
    if (direction > 0) {
        logs_follow(logs, TRUE);
        return;
    }
    logs->follow = FALSE;
    if (window->more_before)
        logs_ask(logs, (LogAsk){.kind = ASK_START});
    else
        window_move(window, -G_MAXINT / 2);
}

static void
click(Logs *logs, int y)
{
    int line = window_at_row(logs->window, y - logs->lines.y, logs_row_height, logs);
    if (line >= 0 && y < logs->lines.y + logs->lines.h)
        window_move(logs->window, line - logs->window->selected);
}

/* Turns the mark of the selected line and goes down. */
static void
mark(Logs *logs)
{
    const LogEntry *entry = window_selected(logs->window);
    if (!entry)
        return;
    window_mark(logs->window, entry, !window_marked(logs->window, entry));
    logs->follow = FALSE;
    window_move(logs->window, 1);
}

static guint
logs_go(gpointer view, ViewGo how, int by)
{
    Logs *logs = view;
    int page = MAX(logs->lines.h - 1, 1);
    if (how == GO_FIND)
        return logs_search_on(logs, by);
    if (how == GO_END)
        to_end(logs, by);
    else if (how == GO_ROWS && !scroll_within(logs->window, by))
        window_move(logs->window, by);
    else if (how == GO_PAGES && !scroll_within(logs->window, by * page))
        window_move(logs->window, by * (logs->fold ? MAX(page / 2, 1) : page));
    else if (how == GO_CLICK)
        click(logs, by);
    else if (how == GO_MARK)
        mark(logs);
    logs_moved(logs);
    return CHANGED_SCREEN;
}

static guint
logs_enter(gpointer view)
{
    const Logs *logs = view;
    const LogEntry *entry = window_selected(logs->window);
    return view_request_open(logs->console, entry ? entry->request : 0);
}

static const char *const hints[] = {"filter", "find",       "next",    "level", "follow", "times",
                                    "fold",   "copy-lines", "palette", "help",  "quit",   NULL};

const ViewOps view_logs = {
    .name = "logs",
    .title = "Logs",
    .tab = TRUE,
    .hints = hints,
    .open = logs_open,
    .close = logs_close,
    .refresh = logs_refresh,
    .draw = logs_draw,
    .enter = logs_enter,
    .filter = logs_filter,
    .fields = log_fields,
    .filtered = logs_filtered,
    .adjust = logs_adjust,
    .go = logs_go,
};
