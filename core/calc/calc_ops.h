/* calc_ops.h: what a calculator implements; calc.c dispatches to it through one table. */
#ifndef CALC_CALC_OPS_H
#define CALC_CALC_OPS_H

#include "calc/calc.h"

/* The values that a calculator reads its settings from: [calculator.NAME] with this run's overrides
 * before it. Borrowed pointers. */
typedef struct {
    const Config *config;
    const Config *overrides; /* NULL: none */
    const char *section;     /* "calculator.verify" */
} CalcSettings;

const char *calc_setting_string(const CalcSettings *settings, const char *key);
gint64 calc_setting_int(const CalcSettings *settings, const char *key);
gint64 calc_setting_duration(const CalcSettings *settings, const char *key);
/* A decimal that the table holds as an amount ("0.65"), as a plain number; -1 when unset. */
double calc_setting_decimal(const CalcSettings *settings, const char *key);
const char *const *calc_setting_list(const CalcSettings *settings, const char *key);

struct calc_ops {
    const char *name;    /* [product.X] calculator=, and the section [calculator.NAME] */
    const char *version; /* changes whenever the same rows could give another amount */
    void *(*open)(const CalcSettings *settings, GError **error);
    void (*close)(void *self);
    char *(*plan)(void *self, const char *sql, const char *const *columns, GError **error);
    gboolean (*feed)(void *self, const char *const *cells, gsize n, GError **error);
    /* The caller fills calculator, version and product. */
    CalcResult *(*finish)(void *self, GError **error);
};

extern const struct calc_ops calc_verify_ops;

#endif
