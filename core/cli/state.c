/* state.c: `creditbot state …`: the whole state in and out, copies, proof, retention. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/failpoint.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/state_head.h"
#include "cli/witness.h"
#include "engine/desk.h"

#define MOST_JSON ((gsize)256 << 20)

typedef struct {
    gboolean processed, yes, against_slack;
    char *before, *since, *head;
} Options;

static const OptSpec specs[] = {
    {"against-slack", 0, OPT_FLAG, G_STRUCT_OFFSET(Options, against_slack), NULL,
     "verify: also read the threads, whose posts carry records of the log"},
    {"before", 0, OPT_TEXT, G_STRUCT_OFFSET(Options, before), "AGE",
     "prune: what is older than this, as 90d or a date (required)"},
    {"head", 0, OPT_TEXT, G_STRUCT_OFFSET(Options, head), "FILE",
     "verify: the log must go through this head of a backup, as FILE.head holds it"},
    {"processed", 0, OPT_FLAG, G_STRUCT_OFFSET(Options, processed), NULL,
     "export: in the shape of processed_messages.json"},
    {"since", 0, OPT_TEXT, G_STRUCT_OFFSET(Options, since), "TIME",
     "verify --against-slack: only messages and posts since then, as 90d or a date"},
    {"yes", 'y', OPT_FLAG, G_STRUCT_OFFSET(Options, yes), NULL,
     "restore: the present state is set aside, and you mean it"},
    {NULL},
};

static gboolean
fail_file(const char *what, const char *path, int code, GError **error)
{
    g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "cannot %s %s: %s", what, path,
                g_strerror(code));
    return FALSE;
}

/* One object with --json, one sentence without; takes the sentence. */
static void
say(Session *session, const char *name, gint64 n, char *words)
{
    if (session->globals->json) {
        cJSON *json = cJSON_CreateObject();
        cJSON_AddBoolToObject(json, "ok", TRUE);
        if (name)
            json_add_int(json, name, n);
        out_json(session->out, json);
    } else {
        out_text(session->out, ROLE_PLAIN, words);
        out_line(session->out);
    }
    g_free(words);
}

/* Beside its place first, so that a half-written export never carries the name. */
static gboolean
export_to(Store *store, const char *path, GError **error)
{
    g_autofree char *temp = g_strdup_printf("%s.%ld.tmp", path, (long)getpid());
    int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail_file("write", temp, errno, error);
    failpoint("whole:begun");
    gboolean done = store_export_all(store, fd, error);
    failpoint("whole:written");
    if (done && fsync(fd) != 0)
        done = fail_file("write", temp, errno, error);
    close(fd);
    if (done && rename(temp, path) != 0)
        done = fail_file("rename to", path, errno, error);
    failpoint("whole:named");
    if (!done)
        unlink(temp);
    return done;
}

/* The processed file is written by the store itself; for stdout it makes a detour. */
static gboolean
print_processed(Session *session, Store *store, GError **error)
{
    g_autofree char *folder = config_state_dir(session->config, error);
    if (!folder)
        return FALSE;
    g_autofree char *path = g_strdup_printf("%s/.export-%ld", folder, (long)getpid());
    g_autofree char *text = NULL;
    gsize len = 0;
    gboolean done =
        store_export_processed(store, path, error) && g_file_get_contents(path, &text, &len, error);
    unlink(path);
    if (done)
        out_raw(session->out, text, len);
    return done;
}

static gboolean
do_export(Session *session, const Options *options, const char *path, GError **error)
{
    g_autoptr(Store) store = session_store_open(session, TRUE, error);
    if (!store)
        return FALSE;
    gboolean to_stdout = !path || strcmp(path, "-") == 0;
    if (to_stdout && options->processed)
        return print_processed(session, store, error);
    if (to_stdout)
        return store_export_all(store, STDOUT_FILENO, error);
    gboolean done = options->processed ? store_export_processed(store, path, error)
                                       : export_to(store, path, error);
    if (done)
        say(session, NULL, 0, g_strdup_printf("Exported to %s.", path));
    return done;
}

/* The old bot's file is one object (or array) that begins with its entries; an export of ours is
 * one object a line with "table" in each. */
