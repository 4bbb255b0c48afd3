/* read.c: the watched channels become requests; edits and answers in threads are taken up.
 *
 * Each walk goes back a look-back window behind the newest message of the last complete walk, so an
 * outage of days misses nothing and an edit is seen. What is known is not added again: (channel,
 * ts) is unique. */
#include "engine/desk_private.h"

#include <string.h>

#include "base/error.h"
#include "base/failpoint.h"
#include "base/text.h"

#define OLD_WAITING (90 * (gint64)86400 * G_USEC_PER_SEC)
#define OLD_A_PASS  20

typedef struct {
    Desk *desk;
    ReadResult *result;
    const SlackIdentity *self;
    const SlackChannel *channel;
    const char *looker_base;
    gint64 now;
    char *newest;
    GPtrArray *fresh;   /* Fresh *: found, not kept yet */
    GPtrArray *waiting; /* Request *: needs_link, with an answer in the thread to be read */
    Cancel *cancel;
    GError *error;
} Walk;

static void
replace(char **slot, const char *value)
{
    char *copy = g_strdup(value);

    g_free(*slot);
    *slot = copy;
}

/* -- what links say about a request -- */

static void
set_link(Request *request, const Link *link)
{
    replace(&request->link_url, link ? link->url : NULL);
    replace(&request->link_kind, link ? link_kind_name(link->kind) : NULL);
    replace(&request->link_ref, link ? link->ref : NULL);
}

/* The one link that can be worked, else NULL with why there is none. Caller frees *why. */
static const Link *
only_link(const LinkSet *set, char **why)
{
    if (set->links->len > 1) {
        *why = g_strdup_printf("several different Looker links (%u)", set->links->len);
        return NULL;
    }
    if (set->links->len == 1) {
        const Link *link = g_ptr_array_index(set->links, 0);

        if (link->ref)
            return link;
        *why = g_strdup_printf("the Looker link carries no query: %s", link->url);
        return NULL;
    }
    if (set->rejected->len == 0) {
        *why = g_strdup("no Looker link");
        return NULL;
    }
    g_ptr_array_add(set->rejected, NULL);
    g_autofree char *list = g_strjoinv("; ", (char **)set->rejected->pdata);
    g_ptr_array_set_size(set->rejected, (gint)set->rejected->len - 1);
    *why = g_strdup_printf("no Looker link that counts: %s", list);
    return NULL;
}

static gboolean
is_same_link(const Request *request, const Link *link)
{
    return g_strcmp0(request->link_ref, link ? link->ref : NULL) == 0 &&
           g_strcmp0(request->link_kind, link ? link_kind_name(link->kind) : NULL) == 0;
}

static void
fill_message(Request *request, const SlackMessage *message)
{
    g_free(request->message);
    request->message = json_print(message->raw);
    replace(&request->text, message->text ? message->text : "");
    replace(&request->edited_ts, message->edited_ts);
}

/* What the message said then, so that a later change of it is told from damage. */
static void
add_text_hash(cJSON *detail, const Request *request)
{
    g_autofree char *hash =
        request->text ? text_sha256(request->text, strlen(request->text)) : NULL;

    json_add(detail, "text_sha256", hash);
}

static void
touch(Walk *walk, gint64 id)
{
    g_array_append_val(walk->result->touched, id);
}

/* -- new requests -- */

/* So many are kept in one commit. */
#define TOGETHER 100

/* A message that cannot be taken now holds up no other; the walk is not complete then, so the next
 * one comes back to it. FALSE: there is no point in going on. */
static gboolean
leave_for_later(Walk *walk, const char *ts, GError *cause)
{
    gboolean go_on = !g_error_matches(cause, CREDITBOT_ERROR, ERR_STORE) &&
                     !g_error_matches(cause, CREDITBOT_ERROR, ERR_CANCELLED) &&
                     !work_is_outage(cause);

    /* Another process changed it in this moment: no failure, and seen again. */
    if (g_error_matches(cause, CREDITBOT_ERROR, ERR_CONFLICT)) {
        log_write(walk->desk->log, LOG_LEVEL_INFO, "read", "message %s: %s", ts, cause->message);
        g_error_free(cause);
        return TRUE;
    }
    g_prefix_error(&cause, "message %s: ", ts);
    if (go_on)
        log_write(walk->desk->log, LOG_LEVEL_WARN, "read", "%s", cause->message);
    if (walk->error)
        g_error_free(cause);
    else
        walk->error = cause;
    return go_on;
}

