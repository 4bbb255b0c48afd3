/* http.h: HTTP for all services; the only header behind which libcurl stands.
 *
 * One Http has one network thread that runs a curl multi handle, so connections, TLS sessions and
 * DNS answers are shared by all callers; http_send() blocks the calling thread only. Redirects are
 * never followed. TLS is always verified, minimum 1.2; plain http goes to loopback only. Requests
 * are logged (method, URL without query values that look secret, status, time) and redacted here,
 * nowhere else. */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <glib.h>
#include "base/cancel.h"
#include "base/log.h"

typedef struct Http Http;

typedef struct {
    gint64 connect_timeout; /* microseconds; 0: 10 s */
    gint64 timeout;         /* one attempt, whole; 0: 60 s */
    gsize max_body;         /* bytes; 0: 64 MiB */
    guint retries;          /* further attempts after the first */
    gint64 backoff;         /* first pause; doubles, ±50 % jitter, at most 30 s; 0: 500 ms */
    gint64 max_retry_after; /* a longer Retry-After ends in ERR_RATE; 0: 120 s */
    const char *ca_file;    /* NULL: the system's */
    const char *user_agent; /* NULL: "creditbot/VERSION" */
} HttpOptions;

Http *http_new(const HttpOptions *options, Log *log, GError **error);
void http_free(Http *http); /* cancels what is under way, and waits for its callers to leave */

typedef enum {
    HTTP_REPEATABLE, /* GET-like: may be sent again after any transient failure */
    HTTP_ONCE, /* may be sent again only when it certainly had no effect: never connected, 429 */
} HttpRepeat;

typedef struct {
    const char *service; /* for the log: "slack" */
    const char *method;  /* "GET" */
    const char *url;
    const char *const *headers; /* "Name: value", NULL-terminated; NULL: none */
    const char *body;           /* NULL: none */
    gssize body_len;            /* -1: NUL-terminated */
    HttpRepeat repeat;
    gint64 timeout;              /* 0: the option's */
    gsize max_body;              /* 0: the option's */
    const char *user, *password; /* basic authentication when both are set */
    guint64 retry_status_mask;   /* reserved: 0 */
} HttpRequest;

typedef struct {
    int status;
    char *body; /* NUL-terminated beyond length */
    gsize length;
    char *content_type; /* NULL: none was sent */
    char *retry_after;  /* NULL: none */
    char *www_authenticate;
    gint64 elapsed; /* microseconds, all attempts */
    guint attempts;
} HttpResponse;

/* Sends and waits. Any status is an answer; 429 and 502/503/504 come back as answers only when the
 * retries are used up (or the request is HTTP_ONCE and the status is a 5xx). 429 is repeated for
 * both kinds. Errors: ERR_UNREACHABLE (nothing was sent), ERR_UNCLEAR (sent without an answer:
 * HTTP_ONCE; for HTTP_REPEATABLE that, too, is ERR_UNREACHABLE), ERR_BAD_ANSWER (too large, not
 * HTTP), ERR_RATE, ERR_CANCELLED (within 200 ms of cancel_fire; for HTTP_ONCE that was already on
 * the wire: ERR_UNCLEAR). ERR_REFUSED for any redirect, ERR_CONFIG for a URL that may not be used,
 * ERR_INPUT for a header that HTTP does not allow. An HTTP_ONCE request has a connection of its
 * own: libcurl by itself repeats what a kept connection swallowed. Returns NULL on error; caller
 * frees. */
HttpResponse *http_send(Http *http, const HttpRequest *request, Cancel *cancel, GError **error);
void http_response_free(HttpResponse *response);

/* A CREDITBOT_ERROR for an HTTP status that the service did not explain (401/403 → ERR_AUTH, 404 →
 * ERR_NOT_FOUND, 429 → ERR_RATE, 5xx → ERR_BUSY, else ERR_REFUSED). Always sets error. */
void http_status_error(const HttpResponse *response, const char *what, GError **error);

/* Splits and checks a URL without resolving: scheme http/https, host (lower case, no IDN decoding,
 * trailing dot removed), port (default filled in), path, query; user-info sets has_userinfo. FALSE
 * when malformed. The strict parser that all link checks stand on (RFC 3986). */
typedef struct {
    char *scheme, *host, *path, *query,
        *fragment; /* path "/" at least; query, fragment NULL when absent */
    int port;
    gboolean has_userinfo;
} HttpUrl;
HttpUrl *http_url_parse(const char *text, GError **error);
void http_url_free(HttpUrl *url);
/* Value of a query parameter, percent-decoded; NULL when absent. Caller frees. */
char *http_url_query(const HttpUrl *url, const char *name);
gboolean http_url_same_origin(const HttpUrl *a, const HttpUrl *b);
/* Percent-encodes all but RFC 3986 unreserved. Caller frees. */
char *http_encode(const char *text);
/* "a=1&b=2" from name, value pairs; pairs with NULL value are left out. NULL-terminated. Caller
 * frees. */
char *http_form(const char *name, ...) G_GNUC_NULL_TERMINATED;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Http, http_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HttpResponse, http_response_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HttpUrl, http_url_free)

#endif
