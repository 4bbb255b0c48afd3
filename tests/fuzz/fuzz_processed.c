/* fuzz_processed.c: the old bot's file: taken whole or not at all, and given back as it was. */
#include "tests/fuzz/fuzz.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "base/json.h"
#include "store/store.h"

typedef struct {
    Store *store;
    char *folder, *export;
} Ground;

typedef struct {
    Ground *ground;
    const char *text;
    gsize len;
} Input;

/* One state for all inputs; what an input leaves is rolled back. */
static void *
make_ground(void *unused G_GNUC_UNUSED)
{
    Ground *ground = g_new0(Ground, 1);
    ground->folder = g_dir_make_tmp("creditbot-fuzz-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(ground->folder, "creditbot.db", NULL);
    ground->export = g_build_filename(ground->folder, "processed_messages.json", NULL);
    StoreOptions options = {.path = path, .relaxed = TRUE};
    ground->store = store_open(&options, NULL);
    g_assert_nonnull(ground->store);
    /* Unlinked at once: the open descriptors keep it, and nothing is left behind. */
    const char *const suffixes[] = {"", "-wal", "-shm"};
    for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *name = g_strconcat(path, suffixes[i], NULL);
        g_unlink(name);
    }
    g_rmdir(ground->folder);
    return ground;
}

static void
check_export(const Ground *ground, guint entries)
{
    g_autofree char *text = NULL;
    gsize len = 0;
    g_assert_cmpint(g_mkdir(ground->folder, 0700), ==, 0);
    g_assert_true(store_export_processed(ground->store, ground->export, NULL));
    g_assert_true(g_file_get_contents(ground->export, &text, &len, NULL));
    g_unlink(ground->export);
    g_rmdir(ground->folder);
    g_autoptr(cJSON) root = json_parse(text, len, "the export", NULL);
    const cJSON *list = json_array(root, "processed_messages");
    g_assert_cmpuint((guint)cJSON_GetArraySize(list), ==, entries);
    guint again = 77;
    g_assert_true(store_import_processed(ground->store, text, len, &again, NULL));
    g_assert_cmpuint(again, ==, 0);
}

static gboolean
take(Store *store, void *data, GError **error)
{
    const Input *input = data;
    guint entries = 0;
    if (store_import_processed(store, input->text, input->len, &entries, error))
        check_export(input->ground, entries);
    else
        g_assert_cmpuint(entries, ==, 0);
    return FALSE; /* rolled back */
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static GOnce once = G_ONCE_INIT;
    g_once(&once, make_ground, NULL);
    g_autofree char *text = g_strndup((const char *)data, size);
    Input input = {once.retval, text, size};
    g_autoptr(GError) error = NULL;
    store_transact(input.ground->store, take, &input, &error);
    return 0;
}
