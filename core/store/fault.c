/* fault.c: what SQLite and the system report, as sentences that say what to do. */
#include "store/sql.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

typedef struct {
    int code; /* primary or extended result code */
    CreditbotError error;
    const char *what; /* follows "could not DOING in PATH: " */
    gboolean detail;  /* SQLite's own words are added */
} Fault;

#define FIX_SPACE                                                                                  \
    "free space there (creditbot state prune helps), then run again; nothing was changed"
#define FIX_DAMAGE                                                                                 \
    "run `creditbot state verify` to see what is left, `creditbot state restore FILE` to put a "   \
    "backup in its place"

/* Extended codes stand before their primary code. Codes: sqlite.org/rescode.html */
static const Fault faults[] = {
    {SQLITE_CONSTRAINT_UNIQUE, ERR_CONFLICT, "it is there already", TRUE},
    {SQLITE_CONSTRAINT_PRIMARYKEY, ERR_CONFLICT, "it is there already", TRUE},
    {SQLITE_CONSTRAINT_ROWID, ERR_CONFLICT, "it is there already", TRUE},
    {SQLITE_CONSTRAINT_TRIGGER, ERR_ILLEGAL, "refused", TRUE},
    {SQLITE_CONSTRAINT_FOREIGNKEY, ERR_NOT_FOUND, "what it belongs to does not exist", FALSE},
    {SQLITE_CONSTRAINT, ERR_INPUT, "a value is outside what the state allows", TRUE},
    {SQLITE_FULL, ERR_STORE, "the disk or the quota is full: " FIX_SPACE, FALSE},
    {SQLITE_READONLY, ERR_STORE,
     "the file, its folder or the file system is read-only: give this user write access to the "
     "file "
     "and its folder, or remount it writable; nothing was changed",
     FALSE},
    {SQLITE_CORRUPT, ERR_STORE, "the file is damaged: " FIX_DAMAGE, TRUE},
    {SQLITE_NOTADB, ERR_STORE,
     "the file is no SQLite database, or its head is damaged: " FIX_DAMAGE, FALSE},
    {SQLITE_CANTOPEN, ERR_STORE,
     "the file or the -wal and -shm beside it can't be opened: check that this user may read and "
     "write them and their folder",
     TRUE},
    {SQLITE_BUSY, ERR_STORE,
     "another process has held it locked for 10 s: look for a hanging creditbot, sqlite3 or backup "
     "that has the file open",
     FALSE},
    {SQLITE_LOCKED, ERR_STORE, "it is locked within this process", TRUE},
    {SQLITE_PERM, ERR_STORE, "access was denied: check owner and mode of the file", FALSE},
    {SQLITE_TOOBIG, ERR_INPUT, "a text is too large to be stored", FALSE},
    {SQLITE_INTERRUPT, ERR_CANCELLED, "it was stopped", FALSE},
    {SQLITE_NOMEM, ERR_STORE, "no memory is left: nothing was changed", FALSE},
    {SQLITE_IOERR, ERR_STORE,
     "the disk failed to read or write: look at the system's log (dmesg) for the device; nothing "
     "was changed",
     TRUE},
};

/* What the system said outweighs SQLite's summary of it. */
static const Fault system_faults[] = {
    {ENOSPC, ERR_STORE, "the disk is full: " FIX_SPACE, FALSE},
    {EDQUOT, ERR_STORE, "the quota is used up: " FIX_SPACE, FALSE},
    {EFBIG, ERR_STORE,
     "the file would pass the limit on its size: raise it (ulimit -f), then run again; nothing was "
     "changed",
     FALSE},
    {EROFS, ERR_STORE,
     "the file system is read-only: remount it writable, then run again; nothing was changed",
     FALSE},
    {EACCES, ERR_STORE,
     "access was denied: check owner and mode of the file and of its folder; nothing was changed",
     FALSE},
};

/* The errno of a failed write is often gone by the time SQLite reports it: the likely cause is
 * asked of the system again. */
static int
likely_cause(const char *path, int code)
{
    struct statvfs space;
    struct rlimit limit;
    gboolean writing = code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_SHMSIZE ||
                       code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_TRUNCATE;
    if (!writing)
        return 0;
    if (statvfs(path, &space) == 0 && space.f_bavail == 0)
        return ENOSPC;
    if (statvfs(path, &space) == 0 && (space.f_flag & ST_RDONLY))
        return EROFS;
    return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY ? EFBIG : 0;
}

static const Fault *
fault_of(int code, int system)
{
    int primary = code & 0xff;
    if (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN)
        for (gsize i = 0; i < G_N_ELEMENTS(system_faults); i++)
            if (system_faults[i].code == system)
                return &system_faults[i];
    for (gsize i = 0; i < G_N_ELEMENTS(faults); i++)
        if (faults[i].code == code || faults[i].code == primary)
            return &faults[i];
    return NULL;
}

void
sql_error(GError **error, const char *path, const char *doing, int code, int system,
          const char *message)
{
    int cause = likely_cause(path, code);
    const Fault *fault = fault_of(code, cause ? cause : system);
    if (!fault)
        g_set_error(error, CREDITBOT_ERROR, ERR_STORE, "could not %s in %s: %s (SQLite error %d)",
                    doing, path, message, code);
    else if (fault->detail)
        g_set_error(error, CREDITBOT_ERROR, fault->error, "could not %s in %s: %s (%s)", doing,
                    path, fault->what, message);
    else
        g_set_error(error, CREDITBOT_ERROR, fault->error, "could not %s in %s: %s", doing, path,
                    fault->what);
}

gboolean
sql_fail(Store *store, const char *doing, GError **error)
{
    g_autoptr(GError) failure = NULL;
    sql_error(&failure, store->path, doing, sqlite3_extended_errcode(store->db),
              sqlite3_system_errno(store->db), sqlite3_errmsg(store->db));
    if (store->depth > 0 && !store->fault && sqlite3_get_autocommit(store->db))
        store->fault = g_error_copy(failure);
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}
