/* test_feed.c: pages around the selection, one question at a time, what comes while it is asked. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include "base/error.h"
#include "tui/views/feed.h"

#define ALL    1000 /* the numbers 1 to ALL are what the store holds */
#define WITHIN 10000

typedef struct {
    Feed feed;
    gboolean reverse, fails;
    guint taken, refreshed, reads;
} View;

typedef struct {
    Console console;
    char *folder, *path;
} Fixture;

static gint64
number_id(const void *row)
{
    const gint64 *number = row;
    return *number;
}

static void
cell_number(const void *row, const void *context, GString *text, Role *role)
{
    (void)context;
    (void)role;
    g_string_append_printf(text, "%" G_GINT64_FORMAT, number_id(row));
}

static const ListColumn columns[] = {{"number", "NUMBER", 4, 8, ALIGN_RIGHT, 0, cell_number, NULL}};
static const ListOps list_ops = {columns, G_N_ELEMENTS(columns), number_id, g_free, -1, FALSE};

/* What the question asks for, worked out where the list may be looked at. */
typedef struct {
    gint64 first, step;
    gboolean fails;
} Numbers;

static void
view_ask(Feed *feed, FeedAsk *ask)
{
    View *view = (View *)feed;
    Numbers *query = ask->query = g_new0(Numbers, 1);
    gint64 start = view->reverse ? ALL : 1, step = view->reverse ? -1 : 1;
    gint64 end = ALL + 1 - start - step * ((gint64)ask->limit - 1);
    view->reads++;
    query->step = step;
    query->fails = view->fails;
    query->first = start;
    if (ask->part == FEED_LAST)
        query->first = end;
    else if (ask->part == FEED_AFTER)
        query->first = number_id(list_last(feed->list)) + step;
    else if (ask->part == FEED_BEFORE)
        query->first = number_id(list_first(feed->list)) - step * (gint64)ask->limit;
}

static gboolean
view_read(Store *store, FeedAsk *ask, GError **error)
{
    const Numbers *query = ask->query;
    (void)store;
    if (query->fails) {
        g_set_error(error, CREDITBOT_ERROR, ERR_STORE, "the disk is gone");
        return FALSE;
    }
    for (guint i = 0; i < ask->limit; i++) {
        gint64 number = query->first + query->step * (gint64)i;
        if (number >= 1 && number <= ALL)
            g_ptr_array_add(ask->rows, g_memdup2(&number, sizeof number));
    }
    return TRUE;
}

static void
view_taken(Feed *feed, FeedPart part, gboolean again)
{
    ((View *)feed)->taken++;
    if (part == FEED_FIRST)
        list_home(feed->list);
    if (part == FEED_LAST)
        list_end(feed->list);
    if (!again)
        feed_want(feed);
}

static void
view_refresh(gpointer data)
{
    View *view = data;
    view->refreshed++;
    if (!feed_busy(data))
        feed_ask(data, FEED_AGAIN);
}

static const FeedOps feed_ops = {.list = &list_ops,
                                 .page = 200,
                                 .keep = 500,
                                 .ask = view_ask,
                                 .read = view_read,
                                 .taken = view_taken,
                                 .refresh = view_refresh};

/* Until no question is on its way. */
static void
settle(Feed *feed)
{
    while (feed->asked) {
        struct pollfd fd = {mailbox_fd(feed->console->mailbox), POLLIN, 0};
        assert_int_equal(poll(&fd, 1, WITHIN), 1);
        mailbox_run(feed->console->mailbox);
    }
}

static int
set_up(void **state)
{
    Fixture *f = g_new0(Fixture, 1);
    f->folder = g_dir_make_tmp("creditbot-feed-XXXXXX", NULL);
    f->path = g_build_filename(f->folder, "creditbot.db", NULL);
    StoreOptions options = {.path = f->path};
    store_close(store_open(&options, NULL));
    f->console.mailbox = mailbox_new();
    ReaderOptions reader = {.path = f->path};
    f->console.bulk = reader_new(f->console.mailbox, &reader);
    *state = f;
    return 0;
}

static int
tear_down(void **state)
{
    Fixture *f = *state;
    static const char *const ends[] = {"", "-wal", "-shm"};
    reader_free(f->console.bulk);
    mailbox_free(f->console.mailbox);
    g_free(f->console.message);
    for (guint i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *name = g_strconcat(f->path, ends[i], NULL);
        g_unlink(name);
    }
    g_rmdir(f->folder);
    g_free(f->path);
    g_free(f->folder);
    g_free(f);
    return 0;
}

