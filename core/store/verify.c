/* verify.c: whether the state is whole: pages, keys, the chain of events, and money against its
 * evidence. Every problem is one sentence that names the first row. */
#include "store/verify.h"

#include <stdarg.h>
#include <string.h>

#include "base/query.h"
#include "base/text.h"
#include "store/counts.h"
#include "store/events.h"
#include "store/search.h"

void
verify_problem(GPtrArray *problems, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    g_ptr_array_add(problems, g_strdup_vprintf(format, values));
    va_end(values);
}

/* A check that damage keeps from running is itself a finding. */
void
verify_failure(GPtrArray *problems, const char *what, const GError *failure)
{
    if (failure)
        verify_problem(problems, "%s could not be checked: %s", what, failure->message);
}

/* -- pages and keys -- */

static void
check_pages(Store *store, GPtrArray *problems)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(Statement) row = sql_prepare(store, "PRAGMA integrity_check(20)", &failure);
    while (row && sql_step(row, &failure) == STEP_ROW) {
        const char *text = sql_text(row, 0);
        if (g_strcmp0(text, "ok") != 0)
            verify_problem(problems, "the file is damaged: %s", text ? text : "unknown");
    }
    verify_failure(problems, "the pages of the file", failure);
}

static void
check_keys(Store *store, GPtrArray *problems)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(Statement) row = sql_prepare(store, "PRAGMA foreign_key_check", &failure);
    guint n = 0;
    while (row && sql_step(row, &failure) == STEP_ROW && n++ < PROBLEMS_MAX)
        verify_problem(problems,
                       "row %" G_GINT64_FORMAT " of %s belongs to a row of %s that is not there",
                       sql_int(row, 1), sql_text(row, 0), sql_text(row, 2));
    verify_failure(problems, "what belongs together", failure);
}

/* -- the chain -- */

#define TELL_EACH 10000

typedef struct {
    gint64 last;
    char *hash;
} Chain;

/* FALSE when the chain is broken here; what follows can't be judged. */
static gboolean
check_link(Chain *chain, const Event *event, GPtrArray *problems)
{
    if (event->id != chain->last + 1) {
        verify_problem(problems,
                       "the event log is broken at event %" G_GINT64_FORMAT
                       ": it is missing, the next one "
                       "is event %" G_GINT64_FORMAT,
                       chain->last + 1, event->id);
        return FALSE;
    }
    g_autofree char *hash = event_hash(chain->hash, event);
    if (g_strcmp0(hash, event->hash) != 0) {
        g_autofree char *at = time_iso(event->at, FALSE);
        verify_problem(problems,
                       "the event log is broken at event %" G_GINT64_FORMAT " (%s, %s, request "
                       "%" G_GINT64_FORMAT "): it was changed after it was written",
                       event->id, at, event->kind ? event->kind : "?", event->request_id);
        return FALSE;
    }
    g_free(chain->hash);
    chain->hash = g_steal_pointer(&hash);
    chain->last = event->id;
    return TRUE;
}

static void
check_head(Store *store, const Chain *chain, GPtrArray *problems)
{
    gint64 id = -1;
    g_autoptr(GError) failure = NULL;
    g_autofree char *hash = store_events_head(store, &id, &failure);
    verify_failure(problems, "the head of the event log", failure);
    if (failure)
        return;
    if (id > chain->last)
        verify_problem(problems,
                       "the event log is broken at event %" G_GINT64_FORMAT
                       ": it and all later ones up to "
                       "%" G_GINT64_FORMAT " are missing",
                       chain->last + 1, id);
    else if (id != chain->last || g_strcmp0(hash, chain->hash) != 0)
        verify_problem(problems,
                       "the event log is broken at event %" G_GINT64_FORMAT
                       ": the recorded head of the log "
                       "is not its last event",
                       chain->last);
}

typedef struct {
    Store *store;
    Chain chain;
    gint64 all;
    gboolean whole;
    GPtrArray *problems;
} ChainWalk;

static gboolean
walk_chain(const Event *event, void *data)
{
    ChainWalk *walk = data;
    walk->whole = check_link(&walk->chain, event, walk->problems);
    if (event->id % TELL_EACH == 0)
        sql_tell(walk->store, "events", event->id, walk->all);
    return walk->whole;
}

