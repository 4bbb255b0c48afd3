/* signals.c: one thread waits for the signals, so nothing runs inside a handler. */
#include "cli/signals.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Design: a clean stop takes at most 5 s. */
#define GRACE_USEC (G_GINT64_CONSTANT(4700) * 1000)

struct Signals {
    Cancel *cancel;
    pthread_t thread;
    gint received; /* atomic */
    gint stopping; /* atomic */
    sigset_t set;
};

static void
note(const char *text)
{
    ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
    (void)ignored;
}

/* Waits for the next signal until the deadline (0: for ever). */
static int
wait_signal(const sigset_t *set, gint64 deadline)
{
    if (!deadline) {
        int sig = 0;
        return sigwait(set, &sig) == 0 ? sig : -1;
    }
    gint64 left = MAX(deadline - g_get_monotonic_time(), 0);
    struct timespec timeout = {.tv_sec = left / G_USEC_PER_SEC,
                               .tv_nsec = left % G_USEC_PER_SEC * 1000};
    return sigtimedwait(set, NULL, &timeout);
}

static void *
watch(void *data)
{
    Signals *signals = data;
    gint64 deadline = 0;
    while (!g_atomic_int_get(&signals->stopping)) {
        int sig = wait_signal(&signals->set, deadline);
        if (g_atomic_int_get(&signals->stopping))
            break;
        if (sig < 0) {
            if (errno == EAGAIN && deadline) {
                note("creditbot: the work did not stop in time; ending it here\n");
                _exit(128 + g_atomic_int_get(&signals->received));
            }
            continue;
        }
        if (deadline) {
            note("creditbot: already stopping, one moment\n");
            continue;
        }
        deadline = g_get_monotonic_time() + GRACE_USEC;
        g_atomic_int_set(&signals->received, sig);
        cancel_fire(signals->cancel);
    }
    return NULL;
}

Signals *
signals_start(Cancel *cancel)
{
    Signals *signals = g_new0(Signals, 1);
    signals->cancel = cancel_ref(cancel);
    sigemptyset(&signals->set);
    sigaddset(&signals->set, SIGINT);
    sigaddset(&signals->set, SIGTERM);
    sigaddset(&signals->set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals->set, NULL);
    if (pthread_create(&signals->thread, NULL, watch, signals) != 0)
        g_error("cannot start the thread that waits for signals");
    return signals;
}

void
signals_stop(Signals *signals)
{
    if (!signals)
        return;
    g_atomic_int_set(&signals->stopping, TRUE);
    pthread_kill(signals->thread, SIGHUP); /* to that thread alone: it cannot outlive it */
    pthread_join(signals->thread, NULL);
    cancel_unref(signals->cancel);
    g_free(signals);
}

int
signals_received(const Signals *signals)
{
    return signals ? g_atomic_int_get(&((Signals *)(guintptr)signals)->received) : 0;
}
