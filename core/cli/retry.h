/* retry.h: a request taken as far as a pass would, for `retry` and `link`. */
#ifndef CLI_RETRY_H
#define CLI_RETRY_H

#include "cli/session.h"

/* link NULL: tried again as it is. Returns the exit code. */
int retry_work(Session *session, gint64 id, const char *link, GError **error);

#endif
