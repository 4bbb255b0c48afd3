/* config.c: reads the configuration and answers for it. */
#include "base/config_internal.h"

#include "base/error.h"
#include "base/text.h"

#include <string.h>

gboolean
config_section_matches(const char *pattern, const char *section)
{
    g_auto(GStrv) want = g_strsplit(pattern, ".", -1);
    g_auto(GStrv) have = g_strsplit(section, ".", -1);
    guint i = 0;
    for (; want[i] && have[i]; i++) {
        if (strcmp(want[i], "*") == 0 ? *have[i] == '\0' : strcmp(want[i], have[i]) != 0)
            return FALSE;
    }
    return !want[i] && !have[i];
}

static gboolean
matches(const char *pattern, const char *section)
{
    return strcmp(pattern, section) == 0 ||
           (strchr(pattern, '*') && config_section_matches(pattern, section));
}

int
config_key_index(const char *section, const char *key)
{
    const ConfigKey *keys = config_keys();
    for (int i = 0; keys[i].section; i++) {
        if ((strcmp(keys[i].key, key) == 0 || strcmp(keys[i].key, "*") == 0) &&
            matches(keys[i].section, section))
            return i;
    }
    return -1;
}

gboolean
config_section_known(const char *section)
{
    for (const ConfigKey *key = config_keys(); key->section; key++) {
        if (matches(key->section, section))
            return TRUE;
    }
    return FALSE;
}

static char *
value_id(const char *section, const char *key)
{
    return g_strconcat(section, "\n", key, NULL);
}

static Config *
config_new(const char *file)
{
    Config *config = g_new0(Config, 1);
    config->file = g_strdup(file);
    config->values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, config_value_free);
    config->sections = g_ptr_array_new_with_free_func(g_free);
    config->defaults = g_ptr_array_new_with_free_func(config_value_free);
    for (const ConfigKey *key = config_keys(); key->section; key++) {
        g_autoptr(GError) error = NULL;
        ConfigValue *value = config_value_new(key, key->fallback, &error);
        if (!value)
            g_error("the default of [%s] %s: %s", key->section, key->key, error->message);
        g_ptr_array_add(config->defaults, value);
    }
    return config;
}

void
config_free(Config *config)
{
    if (!config)
        return;
    g_hash_table_unref(config->values);
    g_ptr_array_unref(config->defaults);
    g_ptr_array_unref(config->sections);
    g_free(config->file);
    g_free(config);
}

/* "probe.*.*" as the reader writes it. */
static char *
section_for_people(const char *pattern)
{
    GString *name = g_string_new(pattern);
    g_string_replace(name, "*.*", "NAME.PROBE", 0);
    g_string_replace(name, "*", "NAME", 0);
    return g_string_free(name, FALSE);
}

static void
set_unknown_section(const char *section, const char *where, GError **error)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    const char *last = "";
    for (const ConfigKey *key = config_keys(); key->section; key++) {
        if (strcmp(key->section, last) != 0)
            g_strv_builder_add(builder, key->section);
        last = key->section;
    }
    g_auto(GStrv) names = g_strv_builder_end(builder);
    const char *nearest = text_nearest(section, (const char *const *)names);
    g_autofree char *head = g_strndup(section, strcspn(section, "."));
    for (guint i = 0; !nearest && names[i]; i++) {
        g_autofree char *stem = g_strndup(names[i], strcspn(names[i], "."));
        const char *const one[] = {stem, NULL};
        if (text_nearest(head, one))
            nearest = names[i];
    }
    g_autofree char *shown = text_printable(section, -1, TEXT_LINE);
    g_autofree char *meant = nearest ? section_for_people(nearest) : NULL;
    if (meant)
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "%s: there is no section [%.60s]; did you mean [%s]?", where, shown, meant);
    else
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "%s: there is no section [%.60s]; docs/configuration.md lists them", where,
                    shown);
}

