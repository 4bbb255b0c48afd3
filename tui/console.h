/* console.h: the console: the desk on a terminal. */
#ifndef TUI_CONSOLE_H
#define TUI_CONSOLE_H

#include <glib.h>
#include "base/config.h"
#include "base/log.h"
#include "engine/desk.h"

typedef struct {
    const char *theme; /* NULL: [tui] theme; NO_COLOR means "mono" unless a theme is named here */
    gboolean demo;     /* said on the first line */
    gboolean tips;     /* the next useful step is told, until the operator dismisses it for ever */
    /* Begins with these log files; "@desk" is the state's own log, "-" what log_pipe gives. */
    const char *const *logs; /* NULL: with the queue */
    int log_pipe;            /* taken where logs is set; -1: none */
    int log_level;           /* the least that is shown */
    const char *log_filter;  /* NULL: none */
} ConsoleOptions;

/* Runs until the operator leaves or a signal ends it; returns the exit code of the program: 0, or
 * 128 + the signal. -1 with error set when it could not start: ERR_USAGE without a usable terminal,
 * ERR_CONFIG for a theme, a key or an unknown terminal. Nothing may write to the terminal
 * meanwhile. desk, config and log are borrowed. */
int console_run(Desk *desk, const Config *config, Log *log, const ConsoleOptions *options,
                GError **error);
/* FALSE with the reason when there is no terminal to show it on: decided before any curses call. */
gboolean console_usable(GError **error);
/* FALSE where console_run() would refuse [tui] theme, or an action or a key in [keys]. */
gboolean console_check(const Config *config, GError **error);
/* The keys in force in the language of [keys]. Caller frees; NULL with error as above. */
char *console_keys(const Config *config, GError **error);

#endif
