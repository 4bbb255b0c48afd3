/* test_log_keeper.c: every line that was logged is in the state when the keeper has stopped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <string.h>

#include "cli/log_keeper.h"

#define THREADS 4
#define LINES   500

typedef struct {
    char *folder, *path;
} Place;

static int
setup(void **state)
{
    Place *place = g_new0(Place, 1);
    place->folder = g_dir_make_tmp("creditbot-XXXXXX", NULL);
    place->path = g_build_filename(place->folder, "creditbot.db", NULL);
    *state = place;
    return place->folder ? 0 : -1;
}

static int
teardown(void **state)
{
    Place *place = *state;
    GDir *dir = g_dir_open(place->folder, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(place->folder, name, NULL);
        g_unlink(path);
    }
    if (dir)
        g_dir_close(dir);
    g_rmdir(place->folder);
    g_free(place->folder);
    g_free(place->path);
    g_free(place);
    return 0;
}

static gpointer
write_lines(gpointer log)
{
    for (int i = 0; i < LINES; i++)
        log_write(log, LOG_LEVEL_INFO, "test", "line %d", i);
    return NULL;
}

static gboolean
count_row(const LogRow *row, void *data)
{
    assert_string_equal(row->area, "test");
    (*(guint *)data)++;
    return TRUE;
}

static guint
rows_kept(const Place *place)
{
    g_autoptr(GError) error = NULL;
    StoreOptions options = {.path = place->path};
    g_autoptr(Store) store = store_open(&options, &error);
    guint rows = 0;
    assert_non_null(store);
    assert_true(store_logs(store, &(LogFilter){0}, count_row, &rows, &error));
    return rows;
}

static void
every_line_is_kept(void **state)
{
    const Place *place = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Log) log = log_new(NULL);
    StoreOptions options = {.path = place->path};
    LogKeeper *keeper = log_keeper_start(&options, log, &error);
    assert_non_null(keeper);
    GThread *threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        threads[i] = g_thread_new("writer", write_lines, log);
    for (int i = 0; i < THREADS; i++)
        g_thread_join(threads[i]);
    assert_true(log_keeper_stop(keeper, &error));
    assert_int_equal(rows_kept(place), THREADS * LINES);
}

static LogKeeper *
start_on_a_state(const Place *place, Log *log)
{
    StoreOptions options = {.path = place->path};
    store_close(store_open(&options, NULL));
    return log_keeper_start(&options, log, NULL);
}

/* It opens with the first line, on its own thread: what comes before that is buffered. */
static void
lines_wait_for_the_state(void **state)
{
    const Place *place = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Log) log = log_new(NULL);
    LogKeeper *keeper = start_on_a_state(place, log);
    assert_non_null(keeper);
    assert_int_equal(g_chmod(place->path, 0644), 0); /* refused: others could read it */
    write_lines(log);
    assert_int_equal(g_chmod(place->path, 0600), 0);
    assert_true(log_keeper_stop(keeper, &error));
    assert_int_equal(rows_kept(place), LINES);
}

static void
lost_lines_are_told(void **state)
{
    const Place *place = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Log) log = log_new(NULL);
    LogKeeper *keeper = start_on_a_state(place, log);
    assert_int_equal(g_chmod(place->path, 0644), 0);
    write_lines(log);
    assert_false(log_keeper_stop(keeper, &error));
    assert_non_null(strstr(error->message, "500 lines of the log are not in the state: "));
    assert_non_null(strstr(error->message, "others can read it"));
}

static void
a_state_that_is_gone_is_not_made_anew(void **state)
{
    const Place *place = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Log) log = log_new(NULL);
    LogKeeper *keeper = start_on_a_state(place, log);
    assert_int_equal(g_unlink(place->path), 0);
    write_lines(log);
    assert_false(log_keeper_stop(keeper, &error));
    assert_false(g_file_test(place->path, G_FILE_TEST_EXISTS));
}

static void
a_state_that_cannot_open_is_an_error(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Log) log = log_new(NULL);
    StoreOptions options = {.path = "/nonexistent/folder/creditbot.db"};
    assert_null(log_keeper_start(&options, log, &error));
    assert_non_null(error);
    assert_true(log_keeper_stop(NULL, NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_line_is_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(lines_wait_for_the_state, setup, teardown),
        cmocka_unit_test_setup_teardown(lost_lines_are_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_state_that_is_gone_is_not_made_anew, setup, teardown),
        cmocka_unit_test(a_state_that_cannot_open_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
