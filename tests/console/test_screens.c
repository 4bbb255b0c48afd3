/* test_screens.c: every screen of tests/console/screens/steps, cell by cell and role by role; and
 * that every view, dialog and command has one.
 *
 * A pattern as argument, or in $SCREENS, picks the screens whose name fits it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include "fixture.h"
#include "screens.h"
#include "seed.h"
#include "tui/command.h"

/* -- the desks that screens are shown on -- */

#define READ "Attack 8 to 10 Sep"
#define POLICY                                                                                     \
    "[approval]\ntiers=500:2;5000:2:seniors\nbreak_glass=sam\ndaily_limit=20000\n"                 \
    "allowed_signers=/nowhere/allowed\n[group.seniors]\nmembers=ines;juri\n"

typedef struct {
    const char *name;
    gboolean dry, empty;
    guint history;     /* decided requests besides the desk's own */
    const char *ready; /* shown when all is read; not waited for on a screen that is too small */
    const char *extra; /* lines for the configuration */
    const char *theme; /* NULL: roles */
    const char *env;
    gboolean (*prepare)(const char *dir, GError **error);
} Desks;

static gboolean
break_store(const char *dir, GError **error)
{
    g_autofree char *path = g_build_filename(dir, "creditbot.db", NULL);
    return g_file_set_contents(path, "this is no database, and never was one", -1, error);
}

static const Desks desks[] = {
    {.name = "live", .ready = READ},
    {.name = "dry", .dry = TRUE, .ready = READ},
    {.name = "mono", .theme = "mono", .ready = READ},
    {.name = "ascii", .env = "LC_ALL=C", .ready = READ},
    {.name = "empty", .empty = TRUE, .ready = "no pass yet"},
    {.name = "many", .history = 3000, .ready = READ},
    {.name = "policy", .ready = READ, .extra = POLICY},
    {.name = "mono-policy", .theme = "mono", .ready = READ, .extra = POLICY},
    {.name = "stale", .ready = READ, .extra = "[approval]\nrun_max_age=15m\n"},
    {.name = "split", .ready = READ, .prepare = seed_split},
    {.name = "glass", .ready = READ, .prepare = seed_glass},
    {.name = "broken", .empty = TRUE, .prepare = break_store},
};

static const Desks *
desk_named(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(desks); i++) {
        if (strcmp(desks[i].name, name) == 0)
            return &desks[i];
    }
    fail_msg("no desk is named %s", name);
    return NULL;
}

/* Made once each, then copied. */
static char *made[G_N_ELEMENTS(desks)];

static const char *
desk_made(const Desks *desk)
{
    g_autoptr(GError) error = NULL;
    gsize which = (gsize)(desk - desks);
    if (made[which])
        return made[which];
    char *dir = g_dir_make_tmp("creditbot-desk-XXXXXX", &error);
    if (!dir || (!desk->empty && !seed_desk(dir, &error)) ||
        (desk->history && !seed_history(dir, desk->history, &error)) ||
        (desk->prepare && !desk->prepare(dir, &error)))
        fail_msg("%s: %s", desk->name, error->message);
    made[which] = dir;
    return dir;
}

static void
copy_file(const char *from, const char *to, const char *name)
{
    g_autofree char *source = g_build_filename(from, name, NULL),
                    *target = g_build_filename(to, name, NULL), *bytes = NULL;
    gsize len;
    if (g_file_get_contents(source, &bytes, &len, NULL))
        assert_true(g_file_set_contents_full(target, bytes, (gssize)len, G_FILE_SET_CONTENTS_NONE,
                                             0600, NULL));
}

static void
drop_desks(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(desks); i++) {
        if (made[i])
            fixture_remove(made[i]);
        g_clear_pointer(&made[i], g_free);
    }
}

static char *
source_file(const char *path)
{
    const char *top = g_getenv("CREDITBOT_SRCDIR");
    return g_build_filename(top ? top : ".", path, NULL);
}

/* -- a screen -- */

