/* console.c: `creditbot` alone: hands over to the console, where there is one and a terminal to
 * show it; without a configuration to the set-up; without a terminal it prints the queue. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <unistd.h>

#include "base/error.h"
#include "cli/parse.h"
#include "cli/session.h"
#ifdef HAVE_TUI
#include "tui/console.h"
#include "tui/setup.h"
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

char *
session_console_keys(const Session *session, GError **error)
{
#ifdef HAVE_TUI
    return console_keys(session->config, error);
#else
    (void)session;
    g_set_error(error, CREDITBOT_ERROR, ERR_USAGE,
                "this build has no console (--without-tui), and so no keys");
    return NULL;
#endif
}

/* Decided before anything is drawn. */
static gboolean
usable(GError **error)
{
#ifdef HAVE_TUI
    return console_usable(error);
#else
    g_set_error_literal(error, CREDITBOT_ERROR, ERR_USAGE,
                        "this build has no console (--without-tui)");
    return FALSE;
#endif
}

#ifdef HAVE_TUI
static const char *
theme_of(const Session *session)
{
    const char *theme = session->globals->theme;
    return !theme && session->globals->no_color ? "mono" : theme;
}

SetupWay
session_console_setup(Session *session, const char *slack_url, gboolean offer_demo, GError **error)
{
    static const SetupWay ways[] = {[SETUP_FAILED] = SETUP_WAY_FAILED,
                                    [SETUP_WRITTEN] = SETUP_WAY_WRITTEN,
                                    [SETUP_DEMO] = SETUP_WAY_DEMO,
                                    [SETUP_LEFT] = SETUP_WAY_LEFT};
    g_autofree char *path = session_config_path(session);
    g_autoptr(Config) present = config_parse("", "the environment", NULL, error);
    if (!present || (slack_url && !config_set(present, "slack", "base_url", slack_url, error)))
        return SETUP_WAY_FAILED;
    SetupOptions options = {.path = path,
                            .present = present,
                            .theme = theme_of(session),
                            .slack_url = slack_url,
                            .offer_demo = offer_demo};
    return ways[setup_run(&options, &session->setup_signal, error)];
}

static int
open_console(Session *session, GError **error)
{
    if (!session_desk(session, FALSE, error))
        return 2;
    ConsoleOptions options = {
        .theme = theme_of(session), .demo = session->globals->demo, .tips = TRUE};
    return console_run(session->desk, session->config, session->log, &options, error);
}

gboolean
session_console_logs(Session *session, const SessionLogs *logs, int *code, GError **error)
{
    if (!isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO) || !console_usable(NULL))
        return FALSE;
    ConsoleOptions options = {.theme = theme_of(session),
                              .demo = session->globals->demo,
                              .logs = logs->paths,
                              .log_pipe = logs->pipe_fd,
                              .log_level = logs->level,
                              .log_filter = logs->filter};
    *code = session_desk(session, FALSE, error)
                ? console_run(session->desk, session->config, session->log, &options, error)
                : 2;
    return TRUE;
}

static int
open_demo(Session *session, GError **error)
{
    const Globals *given = session->globals;
    Globals demo = *given;
    demo.demo = TRUE;
    session->globals = &demo;
    g_clear_pointer(&session->config, config_free);
    int code = session_config(session, error) ? open_console(session, error) : 2;
    session->globals = given;
    return code;
}

static int
first_run(Session *session, GError **error)
{
    switch (session_console_setup(session, NULL, TRUE, error)) {
    case SETUP_WAY_WRITTEN:
        g_clear_pointer(&session->config, config_free);
        return session_config(session, error) ? open_console(session, error) : 2;
    case SETUP_WAY_DEMO:
        return open_demo(session, error);
    case SETUP_WAY_LEFT:
        out_printf(session->out,
                   "Nothing was written. creditbot setup asks again, creditbot --demo needs no "
                   "configuration.\n");
        return session->setup_signal ? 128 + session->setup_signal : 0;
    default:
        return 2;
    }
}
#else
SetupWay
session_console_setup(Session *session, const char *slack_url, gboolean offer_demo, GError **error)
{
    (void)session;
    (void)slack_url;
    (void)offer_demo;
    usable(error);
    return SETUP_WAY_FAILED;
}

gboolean
session_console_logs(Session *session, const SessionLogs *logs, int *code, GError **error)
{
    (void)session;
    (void)logs;
    (void)code;
    (void)error;
    return FALSE;
}
#endif

/* The command with these words, as if it had been called so. */
static int
run_other(Session *session, const Command *command, char **words, GError **error)
{
    Globals globals = {0};
    g_autofree char **args = NULL;
    g_autofree void *options = g_malloc0(MAX(command->options_size, 1));
    int code = 2;
    if (parse_command(command, words, &globals, options, &args, error))
        code = command->func(session, options, args, error);
    parse_clear(command->options, options);
    return code;
}

/* Without a terminal: the queue as text, and how to get more. */
static int
print_queue(Session *session, const GError *why, GError **error)
{
    char list[] = "list", state[] = "--state", open[] = "open";
    char *words[] = {list, state, open, NULL};
    if (!session_store(session, error))
        return 2;
    if (!session->store && !session->globals->demo && !config_file(session->config)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "there is no configuration yet: creditbot setup, on a terminal, asks for it; "
                    "creditbot --demo list shows a desk that needs none");
        return 2;
    }
    int code = run_other(session, &command_list, words, error);
    if (code != 0)
        return code;
    out_line(session->out);
    out_text(session->out, ROLE_DIM, why->message);
    out_line(session->out);
    out_text(session->out, ROLE_DIM,
             "creditbot --batch makes a pass, creditbot show ID tells more of one, creditbot "
             "--help the rest.");
    out_line(session->out);
    return 0;
}

static int
run(Session *session, const void *options, char **args, GError **error)
{
    g_autoptr(GError) why = NULL;
    gboolean shown = usable(&why);
    (void)options;
    (void)args;
    if (session->globals->reset && !shown) {
        if (!session_config(session, error))
            return 2;
        out_printf(session->out, "The demo is made anew in %s.\n", demo_folder(session->demo));
        return 0;
    }
    if (!shown)
        return print_queue(session, why, error);
#ifdef HAVE_TUI
    if (!session_config(session, error))
        return 2;
    if (!session->globals->demo && !config_file(session->config))
        return first_run(session, error);
    return open_console(session, error);
#else
    return 2;
#endif
}

const Command command_console = {
    .name = "console",
    .help = "the console (the same as creditbot alone)",
    .about =
        "The queue, the requests, their history, runs and logs on a terminal of at least 80x24.\n"
        "Press ? there for help. Without a configuration it asks for one (creditbot setup);\n"
        "without a terminal it prints the queue as text.",
    .flags = 0,
    .func = run,
};