static void
check_chain(Store *store, GPtrArray *problems)
{
    g_autoptr(GError) failure = NULL;
    ChainWalk walk = {
        .store = store, .chain = {0, g_strdup("")}, .whole = TRUE, .problems = problems};
    g_free(store_events_head(store, &walk.all, NULL));
    store_events_each(store, walk_chain, &walk, &failure);
    verify_failure(problems, "the event log", failure);
    if (!failure && walk.whole)
        check_head(store, &walk.chain, problems);
    g_free(walk.chain.hash);
}

/* -- money against its evidence -- */

typedef struct {
    const char *sentence; /* with one %s for the ids */
    const char *sql; /* gives the ids, at most PROBLEMS_MAX + 1 are read; ?1: the present time */
} Rule;

#define LIVE_RESULT "p.kind = 'result' AND p.status NOT IN ('refused', 'abandoned') "
/* Valid when the post was decided; nothing is voided by a post. */
#define THEN(v)                                                                                    \
    v ".run_id = p.run_id AND (" v ".voided_at = 0 OR " v ".voided_at > p.created_at) AND (" v     \
      ".expires_at = 0 OR " v ".expires_at > p.created_at)"
#define GLASS "EXISTS (SELECT 1 FROM approvals b WHERE " THEN("b") " AND b.method = 'break-glass')"

/* Readers of C end a text there, those of SQL do not: no writer makes one. */
#define NUL(table, text)                                                                           \
    {                                                                                              \
        "row %s of " table " hides something behind a NUL byte",                                   \
            "SELECT id FROM " table " WHERE instr(" text ", char(0)) > 0"                          \
    }
#define OR_NONE(c) "ifnull(" c ", '')"

