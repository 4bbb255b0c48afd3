/* store.c: opening and closing the state, transactions, and whether it can be written. */
#include "store/sql.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "store/access.h"
#include "store/filter.h"
#include "store/schema.h"

#define PROBE_BYTES 16384 /* a few pages: what a post with its events needs */

char *
store_path(const char *url, const char *state_dir, GError **error)
{
    if (!url || !*url)
        return g_build_filename(state_dir, "creditbot.db", NULL);
    if (g_str_has_prefix(url, "sqlite:") && url[strlen("sqlite:")])
        return g_strdup(url + strlen("sqlite:"));
    if (g_str_has_prefix(url, "postgresql:") || g_str_has_prefix(url, "postgres:"))
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "[store] url: this build has no PostgreSQL driver: use sqlite:PATH, shared by "
                    "[store] group among the users of one host");
    else
        g_set_error(
            error, CREDITBOT_ERROR, ERR_CONFIG,
            "[store] url must be sqlite:PATH, for example sqlite:/var/lib/creditbot/creditbot.db");
    return NULL;
}

/* Waits in small uneven steps, so that many writers take fair turns. */
static int
wait_busy(void *data, int count)
{
    Store *store = data;
    gint64 now = g_get_monotonic_time();
    if (count == 0)
        store->busy_since = now;
    if (now - store->busy_since > BUSY_LIMIT)
        return 0;
    gint64 steps = MIN(count, 8) + 1;
    g_usleep((gulong)(steps * 500 + (now ^ (gint64)(gsize)store) % 997));
    return 1;
}

static gboolean
open_connection(Store *store, const char *name, int flags, gboolean relaxed, GError **error)
{
    flags |= SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
    if (sqlite3_open_v2(name, &store->db, flags, NULL) != SQLITE_OK) {
        if (store->db)
            return sql_fail(store, "open the state", error);
        sql_error(error, store->path, "open the state", SQLITE_NOMEM, 0, "no memory");
        return FALSE;
    }
    sqlite3_busy_handler(store->db, wait_busy, store);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    filter_register(store);
    schema_register(store);
    /* In memory: what SQLite notes to undo a nested transaction. A large cache is no use to what
     * reads each page once: fresh memory costs more than pages from the kernel. */
    const char *setup = store->once        ? "PRAGMA cell_size_check=ON; PRAGMA query_only=ON; "
                                             "PRAGMA cache_size=-256"
                        : store->read_only ? "PRAGMA cell_size_check=ON; PRAGMA query_only=ON"
                        : relaxed ? "PRAGMA cell_size_check=ON; PRAGMA synchronous=NORMAL; "
                                    "PRAGMA temp_store=MEMORY"
                                  : "PRAGMA cell_size_check=ON; PRAGMA synchronous=FULL; "
                                    "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8192";
    if (sqlite3_exec(store->db, setup, NULL, NULL, NULL) != SQLITE_OK)
        return sql_fail(store, "open the state", error);
    return TRUE;
}

static void
close_connection(Store *store)
{
    g_clear_pointer(&store->statements, g_hash_table_unref);
    g_clear_pointer(&store->extras, g_ptr_array_unref);
    g_clear_pointer(&store->db, sqlite3_close_v2);
}

static Store *
store_new(const char *path, const StoreOptions *options)
{
    Store *store = g_new0(Store, 1);
    g_rec_mutex_init(&store->lock);
    store->path = g_strdup(path);
    store->group = g_strdup(options->group);
    store->clock = options->clock ? *options->clock : clock_system;
    store->read_only = options->read_only;
    store->migrating = options->migrating;
    store->once = options->read_only && options->once;
    return store;
}

void
store_close(Store *store)
{
    if (!store)
        return;
    close_connection(store);
    g_rec_mutex_clear(&store->lock);
    g_free(store->path);
    g_free(store->group);
    g_free(store);
}

