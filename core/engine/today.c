/* today.c: what a person approved since midnight UTC. */
#include "engine/desk_private.h"

#define DAY (24 * (gint64)3600 * G_USEC_PER_SEC)

gboolean
today_of(Desk *desk, const char *person, gint64 uid, gint64 *amount, gint64 *count, GError **error)
{
    gint64 now = desk_now(desk);

    return store_approved_since(desk->store, person, uid, now - now % DAY, amount, count, error);
}
