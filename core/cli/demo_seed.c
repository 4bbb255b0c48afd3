/* demo_seed.c: lives two weeks of a desk through the engine, with a clock that stands in the past.
 *
 * Each step opens a desk of its own: as another operator, at another time. Nothing is written
 * behind the engine's back, so what the demo shows is what the engine does. */
#include "cli/demo_seed.h"

#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "cli/log_keeper.h"
#include "engine/desk.h"
#include "net/http.h"

#define MINUTE  (60 * (gint64)G_USEC_PER_SEC)
#define HOUR    (60 * MINUTE)
#define DAY     (24 * HOUR)
#define DAYS    13
#define BAD_DAY 7
#define PAST    (2 * HOUR) /* the history's last day ended so long ago, in the sandbox too */
#define TRINO_OUT                                                                                  \
    "{\"service\":\"trino\",\"match\":\"v1/statement\",\"times\":100,\"kind\":\"status\","         \
    "\"status\":502}"
#define CONTROL_TIMEOUT ((gint64)5 * G_USEC_PER_SEC)

typedef struct {
    Config *config;
    const char *control; /* of the sandbox */
    Http *http;          /* to it */
    Log *log;
    Clock clock;
    gint64 at, since; /* the clock stood at "at" when the machine's monotonic one showed "since" */
    gint64 real;      /* now, outside */
    gboolean pinned;  /* it is not the machine's */
} Seed;

typedef struct {
    gint64 uid;
    const char *name;
} Person;
static const Person people[] = {{10001, "mara"}, {10002, "jonas"}, {10003, "lena"}};
static const Person *const mara = &people[0], *const jonas = &people[1];
static const Person machine = {10000, "creditbot"};

/* Ticks, so that passes take the time that they take. */
static gint64
seed_now(void *data)
{
    const Seed *seed = data;
    return MIN(seed->at + g_get_monotonic_time() - seed->since, seed->real);
}

static void
set_clock(Seed *seed, gint64 at)
{
    seed->at = at;
    seed->since = g_get_monotonic_time();
}

/* Tells the sandbox the time, or asks it for trouble. */
static gboolean
control(const Seed *seed, const char *path, const char *body, GError **error)
{
    g_autofree char *url = g_strconcat(seed->control, path, NULL);
    const char *headers[] = {"Content-Type: application/json", NULL};
    HttpRequest request = {.method = "POST",
                           .url = url,
                           .headers = headers,
                           .body = body,
                           .body_len = (gssize)strlen(body),
                           .repeat = HTTP_REPEATABLE};
    g_autoptr(HttpResponse) response = http_send(seed->http, &request, NULL, error);
    if (!response)
        return FALSE;
    if (response->status == 200)
        return TRUE;
    http_status_error(response, "the sandbox's control", error);
    return FALSE;
}

/* Slack's own times of posts shall be those of the story. */
static gboolean
set_sandbox_clock(const Seed *seed, gint64 at, GError **error)
{
    g_autofree char *body =
        g_strdup_printf("{\"clock_offset_us\":%" G_GINT64_FORMAT "}",
                        at < seed->real || seed->pinned ? at - g_get_real_time() : 0);
    return control(seed, "/setting", body, error);
}

typedef gboolean (*Step)(Seed *seed, Desk *desk, gint64 id, GError **error);

/* One step of one person at one time. */
static gboolean
as(Seed *seed, const Person *person, gint64 at, Step step, gint64 id, GError **error)
{
    set_clock(seed, at);
    DeskOptions options = {.config = seed->config,
                           .log = seed->log,
                           .clock = &seed->clock,
                           .uid = person->uid,
                           .actor = person->name,
                           .relaxed = TRUE};
    if (person == &machine && !set_sandbox_clock(seed, at, error))
        return FALSE;
    g_autoptr(Desk) desk = desk_open(&options, error);
    return desk && step(seed, desk, id, error);
}

static gboolean
step_pass(Seed *seed, Desk *desk, gint64 max, GError **error)
{
    (void)seed;
    PassOptions options = {.max = (guint)max, .trigger = "cron"};
    g_autoptr(PassResult) result = desk_pass(desk, &options, NULL, error);
    return result != NULL;
}

