/* test_list.c: the list engine: selection, filter, sort, windows, widths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tui/list.h"

typedef struct {
    gint64 id;
    const char *name;
} Item;

static gint64
item_id(const void *row)
{
    const Item *item = row;
    return item->id;
}

static void
cell_id(const void *row, const void *context, GString *text, Role *role)
{
    (void)context;
    (void)role;
    g_string_append_printf(text, "%" G_GINT64_FORMAT, item_id(row));
}

static void
cell_name(const void *row, const void *context, GString *text, Role *role)
{
    const Item *item = row;
    (void)context;
    *role = ROLE_STRONG;
    g_string_append(text, item->name);
}

static int
compare_name(const void *a, const void *b)
{
    const Item *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static const ListColumn columns[] = {
    {"id", "ID", 3, 5, ALIGN_RIGHT, 0, cell_id, NULL},
    {"name", "NAME", 4, 12, ALIGN_LEFT, 0, cell_name, compare_name},
    {"again", "AGAIN", 6, 12, ALIGN_LEFT, 1, cell_name, NULL},
};
static const ListOps ops = {columns, G_N_ELEMENTS(columns), item_id, g_free, -1, FALSE};

static GPtrArray *
items(gint64 first, guint n, const char *const *names)
{
    GPtrArray *rows = g_ptr_array_new();
    for (guint i = 0; i < n; i++) {
        Item *item = g_new0(Item, 1);
        *item = (Item){first + i, names[i % 3]};
        g_ptr_array_add(rows, item);
    }
    return rows;
}

static const char *const names[] = {"banana", "apple", "cherry"};

static void
test_selection_sticks(void **state)
{
    (void)state;
    List *list = list_new(&ops);
    list_set_rows(list, items(10, 3, names));
    assert_int_equal(list_selected_id(list), 10);
    list_move(list, 1);
    assert_int_equal(list_selected_id(list), 11);
    /* Rows come in above it: the same object stays selected. */
    list_set_rows(list, items(8, 4, names));
    assert_int_equal(list_selected_id(list), 11);
    assert_int_equal(list_position(list), 3);
    /* It goes: the one in its place is selected. */
    list_set_rows(list, items(8, 3, names));
    assert_int_equal(list_selected_id(list), 10);
    list_set_rows(list, items(8, 0, names));
    assert_null(list_selected(list));
    list_move(list, 5);
    assert_int_equal(list_selected_id(list), 0);
    list_free(list);
}

static void
test_filter(void **state)
{
    (void)state;
    List *list = list_new(&ops);
    list_set_rows(list, items(1, 9, names));
    assert_true(list_set_filter(list, "APP", NULL));
    assert_int_equal(list_count(list), 3);
    assert_int_equal(list_selected_id(list), 2);
    assert_true(list_set_filter(list, "!app", NULL));
    assert_int_equal(list_count(list), 6);
    assert_true(list_set_filter(list, "nothing", NULL));
    assert_int_equal(list_count(list), 0);
    assert_null(list_selected(list));
    assert_true(list_set_filter(list, NULL, NULL));
    assert_int_equal(list_count(list), 9);
    assert_true(list_find(list, "cherry", 1));
    assert_int_equal(list_selected_id(list), 3);
    assert_true(list_find(list, "cherry", -1));
    assert_int_equal(list_selected_id(list), 9);
    assert_false(list_find(list, "plum", 1));
    list_free(list);
}

static void
test_sort(void **state)
{
    (void)state;
    gboolean reverse;
    List *list = list_new(&ops);
    list_set_rows(list, items(1, 6, names));
    list_move(list, 2);
    list_sort_next(list); /* the first column that can be sorted by */
    assert_int_equal(list_sorted_by(list, &reverse), 1);
    assert_false(reverse);
    assert_int_equal(list_selected_id(list), 3);
    list_home(list);
    assert_int_equal(list_selected_id(list), 2);
    list_move(list, 1);
    assert_int_equal(list_selected_id(list), 5);
    list_sort_reverse(list);
    list_home(list);
    assert_int_equal(list_selected_id(list), 3);
    list_sort_next(list);
    assert_int_equal(list_sorted_by(list, NULL), -1);
    list_free(list);
}

