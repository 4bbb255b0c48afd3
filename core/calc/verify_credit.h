/* verify_credit.h: how many attempts of the attacked days were honest, and what the rest cost. */
#ifndef CALC_VERIFY_CREDIT_H
#define CALC_VERIFY_CREDIT_H

#include "calc/verify_fit.h"

typedef struct {
    const Sheet *sheet;
    const gboolean *attacked; /* by day of the sheet */
    const double *unit;       /* cost of one attempt, micro-units, by day */
    /* found */
    double *honest;   /* by day; only attacked days are written */
    double mean, var; /* posterior of the fraudulent cost; var without doubt about the states */
    double attacker[N_ATTACKER_RATES]; /* log likelihood of each attackers' rate */
    double attacker_mean;
} Credit;

/* Honest attempts from conversions and volume together, over all rates that attackers may have. */
void credit_estimate(Credit *credit, const Pool *pool);

#endif
