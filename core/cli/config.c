/* config.c: `creditbot config check|show|keys`: the configuration as it is in force, without
 * secrets. */
#include <string.h>

#include "base/error.h"
#include "cli/session.h"
#include "engine/policy.h"

static const char *
file_name(const Config *config)
{
    const char *file = config_file(config);
    return file ? file : "no file: defaults and the environment";
}

static gboolean
check(Session *session, GError **error)
{
    if (!session_console_check(session, error) || !policy_check(session->config, error))
        return FALSE;
    const char *file = config_file(session->config);
    if (!session->globals->json) {
        out_text(session->out, ROLE_PLAIN, file_name(session->config));
        out_printf(session->out, ": ok%s\n",
                   config_bool(session->config, "general", "dry_run") ? " (DRY RUN is on)" : "");
        return TRUE;
    }
    cJSON *json = cJSON_CreateObject();
    cJSON_AddBoolToObject(json, "ok", TRUE);
    json_add(json, "file", file);
    cJSON_AddBoolToObject(json, "dry_run", config_bool(session->config, "general", "dry_run"));
    out_json(session->out, json);
    return TRUE;
}

/* From the lines of config_show(): "[section]" and "key=value   # origin". */
static cJSON *
show_json(const Config *config, const char *text)
{
    cJSON *json = cJSON_CreateObject(), *sections = NULL, *section = NULL;
    g_autofree char *name = NULL;
    json_add(json, "file", config_file(config));
    sections = cJSON_AddObjectToObject(json, "sections");
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        const char *equals = strchr(*line, '=');
        if (**line == '[' && strchr(*line, ']')) {
            g_free(name);
            name = g_strndup(*line + 1, (gsize)(strchr(*line, ']') - *line - 1));
            section = cJSON_AddObjectToObject(sections, name);
        } else if (section && equals) {
            g_autofree char *key = g_strndup(*line, (gsize)(equals - *line));
            gboolean set = g_str_has_prefix(equals, "=(set)");
            gboolean secret = set || g_str_has_prefix(equals, "=(unset)");
            json_add(section, key,
                     secret ? (set ? "(set)" : NULL) : config_string(config, name, key));
        }
    }
    return json;
}

static void
show(Session *session)
{
    g_autofree char *text = config_show(session->config);
    if (session->globals->json) {
        out_json(session->out, show_json(session->config, text));
        return;
    }
    out_printf(session->out, "# ");
    out_text(session->out, ROLE_PLAIN, file_name(session->config));
    out_line(session->out);
    out_block(session->out, 0, text);
}

static gboolean
show_keys(Session *session, GError **error)
{
    g_autofree char *text = session_console_keys(session, error);
    if (text)
        out_block(session->out, 0, text);
    return text != NULL;
}

static int
run(Session *session, const void *options, char **args, GError **error)
{
    (void)options;
    if (strcmp(args[0], "check") == 0) {
        if (!check(session, error))
            return 2;
    } else if (strcmp(args[0], "show") == 0) {
        show(session);
    } else if (strcmp(args[0], "keys") == 0) {
        if (!show_keys(session, error))
            return 2;
    } else {
        g_set_error(error, CREDITBOT_ERROR, ERR_USAGE,
                    "creditbot config takes check, show or keys, not '%s'", args[0]);
        return 2;
    }
    return 0;
}

const Command command_config = {
    .name = "config",
    .args = "check|show|keys",
    .help = "check or show the configuration in force",
    .about =
        "check reads it as every command does and names the first thing that is wrong, with its\n"
        "line. show prints every key with its value and where it comes from; never a secret.\n"
        "keys prints the console's keys in force, in the language of [keys].",
    .min_args = 1,
    .max_args = 1,
    .flags = CMD_CONFIG | CMD_JSON | CMD_BATCH_OK,
    .completes = "words check show keys",
    .func = run,
};
