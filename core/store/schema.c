/* schema.c: the tables of the state and the steps between their versions.
 *
 * What must never happen to money is refused here once more, whatever the code above does: a second
 * live post, a post without an approved run, a changed run, a rewritten event. */
#include "store/schema.h"

#include "store/backup.h"
#include "store/search.h"
#include "base/failpoint.h"

#include <string.h>

#define STATES                                                                                     \
    "('new','resolved','calculating','pending','approved','posting','posted','unconfirmed',"       \
    "'rejected','ignored','needs_link','failed','dead')"
#define SHA256(c) "(" c " IS NULL OR (length(" c ") = 64 AND " c " NOT GLOB '*[^0-9a-f]*'))"

/* One line of SQL stays one line here. */
/* clang-format off */
static const char version_1[] =
    "CREATE TABLE requests ("
    " id INTEGER PRIMARY KEY,"
    " version INTEGER NOT NULL CHECK (version > 0),"
    " channel TEXT NOT NULL CHECK (channel <> ''),"
    " ts TEXT NOT NULL CHECK (ts <> ''),"
    " channel_name TEXT, thread_ts TEXT, requester TEXT, requester_name TEXT, edited_ts TEXT,"
    " link_url TEXT, link_kind TEXT, link_ref TEXT, link_later TEXT,"
    " title TEXT, product TEXT, customer TEXT,"
    " sql_sha256 TEXT CHECK " SHA256("sql_sha256") ","
    " state TEXT NOT NULL CHECK (state IN " STATES "),"
    " resume TEXT NOT NULL CHECK (resume IN " STATES "),"
    " note TEXT, error TEXT, error_code TEXT,"
    " attempts INTEGER NOT NULL, next_attempt_at INTEGER NOT NULL,"
    " received_at INTEGER NOT NULL, state_at INTEGER NOT NULL,"
    " run_id INTEGER REFERENCES runs (id) DEFERRABLE INITIALLY DEFERRED,"
    " hold_until INTEGER NOT NULL,"
    " posted_ts TEXT, posted_at INTEGER NOT NULL,"
    /* of the run that counts, so that a list needs no join; a save copies them, verify compares */
    " amount INTEGER, low INTEGER, high INTEGER, currency TEXT, unusual TEXT,"
    " run_number INTEGER, run_at INTEGER,"
    " amount_key INTEGER GENERATED ALWAYS AS (ifnull(amount, -9223372036854775807)) VIRTUAL,"
    " UNIQUE (channel, ts)"
    ") STRICT;"
    "CREATE INDEX requests_received ON requests (received_at, id);"
    "CREATE INDEX requests_state_at ON requests (state_at, id);"
    "CREATE INDEX requests_posted ON requests (posted_at, id);"
    "CREATE INDEX requests_amount ON requests (amount_key, id);"
    "CREATE INDEX requests_in_state ON requests (state, id);"
    "CREATE INDEX requests_in_state_received ON requests (state, received_at, id);"
    "CREATE INDEX requests_in_state_state_at ON requests (state, state_at, id);"
    "CREATE INDEX requests_in_state_posted ON requests (state, posted_at, id);"
    "CREATE INDEX requests_in_state_amount ON requests (state, amount_key, id);"
    "CREATE INDEX requests_run ON requests (run_id) WHERE run_id IS NOT NULL;"
    "CREATE TRIGGER requests_stay BEFORE DELETE ON requests BEGIN"
    " SELECT raise(ABORT, 'requests are never deleted'); END;"
    "CREATE TRIGGER requests_are_who BEFORE UPDATE OF id, channel, ts ON requests"
    " WHEN (NEW.id, NEW.channel, NEW.ts) IS NOT (OLD.id, OLD.channel, OLD.ts) BEGIN"
    " SELECT raise(ABORT, 'a request keeps its channel and its ts'); END;"

    /* The bulky part: a change of state does not rewrite it, a list does not read it. */
    "CREATE TABLE request_texts ("
    " id INTEGER PRIMARY KEY REFERENCES requests (id),"
    " text TEXT, message TEXT, sql TEXT"
    ") STRICT;"

    /* Counts and sums by state, kept by the triggers: a status bar over a million requests is free.
     * A sum is units and micros apart, so that it can't overflow. */
    "CREATE TABLE totals ("
    " state TEXT NOT NULL, currency TEXT NOT NULL,"
    " count INTEGER NOT NULL, units INTEGER NOT NULL, micros INTEGER NOT NULL,"
    " PRIMARY KEY (state, currency)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TRIGGER totals_added AFTER INSERT ON requests BEGIN"
    " INSERT INTO totals VALUES (NEW.state, ifnull(NEW.currency, ''), 1,"
    "  ifnull(NEW.amount, 0) / 1000000, ifnull(NEW.amount, 0) % 1000000)"
    " ON CONFLICT DO UPDATE SET count = count + 1, units = units + excluded.units,"
    "  micros = micros + excluded.micros; END;"
    "CREATE TRIGGER totals_moved AFTER UPDATE OF state, amount, currency ON requests"
    " WHEN (NEW.state, NEW.amount, NEW.currency) IS NOT (OLD.state, OLD.amount, OLD.currency) BEGIN"
    " UPDATE totals SET count = count - 1, units = units - ifnull(OLD.amount, 0) / 1000000,"
    "  micros = micros - ifnull(OLD.amount, 0) % 1000000"
    "  WHERE state = OLD.state AND currency = ifnull(OLD.currency, '');"
    " INSERT INTO totals VALUES (NEW.state, ifnull(NEW.currency, ''), 1,"
    "  ifnull(NEW.amount, 0) / 1000000, ifnull(NEW.amount, 0) % 1000000)"
    " ON CONFLICT DO UPDATE SET count = count + 1, units = units + excluded.units,"
    "  micros = micros + excluded.micros; END;"

    "CREATE TABLE runs ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " request_id INTEGER NOT NULL REFERENCES requests (id),"
    " number INTEGER NOT NULL CHECK (number > 0),"
    " dry INTEGER NOT NULL CHECK (dry IN (0, 1)),"
    " status TEXT NOT NULL CHECK (status IN ('done', 'failed', 'cancelled')),"
    " started_at INTEGER NOT NULL, finished_at INTEGER NOT NULL,"
    " actor TEXT, sql_sha256 TEXT CHECK " SHA256("sql_sha256") ","
    " calculator TEXT, calculator_version TEXT, parameters TEXT, warehouse TEXT, query_id TEXT,"
    " rows INTEGER NOT NULL, amount INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL,"
    " currency TEXT, product TEXT, customer TEXT, unusual TEXT,"
    " digest TEXT CHECK " SHA256("digest") ","
    " error TEXT, sql TEXT, result TEXT,"
    " UNIQUE (request_id, number),"
    " CHECK (status <> 'done' OR dry = 1"
    "  OR (digest IS NOT NULL AND result IS NOT NULL AND currency IS NOT NULL))"
    ") STRICT;"
    "CREATE INDEX runs_of_request ON runs (request_id, id);"
    "CREATE TRIGGER runs_stay_same BEFORE UPDATE ON runs BEGIN"
    " SELECT raise(ABORT, 'runs are never changed'); END;"
    "CREATE TRIGGER runs_stay BEFORE DELETE ON runs WHEN (OLD.status = 'done' AND OLD.dry = 0)"
    " OR EXISTS (SELECT 1 FROM requests WHERE run_id = OLD.id) BEGIN"
    " SELECT raise(ABORT, 'a run that counts or could count is never deleted'); END;"

    "CREATE TABLE approvals ("
    " id INTEGER PRIMARY KEY,"
    " request_id INTEGER NOT NULL REFERENCES requests (id),"
    " run_id INTEGER NOT NULL REFERENCES runs (id),"
    " digest TEXT NOT NULL CHECK " SHA256("digest") ","
    " uid INTEGER NOT NULL, actor TEXT, reason TEXT,"
    " at INTEGER NOT NULL, hold_until INTEGER NOT NULL, expires_at INTEGER NOT NULL,"
    " voided_at INTEGER NOT NULL, voided_why TEXT"
    ") STRICT;"
    "CREATE INDEX approvals_of_request ON approvals (request_id, id);"
    "CREATE UNIQUE INDEX approvals_one_a_person ON approvals (run_id, uid) WHERE voided_at = 0;"
    "CREATE INDEX approvals_of_run ON approvals (run_id);"
    "CREATE TRIGGER approvals_name_evidence BEFORE INSERT ON approvals"
    " WHEN NOT EXISTS (SELECT 1 FROM runs WHERE id = NEW.run_id AND request_id = NEW.request_id"
    "  AND digest = NEW.digest AND status = 'done' AND dry = 0) BEGIN"
    " SELECT raise(ABORT, 'the approval does not name a finished run of the request by its digest');"
    " END;"
    "CREATE TRIGGER approvals_stay_same BEFORE UPDATE ON approvals"
    " WHEN OLD.voided_at <> 0 OR (NEW.id, NEW.request_id, NEW.run_id, NEW.digest, NEW.uid,"
    "  NEW.actor, NEW.reason, NEW.at, NEW.expires_at) IS NOT (OLD.id, OLD.request_id, OLD.run_id,"
    "  OLD.digest, OLD.uid, OLD.actor, OLD.reason, OLD.at, OLD.expires_at) BEGIN"
    " SELECT raise(ABORT, 'an approval can only be voided, once'); END;"
    "CREATE TRIGGER approvals_stay BEFORE DELETE ON approvals BEGIN"
    " SELECT raise(ABORT, 'approvals are never deleted'); END;"

    "CREATE TABLE posts ("
    " id INTEGER PRIMARY KEY,"
    " request_id INTEGER NOT NULL REFERENCES requests (id),"
    " run_id INTEGER REFERENCES runs (id),"
    " kind TEXT NOT NULL CHECK (kind <> ''),"
    " nonce TEXT NOT NULL UNIQUE CHECK (nonce <> ''),"
    " text TEXT NOT NULL, blocks TEXT, created_at INTEGER NOT NULL,"
    " channel TEXT NOT NULL CHECK (channel <> ''), thread_ts TEXT,"
    " status TEXT NOT NULL CHECK (status IN ('intent', 'sending', 'posted', 'unclear',"
    "  'unconfirmed', 'refused', 'abandoned')),"
    " sent_at INTEGER NOT NULL, settled_at INTEGER NOT NULL, attempts INTEGER NOT NULL,"
    " posted_ts TEXT, error TEXT,"
    " holder_host TEXT, holder_pid INTEGER NOT NULL, holder_start INTEGER NOT NULL,"
    " CHECK (kind <> 'result' OR run_id IS NOT NULL)"
    ") STRICT;"
    "CREATE INDEX posts_of_request ON posts (request_id, id);"
    "CREATE UNIQUE INDEX posts_one_a_kind ON posts (request_id, kind)"
    " WHERE status NOT IN ('refused', 'abandoned');"
    "CREATE INDEX posts_open ON posts (id)"
    " WHERE status IN ('intent', 'sending', 'unclear', 'unconfirmed');"
    "CREATE TRIGGER posts_need_approval BEFORE INSERT ON posts WHEN NEW.kind = 'result'"
    " AND NOT EXISTS (SELECT 1 FROM requests q JOIN approvals v ON v.run_id = q.run_id"
    "  WHERE q.id = NEW.request_id AND q.run_id = NEW.run_id AND q.state IN ('approved', 'posting')"
    "  AND v.request_id = q.id AND v.voided_at = 0) BEGIN"
    " SELECT raise(ABORT, 'a result is posted only for the run that counts, while it is approved');"
    " END;"
    "CREATE TRIGGER posts_stay_same BEFORE UPDATE ON posts WHEN (NEW.id, NEW.request_id, NEW.run_id,"
    "  NEW.kind, NEW.nonce, NEW.text, NEW.blocks, NEW.created_at) IS NOT (OLD.id, OLD.request_id,"
    "  OLD.run_id, OLD.kind, OLD.nonce, OLD.text, OLD.blocks, OLD.created_at) BEGIN"
    " SELECT raise(ABORT, 'what is posted is never changed'); END;"
    "CREATE TRIGGER posts_stay_posted BEFORE UPDATE ON posts"
    " WHEN OLD.status = 'posted' AND NEW.status <> 'posted' BEGIN"
    " SELECT raise(ABORT, 'what is posted stays posted'); END;"
    "CREATE TRIGGER posts_stay BEFORE DELETE ON posts BEGIN"
    " SELECT raise(ABORT, 'posts are never deleted'); END;"

    "CREATE TABLE events ("
    " id INTEGER PRIMARY KEY,"
    " request_id INTEGER NOT NULL, at INTEGER NOT NULL,"
    " actor TEXT, kind TEXT NOT NULL, from_state TEXT, to_state TEXT, detail TEXT,"
    " hash TEXT NOT NULL CHECK " SHA256("hash") ") STRICT;"
    "CREATE INDEX events_of_request ON events (request_id, id);"
    "CREATE TRIGGER events_stay_same BEFORE UPDATE ON events BEGIN"
    " SELECT raise(ABORT, 'events are never changed'); END;"
    "CREATE TRIGGER events_stay BEFORE DELETE ON events BEGIN"
    " SELECT raise(ABORT, 'events are never deleted'); END;"
    /* The last event: shows when the end of the chain was cut off. */
    "CREATE TABLE events_head ("
    " one INTEGER PRIMARY KEY CHECK (one = 1), id INTEGER NOT NULL, hash TEXT NOT NULL"
    ") STRICT;"
    "INSERT INTO events_head VALUES (1, 0, '');"

    "CREATE TABLE passes ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " started_at INTEGER NOT NULL, host TEXT, actor TEXT, started_by TEXT,"
    " pid INTEGER NOT NULL, dry_run INTEGER NOT NULL, finished_at INTEGER NOT NULL,"
    " status TEXT NOT NULL CHECK (status IN ('running', 'ok', 'some_failed', 'unreachable',"
    "  'stopped', 'crashed')),"
    " exit_code INTEGER NOT NULL, found INTEGER NOT NULL, fresh INTEGER NOT NULL,"
    " ignored INTEGER NOT NULL, needs_link INTEGER NOT NULL, calculated INTEGER NOT NULL,"
    " pending INTEGER NOT NULL, posted INTEGER NOT NULL, failed INTEGER NOT NULL, error TEXT"
    ") STRICT;"
    "CREATE INDEX passes_started ON passes (started_at);"

    "CREATE TABLE logs ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " at INTEGER NOT NULL, pass_id INTEGER, request_id INTEGER, run_id INTEGER,"
    " level INTEGER NOT NULL, area TEXT, message TEXT"
    ") STRICT;"
    "CREATE INDEX logs_at ON logs (at);"
    "CREATE INDEX logs_of_pass ON logs (pass_id, id) WHERE pass_id IS NOT NULL;"
    "CREATE INDEX logs_of_request ON logs (request_id, id) WHERE request_id IS NOT NULL;"
    "CREATE INDEX logs_of_run ON logs (run_id, id) WHERE run_id IS NOT NULL;"

    "CREATE TABLE progress ("
    " request_id INTEGER PRIMARY KEY,"
    " at INTEGER NOT NULL, started_at INTEGER NOT NULL, rows INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL, percent REAL NOT NULL, stage TEXT, query_id TEXT, host TEXT,"
    " pid INTEGER NOT NULL, cancel_asked INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"

    "CREATE TABLE leases ("
    " name TEXT PRIMARY KEY, host TEXT NOT NULL, boot TEXT NOT NULL, pid INTEGER NOT NULL,"
    " start INTEGER NOT NULL, since INTEGER NOT NULL, heartbeat INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE \"values\" ("
    " key TEXT PRIMARY KEY, value TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE probe (one INTEGER PRIMARY KEY CHECK (one = 1), filler BLOB) STRICT;"

    /* What the old bot handled: entry is its own JSON, kept whole. */
    "CREATE TABLE processed ("
    " ts TEXT NOT NULL, channel TEXT NOT NULL,"
    " handled_at INTEGER NOT NULL, imported_at INTEGER NOT NULL, entry TEXT NOT NULL,"
    " PRIMARY KEY (ts, channel)"
    ") STRICT, WITHOUT ROWID;";
