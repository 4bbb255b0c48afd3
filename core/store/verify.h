/* verify.h: the checks of `state verify`, inside core/store. */
#ifndef STORE_VERIFY_H
#define STORE_VERIFY_H

#include "store/sql.h"

#define PROBLEMS_MAX 20 /* of one kind */

/* Adds one sentence (char *) a problem; what can't be read is a problem too. */
void verify_state(Store *store, GPtrArray *problems);

/* verify_schema.c: tables, indexes and triggers. */
void verify_schema(Store *store, GPtrArray *problems);
/* verify_evidence.c: the runs against their results and digests, messages against what was found.
 */
void verify_evidence(Store *store, GPtrArray *problems);

void verify_problem(GPtrArray *problems, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* A check that damage keeps from running is itself a finding. */
void verify_failure(GPtrArray *problems, const char *what, const GError *failure);

#endif
