/* doc.c: wrapped, scrolled, searched text. */
#include "tui/doc.h"

#include <stdarg.h>
#include <string.h>
#include "base/text.h"

#define PARAGRAPHS_MAX 20000 /* a limit for hostile input, not for people */

typedef struct {
    gsize end; /* of the span, in bytes of its paragraph */
    Role role;
} Span;

typedef struct {
    GString *text; /* printable */
    GArray *spans; /* Span */
    int first, others;
    int height; /* of a figure; 0: text */
    DocFigure draw;
    const void *data;
} Paragraph;

typedef struct {
    guint paragraph;
    gsize from, to; /* bytes; for a figure: from is its row */
    gboolean head;
} Row;

struct Doc {
    TextFlags flags;
    GPtrArray *paragraphs;
    Paragraph *open; /* the last of them, while it grows */
    int first, others;
    GArray *rows; /* Row, for width */
    int width, top, height;
    int found; /* row that a search stands on; -1: none */
    char *match;
};

static void
paragraph_free(gpointer data)
{
    Paragraph *paragraph = data;
    g_string_free(paragraph->text, TRUE);
    g_array_unref(paragraph->spans);
    g_free(paragraph);
}

Doc *
doc_new(gboolean ascii)
{
    Doc *doc = g_new0(Doc, 1);
    doc->flags = ascii ? TEXT_LINE | TEXT_ASCII : TEXT_LINE;
    doc->paragraphs = g_ptr_array_new_with_free_func(paragraph_free);
    doc->rows = g_array_new(FALSE, TRUE, sizeof(Row));
    doc->found = -1;
    return doc;
}

void
doc_free(Doc *doc)
{
    if (!doc)
        return;
    g_ptr_array_unref(doc->paragraphs);
    g_array_unref(doc->rows);
    g_free(doc->match);
    g_free(doc);
}

void
doc_clear(Doc *doc)
{
    g_ptr_array_set_size(doc->paragraphs, 0);
    g_array_set_size(doc->rows, 0);
    doc->open = NULL;
    doc->width = 0;
    doc->first = doc->others = 0;
    doc->found = -1;
}

static Paragraph *
open_paragraph(Doc *doc)
{
    if (doc->open)
        return doc->open;
    Paragraph *paragraph = g_new0(Paragraph, 1);
    paragraph->text = g_string_new(NULL);
    paragraph->spans = g_array_new(FALSE, TRUE, sizeof(Span));
    paragraph->first = doc->first;
    paragraph->others = doc->others;
    g_ptr_array_add(doc->paragraphs, paragraph);
    doc->open = paragraph;
    doc->width = 0;
    return paragraph;
}

static void
add_piece(Doc *doc, Role role, const char *text, gssize len)
{
    if (doc->paragraphs->len >= PARAGRAPHS_MAX)
        return;
    Paragraph *paragraph = open_paragraph(doc);
    g_autofree char *clean = text_printable(text, len, doc->flags);
    g_string_append(paragraph->text, clean);
    Span span = {paragraph->text->len, role};
    g_array_append_val(paragraph->spans, span);
    doc->width = 0;
}

void
doc_add(Doc *doc, Role role, const char *text)
{
    for (const char *from = text; from;) {
        const char *stop = strchr(from, '\n');
        add_piece(doc, role, from, stop ? stop - from : -1);
        if (stop)
            doc_end(doc);
        from = stop ? stop + 1 : NULL;
    }
}

void
doc_addf(Doc *doc, Role role, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    doc_add(doc, role, text);
}

void
doc_end(Doc *doc)
{
    if (doc->paragraphs->len < PARAGRAPHS_MAX)
        open_paragraph(doc);
    doc->open = NULL;
}

void
doc_indent(Doc *doc, int first, int others)
{
    doc->first = first;
    doc->others = others;
}

void
doc_line(Doc *doc, Role role, const char *text)
{
    doc_add(doc, role, text ? text : "");
    doc_end(doc);
}

void
doc_heading(Doc *doc, const char *text)
{
    if (doc->paragraphs->len > 0)
        doc_line(doc, ROLE_TEXT, "");
    doc_line(doc, ROLE_TITLE, text);
}

void
doc_figure(Doc *doc, int height, DocFigure draw, const void *data)
{
    if (doc->paragraphs->len >= PARAGRAPHS_MAX)
        return;
    Paragraph *paragraph = open_paragraph(doc);
    paragraph->height = height;
    paragraph->draw = draw;
    paragraph->data = data;
    doc->open = NULL;
}

/* Bytes that go on one row: up to the last blank that fits, or as much as fits. */
static gsize
row_length(const char *text, int columns)
{
    gsize fits = text_fit(text, MAX(columns, 1), NULL);
    if (text[fits] == '\0')
        return fits;
    if (fits == 0) /* a sign wider than the whole row */
        return (gsize)(g_utf8_find_next_char(text, NULL) - text);
    if (text[fits] == ' ')
        return fits;
    for (gsize i = fits; i > fits / 3; i--) {
        if (text[i - 1] == ' ')
            return i;
    }
    return fits;
}

static void
wrap(Doc *doc, guint index, const Paragraph *paragraph)
{
    gsize from = 0;
    for (int i = 0; i < paragraph->height; i++) {
        Row row = {index, (gsize)i, 0, i == 0};
        g_array_append_val(doc->rows, row);
    }
    if (paragraph->height > 0)
        return;
    do {
        int indent = from == 0 ? paragraph->first : paragraph->others;
        gsize len = row_length(paragraph->text->str + from, doc->width - indent);
        Row row = {index, from, from + len, from == 0};
        g_array_append_val(doc->rows, row);
        from += len;
        while (len > 0 && paragraph->text->str[from] == ' ' && row.to > row.from)
            from++;
    } while (from < paragraph->text->len);
}

