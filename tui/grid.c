/* grid.c: the cell buffer, and the one printer of the console. */
#include "tui/grid.h"

#include <stdarg.h>
#include <string.h>
#include "base/text.h"

#define LINKS_MAX 255 /* what a cell's byte can say */
#define URL_MAX   2000
#define GRID_MAX  1000 /* columns, rows: no terminal is larger in earnest */

struct Grid {
    int width, height;
    gboolean ascii;
    GridCell *cells;
    int cursor_x, cursor_y; /* -1: none */
    gboolean typing;
    GPtrArray *links; /* char *; link n is element n - 1 */
};

Grid *
grid_new(int width, int height, gboolean ascii)
{
    Grid *grid = g_new0(Grid, 1);
    grid->ascii = ascii;
    grid->links = g_ptr_array_new_with_free_func(g_free);
    grid_resize(grid, width, height);
    return grid;
}

void
grid_free(Grid *grid)
{
    if (!grid)
        return;
    g_ptr_array_unref(grid->links);
    g_free(grid->cells);
    g_free(grid);
}

void
grid_resize(Grid *grid, int width, int height)
{
    grid->width = CLAMP(width, 1, GRID_MAX);
    grid->height = CLAMP(height, 1, GRID_MAX);
    g_free(grid->cells);
    grid->cells = g_new0(GridCell, (gsize)grid->width * (gsize)grid->height);
    grid_clear(grid);
}

int
grid_width(const Grid *grid)
{
    return grid->width;
}

int
grid_height(const Grid *grid)
{
    return grid->height;
}

gboolean
grid_ascii(const Grid *grid)
{
    return grid->ascii;
}

Rect
grid_whole(const Grid *grid)
{
    return (Rect){0, 0, grid->width, grid->height};
}

static GridCell *
cell_at(const Grid *grid, int x, int y)
{
    if (x < 0 || y < 0 || x >= grid->width || y >= grid->height)
        return NULL;
    return &grid->cells[(gsize)y * (gsize)grid->width + (gsize)x];
}

const GridCell *
grid_cell(const Grid *grid, int x, int y)
{
    return cell_at(grid, x, y);
}

static void
set_cell(GridCell *cell, const char *text, gsize len, guint8 width, Role role, Role ground)
{
    memset(cell, 0, sizeof *cell);
    memcpy(cell->text, text, len);
    cell->width = width;
    cell->role = (guint8)role;
    cell->ground = (guint8)ground;
}

/* Nothing may leave half of a wide character behind: the half that stays becomes a blank. */
static void
blank_partner(Grid *grid, int x, int y)
{
    GridCell *cell = cell_at(grid, x, y);
    if (!cell)
        return;
    GridCell *other = NULL;
    if (cell->width == 0)
        other = cell_at(grid, x - 1, y);
    else if (cell->width == 2)
        other = cell_at(grid, x + 1, y);
    if (other)
        set_cell(other, " ", 1, 1, other->role, other->ground);
}

void
grid_clear(Grid *grid)
{
    grid->cursor_x = grid->cursor_y = -1;
    g_ptr_array_set_size(grid->links, 0);
    grid_fill(grid, grid_whole(grid), ROLE_SCREEN);
}

void
grid_fill(Grid *grid, Rect area, Role ground)
{
    for (int y = MAX(area.y, 0); y < MIN(area.y + area.h, grid->height); y++) {
        for (int x = MAX(area.x, 0); x < MIN(area.x + area.w, grid->width); x++) {
            blank_partner(grid, x, y);
            GridCell *cell = cell_at(grid, x, y);
            if (cell)
                set_cell(cell, " ", 1, 1, ROLE_TEXT, ground);
        }
    }
}

void
grid_ground(Grid *grid, Rect area, Role ground)
{
    for (int y = area.y; y < area.y + area.h; y++) {
        for (int x = area.x; x < area.x + area.w; x++) {
            GridCell *cell = cell_at(grid, x, y);
            if (cell)
                cell->ground = (guint8)ground;
        }
    }
}

