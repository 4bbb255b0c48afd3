/* backup.c: whole copies of the state, and putting one in the state's place. */
#include "store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/access.h"
#include "base/failpoint.h"

static gboolean
system_fail(GError **error, const char *doing, const char *path)
{
    int saved = errno;
    g_set_error(error, CREDITBOT_ERROR, ERR_STORE, "could not %s %s: %s", doing, path,
                g_strerror(saved));
    return FALSE;
}

static gboolean
copy_pages(Store *store, sqlite3 *target, const char *path, GError **error)
{
    sqlite3_backup *backup = sqlite3_backup_init(target, "main", store->db, "main");
    if (backup) {
        sqlite3_backup_step(backup, -1);
        sqlite3_backup_finish(backup);
    }
    int code = sqlite3_extended_errcode(target);
    if (code == SQLITE_OK || code == SQLITE_DONE)
        return TRUE;
    sql_error(error, path, "write the copy", code, sqlite3_system_errno(target),
              sqlite3_errmsg(target));
    return FALSE;
}

static gboolean
copy_to(Store *store, const char *path, GError **error)
{
    if (!access_create(path, store->group, error))
        return FALSE;
    sqlite3 *target = NULL;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(path, &target, flags, NULL);
    gboolean copied = FALSE;
    if (code == SQLITE_OK) {
        g_rec_mutex_lock(&store->lock);
        copied = copy_pages(store, target, path, error);
        g_rec_mutex_unlock(&store->lock);
    } else {
        sql_error(error, path, "open the copy", code, errno, sqlite3_errstr(code));
    }
    sqlite3_close_v2(target);
    return copied;
}

static gboolean
sync_file(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    gboolean synced = fd >= 0 && fsync(fd) == 0;
    if (!synced)
        system_fail(error, "write the copy", path);
    if (fd >= 0)
        close(fd);
    return synced;
}

gboolean
backup_write(Store *store, const char *path, GError **error)
{
    g_autofree char *fresh = g_strdup_printf("%s.new-%d-%" G_GINT64_MODIFIER "x", path,
                                             (int)getpid(), g_get_monotonic_time());
    failpoint("backup:begun");
    gboolean written = copy_to(store, fresh, error) && sync_file(fresh, error);
    failpoint("backup:copied");
    if (written && rename(fresh, path) != 0)
        written = system_fail(error, "put the copy in place as", path);
    failpoint("backup:named");
    if (!written)
        unlink(fresh);
    return written && access_sync_folder(path, error);
}

static gboolean
same_file(const char *a, const char *b)
{
    struct stat one, two;
    return stat(a, &one) == 0 && stat(b, &two) == 0 && one.st_dev == two.st_dev &&
           one.st_ino == two.st_ino;
}

gboolean
store_backup(Store *store, const char *path, GError **error)
{
    if (!same_file(store->path, path))
        return backup_write(store, path, error);
    g_set_error(error, CREDITBOT_ERROR, ERR_USAGE,
                "the backup would replace the state itself (%s): name another file", path);
    return FALSE;
}
