/* doc_private.h: what the writer and the reader of a document share. */
#ifndef TUI_DOC_PRIVATE_H
#define TUI_DOC_PRIVATE_H

#include "base/text.h"
#include "tui/doc.h"

#define DOC_PREFIX 16

typedef struct {
    gsize end; /* of the span, in bytes of its paragraph */
    Role role;
    char *url; /* NULL: no link */
} DocSpan;

typedef struct {
    GString *text; /* printable */
    GArray *spans; /* DocSpan */
    int first, others;
    int item; /* -1: none */
    gboolean unwrapped;
    char prefix[DOC_PREFIX];
    int height; /* of a figure; 0: text */
    DocFigure draw;
    const void *data;
} DocParagraph;

typedef struct {
    guint paragraph;
    gsize from, to; /* bytes; for a figure: from is its row */
    gboolean head;
} DocRow;

typedef struct {
    int number, first, last; /* rows */
} DocItem;

typedef struct {
    guint paragraph;
    gsize from, to; /* bytes */
} DocMatch;

struct Doc {
    TextFlags flags;
    GPtrArray *paragraphs;
    DocParagraph *open; /* the last of them, while it grows */
    int first, others, item;
    gboolean unwrapped;
    char prefix[DOC_PREFIX];
    GArray *rows;  /* DocRow, for width */
    GArray *items; /* DocItem */
    int width;     /* 0: to be laid out anew */
    int top, left, widest;
    Rect area; /* drawn last */
    int selected;
    char *needle;
    GArray *matches; /* DocMatch; NULL: to be searched anew */
    int found;       /* index of a match; -1: none */
};

#endif
