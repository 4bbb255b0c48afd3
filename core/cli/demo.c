/* demo.c: starts the sandbox as a child that ends with us, and keeps the demo's state in its
 * folder. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "cli/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/error.h"
#include "base/json.h"
#include "cli/demo_seed.h"

#define HELLO_USEC ((gint64)20 * G_USEC_PER_SEC)
#define HELLO_MAX  65536

struct Demo {
    char *folder;
    int lock;
    pid_t child; /* 0: not started */
    int to_child, from_child;
    cJSON *hello;  /* what the sandbox said about itself */
    gint64 pinned; /* $CREDITBOT_DEMO_NOW; 0: none */
    Clock clock;   /* stands there */
};

static const char settings[] =
    "[general]\ndry_run=false\nenvironment=demo\nschedule=15m\n"
    "[slack]\nchannels=#help-sms-credit-pumping-memos;#help-verify-credit\n"
    "lookback=15d\n"
    "[looker]\nbase_url=https://looker.example.com\n"
    "[warehouse]\ndriver=trino\ncatalog=hive\nschema=default\n"
    "[product.verify]\nmatch=Authy\ncalculator=verify\ntitle=Verify\n"
    "[product.psms]\nmatch=Programmable\naction=ignore\n"
    "[approval]\nmode=required\nsecond_above=5000\nhold_unusual=true\n"
    "tiers=20000:2:seniors\ndaily_limit=60000\n[group.seniors]\nmembers=mara;jonas\n"
    "[posting]\nhold=10s\nreadback_grace=1s\n"
    "[retry]\nattempts=3\ndelay=5m\n";

/* -- the folder -- */
static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static gboolean
fail_path(const char *what, const char *path, GError **error)
{
    g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG, "the demo cannot %s %s: %s", what, path,
                g_strerror(errno));
    return FALSE;
}

/* One may make the folder (exclusive), many may use it (shared). */
static gboolean
take_lock(Demo *demo, gboolean wait_for_others, GError **error)
{
    if (flock(demo->lock, LOCK_EX | (wait_for_others ? 0 : LOCK_NB)) == 0)
        return TRUE;
    if (errno != EWOULDBLOCK)
        return fail_path("lock", demo->folder, error);
    g_set_error(error, CREDITBOT_ERROR, ERR_LEASE,
                "another demo is running on %s: end it first, then --demo --reset", demo->folder);
    return FALSE;
}

static gboolean
open_lock(Demo *demo, GError **error)
{
    g_autofree char *parent = g_path_get_dirname(demo->folder);
    g_autofree char *path = g_strconcat(demo->folder, ".lock", NULL);
    if (g_mkdir_with_parents(parent, 0700) != 0)
        return fail_path("make", parent, error);
    demo->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    return demo->lock >= 0 || fail_path("open", path, error);
}

/* -- the child -- */
static char *
find_sandbox(GError **error)
{
    char exe[4096];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (n > 0) {
        exe[n] = '\0';
        g_autofree char *here = g_path_get_dirname(exe);
        char *built = g_build_filename(here, "tests", "sandbox", "creditbot-sandbox", NULL);
        if (access(built, X_OK) == 0)
            return built;
        g_free(built);
    }
    const char *named = g_getenv("CREDITBOT_SANDBOX");
    if (named && *named)
        return g_strdup(named);
    if (access(LIBEXECDIR "/creditbot-sandbox", X_OK) == 0)
        return g_strdup(LIBEXECDIR "/creditbot-sandbox");
    g_set_error_literal(error, CREDITBOT_ERROR, ERR_CONFIG,
                        "this build has no sandbox for the demo; build with libmicrohttpd, or name "
                        "one in $CREDITBOT_SANDBOX");
    return NULL;
}

/* In a process group of its own: a Ctrl-C on the terminal is for us alone. */
static gboolean
spawn(Demo *demo, const char *program, char *const *argv, GError **error)
{
    int in[2], out[2];
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    if (pipe2(in, O_CLOEXEC) != 0)
        return fail_path("start", program, error);
    if (pipe2(out, O_CLOEXEC) != 0) {
        close(in[0]);
        close(in[1]);
        return fail_path("start", program, error);
    }
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    g_auto(GStrv) env = config_child_environment();
    int code = posix_spawn(&demo->child, program, &actions, &attributes, argv, env);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    close(in[0]);
    close(out[1]);
    demo->to_child = in[1];
    demo->from_child = out[0];
    if (code == 0)
        return TRUE;
    demo->child = 0;
    errno = code;
    return fail_path("start", program, error);
}

/* The sandbox says one line of JSON when it listens. */
static gboolean
read_hello(Demo *demo, GError **error)
{
    g_autoptr(GString) line = g_string_new(NULL);
    gint64 until = g_get_monotonic_time() + HELLO_USEC;
    while (!strchr(line->str, '\n')) {
        char block[4096];
        struct pollfd wait_fd = {.fd = demo->from_child, .events = POLLIN};
        gint64 left = until - g_get_monotonic_time();
        if (left <= 0 || line->len > HELLO_MAX || poll(&wait_fd, 1, (int)(left / 1000)) == 0)
            break;
        ssize_t n = read(demo->from_child, block, sizeof block);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        g_string_append_len(line, block, n);
    }
    char *end = strchr(line->str, '\n');
    if (!end) {
        g_set_error_literal(error, CREDITBOT_ERROR, ERR_UNREACHABLE,
                            "the demo's sandbox did not come up; its words are above");
        return FALSE;
    }
    demo->hello = json_parse(line->str, (gsize)(end - line->str), "the sandbox", error);
    return demo->hello != NULL;
}

