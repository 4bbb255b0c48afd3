/* input.h: one line of text that is typed: cursor, the usual control keys, paste. */
#ifndef TUI_WIDGETS_INPUT_H
#define TUI_WIDGETS_INPUT_H

#include <glib.h>
#include "tui/grid.h"
#include "tui/term.h"

typedef struct {
    GString *text; /* UTF-8 */
    gsize cursor;  /* byte */
    gsize max;     /* bytes; 0: no limit */
} Input;

void input_init(Input *input, const char *text);
void input_clear(Input *input);
void input_set(Input *input, const char *text);
/* TRUE when the event was for the text; *changed (may be NULL) when it differs now. */
gboolean input_key(Input *input, const TermEvent *event, gboolean *changed);
/* Draws the text, scrolled so that the cursor is seen; focus: the cursor stands here. */
void input_draw(const Input *input, Grid *grid, int x, int y, int width, gboolean focus);

#endif