static void
test_window(void **state)
{
    (void)state;
    gboolean at_end;
    List *list = list_new(&ops);
    list_set_more(list, FALSE, TRUE);
    list_set_rows(list, items(1000, 100, names));
    assert_false(list_wants(list, &at_end));
    list_move(list, 60);
    assert_true(list_wants(list, &at_end) && at_end);
    list_set_more(list, FALSE, TRUE);
    list_extend(list, items(1100, 100, names), TRUE, 150);
    assert_int_equal(list_total(list), 150);
    assert_int_equal(list_selected_id(list), 1060);
    assert_true(list_more_before(list));
    assert_int_equal(item_id(list_first(list)), 1050);
    /* And back: what was let go at the start comes again, the end is let go. */
    assert_true(list_wants(list, &at_end) && !at_end);
    list_set_more(list, FALSE, FALSE);
    list_extend(list, items(1000, 50, names), FALSE, 150);
    assert_int_equal(list_total(list), 150);
    assert_int_equal(list_selected_id(list), 1060);
    assert_true(list_more_after(list));
    assert_int_equal(item_id(list_last(list)), 1149);
    list_free(list);
}

static void
test_draw(void **state)
{
    (void)state;
    g_autoptr(Grid) grid = grid_new(24, 4, FALSE);
    List *list = list_new(&ops);
    list_set_rows(list, items(1, 3, names));
    list_move(list, 1);
    list_draw(list, grid, grid_whole(grid));
    g_autofree char *text = grid_to_text(grid);
    assert_string_equal(
        text, "  ID NAME   AGAIN\n   1 banana banana\n>  2 apple  apple\n   3 cherry cherry\n");
    assert_int_equal(grid_cell(grid, 5, 2)->ground, ROLE_SELECTED);
    assert_int_equal(grid_cell(grid, 5, 2)->role, ROLE_STRONG);
    int x, y;
    gboolean typing;
    assert_true(grid_cursor(grid, &x, &y, &typing));
    assert_int_equal(y, 2);
    assert_false(typing);
    assert_int_equal(list_click(list, 4, 3), LIST_CLICK_ROW);
    assert_int_equal(list_selected_id(list), 3);
    assert_int_equal(list_click(list, 1, 0), LIST_CLICK_NOTHING);
    list_free(list);
}

/* Where room is short the column that matters least goes, then the widest gives. */
static void
test_narrow(void **state)
{
    (void)state;
    g_autoptr(Grid) grid = grid_new(11, 4, FALSE);
    List *list = list_new(&ops);
    list_set_rows(list, items(1, 3, names));
    list_draw(list, grid, grid_whole(grid));
    g_autofree char *text = grid_to_text(grid);
    assert_string_equal(text, "  ID NAME ›\n>  1 bana…\n   2 apple\n   3 cher…\n");
    list_free(list);
    g_autoptr(Grid) tiny = grid_new(1, 1, FALSE);
    list = list_new(&ops);
    list_set_rows(list, items(1, 3, names));
    list_draw(list, tiny, grid_whole(tiny));
    list_page(list, 3);
    list_draw(list, tiny, grid_whole(tiny));
    list_free(list);
}

static void
test_scroll(void **state)
{
    (void)state;
    g_autoptr(Grid) grid = grid_new(24, 6, FALSE);
    List *list = list_new(&ops);
    list_set_rows(list, items(1, 50, names));
    for (int i = 0; i < 49; i++) {
        list_move(list, 1);
        grid_clear(grid);
        list_draw(list, grid, grid_whole(grid));
        int x, y;
        gboolean typing;
        assert_true(grid_cursor(grid, &x, &y, &typing));
        assert_in_range(y, 1, 5);
    }
    assert_true(list_at_end(list));
    list_page(list, -1);
    assert_int_equal(list_selected_id(list), 46);
    list_home(list);
    assert_int_equal(list_selected_id(list), 1);
    list_free(list);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_selection_sticks),
        cmocka_unit_test(test_filter),
        cmocka_unit_test(test_sort),
        cmocka_unit_test(test_window),
        cmocka_unit_test(test_draw),
        cmocka_unit_test(test_narrow),
        cmocka_unit_test(test_scroll),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
