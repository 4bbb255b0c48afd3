/* tour.c: the table of what to say where, in the first minutes. */
#include "tui/tour.h"
#include "tui/command.h"

static gboolean
in_state(const Request *request, guint states)
{
    return request && (STATE_BIT(request->state) & states);
}

/* The first line that holds is shown; %s: keys of the commands named, in order. */
static const struct {
    guint views;  /* VIEW_BIT()s */
    guint states; /* of the selected request; 0: any, or none */
    const char *commands[3];
    const char *words;
} steps[] = {
    {VIEW_BIT(VIEW_QUEUE),
     STATE_BIT(STATE_PENDING),
     {"open", "approve", NULL},
     "%s shows why; %s approves, after showing the exact post"},
    {VIEW_BIT(VIEW_QUEUE),
     STATE_BIT(STATE_APPROVED),
     {"take-back", "approve", NULL},
     "%s takes it back while it is held; %s is the second approval"},
    {VIEW_BIT(VIEW_QUEUE),
     STATE_BIT(STATE_NEEDS_LINK),
     {"give-link", NULL, NULL},
     "it waits for a Looker link: %s gives one"},
    {VIEW_BIT(VIEW_QUEUE),
     STATE_BIT(STATE_FAILED) | STATE_BIT(STATE_DEAD),
     {"open", "retry", NULL},
     "%s tells what went wrong; %s tries it again"},
    {VIEW_BIT(VIEW_QUEUE),
     STATES_OPEN,
     {"open", "down", NULL},
     "%s opens what is selected; %s goes to the next one"},
    {VIEW_BIT(VIEW_QUEUE),
     0,
     {"pass", "history", NULL},
     "%s reads the channels now; %s shows what was decided"},
    {VIEW_BIT(VIEW_REQUEST),
     STATE_BIT(STATE_PENDING),
     {"next-section", "approve", "back"},
     "%s: message, SQL, runs, post; %s approves; %s goes back"},
    {VIEW_BIT(VIEW_REQUEST),
     0,
     {"next-section", "back", NULL},
     "%s goes on to the next section, %s goes back"},
    {VIEW_BIT(VIEW_HISTORY),
     0,
     {"open", "filter", "queue"},
     "%s opens the evidence, %s searches, %s goes to the queue"},
    {VIEW_BIT(VIEW_RUNS), 0, {"open", "queue", NULL}, "%s shows the log of a pass, %s the queue"},
    {VIEW_BIT(VIEW_LOGS),
     0,
     {"find", "filter", "level"},
     "%s searches, %s filters, %s shows more lines or fewer"},
};

static char *
step_key(Console *console, const char *name)
{
    int command = name ? commands_find(name) : -1;
    return command < 0 ? g_strdup("") : keymap_first(console->keymap, (guint)command);
}

/* The words with each %s replaced by the key of its command. */
static char *
fill_in(Console *console, gsize step)
{
    g_auto(GStrv) parts = g_strsplit(steps[step].words, "%s", -1);
    GString *text = g_string_new(parts[0]);
    for (guint i = 1; parts[i]; i++) {
        g_autofree char *key = step_key(console, steps[step].commands[i - 1]);
        g_string_append(text, key);
        g_string_append(text, parts[i]);
    }
    return g_string_free(text, FALSE);
}

char *
tour_words(Console *console)
{
    const Request *request = console_request(console);
    if (!console->tips || console->dialogs->len > 0)
        return NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
        if (!(steps[i].views & VIEW_BIT(console->here)) ||
            (steps[i].states && !in_state(request, steps[i].states)))
            continue;
        g_autofree char *words = fill_in(console, i);
        g_autofree char *key = step_key(console, "tour");
        return g_strdup_printf("%s  (%s hides tips)", words, key);
    }
    return NULL;
}

/* -- dismissed, and asked for again -- */

gboolean
tour_wanted(const Console *console)
{
    g_autofree char *tips =
        console->settings ? settings_get(console->settings, "console", "tips") : NULL;
    return g_strcmp0(tips, "off") != 0;
}

guint
cmd_tour(Console *console, int by, const char *args)
{
    g_autofree char *key = step_key(console, "tour");
    (void)by;
    (void)args;
    console->tips = !console->tips;
    if (console->settings)
        settings_set(console->settings, "console", "tips", console->tips ? NULL : "off");
    if (console->tips)
        console_say(console, ROLE_TEXT, NULL);
    else
        console_say(console, ROLE_DIM, "no more tips; %s shows them again", key);
    return CHANGED_SCREEN;
}
