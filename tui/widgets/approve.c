/* approve.c: what exactly would be posted, and the key that approves it.
 *
 * The first Enter that counts is one pressed after the whole text was on the screen: what is typed
 * ahead of it approves nothing. */
#include "tui/widgets/decision.h"

#include "base/clock.h"
#include "base/money.h"

typedef struct {
    Decision decision;
    gint64 run_number;
    char *error; /* why nothing can be shown; NULL: it can */
} Approve;

typedef struct {
    DecisionJob job;
    gint64 run_number;
    Approved approved;
} ApproveJob;

static void
add_seal(Doc *doc, const Approve *approve)
{
    const Preview *preview = approve->decision.preview;
    g_autofree char *today = money_display(preview->approved_today_amount);
    doc_addf(doc, ROLE_TEXT, "Sealed to run %" G_GINT64_FORMAT ", evidence %s. ",
             approve->run_number, preview->evidence ? preview->evidence : "-");
    if (preview->need - preview->have > 1)
        doc_add(doc, ROLE_WARN, "After you, one more approver is needed. ");
    else if (preview->have > 0)
        doc_add(doc, ROLE_TEXT, "Yours is the last approval that it needs. ");
    doc_addf(doc, ROLE_TEXT, "Your total today: %s in %" G_GINT64_FORMAT " approval%s.", today,
             preview->approved_today_count, preview->approved_today_count == 1 ? "" : "s");
    doc_end(doc);
}

static void
write_text(Decision *decision)
{
    const Approve *approve = (const Approve *)decision;
    const Preview *preview = decision->preview;
    Doc *doc = decision->form.text;
    if (!preview) {
        doc_line(doc, approve->error ? ROLE_BAD : ROLE_BUSY,
                 approve->error ? approve->error : "Working out what would be posted …");
        return;
    }
    if (preview->refusal) {
        doc_addf(doc, ROLE_BAD, "You cannot approve it: %s", preview->refusal);
        doc_end(doc);
        doc_line(doc, ROLE_TEXT, "");
    }
    preview_write(doc, preview, PREVIEW_DRY);
    preview_write_doubts(doc, preview, console_now(decision->form.console));
    add_seal(doc, approve);
}

static gboolean
may(const Decision *decision)
{
    return decision->preview && !decision->preview->refusal;
}

static void
arrived(Decision *decision, const GError *error)
{
    Approve *approve = (Approve *)decision;
    decision->form.waiting = FALSE;
    decision->form.shut = !may(decision);
    g_free(approve->error);
    approve->error = error ? g_strdup(error->message) : NULL;
}

static char *
yes_words(const Decision *decision)
{
    const Preview *preview = decision->preview;
    if (!may(decision))
        return NULL;
    if (!preview->live)
        return g_strdup("check it (dry run)");
    if (preview->need - preview->have > 1)
        return g_strdup("approve, as the first of two");
    g_autofree char *hold = duration_short(preview->hold);
    return g_strdup_printf("approve, posted after %s (u takes it back)", hold);
}

static void
approve_draw(gpointer data, Grid *grid, Rect screen)
{
    Decision *decision = data;
    g_autofree char *title = decision_title(decision, "Approve");
    g_autofree char *yes = yes_words(decision);
    form_draw(&decision->form, grid, screen, title, yes, yes ? "no" : "back");
}

static gboolean
approve_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    ApproveJob *job = data;
    (void)cancel;
    return desk_approve(desk, job->job.id, job->run_number, job->job.reason, &job->approved, error);
}

static void
approve_done(gpointer data, const GError *error)
{
    const ApproveJob *job = data;
    Console *console = job->job.console;
    const Approved *approved = &job->approved;
    gint64 id = job->job.id;
    if (error) {
        g_autofree char *what = g_strdup_printf("%" G_GINT64_FORMAT " was not approved", id);
        console_say_error(console, what, error);
    } else if (approved->dry_run) {
        console_say(
            console, ROLE_DRY,
            "DRY RUN: %" G_GINT64_FORMAT " could be approved; nothing was recorded or posted", id);
    } else if (approved->hold_until == 0) {
        console_say(console, ROLE_GOOD,
                    "%" G_GINT64_FORMAT " approved %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT
                    "; it waits for another approver",
                    id, approved->have, approved->need);
    } else {
        console_hold(console, id, approved->hold_until);
    }
    console_refresh(console);
}

static guint
decide(Decision *decision)
{
    if (!may(decision) || !form_reason(&decision->form, 0, "the approval"))
        return CHANGED_SCREEN;
    ApproveJob *job = decision_job(decision, sizeof *job, 0);
    job->run_number = ((const Approve *)decision)->run_number;
    return decision_do(decision, job, "approval", "approving", approve_run, approve_done);
}

static void
approve_clear(Decision *decision)
{
    g_free(((Approve *)decision)->error);
}

static const DecisionOps ops = {
    .write = write_text, .arrived = arrived, .yes = decide, .clear = approve_clear};
static const DialogOps approve_ops = {"approve", approve_draw, decision_key, decision_free};

guint
approve_open(Console *console, const Request *request, const char *reason)
{
    Approve *approve = decision_new(console, sizeof *approve, &ops, request);
    Decision *decision = &approve->decision;
    const PreviewAsk ask = {.run_number = request->run_number, .kind = "result"};
    form_field(&decision->form, "Reason", NULL, reason);
    decision->form.waiting = TRUE;
    approve->run_number = request->run_number;
    decision_push(decision, &approve_ops);
    decision_ask(decision, &ask);
    return CHANGED_SCREEN;
}
