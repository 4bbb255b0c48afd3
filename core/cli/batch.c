/* batch.c: `creditbot --batch` and `creditbot trigger`: one pass, and its summary. */
#include "base/clock.h"
#include "base/error.h"
#include "cli/present.h"
#include "cli/session.h"

/* A pass that could not begin still answers --json with one object. */
static void
print_failure(Session *session, const GError *failure)
{
    if (!session->globals->json)
        return;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNullToObject(json, "pass");
    gboolean ours = failure->domain == CREDITBOT_ERROR;
    json_add(json, "error_code", ours ? error_code_name(failure->code) : "unknown");
    json_add(json, "error", failure->message);
    cJSON_AddItemToObject(json, "requests", cJSON_CreateArray());
    out_json(session->out, json);
}

static void
print_request(Out *out, const Request *request)
{
    g_autofree char *amount = present_amount(request);
    g_autofree char *note = present_note(request);
    out_printf(out, "  %6" G_GINT64_FORMAT " ", request->id);
    out_cell(out, present_state_role(request->state), 11, state_name(request->state));
    out_raw(out, " ", 1);
    out_cell(out, ROLE_PLAIN, -14, amount);
    out_raw(out, " ", 1);
    if (*note) {
        out_cell(out, ROLE_PLAIN, 20, present_customer(request));
        out_raw(out, " ", 1);
        out_text(out, ROLE_DIM, note);
    } else {
        out_text(out, ROLE_PLAIN, present_customer(request));
    }
    out_line(out);
}

static void
print_summary(Session *session, const PassResult *result)
{
    Out *out = session->out;
    const Pass *pass = result->pass;
    if (pass->dry_run)
        session_say_dry(session);
    for (guint i = 0; i < result->requests->len; i++)
        print_request(out, g_ptr_array_index(result->requests, i));
    for (guint i = 0; i < result->problems->len; i++) {
        out_text(out, ROLE_BAD, "problem: ");
        out_text(out, ROLE_PLAIN, g_ptr_array_index(result->problems, i));
        out_line(out);
    }
    gint64 took = MAX(pass->finished_at - pass->started_at, 0);
    out_printf(out,
               "Pass %" G_GINT64_FORMAT " %s: %" G_GINT64_FORMAT " found, %" G_GINT64_FORMAT
               " new, %" G_GINT64_FORMAT " ignored, %" G_GINT64_FORMAT
               " without a link, %" G_GINT64_FORMAT " calculated, %" G_GINT64_FORMAT
               " pending, %" G_GINT64_FORMAT " posted, %" G_GINT64_FORMAT " failed, in %.1f s%s.\n",
               pass->id, pass->status ? pass->status : "", pass->found, pass->fresh, pass->ignored,
               pass->needs_link, pass->calculated, pass->pending, pass->posted, pass->failed,
               (double)took / 1e6, pass->dry_run ? " (DRY RUN)" : "");
}

static int
make_pass(Session *session, const char *trigger, GError **error)
{
    PassOptions options = {.dry_run = session->globals->dry_run,
                           .max = (guint)session->globals->max,
                           .trigger = trigger};
    GError *failure = NULL;
    g_autoptr(PassResult) result = desk_pass(session->desk, &options, session->cancel, &failure);
    if (!result) {
        print_failure(session, failure);
        g_propagate_error(error, failure);
        return 1;
    }
    if (session->globals->json)
        out_json(session->out, pass_result_to_json(result));
    else
        print_summary(session, result);
    return session_stopped(session, result->exit_code);
}

static int
run_batch(Session *session, const void *options, char **args, GError **error)
{
    (void)options;
    (void)args;
    GError *failure = NULL;
    if (!session_desk(session, FALSE, &failure)) {
        print_failure(session, failure);
        g_propagate_error(error, failure);
        return 1;
    }
    return make_pass(session, "cron", error);
}

static int
run_trigger(Session *session, const void *options, char **args, GError **error)
{
    (void)options;
    (void)args;
    if (!session_desk(session, FALSE, error))
        return 1;
    return make_pass(session, "cli", error);
}

#define STORY                                                                                      \
    "Reads the channels, works every request as far as it goes without a person, posts what is\n"  \
    "approved and past its hold, and ends. One pass at a time: while another one holds the "       \
    "lease\n"                                                                                      \
    "it ends with exit code 4 and says who. SIGTERM and SIGINT stop it cleanly within 5 s."

const Command command_batch = {
    .name = "batch",
    .help = "one pass (the same as creditbot --batch)",
    .about = STORY,
    .flags = CMD_JSON | CMD_DRY | CMD_PASS | CMD_LONG | CMD_BATCH_OK,
    .func = run_batch,
};

const Command command_trigger = {
    .name = "trigger",
    .help = "make one pass now, by hand",
    .about = STORY,
    .flags = CMD_JSON | CMD_DRY | CMD_PASS | CMD_LONG | CMD_BATCH_OK,
    .func = run_trigger,
};
