/* calc.c: the one door to all calculators: finds the one a product names and passes the calls on.
 */
#include "calc/calc.h"
#include "calc/calc_ops.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

static const struct calc_ops *const calculators[] = {
    &calc_verify_ops,
};

struct Calc {
    const struct calc_ops *ops;
    void *self;
    char *product;
    Config *overrides;
};

static const struct calc_ops *
calculator_find(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(calculators); i++) {
        if (strcmp(calculators[i]->name, name) == 0)
            return calculators[i];
    }
    return NULL;
}

static const char *
no_environment(const char *name)
{
    (void)name;
    return NULL;
}

/* What cannot be shown as it is would be shown as something else than what it does. */
static gboolean
override_is_plain(const char *key, const char *value, GError **error)
{
    g_autofree char *shown = text_printable(value, -1, TEXT_LINE);
    g_autofree char *name = text_printable(key, -1, TEXT_LINE);
    if (strcmp(shown, value) == 0 && strcmp(name, key) == 0)
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                "parameters of this run: %.60s holds control characters or is not UTF-8", name);
    return FALSE;
}

/* The overrides as a configuration of their own, so that they are checked by the same table. */
static Config *
overrides_parse(const char *section, GHashTable *overrides, GError **error)
{
    g_autoptr(Config) config = config_parse("", "parameters of this run", no_environment, error);
    GHashTableIter iter;
    gpointer key, value;
    g_hash_table_iter_init(&iter, overrides);
    while (config && g_hash_table_iter_next(&iter, &key, &value)) {
        if (!override_is_plain(key, value, error) ||
            !config_set(config, section, key, value, error))
            return NULL;
    }
    return g_steal_pointer(&config);
}

static const Config *
setting_source(const CalcSettings *settings, const char *key)
{
    if (settings->overrides && config_is_set(settings->overrides, settings->section, key))
        return settings->overrides;
    return settings->config;
}

const char *
calc_setting_string(const CalcSettings *settings, const char *key)
{
    return config_string(setting_source(settings, key), settings->section, key);
}

gint64
calc_setting_int(const CalcSettings *settings, const char *key)
{
    return config_int(setting_source(settings, key), settings->section, key);
}

gint64
calc_setting_duration(const CalcSettings *settings, const char *key)
{
    return config_duration(setting_source(settings, key), settings->section, key);
}

double
calc_setting_decimal(const CalcSettings *settings, const char *key)
{
    gint64 micro = config_amount(setting_source(settings, key), settings->section, key);
    return micro < 0 ? -1.0 : (double)micro / 1e6;
}

const char *const *
calc_setting_list(const CalcSettings *settings, const char *key)
{
    return config_list(setting_source(settings, key), settings->section, key);
}

static const struct calc_ops *
calculator_of_product(const Config *config, const char *product, GError **error)
{
    g_autofree char *section = g_strdup_printf("product.%s", product);
    const char *name = config_string(config, section, "calculator");
    const struct calc_ops *ops = calculator_find(name ? name : product);
    if (!ops)
        g_set_error(
            error, CREDITBOT_ERROR, ERR_CONFIG,
            "product '%s' names a calculator that this build does not have ('%s'); set [%s] "
            "calculator=verify",
            product, name ? name : "none", section);
    return ops;
}

Calc *
calc_new(const Config *config, const char *product, GHashTable *overrides, GError **error)
{
    const struct calc_ops *ops = calculator_of_product(config, product, error);
    if (!ops)
        return NULL;
    g_autofree char *section = g_strdup_printf("calculator.%s", ops->name);
    g_autoptr(Config) extra = NULL;
    if (overrides && g_hash_table_size(overrides) > 0) {
        extra = overrides_parse(section, overrides, error);
        if (!extra)
            return NULL;
    }
    CalcSettings settings = {.config = config, .overrides = extra, .section = section};
    void *self = ops->open(&settings, error);
    if (!self)
        return NULL;
    Calc *calc = g_new0(Calc, 1);
    calc->ops = ops;
    calc->self = self;
    calc->product = g_strdup(product);
    calc->overrides = g_steal_pointer(&extra);
    return calc;
}

void
calc_free(Calc *calc)
{
    if (!calc)
        return;
    calc->ops->close(calc->self);
    config_free(calc->overrides);
    g_free(calc->product);
    g_free(calc);
}

char *
calc_plan(Calc *calc, const char *sql, const char *const *columns, GError **error)
{
    return calc->ops->plan(calc->self, sql, columns, error);
}

gboolean
calc_feed(Calc *calc, const char *const *cells, gsize n, GError **error)
{
    return calc->ops->feed(calc->self, cells, n, error);
}

CalcResult *
calc_finish(Calc *calc, GError **error)
{
    CalcResult *result = calc->ops->finish(calc->self, error);
    if (!result)
        return NULL;
    result->calculator = g_strdup(calc->ops->name);
    result->version = g_strdup(calc->ops->version);
    result->product = g_strdup(calc->product);
    return result;
}
