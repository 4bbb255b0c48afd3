/* model.c: the states' names, and the columns, memory and life of every struct of the state. */
#include "store/model.h"

#include "store/table.h"

#include <string.h>

static const char *const state_names[STATE_COUNT] = {
    [STATE_NEW] = "new",
    [STATE_RESOLVED] = "resolved",
    [STATE_CALCULATING] = "calculating",
    [STATE_PENDING] = "pending",
    [STATE_APPROVED] = "approved",
    [STATE_POSTING] = "posting",
    [STATE_POSTED] = "posted",
    [STATE_UNCONFIRMED] = "unconfirmed",
    [STATE_REJECTED] = "rejected",
    [STATE_IGNORED] = "ignored",
    [STATE_NEEDS_LINK] = "needs_link",
    [STATE_FAILED] = "failed",
    [STATE_DEAD] = "dead",
};

const char *
state_name(RequestState state)
{
    g_return_val_if_fail((guint)state < STATE_COUNT, "unknown");
    return state_names[state];
}

gboolean
state_parse(const char *name, RequestState *state)
{
    for (int i = 0; name && i < STATE_COUNT; i++) {
        if (strcmp(state_names[i], name) == 0) {
            *state = (RequestState)i;
            return TRUE;
        }
    }
    return FALSE;
}

#define COLUMN(of, field, kind, part)                                                              \
    {                                                                                              \
#field, G_STRUCT_OFFSET(of, field), kind, part, NULL                                       \
    }
#define NAMED(of, field, name, kind, part)                                                         \
    {                                                                                              \
        name, G_STRUCT_OFFSET(of, field), kind, part, NULL                                         \
    }
#define DERIVED(of, field, kind, from)                                                             \
    {                                                                                              \
#field, G_STRUCT_OFFSET(of, field), kind, ROLE_DERIVED, from                               \
    }
#define END                                                                                        \
    {                                                                                              \
        NULL, 0, TYPE_INT, ROLE_DERIVED, NULL                                                      \
    }

/* The tables free their rows through an untyped pointer. */
#define FREE(type)                                                                                 \
    static void free_##type(void *row)                                                             \
    {                                                                                              \
        type##_free(row);                                                                          \
    }
FREE(request)
FREE(run)
FREE(approval)
FREE(review)
FREE(post)
FREE(event)
FREE(pass)
FREE(log_row)
FREE(progress)
FREE(claim)

/* Valid approvals of the run that counts; ?1 is the present time in every select of requests. Once
 * the post is under way it no longer matters that they expire. */
#define APPROVALS                                                                                  \
    "(SELECT count(*) FROM approvals v WHERE v.run_id = r.run_id AND v.voided_at = 0 "             \
    "AND (v.expires_at = 0 OR v.expires_at > ?1 OR r.state IN ('posting', 'unconfirmed', "         \
    "'posted')))"

