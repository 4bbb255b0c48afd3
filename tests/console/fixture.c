/* fixture.c: a desk of its own for each console test. */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include "seed.h"

char *
fixture_program(void)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = g_path_get_dirname(self);
    return g_build_filename(folder, "console_main", NULL);
}

int
fixture_make(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    g_autoptr(GError) error = NULL;
    *state = fixture;
    fixture->program = fixture_program();
    fixture->dir = g_dir_make_tmp("creditbot-console-XXXXXX", &error);
    if (!fixture->dir || !seed_desk(fixture->dir, &error) ||
        !(fixture->config = seed_config(fixture->dir, FALSE, NULL, &error))) {
        print_error("%s\n", error->message);
        return 1;
    }
    return 0;
}

void
fixture_remove(const char *path)
{
    GDir *dir = g_file_test(path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open(path, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *inner = g_build_filename(path, name, NULL);
        fixture_remove(inner);
    }
    if (dir)
        g_dir_close(dir);
    g_remove(path);
}

int
fixture_drop(void **state)
{
    Fixture *fixture = *state;
    fixture_remove(fixture->dir);
    g_free(fixture->dir);
    g_free(fixture->config);
    g_free(fixture->program);
    g_free(fixture);
    return 0;
}

Tty *
fixture_start_with(const Fixture *fixture, int width, int height, const char *theme,
                   const char *const *env)
{
    const char *argv[] = {fixture->program, fixture->config, theme, NULL};
    g_autofree char *home = g_strconcat("HOME=", fixture->dir, NULL);
    g_autoptr(GPtrArray) all = g_ptr_array_new();
    g_ptr_array_add(all, (char[]){"CREDITBOT_TEST_NOW=1789646400"});
    g_ptr_array_add(all, (char[]){"CREDITBOT_TEST_ACTOR=sam:4242"});
    g_ptr_array_add(all, home);
    for (; env && *env; env++)
        g_ptr_array_add(all, (gpointer)(guintptr)*env);
    g_ptr_array_add(all, NULL);
    return tty_start(width, height, argv, (const char *const *)all->pdata);
}

Tty *
fixture_start(const Fixture *fixture, int width, int height, const char *theme, const char *env)
{
    const char *one[] = {env, NULL};
    return fixture_start_with(fixture, width, height, theme, one);
}

Tty *
fixture_queue(const Fixture *fixture, int width, int height)
{
    Tty *tty = fixture_start(fixture, width, height, NULL, NULL);
    tty_wait(tty, "Attack 8 to 10 Sep");
    tty_wait(tty, "next in 12m");
    return tty;
}

void
fixture_quit(Tty *tty)
{
    tty_send(tty, "q");
    int status = tty_end(tty);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_false(tty_on_alternate(tty));
    tty_free(tty);
}

Store *
fixture_store(const Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(fixture->dir, "creditbot.db", NULL);
    StoreOptions options = {.path = path};
    Store *store = store_open(&options, &error);
    if (!store)
        print_error("%s\n", error->message);
    assert_non_null(store);
    return store;
}

void
fixture_verify(const Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) problems = NULL;
    g_autoptr(Store) store = fixture_store(fixture);
    assert_true(store_verify(store, &problems, &error));
    for (guint i = 0; i < problems->len; i++)
        print_error("%s\n", (const char *)g_ptr_array_index(problems, i));
    assert_int_equal(problems->len, 0);
}
