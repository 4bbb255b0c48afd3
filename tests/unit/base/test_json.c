/* test_json.c: limits on the way in, exact integers on the way out. */
#include "tests/unit/base/cmocka_base.h"

#include "base/error.h"
#include "base/json.h"

static cJSON *
parse(const char *text)
{
    return json_parse(text, strlen(text), "test", NULL);
}

static void
refused(const char *text, gsize len, const char *part)
{
    g_autoptr(GError) error = NULL;
    assert_null(json_parse(text, len, "conversations.history", &error));
    assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_BAD_ANSWER));
    assert_has(error->message, "conversations.history");
    assert_has(error->message, part);
}

static void
test_members(void **state)
{
    (void)state;
    g_autoptr(cJSON) json = parse("{\"s\":\"x\",\"n\":12,\"f\":1.5,\"t\":true,\"o\":{\"a\":1},"
                                  "\"l\":[1],\"z\":null,\"d\":\"34\",\"big\":1e300} ");
    assert_non_null(json);
    assert_string_equal(json_string(json, "s"), "x");
    assert_null(json_string(json, "n"));
    assert_null(json_string(json, "missing"));
    assert_null(json_string(json, "S"));
    assert_null(json_string(NULL, "s"));
    assert_null(json_string(json_array(json, "l"), "s"));
    g_autofree char *n = json_text(json, "n"), *s = json_text(json, "s"), *f = json_text(json, "f");
    assert_string_equal(n, "12");
    assert_string_equal(s, "x");
    assert_string_equal(f, "1.5");
    assert_null(json_text(json, "t"));
    assert_true(json_true(json, "t"));
    assert_false(json_true(json, "n"));
    assert_int_equal(json_int(json, "n", -1), 12);
    assert_int_equal(json_int(json, "d", -1), 34);
    assert_int_equal(json_int(json, "f", -1), -1);
    assert_int_equal(json_int(json, "big", -1), -1);
    assert_int_equal(json_int(json, "z", -1), -1);
    assert_non_null(json_object(json, "o"));
    assert_null(json_object(json, "l"));
    assert_non_null(json_array(json, "l"));
    assert_null(json_array(json, "o"));
}

static void
test_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", " ", "{", "[1,]", "{\"a\":}", "nul", "\"x", "{a:1}"};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        refused(bad[i], strlen(bad[i]), "not valid JSON");
    refused("{}{}", 4, "goes on after");
    refused("1 x", 3, "goes on after");
    refused("\"a\0b\"", 5, "NUL byte");
    refused("{}\0", 3, "NUL byte");
    g_autofree char *deep = g_strnfill(65, '[');
    refused(deep, 65, "nested deeper");
    g_autofree char *endless = g_strnfill(100000, '{');
    refused(endless, 100000, "nested deeper");
}

static void
test_depth(void **state)
{
    (void)state;
    g_autofree char *open = g_strnfill(64, '['), *shut = g_strnfill(64, ']');
    g_autofree char *whole = g_strconcat(open, shut, NULL);
    g_autoptr(cJSON) at_limit = parse(whole);
    assert_non_null(at_limit);
    /* Brackets inside a string, also behind an escaped quote, are no levels. */
    g_autofree char *text = g_strconcat("\"\\\\\\\"", open, open, "\"", NULL);
    g_autoptr(cJSON) string = parse(text);
    assert_non_null(string);
}

static void
test_repaired(void **state)
{
    (void)state;
    const struct {
        const char *json, *value;
    } cases[] = {
        {"[\"a\\u0000b\"]", "a\xEF\xBF\xBD"
                            "b"},
        {"[\"a\\ud800b\"]", "a\xEF\xBF\xBD"
                            "b"},
        {"[\"a\\udc00\\ud800\"]", "a\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"[\"\\ud83d\\ude00\"]", "\xF0\x9F\x98\x80"},
        {"[\"\\\\u0000\"]", "\\u0000"},
        {"[\"a\xFFz\"]", "a\xEF\xBF\xBDz"},
        {"[\"a\xED\xA0\x80z\"]", "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz"},
        {"[\"\xC3\xA9\"]", "\xC3\xA9"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(cJSON) json = parse(cases[i].json);
        assert_non_null(json);
        assert_string_equal(cJSON_GetStringValue(cJSON_GetArrayItem(json, 0)), cases[i].value);
    }
}

static void
test_print(void **state)
{
    (void)state;
    g_autoptr(cJSON) json = cJSON_CreateObject();
    json_add(json, "name", "a\"b");
    json_add(json, "none", NULL);
    json_add_int(json, "small", -5);
    json_add_int(json, "exact", G_GINT64_CONSTANT(9007199254740991));
    json_add_int(json, "odd", G_GINT64_CONSTANT(9007199254740993));
    json_add_int(json, "most", G_MAXINT64);
    json_add_int(json, "least", G_MININT64);
    g_autofree char *text = json_print(json);
    assert_string_equal(text, "{\"name\":\"a\\\"b\",\"none\":null,\"small\":-5,"
                              "\"exact\":9007199254740991,\"odd\":9007199254740993,"
                              "\"most\":9223372036854775807,\"least\":-9223372036854775808}");
}

/* What no terminal shows as itself leaves as an escape and comes back as it was. */
static void
test_print_hidden(void **state)
{
    (void)state;
    static const char hidden[] =
        "a\x7f\xc2\x9b\xe2\x80\xae\xe2\x80\xa8\xef\xbb\xbf\xf3\xa0\x80\xa1\xc3\xa9";
    g_autoptr(cJSON) json = cJSON_CreateObject();
    json_add(json, "t", hidden);
    g_autofree char *text = json_print(json);
    assert_string_equal(text,
                        "{\"t\":\"a\\u007f\\u009b\\u202e\\u2028\\ufeff\\udb40\\udc21\xc3\xa9\"}");
    g_autoptr(cJSON) again = parse(text);
    assert_string_equal(json_string(again, "t"), hidden);
    g_autoptr(cJSON) bytes = cJSON_CreateString("x\xff\xc0\xafy");
    g_autofree char *valid = json_print(bytes);
    assert_string_equal(valid, "\"x\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdy\"");
    g_autofree char *pretty = json_print_pretty(json);
    assert_null(strstr(pretty, "\xe2\x80\xae"));
    assert_non_null(strstr(pretty, "\n"));
}

/* Random bytes and mutated JSON: no crash, no leak (the sanitizers watch), and what is accepted can
 * be printed and read again. */
static void
test_junk(void **state)
{
    (void)state;
    static const char seed_text[] = "{\"a\":[1,2.5e3,\"\\u00e9\\ud83d\\ude00\",null,{\"b\":true}]}";
    guint64 seed = 11;
    int accepted = 0;
    for (int i = 0; i < 20000; i++) {
        char text[sizeof seed_text];
        memcpy(text, seed_text, sizeof text);
        for (guint64 n = next_random(&seed) % 3; n > 0; n--)
            text[next_random(&seed) % (sizeof text - 1)] = (char)next_random(&seed);
        g_autoptr(cJSON) json = json_parse(text, sizeof text - 1, "junk", NULL);
        if (!json)
            continue;
        accepted++;
        g_autofree char *printed = json_print(json);
        assert_true(g_utf8_validate(printed, -1, NULL));
        g_autoptr(cJSON) again = parse(printed);
        assert_non_null(again);
    }
    assert_true(accepted > 1000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members),      cmocka_unit_test(test_refused),
        cmocka_unit_test(test_depth),        cmocka_unit_test(test_repaired),
        cmocka_unit_test(test_print),        cmocka_unit_test(test_junk),
        cmocka_unit_test(test_print_hidden),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
