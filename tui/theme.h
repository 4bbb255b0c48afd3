/* theme.h: what a cell means, and how a theme file shows each meaning.
 *
 * A theme is a key file with one group [theme]: `role = foreground, background, attributes`. A
 * colour is a name (black red green yellow blue magenta cyan white, bright-…), #rrggbb, or '-' for
 * the terminal's own; `#rrggbb/name` gives the one that terminals with 8 or 16 colours use.
 * Attributes are bold, dim, italic, underline, reverse. Every role must be there, an unknown one is
 * an error. */
#ifndef TUI_THEME_H
#define TUI_THEME_H

#include <glib.h>

/* name in the file, what it means. The first block are surfaces: they give the background, and
 * their foreground, where it is set, wins over the role's. */
#define THEME_ROLES(X)                                                                             \
    X(SCREEN, "screen", "the ground of everything")                                                \
    X(TOP, "top", "ground of the first line")                                                      \
    X(STATUS, "status", "ground of the second line")                                               \
    X(HINTS, "hints", "ground of the last line")                                                   \
    X(SELECTED, "selected", "ground of the selected row")                                          \
    X(DIALOG, "dialog", "ground of a dialog")                                                      \
    X(FIELD, "field", "ground of a text field")                                                    \
    X(TEXT, "text", "ordinary text")                                                               \
    X(STRONG, "strong", "what matters in a line")                                                  \
    X(DIM, "dim", "what matters less")                                                             \
    X(TITLE, "title", "titles")                                                                    \
    X(HEADER, "header", "column headings")                                                         \
    X(BORDER, "border", "lines and frames")                                                        \
    X(LIVE, "live", "LIVE: posts are real")                                                        \
    X(DRY, "dry", "DRY RUN")                                                                       \
    X(TAB, "tab", "a view or section that can be chosen")                                          \
    X(TAB_HERE, "tab-here", "the view or section that is shown")                                   \
    X(KEY, "key", "a key in a hint")                                                               \
    X(MONEY, "money", "amounts")                                                                   \
    X(GOOD, "good", "well, done")                                                                  \
    X(WARN, "warn", "look at it")                                                                  \
    X(BAD, "bad", "failed, late")                                                                  \
    X(BUSY, "busy", "running now")                                                                 \
    X(CHART, "chart", "bars of honest traffic")                                                    \
    X(CHART_BASE, "chart-base", "the verified part of a bar")                                      \
    X(CHART_BAD, "chart-bad", "bars of attacked days")                                             \
    X(MARKED, "marked", "the sign of marked rows, how many there are")                             \
    X(MATCH, "match", "what a search found")                                                       \
    X(MATCH_HERE, "match-here", "the match that a search stands on")                               \
    X(LINK, "link", "links")                                                                       \
    X(EMPHASIS, "emphasis", "words in italics")                                                    \
    X(CODE, "code", "code in a message")                                                           \
    X(ADDED, "added", "new in a difference")                                                       \
    X(REMOVED, "removed", "gone in a difference")                                                  \
    X(CHANGED, "changed", "changed in a difference")                                               \
    X(SQL_WORD, "sql-keyword", "SQL keywords")                                                     \
    X(SQL_STRING, "sql-string", "SQL literals")                                                    \
    X(SQL_NUMBER, "sql-number", "SQL numbers")                                                     \
    X(SQL_COMMENT, "sql-comment", "SQL comments")

typedef enum {
#define X(id, name, help) ROLE_##id,
    THEME_ROLES(X)
#undef X
        ROLE_COUNT
} Role;

typedef struct {
    gint32 rgb;  /* 0xRRGGBB; -1: by basic alone */
    gint8 basic; /* 0 to 15; -1: the terminal's own */
} ThemeColour;

typedef enum {
    THEME_BOLD = 1,
    THEME_DIM = 2,
    THEME_ITALIC = 4,
    THEME_UNDERLINE = 8,
    THEME_REVERSE = 16,
} ThemeAttrs;

typedef struct {
    ThemeColour fg, bg;
    guint attrs; /* ThemeAttrs */
} ThemeStyle;

typedef struct {
    char *name;
    ThemeStyle styles[ROLE_COUNT];
} Theme;

const char *role_name(Role role);
/* "auto" is what theme_for_variable() says. A name that ends in .theme is the path of a file, ~/ is
 * the home. Of any other it looks for NAME.theme in $CREDITBOT_THEMES, the installed folder and the
 * source folder; "default" and "mono" are also compiled in. ERR_NOT_FOUND names the folders,
 * ERR_CONFIG the line at fault.
 */
Theme *theme_load(const char *name, GError **error);
Theme *theme_parse(const char *text, const char *name, GError **error);
void theme_free(Theme *theme);
/* The colour to use on a terminal with so many colours (0: none): an index, THEME_RGB | 0xRRGGBB
 * when colours is above 256, or -1 for the terminal's own. */
#define THEME_RGB 0x1000000
int theme_colour(ThemeColour colour, int colours);
/* The index among 256 (16 to 255) of exactly this colour, -1: none. */
int theme_palette(gint32 rgb);
/* What a role on a surface looks like: colours as theme_colour() gives them, ThemeAttrs. A
 * foreground that would vanish on its own ground is black or white instead. */
void theme_resolve(const Theme *theme, Role role, Role ground, int colours, int *fg, int *bg,
                   guint *attrs);
/* Which theme suits a background (0xRRGGBB): "default" or "light". */
const char *theme_for_ground(guint32 rgb);
/* The same by what some terminals tell in COLORFGBG ("15;0"; may be NULL): "default" when nothing
 * is known. */
const char *theme_for_variable(const char *colorfgbg);
/* Names of all themes that can be loaded, sorted. Caller frees with g_strfreev. */
char **theme_names(void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Theme, theme_free)

#endif
