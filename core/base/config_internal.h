/* config_internal.h: what the files of the configuration share; nobody else includes it. */
#ifndef BASE_CONFIG_INTERNAL_H
#define BASE_CONFIG_INTERNAL_H

#include "base/config.h"

/* A value that has passed its check. */
typedef struct {
    char *section;
    char *name;
    ConfigType type;
    char *text; /* NULL: unset */
    gint64 number;
    char **list;  /* never NULL */
    char *origin; /* "FILE:12", "environment DRY_RUN"; NULL: the default */
} ConfigValue;

struct Config {
    char *file;
    GHashTable *values;  /* "section\nkey" → ConfigValue *, owned */
    GPtrArray *defaults; /* ConfigValue *, in the order of the table */
    GPtrArray *sections; /* char *, in file order */
};

/* The key's place in the table, -1 when there is none. "product.verify" falls under "product.*". */
int config_key_index(const char *section, const char *key);
gboolean config_section_known(const char *section);
gboolean config_section_matches(const char *pattern, const char *section);

/* Checks text against the key and makes the value. The error says what was expected; it does not
 * carry a secret, nor where the value stands (the caller knows). */
ConfigValue *config_value_new(const ConfigKey *key, const char *text, GError **error);
void config_value_free(gpointer value);

/* Checks, and puts the value over what was there. where: "FILE:12"; it prefixes the error. */
gboolean config_put(Config *config, const char *section, const char *key, const char *text,
                    const char *where, GError **error);

/* The original environment names, from getenv_func and from a .env in the given folders (may be
 * empty). */
gboolean config_apply_environment(Config *config, ConfigGetenv getenv_func,
                                  const char *const *folders, GError **error);

/* The whole of a configuration file, NULL with *found FALSE (and no error) when there is none; its
 * mode through st_mode, 0 when it is not a regular file. Refuses what is larger than 1 MB and, with
 * own, what belongs to another user than us or root. */
char *config_read_file(const char *path, gboolean own, guint *mode, gboolean *found,
                       GError **error);
/* Refuses a mode that lets others read; what says why it matters. */
gboolean config_check_private(const char *path, guint mode, const char *what, GError **error);

/* One `.env` line: KEY=value with an optional export and quotes. *name and *value are NULL for a
 * blank line or a comment; FALSE when malformed. */
gboolean config_env_line(const char *line, char **name, char **value);

#endif
