/* warehouse_sqlite.c: a SQLite file as a warehouse: read only, one connection a statement. */
#include <math.h>
#include <sqlite3.h>
#include <string.h>
#include "base/error.h"
#include "services/warehouse_driver.h"

#define STEPS_BETWEEN_LOOKS 10000 /* of SQLite's virtual machine: a few milliseconds at most */
#define PROGRESS_EVERY      (G_USEC_PER_SEC / 10)
#define BUSY_WAIT_MS        2000

typedef struct {
    char *path;
} Driver;

typedef struct {
    WarehouseRun *run;
    sqlite3 *db;
    sqlite3_stmt *statement;
    gint64 reported;  /* when progress was last told */
    GPtrArray *texts; /* cells of this row that SQLite does not hold itself */
} Query;

static void *
driver_open(Http *http G_GNUC_UNUSED, const Config *config, Log *log G_GNUC_UNUSED, char **label,
            GError **error)
{
    const char *path = config_string(config, "warehouse", "path");
    if (!path || !*path) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "[warehouse] driver=sqlite needs path=, the file to read");
        return NULL;
    }
    Driver *driver = g_new0(Driver, 1);
    driver->path = g_strdup(path);
    *label = g_strdup_printf("sqlite %s", path);
    return driver;
}

static void
driver_close(void *state)
{
    Driver *driver = state;
    g_free(driver->path);
    g_free(driver);
}

static gsize
line_at(const char *sql, int offset)
{
    gsize line = 1;
    for (int i = 0; i < offset && sql[i]; i++)
        line += sql[i] == '\n';
    return line;
}

static CreditbotError
error_code(int code)
{
    static const struct {
        int sqlite;
        CreditbotError code;
    } codes[] = {
        {SQLITE_INTERRUPT, ERR_CANCELLED},  {SQLITE_BUSY, ERR_BUSY},
        {SQLITE_LOCKED, ERR_BUSY},          {SQLITE_IOERR, ERR_BUSY},
        {SQLITE_NOMEM, ERR_BUSY},           {SQLITE_FULL, ERR_BUSY},
        {SQLITE_CANTOPEN, ERR_UNREACHABLE}, {SQLITE_PERM, ERR_UNREACHABLE},
        {SQLITE_CORRUPT, ERR_BAD_ANSWER},   {SQLITE_NOTADB, ERR_BAD_ANSWER},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(codes); i++)
        if (codes[i].sqlite == (code & 0xFF))
            return codes[i].code;
    return ERR_INPUT;
}

static gboolean
fail(const Driver *driver, const WarehouseRun *run, sqlite3 *db, int code, GError **error)
{
    CreditbotError kind = error_code(code);
    const char *message = db ? sqlite3_errmsg(db) : sqlite3_errstr(code);
    int offset = db ? sqlite3_error_offset(db) : -1;
    if (kind == ERR_CANCELLED)
        g_set_error(error, CREDITBOT_ERROR, kind, "sqlite %s: the query was stopped", driver->path);
    else if (kind == ERR_INPUT && offset >= 0)
        g_set_error(error, CREDITBOT_ERROR, kind,
                    "sqlite %s refused the statement, line %" G_GSIZE_FORMAT ": %s", driver->path,
                    line_at(run->sql, offset), message);
    else if (kind == ERR_INPUT)
        g_set_error(error, CREDITBOT_ERROR, kind, "sqlite %s refused the statement: %s",
                    driver->path, message);
    else
        g_set_error(error, CREDITBOT_ERROR, kind,
                    "sqlite %s cannot be read: %s; check [warehouse] path and its permissions",
                    driver->path, message);
    return FALSE;
}

