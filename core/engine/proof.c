/* proof.c: everything about one request checked anew, a line for each thing that was checked. */
#include "engine/witness.h"

#include <string.h>

#include "base/error.h"
#include "base/money.h"
#include "base/text.h"
#include "engine/post_private.h"
#include "engine/signature.h"
#include "store/events.h"

#define DIGITS 12 /* of a hash, where people read it */

void
proof_line_free(ProofLine *line)
{
    if (!line)
        return;
    g_free(line->about);
    g_free(line->words);
    g_free(line);
}

guint
proof_bad(const GPtrArray *lines)
{
    guint n = 0;

    for (guint i = 0; i < lines->len; i++)
        n += ((const ProofLine *)g_ptr_array_index(lines, i))->mark == PROOF_BAD;
    return n;
}

/* What the checks look at. */
typedef struct {
    Desk *desk;
    Request *request;
    GPtrArray *runs, *approvals, *posts, *events; /* runs and events newest first, others oldest */
    GPtrArray *lines;
} Proof;

static void
proof_clear(Proof *proof)
{
    request_free(proof->request);
    g_clear_pointer(&proof->runs, g_ptr_array_unref);
    g_clear_pointer(&proof->approvals, g_ptr_array_unref);
    g_clear_pointer(&proof->posts, g_ptr_array_unref);
    g_clear_pointer(&proof->events, g_ptr_array_unref);
    g_clear_pointer(&proof->lines, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Proof, proof_clear)

static gboolean
proof_load(Proof *proof, gint64 id, GError **error)
{
    Store *store = proof->desk->store;

    return (proof->request = desk_request(proof->desk, id, error)) &&
           (proof->runs = store_runs(store, id, 0, 0, error)) &&
           (proof->approvals = store_approvals(store, id, error)) &&
           (proof->posts = store_posts(store, id, error)) &&
           (proof->events = store_events(store, id, 0, 0, error));
}

static void G_GNUC_PRINTF(4, 5)
    say(Proof *proof, ProofMark mark, const char *about, const char *format, ...)
{
    ProofLine *line = g_new0(ProofLine, 1);
    va_list values;

    va_start(values, format);
    line->mark = mark;
    line->about = g_strdup(about);
    line->words = g_strdup_vprintf(format, values);
    va_end(values);
    g_ptr_array_add(proof->lines, line);
}

static const Run *
find_run(const Proof *proof, gint64 run_id)
{
    for (guint i = 0; i < proof->runs->len; i++) {
        const Run *run = g_ptr_array_index(proof->runs, i);

        if (run->id == run_id)
            return run;
    }
    return NULL;
}

/* -- runs -- */

static gboolean
recomputes(const Request *request, const Run *run)
{
    g_autofree char *digest = evidence_digest(request, run);

    return g_strcmp0(digest, run->digest) == 0;
}

/* Members of a run, for looking which of them is another one than when the digest was made. */
static const struct {
    const char *words;
    gsize offset;
    gboolean is_number;
} fields[] = {
    {"amount", G_STRUCT_OFFSET(Run, amount), TRUE},
    {"currency", G_STRUCT_OFFSET(Run, currency), FALSE},
    {"result", G_STRUCT_OFFSET(Run, result), FALSE},
    {"number of rows", G_STRUCT_OFFSET(Run, rows), TRUE},
    {"hash of the SQL", G_STRUCT_OFFSET(Run, sql_sha256), FALSE},
    {"parameters", G_STRUCT_OFFSET(Run, parameters), FALSE},
    {"product", G_STRUCT_OFFSET(Run, product), FALSE},
    {"calculator", G_STRUCT_OFFSET(Run, calculator), FALSE},
    {"version of the calculator", G_STRUCT_OFFSET(Run, calculator_version), FALSE},
};

/* The member whose value in other makes the digest right; NULL: it is not one of them alone. */
static const char *
changed_field(const Request *request, const Run *run, const Run *other)
{
    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
        Run tried = *run;
        gsize size = fields[i].is_number ? sizeof(gint64) : sizeof(char *);

        memcpy((char *)&tried + fields[i].offset, (const char *)other + fields[i].offset, size);
        if (recomputes(request, &tried))
            return fields[i].words;
    }
    return NULL;
}

