/* server.h: one HTTP request to the sandbox and its answer, whatever service it is for. */
#ifndef SANDBOX_SERVER_H
#define SANDBOX_SERVER_H

#include <cjson/cJSON.h>
#include <glib.h>
#include <microhttpd.h>
#include "db.h"

typedef struct Trino Trino;

/* One running sandbox process. */
typedef struct {
    Db *db;
    Trino *trino;
    struct MHD_Daemon *daemon;
    char *origin; /* "http://127.0.0.1:PORT" */
    guint port;
    GMutex mutex; /* guards stopping */
    GCond wake;
    gboolean stopping;
} Sandbox;

typedef enum { WIRE_NORMAL, WIRE_RESET, WIRE_RESET_MID, WIRE_DRIP, WIRE_RAW } Wire;

typedef struct {
    guint status;
    GString *body;
    char *type;         /* Content-Type */
    GPtrArray *headers; /* name, value, name, value … */
    Wire wire;
    GString *raw; /* WIRE_RAW: all that is sent, then the connection ends */
    guint drip_bytes, drip_ms;
    guint64 pad; /* bytes of padding put before the last character of the body */
} Answer;

typedef struct {
    Sandbox *sandbox;
    struct MHD_Connection *conn;
    char *verb;
    char *service;     /* slack, looker, trino, presto, control */
    char *path;        /* below the service's base, without a leading slash */
    GHashTable *query; /* arguments of the URL */
    GString *body;
    cJSON *logged; /* what the log keeps of the arguments; no secrets */
    char *result;  /* one word for the log: "ok" or the error's code */
} Request;

/* Header of the request, NULL when absent. */
const char *request_header(const Request *request, const char *name);
/* Value of an argument of the URL, NULL when absent. */
const char *request_query(const Request *request, const char *name);
/* The request's path cut at its slashes; caller frees with g_strfreev(). */
char **request_segments(const Request *request);

void answer_header(Answer *answer, const char *name, const char *value);
/* Replaces the answer by JSON (which stays the caller's) or by text. */
void answer_json(Answer *answer, guint status, const cJSON *json);
void answer_text(Answer *answer, guint status, const char *type, const char *text);

/* Waits, but not beyond the end of the process. FALSE when the process is ending. */
gboolean sandbox_sleep(Sandbox *sandbox, gint64 milliseconds);

/* "a=1&b=2" into a table of decoded strings; NULL when the escapes are broken. Caller frees. */
GHashTable *form_parse(const char *text, gsize length);

/* Listens on 127.0.0.1; port 0 takes a free one. */
gboolean server_start(Sandbox *sandbox, guint port, GError **error);
void server_stop(Sandbox *sandbox);

/* The services. Each fills the answer; slack, looker and control run inside db_begin(). */
void slack_handle(Request *request, Answer *answer);
void looker_handle(Request *request, Answer *answer);
void control_handle(Request *request, Answer *answer);
void trino_handle(Request *request, Answer *answer);

Trino *trino_new(const char *db_path);
void trino_free(Trino *trino);

#endif
