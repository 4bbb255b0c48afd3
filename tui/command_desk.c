/* command_desk.c: the commands that ask the desk for something. */
#include "tui/command.h"
#include "tui/widgets/dialogs.h"

#include <string.h>
#include "base/clock.h"
#include "base/money.h"

/* One request, and what became of it. */
typedef struct {
    Console *console;
    gint64 id;
    char *text; /* reason, link */
    gint64 until;
    RequestState state;
    PassResult *pass;
    guint posted;
    gint64 approvals; /* that are void once it is taken back */
} Ask;

static void
ask_free(gpointer data)
{
    Ask *ask = data;
    g_free(ask->text);
    pass_result_free(ask->pass);
    g_free(ask);
}

static Ask *
ask_new(Console *console, gint64 id, const char *text)
{
    Ask *ask = g_new0(Ask, 1);
    ask->console = console;
    ask->id = id;
    ask->text = g_strdup(text);
    return ask;
}

/* what and ask are taken. */
static void
start_ask(Ask *ask, char *what, JobFunc run, JobDone done)
{
    JobSpec spec = {.what = what,
                    .request_id = ask->id,
                    .run = run,
                    .done = done,
                    .data = ask,
                    .free_data = ask_free};
    console_say(ask->console, ROLE_BUSY, "%s …", what);
    work_start(ask->console->work, &spec);
}

static void
start(Console *console, char *what, gint64 id, const char *text, JobFunc run, JobDone done)
{
    start_ask(ask_new(console, id, text), what, run, done);
}

/* Tells a failure; TRUE when there was none. */
static gboolean
went_well(const Ask *ask, const char *what, const GError *error)
{
    g_autofree char *text =
        ask->id ? g_strdup_printf("%s of %" G_GINT64_FORMAT " failed", what, ask->id)
                : g_strdup_printf("%s failed", what);
    if (error)
        console_say_error(ask->console, text, error);
    console_refresh(ask->console);
    return error == NULL;
}

/* What is marked goes before what is selected; TRUE when it was taken care of. A mark that a filter
 * hides is never acted on, and never forgotten in silence. */
static gboolean
acts_on_marks(Console *console, const char *act, const char *args)
{
    GArray *marked = console_marked(console);
    const List *list = console_list(console);
    if (marked->len > 0) {
        bulk_open(console, act, marked, args);
        return TRUE;
    }
    g_array_unref(marked);
    if (!list || !list_has_marks(list))
        return FALSE;
    console_say(console, ROLE_WARN, "the marked rows are hidden: clear the filter or the marks");
    return TRUE;
}

guint
cmd_approve(Console *console, int by, const char *args)
{
    (void)by;
    return acts_on_marks(console, "approve", args)
               ? CHANGED_SCREEN
               : approve_open(console, console_request(console), args);
}

guint
cmd_break_glass(Console *console, int by, const char *args)
{
    (void)by;
    return break_glass_open(console, console_request(console), args);
}

guint
cmd_reject(Console *console, int by, const char *args)
{
    (void)by;
    return acts_on_marks(console, "reject", args)
               ? CHANGED_SCREEN
               : reject_open(console, console_request(console), args);
}

guint
cmd_rerun(Console *console, int dry, const char *args)
{
    return !dry && acts_on_marks(console, "rerun", NULL)
               ? CHANGED_SCREEN
               : rerun_open(console, console_request(console), dry, args);
}

/* -- retry and link: the desk takes the request as far as a pass would -- */

static gboolean
retry_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    Ask *ask = data;
    return desk_retry(desk, ask->id, error) && desk_work(desk, ask->id, &ask->state, cancel, error);
}

static void
work_done(const Ask *ask, const char *what, const GError *error)
{
    if (went_well(ask, what, error))
        console_say(ask->console, ROLE_GOOD, "%s of %" G_GINT64_FORMAT ": now %s", what, ask->id,
                    state_name(ask->state));
}

static void
retry_done(gpointer data, const GError *error)
{
    work_done(data, "retry", error);
}

guint
cmd_retry(Console *console, int by, const char *args)
{
    const Request *request = console_request(console);
    (void)by;
    (void)args;
    if (acts_on_marks(console, "retry", NULL))
        return CHANGED_SCREEN;
    start(console, g_strdup_printf("retry of %" G_GINT64_FORMAT, request->id), request->id, NULL,
          retry_run, retry_done);
    return CHANGED_SCREEN;
}

