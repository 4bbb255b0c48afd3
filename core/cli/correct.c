/* correct.c: `creditbot correct ID`: what was posted put right by a correction in its thread. */
#include "base/error.h"
#include "cli/present.h"
#include "cli/preview.h"
#include "cli/session.h"

typedef struct {
    char *amount, *reason;
} Options;

static const OptSpec specs[] = {
    {"amount", 0, OPT_TEXT, G_STRUCT_OFFSET(Options, amount), "AMOUNT",
     "the right amount, set by hand; without it the credit is worked out anew"},
    {"reason", 'r', OPT_TEXT, G_STRUCT_OFFSET(Options, reason), "TEXT",
     "what was wrong; kept with both requests (required)"},
    {NULL},
};

static int
report(Session *session, gint64 id, gint64 correction, gboolean by_hand, GError **error)
{
    g_autoptr(Request) request = store_request_get(desk_store(session->desk), correction, error);
    if (!request)
        return 1;
    if (session->globals->json)
        out_json(session->out, request_to_json(request));
    else
        out_printf(session->out,
                   "Request %" G_GINT64_FORMAT " corrects %" G_GINT64_FORMAT
                   " and is %s: %s. What is posted stands until the correction is.\n",
                   correction, id, state_name(request->state),
                   by_hand ? "another person has to approve it"
                           : "rerun it, or leave it to the next pass, then approve it");
    return session_stopped(session, 0);
}

static int
run(Session *session, const void *data, char **args, GError **error)
{
    const Options *options = data;
    gint64 id = 0, amount = 0, correction = 0;
    if (!session_id(args[0], &id, error) ||
        (options->amount && !session_amount(options->amount, &amount, error)) ||
        !session_reason(options->reason, error) || !session_desk(session, FALSE, error))
        return 2;
    /* Checked before anything is made. */
    g_autoptr(Preview) preview =
        options->amount ? desk_preview_amount(session->desk, id, amount, options->reason, error)
                        : NULL;
    if ((options->amount && !preview) ||
        (preview && !session->globals->json && !preview_print(session->out, preview, error)))
        return 1;
    if (session->globals->dry_run) {
        session_say_dry(session);
        return 0;
    }
    if (!desk_correct(session->desk, id, options->reason, &correction, error))
        return 1;
    if (options->amount &&
        !desk_override(session->desk, correction, amount, options->reason, NULL, error)) {
        g_prefix_error(error, "Request %" G_GINT64_FORMAT " was made, but its amount was not set: ",
                       correction);
        return 1;
    }
    return report(session, id, correction, options->amount != NULL, error);
}

const Command command_correct = {
    .name = "correct",
    .args = "ID --reason TEXT [--amount AMOUNT]",
    .help = "correct what was posted",
    .about =
        "Makes a linked request that goes the ordinary way: calculated, or with --amount set by\n"
        "hand; approved; held; posted into the same thread, saying which amount it takes the "
        "place\n"
        "of. The original stays as it is. With --dry-run nothing is recorded.",
    .options = specs,
    .options_size = sizeof(Options),
    .min_args = 1,
    .max_args = 1,
    .flags = CMD_NEEDS_ID | CMD_JSON | CMD_DRY | CMD_BATCH_OK,
    .completes = "ids posted",
    .func = run,
};