/* clang-format on */

const char *const schema_steps[] = {version_1, schema_version_2, schema_version_3};
const int schema_version = G_N_ELEMENTS(schema_steps);

#define TELL_EVERY 100000 /* instructions of SQLite between two looks at the time */

typedef struct {
    const char *const *steps;
    int version;
    Store *store;
    StoreMigrating now;
    gint64 begun, told;
} Migration;

/* A new state is made in no time, and silently. */
static void
tell(Migration *migration, const char *doing)
{
    migration->now.doing = doing;
    migration->now.step += doing ? 1 : 0;
    migration->told = g_get_monotonic_time();
    migration->now.seconds = (guint)((migration->told - migration->begun) / G_USEC_PER_SEC);
    if (migration->store->migrating && migration->now.steps > 0)
        migration->store->migrating(&migration->now);
}

static int
on_work(void *data)
{
    Migration *migration = data;
    if (g_get_monotonic_time() - migration->told >= G_USEC_PER_SEC) {
        migration->now.step--;
        tell(migration, migration->now.doing);
    }
    return 0;
}

static void
tell_begin(Migration *migration, gint64 have)
{
    if (have == 0)
        return;
    migration->begun = g_get_monotonic_time();
    migration->now = (StoreMigrating){.path = migration->store->path,
                                      .steps = (guint)(migration->version - have) + 2};
    tell(migration, "a copy of it is kept");
    if (migration->store->migrating)
        sqlite3_progress_handler(migration->store->db, TELL_EVERY, on_work, migration);
}

