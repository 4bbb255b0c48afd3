/* command_move.c: the commands that move about, filter, sort and leave. */
#include "tui/command.h"
#include "tui/widgets/dialogs.h"

#include <string.h>

static List *
list_here(Console *console)
{
    const ViewOps *ops = console_ops(console);
    return ops->list ? ops->list(console_view(console)) : NULL;
}

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
    List *list = list_here(console);
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
    List *list = list_here(console);
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

static guint
set_filter(Console *console, const char *text)
{
    const ViewOps *ops = console_ops(console);
    List *list = list_here(console);
    if (ops->filter)
        return ops->filter(console_view(console), text);
    if (list)
        list_set_filter(list, text);
    return moved(console);
}

guint
cmd_back(Console *console, int by, const char *args)
{
    List *list = list_here(console);
    (void)by;
    (void)args;
    const ViewOps *ops = console_ops(console);
    if (list && list_filter(list))
        return set_filter(console, NULL);
    if (ops->go && ops->adjust(console_view(console), "back", 0) != CHANGED_UNUSED)
        return CHANGED_SCREEN;
    if (console->here != VIEW_QUEUE)
        console_show(console, console->here == VIEW_REQUEST || console->here == VIEW_HELP
                                  ? console->before
                                  : VIEW_QUEUE);
    return CHANGED_SCREEN;
}

/* -- filter and search -- */

guint
cmd_find(Console *console, int direction, const char *args)
{
    List *list = list_here(console);
    Doc *doc = list ? NULL : doc_here(console);
    const char *text = console->search;
    const ViewOps *ops = console_ops(console);
    (void)args;
    if (ops->go)
        return ops->go(console_view(console), GO_FIND, direction);
    if (!text || !*text) {
        console_say(console, ROLE_WARN, "nothing was searched for yet");
        return CHANGED_SCREEN;
    }
    gboolean found =
        list ? list_find(list, text, direction) : doc && doc_find(doc, text, direction);
    if (!found)
        console_say(console, ROLE_WARN, "'%s' is not here", text);
    return moved(console);
}

/* A text that was typed leaves rows out here; elsewhere it is searched for. */
static gboolean
filters_here(Console *console)
{
    return list_here(console) || console_ops(console)->filtered;
}

static guint
typed(Console *console, const char *text, gint64 data)
{
    (void)data;
    return filters_here(console) ? set_filter(console, text) : CHANGED_NOTHING;
}

static guint
finished(Console *console, const char *text, gint64 before)
{
    (void)before;
    if (!text)
        return filters_here(console) ? set_filter(console, NULL) : CHANGED_SCREEN;
    g_free(console->search);
    console->search = g_strdup(text[0] == '!' ? text + 1 : text);
    if (filters_here(console))
        return set_filter(console, text);
    return *text ? cmd_find(console, 1, "") : CHANGED_SCREEN;
}

guint
cmd_filter(Console *console, int by, const char *args)
{
    List *list = list_here(console);
    const ViewOps *ops = console_ops(console);
    const char *now = list            ? list_filter(list)
                      : ops->filtered ? ops->filtered(console_view(console))
                                      : NULL;
    (void)by;
    if (*args)
        return finished(console, args, 0);
    return prompt_open(console, filters_here(console) ? "Filter:" : "Search:", now, finished, typed,
                       0);
}

/* -- order -- */

static guint
say_order(Console *console, const List *list)
{
    gboolean reverse;
    int column = list_sorted_by(list, &reverse);
    const char *name = column < 0 ? "as they came" : list_column_name(list, column);
    console_say(console, ROLE_DIM, "sorted by %s%s", name,
                reverse && column >= 0 ? ", reversed" : "");
    return moved(console);
}

guint
cmd_sort(Console *console, int by, const char *args)
{
    List *list = list_here(console);
    const ViewOps *ops = console_ops(console);
    (void)by;
    if (!list)
        return CHANGED_NOTHING;
    if (ops->adjust && ops->adjust(console_view(console), "sort", 1) != CHANGED_UNUSED)
        return CHANGED_SCREEN;
    if (*args && list_column_named(list, args) < 0) {
        console_say(console, ROLE_WARN, "no column is named '%s'", args);
        return CHANGED_SCREEN;
    }
    if (*args)
        list_sort(list, list_column_named(list, args), FALSE);
    else
        list_sort_next(list);
    return say_order(console, list);
}

guint
cmd_reverse(Console *console, int by, const char *args)
{
    List *list = list_here(console);
    const ViewOps *ops = console_ops(console);
    (void)by;
    (void)args;
    if (!list)
        return CHANGED_NOTHING;
    if (ops->adjust && ops->adjust(console_view(console), "reverse", 1) != CHANGED_UNUSED)
        return CHANGED_SCREEN;
    list_sort_reverse(list);
    return say_order(console, list);
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
    Theme *theme = theme_load(*args ? args : "default", &error);
    (void)by;
    if (!theme) {
        console_say_error(console, "theme", error);
        return CHANGED_SCREEN;
    }
    if (console->term)
        term_set_theme(console->term, theme);
    theme_free(console->theme);
    console->theme = theme;
    console_say(console, ROLE_DIM, "theme %s", theme->name);
    return CHANGED_SCREEN;
}
