/* wire.c: the network thread: a curl multi handle that carries the exchanges of all callers.
 *
 * Only this thread touches the multi handle (curl_multi_wakeup excepted, which is made for others),
 * so connections, DNS answers and TLS sessions are shared without a lock of libcurl's; sharing
 * connections between threads is documented as unsafe (CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT). */
#include "net/wire.h"

#include <curl/curl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "base/text.h"
#include "net/curl_memory.h"

#define IDLE_POLL_MS         60000
#define MAX_IDLE_CONNECTIONS 128L
#define PRESIZE_LIMIT        ((gsize)4 << 20)

struct Wire {
    GThread *thread;
    CURLM *multi; /* set once, before ready */
    CURLSH *share;
    GMutex mutex; /* what follows, and the fields of every Call that say so */
    GCond changed;
    gboolean ready, closing;
    guint callers;
    GQueue incoming;   /* Call *, not yet seen by the thread */
    GPtrArray *active; /* Call *, the thread's own */
};

typedef struct {
    Wire *wire;
    const WireRequest *request;
    WireAnswer *answer;
    CURL *easy;
    struct curl_slist *headers;
    GString *body;
    gboolean too_large;
    char reason[CURL_ERROR_SIZE];
    GCond over; /* with wire->mutex: cancelled, done */
    gboolean cancelled, done;
} Call;

/* ---- what libcurl calls ---- */

static size_t
on_body(char *data, size_t size, size_t count, void *user)
{
    Call *call = user;
    gsize len = size * count;

    if (len > call->request->max_body || call->body->len > call->request->max_body - len) {
        call->too_large = TRUE;
        return 0;
    }
    if (call->body->allocated_len < 64 && len > 0) {
        curl_off_t total = -1;

        curl_easy_getinfo(call->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &total);
        if (total > 0) {
            gsize room = MIN((gsize)total, MIN(call->request->max_body, PRESIZE_LIMIT));

            g_string_set_size(call->body, room);
            g_string_truncate(call->body, 0);
        }
    }
    g_string_append_len(call->body, data, (gssize)len);
    return len;
}

static void
keep_header(const char *line, gsize len, const char *name, char **value)
{
    gsize name_len = strlen(name);

    if (len <= name_len || g_ascii_strncasecmp(line, name, name_len) != 0 || line[name_len] != ':')
        return;
    g_free(*value);
    *value = g_strstrip(g_strndup(line + name_len + 1, len - name_len - 1));
}

static size_t
on_header(char *data, size_t size, size_t count, void *user)
{
    WireAnswer *answer = ((Call *)user)->answer;
    gsize len = size * count;

    keep_header(data, len, "Retry-After", &answer->retry_after);
    keep_header(data, len, "WWW-Authenticate", &answer->www_authenticate);
    keep_header(data, len, "Content-Type", &answer->content_type);
    keep_header(data, len, "Location", &answer->location);
    return len;
}

/* ---- one exchange: before and after ---- */

/* The only copy of a credential that we make; wiped in wipe_headers(). */
static struct curl_slist *
add_basic_auth(struct curl_slist *list, const WireRequest *request)
{
    char *pair = g_strconcat(request->user, ":", request->password, NULL);
    char *encoded = g_base64_encode((const guchar *)pair, strlen(pair));
    char *line = g_strconcat("Authorization: Basic ", encoded, NULL);

    list = curl_slist_append(list, line);
    text_wipe_free(pair);
    text_wipe_free(encoded);
    text_wipe_free(line);
    return list;
}

static struct curl_slist *
build_headers(const WireRequest *request)
{
    /* No "Expect: 100-continue": it costs a second where a server does not know it. */
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");

    for (const char *const *line = request->headers; line != NULL && *line != NULL; line++)
        list = curl_slist_append(list, *line);
    if (request->user != NULL && request->password != NULL)
        list = add_basic_auth(list, request);
    return list;
}

static void
wipe_headers(struct curl_slist *list)
{
    for (struct curl_slist *item = list; item != NULL; item = item->next)
        explicit_bzero(item->data, strlen(item->data));
    curl_slist_free_all(list);
}

static void
set_method(CURL *easy, const WireRequest *request)
{
    if (request->body != NULL || strcmp(request->method, "POST") == 0) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body ? request->body : "");
    } else if (strcmp(request->method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
        return;
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static void
set_limits(CURL *easy, const WireRequest *request)
{
    gint64 timeout = MAX(request->timeout / 1000, 1);
    gint64 connect = MAX(request->connect_timeout / 1000, 1);

    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)MIN(connect, timeout));
    curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->max_body);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* A cancel must not wait for a name server: the resolver's thread is left behind. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
}

