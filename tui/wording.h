/* wording.h: how the desk's facts read on a screen: ages, states, notes, in a few words.
 *
 * Pure functions of their arguments; text may still be hostile (the grid prints it safely). Callers
 * free what is returned, unless said otherwise. */
#ifndef TUI_WORDING_H
#define TUI_WORDING_H

#include <glib.h>
#include "base/config.h"
#include "store/model.h"
#include "tui/theme.h"

/* What a row's wording depends on besides the row. */
typedef struct {
    gint64 now;               /* microseconds */
    const char *const *tiers; /* [approval] tiers, borrowed; NULL: none */
    gint64 second_above;      /* micro-units; -1: one approval is enough */
    gint64 attempts;          /* [retry] attempts */
    gint64 late;              /* microseconds after which a request is late, and very late */
    gint64 very_late;
    GPtrArray *progress; /* Progress *, borrowed; may be NULL */
    GPtrArray *claims;   /* Claim *, borrowed; may be NULL */
    gboolean ascii;
} Facts;

void facts_from_config(Facts *facts, const Config *config);
/* Progress of a request; NULL: none. Borrowed. */
const Progress *facts_progress(const Facts *facts, gint64 request_id);

/* Who else looks at a request, the first of them: "mara"; NULL: nobody. Borrowed. */
const char *facts_claimed(const Facts *facts, gint64 request_id);
/* The same as a sentence: "mara and 1 more look at it"; NULL: nobody. */
char *wording_claim(const Facts *facts, gint64 request_id);

/* "" , "!" (late) and the role of the age. Borrowed. */
const char *wording_age_sign(gint64 age, const Facts *facts, Role *role);
/* "45 minutes", "2 hours", "1d2h" */
char *wording_span(gint64 span);
/* "8m ago", "just now", "in 12m"; "never" for 0. */
char *wording_ago(gint64 at, gint64 now);
/* "14:05:09" today, "12 Sep 14:05" before; UTC. */
char *wording_time(gint64 at, gint64 now);
/* "14 Sep" from "2026-09-14"; anything else as it is. */
char *wording_day(const char *day);
/* "approved 1/2", "failed 1/3", "posts in 8s" */
char *wording_state(const Request *request, const Facts *facts, Role *role);
/* Why it is worth a look, or what it waits for. */
char *wording_note(const Request *request, const Facts *facts, Role *role);
/* "3.1%": half of the interval in proportion to the amount; "-" when there is none. */
char *wording_interval(const Request *request);
/* "12,480.50"; "-" when there is none. */
char *wording_amount(const Request *request);
/* The name that people know the customer by; "-" when unknown. Borrowed. */
const char *wording_customer(const Request *request);
/* "Verify" from "verify". */
char *wording_product(const char *product);
/* "[######..] 62%" */
char *wording_bar(double percent, int width);
/* "1,204,310" */
char *wording_count(gint64 n);
/* "62%, 1,204,310 rows, 14s" */
char *wording_progress(const Progress *progress, gint64 now);

/* "20x5 is too small; 60x16 is enough", or the numbers alone where so many columns are too few for
 * it. Caller frees. */
char *wording_too_small(int width, int height, int min_width, int min_height);

#endif
