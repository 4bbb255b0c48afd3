/* test_palette.c: the palette's order, reasons and completion, drawn into a grid. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tui/command_args.h"
#include "tui/widgets/dialogs.h"

/* A console as far as the palette knows it: the help is shown, no request, no list. */
typedef struct {
    Console console;
    Dialog *dialog;
} Stand;

static void
dialog_free(gpointer data)
{
    Dialog *dialog = data;
    dialog->ops->free(dialog->data);
    g_free(dialog);
}

static int
make(void **state)
{
    Stand *stand = g_new0(Stand, 1);
    Console *console = &stand->console;
    console->here = VIEW_HELP;
    console->grid = grid_new(100, 24, FALSE);
    console->keymap = commands_keymap(NULL, NULL);
    console->dialogs = g_ptr_array_new_with_free_func(dialog_free);
    console->theme = theme_load("default", NULL);
    console->views[VIEW_HELP] = view_ops(VIEW_HELP)->open(console);
    palette_open(console);
    stand->dialog = g_ptr_array_index(console->dialogs, 0);
    *state = stand;
    return 0;
}

static int
drop(void **state)
{
    Stand *stand = *state;
    Console *console = &stand->console;
    g_ptr_array_unref(console->dialogs);
    view_ops(VIEW_HELP)->close(console->views[VIEW_HELP]);
    keymap_free(console->keymap);
    theme_free(console->theme);
    grid_free(console->grid);
    g_free(console->message);
    g_free(stand);
    return 0;
}

static void
press(Stand *stand, guint32 key)
{
    const TermEvent event = {.type = EVENT_KEY, .key = key};
    stand->dialog->ops->key(stand->dialog->data, &event);
}

static void
type(Stand *stand, const char *text)
{
    for (; *text; text++)
        press(stand, (guint32)*text);
}

static void
assert_row(Stand *stand, int row, const char *text)
{
    Grid *grid = stand->console.grid;
    grid_clear(grid);
    stand->dialog->ops->draw(stand->dialog->data, grid, grid_whole(grid));
    g_autofree char *screen = grid_to_text(grid);
    g_auto(GStrv) rows = g_strsplit(screen, "\n", -1);
    for (int y = 0; rows[y]; y++) {
        if (!strstr(rows[y], "Command"))
            continue;
        if (!strstr(rows[y + 1 + row], text))
            fail_msg("'%s' is not in row %d of\n%s", text, row, screen);
        return;
    }
    fail_msg("no palette in\n%s", screen);
}

static void
test_shows(void **state)
{
    Stand *stand = *state;
    type(stand, "theme");
    assert_row(stand, 0, ": theme");
    assert_row(stand, 2, "> theme [NAME]");
    type(stand, "\001");
    press(stand, KEYS_CTRL('k'));
    type(stand, "redr");
    assert_row(stand, 2, "> redraw");
    assert_row(stand, 2, "Ctrl-L");
}

/* What cannot be used is found, after all that can, with the reason; Enter says it. */
static void
test_why_not(void **state)
{
    Stand *stand = *state;
    type(stand, "approve");
    assert_row(stand, 2, "does nothing in this view");
    assert_string_equal(commands_why_not(&stand->console, &commands[commands_find("approve")]),
                        "does nothing in this view");
    assert_null(commands_why_not(&stand->console, &commands[commands_find("theme")]));
    type(stand, "x");
    for (int i = 0; i < 8; i++)
        press(stand, KEYS_BACKSPACE);
    type(stand, "re"); /* redraw can be used here; reject, rerun, resume cannot */
    assert_row(stand, 2, "> redraw");
}

static void
test_recent_first(void **state)
{
    Stand *stand = *state;
    Console *console = &stand->console;
    for (int i = 0; i < 2; i++) {
        commands_run(console, &commands[commands_find("mouse")], "");
        commands_run(console, &commands[commands_find("theme")], "");
        console_pop(console);
    }
    commands_run(console, &commands[commands_find("mouse")], "");
    type(stand, "x");
    press(stand, KEYS_BACKSPACE);
    assert_row(stand, 2, "mouse");
    assert_row(stand, 3, "theme");
}

