/* command.c: the one table of commands, and the help made from it. */
#include "cli/command.h"

#include <string.h>

#include "base/text.h"
#include "cli/session.h"

const Command *const command_table[] = {
    &command_approve, &command_batch,    &command_calc,
    &command_cancel,  &command_config,   &command_console,
    &command_correct, &command_doctor,   &command_gendoc,
    &command_history, &command_link,     &command_list,
    &command_logs,    &command_override, &command_pause,
    &command_reject,  &command_release,  &command_rerun,
    &command_resume,  &command_retry,    &command_review,
    &command_setup,   &command_show,     &command_state,
    &command_stats,   &command_trigger,  NULL,
};

static gboolean
has_alias(const Command *command, const char *name)
{
    if (!command->aliases)
        return FALSE;
    g_auto(GStrv) aliases = g_strsplit(command->aliases, " ", -1);
    return g_strv_contains((const char *const *)aliases, name);
}

const Command *
command_find(const char *name)
{
    for (const Command *const *at = command_table; *at; at++) {
        if (strcmp((*at)->name, name) == 0 || has_alias(*at, name))
            return *at;
    }
    return NULL;
}

const char *
command_nearest(const char *name)
{
    const char *names[64];
    gsize n = 0;
    for (const Command *const *at = command_table; *at && n + 1 < G_N_ELEMENTS(names); at++) {
        if (!((*at)->flags & CMD_HIDDEN))
            names[n++] = (*at)->name;
    }
    names[n] = NULL;
    return text_nearest(name, names);
}

static void
print_options(Out *out, const OptSpec *specs)
{
    for (const OptSpec *spec = specs; spec && spec->name; spec++) {
        g_autofree char *words = g_strdup_printf(
            "%c%c%c --%s%s%s", spec->letter ? '-' : ' ', spec->letter ? spec->letter : ' ',
            spec->letter ? ',' : ' ', spec->name, spec->arg ? "=" : "", spec->arg ? spec->arg : "");
        out_printf(out, "  %-26s %s\n", words, spec->help);
    }
}

static void
print_paragraphs(Out *out, const char *text)
{
    out_line(out);
    out_printf(out, "%s\n", text);
}

void
command_help_all(Out *out)
{
    out_printf(out, "creditbot: credit for toll fraud, from the request in Slack to the post\n\n"
                    "Usage:\n"
                    "  creditbot                      the console\n"
                    "  creditbot --batch [OPTIONS]    one pass, then exit\n"
                    "  creditbot --demo [...]         the same on an embedded sandbox\n"
                    "  creditbot COMMAND [...]\n\nCommands:\n");
    for (const Command *const *at = command_table; *at; at++) {
        if ((*at)->flags & CMD_HIDDEN)
            continue;
        out_printf(out, "  %-10s %s\n", (*at)->name, (*at)->help);
    }
    out_printf(out, "\nOptions, before or after the command:\n");
    print_options(out, global_options);
    out_printf(out,
               "\nExit codes: 0 done; 1 done, but something failed; 2 usage or configuration;\n"
               "3 a service is unreachable or refuses us; 4 another pass runs; 5 the state is\n"
               "damaged or full; 130, 143 stopped by a signal.\n\n"
               "creditbot COMMAND --help tells more about a command; see also creditbot(1).\n");
}

void
command_help(Out *out, const Command *command)
{
    out_printf(out, "creditbot %s: %s\n\nUsage:\n  creditbot %s%s%s%s\n", command->name,
               command->help, command->name, command->options ? " [OPTIONS]" : "",
               command->args ? " " : "", command->args ? command->args : "");
    if (command->aliases)
        out_printf(out, "\nAlso: %s\n", command->aliases);
    if (command->about)
        print_paragraphs(out, command->about);
    if (command->options) {
        out_printf(out, "\nOptions:\n");
        print_options(out, command->options);
    }
    out_printf(out, "\nThe options of every command: creditbot --help%s\n",
               command->flags & CMD_JSON ? "; --json is documented in docs/json.md" : "");
}
