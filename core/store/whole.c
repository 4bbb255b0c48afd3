/* whole.c: the state as JSON Lines, {"table","row"} a line, for people and archives, and back. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "store/counts.h"
#include "store/schema.h"
#include "store/search.h"
#include "store/verify.h"

#define EXACT_INTEGER (G_GINT64_CONSTANT(1) << 53) /* beyond it a JSON reader may round */

/* In an order in which each row finds those it belongs to. Not here: leases, progress and the
 * probe, which belong to running processes, and the totals, which are counted anew. */
static const char *const tables[] = {
    "requests", "request_texts", "runs",   "approvals", "reviews", "posts",
    "events",   "events_head",   "passes", "logs",      "values",  "processed",
};

/* Counted anew by an import. */
static const char *const own_columns[] = {"sql_id", NULL};

/* The stored columns; generated ones are not among them. */
static GPtrArray *
columns_of(Store *store, const char *table, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(Statement) row = sql_prepare(store, "SELECT name FROM pragma_table_info(?1)", error);
    if (!row)
        return NULL;
    sql_bind_text(row, 1, table);
    Step step;
    while ((step = sql_step(row, error)) == STEP_ROW)
        if (!g_strv_contains(own_columns, sql_text(row, 0)))
            g_ptr_array_add(names, g_strdup(sql_text(row, 0)));
    return step == STEP_DONE ? g_steal_pointer(&names) : NULL;
}

/* -- export -- */

static void
add_value(cJSON *object, const char *name, Statement *row, int at)
{
    int type = sqlite3_column_type(sql_raw(row), at);
    gint64 number = sql_int(row, at);
    if (type == SQLITE_INTEGER && number <= EXACT_INTEGER && number >= -EXACT_INTEGER)
        json_add_int(object, name, number);
    else if (type == SQLITE_FLOAT)
        cJSON_AddNumberToObject(object, name, sql_real(row, at));
    else
        json_add(object, name, sql_text(row, at)); /* larger integers as text; NULL as null */
}

static gboolean
write_line(FILE *file, const char *table, cJSON *row, GError **error)
{
    g_autoptr(cJSON) line = cJSON_CreateObject();
    json_add(line, "table", table);
    cJSON_AddItemToObject(line, "row", row);
    g_autofree char *text = json_print(line);
    if (fprintf(file, "%s\n", text) >= 0)
        return TRUE;
    int saved = errno;
    g_set_error(error, CREDITBOT_ERROR, ERR_STORE, "could not write the export: %s",
                g_strerror(saved));
    return FALSE;
}

static gboolean
write_table(Store *store, FILE *file, const char *table, GError **error)
{
    g_autoptr(GPtrArray) names = columns_of(store, table, error);
    if (!names)
        return FALSE;
    g_autoptr(GString) sql = g_string_new("SELECT ");
    for (guint i = 0; i < names->len; i++)
        g_string_append_printf(sql, "%s\"%s\"", i ? ", " : "", (const char *)names->pdata[i]);
    g_string_append_printf(sql, " FROM \"%s\" ORDER BY 1", table);
    g_autoptr(Statement) row = sql_prepare(store, sql->str, error);
    if (!row)
        return FALSE;
    Step step;
    while ((step = sql_step(row, error)) == STEP_ROW) {
        cJSON *object = cJSON_CreateObject();
        for (guint i = 0; i < names->len; i++)
            add_value(object, names->pdata[i], row, (int)i);
        if (!write_line(file, table, object, error))
            return FALSE;
    }
    return step == STEP_DONE;
}

static gboolean
write_all(Store *store, void *data, GError **error)
{
    FILE *file = data;
    cJSON *head = cJSON_CreateObject();
    json_add_int(head, "version", schema_version);
    gboolean done = write_line(file, "schema", head, error);
    for (gsize i = 0; done && i < G_N_ELEMENTS(tables); i++)
        done = write_table(store, file, tables[i], error);
    return done;
}

/* A stream of its own over a caller's descriptor, which stays open. */
static FILE *
stream_of(int fd, const char *mode, GError **error)
{
    int copy = dup(fd);
    FILE *file = copy >= 0 ? fdopen(copy, mode) : NULL;
    if (file)
        return file;
    int saved = errno;
    g_set_error(error, CREDITBOT_ERROR, ERR_STORE, "could not open the export: %s",
                g_strerror(saved));
    if (copy >= 0)
        close(copy);
    return NULL;
}

