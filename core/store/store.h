/* store.h: the one interface to the state.
 *
 * SQLite: WAL, synchronous=FULL, foreign keys, STRICT tables; migrations run forward only, with a
 * copy of the file kept before each. A Store may be used from any thread (one at a time inside); a
 * face that must not wait opens its own. Errors are ERR_STORE (damaged, full, read-only, newer:
 * exit code 5), ERR_CONFLICT, ERR_NOT_FOUND. SQLITE_BUSY is waited out (10 s) and never reaches a
 * caller in ordinary use. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <glib.h>
#include "base/cancel.h"
#include "base/clock.h"
#include "store/model.h"

typedef struct Store Store;

/* An older state is made anew, which takes a minute for a million requests. */
typedef struct {
    const char *path;
    const char *doing; /* NULL: it is done, or failed */
    guint step, steps; /* from 1 */
    guint seconds;     /* since it began */
} StoreMigrating;
/* How far a proof is; all 0: not known. Called on the caller's thread. */
typedef void (*StoreTell)(const char *what, gint64 done, gint64 all, void *data);

typedef struct {
    const char *path;   /* of the SQLite file; its folder must exist */
    const char *group;  /* [store] group: files 0660; NULL: 0600 */
    gboolean read_only; /* never creates or migrates; ERR_NOT_FOUND when there is no file */
    gboolean once;      /* read_only, and each row is read once: a small cache, which is quicker */
    gboolean relaxed;   /* synchronous=NORMAL: for logs and progress only */
    const Clock *clock;
    /* Told at each step and every second meanwhile, by the thread that opens; may be NULL. */
    void (*migrating)(const StoreMigrating *now);
} StoreOptions;
Store *store_open(const StoreOptions *options, GError **error);
void store_close(Store *store);
/* Is told how far store_verify() is; NULL: nobody. */
void store_on_progress(Store *store, StoreTell tell, void *data);
/* TRUE for a state of an older version, which a reader cannot open. */
gboolean store_is_older(const char *path);
/* "sqlite:PATH" → PATH; NULL url → STATE_DIR/creditbot.db. ERR_CONFIG for postgresql: (not in this
 * build). Caller frees. */
char *store_path(const char *url, const char *state_dir, GError **error);
/* A number that differs whenever anything was committed, by any process. */
gint64 store_stamp(Store *store);
/* Writes a byte and takes it back: ERR_STORE for a full or read-only disk, before anything is
 * posted. */
gboolean store_check_writable(Store *store, GError **error);

/* Runs func in one transaction (BEGIN IMMEDIATE); FALSE from func rolls back. Nests. */
typedef gboolean (*StoreFunc)(Store *store, void *data, GError **error);
gboolean store_transact(Store *store, StoreFunc func, void *data, GError **error);
/* The same for reading alone: one consistent view. */
gboolean store_snapshot(Store *store, StoreFunc func, void *data, GError **error);

/* -- requests -- */
/* Inserts, sets id and version; *added FALSE (and id of the old row) when (channel, ts) is known.
 * With corrects set it is a correction: always added, or ERR_ILLEGAL when what it names is not
 * posted, in another thread, corrected already (the newest correction is the one to name), or when
 * a correction of it is open. */
gboolean store_request_add(Store *store, Request *request, gboolean *added, GError **error);
/* Writes every stored column when the version still matches (ERR_CONFLICT otherwise); version + 1.
 */
gboolean store_request_save(Store *store, Request *request, GError **error);
Request *store_request_get(Store *store, gint64 id, GError **error);
/* The request of that message, not its corrections. */
Request *store_request_by_ts(Store *store, const char *channel, const char *ts, GError **error);

