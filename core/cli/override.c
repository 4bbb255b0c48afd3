/* override.c: `creditbot override ID`: an amount set by hand, for a reason, which another person
 * approves. */
#include "base/error.h"
#include "base/money.h"
#include "cli/present.h"
#include "cli/preview.h"
#include "cli/session.h"

typedef struct {
    char *amount, *reason;
} Options;

static const OptSpec specs[] = {
    {"amount", 0, OPT_TEXT, G_STRUCT_OFFSET(Options, amount), "AMOUNT",
     "the amount, as 1234.56, in the currency of the run (required)"},
    {"reason", 'r', OPT_TEXT, G_STRUCT_OFFSET(Options, reason), "TEXT",
     "why; kept with the run for ever (required)"},
    {NULL},
};

static void
report(Session *session, const Run *run)
{
    if (session->globals->json) {
        out_json(session->out, run_to_json(run));
        return;
    }
    g_autofree char *amount = present_money(run->amount, run->currency);
    out_printf(session->out,
               "Run %" G_GINT64_FORMAT " says %s, set by hand. It is pending: another person has "
               "to approve it.\n",
               run->number, amount);
}

static int
run(Session *session, const void *data, char **args, GError **error)
{
    const Options *options = data;
    gint64 id = 0, amount = 0;
    if (!session_id(args[0], &id, error) || !session_amount(options->amount, &amount, error) ||
        !session_reason(options->reason, error) || !session_desk(session, FALSE, error))
        return 2;
    g_autoptr(Preview) preview =
        desk_preview_amount(session->desk, id, amount, options->reason, error);
    if (!preview || (!session->globals->json && !preview_print(session->out, preview, error)))
        return 1;
    if (session->globals->dry_run) {
        session_say_dry(session);
        return 0;
    }
    g_autoptr(Run) made = NULL;
    if (!desk_override(session->desk, id, amount, options->reason, &made, error))
        return 1;
    report(session, made);
    return session_stopped(session, 0);
}

const Command command_override = {
    .name = "override",
    .args = "ID --amount AMOUNT --reason TEXT",
    .help = "set the amount of a request by hand",
    .about =
        "Makes a new run with that amount, which says for ever who set it and why, and prints the\n"
        "post as it would be. Approvals of the old amount are void; whoever set an amount by hand\n"
        "can never approve it. What is posted already is put right with creditbot correct. With\n"
        "--dry-run nothing is recorded.",
    .options = specs,
    .options_size = sizeof(Options),
    .min_args = 1,
    .max_args = 1,
    .flags = CMD_NEEDS_ID | CMD_JSON | CMD_DRY | CMD_BATCH_OK,
    .completes = "ids pending approved",
    .func = run,
};
