/* slack.c: the Slack Web API's front: methods, content types, tokens, scopes, arguments. */
#include "config.h"
#include "slack.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *name;
    gboolean writes;   /* POST only */
    gboolean json;     /* takes a JSON body */
    const char *needs; /* required arguments, comma-joined */
    void (*run)(SlackCall *call);
} SlackMethod;

static const SlackMethod methods[] = {
    {"auth.test", FALSE, TRUE, "", slack_auth_test},
    {"chat.getPermalink", FALSE, FALSE, "channel,message_ts", slack_permalink},
    {"chat.postMessage", TRUE, TRUE, "channel", slack_post_message},
    {"chat.update", TRUE, TRUE, "channel,ts", slack_update},
    {"conversations.history", FALSE, TRUE, "channel", slack_conversations_history},
    {"conversations.info", FALSE, FALSE, "channel", slack_conversations_info},
    {"conversations.list", FALSE, FALSE, "", slack_conversations_list},
    {"conversations.open", TRUE, TRUE, "", slack_conversations_open},
    {"conversations.replies", FALSE, FALSE, "channel,ts", slack_conversations_replies},
    {"users.info", FALSE, FALSE, "user", slack_users_info},
};

const char *
slack_arg(const SlackCall *call, const char *name)
{
    const char *value = g_hash_table_lookup(call->args, name);
    return value != NULL && *value != '\0' ? value : NULL;
}

gboolean
slack_flag(const SlackCall *call, const char *name)
{
    const char *value = slack_arg(call, name);
    return value != NULL && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0);
}

gboolean
slack_fail(SlackCall *call, const char *error, const char *message)
{
    g_free(call->error);
    call->error = g_strdup(error);
    if (message != NULL) {
        cJSON *metadata = cJSON_AddObjectToObject(call->out, "response_metadata");
        cJSON *messages = cJSON_AddArrayToObject(metadata, "messages");
        cJSON_AddItemToArray(messages, cJSON_CreateString(message));
    }
    return FALSE;
}

gboolean
slack_need_scope(SlackCall *call, const char *any_of)
{
    g_auto(GStrv) wanted = g_strsplit(any_of, ",", -1);
    g_auto(GStrv) owned = g_strsplit(call->scopes, ",", -1);
    for (char **scope = wanted; *scope != NULL; scope++)
        if (g_strv_contains((const char *const *)owned, *scope))
            return TRUE;
    cJSON_AddStringToObject(call->out, "needed", any_of);
    cJSON_AddStringToObject(call->out, "provided", call->scopes);
    return slack_fail(call, "missing_scope", NULL);
}

gboolean
slack_limit(SlackCall *call, gint64 fallback, gint64 max, gint64 *limit)
{
    const char *text = slack_arg(call, "limit");
    char *end = NULL;
    *limit = text != NULL ? strtoll(text, &end, 10) : fallback;
    if ((end != NULL && *end != '\0') || *limit < 1 || *limit > max)
        return slack_fail(call, "invalid_limit", NULL);
    gint64 cap = db_setting(call->db, "slack_page_cap", 0);
    if (cap > 0)
        *limit = MIN(*limit, cap);
    return TRUE;
}

static gint
by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(a, b);
}

/* Eight hex digits over the arguments that a cursor belongs to. */
static char *
fingerprint(const SlackCall *call)
{
    g_autoptr(GString) all = g_string_new(NULL);
    GList *names = g_list_sort(g_hash_table_get_keys(call->args), by_name);
    for (GList *name = names; name != NULL; name = name->next)
        if (strcmp(name->data, "cursor") != 0 && strcmp(name->data, "limit") != 0 &&
            strcmp(name->data, "token") != 0)
            g_string_append_printf(all, "%s=%s;", (char *)name->data,
                                   (char *)g_hash_table_lookup(call->args, name->data));
    g_list_free(names);
    return g_strdup_printf("%08x", g_str_hash(all->str));
}

