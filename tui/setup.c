/* setup.c: the first run on the screen: a page a service, each tried at once, then the file. */
#include "tui/setup_private.h"

#include <string.h>
#include "base/error.h"

static void
finding_free(gpointer data)
{
    Finding *finding = data;
    g_free(finding->name);
    g_free(finding->found);
    g_free(finding->fix);
    g_free(finding);
}

void
setup_say(Setup *setup, Role role, const char *text)
{
    g_free(setup->message);
    setup->message = g_strdup(text);
    setup->message_role = role;
}

/* -- a trial: the doctor's checks of one service, on a worker -- */

typedef struct {
    Setup *setup;
    guint serial, page;
    Config *config;
    GPtrArray *findings;
    gboolean well;
} Trial;

static void
trial_free(gpointer data)
{
    Trial *trial = data;
    config_free(trial->config);
    if (trial->findings)
        g_ptr_array_unref(trial->findings);
    g_free(trial);
}

static void
on_check(const Check *check, void *data)
{
    Trial *trial = data;
    /* What only sends people to a log that does not exist yet is no advice. */
    const char *fix = check->fix && g_str_has_prefix(check->fix, "see ") ? NULL : check->fix;
    Finding *finding = g_new0(Finding, 1);
    *finding =
        (Finding){g_strdup(check->name), g_strdup(check->found), g_strdup(fix), check->status};
    g_ptr_array_add(trial->findings, finding);
}

static gboolean
trial_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    Trial *trial = data;
    (void)desk;
    (void)error;
    trial->well =
        desk_try(trial->config, setup_pages[trial->page].service, on_check, trial, cancel);
    return TRUE;
}

static void
trial_done(gpointer data, const GError *error)
{
    Trial *trial = data;
    Setup *setup = trial->setup;
    PageState *state = &setup->pages[trial->page];
    (void)error;
    if (trial->serial != setup->trial) /* it was given up */
        return;
    setup->trying = FALSE;
    if (state->findings)
        g_ptr_array_unref(state->findings);
    state->findings = g_steal_pointer(&trial->findings);
    state->tried = trial->well ? TRIED_WELL : TRIED_FAILED;
    if (trial->well) {
        const Finding *first = g_ptr_array_index(state->findings, 0);
        g_autofree char *text = g_strdup_printf("%s works: %s", setup_pages[trial->page].title,
                                                first->found ? first->found : "ok");
        setup_go(setup, trial->page + 1);
        setup_say(setup, ROLE_GOOD, text);
    } else {
        setup_say(setup, ROLE_BAD,
                  "That did not work. Change a value, or press Enter to try again.");
    }
}

void
setup_try(Setup *setup)
{
    g_autoptr(GError) error = NULL;
    Config *config = setup_config(setup->form, &error);
    if (config && (!config_set(config, "http", "retries", "1", &error) ||
                   !config_set(config, "http", "connect_timeout", "5s", &error)))
        g_clear_pointer(&config, config_free);
    if (!config) {
        setup_say(setup, ROLE_BAD, error->message);
        return;
    }
    Trial *trial = g_new0(Trial, 1);
    trial->setup = setup;
    trial->serial = ++setup->trial;
    trial->page = setup->page;
    trial->config = config;
    trial->findings = g_ptr_array_new_with_free_func(finding_free);
    JobSpec spec = {.what = g_strdup("the test"),
                    .run = trial_run,
                    .done = trial_done,
                    .data = trial,
                    .free_data = trial_free};
    setup->trying = TRUE;
    setup_say(setup, ROLE_BUSY, "trying it …");
    work_start(setup->work, &spec);
}

void
setup_stop_trial(Setup *setup)
{
    setup->trial++;
    setup->trying = FALSE;
    work_cancel(setup->work, 0);
    setup_say(setup, ROLE_WARN, "the test was stopped");
}

/* -- where it stands -- */

/* The first field of the page that is asked for and not well; the first one when all are. */
static guint
first_field(const Setup *setup, guint page)
{
    for (guint i = 0; i < setup_pages[page].n; i++) {
        guint field = setup_pages[page].first + i;
        g_autofree char *wrong = setup_wrong(setup->form, field);
        if (wrong)
            return field;
    }
    return setup_pages[page].first;
}

void
setup_focus(Setup *setup, guint field)
{
    setup->field = field;
    input_clear(&setup->input);
    input_init(&setup->input,
               setup_fields[field].kind == FIELD_TEXT ? setup->form->values[field] : "");
    setup->input.max = SETUP_VALUE_MAX - 1;
}

void
setup_go(Setup *setup, guint page)
{
    setup->page = page;
    setup_say(setup, ROLE_TEXT, NULL);
    if (page < setup_n_pages)
        setup_focus(setup, first_field(setup, page));
}

void
setup_write_file(Setup *setup)
{
    g_autoptr(GError) error = NULL;
    if (setup_write(setup->form, setup->options->path, &error))
        setup->end = SETUP_WRITTEN;
    else
        setup_say(setup, ROLE_BAD, error->message);
}

/* -- start and end -- */

static void
setup_close(Setup *setup)
{
    term_close(setup->term);
    work_free(setup->work);
    mailbox_free(setup->mailbox);
    for (guint i = 0; i < G_N_ELEMENTS(setup->pages); i++) {
        if (setup->pages[i].findings)
            g_ptr_array_unref(setup->pages[i].findings);
    }
    input_clear(&setup->input);
    setup_form_free(setup->form);
    grid_free(setup->grid);
    theme_free(setup->theme);
    g_free(setup->message);
}

static gboolean
setup_open(Setup *setup, GError **error)
{
    int width, height;
    const char *off = g_getenv("NO_COLOR");
    const char *theme = setup->options->theme ? setup->options->theme
                        : off && *off         ? "mono"
                                              : "default";
    if (!(setup->theme = theme_load(theme, error)))
        return FALSE;
    TermOptions term = {.theme = setup->theme};
    if (!(setup->term = term_open(&term, error)))
        return FALSE;
    term_size(setup->term, &width, &height);
    setup->grid = grid_new(width, height, term_ascii(setup->term));
    return TRUE;
}

static void
loop(Setup *setup)
{
    TermEvent event;
    while (setup->end == SETUP_FAILED) {
        setup_draw(setup);
        term_draw(setup->term, setup->grid);
        term_wait(setup->term, mailbox_fd(setup->mailbox), -1);
        while (setup->end == SETUP_FAILED && term_next(setup->term, &event))
            setup_event(setup, &event);
        mailbox_run(setup->mailbox);
    }
}

SetupEnd
setup_run(const SetupOptions *options, int *signo, GError **error)
{
    Setup setup = {.options = options, .page = SETUP_START, .end = SETUP_FAILED};
    if (!term_usable(error))
        return SETUP_FAILED;
    if (g_file_test(options->path, G_FILE_TEST_EXISTS)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "%s is there already, and the set-up never writes over a file; edit it, or "
                    "name another: creditbot setup --config PATH",
                    options->path);
        return SETUP_FAILED;
    }
    setup.form = setup_form_new(options->present, options->slack_url);
    setup.mailbox = mailbox_new();
    setup.work = work_new(NULL, setup.mailbox);
    input_init(&setup.input, "");
    if (setup_open(&setup, error))
        loop(&setup);
    setup_close(&setup);
    if (signo)
        *signo = setup.signo;
    return setup.end;
}
