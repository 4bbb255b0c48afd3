/* slack_people.c: auth.test, users.info and the conversations.* methods about channels themselves.
 */
#include "config.h"
#include "slack.h"

#include <string.h>

#define CHANNEL_COLUMNS                                                                            \
    "c.id,c.name,c.is_private,c.is_im,c.im_user,c.is_archived,c.created,c.topic,"                  \
    "EXISTS(SELECT 1 FROM member m WHERE m.channel=c.id AND m.person='" SLACK_BOTUSER "'),"        \
    "(SELECT COUNT(*) FROM member m WHERE m.channel=c.id)"

void
slack_auth_test(SlackCall *call)
{
    cJSON_AddStringToObject(call->out, "url", "https://sandbox-example.slack.com/");
    cJSON_AddStringToObject(call->out, "team", "Sandbox Workspace");
    cJSON_AddStringToObject(call->out, "user", "creditbot");
    cJSON_AddStringToObject(call->out, "team_id", SLACK_TEAM);
    cJSON_AddStringToObject(call->out, "user_id", SLACK_BOTUSER);
    cJSON_AddStringToObject(call->out, "bot_id", SLACK_BOT);
    cJSON_AddFalseToObject(call->out, "is_enterprise_install");
}

/* --- channels --- */

const char *
slack_channel_family(const SlackChannel *channel)
{
    return channel->is_im ? "im" : channel->is_private ? "groups" : "channels";
}

static cJSON *
channel_json(sqlite3_stmt *row)
{
    gboolean is_im = sqlite3_column_int(row, 3) != 0, is_private = sqlite3_column_int(row, 2) != 0;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "id", db_column(row, 0));
    cJSON_AddNumberToObject(json, "created", sqlite3_column_double(row, 6));
    cJSON_AddBoolToObject(json, "is_archived", sqlite3_column_int(row, 5));
    cJSON_AddBoolToObject(json, "is_im", is_im);
    cJSON_AddFalseToObject(json, "is_org_shared");
    if (is_im) {
        cJSON_AddStringToObject(json, "user", db_column(row, 4));
        cJSON_AddFalseToObject(json, "is_user_deleted");
        return json;
    }
    cJSON_AddStringToObject(json, "name", db_column(row, 1));
    cJSON_AddStringToObject(json, "name_normalized", db_column(row, 1));
    cJSON_AddBoolToObject(json, "is_channel", !is_private);
    cJSON_AddBoolToObject(json, "is_group", is_private);
    cJSON_AddFalseToObject(json, "is_mpim");
    cJSON_AddBoolToObject(json, "is_private", is_private);
    cJSON_AddBoolToObject(json, "is_member", sqlite3_column_int(row, 8));
    cJSON_AddStringToObject(json, "creator", "U0MARA0001");
    cJSON_AddStringToObject(json, "context_team_id", SLACK_TEAM);
    cJSON_AddNumberToObject(json, "unlinked", 0);
    cJSON *topic = cJSON_AddObjectToObject(json, "topic");
    cJSON_AddStringToObject(topic, "value", db_column(row, 7));
    cJSON_AddNumberToObject(json, "num_members", sqlite3_column_double(row, 9));
    return json;
}

/* Reads types= into flags: public, private, im; FALSE with invalid_types or missing_scope. */
static gboolean
read_types(SlackCall *call, gboolean want[3])
{
    static const char *const names[] = {"public_channel", "private_channel", "im", "mpim"};
    static const char *const scopes[] = {"channels:read", "groups:read", "im:read", "mpim:read"};
    const char *text = slack_arg(call, "types");
    g_auto(GStrv) types = g_strsplit(text != NULL ? text : "public_channel", ",", -1);
    for (char **type = types; *type != NULL; type++) {
        gsize i = 0;
        g_strstrip(*type);
        while (i < G_N_ELEMENTS(names) && strcmp(*type, names[i]) != 0)
            i++;
        if (i == G_N_ELEMENTS(names))
            return slack_fail(call, "invalid_types", NULL);
        if (!slack_need_scope(call, scopes[i]))
            return FALSE;
        if (i < 3)
            want[i] = TRUE;
    }
    return TRUE;
}

void
slack_conversations_list(SlackCall *call)
{
    gboolean want[3] = {FALSE};
    gint64 limit;
    g_autofree char *after = NULL;
    if (!read_types(call, want) || !slack_limit(call, 100, 999, &limit) ||
        !slack_cursor_read(call, "team", &after))
        return;
    cJSON *list = cJSON_AddArrayToObject(call->out, "channels");
    sqlite3_stmt *row = db_query(
        call->db,
        "SELECT " CHANNEL_COLUMNS " FROM channel c WHERE c.id > ?1"
        " AND ((?2 AND NOT c.is_private AND NOT c.is_im) OR (?3 AND c.is_im) OR (?4 AND "
        "c.is_private AND EXISTS(SELECT 1 FROM member m WHERE m.channel=c.id AND "
        "m.person='" SLACK_BOTUSER "'))) AND NOT (?5 AND c.is_archived) ORDER BY c.id LIMIT ?6",
        "siiiii", after != NULL ? after : "", (gint64)want[0], (gint64)want[2], (gint64)want[1],
        (gint64)slack_flag(call, "exclude_archived"), limit + 1);
    g_autofree char *last = NULL;
    gboolean more = FALSE;
    while (row != NULL && sqlite3_step(row) == SQLITE_ROW) {
        if (cJSON_GetArraySize(list) == limit) {
            more = TRUE;
            break;
        }
        cJSON_AddItemToArray(list, channel_json(row));
        g_free(last);
        last = g_strdup(db_column(row, 0));
    }
    sqlite3_finalize(row);
    slack_cursor_add(call, "team", more ? last : NULL);
}

