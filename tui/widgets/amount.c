/* amount.c: another amount, set by hand: before the post an override, after it a correction.
 *
 * Nothing is done before the exact words with the new amount were on the screen. */
#include "tui/widgets/decision.h"

#include <string.h>
#include "base/money.h"

enum { FIELD_AMOUNT, FIELD_REASON };

typedef struct {
    Decision decision; /* checked, of a correction: worked out anew instead */
    gboolean corrects; /* what is posted */
    char *now;
} Amount;

typedef struct {
    DecisionJob job;
    gint64 amount, correction;
    gboolean corrects, by_hand;
} AmountJob;

static gboolean
is_by_hand(const Decision *decision)
{
    return !decision->form.checked;
}

static void
write_text(Decision *decision)
{
    const Amount *amount = (const Amount *)decision;
    Doc *doc = decision->form.text;
    if (decision->preview) {
        preview_write(doc, decision->preview, "Nothing is sent.");
        preview_write_doubts(doc, decision->preview, console_now(decision->form.console));
    } else {
        doc_addf(doc, ROLE_TEXT, "%s %s. ", amount->corrects ? "Posted is" : "The amount now is",
                 amount->now);
        doc_add(doc, ROLE_TEXT,
                amount->corrects ? "It stands until a correction is posted into the same thread."
                                 : "Approvals of it end when another one is set.");
        doc_end(doc);
    }
    if (!is_by_hand(decision))
        doc_line(doc, ROLE_TEXT,
                 "The correction is worked out anew from the same link by the next pass or a "
                 "rerun, and then approved like any request.");
    else
        doc_line(doc, ROLE_WARN,
                 "Another person has to approve it. Who set it and why is kept for ever.");
}

/* What is typed as an amount; -1 after the operator was told what is wrong with it. */
static gint64
typed_amount(const Decision *decision)
{
    gint64 value = 0;
    const char *text = form_text(&decision->form, FIELD_AMOUNT);
    if (money_parse(text, TRUE, &value, NULL) && value >= 0)
        return value;
    console_say(decision->form.console, ROLE_WARN, "%s%s%sgive the amount as 1234.56",
                *text ? "'" : "", text, *text ? "' is no amount: " : "");
    return -1;
}

static gboolean
same(const Decision *decision, const PreviewAsk *ask)
{
    gint64 value = 0;
    return is_by_hand(decision) &&
           strcmp(ask->reason, form_text(&decision->form, FIELD_REASON)) == 0 &&
           money_parse(form_text(&decision->form, FIELD_AMOUNT), TRUE, &value, NULL) &&
           value == ask->amount;
}

static void
amount_draw(gpointer data, Grid *grid, Rect screen)
{
    Amount *amount = data;
    Decision *decision = data;
    g_autofree char *title =
        decision_title(decision, amount->corrects ? "Correct" : "Set the amount of");
    const char *yes = is_by_hand(decision) && !decision->preview ? "show the words"
                      : amount->corrects                         ? "make the correction"
                                                                 : "set it";
    form_draw(&decision->form, grid, screen, title, yes, "no");
}

static gboolean
amount_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    AmountJob *job = data;
    const char *reason = job->job.reason;
    (void)cancel;
    if (job->corrects && !desk_correct(desk, job->job.id, reason, &job->correction, error))
        return FALSE;
    return !job->by_hand || desk_override(desk, job->correction ? job->correction : job->job.id,
                                          job->amount, reason, NULL, error);
}

static void
amount_done(gpointer data, const GError *error)
{
    const AmountJob *job = data;
    Console *console = job->job.console;
    if (error && job->correction)
        console_say(console, ROLE_BAD,
                    "correction %" G_GINT64_FORMAT " was made, but its amount not set: %s",
                    job->correction, error->message);
    else if (error)
        console_say_error(console, job->corrects ? "no correction" : "the amount was not set",
                          error);
    else if (!job->corrects)
        console_say(console, ROLE_GOOD,
                    "amount of %" G_GINT64_FORMAT " set; another person has to approve it",
                    job->job.id);
    else
        console_say(console, ROLE_GOOD,
                    "%" G_GINT64_FORMAT " corrects %" G_GINT64_FORMAT "; it is in the queue%s",
                    job->correction, job->job.id,
                    job->by_hand ? ", and another person has to approve it" : "");
    console_refresh(console);
}

static guint
decide(Decision *decision)
{
    gboolean by_hand = is_by_hand(decision);
    gint64 value = by_hand ? typed_amount(decision) : 0;
    const PreviewAsk ask = {
        .kind = "amount", .amount = value, .reason = form_text(&decision->form, FIELD_REASON)};
    if (value < 0 || !form_reason(&decision->form, FIELD_REASON, "the amount"))
        return CHANGED_SCREEN;
    if (by_hand && !decision->preview) {
        decision_ask(decision, &ask);
        return CHANGED_SCREEN;
    }
    AmountJob *job = decision_job(decision, sizeof *job, FIELD_REASON);
    job->amount = value;
    job->corrects = ((const Amount *)decision)->corrects;
    job->by_hand = by_hand;
    return decision_do(decision, job, "amount", NULL, amount_run, amount_done);
}

static void
amount_clear(Decision *decision)
{
    g_free(((Amount *)decision)->now);
}

static const DecisionOps ops = {.write = write_text,
                                .same = same,
                                .yes = decide,
                                .clear = amount_clear,
                                .failed = "not possible"};
static const DialogOps amount_ops = {"amount", amount_draw, decision_key, decision_free};

guint
amount_open(Console *console, const Request *request, gboolean corrects, const char *value)
{
    Amount *amount = decision_new(console, sizeof *amount, &ops, request);
    Form *form = &amount->decision.form;
    form_field(form, "Amount", g_strdup(request->currency), value);
    form_field(form, "Reason", NULL, NULL);
    if (corrects)
        form->check = "work it out anew instead of setting an amount";
    amount->corrects = corrects;
    amount->now = request->has_amount ? money_display_in(request->amount, request->currency)
                                      : g_strdup("not known");
    return decision_push(&amount->decision, &amount_ops);
}