typedef struct {
    Request *request;
    gboolean added, wants_link, has_replies;
} Fresh;

static void
fresh_free(gpointer data)
{
    Fresh *fresh = data;

    request_free(fresh->request);
    g_free(fresh);
}

/* Also after an attempt that was undone. */
static gboolean
add_one(Store *store, const Walk *walk, Fresh *fresh, GError **error)
{
    Request *request = fresh->request;

    request->id = request->version = 0;
    request->state = STATE_NEW;
    if (!store_request_add(store, request, &fresh->added, error))
        return FALSE;
    if (!fresh->added)
        return TRUE;
    g_autoptr(cJSON) said = cJSON_CreateObject();
    add_text_hash(said, request);
    json_add(said, "requester", request->requester);
    g_autofree char *text = json_print(said);
    if (!store_event(store, request->id, "creditbot", "found", NULL, state_name(request->state),
                     text, error))
        return FALSE;
    if (!fresh->wants_link)
        return TRUE;
    cJSON *detail = cJSON_CreateObject();
    json_add(detail, "why", request->note);
    return state_change(store, request, STATE_NEEDS_LINK, "creditbot", "state", detail, walk->now,
                        error);
}

typedef struct {
    const Walk *walk;
    Fresh **fresh;
    guint n;
} Adding;

static gboolean
add_step(Store *store, void *data, GError **error)
{
    const Adding *adding = data;

    for (guint i = 0; i < adding->n; i++)
        if (!add_one(store, adding->walk, adding->fresh[i], error))
            return FALSE;
    return TRUE;
}

static void
tell_added(Walk *walk, Fresh *fresh)
{
    Request *request = fresh->request;

    if (!fresh->added)
        return;
    walk->result->fresh++;
    touch(walk, request->id);
    log_write(walk->desk->log, LOG_LEVEL_INFO, "read",
              "request %" G_GINT64_FORMAT " found in #%s: %s", request->id, walk->channel->name,
              fresh->wants_link ? request->note : request->link_url);
    if (request->state == STATE_NEEDS_LINK && fresh->has_replies)
        g_ptr_array_add(walk->waiting, g_steal_pointer(&fresh->request));
}

/* All that were found, in one commit; where that fails each is tried alone, so that none holds up
 * the others. FALSE: there is no point in going on. */
static gboolean
keep_fresh(Walk *walk)
{
    g_autoptr(GPtrArray) fresh = g_steal_pointer(&walk->fresh);
    Adding all = {walk, (Fresh **)fresh->pdata, fresh->len};
    gboolean together = store_transact(walk->desk->store, add_step, &all, NULL);
    gboolean go_on = TRUE;

    walk->fresh = g_ptr_array_new_with_free_func(fresh_free);
    for (guint i = 0; i < fresh->len && go_on; i++) {
        Fresh *one = g_ptr_array_index(fresh, i);
        Adding alone = {walk, &one, 1};
        GError *cause = NULL;

        if (together || store_transact(walk->desk->store, add_step, &alone, &cause))
            tell_added(walk, one);
        else
            go_on = leave_for_later(walk, one->request->ts, cause);
    }
    return go_on;
}

static void
add_request(Walk *walk, const SlackMessage *message, gint64 at)
{
    Fresh *fresh = g_new0(Fresh, 1);
    Request *request = fresh->request = request_new();
    g_autoptr(LinkSet) links = link_extract(message->raw, walk->looker_base);
    const Link *link = only_link(links, &request->note);

    request->channel = g_strdup(walk->channel->id);
    request->channel_name = g_strdup(walk->channel->name);
    request->ts = g_strdup(message->ts);
    request->thread_ts = g_strdup(message->ts);
    request->requester = g_strdup(message->user);
    request->received_at = at;
    request->state_at = walk->now;
    fill_message(request, message);
    set_link(request, link);
    fresh->wants_link = link == NULL;
    fresh->has_replies = message->has_replies;
    g_ptr_array_add(walk->fresh, fresh);
}

/* -- edits -- */

