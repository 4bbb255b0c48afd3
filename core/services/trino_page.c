/* trino_page.c: reads one page of a statement's result without building a tree of its rows. */
#include <string.h>
#include "base/error.h"
#include "services/trino_cell.h"
#include "services/trino_page.h"

/* Members that the frame goes without: rows, and what can be of any size or is never shown. */
typedef struct {
    const char *parent; /* NULL: the answer itself */
    const char *name;
} Cut;
static const Cut cuts[] = {{NULL, "data"}, {"stats", "rootStage"}, {"error", "failureInfo"}};

static gboolean
bad(GError **error, const char *reason)
{
    g_set_error(error, CREDITBOT_ERROR, ERR_BAD_ANSWER,
                "the warehouse's answer is not a statement's result: %s", reason);
    return FALSE;
}

/* key is in its quotes, as it stands in the text. */
static gboolean
key_is(const char *key, gsize length, const char *name)
{
    return name && length == strlen(name) + 2 && strncmp(key + 1, name, length - 2) == 0;
}

static gboolean
is_cut(const char *parent, const char *key, gsize length)
{
    for (gsize i = 0; i < G_N_ELEMENTS(cuts); i++)
        if (g_strcmp0(cuts[i].parent, parent) == 0 && key_is(key, length, cuts[i].name))
            return TRUE;
    return FALSE;
}

/* The object that a cut looks into, NULL when this member is none. */
static const char *
inner_parent(const char *parent, const char *key, gsize length)
{
    for (gsize i = 0; !parent && i < G_N_ELEMENTS(cuts); i++)
        if (key_is(key, length, cuts[i].parent))
            return cuts[i].parent;
    return NULL;
}

static gboolean
note_data(TrinoPage *page, char *value, char *end, GError **error)
{
    if (page->data)
        return bad(error, "it has data twice");
    page->data = value;
    page->data_end = end;
    return TRUE;
}

/* Copies the object at p to out without the members that are cut. Returns past it, NULL with error.
 */
static char *
copy_object(TrinoPage *page, char *p, const char *parent, GString *out, GError **error)
{
    const char *separator = "";
    g_string_append_c(out, '{');
    p = trino_skip_space(p + 1);
    while (*p != '}') {
        char *key = p, *colon = *p == '"' ? trino_skip_value(p) : NULL;
        gsize length = colon ? (gsize)(colon - key) : 0;
        char *value = colon ? trino_skip_space(colon) : NULL;
        if (!value || *value != ':')
            return bad(error, "it is cut or malformed"), NULL;
        value = trino_skip_space(value + 1);
        const char *inner = *value == '{' ? inner_parent(parent, key, length) : NULL;
        gboolean cut = is_cut(parent, key, length);
        if (!cut)
            g_string_append_printf(out, "%s%.*s:", separator, (int)length, key);
        if (inner) {
            p = copy_object(page, value, inner, out, error);
            if (!p)
                return NULL;
        } else {
            p = trino_skip_value(value);
            if (!p || p == value)
                return bad(error, "it is cut or malformed"), NULL;
            if (!cut)
                g_string_append_len(out, value, p - value);
        }
        if (cut && !parent && !note_data(page, value, p, error))
            return NULL;
        if (!cut)
            separator = ",";
        p = trino_skip_space(p);
        if (*p == ',') {
            p = trino_skip_space(p + 1);
            if (*p != '"')
                return bad(error, "it is cut or malformed"), NULL;
        } else if (*p != '}')
            return bad(error, "it is cut or malformed"), NULL;
    }
    g_string_append_c(out, '}');
    return p + 1;
}

static gboolean
read_frame(TrinoPage *page, char *text, gsize len, GError **error)
{
    g_autoptr(GString) out = g_string_sized_new(1024);
    char *p = trino_skip_space(text);
    if (*p != '{')
        return bad(error, "it is no JSON object");
    p = copy_object(page, p, NULL, out, error);
    if (!p)
        return FALSE;
    if (trino_skip_space(p) != text + len)
        return bad(error, "something follows it");
    page->frame = json_parse(out->str, out->len, "the warehouse's answer", error);
    if (!page->frame)
        return FALSE;
    if (cJSON_GetObjectItemCaseSensitive(page->frame, "data"))
        return bad(error, "it spells data in an odd way");
    return TRUE;
}

