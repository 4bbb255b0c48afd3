/* verify.c: the native calculator: takes the grouped rows, has the model judge them, adds it up. */
#include "calc/calc_ops.h"
#include "calc/verify.h"
#include "calc/verify_report.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/money.h"

#define VERIFY_VERSION "1.0"
#define CENT           (MONEY_UNIT / 100)
/* Longer data are a mistake in the SQL, and would make the day grid of each segment too long. */
#define MAX_DAYS 1100
#define DAY      (G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC)

/* A segment while rows arrive. */
typedef struct {
    const char *country, *detail;
    GArray *groups; /* VerifyGroup */
} Gathering;

typedef struct {
    VerifyModelSettings model;
    GStrv aliases[N_COLUMNS];
    char *currency;
    gboolean currency_seen;
    VerifyPlan plan;
    GStringChunk *names;
    GHashTable *by_name;   /* "country\x1f" "detail" → Gathering */
    GPtrArray *gatherings; /* Gathering *, owned */
    GHashTable *accounts;  /* set of names */
    gint64 accounts_least; /* the most accounts that one group named */
    gint64 rows;
    gint64 spend;
} Verify;

static void
gathering_free(gpointer data)
{
    Gathering *gathering = data;
    g_array_unref(gathering->groups);
    g_free(gathering);
}

static void
verify_close(void *self)
{
    Verify *verify = self;
    if (!verify)
        return;
    verify_plan_clear(&verify->plan);
    for (int i = 0; i < N_COLUMNS; i++)
        g_strfreev(verify->aliases[i]);
    g_hash_table_unref(verify->by_name);
    g_hash_table_unref(verify->accounts);
    g_ptr_array_unref(verify->gatherings);
    g_string_chunk_free(verify->names);
    g_free(verify->currency);
    g_free(verify);
}

static gboolean input_error(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static gboolean
input_error(GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *message = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, CREDITBOT_ERROR, ERR_INPUT, message);
    return FALSE;
}

/* "2026-09-14" and nothing else → its Julian day number. */
static gboolean
day_parse(const char *text, gint32 *day)
{
    static const char shape[] = "dddd-dd-dd";
    for (gsize i = 0; i < sizeof(shape) - 1; i++) {
        if (shape[i] == 'd' ? !g_ascii_isdigit(text[i]) : text[i] != shape[i])
            return FALSE;
    }
    GDateYear year = (GDateYear)g_ascii_strtoull(text, NULL, 10);
    int month = (text[5] - '0') * 10 + text[6] - '0';
    GDateDay day_of_month = (GDateDay)((text[8] - '0') * 10 + text[9] - '0');
    if (text[10] || !g_date_valid_dmy(day_of_month, (GDateMonth)month, year))
        return FALSE;
    GDate date;
    g_date_clear(&date, 1);
    g_date_set_dmy(&date, day_of_month, (GDateMonth)month, year);
    *day = (gint32)g_date_get_julian(&date);
    return TRUE;
}

typedef struct {
    const char *key;
    gsize offset;
    double low, high; /* exclusive */
} DecimalSetting;

static const DecimalSetting decimals[] = {
    {"default_rate", G_STRUCT_OFFSET(VerifyModelSettings, default_rate), 0, 1},
    {"default_spread", G_STRUCT_OFFSET(VerifyModelSettings, default_spread), 0, 3},
    {"threshold", G_STRUCT_OFFSET(VerifyModelSettings, threshold), 0, 0.5},
    {"min_fall", G_STRUCT_OFFSET(VerifyModelSettings, min_fall), 0, 1},
    {"min_surge", G_STRUCT_OFFSET(VerifyModelSettings, min_surge), 0, 100},
    {"attacker_share", G_STRUCT_OFFSET(VerifyModelSettings, attacker_share), 0, 1},
    {"retry_surge", G_STRUCT_OFFSET(VerifyModelSettings, retry_surge), 0, 100},
};

static gboolean
model_settings_read(VerifyModelSettings *model, const CalcSettings *settings, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(decimals); i++) {
        double value = calc_setting_decimal(settings, decimals[i].key);
        if (value <= decimals[i].low || value >= decimals[i].high) {
            g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG, "[%s] %s must be above %g and below %g",
                        settings->section, decimals[i].key, decimals[i].low, decimals[i].high);
            return FALSE;
        }
        G_STRUCT_MEMBER(double, model, decimals[i].offset) = value;
    }
    model->min_clean_days = (guint)calc_setting_int(settings, "min_clean_days");
    model->min_attempts = (double)calc_setting_int(settings, "min_attempts");
    gint64 window = MAX(calc_setting_duration(settings, "window"), 0);
    model->window = (guint)MIN((window + DAY - 1) / DAY, MAX_DAYS);
    return TRUE;
}