static void
tell_end(Migration *migration)
{
    if (migration->now.steps == 0)
        return;
    sqlite3_progress_handler(migration->store->db, 0, NULL, NULL);
    tell(migration, NULL);
}

/* Through a second connection, which still sees the file as it was: within the transaction no other
 * process can have migrated it. */
static gboolean
keep_copy(Store *store, gint64 version, GError **error)
{
    g_autofree char *copy = g_strdup_printf("%s.v%" G_GINT64_FORMAT ".bak", store->path, version);
    g_autoptr(Store) reader = sql_open_plain(store->path, TRUE, error);
    if (reader)
        reader->group = g_strdup(store->group);
    if (reader && backup_write(reader, copy, error))
        return TRUE;
    g_prefix_error(error, "the state was not migrated, since a copy could not be kept: ");
    return FALSE;
}

/* The steps run without foreign keys, since some make a table anew. */
static gboolean
check_keys(Store *store, GError **error)
{
    g_autofree char *table = sql_query_text(store, error, "PRAGMA foreign_key_check", "");
    if (table)
        g_set_error(error, CREDITBOT_ERROR, ERR_STORE,
                    "%s was not migrated, since a row of its table %s belongs to none: run "
                    "`creditbot state verify` with the version that wrote it",
                    store->path, table);
    return !table && !(error && *error);
}

