/* Opening the state: what is refused and with which words, migrations, full and read-only disks,
 * damage. */
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

static void
refused(Fixture *f, gboolean read_only, int code, const char *part)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) store = fixture_open(f, read_only, &error);
    assert_null(store);
    is_error(&error, code, part);
}

static void
change(Fixture *f, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static guint
count_files(Fixture *f)
{
    guint n = 0;
    g_autoptr(GDir) dir = g_dir_open(f->folder, 0, NULL);
    while (g_dir_read_name(dir))
        n++;
    return n;
}

static void
test_modes(void **state)
{
    Fixture *f = *state;
    request_put(f->store, 1, STATE_NEW);
    const char *const suffixes[] = {"", "-wal", "-shm"};
    for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *path = g_strconcat(f->path, suffixes[i], NULL);
        struct stat info;
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_mode & 0777, 0600);
    }
    g_clear_pointer(&f->store, store_close);
    assert_int_equal(count_files(f), 1);
    g_chmod(f->path, 0644);
    refused(f, FALSE, ERR_CONFIG, "chmod 0600");
    g_chmod(f->path, 0600);
    g_chmod(f->folder, 0777);
    refused(f, TRUE, ERR_CONFIG, "chmod o-w");
    g_chmod(f->folder, 0700);
    g_autoptr(GError) error = NULL;
    f->store = fixture_open(f, FALSE, &error);
    no_error(error);
}

static void
test_group(void **state)
{
    Fixture *f = *state;
    g_clear_pointer(&f->store, store_close);
    g_unlink(f->path);
    g_autoptr(GError) error = NULL;
    StoreOptions options = {.path = f->path, .group = "no such group"};
    assert_null(store_open(&options, &error));
    is_error(&error, ERR_CONFIG, "[store] group");
    assert_int_equal(count_files(f), 0);
    options.group = geteuid() == 0 ? "daemon" : NULL;
    if (!options.group)
        skip();
    f->store = store_open(&options, &error);
    no_error(error);
    request_put(f->store, 1, STATE_NEW);
    const char *const suffixes[] = {"", "-wal", "-shm"};
    for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *path = g_strconcat(f->path, suffixes[i], NULL);
        struct stat info;
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_mode & 0777, 0660);
    }
}

static void
test_not_ours(void **state)
{
    Fixture *f = *state;
    g_clear_pointer(&f->store, store_close);
    change(f, "PRAGMA user_version=99");
    refused(f, FALSE, ERR_STORE, "newer creditbot");
    refused(f, TRUE, ERR_STORE, "newer creditbot");
    change(f, "PRAGMA user_version=1; PRAGMA application_id=5");
    refused(f, FALSE, ERR_STORE, "not a state of creditbot");
    g_file_set_contents(f->path, "", 0, NULL);
    g_chmod(f->path, 0600);
    refused(f, FALSE, ERR_STORE, "is empty");
    g_file_set_contents(f->path, "[general]\ndry_run=true\n", -1, NULL);
    g_chmod(f->path, 0600);
    refused(f, FALSE, ERR_STORE, "no SQLite database");
    g_unlink(f->path);
    refused(f, TRUE, ERR_NOT_FOUND, "no state");
    assert_int_equal(count_files(f), 0); /* reading made nothing */
    g_autofree char *deep = g_build_filename(f->folder, "missing", "x.db", NULL);
    Fixture other = *f;
    other.path = deep;
    refused(&other, FALSE, ERR_NOT_FOUND, "missing");
}

static void
test_path(void **state G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *usual = store_path(NULL, "/var/lib/x", &error);
    assert_string_equal(usual, "/var/lib/x/creditbot.db");
    g_autofree char *named = store_path("sqlite:/srv/c.db", "/var/lib/x", &error);
    assert_string_equal(named, "/srv/c.db");
    assert_null(store_path("postgresql://db.example.com/x", "/", &error));
    is_error(&error, ERR_CONFIG, "PostgreSQL");
    assert_null(store_path("mysql:x", "/", &error));
    is_error(&error, ERR_CONFIG, "sqlite:PATH");
}

typedef int (*ChildFunc)(Fixture *f);

/* Runs func in a process of its own; 0 is well. */
static void
in_child(Fixture *f, ChildFunc func)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(func(f));
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("child: status %x", (guint)status);
}

