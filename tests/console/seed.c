/* seed.c: the desk that the console's tests look at. */
#include "seed.h"

#include <string.h>
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "calc/calc.h"
#include "engine/desk_private.h"
#include "store/store.h"

#define MINUTE G_TIME_SPAN_MINUTE
#define MICRO  G_GINT64_CONSTANT(1000000)
#define CHECK(call)                                                                                \
    do {                                                                                           \
        if (!(call))                                                                               \
            return FALSE;                                                                          \
    } while (0)

typedef struct {
    const char *customer, *text, *requester;
    gint64 age; /* minutes */
    RequestState state;
    double amount; /* of its run; < 0: none */
    double half;   /* of the interval, in percent */
    const char *unusual, *error, *error_code;
    gint64 approvals;
} Sample;

static const Sample samples[] = {
    {"acme-payments",
     "acme-payments was hit again, see <https://looker.example.com/looks/8841|the look>", "mara",
     134, STATE_PENDING, 12480.50, 3.1, "12x last month", NULL, NULL, 0},
    {"northwind", "credit for northwind please", "jonas", 58, STATE_PENDING, 904.17, 8.4,
     "new country", NULL, NULL, 0},
    {"globex", "globex, two days of pumping", "lena", 31, STATE_PENDING, 13310.00, 2.2, NULL, NULL,
     NULL, 1},
    {"initech", "initech?", "mara", 12, STATE_CALCULATING, -1, 0, NULL, NULL, NULL, 0},
    {NULL, "can somebody look at umbrella\033[31m\xe2\x80\xae?", "tomas", 9, STATE_NEEDS_LINK, -1,
     0, NULL, NULL, NULL, 0},
    {"hooli", "hooli again", "lena", 7, STATE_FAILED, -1, 0, NULL,
     "trino http://127.0.0.1:8080: HTTP 503: the service has a failure of its own; try again later",
     "busy", 0},
    {"wayne-bank", "wayne-bank", "mara", 1500, STATE_POSTED, 2430.67, 1.0, NULL, NULL, NULL, 0},
    {"stark-pay", "stark-pay", "jonas", 2900, STATE_REJECTED, 2013.90, 1.4, NULL, NULL, NULL, 0},
    {"日本テレコム", "社内メモ", "lena", 4300, STATE_POSTED, 131.31, 2.0, NULL, NULL, NULL, 0},
};

static void
segment_free(gpointer data)
{
    CalcSegment *segment = data;
    g_free(segment->country);
    g_free(segment->detail);
    g_free(segment->day);
    g_free(segment);
}

static void
add_days(CalcResult *result, const char *country, gint64 daily, double rate, gint64 credit)
{
    for (int day = 1; day <= 14; day++) {
        CalcSegment *segment = g_new0(CalcSegment, 1);
        gboolean attacked = credit > 0 && day >= 8 && day <= 10;
        segment->country = g_strdup(country);
        segment->day = g_strdup_printf("2026-09-%02d", day);
        segment->attempts = attacked ? daily * 10 : daily + day % 3 * daily / 10;
        segment->conversions = (gint64)((double)daily * rate);
        segment->cost = segment->attempts * 50000;
        segment->baseline = rate;
        segment->expected = (double)daily;
        segment->attacked = attacked;
        segment->credit = attacked ? credit / 3 : 0;
        g_ptr_array_add(result->segments, segment);
    }
}

