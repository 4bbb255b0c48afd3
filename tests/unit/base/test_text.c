/* test_text.c: nothing but printable graphemes comes out of the sanitiser, whatever goes in. */
#include "tests/unit/base/cmocka_base.h"

#include "base/text.h"

#define BAD "\xEF\xBF\xBD"

/* An independent judge of the result: valid UTF-8, and not one of the characters that change how
 * others are shown. GLib's tables, not those of the sanitiser. */
static gboolean
is_harmless(gunichar c, TextFlags flags)
{
    if (c == '\n')
        return (flags & TEXT_MULTILINE) != 0;
    if (c < 0x20 || (c >= 0x7F && c <= 0x9F) || (c & 0xFFFE) == 0xFFFE ||
        (c >= 0xFDD0 && c <= 0xFDEF) || (c >= 0xD800 && c <= 0xDFFF))
        return FALSE;
    if (flags & TEXT_ASCII)
        return c < 0x7F;
    switch (g_unichar_type(c)) {
    case G_UNICODE_CONTROL:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
        return FALSE;
    case G_UNICODE_FORMAT:
        return c == 0x200D;
    default:
        return !(c >= 0xFE00 && c <= 0xFE0F) && !(c >= 0xE0000 && c <= 0xE0FFF) && c != 0x034F &&
               c != 0x115F && c != 0x1160 && c != 0x3164 && c != 0xFFA0;
    }
}

static char *
checked(const char *text, gssize len, TextFlags flags)
{
    char *out = text_printable(text, len, flags);
    assert_non_null(out);
    assert_true(g_utf8_validate(out, -1, NULL));
    for (const char *p = out; *p != '\0'; p += g_utf8_skip[(guchar)*p]) {
        if (!is_harmless(g_utf8_get_char(p), flags))
            fail_msg("U+%04X came out", g_utf8_get_char(p));
    }
    g_autofree char *again = text_printable(out, -1, flags);
    assert_string_equal(again, out);
    assert_true(text_width(out) >= 0);
    return out;
}

typedef struct {
    const char *in, *out;
} Case;

static void
check_cases(const Case *cases, gsize n, TextFlags flags)
{
    for (gsize i = 0; i < n; i++) {
        g_autofree char *out = checked(cases[i].in, -1, flags);
        if (strcmp(out, cases[i].out) != 0)
            fail_msg("case %d: '%s' instead of '%s'", (int)i, out, cases[i].out);
    }
}

static void
test_plain(void **state)
{
    (void)state;
    static const Case cases[] = {
        {"", ""},
        {"Hello, world ~!", "Hello, world ~!"},
        {"Grüße, Ærø, Привет, 日本語, ไทย", "Grüße, Ærø, Привет, 日本語, ไทย"},
        {"a\nb\tc\r\nd\re", "a b c d e"},
        {"a\u2028b\u2029c\u00A0d\u3000e", "a b c d e"},
        {"e\u0301", "e\u0301"},
        {"\uFFFD", BAD},
    };
    check_cases(cases, G_N_ELEMENTS(cases), TEXT_LINE);
    g_autofree char *none = text_printable(NULL, -1, TEXT_LINE);
    assert_string_equal(none, "");
    g_autofree char *part = text_printable("abcdef", 3, TEXT_LINE);
    assert_string_equal(part, "abc");
    g_autofree char *nul = text_printable("a\0b", 3, TEXT_LINE);
    assert_string_equal(nul, "a" BAD "b");
}

static void
test_multiline(void **state)
{
    (void)state;
    static const Case cases[] = {
        {"a\nb\tc\r\nd", "a\nb c\nd"},
        {"a\u2028b", "a\nb"},
        {"a\n\u0301b", "a\n" BAD "b"},
        {"\x0B\x0C", BAD BAD},
    };
    check_cases(cases, G_N_ELEMENTS(cases), TEXT_MULTILINE);
}

