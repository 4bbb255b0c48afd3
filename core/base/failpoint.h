/* failpoint.h: named places where a test build can be made to die (./configure
 * --enable-failpoints).
 *
 * CREDITBOT_FAILPOINT="post:after-intent" kills the process with SIGKILL when it gets there for the
 * first time, "post:after-intent@3" for the third. CREDITBOT_FAILPOINT_TRACE=FILE adds a line with
 * the name of each point that is reached. In any other build the macro is nothing. */
#ifndef BASE_FAILPOINT_H
#define BASE_FAILPOINT_H

/* In angle brackets: "config.h" would be base/config.h, this file's neighbour. */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#ifdef ENABLE_FAILPOINTS
void failpoint(const char *name);
#else
#define failpoint(name) ((void)0)
#endif

#endif
