/* access.c: who may read the state: its owner, or one group, and nobody else. */
#include "store/access.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
fail(GError **error, CreditbotError code, const char *doing, const char *path)
{
    int saved = errno;
    g_set_error(error, CREDITBOT_ERROR, code, "could not %s %s: %s", doing, path,
                g_strerror(saved));
    return FALSE;
}

static gboolean
check_folder(const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    struct stat info;
    if (stat(folder, &info) != 0)
        return fail(error, errno == ENOENT ? ERR_NOT_FOUND : ERR_STORE, "look into the folder",
                    folder);
    if (!(info.st_mode & S_IWOTH))
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                "everybody can write the folder %s, so the state in it can't be trusted: run "
                "`chmod o-w %s`, or choose another [general] state_dir",
                folder, folder);
    return FALSE;
}

gboolean
access_check(const char *path, const char *group, GError **error)
{
    struct stat info;
    if (!check_folder(path, error))
        return FALSE;
    if (stat(path, &info) != 0) {
        if (errno != ENOENT)
            return fail(error, ERR_STORE, "open the state", path);
        g_set_error(error, CREDITBOT_ERROR, ERR_NOT_FOUND,
                    "there is no state at %s yet: a first pass (creditbot --batch) makes it", path);
        return FALSE;
    }
    if (!S_ISREG(info.st_mode)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "%s is not a regular file: check [store] url", path);
        return FALSE;
    }
    if (!group && info.st_uid != geteuid() && geteuid() != 0) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "%s belongs to uid %u, not to you (uid %u): run as that user, or share the "
                    "state with [store] group",
                    path, (guint)info.st_uid, (guint)geteuid());
        return FALSE;
    }
    mode_t open_to = info.st_mode & (group ? S_IRWXO : S_IRWXG | S_IRWXO);
    if (open_to) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "%s has mode %04o, so others can read it: run `chmod %s %s`%s", path,
                    (guint)(info.st_mode & 07777), group ? "0660" : "0600", path,
                    group ? "" : ", or share it with [store] group");
        return FALSE;
    }
    if (info.st_size == 0) {
        g_set_error(error, CREDITBOT_ERROR, ERR_STORE,
                    "%s is empty: if it held a state, put a backup in its place (`creditbot state "
                    "restore FILE`); remove it only if it never did",
                    path);
        return FALSE;
    }
    return TRUE;
}

static gboolean
find_group(const char *name, gid_t *gid, GError **error)
{
    struct group entry, *found = NULL;
    char buffer[16384];
    if (getgrnam_r(name, &entry, buffer, sizeof buffer, &found) == 0 && found) {
        *gid = found->gr_gid;
        return TRUE;
    }
    g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                "there is no group \"%s\" on this host: correct [store] group", name);
    return FALSE;
}

gboolean
access_create(const char *path, const char *group, GError **error)
{
    gid_t gid = (gid_t)-1;
    if (!check_folder(path, error) || (group && !find_group(group, &gid, error)))
        return FALSE;
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fail(error, errno == EEXIST ? ERR_CONFLICT : ERR_STORE, "create the state", path);
    gboolean ready = !group || (fchown(fd, (uid_t)-1, gid) == 0 && fchmod(fd, 0660) == 0);
    if (!ready) {
        fail(error, ERR_CONFIG, "give [store] group access to", path);
        unlink(path);
    }
    close(fd);
    return ready;
}

gboolean
access_sync_folder(const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* Some file systems can't sync a folder; they say EINVAL and lose nothing by it. */
    gboolean synced = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);
    if (!synced)
        fail(error, ERR_STORE, "write the folder", folder);
    if (fd >= 0)
        close(fd);
    return synced;
}
