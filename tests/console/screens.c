/* screens.c: golden screens: steps to one, its cells by role, what differs. */
#include "screens.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tui/theme.h"

#define SETTLED  (400 * G_TIME_SPAN_MILLISECOND) /* nothing new for so long: it stays so */
#define DEADLINE (6 * G_TIME_SPAN_SECOND)

/* -- the roles in colours -- */

/* Index in xterm's 6x6x6 cube: exact there, so that 256 colours and true colour agree. */
static int
colour_of(int role)
{
    return 17 + role;
}

static int
cube_rgb(int index)
{
    static const int level[6] = {0, 95, 135, 175, 215, 255};
    int at = index - 16;
    return level[at / 36] << 16 | level[at / 6 % 6] << 8 | level[at % 6];
}

static const char *const role_names[] = {
#define X(id, name, help) name,
    THEME_ROLES(X)
#undef X
};

gboolean
screens_theme(const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "roles.theme", NULL);
    g_autoptr(GString) text = g_string_new("[theme]\n");
    for (int role = 0; role < ROLE_COUNT; role++) {
        int rgb = cube_rgb(colour_of(role));
        if (role < ROLE_TEXT) /* a surface gives the ground */
            g_string_append_printf(text, "%s = -, #%06x\n", role_names[role], rgb);
        else
            g_string_append_printf(text, "%s = #%06x, -\n", role_names[role], rgb);
    }
    return g_file_set_contents(path, text->str, -1, error);
}

static const char *
role_of(VTermColor colour)
{
    for (int role = 0; role < ROLE_COUNT; role++) {
        int rgb = cube_rgb(colour_of(role));
        if (VTERM_COLOR_IS_INDEXED(&colour)
                ? colour.indexed.idx == colour_of(role)
                : (colour.rgb.red << 16 | colour.rgb.green << 8 | colour.rgb.blue) == rgb)
            return role_names[role];
    }
    return "?";
}

/* "title/top", "-/selected" for a blank; "bold+reverse" in mono, NULL for neither. */
static char *
describe(const VTermScreenCell *cell, gboolean mono)
{
    gboolean blank = cell->chars[0] == 0 || cell->chars[0] == ' ';
    if (mono) {
        g_autoptr(GString) attrs = g_string_new(NULL);
        g_string_append(attrs, cell->attrs.bold && !blank ? "+bold" : "");
        g_string_append(attrs, cell->attrs.italic && !blank ? "+italic" : "");
        g_string_append(attrs, cell->attrs.underline ? "+underline" : "");
        g_string_append(attrs, cell->attrs.reverse ? "+reverse" : "");
        return attrs->len ? g_strdup(attrs->str + 1) : NULL;
    }
    const char *ground = role_of(cell->bg), *role = blank ? "-" : role_of(cell->fg);
    return g_strdup_printf("%s/%s", role, ground);
}

/* Ordinary text on the ground of everything goes without saying. */
static void
end_span(GString *out, int from, int to, const char *what)
{
    if (what && strcmp(what, "-/screen") != 0 && strcmp(what, "text/screen") != 0)
        g_string_append_printf(out, "  %d+%d %s", from, to - from, what);
}

/* Blanks belong to the span that they follow where the ground is the same. */
static gboolean
goes_on(const char *span, const char *next)
{
    if (g_strcmp0(span, next) == 0)
        return TRUE;
    return span && next && g_str_has_prefix(next, "-/") && g_str_has_suffix(span, next + 1);
}

static void
append_spans(Tty *tty, int y, int width, gboolean mono, GString *out)
{
    g_autoptr(GString) row = g_string_new(NULL);
    g_autofree char *span = NULL;
    int from = 0, solid = 0; /* where the span begins, and ends without its blanks */
    for (int x = 0; x < width; x++) {
        VTermScreenCell cell = tty_cell(tty, x, y);
        if (cell.chars[0] == (uint32_t)-1)
            continue;
        g_autofree char *what = describe(&cell, mono);
        if (!goes_on(span, what)) {
            end_span(row, from, solid, span);
            g_free(span);
            span = g_strdup(what);
            from = x;
        }
        if (g_strcmp0(what, "-/screen") != 0)
            solid = x + MAX(cell.width, 1);
    }
    end_span(row, from, solid, span);
    if (row->len)
        g_string_append_printf(out, "%2d:%s\n", y, row->str);
}

