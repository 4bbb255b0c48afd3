/* counts.h: the kept counts and sums in SQL, for the triggers that keep them, for counting anew and
 * for verifying them; inside core/store.
 *
 * Money is summed as units and micros apart, so that a sum can't overflow. Of a request that was
 * corrected, its newest posted correction alone is in the sums; the volume of a day counts
 * messages, so no corrections. */
#ifndef STORE_COUNTS_H
#define STORE_COUNTS_H

#include "store/sql.h"

/* r: the row's name, "NEW", "OLD" or an alias. */
#define COUNT_MONEY(r)    "iif(" r ".corrected_by IS NULL, ifnull(" r ".amount, 0), 0)"
#define COUNT_UNITS(r)    "(" COUNT_MONEY(r) " / 1000000)"
#define COUNT_MICROS(r)   "(" COUNT_MONEY(r) " % 1000000)"
#define COUNT_CURRENCY(r) "ifnull(" r ".currency, '')"
#define COUNT_ONE(r)      "iif(" r ".corrects IS NULL, 1, 0)"

/* Days since 1970 (UTC): of receipt ('in'), and on which it was decided or given up ('out'). */
#define COUNT_DAY_IN(r) "(" r ".received_at / 86400000000)"
#define COUNT_DAY_OUT(r)                                                                           \
    "(iif(" r ".state = 'posted', " r ".posted_at, " r ".state_at) / 86400000000)"
#define COUNT_IS_OUT(r) "(" r ".state IN ('posted', 'rejected', 'ignored', 'dead'))"

/* What the tables must hold. */
#define COUNT_TOTALS                                                                               \
    "SELECT q.state AS state, " COUNT_CURRENCY(                                                    \
        "q") " AS currency, count(*) AS count, "                                                   \
             "sum(" COUNT_UNITS("q") ") AS units, sum(" COUNT_MICROS(                              \
                 "q") ") AS micros "                                                               \
                      "FROM requests q GROUP BY 1, 2"
#define COUNT_SIDE(day, side)                                                                      \
    "SELECT " day " AS day, '" side                                                                \
    "' AS side, q.state AS state, " COUNT_CURRENCY("q") " AS currency, sum(" COUNT_ONE(            \
        "q") ") AS count, "                                                                        \
             "sum(" COUNT_UNITS("q") ") AS units, sum(" COUNT_MICROS(                              \
                 "q") ") AS micros FROM requests q "
#define COUNT_ACTIVITY                                                                             \
    COUNT_SIDE(COUNT_DAY_IN("q"), "in")                                                            \
    "GROUP BY 1, 3, 4 UNION ALL " COUNT_SIDE(COUNT_DAY_OUT("q"),                                   \
                                             "out") "WHERE " COUNT_IS_OUT("q") " GROUP BY 1, 3, 4"
#define COUNT_ANEW                                                                                 \
    "DELETE FROM totals; DELETE FROM activity;"                                                    \
    "INSERT INTO totals " COUNT_TOTALS ";"                                                         \
    "INSERT INTO activity " COUNT_ACTIVITY ";"

/* Units and micros as one number; beyond the range of a gint64 it stops at its end. */
gint64 counts_sum(gint64 units, gint64 micros);
/* The currency that most requests have; NULL: none. Caller frees. */
char *counts_currency(Store *store);
/* Of gint64s, which it sorts; -1: there are none. */
gint64 counts_median(GArray *times);

#endif
