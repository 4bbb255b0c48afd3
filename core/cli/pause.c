/* pause.c: `creditbot pause` and `creditbot resume`: whether passes do anything. */
#include "cli/session.h"

#include "base/clock.h"
#include "base/error.h"

typedef struct {
    char *reason, *span, *until;
} Options;

static const OptSpec specs[] = {
    {"for", 0, OPT_TEXT, G_STRUCT_OFFSET(Options, span), "TIME",
     "go on by itself after that long: 30m, 2h, 1d"},
    {"reason", 'r', OPT_TEXT, G_STRUCT_OFFSET(Options, reason), "TEXT",
     "why; every pass says it (required)"},
    {"until", 0, OPT_TEXT, G_STRUCT_OFFSET(Options, until), "TIME",
     "go on by itself at that time: 2026-09-14T08:00:00Z"},
    {NULL},
};

/* *until 0: nobody said how long. */
static gboolean
until_of(Session *session, const Options *options, gint64 *until, GError **error)
{
    gint64 span = 0;

    if (options->span && options->until) {
        g_set_error(error, CREDITBOT_ERROR, ERR_USAGE,
                    "a pause ends either --for a time or --until one, not both");
        return FALSE;
    }
    if (options->until)
        return time_parse_iso(options->until, until, error);
    if (options->span && !duration_parse(options->span, &span, error))
        return FALSE;
    *until = options->span ? desk_now(session->desk) + span : 0;
    return TRUE;
}

static int
say_paused(Session *session)
{
    g_autofree char *who = NULL;
    g_auto(PauseInfo) info = {0};
    gboolean paused = desk_paused(session->desk, &who) && desk_pause_info(session->desk, &info);
    if (session->globals->json) {
        cJSON *json = cJSON_CreateObject();
        cJSON_AddBoolToObject(json, "paused", paused);
        g_autofree char *until = info.until ? time_iso(info.until, FALSE) : NULL;
        json_add(json, "who", who);
        json_add(json, "until", until);
        out_json(session->out, json);
        return 0;
    }
    out_printf(session->out, "%s", paused ? "Passes are paused: " : "Passes run again.");
    out_text(session->out, ROLE_PLAIN, who);
    out_line(session->out);
    return 0;
}

static int
run_pause(Session *session, const void *data, char **args, GError **error)
{
    (void)args;
    const Options *options = data;
    gint64 until = 0;
    if (!session_reason(options->reason, error) || !session_desk(session, FALSE, error) ||
        !until_of(session, options, &until, error) ||
        !desk_pause(session->desk, options->reason, until, error))
        return 2;
    return say_paused(session);
}

static int
run_resume(Session *session, const void *options, char **args, GError **error)
{
    (void)options;
    (void)args;
    if (!desk_resume(session->desk, error))
        return 1;
    return say_paused(session);
}

const Command command_pause = {
    .name = "pause",
    .args = "--reason TEXT",
    .help = "let no pass do anything until resume, or for a time",
    .about =
        "Passes from cron and timers begin, say that they are paused, by whom and why, and end.\n"
        "With --for or --until they go on by themselves. What an operator does by hand still "
        "works.",
    .options = specs,
    .options_size = sizeof(Options),
    .flags = CMD_JSON | CMD_BATCH_OK,
    .func = run_pause,
};

const Command command_resume = {
    .name = "resume",
    .help = "let passes work again",
    .flags = CMD_WRITES | CMD_JSON | CMD_BATCH_OK,
    .func = run_resume,
};
