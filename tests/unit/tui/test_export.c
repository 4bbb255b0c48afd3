/* test_export.c: rows of a list as CSV and as JSON Lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/money.h"
#include "tui/export.h"

typedef struct {
    const char *name;
    gint64 amount; /* -1: none */
} Item;

static void
cell_name(const void *row, const void *context, GString *text, Role *role)
{
    const Item *item = row;
    (void)context;
    (void)role;
    g_string_append_printf(text, " %s ", item->name);
}

static void
cell_amount(const void *row, const void *context, GString *text, Role *role)
{
    (void)row;
    (void)context;
    (void)role;
    g_string_append(text, "12,480.50");
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
    (void)row;
    *number = G_GINT64_CONSTANT(1789387200) * G_USEC_PER_SEC;
    return TRUE;
}

static gboolean
number_count(const void *row, gint64 *number)
{
    (void)row;
    *number = 7;
    return TRUE;
}

static gint64
item_id(const void *row)
{
    (void)row;
    return 1;
}

static const ListColumn columns[] = {
    {"name", "NAME", 4, 9, ALIGN_LEFT, 0, cell_name},
    {"amount", "AMOUNT", 4, 9, ALIGN_LEFT, 0, cell_amount, NULL, number_amount, QUERY_MONEY},
    {"age", "AGE", 4, 9, ALIGN_LEFT, 0, cell_name, NULL, number_at, QUERY_AGE},
};
static const ListColumn more[] = {
    {"count", "COUNT", 4, 9, ALIGN_LEFT, 0, cell_name, NULL, number_count, QUERY_NUMBER},
    {"name", "NAME", 4, 9, ALIGN_LEFT, 0, cell_amount}, /* is there already */
};
static const ListOps ops = {.columns = columns,
                            .n_columns = G_N_ELEMENTS(columns),
                            .id = item_id,
                            .default_sort = -1,
                            .more = more,
                            .n_more = G_N_ELEMENTS(more)};

static void
assert_row(const Item *item, ExportFormat format, const char *expected)
{
    g_autoptr(GString) out = g_string_new(NULL);
    export_add_row(&ops, NULL, item, format, out);
    assert_string_equal(out->str, expected);
}

static void
test_csv(void **state)
{
    g_autoptr(GString) head = g_string_new(NULL);
    (void)state;
    export_add_header(&ops, EXPORT_CSV, head);
    assert_string_equal(head->str, "name,amount,age,count\r\n");
    assert_row(&(Item){"acme", 12480500000}, EXPORT_CSV,
               "acme,12480.50,2026-09-14T12:00:00Z,7\r\n");
    assert_row(&(Item){"a, \"b\"", -1}, EXPORT_CSV, "\"a, \"\"b\"\"\",,2026-09-14T12:00:00Z,7\r\n");
    /* What a spreadsheet would run is text; what the screen shows for nothing is nothing. */
    assert_row(&(Item){"=cmd()", 0}, EXPORT_CSV, "'=cmd(),0.00,2026-09-14T12:00:00Z,7\r\n");
    assert_row(&(Item){"-", 0}, EXPORT_CSV, ",0.00,2026-09-14T12:00:00Z,7\r\n");
}

static void
test_json(void **state)
{
    g_autoptr(GString) head = g_string_new(NULL);
    (void)state;
    export_add_header(&ops, EXPORT_JSONL, head);
    assert_string_equal(head->str, "");
    assert_row(&(Item){"=a\"b", 500000}, EXPORT_JSONL,
               "{\"name\":\"=a\\\"b\",\"amount\":\"0.50\",\"age\":\"2026-09-14T12:00:00Z\","
               "\"count\":7}\n");
    assert_row(&(Item){"x", -1}, EXPORT_JSONL,
               "{\"name\":\"x\",\"amount\":null,\"age\":\"2026-09-14T12:00:00Z\",\"count\":7}\n");
}

static void
test_names(void **state)
{
    ExportFormat format = EXPORT_CSV;
    g_autoptr(GError) error = NULL;
    (void)state;
    assert_true(export_format("a.jsonl", &format, NULL));
    assert_int_equal(format, EXPORT_JSONL);
    assert_true(export_format("a.csv", &format, NULL));
    assert_int_equal(format, EXPORT_CSV);
    assert_false(export_format("a.txt", &format, &error));
    assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_USAGE));
    g_autofree char *home = export_path("~/x/../a.csv"), *whole = export_path("/a/b.csv");
    g_autofree char *expected = g_build_filename(g_get_home_dir(), "x/../a.csv", NULL);
    assert_string_equal(home, expected);
    assert_string_equal(whole, "/a/b.csv");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
