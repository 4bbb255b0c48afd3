/* fault.h: scripted faults: which request is spoilt, and how. See docs/sandbox.md for the kinds. */
#ifndef SANDBOX_FAULT_H
#define SANDBOX_FAULT_H

#include "server.h"

typedef struct {
    char *kind; /* of the first fault that is not mere latency; "latency_ms" when there is none */
    cJSON *spec;
    gint64 latency_ms;
} Fault;

/* Counts the request against all faults and returns those that strike now, as one; NULL when none
 * does. Caller frees. */
Fault *fault_match(Request *request);
void fault_free(Fault *fault);

/* TRUE when the service is not asked at all. NULL is no fault. */
gboolean fault_replaces(const Fault *fault);
/* What happens before and after the service's own work. */
void fault_before(const Fault *fault, Request *request, Answer *answer);
void fault_after(const Fault *fault, Request *request, Answer *answer);

/* Checks and stores one fault of the script. FALSE with a message when it makes no sense. */
gboolean fault_add(Db *db, const cJSON *spec, const char **message);

#endif
