/* doc_draw.c: reading a document: wrapped, scrolled, selected, searched, drawn. */
#include "tui/doc_private.h"

#include <string.h>

#define MATCHES_MAX 10000

/* -- layout -- */

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
wrap(Doc *doc, guint index, const DocParagraph *paragraph)
{
    gsize from = 0;
    int prefix = text_width(paragraph->prefix);
    for (int i = 0; i < paragraph->height; i++) {
        DocRow row = {index, (gsize)i, 0, i == 0};
        g_array_append_val(doc->rows, row);
    }
    if (paragraph->height > 0)
        return;
    do {
        int indent = (from == 0 ? paragraph->first : paragraph->others) + prefix;
        gsize len = paragraph->unwrapped
                        ? paragraph->text->len
                        : row_length(paragraph->text->str + from, doc->width - indent);
        DocRow row = {index, from, from + len, from == 0};
        g_array_append_val(doc->rows, row);
        from += len;
        while (len > 0 && paragraph->text->str[from] == ' ' && row.to > row.from)
            from++;
    } while (from < paragraph->text->len);
    if (paragraph->unwrapped)
        doc->widest = MAX(doc->widest, text_width(paragraph->text->str) + paragraph->first);
}

static void
note_item(Doc *doc, int number, int first)
{
    DocItem *last =
        doc->items->len ? &g_array_index(doc->items, DocItem, doc->items->len - 1) : NULL;
    DocItem item = {number, first, (int)doc->rows->len - 1};
    if (last && last->number == number)
        last->last = item.last;
    else
        g_array_append_val(doc->items, item);
}

static void
layout(Doc *doc, int width)
{
    if (doc->width == width)
        return;
    doc->width = width;
    doc->widest = 0;
    g_array_set_size(doc->rows, 0);
    g_array_set_size(doc->items, 0);
    for (guint i = 0; i < doc->paragraphs->len; i++) {
        const DocParagraph *paragraph = g_ptr_array_index(doc->paragraphs, i);
        int first = (int)doc->rows->len;
        wrap(doc, i, paragraph);
        if (paragraph->item >= 0)
            note_item(doc, paragraph->item, first);
    }
}

int
doc_rows(Doc *doc, int width)
{
    layout(doc, width);
    return (int)doc->rows->len;
}

/* Keys may come between a new text and its first drawing: the place is kept among its rows. */
static void
ready(Doc *doc)
{
    if (doc->area.w > 0)
        layout(doc, doc->area.w);
}

static void
clamp_top(Doc *doc)
{
    ready(doc);
    doc->top = CLAMP(doc->top, 0, MAX((int)doc->rows->len - doc->area.h, 0));
    doc->left = CLAMP(doc->left, 0, MAX(doc->widest - doc->width, 0));
}

void
doc_position(const Doc *doc, int *first, int *last, int *rows)
{
    *rows = (int)doc->rows->len;
    *first = MIN(doc->top + 1, *rows);
    *last = MIN(doc->top + doc->area.h, *rows);
}

/* -- items -- */

static int
item_index(const Doc *doc)
{
    for (guint i = 0; i < doc->items->len; i++) {
        if (g_array_index(doc->items, DocItem, i).number == doc->selected)
            return (int)i;
    }
    return doc->items->len > 0 ? 0 : -1;
}

static void
show_item(Doc *doc, int index)
{
    const DocItem *item = &g_array_index(doc->items, DocItem, index);
    doc->selected = item->number;
    if (item->last >= doc->top + doc->area.h)
        doc->top = item->last - doc->area.h + 1;
    if (item->first < doc->top)
        doc->top = item->first;
    clamp_top(doc);
}

int
doc_selected(Doc *doc)
{
    ready(doc);
    int index = item_index(doc);
    return index < 0 ? -1 : g_array_index(doc->items, DocItem, index).number;
}

void
doc_select(Doc *doc, int number)
{
    doc->selected = number;
}

gboolean
doc_click(Doc *doc, int y)
{
    int row = doc->top + y - doc->area.y;
    for (guint i = 0; y >= doc->area.y && y < doc->area.y + doc->area.h && i < doc->items->len;
         i++) {
        const DocItem *item = &g_array_index(doc->items, DocItem, i);
        if (row >= item->first && row <= item->last) {
            doc->selected = item->number;
            return TRUE;
        }
    }
    return FALSE;
}

/* One step to the next item, if what is between here and there is on the screen. */
static gboolean
step_item(Doc *doc, int step)
{
    int index = item_index(doc), last = (int)doc->items->len - 1;
    if (index < 0)
        return FALSE;
    const DocItem *item = &g_array_index(doc->items, DocItem, index);
    gboolean rest_below = step > 0 && item->last >= doc->top + doc->area.h;
    gboolean rest_above = step < 0 && item->first < doc->top;
    if (rest_below || rest_above || index + step < 0 || index + step > last)
        return FALSE;
    show_item(doc, index + step);
    return TRUE;
}

