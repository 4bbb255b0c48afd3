/* test_link.c: which links count, which do not, and why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include "services/link.h"

#define BASE "https://looker.example.com"

static void
assert_link(const char *url, const char *base, const char *kind, const char *ref)
{
    g_autofree char *why = NULL;
    g_autoptr(Link) link = link_parse(url, base, &why);

    if (link == NULL) {
        fail_msg("%s: %s", url, why);
        return;
    }
    assert_string_equal(link_kind_name(link->kind), kind);
    if (ref == NULL)
        assert_null(link->ref);
    else
        assert_string_equal(link->ref, ref);
    assert_string_equal(link->url, url);
}

static void
test_forms(void **state)
{
    static const struct {
        const char *path, *kind, *ref;
    } cases[] = {
        {"/looks/8841", "look", "8841"},
        {"/looks/8841/", "look", "8841"},
        {"/looks/8841?toggle=fil#x", "look", "8841"},
        {"/embed/looks/8841", "look", "8841"},
        {"/x/AbC123", "slug", "AbC123"},
        {"/explore/sms/attempts?qid=AbC123&toggle=fil", "slug", "AbC123"},
        {"/explore/sms/attempts?toggle=fil&qid=AbC123", "slug", "AbC123"},
        {"/explore/sms/attempts?f[a.b]=1&qid=AbC123&g=\"x\"", "slug", "AbC123"},
        {"/embed/explore/sms/attempts?qid=AbC123", "slug", "AbC123"},
        {"/embed/query/sms/attempts?qid=AbC123", "slug", "AbC123"},
        {"/dashboards/12", "dashboard", "12"},
        {"/dashboards/AbC-1_2", "dashboard", "AbC-1_2"},
        {"/dashboards/sms%3A%3Aoverview", "dashboard", "sms::overview"},
        {"/dashboards/sms::overview?Country=C\xc3\xb4te", "dashboard", "sms::overview"},
        {"/dashboards-next/12", "dashboard", "12"},
        {"/dashboards-legacy/12", "dashboard", "12"},
        {"/embed/dashboards/12", "dashboard", "12"},
        {"/embed/dashboards-next/12", "dashboard", "12"},
        {"/sql/abcdefg", "sql", "abcdefg"},
        {"", "other", NULL},
        {"/", "other", NULL},
        {"/folders/12", "other", NULL},
        {"/looks", "other", NULL},
        {"/looks/", "other", NULL},
        {"/looks/abc", "other", NULL},
        {"/looks/1234567890123456789", "other", NULL},
        {"/looks/12/edit", "other", NULL},
        {"/Looks/12", "other", NULL},
        {"/x/", "other", NULL},
        {"/x/a-b", "other", NULL},
        {"/x/%20", "other", NULL},
        {"/explore/sms/attempts?fields=a.b", "other", NULL},
        {"/explore/sms/attempts?qid=", "other", NULL},
        {"/explore/sms/attempts?qid=a&qid=b", "other", NULL},
        {"/explore/sms/attempts?xqid=a", "other", NULL},
        {"/explore/sms/attempts?x=1#qid=abc", "other", NULL},
        {"/explore/sms?qid=abc", "other", NULL},
        {"/query/sms/attempts?qid=abc", "other", NULL},
        {"/merge?mid=abc", "other", NULL},
        {"/embed", "other", NULL},
        {"/folders/1?u=https://looker.example.com/looks/1", "other", NULL},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *url = g_strconcat(BASE, cases[i].path, NULL);

        assert_link(url, BASE, cases[i].kind, cases[i].ref);
    }
}

static void
test_hosts_that_count(void **state)
{
    static const struct {
        const char *url, *base;
    } cases[] = {
        {"http://looker.example.com/looks/1", BASE},
        {"HTTPS://LOOKER.Example.Com/looks/1", BASE},
        {"https://looker.example.com:443/looks/1", BASE},
        {"http://looker.example.com:80/looks/1", BASE},
        {"https://looker.example.com./looks/1", BASE},
        {"https://looker.example.com/looks/1", BASE "/"},
        {"https://looker.example.com:9999/looks/1", BASE ":9999"},
        {"http://127.0.0.1:8080/looks/1", "http://127.0.0.1:8080"},
        {"https://bi.example.com/looker/looks/1", "https://bi.example.com/looker"},
        {"https://bi.example.com/looker/looks/1", "https://bi.example.com/looker/"},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_link(cases[i].url, cases[i].base, "look", "1");
}

/* why NULL: on our host, and nothing that could be fetched. */
static const struct {
    const char *url, *why;
} strangers[] = {
    {"https://zendesk.example.com/looks/1", "another host (zendesk.example.com)"},
    {"https://looker.example.com.evil.example/looks/1", "look-alike"},
    {"https://evil-looker.example.com/looks/1", "look-alike"},
    {"https://xn--lker-wqaa.example.com/looks/1", "encoded letters"},
    {"https://l\xd0\xbeoker.example.com/looks/1", "letters outside ASCII"},
    {"https://looker.example.com@evil.example/looks/1", "a user name before the host"},
    {"https://evil.example@looker.example.com/looks/1", "a user name before the host"},
    {"https://looker.example.com:8443/looks/1", "another port (8443)"},
    {"http://looker.example.com:8080/looks/1", "another port (8080)"},
    {"https://10.1.2.3/looks/1", "an IP address"},
    {"https://[::1]/looks/1", "an IP address"},
    {"https://2130706433/looks/1", "malformed IPv4"},
    {"https://looker.example.com\\@evil.example/looks/1", "a backslash"},
    {"https://evil.example\\.looker.example.com/looks/1", "a backslash"},
    {"https://looker.example.com%2eevil.example/looks/1", "malformed host"},
    {"https://looker.example.com/x/../admin", "'.' or '..'"},
    {"https://looker.example.com/%2e%2e/looks/1", "'.' or '..'"},
    {"https://looker.example.com/looks%2f1", "encoded slash"},
    {"https://looker.example.com/looks%5c1", "encoded slash"},
    {"https://looker.example.com//looks/1", "an empty part"},
    {"https://looker.example.com/looks/%00", "NUL"},
    {"https://looker.example.com/loo ks/1", "a space"},
    {"https://looker.example.com/x/%ff", "not text"},
    {"https://evil.example/?u=https://looker.example.com/looks/1", "another host (evil.example)"},
    {"https://evil.example/looker.example.com/looks/1", "another host (evil.example)"},
    {"https://evil.example#@looker.example.com/looks/1", "another host (evil.example)"},
    {"https://looker.example.com:443@evil.example/looks/1", "a user name before the host"},
    {"https://looker.example.com:pw@evil.example:443/looks/1", "a user name before the host"},
    {"https://@looker.example.com/looks/1", "a user name before the host"},
    {"https://a@b@looker.example.com/looks/1", "more than one '@'"},
    {"https://looker.example.com%40evil.example/looks/1", "malformed host"},
    {"https://evil.example%2f@looker.example.com/looks/1", "a user name"},
    {"https://looker.example.com%00.evil.example/looks/1", "malformed host"},
    {"https://looker.example.com%09/looks/1", "malformed host"},
    {"https://looker.example.com..evil.example/looks/1", "malformed host"},
    {"https://looker.example.com../looks/1", "malformed host"},
    {"https://.looker.example.com/looks/1", "malformed host"},
    {"https://looker.example.com;evil.example/looks/1", "malformed host"},
    {"https://looker.example.com&evil.example/looks/1", "malformed host"},
    {"https://looker.example.com,evil.example/looks/1", "malformed host"},
    {"https://looker\xe3\x80\x82"
     "example\xe3\x80\x82"
     "com/looks/1",
     "letters outside ASCII"},
    {"https://\xef\xbd\x8c"
     "ooker.example.com/looks/1",
     "letters outside ASCII"},
    {"https://looker.example\xef\xbc\x8e"
     "com/looks/1",
     "letters outside ASCII"},
    {"https://looker.example.com\xef\xbc\x8f@evil.example/looks/1", "letters outside ASCII"},
    {"https://loo\xc2\xadker.example.com/looks/1", "letters outside ASCII"},
    {"https://loo\xe2\x80\x8bker.example.com/looks/1", "letters outside ASCII"},
    {"https://looker.example.com\xe2\x80\xae/looks/1", "letters outside ASCII"},
    {"https://looker.ex\xd0\xb0mple.com/looks/1", "letters outside ASCII"},
    {"https://looker.xn--exmple-4nf.com/looks/1", "encoded letters"},
    {"https://xn--looker-.example.com/looks/1", "malformed host"},
    {"https://1ooker.example.com/looks/1", "another host (1ooker.example.com)"},
    {"https://looker-example.com/looks/1", "another host (looker-example.com)"},
    {"https://looker.example.co/looks/1", "another host (looker.example.co)"},
    {"https://looker.example.com.evil.example:443/looks/1", "look-alike"},
    {"https://0x7f000001/looks/1", "malformed IPv4"},
    {"https://0177.0.0.1/looks/1", "malformed IPv4"},
    {"https://0x7f.0.0.1/looks/1", "malformed IPv4"},
    {"https://127.1/looks/1", "malformed IPv4"},
    {"https://127.0.0.1/looks/1", "an IP address"},
    {"https://127.0.0.1./looks/1", "an IP address"},
    {"https://[::ffff:127.0.0.1]/looks/1", "an IP address"},
    {"https://[::ffff:7f00:1]/looks/1", "an IP address"},
    {"https://[::127.0.0.1]:443/looks/1", "an IP address"},
    {"https://[fe80::1%25eth0]/looks/1", "malformed IPv6"},
    {"https://[::1/looks/1", "'[' without ']'"},
    {"https://[looker.example.com]/looks/1", "malformed IPv6"},
    {"https://[::1]looker.example.com/looks/1", "after ']'"},
    {"https://looker.example.com:0/looks/1", "a port outside"},
    {"https://looker.example.com:65979/looks/1", "a port outside"},
    {"https://looker.example.com:+443/looks/1", "a malformed port"},
    {"https://looker.example.com:443:443/looks/1", "a malformed port"},
    {"https://looker.example.com:4294967739/looks/1", "a malformed port"},
    {"https://looker.example.com:80/looks/1", "another port (80)"},
    {"https:///looker.example.com/looks/1", "no host"},
    {"https://:443/looks/1", "no host"},
    {"https://#@looker.example.com/looks/1", "no host"},
    {"https://?@looker.example.com/looks/1", "no host"},
    {"https:looker.example.com/looks/1", "does not begin with https://"},
    {"https:/looker.example.com/looks/1", "does not begin with https://"},
    {"//looker.example.com/looks/1", "does not begin with https://"},
    {"file:///looks/1", "does not begin with https://"},
    {"ftp://looker.example.com/looks/1", "does not begin with https://"},
    {"gopher://looker.example.com/looks/1", "does not begin with https://"},
    {"javascript://looker.example.com/looks/1", "does not begin with https://"},
    {"data:text/html,https://looker.example.com/looks/1", "does not begin with https://"},
    {"ws://looker.example.com/looks/1", "does not begin with https://"},
    {"https://looker.example.com\t/looks/1", "a control character"},
    {"https://looker.exam\nple.com/looks/1", "a control character"},
    {"https://looker.example.com\r\nHost: evil.example/looks/1", "a control character"},
    {"https://looker.example.com\\/looks/1", "a backslash"},
    {"https:\\\\looker.example.com\\looks\\1", "a backslash"},
    {"https://looker.example.com/looks/1/..;/2", NULL},
    {"https://looker.example.com/looks/1%0a", NULL},
    {"https://looker.example.com/looks/%EF%BC%91", NULL},
    {"https://looker.example.com/looks/-1", NULL},
    {"https://looker.example.com/looks/1%20or%201", NULL},
    {"https://looker.example.com?@evil.example/looks/1", NULL},
    {"https://looker.example.com#@evil.example/looks/1", NULL},
    {"https://looker.example.com/explore/m/v?q%69d=a&qid=b", NULL},
    {"https://looker.example.com/explore/m/v?qid=a%26b", NULL},
    {"https://looker.example.com/explore/m/v?qid=../../users", NULL},
    {"https://looker.example.com/redirect?to=https://evil.example/looks/1", NULL},
    {"https://looker.example.com/%252e%252e/looks/1", NULL},
    {"https://looker.example.com/looks/%2e", "'.' or '..'"},
    {"https://looker.example.com/x/a%2Fb", "encoded slash"},
    {"https://looker.example.com/x/%c0%af", "not text"},
};

