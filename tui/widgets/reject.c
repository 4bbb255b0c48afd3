/* reject.c: a rejection with its reason; silent, or said in the thread after its text was shown. */
#include "tui/widgets/dialogs.h"
#include "tui/widgets/form.h"
#include "tui/widgets/preview_job.h"

#include <string.h>

typedef struct {
    Form form; /* checked: the thread is told */
    guint serial;
    gint64 id, corrects;
    char *customer;
    Preview *preview; /* of what the thread would read; NULL: not there (yet) */
    gboolean asked;
} Reject;

typedef struct {
    Console *console;
    gint64 id;
    char *reason;
    gboolean notify;
} Ask;

static void
ask_free(gpointer data)
{
    Ask *ask = data;
    g_free(ask->reason);
    g_free(ask);
}

static void
write_text(Reject *reject)
{
    Doc *doc = reject->form.text;
    form_renew(&reject->form);
    if (reject->corrects) {
        doc_addf(doc, ROLE_TEXT,
                 "The correction is closed. What was posted for %" G_GINT64_FORMAT
                 " stands as it is; nothing is said in Slack.",
                 reject->corrects);
        doc_end(doc);
    } else if (!reject->form.checked) {
        doc_line(doc, ROLE_TEXT,
                 "The request is closed without a credit. Nothing is said in Slack.");
    } else if (!reject->preview) {
        doc_line(doc, ROLE_TEXT,
                 "The request is closed without a credit, and its thread is told. "
                 "Enter shows the exact words first.");
    } else {
        preview_write(doc, reject->preview, PREVIEW_DRY);
        preview_write_doubts(doc, reject->preview, console_now(reject->form.console));
    }
}

static void
drop_preview(Reject *reject)
{
    g_clear_pointer(&reject->preview, preview_free);
    reject->asked = FALSE;
    write_text(reject);
}

static void
preview_done(gpointer target, const PreviewAsk *ask, Preview *preview, const GError *error)
{
    Reject *reject = target;
    gboolean same = strcmp(ask->reason, form_text(&reject->form, 0)) == 0;
    reject->asked = FALSE;
    if (error)
        console_say_error(reject->form.console, "cannot show the rejection", error);
    /* The words changed meanwhile: what came back is not what would be posted. */
    if (!preview || !reject->form.checked || !same) {
        preview_free(preview);
        return;
    }
    reject->preview = preview;
    write_text(reject);
}

static void
reject_draw(gpointer data, Grid *grid, Rect screen)
{
    Reject *reject = data;
    g_autofree char *title =
        g_strdup_printf("Reject %" G_GINT64_FORMAT ": %s", reject->id, reject->customer);
    gboolean words = reject->form.checked && !reject->preview;
    form_draw(&reject->form, grid, screen, title, words ? "show the words" : "reject", "no");
}

static gboolean
reject_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    Ask *ask = data;
    return desk_reject(desk, ask->id, ask->reason, ask->notify, cancel, error);
}

static void
reject_done(gpointer data, const GError *error)
{
    Ask *ask = data;
    g_autofree char *what = g_strdup_printf("%" G_GINT64_FORMAT " was not rejected", ask->id);
    if (error)
        console_say_error(ask->console, what, error);
    else if (desk_dry_run(ask->console->desk))
        console_say(ask->console, ROLE_DRY,
                    "DRY RUN: %" G_GINT64_FORMAT " could be rejected; nothing was sent", ask->id);
    else
        console_say(ask->console, ROLE_GOOD, "%" G_GINT64_FORMAT " rejected%s", ask->id,
                    ask->notify ? " and its thread told" : "");
    console_refresh(ask->console);
}

static void
show_words(Reject *reject)
{
    const PreviewAsk ask = {
        .id = reject->id, .kind = "rejection", .reason = form_text(&reject->form, 0)};
    if (!reject->asked)
        preview_start(reject->form.console, &ask, reject->serial, preview_done);
    reject->asked = TRUE;
}

static guint
decide(Reject *reject)
{
    Console *console = reject->form.console;
    if (!form_reason(&reject->form, 0, "the request"))
        return CHANGED_SCREEN;
    if (reject->form.checked && !reject->preview) {
        show_words(reject);
        return CHANGED_SCREEN;
    }
    Ask *ask = g_new0(Ask, 1);
    ask->console = console;
    ask->id = reject->id;
    ask->notify = reject->form.checked;
    ask->reason = g_strdup(form_text(&reject->form, 0));
    JobSpec spec = {.what = g_strdup_printf("rejection of %" G_GINT64_FORMAT, reject->id),
                    .request_id = reject->id,
                    .run = reject_run,
                    .done = reject_done,
                    .data = ask,
                    .free_data = ask_free};
    console_say(console, ROLE_BUSY, "rejecting %" G_GINT64_FORMAT " …", reject->id);
    console_pop(console);
    work_start(console->work, &spec);
    return CHANGED_SCREEN;
}

static guint
reject_key(gpointer data, const TermEvent *event)
{
    Reject *reject = data;
    switch (form_key(&reject->form, event)) {
    case FORM_NO:
        console_pop(reject->form.console);
        break;
    case FORM_YES:
        return decide(reject);
    case FORM_CHECKED:
        drop_preview(reject);
        break;
    case FORM_TYPED:
        if (reject->preview || reject->asked)
            drop_preview(reject);
        break;
    default:
        break;
    }
    return CHANGED_SCREEN;
}

static void
reject_free(gpointer data)
{
    Reject *reject = data;
    preview_free(reject->preview);
    form_clear(&reject->form);
    g_free(reject->customer);
    g_free(reject);
}

static const DialogOps reject_ops = {"reject", reject_draw, reject_key, reject_free};

guint
reject_open(Console *console, const Request *request, const char *reason)
{
    Reject *reject = g_new0(Reject, 1);
    form_init(&reject->form, console);
    form_field(&reject->form, "Reason", NULL, reason);
    reject->id = request->id;
    reject->corrects = request->corrects;
    reject->customer = g_strdup(wording_customer(request));
    if (!reject->corrects) {
        reject->form.check = "tell the thread";
        reject->form.checked = config_bool(console->config, "approval", "notify_rejection");
    }
    write_text(reject);
    reject->serial = console_push(console, &reject_ops, reject);
    return CHANGED_SCREEN;
}