static const Column request_columns[] = {
    COLUMN(Request, id, TYPE_INT, ROLE_KEY),
    COLUMN(Request, version, TYPE_INT, ROLE_FIXED), /* a save counts it itself */
    COLUMN(Request, channel, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Request, ts, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Request, channel_name, TYPE_TEXT, ROLE_STORED),
    COLUMN(Request, thread_ts, TYPE_TEXT, ROLE_STORED),
    COLUMN(Request, requester, TYPE_TEXT, ROLE_STORED),
    COLUMN(Request, requester_name, TYPE_TEXT, ROLE_STORED),
    COLUMN(Request, edited_ts, TYPE_TEXT, ROLE_STORED),
    COLUMN(Request, link_url, TYPE_TEXT, ROLE_STORED),
    COLUMN(Request, link_kind, TYPE_TEXT, ROLE_STORED),
    COLUMN(Request, link_ref, TYPE_TEXT, ROLE_STORED),
    COLUMN(Request, link_later, TYPE_TEXT, ROLE_STORED),
    COLUMN(Request, title, TYPE_TEXT, ROLE_STORED),
    COLUMN(Request, product, TYPE_TEXT, ROLE_STORED),
    COLUMN(Request, customer, TYPE_TEXT, ROLE_STORED),
    COLUMN(Request, sql_sha256, TYPE_TEXT, ROLE_STORED),
    COLUMN(Request, state, TYPE_STATE, ROLE_STORED),
    COLUMN(Request, resume, TYPE_STATE, ROLE_STORED),
    COLUMN(Request, note, TYPE_TEXT, ROLE_STORED),
    COLUMN(Request, error, TYPE_TEXT, ROLE_STORED),
    COLUMN(Request, error_code, TYPE_TEXT, ROLE_STORED),
    COLUMN(Request, attempts, TYPE_INT, ROLE_STORED),
    COLUMN(Request, next_attempt_at, TYPE_INT, ROLE_STORED),
    COLUMN(Request, received_at, TYPE_INT, ROLE_STORED),
    COLUMN(Request, state_at, TYPE_INT, ROLE_STORED),
    COLUMN(Request, run_id, TYPE_REF, ROLE_STORED),
    COLUMN(Request, hold_until, TYPE_INT, ROLE_STORED),
    COLUMN(Request, posted_ts, TYPE_TEXT, ROLE_STORED),
    COLUMN(Request, posted_at, TYPE_INT, ROLE_STORED),
    COLUMN(Request, corrects, TYPE_REF, ROLE_FIXED),
    DERIVED(Request, corrected_by, TYPE_REF, NULL),
    DERIVED(Request, decided_by, TYPE_TEXT, NULL),
    DERIVED(Request, decided_at, TYPE_INT, NULL),
    DERIVED(Request, has_amount, TYPE_BOOL, "r.amount IS NOT NULL"),
    DERIVED(Request, amount, TYPE_INT, NULL),
    DERIVED(Request, low, TYPE_INT, NULL),
    DERIVED(Request, high, TYPE_INT, NULL),
    DERIVED(Request, currency, TYPE_TEXT, NULL),
    DERIVED(Request, unusual, TYPE_TEXT, NULL),
    DERIVED(Request, run_number, TYPE_INT, NULL),
    DERIVED(Request, run_at, TYPE_INT, NULL),
    DERIVED(Request, approvals, TYPE_INT, APPROVALS),
    END,
};
const Table table_requests = {"requests", "r", sizeof(Request), request_columns, free_request};

static const Column request_line_columns[] = {
    COLUMN(Request, id, TYPE_INT, ROLE_KEY),
    COLUMN(Request, requester, TYPE_TEXT, ROLE_DERIVED),
    COLUMN(Request, requester_name, TYPE_TEXT, ROLE_DERIVED),
    COLUMN(Request, product, TYPE_TEXT, ROLE_DERIVED),
    COLUMN(Request, customer, TYPE_TEXT, ROLE_DERIVED),
    COLUMN(Request, state, TYPE_STATE, ROLE_DERIVED),
    COLUMN(Request, note, TYPE_TEXT, ROLE_DERIVED),
    COLUMN(Request, error, TYPE_TEXT, ROLE_DERIVED),
    COLUMN(Request, received_at, TYPE_INT, ROLE_DERIVED),
    DERIVED(Request, has_amount, TYPE_BOOL, "r.amount IS NOT NULL"),
    DERIVED(Request, amount, TYPE_INT, NULL),
    DERIVED(Request, currency, TYPE_TEXT, NULL),
    DERIVED(Request, unusual, TYPE_TEXT, NULL),
    END,
};
const Table table_request_lines = {"requests", "r", sizeof(Request), request_line_columns, NULL};

static const Column request_text_columns[] = {
    COLUMN(Request, id, TYPE_INT, ROLE_FIXED),
    COLUMN(Request, text, TYPE_TEXT, ROLE_STORED),
    COLUMN(Request, message, TYPE_TEXT, ROLE_STORED),
    COLUMN(Request, sql, TYPE_TEXT, ROLE_STORED),
    END,
};
const Table table_request_texts = {"request_texts", "t", sizeof(Request), request_text_columns,
                                   NULL};