/* What the run's own result and SQL say, where its row may say something else. */
static const char *
changed_by_itself(const Request *request, const Run *run)
{
    g_autoptr(cJSON) json =
        run->result ? json_parse(run->result, strlen(run->result), "the run's result", NULL) : NULL;
    g_autoptr(CalcResult) result = json ? calc_result_from_json(json, NULL) : NULL;
    g_autofree char *sql = run->sql ? text_sha256(run->sql, strlen(run->sql)) : NULL;
    Run told = *run;

    told.sql_sha256 = sql;
    if (result) {
        told.amount = result->amount;
        told.currency = result->currency;
        told.rows = result->rows;
    }
    return changed_field(request, run, &told);
}

/* Slack's message, as it was taken in, has another text than the request. */
static gboolean
text_was_changed(const Request *request, const Run *run)
{
    g_autoptr(cJSON) message = request->message ? cJSON_Parse(request->message) : NULL;
    g_autofree char *text = g_strdup(json_string(message, "text"));
    Request tried = *request;

    tried.text = text;
    return text && recomputes(&tried, run);
}

/* Which part is not what the run was made from, as far as that can be told. */
static char *
what_changed(const Proof *proof, const Request *request, const Run *run)
{
    const char *words = changed_by_itself(request, run);
    gboolean others_match = FALSE;

    if (text_was_changed(request, run))
        return g_strdup_printf(
            "the request's text is not what run %" G_GINT64_FORMAT " was made from", run->number);
    for (guint i = 0; !words && i < proof->runs->len; i++) {
        const Run *other = g_ptr_array_index(proof->runs, i);

        if (other == run || !other->digest)
            continue;
        words = changed_field(request, run, other);
        others_match = others_match || recomputes(request, other);
    }
    if (words)
        return g_strdup_printf("its %s is not what the digest was made from", words);
    return g_strdup(others_match
                        ? "its row was changed: its other runs are as recorded"
                        : "the request's text or link, or the run's row, is not what the digest "
                          "was made from");
}

/* The log's word about the run; NULL: none. Caller frees. */
static cJSON *
event_of_run(const Proof *proof, const Run *run)
{
    for (guint i = 0; i < proof->events->len; i++) {
        const Event *event = g_ptr_array_index(proof->events, i);

        if ((g_strcmp0(event->kind, "run") != 0 && g_strcmp0(event->kind, "override") != 0) ||
            !event->detail)
            continue;
        g_autoptr(cJSON) detail =
            json_parse(event->detail, strlen(event->detail), "an event", NULL);
        if (json_int(detail, "run", 0) == run->number)
            return g_steal_pointer(&detail);
    }
    return NULL;
}

/* The log is chained, so its digest is the one that a changed row cannot follow. */
static gboolean
check_logged(Proof *proof, const char *about, const Run *run)
{
    g_autoptr(cJSON) detail = event_of_run(proof, run);
    const char *digest = json_string(detail, "digest");

    if (!digest || g_strcmp0(digest, run->digest) == 0)
        return TRUE;
    g_autofree char *amount = json_text(detail, "amount");
    say(proof, PROOF_BAD, about,
        "the event log says that it had the digest %.*s (%s %s), but it has %.*s", DIGITS, digest,
        amount ? amount : "?", json_string(detail, "currency"), DIGITS, run->digest);
    return FALSE;
}