/* Every C0, DEL and C1 character, alone and inside text, raw and encoded. */
static void
test_controls(void **state)
{
    (void)state;
    for (gunichar c = 0; c <= 0x9F; c++) {
        if (c >= 0x20 && c < 0x7F)
            continue;
        GString *in = g_string_new("a");
        g_string_append_unichar(in, c);
        if (c == 0)
            in = g_string_append_c(in, '\0');
        g_string_append(in, "\xC3\xA9"
                            "b");
        for (TextFlags flags = 0; flags <= (TEXT_MULTILINE | TEXT_ASCII); flags++) {
            g_autofree char *out = checked(in->str, (gssize)in->len, flags);
            assert_int_equal(out[0], 'a');
            assert_int_equal(out[strlen(out) - 1], 'b');
        }
        g_string_free(in, TRUE);
        const char raw[] = {'a', (char)c, 'b'};
        g_autofree char *out = checked(raw, sizeof raw, TEXT_LINE);
        assert_int_equal(out[0], 'a');
    }
}

static void
test_sequences(void **state)
{
    (void)state;
    static const Case cases[] = {
        {"\033[31mred\033[0m", BAD "red" BAD},
        {"\033[2J\033[H", BAD BAD},
        {"\033[?1049h\033[38;5;1;4:3mx", BAD BAD "x"},
        {"\033]0;title\a.", BAD "0;title" BAD "."},
        {"\033]52;c;cm0gLXJm\033\\.", BAD "52;c;cm0gLXJm" BAD "."},
        {"\033]8;;https://evil.example\033\\x", BAD "8;;https://evil.example" BAD "x"},
        {"\033P+q544e\033\\", BAD "+q544e" BAD},
        {"\033_apc\033\\\033^pm\033\\\033Xsos\033\\", BAD "apc" BAD BAD "pm" BAD BAD "sos" BAD},
        {"\033c\033(B\0337\033=", BAD BAD BAD BAD},
        {"\033[31", BAD "31"},
        {"\033", BAD},
        {"\033\033[1mx", BAD BAD "x"},
        {"\033[1;2\nx", BAD "1;2 x"},
        {"\xC2\x9B"
         "31mred",
         BAD "red"},
        {"\xC2\x9D"
         "0;t\xC2\x9C",
         BAD "0;t" BAD},
        {"\xC2\x90q\xC2\x9C\xC2\x85", BAD "q" BAD BAD},
        {"\x9B"
         "31m",
         BAD "31m"},
        {"\x1A\x0E\x0F\x05\x07\x08\x7F", BAD BAD BAD BAD BAD BAD BAD},
    };
    check_cases(cases, G_N_ELEMENTS(cases), TEXT_LINE);
    g_autofree char *params = g_strnfill(500, '1');
    g_autofree char *endless = g_strconcat("\033[", params, "m", NULL);
    g_autofree char *out = checked(endless, -1, TEXT_LINE);
    assert_true(strlen(out) > 500);
}

/* Directions, joiners, fillers, selectors, tags: dropped, whoever they stand with. */
static void
test_invisible(void **state)
{
    (void)state;
    static const gunichar invisible[] = {
        0x00AD, 0x034F, 0x0600, 0x061C, 0x06DD, 0x070F, 0x115F,  0x1160,  0x17B4,  0x17B5,  0x180B,
        0x180E, 0x200B, 0x200C, 0x200E, 0x200F, 0x202A, 0x202B,  0x202C,  0x202D,  0x202E,  0x2060,
        0x2061, 0x2064, 0x2065, 0x2066, 0x2067, 0x2068, 0x2069,  0x206A,  0x206F,  0x3164,  0xFE00,
        0xFE0E, 0xFE0F, 0xFEFF, 0xFFA0, 0xFFF9, 0xFFFB, 0x1BCA0, 0x1D173, 0xE0001, 0xE0041, 0xE01EF,
    };
    for (gsize i = 0; i < G_N_ELEMENTS(invisible); i++) {
        g_autoptr(GString) in = g_string_new("pay");
        g_string_append_unichar(in, invisible[i]);
        g_string_append(in, "pal");
        g_autofree char *out = checked(in->str, -1, TEXT_LINE);
        if (strcmp(out, "paypal") != 0)
            fail_msg("U+%04X: %s", invisible[i], out);
    }
    static const Case cases[] = {
        {"\u200D", ""},         {"a\u200Db", "ab"},         {"\u202Egpj.exe", "gpj.exe"},
        {"\u2066x\u2069", "x"}, {"\u2764\uFE0F", "\u2764"},
    };
    check_cases(cases, G_N_ELEMENTS(cases), TEXT_LINE);
}