static void *
verify_open(const CalcSettings *settings, GError **error)
{
    VerifyModelSettings model;
    const char *currency = calc_setting_string(settings, "currency");
    if (!model_settings_read(&model, settings, error))
        return NULL;
    if (!currency || !money_currency_valid(currency)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "[%s] currency '%s' is not a code such as USD", settings->section,
                    currency ? currency : "");
        return NULL;
    }
    Verify *verify = g_new0(Verify, 1);
    verify->model = model;
    verify->currency = g_strdup(currency);
    for (int i = 0; i < N_COLUMNS; i++)
        verify->aliases[i] = g_strdupv(
            (GStrv)(guintptr)calc_setting_list(settings, verify_column_key((VerifyColumn)i)));
    verify->names = g_string_chunk_new(4096);
    verify->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    verify->accounts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    verify->gatherings = g_ptr_array_new_with_free_func(gathering_free);
    return verify;
}

static char *
verify_plan(void *self, const char *sql, const char *const *columns, GError **error)
{
    Verify *verify = self;
    return verify_plan_make(sql, columns, (const char *const *const *)verify->aliases,
                            &verify->plan, error);
}

/* Digits, perhaps followed by a zero fraction (a decimal sum): NULL counts as none. */
static gboolean
count_parse(const char *text, const char *what, gint64 *count, GError **error)
{
    *count = 0;
    if (!text)
        return TRUE;
    const char *at = text;
    gboolean fits = TRUE;
    for (; g_ascii_isdigit(*at); at++) {
        if (*count > (G_MAXINT64 - (*at - '0')) / 10)
            fits = FALSE;
        if (fits)
            *count = *count * 10 + (*at - '0');
    }
    gboolean digits = at > text;
    if (digits && *at == '.')
        at += 1 + strspn(at + 1, "0");
    if (!digits || *at)
        return input_error(error, "%s '%.40s' is not a non-negative whole number", what, text);
    if (!fits)
        return input_error(error, "%s %.40s is beyond 9223372036854775807", what, text);
    return TRUE;
}

static const char *
cell_at(const Verify *verify, const char *const *cells, VerifyColumn column)
{
    int at = verify->plan.cell[column];
    return at < 0 ? NULL : cells[at];
}

static gboolean
group_parse(const Verify *verify, const char *const *cells, VerifyGroup *group, GError **error)
{
    const char *cost = cell_at(verify, cells, COLUMN_COST);
    if (!count_parse(cell_at(verify, cells, COLUMN_ATTEMPTS), "attempts", &group->attempts,
                     error) ||
        !count_parse(cell_at(verify, cells, COLUMN_CONVERSIONS), "conversions", &group->conversions,
                     error))
        return FALSE;
    if (group->conversions > group->attempts)
        return input_error(error,
                           "%" G_GINT64_FORMAT " conversions of %" G_GINT64_FORMAT
                           " attempts; check the columns",
                           group->conversions, group->attempts);
    if (cost && !money_parse(cost, FALSE, &group->cost, error)) {
        g_prefix_error(error, "cost: ");
        return FALSE;
    }
    if (group->cost < 0)
        return input_error(error, "cost %.40s is negative", cost);
    return TRUE;
}

static Gathering *
gathering_of(Verify *verify, const char *country, const char *detail)
{
    g_autofree char *key = g_strconcat(country, "\x1f", detail ? detail : "", NULL);
    Gathering *gathering = g_hash_table_lookup(verify->by_name, key);
    if (gathering)
        return gathering;
    gathering = g_new0(Gathering, 1);
    gathering->country = g_string_chunk_insert_const(verify->names, country);
    gathering->detail = detail ? g_string_chunk_insert_const(verify->names, detail) : NULL;
    gathering->groups = g_array_new(FALSE, TRUE, sizeof(VerifyGroup));
    g_ptr_array_add(verify->gatherings, gathering);
    g_hash_table_insert(verify->by_name, g_steal_pointer(&key), gathering);
    return gathering;
}

static gboolean
currency_feed(Verify *verify, const char *currency, GError **error)
{
    if (!currency || strcmp(currency, "(none)") == 0 ||
        (verify->currency_seen && strcmp(currency, verify->currency) == 0))
        return TRUE;
    g_autofree char *code = g_ascii_strup(currency, -1);
    if (!money_currency_valid(code))
        return input_error(error, "currency '%.40s' is not a code such as USD", currency);
    if (verify->currency_seen && strcmp(verify->currency, code) != 0)
        return input_error(error, "the data mix the currencies %s and %s; calculate each by itself",
                           verify->currency, code);
    verify->currency_seen = TRUE;
    g_free(verify->currency);
    verify->currency = g_steal_pointer(&code);
    return TRUE;
}

