/* reject.c: a rejection with its reason; silent, or said in the thread after its text was shown. */
#include "tui/widgets/decision.h"

#include <string.h>

typedef struct {
    Decision decision; /* checked: the thread is told */
    gint64 corrects;
} Reject;

typedef struct {
    DecisionJob job;
    gboolean notify;
} RejectJob;

static void
write_text(Decision *decision)
{
    const Reject *reject = (const Reject *)decision;
    Doc *doc = decision->form.text;
    if (reject->corrects) {
        doc_addf(doc, ROLE_TEXT,
                 "The correction is closed. What was posted for %" G_GINT64_FORMAT
                 " stands as it is; nothing is said in Slack.",
                 reject->corrects);
        doc_end(doc);
    } else if (!decision->form.checked) {
        doc_line(doc, ROLE_TEXT,
                 "The request is closed without a credit. Nothing is said in Slack.");
    } else if (!decision->preview) {
        doc_line(doc, ROLE_TEXT,
                 "The request is closed without a credit, and its thread is told. "
                 "Enter shows the exact words first.");
    } else {
        preview_write(doc, decision->preview, PREVIEW_DRY);
        preview_write_doubts(doc, decision->preview, console_now(decision->form.console));
    }
}

static gboolean
same(const Decision *decision, const PreviewAsk *ask)
{
    return decision->form.checked && strcmp(ask->reason, form_text(&decision->form, 0)) == 0;
}

static void
reject_draw(gpointer data, Grid *grid, Rect screen)
{
    Decision *decision = data;
    g_autofree char *title = decision_title(decision, "Reject");
    gboolean words = decision->form.checked && !decision->preview;
    form_draw(&decision->form, grid, screen, title, words ? "show the words" : "reject", "no");
}

static gboolean
reject_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    const RejectJob *job = data;
    return desk_reject(desk, job->job.id, job->job.reason, job->notify, cancel, error);
}

static void
reject_done(gpointer data, const GError *error)
{
    const RejectJob *job = data;
    Console *console = job->job.console;
    g_autofree char *what = g_strdup_printf("%" G_GINT64_FORMAT " was not rejected", job->job.id);
    if (error)
        console_say_error(console, what, error);
    else if (desk_dry_run(console->desk))
        console_say(console, ROLE_DRY,
                    "DRY RUN: %" G_GINT64_FORMAT " could be rejected; nothing was sent",
                    job->job.id);
    else
        console_say(console, ROLE_GOOD, "%" G_GINT64_FORMAT " rejected%s", job->job.id,
                    job->notify ? " and its thread told" : "");
    console_refresh(console);
}

static guint
decide(Decision *decision)
{
    const PreviewAsk ask = {.kind = "rejection", .reason = form_text(&decision->form, 0)};
    if (!form_reason(&decision->form, 0, "the request"))
        return CHANGED_SCREEN;
    if (decision->form.checked && !decision->preview) {
        decision_ask(decision, &ask);
        return CHANGED_SCREEN;
    }
    RejectJob *job = decision_job(decision, sizeof *job, 0);
    job->notify = decision->form.checked;
    return decision_do(decision, job, "rejection", "rejecting", reject_run, reject_done);
}

static const DecisionOps ops = {
    .write = write_text, .same = same, .yes = decide, .failed = "cannot show the rejection"};
static const DialogOps reject_ops = {"reject", reject_draw, decision_key, decision_free};

guint
reject_open(Console *console, const Request *request, const char *reason)
{
    Reject *reject = decision_new(console, sizeof *reject, &ops, request);
    Form *form = &reject->decision.form;
    form_field(form, "Reason", NULL, reason);
    reject->corrects = request->corrects;
    if (!reject->corrects) {
        form->check = "tell the thread";
        form->checked = config_bool(console->config, "approval", "notify_rejection");
    }
    return decision_push(&reject->decision, &reject_ops);
}