static gboolean
link_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    Ask *ask = data;
    return desk_give_link(desk, ask->id, ask->text, error) &&
           desk_work(desk, ask->id, &ask->state, cancel, error);
}

static void
link_done(gpointer data, const GError *error)
{
    work_done(data, "link", error);
}

static void
link_given(Console *console, gint64 id, const char *url)
{
    start(console, g_strdup_printf("link of %" G_GINT64_FORMAT, id), id, url, link_run, link_done);
}

guint
cmd_give_link(Console *console, int by, const char *args)
{
    const Request *request = console_request(console);
    (void)by;
    if (request->state == STATE_NEEDS_LINK)
        return give_link_open(console, request, args, link_given);
    console_say(console, ROLE_WARN, "%" G_GINT64_FORMAT " does not wait for a link", request->id);
    return CHANGED_SCREEN;
}

/* -- another amount -- */

guint
cmd_amount(Console *console, int corrects, const char *args)
{
    const Request *request = console_request(console);
    gboolean posted = request->state == STATE_POSTED;
    if (posted == (corrects != 0))
        return amount_open(console, request, corrects, args);
    console_say(console, ROLE_WARN,
                corrects ? "%" G_GINT64_FORMAT " is not posted; override sets its amount"
                         : "%" G_GINT64_FORMAT " is posted; correct puts it right",
                request->id);
    return CHANGED_SCREEN;
}

/* -- claims -- */

static gboolean
release_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    const Ask *ask = data;
    (void)cancel;
    return desk_release_claim(desk, ask->id, error);
}

static void
release_done(gpointer data, const GError *error)
{
    const Ask *ask = data;
    if (went_well(ask, "the release", error))
        console_say(ask->console, ROLE_GOOD, "%" G_GINT64_FORMAT " is claimed by nobody now",
                    ask->id);
}

static guint
release_confirmed(Console *console, gpointer data)
{
    const gint64 *id = data;
    start(console, g_strdup_printf("release of %" G_GINT64_FORMAT, *id), *id, NULL, release_run,
          release_done);
    return CHANGED_SCREEN;
}

guint
cmd_release(Console *console, int by, const char *args)
{
    const Request *request = console_request(console);
    g_autofree char *title = g_strdup_printf("Release %" G_GINT64_FORMAT, request->id);
    gint64 *id = g_new(gint64, 1);
    (void)by;
    (void)args;
    *id = request->id;
    return confirm_open(console, title,
                        "Whoever is looking at it is no longer shown to the others, until they "
                        "open it again. It keeps nobody from deciding.",
                        "release it", release_confirmed, id);
}

/* -- cancel -- */

static gboolean
cancel_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    const Ask *ask = data;
    (void)cancel;
    return desk_cancel(desk, ask->id, error);
}

static void
cancel_done(gpointer data, const GError *error)
{
    const Ask *ask = data;
    if (went_well(ask, "cancel", error))
        console_say(ask->console, ROLE_GOOD, "the query of %" G_GINT64_FORMAT " is being stopped",
                    ask->id);
}

static guint
cancel_confirmed(Console *console, gpointer data)
{
    const gint64 *id = data;
    work_cancel(console->work, *id);
    start(console, g_strdup_printf("cancel of %" G_GINT64_FORMAT, *id), *id, NULL, cancel_run,
          cancel_done);
    return CHANGED_SCREEN;
}

guint
cmd_cancel(Console *console, int by, const char *args)
{
    const Request *request = console_request(console);
    const Progress *progress = facts_progress(&console->facts, request->id);
    (void)by;
    (void)args;
    if (!progress) {
        console_say(console, ROLE_WARN, "nothing runs for %" G_GINT64_FORMAT, request->id);
        return CHANGED_SCREEN;
    }
    g_autofree char *how_far = wording_progress(progress, console_now(console));
    g_autofree char *text =
        g_strdup_printf("%s.\n\nThe query is stopped in the warehouse. The request "
                        "stays failed until somebody retries it (t).",
                        how_far);
    g_autofree char *title = g_strdup_printf("Cancel the query of %" G_GINT64_FORMAT, request->id);
    gint64 *id = g_new(gint64, 1);
    *id = request->id;
    return confirm_open(console, title, text, "stop it", cancel_confirmed, id);
}

/* -- take back, and the post after the hold -- */

