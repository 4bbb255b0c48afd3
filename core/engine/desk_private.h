/* desk_private.h: what the files of the engine share, and nobody else sees. */
#ifndef ENGINE_DESK_PRIVATE_H
#define ENGINE_DESK_PRIVATE_H

#include "engine/desk.h"
#include "engine/policy.h"
#include "engine/state.h"
#include "services/looker.h"
#include "services/slack.h"
#include "services/warehouse.h"
#include "store/evidence.h"

struct Desk {
    Config *config;
    Log *log;
    const Clock *clock;
    gint64 uid;
    char *actor;
    char *state_dir;
    gboolean read_only, relaxed;
    void (*migrating)(const StoreMigrating *now);
    _Atomic gboolean pass_dry;  /* the running pass was asked to be dry */
    _Atomic gboolean pass_mute; /* the running pass found no Slack: what it would say waits */
    _Atomic gint64 pass_id;     /* of the running pass; 0: none. For the log */
    Store *store;
    Store *side; /* progress: relaxed, never in the way of a decision */
    GMutex services_lock;
    Http *http;
    Slack *slack;
    Looker *looker;
    Warehouse *warehouse;
    GMutex work_lock;
    GHashTable *working; /* request id → Cancel * of who works on it in this process */
    GCond work_changed;
    GThread *watcher; /* of stops that other processes ask for; NULL: nothing was worked yet */
    gboolean closing;
    void (*on_progress)(const Progress *progress, void *data);
    void *on_progress_data;
};

/* A desk without its state: for what only asks the services. Given back with desk_close(). */
Desk *desk_new(const DeskOptions *options);

/* The services, made when first used; NULL with ERR_CONFIG when something is not configured. */
Slack *desk_slack(Desk *desk, GError **error);
Looker *desk_looker(Desk *desk, GError **error);
Warehouse *desk_warehouse(Desk *desk, GError **error);

/* Errors of a request that another thread of this process already works on: ERR_CONFLICT. Returns a
 * token that also fires with parent; give it back with work_end(). */
Cancel *work_begin(Desk *desk, gint64 id, Cancel *parent, GError **error);
void work_end(Desk *desk, gint64 id, Cancel *token);
void work_watch_end(Desk *desk); /* when nothing is worked any more */
/* Where the work on a request stands, for screens of all processes; written at most once a second,
 * unless stage changes. percent -1: unknown. */
void work_progress(Desk *desk, Progress *progress, const char *stage,
                   const WarehouseProgress *query);
/* What everybody must see from the first moment, in the transaction that makes the change; and its
 * end, after which progress->shown is the caller's to take back. */
gboolean work_progress_begin(Desk *desk, Store *store, Progress *progress, const char *stage,
                             GError **error);
gboolean work_progress_done(Store *store, Progress *progress, GError **error);
Progress *work_progress_new(Desk *desk, gint64 id);
void work_progress_free(Desk *desk, Progress *progress);
gboolean work_holder_gone(Desk *desk, gint64 id, GPtrArray *progress);

/* read.c: the channels → requests. */
typedef struct {
    guint found, fresh;
    GArray *touched;     /* gint64 ids: new, edited, answered */
    GPtrArray *problems; /* char * */
    guint channels, channels_failed;
    gboolean unreachable; /* a failure was an outage (work_is_outage()) */
    gboolean no_slack; /* it did not even say who we are: nothing was read, nothing can be posted */
} ReadResult;
gboolean read_channels(Desk *desk, ReadResult *result, Cancel *cancel, GError **error);
/* Takes one link for a request that waits for one: needs_link → new. */
gboolean read_take_link(Desk *desk, Request *request, const Link *link, const char *actor,
                        GError **error);

/* resolve.c: a link → SQL and product: new → resolved, ignored or needs_link. */
gboolean resolve_request(Desk *desk, Request *request, Progress *progress, Cancel *cancel,
                         GError **error);
/* The SQL behind the request's link, guarded; *choices as looker_fetch(). */
LookerSql *resolve_fetch(Desk *desk, const Link *link, char ***choices, Cancel *cancel,
                         GError **error);

/* The name of who asks, into the request; a workspace that does not tell is no failure. */
void resolve_requester(Desk *desk, Request *request, Cancel *cancel);

/* calculate.c: SQL → a run. A run with parameters of its own carries this word. */
#define CALCULATE_OVERRIDDEN "parameters changed"
CalcResult *calculate_sql(Desk *desk, const char *sql, const char *product, GHashTable *overrides,
                          Progress *progress, CalcAsk *ask, char **query_id, Cancel *cancel,
                          GError **error);