static void
test_not_utf8(void **state)
{
    (void)state;
    static const Case cases[] = {
        {"\xC0\xAF", BAD BAD}, /* overlong '/' */
        {"\xC1\x9B", BAD BAD}, /* overlong '[' */
        {"\xE0\x80\x9B"
         "31m",
         BAD BAD BAD "31m"}, /* overlong ESC */
        {"\xF0\x80\x80\x9B", BAD BAD BAD BAD},
        {"\xED\xA0\x80", BAD BAD BAD},                         /* U+D800 */
        {"\xED\xBF\xBF", BAD BAD BAD},                         /* U+DFFF */
        {"\xED\xA0\xBD\xED\xB8\x80", BAD BAD BAD BAD BAD BAD}, /* CESU-8 */
        {"\xF4\x90\x80\x80", BAD BAD BAD BAD},                 /* beyond U+10FFFF */
        {"\xF8\x88\x80\x80\x80", BAD BAD BAD BAD BAD},
        {"\xFE\xFF", BAD BAD},
        {"a\x80z", "a" BAD "z"},
        {"\xC3", BAD}, /* cut */
        {"\xE2\x82", BAD BAD},
        {"\xE2\x82z", BAD BAD "z"},
        {"\xC3\033[1m", BAD BAD},
        {"\uFFFE\uFFFF\U0001FFFE\U0010FFFF\uFDD0\uFDEF", BAD BAD BAD BAD BAD BAD},
        {"\uE000\U000F0000\U0010FFFD", BAD BAD BAD}, /* private use: no known width */
    };
    check_cases(cases, G_N_ELEMENTS(cases), TEXT_LINE);
}

static int
count_of(const char *text, const char *part)
{
    int n = 0;
    for (const char *p = text; (p = strstr(p, part)); p += strlen(part))
        n++;
    return n;
}

static char *
repeated(const char *head, const char *part, int n)
{
    GString *text = g_string_new(head);
    for (int i = 0; i < n; i++)
        g_string_append(text, part);
    return g_string_free(text, FALSE);
}

static void
test_floods(void **state)
{
    (void)state;
    g_autofree char *zalgo = repeated("e", "\u0301", 1000);
    g_autofree char *calm = checked(zalgo, -1, TEXT_LINE);
    assert_int_equal(count_of(calm, "\u0301"), 8);
    assert_int_equal(text_width(calm), 1);
    g_autofree char *enclosed = repeated("x", "\u20DD\u0489", 500);
    g_autofree char *calm2 = checked(enclosed, -1, TEXT_LINE);
    assert_int_equal(g_utf8_strlen(calm2, -1), 9);
    g_autofree char *orphans = repeated("", "\u0301", 5);
    g_autofree char *shown = checked(orphans, -1, TEXT_LINE);
    assert_true(g_str_has_prefix(shown, BAD));
    g_autofree char *family = repeated("\U0001F468", "\u200D\U0001F468", 1000);
    g_autofree char *families = checked(family, -1, TEXT_LINE);
    assert_true(text_width(families) > 2);
    g_autofree char *tones = repeated("\U0001F468", "\U0001F3FB", 1000);
    g_autofree char *toned = checked(tones, -1, TEXT_LINE);
    assert_true(g_utf8_strlen(toned, -1) <= 16);
    g_autofree char *jamo = repeated("", "\u1100", 1000);
    g_autofree char *jamos = checked(jamo, -1, TEXT_LINE);
    assert_int_equal(g_utf8_strlen(jamos, -1), 16);
}