static void
test_screen(void **state)
{
    const Screen *screen = *state;
    const Desks *desk = desk_named(screen->desk);
    g_autoptr(GError) error = NULL;
    const char *from = desk_made(desk);
    Fixture fixture = {.program = fixture_program()};
    fixture.dir = g_dir_make_tmp("creditbot-screen-XXXXXX", &error);
    copy_file(from, fixture.dir, "creditbot.db");
    assert_true(screens_theme(fixture.dir, &error));
    fixture.config = seed_config(fixture.dir, desk->dry, desk->extra, &error);
    g_autofree char *themes = g_strconcat("CREDITBOT_THEMES=", fixture.dir, NULL);
    const char *env[] = {themes, desk->env, NULL};
    Tty *tty = fixture_start_with(&fixture, screen->width, screen->height,
                                  desk->theme ? desk->theme : "roles", env);
    if (desk->ready && screen->width >= CONSOLE_MIN_WIDTH && screen->height >= CONSOLE_MIN_HEIGHT)
        tty_wait(tty, desk->ready);
    for (guint i = 0; i < screen->steps->len; i++)
        screens_step(tty, g_ptr_array_index(screen->steps, i));
    g_autofree char *folder = source_file("tests/console/screens");
    screens_check(tty, screen, folder, g_strcmp0(desk->theme, "mono") == 0, fixture.dir);
    tty_free(tty);
    fixture_remove(fixture.dir);
    g_free(fixture.dir);
    g_free(fixture.config);
    g_free(fixture.program);
}

/* -- that nothing goes without a screen -- */

static GPtrArray *all_screens;

static gboolean
some_screen_begins(const char *name)
{
    for (guint i = 0; i < all_screens->len; i++) {
        const Screen *screen = g_ptr_array_index(all_screens, i);
        gsize len = strlen(name);
        if (strncmp(screen->name, name, len) == 0 && strchr("-", screen->name[len]))
            return TRUE;
    }
    return FALSE;
}

static void
test_every_view(void **state)
{
    (void)state;
    for (ViewId id = 0; id < VIEW_COUNT; id++) {
        if (!some_screen_begins(view_ops(id)->name))
            fail_msg("the view '%s' has no screen in tests/console/screens/steps: its name begins "
                     "with the view's",
                     view_ops(id)->name);
    }
}

/* The names of all dialogs, as the sources define them: static const DialogOps x = {"name", … */
static void
find_dialogs(const char *folder, GPtrArray *names)
{
    g_autoptr(GRegex) regex =
        g_regex_new("const DialogOps \\w+ = \\{\\s*(?:\\.name = )?\"([a-z-]+)\"", 0, 0, NULL);
    GDir *dir = g_dir_open(folder, 0, NULL);
    for (const char *file; dir && (file = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, file, NULL), *text = NULL;
        g_autoptr(GMatchInfo) match = NULL;
        if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
            find_dialogs(path, names);
            continue;
        }
        if (!g_str_has_suffix(file, ".c") || !g_file_get_contents(path, &text, NULL, NULL))
            continue;
        for (g_regex_match(regex, text, 0, &match); g_match_info_matches(match);
             g_match_info_next(match, NULL))
            g_ptr_array_add(names, g_match_info_fetch(match, 1));
    }
    if (dir)
        g_dir_close(dir);
}

static void
test_every_dialog(void **state)
{
    (void)state;
    g_autofree char *folder = source_file("tui");
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    find_dialogs(folder, names);
    assert_true(names->len >= 6);
    for (guint i = 0; i < names->len; i++) {
        if (!some_screen_begins(g_ptr_array_index(names, i)))
            fail_msg("the dialog '%s' has no screen in tests/console/screens/steps: its name "
                     "begins with the dialog's",
                     (const char *)g_ptr_array_index(names, i));
    }
}

/* The view that a screen is named after; others stand on the queue. */
static ViewId
view_of(const Screen *screen)
{
    for (ViewId id = 0; id < VIEW_COUNT; id++) {
        if (g_str_has_prefix(screen->name, view_ops(id)->name))
            return id;
    }
    return VIEW_QUEUE;
}

