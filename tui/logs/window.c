/* window.c: the lines that are loaded, and moving among them. */
#include "tui/logs/window.h"

#include <stdlib.h>
#include <string.h>

#define MARKS_MAX 20000

typedef struct {
    guint source;
    gint64 pos;
} Key;

static guint
key_hash(gconstpointer data)
{
    const Key *key = data;
    return g_int64_hash(&key->pos) * 31 + key->source;
}

static gboolean
key_equal(gconstpointer a, gconstpointer b)
{
    const Key *x = a, *y = b;
    return x->pos == y->pos && x->source == y->source;
}

LogWindow *
window_new(void)
{
    LogWindow *window = g_new0(LogWindow, 1);
    window->entries = g_ptr_array_new_with_free_func(log_entry_free);
    window->marks = g_hash_table_new_full(key_hash, key_equal, g_free, log_entry_free);
    window->selected = -1;
    return window;
}

void
window_free(LogWindow *window)
{
    if (!window)
        return;
    g_ptr_array_unref(window->entries);
    g_hash_table_unref(window->marks);
    g_free(window);
}

static LogEntry *
entry_at(const LogWindow *window, int i)
{
    return g_ptr_array_index(window->entries, i);
}

static int
count(const LogWindow *window)
{
    return (int)window->entries->len;
}

static void
take_all(LogWindow *window, GPtrArray *entries, int direction)
{
    g_ptr_array_set_free_func(entries, NULL);
    for (guint i = 0; i < entries->len; i++) {
        LogEntry *entry = g_ptr_array_index(entries, i);
        window->bytes += entry->len;
        if (direction > 0)
            g_ptr_array_add(window->entries, entry);
    }
    if (direction < 0 && entries->len > 0) {
        guint old = window->entries->len, n = entries->len;
        g_ptr_array_set_size(window->entries, (int)(old + n));
        memmove(window->entries->pdata + n, window->entries->pdata, old * sizeof(gpointer));
        memcpy(window->entries->pdata, entries->pdata, n * sizeof(gpointer));
        window->selected += (int)n;
        window->top += (int)n;
    }
    g_ptr_array_set_size(entries, 0);
}

/* Takes n lines away at the start or the end. */
static void
drop(LogWindow *window, int n, gboolean at_start)
{
    int from = at_start ? 0 : count(window) - n;
    for (int i = from; i < from + n; i++) {
        const LogEntry *entry = entry_at(window, i);
        window->bytes -= MIN(entry->len, window->bytes);
        if (at_start)
            window->first.place[entry->source] = entry->next;
    }
    for (int i = from + n - 1; !at_start && i >= from; i--)
        window->last.place[entry_at(window, i)->source] = entry_at(window, i)->pos;
    g_ptr_array_remove_range(window->entries, (guint)from, (guint)n);
    if (at_start) {
        window->selected = MAX(window->selected - n, 0);
        window->top = MAX(window->top - n, 0);
        window->more_before = TRUE;
    } else {
        window->selected = MIN(window->selected, count(window) - 1);
        window->more_after = TRUE;
    }
}

static void
trim(LogWindow *window, gboolean at_start)
{
    int n = 0, all = count(window);
    for (gsize bytes = window->bytes;
         all - n > WINDOW_LINES || (bytes > WINDOW_BYTES && all - n > 1); n++)
        bytes -= MIN(entry_at(window, at_start ? n : all - 1 - n)->len, bytes);
    if (n > 0)
        drop(window, n, at_start);
}

void
window_set(LogWindow *window, GPtrArray *entries, const LogCut *first, const LogCut *last,
           int selected)
{
    g_ptr_array_set_size(window->entries, 0);
    window->bytes = 0;
    window->top = window->top_row = 0;
    take_all(window, entries, 1);
    window->first = *first;
    window->last = *last;
    window->selected = CLAMP(selected, count(window) ? 0 : -1, count(window) - 1);
    window->top = MAX(window->selected, 0);
}

void
window_tail(const LogWindow *window, LogCut *cut)
{
    *cut = window->last;
    for (int i = count(window); i-- > 0 && (entry_at(window, i)->flags & LOG_OPEN);)
        cut->place[entry_at(window, i)->source] = entry_at(window, i)->pos;
}

void
window_join(LogWindow *window, GPtrArray *entries, int direction, const LogCut *cut)
{
    int before = count(window), open = 0;
    gboolean at_end = window->selected >= before - 1;
    if (direction > 0) {
        while (open < before && (entry_at(window, before - 1 - open)->flags & LOG_OPEN))
            open++;
        if (open > 0) {
            gboolean more = window->more_after;
            drop(window, open, FALSE);
            window->more_after = more;
        }
        window->last = *cut;
    } else {
        window->first = *cut;
    }
    take_all(window, entries, direction);
    if (window->selected < 0 && count(window) > 0)
        window->selected = direction > 0 ? 0 : count(window) - 1;
    if (open > 0 && at_end)
        window->selected = MIN(before - 1, count(window) - 1);
    trim(window, direction > 0);
}

const LogEntry *
window_selected(const LogWindow *window)
{
    return window->selected >= 0 && window->selected < count(window)
               ? entry_at(window, window->selected)
               : NULL;
}

void
window_here(const LogWindow *window, int direction, LogCut *cut)
{
    *cut = window->first;
    for (int i = 0; i < count(window) && i < window->selected + (direction > 0 ? 1 : 0); i++)
        cut->place[entry_at(window, i)->source] = entry_at(window, i)->next;
}