static void
set_trust(CURL *easy, const WireRequest *request)
{
    const char *protocols = request->loopback ? "http,https" : "https";

#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, protocols);
#else
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS,
                     strcmp(protocols, "https") == 0 ? CURLPROTO_HTTPS
                                                     : (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    /* Our headers are for the service; a proxy gets none of them. */
    curl_easy_setopt(easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
    if (request->ca_file != NULL)
        curl_easy_setopt(easy, CURLOPT_CAINFO, request->ca_file);
    if (request->loopback)
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
}

/* Called on the network thread. */
static void
call_start(Wire *wire, Call *call)
{
    CURL *easy = curl_easy_init();
    const WireRequest *request = call->request;

    if (easy == NULL)
        g_error("libcurl: no memory for a request");
    call->easy = easy;
    call->body = g_string_sized_new(0);
    call->headers = build_headers(request);
    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, request->user_agent);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->reason);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
    curl_easy_setopt(easy, CURLOPT_SHARE, wire->share);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, request->fresh ? 1L : 0L);
    /* Nobody would use it again soon: the next such request wants a new one as well. */
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, request->fresh ? 1L : 0L);
    set_method(easy, request);
    set_limits(easy, request);
    set_trust(easy, request);
    curl_multi_add_handle(wire->multi, easy);
    g_ptr_array_add(wire->active, call);
}

static const struct {
    CURLcode code;
    WireOutcome outcome;
} outcomes[] = {
    {CURLE_OK, WIRE_ANSWERED},
    {CURLE_UNSUPPORTED_PROTOCOL, WIRE_NOT_HTTP},
    {CURLE_URL_MALFORMAT, WIRE_MISUSE},
    {CURLE_COULDNT_RESOLVE_PROXY, WIRE_UNREACHABLE},
    {CURLE_COULDNT_RESOLVE_HOST, WIRE_UNREACHABLE},
    {CURLE_COULDNT_CONNECT, WIRE_UNREACHABLE},
    {CURLE_WEIRD_SERVER_REPLY, WIRE_NOT_HTTP},
    {CURLE_OPERATION_TIMEDOUT, WIRE_TIMEOUT},
    {CURLE_SSL_CONNECT_ERROR, WIRE_UNREACHABLE},
    {CURLE_PEER_FAILED_VERIFICATION, WIRE_UNTRUSTED},
    {CURLE_SSL_CIPHER, WIRE_UNTRUSTED},
    {CURLE_SSL_CACERT_BADFILE, WIRE_UNTRUSTED},
    {CURLE_SSL_ISSUER_ERROR, WIRE_UNTRUSTED},
    {CURLE_SSL_INVALIDCERTSTATUS, WIRE_UNTRUSTED},
    {CURLE_FILESIZE_EXCEEDED, WIRE_TOO_LARGE},
    {CURLE_BAD_CONTENT_ENCODING, WIRE_NOT_HTTP},
};

static WireOutcome
outcome_of(const Call *call, CURLcode code)
{
    if (call->too_large)
        return WIRE_TOO_LARGE;
    for (gsize i = 0; i < G_N_ELEMENTS(outcomes); i++) {
        if (outcomes[i].code == code)
            return outcomes[i].outcome;
    }
    return WIRE_BROKEN;
}

/* In doubt TRUE: a connection that stood may have carried bytes. */
static gboolean
may_have_been_sent(const Call *call, WireOutcome outcome)
{
    long request_size = 0;
    curl_off_t connected = 0, secured = 0;

    curl_easy_getinfo(call->easy, CURLINFO_REQUEST_SIZE, &request_size);
    curl_easy_getinfo(call->easy, CURLINFO_CONNECT_TIME_T, &connected);
    curl_easy_getinfo(call->easy, CURLINFO_APPCONNECT_TIME_T, &secured);
    if (request_size > 0)
        return TRUE;
    if (outcome == WIRE_UNREACHABLE || outcome == WIRE_UNTRUSTED || outcome == WIRE_MISUSE)
        return FALSE;
    return g_str_has_prefix(call->request->url, "https") ? secured > 0 : connected > 0;
}

