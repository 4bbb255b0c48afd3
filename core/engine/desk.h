/* desk.h: the desk as its faces see it: what an operator, a cron job or a command can ask for.
 *
 * Everything here may block on the network and the disk: a console calls it from worker threads. A
 * Desk may be used from several threads at once. Reading goes through desk_store() (or a Store of
 * one's own); every change goes through here, where the table of states, the two-person rule and
 * the dry run are enforced. */
#ifndef ENGINE_DESK_H
#define ENGINE_DESK_H

#include <glib.h>
#include "base/cancel.h"
#include "base/config.h"
#include "base/log.h"
#include "calc/calc.h"
#include "store/store.h"

typedef struct Desk Desk;

typedef struct {
    Config *config;     /* borrowed, outlives the desk */
    Log *log;           /* borrowed, may be NULL */
    const Clock *clock; /* NULL: the system's */
    gint64 uid;         /* of the operator; -1: of the process (never from the environment) */
    const char *actor;  /* unix name; NULL: looked up from uid */
    gboolean read_only; /* for list, show, history …: opens no services, creates nothing */
    gboolean relaxed;   /* a state that can be made again: a power cut may take its last moments */
    void (*migrating)(const StoreMigrating *now); /* as StoreOptions has it */
} DeskOptions;

/* Opens the state and checks the configuration; services connect when first used. */
Desk *desk_open(const DeskOptions *options, GError **error);
void desk_close(Desk *desk);
Store *desk_store(Desk *desk); /* borrowed */
const Config *desk_config(Desk *desk);
const char *desk_actor(Desk *desk);
gboolean desk_dry_run(Desk *desk); /* [general] dry_run as it stands now */
gint64 desk_now(Desk *desk);

/* -- one pass -- */
typedef struct {
    gboolean dry_run;    /* in addition to the configuration's */
    guint max;           /* at most so many requests are worked; 0: all */
    const char *trigger; /* "cron" "console" "cli" */
} PassOptions;
typedef struct {
    Pass *pass;          /* as stored */
    GPtrArray *requests; /* Request *: those it found, worked or failed at, in order of arrival */
    GPtrArray *problems; /* char *: channels and services that failed, one sentence each */
    int exit_code;       /* 0, 1 or 3 (design.md 10) */
} PassResult;
void pass_result_free(PassResult *result);
/* NULL with ERR_LEASE when another pass runs, ERR_STORE before anything is posted when the state is
 * damaged or full. A pass in which something failed still is a result. */
PassResult *desk_pass(Desk *desk, const PassOptions *options, Cancel *cancel, GError **error);
/* The object of `--batch --json`. */
cJSON *pass_result_to_json(const PassResult *result);

/* -- the proof -- */
typedef struct {
    StoreTell tell; /* how far it is, about each thousand rows; may be NULL */
    void *data;
} DeskVerify;
/* store_verify(), and: every change of state that the events tell is legal and goes on where the
 * one before it left the request; every result goes to its request's thread, says what was decided
 * (sealed in the event of its intent), names the amount of its run and carries the record of a link
 * of the log. One consistent view; each problem is a sentence in *problems (char *, caller frees).
 * options may be NULL. */
gboolean desk_verify(Store *store, const DeskVerify *options, GPtrArray **problems, GError **error);

/* -- what exactly would be posted -- */
typedef struct {
    char *channel_name; /* "#help-sms-credit-pumping-memos" */
    char *thread_ts;
    char *text;  /* mrkdwn exactly as sent */
    char *plain; /* as Slack would show it, for a screen; several lines */
    cJSON *blocks;
    gboolean live;     /* FALSE: dry run, nothing would be sent */
    gint64 hold;       /* microseconds between approval and post */
    gint64 need, have; /* approvals needed in all, and valid so far */
    char *evidence;    /* first hex digits of the digest */
    char *refusal;     /* why this operator may not approve it now; NULL: may */
    gint64 approved_today_amount, approved_today_count; /* by this operator, UTC day */
    gint64 run_number,
        run_at; /* of the run that it shows; 0: none (a rejection, or not made yet) */
    gint64 amount,
        before; /* before: what it takes the place of: the run before, or what is posted */
    gboolean has_amount, has_before;
    char *currency;
    char
        *change; /* what a rerun changed: "2 segments new, 1 changed; SQL changed"; NULL: nothing */
    char *unusual; /* "; "-separated, in full; NULL: nothing */
    char *claim;   /* "mara is looking at it since 2m": another operator; NULL: nobody */
    char *tier; /* why so many: "from 5,000.00 USD two approve, one of seniors"; NULL: one alone */
    char *need_group; /* of which one must be among those who approve; NULL: of none */
    char *who;       /* who may still approve, as far as known: "ines or juri"; NULL: anyone else */
    char *split;     /* other requests that are counted together with this one; NULL: none */
    char *stale;     /* what is too old to be approved; NULL: fresh */
    char *approvals; /* "mara 5m ago, signature of ines@example.com 1m ago"; NULL: none */
    gint64 today_limit;   /* [approval] daily_limit, micro-units; -1: none */
    gboolean break_glass; /* this operator may approve it alone in an emergency */
} Preview;
void preview_free(Preview *preview);
/* kind "result" (run_number 0: the run that counts), "break-glass" (the same as it would be posted
 * when this operator approves it alone for that reason) or "rejection" (reason is quoted). */
