/* text.c: the one sanitiser before a terminal, and what is counted in columns.
 *
 * Widths and grapheme clusters are utf8proc's (UAX #11, UAX #29). Whatever changes how other
 * characters are shown (controls, directions, fillers, selectors, tags) does not pass; what passes
 * has a width that is known. The result is a fixed point: sanitising it again changes nothing. */
#include "base/text.h"

#include <string.h>
#include <utf8proc.h>

/* Combining marks on one base: more are a flood that climbs over other rows. */
#define MARKS_MAX 8
/* Code points in one cluster: the longest emoji family has 11. */
#define CLUSTER_MAX 16
/* Bytes of one escape sequence. */
#define CSI_MAX     64
#define REPLACEMENT 0xFFFD
#define ZWJ         0x200D

typedef enum {
    KIND_SHOW,
    KIND_MARK,
    KIND_DROP,
    KIND_BAD,
    KIND_SPACE,
    KIND_BREAK,
    KIND_JOINER
} Kind;

/* Default-ignorable characters that have no category of their own (DerivedCoreProperties.txt), and
 * other blanks that are taken for nothing. */
static const struct {
    gint32 first, last;
} dropped[] = {
    {0x034F, 0x034F}, {0x115F, 0x1160}, {0x17B4, 0x17B5}, {0x180B, 0x180F}, {0x2065, 0x2065},
    {0x3164, 0x3164}, {0xFE00, 0xFE0F}, {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFF8}, {0xE0000, 0xE0FFF},
};

static gboolean
is_dropped(gint32 c)
{
    for (gsize i = 0; i < G_N_ELEMENTS(dropped); i++) {
        if (c >= dropped[i].first && c <= dropped[i].last)
            return TRUE;
    }
    return FALSE;
}

static Kind
kind_of(gint32 c)
{
    if (c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029)
        return KIND_BREAK;
    if (c == '\t')
        return KIND_SPACE;
    if (c == ZWJ)
        return KIND_JOINER;
    if (is_dropped(c))
        return KIND_DROP;
    switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_CF:
        return KIND_DROP;
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
        return KIND_BAD;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
        return KIND_MARK;
    case UTF8PROC_CATEGORY_ZS:
        return KIND_SPACE;
    default:
        return KIND_SHOW;
    }
}

static int
bound_class(gint32 c)
{
    return utf8proc_get_property(c)->boundclass;
}

gboolean
text_hidden(gunichar c)
{
    if (c == ' ' || c == '\n' || c == '\t')
        return FALSE;
    Kind kind = c > 0x10FFFF ? KIND_BAD : kind_of((gint32)c);
    return kind != KIND_SHOW && kind != KIND_MARK;
}

/* Next code point at p; -1 and one byte for what is not UTF-8 (overlong, surrogate, cut, beyond).
 */
static gsize
next_point(const guint8 *p, gsize len, gint32 *c)
{
    utf8proc_ssize_t used = utf8proc_iterate(p, (utf8proc_ssize_t)len, c);
    if (used > 0)
        return (gsize)used;
    *c = -1;
    return 1;
}

/* Bytes of the rest of a control sequence behind its introducer (ECMA-48, 5.4); 0 when it is not
 * one. */
static gsize
csi_rest(const guint8 *p, gsize len)
{
    gsize i = 0;
    len = MIN(len, CSI_MAX);
    while (i < len && p[i] >= 0x30 && p[i] <= 0x3F)
        i++;
    while (i < len && p[i] >= 0x20 && p[i] <= 0x2F)
        i++;
    return i < len && p[i] >= 0x40 && p[i] <= 0x7E ? i + 1 : 0;
}

/* Bytes of an escape sequence behind ESC (ECMA-35, 13.2). What a string sequence (OSC, DCS, …)
 * carries stays visible: swallowing it would be a way to hide text from the operator. */
static gsize
escape_rest(const guint8 *p, gsize len)
{
    gsize i = 0;
    if (len == 0)
        return 0;
    if (p[0] == '[')
        return 1 + csi_rest(p + 1, len - 1);
    while (i < MIN(len, CSI_MAX) && p[i] >= 0x20 && p[i] <= 0x2F)
        i++;
    return i < len && p[i] >= 0x30 && p[i] <= 0x7E ? i + 1 : 0;
}

