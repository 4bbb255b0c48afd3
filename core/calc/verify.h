/* verify.h: what the parts of the verify calculator share: settings, the plan, the data, the model.
 *
 * The model (verify_model.c and what it calls) is pure: it needs GLib only, does no I/O and gives
 * the same answer for the same input on every run. docs/calculation.md explains the method. */
#ifndef CALC_VERIFY_H
#define CALC_VERIFY_H

#include <glib.h>

/* --- the plan (verify_plan.c) --------------------------------------------------------------- */

typedef enum {
    COLUMN_DAY,
    COLUMN_COUNTRY,
    COLUMN_DETAIL,
    COLUMN_ATTEMPTS,
    COLUMN_CONVERSIONS,
    COLUMN_COST,
    COLUMN_ACCOUNT,
    COLUMN_CURRENCY,
    N_COLUMNS
} VerifyColumn;

/* Where each value stands in a row of the planned statement; -1: not asked for. */
typedef struct {
    char *names[N_COLUMNS]; /* as the statement names them; NULL: not in the data */
    int cell[N_COLUMNS];
    int cell_rows;     /* COUNT(*) */
    int cell_distinct; /* COUNT(DISTINCT account); cell[COLUMN_ACCOUNT] MIN, the next one MAX */
    int n_cells;
} VerifyPlan;

/* The key of [calculator.verify] that lists the column's names: "attempts". Static. */
const char *verify_column_key(VerifyColumn column);
/* aliases[column]: NULL-terminated names. Returns the statement, fills plan; caller frees both.
 * ERR_INPUT when a needed column is missing or two match. */
char *verify_plan_make(const char *sql, const char *const *columns,
                       const char *const *const *aliases, VerifyPlan *plan, GError **error);
void verify_plan_clear(VerifyPlan *plan);

/* --- the data and the model ------------------------------------------------------------------ */

typedef struct {
    double default_rate;   /* usual conversion where nothing else is known */
    double default_spread; /* its standard deviation between countries, in logits */
    double threshold;      /* p-value of each of the two tests of an attack */
    double min_fall;       /* least relative fall of the conversion rate */
    double min_surge;      /* least relative excess of the volume */
    double attacker_share; /* most that the excess may convert, as a share of the baseline */
    double retry_surge;    /* relative excess that users who retry explain in an outage */
    guint min_clean_days;  /* below it the volume does not speak */
    double min_attempts;   /* of a whole segment; below it nothing is credited */
    guint window;          /* newest days that may be credited; 0: all */
} VerifyModelSettings;

typedef enum {
    VERDICT_CLEAN,
    VERDICT_SURGE,    /* business: more volume, usual conversion */
    VERDICT_DELIVERY, /* less conversion, usual volume */
    VERDICT_ATTACK,
    N_VERDICTS
} Verdict;

/* One (segment, day) group. */
typedef struct {
    gint32 day; /* Julian day number */
    gint64 attempts, conversions;
    gint64 cost; /* micro-units */
    /* found by the model */
    double honest; /* honest attempts */
    gint64 credit; /* micro-units */
    guint8 verdict;
} VerifyGroup;

typedef struct {
    const char *country, *detail; /* detail NULL: none. Borrowed */
    VerifyGroup *groups;          /* by day, no day twice */
    guint n_groups;
    /* found by the model */
    double baseline;      /* usual conversion rate */
    guint clean_days;     /* days that the baseline was learned from */
    gboolean no_baseline; /* judged by conversions alone */
    gboolean launched;    /* first seen well after the data begin */
    gboolean attacked;
    double attacker_rate;     /* what its attackers verify, posterior mean */
    double median, low, high; /* fraudulent cost and its 95 % interval, micro-units */
} VerifySegment;

typedef struct {
    VerifySegment *segments;
    guint n_segments;
    gint32 first_day, last_day; /* Julian day numbers of the whole data */
    /* found by the model */
    double low, high;     /* 95 % interval of the credit, micro-units */
    double usual_rate;    /* product-wide rate, mean over segments */
    double attacker_rate; /* what attackers verify, mean over the credit; 0 without an attack */
} VerifyAccount;

void verify_model_run(VerifyAccount *account, const VerifyModelSettings *settings);

#endif
