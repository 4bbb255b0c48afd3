/* money.c: exact decimal arithmetic on micro-units, 128 bits wide inside. */
#include "base/money.h"

#include "base/digits.h"
#include "base/error.h"

#include <string.h>

#define DECIMALS     6
#define DIGITS_MAX   400
#define EXPONENT_MAX 400

typedef __int128 Wide;
typedef unsigned __int128 UWide;

static gboolean
narrow(Wide value, const char *what, gint64 *result, GError **error)
{
    if (value >= G_MININT64 && value <= G_MAXINT64) {
        *result = (gint64)value;
        return TRUE;
    }
    g_set_error(error, CREDITBOT_ERROR, ERR_INPUT,
                "%s leaves the range of amounts (beyond 9,223,372,036,854.77)", what);
    return FALSE;
}

/* value / divisor, half-even; divisor > 0. IEEE 754-2019, 4.3.1. */
static Wide
divide_half_even(Wide value, Wide divisor)
{
    UWide magnitude = value < 0 ? -(UWide)value : (UWide)value;
    UWide by = (UWide)divisor;
    UWide quotient = magnitude / by, rest = magnitude % by;
    if (rest > by - rest || (rest == by - rest && (quotient & 1)))
        quotient++;
    return value < 0 ? -(Wide)quotient : (Wide)quotient;
}

/* A decimal as written: its digits without the point, and where the point stands. */
typedef struct {
    gboolean negative;
    const char *digits; /* with a '.' among them */
    int n_digits;       /* without it */
    int point;          /* digits before the point, after the exponent is applied */
} Decimal;

static gboolean
scan_exponent(const char **p, int *exponent)
{
    int value = 0;
    if (**p != 'e' && **p != 'E')
        return TRUE;
    (*p)++;
    gboolean negative = **p == '-';
    if (negative || **p == '+')
        (*p)++;
    if (!g_ascii_isdigit(**p))
        return FALSE;
    for (; g_ascii_isdigit(**p); (*p)++)
        value = MIN(value * 10 + (**p - '0'), 10 * EXPONENT_MAX);
    *exponent = negative ? -value : value;
    return value <= EXPONENT_MAX;
}

static gboolean
scan_decimal(const char *p, Decimal *decimal)
{
    int exponent = 0, before, after = 0;
    decimal->negative = *p == '-';
    p += decimal->negative;
    decimal->digits = p;
    before = (int)strspn(p, "0123456789");
    p += before;
    if (*p == '.') {
        after = (int)strspn(++p, "0123456789");
        p += after;
        if (after == 0)
            return FALSE;
    }
    if (before + after == 0 || before + after > DIGITS_MAX)
        return FALSE;
    if (!scan_exponent(&p, &exponent) || *p != '\0')
        return FALSE;
    decimal->n_digits = before + after;
    decimal->point = before + exponent;
    return TRUE;
}

/* Micro-units of a decimal, half-even. FALSE: beyond 128 bits. *inexact says that digits were lost.
 */
static gboolean
decimal_micro(const Decimal *decimal, Wide *micro, gboolean *inexact)
{
    UWide value = 0;
    int keep = decimal->point + DECIMALS; /* so many leading digits count, the rest is rounded */
    int first_lost = 0;
    gboolean more_lost = FALSE;
    const char *p = decimal->digits;
    for (int i = 0; i < decimal->n_digits; i++, p++) {
        if (*p == '.')
            p++;
        int digit = *p - '0';
        if (i < keep) {
            if (value > (UWide)1 << 100)
                return FALSE;
            value = value * 10 + (UWide)digit;
        } else if (i == keep) {
            first_lost = digit;
        } else {
            more_lost |= digit != 0;
        }
    }
    for (int i = decimal->n_digits; i < keep && value != 0; i++) {
        if (value > (UWide)1 << 100)
            return FALSE;
        value *= 10;
    }
    if (first_lost > 5 || (first_lost == 5 && (more_lost || (value & 1))))
        value++;
    *inexact = first_lost != 0 || more_lost;
    *micro = decimal->negative ? -(Wide)value : (Wide)value;
    return TRUE;
}

