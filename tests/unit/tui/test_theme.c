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

/* Each with the terminal's own colours as they are in the kind of terminal that it is made for, and
 * the kind of sight that it is made for. */
typedef enum { PROTANOPIA, DEUTERANOPIA, TRITANOPIA, SIGHTS } Sight;
static const struct {
    const char *name;
    gint32 fg, bg;
    guint made_for; /* bits of Sight */
} shipped[] = {
    {"default", 0xd8dee6, 0x101418, 0},
    {"deuteranopia", 0xd8dee6, 0x101418, 1 << PROTANOPIA | 1 << DEUTERANOPIA},
    {"gruvbox", 0xd8dee6, 0x101418, 0},
    {"high-contrast", 0xffffff, 0x000000, 0},
    {"light", 0x202428, 0xffffff, 0},
    {"mono", 0xd8dee6, 0x101418, 0},
    {"nord", 0xd8dee6, 0x101418, 0},
    {"solarized-dark", 0xd8dee6, 0x101418, 0},
    {"solarized-light", 0x202428, 0xffffff, 0},
    {"tritanopia", 0xd8dee6, 0x101418, 1 << TRITANOPIA},
};

static void
test_all_load(void **state)
{
    (void)state;
    g_auto(GStrv) names = theme_names();
    assert_int_equal(g_strv_length(names), G_N_ELEMENTS(shipped));
    for (guint i = 0; i < G_N_ELEMENTS(shipped); i++) {
        g_autoptr(GError) error = NULL;
        assert_string_equal(names[i], shipped[i].name);
        g_autoptr(Theme) theme = theme_load(names[i], &error);
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

/* What an index of xterm's 256 colours is. */
static gint32
colour_256(int index)
{
    static const int level[6] = {0, 95, 135, 175, 215, 255};
    if (index >= 232)
        return (8 + 10 * (index - 232)) * 0x010101;
    index -= 16;
    return level[index / 36] << 16 | level[index / 6 % 6] << 8 | level[index % 6];
}

/* As it is shown on so many colours; own: the terminal's. */
static gint32
shown_rgb(int colour, int colours, gint32 own)
{
    if (colour < 0)
        return own;
    return colours > 256 ? colour & 0xffffff : colour_256(colour);
}

static gboolean
is_graphic(int role)
{
    return role == ROLE_BORDER || role == ROLE_CHART || role == ROLE_CHART_BASE ||
           role == ROLE_CHART_BAD;
}

/* WCAG 2.1: 4.5 for text (1.4.3), 3 for what is drawn (1.4.11). */
static void
check_contrast(guint index, int colours)
{
    g_autoptr(Theme) theme = theme_load(shipped[index].name, NULL);
    assert_non_null(theme);
    for (int ground = ROLE_SCREEN; ground < ROLE_TEXT; ground++) {
        for (int role = ROLE_TEXT; role < ROLE_COUNT; role++) {
            int fg, bg;
            guint attrs;
            gboolean drawn_here = ground == ROLE_SCREEN || ground == ROLE_DIALOG;
            if (is_graphic(role) && !drawn_here)
                continue;
            theme_resolve(theme, (Role)role, (Role)ground, colours, &fg, &bg, &attrs);
            double ratio = contrast(shown_rgb(fg, colours, shipped[index].fg),
                                    shown_rgb(bg, colours, shipped[index].bg));
            if (ratio < (is_graphic(role) ? 3.0 : 4.5))
                fail_msg("%s, %d colours: %s on %s has a contrast of %.2f", shipped[index].name,
                         colours, role_name((Role)role), role_name((Role)ground), ratio);
        }
    }
}

static void
test_contrast(void **state)
{
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(shipped); i++) {
        check_contrast(i, 1 << 24);
        check_contrast(i, 256);
    }
}

/* On few colours nothing stands on its own colour; without colours there are none. */
static void
test_fallbacks(void **state)
{
    (void)state;
    static const int few[] = {0, 8, 16};
    for (guint i = 0; i < G_N_ELEMENTS(shipped) * G_N_ELEMENTS(few); i++) {
        int colours = few[i % G_N_ELEMENTS(few)], fg, bg;
        guint attrs;
        g_autoptr(Theme) theme = theme_load(shipped[i / G_N_ELEMENTS(few)].name, NULL);
        for (int k = 0; k < ROLE_COUNT * ROLE_TEXT; k++) {
            Role ground = (Role)(k % ROLE_TEXT), role = (Role)(k / ROLE_TEXT);
            theme_resolve(theme, role, ground, colours, &fg, &bg, &attrs);
            if ((fg >= 0 && fg == bg) || fg >= MAX(colours, 1) || bg >= MAX(colours, 1))
                fail_msg("%s, %d colours: %s on %s is %d on %d", theme->name, colours,
                         role_name(role), role_name(ground), fg, bg);
        }
    }
}

/* -- how people see it who do not see all colours -- */

/* Machado, Oliveira, Fernandes: "A Physiologically-based Model for Simulation of Color Vision
 * Deficiency", IEEE TVCG 15 (2009), severity 1.0, on linear RGB. */
static const double seen[SIGHTS][3][3] = {
    [PROTANOPIA] = {{0.152286, 1.052583, -0.204868},
                    {0.114503, 0.786281, 0.099216},
                    {-0.003882, -0.048116, 1.051998}},
    [DEUTERANOPIA] = {{0.367322, 0.860646, -0.227968},
                      {0.280085, 0.672501, 0.047413},
                      {-0.011820, 0.042940, 0.968881}},
    [TRITANOPIA] = {{1.255528, -0.076749, -0.178779},
                    {-0.078411, 0.930809, 0.147602},
                    {0.004733, 0.691367, 0.303900}},
};

static double
lab_part(double t)
{
    return t > 0.008856 ? cbrt(t) : 7.787 * t + 16.0 / 116;
}

/* CIE 1976 L*a*b* of a colour (sRGB, D65) as a sight has it. */
static void
seen_lab(gint32 rgb, Sight sight, double lab[3])
{
    double in[3] = {channel(rgb >> 16 & 255), channel(rgb >> 8 & 255), channel(rgb & 255)}, out[3];
    for (int i = 0; i < 3; i++) {
        const double *row = seen[sight][i];
        out[i] = CLAMP(row[0] * in[0] + row[1] * in[1] + row[2] * in[2], 0.0, 1.0);
    }
    double x = lab_part((0.4124564 * out[0] + 0.3575761 * out[1] + 0.1804375 * out[2]) / 0.95047);
    double y = lab_part(0.2126729 * out[0] + 0.7151522 * out[1] + 0.0721750 * out[2]);
    double z = lab_part((0.0193339 * out[0] + 0.1191920 * out[1] + 0.9503041 * out[2]) / 1.08883);
    lab[0] = 116 * y - 16;
    lab[1] = 500 * (x - y);
    lab[2] = 200 * (y - z);
}

static double
difference(gint32 a, gint32 b, Sight sight)
{
    double x[3], y[3];
    seen_lab(a, sight, x);
    seen_lab(b, sight, y);
    return sqrt((x[0] - y[0]) * (x[0] - y[0]) + (x[1] - y[1]) * (x[1] - y[1]) +
                (x[2] - y[2]) * (x[2] - y[2]));
}

/* About 2.3 is just noticeable; 15 is plain beside each other, twice that in a theme that was made
 * for such eyes. */
static void
test_sights(void **state)
{
    (void)state;
    static const Role pairs[][2] = {{ROLE_GOOD, ROLE_BAD},
                                    {ROLE_ADDED, ROLE_REMOVED},
                                    {ROLE_CHART, ROLE_CHART_BAD},
                                    {ROLE_CHART_BASE, ROLE_CHART_BAD}};
    for (guint i = 0; i < G_N_ELEMENTS(shipped); i++) {
        g_autoptr(Theme) theme = theme_load(shipped[i].name, NULL);
        for (guint k = 0; strcmp(theme->name, "mono") != 0 && k < G_N_ELEMENTS(pairs) * SIGHTS;
             k++) {
            Sight sight = (Sight)(k % SIGHTS);
            const Role *pair = pairs[k / SIGHTS];
            double least = shipped[i].made_for & 1u << sight ? 30 : 15;
            double apart =
                difference(theme->styles[pair[0]].fg.rgb, theme->styles[pair[1]].fg.rgb, sight);
            if (apart < least)
                fail_msg("%s: %s and %s are %.0f apart for sight %d", theme->name,
                         role_name(pair[0]), role_name(pair[1]), apart, (int)sight);
        }
    }
}

/* Without any colour they are apart too. */
static void
test_mono_pairs(void **state)
{
    (void)state;
    g_autoptr(Theme) mono = theme_load("mono", NULL);
    assert_true(mono->styles[ROLE_GOOD].attrs != mono->styles[ROLE_BAD].attrs);
    assert_true(mono->styles[ROLE_ADDED].attrs != mono->styles[ROLE_REMOVED].attrs);
    assert_true(mono->styles[ROLE_CHART].attrs != mono->styles[ROLE_CHART_BAD].attrs);
}

static void
test_auto(void **state)
{
    (void)state;
    assert_string_equal(theme_for_ground(0x000000), "default");
    assert_string_equal(theme_for_ground(0x002b36), "default");
    assert_string_equal(theme_for_ground(0xfdf6e3), "light");
    assert_string_equal(theme_for_variable(NULL), "default");
    assert_string_equal(theme_for_variable("15;0"), "default");
    assert_string_equal(theme_for_variable("0;15"), "light");
    assert_string_equal(theme_for_variable("0;default;15"), "light");
    assert_string_equal(theme_for_variable("0;7"), "light");
    assert_string_equal(theme_for_variable("15;8"), "default");
    assert_string_equal(theme_for_variable("light"), "default");
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
        cmocka_unit_test(test_all_load),   cmocka_unit_test(test_mono_has_no_colour),
        cmocka_unit_test(test_contrast),   cmocka_unit_test(test_colours),
        cmocka_unit_test(test_fallbacks),  cmocka_unit_test(test_sights),
        cmocka_unit_test(test_mono_pairs), cmocka_unit_test(test_auto),
        cmocka_unit_test(test_refuses),    cmocka_unit_test(test_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