void
slack_conversations_info(SlackCall *call)
{
    g_autoptr(SlackChannel) channel = slack_channel(call, slack_arg(call, "channel"));
    if (channel == NULL)
        return;
    g_autofree char *scope = g_strconcat(slack_channel_family(channel), ":read", NULL);
    if (!slack_need_scope(call, scope))
        return;
    sqlite3_stmt *row = db_query(call->db, "SELECT " CHANNEL_COLUMNS " FROM channel c WHERE c.id=?",
                                 "s", channel->id);
    if (row != NULL && sqlite3_step(row) == SQLITE_ROW)
        cJSON_AddItemToObject(call->out, "channel", channel_json(row));
    sqlite3_finalize(row);
}

/* --- direct messages and people --- */

char *
slack_im_with(Db *db, const char *user, gboolean *existed)
{
    char *id = db_text(db, "SELECT id FROM channel WHERE is_im AND im_user=?", "s", user);
    *existed = id != NULL;
    if (id != NULL)
        return id;
    id = g_strdup_printf("D0IM%06" G_GINT64_FORMAT,
                         db_int(db, 0, "SELECT COUNT(*) FROM channel", NULL));
    db_exec(db, "INSERT INTO channel(id,is_im,im_user,created) VALUES(?,1,?,?)", "ssi", id, user,
            db_now(db) / G_USEC_PER_SEC);
    db_exec(db, "INSERT INTO member VALUES(?,?)", "ss", id, SLACK_BOTUSER);
    db_exec(db, "INSERT INTO member VALUES(?,?)", "ss", id, user);
    return id;
}

static gboolean
check_person(SlackCall *call, const char *id)
{
    gint64 deleted = db_int(call->db, -1, "SELECT deleted FROM person WHERE id=?", "s", id);
    if (deleted < 0)
        return slack_fail(call, "user_not_found", NULL);
    if (deleted > 0)
        return slack_fail(call, "user_disabled", NULL);
    return TRUE;
}

void
slack_conversations_open(SlackCall *call)
{
    const char *users = slack_arg(call, "users"), *given = slack_arg(call, "channel");
    g_autofree char *id = NULL;
    gboolean existed = TRUE;
    if (!slack_need_scope(call, "im:write"))
        return;
    if (users != NULL) {
        if (strchr(users, ',') != NULL) {
            slack_fail(call, "invalid_user_combination", NULL);
            return;
        }
        if (!check_person(call, users))
            return;
        id = slack_im_with(call->db, users, &existed);
    } else if (given != NULL) {
        g_autoptr(SlackChannel) channel = slack_channel(call, given);
        if (channel == NULL)
            return;
        if (!channel->is_im) {
            slack_fail(call, "method_not_supported_for_channel_type", NULL);
            return;
        }
        id = g_strdup(channel->id);
    } else {
        slack_fail(call, "users_list_not_supplied", NULL);
        return;
    }
    if (existed) {
        cJSON_AddTrueToObject(call->out, "no_op");
        cJSON_AddTrueToObject(call->out, "already_open");
    }
    cJSON *json = cJSON_AddObjectToObject(call->out, "channel");
    cJSON_AddStringToObject(json, "id", id);
}

void
slack_users_info(SlackCall *call)
{
    if (!slack_need_scope(call, "users:read"))
        return;
    sqlite3_stmt *row =
        db_query(call->db, "SELECT id,name,real_name,is_bot,deleted FROM person WHERE id=?", "s",
                 slack_arg(call, "user"));
    if (row == NULL || sqlite3_step(row) != SQLITE_ROW) {
        sqlite3_finalize(row);
        slack_fail(call, "user_not_found", NULL);
        return;
    }
    cJSON *user = cJSON_AddObjectToObject(call->out, "user");
    cJSON_AddStringToObject(user, "id", db_column(row, 0));
    cJSON_AddStringToObject(user, "team_id", SLACK_TEAM);
    cJSON_AddStringToObject(user, "name", db_column(row, 1));
    cJSON_AddBoolToObject(user, "deleted", sqlite3_column_int(row, 4));
    cJSON_AddStringToObject(user, "real_name", db_column(row, 2));
    cJSON_AddStringToObject(user, "tz", "Europe/Amsterdam");
    cJSON_AddStringToObject(user, "tz_label", "Central European Time");
    cJSON_AddNumberToObject(user, "tz_offset", 3600);
    cJSON *profile = cJSON_AddObjectToObject(user, "profile");
    cJSON_AddStringToObject(profile, "real_name", db_column(row, 2));
    cJSON_AddStringToObject(profile, "display_name", db_column(row, 1));
    cJSON_AddStringToObject(profile, "team", SLACK_TEAM);
    cJSON_AddBoolToObject(user, "is_bot", sqlite3_column_int(row, 3));
    cJSON_AddFalseToObject(user, "is_app_user");
    cJSON_AddNumberToObject(user, "updated", 1780000000);
    sqlite3_finalize(row);
}
