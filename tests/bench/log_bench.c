/* log_bench.c: the view of logs on a log of 1 GB beside less, grep, wc and lnav, in one run.
 *
 * Measured from outside, through a pty, as an operator would: from fork() to the frame, from the
 * key to the match. `log_bench [MEGABYTES [REQUESTS]]`; the log lies in $TMPDIR meanwhile. With
 * $LOG_BENCH_DIR the state is made there and kept for the next time, or found. */
#include <fcntl.h>
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
#include "logs/index.h"
#include "logs/source.h"

#define LAST   "the rare word xyzzyplugh stands here"
#define RARE   "xyzzyplugh"
#define STARTS 9
#define KEYS   300
#define CHUNK  (1 << 20)

/* Digits of a number at a place; returns the place behind them. */
static char *
digits(char *at, guint64 n, int width)
{
    for (int i = width; i-- > 0; n /= 10)
        at[i] = (char)('0' + n % 10);
    return at + width;
}

static char *
put(char *at, const char *text)
{
    return stpcpy(at, text);
}

/* One line as a service writes it, a thousand of them a second. */
static char *
make_line(char *at, guint64 n)
{
    static const char *const levels[] = {" INFO  ", " DEBUG ", " INFO  ", " WARN  "};
    guint64 mixed = n * 2654435761u, second = n / 1000;
    at = digits(put(at, "2026-09-"), 1 + second / 86400 % 30, 2);
    at = digits(put(at, "T"), second / 3600 % 24, 2);
    at = digits(put(at, ":"), second / 60 % 60, 2);
    at = digits(put(at, ":"), second % 60, 2);
    at = digits(put(at, "."), n % 1000, 3);
    at = put(put(at, "Z"), levels[(mixed >> 12) & 3]);
    at = digits(put(at, "worker-"), (mixed >> 8) & 15, 2);
    at = digits(put(at, " request "), mixed & 0xffffff, 8);
    at = digits(put(at, " took "), (mixed >> 16) & 4095, 4);
    at = digits(put(at, " ms, answered 200 with "), (mixed >> 5) & 65535, 5);
    return put(at, " bytes of JSON\n");
}

static gint64
make_log(const char *path, gint64 bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    g_autofree char *chunk = g_malloc(CHUNK + 4096);
    gint64 lines = 0, done = 0;
    while (fd >= 0 && done < bytes) {
        char *at = chunk;
        while (at - chunk < CHUNK)
            at = make_line(at, (guint64)lines++);
        if (write(fd, chunk, (size_t)(at - chunk)) != at - chunk)
            break;
        done += at - chunk;
    }
    static const char last[] = "2026-09-30T23:59:59.000Z ERROR " LAST "\n";
    if (fd < 0 || done < bytes || write(fd, last, sizeof last - 1) < 0) {
        perror(path);
        exit(1);
    }
    close(fd);
    return lines + 1;
}

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
    return (double)values[(int)(q * (n - 1) + 0.5)] / 1000;
}

/* Milliseconds until a text is on the screen; -1 after a minute. */
static double
until(Tty *tty, const char *text, gint64 from)
{
    while (!tty_shows(tty, text)) {
        if (!tty_pump(tty, 500) || g_get_monotonic_time() - from > G_TIME_SPAN_MINUTE)
            return -1;
    }
    return (double)(g_get_monotonic_time() - from) / 1000;
}

static double
run_peer(const char *command)
{
    gint64 from = g_get_monotonic_time();
    int status = system(command);
    double ms = (double)(g_get_monotonic_time() - from) / 1000;
    return WIFEXITED(status) && WEXITSTATUS(status) < 2 ? ms : -1;
}

/* The median of some starts: until a text is shown; leave: the key that ends it, NULL: it is
 * killed.
 */
