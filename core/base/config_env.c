/* config_env.c: files that are read with suspicion, and the original environment names. */
#include "base/config_internal.h"

#include "base/error.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (1 << 20)

static const struct {
    const char *variable;
    const char *section;
    const char *key;
} names[] = {
    {"SLACK_BOT_TOKEN", "slack", "token"},
    {"LOOKER_CLIENT_ID", "looker", "client_id"},
    {"LOOKER_CLIENT_SECRET", "looker", "client_secret"},
    {"PRESTO_USERNAME", "warehouse", "user"},
    {"PRESTO_PASSWORD", "warehouse", "password"},
    {"DRY_RUN", "general", "dry_run"},
};

char **
config_child_environment(void)
{
    char **env = g_get_environ();
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        env = g_environ_unsetenv(env, names[i].variable);
    return env;
}

void
config_wipe_environment(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        int index = config_key_index(names[i].section, names[i].key);
        char *value = getenv(names[i].variable); /* where the kernel put it */
        if (!value || config_keys()[index].type != CONFIG_SECRET)
            continue;
        explicit_bzero(value, strlen(value));
        g_unsetenv(names[i].variable);
    }
}

static gboolean
file_fault(const char *path, const char *what, GError **error)
{
    g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG, "cannot read the configuration %s: %s", path,
                what);
    return FALSE;
}

/* Reads to the end of fd, at most FILE_MAX bytes; no NUL inside. In one piece of memory: one that
 * grows leaves copies behind. */
static char *
read_all(int fd, const char *path, GError **error)
{
    char *text = g_malloc(FILE_MAX + 2);
    gsize len = 0;
    const char *fault = NULL;
    ssize_t n;
    while (!fault && (n = read(fd, text + len, FILE_MAX + 1 - len)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            fault = g_strerror(errno);
        else if ((len += (gsize)n) > FILE_MAX)
            fault = "it is larger than 1 MB";
    }
    text[len] = '\0';
    if (!fault && strlen(text) < len)
        fault = "it holds a NUL byte";
    if (!fault)
        return text;
    explicit_bzero(text, len);
    g_free(text);
    file_fault(path, fault, error);
    return NULL;
}

char *
config_read_file(const char *path, gboolean own, guint *mode, gboolean *found, GError **error)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    *found = fd >= 0 || (errno != ENOENT && errno != ENOTDIR);
    if (fd < 0) {
        if (*found)
            file_fault(path, g_strerror(errno), error);
        return NULL;
    }
    char *text = NULL;
    if (fstat(fd, &st) != 0)
        file_fault(path, g_strerror(errno), error);
    else if (S_ISDIR(st.st_mode))
        file_fault(path, "it is a folder", error);
    else if (own && st.st_uid != 0 && st.st_uid != geteuid())
        file_fault(path, "it belongs to another user; it must be yours or root's", error);
    else
        text = read_all(fd, path, error);
    *mode = text && S_ISREG(st.st_mode) ? st.st_mode & 07777 : 0;
    close(fd);
    return text;
}

gboolean
config_check_private(const char *path, guint mode, const char *what, GError **error)
{
    if ((mode & 0077) == 0)
        return TRUE;
    g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                "%s %s and others can read it (mode %04o); run: chmod 600 '%s'", path, what, mode,
                path);
    return FALSE;
}

/* Takes a quoted value at p (its first character is the quote); in "…" a backslash keeps the next
 * character. FALSE when the quote does not end or more follows it than a comment. */
static gboolean
take_quoted(const char *p, GString *out)
{
    char quote = *p++;
    for (; *p != '\0' && *p != quote; p++) {
        if (quote == '"' && *p == '\\' && p[1] != '\0') {
            p++;
            g_string_append_c(out, *p == 'n' ? '\n' : *p);
        } else {
            g_string_append_c(out, *p);
        }
    }
    if (*p != quote)
        return FALSE;
    p++;
    while (*p == ' ' || *p == '\t')
        p++;
    return *p == '\0' || *p == '#';
}

/* An unquoted value ends at a blank that a # follows. */
static void
take_plain(const char *p, GString *out)
{
    const char *end = p;
    while (*end != '\0' && !(*end == '#' && (end == p || end[-1] == ' ' || end[-1] == '\t')))
        end++;
    while (end > p && g_ascii_isspace(end[-1]))
        end--;
    g_string_append_len(out, p, end - p);
}

