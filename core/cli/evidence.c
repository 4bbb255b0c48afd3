/* evidence.c: `creditbot show ID --evidence|--verify|--to-sign`. */
#include "cli/evidence.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/outfile.h"
#include "engine/witness.h"

/* Byte for byte into a pipe or a file, so that sha256sum and ssh-keygen see what was sealed; on a
 * terminal what it cannot hurt. */
static void
print_exactly(Out *out, const char *text)
{
    if (out_is_terminal(out))
        out_block(out, 0, text);
    else
        out_raw(out, text, strlen(text));
}

static gboolean
write_file(const char *folder, const char *name, const char *text, GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autoptr(OutFile) file = text ? outfile_new(path, error) : NULL;

    return !text || (file && outfile_write(file, text, strlen(text), error) &&
                     outfile_done(file, FALSE, error));
}

/* What a person needs to make the digest by hand. */
static gboolean
write_files(const char *folder, const Evidence *evidence, GError **error)
{
    const struct {
        const char *name, *text;
    } files[] = {{"evidence", evidence->form},
                 {"text", evidence->text},
                 {"sql", evidence->sql},
                 {"parameters", evidence->parameters},
                 {"result", evidence->result}};

    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "cannot make the folder %s: %s", folder,
                    g_strerror(errno));
        return FALSE;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        if (!write_file(folder, files[i].name, files[i].text, error))
            return FALSE;
    }
    return TRUE;
}

static void
print_json(Out *out, gint64 id, const Evidence *evidence)
{
    cJSON *json = cJSON_CreateObject();

    json_add_int(json, "id", id);
    json_add_int(json, "run", evidence->run_number);
    json_add(json, "evidence", evidence->form);
    json_add(json, "digest", evidence->digest);
    json_add(json, "recorded", evidence->recorded);
    cJSON_AddBoolToObject(json, "ok", g_strcmp0(evidence->digest, evidence->recorded) == 0);
    out_json(out, json);
}

/* Beside the evidence, which stands alone on standard output. */
static void
say_digest(gint64 id, const Evidence *evidence)
{
    if (g_strcmp0(evidence->digest, evidence->recorded) == 0)
        fprintf(stderr, "run %" G_GINT64_FORMAT ", digest %s, as it was recorded\n",
                evidence->run_number, evidence->digest);
    else
        fprintf(stderr,
                "run %" G_GINT64_FORMAT
                ", digest %s, but %s was recorded: creditbot show %" G_GINT64_FORMAT
                " --verify says what changed\n",
                evidence->run_number, evidence->digest, evidence->recorded, id);
}

int
evidence_print(Session *session, gint64 id, gint64 run, const char *folder, GError **error)
{
    g_autoptr(Evidence) evidence = desk_evidence_parts(session->desk, id, run, error);

    if (!evidence || (folder && !write_files(folder, evidence, error)))
        return 1;
    if (session->globals->json) {
        print_json(session->out, id, evidence);
        return 0;
    }
    print_exactly(session->out, evidence->form);
    if (!out_flush(session->out, error))
        return 1;
    say_digest(id, evidence);
    return 0;
}

static const struct {
    const char *word, *name;
    Role role;
} marks[] = {
    [PROOF_GOOD] = {"ok  ", "ok", ROLE_GOOD},
    [PROOF_NOTE] = {"note", "note", ROLE_WARN},
    [PROOF_BAD] = {"BAD ", "bad", ROLE_BAD},
};

static void
print_lines(Out *out, const GPtrArray *lines)
{
    for (guint i = 0; i < lines->len; i++) {
        const ProofLine *line = g_ptr_array_index(lines, i);

        out_text(out, marks[line->mark].role, marks[line->mark].word);
        out_printf(out, "  ");
        out_text(out, ROLE_BOLD, line->about);
        out_printf(out, ": ");
        out_text(out, ROLE_PLAIN, line->words);
        out_line(out);
    }
}

static void
print_lines_json(Out *out, gint64 id, const GPtrArray *lines, guint bad)
{
    cJSON *json = cJSON_CreateObject();

    json_add_int(json, "id", id);
    cJSON_AddBoolToObject(json, "ok", bad == 0);
    cJSON *list = cJSON_AddArrayToObject(json, "checks");
    for (guint i = 0; i < lines->len; i++) {
        const ProofLine *line = g_ptr_array_index(lines, i);
        cJSON *item = cJSON_CreateObject();

        json_add(item, "result", marks[line->mark].name);
        json_add(item, "about", line->about);
        json_add(item, "words", line->words);
        cJSON_AddItemToArray(list, item);
    }
    out_json(out, json);
}

int
evidence_verify(Session *session, gint64 id, GError **error)
{
    g_autoptr(GPtrArray) lines = NULL;

    if (!desk_verify_request(session->desk, id, &lines, error))
        return 1;
    guint bad = proof_bad(lines);
    if (session->globals->json)
        print_lines_json(session->out, id, lines, bad);
    else
        print_lines(session->out, lines);
    if (bad == 0)
        return 0;
    g_set_error(error, CREDITBOT_ERROR, ERR_STORE,
                "request %" G_GINT64_FORMAT " is not what was recorded: %u check%s failed; do not "
                "approve it, keep a copy of the state, and run creditbot state verify",
                id, bad, bad == 1 ? "" : "s");
    return 1;
}

int
evidence_to_sign(Session *session, gint64 id, gint64 run, GError **error)
{
    g_autofree char *text = desk_to_sign(session->desk, id, run, error);

    if (!text)
        return 1;
    if (session->globals->json) {
        cJSON *json = cJSON_CreateObject();

        json_add_int(json, "id", id);
        json_add(json, "text", text);
        out_json(session->out, json);
        return 0;
    }
    out_raw(session->out, text, strlen(text)); /* printable ASCII */
    if (!out_flush(session->out, error))
        return 1;
    fprintf(stderr,
            "Sign exactly these lines:\n"
            "  creditbot show %" G_GINT64_FORMAT " --to-sign | "
            "ssh-keygen -Y sign -n creditbot -f KEY > %" G_GINT64_FORMAT ".sig\n"
            "  creditbot approve %" G_GINT64_FORMAT " --signature %" G_GINT64_FORMAT
            ".sig --reason TEXT\n",
            id, id, id, id);
    return 0;
}
