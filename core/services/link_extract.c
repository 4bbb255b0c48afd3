/* link_extract.c: every place of a Slack message where a link can stand (protocols.md 1.5). */
#include "services/link.h"

#include <string.h>
#include "base/text.h"

#define DEPTH_MAX 40
#define URLS_MAX  500

typedef struct {
    LinkSet *set;
    const char *base;
    GHashTable *seen; /* keys of links and reasons already told */
    guint urls;
} Extract;

void
link_set_free(LinkSet *set)
{
    if (set == NULL)
        return;
    g_ptr_array_unref(set->links);
    g_ptr_array_unref(set->rejected);
    g_free(set);
}

static void
free_link(gpointer link)
{
    link_free(link);
}

static void
add_link(Extract *x, Link *link)
{
    char *key = g_strdup_printf("%d %s", (int)link->kind, link->ref ? link->ref : link->url);

    if (g_hash_table_add(x->seen, key))
        g_ptr_array_add(x->set->links, link);
    else
        link_free(link);
}

static void
add_url(Extract *x, const char *url)
{
    g_autofree char *why = NULL;
    Link *link;

    if (g_ascii_strncasecmp(url, "http://", 7) != 0 && g_ascii_strncasecmp(url, "https://", 8) != 0)
        return;
    if (x->urls++ >= URLS_MAX)
        return;
    link = link_parse(url, x->base, &why);
    if (link != NULL) {
        add_link(x, link);
    } else if (g_hash_table_add(x->seen, g_strconcat("no ", url, NULL))) {
        g_ptr_array_add(x->set->rejected, g_strdup_printf("%.300s: %s", url, why));
    }
}

/* Un-escapes &amp; &lt; &gt;, in any field: they never belong to a URL as such. */
static void
add_escaped_url(Extract *x, const char *url)
{
    g_autofree char *plain = text_slack_unescape(url);

    add_url(x, g_strstrip(plain));
}

/* ---- text ---- */

static gsize
trim_url_end(const char *url, gsize len)
{
    while (len > 0) {
        char c = url[len - 1];

        if (c == ')' && memchr(url, '(', len) != NULL)
            break;
        if (strchr(".,;:!?'\")]}*_~`>", c) == NULL)
            break;
        len--;
    }
    return len;
}

/* Where "http" begins in a word; -1 when it stands inside something else, such as the query of a
 * host that was written without its scheme. */
static gssize
url_start(const char *word, gsize len)
{
    for (gsize i = 0; i + 7 < len; i++) {
        if (g_ascii_strncasecmp(word + i, "http://", 7) == 0 ||
            g_ascii_strncasecmp(word + i, "https://", 8) == 0)
            return i > 0 && (g_ascii_isalnum(word[i - 1]) || word[i - 1] == '+') ? -1 : (gssize)i;
        if (strchr("/?&=.@%#\\", word[i]) != NULL)
            return -1;
    }
    return -1;
}

static void
add_bare_urls(Extract *x, const char *text, gsize len)
{
    static const char *const stops = " \t\r\n\f\v\"|`<>";
    const char *end = text + len;

    while (text < end) {
        gsize word = strcspn(text, stops);
        gssize start;

        word = MIN(word, (gsize)(end - text));
        start = url_start(text, word);
        if (start >= 0) {
            gsize url_len = trim_url_end(text + start, word - (gsize)start);
            g_autofree char *url = g_strndup(text + start, url_len);

            add_escaped_url(x, url);
        }
        text += word;
        if (text < end)
            text++;
    }
}

/* "<url|label>": the label never counts; @, # and ! begin no link. */
static void
add_bracket(Extract *x, const char *inner, gsize len)
{
    const char *bar = memchr(inner, '|', len);
    g_autofree char *url = NULL;

    if (len == 0 || strchr("@#!", inner[0]) != NULL)
        return;
    url = g_strndup(inner, bar ? (gsize)(bar - inner) : len);
    add_escaped_url(x, url);
}

