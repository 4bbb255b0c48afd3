/* tui_bench.c: how fast the console is: its first frame and its answer to a key, with a long
 * history.
 *
 * Measured from outside, through a pty: from fork() to the frame, from write() of a key to the
 * frame that answers it. The peer is the fastest thing that could stand there: a program that
 * enters the alternate screen and shows one row (tput), in the same pty. */
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include "../console/seed.h"
#include "../console/tty.h"

#define STARTS 15
#define KEYS   400

static int
compare(const void *a, const void *b)
{
    gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
    return x < y ? -1 : x > y;
}

static double
quantile_ms(gint64 *values, int n, double q)
{
    qsort(values, (size_t)n, sizeof *values, compare);
    int at = (int)(q * (n - 1) + 0.5);
    return (double)values[at] / 1000;
}

/* Until a text is on the screen; microseconds since from. */
static gint64
until(Tty *tty, const char *text, gint64 from)
{
    while (!tty_shows(tty, text)) {
        if (!tty_pump(tty, 1000) || g_get_monotonic_time() - from > 30 * G_TIME_SPAN_SECOND) {
            fprintf(stderr, "'%s' was not shown\n", text);
            exit(1);
        }
    }
    return g_get_monotonic_time() - from;
}

static Tty *
start(const char *program, const char *config)
{
    const char *argv[] = {program, config, NULL}, *env[] = {"CREDITBOT_TEST_NOW=1789646400", NULL};
    return tty_start(80, 24, argv, env);
}

static void
leave(Tty *tty)
{
    tty_send(tty, "q");
    tty_end(tty);
    tty_free(tty);
}

static void
bench_start(const char *program, const char *config)
{
    gint64 frame[STARTS], rows[STARTS], peer[STARTS];
    const char *peer_argv[] = {"/bin/sh", "-c", "tput smcup; tput clear; echo ready", NULL};
    for (int i = 0; i < STARTS; i++) {
        gint64 from = g_get_monotonic_time();
        Tty *tty = start(program, config);
        frame[i] = until(tty, "creditbot", from);
        rows[i] = until(tty, "acme-payments", from);
        leave(tty);
        from = g_get_monotonic_time();
        tty = tty_start(80, 24, peer_argv, NULL);
        peer[i] = until(tty, "ready", from);
        tty_end(tty);
        tty_free(tty);
    }
    double mine = quantile_ms(frame, STARTS, 0.5), full = quantile_ms(rows, STARTS, 0.5),
           other = quantile_ms(peer, STARTS, 0.5);
    printf("console_first_frame %.1f ms target 50\n", mine);
    printf("console_first_rows %.1f ms target 50\n", full);
    printf("console_tput %.1f ms\n", other);
    printf("console_first_rows_ratio %.2f\n", full / other);
}

/* Each key waits for its own frame: the row that the cursor reaches is named in the pane below. */
static void
bench_keys(const char *program, const char *config)
{
    gint64 took[KEYS];
    Tty *tty = start(program, config);
    until(tty, "acme-payments", g_get_monotonic_time());
    tty_send(tty, "2");
    until(tty, "DECIDED", g_get_monotonic_time());
    until(tty, "wayne-bank", g_get_monotonic_time());
    for (int i = 0; i < KEYS; i++) {
        gsize bytes = tty_bytes(tty);
        gint64 from = g_get_monotonic_time();
        tty_send(tty, i % 20 == 19 ? "\033[6~" : "j");
        while (tty_bytes(tty) == bytes && g_get_monotonic_time() - from < G_TIME_SPAN_SECOND)
            tty_pump(tty, 1000);
        took[i] = g_get_monotonic_time() - from;
        while (tty_bytes(tty) != bytes) { /* what still comes of this frame */
            bytes = tty_bytes(tty);
            tty_pump(tty, 4000);
        }
    }
    leave(tty);
    double p99 = quantile_ms(took, KEYS, 0.99);
    printf("console_key_median %.2f ms\n", quantile_ms(took, KEYS, 0.5));
    printf("console_key_p99 %.2f ms target 16\n", p99);
}

int
main(int argc, char **argv)
{
    guint n = argc > 1 ? (guint)g_ascii_strtoull(argv[1], NULL, 10) : 1000000;
    g_autoptr(GError) error = NULL;
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL),
                    *folder = g_path_get_dirname(self);
    g_autofree char *program = g_build_filename(folder, "..", "console", "console_main", NULL);
    g_autofree char *dir = g_dir_make_tmp("creditbot-bench-XXXXXX", &error);
    g_autofree char *config = NULL;
    if (!dir || !seed_desk(dir, &error) || !seed_history(dir, n, &error) ||
        !(config = seed_config(dir, FALSE, NULL, &error))) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    printf("console_history %u requests\n", n);
    bench_start(program, config);
    bench_keys(program, config);
    g_autofree char *store = g_build_filename(dir, "creditbot.db", NULL);
    g_autofree char *wal = g_strconcat(store, "-wal", NULL),
                    *shm = g_strconcat(store, "-shm", NULL);
    g_unlink(config);
    g_unlink(store);
    g_unlink(wal);
    g_unlink(shm);
    g_rmdir(dir);
    return 0;
}
