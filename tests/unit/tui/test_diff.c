/* test_diff.c: the script turns one text into the other and is the shortest one, by an oracle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tui/diff.h"

static char *
script(const char *before, const char *after)
{
    g_autoptr(Diff) diff = diff_texts(before, after);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < diff->lines->len; i++) {
        const DiffLine *line = &g_array_index(diff->lines, DiffLine, i);
        g_string_append_printf(text, "%c%s\n", line->sign, line->line);
    }
    return g_string_free(text, FALSE);
}

static void
test_known(void **state)
{
    static const struct {
        const char *before, *after, *script;
    } samples[] = {
        {"", "", ""},
        {NULL, "a", "+a\n"},
        {"a\nb\n", "a\nb", " a\n b\n"},
        {"a", NULL, "-a\n"},
        {"a\nb\nc", "a\nx\nc", " a\n-b\n+x\n c\n"},
        {"a\nb\nc\na\nb\nb\na", "c\nb\na\nb\na\nc", NULL}, /* Myers' own example: 5 changes */
        {"a\n\nb", "a\nb", " a\n-\n b\n"},
        {"SELECT 1\nFROM t\nLIMIT 5000", "SELECT 1\nFROM t\nWHERE x\n",
         " SELECT 1\n FROM t\n"
         "-LIMIT 5000\n+WHERE x\n"},
    };
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(samples); i++) {
        g_autofree char *text = script(samples[i].before, samples[i].after);
        if (samples[i].script)
            assert_string_equal(text, samples[i].script);
        g_autoptr(Diff) diff = diff_texts(samples[i].before, samples[i].after);
        if (!samples[i].script)
            assert_int_equal(diff->gone + diff->fresh, 5);
    }
}

/* Longest common subsequence by the table: slow, and plainly right. */
static guint
common(char *const *a, guint n, char *const *b, guint m)
{
    g_autofree guint *table = g_new0(guint, (gsize)(n + 1) * (m + 1));
#define AT(i, j) table[(gsize)(i) * (m + 1) + (j)]
    for (guint i = 1; i <= n; i++) {
        for (guint j = 1; j <= m; j++)
            AT(i, j) = strcmp(a[i - 1], b[j - 1]) == 0 ? AT(i - 1, j - 1) + 1
                                                       : MAX(AT(i - 1, j), AT(i, j - 1));
    }
    return AT(n, m);
#undef AT
}

static char *
random_text(GRand *random, guint most, guint words)
{
    GString *text = g_string_new(NULL);
    guint n = (guint)g_rand_int_range(random, 0, (gint32)most);
    for (guint i = 0; i < n; i++)
        g_string_append_printf(text, "line %d\n", g_rand_int_range(random, 0, (gint32)words));
    return g_string_free(text, FALSE);
}

static void
check(const Diff *diff)
{
    guint before = 0, after = 0;
    for (guint i = 0; i < diff->lines->len; i++) {
        const DiffLine *line = &g_array_index(diff->lines, DiffLine, i);
        if (line->sign != '+') {
            assert_int_equal(line->before, before);
            assert_string_equal(line->line, diff->before[before++]);
        }
        if (line->sign != '-') {
            assert_int_equal(line->after, after);
            assert_string_equal(line->line, diff->after[after++]);
        }
    }
    assert_int_equal(before, diff->n_before);
    assert_int_equal(after, diff->n_after);
}

static void
test_against_oracle(void **state)
{
    (void)state;
    GRand *random = g_rand_new_with_seed(20260917);
    for (guint i = 0; i < 2000; i++) {
        guint words = (guint)g_rand_int_range(random, 1, 12);
        g_autofree char *a = random_text(random, 40, words), *b = random_text(random, 40, words);
        g_autoptr(Diff) diff = diff_texts(a, b);
        guint same = common(diff->before, diff->n_before, diff->after, diff->n_after);
        check(diff);
        assert_int_equal(diff->gone, diff->n_before - same);
        assert_int_equal(diff->fresh, diff->n_after - same);
    }
    g_rand_free(random);
}

/* Two long texts with nothing in common: at once, and still right. */
static void
test_limits(void **state)
{
    (void)state;
    g_autoptr(GString) a = g_string_new("same\n"), b = g_string_new("same\n");
    for (guint i = 0; i < DIFF_LINES_MAX + 10; i++) {
        g_string_append_printf(a, "old %u\n", i);
        g_string_append_printf(b, "new %u\n", i);
    }
    g_autoptr(Diff) diff = diff_texts(a->str, b->str);
    assert_false(diff->whole);
    assert_int_equal(diff->n_before, DIFF_LINES_MAX);
    assert_int_equal(diff->gone, DIFF_LINES_MAX - 1);
    assert_int_equal(diff->fresh, DIFF_LINES_MAX - 1);
    check(diff);
    const DiffLine *second = &g_array_index(diff->lines, DiffLine, 1);
    assert_int_equal(second->sign, '-');
}

static void
test_within(void **state)
{
    static const struct {
        const char *before, *after;
        gsize head, tail;
    } samples[] = {{"LIMIT 5000", "LIMIT 9000", 6, 3},
                   {"abc", "abc", 3, 0},
                   {"a", "", 0, 0},
                   {"aaa", "aa", 2, 0},
                   {"x\xc3\xa9y", "x\xc3\xa8y", 1, 1},
                   {"x\xc3\xa9", "x\xc2\xa9", 1, 0}};
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(samples); i++) {
        gsize head, tail;
        diff_within(samples[i].before, samples[i].after, &head, &tail);
        assert_int_equal(head, samples[i].head);
        assert_int_equal(tail, samples[i].tail);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_against_oracle),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_within),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