static gboolean
take_back_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    Ask *ask = data;
    g_autoptr(Request) request = store_request_get(desk_store(desk), ask->id, NULL);
    (void)cancel;
    ask->approvals = request ? request->approvals : 0;
    return desk_take_back(desk, ask->id, error);
}

static void
take_back_done(gpointer data, const GError *error)
{
    const Ask *ask = data;
    if (went_well(ask, "taking back", error)) {
        console_unhold(ask->console, ask->id);
        console_say(ask->console, ROLE_GOOD,
                    "%" G_GINT64_FORMAT " taken back; nothing was posted%s", ask->id,
                    ask->approvals > 1 ? "; the others' approvals are void too" : "");
    }
}

const Hold *
desk_held_here(Console *console)
{
    const Request *request = console_request(console);
    const Hold *newest = NULL;
    for (guint i = 0; i < console->holds->len; i++) {
        const Hold *hold = &g_array_index(console->holds, Hold, i);
        if (hold->posting)
            continue;
        newest = hold;
        if (request && hold->id == request->id)
            break;
    }
    return newest;
}

/* What is held here, else the selected one: when someone else's console holds it, or when it waits
 * for a second person (whose the first approval is, the desk knows). */
static gint64
held_request(Console *console)
{
    const Request *request = console_request(console);
    const Hold *hold = desk_held_here(console);
    if (hold || !request)
        return hold ? hold->id : 0;
    gboolean held = request->state == STATE_APPROVED && request->hold_until > console_now(console);
    gboolean waits = request->state == STATE_PENDING && request->approvals > 0;
    return held || waits ? request->id : 0;
}

guint
cmd_take_back(Console *console, int by, const char *args)
{
    gint64 id = held_request(console);
    (void)by;
    (void)args;
    if (id == 0) {
        console_say(console, ROLE_WARN, "no approval is held now");
        return CHANGED_SCREEN;
    }
    start(console, g_strdup_printf("taking back %" G_GINT64_FORMAT, id), id, NULL, take_back_run,
          take_back_done);
    return CHANGED_SCREEN;
}

static gboolean
post_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    Ask *ask = data;
    return desk_post_due(desk, ask->id, &ask->posted, cancel, error);
}

static void
post_done(gpointer data, const GError *error)
{
    const Ask *ask = data;
    console_unhold(ask->console, ask->id);
    if (!went_well(ask, "the post", error))
        return;
    if (ask->posted > 0)
        console_say(ask->console, ROLE_GOOD, "%" G_GINT64_FORMAT " posted", ask->id);
    else
        console_say(ask->console, ROLE_WARN,
                    "%" G_GINT64_FORMAT " is not posted yet; its events say why", ask->id);
}

void
desk_hold_over(Console *console, gint64 id)
{
    start(console, g_strdup_printf("post of %" G_GINT64_FORMAT, id), id, NULL, post_run, post_done);
}

/* -- passes and the schedule -- */

static gboolean
pass_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    Ask *ask = data;
    PassOptions options = {.trigger = "console"};
    ask->pass = desk_pass(desk, &options, cancel, error);
    return ask->pass != NULL;
}

static void
pass_done(gpointer data, const GError *error)
{
    const Ask *ask = data;
    if (!went_well(ask, "the pass", error))
        return;
    const Pass *pass = ask->pass->pass;
    const char *problem = ask->pass->problems && ask->pass->problems->len
                              ? g_ptr_array_index(ask->pass->problems, 0)
                              : NULL;
    console_say(ask->console, ask->pass->exit_code == 0 ? ROLE_GOOD : ROLE_WARN,
                "pass done: %" G_GINT64_FORMAT " found, %" G_GINT64_FORMAT " new, %" G_GINT64_FORMAT
                " pending, %" G_GINT64_FORMAT " posted, %" G_GINT64_FORMAT " failed%s%s",
                pass->found, pass->fresh, pass->pending, pass->posted, pass->failed,
                problem ? ": " : "", problem ? problem : "");
}

static guint
pass_confirmed(Console *console, gpointer data)
{
    (void)data;
    start(console, g_strdup("pass"), 0, NULL, pass_run, pass_done);
    return CHANGED_SCREEN;
}

#define PASS_NAMED 6 /* posts that the question names; of the others it says how many */

/* What a pass would post, read before it is asked for. */
typedef struct {
    Console *console;
    GString *due; /* a line each */
    guint count;
    GError *error;
} PassAsk;

