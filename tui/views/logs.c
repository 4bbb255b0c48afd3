/* logs.c: what the program said: follows the newest line, goes back page by page. */
#include "tui/views/feed.h"

#include <string.h>
#include "base/log.h"

#define PAGE 300
#define KEEP 1500

typedef struct {
    Feed feed;
    gboolean follow;
    int level;
    gint64 pass_id; /* 0: all */
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

static gboolean
add_line(const LogRow *row, void *data)
{
    FeedAsk *ask = data;
    if (!feed_passes(ask, row))
        return TRUE;
    LogRow *copy = g_new0(LogRow, 1);
    *copy = *row;
    copy->area = g_strdup(row->area);
    copy->message = g_strdup(row->message);
    g_ptr_array_add(ask->rows, copy);
    return TRUE;
}

static void
logs_ask(Feed *feed, FeedAsk *ask)
{
    const Logs *logs = (const Logs *)feed;
    const LogRow *first = list_first(feed->list), *last = list_last(feed->list);
    LogFilter *filter = ask->query = g_new0(LogFilter, 1);
    *filter = (LogFilter){.min_level = logs->level,
                          .pass_id = logs->pass_id,
                          .grep = ask->grep,
                          .after_id = ask->part == FEED_AFTER && last ? last->id : 0,
                          .before_id = ask->part == FEED_BEFORE && first ? first->id : 0,
                          .limit = ask->limit};
}

static gboolean
logs_read(Store *store, FeedAsk *ask, GError **error)
{
    return store_logs(store, ask->query, add_line, ask, error);
}

static void
logs_taken(Feed *feed, FeedPart part, gboolean again)
{
    const Logs *logs = (const Logs *)feed;
    (void)part;
    (void)again;
    if (logs->follow)
        list_end(feed->list);
}

static void
logs_refresh(gpointer view)
{
    const Logs *logs = view;
    Feed *feed = view;
    if (feed_busy(feed))
        return;
    if (logs->follow || !feed->loaded || list_total(feed->list) == 0)
        feed_ask(feed, FEED_LAST);
    else if (!list_more_after(feed->list))
        feed_ask(feed, FEED_AFTER);
}

static const FeedOps feed_ops = {.list = &list_ops,
                                 .page = PAGE,
                                 .keep = KEEP,
                                 .open_ended = TRUE,
                                 .ask = logs_ask,
                                 .read = logs_read,
                                 .taken = logs_taken,
                                 .refresh = logs_refresh};

static void
start_anew(Logs *logs)
{
    logs->follow = TRUE;
    feed_reset(&logs->feed, FEED_LAST);
}

static guint
logs_moved(gpointer view)
{
    Logs *logs = view;
    gboolean at_end;
    logs->follow = list_at_end(logs->feed.list);
    if (!logs->feed.asked && list_wants(logs->feed.list, &at_end) && at_end)
        start_anew(logs);
    else
        feed_want(&logs->feed);
    return CHANGED_SCREEN;
}

static guint
logs_filter(gpointer view, const char *text)
{
    Logs *logs = view;
    if (feed_set_filter(&logs->feed, text))
        start_anew(logs);
    if (!text)
        logs->pass_id = 0;
    return CHANGED_SCREEN;
}

guint
view_logs_open(Console *console, gint64 pass_id)
{
    if (pass_id == 0)
        return CHANGED_NOTHING;
    Logs *logs = console_view_data(console, VIEW_LOGS);
    logs->pass_id = pass_id;
    start_anew(logs);
    console_show(console, VIEW_LOGS);
    return CHANGED_SCREEN;
}

static guint
next_level(Logs *logs)
{
    logs->level = logs->level >= LOG_LEVEL_ERROR ? LOG_LEVEL_DEBUG : logs->level + 1;
    console_say(logs->feed.console, ROLE_DIM, "lines from %s on",
                log_level_name((LogLevel)logs->level));
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
    Logs *logs = feed_open(console, sizeof(Logs), &feed_ops);
    logs->follow = TRUE;
    logs->level = LOG_LEVEL_INFO;
    return logs;
}

static void
draw_foot(const Logs *logs, Grid *grid, Rect area)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const LogRow *line = list_selected(logs->feed.list);
    grid_hline(grid, area.x, area.y, area.w, ROLE_BORDER);
    g_string_append_printf(
        text, " %s, from %s on%s", logs->follow ? "following" : "not following (f follows)",
        log_level_name((LogLevel)logs->level), logs->feed.asked ? ", reading …" : "");
    if (logs->pass_id)
        g_string_append_printf(text, ", pass %" G_GINT64_FORMAT, logs->pass_id);
    if (logs->feed.filter)
        g_string_append_printf(text, ", filter %s", logs->feed.filter);
    g_string_append_c(text, ' ');
    grid_print_right(grid, area.x + 2, area.y, area.w - 4,
                     logs->feed.filter ? ROLE_MATCH : ROLE_DIM, text->str);
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
    if (list_count(logs->feed.list) == 0)
        feed_draw_empty(&logs->feed, grid, area, "No line matches. Esc shows all.",
                        "The program said nothing yet at this level; v shows more.");
    else
        list_draw(logs->feed.list, grid, (Rect){area.x, area.y, area.w, area.h - pane});
    draw_foot(logs, grid, foot);
}

static guint
logs_enter(gpointer view)
{
    const Feed *feed = view;
    const LogRow *line = list_selected(feed->list);
    return view_request_open(feed->console, line ? line->request_id : 0);
}

static const char *const hints[] = {"filter",  "level", "follow", "next", "open",
                                    "palette", "help",  "queue",  "quit", NULL};

const ViewOps view_logs = {
    .name = "logs",
    .title = "Logs",
    .tab = TRUE,
    .hints = hints,
    .open = logs_open,
    .close = feed_close,
    .refresh = logs_refresh,
    .draw = logs_draw,
    .enter = logs_enter,
    .list = feed_list,
    .filter = logs_filter,
    .moved = logs_moved,
    .adjust = logs_adjust,
};
