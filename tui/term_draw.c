/* term_draw.c: what the terminal shows, what it should show, and the way from one to the other. */
#include "tui/term_draw_private.h"

#include <langinfo.h>
#include <string.h>
#include <wchar.h>

#define SCROLL_GAIN 20 /* cells that scrolling must save before it is tried */
#define REGION_COST 12 /* bytes that say which rows scroll */
#define URLS_MAX    4096

/* -- what is wanted -- */

static guint32
link_number(TermDraw *draw, const char *url)
{
    guint32 number = GPOINTER_TO_UINT(g_hash_table_lookup(draw->urls, url));
    if (number)
        return number;
    char *own = g_strdup(url);
    g_ptr_array_add(draw->url_of, own);
    g_hash_table_insert(draw->urls, own, GUINT_TO_POINTER(draw->url_of->len));
    return draw->url_of->len;
}

/* The base and its marks, as far as the terminal can be trusted to put them into the columns that
 * the grid gives them; '?' where it cannot. */
static void
want_text(const TermDraw *draw, const GridCell *from, Cell *cell)
{
    const char *text = from->text;
    cell->width = from->width;
    if ((guchar)text[0] < 0x80 && (guchar)text[1] < 0x80) {
        cell->text[0] = text[0] ? text[0] : '?';
        return;
    }
    gunichar base = g_utf8_get_char(text);
    const char *end = text + g_utf8_skip[(guchar)text[0]];
    if (draw->utf8 && wcwidth((wchar_t)base) != from->width) {
        cell->text[0] = '?';
        cell->width = 1;
        return;
    }
    while (*end && g_utf8_get_char(end) != 0x200d && wcwidth((wchar_t)g_utf8_get_char(end)) == 0) {
        end += g_utf8_skip[(guchar)*end];
        cell->unsure = TRUE;
    }
    memcpy(cell->text, text, (gsize)(end - text));
    cell->unsure = cell->unsure || base >= 0x1f000 || (from->width == 2 && base < 0x2e80);
}

static void
want_cell(TermDraw *draw, const Grid *grid, int x, int y, Cell *cell)
{
    static const GridCell nothing = {.text = " ", .width = 1, .role = ROLE_TEXT};
    const GridCell *from = grid_cell(grid, x, y);
    memset(cell, 0, sizeof *cell);
    from = from ? from : &nothing;
    const char *url = draw->links && from->link ? grid_link_url(grid, from->link) : NULL;
    cell->link = url ? link_number(draw, url) : 0;
    gboolean blank = strcmp(from->text, " ") == 0 && cell->link == 0;
    cell->pen = pen_for(draw, from, blank);
    if (from->width > 0)
        want_text(draw, from, cell);
    /* The right half looks like the left one; a blank where that is shown as '?'. */
    const Cell *left = from->width == 0 && x > 0 ? cell - 1 : NULL;
    if (left && left->width == 2) {
        cell->pen = left->pen;
        cell->link = left->link;
    } else if (from->width == 0) {
        cell->width = 1;
        cell->text[0] = ' ';
        cell->pen = pen_for(draw, from, TRUE);
    }
    if (cell->width == 2 && x + 1 >= draw->width) {
        cell->width = 1;
        g_strlcpy(cell->text, " ", sizeof cell->text);
    }
}

static void
want(TermDraw *draw, const Grid *grid)
{
    for (int y = 0; y < draw->height; y++) {
        for (int x = 0; x < draw->width; x++)
            want_cell(draw, grid, x, y, &draw->wanted[y * draw->width + x]);
    }
}

/* -- scrolling -- */

static guint32
hash_row(const Cell *row, int width)
{
    guint32 hash = 2166136261u;
    const guint32 *word = (const guint32 *)(const void *)row;
    for (gsize i = 0; i < (gsize)width * sizeof(Cell) / sizeof *word; i++)
        hash = (hash ^ word[i]) * 16777619u;
    return hash;
}

typedef struct {
    int first, rows, shift, gain;
} Scroll;

/* Cells that differ in a row as it stands. */
static int
row_cost(const TermDraw *draw, int y)
{
    int cost = 0;
    for (int x = 0; x < draw->width; x++)
        cost += !cell_same(&draw->wanted[y * draw->width + x], &draw->shown[y * draw->width + x]);
    return cost;
}

/* The rows that stand elsewhere now and would cost most to write. */
static Scroll
find_scroll(const TermDraw *draw)
{
    const guint32 *old = draw->hashes, *new = draw->hashes + draw->height;
    Scroll best = {0};
    for (int shift = 1 - draw->height; shift < draw->height; shift++) {
        Scroll run = {.shift = shift};
        for (int y = MAX(0, -shift); shift && y < draw->height - MAX(0, shift); y++) {
            if (new[y] != old[y + shift]) {
                run.rows = run.gain = 0;
                continue;
            }
            if (run.rows++ == 0)
                run.first = y;
            if (new[y] != old[y])
                run.gain += row_cost(draw, y);
            if (run.gain > best.gain)
                best = run;
        }
    }
    return best;
}

