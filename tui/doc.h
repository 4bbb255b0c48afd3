/* doc.h: text that is read by scrolling: paragraphs of marked spans, wrapped to the width, figures,
 * items that can be selected, links, and searches with their matches marked. */
#ifndef TUI_DOC_H
#define TUI_DOC_H

#include <glib.h>
#include "tui/grid.h"

typedef struct Doc Doc;
/* Draws a figure into an area; data is the figure's own. */
typedef void (*DocFigure)(Grid *grid, Rect area, const void *data);

Doc *doc_new(gboolean ascii);
void doc_free(Doc *doc);
/* Forgets the text, keeps the place, the selected item and the search. */
void doc_clear(Doc *doc);

gboolean doc_ascii(const Doc *doc);

/* -- writing -- */
/* Adds to the paragraph at the end. Newlines in text end paragraphs. */
void doc_add(Doc *doc, Role role, const char *text);
void doc_addf(Doc *doc, Role role, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* The same, and its cells lead to the URL (grid_link()); NULL: to nothing. */
void doc_add_link(Doc *doc, Role role, const char *text, const char *url);
/* Ends the paragraph; the next one is indented (first line, others). */
void doc_end(Doc *doc);
void doc_indent(Doc *doc, int first, int others);
void doc_indents(const Doc *doc, int *first, int *others);
/* What stands before the rows of the paragraphs that follow ("▎ " of a quote), inside the indent;
 * NULL: nothing. Printable, at most 15 bytes. */
void doc_prefix(Doc *doc, const char *prefix);
/* Paragraphs that follow are not wrapped and move sideways. */
void doc_unwrapped(Doc *doc, gboolean unwrapped);
/* A whole paragraph. */
void doc_line(Doc *doc, Role role, const char *text);
/* A heading with an empty line before it. */
void doc_heading(Doc *doc, const char *text);
/* data is borrowed and must live as long as the text. */
void doc_figure(Doc *doc, int height, DocFigure draw, const void *data);
/* The paragraphs that follow are one item that can be selected, with a number of the caller's (from
 * 0); -1: no item any more. Indent them by 2: a sign stands before the selected one. */
void doc_item(Doc *doc, int number);
/* FALSE once the text is as long as it may be: what is added more is left out. */
gboolean doc_has_room(const Doc *doc);

/* -- moving about -- */
/* By rows; where there are items a single row moves to the next item first. */
void doc_scroll(Doc *doc, int rows);
void doc_page(Doc *doc, int pages);
/* Columns, for what is not wrapped; FALSE when nothing is wider than the screen. */
gboolean doc_sideways(Doc *doc, int columns);
void doc_home(Doc *doc);
void doc_bottom(Doc *doc);
/* Number of the selected item; -1: there is none. */
int doc_selected(Doc *doc);
void doc_select(Doc *doc, int number);
/* Selects the item that was drawn in a row of the screen; FALSE when there is none. */
gboolean doc_click(Doc *doc, int y);

/* -- searching -- */
/* Scrolls to the next match (case of ASCII letters is ignored); FALSE when there is none. All
 * matches are marked until doc_find() for something else, or NULL, which finds nothing. */
gboolean doc_find(Doc *doc, const char *text, int direction);
/* The match that was found last (from 1; 0: none yet) of how many; 0, 0 without a search. */
void doc_matches(Doc *doc, int *at, int *count);

/* Rows that the text takes at a width. */
int doc_rows(Doc *doc, int width);
/* First and last row on the screen (from 1) and how many there are, as drawn last. */
void doc_position(const Doc *doc, int *first, int *last, int *rows);
void doc_draw(Doc *doc, Grid *grid, Rect area);
/* All of it as plain text, figures left out, without indents. Caller frees. */
char *doc_to_text(const Doc *doc);

#endif
