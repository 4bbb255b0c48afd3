/* amount.c: another amount, set by hand: before the post an override, after it a correction.
 *
 * Nothing is done before the exact words with the new amount were on the screen. */
#include "tui/widgets/dialogs.h"
#include "tui/widgets/form.h"
#include "tui/widgets/preview_job.h"

#include <string.h>
#include "base/money.h"

enum { FIELD_AMOUNT, FIELD_REASON };

typedef struct {
    Form form; /* checked, of a correction: worked out anew instead */
    guint serial;
    gint64 id;
    gboolean corrects; /* what is posted */
    char *customer, *now;
    Preview *preview; /* of what is typed; NULL: not there (yet) */
    gboolean asked;
} Amount;

/* Travels to a worker and back. */
typedef struct {
    Console *console;
    gint64 id, amount, correction;
    gboolean corrects, by_hand;
    char *reason;
} Ask;

static void
ask_free(gpointer data)
{
    Ask *ask = data;
    g_free(ask->reason);
    g_free(ask);
}

static gboolean
is_by_hand(const Amount *amount)
{
    return !amount->form.checked;
}

static void
write_text(Amount *amount)
{
    Doc *doc = amount->form.text;
    form_renew(&amount->form);
    if (amount->preview) {
        preview_write(doc, amount->preview, "Nothing is sent.");
        preview_write_doubts(doc, amount->preview, console_now(amount->form.console));
    } else {
        doc_addf(doc, ROLE_TEXT, "%s %s. ", amount->corrects ? "Posted is" : "The amount now is",
                 amount->now);
        doc_add(doc, ROLE_TEXT,
                amount->corrects ? "It stands until a correction is posted into the same thread."
                                 : "Approvals of it end when another one is set.");
        doc_end(doc);
    }
    if (!is_by_hand(amount))
        doc_line(doc, ROLE_TEXT,
                 "The correction is worked out anew from the same link by the next pass or a "
                 "rerun, and then approved like any request.");
    else
        doc_line(doc, ROLE_WARN,
                 "Another person has to approve it. Who set it and why is kept for ever.");
}

static void
drop_preview(Amount *amount)
{
    g_clear_pointer(&amount->preview, preview_free);
    amount->asked = FALSE;
    write_text(amount);
}

/* What is typed as an amount; -1 after the operator was told what is wrong with it. */
static gint64
typed_amount(const Amount *amount)
{
    gint64 value = 0;
    const char *text = form_text(&amount->form, FIELD_AMOUNT);
    if (money_parse(text, TRUE, &value, NULL) && value >= 0)
        return value;
    console_say(amount->form.console, ROLE_WARN, "%s%s%sgive the amount as 1234.56",
                *text ? "'" : "", text, *text ? "' is no amount: " : "");
    return -1;
}

static void
preview_done(gpointer target, const PreviewAsk *ask, Preview *preview, const GError *error)
{
    Amount *amount = target;
    gint64 value = 0;
    gboolean same = is_by_hand(amount) &&
                    strcmp(ask->reason, form_text(&amount->form, FIELD_REASON)) == 0 &&
                    money_parse(form_text(&amount->form, FIELD_AMOUNT), TRUE, &value, NULL) &&
                    value == ask->amount;
    amount->asked = FALSE;
    if (error)
        console_say_error(amount->form.console, "not possible", error);
    if (!preview || !same) {
        preview_free(preview);
        return;
    }
    amount->preview = preview;
    write_text(amount);
}

static void
amount_draw(gpointer data, Grid *grid, Rect screen)
{
    Amount *amount = data;
    const char *what = amount->corrects ? "Correct" : "Set the amount of";
    g_autofree char *title =
        g_strdup_printf("%s %" G_GINT64_FORMAT ": %s", what, amount->id, amount->customer);
    const char *yes = is_by_hand(amount) && !amount->preview ? "show the words"
                      : amount->corrects                     ? "make the correction"
                                                             : "set it";
    form_draw(&amount->form, grid, screen, title, yes, "no");
}

