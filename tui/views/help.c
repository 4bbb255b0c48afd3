/* help.c: the keys of a view, made from the table of commands. */
#include "tui/command.h"

typedef struct {
    Console *console;
    ViewId about;
    Doc *doc;
} Help;

static const char *const groups[] = {"The desk", "Views", "Lists and texts", "Moving about",
                                     "The console"};

static void
add_command(Help *help, guint index)
{
    g_autofree char *keys = keymap_keys(help->console->keymap, index);
    doc_indent(help->doc, 2, 33);
    doc_addf(help->doc, ROLE_KEY, "%-12s ", keys);
    doc_addf(help->doc, ROLE_STRONG, "%-17s ", commands[index].name);
    doc_add(help->doc, ROLE_TEXT, commands[index].help);
    doc_end(help->doc);
    doc_indent(help->doc, 0, 0);
}

/* "queue, history": where a command means something. Caller frees. */
static char *
view_names(guint views)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (ViewId id = 0; id < VIEW_COUNT; id++) {
        if (views & VIEW_BIT(id))
            g_string_append_printf(text, "%s%s", text->len ? ", " : "", view_ops(id)->name);
    }
    return g_strdup(text->str);
}

/* The commands of one group in a view; views 0: all that mean nothing in the view. */
static void
write_group(Help *help, const char *title, guint group, guint views)
{
    gboolean any = FALSE;
    for (guint i = 0; i < commands_count(); i++) {
        gboolean here = (commands[i].views & VIEW_BIT(help->about)) != 0;
        if ((views ? !here || commands[i].group != group : here) ||
            !commands_seen(help->console, &commands[i]))
            continue;
        if (!any)
            doc_heading(help->doc, title);
        any = TRUE;
        add_command(help, i);
        if (views)
            continue;
        g_autofree char *where = view_names(commands[i].views);
        doc_indent(help->doc, 33, 33);
        doc_addf(help->doc, ROLE_DIM, "in %s", where);
        doc_end(help->doc);
        doc_indent(help->doc, 0, 0);
    }
}

static void
write_help(Help *help)
{
    Doc *doc = help->doc;
    g_autofree char *late = wording_span(help->console->facts.late);
    g_autofree char *very_late = wording_span(help->console->facts.very_late);
    doc_clear(doc);
    doc_home(doc);
    doc_addf(doc, ROLE_TITLE, "Keys in %s", view_ops(help->about)->title);
    doc_end(doc);
    doc_line(doc, ROLE_DIM,
             "Every command also has its name behind ':'. '/' searches here. Keys are changed in "
             "[keys]; 'creditbot config keys' prints them all.");
    for (guint group = 0; group < G_N_ELEMENTS(groups); group++)
        write_group(help, groups[group], group, VIEW_BIT(help->about));
    write_group(help, "In other views", G_N_ELEMENTS(groups), 0);
    doc_heading(doc, "Signs");
    doc_addf(doc, ROLE_TEXT, "  !  late: waits for more than %s; red from %s on", late, very_late);
    doc_end(doc);
    doc_line(doc, ROLE_TEXT,
             "  ±95%  half of the interval that holds the true amount in 95 of 100 cases");
    doc_line(
        doc, ROLE_TEXT,
        "  !! break-glass  approved by one person alone, in an emergency; ':review' lists them");
    doc_line(doc, ROLE_TEXT,
             "  DRY RUN  nothing is sent to Slack; LIVE  what is approved is posted");
}

static gpointer
help_open(Console *console)
{
    Help *help = g_new0(Help, 1);
    help->console = console;
    help->doc = doc_new(grid_ascii(console->grid));
    write_help(help);
    return help;
}

static void
help_close(gpointer view)
{
    Help *help = view;
    doc_free(help->doc);
    g_free(help);
}

void
view_help_show(gpointer view, ViewId about)
{
    Help *help = view;
    help->about = about;
    write_help(help);
}

static void
help_refresh(gpointer view)
{
    (void)view;
}

static void
help_draw(gpointer view, Grid *grid, Rect area)
{
    Help *help = view;
    doc_draw(help->doc, grid, (Rect){area.x + 1, area.y + 1, area.w - 2, area.h - 1});
}

static Doc *
help_doc(gpointer view)
{
    Help *help = view;
    return help->doc;
}

static const char *const hints[] = {"back", "filter", "next", "palette", "quit", NULL};

const ViewOps view_help = {
    .name = "help",
    .title = "Help",
    .hints = hints,
    .open = help_open,
    .close = help_close,
    .refresh = help_refresh,
    .draw = help_draw,
    .doc = help_doc,
};