/* A step presses one of the command's keys in a view where it works, or types its name. */
static gboolean
touches(const Screen *screen, const Command *command)
{
    g_auto(GStrv) keys = g_strsplit(command->keys, " ", -1);
    g_autofree char *typed = g_strconcat("\"", command->name, NULL);
    gboolean works = (command->views & VIEW_BIT(view_of(screen))) != 0;
    for (guint i = 0; i < screen->steps->len; i++) {
        const char *step = g_ptr_array_index(screen->steps, i);
        const char *before = i > 0 ? g_ptr_array_index(screen->steps, i - 1) : "";
        if (works && g_strv_contains((const char *const *)keys, step))
            return TRUE;
        if (strcmp(before, ":") == 0 && g_str_has_prefix(step, typed) &&
            strchr(" \"\\", step[strlen(typed)]))
            return TRUE;
    }
    return FALSE;
}

static void
test_every_command(void **state)
{
    (void)state;
    g_autoptr(GString) missing = g_string_new(NULL);
    for (guint i = 0; i < commands_count(); i++) {
        gboolean touched = FALSE;
        for (guint k = 0; k < all_screens->len && !touched; k++)
            touched = touches(g_ptr_array_index(all_screens, k), &commands[i]);
        if (!touched)
            g_string_append_printf(missing, " %s", commands[i].name);
    }
    if (missing->len > 0)
        fail_msg("commands that no screen in tests/console/screens/steps uses:%s", missing->str);
}

/* A golden screen whose steps are gone is of no use. */
static void
test_no_leftovers(void **state)
{
    (void)state;
    g_autofree char *folder = source_file("tests/console/screens");
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < all_screens->len; i++) {
        const Screen *screen = g_ptr_array_index(all_screens, i);
        char *file =
            g_strdup_printf("%s.%dx%d.screen", screen->name, screen->width, screen->height);
        if (!g_hash_table_add(known, file))
            fail_msg("two screens are named %s", file);
    }
    GDir *dir = g_dir_open(folder, 0, NULL);
    assert_non_null(dir);
    for (const char *file; (file = g_dir_read_name(dir));) {
        if (g_str_has_suffix(file, ".screen") && !g_hash_table_contains(known, file))
            fail_msg("%s has no steps", file);
    }
    g_dir_close(dir);
}

static void
add_test(GArray *tests, const char *name, CMUnitTestFunction run, void *data)
{
    struct CMUnitTest test = {.name = name, .test_func = run, .initial_state = data};
    g_array_append_val(tests, test);
}

int
main(int argc, char **argv)
{
    const char *pattern = argc > 1 ? argv[1] : g_getenv("SCREENS");
    g_autoptr(GError) error = NULL;
    g_autofree char *path = source_file("tests/console/screens/steps");
    g_autoptr(GArray) tests = g_array_new(FALSE, FALSE, sizeof(struct CMUnitTest));
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    all_screens = screens_read(path, &error);
    if (!all_screens) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    if (!pattern) {
        add_test(tests, "every view has a screen", test_every_view, NULL);
        add_test(tests, "every dialog has a screen", test_every_dialog, NULL);
        add_test(tests, "every command is used", test_every_command, NULL);
        add_test(tests, "every golden screen has steps", test_no_leftovers, NULL);
    }
    for (guint i = 0; i < all_screens->len; i++) {
        Screen *screen = g_ptr_array_index(all_screens, i);
        char *name = g_strdup_printf("%s %dx%d", screen->name, screen->width, screen->height);
        g_ptr_array_add(names, name);
        if (!pattern || g_pattern_match_simple(pattern, screen->name))
            add_test(tests, name, test_screen, screen);
    }
    int failed = _cmocka_run_group_tests("screens", (const struct CMUnitTest *)(void *)tests->data,
                                         tests->len, NULL, NULL);
    drop_desks();
    g_ptr_array_unref(all_screens);
    return failed;
}