static char *
capture(Tty *tty, const Screen *screen, gboolean mono, const char *hide)
{
    int x, y;
    g_autofree char *shown = tty_screen(tty);
    g_auto(GStrv) parts = g_strsplit(shown, hide ? hide : "\001", -1);
    g_autofree char *cover = g_strnfill(hide ? strlen(hide) : 0, 'X');
    g_autofree char *rows = g_strjoinv(cover, parts);
    GString *out = g_string_new(NULL);
    g_string_append_printf(out, "# %s, %dx%d, desk %s\n#", screen->name, screen->width,
                           screen->height, screen->desk);
    for (guint i = 0; i < screen->steps->len; i++)
        g_string_append_printf(out, " %s", (const char *)g_ptr_array_index(screen->steps, i));
    g_string_append_printf(out, "\n-- text\n%s", rows);
    if (tty_cursor(tty, &x, &y))
        g_string_append_printf(out, "-- cursor\n%d,%d\n", x, y);
    g_string_append_printf(out, "-- %s\n", mono ? "attributes" : "roles");
    for (int row = 0; row < screen->height; row++)
        append_spans(tty, row, screen->width, mono, out);
    return g_string_free(out, FALSE);
}

/* -- steps -- */

void
screen_free(gpointer data)
{
    Screen *screen = data;
    g_free(screen->name);
    g_free(screen->desk);
    g_ptr_array_unref(screen->steps);
    g_free(screen);
}

static const struct {
    const char *name, *bytes;
} keys[] = {
    {"Enter", "\r"},
    {"Esc", "\033"},
    {"Tab", "\t"},
    {"Shift-Tab", "\033[Z"},
    {"Space", " "},
    {"Up", "\033OA"},
    {"Down", "\033OB"},
    {"Right", "\033OC"},
    {"Left", "\033OD"},
    {"Home", "\033OH"},
    {"End", "\033OF"},
    {"PgUp", "\033[5~"},
    {"PgDn", "\033[6~"},
    {"Insert", "\033[2~"},
    {"Delete", "\033[3~"},
    {"Backspace", "\177"},
    {"F1", "\033OP"},
    {"F2", "\033OQ"},
    {"F3", "\033OR"},
    {"F4", "\033OS"},
    {"F5", "\033[15~"},
    {"F6", "\033[17~"},
    {"F7", "\033[18~"},
    {"F8", "\033[19~"},
    {"F9", "\033[20~"},
    {"F10", "\033[21~"},
    {"F11", "\033[23~"},
    {"F12", "\033[24~"},
    {"Shift-Up", "\033[1;2A"},
    {"Shift-Down", "\033[1;2B"},
};

char *
screens_key(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (strcmp(keys[i].name, name) == 0)
            return g_strdup(keys[i].bytes);
    }
    if (g_str_has_prefix(name, "Ctrl-") && name[5] && !name[6])
        return g_strdup_printf("%c", name[5] & 31);
    if (g_str_has_prefix(name, "Alt-") && name[4] && !name[5])
        return g_strdup_printf("\033%c", name[4]);
    return g_utf8_strlen(name, -1) == 1 ? g_strdup(name) : NULL;
}

/* "80x24" */
static gboolean
parse_size(const char *text, int *width, int *height)
{
    char *end;
    *width = (int)g_ascii_strtoll(text, &end, 10);
    if (end == text || *end != 'x')
        return FALSE;
    *height = (int)g_ascii_strtoll(end + 1, &end, 10);
    return *end == '\0' && *width > 0 && *height > 0;
}

void
screens_step(Tty *tty, const char *step)
{
    int width, height;
    gsize len = strlen(step);
    if (len > 2 && step[0] == '[') {
        g_autofree char *text = g_strndup(step + 1, len - 2);
        tty_wait(tty, text);
        return;
    }
    if (len > 3 && g_str_has_prefix(step, "![")) {
        g_autofree char *text = g_strndup(step + 2, len - 3);
        tty_wait_gone(tty, text);
        return;
    }
    if (len > 1 && step[0] == '"') {
        g_autofree char *inner = g_strndup(step + 1, len - 2);
        g_autofree char *text = g_strcompress(inner);
        tty_send(tty, text);
        return;
    }
    if (parse_size(step, &width, &height)) {
        tty_resize(tty, width, height);
        return;
    }
    g_autofree char *bytes = screens_key(step);
    if (!bytes)
        fail_msg("no such key: %s", step);
    tty_send(tty, bytes);
}

/* The end of the step that begins at text; NULL: a quote or bracket stays open. */
static const char *
step_end(const char *text)
{
    const char *open = *text == '!' && text[1] == '[' ? text + 1 : text;
    char close = *open == '[' ? ']' : '"';
    if ((*open != '[' && *open != '"') || open[1] == ' ' || open[1] == '\0')
        return text + strcspn(text, " ");
    for (const char *at = open + 1; *at; at++) {
        if (close == '"' && *at == '\\' && at[1])
            at++;
        else if (*at == close && (at[1] == ' ' || at[1] == '\0'))
            return at + 1;
    }
    return NULL;
}

