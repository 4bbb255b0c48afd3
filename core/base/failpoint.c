/* failpoint.c: dies at a named place, in test builds only. */
#include "base/failpoint.h"

#ifdef ENABLE_FAILPOINTS

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>

static gint hits;

void
failpoint(const char *name)
{
    const char *wanted = g_getenv("CREDITBOT_FAILPOINT");
    gsize len = strlen(name);

    if (!wanted || strncmp(wanted, name, len) != 0)
        return;
    if (wanted[len] != '\0' && wanted[len] != '@')
        return;
    int nth = wanted[len] == '@' ? atoi(wanted + len + 1) : 1;
    if (g_atomic_int_add(&hits, 1) + 1 == nth)
        kill(getpid(), SIGKILL);
}

#else
typedef int failpoint_is_off; /* a translation unit is never empty */
#endif