/* After a page the selection is among what can be seen, where anything is. */
static void
pull_selection(Doc *doc)
{
    int index = item_index(doc), best = -1;
    int first = doc->top, last = doc->top + doc->area.h - 1;
    for (guint i = 0; index >= 0 && i < doc->items->len; i++) {
        const DocItem *item = &g_array_index(doc->items, DocItem, i);
        gboolean shown = item->last >= first && item->first <= last;
        if (shown && (best < 0 || ABS((int)i - index) < ABS(best - index)))
            best = (int)i;
    }
    if (best >= 0)
        doc->selected = g_array_index(doc->items, DocItem, best).number;
}

/* -- moving about -- */

void
doc_scroll(Doc *doc, int rows)
{
    ready(doc);
    if (ABS(rows) == 1 && step_item(doc, rows))
        return;
    doc->top += rows;
    clamp_top(doc);
    if (ABS(rows) > 1)
        pull_selection(doc);
}

void
doc_page(Doc *doc, int pages)
{
    doc_scroll(doc, pages * MAX(doc->area.h - 1, 2));
}

gboolean
doc_sideways(Doc *doc, int columns)
{
    doc->left += columns;
    clamp_top(doc);
    return doc->widest > doc->width;
}

void
doc_home(Doc *doc)
{
    ready(doc);
    doc->top = doc->left = 0;
    doc->found = -1;
    doc->selected = doc->items->len > 0 ? g_array_index(doc->items, DocItem, 0).number : -1;
}

void
doc_bottom(Doc *doc)
{
    doc->top = G_MAXINT / 2;
    clamp_top(doc);
    pull_selection(doc);
}

/* -- searching -- */

static void
search_paragraph(Doc *doc, guint index, const char *needle)
{
    const DocParagraph *paragraph = g_ptr_array_index(doc->paragraphs, index);
    if (paragraph->height > 0)
        return;
    g_autofree char *low = g_ascii_strdown(paragraph->text->str, (gssize)paragraph->text->len);
    gsize len = strlen(needle);
    for (const char *hit = strstr(low, needle); hit && doc->matches->len < MATCHES_MAX;
         hit = strstr(hit + len, needle)) {
        DocMatch match = {index, (gsize)(hit - low), (gsize)(hit - low) + len};
        g_array_append_val(doc->matches, match);
    }
}

static void
search(Doc *doc)
{
    if (doc->matches)
        return;
    doc->matches = g_array_new(FALSE, FALSE, sizeof(DocMatch));
    g_autofree char *low = doc->needle ? g_ascii_strdown(doc->needle, -1) : NULL;
    for (guint i = 0; low && *low && i < doc->paragraphs->len; i++)
        search_paragraph(doc, i, low);
    if (doc->found >= (int)doc->matches->len)
        doc->found = -1;
}

