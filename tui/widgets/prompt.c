/* prompt.c: a line of input at the foot: filter, search, a link, a reason; below it what the word
 * could become, or what is wrong. */
#include "tui/widgets/dialogs.h"
#include "tui/widgets/input.h"

#include <string.h>
#include "base/text.h"

typedef struct {
    Console *console;
    PromptSpec spec;
    char *label, *initial;
    char *wrong; /* NULL: nothing is */
    Input input;
    char **words; /* what the word at the cursor could become */
    gsize from;   /* where it begins */
    int at;       /* the one that Tab has put there; -1: none */
} Prompt;

static void
look_up(Prompt *prompt)
{
    g_clear_pointer(&prompt->words, g_strfreev);
    prompt->at = -1;
    if (prompt->spec.complete)
        prompt->words =
            prompt->spec.complete(prompt->console, prompt->input.text->str, prompt->input.cursor,
                                  &prompt->from, prompt->spec.data);
}

/* What is wrong, then what the word could become. */
static void
draw_words(const Prompt *prompt, Grid *grid, int y, int width)
{
    int x = 1;
    if (prompt->wrong)
        x += grid_print_cut(grid, x, y, width - 2, ROLE_WARN, prompt->wrong) + 2;
    int n = prompt->words ? (int)g_strv_length(prompt->words) : 0;
    /* The one that was taken is always among those that are seen. */
    for (int i = MAX(prompt->at - 2, 0); i < n && x < width - 2; i++) {
        Role role = i == prompt->at ? ROLE_TAB_HERE : ROLE_DIM;
        x += grid_print_cut(grid, x, y, width - x - 1, role, prompt->words[i]) + 2;
    }
}

static void
prompt_draw(gpointer data, Grid *grid, Rect screen)
{
    const Prompt *prompt = data;
    int y = screen.h - 2, x = 1;
    grid_fill(grid, (Rect){0, y, screen.w, 1}, ROLE_SCREEN);
    x += grid_print(grid, x, y, screen.w / 2, ROLE_TITLE, prompt->label) + 1;
    draw_words(prompt, grid, y + 1, screen.w);
    input_draw(&prompt->input, grid, x, y, screen.w - x - 1, TRUE);
}

static guint
finish(Prompt *prompt, const char *text)
{
    Console *console = prompt->console;
    PromptFunc done = prompt->spec.done;
    gint64 data = prompt->spec.data;
    g_autofree char *owned = g_strdup(text);
    console_pop(console);
    return done(console, owned, data) | CHANGED_SCREEN;
}

/* Tells what is typed now; what is wrong with it is shown. */
static void
tell(Prompt *prompt)
{
    const PromptSpec *spec = &prompt->spec;
    if (spec->changed)
        spec->changed(prompt->console, prompt->input.text->str, spec->data);
    g_clear_pointer(&prompt->wrong, g_free);
    if (spec->check)
        prompt->wrong = spec->check(prompt->console, prompt->input.text->str, spec->data);
}

static gsize
common_length(char *const *words)
{
    gsize n = words[0] ? strlen(words[0]) : 0;
    for (guint i = 1; words[i]; i++) {
        gsize same = 0;
        while (same < n && g_ascii_tolower(words[i][same]) == g_ascii_tolower(words[0][same]))
            same++;
        n = same;
    }
    while (n > 0 && ((guchar)words[0][n] & 0xc0) == 0x80)
        n--;
    return n;
}

static void
put(Prompt *prompt, const char *word, gsize len)
{
    Input *input = &prompt->input;
    g_string_erase(input->text, (gssize)prompt->from, (gssize)(input->cursor - prompt->from));
    g_string_insert_len(input->text, (gssize)prompt->from, word, (gssize)len);
    input->cursor = prompt->from + len;
}

/* As far as the words agree; then one after the other. */
static void
complete(Prompt *prompt, int direction)
{
    int n = prompt->words ? (int)g_strv_length(prompt->words) : 0;
    gsize common = n > 0 ? common_length(prompt->words) : 0;
    if (n == 0)
        return;
    if (prompt->at < 0 && (n == 1 || common > prompt->input.cursor - prompt->from)) {
        put(prompt, prompt->words[0], common);
        look_up(prompt);
    } else {
        prompt->at =
            prompt->at < 0 ? (direction > 0 ? 0 : n - 1) : (prompt->at + direction + n) % n;
        put(prompt, prompt->words[prompt->at], strlen(prompt->words[prompt->at]));
    }
    tell(prompt);
}

static guint
give_up(Prompt *prompt)
{
    if (prompt->spec.restore) {
        input_set(&prompt->input, prompt->initial);
        tell(prompt);
    }
    return finish(prompt, NULL);
}

static guint
prompt_key(gpointer data, const TermEvent *event)
{
    Prompt *prompt = data;
    gboolean key = event->type == EVENT_KEY, changed = FALSE;
    if (key && event->key == KEYS_ENTER)
        return prompt->wrong ? CHANGED_SCREEN : finish(prompt, prompt->input.text->str);
    if (key && (event->key == KEYS_ESC || event->key == KEYS_CTRL('c')))
        return give_up(prompt);
    if (key && (event->key == KEYS_TAB || event->key == KEYS_BACKTAB)) {
        complete(prompt, event->key == KEYS_TAB ? 1 : -1);
        return CHANGED_SCREEN;
    }
    input_key(&prompt->input, event, &changed);
    if (changed)
        tell(prompt);
    look_up(prompt);
    return CHANGED_SCREEN;
}

static void
prompt_free(gpointer data)
{
    Prompt *prompt = data;
    input_clear(&prompt->input);
    g_strfreev(prompt->words);
    g_free(prompt->wrong);
    g_free(prompt->initial);
    g_free(prompt->label);
    g_free(prompt);
}

static const DialogOps prompt_ops = {
    .name = "prompt", .draw = prompt_draw, .key = prompt_key, .free = prompt_free, .foot = TRUE};

guint
prompt_ask(Console *console, const PromptSpec *spec)
{
    Prompt *prompt = g_new0(Prompt, 1);
    prompt->console = console;
    prompt->spec = *spec;
    prompt->label = g_strdup(spec->label);
    prompt->initial = g_strdup(spec->text ? spec->text : "");
    input_init(&prompt->input, prompt->initial);
    look_up(prompt);
    console_push(console, &prompt_ops, prompt);
    return CHANGED_SCREEN;
}

void
prompt_look_again(Console *console)
{
    const Dialog *newest = console->dialogs->len
                               ? g_ptr_array_index(console->dialogs, console->dialogs->len - 1)
                               : NULL;
    if (newest && newest->ops == &prompt_ops)
        look_up(newest->data);
    console_touch(console);
}

static char **
complete_path(Console *console, const char *text, gsize cursor, gsize *from, gint64 data)
{
    g_autofree char *path = g_strndup(text, cursor);
    (void)data;
    *from = 0;
    return paths_complete(console, path);
}

guint
prompt_path(Console *console, const char *label, const char *text, PromptFunc done, gint64 data)
{
    const PromptSpec spec = {
        .label = label, .text = text, .done = done, .complete = complete_path, .data = data};
    paths_clear(&console->paths);
    return prompt_ask(console, &spec);
}

guint
prompt_open(Console *console, const char *label, const char *text, PromptFunc done,
            PromptFunc changed, gint64 data)
{
    const PromptSpec spec = {
        .label = label, .text = text, .done = done, .changed = changed, .data = data};
    return prompt_ask(console, &spec);
}
