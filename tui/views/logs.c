/* logs.c: what the program said: follows the newest line, goes back page by page. */
#include "tui/console_private.h"

#include <string.h>
#include "base/log.h"

#define PAGE 300
#define KEEP 1500

typedef struct {
    Console *console;
    List *list;
    gboolean loaded, asked, stale, follow;
    guint serial;
    int level;
    gint64 pass_id; /* 0: all */
    char *filter, *error;
} Logs;

static gint64
line_id(const void *row)
{
    const LogRow *line = row;
    return line->id;
}

static void
line_free(gpointer row)
{
    log_row_free(row);
}

static void
cell_time(const void *row, const void *context, GString *text, Role *role)
{
    const LogRow *line = row;
    const Facts *facts = context;
    g_autofree char *at = wording_time(line->at, facts->now);
    *role = ROLE_DIM;
    g_string_append(text, at);
}

static void
cell_level(const void *row, const void *context, GString *text, Role *role)
{
    const LogRow *line = row;
    (void)context;
    *role = line->level >= LOG_LEVEL_ERROR  ? ROLE_BAD
            : line->level == LOG_LEVEL_WARN ? ROLE_WARN
            : line->level == LOG_LEVEL_INFO ? ROLE_GOOD
                                            : ROLE_DIM;
    g_string_append(text, log_level_name((LogLevel)line->level));
}

static void
cell_area(const void *row, const void *context, GString *text, Role *role)
{
    const LogRow *line = row;
    (void)context;
    *role = ROLE_DIM;
    g_string_append(text, line->area ? line->area : "");
}

static void
cell_about(const void *row, const void *context, GString *text, Role *role)
{
    const LogRow *line = row;
    (void)context;
    *role = ROLE_STRONG;
    if (line->request_id)
        g_string_append_printf(text, "%" G_GINT64_FORMAT, line->request_id);
}

static void
cell_message(const void *row, const void *context, GString *text, Role *role)
{
    const LogRow *line = row;
    (void)context;
    *role = line->level >= LOG_LEVEL_ERROR  ? ROLE_BAD
            : line->level == LOG_LEVEL_WARN ? ROLE_WARN
                                            : ROLE_TEXT;
    g_string_append(text, line->message ? line->message : "");
}

static const ListColumn columns[] = {
    {"time", "TIME", 8, 12, ALIGN_RIGHT, 0, cell_time, NULL},
    {"level", "LEVEL", 5, 5, ALIGN_LEFT, 0, cell_level, NULL},
    {"area", "AREA", 6, 10, ALIGN_LEFT, 2, cell_area, NULL},
    {"request", "ID", 4, 8, ALIGN_RIGHT, 1, cell_about, NULL},
    {"message", "MESSAGE", 20, 400, ALIGN_LEFT, 0, cell_message, NULL},
};

static const ListOps list_ops = {columns, G_N_ELEMENTS(columns), line_id, line_free, -1, FALSE};

typedef enum { ASK_NEWEST, ASK_NEWER, ASK_OLDER } AskKind;

typedef struct {
    Logs *logs;
    AskKind kind;
    guint serial;
    LogFilter filter;
    char *text;
    gboolean inverse;
    guint limit;
    GPtrArray *rows;
    char *error;
} Ask;

static void
ask_free(gpointer data)
{
    Ask *ask = data;
    if (ask->rows)
        g_ptr_array_unref(ask->rows);
    g_free(ask->text);
    g_free(ask->error);
    g_free(ask);
}

static gboolean
add_line(const LogRow *row, void *data)
{
    Ask *ask = data;
    if (ask->inverse && !list_row_matches(ask->logs->list, row, ask->text))
        return TRUE;
    LogRow *copy = g_new0(LogRow, 1);
    *copy = *row;
    copy->area = g_strdup(row->area);
    copy->message = g_strdup(row->message);
    g_ptr_array_add(ask->rows, copy);
    return TRUE;
}

static void
ask_read(Store *store, gpointer data)
{
    Ask *ask = data;
    g_autoptr(GError) error = NULL;
    ask->rows = g_ptr_array_new_with_free_func(line_free);
    if (!store_logs(store, &ask->filter, add_line, ask, &error))
        ask->error = g_strdup(error->message);
}

