/* approve.c: what exactly would be posted, and the key that approves it.
 *
 * The first Enter that counts is one pressed after the whole text was on the screen: what is typed
 * ahead of it approves nothing. */
#include "tui/widgets/dialogs.h"
#include "tui/widgets/form.h"
#include "tui/widgets/preview_job.h"

#include "base/clock.h"
#include "base/money.h"

typedef struct {
    Form form;
    gint64 id, run_number;
    char *customer;
    Preview *preview; /* NULL: not there yet */
} Approve;

/* Travels to a worker and back. */
typedef struct {
    Console *console;
    gint64 id, run_number;
    char *reason;
    Approved approved;
} Ask;

static void
ask_free(gpointer data)
{
    Ask *ask = data;
    g_free(ask->reason);
    g_free(ask);
}

static void
add_seal(Doc *doc, const Approve *approve)
{
    const Preview *preview = approve->preview;
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
write_preview(Approve *approve)
{
    const Preview *preview = approve->preview;
    Doc *doc = approve->form.text;
    form_renew(&approve->form);
    preview_write(doc, preview, PREVIEW_DRY);
    preview_write_doubts(doc, preview, console_now(approve->form.console));
    add_seal(doc, approve);
    if (!preview->refusal)
        return;
    doc_line(doc, ROLE_TEXT, "");
    doc_addf(doc, ROLE_BAD, "You cannot approve it: %s", preview->refusal);
    doc_end(doc);
}

static gboolean
may(const Approve *approve)
{
    return approve->preview && !approve->preview->refusal;
}

static void
preview_done(gpointer target, const PreviewAsk *ask, Preview *preview, const GError *error)
{
    Approve *approve = target;
    (void)ask;
    approve->form.waiting = FALSE;
    approve->preview = preview;
    if (preview) {
        write_preview(approve);
    } else {
        form_renew(&approve->form);
        doc_line(approve->form.text, ROLE_BAD, error->message);
    }
    approve->form.shut = !may(approve);
}

static char *
yes_words(const Approve *approve)
{
    const Preview *preview = approve->preview;
    if (!may(approve))
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
    Approve *approve = data;
    g_autofree char *title =
        g_strdup_printf("Approve %" G_GINT64_FORMAT ": %s", approve->id, approve->customer);
    g_autofree char *yes = yes_words(approve);
    form_draw(&approve->form, grid, screen, title, yes, yes ? "no" : "back");
}

static gboolean
approve_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    Ask *ask = data;
    (void)cancel;
    return desk_approve(desk, ask->id, ask->run_number, ask->reason, &ask->approved, error);
}

static void
approve_done(gpointer data, const GError *error)
{
    Ask *ask = data;
    Console *console = ask->console;
    const Approved *approved = &ask->approved;
    if (error) {
        g_autofree char *what = g_strdup_printf("%" G_GINT64_FORMAT " was not approved", ask->id);
        console_say_error(console, what, error);
    } else if (approved->dry_run) {
        console_say(console, ROLE_DRY,
                    "DRY RUN: %" G_GINT64_FORMAT
                    " could be approved; nothing was recorded or posted",
                    ask->id);
    } else if (approved->hold_until == 0) {
        console_say(console, ROLE_GOOD,
                    "%" G_GINT64_FORMAT " approved %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT
                    "; it waits for another approver",
                    ask->id, approved->have, approved->need);
    } else {
        console_hold(console, ask->id, approved->hold_until);
    }
    console_refresh(console);
}

static guint
decide(Approve *approve)
{
    Console *console = approve->form.console;
    if (!may(approve) || !form_reason(&approve->form, 0, "the approval"))
        return CHANGED_SCREEN;
    Ask *ask = g_new0(Ask, 1);
    ask->console = console;
    ask->id = approve->id;
    ask->run_number = approve->run_number;
    ask->reason = g_strdup(form_text(&approve->form, 0));
    JobSpec spec = {.what = g_strdup_printf("approval of %" G_GINT64_FORMAT, ask->id),
                    .request_id = ask->id,
                    .run = approve_run,
                    .done = approve_done,
                    .data = ask,
                    .free_data = ask_free};
    console_pop(console);
    console_say(console, ROLE_BUSY, "approving %" G_GINT64_FORMAT " …", ask->id);
    work_start(console->work, &spec);
    return CHANGED_SCREEN;
}

static guint
approve_key(gpointer data, const TermEvent *event)
{
    Approve *approve = data;
    switch (form_key(&approve->form, event)) {
    case FORM_NO:
        console_pop(approve->form.console);
        break;
    case FORM_YES:
        return decide(approve);
    default:
        break;
    }
    return CHANGED_SCREEN;
}

static void
approve_free(gpointer data)
{
    Approve *approve = data;
    preview_free(approve->preview);
    form_clear(&approve->form);
    g_free(approve->customer);
    g_free(approve);
}

static const DialogOps approve_ops = {"approve", approve_draw, approve_key, approve_free};

guint
approve_open(Console *console, const Request *request, const char *reason)
{
    Approve *approve = g_new0(Approve, 1);
    form_init(&approve->form, console);
    form_field(&approve->form, "Reason", NULL, reason);
    approve->form.waiting = TRUE;
    approve->id = request->id;
    approve->run_number = request->run_number;
    approve->customer = g_strdup(wording_customer(request));
    doc_line(approve->form.text, ROLE_BUSY, "Working out what would be posted …");
    guint serial = console_push(console, &approve_ops, approve);
    const PreviewAsk ask = {.id = request->id, .run_number = request->run_number, .kind = "result"};
    preview_start(console, &ask, serial, preview_done);
    return CHANGED_SCREEN;
}
