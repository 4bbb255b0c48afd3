/* rerun.c: a new calculation, real or dry, also with other parameters for this once. */
#include "tui/widgets/dialogs.h"
#include "tui/widgets/form.h"

#include <string.h>
#include "base/money.h"

typedef struct {
    Form form; /* checked: a dry run */
    gint64 id;
    char *customer, *amount, *section; /* section: of the calculator */
    gint64 approvals;
    const ConfigKey *keys[FORM_FIELDS]; /* of each field */
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
    Doc *doc = rerun->form.text;
    const ConfigKey *key = rerun->keys[rerun->form.focus];
    form_renew(&rerun->form);
    rerun->form.seen = TRUE; /* nothing is posted, so nothing has to be read to its end */
    doc_addf(doc, ROLE_TEXT, "Now: %s. The SQL is fetched again and its query runs; %s",
             rerun->amount,
             rerun->form.checked ? "the result is recorded, and the request stays as it is."
                                 : "nothing is posted.");
    doc_end(doc);
    if (!rerun->form.checked && rerun->approvals > 0)
        doc_line(doc, ROLE_WARN, "Another amount voids the approval that it has.");
    doc_line(doc, ROLE_DIM,
             "Parameters set here are for this run only; then another person approves it.");
    if (key)
        doc_addf(doc, ROLE_TEXT, "%s: %s", key->key, key->help);
    doc_end(doc);
}

static void
rerun_draw(gpointer data, Grid *grid, Rect screen)
{
    Rerun *rerun = data;
    gboolean dry = rerun->form.checked;
    g_autofree char *title = g_strdup_printf("%s %" G_GINT64_FORMAT ": %s",
                                             dry ? "Dry run" : "Rerun", rerun->id, rerun->customer);
    form_draw(&rerun->form, grid, screen, title, dry ? "dry run" : "rerun", "no");
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
        g_autofree char *amount = money_display_in(ask->run->amount, ask->run->currency);
        console_say(ask->console, ROLE_GOOD, "%s of %" G_GINT64_FORMAT ": %s -> %s%s", kind,
                    ask->id, ask->before, amount,
                    ask->dry         ? "; the request is as it was"
                    : ask->overrides ? "; another person has to approve it"
                                     : "; a approves, Enter shows why");
    }
    console_refresh(ask->console);
}

/* What was set; FALSE after the operator was told what is wrong with it. */
static gboolean
typed_overrides(const Rerun *rerun, GHashTable **overrides)
{
    Console *console = rerun->form.console;
    g_autoptr(GHashTable) table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (guint i = 0; i < rerun->form.n; i++) {
        g_autofree char *value = g_strstrip(g_strdup(form_text(&rerun->form, i)));
        g_autofree char *text =
            g_strdup_printf("[%s]\n%s=%s\n", rerun->section, rerun->keys[i]->key, value);
        g_autoptr(GError) error = NULL;
        if (!*value)
            continue;
        g_autoptr(Config) checked = config_parse(text, rerun->keys[i]->key, NULL, &error);
        if (!checked) {
            /* "KEY: what is wrong", without the file that it is not from */
            const char *what = strstr(error->message, "] ");
            console_say(console, ROLE_WARN, "%s", what ? what + 2 : error->message);
            return FALSE;
        }
        g_hash_table_insert(table, g_strdup(rerun->keys[i]->key), g_steal_pointer(&value));
    }
    *overrides = g_hash_table_size(table) ? g_steal_pointer(&table) : NULL;
    return TRUE;
}

static void
start(Rerun *rerun)
{
    Console *console = rerun->form.console;
    GHashTable *overrides = NULL;
    if (!typed_overrides(rerun, &overrides))
        return;
    Ask *ask = g_new0(Ask, 1);
    ask->console = console;
    ask->id = rerun->id;
    ask->dry = rerun->form.checked;
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
}

