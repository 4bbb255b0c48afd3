/* restore.c: a backup checked whole, then put in the place of the state, which is kept beside it.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/access.h"
#include "store/backup.h"
#include "store/schema.h"
#include "base/failpoint.h"

static gboolean
system_fail(GError **error, const char *doing, const char *path)
{
    int saved = errno;
    g_set_error(error, CREDITBOT_ERROR, ERR_STORE, "could not %s %s: %s", doing, path,
                g_strerror(saved));
    return FALSE;
}

/* -- the backup -- */

/* A private copy of it, migrated and verified: the backup itself is only read. */
static gboolean
check_copy(const char *fresh, GError **error)
{
    StoreOptions options = {.path = fresh};
    g_autoptr(Store) copy = store_open(&options, error);
    g_autoptr(GPtrArray) problems = NULL;
    if (!copy || !store_verify(copy, &problems, error))
        return FALSE;
    /* What was answered after the backup is looked for in the threads before it is answered. */
    g_autofree char *now = g_strdup_printf("%" G_GINT64_FORMAT, sql_now(copy));
    if (problems->len == 0)
        return sql_run(copy, error, "DELETE FROM leases", "") &&
               sql_run(copy, error, "DELETE FROM claims", "") &&
               sql_run(copy, error, "DELETE FROM progress", "") &&
               store_value_set(copy, "restored", now, error) &&
               sql_run(copy, error, "PRAGMA wal_checkpoint(TRUNCATE)", "");
    g_set_error(error, CREDITBOT_ERROR, ERR_STORE, "%s (%u problems in all)",
                (const char *)problems->pdata[0], problems->len);
    return FALSE;
}

static gboolean
make_copy(const char *backup_path, const char *fresh, GError **error)
{
    struct stat info;
    if (stat(backup_path, &info) != 0)
        return system_fail(error, "open the backup", backup_path);
    g_autoptr(Store) source = sql_open_plain(backup_path, TRUE, error);
    return source && backup_write(source, fresh, error) && check_copy(fresh, error);
}

/* -- the present state -- */

static gboolean
check_leases(Store *store, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    {
        g_autoptr(Statement) row = sql_prepare(store, "SELECT name FROM leases", NULL);
        while (row && sql_step(row, NULL) == STEP_ROW)
            g_ptr_array_add(names, g_strdup(sql_text(row, 0)));
    }
    for (guint i = 0; i < names->len; i++) {
        LeaseInfo info = {0};
        if (!store_lease_info(store, names->pdata[i], &info))
            continue;
        g_set_error(error, CREDITBOT_ERROR, ERR_LEASE,
                    "a %s runs on host %s, process %" G_GINT64_FORMAT
                    ": wait for it or stop it, then restore again; nothing was changed",
                    (const char *)names->pdata[i], info.host, info.pid);
        lease_info_clear(&info);
        return FALSE;
    }
    return TRUE;
}

/* Out of WAL the file is alone, and no other process has it open: SQLite lets that happen only
 * then. A damaged state can't be asked; it is moved aside with what lies beside it. */
static gboolean
close_present(const char *path, GError **error)
{
    g_autoptr(Store) present = sql_open_plain(path, FALSE, NULL);
    gint64 probe = 0;
    if (!present ||
        !sql_query_int(present, &probe, NULL, "SELECT count(*) FROM (SELECT 1 FROM leases)", ""))
        return TRUE;
    if (!check_leases(present, error))
        return FALSE;
    sqlite3_busy_timeout(present->db, 1000);
    g_autoptr(GError) failure = NULL;
    if (sql_run(present, &failure, "PRAGMA journal_mode=DELETE", "") ||
        (sqlite3_errcode(present->db) & 0xff) != SQLITE_BUSY)
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_CONFLICT,
                "another creditbot has %s open (a console, a follow of the logs): close it, then "
                "restore again; nothing was changed",
                path);
    return FALSE;
}

/* The new file gets mode and group of the old one. */
static gboolean
take_mode(const char *path, const char *fresh, GError **error)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return errno == ENOENT || system_fail(error, "look at", path);
    if (chown(fresh, geteuid() == 0 ? info.st_uid : (uid_t)-1, info.st_gid) == 0 &&
        chmod(fresh, info.st_mode & 0660) == 0)
        return TRUE;
    return system_fail(error, "give owner and mode of the state to", fresh);
}

/* By a second name, so that there is no moment without a state. A name that is taken is of another
 * restore in the same second. NULL: *error. Caller frees. */
static char *
link_present(const char *path, GError **error)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *stamp = g_date_time_format(now, "%Y%m%dT%H%M%SZ");
    g_autofree char *kept = g_strdup_printf("%s.before-restore-%s", path, stamp);
    for (int i = 2; link(path, kept) != 0 && errno != ENOENT; i++) {
        if (errno != EEXIST) {
            system_fail(error, "keep the present state as", kept);
            return NULL;
        }
        g_free(kept);
        kept = g_strdup_printf("%s.before-restore-%s-%d", path, stamp, i);
    }
    failpoint("restore:linked");
    return g_steal_pointer(&kept);
}

static gboolean
keep_present(const char *path, GError **error)
{
    g_autofree char *kept = link_present(path, error);
    if (!kept)
        return FALSE;
    g_autofree char *wal = g_strconcat(path, "-wal", NULL);
    g_autofree char *kept_wal = g_strconcat(kept, "-wal", NULL);
    g_autofree char *shm = g_strconcat(path, "-shm", NULL);
    /* Left over only by a state that was too damaged to be closed. */
    if (rename(wal, kept_wal) != 0 && errno != ENOENT)
        return system_fail(error, "move aside", wal);
    unlink(shm);
    return TRUE;
}

static void
remove_all(const char *fresh)
{
    const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *name = g_strconcat(fresh, suffixes[i], NULL);
        unlink(name);
    }
    for (int version = 1; version < schema_version; version++) {
        g_autofree char *name = g_strdup_printf("%s.v%d.bak", fresh, version);
        unlink(name);
    }
}

gboolean
store_restore(const char *state_path, const char *backup_path, GError **error)
{
    g_autofree char *fresh = g_strdup_printf("%s.restore-%d-%" G_GINT64_MODIFIER "x", state_path,
                                             (int)getpid(), g_get_monotonic_time());
    if (!make_copy(backup_path, fresh, error)) {
        remove_all(fresh);
        g_prefix_error(error, "%s can't be restored, the state was left as it is: ", backup_path);
        return FALSE;
    }
    failpoint("restore:checked");
    gboolean done = close_present(state_path, error) && take_mode(state_path, fresh, error);
    failpoint("restore:closed");
    done = done && keep_present(state_path, error);
    failpoint("restore:kept");
    if (done && rename(fresh, state_path) != 0)
        done = system_fail(error, "put the backup in place as", state_path);
    failpoint("restore:named");
    remove_all(fresh);
    return done && access_sync_folder(state_path, error);
}
