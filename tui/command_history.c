/* command_history.c: the commands of the history: its pane, its range of time, and evidence. */
#include "tui/command.h"
#include "tui/views/request.h"

#include <string.h>

guint
cmd_chart(Console *console, int by, const char *args)
{
    const ViewOps *ops = console_ops(console);
    (void)by;
    (void)args;
    return ops->adjust ? ops->adjust(console_view(console), "chart", 0) : CHANGED_UNUSED;
}

guint
cmd_evidence(Console *console, int by, const char *args)
{
    const Request *request = console_request(console);
    (void)by;
    (void)args;
    guint changed = view_request_open(console, request->id);
    if (changed)
        view_request.adjust(console_view_data(console, VIEW_REQUEST), "section", SECTION_EVIDENCE);
    return changed;
}

/* "since last week", "since 2d", "since 2026-09-01..2026-09-14", as a term of the filter, which
 * keeps its other terms; without words the range is taken away. */
guint
cmd_since(Console *console, int by, const char *args)
{
    List *list = console_list(console);
    g_autoptr(GError) error = NULL;
    (void)by;
    if (!list)
        return CHANGED_UNUSED;
    const char *filter = list_filter(list);
    g_autoptr(GString) text = g_string_new(filter ? filter : "");
    char *begin = strstr(text->str, "decided:");
    if (begin) {
        char *end = begin + strlen("decided:");
        gboolean quoted = FALSE;
        for (; *end && (quoted || *end != ' '); end++)
            quoted = quoted != (*end == '"');
        g_string_erase(text, begin - text->str, end - begin + (*end == ' '));
        g_strchomp(text->str);
        text->len = strlen(text->str);
    }
    gboolean day = strstr(args, "..") == NULL &&
                   (g_ascii_isdigit(*args) ? strchr(args, '-') != NULL
                                           : g_ascii_strcasecmp(args, "yesterday") == 0);
    if (*args)
        g_string_append_printf(text, "%sdecided:\"%s%s\"", text->len ? " " : "", args,
                               day ? ".." : "");
    if (!list_set_filter(list, text->str, &error))
        console_say_error(console, "since", error);
    return CHANGED_SCREEN;
}
