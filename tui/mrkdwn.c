/* mrkdwn.c: Slack's markup: lines, quotes, code, emphasis, and what stands in <>. */
#include "tui/mrkdwn_private.h"

#include <string.h>
#include "base/text.h"

#define TEXT_MAX 200000 /* bytes; Slack itself cuts at 40,000 characters */

/* -- pieces -- */

static Role
style_role(guint style)
{
    static const struct {
        guint bit;
        Role role;
    } order[] = {{STYLE_CODE, ROLE_CODE},
                 {STYLE_LINK, ROLE_LINK},
                 {STYLE_BOLD, ROLE_STRONG},
                 {STYLE_ITALIC, ROLE_EMPHASIS},
                 {STYLE_STRIKE, ROLE_DIM}};
    for (guint i = 0; i < G_N_ELEMENTS(order); i++) {
        if (style & order[i].bit)
            return order[i].role;
    }
    return ROLE_TEXT;
}

void
piece_add(Doc *doc, guint style, const char *text, const char *url)
{
    if (!text || !*text)
        return;
    if (style & STYLE_STRIKE)
        doc_add(doc, ROLE_DIM, "~");
    doc_add_link(doc, style_role(style), text, url);
    if (style & STYLE_STRIKE)
        doc_add(doc, ROLE_DIM, "~");
}

/* "example.com/x" says where https://example.com/x leads; so does the address itself. */
static gboolean
label_says(const char *label, const char *url)
{
    const char *rest = strstr(url, "://");
    if (g_str_has_prefix(url, "mailto:") || g_str_has_prefix(url, "tel:"))
        rest = strchr(url, ':') + 1;
    else if (rest)
        rest += 3;
    return strcmp(label, url) == 0 || (rest && strcmp(label, rest) == 0);
}

void
piece_link(Doc *doc, guint style, const char *url, const char *label)
{
    g_autofree char *clean = g_str_is_ascii(url)
                                 ? g_strdup(url)
                                 : g_uri_escape_string(url, ":/?#[]@!$&'()*+,;=%", FALSE);
    gboolean named = label && *label;
    piece_add(doc, style | STYLE_LINK, named ? label : url, clean);
    if (!named || label_says(label, url))
        return;
    doc_add(doc, ROLE_DIM, " (");
    doc_add_link(doc, ROLE_DIM, url, clean);
    doc_add(doc, ROLE_DIM, ")");
}

void
piece_mention(Doc *doc, char kind, const char *id, const char *label, const MrkdwnNames *names)
{
    GHashTable *table = !names ? NULL : kind == '@' ? names->users : names->channels;
    const char *known = table ? g_hash_table_lookup(table, id) : NULL;
    const char *name = known ? known : label && *label ? label : id;
    while (*name == kind)
        name++;
    g_autofree char *text = g_strdup_printf("%c%s", kind, name);
    piece_add(doc, STYLE_BOLD, text, NULL);
}

void
piece_emoji(Doc *doc, guint style, const char *name)
{
    const char *sign = doc_ascii(doc) ? NULL : mrkdwn_emoji(name);
    g_autofree char *coded = g_strdup_printf(":%s:", name);
    piece_add(doc, style, sign ? sign : coded, NULL);
}

/* -- one line -- */

typedef struct {
    Doc *doc;
    const MrkdwnNames *names;
    GString *plain; /* collected, in style */
    guint style;
    guint hopeless; /* StyleBits without an end in the rest of the line: not sought again */
} Inline;

static void
flush(Inline *line)
{
    g_autofree char *text = text_slack_unescape(line->plain->str);
    piece_add(line->doc, line->style, text, NULL);
    g_string_truncate(line->plain, 0);
}

/* "!date^1392734382^{date_num}^https://…|fallback" */
static void
write_date(Inline *line, const char *inside, const char *label)
{
    g_auto(GStrv) parts = g_strsplit(inside, "^", 4);
    char *end = NULL;
    gint64 seconds = parts[1] ? g_ascii_strtoll(parts[1], &end, 10) : 0;
    gboolean well = parts[1] && *parts[1] && *end == '\0' && parts[2];
    g_autofree char *words = well ? mrkdwn_date(seconds, parts[2]) : NULL;
    const char *text = words ? words : label ? label : inside;
    if (words && parts[3] && *parts[3])
        piece_link(line->doc, line->style, parts[3], text);
    else
        piece_add(line->doc, line->style, text, NULL);
}

