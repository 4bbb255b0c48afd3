/* test_theme.c: every theme has every role; colours on few and many colours; readable text. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/error.h"
#include "tui/theme.h"

static void
test_all_load(void **state)
{
    (void)state;
    static const char *const expected[] = {"default", "high-contrast", "light", "mono"};
    g_auto(GStrv) names = theme_names();
    for (guint i = 0; i < G_N_ELEMENTS(expected); i++)
        assert_true(g_strv_contains((const char *const *)names, expected[i]));
    for (char **name = names; *name; name++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Theme) theme = theme_load(*name, &error);
        if (!theme)
            fail_msg("%s", error->message);
    }
}

static void
test_mono_has_no_colour(void **state)
{
    (void)state;
    g_autoptr(Theme) theme = theme_load("mono", NULL);
    assert_non_null(theme);
    for (int role = 0; role < ROLE_COUNT; role++) {
        assert_int_equal(theme_colour(theme->styles[role].fg, 256), -1);
        assert_int_equal(theme_colour(theme->styles[role].bg, 256), -1);
    }
    assert_true(theme->styles[ROLE_SELECTED].attrs & THEME_REVERSE);
    assert_true(theme->styles[ROLE_LIVE].attrs != theme->styles[ROLE_DRY].attrs);
}

static double
channel(int value)
{
    double c = value / 255.0;
    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

/* Relative luminance, WCAG 2.1. */
static double
luminance(gint32 rgb)
{
    return 0.2126 * channel(rgb >> 16 & 255) + 0.7152 * channel(rgb >> 8 & 255) +
           0.0722 * channel(rgb & 255);
}

static double
contrast(gint32 a, gint32 b)
{
    double x = luminance(a), y = luminance(b);
    return (MAX(x, y) + 0.05) / (MIN(x, y) + 0.05);
}

/* Text on each surface, where the theme names both colours; the terminal's own stand for what they
 * are in the kind of terminal that the theme is made for. */
static void
check_contrast(const char *name, gint32 own_fg, gint32 own_bg)
{
    g_autoptr(Theme) theme = theme_load(name, NULL);
    assert_non_null(theme);
    for (int ground = ROLE_SCREEN; ground <= ROLE_FIELD; ground++) {
        for (int role = ROLE_TEXT; role < ROLE_COUNT; role++) {
            const ThemeStyle *on = &theme->styles[ground], *mark = &theme->styles[role];
            if (role == ROLE_BORDER || role == ROLE_CHART || role == ROLE_CHART_BASE)
                continue;
            gint32 fg = on->fg.rgb >= 0 && mark->bg.rgb < 0 ? on->fg.rgb : mark->fg.rgb;
            gint32 bg = mark->bg.rgb >= 0 ? mark->bg.rgb : on->bg.rgb;
            double ratio = contrast(fg >= 0 ? fg : own_fg, bg >= 0 ? bg : own_bg);
            if (ratio < 4.5)
                fail_msg("%s: %s on %s has a contrast of %.2f", name, role_name((Role)role),
                         role_name((Role)ground), ratio);
        }
    }
}

static void
test_contrast(void **state)
{
    (void)state;
    check_contrast("default", 0xd8dee6, 0x101418);
    check_contrast("light", 0x202428, 0xffffff);
    check_contrast("high-contrast", 0xffffff, 0x000000);
}

static void
test_colours(void **state)
{
    (void)state;
    ThemeColour red = {0xff0000, 9};
    assert_int_equal(theme_colour(red, 8), 1);
    assert_int_equal(theme_colour(red, 16), 9);
    assert_int_equal(theme_colour(red, 256), 196);
    assert_int_equal(theme_colour(red, 1 << 24), THEME_RGB | 0xff0000);
    ThemeColour grey = {0x808080, 8}, own = {-1, -1};
    assert_int_equal(theme_colour(grey, 256), 244);
    assert_int_equal(theme_colour(own, 256), -1);
}

static void
test_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *word;
    } cases[] = {{"[theme]\ntext = red\n", "screen"},
                 {"[theme]\ntxet = red\n", "text"},
                 {"nonsense", "theme bad"},
                 {"[theme]\nscreen = puce, -\n", "screen"},
                 {"[theme]\nscreen = -, -, blinking\n", "screen"}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(theme_parse(cases[i].text, "bad", &error));
        assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_CONFIG));
        assert_non_null(strstr(error->message, cases[i].word));
    }
    g_autoptr(GError) error = NULL;
    assert_null(theme_load("../../etc/passwd", &error));
    assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_NOT_FOUND));
}

/* A path, as well as a name. */
static void
test_file(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Theme) light = theme_load("light", &error);
    assert_non_null(light);
    g_autoptr(Theme) same = theme_load(SRC_THEMES "/light.theme", &error);
    assert_non_null(same);
    assert_memory_equal(light->styles, same->styles, sizeof light->styles);
    assert_null(theme_load("/no/such.theme", &error));
    assert_true(g_error_matches(error, CREDITBOT_ERROR, ERR_NOT_FOUND));
    assert_non_null(strstr(error->message, "/no/such.theme"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_load), cmocka_unit_test(test_mono_has_no_colour),
        cmocka_unit_test(test_contrast), cmocka_unit_test(test_colours),
        cmocka_unit_test(test_refuses),  cmocka_unit_test(test_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
