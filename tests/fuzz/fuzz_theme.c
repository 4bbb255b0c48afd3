/* fuzz_theme.c: any text as a theme: what is taken gives every role on every ground something that
 * can be seen, and says the same when it is written down again. */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include "base/error.h"
#include "tui/theme.h"

static void
write_colour(GString *out, ThemeColour colour)
{
    static const char *const names[] = {
        "black",        "red",           "green",       "yellow",         "blue",
        "magenta",      "cyan",          "white",       "bright-black",   "bright-red",
        "bright-green", "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan",
        "bright-white",
    };
    const char *basic = colour.basic < 0 ? "-" : names[colour.basic];
    if (colour.rgb >= 0)
        g_string_append_printf(out, "#%06x/%s", (guint)colour.rgb, basic);
    else
        g_string_append(out, basic);
}

static char *
write_theme(const Theme *theme)
{
    static const char *const attrs[] = {"bold", "dim", "italic", "underline", "reverse"};
    GString *out = g_string_new("[theme]\n");
    for (int role = 0; role < ROLE_COUNT; role++) {
        const ThemeStyle *style = &theme->styles[role];
        g_string_append_printf(out, "%s = ", role_name((Role)role));
        write_colour(out, style->fg);
        g_string_append(out, ", ");
        write_colour(out, style->bg);
        g_string_append(out, ",");
        for (guint i = 0; i < G_N_ELEMENTS(attrs); i++)
            if (style->attrs & (1U << i))
                g_string_append_printf(out, " %s", attrs[i]);
        g_string_append(out, "\n");
    }
    return g_string_free(out, FALSE);
}

static void
check_resolved(const Theme *theme)
{
    static const int colours[] = {0, 8, 16, 256, 1 << 24};
    for (guint n = 0; n < G_N_ELEMENTS(colours); n++) {
        for (int role = 0; role < ROLE_COUNT; role++) {
            int fg = 77777, bg = 77777;
            guint attrs = 777;
            theme_resolve(theme, (Role)role, ROLE_SELECTED, colours[n], &fg, &bg, &attrs);
            int most = colours[n] > 256 ? (THEME_RGB | 0xffffff) : colours[n] - 1;
            g_assert_true(fg >= -1 && fg <= MAX(most, -1));
            g_assert_true(bg >= -1 && bg <= MAX(most, -1));
            g_assert_true(fg == -1 || fg != bg);
            g_assert_cmpuint(attrs, <, 32);
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(GError) error = NULL;
    g_autoptr(Theme) theme = theme_parse(text, "fuzz", &error);
    g_assert_true((theme == NULL) == (error != NULL));
    theme_for_variable(text);
    if (!theme) {
        g_assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_CONFIG));
        return 0;
    }
    g_autofree char *written = write_theme(theme);
    g_autoptr(Theme) again = theme_parse(written, "fuzz", NULL);
    g_assert_nonnull(again);
    for (int role = 0; role < ROLE_COUNT; role++)
        g_assert_cmpmem(&theme->styles[role], sizeof(ThemeStyle), &again->styles[role],
                        sizeof(ThemeStyle));
    check_resolved(theme);
    return 0;
}
