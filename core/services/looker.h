/* looker.h: Looker API 4.0 (specs/Looker.4.0.json; protocols.md 2): from a link to the SQL behind
 * it.
 *
 * Thread-safe. The token is kept, renewed before it expires and once on 401. */
#ifndef SERVICES_LOOKER_H
#define SERVICES_LOOKER_H

#include <glib.h>
#include "net/http.h"
#include "services/link.h"

typedef struct Looker Looker;

typedef struct {
    const char *api_url; /* https://looker.example.com/api/4.0 */
    const char *client_id, *client_secret;
    gint64 timeout;
} LookerOptions;

Looker *looker_new(Http *http, const LookerOptions *options, Log *log);
void looker_free(Looker *looker);

/* Logs in and asks who we are (GET /user): for doctor. *who: display name. Caller frees. */
gboolean looker_check(Looker *looker, char **who, Cancel *cancel, GError **error);

typedef struct {
    char
        *sql; /* trimmed: leading comments of Looker's, statements for totals and the ';' are cut */
    char *title; /* of the look, tile or query; NULL when it has none */
    char *model; /* NULL when unknown */
    char *ref;   /* what was fetched: "look 8841", "query abc…", "dashboard 12 tile 'Attempts'" */
} LookerSql;
void looker_sql_free(LookerSql *sql);

/* TRUE when the tile's SQL is one of a product's; for choosing on a dashboard. */
typedef gboolean (*LookerMatch)(const char *sql, void *data);

/* The SQL behind a link, without Looker's row limit. A dashboard: its tiles' SQL, the only one that
 * match accepts; several: ERR_REFUSED with *choices (caller frees, g_strfreev) listing their
 * titles; none: the SQL of the only tile that has one, else ERR_NOT_FOUND with the titles.
 * A tile that listens to a dashboard filter is ERR_REFUSED with its title alone in *choices:
 * Looker's SQL for it leaves the filter out, so its sum would be another than the one people see.
 */
LookerSql *looker_fetch(Looker *looker, const Link *link, LookerMatch match, void *data,
                        char ***choices, Cancel *cancel, GError **error);

/* Cuts Looker's leading comments, appended totals statements and one trailing ';'. Caller frees. */
char *looker_trim_sql(const char *sql);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Looker, looker_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LookerSql, looker_sql_free)

#endif