static char *
result_json(const Sample *sample, gint64 amount, gint64 low, gint64 high)
{
    g_autoptr(CalcResult) result = g_new0(CalcResult, 1);
    result->calculator = g_strdup("verify");
    result->version = g_strdup("1.0");
    result->product = g_strdup("verify");
    result->customer = g_strdup(sample->customer);
    result->currency = g_strdup("USD");
    result->amount = amount;
    result->low = low;
    result->high = high;
    result->spend = amount * 3;
    result->rows = 420;
    result->first_day = g_strdup("2026-09-01");
    result->last_day = g_strdup("2026-09-14");
    result->clean_days = 11;
    result->segments = g_ptr_array_new_with_free_func(segment_free);
    result->reasons = g_ptr_array_new_with_free_func(g_free);
    result->unusual = g_ptr_array_new_with_free_func(g_free);
    result->parameters = cJSON_CreateObject();
    add_days(result, "AZ", 430, 0.61, amount / 4 * 3);
    add_days(result, "US", 8000, 0.86, 0);
    add_days(result, "UZ", 99, 0.55, amount / 4);
    g_ptr_array_add(result->reasons,
                    g_strdup("Attack 8 to 10 Sep in AZ and UZ; baseline from 11 clean days."));
    g_ptr_array_add(result->reasons,
                    g_strdup("In US a surge with normal conversion is credited nothing."));
    if (sample->unusual)
        g_ptr_array_add(result->unusual, g_strdup(sample->unusual));
    g_autoptr(cJSON) json = calc_result_to_json(result);
    return json_print(json);
}

static gboolean
add_run(Store *store, Request *request, const Sample *sample, double share, GError **error)
{
    g_autoptr(Run) run = run_new();
    gint64 cents = (gint64)(sample->amount * share * 100 + 0.5);
    run->request_id = request->id;
    run->status = g_strdup("done");
    run->started_at = SEED_NOW - 20 * MINUTE;
    run->finished_at = run->started_at + 14 * G_TIME_SPAN_SECOND;
    run->actor = g_strdup("batch");
    run->sql = g_strdup(request->sql);
    run->sql_sha256 = g_strdup(request->sql_sha256);
    run->calculator = g_strdup("verify");
    run->calculator_version = g_strdup("1.0");
    run->parameters = g_strdup("{}");
    run->warehouse = g_strdup("trino");
    run->query_id = g_strdup("20260917_113000_00042");
    run->rows = 420;
    run->amount = cents * (MICRO / 100);
    run->low = (gint64)((double)run->amount * (1 - sample->half / 100));
    run->high = (gint64)((double)run->amount * (1 + sample->half / 100));
    run->currency = g_strdup("USD");
    run->product = g_strdup("verify");
    run->customer = g_strdup(sample->customer);
    run->unusual = g_strdup(sample->unusual);
    run->result = result_json(sample, run->amount, run->low, run->high);
    run->digest = evidence_digest(request, run);
    CHECK(store_run_add(store, run, error));
    request->run_id = run->id;
    return TRUE;
}

static Request *
new_request(const Sample *sample, guint index)
{
    static const char sql[] =
        "SELECT day, country, SUM(attempts) AS attempts -- 'Authy'\n"
        "FROM verify_attempts\nWHERE product = 'Authy' AND day >= DATE '2026-09-01'\n"
        "GROUP BY 1, 2\nLIMIT 5000";
    Request *request = request_new();
    request->received_at = SEED_NOW - sample->age * MINUTE - (gint64)index * 100;
    request->channel = g_strdup("C0CREDITS");
    request->channel_name = g_strdup("help-sms-credit-pumping-memos");
    request->ts = slack_ts_format(request->received_at);
    request->thread_ts = g_strdup(request->ts);
    request->requester = g_strdup("U0000001");
    request->requester_name = g_strdup(sample->requester);
    request->text = g_strdup(sample->text);
    request->state = STATE_NEW;
    request->state_at = SEED_NOW - MIN(sample->age, 8) * MINUTE;
    if (!sample->customer)
        return request;
    request->link_kind = g_strdup("look");
    request->link_ref = g_strdup_printf("%u", 8841 + index); /* one each: nothing is split */
    request->link_url = g_strconcat("https://looker.example.com/looks/", request->link_ref, NULL);
    request->title = g_strdup_printf("%s Verify by day", sample->customer);
    request->product = g_strdup("verify");
    request->customer = g_strdup(sample->customer);
    request->sql = g_strdup(sql);
    request->sql_sha256 = text_sha256(sql, strlen(sql));
    return request;
}

