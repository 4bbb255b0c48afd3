/* rerun.c: a new calculation, real or dry, also with other parameters for this once. */
#include "tui/widgets/dialogs.h"
#include "tui/widgets/input.h"

#include "base/money.h"

typedef struct {
    Console *console;
    gint64 id;
    char *customer, *amount;
    gint64 approvals;
    gboolean dry;
    Doc *text;
    Input parameters;
} Rerun;

typedef struct {
    Console *console;
    gint64 id;
    gboolean dry;
    char *before;
    GHashTable *overrides;
    Run *run;
} Ask;

static void
ask_free(gpointer data)
{
    Ask *ask = data;
    g_free(ask->before);
    if (ask->overrides)
        g_hash_table_unref(ask->overrides);
    run_free(ask->run);
    g_free(ask);
}

static void
write_text(Rerun *rerun)
{
    Doc *doc = rerun->text;
    doc_clear(doc);
    doc_line(doc, ROLE_TEXT,
             rerun->dry
                 ? "The SQL is fetched again and its query runs. The result is recorded as a dry "
                   "run; the request, its amount and its approvals stay as they are."
                 : "The SQL is fetched again and its query runs. The new result replaces the "
                   "present one; nothing is posted.");
    if (!rerun->dry && rerun->approvals > 0)
        doc_line(doc, ROLE_WARN, "Another amount voids the approval that it has.");
    doc_line(doc, ROLE_TEXT, "");
    doc_addf(doc, ROLE_DIM,
             "Now: %s. Parameters for this run only, as min_surge=2 window=30d; empty: "
             "as configured.",
             rerun->amount);
    doc_end(doc);
}

static void
rerun_draw(gpointer data, Grid *grid, Rect screen)
{
    const Rerun *rerun = data;
    g_autofree char *title =
        g_strdup_printf("%s %" G_GINT64_FORMAT ": %s", rerun->dry ? "Dry run" : "Rerun", rerun->id,
                        rerun->customer);
    int width = MIN(76, screen.w - 6), rows = doc_rows(rerun->text, width);
    Rect in = dialog_box(grid, screen, width, rows + 6, title);
    doc_draw(rerun->text, grid, (Rect){in.x, in.y, in.w, MAX(in.h - 5, 1)});
    int y = in.y + in.h - 4;
    int x = in.x + grid_print(grid, in.x, y, in.w, ROLE_TITLE, "Parameters ") + 1;
    input_draw(&rerun->parameters, grid, x, y, in.x + in.w - x, TRUE);
    x = in.x + grid_printf(grid, in.x, y + 1, in.w, ROLE_TEXT,
                           "[%c] leave the request alone (dry run)  ", rerun->dry ? 'x' : ' ');
    grid_print(grid, x, y + 1, in.w, ROLE_KEY, "Tab");
    dialog_keys(grid, in, in.h - 1, rerun->dry ? "dry run" : "rerun", "no");
}

static gboolean
rerun_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    Ask *ask = data;
    ask->run = desk_rerun(desk, ask->id, ask->dry, ask->overrides, cancel, error);
    return ask->run != NULL;
}

static void
rerun_done(gpointer data, const GError *error)
{
    Ask *ask = data;
    const char *kind = ask->dry ? "dry run" : "rerun";
    g_autofree char *what = g_strdup_printf("%s of %" G_GINT64_FORMAT " failed", kind, ask->id);
    if (error) {
        console_say_error(ask->console, what, error);
    } else {
        g_autofree char *amount = money_display(ask->run->amount);
        console_say(
            ask->console, ROLE_GOOD,
            "%s of %" G_GINT64_FORMAT " done, run %" G_GINT64_FORMAT ": %s %s (%s before)%s", kind,
            ask->id, ask->run->number, amount, ask->run->currency ? ask->run->currency : "",
            ask->before, ask->dry ? "; the request is as it was" : "");
    }
    console_refresh(ask->console);
}

/* "key=value key=value"; NULL with a message when it is not that. */
static gboolean
parse_parameters(Console *console, const char *text, GHashTable **overrides)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    g_autoptr(GHashTable) table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (char **word = words; *word; word++) {
        g_auto(GStrv) pair = g_strsplit(*word, "=", 2);
        if (!**word)
            continue;
        if (!pair[0][0] || !pair[1]) {
            console_say(console, ROLE_WARN, "'%s' is not key=value", *word);
            return FALSE;
        }
        g_hash_table_insert(table, g_strdup(pair[0]), g_strdup(pair[1]));
    }
    *overrides = g_hash_table_size(table) ? g_steal_pointer(&table) : NULL;
    return TRUE;
}

static guint
start(Rerun *rerun)
{
    Console *console = rerun->console;
    GHashTable *overrides = NULL;
    if (!parse_parameters(console, rerun->parameters.text->str, &overrides))
        return CHANGED_SCREEN;
    Ask *ask = g_new0(Ask, 1);
    ask->console = console;
    ask->id = rerun->id;
    ask->dry = rerun->dry;
    ask->before = g_strdup(rerun->amount);
    ask->overrides = overrides;
    JobSpec spec = {
        .what = g_strdup_printf("%s of %" G_GINT64_FORMAT, ask->dry ? "dry run" : "rerun", ask->id),
        .request_id = ask->id,
        .run = rerun_run,
        .done = rerun_done,
        .data = ask,
        .free_data = ask_free};
    console_say(console, ROLE_BUSY, "%s … (c cancels it)", spec.what);
    console_pop(console);
    work_start(console->work, &spec);
    return CHANGED_SCREEN;
}

static guint
rerun_key(gpointer data, const TermEvent *event)
{
    Rerun *rerun = data;
    guint32 key = event->type == EVENT_KEY ? event->key : KEY_NONE;
    if (key == KEYS_ESC || key == KEYS_CTRL('c')) {
        console_pop(rerun->console);
        return CHANGED_SCREEN;
    }
    if (key == KEYS_ENTER)
        return start(rerun);
    if (key == KEYS_TAB) {
        rerun->dry = !rerun->dry;
        write_text(rerun);
        return CHANGED_SCREEN;
    }
    input_key(&rerun->parameters, event, NULL);
    return CHANGED_SCREEN;
}

static void
rerun_free(gpointer data)
{
    Rerun *rerun = data;
    doc_free(rerun->text);
    input_clear(&rerun->parameters);
    g_free(rerun->customer);
    g_free(rerun->amount);
    g_free(rerun);
}

static const DialogOps rerun_ops = {"rerun", rerun_draw, rerun_key, rerun_free};

guint
rerun_open(Console *console, const Request *request, gboolean dry, const char *parameters)
{
    Rerun *rerun = g_new0(Rerun, 1);
    rerun->console = console;
    rerun->id = request->id;
    rerun->customer = g_strdup(wording_customer(request));
    rerun->amount = wording_amount(request);
    rerun->approvals = request->approvals;
    rerun->dry = dry;
    rerun->text = doc_new(grid_ascii(console->grid));
    input_init(&rerun->parameters, parameters);
    write_text(rerun);
    console_push(console, &rerun_ops, rerun);
    return CHANGED_SCREEN;
}
