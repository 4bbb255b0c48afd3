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
    doc_line(
        doc, ROLE_DIM,
        "Every command also has its name behind ':'. Keys are changed in [keys], as approve = a.");
    for (guint group = 0; group < G_N_ELEMENTS(groups); group++) {
        gboolean any = FALSE;
        for (guint i = 0; i < commands_count(); i++) {
            if (commands[i].group != group || !(commands[i].views & VIEW_BIT(help->about)))
                continue;
            if (!any)
                doc_heading(doc, groups[group]);
            any = TRUE;
            add_command(help, i);
        }
    }
    doc_heading(doc, "Signs");
    doc_addf(doc, ROLE_TEXT, "  !  late: waits for more than %s; red from %s on", late, very_late);
    doc_end(doc);
    doc_line(doc, ROLE_TEXT,
             "  ±95%  half of the interval that holds the true amount in 95 of 100 cases");
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