static void logs_refresh(gpointer view);
static guint logs_moved(gpointer view);

static void
set_rows(Logs *logs, Ask *ask)
{
    gboolean full = ask->rows->len >= ask->limit;
    guint got = ask->rows->len;
    if (ask->kind == ASK_NEWEST) {
        list_set_more(logs->list, full, FALSE);
        list_set_rows(logs->list, g_steal_pointer(&ask->rows));
    } else if (got > 0) {
        gboolean older = ask->kind == ASK_OLDER;
        list_set_more(logs->list, older ? full : list_more_before(logs->list),
                      list_more_after(logs->list));
        list_extend(logs->list, g_steal_pointer(&ask->rows), !older, KEEP);
    } else if (ask->kind == ASK_OLDER) {
        list_set_more(logs->list, FALSE, list_more_after(logs->list));
    }
    if (logs->follow)
        list_end(logs->list);
}

static void
ask_done(gpointer data)
{
    Ask *ask = data;
    Logs *logs = ask->logs;
    logs->asked = FALSE;
    g_clear_pointer(&logs->error, g_free);
    if (ask->error)
        logs->error = g_strdup(ask->error);
    else if (ask->serial == logs->serial)
        set_rows(logs, ask);
    logs->loaded = TRUE;
    console_touch(logs->console);
    if (logs->stale || ask->serial != logs->serial)
        logs_refresh(logs);
}

static void
ask_rows(Logs *logs, AskKind kind)
{
    const LogRow *first = list_first(logs->list), *last = list_last(logs->list);
    Ask *ask = g_new0(Ask, 1);
    ask->logs = logs;
    ask->kind = kind;
    ask->serial = logs->serial;
    ask->text = g_strdup(logs->filter);
    ask->inverse = logs->filter && logs->filter[0] == '!';
    ask->limit = PAGE;
    ask->filter = (LogFilter){.min_level = logs->level,
                              .pass_id = logs->pass_id,
                              .grep = ask->inverse ? NULL : ask->text,
                              .after_id = kind == ASK_NEWER && last ? last->id : 0,
                              .before_id = kind == ASK_OLDER && first ? first->id : 0,
                              .limit = PAGE};
    logs->asked = TRUE;
    logs->stale = FALSE;
    reader_ask(logs->console->bulk, ask_read, ask_done, ask, ask_free);
}

/* While older lines are read, the newest pages were let go: new ones wait until the end is wanted.
 */
static void
logs_refresh(gpointer view)
{
    Logs *logs = view;
    if (logs->asked)
        logs->stale = TRUE;
    else if (logs->follow || !logs->loaded || list_total(logs->list) == 0)
        ask_rows(logs, ASK_NEWEST);
    else if (!list_more_after(logs->list))
        ask_rows(logs, ASK_NEWER);
}

static void
start_anew(Logs *logs)
{
    logs->serial++;
    logs->loaded = FALSE;
    logs->follow = TRUE;
    list_set_more(logs->list, FALSE, FALSE);
    if (!logs->asked)
        ask_rows(logs, ASK_NEWEST);
}

static guint
logs_moved(gpointer view)
{
    Logs *logs = view;
    gboolean at_end;
    logs->follow = list_at_end(logs->list);
    if (!logs->asked && list_wants(logs->list, &at_end)) {
        if (at_end)
            start_anew(logs);
        else
            ask_rows(logs, ASK_OLDER);
    }
    return CHANGED_SCREEN;
}

static guint
logs_filter(gpointer view, const char *text)
{
    Logs *logs = view;
    const char *used = text && *text && strcmp(text, "!") != 0 ? text : NULL;
    list_set_filter(logs->list, text);
    if (g_strcmp0(logs->filter, used) != 0) {
        g_free(logs->filter);
        logs->filter = g_strdup(used);
        start_anew(logs);
    }
    if (!text)
        logs->pass_id = 0;
    return CHANGED_SCREEN;
}

void
view_logs_show(gpointer view, gint64 pass_id)
{
    Logs *logs = view;
    logs->pass_id = pass_id;
    start_anew(logs);
}