static gboolean
is_export(const char *text, gsize len)
{
    const char *end = memchr(text, '\n', len);
    gsize first = end ? (gsize)(end - text) : len;
    g_autoptr(cJSON) json = json_parse(text, first, "the first line", NULL);
    return json && json_string(json, "table") != NULL;
}

static gboolean
import_lines(Session *session, Store *store, const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_file("read", path, errno, error);
    gboolean done = store_import_all(store, fd, error);
    close(fd);
    if (done)
        say(session, NULL, 0, g_strdup("Imported; creditbot state verify checks it."));
    return done;
}

static gboolean
do_import(Session *session, const Options *options, const char *path, GError **error)
{
    (void)options;
    g_autoptr(GError) failure = NULL;
    g_autofree char *text = NULL;
    gsize len = 0;
    guint n = 0;
    if (!g_file_get_contents(path, &text, &len, &failure) || len > MOST_JSON) {
        g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "cannot read %s: %s", path,
                    failure ? failure->message : "larger than 256 MB");
        return FALSE;
    }
    g_autoptr(Store) store = session_store_open(session, FALSE, error);
    if (!store)
        return FALSE;
    if (is_export(text, len))
        return import_lines(session, store, path, error);
    if (!store_import_processed(store, text, len, &n, error))
        return FALSE;
    say(session, "entries", n,
        g_strdup_printf("Imported %u entries that were handled before; they are not handled again.",
                        n));
    return TRUE;
}

/* What the copy itself ends with; others may have written to the state meanwhile. */
static gboolean
write_head(const char *path, Head *head, GError **error)
{
    StoreOptions options = {.path = path, .read_only = TRUE};
    g_autoptr(Store) copy = store_open(&options, error);
    g_autofree char *beside = g_strconcat(path, ".head", NULL);
    return copy && head_of(copy, head, error) && head_write(head, beside, error);
}

static gboolean
do_backup(Session *session, const Options *options, const char *path, GError **error)
{
    (void)options;
    g_auto(Head) head = {0};
    g_autoptr(Store) store = session_store_open(session, TRUE, error);
    if (!store || !store_backup(store, path, error) || !write_head(path, &head, error))
        return FALSE;
    say(session, "head_id", head.id,
        g_strdup_printf("Copied to %s; event %" G_GINT64_FORMAT
                        " is its last (%s.head, to be kept elsewhere).",
                        path, head.id, path));
    return TRUE;
}

/* A backup against the head that was written beside it. */
static gboolean
check_beside(const char *path, Head *head, GError **error)
{
    StoreOptions options = {.path = path, .read_only = TRUE};
    g_autofree char *beside = g_strconcat(path, ".head", NULL);
    g_autoptr(Store) copy = store_is_older(path) ? NULL : store_open(&options, NULL);
    g_auto(Head) kept = {0};
    if (!copy)
        return TRUE; /* what is wrong with it, the restore says */
    if (g_file_test(beside, G_FILE_TEST_EXISTS)) {
        if (!head_read(beside, &kept, error))
            return FALSE;
        g_autofree char *wrong = head_compare(copy, &kept, beside, NULL);
        if (wrong) {
            g_set_error(error, CREDITBOT_ERROR, ERR_STORE,
                        "%s can't be restored, the state was left as it is: %s", path, wrong);
            return FALSE;
        }
    }
    return head_of(copy, head, NULL) || TRUE;
}

/* What the present state knows and the backup does not; NULL: nothing, or it cannot be read. */
static char *
words_of_loss(const char *state, const char *path, const Head *backup)
{
    StoreOptions options = {.path = state, .read_only = TRUE};
    g_autoptr(Store) present = store_open(&options, NULL);
    g_auto(Head) head = {0};
    if (!present || !backup->hash || !head_of(present, &head, NULL) || head.id <= backup->id)
        return NULL;
    return g_strdup_printf("This backup is older than the state it replaced: %" G_GINT64_FORMAT
                           " events after %s (up to %s) are not in %s.",
                           head.id - backup->id, backup->time, head.time, path);
}

