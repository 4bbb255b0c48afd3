/* evidence.c: the evidence of a request as people look at it: the canonical text, what stands
 * behind its hashes, and the text that a second person signs. */
#include "engine/witness.h"

#include "base/error.h"
#include "engine/desk_private.h"
#include "engine/signature.h"

void
evidence_free(Evidence *evidence)
{
    if (!evidence)
        return;
    g_free(evidence->form);
    g_free(evidence->digest);
    g_free(evidence->recorded);
    g_free(evidence->text);
    g_free(evidence->sql);
    g_free(evidence->parameters);
    g_free(evidence->result);
    g_free(evidence);
}

static Run *
run_of(Desk *desk, const Request *request, gint64 run_number, GError **error)
{
    if (!run_number && !request->run_id) {
        g_set_error(error, CREDITBOT_ERROR, ERR_NOT_FOUND,
                    "request %" G_GINT64_FORMAT " has no run that counts, so there is no evidence",
                    request->id);
        return NULL;
    }
    g_autoptr(Run) run = run_number
                             ? store_run_by_number(desk->store, request->id, run_number, error)
                             : store_run_get(desk->store, request->run_id, error);
    if (run && !run->digest) {
        g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                    "run %" G_GINT64_FORMAT " of request %" G_GINT64_FORMAT
                    " is %s: it has no evidence",
                    run->number, request->id, run->status);
        return NULL;
    }
    return g_steal_pointer(&run);
}

Evidence *
desk_evidence_parts(Desk *desk, gint64 id, gint64 run_number, GError **error)
{
    g_autoptr(Request) request = desk_request(desk, id, error);
    g_autoptr(Run) run = request ? run_of(desk, request, run_number, error) : NULL;
    g_autoptr(GPtrArray) events = run ? store_events(desk->store, id, 0, 0, error) : NULL;

    if (!events)
        return NULL;
    evidence_rewind(request, run, events);
    Evidence *evidence = g_new0(Evidence, 1);
    evidence->run_number = run->number;
    evidence->form = evidence_form(request, run);
    evidence->digest = evidence_digest(request, run);
    evidence->recorded = g_strdup(run->digest);
    evidence->text = g_strdup(request->text);
    evidence->sql = g_strdup(run->sql);
    evidence->parameters = g_strdup(run->parameters);
    evidence->result = g_strdup(run->result);
    return evidence;
}

char *
desk_evidence(Desk *desk, gint64 id, gint64 run_number, GError **error)
{
    g_autoptr(Evidence) evidence = desk_evidence_parts(desk, id, run_number, error);

    return evidence ? g_steal_pointer(&evidence->form) : NULL;
}

char *
desk_to_sign(Desk *desk, gint64 id, gint64 run_number, GError **error)
{
    g_autoptr(Request) request = desk_request(desk, id, error);
    g_autoptr(Run) run = request ? approve_run(desk, request, run_number, error) : NULL;
    g_autoptr(GPtrArray) approvals = run ? store_approvals(desk->store, id, error) : NULL;

    return approvals ? signature_text(request, run, approvals) : NULL;
}