static gboolean
step_approve(Seed *seed, Desk *desk, gint64 id, GError **error)
{
    static const char *const reasons[] = {
        "checked against the ticket", "matches the carrier's report",
        "agreed with the account team", "attack days confirmed on the graph",
        "the customer has closed the route"};
    const char *reason = reasons[(id * 3 + seed->at / MINUTE) % (gint64)G_N_ELEMENTS(reasons)];
    return desk_approve(desk, id, 0, reason, NULL, error);
}

static gboolean
is_unusual(const Request *request, const char *what)
{
    return request->unusual && strstr(request->unusual, what);
}

/* Why people refuse what the numbers alone would let through; NULL: they do not. */
static const char *
refusal(const Request *request)
{
    if (request->state == STATE_DEAD)
        return "a private Look, to be asked anew with another link";
    if (request->state == STATE_NEEDS_LINK)
        return "a question, answered in the thread";
    if (is_unusual(request, "credited before"))
        return "these days were credited before";
    if (is_unusual(request, "delivery"))
        return "a delivery problem, not fraud";
    if (request->amount == 0)
        return "no attack in the data";
    if (g_strcmp0(request->customer, "litware") == 0)
        return "their own load test, the customer says";
    return NULL;
}

static gboolean
step_reject(Seed *seed, Desk *desk, gint64 id, GError **error)
{
    (void)seed;
    g_autoptr(Request) request = store_request_get(desk_store(desk), id, error);
    if (!request)
        return FALSE;
    const char *reason = refusal(request);
    if (!reason)
        reason = "the customer switched its protection off";
    return desk_reject(desk, id, reason, FALSE, NULL, error);
}

static gboolean
step_post(Seed *seed, Desk *desk, gint64 id, GError **error)
{
    (void)seed;
    return desk_post_due(desk, id, NULL, NULL, error);
}

static gboolean
step_work(Seed *seed, Desk *desk, gint64 id, GError **error)
{
    (void)seed;
    return desk_work(desk, id, NULL, NULL, error);
}

static gboolean
step_rerun(Seed *seed, Desk *desk, gint64 id, GError **error)
{
    (void)seed;
    g_autoptr(Run) run = desk_rerun(desk, id, FALSE, NULL, NULL, error);
    return run != NULL;
}

static gboolean
keep_request(Request *request, void *data)
{
    g_ptr_array_add(data, request_copy(request));
    return TRUE;
}

/* The requests that are in a state, oldest first. */
static GPtrArray *
in_state(Seed *seed, RequestState state, gint64 at, GError **error)
{
    set_clock(seed, at);
    DeskOptions options = {.config = seed->config,
                           .clock = &seed->clock,
                           .uid = machine.uid,
                           .actor = machine.name,
                           .read_only = TRUE};
    RequestFilter filter = {.states = STATE_BIT(state), .order = ORDER_RECEIVED};
    g_autoptr(GPtrArray) requests = g_ptr_array_new_with_free_func((GDestroyNotify)request_free);
    g_autoptr(Desk) desk = desk_open(&options, error);
    if (!desk || !store_requests(desk_store(desk), &filter, keep_request, requests, error))
        return NULL;
    return g_steal_pointer(&requests);
}

/* Approved by one person, or by two where the amount wants it, and posted after the hold. */
static gboolean
approve_and_post(Seed *seed, const Request *request, gint64 at, GError **error)
{
    gint64 above = config_amount(seed->config, "approval", "second_above");
    const Person *first = request->id % 2 ? mara : jonas;
    if (!as(seed, first, at, step_approve, request->id, error))
        return FALSE;
    if (above >= 0 && request->amount > above) {
        at += 7 * MINUTE;
        if (!as(seed, first == mara ? jonas : mara, at, step_approve, request->id, error))
            return FALSE;
    }
    return as(seed, &machine, at + 2 * MINUTE, step_post, request->id, error);
}

