/* server.c: HTTP in and out: reads a request, asks the faults and the service, logs, answers. */
#include "config.h"
#include "server.h"
#include "fault.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BODY_MAX ((gsize)64 << 20)

static const struct {
    const char *base;
    const char *service;
    void (*handle)(Request *request, Answer *answer);
    gboolean in_transaction;
} services[] = {
    {"/slack/api/", "slack", slack_handle, TRUE},
    {"/looker/api/4.0/", "looker", looker_handle, TRUE},
    {"/trino/", "trino", trino_handle, FALSE},
    {"/presto/", "presto", trino_handle, FALSE},
    {"/control/", "control", control_handle, TRUE},
};

const char *
request_header(const Request *request, const char *name)
{
    return MHD_lookup_connection_value(request->conn, MHD_HEADER_KIND, name);
}

const char *
request_query(const Request *request, const char *name)
{
    return g_hash_table_lookup(request->query, name);
}

char **
request_segments(const Request *request)
{
    return g_strsplit(request->path, "/", -1);
}

void
answer_header(Answer *answer, const char *name, const char *value)
{
    g_ptr_array_add(answer->headers, g_strdup(name));
    g_ptr_array_add(answer->headers, g_strdup(value));
}

void
answer_text(Answer *answer, guint status, const char *type, const char *text)
{
    answer->status = status;
    g_string_assign(answer->body, text);
    g_free(answer->type);
    answer->type = g_strdup(type);
}

void
answer_json(Answer *answer, guint status, const cJSON *json)
{
    char *text = cJSON_PrintUnformatted(json);
    answer_text(answer, status, "application/json; charset=utf-8", text ? text : "{}");
    cJSON_free(text);
}

gboolean
sandbox_sleep(Sandbox *sandbox, gint64 milliseconds)
{
    gint64 end = g_get_monotonic_time() + milliseconds * 1000;
    g_mutex_lock(&sandbox->mutex);
    while (!sandbox->stopping && g_cond_wait_until(&sandbox->wake, &sandbox->mutex, end))
        continue;
    gboolean go_on = !sandbox->stopping;
    g_mutex_unlock(&sandbox->mutex);
    return go_on;
}

GHashTable *
form_parse(const char *text, gsize length)
{
    GHashTable *form = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autofree char *copy = g_strndup(text, length);
    g_auto(GStrv) pairs = g_strsplit(copy, "&", -1);
    for (char **pair = pairs; *pair != NULL; pair++) {
        if (**pair == '\0')
            continue;
        g_strdelimit(*pair, "+", ' ');
        char *equals = strchr(*pair, '=');
        if (equals != NULL)
            *equals = '\0';
        char *name = g_uri_unescape_string(*pair, NULL);
        char *value = g_uri_unescape_string(equals != NULL ? equals + 1 : "", NULL);
        if (name == NULL || value == NULL) {
            g_free(name);
            g_free(value);
            g_hash_table_unref(form);
            return NULL;
        }
        g_hash_table_replace(form, name, value);
    }
    return form;
}

/* Leaving a connected socket by AF_UNSPEC sends the RST at once, whatever stands in its buffers. */
static void
reset_connection(struct MHD_Connection *conn)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
    if (info != NULL)
        (void)connect(info->connect_fd, &nowhere, sizeof nowhere);
}

/* --- bodies that are produced piece by piece --- */

typedef struct {
    Sandbox *sandbox;
    struct MHD_Connection *conn;
    GString *body;
    guint64 pad, total;
    Wire wire;
    guint drip_bytes, drip_ms;
} Stream;

static void
stream_free(void *data)
{
    Stream *stream = data;
    g_string_free(stream->body, TRUE);
    g_free(stream);
}

/* The body with its padding: the padding stands before the last character. */
static gsize
stream_copy(const Stream *stream, guint64 at, char *out, gsize max)
{
    gsize head = stream->body->len > 0 ? stream->body->len - 1 : 0;
    if (stream->pad == 0)
        head = stream->body->len;
    if (at < head) {
        gsize n = MIN(max, head - (gsize)at);
        memcpy(out, stream->body->str + at, n);
        return n;
    }
    if (at < head + stream->pad) {
        gsize n = (gsize)MIN(max, head + stream->pad - at);
        memset(out, ' ', n);
        return n;
    }
    gsize n = MIN(max, (gsize)(stream->total - at));
    memcpy(out, stream->body->str + (at - stream->pad), n);
    return n;
}

