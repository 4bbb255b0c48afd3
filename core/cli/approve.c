/* approve.c: `creditbot approve ID`: shows the exact post, seals the approval, waits out the hold,
 * posts. */
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "cli/preview.h"
#include "cli/session.h"

typedef struct {
    char *reason;
    gint run;
    gboolean no_wait;
} Options;

static const OptSpec specs[] = {
    {"no-wait", 0, OPT_FLAG, G_STRUCT_OFFSET(Options, no_wait), NULL,
     "leave the post to the next pass after the hold"},
    {"reason", 'r', OPT_TEXT, G_STRUCT_OFFSET(Options, reason), "TEXT",
     "why it is right; kept with the approval (required)"},
    {"run", 0, OPT_NUMBER, G_STRUCT_OFFSET(Options, run), "N",
     "approve this run only; refused when another one counts"},
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

static int
run(Session *session, const void *data, char **args, GError **error)
{
    const Options *options = data;
    gint64 id = 0;
    Approved approved = {0};
    if (!session_id(args[0], &id, error) || !session_reason(options->reason, error) ||
        !session_desk(session, FALSE, error))
        return 2;
    g_autoptr(Preview) preview =
        desk_preview(session->desk, id, "result", options->run, NULL, error);
    if (!preview)
        return 1;
    if (!session->globals->json && !preview_print(session->out, preview, error))
        return 1;
    if (!desk_approve(session->desk, id, options->run, options->reason, &approved, error))
        return 1;
    return finish(session, options, id, &approved, error);
}

const Command command_approve = {
    .name = "approve",
    .args = "ID --reason TEXT",
    .help = "approve a result and post it",
    .about =
        "Prints the post exactly as it will be sent, seals the approval to the run by its digest,\n"
        "waits out [posting] hold (Ctrl-C takes the approval back) and posts. Above [approval]\n"
        "second_above another person has to approve as well. In a dry run everything is checked\n"
        "and nothing recorded.",
    .options = specs,
    .options_size = sizeof(Options),
    .min_args = 1,
    .max_args = 1,
    .flags = CMD_NEEDS_ID | CMD_JSON | CMD_DRY | CMD_LONG | CMD_BATCH_OK,
    .completes = "ids pending approved",
    .func = run,
};