/* Called on the network thread, with the mutex: after it the Call is its owner's again. */
static void
call_finish(Wire *wire, Call *call, WireOutcome outcome, CURLcode code)
{
    WireAnswer *answer = call->answer;
    long status = 0;
    curl_off_t elapsed = 0;

    answer->outcome = outcome;
    if (call->easy != NULL) {
        answer->sent = may_have_been_sent(call, outcome);
        curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(call->easy, CURLINFO_TOTAL_TIME_T, &elapsed);
        curl_multi_remove_handle(wire->multi, call->easy);
        curl_easy_cleanup(call->easy);
        wipe_headers(call->headers);
        g_ptr_array_remove_fast(wire->active, call);
        answer->length = call->body->len;
        answer->body = g_string_free(call->body, FALSE);
    }
    answer->status = (int)status;
    answer->elapsed = elapsed;
    if (outcome != WIRE_ANSWERED)
        answer->reason = g_strdup(call->reason[0] ? call->reason : curl_easy_strerror(code));
    call->done = TRUE;
    g_cond_signal(&call->over);
}

/* ---- the thread ---- */

/* With the mutex. */
static void
take_changes(Wire *wire)
{
    Call *call;

    while ((call = g_queue_pop_head(&wire->incoming)) != NULL) {
        if (call->cancelled || wire->closing)
            call_finish(wire, call, WIRE_CANCELLED, CURLE_ABORTED_BY_CALLBACK);
        else
            call_start(wire, call);
    }
    for (guint i = wire->active->len; i > 0; i--) {
        call = g_ptr_array_index(wire->active, i - 1);
        if (call->cancelled || wire->closing)
            call_finish(wire, call, WIRE_CANCELLED, CURLE_ABORTED_BY_CALLBACK);
    }
}

static void
take_results(Wire *wire)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(wire->multi, &left)) != NULL) {
        CURLcode code = message->data.result;
        Call *call = NULL;

        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
        g_mutex_lock(&wire->mutex);
        call_finish(wire, call, outcome_of(call, code), code);
        g_mutex_unlock(&wire->mutex);
    }
}

static gpointer
init_libcurl(gpointer unused)
{
    (void)unused;
    if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, curl_memory_free, curl_memory_realloc,
                             strdup, calloc) != CURLE_OK)
        g_error("libcurl cannot be started");
    return NULL;
}

