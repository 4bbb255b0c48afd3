/* confirm.c: one question, answered by Enter or Esc. */
#include "tui/widgets/dialogs.h"

typedef struct {
    Console *console;
    char *title, *yes;
    Doc *text;
    ConfirmFunc run;
    gpointer data;
    gboolean shown; /* an Enter from before that was not meant for it */
} Confirm;

static void
confirm_draw(gpointer data, Grid *grid, Rect screen)
{
    Confirm *confirm = data;
    int width = MIN(68, screen.w - 6), rows = doc_rows(confirm->text, width);
    Rect in = dialog_box(grid, screen, width, rows + 3, confirm->title);
    doc_draw(confirm->text, grid, (Rect){in.x, in.y, in.w, in.h - 2});
    dialog_keys(grid, in, in.h - 1, confirm->yes, "no");
    grid_set_cursor(grid, in.x, in.y + in.h - 1, FALSE);
    confirm->shown = TRUE;
}

static guint
confirm_key(gpointer data, const TermEvent *event)
{
    Confirm *confirm = data;
    if (event->type != EVENT_KEY)
        return CHANGED_NOTHING;
    if (event->key == KEYS_ESC || event->key == 'n') {
        console_pop(confirm->console);
        return CHANGED_SCREEN;
    }
    if (event->key != KEYS_ENTER || !confirm->shown)
        return CHANGED_NOTHING;
    Console *console = confirm->console;
    ConfirmFunc run = confirm->run;
    g_autofree gpointer owned = g_steal_pointer(&confirm->data);
    console_pop(console);
    return run(console, owned) | CHANGED_SCREEN;
}

static void
confirm_free(gpointer data)
{
    Confirm *confirm = data;
    doc_free(confirm->text);
    g_free(confirm->title);
    g_free(confirm->yes);
    g_free(confirm->data);
    g_free(confirm);
}

static const DialogOps confirm_ops = {"confirm", confirm_draw, confirm_key, confirm_free};

guint
confirm_open(Console *console, const char *title, const char *text, const char *yes,
             ConfirmFunc run, gpointer data)
{
    Confirm *confirm = g_new0(Confirm, 1);
    confirm->console = console;
    confirm->title = g_strdup(title);
    confirm->yes = g_strdup(yes);
    confirm->text = doc_new(grid_ascii(console->grid));
    confirm->run = run;
    confirm->data = data;
    doc_add(confirm->text, ROLE_TEXT, text);
    console_push(console, &confirm_ops, confirm);
    return CHANGED_SCREEN;
}
