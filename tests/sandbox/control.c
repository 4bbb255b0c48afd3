/* control.c: the test's side of the sandbox: messages of people, data, looks, tokens, faults, log.
 */
#include "config.h"
#include "fault.h"
#include "seed.h"
#include "slack.h"

#include <string.h>

typedef struct {
    Request *request;
    Db *db;
    cJSON *in; /* body, an object (or an array for faults) */
    cJSON *out;
    const char *error; /* set: 400 with that word */
} Call;

static const char *
in_text(const Call *call, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(call->in, name));
}

static const cJSON *
in_item(const Call *call, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(call->in, name);
}

static gint64
in_int(const Call *call, const char *name, gint64 fallback)
{
    const cJSON *item = in_item(call, name);
    if (cJSON_IsBool(item))
        return cJSON_IsTrue(item);
    return cJSON_IsNumber(item) ? (gint64)item->valuedouble : fallback;
}

/* Rows of a statement as an array of objects; text that is JSON in the named column is kept as it
 * is parsed. */
static cJSON *
rows_json(sqlite3_stmt *row, const char *json_column)
{
    cJSON *list = cJSON_CreateArray();
    while (row != NULL && sqlite3_step(row) == SQLITE_ROW) {
        cJSON *item = cJSON_CreateObject();
        for (int i = 0; i < sqlite3_column_count(row); i++) {
            const char *name = sqlite3_column_name(row, i);
            int type = sqlite3_column_type(row, i);
            if (json_column != NULL && strcmp(name, json_column) == 0)
                cJSON_AddItemToObject(item, name, cJSON_Parse(db_column(row, i)));
            else if (type == SQLITE_NULL)
                cJSON_AddNullToObject(item, name);
            else if (type == SQLITE_TEXT)
                cJSON_AddStringToObject(item, name, db_column(row, i));
            else
                cJSON_AddNumberToObject(item, name, sqlite3_column_double(row, i));
        }
        cJSON_AddItemToArray(list, item);
    }
    sqlite3_finalize(row);
    return list;
}

/* --- messages of people --- */

/* The channel's id, whether the request names it by id, by name or not at all. Caller frees. */
static char *
message_channel(const Call *call)
{
    const char *given = in_text(call, "channel");
    const char *name = given != NULL && given[0] == '#' ? given + 1 : given;
    char *id = db_text(call->db, "SELECT id FROM channel WHERE id=?1 OR name=?1", "s", name);
    return id != NULL ? id : g_strdup(given != NULL ? given : SEED_CHANNEL);
}

static void
delete_message(Call *call, const char *ts)
{
    g_autofree char *channel = message_channel(call);
    gint64 replies = db_int(call->db, 0,
                            "SELECT COUNT(*) FROM message WHERE channel=? AND thread_ts=? AND"
                            " ts<>thread_ts AND NOT deleted",
                            "ss", channel, ts);
    if (replies > 0)
        db_exec(call->db,
                "UPDATE message SET subtype='tombstone', json=json_object('type','message',"
                "'subtype','tombstone','text','This message was deleted.','user','USLACKBOT',"
                "'hidden',json('true'),'ts',ts,'thread_ts',ts) WHERE channel=? AND ts=?",
                "ss", channel, ts);
    else
        db_exec(call->db, "UPDATE message SET deleted=1 WHERE channel=? AND ts=?", "ss", channel,
                ts);
    cJSON_AddNumberToObject(call->out, "changed", sqlite3_changes(db_handle(call->db)));
}