static guint
next_level(Logs *logs)
{
    logs->level = logs->level >= LOG_LEVEL_ERROR ? LOG_LEVEL_DEBUG : logs->level + 1;
    console_say(logs->console, ROLE_DIM, "lines from %s on", log_level_name((LogLevel)logs->level));
    start_anew(logs);
    return CHANGED_SCREEN;
}

static guint
logs_adjust(gpointer view, const char *what, int step)
{
    Logs *logs = view;
    if (strcmp(what, "level") == 0)
        return next_level(logs);
    if (strcmp(what, "follow") == 0 || (strcmp(what, "end") == 0 && step > 0)) {
        gboolean on = step > 0 || !logs->follow;
        if (on)
            start_anew(logs);
        logs->follow = on;
        return CHANGED_SCREEN;
    }
    return strcmp(what, "sort") == 0 || strcmp(what, "reverse") == 0 ? CHANGED_SCREEN
                                                                     : CHANGED_UNUSED;
}

static gpointer
logs_open(Console *console)
{
    Logs *logs = g_new0(Logs, 1);
    logs->console = console;
    logs->list = list_new(&list_ops);
    logs->follow = TRUE;
    logs->level = LOG_LEVEL_INFO;
    list_set_context(logs->list, &console->facts);
    list_set_more(logs->list, FALSE, FALSE);
    return logs;
}

static void
logs_close(gpointer view)
{
    Logs *logs = view;
    list_free(logs->list);
    g_free(logs->filter);
    g_free(logs->error);
    g_free(logs);
}

static void
draw_foot(const Logs *logs, Grid *grid, Rect area)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const LogRow *line = list_selected(logs->list);
    grid_hline(grid, area.x, area.y, area.w, ROLE_BORDER);
    g_string_append_printf(text, " %s, from %s on%s",
                           logs->follow ? "following" : "not following (f follows)",
                           log_level_name((LogLevel)logs->level), logs->asked ? ", reading …" : "");
    if (logs->pass_id)
        g_string_append_printf(text, ", pass %" G_GINT64_FORMAT, logs->pass_id);
    if (logs->filter)
        g_string_append_printf(text, ", filter %s", logs->filter);
    g_string_append_c(text, ' ');
    grid_print_right(grid, area.x + 2, area.y, area.w - 4, logs->filter ? ROLE_MATCH : ROLE_DIM,
                     text->str);
    if (!line)
        return;
    Doc *doc = doc_new(grid_ascii(grid));
    doc_line(doc, ROLE_TEXT, line->message);
    doc_draw(doc, grid, (Rect){area.x + 1, area.y + 1, area.w - 2, area.h - 1});
    doc_free(doc);
}

static void
logs_draw(gpointer view, Grid *grid, Rect area)
{
    Logs *logs = view;
    int pane = area.h >= 30 ? 6 : 4;
    Rect foot = {area.x, area.y + area.h - pane, area.w, pane};
    if (list_count(logs->list) == 0) {
        const char *text = logs->error   ? logs->error
                           : logs->asked ? "reading …"
                           : logs->filter
                               ? "No line matches. Esc shows all."
                               : "The program said nothing yet at this level; v shows more.";
        grid_print_cut(grid, area.x + 3, area.y + 2, area.w - 6, logs->error ? ROLE_BAD : ROLE_TEXT,
                       text);
    } else {
        list_draw(logs->list, grid, (Rect){area.x, area.y, area.w, area.h - pane});
    }
    draw_foot(logs, grid, foot);
}

static guint
logs_enter(gpointer view)
{
    Logs *logs = view;
    const LogRow *line = list_selected(logs->list);
    if (!line || !line->request_id)
        return CHANGED_NOTHING;
    view_request_show(console_view_data(logs->console, VIEW_REQUEST), line->request_id);
    console_show(logs->console, VIEW_REQUEST);
    return CHANGED_SCREEN;
}

static List *
logs_list(gpointer view)
{
    Logs *logs = view;
    return logs->list;
}

static const char *const hints[] = {"filter",  "level", "follow", "next", "open",
                                    "palette", "help",  "queue",  "quit", NULL};

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
    .list = logs_list,
    .filter = logs_filter,
    .moved = logs_moved,
    .adjust = logs_adjust,
};