static void
add_mrkdwn(Extract *x, const char *text)
{
    while (*text) {
        const char *open = strchr(text, '<');
        const char *close = open ? strchr(open, '>') : NULL;

        if (close == NULL) {
            add_bare_urls(x, text, strlen(text));
            return;
        }
        add_bare_urls(x, text, (gsize)(open - text));
        add_bracket(x, open + 1, (gsize)(close - open - 1));
        text = close + 1;
    }
}

static void
add_mrkdwn_member(Extract *x, const cJSON *object, const char *name)
{
    const char *text = json_string(object, name);

    if (text != NULL)
        add_mrkdwn(x, text);
}

static void
add_url_member(Extract *x, const cJSON *object, const char *name)
{
    const char *url = json_string(object, name);

    if (url != NULL)
        add_escaped_url(x, url);
}

/* ---- blocks and attachments ---- */

/* Any element of Block Kit: a "url" of its own, the text of a text object, and what it holds. The
 * text of a link or of a button is a label; plain_text is never linkified. */
static void
add_block(Extract *x, const cJSON *node, int depth)
{
    const char *type = cJSON_IsObject(node) ? json_string(node, "type") : NULL;
    const cJSON *child;

    if (depth > DEPTH_MAX)
        return;
    if (type != NULL) {
        add_url_member(x, node, "url");
        if (strcmp(type, "mrkdwn") == 0)
            add_mrkdwn_member(x, node, "text");
        else if (strcmp(type, "text") == 0 && json_string(node, "text") != NULL)
            add_bare_urls(x, json_string(node, "text"), strlen(json_string(node, "text")));
        if (strcmp(type, "link") == 0)
            return;
    }
    cJSON_ArrayForEach (child, node) {
        if (cJSON_IsObject(child) || cJSON_IsArray(child))
            add_block(x, child, depth + 1);
    }
}

static void add_message_parts(Extract *x, const cJSON *message, int depth);

static void
add_attachment(Extract *x, const cJSON *attachment, int depth)
{
    static const char *const urls[] = {"from_url", "original_url", "title_link", "author_link",
                                       "app_unfurl_url"};
    static const char *const texts[] = {"pretext", "text"};
    const cJSON *item;

    for (gsize i = 0; i < G_N_ELEMENTS(urls); i++)
        add_url_member(x, attachment, urls[i]);
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        add_mrkdwn_member(x, attachment, texts[i]);
    cJSON_ArrayForEach (item, json_array(attachment, "fields"))
        add_mrkdwn_member(x, item, "value");
    cJSON_ArrayForEach (item, json_array(attachment, "actions"))
        add_url_member(x, item, "url");
    cJSON_ArrayForEach (item, json_array(attachment, "message_blocks"))
        add_message_parts(x, json_object(item, "message"), depth + 1);
    add_block(x, json_array(attachment, "blocks"), 0);
}

static void
add_message_parts(Extract *x, const cJSON *message, int depth)
{
    const cJSON *attachment;

    if (depth > DEPTH_MAX || message == NULL)
        return;
    add_mrkdwn_member(x, message, "text");
    if (json_array(message, "blocks") != NULL)
        add_block(x, json_array(message, "blocks"), 0);
    cJSON_ArrayForEach (attachment, json_array(message, "attachments"))
        add_attachment(x, attachment, depth);
}

static void
extract_begin(Extract *x, const char *base)
{
    x->base = base;
    x->urls = 0;
    x->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    x->set = g_new0(LinkSet, 1);
    x->set->links = g_ptr_array_new_with_free_func(free_link);
    x->set->rejected = g_ptr_array_new_with_free_func(g_free);
}

LinkSet *
link_extract(const cJSON *message, const char *looker_base)
{
    Extract x;

    extract_begin(&x, looker_base);
    add_message_parts(&x, message, 0);
    g_hash_table_unref(x.seen);
    return x.set;
}

LinkSet *
link_extract_text(const char *text, const char *looker_base)
{
    Extract x;

    extract_begin(&x, looker_base);
    add_mrkdwn(&x, text);
    g_hash_table_unref(x.seen);
    return x.set;
}
