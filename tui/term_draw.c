/* term_draw.c: what the terminal shows, what it should show, and the way from one to the other. */
#include "tui/term_draw.h"

#include <langinfo.h>
#include <string.h>
#include <wchar.h>

#define GAP_MAX     4  /* unchanged cells that are cheaper to write again than to jump over */
#define ERASE_MIN   12 /* blanks within a row from which on erasing them is cheaper */
#define SCROLL_GAIN 40 /* cells that scrolling must save */
#define URLS_MAX    4096

typedef struct {
    int fg, bg; /* of theme_colour() */
    guint attrs;
} Pen;

typedef struct {
    char text[GRID_TEXT];
    guint32 link; /* number of a URL; 0: none */
    guint16 pen;  /* index in pens */
    guint8 width;
    guint8 unsure; /* terminals may think otherwise of its width */
} Cell;

struct TermDraw {
    const TermCaps *caps;
    const Theme *theme;
    gboolean links, utf8, known;
    int width, height;
    Cell *shown, *wanted;
    guint32 *hashes; /* of the rows that are shown, then of those that are wanted */
    GArray *pens;    /* Pen */
    gint16 pen_of[ROLE_COUNT][ROLE_COUNT], blank_of[ROLE_COUNT][ROLE_COUNT]; /* -1: not made yet */
    GHashTable *urls;                                                        /* URL → number */
    GPtrArray *url_of;                                                       /* its opposite */
    Pen pen;          /* what is switched on */
    guint32 link;     /* what is open */
    int x, y;         /* the cursor; x -1: unknown */
    int cursor_shown; /* -1: unknown */
};

/* -- pens -- */

static void
forget_pens(TermDraw *draw)
{
    g_array_set_size(draw->pens, 0);
    memset(draw->pen_of, -1, sizeof draw->pen_of);
    memset(draw->blank_of, -1, sizeof draw->blank_of);
}

static gint16
pen_index(TermDraw *draw, Pen pen)
{
    for (guint i = 0; i < draw->pens->len; i++) {
        const Pen *known = &g_array_index(draw->pens, Pen, i);
        if (known->fg == pen.fg && known->bg == pen.bg && known->attrs == pen.attrs)
            return (gint16)i;
    }
    g_array_append_val(draw->pens, pen);
    return (gint16)(draw->pens->len - 1);
}

/* Only what this terminal can show: a cell does not change because of what is not seen. */
static guint
shown_attrs(const TermCaps *caps, guint attrs)
{
    static const struct {
        guint attr;
        Cap cap;
    } needs[] = {{THEME_BOLD, CAP_BOLD},
                 {THEME_DIM, CAP_DIM},
                 {THEME_ITALIC, CAP_ITALIC},
                 {THEME_UNDERLINE, CAP_UNDERLINE},
                 {THEME_REVERSE, CAP_REVERSE}};
    for (guint i = 0; i < G_N_ELEMENTS(needs); i++) {
        if (!caps->text[needs[i].cap])
            attrs &= ~needs[i].attr;
    }
    return caps->colours > 0 ? attrs & ~caps->spoils_colours : attrs;
}

static void
make_pens(TermDraw *draw, Role role, Role ground)
{
    Pen pen;
    theme_resolve(draw->theme, role, ground, draw->caps->colours, &pen.fg, &pen.bg, &pen.attrs);
    pen.attrs = shown_attrs(draw->caps, pen.attrs);
    draw->pen_of[role][ground] = pen_index(draw, pen);
    /* Of a blank only the ground is seen, unless it is underlined or reversed. */
    pen.attrs &= THEME_UNDERLINE | THEME_REVERSE;
    if (!pen.attrs)
        pen.fg = -1;
    draw->blank_of[role][ground] = pen_index(draw, pen);
}

static guint16
pen_for(TermDraw *draw, const GridCell *cell, gboolean blank)
{
    if (draw->pen_of[cell->role][cell->ground] < 0)
        make_pens(draw, cell->role, cell->ground);
    return (guint16)(blank ? draw->blank_of : draw->pen_of)[cell->role][cell->ground];
}

static void
add_number(GString *out, int number)
{
    g_string_append_printf(out, "%s%d", out->len ? ";" : "", number);
}

static void
add_colour(GString *out, int colour, int base)
{
    if (colour < 0)
        add_number(out, base + 9);
    else if (colour & THEME_RGB)
        g_string_append_printf(out, "%s%d;2;%d;%d;%d", out->len ? ";" : "", base + 8,
                               colour >> 16 & 255, colour >> 8 & 255, colour & 255);
    else if (colour < 8)
        add_number(out, base + colour);
    else if (colour < 16)
        add_number(out, base + 60 + colour - 8);
    else
        g_string_append_printf(out, "%s%d;5;%d", out->len ? ";" : "", base + 8, colour);
}

