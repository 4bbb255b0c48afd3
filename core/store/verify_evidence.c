/* verify_evidence.c: what the runs say against their results, their SQL and the digests that
 * approvals are sealed to; and the messages against what was written down when they were read. */
#include "store/verify.h"

#include <string.h>

#include "base/json.h"
#include "base/money.h"
#include "base/text.h"
#include "store/evidence.h"

#define TELL_EACH 1000

/* -- a run against its JSON result -- */

static gboolean
is_money(const char *text, gint64 amount)
{
    gint64 value = 0;
    return text && money_parse(text, TRUE, &value, NULL) && value == amount;
}

static gboolean
is_interval(const cJSON *result, const Run *run)
{
    const cJSON *interval = cJSON_GetObjectItemCaseSensitive(result, "interval");
    if (!interval)
        return TRUE;
    return is_money(cJSON_GetStringValue(cJSON_GetArrayItem(interval, 0)), run->low) &&
           is_money(cJSON_GetStringValue(cJSON_GetArrayItem(interval, 1)), run->high);
}

/* What the result does not say it does not contradict. */
static gboolean
is_text(const cJSON *result, const char *name, const char *text)
{
    const char *said = json_string(result, name);
    return !said || g_strcmp0(said, text) == 0;
}

static const char *
compare_result(const Run *run)
{
    g_autoptr(cJSON) result = json_parse(run->result, strlen(run->result), "the result", NULL);
    g_autofree char *shown = json_text(result, "amount");
    if (!result)
        return "has a result that is no JSON";
    if (!is_money(shown, run->amount))
        return "has another amount than its result";
    if (g_strcmp0(json_string(result, "currency"), run->currency) != 0)
        return "has another currency than its result";
    if (!is_interval(result, run))
        return "has another interval than its result";
    if (!is_text(result, "customer", run->customer) || !is_text(result, "product", run->product))
        return "names another customer or product than its result";
    return NULL;
}

/* -- a run against its digest -- */

/* A message may be edited after the run, and its link change; then the events know what was there
 * before, unless a version wrote them that did not keep it: that run can't be judged. */
static const char *
compare_digest(Store *store, const Request *request, const Run *run, GError **error)
{
    g_autofree char *digest = evidence_digest(request, run);
    if (g_strcmp0(digest, run->digest) == 0)
        return NULL;
    g_autoptr(GPtrArray) events = store_events(store, run->request_id, 0, 0, error);
    g_autoptr(Request) then = events ? request_copy(request) : NULL;
    if (!then || !evidence_rewind(then, run, events))
        return NULL;
    g_autofree char *before = evidence_digest(then, run);
    return g_strcmp0(before, run->digest) == 0
               ? NULL
               : "is not what its digest was made of: its result, its parameters, or the message "
                 "and the link of its request";
}

static const char *
compare_run(Store *store, const Request *request, const Run *run, GError **error)
{
    const char *wrong = compare_result(run);
    g_autofree char *hash = run->sql ? text_sha256(run->sql, strlen(run->sql)) : NULL;
    if (!wrong && hash && run->sql_sha256 && strcmp(hash, run->sql_sha256) != 0)
        wrong = "has an SQL that is not the one of its SHA-256";
    if (!wrong && !run->dry)
        wrong = compare_digest(store, request, run, error);
    return wrong;
}

#define OF_REQUEST ", q.channel, q.ts, q.corrects, q.link_kind, q.link_ref, t.text"

/* The part of a request that the evidence covers; borrowed from the row. */
static void
read_covered(Statement *row, int at, Request *request)
{
    char **texts[] = {&request->channel,   &request->ts,       NULL,
                      &request->link_kind, &request->link_ref, &request->text};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        if (texts[i])
            *texts[i] = (char *)(gintptr)sql_text(row, at + (int)i);
    request->corrects = sql_int(row, at + 2);
}

static void
check_runs(Store *store, GPtrArray *problems)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(GString) sql = g_string_new("SELECT ");
    g_autoptr(Run) run = run_new();
    table_add_columns(sql, &table_runs);
    g_string_append(sql, OF_REQUEST " FROM runs r JOIN requests q ON q.id = r.request_id"
                                    " LEFT JOIN request_texts t ON t.id = q.id"
                                    " WHERE r.status = 'done' AND r.result IS NOT NULL"
                                    " ORDER BY r.id");
    g_autoptr(Statement) row = sql_prepare(store, sql->str, &failure);
    guint n = 0;
    gint64 done = 0, all = 0;
    sql_query_int(store, &all, NULL, "SELECT max(id) FROM runs", "");
    while (row && !failure && n < PROBLEMS_MAX && sql_step(row, &failure) == STEP_ROW) {
        Request request = {0};
        if (++done % TELL_EACH == 0)
            sql_tell(store, "runs", done, all);
        if (!sql_read_row(row, 0, &table_runs, run, &failure))
            break;
        read_covered(row, table_width(&table_runs), &request);
        const char *wrong = compare_run(store, &request, run, &failure);
        if (wrong) {
            verify_problem(problems,
                           "run %" G_GINT64_FORMAT " (run %" G_GINT64_FORMAT
                           " of request %" G_GINT64_FORMAT ") %s",
                           run->id, run->number, run->request_id, wrong);
            n++;
        }
    }
    verify_failure(problems, "the results of the runs", failure);
}

/* -- messages against what was written down when they were read -- */

static void
check_messages(Store *store, GPtrArray *problems)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(Statement) row = sql_prepare(
        store,
        "SELECT t.id, t.text, (SELECT iif(json_valid(e.detail), json_extract(e.detail,"
        " '$.text_sha256'), NULL) FROM events e WHERE e.request_id = t.id AND e.kind IN"
        " ('found', 'edit', 'link') ORDER BY e.id DESC LIMIT 1) FROM request_texts t ORDER BY t.id",
        &failure);
    guint n = 0;
    while (row && n < PROBLEMS_MAX && sql_step(row, &failure) == STEP_ROW) {
        const char *text = sql_text(row, 1), *said = sql_text(row, 2);
        g_autofree char *hash = text && said ? text_sha256(text, strlen(text)) : NULL;
        if (!said || g_strcmp0(hash, said) == 0)
            continue;
        verify_problem(problems,
                       "the message of request %" G_GINT64_FORMAT
                       " is not the one that was read from Slack",
                       sql_int(row, 0));
        n++;
    }
    verify_failure(problems, "the messages of the requests", failure);
}

void
verify_evidence(Store *store, GPtrArray *problems)
{
    check_runs(store, problems);
    check_messages(store, problems);
}
