/* approve.c: `creditbot approve ID`: shows the exact post, seals the approval, waits out the hold,
 * posts. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "cli/preview.h"
#include "cli/session.h"
#include "engine/signature.h"

#define POLL_MS 200

typedef struct {
    char *reason, *signature;
    gint run;
    gboolean no_wait, break_glass;
} Options;

static const OptSpec specs[] = {
    {"break-glass", 0, OPT_FLAG, G_STRUCT_OFFSET(Options, break_glass), NULL,
     "alone, in an emergency, although more persons are needed; reviewed afterwards"},
    {"no-wait", 0, OPT_FLAG, G_STRUCT_OFFSET(Options, no_wait), NULL,
     "leave the post to the next pass after the hold"},
    {"reason", 'r', OPT_TEXT, G_STRUCT_OFFSET(Options, reason), "TEXT",
     "why it is right; kept with the approval (required)"},
    {"run", 0, OPT_NUMBER, G_STRUCT_OFFSET(Options, run), "N",
     "approve this run only; refused when another one counts"},
    {"signature", 0, OPT_TEXT, G_STRUCT_OFFSET(Options, signature), "FILE",
     "the approval of who signed creditbot show ID --to-sign ('-': standard input)"},
    {NULL},
};

static void
say_left(Session *session, gint64 left)
{
    if (!out_is_terminal(session->out))
        return;
    out_printf(session->out, "\r\033[KPosting in %" G_GINT64_FORMAT " s. Ctrl-C takes it back. ",
               (left + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);
    out_flush(session->out, NULL);
}

/* FALSE when the operator took it back. */
static gboolean
wait_hold(Session *session, gint64 until)
{
    gboolean text = !session->globals->json;
    gint64 left;
    while ((left = until - desk_now(session->desk)) > 0) {
        if (text)
            say_left(session, left);
        if (cancel_sleep(session->cancel, MIN(left, G_USEC_PER_SEC)))
            return FALSE;
    }
    if (text && out_is_terminal(session->out))
        out_printf(session->out, "\r\033[K");
    return TRUE;
}

static void
report(Session *session, const Request *request, const Approved *approved, const char *words)
{
    if (!session->globals->json) {
        out_text(session->out, ROLE_PLAIN, words);
        out_line(session->out);
        return;
    }
    cJSON *json = cJSON_CreateObject();
    json_add_int(json, "id", request->id);
    json_add(json, "state", state_name(request->state));
    json_add_int(json, "need", approved->need);
    json_add_int(json, "have", approved->have);
    g_autofree char *hold = approved->hold_until ? time_iso(approved->hold_until, FALSE) : NULL;
    json_add(json, "hold_until", hold);
    json_add(json, "posted_ts", request->posted_ts);
    cJSON_AddBoolToObject(json, "dry_run", approved->dry_run);
    json_add(json, "result", words);
    out_json(session->out, json);
}

/* After the hold: posts, and says what became of it. */
static int
post_now(Session *session, gint64 id, const Approved *approved, GError **error)
{
    guint posted = 0;
    if (!desk_post_due(session->desk, id, &posted, session->cancel, error))
        return 1;
    g_autoptr(Request) request = store_request_get(desk_store(session->desk), id, error);
    if (!request)
        return 1;
    gboolean done = request->state == STATE_POSTED;
    g_autofree char *words =
        done ? g_strdup_printf("Posted as %s.", request->posted_ts ? request->posted_ts : "?")
             : g_strdup_printf(
                   "Not posted: the request is %s%s%s. See creditbot show %" G_GINT64_FORMAT ".",
                   state_name(request->state), request->error ? ": " : "",
                   request->error ? request->error : "", id);
    report(session, request, approved, words);
    return session_stopped(session, done ? 0 : 1);
}

static int
take_back(Session *session, gint64 id, const Approved *approved, GError **error)
{
    if (!desk_take_back(session->desk, id, error))
        return 1;
    g_autoptr(Request) request = store_request_get(desk_store(session->desk), id, error);
    if (!request)
        return 1;
    if (out_is_terminal(session->out) && !session->globals->json)
        out_line(session->out);
    report(session, request, approved, "Taken back: nothing was posted, the approval is void.");
    return session_stopped(session, 130);
}

