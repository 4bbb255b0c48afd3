/* main.c: entry of the program: makes the process safe, reads the command line, runs one command.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/parse.h"
#include "cli/session.h"

/* No core dump, no debugger of another process: secrets are in our memory. Not under a sanitiser,
 * which needs to look into its own process. */
static void
lock_memory(void)
{
#if !defined(__SANITIZE_ADDRESS__)
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
#endif
}

/* A standard descriptor that is closed would be taken by the first file opened: the state. */
static void
hold_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
            _exit(2);
    }
}

static void
print_error(const GError *error, gboolean colour)
{
    g_autoptr(Out) err = out_new(STDERR_FILENO, colour);
    out_text(err, ROLE_BAD, "creditbot:");
    out_printf(err, " ");
    out_text(err, ROLE_PLAIN, error->message);
    out_line(err);
    out_flush(err, NULL);
}

static const Command *
choose(const Globals *globals, char **rest, GError **error)
{
    const char *name = rest[0];
    if (globals->batch && name) {
        g_set_error(error, CREDITBOT_ERROR, ERR_USAGE,
                    "--batch takes no command, but '%s' was given", name);
        return NULL;
    }
    if (!name)
        return globals->batch ? &command_batch : &command_console;
    const Command *command = command_find(name);
    if (command)
        return command;
    const char *nearest = command_nearest(name);
    g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "no command '%s'%s%s%s; see creditbot --help",
                name, nearest ? ": did you mean '" : "", nearest ? nearest : "",
                nearest ? "'?" : "");
    return NULL;
}

static gboolean
check_words(const Command *command, const Globals *globals, char **args, GError **error)
{
    guint n = g_strv_length(args);
    const char *wrong = NULL;
    gint64 id;
    if (n < command->min_args)
        wrong = "something is missing";
    else if (n > command->max_args)
        wrong = "too many words";
    else if (globals->json && !(command->flags & CMD_JSON))
        wrong = "it has no --json";
    else if (globals->max < 0)
        wrong = "--max wants a positive number";
    else if (globals->max && !(command->flags & CMD_PASS))
        wrong = "--max goes with a pass only";
    else if (globals->reset && !globals->demo)
        wrong = "--reset goes with --demo only";
    else if (globals->demo && globals->config)
        wrong = "--demo has its own configuration: leave --config out";
    else if (command->flags & CMD_NEEDS_ID)
        return session_id(args[0], &id, error);
    if (!wrong)
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "%s%s%s: %s; see creditbot %s --help",
                command->name, command->args ? " " : "", command->args ? command->args : "", wrong,
                command->name);
    return FALSE;
}

static int
run_command(const Command *command, Globals *globals, char **words, GError **error)
{
    g_autofree char **args = NULL;
    g_autofree void *options = g_malloc0(MAX(command->options_size, 1));
    char nothing[] = "", *none[] = {nothing, NULL};
    int code = 0;
    if (parse_command(command, words[0] ? words : none, globals, options, &args, error)) {
        Session session = {.globals = globals, .command = command};
        g_autoptr(GError) failure = NULL;
        session.out = out_new(STDOUT_FILENO, !globals->no_color);
        if (globals->help) {
            command_help(session.out, command);
        } else if (check_words(command, globals, args, &failure) &&
                   session_open(&session, &failure)) {
            code = command->func(&session, options, args, &failure);
        }
        out_flush(session.out, failure ? NULL : &failure);
        if (failure)
            code = session_stopped(&session, error_exit_code(failure));
        session_close(&session);
        out_free(session.out);
        if (failure)
            g_propagate_error(error, g_steal_pointer(&failure));
    }
    parse_clear(command->options, options);
    return code;
}

/* --help and --version need no command. */
static gboolean
run_plain(const Globals *globals, char **rest, GError **error)
{
    if (!globals->version && !(globals->help && !rest[0] && !globals->batch))
        return FALSE;
    g_autoptr(Out) out = out_new(STDOUT_FILENO, !globals->no_color);
    if (globals->version)
        out_printf(out, "creditbot %s\n", PACKAGE_VERSION);
    else
        command_help_all(out);
    out_flush(out, error);
    return TRUE;
}

int
main(int argc, char **argv)
{
    lock_memory();
    hold_descriptors();
    umask(077);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file at its limit is an error to be told, like a full disk */
    setlocale(LC_CTYPE, "");
    Globals globals = {0};
    g_autofree char **rest = NULL;
    g_autoptr(GError) error = NULL;
    int code = 0;
    if (parse_globals(argc, argv, &globals, &rest, &error) && !run_plain(&globals, rest, &error)) {
        const Command *command = choose(&globals, rest, &error);
        if (command)
            code = run_command(command, &globals, rest, &error);
    }
    if (error) {
        print_error(error, !globals.no_color);
        if (code == 0)
            code = error_exit_code(error);
    }
    parse_clear(global_options, &globals);
    return code;
}
