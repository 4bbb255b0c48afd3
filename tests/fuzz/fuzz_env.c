/* fuzz_env.c: one line of a .env: what it gives is given again by the same value in quotes. */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include "base/config_internal.h"

static void
check_again(const char *name, const char *value)
{
    g_autoptr(GString) line = g_string_new("  export\t");
    g_autofree char *again = NULL, *same = NULL;
    g_string_append_printf(line, "%s = \"", name);
    for (const char *p = value; *p; p++) {
        if (*p == '\\' || *p == '"')
            g_string_append_c(line, '\\');
        g_string_append_c(line, *p);
    }
    g_string_append(line, "\" # why");
    g_assert_true(config_env_line(line->str, &again, &same));
    g_assert_cmpstr(again, ==, name);
    g_assert_cmpstr(same, ==, value);
}

/* Without quotes, blanks and '#': what stands behind the '=', by eye. */
static void
check_plain(const char *line, const char *name, const char *value)
{
    const char *equals = strchr(line, '=');
    if (strpbrk(line, "\"'# \t\\") || !equals || g_str_has_prefix(line, "export"))
        return;
    g_autofree char *before = g_strndup(line, (gsize)(equals - line));
    g_autofree char *after = g_strdup(equals + 1);
    g_assert_cmpstr(name, ==, before);
    g_assert_cmpstr(value, ==, g_strchomp(after));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *line = g_strndup((const char *)data, size);
    g_autofree char *name = NULL, *value = NULL;
    gboolean good = config_env_line(line, &name, &value);
    g_assert_true((name == NULL) == (value == NULL));
    if (!good) {
        g_assert_null(name);
        return 0;
    }
    if (!name) {
        const char *start = line + strspn(line, " \t");
        g_assert_true(*start == '\0' || *start == '#');
        return 0;
    }
    g_assert_true(*name && !g_ascii_isdigit(*name));
    for (const char *p = name; *p; p++)
        g_assert_true(g_ascii_isalnum(*p) || *p == '_');
    g_assert_cmpuint(strlen(value), <, size);
    check_again(name, value);
    check_plain(line, name, value);
    return 0;
}
