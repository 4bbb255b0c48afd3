/* slack.h: one call of a Slack Web API method, between its reading (slack.c) and its work. */
#ifndef SANDBOX_SLACK_H
#define SANDBOX_SLACK_H

#include "server.h"

#define SLACK_TEAM    "T0SANDBOX1"
#define SLACK_BOT     "B0CREDITBT"
#define SLACK_BOTUSER "U0CREDITBT"
#define SLACK_APP     "A0CREDITBT"

typedef struct {
    Request *request;
    Db *db;
    GHashTable *args; /* name → text; JSON values other than strings are printed */
    char *scopes;     /* of the token, comma-joined */
    cJSON *out;       /* members of the answer beside "ok" */
    char *error;      /* set: the call failed with this code */
    guint retry_after;
} SlackCall;

/* A channel as the caller sees it. */
typedef struct {
    char *id, *name, *im_user;
    gboolean is_private, is_im, is_archived, is_member;
} SlackChannel;

const char *slack_arg(const SlackCall *call, const char *name);
gboolean slack_flag(const SlackCall *call, const char *name);
/* Ends the call with an error; message may be NULL. Returns FALSE, to be returned. */
gboolean slack_fail(SlackCall *call, const char *error, const char *message);
/* FALSE with missing_scope when the token has none of the comma-joined scopes. */
gboolean slack_need_scope(SlackCall *call, const char *any_of);
/* The limit argument within 1 … max; FALSE with invalid_limit. */
gboolean slack_limit(SlackCall *call, gint64 fallback, gint64 max, gint64 *limit);
/* Opaque cursors: a key and a fingerprint of the call's other arguments, since a cursor belongs to
 * them. slack_cursor_read() gives NULL when there is no cursor, FALSE with invalid_cursor. */
gboolean slack_cursor_read(SlackCall *call, const char *prefix, char **key);
void slack_cursor_add(SlackCall *call, const char *prefix, const char *key);

/* The channel of that id that the bot may know of; NULL with channel_not_found. */
SlackChannel *slack_channel(SlackCall *call, const char *id);
void slack_channel_free(SlackChannel *channel);
/* "channels", "groups" or "im", for scope names. */
const char *slack_channel_family(const SlackChannel *channel);
char *slack_im_with(Db *db, const char *user, gboolean *existed);

/* "1512085950" or "1512085950.000216" in full width; NULL when it is neither. Caller frees. */
char *slack_ts(const char *text);
/* An unused ts of the channel at about that time. Caller frees. */
char *slack_new_ts(Db *db, const char *channel, gint64 microseconds);

void slack_auth_test(SlackCall *call);
void slack_conversations_list(SlackCall *call);
void slack_conversations_info(SlackCall *call);
void slack_conversations_open(SlackCall *call);
void slack_conversations_history(SlackCall *call);
void slack_conversations_replies(SlackCall *call);
void slack_users_info(SlackCall *call);
void slack_post_message(SlackCall *call);
void slack_update(SlackCall *call);
void slack_permalink(SlackCall *call);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SlackChannel, slack_channel_free)

#endif
