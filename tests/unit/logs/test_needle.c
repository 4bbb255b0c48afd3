/* test_needle.c: the fast search against a slow one that is surely right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "logs/needle.h"

static gboolean
here(const char *at, const char *text, gsize len, gboolean fold)
{
    return fold ? g_ascii_strncasecmp(at, text, len) == 0 : memcmp(at, text, len) == 0;
}

static gint64
slow(const char *bytes, gsize len, const char *text, gboolean fold, gboolean last)
{
    gint64 found = -1;
    gsize n = strlen(text);
    for (gsize i = 0; i + n <= len; i++) {
        if (!here(bytes + i, text, n, fold))
            continue;
        found = (gint64)i;
        if (!last)
            break;
    }
    return found;
}

static void
check(const char *bytes, gsize len, const char *text, gboolean fold)
{
    g_autoptr(Needle) needle = needle_new(text, fold);
    const char *first = needle_first(needle, bytes, len), *last = needle_last(needle, bytes, len);
    assert_int_equal(first ? first - bytes : -1, slow(bytes, len, text, fold, FALSE));
    assert_int_equal(last ? last - bytes : -1, slow(bytes, len, text, fold, TRUE));
}

/* Few different letters, so that much almost matches; every length around the blocks. */
static void
test_against_slow(void **state)
{
    static const char *const texts[] = {"a", "ab", "aab", "bbbb", "abab", "zab", "ab-b", "caab"};
    (void)state;
    GRand *random = g_rand_new_with_seed(7);
    for (int round = 0; round < 400; round++) {
        gsize len = (gsize)g_rand_int_range(random, 0, 300);
        g_autofree char *bytes = g_malloc(len + 1); /* so that a read beyond is seen */
        for (gsize i = 0; i < len; i++)
            bytes[i] = "aabABb-c"[g_rand_int_range(random, 0, 8)];
        for (gsize t = 0; t < G_N_ELEMENTS(texts); t++) {
            check(bytes, len, texts[t], FALSE);
            check(bytes, len, texts[t], TRUE);
        }
    }
    g_rand_free(random);
}

static void
test_case(void **state)
{
    (void)state;
    g_autoptr(Needle) small = needle_new("error", TRUE), big = needle_new("Error", TRUE);
    const char text[] = "an ERROR and an Error[";
    assert_ptr_equal(needle_first(small, text, sizeof text - 1), text + 3);
    assert_ptr_equal(needle_first(big, text, sizeof text - 1), text + 16);
    /* Only letters fold: '[' and '{' differ by the same bit. */
    g_autoptr(Needle) bracket = needle_new("{", TRUE);
    assert_null(needle_first(bracket, text, sizeof text - 1));
    assert_null(needle_new("", TRUE));
    g_autofree char *longer = g_strnfill(NEEDLE_MAX + 1, 'x');
    assert_null(needle_new(longer, TRUE));
}

static void
test_newlines(void **state)
{
    (void)state;
    g_autofree char *bytes = g_strnfill(9000, 'x');
    gsize expected = 0;
    for (gsize i = 0; i < 9000; i += 1 + i % 7) {
        bytes[i] = '\n';
        expected++;
    }
    assert_int_equal(newlines_count(bytes, 9000), expected);
    memset(bytes, '\n', 9000);
    for (gsize len = 0; len < 9000; len += 311)
        assert_int_equal(newlines_count(bytes, len), len);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_slow),
        cmocka_unit_test(test_case),
        cmocka_unit_test(test_newlines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