gboolean
config_env_line(const char *line, char **name, char **value)
{
    *name = NULL;
    *value = NULL;
    line += strspn(line, " \t");
    if (*line == '\0' || *line == '#')
        return TRUE;
    if (g_str_has_prefix(line, "export ") || g_str_has_prefix(line, "export\t")) {
        line += strlen("export ");
        line += strspn(line, " \t");
    }
    gsize len = 0;
    while (g_ascii_isalnum(line[len]) || line[len] == '_')
        len++;
    const char *p = line + len;
    p += strspn(p, " \t");
    if (len == 0 || g_ascii_isdigit(*line) || *p != '=')
        return FALSE;
    p++;
    p += strspn(p, " \t");
    GString *out = g_string_sized_new(strlen(p) + 1); /* so that it never moves */
    if (*p == '"' || *p == '\'') {
        if (!take_quoted(p, out)) {
            text_wipe_free(g_string_free(out, FALSE));
            return FALSE;
        }
    } else {
        take_plain(p, out);
    }
    *name = g_strndup(line, len);
    *value = g_string_free(out, FALSE);
    return TRUE;
}

/* Names that are not ours and empty values are passed over; with keep, so are keys that are set. */
static gboolean
apply(Config *config, const char *variable, const char *value, const char *where, gboolean keep,
      GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strcmp(names[i].variable, variable) != 0 || *value == '\0')
            continue;
        return (keep && config_is_set(config, names[i].section, names[i].key)) ||
               config_put(config, names[i].section, names[i].key, value, where, error);
    }
    return TRUE;
}

static gboolean
apply_env_text(Config *config, char *text, const char *path, gboolean keep, GError **error)
{
    int number = 0;
    for (char *p = text, *next; p; p = next) {
        char *name, *value;
        next = strchr(p, '\n');
        if (next)
            *next++ = '\0';
        number++;
        gsize len = strlen(p);
        if (len > 0 && p[len - 1] == '\r')
            p[len - 1] = '\0';
        if (!config_env_line(p, &name, &value)) {
            g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                        "%s:%d: this is neither KEY=value nor a # comment", path, number);
            return FALSE;
        }
        g_autofree char *where = g_strdup_printf("%s:%d", path, number);
        gboolean ok = !name || apply(config, name, value, where, keep, error);
        g_free(name);
        text_wipe_free(value);
        if (!ok)
            return FALSE;
    }
    return TRUE;
}

/* *found: the file was there. */
static gboolean
apply_env_file(Config *config, const char *path, gboolean keep, gboolean *found, GError **error)
{
    g_autoptr(GError) local = NULL;
    guint mode = 0;
    char *text = config_read_file(path, TRUE, &mode, found, &local);
    if (local) {
        g_propagate_error(error, g_steal_pointer(&local));
        return FALSE;
    }
    if (!text)
        return TRUE;
    gsize len = strlen(text); /* it is cut into lines */
    gboolean ok = config_check_private(path, mode, "holds secrets", error) &&
                  apply_env_text(config, text, path, keep, error);
    explicit_bzero(text, len);
    g_free(text);
    return ok;
}

/* [secrets] provider=file: for what neither the configuration nor the environment has. */
static gboolean
apply_secrets_file(Config *config, GError **error)
{
    const char *path = config_string(config, "secrets", "file");
    gboolean found = FALSE;
    if (g_strcmp0(config_string(config, "secrets", "provider"), "file") != 0)
        return TRUE;
    if (!path) {
        g_set_error_literal(error, CREDITBOT_ERROR, ERR_CONFIG,
                            "[secrets] provider=file needs [secrets] file=PATH");
        return FALSE;
    }
    if (!apply_env_file(config, path, TRUE, &found, error))
        return FALSE;
    if (!found)
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG, "[secrets] file: there is no file %s",
                    path);
    return found;
}

gboolean
config_apply_environment(Config *config, ConfigGetenv getenv_func, const char *const *folders,
                         GError **error)
{
    gboolean found = FALSE;
    for (; *folders && !found; folders++) {
        g_autofree char *path = g_build_filename(*folders, ".env", NULL);
        if (!apply_env_file(config, path, FALSE, &found, error))
            return FALSE;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        const char *value =
            getenv_func ? getenv_func(names[i].variable) : g_getenv(names[i].variable);
        g_autofree char *where = g_strconcat("environment ", names[i].variable, NULL);
        if (value && !apply(config, names[i].variable, value, where, FALSE, error))
            return FALSE;
    }
    return apply_secrets_file(config, error);
}
