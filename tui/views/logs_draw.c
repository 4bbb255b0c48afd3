/* logs_draw.c: the lines of a log on the screen: time, level, text with what was found in it. */
#include "tui/command.h"
#include "tui/views/logs.h"

#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

#define ROWS_MAX   1000 /* of one line that is folded */
#define PANE_BYTES 4096

static const char *const letters[] = {"A", "B", "C", "D", "E", "F", "G", "H",
                                      "I", "J", "K", "L", "M", "N", "O", "P"};
static const Role letter_roles[] = {ROLE_LINK, ROLE_MONEY, ROLE_BUSY, ROLE_GOOD};

static Role
level_role(int level)
{
    return level == LOG_UNKNOWN       ? ROLE_TEXT
           : level >= LOG_LEVEL_ERROR ? ROLE_BAD
           : level == LOG_LEVEL_WARN  ? ROLE_WARN
           : level == LOG_LEVEL_INFO  ? ROLE_GOOD
                                      : ROLE_DIM;
}

static Role
text_role(int level)
{
    return level >= LOG_LEVEL_ERROR                         ? ROLE_BAD
           : level == LOG_LEVEL_WARN                        ? ROLE_WARN
           : level == LOG_LEVEL_DEBUG || level == LOG_TRACE ? ROLE_DIM
                                                            : ROLE_TEXT;
}

char *
logs_time(gint64 at, gint64 now, LogTimes times)
{
    if (at == 0)
        return g_strdup("");
    if (times == TIMES_AGO) {
        g_autofree char *span = duration_short(ABS(now - at));
        return g_strconcat(at > now ? "+" : "", span, NULL);
    }
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(at / G_USEC_PER_SEC);
    g_autoptr(GDateTime) now_utc = g_date_time_new_from_unix_utc(now / G_USEC_PER_SEC);
    g_autoptr(GDateTime) time = utc && times == TIMES_LOCAL ? g_date_time_to_local(utc) : NULL;
    g_autoptr(GDateTime) here = times == TIMES_LOCAL ? g_date_time_to_local(now_utc) : NULL;
    GDateTime *a = time ? time : utc, *b = here ? here : now_utc;
    if (!a || !b)
        return g_strdup("?");
    gboolean today = g_date_time_get_year(a) == g_date_time_get_year(b) &&
                     g_date_time_get_day_of_year(a) == g_date_time_get_day_of_year(b);
    g_autofree char *text = g_date_time_format(a, today ? "%H:%M:%S" : "%d %b %H:%M:%S");
    if (!today)
        return g_steal_pointer(&text);
    return g_strdup_printf("%s.%03d", text, (int)(at % G_USEC_PER_SEC / 1000));
}

/* "area #12 message" of a JSON object; NULL when it says nothing of it. */
static char *
json_message(const LogEntry *entry)
{
    LogRecord record = {.text = entry->text, .len = entry->len};
    g_autofree char *area = NULL, *message = NULL;
    if (!log_json_read(&record, &area, &message) || !message)
        return NULL;
    GString *text = g_string_new(area);
    if (record.request)
        g_string_append_printf(text, " #%" G_GINT64_FORMAT, record.request);
    g_string_append_printf(text, "%s%s", text->len ? " " : "", message);
    return g_string_free(text, FALSE);
}

char *
logs_message(const Logs *logs, const LogEntry *entry, gsize limit, gboolean ascii)
{
    TextFlags flags = TEXT_LINE | (ascii ? TEXT_ASCII : 0);
    gboolean raw = logs->times == TIMES_RAW;
    g_autofree char *json = !raw && (entry->flags & LOG_JSON) ? json_message(entry) : NULL;
    gsize from = raw || json ? 0 : entry->message;
    const char *text = json ? json : entry->text + from;
    gsize len = json ? strlen(json) : entry->len - from;
    return text_printable(text, (gssize)MIN(len, limit), flags);
}

/* -- one line -- */

static gboolean
is_plain(const char *text, gsize len)
{
    for (gsize i = 0; i < len; i++) {
        if ((guchar)text[i] < ' ' || (guchar)text[i] > '~')
            return FALSE;
    }
    return TRUE;
}

static int
text_columns(const Logs *logs)
{
    return MAX(logs->lines.x + logs->lines.w - logs->text_x, 10);
}