static gboolean
run_steps(Store *store, void *data, GError **error)
{
    Migration *migration = data;
    gint64 have = 0;
    if (!sql_query_int(store, &have, error, "PRAGMA user_version", ""))
        return FALSE;
    if (have >= migration->version)
        return TRUE; /* another process was faster */
    failpoint("migrate:begun");
    tell_begin(migration, have);
    if (have > 0 && !keep_copy(store, have, error))
        return FALSE;
    for (gint64 i = have; i < migration->version; i++) {
        failpoint("migrate:before-step");
        tell(migration, "its tables and indexes are made anew");
        if (!sql_script(store, migration->steps[i], error))
            return FALSE;
    }
    failpoint("migrate:stepped");
    tell(migration, "its keys are checked, all is written");
    if (have > 0 && !check_keys(store, error))
        return FALSE;
    g_autofree char *marks = g_strdup_printf("PRAGMA application_id=%d; PRAGMA user_version=%d",
                                             STORE_APPLICATION_ID, migration->version);
    return sql_script(store, marks, error);
}

gboolean
schema_migrate(Store *store, const char *const *steps, int version, GError **error)
{
    Migration migration = {.steps = steps, .version = version, .store = store};
    if (!search_check(store, error))
        return FALSE;
    g_rec_mutex_lock(&store->lock);
    /* No change while a transaction is open: so before it, and after. */
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_FKEY, 0, NULL);
    /* What is sorted for the indexes may be larger than the memory. */
    gboolean done = sql_script(store, "PRAGMA temp_store=FILE", error) &&
                    store_transact(store, run_steps, &migration, error);
    tell_end(&migration);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    sql_script(store, "PRAGMA temp_store=MEMORY", NULL);
    g_rec_mutex_unlock(&store->lock);
    return done;
}

