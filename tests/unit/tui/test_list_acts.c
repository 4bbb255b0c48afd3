/* test_list_acts.c: the list engine: fields of filters, marks, pause, columns, clicks, settings,
 * and that selection and marks stay on their objects whatever happens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/money.h"
#include "tui/list.h"

#define NOW (G_GINT64_CONSTANT(1789387200) * G_USEC_PER_SEC)

typedef struct {
    gint64 id, amount, at; /* amount -1: none */
    char name[16];
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
    (void)role;
    g_string_append(text, item->name);
}

static void
cell_amount(const void *row, const void *context, GString *text, Role *role)
{
    const Item *item = row;
    g_autofree char *amount = item->amount < 0 ? g_strdup("-") : money_display(item->amount);
    (void)context;
    (void)role;
    g_string_append(text, amount);
}

static gboolean
number_id(const void *row, gint64 *number)
{
    *number = item_id(row);
    return TRUE;
}

static gboolean
number_amount(const void *row, gint64 *number)
{
    const Item *item = row;
    *number = item->amount;
    return item->amount >= 0;
}

static gboolean
number_at(const void *row, gint64 *number)
{
    const Item *item = row;
    *number = item->at;
    return TRUE;
}

static int
compare_name(const void *a, const void *b)
{
    const Item *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static const ListColumn columns[] = {
    {"id", "ID", 3, 5, ALIGN_RIGHT, 0, cell_id, NULL, number_id, QUERY_NUMBER, FALSE, 1},
    {"name", "NAME", 6, 12, ALIGN_LEFT, 0, cell_name, compare_name},
    {"amount", "AMOUNT", 8, 10, ALIGN_RIGHT, 0, cell_amount, NULL, number_amount, QUERY_MONEY, TRUE,
     2},
    {"age", "AGE", 6, 6, ALIGN_RIGHT, 2, cell_id, NULL, number_at, QUERY_AGE},
    {"note", "NOTE", 10, 20, ALIGN_LEFT, 1, cell_name},
};

static const char *const kinds[] = {"fruit", "nut", NULL};
static const QueryField fields[] = {{"kind", QUERY_WORD, kinds, ""},
                                    {NULL, QUERY_TEXT, NULL, NULL}};

static gboolean
read_kind(const void *row, guint field, GString *text, gint64 *number, gpointer unused)
{
    (void)field;
    (void)number;
    (void)unused;
    g_string_append(text, kinds[item_id(row) % 2]);
    return TRUE;
}

static const ListOps ops = {.columns = columns,
                            .n_columns = G_N_ELEMENTS(columns),
                            .id = item_id,
                            .free_row = g_free,
                            .default_sort = -1,
                            .fields = fields,
                            .field = read_kind};

static const char *const names[] = {"banana", "apple", "cherry"};

static GPtrArray *
items(gint64 first, guint n)
{
    GPtrArray *rows = g_ptr_array_new();
    for (guint i = 0; i < n; i++) {
        Item *item = g_new0(Item, 1);
        item->id = first + i;
        item->amount = item->id % 4 ? item->id * 100 * MONEY_UNIT : -1;
        item->at = NOW - item->id * G_TIME_SPAN_HOUR;
        g_strlcpy(item->name, names[item->id % 3], sizeof item->name);
        g_ptr_array_add(rows, item);
    }
    return rows;
}

static const gint64 now = NOW;

static List *
make(guint n)
{
    List *list = list_new(&ops);
    list_set_clock(list, &now);
    list_set_rows(list, items(1, n));
    return list;
}

/* The ids that are shown, or marked and shown, as "1 2 3". */
static char *
ids(const List *list, gboolean marked)
{
    GString *text = g_string_new(NULL);
    g_autoptr(GArray) marks = list_marked(list, NULL);
    for (guint i = 0; i < (marked ? marks->len : list_count(list)); i++)
        g_string_append_printf(text, "%s%" G_GINT64_FORMAT, i ? " " : "",
                               marked ? g_array_index(marks, gint64, i)
                                      : item_id(list_row(list, i)));
    return g_string_free(text, FALSE);
}

static void
assert_shown(const List *list, const char *expected)
{
    g_autofree char *got = ids(list, FALSE);
    assert_string_equal(got, expected);
}

static void
assert_marked(const List *list, const char *expected, guint left_out)
{
    guint hidden;
    g_autofree char *got = ids(list, TRUE);
    g_array_unref(list_marked(list, &hidden));
    assert_string_equal(got, expected);
    assert_int_equal(hidden, left_out);
}

static void
test_fields(void **state)
{
    static const struct {
        const char *filter, *shown;
    } cases[] = {{"kind:nut", "1 3 5 7 9"}, {"amount:>500", "6 7 9"},
                 {"amount:none", "4 8"},    {"name:apple,cherry kind:fruit", "2 4 8"},
                 {"age:<3h", "1 2"},        {"id:3..5 !apple", "3 5"},
                 {"/^ban/ id:>3", "6 9"},   {"\"600.00\"", "6"},
                 {"note:cherry", "2 5 8"},  {"  ", "1 2 3 4 5 6 7 8 9"}};
    List *list = make(9);
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        assert_true(list_set_filter(list, cases[i].filter, NULL));
        assert_shown(list, cases[i].shown);
    }
    assert_null(list_filter(list));
    list_free(list);
}