/* Takes over what the request says of a message: text, blocks, files … and all of "raw". */
static void
merge_message(const Call *call, cJSON *message)
{
    static const char *const parts[] = {"user",    "text",     "blocks", "files",  "attachments",
                                        "subtype", "metadata", "bot_id", "app_id", "username"};
    const cJSON *item;
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        item = in_item(call, parts[i]);
        if (item == NULL)
            continue;
        cJSON_DeleteItemFromObjectCaseSensitive(message, parts[i]);
        cJSON_AddItemToObject(message, parts[i], cJSON_Duplicate(item, TRUE));
    }
    cJSON_ArrayForEach (item, in_item(call, "raw")) {
        cJSON_DeleteItemFromObjectCaseSensitive(message, item->string);
        cJSON_AddItemToObject(message, item->string, cJSON_Duplicate(item, TRUE));
    }
}

static void
edit_message(Call *call, const char *ts)
{
    g_autofree char *channel = message_channel(call);
    g_autofree char *json =
        db_text(call->db, "SELECT json FROM message WHERE channel=? AND ts=?", "ss", channel, ts);
    if (json == NULL) {
        call->error = "message_not_found";
        return;
    }
    cJSON *message = cJSON_Parse(json);
    g_autofree char *now = slack_new_ts(call->db, channel, db_now(call->db));
    merge_message(call, message);
    cJSON_DeleteItemFromObjectCaseSensitive(message, "edited");
    cJSON *edited = cJSON_AddObjectToObject(message, "edited");
    const char *user = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(message, "user"));
    cJSON_AddStringToObject(edited, "user", user != NULL ? user : "U0MARA0001");
    cJSON_AddStringToObject(edited, "ts", now);
    char *text = cJSON_PrintUnformatted(message);
    db_exec(call->db, "UPDATE message SET json=? WHERE channel=? AND ts=?", "sss", text, channel,
            ts);
    cJSON_free(text);
    cJSON_Delete(message);
    cJSON_AddStringToObject(call->out, "ts", ts);
}

static void
add_message(Call *call)
{
    g_autofree char *channel = message_channel(call);
    const char *thread = in_text(call, "thread_ts"), *given = in_text(call, "ts");
    gint64 back = in_int(call, "age_s", 0) * G_USEC_PER_SEC;
    g_autofree char *ts =
        given != NULL ? slack_ts(given) : slack_new_ts(call->db, channel, db_now(call->db) - back);
    if (ts == NULL) {
        call->error = "invalid_ts";
        return;
    }
    cJSON *message = cJSON_CreateObject();
    cJSON_AddStringToObject(message, "type", "message");
    cJSON_AddStringToObject(message, "user", "U0MARA0001");
    cJSON_AddStringToObject(message, "text", "");
    cJSON_AddStringToObject(message, "ts", ts);
    cJSON_AddStringToObject(message, "team", SLACK_TEAM);
    if (thread != NULL)
        cJSON_AddStringToObject(message, "thread_ts", thread);
    merge_message(call, message);
    seed_store_message(call->db, channel, ts, thread, message);
    cJSON_Delete(message);
    cJSON_AddStringToObject(call->out, "channel", channel);
    cJSON_AddStringToObject(call->out, "ts", ts);
}

static void
control_edit(Call *call)
{
    const char *ts = in_text(call, "ts");
    if (ts != NULL)
        edit_message(call, ts);
    else
        call->error = "ts is missing";
}

static void
control_delete(Call *call)
{
    const char *ts = in_text(call, "ts");
    if (ts != NULL)
        delete_message(call, ts);
    else
        call->error = "ts is missing";
}

static void
control_message(Call *call)
{
    const char *edit = in_text(call, "edit"), *delete = in_text(call, "delete");
    if (edit != NULL)
        edit_message(call, edit);
    else if (delete != NULL)
        delete_message(call, delete);
    else
        add_message(call);
}

/* --- channels, people, tokens, settings --- */

static void
set_member(Call *call, const char *id)
{
    const char *user = in_text(call, "user");
    if (user == NULL)
        user = SLACK_BOTUSER;
    if (in_item(call, "member") == NULL)
        return;
    db_exec(call->db, "DELETE FROM member WHERE channel=? AND person=?", "ss", id, user);
    if (cJSON_IsTrue(in_item(call, "member")))
        db_exec(call->db, "INSERT INTO member VALUES(?,?)", "ss", id, user);
}

