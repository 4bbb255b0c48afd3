/* rerun.c: `creditbot rerun ID`: the SQL fetched anew, the query run anew. */
#include <string.h>

#include "base/error.h"
#include "base/money.h"
#include "cli/present.h"
#include "cli/progress.h"
#include "cli/session.h"

typedef struct {
    char **set;
} Options;

static const OptSpec specs[] = {
    {"set", 0, OPT_TEXTS, G_STRUCT_OFFSET(Options, set), "KEY=VALUE",
     "another value of a [calculator] key, for this run only"},
    {NULL},
};

static GHashTable *
overrides_of(char **words, GError **error)
{
    g_autoptr(GHashTable) table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (char **word = words; word && *word; word++) {
        const char *equals = strchr(*word, '=');
        if (!equals || equals == *word) {
            g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "--set wants KEY=VALUE, not '%s'",
                        *word);
            return NULL;
        }
        g_hash_table_insert(table, g_strndup(*word, (gsize)(equals - *word)), g_strdup(equals + 1));
    }
    return g_steal_pointer(&table);
}

static void
print_run(Out *out, const Run *run, const Request *before)
{
    g_autofree char *amount = present_money(run->amount, run->currency);
    g_autofree char *low = money_display(run->low), *high = money_display(run->high);
    out_printf(
        out, "Run %" G_GINT64_FORMAT "%s: %s, between %s and %s, from %" G_GINT64_FORMAT " rows.\n",
        run->number, run->dry ? " (DRY RUN: the request is left alone)" : "", amount, low, high,
        run->rows);
    if (!before->has_amount)
        return;
    g_autofree char *old = present_amount(before);
    if (before->amount == run->amount)
        out_printf(out, "The amount is what it was.\n");
    else
        out_printf(out, "Run %" G_GINT64_FORMAT " had %s.%s\n", before->run_number, old,
                   !run->dry && before->approvals ? " Its approval is void." : "");
}

static int
run(Session *session, const void *data, char **args, GError **error)
{
    const Options *options = data;
    gint64 id = 0;
    gboolean dry = session->globals->dry_run;
    if (!session_id(args[0], &id, error))
        return 2;
    g_autoptr(GHashTable) overrides = overrides_of(options->set, error);
    if (!overrides || !session_desk(session, FALSE, error))
        return 2;
    g_autoptr(Request) before = store_request_get(desk_store(session->desk), id, error);
    if (!before)
        return 1;
    progress_watch(session);
    g_autoptr(Run) fresh =
        desk_rerun(session->desk, id, dry, g_hash_table_size(overrides) ? overrides : NULL,
                   session->cancel, error);
    progress_end(session);
    if (!fresh)
        return 1;
    gboolean done = g_strcmp0(fresh->status, "done") == 0;
    if (session->globals->json) {
        out_json(session->out, run_to_json(fresh));
    } else if (done) {
        print_run(session->out, fresh, before);
    } else {
        out_printf(session->out, "Run %" G_GINT64_FORMAT " %s: ", fresh->number, fresh->status);
        out_text(session->out, ROLE_BAD, fresh->error);
        out_line(session->out);
    }
    return session_stopped(session, done ? 0 : 1);
}

const Command command_rerun = {
    .name = "rerun",
    .args = "ID",
    .help = "work a request out anew",
    .about =
        "Fetches the SQL again and runs it. A run with another amount voids the approvals that\n"
        "were given. With --dry-run the run is recorded and the request is left alone.",
    .options = specs,
    .options_size = sizeof(Options),
    .min_args = 1,
    .max_args = 1,
    .flags = CMD_NEEDS_ID | CMD_JSON | CMD_DRY | CMD_LONG | CMD_BATCH_OK,
    .completes = "ids pending approved failed dead",
    .func = run,
};
