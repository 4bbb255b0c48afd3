/* slack.c: one call of the Slack Web API, and what is asked about the workspace itself. */
#include "services/slack_private.h"

#include <string.h>
#include "base/text.h"

#define PAGE_SIZE     200
#define PAGE_SIZE_MAX 999
#define POST_INTERVAL G_TIME_SPAN_SECOND
#define LIST_FRESH    (60 * G_TIME_SPAN_SECOND)
#define LIST_PAGE     "999"
#define RATE_TRIES    3
#define RATE_PAUSE    G_TIME_SPAN_SECOND
#define PAGES_MAX     1000

static void
free_channel(gpointer channel)
{
    slack_channel_free(channel);
}

Slack *
slack_new(Http *http, const SlackOptions *options, Log *log)
{
    Slack *slack = g_new0(Slack, 1);

    slack->http = http;
    slack->log = log;
    slack->base_url = g_strdup(options->base_url ? options->base_url : "https://slack.com/api");
    if (g_str_has_suffix(slack->base_url, "/"))
        slack->base_url[strlen(slack->base_url) - 1] = '\0';
    slack->authorization =
        g_strconcat("Authorization: Bearer ", options->token ? options->token : "", NULL);
    slack->page_size = options->page_size ? MIN(options->page_size, PAGE_SIZE_MAX) : PAGE_SIZE;
    slack->min_interval = options->min_interval;
    slack->post_interval = options->post_interval ? options->post_interval : POST_INTERVAL;
    g_mutex_init(&slack->mutex);
    g_mutex_init(&slack->list_mutex);
    slack->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    slack->next_post = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    slack->channels = g_ptr_array_new_with_free_func(free_channel);
    return slack;
}

static void
identity_free(SlackIdentity *identity)
{
    if (identity == NULL)
        return;
    g_free(identity->team);
    g_free(identity->team_id);
    g_free(identity->url);
    g_free(identity->user);
    g_free(identity->user_id);
    g_free(identity->bot_id);
    g_free(identity);
}

void
slack_free(Slack *slack)
{
    if (slack == NULL)
        return;
    text_wipe_free(slack->authorization);
    g_free(slack->base_url);
    identity_free(slack->identity);
    g_hash_table_unref(slack->names);
    g_hash_table_unref(slack->next_post);
    g_ptr_array_unref(slack->channels);
    g_free(slack->list_cursor);
    g_mutex_clear(&slack->mutex);
    g_mutex_clear(&slack->list_mutex);
    g_free(slack);
}

gboolean
slack_wait_until(gint64 at, Cancel *cancel, GError **error)
{
    gint64 left = at - g_get_monotonic_time();

    if (left > 0)
        cancel_sleep(cancel, left);
    return !cancel_check(cancel, error);
}

/* ---- one call ---- */

static char *
describe(const SlackMethod *method)
{
    if (method->about != NULL)
        return g_strdup_printf("Slack %s (%s)", method->name, method->about);
    return g_strdup_printf("Slack %s", method->name);
}

static HttpResponse *
send_call(Slack *slack, const SlackMethod *method, Cancel *cancel, GError **error)
{
    gboolean get = strcmp(method->verb, "GET") == 0;
    g_autofree char *url =
        g_strdup_printf("%s/%s%s%s", slack->base_url, method->name, get && method->form ? "?" : "",
                        get && method->form ? method->form : "");
    const char *headers[] = {
        slack->authorization,
        get            ? NULL
        : method->json ? "Content-Type: application/json; charset=utf-8"
                       : "Content-Type: application/x-www-form-urlencoded",
        NULL,
    };
    HttpRequest request = {
        .service = "slack",
        .method = method->verb,
        .url = url,
        .headers = headers,
        .body = get            ? NULL
                : method->json ? method->json
                : method->form ? method->form
                               : "",
        .body_len = -1,
        .repeat = method->repeat,
    };

    return http_send(slack->http, &request, cancel, error);
}

/* Which of http_send's errors leave the fate of the call open. */
static gboolean
failure_is_unclear(const GError *error)
{
    static const int certain[] = {ERR_UNREACHABLE, ERR_CANCELLED, ERR_RATE, ERR_CONFIG, ERR_INPUT};

    for (gsize i = 0; i < G_N_ELEMENTS(certain); i++) {
        if (g_error_matches(error, CREDITBOT_ERROR, certain[i]))
            return FALSE;
    }
    return TRUE;
}

