/* clock.c: instants and durations, read and written as people and services do. */
#include "base/clock.h"

#include "base/digits.h"
#include "base/error.h"

#include <string.h>

#define MINUTE (60 * (gint64)G_USEC_PER_SEC)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static gint64
system_now(void *data G_GNUC_UNUSED)
{
    return g_get_real_time();
}

const Clock clock_system = {system_now, NULL};

gint64
clock_now(const Clock *clock)
{
    return clock ? clock->now(clock->data) : g_get_real_time();
}

/* Days since 1970-01-01 of a date of the proleptic Gregorian calendar, and back: the algorithms of
 * H. Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
static gint64
days_from_date(gint64 year, int month, int day)
{
    year -= month <= 2;
    gint64 era = (year >= 0 ? year : year - 399) / 400;
    gint64 year_of_era = year - era * 400;
    gint64 day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    gint64 day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void
date_from_days(gint64 days, gint64 *year, int *month, int *day)
{
    days += 719468;
    gint64 era = (days >= 0 ? days : days - 146096) / 146097;
    gint64 day_of_era = days - era * 146097;
    gint64 year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    gint64 day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    gint64 shifted = (5 * day_of_year + 2) / 153;
    *day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1);
    *month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

static gint64
floor_to(gint64 at, gint64 step)
{
    gint64 rest = at % step;
    return rest < 0 ? at - rest - step : at - rest;
}

char *
time_iso(gint64 at, gboolean with_usec)
{
    gint64 days = at / DAY;
    gint64 rest = at % DAY;
    if (rest < 0) {
        rest += DAY;
        days--;
    }
    gint64 year;
    int month, day;
    date_from_days(days, &year, &month, &day);
    int second = (int)(rest / G_USEC_PER_SEC);
    GString *text = g_string_new(NULL);
    g_string_printf(text, "%04" G_GINT64_FORMAT "-%02d-%02dT%02d:%02d:%02d", year, month, day,
                    second / 3600, second / 60 % 60, second % 60);
    if (with_usec)
        g_string_append_printf(text, ".%06d", (int)(rest % G_USEC_PER_SEC));
    g_string_append_c(text, 'Z');
    return g_string_free(text, FALSE);
}

/* Reads exactly n digits. */
static gboolean
take_digits(const char **p, int n, int *value)
{
    int v = 0;
    for (int i = 0; i < n; i++) {
        if (!g_ascii_isdigit((*p)[i]))
            return FALSE;
        v = v * 10 + ((*p)[i] - '0');
    }
    *p += n;
    *value = v;
    return TRUE;
}

static gboolean
take_char(const char **p, char c)
{
    if (**p != c)
        return FALSE;
    (*p)++;
    return TRUE;
}

