/* reader.c: reading the store away from the screen thread. */
#include "tui/reader.h"

#include "base/clock.h"

#define STAMP_EVERY  (300 * G_TIME_SPAN_MILLISECOND)
#define REOPEN_EVERY G_TIME_SPAN_SECOND

typedef struct {
    ReadFunc read; /* NULL: end */
    MailFunc done;
    gpointer data;
    GDestroyNotify free_data;
} Question;

struct Reader {
    GThread *thread;
    GAsyncQueue *questions; /* Question */
    Mailbox *mailbox;
    char *path, *group;
    MailFunc changed, failed;
    gpointer data;
};

static void
question_free(gpointer data)
{
    Question *question = data;
    if (question->free_data && question->data)
        question->free_data(question->data);
    g_free(question);
}

static void
compare_stamp(Reader *reader, Store *store, gint64 *stamp)
{
    gint64 now = store_stamp(store);
    if (now == *stamp)
        return;
    *stamp = now;
    mailbox_post(reader->mailbox, reader->changed, reader->data, NULL);
}

static void
failure_free(gpointer data)
{
    ReaderFailure *failure = data;
    g_free(failure->text);
    g_free(failure);
}

static Store *
try_open(Reader *reader, char **told)
{
    g_autoptr(GError) error = NULL;
    StoreOptions options = {.path = reader->path, .group = reader->group, .read_only = TRUE};
    Store *store = store_open(&options, &error);
    if (!store && reader->failed && g_strcmp0(*told, error->message) != 0) {
        g_free(*told);
        *told = g_strdup(error->message);
        ReaderFailure *failure = g_new0(ReaderFailure, 1);
        *failure = (ReaderFailure){reader->data, g_strdup(*told)};
        mailbox_post(reader->mailbox, reader->failed, failure, failure_free);
    }
    return store;
}

/* FALSE when the thread is to end. */
static gboolean
answer(Reader *reader, Store *store, gint64 wait)
{
    Question *question = g_async_queue_timeout_pop(reader->questions, (guint64)wait);
    if (!question)
        return TRUE;
    gboolean on = question->read != NULL;
    if (on) {
        question->read(store, question->data);
        mailbox_post(reader->mailbox, question->done, question->data, question->free_data);
        question->data = NULL;
    }
    question_free(question);
    return on;
}

/* One that only answers opens with its first question: it takes nothing from the first frame. FALSE
 * when the thread is to end. */
static gboolean
wait_first(Reader *reader)
{
    Question *first = g_async_queue_pop(reader->questions);
    gboolean on = first->read != NULL;
    if (on)
        g_async_queue_push_front(reader->questions, first);
    else
        question_free(first);
    return on;
}

static gpointer
reader_main(gpointer data)
{
    Reader *reader = data;
    g_autoptr(Store) store = NULL;
    g_autofree char *told = NULL;
    gint64 stamp = G_MININT64, looked = 0;
    if (!reader->changed && !wait_first(reader))
        return NULL;
    while (!(store = try_open(reader, &told))) {
        Question *first = g_async_queue_timeout_pop(reader->questions, REOPEN_EVERY);
        gboolean on = !first || first->read != NULL;
        if (first && on)
            g_async_queue_push_front(reader->questions, first);
        else if (first)
            question_free(first);
        if (!on)
            return NULL;
        if (first)
            g_usleep(REOPEN_EVERY / 10);
    }
    for (gboolean on = TRUE; on;) {
        gint64 now = g_get_monotonic_time();
        if (reader->changed && now - looked >= STAMP_EVERY) {
            compare_stamp(reader, store, &stamp);
            looked = now;
        }
        gint64 wait = reader->changed ? MAX(looked + STAMP_EVERY - now, 1000) : G_TIME_SPAN_HOUR;
        on = answer(reader, store, wait);
    }
    return NULL;
}

Reader *
reader_new(Mailbox *mailbox, const ReaderOptions *options)
{
    Reader *reader = g_new0(Reader, 1);
    reader->mailbox = mailbox;
    reader->path = g_strdup(options->path);
    reader->group = g_strdup(options->group);
    reader->changed = options->changed;
    reader->failed = options->failed;
    reader->data = options->data;
    reader->questions = g_async_queue_new_full(question_free);
    reader->thread = g_thread_new("reader", reader_main, reader);
    return reader;
}

void
reader_free(Reader *reader)
{
    if (!reader)
        return;
    g_async_queue_push_front(reader->questions, g_new0(Question, 1));
    g_thread_join(reader->thread);
    g_async_queue_unref(reader->questions);
    g_free(reader->path);
    g_free(reader->group);
    g_free(reader);
}

void
reader_ask(Reader *reader, ReadFunc read, MailFunc done, gpointer data, GDestroyNotify free_data)
{
    Question *question = g_new0(Question, 1);
    *question = (Question){read, done, data, free_data};
    g_async_queue_push(reader->questions, question);
}