static gboolean
account_feed(Verify *verify, const char *const *cells, GError **error)
{
    int at = verify->plan.cell[COLUMN_ACCOUNT];
    gint64 distinct;
    if (at < 0)
        return TRUE;
    if (!count_parse(cells[verify->plan.cell_distinct], "accounts", &distinct, error))
        return FALSE;
    verify->accounts_least = MAX(verify->accounts_least, distinct);
    for (int i = at; i < at + 2; i++) {
        if (cells[i])
            g_hash_table_add(verify->accounts, g_strdup(cells[i]));
    }
    return TRUE;
}

static gboolean
totals_feed(Verify *verify, const char *rows, gint64 cost, GError **error)
{
    gint64 count;
    if (!count_parse(rows, "rows", &count, error))
        return FALSE;
    if (__builtin_add_overflow(verify->rows, count, &verify->rows))
        return input_error(error, "the number of rows is beyond 9223372036854775807");
    if (__builtin_add_overflow(verify->spend, cost, &verify->spend))
        return input_error(error, "the costs add up to more than 9223372036854.775807 %s",
                           verify->currency);
    return TRUE;
}

static gboolean
verify_feed(void *self, const char *const *cells, gsize n, GError **error)
{
    Verify *verify = self;
    VerifyGroup group = {0};
    if (verify->plan.n_cells == 0 || n != (gsize)verify->plan.n_cells)
        return input_error(error,
                           "a row of the planned statement has %d cells, this one %" G_GSIZE_FORMAT,
                           verify->plan.n_cells, n);
    const char *day = cell_at(verify, cells, COLUMN_DAY);
    const char *country = cell_at(verify, cells, COLUMN_COUNTRY);
    const char *detail = cell_at(verify, cells, COLUMN_DETAIL);
    const char *rows = cells[verify->plan.cell_rows];
    country = country ? country : "(none)";
    if (verify->plan.cell[COLUMN_DETAIL] >= 0 && !detail)
        detail = "(none)";
    if (!day)
        return input_error(error, "%s rows of %.40s have no day; the SQL must give every row one",
                           rows ? rows : "some", country);
    if (!day_parse(day, &group.day))
        return input_error(error, "day '%.40s' of %.40s is not a calendar day such as 2026-09-14",
                           day, country);
    if (!group_parse(verify, cells, &group, error)) {
        g_prefix_error(error, "%.40s on %s: ", country, day);
        return FALSE;
    }
    if (!currency_feed(verify, cell_at(verify, cells, COLUMN_CURRENCY), error) ||
        !account_feed(verify, cells, error) || !totals_feed(verify, rows, group.cost, error))
        return FALSE;
    g_array_append_val(gathering_of(verify, country, detail)->groups, group);
    return TRUE;
}

static int
group_order(gconstpointer a, gconstpointer b)
{
    gint32 x = ((const VerifyGroup *)a)->day, y = ((const VerifyGroup *)b)->day;
    return (x > y) - (x < y);
}

static int
gathering_order(gconstpointer a, gconstpointer b)
{
    const Gathering *x = *(Gathering *const *)a, *y = *(Gathering *const *)b;
    int order = strcmp(x->country, y->country);
    return order ? order : g_strcmp0(x->detail, y->detail);
}

static gboolean
gathering_check(const Gathering *gathering, VerifyAccount *account, GError **error)
{
    for (guint i = 0; i < gathering->groups->len; i++) {
        gint32 day = g_array_index(gathering->groups, VerifyGroup, i).day;
        account->first_day = MIN(account->first_day, day);
        account->last_day = MAX(account->last_day, day);
        if (i > 0 && day == g_array_index(gathering->groups, VerifyGroup, i - 1).day) {
            g_autofree char *name = verify_day_name(day);
            return input_error(error, "%s %s has two groups on %s", gathering->country,
                               gathering->detail ? gathering->detail : "", name);
        }
    }
    return TRUE;
}

