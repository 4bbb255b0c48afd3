/* theme.c: theme files, and the two themes that are always there. */
#include "tui/theme.h"

#include <string.h>
#include "base/error.h"
#include "base/text.h"

static const char *const role_names[ROLE_COUNT + 1] = {
#define X(id, name, help) name,
    THEME_ROLES(X)
#undef X
        NULL};

static const char *const colour_names[] = {"black", "red",     "green", "yellow",
                                           "blue",  "magenta", "cyan",  "white"};

static const struct {
    const char *name;
    ThemeAttrs attr;
} attr_names[] = {
    {"bold", THEME_BOLD},           {"dim", THEME_DIM},         {"italic", THEME_ITALIC},
    {"underline", THEME_UNDERLINE}, {"reverse", THEME_REVERSE},
};

/* What stays when no file can be found: colours by meaning, then attributes alone. */
static const char *const builtin[][2] = {
    {
        "default",
#include "tui/theme_default.inc"
    },
    {
        "mono",
#include "tui/theme_mono.inc"
    },
};

const char *
role_name(Role role)
{
    return role_names[role];
}

static int
basic_colour(const char *name)
{
    int bright = g_str_has_prefix(name, "bright-") ? 8 : 0;
    if (bright)
        name += strlen("bright-");
    for (guint i = 0; i < G_N_ELEMENTS(colour_names); i++) {
        if (strcmp(name, colour_names[i]) == 0)
            return (int)i + bright;
    }
    return -1;
}

static gboolean
parse_rgb(const char *text, gint32 *rgb)
{
    gint32 value = 0;
    if (strlen(text) != 7 || text[0] != '#')
        return FALSE;
    for (int i = 1; i < 7; i++) {
        int digit = g_ascii_xdigit_value(text[i]);
        if (digit < 0)
            return FALSE;
        value = value * 16 + digit;
    }
    *rgb = value;
    return TRUE;
}

static int
distance(gint32 a, gint32 b)
{
    int r = (a >> 16 & 255) - (b >> 16 & 255), g = (a >> 8 & 255) - (b >> 8 & 255),
        blue = (a & 255) - (b & 255);
    return 3 * r * r + 4 * g * g + 2 * blue * blue;
}

/* xterm's 16 colours as they are usually shown. */
static int
nearest_basic(gint32 rgb)
{
    static const gint32 shown[16] = {0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd,
                                     0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00,
                                     0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff};
    int best = 0;
    for (int i = 1; i < 16; i++) {
        if (distance(rgb, shown[i]) < distance(rgb, shown[best]))
            best = i;
    }
    return best;
}

/* xterm's 6x6x6 cube and its 24 greys. */
static int
nearest_256(gint32 rgb)
{
    static const int level[6] = {0, 95, 135, 175, 215, 255};
    int part[3] = {rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255}, index[3];
    for (int i = 0; i < 3; i++) {
        index[i] = 0;
        for (int k = 1; k < 6; k++) {
            if (ABS(level[k] - part[i]) < ABS(level[index[i]] - part[i]))
                index[i] = k;
        }
    }
    gint32 cube = level[index[0]] << 16 | level[index[1]] << 8 | level[index[2]];
    int step = CLAMP(((part[0] + part[1] + part[2]) / 3 - 3) / 10, 0, 23);
    gint32 grey = (8 + 10 * step) * 0x010101;
    if (distance(rgb, grey) < distance(rgb, cube))
        return 232 + step;
    return 16 + 36 * index[0] + 6 * index[1] + index[2];
}

int
theme_palette(gint32 rgb)
{
    static const int level[6] = {0, 95, 135, 175, 215, 255};
    int index = nearest_256(rgb), cube = index - 16;
    gint32 there = index >= 232
                       ? (8 + 10 * (index - 232)) * 0x010101
                       : level[cube / 36] << 16 | level[cube / 6 % 6] << 8 | level[cube % 6];
    return there == rgb ? index : -1;
}

int
theme_colour(ThemeColour colour, int colours)
{
    if (colour.rgb >= 0 && colours > 256)
        return THEME_RGB | colour.rgb;
    if (colour.rgb >= 0 && colours >= 256)
        return nearest_256(colour.rgb);
    if (colour.basic < 0 || colours < 8)
        return -1;
    return colours >= 16 ? colour.basic : colour.basic & 7;
}

