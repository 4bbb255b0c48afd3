/* failpoint.c: the kill points of test builds; nothing of it is in any other. */
#include "base/failpoint.h"

#ifdef ENABLE_FAILPOINTS

#include <glib.h>
#include <signal.h>
#include <string.h>

void
failpoint(const char *name)
{
    static int passed; /* how often the named point was reached, over all threads */
    const char *wanted = g_getenv("CREDITBOT_FAILPOINT");
    gsize len = strlen(name);
    if (!wanted || strncmp(wanted, name, len) != 0 || (wanted[len] != '\0' && wanted[len] != '@'))
        return;
    gint64 which = wanted[len] == '@' ? g_ascii_strtoll(wanted + len + 1, NULL, 10) : 1;
    if (g_atomic_int_add(&passed, 1) + 1 == which)
        raise(SIGKILL);
}

#endif
