/* trino_functions.c: Trino's functions for SQLite: casts, sums of decimals, dates. */
#include "config.h"
#include "trino_sql.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NANO 1000000000.0

/* A SQLite double holds 15 digits for certain: those are shown, the rest are zeros. */
char *
trino_decimal(sqlite3_value *value, int scale)
{
    int type = sqlite3_value_type(value);
    if (type == SQLITE_TEXT)
        return g_strdup((const char *)sqlite3_value_text(value));
    double number = sqlite3_value_double(value);
    int whole = fabs(number) < 1 ? 1 : (int)floor(log10(fabs(number))) + 1;
    int places = CLAMP(15 - whole, 0, scale);
    if (type == SQLITE_INTEGER)
        places = 0;
    GString *text = g_string_new(NULL);
    if (type == SQLITE_INTEGER)
        g_string_printf(text, "%" G_GINT64_FORMAT, (gint64)sqlite3_value_int64(value));
    else
        g_string_printf(text, "%.*f", places, number);
    if (scale > 0 && places == 0)
        g_string_append_c(text, '.');
    for (int i = places; i < scale; i++)
        g_string_append_c(text, '0');
    return g_string_free(text, FALSE);
}

static void
result_text(sqlite3_context *context, char *text)
{
    sqlite3_result_text(context, text, -1, g_free);
}

/* The name after "Cannot cast": errors are told apart in trino.c by this beginning. */
static void
cast_failed(sqlite3_context *context, sqlite3_value **args, const char *type)
{
    if (sqlite3_value_int(args[2])) {
        sqlite3_result_null(context);
        return;
    }
    g_autofree char *message =
        g_strdup_printf("Cannot cast '%s' to %s", sqlite3_value_text(args[0]), type);
    sqlite3_result_error(context, message, -1);
}

static gboolean
is_null(sqlite3_context *context, sqlite3_value *value)
{
    if (sqlite3_value_type(value) != SQLITE_NULL)
        return FALSE;
    sqlite3_result_null(context);
    return TRUE;
}

/* FALSE for text that is no number. */
static gboolean
read_number(sqlite3_value *value, double *number)
{
    *number = sqlite3_value_double(value);
    if (sqlite3_value_type(value) != SQLITE_TEXT)
        return TRUE;
    const char *text = (const char *)sqlite3_value_text(value);
    char *end;
    *number = g_ascii_strtod(text, &end);
    return *text != '\0' && *end == '\0';
}

/* --- casts: (value, scale, lenient) --- */

static void
cast_text(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    if (!is_null(context, args[0]))
        sqlite3_result_text(context, (const char *)sqlite3_value_text(args[0]), -1,
                            SQLITE_TRANSIENT);
}

static void
cast_decimal_text(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    if (!is_null(context, args[0]))
        result_text(context, trino_decimal(args[0], sqlite3_value_int(args[1])));
}

/* Java's way: 1234.5 is "1.2345E3". */
static void
cast_double_text(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    if (is_null(context, args[0]))
        return;
    char digits[64];
    double number = sqlite3_value_double(args[0]);
    for (int precision = 0; precision < 17; precision++) {
        g_snprintf(digits, sizeof digits, "%.*e", precision, number);
        if (g_ascii_strtod(digits, NULL) == number)
            break;
    }
    char *mark = strchr(digits, 'e');
    int power = mark != NULL ? atoi(mark + 1) : 0;
    if (mark != NULL)
        *mark = '\0';
    result_text(context,
                g_strdup_printf("%s%sE%d", digits, strchr(digits, '.') ? "" : ".0", power));
}

static void
cast_boolean_text(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    if (!is_null(context, args[0]))
        sqlite3_result_text(context, sqlite3_value_int(args[0]) ? "true" : "false", -1,
                            SQLITE_STATIC);
}

