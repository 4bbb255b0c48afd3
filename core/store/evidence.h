/* evidence.h: what an approval is sealed to. */
#ifndef STORE_EVIDENCE_H
#define STORE_EVIDENCE_H

#include "store/model.h"

/* The canonical text of docs/architecture.md ("Evidence"): of the request its channel, ts, text,
 * link and what it corrects, of the run the rest. Caller frees. */
char *evidence_form(const Request *request, const Run *run);
/* Its SHA-256 in lower-case hex. Caller frees. */
char *evidence_digest(const Request *request, const Run *run);

/* Gives a request (a copy) the text and link that it had when the run was made: an edit or a new
 * link since then left in its event what was before. events: Event *, all of the request, newest
 * first. FALSE: it was edited since, and a version that did not keep what was before noted it. */
gboolean evidence_rewind(Request *request, const Run *run, const GPtrArray *events);

#endif