static void
test_hosts_that_do_not(void **state)
{
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(strangers); i++) {
        g_autofree char *why = NULL;
        g_autoptr(Link) link = link_parse(strangers[i].url, BASE, &why);

        if (link != NULL && link->kind == LINK_OTHER && strangers[i].why == NULL)
            continue; /* ours, and nothing that could be fetched */
        if (link != NULL)
            fail_msg("%s was taken", strangers[i].url);
        if (strstr(why, strangers[i].why) == NULL)
            fail_msg("%s: '%s' does not say '%s'", strangers[i].url, why, strangers[i].why);
    }
    assert_null(
        link_parse("https://bi.example.com/looks/1", "https://bi.example.com/looker", NULL));
    assert_null(link_parse("https://bi.example.com/lookerx/looks/1",
                           "https://bi.example.com/looker", NULL));
    assert_null(link_parse(BASE "/looks/1", "nonsense", NULL));
}

/* "kind:ref kind:ref | rejected-count" */
static char *
summary(LinkSet *set)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < set->links->len; i++) {
        const Link *link = g_ptr_array_index(set->links, i);

        g_string_append_printf(out, "%s:%s ", link_kind_name(link->kind),
                               link->ref ? link->ref : "-");
    }
    g_string_append_printf(out, "| %u", set->rejected->len);
    return g_string_free(out, FALSE);
}

