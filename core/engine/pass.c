/* pass.c: one pass over all requests: read, finish what was left, work in parallel, post.
 *
 * One pass at a time (a lease in the store). Calculations run on worker threads; what is to be
 * posted goes to a pool of its own, so that Slack's one post a second never holds up a calculation,
 * nor a slow query a post. */
#include "engine/desk_private.h"

#include <string.h>

#include "base/error.h"
#include "base/money.h"
#include "base/failpoint.h"

#define LEASE      "pass"
#define BEAT_EVERY (10 * G_USEC_PER_SEC)

typedef struct {
    Desk *desk;
    const PassOptions *options;
    PassResult *result;
    ReadResult read;
    Cancel *cancel; /* the caller's */
    Cancel *stop;   /* also fired when the lease is lost */
    GMutex lock;
    GThreadPool *posters;
    guint calculated, posted, failed, outages, succeeded;
    GHashTable *seen; /* ids that this pass touched */
    GError *fatal;    /* the state failed: nothing more is begun */
    GError *lost;     /* the lease was: another pass runs now */
} PassWork;

void
pass_result_free(PassResult *result)
{
    if (!result)
        return;
    pass_free(result->pass);
    if (result->requests)
        g_ptr_array_unref(result->requests);
    if (result->problems)
        g_ptr_array_unref(result->problems);
    g_free(result);
}

/* -- the lease's heartbeat -- */

static void *
beat(void *data)
{
    PassWork *work = data;

    /* lost is read after this thread has ended. */
    while (!cancel_sleep(work->stop, BEAT_EVERY)) {
        if (!store_lease_beat(work->desk->store, LEASE, &work->lost)) {
            log_write(work->desk->log, LOG_LEVEL_ERROR, "pass", "stopping: %s",
                      work->lost->message);
            cancel_fire(work->stop);
        }
    }
    return NULL;
}

/* -- one request, on a worker thread -- */

static void
count(PassWork *work, const WorkResult *one, gboolean ok, GError *error)
{
    g_mutex_lock(&work->lock);
    work->calculated += one->calculated;
    work->posted += one->posted;
    work->failed += one->failed;
    work->outages += one->outage;
    work->succeeded += ok && !one->failed && (one->moved || one->calculated || one->posted);
    if (error && g_error_matches(error, CREDITBOT_ERROR, ERR_STORE) && !work->fatal)
        work->fatal = g_error_copy(error);
    g_mutex_unlock(&work->lock);
}

static void
work_in_pool(PassWork *work, gint64 id, guint parts)
{
    WorkResult one = {0};
    g_autoptr(GError) error = NULL;

    g_mutex_lock(&work->lock);
    gboolean stop = work->fatal != NULL;
    g_mutex_unlock(&work->lock);
    if (stop || cancel_fired(work->stop))
        return;
    log_scope(work->desk->pass_id, id, 0);
    gboolean ok = work_request(work->desk, id, parts, &one, work->stop, &error);
    count(work, &one, ok, error);
    if (!ok)
        log_write(work->desk->log,
                  g_error_matches(error, CREDITBOT_ERROR, ERR_STORE) ? LOG_LEVEL_ERROR
                                                                     : LOG_LEVEL_INFO,
                  "pass", "request %" G_GINT64_FORMAT ": %s", id, error->message);
    /* Without Slack a post would only use up the tries of its request. */
    if (ok && one.wants_post && !work->read.no_slack)
        g_thread_pool_push(work->posters, g_memdup2(&id, sizeof id), NULL);
}

static void
calculate_in_pool(gpointer data, gpointer user_data)
{
    g_autofree gint64 *id = data;

    work_in_pool(user_data, *id, WORK_CALCULATE);
}

static void
post_in_pool(gpointer data, gpointer user_data)
{
    g_autofree gint64 *id = data;

    work_in_pool(user_data, *id, WORK_POST);
}

/* -- what there is to do -- */

