/* fixture.h: a state in a folder of its own, with a clock that stands still, for the tests of
 * core/store. */
#ifndef TEST_STORE_FIXTURE_H
#define TEST_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "store/evidence.h"
#include "store/store.h"

#define NOW     G_GINT64_CONSTANT(1789000000000000)
#define DAY     (24 * G_TIME_SPAN_HOUR)
#define DIGEST  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DIGEST2 "1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

typedef struct {
    char *folder, *path;
    gint64 now;
    Clock clock;
    Store *store;
} Fixture;

static inline gint64
fixture_now(void *data)
{
    return ((Fixture *)data)->now;
}

static inline Store *
fixture_open(Fixture *f, gboolean read_only, GError **error)
{
    StoreOptions options = {.path = f->path, .read_only = read_only, .clock = &f->clock};
    return store_open(&options, error);
}

/* Fails the test with the message of an error that should not be there. */
static inline void
no_error(const GError *error)
{
    if (error)
        fail_msg("unexpected error: %s", error->message);
}

static inline void
is_error(GError **error, int code, const char *part)
{
    assert_non_null(*error);
    if ((*error)->code != code || (part && !strstr((*error)->message, part)))
        fail_msg("expected %s with \"%s\", got %s: %s", error_code_name(code), part ? part : "",
                 error_code_name((*error)->code), (*error)->message);
    g_clear_error(error);
}

static inline int
fixture_setup(void **state)
{
    Fixture *f = g_new0(Fixture, 1);
    f->folder = g_dir_make_tmp("creditbot-store-XXXXXX", NULL);
    f->path = g_build_filename(f->folder, "creditbot.db", NULL);
    f->now = NOW;
    f->clock = (Clock){fixture_now, f};
    g_autoptr(GError) error = NULL;
    f->store = fixture_open(f, FALSE, &error);
    no_error(error);
    *state = f;
    return 0;
}

static inline int
fixture_teardown(void **state)
{
    Fixture *f = *state;
    store_close(f->store);
    g_chmod(f->folder, 0700);
    g_autoptr(GDir) dir = g_dir_open(f->folder, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(f->folder, name, NULL);
        g_unlink(path);
    }
    g_rmdir(f->folder);
    g_free(f->folder);
    g_free(f->path);
    g_free(f);
    return 0;
}

static inline Request *
request_make(gint64 n, RequestState state)
{
    Request *r = request_new();
    r->channel = g_strdup("C0CHANNEL");
    r->channel_name = g_strdup("help-credit");
    r->received_at = NOW - DAY + n * G_USEC_PER_SEC;
    r->ts = slack_ts_format(r->received_at);
    r->thread_ts = g_strdup(r->ts);
    r->requester = g_strdup("U0PERSON");
    r->text = g_strdup_printf("please credit account %d", (int)n);
    r->message = g_strdup("{\"type\":\"message\"}");
    r->state = state;
    r->state_at = NOW;
    return r;
}

static inline gint64
request_put(Store *store, gint64 n, RequestState state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Request) r = request_make(n, state);
    gboolean added = FALSE;
    assert_true(store_request_add(store, r, &added, &error));
    assert_true(added);
    return r->id;
}

static inline Run *
run_make(gint64 request_id, gint64 amount)
{
    Run *run = run_new();
    run->request_id = request_id;
    run->status = g_strdup("done");
    run->started_at = NOW;
    run->finished_at = NOW + 5;
    run->actor = g_strdup("batch");
    run->calculator = g_strdup("verify");
    run->amount = amount;
    run->low = amount - 1;
    run->high = amount + 1;
    run->currency = g_strdup("USD");
    run->unusual = g_strdup("new country");
    run->result = g_strdup_printf("{\"amount\":\"%d.%06d\",\"currency\":\"USD\"}",
                                  (int)(amount / 1000000), (int)(amount % 1000000));
    run->digest = g_strdup(DIGEST);
    return run;
}

/* Gives it the digest of its evidence. */
static inline void
run_seal(Store *store, Run *run)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Request) r = store_request_get(store, run->request_id, &error);
    no_error(error);
    g_free(run->digest);
    run->digest = evidence_digest(r, run);
}

/* A run that is made the one that counts. */
static inline gint64
run_put(Store *store, gint64 request_id, gint64 amount)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Run) run = run_make(request_id, amount);
    run_seal(store, run);
    if (!store_run_add(store, run, &error))
        no_error(error);
    g_autoptr(Request) r = store_request_get(store, request_id, &error);
    no_error(error);
    r->run_id = run->id;
    if (!store_request_save(store, r, &error))
        no_error(error);
    return run->id;
}

static inline void
request_move(Store *store, gint64 id, RequestState state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Request) r = store_request_get(store, id, &error);
    no_error(error);
    r->state = state;
    if (state == STATE_POSTED) {
        r->posted_at = NOW + 10;
        r->posted_ts = g_strdup("1789000001.000100");
    }
    if (!store_request_save(store, r, &error))
        no_error(error);
}

static inline gboolean
approve(Store *store, gint64 request_id, gint64 run_id, gint64 uid, GError **error)
{
    g_autofree char *actor = uid == 1000 ? g_strdup("mara") : g_strdup_printf("user%d", (int)uid);
    char reason[] = "numbers hold", method[] = "login";
    g_autoptr(Run) run = store_run_get(store, run_id, NULL);
    assert_non_null(run);
    Approval approval = {.request_id = request_id,
                         .run_id = run_id,
                         .digest = run->digest,
                         .uid = uid,
                         .actor = actor,
                         .person = actor,
                         .method = method,
                         .need = 1,
                         .reason = reason,
                         .at = NOW,
                         .expires_at = NOW + DAY};
    return store_approval_add(store, &approval, error);
}

static inline Post *
post_make(gint64 request_id, gint64 run_id, const char *kind, const char *nonce)
{
    Post *post = post_new();
    post->request_id = request_id;
    post->run_id = run_id;
    post->kind = g_strdup(kind);
    post->nonce = g_strdup(nonce);
    post->channel = g_strdup("C0CHANNEL");
    post->text = g_strdup("the credit");
    post->status = g_strdup("intent");
    post->created_at = NOW;
    return post;
}

/* A request taken all the way to posted, as the engine does it. */
static inline gint64
posted_put(Store *store, gint64 n, gint64 amount)
{
    g_autoptr(GError) error = NULL;
    gint64 id = request_put(store, n, STATE_PENDING);
    gint64 run = run_put(store, id, amount);
    approve(store, id, run, 1000, &error);
    no_error(error);
    request_move(store, id, STATE_APPROVED);
    g_autofree char *nonce = g_strdup_printf("nonce-%d", (int)id);
    g_autoptr(Post) post = post_make(id, run, "result", nonce);
    store_post_add(store, post, &error);
    no_error(error);
    request_move(store, id, STATE_POSTING);
    g_free(post->status);
    post->status = g_strdup("posted");
    post->posted_ts = g_strdup("1789000001.000100");
    store_post_save(store, post, &error);
    no_error(error);
    request_move(store, id, STATE_POSTED);
    store_event(store, id, "batch", "state", "posting", "posted", NULL, &error);
    no_error(error);
    return id;
}

#endif
