/* log_keeper.h: keeps log lines in the state, in batches, through a handle of its own.
 *
 * A log must never hold up or stop the work: lines are buffered, written about twice a second and
 * at the end, and dropped (and counted) when the state does not take them. */
#ifndef CLI_LOG_KEEPER_H
#define CLI_LOG_KEEPER_H

#include <glib.h>

#include "base/log.h"
#include "store/store.h"

typedef struct LogKeeper LogKeeper;

/* Adds itself to the log, which must outlive it. A state that exists is opened with the first line,
 * on the keeper's thread; until it opens, lines stay in the buffer. One that does not exist is made
 * at once: NULL with error when that fails. */
LogKeeper *log_keeper_start(const StoreOptions *options, Log *log, GError **error);
/* Writes what is left. Nothing may be logged afterwards. FALSE with error: lines were lost, and
 * why. NULL accepted. */
gboolean log_keeper_stop(LogKeeper *keeper, GError **error);

#endif