/* resolved → calculating → pending, with a stored run. */
gboolean calculate_request(Desk *desk, Request *request, const char *actor, GHashTable *overrides,
                           Progress *progress, Cancel *cancel, GError **error);
/* Makes a Run (not stored) of a request as it stands. Caller frees. */
Run *calculate_run(Desk *desk, const Request *request, const char *actor, GHashTable *overrides,
                   Progress *progress, Cancel *cancel, GError **error);

/* unusual.c: what the history of the desk says about a new run; appends to unusual (char *). */
gboolean unusual_check(Desk *desk, const Request *request, const CalcResult *result,
                       const char *sql_sha256, GPtrArray *unusual, GError **error);

/* The same once more for another amount: what it said before about history is forgotten. */
gboolean unusual_renew(Desk *desk, const Request *request, CalcResult *result,
                       const char *sql_sha256, GError **error);

/* override.c: amounts set by hand. */
gboolean override_is(const Run *run);
/* Who set the amount, or else the parameters, of a run by hand: unix name (caller frees) and uid;
 * NULL: nobody. */
char *override_author(const Run *run, gint64 *uid);
/* The run that an amount set by hand is based on. FALSE: it was calculated. */
gboolean override_from(const Run *run, gint64 *request_id, gint64 *number);
/* The run that such an amount would be based on; ERR_ILLEGAL where none may be set. */
Run *override_base(Desk *desk, const Request *request, GError **error);
/* The run that an override makes, not stored. */
Run *override_run(Desk *desk, const Request *request, const Run *base, gint64 amount,
                  const char *reason, GError **error);
/* The reason without blanks around it; NULL with ERR_USAGE when there is none. Caller frees. */
char *override_reason(const char *reason, const char *what, GError **error);

/* difference.c: "Since run 1: 2 segments new, another SQL."; NULL: nothing differs. Caller frees.
 */
char *difference_words(const Run *before, const Run *after);

/* correct.c: what a correction is about: the amount that its post takes the place of. FALSE with
 * error when the original cannot be read; corrected is left empty for other requests. */
typedef struct {
    gint64 id; /* of the original; 0: the request is no correction */
    gint64 amount, posted_at;
    char *currency, *posted_ts;
} Corrected;
void corrected_clear(Corrected *corrected);
gboolean corrected_of(Desk *desk, const Request *request, Corrected *corrected, GError **error);
/* The correction that desk_correct() would make of a posted request, not stored. */
Request *correct_request(Desk *desk, const Request *original, const char *reason, GError **error);

/* split.c: other requests of the same customer or link within [approval] split_window. */
typedef struct {
    char *ids;     /* "4, 7 and 9"; NULL: none */
    gint64 amount; /* of them all */
} Split;
void split_clear(Split *split);
gboolean split_of(Desk *desk, const Request *request, const Run *run, Split *split, GError **error);
gint64 split_add(gint64 a, gint64 b); /* as much as fits */

/* fresh.c: what is too old to be approved: "its newest day …; rerun it first". *words NULL: it is
 * fresh enough. Caller frees. */
gboolean fresh_words(Desk *desk, const Run *run, char **words, GError **error);

/* today.c: what a person approved since midnight UTC, by name and uid. */
gboolean today_of(Desk *desk, const char *person, gint64 uid, gint64 *amount, gint64 *count,
                  GError **error);

/* approve.c */
#define APPROVE_REASON_LEAST 15 /* characters of a reason to break the glass */
/* What the note of a request says that was approved so. */
#define NOTE_BREAK_GLASS "break-glass by "
/* The run that counts, when it may be approved at all. NULL with ERR_ILLEGAL, ERR_CONFLICT. */
Run *approve_run(Desk *desk, const Request *request, gint64 run_number, GError **error);
/* Why this operator may not approve the request now; NULL: may. Caller frees. */
char *approve_refusal(Desk *desk, const Request *request, gint64 run_number);
/* This operator may break the glass for it. */
gboolean approve_may_break(Desk *desk, const Request *request, gint64 run_number);
/* Adds the approval with its event; the last one that is needed makes the request approved. The
 * columns that a policy fills are filled here. */
gboolean approve_record(Desk *desk, Request *request, const Run *run, Approval *approval,
                        cJSON *detail, gboolean last, GError **error);

/* approve_rule.c: mode=auto. TRUE when the request was approved by rule; *why (caller frees) says
 * why it is held. */
