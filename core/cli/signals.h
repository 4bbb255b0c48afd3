/* signals.h: SIGINT, SIGTERM and SIGHUP become one cancel token.
 *
 * The first one fires the token; later ones change nothing: a second Ctrl-C never cuts a write.
 * When the program has not ended within the grace time all the same, it ends there and then: the
 * state is transactional and every post has its intent on disk, so even that leaves nothing half
 * done. */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <glib.h>

#include "base/cancel.h"

typedef struct Signals Signals;

/* Blocks the signals in the calling thread and in all that it starts from now on: call it before
 * any other thread runs. */
Signals *signals_start(Cancel *cancel);
void signals_stop(Signals *signals); /* they stay blocked: the program is ending. NULL accepted */
int signals_received(const Signals *signals); /* the first one; 0: none. NULL accepted */

#endif
