/* filter.h: the SQL of a RequestFilter. */
#ifndef STORE_FILTER_H
#define STORE_FILTER_H

#include "store/sql.h"

/* "contains(needle, text, …)": TRUE when one of the texts holds needle, whatever its case. */
void filter_register(Store *store);
/* The statement of a filter with its parameters bound; NULL on error. */
Statement *filter_prepare(Store *store, const RequestFilter *filter, GError **error);

#endif
