/* fuzz_mrkdwn.c: whatever a message holds, what is shown of it is printable text that ends, drawn
 * inside its area; and the difference of any two texts leads from one to the other. */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include "tui/diff.h"
#include "tui/mrkdwn.h"

static void
check_doc(Doc *doc)
{
    g_autofree char *text = doc_to_text(doc);
    g_autoptr(Grid) grid = grid_new(40, 10, FALSE);
    g_assert_true(g_utf8_validate(text, -1, NULL));
    for (const char *p = text; *p; p++)
        g_assert_true(*p == '\n' || ((guchar)*p >= ' ' && *p != 127));
    doc_draw(doc, grid, (Rect){1, 1, 38, 8});
    for (int x = 0; x < 40; x++)
        g_assert_cmpstr(grid_cell(grid, x, 0)->text, ==, " ");
    doc_free(doc);
}

static void
check_diff(const char *text)
{
    g_autoptr(GString) before = g_string_new(NULL), after = g_string_new(NULL);
    const char *half = text + strlen(text) / 2;
    g_string_append_len(before, text, half - text);
    g_string_append(after, half);
    g_autoptr(Diff) diff = diff_texts(before->str, after->str);
    guint old = 0, new = 0;
    for (guint i = 0; i < diff->lines->len; i++) {
        const DiffLine *line = &g_array_index(diff->lines, DiffLine, i);
        old += line->sign == '+' ? 0 : 1;
        new += line->sign == '-' ? 0 : 1;
    }
    g_assert_cmpuint(old, ==, diff->n_before);
    g_assert_cmpuint(new, ==, diff->n_after);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(cJSON) message = json_parse(text, strlen(text), "fuzz", NULL);
    Doc *plain = doc_new(FALSE), *whole = doc_new(size % 2 == 0);

    mrkdwn_write(plain, text, NULL);
    check_doc(plain);
    mrkdwn_message(whole, message, text, NULL);
    check_doc(whole);
    check_diff(text);
    return 0;
}
