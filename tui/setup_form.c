/* setup_form.c: the values of the first run, their checks, and the file that they make. */
#include "config.h"

#include "tui/setup_form.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include "base/error.h"
#include "base/outfile.h"
#include "base/text.h"

static gboolean
has_blank(const char *value)
{
    for (const char *p = value; *p; p++) {
        if (g_ascii_isspace(*p))
            return TRUE;
    }
    return FALSE;
}

static const char *
wrong_secret(const char *value)
{
    return has_blank(value) ? "there is a blank in it: copy it again, without what stands around it"
                            : NULL;
}

static const char *
wrong_token(const char *value)
{
    if (has_blank(value))
        return wrong_secret(value);
    if (g_str_has_prefix(value, "xoxp-") || g_str_has_prefix(value, "xapp-"))
        return "this is a user or app token; take the Bot User OAuth Token, it begins with xoxb-";
    if (!g_str_has_prefix(value, "xoxb-"))
        return "a bot token begins with xoxb-: OAuth & Permissions of the app shows it";
    return strlen(value) < 12 ? "the token is cut: copy all of it" : NULL;
}

static gboolean
is_channel(const char *item)
{
    const char *name = *item == '#' ? item + 1 : item;
    gboolean id = (*name == 'C' || *name == 'G') && strlen(name) >= 9;
    if (*name == '\0' || strlen(name) > 80)
        return FALSE;
    for (const char *p = name; *p; p++) {
        if (id ? !g_ascii_isupper(*p) && !g_ascii_isdigit(*p)
               : g_ascii_isupper(*p) || g_ascii_isspace(*p) || strchr("<>@:/,;", *p) != NULL)
            return FALSE;
    }
    return id || *item == '#';
}

static const char *
wrong_channels(const char *value)
{
    g_auto(GStrv) items = g_strsplit_set(value, "; ,", -1);
    gboolean any = FALSE;
    for (char **item = items; *item; item++) {
        if (**item != '\0' && !is_channel(*item))
            return "a channel is its #name in small letters, or its id; several with a ; "
                   "between";
        any = any || **item != '\0';
    }
    return any ? NULL : "name at least one channel, as #help-credit";
}

/* clang-format off */
const SetupField setup_fields[] = {
    {"slack", "token", "Bot token", FIELD_SECRET, FALSE, NULL, NULL,
     "Bot User OAuth Token of the Slack app, xoxb-...", wrong_token},
    {"slack", "channels", "Channels", FIELD_TEXT, FALSE, NULL, NULL,
     "where credit is asked for: #name;#other", wrong_channels},
    {"looker", "base_url", "Looker URL", FIELD_TEXT, FALSE, NULL, "https://",
     "as people open it, https://looker.example.com", NULL},
    {"looker", "client_id", "API client id", FIELD_SECRET, FALSE, NULL, NULL,
     "API key of a Looker user that sees the reports (Admin, Users, API keys)", wrong_secret},
    {"looker", "client_secret", "API client secret", FIELD_SECRET, FALSE, NULL, NULL,
     "shown once by Looker, beside the id", wrong_secret},
    {"warehouse", "driver", "Kind", FIELD_CHOICE, FALSE, NULL, "trino",
     "Left and Right choose: trino, presto, or sqlite for a file", NULL},
    {"warehouse", "url", "URL", FIELD_TEXT, FALSE, "trino presto", "https://",
     "of the coordinator, https://trino.example.com", NULL},
    {"warehouse", "user", "User", FIELD_TEXT, FALSE, "trino presto", NULL,
     "that the queries run as; it needs to read, and nothing else", NULL},
    {"warehouse", "password", "Password", FIELD_SECRET, TRUE, "trino presto", NULL,
     "empty where the warehouse wants none", NULL},
    {"warehouse", "catalog", "Catalog", FIELD_TEXT, TRUE, "trino presto", "hive",
     "of the tables that Looker's SQL names", NULL},
    {"warehouse", "schema", "Schema", FIELD_TEXT, TRUE, "trino presto", "default",
     "of the tables that Looker's SQL names", NULL},
    {"warehouse", "path", "File", FIELD_TEXT, FALSE, "sqlite", NULL,
     "the SQLite file; it is only read", NULL},
};
const guint setup_n_fields = G_N_ELEMENTS(setup_fields);

const SetupPage setup_pages[] = {
    {"slack", "Slack", "The bot reads the channels where credit is asked for, and answers in their threads.",
     "Scopes: channels:history groups:history channels:read groups:read chat:write im:write users:read",
     0, 2},
    {"looker", "Looker", "The link in a request leads to a report; its SQL is fetched from there.",
     "An API key can do what its user can: one that sees the reports and changes nothing is best.", 2, 3},
    {"warehouse", "Warehouse", "The SQL of the report runs here, grouped, with a time limit and a row limit.",
     "Nothing is written there.", 5, 7},
};
const guint setup_n_pages = G_N_ELEMENTS(setup_pages);
/* clang-format on */

