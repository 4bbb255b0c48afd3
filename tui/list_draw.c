/* list_draw.c: column widths, and the rows on the grid. */
#include "tui/list_private.h"

#include <string.h>
#include "base/text.h"

#define MARGIN  1 /* the sign of the selection */
#define GAP     1
#define MEASURE 400 /* rows that widths are taken from */

static int
wanted_width(const List *list, guint column, GString *text)
{
    const ListColumn *spec = &list->ops->columns[column];
    int width = MAX(spec->min, text_width(spec->title));
    guint from = list->top > MEASURE / 2 ? (guint)list->top - MEASURE / 2 : 0;
    guint to = MIN(list->shown->len, from + MEASURE);
    for (guint i = from; i < to && width < spec->max; i++) {
        Role role;
        list_cell_text(list, g_ptr_array_index(list->shown, i), column, text, &role);
        width = MAX(width, text_width(text->str));
    }
    return MIN(width, MAX(spec->max, spec->min));
}

static int
total_width(const List *list)
{
    int total = MARGIN;
    for (guint i = 0; i < list->ops->n_columns; i++)
        total += list->widths[i] > 0 ? list->widths[i] + GAP : 0;
    return total - GAP;
}

/* Takes room from the columns that can give it, widest first. */
static void
shrink(List *list, int room)
{
    while (total_width(list) > room) {
        int best = -1, most = 0;
        for (guint i = 0; i < list->ops->n_columns; i++) {
            int spare = list->widths[i] - list->ops->columns[i].min;
            if (list->widths[i] > 0 && spare > 0 && list->widths[i] > most) {
                most = list->widths[i];
                best = (int)i;
            }
        }
        if (best < 0)
            return;
        list->widths[best]--;
    }
}

static int
minimum_width(const List *list)
{
    int total = MARGIN;
    for (guint i = 0; i < list->ops->n_columns; i++)
        total += list->widths[i] > 0 ? MIN(list->widths[i], list->ops->columns[i].min) + GAP : 0;
    return total - GAP;
}

/* Leaves out the columns that matter least until the least widths of the others fit. */
static void
drop_columns(List *list, int room)
{
    while (minimum_width(list) > room) {
        int worst = -1;
        for (guint i = 0; i < list->ops->n_columns; i++) {
            int drop = list->ops->columns[i].drop;
            if (list->widths[i] > 0 && drop > 0 &&
                (worst < 0 || drop > list->ops->columns[worst].drop))
                worst = (int)i;
        }
        if (worst < 0)
            return;
        list->widths[worst] = 0;
    }
}

static void
measure(List *list, int room)
{
    if (list->measured && list->measured_width == room)
        return;
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < list->ops->n_columns; i++)
        list->widths[i] = wanted_width(list, i, text);
    drop_columns(list, room);
    shrink(list, room);
    list->measured = TRUE;
    list->measured_width = room;
}

static void
print_cell(Grid *grid, int x, int y, int width, ListAlign align, Role role, const char *text)
{
    if (align == ALIGN_RIGHT)
        grid_print_right(grid, x, y, width, role, text);
    else
        grid_print_cut(grid, x, y, width, role, text);
}

static void
draw_header(const List *list, Grid *grid, Rect area)
{
    int x = area.x + MARGIN;
    for (guint i = 0; i < list->ops->n_columns; i++) {
        const ListColumn *spec = &list->ops->columns[i];
        if (list->widths[i] == 0)
            continue;
        gboolean sorted =
            !list->windowed && list->sort == (int)i &&
            (list->sort != list->ops->default_sort || list->reverse != list->ops->default_reverse);
        g_autofree char *title =
            g_strconcat(spec->title, sorted ? (list->reverse ? "-" : "+") : "", NULL);
        print_cell(grid, x, area.y, list->widths[i], spec->align, ROLE_HEADER, title);
        x += list->widths[i] + GAP;
    }
}

/* Marks what a search found, in cells that are shown. */
static void
mark_match(const List *list, Grid *grid, int x, int y, int width, const char *text)
{
    if (!list->match || !*list->match)
        return;
    g_autofree char *clean = text_printable(text, -1, TEXT_LINE);
    g_autofree char *low = g_ascii_strdown(clean, -1), *needle = g_ascii_strdown(list->match, -1);
    const char *hit = strstr(low, needle);
    if (!hit)
        return;
    g_autofree char *before = g_strndup(clean, (gsize)(hit - low));
    g_autofree char *found = g_strndup(clean + (hit - low), strlen(needle));
    int at = text_width(before);
    if (at < width)
        grid_print(grid, x + at, y, width - at, ROLE_MATCH, found);
}

static void
draw_row(const List *list, Grid *grid, Rect area, int y, const void *row, gboolean selected,
         GString *text)
{
    int x = area.x + MARGIN;
    for (guint i = 0; i < list->ops->n_columns; i++) {
        const ListColumn *spec = &list->ops->columns[i];
        Role role;
        if (list->widths[i] == 0)
            continue;
        list_cell_text(list, row, i, text, &role);
        print_cell(grid, x, y, list->widths[i], spec->align, role, text->str);
        if (spec->align == ALIGN_LEFT)
            mark_match(list, grid, x, y, list->widths[i], text->str);
        x += list->widths[i] + GAP;
    }
    if (!selected)
        return;
    grid_print(grid, area.x, y, 1, ROLE_STRONG, ">");
    grid_ground(grid, (Rect){area.x, y, area.w, 1}, ROLE_SELECTED);
    grid_set_cursor(grid, area.x, y, FALSE);
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

void
list_draw(List *list, Grid *grid, Rect area)
{
    g_autoptr(GString) text = g_string_new(NULL);
    int height = MAX(area.h - 1, 0);
    list->area = area;
    list->page = MAX(height, 1);
    list->top = CLAMP(list->top, MAX(list->position - height + 1, 0), MAX(list->position, 0));
    list->top = MIN(list->top, MAX((int)list->shown->len - height, 0));
    measure(list, area.w - 1); /* the last column is the thumb's */
    draw_header(list, grid, area);
    for (int i = 0; i < height && list->top + i < (int)list->shown->len; i++) {
        int index = list->top + i;
        draw_row(list, grid, area, area.y + 1 + i, g_ptr_array_index(list->shown, index),
                 index == list->position, text);
    }
    draw_position(list, grid, area);
}
