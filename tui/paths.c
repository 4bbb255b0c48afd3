/* paths.c: see paths.h. */
#include "tui/paths.h"

#include <string.h>
#include "tui/console_private.h"
#include "tui/widgets/dialogs.h"

#define NAMES_MAX 5000 /* that are read of a folder */

/* Travels to a worker and back. */
typedef struct {
    Console *console;
    char *folder;
    GPtrArray *names;
} Reading;

void
paths_clear(Paths *paths)
{
    g_clear_pointer(&paths->folder, g_free);
    g_clear_pointer(&paths->names, g_ptr_array_unref);
}

char *
paths_expand(const char *path)
{
    return g_str_has_prefix(path, "~/") ? g_build_filename(g_get_home_dir(), path + 2, NULL)
                                        : g_strdup(path);
}

/* -- on a worker -- */

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static gboolean
reading_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    Reading *reading = data;
    g_autofree char *path = *reading->folder ? paths_expand(reading->folder) : g_strdup(".");
    GDir *dir = g_dir_open(path, 0, NULL);
    (void)desk;
    (void)error;
    reading->names = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; dir && (name = g_dir_read_name(dir)) && !cancel_fired(cancel);) {
        g_autofree char *whole = g_build_filename(path, name, NULL);
        gboolean folder = g_file_test(whole, G_FILE_TEST_IS_DIR);
        if (!g_utf8_validate(name, -1, NULL) || reading->names->len >= NAMES_MAX)
            continue;
        g_ptr_array_add(reading->names, g_strconcat(name, folder ? "/" : "", NULL));
    }
    if (dir)
        g_dir_close(dir);
    g_ptr_array_sort(reading->names, compare_names);
    return TRUE;
}

static void
reading_done(gpointer data, const GError *error)
{
    Reading *reading = data;
    Paths *paths = &reading->console->paths;
    (void)error;
    if (g_strcmp0(paths->folder, reading->folder) != 0 || !reading->names)
        return;
    g_clear_pointer(&paths->names, g_ptr_array_unref);
    paths->names = g_steal_pointer(&reading->names);
    prompt_look_again(reading->console);
}

static void
reading_free(gpointer data)
{
    Reading *reading = data;
    g_clear_pointer(&reading->names, g_ptr_array_unref);
    g_free(reading->folder);
    g_free(reading);
}

static void
read_folder(Console *console, const char *folder)
{
    Reading *reading = g_new0(Reading, 1);
    paths_clear(&console->paths);
    console->paths.folder = g_strdup(folder);
    reading->console = console;
    reading->folder = g_strdup(folder);
    JobSpec spec = {.what = g_strdup("reading a folder"),
                    .quiet = TRUE,
                    .run = reading_run,
                    .done = reading_done,
                    .data = reading,
                    .free_data = reading_free};
    work_start(console->work, &spec);
}

/* -- for a prompt -- */

static char **
complete(Console *console, const char *path, char *(*spell)(const char *))
{
    const char *slash = strrchr(path, '/'), *begin = slash ? slash + 1 : path;
    g_autofree char *folder = g_strndup(path, (gsize)(begin - path));
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    const GPtrArray *names = console->paths.names;
    if (g_strcmp0(console->paths.folder, folder) != 0) {
        read_folder(console, folder);
        return NULL;
    }
    for (guint i = 0; names && i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        if (!g_str_has_prefix(name, begin) || (*name == '.' && *begin != '.'))
            continue;
        g_autofree char *whole = g_strconcat(folder, name, NULL);
        g_ptr_array_add(words, spell(whole));
    }
    if (words->len == 0)
        return NULL;
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&words), FALSE);
}

static char *
spell_plain(const char *path)
{
    return g_strdup(path);
}

/* As g_shell_parse_argv() reads it back. */
static char *
spell_word(const char *path)
{
    GString *word = g_string_new(NULL);
    for (const char *p = path; *p; p++) {
        if (strchr(" \t\"'\\$`#&;|<>()*?[]!{}", *p))
            g_string_append_c(word, '\\');
        g_string_append_c(word, *p);
    }
    return g_string_free(word, FALSE);
}

char **
paths_complete(Console *console, const char *path)
{
    return complete(console, path, spell_plain);
}

char **
paths_complete_word(Console *console, const char *line, gsize cursor, gsize *from,
                    const char *first)
{
    g_autoptr(GString) word = g_string_new(NULL);
    *from = 0;
    for (gsize i = 0; i < cursor; i++) {
        if (line[i] == ' ') {
            *from = i + 1;
            g_string_truncate(word, 0);
        } else if (line[i] != '\\' || i + 1 == cursor) {
            g_string_append_c(word, line[i]);
        } else {
            g_string_append_c(word, line[++i]);
        }
    }
    if (first && word->len > 0 && g_str_has_prefix(first, word->str)) {
        char **one = g_new0(char *, 2);
        one[0] = g_strdup(first);
        return one;
    }
    return complete(console, word->str, spell_word);
}
