/* demo_seed.c: lives two weeks of a desk through the engine, with a clock that stands in the past.
 *
 * Each step opens a desk of its own: as another operator, at another time. Nothing is written
 * behind the engine's back, so what the demo shows is what the engine does. */
#include "cli/demo_seed.h"

#include "base/error.h"
#include "base/log.h"
#include "cli/log_keeper.h"
#include "engine/desk.h"

#define MINUTE (60 * (gint64)G_USEC_PER_SEC)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define DAYS   14

typedef struct {
    Config *config;
    Log *log;
    Clock clock;
    gint64 at, since; /* the clock stood at "at" when the machine's monotonic one showed "since" */
    gint64 real;      /* now, outside */
} Seed;

typedef struct {
    gint64 uid;
    const char *name;
} Person;
static const Person mara = {10001, "mara"}, jonas = {10002, "jonas"},
                    machine = {10000, "creditbot"};

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
                           .actor = person->name};
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
        "agreed with the account team", "attack days confirmed on the graph"};
    (void)seed;
    return desk_approve(desk, id, 0, reasons[id % (gint64)G_N_ELEMENTS(reasons)], NULL, error);
}

static gboolean
step_reject(Seed *seed, Desk *desk, gint64 id, GError **error)
{
    static const char *const reasons[] = {"credited last month already",
                                          "the customer switched its protection off",
                                          "a delivery problem, not fraud"};
    (void)seed;
    return desk_reject(desk, id, reasons[id % (gint64)G_N_ELEMENTS(reasons)], FALSE, NULL, error);
}

static gboolean
step_post(Seed *seed, Desk *desk, gint64 id, GError **error)
{
    (void)seed;
    return desk_post_due(desk, id, NULL, NULL, error);
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

typedef struct {
    GPtrArray *requests;
} Waiting;

static gboolean
step_waiting(Desk *desk, GPtrArray *requests, GError **error)
{
    RequestFilter filter = {.states = STATE_BIT(STATE_PENDING), .order = ORDER_RECEIVED};
    return store_requests(desk_store(desk), &filter, keep_request, requests, error);
}

/* What waits for a decision now, oldest first. */
static GPtrArray *
waiting(Seed *seed, gint64 at, GError **error)
{
    set_clock(seed, at);
    DeskOptions options = {.config = seed->config,
                           .clock = &seed->clock,
                           .uid = machine.uid,
                           .actor = machine.name,
                           .read_only = TRUE};
    g_autoptr(GPtrArray) requests = g_ptr_array_new_with_free_func((GDestroyNotify)request_free);
    g_autoptr(Desk) desk = desk_open(&options, error);
    if (!desk || !step_waiting(desk, requests, error))
        return NULL;
    return g_steal_pointer(&requests);
}

/* Approved by one person, or by two where the amount wants it, and posted after the hold. */
static gboolean
approve_and_post(Seed *seed, const Request *request, gint64 at, GError **error)
{
    gint64 above = config_amount(seed->config, "approval", "second_above");
    const Person *first = request->id % 2 ? &mara : &jonas;
    if (!as(seed, first, at, step_approve, request->id, error))
        return FALSE;
    if (above >= 0 && request->amount > above &&
        !as(seed, first == &mara ? &jonas : &mara, at + 7 * MINUTE, step_approve, request->id,
            error))
        return FALSE;
    return as(seed, &machine, at + 9 * MINUTE, step_post, request->id, error);
}

/* One of the past days is worked off whole. */
static gboolean
live_day(Seed *seed, gint64 evening, GError **error)
{
    if (!as(seed, &machine, evening - 8 * HOUR, step_pass, 0, error) ||
        !as(seed, &machine, evening, step_pass, 0, error))
        return FALSE;
    g_autoptr(GPtrArray) requests = waiting(seed, evening, error);
    if (!requests)
        return FALSE;
    gint64 at = evening + 10 * MINUTE;
    for (guint i = 0; i < requests->len; i++, at += 12 * MINUTE) {
        const Request *request = g_ptr_array_index(requests, i);
        gboolean no = request->amount == 0 || request->id % 6 == 4;
        if (no ? !as(seed, &jonas, at, step_reject, request->id, error)
               : !approve_and_post(seed, request, at, error))
            return FALSE;
    }
    return TRUE;
}

/* The first large one that waits gets one of its two approvals, the oldest small ones are decided,
 * one has been run twice; the rest is left for whoever looks. */
static gboolean
live_today(Seed *seed, GError **error)
{
    gint64 above = config_amount(seed->config, "approval", "second_above");
    gint64 at = seed->real - 40 * MINUTE;
    gboolean large = FALSE;
    guint small = 0;
    g_autoptr(GPtrArray) requests = waiting(seed, at, error);
    if (!requests)
        return FALSE;
    for (guint i = 0; i < requests->len; i++, at += MINUTE) {
        const Request *request = g_ptr_array_index(requests, i);
        gboolean done = TRUE;
        if (!large && request->amount > above) {
            large = TRUE;
            done = as(seed, &mara, at, step_approve, request->id, error);
        } else if (request->amount > 0 && request->amount <= above) {
            small++;
            if (small == 1)
                done = approve_and_post(seed, request, at, error);
            else if (small == 2)
                done = as(seed, &jonas, at, step_reject, request->id, error);
            else if (small == 3)
                done = as(seed, &mara, at, step_rerun, request->id, error);
        }
        if (!done)
            return FALSE;
    }
    return TRUE;
}

static gboolean
live(Seed *seed, GError **error)
{
    gint64 midnight = seed->real - seed->real % DAY;
    for (int day = DAYS; day >= 1; day--) {
        gint64 evening = midnight - (day - 1) * DAY - 6 * HOUR;
        if (!live_day(seed, MIN(evening, seed->real - 6 * HOUR), error))
            return FALSE;
    }
    static const gint64 passes[] = {3 * HOUR, 2 * HOUR, HOUR, 45 * MINUTE};
    for (gsize i = 0; i < G_N_ELEMENTS(passes); i++) {
        if (!as(seed, &machine, seed->real - passes[i], step_pass, 0, error))
            return FALSE;
    }
    /* The last one is in the midst of the work: it leaves something new. */
    return live_today(seed, error) &&
           as(seed, &machine, seed->real - 3 * MINUTE, step_pass, 2, error);
}

static char *
state_file(const Config *config, GError **error)
{
    g_autofree char *folder = config_state_dir(config, error);
    return folder ? store_path(config_string(config, "store", "url"), folder, error) : NULL;
}

gboolean
demo_seed(Config *config, GError **error)
{
    Seed seed = {.config = config, .real = clock_now(NULL)};
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
    gboolean done = keeper && live(&seed, error);
    log_keeper_stop(keeper);
    return done;
}