/* Only reading: whatever the guard let through, nothing else is compiled. */
static int
authorize(void *data G_GNUC_UNUSED, int action, const char *arg1 G_GNUC_UNUSED, const char *arg2,
          const char *db G_GNUC_UNUSED, const char *trigger G_GNUC_UNUSED)
{
    static const char *const denied[] = {"load_extension", "fts3_tokenizer", "edit", "writefile",
                                         "readfile"};
    if (action == SQLITE_FUNCTION)
        for (gsize i = 0; i < G_N_ELEMENTS(denied); i++)
            if (arg2 && g_ascii_strcasecmp(arg2, denied[i]) == 0)
                return SQLITE_DENY;
    gboolean reads = action == SQLITE_SELECT || action == SQLITE_READ ||
                     action == SQLITE_FUNCTION || action == SQLITE_RECURSIVE;
    return reads ? SQLITE_OK : SQLITE_DENY;
}

static void
tell_progress(Query *query)
{
    gint64 now = g_get_monotonic_time();
    if (now - query->reported < PROGRESS_EVERY)
        return;
    query->reported = now;
    WarehouseProgress progress = {
        .query_id = NULL, .state = "RUNNING", .percent = -1, .rows = query->run->rows};
    warehouse_put_progress(query->run, &progress);
}

static int
on_steps(void *data)
{
    Query *query = data;
    tell_progress(query);
    return cancel_fired(query->run->stop);
}