static void
pass_ask_free(gpointer data)
{
    PassAsk *ask = data;
    g_string_free(ask->due, TRUE);
    g_clear_error(&ask->error);
    g_free(ask);
}

static gboolean
pass_add(Request *request, void *data)
{
    PassAsk *ask = data;
    if (ask->count++ >= PASS_NAMED)
        return TRUE;
    g_autofree char *amount = money_display(request->amount);
    g_string_append_printf(ask->due, "\n  %" G_GINT64_FORMAT "  %s  %s %s", request->id,
                           request->customer ? request->customer : "-", amount,
                           request->currency ? request->currency : "");
    return TRUE;
}

static void
pass_read(Store *store, gpointer data)
{
    PassAsk *ask = data;
    RequestFilter filter = {.states = STATE_BIT(STATE_APPROVED), .brief = TRUE};
    store_requests(store, &filter, pass_add, ask, &ask->error);
}

static char *
pass_due_words(const PassAsk *ask)
{
    if (ask->error)
        return g_strdup_printf("What is approved could not be read: %s", ask->error->message);
    if (ask->count == 0)
        return g_strdup("Nothing is approved: nothing waits to be posted.");
    g_autofree char *more = ask->count > PASS_NAMED
                                ? g_strdup_printf("\n  and %u more", ask->count - PASS_NAMED)
                                : NULL;
    return g_strdup_printf("It posts what is approved, each once its hold is over:%s%s",
                           ask->due->str, more ? more : "");
}

static void
pass_ask_done(gpointer data)
{
    const PassAsk *ask = data;
    Console *console = ask->console;
    const char *const *channels = config_list(console->config, "slack", "channels");
    g_autoptr(GString) names = g_string_new(NULL);
    for (const char *const *name = channels; *name; name++)
        g_string_append_printf(names, "%s%s", names->len ? ", " : "", *name);
    g_autofree char *due = pass_due_words(ask);
    gboolean automatic = g_strcmp0(config_string(console->config, "approval", "mode"), "auto") == 0;
    g_autofree char *text = g_strdup_printf(
        "%s\n\nReads %s, calculates what is new, asks for links that are missing%s.\n\n%s",
        desk_dry_run(console->desk) ? "DRY RUN: everything is worked out, nothing is sent."
                                    : "LIVE: what it says in Slack is real.",
        names->len ? names->str : "no channel ([slack] channels is empty)",
        automatic ? ", posts results up to auto_limit without a person" : "", due);
    if (console->dialogs->len == 0)
        confirm_open(console, "Make a pass now", text, "make it", pass_confirmed, NULL);
}

guint
cmd_pass(Console *console, int by, const char *args)
{
    PassAsk *ask = g_new0(PassAsk, 1);
    ask->console = console;
    ask->due = g_string_new(NULL);
    (void)by;
    (void)args;
    reader_ask(console->live, pass_read, pass_ask_done, ask, pass_ask_free);
    return CHANGED_NOTHING;
}

static gboolean
pause_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    const Ask *ask = data;
    (void)cancel;
    return desk_pause(desk, ask->text, ask->until, error);
}

static void
pause_done(gpointer data, const GError *error)
{
    const Ask *ask = data;
    if (went_well(ask, "pausing", error))
        console_say(ask->console, ROLE_WARN, "the schedule is paused%s; R resumes it",
                    ask->until ? " for a time" : "");
}

static void
pause_given(Console *console, const char *reason, gint64 until)
{
    Ask *ask = ask_new(console, 0, reason);
    ask->until = until;
    start_ask(ask, g_strdup("pausing"), pause_run, pause_done);
}

guint
cmd_pause(Console *console, int by, const char *args)
{
    (void)by;
    return pause_open(console, args, pause_given);
}

static gboolean
resume_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    (void)cancel;
    (void)data;
    return desk_resume(desk, error);
}

static void
resume_done(gpointer data, const GError *error)
{
    const Ask *ask = data;
    if (went_well(ask, "resuming", error))
        console_say(ask->console, ROLE_GOOD, "the schedule goes on");
}

guint
cmd_resume(Console *console, int by, const char *args)
{
    (void)by;
    (void)args;
    start(console, g_strdup("resuming"), 0, NULL, resume_run, resume_done);
    return CHANGED_SCREEN;
}