static void
cast_bigint(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    double number;
    if (is_null(context, args[0]))
        return;
    if (sqlite3_value_type(args[0]) == SQLITE_INTEGER) {
        sqlite3_result_int64(context, sqlite3_value_int64(args[0]));
    } else if (!read_number(args[0], &number) ||
               (sqlite3_value_type(args[0]) == SQLITE_TEXT &&
                strchr((const char *)sqlite3_value_text(args[0]), '.') != NULL)) {
        cast_failed(context, args, "BIGINT");
    } else if (sqlite3_value_type(args[0]) == SQLITE_TEXT) {
        sqlite3_result_int64(context, strtoll((const char *)sqlite3_value_text(args[0]), NULL, 10));
    } else {
        sqlite3_result_int64(context, (gint64)round(number));
    }
}

static void
cast_double(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    double number;
    if (is_null(context, args[0]))
        return;
    if (read_number(args[0], &number))
        sqlite3_result_double(context, number);
    else
        cast_failed(context, args, "DOUBLE");
}

static void
cast_decimal(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    double number, unit = pow(10, sqlite3_value_int(args[1]));
    if (is_null(context, args[0]))
        return;
    if (!read_number(args[0], &number))
        cast_failed(context, args, "DECIMAL");
    else if (fabs(number * unit) > 9e15) /* more digits than a double tells apart */
        sqlite3_result_double(context, number);
    else
        sqlite3_result_double(context, round(number * unit) / unit);
}

static void
cast_date(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    if (is_null(context, args[0]))
        return;
    g_autofree char *text = g_strndup((const char *)sqlite3_value_text(args[0]), 10);
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autofree char *full = g_strconcat(text, "T00:00:00Z", NULL);
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(full, utc);
    if (time == NULL || strlen(text) != 10)
        cast_failed(context, args, "DATE");
    else
        sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
}

/* --- sum, exact to a billionth, also as a window function --- */

/* SQLite's aggregate memory is aligned to 8 bytes. */
typedef __int128 Nanos __attribute__((aligned(8)));

typedef struct {
    Nanos nanos;
    gint64 count;
    gboolean whole_seen, real_seen;
} Sum;

static void
sum_add(sqlite3_context *context, sqlite3_value *value, int sign)
{
    Sum *sum = sqlite3_aggregate_context(context, sizeof *sum);
    int type = sqlite3_value_type(value);
    if (sum == NULL || type == SQLITE_NULL)
        return;
    sum->count += sign;
    if (type == SQLITE_INTEGER) {
        sum->whole_seen = TRUE;
        sum->nanos += (__int128)sqlite3_value_int64(value) * 1000000000 * sign;
    } else {
        double number = sqlite3_value_double(value), whole = trunc(number);
        sum->real_seen = TRUE;
        sum->nanos +=
            ((__int128)whole * 1000000000 + (__int128)llround((number - whole) * NANO)) * sign;
    }
}

static void
sum_step(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    sum_add(context, args[0], 1);
}

static void
sum_inverse(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    sum_add(context, args[0], -1);
}

static void
sum_value(sqlite3_context *context)
{
    const Sum *sum = sqlite3_aggregate_context(context, 0);
    if (sum == NULL || sum->count == 0) {
        sqlite3_result_null(context);
        return;
    }
    __int128 whole = sum->nanos / 1000000000, rest = sum->nanos % 1000000000;
    if (sum->real_seen)
        sqlite3_result_double(context, (double)whole + (double)rest / NANO);
    else if (whole > G_MAXINT64 || whole < G_MININT64)
        sqlite3_result_error(context, "bigint addition overflow", -1);
    else
        sqlite3_result_int64(context, (gint64)whole);
}

static void
count_if_step(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    gint64 *count = sqlite3_aggregate_context(context, sizeof *count);
    if (count != NULL && sqlite3_value_type(args[0]) != SQLITE_NULL)
        *count += sqlite3_value_int(args[0]) != 0;
}

static void
count_if_final(sqlite3_context *context)
{
    const gint64 *count = sqlite3_aggregate_context(context, 0);
    sqlite3_result_int64(context, count != NULL ? *count : 0);
}

/* --- text and numbers --- */

static void
concat(sqlite3_context *context, int n, sqlite3_value **args)
{
    g_autoptr(GString) all = g_string_new(NULL);
    for (int i = 0; i < n; i++) {
        if (is_null(context, args[i]))
            return;
        g_string_append(all, (const char *)sqlite3_value_text(args[i]));
    }
    sqlite3_result_text(context, all->str, -1, SQLITE_TRANSIENT);
}