/* A pass, and what people decide within the half hour after it. */
static gboolean
live_hour(Seed *seed, gint64 at, GError **error)
{
    static const RequestState waiting[] = {STATE_PENDING, STATE_NEEDS_LINK, STATE_DEAD};
    if (!as(seed, &machine, at, step_pass, 0, error))
        return FALSE;
    for (gsize k = 0; k < G_N_ELEMENTS(waiting); k++) {
        g_autoptr(GPtrArray) requests = in_state(seed, waiting[k], at, error);
        if (!requests)
            return FALSE;
        for (guint i = 0; i < requests->len; i++) {
            const Request *request = g_ptr_array_index(requests, i);
            const Person *person = &people[request->id % (gint64)G_N_ELEMENTS(people)];
            gint64 when = at + (4 + request->id * 7 % 17) * MINUTE;
            if (refusal(request) ? !as(seed, person, when, step_reject, request->id, error)
                                 : !approve_and_post(seed, request, when, error))
                return FALSE;
        }
    }
    return TRUE;
}

/* One of the past days; on one of them the warehouse is out in the morning. */
static gboolean
live_day(Seed *seed, int day, gint64 midnight, GError **error)
{
    static const int passes[] = {9 * 60 + 30, 11 * 60 + 30, 14 * 60, 16 * 60};
    gint64 first = midnight + passes[0] * MINUTE;
    if (day == BAD_DAY) {
        if (!control(seed, "/fault", TRINO_OUT, error) ||
            !as(seed, &machine, first, step_pass, 0, error) ||
            !control(seed, "/faults/clear", "{}", error))
            return FALSE;
        first += 15 * MINUTE;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(passes); i++)
        if (!live_hour(seed, i ? midnight + passes[i] * MINUTE : first, error))
            return FALSE;
    return TRUE;
}

/* What is done with the small ones of today, in order of arrival; the rest waits. */
typedef enum { LEAVE, POST, APPROVE, REJECT, RERUN, LOSE } Fate;

/* The answer to the post is lost, and the thread cannot be read: nobody knows. */
static gboolean
lose_post(Seed *seed, gint64 id, gint64 at, GError **error)
{
    g_autoptr(GError) expected = NULL;
    if (!as(seed, mara, at, step_approve, id, error) ||
        !control(seed, "/fault",
                 "{\"service\":\"slack\",\"match\":\"chat.postMessage\",\"times\":1,"
                 "\"kind\":\"land_then_reset\"}",
                 error) ||
        !control(seed, "/fault",
                 "{\"service\":\"slack\",\"match\":\"conversations.replies\",\"times\":100,"
                 "\"kind\":\"status\",\"status\":503}",
                 error))
        return FALSE;
    as(seed, &machine, at + MINUTE / 2, step_post, id, &expected);
    return control(seed, "/faults/clear", "{}", error);
}

static gboolean
meet(Seed *seed, const Request *request, Fate fate, gint64 at, GError **error)
{
    switch (fate) {
    case POST:
        return approve_and_post(seed, request, at, error);
    case APPROVE:
        return as(seed, jonas, seed->real - G_USEC_PER_SEC, step_approve, request->id, error);
    case REJECT:
        return as(seed, jonas, at, step_reject, request->id, error);
    case RERUN:
        return as(seed, mara, at, step_rerun, request->id, error);
    case LOSE:
        return lose_post(seed, request->id, seed->real - 2 * MINUTE, error);
    case LEAVE:
        break;
    }
    return TRUE;
}

/* Decides over what waits at the time, one each step; a first large one gets one of its two
 * approvals. */
static gboolean
decide(Seed *seed, gint64 at, gint64 step, const Fate *fates, gsize n, GError **error)
{
    gint64 above = config_amount(seed->config, "approval", "second_above");
    gsize small = 0, large = 0;
    g_autoptr(GPtrArray) requests = in_state(seed, STATE_PENDING, at, error);
    if (!requests)
        return FALSE;
    for (guint i = 0; i < requests->len; i++, at += step) {
        const Request *request = g_ptr_array_index(requests, i);
        gboolean done = TRUE;
        if (request->amount > above && !request->approvals && !large++)
            done = as(seed, mara, at, step_approve, request->id, error);
        else if (request->amount > 0 && request->amount <= above && small < n)
            done = meet(seed, request, fates[small++], at, error);
        if (!done)
            return FALSE;
    }
    return TRUE;
}