static void
set_slack_error(Slack *slack, const SlackMethod *method, const cJSON *root, const char *code,
                SlackFailure *failure, GError **error)
{
    const SlackErrorCode *known = slack_error_lookup(code);
    g_autofree char *what = describe(method);
    g_autofree char *said = log_redact(slack->log, code);
    g_autofree char *needed = log_redact(slack->log, json_string(root, "needed"));
    g_autofree char *sentence = slack_error_sentence(said, needed);

    /* What Slack's documents do not explain may have happened. */
    failure->unclear = known == NULL || known->unclear;
    failure->code = known ? known->code : NULL;
    g_set_error(error, CREDITBOT_ERROR, known ? known->kind : ERR_REFUSED, "%s: %s: %s", what,
                known ? code : "refused", sentence);
}

/* A 200 (or another status with Slack's JSON): the tree when it says ok. */
static cJSON *
read_answer(Slack *slack, const SlackMethod *method, const HttpResponse *response,
            SlackFailure *failure, GError **error)
{
    g_autofree char *what = describe(method);
    g_autoptr(GError) bad = NULL;
    g_autoptr(cJSON) root = json_parse(response->body, response->length, what, &bad);
    const cJSON *ok = cJSON_GetObjectItemCaseSensitive(root, "ok");
    const char *code = json_string(root, "error");

    if (cJSON_IsTrue(ok) && response->status == 200)
        return g_steal_pointer(&root);
    if (cJSON_IsFalse(ok) && code != NULL && response->status < 500) {
        set_slack_error(slack, method, root, code, failure, error);
        return NULL;
    }
    failure->unclear = response->status < 400 || response->status == 408 || response->status >= 500;
    if (response->status != 200)
        http_status_error(response, what, error);
    else if (bad != NULL)
        g_propagate_error(error, g_steal_pointer(&bad));
    else
        g_set_error(error, CREDITBOT_ERROR, ERR_BAD_ANSWER,
                    "%s: the answer says neither yes nor no; check [slack] base_url", what);
    return NULL;
}

/* "ratelimited" can come in a 200 too, past the network layer's eyes. */
static gboolean
may_try_again(const SlackFailure *failure, guint tries, Cancel *cancel)
{
    if (failure->code == NULL || tries >= RATE_TRIES ||
        (strcmp(failure->code, "ratelimited") != 0 && strcmp(failure->code, "rate_limited") != 0))
        return FALSE;
    return !cancel_sleep(cancel, RATE_PAUSE * (gint64)tries);
}

cJSON *
slack_call(Slack *slack, const SlackMethod *method, SlackFailure *failure, Cancel *cancel,
           GError **error)
{
    SlackFailure unused;

    if (failure == NULL)
        failure = &unused;
    for (guint tries = 1;; tries++) {
        g_autoptr(HttpResponse) response = NULL;
        g_autoptr(GError) why = NULL;
        cJSON *root = NULL;

        *failure = (SlackFailure){.unclear = FALSE};
        response = send_call(slack, method, cancel, &why);
        if (response == NULL)
            failure->unclear = failure_is_unclear(why);
        else if (response->status == 429)
            http_status_error(response, method->name, &why);
        else
            root = read_answer(slack, method, response, failure, &why);
        if (root != NULL)
            return root;
        if (!may_try_again(failure, tries, cancel)) {
            g_propagate_error(error, g_steal_pointer(&why));
            return NULL;
        }
    }
}

static gboolean
missing(const char *method, const char *member, GError **error)
{
    g_set_error(error, CREDITBOT_ERROR, ERR_BAD_ANSWER,
                "Slack %s: the answer has no '%s'; check [slack] base_url", method, member);
    return FALSE;
}

/* ---- who we are ---- */

const SlackIdentity *
slack_identity(Slack *slack, Cancel *cancel, GError **error)
{
    static const SlackMethod method = {.name = "auth.test", .verb = "POST"};
    g_autoptr(cJSON) root = NULL;
    SlackIdentity *identity;

    g_mutex_lock(&slack->mutex);
    identity = slack->identity;
    g_mutex_unlock(&slack->mutex);
    if (identity != NULL)
        return identity;
    root = slack_call(slack, &method, NULL, cancel, error);
    if (root == NULL)
        return NULL;
    if (json_string(root, "user_id") == NULL) {
        missing(method.name, "user_id", error);
        return NULL;
    }
    identity = g_new0(SlackIdentity, 1);
    identity->team = g_strdup(json_string(root, "team"));
    identity->team_id = g_strdup(json_string(root, "team_id"));
    identity->url = g_strdup(json_string(root, "url"));
    identity->user = g_strdup(json_string(root, "user"));
    identity->user_id = g_strdup(json_string(root, "user_id"));
    identity->bot_id = g_strdup(json_string(root, "bot_id"));
    g_mutex_lock(&slack->mutex);
    if (slack->identity == NULL)
        slack->identity = g_steal_pointer(&identity);
    identity_free(identity);
    identity = slack->identity;
    g_mutex_unlock(&slack->mutex);
    return identity;
}