static ssize_t
stream_read(void *data, uint64_t at, char *out, size_t max)
{
    Stream *stream = data;
    if (stream->wire == WIRE_RESET_MID) {
        guint64 half = stream->total / 2;
        if (at >= half) {
            sandbox_sleep(stream->sandbox, 20); /* lets the half that was sent be read */
            reset_connection(stream->conn);
            return MHD_CONTENT_READER_END_WITH_ERROR;
        }
        max = MIN(max, (gsize)(half - at));
    } else if (stream->wire == WIRE_DRIP) {
        if (at > 0 && !sandbox_sleep(stream->sandbox, stream->drip_ms))
            return MHD_CONTENT_READER_END_WITH_ERROR;
        max = MIN(max, MAX(stream->drip_bytes, 1));
    }
    return (ssize_t)stream_copy(stream, at, out, max);
}

static struct MHD_Response *
make_response(Request *request, Answer *answer)
{
    if (answer->wire == WIRE_NORMAL && answer->pad == 0)
        return MHD_create_response_from_buffer(answer->body->len, answer->body->str,
                                               MHD_RESPMEM_MUST_COPY);
    Stream *stream = g_new0(Stream, 1);
    *stream = (Stream){.sandbox = request->sandbox,
                       .conn = request->conn,
                       .body = g_string_new_len(answer->body->str, (gssize)answer->body->len),
                       .pad = answer->pad,
                       .total = answer->body->len + answer->pad,
                       .wire = answer->wire,
                       .drip_bytes = answer->drip_bytes,
                       .drip_ms = answer->drip_ms};
    return MHD_create_response_from_callback(stream->total, 65536, stream_read, stream,
                                             stream_free);
}

/* Past the library; the connection ends with it. */
static void
send_raw(const Request *request, const GString *raw)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->conn, MHD_CONNECTION_INFO_CONNECTION_FD);
    gsize sent = 0;
    while (info != NULL && sent < raw->len) {
        struct pollfd ready = {.fd = info->connect_fd, .events = POLLOUT};
        ssize_t n = poll(&ready, 1, 1000) > 0
                        ? send(info->connect_fd, raw->str + sent, raw->len - sent, MSG_NOSIGNAL)
                        : -1;
        if (n <= 0)
            return;
        sent += (gsize)n;
    }
}

static enum MHD_Result
send_answer(Request *request, Answer *answer)
{
    if (answer->wire == WIRE_RESET) {
        reset_connection(request->conn);
        return MHD_NO;
    }
    if (answer->wire == WIRE_RAW) {
        send_raw(request, answer->raw);
        return MHD_NO;
    }
    struct MHD_Response *response = make_response(request, answer);
    if (answer->type != NULL)
        MHD_add_response_header(response, "Content-Type", answer->type);
    for (guint i = 0; i + 1 < answer->headers->len; i += 2)
        MHD_add_response_header(response, answer->headers->pdata[i], answer->headers->pdata[i + 1]);
    enum MHD_Result result = MHD_queue_response(request->conn, answer->status, response);
    MHD_destroy_response(response);
    return result;
}

static void
log_request(const Request *request, const Answer *answer, gint64 began, const char *fault)
{
    Db *db = request->sandbox->db;
    if (strcmp(request->service, "control") == 0)
        return;
    char *args = cJSON_PrintUnformatted(request->logged);
    gint64 offset = db_now(db) - g_get_real_time();
    db_exec(db,
            "INSERT INTO log(at,ms,pid,service,verb,path,args,status,result,fault)"
            " VALUES(?,?,?,?,?,?,?,?,?,?)",
            "iiissssiss", began + offset, (g_get_real_time() - began) / 1000, (gint64)getpid(),
            request->service, request->verb, request->path, args,
            (gint64)(answer->wire == WIRE_RESET ? 0 : answer->status), request->result, fault);
    cJSON_free(args);
}

