/* gendoc.c: the hidden `creditbot gendoc`: manual page, bash completion and docs/commands.md, all
 * made from the command table. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "base/error.h"
#include "cli/session.h"

/* -- troff -- */
static void
roff_text(Out *out, const char *text)
{
    for (const char *at = text; *at; at++) {
        gboolean head = at == text || at[-1] == '\n';
        if (head && (*at == '.' || *at == '\''))
            out_printf(out, "\\&");
        if (*at == '\\')
            out_printf(out, "\\e");
        else if (*at == '-')
            out_printf(out, "\\-");
        else
            out_raw(out, at, 1);
    }
}

static void
man_options(Out *out, const OptSpec *specs)
{
    for (const OptSpec *spec = specs; spec && spec->name; spec++) {
        out_printf(out, ".TP\n.B ");
        if (spec->letter)
            out_printf(out, "\\-%c\\fR, \\fB", spec->letter);
        out_printf(out, "\\-\\-");
        roff_text(out, spec->name);
        if (spec->arg)
            out_printf(out, "\\fR=\\fI%s\\fR", spec->arg);
        out_line(out);
        roff_text(out, spec->help);
        out_line(out);
    }
}

static void
man_command(Out *out, const Command *command)
{
    out_printf(out, ".SS creditbot %s ", command->name);
    roff_text(out, command->args ? command->args : "");
    out_printf(out, "\n");
    roff_text(out, command->help);
    out_printf(out, ".\n");
    if (command->about) {
        out_printf(out, ".PP\n.nf\n");
        roff_text(out, command->about);
        out_printf(out, "\n.fi\n");
    }
    man_options(out, command->options);
}

static const char *const exit_codes[] = {
    "0",        "done",
    "1",        "done, but at least one request failed, or the one command did",
    "2",        "usage or configuration",
    "3",        "a dependency is unreachable or refuses our credentials",
    "4",        "another pass holds the lease",
    "5",        "the state is damaged or full, or the output cannot be written",
    "130, 143", "stopped by SIGINT or SIGTERM, after a clean stop (129: the terminal went away)",
};

static const char *const files[] = {
    "$CREDITBOT_CONFIG",
    "the configuration, when it is set",
    "$XDG_CONFIG_HOME/creditbot/creditbot.conf",
    "the configuration of a user",
    "/etc/creditbot/creditbot.conf",
    "the configuration of a host",
    "$XDG_STATE_HOME/creditbot/creditbot.db",
    "the state",
    "$XDG_STATE_HOME/creditbot/demo",
    "the state of the demo",
};

static const char *const environment[] = {
    "SLACK_BOT_TOKEN, LOOKER_CLIENT_ID, LOOKER_CLIENT_SECRET, PRESTO_USERNAME, PRESTO_PASSWORD",
    "credentials; also from a .env of mode 0600",
    "DRY_RUN",
    "true or false, wins over the configuration",
    "NO_COLOR",
    "when set, no colour anywhere",
};

static void
man_pairs(Out *out, const char *title, const char *const *pairs, gsize n)
{
    out_printf(out, ".SH %s\n", title);
    for (gsize i = 0; i + 1 < n; i += 2) {
        out_printf(out, ".TP\n.B ");
        roff_text(out, pairs[i]);
        out_line(out);
        roff_text(out, pairs[i + 1]);
        out_printf(out, ".\n");
    }
}