static gboolean
is_set(ThemeColour colour)
{
    return colour.rgb >= 0 || colour.basic >= 0;
}

void
theme_resolve(const Theme *theme, Role role, Role ground, int colours, int *fg, int *bg,
              guint *attrs)
{
    const ThemeStyle *on = &theme->styles[ground], *mark = &theme->styles[role];
    gboolean whole = is_set(mark->bg) && is_set(mark->fg);
    *fg = theme_colour(is_set(on->fg) && !whole ? on->fg : mark->fg, colours);
    *bg = theme_colour(is_set(mark->bg) ? mark->bg : on->bg, colours);
    if (*fg >= 0 && *fg == *bg) {
        gboolean dark = *bg == 0 || *bg == 16 || *bg == THEME_RGB || (*bg >= 232 && *bg < 244);
        *fg = dark ? 7 : 0;
    }
    *attrs = on->attrs | mark->attrs;
}

static gboolean
parse_colour(const char *text, ThemeColour *colour)
{
    *colour = (ThemeColour){-1, -1};
    if (strcmp(text, "-") == 0 || *text == '\0')
        return TRUE;
    g_auto(GStrv) parts = g_strsplit(text, "/", 2);
    if (parts[0][0] == '#') {
        if (!parse_rgb(parts[0], &colour->rgb))
            return FALSE;
        colour->basic = (gint8)nearest_basic(colour->rgb);
    } else if (strcmp(parts[0], "-") != 0 && (colour->basic = (gint8)basic_colour(parts[0])) < 0) {
        return FALSE;
    }
    if (!parts[1])
        return TRUE;
    colour->basic = (gint8)basic_colour(parts[1]);
    return colour->basic >= 0 || strcmp(parts[1], "-") == 0;
}

static gboolean
parse_attrs(const char *text, guint *attrs)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \t", -1);
    *attrs = 0;
    for (char **word = words; *word; word++) {
        guint found = 0;
        for (guint i = 0; i < G_N_ELEMENTS(attr_names); i++) {
            if (strcmp(*word, attr_names[i].name) == 0)
                found = attr_names[i].attr;
        }
        if (!found && **word)
            return FALSE;
        *attrs |= found;
    }
    return TRUE;
}

static gboolean
parse_style(const char *value, ThemeStyle *style)
{
    g_auto(GStrv) parts = g_strsplit(value, ",", 3);
    *style = (ThemeStyle){{-1, -1}, {-1, -1}, 0};
    guint n = g_strv_length(parts);
    for (guint i = 0; i < n; i++)
        g_strstrip(parts[i]);
    return n >= 1 && parse_colour(parts[0], &style->fg) &&
           (n < 2 || parse_colour(parts[1], &style->bg)) &&
           (n < 3 || parse_attrs(parts[2], &style->attrs));
}

static gboolean
unknown_role(GKeyFile *file, const char *name, GError **error)
{
    g_auto(GStrv) keys = g_key_file_get_keys(file, "theme", NULL, NULL);
    for (char **key = keys; keys && *key; key++) {
        if (g_strv_contains(role_names, *key))
            continue;
        const char *near = text_nearest(*key, role_names);
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG, "theme %s: unknown role '%s'%s%s%s", name,
                    *key, near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
        return TRUE;
    }
    return FALSE;
}

Theme *
theme_parse(const char *text, const char *name, GError **error)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) inner = NULL;
    if (!g_key_file_load_from_data(file, text, strlen(text), G_KEY_FILE_NONE, &inner)) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG, "theme %s: %s", name, inner->message);
        return NULL;
    }
    if (unknown_role(file, name, error))
        return NULL;
    g_autoptr(Theme) theme = g_new0(Theme, 1);
    theme->name = g_strdup(name);
    for (int role = 0; role < ROLE_COUNT; role++) {
        g_autofree char *value = g_key_file_get_value(file, "theme", role_names[role], NULL);
        if (!value || !parse_style(value, &theme->styles[role])) {
            g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG, "theme %s: %s '%s'%s%s", name,
                        value ? "malformed value of" : "missing role", role_names[role],
                        value ? ": " : "", value ? value : "");
            return NULL;
        }
    }
    return g_steal_pointer(&theme);
}

