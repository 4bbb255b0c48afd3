/* interop_report.c: one line a check, as tests/interop/run counts them. */
#include "interop_report.h"
#include <stdio.h>
#include <string.h>

gboolean
report_check(Report *report, gboolean ok, GError **error, const char *name)
{
    const char *why = error && *error ? (*error)->message : "not so";
    if (ok)
        printf("ok %s: %s\n", report->group, name);
    else
        printf("FAIL %s: %s: %s\n", report->group, name, why);
    fflush(stdout);
    report->failed += !ok;
    if (error)
        g_clear_error(error);
    return ok;
}

gboolean
report_same(Report *report, const char *have, const char *want, const char *name)
{
    g_autoptr(GError) error = NULL;
    gboolean ok = g_strcmp0(have, want) == 0;
    if (!ok)
        g_set_error(&error, g_quark_from_static_string("interop"), 0, "\n have: %s\n want: %s",
                    have ? have : "(nothing)", want ? want : "(nothing)");
    return report_check(report, ok, &error, name);
}

void
report_skip(const Report *report, const char *name, const char *why)
{
    printf("skip %s: %s: %s\n", report->group, name, why);
    fflush(stdout);
}
