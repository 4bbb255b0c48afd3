/* test_source.c: lines of files that are long, broken, growing, rotated, emptied, not there yet. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include "logs/index.h"
#include "logs/source.h"

#define PATIENCE (20 * G_TIME_SPAN_SECOND)

typedef struct {
    char *dir, *path;
} Fixture;

static int
setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->dir = g_dir_make_tmp("creditbot-logs-XXXXXX", NULL);
    fixture->path = g_build_filename(fixture->dir, "app.log", NULL);
    *state = fixture;
    return fixture->dir ? 0 : 1;
}

static int
teardown(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *old = g_strconcat(fixture->path, ".1", NULL);
    g_unlink(old);
    g_unlink(fixture->path);
    g_rmdir(fixture->dir);
    g_free(fixture->path);
    g_free(fixture->dir);
    g_free(fixture);
    return 0;
}

static void
put(const char *path, const char *bytes, gsize len, int flags)
{
    int fd = open(path, O_WRONLY | O_CREAT | flags, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), len);
    close(fd);
}

static void
append(const char *path, const char *text)
{
    put(path, text, strlen(text), O_APPEND);
}

/* All lines from a place on, each with its length where it is cut; '|' between them. */
static char *
lines_from(LogSource *source, gint64 place, gboolean whole)
{
    GString *out = g_string_new(NULL);
    LogRecord record;
    while (source->ops->next(source, place, whole, &record)) {
        assert_true(record.pos == place && record.next > place);
        if (record.len > 100)
            g_string_append_printf(out, "<%zu>", record.len);
        else
            g_string_append_len(out, record.text, (gssize)record.len);
        g_string_append_c(out, '|');
        place = record.next;
    }
    return g_string_free(out, FALSE);
}

/* The places of all lines, found forwards and backwards, are the same. */
static void
check_both_ways(LogSource *source, gboolean whole)
{
    g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(gint64));
    LogRecord record;
    gint64 place = source->ops->start(source);
    for (; source->ops->next(source, place, whole, &record); place = record.next)
        g_array_append_val(places, place);
    assert_int_equal(place, source->ops->end(source));
    for (guint i = places->len; i-- > 0; place = record.pos) {
        assert_true(source->ops->previous(source, place, whole, &record));
        assert_int_equal(record.pos, g_array_index(places, gint64, i));
    }
    assert_false(source->ops->previous(source, place, whole, &record));
}

static void
test_lines(void **state)
{
    const Fixture *fixture = *state;
    static const char text[] = "one\r\n\n\033[31mred\033[0m\nnu\0l\n\377\376\nlast";
    put(fixture->path, text, sizeof text - 1, 0);
    g_autoptr(LogSource) source = log_source_file(fixture->path, FALSE);
    g_autofree char *lines = lines_from(source, 0, TRUE);
    assert_string_equal(lines, "one||red|nu\357\277\275l|\377\376|last|");
    check_both_ways(source, TRUE);
    LogRecord record;
    assert_true(source->ops->previous(source, source->ops->end(source), TRUE, &record));
    assert_true(record.flags & LOG_OPEN);
    append(fixture->path, " one\n");
    assert_true(source->ops->poll(source));
    assert_true(source->ops->next(source, record.pos, TRUE, &record));
    assert_false(record.flags & LOG_OPEN);
    assert_int_equal(record.len, 8);
}

/* Lines around every border of a piece, and one of a MB. */
static void
test_long_lines(void **state)
{
    const Fixture *fixture = *state;
    static const gsize lengths[] = {0,
                                    1,
                                    LOG_PIECE - 1,
                                    LOG_PIECE,
                                    LOG_PIECE + 1,
                                    20000,
                                    LOG_PIECE,
                                    0,
                                    2 * LOG_PIECE - 1,
                                    3 * LOG_PIECE,
                                    5,
                                    1000000,
                                    7,
                                    40000};
    g_autoptr(GString) text = g_string_new(NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(lengths); i++) {
        g_autofree char *line = g_strnfill(lengths[i], 'x');
        g_string_append_printf(text, "%s\n", line);
    }
    put(fixture->path, text->str, text->len, 0);
    g_autoptr(LogSource) source = log_source_file(fixture->path, FALSE);
    check_both_ways(source, FALSE);
    check_both_ways(source, TRUE);
    gint64 place = 0;
    LogRecord record;
    for (gsize i = 0; i < G_N_ELEMENTS(lengths); i++) {
        assert_true(source->ops->next(source, place, TRUE, &record));
        assert_int_equal(record.bytes, lengths[i]);
        assert_true(record.len <= LOG_PIECE_MAX);
        place = record.next;
    }
    assert_false(source->ops->next(source, place, TRUE, &record));
    /* In pieces nothing is missing. */
    gsize total = 0;
    for (place = 0; source->ops->next(source, place, FALSE, &record); place = record.next)
        total += record.len;
    assert_int_equal(total, text->len - G_N_ELEMENTS(lengths));
    for (gsize i = 0; i < text->len; i += 997) {
        gint64 from = source->ops->align(source, (gint64)i);
        assert_true(from <= (gint64)i && (from == 0 || text->str[from - 1] == '\n'));
        assert_null(memchr(text->str + from, '\n', i - (gsize)from));
    }
}

