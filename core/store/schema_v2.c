/* schema_v2.c: the step from version 1 to 2: corrections, claims, who decided, search, activity.
 *
 * The table of requests is made anew, since a UNIQUE (channel, ts) can't be taken from a table: a
 * correction shares both with the request that it corrects. The step runs with foreign keys off and
 * is checked afterwards (schema.c). */
#include "store/schema.h"

#include "store/counts.h"
#include "store/search.h"

#define STATES                                                                                     \
    "('new','resolved','calculating','pending','approved','posting','posted','unconfirmed',"       \
    "'rejected','ignored','needs_link','failed','dead')"
#define DONE      "('posted','rejected','ignored')"
#define WITHDRAWN "('rejected','ignored')"
#define SHA256(c) "(" c " IS NULL OR (length(" c ") = 64 AND " c " NOT GLOB '*[^0-9a-f]*'))"

/* Of version 1, in its order. */
#define COLUMNS_1                                                                                  \
    "id, version, channel, ts, channel_name, thread_ts, requester, requester_name, edited_ts, "    \
    "link_url, link_kind, link_ref, link_later, title, product, customer, sql_sha256, state, "     \
    "resume, note, error, error_code, attempts, next_attempt_at, received_at, state_at, run_id, "  \
    "hold_until, posted_ts, posted_at, amount, low, high, currency, unusual, run_number, run_at"

#define TOTALS_ADD(r)                                                                              \
    " INSERT INTO totals VALUES (" r                                                               \
    ".state, " COUNT_CURRENCY(r) ", 1, " COUNT_UNITS(r) ", " COUNT_MICROS(                         \
        r) ") ON CONFLICT DO UPDATE SET count = count + 1,"                                        \
           "  units = units + excluded.units, micros = micros + excluded.micros;"
#define TOTALS_TAKE(r)                                                                             \
    " UPDATE totals SET count = count - 1, units = units - " COUNT_UNITS(                          \
        r) ","                                                                                     \
           "  micros = micros - " COUNT_MICROS(r) "  WHERE state = " r                             \
                                                  ".state AND currency = " COUNT_CURRENCY(r) ";"
#define ACTIVITY_ADD(r, day, side, when)                                                           \
    " INSERT INTO activity SELECT " day ", '" side "', " r                                         \
    ".state, " COUNT_CURRENCY(r) ", " COUNT_ONE(r) ", " COUNT_UNITS(r) ", " COUNT_MICROS(          \
        r) " WHERE " when " ON CONFLICT DO UPDATE SET count = count + excluded.count,"             \
           "  units = units + excluded.units, micros = micros + excluded.micros;"
#define ACTIVITY_TAKE(r, day, side, when)                                                          \
    " UPDATE activity SET count = count - " COUNT_ONE(r) ", units = units - " COUNT_UNITS(         \
        r) ","                                                                                     \
           "  micros = micros - " COUNT_MICROS(r) "  WHERE " when                                  \
                                                  " AND (day, side, state, currency) = (" day      \
                                                  ", '" side "', " r                               \
                                                  ".state, " COUNT_CURRENCY(r) ");"
#define COUNT_ADD(r)                                                                               \
    TOTALS_ADD(r)                                                                                  \
    ACTIVITY_ADD(r, COUNT_DAY_IN(r), "in", "true")                                                 \
    ACTIVITY_ADD(r, COUNT_DAY_OUT(r), "out", COUNT_IS_OUT(r))
#define COUNT_TAKE(r)                                                                              \
    TOTALS_TAKE(r)                                                                                 \
    ACTIVITY_TAKE(r, COUNT_DAY_IN(r), "in", "true")                                                \
    ACTIVITY_TAKE(r, COUNT_DAY_OUT(r), "out", COUNT_IS_OUT(r))
/* What a request is counted by. */
#define COUNTED_BY(r)                                                                              \
    "(" r ".state, " r ".amount, " r ".currency, " r                                               \
    ".corrected_by, " COUNT_DAY_IN(r) ", iif(" COUNT_IS_OUT(r) ", " COUNT_DAY_OUT(r) ", 0))"