/* {"id" or "name", "private", "archived", "member", "delete"}: makes it when it is not there. */
static void
control_channel(Call *call)
{
    const char *given = in_text(call, "id"), *name = in_text(call, "name");
    g_autofree char *id =
        db_text(call->db, "SELECT id FROM channel WHERE id=? OR name=?", "ss", given, name);
    if (id == NULL && name == NULL) {
        call->error = "channel_not_found";
        return;
    }
    if (id == NULL) {
        id = given != NULL
                 ? g_strdup(given)
                 : g_strdup_printf("C0NEW%05" G_GINT64_FORMAT,
                                   db_int(call->db, 0, "SELECT COUNT(*) FROM channel", NULL));
        db_exec(call->db, "INSERT INTO channel(id,name,created,topic) VALUES(?,?,?,'')", "ssi", id,
                name, db_now(call->db) / G_USEC_PER_SEC);
        if (in_item(call, "member") == NULL)
            db_exec(call->db, "INSERT INTO member VALUES(?,?)", "ss", id, SLACK_BOTUSER);
    }
    if (in_item(call, "archived") != NULL)
        db_exec(call->db, "UPDATE channel SET is_archived=? WHERE id=?", "is",
                in_int(call, "archived", 0), id);
    if (in_item(call, "private") != NULL)
        db_exec(call->db, "UPDATE channel SET is_private=? WHERE id=?", "is",
                in_int(call, "private", 0), id);
    if (name != NULL)
        db_exec(call->db, "UPDATE channel SET name=? WHERE id=?", "ss", name, id);
    set_member(call, id);
    if (cJSON_IsTrue(in_item(call, "delete")))
        db_exec(call->db, "DELETE FROM channel WHERE id=?", "s", id);
    cJSON_AddStringToObject(call->out, "id", id);
}

static void
control_person(Call *call)
{
    const char *id = in_text(call, "id"), *name = in_text(call, "name");
    if (id == NULL) {
        call->error = "id is missing";
        return;
    }
    db_exec(call->db,
            "INSERT OR REPLACE INTO person(id,name,real_name,is_bot,deleted)"
            " VALUES(?,?,?,?,?)",
            "sssii", id, name, name, in_int(call, "bot", 0), in_int(call, "deleted", 0));
}

/* {"service":"slack","token","state":"valid|revoked|expired|inactive","scopes"}; looker: all
 * sessions end. */
static void
control_token(Call *call)
{
    const char *service = in_text(call, "service"), *state = in_text(call, "state");
    if (state == NULL)
        state = in_text(call, "status");
    g_autofree char *token = db_setting_text(call->db, "slack_token", "");
    if (service != NULL && strcmp(service, "looker") == 0) {
        db_exec(call->db, "DELETE FROM looker_token", NULL);
        return;
    }
    const char *which = in_text(call, "token") != NULL ? in_text(call, "token") : token;
    db_exec(call->db,
            "INSERT OR IGNORE INTO token SELECT ?1,'valid',scopes FROM token WHERE token=?2", "ss",
            which, token);
    if (state != NULL)
        db_exec(call->db, "UPDATE token SET state=? WHERE token=?", "ss", state, which);
    if (in_text(call, "scopes") != NULL)
        db_exec(call->db, "UPDATE token SET scopes=? WHERE token=?", "ss", in_text(call, "scopes"),
                which);
}

static void
control_setting(Call *call)
{
    const cJSON *item;
    cJSON_ArrayForEach (item, call->in) {
        char *printed = cJSON_PrintUnformatted(item);
        if (cJSON_IsNull(item))
            db_exec(call->db, "DELETE FROM setting WHERE name=?", "s", item->string);
        else
            db_set_setting(call->db, item->string,
                           cJSON_IsString(item) ? item->valuestring : printed);
        cJSON_free(printed);
    }
}

