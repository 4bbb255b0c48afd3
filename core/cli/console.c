/* console.c: `creditbot` alone: hands over to the console, where there is one and a terminal to
 * show it. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <unistd.h>

#include "base/error.h"
#include "cli/session.h"
#ifdef HAVE_TUI
#include "tui/console.h"
#endif

gboolean
session_console_check(const Session *session, GError **error)
{
#ifdef HAVE_TUI
    return console_check(session->config, error);
#else
    (void)session;
    (void)error;
    return TRUE;
#endif
}

static gboolean
has_terminal(void)
{
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

static int
run(Session *session, const void *options, char **args, GError **error)
{
    (void)options;
    (void)args;
    if (session->globals->reset && !has_terminal()) {
        if (!session_config(session, error))
            return 2;
        out_printf(session->out, "The demo is made anew in %s.\n", demo_folder(session->demo));
        return 0;
    }
#ifdef HAVE_TUI
    if (has_terminal()) {
        if (!session_desk(session, FALSE, error))
            return 2;
        const char *theme = session->globals->theme;
        ConsoleOptions options_of = {.theme = !theme && session->globals->no_color ? "mono" : theme,
                                     .demo = session->globals->demo};
        return console_run(session->desk, session->config, session->log, &options_of, error);
    }
    const char *why = "the console needs a terminal";
#else
    const char *why = "this build has no console (--without-tui)";
#endif
    g_set_error(error, CREDITBOT_ERROR, ERR_USAGE,
                "%s; creditbot --batch makes one pass, creditbot --help tells the commands", why);
    return 2;
}

const Command command_console = {
    .name = "console",
    .help = "the console (the same as creditbot alone)",
    .about =
        "The queue, the requests, their history, runs and logs on a terminal of at least 80x24.\n"
        "Press ? there for help.",
    .flags = 0,
    .func = run,
};