/* What approvals were sealed to stays known (store/evidence.h reads it): the event carries what was
 * there before, where it changed. */
static void
add_before(cJSON *detail, const Request *before, const Request *request)
{
    cJSON *old = cJSON_CreateObject();

    if (g_strcmp0(before->text, request->text) != 0)
        json_add(old, "text", before->text);
    if (g_strcmp0(before->link_kind, request->link_kind) != 0 ||
        g_strcmp0(before->link_ref, request->link_ref) != 0) {
        json_add(old, "link_kind", before->link_kind);
        json_add(old, "link_ref", before->link_ref);
    }
    cJSON_AddItemToObject(detail, "before", old);
}

/* before: as it was; the message in request may be the new one already. */
static gboolean
take_link(Store *store, Request *request, const Request *before, const Link *link,
          const char *actor, const char *event, gint64 now, GError **error)
{
    cJSON *detail = cJSON_CreateObject();

    json_add(detail, "link", link->url);
    add_text_hash(detail, request);
    set_link(request, link);
    add_before(detail, before, request);
    g_clear_pointer(&request->note, g_free);
    request->run_id = 0;
    request->hold_until = 0;
    request->attempts = 0;
    request->next_attempt_at = 0;
    return state_change(store, request, STATE_NEW, actor, event, detail, now, error);
}

typedef struct {
    Desk *desk;
    Request *request;
    const Request *before;
    const Link *link;
    const char *actor, *event;
} Taking;

static gboolean
take_step(Store *store, void *data, GError **error)
{
    Taking *taking = data;

    return store_approvals_void(store, taking->request->id, "the message changed", error) &&
           take_link(store, taking->request, taking->before, taking->link, taking->actor,
                     taking->event, desk_now(taking->desk), error);
}

gboolean
read_take_link(Desk *desk, Request *request, const Link *link, const char *actor, GError **error)
{
    g_autoptr(Request) before = request_copy(request);
    Taking taking = {desk, request, before, link, actor, "link"};

    return state_transact(desk->store, request, take_step, &taking, error);
}

/* States in which an edit starts the work anew; before them nothing was done, after them it is too
 * late. */
#define RESTARTS                                                                                   \
    (STATE_BIT(STATE_RESOLVED) | STATE_BIT(STATE_PENDING) | STATE_BIT(STATE_APPROVED) |            \
     STATE_BIT(STATE_FAILED) | STATE_BIT(STATE_DEAD) | STATE_BIT(STATE_IGNORED) |                  \
     STATE_BIT(STATE_NEEDS_LINK))

static gboolean
note_edit(Walk *walk, Request *request, const Request *before, GError **error)
{
    cJSON *detail = cJSON_CreateObject();

    json_add(detail, "edited_ts", request->edited_ts);
    json_add(detail, "link_later", request->link_later);
    add_before(detail, before, request);
    add_text_hash(detail, request);
    return state_note(walk->desk->store, request, request->requester, "edit", detail, error);
}

/* Nothing was done yet, and the link is gone. why is taken. */
static gboolean
lose_link(Walk *walk, Request *request, const Request *before, char *why, GError **error)
{
    cJSON *detail = cJSON_CreateObject();

    set_link(request, NULL);
    g_free(request->note);
    request->note = why;
    json_add(detail, "why", why);
    add_before(detail, before, request);
    add_text_hash(detail, request);
    return state_change(walk->desk->store, request, STATE_NEEDS_LINK, request->requester, "edit",
                        detail, walk->now, error);
}

static gboolean
take_edit(Walk *walk, Request *request, const SlackMessage *message, GError **error)
{
    g_autoptr(LinkSet) links = link_extract(message->raw, walk->looker_base);
    g_autofree char *why = NULL;
    const Link *link = only_link(links, &why);
    gboolean same = is_same_link(request, link);

    if (request->state == STATE_CALCULATING || request->state == STATE_POSTING)
        return TRUE; /* seen again by the next walk */
    g_autoptr(Request) before = request_copy(request);
    fill_message(request, message);
    touch(walk, request->id);
    if (link && (STATE_BIT(request->state) & RESTARTS) &&
        !(same && (request->state == STATE_NEEDS_LINK || request->state == STATE_IGNORED))) {
        Taking taking = {walk->desk, request, before, link, request->requester, "edit"};
        return state_transact(walk->desk->store, request, take_step, &taking, error);
    }
    if (request->state == STATE_NEW && !link)
        return lose_link(walk, request, before, g_steal_pointer(&why), error);
    if (request->state == STATE_NEW)
        set_link(request, link);
    else if (!same)
        replace(&request->link_later, link ? link->url : why);
    return note_edit(walk, request, before, error);
}