/* --- Looker's content and the warehouse's --- */

static void
put_query(Call *call, const char *id)
{
    g_autofree char *slug = in_text(call, "slug") != NULL ? g_strdup(in_text(call, "slug"))
                                                          : g_strdup_printf("slug%s", id);
    db_exec(call->db, "INSERT OR REPLACE INTO query VALUES(?,?,?,?,?,?,?,?)", "sssssiii", id, slug,
            in_text(call, "model") ? in_text(call, "model") : "messaging", "verify_attempts",
            in_text(call, "sql") ? in_text(call, "sql") : "SELECT 1", in_int(call, "limit", 500),
            in_int(call, "fill", 0), in_int(call, "totals", 0));
    cJSON_AddStringToObject(call->out, "query_id", id);
    cJSON_AddStringToObject(call->out, "slug", slug);
}

/* {"id","title","sql","limit","slug","fill","totals"} or {"id","query_id"} or {"id","deleted"}. */
static void
control_look(Call *call)
{
    const char *id = in_text(call, "id"), *query = in_text(call, "query_id");
    if (id == NULL) {
        call->error = "id is missing";
        return;
    }
    if (cJSON_IsTrue(in_item(call, "remove"))) {
        db_exec(call->db, "DELETE FROM look WHERE id=?", "s", id);
        return;
    }
    g_autofree char *made = g_strdup_printf("%s9", id);
    if (in_text(call, "sql") != NULL)
        put_query(call, query != NULL ? query : made);
    if (in_text(call, "sql") != NULL || query != NULL)
        db_exec(call->db, "INSERT OR REPLACE INTO look(id,title,query_id) VALUES(?,?,?)", "sss", id,
                in_text(call, "title") ? in_text(call, "title") : "A look",
                query != NULL ? query : made);
    db_exec(call->db, "UPDATE look SET deleted=? WHERE id=?", "is", in_int(call, "deleted", 0), id);
}

static void
control_query(Call *call)
{
    if (in_text(call, "id") != NULL)
        put_query(call, in_text(call, "id"));
    else
        call->error = "id is missing";
}

static void
control_sql_query(Call *call)
{
    db_exec(call->db, "INSERT OR REPLACE INTO sql_query VALUES(?,?)", "ss", in_text(call, "slug"),
            in_text(call, "sql"));
}

/* {"id","title","slug","elements":[{"id","title","kind":"query|look|result_maker|sql|text|merge",
 * "ref","body"}]} */
static void
control_dashboard(Call *call)
{
    const char *id = in_text(call, "id");
    const cJSON *element;
    int n = 0;
    db_exec(call->db, "INSERT OR REPLACE INTO dashboard(id,slug,title) VALUES(?,?,?)", "sss", id,
            in_text(call, "slug"), in_text(call, "title"));
    db_exec(call->db, "DELETE FROM element WHERE dashboard=?", "s", id);
    cJSON_ArrayForEach (element, in_item(call, "elements")) {
        Call inner = {.in = cJSON_Duplicate(element, TRUE)};
        g_autofree char *made = g_strdup_printf("%s-%d", id, ++n);
        db_exec(call->db, "INSERT OR REPLACE INTO element VALUES(?,?,?,?,?,?)", "ssssss",
                in_text(&inner, "id") ? in_text(&inner, "id") : made, id, in_text(&inner, "title"),
                in_text(&inner, "kind") ? in_text(&inner, "kind") : "query", in_text(&inner, "ref"),
                in_text(&inner, "body"));
        cJSON_Delete(inner.in);
    }
}