int
logs_row_height(LogEntry *entry, gpointer data)
{
    const Logs *logs = data;
    int width = text_columns(logs), rows = 0;
    int key = width * TIMES_COUNT + (int)logs->times;
    if (!logs->fold)
        return 1;
    if (entry->rows_for == key)
        return entry->rows;
    g_autofree char *text =
        logs_message(logs, entry, LOG_PIECE_MAX, grid_ascii(logs->console->grid));
    gsize len = strlen(text);
    if (is_plain(text, len)) {
        rows = (int)((len + (gsize)width - 1) / (gsize)width);
    } else {
        for (const char *at = text; *at && rows < ROWS_MAX; rows++) {
            gsize fits = text_fit(at, width, NULL);
            at += fits ? fits : 1;
        }
    }
    entry->rows = CLAMP(rows, 1, ROWS_MAX);
    entry->rows_for = key;
    return entry->rows;
}

/* Prints the bytes from to to of a text whose matches are marked; returns the columns used. */
static int
print_marked(Grid *grid, int x, int y, int max, Role role, Role match, const char *text, gsize from,
             gsize to, const GArray *marks)
{
    int used = 0;
    gsize at = from;
    for (guint i = 0; i < marks->len && at < to && used < max; i += 2) {
        gsize start = g_array_index(marks, guint, i), end = g_array_index(marks, guint, i + 1);
        start = CLAMP(start, at, to);
        end = CLAMP(end, at, to);
        g_autofree char *before = g_strndup(text + at, start - at);
        g_autofree char *found = g_strndup(text + start, end - start);
        used += grid_print(grid, x + used, y, max - used, role, before);
        used += grid_print(grid, x + used, y, max - used, match, found);
        at = end;
    }
    g_autofree char *rest = g_strndup(text + at, to - at);
    return used + (used < max ? grid_print(grid, x + used, y, max - used, role, rest) : 0);
}

typedef struct {
    const Logs *logs;
    Grid *grid;
    const LogEntry *entry;
    Role role, match;
    char *text;
    GArray *marks;
} Line;

/* A line cut at the edge, shifted sideways; what is not shown is told. */
static void
draw_cut(const Line *line, int y)
{
    const Logs *logs = line->logs;
    int width = text_columns(logs), skipped = 0;
    gsize from = logs->side > 0 ? text_fit(line->text, logs->side, &skipped) : 0;
    gint64 hidden = line->entry->bytes - (gint64)line->entry->len;
    g_autofree char *more = NULL;
    if (hidden > 0) {
        g_autofree char *n = wording_count(hidden);
        more = g_strdup_printf(" +%s bytes", n);
    }
    int room = width - (more ? (int)strlen(more) : 0);
    gsize len = strlen(line->text), fits = from + text_fit(line->text + from, room, NULL);
    gboolean cut = fits < len && room > 2;
    if (cut)
        fits = from + text_fit(line->text + from, room - 1, NULL);
    int used = print_marked(line->grid, logs->text_x, y, room, line->role, line->match, line->text,
                            from, fits, line->marks);
    if (cut)
        grid_print(line->grid, logs->text_x + used, y, 1, ROLE_DIM,
                   grid_ascii(line->grid) ? "~" : "…");
    if (more)
        grid_print(line->grid, logs->text_x + room, y, width - room, ROLE_DIM, more);
}

static void
draw_folded(const Line *line, int y, int skip, int last_y)
{
    const Logs *logs = line->logs;
    int width = text_columns(logs);
    gsize at = 0;
    for (int row = 0; y < last_y && (line->text[at] || row == 0) && row < ROWS_MAX; row++) {
        gsize fits = text_fit(line->text + at, width, NULL);
        if (!fits && line->text[at])
            fits = 1;
        if (row >= skip)
            print_marked(line->grid, logs->text_x, y++, width, line->role, line->match, line->text,
                         at, at + fits, line->marks);
        at += fits;
        if (!line->text[at])
            break;
    }
}

static void
draw_margin(const Logs *logs, Grid *grid, const LogEntry *entry, int y)
{
    int x = logs->lines.x + 1;
    if (window_marked(logs->window, entry))
        grid_print(grid, x, y, 1, ROLE_MARKED, "*");
    x++;
    if (logs_sources(logs) > 1) {
        guint i = entry->source % G_N_ELEMENTS(letters);
        grid_print(grid, x, y, 1, letter_roles[entry->source % G_N_ELEMENTS(letter_roles)],
                   letters[i]);
        x += 2;
    }
    if (logs->times == TIMES_RAW || logs->time_width == 0)
        return;
    g_autofree char *at =
        entry->head ? logs_time(entry->at, logs->console->facts.now, logs->times) : g_strdup("");
    grid_print_right(grid, x, y, logs->time_width, ROLE_DIM, at);
    x += logs->time_width + 1;
    if (entry->head && entry->level != LOG_UNKNOWN)
        grid_print(grid, x, y, 5, level_role(entry->level), log_level_name((LogLevel)entry->level));
}

