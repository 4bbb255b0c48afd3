/* approve.c: what exactly would be posted, and the key that approves it; of evidence that is too
 * old, the key that makes it anew first.
 *
 * The first Enter that counts is one pressed after the whole text was on the screen: what is typed
 * ahead of it approves nothing. */
#include "tui/widgets/approval.h"

#include <string.h>
#include "base/clock.h"
#include "base/error.h"
#include "base/money.h"
#include "engine/signature.h"
#include "engine/witness.h"

#define KEY_RERUN KEYS_CTRL('r')
#define KEY_SPLIT KEYS_CTRL('g')
#define KEY_SIGN  KEYS_CTRL('o')
#define KEY_GLASS KEYS_CTRL('b')

typedef struct {
    Decision decision;
    gint64 run_number, before; /* before: the run that a rerun here took the place of; 0: none */
    char *error;               /* why nothing can be shown; NULL: it can */
    gboolean running;          /* the rerun */
    char *signature, *signer;  /* of somebody else, checked; NULL: it is the operator's approval */
} Approve;

static gboolean
is_stale(const Decision *decision)
{
    const Preview *preview = decision->preview;
    return preview && preview->stale && preview->refusal &&
           strcmp(preview->refusal, preview->stale) == 0;
}

/* An approval can be given from here: the operator's own, or that of whoever signed. */
static gboolean
may(const Decision *decision)
{
    const Approve *approve = (const Approve *)decision;
    return decision->preview && !approve->running &&
           (!decision->preview->refusal || approve->signer);
}

static void
ask(Decision *decision)
{
    const PreviewAsk question = {.run_number = ((const Approve *)decision)->run_number,
                                 .kind = "result"};
    decision->form.waiting = TRUE;
    decision_ask(decision, &question);
}

/* -- what stands there -- */

static void
write_running(Doc *doc, const Decision *decision)
{
    const Facts *facts = &decision->form.console->facts;
    const Progress *progress = facts_progress(facts, decision->id);
    g_autofree char *words =
        progress ? wording_progress(progress, facts->now) : g_strdup("fetching the SQL");
    doc_addf(doc, ROLE_BUSY, "Run again: %s", words);
    doc_end(doc);
    doc_line(doc, ROLE_TEXT,
             "What it finds is compared here before anything can be approved. Esc leaves it to go "
             "on by itself.");
}

static void
write_refusal(Doc *doc, const Decision *decision)
{
    const Preview *preview = decision->preview;
    const Approve *approve = (const Approve *)decision;
    if (approve->signer) {
        doc_addf(doc, ROLE_WARN, "By the signature of %s: theirs is the approval, not yours.",
                 approve->signer);
        doc_end(doc);
    } else if (is_stale(decision)) {
        const char *why = preview->stale + (g_str_has_prefix(preview->stale, "stale: ") ? 7 : 0);
        doc_addf(doc, ROLE_WARN, "Too old to approve: %s. Enter does that and shows what changed.",
                 why);
        doc_end(doc);
    } else if (preview->refusal) {
        doc_addf(doc, ROLE_BAD, "You cannot approve it: %s", preview->refusal);
        doc_end(doc);
    } else {
        return;
    }
    doc_line(doc, ROLE_TEXT, "");
}

/* After a rerun made here: what it changed, before the words. */
static void
write_rerun(Doc *doc, const Approve *approve)
{
    const Preview *preview = approve->decision.preview;
    g_autofree char *before = money_display_in(preview->before, preview->currency);
    g_autofree char *after = money_display_in(preview->amount, preview->currency);
    if (approve->before == 0)
        return;
    doc_addf(doc, ROLE_TITLE, "Run %" G_GINT64_FORMAT " -> run %" G_GINT64_FORMAT ": ",
             approve->before, preview->run_number);
    if (preview->has_before && preview->before != preview->amount) {
        doc_addf(doc, ROLE_REMOVED, "%s", before);
        doc_add(doc, ROLE_TEXT, " -> ");
        doc_addf(doc, ROLE_ADDED, "%s", after);
        doc_addf(doc, ROLE_TEXT, ". %s", preview->change ? preview->change : "");
    } else {
        doc_addf(doc, preview->change ? ROLE_WARN : ROLE_GOOD, "%s again%s%s.", after,
                 preview->change ? ", but: " : ", nothing changed",
                 preview->change ? preview->change : "");
    }
    doc_end(doc);
    doc_line(doc, ROLE_TEXT, "");
}

