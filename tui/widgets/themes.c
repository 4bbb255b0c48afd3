/* themes.c: the themes as a list: moving shows each at once, Enter keeps it, Esc goes back. */
#include "tui/widgets/dialogs.h"

#include <string.h>

#define ROWS  12
#define WIDTH 34

typedef struct {
    Console *console;
    char **names, *before;
    int n, selected;
    char *broken; /* why the selected one cannot be shown; NULL: it is shown */
} Themes;

/* One line that has the roles which must be told apart. */
static void
draw_sample(Grid *grid, Rect in, int y)
{
    static const struct {
        Role role;
        const char *text;
    } sample[] = {{ROLE_GOOD, "good"},
                  {ROLE_WARN, "! warn"},
                  {ROLE_BAD, "! bad"},
                  {ROLE_MONEY, "12,480.50"},
                  {ROLE_LINK, "link"}};
    int x = in.x;
    for (guint i = 0; i < G_N_ELEMENTS(sample); i++)
        x += grid_print(grid, x, y, in.x + in.w - x, sample[i].role, sample[i].text) + 1;
}

static void
themes_draw(gpointer data, Grid *grid, Rect screen)
{
    const Themes *themes = data;
    int rows = MIN(MIN(ROWS, themes->n), screen.h - 8);
    Rect in = dialog_box(grid, screen, WIDTH, rows + 4, "Theme");
    int first = MAX(themes->selected - rows + 1, 0);
    for (int i = 0; i < rows; i++) {
        gboolean here = first + i == themes->selected;
        grid_print(grid, in.x, in.y + i, 1, ROLE_STRONG, here ? ">" : " ");
        grid_print_cut(grid, in.x + 2, in.y + i, in.w - 2, here ? ROLE_STRONG : ROLE_TEXT,
                       themes->names[first + i]);
        if (here) {
            grid_ground(grid, (Rect){in.x, in.y + i, in.w, 1}, ROLE_SELECTED);
            grid_set_cursor(grid, in.x, in.y + i, FALSE);
        }
    }
    if (themes->broken)
        grid_print_cut(grid, in.x, in.y + rows + 1, in.w, ROLE_BAD, themes->broken);
    else
        draw_sample(grid, in, in.y + rows + 1);
    dialog_keys(grid, in, rows + 3, "keep", "back");
}

static void
show(Themes *themes, const char *name)
{
    g_autoptr(GError) error = NULL;
    g_clear_pointer(&themes->broken, g_free);
    if (!console_set_theme(themes->console, name, &error))
        themes->broken = g_strdup(error->message);
}

static guint
themes_key(gpointer data, const TermEvent *event)
{
    Themes *themes = data;
    guint32 key = event->type == EVENT_KEY ? event->key : KEY_NONE;
    int step = key == KEYS_UP || key == 'k' ? -1 : key == KEYS_DOWN || key == 'j' ? 1 : 0;
    if (key == KEYS_ENTER || key == KEYS_ESC || key == KEYS_CTRL('c')) {
        Console *console = themes->console;
        if (key != KEYS_ENTER || themes->broken)
            show(themes, themes->before);
        console_pop(console);
        return key == KEYS_ENTER ? console_keep_theme(console) : CHANGED_SCREEN;
    }
    int selected = CLAMP(themes->selected + step, 0, themes->n - 1);
    if (selected != themes->selected) {
        themes->selected = selected;
        show(themes, themes->names[selected]);
    }
    return CHANGED_SCREEN;
}

static void
themes_free(gpointer data)
{
    Themes *themes = data;
    g_strfreev(themes->names);
    g_free(themes->before);
    g_free(themes->broken);
    g_free(themes);
}

static const DialogOps themes_ops = {"themes", themes_draw, themes_key, themes_free};

guint
themes_open(Console *console)
{
    Themes *themes = g_new0(Themes, 1);
    themes->console = console;
    themes->names = theme_names();
    themes->n = (int)g_strv_length(themes->names);
    themes->before = g_strdup(console->theme->name);
    for (int i = 0; i < themes->n; i++) {
        if (strcmp(themes->names[i], themes->before) == 0)
            themes->selected = i;
    }
    console_push(console, &themes_ops, themes);
    return CHANGED_SCREEN;
}