Preview *desk_preview(Desk *desk, gint64 id, const char *kind, gint64 run_number,
                      const char *reason, GError **error);
/* What would be posted if desk_override() set this amount; of a posted request: its correction.
 * Nothing is recorded. Errors as desk_override(). */
Preview *desk_preview_amount(Desk *desk, gint64 id, gint64 amount, const char *reason,
                             GError **error);

/* -- decisions -- */
typedef struct {
    gint64 need, have;
    gint64 hold_until; /* when it may be posted; 0: more approvals are needed */
    gboolean dry_run;  /* nothing was recorded, nothing will be posted */
} Approved;
/* Seals this operator's approval to a run by its digest. run_number 0: the run that counts.
 * ERR_ILLEGAL when the state, the two-person rule or [approval] approvers forbids it. In a dry run
 * everything is checked and nothing recorded. */
gboolean desk_approve(Desk *desk, gint64 id, gint64 run_number, const char *reason,
                      Approved *approved, GError **error);
typedef struct {
    gint64 run_number;     /* 0: the run that counts */
    const char *reason;    /* required; at least 15 characters for break_glass */
    gboolean break_glass;  /* alone, for the missing persons: [approval] break_glass says who may */
    const char *signature; /* armored, of somebody who needs no login here; NULL: this operator */
} ApproveHow;
/* desk_approve() in full. Break-glass stands for the persons that a tier and its group want, never
 * for what concerns the person or the evidence. A signature is checked against [approval]
 * allowed_signers; its person counts as if they had logged in. */
gboolean desk_approve_as(Desk *desk, gint64 id, const ApproveHow *how, Approved *approved,
                         GError **error);
/* A break-glass approval was looked at afterwards: closes those of the request that nobody reviewed
 * yet, with its event. ERR_NOT_FOUND when there is none, ERR_ILLEGAL for the person who gave it,
 * ERR_USAGE without a reason. */
gboolean desk_review(Desk *desk, gint64 id, const char *reason, GError **error);
/* Before the post: back to pending, every approval void. What still waits for a second person is
 * taken back by who gave the first approval (ERR_ILLEGAL for others). */
gboolean desk_take_back(Desk *desk, gint64 id, GError **error);
/* notify: also posted in the thread ([approval] notify_rejection is the default that faces offer).
 */
gboolean desk_reject(Desk *desk, gint64 id, const char *reason, gboolean notify, Cancel *cancel,
                     GError **error);
/* Posts what is approved and past its hold (id 0: all of them), finishing unclear posts first.
 * *posted (may be NULL): how many reached Slack. */
gboolean desk_post_due(Desk *desk, gint64 id, guint *posted, Cancel *cancel, GError **error);

/* Why this operator cannot do that to the request as it stands ("approve" "reject" "rerun"
 * "retry"); NULL: they can. Caller frees. */
char *desk_refusal(Desk *desk, const Request *request, const char *act);

/* A new run: the SQL is fetched anew, the query runs. dry: recorded as a dry run, the request is
 * left alone. overrides: [calculator.*] keys for this run only (borrowed, may be NULL). A run with
 * another amount voids approvals. Returns the run; caller frees. */
Run *desk_rerun(Desk *desk, gint64 id, gboolean dry, GHashTable *overrides, Cancel *cancel,
                GError **error);
/* Another amount (micro-units of the run's currency) set by hand: a new run, based on the one that
 * counts, that carries who and why and can be approved by another person only, never by the rule.
 * pending and approved requests; approvals of the old amount are void. ERR_USAGE without a reason,
 * ERR_INPUT for a negative amount or the present one. More than all measured attempts cost is
 * possible, and said wherever the run is shown. *run (may be NULL): the new one, caller frees. */
gboolean desk_override(Desk *desk, gint64 id, gint64 amount, const char *reason, Run **run,
                       GError **error);
/* After the post: makes the linked request that corrects a posted one and goes the ordinary way
 * (rerun or override, approval by another look, hold, post in the same thread). It starts pending,
 * with the original's evidence as its first run, and cannot be approved while it would say the same
 * amount. ERR_ILLEGAL unless the request is posted, or when a correction of it is open already.
 * *correction (may be NULL): its id. */