static void
thread_open(Wire *wire)
{
    static GOnce once = G_ONCE_INIT;

    g_once(&once, init_libcurl, NULL);
    wire->multi = curl_multi_init();
    wire->share = curl_share_init();
    if (wire->multi == NULL || wire->share == NULL)
        g_error("libcurl: no memory");
    /* All handles live on this thread: no lock functions are needed. */
    curl_share_setopt(wire->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    curl_multi_setopt(wire->multi, CURLMOPT_MAXCONNECTS, MAX_IDLE_CONNECTIONS);
    g_mutex_lock(&wire->mutex);
    wire->ready = TRUE;
    g_cond_broadcast(&wire->changed);
    g_mutex_unlock(&wire->mutex);
}

/* SIGPIPE of OpenSSL's writes stays blocked here; all other signals belong to the main thread. */
static void
block_signals(void)
{
    sigset_t all;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
}

static gpointer
thread_run(gpointer data)
{
    Wire *wire = data;
    gboolean go_on = TRUE;
    int running;

    block_signals();
    thread_open(wire);
    while (go_on) {
        g_mutex_lock(&wire->mutex);
        take_changes(wire);
        go_on = !wire->closing || wire->callers > 0;
        g_mutex_unlock(&wire->mutex);
        curl_multi_perform(wire->multi, &running);
        take_results(wire);
        if (go_on)
            curl_multi_poll(wire->multi, NULL, 0, IDLE_POLL_MS, NULL);
    }
    return NULL;
}

Wire *
wire_new(void)
{
    Wire *wire = g_new0(Wire, 1);

    g_mutex_init(&wire->mutex);
    g_cond_init(&wire->changed);
    g_queue_init(&wire->incoming);
    wire->active = g_ptr_array_new();
    wire->thread = g_thread_new("network", thread_run, wire);
    return wire;
}

void
wire_free(Wire *wire)
{
    if (wire == NULL)
        return;
    g_mutex_lock(&wire->mutex);
    wire->closing = TRUE;
    while (!wire->ready)
        g_cond_wait(&wire->changed, &wire->mutex);
    g_cond_broadcast(&wire->changed);
    curl_multi_wakeup(wire->multi);
    while (wire->callers > 0)
        g_cond_wait(&wire->changed, &wire->mutex);
    g_mutex_unlock(&wire->mutex);
    curl_multi_wakeup(wire->multi);
    g_thread_join(wire->thread);
    /* Not by the thread: it may be over before the last call to wake it up. */
    curl_multi_cleanup(wire->multi);
    curl_share_cleanup(wire->share);
    g_ptr_array_unref(wire->active);
    g_cond_clear(&wire->changed);
    g_mutex_clear(&wire->mutex);
    g_free(wire);
}

/* ---- the callers' side ---- */

static void
on_cancel(void *data)
{
    Call *call = data;
    Wire *wire = call->wire;

    g_mutex_lock(&wire->mutex);
    call->cancelled = TRUE;
    g_cond_signal(&call->over);
    if (wire->ready)
        curl_multi_wakeup(wire->multi);
    g_mutex_unlock(&wire->mutex);
}

void
wire_enter(Wire *wire)
{
    g_mutex_lock(&wire->mutex);
    wire->callers++;
    g_mutex_unlock(&wire->mutex);
}

void
wire_leave(Wire *wire)
{
    g_mutex_lock(&wire->mutex);
    wire->callers--;
    g_cond_broadcast(&wire->changed);
    g_mutex_unlock(&wire->mutex);
}

static void
caller_enter(Call *call, Wire *wire)
{
    call->wire = wire;
    g_cond_init(&call->over);
    wire_enter(wire);
}

static void
caller_leave(Call *call)
{
    g_cond_clear(&call->over);
    wire_leave(call->wire);
}

void
wire_exchange(Wire *wire, const WireRequest *request, Cancel *cancel, WireAnswer *answer)
{
    Call call = {.request = request, .answer = answer};
    guint watch;

    *answer = (WireAnswer){.status = 0};
    caller_enter(&call, wire);
    watch = cancel_watch(cancel, on_cancel, &call);
    g_mutex_lock(&wire->mutex);
    while (!wire->ready)
        g_cond_wait(&wire->changed, &wire->mutex);
    g_queue_push_tail(&wire->incoming, &call);
    curl_multi_wakeup(wire->multi);
    while (!call.done)
        g_cond_wait(&call.over, &wire->mutex);
    g_mutex_unlock(&wire->mutex);
    cancel_forget(cancel, watch);
    caller_leave(&call);
}

void
wire_answer_clear(WireAnswer *answer)
{
    g_free(answer->body);
    g_free(answer->content_type);
    g_free(answer->retry_after);
    g_free(answer->www_authenticate);
    g_free(answer->location);
    g_free(answer->reason);
    *answer = (WireAnswer){.status = 0};
}

gboolean
wire_sleep(Wire *wire, gint64 usec, Cancel *cancel)
{
    Call call = {.wire = wire};
    gint64 end = g_get_monotonic_time() + MAX(usec, 0);
    gboolean early;
    guint watch;

    caller_enter(&call, wire);
    watch = cancel_watch(cancel, on_cancel, &call);
    g_mutex_lock(&wire->mutex);
    /* on_cancel signals call.over, wire_free wire->changed: one of the two is waited for in slices.
     */
    while (!call.cancelled && !wire->closing && g_get_monotonic_time() < end)
        g_cond_wait_until(&call.over, &wire->mutex,
                          MIN(end, g_get_monotonic_time() + 100 * G_TIME_SPAN_MILLISECOND));
    early = call.cancelled || wire->closing;
    g_mutex_unlock(&wire->mutex);
    cancel_forget(cancel, watch);
    caller_leave(&call);
    return early;
}

gboolean
wire_retry_after(const char *value, gint64 *usec)
{
    char *end = NULL;
    time_t at;

    if (g_ascii_isdigit(value[0])) {
        guint64 seconds = g_ascii_strtoull(value, &end, 10);

        if (*end != '\0' || seconds > G_MAXINT32)
            return FALSE;
        *usec = (gint64)seconds * G_USEC_PER_SEC;
        return TRUE;
    }
    at = curl_getdate(value, NULL);
    if (at == (time_t)-1)
        return FALSE;
    *usec = MAX((gint64)at * G_USEC_PER_SEC - g_get_real_time(), 0);
    return TRUE;
}
