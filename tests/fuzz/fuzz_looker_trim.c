/* fuzz_looker_trim.c: trimming only cuts: what comes out stands in what went in. */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include "services/looker.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *sql = g_strndup((const char *)data, size);
    g_autofree char *trimmed = looker_trim_sql(sql);

    g_assert_nonnull(strstr(sql, trimmed));
    g_assert_false(g_str_has_prefix(trimmed, "--"));
    g_assert_false(g_ascii_isspace(trimmed[0]));
    return 0;
}
