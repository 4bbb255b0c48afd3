/* verify_credit.h: how many attempts of the attacked days were honest, and what the rest cost. */
#ifndef CALC_VERIFY_CREDIT_H
#define CALC_VERIFY_CREDIT_H

#include "calc/verify_fit.h"

typedef struct {
    const Sheet *sheet;
    const gboolean *attacked; /* by day of the sheet */
    const double *unit;       /* cost of one attempt, micro-units, by day */
    /* found */
    double *honest; /* by day; only attacked days are written */
    double total;   /* posterior median of the fraudulent cost, micro-units */
    double branch_mean[N_ATTACKER_RATES], branch_var[N_ATTACKER_RATES];
    double branch_weight[N_ATTACKER_RATES]; /* posterior of the attackers' rate */
    double attacker[N_ATTACKER_RATES];      /* log likelihood of each attackers' rate */
} Credit;

/* Honest attempts from conversions and volume together, over all rates that attackers may have. */
void credit_estimate(Credit *credit, const Pool *pool);
/* Quantile of the fraudulent cost, its variance widened by what else is in doubt. */
double credit_quantile(const Credit *credit, double probability, double extra_var);

#endif
