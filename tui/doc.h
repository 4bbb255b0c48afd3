/* doc.h: text that is read by scrolling: paragraphs of marked spans, wrapped to the width, and
 * figures. */
#ifndef TUI_DOC_H
#define TUI_DOC_H

#include <glib.h>
#include "tui/grid.h"

typedef struct Doc Doc;
/* Draws a figure into an area; data is the figure's own. */
typedef void (*DocFigure)(Grid *grid, Rect area, const void *data);

Doc *doc_new(gboolean ascii);
void doc_free(Doc *doc);
/* Forgets the text, keeps the place. */
void doc_clear(Doc *doc);

/* Adds to the paragraph at the end. Newlines in text end paragraphs. */
void doc_add(Doc *doc, Role role, const char *text);
void doc_addf(Doc *doc, Role role, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* Ends the paragraph; the next one is indented (first line, others). */
void doc_end(Doc *doc);
void doc_indent(Doc *doc, int first, int others);
/* A whole paragraph. */
void doc_line(Doc *doc, Role role, const char *text);
/* A heading with an empty line before it. */
void doc_heading(Doc *doc, const char *text);
/* data is borrowed and must live as long as the text. */
void doc_figure(Doc *doc, int height, DocFigure draw, const void *data);

void doc_scroll(Doc *doc, int rows);
void doc_page(Doc *doc, int pages);
void doc_home(Doc *doc);
void doc_bottom(Doc *doc);
/* Scrolls to the next row with text; FALSE when there is none. */
gboolean doc_find(Doc *doc, const char *text, int direction);
/* Rows that the text takes at a width. */
int doc_rows(Doc *doc, int width);
void doc_draw(Doc *doc, Grid *grid, Rect area);

#endif
