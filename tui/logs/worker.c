/* worker.c: reading logs away from the screen's thread. */
#include "tui/logs/worker.h"

#define BUDGET (20 * G_TIME_SPAN_MILLISECOND)  /* before a part of an answer is sent */
#define SAY    (150 * G_TIME_SPAN_MILLISECOND) /* between two words about progress */
#define PACE   100
/* Where nothing came for so many looks, they are rarer: milliseconds. */
#define IN_VAIN    20
#define PACE_QUIET 400

struct LogWorker {
    GThread *thread;
    GAsyncQueue *asks; /* Task */
    Mailbox *mailbox;
    LogScreen screen;
    gint closed;  /* screen thread only: nothing is handed over any more */
    gint refs;    /* of what is on its way to the screen */
    gint wanted;  /* atomic: serial of the question that counts */
    gint pace;    /* atomic */
    guint serial; /* screen thread: the last one given */
    /* Worker's thread. */
    LogMerge *merge;
    char *store_path, *store_group, **paths;
    int pipe_fd;
    gint64 pass, request, run;
    char *notices[LOG_SOURCES_MAX];
    gint64 said; /* when progress was told last */
    gint64 counted;
};

typedef struct {
    gboolean end;
    guint serial;
    LogAsk ask;
} Task;

/* -- to the screen -- */

typedef enum { MAIL_ANSWER, MAIL_NEWS, MAIL_WHERE } MailKind;

typedef struct {
    LogWorker *worker;
    MailKind kind;
    LogAnswer answer;
    LogNews news;
    char *text; /* of failure or notice */
    LogWhere where;
} Letter;

static void
worker_unref(LogWorker *worker)
{
    if (!g_atomic_int_dec_and_test(&worker->refs))
        return;
    g_async_queue_unref(worker->asks);
    g_strfreev(worker->paths);
    g_free(worker->store_path);
    g_free(worker->store_group);
    g_free(worker);
}

static void
letter_free(gpointer data)
{
    Letter *letter = data;
    if (letter->answer.entries)
        g_ptr_array_unref(letter->answer.entries);
    worker_unref(letter->worker);
    g_free(letter->text);
    g_free(letter);
}

static void
letter_open(gpointer data)
{
    Letter *letter = data;
    const LogScreen *screen = &letter->worker->screen;
    if (letter->worker->closed)
        return;
    if (letter->kind == MAIL_ANSWER)
        screen->answer(screen->data, &letter->answer);
    else if (letter->kind == MAIL_NEWS)
        screen->news(screen->data, &letter->news);
    else
        screen->where(screen->data, &letter->where);
}

static Letter *
letter_new(LogWorker *worker, MailKind kind)
{
    Letter *letter = g_new0(Letter, 1);
    letter->worker = worker;
    letter->kind = kind;
    letter->news.percent = -1;
    g_atomic_int_inc(&worker->refs);
    return letter;
}

static void
post(Letter *letter)
{
    mailbox_post(letter->worker->mailbox, letter_open, letter, letter_free);
}

static void
post_news(LogWorker *worker, gboolean grew, char *notice, int percent)
{
    Letter *letter = letter_new(worker, MAIL_NEWS);
    letter->text = notice;
    letter->news = (LogNews){.grew = grew, .notice = notice, .percent = percent};
    for (guint i = 0; i < log_merge_count(worker->merge); i++) {
        LogSource *source = log_merge_source(worker->merge, i);
        letter->news.size += source->ops->end(source) - source->ops->start(source);
        letter->news.lives = letter->news.lives || source->ops->lives(source);
    }
    post(letter);
}

/* -- a question -- */

typedef struct {
    LogWorker *worker;
    const Task *task;
    LogPatience patience;
} Reading;

static gboolean
outdated(const Reading *reading)
{
    return (guint)g_atomic_int_get(&reading->worker->wanted) != reading->task->serial;
}

static gboolean
patient(gpointer data, gint64 done, gint64 all)
{
    const Reading *reading = data;
    gint64 now = g_get_monotonic_time();
    if (outdated(reading))
        return FALSE;
    if (all > 0 && now - reading->worker->said >= SAY) {
        reading->worker->said = now;
        post_news(reading->worker, FALSE, NULL,
                  (int)CLAMP(100.0 * (double)done / (double)all, 0, 100));
    }
    return TRUE;
}