/* The ground that the row which comes in ends with: what comes free takes the one that is switched
 * on, so that a theme with a ground of its own need not write its blanks. */
static guint16
ground_of_row(const TermDraw *draw, int y)
{
    const Cell *last = &draw->wanted[(y + 1) * draw->width - 1];
    gboolean fits = draw->caps->erases_in_colour && cell_is_blank(last) &&
                    !pen_at(draw, last->pen)->attrs && !last->link;
    return fits ? last->pen : PEN_PLAIN;
}

/* The shown cells as the terminal has them after it scrolled. */
static void
shift_shown(TermDraw *draw, int top, int bottom, int shift, guint16 ground)
{
    gsize row = (gsize)draw->width * sizeof(Cell);
    int n = bottom - top + 1 - ABS(shift), freed = shift > 0 ? top + n : top;
    memcpy(draw->scrolled, draw->shown, (gsize)draw->height * row);
    memcpy(&draw->scrolled[(top + MAX(-shift, 0)) * draw->width],
           &draw->shown[(top + MAX(shift, 0)) * draw->width], (gsize)n * row);
    const Cell blank = {.text = " ", .width = 1, .pen = ground};
    for (int i = freed * draw->width; i < (freed + ABS(shift)) * draw->width; i++)
        draw->scrolled[i] = blank;
}

static gboolean
ground_is_plain(const TermDraw *draw)
{
    const Pen *pen = pen_at(draw, draw->at.pen);
    return pen->bg < 0 && !(pen->attrs & (THEME_UNDERLINE | THEME_REVERSE));
}

/* The rows that scroll stay the same until others do: one more row is one byte then. */
static void
set_region(TermDraw *draw, int top, int bottom, GString *out)
{
    if (draw->at.top == top && draw->at.bottom == bottom)
        return;
    g_string_append_printf(out, "\033[%d;%dr", top + 1, bottom + 1);
    draw->at.top = top;
    draw->at.bottom = bottom;
    draw->at.x = draw->at.y = 0; /* it goes home */
}

static void
scroll_lines(TermDraw *draw, int top, int bottom, int shift, GString *out)
{
    int edge = shift > 0 ? bottom : top;
    set_region(draw, top, bottom, out);
    if (draw->at.x < 0 || draw->at.y != edge)
        runs_move(draw, 0, edge, out);
    for (int i = 0; i < ABS(shift); i++)
        g_string_append(out, draw->caps->text[shift > 0 ? CAP_SCROLL_UP : CAP_SCROLL_DOWN]);
}

/* Scrolls and writes what differs then; more: rows beyond those that are found again. */
static void
write_scrolled(TermDraw *draw, const Scroll *found, int more, GString *out)
{
    int shift = found->shift, first = shift < 0 ? found->first - more : found->first;
    int top = first + MIN(shift, 0);
    int bottom = first + found->rows + more - 1 + MAX(shift, 0);
    if (top < 0 || bottom >= draw->height)
        return;
    guint16 ground = ground_of_row(draw, shift > 0 ? bottom : top);
    pen_set_link(draw, 0, out);
    if (pen_at(draw, ground)->bg < 0)
        ground = PEN_PLAIN;
    if (ground != PEN_PLAIN)
        pen_set(draw, ground, TRUE, out);
    else if (!ground_is_plain(draw))
        pen_set_plain(draw, out);
    scroll_lines(draw, top, bottom, shift, out);
    shift_shown(draw, top, bottom, shift, ground);
    runs_write(draw, draw->scrolled, out);
}

static gboolean
can_scroll(const TermCaps *caps)
{
    return caps->ecma && caps->text[CAP_SCROLL_REGION] && caps->text[CAP_SCROLL_UP] &&
           caps->text[CAP_SCROLL_DOWN];
}

/* The rows that are found again elsewhere; FALSE: scrolling saves nothing. */
static gboolean
may_scroll(TermDraw *draw, Scroll *found)
{
    int differ = 0;
    if (!can_scroll(draw->caps))
        return FALSE;
    for (int y = 0; y < draw->height; y++) {
        draw->hashes[y] = hash_row(&draw->shown[y * draw->width], draw->width);
        draw->hashes[draw->height + y] = hash_row(&draw->wanted[y * draw->width], draw->width);
        differ += draw->hashes[y] != draw->hashes[draw->height + y];
    }
    *found = differ >= 3 ? find_scroll(draw) : (Scroll){0};
    return found->gain >= SCROLL_GAIN;
}

/* Writes the difference, by way of scrolling where that takes fewer bytes: the rows that are found
 * again, or with them the one beyond, which is where a list's selection stood. */
