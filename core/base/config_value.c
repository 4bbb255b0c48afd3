/* config_value.c: one value of the configuration, checked by the type of its key. */
#include "base/config_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/money.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <string.h>

typedef gboolean (*Check)(const ConfigKey *key, ConfigValue *value, GError **error);

static gboolean refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static gboolean
refuse(GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *message = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, CREDITBOT_ERROR, ERR_CONFIG, message);
    return FALSE;
}

static gboolean
check_string(const ConfigKey *key G_GNUC_UNUSED, ConfigValue *value G_GNUC_UNUSED,
             GError **error G_GNUC_UNUSED)
{
    return TRUE;
}

/* A secret travels in HTTP headers: a line end in it would forge one. */
static gboolean
check_secret(const ConfigKey *key G_GNUC_UNUSED, ConfigValue *value, GError **error)
{
    for (const char *p = value->text; *p != '\0'; p++) {
        if (g_ascii_iscntrl(*p))
            return refuse(error,
                          "the secret holds a control character; it was cut or copied wrongly");
    }
    return TRUE;
}

static gboolean
check_bool(const ConfigKey *key G_GNUC_UNUSED, ConfigValue *value, GError **error)
{
    static const struct {
        const char *word;
        gboolean meaning;
    } words[] = {{"true", TRUE}, {"false", FALSE}, {"yes", TRUE}, {"no", FALSE},
                 {"on", TRUE},   {"off", FALSE},   {"1", TRUE},   {"0", FALSE}};
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        if (g_ascii_strcasecmp(value->text, words[i].word) != 0)
            continue;
        value->number = words[i].meaning;
        g_free(value->text);
        value->text = g_strdup(words[i].meaning ? "true" : "false");
        return TRUE;
    }
    return refuse(error, "'%.40s' is neither true nor false", value->text);
}

/* choices "1..64", "1..", or NULL for no limits below or above. */
static gboolean
check_int(const ConfigKey *key, ConfigValue *value, GError **error)
{
    gint64 low = 0, high = G_MAXINT64;
    if (key->choices) {
        g_auto(GStrv) bounds = g_strsplit(key->choices, "..", 2);
        low = g_ascii_strtoll(bounds[0], NULL, 10);
        if (bounds[1] && *bounds[1] != '\0')
            high = g_ascii_strtoll(bounds[1], NULL, 10);
    }
    if (g_ascii_string_to_signed(value->text, 10, low, high, &value->number, NULL))
        return TRUE;
    if (high == G_MAXINT64)
        return refuse(error, "'%.40s' is not a whole number of at least %" G_GINT64_FORMAT,
                      value->text, low);
    return refuse(error,
                  "'%.40s' is not a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                  value->text, low, high);
}

static gboolean
check_duration(const ConfigKey *key G_GNUC_UNUSED, ConfigValue *value, GError **error)
{
    g_autoptr(GError) local = NULL;
    return duration_parse(value->text, &value->number, &local) ||
           refuse(error, "%s", local->message);
}

static gboolean
check_amount(const ConfigKey *key G_GNUC_UNUSED, ConfigValue *value, GError **error)
{
    g_autoptr(GError) local = NULL;
    gint64 micro;
    if (!money_parse(value->text, TRUE, &micro, &local))
        return refuse(error, "%s", local->message);
    if (micro < 0)
        return refuse(error, "'%.40s' is negative", value->text);
    value->number = micro;
    return TRUE;
}

static gboolean
check_list(const ConfigKey *key G_GNUC_UNUSED, ConfigValue *value, GError **error G_GNUC_UNUSED)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_auto(GStrv) items = g_strsplit(value->text, ";", -1);
    for (char **item = items; *item; item++) {
        g_strstrip(*item);
        if (**item != '\0')
            g_strv_builder_add(builder, *item);
    }
    g_strfreev(value->list);
    value->list = g_strv_builder_end(builder);
    return TRUE;
}