typedef enum {
    ORDER_RECEIVED,
    ORDER_STATE_AT,
    ORDER_POSTED,
    ORDER_AMOUNT, /* without one: below all others */
    ORDER_ID,
    ORDER_DECIDED,  /* when; only what was decided */
    ORDER_DECISION, /* time from receipt to decision; undecided below all others */
    ORDER_INTERVAL, /* width of the interval relative to the amount */
    /* By text, without regard to (ASCII) case; none is below all others. */
    ORDER_CUSTOMER,
    ORDER_REQUESTER, /* name, else id */
    ORDER_PRODUCT,
    ORDER_STATE,
    ORDER_TITLE,
    ORDER_NOTE,
    ORDER_DECIDED_BY,
    ORDER_COUNT,
} RequestOrder;
typedef struct Query Query; /* base/query.h */
typedef struct {
    guint states;         /* STATE_BIT()s; 0: all */
    gint64 since, until;  /* received_at, 0: open */
    gint64 decided_since; /* decided_at, 0: open */
    const char
        *grep; /* substring of text, customer, requester, title, sql, error; case-insensitive */
    const Query *query; /* terms over request_fields (store/request_fields.h); NULL: all */
    const char *product, *channel, *requester;
    const char *related_customer,
        *related_link;             /* either one: customer but for blanks around it
                                      and case (ASCII), link_ref equal; both NULL: any */
    gint64 amount_min, amount_max; /* micro-units; 0, 0: any */
    RequestOrder order;
    gboolean descending;
    gint64 after_key,
        after_id; /* keyset paging: the last row's order value and id; after_id 0: start */
    const char *after_text; /* the same for an order by text: request_order_text(), NULL: none */
    Cancel *cancel;         /* ends a long search with ERR_CANCELLED; NULL: never */
    guint limit;            /* 0: all */
    gboolean brief;         /* for lists, much faster: text, message and sql stay NULL, version is
                             * negative, and such a row can't be saved */
    gboolean line; /* the same for a line of text, faster still: only id, state, received_at,
                    * requester and its name, product, customer, note, error, has_amount, amount,
                    * currency and unusual are read */
} RequestFilter;
typedef gboolean (*RequestFunc)(Request *request, void *data); /* borrowed; FALSE stops */
gboolean store_requests(Store *store, const RequestFilter *filter, RequestFunc func, void *data,
                        GError **error);
/* The key of a row in an order, for paging. */
gint64 request_order_key(const Request *request, RequestOrder order);
gboolean request_order_is_text(RequestOrder order);
const char *request_order_text(const Request *request, RequestOrder order); /* borrowed */
/* Requests and summed amounts (micro-units) a state, kept up to date by the tables themselves;
 * costs the same with a million requests. Sums are of the currency that most requests have. late:
 * open ones received before late_before (0: not counted). */
typedef struct {
    gint64 count[STATE_COUNT], amount[STATE_COUNT], late;
    char currency[8]; /* of the sums; "": no amounts yet */
} StateCounts;
gboolean store_counts(Store *store, gint64 late_before, StateCounts *counts, GError **error);

/* -- runs, approvals, posts, events -- */
gboolean store_run_add(Store *store, Run *run, GError **error); /* sets id and number */
Run *store_run_get(Store *store, gint64 id, GError **error);
Run *store_run_by_number(Store *store, gint64 request_id, gint64 number, GError **error);
/* Run *, newest first; request_id 0: of all requests, before_id > 0: older than it. */
GPtrArray *store_runs(Store *store, gint64 request_id, gint64 before_id, guint limit,
                      GError **error);

/* Voids expired ones of the request first. ERR_ILLEGAL unless it names a done, not dry run of the
 * request by its digest; ERR_CONFLICT when the same person, or the same uid (>= 0), has a valid
 * approval of that run already; ERR_INPUT without person, method and need, or when uid -1 and
 * "auto", or a signature and its text, do not go together. */
gboolean store_approval_add(Store *store, Approval *approval, GError **error);
GPtrArray *store_approvals(Store *store, gint64 request_id,
                           GError **error); /* Approval *, oldest first */
/* All that are not void yet. */
gboolean store_approvals_void(Store *store, gint64 request_id, const char *why, GError **error);
/* Valid approvals by a person (by canonical name, or by uid where that is not negative) given since
 * then: of how many requests that were not turned down, and what those come to (micro-units of
 * whatever currency; G_MAXINT64 when it is more). */
gboolean store_approved_since(Store *store, const char *person, gint64 uid, gint64 since,
                              gint64 *amount, gint64 *count, GError **error);

/* An approval that broke the glass and stands (not void), with what became of it. */
typedef struct {
    Approval *approval;
    Request *request;
    Review *review; /* NULL: nobody looked at it yet */
} BreakGlass;
void break_glass_free(BreakGlass *glass);
/* BreakGlass *, oldest first; open_only: without those that were reviewed. */
GPtrArray *store_break_glass(Store *store, gboolean open_only, GError **error);
/* Sets id. ERR_ILLEGAL when the approval did not break the glass or is the reviewer's own (by name
 * or uid), ERR_CONFLICT when it was reviewed already, ERR_INPUT without a word. */
gboolean store_review_add(Store *store, Review *review, GError **error);