static guint
rerun_key(gpointer data, const TermEvent *event)
{
    Rerun *rerun = data;
    guint focus = rerun->form.focus;
    switch (form_key(&rerun->form, event)) {
    case FORM_NO:
        console_pop(rerun->form.console);
        return CHANGED_SCREEN;
    case FORM_YES:
        start(rerun);
        return CHANGED_SCREEN;
    case FORM_CHECKED:
        write_text(rerun);
        break;
    default:
        break;
    }
    if (rerun->form.focus != focus)
        write_text(rerun);
    return CHANGED_SCREEN;
}

static void
rerun_free(gpointer data)
{
    Rerun *rerun = data;
    form_clear(&rerun->form);
    g_free(rerun->customer);
    g_free(rerun->amount);
    g_free(rerun->section);
    g_free(rerun);
}

static const DialogOps rerun_ops = {"rerun", rerun_draw, rerun_key, rerun_free};

/* -- its fields: the numbers of the calculator's section -- */

static char *
section_of(const Config *config, const char *product)
{
    g_autofree char *section = g_strconcat("product.", product ? product : "verify", NULL);
    const char *name = config_string(config, section, "calculator");
    return g_strconcat("calculator.", name && *name ? name : "verify", NULL);
}

static gboolean
is_number(const ConfigKey *key)
{
    return key->type == CONFIG_AMOUNT || key->type == CONFIG_INT || key->type == CONFIG_DURATION;
}

/* "now 0.15, as by default", "now 3, default 5, 1..60" */
static char *
hint_of(const Config *config, const ConfigKey *key)
{
    const char *now = config_string(config, key->section, key->key);
    const char *fallback = key->fallback ? key->fallback : "unset";
    g_autoptr(GString) hint = g_string_new(NULL);
    g_string_append_printf(hint, "now %s", now ? now : "unset");
    if (g_strcmp0(now ? now : "unset", fallback) != 0)
        g_string_append_printf(hint, ", default %s", fallback);
    if (key->choices)
        g_string_append_printf(hint, ", %s", key->choices);
    if (key->type == CONFIG_DURATION)
        g_string_append(hint, ", as 30d");
    return g_string_free(g_steal_pointer(&hint), FALSE);
}

static void
add_fields(Rerun *rerun)
{
    const Config *config = rerun->form.console->config;
    for (const ConfigKey *key = config_keys(); key->section; key++) {
        if (strcmp(key->section, rerun->section) != 0 || !is_number(key) ||
            rerun->form.n == FORM_FIELDS)
            continue;
        rerun->keys[rerun->form.n] = key;
        form_field(&rerun->form, key->key, hint_of(config, key), NULL);
    }
}

/* "min_surge=2 window=30d" into the fields; what is no parameter is said. */
static void
take_words(Rerun *rerun, const char *words)
{
    g_auto(GStrv) list = g_strsplit(words, " ", -1);
    for (char **word = list; *word; word++) {
        const char *equals = strchr(*word, '=');
        guint i = 0;
        while (equals && i < rerun->form.n &&
               strncmp(*word, rerun->keys[i]->key, MAX((gsize)(equals - *word), 1)) != 0)
            i++;
        if (equals && i < rerun->form.n && strlen(rerun->keys[i]->key) == (gsize)(equals - *word)) {
            input_set(&rerun->form.fields[i].input, equals + 1);
            rerun->form.focus = i;
        } else if (**word) {
            console_say(rerun->form.console, ROLE_WARN, "'%s' is no parameter=value", *word);
        }
    }
}

guint
rerun_open(Console *console, const Request *request, gboolean dry, const char *parameters)
{
    Rerun *rerun = g_new0(Rerun, 1);
    form_init(&rerun->form, console);
    rerun->id = request->id;
    rerun->customer = g_strdup(wording_customer(request));
    rerun->amount = request->has_amount ? money_display_in(request->amount, request->currency)
                                        : g_strdup("no amount");
    rerun->approvals = request->approvals;
    rerun->section = section_of(console->config, request->product);
    rerun->form.check = "leave the request alone (dry run)";
    rerun->form.checked = dry;
    add_fields(rerun);
    take_words(rerun, parameters ? parameters : "");
    write_text(rerun);
    console_push(console, &rerun_ops, rerun);
    return CHANGED_SCREEN;
}