static void
set_extras(Form *form, const Decision *decision)
{
    const Preview *preview = decision->preview;
    const Approve *approve = (const Approve *)decision;
    form->n_extras = 0;
    if (!preview || approve->running)
        return;
    if (!approve->signer)
        form_extra(form, KEY_RERUN, "Ctrl-R", "rerun");
    if (preview->split)
        form_extra(form, KEY_SPLIT, "Ctrl-G", "the others");
    if (config_string(form->console->config, "approval", "allowed_signers") && !approve->signer)
        form_extra(form, KEY_SIGN, "Ctrl-O", "signature");
    if (preview->break_glass)
        form_extra(form, KEY_GLASS, "Ctrl-B", "break glass");
}

static void
write_text(Decision *decision)
{
    const Approve *approve = (const Approve *)decision;
    const Preview *preview = decision->preview;
    Doc *doc = decision->form.text;
    set_extras(&decision->form, decision);
    if (approve->running) {
        write_running(doc, decision);
        return;
    }
    if (!preview) {
        doc_line(doc, approve->error ? ROLE_BAD : ROLE_BUSY,
                 approve->error ? approve->error : "Working out what would be posted …");
        return;
    }
    write_refusal(doc, decision);
    write_rerun(doc, approve);
    preview_write(doc, preview, PREVIEW_DRY);
    preview_write_doubts(doc, preview, console_now(decision->form.console));
    approval_write_policy(doc, preview, !preview->refusal && !approve->signer);
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
    const Approve *approve = (const Approve *)decision;
    if (approve->running)
        return NULL;
    if (is_stale(decision))
        return g_strdup("rerun it first");
    if (!may(decision))
        return NULL;
    if (!preview->live)
        return g_strdup("check it (dry run)");
    if (preview->need - preview->have > 1)
        return g_strdup_printf("approve, as %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT,
                               preview->have + 1, preview->need);
    g_autofree char *hold = duration_short(preview->hold);
    return g_strdup_printf("approve, posted after %s (u takes it back)", hold);
}

static void
approve_draw(gpointer data, Grid *grid, Rect screen)
{
    Decision *decision = data;
    g_autofree char *title = decision_title(decision, "Approve");
    g_autofree char *yes = yes_words(decision);
    if (((const Approve *)decision)->running)
        decision_write(decision);
    form_draw(&decision->form, grid, screen, title, yes, yes ? "no" : "back");
}

/* -- the rerun -- */

typedef struct {
    Console *console;
    guint serial;
    gint64 id;
    Run *run;
} Rerun;

static void
rerun_free(gpointer data)
{
    Rerun *rerun = data;
    run_free(rerun->run);
    g_free(rerun);
}

static gboolean
rerun_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    Rerun *rerun = data;
    rerun->run = desk_rerun(desk, rerun->id, FALSE, NULL, cancel, error);
    return rerun->run != NULL;
}

static void
rerun_done(gpointer data, const GError *error)
{
    const Rerun *rerun = data;
    Approve *approve = console_dialog(rerun->console, rerun->serial);
    g_autofree char *what = g_strdup_printf("%" G_GINT64_FORMAT " was not run again", rerun->id);
    g_autofree char *amount =
        rerun->run ? money_display_in(rerun->run->amount, rerun->run->currency) : NULL;
    if (error)
        console_say_error(rerun->console, what, error);
    else if (!approve)
        console_say(rerun->console, ROLE_GOOD, "%" G_GINT64_FORMAT " was run again: %s", rerun->id,
                    amount);
    if (approve) {
        approve->running = FALSE;
        approve->before = rerun->run ? approve->run_number : 0;
        approve->run_number = rerun->run ? rerun->run->number : 0;
        g_clear_pointer(&approve->decision.preview, preview_free);
        decision_write(&approve->decision);
        ask(&approve->decision);
    }
    console_refresh(rerun->console);
}

static void
start_rerun(Decision *decision)
{
    Approve *approve = (Approve *)decision;
    Rerun *rerun = g_new0(Rerun, 1);
    approve->running = TRUE;
    approve->run_number = decision->preview->run_number;
    decision->form.waiting = decision->form.shut = TRUE;
    rerun->console = decision->form.console;
    rerun->serial = decision->serial;
    rerun->id = decision->id;
    JobSpec spec = {.what = g_strdup_printf("rerun of %" G_GINT64_FORMAT, rerun->id),
                    .request_id = rerun->id,
                    .run = rerun_run,
                    .done = rerun_done,
                    .data = rerun,
                    .free_data = rerun_free};
    decision_write(decision);
    work_start(rerun->console->work, &spec);
}

/* -- a signature of somebody else -- */

typedef struct {
    Console *console;
    guint serial;
    gint64 id;
    char *path, *armored, *signer;
} Signing;

static void
signing_free(gpointer data)
{
    Signing *signing = data;
    g_free(signing->path);
    g_free(signing->armored);
    g_free(signing->signer);
    g_free(signing);
}