static GPtrArray *
entries_new(void)
{
    return g_ptr_array_new_with_free_func(log_entry_free);
}

/* Adds up to lines entries in a direction; oldest first whatever the direction. */
static gboolean
read_some(Reading *reading, LogCut *cut, int direction, const LogSelect *select, guint lines,
          GPtrArray *into)
{
    LogWant want = {.direction = direction,
                    .lines = lines,
                    .select = select,
                    .whole = reading->task->ask.whole,
                    .budget = BUDGET,
                    .patience = &reading->patience};
    g_autoptr(GPtrArray) got = entries_new();
    gboolean more = log_merge_read(reading->worker->merge, cut, &want, got);
    g_ptr_array_set_free_func(got, NULL);
    for (guint i = 0; i < got->len; i++)
        g_ptr_array_insert(into, direction > 0 ? -1 : 0, g_ptr_array_index(got, i));
    return more;
}

static Letter *
answer_new(const Reading *reading)
{
    Letter *letter = letter_new(reading->worker, MAIL_ANSWER);
    letter->answer = (LogAnswer){.kind = reading->task->ask.kind,
                                 .serial = reading->task->serial,
                                 .entries = entries_new(),
                                 .focus = -1};
    return letter;
}

/* Joins a cut in parts until there are enough lines or no more. */
static void
join(Reading *reading, LogCut cut, int direction, guint lines, gboolean more)
{
    gboolean done;
    do {
        Letter *letter = answer_new(reading);
        if (more && lines > 0)
            more = read_some(reading, &cut, direction, reading->task->ask.select, lines,
                             letter->answer.entries);
        lines -= MIN(lines, letter->answer.entries->len);
        done = lines == 0 || !more || outdated(reading);
        letter->answer.direction = direction;
        letter->answer.first = letter->answer.last = cut;
        letter->answer.more_before = letter->answer.more_after = more;
        letter->answer.done = done;
        post(letter);
    } while (!done);
}

/* A window around a cut: what follows, what is before, in one part as far as it is quick. */
static void
around(Reading *reading, const LogCut *cut, gboolean focus)
{
    const LogAsk *ask = &reading->task->ask;
    Letter *letter = answer_new(reading);
    LogAnswer *answer = &letter->answer;
    GPtrArray *entries = answer->entries;
    answer->anew = TRUE;
    answer->first = answer->last = *cut;
    answer->more_before = answer->more_after = TRUE;
    if (ask->kind != ASK_END)
        answer->more_after = read_some(reading, &answer->last, 1, ask->select, ask->lines, entries);
    guint after = entries->len;
    if (ask->kind != ASK_START)
        answer->more_before =
            read_some(reading, &answer->first, -1, ask->select, ask->lines, entries);
    else
        answer->more_before = FALSE;
    if (ask->kind == ASK_END)
        answer->more_after = FALSE;
    guint before = entries->len - after;
    answer->focus = focus && after > 0 ? (int)before : entries->len ? (int)MAX(before, 1) - 1 : -1;
    gboolean want_after = ask->kind != ASK_END && answer->more_after && after < ask->lines;
    gboolean want_before = answer->more_before && before < ask->lines;
    LogCut first = answer->first, last = answer->last;
    answer->done = !want_after && !want_before;
    post(letter);
    if (want_after && !outdated(reading))
        join(reading, last, 1, ask->lines - after, TRUE);
    if (want_before && !outdated(reading))
        join(reading, first, -1, ask->lines - before, TRUE);
}

static void
fail(const Reading *reading, const char *why)
{
    Letter *letter = answer_new(reading);
    letter->text = g_strdup(why);
    letter->answer.failure = letter->text;
    letter->answer.done = TRUE;
    letter->answer.focus = -1;
    post(letter);
}

static void
find(Reading *reading)
{
    const LogAsk *ask = &reading->task->ask;
    LogCut cut = ask->cut;
    g_autoptr(GPtrArray) hit = entries_new();
    read_some(reading, &cut, ask->direction, ask->find, 1, hit);
    if (hit->len == 0) {
        fail(reading, outdated(reading)    ? "stopped"
                      : ask->direction > 0 ? "nothing further down"
                                           : "nothing further up");
        return;
    }
    const LogEntry *entry = g_ptr_array_index(hit, ask->direction > 0 ? 0 : hit->len - 1);
    log_merge_before(reading->worker->merge, entry->source, entry->pos, entry->at, &cut);
    around(reading, &cut, TRUE);
}

