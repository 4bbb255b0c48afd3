/* parse.c: our option tables as GOptionEntries, and errors that help. */
#include "cli/parse.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

const OptSpec global_options[] = {
    {"batch", 0, OPT_FLAG, G_STRUCT_OFFSET(Globals, batch), NULL, "make one pass and exit"},
    {"config", 'c', OPT_TEXT, G_STRUCT_OFFSET(Globals, config), "FILE",
     "read this configuration instead of the usual places"},
    {"demo", 0, OPT_FLAG, G_STRUCT_OFFSET(Globals, demo), NULL,
     "work on the embedded sandbox: no credentials, nothing leaves the machine"},
    {"dry-run", 'n', OPT_FLAG, G_STRUCT_OFFSET(Globals, dry_run), NULL,
     "work everything out, post nothing"},
    {"help", 'h', OPT_FLAG, G_STRUCT_OFFSET(Globals, help), NULL, "show this help, or a command's"},
    {"json", 'j', OPT_FLAG, G_STRUCT_OFFSET(Globals, json), NULL,
     "print JSON: one object, or one a line for lists"},
    {"log-level", 0, OPT_TEXT, G_STRUCT_OFFSET(Globals, log_level), "LEVEL",
     "log from this level on: trace, debug, info, warn, error"},
    {"max", 0, OPT_NUMBER, G_STRUCT_OFFSET(Globals, max), "N", "a pass works at most N requests"},
    {"no-color", 0, OPT_FLAG, G_STRUCT_OFFSET(Globals, no_color), NULL, "never use colour"},
    {"reset", 0, OPT_FLAG, G_STRUCT_OFFSET(Globals, reset), NULL, "with --demo: start it anew"},
    {"theme", 0, OPT_TEXT, G_STRUCT_OFFSET(Globals, theme), "NAME", "the console's colours"},
    {"verbose", 'v', OPT_FLAG, G_STRUCT_OFFSET(Globals, verbose), NULL,
     "show the log of what is done on stderr"},
    {"version", 'V', OPT_FLAG, G_STRUCT_OFFSET(Globals, version), NULL, "show the version"},
    {NULL},
};

static const GOptionArg arg_kinds[] = {
    [OPT_FLAG] = G_OPTION_ARG_NONE,
    [OPT_TEXT] = G_OPTION_ARG_FILENAME, /* bytes as they are: no conversion by locale */
    [OPT_TEXTS] = G_OPTION_ARG_FILENAME_ARRAY,
    [OPT_NUMBER] = G_OPTION_ARG_INT,
};

static void
add_entries(GOptionContext *context, const OptSpec *specs, void *options)
{
    for (const OptSpec *spec = specs; spec && spec->name; spec++) {
        GOptionEntry entry[2] = {{.long_name = spec->name,
                                  .short_name = spec->letter,
                                  .arg = arg_kinds[spec->kind],
                                  .arg_data = (char *)options + spec->offset,
                                  .description = spec->help,
                                  .arg_description = spec->arg}};
        g_option_context_add_main_entries(context, entry, NULL);
    }
}

static void
add_names(GPtrArray *names, const OptSpec *specs)
{
    for (const OptSpec *spec = specs; spec && spec->name; spec++)
        g_ptr_array_add(names, (gpointer)(guintptr)spec->name);
}

/* GLib's own words, and the nearest option when one was not known. */
static gboolean
fail(GError *from, char **words, const OptSpec *specs, const char *command, GError **error)
{
    const char *nearest = NULL;
    if (g_error_matches(from, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION)) {
        g_autoptr(GPtrArray) names = g_ptr_array_new();
        add_names(names, specs);
        add_names(names, global_options);
        g_ptr_array_add(names, NULL);
        for (char **word = words; *word && !nearest; word++) {
            if (g_str_has_prefix(*word, "--") && strstr(from->message, *word))
                nearest = text_nearest(*word + 2, (const char *const *)names->pdata);
        }
    }
    g_set_error(error, CREDITBOT_ERROR, ERR_USAGE, "%s%s%s%s; see creditbot %s%s--help",
                from->message, nearest ? ": did you mean --" : "", nearest ? nearest : "",
                nearest ? "?" : "", command ? command : "", command ? " " : "");
    g_error_free(from);
    return FALSE;
}

static GOptionContext *
context_new(void)
{
    GOptionContext *context = g_option_context_new(NULL);
    g_option_context_set_help_enabled(context, FALSE);
    return context;
}

/* A plain word list that GLib may reorder and shorten; the strings stay the caller's. */
static char **
copy_words(char **words)
{
    guint n = g_strv_length(words);
    char **copy = g_new0(char *, n + 1);
    for (guint i = 0; i < n; i++)
        copy[i] = words[i];
    return copy;
}

gboolean
parse_globals(int argc, char **argv, Globals *globals, char ***rest, GError **error)
{
    g_autofree char **words = copy_words(argv);
    g_autoptr(GOptionContext) context = context_new();
    g_option_context_set_strict_posix(context, TRUE);
    add_entries(context, global_options, globals);
    GError *failure = NULL;
    char **parsed = words;
    if (!g_option_context_parse(context, &argc, &parsed, &failure))
        return fail(failure, argv, NULL, NULL, error);
    char **from = words[0] && words[1] && strcmp(words[1], "--") == 0 ? words + 2 : words + 1;
    *rest = copy_words(words[0] ? from : words);
    return TRUE;
}

gboolean
parse_command(const Command *command, char **words, Globals *globals, void *options, char ***args,
              GError **error)
{
    g_autofree char **copy = copy_words(words);
    g_autoptr(GOptionContext) context = context_new();
    add_entries(context, command->options, options);
    add_entries(context, global_options, globals);
    GError *failure = NULL;
    int argc = (int)g_strv_length(copy);
    char **parsed = copy;
    if (!g_option_context_parse(context, &argc, &parsed, &failure))
        return fail(failure, words, command->options, command->name, error);
    char **left = g_new0(char *, argc + 1);
    int n = 0;
    gboolean ended = FALSE;
    for (int i = 1; i < argc; i++) {
        if (!ended && strcmp(copy[i], "--") == 0) {
            ended = TRUE;
            continue;
        }
        left[n++] = copy[i];
    }
    *args = left;
    return TRUE;
}

void
parse_clear(const OptSpec *specs, void *options)
{
    for (const OptSpec *spec = specs; spec && spec->name; spec++) {
        void *member = (char *)options + spec->offset;
        if (spec->kind == OPT_TEXT)
            g_clear_pointer((char **)member, g_free);
        else if (spec->kind == OPT_TEXTS)
            g_clear_pointer((char ***)member, g_strfreev);
    }
}