static int
field_index(const char *section, const char *key)
{
    for (guint i = 0; i < setup_n_fields; i++) {
        if (strcmp(setup_fields[i].section, section) == 0 && strcmp(setup_fields[i].key, key) == 0)
            return (int)i;
    }
    return -1;
}

SetupForm *
setup_form_new(const Config *present, const char *slack_url)
{
    SetupForm *form = g_new0(SetupForm, 1);
    form->values = g_malloc0(setup_n_fields * sizeof *form->values);
    form->present = present;
    form->slack_url = slack_url;
    for (guint i = 0; i < setup_n_fields; i++) {
        const SetupField *field = &setup_fields[i];
        gboolean shown = field->kind != FIELD_SECRET && setup_given(form, i);
        const char *start =
            shown ? config_string(present, field->section, field->key) : field->start;
        g_strlcpy(form->values[i], start ? start : "", SETUP_VALUE_MAX);
    }
    return form;
}

void
setup_form_free(SetupForm *form)
{
    if (!form)
        return;
    explicit_bzero(form->values, setup_n_fields * sizeof *form->values);
    g_free(form->values);
    g_free(form);
}

gboolean
setup_asked(const SetupForm *form, guint field)
{
    int driver = field_index("warehouse", "driver");
    const char *drivers = setup_fields[field].drivers;
    if (!drivers)
        return TRUE;
    g_auto(GStrv) names = g_strsplit(drivers, " ", -1);
    return g_strv_contains((const char *const *)names, form->values[driver]);
}

gboolean
setup_given(const SetupForm *form, guint field)
{
    const SetupField *of = &setup_fields[field];
    return form->present && config_is_set(form->present, of->section, of->key);
}

/* Blanks at the ends are no part of a value, nor is the "https://" that stood there before another
 * one; alone it is no value. */
static char *
value_of(const SetupForm *form, guint field)
{
    char *value = g_strstrip(g_strdup(form->values[field]));
    if (g_str_has_prefix(value, "https://http"))
        memmove(value, value + strlen("https://"), strlen(value + strlen("https://")) + 1);
    if (strcmp(value, "https://") == 0 || strcmp(value, "http://") == 0)
        *value = '\0';
    return value;
}

/* Channels as the configuration writes them. */
static char *
canonical(const SetupForm *form, guint field)
{
    char *value = value_of(form, field);
    if (strcmp(setup_fields[field].key, "channels") != 0)
        return value;
    g_auto(GStrv) items = g_strsplit_set(value, "; ,", -1);
    GString *joined = g_string_new(NULL);
    for (char **item = items; *item; item++) {
        if (**item != '\0')
            g_string_append_printf(joined, "%s%s", joined->len ? ";" : "", *item);
    }
    g_free(value);
    return g_string_free(joined, FALSE);
}

char *
setup_wrong(const SetupForm *form, guint field)
{
    const SetupField *of = &setup_fields[field];
    g_autoptr(GError) error = NULL;
    char *value = canonical(form, field);
    const char *told = NULL;
    char *wrong = NULL;
    if (!setup_asked(form, field) || (*value == '\0' && (of->optional || setup_given(form, field))))
        wrong = NULL;
    else if (*value == '\0')
        wrong = g_strdup_printf("%s is needed: %s", of->label, of->help);
    else if (of->wrong && (told = of->wrong(value)) != NULL)
        wrong = g_strdup(told);
    else {
        g_autoptr(Config) scratch = config_parse("", "set-up", NULL, &error);
        if (scratch && !config_set(scratch, of->section, of->key, value, &error))
            wrong = g_strdup(error->message);
    }
    text_wipe_free(value);
    return wrong;
}

static const char *const drivers[] = {"trino", "presto", "sqlite"};

void
setup_choose(SetupForm *form, guint field, int step)
{
    int n = (int)G_N_ELEMENTS(drivers), at = 0;
    for (int i = 0; i < n; i++) {
        if (strcmp(drivers[i], form->values[field]) == 0)
            at = i;
    }
    g_strlcpy(form->values[field], drivers[(at + step + n) % n], SETUP_VALUE_MAX);
}

/* What is in the file whatever the answers are. */
static const struct {
    const char *section, *text;
} fixed[] = {
    {"general", "# Nothing is posted and nothing decided until this is false.\n"
                "dry_run=true\n"
                "# Shown on every screen, so that production is never mistaken for another one:\n"
                "# environment=production\n"},
    {"product.verify", "# Text in the SQL that tells the product, and what works its credit out.\n"
                       "match=Authy\ncalculator=verify\n"},
    {"approval", "# Above this amount two people approve:\n# second_above=10000\n"},
};

