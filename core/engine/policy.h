/* policy.h: how many persons approve a result, and why so many.
 *
 * [approval] tiers=AMOUNT:APPROVERS[:GROUP];… from that amount on, inclusive; the last tier that is
 * reached counts. second_above: two persons strictly above it. Both are plain numbers in the
 * currency of the run. */
#ifndef ENGINE_POLICY_H
#define ENGINE_POLICY_H

#include "engine/desk.h"

typedef struct {
    gint64 amount;     /* that decides: the larger of what the post gives and what it takes back */
    gint64 together;   /* with the requests that are counted together with it */
    char *others;      /* those: "4, 7 and 9"; NULL: none */
    gint64 need;       /* persons in all, at least 1 */
    const char *group; /* of which one must be; borrowed from the configuration. NULL: of none */
    char *tier;        /* "from 5,000.00 USD two approve, one of seniors"; NULL: one alone */
    char *split;       /* why it is in a higher tier than by itself; NULL: it is not */
} Policy;
void policy_clear(Policy *policy);
/* What holds for the result of a run of a request now. ERR_CONFIG as policy_check(). */
gboolean policy_of(Desk *desk, const Request *request, const Run *run, Policy *policy,
                   GError **error);
/* What [approval] and [group.*] ask for can be met: else ERR_CONFIG names the key and its place. */
gboolean policy_check(const Config *config, GError **error);
/* "mode=required; one approves; from 5,000.00 two approve, one of seniors (ines or juri)". Of what
 * policy_check() accepted. Caller frees. */
char *policy_words(const Config *config);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Policy, policy_clear)

#endif
