/* settings.c: the file of what the console remembers. */
#include "tui/settings.h"

#include <string.h>
#include <glib/gstdio.h>
#include "base/error.h"
#include "base/outfile.h"

#define MOST_BYTES 65536

typedef struct {
    char *group, *key, *value; /* value NULL: taken away */
} Change;

struct Settings {
    char *path;
    GKeyFile *file;
    GPtrArray *changes; /* Change, the latest last */
};

static void
change_free(gpointer data)
{
    Change *change = data;
    g_free(change->group);
    g_free(change->key);
    g_free(change->value);
    g_free(change);
}

char *
settings_path(gboolean demo)
{
    const char *folder = demo ? "demo" : "";
    return g_build_filename(g_get_user_state_dir(), "creditbot", folder, "console.conf", NULL);
}

static void
apply(GKeyFile *file, const Change *change)
{
    if (change->value)
        g_key_file_set_string(file, change->group, change->key, change->value);
    else
        g_key_file_remove_key(file, change->group, change->key, NULL);
}

/* What the file says now; empty with an error when it is damaged. */
static GKeyFile *
read_file(const char *path, GError **error)
{
    g_autoptr(GError) wrong = NULL;
    g_autofree char *text = NULL;
    gsize len = 0;
    GKeyFile *file = g_key_file_new();
    if (!g_file_get_contents(path, &text, &len, &wrong)) {
        if (!g_error_matches(wrong, G_FILE_ERROR, G_FILE_ERROR_NOENT))
            g_set_error(error, CREDITBOT_ERROR, ERR_INPUT, "%s: %s", path, wrong->message);
        return file;
    }
    if (len > MOST_BYTES || memchr(text, '\0', len))
        g_set_error(error, CREDITBOT_ERROR, ERR_INPUT, "%s is no key file of ours", path);
    else if (!g_key_file_load_from_data(file, text, len, G_KEY_FILE_KEEP_COMMENTS, &wrong))
        g_set_error(error, CREDITBOT_ERROR, ERR_INPUT, "%s: %s", path, wrong->message);
    else
        return file;
    g_key_file_free(file);
    return g_key_file_new();
}

Settings *
settings_load(const char *path, GError **error)
{
    Settings *settings = g_new0(Settings, 1);
    settings->path = g_strdup(path);
    settings->changes = g_ptr_array_new_with_free_func(change_free);
    settings->file = read_file(path, error);
    return settings;
}

void
settings_free(Settings *settings)
{
    if (!settings)
        return;
    g_key_file_free(settings->file);
    g_ptr_array_unref(settings->changes);
    g_free(settings->path);
    g_free(settings);
}

char *
settings_get(const Settings *settings, const char *group, const char *key)
{
    return g_key_file_get_string(settings->file, group, key, NULL);
}

void
settings_set(Settings *settings, const char *group, const char *key, const char *value)
{
    g_autofree char *now = settings_get(settings, group, key);
    if (g_strcmp0(now, value) == 0)
        return;
    Change *change = g_new0(Change, 1);
    *change = (Change){g_strdup(group), g_strdup(key), g_strdup(value)};
    g_ptr_array_add(settings->changes, change);
    apply(settings->file, change);
}

static gboolean
write_file(const char *path, GKeyFile *file, GError **error)
{
    gsize len;
    g_autofree char *text = g_key_file_to_data(file, &len, NULL);
    g_autofree char *folder = g_path_get_dirname(path);
    g_mkdir_with_parents(folder, 0700);
    g_autoptr(OutFile) out = outfile_new(path, error);
    return out && outfile_write(out, text, len, error) && outfile_done(out, TRUE, error);
}

gboolean
settings_save(Settings *settings, GError **error)
{
    g_autoptr(GError) damaged = NULL;
    if (settings->changes->len == 0)
        return TRUE;
    g_autoptr(GKeyFile) file = read_file(settings->path, &damaged);
    if (damaged) {
        g_autofree char *kept = g_strconcat(settings->path, ".damaged", NULL);
        g_rename(settings->path, kept);
    }
    for (guint i = 0; i < settings->changes->len; i++)
        apply(file, g_ptr_array_index(settings->changes, i));
    if (!write_file(settings->path, file, error))
        return FALSE;
    g_ptr_array_set_size(settings->changes, 0);
    return TRUE;
}
