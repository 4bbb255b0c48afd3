/* reject.c: a rejection with its reason; silent, or said in the thread after its text was shown. */
#include "tui/widgets/dialogs.h"
#include "tui/widgets/input.h"

#include <string.h>

typedef struct {
    Console *console;
    guint serial;
    gint64 id;
    char *customer;
    gboolean notify;
    Preview *preview; /* of what the thread would read, for preview_of */
    char *preview_of; /* the reason that it quotes */
    gboolean asked, shown;
    Doc *text;
    Input reason;
} Reject;

typedef struct {
    Console *console;
    guint serial;
    gint64 id;
    char *reason;
    gboolean notify;
    Preview *preview;
} Ask;

static void
ask_free(gpointer data)
{
    Ask *ask = data;
    g_free(ask->reason);
    preview_free(ask->preview);
    g_free(ask);
}

static Ask *
ask_new(const Reject *reject)
{
    Ask *ask = g_new0(Ask, 1);
    ask->console = reject->console;
    ask->serial = reject->serial;
    ask->id = reject->id;
    ask->notify = reject->notify;
    ask->reason = g_strdup(reject->reason.text->str);
    return ask;
}

static void
write_text(Reject *reject)
{
    Doc *doc = reject->text;
    doc_clear(doc);
    if (!reject->notify) {
        doc_line(doc, ROLE_TEXT,
                 "The request is closed without a credit. Nothing is said in Slack.");
    } else if (!reject->preview) {
        doc_line(doc, ROLE_TEXT,
                 "The request is closed without a credit, and its thread is told. "
                 "Enter shows the exact words first.");
    } else {
        doc_add(doc, reject->preview->live ? ROLE_LIVE : ROLE_DRY,
                reject->preview->live ? " LIVE " : " DRY RUN ");
        doc_addf(doc, ROLE_TEXT, " %s %s, in its thread:",
                 reject->preview->live ? "This posts to"
                                       : "Nothing is sent. Live, it would post to",
                 reject->preview->channel_name);
        doc_end(doc);
        doc_line(doc, ROLE_TEXT, "");
        doc_indent(doc, 3, 3);
        doc_line(doc, ROLE_STRONG, reject->preview->plain);
        doc_indent(doc, 0, 0);
        if (reject->preview->refusal)
            doc_line(doc, ROLE_BAD, reject->preview->refusal);
    }
}

static void
drop_preview(Reject *reject)
{
    g_clear_pointer(&reject->preview, preview_free);
    g_clear_pointer(&reject->preview_of, g_free);
    reject->asked = reject->shown = FALSE;
    write_text(reject);
}

static gboolean
preview_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    Ask *ask = data;
    (void)cancel;
    ask->preview = desk_preview(desk, ask->id, "rejection", 0, ask->reason, error);
    return ask->preview != NULL;
}

static void
preview_done(gpointer data, const GError *error)
{
    Ask *ask = data;
    Reject *reject = console_dialog(ask->console, ask->serial);
    if (!reject)
        return;
    reject->asked = FALSE;
    if (error) {
        console_say_error(ask->console, "cannot show the rejection", error);
        return;
    }
    /* The words changed meanwhile: what came back is not what would be posted. */
    if (!reject->notify || strcmp(ask->reason, reject->reason.text->str) != 0)
        return;
    reject->preview = g_steal_pointer(&ask->preview);
    reject->preview_of = g_strdup(ask->reason);
    write_text(reject);
    console_touch(ask->console);
}

static void
reject_draw(gpointer data, Grid *grid, Rect screen)
{
    Reject *reject = data;
    g_autofree char *title =
        g_strdup_printf("Reject %" G_GINT64_FORMAT ": %s", reject->id, reject->customer);
    int width = MIN(76, screen.w - 6), rows = doc_rows(reject->text, width);
    Rect in = dialog_box(grid, screen, width, rows + 6, title);
    doc_draw(reject->text, grid, (Rect){in.x, in.y, in.w, MAX(in.h - 5, 1)});
    int y = in.y + in.h - 4;
    int x = in.x + grid_print(grid, in.x, y, in.w, ROLE_TITLE, "Reason ") + 1;
    input_draw(&reject->reason, grid, x, y, in.x + in.w - x, TRUE);
    x = in.x + grid_printf(grid, in.x, y + 1, in.w, ROLE_TEXT, "[%c] tell the thread   ",
                           reject->notify ? 'x' : ' ');
    grid_print(grid, x, y + 1, in.w, ROLE_KEY, "Tab");
    dialog_keys(grid, in, in.h - 1,
                reject->notify && !reject->preview ? "show the words" : "reject", "no");
    if (reject->preview)
        reject->shown = TRUE;
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

static guint
decide(Reject *reject)
{
    Console *console = reject->console;
    if (reject->reason.text->len == 0) {
        console_say(console, ROLE_WARN, "say why first: the reason is kept with the request");
        return CHANGED_SCREEN;
    }
    if (reject->notify && !reject->preview) {
        if (reject->asked)
            return CHANGED_NOTHING;
        JobSpec spec = {.what = g_strdup("preview"),
                        .quiet = TRUE,
                        .run = preview_run,
                        .done = preview_done,
                        .data = ask_new(reject),
                        .free_data = ask_free};
        work_start(console->work, &spec);
        reject->asked = TRUE;
        return CHANGED_SCREEN;
    }
    if (reject->notify && (!reject->shown || reject->preview->refusal))
        return CHANGED_NOTHING;
    JobSpec spec = {.what = g_strdup_printf("rejection of %" G_GINT64_FORMAT, reject->id),
                    .request_id = reject->id,
                    .run = reject_run,
                    .done = reject_done,
                    .data = ask_new(reject),
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
    gboolean changed = FALSE;
    guint32 key = event->type == EVENT_KEY ? event->key : KEY_NONE;
    if (key == KEYS_ESC || key == KEYS_CTRL('c')) {
        console_pop(reject->console);
        return CHANGED_SCREEN;
    }
    if (key == KEYS_ENTER)
        return decide(reject);
    if (key == KEYS_TAB) {
        reject->notify = !reject->notify;
        drop_preview(reject);
        return CHANGED_SCREEN;
    }
    input_key(&reject->reason, event, &changed);
    if (changed && (reject->preview || reject->asked))
        drop_preview(reject);
    return CHANGED_SCREEN;
}

static void
reject_free(gpointer data)
{
    Reject *reject = data;
    preview_free(reject->preview);
    doc_free(reject->text);
    input_clear(&reject->reason);
    g_free(reject->preview_of);
    g_free(reject->customer);
    g_free(reject);
}

static const DialogOps reject_ops = {"reject", reject_draw, reject_key, reject_free};

guint
reject_open(Console *console, const Request *request, const char *reason)
{
    Reject *reject = g_new0(Reject, 1);
    reject->console = console;
    reject->id = request->id;
    reject->customer = g_strdup(wording_customer(request));
    reject->notify = config_bool(console->config, "approval", "notify_rejection");
    reject->text = doc_new(grid_ascii(console->grid));
    input_init(&reject->reason, reason);
    write_text(reject);
    reject->serial = console_push(console, &reject_ops, reject);
    return CHANGED_SCREEN;
}