gboolean
window_select(LogWindow *window, guint source, gint64 pos)
{
    for (int i = 0; i < count(window); i++) {
        if (entry_at(window, i)->source != source || entry_at(window, i)->pos != pos)
            continue;
        window->selected = i;
        return TRUE;
    }
    return FALSE;
}

void
window_move(LogWindow *window, int lines)
{
    if (count(window) == 0)
        return;
    window->selected = CLAMP(window->selected + lines, 0, count(window) - 1);
}

/* Rows from the top to the end of a line. */
static int
rows_to(const LogWindow *window, int line, WindowHeight height, gpointer data, int limit)
{
    int rows = -window->top_row;
    for (int i = window->top; i <= line && rows <= limit; i++)
        rows += height(entry_at(window, i), data);
    return rows;
}

/* Where the log ends above the lower edge, more of what is before it comes into view. */
static void
fill_screen(LogWindow *window, int rows, WindowHeight height, gpointer data)
{
    int used = rows_to(window, count(window) - 1, height, data, rows);
    while (used < rows && (window->top > 0 || window->top_row > 0)) {
        if (window->top_row > 0) {
            int more = MIN(window->top_row, rows - used);
            window->top_row -= more;
            used += more;
            continue;
        }
        window->top--;
        int here = height(entry_at(window, window->top), data);
        window->top_row = MAX(here - (rows - used), 0);
        used += here - window->top_row;
    }
}

void
window_lay(LogWindow *window, int rows, WindowHeight height, gpointer data)
{
    if (count(window) == 0 || rows < 1)
        return;
    window->top = CLAMP(window->top, 0, count(window) - 1);
    if (window->selected < window->top) {
        window->top = window->selected;
        window->top_row = 0;
    }
    /* From far below: only what could be on the screen is measured. */
    if (window->top < window->selected - rows) {
        window->top = window->selected - rows;
        window->top_row = 0;
    }
    int tall = height(entry_at(window, window->selected), data);
    while (window->top < window->selected &&
           rows_to(window, window->selected, height, data, 1000000) > rows) {
        window->top++;
        window->top_row = 0;
    }
    if (window->top == window->selected)
        window->top_row = CLAMP(window->top_row, 0, MAX(tall - rows, 0));
    else
        window->top_row = MIN(window->top_row, height(entry_at(window, window->top), data) - 1);
    fill_screen(window, rows, height, data);
    window->above = window->top == window->selected && window->top_row > 0;
    window->below = rows_to(window, window->selected, height, data, 1000000) > rows;
}

int
window_at_row(const LogWindow *window, int row, WindowHeight height, gpointer data)
{
    int at = -window->top_row;
    for (int i = window->top; row >= 0 && i < count(window); i++) {
        at += height(entry_at(window, i), data);
        if (row < at)
            return i;
    }
    return -1;
}

/* -- marks -- */

gboolean
window_marked(const LogWindow *window, const LogEntry *entry)
{
    Key key = {entry->source, entry->pos};
    return g_hash_table_contains(window->marks, &key);
}

void
window_mark(LogWindow *window, const LogEntry *entry, gboolean on)
{
    Key key = {entry->source, entry->pos};
    if (!on) {
        g_hash_table_remove(window->marks, &key);
        return;
    }
    if (g_hash_table_size(window->marks) >= MARKS_MAX || window_marked(window, entry))
        return;
    Key *owned = g_new0(Key, 1);
    *owned = key;
    gsize size = sizeof *entry + entry->len + 1;
    LogEntry *copy = g_malloc(size);
    memcpy(copy, entry, size);
    g_hash_table_insert(window->marks, owned, copy);
}

guint
window_mark_range(LogWindow *window)
{
    int from = -1;
    guint n = 0;
    for (int i = 0; i < count(window); i++) {
        if (i != window->selected && window_marked(window, entry_at(window, i)) &&
            (from < 0 || abs(i - window->selected) < abs(from - window->selected)))
            from = i;
    }
    if (from < 0 || window->selected < 0)
        return 0;
    for (int i = MIN(from, window->selected); i <= MAX(from, window->selected); i++, n++)
        window_mark(window, entry_at(window, i), TRUE);
    return n;
}

void
window_unmark(LogWindow *window)
{
    g_hash_table_remove_all(window->marks);
}

static gint
by_time(gconstpointer a, gconstpointer b)
{
    const LogEntry *x = *(const LogEntry *const *)a, *y = *(const LogEntry *const *)b;
    if (x->at != y->at)
        return x->at > y->at ? 1 : -1;
    if (x->source == y->source)
        return (x->pos > y->pos) - (x->pos < y->pos);
    return x->source > y->source ? 1 : -1;
}

char *
window_text(const LogWindow *window, gsize limit, guint *n)
{
    GString *text = g_string_new(NULL);
    g_autoptr(GPtrArray) lines = g_ptr_array_new();
    GHashTableIter iter;
    gpointer entry;
    g_hash_table_iter_init(&iter, window->marks);
    while (g_hash_table_iter_next(&iter, NULL, &entry))
        g_ptr_array_add(lines, entry);
    if (lines->len == 0 && window_selected(window))
        g_ptr_array_add(lines, entry_at(window, window->selected));
    g_ptr_array_sort(lines, by_time);
    for (*n = 0; *n < lines->len; ++*n) {
        const LogEntry *line = g_ptr_array_index(lines, *n);
        if (text->len + line->len + 1 > limit)
            break;
        if (*n > 0)
            g_string_append_c(text, '\n');
        g_string_append_len(text, line->text, (gssize)line->len);
    }
    return g_string_free(text, FALSE);
}
