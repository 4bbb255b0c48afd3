/* model.h: what the state holds, as plain structs. All text is owned by its struct; times are
 * microseconds since the epoch (0: never); money is micro-units. */
#ifndef STORE_MODEL_H
#define STORE_MODEL_H

#include <glib.h>

/* The life of a request (design.md 4). Which change is legal stands in engine/state.c alone. */
typedef enum {
    STATE_NEW,
    STATE_RESOLVED,
    STATE_CALCULATING,
    STATE_PENDING,
    STATE_APPROVED,
    STATE_POSTING,
    STATE_POSTED,
    STATE_UNCONFIRMED,
    STATE_REJECTED,
    STATE_IGNORED,
    STATE_NEEDS_LINK,
    STATE_FAILED,
    STATE_DEAD,
    STATE_COUNT,
} RequestState;
const char *state_name(RequestState state); /* "needs_link" */
gboolean state_parse(const char *name, RequestState *state);
#define STATE_BIT(s) (1u << (s))
/* States that still want something from the program or a person. */
#define STATES_OPEN                                                                                \
    (STATE_BIT(STATE_NEW) | STATE_BIT(STATE_RESOLVED) | STATE_BIT(STATE_CALCULATING) |             \
     STATE_BIT(STATE_PENDING) | STATE_BIT(STATE_APPROVED) | STATE_BIT(STATE_POSTING) |             \
     STATE_BIT(STATE_UNCONFIRMED) | STATE_BIT(STATE_NEEDS_LINK) | STATE_BIT(STATE_FAILED) |        \
     STATE_BIT(STATE_DEAD))
#define STATES_CLOSED                                                                              \
    (STATE_BIT(STATE_POSTED) | STATE_BIT(STATE_REJECTED) | STATE_BIT(STATE_IGNORED))

/* One request in Slack: one row, unique by (channel, ts); and one a correction of what was posted,
 * which shares channel, ts and thread_ts with the request that it corrects. */
typedef struct {
    gint64 id;
    gint64 version;     /* counts changes; a save with an old one is ERR_CONFLICT */
    char *channel;      /* id "C…" */
    char *channel_name; /* without '#'; NULL when unknown */
    char *ts;           /* Slack's own string */
    char *thread_ts;    /* where answers go; equal to ts for a top-level message */
    char *requester;    /* user id "U…" */
    char *requester_name;
    char *text;      /* as Slack sent it, raw */
    char *message;   /* the whole message, JSON */
    char *edited_ts; /* of the edit that was read last; NULL: never edited */
    char *link_url, *link_kind, *link_ref;
    char *link_later; /* a link that changed after the result was made: shown, never acted on */
    char *title;      /* of the look or tile */
    char *product;    /* "verify"; NULL: not known (yet) */
    char *customer;
    char *sql, *sql_sha256;
    RequestState state;
    RequestState resume; /* failed, dead: where a retry goes on */
    char *note;          /* why ignored, why no link counts, which tiles, why held: plain words */
    char *error;         /* last failure; NULL: none */
    char *error_code;    /* error_code_name() */
    gint64 attempts;     /* failed attempts since the last success */
    gint64 next_attempt_at;
    gint64 received_at; /* from ts */
    gint64 state_at;    /* when it entered its state */
    gint64 run_id;      /* the run that counts; 0: none */
    gint64 hold_until;  /* approved: not posted before */
    char *posted_ts;    /* of the result in the thread */
    gint64 posted_at;
    gint64 corrects; /* the request whose post this one corrects; fixed when it is added. 0: none */
    /* Read only, kept by the tables; ignored by a save. */
    gint64 corrected_by; /* the correction that was posted; 0: none */
    char *decided_by;    /* who approved the run that counts ("mara, ivo"), or rejected; NULL */
    gint64 decided_at;   /* posted_at, or when it was rejected or ignored; 0: not yet */
    gboolean has_amount;
    gint64 amount, low, high;
    char *currency;
    char *unusual; /* "; "-separated, NULL: nothing */
    gint64 run_number, run_at;
    gint64 approvals; /* valid ones for run_id */
} Request;
Request *request_new(void);
Request *request_copy(const Request *request);
void request_free(Request *request);

/* One calculation; never changed once stored. */
typedef struct {
    gint64 id, request_id, number; /* number: 1, 2, … per request */
    gboolean dry;                  /* leaves the request's state alone */
    char *status;                  /* "done" "failed" "cancelled" */
    gint64 started_at, finished_at;
    char *actor; /* "batch", "uid 1000 (mara)" */
    char *sql, *sql_sha256;
    char *calculator, *calculator_version, *parameters; /* parameters: JSON */
    char *warehouse, *query_id;
    gint64 rows;
    gint64 amount, low, high;
    char *currency, *product, *customer;
    char *unusual; /* "; "-separated */
    char *result;  /* JSON of calc_result_to_json(); NULL unless done */
    char *digest;  /* SHA-256 of the evidence; NULL unless done */
    char *error;
} Run;
Run *run_new(void);
void run_free(Run *run);