static void
put_cluster(Grid *grid, int x, int y, const char *text, gsize len, int width, Role role)
{
    GridCell *cell = cell_at(grid, x, y);
    if (!cell)
        return;
    /* Marks beyond the room of a cell are left out, never half of one. */
    while (len >= GRID_TEXT) {
        const char *last = g_utf8_find_prev_char(text, text + len);
        len = last ? (gsize)(last - text) : 0;
    }
    blank_partner(grid, x, y);
    set_cell(cell, text, len, (guint8)width, role, cell->ground);
    GridCell *right = width == 2 ? cell_at(grid, x + 1, y) : NULL;
    if (right) {
        blank_partner(grid, x + 1, y);
        set_cell(right, "", 0, 0, role, right->ground);
        set_cell(cell, text, len, 2, role, cell->ground);
    } else if (width == 2) {
        set_cell(cell, " ", 1, 1, role, cell->ground);
    }
}

/* Bytes of the first cluster of printable text, and its columns (0: nothing left that shows). */
static gsize
first_cluster(const char *text, int *width)
{
    if ((guchar)text[0] < 0x80 && (guchar)text[1] < 0x80) {
        *width = text[0] ? 1 : 0;
        return text[0] ? 1 : 0;
    }
    gsize len = text_fit(text, 1, width);
    if (len == 0 || *width == 0)
        len = text_fit(text, 2, width);
    if (*width == 0)
        return 0;
    return len;
}

static int
print_clean(Grid *grid, int x, int y, int max, Role role, const char *text)
{
    int used = 0, width = 0;
    while (*text) {
        gsize len = first_cluster(text, &width);
        if (len == 0 || used + width > max)
            break;
        put_cluster(grid, x + used, y, text, len, width, role);
        used += width;
        text += len;
    }
    return used;
}

static TextFlags
print_flags(const Grid *grid)
{
    return grid->ascii ? TEXT_LINE | TEXT_ASCII : TEXT_LINE;
}

int
grid_print(Grid *grid, int x, int y, int max, Role role, const char *text)
{
    if (!text || y < 0 || y >= grid->height || max <= 0)
        return 0;
    g_autofree char *clean = text_printable(text, -1, print_flags(grid));
    return print_clean(grid, x, y, MIN(max, grid->width - x), role, clean);
}

int
grid_print_cut(Grid *grid, int x, int y, int max, Role role, const char *text)
{
    max = MIN(max, grid->width - x);
    if (!text || y < 0 || y >= grid->height || max <= 0)
        return 0;
    g_autofree char *clean = text_printable(text, -1, print_flags(grid));
    g_autofree char *cut = text_ellipsize(clean, max, print_flags(grid));
    return print_clean(grid, x, y, max, role, cut);
}

void
grid_print_right(Grid *grid, int x, int y, int max, Role role, const char *text)
{
    if (!text)
        return;
    g_autofree char *clean = text_printable(text, -1, print_flags(grid));
    int width = text_width(clean);
    if (width > max)
        grid_print_cut(grid, x, y, max, role, clean);
    else
        print_clean(grid, x + max - width, y, width, role, clean);
}

int
grid_printf(Grid *grid, int x, int y, int max, Role role, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    return grid_print(grid, x, y, max, role, text);
}

void
grid_repeat(Grid *grid, int x, int y, int n, Role role, const char *sign)
{
    for (int i = 0; i < n; i++)
        put_cluster(grid, x + i, y, sign, strlen(sign), 1, role);
}

void
grid_hline(Grid *grid, int x, int y, int n, Role role)
{
    grid_repeat(grid, x, y, n, role, grid->ascii ? "-" : "─");
}

