/* query_range.c: numbers, amounts and times of a filter, each as the span that it stands for. */
#include "base/query_internal.h"

#include <string.h>
#include "base/clock.h"
#include "base/error.h"
#include "base/money.h"

#define DAY G_TIME_SPAN_DAY

typedef struct {
    gint64 from, to;   /* inclusive */
    gint64 more;       /* what it stands for beside that where it stands alone */
    gboolean duration; /* counts back from now: the larger one is earlier */
} Span;

static const char *const examples[] = {
    [QUERY_TEXT] = "a text",
    [QUERY_WORD] = "a word",
    [QUERY_NUMBER] = "a number: 12, >500, 100..500",
    [QUERY_MONEY] = "an amount: >500, 100..500, 2.5k, none",
    [QUERY_AGE] = "an age: >2h, <30m, 1h..2h, today",
    [QUERY_TIME] = "a time: today, yesterday, 2d, 2026-09-01, \"last week\"",
};

const char *
query_kind_example(QueryKind kind)
{
    return examples[kind];
}

/* "500" is 500 to 501 less the smallest step, "12.5" is 12.5 to 12.6: what begins so. */
static gboolean
scan_amount(const char *text, Span *span)
{
    gsize len = strlen(text);
    gint64 factor = 1, step = MONEY_UNIT, micro;
    if (len > 1 && g_ascii_tolower(text[len - 1]) == 'k')
        factor = 1000;
    else if (len > 1 && g_ascii_tolower(text[len - 1]) == 'm')
        factor = 1000000;
    g_autofree char *digits = g_strndup(text, factor > 1 ? len - 1 : len);
    if (strspn(digits, "-+.0123456789") != strlen(digits) ||
        !money_parse(digits, TRUE, &micro, NULL) || micro > G_MAXINT64 / factor - MONEY_UNIT ||
        micro < G_MININT64 / factor + MONEY_UNIT)
        return FALSE;
    const char *point = strchr(digits, '.');
    for (gsize i = 0; point && i < strlen(point + 1) && step > 1; i++)
        step /= 10;
    if (factor > 1) /* 2.5k is 2500 */
        step = MONEY_UNIT;
    micro *= factor;
    *span = (Span){micro, micro, step - 1, FALSE};
    return TRUE;
}

static gboolean
scan_number(const char *text, Span *span)
{
    Span amount;
    if (strchr(text, '.') && !strpbrk(text, "kKmM"))
        return FALSE;
    if (!scan_amount(text, &amount))
        return FALSE;
    gint64 n = amount.from / MONEY_UNIT;
    *span = (Span){n, n, 0, FALSE};
    return TRUE;
}

static gboolean
scan_month(const char *text, Span *span)
{
    g_autofree char *first = g_strconcat(text, "-01", NULL);
    gint64 from;
    if (strlen(text) != 7 || !time_parse_iso(first, &from, NULL))
        return FALSE;
    g_autoptr(GDateTime) start = g_date_time_new_from_unix_utc(from / G_USEC_PER_SEC);
    g_autoptr(GDateTime) next = start ? g_date_time_add_months(start, 1) : NULL;
    if (!next) /* beyond the last year */
        return FALSE;
    *span = (Span){from, g_date_time_to_unix(next) * G_USEC_PER_SEC - 1, 0, FALSE};
    return TRUE;
}

/* What a duration's own smallest unit is: "2h" lasts an hour. */
static gint64
duration_step(const char *text)
{
    char unit = text[strlen(text) - 1];
    if (g_str_has_suffix(text, "ms"))
        return G_TIME_SPAN_MILLISECOND;
    return unit == 's'   ? G_TIME_SPAN_SECOND
           : unit == 'm' ? G_TIME_SPAN_MINUTE
           : unit == 'h' ? G_TIME_SPAN_HOUR
           : unit == 'd' ? DAY
                         : 7 * DAY;
}

