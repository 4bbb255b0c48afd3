/* palette.c: every command by a few letters of its name: with its keys, what it takes, and why it
 * cannot be used where it cannot. After the name, Tab completes what it takes. */
#include "tui/command_args.h"
#include "tui/widgets/dialogs.h"
#include "tui/widgets/input.h"

#include <string.h>
#include "base/text.h"

#define ROWS       10
#define NAME_WIDTH 24
#define KEYS_WIDTH 11
#define EXACT      1000 /* added to the score */
#define ALIAS      500
#define UNUSABLE   2000 /* taken from it */

typedef struct {
    guint command;
    int score;
    const char *why_not; /* NULL: it can be used */
} Hit;

typedef struct {
    Console *console;
    Input input;
    GArray *hits;  /* Hit, best first; of one command when args are typed */
    char **values; /* what its args may be; NULL: none are known */
    int selected;
} Palette;

static int
compare_hits(gconstpointer a, gconstpointer b)
{
    const Hit *x = a, *y = b;
    return x->score != y->score ? y->score - x->score : (int)x->command - (int)y->command;
}

/* What stands after the command's name; NULL: nothing yet. Borrowed. */
static const char *
typed_args(const Palette *palette)
{
    const char *blank = strchr(palette->input.text->str, ' ');
    return blank ? blank + 1 : NULL;
}

static char *
first_word(const Palette *palette)
{
    const char *text = palette->input.text->str, *blank = strchr(text, ' ');
    return blank ? g_strndup(text, (gsize)(blank - text)) : g_strdup(text);
}

/* 0: it does not fit. Without a word: the ones that were used last, then the table's order. */
static int
score_command(const Palette *palette, guint index, const char *word)
{
    const Command *command = &commands[index];
    if (!*word) {
        const guint8 *recent = palette->console->recent;
        const guint8 *at = memchr(recent, (int)index + 1, RECENT_MAX);
        return at ? EXACT - (int)(at - recent) : 1;
    }
    if (strcmp(command->name, word) == 0)
        return EXACT + fuzzy_score(word, command->name);
    int score = fuzzy_score(word, command->name);
    if (score == 0)
        score = fuzzy_score(word, command->help) / 4;
    if (command->alias && strcmp(command->alias, word) == 0)
        score += ALIAS;
    return score;
}

/* What only moves about, or cannot be used here, is found by its letters but not offered. */
static void
search_commands(Palette *palette, const char *word)
{
    for (guint i = 0; i < commands_count(); i++) {
        Hit hit = {i, score_command(palette, i, word), NULL};
        gboolean named = strcmp(commands[i].name, word) == 0;
        if (hit.score == 0 || ((commands[i].flags & HIDDEN) && !named) ||
            (!commands_seen(palette->console, &commands[i]) && !named))
            continue;
        hit.why_not = commands_why_not(palette->console, &commands[i]);
        if (hit.why_not && !*word)
            continue;
        hit.score -= hit.why_not && !named ? UNUSABLE : 0;
        g_array_append_val(palette->hits, hit);
    }
    g_array_sort(palette->hits, compare_hits);
}

static void
search(Palette *palette)
{
    g_autofree char *word = first_word(palette);
    const char *args = typed_args(palette);
    int command = args ? commands_find(word) : -1;
    g_array_set_size(palette->hits, 0);
    g_clear_pointer(&palette->values, g_strfreev);
    palette->selected = 0;
    if (command < 0) {
        search_commands(palette, word);
        return;
    }
    Hit hit = {(guint)command, 1, commands_why_not(palette->console, &commands[command])};
    g_array_append_val(palette->hits, hit);
    palette->values = command_args_complete(palette->console, &commands[command], args);
}

static const Hit *
selected_hit(const Palette *palette)
{
    guint index = palette->values ? 0 : (guint)palette->selected;
    return index < palette->hits->len ? &g_array_index(palette->hits, Hit, index) : NULL;
}

/* -- drawing -- */