static void
test_rotation(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *old = g_strconcat(fixture->path, ".1", NULL);
    append(fixture->path, "first\n");
    g_autoptr(LogSource) source = log_source_file(fixture->path, FALSE);
    append(fixture->path, "second\n");
    assert_int_equal(g_rename(fixture->path, old), 0);
    append(old, "late\n");
    append(fixture->path, "third\n");
    while (source->ops->poll(source))
        ;
    g_autofree char *lines = lines_from(source, 0, TRUE);
    assert_string_equal(lines, "first|second|late|third|");
    g_autofree char *notice = source->ops->notice(source);
    assert_non_null(strstr(notice, "rotated"));
    check_both_ways(source, TRUE);
}

/* logrotate's copytruncate: also where the new text is as long as the old one was. */
static void
test_truncation(void **state)
{
    const Fixture *fixture = *state;
    append(fixture->path, "before\n");
    g_autoptr(LogSource) source = log_source_file(fixture->path, FALSE);
    gint64 end = source->ops->end(source);
    assert_int_equal(truncate(fixture->path, 0), 0);
    append(fixture->path, "after it\n");
    assert_true(source->ops->poll(source));
    assert_true(source->ops->start(source) >= end);
    g_autofree char *lines = lines_from(source, end, TRUE);
    assert_string_equal(lines, "after it|");
    g_autofree char *notice = source->ops->notice(source);
    assert_non_null(strstr(notice, "emptied"));
    LogRecord record;
    assert_false(source->ops->previous(source, end, TRUE, &record));
    check_both_ways(source, TRUE);
}

/* Rotated, and the old file emptied before it was read: what follows is reached all the same. */
static void
test_rotated_emptied(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *old = g_strconcat(fixture->path, ".1", NULL);
    g_autofree char *much = g_strnfill(600000, 'x');
    append(fixture->path, "first\n");
    append(fixture->path, much);
    g_autoptr(LogSource) source = log_source_file(fixture->path, FALSE);
    assert_int_equal(g_rename(fixture->path, old), 0);
    append(fixture->path, "third\n");
    while (source->ops->poll(source))
        ;
    gint64 before = source->ops->end(source) - 6;
    assert_int_equal(truncate(old, 0), 0);
    assert_int_equal(g_unlink(old), 0);
    g_autofree char *cut = lines_from(source, 0, TRUE);
    assert_string_equal(cut, "");
    assert_true(source->ops->poll(source));
    assert_int_equal(source->ops->start(source), before);
    g_autofree char *lines = lines_from(source, before, TRUE);
    assert_string_equal(lines, "third|");
    g_autofree char *notice = source->ops->notice(source);
    assert_non_null(strstr(notice, "gone"));
    check_both_ways(source, TRUE);
}

/* Emptied and removed, filtered meanwhile; then there is a new one. */
static void
test_emptied_removed(void **state)
{
    const Fixture *fixture = *state;
    append(fixture->path, "one error\ntwo\nthree error\n");
    g_autoptr(LogSource) source = log_source_file(fixture->path, TRUE);
    g_autoptr(Needle) needle = needle_new("error", TRUE);
    assert_int_equal(source->ops->find(source, needle, 0, 1, NULL), 0);
    gint64 end = source->ops->end(source);
    assert_int_equal(truncate(fixture->path, 0), 0);
    assert_int_equal(g_unlink(fixture->path), 0);
    assert_true(source->ops->poll(source));
    assert_false(source->ops->poll(source));
    assert_int_equal(source->ops->start(source), end);
    assert_int_equal(source->ops->end(source), end);
    assert_int_equal(source->ops->find(source, needle, 0, 1, NULL), -1);
    assert_int_equal(source->ops->find(source, needle, end, -1, NULL), -1);
    LogRecord record;
    assert_false(source->ops->next(source, end, TRUE, &record));
    assert_false(source->ops->previous(source, end, TRUE, &record));
    append(fixture->path, "new error\n");
    assert_true(source->ops->poll(source));
    assert_int_equal(source->ops->find(source, needle, 0, 1, NULL), end);
    g_autofree char *lines = lines_from(source, end, TRUE);
    assert_string_equal(lines, "new error|");
    check_both_ways(source, TRUE);
}

