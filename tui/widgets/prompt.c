/* prompt.c: a line of input at the foot: filter, search, a link, a reason. */
#include "tui/widgets/dialogs.h"
#include "tui/widgets/input.h"

#include "base/text.h"

typedef struct {
    Console *console;
    char *label;
    Input input;
    PromptFunc done, changed;
    gint64 data;
} Prompt;

static void
prompt_draw(gpointer data, Grid *grid, Rect screen)
{
    const Prompt *prompt = data;
    int y = screen.h - 2, x = 1;
    grid_fill(grid, (Rect){0, y, screen.w, 1}, ROLE_SCREEN);
    x += grid_print(grid, x, y, screen.w / 2, ROLE_TITLE, prompt->label) + 1;
    input_draw(&prompt->input, grid, x, y, screen.w - x - 1, TRUE);
}

static guint
finish(Prompt *prompt, const char *text)
{
    Console *console = prompt->console;
    PromptFunc done = prompt->done;
    gint64 data = prompt->data;
    g_autofree char *owned = g_strdup(text);
    console_pop(console);
    return done(console, owned, data) | CHANGED_SCREEN;
}

static guint
prompt_key(gpointer data, const TermEvent *event)
{
    Prompt *prompt = data;
    gboolean changed = FALSE;
    if (event->type == EVENT_KEY && event->key == KEYS_ENTER)
        return finish(prompt, prompt->input.text->str);
    if (event->type == EVENT_KEY && (event->key == KEYS_ESC || event->key == KEYS_CTRL('c')))
        return finish(prompt, NULL);
    input_key(&prompt->input, event, &changed);
    if (changed && prompt->changed)
        prompt->changed(prompt->console, prompt->input.text->str, prompt->data);
    return CHANGED_SCREEN;
}

static void
prompt_free(gpointer data)
{
    Prompt *prompt = data;
    input_clear(&prompt->input);
    g_free(prompt->label);
    g_free(prompt);
}

static const DialogOps prompt_ops = {"prompt", prompt_draw, prompt_key, prompt_free};

guint
prompt_open(Console *console, const char *label, const char *text, PromptFunc done,
            PromptFunc changed, gint64 data)
{
    Prompt *prompt = g_new0(Prompt, 1);
    prompt->console = console;
    prompt->label = g_strdup(label);
    prompt->done = done;
    prompt->changed = changed;
    prompt->data = data;
    input_init(&prompt->input, text);
    console_push(console, &prompt_ops, prompt);
    return CHANGED_SCREEN;
}
