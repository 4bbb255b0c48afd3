/* raw.h: answers that no HTTP library would make, byte by byte. */
#ifndef SANDBOX_RAW_H
#define SANDBOX_RAW_H

#include "server.h"

/* What goes over the wire in the place of the answer, for a kind of the table in docs/sandbox.md:
 * http10 bad_chunks long_length short_length gzip big_header not_http. NULL: no such kind. Caller
 * frees. */
GString *raw_make(const char *kind, const Answer *answer);

#endif
