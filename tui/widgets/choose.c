/* choose.c: one of a few things: by its letter, or with the arrow keys and Enter. */
#include "tui/widgets/dialogs.h"

typedef struct {
    Console *console;
    char *title;
    const Choice *choices;
    guint n, selected;
    ChooseFunc run;
} Choose;

static void
choose_draw(gpointer data, Grid *grid, Rect screen)
{
    const Choose *choose = data;
    int width = MIN(56, screen.w - 6), rows = MIN((int)choose->n, screen.h - 6);
    int first = MAX((int)choose->selected - rows + 1, 0);
    Rect in = dialog_box(grid, screen, width, rows + 2, choose->title);
    for (int i = 0; i < rows; i++) {
        const Choice *choice = &choose->choices[first + i];
        gboolean here = first + i == (int)choose->selected;
        grid_print(grid, in.x, in.y + i, 1, ROLE_STRONG, here ? ">" : " ");
        grid_printf(grid, in.x + 2, in.y + i, 1, ROLE_KEY, "%c", choice->key);
        grid_print_cut(grid, in.x + 5, in.y + i, in.w - 5, ROLE_TEXT, choice->label);
        if (here) {
            grid_ground(grid, (Rect){in.x, in.y + i, in.w, 1}, ROLE_SELECTED);
            grid_set_cursor(grid, in.x, in.y + i, FALSE);
        }
    }
    dialog_keys(grid, in, in.h - 1, "take it", "no");
}

static guint
finish(Choose *choose, guint index)
{
    Console *console = choose->console;
    ChooseFunc run = choose->run;
    console_pop(console);
    return run(console, index) | CHANGED_SCREEN;
}

static guint
choose_key(gpointer data, const TermEvent *event)
{
    Choose *choose = data;
    if (event->type != EVENT_KEY)
        return CHANGED_NOTHING;
    if (event->key == KEYS_ENTER)
        return finish(choose, choose->selected);
    if (event->key == KEYS_ESC || event->key == KEYS_CTRL('c')) {
        console_pop(choose->console);
        return CHANGED_SCREEN;
    }
    if (event->key == KEYS_UP && choose->selected > 0)
        choose->selected--;
    if (event->key == KEYS_DOWN && choose->selected + 1 < choose->n)
        choose->selected++;
    for (guint i = 0; i < choose->n; i++) {
        if (event->key == (guint32)choose->choices[i].key)
            return finish(choose, i);
    }
    return CHANGED_SCREEN;
}

static void
choose_free(gpointer data)
{
    Choose *choose = data;
    g_free(choose->title);
    g_free(choose);
}

static const DialogOps choose_ops = {"choose", choose_draw, choose_key, choose_free};

guint
choose_open(Console *console, const char *title, const Choice *choices, guint n, ChooseFunc run)
{
    Choose *choose = g_new0(Choose, 1);
    choose->console = console;
    choose->title = g_strdup(title);
    choose->choices = choices;
    choose->n = n;
    choose->run = run;
    console_push(console, &choose_ops, choose);
    return CHANGED_SCREEN;
}
