/* reject.c: `creditbot reject ID`: no credit, with the reason that is kept. */
#include "base/error.h"
#include "cli/preview.h"
#include "cli/session.h"

typedef struct {
    char *reason;
    gboolean notify, quiet;
} Options;

static const OptSpec specs[] = {
    {"no-notify", 0, OPT_FLAG, G_STRUCT_OFFSET(Options, quiet), NULL,
     "say nothing in the thread, whatever the configuration says"},
    {"notify", 0, OPT_FLAG, G_STRUCT_OFFSET(Options, notify), NULL,
     "say it in the thread ([approval] notify_rejection makes it the default)"},
    {"reason", 'r', OPT_TEXT, G_STRUCT_OFFSET(Options, reason), "TEXT",
     "why; kept with the request (required)"},
    {NULL},
};

static gboolean
show_post(Session *session, gint64 id, const char *reason, GError **error)
{
    g_autoptr(Preview) preview = desk_preview(session->desk, id, "rejection", 0, reason, error);
    if (!preview)
        return FALSE;
    return preview_print(session->out, preview, error);
}

static int
run(Session *session, const void *data, char **args, GError **error)
{
    const Options *options = data;
    gint64 id = 0;
    if (!session_id(args[0], &id, error) || !session_reason(options->reason, error) ||
        !session_desk(session, FALSE, error))
        return 2;
    gboolean notify =
        !options->quiet &&
        (options->notify || config_bool(session->config, "approval", "notify_rejection"));
    if (notify && !session->globals->json && !show_post(session, id, options->reason, error))
        return 1;
    if (!desk_reject(session->desk, id, options->reason, notify, session->cancel, error))
        return 1;
    g_autoptr(Request) request = store_request_get(desk_store(session->desk), id, error);
    if (!request)
        return 1;
    if (session->globals->json)
        out_json(session->out, request_to_json(request));
    else if (desk_dry_run(session->desk))
        session_say_dry(session);
    else
        out_printf(session->out, "Rejected: request %" G_GINT64_FORMAT " is %s.\n", id,
                   state_name(request->state));
    return session_stopped(session, 0);
}

const Command command_reject = {
    .name = "reject",
    .args = "ID --reason TEXT",
    .help = "reject a request, with a reason",
    .about = "Nothing is said in Slack unless --notify or [approval] notify_rejection asks for it.",
    .options = specs,
    .options_size = sizeof(Options),
    .min_args = 1,
    .max_args = 1,
    .flags = CMD_NEEDS_ID | CMD_JSON | CMD_DRY | CMD_LONG | CMD_BATCH_OK,
    .completes = "ids pending approved needs_link failed dead",
    .func = run,
};
