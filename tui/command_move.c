/* command_move.c: the commands that move about, change the view and leave. */
#include "tui/command.h"
#include "tui/export.h"
#include "tui/widgets/dialogs.h"

#include <string.h>

static Doc *
doc_here(Console *console)
{
    const ViewOps *ops = console_ops(console);
    return ops->doc ? ops->doc(console_view(console)) : NULL;
}

/* Tells the view that its selection moved. */
static guint
moved(Console *console)
{
    const ViewOps *ops = console_ops(console);
    return CHANGED_SCREEN | (ops->moved ? ops->moved(console_view(console)) : 0);
}

static guint
move_by(Console *console, int rows, int pages)
{
    const ViewOps *ops = console_ops(console);
    if (ops->go)
        return ops->go(console_view(console), pages ? GO_PAGES : GO_ROWS, pages ? pages : rows);
    List *list = console_list(console);
    Doc *doc = list ? NULL : doc_here(console);
    if (list && pages)
        list_page(list, pages);
    else if (list)
        list_move(list, rows);
    if (doc && pages)
        doc_page(doc, pages);
    else if (doc)
        doc_scroll(doc, rows);
    return moved(console);
}

guint
cmd_rows(Console *console, int by, const char *args)
{
    (void)args;
    return move_by(console, by, 0);
}

guint
cmd_pages(Console *console, int by, const char *args)
{
    (void)args;
    return move_by(console, 0, by);
}

guint
cmd_end(Console *console, int direction, const char *args)
{
    const ViewOps *ops = console_ops(console);
    List *list = console_list(console);
    Doc *doc = list ? NULL : doc_here(console);
    (void)args;
    if (ops->go)
        return ops->go(console_view(console), GO_END, direction);
    if (ops->adjust)
        ops->adjust(console_view(console), "end", direction);
    if (list && direction < 0)
        list_home(list);
    else if (list)
        list_end(list);
    if (doc && direction < 0)
        doc_home(doc);
    else if (doc)
        doc_bottom(doc);
    return moved(console);
}

guint
cmd_open(Console *console, int by, const char *args)
{
    const ViewOps *ops = console_ops(console);
    (void)by;
    (void)args;
    return ops->enter ? ops->enter(console_view(console)) : CHANGED_NOTHING;
}

/* The marks of a search in a text go first. */
static gboolean
clear_search(Console *console)
{
    Doc *doc = console_list(console) ? NULL : doc_here(console);
    int at = 0, count = 0;
    if (doc)
        doc_matches(doc, &at, &count);
    if (count > 0)
        doc_find(doc, NULL, 1);
    return count > 0;
}

guint
cmd_back(Console *console, int by, const char *args)
{
    List *list = console_list(console);
    (void)by;
    (void)args;
    if (export_cancel(console))
        return CHANGED_SCREEN;
    if (list && list_filter(list)) {
        console_clear_filter(console);
        return CHANGED_SCREEN;
    }
    if (list && list_has_marks(list)) {
        list_mark_clear(list);
        return CHANGED_SCREEN;
    }
    const ViewOps *ops = console_ops(console);
    if (ops->go && ops->adjust(console_view(console), "back", 0) != CHANGED_UNUSED)
        return CHANGED_SCREEN;
    if (clear_search(console))
        return CHANGED_SCREEN;
    if (console->here != VIEW_QUEUE)
        console_show(console, console->here == VIEW_REQUEST || console->here == VIEW_HELP
                                  ? console->before
                                  : VIEW_QUEUE);
    return CHANGED_SCREEN;
}

static guint
adjust(Console *console, const char *what, int step)
{
    const ViewOps *ops = console_ops(console);
    return ops->adjust ? ops->adjust(console_view(console), what, step) : CHANGED_NOTHING;
}

guint
cmd_follow(Console *console, int by, const char *args)
{
    (void)by;
    (void)args;
    return adjust(console, "follow", 0);
}

