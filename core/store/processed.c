/* processed.c: the old bot's processed_messages.json: what it handled is never handled again, and
 * who still reads that file with jq finds it as before. Shape and fields: docs/state.md. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/money.h"
#include "store/access.h"
#include "store/sql.h"
#include "base/failpoint.h"

#define ENTRY_SHOWN 60 /* bytes of a malformed entry in the message */

/* -- import -- */

typedef struct {
    const cJSON *list;
    guint taken;
} Import;

static gboolean
malformed(GError **error, int index, const cJSON *entry, const char *why)
{
    g_autofree char *shown = json_print(entry);
    gboolean cut = strlen(shown) > ENTRY_SHOWN;
    if (cut)
        shown[ENTRY_SHOWN] = '\0';
    g_autofree char *valid = g_utf8_make_valid(shown, -1);
    g_set_error(error, CREDITBOT_ERROR, ERR_INPUT,
                "entry %d of processed_messages %s (%s%s): nothing was taken; correct the file and "
                "import it again",
                index, why, valid, cut ? "…" : "");
    return FALSE;
}

/* When it was handled, for the order of the export: its timestamp, or the message's own time. */
static gint64
handled_at(const cJSON *entry, gint64 message_at)
{
    gint64 at = 0;
    g_autofree char *text = json_text(entry, "timestamp");
    if (text && (time_parse_iso(text, &at, NULL) || slack_ts_parse(text, &at)))
        return at;
    return message_at;
}

static gboolean
take_entry(Store *store, Import *import, int index, const cJSON *entry, GError **error)
{
    const char *ts = cJSON_IsString(entry) ? entry->valuestring : json_string(entry, "message_id");
    const char *channel = json_string(entry, "channel");
    if (!channel)
        channel = json_string(entry, "channel_id");
    gint64 message_at = 0;
    if (!cJSON_IsString(entry) && !cJSON_IsObject(entry))
        return malformed(error, index, entry, "is neither an object nor a string");
    if (!ts)
        return malformed(error, index, entry, "has no message_id that is a string");
    if (!slack_ts_parse(ts, &message_at))
        return malformed(error, index, entry,
                         "has a message_id that is no Slack time stamp like \"1512085950.000216\"");
    g_autofree char *kept = json_print(entry);
    gint64 at = cJSON_IsObject(entry) ? handled_at(entry, message_at) : message_at;
    if (!sql_run(store, error, "INSERT OR IGNORE INTO processed VALUES (?1, ?2, ?3, ?4, ?5)",
                 "ssiis", ts, channel ? channel : "", at, sql_now(store), kept))
        return FALSE;
    import->taken += sqlite3_changes64(store->db) > 0;
    return TRUE;
}