static void
write_special(Inline *line, const char *inside, const char *label)
{
    if (g_str_has_prefix(inside, "!date^")) {
        write_date(line, inside, label);
        return;
    }
    const char *name = label ? label : inside + 1;
    const char *hat = label ? NULL : strchr(name, '^'); /* subteam^S… */
    piece_mention(line->doc, '@', hat ? hat + 1 : name, NULL, NULL);
}

/* What stands between < and >; split at the first |. */
static void
write_control(Inline *line, const char *text, gsize len)
{
    g_autofree char *raw = g_strndup(text, len), *inside = text_slack_unescape(raw);
    char *bar = strchr(inside, '|');
    const char *label = bar ? bar + 1 : NULL;
    if (bar)
        *bar = '\0';
    if (inside[0] == '@' || inside[0] == '#')
        piece_mention(line->doc, inside[0], inside + 1, label, line->names);
    else if (inside[0] == '!')
        write_special(line, inside, label);
    else
        piece_link(line->doc, line->style, inside, label);
}

static gboolean
is_word(char c)
{
    return g_ascii_isalnum(c) || ((guchar)c & 0x80) != 0;
}

static guint
marker_bit(char c)
{
    return c == '*' ? STYLE_BOLD : c == '_' ? STYLE_ITALIC : c == '~' ? STYLE_STRIKE : 0;
}

/* Where the emphasis that begins at p ends; NULL when it does not. */
static const char *
emphasis_end(Inline *line, const char *start, const char *p, const char *stop)
{
    guint bit = marker_bit(*p);
    gboolean opens = (p == start || !is_word(p[-1])) && p + 1 < stop && p[1] != ' ' && p[1] != *p;
    if (!opens || (line->hopeless & bit) || (line->style & bit))
        return NULL;
    for (const char *q = p + 2; q < stop; q++) {
        if (*q == *p && q[-1] != ' ' && (q + 1 == stop || !is_word(q[1])))
            return q;
    }
    line->hopeless |= bit;
    return NULL;
}

/* The end of :name:, NULL when it is no short name. */
static const char *
emoji_end(const char *p, const char *stop)
{
    const char *q = p + 1;
    while (q < stop && q - p < 60 && (g_ascii_isalnum(*q) || strchr("_+-'", *q)))
        q++;
    return q < stop && *q == ':' && q > p + 1 ? q : NULL;
}

static void write_inline(Inline *line, const char *from, const char *stop);

static void
write_emphasis(Inline *line, const char *p, const char *end)
{
    guint before = line->style, hopeless = line->hopeless;
    flush(line);
    line->style |= marker_bit(*p);
    line->hopeless = 0;
    write_inline(line, p + 1, end);
    flush(line);
    line->style = before;
    line->hopeless = hopeless;
}

static void
write_code(Inline *line, const char *p, const char *end)
{
    guint before = line->style;
    flush(line);
    g_string_append_len(line->plain, p + 1, end - p - 1);
    line->style |= STYLE_CODE;
    flush(line);
    line->style = before;
}

static void
write_emoji(Inline *line, const char *p, const char *end)
{
    g_autofree char *name = g_strndup(p + 1, (gsize)(end - p - 1));
    flush(line);
    if (!g_str_has_prefix(name, "skin-tone-"))
        piece_emoji(line->doc, line->style, name);
}

/* The next such sign; its absence is remembered, so that nobody looks for it again. */
static const char *
next_sign(Inline *line, const char *p, const char *stop, char sign, guint bit)
{
    const char *end =
        line->hopeless & bit || p + 1 >= stop ? NULL : memchr(p + 1, sign, (gsize)(stop - p - 1));
    line->hopeless |= end ? 0 : bit;
    return end;
}