static gboolean
do_restore(Session *session, const Options *options, const char *path, GError **error)
{
    g_autofree char *state = session_store_path(session, error);
    if (!state)
        return FALSE;
    if (!options->yes) {
        g_set_error(error, CREDITBOT_ERROR, ERR_USAGE,
                    "this puts %s in the place of %s (which is kept beside it): add --yes", path,
                    state);
        return FALSE;
    }
    g_auto(Head) head = {0};
    if (!check_beside(path, &head, error))
        return FALSE;
    g_autofree char *loss = words_of_loss(state, path, &head);
    if (!store_restore(state, path, error))
        return FALSE;
    say(session, NULL, 0,
        g_strdup_printf("Restored from %s.%s%s", path, loss ? " " : "", loss ? loss : ""));
    return TRUE;
}

/* What Slack says is added to what was found here; when it cannot be asked, that is the outcome
 * only where nothing was found. */
static gboolean
ask_slack(Session *session, const Options *options, GPtrArray *problems, WitnessReport **report,
          GError **error)
{
    g_autoptr(GError) cause = NULL;
    if (!options->against_slack)
        return TRUE;
    *report = witness_ask(session, options->since, &cause);
    if (!*report && problems->len == 0) {
        g_propagate_error(error, g_steal_pointer(&cause));
        return FALSE;
    }
    if (!*report)
        g_ptr_array_add(problems, g_strdup_printf("Slack was not asked: %s", cause->message));
    for (guint i = 0; *report && i < (*report)->problems->len; i++)
        g_ptr_array_add(problems, g_strdup(g_ptr_array_index((*report)->problems, i)));
    return TRUE;
}

static void
print_verified(Session *session, const GPtrArray *problems, const WitnessReport *report)
{
    if (session->globals->json) {
        cJSON *json = cJSON_CreateObject(), *list;
        cJSON_AddBoolToObject(json, "ok", problems->len == 0);
        list = cJSON_AddArrayToObject(json, "problems");
        for (guint i = 0; i < problems->len; i++)
            cJSON_AddItemToArray(list, cJSON_CreateString(g_ptr_array_index(problems, i)));
        if (report)
            cJSON_AddItemToObject(json, "slack", witness_json(report));
        out_json(session->out, json);
        return;
    }
    for (guint i = 0; i < problems->len; i++)
        out_block(session->out, 0, g_ptr_array_index(problems, i));
    if (problems->len == 0)
        out_printf(session->out, "The state is sound.\n");
    g_autofree char *words = report && report->problems->len == 0 ? witness_words(report) : NULL;
    if (words)
        out_printf(session->out, "%s\n", words);
}

