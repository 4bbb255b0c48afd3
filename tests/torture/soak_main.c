/* soak_main.c: one process that makes pass after pass, its clock a schedule further each time, and
 * tells after each what it holds: for tests/torture/soak.py.
 *
 * soak_main CONFIG MINUTES: each line on standard input asks for one pass; one line of JSON answers
 * it. */
#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/desk.h"

typedef struct {
    gint64 ahead; /* of the system's clock */
} Later;

static gint64
later_now(void *data)
{
    const Later *later = data;
    return clock_now(NULL) + later->ahead;
}

/* KiB that only this process holds: what a leak makes grow. */
static gint64
private_kib(void)
{
    g_autofree char *text = NULL;
    gint64 sum = 0;
    if (!g_file_get_contents("/proc/self/smaps_rollup", &text, NULL, NULL))
        return -1;
    for (const char *line = strstr(text, "Private_"); line; line = strstr(line + 1, "Private_"))
        sum += g_ascii_strtoll(strchr(line, ':') + 1, NULL, 10);
    return sum;
}

static int
entries(const char *folder)
{
    int n = 0;
    GDir *dir = g_dir_open(folder, 0, NULL);
    if (!dir)
        return -1;
    while (g_dir_read_name(dir))
        n++;
    g_dir_close(dir);
    return n;
}

static gboolean
one_pass(Desk *desk, GError **error)
{
    PassOptions options = {.trigger = "cron"};
    g_autoptr(PassResult) result = desk_pass(desk, &options, NULL, error);
    if (!result)
        return FALSE;
    printf("{\"exit\":%d,\"posted\":%" G_GINT64_FORMAT ",\"private_kib\":%" G_GINT64_FORMAT
           ",\"descriptors\":%d,\"threads\":%d}\n",
           result->exit_code, result->pass->posted, private_kib(), entries("/proc/self/fd"),
           entries("/proc/self/task"));
    fflush(stdout);
    return TRUE;
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    char line[16];

    setlocale(LC_ALL, "");
    if (argc != 3) {
        fprintf(stderr, "usage: soak_main CONFIG MINUTES\n");
        return 2;
    }
    Later later = {0};
    const Clock clock = {later_now, &later};
    g_autoptr(Config) config = config_load(argv[1], NULL, &error);
    if (!config) {
        fprintf(stderr, "%s\n", error->message);
        return 2;
    }
    DeskOptions options = {.config = config, .clock = &clock, .uid = -1};
    g_autoptr(Desk) desk = desk_open(&options, &error);
    while (desk && fgets(line, sizeof line, stdin)) {
        if (!one_pass(desk, &error))
            break;
        later.ahead += g_ascii_strtoll(argv[2], NULL, 10) * 60 * G_USEC_PER_SEC;
    }
    if (error)
        fprintf(stderr, "%s\n", error->message);
    return error ? 1 : 0;
}
