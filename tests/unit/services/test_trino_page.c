/* test_trino_page.c: pages of a result, cell by cell, and everything that must not pass as one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "base/error.h"
#include "services/trino_page.h"

static gboolean
collect(const char *const *cells, gsize n, void *data, GError **error)
{
    GString *out = data;
    (void)error;
    assert_null(cells[n]);
    for (gsize i = 0; i < n; i++)
        g_string_append_printf(out, "%s%s", i ? "|" : "", cells[i] ? cells[i] : "NULL");
    g_string_append_c(out, '\n');
    return TRUE;
}

static void
rows_are(const char *data, gsize columns, const char *expected)
{
    g_autofree char *text = g_strdup_printf("{\"id\":\"q\", \"data\" : %s ,\"stats\":{}}", data);
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(TrinoPage) page = trino_page_new(text, strlen(text), &error);
    assert_non_null(page);
    assert_string_equal(json_string(page->frame, "id"), "q");
    if (!trino_page_rows(page, columns, collect, out, &error))
        fail_msg("%s: %s", data, error->message);
    assert_string_equal(out->str, expected);
}

static void
page_is_bad(const char *answer, gsize columns, const char *reason)
{
    g_autofree char *text = g_strdup(answer);
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(TrinoPage) page = trino_page_new(text, strlen(text), &error);
    if (page && trino_page_rows(page, columns, collect, out, &error))
        fail_msg("taken: %s", answer);
    assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_BAD_ANSWER));
    if (!strstr(error->message, reason))
        fail_msg("%s\nsays: %s\nwant: %s", answer, error->message, reason);
}

static void
data_are_bad(const char *data, gsize columns, const char *reason)
{
    g_autofree char *text = g_strdup_printf("{\"data\":%s}", data);
    page_is_bad(text, columns, reason);
}

static void
test_cells(void **state)
{
    (void)state;
    rows_are("[]", 1, "");
    rows_are("null", 1, "");
    rows_are("[[1]]", 1, "1\n");
    rows_are(" [ [ 1 , \"a\" ] , [ null , \"\" ] ] ", 2, "1|a\nNULL|\n");
    rows_are("[[9223372036854775807,-9223372036854775808]]", 2,
             "9223372036854775807|-9223372036854775808\n");
    rows_are("[[0,-0,0.10,1E5,1.5e-3,\"NaN\"]]", 6, "0|-0|0.10|1E5|1.5e-3|NaN\n");
    rows_are("[[\"12345678901234567890.123456789\"]]", 1, "12345678901234567890.123456789\n");
    rows_are("[[true,false,null]]", 3, "true|false|NULL\n");
    rows_are("[[\"null\",\"true\"]]", 2, "null|true\n");
    rows_are("[[\"a\\\"b\\\\c\\/d\\be\\ff\\ng\\rh\\ti\"]]", 1, "a\"b\\c/d\be\ff\ng\rh\ti\n");
    rows_are("[[\"\\u00e4\\u65E5\\ud83d\\ude42x\"]]", 1, "ä日🙂x\n");
    rows_are("[[\"ä日🙂\",\"\\\"ä\\\"\"]]", 2, "ä日🙂|\"ä\"\n");
    rows_are("[[[1, 2 ,\"a]\"],{\"k\" :[null]}, []]]", 3, "[1, 2 ,\"a]\"]|{\"k\" :[null]}|[]\n");
    rows_are("[[1\n],\r\n[2\t]]", 1, "1\n2\n");
}

static void
test_bad_cells(void **state)
{
    (void)state;
    data_are_bad("[[1,2]]", 1, "row 1 of this page of the result is not a row of 1 columns");
    data_are_bad("[[1],[2,3]]", 1, "row 2");
    data_are_bad("[[1]]", 2, "not a row of 2");
    data_are_bad("[[]]", 1, "not a row of 1");
    data_are_bad("[1]", 1, "row 1");
    data_are_bad("[{\"a\":1}]", 1, "row 1");
    data_are_bad("[[1],]", 1, "malformed");
    data_are_bad("[[1][2]]", 1, "malformed");
    data_are_bad("[[1],[2}]", 1, "row 2");
    data_are_bad("[[1,]]", 2, "column 2: the cell is not valid JSON");
    data_are_bad("[[01]]", 1, "column 1");
    data_are_bad("[[1.]]", 1, "column 1");
    data_are_bad("[[+1]]", 1, "column 1");
    data_are_bad("[[1e]]", 1, "column 1");
    data_are_bad("[[NaN]]", 1, "column 1");
    data_are_bad("[[nul]]", 1, "column 1");
    data_are_bad("[[truex]]", 1, "column 1");
    data_are_bad("[[\"a\\x\"]]", 1, "malformed escape");
    data_are_bad("[[\"\\u12g4\"]]", 1, "malformed escape");
    data_are_bad("[[\"\\ud83d\"]]", 1, "malformed escape");
    data_are_bad("[[\"\\ud83d\\u0041\"]]", 1, "malformed escape");
    data_are_bad("[[\"\\ude42\"]]", 1, "malformed escape");
    data_are_bad("[[\"a\\u0000b\"]]", 1, "NUL character");
    data_are_bad("[[\"a\nb\"]]", 1, "control character");
    data_are_bad("[[\"\xff\"]]", 1, "not UTF-8");
    data_are_bad("[[\"\xed\xa0\x80\"]]", 1, "not UTF-8");
    data_are_bad("[[{\"a\"}]]", 1, "column 1");
    data_are_bad("[[{\"a\":1,}]]", 1, "column 1");
    data_are_bad("[[[1,]]]", 1, "column 1");
    data_are_bad("[[[1}]]", 1, "column 1");
}

static void
test_bad_pages(void **state)
{
    (void)state;
    page_is_bad("", 1, "no JSON object");
    page_is_bad("[]", 1, "no JSON object");
    page_is_bad("<html>", 1, "no JSON object");
    page_is_bad("{\"data\":[[1]]", 1, "cut or malformed");
    page_is_bad("{\"data\":[[1],[2", 1, "cut or malformed");
    page_is_bad("{\"data\":[[\"abc", 1, "cut or malformed");
    page_is_bad("{\"data\":[[1]]}}", 1, "something follows");
    page_is_bad("{\"data\":[[1]],}", 1, "cut or malformed");
    page_is_bad("{\"data\":[[1]] \"id\":1}", 1, "cut or malformed");
    page_is_bad("{\"data\":}", 1, "cut or malformed");
    page_is_bad("{\"data\":[[1]],\"data\":[]}", 1, "data twice");
    page_is_bad("{\"d\\u0061ta\":[[1]]}", 1, "odd way");
    page_is_bad("{\"data\":{\"encoding\":\"json\",\"segments\":[]}}", 1, "spooled segments");
    page_is_bad("{\"data\":\"x\"}", 1, "no array");
    page_is_bad("{\"data\":[[1]],\"id\":01x}", 1, "not valid JSON");
}

static void
test_frame(void **state)
{
    (void)state;
    g_autoptr(GString) text = g_string_new("{\"stats\":{\"state\":\"RUNNING\",\"rootStage\":");
    for (int i = 0; i < 500; i++) /* deeper than any JSON that we take whole */
        g_string_append(text, "{\"subStages\":[");
    for (int i = 0; i < 500; i++)
        g_string_append(text, "]}");
    g_string_append(text,
                    ",\"nodes\":2},\"error\":{\"failureInfo\":{\"stack\":[\"at x\"]},\"message\":"
                    "\"no \\\"data\\\"\"},\"data\":[[7]],\"nextUri\":\"u\"}");
    g_autoptr(GError) error = NULL;
    g_autoptr(TrinoPage) page = trino_page_new(text->str, text->len, &error);
    assert_non_null(page);
    g_autofree char *frame = json_print(page->frame);
    assert_string_equal(frame, "{\"stats\":{\"state\":\"RUNNING\",\"nodes\":2},\"error\":"
                               "{\"message\":\"no \\\"data\\\"\"},\"nextUri\":\"u\"}");
    g_autoptr(GString) out = g_string_new(NULL);
    assert_true(trino_page_rows(page, 1, collect, out, &error));
    assert_string_equal(out->str, "7\n");
}