/* now: where its data end when they are made; NULL: they are there already. */
static gboolean
start_sandbox(Demo *demo, char *now, GError **error)
{
    if (demo->child)
        return TRUE;
    g_autofree char *program = find_sandbox(error);
    g_autofree char *folder = g_build_filename(demo->folder, "sandbox", NULL);
    if (!program)
        return FALSE;
    char dir[] = "--dir", seed[] = "--seed", demo_name[] = "demo", end[] = "--exit-with-stdin";
    char at[] = "--now",
         *argv[] = {program, dir, folder, seed, demo_name, end, now ? at : NULL, now, NULL};
    if (g_mkdir_with_parents(folder, 0700) != 0)
        return fail_path("make", folder, error);
    return spawn(demo, program, argv, error) && read_hello(demo, error);
}

static void
stop_sandbox(Demo *demo)
{
    if (!demo->child)
        return;
    close(demo->to_child);
    close(demo->from_child);
    while (waitpid(demo->child, NULL, 0) < 0 && errno == EINTR)
        ;
    demo->child = 0;
    g_clear_pointer(&demo->hello, cJSON_Delete);
}

/* -- the configuration -- */
static const char *
no_environment(const char *name)
{
    (void)name;
    return NULL;
}

Config *
demo_config(Demo *demo, GError **error)
{
    g_autoptr(Config) config = config_parse(settings, "the demo", no_environment, error);
    if (!config || !config_set(config, "general", "state_dir", demo->folder, error))
        return NULL;
    /* Alone with a demo, its user is never stuck for a second person. */
    struct passwd user, *found = NULL;
    char names[4096];
    if (getpwuid_r(getuid(), &user, names, sizeof names, &found) == 0 && found &&
        !config_set(config, "approval", "break_glass", found->pw_name, error))
        return NULL;
    return g_steal_pointer(&config);
}

gboolean
demo_services(Demo *demo, Config *config, GError **error)
{
    static const struct {
        const char *section, *key, *from;
    } told[] = {
        {"slack", "base_url", "slack"},
        {"slack", "token", "slack_token"},
        {"looker", "client_id", "looker_client_id"},
        {"looker", "client_secret", "looker_client_secret"},
        {"warehouse", "url", "trino"},
        {"warehouse", "user", "trino_user"},
        {"warehouse", "password", "trino_password"},
    };
    if (!start_sandbox(demo, NULL, error))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(told); i++) {
        const char *value = json_string(demo->hello, told[i].from);
        if (value && !config_set(config, told[i].section, told[i].key, value, error))
            return FALSE;
    }
    const char *looker = json_string(demo->hello, "looker");
    g_autofree char *api = g_strconcat(looker ? looker : "", "/api/4.0", NULL);
    return config_set(config, "looker", "api_url", api, error);
}

/* -- opening -- */
static gboolean
make_desk(Demo *demo, const char *ready, GError **error)
{
    if (access(demo->folder, F_OK) == 0 &&
        nftw(demo->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
        return fail_path("clear", demo->folder, error);
    if (g_mkdir_with_parents(demo->folder, 0700) != 0)
        return fail_path("make", demo->folder, error);
    if (isatty(STDERR_FILENO))
        fputs("creditbot: making the demo's desk, a few seconds ...\n", stderr);
    /* One moment for both: the sandbox's days and the history's must be the same ones. */
    gint64 now = demo->pinned ? demo->pinned : clock_now(NULL);
    g_autofree char *iso = time_iso(now, FALSE);
    DemoStory story = {.now = now - now % G_USEC_PER_SEC, .pinned = demo->pinned != 0};
    g_autoptr(Config) config = demo_config(demo, error);
    if (!config || !start_sandbox(demo, iso, error) || !demo_services(demo, config, error))
        return FALSE;
    story.control = json_string(demo->hello, "control");
    if (!demo_seed(config, &story, error))
        return FALSE;
    return g_file_set_contents_full(ready, PACKAGE_VERSION "\n", -1, G_FILE_SET_CONTENTS_CONSISTENT,
                                    0600, error);
}

static gint64
stands_still(void *data)
{
    const Demo *demo = data;
    return demo->pinned;
}

static gboolean
read_pinned(Demo *demo, GError **error)
{
    const char *text = g_getenv("CREDITBOT_DEMO_NOW");
    demo->clock = (Clock){stands_still, demo};
    if (!text || !*text || time_parse_iso(text, &demo->pinned, error))
        return TRUE;
    g_prefix_error(error, "$CREDITBOT_DEMO_NOW: ");
    return FALSE;
}

const Clock *
demo_clock(const Demo *demo)
{
    return demo && demo->pinned ? &demo->clock : NULL;
}

Demo *
demo_open(gboolean reset, GError **error)
{
    g_autoptr(Demo) demo = g_new0(Demo, 1);
    demo->lock = -1;
    if (!read_pinned(demo, error))
        return NULL;
    demo->folder = g_build_filename(g_get_user_state_dir(), "creditbot", "demo", NULL);
    g_autofree char *ready = g_build_filename(demo->folder, "ready", NULL);
    if (!open_lock(demo, error))
        return NULL;
    if (reset || access(ready, F_OK) != 0) {
        if (!take_lock(demo, !reset, error))
            return NULL;
        if ((reset || access(ready, F_OK) != 0) && !make_desk(demo, ready, error))
            return NULL;
    }
    if (flock(demo->lock, LOCK_SH) != 0) {
        fail_path("lock", demo->folder, error);
        return NULL;
    }
    return g_steal_pointer(&demo);
}

const char *
demo_folder(const Demo *demo)
{
    return demo->folder;
}

void
demo_close(Demo *demo)
{
    if (!demo)
        return;
    stop_sandbox(demo);
    if (demo->lock >= 0)
        close(demo->lock);
    g_free(demo->folder);
    g_free(demo);
}
