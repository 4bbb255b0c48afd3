/* witness.c: what Slack's threads testify: each result that was posted carries the head of the
 * event log as it stood then, so that a log which was written anew, however well, is found out. */
#include "engine/witness.h"

#include <string.h>

#include "base/error.h"
#include "engine/desk_private.h"
#include "engine/witness_text.h"

#define DIGITS 12

char *
witness_hash_at(Store *store, gint64 event_id, GError **error)
{
    g_autoptr(GPtrArray) events = store_events(store, 0, event_id + 1, 1, error);

    if (!events)
        return NULL;
    const Event *event = events->len ? g_ptr_array_index(events, 0) : NULL;
    if (event && event->id == event_id)
        return g_strdup(event->hash);
    g_set_error(error, CREDITBOT_ERROR, ERR_NOT_FOUND, "the log ends at record %" G_GINT64_FORMAT,
                event ? event->id : 0);
    return NULL;
}

void
witness_report_free(WitnessReport *report)
{
    if (!report)
        return;
    g_clear_pointer(&report->problems, g_ptr_array_unref);
    g_free(report);
}

/* -- what is known here -- */

typedef struct {
    Post *post;
    gboolean seen;
} Known;

static void
known_free(gpointer data)
{
    Known *known = data;

    post_free(known->post);
    g_free(known);
}

typedef struct {
    const char *channel, *ts;
} Thread;

/* A problem, with what it is sorted by. */
typedef struct {
    gint64 record; /* of the log that it begins at; 0: not about one */
    char *ts, *words;
} Finding;

static void
finding_free(gpointer data)
{
    Finding *finding = data;

    g_free(finding->ts);
    g_free(finding->words);
    g_free(finding);
}

static gint
finding_compare(gconstpointer a, gconstpointer b)
{
    const Finding *one = *(Finding *const *)a, *other = *(Finding *const *)b;
    gint64 x = one->record ? one->record : G_MAXINT64;
    gint64 y = other->record ? other->record : G_MAXINT64;

    return x != y ? (x < y ? -1 : 1) : strcmp(one->ts, other->ts);
}

typedef struct {
    Desk *desk;
    const WitnessOptions *options;
    const SlackIdentity *self;
    Cancel *cancel;
    GHashTable *known;    /* nonce → Known *: posted results */
    GHashTable *threads;  /* "CHANNEL TS" */
    GHashTable *channels; /* ids */
    GPtrArray *findings;
    WitnessReport *report;
    const Thread *thread; /* that is read */
    GError *error;        /* of the store, in a callback */
} Hearing;

