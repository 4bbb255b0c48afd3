/* tui_bench.c: how fast, how quiet and how small the console is, with a million decided requests
 * and a log of a gigabyte.
 *
 * Measured from outside, through a pty: from fork() to the frame, from write() of a key to the
 * frame that answers it, bytes as they come, time and memory as the kernel tells them. The peers
 * are less and tput in the same pty. */
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
#include "../console/fixture.h"
#include "../console/seed.h"

#define STARTS         15
#define KEYS           400
#define MOVES          40
#define LOOK_MOVES     20
#define LINES_A_SECOND 10000
#define MB             (1024.0 * 1024)

typedef struct {
    Fixture fixture;
    char *log;  /* of many megabytes; NULL: none was made */
    char *tail; /* a log that is written while it is followed */
} Bench;

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
            g_autofree char *screen = tty_screen(tty);
            fprintf(stderr, "'%s' was not shown:\n%s", text, screen);
            exit(1);
        }
    }
    return g_get_monotonic_time() - from;
}

/* Until nothing has come for so long (microseconds). */
static void
until_quiet(Tty *tty, gint64 quiet)
{
    gint64 since = g_get_monotonic_time();
    while (g_get_monotonic_time() - since < quiet) {
        gsize bytes = tty_bytes(tty);
        tty_pump(tty, 2000);
        if (tty_bytes(tty) != bytes)
            since = g_get_monotonic_time();
    }
}

/* With nothing remembered from the time before. */
static Tty *
start_in(const Bench *bench, const char *theme, const char *env)
{
    g_autofree char *remembered = g_build_filename(bench->fixture.dir, ".local", NULL);
    fixture_remove(remembered);
    return fixture_start(&bench->fixture, 80, 24, theme, env);
}

static Tty *
start(const Bench *bench)
{
    return start_in(bench, NULL, NULL);
}

static void
leave(Tty *tty)
{
    kill(tty_pid(tty), SIGTERM);
    tty_end(tty);
    tty_free(tty);
}

static Tty *
start_less(const char *file)
{
    const char *argv[] = {"/usr/bin/less", file, NULL}, *env[] = {"LESS=", "LESSHISTFILE=-", NULL};
    return g_file_test(argv[0], G_FILE_TEST_IS_EXECUTABLE) ? tty_start(80, 24, argv, env) : NULL;
}

/* -- starting -- */

static void
bench_start(const Bench *bench)
{
    gint64 frame[STARTS], rows[STARTS], peer[STARTS];
    const char *peer_argv[] = {"/bin/sh", "-c", "tput smcup; tput clear; echo ready", NULL};
    for (int i = 0; i < STARTS; i++) {
        gint64 from = g_get_monotonic_time();
        Tty *tty = start(bench);
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
    printf("console_first_frame %.1f ms target 30\n", mine);
    printf("console_first_rows %.1f ms target 30\n", full);
    printf("console_tput %.1f ms\n", other);
    printf("console_first_rows_ratio %.2f\n", full / other);
}

/* -- keys -- */

/* From each key to the first byte that answers it. */
static void
time_keys(Tty *tty, const char *name, const char *const *keys, int n)
{
    gint64 took[KEYS];
    for (int i = 0; i < KEYS; i++) {
        until_quiet(tty, 4000);
        gsize bytes = tty_bytes(tty);
        gint64 from = g_get_monotonic_time();
        tty_send(tty, keys[i % n]);
        while (tty_bytes(tty) == bytes && g_get_monotonic_time() - from < G_TIME_SPAN_SECOND)
            tty_pump(tty, 1000);
        took[i] = g_get_monotonic_time() - from;
    }
    printf("%s_median %.2f ms\n", name, quantile_ms(took, KEYS, 0.5));
    printf("%s_p99 %.2f ms target 16\n", name, quantile_ms(took, KEYS, 0.99));
}

static void
bench_keys(const Bench *bench)
{
    static const char *const keys[] = {"j", "j", "j", "j", "j", "j", "j", "j", "j", "\033[6~"};
    Tty *tty = start(bench);
    until(tty, "acme-payments", g_get_monotonic_time());
    tty_send(tty, "2");
    until(tty, "DECIDED", g_get_monotonic_time());
    until(tty, "wayne-bank", g_get_monotonic_time());
    time_keys(tty, "console_key", keys, G_N_ELEMENTS(keys));
    leave(tty);
}

/* Writes lines at that rate and now and then a change of the state, until it is killed. */
static pid_t
start_load(const Bench *bench)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    g_autoptr(Store) store = fixture_store(&bench->fixture);
    FILE *file = fopen(bench->tail, "ae");
    gint64 begin = g_get_monotonic_time(), written = 0;
    for (guint i = 0; file && getppid() > 1; i++) {
        gint64 due = (g_get_monotonic_time() - begin) * LINES_A_SECOND / G_USEC_PER_SEC;
        for (; written < due; written++)
            fprintf(
                file,
                "2026-09-17T12:00:00.%06uZ info pass request %u is looked at, nothing is to do\n",
                (guint)(written % 1000000), (guint)written);
        fflush(file);
        if (i % 25 == 24)
            seed_change(store, 4 + i % 2, NULL);
        g_usleep(10000);
    }
    _exit(0);
}

