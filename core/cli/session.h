/* session.h: what a command works with: the global options, the output, the configuration, the log,
 * and, when it asks for them, the state and the desk. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <glib.h>

#include "base/cancel.h"
#include "base/config.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/demo.h"
#include "cli/log_keeper.h"
#include "cli/out.h"
#include "cli/signals.h"
#include "engine/desk.h"

/* The options that go with every command. */
typedef struct {
    gboolean batch, demo, reset, dry_run, json, no_color, verbose, version, help;
    gint max;
    char *config, *theme, *log_level;
} Globals;
extern const OptSpec global_options[];

struct Session {
    const Globals *globals;
    const Command *command;
    Out *out;
    /* Filled when first asked for; all closed by session_close(). */
    Demo *demo;
    Config *config;
    Log *log;
    LogKeeper *keeper;
    Signals *signals;
    Cancel *cancel;
    Store *store;
    Desk *desk;
    int setup_signal; /* that ended the set-up; 0: none */
};

/* Each does nothing when it was done before. */
gboolean session_config(Session *session, GError **error);
/* Read-only state of a reading command. TRUE with session->store NULL when there is no state yet.
 */
gboolean session_store(Session *session, GError **error);
/* The state for `state …`; the caller owns it. */
Store *session_store_open(Session *session, gboolean read_only, GError **error);
char *session_store_path(Session *session, GError **error); /* caller frees */
gboolean session_desk(Session *session, gboolean read_only, GError **error);
void session_close(Session *session);

/* Opens what the flags of the command ask for. */
gboolean session_open(Session *session, GError **error);

/* The id in a command's argument: "1042" or "#1042". */
gboolean session_id(const char *text, gint64 *id, GError **error);
/* An amount of --amount: a plain decimal that is not negative. */
gboolean session_amount(const char *text, gint64 *amount, GError **error);
/* A reason that people will read years from now: not blank, valid UTF-8. */
gboolean session_reason(const char *text, GError **error);
/* The theme and the keys, which the console alone reads; TRUE in a build without it. It stands in
 * console.c, the one file here that knows of the console. */
gboolean session_console_check(const Session *session, GError **error);
/* The console's keys in force, as INI text. Caller frees; NULL with error without a console. */
char *session_console_keys(const Session *session, GError **error);
/* The questions of the first run, on the terminal; they stand there too. */
typedef enum { SETUP_WAY_FAILED, SETUP_WAY_WRITTEN, SETUP_WAY_DEMO, SETUP_WAY_LEFT } SetupWay;
SetupWay session_console_setup(Session *session, const char *slack_url, gboolean offer_demo,
                               GError **error);
/* The configuration that would be read first, or that is to be written; caller frees. */
char *session_config_path(const Session *session);
/* The console at its view of logs, where there is one and a terminal to show it; FALSE: there is
 * none, and nothing was done. pipe_fd: of "-" among the paths, taken when TRUE. */
typedef struct {
    const char *const *paths;
    int pipe_fd, level;
    const char *filter;
} SessionLogs;
gboolean session_console_logs(Session *session, const SessionLogs *logs, int *code, GError **error);
/* 128 + signal when one asked to stop, else fallback. */
int session_stopped(const Session *session, int fallback);
/* Two lines over text output that a dry run could make mistaken for real. */
void session_say_dry(Session *session);

#endif
