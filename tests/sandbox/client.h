/* client.h: a sandbox process and a small HTTP client for its tests: raw sockets, one request a
 * connection, so that resets and slow bodies are seen as they are. */
#ifndef SANDBOX_CLIENT_H
#define SANDBOX_CLIENT_H

#include <cjson/cJSON.h>
#include <glib.h>

typedef struct {
    GPid pid;
    int to_child;
    guint port;
    cJSON *ready; /* the line that it printed */
} Process;

/* Starts $CREDITBOT_SANDBOX on the folder and waits for its line; NULL when it does not come up. */
Process *process_start(const char *dir, const char *seed);
/* Closes its stdin and waits for its end; gives the exit status. */
int process_stop(Process *process);
const char *process_text(const Process *process, const char *name);

typedef struct {
    int status;        /* 0: no answer */
    gboolean reset;    /* the connection was reset */
    gboolean complete; /* all of Content-Length came */
    GString *head, *body;
    guint pieces; /* reads that it took */
} Reply;

/* headers: lines that end in \r\n, may be NULL. */
Reply *http(const Process *process, const char *verb, const char *target, const char *headers,
            const char *body);
void reply_free(Reply *reply);
/* Value of a header of the answer; caller frees. */
char *reply_header(const Reply *reply, const char *name);
cJSON *reply_json(const Reply *reply);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Reply, reply_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(cJSON, cJSON_Delete)

#endif