static void
print_man(Out *out)
{
    out_printf(out, ".TH CREDITBOT 1 \"\" \"creditbot %s\" \"User Commands\"\n", PACKAGE_VERSION);
    out_printf(out,
               ".SH NAME\ncreditbot \\- credit for toll fraud, from the request in Slack to the "
               "post\n.SH SYNOPSIS\n.B creditbot\n[\\fIOPTION\\fR]...\n.br\n.B creditbot "
               "\\-\\-batch\n[\\fB\\-\\-dry\\-run\\fR] [\\fB\\-\\-max\\fR \\fIN\\fR] "
               "[\\fB\\-\\-json\\fR]\n.br\n.B creditbot\n\\fICOMMAND\\fR [\\fIOPTION\\fR]... "
               "[\\fIARGUMENT\\fR]...\n");
    out_printf(out,
               ".SH DESCRIPTION\nFinds requests for credit in Slack channels, fetches the SQL "
               "behind their Looker\nlinks, has the warehouse run it, works out the credit, "
               "holds it for approval,\nposts it in the thread exactly once, and remembers it.\n"
               "Alone it is a console; with a command, or \\-\\-batch, it needs no terminal.\n"
               ".PP\nThe dry run is on until [general] dry_run=false.\n.SH OPTIONS\nThey stand "
               "before or after the command.\n");
    man_options(out, global_options);
    out_printf(out, ".SH COMMANDS\n");
    for (const Command *const *at = command_table; *at; at++) {
        if (!((*at)->flags & CMD_HIDDEN))
            man_command(out, *at);
    }
    man_pairs(out, "EXIT STATUS", exit_codes, G_N_ELEMENTS(exit_codes));
    man_pairs(out, "FILES", files, G_N_ELEMENTS(files));
    man_pairs(out, "ENVIRONMENT", environment, G_N_ELEMENTS(environment));
}

/* -- bash -- */
static void
bash_words(Out *out, const OptSpec *specs)
{
    for (const OptSpec *spec = specs; spec && spec->name; spec++)
        out_printf(out, " --%s%s", spec->name, spec->arg ? "=" : "");
}

static void
bash_case(Out *out, const Command *command)
{
    const char *completes = command->completes ? command->completes : "";
    out_printf(out, "    %s)\n        options=\"$options", command->name);
    bash_words(out, command->options);
    out_printf(out, "\"\n");
    if (g_str_has_prefix(completes, "words "))
        out_printf(out, "        words=\"%s\"\n", completes + strlen("words "));
    else if (g_str_has_prefix(completes, "ids "))
        out_printf(out, "        ids=\"%s\"\n", completes + strlen("ids "));
    out_printf(out, "        ;;\n");
}

static void
print_completion(Out *out)
{
    out_printf(out, "# bash completion for creditbot, made from its command table.\n# shellcheck "
                    "shell=bash disable=SC2207\n_creditbot() {\n"
                    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                    "    local command='' words='' ids='' options='' i demo=''\n"
                    "    [ \"$cur\" = = ] && cur=''\n"
                    "    [ \"$prev\" = = ] && prev=${COMP_WORDS[COMP_CWORD-2]}\n"
                    "    COMPREPLY=()\n    case $prev in\n");
    out_printf(out, "    --state)\n        COMPREPLY=($(compgen -W \"open closed");
    for (int i = 0; i < STATE_COUNT; i++)
        out_printf(out, " %s", state_name((RequestState)i));
    out_printf(out,
               "\" -- \"$cur\")); return ;;\n"
               "    --level|--log-level)\n        COMPREPLY=($(compgen -W \"trace debug info "
               "warn error\" -- \"$cur\")); return ;;\n"
               "    --theme)\n        COMPREPLY=($(compgen -W \"default high-contrast light mono "
               "$(cd \"${XDG_CONFIG_HOME:-$HOME/.config}/creditbot/themes\" 2>/dev/null && "
               "printf '%%s ' *.theme | sed 's/[.]theme//g; s/[*]//g')\" -- \"$cur\")); return ;;\n"
               "    --config|--sql|--notebook)\n        COMPREPLY=($(compgen -f -- \"$cur\")); "
               "return ;;\n    esac\n");
    out_printf(out, "    for ((i = 1; i < COMP_CWORD; i++)); do\n        case ${COMP_WORDS[i]} in\n"
                    "        --demo) demo=--demo ;;\n        -*|=) ;;\n"
                    "        *) command=${COMP_WORDS[i]}; break ;;\n        esac\n    done\n"
                    "    options=\"");
    bash_words(out, global_options);
    out_printf(out, "\"\n    case $command in\n    '')\n        words=\"");
    for (const Command *const *at = command_table; *at; at++) {
        if (!((*at)->flags & CMD_HIDDEN))
            out_printf(out, "%s ", (*at)->name);
    }
    out_printf(out, "\"\n        ;;\n");
    for (const Command *const *at = command_table; *at; at++) {
        if (!((*at)->flags & CMD_HIDDEN))
            bash_case(out, *at);
    }
    out_printf(out, "    esac\n    if [ -n \"$ids\" ]; then\n"
                    "        words=$(\"${COMP_WORDS[0]}\" $demo list --ids --state "
                    "\"${ids// /,}\" 2>/dev/null)\n    fi\n"
                    "    if [[ $cur == -* ]]; then\n"
                    "        COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
                    "        [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace\n    else\n"
                    "        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
                    "        [ \"$command\" = state ] && COMPREPLY+=($(compgen -f -- \"$cur\"))\n"
                    "    fi\n}\ncomplete -F _creditbot creditbot\n");
}