gboolean
store_export_all(Store *store, int fd, GError **error)
{
    FILE *file = stream_of(fd, "w", error);
    if (!file)
        return FALSE;
    gboolean done = store_snapshot(store, write_all, file, error);
    if (fclose(file) != 0 && done) {
        int saved = errno;
        g_set_error(error, CREDITBOT_ERROR, ERR_STORE, "could not write the export: %s",
                    g_strerror(saved));
        done = FALSE;
    }
    return done;
}

/* -- import -- */

typedef struct {
    FILE *file;
    GHashTable *columns; /* table → its columns */
    guint line;
    gint64 version; /* of the schema that was exported */
} Reading;

static gboolean
bad_line(const Reading *reading, GError **error, const char *why)
{
    g_set_error(error, CREDITBOT_ERROR, ERR_INPUT, "line %u of the export %s: nothing was imported",
                reading->line, why);
    return FALSE;
}

static const char *
known_table(const char *name)
{
    for (gsize i = 0; name && i < G_N_ELEMENTS(tables); i++)
        if (strcmp(tables[i], name) == 0)
            return tables[i];
    return NULL;
}

static gboolean
bind_value(Statement *statement, int at, const cJSON *value)
{
    if (!value || cJSON_IsNull(value))
        return TRUE;
    if (cJSON_IsString(value)) {
        sql_bind_text(statement, at, value->valuestring);
        return TRUE;
    }
    if (!cJSON_IsNumber(value))
        return FALSE;
    double number = value->valuedouble;
    gboolean whole = number >= -(double)EXACT_INTEGER && number <= (double)EXACT_INTEGER &&
                     number == (double)(gint64)number;
    if (whole)
        sql_bind_int(statement, at, (gint64)number);
    else
        sql_bind_real(statement, at, number);
    return TRUE;
}

/* Who approved, as version 3 wants it. */
static void
name_approver(cJSON *row)
{
    gint64 uid = json_int(row, "uid", 0);
    const char *actor = json_string(row, "actor");
    g_autofree char *number = g_strdup_printf("uid %" G_GINT64_FORMAT, uid);
    json_add(row, "person", uid == -1 ? "auto" : actor && *actor ? actor : number);
    json_add(row, "method", uid == -1 ? "auto" : "login");
    json_add_int(row, "self", 1);
    json_add_int(row, "need", 1);
}

static gboolean
insert_row(Store *store, Reading *reading, const char *table, cJSON *row, GError **error)
{
    GPtrArray *names = g_hash_table_lookup(reading->columns, table);
    if (!names) {
        names = columns_of(store, table, error);
        if (!names)
            return FALSE;
        g_hash_table_insert(reading->columns, g_strdup(table), names);
    }
    if (reading->version < 3 && strcmp(table, "approvals") == 0)
        name_approver(row);
    /* An older version lacks what came later, and knows nothing else. */
    gboolean older = reading->version < schema_version;
    int width = cJSON_GetArraySize(row);
    if (older ? width > (int)names->len : width != (int)names->len)
        return bad_line(reading, error, "has not the columns of its table");
    g_autoptr(GString) sql = g_string_new(NULL);
    g_string_append_printf(sql, "INSERT INTO \"%s\" (", table);
    for (guint i = 0; i < names->len; i++)
        g_string_append_printf(sql, "%s\"%s\"", i ? ", " : "", (const char *)names->pdata[i]);
    g_string_append(sql, ") VALUES (?");
    for (guint i = 1; i < names->len; i++)
        g_string_append(sql, ", ?");
    g_string_append(sql, ")");
    g_autoptr(Statement) statement = sql_prepare(store, sql->str, error);
    if (!statement)
        return FALSE;
    for (guint i = 0; i < names->len; i++) {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(row, names->pdata[i]);
        width -= value ? 1 : 0;
        if ((!value && !older) || !bind_value(statement, (int)i + 1, value))
            return bad_line(reading, error, "lacks a column, or holds a value of another kind");
    }
    if (width > 0)
        return bad_line(reading, error, "has a column that its table has not");
    if (sql_step(statement, error) != STEP_FAIL)
        return TRUE;
    g_prefix_error(error,
                   "line %u of the export was refused, nothing was imported: ", reading->line);
    return FALSE;
}

