/* console_main.c: the console alone, on a configuration: what the tests and the figures drive.
 *
 * CREDITBOT_TEST_NOW pins the time (seconds), CREDITBOT_TEST_ACTOR the operator ("name:uid"). */
#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "engine/desk.h"
#include "tui/console.h"

/* Time as the test pins it: CREDITBOT_TEST_NOW in seconds, standing still. */
static gint64
pinned(void *data)
{
    const gint64 *at = data;
    return *at;
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    const char *now = g_getenv("CREDITBOT_TEST_NOW");
    gint64 at = now ? g_ascii_strtoll(now, NULL, 10) * G_USEC_PER_SEC : 0;
    Clock clock = {pinned, &at};
    if (argc < 2) {
        fputs("usage: console_main CONFIG [THEME]\n", stderr);
        return 2;
    }
    const char *actor = g_getenv("CREDITBOT_TEST_ACTOR");
    g_auto(GStrv) who = g_strsplit(actor ? actor : ":-1", ":", 2);
    g_autoptr(Config) config = config_load(argv[1], NULL, &error);
    DeskOptions options = {.config = config,
                           .clock = at ? &clock : NULL,
                           .uid = who[1] ? g_ascii_strtoll(who[1], NULL, 10) : -1,
                           .actor = *who[0] ? who[0] : NULL};
    g_autoptr(Desk) desk = config ? desk_open(&options, &error) : NULL;
    ConsoleOptions console = {.theme = argc > 2 ? argv[2] : NULL};
    int code = desk ? console_run(desk, config, NULL, &console, &error) : 2;
    if (error)
        fprintf(stderr, "%s\n", error->message);
    return code < 0 ? 2 : code;
}