typedef struct {
    Desk *desk;
    GArray *ids;  /* what moves, in order of arrival */
    GArray *idle; /* what is only looked at once more: held by the rule, or a word in a dry run */
    gboolean is_auto, is_dry;
    gint64 now;
} Todo;

static gboolean
is_held_by_rule(const Request *request)
{
    return request->note && g_str_has_prefix(request->note, "held: ");
}

/* Where the request belongs; NULL: nowhere, it waits for a time or a person. */
static GArray *
list_of(const Todo *todo, const Request *request)
{
    switch (request->state) {
    case STATE_NEW:
    case STATE_RESOLVED:
        return todo->ids;
    case STATE_FAILED:
        return request->next_attempt_at && request->next_attempt_at <= todo->now ? todo->ids : NULL;
    case STATE_APPROVED:
        return request->hold_until <= todo->now ? todo->ids : NULL;
    case STATE_PENDING:
        return !todo->is_auto || request->corrects ? NULL
               : is_held_by_rule(request)          ? todo->idle
                                                   : todo->ids;
    case STATE_NEEDS_LINK:
        return !work_wants_to_ask(todo->desk, request) ? NULL
               : todo->is_dry                          ? todo->idle
                                                       : todo->ids;
    default:
        return NULL;
    }
}

static gboolean
add_todo(Request *request, void *data)
{
    Todo *todo = data;
    GArray *list = list_of(todo, request);

    if (list)
        g_array_append_val(list, request->id);
    return TRUE;
}

/* The idle ones come last, so that with --max they hold up nothing. */
static GArray *
find_todo(PassWork *work, GError **error)
{
    Desk *desk = work->desk;
    guint max = work->options->max;
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_autoptr(GArray) idle = g_array_new(FALSE, FALSE, sizeof(gint64));
    Todo todo = {.desk = desk,
                 .ids = ids,
                 .idle = idle,
                 .is_auto = g_strcmp0(config_string(desk->config, "approval", "mode"), "auto") == 0,
                 .is_dry = desk_is_dry(desk),
                 .now = desk_now(desk)};
    RequestFilter filter = {.states = STATES_OPEN, .order = ORDER_RECEIVED, .brief = TRUE};

    if (!store_requests(desk->store, &filter, add_todo, &todo, error))
        return NULL;
    g_array_append_vals(ids, idle->data, idle->len);
    if (max && ids->len > max)
        g_array_set_size(ids, max);
    return g_steal_pointer(&ids);
}

static gboolean
work_all(PassWork *work, GError **error)
{
    gint workers = (gint)config_int(work->desk->config, "general", "workers");
    g_autoptr(GArray) ids = find_todo(work, error);

    if (!ids)
        return FALSE;
    GThreadPool *pool = g_thread_pool_new(calculate_in_pool, work, workers, FALSE, NULL);
    work->posters = g_thread_pool_new(post_in_pool, work, MAX(2, workers / 2), FALSE, NULL);
    for (guint i = 0; i < ids->len; i++) {
        gint64 *id = &g_array_index(ids, gint64, i);

        g_hash_table_add(work->seen, g_memdup2(id, sizeof *id));
        g_thread_pool_push(pool, g_memdup2(id, sizeof *id), NULL);
    }
    g_thread_pool_free(pool, FALSE, TRUE);
    g_thread_pool_free(work->posters, FALSE, TRUE);
    if (work->fatal) {
        g_propagate_error(error, g_steal_pointer(&work->fatal));
        return FALSE;
    }
    return !cancel_check(work->cancel, error);
}

/* -- the order of a pass -- */

static gboolean
run_stages(PassWork *work, GError **error)
{
    Desk *desk = work->desk;
    guint recovered = 0;

    if (!store_check_writable(desk->store, error) || !work_recover(desk, error) ||
        !approve_expire(desk, error))
        return FALSE;
    failpoint("pass:before-read");
    if (!read_channels(desk, &work->read, work->stop, error))
        return FALSE;
    for (guint i = 0; i < work->read.touched->len; i++)
        g_hash_table_add(work->seen,
                         g_memdup2(&g_array_index(work->read.touched, gint64, i), sizeof(gint64)));
    failpoint("pass:after-read");
    if (!work->read.no_slack &&
        !post_recover(desk, 0, &recovered, work->result->problems, work->stop, error))
        return FALSE;
    work->posted += recovered;
    failpoint("pass:recovered");
    work_tell_dead(desk, work->stop);
    return work_all(work, error);
}