gboolean
slack_cursor_read(SlackCall *call, const char *prefix, char **key)
{
    const char *cursor = slack_arg(call, "cursor");
    *key = NULL;
    if (cursor == NULL)
        return TRUE;
    gsize length = 0;
    g_autofree guchar *raw = g_base64_decode(cursor, &length);
    g_autofree char *text = g_strndup((const char *)raw, length);
    g_auto(GStrv) parts = g_strsplit(text, ":", -1);
    g_autofree char *print = fingerprint(call);
    if (g_strv_length(parts) != 3 || strcmp(parts[0], prefix) != 0 || strcmp(parts[2], print) != 0)
        return slack_fail(call, "invalid_cursor", NULL);
    *key = g_strdup(parts[1]);
    return TRUE;
}

void
slack_cursor_add(SlackCall *call, const char *prefix, const char *key)
{
    g_autofree char *cursor = NULL;
    if (key != NULL) {
        g_autofree char *print = fingerprint(call);
        g_autofree char *text = g_strdup_printf("%s:%s:%s", prefix, key, print);
        cursor = g_base64_encode((const guchar *)text, strlen(text));
    }
    cJSON *metadata = cJSON_AddObjectToObject(call->out, "response_metadata");
    cJSON_AddStringToObject(metadata, "next_cursor", cursor != NULL ? cursor : "");
}

void
slack_channel_free(SlackChannel *channel)
{
    if (channel == NULL)
        return;
    g_free(channel->id);
    g_free(channel->name);
    g_free(channel->im_user);
    g_free(channel);
}

SlackChannel *
slack_channel(SlackCall *call, const char *id)
{
    const char *name = id[0] == '#' ? id + 1 : "";
    SlackChannel *channel = NULL;
    sqlite3_stmt *row = db_query(call->db,
                                 "SELECT id,name,im_user,is_private,is_im,is_archived,EXISTS(SELECT"
                                 " 1 FROM member m WHERE m.channel=channel.id AND"
                                 " m.person='" SLACK_BOTUSER "') FROM channel WHERE id=? OR name=?",
                                 "ss", id, name);
    if (row != NULL && sqlite3_step(row) == SQLITE_ROW) {
        channel = g_new0(SlackChannel, 1);
        channel->id = g_strdup(db_column(row, 0));
        channel->name = g_strdup(db_column(row, 1));
        channel->is_private = sqlite3_column_int(row, 3) != 0;
        channel->is_im = sqlite3_column_int(row, 4) != 0;
        channel->im_user = g_strdup(db_column(row, 2));
        channel->is_archived = sqlite3_column_int(row, 5) != 0;
        channel->is_member = sqlite3_column_int(row, 6) != 0;
    }
    sqlite3_finalize(row);
    if (channel == NULL || (channel->is_private && !channel->is_member)) {
        slack_channel_free(channel);
        slack_fail(call, "channel_not_found", NULL);
        return NULL;
    }
    return channel;
}

char *
slack_ts(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, ".", -1);
    guint n = g_strv_length(parts);
    if (n < 1 || n > 2 || parts[0][0] == '\0' || strlen(parts[0]) > 10 ||
        (n == 2 && (parts[1][0] == '\0' || strlen(parts[1]) > 6)))
        return NULL;
    for (guint i = 0; i < n; i++)
        if (strspn(parts[i], "0123456789") != strlen(parts[i]))
            return NULL;
    g_autofree char *micro = g_strdup_printf("%s000000", n == 2 ? parts[1] : "");
    micro[6] = '\0';
    return g_strdup_printf("%010" G_GINT64_FORMAT ".%s", (gint64)strtoll(parts[0], NULL, 10),
                           micro);
}

char *
slack_new_ts(Db *db, const char *channel, gint64 microseconds)
{
    for (;; microseconds++) {
        char *ts = g_strdup_printf("%010" G_GINT64_FORMAT ".%06" G_GINT64_FORMAT,
                                   microseconds / G_USEC_PER_SEC, microseconds % G_USEC_PER_SEC);
        if (!db_int(db, 0, "SELECT 1 FROM message WHERE channel=? AND ts=?", "ss", channel, ts))
            return ts;
        g_free(ts);
    }
}

/* --- reading a call --- */

