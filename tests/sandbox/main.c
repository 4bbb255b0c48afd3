/* main.c: creditbot-sandbox: Slack, Looker and Trino/Presto on loopback, for tests and the demo. */
#include "config.h"
#include "seed.h"
#include "server.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    char *dir, *seed, *now;
    int port;
    gboolean exit_with_stdin;
} Options;

static gboolean
parse_options(int *argc, char ***argv, Options *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"dir", 0, 0, G_OPTION_ARG_FILENAME, &options->dir, "Folder of sandbox.db", "DIR"},
        {"port", 0, 0, G_OPTION_ARG_INT, &options->port, "Port on 127.0.0.1; 0: any", "N"},
        {"seed", 0, 0, G_OPTION_ARG_STRING, &options->seed, "demo, empty or FILE.json", "SEED"},
        {"now", 0, 0, G_OPTION_ARG_STRING, &options->now, "The sandbox's clock at seeding", "ISO"},
        {"exit-with-stdin", 0, 0, G_OPTION_ARG_NONE, &options->exit_with_stdin,
         "End when stdin does", NULL},
        G_OPTION_ENTRY_NULL,
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_set_summary(context, "Slack, Looker and Trino on loopback, for tests and the "
                                          "demo of creditbot. See docs/sandbox.md.");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, error))
        return FALSE;
    if (*argc > 1 || options->dir == NULL || options->port < 0 || options->port > 65535) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "usage: creditbot-sandbox --dir DIR [--port N] [--seed demo|empty|FILE.json] "
                    "[--now ISO] [--exit-with-stdin]");
        return FALSE;
    }
    return TRUE;
}

static gboolean
parse_now(const char *text, gint64 *now_us, GError **error)
{
    *now_us = -1;
    if (text == NULL)
        return TRUE;
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, utc);
    if (time == NULL) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "--now %s: not a time like 2026-09-30T12:00:00Z", text);
        return FALSE;
    }
    *now_us = g_date_time_to_unix(time) * G_USEC_PER_SEC + g_date_time_get_microsecond(time);
    return TRUE;
}

static void
add_base(cJSON *json, const Sandbox *sandbox, const char *name, const char *path)
{
    g_autofree char *url = g_strconcat(sandbox->origin, path, NULL);
    cJSON_AddStringToObject(json, name, url);
}

static void
print_ready(Sandbox *sandbox)
{
    static const char *const secrets[] = {"slack_token", "looker_client_id", "looker_client_secret",
                                          "trino_user",  "trino_password",   "trino_jwt"};
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "pid", getpid());
    cJSON_AddNumberToObject(json, "port", sandbox->port);
    add_base(json, sandbox, "slack", "/slack/api");
    add_base(json, sandbox, "looker", "/looker");
    add_base(json, sandbox, "trino", "/trino");
    add_base(json, sandbox, "presto", "/presto");
    add_base(json, sandbox, "control", "/control");
    db_begin(sandbox->db);
    for (gsize i = 0; i < G_N_ELEMENTS(secrets); i++) {
        g_autofree char *value = db_setting_text(sandbox->db, secrets[i], "");
        cJSON_AddStringToObject(json, secrets[i], value);
    }
    db_commit(sandbox->db);
    char *text = cJSON_PrintUnformatted(json);
    printf("%s\n", text);
    fflush(stdout);
    cJSON_free(text);
    cJSON_Delete(json);
}

/* Until a signal comes, or stdin ends. */
static void
wait_for_end(const sigset_t *signals, gboolean with_stdin)
{
    struct pollfd fds[] = {{.fd = signalfd(-1, signals, SFD_CLOEXEC), .events = POLLIN},
                           {.fd = with_stdin ? STDIN_FILENO : -1, .events = POLLIN}};
    for (;;) {
        if (poll(fds, G_N_ELEMENTS(fds), -1) < 0) {
            if (errno == EINTR)
                continue;
            return;
        }
        char junk[256];
        if (fds[0].revents != 0)
            return;
        if (fds[1].revents != 0 && read(STDIN_FILENO, junk, sizeof junk) <= 0)
            return;
    }
}

static int
run(const Options *options, const sigset_t *signals, GError **error)
{
    gint64 now_us;
    Sandbox sandbox = {NULL};
    if (!parse_now(options->now, &now_us, error))
        return 2;
    sandbox.db = db_open(options->dir, error);
    if (sandbox.db == NULL)
        return 1;
    const char *seed = options->seed != NULL ? options->seed : "demo";
    if (!seed_apply(sandbox.db, seed, now_us, error)) {
        db_close(sandbox.db);
        return 1;
    }
    g_mutex_init(&sandbox.mutex);
    g_cond_init(&sandbox.wake);
    sandbox.trino = trino_new(db_path(sandbox.db));
    gboolean started = server_start(&sandbox, (guint)options->port, error);
    if (started) {
        print_ready(&sandbox);
        wait_for_end(signals, options->exit_with_stdin);
        server_stop(&sandbox);
    }
    trino_free(sandbox.trino);
    g_cond_clear(&sandbox.wake);
    g_mutex_clear(&sandbox.mutex);
    g_free(sandbox.origin);
    db_close(sandbox.db);
    return started ? 0 : 1;
}

int
main(int argc, char **argv)
{
    Options options = {NULL};
    g_autoptr(GError) error = NULL;
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    umask(077);
    int status = 2;
    if (parse_options(&argc, &argv, &options, &error)) {
        pid_t parent = getppid();
        if (options.exit_with_stdin)
            prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (!options.exit_with_stdin || getppid() == parent)
            status = run(&options, &signals, &error);
    }
    if (error != NULL)
        fprintf(stderr, "creditbot-sandbox: %s\n", error->message);
    g_free(options.dir);
    g_free(options.seed);
    g_free(options.now);
    return status;
}