static int
judge(const PassWork *work, const GError *error)
{
    if (error)
        return error_exit_code(error);
    gboolean nothing_read =
        work->read.channels_failed > 0 && work->read.channels_failed == work->read.channels;
    if (nothing_read && work->read.unreachable && work->succeeded == 0)
        return 3;
    if (work->failed > 0 && work->outages == work->failed && work->succeeded == 0)
        return 3;
    return work->failed > 0 || work->read.channels_failed > 0 || work->result->problems->len > 0
               ? 1
               : 0;
}

static const char *
status_of(int exit_code, const GError *error)
{
    if (g_error_matches(error, CREDITBOT_ERROR, ERR_CANCELLED) ||
        g_error_matches(error, CREDITBOT_ERROR, ERR_LEASE))
        return "stopped";
    return exit_code == 0   ? "ok"
           : exit_code == 1 ? "some_failed"
           : exit_code == 3 ? "unreachable"
                            : "crashed"; /* the state or the configuration ended it */
}

static gint
by_arrival(gconstpointer a, gconstpointer b)
{
    const Request *left = *(Request *const *)a, *right = *(Request *const *)b;

    return left->received_at < right->received_at ? -1 : left->received_at > right->received_at;
}

/* The requests as they stand at the end, and the counts of states among them. */
static void
gather(PassWork *work)
{
    PassResult *result = work->result;
    Pass *pass = result->pass;
    GHashTableIter iter;
    gpointer key;

    g_hash_table_iter_init(&iter, work->seen);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        Request *request = desk_request(work->desk, *(gint64 *)key, NULL);

        if (!request)
            continue;
        pass->ignored += request->state == STATE_IGNORED;
        pass->needs_link += request->state == STATE_NEEDS_LINK;
        pass->pending += request->state == STATE_PENDING;
        g_ptr_array_add(result->requests, request);
    }
    g_ptr_array_sort(result->requests, by_arrival);
    pass->found = work->read.found;
    pass->fresh = work->read.fresh;
    pass->calculated = work->calculated;
    pass->posted = work->posted;
    pass->failed = work->failed;
}

static void
finish(PassWork *work, const GError *error)
{
    Desk *desk = work->desk;
    Pass *pass = work->result->pass;
    g_autoptr(GError) local = NULL;

    work->result->exit_code = judge(work, error);
    gather(work);
    pass->finished_at = desk_now(desk);
    pass->exit_code = work->result->exit_code;
    g_free(pass->status);
    pass->status = g_strdup(status_of(work->result->exit_code, error));
    pass->error = error ? g_strdup(error->message) : NULL;
    failpoint("pass:before-record");
    if (!store_pass_end(desk->store, pass, &local))
        log_write(desk->log, LOG_LEVEL_ERROR, "pass", "the pass could not be recorded: %s",
                  local->message);
    g_clear_error(&local);
    g_autofree char *path = g_build_filename(desk->state_dir, "processed_messages.json", NULL);
    if (!store_export_processed(desk->store, path, &local))
        log_write(desk->log, LOG_LEVEL_WARN, "pass", "%s", local->message);
    log_write(desk->log, LOG_LEVEL_INFO, "pass",
              "pass %" G_GINT64_FORMAT " %s: %" G_GINT64_FORMAT " found, %" G_GINT64_FORMAT
              " new, %" G_GINT64_FORMAT " calculated, %" G_GINT64_FORMAT
              " posted, %" G_GINT64_FORMAT " failed%s",
              pass->id, pass->status, pass->found, pass->fresh, pass->calculated, pass->posted,
              pass->failed, pass->dry_run ? " (dry run: nothing was posted)" : "");
}