void
grid_box(Grid *grid, Rect area, Role ground, const char *title)
{
    static const char *const fine[] = {"┌", "┐", "└", "┘", "│"}, *const plain[] = {"+", "+", "+",
                                                                                   "+", "|"};
    const char *const *sign = grid->ascii ? plain : fine;
    if (area.w < 2 || area.h < 2)
        return;
    int right = area.x + area.w - 1, bottom = area.y + area.h - 1;
    grid_fill(grid, area, ground);
    grid_hline(grid, area.x, area.y, area.w, ROLE_BORDER);
    grid_hline(grid, area.x, bottom, area.w, ROLE_BORDER);
    for (int y = area.y; y <= bottom; y++) {
        grid_repeat(grid, area.x, y, 1, ROLE_BORDER, sign[4]);
        grid_repeat(grid, right, y, 1, ROLE_BORDER, sign[4]);
    }
    grid_repeat(grid, area.x, area.y, 1, ROLE_BORDER, sign[0]);
    grid_repeat(grid, right, area.y, 1, ROLE_BORDER, sign[1]);
    grid_repeat(grid, area.x, bottom, 1, ROLE_BORDER, sign[2]);
    grid_repeat(grid, right, bottom, 1, ROLE_BORDER, sign[3]);
    if (title) {
        g_autofree char *text = g_strdup_printf(" %s ", title);
        grid_print_cut(grid, area.x + 2, area.y, area.w - 4, ROLE_TITLE, text);
    }
}

/* -- links -- */

static gboolean
url_is_safe(const char *url)
{
    if (!g_str_has_prefix(url, "http://") && !g_str_has_prefix(url, "https://"))
        return FALSE;
    const char *c = url;
    while (*c > ' ' && *c < 127)
        c++;
    return *c == '\0' && c - url <= URL_MAX;
}

/* The number of a URL, made when it is new; 0: no room. */
static guint8
intern_link(Grid *grid, const char *url)
{
    for (guint i = 0; i < grid->links->len; i++) {
        if (strcmp(g_ptr_array_index(grid->links, i), url) == 0)
            return (guint8)(i + 1);
    }
    if (grid->links->len >= LINKS_MAX)
        return 0;
    g_ptr_array_add(grid->links, g_strdup(url));
    return (guint8)grid->links->len;
}

gboolean
grid_link(Grid *grid, int x, int y, int n, const char *url)
{
    guint8 link = url && url_is_safe(url) ? intern_link(grid, url) : 0;
    for (int i = 0; link && i < n; i++) {
        GridCell *cell = cell_at(grid, x + i, y);
        if (cell)
            cell->link = link;
    }
    return link != 0;
}

const char *
grid_link_url(const Grid *grid, guint8 link)
{
    return link > 0 && link <= grid->links->len ? g_ptr_array_index(grid->links, link - 1) : NULL;
}

void
grid_target(Grid *grid, int x, int y, int n, guint16 target)
{
    for (int i = 0; i < n; i++) {
        GridCell *cell = cell_at(grid, x + i, y);
        if (cell)
            cell->target = target;
    }
}

void
grid_copy(Grid *grid, Rect area, const Grid *from, int first)
{
    for (int y = 0; y < area.h; y++) {
        for (int x = 0; x < area.w; x++) {
            const GridCell *source = grid_cell(from, x, first + y);
            GridCell *cell = cell_at(grid, area.x + x, area.y + y);
            if (!source || !cell)
                continue;
            guint8 ground = cell->ground;
            *cell = *source;
            cell->link = source->link ? intern_link(grid, grid_link_url(from, source->link)) : 0;
            if (source->ground == ROLE_SCREEN)
                cell->ground = ground;
        }
    }
}

void
grid_set_cursor(Grid *grid, int x, int y, gboolean typing)
{
    grid->cursor_x = CLAMP(x, 0, grid->width - 1);
    grid->cursor_y = CLAMP(y, 0, grid->height - 1);
    grid->typing = typing;
}

gboolean
grid_cursor(const Grid *grid, int *x, int *y, gboolean *typing)
{
    if (grid->cursor_x < 0)
        return FALSE;
    *x = grid->cursor_x;
    *y = grid->cursor_y;
    *typing = grid->typing;
    return TRUE;
}

char *
grid_to_text(const Grid *grid)
{
    GString *text = g_string_new(NULL);
    for (int y = 0; y < grid->height; y++) {
        gsize solid = text->len;
        for (int x = 0; x < grid->width; x++) {
            const GridCell *cell = &grid->cells[(gsize)y * (gsize)grid->width + (gsize)x];
            g_string_append(text, cell->text);
            if (cell->width > 0 && strcmp(cell->text, " ") != 0)
                solid = text->len;
        }
        g_string_truncate(text, solid);
        g_string_append_c(text, '\n');
    }
    return g_string_free(text, FALSE);
}
