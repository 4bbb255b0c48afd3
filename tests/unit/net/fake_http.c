/* fake_http.c: see fake_http.h. */
#include "tests/unit/net/fake_http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

struct FakeHttp {
    int listener;
    char *url;
    GThread *thread;
    GMutex mutex;
    GCond changed;
    gboolean stopping;
    GArray *script;      /* FakeReply */
    GArray *used;        /* guint, times given, beside script */
    GPtrArray *requests; /* char * */
    GPtrArray *threads;  /* GThread * */
    GArray *sockets;     /* int */
};

typedef struct {
    FakeHttp *fake;
    int fd;
} Connection;

static void
send_all(int fd, const char *data, gsize len)
{
    while (len > 0) {
        ssize_t sent = send(fd, data, len, MSG_NOSIGNAL);

        if (sent <= 0)
            return;
        data += sent;
        len -= (gsize)sent;
    }
}

static gsize
content_length(const char *head)
{
    for (const char *line = head; (line = strstr(line, "\r\n")) != NULL; line += 2) {
        if (strncasecmp(line + 2, "Content-Length:", 15) == 0)
            return (gsize)g_ascii_strtoull(line + 17, NULL, 10);
    }
    return 0;
}

/* One request, head and body; NULL at the end of the connection. */
static char *
read_request(int fd)
{
    GString *text = g_string_new(NULL);
    char buffer[4096];

    for (;;) {
        const char *body = strstr(text->str, "\r\n\r\n");
        ssize_t got;

        if (body != NULL && text->len >= (gsize)(body + 4 - text->str) + content_length(text->str))
            return g_string_free(text, FALSE);
        got = recv(fd, buffer, sizeof buffer, 0);
        if (got <= 0)
            break;
        g_string_append_len(text, buffer, got);
    }
    g_string_free(text, TRUE);
    return NULL;
}

static FakeReply
choose_reply(FakeHttp *fake, const char *request)
{
    FakeReply none = {.status = 599, .body = "not in the script"};

    for (guint i = 0; i < fake->script->len; i++) {
        FakeReply *reply = &g_array_index(fake->script, FakeReply, i);
        guint *used = &g_array_index(fake->used, guint, i);

        if (reply->match != NULL && strstr(request, reply->match) == NULL)
            continue;
        if (reply->times != 0 && *used >= reply->times)
            continue;
        (*used)++;
        return *reply;
    }
    return none;
}

/* With the mutex: until the time has passed or the server stops. */
static void
wait_ms(FakeHttp *fake, guint ms)
{
    gint64 end = g_get_monotonic_time() + (gint64)ms * 1000;

    while (!fake->stopping && g_cond_wait_until(&fake->changed, &fake->mutex, end))
        ;
}

static void
reset_connection(int fd)
{
    struct linger hard = {.l_onoff = 1, .l_linger = 0};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

static void
drip(FakeHttp *fake, int fd)
{
    gboolean going = TRUE;

    while (going) {
        going = send(fd, "x", 1, MSG_NOSIGNAL) == 1;
        g_mutex_lock(&fake->mutex);
        wait_ms(fake, 20);
        going = going && !fake->stopping;
        g_mutex_unlock(&fake->mutex);
    }
}

/* FALSE: the connection ends. */
static gboolean
give(FakeHttp *fake, int fd, const FakeReply *reply)
{
    const char *body = reply->body ? reply->body : "";
    gsize len = strlen(body);
    g_autofree char *head = g_strdup_printf(
        "HTTP/1.1 %d Scripted\r\nContent-Length: %" G_GSIZE_FORMAT "\r\n%s\r\n",
        reply->status ? reply->status : 200, reply->fault == FAKE_DRIP ? (gsize)1 << 20 : len,
        reply->headers ? reply->headers : "");

    if (reply->fault == FAKE_CLOSE)
        return FALSE;
    if (reply->fault == FAKE_RESET) {
        reset_connection(fd);
        return FALSE;
    }
    if (reply->fault == FAKE_GARBAGE) {
        send_all(fd, "SSH-2.0-nothing of HTTP\r\n\r\n", 27);
        return FALSE;
    }
    send_all(fd, head, strlen(head));
    if (reply->fault == FAKE_DRIP)
        drip(fake, fd);
    send_all(fd, body, reply->fault == FAKE_CUT ? len / 2 : len);
    return reply->fault == FAKE_ANSWER;
}

static gpointer
serve(gpointer data)
{
    Connection *connection = data;
    FakeHttp *fake = connection->fake;
    gboolean going = TRUE;
    char *request;

    while (going && (request = read_request(connection->fd)) != NULL) {
        FakeReply reply;

        g_mutex_lock(&fake->mutex);
        g_ptr_array_add(fake->requests, request);
        reply = choose_reply(fake, request);
        g_cond_broadcast(&fake->changed);
        if (reply.fault == FAKE_HANG)
            while (!fake->stopping)
                g_cond_wait(&fake->changed, &fake->mutex);
        else if (reply.delay_ms > 0)
            wait_ms(fake, reply.delay_ms);
        going = !fake->stopping;
        g_mutex_unlock(&fake->mutex);
        going = going && give(fake, connection->fd, &reply);
    }
    g_mutex_lock(&fake->mutex);
    for (guint i = 0; i < fake->sockets->len; i++) {
        if (g_array_index(fake->sockets, int, i) == connection->fd)
            g_array_index(fake->sockets, int, i) = -1;
    }
    close(connection->fd);
    g_mutex_unlock(&fake->mutex);
    g_free(connection);
    return NULL;
}

static gpointer
accept_all(gpointer data)
{
    FakeHttp *fake = data;
    int fd;

    while ((fd = accept(fake->listener, NULL, NULL)) >= 0) {
        Connection *connection = g_new(Connection, 1);

        *connection = (Connection){fake, fd};
        g_mutex_lock(&fake->mutex);
        g_array_append_val(fake->sockets, fd);
        g_ptr_array_add(fake->threads, g_thread_new("fake-http", serve, connection));
        g_mutex_unlock(&fake->mutex);
    }
    return NULL;
}

static int
bind_loopback(int *port)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof addr;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(bind(fd, (struct sockaddr *)&addr, len), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&addr, &len), ==, 0);
    *port = ntohs(addr.sin_port);
    return fd;
}

