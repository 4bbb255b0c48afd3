/* keygen.c: one run of ssh-keygen: started without a shell, watched, and over in time. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pipe2 */
#endif

#include "engine/keygen.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

#define OUTPUT_MAX 65536
#define LOOK_MS                                                                                    \
    2 /* where the kernel has no pidfd: how often a child is asked whether it has ended */

typedef struct {
    int fd; /* our end; -1: it has ended */
    GString *text;
} Stream;

typedef struct {
    pid_t pid;
    gint64 until; /* monotonic */
    Stream out, err;
} Child;

void
keygen_clear(Keygen *run)
{
    g_clear_pointer(&run->out, g_free);
    g_clear_pointer(&run->err, g_free);
}

/* Nothing of ours but where programs are and which time zone dates of the signers' file are in. */
static char **
child_environment(void)
{
    static const char *const kept[] = {"PATH", "TZ"};
    char **env = g_environ_setenv(NULL, "LC_ALL", "C", TRUE);

    for (gsize i = 0; i < G_N_ELEMENTS(kept); i++) {
        const char *value = g_getenv(kept[i]);

        if (value)
            env = g_environ_setenv(env, kept[i], value, TRUE);
    }
    return env;
}

/* In a process group of its own, so that a Ctrl-C is ours and all of it can be killed. */
static int
spawn(Child *child, const char *const *argv, const char *input, const int *out, const int *err)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    g_auto(GStrv) env = child_environment();

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input ? input : "/dev/null", O_RDONLY,
                                     0);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    int code = posix_spawnp(&child->pid, argv[0], &actions, &attributes,
                            (char *const *)(gintptr)argv, env);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return code;
}

static gboolean
fail_start(const char *program, int code, GError **error)
{
    if (code == ENOENT)
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "signatures need %s, which is not in $PATH here; install OpenSSH's client",
                    program);
    else
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG, "cannot start %s: %s", program,
                    g_strerror(code));
    return FALSE;
}

static gboolean
start(Child *child, const char *const *argv, const char *input, GError **error)
{
    int out[2], err[2];

    if (pipe2(out, O_CLOEXEC) != 0)
        return fail_start(argv[0], errno, error);
    if (pipe2(err, O_CLOEXEC) != 0) {
        int code = errno;

        close(out[0]);
        close(out[1]);
        return fail_start(argv[0], code, error);
    }
    int code = spawn(child, argv, input, out, err);
    close(out[1]);
    close(err[1]);
    if (code == 0) {
        child->out.fd = out[0];
        child->err.fd = err[0];
        return TRUE;
    }
    close(out[0]);
    close(err[0]);
    return fail_start(argv[0], code, error);
}

static void
close_stream(Stream *stream)
{
    if (stream->fd >= 0)
        close(stream->fd);
    stream->fd = -1;
}

/* What is more than we keep is read and dropped, so that the child is not stuck. */
static void
take(Stream *stream)
{
    char block[4096];
    ssize_t n = read(stream->fd, block, sizeof block);

    if (n < 0 && errno == EINTR)
        return;
    if (n <= 0)
        close_stream(stream);
    else if (stream->text->len + (gsize)n <= OUTPUT_MAX)
        g_string_append_len(stream->text, block, n);
}

static int
left_ms(const Child *child)
{
    gint64 left = child->until - g_get_monotonic_time();

    return left <= 0 ? 0 : (int)(left / 1000) + 1;
}

/* FALSE: not in time. */
static gboolean
read_all(Child *child)
{
    while (child->out.fd >= 0 || child->err.fd >= 0) {
        struct pollfd fds[] = {{.fd = child->out.fd, .events = POLLIN},
                               {.fd = child->err.fd, .events = POLLIN}};
        int ms = left_ms(child);

        if (ms == 0)
            return FALSE;
        if (poll(fds, G_N_ELEMENTS(fds), ms) < 0)
            continue;
        if (fds[0].revents)
            take(&child->out);
        if (fds[1].revents)
            take(&child->err);
    }
    return TRUE;
}

/* Until it has ended, or its time is over (pidfd_open(2)). */
static void
wait_for_end(Child *child, int pidfd)
{
    struct pollfd end = {.fd = pidfd, .events = POLLIN};
    int left = left_ms(child);

    poll(&end, 1, pidfd < 0 ? MIN(left, LOOK_MS) : left);
}

/* FALSE: not in time; it is killed then, and waited for in any case. */
static gboolean
wait_end(Child *child, gboolean in_time, int *status)
{
    int pidfd = in_time ? pidfd_open(child->pid, 0) : -1;
    gboolean ended = FALSE;

    while (in_time && !ended) {
        pid_t done = waitpid(child->pid, status, WNOHANG);

        ended = done == child->pid;
        if (done < 0 && errno != EINTR) /* somebody else reaped it: how it ended is not known */
            break;
        in_time = left_ms(child) > 0;
        if (in_time && !ended)
            wait_for_end(child, pidfd);
    }
    if (pidfd >= 0)
        close(pidfd);
    if (ended || in_time)
        return ended;
    kill(-child->pid, SIGKILL);
    while (waitpid(child->pid, status, 0) < 0 && errno == EINTR)
        ;
    return FALSE;
}

gboolean
keygen_run(const char *const *argv, const char *input, gint64 usec, Keygen *run, GError **error)
{
    Child child = {.until = g_get_monotonic_time() + usec,
                   .out = {-1, g_string_new(NULL)},
                   .err = {-1, g_string_new(NULL)}};
    int status = 0;
    gboolean started = start(&child, argv, input, error);
    gboolean ended = started && wait_end(&child, read_all(&child), &status);

    close_stream(&child.out);
    close_stream(&child.err);
    if (ended) {
        run->out = g_string_free(g_steal_pointer(&child.out.text), FALSE);
        run->err = g_string_free(g_steal_pointer(&child.err.text), FALSE);
        run->good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        return TRUE;
    }
    g_string_free(child.out.text, TRUE);
    g_string_free(child.err.text, TRUE);
    if (started)
        g_set_error(error, CREDITBOT_ERROR, ERR_TIMEOUT,
                    "%s did not end within %" G_GINT64_FORMAT " s and was stopped; try again",
                    argv[0], usec / G_USEC_PER_SEC);
    return FALSE;
}