static void
hearing_clear(Hearing *hearing)
{
    g_clear_pointer(&hearing->known, g_hash_table_unref);
    g_clear_pointer(&hearing->threads, g_hash_table_unref);
    g_clear_pointer(&hearing->channels, g_hash_table_unref);
    g_clear_pointer(&hearing->findings, g_ptr_array_unref);
    witness_report_free(hearing->report);
    g_clear_error(&hearing->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Hearing, hearing_clear)

static void G_GNUC_PRINTF(4, 5)
    find(Hearing *hearing, gint64 record, const char *ts, const char *format, ...)
{
    Finding *finding = g_new0(Finding, 1);
    va_list values;

    va_start(values, format);
    finding->record = record;
    finding->ts = g_strdup(ts ? ts : "");
    finding->words = g_strdup_vprintf(format, values);
    va_end(values);
    g_ptr_array_add(hearing->findings, finding);
}

static void
tell(const Hearing *hearing, const char *what, guint done, guint total)
{
    if (hearing->options->progress)
        hearing->options->progress(what, done, total, hearing->options->data);
}

static void
add_thread(Hearing *hearing, const char *channel, const char *ts)
{
    g_hash_table_add(hearing->threads, g_strconcat(channel, " ", ts, NULL));
    g_hash_table_add(hearing->channels, g_strdup(channel));
}

static gboolean
is_posted_result(const Post *post)
{
    return g_strcmp0(post->kind, "result") == 0 && g_strcmp0(post->status, "posted") == 0 &&
           post->nonce && post->channel && post->posted_ts;
}

static gboolean
add_known(Request *request, void *data)
{
    Hearing *hearing = data;
    g_autoptr(GPtrArray) posts = store_posts(hearing->desk->store, request->id, &hearing->error);

    for (guint i = 0; posts && i < posts->len; i++) {
        Post *post = g_ptr_array_index(posts, i);

        if (!is_posted_result(post))
            continue;
        Known *known = g_new0(Known, 1);
        known->post = post;
        g_ptr_array_index(posts, i) = NULL;
        add_thread(hearing, post->channel, post->thread_ts ? post->thread_ts : post->posted_ts);
        g_hash_table_replace(hearing->known, g_strdup(post->nonce), known);
    }
    return posts != NULL;
}

static gboolean
gather_known(Hearing *hearing, GError **error)
{
    const RequestFilter filter = {.states = STATE_BIT(STATE_POSTED),
                                  .decided_since = hearing->options->since,
                                  .order = ORDER_ID,
                                  .brief = TRUE,
                                  .cancel = hearing->cancel};

    if (!store_requests(hearing->desk->store, &filter, add_known, hearing, error))
        return FALSE;
    if (hearing->error) {
        g_propagate_error(error, g_steal_pointer(&hearing->error));
        return FALSE;
    }
    return TRUE;
}

/* -- one message -- */

typedef struct {
    const char *kind, *nonce, *head; /* borrowed from the message */
    gint64 request, head_id;
} Payload;

static Payload
payload_of(const SlackMessage *message)
{
    const cJSON *json = json_object(json_object(message->raw, "metadata"), "event_payload");

    return (Payload){.kind = json_string(json, "kind"),
                     .nonce = message->metadata_id,
                     .head = json_string(json, "head"),
                     .request = json_int(json, "request", 0),
                     .head_id = json_int(json, "head_id", 0)};
}

static gboolean
is_result_kind(const char *kind)
{
    return g_strcmp0(kind, "result") == 0 || g_strcmp0(kind, "correction") == 0;
}

/* The log here against the record that a post carries. TRUE: it is a link of it. */
static gboolean
check_head(Hearing *hearing, const SlackMessage *message, const Payload *payload)
{
    g_autoptr(GError) missing = NULL;
    g_autofree char *hash = witness_hash_at(hearing->desk->store, payload->head_id, &missing);

    if (hash && g_strcmp0(hash, payload->head) == 0) {
        hearing->report->last_id = MAX(hearing->report->last_id, payload->head_id);
        return TRUE;
    }
    if (hash)
        find(hearing, payload->head_id, message->ts,
             "record %" G_GINT64_FORMAT " of the log is %.*s, but message %s in Slack was posted "
             "with record %.*s: the log was changed at that record or before it",
             payload->head_id, DIGITS, hash, message->ts, DIGITS, payload->head);
    else
        find(hearing, payload->head_id, message->ts,
             "message %s in Slack was posted with record %" G_GINT64_FORMAT
             " of the log, which is not there (%s): what came after it was lost or taken away",
             message->ts, payload->head_id, missing->message);
    return FALSE;
}

/* A post that a state of an earlier time made, or somebody with our token. */
static void
find_unknown(Hearing *hearing, const SlackMessage *message, const Payload *payload)
{
    g_autofree char *restored = store_value(hearing->desk->store, "restored");

    find(hearing, payload->head_id, message->ts,
         "message %s in thread %s of %s is a result of ours (request %" G_GINT64_FORMAT
         ", record %" G_GINT64_FORMAT ") that this state does not know%s",
         message->ts, hearing->thread->ts, hearing->thread->channel, payload->request,
         payload->head_id, restored ? "; the state was restored from a backup once" : "");
}

/* Not among the posted results that we look for: being posted, or older than since. */
static gboolean
is_in_store(Hearing *hearing, const Payload *payload)
{
    g_autoptr(GPtrArray) posts =
        payload->request > 0 ? store_posts(hearing->desk->store, payload->request, NULL) : NULL;

    for (guint i = 0; posts && i < posts->len; i++) {
        const Post *post = g_ptr_array_index(posts, i);

        if (g_strcmp0(post->nonce, payload->nonce) == 0 && g_strcmp0(post->kind, "result") == 0)
            return g_strcmp0(post->status, "refused") != 0 &&
                   g_strcmp0(post->status, "abandoned") != 0;
    }
    return FALSE;
}

/* What somebody sees in the thread is what was recorded. */
static gboolean
check_words(Hearing *hearing, const SlackMessage *message, const Post *post)
{
    if (message->edited_ts) {
        find(hearing, post->witness_id, message->ts,
             "message %s of request %" G_GINT64_FORMAT
             " was edited in Slack (%s): it is no longer what was approved",
             message->ts, post->request_id, message->edited_ts);
        return FALSE;
    }
    if (witness_text_same(message, post))
        return TRUE;
    find(hearing, post->witness_id, message->ts,
         "message %s of request %" G_GINT64_FORMAT
         " says something else in Slack than the post that is recorded here",
         message->ts, post->request_id);
    return FALSE;
}

static gboolean
check_carried(Hearing *hearing, const SlackMessage *message, const Payload *payload,
              const Post *post)
{
    if (!payload->head && !post->witness_id)
        return TRUE; /* posted before posts carried a record */
    if (payload->head_id == post->witness_id && g_strcmp0(payload->head, post->witness_hash) == 0)
        return check_head(hearing, message, payload);
    find(hearing, payload->head_id ? payload->head_id : post->witness_id, message->ts,
         "message %s of request %" G_GINT64_FORMAT " carries record %" G_GINT64_FORMAT
         " (%.*s) in Slack, but record %" G_GINT64_FORMAT " (%.*s) here",
         message->ts, post->request_id, payload->head_id, DIGITS,
         payload->head ? payload->head : "none", post->witness_id, DIGITS,
         post->witness_hash ? post->witness_hash : "none");
    return FALSE;
}

static void
check_known(Hearing *hearing, const SlackMessage *message, const Payload *payload, Known *known)
{
    const Post *post = known->post;

    if (g_strcmp0(message->ts, post->posted_ts) != 0) {
        find(hearing, payload->head_id, message->ts,
             "message %s in %s carries the nonce of request %" G_GINT64_FORMAT
             ", whose result is message %s: it was posted twice or copied",
             message->ts, hearing->thread->channel, post->request_id, post->posted_ts);
        return;
    }
    known->seen = TRUE;
    gboolean head = check_carried(hearing, message, payload, post);
    gboolean words = check_words(hearing, message, post);
    hearing->report->heads += head && payload->head;
    hearing->report->posts += head && words;
}

static void
find_foreign(Hearing *hearing, const SlackMessage *message, const Payload *payload)
{
    const Known *known =
        payload->nonce ? g_hash_table_lookup(hearing->known, payload->nonce) : NULL;
    const char *who = message->bot_id ? message->bot_id : message->user;

    find(hearing, 0, message->ts, "message %s in thread %s of %s is not ours (by %s), but %s",
         message->ts, hearing->thread->ts, hearing->thread->channel, who ? who : "nobody",
         known ? "carries the nonce of a result of ours" : "gives itself out as a result of ours");
}

static gboolean
hear(const SlackMessage *message, void *data)
{
    Hearing *hearing = data;
    const Payload payload = payload_of(message);

    if (g_strcmp0(message->metadata_type, SLACK_EVENT_TYPE) != 0) {
        if (slack_message_is_own(message, hearing->self) && message_is_result(message->text))
            find(hearing, 0, message->ts,
                 "message %s in thread %s of %s is a result in our name without a record of the "
                 "log: somebody posted it with our token, or took its metadata away",
                 message->ts, hearing->thread->ts, hearing->thread->channel);
        return TRUE;
    }
    if (!slack_message_is_own(message, hearing->self)) {
        if (!payload.kind || is_result_kind(payload.kind))
            find_foreign(hearing, message, &payload);
        return TRUE;
    }
    if (!payload.nonce) {
        find(hearing, 0, message->ts,
             "message %s of ours came back from Slack without its metadata: it testifies nothing",
             message->ts);
        return TRUE;
    }
    if (!is_result_kind(payload.kind)) {
        if (message_is_result(message->text))
            find(hearing, 0, message->ts,
                 "message %s in thread %s of %s is a result in our name, but says of itself that "
                 "it is none (%s): nobody decided it",
                 message->ts, hearing->thread->ts, hearing->thread->channel, payload.kind);
        return TRUE;
    }
    Known *known = g_hash_table_lookup(hearing->known, payload.nonce);
    if (known)
        check_known(hearing, message, &payload, known);
    else if (!is_in_store(hearing, &payload))
        find_unknown(hearing, message, &payload);
    return TRUE;
}

/* -- threads and channels -- */

/* What no waiting and no repair of the connection mends, so that the rest can be read. */
static gboolean
is_of_one_place(const GError *cause)
{
    return g_error_matches(cause, CREDITBOT_ERROR, ERR_NOT_FOUND) ||
           g_error_matches(cause, CREDITBOT_ERROR, ERR_REFUSED);
}

static gboolean
hear_thread(Hearing *hearing, const Thread *thread, GError **error)
{
    g_autoptr(GError) cause = NULL;

    hearing->thread = thread;
    if (slack_replies(hearing->desk->slack, thread->channel, thread->ts, NULL, hear, hearing,
                      hearing->cancel, &cause)) {
        hearing->report->threads++;
        return TRUE;
    }
    if (!is_of_one_place(cause)) {
        g_propagate_error(error, g_steal_pointer(&cause));
        return FALSE;
    }
    if (!strstr(cause->message, ": thread_not_found: ")) /* then its posts are told as deleted */
        find(hearing, 0, thread->ts, "thread %s of %s cannot be read: %s", thread->ts,
             thread->channel, cause->message);
    return TRUE;
}

typedef struct {
    Hearing *hearing;
    const char *channel;
} Walk;

static gboolean
take_parent(const SlackMessage *message, void *data)
{
    Walk *walk = data;

    if (message->has_replies)
        add_thread(walk->hearing, walk->channel, message->ts);
    return TRUE;
}

/* Threads with answers, so that a result is found that the state knows nothing of. */
static gboolean
walk_channel(Hearing *hearing, const char *channel, GError **error)
{
    g_autoptr(GError) cause = NULL;
    g_autofree char *oldest =
        hearing->options->since ? slack_ts_format(hearing->options->since) : NULL;
    Walk walk = {hearing, channel};

    if (slack_history(hearing->desk->slack, channel, oldest, take_parent, &walk, hearing->cancel,
                      &cause))
        return TRUE;
    if (!is_of_one_place(cause)) {
        g_propagate_error(error, g_steal_pointer(&cause));
        return FALSE;
    }
    find(hearing, 0, "", "channel %s cannot be read: %s", channel, cause->message);
    return TRUE;
}

static gboolean
add_watched(Hearing *hearing, GError **error)
{
    const char *const *names = config_list(hearing->desk->config, "slack", "channels");

    for (gsize i = 0; names[i]; i++) {
        g_autoptr(GError) cause = NULL;
        g_autoptr(SlackChannel) channel =
            slack_channel_find(hearing->desk->slack, names[i], hearing->cancel, &cause);

        if (channel) {
            g_hash_table_add(hearing->channels, g_strdup(channel->id));
        } else if (is_of_one_place(cause)) {
            find(hearing, 0, "", "channel %s cannot be read: %s", names[i], cause->message);
        } else {
            g_propagate_error(error, g_steal_pointer(&cause));
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean
walk_channels(Hearing *hearing, GError **error)
{
    g_autofree gpointer *ids = NULL;
    guint n = 0;

    if (!add_watched(hearing, error))
        return FALSE;
    ids = g_hash_table_get_keys_as_array(hearing->channels, &n);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < n; i++) /* the walks add threads, and so to this table */
        g_ptr_array_add(names, g_strdup(ids[i]));
    for (guint i = 0; i < n; i++) {
        tell(hearing, "channels", i, n);
        if (!walk_channel(hearing, g_ptr_array_index(names, i), error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
hear_threads(Hearing *hearing, GError **error)
{
    guint total = g_hash_table_size(hearing->threads), done = 0;
    GHashTableIter iter;
    gpointer key;

    g_hash_table_iter_init(&iter, hearing->threads);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        g_auto(GStrv) parts = g_strsplit(key, " ", 2);
        const Thread thread = {parts[0], parts[1]};

        tell(hearing, "threads", done++, total);
        if (!hear_thread(hearing, &thread, error))
            return FALSE;
    }
    tell(hearing, "threads", total, total);
    return TRUE;
}

static void
find_missing(Hearing *hearing)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, hearing->known);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Known *known = value;
        const Post *post = known->post;

        if (!known->seen)
            find(hearing, post->witness_id, post->posted_ts,
                 "message %s, the result of request %" G_GINT64_FORMAT
                 ", is not in thread %s of %s with its nonce: it was deleted in Slack, or never "
                 "posted by us",
                 post->posted_ts, post->request_id, post->thread_ts ? post->thread_ts : "-",
                 post->channel);
    }
}

static WitnessReport *
conclude(Hearing *hearing)
{
    WitnessReport *report = g_steal_pointer(&hearing->report);

    find_missing(hearing);
    g_ptr_array_sort(hearing->findings, finding_compare);
    for (guint i = 0; i < hearing->findings->len; i++) {
        Finding *finding = g_ptr_array_index(hearing->findings, i);

        g_ptr_array_add(report->problems, g_steal_pointer(&finding->words));
    }
    return report;
}

WitnessReport *
desk_verify_slack(Desk *desk, const WitnessOptions *options, Cancel *cancel, GError **error)
{
    g_auto(Hearing) hearing = {.desk = desk, .options = options, .cancel = cancel};

    if (!desk_slack(desk, error) || !(hearing.self = slack_identity(desk->slack, cancel, error)))
        return NULL;
    hearing.known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, known_free);
    hearing.threads = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    hearing.channels = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    hearing.findings = g_ptr_array_new_with_free_func(finding_free);
    hearing.report = g_new0(WitnessReport, 1);
    hearing.report->problems = g_ptr_array_new_with_free_func(g_free);
    if (!gather_known(&hearing, error) || !walk_channels(&hearing, error) ||
        !hear_threads(&hearing, error))
        return NULL;
    return conclude(&hearing);
}