static void
strpos(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    if (is_null(context, args[0]) || is_null(context, args[1]))
        return;
    const char *text = (const char *)sqlite3_value_text(args[0]);
    const char *found = strstr(text, (const char *)sqlite3_value_text(args[1]));
    sqlite3_result_int64(context, found != NULL ? g_utf8_pointer_to_offset(text, found) + 1 : 0);
}

static void
regexp_like(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    if (!is_null(context, args[0]) && !is_null(context, args[1]))
        sqlite3_result_int(context,
                           g_regex_match_simple((const char *)sqlite3_value_text(args[1]),
                                                (const char *)sqlite3_value_text(args[0]), 0, 0));
}

/* user data: "+" for the greatest, "-" for the least */
static void
extreme(sqlite3_context *context, int n, sqlite3_value **args)
{
    const char *kind = sqlite3_user_data(context);
    int best = 0, sign = kind[0] == '+' ? 1 : -1;
    for (int i = 0; i < n; i++) {
        if (is_null(context, args[i]))
            return;
        gboolean text = sqlite3_value_type(args[i]) == SQLITE_TEXT;
        int order = text ? strcmp((const char *)sqlite3_value_text(args[i]),
                                  (const char *)sqlite3_value_text(args[best]))
                    : sqlite3_value_double(args[i]) > sqlite3_value_double(args[best]) ? 1
                                                                                       : -1;
        if (i > 0 && order * sign > 0)
            best = i;
    }
    sqlite3_result_value(context, args[best]);
}

/* --- dates --- */

static GDateTime *
read_date(sqlite3_value *value)
{
    g_autofree char *text = g_strdup((const char *)sqlite3_value_text(value));
    if (text == NULL || strlen(text) < 10)
        return NULL;
    g_autofree char *clock = strlen(text) > 11 ? g_strndup(text + 11, 8) : g_strdup("00:00:00");
    text[10] = '\0';
    g_autofree char *full = g_strconcat(text, "T", clock, "Z", NULL);
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    return g_date_time_new_from_iso8601(full, utc);
}

static void
result_date(sqlite3_context *context, GDateTime *time, gboolean with_clock)
{
    result_text(context, g_date_time_format(time, with_clock ? "%Y-%m-%d %H:%M:%S" : "%Y-%m-%d"));
}

static void
date_trunc(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    g_autoptr(GDateTime) time = read_date(args[1]);
    const char *unit = (const char *)sqlite3_value_text(args[0]);
    if (time == NULL || unit == NULL) {
        sqlite3_result_null(context);
        return;
    }
    int year = g_date_time_get_year(time), month = g_date_time_get_month(time);
    int day = g_date_time_get_day_of_month(time), back = 0;
    if (g_ascii_strcasecmp(unit, "week") == 0)
        back = g_date_time_get_day_of_week(time) - 1;
    else if (g_ascii_strcasecmp(unit, "month") == 0)
        day = 1;
    else if (g_ascii_strcasecmp(unit, "quarter") == 0)
        day = 1, month = (month - 1) / 3 * 3 + 1;
    else if (g_ascii_strcasecmp(unit, "year") == 0)
        day = month = 1;
    g_autoptr(GDateTime) first = g_date_time_new_utc(year, month, day, 0, 0, 0);
    g_autoptr(GDateTime) start = g_date_time_add_days(first, -back);
    result_date(context, start, sqlite3_value_bytes(args[1]) > 10);
}

static void
date_add(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    g_autoptr(GDateTime) time = read_date(args[2]);
    const char *unit = (const char *)sqlite3_value_text(args[0]);
    int amount = sqlite3_value_int(args[1]);
    if (time == NULL || unit == NULL) {
        sqlite3_result_null(context);
        return;
    }
    gboolean months = g_ascii_strcasecmp(unit, "month") == 0;
    int days = g_ascii_strcasecmp(unit, "week") == 0 ? amount * 7 : amount;
    g_autoptr(GDateTime) then =
        months ? g_date_time_add_months(time, amount) : g_date_time_add_days(time, days);
    result_date(context, then, sqlite3_value_bytes(args[2]) > 10);
}

