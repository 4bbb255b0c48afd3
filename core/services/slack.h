/* slack.h: Slack Web API (docs.slack.dev; facts in protocols.md 1).
 *
 * Thread-safe: several workers share one Slack. Every documented error code becomes a sentence with
 * the fix. Text that goes out must have passed text_slack_escape(); text that comes in is raw. */
#ifndef SERVICES_SLACK_H
#define SERVICES_SLACK_H

#include <glib.h>
#include "base/json.h"
#include "net/http.h"

typedef struct Slack Slack;

typedef struct {
    const char *base_url; /* https://slack.com/api */
    const char *token;
    guint page_size;      /* history pages */
    gint64 min_interval;  /* between history/replies calls, microseconds */
    gint64 post_interval; /* between posts to one channel; default 1 s */
} SlackOptions;

Slack *slack_new(Http *http, const SlackOptions *options, Log *log);
void slack_free(Slack *slack);

typedef struct {
    char *team, *team_id, *url, *user, *user_id, *bot_id;
} SlackIdentity;
/* auth.test, asked once and kept. Borrowed. */
const SlackIdentity *slack_identity(Slack *slack, Cancel *cancel, GError **error);

typedef struct {
    char *id, *name;
    gboolean is_private, is_member, is_archived;
} SlackChannel;
void slack_channel_free(SlackChannel *channel);
/* "#name", "name" or an id "C…"/"G…" → the channel (conversations.list, paged; conversations.info
 * for an id). ERR_NOT_FOUND says to invite the bot for private channels. Caller frees. */
SlackChannel *slack_channel_find(Slack *slack, const char *name, Cancel *cancel, GError **error);

#define SLACK_EVENT_TYPE "creditbot_post" /* metadata.event_type of what we post */

typedef struct {
    char *ts, *thread_ts; /* thread_ts NULL when not in a thread */
    char *user, *bot_id, *app_id, *subtype, *edited_ts, *text;
    gboolean has_replies;
    char *latest_reply;
    char *metadata_type, *metadata_id; /* metadata.event_type, event_payload.nonce */
    cJSON *raw;                        /* the whole message */
} SlackMessage;
void slack_message_free(SlackMessage *message);
SlackMessage *slack_message_from_json(const cJSON *json); /* NULL when it has no ts */

/* conversations.history, all pages of oldest (exclusive; NULL: all) to now, newest first as Slack
 * sends; cb is called per message in that order and stops the paging by returning FALSE. Nothing
 * may be concluded from a partial walk: an error after some calls leaves the high-water mark alone.
 */
typedef gboolean (*SlackMessageFunc)(const SlackMessage *message, void *data);
gboolean slack_history(Slack *slack, const char *channel, const char *oldest, SlackMessageFunc cb,
                       void *data, Cancel *cancel, GError **error);
/* conversations.replies, parent included (first), all pages, include_all_metadata, de-duplicated.
 */
gboolean slack_replies(Slack *slack, const char *channel, const char *thread_ts, const char *oldest,
                       SlackMessageFunc cb, void *data, Cancel *cancel, GError **error);

typedef enum {
    SLACK_POSTED,  /* ts is set */
    SLACK_REFUSED, /* certainly not posted; error says why (transient or not) */
    SLACK_UNCLEAR, /* lost answer, 5xx, internal_error, fatal_error, time-out after sending: read
                      back */
} SlackFate;

/* chat.postMessage with metadata {event_type "creditbot_post", event_payload {nonce, kind,
 * …extra}}. Waits for the channel's rate (one post a second). blocks may be NULL. extra: further
 * payload members (borrowed, may be NULL). On SLACK_POSTED *ts is set (caller frees). */
SlackFate slack_post(Slack *slack, const char *channel, const char *thread_ts, const char *text,
                     const cJSON *blocks, const char *kind, const char *nonce, const cJSON *extra,
                     char **ts, Cancel *cancel, GError **error);
/* Reads the whole thread (or, with thread_ts NULL, the channel since oldest) for our own post with
 * that nonce: of a thread nothing is left out by time, since our clock may have been wrong when it
 * was sent. TRUE: *ts set when it is there, NULL when it is certainly not. FALSE: cannot be read,
 * or a post of ours since oldest came back without its metadata (ERR_UNCLEAR), so that a nonce that
 * is not seen proves nothing. */
gboolean slack_find_post(Slack *slack, const char *channel, const char *thread_ts,
                         const char *oldest, const char *nonce, char **ts, Cancel *cancel,
                         GError **error);

/* conversations.open with one user → the DM channel's id. Caller frees. */
char *slack_open_dm(Slack *slack, const char *user, Cancel *cancel, GError **error);
/* users.info → display name (or real name, or name); kept for the life of the Slack. NULL with
 * error. */
char *slack_user_name(Slack *slack, const char *user, Cancel *cancel, GError **error);
/* chat.getPermalink. */
char *slack_permalink(Slack *slack, const char *channel, const char *ts, Cancel *cancel,
                      GError **error);

/* What a documented error code means and the fix, as one sentence; needed may be NULL
 * (missing_scope). */
char *slack_error_sentence(const char *code, const char *needed);

/* What kind of message it is, for who reads requests (design.md 10). */
typedef enum {
    SLACK_PERSON, /* a top-level message of a person: may be a request */
    SLACK_BOT,    /* ours or another bot's */
    SLACK_NOTICE, /* join, topic, tombstone, unknown subtype … */
    SLACK_REPLY,  /* in a thread, thread broadcasts included */
} SlackKind;
SlackKind slack_message_kind(const SlackMessage *message, const SlackIdentity *self);
/* TRUE for a message of this very bot. */
gboolean slack_message_is_own(const SlackMessage *message, const SlackIdentity *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Slack, slack_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SlackChannel, slack_channel_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SlackMessage, slack_message_free)

#endif
