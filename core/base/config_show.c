/* config_show.c: the configuration as people read it, and the folder that it names. */
#include "base/config_internal.h"

#include "base/error.h"
#include "base/text.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ORIGIN_COLUMN 44

static void
show_value(GString *out, const char *name, const ConfigValue *value)
{
    g_autofree char *text = NULL;
    if (value->type == CONFIG_SECRET)
        text = g_strdup(value->text ? "(set)" : "(unset)");
    else
        text = text_printable(value->text ? value->text : "", -1, TEXT_LINE);
    g_autofree char *pair = g_strdup_printf("%s=%s", name, text);
    int pad = MAX(ORIGIN_COLUMN - text_width(pair), 2);
    g_autofree char *origin = text_printable(value->origin ? value->origin
                                             : value->text ? "default"
                                                           : "unset",
                                             -1, TEXT_LINE);
    g_string_append_printf(out, "%s%*s# %s\n", pair, pad, "", origin);
}

static const ConfigValue *
set_value(const Config *config, const char *section, const char *key)
{
    g_autofree char *id = g_strconcat(section, "\n", key, NULL);
    return g_hash_table_lookup(config->values, id);
}

static gint
by_name(gconstpointer a, gconstpointer b)
{
    const ConfigValue *x = *(const ConfigValue *const *)a, *y = *(const ConfigValue *const *)b;
    return strcmp(x->name, y->name);
}

/* [keys] takes any name: those that are set, in order. */
static void
show_any_key(GString *out, const Config *config, const char *section)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, config->values);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        if (strcmp(((ConfigValue *)value)->section, section) == 0)
            g_ptr_array_add(found, value);
    }
    g_ptr_array_sort(found, by_name);
    for (guint i = 0; i < found->len; i++) {
        const ConfigValue *v = g_ptr_array_index(found, i);
        show_value(out, v->name, v);
    }
}

static void
show_section(GString *out, const Config *config, const char *pattern, const char *section)
{
    const ConfigKey *keys = config_keys();
    g_string_append_printf(out, "%s[%s]\n", out->len ? "\n" : "", section);
    for (guint i = 0; keys[i].section; i++) {
        if (strcmp(keys[i].section, pattern) != 0)
            continue;
        if (strcmp(keys[i].key, "*") == 0) {
            show_any_key(out, config, section);
            continue;
        }
        const ConfigValue *value = set_value(config, section, keys[i].key);
        show_value(out, keys[i].key, value ? value : g_ptr_array_index(config->defaults, i));
    }
}

char *
config_show(const Config *config)
{
    GString *out = g_string_new(NULL);
    const char *last = "";
    for (const ConfigKey *key = config_keys(); key->section; key++) {
        if (strcmp(key->section, last) == 0)
            continue;
        last = key->section;
        if (!strchr(last, '*')) {
            show_section(out, config, last, last);
            continue;
        }
        for (guint i = 0; i < config->sections->len; i++) {
            const char *section = g_ptr_array_index(config->sections, i);
            if (config_section_matches(last, section))
                show_section(out, config, last, section);
        }
    }
    return g_string_free(out, FALSE);
}

static gboolean
dir_fault(const char *path, const char *what, GError **error)
{
    g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG, "the state's folder %s: %s", path, what);
    return FALSE;
}

static gboolean
find_group(const char *name, gid_t *gid, GError **error)
{
    struct group entry, *result = NULL;
    char buffer[16384];
    int code = getgrnam_r(name, &entry, buffer, sizeof buffer, &result);
    if (code == 0 && result) {
        *gid = entry.gr_gid;
        return TRUE;
    }
    g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG, "[store] group: there is no Unix group '%s'",
                name);
    return FALSE;
}

/* A shared folder: 2770 and of the group, whoever made it. */
static gboolean
share_dir(const char *path, const struct stat *st, const char *group, GError **error)
{
    gid_t gid;
    if (!find_group(group, &gid, error))
        return FALSE;
    if (st->st_gid == gid && (st->st_mode & 07777) == 02770)
        return TRUE;
    if (st->st_uid != geteuid()) {
        g_autofree char *what = g_strdup_printf(
            "its owner must run: chgrp %s '%s' && chmod 2770 '%s'", group, path, path);
        return dir_fault(path, what, error);
    }
    if ((st->st_gid != gid && chown(path, (uid_t)-1, gid) != 0) || chmod(path, 02770) != 0) {
        g_autofree char *what =
            g_strdup_printf("cannot give it to group %s: %s", group, g_strerror(errno));
        return dir_fault(path, what, error);
    }
    return TRUE;
}

/* Others may look into a folder that was made by hand (the files in it are 0600); they must not be
 * able to put files there. */
static gboolean
check_dir(const char *path, const struct stat *st, GError **error)
{
    if (!S_ISDIR(st->st_mode))
        return dir_fault(path, "it is not a folder", error);
    if (st->st_uid != geteuid())
        return dir_fault(path,
                         "it belongs to another user; set [general] state_dir, or [store] "
                         "group to share it",
                         error);
    if (st->st_mode & 0022) {
        g_autofree char *what =
            g_strdup_printf("others can write to it; run: chmod 700 '%s'", path);
        return dir_fault(path, what, error);
    }
    return TRUE;
}

char *
config_state_dir(const Config *config, GError **error)
{
    const char *chosen = config_string(config, "general", "state_dir");
    const char *group = config_string(config, "store", "group");
    g_autofree char *path =
        chosen ? g_strdup(chosen) : g_build_filename(g_get_user_state_dir(), "creditbot", NULL);
    struct stat st;
    if (g_mkdir_with_parents(path, 0700) != 0 || stat(path, &st) != 0) {
        dir_fault(path, g_strerror(errno), error);
        return NULL;
    }
    gboolean ok = group && S_ISDIR(st.st_mode) ? share_dir(path, &st, group, error)
                                               : check_dir(path, &st, error);
    return ok ? g_steal_pointer(&path) : NULL;
}