static void
check_run(Proof *proof, const Run *run)
{
    g_autofree char *about = g_strdup_printf("run %" G_GINT64_FORMAT, run->number);
    g_autoptr(Request) request = request_copy(proof->request);

    if (!run->digest)
        return;
    gboolean kept = evidence_rewind(request, run, proof->events);
    if (!check_logged(proof, about, run))
        return;
    if (recomputes(request, run)) {
        say(proof, PROOF_GOOD, about, "its evidence has the digest %.*s that was recorded", DIGITS,
            run->digest);
    } else if (!kept) {
        say(proof, PROOF_NOTE, about,
            "the message was edited since, and an older version did not keep what was before: its "
            "evidence cannot be made again");
    } else {
        g_autofree char *words = what_changed(proof, request, run);

        say(proof, PROOF_BAD, about, "%s", words);
    }
}

/* -- approvals -- */

/* The first row with its signature: carried over to a later run, it keeps its text. */
static const Approval *
first_of(const Proof *proof, const Approval *approval)
{
    for (guint i = 0; i < proof->approvals->len; i++) {
        const Approval *other = g_ptr_array_index(proof->approvals, i);

        if (g_strcmp0(other->signature, approval->signature) == 0)
            return other;
    }
    return approval;
}

/* How many approvals were void when it was given: what went void at the very moment is not known
 * to have been so before or after, so it is a range. */
static void
count_void(const Proof *proof, const Approval *given, guint *least, guint *most)
{
    *least = *most = 0;
    for (guint i = 0; i < proof->approvals->len; i++) {
        const Approval *approval = g_ptr_array_index(proof->approvals, i);

        if (approval->id >= given->id || !approval->voided_at)
            continue;
        *least += approval->voided_at < given->at;
        *most += approval->voided_at <= given->at;
    }
}

static gboolean
signature_holds(const Proof *proof, const Approval *approval, char **principal, GError **error)
{
    const Approval *first = first_of(proof, approval);
    const Run *run = find_run(proof, first->run_id);
    guint least, most;

    if (!run) {
        g_set_error(error, CREDITBOT_ERROR, ERR_INPUT, "the run that it was given to is gone");
        return FALSE;
    }
    count_void(proof, first, &least, &most);
    for (guint voided = least; voided <= most; voided++) {
        g_autofree char *text = signature_text_voided(proof->request, run, voided);

        g_clear_error(error);
        if (signature_check(proof->desk->config, text, approval->signature, first->at, principal,
                            error))
            return TRUE;
    }
    return FALSE;
}

static void
check_signature(Proof *proof, const char *about, const Approval *approval)
{
    g_autofree char *principal = NULL;
    g_autoptr(GError) error = NULL;

    if (signature_holds(proof, approval, &principal, &error)) {
        gboolean same = g_strcmp0(principal, approval->principal) == 0;

        say(proof, same ? PROOF_GOOD : PROOF_BAD, about,
            same ? "its signature is that of %s" : "its signature is that of %s, not of %s",
            principal, approval->principal);
    } else if (g_error_matches(error, CREDITBOT_ERROR, ERR_CONFIG) ||
               g_error_matches(error, CREDITBOT_ERROR, ERR_TIMEOUT)) {
        say(proof, PROOF_NOTE, about, "its signature could not be checked: %s", error->message);
    } else {
        say(proof, PROOF_BAD, about,
            "its signature does not hold: %s (of somebody who left, keep the line with "
            "valid-before=)",
            error->message);
    }
}

static void
check_approval(Proof *proof, const Approval *approval)
{
    const Run *run = find_run(proof, approval->run_id);
    g_autofree char *at = time_iso(approval->at, FALSE);
    g_autofree char *about = g_strdup_printf("approval by %s, %s", approval->person, at);

    if (!run)
        say(proof, PROOF_BAD, about, "the run that it was given to is gone");
    else if (g_strcmp0(run->digest, approval->digest) != 0)
        say(proof, PROOF_BAD, about, "it was given to %.*s, but run %" G_GINT64_FORMAT " is %.*s",
            DIGITS, approval->digest, run->number, DIGITS, run->digest ? run->digest : "none");
    else
        say(proof, PROOF_GOOD, about, "it is sealed to run %" G_GINT64_FORMAT "%s%s", run->number,
            approval->voided_at ? "; void: " : "",
            approval->voided_at && approval->voided_why ? approval->voided_why : "");
    if (approval->signature)
        check_signature(proof, about, approval);
}