static void
draw_line(const Logs *logs, Grid *grid, LogEntry *entry, int y, int skip)
{
    gsize limit =
        logs->fold ? LOG_PIECE_MAX : ((gsize)logs->side + (gsize)text_columns(logs)) * 4 + 64;
    gboolean here = logs->hit && entry->source == logs->hit_source && entry->pos == logs->hit_pos;
    Line line = {.logs = logs,
                 .grid = grid,
                 .entry = entry,
                 .role = text_role(entry->level),
                 .match = here ? ROLE_MATCH_HERE : ROLE_MATCH};
    line.text = logs_message(logs, entry, limit, grid_ascii(grid));
    line.marks =
        log_select_marks(logs->find ? logs->find : logs->select, line.text, strlen(line.text));
    if (skip == 0)
        draw_margin(logs, grid, entry, y);
    if (logs->fold)
        draw_folded(&line, y, skip, logs->lines.y + logs->lines.h);
    else
        draw_cut(&line, y);
    g_array_unref(line.marks);
    g_free(line.text);
}

/* -- around the lines -- */

/* The columns before the text, from what is loaded near the selection. */
static void
measure(Logs *logs)
{
    const LogWindow *window = logs->window;
    int from = MAX(window->selected - 60, 0), n = (int)window->entries->len;
    logs->time_width = 0;
    for (int i = from; i < n && i < from + 120 && logs->times != TIMES_RAW; i++) {
        const LogEntry *entry = g_ptr_array_index(window->entries, i);
        g_autofree char *at = logs_time(entry->at, logs->console->facts.now, logs->times);
        logs->time_width = MAX(logs->time_width, (int)strlen(at));
    }
    logs->text_x = logs->lines.x + 2 + (logs_sources(logs) > 1 ? 2 : 0) +
                   (logs->time_width ? logs->time_width + 1 + 6 : 0);
}

static void
draw_header(const Logs *logs, Grid *grid, Rect area)
{
    static const char *const titles[] = {"TIME UTC", "LOCAL TIME", "AGO", ""};
    int x = area.x + 2 + (logs_sources(logs) > 1 ? 2 : 0);
    const LogWhere *where = &logs->where;
    g_autoptr(GString) text = g_string_new(NULL);
    if (logs->time_width) {
        grid_print_right(grid, x, area.y, logs->time_width, ROLE_HEADER, titles[logs->times]);
        grid_print(grid, x + logs->time_width + 1, area.y, 5, ROLE_HEADER, "LEVEL");
    }
    grid_print(grid, logs->text_x, area.y, 10, ROLE_HEADER, "LINE");
    if (where->line > 0) {
        g_autofree char *line = wording_count(where->line), *lines = wording_count(where->lines);
        g_string_append_printf(text, "line %s of %s%s  ", line, lines, where->all ? "" : "+");
    }
    if (window_selected(logs->window))
        g_string_append_printf(text, "%d%%", (int)(where->millionths / 10000));
    grid_print_right(grid, area.x + area.w / 3, area.y, area.w - area.w / 3 - 1, ROLE_DIM,
                     text->str);
}

/* What is open: the name of one, or the letters of several. */
static void
add_sources(const Logs *logs, GString *text)
{
    guint n = logs_sources(logs);
    for (guint i = 0; i < n; i++) {
        g_autofree char *base = g_path_get_basename(logs_source_name(logs, i));
        gboolean several = n > 1;
        g_string_append_printf(text, "%s%s%s%s", i ? ", " : "", several ? letters[i % 16] : "",
                               several ? " " : "", base);
    }
    if (logs->pass)
        g_string_append_printf(text, ", pass %" G_GINT64_FORMAT, logs->pass);
    if (logs->request)
        g_string_append_printf(text, ", request %" G_GINT64_FORMAT, logs->request);
    if (logs->run)
        g_string_append_printf(text, ", run %" G_GINT64_FORMAT, logs->run);
}

