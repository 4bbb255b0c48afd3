/* term_draw_private.h: what term_draw.c, term_pen.c and term_runs.c share: the cells that the
 * terminal shows and should show, and what is switched on. */
#ifndef TUI_TERM_DRAW_PRIVATE_H
#define TUI_TERM_DRAW_PRIVATE_H

#include "tui/term_draw.h"

typedef struct {
    int fg, bg; /* of theme_colour(), or an index of 256 that is the same colour */
    guint attrs;
} Pen;

typedef struct {
    char text[GRID_TEXT];
    guint32 link; /* number of a URL; 0: none */
    guint16 pen;  /* index in pens */
    guint8 width;
    guint8 unsure; /* terminals may think otherwise of its width */
} Cell;

/* How the terminal stands after the last byte. */
typedef struct {
    int x, y;        /* the cursor; x -1: unknown */
    guint16 pen;     /* what is switched on */
    guint32 link;    /* what is open */
    int top, bottom; /* the rows that scroll; bottom -1: all */
} Place;

struct TermDraw {
    const TermCaps *caps;
    const Theme *theme;
    gboolean links, utf8, known;
    int width, height;
    Cell *shown, *wanted, *scrolled;
    guint32 *hashes; /* of the rows that are shown, then of those that are wanted */
    GArray *pens;    /* Pen; the first one is plain */
    GArray *costs;   /* guint8: bytes from each pen to each; 0: not counted yet */
    gint16 pen_of[ROLE_COUNT][ROLE_COUNT], blank_of[ROLE_COUNT][ROLE_COUNT]; /* -1: not made yet */
    GHashTable *urls;                                                        /* URL → number */
    GPtrArray *url_of;                                                       /* its opposite */
    GArray *runs;                                                            /* Run */
    Place at;
    int cursor_shown; /* -1: unknown */
};

/* -- term_pen.c -- */

#define PEN_PLAIN 0

void pens_forget(TermDraw *draw);
/* Of a grid's cell, made where it is new. */
guint16 pen_for(TermDraw *draw, const GridCell *cell, gboolean blank);
const Pen *pen_at(const TermDraw *draw, guint16 index);
/* What is switched on shows another pen's cells rightly, if need be because they are blank. */
gboolean pen_fits(const TermDraw *draw, guint16 on, guint16 to, gboolean blank);
/* Bytes from one pen to another. */
guint pen_cost(TermDraw *draw, guint16 from, guint16 to);
void pen_set(TermDraw *draw, guint16 index, gboolean blank, GString *out);
void pen_set_plain(TermDraw *draw, GString *out);
void pen_set_link(TermDraw *draw, guint32 link, GString *out);

/* -- term_runs.c -- */

typedef enum { RUN_WRITE, RUN_ERASE_TAIL, RUN_ERASE } RunKind;

typedef struct {
    int x, y, n;
    guint32 link;
    guint16 pen;
    guint8 kind;
    gboolean blank;  /* any pen of the same ground will do */
    gboolean unsure; /* where the cursor stands behind it */
} Run;

static inline gboolean
cell_same(const Cell *a, const Cell *b)
{
    return __builtin_memcmp(a, b, sizeof *a) == 0;
}

static inline gboolean
cell_is_blank(const Cell *cell)
{
    return cell->text[0] == ' ' && cell->text[1] == '\0' && cell->link == 0;
}

/* Moves the cursor the shortest way. */
void runs_move(TermDraw *draw, int x, int y, GString *out);
/* Writes what differs between the cells that are shown and those that are wanted. */
void runs_write(TermDraw *draw, const Cell *shown, GString *out);

#endif