FakeHttp *
fake_http_new(void)
{
    FakeHttp *fake = g_new0(FakeHttp, 1);
    int port;

    g_mutex_init(&fake->mutex);
    g_cond_init(&fake->changed);
    fake->script = g_array_new(FALSE, FALSE, sizeof(FakeReply));
    fake->used = g_array_new(FALSE, TRUE, sizeof(guint));
    fake->requests = g_ptr_array_new_with_free_func(g_free);
    fake->threads = g_ptr_array_new();
    fake->sockets = g_array_new(FALSE, FALSE, sizeof(int));
    fake->listener = bind_loopback(&port);
    g_assert_cmpint(listen(fake->listener, 128), ==, 0);
    fake->url = g_strdup_printf("http://127.0.0.1:%d", port);
    fake->thread = g_thread_new("fake-accept", accept_all, fake);
    return fake;
}

void
fake_http_free(FakeHttp *fake)
{
    shutdown(fake->listener, SHUT_RDWR);
    g_thread_join(fake->thread);
    close(fake->listener);
    g_mutex_lock(&fake->mutex);
    fake->stopping = TRUE;
    g_cond_broadcast(&fake->changed);
    for (guint i = 0; i < fake->sockets->len; i++) {
        if (g_array_index(fake->sockets, int, i) >= 0)
            shutdown(g_array_index(fake->sockets, int, i), SHUT_RDWR);
    }
    g_mutex_unlock(&fake->mutex);
    for (guint i = 0; i < fake->threads->len; i++)
        g_thread_join(g_ptr_array_index(fake->threads, i));
    g_array_unref(fake->script);
    g_array_unref(fake->used);
    g_ptr_array_unref(fake->requests);
    g_ptr_array_unref(fake->threads);
    g_array_unref(fake->sockets);
    g_free(fake->url);
    g_cond_clear(&fake->changed);
    g_mutex_clear(&fake->mutex);
    g_free(fake);
}

const char *
fake_http_url(FakeHttp *fake)
{
    return fake->url;
}

void
fake_http_reply(FakeHttp *fake, FakeReply reply)
{
    guint none = 0;

    g_mutex_lock(&fake->mutex);
    g_array_append_val(fake->script, reply);
    g_array_append_val(fake->used, none);
    g_mutex_unlock(&fake->mutex);
}

void
fake_http_forget(FakeHttp *fake)
{
    g_mutex_lock(&fake->mutex);
    g_array_set_size(fake->script, 0);
    g_array_set_size(fake->used, 0);
    g_ptr_array_set_size(fake->requests, 0);
    g_mutex_unlock(&fake->mutex);
}

static guint
count_locked(FakeHttp *fake, const char *match)
{
    guint count = 0;

    for (guint i = 0; i < fake->requests->len; i++) {
        if (match == NULL || strstr(g_ptr_array_index(fake->requests, i), match) != NULL)
            count++;
    }
    return count;
}

guint
fake_http_count(FakeHttp *fake, const char *match)
{
    guint count;

    g_mutex_lock(&fake->mutex);
    count = count_locked(fake, match);
    g_mutex_unlock(&fake->mutex);
    return count;
}

guint
fake_http_connections(FakeHttp *fake)
{
    guint count;

    g_mutex_lock(&fake->mutex);
    count = fake->threads->len;
    g_mutex_unlock(&fake->mutex);
    return count;
}

char *
fake_http_request(FakeHttp *fake, guint n)
{
    char *text;

    g_mutex_lock(&fake->mutex);
    text = n < fake->requests->len ? g_strdup(g_ptr_array_index(fake->requests, n)) : NULL;
    g_mutex_unlock(&fake->mutex);
    return text;
}

gboolean
fake_http_wait(FakeHttp *fake, guint requests)
{
    gint64 end = g_get_monotonic_time() + 5 * G_TIME_SPAN_SECOND;
    gboolean there;

    g_mutex_lock(&fake->mutex);
    while (fake->requests->len < requests && g_cond_wait_until(&fake->changed, &fake->mutex, end))
        ;
    there = fake->requests->len >= requests;
    g_mutex_unlock(&fake->mutex);
    return there;
}

int
fake_http_dead_port(void)
{
    int port;

    close(bind_loopback(&port));
    return port;
}