static void
test_text(void **state)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"", "| 0"},
        {"please credit <https://looker.example.com/looks/1>", "look:1 | 0"},
        {"<https://looker.example.com/looks/1|the look>", "look:1 | 0"},
        {"<https://looker.example.com/x/abc|a|b> and more", "slug:abc | 0"},
        {"<https://zendesk.example.com/t/1|https://looker.example.com/looks/1>", "| 1"},
        {"<https://zendesk.example.com/t/1>\n<https://looker.example.com/x/abc>", "slug:abc | 1"},
        {"<https://looker.example.com/explore/m/v?toggle=a&amp;qid=abc>", "slug:abc | 0"},
        {"<@U123|https://looker.example.com/looks/1> <#C1|https://looker.example.com/looks/1> "
         "<!here|https://looker.example.com/looks/1>",
         "| 0"},
        {"<mailto:a@example.com|https://looker.example.com/looks/1>", "| 0"},
        {"https://looker.example.com/looks/1", "look:1 | 0"},
        {"see https://looker.example.com/looks/1, thanks", "look:1 | 0"},
        {"(https://looker.example.com/looks/1).", "look:1 | 0"},
        {"*https://looker.example.com/looks/1* _https://looker.example.com/x/abc_",
         "look:1 slug:abc | 0"},
        {"Looker:https://looker.example.com/looks/1", "look:1 | 0"},
        {"evil.example/?u=https://looker.example.com/looks/1", "| 0"},
        {"evil.example#https://looker.example.com/looks/1", "| 0"},
        {"xhttps://looker.example.com/looks/1", "| 0"},
        {"`https://looker.example.com/looks/1`", "look:1 | 0"},
        {"looker.example.com/looks/1", "| 0"},
        {"<https://looker.example.com/looks/1> <https://looker.example.com/looks/1>", "look:1 | 0"},
        {"<https://looker.example.com/looks/1> <https://looker.example.com/embed/looks/1?a>",
         "look:1 | 0"},
        {"<https://looker.example.com/looks/1> <https://looker.example.com/looks/2>",
         "look:1 look:2 | 0"},
        {"<https://looker.example.com/folders/1>", "other:- | 0"},
        {"unclosed <https://looker.example.com/looks/1", "look:1 | 0"},
        {"<> < > <|x> <|", "| 0"},
        {"&lt;<https://looker.example.com/looks/1>&gt;", "look:1 | 0"},
        {"<https://evil.example/#https://looker.example.com/looks/1|looker.example.com>", "| 1"},
        {"<https://evil.example/?a=<https://looker.example.com/looks/1>", "| 1"},
        {"<https://looker.example.com/looks/1\n|x>", "look:1 | 0"},
        {"<https://looker.example.com\n/looks/1>", "| 1"},
        {"<https://looker.example.com&amp;@evil.example/looks/1>", "| 1"},
        {"<javascript:alert(1)//https://looker.example.com/looks/1|x>", "| 0"},
        {"<file:///etc/passwd|https://looker.example.com/looks/1>", "| 0"},
        {"<slack://user?u=https://looker.example.com/looks/1>", "| 0"},
        {"evil.example\\https://looker.example.com/looks/1", "| 0"},
        {"a@https://looker.example.com/looks/1", "| 0"},
        {"view-source:https://looker.example.com/looks/1", "look:1 | 0"},
        {"[https://evil.example](https://looker.example.com/looks/1)", "| 1"},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(LinkSet) set = link_extract_text(cases[i].text, BASE);
        g_autofree char *got = summary(set);

        if (strcmp(got, cases[i].expected) != 0)
            fail_msg("%s: %s, expected %s", cases[i].text, got, cases[i].expected);
    }
}