/* What is wrong changes nothing. */
static void
test_wrong_filter(void **state)
{
    g_autoptr(GError) error = NULL;
    List *list = make(5);
    (void)state;
    assert_true(list_set_filter(list, "kind:nut", NULL));
    assert_false(list_set_filter(list, "kin:nut", &error));
    assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_USAGE));
    assert_string_equal(list_filter(list), "kind:nut");
    assert_shown(list, "1 3 5");
    list_free(list);
}

static void
test_completion(void **state)
{
    gsize from;
    List *list = make(5);
    (void)state;
    g_auto(GStrv) of_kind = list_complete(list, "kind:", 5, &from);
    g_auto(GStrv) of_name = list_complete(list, "name:b", 6, &from);
    g_auto(GStrv) all = list_complete(list, "", 0, &from);
    g_autofree char *joined = g_strjoinv(" ", all), *kind = g_strjoinv(" ", of_kind);
    assert_string_equal(joined, "age: amount: id: kind: name: note:");
    assert_string_equal(kind, "fruit nut");
    assert_string_equal(of_name[0], "banana"); /* of the rows that are there */
    assert_null(of_name[1]);
    list_free(list);
}

static void
test_marks(void **state)
{
    List *list = make(6);
    (void)state;
    assert_false(list_has_marks(list));
    list_move(list, 1);
    list_mark(list);
    list_move(list, 2);
    list_mark_range(list);
    assert_marked(list, "2 3 4", 0);
    list_mark(list);
    assert_marked(list, "2 3", 0);
    /* The order of what is shown, and never what is not. */
    list_sort(list, list_column_named(list, "id"), TRUE);
    assert_marked(list, "3 2", 0);
    assert_true(list_set_filter(list, "kind:nut", NULL));
    assert_marked(list, "3", 1);
    list_mark_invert(list);
    assert_marked(list, "5 1", 1);
    list_mark_all(list);
    assert_marked(list, "5 3 1", 1);
    assert_true(list_set_filter(list, NULL, NULL));
    assert_marked(list, "5 3 2 1", 0);
    /* An object that is gone for good is marked no longer, one that comes is not marked. */
    list_set_rows(list, items(3, 6));
    assert_marked(list, "5 3", 0);
    list_mark_clear(list);
    assert_marked(list, "", 0);
    assert_false(list_has_marks(list));
    list_set_rows(list, items(1, 0));
    list_mark(list);
    list_mark_range(list);
    list_mark_all(list);
    assert_marked(list, "", 0);
    list_free(list);
}

static void
test_pause(void **state)
{
    List *list = make(4);
    (void)state;
    list_set_paused(list, TRUE);
    list_move(list, 1);
    list_refresh_rows(list, items(1, 4));
    assert_int_equal(list_waiting(list), 0); /* they show the same */
    GPtrArray *rows = items(2, 4);           /* 1 went, 5 came, and 2 has another name */
    g_strlcpy(((Item *)g_ptr_array_index(rows, 0))->name, "plum", 16);
    list_refresh_rows(list, rows);
    assert_int_equal(list_waiting(list), 3);
    assert_shown(list, "1 2 3 4");
    assert_true(list_outdated(list));
    assert_string_equal(((const Item *)list_selected(list))->name, "cherry");
    assert_string_equal(((const Item *)list_present(list))->name, "plum");
    list_home(list);
    assert_true(list_outdated(list)); /* gone */
    assert_true(list_present(list) == list_selected(list));
    list_end(list);
    assert_false(list_outdated(list));
    /* A filter that is typed meanwhile works on what is shown. */
    assert_true(list_set_filter(list, "kind:nut", NULL));
    assert_shown(list, "1 3");
    list_set_paused(list, FALSE);
    assert_shown(list, "3 5");
    assert_int_equal(list_waiting(list), 0);
    list_free(list);
}