/* The row in which a match begins. */
static int
match_row(const Doc *doc, const DocMatch *match)
{
    int low = 0, high = (int)doc->rows->len - 1;
    while (low < high) {
        int middle = (low + high + 1) / 2;
        const DocRow *row = &g_array_index(doc->rows, DocRow, middle);
        if (row->paragraph < match->paragraph ||
            (row->paragraph == match->paragraph && row->from <= match->from))
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* The first match at or behind the top of the screen, or the last one before it; -1: none. */
static int
nearest_match(const Doc *doc, int direction)
{
    int n = (int)doc->matches->len;
    if (n == 0)
        return -1;
    if (doc->found >= 0)
        return (doc->found + direction + n) % n;
    int i = 0;
    while (i < n && match_row(doc, &g_array_index(doc->matches, DocMatch, i)) < doc->top)
        i++;
    return direction > 0 ? i % n : (i - 1 + n) % n;
}

gboolean
doc_find(Doc *doc, const char *text, int direction)
{
    if (g_strcmp0(text, doc->needle) != 0) {
        g_free(doc->needle);
        doc->needle = g_strdup(text);
        doc->found = -1;
        g_clear_pointer(&doc->matches, g_array_unref);
    }
    search(doc);
    if (doc->matches->len == 0)
        return FALSE;
    ready(doc);
    doc->found = nearest_match(doc, direction);
    int row = match_row(doc, &g_array_index(doc->matches, DocMatch, doc->found));
    if (row < doc->top || row >= doc->top + doc->area.h)
        doc->top = MAX(row - doc->area.h / 3, 0);
    clamp_top(doc);
    return TRUE;
}

void
doc_matches(Doc *doc, int *at, int *count)
{
    search(doc);
    *at = doc->found + 1;
    *count = (int)doc->matches->len;
}

/* -- drawing -- */

static const DocParagraph *
paragraph_of(const Doc *doc, const DocRow *row)
{
    return g_ptr_array_index(doc->paragraphs, row->paragraph);
}

static int
row_indent(const DocParagraph *paragraph, const DocRow *row)
{
    return row->head ? paragraph->first : paragraph->others;
}

/* A piece of a row at a column of its text: cut at the left by what is scrolled away. */
static void
draw_piece(Grid *grid, Rect area, int y, int column, Role role, const char *text, const char *url)
{
    int away = column - area.x < 0 ? area.x - column : 0, hidden = 0;
    gsize skip = away > 0 ? text_fit(text, away, &hidden) : 0;
    int x = column + hidden;
    if (x < area.x) { /* half of a wide sign */
        skip += (gsize)(text[skip] ? g_utf8_find_next_char(text + skip, NULL) - (text + skip) : 0);
        x = area.x;
    }
    int used = grid_print(grid, x, y, area.x + area.w - x, role, text + skip);
    if (url && used > 0)
        grid_link(grid, x, y, used, url);
}

static void
draw_spans(const Doc *doc, Grid *grid, Rect area, int y, const DocRow *row, int column)
{
    const DocParagraph *paragraph = paragraph_of(doc, row);
    gsize at = row->from;
    for (guint i = 0; i < paragraph->spans->len && at < row->to; i++) {
        const DocSpan *span = &g_array_index(paragraph->spans, DocSpan, i);
        if (span->end <= at)
            continue;
        gsize stop = MIN(span->end, row->to);
        g_autofree char *piece = g_strndup(paragraph->text->str + at, stop - at);
        if (column < area.x + area.w)
            draw_piece(grid, area, y, column, span->role, piece, span->url);
        column += text_width(piece);
        at = stop;
    }
}

/* The part of a match that stands in a row, over what was drawn. */
static void
mark_match(const Doc *doc, Grid *grid, Rect area, int y, const DocRow *row, int column,
           const DocMatch *match, Role role)
{
    const char *text = paragraph_of(doc, row)->text->str;
    gsize from = MAX(match->from, row->from), to = MIN(match->to, row->to);
    if (from >= to)
        return;
    g_autofree char *before = g_strndup(text + row->from, from - row->from);
    g_autofree char *found = g_strndup(text + from, to - from);
    draw_piece(grid, area, y, column + text_width(before), role, found, NULL);
}

static void
mark_matches(Doc *doc, Grid *grid, Rect area, int y, const DocRow *row, int column)
{
    guint low = 0, high = doc->matches->len;
    while (low < high) { /* the first match of the paragraph */
        guint middle = (low + high) / 2;
        if (g_array_index(doc->matches, DocMatch, middle).paragraph < row->paragraph)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < doc->matches->len; low++) {
        const DocMatch *match = &g_array_index(doc->matches, DocMatch, low);
        if (match->paragraph != row->paragraph || match->from >= row->to)
            break;
        mark_match(doc, grid, area, y, row, column, match,
                   (int)low == doc->found ? ROLE_MATCH_HERE : ROLE_MATCH);
        if ((int)low == doc->found && match->from >= row->from)
            grid_set_cursor(grid, area.x, y, FALSE);
    }
}

/* The rows of a figure that are on the screen, from its row first on. */
static int
draw_figure(Grid *grid, Rect area, int y, const DocParagraph *paragraph, int first)
{
    int rows = MIN(paragraph->height - first, area.y + area.h - y);
    g_autoptr(Grid) figure = grid_new(area.w, paragraph->height, grid_ascii(grid));
    paragraph->draw(figure, grid_whole(figure), paragraph->data);
    grid_copy(grid, (Rect){area.x, y, area.w, rows}, figure, first);
    return rows;
}

/* Returns the rows drawn. */
static int
draw_row(Doc *doc, Grid *grid, Rect area, int y, const DocRow *row)
{
    const DocParagraph *paragraph = paragraph_of(doc, row);
    if (paragraph->height > 0)
        return draw_figure(grid, area, y, paragraph, (int)row->from);
    int indent = row_indent(paragraph, row);
    int prefix =
        grid_print(grid, area.x + indent, y, area.w - indent, ROLE_BORDER, paragraph->prefix);
    int column = area.x + indent + prefix - (paragraph->unwrapped ? doc->left : 0);
    draw_spans(doc, grid, area, y, row, column);
    if (doc->matches->len > 0)
        mark_matches(doc, grid, area, y, row, column);
    return 1;
}

static void
mark_selected(Doc *doc, Grid *grid, Rect area)
{
    int index = item_index(doc);
    if (index < 0)
        return;
    const DocItem *item = &g_array_index(doc->items, DocItem, index);
    int y = area.y + item->first - doc->top;
    if (y < area.y || y >= area.y + area.h)
        return;
    grid_print(grid, area.x, y, 1, ROLE_STRONG, ">");
    grid_ground(grid, (Rect){area.x, y, area.w, 1}, ROLE_SELECTED);
    grid_set_cursor(grid, area.x, y, FALSE);
}

void
doc_draw(Doc *doc, Grid *grid, Rect area)
{
    doc->area = area;
    ready(doc);
    clamp_top(doc);
    search(doc);
    for (int i = 0; i < area.h && doc->top + i < (int)doc->rows->len;)
        i += draw_row(doc, grid, area, area.y + i, &g_array_index(doc->rows, DocRow, doc->top + i));
    mark_selected(doc, grid, area);
    if (doc->top + area.h < (int)doc->rows->len)
        grid_print_right(grid, area.x, area.y + area.h - 1, area.w, ROLE_DIM,
                         grid_ascii(grid) ? " more v" : " more ↓");
}