static void
test_emoji(void **state)
{
    (void)state;
    static const Case cases[] = {
        {"\U0001F468\u200D\U0001F469\u200D\U0001F467",
         "\U0001F468\u200D\U0001F469\u200D\U0001F467"},
        {"\U0001F469\U0001F3FD\u200D\U0001F4BB", "\U0001F469\U0001F3FD\u200D\U0001F4BB"},
        {"\u2764\uFE0F\u200D\U0001F525", "\u2764\u200D\U0001F525"},
        {"\U0001F468\u200Da", "\U0001F468"
                              "a"},
        {"a\u200D\U0001F468", "a\U0001F468"},
        {"\U0001F468\u200D\u200D\U0001F468", "\U0001F468\u200D\U0001F468"},
        {"\U0001F468\u200D", "\U0001F468"},
        {"\U0001F1E9\U0001F1EA", "\U0001F1E9\U0001F1EA"},
    };
    check_cases(cases, G_N_ELEMENTS(cases), TEXT_LINE);
}

static void
test_ascii(void **state)
{
    (void)state;
    static const Case cases[] = {
        {"naïve", "na?ve"},
        {"e\u0301x", "ex"},
        {"日本", "??"},
        {"\U0001F468\u200D\U0001F469\u200D\U0001F467!", "?!"},
        {"\033[1mb", "?b"},
        {"\xFF\x80", "??"},
        {"a\u200Bb", "ab"},
        {"\U0001F1E9\U0001F1EA", "?"},
        {"\u00E9\u0301", "?"},
        {"±95%", "~95%"},
        {"3×4 “it’s” – so", "3x4 \"it's\" - so"},
    };
    check_cases(cases, G_N_ELEMENTS(cases), TEXT_ASCII);
}

/* Random bytes, and random sequences of the most dangerous pieces. */
static void
test_random(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "a",          " ",      "\n",     "\033",       "[",        "31m",        "]",
        "\a",         "\u0301", "\u200D", "\U0001F468", "\uFE0F",   "\U0001F3FB", "\u1100",
        "\u1161",     "\u11A8", "\uAC00", "\u202E",     "\xC3",     "\xA9",       "\xED\xA0\x80",
        "\U0001F1E9", "\u0D4E", "\u0903", "\u4E00",     "\xC2\x9B", "\r",         "\t",
        "\uFFFD",     "\u2764", "?",
    };
    guint64 seed = 12;
    for (int i = 0; i < 20000; i++) {
        g_autoptr(GString) in = g_string_new(NULL);
        for (guint64 n = next_random(&seed) % 24; n > 0; n--)
            g_string_append(in, pieces[next_random(&seed) % G_N_ELEMENTS(pieces)]);
        g_autofree char *out = checked(in->str, -1, (TextFlags)(i % 4));
        assert_true(strlen(out) <= 3 * in->len);
    }
    for (int i = 0; i < 20000; i++) {
        char junk[32];
        for (gsize k = 0; k < sizeof junk; k++)
            junk[k] = (char)next_random(&seed);
        g_autofree char *out = checked(junk, sizeof junk, (TextFlags)(i % 4));
        assert_non_null(out);
    }
}