/* -- posts -- */

/* Given to that digest, and standing when the post was decided. */
static gboolean
stood(const Approval *approval, const Post *post, const Run *run)
{
    return g_strcmp0(approval->digest, run->digest) == 0 && approval->at <= post->created_at &&
           (!approval->voided_at || approval->voided_at > post->created_at);
}

static gboolean
is_in_group(const Approval *approval, const char *group)
{
    g_auto(GStrv) groups = g_strsplit(approval->groups ? approval->groups : "", ";", -1);

    return g_strv_contains((const char *const *)groups, group);
}

/* A group that one of the approvals asked for and none of them is of; NULL: none is missing. */
static const char *
missing_group(const GPtrArray *standing)
{
    for (guint i = 0; i < standing->len; i++) {
        const char *group = ((const Approval *)g_ptr_array_index(standing, i))->need_group;
        gboolean there = !group || !*group;

        for (guint k = 0; !there && k < standing->len; k++)
            there = is_in_group(g_ptr_array_index(standing, k), group);
        if (!there)
            return group;
    }
    return NULL;
}

static void
check_approved(Proof *proof, const char *about, const Post *post, const Run *run)
{
    g_autoptr(GHashTable) persons = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) standing = g_ptr_array_new();
    gint64 need = 1;
    gboolean alone = FALSE;

    for (guint i = 0; i < proof->approvals->len; i++) {
        Approval *approval = g_ptr_array_index(proof->approvals, i);

        if (!stood(approval, post, run) || !approval->person)
            continue;
        g_ptr_array_add(standing, approval);
        g_hash_table_add(persons, approval->person);
        need = MAX(need, approval->need);
        alone = alone || g_strcmp0(approval->method, "break-glass") == 0;
    }
    guint have = g_hash_table_size(persons);
    const char *group = missing_group(standing);
    if (have > 0 && alone)
        say(proof, PROOF_NOTE, about, "approved by breaking the glass, %u of %" G_GINT64_FORMAT,
            have, need);
    else if (have < need)
        say(proof, PROOF_BAD, about, "only %u of %" G_GINT64_FORMAT " approved what it posts", have,
            need);
    else if (group)
        say(proof, PROOF_BAD, about, "nobody of %s approved what it posts", group);
    else
        say(proof, PROOF_GOOD, about, "%u of %" G_GINT64_FORMAT " approved what it posts", have,
            need);
}

static gboolean
text_says(const char *text, gint64 amount, const char *currency)
{
    g_autofree char *exact = money_format(amount), *shown = money_display(amount);
    g_autofree char *a = g_strdup_printf("%s %s", exact, currency);
    g_autofree char *b = g_strdup_printf("%s %s", shown, currency);

    return strstr(text, a) || strstr(text, b);
}

static void
check_text(Proof *proof, const char *about, const Post *post, const Run *run)
{
    g_autofree char *digest = g_strndup(run->digest, 8);
    g_autofree char *amount = money_display_in(run->amount, run->currency);

    if (!text_says(post->text, run->amount, run->currency))
        say(proof, PROOF_BAD, about, "its text does not say the %s of run %" G_GINT64_FORMAT,
            amount, run->number);
    else if (!strstr(post->text, digest))
        say(proof, PROOF_BAD, about,
            "its text does not name the evidence %s of run %" G_GINT64_FORMAT, digest, run->number);
    else
        say(proof, PROOF_GOOD, about, "its text says %s, evidence %s", amount, digest);
}

