/* witness.h: the part of `state verify` that asks Slack. */
#ifndef CLI_WITNESS_H
#define CLI_WITNESS_H

#include "cli/session.h"
#include "engine/witness.h"

/* Reads the threads (since as people write it; NULL: all of them) and tells on a terminal how far
 * it is. NULL when Slack cannot be read: nothing is proven then. Caller frees. */
WitnessReport *witness_ask(Session *session, const char *since, GError **error);
/* "24 threads read, …" for a sound state. Caller frees. */
char *witness_words(const WitnessReport *report);
/* The object "slack" of --json. */
cJSON *witness_json(const WitnessReport *report);

#endif
