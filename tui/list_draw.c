/* list_draw.c: the rows on the grid, their heading, the pane below them and how the list stands. */
#include "tui/list_private.h"

#include <string.h>
#include "base/text.h"

static const char *const preview_names[] = {"normal", "large", "off"};

static void
print_cell(Grid *grid, int x, int y, int width, ListAlign align, Role role, const char *text)
{
    if (align == ALIGN_RIGHT)
        grid_print_right(grid, x, y, width, role, text);
    else
        grid_print_cut(grid, x, y, width, role, text);
}

/* The title; the sign of the order stays where it is cut. */
static void
draw_title(const List *list, Grid *grid, int x, int y, int column)
{
    const ListColumn *spec = &list->ops->columns[column];
    int width = list->widths[column];
    Role role = list->column == column ? ROLE_TAB_HERE : ROLE_HEADER;
    if (list->sort != column) {
        print_cell(grid, x, y, width, spec->align, role, spec->title);
        return;
    }
    gboolean down = list_sorts_down(list);
    const char *sign = grid_ascii(grid) ? (down ? "v" : "^") : (down ? "▼" : "▲");
    int room = MAX(width - 1, 0), title = MIN(text_width(spec->title), room);
    int from = spec->align == ALIGN_RIGHT ? x + room - title : x;
    grid_print(grid, from, y, title, role, spec->title);
    grid_print(grid, from + title, y, 1, ROLE_KEY, sign);
}

static void
draw_header(const List *list, Grid *grid, Rect area)
{
    int x = area.x + list_margin(list), n = (int)list->ops->n_columns;
    for (int i = 0; i < n; i++) {
        if (i == list->frozen && list->scroll > 0)
            grid_print(grid, x - 1, area.y, 1, ROLE_KEY, grid_ascii(grid) ? "<" : "‹");
        if (list->widths[i] == 0)
            continue;
        draw_title(list, grid, x, area.y, i);
        x += list->widths[i] + LIST_GAP;
    }
    if (list->more_right)
        grid_print(grid, area.x + area.w - 1, area.y, 1, ROLE_KEY, grid_ascii(grid) ? ">" : "›");
}

/* Shows where a text stands in a cell; needle is folded. */
static void
mark_match(const ListColumn *column, Grid *grid, Rect cell, const char *text, const char *needle)
{
    g_autofree char *clean = text_printable(text, -1, TEXT_LINE);
    g_autofree char *low = g_ascii_strdown(clean, -1);
    const char *hit = *needle ? strstr(low, needle) : NULL;
    if (!hit)
        return;
    int width = text_width(clean);
    if (column->align == ALIGN_RIGHT && width > cell.w)
        return;
    int from = column->align == ALIGN_RIGHT ? cell.x + cell.w - width : cell.x;
    g_autofree char *before = g_strndup(clean, (gsize)(hit - low));
    g_autofree char *found = g_strndup(clean + (hit - low), strlen(needle));
    int at = text_width(before);
    if (at + text_width(found) <= cell.w)
        grid_print(grid, from + at, cell.y, cell.w - at, ROLE_MATCH, found);
}

static void
draw_cell(const List *list, Grid *grid, Rect cell, guint column, const void *row, GString *text)
{
    const ListColumn *spec = &list->ops->columns[column];
    Role role;
    list_cell_text(list, row, column, text, &role);
    print_cell(grid, cell.x, cell.y, cell.w, spec->align, role, text->str);
    if (list->match)
        mark_match(spec, grid, cell, text->str, list->match);
    for (guint i = 0; list->needles && i < list->needles->len; i++)
        mark_match(spec, grid, cell, text->str, g_ptr_array_index(list->needles, i));
}

static void
draw_row(const List *list, Grid *grid, Rect row, const void *data, gboolean selected, GString *text)
{
    int x = row.x + list_margin(list), bar = 0;
    gboolean marked = list_is_marked(list, list->ops->id(data));
    for (guint i = 0; i < list->ops->n_columns; i++) {
        if (list->widths[i] == 0)
            continue;
        draw_cell(list, grid, (Rect){x, row.y, list->widths[i], 1}, i, data, text);
        x += list->widths[i] + LIST_GAP;
        bar = bar < LIST_BAR ? x - LIST_GAP - row.x : bar;
    }
    if (marked)
        grid_print(grid, row.x + 1, row.y, 1, ROLE_MARKED, "*");
    if (!selected)
        return;
    grid_print(grid, row.x, row.y, 1, ROLE_STRONG, ">");
    grid_ground(grid, (Rect){row.x, row.y, MIN(bar, row.w), 1}, ROLE_SELECTED);
    grid_set_cursor(grid, row.x, row.y, FALSE);
}