/* What has been written so far, as far as the next character depends on it. */
typedef struct {
    GString *out;
    TextFlags flags;
    gint32 last;    /* last code point written, 0: none, or nothing can join it */
    gint32 state;   /* utf8proc's, between last and the next */
    int points;     /* in the current cluster */
    int marks;      /* behind the current base */
    gboolean emoji; /* the cluster ends in a pictograph, perhaps with modifiers */
} Writer;

static void
put_plain(Writer *w, char c)
{
    g_string_append_c(w->out, c);
    w->last = (guint8)c == '\n' ? 0 : c;
    w->state = 0;
    w->points = 1;
    w->marks = 0;
    w->emoji = FALSE;
}

static void
put_bad(Writer *w)
{
    if (w->flags & TEXT_ASCII) {
        put_plain(w, '?');
        return;
    }
    g_string_append_unichar(w->out, REPLACEMENT);
    w->last = REPLACEMENT;
    w->state = 0;
    w->points = 1;
    w->marks = 0;
    w->emoji = FALSE;
}

/* Characters that only live on a base: marks, emoji modifiers, Hangul vowels and finals. */
static gboolean
needs_base(gint32 c, Kind kind)
{
    int class = bound_class(c);
    return kind == KIND_MARK || class == UTF8PROC_BOUNDCLASS_V || class == UTF8PROC_BOUNDCLASS_T;
}

/* What a terminal without Unicode shows of a sign: one column, as the sign needs. */
static char
plain_sign(gint32 c)
{
    static const struct {
        gint32 sign;
        char plain;
    } signs[] = {{0x00A0, ' '},  {0x00B1, '~'},  {0x00D7, 'x'}, {0x2013, '-'}, {0x2014, '-'},
                 {0x2018, '\''}, {0x2019, '\''}, {0x201C, '"'}, {0x201D, '"'}};
    for (gsize i = 0; i < G_N_ELEMENTS(signs); i++) {
        if (signs[i].sign == c)
            return signs[i].plain;
    }
    return '?';
}

static void
put_point(Writer *w, gint32 c, Kind kind)
{
    int class = bound_class(c);
    gint32 state = w->state;
    gboolean joins = w->last != 0 && !utf8proc_grapheme_break_stateful(w->last, c, &state);
    gboolean is_mark = kind == KIND_MARK || class == UTF8PROC_BOUNDCLASS_EXTEND;
    if (!joins && needs_base(c, kind)) {
        put_bad(w);
        return;
    }
    if (joins && (w->points >= CLUSTER_MAX || (is_mark && w->marks >= MARKS_MAX)))
        return;
    if (w->flags & TEXT_ASCII) {
        if (!joins)
            g_string_append_c(w->out, plain_sign(c));
    } else {
        g_string_append_unichar(w->out, (gunichar)c);
    }
    w->last = c;
    w->state = joins ? state : 0;
    w->points = joins ? w->points + 1 : 1;
    w->marks = is_mark ? w->marks + 1 : 0;
    if (class == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC)
        w->emoji = TRUE;
    else if (!is_mark)
        w->emoji = FALSE;
}

/* The joiner stays between two pictographs only. */
static void
put_joiner(Writer *w, const guint8 *p, gsize len)
{
    gint32 c = 0;
    while (len > 0) {
        gsize used = next_point(p, len, &c);
        if (c < 0xFE00 || c > 0xFE0F)
            break;
        p += used;
        len -= used;
    }
    if (len == 0 || c < 0 || !w->emoji || w->points + 2 > CLUSTER_MAX || kind_of(c) != KIND_SHOW ||
        bound_class(c) != UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC)
        return;
    put_point(w, ZWJ, KIND_JOINER);
    w->emoji = FALSE;
}