/* Every code point there is, between two letters. */
static void
test_all_points(void **state)
{
    (void)state;
    for (gunichar c = 1; c <= 0x10FFFF; c++) {
        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        char in[16] = "a";
        int n = 1 + g_unichar_to_utf8(c, in + 1);
        in[n] = 'b';
        g_autofree char *out = text_printable(in, n + 1, TEXT_LINE);
        for (const char *p = out; *p != '\0'; p += g_utf8_skip[(guchar)*p]) {
            if (!is_harmless(g_utf8_get_char(p), TEXT_LINE))
                fail_msg("U+%04X came out as U+%04X", c, g_utf8_get_char(p));
        }
        int width = text_width(out);
        if (width < 2 || width > 4)
            fail_msg("U+%04X has width %d", c, width - 2);
    }
}

static void
test_width(void **state)
{
    (void)state;
    const struct {
        const char *text;
        int width;
    } cases[] = {
        {"", 0},
        {"abc", 3},
        {"é", 1},
        {"e\u0301", 1},
        {"日本語", 6},
        {"ｱ", 1},
        {"Ａ", 2},
        {"한국어", 6},
        {"\u1112\u1161\u11AB", 2},
        {"\U0001F600", 2},
        {"\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466", 2},
        {"\U0001F469\U0001F3FD\u200D\U0001F4BB", 2},
        {"\u2764\u200D\U0001F525", 2},
        {"\U0001F1E9\U0001F1EA", 2},
        {"\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7", 4},
        {"▁▂▃█⣿", 5},
        {"a日b", 4},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        if (text_width(cases[i].text) != cases[i].width)
            fail_msg("'%s' is %d wide", cases[i].text, text_width(cases[i].text));
    }
    assert_int_equal(text_width(NULL), 0);
}

static void
test_fit(void **state)
{
    (void)state;
    int used = -1;
    assert_int_equal(text_fit("abc", 2, &used), 2);
    assert_int_equal(used, 2);
    assert_int_equal(text_fit("日本", 3, &used), 3);
    assert_int_equal(used, 2);
    assert_int_equal(text_fit("e\u0301x", 1, &used), 3);
    assert_int_equal(used, 1);
    assert_int_equal(text_fit("abc", 0, &used), 0);
    assert_int_equal(text_fit("", 5, &used), 0);
    assert_int_equal(text_fit("abc", 99, NULL), 3);
    const char *family = "\U0001F468\u200D\U0001F469";
    assert_int_equal(text_fit(family, 1, &used), 0);
    assert_int_equal(text_fit(family, 2, &used), strlen(family));
}

static void
test_ellipsize(void **state)
{
    (void)state;
    const struct {
        const char *text;
        int columns;
        TextFlags flags;
        const char *out;
    } cases[] = {
        {"abcdef", 6, 0, "abcdef"},
        {"abcdef", 5, 0, "abcd…"},
        {"abcdef", 5, TEXT_ASCII, "abcd~"},
        {"日本語", 6, 0, "日本語"},
        {"日本語", 5, 0, "日本…"},
        {"日本語", 4, 0, "日…"},
        {"abc", 1, 0, "…"},
        {"abc", 0, 0, ""},
        {"a", 1, 0, "a"},
        {"", 3, 0, ""},
        {"abc", -1, 0, ""},
        {"e\u0301fg", 2, 0, "e\u0301…"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *out = text_ellipsize(cases[i].text, cases[i].columns, cases[i].flags);
        assert_string_equal(out, cases[i].out);
        assert_true(text_width(out) <= MAX(cases[i].columns, 0));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),      cmocka_unit_test(test_multiline),
        cmocka_unit_test(test_controls),   cmocka_unit_test(test_sequences),
        cmocka_unit_test(test_invisible),  cmocka_unit_test(test_not_utf8),
        cmocka_unit_test(test_floods),     cmocka_unit_test(test_emoji),
        cmocka_unit_test(test_ascii),      cmocka_unit_test(test_random),
        cmocka_unit_test(test_all_points), cmocka_unit_test(test_width),
        cmocka_unit_test(test_fit),        cmocka_unit_test(test_ellipsize),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