/* A file with the schema, made beside the final name. */
static gboolean
make_new(const char *path, const StoreOptions *options, GError **error)
{
    if (!access_create(path, options->group, error))
        return FALSE;
    StoreOptions writing = *options;
    writing.read_only = FALSE;
    g_autoptr(Store) store = store_new(path, &writing);
    return open_connection(store, path, SQLITE_OPEN_READWRITE, FALSE, error) &&
           sql_script(store, "PRAGMA journal_mode=WAL", error) &&
           schema_migrate(store, schema_steps, schema_version, error) &&
           /* Only the file itself gets the final name: nothing may be left in the log beside it. */
           sql_run(store, error, "PRAGMA wal_checkpoint(TRUNCATE)", "");
}

/* The new state appears at once and whole, whoever else creates it in the same moment. */
static gboolean
create_state(const StoreOptions *options, GError **error)
{
    g_autofree char *fresh = g_strdup_printf("%s.new-%d-%" G_GINT64_MODIFIER "x", options->path,
                                             (int)getpid(), g_get_monotonic_time());
    failpoint("state:begun");
    gboolean made = make_new(fresh, options, error);
    failpoint("state:made");
    if (made && link(fresh, options->path) != 0 && errno != EEXIST) {
        int saved = errno;
        g_set_error(error, CREDITBOT_ERROR, ERR_STORE, "could not create the state %s: %s",
                    options->path, g_strerror(saved));
        made = FALSE;
    }
    failpoint("state:named");
    const char *const suffixes[] = {"", "-wal", "-shm"};
    for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *name = g_strconcat(fresh, suffixes[i], NULL);
        unlink(name);
    }
    return made && access_sync_folder(options->path, error);
}

/* SQLite needs -wal and -shm to read; where it may not make them and none is there to be read (a
 * read-only folder, a backup on a mounted medium), the file alone is the whole state. */
static gboolean
open_unchanging(Store *store, GError **error)
{
    int code = store->db ? sqlite3_errcode(store->db) & 0xff : SQLITE_OK;
    g_autofree char *wal = g_strconcat(store->path, "-wal", NULL);
    struct stat info;
    if (!store->read_only || (code != SQLITE_CANTOPEN && code != SQLITE_READONLY) ||
        (stat(wal, &info) == 0 && info.st_size > 0))
        return FALSE;
    close_connection(store);
    g_clear_error(error);
    g_autofree char *escaped = g_uri_escape_string(store->path, "/", TRUE);
    g_autofree char *uri = g_strdup_printf("file:%s?immutable=1", escaped);
    return open_connection(store, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, FALSE, error);
}

Store *
sql_open_plain(const char *path, gboolean read_only, GError **error)
{
    StoreOptions options = {.path = path, .read_only = read_only};
    g_autoptr(GError) local = NULL;
    g_autoptr(Store) store = store_new(path, &options);
    int flags = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    gint64 version = 0;
    if ((open_connection(store, path, flags, FALSE, &local) &&
         sql_query_int(store, &version, &local, "PRAGMA user_version", "")) ||
        open_unchanging(store, &local))
        return g_steal_pointer(&store);
    g_propagate_error(error, g_steal_pointer(&local));
    return NULL;
}

Store *
store_open(const StoreOptions *options, GError **error)
{
    g_autoptr(GError) local = NULL;
    if (!access_check(options->path, options->group, &local)) {
        gboolean create =
            !options->read_only && g_error_matches(local, CREDITBOT_ERROR, ERR_NOT_FOUND);
        if (create) {
            g_clear_error(&local);
            create_state(options, &local);
        }
        if (local) {
            g_propagate_error(error, g_steal_pointer(&local));
            return NULL;
        }
    }
    g_autoptr(Store) store = store_new(options->path, options);
    int flags = options->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    if ((open_connection(store, options->path, flags, options->relaxed, &local) &&
         schema_check(store, &local)) ||
        (open_unchanging(store, &local) && schema_check(store, &local)))
        return g_steal_pointer(&store);
    g_propagate_error(error, g_steal_pointer(&local));
    return NULL;
}

void
store_on_progress(Store *store, StoreTell tell, void *data)
{
    store->tell = tell;
    store->tell_data = data;
}

void
sql_tell(Store *store, const char *what, gint64 done, gint64 all)
{
    if (store->tell)
        store->tell(what, done, all, store->tell_data);
}

