/* db.c: opens the shared SQLite file, makes its tables and binds values. */
#include "config.h"
#include "db.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdarg.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct Db {
    sqlite3 *handle;
    char *path;
    GRecMutex mutex;
};

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS setting(name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS token(token TEXT PRIMARY KEY, state TEXT NOT NULL, scopes TEXT);"
    "CREATE TABLE IF NOT EXISTS person(id TEXT PRIMARY KEY, name TEXT, real_name TEXT, is_bot INT,"
    " deleted INT DEFAULT 0);"
    "CREATE TABLE IF NOT EXISTS channel(id TEXT PRIMARY KEY, name TEXT, is_private INT DEFAULT 0,"
    " is_im INT DEFAULT 0, im_user TEXT, is_archived INT DEFAULT 0, created INT, topic TEXT);"
    "CREATE TABLE IF NOT EXISTS member(channel TEXT, person TEXT, PRIMARY KEY(channel, person));"
    "CREATE TABLE IF NOT EXISTS message(channel TEXT, ts TEXT, thread_ts TEXT, subtype TEXT,"
    " json TEXT NOT NULL, deleted INT DEFAULT 0, by_api INT DEFAULT 0, updates INT DEFAULT 0,"
    " PRIMARY KEY(channel, ts)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS message_thread ON message(channel, thread_ts);"
    "CREATE TABLE IF NOT EXISTS query(id TEXT PRIMARY KEY, slug TEXT UNIQUE, model TEXT, view TEXT,"
    " sql TEXT, row_limit INT DEFAULT 500, fill INT DEFAULT 0, totals INT DEFAULT 0);"
    "CREATE TABLE IF NOT EXISTS look(id TEXT PRIMARY KEY, title TEXT, query_id TEXT,"
    " deleted INT DEFAULT 0);"
    "CREATE TABLE IF NOT EXISTS dashboard(id TEXT PRIMARY KEY, slug TEXT, title TEXT,"
    " deleted INT DEFAULT 0);"
    "CREATE TABLE IF NOT EXISTS element(id TEXT PRIMARY KEY, dashboard TEXT, title TEXT, kind TEXT,"
    " ref TEXT, body TEXT);"
    "CREATE TABLE IF NOT EXISTS sql_query(slug TEXT PRIMARY KEY, sql TEXT);"
    "CREATE TABLE IF NOT EXISTS looker_token(token TEXT PRIMARY KEY, expires INT);"
    "CREATE TABLE IF NOT EXISTS fault(id INTEGER PRIMARY KEY, service TEXT, pattern TEXT,"
    " kind TEXT, spec TEXT, after INT, times INT, seen INT DEFAULT 0, fired INT DEFAULT 0);"
    "CREATE TABLE IF NOT EXISTS log(id INTEGER PRIMARY KEY, at INT, ms INT, pid INT, service TEXT,"
    " verb TEXT, path TEXT, args TEXT, status INT, result TEXT, fault TEXT);"
    "CREATE TABLE IF NOT EXISTS verify_attempts(account_sid VARCHAR, account_name VARCHAR,"
    " day DATE_TEXT, country VARCHAR, prefix VARCHAR, carrier VARCHAR, attempts BIGINT,"
    " conversions BIGINT, cost DECIMAL_REAL_18_6, product VARCHAR);"
    "CREATE INDEX IF NOT EXISTS verify_attempts_account ON verify_attempts(account_sid);"
    "CREATE TABLE IF NOT EXISTS truth(account_sid TEXT, account_name TEXT, day TEXT, country TEXT,"
    " prefix TEXT, carrier TEXT, honest_attempts INT, fraud_attempts INT, fraud_conversions INT,"
    " fraud_cost_micros INT);"
    "CREATE TABLE IF NOT EXISTS account(sid TEXT PRIMARY KEY, name TEXT, kind TEXT);";

static void
db_warn(Db *db, const char *sql)
{
    g_warning("sandbox: %s in: %s", sqlite3_errmsg(db->handle), sql);
}

static gboolean
open_tables(Db *db, GError **error)
{
    static const char pragmas[] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;";
    char *message = NULL;
    if (sqlite3_open(db->path, &db->handle) == SQLITE_OK) {
        sqlite3_busy_timeout(db->handle, 20000);
        if (sqlite3_exec(db->handle, pragmas, NULL, NULL, &message) == SQLITE_OK &&
            sqlite3_exec(db->handle, schema, NULL, NULL, &message) == SQLITE_OK)
            return TRUE;
    }
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: %s", db->path,
                message ? message : sqlite3_errmsg(db->handle));
    sqlite3_free(message);
    return FALSE;
}