static void
insert_row(Call *call, const char *table, const cJSON *row)
{
    g_autoptr(GString) names = g_string_new(NULL);
    g_autoptr(GString) marks = g_string_new(NULL);
    const cJSON *item;
    cJSON_ArrayForEach (item, row) {
        g_string_append_printf(names, "%s\"%s\"", names->len > 0 ? "," : "", item->string);
        g_string_append(marks, marks->len > 0 ? ",?" : "?");
    }
    g_autofree char *sql =
        g_strdup_printf("INSERT INTO \"%s\"(%s) VALUES(%s)", table, names->str, marks->str);
    sqlite3_stmt *statement = db_query(call->db, sql, NULL);
    int at = 0;
    cJSON_ArrayForEach (item, row) {
        at++;
        if (cJSON_IsString(item))
            sqlite3_bind_text(statement, at, item->valuestring, -1, SQLITE_TRANSIENT);
        else if (cJSON_IsNumber(item) && item->valuedouble == (double)(gint64)item->valuedouble)
            sqlite3_bind_int64(statement, at, (gint64)item->valuedouble);
        else if (cJSON_IsNumber(item))
            sqlite3_bind_double(statement, at, item->valuedouble);
    }
    if (statement == NULL || sqlite3_step(statement) != SQLITE_DONE)
        call->error = "the row does not fit the table";
    sqlite3_finalize(statement);
}

/* {"delete_account","rows":[{…}],"table"} and/or {"sql"}: SQL runs on the state, its rows come
 * back. */
static void
control_data(Call *call)
{
    const char *table = in_text(call, "table"), *account = in_text(call, "delete_account");
    const char *sql = in_text(call, "sql");
    const cJSON *row;
    if (account != NULL) {
        db_exec(call->db, "DELETE FROM verify_attempts WHERE account_name=?", "s", account);
        db_exec(call->db, "DELETE FROM truth WHERE account_name=?", "s", account);
    }
    cJSON_ArrayForEach (row, in_item(call, "rows"))
        insert_row(call, table != NULL ? table : "verify_attempts", row);
    if (sql != NULL) {
        sqlite3_stmt *statement = db_query(call->db, sql, NULL);
        if (statement == NULL)
            call->error = "the SQL can't be prepared";
        else
            cJSON_AddItemToObject(call->out, "rows", rows_json(statement, NULL));
        cJSON_AddNumberToObject(call->out, "changed", sqlite3_changes(db_handle(call->db)));
    }
}

static void
control_truth(Call *call)
{
    const char *account = request_query(call->request, "account");
    cJSON_AddItemToObject(
        call->out, "accounts",
        rows_json(db_query(call->db,
                           "SELECT a.sid account_sid, a.name account_name, a.kind,"
                           " COALESCE(SUM(t.fraud_attempts),0) fraud_attempts,"
                           " printf('%d.%06d', COALESCE(SUM(t.fraud_cost_micros),0)/1000000,"
                           " COALESCE(SUM(t.fraud_cost_micros),0)%1000000) fraud_cost"
                           " FROM account a LEFT JOIN truth t ON t.account_sid=a.sid"
                           " WHERE ?1 IS NULL OR a.name=?1 GROUP BY 1 ORDER BY a.name",
                           "s", account),
                  NULL));
    cJSON_AddItemToObject(
        call->out, "segments",
        rows_json(db_query(call->db,
                           "SELECT account_name,day,country,prefix,carrier,honest_attempts,"
                           "fraud_attempts,fraud_conversions,fraud_cost_micros FROM truth"
                           " WHERE ?1 IS NULL OR account_name=?1 ORDER BY 1,2,3",
                           "s", account),
                  NULL));
}

/* --- faults, log, posts --- */

static void
control_fault(Call *call)
{
    if (cJSON_IsArray(call->in)) {
        const cJSON *spec;
        cJSON_ArrayForEach (spec, call->in) {
            if (!fault_add(call->db, spec, &call->error))
                return;
        }
        return;
    }
    fault_add(call->db, call->in, &call->error);
}

static void
clear_faults(Call *call)
{
    db_exec(call->db, "DELETE FROM fault", NULL);
}

