/* client.c: starts a sandbox and talks HTTP to it over plain sockets. */
#include "config.h"
#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static cJSON *
read_line(int fd)
{
    g_autoptr(GString) line = g_string_new(NULL);
    char c;
    while (read(fd, &c, 1) == 1 && c != '\n')
        g_string_append_c(line, c);
    return cJSON_Parse(line->str);
}

Process *
process_start(const char *dir, const char *seed)
{
    char *program = g_strdup(g_getenv("CREDITBOT_SANDBOX"));
    char *argv[] = {program,
                    g_strdup("--dir"),
                    g_strdup(dir),
                    g_strdup("--seed"),
                    g_strdup(seed),
                    g_strdup("--exit-with-stdin"),
                    NULL};
    Process *process = g_new0(Process, 1);
    int out = -1;
    if (g_spawn_async_with_pipes(NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                                 &process->pid, &process->to_child, &out, NULL, NULL)) {
        process->ready = read_line(out);
        close(out);
        process->port = (guint)cJSON_GetNumberValue(cJSON_GetObjectItem(process->ready, "port"));
    }
    for (int i = 0; argv[i] != NULL; i++)
        g_free(argv[i]);
    if (process->ready == NULL)
        g_clear_pointer(&process, g_free);
    return process;
}

int
process_stop(Process *process)
{
    int status = -1;
    close(process->to_child);
    while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    cJSON_Delete(process->ready);
    g_free(process);
    return status;
}

const char *
process_text(const Process *process, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItem(process->ready, name));
}

static void
read_all(int fd, GString *all, Reply *reply)
{
    char piece[65536];
    for (;;) {
        ssize_t n = recv(fd, piece, sizeof piece, 0);
        if (n < 0 && errno == EINTR)
            continue;
        reply->reset |= n < 0 && errno == ECONNRESET;
        if (n <= 0)
            return;
        g_string_append_len(all, piece, n);
        reply->pieces++;
    }
}

static void
split_reply(Reply *reply, const GString *all)
{
    const char *end = strstr(all->str, "\r\n\r\n");
    if (end == NULL)
        return;
    g_string_append_len(reply->head, all->str, end + 2 - all->str);
    gsize start = (gsize)(end + 4 - all->str);
    g_string_append_len(reply->body, end + 4, (gssize)(all->len - start));
    reply->status = atoi(reply->head->str + strlen("HTTP/1.1 "));
    g_autofree char *length = reply_header(reply, "Content-Length");
    reply->complete = length == NULL || strtoull(length, NULL, 10) == reply->body->len;
}

Reply *
http(const Process *process, const char *verb, const char *target, const char *headers,
     const char *body)
{
    Reply *reply = g_new0(Reply, 1);
    reply->head = g_string_new(NULL);
    reply->body = g_string_new(NULL);
    g_autoptr(GString) request = g_string_new(NULL);
    g_autoptr(GString) all = g_string_new(NULL);
    g_string_append_printf(request, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n",
                           verb, target);
    g_string_append_printf(request, "%sContent-Length: %zu\r\n\r\n%s", headers ? headers : "",
                           body ? strlen(body) : 0, body ? body : "");
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((guint16)process->port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        send(fd, request->str, request->len, MSG_NOSIGNAL) == (ssize_t)request->len) {
        read_all(fd, all, reply);
        split_reply(reply, all);
    }
    close(fd);
    return reply;
}

void
reply_free(Reply *reply)
{
    if (reply == NULL)
        return;
    g_string_free(reply->head, TRUE);
    g_string_free(reply->body, TRUE);
    g_free(reply);
}

char *
reply_header(const Reply *reply, const char *name)
{
    g_auto(GStrv) lines = g_strsplit(reply->head->str, "\r\n", -1);
    gsize length = strlen(name);
    for (char **line = lines; *line != NULL; line++)
        if (g_ascii_strncasecmp(*line, name, length) == 0 && (*line)[length] == ':')
            return g_strdup(g_strstrip(*line + length + 1));
    return NULL;
}

cJSON *
reply_json(const Reply *reply)
{
    return cJSON_Parse(reply->body->str);
}
