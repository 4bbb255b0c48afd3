/* setup_keys.c: what each key does in the first run. */
#include "tui/setup_private.h"

#include <string.h>
#include "base/text.h"

/* -- a secret: its bytes stand in one place and nowhere else -- */

static void
secret_add(char *value, const char *text, gsize len)
{
    gsize used = strlen(value);
    if (used + len < SETUP_VALUE_MAX) {
        memcpy(value + used, text, len);
        value[used + len] = '\0';
    }
}

/* Pasted text often brings the end of its line along. */
static void
secret_paste(char *value, const char *text)
{
    gsize len = strlen(text);
    while (len > 0 && g_ascii_isspace(text[len - 1]))
        len--;
    while (len > 0 && g_ascii_isspace(*text)) {
        text++;
        len--;
    }
    secret_add(value, text, len);
}

static gboolean
secret_key(char *value, const TermEvent *event)
{
    gsize used = strlen(value);
    if (event->type == EVENT_PASTE) {
        secret_paste(value, event->text);
    } else if (event->key == KEYS_CTRL('u')) {
        explicit_bzero(value, SETUP_VALUE_MAX);
    } else if (event->key == KEYS_BACKSPACE) {
        const char *last = g_utf8_find_prev_char(value, value + used);
        if (used > 0)
            explicit_bzero(value + (last ? last - value : 0), 1);
    } else if (event->key >= ' ' && event->key < KEYS_SPECIAL && event->key != 127) {
        char utf8[7] = {0};
        int len = g_unichar_to_utf8(event->key, utf8);
        secret_add(value, utf8, (gsize)len);
        explicit_bzero(utf8, sizeof utf8);
    } else {
        return FALSE;
    }
    return TRUE;
}

static gboolean
choice_key(Setup *setup, const TermEvent *event)
{
    int step = event->key == KEYS_RIGHT || event->key == ' ' ? 1 : event->key == KEYS_LEFT ? -1 : 0;
    if (step != 0)
        setup_choose(setup->form, setup->field, step);
    return step != 0;
}

static gboolean
edit(Setup *setup, const TermEvent *event)
{
    gboolean changed = FALSE, taken = FALSE;
    char *value = setup->form->values[setup->field];
    switch (setup_fields[setup->field].kind) {
    case FIELD_SECRET:
        taken = changed = secret_key(value, event);
        break;
    case FIELD_CHOICE:
        taken = changed = choice_key(setup, event);
        break;
    default:
        taken = input_key(&setup->input, event, &changed);
        g_strlcpy(value, setup->input.text->str, SETUP_VALUE_MAX);
    }
    if (changed) {
        setup->pages[setup->page].tried = TRIED_NOT;
        setup_say(setup, ROLE_TEXT, NULL);
    }
    return taken;
}

/* -- from field to field, from page to page -- */

/* The next field that is asked for, in a direction; FALSE at the end of the page. */
static gboolean
step_field(Setup *setup, int step)
{
    const SetupPage *page = &setup_pages[setup->page];
    for (int at = (int)setup->field + step;
         at >= (int)page->first && at < (int)(page->first + page->n); at += step) {
        if (!setup_asked(setup->form, (guint)at))
            continue;
        setup_focus(setup, (guint)at);
        return TRUE;
    }
    return FALSE;
}

/* The first field of the page that is wrong gets the focus, and is told. */
static gboolean
page_complete(Setup *setup)
{
    const SetupPage *page = &setup_pages[setup->page];
    for (guint i = page->first; i < page->first + page->n; i++) {
        g_autofree char *wrong = setup_wrong(setup->form, i);
        if (!wrong)
            continue;
        setup_focus(setup, i);
        setup_say(setup, ROLE_WARN, wrong);
        return FALSE;
    }
    return TRUE;
}

static void
on_enter(Setup *setup)
{
    g_autofree char *wrong = setup_wrong(setup->form, setup->field);
    if (wrong)
        setup_say(setup, ROLE_WARN, wrong);
    else if (setup->pages[setup->page].tried == TRIED_FAILED || !step_field(setup, 1)) {
        if (page_complete(setup))
            setup_try(setup);
    } else {
        setup_say(setup, ROLE_TEXT, NULL);
    }
}

static void
on_skip(Setup *setup)
{
    if (setup->pages[setup->page].tried != TRIED_FAILED)
        return;
    setup->pages[setup->page].tried = TRIED_SKIPPED;
    setup_go(setup, setup->page + 1);
    setup_say(setup, ROLE_WARN,
              "Left as it is, though it did not work: creditbot doctor tries it again.");
}

static void
go_back(Setup *setup)
{
    setup_go(setup, setup->page == 0 ? SETUP_START : setup->page - 1);
}

static void
page_key(Setup *setup, const TermEvent *event)
{
    if (setup->trying) {
        if (event->type == EVENT_KEY && event->key == KEYS_ESC)
            setup_stop_trial(setup);
        return;
    }
    if (edit(setup, event) || event->type != EVENT_KEY)
        return;
    switch (event->key) {
    case KEYS_ENTER:
        on_enter(setup);
        break;
    case KEYS_TAB:
    case KEYS_DOWN:
        step_field(setup, 1);
        break;
    case KEYS_BACKTAB:
    case KEYS_UP:
        step_field(setup, -1);
        break;
    case KEYS_CTRL('n'):
        on_skip(setup);
        break;
    case KEYS_ESC:
        go_back(setup);
        break;
    default:
        break;
    }
}

static void
start_key(Setup *setup, guint32 key)
{
    if (key == KEYS_ENTER)
        setup_go(setup, 0);
    else if (key == 'd' && setup->options->offer_demo)
        setup->end = SETUP_DEMO;
    else if (key == 'q' || key == KEYS_ESC)
        setup->end = SETUP_LEFT;
}

static void
last_key(Setup *setup, guint32 key)
{
    if (key == KEYS_ENTER)
        setup_write_file(setup);
    else if (key == KEYS_ESC)
        go_back(setup);
}

static void
on_resize(Setup *setup)
{
    int width, height;
    term_size(setup->term, &width, &height);
    grid_resize(setup->grid, width, height);
}

void
setup_event(Setup *setup, const TermEvent *event)
{
    gboolean key = event->type == EVENT_KEY;
    if (event->type == EVENT_RESIZE || event->type == EVENT_CONTINUED) {
        on_resize(setup);
    } else if (event->type == EVENT_STOP) {
        setup->signo = (int)event->key;
        setup->end = SETUP_LEFT;
    } else if (key && event->key == KEYS_CTRL('c')) {
        setup->end = SETUP_LEFT;
    } else if (key && event->key == KEYS_CTRL('z')) {
        term_suspend(setup->term);
    } else if (key && event->key == KEYS_CTRL('l')) {
        term_redraw(setup->term);
    } else if (setup->page == SETUP_START) {
        if (key)
            start_key(setup, event->key);
    } else if (setup->page == setup_n_pages) {
        if (key)
            last_key(setup, event->key);
    } else if (key || event->type == EVENT_PASTE) {
        page_key(setup, event);
    }
}