static void
test_messages(void **state)
{
    static const struct {
        const char *json, *expected;
    } cases[] = {
        {"{}", "| 0"},
        {"{\"text\":7,\"blocks\":3,\"attachments\":{}}", "| 0"},
        {"{\"text\":\"<https://looker.example.com/looks/1>\","
         "\"attachments\":[{\"from_url\":\"https://looker.example.com/looks/1\",\"original_url\":"
         "\"https://looker.example.com/looks/1\",\"title_link\":\"https://looker.example.com/looks/"
         "1\"}]}",
         "look:1 | 0"},
        {"{\"text\":\"x\",\"blocks\":[{\"type\":\"rich_text\",\"elements\":[{\"type\":"
         "\"rich_text_section\",\"elements\":[{\"type\":\"text\",\"text\":\"see "
         "\"},{\"type\":\"link\","
         "\"url\":\"https://looker.example.com/x/abc\",\"text\":\"https://looker.example.com/x/"
         "no\"}]}]}]}",
         "slug:abc | 0"},
        {"{\"blocks\":[{\"type\":\"rich_text\",\"elements\":[{\"type\":\"rich_text_list\","
         "\"elements\":"
         "[{\"type\":\"rich_text_section\",\"elements\":[{\"type\":\"rich_text_quote\","
         "\"elements\":"
         "[{\"type\":\"link\",\"url\":\"https://looker.example.com/dashboards/3\"}]}]}]}]}]}",
         "dashboard:3 | 0"},
        {"{\"blocks\":[{\"type\":\"section\",\"text\":{\"type\":\"mrkdwn\",\"text\":"
         "\"<https://looker.example.com/looks/"
         "1|a>\"}},{\"type\":\"context\",\"elements\":[{\"type\":"
         "\"mrkdwn\",\"text\":\"<https://looker.example.com/looks/2>\"}]}]}",
         "look:1 look:2 | 0"},
        {"{\"blocks\":[{\"type\":\"actions\",\"elements\":[{\"type\":\"button\",\"text\":{\"type\":"
         "\"plain_text\",\"text\":\"https://looker.example.com/looks/9\"},\"url\":"
         "\"https://looker.example.com/looks/1\"}]}]}",
         "look:1 | 0"},
        {"{\"attachments\":[{\"pretext\":\"<https://looker.example.com/looks/1>\",\"text\":"
         "\"https://looker.example.com/looks/2\",\"fields\":[{\"title\":\"t\",\"value\":"
         "\"<https://looker.example.com/looks/3>\"}],\"actions\":[{\"type\":\"button\",\"url\":"
         "\"https://looker.example.com/looks/"
         "4\"}],\"blocks\":[{\"type\":\"section\",\"text\":{\"type\":"
         "\"mrkdwn\",\"text\":\"<https://looker.example.com/looks/5>\"}}],\"message_blocks\":[{"
         "\"message\":{\"blocks\":[{\"type\":\"rich_text\",\"elements\":[{\"type\":\"link\","
         "\"url\":"
         "\"https://looker.example.com/looks/6\"}]}]}}]}]}",
         "look:1 look:2 look:3 look:4 look:6 look:5 | 0"},
        {"{\"attachments\":[{\"from_url\":\"https://looker.example.com/explore/m/"
         "v?a=1&amp;qid=abc\"}]}",
         "slug:abc | 0"},
        {"{\"attachments\":[{\"thumb_url\":\"https://looker.example.com/looks/1\",\"footer\":"
         "\"https://looker.example.com/looks/2\"}]}",
         "| 0"},
        {"{\"blocks\":[{\"type\":\"section\",\"text\":{\"type\":\"plain_text\",\"text\":"
         "\"https://looker.example.com/looks/1\"}}]}",
         "| 0"},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(cJSON) message = cJSON_Parse(cases[i].json);
        g_autoptr(LinkSet) set = link_extract(message, BASE);
        g_autofree char *got = summary(set);

        assert_non_null(message);
        if (strcmp(got, cases[i].expected) != 0)
            fail_msg("%s: %s, expected %s", cases[i].json, got, cases[i].expected);
    }
}