static void
test_order(void **state)
{
    List *list = make(5);
    gboolean reverse;
    (void)state;
    list_sort(list, list_column_named(list, "amount"), FALSE);
    assert_shown(list, "5 3 2 1 4"); /* the greatest first, what has none last */
    list_sort_reverse(list);
    assert_shown(list, "4 1 2 3 5");
    list_sort(list, list_column_named(list, "note"), FALSE); /* cannot */
    assert_int_equal(list_sorted_by(list, &reverse), list_column_named(list, "amount"));
    list_free(list);
}

static int orders;

static void
count_orders(gpointer data)
{
    (void)data;
    orders++;
}

/* A windowed list tells who feeds it, and shows what it was given. */
static void
test_windowed(void **state)
{
    const ListHooks hooks = {count_orders, count_orders};
    List *list = list_new(&ops);
    (void)state;
    orders = 0;
    list_set_hooks(list, &hooks, NULL);
    list_set_more(list, FALSE, TRUE);
    list_set_rows(list, items(1, 4));
    assert_false(list_sortable(list, list_column_named(list, "name")));
    list_sort(list, list_column_named(list, "amount"), FALSE);
    assert_int_equal(orders, 1);
    assert_shown(list, "1 2 3 4");
    assert_true(list_set_filter(list, "kind:nut", NULL));
    assert_int_equal(orders, 2);
    assert_true(list_set_filter(list, "kind:nut ", NULL)); /* the same */
    assert_int_equal(orders, 2);
    assert_shown(list, "1 2 3 4");
    assert_false(list_set_filter(list, "name:apple", NULL)); /* its store has no such field */
    list_mark(list);
    list_set_rows(list, items(3, 4)); /* elsewhere in the store: the mark is kept */
    assert_marked(list, "", 1);
    list_set_paused(list, TRUE);
    list_set_paused(list, FALSE);
    assert_int_equal(orders, 3);
    list_free(list);
}

static char *
drawn(List *list, int width, int height)
{
    g_autoptr(Grid) grid = grid_new(width, height, TRUE);
    list_draw(list, grid, grid_whole(grid));
    return grid_to_text(grid);
}

static void
assert_drawn(List *list, int width, const char *expected)
{
    g_autofree char *text = drawn(list, width, 3);
    assert_string_equal(text, expected);
}

static void
test_sideways(void **state)
{
    List *list = make(2);
    (void)state;
    assert_drawn(list, 50,
                 "  ID NAME     AMOUNT    AGE NOTE\n>  1 apple    100.00      1 apple\n"
                 "   2 cherry   200.00      2 cherry\n");
    assert_false(list_scroll(list, 1)); /* all of them are there */
    assert_drawn(list, 24,
                 "  ID NAME     AMOUNT   >\n>  1 apple    100.00\n   2 cherry   200.00\n");
    assert_true(list_scroll(list, 1));
    assert_drawn(list, 24,
                 "  ID<  AMOUNT    AGE   >\n>  1   100.00      1\n   2   200.00      2\n");
    assert_true(list_scroll(list, 1));
    assert_drawn(list, 24, "  ID<   AGE NOTE\n>  1      1 apple\n   2      2 cherry\n");
    assert_false(list_scroll(list, 1));
    /* A wider screen shows them all again. */
    assert_drawn(list, 50,
                 "  ID NAME     AMOUNT    AGE NOTE\n>  1 apple    100.00      1 apple\n"
                 "   2 cherry   200.00      2 cherry\n");
    list_free(list);
}

static void
cell_odd(const void *row, const void *context, GString *text, Role *role)
{
    const gint64 *odd = context;
    (void)role;
    if (item_id(row) == *odd)
        g_string_append(text, "here");
}

/* A sparse column takes no room, and is not picked, while there is nothing in it. */
static void
test_sparse(void **state)
{
    static const ListColumn some[] = {
        {"id", "ID", 3, 5, ALIGN_RIGHT, 0, cell_id},
        {"odd", "ODD", 4, 6, ALIGN_LEFT, 0, cell_odd, .sparse = TRUE},
        {"name", "NAME", 6, 12, ALIGN_LEFT, 0, cell_name},
    };
    static const ListOps sparse = {.columns = some,
                                   .n_columns = G_N_ELEMENTS(some),
                                   .id = item_id,
                                   .free_row = g_free,
                                   .default_sort = -1};
    gint64 odd = 0;
    List *list = list_new(&sparse);
    (void)state;
    list_set_context(list, &odd);
    list_set_rows(list, items(1, 2));
    assert_drawn(list, 30, "  ID NAME\n>  1 apple\n   2 cherry\n");
    list_pick_column(list, 1);
    list_pick_column(list, 1);
    assert_int_equal(list_column(list), list_column_named(list, "name"));
    odd = 2;
    list_context_changed(list);
    assert_drawn(list, 30, "  ID ODD  NAME\n>  1      apple\n   2 here cherry\n");
    list_pick_column(list, -1);
    assert_int_equal(list_column(list), list_column_named(list, "odd"));
    list_free(list);
}