static void
draw_foot_line(const Logs *logs, Grid *grid, Rect area)
{
    g_autoptr(GString) text = g_string_new(" ");
    guint marks = g_hash_table_size(logs->window->marks);
    g_autofree char *follow = keymap_first(logs->console->keymap, (guint)commands_find("follow"));
    add_sources(logs, text);
    if (logs->follow)
        g_string_append(text, ", following");
    else
        g_string_append_printf(text, ", not following (%s follows)", follow);
    if (logs->shown_level > LOG_TRACE)
        g_string_append_printf(text, ", from %s on", log_level_name((LogLevel)logs->shown_level));
    if (logs->shown_filter)
        g_string_append_printf(text, ", filter %s", logs->shown_filter);
    if (marks > 0)
        g_string_append_printf(text, ", %u marked", marks);
    if (logs->percent >= 0)
        g_string_append_printf(text, ", %d%% read, Esc stops", logs->percent);
    g_string_append_c(text, ' ');
    grid_hline(grid, area.x, area.y, area.w, ROLE_BORDER);
    grid_print_right(grid, area.x + 2, area.y, area.w - 4,
                     logs->percent >= 0   ? ROLE_BUSY
                     : logs->shown_filter ? ROLE_MATCH
                                          : ROLE_DIM,
                     text->str);
}

/* The selected line in whole, and when it was. */
static void
draw_pane(const Logs *logs, Grid *grid, Rect area)
{
    const LogEntry *entry = window_selected(logs->window);
    if (!entry || area.h < 2)
        return;
    Doc *doc = doc_new(grid_ascii(grid));
    g_autofree char *message = logs_message(logs, entry, PANE_BYTES, FALSE);
    if (entry->at) {
        g_autofree char *iso = time_iso(entry->at, TRUE);
        g_autofree char *ago = wording_ago(entry->at, logs->console->facts.now);
        doc_addf(doc, ROLE_DIM, "%s, %s%s", iso, ago, entry->head ? "" : " (of the line above)");
        if (logs_sources(logs) > 1)
            doc_addf(doc, ROLE_DIM, ", %s", logs_source_name(logs, entry->source));
        if (entry->request)
            doc_addf(doc, ROLE_DIM, ", Enter opens request %" G_GINT64_FORMAT, entry->request);
        doc_end(doc);
    }
    doc_line(doc, text_role(entry->level), message);
    doc_draw(doc, grid, (Rect){area.x + 1, area.y + 1, area.w - 2, area.h - 1});
    doc_free(doc);
}

static const char *
why_empty(const Logs *logs)
{
    return logs->asking || !logs->loaded ? "reading …"
           : logs->filter                ? "No line matches. Esc shows all."
           : logs->level > LOG_TRACE ? "The program said nothing yet at this level; v shows more."
           : logs->notice            ? logs->notice
                                     : "Nothing was said yet.";
}

void
logs_draw(gpointer view, Grid *grid, Rect area)
{
    Logs *logs = view;
    LogWindow *window = logs->window;
    int pane = logs->fold ? 1 : area.h >= 30 ? 6 : 4;
    Rect foot = {area.x, area.y + area.h - pane, area.w, pane};
    logs->lines = (Rect){area.x, area.y + 1, area.w, area.h - pane - 1};
    measure(logs);
    draw_header(logs, grid, area);
    if (window->entries->len == 0)
        grid_print_cut(grid, area.x + 3, area.y + 2, area.w - 6, ROLE_TEXT, why_empty(logs));
    window_lay(window, logs->lines.h, logs_row_height, logs);
    int y = logs->lines.y, skip = window->top_row, end = logs->lines.y + logs->lines.h;
    for (int i = window->top; i < (int)window->entries->len && y < end; i++) {
        LogEntry *entry = g_ptr_array_index(window->entries, i);
        int rows = MIN(logs_row_height(entry, logs) - skip, end - y);
        draw_line(logs, grid, entry, y, skip);
        if (i == window->selected) {
            grid_print(grid, area.x, y, 1, ROLE_STRONG, ">");
            grid_ground(grid, (Rect){area.x, y, MIN(area.w, LIST_BAR), rows}, ROLE_SELECTED);
            grid_set_cursor(grid, area.x, y, FALSE);
        }
        y += rows;
        skip = 0;
    }
    draw_foot_line(logs, grid, foot);
    draw_pane(logs, grid, foot);
}
