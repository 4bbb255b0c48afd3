/* fake_trino.c: a scripted HTTP server on loopback, one thread a connection. */
#include "fake_trino.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct FakeTrino {
    const FakeStep *steps;
    gboolean *used;
    char *url;
    int listener;
    GThread *acceptor;
    GMutex lock;
    GCond came;
    GPtrArray *requests; /* FakeRequest * */
    GPtrArray *threads;  /* GThread * */
    GArray *sockets;     /* int */
    gboolean stopping;
};

typedef struct {
    FakeTrino *fake;
    int fd;
} Connection;

static void
request_free(void *data)
{
    FakeRequest *request = data;
    g_free(request->method);
    g_free(request->path);
    g_free(request->head);
    g_free(request->body);
    g_free(request);
}

static gboolean
read_more(int fd, GString *buffer)
{
    char chunk[16384];
    ssize_t n = recv(fd, chunk, sizeof chunk, 0);
    if (n <= 0)
        return FALSE;
    g_string_append_len(buffer, chunk, n);
    return TRUE;
}

static gsize
content_length(const char *head)
{
    g_autofree char *lower = g_ascii_strdown(head, -1);
    const char *at = strstr(lower, "\r\ncontent-length:");
    return at ? g_ascii_strtoull(at + 17, NULL, 10) : 0;
}

/* The next request of a connection; NULL when it ends. */
static FakeRequest *
read_request(int fd, GString *buffer)
{
    char *end = NULL;
    while (!(end = strstr(buffer->str, "\r\n\r\n")))
        if (!read_more(fd, buffer))
            return NULL;
    FakeRequest *request = g_new0(FakeRequest, 1);
    request->at = g_get_monotonic_time();
    gsize head = (gsize)(end - buffer->str) + 4;
    request->head = g_strndup(buffer->str, head);
    gsize length = content_length(request->head);
    gboolean whole = TRUE;
    while (whole && buffer->len < head + length)
        whole = read_more(fd, buffer);
    g_auto(GStrv) words = g_strsplit(request->head, " ", 3);
    if (!whole || g_strv_length(words) < 3) {
        request_free(request);
        return NULL;
    }
    request->method = g_strdup(words[0]);
    request->path = g_strdup(words[1]);
    request->body = g_strndup(buffer->str + head, length);
    g_string_erase(buffer, 0, (gssize)(head + length));
    return request;
}

static const FakeStep *
take_step(FakeTrino *fake, FakeRequest *request)
{
    const FakeStep *found = NULL;
    g_mutex_lock(&fake->lock);
    for (gsize i = 0; !found && fake->steps[i].method; i++) {
        const FakeStep *step = &fake->steps[i];
        if (!fake->used[i] && strcmp(step->method, request->method) == 0 &&
            strcmp(step->path, request->path) == 0) {
            fake->used[i] = !step->repeats;
            found = step;
        }
    }
    g_ptr_array_add(fake->requests, request);
    g_cond_broadcast(&fake->came);
    g_mutex_unlock(&fake->lock);
    return found;
}

static gboolean
send_all(int fd, const char *bytes, gsize length)
{
    while (length > 0) {
        ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);
        if (n <= 0)
            return FALSE;
        bytes += n;
        length -= (gsize)n;
    }
    return TRUE;
}

static gboolean
answer(const FakeTrino *fake, int fd, const FakeStep *step)
{
    g_auto(GStrv) parts = g_strsplit(step && step->body ? step->body : "", "$URL", -1);
    g_autofree char *body = g_strjoinv(fake->url, parts);
    gsize length = strlen(body);
    g_autofree char *head = g_strdup_printf("HTTP/1.1 %d X\r\nContent-Type: application/json\r\n"
                                            "Content-Length: %zu\r\n\r\n",
                                            step ? step->status : 404, length);
    return send_all(fd, head, strlen(head)) && send_all(fd, body, length);
}

static void *
serve(void *data)
{
    Connection *connection = data;
    g_autoptr(GString) buffer = g_string_new(NULL);
    FakeRequest *request = NULL;
    gboolean open = TRUE;
    while (open && (request = read_request(connection->fd, buffer))) {
        const FakeStep *step = take_step(connection->fake, request);
        open = step && step->hang ? read_more(connection->fd, buffer)
                                  : answer(connection->fake, connection->fd, step);
    }
    shutdown(connection->fd, SHUT_RDWR);
    g_free(connection);
    return NULL;
}

