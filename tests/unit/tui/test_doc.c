/* test_doc.c: documents: items, links, what is not wrapped, prefixes, and every match marked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tui/doc.h"

static void
expect(Doc *doc, Grid *grid, const char *expected)
{
    grid_clear(grid);
    doc_draw(doc, grid, grid_whole(grid));
    g_autofree char *text = grid_to_text(grid);
    assert_string_equal(text, expected);
}

static Doc *
ten_items(void)
{
    Doc *doc = doc_new(FALSE);
    doc_line(doc, ROLE_TEXT, "head");
    doc_indent(doc, 2, 2);
    for (int i = 0; i < 5; i++) {
        doc_item(doc, i * 10);
        doc_addf(doc, ROLE_TEXT, "item %d\nmore", i);
        doc_end(doc);
    }
    doc_item(doc, -1);
    doc_indent(doc, 0, 0);
    doc_line(doc, ROLE_TEXT, "foot 1\nfoot 2");
    return doc;
}

/* One row moves to the next item, and past the last one the text scrolls on. */
static void
test_items(void **state)
{
    (void)state;
    g_autoptr(Grid) grid = grid_new(12, 4, FALSE);
    Doc *doc = ten_items();
    expect(doc, grid, "head\n> item 0\n  more\n  ite more ↓\n");
    assert_int_equal(doc_selected(doc), 0);
    assert_int_equal(grid_cell(grid, 5, 1)->ground, ROLE_SELECTED);
    doc_scroll(doc, 1);
    assert_int_equal(doc_selected(doc), 10);
    expect(doc, grid, "  item 0\n  more\n> item 1\n  mor more ↓\n");
    for (int i = 0; i < 3; i++)
        doc_scroll(doc, 1);
    assert_int_equal(doc_selected(doc), 40);
    doc_scroll(doc, 1);
    doc_scroll(doc, 1);
    doc_scroll(doc, 1);
    expect(doc, grid, "> item 4\n  more\nfoot 1\nfoot 2\n");
    assert_true(doc_click(doc, 1));
    assert_false(doc_click(doc, 2));
    doc_home(doc);
    assert_int_equal(doc_selected(doc), 0);
    doc_page(doc, 1);
    expect(doc, grid, "> item 1\n  more\n  item 2\n  mor more ↓\n");
    assert_int_equal(doc_selected(doc), 10);
    /* The place and the selection outlast a new text. */
    doc_clear(doc);
    doc_line(doc, ROLE_TEXT, "gone");
    expect(doc, grid, "gone\n\n\n\n");
    assert_int_equal(doc_selected(doc), -1);
    doc_free(doc);
}

static void
test_unwrapped(void **state)
{
    (void)state;
    g_autoptr(Grid) grid = grid_new(8, 3, FALSE);
    Doc *doc = doc_new(FALSE);
    doc_line(doc, ROLE_TEXT, "ab cd ef gh");
    assert_false(doc_sideways(doc, 4));
    doc_unwrapped(doc, TRUE);
    doc_add(doc, ROLE_STRONG, "0123");
    doc_add(doc, ROLE_TEXT, "日本日本");
    doc_end(doc);
    expect(doc, grid, "ab cd ef\ngh\n0123日本\n");
    assert_true(doc_sideways(doc, 2));
    expect(doc, grid, "ab cd ef\ngh\n23日本日\n");
    assert_int_equal(grid_cell(grid, 0, 2)->role, ROLE_STRONG);
    assert_int_equal(grid_cell(grid, 2, 2)->role, ROLE_TEXT);
    assert_true(doc_sideways(doc, 100));
    expect(doc, grid, "ab cd ef\ngh\n日本日本\n");
    doc_free(doc);
}

static void
test_links_and_prefixes(void **state)
{
    (void)state;
    g_autoptr(Grid) grid = grid_new(10, 4, FALSE);
    Doc *doc = doc_new(FALSE);
    doc_prefix(doc, "| ");
    doc_add(doc, ROLE_TEXT, "a ");
    doc_add_link(doc, ROLE_LINK, "link wraps", "https://looker.example.com/looks/1");
    doc_end(doc);
    doc_prefix(doc, NULL);
    doc_line(doc, ROLE_TEXT, "b");
    expect(doc, grid, "| a link\n| wraps\nb\n\n");
    assert_int_equal(grid_cell(grid, 2, 0)->link, 0);
    assert_string_equal(grid_link_url(grid, grid_cell(grid, 4, 0)->link),
                        "https://looker.example.com/looks/1");
    assert_string_equal(grid_link_url(grid, grid_cell(grid, 2, 1)->link),
                        "https://looker.example.com/looks/1");
    assert_int_equal(grid_cell(grid, 0, 1)->link, 0);
    g_autofree char *text = doc_to_text(doc);
    assert_string_equal(text, "a link wraps\nb\n");
    doc_free(doc);
}

/* Matches go on over the end of a row; their number and place are known. */
static void
test_matches(void **state)
{
    int at, count;
    (void)state;
    g_autoptr(Grid) grid = grid_new(6, 4, FALSE);
    Doc *doc = doc_new(FALSE);
    doc_line(doc, ROLE_TEXT, "abcdeFGhij");
    for (int i = 0; i < 10; i++)
        doc_line(doc, ROLE_TEXT, "x");
    doc_line(doc, ROLE_TEXT, "y fg");
    doc_draw(doc, grid, grid_whole(grid));
    assert_true(doc_find(doc, "fg", 1));
    doc_matches(doc, &at, &count);
    assert_int_equal(at, 1);
    assert_int_equal(count, 2);
    grid_clear(grid);
    doc_draw(doc, grid, grid_whole(grid));
    assert_int_equal(grid_cell(grid, 4, 0)->role, ROLE_TEXT);
    assert_int_equal(grid_cell(grid, 5, 0)->role, ROLE_MATCH_HERE);
    assert_int_equal(grid_cell(grid, 0, 1)->role, ROLE_MATCH_HERE);
    assert_int_equal(grid_cell(grid, 1, 1)->role, ROLE_TEXT);
    assert_true(doc_find(doc, "fg", 1));
    expect(doc, grid, "x\nx\nx\ny fg\n");
    assert_int_equal(grid_cell(grid, 2, 3)->role, ROLE_MATCH_HERE);
    assert_true(doc_find(doc, "x", 1));
    expect(doc, grid, "x\nx\nx\ny fg\n");
    assert_int_equal(grid_cell(grid, 0, 1)->role, ROLE_MATCH);
    assert_true(doc_find(doc, "fg", 1));
    assert_true(doc_find(doc, "fg", 1));
    doc_matches(doc, &at, &count);
    assert_int_equal(at, 1);
    assert_false(doc_find(doc, "nowhere", 1));
    assert_false(doc_find(doc, NULL, 1));
    doc_matches(doc, &at, &count);
    assert_int_equal(count, 0);
    doc_free(doc);
}

/* However much is added, it ends. */
static void
test_limit(void **state)
{
    (void)state;
    Doc *doc = doc_new(FALSE);
    for (int i = 0; i < 50000; i++)
        doc_line(doc, ROLE_TEXT, "line");
    assert_false(doc_has_room(doc));
    assert_int_equal(doc_rows(doc, 20), 20000);
    doc_free(doc);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_items),
        cmocka_unit_test(test_unwrapped),
        cmocka_unit_test(test_links_and_prefixes),
        cmocka_unit_test(test_matches),
        cmocka_unit_test(test_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
