/* query_complete.c: what the word at the cursor of a filter could become. */
#include "base/query_internal.h"

#include <string.h>

#define MOST 50

/* What a value is often written as, where the field has no words of its own. */
static const char *const number_words[] = {">", "<", "none", NULL};
static const char *const age_words[] = {">30m", ">1h", ">2h", ">1d", "<1h", "today", NULL};
static const char *const time_words[] = {"today",         "yesterday",      "1h", "2d", "7d",
                                         "\"last week\"", "\"last month\"", NULL};

static const char *const *
usual_words(QueryKind kind)
{
    switch (kind) {
    case QUERY_NUMBER:
    case QUERY_MONEY:
        return number_words;
    case QUERY_AGE:
        return age_words;
    case QUERY_TIME:
        return time_words;
    default:
        return NULL;
    }
}

/* Where the word that ends at the cursor begins, behind its '!'. */
static gsize
word_start(const char *text, gsize cursor)
{
    gsize start = 0;
    gboolean quoted = FALSE;
    for (gsize i = 0; i < cursor; i++) {
        if (text[i] == '"')
            quoted = !quoted;
        if (text[i] == ' ' && !quoted)
            start = i + 1;
    }
    return start < cursor && text[start] == '!' ? start + 1 : start;
}

char *
query_quote(const char *text)
{
    GString *out = g_string_new("\"");
    for (const char *p = text; *p; p++) {
        if (*p == '"' || *p == '\\')
            g_string_append_c(out, '\\');
        g_string_append_c(out, *p);
    }
    return g_string_free(g_string_append_c(out, '"'), FALSE);
}

/* Quotes where the language needs them; the usual words have theirs. */
static char *
quoted(const char *word)
{
    gboolean plain = *word == '"' || (*word && !strpbrk(word, " ,\"\\/"));
    return plain ? g_strdup(word) : query_quote(word);
}

static void
add_matching(GPtrArray *out, const char *const *words, const char *typed)
{
    g_autofree char *bare = g_strdup(*typed == '"' ? typed + 1 : typed);
    g_autofree char *folded = query_fold(bare);
    for (guint i = 0; words && words[i] && out->len < MOST; i++) {
        g_autofree char *word = query_fold(*words[i] == '"' ? words[i] + 1 : words[i]);
        if (g_str_has_prefix(word, folded))
            g_ptr_array_add(out, quoted(words[i]));
    }
}

static void
add_values(GPtrArray *out, const QueryField *fields, guint field, const char *typed,
           QueryWords words, gpointer data)
{
    g_auto(GStrv) given = !fields[field].words && words ? words(field, data) : NULL;
    const char *const *list = fields[field].words ? fields[field].words
                              : given             ? (const char *const *)given
                                                  : usual_words(fields[field].kind);
    add_matching(out, list, typed);
}

static void
add_names(GPtrArray *out, const QueryField *fields, const char *typed)
{
    for (guint i = 0; fields && fields[i].name && out->len < MOST; i++) {
        if (g_ascii_strncasecmp(fields[i].name, typed, strlen(typed)) == 0)
            g_ptr_array_add(out, g_strconcat(fields[i].name, ":", NULL));
    }
}

static int
by_name(gconstpointer a, gconstpointer b)
{
    return g_utf8_collate(*(const char *const *)a, *(const char *const *)b);
}

char **
query_complete(const char *text, gsize cursor, const QueryField *fields, QueryWords words,
               gpointer data, gsize *from)
{
    g_autoptr(GPtrArray) out = g_ptr_array_new_with_free_func(g_free);
    cursor = MIN(cursor, strlen(text));
    *from = word_start(text, cursor);
    g_autofree char *word = g_strndup(text + *from, cursor - *from);
    gsize name = query_field_prefix(word);
    int field = name ? query_field_named(fields, word, name) : -1;
    if (field >= 0) {
        *from += name + 1;
        const char *typed = word + name + 1, *comma = strrchr(typed, ',');
        if (comma && !strchr(typed, '"')) {
            *from += (gsize)(comma + 1 - typed);
            typed = comma + 1;
        }
        add_values(out, fields, (guint)field, typed, words, data);
    } else if (name == 0 && *word != '/' && *word != '"') {
        add_names(out, fields, word);
    }
    if (field < 0)
        g_ptr_array_sort(out, by_name);
    g_ptr_array_set_free_func(out, NULL);
    g_ptr_array_add(out, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&out), FALSE);
}
