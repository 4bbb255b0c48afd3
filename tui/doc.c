/* doc.c: writing a document: paragraphs, spans, items. */
#include "tui/doc_private.h"

#include <stdarg.h>
#include <string.h>

#define PARAGRAPHS_MAX 20000 /* a limit for hostile input, not for people */

static void
span_clear(gpointer data)
{
    DocSpan *span = data;
    g_free(span->url);
}

static void
paragraph_free(gpointer data)
{
    DocParagraph *paragraph = data;
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
    doc->rows = g_array_new(FALSE, TRUE, sizeof(DocRow));
    doc->items = g_array_new(FALSE, TRUE, sizeof(DocItem));
    doc->found = doc->item = doc->selected = -1;
    return doc;
}

static void
changed(Doc *doc)
{
    doc->width = 0;
    g_clear_pointer(&doc->matches, g_array_unref);
}

void
doc_free(Doc *doc)
{
    if (!doc)
        return;
    changed(doc);
    g_ptr_array_unref(doc->paragraphs);
    g_array_unref(doc->rows);
    g_array_unref(doc->items);
    g_free(doc->needle);
    g_free(doc);
}

void
doc_clear(Doc *doc)
{
    changed(doc);
    g_ptr_array_set_size(doc->paragraphs, 0);
    g_array_set_size(doc->rows, 0);
    g_array_set_size(doc->items, 0);
    doc->open = NULL;
    doc->first = doc->others = 0;
    doc->item = -1;
    doc->unwrapped = FALSE;
    doc->prefix[0] = '\0';
}

gboolean
doc_ascii(const Doc *doc)
{
    return (doc->flags & TEXT_ASCII) != 0;
}

gboolean
doc_has_room(const Doc *doc)
{
    return doc->paragraphs->len < PARAGRAPHS_MAX;
}

static DocParagraph *
open_paragraph(Doc *doc)
{
    if (doc->open)
        return doc->open;
    DocParagraph *paragraph = g_new0(DocParagraph, 1);
    paragraph->text = g_string_new(NULL);
    paragraph->spans = g_array_new(FALSE, TRUE, sizeof(DocSpan));
    g_array_set_clear_func(paragraph->spans, span_clear);
    paragraph->first = doc->first;
    paragraph->others = doc->others;
    paragraph->item = doc->item;
    paragraph->unwrapped = doc->unwrapped;
    g_strlcpy(paragraph->prefix, doc->prefix, sizeof paragraph->prefix);
    g_ptr_array_add(doc->paragraphs, paragraph);
    doc->open = paragraph;
    changed(doc);
    return paragraph;
}

static void
add_piece(Doc *doc, Role role, const char *text, gssize len, const char *url)
{
    if (!doc->open && !doc_has_room(doc))
        return;
    DocParagraph *paragraph = open_paragraph(doc);
    g_autofree char *clean = text_printable(text, len, doc->flags);
    g_string_append(paragraph->text, clean);
    DocSpan span = {paragraph->text->len, role, g_strdup(url)};
    g_array_append_val(paragraph->spans, span);
    changed(doc);
}

void
doc_add_link(Doc *doc, Role role, const char *text, const char *url)
{
    for (const char *from = text; from;) {
        const char *stop = strchr(from, '\n');
        add_piece(doc, role, from, stop ? stop - from : -1, url);
        if (stop)
            doc_end(doc);
        from = stop ? stop + 1 : NULL;
    }
}

void
doc_add(Doc *doc, Role role, const char *text)
{
    doc_add_link(doc, role, text, NULL);
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
    if (doc_has_room(doc))
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
doc_indents(const Doc *doc, int *first, int *others)
{
    *first = doc->first;
    *others = doc->others;
}

void
doc_prefix(Doc *doc, const char *prefix)
{
    g_strlcpy(doc->prefix, prefix ? prefix : "", sizeof doc->prefix);
}

void
doc_unwrapped(Doc *doc, gboolean unwrapped)
{
    doc->unwrapped = unwrapped;
}

void
doc_item(Doc *doc, int number)
{
    doc->item = number;
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
    if (!doc_has_room(doc) || height <= 0)
        return;
    DocParagraph *paragraph = open_paragraph(doc);
    paragraph->height = height;
    paragraph->draw = draw;
    paragraph->data = data;
    doc->open = NULL;
}

char *
doc_to_text(const Doc *doc)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < doc->paragraphs->len; i++) {
        const DocParagraph *paragraph = g_ptr_array_index(doc->paragraphs, i);
        if (paragraph->height > 0)
            continue;
        g_string_append(text, paragraph->text->str);
        g_string_append_c(text, '\n');
    }
    return g_string_free(text, FALSE);
}
