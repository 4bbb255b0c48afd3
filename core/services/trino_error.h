/* trino_error.h: an engine's own error (QueryError of trino.io client-protocol) as ours. */
#ifndef SERVICES_TRINO_ERROR_H
#define SERVICES_TRINO_ERROR_H

#include <glib.h>
#include "base/json.h"
#include "base/log.h"

/* USER_ERROR → ERR_INPUT with line and column, the other types → ERR_BUSY; a few names have codes
 * of their own. label: the warehouse, for people; a secret that log knows is taken out of the
 * engine's words. Always sets error. */
void trino_error(const cJSON *failure, const char *label, Log *log, GError **error);

#endif
