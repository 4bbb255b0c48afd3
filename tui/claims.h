/* claims.h: tells the others which request this console looks at, and keeps saying it.
 *
 * A thread of its own writes the claim and its heartbeat, so that neither the screen nor a long
 * query on a worker delays them. */
#ifndef TUI_CLAIMS_H
#define TUI_CLAIMS_H

#include "engine/desk.h"

typedef struct Claims Claims;

Claims *claims_new(Desk *desk);
/* Takes back what is claimed, and waits for it. */
void claims_free(Claims *claims);
/* From now on this console looks at that request (0: at none); what: "looking", "deciding". Does
 * nothing when that is so already. */
void claims_want(Claims *claims, gint64 id, const char *what);

#endif
