/* fuzz_url.c: the strict URL parser: what it takes, it takes again in its own words. */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include "net/http.h"

static void
check_host(const char *host)
{
    for (const char *p = host; *p; p++)
        g_assert_true(g_ascii_isalnum(*p) || strchr("-._:", *p) != NULL);
}

static void
check_again(const HttpUrl *url)
{
    gboolean v6 = strchr(url->host, ':') != NULL;
    g_autofree char *text = g_strdup_printf("%s://%s%s%s:%d%s%s%s", url->scheme, v6 ? "[" : "",
                                            url->host, v6 ? "]" : "", url->port, url->path,
                                            url->query ? "?" : "", url->query ? url->query : "");
    g_autoptr(HttpUrl) again = strlen(text) > 8192 ? NULL : http_url_parse(text, NULL);

    if (strlen(text) > 8192)
        return;
    g_assert_nonnull(again);
    g_assert_true(http_url_same_origin(url, again));
    g_assert_cmpstr(url->path, ==, again->path);
    g_assert_cmpstr(url->query, ==, again->query);
    g_assert_false(again->has_userinfo);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(HttpUrl) url = http_url_parse(text, NULL);
    g_autofree char *qid = NULL;
    g_autofree char *encoded = http_encode(text);

    g_assert_cmpuint(strlen(encoded), <=, 3 * strlen(text));
    if (url == NULL)
        return 0;
    check_host(url->host);
    g_assert_cmpint(url->port, >=, 1);
    g_assert_cmpint(url->port, <=, 65535);
    g_assert_true(url->path[0] == '/');
    check_again(url);
    qid = http_url_query(url, "qid");
    g_assert_true(qid == NULL || url->query != NULL);
    return 0;
}