/* Sets id. ERR_CONFLICT when the request already has a live post of that kind (not refused, not
 * abandoned): the second result is refused whatever its run. ERR_ILLEGAL for a result unless the
 * request is approved or posting, run_id is its run that counts, and the valid approvals of that
 * run suffice: as many persons as the most demanding of them asked for, each group that one asked
 * for (one that broke the glass stands for both), nobody who set the amount by hand, and, unless
 * self, not the requester. A witness must be the head of the event log as it stands. */
gboolean store_post_add(Store *store, Post *post, GError **error);
/* Everything but request, run, kind, nonce, text, blocks and witness, which never change; posted
 * stays posted (ERR_ILLEGAL). */
gboolean store_post_save(Store *store, const Post *post, GError **error);
Post *store_post_get(Store *store, gint64 id, GError **error);
GPtrArray *store_posts(Store *store, gint64 request_id, GError **error); /* Post *, oldest first */
/* Not settled (intent, sending, unclear, unconfirmed), of all requests. */
GPtrArray *store_posts_open(Store *store, GError **error);

/* Appends to the hash-chained log; in the transaction that makes the change. detail: JSON or NULL.
 */
gboolean store_event(Store *store, gint64 request_id, const char *actor, const char *kind,
                     const char *from, const char *to, const char *detail, GError **error);
/* Event *, newest first; request_id 0: of all, before_id > 0: older than it. */
GPtrArray *store_events(Store *store, gint64 request_id, gint64 before_id, guint limit,
                        GError **error);
/* All of them, oldest first. */
typedef gboolean (*EventFunc)(const Event *event, void *data); /* borrowed; FALSE stops */
gboolean store_events_each(Store *store, EventFunc func, void *data, GError **error);
/* Hash and id (may be NULL) of the last event, to be witnessed elsewhere. "" when there is none
 * yet; NULL on error. Caller frees. */
char *store_events_head(Store *store, gint64 *id, GError **error);

/* -- passes, logs, progress -- */
gboolean store_pass_begin(Store *store, Pass *pass, GError **error); /* sets id */
gboolean store_pass_end(Store *store, const Pass *pass, GError **error);
GPtrArray *store_passes(Store *store, gint64 before_id, guint limit,
                        GError **error); /* newest first */

gboolean store_logs_add(Store *store, const LogRow *rows, guint n,
                        GError **error); /* one transaction */
typedef struct {
    gint64 pass_id, request_id, run_id; /* 0: any */
    int min_level;
    const char *grep; /* substring, case-insensitive */
    gint64 since, after_id, before_id;
    guint limit; /* the newest N that match, given oldest first; 0: all */
} LogFilter;
typedef gboolean (*LogRowFunc)(const LogRow *row, void *data);
gboolean store_logs(Store *store, const LogFilter *filter, LogRowFunc func, void *data,
                    GError **error);

gboolean store_progress_set(Store *store, const Progress *progress, GError **error);
gboolean store_progress_clear(Store *store, gint64 request_id, GError **error);
GPtrArray *store_progress(Store *store, GError **error);
gboolean store_cancel_ask(Store *store, gint64 request_id, GError **error);
gboolean store_cancel_asked(Store *store, gint64 request_id);

/* -- claims: who looks at what -- */
/* This process looks at a request; said again it is a heartbeat (wanted at least every 20 s) and
 * may change what. ERR_NOT_FOUND without the request. Several may look at one. */
gboolean store_claim_set(Store *store, gint64 request_id, gint64 uid, const char *actor,
                         const char *what, GError **error);
/* Those of this process; request_id 0: all of them. */
gboolean store_claim_clear(Store *store, gint64 request_id, GError **error);
/* Those of everybody; ERR_NOT_FOUND when there are none. */
gboolean store_claim_release(Store *store, gint64 request_id, GError **error);
/* Claim *, by request and age; request_id 0: of all. Without those whose process is gone (on this
 * host and boot) or silent for 60 s (elsewhere). */
GPtrArray *store_claims(Store *store, gint64 request_id, GError **error);

/* -- lease, cursors, small values -- */
typedef struct {
    char *host;
    gint64 pid, start;
    char *boot;
} Holder; /* start: of the process, /proc/PID/stat 22 */
const Holder *
holder_self(void); /* computed once, so not to be called before a fork without exec; borrowed */
/* TRUE unless the process certainly no longer runs (same host and boot, other pid or start time).
 */
gboolean holder_alive(const char *host, gint64 pid, gint64 start);
typedef struct {
    char *host;
    gint64 pid, start, since, heartbeat;
} LeaseInfo;
void lease_info_clear(LeaseInfo *info);
/* ERR_LEASE names host, pid and since when. A holder that died on this host is replaced at once,
 * one on another host after 60 s without a heartbeat. */