typedef struct {
    gint64 id, request_id, run_id;
    char *digest; /* of the run that it names */
    gint64 uid;   /* -1: automatic (mode=auto), -2: a signature of somebody without an account */
    char *actor;  /* unix name, "auto", the principal of such a signature */
    char *reason;
    gint64 at, hold_until, expires_at;
    gint64 voided_at; /* 0: valid */
    char *voided_why;
    char *person;     /* the human by one name: unix name, else principal; "auto" for the rule */
    char *method;     /* "login" "auto" "signature" "break-glass" */
    char *principal;  /* who signed, as the allowed signers call them; NULL: nobody did */
    char *signature;  /* armored; NULL: none */
    char *slack;      /* the Slack id that the person is mapped to; NULL: none */
    gboolean self;    /* [approval] allow_self held */
    gint64 need;      /* approvers wanted in all, as the policy stood; at least 1 */
    char *need_group; /* one of these must be among them; NULL: anyone */
    char *groups;     /* of the configuration, that the person is in; ';'-separated, NULL: none */
} Approval;
void approval_free(Approval *approval);

/* An approval that broke the glass, looked at afterwards by another person. */
typedef struct {
    gint64 id, approval_id, at, uid;
    char *actor; /* unix name */
    char *word;  /* what they say about it */
} Review;
void review_free(Review *review);

/* A post that was decided: committed before it is sent. */
typedef struct {
    gint64 id, request_id, run_id; /* run_id 0: none */
    char *kind;                    /* "result" "ask_link" "ask_tile" "rejection" "error_dm" */
    char *nonce;                   /* carried in the post's metadata */
    char *channel;                 /* error_dm: the user id until it is opened */
    char *thread_ts;               /* NULL: top level */
    char *text, *blocks;           /* exactly what is sent; blocks: JSON or NULL */
    char *status; /* "intent" "sending" "posted" "unclear" "unconfirmed" "refused" "abandoned" */
    gint64 created_at, sent_at, settled_at, attempts;
    char *posted_ts, *error;
    char *holder_host; /* who sends it now */
    gint64 holder_pid, holder_start;
    gint64 witness_id;  /* the last event when it was decided; 0: of a version without witnesses */
    char *witness_hash; /* and its hash, which the post carries to Slack */
} Post;
Post *post_new(void);
void post_free(Post *post);

typedef struct {
    gint64 id, request_id, at; /* request_id 0: not about one */
    char *actor, *kind;        /* "state" "run" "approve" "void" "post" "ask" "edit" "import" … */
    char *from, *to;           /* states, NULL when none */
    char *detail;              /* JSON object or NULL */
    char *hash;
} Event;
void event_free(Event *event);

typedef struct {
    gint64 id, started_at, finished_at;
    char *host, *actor, *trigger; /* trigger: "cron" "console" "cli" */
    gint64 pid;
    gboolean dry_run;
    char *status; /* "running" "ok" "some_failed" "unreachable" "stopped" "crashed" */
    gint64 exit_code, found, fresh, ignored, needs_link, calculated, pending, posted, failed;
    char *error;
} Pass;
void pass_free(Pass *pass);

typedef struct {
    gint64 id, at, pass_id, request_id, run_id;
    int level; /* LogLevel */
    char *area, *message;
} LogRow;
void log_row_free(LogRow *row);

/* Live progress of a query; gone when it ends. */
typedef struct {
    gint64 request_id, at, started_at, rows, bytes;
    double percent; /* -1: unknown */
    char *stage;    /* "fetching SQL" "query" "calculating" "posting" "reading back" */
    char *query_id, *host;
    gint64 pid;
    gboolean cancel_asked; /* an operator asked to stop it, from any process */
    gboolean shown;        /* not stored: the writer's own mark that there is a row */
} Progress;
void progress_free(Progress *progress);

/* Somebody looks at a request; gone with its process. */
typedef struct {
    gint64 request_id;
    char *host, *boot;
    gint64 pid, start; /* of the process, as in Holder */
    gint64 uid;
    char *actor; /* unix name */
    char *what;  /* "looking" "approving" … */
    gint64 since, heartbeat;
} Claim;
void claim_free(Claim *claim);
/* TRUE for one of this process. */
gboolean claim_is_own(const Claim *claim);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Request, request_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Run, run_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Approval, approval_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Review, review_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Post, post_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Event, event_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pass, pass_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LogRow, log_row_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Progress, progress_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Claim, claim_free)

#endif