static const Rule rules[] = {
    NUL("events", OR_NONE("actor") " || kind || " OR_NONE("detail")),
    NUL("approvals", OR_NONE("actor") " || person || " OR_NONE("reason") " || " OR_NONE("groups")),
    NUL("runs", OR_NONE("parameters") " || " OR_NONE("unusual") " || " OR_NONE("result")),
    NUL("posts", "nonce || text || " OR_NONE("blocks")),
    {"request %s is in an unknown state",
     "SELECT id FROM requests WHERE state NOT IN "
     "('new','resolved','calculating','pending','approved',"
     "'posting','posted','unconfirmed','rejected','ignored','needs_link','failed','dead')"},
    {"request %s has lost its texts",
     "SELECT id FROM requests WHERE id NOT IN (SELECT id FROM request_texts)"},
    {"request %s is posted, but has not exactly one posted result",
     "SELECT id FROM requests q WHERE state = 'posted' AND (SELECT count(*) FROM posts p WHERE "
     "p.request_id = q.id AND p.kind = 'result' AND p.status = 'posted') <> 1"},
    {"request %s has a posted result, but is not posted",
     "SELECT q.id FROM posts p JOIN requests q ON q.id = p.request_id WHERE p.kind = 'result' AND "
     "p.status = 'posted' AND q.state NOT IN ('posted', 'posting', 'unconfirmed')"},
    {"request %s has several live posts of one kind",
     "SELECT request_id FROM posts WHERE status NOT IN ('refused', 'abandoned') GROUP BY "
     "request_id, "
     "kind HAVING count(*) > 1"},
    {"request %s is being posted, but no post of its result is recorded",
     "SELECT id FROM requests q WHERE state IN ('posting', 'unconfirmed') AND NOT EXISTS (SELECT 1 "
     "FROM posts p "
     "WHERE "
     "p.request_id = q.id AND p.kind = 'result' AND p.status NOT IN ('refused', 'abandoned'))"},
    {"request %s has been in posting for more than a day: run a pass, which reads the thread back",
     "SELECT id FROM requests WHERE state = 'posting' AND state_at > 0 AND state_at < ?1 - "
     "86400000000"},
    {"post %s is a result of another run than the one that counts",
     "SELECT p.id FROM posts p JOIN requests q ON q.id = p.request_id WHERE p.kind = 'result' AND "
     "p.status IN ('posted', 'sending', 'unclear', 'unconfirmed') AND p.run_id IS NOT q.run_id"},
    {"post %s is a result that nobody approved by the digest of its run",
     "SELECT p.id FROM posts p WHERE p.kind = 'result' AND NOT EXISTS (SELECT 1 FROM approvals v "
     "JOIN "
     "runs n ON n.id = v.run_id WHERE v.run_id = p.run_id AND v.digest = n.digest)"},
    {"request %s is not being posted, but a post of its result is under way",
     "SELECT q.id FROM posts p JOIN requests q ON q.id = p.request_id WHERE p.kind = 'result' AND "
     "p.status IN ('intent', 'sending', 'unclear', 'unconfirmed') AND q.state NOT IN ('posting', "
     "'unconfirmed')"},
    {"post %s is a result that fewer persons approved than were asked for",
     "SELECT p.id FROM posts p WHERE " LIVE_RESULT "AND NOT " GLASS " AND (SELECT count(DISTINCT "
     "v.person) < ifnull(max(v.need), 1) FROM approvals v WHERE " THEN("v") ")"},
    {"post %s is a result that nobody of the group that must approve it did",
     "SELECT p.id FROM posts p WHERE " LIVE_RESULT "AND NOT " GLASS " AND EXISTS (SELECT 1 FROM "
     "approvals v WHERE " THEN(
         "v") " AND v.need_group IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "
              "approvals w WHERE " THEN(
                  "w") " AND instr(';' || w.groups || ';', ';' || v.need_group || "
                       "';') > 0))"},
    {"post %s is a result approved by the one who set its amount by hand",
     "SELECT p.id FROM posts p JOIN runs n ON n.id = p.run_id JOIN approvals v ON v.run_id = n.id "
     "WHERE " LIVE_RESULT "AND " THEN("v") " AND n.parameters LIKE '%\"override\"%' AND "
                                           "(set_by(n.parameters) IN (v.person, v.actor) OR (v.uid "
                                           ">= 0 AND set_by_uid(n.parameters) = "
                                           "v.uid))"},
    {"post %s is a result approved by the one who asked for it",
     "SELECT p.id FROM posts p JOIN requests q ON q.id = p.request_id JOIN approvals v ON v.run_id "
     "= p.run_id WHERE " LIVE_RESULT "AND " THEN("v") " AND v.self = 0 AND v.slack = q.requester"},
    {"post %s has a witness that is no link of the event log",
     "SELECT p.id FROM posts p WHERE p.witness_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM events "
     "e WHERE e.id = p.witness_id AND e.hash = p.witness_hash)"},
    {"approval %s is valid, but of another run than the one that counts",
     "SELECT v.id FROM approvals v JOIN requests q ON q.id = v.request_id WHERE v.voided_at = 0 "
     "AND q.state IN ('pending', 'approved', 'posting', 'unconfirmed', 'posted') AND v.run_id IS "
     "NOT q.run_id"},
    {"request %s is approved, but no approval of its run is valid",
     "SELECT q.id FROM requests q WHERE q.state IN ('approved', 'posting') AND NOT EXISTS (SELECT "
     "1 FROM approvals v WHERE v.run_id = q.run_id AND v.voided_at = 0)"},
    {"request %s answers in another thread than the one of its message",
     "SELECT id FROM requests WHERE thread_ts IS NOT ts"},
    {"approval %s was reviewed by the one who gave it, or did not break the glass",
     "SELECT v.id FROM reviews w JOIN approvals v ON v.id = w.approval_id WHERE v.method <> "
     "'break-glass' OR w.uid = v.uid OR w.actor IN (v.person, v.actor)"},
    {"approval %s does not carry the digest of the run that it names",
     "SELECT v.id FROM approvals v LEFT JOIN runs n ON n.id = v.run_id WHERE n.digest IS NOT "
     "v.digest "
     "OR n.request_id IS NOT v.request_id"},
    {"request %s shows another amount than its run",
     "SELECT q.id FROM requests q LEFT JOIN runs n ON n.id = q.run_id WHERE "
     "(q.amount, q.low, q.high, q.currency) IS NOT (iif(n.status = 'done', n.amount, NULL), "
     "iif(n.status = 'done', n.low, NULL), iif(n.status = 'done', n.high, NULL), "
     "iif(n.status = 'done', n.currency, NULL)) OR q.run_number IS NOT n.number"},
    {"request %s counts a run of another request, or a dry one",
     "SELECT q.id FROM requests q JOIN runs n ON n.id = q.run_id WHERE n.request_id <> q.id OR "
     "n.dry"},
    {"run %s has no digest or no result", "SELECT id FROM runs WHERE status = 'done' AND dry = 0 "
                                          "AND (digest IS NULL OR result IS NULL)"},
    {"request %s is in another state than the last event about it says",
     "SELECT q.id FROM requests q JOIN events e ON e.id = (SELECT max(x.id) FROM events x WHERE "
     "x.request_id = q.id AND x.to_state IS NOT NULL) WHERE e.to_state <> q.state"},
    {"request %s is not named by the posted correction that it names, or the other way round",
     "SELECT q.id FROM requests q JOIN requests o ON o.id = q.corrects WHERE q.state = 'posted' "
     "AND o.corrected_by IS NOT q.id UNION SELECT o.id FROM requests o LEFT JOIN requests q ON "
     "q.id = o.corrected_by WHERE o.corrected_by IS NOT NULL AND (q.corrects IS NOT o.id OR "
     "q.state <> 'posted')"},
    {"request %s corrects what was not posted, or in another thread",
     "SELECT q.id FROM requests q JOIN requests o ON o.id = q.corrects WHERE o.state <> 'posted' "
     "OR (q.channel, q.ts) IS NOT (o.channel, o.ts)"},
    {"the counts kept for the state %s are wrong",
     "SELECT state FROM (" COUNT_TOTALS " EXCEPT SELECT * FROM totals) UNION SELECT state FROM "
     "(SELECT * FROM totals WHERE count <> 0 EXCEPT " COUNT_TOTALS ")"},
    {"the counts kept for day %s (since 1970) are wrong",
     "SELECT day FROM (SELECT * FROM (" COUNT_ACTIVITY ") WHERE (count, units, micros) <> "
     "(0, 0, 0) EXCEPT SELECT * FROM activity) UNION SELECT day FROM (SELECT * FROM activity WHERE "
     "(count, units, micros) <> (0, 0, 0) EXCEPT SELECT * FROM (" COUNT_ACTIVITY "))"},
};

