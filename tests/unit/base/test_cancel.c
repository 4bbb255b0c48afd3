/* test_cancel.c: fired once, seen at once, on every thread. */
#include "tests/unit/base/cmocka_base.h"

#include "base/cancel.h"
#include "base/error.h"

static void
count(void *data)
{
    g_atomic_int_inc((int *)data);
}

static void
test_null(void **state)
{
    (void)state;
    cancel_fire(NULL);
    cancel_unref(NULL);
    cancel_forget(NULL, 1);
    assert_false(cancel_fired(NULL));
    assert_false(cancel_sleep(NULL, 1));
    assert_false(cancel_check(NULL, NULL));
    assert_int_equal(cancel_watch(NULL, count, NULL), 0);
    assert_null(cancel_ref(NULL));
    g_autoptr(Cancel) child = cancel_new_child(NULL);
    assert_false(cancel_fired(child));
}

static void
test_watch(void **state)
{
    (void)state;
    int first = 0, second = 0, late = 0;
    g_autoptr(Cancel) cancel = cancel_new();
    guint id = cancel_watch(cancel, count, &first);
    guint other = cancel_watch(cancel, count, &second);
    assert_int_not_equal(id, 0);
    assert_int_not_equal(id, other);
    cancel_forget(cancel, other);
    cancel_fire(cancel);
    cancel_fire(cancel);
    assert_int_equal(first, 1);
    assert_int_equal(second, 0);
    assert_int_equal(cancel_watch(cancel, count, &late), 0);
    assert_int_equal(late, 1);
    cancel_forget(cancel, id);
}

static void
test_check(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Cancel) cancel = cancel_new();
    assert_false(cancel_check(cancel, &error));
    assert_null(error);
    cancel_fire(cancel);
    assert_true(cancel_check(cancel, &error));
    assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_CANCELLED));
}

static void
test_child(void **state)
{
    (void)state;
    g_autoptr(Cancel) parent = cancel_new();
    g_autoptr(Cancel) child = cancel_new_child(parent);
    g_autoptr(Cancel) sibling = cancel_new_child(parent);
    Cancel *gone = cancel_new_child(parent);
    cancel_unref(gone);
    cancel_fire(child);
    assert_true(cancel_fired(child));
    assert_false(cancel_fired(parent));
    assert_false(cancel_fired(sibling));
    cancel_fire(parent);
    assert_true(cancel_fired(sibling));
    g_autoptr(Cancel) born_late = cancel_new_child(parent);
    assert_true(cancel_fired(born_late));
}

static void
drop(void *data)
{
    cancel_unref(data);
}

/* The last reference goes inside the callback that the parent's fire runs. */
static void
test_drop_inside(void **state)
{
    (void)state;
    g_autoptr(Cancel) parent = cancel_new();
    Cancel *child = cancel_new_child(parent);
    cancel_watch(child, drop, child);
    cancel_fire(parent);
    assert_true(cancel_fired(parent));
}

typedef struct {
    Cancel *cancel;
    GMutex lock;
    GCond changed;
    gboolean inside, may_leave, left;
} Meeting;

static void
stay(void *data)
{
    Meeting *m = data;
    g_mutex_lock(&m->lock);
    m->inside = TRUE;
    g_cond_broadcast(&m->changed);
    while (!m->may_leave)
        g_cond_wait(&m->changed, &m->lock);
    m->left = TRUE;
    g_mutex_unlock(&m->lock);
}

static gpointer
fire_thread(gpointer data)
{
    cancel_fire(((Meeting *)data)->cancel);
    return NULL;
}

static gpointer
release_thread(gpointer data)
{
    Meeting *m = data;
    g_mutex_lock(&m->lock);
    while (!m->inside)
        g_cond_wait(&m->changed, &m->lock);
    m->may_leave = TRUE;
    g_cond_broadcast(&m->changed);
    g_mutex_unlock(&m->lock);
    return NULL;
}

static void
test_forget_waits(void **state)
{
    (void)state;
    Meeting m = {.cancel = cancel_new()};
    g_mutex_init(&m.lock);
    g_cond_init(&m.changed);
    guint id = cancel_watch(m.cancel, stay, &m);
    GThread *firing = g_thread_new("fire", fire_thread, &m);
    g_mutex_lock(&m.lock);
    while (!m.inside)
        g_cond_wait(&m.changed, &m.lock);
    g_mutex_unlock(&m.lock);
    GThread *releasing = g_thread_new("release", release_thread, &m);
    cancel_forget(m.cancel, id);
    g_mutex_lock(&m.lock);
    assert_true(m.left);
    g_mutex_unlock(&m.lock);
    g_thread_join(firing);
    g_thread_join(releasing);
    cancel_unref(m.cancel);
    g_mutex_clear(&m.lock);
    g_cond_clear(&m.changed);
}

static gpointer
sleep_thread(gpointer data)
{
    return cancel_sleep(data, 60 * (gint64)G_USEC_PER_SEC) ? data : NULL;
}

static void
test_sleep(void **state)
{
    (void)state;
    g_autoptr(Cancel) cancel = cancel_new();
    assert_false(cancel_sleep(cancel, 1000));
    assert_false(cancel_sleep(cancel, -1));
    gint64 start = g_get_monotonic_time();
    GThread *sleeping = g_thread_new("sleep", sleep_thread, cancel);
    cancel_fire(cancel);
    assert_non_null(g_thread_join(sleeping));
    assert_true(cancel_sleep(cancel, 60 * (gint64)G_USEC_PER_SEC));
    assert_true(g_get_monotonic_time() - start < 30 * (gint64)G_USEC_PER_SEC);
}

static gpointer
churn_thread(gpointer data)
{
    for (int i = 0; i < 2000; i++) {
        Cancel *child = cancel_new_child(data);
        int fired = 0;
        guint id = cancel_watch(child, count, &fired);
        cancel_forget(child, id);
        cancel_unref(child);
    }
    return NULL;
}

/* Children that come and go while the parent fires: the sanitizers watch. */
static void
test_churn(void **state)
{
    (void)state;
    for (int round = 0; round < 10; round++) {
        g_autoptr(Cancel) parent = cancel_new();
        GThread *threads[3];
        for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
            threads[i] = g_thread_new("churn", churn_thread, parent);
        cancel_fire(parent);
        for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
            g_thread_join(threads[i]);
        assert_true(cancel_fired(parent));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_null),        cmocka_unit_test(test_watch),
        cmocka_unit_test(test_check),       cmocka_unit_test(test_child),
        cmocka_unit_test(test_drop_inside), cmocka_unit_test(test_forget_waits),
        cmocka_unit_test(test_sleep),       cmocka_unit_test(test_churn),
    };
    return cmocka_run_group_tests_name("cancel", tests, NULL, NULL);
}
