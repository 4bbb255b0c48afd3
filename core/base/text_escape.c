/* text_escape.c: text on its way to Slack and into CSV, near names, and the end of secrets. */
#include "base/text.h"

#include <string.h>

#define WORD_JOINER "\xE2\x81\xA0" /* U+2060, without width */

/* The words that call everybody where a client or an app still parses names (parse=full). */
static const char *const callers[] = {"here", "channel", "everyone", "group"};

static gboolean
calls_people(const char *after_at)
{
    for (gsize i = 0; i < G_N_ELEMENTS(callers); i++) {
        gsize len = strlen(callers[i]);
        if (g_ascii_strncasecmp(after_at, callers[i], len) == 0 && !g_ascii_isalnum(after_at[len]))
            return TRUE;
    }
    return FALSE;
}

char *
text_slack_escape(const char *text)
{
    g_autofree char *clean = text_printable(text, -1, TEXT_MULTILINE);
    GString *out = g_string_new(NULL);
    for (const char *p = clean; *p != '\0'; p++) {
        if (*p == '&')
            g_string_append(out, "&amp;");
        else if (*p == '<')
            g_string_append(out, "&lt;");
        else if (*p == '>')
            g_string_append(out, "&gt;");
        else
            g_string_append_c(out, *p);
        if (*p == '@' && calls_people(p + 1))
            g_string_append(out, WORD_JOINER);
    }
    return g_string_free(out, FALSE);
}

char *
text_slack_unescape(const char *text)
{
    static const struct {
        const char *entity;
        char c;
    } entities[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}};
    GString *out = g_string_new(NULL);
    for (const char *p = text ? text : ""; *p != '\0';) {
        gsize taken = 0;
        for (gsize i = 0; *p == '&' && i < G_N_ELEMENTS(entities) && taken == 0; i++) {
            if (!g_str_has_prefix(p, entities[i].entity))
                continue;
            g_string_append_c(out, entities[i].c);
            taken = strlen(entities[i].entity);
        }
        if (taken == 0)
            g_string_append_c(out, *p);
        p += MAX(taken, 1);
    }
    return g_string_free(out, FALSE);
}

/* "-12.50" is a number, not a formula. */
static gboolean
is_number(const char *text)
{
    text += *text == '-';
    gsize digits = strspn(text, "0123456789");
    if (digits == 0)
        return FALSE;
    text += digits;
    if (*text == '.') {
        digits = strspn(++text, "0123456789");
        if (digits == 0)
            return FALSE;
        text += digits;
    }
    return *text == '\0';
}

/* What a spreadsheet takes for the start of a formula (OWASP, "CSV Injection"), full-width forms
 * included. */
static gboolean
is_formula(const char *text)
{
    static const char *const starts[] = {"=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠"};
    text += strspn(text, " \n");
    for (gsize i = 0; i < G_N_ELEMENTS(starts); i++) {
        if (g_str_has_prefix(text, starts[i]))
            return TRUE;
    }
    return FALSE;
}

char *
text_csv_field(const char *text)
{
    g_autofree char *clean = text_printable(text, -1, TEXT_MULTILINE);
    gboolean guard = is_formula(clean) && !is_number(clean);
    gsize len = strlen(clean);
    gboolean edge = len > 0 && (clean[0] == ' ' || clean[len - 1] == ' ');
    gboolean quote = edge || strpbrk(clean, ",\"\n");
    GString *out = g_string_new(quote ? "\"" : NULL);
    if (guard)
        g_string_append_c(out, '\'');
    for (const char *p = clean; *p != '\0'; p++) {
        if (*p == '"')
            g_string_append_c(out, '"');
        g_string_append_c(out, *p);
    }
    if (quote)
        g_string_append_c(out, '"');
    return g_string_free(out, FALSE);
}

/* Optimal string alignment distance over ASCII-folded bytes: a swap of neighbours counts one. */
static gsize
distance(const char *a, const char *b)
{
    gsize n = strlen(a), m = strlen(b), width = m + 1;
    gsize *d = g_new(gsize, (n + 1) * width);
    for (gsize i = 0; i <= n; i++)
        d[i * width] = i;
    for (gsize j = 0; j <= m; j++)
        d[j] = j;
    for (gsize i = 1; i <= n; i++) {
        for (gsize j = 1; j <= m; j++) {
            char x = g_ascii_tolower(a[i - 1]), y = g_ascii_tolower(b[j - 1]);
            gsize best = d[(i - 1) * width + j - 1] + (x != y);
            best = MIN(best, d[(i - 1) * width + j] + 1);
            best = MIN(best, d[i * width + j - 1] + 1);
            if (i > 1 && j > 1 && x == g_ascii_tolower(b[j - 2]) && y == g_ascii_tolower(a[i - 2]))
                best = MIN(best, d[(i - 2) * width + j - 2] + 1);
            d[i * width + j] = best;
        }
    }
    gsize result = d[n * width + m];
    g_free(d);
    return result;
}

const char *
text_nearest(const char *word, const char *const *candidates)
{
    const gsize longest = 64;
    gsize len = word ? strlen(word) : 0;
    if (len == 0 || len > longest || !candidates)
        return NULL;
    const char *nearest = NULL;
    gsize best = len / 3 + 1;
    for (; *candidates; candidates++) {
        if (strlen(*candidates) > 2 * longest)
            continue;
        gsize far = distance(word, *candidates);
        if (far < best) {
            best = far;
            nearest = *candidates;
        }
    }
    return nearest;
}

void
text_wipe_free(char *secret)
{
    if (!secret)
        return;
    explicit_bzero(secret, strlen(secret));
    g_free(secret);
}

char *
text_sha256(const void *bytes, gsize len)
{
    return g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes, len);
}
