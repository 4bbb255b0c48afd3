/* request_evidence.c: what a request's approvals are sealed to, who gave them how, what the posts
 * testify, and each check of it anew. */
#include "tui/views/request_view.h"

#include <string.h>
#include "store/evidence.h"
#include "tui/command.h"

/* -- reading -- */

typedef struct {
    RequestView *view;
    gint64 id, run_id;
    char *form, *digest;
} FormAsk;

static void
form_ask_free(gpointer data)
{
    FormAsk *ask = data;
    g_free(ask->form);
    g_free(ask->digest);
    g_free(ask);
}

static void
form_read(Store *store, gpointer data)
{
    FormAsk *ask = data;
    g_autoptr(Request) request = store_request_get(store, ask->id, NULL);
    g_autoptr(Run) run = request ? store_run_get(store, ask->run_id, NULL) : NULL;
    if (!run)
        return;
    ask->form = evidence_form(request, run);
    ask->digest = evidence_digest(request, run);
}

static void
form_done(gpointer data)
{
    FormAsk *ask = data;
    RequestView *view = ask->view;
    view->sealed_asked = FALSE;
    if (ask->id == view->id) {
        g_free(view->sealed.form);
        g_free(view->sealed.digest);
        view->sealed.form = g_steal_pointer(&ask->form);
        view->sealed.digest = g_steal_pointer(&ask->digest);
        view->sealed_run = ask->run_id;
    }
    request_rewrite(view);
    request_want(view);
    console_touch(view->console);
}

void
request_want_evidence(RequestView *view)
{
    gint64 run_id = view->dossier->request->run_id;
    if (view->section != SECTION_EVIDENCE || run_id == 0 || run_id == view->sealed_run ||
        view->sealed_asked)
        return;
    FormAsk *ask = g_new0(FormAsk, 1);
    ask->view = view;
    ask->id = view->id;
    ask->run_id = run_id;
    view->sealed_asked = TRUE;
    reader_ask(view->console->bulk, form_read, form_done, ask, form_ask_free);
}

void
request_forget_evidence(RequestView *view)
{
    Sealed *sealed = &view->sealed;
    g_clear_pointer(&sealed->form, g_free);
    g_clear_pointer(&sealed->digest, g_free);
    g_clear_pointer(&sealed->proof, g_ptr_array_unref);
    g_clear_pointer(&sealed->proof_error, g_free);
    sealed->proving = FALSE;
    sealed->proved_at = view->sealed_run = 0;
}

/* -- checking it anew -- */

typedef struct {
    RequestView *view;
    gint64 id;
    GPtrArray *lines;
} Proving;

static void
proving_free(gpointer data)
{
    Proving *proving = data;
    g_clear_pointer(&proving->lines, g_ptr_array_unref);
    g_free(proving);
}

static gboolean
proving_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    Proving *proving = data;
    (void)cancel;
    return desk_verify_request(desk, proving->id, &proving->lines, error);
}

static void
proving_done(gpointer data, const GError *error)
{
    Proving *proving = data;
    RequestView *view = proving->view;
    Sealed *sealed = &view->sealed;
    if (proving->id != view->id)
        return;
    guint bad = proving->lines ? proof_bad(proving->lines) : 0;
    sealed->proving = FALSE;
    sealed->proved_at = console_now(view->console);
    g_clear_pointer(&sealed->proof, g_ptr_array_unref);
    g_clear_pointer(&sealed->proof_error, g_free);
    sealed->proof = g_steal_pointer(&proving->lines);
    sealed->proof_error = error ? g_strdup(error->message) : NULL;
    if (error)
        console_say_error(view->console, "verify", error);
    else if (bad > 0)
        console_say(view->console, ROLE_BAD, "%u of %u checks of %" G_GINT64_FORMAT " failed", bad,
                    sealed->proof->len, view->id);
    else
        console_say(view->console, ROLE_GOOD, "all %u checks of %" G_GINT64_FORMAT " passed",
                    sealed->proof->len, view->id);
    request_rewrite(view);
    console_touch(view->console);
}

guint
view_request_verify(Console *console)
{
    RequestView *view = console_view_data(console, VIEW_REQUEST);
    if (view->sealed.proving || view->id == 0)
        return CHANGED_SCREEN;
    Proving *proving = g_new0(Proving, 1);
    proving->view = view;
    proving->id = view->id;
    view->sealed.proving = TRUE;
    JobSpec spec = {.what = g_strdup_printf("check of %" G_GINT64_FORMAT, view->id),
                    .request_id = view->id,
                    .quiet = TRUE,
                    .run = proving_run,
                    .done = proving_done,
                    .data = proving,
                    .free_data = proving_free};
    work_start(console->work, &spec);
    request_rewrite(view);
    return CHANGED_SCREEN;
}

/* -- writing -- */