static gboolean
import_line(Store *store, Reading *reading, const char *text, gsize len, GError **error)
{
    g_autoptr(cJSON) line = json_parse(text, len, "a line", NULL);
    cJSON *row = cJSON_GetObjectItemCaseSensitive(line, "row");
    const char *name = json_string(line, "table");
    if (!cJSON_IsObject(row) || !name)
        return bad_line(reading, error, "is not an object with \"table\" and \"row\"");
    if (reading->line == 1) {
        reading->version = json_int(row, "version", 0);
        if (strcmp(name, "schema") != 0 || reading->version < 1 ||
            reading->version > schema_version)
            return bad_line(reading, error,
                            "is not the head of an export of this version or an older one");
        return TRUE;
    }
    const char *table = known_table(name);
    if (!table)
        return bad_line(reading, error, "names an unknown table");
    return insert_row(store, reading, table, row, error);
}

static gboolean
import_lines(Store *store, Reading *reading, GError **error)
{
    char *text = NULL;
    gsize size = 0;
    gssize len;
    gboolean done = TRUE;
    while (done && (len = getline(&text, &size, reading->file)) > 0) {
        reading->line++;
        if (text[len - 1] == '\n')
            len--;
        if (len > 0)
            done = import_line(store, reading, text, (gsize)len, error);
    }
    free(text);
    if (done && (ferror(reading->file) || reading->line == 0))
        return bad_line(reading, error, "could not be read, or the file is empty");
    return done;
}

static gboolean
check_empty(Store *store, GError **error)
{
    gint64 n = 0;
    if (!sql_query_int(store, &n, error,
                       "SELECT (SELECT count(*) FROM requests) + (SELECT count(*) FROM events) + "
                       "(SELECT count(*) FROM processed)",
                       ""))
        return FALSE;
    if (n == 0)
        return TRUE;
    g_set_error(
        error, CREDITBOT_ERROR, ERR_ILLEGAL,
        "%s already holds requests or events: an export is imported into an empty state only; "
        "choose another state_dir",
        store->path);
    return FALSE;
}

/* The rows come as they were; the triggers that guard changes step aside for the time of the
 * import. */
static GPtrArray *
drop_triggers(Store *store, GError **error)
{
    g_autoptr(GPtrArray) sqls = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    Step step;
    {
        g_autoptr(Statement) row = sql_prepare(
            store, "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid",
            error);
        if (!row)
            return NULL;
        while ((step = sql_step(row, error)) == STEP_ROW) {
            g_ptr_array_add(names, g_strdup_printf("DROP TRIGGER \"%s\"", sql_text(row, 0)));
            g_ptr_array_add(sqls, g_strdup(sql_text(row, 1)));
        }
    }
    for (guint i = 0; step == STEP_DONE && i < names->len; i++)
        if (!sql_script(store, names->pdata[i], error))
            return NULL;
    return step == STEP_DONE ? g_steal_pointer(&sqls) : NULL;
}

static gboolean
check_imported(Store *store, GError **error)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    verify_state(store, problems);
    if (problems->len == 0)
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_INPUT,
                "the export is not a sound state, nothing was imported: %s (%u problems in all)",
                (const char *)problems->pdata[0], problems->len);
    return FALSE;
}

static gboolean
import_all(Store *store, void *data, GError **error)
{
    Reading *reading = data;
    if (!check_empty(store, error) ||
        !sql_script(store,
                    "PRAGMA defer_foreign_keys=ON; DELETE FROM logs; DELETE FROM passes; "
                    "DELETE FROM \"values\"",
                    error))
        return FALSE;
    g_autoptr(GPtrArray) triggers = drop_triggers(store, error);
    if (!triggers || !sql_script(store, "DELETE FROM events_head", error) ||
        !import_lines(store, reading, error) ||
        (reading->version < 2 && !sql_script(store, SCHEMA_DECIDED_BY, error)) ||
        (reading->version < 3 && !sql_script(store, SCHEMA_NEED, error)) ||
        !sql_script(store, COUNT_ANEW, error) || !search_rebuild(store, error))
        return FALSE;
    for (guint i = 0; i < triggers->len; i++)
        if (!sql_script(store, triggers->pdata[i], error))
            return FALSE;
    g_autofree char *now = g_strdup_printf("%" G_GINT64_FORMAT, sql_now(store));
    return store_value_set(store, "restored", now, error) && check_imported(store, error);
}

gboolean
store_import_all(Store *store, int fd, GError **error)
{
    Reading reading = {.file = stream_of(fd, "r", error)};
    if (!reading.file)
        return FALSE;
    reading.columns =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    gboolean done = store_transact(store, import_all, &reading, error);
    g_hash_table_unref(reading.columns);
    fclose(reading.file);
    return done;
}