static void
set_unknown_key(const char *section, const char *name, const char *where, GError **error)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    const char *elsewhere = NULL;
    for (const ConfigKey *key = config_keys(); key->section; key++) {
        if (matches(key->section, section))
            g_strv_builder_add(builder, key->key);
        else if (!elsewhere && strcmp(key->key, name) == 0)
            elsewhere = key->section;
    }
    g_auto(GStrv) names = g_strv_builder_end(builder);
    const char *nearest = text_nearest(name, (const char *const *)names);
    g_autofree char *shown = text_printable(name, -1, TEXT_LINE);
    g_autofree char *owner = elsewhere ? section_for_people(elsewhere) : NULL;
    if (nearest)
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "%s: [%s] has no key '%.60s'; did you mean %s?", where, section, shown,
                    nearest);
    else if (owner)
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "%s: [%s] has no key '%.60s'; it belongs to [%s]", where, section, shown,
                    owner);
    else
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "%s: [%s] has no key '%.60s'; docs/configuration.md lists them", where, section,
                    shown);
}

static void
note_section(Config *config, const char *section)
{
    if (!g_ptr_array_find_with_equal_func(config->sections, section, g_str_equal, NULL))
        g_ptr_array_add(config->sections, g_strdup(section));
}

gboolean
config_put(Config *config, const char *section, const char *key, const char *text,
           const char *where, GError **error)
{
    if (!config_section_known(section)) {
        set_unknown_section(section, where, error);
        return FALSE;
    }
    int index = config_key_index(section, key);
    if (index < 0) {
        set_unknown_key(section, key, where, error);
        return FALSE;
    }
    g_autofree char *id = value_id(section, key);
    note_section(config, section);
    if (!text || *text == '\0') {
        g_hash_table_remove(config->values, id);
        return TRUE;
    }
    ConfigValue *value = config_value_new(&config_keys()[index], text, error);
    if (!value) {
        g_prefix_error(error, "%s: [%s] %s: ", where, section, key);
        return FALSE;
    }
    value->section = g_strdup(section);
    value->name = g_strdup(key);
    value->origin = g_strdup(where);
    g_hash_table_replace(config->values, g_steal_pointer(&id), value);
    return TRUE;
}

gboolean
config_set(Config *config, const char *section, const char *key, const char *value, GError **error)
{
    return config_put(config, section, key, value, "command line", error);
}

/* A file's text while it is read. */
typedef struct {
    Config *config;
    GHashTable *lines; /* "section\nkey" → line number, as text */
    const char *name;
    char *section;
} Reader;

static gboolean
read_fault(const Reader *reader, int line, const char *what, GError **error)
{
    g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG, "%s:%d: %s", reader->name, line, what);
    return FALSE;
}

/* What cannot be shown as it is, or reads as the end of a section, is no name of one, nor a key. */
static gboolean
name_is_plain(const char *name)
{
    g_autofree char *shown = text_printable(name, -1, TEXT_LINE);
    return strcmp(shown, name) == 0 && !strpbrk(name, "[]");
}

static gboolean
read_section(Reader *reader, char *line, int number, GError **error)
{
    gsize len = strlen(line);
    if (len < 3 || line[len - 1] != ']')
        return read_fault(reader, number, "the section's name does not end with ]", error);
    line[len - 1] = '\0';
    g_free(reader->section);
    reader->section = g_strdup(line + 1);
    if (!config_section_known(reader->section)) {
        g_autofree char *where = g_strdup_printf("%s:%d", reader->name, number);
        set_unknown_section(reader->section, where, error);
        return FALSE;
    }
    if (!name_is_plain(reader->section))
        return read_fault(reader, number, "the section's name holds signs that no name has", error);
    note_section(reader->config, reader->section);
    return TRUE;
}

/* A value as key files write it: \s \n \t \r and \\ stand for blanks and itself; a list keeps them
 * for its own reading. Never longer than what it came from. NULL: malformed. Caller wipes. */
static char *
value_text(const char *written, gboolean list)
{
    static const char from[] = "sntr\\", to[] = " \n\t\r\\";
    char *value = g_malloc(strlen(written) + 1), *out = value;
    gboolean good = TRUE;
    for (const char *p = written; *p && good; p++) {
        const char *known = NULL;
        if (*p == '\\' && !list) {
            known = p[1] ? strchr(from, p[1]) : NULL;
            good = known != NULL;
            p += good;
        }
        *out++ = known ? to[known - from] : *p;
    }
    *out = '\0';
    if (good && g_utf8_validate(value, -1, NULL))
        return g_strchomp(value);
    text_wipe_free(value);
    return NULL;
}

