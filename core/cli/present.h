/* present.h: how requests, money and time read in text output. */
#ifndef CLI_PRESENT_H
#define CLI_PRESENT_H

#include <glib.h>

#include "base/query.h"
#include "cli/out.h"
#include "store/model.h"

Role present_state_role(RequestState state);
/* "12,480.50 USD", "-" when there is none. Caller frees. */
char *present_amount(const Request *request);
char *present_money(gint64 micro, const char *currency);
/* Customer, else who asked, else "-". Borrowed. */
const char *present_customer(const Request *request);
/* Why it stands where it stands, in a few words: error, unusual checks, note. Caller frees. */
char *present_note(const Request *request);
/* "2026-09-14 08:30:00 UTC"; "-" for 0. Caller frees. */
char *present_time(gint64 at);
/* "pending,failed" and repeated words to STATE_BIT()s; "open" and "closed" stand for groups. */
gboolean present_states(char **words, guint *states, GError **error);
/* --filter: a query over the fields of requests; *query NULL without a text. ERR_USAGE as
 * query_parse(). */
gboolean present_query(const char *text, gint64 now, Query **query, GError **error);
/* A bar of n of most, at most columns wide, in ASCII. Caller frees. */
char *present_bar(gint64 n, gint64 most, int columns);

#endif