/* Writes what begins at p, if anything does; returns where it goes on, or NULL. */
static const char *
write_marked(Inline *line, const char *start, const char *p, const char *stop)
{
    const char *end = NULL;
    if (*p == '<' && (end = next_sign(line, p, stop, '>', STYLE_LINK))) {
        flush(line);
        write_control(line, p + 1, (gsize)(end - p - 1));
    } else if (*p == '`' && (end = next_sign(line, p, stop, '`', STYLE_CODE)) && end > p + 1) {
        write_code(line, p, end);
    } else if (*p == ':' && (p == start || !is_word(p[-1])) && (end = emoji_end(p, stop))) {
        write_emoji(line, p, end);
    } else if (marker_bit(*p) && (end = emphasis_end(line, start, p, stop))) {
        write_emphasis(line, p, end);
    } else {
        return NULL;
    }
    return end + 1;
}

static void
write_inline(Inline *line, const char *from, const char *stop)
{
    for (const char *p = from; p < stop;) {
        const char *next = strchr("<`:*_~", *p) ? write_marked(line, from, p, stop) : NULL;
        if (!next)
            g_string_append_c(line->plain, *p);
        p = next ? next : p + 1;
    }
}

/* -- lines -- */

static void
set_quote(Doc *doc, gboolean quote)
{
    doc_prefix(doc, !quote ? NULL : doc_ascii(doc) ? "| " : "▎ ");
}

/* One line outside of code; in *quoted every line is a quote from >>> on. */
static void
write_line(Doc *doc, const char *text, gsize len, const MrkdwnNames *names, gboolean *quoted)
{
    g_autoptr(GString) plain = g_string_new(NULL);
    Inline line = {.doc = doc, .names = names, .plain = plain};
    const char *stop = text + len;
    gboolean quote = *quoted;
    if (!quote && g_str_has_prefix(text, "&gt;&gt;&gt;")) {
        quote = *quoted = TRUE;
        text += strlen("&gt;&gt;&gt;");
    } else if (!quote && g_str_has_prefix(text, "&gt;")) {
        quote = TRUE;
        text += strlen("&gt;");
    }
    if (quote && text < stop && *text == ' ')
        text++;
    set_quote(doc, quote);
    write_inline(&line, text, stop);
    flush(&line);
    doc_end(doc);
    set_quote(doc, FALSE);
}

static void
write_lines(Doc *doc, const char *text, gsize len, const MrkdwnNames *names, gboolean *quoted)
{
    const char *stop = text + len;
    for (const char *from = text; from < stop && doc_has_room(doc);) {
        const char *newline = memchr(from, '\n', (gsize)(stop - from));
        const char *end = newline ? newline : stop;
        write_line(doc, from, (gsize)(end - from), names, quoted);
        from = newline ? newline + 1 : stop;
    }
}

static void
write_preformatted(Doc *doc, const char *text, gsize len)
{
    while (len > 0 && text[0] == '\n')
        text++, len--;
    while (len > 0 && text[len - 1] == '\n')
        len--;
    g_autofree char *raw = g_strndup(text, len);
    g_autoptr(GString) plain = g_string_new(NULL);
    /* Links in code are shown as what they are. */
    for (const char *p = raw; *p; p++) {
        if (*p != '<' && *p != '>')
            g_string_append_c(plain, *p);
    }
    g_autofree char *code = text_slack_unescape(plain->str);
    doc_prefix(doc, doc_ascii(doc) ? ": " : "┊ ");
    doc_line(doc, ROLE_CODE, code);
    doc_prefix(doc, NULL);
}

void
mrkdwn_write(Doc *doc, const char *text, const MrkdwnNames *names)
{
    gsize len = strnlen(text, TEXT_MAX);
    gboolean quoted = FALSE;
    const char *from = text, *stop = text + len;
    for (;;) {
        const char *open = g_strstr_len(from, stop - from, "```");
        const char *close = open ? g_strstr_len(open + 3, stop - open - 3, "```") : NULL;
        if (!close || close == open + 3)
            break;
        write_lines(doc, from, (gsize)(open - from), names, &quoted);
        write_preformatted(doc, open + 3, (gsize)(close - open - 3));
        from = close + 3;
        if (from < stop && *from == '\n')
            from++;
    }
    write_lines(doc, from, (gsize)(stop - from), names, &quoted);
    if (text[len] != '\0')
        doc_line(doc, ROLE_WARN, "The rest of the text is too long and is left out here.");
}