/* -- Markdown -- */
static void
md_options(Out *out, const OptSpec *specs)
{
    out_printf(out, "\n| option | |\n|---|---|\n");
    for (const OptSpec *spec = specs; spec && spec->name; spec++) {
        out_printf(out, "| `");
        if (spec->letter)
            out_printf(out, "-%c`, `", spec->letter);
        out_printf(out, "--%s%s%s` | %s |\n", spec->name, spec->arg ? "=" : "",
                   spec->arg ? spec->arg : "", spec->help);
    }
}

static void
print_markdown(Out *out)
{
    out_printf(
        out,
        "# The commands\n\nMade from the command table (`creditbot gendoc markdown`); "
        "`creditbot COMMAND --help` and creditbot(1)\nsay the same. The shapes of `--json` are "
        "in [json.md](json.md).\n\n## Global options\n\nThey stand before or after the "
        "command.\n");
    md_options(out, global_options);
    out_printf(out, "\n## Exit codes\n\n| code | |\n|---|---|\n");
    for (gsize i = 0; i < G_N_ELEMENTS(exit_codes); i += 2)
        out_printf(out, "| %s | %s |\n", exit_codes[i], exit_codes[i + 1]);
    out_printf(out, "\n## Overview\n\n| command | | JSON |\n|---|---|---|\n");
    for (const Command *const *at = command_table; *at; at++) {
        if (!((*at)->flags & CMD_HIDDEN))
            out_printf(out, "| [%s](#%s) | %s | %s |\n", (*at)->name, (*at)->name, (*at)->help,
                       (*at)->flags & CMD_JSON ? "yes" : "");
    }
    for (const Command *const *at = command_table; *at; at++) {
        const Command *command = *at;
        if (command->flags & CMD_HIDDEN)
            continue;
        out_printf(out, "\n## %s\n\n`creditbot %s%s%s`\n\n%s.\n", command->name, command->name,
                   command->args ? " " : "", command->args ? command->args : "", command->help);
        if (command->about)
            out_printf(out, "\n```text\n%s\n```\n", command->about);
        if (command->options)
            md_options(out, command->options);
    }
}

static const struct {
    const char *name;
    void (*print)(Out *out);
} documents[] = {
    {"completion", print_completion},
    {"man", print_man},
    {"markdown", print_markdown},
};

static int
run(Session *session, const void *options, char **args, GError **error)
{
    (void)options;
    for (gsize i = 0; i < G_N_ELEMENTS(documents); i++) {
        if (strcmp(documents[i].name, args[0]) == 0) {
            documents[i].print(session->out);
            return 0;
        }
    }
    g_set_error(error, CREDITBOT_ERROR, ERR_USAGE,
                "creditbot gendoc makes completion, man or markdown, not '%s'", args[0]);
    return 2;
}

const Command command_gendoc = {
    .name = "gendoc",
    .args = "completion|man|markdown",
    .help = "print a document made from the command table",
    .min_args = 1,
    .max_args = 1,
    .flags = CMD_HIDDEN | CMD_BATCH_OK,
    .func = run,
};