static const Column run_columns[] = {
    COLUMN(Run, id, TYPE_INT, ROLE_KEY),
    COLUMN(Run, request_id, TYPE_INT, ROLE_FIXED),
    COLUMN(Run, number, TYPE_INT, ROLE_FIXED),
    COLUMN(Run, dry, TYPE_BOOL, ROLE_FIXED),
    COLUMN(Run, status, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Run, started_at, TYPE_INT, ROLE_FIXED),
    COLUMN(Run, finished_at, TYPE_INT, ROLE_FIXED),
    COLUMN(Run, actor, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Run, sql_sha256, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Run, calculator, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Run, calculator_version, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Run, parameters, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Run, warehouse, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Run, query_id, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Run, rows, TYPE_INT, ROLE_FIXED),
    COLUMN(Run, amount, TYPE_INT, ROLE_FIXED),
    COLUMN(Run, low, TYPE_INT, ROLE_FIXED),
    COLUMN(Run, high, TYPE_INT, ROLE_FIXED),
    COLUMN(Run, currency, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Run, product, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Run, customer, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Run, unusual, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Run, digest, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Run, error, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Run, sql, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Run, result, TYPE_TEXT, ROLE_FIXED),
    END,
};
const Table table_runs = {"runs", "r", sizeof(Run), run_columns, free_run};

static const Column approval_columns[] = {
    COLUMN(Approval, id, TYPE_INT, ROLE_KEY),
    COLUMN(Approval, request_id, TYPE_INT, ROLE_FIXED),
    COLUMN(Approval, run_id, TYPE_INT, ROLE_FIXED),
    COLUMN(Approval, digest, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Approval, uid, TYPE_INT, ROLE_FIXED),
    COLUMN(Approval, actor, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Approval, reason, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Approval, at, TYPE_INT, ROLE_FIXED),
    COLUMN(Approval, hold_until, TYPE_INT, ROLE_FIXED),
    COLUMN(Approval, expires_at, TYPE_INT, ROLE_FIXED),
    COLUMN(Approval, voided_at, TYPE_INT, ROLE_STORED),
    COLUMN(Approval, voided_why, TYPE_TEXT, ROLE_STORED),
    COLUMN(Approval, person, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Approval, method, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Approval, principal, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Approval, signature, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Approval, slack, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Approval, self, TYPE_BOOL, ROLE_FIXED),
    COLUMN(Approval, need, TYPE_INT, ROLE_FIXED),
    COLUMN(Approval, need_group, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Approval, groups, TYPE_TEXT, ROLE_FIXED),
    END,
};
const Table table_approvals = {"approvals", "a", sizeof(Approval), approval_columns, free_approval};

static const Column review_columns[] = {
    COLUMN(Review, id, TYPE_INT, ROLE_KEY),
    COLUMN(Review, approval_id, TYPE_INT, ROLE_FIXED),
    COLUMN(Review, at, TYPE_INT, ROLE_FIXED),
    COLUMN(Review, uid, TYPE_INT, ROLE_FIXED),
    COLUMN(Review, actor, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Review, word, TYPE_TEXT, ROLE_FIXED),
    END,
};
const Table table_reviews = {"reviews", "v", sizeof(Review), review_columns, free_review};