/* A short pass finds what is new and leaves it; the warehouse fails under the first of them. */
static gboolean
fail_late(Seed *seed, GError **error)
{
    gint64 at = seed->real - 3 * MINUTE;
    g_autoptr(GError) expected = NULL;
    if (!as(seed, &machine, at, step_pass, 1, error))
        return FALSE;
    g_autoptr(GPtrArray) fresh = in_state(seed, STATE_NEW, at, error);
    if (!fresh || fresh->len == 0)
        return fresh != NULL;
    const Request *first = g_ptr_array_index(fresh, 0);
    if (!control(seed, "/fault", TRINO_OUT, error))
        return FALSE;
    as(seed, &machine, at, step_work, first->id, &expected);
    return control(seed, "/faults/clear", "{}", error);
}

static gboolean
live_today(Seed *seed, GError **error)
{
    /* Often enough that no two of them want to write into a thread: Slack takes a post a second. */
    static const gint64 passes[] = {535 * MINUTE, 395 * MINUTE, 345 * MINUTE, 5 * HOUR,
                                    3 * HOUR,     2 * HOUR,     HOUR,         45 * MINUTE};
    static const Fate morning[] = {POST, RERUN, REJECT};
    static const Fate noon[] = {LEAVE, LOSE}, last[] = {APPROVE};
    for (gsize i = 0; i < G_N_ELEMENTS(passes); i++) {
        if (!as(seed, &machine, seed->real - passes[i], step_pass, 0, error))
            return FALSE;
    }
    return decide(seed, seed->real - 44 * MINUTE, 3 * MINUTE, morning, G_N_ELEMENTS(morning),
                  error) &&
           as(seed, &machine, seed->real - 30 * MINUTE, step_pass, 0, error) &&
           fail_late(seed, error) &&
           decide(seed, seed->real - 3 * MINUTE, MINUTE / 4, noon, G_N_ELEMENTS(noon), error) &&
           decide(seed, seed->real - MINUTE, 0, last, G_N_ELEMENTS(last), error);
}

static gboolean
live(Seed *seed, GError **error)
{
    gint64 past = seed->real - PAST;
    gint64 midnight = past - past % DAY;
    for (int day = DAYS; day >= 1; day--)
        if (!live_day(seed, day, midnight - day * DAY, error))
            return FALSE;
    return live_today(seed, error);
}

static char *
state_file(const Config *config, GError **error)
{
    g_autofree char *folder = config_state_dir(config, error);
    return folder ? store_path(config_string(config, "store", "url"), folder, error) : NULL;
}

gboolean
demo_seed(Config *config, const DemoStory *story, GError **error)
{
    Seed seed = {
        .config = config, .control = story->control, .real = story->now, .pinned = story->pinned};
    seed.clock = (Clock){.now = seed_now, .data = &seed};
    set_clock(&seed, seed.real - DAYS * DAY);
    g_autofree char *path = state_file(config, error);
    if (!path)
        return FALSE;
    g_autoptr(Log) log = log_new(&seed.clock);
    g_autoptr(GPtrArray) secrets = config_secrets(config);
    for (guint i = 0; i < secrets->len; i++)
        log_secret(log, g_ptr_array_index(secrets, i));
    seed.log = log;
    StoreOptions options = {.path = path};
    LogKeeper *keeper = log_keeper_start(&options, log, error);
    HttpOptions http = {.connect_timeout = CONTROL_TIMEOUT, .timeout = CONTROL_TIMEOUT};
    seed.http = http_new(&http, NULL, error);
    /* A scripted fault shall last, so nothing is repeated while the story is made. */
    gboolean done = keeper && seed.http && config_set(config, "http", "retries", "0", error) &&
                    config_set(config, "posting", "readback_grace", "0s", error) &&
                    live(&seed, error) && set_sandbox_clock(&seed, seed.real, error) &&
                    config_set(config, "http", "retries", "4", error) &&
                    config_set(config, "posting", "readback_grace", "1s", error);
    http_free(seed.http);
    gboolean kept = log_keeper_stop(keeper, done ? error : NULL);
    return done && kept;
}
