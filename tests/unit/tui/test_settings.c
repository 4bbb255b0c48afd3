/* test_settings.c: what the console remembers: kept, merged, damaged; files that are there whole or
 * not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include "base/error.h"
#include "base/outfile.h"
#include "tui/settings.h"

typedef struct {
    char *folder, *path;
} Place;

static int
set_up(void **state)
{
    Place *place = g_new0(Place, 1);
    place->folder = g_dir_make_tmp("creditbot-settings-XXXXXX", NULL);
    place->path = g_build_filename(place->folder, "console.conf", NULL);
    *state = place;
    return 0;
}

/* Also that nothing else was left there: no temporary file. */
static int
tear_down(void **state)
{
    Place *place = *state;
    g_autofree char *damaged = g_strconcat(place->path, ".damaged", NULL);
    g_unlink(place->path);
    g_unlink(damaged);
    int left = g_rmdir(place->folder);
    g_free(place->path);
    g_free(place->folder);
    g_free(place);
    return left;
}

static void
assert_setting(const char *path, const char *key, const char *value)
{
    g_autoptr(Settings) settings = settings_load(path, NULL);
    g_autofree char *got = settings_get(settings, "view queue", key);
    if (value)
        assert_string_equal(got, value);
    else
        assert_null(got);
}

static void
test_kept(void **state)
{
    const Place *place = *state;
    GStatBuf there;
    g_autoptr(GError) error = NULL;
    g_autoptr(Settings) settings = settings_load(place->path, &error);
    assert_null(error);
    assert_true(settings_save(settings, NULL));
    assert_int_not_equal(g_stat(place->path, &there), 0); /* there was nothing to write */
    settings_set(settings, "view queue", "filter", "state:pending; \"a b\" [x]\n=");
    settings_set(settings, "view queue", "sort", "amount");
    assert_true(settings_save(settings, NULL));
    assert_int_equal(g_stat(place->path, &there), 0);
    assert_int_equal(there.st_mode & 0777, 0600);
    assert_setting(place->path, "filter", "state:pending; \"a b\" [x]\n=");
    settings_set(settings, "view queue", "filter", NULL);
    assert_true(settings_save(settings, NULL));
    assert_setting(place->path, "filter", NULL);
    assert_setting(place->path, "sort", "amount");
}

static void
test_two(void **state)
{
    const Place *place = *state;
    g_autoptr(Settings) one = settings_load(place->path, NULL);
    g_autoptr(Settings) two = settings_load(place->path, NULL);
    settings_set(one, "view queue", "sort", "age");
    settings_set(two, "view queue", "preview", "off");
    assert_true(settings_save(one, NULL));
    assert_true(settings_save(two, NULL));
    assert_setting(place->path, "sort", "age");
    assert_setting(place->path, "preview", "off");
}

static void
test_damaged(void **state)
{
    const Place *place = *state;
    static const char *const bad[] = {"no group\n", "[view queue\nsort=age\n", "\xff\xfe\n"};
    g_autofree char *kept = g_strconcat(place->path, ".damaged", NULL), *text = NULL;
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        assert_true(g_file_set_contents(place->path, bad[i], -1, NULL));
        g_autoptr(Settings) settings = settings_load(place->path, &error);
        assert_non_null(error);
        assert_non_null(strstr(error->message, place->path));
        settings_set(settings, "view queue", "sort", "id");
        assert_true(settings_save(settings, NULL));
        assert_setting(place->path, "sort", "id");
    }
    assert_true(g_file_get_contents(kept, &text, NULL, NULL));
    assert_string_equal(text, bad[2]);
}

static void
test_nowhere(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Settings) settings = settings_load("/dev/null/x/console.conf", NULL);
    (void)state;
    settings_set(settings, "view queue", "sort", "id");
    assert_false(settings_save(settings, &error));
    assert_non_null(strstr(error->message, "/dev/null/x/console.conf"));
}

static void
write_all(const char *path, const char *text, gboolean replace, GError **error)
{
    g_autoptr(OutFile) file = outfile_new(path, error);
    assert_non_null(file);
    assert_true(outfile_write(file, text, strlen(text), error));
    outfile_done(file, replace, error);
}

static void
assert_text(const char *path, const char *expected)
{
    g_autofree char *text = NULL;
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_string_equal(text, expected);
}

static void
test_whole_or_not(void **state)
{
    const Place *place = *state;
    g_autoptr(GError) error = NULL;
    GStatBuf there;
    OutFile *given_up = outfile_new(place->path, NULL);
    assert_true(outfile_write(given_up, "half", 4, NULL));
    outfile_free(given_up);
    assert_int_not_equal(g_stat(place->path, &there), 0);
    write_all(place->path, "one", FALSE, &error);
    assert_null(error);
    write_all(place->path, "two", FALSE, &error);
    assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_CONFLICT));
    assert_text(place->path, "one");
    g_clear_error(&error);
    write_all(place->path, "three", TRUE, &error);
    assert_null(error);
    assert_text(place->path, "three");
    assert_null(outfile_new("/nowhere/at/all.csv", &error));
    assert_non_null(strstr(error->message, "/nowhere/at/all.csv"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_two, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damaged, set_up, tear_down),
        cmocka_unit_test(test_nowhere),
        cmocka_unit_test_setup_teardown(test_whole_or_not, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
