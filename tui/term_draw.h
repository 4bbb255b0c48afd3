/* term_draw.h: a grid → the fewest bytes that make a terminal show it.
 *
 * Keeps what the terminal shows and writes the difference: cells that changed, blanks erased
 * instead of written, rows that only moved scrolled, attributes changed one by one (ECMA-48 SGR).
 * Writes into a string and knows no file, so that tests can read it with a terminal emulator. */
#ifndef TUI_TERM_DRAW_H
#define TUI_TERM_DRAW_H

#include "tui/grid.h"
#include "tui/term_caps.h"

typedef struct TermDraw TermDraw;

/* caps and theme are borrowed; links: OSC 8 is written. */
TermDraw *term_draw_new(const TermCaps *caps, const Theme *theme, gboolean links);
void term_draw_free(TermDraw *draw);
void term_draw_set_theme(TermDraw *draw, const Theme *theme);
/* What the terminal shows is not known any more: the next frame paints every cell. */
void term_draw_forget(TermDraw *draw);
/* Appends what shows the grid on a terminal of a size; nothing when it is shown already. */
void term_draw_frame(TermDraw *draw, const Grid *grid, int width, int height, GString *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(TermDraw, term_draw_free)

#endif
