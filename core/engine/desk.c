/* desk.c: opens the desk: the state, the operator's identity, and the services when first used. */
#include "engine/desk_private.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

static char *
name_of_uid(gint64 uid)
{
    char buffer[4096];
    struct passwd entry, *found = NULL;

    if (getpwuid_r((uid_t)uid, &entry, buffer, sizeof buffer, &found) == 0 && found)
        return g_strdup(found->pw_name);
    return g_strdup_printf("uid-%" G_GINT64_FORMAT, uid);
}

static gboolean
open_stores(Desk *desk, GError **error)
{
    const char *url = config_string(desk->config, "store", "url");
    const char *group = config_string(desk->config, "store", "group");

    desk->state_dir = config_state_dir(desk->config, error);
    if (!desk->state_dir)
        return FALSE;
    g_autofree char *path = store_path(url, desk->state_dir, error);
    if (!path)
        return FALSE;
    StoreOptions options = {.path = path,
                            .group = group,
                            .read_only = desk->read_only,
                            .relaxed = desk->relaxed,
                            .migrating = desk->migrating,
                            .clock = desk->clock};
    desk->store = store_open(&options, error);
    return desk->store != NULL;
}

Desk *
desk_new(const DeskOptions *options)
{
    Desk *desk = g_new0(Desk, 1);

    g_mutex_init(&desk->services_lock);
    g_mutex_init(&desk->work_lock);
    g_cond_init(&desk->work_changed);
    desk->working = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    desk->config = options->config;
    desk->log = options->log;
    desk->clock = options->clock;
    desk->read_only = options->read_only;
    desk->relaxed = options->relaxed;
    desk->migrating = options->migrating;
    desk->uid = options->uid >= 0 ? options->uid : (gint64)getuid();
    desk->actor = options->actor ? g_strdup(options->actor) : name_of_uid(desk->uid);
    return desk;
}

Desk *
desk_open(const DeskOptions *options, GError **error)
{
    g_autoptr(Desk) desk = desk_new(options);
    g_autoptr(GError) local = NULL;

    if (!policy_check(options->config, &local) || !open_stores(desk, &local)) {
        g_propagate_error(error, g_steal_pointer(&local));
        return NULL;
    }
    return g_steal_pointer(&desk);
}

void
desk_close(Desk *desk)
{
    if (!desk)
        return;
    work_watch_end(desk);
    slack_free(desk->slack);
    looker_free(desk->looker);
    warehouse_free(desk->warehouse);
    http_free(desk->http);
    store_close(desk->side);
    store_close(desk->store);
    g_hash_table_unref(desk->working);
    g_mutex_clear(&desk->services_lock);
    g_cond_clear(&desk->work_changed);
    g_mutex_clear(&desk->work_lock);
    g_free(desk->state_dir);
    g_free(desk->actor);
    g_free(desk);
}

Store *
desk_store(Desk *desk)
{
    return desk->store;
}

const Config *
desk_config(Desk *desk)
{
    return desk->config;
}

const char *
desk_actor(Desk *desk)
{
    return desk->actor;
}

gboolean
desk_dry_run(Desk *desk)
{
    return config_bool(desk->config, "general", "dry_run");
}

gboolean
desk_is_dry(const Desk *desk)
{
    return desk->pass_dry || config_bool(desk->config, "general", "dry_run");
}

gint64
desk_now(Desk *desk)
{
    return clock_now(desk->clock);
}

void
desk_on_progress(Desk *desk, void (*func)(const Progress *progress, void *data), void *data)
{
    g_mutex_lock(&desk->work_lock);
    desk->on_progress = func;
    desk->on_progress_data = data;
    g_mutex_unlock(&desk->work_lock);
}

Request *
desk_request(Desk *desk, gint64 id, GError **error)
{
    return store_request_get(desk->store, id, error);
}

/* The lock is held. */
static Http *
http_of(Desk *desk, GError **error)
{
    if (!desk->http) {
        HttpOptions options = {
            .connect_timeout = config_duration(desk->config, "http", "connect_timeout"),
            .timeout = config_duration(desk->config, "http", "timeout"),
            .max_body = (gsize)config_int(desk->config, "http", "max_body"),
            .retries = (guint)config_int(desk->config, "http", "retries"),
            .ca_file = config_string(desk->config, "http", "ca_file"),
        };
        desk->http = http_new(&options, desk->log, error);
    }
    return desk->http;
}

static const char *
needed(Desk *desk, const char *section, const char *key, const char *env, GError **error)
{
    const char *value = config_string(desk->config, section, key);

    if (!value || !*value) {
        if (env && g_strcmp0(config_string(desk->config, "secrets", "provider"), "aws") == 0)
            g_set_error(
                error, CREDITBOT_ERROR, ERR_CONFIG,
                "[%s] %s is not set, and this build cannot fetch it ([secrets] provider=aws): "
                "set %s in the environment, or use provider=file",
                section, key, env);
        else if (env)
            g_set_error(
                error, CREDITBOT_ERROR, ERR_CONFIG,
                "[%s] %s is not set: set it in the configuration, or %s in the environment or "
                ".env",
                section, key, env);
        else
            g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                        "[%s] %s is not set: set it in the configuration", section, key);
        return NULL;
    }
    return value;
}

static Slack *
slack_make(Desk *desk, GError **error)
{
    const char *token = needed(desk, "slack", "token", "SLACK_BOT_TOKEN", error);

    if (!token || !http_of(desk, error))
        return NULL;
    SlackOptions options = {
        .base_url = config_string(desk->config, "slack", "base_url"),
        .token = token,
        .page_size = (guint)config_int(desk->config, "slack", "page_size"),
        .min_interval = config_duration(desk->config, "slack", "min_interval"),
        .post_interval = G_USEC_PER_SEC,
    };
    return slack_new(desk->http, &options, desk->log);
}

static Looker *
looker_make(Desk *desk, GError **error)
{
    const char *base = needed(desk, "looker", "base_url", NULL, error);
    const char *id = base ? needed(desk, "looker", "client_id", "LOOKER_CLIENT_ID", error) : NULL;
    const char *secret =
        id ? needed(desk, "looker", "client_secret", "LOOKER_CLIENT_SECRET", error) : NULL;
    const char *api = config_string(desk->config, "looker", "api_url");

    if (!secret || !http_of(desk, error))
        return NULL;
    g_autofree char *made = g_strconcat(base, "/api/4.0", NULL);
    LookerOptions options = {
        .api_url = api && *api ? api : made,
        .client_id = id,
        .client_secret = secret,
        .timeout = config_duration(desk->config, "looker", "timeout"),
    };
    return looker_new(desk->http, &options, desk->log);
}

Slack *
desk_slack(Desk *desk, GError **error)
{
    g_mutex_lock(&desk->services_lock);
    if (!desk->slack)
        desk->slack = slack_make(desk, error);
    g_mutex_unlock(&desk->services_lock);
    return desk->slack;
}

Looker *
desk_looker(Desk *desk, GError **error)
{
    g_mutex_lock(&desk->services_lock);
    if (!desk->looker)
        desk->looker = looker_make(desk, error);
    g_mutex_unlock(&desk->services_lock);
    return desk->looker;
}

Warehouse *
desk_warehouse(Desk *desk, GError **error)
{
    g_mutex_lock(&desk->services_lock);
    if (!desk->warehouse && http_of(desk, error))
        desk->warehouse = warehouse_new(desk->http, desk->config, desk->log, error);
    g_mutex_unlock(&desk->services_lock);
    return desk->warehouse;
}