static void *
accept_all(void *data)
{
    FakeTrino *fake = data;
    for (;;) {
        int one = 1, fd = accept(fake->listener, NULL, NULL);
        if (fd < 0)
            return NULL;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        g_mutex_lock(&fake->lock);
        if (fake->stopping)
            shutdown(fd, SHUT_RDWR);
        Connection *connection = g_new0(Connection, 1);
        *connection = (Connection){fake, fd};
        g_array_append_val(fake->sockets, fd);
        g_ptr_array_add(fake->threads, g_thread_new("fake", serve, connection));
        g_mutex_unlock(&fake->lock);
    }
}

FakeTrino *
fake_trino_start(const FakeStep *steps)
{
    FakeTrino *fake = g_new0(FakeTrino, 1);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    gsize n = 0;
    while (steps[n].method)
        n++;
    fake->steps = steps;
    fake->used = g_new0(gboolean, n + 1);
    fake->requests = g_ptr_array_new_with_free_func(request_free);
    fake->threads = g_ptr_array_new();
    fake->sockets = g_array_new(FALSE, FALSE, sizeof(int));
    g_mutex_init(&fake->lock);
    g_cond_init(&fake->came);
    fake->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fake->listener < 0 ||
        bind(fake->listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(fake->listener, 16) != 0 ||
        getsockname(fake->listener, (struct sockaddr *)&address, &length) != 0)
        g_error("no listener on loopback");
    fake->url = g_strdup_printf("http://127.0.0.1:%d", ntohs(address.sin_port));
    fake->acceptor = g_thread_new("fake-accept", accept_all, fake);
    return fake;
}

void
fake_trino_stop(FakeTrino *fake)
{
    g_mutex_lock(&fake->lock);
    fake->stopping = TRUE;
    for (guint i = 0; i < fake->sockets->len; i++)
        shutdown(g_array_index(fake->sockets, int, i), SHUT_RDWR);
    g_mutex_unlock(&fake->lock);
    shutdown(fake->listener, SHUT_RDWR);
    g_thread_join(fake->acceptor);
    for (guint i = 0; i < fake->threads->len; i++)
        g_thread_join(fake->threads->pdata[i]);
    for (guint i = 0; i < fake->sockets->len; i++)
        close(g_array_index(fake->sockets, int, i));
    close(fake->listener);
    g_ptr_array_unref(fake->requests);
    g_ptr_array_unref(fake->threads);
    g_array_unref(fake->sockets);
    g_mutex_clear(&fake->lock);
    g_cond_clear(&fake->came);
    g_free(fake->used);
    g_free(fake->url);
    g_free(fake);
}

const char *
fake_trino_url(const FakeTrino *fake)
{
    return fake->url;
}

/* With the lock held. count NULL: the nth of a method; else how many. */
static const FakeRequest *
find_request(const FakeTrino *fake, const char *method, guint nth, guint *count)
{
    guint seen = 0;
    for (guint i = 0; i < fake->requests->len; i++) {
        const FakeRequest *request = fake->requests->pdata[i];
        if (method && strcmp(request->method, method) != 0)
            continue;
        if (!count && seen == nth)
            return request;
        seen++;
    }
    if (count)
        *count = seen;
    return NULL;
}

guint
fake_trino_count(FakeTrino *fake, const char *method)
{
    guint count = 0;
    g_mutex_lock(&fake->lock);
    find_request(fake, method, 0, &count);
    g_mutex_unlock(&fake->lock);
    return count;
}

const FakeRequest *
fake_trino_wait(FakeTrino *fake, const char *method, guint nth)
{
    gint64 until = g_get_monotonic_time() + 5 * G_TIME_SPAN_SECOND;
    const FakeRequest *found = NULL;
    gboolean more = TRUE;
    g_mutex_lock(&fake->lock);
    while (!(found = find_request(fake, method, nth, NULL)) && more)
        more = g_cond_wait_until(&fake->came, &fake->lock, until);
    g_mutex_unlock(&fake->lock);
    return found;
}