static void
draw_hit(const Palette *palette, Grid *grid, Rect row, const Hit *hit, gboolean here)
{
    const Command *command = &commands[hit->command];
    const char *args = command_args(command);
    g_autofree char *keys = keymap_keys(palette->console->keymap, hit->command);
    int x = row.x + 2, right = row.x + NAME_WIDTH;
    Role role = hit->why_not ? ROLE_DIM : ROLE_STRONG;
    grid_print(grid, row.x, row.y, 1, ROLE_STRONG, here ? ">" : " ");
    x += grid_print_cut(grid, x, row.y, right - x, role, command->name) + 1;
    if (args)
        grid_print_cut(grid, x, row.y, right - x, ROLE_DIM, args);
    grid_print_cut(grid, right + 1, row.y, KEYS_WIDTH, ROLE_KEY, keys);
    x = right + KEYS_WIDTH + 2;
    grid_print_cut(grid, x, row.y, row.x + row.w - x, hit->why_not ? ROLE_WARN : ROLE_DIM,
                   hit->why_not ? hit->why_not : command->help);
    if (here)
        grid_ground(grid, row, ROLE_SELECTED);
}

static void
draw_values(const Palette *palette, Grid *grid, Rect in, int rows)
{
    int n = (int)g_strv_length(palette->values);
    int first = MAX(palette->selected - rows + 1, 0);
    for (int i = 0; i < rows && first + i < n; i++) {
        Rect row = {in.x, in.y + i, in.w, 1};
        gboolean here = first + i == palette->selected;
        grid_print(grid, row.x, row.y, 1, ROLE_STRONG, here ? ">" : " ");
        grid_print_cut(grid, row.x + 2, row.y, row.w - 2, ROLE_STRONG, palette->values[first + i]);
        if (here)
            grid_ground(grid, row, ROLE_SELECTED);
    }
    if (n == 0)
        grid_print(grid, in.x + 2, in.y, in.w - 2, ROLE_DIM, "nothing begins like this");
}

static void
draw_hits(const Palette *palette, Grid *grid, Rect in, int rows)
{
    int first = MAX(palette->selected - rows + 1, 0);
    for (int i = 0; i < rows && first + i < (int)palette->hits->len; i++) {
        const Hit *hit = &g_array_index(palette->hits, Hit, first + i);
        draw_hit(palette, grid, (Rect){in.x, in.y + i, in.w, 1}, hit,
                 first + i == palette->selected);
    }
    if (palette->hits->len == 0)
        grid_print(grid, in.x + 2, in.y, in.w - 2, ROLE_DIM, "no command is named like this");
}

static void
palette_draw(gpointer data, Grid *grid, Rect screen)
{
    const Palette *palette = data;
    int rows = MIN(ROWS, screen.h - 8);
    Rect in = dialog_box(grid, screen, MIN(96, screen.w - 6), rows + 2, "Command");
    Rect below = {in.x, in.y + 2, in.w, in.h - 2};
    if (palette->values) {
        const Hit *hit = selected_hit(palette);
        draw_hit(palette, grid, (Rect){below.x, below.y, below.w, 1}, hit, FALSE);
        draw_values(palette, grid, (Rect){below.x, below.y + 1, below.w, rows - 1}, rows - 1);
    } else {
        draw_hits(palette, grid, below, rows);
    }
    grid_print(grid, in.x, in.y, 1, ROLE_TITLE, ":");
    input_draw(&palette->input, grid, in.x + 2, in.y, in.w - 2, TRUE);
}

/* -- keys -- */

/* A command that cannot be used says why and leaves the palette open. */
static guint
run_selected(Palette *palette)
{
    Console *console = palette->console;
    const Hit *hit = selected_hit(palette);
    if (!hit)
        return CHANGED_NOTHING;
    const Command *command = &commands[hit->command];
    const char *typed = typed_args(palette);
    g_autofree char *args = g_strstrip(g_strdup(typed ? typed : ""));
    if (!hit->why_not)
        console_pop(console);
    return commands_run(console, command, args) | CHANGED_SCREEN;
}

/* The selected command's name, then the selected one of what it takes. */
static void
complete(Palette *palette)
{
    const Hit *hit = selected_hit(palette);
    if (!hit)
        return;
    const char *value = palette->values ? palette->values[palette->selected] : NULL;
    if (palette->values && !value)
        return;
    g_autofree char *text = g_strconcat(commands[hit->command].name, " ", value ? value : "", NULL);
    if (value || !typed_args(palette))
        input_set(&palette->input, text);
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
        int n = palette->values ? (int)g_strv_length(palette->values) : (int)palette->hits->len;
        palette->selected = CLAMP(palette->selected + (key == KEYS_UP ? -1 : 1), 0, MAX(n - 1, 0));
        return CHANGED_SCREEN;
    }
    if (key == KEYS_TAB) {
        complete(palette);
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
    g_strfreev(palette->values);
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