/* Read by our own hand, and not by GKeyFile, which keeps copies of secrets that nobody wipes. */
static gboolean
read_value(Reader *reader, const char *key, const char *written, int number, GError **error)
{
    g_autofree char *id = value_id(reader->section, key);
    const char *before = g_hash_table_lookup(reader->lines, id);
    if (before) {
        g_autofree char *what =
            g_strdup_printf("this key stands on line %s already; keep one of the two", before);
        return read_fault(reader, number, what, error);
    }
    g_hash_table_insert(reader->lines, g_steal_pointer(&id), g_strdup_printf("%d", number));
    g_autofree char *where = g_strdup_printf("%s:%d", reader->name, number);
    int index = config_key_index(reader->section, key);
    if (index < 0) {
        set_unknown_key(reader->section, key, where, error);
        return FALSE;
    }
    if (!name_is_plain(key))
        return read_fault(reader, number, "the key's name holds signs that no name has", error);
    char *value = value_text(written, config_keys()[index].type == CONFIG_LIST);
    if (!value)
        return read_fault(reader, number,
                          "the value is not UTF-8, or holds a backslash that starts nothing (write "
                          "\\\\ for one)",
                          error);
    gboolean ok = config_put(reader->config, reader->section, key, value, where, error);
    text_wipe_free(value);
    return ok;
}

static gboolean
read_line(Reader *reader, char *line, int number, GError **error)
{
    if (*line == '\0' || *line == '#')
        return TRUE;
    if (*line == '[')
        return read_section(reader, line, number, error);
    char *equals = strchr(line, '=');
    if (!equals || equals == line)
        return read_fault(reader, number,
                          "this is neither a [section], a key=value nor a # comment", error);
    if (!reader->section)
        return read_fault(reader, number, "a key stands before the first [section]", error);
    g_autofree char *key = g_strchomp(g_strndup(line, (gsize)(equals - line)));
    for (equals++; g_ascii_isspace(*equals);)
        equals++;
    return read_value(reader, key, equals, number, error);
}

static gboolean
read_text(Config *config, const char *text, const char *name, GError **error)
{
    g_autoptr(GHashTable) lines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    Reader reader = {.config = config, .lines = lines, .name = name};
    int number = 0;
    gboolean ok = TRUE;
    if (g_str_has_prefix(text, "\xEF\xBB\xBF"))
        text += 3;
    for (const char *p = text; ok && p; number++) {
        const char *end = strchr(p, '\n');
        gsize len = end ? (gsize)(end - p) : strlen(p);
        char *line = g_strndup(p, len);
        ok = read_line(&reader, g_strstrip(line), number + 1, error);
        explicit_bzero(line, len);
        g_free(line);
        p = end ? end + 1 : NULL;
    }
    g_free(reader.section);
    return ok;
}

Config *
config_parse(const char *text, const char *name, ConfigGetenv getenv_func, GError **error)
{
    static const char *const no_folders[] = {NULL};
    g_autoptr(Config) config = config_new(NULL);
    if (!read_text(config, text, name, error) ||
        !config_apply_environment(config, getenv_func, no_folders, error))
        return NULL;
    return g_steal_pointer(&config);
}

/* A secret in a file that others read is no secret; any key in a file that others write is theirs.
 */
static gboolean
check_mode(const Config *config, const char *path, guint mode, GError **error)
{
    if (mode & 0002) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "everybody can write %s; run: chmod 600 '%s'", path, path);
        return FALSE;
    }
    g_autoptr(GPtrArray) secrets = config_secrets(config);
    return secrets->len == 0 || config_check_private(path, mode, "holds a secret", error);
}

/* Reads the file into a new configuration. NULL without an error: there is no such file. */
static Config *
load_file(const char *path, GError **error)
{
    guint mode = 0;
    gboolean found = FALSE;
    char *text = config_read_file(path, FALSE, &mode, &found, error);
    if (!text)
        return NULL;
    Config *config = config_new(path);
    if (!read_text(config, text, path, error) || !check_mode(config, path, mode, error)) {
        config_free(config);
        config = NULL;
    }
    text_wipe_free(text);
    return config;
}

static const char *
environment(ConfigGetenv getenv_func, const char *name)
{
    const char *value = getenv_func ? getenv_func(name) : g_getenv(name);
    return value && *value != '\0' ? value : NULL;
}

