/* digits.h: a number in decimal without printf, for what is written ten thousand times. */
#ifndef BASE_DIGITS_H
#define BASE_DIGITS_H

#include <glib.h>

/* Writes the digits of n so that they end before end, where 20 bytes must be free; returns their
 * first. No NUL is written. */
static inline char *
digits_before(char *end, guint64 n)
{
    do {
        *--end = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    return end;
}

#endif