static double
first_frame(const char *const *argv, const char *text, const char *leave)
{
    gint64 took[STARTS];
    for (int i = 0; i < STARTS; i++) {
        gint64 from = g_get_monotonic_time();
        Tty *tty = tty_start(80, 24, argv, NULL);
        took[i] = (gint64)(until(tty, text, from) * 1000);
        if (leave)
            tty_send(tty, leave);
        else
            kill(tty_pid(tty), SIGKILL);
        tty_end(tty);
        tty_free(tty);
    }
    return quantile_ms(took, STARTS, 0.5);
}

static void
report(const char *what, double mine, const char *peer, double other, double target)
{
    printf("log_%s %.1f ms\n", what, mine);
    if (other > 0)
        printf("log_%s_%s %.1f ms\nlog_%s_ratio %.2f target %.1f\n", what, peer, other, what,
               mine / other, target);
}

/* What the library does alone: no screen, as the peers have none. */
static void
bench_library(const char *log)
{
    g_autofree char *grep = g_strdup_printf("LC_ALL=C grep -cF %s '%s' >/dev/null", RARE, log);
    g_autofree char *wc = g_strdup_printf("wc -l '%s' >/dev/null", log);
    double found = G_MAXDOUBLE, exact = G_MAXDOUBLE, counted = G_MAXDOUBLE, greps = G_MAXDOUBLE,
           wcs = G_MAXDOUBLE;
    g_autoptr(LogSource) source = log_source_file(log, FALSE);
    g_autoptr(LogFile) file = log_file_open(log);
    g_autoptr(Needle) any = needle_new(RARE, TRUE), same = needle_new(RARE, FALSE);
    for (int i = 0; i < 3; i++) {
        gint64 bytes, lines, from = g_get_monotonic_time();
        source->ops->find(source, any, 0, 1, NULL);
        found = MIN(found, (double)(g_get_monotonic_time() - from) / 1000);
        from = g_get_monotonic_time();
        source->ops->find(source, same, 0, 1, NULL);
        exact = MIN(exact, (double)(g_get_monotonic_time() - from) / 1000);
        from = g_get_monotonic_time();
        LogIndex *index = log_index_new(file);
        log_index_go_on(index);
        while (!log_index_state(index, &bytes, &lines))
            g_usleep(200);
        counted = MIN(counted, (double)(g_get_monotonic_time() - from) / 1000);
        log_index_free(index);
        greps = MIN(greps, run_peer(grep));
        wcs = MIN(wcs, run_peer(wc));
    }
    report("search_any_case", found, "grep", greps, 1.5);
    report("search_exact", exact, "grep", greps, 1.5);
    report("index", counted, "wc", wcs, 2);
}

/* From Enter behind the text to its line on the screen. */
static void
bench_search(const char *const *argv)
{
    Tty *tty = tty_start(80, 24, argv, NULL);
    if (until(tty, "xyzzy", g_get_monotonic_time()) >= 0) {
        tty_send(tty, "g");
        until(tty, "00:00:00", g_get_monotonic_time());
        tty_send(tty, "s" RARE);
        until(tty, "Search: " RARE, g_get_monotonic_time());
        gint64 from = g_get_monotonic_time();
        tty_send(tty, "\r");
        printf("log_search_on_screen %.1f ms\n", until(tty, "the rare word", from));
    }
    tty_send(tty, "q");
    tty_end(tty);
    tty_free(tty);
}

static long
resident_kib(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/status", (int)pid), *text = NULL;
    const char *line = g_file_get_contents(path, &text, NULL, NULL) ? strstr(text, "VmRSS:") : NULL;
    return line ? strtol(line + 6, NULL, 10) : -1;
}

/* Ten thousand lines a second come, in the rhythm of a hundred writes; keys are pressed meanwhile.
 */