static void
test_completes(void **state)
{
    Stand *stand = *state;
    type(stand, "them");
    press(stand, KEYS_TAB);
    assert_row(stand, 0, ": theme ");
    assert_row(stand, 3, "> default");
    type(stand, "sol");
    assert_row(stand, 3, "> solarized-dark");
    press(stand, KEYS_DOWN);
    assert_row(stand, 4, "> solarized-light");
    press(stand, KEYS_TAB);
    assert_row(stand, 0, ": theme solarized-light");
    type(stand, "x");
    assert_row(stand, 3, "nothing begins like this");
}

/* Every command that is told to take something exists. */
static void
test_args(void **state)
{
    (void)state;
    static const char *const takes[] = {"approve", "compare", "copy-part", "export", "filter",
                                        "pager",   "pause",   "rerun",     "sort",   "theme"};
    for (guint i = 0; i < G_N_ELEMENTS(takes); i++) {
        int found = commands_find(takes[i]);
        assert_true(found >= 0);
        assert_non_null(command_args(&commands[found]));
    }
    assert_null(command_args(&commands[commands_find("quit")]));
}

/* Who may not break the glass sees nothing of it. */
static void
test_not_seen(void **state)
{
    Stand *stand = *state;
    Console *console = &stand->console;
    const Command *command = &commands[commands_find("break-glass")];
    assert_false(commands_seen(console, command));
    assert_non_null(strstr(commands_why_not(console, command), "[approval] break_glass"));
    Grid *grid = grid_new(100, 500, FALSE);
    view_help_show(console->views[VIEW_HELP], VIEW_QUEUE);
    grid_fill(grid, grid_whole(grid), ROLE_SCREEN);
    view_ops(VIEW_HELP)->draw(console->views[VIEW_HELP], grid, grid_whole(grid));
    g_autofree char *text = grid_to_text(grid);
    assert_non_null(strstr(text, " approve "));
    assert_null(strstr(text, " break-glass       Approve"));
    grid_free(grid);
}

/* The help of a view has every command, with the keys in force. */
static void
test_help_is_complete(void **state)
{
    Stand *stand = *state;
    Console *console = &stand->console;
    console->may_break = TRUE;
    for (ViewId about = 0; about < VIEW_COUNT; about++) {
        gpointer help = console->views[VIEW_HELP];
        Grid *grid = grid_new(100, 500, FALSE);
        view_help_show(help, about);
        grid_fill(grid, grid_whole(grid), ROLE_SCREEN);
        view_ops(VIEW_HELP)->draw(help, grid, grid_whole(grid));
        g_autofree char *text = grid_to_text(grid);
        const char *elsewhere = strstr(text, "In other views");
        for (guint i = 0; i < commands_count(); i++) {
            g_autofree char *keys = keymap_keys(console->keymap, i);
            g_autofree char *line = g_strdup_printf("%-12s %-17s ", keys, commands[i].name);
            const char *at = strstr(text, line);
            gboolean here = (commands[i].views & VIEW_BIT(about)) != 0;
            if (!at || (elsewhere && here != (at < elsewhere)))
                fail_msg("'%s' is not where it belongs in the help of %s:\n%s", line,
                         view_ops(about)->name, text);
        }
        grid_free(grid);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_shows, make, drop),
        cmocka_unit_test_setup_teardown(test_why_not, make, drop),
        cmocka_unit_test_setup_teardown(test_recent_first, make, drop),
        cmocka_unit_test_setup_teardown(test_completes, make, drop),
        cmocka_unit_test(test_args),
        cmocka_unit_test_setup_teardown(test_help_is_complete, make, drop),
        cmocka_unit_test_setup_teardown(test_not_seen, make, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
