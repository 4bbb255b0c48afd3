/* test_text.c: documents, the text field, and the console's words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tui/doc.h"
#include "tui/widgets/input.h"
#include "tui/wording.h"

static void
test_wrap(void **state)
{
    (void)state;
    g_autoptr(Grid) grid = grid_new(12, 6, FALSE);
    Doc *doc = doc_new(FALSE);
    doc_indent(doc, 0, 2);
    doc_add(doc, ROLE_TITLE, "one two ");
    doc_add(doc, ROLE_TEXT, "three four");
    doc_end(doc);
    doc_indent(doc, 0, 0);
    doc_line(doc, ROLE_TEXT, "unbreakableword");
    doc_line(doc, ROLE_TEXT, "a\nb");
    assert_int_equal(doc_rows(doc, 12), 6);
    doc_draw(doc, grid, grid_whole(grid));
    g_autofree char *text = grid_to_text(grid);
    assert_string_equal(text, "one two\n  three four\nunbreakablew\nord\na\nb\n");
    assert_int_equal(grid_cell(grid, 0, 0)->role, ROLE_TITLE);
    assert_int_equal(grid_cell(grid, 3, 1)->role, ROLE_TEXT);
    doc_free(doc);
}

static void
test_search(void **state)
{
    (void)state;
    g_autoptr(Grid) grid = grid_new(20, 3, FALSE);
    Doc *doc = doc_new(FALSE);
    for (int i = 0; i < 20; i++) {
        doc_addf(doc, ROLE_TEXT, "line %d", i);
        doc_end(doc);
    }
    doc_draw(doc, grid, grid_whole(grid));
    assert_true(doc_find(doc, "LINE 12", 1));
    grid_clear(grid);
    doc_draw(doc, grid, grid_whole(grid));
    g_autofree char *text = grid_to_text(grid);
    assert_non_null(strstr(text, "line 12"));
    assert_false(doc_find(doc, "line 99", 1));
    doc_bottom(doc);
    doc_scroll(doc, 50);
    grid_clear(grid);
    doc_draw(doc, grid, grid_whole(grid));
    g_autofree char *end = grid_to_text(grid);
    assert_non_null(strstr(end, "line 19"));
    doc_free(doc);
}

static void
press(Input *input, guint32 key)
{
    TermEvent event = {.type = EVENT_KEY, .key = key};
    assert_true(input_key(input, &event, NULL));
}

static void
test_input(void **state)
{
    (void)state;
    Input input = {0};
    gboolean changed;
    input_init(&input, "ab");
    press(&input, KEYS_LEFT);
    press(&input, 0xe9);
    assert_string_equal(input.text->str, "aéb");
    press(&input, KEYS_BACKSPACE);
    assert_string_equal(input.text->str, "ab");
    press(&input, KEYS_END);
    TermEvent paste = {.type = EVENT_PASTE, .text = "x\033[1my\nz"};
    assert_true(input_key(&input, &paste, &changed));
    assert_true(changed);
    assert_null(strchr(input.text->str, '\033'));
    assert_null(strchr(input.text->str, '\n'));
    input_set(&input, "one two");
    press(&input, KEYS_CTRL('w'));
    assert_string_equal(input.text->str, "one ");
    press(&input, KEYS_CTRL('u'));
    assert_string_equal(input.text->str, "");
    press(&input, KEYS_BACKSPACE);
    press(&input, KEYS_DELETE);
    TermEvent other = {.type = EVENT_KEY, .key = KEYS_F1};
    assert_false(input_key(&input, &other, NULL));
    g_autoptr(Grid) grid = grid_new(5, 1, FALSE);
    input_set(&input, "abcdefgh");
    input_draw(&input, grid, 0, 0, 5, TRUE);
    int x, y;
    gboolean typing;
    assert_true(grid_cursor(grid, &x, &y, &typing));
    assert_true(typing);
    assert_int_equal(x, 4);
    g_autofree char *text = grid_to_text(grid);
    assert_string_equal(text, "efgh\n");
    input_clear(&input);
}

static void
test_words(void **state)
{
    (void)state;
    Role role;
    g_autofree char *count = wording_count(1204310), *small = wording_count(-12),
                    *day = wording_day("2026-09-14");
    g_autofree char *bar = wording_bar(62.4, 8), *full = wording_bar(140, 4),
                    *ago = wording_ago(0, 5);
    assert_string_equal(count, "1,204,310");
    assert_string_equal(small, "-12");
    assert_string_equal(day, "14 Sep");
    assert_string_equal(bar, "[####....] 62%");
    assert_string_equal(full, "[####] 100%");
    assert_string_equal(ago, "never");
    const Facts facts = {.late = 45 * G_TIME_SPAN_MINUTE, .very_late = 2 * G_TIME_SPAN_HOUR};
    g_autofree char *late = wording_span(facts.late), *very_late = wording_span(facts.very_late),
                    *odd = wording_span(90 * G_TIME_SPAN_SECOND);
    assert_string_equal(late, "45 minutes");
    assert_string_equal(very_late, "2 hours");
    assert_string_equal(odd, "1m");
    assert_string_equal(wording_age_sign(facts.late - 1, &facts, &role), "");
    assert_string_equal(wording_age_sign(facts.late, &facts, &role), "!");
    assert_int_equal(role, ROLE_WARN);
    wording_age_sign(facts.very_late, &facts, &role);
    assert_int_equal(role, ROLE_BAD);
}

static void
test_states(void **state)
{
    (void)state;
    Facts facts = {.now = 1000 * G_TIME_SPAN_SECOND,
                   .second_above = 10000 * G_GINT64_CONSTANT(1000000),
                   .attempts = 3};
    Role role;
    Request request = {.id = 1, .state = STATE_FAILED, .attempts = 1};
    g_autofree char *failed = wording_state(&request, &facts, &role);
    assert_string_equal(failed, "failed 1/3");
    request = (Request){.state = STATE_PENDING,
                        .has_amount = TRUE,
                        .amount = facts.second_above + 1,
                        .approvals = 1};
    g_autofree char *first = wording_state(&request, &facts, &role),
                    *note = wording_note(&request, &facts, &role);
    assert_string_equal(first, "approved 1/2");
    assert_string_equal(note, "needs 2nd");
    request = (Request){.state = STATE_APPROVED, .hold_until = facts.now + 8 * G_TIME_SPAN_SECOND};
    g_autofree char *held = wording_state(&request, &facts, &role);
    assert_string_equal(held, "posts in 8s");
    char unusual[] = "12x last month; new country";
    request = (Request){.state = STATE_PENDING, .unusual = unusual};
    g_autofree char *odd = wording_note(&request, &facts, &role);
    assert_string_equal(odd, "12x last month +1");
    Progress progress = {.request_id = 7, .percent = 62};
    g_autoptr(GPtrArray) running = g_ptr_array_new();
    g_ptr_array_add(running, &progress);
    facts.progress = running;
    request = (Request){.id = 7, .state = STATE_CALCULATING};
    g_autofree char *going = wording_note(&request, &facts, &role);
    assert_string_equal(going, "[####....] 62%");
    request = (Request){.has_amount = TRUE, .amount = 1000000, .low = 900000, .high = 1100000};
    g_autofree char *interval = wording_interval(&request);
    assert_string_equal(interval, "10.0%");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrap),  cmocka_unit_test(test_search), cmocka_unit_test(test_input),
        cmocka_unit_test(test_words), cmocka_unit_test(test_states),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