/* ---- channels ---- */

void
slack_channel_free(SlackChannel *channel)
{
    if (channel == NULL)
        return;
    g_free(channel->id);
    g_free(channel->name);
    g_free(channel);
}

static SlackChannel *
channel_from_json(const cJSON *json)
{
    SlackChannel *channel;

    if (json_string(json, "id") == NULL)
        return NULL;
    channel = g_new0(SlackChannel, 1);
    channel->id = g_strdup(json_string(json, "id"));
    channel->name = g_strdup(json_string(json, "name"));
    channel->is_private = json_true(json, "is_private");
    channel->is_member = json_true(json, "is_member");
    channel->is_archived = json_true(json, "is_archived");
    return channel;
}

static SlackChannel *
channel_copy(const SlackChannel *channel)
{
    SlackChannel *copy = g_new(SlackChannel, 1);

    *copy = *channel;
    copy->id = g_strdup(channel->id);
    copy->name = g_strdup(channel->name);
    return copy;
}

static gboolean
looks_like_channel_id(const char *text)
{
    gsize len = strlen(text);

    if (len < 8 || strchr("CGD", text[0]) == NULL)
        return FALSE;
    for (gsize i = 1; i < len; i++) {
        if (!g_ascii_isupper(text[i]) && !g_ascii_isdigit(text[i]))
            return FALSE;
    }
    return TRUE;
}

static SlackChannel *
channel_by_id(Slack *slack, const char *id, Cancel *cancel, GError **error)
{
    g_autofree char *form = http_form("channel", id, NULL);
    SlackMethod method = {.name = "conversations.info", .verb = "GET", .about = id, .form = form};
    g_autoptr(cJSON) root = slack_call(slack, &method, NULL, cancel, error);
    SlackChannel *channel;

    if (root == NULL)
        return NULL;
    channel = channel_from_json(json_object(root, "channel"));
    if (channel == NULL)
        missing(method.name, "channel", error);
    return channel;
}

static const SlackChannel *
find_listed(Slack *slack, const char *name)
{
    for (guint i = 0; i < slack->channels->len; i++) {
        const SlackChannel *channel = g_ptr_array_index(slack->channels, i);

        if (channel->name != NULL && g_ascii_strcasecmp(channel->name, name) == 0)
            return channel;
    }
    return NULL;
}

/* One more page into slack->channels; list_cursor is NULL after the last. */
static gboolean
list_page(Slack *slack, Cancel *cancel, GError **error)
{
    g_autofree char *form =
        http_form("types", "public_channel,private_channel", "exclude_archived", "true", "limit",
                  LIST_PAGE, "cursor", slack->list_cursor, NULL);
    SlackMethod method = {.name = "conversations.list", .verb = "GET", .form = form};
    g_autoptr(cJSON) root = slack_call(slack, &method, NULL, cancel, error);
    const char *next = json_string(json_object(root, "response_metadata"), "next_cursor");
    const cJSON *item;

    if (root == NULL)
        return FALSE;
    if (json_array(root, "channels") == NULL)
        return missing(method.name, "channels", error);
    if (next != NULL && slack->list_cursor != NULL && strcmp(next, slack->list_cursor) == 0) {
        g_set_error(error, CREDITBOT_ERROR, ERR_BAD_ANSWER,
                    "Slack %s: the same page came twice; try again later", method.name);
        return FALSE;
    }
    cJSON_ArrayForEach (item, json_array(root, "channels")) {
        SlackChannel *channel = channel_from_json(item);

        if (channel != NULL)
            g_ptr_array_add(slack->channels, channel);
    }
    g_free(slack->list_cursor);
    slack->list_cursor = next != NULL && *next ? g_strdup(next) : NULL;
    return TRUE;
}

static void
forget_list(Slack *slack)
{
    g_ptr_array_set_size(slack->channels, 0);
    g_clear_pointer(&slack->list_cursor, g_free);
    slack->listed_at = 0;
}