static gboolean
scan_time(const char *text, gint64 now, Span *span)
{
    gint64 at, back;
    gsize len = strlen(text);
    if (duration_parse(text, &back, NULL)) {
        *span = (Span){now - back, now - back, duration_step(text) - 1, TRUE};
        return TRUE;
    }
    if (scan_month(text, span))
        return TRUE;
    if (!time_parse_since(text, now, &at, NULL))
        return FALSE;
    gboolean date = g_ascii_isdigit(text[0]) && strchr(text, '-');
    gboolean day =
        date ? len == 10
             : g_ascii_strcasecmp(text, "today") == 0 || g_ascii_strcasecmp(text, "yesterday") == 0;
    gint64 lasts = day ? DAY : date && len <= 17 ? G_TIME_SPAN_MINUTE : G_TIME_SPAN_SECOND;
    *span = (Span){at, day || date ? at + lasts - 1 : G_MAXINT64, 0, FALSE};
    return TRUE;
}

static gboolean
scan(const QueryField *field, const char *text, gint64 now, Span *span, GError **error)
{
    gboolean ok = field->kind == QUERY_NUMBER  ? scan_number(text, span)
                  : field->kind == QUERY_MONEY ? scan_amount(text, span)
                                               : scan_time(text, now, span);
    if (!ok)
        g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "%s: '%.40s' is not %s", field->name, text,
                    examples[field->kind]);
    return ok;
}

/* An operator and its span; open: an end that stands for what comes after it ("last week"). */
static void
compare(const char *op, Span span, QueryValue *value)
{
    gboolean less = op[0] == '<', or_equal = op[1] == '=';
    if (span.duration)
        less = !less; /* older is earlier */
    gint64 to = span.to == G_MAXINT64 ? span.from : span.to;
    *value = less ? (QueryValue){.min = G_MININT64, .max = or_equal ? to : span.from - 1}
                  : (QueryValue){.min = or_equal ? span.from : to + 1, .max = G_MAXINT64};
}

static gboolean
scan_range(const QueryField *field, const char *text, const char *dots, gint64 now,
           QueryValue *value, GError **error)
{
    g_autofree char *first = g_strndup(text, (gsize)(dots - text));
    const char *last = dots + 2;
    Span a = {G_MAXINT64, G_MININT64, 0, FALSE}, b = a;
    if ((*first && !scan(field, first, now, &a, error)) ||
        (*last && !scan(field, last, now, &b, error)))
        return FALSE;
    *value = (QueryValue){.min = MIN(a.from, b.from), .max = MAX(a.to, b.to)};
    gboolean open_low = *first ? FALSE : !b.duration, open_high = *last ? FALSE : !a.duration;
    if (!*first && *last && b.duration) /* ..2h: not older than that */
        open_high = TRUE;
    if (!*last && *first && a.duration)
        open_low = TRUE;
    if (open_low)
        value->min = G_MININT64;
    if (open_high)
        value->max = G_MAXINT64;
    return TRUE;
}

/* A value without an operator: a day; an amount that begins so; an age of two hours and something,
 * and for a time the last two hours. */
static void
alone(const QueryField *field, Span span, QueryValue *value)
{
    *value = (QueryValue){.min = span.from, .max = span.to};
    if (span.duration && field->kind == QUERY_TIME)
        value->max = G_MAXINT64;
    else if (span.duration || span.from < 0)
        value->min = span.from - span.more;
    else if (span.more)
        value->max = span.to + span.more;
}

gboolean
query_range(const QueryField *field, const char *text, gint64 now, QueryValue *value,
            GError **error)
{
    const char *dots = strstr(text, "..");
    const char *rest = text + strspn(text, "<>=");
    gsize signs = (gsize)(rest - text);
    Span span;
    if (g_ascii_strcasecmp(text, "none") == 0) {
        *value = (QueryValue){.none = TRUE};
        return TRUE;
    }
    if (dots && signs == 0)
        return scan_range(field, text, dots, now, value, error);
    if (!scan(field, rest, now, &span, error))
        return FALSE;
    if (signs == 0 || (signs == 1 && text[0] == '=')) {
        alone(field, span, value);
        return TRUE;
    }
    if (signs > 2 || text[0] == '=' || (signs == 2 && text[1] != '=')) {
        g_set_error(error, CREDITBOT_ERROR, ERR_USAGE,
                    "%s: '%.40s': it is one of > >= < <= =", field->name, text);
        return FALSE;
    }
    compare(text, span, value);
    return TRUE;
}