static const Column post_columns[] = {
    COLUMN(Post, id, TYPE_INT, ROLE_KEY),
    COLUMN(Post, request_id, TYPE_INT, ROLE_FIXED),
    COLUMN(Post, run_id, TYPE_REF, ROLE_FIXED),
    COLUMN(Post, kind, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Post, nonce, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Post, text, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Post, blocks, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Post, created_at, TYPE_INT, ROLE_FIXED),
    COLUMN(Post, channel, TYPE_TEXT, ROLE_STORED),
    COLUMN(Post, thread_ts, TYPE_TEXT, ROLE_STORED),
    COLUMN(Post, status, TYPE_TEXT, ROLE_STORED),
    COLUMN(Post, sent_at, TYPE_INT, ROLE_STORED),
    COLUMN(Post, settled_at, TYPE_INT, ROLE_STORED),
    COLUMN(Post, attempts, TYPE_INT, ROLE_STORED),
    COLUMN(Post, posted_ts, TYPE_TEXT, ROLE_STORED),
    COLUMN(Post, error, TYPE_TEXT, ROLE_STORED),
    COLUMN(Post, holder_host, TYPE_TEXT, ROLE_STORED),
    COLUMN(Post, holder_pid, TYPE_INT, ROLE_STORED),
    COLUMN(Post, holder_start, TYPE_INT, ROLE_STORED),
    COLUMN(Post, witness_id, TYPE_REF, ROLE_FIXED),
    COLUMN(Post, witness_hash, TYPE_TEXT, ROLE_FIXED),
    END,
};
const Table table_posts = {"posts", "p", sizeof(Post), post_columns, free_post};

static const Column event_columns[] = {
    COLUMN(Event, id, TYPE_INT, ROLE_FIXED), /* counted by the chain itself, without gaps */
    COLUMN(Event, request_id, TYPE_INT, ROLE_FIXED),
    COLUMN(Event, at, TYPE_INT, ROLE_FIXED),
    COLUMN(Event, actor, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Event, kind, TYPE_TEXT, ROLE_FIXED),
    NAMED(Event, from, "from_state", TYPE_TEXT, ROLE_FIXED),
    NAMED(Event, to, "to_state", TYPE_TEXT, ROLE_FIXED),
    COLUMN(Event, detail, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Event, hash, TYPE_TEXT, ROLE_FIXED),
    END,
};
const Table table_events = {"events", "e", sizeof(Event), event_columns, free_event};

static const Column pass_columns[] = {
    COLUMN(Pass, id, TYPE_INT, ROLE_KEY),
    COLUMN(Pass, started_at, TYPE_INT, ROLE_FIXED),
    COLUMN(Pass, host, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Pass, actor, TYPE_TEXT, ROLE_FIXED),
    NAMED(Pass, trigger, "started_by", TYPE_TEXT, ROLE_FIXED),
    COLUMN(Pass, pid, TYPE_INT, ROLE_FIXED),
    COLUMN(Pass, dry_run, TYPE_BOOL, ROLE_FIXED),
    COLUMN(Pass, finished_at, TYPE_INT, ROLE_STORED),
    COLUMN(Pass, status, TYPE_TEXT, ROLE_STORED),
    COLUMN(Pass, exit_code, TYPE_INT, ROLE_STORED),
    COLUMN(Pass, found, TYPE_INT, ROLE_STORED),
    COLUMN(Pass, fresh, TYPE_INT, ROLE_STORED),
    COLUMN(Pass, ignored, TYPE_INT, ROLE_STORED),
    COLUMN(Pass, needs_link, TYPE_INT, ROLE_STORED),
    COLUMN(Pass, calculated, TYPE_INT, ROLE_STORED),
    COLUMN(Pass, pending, TYPE_INT, ROLE_STORED),
    COLUMN(Pass, posted, TYPE_INT, ROLE_STORED),
    COLUMN(Pass, failed, TYPE_INT, ROLE_STORED),
    COLUMN(Pass, error, TYPE_TEXT, ROLE_STORED),
    END,
};
const Table table_passes = {"passes", "p", sizeof(Pass), pass_columns, free_pass};

