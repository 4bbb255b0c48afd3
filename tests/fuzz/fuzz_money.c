/* fuzz_money.c: amounts against the arithmetic of a school: the same digits, by another way. */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include "base/money.h"

#define PLACES 1000 /* before and behind the point: more than any text can reach */

/* The digits of "12.5e-3" laid out on a long line, the point in the middle. FALSE: not a number. */
static gboolean
lay_out(const char *text, guint8 line[2 * PLACES])
{
    static const char *const digits = "0123456789";
    const char *p = text + (*text == '-');
    gsize before = strspn(p, digits);
    const char *point = p + before;
    gsize after = *point == '.' ? strspn(point + 1, digits) : 0;
    const char *end = point + (*point == '.' ? after + 1 : 0);
    int shift = 0;

    memset(line, 0, 2 * PLACES);
    if ((*point == '.' && after == 0) || before + after == 0 || before + after > 400)
        return FALSE;
    if (*end == 'e' || *end == 'E') {
        gboolean minus = *++end == '-';
        end += *end == '-' || *end == '+';
        gsize n = strspn(end, digits);
        for (gsize i = 0; i < n && shift <= 4000; i++)
            shift = shift * 10 + (end[i] - '0');
        if (n == 0 || shift > 400)
            return FALSE;
        shift = minus ? -shift : shift;
        end += n;
    }
    if (*end != '\0')
        return FALSE;
    for (gsize i = 0; i < before + after; i++) {
        const char *digit = i < before ? p + i : point + 1 + (i - before);
        line[PLACES + (int)i - (int)before - shift] = (guint8)(*digit - '0');
    }
    return TRUE;
}

/* Half-even to six places; FALSE when it leaves the range. *cut: something was lost. */
static gboolean
by_hand(const guint8 *line, gboolean negative, gint64 *micro, gboolean *cut)
{
    unsigned __int128 value = 0;
    gboolean rest = FALSE;
    for (int i = 0; i < PLACES + 6; i++) {
        value = value * 10 + line[i];
        if (value >> 100)
            return FALSE;
    }
    for (int i = PLACES + 7; i < 2 * PLACES; i++)
        rest = rest || line[i] != 0;
    guint8 next = line[PLACES + 6];
    *cut = next != 0 || rest;
    value += next > 5 || (next == 5 && (rest || value % 2 == 1));
    if (value > (guint64)G_MAXINT64 + (guint64)negative)
        return FALSE;
    *micro = negative ? (gint64)-value : (gint64)value;
    return TRUE;
}

static void
check_parse(const char *text)
{
    guint8 line[2 * PLACES];
    gint64 got = 77, want = 0, exact = 77;
    gboolean cut = FALSE;
    gboolean good = lay_out(text, line) && by_hand(line, *text == '-', &want, &cut);
    g_assert_cmpint(money_parse(text, FALSE, &got, NULL), ==, good);
    g_assert_cmpint(money_parse(text, TRUE, &exact, NULL), ==, good && !cut);
    if (good)
        g_assert_cmpint(got, ==, want);
}

/* What is written is read as what it was, with separators and cents too. */
static void
check_written(gint64 micro)
{
    g_autofree char *text = money_format(micro), *shown = money_display(micro);
    g_autofree char *in = money_display_in(micro, "USD");
    g_autofree char *with = g_strconcat(shown, " USD", NULL);
    g_autoptr(GString) plain = g_string_new(shown);
    gint64 back = 77, cents = 77;
    g_assert_true(money_parse(text, TRUE, &back, NULL));
    g_assert_cmpint(back, ==, micro);
    g_assert_cmpstr(in, ==, with);
    g_string_replace(plain, ",", "", 0);
    gboolean fits = money_round(micro, MONEY_UNIT / 100, &cents, NULL);
    g_assert_cmpint(money_parse(plain->str, TRUE, &back, NULL), ==, fits);
    if (fits)
        g_assert_cmpint(back, ==, cents);
}

static void
check_sums(gint64 a, gint64 b, gint64 c)
{
    gint64 there = 77, back = 77, want = 0;
    gboolean fits = !__builtin_add_overflow(a, b, &want);
    g_assert_cmpint(money_add(a, b, &there, NULL), ==, fits);
    if (fits) {
        g_assert_cmpint(there, ==, want);
        g_assert_true(money_add(there, -MAX(b, -G_MAXINT64), &back, NULL) || b == G_MININT64);
    }
    gint64 by = MAX(c < 0 ? -(c + 1) : c, 1);
    if (money_scale(a, b, by, &there, NULL)) {
        /* No other quotient is nearer. */
        __int128 rest = (__int128)a * b - (__int128)there * by;
        rest = rest < 0 ? -rest : rest;
        g_assert_true(2 * rest <= by);
        g_assert_true(2 * rest < by || there % 2 == 0);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    gint64 numbers[3] = {0};
    memcpy(numbers, data, MIN(size, sizeof numbers));
    if (strlen(text) < 900)
        check_parse(text);
    check_written(numbers[0]);
    check_sums(numbers[0], numbers[1], numbers[2]);
    g_assert_cmpint(money_currency_valid(text), ==,
                    strlen(text) == 3 && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3);
    return 0;
}
