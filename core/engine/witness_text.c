/* witness_text.c: the words of a message in Slack against those of the post that was recorded. */
#include "engine/witness_text.h"

#include <string.h>

#include "base/json.h"

/* "<address|label>" is its label, "<address>" itself. */
static char *
without_links(const char *text)
{
    GString *plain = g_string_new(NULL);

    while (*text) {
        const char *end = *text == '<' ? strchr(text, '>') : NULL;

        if (!end) {
            g_string_append_c(plain, *text++);
            continue;
        }
        const char *bar = memchr(text, '|', (gsize)(end - text));
        const char *from = bar ? bar + 1 : text + 1;
        g_string_append_len(plain, from, end - from);
        text = end + 1;
    }
    return g_string_free(plain, FALSE);
}

/* Length of ":name:" at text; 0: it is none. */
static gsize
emoji_name(const char *text)
{
    const char *p = text + 1;

    if (*text != ':' || !(g_ascii_islower(*p) || *p == '+' || *p == '-'))
        return 0;
    p += strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789_+'-");
    return *p == ':' ? (gsize)(p + 1 - text) : 0;
}

/* Letters, digits and ASCII signs, one blank between words. Caller frees. */
static char *
essence(const char *text)
{
    g_autofree char *plain = without_links(text);
    g_autofree char *valid = g_utf8_make_valid(plain, -1);
    GString *kept = g_string_new(NULL);

    for (char *p = valid; *p;) {
        gunichar c = g_utf8_get_char(p);
        gsize name = emoji_name(p);

        if (name > 0) {
            p += name;
            continue;
        }
        if (g_unichar_isspace(c)) {
            if (kept->len && kept->str[kept->len - 1] != ' ')
                g_string_append_c(kept, ' ');
        } else if (c < 0x80 || g_unichar_isalnum(c)) {
            g_string_append_unichar(kept, c);
        }
        p = g_utf8_next_char(p);
    }
    return g_strchomp(g_string_free(kept, FALSE));
}

static gboolean
same_essence(const char *a, const char *b)
{
    g_autofree char *one = essence(a ? a : ""), *other = essence(b ? b : "");

    return g_str_equal(one, other);
}

/* All words of blocks, in their order. */
static void
add_words(GString *words, const cJSON *json, int depth)
{
    const cJSON *item;

    if (depth > 16)
        return;
    cJSON_ArrayForEach (item, json) {
        if (cJSON_IsString(item) && g_strcmp0(item->string, "text") == 0)
            g_string_append_printf(words, "%s\n", item->valuestring);
        else
            add_words(words, item, depth + 1);
    }
}

static gboolean
same_blocks(const cJSON *raw, const char *blocks)
{
    g_autoptr(cJSON) json = cJSON_Parse(blocks);
    g_autoptr(GString) there = g_string_new(NULL), here = g_string_new(NULL);

    add_words(there, json_array(raw, "blocks"), 0);
    add_words(here, json, 0);
    return same_essence(there->str, here->str);
}

gboolean
witness_text_same(const SlackMessage *message, const Post *post)
{
    return same_essence(message->text, post->text) &&
           (!post->blocks || same_blocks(message->raw, post->blocks));
}