static void
line(Reading *reading)
{
    LogMerge *merge = reading->worker->merge;
    LogSource *source = log_merge_count(merge) ? log_merge_source(merge, 0) : NULL;
    gint64 place = source ? source->ops->line_place(source, reading->task->ask.value - 1) : -1;
    LogRecord record = {0};
    LogCut cut;
    if (place < 0) {
        fail(reading, "the lines are not counted so far yet");
        return;
    }
    if (source->ops->next(source, place, TRUE, &record) || log_merge_count(merge) > 1)
        log_merge_before(merge, 0, place, record.at, &cut);
    else
        cut.place[0] = place;
    around(reading, &cut, TRUE);
}

static void
where(const Reading *reading)
{
    const LogAsk *ask = &reading->task->ask;
    LogMerge *merge = reading->worker->merge;
    Letter *letter = letter_new(reading->worker, MAIL_WHERE);
    if (ask->source < log_merge_count(merge)) {
        LogSource *source = log_merge_source(merge, ask->source);
        gint64 start = source->ops->start(source), end = source->ops->end(source);
        double part = end > start ? (double)(ask->value - start) / (double)(end - start) : 1;
        letter->where.millionths = (gint64)(part * 1e6);
        if (source->ops->lines(source, ask->pos, &letter->where.line, &letter->where.lines,
                               &letter->where.all)) {
            letter->where.line++;
            /* The last one may have no newline yet. */
            letter->where.lines = MAX(letter->where.lines, letter->where.line);
        }
    }
    post(letter);
}

static void
work(LogWorker *worker, const Task *task)
{
    Reading reading = {.worker = worker, .task = task};
    const LogAsk *ask = &task->ask;
    LogCut cut = {{0}};
    reading.patience = (LogPatience){patient, &reading};
    worker->said = g_get_monotonic_time();
    if (ask->kind != ASK_WHERE && outdated(&reading))
        return;
    switch (ask->kind) {
    case ASK_MORE:
        join(&reading, ask->cut, ask->direction, ask->lines, TRUE);
        return;
    case ASK_FIND:
        find(&reading);
        return;
    case ASK_LINE:
        line(&reading);
        return;
    case ASK_WHERE:
        where(&reading);
        return;
    case ASK_START:
        log_merge_start(worker->merge, &cut);
        break;
    case ASK_END:
        log_merge_end(worker->merge, &cut);
        break;
    case ASK_PART:
        log_merge_part(worker->merge, ask->value, &cut);
        break;
    case ASK_TIME:
        log_merge_seek(worker->merge, ask->value, &cut);
        break;
    case ASK_AROUND:
        log_merge_before(worker->merge, ask->source, ask->pos, ask->value, &cut);
        break;
    default:
        return;
    }
    around(&reading, &cut,
           ask->kind == ASK_AROUND || ask->kind == ASK_TIME || ask->kind == ASK_PART ||
               ask->kind == ASK_START);
}

/* -- the thread -- */

static void
open_sources(LogWorker *worker)
{
    worker->merge = log_merge_new();
    for (guint i = 0; worker->paths && worker->paths[i]; i++)
        log_merge_add(worker->merge, log_source_file(worker->paths[i], TRUE));
    if (worker->pipe_fd >= 0)
        log_merge_add(worker->merge, log_source_pipe(worker->pipe_fd, "standard input", TRUE));
    LogStoreOptions store = {worker->store_path, worker->store_group, worker->pass, worker->request,
                             worker->run};
    if (worker->store_path)
        log_merge_add(worker->merge, log_source_store(&store));
}

/* Each new sentence once. */
static void
tell_notices(LogWorker *worker)
{
    for (guint i = 0; i < log_merge_count(worker->merge); i++) {
        LogSource *source = log_merge_source(worker->merge, i);
        char *notice = source->ops->notice(source);
        if (notice && g_strcmp0(notice, worker->notices[i]) != 0)
            post_news(worker, FALSE, g_strdup(notice), -1);
        g_free(worker->notices[i]);
        worker->notices[i] = notice;
    }
}