gboolean
store_is_older(const char *path)
{
    g_autoptr(Store) store = sql_open_plain(path, TRUE, NULL);
    gint64 application = 0, version = 0;
    return store && sql_query_int(store, &application, NULL, "PRAGMA application_id", "") &&
           sql_query_int(store, &version, NULL, "PRAGMA user_version", "") &&
           application == STORE_APPLICATION_ID && version < schema_version;
}

gint64
store_stamp(Store *store)
{
    gint64 version = 0;
    g_rec_mutex_lock(&store->lock);
    sql_query_int(store, &version, NULL, "PRAGMA data_version", "");
    gint64 own = sqlite3_total_changes64(store->db);
    g_rec_mutex_unlock(&store->lock);
    return (gint64)(((guint64)version << 40) ^ (guint64)own);
}

static gboolean
run_nested(Store *store, StoreFunc func, void *data, GError **error)
{
    if (!sql_run(store, error, "SAVEPOINT nested", ""))
        return FALSE;
    store->depth++;
    gboolean done = func(store, data, error);
    store->depth--;
    if (sqlite3_get_autocommit(store->db))
        return done; /* undone as a whole; the outermost one reports it */
    if (!done)
        sql_run(store, NULL, "ROLLBACK TO nested", "");
    gboolean released = sql_run(store, done ? error : NULL, "RELEASE nested", "");
    return done && released;
}

/* What is committed into a file that another has taken the place of is seen by nobody; a post would
 * be sent whose intent is lost. */
static gboolean
check_in_place(Store *store, GError **error)
{
    int moved = 0;
    if (sqlite3_file_control(store->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK ||
        !moved)
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_STORE,
                "%s was replaced or removed while this process had it open, so nothing more is "
                "written: end this process and start it again (a copy is put in place by "
                "`creditbot state restore FILE`)",
                store->path);
    return FALSE;
}

static gboolean
commit(Store *store, GError **error)
{
    if (!sql_check_transaction(store, error) || !check_in_place(store, error))
        return FALSE;
    failpoint("store:before-commit");
    if (!sql_run(store, error, "COMMIT", ""))
        return FALSE;
    failpoint("store:after-commit");
    return TRUE;
}

static gboolean
run_outermost(Store *store, const char *begin, StoreFunc func, void *data, GError **error)
{
    if (!sql_run(store, error, begin, ""))
        return FALSE;
    store->depth = 1;
    gboolean done = func(store, data, error);
    store->depth = 0;
    done = done && commit(store, error);
    if (!done && !sqlite3_get_autocommit(store->db))
        sql_run(store, NULL, "ROLLBACK", "");
    g_clear_error(&store->fault);
    return done;
}

static gboolean
transact(Store *store, const char *begin, StoreFunc func, void *data, GError **error)
{
    g_rec_mutex_lock(&store->lock);
    gboolean done = store->depth > 0 ? run_nested(store, func, data, error)
                                     : run_outermost(store, begin, func, data, error);
    g_rec_mutex_unlock(&store->lock);
    return done;
}

gboolean
store_transact(Store *store, StoreFunc func, void *data, GError **error)
{
    if (!store->read_only)
        return transact(store, "BEGIN IMMEDIATE", func, data, error);
    g_set_error(error, CREDITBOT_ERROR, ERR_STORE,
                "%s was opened for reading only, and something tried to change it", store->path);
    return FALSE;
}

gboolean
store_snapshot(Store *store, StoreFunc func, void *data, GError **error)
{
    return transact(store, "BEGIN", func, data, error);
}

static gboolean
write_probe(Store *store, void *data, GError **error)
{
    return sql_run(store, error, "REPLACE INTO probe VALUES (1, zeroblob(?1))", "i",
                   *(const gint64 *)data);
}

gboolean
store_check_writable(Store *store, GError **error)
{
    gint64 sizes[] = {PROBE_BYTES, 0};
    return store_transact(store, write_probe, &sizes[0], error) &&
           store_transact(store, write_probe, &sizes[1], error);
}