static gboolean
begin(Desk *desk, const PassOptions *options, PassResult *result, GError **error)
{
    Pass *pass = result->pass = g_new0(Pass, 1);

    result->requests = g_ptr_array_new_with_free_func((GDestroyNotify)request_free);
    result->problems = g_ptr_array_new_with_free_func(g_free);
    pass->started_at = desk_now(desk);
    pass->host = g_strdup(holder_self()->host);
    pass->pid = holder_self()->pid;
    pass->actor = g_strdup(desk->actor);
    pass->trigger = g_strdup(options->trigger ? options->trigger : "cli");
    pass->status = g_strdup("running");
    pass->dry_run = options->dry_run || desk_dry_run(desk);
    desk->pass_dry = pass->dry_run;
    if (!store_pass_begin(desk->store, pass, error))
        return FALSE;
    desk->pass_id = pass->id;
    log_scope(pass->id, 0, 0);
    return TRUE;
}

/* A service that failed is a result; these leave none. */
static gboolean
ends_the_pass(const GError *error)
{
    return g_error_matches(error, CREDITBOT_ERROR, ERR_STORE) ||
           g_error_matches(error, CREDITBOT_ERROR, ERR_CONFIG) ||
           g_error_matches(error, CREDITBOT_ERROR, ERR_LEASE) ||
           g_error_matches(error, CREDITBOT_ERROR, ERR_CANCELLED);
}

static PassResult *
run_pass(Desk *desk, const PassOptions *options, Cancel *cancel, GError **error)
{
    g_autoptr(PassResult) result = g_new0(PassResult, 1);
    g_autoptr(GError) local = NULL;

    if (!begin(desk, options, result, error)) {
        desk->pass_dry = FALSE;
        return NULL;
    }
    g_autoptr(Cancel) stop = cancel_new_child(cancel);
    PassWork work = {
        .desk = desk, .options = options, .result = result, .cancel = cancel, .stop = stop};
    work.read.problems = result->problems;
    work.read.touched = g_array_new(FALSE, FALSE, sizeof(gint64));
    work.seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    g_mutex_init(&work.lock);
    GThread *heart = g_thread_new("lease", beat, &work);
    run_stages(&work, &local);
    cancel_fire(stop);
    g_thread_join(heart);
    if (work.lost && !cancel_fired(cancel)) {
        g_clear_error(&local);
        local = g_steal_pointer(&work.lost);
    }
    if (local)
        g_ptr_array_add(result->problems, g_strdup(local->message));
    finish(&work, local);
    g_clear_error(&work.lost);
    g_mutex_clear(&work.lock);
    g_hash_table_unref(work.seen);
    g_array_unref(work.read.touched);
    g_clear_error(&work.fatal);
    desk->pass_dry = desk->pass_mute = FALSE;
    desk->pass_id = 0;
    log_scope(0, 0, 0);
    if (ends_the_pass(local)) {
        g_propagate_error(error, g_steal_pointer(&local));
        return NULL;
    }
    return g_steal_pointer(&result);
}

static gboolean
refuse_paused(Desk *desk, const PassOptions *options, GError **error)
{
    g_autofree char *who = NULL;

    if (g_strcmp0(options->trigger, "cron") != 0 || !desk_paused(desk, &who))
        return FALSE;
    g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                "the schedule is paused (%s); creditbot resume ends it", who);
    return TRUE;
}

PassResult *
desk_pass(Desk *desk, const PassOptions *options, Cancel *cancel, GError **error)
{
    if (!pause_end_due(desk, error) || refuse_paused(desk, options, error) ||
        !store_lease_take(desk->store, LEASE, error))
        return NULL;
    failpoint("pass:leased");
    PassResult *result = run_pass(desk, options, cancel, error);
    failpoint("pass:before-release");
    store_lease_drop(desk->store, LEASE);
    return result;
}
