/* command_list.c: the commands that every list has: filter, search, order, marks, columns, pause
 * and preview. */
#include "tui/command.h"
#include "tui/widgets/dialogs.h"

#include <string.h>

List *
console_list(Console *console)
{
    const ViewOps *ops = console_ops(console);
    return ops->list ? ops->list(console_view(console)) : NULL;
}

GArray *
console_marked(Console *console)
{
    List *list = console_list(console);
    return list ? list_marked(list, NULL) : g_array_new(FALSE, FALSE, sizeof(gint64));
}

/* Tells the view that its selection moved. */
static guint
moved(Console *console)
{
    const ViewOps *ops = console_ops(console);
    return CHANGED_SCREEN | (ops->moved ? ops->moved(console_view(console)) : 0);
}

/* -- filter and search -- */

/* A text that was typed leaves rows out here; elsewhere it is searched for. */
static gboolean
filters_here(Console *console)
{
    return console_list(console) || console_ops(console)->filtered;
}

/* FALSE with an error: what is shown stays. A view without a list has a filter of its own. */
static gboolean
set_filter(Console *console, const char *text, GError **error)
{
    const ViewOps *ops = console_ops(console);
    List *list = console_list(console);
    g_autoptr(Query) query =
        list ? query_parse(text ? text : "", list_fields(list), console_now(console), error) : NULL;
    if (list && !query)
        return FALSE;
    if (ops->filter && !ops->filter(console_view(console), text, error))
        return FALSE;
    if (list && !ops->filter)
        list_set_filter(list, text, NULL);
    moved(console);
    return TRUE;
}

void
console_clear_filter(Console *console)
{
    set_filter(console, NULL, NULL);
}

static Doc *
doc_here(Console *console)
{
    const ViewOps *ops = console_ops(console);
    return ops->doc ? ops->doc(console_view(console)) : NULL;
}