static gboolean
add_approval(Store *store, const Request *request, gint64 at, GError **error)
{
    g_autoptr(Run) run = store_run_get(store, request->run_id, error);
    CHECK(run != NULL);
    g_autoptr(Approval) approval = g_new0(Approval, 1);
    approval->request_id = request->id;
    approval->run_id = run->id;
    approval->digest = g_strdup(run->digest);
    approval->uid = 4000;
    approval->actor = g_strdup("jonas");
    approval->person = g_strdup("jonas");
    approval->method = g_strdup("login");
    approval->need = 1;
    approval->reason = g_strdup("matches the carrier's report");
    approval->at = at;
    approval->expires_at = SEED_NOW + G_GINT64_CONSTANT(5256000) * MINUTE;
    return store_approval_add(store, approval, error);
}

static void
set_posted(Request *request, gint64 at)
{
    request->posted_at = at;
    request->posted_ts = slack_ts_format(at);
}

/* Approved, posted: what stands behind a decided request. */
static gboolean
add_post(Store *store, Request *request, gint64 at, GError **error)
{
    g_autoptr(Post) post = post_new();
    CHECK(add_approval(store, request, at - MINUTE, error));
    request->state = STATE_APPROVED;
    CHECK(store_request_save(store, request, error));
    post->request_id = request->id;
    post->run_id = request->run_id;
    post->kind = g_strdup("result");
    post->nonce = g_strdup_printf("nonce%" G_GINT64_FORMAT, request->id);
    post->channel = g_strdup(request->channel);
    post->thread_ts = g_strdup(request->thread_ts);
    post->text = g_strdup_printf("Recommended credit for %s", request->customer);
    post->status = g_strdup("intent");
    post->created_at = at;
    CHECK(store_post_add(store, post, error));
    g_free(post->status);
    post->status = g_strdup("posted");
    post->sent_at = post->settled_at = at;
    post->attempts = 1;
    post->posted_ts = slack_ts_format(at);
    return store_post_save(store, post, error);
}

static gboolean
add_sample(Store *store, const Sample *sample, guint index, GError **error)
{
    g_autoptr(Request) request = new_request(sample, index);
    gboolean added;
    CHECK(store_request_add(store, request, &added, error));
    CHECK(store_event(store, request->id, "batch", "found", NULL, "new", NULL, error));
    if (sample->amount >= 0) {
        CHECK(add_run(store, request, sample, 0.9, error));
        CHECK(add_run(store, request, sample, 1.0, error));
    }
    if (sample->state == STATE_POSTED)
        CHECK(add_post(store, request, SEED_NOW - sample->age * MINUTE + 20 * MINUTE, error));
    request->state = sample->state;
    if (sample->state == STATE_POSTED || sample->state == STATE_REJECTED)
        request->state_at = SEED_NOW - sample->age * MINUTE + 20 * MINUTE;
    if (sample->state == STATE_POSTED)
        set_posted(request, request->state_at);
    request->error = g_strdup(sample->error);
    request->error_code = g_strdup(sample->error_code);
    request->attempts = sample->error ? 1 : 0;
    request->next_attempt_at = sample->error ? SEED_NOW + 3 * MINUTE : 0;
    CHECK(store_request_save(store, request, error));
    CHECK(store_event(store, request->id, "batch", "state", "new", state_name(request->state), NULL,
                      error));
    if (sample->approvals > 0)
        CHECK(add_approval(store, request, SEED_NOW - 5 * MINUTE, error));
    if (sample->state == STATE_CALCULATING) {
        Progress progress = {.request_id = request->id,
                             .at = SEED_NOW,
                             .started_at = SEED_NOW - 14 * G_TIME_SPAN_SECOND,
                             .rows = 1204310,
                             .percent = 62,
                             .stage = (char[]){"query"},
                             .query_id = (char[]){"20260917_115946_00043"}};
        CHECK(store_progress_set(store, &progress, error));
    }
    return TRUE;
}

