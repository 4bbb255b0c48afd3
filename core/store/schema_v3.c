/* schema_v3.c: the step from version 2 to 3: who exactly approved, and what that had to suffice;
 * the witness of a post; reviews of what was done by breaking the glass.
 *
 * The table of approvals is made anew, since its new columns are not to be NULL. The rule of two
 * persons stands in a trigger of the posts, as the last one who says no; who set an amount by hand
 * stands in the JSON of a run's parameters, which two functions read (SQLite's own may not be used
 * by a schema that is not trusted). Another program that inserts a post lacks them, and is refused.
 */
#include "store/schema.h"

#include "base/json.h"

#include <string.h>

#define SHA256(c) "(" c " IS NULL OR (length(" c ") = 64 AND " c " NOT GLOB '*[^0-9a-f]*'))"

/* Of version 2, in its order. */
#define COLUMNS_2                                                                                  \
    "id, request_id, run_id, digest, uid, actor, reason, at, hold_until, expires_at, voided_at, "  \
    "voided_why"

/* What is written once; the rest of an approval says how it went void. */
#define FIXED(r)                                                                                   \
    "(" r ".id, " r ".request_id, " r ".run_id, " r ".digest, " r ".uid, " r ".actor, " r          \
    ".reason, " r ".at, " r ".expires_at, " r ".person, " r ".method, " r ".principal, " r         \
    ".signature, " r ".slack, " r ".self, " r ".need, " r ".need_group, " r ".groups)"

/* Valid at the moment of the post that is inserted. */
#define VALID(v)                                                                                   \
    v ".run_id = NEW.run_id AND " v ".request_id = NEW.request_id AND " v ".voided_at = 0 AND (" v \
      ".expires_at = 0 OR " v ".expires_at > NEW.created_at)"
#define NO_GLASS_BROKEN                                                                            \
    "NOT EXISTS (SELECT 1 FROM approvals b WHERE " VALID("b") " AND b.method = 'break-glass')"