guint
cmd_find(Console *console, int direction, const char *args)
{
    List *list = console_list(console);
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

static char *
check_filter(Console *console, const char *text, gint64 data)
{
    g_autoptr(GError) error = NULL;
    (void)data;
    return set_filter(console, text, &error) || !error ? NULL : g_strdup(error->message);
}

static char **
complete_filter(Console *console, const char *text, gsize cursor, gsize *from, gint64 data)
{
    List *list = console_list(console);
    const QueryField *fields = console_ops(console)->fields;
    (void)data;
    if (list)
        return list_complete(list, text, cursor, from);
    return fields ? query_complete(text, cursor, fields, NULL, NULL, from) : NULL;
}

static guint
filter_finished(Console *console, const char *text, gint64 data)
{
    g_autoptr(GError) error = NULL;
    (void)data;
    if (!text)
        return CHANGED_SCREEN;
    g_free(console->search);
    console->search = g_strdup(text[0] == '!' ? text + 1 : text);
    if (!set_filter(console, text, &error))
        console_say_error(console, "filter", error);
    return CHANGED_SCREEN;
}

static guint
search_finished(Console *console, const char *text, gint64 data)
{
    (void)data;
    if (!text)
        return CHANGED_SCREEN;
    g_free(console->search);
    console->search = g_strdup(text);
    return *text ? cmd_find(console, 1, "") : CHANGED_SCREEN;
}

guint
cmd_filter(Console *console, int by, const char *args)
{
    List *list = console_list(console);
    const ViewOps *ops = console_ops(console);
    const char *now = list            ? list_filter(list)
                      : ops->filtered ? ops->filtered(console_view(console))
                                      : NULL;
    const PromptSpec filter = {.label = "Filter:",
                               .text = now,
                               .done = filter_finished,
                               .check = check_filter,
                               .complete = complete_filter,
                               .restore = TRUE};
    const PromptSpec search = {.label = "Search:", .done = search_finished};
    (void)by;
    if (*args)
        return filters_here(console) ? filter_finished(console, args, 0)
                                     : search_finished(console, args, 0);
    return prompt_ask(console, filters_here(console) ? &filter : &search);
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

static guint
refuse_column(Console *console, const List *list, int column)
{
    g_autoptr(GString) can = g_string_new(NULL);
    for (guint i = 0; i < list_spec(list)->n_columns; i++) {
        if (list_sortable(list, (int)i))
            g_string_append_printf(can, "%s%s", can->len ? ", " : "",
                                   list_column_name(list, (int)i));
    }
    console_say(console, ROLE_WARN, "this list cannot be sorted by %s; it can by %s",
                list_column_name(list, column), can->len ? can->str : "nothing");
    return CHANGED_SCREEN;
}

static guint
sort_by(Console *console, List *list, int column)
{
    gboolean reverse;
    gboolean again = list_sorted_by(list, &reverse) == column;
    if (!list_sortable(list, column))
        return refuse_column(console, list, column);
    list_sort(list, column, again && !reverse);
    return say_order(console, list);
}

/* A view may have an order of its own to turn. */
static gboolean
view_takes(Console *console, const char *what)
{
    const ViewOps *ops = console_ops(console);
    return ops->adjust && ops->adjust(console_view(console), what, 1) != CHANGED_UNUSED;
}

guint
cmd_sort(Console *console, int by, const char *args)
{
    List *list = console_list(console);
    (void)by;
    if (!list || view_takes(console, "sort"))
        return CHANGED_SCREEN;
    g_auto(GStrv) words = g_strsplit(args, " ", 2);
    int column = *args ? list_column_named(list, words[0]) : list_column(list);
    if (*args && column < 0) {
        console_say(console, ROLE_WARN, "no column is named '%s'", words[0]);
        return CHANGED_SCREEN;
    }
    if (column >= 0 && list_sortable(list, column) && words[0] && words[1] &&
        g_str_has_prefix("reverse", words[1])) {
        list_sort(list, column, TRUE);
        return say_order(console, list);
    }
    if (column >= 0)
        return sort_by(console, list, column);
    list_sort_next(list);
    return say_order(console, list);
}

guint
cmd_reverse(Console *console, int by, const char *args)
{
    List *list = console_list(console);
    (void)by;
    (void)args;
    if (!list || view_takes(console, "reverse"))
        return CHANGED_SCREEN;
    list_sort_reverse(list);
    return say_order(console, list);
}

/* -- columns -- */

guint
cmd_column(Console *console, int direction, const char *args)
{
    List *list = console_list(console);
    (void)args;
    list_pick_column(list, direction);
    int column = list_column(list);
    g_autofree char *key = keymap_first(console->keymap, (guint)commands_find("sort"));
    console_say(console, ROLE_DIM,
                list_sortable(list, column) ? "column %s: %s sorts by it" : "column %s%.0s",
                list_column_name(list, column), key);
    return CHANGED_SCREEN;
}

guint
cmd_scroll(Console *console, int direction, const char *args)
{
    (void)args;
    if (!list_scroll(console_list(console), direction))
        console_say(console, ROLE_DIM,
                    direction < 0 ? "the first columns are shown already"
                                  : "no columns lie further to the right");
    return CHANGED_SCREEN;
}

/* -- marks -- */

guint
cmd_mark(Console *console, int by, const char *args)
{
    List *list = console_list(console);
    Doc *doc = list ? NULL : doc_here(console);
    const ViewOps *ops = console_ops(console);
    (void)by;
    (void)args;
    if (ops->go)
        return ops->go(console_view(console), GO_MARK, 1);
    if (doc)
        doc_page(doc, 1);
    if (!list)
        return CHANGED_SCREEN;
    list_mark(list);
    list_move(list, 1);
    return moved(console);
}

guint
cmd_mark_many(Console *console, int how, const char *args)
{
    static void (*const marks[])(List *) = {list_mark_range, list_mark_all, list_mark_invert,
                                            list_mark_clear};
    List *list = console_list(console);
    (void)args;
    marks[how](list);
    if (how == 1 && (list_more_before(list) || list_more_after(list)))
        console_say(console, ROLE_WARN,
                    "%u rows are loaded and marked; the list goes on beyond them",
                    list_count(list));
    return CHANGED_SCREEN;
}

/* -- pause -- */

guint
cmd_freeze(Console *console, int by, const char *args)
{
    List *list = console_list(console);
    gboolean paused = !list_paused(list);
    g_autofree char *key = keymap_first(console->keymap, (guint)commands_find("freeze"));
    (void)by;
    (void)args;
    list_set_paused(list, paused);
    if (paused)
        console_say(console, ROLE_WARN, "the list stands still; %s lets it go on", key);
    else
        console_say(console, ROLE_DIM, "the list goes on");
    return moved(console);
}

void
console_say_outdated(Console *console)
{
    const List *list = console_list(console);
    const Request *request = console_request(console);
    if (list && request && list_paused(list) && list_outdated(list))
        console_say(console, ROLE_WARN,
                    "%" G_GINT64_FORMAT " has changed since the list stands still: now %s",
                    request->id,
                    request == list_selected(list) ? "gone from it" : state_name(request->state));
}

/* -- preview -- */

guint
cmd_preview(Console *console, int by, const char *args)
{
    List *list = console_list(console);
    ListPreview preview = (ListPreview)((list_preview(list) + 1) % PREVIEW_COUNT);
    (void)by;
    if (*args && !preview_parse(args, &preview)) {
        console_say(console, ROLE_WARN, "preview is one of normal, large, off");
        return CHANGED_SCREEN;
    }
    list_set_preview(list, preview);
    console_say(console, ROLE_DIM, "preview: %s", preview_name(preview));
    return CHANGED_SCREEN;
}
