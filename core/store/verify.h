/* verify.h: the checks of `state verify`, inside core/store. */
#ifndef STORE_VERIFY_H
#define STORE_VERIFY_H

#include "store/sql.h"

/* Adds one sentence (char *) a problem; what can't be read is a problem too. */
void verify_state(Store *store, GPtrArray *problems);

#endif
