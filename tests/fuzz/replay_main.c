/* replay_main.c: runs a fuzz target without libFuzzer: every seed, then mutations of the seeds by a
 * fixed sequence, so that `make check` smokes each target with any compiler.
 *
 * usage: replay_NAME [FILE|FOLDER …]; without arguments $CREDITBOT_SRCDIR/tests/fuzz/seeds/NAME.
 * $FUZZ_ROUNDS: mutations in all, 4000 unless told; where each takes long, as many of the sequence
 * as go into four seconds. */
#include "tests/fuzz/fuzz.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#define ROUNDS   4000
#define SEED_MAX 65536
#define PATIENCE (4 * G_TIME_SPAN_SECOND)

static const char *const words[] = {
    "<",
    ">",
    "|",
    "&amp;",
    "https://",
    "http://",
    "looker.example.com",
    "@",
    "\\",
    "%2e",
    "%00",
    "%",
    "..",
    "/looks/1",
    "/x/a",
    "?qid=",
    "#",
    ":443",
    "[::1]",
    "--",
    "/*",
    "*/",
    "'",
    "\"",
    ";",
    "\n",
    "-- sql for creating the ",
    "{",
    "}",
    "[",
    "]",
    "null",
    "\"ts\":",
    "\xff",
    "\xc3\xa4",
    "1.000000",
};

static guint64
next_random(guint64 *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void
mutate_once(GByteArray *bytes, guint64 *seed)
{
    guint at = (guint)(next_random(seed) % (bytes->len + 1));
    const char *word = words[next_random(seed) % G_N_ELEMENTS(words)];
    guint len = (guint)strlen(word);
    guint rest = bytes->len - at;

    switch (next_random(seed) % 5) {
    case 0: /* a byte changes */
        if (rest > 0)
            bytes->data[at] = (guint8)next_random(seed);
        break;
    case 1: /* some bytes go */
        if (rest > 0)
            g_byte_array_remove_range(bytes, at, 1 + (guint)(next_random(seed) % rest));
        break;
    case 2: /* the end goes */
        g_byte_array_set_size(bytes, at);
        break;
    default: /* a word that means something comes in */
        g_byte_array_set_size(bytes, bytes->len + len);
        memmove(bytes->data + at + len, bytes->data + at, rest);
        memcpy(bytes->data + at, word, len);
    }
}

/* A copy without a byte to spare, so that a read past the end is seen by AddressSanitizer. */
static void
run(const guint8 *data, gsize size)
{
    guint8 *copy = g_malloc(MAX(size, 1));

    if (size > 0)
        memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    g_free(copy);
}

static void
add_file(GPtrArray *seeds, const char *path)
{
    g_autofree char *text = NULL;
    gsize len = 0;

    if (g_file_get_contents(path, &text, &len, NULL) && len <= SEED_MAX)
        g_ptr_array_add(seeds, g_bytes_new(text, len));
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
add_path(GPtrArray *seeds, const char *path)
{
    GDir *dir = g_dir_open(path, 0, NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *name;

    if (dir == NULL) {
        add_file(seeds, path);
        return;
    }
    while ((name = g_dir_read_name(dir)) != NULL)
        g_ptr_array_add(names, g_build_filename(path, name, NULL));
    g_dir_close(dir);
    g_ptr_array_sort(names, compare_names);
    for (guint i = 0; i < names->len; i++)
        add_file(seeds, g_ptr_array_index(names, i));
}

static void
add_default_seeds(GPtrArray *seeds, const char *program)
{
    const char *srcdir = g_getenv("CREDITBOT_SRCDIR");
    g_autofree char *base = g_path_get_basename(program);
    const char *name = strstr(base, "replay_");
    g_autofree char *path = g_build_filename(srcdir ? srcdir : ".", "tests", "fuzz", "seeds",
                                             name ? name + strlen("replay_") : base, NULL);

    add_path(seeds, path);
}

/* How many were made. */
static guint
run_mutations(GPtrArray *seeds, guint rounds, gint64 until)
{
    guint64 seed = 0x9e3779b97f4a7c15;
    guint i;

    for (i = 0; i < rounds && g_get_monotonic_time() < until; i++) {
        GBytes *from = g_ptr_array_index(seeds, i % seeds->len);
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        gsize size = 0;
        const guint8 *data = g_bytes_get_data(from, &size);

        g_byte_array_append(bytes, data, (guint)size);
        for (guint64 n = 1 + next_random(&seed) % 6; n > 0; n--)
            mutate_once(bytes, &seed);
        run(bytes->data, bytes->len);
    }
    return i;
}

static void
free_bytes(gpointer bytes)
{
    g_bytes_unref(bytes);
}

int
main(int argc, char **argv)
{
    g_autoptr(GPtrArray) seeds = g_ptr_array_new_with_free_func(free_bytes);
    const char *told = g_getenv("FUZZ_ROUNDS");
    guint rounds = told ? (guint)g_ascii_strtoull(told, NULL, 10) : ROUNDS;

    g_log_set_always_fatal(G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL); /* a wrong call is a finding */
    for (int i = 1; i < argc; i++)
        add_path(seeds, argv[i]);
    if (argc == 1)
        add_default_seeds(seeds, argv[0]);
    if (seeds->len == 0) {
        printf("not ok 1 - no seeds\n1..1\n");
        return 1;
    }
    for (guint i = 0; i < seeds->len; i++) {
        gsize size = 0;
        const guint8 *data = g_bytes_get_data(g_ptr_array_index(seeds, i), &size);

        run(data, size);
    }
    rounds = run_mutations(seeds, rounds, told ? G_MAXINT64 : g_get_monotonic_time() + PATIENCE);
    printf("ok 1 - %u seeds and %u mutations\n1..1\n", seeds->len, rounds);
    return 0;
}
