/* wire.h: one exchange on the network thread; inside core/net only (the rules of repeating, logging
 * and the errors' words are http.c's). */
#ifndef NET_WIRE_H
#define NET_WIRE_H

#include <glib.h>
#include "base/cancel.h"

typedef struct Wire Wire;

/* Starts the network thread, which sets up libcurl: this costs the caller a thread, no more. */
Wire *wire_new(void);
/* Everything under way ends as cancelled; returns when the last caller has left. */
void wire_free(Wire *wire);
/* Around a series of exchanges and sleeps: wire_free() waits for its end too. */
void wire_enter(Wire *wire);
void wire_leave(Wire *wire);

typedef struct {
    const char *method, *url;
    const char *const *headers; /* NULL: none */
    const char *body;           /* NULL: none */
    gsize body_len;
    const char *user, *password;
    const char *ca_file, *user_agent;
    gint64 connect_timeout, timeout; /* microseconds */
    gsize max_body;
    gboolean fresh;    /* a connection of its own: one that went stale may swallow the request, and
                          libcurl repeats by itself what a reused connection did not answer */
    gboolean loopback; /* plain http is allowed, no proxy */
} WireRequest;

typedef enum {
    WIRE_ANSWERED,
    WIRE_CANCELLED,
    WIRE_UNREACHABLE, /* no connection */
    WIRE_UNTRUSTED,   /* TLS: certificate, version, name; trying again does not help */
    WIRE_TIMEOUT,
    WIRE_BROKEN,    /* the connection ended before the answer did */
    WIRE_TOO_LARGE, /* body beyond max_body */
    WIRE_NOT_HTTP,
    WIRE_MISUSE, /* refused by libcurl before any network */
} WireOutcome;

typedef struct {
    WireOutcome outcome;
    gboolean sent; /* bytes of the request may have reached the server */
    int status;
    char *body; /* NUL-terminated beyond length; set when answered */
    gsize length;
    char *content_type, *retry_after, *www_authenticate, *location;
    char *reason; /* libcurl's words when not answered */
    gint64 elapsed;
} WireAnswer;

/* Blocks the calling thread; fills *answer, which the caller empties with wire_answer_clear(). */
void wire_exchange(Wire *wire, const WireRequest *request, Cancel *cancel, WireAnswer *answer);
void wire_answer_clear(WireAnswer *answer);

/* Sleeps; TRUE (early) when cancelled or when the Wire is being freed. */
gboolean wire_sleep(Wire *wire, gint64 usec, Cancel *cancel);

/* "120" or an HTTP date (RFC 9110 10.2.3) as microseconds from now; FALSE when neither. */
gboolean wire_retry_after(const char *value, gint64 *usec);

#endif
