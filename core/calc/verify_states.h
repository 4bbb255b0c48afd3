/* verify_states.h: which state each day of a segment is in: a hidden Markov model. */
#ifndef CALC_VERIFY_STATES_H
#define CALC_VERIFY_STATES_H

#include "calc/verify_fit.h"

/* Learns the baseline and the states in turn until they agree, from several starts, and keeps the
 * most likely. Fills the sheet's fit and posteriors. */
void states_learn(Sheet *sheet, const Pool *pool);

#endif
