/* evidence.h: what `show` prints of a request's evidence instead of everything about it. */
#ifndef CLI_EVIDENCE_H
#define CLI_EVIDENCE_H

#include "cli/session.h"

/* Each with the desk open; 0, or 1 with an error. run: 0 is the one that counts. */
int evidence_print(Session *session, gint64 id, gint64 run, const char *folder, GError **error);
/* ERR_STORE (exit code 5) when something is not as it was. */
int evidence_verify(Session *session, gint64 id, GError **error);
int evidence_to_sign(Session *session, gint64 id, gint64 run, GError **error);

#endif