static void
test_not_there(void **state)
{
    const Fixture *fixture = *state;
    LogRecord record;
    g_autoptr(LogSource) source = log_source_file(fixture->path, FALSE);
    g_autofree char *waits = source->ops->notice(source);
    assert_non_null(strstr(waits, "waiting for "));
    assert_false(source->ops->poll(source));
    assert_false(source->ops->next(source, 0, TRUE, &record));
    append(fixture->path, "here\n");
    assert_true(source->ops->poll(source));
    g_autofree char *lines = lines_from(source, 0, TRUE);
    assert_string_equal(lines, "here|");
    g_autoptr(LogSource) folder = log_source_file(fixture->dir, FALSE);
    g_autofree char *wrong = folder->ops->notice(folder);
    assert_non_null(strstr(wrong, "directory"));
}

static void
test_pipe(void **state)
{
    int fds[2];
    (void)state;
    assert_int_equal(pipe(fds), 0);
    g_autoptr(LogSource) source = log_source_pipe(fds[0], "pipe", FALSE);
    g_autoptr(GString) sent = g_string_new(NULL);
    for (int i = 0; i < 3000; i++)
        g_string_append_printf(sent, "line %d of the pipe\n", i);
    gint64 until = g_get_monotonic_time() + PATIENCE;
    assert_int_equal(write(fds[1], sent->str, sent->len), sent->len);
    while (source->ops->end(source) < (gint64)sent->len && g_get_monotonic_time() < until)
        source->ops->poll(source);
    assert_int_equal(source->ops->end(source), sent->len);
    assert_true(source->ops->lives(source));
    close(fds[1]);
    while (source->ops->lives(source) && g_get_monotonic_time() < until)
        source->ops->poll(source);
    assert_false(source->ops->lives(source));
    check_both_ways(source, TRUE);
}

static void
test_find_and_index(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(gint64));
    for (int i = 0; i < 60000; i++) {
        gint64 place = (gint64)text->len;
        g_array_append_val(places, place);
        g_string_append_printf(text, "line %d %s\n", i,
                               i % 20000 == 9999 ? "Needle here" : "just hay in a long line of it");
    }
    put(fixture->path, text->str, text->len, 0);
    g_autoptr(LogSource) source = log_source_file(fixture->path, TRUE);
    g_autoptr(Needle) needle = needle_new("needle", TRUE), none = needle_new("no such", TRUE);
    gint64 end = source->ops->end(source), line, lines, until = g_get_monotonic_time() + PATIENCE;
    gint64 first = source->ops->find(source, needle, 0, 1, NULL);
    assert_int_equal(first, g_array_index(places, gint64, 9999));
    assert_int_equal(source->ops->find(source, needle, first + 20, 1, NULL),
                     g_array_index(places, gint64, 29999));
    assert_int_equal(source->ops->find(source, needle, end, -1, NULL),
                     g_array_index(places, gint64, 49999));
    assert_int_equal(source->ops->find(source, needle, first, -1, NULL), -1);
    assert_int_equal(source->ops->find(source, none, 0, 1, NULL), -1);
    gboolean all = FALSE;
    source->ops->poll(source);
    while (!all && g_get_monotonic_time() < until)
        source->ops->lines(source, 0, &line, &lines, &all);
    assert_int_equal(lines, 60000);
    for (guint i = 0; i < 60000; i += 7919) {
        gint64 place = g_array_index(places, gint64, i);
        assert_true(source->ops->lines(source, place, &line, &lines, &all));
        assert_int_equal(line, i);
        assert_int_equal(source->ops->line_place(source, i), place);
    }
    assert_int_equal(source->ops->line_place(source, 99999), end);
}

static void
test_seek(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(GString) text = g_string_new(NULL);
    for (int i = 0; i < 5000; i++)
        g_string_append_printf(text, "%d said\n  and more of it\n", 1789646400 + i * 2);
    put(fixture->path, text->str, text->len, 0);
    g_autoptr(LogSource) source = log_source_file(fixture->path, FALSE);
    LogRecord record;
    for (int i = 0; i < 5000; i += 613) {
        gint64 at = (G_GINT64_CONSTANT(1789646400) + i * 2) * G_USEC_PER_SEC;
        for (int early = 0; early < 2; early++) { /* the time itself, and one between two lines */
            gint64 place = log_source_seek(source, at - early);
            assert_true(source->ops->next(source, place, TRUE, &record));
            assert_int_equal(record.at, at);
        }
    }
    assert_int_equal(log_source_seek(source, G_MAXINT64 / 2), source->ops->end(source));
    assert_int_equal(log_source_seek(source, 1), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_lines),           TEST(test_long_lines),
        TEST(test_rotation),        TEST(test_rotated_emptied),
        TEST(test_emptied_removed), TEST(test_truncation),
        TEST(test_not_there),       TEST(test_pipe),
        TEST(test_find_and_index),  TEST(test_seek),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