/* Key to frame where everything moves: in the log, where lines come faster than they are read, and
 * in the queue, which changes. */
static void
bench_busy(const Bench *bench)
{
    static const char *const keys[] = {"k", "k", "k", "j"}, *const moves[] = {"j", "k"};
    g_autofree char *open = g_strdup_printf(":open-log %s\r", bench->tail);
    pid_t load = start_load(bench);
    Tty *tty = start(bench);
    until(tty, "acme-payments", g_get_monotonic_time());
    tty_send(tty, open);
    until(tty, "is looked at", g_get_monotonic_time());
    time_keys(tty, "console_followed_key", keys, G_N_ELEMENTS(keys));
    tty_send(tty, "1");
    until(tty, "acme-payments", g_get_monotonic_time());
    time_keys(tty, "console_changing_key", moves, G_N_ELEMENTS(moves));
    leave(tty);
    kill(load, SIGKILL);
    waitpid(load, NULL, 0);
}

/* -- bytes -- */

/* What a key writes in the median, pressed in turn with another. */
static gint64
bytes_of(Tty *tty, const char *key, const char *other)
{
    gint64 bytes[MOVES];
    for (int i = 0; i < MOVES; i++) {
        until_quiet(tty, 30000);
        gsize before = tty_bytes(tty);
        tty_send(tty, i % 2 ? other : key);
        until_quiet(tty, 30000);
        bytes[i] = (gint64)(tty_bytes(tty) - before);
    }
    qsort(bytes, MOVES, sizeof *bytes, compare);
    return bytes[MOVES / 2];
}

static void
bench_bytes(const Bench *bench)
{
    Tty *tty = start(bench);
    until(tty, "acme-payments", g_get_monotonic_time());
    tty_send(tty, "2");
    until(tty, "wayne-bank", g_get_monotonic_time());
    until_quiet(tty, 300000);
    gint64 with_pane = bytes_of(tty, "j", "j");
    tty_send(tty, "ww"); /* the pane that says why: large, off */
    until_quiet(tty, 300000);
    gint64 row = bytes_of(tty, "j", "j"), page = bytes_of(tty, "\033[6~", "\033[6~");
    tty_send(tty, "1ww");
    until_quiet(tty, 300000);
    gint64 queue = bytes_of(tty, "j", "k");
    leave(tty);
    printf("console_row_bytes %ld bytes target 150\n", (long)row);
    printf("console_queue_row_bytes %ld bytes target 150\n", (long)queue);
    printf("console_row_and_pane_bytes %ld bytes\n", (long)with_pane);
    printf("console_page_bytes %ld bytes target 2200\n", (long)page);
    Tty *less = start_less(bench->log);
    if (!less)
        return;
    until_quiet(less, 300000);
    gint64 line = bytes_of(less, "j", "j"), screen = bytes_of(less, " ", " ");
    leave(less);
    printf("less_row_bytes %ld bytes\nless_page_bytes %ld bytes\n", (long)line, (long)screen);
    printf("console_row_bytes_ratio %.2f\n", (double)row / (double)line);
    printf("console_page_bytes_ratio %.2f\n", (double)page / (double)screen);
}

/* -- bytes, in other themes and colours -- */

/* All that a key writes, however late it comes. */
static gint64
bytes_after(Tty *tty, const char *key)
{
    gsize before = tty_bytes(tty);
    gint64 from = g_get_monotonic_time();
    tty_send(tty, key);
    while (tty_bytes(tty) == before && g_get_monotonic_time() - from < G_TIME_SPAN_SECOND)
        tty_pump(tty, 10000);
    until_quiet(tty, 120000);
    return (gint64)(tty_bytes(tty) - before);
}

typedef struct {
    const char *name, *open, *key, *other;
    int before; /* times the key is pressed first, so that each move scrolls */
} Look;

static void
tell_look(Tty *tty, const char *prefix, const Look *look)
{
    gint64 bytes[LOOK_MOVES];
    for (const char *key = look->open; *key; key++)
        bytes_after(tty, (const char[]){*key, '\0'});
    for (int i = 0; i < look->before; i++)
        tty_send(tty, look->key);
    until_quiet(tty, 500000);
    for (int i = 0; i < LOOK_MOVES; i++)
        bytes[i] = bytes_after(tty, i % 2 ? look->other : look->key);
    qsort(bytes, LOOK_MOVES, sizeof *bytes, compare);
    printf("bytes_%s_%s %ld bytes target 150\nbytes_%s_%s_most %ld bytes\n", prefix, look->name,
           (long)bytes[LOOK_MOVES / 2], prefix, look->name, (long)bytes[LOOK_MOVES - 1]);
}