/* clang-format off */
const char schema_version_3[] =
    "DROP TRIGGER posts_need_approval; DROP TRIGGER posts_stay_same;"
    "CREATE TABLE approvals_3 ("
    " id INTEGER PRIMARY KEY,"
    " request_id INTEGER NOT NULL REFERENCES requests (id),"
    " run_id INTEGER NOT NULL REFERENCES runs (id),"
    " digest TEXT NOT NULL CHECK " SHA256("digest") ","
    " uid INTEGER NOT NULL, actor TEXT, reason TEXT,"
    " at INTEGER NOT NULL, hold_until INTEGER NOT NULL, expires_at INTEGER NOT NULL,"
    " voided_at INTEGER NOT NULL, voided_why TEXT,"
    " person TEXT NOT NULL CHECK (person <> ''),"
    " method TEXT NOT NULL CHECK (method IN ('login', 'auto', 'signature', 'break-glass')),"
    " principal TEXT, signature TEXT, slack TEXT,"
    " self INTEGER NOT NULL CHECK (self IN (0, 1)),"
    " need INTEGER NOT NULL CHECK (need > 0),"
    " need_group TEXT CHECK (need_group IS NULL OR need_group <> ''), groups TEXT,"
    " CHECK ((uid = -1) = (method = 'auto')),"
    " CHECK (method <> 'signature' OR (principal IS NOT NULL AND signature IS NOT NULL)),"
    " CHECK (method <> 'break-glass' OR (reason IS NOT NULL AND reason <> ''))"
    ") STRICT;"
    "INSERT INTO approvals_3 (" COLUMNS_2 ", person, method, self, need)"
    " SELECT " COLUMNS_2 ", CASE WHEN v.uid = -1 THEN 'auto'"
    "  WHEN ifnull(v.actor, '') = '' THEN 'uid ' || v.uid"
    /* one name for two users of one run: they were two persons, and stay so */
    "  WHEN EXISTS (SELECT 1 FROM approvals w WHERE w.run_id = v.run_id AND w.actor = v.actor"
    "   AND w.id < v.id AND w.uid <> v.uid) THEN v.actor || ' (uid ' || v.uid || ')'"
    "  ELSE v.actor END, iif(v.uid = -1, 'auto', 'login'), 1, 1 FROM approvals v ORDER BY v.id;"
    "DROP TABLE approvals;"
    "ALTER TABLE approvals_3 RENAME TO approvals;"
    SCHEMA_NEED
    "CREATE INDEX approvals_of_request ON approvals (request_id, id);"
    "CREATE INDEX approvals_of_run ON approvals (run_id);"
    "CREATE INDEX approvals_at ON approvals (at);"
    "CREATE INDEX approvals_glass ON approvals (id) WHERE method = 'break-glass';"
    "CREATE UNIQUE INDEX approvals_one_a_person ON approvals (run_id, person)"
    " WHERE voided_at = 0;"
    "CREATE UNIQUE INDEX approvals_one_a_uid ON approvals (run_id, uid)"
    " WHERE voided_at = 0 AND uid >= 0;"
    "CREATE TRIGGER approvals_name_evidence BEFORE INSERT ON approvals"
    " WHEN NOT EXISTS (SELECT 1 FROM runs WHERE id = NEW.run_id AND request_id = NEW.request_id"
    "  AND digest = NEW.digest AND status = 'done' AND dry = 0) BEGIN"
    " SELECT raise(ABORT, 'the approval does not name a finished run of the request by its digest');"
    " END;"
    "CREATE TRIGGER approvals_stay_same BEFORE UPDATE ON approvals"
    " WHEN OLD.voided_at <> 0 OR " FIXED("NEW") " IS NOT " FIXED("OLD") " BEGIN"
    " SELECT raise(ABORT, 'an approval can only be voided, once'); END;"
    "CREATE TRIGGER approvals_stay BEFORE DELETE ON approvals BEGIN"
    " SELECT raise(ABORT, 'approvals are never deleted'); END;"
    "CREATE TRIGGER decided_by_approval AFTER INSERT ON approvals BEGIN"
    " UPDATE requests SET decided_by = (SELECT group_concat(actor, ', ') FROM (SELECT actor FROM"
    "  approvals WHERE run_id = NEW.run_id AND voided_at = 0 ORDER BY id)) WHERE id = NEW.request_id;"
    " END;"
    "CREATE TRIGGER decided_by_fewer AFTER UPDATE OF voided_at ON approvals BEGIN"
    " UPDATE requests SET decided_by = (SELECT group_concat(actor, ', ') FROM (SELECT actor FROM"
    "  approvals WHERE run_id = NEW.run_id AND voided_at = 0 ORDER BY id))"
    "  WHERE id = NEW.request_id AND state NOT IN ('posted','rejected','ignored'); END;"

    /* The head of the chain of events when the post was decided. */
    "ALTER TABLE posts ADD COLUMN witness_id INTEGER;"
    "ALTER TABLE posts ADD COLUMN witness_hash TEXT CHECK ((witness_id IS NULL) = "
    "(witness_hash IS NULL) AND " SHA256("witness_hash") ");"
    "CREATE TRIGGER posts_stay_same BEFORE UPDATE ON posts WHEN (NEW.id, NEW.request_id, NEW.run_id,"
    "  NEW.kind, NEW.nonce, NEW.text, NEW.blocks, NEW.created_at, NEW.witness_id, NEW.witness_hash)"
    "  IS NOT (OLD.id, OLD.request_id, OLD.run_id, OLD.kind, OLD.nonce, OLD.text, OLD.blocks,"
    "  OLD.created_at, OLD.witness_id, OLD.witness_hash) BEGIN"
    " SELECT raise(ABORT, 'what is posted is never changed'); END;"
    "CREATE TRIGGER posts_testify BEFORE INSERT ON posts WHEN NEW.witness_id IS NOT NULL"
    " AND (NEW.witness_id, NEW.witness_hash) IS NOT (SELECT id, hash FROM events_head) BEGIN"
    " SELECT raise(ABORT, 'a post names the head of the event log as it stands'); END;"

    "CREATE TRIGGER posts_need_approval BEFORE INSERT ON posts WHEN NEW.kind = 'result' BEGIN"
    " SELECT raise(ABORT, 'a result is posted only for the run that counts, while it is approved')"
    "  WHERE NOT EXISTS (SELECT 1 FROM requests q JOIN approvals v ON v.run_id = q.run_id"
    "   WHERE q.id = NEW.request_id AND q.run_id = NEW.run_id"
    "   AND q.state IN ('approved', 'posting') AND " VALID("v") ");"
    " SELECT raise(ABORT, 'fewer persons approved the result than were asked for')"
    "  WHERE " NO_GLASS_BROKEN " AND (SELECT count(DISTINCT v.person) < max(v.need)"
    "   FROM approvals v WHERE " VALID("v") ");"
    " SELECT raise(ABORT, 'nobody of the group that must approve the result did')"
    "  WHERE " NO_GLASS_BROKEN " AND EXISTS (SELECT 1 FROM approvals v WHERE " VALID("v")
    "   AND v.need_group IS NOT NULL AND NOT EXISTS (SELECT 1 FROM approvals w WHERE " VALID("w")
    "    AND instr(';' || w.groups || ';', ';' || v.need_group || ';') > 0));"
    " SELECT raise(ABORT, 'who set the amount by hand cannot approve it')"
    "  FROM approvals v JOIN runs n ON n.id = v.run_id WHERE " VALID("v")
    "   AND (set_by(n.parameters) IN (v.person, v.actor)"
    "    OR (v.uid >= 0 AND set_by_uid(n.parameters) = v.uid));"
    " SELECT raise(ABORT, 'who asked for the credit cannot approve it')"
    "  FROM approvals v JOIN requests q ON q.id = v.request_id WHERE " VALID("v")
    "   AND v.self = 0 AND v.slack = q.requester;"
    " END;"

    /* Looked at afterwards, by another person. */
    "CREATE TABLE reviews ("
    " id INTEGER PRIMARY KEY,"
    " approval_id INTEGER NOT NULL UNIQUE REFERENCES approvals (id),"
    " at INTEGER NOT NULL, uid INTEGER NOT NULL, actor TEXT NOT NULL CHECK (actor <> ''),"
    " word TEXT NOT NULL CHECK (word <> '')"
    ") STRICT;"
    "CREATE TRIGGER reviews_of_glass BEFORE INSERT ON reviews BEGIN"
    " SELECT raise(ABORT, 'only an approval that broke the glass is reviewed') WHERE NOT EXISTS"
    "  (SELECT 1 FROM approvals v WHERE v.id = NEW.approval_id AND v.method = 'break-glass');"
    " SELECT raise(ABORT, 'another person than the one who approved reviews it')"
    "  FROM approvals v WHERE v.id = NEW.approval_id AND (v.person = NEW.actor"
    "   OR v.actor = NEW.actor OR v.uid = NEW.uid);"
    " END;"
    "CREATE TRIGGER reviews_stay_same BEFORE UPDATE ON reviews BEGIN"
    " SELECT raise(ABORT, 'reviews are never changed'); END;"
    "CREATE TRIGGER reviews_stay BEFORE DELETE ON reviews BEGIN"
    " SELECT raise(ABORT, 'reviews are never deleted'); END;";
