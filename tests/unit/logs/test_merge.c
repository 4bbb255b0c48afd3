/* test_merge.c: several logs as one, both ways; what passes a filter; what a search finds. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include "base/log.h"
#include "logs/merge.h"

#define NOW (G_GINT64_CONSTANT(1789646400) * G_USEC_PER_SEC)

static const char first_log[] = "2026-09-17T11:00:00Z info  pass      #12 run 3 began\n"
                                "2026-09-17T11:00:02Z ERROR slack     went wrong\n"
                                "Traceback (most recent call last):\n"
                                "  File \"x.py\", line 3\n"
                                "ValueError: strange\n"
                                "2026-09-17T11:00:05Z info  pass      ended\n";
static const char second_log[] =
    "{\"at\":\"2026-09-17T11:00:01Z\",\"level\":\"warn\",\"area\":\"slack\",\"pass\":4,"
    "\"message\":\"slow\"}\n"
    "I0917 11:00:02.000000 1 x.cc:1] the same second\n"
    "Sep 17 11:00:04 host app: four\n"
    "1789642806 six\n";

typedef struct {
    char *dir, *paths[2];
    LogMerge *merge;
} Fixture;

static int
setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    static const char *const texts[] = {first_log, second_log};
    fixture->dir = g_dir_make_tmp("creditbot-logs-XXXXXX", NULL);
    fixture->merge = log_merge_new();
    for (int i = 0; i < 2; i++) {
        fixture->paths[i] = g_build_filename(fixture->dir, i ? "b" : "a", NULL);
        if (!g_file_set_contents(fixture->paths[i], texts[i], -1, NULL))
            return 1;
        log_merge_add(fixture->merge, log_source_file(fixture->paths[i], FALSE));
    }
    *state = fixture;
    return 0;
}

static int
teardown(void **state)
{
    Fixture *fixture = *state;
    log_merge_free(fixture->merge);
    for (int i = 0; i < 2; i++) {
        g_unlink(fixture->paths[i]);
        g_free(fixture->paths[i]);
    }
    g_rmdir(fixture->dir);
    g_free(fixture->dir);
    g_free(fixture);
    return 0;
}

/* What is read from an end, a few lines at a time, oldest first: a letter a source and two
 * characters of each line. */
static char *
read_all(const Fixture *fixture, const LogSelect *select, int direction, guint lines)
{
    GString *text = g_string_new(NULL);
    LogWant want = {.direction = direction, .lines = lines, .select = select, .whole = TRUE};
    LogCut cut;
    gboolean more = TRUE;
    if (direction > 0)
        log_merge_start(fixture->merge, &cut);
    else
        log_merge_end(fixture->merge, &cut);
    while (more) {
        g_autoptr(GPtrArray) out = g_ptr_array_new_with_free_func(log_entry_free);
        more = log_merge_read(fixture->merge, &cut, &want, out);
        for (guint i = 0; i < out->len; i++) {
            const LogEntry *entry = g_ptr_array_index(out, i);
            g_autofree char *last =
                g_strdup_printf("%c:%s ", entry->source ? 'b' : 'a',
                                entry->text + (entry->len > 4 ? entry->len - 4 : 0));
            g_string_insert(text, direction > 0 ? -1 : 0, last);
        }
    }
    return g_string_free(text, FALSE);
}

static void
expect(const Fixture *fixture, int level, const char *filter, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(LogSelect) select = log_select_new(level, filter, NOW, &error);
    if (!select)
        print_error("%s\n", error->message);
    assert_non_null(select);
    for (guint lines = 1; lines < 20; lines += 6) {
        g_autofree char *down = read_all(fixture, select, 1, lines);
        g_autofree char *up = read_all(fixture, select, -1, lines);
        assert_string_equal(down, expected);
        assert_string_equal(up, expected);
    }
}

#define TRACE_LINES "a:rong a:st): a:ne 3 a:ange "

static void
test_order(void **state)
{
    expect(*state, LOG_TRACE, NULL, "a:egan b:ow\"} " TRACE_LINES "b:cond b:four a:nded b: six ");
}

static void
test_filters(void **state)
{
    expect(*state, LOG_LEVEL_ERROR, NULL, TRACE_LINES);
    expect(*state, LOG_LEVEL_WARN, NULL, "b:ow\"} " TRACE_LINES);
    /* A stack trace stays with its head, whichever of its lines matches. */
    expect(*state, LOG_TRACE, "valueerror", TRACE_LINES);
    expect(*state, LOG_TRACE, "wrong", TRACE_LINES);
    expect(*state, LOG_TRACE, "/x.py.*\\n.*strange/", TRACE_LINES);
    expect(*state, LOG_TRACE, "!slack !pass", "b:cond b:four b: six ");
    expect(*state, LOG_TRACE, "area:slack", "b:ow\"} " TRACE_LINES);
    expect(*state, LOG_TRACE, "level:warn,error", "b:ow\"} " TRACE_LINES);
    expect(*state, LOG_TRACE, "pass:4", "b:ow\"} ");
    expect(*state, LOG_TRACE, "request:12", "a:egan ");
    expect(*state, LOG_TRACE, "run:3", "a:egan ");
    expect(*state, LOG_TRACE, "text:six", "b: six ");
    expect(*state, LOG_TRACE, "no-such-thing", "");
    /* From 11:00:04 on, and up to it. */
    expect(*state, LOG_TRACE, "since:2026-09-17T11:00:04", "b:four a:nded b: six ");
    expect(*state, LOG_TRACE, "until:2026-09-17T11:00:01", "a:egan b:ow\"} ");
    expect(*state, LOG_TRACE, "since:2h pass", "a:egan b:ow\"} a:nded ");
    expect(*state, LOG_TRACE, "since:10m", "");
}

