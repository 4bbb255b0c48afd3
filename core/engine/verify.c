/* verify.c: the proof of the whole state: what the store finds, every change of state by the table
 * of states, runs, approvals and reviews against the events that tell of them, every result against
 * the words that were decided. */
#include "engine/post_private.h"

#include <string.h>

#include "engine/person.h"

#define FINDINGS_MAX 20 /* of one kind */
#define TELL_EACH    1000

typedef struct {
    Store *store;
    GPtrArray *problems; /* char * */
    guint found;         /* of this kind */
    GHashTable *states;  /* request id → its state by the events so far, + 1 */
    gint64 done, all;
    const DeskVerify *options;
    GError *error;
} Proof;

static void G_GNUC_PRINTF(2, 3) find(Proof *proof, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    g_ptr_array_add(proof->problems, g_strdup_vprintf(format, values));
    va_end(values);
    proof->found++;
}

static void
tell(Proof *proof, const char *what)
{
    if (++proof->done % TELL_EACH == 0 && proof->options && proof->options->tell)
        proof->options->tell(what, proof->done, proof->all, proof->options->data);
}

/* -- the changes of state, in their order -- */

/* Where the events left the request; FALSE: nothing was said of it yet. */
static gboolean
state_before(const Proof *proof, gint64 id, RequestState *state)
{
    gpointer value = g_hash_table_lookup(proof->states, &id);

    if (value)
        *state = (RequestState)(GPOINTER_TO_INT(value) - 1);
    return value != NULL;
}

static void
judge_change(Proof *proof, const Event *event)
{
    RequestState from = STATE_NEW, to = STATE_NEW, before = STATE_NEW;
    gboolean known = state_before(proof, event->request_id, &before);

    if (!state_parse(event->to, &to) || (event->from && !state_parse(event->from, &from)))
        find(proof, "event %" G_GINT64_FORMAT " names an unknown state", event->id);
    else if (!event->from && known)
        find(proof, "event %" G_GINT64_FORMAT " begins request %" G_GINT64_FORMAT " a second time",
             event->id, event->request_id);
    else if (event->from && known && from != before)
        find(proof,
             "event %" G_GINT64_FORMAT " takes request %" G_GINT64_FORMAT
             " from %s, but the events before it left it %s",
             event->id, event->request_id, event->from, state_name(before));
    else if (event->from && !state_change_legal(from, to))
        find(proof,
             "event %" G_GINT64_FORMAT " takes request %" G_GINT64_FORMAT
             " from %s to %s, which is no legal change",
             event->id, event->request_id, event->from, event->to);
    g_hash_table_replace(proof->states, g_memdup2(&event->request_id, sizeof event->request_id),
                         GINT_TO_POINTER((int)to + 1));
}

static gboolean
judge_event(const Event *event, void *data)
{
    Proof *proof = data;

    tell(proof, "changes of state");
    if (event->to && event->request_id)
        judge_change(proof, event);
    return proof->found < FINDINGS_MAX;
}

static gboolean
prove_changes(Proof *proof, GError **error)
{
    proof->found = 0;
    proof->done = 0;
    g_free(store_events_head(proof->store, &proof->all, NULL));
    return store_events_each(proof->store, judge_event, proof, error);
}

/* -- the approvals -- */

static void
judge_approval(Proof *proof, const Approval *approval, const GPtrArray *events)
{
    if (!approval->voided_at && !approve_is_told(events, approval))
        find(proof,
             "approval %" G_GINT64_FORMAT " (request %" G_GINT64_FORMAT
             ") is not what any event tells of",
             approval->id, approval->request_id);
}

/* What was given stands there still: signatures count how many went void. */
static void
judge_given(Proof *proof, const Event *event, const GPtrArray *approvals)
{
    if (!g_str_equal(event->kind, "approve") && !g_str_equal(event->kind, "break-glass"))
        return;
    for (guint i = 0; i < approvals->len; i++)
        if (approve_is_of(event, g_ptr_array_index(approvals, i)))
            return;
    find(proof,
         "event %" G_GINT64_FORMAT " tells of an approval of request %" G_GINT64_FORMAT
         " that is not there",
         event->id, event->request_id);
}

/* -- the runs -- */

/* The event that tells of a run; NULL: none. *detail: what it says, the caller's. */
static const Event *
event_of_run(const GPtrArray *events, const Run *run, cJSON **detail)
{
    for (guint i = 0; i < events->len; i++) {
        const Event *event = g_ptr_array_index(events, i);

        if ((!g_str_equal(event->kind, "run") && !g_str_equal(event->kind, "override")) ||
            !event->detail)
            continue;
        g_autoptr(cJSON) json = cJSON_Parse(event->detail);
        if (json_int(json, "run", 0) != run->number)
            continue;
        *detail = g_steal_pointer(&json);
        return event;
    }
    return NULL;
}

