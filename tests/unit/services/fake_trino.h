/* fake_trino.h: a scripted HTTP server on loopback for tests and benches: it answers each request
 * with the first unused step that fits, and keeps what it was sent. */
#ifndef TESTS_FAKE_TRINO_H
#define TESTS_FAKE_TRINO_H

#include <glib.h>

typedef struct {
    const char *method;
    const char *path; /* whole, with its query */
    int status;
    const char *body; /* "$URL" stands for http://127.0.0.1:PORT */
    gboolean hang;    /* no answer until the server stops or the client goes */
    gboolean repeats; /* is never used up */
} FakeStep;

typedef struct {
    char *method, *path, *head, *body;
    gint64 at; /* g_get_monotonic_time() */
} FakeRequest;

typedef struct FakeTrino FakeTrino;

/* steps end with a NULL method and are borrowed. What fits no step gets 404. */
FakeTrino *fake_trino_start(const FakeStep *steps);
void fake_trino_stop(FakeTrino *fake);
const char *fake_trino_url(const FakeTrino *fake);
/* How many requests of this method came (NULL: any). */
guint fake_trino_count(FakeTrino *fake, const char *method);
/* Waits up to five seconds for the nth request (from 0) of a method; NULL: it never came. Borrowed.
 */
const FakeRequest *fake_trino_wait(FakeTrino *fake, const char *method, guint nth);

#endif
