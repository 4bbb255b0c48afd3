/* money.h: amounts as an integer count of micro-units (1 USD = 1,000,000), never a double.
 *
 * Rounding is half-even (IEEE 754-2019, 4.3.1), once, where a quotient is taken. Every operation
 * that could leave the range of gint64 fails instead. */
#ifndef BASE_MONEY_H
#define BASE_MONEY_H

#include <glib.h>

#define MONEY_UNIT G_GINT64_CONSTANT(1000000)

/* "1234.56", "-0.5", "1.2E3" (Trino's doubles); more than six decimals are rounded half-even when
 * exact is FALSE, refused when TRUE. No group separators. */
gboolean money_parse(const char *text, gboolean exact, gint64 *micro, GError **error);
/* Decimal string: at least two decimals, trailing zeros beyond them cut ("1234.50", "0.000001"). */
char *money_format(gint64 micro);
/* For people: "12,480.50", rounded half-even to two decimals. */
char *money_display(gint64 micro);
/* "12,480.50 USD"; currency NULL: as above. */
char *money_display_in(gint64 micro, const char *currency);
gboolean money_add(gint64 a, gint64 b, gint64 *sum, GError **error);
/* a * numerator / denominator, half-even; denominator > 0. */
gboolean money_scale(gint64 a, gint64 numerator, gint64 denominator, gint64 *result,
                     GError **error);
/* To a step of micro-units (10000 = cents), half-even. */
gboolean money_round(gint64 micro, gint64 step, gint64 *result, GError **error);
/* ISO 4217 shape: three upper-case letters. */
gboolean money_currency_valid(const char *currency);

#endif