static gboolean
check_enum(const ConfigKey *key, ConfigValue *value, GError **error)
{
    g_auto(GStrv) choices = g_strsplit(key->choices, "|", -1);
    if (g_strv_contains((const char *const *)choices, value->text))
        return TRUE;
    const char *nearest = text_nearest(value->text, (const char *const *)choices);
    g_autofree char *all = g_strjoinv(", ", choices);
    if (nearest)
        return refuse(error, "'%.40s' is not one of %s; did you mean %s?", value->text, all,
                      nearest);
    return refuse(error, "'%.40s' is not one of %s", value->text, all);
}

static gboolean
is_loopback(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;
    if (g_ascii_strcasecmp(host, "localhost") == 0)
        return TRUE;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

/* The text of a URL is not repeated where it may hold a password. */
static gboolean
check_url(const ConfigKey *key G_GNUC_UNUSED, ConfigValue *value, GError **error)
{
    g_autofree char *scheme = NULL, *user = NULL, *host = NULL, *query = NULL, *fragment = NULL;
    g_autoptr(GError) local = NULL;
    for (const char *p = value->text; *p != '\0'; p++) {
        if (*p <= 0x20 || *p >= 0x7F || *p == '\\')
            return refuse(error, "the URL holds a blank or a character that a URL cannot have");
    }
    if (!g_uri_split(value->text, G_URI_FLAGS_NONE, &scheme, &user, &host, NULL, NULL, &query,
                     &fragment, &local) ||
        !scheme || !host || *host == '\0')
        return refuse(error, "this is not a URL; write it as https://host.example.com");
    if (user)
        return refuse(error, "the URL holds a user name or a password before '@'; take them out, "
                             "credentials have keys of their own");
    if (query || fragment)
        return refuse(error, "the URL holds a '?' or '#'; write only scheme, host, port and path");
    gboolean plain = g_ascii_strcasecmp(scheme, "http") == 0;
    if (!plain && g_ascii_strcasecmp(scheme, "https") != 0)
        return refuse(error, "the URL is neither https nor http; write it as https://%s", host);
    if (plain && !is_loopback(host))
        return refuse(error,
                      "plain http would send credentials readably to %s; use https, or http only "
                      "to this machine (127.0.0.1, localhost, ::1)",
                      host);
    for (gsize len = strlen(value->text); len > 0 && value->text[len - 1] == '/'; len--)
        value->text[len - 1] = '\0';
    return TRUE;
}

static const char *
folder_of(const char *variable)
{
    static const struct {
        const char *name;
        const char *(*get)(void);
    } folders[] = {
        {"HOME", g_get_home_dir},
        {"XDG_CONFIG_HOME", g_get_user_config_dir},
        {"XDG_STATE_HOME", g_get_user_state_dir},
        {"XDG_DATA_HOME", g_get_user_data_dir},
        {"XDG_CACHE_HOME", g_get_user_cache_dir},
        {"XDG_RUNTIME_DIR", g_get_user_runtime_dir},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
        if (strcmp(folders[i].name, variable) == 0)
            return folders[i].get();
    }
    return NULL;
}

/* "~", "~/x", "$XDG_STATE_HOME/x" and "${HOME}/x", at the start only. */
static gboolean
check_path(const ConfigKey *key G_GNUC_UNUSED, ConfigValue *value, GError **error)
{
    const char *folder = NULL, *rest = value->text;
    if (*rest == '~') {
        rest++;
        if (*rest != '\0' && *rest != '/')
            return refuse(error, "'%.80s': only one's own ~ is known; write the whole path",
                          value->text);
        folder = g_get_home_dir();
    } else if (*rest == '$') {
        gboolean braces = rest[1] == '{';
        const char *name = rest + 1 + braces;
        gsize len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
        g_autofree char *variable = g_strndup(name, len);
        rest = name + len;
        folder = folder_of(variable);
        if (!folder || (braces && *rest++ != '}') || (*rest != '\0' && *rest != '/'))
            return refuse(error,
                          "'%.80s': only $HOME and $XDG_…_HOME are known at the start of a "
                          "path",
                          value->text);
    }
    if (folder) {
        char *expanded = g_strconcat(folder, rest, NULL);
        g_free(value->text);
        value->text = expanded;
    }
    return TRUE;
}

static const Check checks[] = {
    [CONFIG_STRING] = check_string,     [CONFIG_SECRET] = check_secret,
    [CONFIG_BOOL] = check_bool,         [CONFIG_INT] = check_int,
    [CONFIG_DURATION] = check_duration, [CONFIG_AMOUNT] = check_amount,
    [CONFIG_LIST] = check_list,         [CONFIG_ENUM] = check_enum,
    [CONFIG_URL] = check_url,           [CONFIG_PATH] = check_path,
};

static gboolean
check_timezone(const ConfigKey *key G_GNUC_UNUSED, ConfigValue *value, GError **error)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(value->text);
    return zone || refuse(error, "'%.60s' is not a time zone; write it as UTC or Europe/Berlin",
                          value->text);
}