static void
check_rule(Store *store, const Rule *rule, GPtrArray *problems)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(GString) ids = g_string_new(NULL);
    g_autoptr(Statement) row = sql_prepare(store, rule->sql, &failure);
    guint n = 0;
    if (row && sqlite3_bind_parameter_count(sql_raw(row)) > 0)
        sql_bind_int(row, 1, sql_now(store));
    while (row && sql_step(row, &failure) == STEP_ROW) {
        if (n++ == PROBLEMS_MAX) {
            g_string_append(ids, " and more");
            break;
        }
        g_string_append_printf(ids, "%s%s", n > 1 ? ", " : "", sql_text(row, 0));
    }
    verify_failure(problems, "a rule of the state", failure);
    if (n == 0)
        return;
    g_auto(GStrv) parts = g_strsplit(rule->sentence, "%s", 2);
    verify_problem(problems, "%s%s%s", parts[0], ids->str, parts[1]);
}

/* The newest requests and a sample of the others are found by their first words: what the search
 * index lacks would be missed by filters, silently. */
static void
check_search(Store *store, GPtrArray *problems)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(Statement) row = sql_prepare(
        store,
        "SELECT id, substr(text, 1, 12) FROM request_texts WHERE length(text) > 12 AND (id % 997 = "
        "0 OR id > (SELECT max(id) FROM request_texts) - 200)",
        &failure);
    guint n = 0;
    while (row && n < PROBLEMS_MAX && sql_step(row, &failure) == STEP_ROW) {
        g_autofree char *folded = query_fold(sql_text(row, 1));
        g_autofree char *match = search_match(folded);
        gint64 found = match ? 0 : 1;
        if (match && !sql_query_int(store, &found, &failure,
                                    "SELECT count(*) FROM search WHERE search MATCH ?1 AND rowid = "
                                    "4 * ?2 + 1",
                                    "si", match, sql_int(row, 0)))
            break;
        if (!found) {
            verify_problem(problems,
                           "the search index lacks request %" G_GINT64_FORMAT
                           ": `creditbot state export` and `import` into a new state make it anew",
                           sql_int(row, 0));
            n++;
        }
    }
    verify_failure(problems, "the search index", failure);
}

void
verify_state(Store *store, GPtrArray *problems)
{
    check_pages(store, problems);
    check_keys(store, problems);
    check_chain(store, problems);
    for (gsize i = 0; i < G_N_ELEMENTS(rules); i++) {
        sql_tell(store, "rules", (gint64)i, G_N_ELEMENTS(rules));
        check_rule(store, &rules[i], problems);
    }
    verify_evidence(store, problems);
    check_search(store, problems);
    verify_schema(store, problems);
}

static gboolean
verify_snapshot(Store *store, void *data, GError **error G_GNUC_UNUSED)
{
    verify_state(store, data);
    return TRUE;
}

gboolean
store_verify(Store *store, GPtrArray **problems, GError **error)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    if (!store_snapshot(store, verify_snapshot, found, error))
        return FALSE;
    *problems = g_steal_pointer(&found);
    return TRUE;
}