static void
get_faults(Call *call)
{
    cJSON_AddItemToObject(
        call->out, "faults",
        rows_json(db_query(call->db,
                           "SELECT id,service,pattern,kind,spec,after,times,seen,fired"
                           " FROM fault ORDER BY id",
                           NULL),
                  "spec"));
}

static void
get_log(Call *call)
{
    const char *since = request_query(call->request, "since");
    const char *service = request_query(call->request, "service");
    const char *path = request_query(call->request, "path");
    cJSON_AddItemToObject(
        call->out, "log",
        rows_json(db_query(call->db,
                           "SELECT id,at/1000000.0 time,ms,pid,service,verb,path,args,status,"
                           "result,fault FROM log WHERE id>CAST(COALESCE(?1,'0') AS INT)"
                           " AND (?2 IS NULL OR service=?2) AND (?3 IS NULL OR path GLOB ?3)"
                           " ORDER BY id",
                           "sss", since, service, path),
                  "args"));
}

static void
get_posts(Call *call)
{
    cJSON_AddItemToObject(
        call->out, "posts",
        rows_json(db_query(call->db,
                           "SELECT m.channel, c.name channel_name, c.im_user, m.ts, m.thread_ts,"
                           " m.json->>'text' text, m.json message, m.updates, m.deleted"
                           " FROM message m LEFT JOIN channel c ON c.id=m.channel"
                           " WHERE m.by_api ORDER BY m.ts",
                           NULL),
                  "message"));
}

static void
get_messages(Call *call)
{
    const char *channel = request_query(call->request, "channel");
    cJSON_AddItemToObject(
        call->out, "messages",
        rows_json(db_query(call->db,
                           "SELECT channel,ts,thread_ts,by_api,json message FROM message"
                           " WHERE NOT deleted AND (?1 IS NULL OR channel=?1) ORDER BY ts",
                           "s", channel),
                  "message"));
}

static void
control_reset(Call *call)
{
    g_autoptr(GError) error = NULL;
    if (!seed_again(call->db, in_text(call, "seed"), &error))
        call->error = "the seed can't be read";
}

static const struct {
    const char *verb, *path;
    void (*run)(Call *call);
} routes[] = {
    {"POST", "channel", control_channel},
    {"POST", "dashboard", control_dashboard},
    {"POST", "data", control_data},
    {"POST", "fault", control_fault},
    {"GET", "faults", get_faults},
    {"POST", "faults/clear", clear_faults},
    {"GET", "log", get_log},
    {"POST", "look", control_look},
    {"POST", "message", control_message},
    {"POST", "message/delete", control_delete},
    {"POST", "message/edit", control_edit},
    {"GET", "messages", get_messages},
    {"POST", "person", control_person},
    {"GET", "posts", get_posts},
    {"POST", "query", control_query},
    {"POST", "reset", control_reset},
    {"POST", "setting", control_setting},
    {"POST", "sql_query", control_sql_query},
    {"POST", "token", control_token},
    {"GET", "truth", control_truth},
};

void
control_handle(Request *request, Answer *answer)
{
    Call call = {.request = request, .db = request->sandbox->db, .out = cJSON_CreateObject()};
    call.in = request->body->len > 0 ? cJSON_Parse(request->body->str) : cJSON_CreateObject();
    call.error = call.in == NULL ? "the body is not JSON" : "no such control";
    for (gsize i = 0; call.in != NULL && i < G_N_ELEMENTS(routes); i++) {
        if (strcmp(routes[i].verb, request->verb) != 0 ||
            strcmp(routes[i].path, request->path) != 0)
            continue;
        call.error = NULL;
        routes[i].run(&call);
        break;
    }
    cJSON_AddBoolToObject(call.out, "ok", call.error == NULL);
    if (call.error != NULL)
        cJSON_AddStringToObject(call.out, "error", call.error);
    answer_json(answer, call.error == NULL ? 200 : 400, call.out);
    cJSON_Delete(call.in);
    cJSON_Delete(call.out);
}