static void
test_rejections_say_why(void **state)
{
    g_autoptr(LinkSet) set = link_extract_text(
        "<https://zendesk.example.com/1> <https://zendesk.example.com/1> https://a@b.example/",
        BASE);

    (void)state;
    assert_int_equal(set->rejected->len, 2);
    assert_string_equal(g_ptr_array_index(set->rejected, 0),
                        "https://zendesk.example.com/1: another host (zendesk.example.com)");
}

/* Longer than any that a browser makes: refused, at once, and shown cut. */
static void
test_long(void **state)
{
    g_autoptr(GString) url = g_string_new(BASE "/looks/1?a=");
    g_autoptr(GString) many = g_string_new(NULL);
    g_autofree char *why = NULL;

    (void)state;
    while (url->len < 8192)
        g_string_append_c(url, 'a');
    assert_link(url->str, BASE, "look", "1");
    g_string_append_c(url, 'a');
    assert_null(link_parse(url->str, BASE, &why));
    assert_non_null(strstr(why, "longer than 8192"));
    while (url->len < 4000000)
        g_string_append(url, "/https://evil.example@");
    g_autoptr(LinkSet) one = link_extract_text(url->str, BASE);
    assert_int_equal(one->links->len, 0);
    assert_int_equal(one->rejected->len, 1);
    assert_true(strlen(g_ptr_array_index(one->rejected, 0)) < 400);
    for (int i = 0; i < 5000; i++)
        g_string_append_printf(many, "https://evil%d.example/ ", i);
    g_autoptr(LinkSet) all = link_extract_text(many->str, BASE);
    assert_true(all->rejected->len <= 500);
}

static void
test_kind_names(void **state)
{
    (void)state;
    for (int kind = LINK_NONE; kind <= LINK_OTHER; kind++) {
        LinkKind back = LINK_NONE;

        assert_true(link_kind_parse(link_kind_name((LinkKind)kind), &back));
        assert_int_equal(back, kind);
    }
    assert_false(link_kind_parse("nothing", &(LinkKind){LINK_NONE}));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_hosts_that_count),
        cmocka_unit_test(test_hosts_that_do_not),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_rejections_say_why),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_kind_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
