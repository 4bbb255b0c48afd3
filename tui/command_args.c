/* command_args.c: one line for each command that takes something after its name. */
#include "tui/command_args.h"

#include <string.h>

typedef char **(*Candidates)(Console *console);

static char **
theme_candidates(Console *console)
{
    (void)console;
    return theme_names();
}

/* The columns that this view's list can be sorted by. */
static char **
column_candidates(Console *console)
{
    const ViewOps *ops = console_ops(console);
    List *list = ops->list ? ops->list(console_view(console)) : NULL;
    GPtrArray *names = g_ptr_array_new();
    for (int i = 0; list && i < (int)list_n_columns(list); i++) {
        if (list_sortable(list, i))
            g_ptr_array_add(names, g_ascii_strdown(list_column_name(list, i), -1));
    }
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}

static char **
copy_candidates(Console *console)
{
    (void)console;
    return g_strsplit("amount sql post message digest evidence to-sign", " ", -1);
}

static char **
pager_candidates(Console *console)
{
    (void)console;
    return g_strsplit("sql message result events log evidence", " ", -1);
}

static const struct {
    const char *name, *args;
    Candidates candidates; /* NULL: anything */
} takes[] = {
    {"approve", "[REASON]", NULL},
    {"break-glass", "[REASON]", NULL},
    {"compare", "RUN RUN", NULL},
    {"copy-part", "PART", copy_candidates},
    {"dry-run", "[KEY=VALUE …]", NULL},
    {"export", "FILE", NULL},
    {"filter", "FILTER", NULL},
    {"give-link", "[URL]", NULL},
    {"pager", "PART", pager_candidates},
    {"pause", "[REASON]", NULL},
    {"reject", "[REASON]", NULL},
    {"rerun", "[KEY=VALUE …]", NULL},
    {"sort", "[COLUMN]", column_candidates},
    {"theme", "[NAME]", theme_candidates},
    {"to-sign", "[FILE]", NULL},
};

const char *
command_args(const Command *command)
{
    for (guint i = 0; i < G_N_ELEMENTS(takes); i++) {
        if (strcmp(takes[i].name, command->name) == 0)
            return takes[i].args;
    }
    return NULL;
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char **
command_args_complete(Console *console, const Command *command, const char *typed)
{
    Candidates candidates = NULL;
    for (guint i = 0; i < G_N_ELEMENTS(takes); i++) {
        if (strcmp(takes[i].name, command->name) == 0)
            candidates = takes[i].candidates;
    }
    if (!candidates)
        return NULL;
    g_auto(GStrv) all = candidates(console);
    GPtrArray *fitting = g_ptr_array_new();
    for (char **name = all; *name; name++) {
        if (g_str_has_prefix(*name, typed))
            g_ptr_array_add(fitting, g_strdup(*name));
    }
    g_ptr_array_sort(fitting, compare_names);
    g_ptr_array_add(fitting, NULL);
    return (char **)g_ptr_array_free(fitting, FALSE);
}