static void
layout(Doc *doc, int width)
{
    if (doc->width == width)
        return;
    doc->width = width;
    g_array_set_size(doc->rows, 0);
    for (guint i = 0; i < doc->paragraphs->len; i++)
        wrap(doc, i, g_ptr_array_index(doc->paragraphs, i));
}

int
doc_rows(Doc *doc, int width)
{
    layout(doc, width);
    return (int)doc->rows->len;
}

static void
clamp_top(Doc *doc)
{
    doc->top = CLAMP(doc->top, 0, MAX((int)doc->rows->len - doc->height, 0));
}

void
doc_scroll(Doc *doc, int rows)
{
    doc->top += rows;
    clamp_top(doc);
}

void
doc_page(Doc *doc, int pages)
{
    doc_scroll(doc, pages * MAX(doc->height - 1, 1));
}

void
doc_home(Doc *doc)
{
    doc->top = 0;
    doc->found = -1;
}

void
doc_bottom(Doc *doc)
{
    doc->top = G_MAXINT / 2;
    clamp_top(doc);
}

static char *
row_text(const Doc *doc, const Row *row)
{
    const Paragraph *paragraph = g_ptr_array_index(doc->paragraphs, row->paragraph);
    return paragraph->height > 0 ? g_strdup("")
                                 : g_strndup(paragraph->text->str + row->from, row->to - row->from);
}

gboolean
doc_find(Doc *doc, const char *text, int direction)
{
    int n = (int)doc->rows->len, from = doc->found >= 0 ? doc->found : doc->top - direction;
    g_autofree char *needle = g_utf8_casefold(text, -1);
    g_free(doc->match);
    doc->match = g_strdup(text);
    for (int step = 1; step <= n; step++) {
        int i = ((from + direction * step) % n + n) % n;
        g_autofree char *plain = row_text(doc, &g_array_index(doc->rows, Row, i));
        g_autofree char *folded = g_utf8_casefold(plain, -1);
        if (!strstr(folded, needle))
            continue;
        doc->found = i;
        if (i < doc->top || i >= doc->top + doc->height)
            doc->top = MAX(i - doc->height / 3, 0);
        clamp_top(doc);
        return TRUE;
    }
    return FALSE;
}

static void
draw_spans(const Doc *doc, Grid *grid, Rect area, int y, const Row *row)
{
    const Paragraph *paragraph = g_ptr_array_index(doc->paragraphs, row->paragraph);
    int x = row->head ? paragraph->first : paragraph->others;
    gsize at = row->from;
    for (guint i = 0; i < paragraph->spans->len && at < row->to; i++) {
        const Span *span = &g_array_index(paragraph->spans, Span, i);
        if (span->end <= at)
            continue;
        gsize stop = MIN(span->end, row->to);
        g_autofree char *piece = g_strndup(paragraph->text->str + at, stop - at);
        x += grid_print(grid, area.x + x, y, area.w - x, span->role, piece);
        at = stop;
    }
}

static void
mark_matches(const Doc *doc, Grid *grid, Rect area, int y, const Row *row)
{
    const Paragraph *paragraph = g_ptr_array_index(doc->paragraphs, row->paragraph);
    int indent = row->head ? paragraph->first : paragraph->others;
    g_autofree char *plain = row_text(doc, row), *low = g_ascii_strdown(plain, -1);
    g_autofree char *needle = g_ascii_strdown(doc->match, -1);
    gsize len = strlen(needle);
    for (const char *hit = strstr(low, needle); hit && len > 0; hit = strstr(hit + len, needle)) {
        g_autofree char *before = g_strndup(plain, (gsize)(hit - low));
        g_autofree char *found = g_strndup(plain + (hit - low), len);
        grid_print(grid, area.x + indent + text_width(before), y, area.w, ROLE_MATCH, found);
    }
}

static void
draw_figure(Grid *grid, Rect area, int y, const Paragraph *paragraph, int row)
{
    g_autoptr(Grid) figure = grid_new(area.w, paragraph->height, grid_ascii(grid));
    paragraph->draw(figure, grid_whole(figure), paragraph->data);
    grid_copy(grid, (Rect){area.x, y, area.w, 1}, figure, row);
}

void
doc_draw(Doc *doc, Grid *grid, Rect area)
{
    layout(doc, area.w);
    doc->height = area.h;
    clamp_top(doc);
    for (int i = 0; i < area.h && doc->top + i < (int)doc->rows->len; i++) {
        const Row *row = &g_array_index(doc->rows, Row, doc->top + i);
        const Paragraph *paragraph = g_ptr_array_index(doc->paragraphs, row->paragraph);
        if (paragraph->height > 0) {
            draw_figure(grid, area, area.y + i, paragraph, (int)row->from);
            continue;
        }
        draw_spans(doc, grid, area, area.y + i, row);
        if (doc->match && *doc->match)
            mark_matches(doc, grid, area, area.y + i, row);
        if (doc->top + i == doc->found)
            grid_set_cursor(grid, area.x, area.y + i, FALSE);
    }
    if (doc->top + area.h < (int)doc->rows->len)
        grid_print_right(grid, area.x, area.y + area.h - 1, area.w, ROLE_DIM,
                         grid_ascii(grid) ? "more v" : "more ↓");
}
