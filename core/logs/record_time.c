/* record_time.c: the shapes of time that logs begin with. */
#include "logs/record_private.h"

#include <string.h>

#define DAY (24 * 60 * 60)

/* What is read so far; at is moved on by every step that succeeds. */
typedef struct {
    const char *at, *end;
    int year, month, day, hour, minute, second, usec;
    int offset; /* seconds east */
} Reading;

static gboolean
number(Reading *reading, int digits, int *value)
{
    int n = 0;
    if (reading->end - reading->at < digits)
        return FALSE;
    for (int i = 0; i < digits; i++) {
        if (!g_ascii_isdigit(reading->at[i]))
            return FALSE;
        n = n * 10 + (reading->at[i] - '0');
    }
    reading->at += digits;
    *value = n;
    return TRUE;
}

static gboolean
sign(Reading *reading, const char *any)
{
    if (reading->at >= reading->end || !*reading->at || !strchr(any, *reading->at))
        return FALSE;
    reading->at++;
    return TRUE;
}

/* Days since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"). */
static gint64
days_of(int year, int month, int day)
{
    gint64 y = month <= 2 ? year - 1 : year;
    gint64 era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
    gint64 doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    gint64 doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

static gboolean
finish(const Reading *reading, gint64 *at)
{
    if (reading->month < 1 || reading->month > 12 || reading->day < 1 || reading->day > 31 ||
        reading->hour > 24 || reading->minute > 59 || reading->second > 60 || reading->year < 1970)
        return FALSE;
    gint64 seconds = days_of(reading->year, reading->month, reading->day) * DAY +
                     reading->hour * 3600 + reading->minute * 60 + reading->second -
                     reading->offset;
    *at = seconds * G_USEC_PER_SEC + reading->usec;
    return *at > 0;
}

/* Digits behind a point or comma, as microseconds; none is none. */
static void
fraction(Reading *reading)
{
    const char *from = reading->at;
    if (from + 1 >= reading->end || (*from != '.' && *from != ',') || !g_ascii_isdigit(from[1]))
        return;
    int scale = 100000;
    for (reading->at++; reading->at < reading->end && g_ascii_isdigit(*reading->at);
         reading->at++) {
        reading->usec += (*reading->at - '0') * scale;
        scale /= 10;
    }
}

static gboolean
clock_time(Reading *reading)
{
    if (!number(reading, 2, &reading->hour) || !sign(reading, ":") ||
        !number(reading, 2, &reading->minute) || !sign(reading, ":") ||
        !number(reading, 2, &reading->second))
        return FALSE;
    fraction(reading);
    return TRUE;
}

/* "Z", "+02:00", "+0200", " +0200", " UTC", or nothing. */
static void
zone(Reading *reading)
{
    Reading ahead = *reading;
    int hours, minutes;
    if (sign(&ahead, "Zz")) {
        *reading = ahead;
        return;
    }
    sign(&ahead, " ");
    if (ahead.end - ahead.at >= 3 && memcmp(ahead.at, "UTC", 3) == 0) {
        ahead.at += 3;
        *reading = ahead;
        return;
    }
    gboolean west = ahead.at < ahead.end && *ahead.at == '-';
    if (sign(&ahead, "+-") && number(&ahead, 2, &hours) && (sign(&ahead, ":") || TRUE) &&
        number(&ahead, 2, &minutes) && hours <= 14 && minutes < 60) {
        ahead.offset = (hours * 60 + minutes) * (west ? -60 : 60);
        *reading = ahead;
    }
}

static gboolean
iso(Reading *reading, gint64 now)
{
    (void)now;
    if (!number(reading, 4, &reading->year) || !sign(reading, "-/") ||
        !number(reading, 2, &reading->month) || !sign(reading, "-/") ||
        !number(reading, 2, &reading->day) || !sign(reading, "T t_") || !clock_time(reading))
        return FALSE;
    zone(reading);
    return TRUE;
}

static gboolean
month_name(Reading *reading)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int i = 0; i < 12 && reading->end - reading->at >= 3; i++) {
        if (memcmp(reading->at, names + (gsize)i * 3, 3) != 0)
            continue;
        reading->month = i + 1;
        reading->at += 3;
        return TRUE;
    }
    return FALSE;
}

/* The year that puts it nearest before now; a day in the future is this year's, too. */
static void
guess_year(Reading *reading, gint64 now)
{
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(now / G_USEC_PER_SEC);
    gint64 at = 0;
    reading->year = date ? g_date_time_get_year(date) : 1970;
    if (finish(reading, &at) && at > now + 2 * G_TIME_SPAN_DAY)
        reading->year--;
}

/* "Sep 17 12:00:00", "Sep  7 12:00:00" */
static gboolean
syslog_time(Reading *reading, gint64 now)
{
    if (!month_name(reading) || !sign(reading, " "))
        return FALSE;
    if (sign(reading, " ") ? !number(reading, 1, &reading->day)
                           : !number(reading, 2, &reading->day))
        return FALSE;
    if (!sign(reading, " ") || !clock_time(reading))
        return FALSE;
    guess_year(reading, now);
    return TRUE;
}

/* "I0917 12:00:00.123456" */
static gboolean
glog_time(Reading *reading, gint64 now)
{
    if (!sign(reading, "IWEFD") || !number(reading, 2, &reading->month) ||
        !number(reading, 2, &reading->day) || !sign(reading, " ") || !clock_time(reading))
        return FALSE;
    guess_year(reading, now);
    return TRUE;
}

/* "17/Sep/2026:12:00:00 +0000" */
static gboolean
web_time(Reading *reading, gint64 now)
{
    (void)now;
    if (!number(reading, 2, &reading->day) || !sign(reading, "/") || !month_name(reading) ||
        !sign(reading, "/") || !number(reading, 4, &reading->year) || !sign(reading, ": ") ||
        !clock_time(reading))
        return FALSE;
    zone(reading);
    return TRUE;
}

gboolean
log_epoch_read(const char *text, gsize len, gint64 *at, gsize *end)
{
    gsize digits = 0;
    gint64 value = 0;
    for (; digits < len && digits < 17 && g_ascii_isdigit(text[digits]); digits++)
        value = value * 10 + (text[digits] - '0');
    if (digits < len && (g_ascii_isalpha(text[digits]) || text[digits] == '-'))
        return FALSE;
    /* From 2001 on they have ten digits; fewer could be anything. */
    gint64 scale = digits == 10 ? G_USEC_PER_SEC : digits == 13 ? 1000 : digits == 16 ? 1 : 0;
    if (!scale || value <= 0)
        return FALSE;
    Reading reading = {.at = text + digits, .end = text + len};
    if (digits == 10)
        fraction(&reading);
    *at = value * scale + reading.usec;
    *end = (gsize)(reading.at - text);
    return TRUE;
}

gboolean
log_time_read(const char *text, gsize len, gint64 now, gint64 *at, gsize *end)
{
    gboolean (*shape)(Reading *, gint64) = NULL;
    Reading reading = {.at = text, .end = text + len};
    if (len < 10)
        return FALSE;
    if (g_ascii_isdigit(text[0]))
        shape = text[4] == '-' || text[4] == '/' ? iso : text[2] == '/' ? web_time : NULL;
    else
        shape = g_ascii_isdigit(text[1]) ? glog_time : syslog_time;
    if (!shape)
        return log_epoch_read(text, len, at, end);
    if (!shape(&reading, now) || !finish(&reading, at))
        return FALSE;
    *end = (gsize)(reading.at - text);
    return TRUE;
}
