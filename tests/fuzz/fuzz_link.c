/* fuzz_link.c: whatever a message holds, a link that counts names the configured host and nothing
 * else. */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include "services/link.h"

#define BASE "https://looker.example.com"

static void
check_link(const Link *link)
{
    g_autofree char *lower = g_ascii_strdown(link->url, -1);
    const char *host = strstr(lower, "://");

    g_assert_nonnull(host);
    host += 3;
    g_assert_true(g_str_has_prefix(host, "looker.example.com"));
    g_assert_true(strchr(":/?#.", host[strlen("looker.example.com")]) != NULL); /* or the end */
    g_assert_null(strchr(link->url, '\\'));
    for (const char *p = link->ref; p != NULL && *p; p++)
        g_assert_true(g_ascii_isalnum(*p) || strchr("-_:.", *p) != NULL);
    g_assert_true((link->ref == NULL) == (link->kind == LINK_OTHER));
}

static void
check_set(LinkSet *set)
{
    for (guint i = 0; i < set->links->len; i++)
        check_link(g_ptr_array_index(set->links, i));
    for (guint i = 0; i < set->rejected->len; i++)
        g_assert_nonnull(strstr(g_ptr_array_index(set->rejected, i), ": "));
    link_set_free(set);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(cJSON) message = json_parse(text, strlen(text), "fuzz", NULL);
    g_autoptr(Link) link = link_parse(text, BASE, NULL);

    if (link != NULL)
        check_link(link);
    check_set(link_extract_text(text, BASE));
    check_set(link_extract(message, BASE));
    return 0;
}