gboolean approve_auto(Desk *desk, Request *request, char **why, GError **error);
/* Why the rule leaves this one to a person now; NULL: it does not. Caller frees. */
char *approve_rule_refusal(Desk *desk, const Request *request, const Run *run,
                           const Policy *policy);

/* approve_validity.c: which approvals count, and whether they suffice. */
typedef struct {
    gint64 have, missing; /* persons; missing 0: they suffice */
    gint64 need;          /* in all, as the policy stands and as they were told */
    char *want_group;     /* one of its members is missing; NULL: of none */
    gboolean broken;      /* by breaking the glass */
    gint64 hold_until;
    GPtrArray *persons; /* char *: whose approvals count */
    char *dropped;      /* why one that was given does not count (any more); NULL: all do */
} Tally;
void tally_clear(Tally *tally);
/* approvals: all of the request. */
gboolean approve_tally(Desk *desk, const Request *request, const Run *run, const Policy *policy,
                       const GPtrArray *approvals, Tally *tally, GError **error);
/* Whether the approvals of the run that counts suffice now; hold_until may be NULL. */
gboolean approve_suffices(Desk *desk, const Request *request, const Run *run, gboolean *suffices,
                          gint64 *hold_until, GError **error);
/* Why a person may not approve the run whatever others do: not among the approvers, asked for it,
 * or set it by hand. shown: how a sentence calls them. NULL: may. Caller frees. */
char *approve_objection(Desk *desk, const Request *request, const Run *run, const char *person,
                        gint64 uid, const char *shown, gboolean breaks_glass);
/* [approval] break_glass names this person, or a group that they are in. */
gboolean approve_breaker(const Config *config, const char *person);
/* Who may still approve: "ines or juri"; NULL: anyone. Caller frees. */
char *approve_who(Desk *desk, const Request *request, const Run *run, const Tally *tally);
/* An approval that holds for that run: not void, not past its time, sealed to its digest. */
gboolean approve_is_valid(const Approval *approval, const Request *request, const Run *run,
                          gint64 now);
/* Voids all approvals of the request and gives the valid ones anew to the run, which may be a newer
 * one with the same digest; but for those of a person (NULL: of nobody). */
gboolean approve_carry(Desk *desk, const Request *request, const Run *run, const char *why,
                       const char *but, GError **error);
/* Approvals that no longer hold go void; their requests back to pending. */
gboolean approve_expire(Desk *desk, GError **error);
/* A calculation that came to nothing: back from calculating to where it can go on. What was
 * approved before a rerun that failed is pending, its approvals void. */
gboolean approve_step_back(Desk *desk, Request *request, const char *actor, const char *kind,
                           GError **error);
/* Back to pending; every approval of the request goes void. In a transaction. */
gboolean approve_void_all(Desk *desk, Request *request, const char *actor, const char *why,
                          GError **error);
/* Among a request's events (Event *, newest first) one tells of this very approval: they are
 * committed together, so a row without one was put there, or changed, by something else. A later
 * void ended it. */
gboolean approve_is_told(const GPtrArray *events, const Approval *approval);
/* The event tells of this very approval. */
gboolean approve_is_of(const Event *event, const Approval *approval);
/* The requester is whom the event names that found the request; events of earlier versions name
 * nobody. */
gboolean approve_knows_requester(const GPtrArray *events, const Request *request);
/* What was approved, and does not suffice now: the nearest reason (caller frees). NULL without an
 * error: it suffices. */
char *approve_shortfall(Desk *desk, const Request *request, const Run *run, GError **error);
/* Checks all that must hold at the moment of posting; back to pending when it does not. */
gboolean approve_still_valid(Desk *desk, Request *request, Run **run, GError **error);
/* "approved alone by mara (break-glass): reason", raw; NULL: it was not. Caller frees. */
#define BROKEN_FORMAT "approved alone by %s (break-glass): %s"
char *approve_broken_words(Desk *desk, const Request *request, const Run *run);

/* message.c: the exact words. Callers free. */
/* What a result says: corrected (may be NULL) makes it a correction. */
typedef struct {
    const Config *config;
    const Request *request;
    const Run *run;
    const CalcResult *result;
    const Corrected *corrected;
    const char *broken; /* approve_broken_words(), may be NULL */
} Message;
/* A text that begins as one of ours does. */
gboolean message_is_result(const char *text);
char *message_result(const Message *message);
/* "12,480.50 USD", as a result has it between its asterisks. */
char *message_amount(gint64 amount, const char *currency);
cJSON *message_blocks(const char *text);
/* A result's text with the head of the log of events in its footer, and what it was before that:
 * NULL when it does not carry this one. */
