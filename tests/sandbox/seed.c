/* seed.c: fills a new folder: settings, tokens, people, channels; then data, looks, messages. */
#include "config.h"
#include "seed.h"
#include "slack.h"

#include <string.h>

static const char all_scopes[] =
    "channels:read,groups:read,im:read,mpim:read,channels:history,groups:history,im:history,"
    "mpim:history,chat:write,im:write,users:read,reactions:write,files:write";

static const struct {
    const char *name;
    const char *value;
} settings[] = {
    {"looker_client_id", "sandbox-client"},
    {"looker_client_secret", "sandbox-looker-secret-4f1c"},
    {"trino_user", "creditbot"},
    {"trino_password", "sandbox-warehouse-9b2e"},
    {"trino_jwt", "sandbox.jwt.7d30"},
    {"slack_token", "xoxb-sandbox-1000-2000-a1b2c3d4"},
};

static const struct {
    const char *id, *name, *real_name;
    gboolean bot;
} people[] = {
    {"U0MARA0001", "mara", "Mara", FALSE},        {"U0JONAS002", "jonas", "Jonas", FALSE},
    {"U0PRIYA003", "priya", "Priya", FALSE},      {"U0TOMAS004", "tomas", "Tomas", FALSE},
    {"U0LENA0005", "lena", "Lena", FALSE},        {"U0OSCAR006", "oscar", "Oscar", FALSE},
    {"U00000001", "oncall", "On call", FALSE},    {SLACK_BOTUSER, "creditbot", "CreditBot", TRUE},
    {"U0DEPLOY07", "deploybot", "Deploys", TRUE},
};

static const struct {
    const char *id, *name;
    gboolean is_private, archived, member;
    const char *topic;
} channels[] = {
    {SEED_CHANNEL, "help-sms-credit-pumping-memos", FALSE, FALSE, TRUE,
     "Credit memos for SMS pumping. Post a Looker link."},
    {SEED_PRIVATE, "help-verify-credit", TRUE, FALSE, TRUE, "Escalated Verify credits"},
    {"C0GENERAL3", "general", FALSE, FALSE, FALSE, "Company-wide"},
    {"C0ARCHIVE4", "help-sms-old", FALSE, TRUE, TRUE, "Closed"},
    {"C0SECRET05", "finance-private", TRUE, FALSE, FALSE, "Not for bots"},
};

void
seed_people(Db *db)
{
    for (gsize i = 0; i < G_N_ELEMENTS(settings); i++)
        db_set_setting(db, settings[i].name, settings[i].value);
    db_exec(db, "INSERT INTO token SELECT value,'valid',? FROM setting WHERE name='slack_token'",
            "s", all_scopes);
    for (gsize i = 0; i < G_N_ELEMENTS(people); i++)
        db_exec(db, "INSERT INTO person(id,name,real_name,is_bot) VALUES(?,?,?,?)", "sssi",
                people[i].id, people[i].name, people[i].real_name, (gint64)people[i].bot);
    for (gsize i = 0; i < G_N_ELEMENTS(channels); i++) {
        db_exec(db,
                "INSERT INTO channel(id,name,is_private,is_archived,created,topic)"
                " VALUES(?,?,?,?,1700000000,?)",
                "ssiis", channels[i].id, channels[i].name, (gint64)channels[i].is_private,
                (gint64)channels[i].archived, channels[i].topic);
        db_exec(db, "INSERT INTO member SELECT ?, id FROM person WHERE NOT is_bot", "s",
                channels[i].id);
        if (channels[i].member)
            db_exec(db, "INSERT INTO member VALUES(?,?)", "ss", channels[i].id, SLACK_BOTUSER);
    }
}

void
seed_store_message(Db *db, const char *channel, const char *ts, const char *thread_ts,
                   const cJSON *message)
{
    char *json = cJSON_PrintUnformatted(message);
    db_exec(db, "INSERT INTO message(channel,ts,thread_ts,subtype,json) VALUES(?,?,?,?,?)", "sssss",
            channel, ts, thread_ts,
            cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(message, "subtype")), json);
    cJSON_free(json);
}

/* FILE.json: {"settings":{…},"messages":[{"channel","user","text","age_s",…}]} on top of "empty".
 */
static gboolean
seed_file(Db *db, const char *path, gint64 now_us, GError **error)
{
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, error))
        return FALSE;
    cJSON *json = cJSON_Parse(text), *item;
    if (!cJSON_IsObject(json)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: not a JSON object", path);
        cJSON_Delete(json);
        return FALSE;
    }
    cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive(json, "settings")) {
        char *printed = cJSON_PrintUnformatted(item);
        db_set_setting(db, item->string, cJSON_IsString(item) ? item->valuestring : printed);
        cJSON_free(printed);
    }
    cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive(json, "messages")) {
        const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "channel"));
        const char *channel = name != NULL ? name : SEED_CHANNEL;
        const cJSON *age = cJSON_GetObjectItemCaseSensitive(item, "age_s");
        gint64 back = cJSON_IsNumber(age) ? (gint64)(age->valuedouble * G_USEC_PER_SEC) : 0;
        g_autofree char *ts = slack_new_ts(db, channel, now_us - back);
        cJSON *message = cJSON_Duplicate(item, TRUE);
        cJSON_DeleteItemFromObjectCaseSensitive(message, "channel");
        cJSON_DeleteItemFromObjectCaseSensitive(message, "age_s");
        cJSON_AddStringToObject(message, "type", "message");
        cJSON_AddStringToObject(message, "ts", ts);
        seed_store_message(db, channel, ts, NULL, message);
        cJSON_Delete(message);
    }
    cJSON_Delete(json);
    return TRUE;
}

static gboolean
fill(Db *db, const char *what, gint64 now_us, GError **error)
{
    g_autofree char *now = g_strdup_printf("%" G_GINT64_FORMAT, now_us);
    g_autofree char *offset = g_strdup_printf("%" G_GINT64_FORMAT, now_us - g_get_real_time());
    seed_people(db);
    db_set_setting(db, "seeded_us", now);
    db_set_setting(db, "clock_offset_us", offset);
    db_set_setting(db, "seed", what);
    seed_data(db, now_us);
    seed_looks(db, now_us);
    if (strcmp(what, "demo") == 0)
        seed_messages(db, now_us);
    else if (strcmp(what, "empty") != 0)
        return seed_file(db, what, now_us, error);
    return TRUE;
}

gboolean
seed_apply(Db *db, const char *what, gint64 now_us, GError **error)
{
    gboolean ok = TRUE;
    db_begin(db);
    if (db_setting(db, "seeded_us", 0) == 0) {
        gint64 system = g_get_real_time();
        ok = fill(db, what, now_us >= 0 ? now_us : system, error);
        if (now_us < 0)
            db_set_setting(db, "clock_offset_us", "0");
    }
    db_commit(db);
    return ok;
}

gboolean
seed_again(Db *db, const char *what, GError **error)
{
    static const char *const tables[] = {"token",   "person",          "channel",      "member",
                                         "message", "query",           "look",         "dashboard",
                                         "element", "sql_query",       "looker_token", "fault",
                                         "log",     "verify_attempts", "truth",        "account"};
    g_autofree char *seed = db_setting_text(db, "seed", "empty");
    gint64 now = db_now(db);
    for (gsize i = 0; i < G_N_ELEMENTS(tables); i++) {
        g_autofree char *sql = g_strconcat("DELETE FROM ", tables[i], NULL);
        db_exec(db, sql, NULL);
    }
    db_exec(db, "DELETE FROM setting", NULL);
    return fill(db, what != NULL ? what : seed, now, error);
}