static void
write_seal(Doc *doc, const SectionText *text)
{
    const Run *run = dossier_counting(text->dossier);
    const Sealed *sealed = text->sealed;
    if (!run) {
        doc_line(doc, ROLE_DIM, "There is no evidence before there is a result.");
        return;
    }
    doc_addf(doc, ROLE_TEXT, "Run %" G_GINT64_FORMAT " has the digest", run->number);
    doc_end(doc);
    doc_indent(doc, 2, 2);
    doc_line(doc, ROLE_STRONG, run->digest ? run->digest : "none");
    doc_indent(doc, 0, 0);
    if (!sealed->digest)
        doc_line(doc, ROLE_BUSY, "making it anew …");
    else if (g_strcmp0(sealed->digest, run->digest) == 0)
        doc_line(doc, ROLE_GOOD, "ok  made anew from what is stored now it is the same.");
    else
        doc_addf(doc, ROLE_BAD, "!!  made anew it is another one: %s", sealed->digest);
    doc_end(doc);
}

static void
write_witness(Doc *doc, const GPtrArray *posts, gint64 now)
{
    for (guint i = 0; posts && i < posts->len; i++) {
        const Post *post = g_ptr_array_index(posts, i);
        if (g_strcmp0(post->kind, "result") != 0)
            continue;
        g_autofree char *at =
            wording_time(post->settled_at ? post->settled_at : post->created_at, now);
        doc_indent(doc, 0, 4);
        doc_addf(doc, ROLE_TEXT, "%s  post %s ", at, post->posted_ts ? post->posted_ts : "-");
        if (post->witness_id)
            doc_addf(doc, ROLE_STRONG, "testifies record %" G_GINT64_FORMAT " · %s",
                     post->witness_id, post->witness_hash ? post->witness_hash : "-");
        else
            doc_add(doc, ROLE_DIM, "is of a version that named no record");
        doc_end(doc);
    }
    doc_indent(doc, 0, 0);
}

static gboolean
has_result_post(const GPtrArray *posts)
{
    for (guint i = 0; posts && i < posts->len; i++) {
        const Post *post = g_ptr_array_index(posts, i);
        if (g_strcmp0(post->kind, "result") == 0)
            return TRUE;
    }
    return FALSE;
}

static const struct {
    const char *sign;
    Role role;
} marks[] = {[PROOF_GOOD] = {"ok", ROLE_GOOD},
             [PROOF_NOTE] = {"--", ROLE_DIM},
             [PROOF_BAD] = {"!!", ROLE_BAD}};

static void
write_proof(Doc *doc, const SectionText *text)
{
    const Sealed *sealed = text->sealed;
    doc_heading(doc, "Checks");
    if (sealed->proving)
        doc_line(doc, ROLE_BUSY, "checking digests, signatures, posts and the chain of events …");
    else if (!sealed->proof && !sealed->proof_error)
        doc_line(doc, ROLE_DIM,
                 "v checks all of it anew: runs, approvals, signatures, posts, the chain of "
                 "events.");
    if (sealed->proof_error)
        doc_line(doc, ROLE_BAD, sealed->proof_error);
    for (guint i = 0; sealed->proof && i < sealed->proof->len; i++) {
        const ProofLine *line = g_ptr_array_index(sealed->proof, i);
        doc_indent(doc, 0, 4);
        doc_addf(doc, marks[line->mark].role, "%s  ", marks[line->mark].sign);
        doc_addf(doc, ROLE_STRONG, "%s: ", line->about);
        doc_add(doc, line->mark == PROOF_BAD ? ROLE_BAD : ROLE_TEXT, line->words);
        doc_end(doc);
    }
    doc_indent(doc, 0, 0);
    if (sealed->proved_at) {
        g_autofree char *ago = wording_ago(sealed->proved_at, text->facts->now);
        doc_addf(doc, ROLE_DIM, "checked %s", ago);
        doc_end(doc);
    }
}

void
section_evidence(Doc *doc, const SectionText *text)
{
    const Request *request = text->dossier->request;
    write_seal(doc, text);
    approvals_write(doc, text);
    if (has_result_post(text->dossier->posts)) {
        doc_heading(doc, "What the posts testify");
        write_witness(doc, text->dossier->posts, text->facts->now);
    }
    write_proof(doc, text);
    if (request->state == STATE_PENDING) {
        doc_heading(doc, "Approval from elsewhere");
        doc_line(doc, ROLE_TEXT,
                 ":to-sign FILE writes the text that a second person signs with ssh-keygen -Y sign "
                 "-n creditbot; in the approve dialog Ctrl-O takes the signature.");
    }
    if (!text->sealed->form)
        return;
    doc_heading(doc, "The canonical form whose SHA-256 it is");
    doc_unwrapped(doc, TRUE);
    doc_add(doc, ROLE_CODE, text->sealed->form);
    doc_end(doc);
    doc_unwrapped(doc, FALSE);
}