static int
restrict_connection(Query *query)
{
    static const struct {
        int option, value;
    } settings[] = {
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        {SQLITE_DBCONFIG_DQS_DML, 0}, /* "x" is a name, as on Trino, never a string */
    };
    for (gsize i = 0; i < G_N_ELEMENTS(settings); i++)
        sqlite3_db_config(query->db, settings[i].option, settings[i].value, NULL);
    sqlite3_limit(query->db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(query->db, SQLITE_LIMIT_LENGTH, 64 << 20);
    sqlite3_limit(query->db, SQLITE_LIMIT_WORKER_THREADS, 0);
    sqlite3_busy_timeout(query->db, BUSY_WAIT_MS);
    int code = sqlite3_exec(query->db, "PRAGMA query_only=1", NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_set_authorizer(query->db, authorize, NULL);
    sqlite3_progress_handler(query->db, STEPS_BETWEEN_LOOKS, on_steps, query);
    return code;
}

static gboolean
query_open(const Driver *driver, WarehouseRun *run, Query *query, GError **error)
{
    *query = (Query){.run = run, .texts = g_ptr_array_new_with_free_func(g_free)};
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(driver->path, &query->db, flags, NULL);
    if (code == SQLITE_OK)
        code = restrict_connection(query);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(query->db, run->sql, -1, &query->statement, NULL);
    if (code != SQLITE_OK)
        return fail(driver, run, query->db, code, error);
    int parameters = sqlite3_bind_parameter_count(query->statement);
    if (parameters > 0) {
        g_set_error(error, CREDITBOT_ERROR, ERR_INPUT,
                    "the statement has %d parameters (?) that nobody fills in", parameters);
        return FALSE;
    }
    return TRUE;
}

static void
query_close(Query *query)
{
    sqlite3_finalize(query->statement);
    sqlite3_close_v2(query->db);
    g_ptr_array_unref(query->texts);
}

/* The shortest text that reads back as the same double, as Trino's are. Caller frees. */
static char *
real_text(double value)
{
    if (isinf(value))
        return g_strdup(value < 0 ? "-Infinity" : "Infinity");
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    for (int digits = 15; digits <= 17; digits++) {
        char format[8];
        g_snprintf(format, sizeof format, "%%.%dg", digits);
        g_ascii_formatd(text, sizeof text, format, value);
        if (g_ascii_strtod(text, NULL) == value)
            break;
    }
    return g_strdup(text);
}

static gboolean
text_cell(const Query *query, int column, const char **cell, GError **error)
{
    const char *text = (const char *)sqlite3_column_text(query->statement, column);
    gsize length = (gsize)sqlite3_column_bytes(query->statement, column);
    if (text && g_utf8_validate_len(text, length, NULL)) { /* refuses a NUL too */
        *cell = text;
        return TRUE;
    }
    g_set_error(error, CREDITBOT_ERROR, ERR_INPUT,
                "row %" G_GINT64_FORMAT ", column %s: the text is not UTF-8 without NUL",
                query->run->rows + 1, sqlite3_column_name(query->statement, column));
    return FALSE;
}

static gboolean
take_cell(Query *query, int column, const char **cell, GError **error)
{
    char *made = NULL;
    switch (sqlite3_column_type(query->statement, column)) {
    case SQLITE_NULL:
        *cell = NULL;
        return TRUE;
    case SQLITE_FLOAT:
        made = real_text(sqlite3_column_double(query->statement, column));
        break;
    case SQLITE_BLOB: { /* as Trino sends varbinary */
        const void *bytes = sqlite3_column_blob(query->statement, column);
        made = g_base64_encode(bytes ? bytes : (const guchar *)"",
                               (gsize)sqlite3_column_bytes(query->statement, column));
        break;
    }
    default:
        return text_cell(query, column, cell, error);
    }
    g_ptr_array_add(query->texts, made);
    *cell = made;
    return TRUE;
}

static gboolean
put_columns(const Query *query, GError **error)
{
    int n = sqlite3_column_count(query->statement);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) types = g_ptr_array_new_with_free_func(g_free);
    for (int i = 0; i < n; i++) {
        const char *type = sqlite3_column_decltype(query->statement, i);
        g_ptr_array_add(names, g_strdup(sqlite3_column_name(query->statement, i)));
        g_ptr_array_add(types, g_strdup(type ? type : "unknown"));
    }
    g_ptr_array_add(names, NULL);
    g_ptr_array_add(types, NULL);
    return warehouse_put_columns(query->run, (const char *const *)names->pdata,
                                 (const char *const *)types->pdata, error);
}

static gboolean
put_row(Query *query, const char **cells, int n, GError **error)
{
    for (int i = 0; i < n; i++)
        if (!take_cell(query, i, &cells[i], error))
            return FALSE;
    if (!warehouse_put_row(query->run, cells, (gsize)n, error))
        return FALSE;
    g_ptr_array_set_size(query->texts, 0);
    tell_progress(query);
    return !cancel_check(query->run->stop, error);
}

static gboolean
put_rows(const Driver *driver, Query *query, GError **error)
{
    int code = SQLITE_DONE, n = sqlite3_column_count(query->statement);
    const char **cells = g_new0(const char *, (gsize)n + 1);
    gboolean ok = TRUE;
    while (ok && (code = sqlite3_step(query->statement)) == SQLITE_ROW)
        ok = put_row(query, cells, n, error);
    g_free(cells);
    return ok && (code == SQLITE_DONE || fail(driver, query->run, query->db, code, error));
}

static gboolean
driver_run(void *state, WarehouseRun *run, GError **error)
{
    const Driver *driver = state;
    Query query;
    gboolean done = query_open(driver, run, &query, error) && put_columns(&query, error) &&
                    put_rows(driver, &query, error);
    query_close(&query);
    return done;
}

static char **
driver_columns(void *state, WarehouseRun *run, GError **error)
{
    Query query;
    char **names = NULL;
    if (query_open(state, run, &query, error)) {
        int n = sqlite3_column_count(query.statement);
        names = g_new0(char *, (gsize)n + 1);
        for (int i = 0; i < n; i++)
            names[i] = g_strdup(sqlite3_column_name(query.statement, i));
    }
    query_close(&query);
    return names;
}

static char *
driver_version(void *state G_GNUC_UNUSED, Cancel *cancel G_GNUC_UNUSED)
{
    return g_strdup(sqlite3_libversion());
}

const WarehouseDriver warehouse_sqlite = {
    .name = "sqlite",
    .open = driver_open,
    .close = driver_close,
    .run = driver_run,
    .columns = driver_columns,
    .version = driver_version,
};