static const struct {
    guint attr;
    int on, off;
    Cap cap;
} sgr[] = {
    {THEME_BOLD, 1, 22, CAP_BOLD},       {THEME_DIM, 2, 22, CAP_DIM},
    {THEME_ITALIC, 3, 23, CAP_ITALIC},   {THEME_UNDERLINE, 4, 24, CAP_UNDERLINE},
    {THEME_REVERSE, 7, 27, CAP_REVERSE},
};

/* ECMA-48 8.3.117 SGR: what differs, or everything anew, whichever is shorter. */
static void
change_ecma(const Pen *from, const Pen *to, GString *out)
{
    g_autoptr(GString) step = g_string_new(NULL), anew = g_string_new(NULL);
    guint off = from->attrs & ~to->attrs, on = to->attrs & ~from->attrs;
    if (off & (THEME_BOLD | THEME_DIM)) /* 22 ends both */
        on |= to->attrs & (THEME_BOLD | THEME_DIM);
    for (guint i = 0; i < G_N_ELEMENTS(sgr); i++) {
        if ((off & sgr[i].attr) && !(i == 1 && (off & THEME_BOLD)))
            add_number(step, sgr[i].off);
    }
    for (guint i = 0; i < G_N_ELEMENTS(sgr); i++) {
        if (on & sgr[i].attr)
            add_number(step, sgr[i].on);
        if (to->attrs & sgr[i].attr)
            add_number(anew, sgr[i].on);
    }
    if (from->fg != to->fg)
        add_colour(step, to->fg, 30);
    if (from->bg != to->bg)
        add_colour(step, to->bg, 40);
    if (to->fg >= 0)
        add_colour(anew, to->fg, 30);
    if (to->bg >= 0)
        add_colour(anew, to->bg, 40);
    if (anew->len + 1 < step->len)
        g_string_append_printf(out, "\033[%s%sm", anew->len ? "0;" : "", anew->str);
    else
        g_string_append_printf(out, "\033[%sm", step->str);
}

static void
change_by_caps(const TermCaps *caps, const Pen *to, GString *out)
{
    g_string_append(out, caps->text[CAP_PLAIN] ? caps->text[CAP_PLAIN] : "");
    for (guint i = 0; i < G_N_ELEMENTS(sgr); i++) {
        if ((to->attrs & sgr[i].attr) && caps->text[sgr[i].cap])
            g_string_append(out, caps->text[sgr[i].cap]);
    }
    term_caps_colours(caps, out, to->fg, to->bg);
}

/* What is switched on shows it rightly. */
static gboolean
pen_fits(const TermDraw *draw, const Pen *to, gboolean blank)
{
    const guint seen = THEME_UNDERLINE | THEME_REVERSE;
    if (blank && to->bg == draw->pen.bg && !((to->attrs | draw->pen.attrs) & seen))
        return TRUE;
    return to->fg == draw->pen.fg && to->bg == draw->pen.bg && to->attrs == draw->pen.attrs;
}

static void
set_pen(TermDraw *draw, guint16 index, gboolean blank, GString *out)
{
    const Pen *to = &g_array_index(draw->pens, Pen, index);
    if (pen_fits(draw, to, blank))
        return;
    if (draw->caps->ecma)
        change_ecma(&draw->pen, to, out);
    else
        change_by_caps(draw->caps, to, out);
    draw->pen = *to;
}

static void
set_plain(TermDraw *draw, GString *out)
{
    if (draw->caps->text[CAP_PLAIN])
        g_string_append(out, draw->caps->ecma ? "\033[m" : draw->caps->text[CAP_PLAIN]);
    draw->pen = (Pen){-1, -1, 0};
}

/* "Hyperlinks in terminal emulators": the id makes one link of its pieces on several rows. */
static void
set_link(TermDraw *draw, guint32 link, GString *out)
{
    if (link == draw->link)
        return;
    if (link == 0)
        g_string_append(out, "\033]8;;\033\\");
    else
        g_string_append_printf(out, "\033]8;id=%u;%s\033\\", link,
                               (const char *)g_ptr_array_index(draw->url_of, link - 1));
    draw->link = link;
}

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

