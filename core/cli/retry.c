/* retry.c: `creditbot retry ID`: a failed request once more, now. */
#include "base/error.h"
#include "cli/present.h"
#include "cli/progress.h"
#include "cli/retry.h"
#include "cli/session.h"

typedef struct {
    char *link;
} Options;

static const OptSpec specs[] = {
    {"link", 0, OPT_TEXT, G_STRUCT_OFFSET(Options, link), "URL",
     "the Looker link that a request without one lacks"},
    {NULL},
};

int
retry_work(Session *session, gint64 id, const char *link, GError **error)
{
    RequestState state = STATE_NEW;
    gboolean ready = link ? desk_give_link(session->desk, id, link, error)
                          : desk_retry(session->desk, id, error);
    if (!ready)
        return 1;
    progress_watch(session);
    gboolean worked = desk_work(session->desk, id, &state, session->cancel, error);
    progress_end(session);
    if (!worked)
        return 1;
    g_autoptr(Request) request = store_request_get(desk_store(session->desk), id, error);
    if (!request)
        return 1;
    if (session->globals->json) {
        out_json(session->out, request_to_json(request));
    } else {
        g_autofree char *amount = present_amount(request);
        if (desk_dry_run(session->desk))
            session_say_dry(session);
        out_printf(session->out, "Request %" G_GINT64_FORMAT " is %s, amount %s", id,
                   state_name(request->state), amount);
        if (request->error) {
            out_printf(session->out, ": ");
            out_text(session->out, ROLE_BAD, request->error);
        }
        out_line(session->out);
    }
    gboolean failed = request->state == STATE_FAILED || request->state == STATE_DEAD;
    return session_stopped(session, failed ? 1 : 0);
}

static int
run(Session *session, const void *data, char **args, GError **error)
{
    const Options *options = data;
    gint64 id = 0;
    if (!session_id(args[0], &id, error) || !session_desk(session, FALSE, error))
        return 2;
    return retry_work(session, id, options->link, error);
}

const Command command_retry = {
    .name = "retry",
    .args = "ID",
    .help = "try a failed request again, now",
    .about = "Forgets the failed attempts and takes the request as far as a pass would.",
    .options = specs,
    .options_size = sizeof(Options),
    .min_args = 1,
    .max_args = 1,
    .flags = CMD_NEEDS_ID | CMD_JSON | CMD_DRY | CMD_LONG | CMD_BATCH_OK,
    .completes = "ids failed dead needs_link",
    .func = run,
};