static void
bench_keys(const char *const *argv, const char *log)
{
    static gint64 took[KEYS];
    guint64 n = 0;
    int fd = open(log, O_WRONLY | O_APPEND);
    g_autofree char *chunk = g_malloc(64 * 1024);
    Tty *tty = tty_start(80, 24, argv, NULL);
    until(tty, "xyzzy", g_get_monotonic_time());
    gint64 begin = g_get_monotonic_time();
    for (int i = 0; i < KEYS; i++) {
        char *at = chunk;
        guint64 due = (guint64)(g_get_monotonic_time() - begin) / 100;
        while (n < due && at - chunk < 60 * 1024)
            at = make_line(at, n++);
        if (at > chunk && write(fd, chunk, (size_t)(at - chunk)) < 0)
            break;
        gsize bytes = tty_bytes(tty);
        gint64 from = g_get_monotonic_time();
        tty_send(tty, i % 3 == 0 ? "k" : i % 3 == 1 ? "\033[5~" : "f");
        while (tty_bytes(tty) == bytes && g_get_monotonic_time() - from < G_TIME_SPAN_SECOND)
            tty_pump(tty, 500);
        took[i] = g_get_monotonic_time() - from;
        tty_pump(tty, 10000);
    }
    printf("log_key_median_following %.2f ms\n", quantile_ms(took, KEYS, 0.5));
    printf("log_key_p99_following %.2f ms target 16\n", quantile_ms(took, KEYS, 0.99));
    printf("log_memory %.1f MB target 40\n", (double)resident_kib(tty_pid(tty)) / 1024);
    close(fd);
    tty_send(tty, "q");
    tty_end(tty);
    tty_free(tty);
}

static void
bench_all(const char *config, const char *log)
{
    const char *program = g_getenv("CREDITBOT");
    const char *mine[] = {program, "--config", config, "logs", log, NULL};
    g_autofree char *less_path = g_find_program_in_path("less"),
                    *lnav_path = g_find_program_in_path("lnav");
    const char *less[] = {less_path, log, NULL}, *lnav[] = {lnav_path, log, NULL};
    double frame = first_frame(mine, "xyzzy", "q");
    report("first_frame", frame, "less", less_path ? first_frame(less, "worker", NULL) : -1, 3);
    if (lnav_path)
        printf("log_first_frame_lnav %.1f ms\n", first_frame(lnav, "worker", NULL));
    bench_library(log);
    bench_search(mine);
    bench_keys(mine, log);
}

static void
remove_all(const char *dir, const char *log, gboolean kept)
{
    static const char *const names[] = {"creditbot.conf", "creditbot.db", "creditbot.db-wal",
                                        "creditbot.db-shm"};
    g_unlink(log);
    for (gsize i = 0; !kept && i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(dir, names[i], NULL);
        g_unlink(path);
    }
    if (!kept)
        g_rmdir(dir);
}

static char *
prepare(const char *dir, guint requests, GError **error)
{
    g_autofree char *state = g_build_filename(dir, "creditbot.db", NULL);
    if (!g_file_test(state, G_FILE_TEST_EXISTS) &&
        (!seed_desk(dir, error) || !seed_history(dir, requests, error)))
        return NULL;
    return seed_config(dir, FALSE, NULL, error);
}

int
main(int argc, char **argv)
{
    gint64 megabytes = argc > 1 ? g_ascii_strtoll(argv[1], NULL, 10) : 1024;
    guint requests = argc > 2 ? (guint)g_ascii_strtoull(argv[2], NULL, 10) : 1000000;
    g_autoptr(GError) error = NULL;
    const char *kept = g_getenv("LOG_BENCH_DIR");
    g_autofree char *dir =
        kept ? g_strdup(kept) : g_dir_make_tmp("creditbot-log-bench-XXXXXX", &error);
    g_autofree char *log = g_build_filename(dir ? dir : "", "big.log", NULL), *config = NULL;
    if (!g_getenv("CREDITBOT") || !dir || !(config = prepare(dir, requests, &error))) {
        fprintf(stderr, "%s\n", error ? error->message : "CREDITBOT: the program is not named");
        return 1;
    }
    gint64 lines = make_log(log, megabytes * 1024 * 1024);
    printf("log_lines %" G_GINT64_FORMAT " in %" G_GINT64_FORMAT " MiB, %u requests\n", lines,
           megabytes, requests);
    setvbuf(stdout, NULL, _IOLBF, 0);
    bench_all(config, log);
    remove_all(dir, log, kept != NULL);
    return 0;
}
