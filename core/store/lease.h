/* lease.h: whether who holds something in the state is still there, inside core/store. */
#ifndef STORE_LEASE_H
#define STORE_LEASE_H

#include "store/sql.h"

/* TRUE for a holder of this host and boot whose process is gone, and for one elsewhere that has not
 * been heard of for 60 s. */
gboolean holder_gone(Store *store, const char *host, const char *boot, gint64 pid, gint64 start,
                     gint64 heartbeat);

#endif