static void
test_heading(void **state)
{
    List *list = make(2);
    (void)state;
    g_free(drawn(list, 50, 3));
    assert_int_equal(list_click(list, 15, 0), LIST_CLICK_HEADER);
    assert_drawn(list, 50,
                 "  ID NAME    AMOUNTv    AGE NOTE\n   2 cherry   200.00      2 cherry\n"
                 ">  1 apple    100.00      1 apple\n");
    assert_int_equal(list_click(list, 15, 0), LIST_CLICK_HEADER);
    list_mark(list);
    assert_drawn(list, 50,
                 "   ID NAME    AMOUNT^    AGE NOTE\n>*  1 apple    100.00      1 apple\n"
                 "    2 cherry   200.00      2 cherry\n");
    assert_int_equal(list_click(list, 40, 0), LIST_CLICK_NOTHING); /* note is no order */
    assert_int_equal(list_click(list, 5, 2), LIST_CLICK_ROW);
    assert_int_equal(list_selected_id(list), 2);
    /* The older, the smaller the instant: what people see as the age falls. */
    list_sort(list, list_column_named(list, "age"), FALSE);
    g_autofree char *text = drawn(list, 50, 3);
    assert_non_null(strstr(text, "AGEv"));
    list_pick_column(list, 1);
    assert_int_equal(list_column(list), list_column_named(list, "age"));
    list_pick_column(list, 1);
    list_pick_column(list, 1);
    assert_int_equal(list_column(list), list_column_named(list, "note"));
    list_free(list);
}

/* A column that is picked is brought into sight. */
static void
test_pick(void **state)
{
    List *list = make(2);
    (void)state;
    g_free(drawn(list, 24, 3));
    for (int i = 0; i < 5; i++)
        list_pick_column(list, 1);
    assert_drawn(list, 24, "  ID<   AGE NOTE\n>  1      1 apple\n   2      2 cherry\n");
    for (int i = 0; i < 5; i++)
        list_pick_column(list, -1);
    assert_int_equal(list_column(list), 0);
    g_autofree char *text = drawn(list, 24, 3);
    assert_non_null(strstr(text, "ID"));
    list_free(list);
}

static void
test_status(void **state)
{
    g_autoptr(Grid) grid = grid_new(100, 1, TRUE);
    g_autoptr(Grid) narrow = grid_new(79, 1, TRUE);
    List *list = make(6);
    (void)state;
    assert_false(list_has_status(list));
    list_mark_all(list);
    assert_true(list_set_filter(list, "kind:nut", NULL));
    list_set_paused(list, TRUE);
    list_refresh_rows(list, items(1, 5));
    assert_true(list_has_status(list));
    list_draw_status(list, grid, grid_whole(grid));
    g_autofree char *text = grid_to_text(grid);
    assert_non_null(strstr(text, "standing still, 1 change waits"));
    assert_non_null(strstr(text, " 6 marked, 3 hidden and left out "));
    assert_non_null(strstr(text, " filter: kind:nut  3 of 6 "));
    /* Where room is short the filter is cut: who typed it knows it. */
    list_draw_status(list, narrow, grid_whole(narrow));
    g_autofree char *cut = grid_to_text(narrow);
    assert_non_null(strstr(cut, "standing still, 1 change waits"));
    assert_non_null(strstr(cut, " 6 marked, 3 hidden and left out "));
    assert_non_null(strstr(cut, " filt"));
    list_free(list);
}

static void
draw_pane(gpointer data, Grid *grid, Rect pane)
{
    Rect *seen = data;
    *seen = pane;
    grid_hline(grid, pane.x, pane.y, pane.w, ROLE_BORDER);
}