/* A reader that stops at the byte and one that does not would see two results. */
static void
test_nul_byte(void **state)
{
    (void)state;
    char text[] = "{\"data\":[[\"a\0b\",1]]}";
    g_autoptr(GError) error = NULL;
    g_autoptr(TrinoPage) page = trino_page_new(text, sizeof text - 1, &error);
    assert_null(page);
    assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_BAD_ANSWER));
    assert_non_null(strstr(error->message, "NUL byte"));
}

static gboolean
stop_at_second(const char *const *cells, gsize n, void *data, GError **error)
{
    (void)n;
    (*(int *)data)++;
    if (strcmp(cells[0], "2") != 0)
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_INPUT, "enough");
    return FALSE;
}

static void
test_stop(void **state)
{
    (void)state;
    char text[] = "{\"data\":[[1],[2],[3]]}";
    int seen = 0;
    g_autoptr(GError) error = NULL;
    g_autoptr(TrinoPage) page = trino_page_new(text, strlen(text), &error);
    assert_false(trino_page_rows(page, 1, stop_at_second, &seen, &error));
    assert_int_equal(seen, 2);
    assert_string_equal(error->message, "enough");
}

/* A real answer of a server, when the shared samples are at hand. */
static void
test_sample(void **state)
{
    (void)state;
    const char *source = g_getenv("CREDITBOT_SRCDIR");
    g_autofree char *path = g_build_filename(
        source ? source : ".", "../shared/specs/trino-samples/sample_get_response_data.json", NULL);
    g_autofree char *text = NULL;
    gsize length = 0;
    if (!g_file_get_contents(path, &text, &length, NULL)) {
        print_message("no %s: skipped\n", path);
        g_free(g_steal_pointer(&path)); /* skip() jumps over the clean-up */
        skip();
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(TrinoPage) page = trino_page_new(text, length, &error);
    assert_non_null(page);
    assert_string_equal(json_string(page->frame, "id"), "20210817_140827_00000_arvdv");
    assert_int_equal(cJSON_GetArraySize(json_array(page->frame, "columns")), 5);
    assert_true(trino_page_rows(page, 5, collect, out, &error));
    assert_string_equal(out->str, "UUID-0|http://worker0:8080|0.157|false|active\n"
                                  "UUID-1|http://worker1:8080|0.157|false|active\n"
                                  "UUID-2|http://worker2:8080|0.157|false|active\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells),     cmocka_unit_test(test_bad_cells),
        cmocka_unit_test(test_bad_pages), cmocka_unit_test(test_frame),
        cmocka_unit_test(test_nul_byte),  cmocka_unit_test(test_stop),
        cmocka_unit_test(test_sample),
    };
    return cmocka_run_group_tests_name("services/trino_page", tests, NULL, NULL);
}