Db *
db_open(const char *dir, GError **error)
{
    g_autofree char *lock_path = g_build_filename(dir, "sandbox.lock", NULL);
    g_mkdir_with_parents(dir, 0700);
    /* Turning WAL on does not wait for other connections, so the first steps are taken one by one.
     */
    int lock = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0 || flock(lock, LOCK_EX) < 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: %s", lock_path,
                    g_strerror(errno));
        if (lock >= 0)
            close(lock);
        return NULL;
    }
    Db *db = g_new0(Db, 1);
    g_rec_mutex_init(&db->mutex);
    db->path = g_build_filename(dir, "sandbox.db", NULL);
    gboolean ok = open_tables(db, error);
    close(lock);
    if (!ok) {
        db_close(db);
        return NULL;
    }
    return db;
}

void
db_close(Db *db)
{
    if (db == NULL)
        return;
    sqlite3_close(db->handle);
    g_rec_mutex_clear(&db->mutex);
    g_free(db->path);
    g_free(db);
}

const char *
db_path(const Db *db)
{
    return db->path;
}

sqlite3 *
db_handle(Db *db)
{
    return db->handle;
}

void
db_begin(Db *db)
{
    g_rec_mutex_lock(&db->mutex);
    if (sqlite3_exec(db->handle, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
        db_warn(db, "BEGIN IMMEDIATE");
}

void
db_commit(Db *db)
{
    if (sqlite3_exec(db->handle, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        db_warn(db, "COMMIT");
    g_rec_mutex_unlock(&db->mutex);
}

static sqlite3_stmt *
prepare(Db *db, const char *sql, const char *types, va_list values)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db->handle, sql, -1, &statement, NULL) != SQLITE_OK) {
        db_warn(db, sql);
        return NULL;
    }
    for (int i = 0; types != NULL && types[i] != '\0'; i++) {
        if (types[i] == 'i')
            sqlite3_bind_int64(statement, i + 1, va_arg(values, gint64));
        else
            sqlite3_bind_text(statement, i + 1, va_arg(values, const char *), -1, SQLITE_TRANSIENT);
    }
    return statement;
}

sqlite3_stmt *
db_query(Db *db, const char *sql, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    sqlite3_stmt *statement = prepare(db, sql, types, values);
    va_end(values);
    return statement;
}

gboolean
db_exec(Db *db, const char *sql, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    sqlite3_stmt *statement = prepare(db, sql, types, values);
    va_end(values);
    if (statement == NULL)
        return FALSE;
    int rc;
    do
        rc = sqlite3_step(statement);
    while (rc == SQLITE_ROW);
    if (rc != SQLITE_DONE)
        db_warn(db, sql);
    sqlite3_finalize(statement);
    return rc == SQLITE_DONE;
}

char *
db_text(Db *db, const char *sql, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    sqlite3_stmt *statement = prepare(db, sql, types, values);
    va_end(values);
    char *text = NULL;
    if (statement != NULL && sqlite3_step(statement) == SQLITE_ROW)
        text = g_strdup((const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    return text;
}

gint64
db_int(Db *db, gint64 fallback, const char *sql, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    sqlite3_stmt *statement = prepare(db, sql, types, values);
    va_end(values);
    gint64 value = fallback;
    if (statement != NULL && sqlite3_step(statement) == SQLITE_ROW &&
        sqlite3_column_type(statement, 0) != SQLITE_NULL)
        value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

gint64
db_setting(Db *db, const char *name, gint64 fallback)
{
    return db_int(db, fallback, "SELECT CAST(value AS INTEGER) FROM setting WHERE name=?", "s",
                  name);
}

char *
db_setting_text(Db *db, const char *name, const char *fallback)
{
    char *value = db_text(db, "SELECT value FROM setting WHERE name=?", "s", name);
    return value != NULL ? value : g_strdup(fallback);
}

void
db_set_setting(Db *db, const char *name, const char *value)
{
    db_exec(db, "INSERT OR REPLACE INTO setting VALUES(?,?)", "ss", name, value);
}

gint64
db_now(Db *db)
{
    return g_get_real_time() + db_setting(db, "clock_offset_us", 0);
}

const char *
db_column(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text != NULL ? text : "";
}
