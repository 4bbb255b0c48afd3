/* failpoint.c: the kill points of test builds; nothing of it is in any other. */
#include "base/failpoint.h"

#ifdef ENABLE_FAILPOINTS

#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* One write a line: also of many threads none is torn. */
static void
trace(const char *file, const char *name)
{
    g_autofree char *line = g_strconcat(name, "\n", NULL);
    gsize len = strlen(line);
    int fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0 || write(fd, line, len) != (gssize)len)
        g_error("cannot write %s", file);
    close(fd);
}

void
failpoint(const char *name)
{
    static int passed; /* how often the named point was reached, over all threads */
    const char *wanted = g_getenv("CREDITBOT_FAILPOINT");
    const char *file = g_getenv("CREDITBOT_FAILPOINT_TRACE");
    gsize len = strlen(name);
    if (file)
        trace(file, name);
    if (!wanted || strncmp(wanted, name, len) != 0 || (wanted[len] != '\0' && wanted[len] != '@'))
        return;
    gint64 which = wanted[len] == '@' ? g_ascii_strtoll(wanted + len + 1, NULL, 10) : 1;
    if (g_atomic_int_add(&passed, 1) + 1 == which)
        raise(SIGKILL);
}

#endif
