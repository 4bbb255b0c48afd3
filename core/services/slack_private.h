/* slack_private.h: what the files of the Slack client share; for core/services/slack*.c only. */
#ifndef SERVICES_SLACK_PRIVATE_H
#define SERVICES_SLACK_PRIVATE_H

#include "base/clock.h"
#include "base/error.h"
#include "services/slack.h"

struct Slack {
    Http *http;
    Log *log;
    char *base_url, *authorization; /* "Authorization: Bearer …" */
    guint page_size;
    gint64 min_interval, post_interval;
    GMutex mutex; /* for all below */
    SlackIdentity *identity;
    GHashTable *names;     /* user id → name */
    gint64 next_read;      /* monotonic: when history or replies may be called again */
    GHashTable *next_post; /* channel → gint64 *, monotonic */
    GMutex list_mutex;     /* held through a walk over conversations.list */
    GPtrArray *channels;   /* SlackChannel *, as far as the walk came */
    char *list_cursor;     /* NULL: the walk is complete or has not begun */
    gint64 listed_at;      /* monotonic; 0: never */
};

typedef struct {
    const char *name;  /* "conversations.history" */
    const char *verb;  /* GET: arguments in the query; POST: in the body */
    const char *about; /* for errors: a channel, a user; NULL */
    const char *form;  /* arguments, form-encoded; NULL */
    const char *json;  /* POST with a JSON body instead */
    HttpRepeat repeat;
} SlackMethod;

/* What is known when a call has failed. */
typedef struct {
    gboolean unclear; /* the call may have had its effect */
    const char *code; /* from the table of documented codes; NULL: another failure */
} SlackFailure;

/* The answer's JSON when it says "ok"; NULL with error, and *failure (may be NULL) says more. */
cJSON *slack_call(Slack *slack, const SlackMethod *method, SlackFailure *failure, Cancel *cancel,
                  GError **error);

typedef struct {
    const char *code;
    CreditbotError kind;
    gboolean unclear; /* "some aspect of the operation" may have succeeded */
    const char *sentence;
} SlackErrorCode;
const SlackErrorCode *slack_error_lookup(const char *code); /* NULL: not documented */

/* Sleeps until the instant (monotonic). FALSE with error when cancelled. */
gboolean slack_wait_until(gint64 at, Cancel *cancel, GError **error);

#endif
