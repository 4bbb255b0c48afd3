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

static char *
beside_self(const char *name)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = g_path_get_dirname(self);
    return g_build_filename(folder, name, NULL);
}

int
fixture_make(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    g_autoptr(GError) error = NULL;
    fixture->program = beside_self("console_main");
    fixture->dir = g_dir_make_tmp("creditbot-console-XXXXXX", &error);
    if (!fixture->dir || !seed_desk(fixture->dir, &error) ||
        !(fixture->config = seed_config(fixture->dir, FALSE, NULL, &error))) {
        print_error("%s\n", error->message);
        return 1;
    }
    *state = fixture;
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
fixture_start(const Fixture *fixture, int width, int height, const char *theme, const char *env)
{
    const char *argv[] = {fixture->program, fixture->config, theme, NULL};
    g_autofree char *home = g_strconcat("HOME=", fixture->dir, NULL);
    const char *all[] = {"CREDITBOT_TEST_NOW=1789646400", home, env, NULL};
    return tty_start(width, height, argv, all);
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