static gboolean
says(const GError *error, const char *part)
{
    if (error && error->code == ERR_STORE && strstr(error->message, part))
        return TRUE;
    g_printerr("# expected \"%s\", got: %s\n", part, error ? error->message : "no error");
    return FALSE;
}

static gboolean
add_many(Store *store, void *data G_GNUC_UNUSED, GError **error)
{
    g_autofree char *text = g_strnfill(20000, 'x');
    for (int i = 0; i < 100; i++) {
        g_autoptr(Request) r = request_make(1000 + i, STATE_NEW);
        g_free(r->text);
        r->text = g_strdup(text);
        /* A caller that overlooks a failure must not commit half of it. */
        g_autoptr(GError) overlooked = NULL;
        if (!store_request_add(store, r, NULL, &overlooked) && i % 2) {
            g_propagate_error(error, g_steal_pointer(&overlooked));
            return FALSE;
        }
    }
    return TRUE;
}

static int
full_disk(Fixture *f)
{
    g_autoptr(GError) error = NULL;
    signal(SIGXFSZ, SIG_IGN);
    Store *store = fixture_open(f, FALSE, &error);
    struct stat info;
    if (!store || stat(f->path, &info) != 0)
        return 1;
    struct rlimit limit = {(rlim_t)info.st_size, (rlim_t)info.st_size};
    setrlimit(RLIMIT_FSIZE, &limit);
    if (store_transact(store, add_many, NULL, &error) || !says(error, "ulimit"))
        return 2;
    g_clear_error(&error);
    gboolean written = TRUE;
    for (int i = 0; i < 100 && written; i++)
        written = store_check_writable(store, &error);
    if (written || !says(error, "nothing was changed"))
        return 3;
    g_clear_error(&error);
    g_autoptr(Request) r = store_request_get(store, 1, &error);
    return r ? 0 : 4;
}

static void
test_full_disk(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    request_put(f->store, 1, STATE_NEW);
    g_clear_pointer(&f->store, store_close);
    in_child(f, full_disk);
    f->store = fixture_open(f, FALSE, &error);
    no_error(error);
    StateCounts counts;
    assert_true(store_counts(f->store, 0, &counts, &error));
    assert_int_equal(counts.count[STATE_NEW], 1);
    g_autoptr(GPtrArray) problems = NULL;
    assert_true(store_verify(f->store, &problems, &error));
    assert_int_equal(problems->len, 0);
}

static int
read_only_folder(Fixture *f)
{
    g_autoptr(GError) error = NULL;
    if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
        return 1;
    Store *reading = fixture_open(f, TRUE, &error);
    if (!reading) {
        g_printerr("# %s\n", error->message);
        return 2;
    }
    g_autoptr(Request) r = store_request_get(reading, 1, &error);
    if (!r)
        return 3;
    if (store_value_set(reading, "a", "b", &error) || !says(error, "reading only"))
        return 4;
    g_clear_error(&error);
    store_close(reading);
    Store *writing = fixture_open(f, FALSE, &error);
    if (writing && store_check_writable(writing, &error))
        return 5;
    store_close(writing);
    return error && error->code == ERR_STORE &&
                   (strstr(error->message, "read-only") || strstr(error->message, "access") ||
                    strstr(error->message, "may read and write"))
               ? 0
               : 6;
}

static void
test_read_only(void **state)
{
    Fixture *f = *state;
    request_put(f->store, 1, STATE_NEW);
    g_clear_pointer(&f->store, store_close);
    if (geteuid() == 0) {
        assert_int_equal(chown(f->path, NOBODY, NOBODY), 0);
        assert_int_equal(chown(f->folder, NOBODY, NOBODY), 0);
    }
    g_chmod(f->path, 0400);
    g_chmod(f->folder, 0500);
    in_child(f, read_only_folder);
    g_chmod(f->folder, 0700);
    g_chmod(f->path, 0600);
}

static gboolean
count_request(Request *request G_GNUC_UNUSED, void *data)
{
    ++*(guint *)data;
    return TRUE;
}

