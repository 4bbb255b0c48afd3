/* review.c: another person looked at what was approved by breaking the glass, and says so. */
#include "tui/widgets/decision.h"

#include "base/money.h"

typedef struct {
    Decision decision;
    char *person, *reason, *when, *posted;
} Closing;

static void
write_text(Decision *decision)
{
    const Closing *closing = (const Closing *)decision;
    Doc *doc = decision->form.text;
    doc_addf(doc, ROLE_BAD, "!! %s broke the glass", closing->person);
    doc_addf(doc, ROLE_TEXT, ", %s: %s", closing->when, closing->reason);
    doc_end(doc);
    doc_line(doc, ROLE_STRONG, closing->posted);
    doc_line(doc, ROLE_TEXT, "");
    doc_line(doc, ROLE_TEXT,
             "What you say about it is kept with it for ever. It changes nothing of the post: what "
             "is wrong is put right by a correction. Whoever broke the glass cannot close it.");
}

static void
closing_draw(gpointer data, Grid *grid, Rect screen)
{
    Decision *decision = data;
    g_autofree char *title = decision_title(decision, "Reviewed:");
    form_draw(&decision->form, grid, screen, title, "I looked at it; close it", "no");
}

static gboolean
closing_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    const DecisionJob *job = data;
    (void)cancel;
    return desk_review(desk, job->id, job->reason, error);
}

static void
closing_done(gpointer data, const GError *error)
{
    const DecisionJob *job = data;
    g_autofree char *what =
        g_strdup_printf("the review of %" G_GINT64_FORMAT " is not closed", job->id);
    if (error)
        console_say_error(job->console, what, error);
    else
        console_say(job->console, ROLE_GOOD, "the break-glass of %" G_GINT64_FORMAT " is reviewed",
                    job->id);
    console_refresh(job->console);
}

static guint
decide(Decision *decision)
{
    if (!form_reason(&decision->form, 0, "the review"))
        return CHANGED_SCREEN;
    DecisionJob *job = decision_job(decision, sizeof *job, 0);
    return decision_do(decision, job, "review", NULL, closing_run, closing_done);
}

static void
closing_clear(Decision *decision)
{
    Closing *closing = (Closing *)decision;
    g_free(closing->person);
    g_free(closing->reason);
    g_free(closing->when);
    g_free(closing->posted);
}

static const DecisionOps ops = {.write = write_text, .yes = decide, .clear = closing_clear};
static const DialogOps closing_ops = {"review-close", closing_draw, decision_key, decision_free};

guint
review_open(Console *console, const BreakGlass *glass)
{
    const Approval *approval = glass->approval;
    const Request *request = glass->request;
    Closing *closing = decision_new(console, sizeof *closing, &ops, request);
    g_autofree char *amount = money_display_in(request->amount, request->currency);
    form_field(&closing->decision.form, "Word", NULL, NULL);
    closing->person = g_strdup(approval->person);
    closing->reason = g_strdup(approval->reason);
    closing->when = wording_ago(approval->at, console_now(console));
    closing->posted = g_strdup_printf("%s for %s, %s", amount, wording_customer(request),
                                      state_name(request->state));
    return decision_push(&closing->decision, &closing_ops);
}
