/* palette.c: every command by its name, with its key: type a few of its letters. */
#include "tui/command.h"
#include "tui/widgets/dialogs.h"
#include "tui/widgets/input.h"

#include <string.h>

#define ROWS 10

typedef struct {
    guint command;
    int score;
} Hit;

typedef struct {
    Console *console;
    Input input;
    GArray *hits; /* Hit, best first */
    int selected;
} Palette;

static int
compare_hits(gconstpointer a, gconstpointer b)
{
    const Hit *x = a, *y = b;
    return x->score != y->score ? y->score - x->score : (int)x->command - (int)y->command;
}

/* The first word is the command; the rest are its arguments. */
static char *
first_word(const Palette *palette)
{
    const char *text = palette->input.text->str, *blank = strchr(text, ' ');
    return blank ? g_strndup(text, (gsize)(blank - text)) : g_strdup(text);
}

static void
search(Palette *palette)
{
    g_autofree char *word = first_word(palette);
    g_array_set_size(palette->hits, 0);
    for (guint i = 0; i < commands_count(); i++) {
        const Command *command = &commands[i];
        if (!(command->views & VIEW_BIT(palette->console->here)) ||
            ((command->flags & HIDDEN) && strcmp(command->name, word) != 0))
            continue;
        int score = fuzzy_score(word, command->name);
        if (score == 0)
            score = fuzzy_score(word, command->help) / 4;
        if (command->alias && strcmp(command->alias, word) == 0)
            score += 500;
        Hit hit = {i, strcmp(command->name, word) == 0 ? score + 1000 : score};
        if (score > 0)
            g_array_append_val(palette->hits, hit);
    }
    if (*word)
        g_array_sort(palette->hits, compare_hits);
    palette->selected = 0;
}

static void
draw_hit(const Palette *palette, Grid *grid, Rect in, int y, guint index)
{
    const Command *command = &commands[g_array_index(palette->hits, Hit, index).command];
    g_autofree char *keys =
        keymap_keys(palette->console->keymap, g_array_index(palette->hits, Hit, index).command);
    gboolean here = (int)index == palette->selected;
    grid_print(grid, in.x, y, 1, ROLE_STRONG, here ? ">" : " ");
    grid_print_cut(grid, in.x + 2, y, 17, ROLE_STRONG, command->name);
    grid_print_cut(grid, in.x + 20, y, 11, ROLE_KEY, keys);
    grid_print_cut(grid, in.x + 32, y, in.w - 32, ROLE_DIM, command->help);
    if (here)
        grid_ground(grid, (Rect){in.x, y, in.w, 1}, ROLE_SELECTED);
}

static void
palette_draw(gpointer data, Grid *grid, Rect screen)
{
    const Palette *palette = data;
    int rows = MIN(ROWS, screen.h - 8);
    Rect in = dialog_box(grid, screen, MIN(96, screen.w - 6), rows + 2, "Command");
    int first = MAX(palette->selected - rows + 1, 0);
    for (int i = 0; i < rows && first + i < (int)palette->hits->len; i++)
        draw_hit(palette, grid, in, in.y + 2 + i, (guint)(first + i));
    if (palette->hits->len == 0)
        grid_print(grid, in.x + 2, in.y + 2, in.w - 2, ROLE_DIM, "no command is named like this");
    grid_print(grid, in.x, in.y, 1, ROLE_TITLE, ":");
    input_draw(&palette->input, grid, in.x + 2, in.y, in.w - 2, TRUE);
}

static guint
run_selected(Palette *palette)
{
    Console *console = palette->console;
    if (palette->hits->len == 0)
        return CHANGED_NOTHING;
    const Command *command =
        &commands[g_array_index(palette->hits, Hit, palette->selected).command];
    const char *blank = strchr(palette->input.text->str, ' ');
    g_autofree char *args = g_strstrip(g_strdup(blank ? blank + 1 : ""));
    console_pop(console);
    return commands_run(console, command, args) | CHANGED_SCREEN;
}

static guint
palette_key(gpointer data, const TermEvent *event)
{
    Palette *palette = data;
    gboolean changed = FALSE;
    guint32 key = event->type == EVENT_KEY ? event->key : KEY_NONE;
    if (key == KEYS_ENTER)
        return run_selected(palette);
    if (key == KEYS_ESC || key == KEYS_CTRL('c')) {
        console_pop(palette->console);
        return CHANGED_SCREEN;
    }
    if (key == KEYS_UP || key == KEYS_DOWN) {
        int last = (int)palette->hits->len - 1;
        palette->selected = CLAMP(palette->selected + (key == KEYS_UP ? -1 : 1), 0, MAX(last, 0));
        return CHANGED_SCREEN;
    }
    if (key == KEYS_TAB && palette->hits->len > 0) {
        guint found = g_array_index(palette->hits, Hit, palette->selected).command;
        g_autofree char *text = g_strconcat(commands[found].name, " ", NULL);
        input_set(&palette->input, text);
        changed = TRUE;
    } else {
        input_key(&palette->input, event, &changed);
    }
    if (changed)
        search(palette);
    return CHANGED_SCREEN;
}

static void
palette_free(gpointer data)
{
    Palette *palette = data;
    input_clear(&palette->input);
    g_array_unref(palette->hits);
    g_free(palette);
}

static const DialogOps palette_ops = {"palette", palette_draw, palette_key, palette_free};

guint
palette_open(Console *console)
{
    Palette *palette = g_new0(Palette, 1);
    palette->console = console;
    palette->hits = g_array_new(FALSE, FALSE, sizeof(Hit));
    input_init(&palette->input, "");
    search(palette);
    console_push(console, &palette_ops, palette);
    return CHANGED_SCREEN;
}