static int
finish(Session *session, const Options *options, gint64 id, const Approved *approved,
       GError **error)
{
    g_autoptr(Request) request = store_request_get(desk_store(session->desk), id, error);
    if (!request)
        return 1;
    if (approved->dry_run) {
        report(session, request, approved,
               "DRY RUN: nothing was recorded, nothing will be posted.");
    } else if (approved->have < approved->need) {
        g_autofree char *words =
            g_strdup_printf("Approved, %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
                            ": somebody else has to approve it too before it is posted.",
                            approved->have, approved->need);
        report(session, request, approved, words);
    } else if (options->no_wait) {
        report(session, request, approved, "Approved: the next pass after the hold posts it.");
    } else if (!wait_hold(session, approved->hold_until)) {
        return take_back(session, id, approved, error);
    } else {
        return post_now(session, id, approved, error);
    }
    return 0;
}

/* One line of the terminal; FALSE at its end, or when the operator left. */
static gboolean
read_answer(Session *session, char *line, gsize size)
{
    gsize n = 0;
    while (n + 1 < size && !cancel_fired(session->cancel)) {
        GPollFD input = {.fd = STDIN_FILENO, .events = G_IO_IN};
        if (g_poll(&input, 1, POLL_MS) <= 0)
            continue;
        gssize got = read(STDIN_FILENO, line + n, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || line[n] == '\n')
            break;
        n++;
    }
    line[n] = '\0';
    return n > 0 && !cancel_fired(session->cancel);
}

/* On a terminal the id is typed once more before the glass is broken. */
static gboolean
is_meant(Session *session, gint64 id, GError **error)
{
    char line[32];
    gint64 typed = 0;
    if (session->globals->json || !out_is_terminal(session->out) || !isatty(STDIN_FILENO))
        return TRUE;
    out_printf(session->out,
               "\nThis breaks the glass: request %" G_GINT64_FORMAT
               " is approved by you alone, and another person reviews it.\n"
               "Type its id to go on: ",
               id);
    if (!out_flush(session->out, error))
        return FALSE;
    if (read_answer(session, line, sizeof line) && session_id(g_strstrip(line), &typed, NULL) &&
        typed == id)
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                "not approved: that was not the id, %" G_GINT64_FORMAT, id);
    return FALSE;
}

/* Shows the post; the signature (caller frees) is NULL unless one was given. */
static gboolean
look_first(Session *session, gint64 id, const Options *options, char **signature, GError **error)
{
    const char *kind = options->break_glass ? "break-glass" : "result";
    if (options->signature) {
        *signature = signature_read(options->signature, error);
        if (!*signature)
            return FALSE;
    }
    g_autoptr(Preview) preview =
        desk_preview(session->desk, id, kind, options->run, options->reason, error);
    if (!preview)
        return FALSE;
    return (session->globals->json || preview_print(session->out, preview, error)) &&
           (!options->break_glass || is_meant(session, id, error));
}

static int
run(Session *session, const void *data, char **args, GError **error)
{
    const Options *options = data;
    gint64 id = 0;
    Approved approved = {0};
    g_autofree char *signature = NULL;
    if (!session_id(args[0], &id, error) || !session_reason(options->reason, error) ||
        !session_desk(session, FALSE, error))
        return 2;
    if (!look_first(session, id, options, &signature, error))
        return 1;
    const ApproveHow how = {.run_number = options->run,
                            .reason = options->reason,
                            .break_glass = options->break_glass,
                            .signature = signature};
    if (!desk_approve_as(session->desk, id, &how, &approved, error))
        return 1;
    return finish(session, options, id, &approved, error);
}

const Command command_approve = {
    .name = "approve",
    .args = "ID --reason TEXT",
    .help = "approve a result and post it",
    .about =
        "Prints the post exactly as it will be sent, seals the approval to the run by its digest,\n"
        "waits out [posting] hold (Ctrl-C takes the approval back) and posts. Where [approval]\n"
        "tiers or second_above ask for more persons, another one has to approve as well: by a\n"
        "login of their own, or by a signature that is brought here with --signature. Who is\n"
        "named in [approval] break_glass may go alone in an emergency with --break-glass; it is\n"
        "said in the post and reviewed afterwards. docs/approval.md has the rules. In a dry run\n"
        "everything is checked and nothing recorded.",
    .options = specs,
    .options_size = sizeof(Options),
    .min_args = 1,
    .max_args = 1,
    .flags = CMD_NEEDS_ID | CMD_JSON | CMD_DRY | CMD_LONG | CMD_BATCH_OK,
    .completes = "ids pending approved",
    .func = run,
};