static gboolean
check_currency(const ConfigKey *key G_GNUC_UNUSED, ConfigValue *value, GError **error)
{
    return money_currency_valid(value->text) ||
           refuse(error, "'%.40s' is not a currency; write its three letters, as USD", value->text);
}

static gboolean
check_pairs(const ConfigKey *key G_GNUC_UNUSED, ConfigValue *value, GError **error)
{
    for (char **item = value->list; *item; item++) {
        const char *equals = strchr(*item, '=');
        if (!equals || equals == *item || equals[1] == '\0')
            return refuse(error, "'%.60s' is not of the form name=value", *item);
    }
    return TRUE;
}

static gboolean
check_every(const ConfigKey *key, ConfigValue *value, GError **error)
{
    return strcmp(value->text, "pass") == 0 || check_duration(key, value, error);
}

/* The text of a PostgreSQL URL is not repeated: it may hold a password. */
static gboolean
check_store(const ConfigKey *key G_GNUC_UNUSED, ConfigValue *value, GError **error)
{
    return g_str_has_prefix(value->text, "sqlite:") ||
           g_str_has_prefix(value->text, "postgresql://") ||
           refuse(error, "the state's place begins neither with sqlite: nor with postgresql://");
}

/* What a type alone does not say. */
static const struct {
    const char *section, *key;
    Check check;
} more_checks[] = {
    {"general", "timezone", check_timezone}, {"calculator.verify", "currency", check_currency},
    {"warehouse", "session", check_pairs},   {"approval", "slack_users", check_pairs},
    {"system.*", "response", check_pairs},   {"system.*", "update", check_pairs},
    {"system.*", "escalation", check_pairs}, {"backup", "every", check_every},
    {"store", "url", check_store},           {"approval", "signers", check_pairs},
};

static gboolean
check_more(const ConfigKey *key, ConfigValue *value, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(more_checks); i++) {
        if (strcmp(more_checks[i].section, key->section) == 0 &&
            strcmp(more_checks[i].key, key->key) == 0)
            return more_checks[i].check(key, value, error);
    }
    return TRUE;
}

ConfigValue *
config_value_new(const ConfigKey *key, const char *text, GError **error)
{
    ConfigValue *value = g_new0(ConfigValue, 1);
    value->type = key->type;
    value->number = key->type == CONFIG_AMOUNT ? -1 : 0;
    value->list = g_new0(char *, 1);
    value->text = text && *text != '\0' ? g_strdup(text) : NULL;
    if (!value->text || (checks[key->type](key, value, error) && check_more(key, value, error)))
        return value;
    config_value_free(value);
    return NULL;
}

void
config_value_free(gpointer data)
{
    ConfigValue *value = data;
    if (!value)
        return;
    g_free(value->section);
    g_free(value->name);
    g_free(value->origin);
    g_strfreev(value->list);
    text_wipe_free(value->text);
    g_free(value);
}