static void
date_diff(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    g_autoptr(GDateTime) from = read_date(args[1]);
    g_autoptr(GDateTime) to = read_date(args[2]);
    const char *unit = (const char *)sqlite3_value_text(args[0]);
    if (from == NULL || to == NULL || unit == NULL) {
        sqlite3_result_null(context);
        return;
    }
    gint64 length = g_date_time_difference(to, from);
    gboolean week = g_ascii_strcasecmp(unit, "week") == 0;
    sqlite3_result_int64(context, length / (G_TIME_SPAN_DAY * (week ? 7 : 1)));
}

/* MySQL's letters, which Trino takes here, are those of strftime but for these. */
static void
date_format(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    g_autoptr(GDateTime) time = read_date(args[0]);
    const char *format = (const char *)sqlite3_value_text(args[1]);
    if (time == NULL || format == NULL) {
        sqlite3_result_null(context);
        return;
    }
    g_auto(GStrv) minutes = g_strsplit(format, "%i", -1);
    g_autofree char *swapped = g_strjoinv("%M", minutes);
    result_text(context, g_date_time_format(time, swapped));
}

/* user data: the strftime letter whose number is the result */
static void
date_part(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    g_autoptr(GDateTime) time = read_date(args[0]);
    if (time == NULL) {
        sqlite3_result_null(context);
        return;
    }
    g_autofree char *text = g_date_time_format(time, sqlite3_user_data(context));
    sqlite3_result_int64(context, g_ascii_strtoll(text, NULL, 10));
}

static void
current_date(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    (void)args;
    const gint64 *offset = sqlite3_user_data(context);
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autoptr(GDateTime) moved = g_date_time_add(now, *offset);
    result_date(context, moved, FALSE);
}

void
trino_functions(sqlite3 *db, gint64 clock_offset)
{
    static char greatest[] = "+", least[] = "-", year[] = "%Y", month[] = "%m", weekday[] = "%u";
    const struct {
        const char *name;
        int arguments;
        void (*run)(sqlite3_context *, int, sqlite3_value **);
        void *data;
    } scalars[] = {
        {"concat", -1, concat, NULL},
        {"date_add", 3, date_add, NULL},
        {"date_diff", 3, date_diff, NULL},
        {"date_format", 2, date_format, NULL},
        {"date_trunc", 2, date_trunc, NULL},
        {"day_of_week", 1, date_part, weekday},
        {"greatest", -1, extreme, greatest},
        {"least", -1, extreme, least},
        {"month", 1, date_part, month},
        {"regexp_like", 2, regexp_like, NULL},
        {"strpos", 2, strpos, NULL},
        {"trino_bigint", 3, cast_bigint, NULL},
        {"trino_boolean_text", 3, cast_boolean_text, NULL},
        {"trino_date", 3, cast_date, NULL},
        {"trino_decimal_text", 3, cast_decimal_text, NULL},
        {"trino_double", 3, cast_double, NULL},
        {"trino_double_text", 3, cast_double_text, NULL},
        {"trino_round", 3, cast_decimal, NULL},
        {"trino_text", 3, cast_text, NULL},
        {"year", 1, date_part, year},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(scalars); i++)
        sqlite3_create_function(db, scalars[i].name, scalars[i].arguments, SQLITE_UTF8,
                                scalars[i].data, scalars[i].run, NULL, NULL);
    sqlite3_create_function_v2(db, "trino_current_date", 0, SQLITE_UTF8,
                               g_memdup2(&clock_offset, sizeof clock_offset), current_date, NULL,
                               NULL, g_free);
    sqlite3_create_window_function(db, "sum", 1, SQLITE_UTF8, NULL, sum_step, sum_value, sum_value,
                                   sum_inverse, NULL);
    sqlite3_create_function(db, "count_if", 1, SQLITE_UTF8, NULL, NULL, count_if_step,
                            count_if_final);
}