/* Whose it is, and of this text: the desk checks it once more when it approves. */
static gboolean
signing_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    Signing *signing = data;
    g_autofree char *path = paths_expand(signing->path);
    (void)cancel;
    signing->armored = signature_read(path, error);
    g_autofree char *text = signing->armored ? desk_to_sign(desk, signing->id, 0, error) : NULL;
    return text &&
           signature_check(desk_config(desk), text, signing->armored, 0, &signing->signer, error);
}

static void
signing_done(gpointer data, const GError *error)
{
    Signing *signing = data;
    Approve *approve = console_dialog(signing->console, signing->serial);
    if (error)
        console_say_error(signing->console, "the signature does not count", error);
    if (error || !approve)
        return;
    g_free(approve->signature);
    g_free(approve->signer);
    approve->signature = g_steal_pointer(&signing->armored);
    approve->signer = g_steal_pointer(&signing->signer);
    approve->decision.form.shut = !may(&approve->decision);
    decision_write(&approve->decision);
    console_touch(signing->console);
}

static guint
signature_given(Console *console, const char *path, gint64 serial)
{
    const Decision *decision = console_dialog(console, (guint)serial);
    if (!path || !*path || !decision)
        return CHANGED_SCREEN;
    Signing *signing = g_new0(Signing, 1);
    signing->console = console;
    signing->serial = (guint)serial;
    signing->id = decision->id;
    signing->path = g_strdup(path);
    JobSpec spec = {.what = g_strdup("checking a signature"),
                    .quiet = TRUE,
                    .run = signing_run,
                    .done = signing_done,
                    .data = signing,
                    .free_data = signing_free};
    console_say(console, ROLE_BUSY, "checking the signature …");
    work_start(console->work, &spec);
    return CHANGED_SCREEN;
}

/* -- keys -- */

static guint
decide(Decision *decision)
{
    const Approve *approve = (const Approve *)decision;
    const ApprovalGiven given = {.run_number = approve->run_number,
                                 .signature = approve->signature};
    if (is_stale(decision) && !approve->running)
        start_rerun(decision);
    else if (may(decision) && form_reason(&decision->form, 0, "the approval"))
        return approval_give(decision, &given);
    return CHANGED_SCREEN;
}

static void
break_instead(Decision *decision)
{
    Console *console = decision->form.console;
    gint64 id = decision->id;
    g_autofree char *customer = g_strdup(decision->customer);
    g_autofree char *reason = g_strdup(form_text(&decision->form, 0));
    Request request = {
        .id = id, .customer = customer, .run_number = ((const Approve *)decision)->run_number};
    console_pop(console);
    break_glass_open(console, &request, reason);
}

/* Only what the dialog shows. */
static gboolean
other_key(Decision *decision, const TermEvent *event)
{
    Console *console = decision->form.console;
    guint32 key = event->type == EVENT_KEY ? event->key : KEY_NONE;
    if (!form_has_extra(&decision->form, key))
        return FALSE;
    if (key == KEY_RERUN)
        start_rerun(decision);
    else if (key == KEY_SPLIT)
        approval_go_to_split(decision);
    else if (key == KEY_SIGN)
        prompt_path(console, "Signature file:", NULL, signature_given, decision->serial);
    else if (key == KEY_GLASS)
        break_instead(decision);
    return TRUE;
}

/* Esc, or a look at another request, loses no reason: it stands there the next time. */
static void
keep_reason(Decision *decision)
{
    Console *console = decision->form.console;
    const char *reason = form_text(&decision->form, 0);
    if (!*reason && console->unused_of != decision->id)
        return;
    g_free(console->unused_reason);
    console->unused_reason = g_strdup(reason);
    console->unused_of = decision->id;
}

static void
approve_clear(Decision *decision)
{
    Approve *approve = (Approve *)decision;
    keep_reason(decision);
    g_free(approve->error);
    g_free(approve->signature);
    g_free(approve->signer);
}

static const DecisionOps ops = {.write = write_text,
                                .arrived = arrived,
                                .yes = decide,
                                .key = other_key,
                                .clear = approve_clear};
static const DialogOps approve_ops = {"approve", approve_draw, decision_key, decision_free};

guint
approve_open(Console *console, const Request *request, const char *reason)
{
    Approve *approve = decision_new(console, sizeof *approve, &ops, request);
    Decision *decision = &approve->decision;
    gboolean again = (!reason || !*reason) && console->unused_of == request->id;
    form_field(&decision->form, "Reason", NULL, again ? console->unused_reason : reason);
    approve->run_number = request->run_number;
    decision_push(decision, &approve_ops);
    ask(decision);
    return CHANGED_SCREEN;
}