gboolean desk_correct(Desk *desk, gint64 id, const char *reason, gint64 *correction,
                      GError **error);
/* Who set the amount of a run by hand: "amount set by hand by mara: reason (904.17 before)"; NULL:
 * nobody, it was calculated. Caller frees. */
char *run_override_words(const Run *run);
/* failed, dead (and ignored): due again at once, attempts forgotten; worked by desk_work or a pass.
 */
gboolean desk_retry(Desk *desk, gint64 id, GError **error);
/* Takes one request as far as a pass would. *state (may be NULL): where it ended. */
gboolean desk_work(Desk *desk, gint64 id, RequestState *state, Cancel *cancel, GError **error);
/* The operator answers 'needs a link'. */
gboolean desk_give_link(Desk *desk, gint64 id, const char *url, GError **error);
/* Why a link would not count, by the rules of desk_give_link(); NULL: it counts. Waits for nothing.
 * Caller frees. */
char *desk_link_refusal(Desk *desk, const char *url);
/* Stops the running query of a request, in this process or another on this state. */
gboolean desk_cancel(Desk *desk, gint64 id, GError **error);

/* -- one calculation, nothing stored, nothing posted -- */
typedef struct {
    const char *looker_url, *sql; /* exactly one */
    const char *product;          /* NULL: found by its match; with --sql and no match: the first */
    void (*progress)(const char *stage, double percent, gint64 rows, void *data);
    void *data;
} CalcAsk;
CalcResult *desk_calc(Desk *desk, const CalcAsk *ask, char **sql_sha256, Cancel *cancel,
                      GError **error);

/* -- doctor -- */
typedef enum { CHECK_OK, CHECK_WARN, CHECK_FAIL, CHECK_SKIP } CheckStatus;
typedef struct {
    const char
        *name; /* "slack", "slack #channel", "looker", "warehouse", "state", "configuration" */
    CheckStatus status;
    char *found; /* what was seen */
    char *fix;   /* what to do; NULL when well */
    gint64 elapsed;
} Check;
typedef void (*CheckFunc)(const Check *check, void *data);
/* Every dependency in turn; TRUE when all are well. */
gboolean desk_doctor(Desk *desk, CheckFunc func, void *data, Cancel *cancel);
/* The checks of one service ("slack", "looker", "warehouse") alone, for a configuration that is
 * being made: no state is opened or made. FALSE when one of them failed, or cancel fired. */
gboolean desk_try(Config *config, const char *service, CheckFunc func, void *data, Cancel *cancel);

/* -- who looks at what -- */
/* This process' operator looks at a request (what: "looking" "deciding"): others see it until
 * desk_unclaim(), or until this process is gone. Said again it is a heartbeat, wanted at least
 * every 20 s. */
gboolean desk_claim(Desk *desk, gint64 id, const char *what, GError **error);
void desk_unclaim(Desk *desk, gint64 id); /* 0: all of this process */
/* Ends somebody else's claim, with its event. ERR_NOT_FOUND when there is none. */
gboolean desk_release_claim(Desk *desk, gint64 id, GError **error);
/* "mara is looking at it since 2m" when another operator or process does; NULL: nobody. Caller
 * frees. */
char *desk_claimed_by(Desk *desk, gint64 id);

/* -- the schedule -- */
typedef struct {
    char *actor, *reason;
    gint64 since, until; /* until 0: until somebody resumes */
} PauseInfo;
void pause_info_clear(PauseInfo *info);
/* Passes of the schedule do nothing until then (0: until desk_resume()); afterwards they go on by
 * themselves. ERR_USAGE without a reason or with a time that is past. */
gboolean desk_pause(Desk *desk, const char *reason, gint64 until, GError **error);
gboolean desk_resume(Desk *desk, GError **error);
/* TRUE when paused now; "mara since 2026-… until 2026-…: reason". Caller frees. */
gboolean desk_paused(Desk *desk, char **who);
/* The same, in parts; info is left alone when not paused. */
gboolean desk_pause_info(Desk *desk, PauseInfo *info);

/* What the NOTE of a request says that was approved by breaking the glass. */
gboolean request_is_broken(const Request *request);
/* One object a line of `list --json` (design.md 10) with the further members that docs/json.md
 * names. */
cJSON *request_to_json(const Request *request);
cJSON *run_to_json(const Run *run);
cJSON *event_to_json(const Event *event);

/* Live changes of progress in this process (called from worker threads; may be NULL). */
void desk_on_progress(Desk *desk, void (*func)(const Progress *progress, void *data), void *data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Desk, desk_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PassResult, pass_result_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Preview, preview_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PauseInfo, pause_info_clear)

#endif
