/* setup.h: the first run: asks for the few values that are needed, tests them, writes the file. */
#ifndef TUI_SETUP_H
#define TUI_SETUP_H

#include <glib.h>
#include "base/config.h"

typedef struct {
    const char *path;      /* of the file that is to be written; must not exist */
    const Config *present; /* what the environment gives already; borrowed */
    const char *theme;     /* NULL: the default; as ConsoleOptions */
    const char *slack_url; /* another Slack API than [slack] base_url's default; NULL: none */
    gboolean offer_demo;   /* the demo is one of the ways on */
} SetupOptions;

typedef enum {
    SETUP_FAILED,  /* error is set */
    SETUP_WRITTEN, /* the file is there */
    SETUP_DEMO,    /* the operator wants the demo instead; nothing was written */
    SETUP_LEFT,    /* the operator left; nothing was written */
} SetupEnd;

/* Asks on the terminal until the operator has decided. ERR_USAGE without a usable terminal,
 * ERR_CONFIG for a theme, or when there is a file at the path already. *signo (may be NULL): the
 * signal that ended it, 0: none. */
SetupEnd setup_run(const SetupOptions *options, int *signo, GError **error);

#endif