static void
test_wrong_filters(void **state)
{
    static const char *const wrong[] = {"levl:warn", "/((/", "since:never", "!since:2h"};
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(log_select_new(LOG_TRACE, wrong[i], NOW, &error));
        assert_non_null(error);
    }
}

/* Every place that a text stands at, one after the other, down and up again. */
static void
find_each(const Fixture *fixture, const char *what, const char *expected)
{
    g_autoptr(LogSelect) find = log_select_find(NULL, what, NULL);
    g_autoptr(GString) found = g_string_new(NULL);
    LogCut cut;
    for (int direction = 1; direction >= -1; direction -= 2) {
        g_string_truncate(found, 0);
        if (direction > 0)
            log_merge_start(fixture->merge, &cut);
        else
            log_merge_end(fixture->merge, &cut);
        for (int n = 0; n < 20; n++) {
            g_autoptr(GPtrArray) hit = g_ptr_array_new_with_free_func(log_entry_free);
            LogWant want = {.direction = direction, .lines = 1, .select = find, .whole = TRUE};
            log_merge_read(fixture->merge, &cut, &want, hit);
            if (hit->len == 0)
                break;
            const LogEntry *entry = g_ptr_array_index(hit, 0);
            g_autofree char *text =
                g_strdup_printf("%c%" G_GINT64_FORMAT " ", entry->source ? 'b' : 'a', entry->pos);
            g_string_insert(found, direction > 0 ? -1 : 0, text);
            log_merge_before(fixture->merge, entry->source,
                             direction > 0 ? entry->next : entry->pos, entry->at, &cut);
        }
        assert_string_equal(found->str, expected);
    }
}

static void
test_find(void **state)
{
    const Fixture *fixture = *state;
    /* The line itself, not all of its group. */
    gint64 trace = strstr(first_log, "ValueError") - first_log;
    g_autofree char *one = g_strdup_printf("a%" G_GINT64_FORMAT " ", trace);
    find_each(fixture, "valueerror", one);
    find_each(fixture, "/value.*strange/", one);
    find_each(fixture, "Valueerror", "");
    g_autofree char *two =
        g_strdup_printf("a0 a%" G_GINT64_FORMAT " ",
                        (gint64)(strstr(first_log, "2026-09-17T11:00:05") - first_log));
    find_each(fixture, "/ pass /", two);
}

/* Lines that come later join where reading ended; nothing twice, nothing lost. */
static void
test_follow(void **state)
{
    const Fixture *fixture = *state;
    LogWant want = {.direction = 1, .lines = 1000, .whole = TRUE};
    LogCut cut;
    g_autoptr(GPtrArray) out = g_ptr_array_new_with_free_func(log_entry_free);
    log_merge_start(fixture->merge, &cut);
    log_merge_read(fixture->merge, &cut, &want, out);
    guint before = out->len;
    g_autofree char *more = g_strconcat(first_log, "  of the line above\n", NULL);
    assert_true(g_file_set_contents_full(fixture->paths[0], more, -1, G_FILE_SET_CONTENTS_NONE,
                                         0600, NULL));
    LogSource *source = log_merge_source(fixture->merge, 0);
    assert_true(source->ops->poll(source));
    log_merge_read(fixture->merge, &cut, &want, out);
    assert_int_equal(out->len, before + 1);
    const LogEntry *entry = g_ptr_array_index(out, before);
    assert_string_equal(entry->text, "  of the line above");
    assert_int_equal(entry->at, NOW - 3595 * (gint64)G_USEC_PER_SEC);
    assert_false(entry->head);
}

static void
test_marks(void **state)
{
    (void)state;
    g_autoptr(LogSelect) select = log_select_new(LOG_TRACE, "one /t.o/ !four", NOW, NULL);
    static const char text[] = "two one tWo ONE four";
    g_autoptr(GArray) marks = log_select_marks(select, text, sizeof text - 1);
    static const guint expected[] = {0, 3, 4, 7, 8, 11, 12, 15};
    assert_int_equal(marks->len, G_N_ELEMENTS(expected));
    assert_memory_equal(marks->data, expected, sizeof expected);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_order), TEST(test_filters), TEST(test_wrong_filters),
        TEST(test_find),  TEST(test_follow),  TEST(test_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
