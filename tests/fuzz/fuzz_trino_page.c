/* fuzz_trino_page.c: the page reader against cJSON: what it takes, cJSON reads the same; what cJSON
 * can write, it takes. */
#include <cjson/cJSON.h>
#include <glib.h>
#include <stdint.h>
#include <string.h>
#include "tests/fuzz/fuzz.h"
#include "services/trino_page.h"

/* Of one page, while its rows come. */
typedef struct {
    const cJSON *next; /* row that is due */
} Oracle;

static gsize
first_width(const cJSON *rows)
{
    const cJSON *first = cJSON_GetArrayItem(rows, 0);
    return cJSON_IsArray(first) ? (gsize)cJSON_GetArraySize(first) : 1;
}

static void
check_cell(const char *cell, const cJSON *value)
{
    if (cJSON_IsNull(value)) {
        g_assert_null(cell);
    } else if (cJSON_IsString(value)) {
        g_assert_cmpstr(cell, ==, value->valuestring);
    } else if (cJSON_IsBool(value)) {
        g_assert_cmpstr(cell, ==, cJSON_IsTrue(value) ? "true" : "false");
    } else if (cJSON_IsNumber(value)) {
        g_assert_true(g_ascii_strtod(cell, NULL) == value->valuedouble);
    } else {
        cJSON *inner = cJSON_Parse(cell);
        g_assert_nonnull(inner);
        /* cJSON_Compare() takes an object with one key twice for another one than itself. */
        g_autofree char *read = json_print(inner), *wanted = json_print(value);
        g_assert_cmpstr(read, ==, wanted);
        cJSON_Delete(inner);
    }
}

static gboolean
check_row(const char *const *cells, gsize n, void *data, GError **error)
{
    Oracle *oracle = data;
    const cJSON *value = NULL;
    gsize i = 0;
    (void)error;
    g_assert_true(cJSON_IsArray(oracle->next));
    g_assert_cmpint(cJSON_GetArraySize(oracle->next), ==, (int)n);
    cJSON_ArrayForEach (value, oracle->next)
        check_cell(cells[i++], value);
    oracle->next = oracle->next->next;
    return TRUE;
}

/* cJSON refuses these data as a whole: rows may come before the fault is met, the end may not. */
static gboolean
skip_row(const char *const *cells, gsize n, void *data, GError **error)
{
    (void)cells, (void)n, (void)data, (void)error;
    return TRUE;
}

/* TRUE when text was taken whole; each of its cells is then as cJSON reads it. */
static gboolean
read_page(const char *text, gsize length)
{
    g_autofree char *copy = g_memdup2(text, length + 1);
    g_autoptr(GError) error = NULL;
    g_autoptr(TrinoPage) page = trino_page_new(copy, length, &error);
    g_assert_true((page != NULL) == (error == NULL));
    if (!page)
        return FALSE;
    gsize size = (gsize)(page->data_end - page->data);
    cJSON *rows = page->data ? cJSON_ParseWithLength(page->data, size) : NULL;
    Oracle oracle = {.next = rows ? rows->child : NULL};
    gsize width = MAX(1, first_width(rows));
    gboolean any = page->data != NULL;
    gboolean ok = trino_page_rows(page, width, rows ? check_row : skip_row, &oracle, &error);
    g_assert_true(ok == (error == NULL));
    g_assert_true(!ok || !any || rows);
    g_assert_true(!ok || !oracle.next);
    cJSON_Delete(rows);
    return ok;
}

/* Rows of one width, each at least one cell wide. */
static gboolean
is_table(const cJSON *rows)
{
    const cJSON *row = NULL;
    if (!cJSON_IsArray(rows))
        return FALSE;
    cJSON_ArrayForEach (row, rows) {
        if (!cJSON_IsArray(row) || row->child == NULL ||
            (gsize)cJSON_GetArraySize(row) != first_width(rows))
            return FALSE;
    }
    return TRUE;
}

static gboolean
is_shallow(const char *text)
{
    int depth = 0, deepest = 0;
    for (; *text; text++) {
        depth += *text == '[' || *text == '{';
        deepest = MAX(deepest, depth);
    }
    return deepest < 60;
}

/* What cJSON writes is JSON without any liberty: a table in it must be read. */
static void
check_written(const cJSON *json)
{
    const cJSON *rows = cJSON_GetObjectItemCaseSensitive(json, "data");
    if (!is_table(rows))
        return;
    for (const cJSON *other = rows->next; other; other = other->next)
        if (g_strcmp0(other->string, "data") == 0)
            return;
    char *text = cJSON_PrintUnformatted(json);
    if (text && g_utf8_validate(text, -1, NULL) && is_shallow(text))
        g_assert_true(read_page(text, strlen(text)));
    cJSON_free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GString) text = g_string_new_len((const char *)data, (gssize)size);
    const char *end = NULL;
    cJSON *json = cJSON_ParseWithLengthOpts(text->str, size, &end, FALSE);
    while (json && end < text->str + size && g_ascii_isspace(*end))
        end++;
    if (json && end != text->str + size)
        g_clear_pointer(&json, cJSON_Delete);
    read_page(text->str, size);
    if (cJSON_IsObject(json))
        check_written(json);
    cJSON_Delete(json);
    return 0;
}