static gboolean
add_pass(Store *store, gint64 ago, const char *status, GError **error)
{
    g_autoptr(Pass) pass = g_new0(Pass, 1);
    pass->started_at = SEED_NOW - ago;
    pass->host = g_strdup("bastion.example.com");
    pass->actor = g_strdup("cron");
    pass->trigger = g_strdup("cron");
    pass->pid = 4711;
    pass->status = g_strdup("running");
    CHECK(store_pass_begin(store, pass, error));
    pass->finished_at = pass->started_at + 2 * G_TIME_SPAN_SECOND;
    g_free(pass->status);
    pass->status = g_strdup(status);
    pass->found = 9;
    pass->fresh = 2;
    pass->failed = strcmp(status, "ok") == 0 ? 0 : 1;
    return store_pass_end(store, pass, error);
}

static gboolean
add_logs(Store *store, GError **error)
{
    LogRow rows[30] = {{0}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        rows[i].at = SEED_NOW - (gint64)(60 - i) * MINUTE / 2;
        rows[i].level = i % 10 == 9 ? LOG_LEVEL_WARN : LOG_LEVEL_INFO;
        rows[i].area = g_strdup("pass");
        rows[i].message = g_strdup_printf("line %u%s", i, i == 12 ? " with a \033[1mneedle" : "");
    }
    gboolean well = store_logs_add(store, rows, G_N_ELEMENTS(rows), error);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_free(rows[i].area);
        g_free(rows[i].message);
    }
    return well;
}

static gboolean
fill(Store *store, void *data, GError **error)
{
    (void)data;
    for (guint i = 0; i < G_N_ELEMENTS(samples); i++)
        CHECK(add_sample(store, &samples[i], i, error));
    CHECK(add_pass(store, 18 * MINUTE, "some_failed", error));
    CHECK(add_pass(store, 3 * MINUTE, "ok", error));
    return add_logs(store, error);
}

/* Rejects the newest pending request but leaves some. */
static gboolean
reject_one(Store *store, guint i, GError **error)
{
    g_autoptr(Request) request = store_request_get(store, G_N_ELEMENTS(samples) + i / 6, error);
    if (!request || request->state != STATE_PENDING) {
        g_clear_error(error);
        return TRUE;
    }
    request->state = STATE_REJECTED;
    request->state_at = SEED_NOW;
    return store_request_save(store, request, error) &&
           store_event(store, request->id, "jonas", "state", "pending", "rejected", NULL, error);
}

static gboolean
change(Store *store, void *data, GError **error)
{
    guint i = *(guint *)data;
    Progress progress = {.request_id = 4,
                         .at = SEED_NOW,
                         .started_at = SEED_NOW - 14 * G_TIME_SPAN_SECOND,
                         .rows = 1204310 + i,
                         .percent = i % 100,
                         .stage = (char[]){"query"},
                         .query_id = (char[]){"20260917_115946_00043"}};
    switch (i % 6) {
    case 0:
        return add_sample(store, &samples[i / 6 % G_N_ELEMENTS(samples)], 100 + i, error);
    case 1:
        return add_logs(store, error);
    case 2:
        return add_pass(store, i * G_TIME_SPAN_SECOND, i % 4 ? "ok" : "some_failed", error);
    case 3:
        return reject_one(store, i, error);
    default:
        return store_progress_set(store, &progress, error);
    }
}

gboolean
seed_change(Store *store, guint i, GError **error)
{
    return store_transact(store, change, &i, error);
}

static gboolean
fill_history(Store *store, void *data, GError **error)
{
    const guint *n = data;
    for (guint i = 0; i < *n; i++) {
        g_autoptr(Request) request = new_request(&samples[6], i);
        gboolean added;
        request->received_at = SEED_NOW - (gint64)(i + 1) * MINUTE;
        g_free(request->ts);
        request->ts = slack_ts_format(request->received_at);
        g_clear_pointer(&request->sql, g_free);
        if (i % 8) {
            g_free(request->customer);
            request->customer = g_strdup_printf("account-%05u", i % 1999);
        }
        request->state = i % 5 ? STATE_POSTED : STATE_REJECTED;
        request->state_at = request->received_at + 30 * G_TIME_SPAN_SECOND;
        if (request->state == STATE_POSTED)
            set_posted(request, request->state_at);
        CHECK(store_request_add(store, request, &added, error));
    }
    return TRUE;
}