gboolean store_lease_take(Store *store, const char *name, GError **error);
gboolean store_lease_beat(Store *store, const char *name, GError **error); /* ERR_LEASE when lost */
void store_lease_drop(Store *store, const char *name);
gboolean store_lease_info(Store *store, const char *name,
                          LeaseInfo *info); /* FALSE: nobody (alive) */

char *store_value(Store *store, const char *key); /* NULL: none. Caller frees */
gboolean store_value_set(Store *store, const char *key, const char *value,
                         GError **error); /* NULL removes */

/* -- whole state -- */
/* The old bot's processed_messages.json: what it handled is never handled again. *n (may be NULL):
 * entries that were not known yet. ERR_INPUT names a malformed entry, ERR_BAD_ANSWER is no JSON:
 * nothing is taken. */
gboolean store_import_processed(Store *store, const char *json, gsize len, guint *n,
                                GError **error);
gboolean store_was_processed(Store *store, const char *channel, const char *ts);
/* The same shape, of everything handled (docs/state.md); written temp + fsync + rename. */
gboolean store_export_processed(Store *store, const char *path, GError **error);
/* Every table as JSON Lines ({"table","row"}), for people and archives. fd stays open. */
gboolean store_export_all(Store *store, int fd, GError **error);
/* Into an empty state only (ERR_ILLEGAL), whole or not at all: ERR_INPUT names the line, or what
 * verify finds wrong with the result. */
gboolean store_import_all(Store *store, int fd, GError **error);
gboolean store_backup(Store *store, const char *path, GError **error); /* SQLite online backup */
/* Checks a backup whole, keeps the present file as STATE.before-restore-TIME, and puts it in place.
 * ERR_LEASE while a pass runs, ERR_CONFLICT while any process (this one too) has the state open. */
gboolean store_restore(const char *state_path, const char *backup_path, GError **error);
/* integrity_check, foreign keys, event chain, states, approvals and posts against each other; each
 * problem as one sentence in *problems (char *, caller frees), the first broken row named. */
gboolean store_verify(Store *store, GPtrArray **problems, GError **error);
typedef struct {
    gint64 logs, passes, runs;
} PruneCounts;
/* Deletes logs, finished passes, and failed, cancelled or dry runs older than before; never
 * requests, done runs, approvals, posts or events, nor the newest run of a request (numbers are
 * given once). */
gboolean store_prune(Store *store, gint64 before, PruneCounts *counts, GError **error);

/* What a filter shows, in sum: reads all of it (a second for a million rows), so it is asked on a
 * thread that may wait; filter->cancel ends it. */
#define TOTALS_CURRENCIES 4
typedef struct {
    gint64 count, decided;
    gint64 median; /* received → decided, of those that are decided, microseconds; -1: none is */
    struct {
        char currency[8];
        gint64 amount;         /* a corrected request counts by its newest posted correction */
    } sums[TOTALS_CURRENCIES]; /* as they come; beyond so many none is counted */
    guint n_sums;
} FilterTotals;
gboolean store_totals(Store *store, const RequestFilter *filter, FilterTotals *totals,
                      GError **error);

/* One day (UTC), kept up to date by the tables themselves. Corrections are in the amounts alone. */
typedef struct {
    gint64 day;      /* since 1970 */
    gint64 received; /* messages of that day, and what became of them: */
    gint64 done, dead, open;
    gint64 posted, rejected, ignored, given_up; /* decided on that day, whenever they came */
    gint64 amount; /* posted on that day, in the currency that most requests have, micro-units */
} DayActivity;
/* The n days that begin with first. */
gboolean store_activity(Store *store, gint64 first, guint n, DayActivity *days, GError **error);

typedef struct {
    gint64 requests, posted, rejected, ignored, failed, amount_posted;
    char currency[8];       /* of amount_posted: the one that most requests have; "": none */
    double success_rate;    /* posted + rejected + ignored over all decided and dead, 0 to 1;
                             * below 0: nothing was decided */
    gint64 median_decision; /* received → decided, microseconds */
    gint64 pass_count, pass_failed, pass_median, pass_p95; /* durations, microseconds */
    gint64 weeks[12];   /* requests in seven days, the newest ending with today (UTC) */
    double success[12]; /* of those weeks, as success_rate */
    gint64 amounts[12]; /* posted in those weeks, micro-units of currency */
    gint64 days[14];    /* requests a day, newest first (UTC) */
} StoreStats;
gboolean store_stats(Store *store, gint64 since, gint64 now, StoreStats *stats, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Store, store_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BreakGlass, break_glass_free)

#endif
