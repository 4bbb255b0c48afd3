/* fuzz_query.c: the filter language: any text is a query or an error, and completes. */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include "base/error.h"
#include "base/query.h"

#define NOW G_GINT64_CONSTANT(1789387200000000)

static const char *const states[] = {"pending", "posted", "posting", NULL};
static const QueryField fields[] = {
    {"customer", QUERY_TEXT, NULL, ""}, {"state", QUERY_WORD, states, ""},
    {"product", QUERY_WORD, NULL, ""},  {"amount", QUERY_MONEY, NULL, ""},
    {"id", QUERY_NUMBER, NULL, ""},     {"age", QUERY_AGE, NULL, ""},
    {"decided", QUERY_TIME, NULL, ""},  {NULL, QUERY_TEXT, NULL, NULL},
};

static void
column(const void *row, guint at, GString *text, gpointer data)
{
    (void)at;
    (void)data;
    g_string_append(text, row);
}

static gboolean
field(const void *row, guint at, GString *text, gint64 *number, gpointer data)
{
    (void)data;
    g_string_append(text, row);
    *number = NOW;
    return at % 2 == 0;
}

static void
check_terms(const Query *query)
{
    guint n;
    const QueryTerm *terms = query_terms(query, &n);
    g_assert_cmpuint(n, <=, QUERY_MAX_TERMS);
    for (guint i = 0; i < n; i++) {
        g_assert_cmpint(terms[i].field, <, (int)G_N_ELEMENTS(fields) - 1);
        g_assert_true(terms[i].regex != NULL || terms[i].values->len > 0);
        for (guint k = 0; k < terms[i].values->len; k++) {
            const QueryValue *value = &g_array_index(terms[i].values, QueryValue, k);
            QueryKind kind = terms[i].field < 0 ? QUERY_TEXT : fields[terms[i].field].kind;
            g_assert_true((kind <= QUERY_WORD) == (value->text != NULL));
        }
    }
}

/* What a text means, its opposite does not. Of the text as the query has it: made printable, a mark
 * that would stand on the sign before it has nothing to do with either. */
static void
check_matches(const Query *query)
{
    const char *text = query_text(query);
    const QueryReader reader = {1, column, field, NULL};
    guint n;
    const QueryTerm *terms = query_terms(query, &n);
    gboolean passes = query_matches(query, &reader, text);
    if (n != 1 || terms[0].inverse)
        return;
    g_autofree char *opposite = g_strconcat("!", text + strspn(text, " "), NULL);
    g_autoptr(Query) other = query_parse(opposite, fields, NOW, NULL);
    terms = other ? query_terms(other, &n) : NULL;
    if (terms && n == 1 && terms[0].inverse)
        g_assert_cmpint(query_matches(other, &reader, text), !=, passes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(GError) error = NULL;
    g_autoptr(Query) query = query_parse(text, fields, NOW, &error);
    gsize from;
    g_assert_true((query == NULL) == (error != NULL));
    if (query) {
        check_terms(query);
        check_matches(query);
    } else {
        g_assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_USAGE));
    }
    for (gsize cursor = 0; cursor <= strlen(text) && cursor < 64; cursor++) {
        g_auto(GStrv) words = query_complete(text, cursor, fields, NULL, NULL, &from);
        g_assert_cmpuint(from, <=, cursor);
        g_assert_nonnull(words);
    }
    return 0;
}
