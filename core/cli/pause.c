/* pause.c: `creditbot pause` and `creditbot resume`: whether passes do anything. */
#include "cli/session.h"

typedef struct {
    char *reason;
} Options;

static const OptSpec specs[] = {
    {"reason", 'r', OPT_TEXT, G_STRUCT_OFFSET(Options, reason), "TEXT",
     "why; every pass says it (required)"},
    {NULL},
};

static int
say_paused(Session *session)
{
    g_autofree char *who = NULL;
    gboolean paused = desk_paused(session->desk, &who);
    if (session->globals->json) {
        cJSON *json = cJSON_CreateObject();
        cJSON_AddBoolToObject(json, "paused", paused);
        json_add(json, "who", who);
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
    if (!session_reason(options->reason, error) || !session_desk(session, FALSE, error) ||
        !desk_pause(session->desk, options->reason, error))
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
    .help = "let no pass do anything until resume",
    .about =
        "Passes from cron and timers begin, say that they are paused, by whom and why, and end.\n"
        "What an operator does by hand still works.",
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