static View *
open_view(Fixture *f)
{
    View *view = feed_open(&f->console, sizeof *view, &feed_ops);
    feed_ask(&view->feed, FEED_FIRST);
    settle(&view->feed);
    return view;
}

static void
test_pages(void **state)
{
    View *view = open_view(*state);
    List *list = view->feed.list;
    assert_int_equal(list_total(list), 200);
    for (int i = 0; i < 20; i++) {
        list_move(list, 100);
        feed_want(&view->feed);
        settle(&view->feed);
        assert_true(list_total(list) <= 500);
    }
    assert_int_equal(list_selected_id(list), ALL);
    assert_false(list_more_after(list));
    assert_true(list_more_before(list));
    for (int i = 0; i < 20; i++) {
        list_move(list, -100);
        feed_want(&view->feed);
        settle(&view->feed);
    }
    assert_int_equal(list_selected_id(list), 1);
    feed_restart(&view->feed, FEED_LAST);
    settle(&view->feed);
    assert_int_equal(list_selected_id(list), ALL);
    feed_close(view);
}

/* Another order, asked for while a page is on its way and far from the top. */
static void
test_restart(void **state)
{
    View *view = open_view(*state);
    List *list = view->feed.list;
    feed_restart(&view->feed, FEED_LAST);
    settle(&view->feed);
    guint taken = view->taken;
    list_home(list);
    feed_want(&view->feed);
    assert_true(view->feed.asked);
    view->reverse = TRUE;
    feed_restart(&view->feed, FEED_FIRST);
    settle(&view->feed);
    assert_int_equal(list_selected_id(list), ALL);
    assert_int_equal(number_id(list_last(list)), ALL - 199);
    assert_int_equal(view->taken, taken + 1); /* the page of the old order was dropped */
    feed_close(view);
}

/* Changes that are told while a question is on its way become one more question. */
static void
test_stale(void **state)
{
    View *view = open_view(*state);
    guint reads = view->reads;
    for (int i = 0; i < 3; i++)
        view_refresh(view);
    settle(&view->feed);
    assert_int_equal(view->reads, reads + 2);
    assert_int_equal(list_total(view->feed.list), 200);
    feed_close(view);
}

/* The rows stay, the error is told, and nobody asks in a circle. */
static void
test_failure(void **state)
{
    View *view = open_view(*state);
    guint reads = view->reads;
    view->fails = TRUE;
    list_end(view->feed.list);
    feed_want(&view->feed);
    settle(&view->feed);
    assert_string_equal(view->feed.error, "the disk is gone");
    assert_int_equal(list_total(view->feed.list), 200);
    assert_int_equal(view->reads, reads + 1);
    view->fails = FALSE;
    feed_want(&view->feed);
    settle(&view->feed);
    assert_null(view->feed.error);
    assert_int_equal(list_total(view->feed.list), 400);
    feed_close(view);
}

static void
test_filter(void **state)
{
    View *view = open_view(*state);
    Feed *feed = &view->feed;
    assert_true(feed_set_filter(feed, "acme"));
    assert_false(feed_set_filter(feed, "acme"));
    assert_string_equal(feed->filter, "acme");
    assert_true(feed_set_filter(feed, "!")); /* the inverse of nothing filters nothing */
    assert_null(feed->filter);
    assert_false(feed_set_filter(feed, NULL));
    const gint64 seven = 7, eight = 8;
    assert_true(feed_set_filter(feed, "7"));
    FeedAsk *plain = feed_ask_new(feed, FEED_FIRST, NULL, 10);
    assert_string_equal(plain->grep, "7");
    assert_true(feed_passes(plain, &eight)); /* the store has filtered */
    feed_ask_free(plain);
    assert_true(feed_set_filter(feed, "!7"));
    FeedAsk *inverse = feed_ask_new(feed, FEED_FIRST, NULL, 10);
    assert_null(inverse->grep);
    assert_false(feed_passes(inverse, &seven));
    assert_true(feed_passes(inverse, &eight));
    feed_ask_free(inverse);
    feed_close(view);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pages, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_restart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_stale, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_failure, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_filter, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
