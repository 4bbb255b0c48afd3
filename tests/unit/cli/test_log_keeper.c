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
    log_keeper_stop(keeper);
    g_autoptr(Store) store = store_open(&options, &error);
    assert_non_null(store);
    guint rows = 0;
    assert_true(store_logs(store, &(LogFilter){0}, count_row, &rows, &error));
    assert_int_equal(rows, THREADS * LINES);
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
    log_keeper_stop(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_line_is_kept, setup, teardown),
        cmocka_unit_test(a_state_that_cannot_open_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
