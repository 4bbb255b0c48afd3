/* product.c: which product a fetched statement is about, by the configured match on its text.
 *
 * The match is a case-sensitive substring of the SQL without its comments. Identifiers and string
 * literals count: "WHERE product = 'Authy'" is how such a statement names its product. */
#include "calc/calc.h"

#include <string.h>

#define PRODUCT_PREFIX "product."

/* The end of the quoted piece that begins at text; a doubled quote stays inside. */
static const char *
quoted_end(const char *text)
{
    char quote = *text++;
    while (*text) {
        if (*text == quote && text[1] != quote)
            return text + 1;
        text += *text == quote ? 2 : 1;
    }
    return text;
}

static const char *
comment_end(const char *text)
{
    if (text[0] == '-' && text[1] == '-')
        return text + strcspn(text, "\r\n");
    if (text[0] == '/' && text[1] == '*') {
        const char *end = strstr(text + 2, "*/");
        return end ? end + 2 : text + strlen(text);
    }
    return NULL;
}

/* The statement with every comment replaced by one space. */
static char *
without_comments(const char *sql)
{
    GString *out = g_string_sized_new(strlen(sql));
    while (*sql) {
        const char *end = comment_end(sql);
        if (end) {
            g_string_append_c(out, ' ');
        } else {
            end = *sql == '\'' || *sql == '"' ? quoted_end(sql) : sql + 1;
            g_string_append_len(out, sql, end - sql);
        }
        sql = end;
    }
    return g_string_free(out, FALSE);
}

const char *
calc_product_of(const Config *config, const char *sql)
{
    g_autofree char *text = without_comments(sql);
    g_auto(GStrv) sections = config_sections(config, PRODUCT_PREFIX);
    for (char **section = sections; *section; section++) {
        const char *match = config_string(config, *section, "match");
        if (match && *match && strstr(text, match))
            return g_intern_string(*section + strlen(PRODUCT_PREFIX));
    }
    return NULL;
}

gboolean
calc_product_ignored(const Config *config, const char *product)
{
    g_autofree char *section = g_strconcat(PRODUCT_PREFIX, product, NULL);
    return g_strcmp0(config_string(config, section, "action"), "ignore") == 0;
}