/* "application/json; charset=utf-8" → type and charset, lower case; charset NULL when not given. */
static void
split_type(const char *header, char **type, char **charset)
{
    g_auto(GStrv) parts = g_strsplit(header, ";", -1);
    *type = g_ascii_strdown(g_strstrip(parts[0]), -1);
    *charset = NULL;
    for (guint i = 1; parts[i] != NULL; i++) {
        g_autofree char *part = g_ascii_strdown(g_strstrip(parts[i]), -1);
        if (g_str_has_prefix(part, "charset=")) {
            g_free(*charset);
            *charset = g_strdup(part + strlen("charset="));
            g_strdelimit(*charset, "\"", ' ');
            g_strstrip(*charset);
        }
    }
}

static gboolean
read_json(SlackCall *call)
{
    const GString *body = call->request->body;
    cJSON *json = cJSON_ParseWithLengthOpts(body->str, body->len + 1, NULL, TRUE);
    if (!cJSON_IsObject(json)) {
        cJSON_Delete(json);
        return slack_fail(call, json == NULL ? "invalid_json" : "json_not_object", NULL);
    }
    const cJSON *item;
    cJSON_ArrayForEach (item, json) {
        if (cJSON_IsNull(item))
            continue;
        char *value = cJSON_IsString(item) ? g_strdup(item->valuestring) : NULL;
        if (value == NULL) {
            char *printed = cJSON_PrintUnformatted(item);
            value = g_strdup(printed);
            cJSON_free(printed);
        }
        g_hash_table_replace(call->args, g_strdup(item->string), value);
    }
    cJSON_Delete(json);
    return TRUE;
}

static gboolean
read_form(SlackCall *call)
{
    const GString *body = call->request->body;
    GHashTable *form = form_parse(body->str, body->len);
    if (form == NULL)
        return slack_fail(call, "invalid_form_data", NULL);
    GHashTableIter iter;
    gpointer name, value;
    g_hash_table_iter_init(&iter, form);
    while (g_hash_table_iter_next(&iter, &name, &value)) {
        g_hash_table_iter_steal(&iter);
        g_hash_table_replace(call->args, name, value);
    }
    g_hash_table_unref(form);
    return TRUE;
}

static gboolean
read_post(SlackCall *call, const SlackMethod *method, gboolean *is_json)
{
    const char *header = request_header(call->request, "Content-Type");
    if (call->request->body->len == 0)
        return TRUE;
    if (header == NULL)
        return slack_fail(call, "missing_post_type", NULL);
    g_autofree char *type = NULL, *charset = NULL;
    split_type(header, &type, &charset);
    *is_json = strcmp(type, "application/json") == 0;
    gboolean form = strcmp(type, "application/x-www-form-urlencoded") == 0;
    if ((!*is_json && !form) || (*is_json && !method->json))
        return slack_fail(call, "invalid_post_type", NULL);
    gboolean known =
        charset != NULL && (strcmp(charset, "utf-8") == 0 || strcmp(charset, "iso-8859-1") == 0);
    if ((charset != NULL && !known) || (*is_json && charset == NULL))
        return slack_fail(call, "invalid_charset", NULL);
    return *is_json ? read_json(call) : read_form(call);
}

/* The arguments of the URL count for GET; a token there does not count at all. */
static gboolean
read_args(SlackCall *call, const SlackMethod *method, gboolean *is_json)
{
    if (strcmp(call->request->verb, "POST") == 0)
        return read_post(call, method, is_json);
    if (strcmp(call->request->verb, "GET") != 0 || method->writes)
        return slack_fail(call, "invalid_arguments", "[ERROR] this method is called by POST");
    GHashTableIter iter;
    gpointer name, value;
    g_hash_table_iter_init(&iter, call->request->query);
    while (g_hash_table_iter_next(&iter, &name, &value))
        if (strcmp(name, "token") != 0)
            g_hash_table_replace(call->args, g_strdup(name), g_strdup(value));
    return TRUE;
}