/* -- answers in the thread -- */

typedef struct {
    Walk *walk;
    Request *request;
    Link *answer; /* the newest reply with exactly one link that is not the refused one */
    GError *error;
} Answers;

static gboolean
look_at_reply(const SlackMessage *reply, void *data)
{
    Answers *answers = data;
    Walk *walk = answers->walk;
    Request *request = answers->request;
    g_autofree char *why = NULL;

    if (g_str_equal(reply->ts, request->ts))
        return !reply->edited_ts || g_strcmp0(reply->edited_ts, request->edited_ts) == 0 ||
               take_edit(walk, request, reply, &answers->error);
    if (slack_message_kind(reply, walk->self) != SLACK_REPLY || reply->bot_id)
        return TRUE;
    g_autoptr(LinkSet) links = link_extract(reply->raw, walk->looker_base);
    const Link *link = only_link(links, &why);
    if (link && !is_same_link(request, link)) {
        link_free(answers->answer);
        answers->answer = g_ptr_array_steal_index(links->links, 0);
    }
    return TRUE;
}

static gboolean
read_answers(Walk *walk, Request *request, Cancel *cancel, GError **error)
{
    Answers answers = {.walk = walk, .request = request};
    gboolean ok = slack_replies(walk->desk->slack, request->channel, request->ts, NULL,
                                look_at_reply, &answers, cancel, error);

    if (ok && answers.error) {
        g_propagate_error(error, answers.error);
        ok = FALSE;
    } else {
        g_clear_error(&answers.error);
    }
    if (ok && answers.answer && request->state == STATE_NEEDS_LINK) {
        touch(walk, request->id);
        ok = read_take_link(walk->desk, request, answers.answer, request->requester, error);
    }
    link_free(answers.answer);
    return ok;
}

static gboolean
keep_waiting(Request *request, void *data)
{
    g_ptr_array_add(data, request_copy(request));
    return TRUE;
}

/* Requests without a link that the look-back no longer reaches: their threads are read all the
 * same, the newest ones, so that an answer after weeks is seen. */
static gboolean
add_old_waiting(Walk *walk, const char *oldest, GError **error)
{
    gint64 until = 0;
    gboolean slow = config_duration(walk->desk->config, "slack", "min_interval") > G_USEC_PER_SEC;
    RequestFilter filter = {.states = STATE_BIT(STATE_NEEDS_LINK),
                            .channel = walk->channel->id,
                            .since = MAX(walk->now - OLD_WAITING, 1),
                            .order = ORDER_RECEIVED,
                            .descending = TRUE,
                            .limit = slow ? 1 : OLD_A_PASS};

    if (!slack_ts_parse(oldest, &until) || until <= filter.since)
        return TRUE;
    filter.until = until + 1;
    return store_requests(walk->desk->store, &filter, keep_waiting, walk->waiting, error);
}

/* -- threads that a state which is lost (restored from a backup, begun anew) has answered -- */

/* Remembered as handled, the way the old bot's messages are. */
static gboolean
mark_processed(Walk *walk, const SlackMessage *message, const char *answer_ts, GError **error)
{
    g_autoptr(cJSON) root = cJSON_CreateObject();
    cJSON *entry = cJSON_CreateObject();
    g_autofree char *now = time_iso(walk->now, FALSE);
    guint n = 0;

    cJSON_AddItemToArray(cJSON_AddArrayToObject(root, "processed_messages"), entry);
    json_add(entry, "message_id", message->ts);
    json_add(entry, "timestamp", now);
    json_add(entry, "channel", walk->channel->id);
    g_autofree char *text = json_print(root);
    log_write(
        walk->desk->log, LOG_LEVEL_WARN, "read",
        "message %s in #%s has a result of ours in its thread (%s) that this state did not know; "
        "it is not handled again",
        message->ts, walk->channel->name, answer_ts);
    return store_import_processed(walk->desk->store, text, strlen(text), &n, error);
}