/* The gathered groups as the model wants them; the segments borrow the arrays. */
static gboolean
account_make(Verify *verify, VerifyAccount *account, GError **error)
{
    *account = (VerifyAccount){.first_day = G_MAXINT32, .last_day = G_MININT32};
    if (verify->gatherings->len == 0)
        return input_error(error, "the SQL returned no rows; nothing can be said about a credit");
    g_ptr_array_sort(verify->gatherings, gathering_order);
    for (guint i = 0; i < verify->gatherings->len; i++) {
        Gathering *gathering = g_ptr_array_index(verify->gatherings, i);
        g_array_sort(gathering->groups, group_order);
        if (!gathering_check(gathering, account, error))
            return FALSE;
    }
    if (account->last_day - account->first_day >= MAX_DAYS)
        return input_error(error, "the data span %d days; the calculator takes at most %d",
                           account->last_day - account->first_day + 1, MAX_DAYS);
    account->n_segments = verify->gatherings->len;
    account->segments = g_new0(VerifySegment, account->n_segments);
    for (guint i = 0; i < account->n_segments; i++) {
        Gathering *gathering = g_ptr_array_index(verify->gatherings, i);
        account->segments[i].country = gathering->country;
        account->segments[i].detail = gathering->detail;
        account->segments[i].groups = (VerifyGroup *)(gpointer)gathering->groups->data;
        account->segments[i].n_groups = gathering->groups->len;
    }
    return TRUE;
}

static char *
customer_name(const Verify *verify)
{
    gint64 known = g_hash_table_size(verify->accounts);
    if (known == 0)
        return NULL;
    if (verify->accounts_least > known)
        return g_strdup_printf("at least %" G_GINT64_FORMAT " accounts", verify->accounts_least);
    if (known > 1)
        return g_strdup_printf("%s%" G_GINT64_FORMAT " accounts",
                               verify->accounts_least > 2 ? "at least " : "", known);
    GHashTableIter iter;
    gpointer name = NULL;
    g_hash_table_iter_init(&iter, verify->accounts);
    g_hash_table_iter_next(&iter, &name, NULL);
    return g_strdup(name);
}

/* The model's double, within what an amount can hold and what was spent. */
static gint64
bound_to_spend(double micro, gint64 spend)
{
    if (!(micro > 0))
        return 0;
    return micro >= (double)spend ? spend : (gint64)micro;
}

/* The amount is the exact sum of the segments' credits, rounded once. */
static gboolean
amounts_fill(CalcResult *result, const VerifyAccount *account, GError **error)
{
    gint64 sum = 0;
    for (guint i = 0; i < result->segments->len; i++) {
        const CalcSegment *segment = g_ptr_array_index(result->segments, i);
        if (!money_add(sum, segment->credit, &sum, error))
            return FALSE;
    }
    gint64 low = MIN(bound_to_spend(account->low, result->spend), sum);
    gint64 high = MAX(bound_to_spend(account->high, result->spend), sum);
    return money_round(sum, CENT, &result->amount, error) &&
           money_round(low, CENT, &result->low, error) &&
           money_round(high, CENT, &result->high, error);
}

static void
segments_fill(CalcResult *result, const VerifyAccount *account)
{
    for (guint i = 0; i < account->n_segments; i++) {
        const VerifySegment *from = &account->segments[i];
        for (guint j = 0; j < from->n_groups; j++) {
            const VerifyGroup *group = &from->groups[j];
            CalcSegment *to = g_new0(CalcSegment, 1);
            to->country = g_strdup(from->country);
            to->detail = g_strdup(from->detail);
            to->day = verify_day_name(group->day);
            to->attempts = group->attempts;
            to->conversions = group->conversions;
            to->cost = group->cost;
            to->baseline = from->baseline;
            to->expected = group->honest;
            to->attacked = group->verdict == VERDICT_ATTACK;
            to->credit = group->credit;
            g_ptr_array_add(result->segments, to);
        }
    }
}

static CalcResult *
verify_finish(void *self, GError **error)
{
    Verify *verify = self;
    VerifyAccount account;
    g_autoptr(CalcResult) result = calc_result_new();
    if (!account_make(verify, &account, error))
        return NULL;
    verify_model_run(&account, &verify->model);
    result->customer = customer_name(verify);
    result->currency = g_strdup(verify->currency);
    result->spend = verify->spend;
    result->rows = verify->rows;
    result->first_day = verify_day_name(account.first_day);
    result->last_day = verify_day_name(account.last_day);
    segments_fill(result, &account);
    gboolean ok = amounts_fill(result, &account, error);
    if (ok)
        verify_report(result, &account, &verify->model, &verify->plan);
    g_free(account.segments);
    return ok ? g_steal_pointer(&result) : NULL;
}

const struct calc_ops calc_verify_ops = {
    .name = "verify",
    .version = VERIFY_VERSION,
    .open = verify_open,
    .close = verify_close,
    .plan = verify_plan,
    .feed = verify_feed,
    .finish = verify_finish,
};