static gboolean
take_date(const char **p, gint64 *at)
{
    int year, month, day;
    if (!take_digits(p, 4, &year) || !take_char(p, '-') || !take_digits(p, 2, &month) ||
        !take_char(p, '-') || !take_digits(p, 2, &day))
        return FALSE;
    if (year < 1 || !g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
        return FALSE;
    *at = days_from_date(year, month, day) * DAY;
    return TRUE;
}

/* ".123456789": digits beyond the sixth are cut. */
static gboolean
take_fraction(const char **p, gint64 *usec)
{
    gint64 scale = G_USEC_PER_SEC / 10;
    *usec = 0;
    if (!take_char(p, '.'))
        return TRUE;
    if (!g_ascii_isdigit(**p))
        return FALSE;
    for (; g_ascii_isdigit(**p); (*p)++, scale /= 10)
        *usec += (**p - '0') * scale;
    return TRUE;
}

static gboolean
take_time(const char **p, gint64 *usec)
{
    int hour, minute, second = 0;
    gint64 fraction = 0;
    if (!take_digits(p, 2, &hour) || !take_char(p, ':') || !take_digits(p, 2, &minute))
        return FALSE;
    if (take_char(p, ':') && (!take_digits(p, 2, &second) || !take_fraction(p, &fraction)))
        return FALSE;
    if (hour > 23 || minute > 59 || second > 60)
        return FALSE;
    *usec = hour * HOUR + minute * MINUTE + second * (gint64)G_USEC_PER_SEC + fraction;
    return TRUE;
}

/* "Z", "+02:00", "-0330", nothing (UTC). */
static gboolean
take_offset(const char **p, gint64 *usec)
{
    int hour, minute = 0;
    *usec = 0;
    if (**p == '\0')
        return TRUE;
    if (take_char(p, 'Z') || take_char(p, 'z'))
        return TRUE;
    gboolean west = **p == '-';
    if (!west && **p != '+')
        return FALSE;
    (*p)++;
    if (!take_digits(p, 2, &hour))
        return FALSE;
    if (**p != '\0') {
        take_char(p, ':');
        if (!take_digits(p, 2, &minute))
            return FALSE;
    }
    if (hour > 18 || minute > 59)
        return FALSE;
    *usec = (hour * HOUR + minute * MINUTE) * (west ? -1 : 1);
    return TRUE;
}

static gboolean
scan_iso(const char *p, gint64 *at)
{
    gint64 day, time = 0, offset = 0;
    if (!take_date(&p, &day))
        return FALSE;
    if (*p != '\0') {
        if (!take_char(&p, 'T') && !take_char(&p, 't') && !take_char(&p, ' '))
            return FALSE;
        if (!take_time(&p, &time) || !take_offset(&p, &offset) || *p != '\0')
            return FALSE;
    }
    *at = day + time - offset;
    return TRUE;
}

gboolean
time_parse_iso(const char *text, gint64 *at, GError **error)
{
    if (text && scan_iso(text, at))
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_INPUT,
                "'%.40s' is not a time; write it as 2026-09-14 or 2026-09-14T08:30:00Z",
                text ? text : "");
    return FALSE;
}

static const struct {
    const char *unit;
    gint64 usec;
} units[] = {
    {"ms", 1000}, {"s", G_USEC_PER_SEC}, {"m", MINUTE}, {"h", HOUR}, {"d", DAY}, {"w", 7 * DAY},
};

static gint64
unit_usec(const char *unit, gsize len)
{
    for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
        if (strlen(units[i].unit) == len && strncmp(units[i].unit, unit, len) == 0)
            return units[i].usec;
    }
    return 0;
}

static gboolean
scan_duration(const char *p, gint64 *usec)
{
    const gint64 limit = 36500 * DAY;
    gint64 sum = 0;
    if (*p == '\0')
        return FALSE;
    while (*p != '\0') {
        gint64 n = 0;
        if (!g_ascii_isdigit(*p))
            return FALSE;
        for (; g_ascii_isdigit(*p); p++) {
            n = n * 10 + (*p - '0');
            if (n > limit / 1000)
                return FALSE;
        }
        const char *unit = p;
        while (g_ascii_isalpha(*p))
            p++;
        gint64 one = unit_usec(unit, (gsize)(p - unit));
        if (one == 0 || n > (limit - sum) / one)
            return FALSE;
        sum += n * one;
    }
    *usec = sum;
    return TRUE;
}

gboolean
duration_parse(const char *text, gint64 *usec, GError **error)
{
    if (text && scan_duration(text, usec))
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_INPUT,
                "'%.40s' is not a duration; write it as 500ms, 30s, 10m, 2h, 7d or 1h30m "
                "(at most 36500d)",
                text ? text : "");
    return FALSE;
}

/* "3d4h", or "3d" where the second is 0. */
static char *
two_units(gint64 first, char unit, gint64 second, char second_unit)
{
    char text[48], *end = text + sizeof text, *p = end; /* written from its end */
    if (second) {
        *--p = second_unit;
        p = digits_before(p, (guint64)second);
    }
    *--p = unit;
    p = digits_before(p, (guint64)first);
    return g_strndup(p, (gsize)(end - p));
}