static gboolean
check_head(Store *store, const Head *head, const char *name, GPtrArray *problems, GError **error)
{
    g_autoptr(GError) failure = NULL;
    char *wrong = head_compare(store, head, name, &failure);
    if (wrong) {
        g_ptr_array_add(problems,
                        g_strdup_printf("the state does not go through %s: %s", name, wrong));
        g_free(wrong);
    }
    if (!failure)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

static gboolean
do_verify(Session *session, const Options *options, const char *path, GError **error)
{
    (void)path;
    g_autoptr(GPtrArray) problems = NULL;
    g_autoptr(WitnessReport) report = NULL;
    g_autofree char *state = session_store_path(session, error);
    g_auto(Head) head = {0};
    if (!state || (options->head && !head_read(options->head, &head, error)))
        return FALSE;
    StoreOptions how = {.path = state,
                        .group = config_string(session->config, "store", "group"),
                        /* An older one is migrated by whoever may write it. */
                        .read_only = !store_is_older(state),
                        .once = TRUE,
                        .migrating = progress_migrating(session)};
    g_autoptr(Store) store = store_open(&how, error);
    DeskVerify watch = {.tell = progress_proof(session)};
    gboolean done = store && desk_verify(store, &watch, &problems, error) &&
                    (!options->head || check_head(store, &head, options->head, problems, error));
    progress_end(session);
    if (!done || !ask_slack(session, options, problems, &report, error))
        return FALSE;
    guint n = problems->len;
    print_verified(session, problems, report);
    if (n == 0)
        return TRUE;
    gboolean slack_alone = report && report->problems->len == n;
    g_set_error(error, CREDITBOT_ERROR, ERR_STORE, "%s: %u problem%s; keep a copy, then %s",
                slack_alone ? "the state is sound by itself, but Slack testifies otherwise"
                            : "the state is not sound",
                n, n == 1 ? "" : "s",
                slack_alone ? "look at the threads and at the first record named"
                            : "creditbot state restore");
    return FALSE;
}

static gboolean
do_prune(Session *session, const Options *options, const char *path, GError **error)
{
    (void)path;
    gint64 before = 0, age = 0, now = clock_now(NULL);
    PruneCounts counts = {0};
    if (!options->before) {
        g_set_error_literal(error, CREDITBOT_ERROR, ERR_USAGE,
                            "say what is old enough: creditbot state prune --before 90d");
        return FALSE;
    }
    if (duration_parse(options->before, &age, NULL))
        before = now - age;
    else if (!time_parse_since(options->before, now, &before, error))
        return FALSE;
    g_autoptr(Store) store = session_store_open(session, FALSE, error);
    if (!store || !store_prune(store, before, &counts, error))
        return FALSE;
    if (session->globals->json) {
        cJSON *json = cJSON_CreateObject();
        cJSON_AddBoolToObject(json, "ok", TRUE);
        json_add_int(json, "logs", counts.logs);
        json_add_int(json, "passes", counts.passes);
        json_add_int(json, "runs", counts.runs);
        out_json(session->out, json);
    } else {
        out_printf(session->out,
                   "Removed %" G_GINT64_FORMAT " log lines, %" G_GINT64_FORMAT
                   " passes, and the SQL of %" G_GINT64_FORMAT " failed runs.\n",
                   counts.logs, counts.passes, counts.runs);
    }
    return TRUE;
}

static const struct {
    const char *name;
    gboolean needs_file, takes_file;
    gboolean (*func)(Session *session, const Options *options, const char *path, GError **error);
} verbs[] = {
    {"backup", TRUE, TRUE, do_backup},   {"export", FALSE, TRUE, do_export},
    {"import", TRUE, TRUE, do_import},   {"prune", FALSE, FALSE, do_prune},
    {"restore", TRUE, TRUE, do_restore}, {"verify", FALSE, FALSE, do_verify},
};

static int
run(Session *session, const void *options, char **args, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++) {
        if (strcmp(verbs[i].name, args[0]) != 0)
            continue;
        if ((verbs[i].needs_file && !args[1]) || (!verbs[i].takes_file && args[1])) {
            g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "creditbot state %s takes %s file",
                        args[0], verbs[i].needs_file ? "the name of a" : "no");
            return 2;
        }
        return verbs[i].func(session, options, args[1], error) ? 0 : 1;
    }
    g_set_error(error, CREDITBOT_ERROR, ERR_USAGE,
                "creditbot state takes backup, export, import, prune, restore or verify, not '%s'",
                args[0]);
    return 2;
}

const Command command_state = {
    .name = "state",
    .args = "backup FILE|export [FILE]|import FILE|prune|restore FILE|verify",
    .help = "copy, check, move and prune the state",
    .about =
        "backup FILE       a whole copy, taken while others work; FILE.head names its last event\n"
        "export [FILE]     every table as JSON Lines, to stdout without a file; --processed in\n"
        "                  the shape of processed_messages.json\n"
        "import FILE       such an export into an empty state, or the old bot's\n"
        "                  processed_messages.json: the file is recognised by its shape\n"
        "prune --before T  delete logs, passes and failed runs' SQL older than T; never\n"
        "                  requests, results, approvals, posts or events\n"
        "restore FILE      a checked copy in the place of the present state, which is kept\n"
        "                  beside it; wants --yes\n"
        "verify            prove the audit chain and the whole state; exit code 5 when broken;\n"
        "                  --against-slack also by the records that posts carried to Slack,\n"
        "                  --head FILE by the head that was written beside a backup",
    .options = specs,
    .options_size = sizeof(Options),
    .min_args = 1,
    .max_args = 2,
    .flags = CMD_CONFIG | CMD_JSON | CMD_BATCH_OK,
    .completes = "words backup export import prune restore verify",
    .func = run,
};
