/* test_url.c: the strict URL parser, query look-up and encoding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include "base/error.h"
#include "net/http.h"

static void
assert_same(const char *got, const char *expected)
{
    if (expected == NULL) {
        assert_null(got);
    } else {
        assert_non_null(got);
        assert_string_equal(got, expected);
    }
}

static void
test_good(void **state)
{
    static const struct {
        const char *text, *scheme, *host;
        long port;
        const char *path, *query, *fragment;
        gboolean userinfo;
    } cases[] = {
        {"https://Example.COM", "https", "example.com", 443, "/", NULL, NULL, FALSE},
        {"HTTP://example.com.", "http", "example.com", 80, "/", NULL, NULL, FALSE},
        {"https://example.com:8443/a/b?c=d#e", "https", "example.com", 8443, "/a/b", "c=d", "e",
         FALSE},
        {"https://example.com?x", "https", "example.com", 443, "/", "x", NULL, FALSE},
        {"https://example.com#", "https", "example.com", 443, "/", NULL, "", FALSE},
        {"https://example.com/?", "https", "example.com", 443, "/", "", NULL, FALSE},
        {"https://example.com:/x", "https", "example.com", 443, "/x", NULL, NULL, FALSE},
        {"https://u:p@example.com/", "https", "example.com", 443, "/", NULL, NULL, TRUE},
        {"https://good.example@evil.example/", "https", "evil.example", 443, "/", NULL, NULL, TRUE},
        {"https://evil.example/@good.example", "https", "evil.example", 443, "/@good.example", NULL,
         NULL, FALSE},
        {"https://evil.example?@good.example", "https", "evil.example", 443, "/", "@good.example",
         NULL, FALSE},
        {"http://127.0.0.1:80/", "http", "127.0.0.1", 80, "/", NULL, NULL, FALSE},
        {"http://[::1]:81/", "http", "::1", 81, "/", NULL, NULL, FALSE},
        {"http://[0:0:0:0:0:0:0:1]/", "http", "::1", 80, "/", NULL, NULL, FALSE},
        {"https://a_b.example.com/%41%2f~", "https", "a_b.example.com", 443, "/%41%2f~", NULL, NULL,
         FALSE},
        {"https://example.com/a:b;c=d,e!$&'()*+@", "https", "example.com", 443,
         "/a:b;c=d,e!$&'()*+@", NULL, NULL, FALSE},
        {"https://1example.com/", "https", "1example.com", 443, "/", NULL, NULL, FALSE},
        {"https://example.com/?a=b?c=/d#/?", "https", "example.com", 443, "/", "a=b?c=/d", "/?",
         FALSE},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(HttpUrl) url = http_url_parse(cases[i].text, NULL);

        assert_non_null(url);
        assert_string_equal(url->scheme, cases[i].scheme);
        assert_string_equal(url->host, cases[i].host);
        assert_int_equal(url->port, cases[i].port);
        assert_string_equal(url->path, cases[i].path);
        assert_same(url->query, cases[i].query);
        assert_same(url->fragment, cases[i].fragment);
        assert_int_equal(url->has_userinfo, cases[i].userinfo);
    }
}

static void
test_bad(void **state)
{
    static const char *const cases[] = {
        "",
        "example.com",
        "//example.com",
        "https:/example.com",
        "https:example.com",
        "https://",
        "https:///x",
        "https://.",
        "https://?x",
        "https://:80/",
        "ftp://example.com",
        "javascript:x",
        " https://example.com",
        "https://example.com ",
        "https://exa mple.com",
        "https://example.com/a b",
        "https://example.com\\@evil.example",
        "https://example.com/\\x",
        "https://example.com/\t",
        "https://example.com/\n",
        "https://example.com/\x7f",
        "https://ex\xc3\xa4mple.com",
        "https://example.com/\xc3\xa4",
        "https://example.com:0",
        "https://example.com:65536",
        "https://example.com:999999",
        "https://example.com:8a",
        "https://example.com:-1",
        "https://a..example.com",
        "https://.example.com",
        "https://example.com..",
        "https://-a.example",
        "https://a-.example",
        "https://exam%70le.com",
        "https://exa$mple.com",
        "https://[::1",
        "https://[::1]x/",
        "https://[::g]/",
        "https://[1.2.3.4]/",
        "https://[fe80::1%25eth0]/",
        "https://a@b@c/",
        "https://127.1/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https://256.0.0.1/",
        "https://1.2.3.4.5/",
        "https://example.com/%",
        "https://example.com/%4",
        "https://example.com/%zz",
        "https://example.com/%00",
        "https://example.com/?%0",
        "https://example.com/<x>",
        "https://example.com/\"",
        "https://example.com/[x]",
        "https://example.com/{x}",
        "https://example.com/a|b",
        "https://example.com/a^b",
        "https://example.com/`",
        "https://example.com/#a#b",
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(HttpUrl) url = http_url_parse(cases[i], &error);

        if (url != NULL)
            print_error("accepted: %s\n", cases[i]);
        assert_null(url);
        assert_non_null(error);
        assert_int_equal(error->code, ERR_INPUT);
    }
}

static void
test_length_limit(void **state)
{
    g_autofree char *tail = g_strnfill(8192, 'a');
    g_autofree char *longest = g_strdup_printf("https://example.com/%.*s", 8192 - 20, tail);
    g_autofree char *longer = g_strconcat(longest, "a", NULL);
    g_autofree char *label = g_strdup_printf("https://%.64s.example/", tail);
    g_autoptr(HttpUrl) fits = http_url_parse(longest, NULL);

    (void)state;
    assert_non_null(fits);
    assert_null(http_url_parse(longer, NULL));
    assert_null(http_url_parse(label, NULL));
}

static void
test_query(void **state)
{
    g_autoptr(HttpUrl) url = http_url_parse(
        "https://example.com/?qid=abc&a%20b=c+d%26e&empty=&bare&qid=second&=x", NULL);
    static const struct {
        const char *name, *value;
    } cases[] = {{"qid", "abc"}, {"a b", "c d&e"}, {"empty", ""}, {"bare", ""},
                 {"id", NULL},   {"QID", NULL},    {"", "x"}};

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *value = http_url_query(url, cases[i].name);

        assert_same(value, cases[i].value);
    }
}

static void
test_same_origin(void **state)
{
    static const struct {
        const char *a, *b;
        gboolean same;
    } cases[] = {
        {"https://a.example/x", "https://A.example:443/y?z", TRUE},
        {"https://a.example/", "http://a.example/", FALSE},
        {"https://a.example/", "https://b.example/", FALSE},
        {"https://a.example/", "https://a.example:444/", FALSE},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(HttpUrl) a = http_url_parse(cases[i].a, NULL);
        g_autoptr(HttpUrl) b = http_url_parse(cases[i].b, NULL);

        assert_int_equal(http_url_same_origin(a, b), cases[i].same);
    }
}

static void
test_encoding(void **state)
{
    g_autofree char *encoded = http_encode("aZ09-._~ &=+/\xc3\xa4%");
    g_autofree char *form = http_form("a", "1 2", "b", NULL, "c d", "x&y=z", "e", "", NULL);
    g_autofree char *none = http_form("a", NULL, NULL);

    (void)state;
    assert_string_equal(encoded, "aZ09-._~%20%26%3D%2B%2F%C3%A4%25");
    assert_string_equal(form, "a=1%202&c%20d=x%26y%3Dz&e=");
    assert_string_equal(none, "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),         cmocka_unit_test(test_bad),
        cmocka_unit_test(test_length_limit), cmocka_unit_test(test_query),
        cmocka_unit_test(test_same_origin),  cmocka_unit_test(test_encoding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