/* Returns how many bytes it took. */
static gsize
put_next(Writer *w, const guint8 *p, gsize len)
{
    gint32 c;
    gsize used = next_point(p, len, &c);
    Kind kind = c < 0 ? KIND_BAD : kind_of(c);
    switch (kind) {
    case KIND_SHOW:
    case KIND_MARK:
        put_point(w, c, kind);
        break;
    case KIND_DROP:
        break;
    case KIND_BAD:
        put_bad(w);
        if (c == 0x1B)
            used += escape_rest(p + used, len - used);
        else if (c == 0x9B)
            used += csi_rest(p + used, len - used);
        break;
    case KIND_SPACE:
        put_plain(w, ' ');
        break;
    case KIND_BREAK:
        if (c == '\r' && used < len && p[used] == '\n')
            used++;
        put_plain(w, (w->flags & TEXT_MULTILINE) ? '\n' : ' ');
        break;
    case KIND_JOINER:
        put_joiner(w, p + used, len - used);
        break;
    }
    return used;
}

/* Bytes of printable ASCII at p, nearly all of what there is. */
static gsize
plain_run(const guint8 *p, gsize len)
{
    gsize i = 0;
    while (i < len && p[i] >= 0x20 && p[i] < 0x7F)
        i++;
    return i;
}

char *
text_printable(const char *text, gssize len, TextFlags flags)
{
    gsize size = !text ? 0 : len < 0 ? strlen(text) : (gsize)len;
    const guint8 *p = (const guint8 *)text;
    Writer w = {.out = g_string_sized_new(size + 1), .flags = flags};
    for (gsize i = 0; i < size;) {
        gsize run = plain_run(p + i, size - i);
        if (run > 1)
            g_string_append_len(w.out, text + i, (gssize)run - 1);
        if (run > 0)
            put_plain(&w, (char)p[i + run - 1]);
        i += run;
        if (i < size)
            i += put_next(&w, p + i, size - i);
    }
    return g_string_free(w.out, FALSE);
}

/* One grapheme cluster at p: its bytes, and its columns. A sequence of pictographs, and a pair of
 * regional indicators, is one sign two columns wide; elsewhere only the base takes room. */
static gsize
next_cluster(const guint8 *p, gsize len, int *columns)
{
    gint32 c, state = 0;
    if (plain_run(p, MIN(len, 2)) == MIN(len, 2)) {
        *columns = 1;
        return 1;
    }
    gsize used = next_point(p, len, &c);
    *columns = c < 0x20 ? 0 : utf8proc_charwidth(c);
    gint32 last = c;
    while (used < len) {
        if (last >= 0x20 && last < 0x7F && p[used] < 0x80)
            break;
        gsize more = next_point(p + used, len - used, &c);
        if (last < 0 || c < 0 || utf8proc_grapheme_break_stateful(last, c, &state))
            break;
        int class = bound_class(c);
        if (class == UTF8PROC_BOUNDCLASS_REGIONAL_INDICATOR || last == ZWJ)
            *columns = 2;
        else if (class == UTF8PROC_BOUNDCLASS_EXTEND)
            *columns = MAX(*columns, utf8proc_charwidth(c));
        else if (class != UTF8PROC_BOUNDCLASS_V && class != UTF8PROC_BOUNDCLASS_T)
            *columns += utf8proc_charwidth(c);
        used += more;
        last = c;
    }
    return used;
}

int
text_width(const char *text)
{
    int width = 0;
    if (text)
        text_fit(text, G_MAXINT, &width);
    return width;
}

gsize
text_fit(const char *text, int columns, int *used)
{
    gsize i = 0, len = strlen(text);
    int width = 0;
    while (i < len) {
        int cell;
        gsize bytes = next_cluster((const guint8 *)text + i, len - i, &cell);
        if (cell > columns - width)
            break;
        width += cell;
        i += bytes;
    }
    if (used)
        *used = width;
    return i;
}

char *
text_ellipsize(const char *text, int columns, TextFlags flags)
{
    if (columns <= 0 || !text)
        return g_strdup("");
    gsize fits = text_fit(text, columns, NULL);
    if (text[fits] == '\0')
        return g_strdup(text);
    fits = text_fit(text, columns - 1, NULL);
    return g_strdup_printf("%.*s%s", (int)fits, text, (flags & TEXT_ASCII) ? "~" : "…");
}
