/* calc.h: the one interface of all calculators, and what they return.
 *
 * A calculator plans a query over the fetched SQL (grouping is pushed down to the warehouse), takes
 * the grouped rows one by one as text cells, and works out the credit. It does no I/O: the engine
 * runs the query. Bounded by the number of groups, never by the rows behind them. */
#ifndef CALC_CALC_H
#define CALC_CALC_H

#include <glib.h>
#include <cjson/cJSON.h>
#include "base/config.h"
#include "base/json.h"

/* One day of one segment. Owned by its CalcResult. */
typedef struct {
    char *country; /* "AZ"; "(none)" when NULL in the data */
    char *detail;  /* prefix or carrier; NULL when the data has none */
    char *day;     /* "2026-09-14" */
    gint64 attempts;
    gint64 conversions;
    gint64 cost;     /* micro-units */
    double baseline; /* usual conversion rate of the segment, 0 to 1 */
    double expected; /* honest attempts estimated for the day */
    gboolean attacked;
    gint64 credit; /* micro-units */
} CalcSegment;

typedef struct {
    char *calculator; /* "verify" */
    char *version;    /* "1.0" */
    char *product;    /* "verify" */
    char *customer;   /* account as the data names it; NULL when it does not; "3 accounts" */
    char *currency;
    gint64 amount;    /* micro-units, rounded half-even to cents */
    gint64 low, high; /* the 95 % interval, micro-units */
    gint64 spend;     /* whole cost in the data, micro-units */
    gint64 rows;      /* rows behind the groups (COUNT(*)) */
    char *first_day, *last_day;
    guint clean_days;    /* days that the baselines were learned from, median over segments */
    GPtrArray *segments; /* CalcSegment *, by country, detail, day */
    GPtrArray *reasons;  /* char *: plain sentences that explain the amount */
    GPtrArray
        *unusual;      /* char *: two words each ("new country", "few clean days", "partial day") */
    cJSON *parameters; /* thresholds and columns that were used */
} CalcResult;

CalcResult *calc_result_new(void); /* empty lists, zeros; for calculators and tests */
void calc_result_free(CalcResult *result);
/* The shape of `calc --json` (design.md 5) without sql_sha256, which the engine adds; round-trips.
 * Extra members: customer, version, parameters, unusual, spend, first_day, last_day, clean_days. */
cJSON *calc_result_to_json(const CalcResult *result);
CalcResult *calc_result_from_json(const cJSON *json, GError **error);

typedef struct Calc Calc;

/* A calculator for a product: looks up [product.PRODUCT] calculator=NAME and [calculator.NAME].
 * overrides (may be NULL): key → value strings that replace [calculator.NAME] keys for this run
 * (window, threshold), checked as the configuration is. */
Calc *calc_new(const Config *config, const char *product, GHashTable *overrides, GError **error);
void calc_free(Calc *calc);

/* Names and types of the columns of the fetched SQL → the statement to run. sql has passed the SQL
 * guard. The statement runs unchanged on Trino, Presto and SQLite. A missing column is ERR_INPUT
 * and lists the columns found. Caller frees. */
char *calc_plan(Calc *calc, const char *sql, const char *const *columns, GError **error);
/* One row of the planned statement; cells may be NULL. Called in row order from one thread. */
gboolean calc_feed(Calc *calc, const char *const *cells, gsize n, GError **error);
CalcResult *calc_finish(Calc *calc, GError **error);

/* The product ([product.NAME] match=) whose text stands in the SQL outside comments and string… see
 * calc/product.c; NULL when none matches. Borrowed from config. */
const char *calc_product_of(const Config *config, const char *sql);
/* TRUE when [product.NAME] action=ignore. */
gboolean calc_product_ignored(const Config *config, const char *product);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CalcResult, calc_result_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Calc, calc_free)

#endif