/* One row's move: in the median, and the widest. */
static void
bench_looks(const Bench *bench)
{
    static const char *const themes[] = {"default", "light", "gruvbox"};
    static const char *const colours[] = {"COLORTERM=", "COLORTERM=truecolor"};
    static const Look looks[] = {
        {"queue_pane", "", "j", "k", 0},    {"queue", "ww", "j", "k", 0},
        {"history_pane", "2", "j", "k", 0}, {"history_pane_scrolled", "", "j", "j", 24},
        {"history", "ww", "k", "j", 0},     {"history_scrolled", "", "j", "j", 24},
        {"runs_pane", "3", "j", "k", 0},    {"runs", "ww", "j", "k", 0}};
    for (guint theme = 0; theme < G_N_ELEMENTS(themes); theme++) {
        for (guint colour = 0; colour < G_N_ELEMENTS(colours); colour++) {
            g_autofree char *prefix =
                g_strdup_printf("%s_%s", themes[theme], colour ? "true" : "256");
            Tty *tty = start_in(bench, themes[theme], colours[colour]);
            until(tty, "acme-payments", g_get_monotonic_time());
            until_quiet(tty, 500000);
            for (guint i = 0; i < G_N_ELEMENTS(looks); i++)
                tell_look(tty, prefix, &looks[i]);
            leave(tty);
        }
    }
}

/* -- at rest -- */

/* Nanoseconds that all threads of a process ran. */
static gint64
run_time(pid_t pid)
{
    g_autofree char *tasks = g_strdup_printf("/proc/%d/task", (int)pid);
    GDir *dir = g_dir_open(tasks, 0, NULL);
    gint64 sum = 0;
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(tasks, name, "schedstat", NULL), *text = NULL;
        if (g_file_get_contents(path, &text, NULL, NULL))
            sum += g_ascii_strtoll(text, NULL, 10);
    }
    if (dir)
        g_dir_close(dir);
    return sum;
}

/* A field of /proc/PID/smaps_rollup in MB. */
static double
memory_mb(pid_t pid, const char *field)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/smaps_rollup", (int)pid), *text = NULL;
    const char *at = g_file_get_contents(path, &text, NULL, NULL) ? strstr(text, field) : NULL;
    return at ? (double)g_ascii_strtoll(at + strlen(field), NULL, 10) / 1024 : 0;
}

/* Until what it had to do is done: a hundredth of a second's work in a second at most. */
static void
until_idle(Tty *tty)
{
    gint64 before, ran = run_time(tty_pid(tty)), from = g_get_monotonic_time();
    do {
        before = ran;
        until_quiet(tty, G_TIME_SPAN_SECOND);
        ran = run_time(tty_pid(tty));
    } while (ran - before > 10000000 && g_get_monotonic_time() - from < 60 * G_TIME_SPAN_SECOND);
}

static void
rest(Tty *tty, const char *name)
{
    until_idle(tty);
    gsize bytes = tty_bytes(tty);
    gint64 ran = run_time(tty_pid(tty)), from = g_get_monotonic_time();
    while (g_get_monotonic_time() - from < 10 * G_TIME_SPAN_SECOND)
        tty_pump(tty, 100000);
    gint64 took = (g_get_monotonic_time() - from) * 1000;
    printf("%s_bytes %zu bytes target 0\n", name, tty_bytes(tty) - bytes);
    printf("%s_cpu %.3f %% target 0.1\n", name,
           100.0 * (double)(run_time(tty_pid(tty)) - ran) / (double)took);
}

static void
tell_memory(const Tty *tty, const char *name)
{
    pid_t pid = tty_pid(tty);
    double private = memory_mb(pid, "Private_Clean:") + memory_mb(pid, "Private_Dirty:");
    printf("%s_rss %.1f MB target 40\n", name, memory_mb(pid, "Rss:"));
    printf("%s_private %.1f MB target 40\n", name, private);
}

/* Everything is open at once: the queue, the history, a request, a log of a gigabyte. */
static void
bench_rest(const Bench *bench)
{
    g_autofree char *open = g_strdup_printf(":open-log %s\r", bench->log);
    Tty *tty = start(bench);
    until(tty, "acme-payments", g_get_monotonic_time());
    rest(tty, "console_idle");
    tty_send(tty, "\r");
    until(tty, "[Why]", g_get_monotonic_time());
    tty_send(tty, "2");
    until(tty, "wayne-bank", g_get_monotonic_time());
    tty_send(tty, open);
    until(tty, "the last line", g_get_monotonic_time());
    rest(tty, "console_idle_all_open");
    tell_memory(tty, "console_all_open");
    leave(tty);
    Tty *less = start_less(bench->log);
    if (!less)
        return;
    until_quiet(less, 300000);
    tell_memory(less, "less");
    leave(less);
}

