/* fake_http.h: a scripted HTTP server on loopback for unit tests: plain sockets, one thread a
 * connection.
 *
 * It shares nothing with the client under test. Replies are looked up in the order they were
 * scripted; the first whose match stands in the request (head and body) and that is not used up is
 * given. */
#ifndef TESTS_UNIT_NET_FAKE_HTTP_H
#define TESTS_UNIT_NET_FAKE_HTTP_H

#include <glib.h>

typedef struct FakeHttp FakeHttp;

typedef enum {
    FAKE_ANSWER,
    FAKE_HANG,    /* reads the request and never answers */
    FAKE_CLOSE,   /* reads the request and closes */
    FAKE_RESET,   /* reads the request and resets */
    FAKE_CUT,     /* announces the body, sends half of it, closes */
    FAKE_DRIP,    /* head at once, then one byte every 20 ms for ever */
    FAKE_GARBAGE, /* something that is not HTTP */
} FakeFault;

typedef struct {
    const char *match;   /* substring of the request; NULL: any. Borrowed, as all strings here */
    guint times;         /* 0: for ever */
    int status;          /* 0: 200 */
    const char *headers; /* "Name: value\r\n…"; NULL: none */
    const char *body;    /* NULL: "" */
    guint delay_ms;      /* before the answer */
    FakeFault fault;
} FakeReply;

FakeHttp *fake_http_new(void);
void fake_http_free(FakeHttp *fake);
const char *fake_http_url(FakeHttp *fake); /* "http://127.0.0.1:PORT" */
void fake_http_reply(FakeHttp *fake, FakeReply reply);
void fake_http_forget(FakeHttp *fake); /* drops the script and what was received */

guint fake_http_count(FakeHttp *fake, const char *match); /* requests that hold match; NULL: all */
guint fake_http_connections(FakeHttp *fake);
/* The n-th request from 0, head and body; NULL: not so many. Caller frees. */
char *fake_http_request(FakeHttp *fake, guint n);
/* Waits until so many requests came; FALSE after 5 s. */
gboolean fake_http_wait(FakeHttp *fake, guint requests);
/* A port on which nothing listens. */
int fake_http_dead_port(void);

#endif