gboolean
money_parse(const char *text, gboolean exact, gint64 *micro, GError **error)
{
    Decimal decimal;
    Wide value = 0;
    gboolean inexact = FALSE;
    if (!text || !scan_decimal(text, &decimal)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_INPUT,
                    "'%.60s' is not an amount; write it as 1234.56, without separators",
                    text ? text : "");
        return FALSE;
    }
    if (!decimal_micro(&decimal, &value, &inexact)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_INPUT, "the amount '%.60s' is too large", text);
        return FALSE;
    }
    if (exact && inexact) {
        g_set_error(error, CREDITBOT_ERROR, ERR_INPUT,
                    "the amount '%.60s' has more than six decimals", text);
        return FALSE;
    }
    if (narrow(value, "the amount", micro, error))
        return TRUE;
    g_prefix_error(error, "'%.60s': ", text);
    return FALSE;
}

static guint64
magnitude(gint64 micro)
{
    return micro < 0 ? 0 - (guint64)micro : (guint64)micro;
}

char *
money_format(gint64 micro)
{
    guint64 whole = magnitude(micro) / (guint64)MONEY_UNIT;
    guint64 part = magnitude(micro) % (guint64)MONEY_UNIT;
    char *text = g_strdup_printf("%s%" G_GUINT64_FORMAT ".%06" G_GUINT64_FORMAT,
                                 micro < 0 ? "-" : "", whole, part);
    gsize len = strlen(text);
    for (int zeros = 0; zeros < DECIMALS - 2 && text[len - 1] == '0'; zeros++)
        text[--len] = '\0';
    return text;
}

char *
money_display(gint64 micro)
{
    return money_display_in(micro, NULL);
}

char *
money_display_in(gint64 micro, const char *currency)
{
    Wide cents = divide_half_even(micro, MONEY_UNIT / 100);
    guint64 size = (guint64)(cents < 0 ? -cents : cents), whole = size / 100;
    char text[40], *end = text + sizeof text, *p = end; /* written from its end */
    gsize after = currency ? strlen(currency) + 1 : 0;
    *--p = (char)('0' + size % 10);
    *--p = (char)('0' + size / 10 % 10);
    *--p = '.';
    for (; whole >= 1000; whole /= 1000) {
        p = digits_before(p, 1000 + whole % 1000);
        *p = ','; /* in the place of the 1 that kept the zeros */
    }
    p = digits_before(p, whole);
    if (cents < 0)
        *--p = '-';
    gsize length = (gsize)(end - p);
    char *result = g_malloc(length + after + 1);
    memcpy(result, p, length);
    result[length] = ' ';
    if (after)
        memcpy(result + length + 1, currency, after - 1);
    result[length + after] = '\0';
    return result;
}

gboolean
money_add(gint64 a, gint64 b, gint64 *sum, GError **error)
{
    return narrow((Wide)a + b, "the sum", sum, error);
}

gboolean
money_scale(gint64 a, gint64 numerator, gint64 denominator, gint64 *result, GError **error)
{
    g_return_val_if_fail(denominator > 0, FALSE);
    return narrow(divide_half_even((Wide)a * numerator, denominator), "the product", result, error);
}

gboolean
money_round(gint64 micro, gint64 step, gint64 *result, GError **error)
{
    g_return_val_if_fail(step > 0, FALSE);
    return narrow(divide_half_even(micro, step) * step, "the rounded amount", result, error);
}

gboolean
money_currency_valid(const char *currency)
{
    return currency && strlen(currency) == 3 && g_ascii_isupper(currency[0]) &&
           g_ascii_isupper(currency[1]) && g_ascii_isupper(currency[2]);
}