/* The record of the log that the post carried to Slack, which sealed its words. */
static void
check_witness(Proof *proof, const char *about, const Post *post)
{
    g_autoptr(GError) error = NULL;
    const char *wrong = NULL;

    if (!post_seal_check(proof->desk->store, post, proof->request, &wrong, &error))
        say(proof, PROOF_BAD, about, "its record of the log cannot be read: %s", error->message);
    else if (wrong)
        say(proof, PROOF_BAD, about, "it %s", wrong);
    else if (!post->witness_id)
        say(proof, PROOF_NOTE, about, "it was posted before posts carried a record of the log");
    else
        say(proof, PROOF_GOOD, about,
            "it carries record %" G_GINT64_FORMAT " of the log, %.*s, which sealed its words",
            post->witness_id, DIGITS, post->witness_hash);
}

static void
check_post(Proof *proof, const Post *post)
{
    const Run *run = find_run(proof, post->run_id);
    g_autofree char *about =
        g_strdup_printf("post %s", post->posted_ts ? post->posted_ts : post->status);

    if (g_strcmp0(post->kind, "result") != 0 || g_strcmp0(post->status, "abandoned") == 0 ||
        g_strcmp0(post->status, "refused") == 0)
        return;
    if (!run || !run->digest) {
        say(proof, PROOF_BAD, about, "the run that it posts is gone");
        return;
    }
    check_approved(proof, about, post, run);
    check_text(proof, about, post, run);
    check_witness(proof, about, post);
}

/* -- the request's row and its events -- */

static void
check_state(Proof *proof)
{
    const Request *request = proof->request;
    const char *to = NULL;

    for (guint i = 0; !to && i < proof->events->len; i++)
        to = ((const Event *)g_ptr_array_index(proof->events, i))->to;
    gboolean same = g_strcmp0(to, state_name(request->state)) == 0;
    say(proof, same ? PROOF_GOOD : PROOF_BAD, "state",
        same ? "it is %s, as its last event says" : "it is %s, but its last event says %s",
        state_name(request->state), to ? to : "nothing");
}

static void
check_events(Proof *proof)
{
    guint links = 0;

    for (guint i = proof->events->len; i > 0; i--) {
        const Event *event = g_ptr_array_index(proof->events, i - 1);
        g_autofree char *about = g_strdup_printf("event %" G_GINT64_FORMAT, event->id);
        g_autoptr(GError) error = NULL;
        g_autofree char *previous = event->id > 1
                                        ? witness_hash_at(proof->desk->store, event->id - 1, &error)
                                        : g_strdup("");

        if (error) {
            say(proof, PROOF_BAD, about, "the event before it is not there: %s", error->message);
            continue;
        }
        g_autofree char *hash = event_hash(previous, event);
        if (g_strcmp0(hash, event->hash) == 0)
            links++;
        else
            say(proof, PROOF_BAD, about, "it was changed: its hash is not that of what it says");
    }
    say(proof, links == proof->events->len ? PROOF_GOOD : PROOF_NOTE, "events",
        "%u of %u are links of the chain; creditbot state verify proves all of it", links,
        proof->events->len);
}

gboolean
desk_verify_request(Desk *desk, gint64 id, GPtrArray **lines, GError **error)
{
    g_auto(Proof) proof = {.desk = desk};

    if (!proof_load(&proof, id, error))
        return FALSE;
    proof.lines = g_ptr_array_new_with_free_func((GDestroyNotify)proof_line_free);
    for (guint i = proof.runs->len; i > 0; i--)
        check_run(&proof, g_ptr_array_index(proof.runs, i - 1));
    for (guint i = 0; i < proof.approvals->len; i++)
        check_approval(&proof, g_ptr_array_index(proof.approvals, i));
    for (guint i = 0; i < proof.posts->len; i++)
        check_post(&proof, g_ptr_array_index(proof.posts, i));
    check_state(&proof);
    check_events(&proof);
    *lines = g_steal_pointer(&proof.lines);
    return TRUE;
}