static gboolean
take_list(Store *store, void *data, GError **error)
{
    Import *import = data;
    int index = 0;
    const cJSON *entry;
    cJSON_ArrayForEach (entry, import->list) {
        if (!take_entry(store, import, ++index, entry, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
store_import_processed(Store *store, const char *json, gsize len, guint *n, GError **error)
{
    g_autoptr(cJSON) root = json_parse(json, len, "the file of processed messages", error);
    if (!root)
        return FALSE;
    Import import = {cJSON_IsArray(root) ? root : json_array(root, "processed_messages"), 0};
    if (!import.list) {
        g_set_error(error, CREDITBOT_ERROR, ERR_INPUT,
                    "the file has no list \"processed_messages\": nothing was taken");
        return FALSE;
    }
    if (!store_transact(store, take_list, &import, error))
        return FALSE;
    if (n)
        *n = import.taken;
    return TRUE;
}

gboolean
store_was_processed(Store *store, const char *channel, const char *ts)
{
    gint64 found = 0;
    sql_query_int(store, &found, NULL,
                  "SELECT 1 FROM processed WHERE ts = ?1 AND channel IN (?2, '') LIMIT 1", "ss", ts,
                  channel);
    return found != 0;
}

/* -- export -- */

/* What counts as handled: it has its answer, or may have it. An old reader that would handle
 * anything else again does no harm. Oldest first, so that `.processed_messages[-10:]` are the
 * latest. */
static const char export_sql[] =
    "SELECT p.handled_at / 1000000 AS at, p.ts AS ts, p.channel AS channel, p.entry AS entry, NULL "
    "AS state,"
    " NULL AS amount, NULL AS currency, NULL AS link_url, NULL AS thread_ts, NULL AS product,"
    " NULL AS run, NULL AS posted_ts, NULL AS id FROM processed p "
    "UNION ALL "
    "SELECT iif(r.posted_at > 0, r.posted_at, r.state_at) / 1000000, r.ts, r.channel, NULL, "
    "r.state,"
    " r.amount, r.currency, r.link_url, r.thread_ts, r.product, r.run_number, r.posted_ts, r.id"
    " FROM requests r WHERE r.state IN ('posted', 'rejected', 'ignored', 'needs_link', 'posting',"
    " 'unconfirmed') AND NOT EXISTS (SELECT 1 FROM processed q WHERE q.ts = r.ts"
    " AND q.channel IN (r.channel, '')) "
    "ORDER BY 1, 2, 3";
enum { AT, TS, CHANNEL, ENTRY, STATE, AMOUNT, CURRENCY, LINK, THREAD, PRODUCT, RUN, POSTED, ID };

/* An entry of the old file as it was; a bare string gets its fields. */
static cJSON *
old_entry(Statement *row)
{
    const char *text = sql_text(row, ENTRY);
    cJSON *entry = text ? json_parse(text, strlen(text), "an imported entry", NULL) : NULL;
    if (cJSON_IsObject(entry) && json_string(entry, "timestamp"))
        return entry;
    if (!cJSON_IsObject(entry)) {
        cJSON_Delete(entry);
        entry = cJSON_CreateObject();
        json_add(entry, "message_id", sql_text(row, TS));
    }
    if (!cJSON_HasObjectItem(entry, "timestamp")) {
        g_autofree char *at = time_iso(sql_int(row, AT) * G_USEC_PER_SEC, FALSE);
        json_add(entry, "timestamp", at);
    }
    return entry;
}

static cJSON *
new_entry(Statement *row)
{
    cJSON *entry = cJSON_CreateObject();
    g_autofree char *at = time_iso(sql_int(row, AT) * G_USEC_PER_SEC, FALSE);
    g_autofree char *amount = sql_is_null(row, AMOUNT) ? NULL : money_format(sql_int(row, AMOUNT));
    json_add(entry, "message_id", sql_text(row, TS));
    json_add(entry, "timestamp", at);
    json_add(entry, "channel", sql_text(row, CHANNEL));
    json_add(entry, "thread_ts", sql_text(row, THREAD));
    json_add(entry, "status", sql_text(row, STATE));
    json_add(entry, "product", sql_text(row, PRODUCT));
    json_add(entry, "amount", amount);
    json_add(entry, "currency", sql_text(row, CURRENCY));
    json_add(entry, "looker_url", sql_text(row, LINK));
    json_add(entry, "posted_ts", sql_text(row, POSTED));
    if (sql_is_null(row, RUN))
        json_add(entry, "run", NULL);
    else
        json_add_int(entry, "run", sql_int(row, RUN));
    json_add_int(entry, "request", sql_int(row, ID));
    return entry;
}

typedef struct {
    FILE *file;
} Export;

static gboolean
write_entries(Store *store, void *data, GError **error)
{
    FILE *file = ((Export *)data)->file;
    g_autoptr(Statement) row = sql_prepare(store, export_sql, error);
    if (!row)
        return FALSE;
    const char *separator = "\n";
    Step step;
    fputs("{\"processed_messages\":[", file);
    while ((step = sql_step(row, error)) == STEP_ROW) {
        g_autoptr(cJSON) entry = sql_is_null(row, ENTRY) ? new_entry(row) : old_entry(row);
        g_autofree char *text = json_print(entry);
        fprintf(file, "%s%s", separator, text);
        separator = ",\n";
    }
    fputs("\n]}\n", file);
    return step == STEP_DONE;
}

static gboolean
write_file(Store *store, FILE *file, const char *path, GError **error)
{
    Export export = {file};
    if (!store_snapshot(store, write_entries, &export, error))
        return FALSE;
    if (!ferror(file) && fflush(file) == 0 && fsync(fileno(file)) == 0)
        return TRUE;
    int saved = errno;
    g_set_error(error, CREDITBOT_ERROR, ERR_STORE,
                "could not write %s: %s; the file from before is still in place", path,
                g_strerror(saved));
    return FALSE;
}

gboolean
store_export_processed(Store *store, const char *path, GError **error)
{
    g_autofree char *fresh = g_strdup_printf("%s.new-%d-%" G_GINT64_MODIFIER "x", path,
                                             (int)getpid(), g_get_monotonic_time());
    if (!access_create(fresh, store->group, error))
        return FALSE;
    failpoint("export:begun");
    FILE *file = fopen(fresh, "we");
    gboolean written = file && write_file(store, file, path, error);
    if (file && fclose(file) != 0 && written)
        written = FALSE;
    failpoint("export:written");
    if (written && rename(fresh, path) != 0)
        written = FALSE;
    failpoint("export:named");
    if (!written) {
        int saved = errno;
        if (error && !*error)
            g_set_error(error, CREDITBOT_ERROR, ERR_STORE, "could not write %s: %s", path,
                        g_strerror(saved));
        unlink(fresh);
        return FALSE;
    }
    return access_sync_folder(path, error);
}
