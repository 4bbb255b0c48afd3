/* decision.c: see decision.h. */
#include "tui/widgets/decision.h"

gpointer
decision_new(Console *console, gsize size, const DecisionOps *ops, const Request *request)
{
    Decision *decision = g_malloc0(size);
    form_init(&decision->form, console);
    decision->ops = ops;
    decision->id = request->id;
    decision->customer = g_strdup(wording_customer(request));
    return decision;
}

guint
decision_push(Decision *decision, const DialogOps *dialog)
{
    decision_write(decision);
    decision->serial = console_push(decision->form.console, dialog, decision);
    return CHANGED_SCREEN;
}

void
decision_write(Decision *decision)
{
    form_renew(&decision->form);
    decision->ops->write(decision);
}

static void
preview_done(gpointer target, const PreviewAsk *ask, Preview *preview, const GError *error)
{
    Decision *decision = target;
    const DecisionOps *ops = decision->ops;
    decision->asked = FALSE;
    if (error && !ops->arrived)
        console_say_error(decision->form.console, ops->failed, error);
    /* The words changed meanwhile: what came back is not what would be posted. */
    if (preview && ops->same && !ops->same(decision, ask))
        g_clear_pointer(&preview, preview_free);
    if (!preview && !ops->arrived) {
        decision_write(decision);
        return;
    }
    preview_free(decision->preview);
    decision->preview = preview;
    if (ops->arrived)
        ops->arrived(decision, error);
    decision_write(decision);
}

void
decision_ask(Decision *decision, const PreviewAsk *ask)
{
    PreviewAsk own = *ask;
    own.id = decision->id;
    if (!decision->asked)
        preview_start(decision->form.console, &own, decision->serial, preview_done);
    decision->asked = TRUE;
}

void
decision_drop(Decision *decision)
{
    g_clear_pointer(&decision->preview, preview_free);
    decision->asked = FALSE;
    decision_write(decision);
}

char *
decision_title(const Decision *decision, const char *verb)
{
    return g_strdup_printf("%s %" G_GINT64_FORMAT ": %s", verb, decision->id, decision->customer);
}

guint
decision_key(gpointer dialog, const TermEvent *event)
{
    Decision *decision = dialog;
    const DecisionOps *ops = decision->ops;
    if (ops->key && ops->key(decision, event))
        return CHANGED_SCREEN;
    switch (form_key(&decision->form, event)) {
    case FORM_NO:
        console_pop(decision->form.console);
        break;
    case FORM_YES:
        return ops->yes(decision);
    case FORM_CHECKED:
        decision_drop(decision);
        break;
    case FORM_TYPED:
        if (ops->same && !(ops->apart & (1u << decision->form.focus)) &&
            (decision->preview || decision->asked))
            decision_drop(decision);
        break;
    default:
        break;
    }
    return CHANGED_SCREEN;
}

void
decision_free(gpointer dialog)
{
    Decision *decision = dialog;
    if (decision->ops->clear)
        decision->ops->clear(decision);
    preview_free(decision->preview);
    form_clear(&decision->form);
    g_free(decision->customer);
    g_free(decision);
}

/* -- doing it -- */

static void
job_free(gpointer data)
{
    DecisionJob *job = data;
    if (job->clear)
        job->clear(job);
    g_free(job->reason);
    g_free(job);
}

gpointer
decision_job(const Decision *decision, gsize size, guint reason_field)
{
    DecisionJob *job = g_malloc0(size);
    job->console = decision->form.console;
    job->id = decision->id;
    job->reason = g_strdup(form_text(&decision->form, reason_field));
    return job;
}

guint
decision_do(Decision *decision, gpointer job, const char *what, const char *doing, JobFunc run,
            JobDone done)
{
    Console *console = decision->form.console;
    gint64 id = decision->id;
    JobSpec spec = {.what = g_strdup_printf("%s of %" G_GINT64_FORMAT, what, id),
                    .request_id = id,
                    .run = run,
                    .done = done,
                    .data = job,
                    .free_data = job_free};
    console_pop(console);
    if (doing)
        console_say(console, ROLE_BUSY, "%s %" G_GINT64_FORMAT " …", doing, id);
    work_start(console->work, &spec);
    return CHANGED_SCREEN;
}
