/* fresh.c: how old the evidence of a run is, and when it is too old to be approved. */
#include "engine/desk_private.h"

#include <string.h>

#include "base/error.h"

#define DAY        (24 * (gint64)3600 * G_USEC_PER_SEC)
#define CHAIN_MOST 1000 /* of amounts set by hand, one upon another */

/* When the run that lies beneath amounts set by hand was calculated: those make it no younger. */
static gboolean
calculated_at(Desk *desk, const Run *run, gint64 *at, GError **error)
{
    g_autoptr(Run) base = NULL;
    gint64 request_id, number;

    for (guint i = 0; i < CHAIN_MOST && override_from(base ? base : run, &request_id, &number);
         i++) {
        Run *before = store_run_by_number(desk->store, request_id, number, error);

        run_free(base);
        base = before;
        if (!base)
            return FALSE;
    }
    *at = (base ? base : run)->finished_at;
    return TRUE;
}

/* When the newest day that a result is made of ended; 0: it names none. */
static gint64
newest_day_end(const Run *run)
{
    g_autoptr(cJSON) json = run->result ? cJSON_Parse(run->result) : NULL;
    g_autoptr(CalcResult) result = json ? calc_result_from_json(json, NULL) : NULL;
    g_autofree char *noon =
        result && result->last_day ? g_strdup_printf("%.10sT00:00:00Z", result->last_day) : NULL;
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) day = noon ? g_date_time_new_from_iso8601(noon, utc) : NULL;

    return day ? g_date_time_to_unix(day) * G_USEC_PER_SEC + DAY : 0;
}

static char *
too_old(const char *what, gint64 age, gint64 most, const char *key)
{
    g_autofree char *is = duration_short(age);
    g_autofree char *may = duration_short(most);

    return g_strdup_printf("stale: %s is %s old ([approval] %s is %s); rerun it first", what, is,
                           key, may);
}

gboolean
fresh_words(Desk *desk, const Run *run, char **words, GError **error)
{
    gint64 run_most = config_duration(desk->config, "approval", "run_max_age");
    gint64 data_most = config_duration(desk->config, "approval", "data_max_age");
    gint64 now = desk_now(desk), at = now;

    *words = NULL;
    if (run_most > 0 && !calculated_at(desk, run, &at, error))
        return FALSE;
    gint64 end = data_most > 0 ? newest_day_end(run) : now;
    if (run_most > 0 && now - at > run_most)
        *words = too_old("the run", now - at, run_most, "run_max_age");
    else if (!end)
        *words = g_strdup("stale: the result does not say how new its data is ([approval] "
                          "data_max_age is set); rerun it first");
    else if (data_most > 0 && now - end > data_most)
        *words = too_old("the newest day of the data", now - end, data_most, "data_max_age");
    return TRUE;
}
