/* resolve.c: from a link to the SQL behind it, guarded, and the product that it is about. */
#include "engine/desk_private.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "services/sql_guard.h"

static gboolean
is_wanted_product(const char *sql, void *data)
{
    const Desk *desk = data;
    const char *product = calc_product_of(desk->config, sql);

    return product && !calc_product_ignored(desk->config, product);
}

LookerSql *
resolve_fetch(Desk *desk, const Link *link, char ***choices, Cancel *cancel, GError **error)
{
    Looker *looker = desk_looker(desk, error);

    if (!looker)
        return NULL;
    g_autoptr(LookerSql) found =
        looker_fetch(looker, link, is_wanted_product, desk, choices, cancel, error);
    if (!found)
        return NULL;
    char *clean = NULL;
    if (!sql_guard(found->sql, &clean, error)) {
        g_prefix_error(error,
                       "The SQL behind %s is refused: ", found->ref ? found->ref : link->url);
        return NULL;
    }
    g_free(found->sql);
    found->sql = clean;
    return g_steal_pointer(&found);
}

static void
replace(char **slot, char *value)
{
    g_free(*slot);
    *slot = value;
}

/* A correction asks nobody in the thread, and is never ignored: it fails, and a person decides. */
static gboolean
no_answer(const Request *request, const char *why, GError **error)
{
    g_set_error(error, CREDITBOT_ERROR, ERR_INPUT,
                "the link of request %" G_GINT64_FORMAT
                " no longer gives what its correction could be worked out from (%s); set the "
                "amount by hand, or reject the correction",
                request->corrects, why);
    return FALSE;
}

/* Several tiles match: the thread is asked which one. One that depends on the dashboard's filters:
 * it is asked for a link that holds them. */
static gboolean
choose_tile(Desk *desk, Request *request, char **choices, GError **error)
{
    g_autofree char *list = g_strjoinv("; ", choices);

    if (request->corrects)
        return no_answer(request, list, error);
    replace(&request->note, g_strdup_printf("%s%s", choices[1] ? NOTE_TILES : NOTE_FILTERS, list));
    cJSON *detail = cJSON_CreateObject();
    json_add(detail, "tiles", list);
    return state_change(desk->store, request, STATE_NEEDS_LINK, "creditbot", "state", detail,
                        desk_now(desk), error);
}

static gboolean
ignore(Desk *desk, Request *request, const char *product, GError **error)
{
    if (request->corrects)
        return no_answer(request, product ? product : "no product that is configured", error);
    cJSON *detail = cJSON_CreateObject();
    replace(&request->product, g_strdup(product));
    if (product)
        replace(&request->note, g_strdup_printf("product %s is not handled here", product));
    else
        replace(&request->note, g_strdup("the SQL is about no product that is configured"));
    json_add(detail, "why", request->note);
    return state_change(desk->store, request, STATE_IGNORED, "creditbot", "state", detail,
                        desk_now(desk), error);
}

/* The name of who asks, for people; a workspace that does not tell is no failure. */
void
resolve_requester(Desk *desk, Request *request, Cancel *cancel)
{
    g_autoptr(GError) error = NULL;

    if (request->requester_name || !request->requester)
        return;
    g_autofree char *key = g_strconcat("name:", request->requester, NULL);
    request->requester_name = store_value(desk->store, key);
    if (request->requester_name)
        return;
    Slack *slack = desk_slack(desk, &error);
    if (slack)
        request->requester_name = slack_user_name(slack, request->requester, cancel, &error);
    if (request->requester_name)
        store_value_set(desk->store, key, request->requester_name, NULL);
    else if (error)
        log_write(desk->log, LOG_LEVEL_DEBUG, "slack", "no name for %s: %s", request->requester,
                  error->message);
}

gboolean
resolve_request(Desk *desk, Request *request, Progress *progress, Cancel *cancel, GError **error)
{
    LinkKind kind = LINK_NONE;
    g_auto(GStrv) choices = NULL;

    if (!request->link_ref || !link_kind_parse(request->link_kind, &kind)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_ILLEGAL,
                    "request %" G_GINT64_FORMAT " has no Looker link", request->id);
        return FALSE;
    }
    work_progress(desk, progress, "fetching SQL", NULL);
    resolve_requester(desk, request, cancel);
    Link link = {.kind = kind, .url = request->link_url, .ref = request->link_ref};
    g_autoptr(GError) local = NULL;
    g_autoptr(LookerSql) found = resolve_fetch(desk, &link, &choices, cancel, &local);
    if (!found && choices)
        return choose_tile(desk, request, choices, error);
    if (!found) {
        g_propagate_error(error, g_steal_pointer(&local));
        return FALSE;
    }
    const char *product = calc_product_of(desk->config, found->sql);
    replace(&request->sql, g_steal_pointer(&found->sql));
    replace(&request->sql_sha256, text_sha256(request->sql, strlen(request->sql)));
    replace(&request->title, g_steal_pointer(&found->title));
    if (!product || calc_product_ignored(desk->config, product))
        return ignore(desk, request, product, error);
    replace(&request->product, g_strdup(product));
    if (!request->corrects) /* its note says what it corrects */
        replace(&request->note, NULL);
    cJSON *detail = cJSON_CreateObject();
    json_add(detail, "sql_sha256", request->sql_sha256);
    json_add(detail, "source", found->ref);
    return state_change(desk->store, request, STATE_RESOLVED, "creditbot", "state", detail,
                        desk_now(desk), error);
}
