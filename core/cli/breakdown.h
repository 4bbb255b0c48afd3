/* breakdown.h: a calculation as text: by country, by day, and in sentences. */
#ifndef CLI_BREAKDOWN_H
#define CLI_BREAKDOWN_H

#include "calc/calc.h"
#include "cli/out.h"

/* days: every attacked day too. */
void breakdown_print(Out *out, const CalcResult *result, gboolean days);

#endif
