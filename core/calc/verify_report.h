/* verify_report.h: the verdicts of the model as sentences, flags and parameters. */
#ifndef CALC_VERIFY_REPORT_H
#define CALC_VERIFY_REPORT_H

#include "calc/calc.h"
#include "calc/verify.h"

/* "2026-09-14". Caller frees. */
char *verify_day_name(gint32 julian);
/* Fills reasons, unusual, clean_days and parameters of a result whose amounts stand. */
void verify_report(CalcResult *result, const VerifyAccount *account,
                   const VerifyModelSettings *settings, const VerifyPlan *plan);

#endif