static void
write_difference(TermDraw *draw, GString *out)
{
    const Place from = draw->at;
    Scroll found;
    g_autoptr(GString) best = g_string_new(NULL), other = g_string_new(NULL);
    runs_write(draw, draw->shown, best);
    Place at = draw->at;
    gboolean scrolls = may_scroll(draw, &found);
    for (int more = 0; scrolls && more < 2; more++) {
        draw->at = from;
        g_string_truncate(other, 0);
        write_scrolled(draw, &found, more, other);
        /* Other rows that scroll are paid for once: they are the same for the next step. */
        gboolean anew = draw->at.top != from.top || draw->at.bottom != from.bottom;
        if (other->len > 0 && other->len < best->len + (more && anew ? REGION_COST : 0)) {
            g_string_assign(best, other->str);
            at = draw->at;
        }
    }
    draw->at = at;
    g_string_append_len(out, best->str, (gssize)best->len);
}

/* -- frames -- */

TermDraw *
term_draw_new(const TermCaps *caps, const Theme *theme, gboolean links)
{
    TermDraw *draw = g_new0(TermDraw, 1);
    draw->caps = caps;
    draw->theme = theme;
    draw->links = links;
    draw->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    draw->pens = g_array_new(FALSE, FALSE, sizeof(Pen));
    draw->costs = g_array_new(FALSE, TRUE, sizeof(guint8));
    draw->runs = g_array_new(FALSE, FALSE, sizeof(Run));
    draw->urls = g_hash_table_new(g_str_hash, g_str_equal);
    draw->url_of = g_ptr_array_new_with_free_func(g_free);
    pens_forget(draw);
    return draw;
}

void
term_draw_free(TermDraw *draw)
{
    if (!draw)
        return;
    g_array_unref(draw->pens);
    g_array_unref(draw->costs);
    g_array_unref(draw->runs);
    g_hash_table_unref(draw->urls);
    g_ptr_array_unref(draw->url_of);
    g_free(draw->shown);
    g_free(draw->wanted);
    g_free(draw->scrolled);
    g_free(draw->hashes);
    g_free(draw);
}

void
term_draw_set_theme(TermDraw *draw, const Theme *theme)
{
    draw->theme = theme;
    draw->known = FALSE;
}

void
term_draw_forget(TermDraw *draw)
{
    draw->known = FALSE;
}

static void
set_size(TermDraw *draw, int width, int height)
{
    gsize cells = (gsize)width * (gsize)height;
    if (width == draw->width && height == draw->height)
        return;
    draw->width = width;
    draw->height = height;
    draw->shown = g_renew(Cell, draw->shown, cells);
    draw->wanted = g_renew(Cell, draw->wanted, cells);
    draw->scrolled = g_renew(Cell, draw->scrolled, cells);
    draw->hashes = g_renew(guint32, draw->hashes, 2 * (gsize)height);
    draw->known = FALSE;
}

/* Begins with an empty screen. */
static void
begin_anew(TermDraw *draw, GString *out)
{
    pens_forget(draw);
    g_hash_table_remove_all(draw->urls);
    g_ptr_array_set_size(draw->url_of, 0);
    draw->at.link = 0;
    pen_set_plain(draw, out);
    if (draw->caps->text[CAP_CLEAR])
        g_string_append(out, draw->caps->text[CAP_CLEAR]);
    const Cell blank = {.text = " ", .width = 1, .pen = PEN_PLAIN};
    for (int i = 0; i < draw->width * draw->height; i++)
        draw->shown[i] = blank;
    if (can_scroll(draw->caps))
        g_string_append(out, "\033[r");
    draw->at.top = 0;
    draw->at.bottom = -1;
    draw->at.x = -1;
    draw->cursor_shown = -1;
    draw->known = TRUE;
}

static void
place_cursor(TermDraw *draw, const Grid *grid, GString *out)
{
    gboolean typing, show;
    int x, y;
    show = grid_cursor(grid, &x, &y, &typing) && x < draw->width && y < draw->height;
    const char *change = draw->caps->text[show ? CAP_CURSOR_SHOW : CAP_CURSOR_HIDE];
    if (show != draw->cursor_shown && change)
        g_string_append(out, change);
    draw->cursor_shown = show;
    if (show)
        runs_move(draw, x, y, out);
}

void
term_draw_frame(TermDraw *draw, const Grid *grid, int width, int height, GString *out)
{
    if (width < 1 || height < 1)
        return;
    set_size(draw, width, height);
    if (draw->url_of->len > URLS_MAX)
        draw->known = FALSE;
    gboolean anew = !draw->known;
    if (anew)
        begin_anew(draw, out);
    want(draw, grid);
    if (anew)
        runs_write(draw, draw->shown, out);
    else
        write_difference(draw, out);
    pen_set_link(draw, 0, out);
    place_cursor(draw, grid, out);
    Cell *spare = draw->shown;
    draw->shown = draw->wanted;
    draw->wanted = spare;
}