void
theme_free(Theme *theme)
{
    if (!theme)
        return;
    g_free(theme->name);
    g_free(theme);
}

/* Folders that hold themes, the first that has a name wins. Caller frees. */
static GPtrArray *
theme_folders(void)
{
    GPtrArray *folders = g_ptr_array_new_with_free_func(g_free);
    const char *own = g_getenv("CREDITBOT_THEMES");
    if (own && *own)
        g_ptr_array_add(folders, g_strdup(own));
    g_ptr_array_add(folders, g_strdup(PKGDATADIR "/themes"));
#ifdef SRC_THEMES
    g_ptr_array_add(folders, g_strdup(SRC_THEMES));
#endif
    return folders;
}

static gboolean
plain_name(const char *name)
{
    for (const char *c = name; *c; c++) {
        if (!g_ascii_isalnum(*c) && *c != '-' && *c != '_')
            return FALSE;
    }
    return *name != '\0';
}

static Theme *
load_file(const char *name, GError **error)
{
    g_autoptr(GError) inner = NULL;
    g_autofree char *text = NULL;
    g_autofree char *path = g_str_has_prefix(name, "~/")
                                ? g_build_filename(g_get_home_dir(), name + 2, NULL)
                                : g_strdup(name);
    if (g_file_get_contents(path, &text, NULL, &inner))
        return theme_parse(text, name, error);
    g_set_error(error, CREDITBOT_ERROR, ERR_NOT_FOUND, "theme %s: %s", name, inner->message);
    return NULL;
}

const char *
theme_for_ground(guint32 rgb)
{
    guint red = rgb >> 16 & 255, green = rgb >> 8 & 255, blue = rgb & 255;
    return 299 * red + 587 * green + 114 * blue > 127500 ? "light" : "default";
}

const char *
theme_for_variable(const char *colorfgbg)
{
    const char *last = colorfgbg ? strrchr(colorfgbg, ';') : NULL;
    char *end = NULL;
    gint64 n = last ? g_ascii_strtoll(last + 1, &end, 10) : 0;
    gboolean number = end && end > last + 1 && !*end;
    return number && (n == 7 || (n >= 9 && n <= 15)) ? "light" : "default";
}

Theme *
theme_load(const char *name, GError **error)
{
    if (strcmp(name, "auto") == 0)
        name = theme_for_variable(g_getenv("COLORFGBG"));
    if (g_str_has_suffix(name, ".theme"))
        return load_file(name, error);
    g_autoptr(GPtrArray) folders = theme_folders();
    for (guint i = 0; plain_name(name) && i < folders->len; i++) {
        g_autofree char *file = g_strconcat(name, ".theme", NULL);
        g_autofree char *path = g_build_filename(g_ptr_array_index(folders, i), file, NULL);
        g_autofree char *text = NULL;
        if (g_file_get_contents(path, &text, NULL, NULL))
            return theme_parse(text, name, error);
    }
    for (guint i = 0; i < G_N_ELEMENTS(builtin); i++) {
        if (strcmp(name, builtin[i][0]) == 0)
            return theme_parse(builtin[i][1], name, error);
    }
    g_auto(GStrv) names = theme_names();
    g_autofree char *known = g_strjoinv(", ", names);
    g_set_error(error, CREDITBOT_ERROR, ERR_NOT_FOUND, "no theme named '%s'; there are: %s", name,
                known);
    return NULL;
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char **
theme_names(void)
{
    g_autoptr(GPtrArray) folders = theme_folders();
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(builtin); i++)
        g_hash_table_add(seen, g_strdup(builtin[i][0]));
    for (guint i = 0; i < folders->len; i++) {
        GDir *dir = g_dir_open(g_ptr_array_index(folders, i), 0, NULL);
        for (const char *file; dir && (file = g_dir_read_name(dir));) {
            if (g_str_has_suffix(file, ".theme"))
                g_hash_table_add(seen, g_strndup(file, strlen(file) - strlen(".theme")));
        }
        if (dir)
            g_dir_close(dir);
    }
    GPtrArray *names = g_ptr_array_new();
    GHashTableIter iter;
    gpointer name;
    g_hash_table_iter_init(&iter, seen);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, compare_names);
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}
