/* cmocka_base.h: what every unit test of core/base includes first. */
#ifndef TESTS_UNIT_BASE_CMOCKA_BASE_H
#define TESTS_UNIT_BASE_CMOCKA_BASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>
#include <string.h>

/* The same sequence on every machine, other than rand(). */
static inline guint64
next_random(guint64 *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

#define assert_has(text, part)                                                                     \
    do {                                                                                           \
        if (!strstr((text), (part)))                                                               \
            fail_msg("'%s' is not in: %s", (part), (text));                                        \
    } while (0)

#endif