/* The list of unusual things, by which who chose parameters is known too, as the result has it. */
static gboolean
is_unusual_as_result(const Run *run)
{
    g_autoptr(cJSON) json = run->result ? cJSON_Parse(run->result) : NULL;
    const cJSON *list = json_array(json, "unusual"), *item;
    g_autoptr(GString) words = g_string_new(NULL);

    if (!list) /* what the result does not say it does not contradict */
        return TRUE;
    cJSON_ArrayForEach (item, list)
        g_string_append_printf(words, "%s%s", words->len ? "; " : "", cJSON_GetStringValue(item));
    return g_str_equal(words->str, run->unusual ? run->unusual : "");
}

static void
judge_run(Proof *proof, const Run *run, const GPtrArray *events)
{
    g_autoptr(cJSON) detail = NULL;
    const Event *event = event_of_run(events, run, &detail);
    const char *wrong = NULL;

    if (run->dry || g_strcmp0(run->status, "done") != 0)
        return;
    if (!event)
        wrong = "is not what any event tells of";
    else if (json_string(detail, "digest") &&
             g_strcmp0(json_string(detail, "digest"), run->digest) != 0)
        wrong = "has another digest than when it was made";
    else if (g_strcmp0(event->actor, run->actor) != 0)
        wrong = "names another person than the one who made it";
    else if (!is_unusual_as_result(run))
        wrong = "calls other things unusual than its result";
    if (wrong)
        find(proof, "run %" G_GINT64_FORMAT " of request %" G_GINT64_FORMAT " %s", run->number,
             run->request_id, wrong);
}

/* -- the rows of a request against its events -- */

/* What requests are counted together by: the time of the message and the customer of the run. */
static void
judge_kinship(Proof *proof, const Request *request, const GPtrArray *runs)
{
    gint64 at = 0;

    if (!request->corrects && slack_ts_parse(request->ts, &at) && at != request->received_at)
        find(proof, "request %" G_GINT64_FORMAT " came at another time than its message",
             request->id);
    for (guint i = 0; i < runs->len; i++) {
        const Run *run = g_ptr_array_index(runs, i);

        if (run->id == request->run_id && g_strcmp0(run->customer, request->customer) != 0)
            find(proof, "request %" G_GINT64_FORMAT " names another customer than its run",
                 request->id);
    }
}

static gboolean
judge_rows(Request *request, void *data)
{
    Proof *proof = data;
    g_autoptr(GPtrArray) approvals = store_approvals(proof->store, request->id, &proof->error);
    g_autoptr(GPtrArray) runs =
        approvals ? store_runs(proof->store, request->id, 0, 0, &proof->error) : NULL;
    g_autoptr(GPtrArray) events =
        runs ? store_events(proof->store, request->id, 0, 0, &proof->error) : NULL;

    tell(proof, "approvals");
    for (guint i = 0; events && i < approvals->len; i++)
        judge_approval(proof, g_ptr_array_index(approvals, i), events);
    for (guint i = 0; events && i < runs->len; i++)
        judge_run(proof, g_ptr_array_index(runs, i), events);
    for (guint i = 0; events && i < events->len; i++)
        judge_given(proof, g_ptr_array_index(events, i), approvals);
    if (events)
        judge_kinship(proof, request, runs);
    if (events && !approve_knows_requester(events, request))
        find(proof, "request %" G_GINT64_FORMAT " was asked by another person when it was found",
             request->id);
    return !proof->error && proof->found < FINDINGS_MAX;
}

/* -- reviews -- */

static gboolean
is_of_review(const Event *event, const Review *review)
{
    g_autoptr(cJSON) detail =
        g_str_equal(event->kind, "review") && event->detail ? cJSON_Parse(event->detail) : NULL;

    return detail && json_int(detail, "approval", 0) == review->approval_id &&
           json_int(detail, "uid", PERSON_UID_NONE) == review->uid &&
           g_strcmp0(event->actor, review->actor) == 0 &&
           g_strcmp0(json_string(detail, "reason"), review->word) == 0;
}

static gboolean
is_review_told(Proof *proof, const BreakGlass *glass)
{
    g_autoptr(GPtrArray) events =
        store_events(proof->store, glass->approval->request_id, 0, 0, &proof->error);

    for (guint i = 0; events && i < events->len; i++)
        if (is_of_review(g_ptr_array_index(events, i), glass->review))
            return TRUE;
    return FALSE;
}

