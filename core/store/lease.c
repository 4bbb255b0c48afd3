/* lease.c: who runs a pass, whether a process still lives, and the small values. */
#include "store/lease.h"

#include <string.h>
#include <unistd.h>

#define HEARTBEAT_LIMIT                                                                            \
    G_GINT64_CONSTANT(60000000) /* of a holder that can't be looked up from here */

/* -- processes -- */

/* Field 22 of /proc/PID/stat (proc(5)): start in clock ticks since boot; 0 when there is no such
 * process or only its zombie. The name in field 2 may hold anything, also ')'. */
static gint64
process_start(gint64 pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%" G_GINT64_FORMAT "/stat", pid);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    const char *rest = strrchr(text, ')');
    if (!rest || !rest[1])
        return 0;
    g_auto(GStrv) fields = g_strsplit(rest + 2, " ", 0);
    if (g_strv_length(fields) < 20 || strchr("ZXx", fields[0][0]))
        return 0;
    return g_ascii_strtoll(fields[19], NULL, 10);
}

/* The boot, and the space in which its process numbers mean something: two containers of one name
 * on one machine must not take each other for dead. */
static char *
read_boot(void)
{
    g_autofree char *boot = NULL;
    g_autofree char *space = g_file_read_link("/proc/self/ns/pid", NULL);
    g_file_get_contents("/proc/sys/kernel/random/boot_id", &boot, NULL, NULL);
    g_strchomp(boot ? boot : (boot = g_strdup("unknown")));
    return g_strdup_printf("%s %s", boot, space ? space : "");
}

static void *
read_self(void *unused G_GNUC_UNUSED)
{
    Holder *self = g_new0(Holder, 1);
    self->host = g_strdup(g_get_host_name());
    self->pid = getpid();
    self->start = process_start(self->pid);
    self->boot = read_boot();
    return self;
}

const Holder *
holder_self(void)
{
    static GOnce once = G_ONCE_INIT;
    const Holder *self = g_once(&once, read_self, NULL);
    return self;
}

gboolean
holder_alive(const char *host, gint64 pid, gint64 start)
{
    if (g_strcmp0(host, holder_self()->host) != 0 || pid <= 0)
        return TRUE;
    gint64 now = process_start(pid);
    return now != 0 && (start == 0 || now == start);
}

gboolean
holder_gone(Store *store, const char *host, const char *boot, gint64 pid, gint64 start,
            gint64 heartbeat)
{
    const Holder *self = holder_self();
    gboolean here = g_strcmp0(host, self->host) == 0 && g_strcmp0(boot, self->boot) == 0;
    return here ? !holder_alive(host, pid, start) : heartbeat < sql_now(store) - HEARTBEAT_LIMIT;
}

/* -- the lease -- */

void
lease_info_clear(LeaseInfo *info)
{
    g_clear_pointer(&info->host, g_free);
}

/* FALSE: nobody holds it, or who holds it is certainly gone. */
static gboolean
read_lease(Store *store, const char *name, LeaseInfo *info, GError **error)
{
    g_autoptr(Statement) statement = sql_prepare(
        store, "SELECT host, pid, start, since, heartbeat, boot FROM leases WHERE name = ?1",
        error);
    if (!statement)
        return FALSE;
    sql_bind_text(statement, 1, name);
    if (sql_step(statement, error) != STEP_ROW)
        return FALSE;
    const char *host = sql_text(statement, 0);
    gint64 pid = sql_int(statement, 1), start = sql_int(statement, 2);
    gint64 heartbeat = sql_int(statement, 4);
    if (holder_gone(store, host, sql_text(statement, 5), pid, start, heartbeat))
        return FALSE;
    info->host = g_strdup(host);
    info->pid = pid;
    info->start = start;
    info->since = sql_int(statement, 3);
    info->heartbeat = heartbeat;
    return TRUE;
}

static gboolean
take_lease(Store *store, void *data, GError **error)
{
    const char *name = data;
    LeaseInfo info = {0};
    GError *failure = NULL;
    if (read_lease(store, name, &info, &failure)) {
        g_autofree char *since = time_iso(info.since, FALSE);
        g_set_error(error, CREDITBOT_ERROR, ERR_LEASE,
                    "another %s runs on host %s, process %" G_GINT64_FORMAT
                    ", since %s: wait for it, or stop that process",
                    name, info.host, info.pid, since);
        lease_info_clear(&info);
        return FALSE;
    }
    if (failure) {
        g_propagate_error(error, failure);
        return FALSE;
    }
    const Holder *self = holder_self();
    return sql_run(store, error,
                   "REPLACE INTO leases (name, host, boot, pid, start, since, heartbeat) "
                   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
                   "sssiii", name, self->host, self->boot, self->pid, self->start, sql_now(store));
}

gboolean
store_lease_take(Store *store, const char *name, GError **error)
{
    g_autofree char *copy = g_strdup(name);
    return store_transact(store, take_lease, copy, error);
}

#define OF_SELF " WHERE name = ?1 AND host = ?2 AND boot = ?3 AND pid = ?4 AND start = ?5"

static gboolean
beat_lease(Store *store, void *data, GError **error)
{
    const char *name = data;
    const Holder *self = holder_self();
    if (!sql_run(store, error, "UPDATE leases SET heartbeat = ?6" OF_SELF, "sssiii", name,
                 self->host, self->boot, self->pid, self->start, sql_now(store)))
        return FALSE;
    if (sqlite3_changes64(store->db) > 0)
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_LEASE,
                "this process no longer holds the lease of the %s: another took it after a silence "
                "of more than 60 s",
                name);
    return FALSE;
}

gboolean
store_lease_beat(Store *store, const char *name, GError **error)
{
    g_autofree char *copy = g_strdup(name);
    return store_transact(store, beat_lease, copy, error);
}

static gboolean
drop_lease(Store *store, void *data, GError **error)
{
    const Holder *self = holder_self();
    return sql_run(store, error, "DELETE FROM leases" OF_SELF, "sssii", (const char *)data,
                   self->host, self->boot, self->pid, self->start);
}

void
store_lease_drop(Store *store, const char *name)
{
    g_autofree char *copy = g_strdup(name);
    store_transact(store, drop_lease, copy, NULL);
}

gboolean
store_lease_info(Store *store, const char *name, LeaseInfo *info)
{
    LeaseInfo found = {0};
    if (!read_lease(store, name, &found, NULL))
        return FALSE;
    *info = found;
    return TRUE;
}

/* -- small values -- */

char *
store_value(Store *store, const char *key)
{
    return sql_query_text(store, NULL, "SELECT value FROM \"values\" WHERE key = ?1", "s", key);
}

typedef struct {
    const char *key, *value;
} Setting;

static gboolean
set_value(Store *store, void *data, GError **error)
{
    const Setting *setting = data;
    if (!setting->value)
        return sql_run(store, error, "DELETE FROM \"values\" WHERE key = ?1", "s", setting->key);
    return sql_run(store, error, "REPLACE INTO \"values\" VALUES (?1, ?2)", "ss", setting->key,
                   setting->value);
}

gboolean
store_value_set(Store *store, const char *key, const char *value, GError **error)
{
    Setting setting = {key, value};
    return store_transact(store, set_value, &setting, error);
}