Config *
setup_config(const SetupForm *form, GError **error)
{
    g_autoptr(Config) config = config_parse("", "set-up", NULL, error);
    if (!config ||
        (form->slack_url && !config_set(config, "slack", "base_url", form->slack_url, error)))
        return NULL;
    for (guint i = 0; i < setup_n_fields; i++) {
        const SetupField *field = &setup_fields[i];
        char *value = canonical(form, i);
        gboolean ok = !setup_asked(form, i) || *value == '\0' ||
                      config_set(config, field->section, field->key, value, error);
        text_wipe_free(value);
        if (!ok)
            return NULL;
    }
    return g_steal_pointer(&config);
}

/* As GKeyFile reads it back: a backslash and blanks at the start are escaped. */
static void
append_value(GString *out, const char *value)
{
    for (const char *p = value; *p; p++) {
        if (*p == '\\')
            g_string_append(out, "\\\\");
        else if (*p == ' ' && p == value)
            g_string_append(out, "\\s");
        else
            g_string_append_c(out, *p);
    }
}

static void
append_section(const SetupForm *form, const char *section, GString *out)
{
    g_string_append_printf(out, "\n[%s]\n", section);
    for (guint i = 0; i < G_N_ELEMENTS(fixed); i++) {
        if (strcmp(fixed[i].section, section) == 0)
            g_string_append(out, fixed[i].text);
    }
    if (strcmp(section, "slack") == 0 && form->slack_url)
        g_string_append_printf(out, "base_url=%s\n", form->slack_url);
    for (guint i = 0; i < setup_n_fields; i++) {
        const SetupField *field = &setup_fields[i];
        if (strcmp(field->section, section) != 0 || !setup_asked(form, i))
            continue;
        char *value = canonical(form, i);
        if (*value != '\0') {
            g_string_append_printf(out, "%s=", field->key);
            append_value(out, value);
            g_string_append_c(out, '\n');
        } else if (setup_given(form, i)) {
            g_string_append_printf(out, "# %s comes from the environment\n", field->key);
        }
        text_wipe_free(value);
    }
}

char *
setup_text(const SetupForm *form)
{
    static const char *const sections[] = {"general",   "slack",          "looker",
                                           "warehouse", "product.verify", "approval"};
    /* Large enough that it never grows: growing would leave copies of secrets behind. */
    GString *out = g_string_sized_new(setup_n_fields * SETUP_VALUE_MAX * 2 + 4096);
    g_string_append(out, "# CreditBot. Every key is told in docs/configuration.md;\n"
                         "# 'creditbot config check' reads it, 'creditbot doctor' tries it.\n"
                         "# It holds secrets: its mode must stay 0600.\n");
    for (guint i = 0; i < G_N_ELEMENTS(sections); i++)
        append_section(form, sections[i], out);
    return g_string_free(out, FALSE);
}

/* -- the file -- */

static gboolean
fail_file(const char *what, const char *path, GError **error)
{
    g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG, "cannot %s %s: %s", what, path,
                g_strerror(errno));
    return FALSE;
}

static gboolean
same_value(const SetupForm *form, guint field, const Config *config)
{
    char *value = canonical(form, field);
    const SetupField *of = &setup_fields[field];
    const char *got = config_string(config, of->section, of->key);
    g_autofree char *slash = g_strconcat(got ? got : "", "/", NULL);
    gboolean same = !setup_asked(form, field) || *value == '\0' || g_strcmp0(got, value) == 0 ||
                    strcmp(slash, value) == 0 || of->kind != FIELD_SECRET;
    text_wipe_free(value);
    return same;
}

static const char *
no_environment(const char *name)
{
    (void)name;
    return NULL;
}

/* A file that says something else than what was typed is never written. */
static gboolean
check_text(const SetupForm *form, const char *text, const char *path, GError **error)
{
    g_autoptr(Config) config = config_parse(text, path, no_environment, error);
    if (!config)
        return FALSE;
    for (guint i = 0; i < setup_n_fields; i++) {
        if (!same_value(form, i, config)) {
            g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                        "%s has signs that a configuration file cannot hold; give it in the "
                        "environment instead",
                        setup_fields[i].label);
            return FALSE;
        }
    }
    return TRUE;
}

/* Never over another file. */
static gboolean
write_file(const char *text, const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    g_autoptr(GError) cause = NULL;
    if (g_mkdir_with_parents(folder, 0700) != 0)
        return fail_file("make the folder", folder, error);
    g_autoptr(OutFile) file = outfile_new(path, &cause);
    if (file && outfile_write(file, text, strlen(text), &cause) &&
        outfile_done(file, FALSE, &cause))
        return TRUE;
    gboolean taken = g_error_matches(cause, CREDITBOT_ERROR, ERR_CONFLICT);
    g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG, "%s%s", cause->message,
                taken ? " and was left as it is; name another with --config" : "");
    return FALSE;
}

gboolean
setup_write(const SetupForm *form, const char *path, GError **error)
{
    char *text = setup_text(form);
    gboolean ok = check_text(form, text, path, error) && write_file(text, path, error);
    text_wipe_free(text);
    return ok;
}
