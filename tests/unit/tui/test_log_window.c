/* test_log_window.c: the lines that are loaded: joined, dropped, laid out on the screen, marked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tui/logs/window.h"

static LogEntry *
line(gint64 n, const char *text)
{
    LogRecord record = {
        .pos = n * 10, .next = n * 10 + 10, .text = text, .len = strlen(text), .at = n + 1};
    return log_entry_new(&record, 0, 0, LOG_UNKNOWN);
}

static GPtrArray *
lines(gint64 from, gint64 to)
{
    GPtrArray *out = g_ptr_array_new_with_free_func(log_entry_free);
    for (gint64 n = from; n < to; n++) {
        g_autofree char *text = g_strdup_printf("line %" G_GINT64_FORMAT, n);
        g_ptr_array_add(out, line(n, text));
    }
    return out;
}

static int
one_row(LogEntry *entry, gpointer data)
{
    (void)entry;
    (void)data;
    return 1;
}

/* Every seventh line is folded into rows. */
static int
some_tall(LogEntry *entry, gpointer data)
{
    return entry->pos / 10 % 7 == 0 ? *(const int *)data : 1;
}

static LogWindow *
window_of(gint64 from, gint64 to, int selected)
{
    LogWindow *window = window_new();
    g_autoptr(GPtrArray) all = lines(from, to);
    LogCut first = {{from * 10}}, last = {{to * 10}};
    window_set(window, all, &first, &last, selected);
    return window;
}

static void
test_join(void **state)
{
    (void)state;
    LogWindow *window = window_of(100, 110, 5);
    g_autoptr(GPtrArray) before = lines(50, 100), after = lines(110, 120);
    LogCut first = {{500}}, last = {{1200}}, here;
    window_join(window, before, -1, &first);
    window_join(window, after, 1, &last);
    assert_int_equal(window->entries->len, 70);
    assert_string_equal(window_selected(window)->text, "line 105");
    window_here(window, 1, &here);
    assert_int_equal(here.place[0], 1060);
    window_here(window, -1, &here);
    assert_int_equal(here.place[0], 1050);
    /* Far more than is held: the other end goes, and it is known where it was. */
    g_autoptr(GPtrArray) many = lines(120, 120 + WINDOW_LINES);
    LogCut end = {{(120 + WINDOW_LINES) * 10}};
    window_move(window, WINDOW_LINES);
    window_join(window, many, 1, &end);
    assert_int_equal(window->entries->len, WINDOW_LINES);
    assert_true(window->more_before);
    assert_int_equal(window->first.place[0], 1200);
    window_free(window);
}

/* A last line that was not whole is replaced by what came of it. */
static void
test_open_line(void **state)
{
    (void)state;
    LogWindow *window = window_of(0, 3, 2);
    LogEntry *last = g_ptr_array_index(window->entries, 2);
    LogCut cut;
    last->flags |= LOG_OPEN;
    window_tail(window, &cut);
    assert_int_equal(cut.place[0], 20);
    g_autoptr(GPtrArray) more = g_ptr_array_new_with_free_func(log_entry_free);
    g_ptr_array_add(more, line(2, "line 2 is whole"));
    g_ptr_array_add(more, line(3, "line 3"));
    LogCut end = {{40}};
    window_join(window, more, 1, &end);
    assert_int_equal(window->entries->len, 4);
    assert_string_equal(window_selected(window)->text, "line 2 is whole");
    window_free(window);
}

/* Wherever the selection goes, it is on the screen, and the screen is full. */
static void
check_layout(LogWindow *window, int rows, WindowHeight height, int *tall)
{
    window_lay(window, rows, height, tall);
    int used = -window->top_row, selected_at = -1, n = (int)window->entries->len;
    for (int i = window->top; i < n; i++) {
        if (i == window->selected)
            selected_at = used;
        used += height(g_ptr_array_index(window->entries, i), tall);
    }
    assert_true(used >= rows || (window->top == 0 && window->top_row == 0));
    assert_true(selected_at != -1 || window->above);
    assert_true(selected_at < rows);
    int row = MAX(selected_at, 0);
    assert_int_equal(window_at_row(window, row, height, tall), window->selected);
}

static void
test_layout(void **state)
{
    static const int steps[] = {1, 1, 5, -2, 30, -3, -1, -1, 70, -100, 12, -12, 99, -1, -40, 3};
    (void)state;
    for (int tall = 1; tall < 30; tall += 9) {
        LogWindow *window = window_of(0, 100, 0);
        for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
            window_move(window, steps[i]);
            check_layout(window, 15, tall == 1 ? one_row : some_tall, &tall);
        }
        window_free(window);
    }
}

static void
test_marks(void **state)
{
    (void)state;
    guint n;
    LogWindow *window = window_of(0, 20, 3);
    g_autofree char *one = window_text(window, 1000, &n);
    assert_string_equal(one, "line 3");
    assert_int_equal(window_mark_range(window), 0);
    window_mark(window, window_selected(window), TRUE);
    window_move(window, 2);
    assert_int_equal(window_mark_range(window), 3);
    window_mark(window, g_ptr_array_index(window->entries, 4), FALSE);
    window_mark(window, g_ptr_array_index(window->entries, 0), TRUE);
    /* They stay, though other lines are shown. */
    g_autoptr(GPtrArray) others = lines(500, 510);
    LogCut cut = {{0}};
    window_set(window, others, &cut, &cut, 0);
    g_autofree char *text = window_text(window, 1000, &n);
    assert_string_equal(text, "line 0\nline 3\nline 5");
    assert_int_equal(n, 3);
    g_autofree char *cut_off = window_text(window, 14, &n);
    assert_string_equal(cut_off, "line 0\nline 3");
    assert_int_equal(n, 2);
    window_unmark(window);
    assert_int_equal(g_hash_table_size(window->marks), 0);
    window_free(window);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_open_line),
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
