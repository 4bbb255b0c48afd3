/* once.c: one calculation for whoever asks; nothing is stored, nothing is posted. */
#include "engine/desk_private.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "services/sql_guard.h"

static char *
sql_of_url(Desk *desk, const CalcAsk *ask, Cancel *cancel, GError **error)
{
    const char *base = config_string(desk->config, "looker", "base_url");
    g_autofree char *why = NULL;
    g_auto(GStrv) choices = NULL;

    if (!base || !*base) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "[looker] base_url is not set: set it in the configuration");
        return NULL;
    }
    g_autoptr(Link) link = link_parse(ask->looker_url, base, &why);
    if (!link || !link->ref) {
        g_set_error(error, CREDITBOT_ERROR, ERR_INPUT,
                    "that is no Looker link that carries a query: %s", why ? why : ask->looker_url);
        return NULL;
    }
    if (ask->progress)
        ask->progress("fetching SQL", -1, 0, ask->data);
    g_autoptr(LookerSql) found = resolve_fetch(desk, link, &choices, cancel, error);
    return found ? g_steal_pointer(&found->sql) : NULL;
}

/* The one that matches, or for a file of SQL without a match the first that is calculated. */
static char *
product_of(Desk *desk, const CalcAsk *ask, const char *sql, GError **error)
{
    const char *product = ask->product ? ask->product : calc_product_of(desk->config, sql);

    if (product && !calc_product_ignored(desk->config, product))
        return g_strdup(product);
    g_auto(GStrv) sections = config_sections(desk->config, "product.");
    for (gsize i = 0; !product && ask->sql && sections[i]; i++) {
        const char *name = sections[i] + strlen("product.");

        if (!calc_product_ignored(desk->config, name))
            return g_strdup(name);
    }
    g_set_error(error, CREDITBOT_ERROR, ERR_INPUT, "the SQL is about %s, which is not handled here",
                product ? product : "no product that is configured ([product.*] match)");
    return NULL;
}

CalcResult *
desk_calc(Desk *desk, const CalcAsk *ask, char **sql_sha256, Cancel *cancel, GError **error)
{
    g_autofree char *raw =
        ask->looker_url ? sql_of_url(desk, ask, cancel, error) : looker_trim_sql(ask->sql);
    g_autofree char *sql = NULL;
    CalcAsk copy = *ask;

    if (!raw || !sql_guard(raw, &sql, error))
        return NULL;
    g_autofree char *product = product_of(desk, ask, sql, error);
    if (!product)
        return NULL;
    CalcResult *result = calculate_sql(desk, sql, product, NULL, NULL, &copy, NULL, cancel, error);
    if (result && sql_sha256)
        *sql_sha256 = text_sha256(sql, strlen(sql));
    return result;
}
