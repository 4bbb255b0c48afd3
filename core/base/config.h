/* config.h: the configuration, one table of keys.
 *
 * INI (GKeyFile syntax); design.md section 6. Every key, its type, range, default and help stand in
 * one table in config_keys.c; docs, `config show` and the errors are made from it. An unknown key
 * or section is an error with file, line and the nearest known name, a key given twice is one too.
 * An empty value ("key=") means the default. Values are checked when loaded, so the getters cannot
 * fail: asking for a key that the table does not have aborts. */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include <glib.h>

typedef struct Config Config;

typedef enum {
    CONFIG_STRING,
    CONFIG_SECRET, /* never shown */
    CONFIG_BOOL,
    CONFIG_INT,
    CONFIG_DURATION, /* microseconds */
    CONFIG_AMOUNT,   /* exact decimal >= 0 in millionths (money.h); -1 when unset */
    CONFIG_LIST,     /* ';' between items */
    CONFIG_ENUM,     /* one of choices, '|' between them */
    CONFIG_URL,      /* https, or http to loopback only; no user-info; no trailing '/' kept */
    CONFIG_PATH,     /* ~ and $XDG… expanded */
} ConfigType;

typedef struct {
    const char *section; /* "slack"; "product.*" stands for every [product.NAME] */
    const char *key;
    ConfigType type;
    const char *fallback; /* default in the file's syntax; NULL: unset */
    const char *choices;  /* ENUM: "a|b"; INT: "1..64" */
    const char *help;     /* one sentence */
} ConfigKey;

/* The table, ended by a NULL section; for docs, completion and tests. */
const ConfigKey *config_keys(void);

/* path NULL: $CREDITBOT_CONFIG, $XDG_CONFIG_HOME/creditbot/creditbot.conf,
 * /etc/creditbot/creditbot.conf, the first that exists; none is not an error when path is NULL
 * (defaults and environment). A file that group or others can read and that holds a secret, or that
 * others can write, is refused with the chmod to run. The original environment names
 * (SLACK_BOT_TOKEN LOOKER_CLIENT_ID LOOKER_CLIENT_SECRET PRESTO_USERNAME PRESTO_PASSWORD DRY_RUN)
 * are read from getenv_func (NULL: g_getenv) or from a .env of mode 0600 beside the configuration
 * or in the current folder; the environment wins over .env, both win over the file for secrets;
 * DRY_RUN wins over [general] dry_run. */
typedef const char *(*ConfigGetenv)(const char *name);
Config *config_load(const char *path, ConfigGetenv getenv_func, GError **error);
/* From memory, for tests and the demo; name is used in messages. */
Config *config_parse(const char *text, const char *name, ConfigGetenv getenv_func, GError **error);
void config_free(Config *config);

const char *config_file(const Config *config); /* path that was read, NULL: none. Borrowed */

/* The value or its default; of any type but for the typed getters, which abort on another type than
 * the key has. Unset: NULL, 0 (INT, DURATION), -1 (AMOUNT), the empty list. Borrowed. */
const char *config_string(const Config *config, const char *section, const char *key);
gboolean config_bool(const Config *config, const char *section, const char *key);
gint64 config_int(const Config *config, const char *section, const char *key);
gint64 config_duration(const Config *config, const char *section, const char *key);
gint64 config_amount(const Config *config, const char *section, const char *key);
/* NULL-terminated, never NULL. Borrowed. */
const char *const *config_list(const Config *config, const char *section, const char *key);
/* TRUE when given by file, environment or config_set(); FALSE for a default. */
gboolean config_is_set(const Config *config, const char *section, const char *key);

/* Names of the sections that begin with prefix ("product."), in file order, NULL-terminated.
 * Caller frees with g_strfreev. */
char **config_sections(const Config *config, const char *prefix);

/* Names of the keys that are given in a section, sorted, NULL-terminated; for sections whose keys
 * are free, as [keys]. Caller frees with g_strfreev. */
char **config_keys_set(const Config *config, const char *section);
/* Where the value comes from, for errors: "FILE:12", "environment NAME"; "default" when it is not
 * given. Borrowed. */
const char *config_origin(const Config *config, const char *section, const char *key);

/* For --dry-run and the like: checked as a file's value is. */
gboolean config_set(Config *config, const char *section, const char *key, const char *value,
                    GError **error);

/* The environment for a program that we start: ours without the names above, so that no secret
 * stands in its /proc/PID/environ. Caller frees with g_strfreev. */
char **config_child_environment(void);
/* Overwrites what the environment holds of secrets, and takes them out of it: once the
 * configuration is loaded nobody needs them there. Before any other thread runs. */
void config_wipe_environment(void);

/* Every key with its value, origin (default, file:line, environment) as INI text; secrets as
 * "(set)" or "(unset)". Caller frees. */
char *config_show(const Config *config);

/* Folder of the state, created 0700 (2770 with [store] group). Default
 * $XDG_STATE_HOME/creditbot or ~/.local/state/creditbot. Caller frees. */
char *config_state_dir(const Config *config, GError **error);

/* All secrets that are set, for log_secret(). Borrowed strings; caller frees the array only. */
GPtrArray *config_secrets(const Config *config);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Config, config_free)

#endif