/* clang-format off */
const char schema_version_2[] =
    "DROP TRIGGER runs_stay; DROP TRIGGER posts_need_approval;"
    "CREATE TABLE requests_2 ("
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
    /* the request whose post this one corrects; the newest correction of it that was posted */
    " corrects INTEGER REFERENCES requests (id) CHECK (corrects IS NULL OR corrects < id),"
    " corrected_by INTEGER REFERENCES requests (id) CHECK (corrected_by IS NULL OR corrected_by > id),"
    /* kept by the triggers below */
    " decided_by TEXT,"
    " amount INTEGER, low INTEGER, high INTEGER, currency TEXT, unusual TEXT,"
    " run_number INTEGER, run_at INTEGER,"
    " amount_key INTEGER GENERATED ALWAYS AS (ifnull(amount, -9223372036854775807)) VIRTUAL,"
    " customer_key TEXT COLLATE NOCASE GENERATED ALWAYS AS (ifnull(customer, '')) VIRTUAL,"
    " decided_at INTEGER GENERATED ALWAYS AS (CASE state WHEN 'posted' THEN posted_at"
    "  WHEN 'rejected' THEN state_at WHEN 'ignored' THEN state_at ELSE 0 END) VIRTUAL"
    ") STRICT;"
    "INSERT INTO requests_2 (" COLUMNS_1 ") SELECT " COLUMNS_1 " FROM requests ORDER BY id;"
    "DROP TABLE requests;"
    "ALTER TABLE requests_2 RENAME TO requests;"
    SCHEMA_DECIDED_BY
    "CREATE UNIQUE INDEX requests_channel_ts ON requests (channel, ts) WHERE corrects IS NULL;"
    "CREATE UNIQUE INDEX requests_one_correction ON requests (corrects)"
    " WHERE corrects IS NOT NULL AND state NOT IN " WITHDRAWN ";"
    "CREATE INDEX requests_received ON requests (received_at, id);"
    "CREATE INDEX requests_decided ON requests (decided_at, id) WHERE decided_at <> 0;"
    "CREATE INDEX requests_amount ON requests (amount_key, id);"
    "CREATE INDEX requests_customer ON requests (customer_key, id);"
    "CREATE INDEX requests_in_state ON requests (state, id);"
    /* with what the times to decisions are made of, so that statistics read no row */
    "CREATE INDEX requests_in_state_received ON requests (state, received_at, id, decided_at);"
    "CREATE INDEX requests_run ON requests (run_id) WHERE run_id IS NOT NULL;"

    "CREATE TRIGGER requests_stay BEFORE DELETE ON requests BEGIN"
    " SELECT raise(ABORT, 'requests are never deleted'); END;"
    "CREATE TRIGGER requests_are_who BEFORE UPDATE OF id, channel, ts, corrects ON requests"
    " WHEN (NEW.id, NEW.channel, NEW.ts, NEW.corrects)"
    "  IS NOT (OLD.id, OLD.channel, OLD.ts, OLD.corrects) BEGIN"
    " SELECT raise(ABORT, 'a request keeps its channel, its ts and what it corrects'); END;"
    "CREATE TRIGGER requests_correct BEFORE INSERT ON requests WHEN NEW.corrects IS NOT NULL BEGIN"
    " SELECT raise(ABORT, 'only what was posted can be corrected, in its own thread')"
    "  WHERE NOT EXISTS (SELECT 1 FROM requests o WHERE o.id = NEW.corrects AND o.state = 'posted'"
    "   AND (o.channel, o.ts, o.thread_ts) IS (NEW.channel, NEW.ts, NEW.thread_ts));"
    " SELECT raise(ABORT, 'it was corrected already: the newest correction is the one to correct')"
    "  WHERE EXISTS (SELECT 1 FROM requests o WHERE o.id = NEW.corrects"
    "   AND o.corrected_by IS NOT NULL);"
    " SELECT raise(ABORT, 'a correction of it is open already: finish or reject that one')"
    "  WHERE EXISTS (SELECT 1 FROM requests c WHERE c.corrects = NEW.corrects"
    "   AND c.state NOT IN " WITHDRAWN "); END;"
    "CREATE TRIGGER requests_corrected AFTER UPDATE OF state ON requests"
    " WHEN NEW.corrects IS NOT NULL AND NEW.state = 'posted' AND OLD.state <> 'posted' BEGIN"
    " UPDATE requests SET corrected_by = NEW.id WHERE id = NEW.corrects; END;"

    "CREATE TRIGGER runs_stay BEFORE DELETE ON runs WHEN (OLD.status = 'done' AND OLD.dry = 0)"
    " OR EXISTS (SELECT 1 FROM requests WHERE run_id = OLD.id) BEGIN"
    " SELECT raise(ABORT, 'a run that counts or could count is never deleted'); END;"
    "CREATE TRIGGER posts_need_approval BEFORE INSERT ON posts WHEN NEW.kind = 'result'"
    " AND NOT EXISTS (SELECT 1 FROM requests q JOIN approvals v ON v.run_id = q.run_id"
    "  WHERE q.id = NEW.request_id AND q.run_id = NEW.run_id AND q.state IN ('approved', 'posting')"
    "  AND v.request_id = q.id AND v.voided_at = 0) BEGIN"
    " SELECT raise(ABORT, 'a result is posted only for the run that counts, while it is approved');"
    " END;"

    /* Who decided: who approved the run that counts, or who rejected it. */
    "CREATE TRIGGER decided_by_approval AFTER INSERT ON approvals BEGIN"
    " UPDATE requests SET decided_by = (SELECT group_concat(actor, ', ') FROM (SELECT actor FROM"
    "  approvals WHERE run_id = NEW.run_id AND voided_at = 0 ORDER BY id)) WHERE id = NEW.request_id;"
    " END;"
    "CREATE TRIGGER decided_by_fewer AFTER UPDATE OF voided_at ON approvals BEGIN"
    " UPDATE requests SET decided_by = (SELECT group_concat(actor, ', ') FROM (SELECT actor FROM"
    "  approvals WHERE run_id = NEW.run_id AND voided_at = 0 ORDER BY id))"
    "  WHERE id = NEW.request_id AND state NOT IN " DONE "; END;"
    "CREATE TRIGGER decided_by_event AFTER INSERT ON events WHEN NEW.to_state IN " WITHDRAWN
    " BEGIN UPDATE requests SET decided_by = NEW.actor WHERE id = NEW.request_id; END;"

    /* Counts and sums by state, and by day: of a request that was corrected the correction alone is
     * in the sums; volumes count messages, so no corrections. */
    "DROP TABLE totals;"
    "CREATE TABLE totals ("
    " state TEXT NOT NULL, currency TEXT NOT NULL,"
    " count INTEGER NOT NULL, units INTEGER NOT NULL, micros INTEGER NOT NULL,"
    " PRIMARY KEY (state, currency)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE activity ("
    " day INTEGER NOT NULL, side TEXT NOT NULL CHECK (side IN ('in', 'out')),"
    " state TEXT NOT NULL, currency TEXT NOT NULL,"
    " count INTEGER NOT NULL, units INTEGER NOT NULL, micros INTEGER NOT NULL,"
    " PRIMARY KEY (day, side, state, currency)"
    ") STRICT, WITHOUT ROWID;"
    COUNT_ANEW
    "CREATE TRIGGER counts_added AFTER INSERT ON requests BEGIN" COUNT_ADD("NEW") " END;"
    "CREATE TRIGGER counts_moved AFTER UPDATE OF state, amount, currency, corrected_by, received_at,"
    " state_at, posted_at ON requests WHEN " COUNTED_BY("NEW") " IS NOT " COUNTED_BY("OLD")
    " BEGIN" COUNT_TAKE("OLD") COUNT_ADD("NEW") " END;"

    /* Who looks at a request now. */
    "CREATE TABLE claims ("
    " request_id INTEGER NOT NULL, host TEXT NOT NULL, boot TEXT NOT NULL, pid INTEGER NOT NULL,"
    " start INTEGER NOT NULL, uid INTEGER NOT NULL, actor TEXT, what TEXT,"
    " since INTEGER NOT NULL, heartbeat INTEGER NOT NULL,"
    " PRIMARY KEY (request_id, host, boot, pid, start)"
    ") STRICT, WITHOUT ROWID;"

    SEARCH_TABLES
    SEARCH_FILL;
/* clang-format on */