guint
cmd_level(Console *console, int by, const char *args)
{
    (void)by;
    (void)args;
    return adjust(console, "level", 1);
}

guint
cmd_other_run(Console *console, int by, const char *args)
{
    (void)args;
    return adjust(console, "run", by);
}

guint
cmd_section(Console *console, int by, const char *args)
{
    const ViewOps *ops = console_ops(console);
    (void)args;
    return ops->section ? ops->section(console_view(console), by) : CHANGED_NOTHING;
}

/* -- views -- */

guint
cmd_show(Console *console, int view, const char *args)
{
    (void)args;
    console_show(console, (ViewId)view);
    return CHANGED_SCREEN;
}

guint
cmd_help(Console *console, int by, const char *args)
{
    (void)by;
    (void)args;
    if (console->here != VIEW_HELP)
        view_help_show(console_view_data(console, VIEW_HELP), console->here);
    console_show(console, VIEW_HELP);
    return CHANGED_SCREEN;
}

guint
cmd_palette(Console *console, int by, const char *args)
{
    (void)by;
    (void)args;
    return palette_open(console);
}

/* -- the console itself -- */

static guint
quit_confirmed(Console *console, gpointer data)
{
    (void)data;
    console->quit = TRUE;
    return CHANGED_NOTHING;
}

guint
cmd_quit(Console *console, int by, const char *args)
{
    const char *what = NULL;
    guint running = work_running(console->work, &what);
    g_autoptr(GString) text = g_string_new(NULL);
    (void)by;
    (void)args;
    if (running > 0)
        g_string_append_printf(text, "Still running here: %s%s. Leaving cancels it cleanly.\n",
                               what, running > 1 ? " and more" : "");
    for (guint i = 0; i < console->holds->len; i++) {
        const Hold *hold = &g_array_index(console->holds, Hold, i);
        if (!hold->posting)
            g_string_append_printf(text,
                                   "%" G_GINT64_FORMAT
                                   " is approved and held; after leaving, the next "
                                   "pass posts it.\n",
                                   hold->id);
    }
    if (text->len == 0)
        return quit_confirmed(console, NULL);
    g_string_truncate(text, text->len - 1);
    return confirm_open(console, "Leave", text->str, "leave", quit_confirmed, NULL);
}

guint
cmd_redraw(Console *console, int by, const char *args)
{
    (void)by;
    (void)args;
    if (console->term)
        term_redraw(console->term);
    console_refresh(console);
    return CHANGED_SCREEN;
}

guint
cmd_suspend(Console *console, int by, const char *args)
{
    (void)by;
    (void)args;
    if (console->term)
        term_suspend(console->term);
    return CHANGED_SCREEN | CHANGED_DATA;
}

guint
cmd_copy(Console *console, int by, const char *args)
{
    const Request *request = console_request(console);
    (void)by;
    (void)args;
    if (!request->link_url) {
        console_say(console, ROLE_WARN, "%" G_GINT64_FORMAT " has no link", request->id);
        return CHANGED_SCREEN;
    }
    if (console->term)
        term_copy(console->term, request->link_url);
    console_say(console, ROLE_GOOD, "copied: %s", request->link_url);
    return CHANGED_SCREEN;
}

guint
cmd_theme(Console *console, int by, const char *args)
{
    g_autoptr(GError) error = NULL;
    (void)by;
    console->theme_auto = FALSE;
    if (!*args)
        return themes_open(console);
    if (console_set_theme(console, args, &error))
        return console_keep_theme(console);
    console_say_error(console, "theme", error);
    return CHANGED_SCREEN;
}

guint
cmd_mouse(Console *console, int by, const char *args)
{
    (void)by;
    (void)args;
    if (!console->term)
        return CHANGED_NOTHING;
    term_set_mouse(console->term, !term_mouse(console->term));
    console_say(console, ROLE_DIM, "the mouse is %s",
                term_mouse(console->term) ? "the console's; Shift leaves it to the terminal"
                                          : "the terminal's");
    return CHANGED_SCREEN;
}
