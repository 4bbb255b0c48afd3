/* logs.c: `creditbot logs`: the lines that the state keeps, or those of files, and those that come.
 */
#include "base/clock.h"
#include "base/error.h"
#include "cli/logs.h"
#include "cli/present.h"

#define FOLLOW_USEC   (G_USEC_PER_SEC / 4)
#define DEFAULT_LINES 200

typedef struct {
    gint run, pass, request, limit;
    gboolean all, follow;
    char *level, *grep, *since, *filter;
} Options;

static const OptSpec specs[] = {
    {"all", 'a', OPT_FLAG, G_STRUCT_OFFSET(Options, all), NULL, "all lines, not only the newest"},
    {"filter", 0, OPT_TEXT, G_STRUCT_OFFSET(Options, filter), "FILTER",
     "as in the console: 'area:slack !retry /time.?out/ since:2h'"},
    {"follow", 'f', OPT_FLAG, G_STRUCT_OFFSET(Options, follow), NULL,
     "go on showing lines as they come"},
    {"grep", 'g', OPT_TEXT, G_STRUCT_OFFSET(Options, grep), "TEXT", "lines that hold TEXT"},
    {"level", 0, OPT_TEXT, G_STRUCT_OFFSET(Options, level), "LEVEL",
     "from this level on: trace, debug, info, warn, error"},
    {"limit", 'l', OPT_NUMBER, G_STRUCT_OFFSET(Options, limit), "N",
     "the newest N lines (200, or all of a run, pass or request)"},
    {"pass", 0, OPT_NUMBER, G_STRUCT_OFFSET(Options, pass), "N", "of this pass"},
    {"request", 0, OPT_NUMBER, G_STRUCT_OFFSET(Options, request), "ID", "about this request"},
    {"run", 0, OPT_NUMBER, G_STRUCT_OFFSET(Options, run), "ID",
     "of this run, by its id in creditbot show"},
    {"since", 's', OPT_TEXT, G_STRUCT_OFFSET(Options, since), "TIME",
     "since then: 2h, yesterday, 2026-09-14"},
    {NULL},
};

typedef struct {
    Session *session;
    gint64 last;
} Showing;

static cJSON *
row_to_json(const LogRow *row)
{
    cJSON *json = cJSON_CreateObject();
    g_autofree char *at = time_iso(row->at, TRUE);
    json_add_int(json, "id", row->id);
    json_add(json, "at", at);
    json_add(json, "level", log_level_name((LogLevel)row->level));
    json_add(json, "area", row->area);
    json_add_int(json, "pass", row->pass_id);
    json_add_int(json, "request", row->request_id);
    json_add_int(json, "run", row->run_id);
    json_add(json, "message", row->message);
    return json;
}

static gboolean
on_row(const LogRow *row, void *data)
{
    Showing *showing = data;
    Out *out = showing->session->out;
    showing->last = row->id;
    if (showing->session->globals->json) {
        out_json(out, row_to_json(row));
        return TRUE;
    }
    LogLine line = {.at = row->at,
                    .level = (LogLevel)row->level,
                    .area = row->area,
                    .pass_id = row->pass_id,
                    .request_id = row->request_id,
                    .run_id = row->run_id,
                    .message = row->message};
    g_autofree char *text = log_line_format(&line, LOG_FORMAT_TEXT, out_has_colour(out));
    out_printf(out, "%s\n", text);
    return TRUE;
}

static gboolean
read_level(const char *name, LogLevel *level, GError **error)
{
    *level = LOG_TRACE;
    if (!name || log_level_parse(name, level))
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_USAGE,
                "no log level '%s'; they are trace, debug, info, warn, error", name);
    return FALSE;
}

static gboolean
make_filter(const Options *options, LogFilter *filter, GError **error)
{
    LogLevel level;
    if (!read_level(options->level, &level, error))
        return FALSE;
    gboolean all = options->all || options->run || options->pass || options->request;
    *filter = (LogFilter){.pass_id = options->pass,
                          .request_id = options->request,
                          .run_id = options->run,
                          .min_level = (int)level,
                          .grep = options->grep,
                          .limit = options->limit > 0 ? (guint)options->limit
                                   : all              ? 0
                                                      : DEFAULT_LINES};
    return !options->since ||
           time_parse_since(options->since, clock_now(NULL), &filter->since, error);
}

/* Ends when asked to, or when nobody reads any more. */
static gboolean
follow(Session *session, LogFilter *filter, Showing *showing, GError **error)
{
    gint64 stamp = -1;
    filter->limit = 0;
    while (!out_broken(session->out) && !cancel_sleep(session->cancel, FOLLOW_USEC)) {
        if (!session->store && !session_store(session, error))
            return FALSE;
        if (!session->store || store_stamp(session->store) == stamp)
            continue;
        stamp = store_stamp(session->store);
        filter->after_id = showing->last;
        if (!store_logs(session->store, filter, on_row, showing, error) ||
            !out_flush(session->out, error))
            return FALSE;
    }
    return TRUE;
}

/* Files, or the state's lines by a filter that its own query does not know. */
static int
run_files(Session *session, const Options *options, char **args, GError **error)
{
    LogLevel level;
    if (options->run || options->pass || options->request) {
        g_set_error(error, CREDITBOT_ERROR, ERR_USAGE,
                    "--run, --pass and --request go with the state's log, not with a FILE or "
                    "--filter, which has them as run:N, pass:N and request:N");
        return 2;
    }
    if (!read_level(options->level, &level, error))
        return 2;
    LogFiles files = {.paths = (const char *const *)args,
                      .level = (int)level,
                      .filter = options->filter,
                      .grep = options->grep,
                      .since = options->since,
                      .limit = (guint)MAX(options->limit, 0),
                      .follow = options->follow};
    return logs_files(session, &files, error);
}

static int
run(Session *session, const void *data, char **args, GError **error)
{
    const Options *options = data;
    if (args[0] || options->filter)
        return run_files(session, options, args, error);
    LogFilter filter;
    Showing showing = {.session = session};
    if (!make_filter(options, &filter, error) || !session_store(session, error))
        return 2;
    if (session->store && !store_logs(session->store, &filter, on_row, &showing, error))
        return 1;
    if (!options->follow)
        return 0;
    if (!out_flush(session->out, error) || !follow(session, &filter, &showing, error))
        return 1;
    return session_stopped(session, 0);
}

const Command command_logs = {
    .name = "logs",
    .aliases = "log",
    .help = "show the log lines of passes, runs and requests",
    .about =
        "The newest lines that the state keeps, oldest first; all lines of a pass, a run or a\n"
        "request when one is named. With --follow until Ctrl-C.\n\n"
        "With FILEs, on a terminal: the console's view of logs, with these files merged by their\n"
        "times. '-' is the standard input, '@desk' the lines that the state keeps. Elsewhere, and\n"
        "with --json, their lines are printed, merged, those that pass --level, --grep, --since\n"
        "and --filter. A file may be rotated or not be there yet.",
    .args = "[FILE...]",
    .max_args = 16,
    .completes = "files",
    .options = specs,
    .options_size = sizeof(Options),
    .flags = CMD_CONFIG | CMD_JSON | CMD_LONG | CMD_BATCH_OK,
    .func = run,
};