static const Column log_columns[] = {
    COLUMN(LogRow, id, TYPE_INT, ROLE_KEY),
    COLUMN(LogRow, at, TYPE_INT, ROLE_FIXED),
    COLUMN(LogRow, pass_id, TYPE_REF, ROLE_FIXED),
    COLUMN(LogRow, request_id, TYPE_REF, ROLE_FIXED),
    COLUMN(LogRow, run_id, TYPE_REF, ROLE_FIXED),
    COLUMN(LogRow, level, TYPE_SMALL, ROLE_FIXED),
    COLUMN(LogRow, area, TYPE_TEXT, ROLE_FIXED),
    COLUMN(LogRow, message, TYPE_TEXT, ROLE_FIXED),
    END,
};
const Table table_logs = {"logs", "l", sizeof(LogRow), log_columns, free_log_row};

static const Column progress_columns[] = {
    COLUMN(Progress, request_id, TYPE_INT, ROLE_FIXED),
    COLUMN(Progress, at, TYPE_INT, ROLE_STORED),
    COLUMN(Progress, started_at, TYPE_INT, ROLE_STORED),
    COLUMN(Progress, rows, TYPE_INT, ROLE_STORED),
    COLUMN(Progress, bytes, TYPE_INT, ROLE_STORED),
    COLUMN(Progress, percent, TYPE_REAL, ROLE_STORED),
    COLUMN(Progress, stage, TYPE_TEXT, ROLE_STORED),
    COLUMN(Progress, query_id, TYPE_TEXT, ROLE_STORED),
    COLUMN(Progress, host, TYPE_TEXT, ROLE_STORED),
    COLUMN(Progress, pid, TYPE_INT, ROLE_STORED),
    COLUMN(Progress, cancel_asked, TYPE_BOOL, ROLE_DERIVED), /* store_cancel_ask() alone sets it */
    END,
};
const Table table_progress = {"progress", "g", sizeof(Progress), progress_columns, free_progress};

static const Column claim_columns[] = {
    COLUMN(Claim, request_id, TYPE_INT, ROLE_FIXED),
    COLUMN(Claim, host, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Claim, boot, TYPE_TEXT, ROLE_FIXED),
    COLUMN(Claim, pid, TYPE_INT, ROLE_FIXED),
    COLUMN(Claim, start, TYPE_INT, ROLE_FIXED),
    COLUMN(Claim, uid, TYPE_INT, ROLE_FIXED),
    COLUMN(Claim, actor, TYPE_TEXT, ROLE_STORED),
    COLUMN(Claim, what, TYPE_TEXT, ROLE_STORED),
    COLUMN(Claim, since, TYPE_INT, ROLE_FIXED),
    COLUMN(Claim, heartbeat, TYPE_INT, ROLE_STORED),
    END,
};
const Table table_claims = {"claims", "c", sizeof(Claim), claim_columns, free_claim};

static void
row_free(const Table *table, void *row)
{
    if (!row)
        return;
    table_row_clear(table, row);
    g_free(row);
}

Request *
request_new(void)
{
    return g_new0(Request, 1);
}

Request *
request_copy(const Request *request)
{
    Request *copy = g_new(Request, 1);
    *copy = *request;
    table_row_copy(&table_requests, request, copy);
    table_row_copy(&table_request_texts, request, copy);
    return copy;
}

void
request_free(Request *request)
{
    if (request)
        table_row_clear(&table_request_texts, request);
    row_free(&table_requests, request);
}

Run *
run_new(void)
{
    return g_new0(Run, 1);
}

void
run_free(Run *run)
{
    row_free(&table_runs, run);
}

void
approval_free(Approval *approval)
{
    row_free(&table_approvals, approval);
}

void
review_free(Review *review)
{
    row_free(&table_reviews, review);
}

Post *
post_new(void)
{
    return g_new0(Post, 1);
}

void
post_free(Post *post)
{
    row_free(&table_posts, post);
}

void
event_free(Event *event)
{
    row_free(&table_events, event);
}

void
pass_free(Pass *pass)
{
    row_free(&table_passes, pass);
}

void
log_row_free(LogRow *row)
{
    row_free(&table_logs, row);
}

void
progress_free(Progress *progress)
{
    row_free(&table_progress, progress);
}

void
claim_free(Claim *claim)
{
    row_free(&table_claims, claim);
}