/* -- the history -- */

static void
bench_history(const Bench *bench)
{
    static const struct {
        const char *name, *filter, *shown;
    } filters[] = {{"word", "/account-00417\r", "account-00417"},
                   {"field", "/customer:account-00418\r", "account-00418"},
                   {"amount", "/amount:>2400 state:posted\r", "wayne-bank"},
                   {"nothing", "/zebra-crossing\r", "zebra-crossing"}};
    Tty *tty = start(bench);
    until(tty, "acme-payments", g_get_monotonic_time());
    gint64 from = g_get_monotonic_time();
    tty_send(tty, "2");
    printf("history_first_page %.1f ms\n", (double)until(tty, "wayne-bank", from) / 1000);
    for (guint i = 0; i < G_N_ELEMENTS(filters); i++) {
        if (i > 0) /* clears the filter */
            tty_send(tty, KEY_ESC_SEQ);
        until_quiet(tty, 500000);
        from = g_get_monotonic_time();
        tty_send(tty, filters[i].filter);
        until(tty, filters[i].shown, from);
        until_quiet(tty, 300000);
        printf("history_filter_%s %.1f ms\n", filters[i].name,
               (double)(g_get_monotonic_time() - from - 300000) / 1000);
    }
    leave(tty);
}

/* -- what it is measured on -- */

static void
make_log(const char *path, guint megabytes)
{
    FILE *file = fopen(path, "we");
    gsize bytes = 0;
    for (guint i = 0; file && bytes < megabytes * (gsize)MB; i++)
        bytes += (gsize)fprintf(
            file, "2026-09-%02uT%02u:%02u:%02u.%03uZ info pass request %u: nothing is to do %08x\n",
            1 + i / 1000000 % 28, i / 40000 % 24, i / 700 % 60, i / 12 % 60, i % 1000, i,
            i * 2654435761u);
    if (file) {
        fputs("2026-09-30T23:59:59.000Z info pass the last line\n", file);
        fclose(file);
    }
}

static gboolean
bench_prepare(Bench *bench, const char *dir, guint requests, guint megabytes, GError **error)
{
    g_autofree char *store = g_build_filename(dir, "creditbot.db", NULL);
    bench->fixture = (Fixture){.dir = g_strdup(dir), .program = NULL};
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL),
                    *folder = g_path_get_dirname(self);
    bench->fixture.program = g_build_filename(folder, "..", "console", "console_main", NULL);
    bench->log = g_build_filename(dir, "large.log", NULL);
    bench->tail = g_build_filename(dir, "tail.log", NULL);
    if (!g_file_test(bench->log, G_FILE_TEST_EXISTS))
        make_log(bench->log, megabytes);
    if (!g_file_test(store, G_FILE_TEST_EXISTS) &&
        (!seed_desk(dir, error) || !seed_history(dir, requests, error)))
        return FALSE;
    return (bench->fixture.config = seed_config(dir, FALSE, NULL, error)) != NULL;
}

static void
bench_times(const Bench *bench)
{
    bench_start(bench);
    bench_keys(bench);
    bench_history(bench);
    bench_busy(bench);
    bench_rest(bench);
    g_unlink(bench->tail);
}

/* tui_bench [REQUESTS [MEGABYTES [bytes]]]; bytes: only what does not depend on how busy the
 * machine is. With $TUI_BENCH_DIR the state and the log are kept there, for the next time. */
int
main(int argc, char **argv)
{
    guint n = argc > 1 ? (guint)g_ascii_strtoull(argv[1], NULL, 10) : 1000000;
    guint megabytes = argc > 2 ? (guint)g_ascii_strtoull(argv[2], NULL, 10) : 1024;
    const char *kept = g_getenv("TUI_BENCH_DIR");
    g_autoptr(GError) error = NULL;
    g_autofree char *dir = kept ? g_strdup(kept) : g_dir_make_tmp("creditbot-bench-XXXXXX", &error);
    gboolean only_bytes = argc > 3 && strcmp(argv[3], "bytes") == 0;
    Bench bench = {.log = NULL};
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!dir || g_mkdir_with_parents(dir, 0700) != 0 ||
        !bench_prepare(&bench, dir, n, megabytes, &error)) {
        fprintf(stderr, "%s\n", error ? error->message : dir);
        return 1;
    }
    printf("console_history %u requests\nconsole_log %u MB\n", n, megabytes);
    bench_bytes(&bench);
    bench_looks(&bench);
    if (!only_bytes)
        bench_times(&bench);
    if (!kept)
        fixture_remove(dir);
    return 0;
}
