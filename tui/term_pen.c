/* term_pen.c: colours and attributes, what it takes to switch from one to another, and links. */
#include "tui/term_draw_private.h"

#include <string.h>

#define COSTS 64 /* pens whose switches are counted once */

void
pens_forget(TermDraw *draw)
{
    const Pen plain = {-1, -1, 0};
    g_array_set_size(draw->pens, 0);
    g_array_append_val(draw->pens, plain);
    g_array_set_size(draw->costs, 0);
    g_array_set_size(draw->costs, COSTS * COSTS);
    memset(draw->pen_of, -1, sizeof draw->pen_of);
    memset(draw->blank_of, -1, sizeof draw->blank_of);
    draw->at.pen = PEN_PLAIN;
}

const Pen *
pen_at(const TermDraw *draw, guint16 index)
{
    return &g_array_index(draw->pens, Pen, index);
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

/* An index takes half of the bytes. Those below 22 are often not what they were. */
static int
shortest(int colour)
{
    int index = colour >= 0 && (colour & THEME_RGB) ? theme_palette(colour & 0xffffff) : -1;
    return index >= 22 ? index : colour;
}

static void
make_pens(TermDraw *draw, Role role, Role ground)
{
    Pen pen;
    theme_resolve(draw->theme, role, ground, draw->caps->colours, &pen.fg, &pen.bg, &pen.attrs);
    pen.attrs = shown_attrs(draw->caps, pen.attrs);
    pen.fg = shortest(pen.fg);
    pen.bg = shortest(pen.bg);
    draw->pen_of[role][ground] = pen_index(draw, pen);
    /* Of a blank only the ground is seen, unless it is underlined or reversed. */
    pen.attrs &= THEME_UNDERLINE | THEME_REVERSE;
    if (!pen.attrs)
        pen.fg = -1;
    draw->blank_of[role][ground] = pen_index(draw, pen);
}

guint16
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

static void
change(TermDraw *draw, guint16 from, guint16 to, GString *out)
{
    if (draw->caps->ecma)
        change_ecma(pen_at(draw, from), pen_at(draw, to), out);
    else
        change_by_caps(draw->caps, pen_at(draw, to), out);
}

guint
pen_cost(TermDraw *draw, guint16 from, guint16 to)
{
    gboolean kept = from < COSTS && to < COSTS;
    guint8 *known = kept ? &g_array_index(draw->costs, guint8, from * COSTS + to) : NULL;
    if (from == to)
        return 0;
    guint cost = known ? *known : 0;
    if (cost)
        return cost;
    g_autoptr(GString) bytes = g_string_new(NULL);
    change(draw, from, to, bytes);
    cost = (guint)MIN(bytes->len, G_MAXUINT8);
    if (known)
        *known = (guint8)cost;
    return cost;
}

gboolean
pen_fits(const TermDraw *draw, guint16 on, guint16 to, gboolean blank)
{
    const guint seen = THEME_UNDERLINE | THEME_REVERSE;
    const Pen *a = pen_at(draw, on), *b = pen_at(draw, to);
    return on == to || (blank && a->bg == b->bg && !((a->attrs | b->attrs) & seen));
}

void
pen_set(TermDraw *draw, guint16 index, gboolean blank, GString *out)
{
    if (pen_fits(draw, draw->at.pen, index, blank))
        return;
    change(draw, draw->at.pen, index, out);
    draw->at.pen = index;
}

void
pen_set_plain(TermDraw *draw, GString *out)
{
    if (draw->caps->text[CAP_PLAIN])
        g_string_append(out, draw->caps->ecma ? "\033[m" : draw->caps->text[CAP_PLAIN]);
    draw->at.pen = PEN_PLAIN;
}

/* "Hyperlinks in terminal emulators": the id makes one link of its pieces on several rows. */
void
pen_set_link(TermDraw *draw, guint32 link, GString *out)
{
    if (link == draw->at.link)
        return;
    if (link == 0)
        g_string_append(out, "\033]8;;\033\\");
    else
        g_string_append_printf(out, "\033]8;id=%u;%s\033\\", link,
                               (const char *)g_ptr_array_index(draw->url_of, link - 1));
    draw->at.link = link;
}
