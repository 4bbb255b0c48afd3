/* events.h: the hash of an event, for writing and for verifying. */
#ifndef STORE_EVENTS_H
#define STORE_EVENTS_H

#include "store/model.h"

/* SHA-256 (lower-case hex) over the canonical form of docs/state.md: the previous hash ("" for the
 * first), id, at, request_id, actor, kind, from, to, detail, each as LENGTH:BYTES, and NULL as
 * "-,". Caller frees. */
char *event_hash(const char *previous, const Event *event);

#endif
