/* preview_job.c: see preview_job.h. */
#include "tui/widgets/preview_job.h"

#include "base/clock.h"
#include "base/money.h"

/* Data older than this was perhaps added to since. */
#define STALE (12 * (gint64)3600 * G_USEC_PER_SEC)

/* Travels to a worker and back. */
typedef struct {
    Console *console;
    guint serial;
    gpointer target; /* NULL: the dialog */
    PreviewAsk ask;
    char *kind, *reason; /* owned */
    PreviewDone done;
    Preview *preview;
} PreviewJob;

static void
job_free(gpointer data)
{
    PreviewJob *job = data;

    g_free(job->kind);
    g_free(job->reason);
    preview_free(job->preview);
    g_free(job);
}

static gboolean
job_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    PreviewJob *job = data;
    const PreviewAsk *ask = &job->ask;

    (void)cancel;
    job->preview =
        g_str_equal(ask->kind, "amount")
            ? desk_preview_amount(desk, ask->id, ask->amount, ask->reason, error)
            : desk_preview(desk, ask->id, ask->kind, ask->run_number, ask->reason, error);
    return job->preview != NULL;
}

static void
job_done(gpointer data, const GError *error)
{
    PreviewJob *job = data;
    gpointer target = job->target ? job->target : console_dialog(job->console, job->serial);

    if (!target)
        return;
    job->done(target, &job->ask, g_steal_pointer(&job->preview), error);
    console_touch(job->console);
}

static void
start(Console *console, const PreviewAsk *ask, guint serial, gpointer target, PreviewDone done)
{
    PreviewJob *job = g_new0(PreviewJob, 1);

    job->console = console;
    job->serial = serial;
    job->target = target;
    job->done = done;
    job->kind = g_strdup(ask->kind);
    job->reason = g_strdup(ask->reason);
    job->ask = *ask;
    job->ask.kind = job->kind;
    job->ask.reason = job->reason;
    JobSpec spec = {.what = g_strdup("preview"),
                    .quiet = TRUE,
                    .run = job_run,
                    .done = job_done,
                    .data = job,
                    .free_data = job_free};
    work_start(console->work, &spec);
}

void
preview_start(Console *console, const PreviewAsk *ask, guint serial, PreviewDone done)
{
    start(console, ask, serial, NULL, done);
}

void
preview_start_for(Console *console, const PreviewAsk *ask, gpointer target, PreviewDone done)
{
    start(console, ask, 0, target, done);
}

/* -- how it reads -- */

static void
write_where(Doc *doc, const Preview *preview, const char *dry)
{
    if (preview->live) {
        doc_add(doc, ROLE_LIVE, " LIVE ");
        doc_addf(doc, ROLE_TEXT, " This posts to %s, in its thread:", preview->channel_name);
    } else {
        doc_add(doc, ROLE_DRY, " DRY RUN ");
        doc_addf(doc, ROLE_TEXT, " %s Live, it would post to %s:", dry, preview->channel_name);
    }
    doc_end(doc);
    doc_line(doc, ROLE_TEXT, "");
}

void
preview_write(Doc *doc, const Preview *preview, const char *dry)
{
    write_where(doc, preview, dry);
    doc_indent(doc, 3, 3);
    doc_line(doc, ROLE_STRONG, preview->plain);
    doc_indent(doc, 0, 0);
    doc_line(doc, ROLE_TEXT, "");
    if (!preview->has_before || preview->before == preview->amount)
        return;
    g_autofree char *before = money_display_in(preview->before, preview->currency);
    g_autofree char *after = money_display_in(preview->amount, preview->currency);
    doc_add(doc, ROLE_TEXT, "Amount ");
    doc_addf(doc, ROLE_REMOVED, "%s", before);
    doc_add(doc, ROLE_TEXT, " -> ");
    doc_addf(doc, ROLE_ADDED, "%s", after);
    doc_add(doc, ROLE_TEXT, ". ");
    if (preview->change)
        doc_add(doc, ROLE_TEXT, preview->change);
    doc_end(doc);
}

void
preview_write_doubts(Doc *doc, const Preview *preview, gint64 now)
{
    if (preview->unusual)
        doc_addf(doc, ROLE_WARN, "Unusual: %s. ", preview->unusual);
    if (preview->run_at && now - preview->run_at > STALE) {
        g_autofree char *age = duration_short(now - preview->run_at);
        doc_addf(doc, ROLE_WARN, "Its evidence is %s old; a rerun (r) brings it up to date. ", age);
    }
    if (preview->claim)
        doc_addf(doc, ROLE_WARN, "%s. ", preview->claim);
    doc_end(doc);
}