/* Reads and changes whatever a damaged file still gives; errors must be ours and clear. */
static gboolean
use_damaged(Fixture *f, GError **error)
{
    guint n = 0;
    g_autoptr(Store) store = fixture_open(f, FALSE, error);
    if (!store || !store_requests(store, &(RequestFilter){0}, count_request, &n, error))
        return FALSE;
    StateCounts counts;
    if (!store_counts(store, 0, &counts, error))
        return FALSE;
    g_autoptr(GPtrArray) events = store_events(store, 0, 0, 0, error);
    if (!events)
        return FALSE;
    g_autoptr(GPtrArray) problems = NULL;
    if (!store_verify(store, &problems, error))
        return FALSE;
    if (problems->len == 0 && n != 12)
        fail_msg("%u of 12 requests, and verify says nothing", n);
    return problems->len == 0 && store_event(store, 1, "x", "note", NULL, NULL, NULL, error);
}

static void
test_damage(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    for (int i = 0; i < 12; i++)
        posted_put(f->store, i, i * 1000);
    g_clear_pointer(&f->store, store_close);
    g_autofree char *bytes = NULL;
    gsize len = 0;
    assert_true(g_file_get_contents(f->path, &bytes, &len, NULL));
    g_autoptr(GRand) random = g_rand_new_with_seed(42);
    Fixture other = *f;
    other.path = g_build_filename(f->folder, "flipped.db", NULL);
    guint noticed = 0;
    for (int i = 0; i < 400; i++) {
        g_autofree char *copy = g_memdup2(bytes, len);
        for (int k = g_rand_int_range(random, 1, 9); k > 0; k--)
            copy[g_rand_int_range(random, 0, (gint32)len)] ^=
                (char)(1 << g_rand_int_range(random, 0, 8));
        const char *const suffixes[] = {"-wal", "-shm"};
        for (int k = 0; k < 2; k++) {
            g_autofree char *beside = g_strconcat(other.path, suffixes[k], NULL);
            g_unlink(beside);
        }
        int fd = open(other.path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        assert_int_equal(write(fd, copy, len), (gssize)len);
        close(fd);
        if (use_damaged(&other, &error))
            continue;
        noticed++;
        if (error) {
            assert_int_equal(error->code, ERR_STORE);
            assert_true(strlen(error->message) > 30);
            g_clear_error(&error);
        }
    }
    assert_true(noticed > 100);
    g_free(other.path);
}

static void
test_stamp(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) other = fixture_open(f, FALSE, &error);
    g_autoptr(Store) reader = fixture_open(f, TRUE, &error);
    no_error(error);
    gint64 a = store_stamp(f->store), r = store_stamp(reader);
    assert_true(store_stamp(f->store) == a);
    assert_true(store_value_set(other, "k", "v", &error));
    gint64 b = store_stamp(f->store);
    assert_true(b != a);
    assert_true(store_stamp(reader) != r);
    assert_true(store_value_set(f->store, "k", "w", &error));
    assert_true(store_stamp(f->store) != b);
    g_autofree char *value = store_value(reader, "k");
    assert_string_equal(value, "w");
    assert_true(store_value_set(other, "k", NULL, &error));
    assert_null(store_value(reader, "k"));
}

static gboolean
fail_inside(Store *store, void *data G_GNUC_UNUSED, GError **error)
{
    store_value_set(store, "inner", "1", error);
    g_set_error(error, CREDITBOT_ERROR, ERR_INPUT, "on purpose");
    return FALSE;
}

static gboolean
nested(Store *store, void *data, GError **error)
{
    if (!store_value_set(store, "outer", "1", error))
        return FALSE;
    if (store_transact(store, fail_inside, NULL, NULL))
        return FALSE;
    return data == NULL;
}

static void
test_transactions(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    assert_false(store_transact(f->store, nested, f, &error));
    assert_null(store_value(f->store, "outer"));
    assert_true(store_transact(f->store, nested, NULL, &error));
    g_autofree char *outer = store_value(f->store, "outer");
    assert_string_equal(outer, "1");
    assert_null(store_value(f->store, "inner"));
    assert_true(store_check_writable(f->store, &error));
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(test_modes),  T(test_group),     T(test_not_ours),
        T(test_path),   T(test_full_disk), T(test_read_only),
        T(test_damage), T(test_stamp),     T(test_transactions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