/* TRUE: there was something. */
static gboolean
look_for_news(LogWorker *worker)
{
    gboolean grew = FALSE;
    gint64 counted = 0;
    for (guint i = 0; i < log_merge_count(worker->merge); i++) {
        LogSource *source = log_merge_source(worker->merge, i);
        gint64 line, lines = 0;
        gboolean all = TRUE;
        grew = source->ops->poll(source) || grew;
        if (source->ops->lines(source, source->ops->start(source), &line, &lines, &all))
            counted += lines;
    }
    tell_notices(worker);
    gboolean news = grew || counted != worker->counted;
    if (news)
        post_news(worker, grew, NULL, -1);
    worker->counted = counted;
    return news;
}

static void
task_free(gpointer data)
{
    Task *task = data;
    log_select_unref(task->ask.select);
    log_select_unref(task->ask.find);
    g_free(task);
}

static gpointer
run(gpointer data)
{
    LogWorker *worker = data;
    gint64 looked = 0;
    guint in_vain = 0;
    open_sources(worker);
    for (gboolean on = TRUE; on;) {
        gint64 pace = g_atomic_int_get(&worker->pace);
        gint64 every = (in_vain < IN_VAIN ? pace : MAX(pace, PACE_QUIET)) * 1000;
        gint64 left = looked + every - g_get_monotonic_time();
        Task *task = left > 0 || looked == 0
                         ? g_async_queue_timeout_pop(worker->asks, (guint64)MAX(left, 1))
                         : g_async_queue_try_pop(worker->asks);
        if (task) {
            on = !task->end;
            if (on)
                work(worker, task);
            task_free(task);
        }
        if (on && g_get_monotonic_time() - looked >= every) {
            in_vain = look_for_news(worker) ? 0 : in_vain + 1;
            looked = g_get_monotonic_time();
        }
    }
    for (guint i = 0; i < LOG_SOURCES_MAX; i++)
        g_free(worker->notices[i]);
    log_merge_free(worker->merge);
    return NULL;
}

LogWorker *
log_worker_new(Mailbox *mailbox, const LogOpen *open, const LogScreen *screen)
{
    LogWorker *worker = g_new0(LogWorker, 1);
    worker->mailbox = mailbox;
    worker->screen = *screen;
    worker->refs = 1;
    worker->pace = PACE;
    GPtrArray *paths = g_ptr_array_new();
    for (guint i = 0; open->paths && open->paths[i]; i++)
        g_ptr_array_add(paths, g_strdup(open->paths[i]));
    g_ptr_array_add(paths, NULL);
    worker->paths = (char **)g_ptr_array_free(paths, FALSE);
    worker->pipe_fd = open->pipe_fd;
    worker->store_path = g_strdup(open->store);
    worker->store_group = g_strdup(open->group);
    worker->pass = open->pass;
    worker->request = open->request;
    worker->run = open->run;
    worker->asks = g_async_queue_new_full(task_free);
    worker->thread = g_thread_new("logs", run, worker);
    return worker;
}

void
log_worker_free(LogWorker *worker)
{
    if (!worker)
        return;
    Task *task = g_new0(Task, 1);
    task->end = TRUE;
    worker->closed = TRUE;
    g_atomic_int_set(&worker->wanted, -1);
    g_async_queue_push_front(worker->asks, task);
    g_thread_join(worker->thread);
    worker_unref(worker);
}

guint
log_worker_ask(LogWorker *worker, const LogAsk *ask)
{
    Task *task = g_new0(Task, 1);
    guint serial = ++worker->serial;
    task->ask = *ask;
    task->serial = serial;
    if (ask->kind != ASK_WHERE)
        g_atomic_int_set(&worker->wanted, (gint)serial);
    g_async_queue_push(worker->asks, task); /* the worker's from here on */
    return serial;
}

void
log_worker_stop(LogWorker *worker)
{
    g_atomic_int_set(&worker->wanted, -1);
}

void
log_worker_pace(LogWorker *worker, guint milliseconds)
{
    g_atomic_int_set(&worker->pace, (gint)milliseconds);
}
