/* remember.c: filter, order and preview of each view's list, kept until the next time. */
#include "tui/console_private.h"

#include <string.h>

static List *
list_of(Console *console, ViewId id)
{
    const ViewOps *ops = view_ops(id);
    return console->views[id] && ops->list ? ops->list(console->views[id]) : NULL;
}

static char *
group_of(ViewId id)
{
    return g_strconcat("view ", view_ops(id)->name, NULL);
}

static void
restore_filter(Console *console, List *list, const char *group)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *filter = settings_get(console->settings, group, "filter");
    if (!filter || !*filter)
        return;
    if (list_set_filter(list, filter, &error))
        console_say(console, ROLE_WARN, "filter from last time: %s; Esc clears it",
                    list_filter(list) ? list_filter(list) : "");
    else
        console_say(console, ROLE_WARN, "the filter from last time, '%s', is no longer one: %s",
                    filter, error->message);
}

static void
restore_order(Console *console, List *list, const char *group)
{
    g_autofree char *sort = settings_get(console->settings, group, "sort");
    g_autofree char *reverse = settings_get(console->settings, group, "reverse");
    int column = sort ? list_column_named(list, sort) : -1;
    if (sort && (column >= 0 || strcmp(sort, "-") == 0))
        list_sort(list, column, g_strcmp0(reverse, "true") == 0);
}

void
remember_restore(Console *console, ViewId id)
{
    List *list = list_of(console, id);
    g_autofree char *group = group_of(id);
    ListPreview preview;
    if (!list || !console->settings)
        return;
    g_autofree char *size = settings_get(console->settings, group, "preview");
    restore_order(console, list, group);
    if (preview_parse(size, &preview))
        list_set_preview(list, preview);
    restore_filter(console, list, group);
    console->remembered[id] = list_settings_serial(list);
}

void
remember_keep(Console *console, ViewId id)
{
    const List *list = list_of(console, id);
    g_autofree char *group = group_of(id);
    gboolean reverse;
    if (!list || !console->settings || list_settings_serial(list) == console->remembered[id])
        return;
    int column = list_sorted_by(list, &reverse);
    settings_set(console->settings, group, "filter", list_filter(list));
    settings_set(console->settings, group, "sort",
                 column < 0 ? "-" : list_column_name(list, column));
    settings_set(console->settings, group, "reverse", reverse ? "true" : "false");
    settings_set(console->settings, group, "preview", preview_name(list_preview(list)));
}