static gint64
seed_now(void *data)
{
    (void)data;
    return SEED_NOW;
}

static gboolean
with_store(const char *state_dir, StoreFunc func, void *data, GError **error)
{
    static const Clock clock = {seed_now, NULL};
    g_autofree char *path = g_build_filename(state_dir, "creditbot.db", NULL);
    StoreOptions options = {.path = path, .clock = &clock};
    g_autoptr(Store) store = store_open(&options, error);
    return store && store_transact(store, func, data, error);
}

gboolean
seed_desk(const char *state_dir, GError **error)
{
    return with_store(state_dir, fill, NULL, error);
}

gboolean
seed_history(const char *state_dir, guint n, GError **error)
{
    return with_store(state_dir, fill_history, &n, error);
}

static gboolean
break_glass(Store *store, void *data, GError **error)
{
    g_autoptr(Request) request = store_request_get(store, 1, error);
    g_autoptr(Run) run = request ? store_run_get(store, request->run_id, error) : NULL;
    g_autoptr(Approval) approval = g_new0(Approval, 1);
    (void)data;
    CHECK(run != NULL);
    *approval = (Approval){.request_id = request->id,
                           .run_id = run->id,
                           .digest = g_strdup(run->digest),
                           .uid = 4001,
                           .actor = g_strdup("mara"),
                           .person = g_strdup("mara"),
                           .method = g_strdup("break-glass"),
                           .need = 2,
                           .need_group = g_strdup("seniors"),
                           .reason = g_strdup("the customer is cut off and nobody answers"),
                           .at = SEED_NOW - 5 * MINUTE,
                           .hold_until = SEED_NOW - 4 * MINUTE,
                           .expires_at = SEED_NOW + G_GINT64_CONSTANT(5256000) * MINUTE};
    CHECK(store_approval_add(store, approval, error));
    request->state = STATE_APPROVED;
    request->state_at = approval->at;
    request->note = g_strdup("break-glass by mara: the customer is cut off and nobody answers");
    CHECK(store_request_save(store, request, error));
    return store_event(store, request->id, "mara", "break-glass", "pending", "approved", NULL,
                       error);
}

gboolean
seed_glass(const char *state_dir, GError **error)
{
    return with_store(state_dir, break_glass, NULL, error);
}

static gboolean
split_two(Store *store, void *data, GError **error)
{
    g_autoptr(Request) request = store_request_get(store, 3, error);
    (void)data;
    CHECK(request != NULL);
    g_free(request->customer);
    request->customer = g_strdup("northwind");
    return store_request_save(store, request, error);
}

gboolean
seed_split(const char *state_dir, GError **error)
{
    return with_store(state_dir, split_two, NULL, error);
}

char *
seed_config(const char *state_dir, gboolean dry_run, const char *extra, GError **error)
{
    g_autofree char *path = g_build_filename(state_dir, "creditbot.conf", NULL);
    g_autofree char *text = g_strdup_printf(
        "[general]\ndry_run=%s\nstate_dir=%s\nenvironment=production\nschedule=15m\n"
        "[slack]\nbase_url=http://127.0.0.1:1\nchannels=#help-sms-credit-pumping-memos\n"
        "[looker]\nbase_url=https://looker.example.com\napi_url=http://127.0.0.1:1\n"
        "[warehouse]\nurl=http://127.0.0.1:1\n[http]\nretries=0\n"
        "[product.verify]\nmatch=Authy\ncalculator=verify\n"
        "[approval]\nmode=required\nsecond_above=10000\n[posting]\nhold=10s\n%s",
        dry_run ? "true" : "false", state_dir, extra ? extra : "");
    return g_file_set_contents(path, text, -1, error) ? g_steal_pointer(&path) : NULL;
}
