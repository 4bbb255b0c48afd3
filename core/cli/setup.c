/* setup.c: `creditbot setup`: the questions of the first run, for one more configuration too. */
#include "base/error.h"
#include "cli/session.h"

typedef struct {
    char *slack_url;
} Options;

static const OptSpec specs[] = {
    {"slack-url", 0, OPT_TEXT, G_STRUCT_OFFSET(Options, slack_url), "URL",
     "another Slack API than https://slack.com/api, as GovSlack's"},
    {NULL, 0, OPT_FLAG, 0, NULL, NULL},
};

static int
run(Session *session, const void *data, char **args, GError **error)
{
    const Options *options = data;
    g_autofree char *path = session_config_path(session);
    (void)args;
    if (session->globals->demo) {
        g_set_error_literal(error, CREDITBOT_ERROR, ERR_USAGE,
                            "the demo needs no set-up: creditbot --demo");
        return 2;
    }
    switch (session_console_setup(session, options->slack_url, FALSE, error)) {
    case SETUP_WAY_WRITTEN:
        out_printf(session->out,
                   "%s is written. creditbot opens the console, creditbot doctor tries it all "
                   "again,\ncreditbot --batch makes a pass; nothing is posted before "
                   "[general] dry_run=false.\n",
                   path);
        return 0;
    case SETUP_WAY_LEFT:
        out_printf(session->out, "Nothing was written.\n");
        return session->setup_signal ? 128 + session->setup_signal : 0;
    default:
        return 2;
    }
}

const Command command_setup = {
    .name = "setup",
    .help = "ask for what is needed, try it, write the configuration",
    .about =
        "Asks on a terminal for Slack, Looker and the warehouse, tries each at once, and writes\n"
        "the file that --config names, else the one that creditbot would read first, with mode\n"
        "0600. A file that is there is never touched. Secrets are not echoed.\n"
        "\n"
        "The console does the same by itself when there is no configuration yet.",
    .options = specs,
    .options_size = sizeof(Options),
    .flags = 0,
    .func = run,
};
