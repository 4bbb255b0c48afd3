/* trino_page.h: reads one page of a statement's result (QueryResults of trino.io client-protocol).
 *
 * Rows are never turned into a tree: the page is walked once for its frame (id, nextUri, columns,
 * stats, error) and once for its cells, which are un-escaped where they stand. RFC 8259, strict. */
#ifndef SERVICES_TRINO_PAGE_H
#define SERVICES_TRINO_PAGE_H

#include <glib.h>
#include "base/json.h"

typedef struct {
    cJSON *frame;   /* the answer without data, stats.rootStage and error.failureInfo */
    char *data;     /* first byte of the rows inside the text; NULL: none */
    char *data_end; /* past their last byte */
} TrinoPage;

/* text (borrowed, NUL-terminated beyond len) must outlive the page. ERR_BAD_ANSWER when it is not
 * one JSON object, or when its data are no array (spooled segments, which were not asked for). */
TrinoPage *trino_page_new(char *text, gsize len, GError **error);
void trino_page_free(TrinoPage *page);

/* Cells as the server wrote them: a number's own digits, a string without its escapes, true/false,
 * arrays and objects as JSON text, NULL for null; valid during the call. FALSE with error stops. */
typedef gboolean (*TrinoRowFunc)(const char *const *cells, gsize n, void *data, GError **error);

/* Calls func for each row; every row must have this many columns. The text is used up: call once.
 * ERR_BAD_ANSWER names row and column of a fault. */
gboolean trino_page_rows(TrinoPage *page, gsize columns, TrinoRowFunc func, void *data,
                         GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(TrinoPage, trino_page_free)

#endif
