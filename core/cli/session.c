/* session.c: opens what a command asks for, in the one order that is safe, and closes it again. */
#include "cli/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/money.h"
#include "cli/progress.h"

static gboolean
load_config(Session *session, GError **error)
{
    const Globals *globals = session->globals;
    if (!globals->demo) {
        session->config = config_load(globals->config, NULL, error);
        config_wipe_environment();
        return session->config != NULL;
    }
    session->demo = demo_open(globals->reset, error);
    if (!session->demo)
        return FALSE;
    session->config = demo_config(session->demo, error);
    return session->config != NULL;
}

char *
session_config_path(const Session *session)
{
    const char *named = session->globals->config;
    if (!named)
        named = g_getenv("CREDITBOT_CONFIG");
    return named ? g_strdup(named)
                 : g_build_filename(g_get_user_config_dir(), "creditbot", "creditbot.conf", NULL);
}

gboolean
session_config(Session *session, GError **error)
{
    if (session->config)
        return TRUE;
    if (!load_config(session, error))
        return FALSE;
    if (session->globals->dry_run)
        return config_set(session->config, "general", "dry_run", "true", error);
    return TRUE;
}

static gboolean
log_level(Session *session, LogLevel *level, GError **error)
{
    const Globals *globals = session->globals;
    const char *name = globals->log_level ? globals->log_level
                       : globals->verbose ? "debug"
                                          : config_string(session->config, "log", "level");
    if (!name || log_level_parse(name, level))
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_USAGE,
                "no log level '%s'; they are trace, debug, info, warn, error", name);
    return FALSE;
}

/* On stderr: everything in a pass, only on request in other commands. */
static gboolean
open_log(Session *session, GError **error)
{
    if (session->log)
        return TRUE;
    LogLevel level = LOG_LEVEL_INFO;
    if (!log_level(session, &level, error))
        return FALSE;
    const char *format_name = config_string(session->config, "log", "format");
    LogFormat format = g_strcmp0(format_name, "json") == 0 ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT;
    const char *file = config_string(session->config, "log", "file");
    session->log = log_new(NULL);
    log_set_level(session->log, level);
    g_autoptr(GPtrArray) secrets = config_secrets(session->config);
    for (guint i = 0; secrets && i < secrets->len; i++)
        log_secret(session->log, g_ptr_array_index(secrets, i));
    /* The console owns the terminal: its log goes to the file and the state only. */
    gboolean wanted = ((session->command->flags & CMD_PASS) || session->globals->verbose ||
                       session->globals->log_level) &&
                      !g_str_equal(session->command->name, "console");
    if (wanted) {
        g_autoptr(Out) err = out_new(STDERR_FILENO, !session->globals->no_color);
        log_to_fd(session->log, STDERR_FILENO, format, out_has_colour(err));
    }
    return !file || log_to_file(session->log, file, format, error);
}

char *
session_store_path(Session *session, GError **error)
{
    g_autofree char *folder = config_state_dir(session->config, error);
    if (!folder)
        return NULL;
    return store_path(config_string(session->config, "store", "url"), folder, error);
}

Store *
session_store_open(Session *session, gboolean read_only, GError **error)
{
    g_autofree char *path = session_store_path(session, error);
    if (!path)
        return NULL;
    StoreOptions options = {.path = path,
                            .group = config_string(session->config, "store", "group"),
                            .read_only = read_only,
                            .once = read_only,
                            .migrating = progress_migrating(session)};
    return store_open(&options, error);
}