static gboolean
is_answered(Walk *walk, const SlackMessage *message, gboolean *answered, GError **error)
{
    g_autofree char *ts = NULL;

    if (message->has_replies && !post_find_kind(walk->desk, walk->channel->id, message->ts,
                                                "result", NULL, &ts, walk->cancel, error))
        return FALSE;
    *answered = ts != NULL;
    return !ts || mark_processed(walk, message, ts, error);
}

/* -- one message, one channel, all channels -- */

static gboolean
consider(Walk *walk, const SlackMessage *message, gint64 at, GError **error)
{
    Store *store = walk->desk->store;
    g_autoptr(GError) missing = NULL;

    if (store_was_processed(store, walk->channel->id, message->ts))
        return TRUE;
    walk->result->found++;
    g_autoptr(Request) known = store_request_by_ts(store, walk->channel->id, message->ts, &missing);
    if (!known && !g_error_matches(missing, CREDITBOT_ERROR, ERR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&missing));
        return FALSE;
    }
    if (!known) {
        gboolean answered;

        if (!is_answered(walk, message, &answered, error))
            return FALSE;
        if (!answered)
            add_request(walk, message, at);
        return TRUE;
    }
    if (message->edited_ts && g_strcmp0(message->edited_ts, known->edited_ts) != 0 &&
        !take_edit(walk, known, message, error))
        return FALSE;
    if (known->state == STATE_NEEDS_LINK && message->has_replies)
        g_ptr_array_add(walk->waiting, g_steal_pointer(&known));
    return TRUE;
}

static gboolean
walk_message(const SlackMessage *message, void *data)
{
    Walk *walk = data;
    GError *cause = NULL;
    gint64 at;

    if (!slack_ts_parse(message->ts, &at) || at > walk->now)
        return TRUE;
    if (!walk->newest || strcmp(message->ts, walk->newest) > 0)
        replace(&walk->newest, message->ts);
    if (slack_message_kind(message, walk->self) != SLACK_PERSON)
        return TRUE;
    if (!consider(walk, message, at, &cause) && !leave_for_later(walk, message->ts, cause))
        return FALSE;
    return walk->fresh->len < TOGETHER || keep_fresh(walk);
}

static char *
oldest_of(Desk *desk, const char *key)
{
    g_autofree char *newest = store_value(desk->store, key);
    gint64 from = desk_now(desk);
    gint64 at;

    if (newest && slack_ts_parse(newest, &at))
        from = MIN(from, at);
    from -= config_duration(desk->config, "slack", "lookback");
    return slack_ts_format(MAX(from, 0));
}

/* Where the next walk begins, less the look-back. A channel without a message has one too: an
 * outage right after its first walk must miss nothing either. */
static gboolean
keep_cursor(const Walk *walk, const char *key, GError **error)
{
    Store *store = walk->desk->store;
    g_autofree char *known = store_value(store, key);
    g_autofree char *begun = slack_ts_format(walk->now);

    failpoint("read:before-cursor");
    if (walk->newest || !known)
        return store_value_set(store, key, walk->newest ? walk->newest : begun, error);
    return TRUE;
}

/* All answers that wait to be read; one that fails is left for later, like a message. */
static gboolean
read_all_answers(Walk *walk, Cancel *cancel)
{
    for (guint i = 0; i < walk->waiting->len; i++) {
        Request *request = g_ptr_array_index(walk->waiting, i);
        GError *cause = NULL;

        if (!read_answers(walk, request, cancel, &cause) &&
            !leave_for_later(walk, request->ts, cause))
            return FALSE;
    }
    return TRUE;
}

static gboolean
walk_channel(Walk *walk, Cancel *cancel, GError **error)
{
    Desk *desk = walk->desk;
    g_autofree char *key = g_strconcat("cursor:", walk->channel->id, NULL);
    g_autofree char *oldest = oldest_of(desk, key);
    gboolean read =
        slack_history(desk->slack, walk->channel->id, oldest, walk_message, walk, cancel, error);

    failpoint("read:before-keep");
    keep_fresh(walk); /* also when the rest could not be read; walk->error says what failed */
    if (read && !walk->error && add_old_waiting(walk, oldest, &walk->error))
        read_all_answers(walk, cancel);
    if (read && walk->error)
        g_propagate_error(error, g_steal_pointer(&walk->error));
    else if (read)
        return keep_cursor(walk, key, error);
    g_clear_error(&walk->error);
    return FALSE;
}