/* What stands at data is an array of rows, or nothing. */
static gboolean
check_data(TrinoPage *page, GError **error)
{
    if (!page->data || *page->data == '[')
        return TRUE;
    if (page->data_end - page->data == 4 && strncmp(page->data, "null", 4) == 0) {
        page->data = page->data_end = NULL;
        return TRUE;
    }
    if (*page->data == '{')
        return bad(error,
                   "its rows are spooled segments, which this client did not ask for; switch "
                   "the spooling protocol off for clients that do not ask");
    return bad(error, "its data are no array of rows");
}

TrinoPage *
trino_page_new(char *text, gsize len, GError **error)
{
    /* RFC 8259 has none, and what reads up to one would read another page than what goes on. */
    if (memchr(text, '\0', len)) {
        bad(error, "it holds a NUL byte");
        return NULL;
    }
    TrinoPage *page = g_new0(TrinoPage, 1);
    if (read_frame(page, text, len, error) && check_data(page, error))
        return page;
    trino_page_free(page);
    return NULL;
}

void
trino_page_free(TrinoPage *page)
{
    if (!page)
        return;
    cJSON_Delete(page->frame);
    g_free(page);
}

static char *
bad_cell(GError **error, gsize row, gsize column, const char *fault)
{
    g_set_error(error, CREDITBOT_ERROR, ERR_BAD_ANSWER,
                "row %" G_GSIZE_FORMAT " of this page of the result, column %" G_GSIZE_FORMAT
                ": the cell %s",
                row, column, fault);
    return NULL;
}

static char *
bad_row(GError **error, gsize row, gsize columns)
{
    g_set_error(error, CREDITBOT_ERROR, ERR_BAD_ANSWER,
                "row %" G_GSIZE_FORMAT
                " of this page of the result is not a row of %" G_GSIZE_FORMAT " columns",
                row, columns);
    return NULL;
}

/* The row at p into cells; returns past it, NULL with error. */
static char *
take_row(char *p, const char **cells, gsize columns, gsize row, GError **error)
{
    if (*p != '[')
        return bad_row(error, row, columns);
    for (gsize i = 0; i < columns; i++) {
        const char *fault = NULL;
        char *mark = NULL;
        p = trino_skip_space(p + 1);
        if (*p == ']' && i == 0)
            return bad_row(error, row, columns);
        p = trino_take_cell(p, &cells[i], &mark, &fault);
        if (!p)
            return bad_cell(error, row, i + 1, fault);
        p = trino_skip_space(p);
        char next = *p;
        if (next != (i + 1 < columns ? ',' : ']'))
            return next == ',' || next == ']' ? bad_row(error, row, columns)
                                              : bad_cell(error, row, i + 1, "is not valid JSON");
        if (mark)
            *mark = '\0';
    }
    return p + 1;
}

static gboolean
take_rows(const TrinoPage *page, const char **cells, gsize columns, TrinoRowFunc func, void *data,
          GError **error)
{
    char *p = trino_skip_space(page->data + 1);
    for (gsize row = 1; *p != ']'; row++) {
        p = take_row(p, cells, columns, row, error);
        if (!p || !func(cells, columns, data, error))
            return FALSE;
        p = trino_skip_space(p);
        if (*p == ',' && *trino_skip_space(p + 1) == '[')
            p = trino_skip_space(p + 1);
        else if (*p != ']')
            return bad(error, "its rows are malformed");
    }
    return p + 1 == page->data_end || bad(error, "its rows are malformed");
}

gboolean
trino_page_rows(TrinoPage *page, gsize columns, TrinoRowFunc func, void *data, GError **error)
{
    g_return_val_if_fail(columns > 0, FALSE);
    if (!page->data)
        return TRUE;
    const char **cells = g_new0(const char *, columns + 1);
    gboolean ok = take_rows(page, cells, columns, func, data, error);
    g_free(cells);
    page->data = page->data_end = NULL;
    return ok;
}