gboolean
session_store(Session *session, GError **error)
{
    g_autoptr(GError) failure = NULL;
    if (session->store)
        return TRUE;
    if (!session_config(session, error))
        return FALSE;
    session->store = session_store_open(session, TRUE, &failure);
    if (session->store || g_error_matches(failure, CREDITBOT_ERROR, ERR_NOT_FOUND))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

/* The signals are taken over before any thread runs, so that all inherit the mask. */
static void
watch_signals(Session *session)
{
    if (session->cancel || !(session->command->flags & CMD_LONG))
        return;
    session->cancel = cancel_new();
    session->signals = signals_start(session->cancel);
}

static gboolean
keep_logs(Session *session, GError **error)
{
    g_autofree char *path = session_store_path(session, error);
    if (!path)
        return FALSE;
    StoreOptions options = {.path = path,
                            .group = config_string(session->config, "store", "group")};
    session->keeper = log_keeper_start(&options, session->log, error);
    return session->keeper != NULL;
}

gboolean
session_desk(Session *session, gboolean read_only, GError **error)
{
    if (session->desk)
        return TRUE;
    if (!session_config(session, error) || !open_log(session, error))
        return FALSE;
    if (session->demo && !demo_services(session->demo, session->config, error))
        return FALSE;
    watch_signals(session);
    DeskOptions options = {.config = session->config,
                           .log = session->log,
                           .clock = demo_clock(session->demo),
                           .uid = -1,
                           .read_only = read_only,
                           .migrating = progress_migrating(session)};
    session->desk = desk_open(&options, error);
    if (!session->desk)
        return FALSE;
    return read_only || keep_logs(session, error);
}

gboolean
session_open(Session *session, GError **error)
{
    guint flags = session->command->flags;
    if (flags & CMD_WRITES)
        return session_desk(session, FALSE, error);
    if (flags & CMD_READS) {
        watch_signals(session);
        return session_store(session, error);
    }
    if (flags & CMD_CONFIG) {
        watch_signals(session);
        return session_config(session, error);
    }
    return TRUE;
}

void
session_close(Session *session)
{
    g_autoptr(GError) lost = NULL;
    desk_close(session->desk);
    store_close(session->store);
    if (!log_keeper_stop(session->keeper, &lost))
        fprintf(stderr, "creditbot: %s\n", lost->message);
    log_free(session->log);
    config_free(session->config);
    demo_close(session->demo);
    signals_stop(session->signals);
    cancel_unref(session->cancel);
}

gboolean
session_id(const char *text, gint64 *id, GError **error)
{
    const char *digits = *text == '#' ? text + 1 : text;
    char *end = NULL;
    errno = 0;
    gint64 value = g_ascii_strtoll(digits, &end, 10);
    if (g_ascii_isdigit(*digits) && *end == '\0' && errno == 0 && value > 0) {
        *id = value;
        return TRUE;
    }
    g_set_error(error, CREDITBOT_ERROR, ERR_USAGE,
                "'%s' is no request: give its id, as the first column of creditbot list shows it",
                text);
    return FALSE;
}

gboolean
session_amount(const char *text, gint64 *amount, GError **error)
{
    if (!text) {
        g_set_error_literal(error, CREDITBOT_ERROR, ERR_USAGE, "give an amount: --amount 1234.56");
        return FALSE;
    }
    if (money_parse(text, TRUE, amount, NULL) && *amount >= 0)
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_USAGE,
                "'%s' is no amount: give a plain decimal that is not negative, as 1234.56", text);
    return FALSE;
}

gboolean
session_reason(const char *text, GError **error)
{
    g_autofree char *copy = g_strdup(text ? text : "");
    if (*g_strstrip(copy) == '\0') {
        g_set_error_literal(error, CREDITBOT_ERROR, ERR_USAGE,
                            "give a reason: --reason \"checked against ...\"; it is kept for ever");
        return FALSE;
    }
    if (g_utf8_validate(text, -1, NULL))
        return TRUE;
    g_set_error_literal(error, CREDITBOT_ERROR, ERR_USAGE, "the reason is not valid UTF-8");
    return FALSE;
}

int
session_stopped(const Session *session, int fallback)
{
    int sig = signals_received(session->signals);
    return sig ? 128 + sig : fallback;
}

void
session_say_dry(Session *session)
{
    out_text(session->out, ROLE_WARN, "DRY RUN: nothing is posted, nothing is decided.");
    out_line(session->out);
}
