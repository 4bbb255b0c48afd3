/* witness.h: what anybody can prove of a request: the evidence that its approvals are sealed to,
 * each check of it anew, and what Slack's threads testify of the whole state.
 *
 * Nothing here changes anything. */
#ifndef ENGINE_WITNESS_H
#define ENGINE_WITNESS_H

#include "engine/desk.h"

/* The canonical text of a run (docs/architecture.md, "Evidence") whose SHA-256 is the digest;
 * run_number 0: the run that counts. As it can be made now: where it differs from what was recorded
 * is what desk_verify_request() finds. ERR_NOT_FOUND without such a run, ERR_ILLEGAL for one that
 * came to nothing. Caller frees. */
char *desk_evidence(Desk *desk, gint64 id, gint64 run_number, GError **error);

/* The same with the texts behind its hashes, each NULL when there is none. */
typedef struct {
    gint64 run_number;
    char *form;     /* desk_evidence() */
    char *digest;   /* of form */
    char *recorded; /* with the run */
    char *text, *sql, *parameters, *result;
} Evidence;
void evidence_free(Evidence *evidence);
Evidence *desk_evidence_parts(Desk *desk, gint64 id, gint64 run_number, GError **error);

/* The text that a second person signs (signature.h) for the run that counts; run_number as in
 * desk_approve(). ERR_ILLEGAL unless the request is pending and its evidence as the run says.
 * Caller frees. */
char *desk_to_sign(Desk *desk, gint64 id, gint64 run_number, GError **error);

typedef enum { PROOF_GOOD, PROOF_NOTE, PROOF_BAD } ProofMark;
typedef struct {
    ProofMark mark;
    char *about; /* "run 2", "approval by mara", "post 1788999990.000100", "event 12" */
    char *words; /* what was found; outside text in it is not printable yet */
} ProofLine;
void proof_line_free(ProofLine *line);
guint proof_bad(const GPtrArray *lines); /* how many say that something is not as it was */
/* Checks everything about one request anew: the digest of each run, each approval against its run,
 * signatures, posts against run and approvals, its events against the chain, the witnesses of its
 * posts. *lines: ProofLine *, in that order (caller frees with g_ptr_array_unref). May run
 * ssh-keygen and take seconds. FALSE only when it cannot be read. */
gboolean desk_verify_request(Desk *desk, gint64 id, GPtrArray **lines, GError **error);

/* Hash of that event, as the log has it now; ERR_NOT_FOUND without one. Caller frees. */
char *witness_hash_at(Store *store, gint64 event_id, GError **error);

/* -- against Slack -- */
typedef struct {
    gint64 since; /* of messages and posts; 0: all */
    void (*progress)(const char *what, guint done, guint total, void *data); /* may be NULL */
    void *data;
} WitnessOptions;
typedef struct {
    guint threads;       /* read */
    guint posts;         /* results of this state that were found, with everything as recorded */
    guint heads;         /* of them, those whose record in the chain is what Slack was told */
    gint64 last_id;      /* newest record of ours that Slack testifies; 0: none */
    GPtrArray *problems; /* char *, the earliest record first */
} WitnessReport;
void witness_report_free(WitnessReport *report);
/* Reads the threads of all posted results, and those threads of the channels in which there are
 * answers, and compares: each posted result stands there, by our bot, with its nonce, text and
 * record, and there is no result of ours that this state does not know. NULL when Slack cannot be
 * read (ERR_UNREACHABLE, ERR_AUTH, ERR_RATE …), so that nothing is proven, or ERR_CANCELLED. */
WitnessReport *desk_verify_slack(Desk *desk, const WitnessOptions *options, Cancel *cancel,
                                 GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Evidence, evidence_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WitnessReport, witness_report_free)

#endif
