/* grid.h: the cell buffer that everything is drawn into, before a terminal or a test reads it.
 *
 * The one boundary for hostile text: whatever is printed passes text_printable() here, is cut at
 * the edges, and takes the columns that text_width() says. Coordinates outside the grid are
 * ignored. */
#ifndef TUI_GRID_H
#define TUI_GRID_H

#include <glib.h>
#include "tui/theme.h"

#define GRID_TEXT 24 /* bytes of one cell: a base character and four marks */

typedef struct {
    int x, y, w, h;
} Rect;

typedef struct {
    char text[GRID_TEXT]; /* one grapheme cluster, NUL-terminated; "" right of a wide one */
    guint8 width;         /* 1 or 2; 0: the right half of a wide one */
    guint8 role;          /* Role: what it means, gives the foreground */
    guint8 ground;        /* Role of the surface that it stands on, gives the background */
    guint8 link;          /* of grid_link_url(); 0: none */
    guint16 target;       /* what a click there does; 0: nothing of its own */
} GridCell;

typedef struct Grid Grid;

/* ascii: non-ASCII text becomes '?', and charts and borders use ASCII signs. */
Grid *grid_new(int width, int height, gboolean ascii);
void grid_free(Grid *grid);
void grid_resize(Grid *grid, int width, int height);
int grid_width(const Grid *grid);
int grid_height(const Grid *grid);
gboolean grid_ascii(const Grid *grid);
Rect grid_whole(const Grid *grid);
/* Borrowed; NULL outside. */
const GridCell *grid_cell(const Grid *grid, int x, int y);

/* Blank, ROLE_TEXT on ROLE_SCREEN, no cursor. */
void grid_clear(Grid *grid);
/* Blank cells on a surface. */
void grid_fill(Grid *grid, Rect area, Role ground);
/* Changes the surface under what already stands there. */
void grid_ground(Grid *grid, Rect area, Role ground);
/* Prints at most max columns, keeping the surface; returns the columns used. */
int grid_print(Grid *grid, int x, int y, int max, Role role, const char *text);
/* The same, with an ellipsis when it was cut. */
int grid_print_cut(Grid *grid, int x, int y, int max, Role role, const char *text);
/* Right-aligned within max columns, cut at the end when longer. */
void grid_print_right(Grid *grid, int x, int y, int max, Role role, const char *text);
int grid_printf(Grid *grid, int x, int y, int max, Role role, const char *format, ...)
    G_GNUC_PRINTF(6, 7);
/* The same sign n times. */
void grid_repeat(Grid *grid, int x, int y, int n, Role role, const char *sign);
void grid_hline(Grid *grid, int x, int y, int n, Role role);
/* A frame around an area, with a title in its upper edge (may be NULL). */
void grid_box(Grid *grid, Rect area, Role ground, const char *title);

/* n columns from x on lead to a URL: the terminal makes them a link where it can (OSC 8, the
 * proposal of "Hyperlinks in terminal emulators"). FALSE and nothing changed when it is not
 * http(s):// in printable ASCII of at most 2,000 bytes, or the grid has 255 links already. Print
 * the text first. Links go with grid_copy(). */
gboolean grid_link(Grid *grid, int x, int y, int n, const char *url);
/* The URL of a cell's link; NULL for 0. Borrowed until the grid is cleared. */
const char *grid_link_url(const Grid *grid, guint8 link);

/* A click on n columns from x on runs a command of the table, or is as if a key was pressed (below
 * 0x8000). Print the text first. */
#define TARGET_COMMAND(index) ((guint16)((index) + 1))
#define TARGET_KEY(key)       ((guint16)(0x8000 | (key)))
void grid_target(Grid *grid, int x, int y, int n, guint16 target);

/* Copies the rows first to first + area.h - 1 of another grid, cut at the area. */
void grid_copy(Grid *grid, Rect area, const Grid *from, int first);

/* Where the hardware cursor stands; typing: shown as a bar for input, else it marks the row. */
void grid_set_cursor(Grid *grid, int x, int y, gboolean typing);
gboolean grid_cursor(const Grid *grid, int *x, int *y, gboolean *typing);

/* The rows as text, joined by newlines, blanks at their ends cut. Caller frees. */
char *grid_to_text(const Grid *grid);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Grid, grid_free)

#endif