static void
test_preview(void **state)
{
    g_autoptr(Grid) grid = grid_new(40, 20, TRUE);
    List *list = make(30);
    Rect seen = {0};
    ListPreview preview;
    guint serial = list_settings_serial(list);
    (void)state;
    list_draw_with(list, grid, grid_whole(grid), 6, draw_pane, &seen);
    assert_int_equal(seen.h, 6);
    assert_int_equal(seen.y, 14);
    assert_true(preview_parse("large", &preview));
    list_set_preview(list, preview);
    assert_int_not_equal(list_settings_serial(list), serial);
    list_draw_with(list, grid, grid_whole(grid), 6, draw_pane, &seen);
    assert_int_equal(seen.h, 14);
    list_set_preview(list, PREVIEW_OFF);
    seen.h = 99;
    list_draw_with(list, grid, grid_whole(grid), 6, draw_pane, &seen);
    assert_int_equal(seen.h, 99); /* is not drawn */
    list_end(list);
    list_draw_with(list, grid, grid_whole(grid), 6, draw_pane, &seen);
    g_autofree char *text = grid_to_text(grid);
    assert_non_null(strstr(text, "> 30"));
    assert_false(preview_parse("huge", &preview));
    list_free(list);
}

/* -- whatever happens -- */

typedef struct {
    guint64 seed;
    GHashTable *marks; /* of gint64, as pointers */
} Chaos;

static guint
draw_number(Chaos *chaos, guint below)
{
    chaos->seed = chaos->seed * G_GUINT64_CONSTANT(6364136223846793005) + 1442695040888963407;
    return (guint)(chaos->seed >> 33) % below;
}

static void
act(Chaos *chaos, List *list, guint what)
{
    static const char *const filters[] = {"kind:nut", "apple", "amount:>1000", NULL, "!cherry"};
    gint64 id = list_selected_id(list);
    switch (what) {
    case 0:
        list_set_rows(list, items(1 + draw_number(chaos, 20), draw_number(chaos, 40)));
        break;
    case 1:
        assert_true(list_set_filter(list, filters[draw_number(chaos, 5)], NULL));
        break;
    case 2:
        list_sort(list, (int)draw_number(chaos, 5) - 1, draw_number(chaos, 2));
        break;
    case 3:
        list_mark(list);
        if (list_is_marked(list, id))
            g_hash_table_add(chaos->marks, GSIZE_TO_POINTER((gsize)id));
        else
            g_hash_table_remove(chaos->marks, GSIZE_TO_POINTER((gsize)id));
        break;
    case 4:
        list_set_paused(list, !list_paused(list));
        break;
    case 5:
        list_refresh_rows(list, items(1 + draw_number(chaos, 20), draw_number(chaos, 40)));
        break;
    default:
        list_scroll(list, (int)draw_number(chaos, 3) - 1);
        break;
    }
}

static gboolean
is_there(const List *list, gint64 id)
{
    for (guint i = 0; i < list_count(list); i++) {
        if (item_id(list_row(list, i)) == id)
            return TRUE;
    }
    return FALSE;
}

static void
check_sticks(Chaos *chaos, List *list, gint64 before)
{
    g_autoptr(GArray) marked = list_marked(list, NULL);
    assert_true((list_selected(list) == NULL) == (list_count(list) == 0));
    if (before && is_there(list, before))
        assert_int_equal(list_selected_id(list), before);
    if (list_selected(list)) {
        assert_int_equal(item_id(list_selected(list)), list_selected_id(list));
        assert_true(list_row(list, (guint)list_position(list)) == list_selected(list));
    }
    for (guint i = 0; i < marked->len; i++) {
        gint64 id = g_array_index(marked, gint64, i);
        assert_true(g_hash_table_contains(chaos->marks, GSIZE_TO_POINTER((gsize)id)));
        assert_true(is_there(list, id));
    }
}

static void
test_sticks(void **state)
{
    Chaos chaos = {4711, g_hash_table_new(NULL, NULL)};
    List *list = make(30);
    (void)state;
    for (int round = 0; round < 4000; round++) {
        g_autoptr(Grid) grid = grid_new(20 + (int)draw_number(&chaos, 60), 8, FALSE);
        list_move(list, (int)draw_number(&chaos, 7) - 3);
        gint64 before = list_selected_id(list);
        act(&chaos, list, draw_number(&chaos, 7));
        check_sticks(&chaos, list, before);
        list_draw(list, grid, grid_whole(grid));
    }
    g_hash_table_unref(chaos.marks);
    list_free(list);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),     cmocka_unit_test(test_wrong_filter),
        cmocka_unit_test(test_completion), cmocka_unit_test(test_marks),
        cmocka_unit_test(test_pause),      cmocka_unit_test(test_order),
        cmocka_unit_test(test_windowed),   cmocka_unit_test(test_sideways),
        cmocka_unit_test(test_sparse),     cmocka_unit_test(test_heading),
        cmocka_unit_test(test_pick),       cmocka_unit_test(test_status),
        cmocka_unit_test(test_preview),    cmocka_unit_test(test_sticks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