Config *
config_load(const char *path, ConfigGetenv getenv_func, GError **error)
{
    g_autoptr(GError) local = NULL;
    const char *named = path ? path : environment(getenv_func, "CREDITBOT_CONFIG");
    const char *home = environment(getenv_func, "XDG_CONFIG_HOME");
    g_autofree char *own = g_build_filename(home ? home : g_get_user_config_dir(), "creditbot",
                                            "creditbot.conf", NULL);
    const char *const places[] = {own, "/etc/creditbot/creditbot.conf"};
    g_autoptr(Config) config = named ? load_file(named, &local) : NULL;
    for (gsize i = 0; !named && !config && !local && i < G_N_ELEMENTS(places); i++)
        config = load_file(places[i], &local);
    if (local) {
        g_propagate_error(error, g_steal_pointer(&local));
        return NULL;
    }
    if (named && !config) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "there is no configuration file %s (from %s); name another, or leave it out",
                    named, path ? "--config" : "$CREDITBOT_CONFIG");
        return NULL;
    }
    if (!config)
        config = config_new(NULL);
    g_autofree char *beside = config->file ? g_path_get_dirname(config->file) : NULL;
    const char *const folders[] = {beside ? beside : ".", ".", NULL};
    if (!config_apply_environment(config, getenv_func, folders, error))
        return NULL;
    return g_steal_pointer(&config);
}

const char *
config_file(const Config *config)
{
    return config->file;
}

/* Asked for a name that no section can have ([product.NAME] with a name from a state or an option,
 * with a dot or none at all): the defaults of its family. */
static int
family_index(const char *section, const char *key)
{
    g_autofree char *family = g_strdup_printf("%.*s.*", (int)strcspn(section, "."), section);
    return config_key_index(family, key);
}

static const ConfigValue *
value_of(const Config *config, const char *section, const char *key)
{
    g_autofree char *id = value_id(section, key);
    const ConfigValue *value = g_hash_table_lookup(config->values, id);
    if (value)
        return value;
    int index = config_key_index(section, key);
    if (index < 0)
        index = family_index(section, key);
    if (index < 0)
        g_error("the configuration has no key [%s] %s", section, key);
    return g_ptr_array_index(config->defaults, index);
}

const char *
config_string(const Config *config, const char *section, const char *key)
{
    return value_of(config, section, key)->text;
}

static gint64
number_of(const Config *config, const char *section, const char *key, ConfigType type)
{
    const ConfigValue *value = value_of(config, section, key);
    if (value->type != type)
        g_error("[%s] %s is asked for as another type than it has", section, key);
    return value->number;
}

gboolean
config_bool(const Config *config, const char *section, const char *key)
{
    return number_of(config, section, key, CONFIG_BOOL) != 0;
}

gint64
config_int(const Config *config, const char *section, const char *key)
{
    return number_of(config, section, key, CONFIG_INT);
}

gint64
config_duration(const Config *config, const char *section, const char *key)
{
    return number_of(config, section, key, CONFIG_DURATION);
}

gint64
config_amount(const Config *config, const char *section, const char *key)
{
    return number_of(config, section, key, CONFIG_AMOUNT);
}

const char *const *
config_list(const Config *config, const char *section, const char *key)
{
    return (const char *const *)value_of(config, section, key)->list;
}

gboolean
config_is_set(const Config *config, const char *section, const char *key)
{
    const ConfigValue *value = value_of(config, section, key);
    return value->origin && value->text;
}

const char *
config_origin(const Config *config, const char *section, const char *key)
{
    const char *origin = value_of(config, section, key)->origin;
    return origin ? origin : "default";
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char **
config_keys_set(const Config *config, const char *section)
{
    GPtrArray *names = g_ptr_array_new();
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, config->values);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const ConfigValue *v = value;
        if (v->text && strcmp(v->section, section) == 0)
            g_ptr_array_add(names, g_strdup(v->name));
    }
    g_ptr_array_sort(names, compare_names);
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}

char **
config_sections(const Config *config, const char *prefix)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    for (guint i = 0; i < config->sections->len; i++) {
        const char *section = g_ptr_array_index(config->sections, i);
        if (g_str_has_prefix(section, prefix))
            g_strv_builder_add(builder, section);
    }
    return g_strv_builder_end(builder);
}

GPtrArray *
config_secrets(const Config *config)
{
    GPtrArray *secrets = g_ptr_array_new();
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, config->values);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const ConfigValue *v = value;
        if (v->type == CONFIG_SECRET && v->text)
            g_ptr_array_add(secrets, v->text);
    }
    return secrets;
}
