/* pause.c: the schedule paused and resumed, by a person or when its time is over. */
#include "engine/desk_private.h"

#include <string.h>

#include "base/error.h"

#define PAUSE_KEY "pause"

void
pause_info_clear(PauseInfo *info)
{
    g_clear_pointer(&info->actor, g_free);
    g_clear_pointer(&info->reason, g_free);
}

/* What is stored: {"actor","reason","since","until"}; the plain sentence of older programs too. */
static gboolean
read_value(Desk *desk, PauseInfo *info)
{
    g_autofree char *value = store_value(desk->store, PAUSE_KEY);
    g_autoptr(cJSON) json = value ? cJSON_Parse(value) : NULL;

    if (!value)
        return FALSE;
    if (!cJSON_IsObject(json)) {
        *info = (PauseInfo){.reason = g_steal_pointer(&value)};
        return TRUE;
    }
    *info = (PauseInfo){.actor = g_strdup(json_string(json, "actor")),
                        .reason = g_strdup(json_string(json, "reason"))};
    info->since = json_int(json, "since", 0);
    info->until = json_int(json, "until", 0);
    return TRUE;
}

static gboolean
is_over(const Desk *desk, const PauseInfo *info)
{
    return info->until && info->until <= clock_now(desk->clock);
}

gboolean
desk_pause_info(Desk *desk, PauseInfo *info)
{
    g_auto(PauseInfo) found = {0};

    if (!read_value(desk, &found) || is_over(desk, &found))
        return FALSE;
    *info = found;
    found = (PauseInfo){0};
    return TRUE;
}

gboolean
desk_paused(Desk *desk, char **who)
{
    g_auto(PauseInfo) info = {0};

    if (!desk_pause_info(desk, &info))
        return FALSE;
    if (!who)
        return TRUE;
    g_autofree char *since = time_iso(info.since, FALSE);
    g_autofree char *until = info.until ? time_iso(info.until, FALSE) : NULL;
    const char *reason = info.reason ? info.reason : "";
    *who = info.actor ? g_strdup_printf("%s since %s%s%s: %s", info.actor, since,
                                        until ? " until " : "", until ? until : "", reason)
                      : g_strdup(reason);
    return TRUE;
}

typedef struct {
    Desk *desk;
    const char *value; /* NULL: not paused any more */
    const char *actor, *kind;
    cJSON *detail; /* borrowed */
} Change;

static gboolean
change_step(Store *store, void *data, GError **error)
{
    const Change *change = data;
    g_autofree char *detail = change->detail ? json_print(change->detail) : NULL;

    return store_value_set(store, PAUSE_KEY, change->value, error) &&
           store_event(store, 0, change->actor, change->kind, NULL, NULL, detail, error);
}

static gboolean
check_pause(Desk *desk, const char *reason, gint64 until, GError **error)
{
    if (!*reason) {
        g_set_error(error, CREDITBOT_ERROR, ERR_USAGE,
                    "a pause needs a reason, which the others see");
        return FALSE;
    }
    if (until && until <= desk_now(desk)) {
        g_autofree char *at = time_iso(until, FALSE);
        g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "a pause cannot end at %s: that is past",
                    at);
        return FALSE;
    }
    return TRUE;
}

gboolean
desk_pause(Desk *desk, const char *reason, gint64 until, GError **error)
{
    g_autofree char *trimmed = g_strstrip(g_strdup(reason ? reason : ""));
    g_autofree char *end = until ? time_iso(until, FALSE) : NULL;

    if (!check_pause(desk, trimmed, until, error))
        return FALSE;
    g_autoptr(cJSON) json = cJSON_CreateObject();
    json_add(json, "actor", desk->actor);
    json_add(json, "reason", trimmed);
    json_add_int(json, "since", desk_now(desk));
    json_add_int(json, "until", until);
    g_autofree char *value = json_print(json);
    g_autoptr(cJSON) detail = cJSON_CreateObject();
    json_add(detail, "reason", trimmed);
    json_add(detail, "until", end);
    Change change = {desk, value, desk->actor, "pause", detail};
    return store_transact(desk->store, change_step, &change, error);
}

gboolean
desk_resume(Desk *desk, GError **error)
{
    Change change = {desk, NULL, desk->actor, "resume", NULL};

    return store_transact(desk->store, change_step, &change, error);
}

/* Looked at within the transaction: of several processes one writes the event. */
static gboolean
end_step(Store *store, void *data, GError **error)
{
    Change *change = data;
    g_auto(PauseInfo) info = {0};

    return !read_value(change->desk, &info) || !is_over(change->desk, &info) ||
           change_step(store, change, error);
}

gboolean
pause_end_due(Desk *desk, GError **error)
{
    g_auto(PauseInfo) info = {0};

    if (!read_value(desk, &info) || !is_over(desk, &info))
        return TRUE;
    g_autoptr(cJSON) detail = cJSON_CreateObject();
    json_add(detail, "why", "the time of the pause is over");
    json_add(detail, "paused_by", info.actor);
    Change change = {desk, NULL, "creditbot", "resume", detail};
    return store_transact(desk->store, end_step, &change, error);
}
