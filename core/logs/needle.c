/* needle.c: two rare bytes of the text are compared in 64 places at once; what has both is looked
 * at closely. */
#include "logs/needle.h"

#include <string.h>

#define LANE  16
#define BLOCK (4 * LANE)

/* Vectors of GCC and Clang: on machines without them, ordinary code comes of it. */
typedef guint8 Lane __attribute__((vector_size(LANE)));
typedef gint8 Truth __attribute__((vector_size(LANE)));
typedef guint64 Pair __attribute__((vector_size(LANE)));

struct Needle {
    gsize len;
    gsize rare, second;     /* places of the two bytes that are compared first */
    guint8 rare_or, two_or; /* 0x20 where case does not count */
    guint8 text[NEEDLE_MAX], fold[NEEDLE_MAX];
};

/* How often a byte stands in logs, roughly: the higher, the more often. */
static guint
commonness(guint8 c)
{
    static const char by_rank[] = "zqjxkvbwyfghumpcdlnsriotae ";
    const char *at = strchr(by_rank, g_ascii_tolower((char)c));
    if (c == 0 || !at)
        return g_ascii_isdigit((char)c) ? 40 : strchr(".:-/=,\"", c) ? 30 : 4;
    return 10 + (guint)(at - by_rank) + (g_ascii_isupper((char)c) ? 0 : 8);
}

static void
choose_rare(Needle *needle)
{
    guint best = G_MAXUINT, next = G_MAXUINT;
    for (gsize i = 0; i < needle->len; i++) {
        guint here = commonness(needle->text[i]) * (needle->fold[i] ? 2 : 1);
        if (here < best) {
            next = best;
            needle->second = needle->rare;
            best = here;
            needle->rare = i;
        } else if (here < next) {
            next = here;
            needle->second = i;
        }
    }
    needle->rare_or = needle->fold[needle->rare];
    needle->two_or = needle->fold[needle->second];
}

Needle *
needle_new(const char *text, gboolean smart)
{
    gsize len = strlen(text);
    gboolean exact = !smart;
    if (len == 0 || len > NEEDLE_MAX)
        return NULL;
    for (const char *c = text; smart && *c; c++)
        exact = exact || g_ascii_isupper(*c);
    Needle *needle = g_new0(Needle, 1);
    needle->len = len;
    for (gsize i = 0; i < len; i++) {
        gboolean folds = !exact && g_ascii_isalpha(text[i]);
        needle->fold[i] = folds ? 0x20 : 0;
        needle->text[i] = (guint8)(folds ? g_ascii_tolower(text[i]) : text[i]);
    }
    choose_rare(needle);
    return needle;
}

void
needle_free(Needle *needle)
{
    g_free(needle);
}

gsize
needle_length(const Needle *needle)
{
    return needle->len;
}

static gboolean
stands_at(const Needle *needle, const guint8 *at)
{
    for (gsize i = 0; i < needle->len; i++) {
        if ((guint8)(at[i] | needle->fold[i]) != needle->text[i])
            return FALSE;
    }
    return TRUE;
}

static inline Lane
load(const guint8 *at)
{
    Lane lane;
    memcpy(&lane, at, LANE);
    return lane;
}

static inline Lane
all(guint8 c)
{
    return (Lane){c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c};
}

/* Whether a place in the block could be one; the bytes behind the block, as far as the text
 * reaches, are there. */
static inline gboolean
may_stand(const Needle *needle, const guint8 *at)
{
    Lane rare = all(needle->text[needle->rare]), rare_or = all(needle->rare_or);
    Lane two = all(needle->text[needle->second]), two_or = all(needle->two_or);
    const guint8 *a = at + needle->rare, *b = at + needle->second;
    Truth any = {0};
    for (gsize i = 0; i < BLOCK; i += LANE)
        any |= ((load(a + i) | rare_or) == rare) & ((load(b + i) | two_or) == two);
    Pair pair;
    memcpy(&pair, &any, sizeof pair);
    return (pair[0] | pair[1]) != 0;
}

static const guint8 *
first_in(const Needle *needle, const guint8 *from, const guint8 *to)
{
    for (const guint8 *at = from; at < to; at++) {
        if ((guint8)(at[needle->rare] | needle->rare_or) == needle->text[needle->rare] &&
            stands_at(needle, at))
            return at;
    }
    return NULL;
}

static const guint8 *
last_in(const Needle *needle, const guint8 *from, const guint8 *to)
{
    for (const guint8 *at = to; at > from; at--) {
        const guint8 *place = at - 1;
        if ((guint8)(place[needle->rare] | needle->rare_or) == needle->text[needle->rare] &&
            stands_at(needle, place))
            return place;
    }
    return NULL;
}

const char *
needle_first(const Needle *needle, const char *bytes, gsize len)
{
    if (len < needle->len)
        return NULL;
    const guint8 *at = (const guint8 *)bytes, *end = at + (len - needle->len) + 1;
    const guint8 *hit = NULL;
    for (; !hit && end - at >= BLOCK; at += BLOCK) {
        if (may_stand(needle, at))
            hit = first_in(needle, at, at + BLOCK);
    }
    return (const char *)(hit ? hit : first_in(needle, at, end));
}

const char *
needle_last(const Needle *needle, const char *bytes, gsize len)
{
    if (len < needle->len)
        return NULL;
    const guint8 *from = (const guint8 *)bytes, *end = from + (len - needle->len) + 1;
    const guint8 *hit = NULL;
    for (; !hit && end - from >= BLOCK; end -= BLOCK) {
        if (may_stand(needle, end - BLOCK))
            hit = last_in(needle, end - BLOCK, end);
    }
    return (const char *)(hit ? hit : last_in(needle, from, end));
}

gsize
newlines_count(const char *bytes, gsize len)
{
    const guint8 *at = (const guint8 *)bytes, *end = at + len;
    const Lane newline = all('\n');
    gsize total = 0;
    while (end - at >= LANE) {
        Lane sums = {0};
        /* A lane counts to 255. */
        gsize lanes = MIN((gsize)(end - at) / LANE, 255);
        for (gsize i = 0; i < lanes; i++, at += LANE)
            sums -= (Lane)(load(at) == newline);
        for (gsize i = 0; i < LANE; i++)
            total += sums[i];
    }
    for (; at < end; at++)
        total += *at == '\n';
    return total;
}
