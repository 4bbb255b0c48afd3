/* fuzz_state_import.c: any lines as an export of the state: taken whole or not at all, and what was
 * taken is exported as what it was. */
#ifdef HAVE_CONFIG_H
#include "config.h" /* memfd_create() is GNU's */
#endif

#include "tests/fuzz/fuzz.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "store/store.h"

typedef struct {
    int from; /* what is imported */
    gboolean taken;
    char *written; /* what is exported then; caller frees */
} Round;

/* One state for all inputs; what an input leaves is rolled back. */
static void *
make_store(void *unused G_GNUC_UNUSED)
{
    g_autofree char *folder = g_dir_make_tmp("creditbot-fuzz-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "creditbot.db", NULL);
    StoreOptions options = {.path = path, .relaxed = TRUE};
    Store *store = store_open(&options, NULL);
    g_assert_nonnull(store);
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *name = g_strconcat(path, suffixes[i], NULL);
        g_unlink(name);
    }
    g_rmdir(folder);
    return store;
}

static int
file_of(const char *text, gsize len)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(write(fd, text, len), ==, (gssize)len);
    g_assert_cmpint(lseek(fd, 0, SEEK_SET), ==, 0);
    return fd;
}

static char *
text_of(int fd)
{
    off_t len = lseek(fd, 0, SEEK_END);
    char *text = g_malloc0((gsize)len + 1);
    g_assert_cmpint(pread(fd, text, (gsize)len, 0), ==, len);
    return text;
}

static gboolean
take(Store *store, void *data, GError **error)
{
    Round *round = data;
    round->taken = store_import_all(store, round->from, error);
    if (round->taken) {
        int out = file_of("", 0);
        g_assert_true(store_export_all(store, out, NULL));
        round->written = text_of(out);
        close(out);
    }
    return FALSE; /* rolled back */
}

/* Without the values: an import writes when it was made. */
static char *
lasting(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GString *out = g_string_new(NULL);
    for (char **line = lines; *line; line++)
        if (!g_str_has_prefix(*line, "{\"table\":\"values\""))
            g_string_append_printf(out, "%s\n", *line);
    return g_string_free(out, FALSE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static GOnce once = G_ONCE_INIT;
    g_once(&once, make_store, NULL);
    g_autoptr(GError) error = NULL;
    Round first = {.from = file_of((const char *)data, size)};
    store_transact(once.retval, take, &first, &error);
    close(first.from);
    g_assert_true(first.taken || error != NULL);
    if (!first.taken)
        return 0;
    Round second = {.from = file_of(first.written, strlen(first.written))};
    store_transact(once.retval, take, &second, NULL);
    close(second.from);
    g_assert_true(second.taken);
    g_autofree char *before = lasting(first.written), *after = lasting(second.written);
    g_assert_cmpstr(before, ==, after);
    g_free(first.written);
    g_free(second.written);
    return 0;
}
