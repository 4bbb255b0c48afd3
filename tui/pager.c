/* pager.c: other programs: one that has the terminal for a while, one that does not need it. */
#include "tui/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <glib/gstdio.h>
#include "base/config.h"
#include "base/error.h"
#include "base/outfile.h"
#include "base/text.h"

#define LOOK_EVERY 100 /* milliseconds */

/* Signals that the keys of the pager send to us too: they are the pager's alone. */
static const int shared_signals[] = {SIGINT, SIGQUIT, SIGTSTP};

/* -- the file -- */

static char *
file_name(void)
{
    const char *runtime = g_get_user_runtime_dir();
    gboolean usable = g_access(runtime, W_OK | X_OK) == 0;
    g_autofree char *unique = g_uuid_string_random();
    g_autofree char *name = g_strdup_printf("creditbot-%.8s.txt", unique);
    return g_build_filename(usable ? runtime : g_get_tmp_dir(), name, NULL);
}

char *
pager_file(const char *text, GError **error)
{
    g_autofree char *clean = text_printable(text, -1, TEXT_MULTILINE), *path = file_name();
    gsize len = strlen(clean);
    gboolean ended = len == 0 || clean[len - 1] == '\n';
    g_autoptr(OutFile) file = outfile_new(path, error);
    if (!file || !outfile_write(file, clean, len, error) ||
        (!ended && !outfile_write(file, "\n", 1, error)) || !outfile_done(file, FALSE, error))
        return NULL;
    return g_steal_pointer(&path);
}

/* -- the program -- */

/* In the child, before exec: as a program expects to be started. */
static void
as_usual(gpointer data)
{
    (void)data;
    for (gsize i = 0; i < G_N_ELEMENTS(shared_signals); i++)
        signal(shared_signals[i], SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
}

static char **
pager_argv(const char *path, GError **error)
{
    const char *pager = g_getenv("PAGER");
    gint n = 0;
    g_auto(GStrv) words = NULL;
    g_autoptr(GError) cause = NULL;
    if (!pager || !*pager)
        pager = "less";
    if (!g_shell_parse_argv(pager, &n, &words, &cause)) {
        g_autofree char *shown = text_printable(pager, -1, TEXT_LINE);
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG, "PAGER=%.80s: %s", shown, cause->message);
        return NULL;
    }
    char **argv = g_new0(char *, (gsize)n + 2);
    for (gint i = 0; i < n; i++)
        argv[i] = g_strdup(words[i]);
    argv[n] = g_strdup(path);
    return argv;
}

/* less -F would be gone before a short text was read. */
static char **
pager_environment(void)
{
    char **env = g_environ_setenv(config_child_environment(), "LESSSECURE", "1", TRUE);
    const char *less = g_environ_getenv(env, "LESS");
    g_autofree char *stays = less ? g_strconcat(less, " -+F", NULL) : NULL;
    return stays ? g_environ_setenv(env, "LESS", stays, TRUE) : env;
}

/* Waits for the pager; a stop of it (Ctrl-Z) is a stop of the whole job. */
static int
wait_for(GPid pid, int wake_fd, PagerMeanwhile meanwhile, gpointer data)
{
    int status = 0;
    for (;;) {
        pid_t found = waitpid(pid, &status, WNOHANG | WUNTRACED);
        if (found == pid && WIFSTOPPED(status)) {
            kill(getpid(), SIGSTOP);
            kill(pid, SIGCONT);
            continue;
        }
        if (found == pid || (found < 0 && errno != EINTR))
            return status;
        struct pollfd wake = {.fd = wake_fd, .events = POLLIN};
        poll(&wake, 1, LOOK_EVERY);
        meanwhile(data);
    }
}

static gboolean
check_status(int status, const char *name, GError **error)
{
    /* 127: what shells and g_spawn give where there is no such program. */
    if (WIFEXITED(status) && WEXITSTATUS(status) != 127)
        return TRUE;
    if (WIFSIGNALED(status))
        g_set_error(error, CREDITBOT_ERROR, ERR_INPUT, "%s was ended by signal %d", name,
                    WTERMSIG(status));
    else
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG, "$PAGER cannot be started: %s", name);
    return FALSE;
}

static gboolean
run_pager(char **argv, int wake_fd, PagerMeanwhile meanwhile, gpointer data, GError **error)
{
    GPid pid = 0;
    g_auto(GStrv) env = pager_environment();
    g_autoptr(GError) cause = NULL;
    GSpawnFlags flags =
        G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_CHILD_INHERITS_STDIN;
    if (!g_spawn_async(NULL, argv, env, flags, as_usual, NULL, &pid, &cause)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG, "$PAGER cannot be started: %s",
                    cause->message);
        return FALSE;
    }
    int status = wait_for(pid, wake_fd, meanwhile, data);
    g_spawn_close_pid(pid);
    return check_status(status, argv[0], error);
}

gboolean
pager_show(Term *term, const char *path, int wake_fd, PagerMeanwhile meanwhile, gpointer data,
           GError **error)
{
    struct sigaction old[G_N_ELEMENTS(shared_signals)], ignore = {.sa_handler = SIG_IGN};
    g_auto(GStrv) argv = pager_argv(path, error);
    gboolean well = FALSE;
    sigemptyset(&ignore.sa_mask);
    if (argv) {
        term_leave(term);
        for (gsize i = 0; i < G_N_ELEMENTS(shared_signals); i++)
            sigaction(shared_signals[i], &ignore, &old[i]);
        well = run_pager(argv, wake_fd, meanwhile, data, error);
        for (gsize i = 0; i < G_N_ELEMENTS(shared_signals); i++)
            sigaction(shared_signals[i], &old[i], NULL);
        term_return(term);
    }
    g_unlink(path);
    return well;
}

/* -- beside the console -- */

static void
in_a_session_of_its_own(gpointer data)
{
    as_usual(data);
    setsid();
}

gboolean
pager_detach(const char *const *argv, GError **error)
{
    g_autoptr(GError) cause = NULL;
    g_auto(GStrv) copy = g_strdupv((char **)(gsize)argv);
    g_auto(GStrv) env = config_child_environment();
    GSpawnFlags flags =
        G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL;
    if (g_spawn_async(NULL, copy, env, flags, in_a_session_of_its_own, NULL, NULL, &cause))
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG, "%s cannot be started: %s", argv[0],
                cause->message);
    return FALSE;
}