static gboolean
read_channel(Desk *desk, const char *name, const SlackIdentity *self, ReadResult *result,
             Cancel *cancel, GError **error)
{
    g_autoptr(SlackChannel) channel = slack_channel_find(desk->slack, name, cancel, error);

    if (!channel)
        return FALSE;
    if (channel->is_archived) {
        g_set_error(error, CREDITBOT_ERROR, ERR_REFUSED,
                    "#%s is archived; unarchive it or take it out of [slack] channels",
                    channel->name);
        return FALSE;
    }
    g_autoptr(GPtrArray) waiting = g_ptr_array_new_with_free_func((GDestroyNotify)request_free);
    Walk walk = {.desk = desk,
                 .result = result,
                 .self = self,
                 .channel = channel,
                 .looker_base = config_string(desk->config, "looker", "base_url"),
                 .now = desk_now(desk),
                 .fresh = g_ptr_array_new_with_free_func(fresh_free),
                 .waiting = waiting,
                 .cancel = cancel};
    gboolean ok = walk_channel(&walk, cancel, error);
    g_ptr_array_unref(walk.fresh);
    g_free(walk.newest);
    return ok;
}

static void
channel_failed(Desk *desk, const char *name, ReadResult *result, const GError *cause)
{
    result->channels_failed++;
    if (work_is_outage(cause))
        result->unreachable = TRUE;
    char *problem =
        g_strdup_printf("%s%s: %s", name[0] == '#' ? "" : "channel ", name, cause->message);
    log_write(desk->log, LOG_LEVEL_ERROR, "read", "%s", problem);
    g_ptr_array_add(result->problems, problem);
}

/* NULL with no_slack set: it does not answer, or refuses us. What was read before can be worked on
 * all the same, so that is a result, and every channel failed. */
static const SlackIdentity *
who_we_are(Desk *desk, Slack *slack, ReadResult *result, Cancel *cancel, GError **error)
{
    const char *const *channels = config_list(desk->config, "slack", "channels");
    g_autoptr(GError) cause = NULL;
    const SlackIdentity *self = slack_identity(slack, cancel, &cause);

    if (self)
        return self;
    if (g_error_matches(cause, CREDITBOT_ERROR, ERR_CANCELLED) ||
        g_error_matches(cause, CREDITBOT_ERROR, ERR_CONFIG)) {
        g_propagate_error(error, g_steal_pointer(&cause));
        return NULL;
    }
    desk->pass_mute = TRUE;
    result->no_slack = TRUE;
    result->unreachable = error_exit_code(cause) == 3;
    result->channels = result->channels_failed = g_strv_length((char **)(guintptr)channels);
    log_write(desk->log, LOG_LEVEL_ERROR, "read", "%s", cause->message);
    g_ptr_array_add(result->problems, g_strdup(cause->message));
    return NULL;
}

gboolean
read_channels(Desk *desk, ReadResult *result, Cancel *cancel, GError **error)
{
    const char *const *channels = config_list(desk->config, "slack", "channels");
    const char *looker = config_string(desk->config, "looker", "base_url");
    Slack *slack = desk_slack(desk, error);

    if (!slack)
        return FALSE;
    if (!channels[0] || !looker || !*looker) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "%s is not set: set it in the configuration",
                    channels[0] ? "[looker] base_url" : "[slack] channels");
        return FALSE;
    }
    const SlackIdentity *self = who_we_are(desk, slack, result, cancel, error);
    if (!self)
        return result->no_slack;
    for (gsize i = 0; channels[i]; i++) {
        g_autoptr(GError) cause = NULL;

        result->channels++;
        if (read_channel(desk, channels[i], self, result, cancel, &cause))
            continue;
        if (g_error_matches(cause, CREDITBOT_ERROR, ERR_STORE) ||
            g_error_matches(cause, CREDITBOT_ERROR, ERR_CANCELLED)) {
            g_propagate_error(error, g_steal_pointer(&cause));
            return FALSE;
        }
        channel_failed(desk, channels[i], result, cause);
    }
    return TRUE;
}