/* With list_mutex. What earlier look-ups saw in the last minute is used, and their walk continued:
 * a large workspace has more pages than the method's rate allows for every channel anew. */
static const SlackChannel *
walk_list(Slack *slack, const char *name, Cancel *cancel, GError **error)
{
    gint64 now = g_get_monotonic_time();
    const SlackChannel *found;
    gboolean more;

    if (now - slack->listed_at > LIST_FRESH)
        forget_list(slack);
    found = find_listed(slack, name);
    more = slack->listed_at == 0 || slack->list_cursor != NULL;
    if (slack->listed_at == 0)
        slack->listed_at = now;
    for (guint pages = 0; found == NULL && more && pages < PAGES_MAX; pages++) {
        if (!list_page(slack, cancel, error)) {
            forget_list(slack);
            return NULL;
        }
        found = find_listed(slack, name);
        more = slack->list_cursor != NULL;
    }
    if (found == NULL)
        g_set_error(
            error, CREDITBOT_ERROR, ERR_NOT_FOUND,
            "Slack has no channel #%s that the bot can see: check the name in [slack] channels; "
            "if it is private, /invite the bot there",
            name);
    return found;
}

SlackChannel *
slack_channel_find(Slack *slack, const char *name, Cancel *cancel, GError **error)
{
    const char *bare = *name == '#' ? name + 1 : name;
    const SlackChannel *found;
    SlackChannel *copy = NULL;

    if (looks_like_channel_id(bare))
        return channel_by_id(slack, bare, cancel, error);
    g_mutex_lock(&slack->list_mutex);
    if (!cancel_check(cancel, error)) {
        found = walk_list(slack, bare, cancel, error);
        copy = found ? channel_copy(found) : NULL;
    }
    g_mutex_unlock(&slack->list_mutex);
    return copy;
}

/* ---- people ---- */

char *
slack_open_dm(Slack *slack, const char *user, Cancel *cancel, GError **error)
{
    g_autofree char *form = http_form("users", user, NULL);
    SlackMethod method = {
        .name = "conversations.open", .verb = "POST", .about = user, .form = form};
    g_autoptr(cJSON) root = slack_call(slack, &method, NULL, cancel, error);
    const char *id = json_string(json_object(root, "channel"), "id");

    if (root != NULL && id == NULL)
        missing(method.name, "channel", error);
    return g_strdup(id);
}

static const char *
first_name(const cJSON *user)
{
    const cJSON *profile = json_object(user, "profile");
    const char *candidates[] = {
        json_string(profile, "display_name"),
        json_string(profile, "real_name"),
        json_string(user, "real_name"),
        json_string(user, "name"),
        json_string(user, "id"),
    };

    for (gsize i = 0; i < G_N_ELEMENTS(candidates); i++) {
        if (candidates[i] != NULL && *candidates[i])
            return candidates[i];
    }
    return NULL;
}

char *
slack_user_name(Slack *slack, const char *user, Cancel *cancel, GError **error)
{
    g_autofree char *form = http_form("user", user, NULL);
    SlackMethod method = {.name = "users.info", .verb = "GET", .about = user, .form = form};
    g_autoptr(cJSON) root = NULL;
    const char *name;
    char *known;

    g_mutex_lock(&slack->mutex);
    known = g_strdup(g_hash_table_lookup(slack->names, user));
    g_mutex_unlock(&slack->mutex);
    if (known != NULL)
        return known;
    root = slack_call(slack, &method, NULL, cancel, error);
    if (root == NULL)
        return NULL;
    name = first_name(json_object(root, "user"));
    if (name == NULL) {
        missing(method.name, "user", error);
        return NULL;
    }
    g_mutex_lock(&slack->mutex);
    g_hash_table_replace(slack->names, g_strdup(user), g_strdup(name));
    g_mutex_unlock(&slack->mutex);
    return g_strdup(name);
}

char *
slack_permalink(Slack *slack, const char *channel, const char *ts, Cancel *cancel, GError **error)
{
    g_autofree char *form = http_form("channel", channel, "message_ts", ts, NULL);
    SlackMethod method = {
        .name = "chat.getPermalink", .verb = "GET", .about = channel, .form = form};
    g_autoptr(cJSON) root = slack_call(slack, &method, NULL, cancel, error);
    const char *link = json_string(root, "permalink");

    if (root != NULL && link == NULL)
        missing(method.name, "permalink", error);
    return g_strdup(link);
}