char *message_record(const char *text, gint64 id, const char *hash);
char *message_before_record(const char *text, gint64 id, const char *hash);
/* What the note of a request begins with whose dashboard cannot be worked: which of several tiles,
 * or one that depends on the dashboard's filters. */
#define NOTE_TILES   "tiles: "
#define NOTE_FILTERS "filters: "
char *message_ask(const Request *request);
char *message_rejection(const Request *request, const char *reason);
char *message_dead(const Request *request);
char *message_broken(const Request *request, const char *person, const char *reason);
/* mrkdwn as a reader sees it. */
char *message_plain(const char *mrkdwn);

/* post.c: exactly once. */
gboolean post_result(Desk *desk, Request *request, Cancel *cancel, GError **error);
/* Sends one of the other kinds unless it was sent before. thread_ts NULL: top level. */
gboolean post_word(Desk *desk, Request *request, const char *kind, const char *channel,
                   const char *thread_ts, const char *text, Cancel *cancel, GError **error);
/* The intent of a word, for a caller that stores it with its own change in one transaction and then
 * calls post_deliver(). *post NULL: said before. Nothing is sent or stored here. */
gboolean post_word_prepare(Desk *desk, const Request *request, const char *kind,
                           const char *channel, const char *thread_ts, const char *text,
                           Post **post, GError **error);
/* TRUE when post_word() has nothing to do: said, or refused too often. */
gboolean post_is_said(Desk *desk, gint64 request_id, const char *kind);
/* Our own post of that kind ("result", "correction", …) in a thread, whichever state made it;
 * corrects (may be NULL): of the post with that ts. *ts NULL: none. Caller frees. */
gboolean post_find_kind(Desk *desk, const char *channel, const char *thread_ts, const char *kind,
                        const char *corrects, char **ts, Cancel *cancel, GError **error);
/* Finishes what a dead process or an unclear answer left: reads back, then posts or settles. */
gboolean post_recover(Desk *desk, gint64 request_id, guint *posted, GPtrArray *problems,
                      Cancel *cancel, GError **error);

/* work.c: one request as far as it goes. */
typedef enum {
    WORK_CALCULATE = 1, /* fetch, calculate, approve by rule */
    WORK_POST = 2,      /* results past their hold, and words in the thread */
} WorkParts;
typedef struct {
    gboolean calculated, posted, failed;
    gboolean moved;      /* it is in another state than before */
    gboolean wants_post; /* WORK_POST was not asked for, and there is something to post */
    gboolean outage;     /* failed because a service is unreachable or refuses our credentials */
} WorkResult;
/* FALSE only for what is no failure of the request: the state, a conflict, a stop. */
gboolean work_request(Desk *desk, gint64 id, guint parts, WorkResult *result, Cancel *cancel,
                      GError **error);
/* Dead requests whose word to error_user a crash prevented are told now, once. */
void work_tell_dead(Desk *desk, Cancel *cancel);
/* Requests left in 'calculating' by a process that died go back to where they can be worked. */
gboolean work_recover(Desk *desk, GError **error);
/* After a stage failed: failed with a time to try again, or dead with a word to error_user. resume:
 * where a retry goes on. Takes no error of its own: what cannot be recorded is logged. */
void work_fail(Desk *desk, Request *request, RequestState resume, const GError *cause,
               Cancel *cancel);

/* A service is out of reach, or refuses our credentials: nothing about the request itself. */
gboolean work_is_outage(const GError *error);
/* A needs_link request whose thread was not asked yet, and shall be. */
gboolean work_wants_to_ask(Desk *desk, const Request *request);
/* Its two halves, for a failure that is part of a greater change: the record, in the transaction,
 * and afterwards the log and the DM. */
gboolean work_record(Desk *desk, Request *request, RequestState resume, const GError *cause,
                     gboolean *dead, GError **error);
void work_tell(Desk *desk, Request *request, const GError *cause, gboolean dead, Cancel *cancel);

/* pause.c: a pause whose time is over ends, with its event. */
gboolean pause_end_due(Desk *desk, GError **error);

gboolean desk_is_dry(const Desk *desk); /* the configuration's or the pass's */
Request *desk_request(Desk *desk, gint64 id, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Corrected, corrected_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Split, split_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Tally, tally_clear)

#endif