/* clang-format on */

/* Who set the amount by hand, in the parameters of a run. What can't be read is no answer. */
static const cJSON *
override_of(sqlite3_value *value, cJSON **root, const char **failure)
{
    const char *text = (const char *)sqlite3_value_text(value);
    *root = text ? json_parse(text, strlen(text), "the parameters", NULL) : NULL;
    if (text && !*root)
        *failure = "the parameters of the run are no JSON";
    return json_object(*root, "override");
}

static void
set_by(sqlite3_context *context, int n G_GNUC_UNUSED, sqlite3_value **values)
{
    g_autoptr(cJSON) root = NULL;
    const char *failure = NULL;
    const char *by = json_string(override_of(values[0], &root, &failure), "by");
    if (failure)
        sqlite3_result_error(context, failure, -1);
    else if (by)
        sqlite3_result_text(context, by, -1, SQLITE_TRANSIENT);
}

static void
set_by_uid(sqlite3_context *context, int n G_GNUC_UNUSED, sqlite3_value **values)
{
    g_autoptr(cJSON) root = NULL;
    const char *failure = NULL;
    const cJSON *override = override_of(values[0], &root, &failure);
    if (failure)
        sqlite3_result_error(context, failure, -1);
    else if (override)
        sqlite3_result_int64(context, json_int(override, "uid", -1));
}

void
schema_register(Store *store)
{
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    sqlite3_create_function_v2(store->db, "set_by", 1, flags, NULL, set_by, NULL, NULL, NULL);
    sqlite3_create_function_v2(store->db, "set_by_uid", 1, flags, NULL, set_by_uid, NULL, NULL,
                               NULL);
}
