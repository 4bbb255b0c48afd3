/* interop_report.h: one line a check, as tests/interop/run counts them. */
#ifndef TESTS_INTEROP_REPORT_H
#define TESTS_INTEROP_REPORT_H

#include <glib.h>

typedef struct {
    const char *group; /* said before each check */
    int failed;
} Report;

/* "ok NAME" or "FAIL NAME: why". Returns ok. error (may be NULL) is the why and is cleared. */
gboolean report_check(Report *report, gboolean ok, GError **error, const char *name);
/* Both texts are equal; says both when they are not. */
gboolean report_same(Report *report, const char *have, const char *want, const char *name);
void report_skip(const Report *report, const char *name, const char *why);

#endif