static gboolean
prove_reviews(Proof *proof, GError **error)
{
    g_autoptr(GPtrArray) broken = store_break_glass(proof->store, FALSE, error);

    proof->found = 0;
    for (guint i = 0; broken && i < broken->len && proof->found < FINDINGS_MAX; i++) {
        const BreakGlass *glass = g_ptr_array_index(broken, i);

        if (glass->review && !is_review_told(proof, glass))
            find(proof,
                 "the review of approval %" G_GINT64_FORMAT " (request %" G_GINT64_FORMAT
                 ") is not what any event tells of",
                 glass->approval->id, glass->approval->request_id);
    }
    if (!proof->error)
        return broken != NULL;
    g_propagate_error(error, g_steal_pointer(&proof->error));
    return FALSE;
}

/* -- the results -- */

static gboolean
names_amount(const Post *post, const Request *request)
{
    g_autofree char *amount = message_amount(request->amount, request->currency);
    g_autofree char *bold = g_strdup_printf("*%s*", amount);

    return strstr(post->text, bold) != NULL;
}

static gboolean
judge_post(Proof *proof, const Post *post, const Request *request)
{
    const char *wrong = NULL;

    if (!post_seal_check(proof->store, post, request, &wrong, &proof->error))
        return FALSE;
    if (!wrong && request->run_id == post->run_id && !names_amount(post, request))
        wrong = "does not name the amount of its run";
    if (wrong)
        find(proof, "post %" G_GINT64_FORMAT " (the result of request %" G_GINT64_FORMAT ") %s",
             post->id, request->id, wrong);
    return TRUE;
}

/* What was refused or abandoned never reached anybody. */
static gboolean
is_live(const Post *post)
{
    return post_is_result(post) && g_strcmp0(post->status, "refused") != 0 &&
           g_strcmp0(post->status, "abandoned") != 0;
}

static gboolean
judge_results(Request *request, void *data)
{
    Proof *proof = data;
    g_autoptr(GPtrArray) posts = store_posts(proof->store, request->id, &proof->error);

    tell(proof, "results");
    for (guint i = 0; posts && i < posts->len; i++)
        if (is_live(g_ptr_array_index(posts, i)) &&
            !judge_post(proof, g_ptr_array_index(posts, i), request))
            return FALSE;
    return posts && proof->found < FINDINGS_MAX;
}

/* Every request in one of the states. */
static gboolean
prove_requests(Proof *proof, guint states, RequestFunc judge, GError **error)
{
    RequestFilter filter = {.states = states, .order = ORDER_ID, .brief = TRUE};
    StateCounts counts;

    proof->found = 0;
    proof->done = proof->all = 0;
    gboolean counted = store_counts(proof->store, 0, &counts, NULL);
    for (RequestState state = STATE_NEW; counted && state < STATE_COUNT; state++)
        if (states & STATE_BIT(state))
            proof->all += counts.count[state];
    gboolean read = store_requests(proof->store, &filter, judge, proof, error);
    if (!proof->error)
        return read;
    g_propagate_error(error, g_steal_pointer(&proof->error));
    return FALSE;
}

/* -- all of it -- */

static void
note(GPtrArray *problems, const char *what, const GError *failure)
{
    if (failure)
        g_ptr_array_add(problems,
                        g_strdup_printf("%s could not be checked: %s", what, failure->message));
}

static gboolean
prove(Store *store, void *data, GError **error)
{
    Proof *proof = data;
    g_autoptr(GPtrArray) found = NULL;
    g_autoptr(GError) changes = NULL, approvals = NULL, reviews = NULL, results = NULL;
    const guint reached =
        STATE_BIT(STATE_POSTED) | STATE_BIT(STATE_POSTING) | STATE_BIT(STATE_UNCONFIRMED);
    const guint open = STATE_BIT(STATE_PENDING) | STATE_BIT(STATE_APPROVED) |
                       STATE_BIT(STATE_FAILED) | STATE_BIT(STATE_DEAD);

    if (!store_verify(store, &found, error))
        return FALSE;
    for (guint i = 0; i < found->len; i++)
        g_ptr_array_add(proof->problems, g_strdup(g_ptr_array_index(found, i)));
    /* What damage keeps from being read is a finding, not the end of it. */
    if (!prove_changes(proof, &changes))
        note(proof->problems, "the changes of state", changes);
    if (!prove_requests(proof, reached | open, judge_rows, &approvals))
        note(proof->problems, "the approvals", approvals);
    if (!prove_reviews(proof, &reviews))
        note(proof->problems, "the reviews", reviews);
    if (!prove_requests(proof, reached, judge_results, &results))
        note(proof->problems, "the results", results);
    return TRUE;
}

gboolean
desk_verify(Store *store, const DeskVerify *options, GPtrArray **problems, GError **error)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) states = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    Proof proof = {.store = store, .problems = found, .states = states, .options = options};

    if (options && options->tell)
        store_on_progress(store, options->tell, options->data);
    gboolean done = store_snapshot(store, prove, &proof, error);
    store_on_progress(store, NULL, NULL);
    if (done)
        *problems = g_steal_pointer(&found);
    return done;
}