static void
run_service(Request *request, Answer *answer, gsize index, const Fault *fault, gint64 began)
{
    Db *db = request->sandbox->db;
    gboolean whole = services[index].in_transaction;
    if (whole)
        db_begin(db);
    fault_before(fault, request, answer);
    if (!fault_replaces(fault))
        services[index].handle(request, answer);
    fault_after(fault, request, answer);
    if (!whole)
        db_begin(db);
    log_request(request, answer, began, fault != NULL ? fault->kind : NULL);
    db_commit(db);
}

static enum MHD_Result
serve(Request *request, const char *url)
{
    Answer answer = {.status = 404,
                     .body = g_string_new("not found\n"),
                     .headers = g_ptr_array_new_with_free_func(g_free)};
    gint64 began = g_get_real_time();
    for (gsize i = 0; i < G_N_ELEMENTS(services); i++) {
        if (!g_str_has_prefix(url, services[i].base))
            continue;
        request->path = g_strdup(url + strlen(services[i].base));
        request->service = g_strdup(services[i].service);
        Fault *fault = fault_match(request);
        if (fault != NULL && fault->latency_ms > 0)
            sandbox_sleep(request->sandbox, fault->latency_ms);
        run_service(request, &answer, i, fault, began);
        fault_free(fault);
        break;
    }
    enum MHD_Result result = send_answer(request, &answer);
    g_string_free(answer.body, TRUE);
    g_ptr_array_unref(answer.headers);
    g_free(answer.type);
    if (answer.raw != NULL)
        g_string_free(answer.raw, TRUE);
    return result;
}

/* --- libmicrohttpd's callbacks --- */

static void
request_free(Request *request)
{
    g_free(request->verb);
    g_free(request->service);
    g_free(request->path);
    g_free(request->result);
    g_hash_table_unref(request->query);
    g_string_free(request->body, TRUE);
    cJSON_Delete(request->logged);
    g_free(request);
}

static enum MHD_Result
add_query(void *data, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    g_hash_table_replace(data, g_strdup(name), g_strdup(value != NULL ? value : ""));
    return MHD_YES;
}

static enum MHD_Result
on_request(void *data, struct MHD_Connection *conn, const char *url, const char *verb,
           const char *version, const char *upload, size_t *upload_size, void **state)
{
    (void)version;
    Request *request = *state;
    if (request == NULL) {
        request = g_new0(Request, 1);
        request->sandbox = data;
        request->conn = conn;
        request->verb = g_strdup(verb);
        request->query = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
        request->body = g_string_new(NULL);
        request->logged = cJSON_CreateObject();
        *state = request;
        return MHD_YES;
    }
    if (*upload_size > 0) {
        if (request->body->len + *upload_size > BODY_MAX)
            return MHD_NO;
        g_string_append_len(request->body, upload, (gssize)*upload_size);
        *upload_size = 0;
        return MHD_YES;
    }
    MHD_get_connection_values(conn, MHD_GET_ARGUMENT_KIND, add_query, request->query);
    return serve(request, url);
}

static void
on_completed(void *data, struct MHD_Connection *conn, void **state,
             enum MHD_RequestTerminationCode code)
{
    (void)data;
    (void)conn;
    (void)code;
    if (*state != NULL)
        request_free(*state);
    *state = NULL;
}

gboolean
server_start(Sandbox *sandbox, guint port, GError **error)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((guint16)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sandbox->daemon = MHD_start_daemon(
        MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, 0, NULL,
        NULL, on_request, sandbox, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, NULL, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U, MHD_OPTION_CONNECTION_LIMIT,
        512U, MHD_OPTION_LISTEN_BACKLOG_SIZE, 511U, MHD_OPTION_END);
    if (sandbox->daemon == NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "can't listen on 127.0.0.1:%u", port);
        return FALSE;
    }
    sandbox->port = MHD_get_daemon_info(sandbox->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    sandbox->origin = g_strdup_printf("http://127.0.0.1:%u", sandbox->port);
    return TRUE;
}

void
server_stop(Sandbox *sandbox)
{
    g_mutex_lock(&sandbox->mutex);
    sandbox->stopping = TRUE;
    g_cond_broadcast(&sandbox->wake);
    g_mutex_unlock(&sandbox->mutex);
    MHD_stop_daemon(sandbox->daemon);
    sandbox->daemon = NULL;
}
