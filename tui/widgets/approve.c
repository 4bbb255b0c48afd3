/* approve.c: what exactly would be posted, and the key that approves it.
 *
 * The first Enter that counts is one pressed after the text was on the screen: what is typed ahead
 * of it approves nothing. */
#include "tui/widgets/dialogs.h"
#include "tui/widgets/input.h"

#include <string.h>
#include "base/clock.h"
#include "base/money.h"

typedef struct {
    Console *console;
    guint serial;
    gint64 id, run_number;
    char *customer;
    Preview *preview; /* NULL: not there yet */
    char *error;
    gboolean shown; /* the preview was drawn */
    Doc *text;
    Input reason;
} Approve;

/* Travels to a worker and back. */
typedef struct {
    Console *console;
    guint serial;
    gint64 id, run_number;
    char *reason;
    Preview *preview;
    Approved approved;
} Ask;

static void
ask_free(gpointer data)
{
    Ask *ask = data;
    g_free(ask->reason);
    preview_free(ask->preview);
    g_free(ask);
}

static gboolean
preview_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    Ask *ask = data;
    (void)cancel;
    ask->preview = desk_preview(desk, ask->id, "result", ask->run_number, NULL, error);
    return ask->preview != NULL;
}

static void
add_live(Doc *doc, const Preview *preview)
{
    if (preview->live) {
        doc_add(doc, ROLE_LIVE, " LIVE ");
        doc_addf(doc, ROLE_TEXT, " This posts to %s, in its thread:", preview->channel_name);
    } else {
        doc_add(doc, ROLE_DRY, " DRY RUN ");
        doc_addf(doc, ROLE_TEXT,
                 " Nothing is recorded or sent. Live, it would post to %s:", preview->channel_name);
    }
    doc_end(doc);
    doc_line(doc, ROLE_TEXT, "");
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
    Doc *doc = approve->text;
    doc_clear(doc);
    add_live(doc, preview);
    doc_indent(doc, 3, 3);
    doc_line(doc, ROLE_STRONG, preview->plain);
    doc_indent(doc, 0, 0);
    doc_line(doc, ROLE_TEXT, "");
    add_seal(doc, approve);
    if (preview->refusal) {
        doc_line(doc, ROLE_TEXT, "");
        doc_addf(doc, ROLE_BAD, "You cannot approve it: %s", preview->refusal);
        doc_end(doc);
    }
}

static void
preview_done(gpointer data, const GError *error)
{
    Ask *ask = data;
    Approve *approve = console_dialog(ask->console, ask->serial);
    if (!approve)
        return;
    approve->preview = g_steal_pointer(&ask->preview);
    if (approve->preview) {
        write_preview(approve);
    } else {
        approve->error = g_strdup(error ? error->message : "no answer");
        doc_clear(approve->text);
        doc_line(approve->text, ROLE_BAD, approve->error);
    }
    console_touch(ask->console);
}

static gboolean
may(const Approve *approve)
{
    return approve->preview && !approve->preview->refusal;
}

static char *
yes_words(const Approve *approve)
{
    const Preview *preview = approve->preview;
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
    int width = MIN(76, screen.w - 6), rows = doc_rows(approve->text, width);
    Rect in = dialog_box(grid, screen, width, rows + (may(approve) ? 5 : 3), title);
    int foot = may(approve) ? 4 : 2;
    doc_draw(approve->text, grid, (Rect){in.x, in.y, in.w, MAX(in.h - foot, 1)});
    if (may(approve)) {
        g_autofree char *yes = yes_words(approve);
        int x = in.x + grid_print(grid, in.x, in.y + in.h - 3, in.w, ROLE_TITLE, "Reason ") + 1;
        input_draw(&approve->reason, grid, x, in.y + in.h - 3, in.x + in.w - x, TRUE);
        dialog_keys(grid, in, in.h - 1, yes, "no");
        approve->shown = TRUE;
    } else {
        dialog_keys(grid, in, in.h - 1, NULL, "back");
        grid_set_cursor(grid, in.x, in.y + in.h - 1, FALSE);
    }
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
    Console *console = approve->console;
    if (!may(approve) || !approve->shown)
        return CHANGED_NOTHING;
    if (approve->reason.text->len == 0) {
        console_say(console, ROLE_WARN, "say why first: the reason is kept with the approval");
        return CHANGED_SCREEN;
    }
    Ask *ask = g_new0(Ask, 1);
    ask->console = console;
    ask->id = approve->id;
    ask->run_number = approve->run_number;
    ask->reason = g_strdup(approve->reason.text->str);
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
    if (event->type == EVENT_KEY && (event->key == KEYS_ESC || event->key == KEYS_CTRL('c'))) {
        console_pop(approve->console);
        return CHANGED_SCREEN;
    }
    if (event->type == EVENT_KEY && event->key == KEYS_ENTER)
        return decide(approve);
    if (event->type == EVENT_KEY && (event->key == KEYS_PGUP || event->key == KEYS_PGDN))
        doc_page(approve->text, event->key == KEYS_PGUP ? -1 : 1);
    else if (event->type == EVENT_KEY && (event->key == KEYS_UP || event->key == KEYS_DOWN))
        doc_scroll(approve->text, event->key == KEYS_UP ? -1 : 1);
    else if (may(approve))
        input_key(&approve->reason, event, NULL);
    return CHANGED_SCREEN;
}

static void
approve_free(gpointer data)
{
    Approve *approve = data;
    preview_free(approve->preview);
    doc_free(approve->text);
    input_clear(&approve->reason);
    g_free(approve->customer);
    g_free(approve->error);
    g_free(approve);
}

static const DialogOps approve_ops = {"approve", approve_draw, approve_key, approve_free};

guint
approve_open(Console *console, const Request *request, const char *reason)
{
    Approve *approve = g_new0(Approve, 1);
    approve->console = console;
    approve->id = request->id;
    approve->run_number = request->run_number;
    approve->customer = g_strdup(wording_customer(request));
    approve->text = doc_new(grid_ascii(console->grid));
    input_init(&approve->reason, reason);
    doc_line(approve->text, ROLE_BUSY, "Working out what would be posted …");
    approve->serial = console_push(console, &approve_ops, approve);
    Ask *ask = g_new0(Ask, 1);
    ask->console = console;
    ask->serial = approve->serial;
    ask->id = request->id;
    ask->run_number = request->run_number;
    JobSpec spec = {.what = g_strdup("preview"),
                    .quiet = TRUE,
                    .run = preview_run,
                    .done = preview_done,
                    .data = ask,
                    .free_data = ask_free};
    work_start(console->work, &spec);
    return CHANGED_SCREEN;
}