char *
duration_short(gint64 usec)
{
    if (usec < G_USEC_PER_SEC)
        return usec < 1000 ? g_strdup("0s") : g_strdup_printf("%dms", (int)(usec / 1000));
    if (usec < MINUTE)
        return two_units(usec / G_USEC_PER_SEC, 's', 0, 0);
    if (usec < HOUR)
        return two_units(usec / MINUTE, 'm', 0, 0);
    if (usec < DAY)
        return two_units(usec / HOUR, 'h', usec % HOUR / MINUTE, 'm');
    gint64 days = MIN(usec / DAY, 99999);
    return two_units(days, 'd', days < 100 ? usec % DAY / HOUR : 0, 'h');
}

/* Words that stand for a whole span before now, or for the start of a day. */
static const struct {
    const char *word;
    gint64 back;
    gboolean day_start;
} spans[] = {
    {"now", 0, FALSE},
    {"today", 0, TRUE},
    {"yesterday", DAY, TRUE},
    {"last hour", HOUR, FALSE},
    {"last day", DAY, FALSE},
    {"last week", 7 * DAY, FALSE},
    {"last month", 30 * DAY, FALSE},
    {"last year", 365 * DAY, FALSE},
};

static const struct {
    const char *word;
    const char *unit;
} long_units[] = {
    {"second", "s"}, {"sec", "s"}, {"minute", "m"}, {"min", "m"},
    {"hour", "h"},   {"day", "d"}, {"week", "w"},
};

/* "3 hours" becomes "3h", "1h 30m" becomes "1h30m". */
static char *
compact_duration(const char *text)
{
    GString *out = g_string_new(NULL);
    for (const char *p = text; *p != '\0';) {
        if (*p == ' ') {
            p++;
            continue;
        }
        gboolean found = FALSE;
        for (gsize i = 0; i < G_N_ELEMENTS(long_units) && !found; i++) {
            gsize len = strlen(long_units[i].word);
            if (strncmp(p, long_units[i].word, len) != 0)
                continue;
            g_string_append(out, long_units[i].unit);
            p += len;
            p += *p == 's';
            found = TRUE;
        }
        if (!found)
            g_string_append_c(out, *p++);
    }
    return g_string_free(out, FALSE);
}

static gboolean
scan_since(const char *text, gint64 now, gint64 *at)
{
    g_autofree char *lower = g_ascii_strdown(text, -1);
    char *p = g_strstrip(lower);
    if (g_str_has_prefix(p, "since "))
        p = g_strchug(p + strlen("since "));
    for (gsize i = 0; i < G_N_ELEMENTS(spans); i++) {
        if (strcmp(p, spans[i].word) != 0)
            continue;
        gint64 then = now - spans[i].back;
        *at = spans[i].day_start ? floor_to(then, DAY) : then;
        return TRUE;
    }
    if (scan_iso(p, at))
        return TRUE;
    if (g_str_has_suffix(p, " ago"))
        p[strlen(p) - strlen(" ago")] = '\0';
    g_autofree char *compact = compact_duration(p);
    gint64 back;
    if (!scan_duration(compact, &back))
        return FALSE;
    *at = now - back;
    return TRUE;
}

gboolean
time_parse_since(const char *text, gint64 now, gint64 *at, GError **error)
{
    if (text && scan_since(text, now, at))
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_INPUT,
                "'%.40s' is not a point in time; write 2d, 3h ago, today, yesterday, last week or "
                "2026-09-14",
                text ? text : "");
    return FALSE;
}

gboolean
slack_ts_parse(const char *ts, gint64 *usec)
{
    gint64 seconds = 0;
    int digits = 0, fraction;
    if (!ts)
        return FALSE;
    for (; g_ascii_isdigit(*ts); ts++) {
        if (++digits > 12)
            return FALSE;
        seconds = seconds * 10 + (*ts - '0');
    }
    if (digits == 0 || !take_char(&ts, '.') || !take_digits(&ts, 6, &fraction) || *ts != '\0')
        return FALSE;
    *usec = seconds * G_USEC_PER_SEC + fraction;
    return TRUE;
}

char *
slack_ts_format(gint64 usec)
{
    usec = MAX(usec, 0);
    return g_strdup_printf("%010" G_GINT64_FORMAT ".%06d", usec / G_USEC_PER_SEC,
                           (int)(usec % G_USEC_PER_SEC));
}
