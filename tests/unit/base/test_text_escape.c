/* test_text_escape.c: text on its way out of the program. */
#include "tests/unit/base/cmocka_base.h"

#include "base/text.h"

static void
test_slack(void **state)
{
    (void)state;
    const struct {
        const char *in, *out;
    } cases[] = {
        {"a & b < c > d", "a &amp; b &lt; c &gt; d"},
        {"<!channel> <@U123> <!subteam^S1>", "&lt;!channel&gt; &lt;@U123&gt; &lt;!subteam^S1&gt;"},
        {"&lt;!here&gt;", "&amp;lt;!here&amp;gt;"},
        {"@here now", "@\u2060here now"},
        {"@Channel", "@\u2060Channel"},
        {"@everyone!", "@\u2060everyone!"},
        {"ops@hereford.example.com", "ops@hereford.example.com"},
        {"<https://evil.example|https://looker.example.com>",
         "&lt;https://evil.example|https://looker.example.com&gt;"},
        {"1\u202E2\033[1m", "12\uFFFD"},
        {"two\nlines", "two\nlines"},
        {"", ""},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *out = text_slack_escape(cases[i].in);
        assert_string_equal(out, cases[i].out);
        assert_null(strpbrk(out, "<>"));
    }
    g_autofree char *none = text_slack_escape(NULL);
    assert_string_equal(none, "");
}

static void
test_slack_back(void **state)
{
    (void)state;
    g_autofree char *once = text_slack_unescape("a=1&amp;b=2 &lt;x&gt; &quot; &amp;lt; &am &");
    assert_string_equal(once, "a=1&b=2 <x> &quot; &lt; &am &");
    guint64 seed = 21;
    static const char letters[] = "&<>;amplgt x";
    for (int i = 0; i < 5000; i++) {
        char text[16] = "";
        for (gsize k = 0; k < sizeof text - 1; k++)
            text[k] = letters[next_random(&seed) % (sizeof letters - 1)];
        g_autofree char *there = text_slack_escape(text);
        g_autofree char *back = text_slack_unescape(there);
        assert_string_equal(back, text);
    }
}

static void
test_csv(void **state)
{
    (void)state;
    const struct {
        const char *in, *out;
    } cases[] = {
        {"plain", "plain"},
        {"", ""},
        {NULL, ""},
        {"a,b", "\"a,b\""},
        {"say \"hi\"", "\"say \"\"hi\"\"\""},
        {"two\nlines", "\"two\nlines\""},
        {" edge", "\" edge\""},
        {"1234.50", "1234.50"},
        {"-12.50", "-12.50"},
        {"=1+1", "'=1+1"},
        {"+1", "'+1"},
        {"-1+1", "'-1+1"},
        {"-", "'-"},
        {"@SUM(A1)", "'@SUM(A1)"},
        {"=HYPERLINK(\"http://evil.example\",\"x\")",
         "\"'=HYPERLINK(\"\"http://evil.example\"\",\"\"x\"\")\""},
        {"\t=1", "\"' =1\""},
        {"\r=1", "\"'\n=1\""},
        {"\n=1", "\"'\n=1\""},
        {"\u200B=1", "'=1"},
        {"＝1", "'＝1"},
        {"a\033[1mb", "a\uFFFDb"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *out = text_csv_field(cases[i].in);
        assert_string_equal(out, cases[i].out);
    }
}

static void
test_nearest(void **state)
{
    (void)state;
    static const char *const names[] = {"approve", "reject", "rerun", "retry", "list", NULL};
    assert_string_equal(text_nearest("aprove", names), "approve");
    assert_string_equal(text_nearest("appvore", names), "approve");
    assert_string_equal(text_nearest("RERUN", names), "rerun");
    assert_string_equal(text_nearest("lst", names), "list");
    assert_string_equal(text_nearest("rejcet", names), "reject");
    assert_null(text_nearest("zebra", names));
    assert_null(text_nearest("", names));
    assert_null(text_nearest(NULL, names));
    assert_null(text_nearest("x", names));
    assert_null(text_nearest("list", NULL));
    g_autofree char *endless = g_strnfill(100000, 'a');
    assert_null(text_nearest(endless, names));
}

static void
test_sha256(void **state)
{
    (void)state;
    /* FIPS 180-2, appendix B, and the empty message. */
    g_autofree char *abc = text_sha256("abc", 3), *empty = text_sha256("", 0);
    assert_string_equal(abc, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_string_equal(empty, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    text_wipe_free(NULL);
    text_wipe_free(g_strdup("secret"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slack),  cmocka_unit_test(test_slack_back),
        cmocka_unit_test(test_csv),    cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_sha256),
    };
    return cmocka_run_group_tests_name("text_escape", tests, NULL, NULL);
}