static GPtrArray *
split_steps(const char *text)
{
    g_autoptr(GPtrArray) steps = g_ptr_array_new_with_free_func(g_free);
    while (*(text += strspn(text, " "))) {
        const char *end = step_end(text);
        if (!end)
            return NULL;
        g_ptr_array_add(steps, g_strndup(text, (gsize)(end - text)));
        text = end;
    }
    return g_steal_pointer(&steps);
}

/* "name desk 80x24,132x50 steps…": a screen for each size. */
static gboolean
add_entry(GPtrArray *screens, const char *entry)
{
    g_auto(GStrv) words = g_strsplit(entry, " ", 2);
    g_auto(GStrv) more = g_strsplit(words[1] ? g_strchug(words[1]) : "", " ", 2);
    g_auto(GStrv) last = g_strsplit(more[0] && more[1] ? g_strchug(more[1]) : "", " ", 2);
    g_autoptr(GPtrArray) steps = last[0] && last[1] ? split_steps(last[1]) : NULL;
    if (!steps || steps->len == 0)
        return FALSE;
    g_auto(GStrv) sizes = g_strsplit(last[0], ",", -1);
    for (char **size = sizes; *size; size++) {
        Screen *screen = g_new0(Screen, 1);
        screen->name = g_strdup(words[0]);
        screen->desk = g_strdup(more[0]);
        screen->steps = g_ptr_array_ref(steps);
        g_ptr_array_add(screens, screen);
        if (!parse_size(*size, &screen->width, &screen->height))
            return FALSE;
    }
    return TRUE;
}

GPtrArray *
screens_read(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GPtrArray) screens = g_ptr_array_new_with_free_func(screen_free);
    g_autoptr(GString) entry = g_string_new(NULL);
    if (!g_file_get_contents(path, &text, NULL, error))
        return NULL;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        gboolean more = **line == ' ';
        if (**line == '#')
            continue;
        if (!more && entry->len > 0) {
            if (!add_entry(screens, entry->str)) {
                g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: malformed: %s", path,
                            entry->str);
                return NULL;
            }
            g_string_truncate(entry, 0);
        }
        g_string_append_printf(entry, "%s%s", more ? " " : "", g_strstrip(*line));
    }
    return g_steal_pointer(&screens);
}

/* -- compare -- */

static void
print_difference(const char *expected, const char *got)
{
    g_auto(GStrv) want = g_strsplit(expected, "\n", -1);
    g_auto(GStrv) have = g_strsplit(got, "\n", -1);
    guint wanted = g_strv_length(want), had = g_strv_length(have);
    gboolean first = TRUE;
    for (guint i = 0; i < MAX(wanted, had); i++) {
        const char *a = i < wanted ? want[i] : "", *b = i < had ? have[i] : "";
        gsize same = 0;
        if (strcmp(a, b) == 0)
            continue;
        while (a[same] && a[same] == b[same])
            same++;
        if (first)
            print_error("first difference: line %u, column %ld\n", i + 1,
                        g_utf8_pointer_to_offset(a, a + same));
        first = FALSE;
        print_error("- %s\n+ %s\n", a, b);
    }
}

/* Until nothing new comes. */
static char *
settled(Tty *tty, const Screen *screen, gboolean mono, const char *hide, const char *expected)
{
    gint64 start = g_get_monotonic_time(), quiet = start;
    for (;;) {
        gsize bytes = tty_bytes(tty);
        gboolean alive = tty_pump(tty, 20000);
        gint64 now = g_get_monotonic_time();
        quiet = tty_bytes(tty) != bytes ? now : quiet;
        g_autofree char *got = NULL;
        if (expected || now - quiet > SETTLED || now - start > DEADLINE || !alive)
            got = capture(tty, screen, mono, hide);
        if (got && (g_strcmp0(got, expected) == 0 || !alive || now - start > DEADLINE ||
                    now - quiet > (expected ? 3 * SETTLED : SETTLED)))
            return g_steal_pointer(&got);
    }
}

void
screens_check(Tty *tty, const Screen *screen, const char *folder, gboolean mono, const char *hide)
{
    g_autoptr(GError) error = NULL;
    gboolean generate = g_strcmp0(g_getenv("GENERATE"), "1") == 0;
    g_autofree char *file =
        g_strdup_printf("%s.%dx%d.screen", screen->name, screen->width, screen->height);
    g_autofree char *path = g_build_filename(folder, file, NULL);
    g_autofree char *expected = NULL;
    if (!generate && !g_file_get_contents(path, &expected, NULL, &error))
        fail_msg("%s; GENERATE=1 writes it", error->message);
    g_autofree char *got = settled(tty, screen, mono, hide, expected);
    if (generate) {
        assert_true(g_file_set_contents(path, got, -1, NULL));
    } else if (strcmp(got, expected) != 0) {
        print_error("%s: - expected, + shown; GENERATE=1 takes what is shown\n", file);
        print_difference(expected, got);
        fail();
    }
}
