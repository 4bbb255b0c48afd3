/* filter.h: the SQL of a RequestFilter, inside core/store. */
#ifndef STORE_FILTER_H
#define STORE_FILTER_H

#include "base/query.h"
#include "store/sql.h"

/* "contains(folded, text, …)" and "begins(…)": TRUE when one of the texts holds what query_fold()
 * made, or begins with it; "fold(text)" is that function; "matches(regex, text, …)": when the bound
 * GRegex matches one. */
void filter_register(Store *store);
/* The statement of a filter with its parameters bound; NULL on error. */
Statement *filter_prepare(Store *store, const RequestFilter *filter, GError **error);
/* The same rows, in no order and without pages: currency, what is posted and counts (or NULL),
 * decided_at, received_at of each. */
Statement *filter_prepare_totals(Store *store, const RequestFilter *filter, GError **error);

/* -- the making of it -- */

/* More candidates than this are not collected: they are found often enough while walking. */
#define MOST_HITS 5000

/* Conditions and their parameters, numbered from 1 as they come. */
typedef struct {
    Store *store;
    GString *where; /* " AND …" */
    GArray *binds;
    gboolean texts; /* a condition reads request_texts t */
    char *hits;     /* subselect of the ids of all rows that can pass; NULL: too many */
    gint64 n_hits;
} Plan;
int plan_int(Plan *plan, gint64 value);
int plan_text(Plan *plan, const char *text); /* copied */
int plan_regex(Plan *plan, GRegex *regex);   /* referenced */
void plan_bind(const Plan *plan, Statement *statement);
/* The ids that a subselect gives are all that can pass: kept when there are few. */
gboolean plan_offer(Plan *plan, const char *subselect, GError **error);

/* filter_terms.c: adds the conditions of a query's terms, and of a plain needle. */
gboolean filter_add_query(Plan *plan, const Query *query, GError **error);
gboolean filter_add_grep(Plan *plan, const char *needle, GError **error);

#endif