static gboolean
amount_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    Ask *ask = data;
    (void)cancel;
    if (ask->corrects && !desk_correct(desk, ask->id, ask->reason, &ask->correction, error))
        return FALSE;
    return !ask->by_hand || desk_override(desk, ask->correction ? ask->correction : ask->id,
                                          ask->amount, ask->reason, NULL, error);
}

static void
amount_done(gpointer data, const GError *error)
{
    Ask *ask = data;
    Console *console = ask->console;
    if (error && ask->correction)
        console_say(console, ROLE_BAD,
                    "correction %" G_GINT64_FORMAT " was made, but its amount not set: %s",
                    ask->correction, error->message);
    else if (error)
        console_say_error(console, ask->corrects ? "no correction" : "the amount was not set",
                          error);
    else if (!ask->corrects)
        console_say(console, ROLE_GOOD,
                    "amount of %" G_GINT64_FORMAT " set; another person has to approve it",
                    ask->id);
    else
        console_say(console, ROLE_GOOD,
                    "%" G_GINT64_FORMAT " corrects %" G_GINT64_FORMAT "; it is in the queue%s",
                    ask->correction, ask->id,
                    ask->by_hand ? ", and another person has to approve it" : "");
    console_refresh(console);
}

static void
show_words(Amount *amount, gint64 value)
{
    const PreviewAsk ask = {.id = amount->id,
                            .kind = "amount",
                            .amount = value,
                            .reason = form_text(&amount->form, FIELD_REASON)};
    if (!amount->asked)
        preview_start(amount->form.console, &ask, amount->serial, preview_done);
    amount->asked = TRUE;
}

static guint
decide(Amount *amount)
{
    Console *console = amount->form.console;
    gint64 value = is_by_hand(amount) ? typed_amount(amount) : 0;
    if (value < 0 || !form_reason(&amount->form, FIELD_REASON, "the amount"))
        return CHANGED_SCREEN;
    if (is_by_hand(amount) && !amount->preview) {
        show_words(amount, value);
        return CHANGED_SCREEN;
    }
    Ask *ask = g_new0(Ask, 1);
    ask->console = console;
    ask->id = amount->id;
    ask->amount = value;
    ask->corrects = amount->corrects;
    ask->by_hand = is_by_hand(amount);
    ask->reason = g_strdup(form_text(&amount->form, FIELD_REASON));
    JobSpec spec = {.what = g_strdup_printf("amount of %" G_GINT64_FORMAT, ask->id),
                    .request_id = ask->id,
                    .run = amount_run,
                    .done = amount_done,
                    .data = ask,
                    .free_data = ask_free};
    console_pop(console);
    work_start(console->work, &spec);
    return CHANGED_SCREEN;
}

static guint
amount_key(gpointer data, const TermEvent *event)
{
    Amount *amount = data;
    switch (form_key(&amount->form, event)) {
    case FORM_NO:
        console_pop(amount->form.console);
        break;
    case FORM_YES:
        return decide(amount);
    case FORM_CHECKED:
        drop_preview(amount);
        break;
    case FORM_TYPED:
        if (amount->preview || amount->asked)
            drop_preview(amount);
        break;
    default:
        break;
    }
    return CHANGED_SCREEN;
}

static void
amount_free(gpointer data)
{
    Amount *amount = data;
    preview_free(amount->preview);
    form_clear(&amount->form);
    g_free(amount->customer);
    g_free(amount->now);
    g_free(amount);
}

static const DialogOps amount_ops = {"amount", amount_draw, amount_key, amount_free};

guint
amount_open(Console *console, const Request *request, gboolean corrects, const char *value)
{
    Amount *amount = g_new0(Amount, 1);
    form_init(&amount->form, console);
    form_field(&amount->form, "Amount", g_strdup(request->currency), value);
    form_field(&amount->form, "Reason", NULL, NULL);
    if (corrects)
        amount->form.check = "work it out anew instead of setting an amount";
    amount->id = request->id;
    amount->corrects = corrects;
    amount->customer = g_strdup(wording_customer(request));
    amount->now = request->has_amount ? money_display_in(request->amount, request->currency)
                                      : g_strdup("not known");
    write_text(amount);
    amount->serial = console_push(console, &amount_ops, amount);
    return CHANGED_SCREEN;
}