static gboolean
same(const Cell *a, const Cell *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static gboolean
is_blank(const Cell *cell)
{
    return cell->text[0] == ' ' && cell->text[1] == '\0' && cell->link == 0;
}

/* -- moving -- */

static void
move_to(TermDraw *draw, int x, int y, GString *out)
{
    if (draw->x == x && draw->y == y)
        return;
    const TermCaps *caps = draw->caps;
    int right = x - draw->x;
    gsize from = out->len;
    if (caps->ecma && draw->x >= 0 && draw->y == y && x == 0)
        g_string_append_c(out, '\r');
    else if (caps->ecma && draw->x >= 0 && draw->y == y && right < 0 && right >= -3)
        g_string_append_len(out, "\b\b\b", -right);
    else if (caps->ecma && draw->x >= 0 && draw->y == y && right == 1)
        g_string_append(out, "\033[C");
    else if (caps->ecma && draw->x >= 0 && draw->y == y)
        g_string_append_printf(out, right > 0 ? "\033[%dC" : "\033[%dD", ABS(right));
    else if (caps->ecma && draw->x >= 0 && y == draw->y + 1 && x == 0)
        g_string_append(out, "\r\n");
    else if (caps->ecma && draw->x == x && y == draw->y - 1)
        g_string_append(out, "\033[A");
    else if (caps->ecma && draw->x == x && y == draw->y + 1)
        g_string_append_c(out, '\n');
    else
        term_caps_move(caps, out, x, y);
    g_assert(out->len > from);
    draw->x = x;
    draw->y = y;
}

static void
put(TermDraw *draw, const Cell *cell, GString *out)
{
    set_pen(draw, cell->pen, is_blank(cell), out);
    set_link(draw, cell->link, out);
    g_string_append(out, cell->text);
    draw->x += cell->width;
    if (cell->unsure || draw->x >= draw->width)
        draw->x = -1;
}

/* Goes to a cell; what lies between and is shown already is written again where that is shorter. */
static void
reach(TermDraw *draw, const Cell *row, int x, int y, GString *out)
{
    gboolean plain = draw->y == y && draw->x >= 0 && draw->x < x && x - draw->x <= GAP_MAX;
    for (int i = draw->x; plain && i < x; i++) {
        const Pen *pen = &g_array_index(draw->pens, Pen, row[i].pen);
        plain = row[i].width == 1 && !row[i].text[1] && row[i].link == draw->link &&
                pen_fits(draw, pen, is_blank(&row[i]));
    }
    while (plain && draw->x < x)
        put(draw, &row[draw->x], out);
    move_to(draw, x, y, out);
}

/* -- rows -- */

static gboolean
can_erase(const TermDraw *draw, const Cell *cell)
{
    const Pen *pen = &g_array_index(draw->pens, Pen, cell->pen);
    return is_blank(cell) && !pen->attrs && (pen->bg < 0 || draw->caps->erases_in_colour);
}

/* How many blanks of one ground begin here. */
static int
blanks(const TermDraw *draw, const Cell *row, int x)
{
    int n = 0;
    if (!can_erase(draw, &row[x]))
        return 0;
    while (x + n < draw->width && is_blank(&row[x + n]) && row[x + n].pen == row[x].pen)
        n++;
    return n;
}

/* Erases where that is shorter; returns the cells that it settled. */
static int
erase(TermDraw *draw, const Cell *row, const Cell *old, int x, int y, GString *out)
{
    int n = blanks(draw, row, x), changed = 0;
    for (int i = x; i < x + n; i++)
        changed += !same(&row[i], &old[i]);
    gboolean tail = x + n == draw->width && changed > 3 && draw->caps->text[CAP_ERASE_LINE];
    gboolean middle =
        changed >= ERASE_MIN && draw->caps->ecma && draw->caps->text[CAP_ERASE_CHARS] != NULL;
    if (!tail && !middle)
        return 0;
    reach(draw, row, x, y, out);
    set_link(draw, 0, out);
    set_pen(draw, row[x].pen, TRUE, out);
    if (tail)
        g_string_append(out, draw->caps->ecma ? "\033[K" : draw->caps->text[CAP_ERASE_LINE]);
    else
        g_string_append_printf(out, "\033[%dX", n);
    return n;
}

static void
draw_row(TermDraw *draw, int y, GString *out)
{
    const Cell *row = &draw->wanted[y * draw->width];
    const Cell *old = &draw->shown[y * draw->width];
    gboolean corner = y == draw->height - 1 && draw->caps->wraps && !draw->caps->wraps_late;
    for (int x = 0; x < draw->width;) {
        if (same(&row[x], &old[x]) || (corner && x == draw->width - 1)) {
            x++;
            continue;
        }
        int erased = erase(draw, row, old, x, y, out);
        if (erased > 0) {
            x += erased;
            continue;
        }
        if (row[x].width == 0) /* its left half has not changed: both are written */
            x--;
        reach(draw, row, x, y, out);
        put(draw, &row[x], out);
        x += row[x].width == 2 ? 2 : 1;
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
        cost += !same(&draw->wanted[y * draw->width + x], &draw->shown[y * draw->width + x]);
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

/* The shown cells as the terminal has them after it scrolled. */
static void
shift_shown(TermDraw *draw, int top, int bottom, int shift)
{
    gsize row = (gsize)draw->width * sizeof(Cell);
    int n = bottom - top + 1 - ABS(shift), freed = shift > 0 ? top + n : top;
    memmove(&draw->shown[(top + MAX(-shift, 0)) * draw->width],
            &draw->shown[(top + MAX(shift, 0)) * draw->width], (gsize)n * row);
    const Cell blank = {.text = " ", .width = 1, .pen = (guint16)pen_index(draw, (Pen){-1, -1, 0})};
    for (int i = freed * draw->width; i < (freed + ABS(shift)) * draw->width; i++)
        draw->shown[i] = blank;
}

static void
scroll(TermDraw *draw, GString *out)
{
    const TermCaps *caps = draw->caps;
    if (!caps->ecma || !caps->text[CAP_SCROLL_REGION] || !caps->text[CAP_SCROLL_UP] ||
        !caps->text[CAP_SCROLL_DOWN])
        return;
    int differ = 0;
    for (int y = 0; y < draw->height; y++) {
        draw->hashes[y] = hash_row(&draw->shown[y * draw->width], draw->width);
        draw->hashes[draw->height + y] = hash_row(&draw->wanted[y * draw->width], draw->width);
        differ += draw->hashes[y] != draw->hashes[draw->height + y];
    }
    Scroll best = differ >= 3 ? find_scroll(draw) : (Scroll){0};
    if (best.gain < SCROLL_GAIN)
        return;
    int top = MIN(best.first, best.first + best.shift);
    int bottom = best.first + best.rows - 1 + MAX(best.shift, 0);
    set_link(draw, 0, out);
    set_plain(draw, out); /* what comes free takes the ground that is switched on */
    g_string_append_printf(out, "\033[%d;%dr", top + 1, bottom + 1);
    term_caps_move(caps, out, 0, best.shift > 0 ? bottom : top);
    for (int i = 0; i < ABS(best.shift); i++)
        g_string_append(out, caps->text[best.shift > 0 ? CAP_SCROLL_UP : CAP_SCROLL_DOWN]);
    g_string_append(out, "\033[r");
    draw->x = -1;
    shift_shown(draw, top, bottom, best.shift);
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
    draw->urls = g_hash_table_new(g_str_hash, g_str_equal);
    draw->url_of = g_ptr_array_new_with_free_func(g_free);
    forget_pens(draw);
    return draw;
}

void
term_draw_free(TermDraw *draw)
{
    if (!draw)
        return;
    g_array_unref(draw->pens);
    g_hash_table_unref(draw->urls);
    g_ptr_array_unref(draw->url_of);
    g_free(draw->shown);
    g_free(draw->wanted);
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
    draw->hashes = g_renew(guint32, draw->hashes, 2 * (gsize)height);
    draw->known = FALSE;
}

/* Begins with an empty screen. */
static void
begin_anew(TermDraw *draw, GString *out)
{
    forget_pens(draw);
    g_hash_table_remove_all(draw->urls);
    g_ptr_array_set_size(draw->url_of, 0);
    draw->link = 0;
    set_plain(draw, out);
    if (draw->caps->text[CAP_CLEAR])
        g_string_append(out, draw->caps->text[CAP_CLEAR]);
    const Cell blank = {.text = " ", .width = 1, .pen = (guint16)pen_index(draw, draw->pen)};
    for (int i = 0; i < draw->width * draw->height; i++)
        draw->shown[i] = blank;
    draw->x = -1;
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
        move_to(draw, x, y, out);
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
    if (!anew)
        scroll(draw, out);
    for (int y = 0; y < draw->height; y++)
        draw_row(draw, y, out);
    set_link(draw, 0, out);
    place_cursor(draw, grid, out);
    Cell *spare = draw->shown;
    draw->shown = draw->wanted;
    draw->wanted = spare;
}