static gboolean
authenticate(SlackCall *call, gboolean is_json)
{
    static const char *const states[][2] = {{"revoked", "token_revoked"},
                                            {"expired", "token_expired"},
                                            {"inactive", "account_inactive"}};
    const char *header = request_header(call->request, "Authorization");
    const char *token = is_json ? NULL : slack_arg(call, "token");
    if (header != NULL && g_ascii_strncasecmp(header, "Bearer ", 7) == 0)
        token = header + 7;
    if (token == NULL)
        return slack_fail(call, "not_authed", NULL);
    g_autofree char *state = db_text(call->db, "SELECT state FROM token WHERE token=?", "s", token);
    if (state == NULL)
        return slack_fail(call, "invalid_auth", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(states); i++)
        if (strcmp(state, states[i][0]) == 0)
            return slack_fail(call, states[i][1], NULL);
    call->scopes = db_text(call->db, "SELECT scopes FROM token WHERE token=?", "s", token);
    g_hash_table_remove(call->args, "token");
    return TRUE;
}

static gboolean
check_args(SlackCall *call, const SlackMethod *method)
{
    g_auto(GStrv) needs = g_strsplit(method->needs, ",", -1);
    for (char **need = needs; *need != NULL; need++) {
        if (slack_arg(call, *need) == NULL) {
            g_autofree char *message = g_strdup_printf("[ERROR] missing required field: %s", *need);
            return slack_fail(call, "invalid_arguments", message);
        }
    }
    GHashTableIter iter;
    gpointer name, value;
    g_hash_table_iter_init(&iter, call->args);
    while (g_hash_table_iter_next(&iter, &name, &value)) {
        const char *text = name;
        if (*text == '\0' || strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(text))
            return slack_fail(call, "invalid_arg_name", NULL);
        if (!g_utf8_validate(value, -1, NULL))
            return slack_fail(call, "invalid_form_data", NULL);
    }
    return TRUE;
}

static void
log_args(const SlackCall *call)
{
    GHashTableIter iter;
    gpointer name, value;
    g_hash_table_iter_init(&iter, call->args);
    while (g_hash_table_iter_next(&iter, &name, &value))
        if (strcmp(name, "token") != 0 && g_utf8_validate(value, -1, NULL))
            cJSON_AddStringToObject(call->request->logged, name, value);
    if (request_query(call->request, "token") != NULL)
        cJSON_AddTrueToObject(call->request->logged, "token_in_query");
}

static const SlackMethod *
method_find(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(methods); i++)
        if (strcmp(methods[i].name, name) == 0)
            return &methods[i];
    return NULL;
}

static void
slack_answer(SlackCall *call, Answer *answer)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddBoolToObject(json, "ok", call->error == NULL);
    if (call->error != NULL)
        cJSON_AddStringToObject(json, "error", call->error);
    while (call->out->child != NULL) {
        cJSON *item = cJSON_DetachItemViaPointer(call->out, call->out->child);
        g_autofree char *name = g_strdup(item->string);
        cJSON_AddItemToObject(json, name, item);
    }
    answer_json(answer, call->retry_after > 0 ? 429 : 200, json);
    if (call->retry_after > 0) {
        g_autofree char *seconds = g_strdup_printf("%u", call->retry_after);
        answer_header(answer, "Retry-After", seconds);
    }
    call->request->result = g_strdup(call->error != NULL ? call->error : "ok");
    cJSON_Delete(json);
}

void
slack_handle(Request *request, Answer *answer)
{
    SlackCall call = {.request = request,
                      .db = request->sandbox->db,
                      .args = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
                      .out = cJSON_CreateObject()};
    const SlackMethod *method = method_find(request->path);
    gboolean is_json = FALSE;
    if (method == NULL) {
        cJSON_AddStringToObject(call.out, "req_method", request->path);
        slack_fail(&call, "unknown_method", NULL);
    } else {
        gboolean read = read_args(&call, method, &is_json);
        log_args(&call);
        if (read && authenticate(&call, is_json) && check_args(&call, method))
            method->run(&call);
    }
    slack_answer(&call, answer);
    g_hash_table_unref(call.args);
    cJSON_Delete(call.out);
    g_free(call.error);
    g_free(call.scopes);
}