gboolean
schema_check(Store *store, GError **error)
{
    gint64 application = 0, version = 0, probe = 0;
    if (!search_check(store, error) ||
        !sql_query_int(store, &application, error, "PRAGMA application_id", "") ||
        !sql_query_int(store, &version, error, "PRAGMA user_version", ""))
        return FALSE;
    if (application != STORE_APPLICATION_ID) {
        g_set_error(error, CREDITBOT_ERROR, ERR_STORE,
                    "%s is an SQLite database, but not a state of creditbot: check [store] url and "
                    "[general] state_dir",
                    store->path);
        return FALSE;
    }
    if (version > schema_version) {
        g_set_error(error, CREDITBOT_ERROR, ERR_STORE,
                    "%s was written by a newer creditbot (schema %" G_GINT64_FORMAT
                    ", this program knows up to %d): install that version, or restore an older "
                    "backup into another state_dir",
                    store->path, version, schema_version);
        return FALSE;
    }
    if (version < schema_version) {
        if (!store->read_only)
            return schema_migrate(store, schema_steps, schema_version, error);
        g_set_error(error, CREDITBOT_ERROR, ERR_STORE,
                    "%s is of an older creditbot (schema %" G_GINT64_FORMAT
                    ", this program needs %d): run `creditbot state verify` once as a user who may "
                    "write it",
                    store->path, version, schema_version);
        return FALSE;
    }
    return sql_query_int(store, &probe, error, "SELECT id FROM events_head", "");
}