static void
draw_position(const List *list, Grid *grid, Rect area)
{
    int height = area.h - 1, n = (int)list->shown->len;
    if (n <= height || height < 1 || area.w < 30)
        return;
    /* A thumb at the right edge tells where the window stands; a windowed list has no known length.
     */
    int size = MAX(height * height / MAX(n, 1), 1),
        at = list->top * (height - size) / MAX(n - height, 1);
    if (list->windowed && (list->more_before || list->more_after))
        return;
    for (int i = 0; i < size; i++)
        grid_repeat(grid, area.x + area.w - 1, area.y + 1 + at + i, 1, ROLE_BORDER,
                    grid_ascii(grid) ? "|" : "▐");
}

/* A filter by age means other rows as time goes by. */
static void
renew(List *list)
{
    if (!list->windowed && list->query && query_is_relative(list->query) && list->now &&
        ABS(*list->now - list->query_at) > 10 * G_TIME_SPAN_SECOND)
        list_rebuild(list);
}

void
list_draw(List *list, Grid *grid, Rect area)
{
    g_autoptr(GString) text = g_string_new(NULL);
    int height = MAX(area.h - 1, 0);
    renew(list);
    list->area = area;
    list->page = MAX(height, 1);
    list->top = CLAMP(list->top, MAX(list->position - height + 1, 0), MAX(list->position, 0));
    list->top = MIN(list->top, MAX((int)list->shown->len - height, 0));
    list_measure(list, area.w - 1); /* the last column is the thumb's */
    draw_header(list, grid, area);
    for (int i = 0; i < height && list->top + i < (int)list->shown->len; i++) {
        int index = list->top + i;
        draw_row(list, grid, (Rect){area.x, area.y + 1 + i, area.w, 1},
                 g_ptr_array_index(list->shown, index), index == list->position, text);
    }
    draw_position(list, grid, area);
}

/* -- how it stands -- */

static char *
filter_words(const List *list)
{
    if (!list->filter)
        return NULL;
    if (list->windowed)
        return g_strdup_printf(" %s: %s ", list->busy ? "searching" : "filter", list->filter);
    return g_strdup_printf(" filter: %s  %u of %u ", list->filter, list->shown->len,
                           list->rows->len);
}

static char *
marks_words(const List *list)
{
    guint hidden, all = g_hash_table_size(list->marks);
    if (all == 0)
        return NULL;
    g_array_unref(list_marked(list, &hidden));
    if (hidden > 0)
        return g_strdup_printf(" %u marked, %u hidden and left out ", all, hidden);
    return g_strdup_printf(" %u marked ", all);
}

static char *
pause_words(const List *list)
{
    if (!list->paused)
        return NULL;
    return list->changes == 1  ? g_strdup(" standing still, 1 change waits ")
           : list->changes > 1 ? g_strdup_printf(" standing still, %u changes wait ", list->changes)
                               : g_strdup(" standing still ");
}

gboolean
list_has_status(const List *list)
{
    return list->filter || list->paused || g_hash_table_size(list->marks) > 0;
}

void
list_draw_status(const List *list, Grid *grid, Rect row)
{
    static const struct {
        char *(*words)(const List *list);
        Role role;
    } parts[] = {
        {pause_words, ROLE_WARN},
        {marks_words, ROLE_MARKED},
        {filter_words, ROLE_MATCH},
    };
    int right = row.x + row.w - 2;
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *text = parts[i].words(list);
        int width = text ? MIN(text_width(text), right - row.x - 1) : 0;
        if (width <= 4)
            continue;
        grid_print_cut(grid, right - width, row.y, width, parts[i].role, text);
        right -= width + 1;
    }
}

/* -- the pane -- */

const char *
preview_name(ListPreview preview)
{
    return preview_names[preview];
}

gboolean
preview_parse(const char *name, ListPreview *preview)
{
    for (guint i = 0; name && i < G_N_ELEMENTS(preview_names); i++) {
        if (strcmp(preview_names[i], name) == 0) {
            *preview = (ListPreview)i;
            return TRUE;
        }
    }
    return FALSE;
}

ListPreview
list_preview(const List *list)
{
    return list->preview;
}

void
list_set_preview(List *list, ListPreview preview)
{
    list->preview = preview;
    list->settings++;
}

void
list_set_busy(List *list, gboolean busy)
{
    list->busy = busy;
}

void
list_draw_with(List *list, Grid *grid, Rect area, int rows, ListPane draw, gpointer data)
{
    int pane = list->preview == PREVIEW_OFF     ? (list_has_status(list) ? 1 : 0)
               : list->preview == PREVIEW_LARGE ? MAX(rows, area.h - MAX(area.h / 3, 4))
                                                : rows;
    Rect foot = {area.x, area.y + area.h - pane, area.w, pane};
    list_draw(list, grid, (Rect){area.x, area.y, area.w, area.h - pane});
    if (list->preview != PREVIEW_OFF && pane > 0)
        draw(data, grid, foot);
    else if (pane > 0)
        grid_hline(grid, foot.x, foot.y, foot.w, ROLE_BORDER);
    list_draw_status(list, grid, foot);
}
