/* pictures.c: the README's pictures: the real console in the demo, through the terminal emulator,
 * as SVG files. The demo's time stands still, so the same program makes the same pictures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fixture.h"

#define CELL_W 8.4 /* of a monospaced font of 14 */
#define CELL_H 18
#define EDGE   12
#define NOW    "CREDITBOT_DEMO_NOW=2026-09-17T12:00:00Z"
#define GROUND 0x10161c
#define INK    0xd7dee6

typedef struct {
    guint32 fg, bg;
    gboolean bold, underline, italic;
} Style;

/* xterm's 256 colours: 16 of its own, a cube of 6x6x6, a ramp of grey. */
static guint32
indexed(guint index)
{
    static const guint32 basic[] = {0x000000, 0xcd3131, 0x0dbc79, 0xe5e510, 0x2472c8, 0xbc3fbc,
                                    0x11a8cd, 0xe5e5e5, 0x666666, 0xf14c4c, 0x23d18b, 0xf5f543,
                                    0x3b8eea, 0xd670d6, 0x29b8db, 0xffffff};
    static const guint32 steps[] = {0x00, 0x5f, 0x87, 0xaf, 0xd7, 0xff};
    if (index < 16)
        return basic[index];
    if (index >= 232) {
        guint32 grey = 8 + (index - 232) * 10;
        return grey << 16 | grey << 8 | grey;
    }
    index -= 16;
    return steps[index / 36] << 16 | steps[index / 6 % 6] << 8 | steps[index % 6];
}

static guint32
colour(const VTermColor *from, guint32 other)
{
    if (VTERM_COLOR_IS_DEFAULT_FG(from) || VTERM_COLOR_IS_DEFAULT_BG(from))
        return other;
    if (VTERM_COLOR_IS_INDEXED(from))
        return indexed(from->indexed.idx);
    return (guint32)from->rgb.red << 16 | (guint32)from->rgb.green << 8 | from->rgb.blue;
}

static Style
style_of(const VTermScreenCell *cell)
{
    guint32 fg = colour(&cell->fg, INK), bg = colour(&cell->bg, GROUND);
    Style style = {cell->attrs.reverse ? bg : fg, cell->attrs.reverse ? fg : bg,
                   cell->attrs.bold != 0, cell->attrs.underline != 0, cell->attrs.italic != 0};
    return style;
}

static gboolean
same_style(const Style *a, const Style *b)
{
    return a->fg == b->fg && a->bg == b->bg && a->bold == b->bold && a->underline == b->underline &&
           a->italic == b->italic;
}

static void
append_text(GString *text, const VTermScreenCell *cell)
{
    if (cell->chars[0] == 0)
        g_string_append_c(text, ' ');
    for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell->chars[i]; i++)
        g_string_append_unichar(text, cell->chars[i]);
}

/* Cells of one style: their ground, then their text. */
static void
append_run(GString *svg, const Style *style, const char *text, int x, int y, int cells)
{
    g_autofree char *escaped = g_markup_escape_text(text, -1);
    g_autofree char *blank = g_strstrip(g_strdup(text));
    double left = EDGE + x * CELL_W, top = EDGE + y * CELL_H;
    if (style->bg != GROUND)
        g_string_append_printf(
            svg, "<rect x=\"%.1f\" y=\"%.0f\" width=\"%.1f\" height=\"%d\" fill=\"#%06x\"/>\n",
            left, top, cells * CELL_W, CELL_H, style->bg);
    if (*blank == '\0' && !style->underline)
        return;
    g_string_append_printf(svg,
                           "<text x=\"%.1f\" y=\"%.0f\" textLength=\"%.1f\" "
                           "lengthAdjust=\"spacingAndGlyphs\" fill=\"#%06x\"%s%s%s>%s</text>\n",
                           left, top + 13, cells * CELL_W, style->fg,
                           style->bold ? " font-weight=\"bold\"" : "",
                           style->italic ? " font-style=\"italic\"" : "",
                           style->underline ? " text-decoration=\"underline\"" : "", escaped);
}

static void
append_row(GString *svg, Tty *tty, int y, int width)
{
    g_autoptr(GString) text = g_string_new(NULL);
    Style run = {0};
    int from = 0;
    for (int x = 0; x <= width; x++) {
        VTermScreenCell cell = tty_cell(tty, MIN(x, width - 1), y);
        Style style = style_of(&cell);
        if (cell.chars[0] == (uint32_t)-1 && x < width)
            continue;
        if (x == width || (x > 0 && !same_style(&style, &run))) {
            append_run(svg, &run, text->str, from, y, x - from);
            g_string_truncate(text, 0);
            from = x;
        }
        run = style;
        append_text(text, &cell);
    }
}

static void
take(Tty *tty, const char *folder, const char *name, int width, int height)
{
    g_autoptr(GString) svg = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_strdup_printf("%s/%s.svg", folder, name);
    double w = 2 * EDGE + width * CELL_W;
    int h = 2 * EDGE + height * CELL_H;
    g_string_append_printf(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%d\" "
        "viewBox=\"0 0 %.0f %d\" font-size=\"14\" xml:space=\"preserve\" "
        "font-family=\"ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace\">\n"
        "<rect width=\"%.0f\" height=\"%d\" rx=\"8\" fill=\"#%06x\"/>\n",
        w, h, w, h, w, h, GROUND);
    for (int y = 0; y < height; y++)
        append_row(svg, tty, y, width);
    g_string_append(svg, "</svg>\n");
    if (!g_file_set_contents(path, svg->str, (gssize)svg->len, &error))
        fail_msg("%s", error->message);
    printf("%s\n", path);
}

static void
take_console(const char *program, const char *home, const char *folder)
{
    g_autofree char *state = g_strdup_printf("XDG_STATE_HOME=%s", home);
    const char *argv[] = {program, "--demo", "--theme", "default", NULL};
    const char *env[] = {state, NOW, NULL};
    Tty *tty = tty_start(80, 24, argv, env);
    tty_wait(tty, "baseline from");
    take(tty, folder, "queue", 80, 24);
    /* The newest one that a single person can decide. */
    tty_send(tty, "jjjjjj");
    tty_wait(tty, "53  stark-pay");
    tty_wait(tty, "Attack 2 to 15 Sep in ID");
    tty_send(tty, "\r");
    tty_wait(tty, "By day");
    take(tty, folder, "request", 80, 24);
    tty_send(tty, "a");
    tty_wait(tty, "Recommended credit");
    tty_send(tty, "checked against the carrier's report");
    tty_wait(tty, "carrier's report");
    take(tty, folder, "approve", 80, 24);
    tty_send(tty, KEY_ESC_SEQ);
    tty_wait_gone(tty, "Recommended credit");
    fixture_quit(tty);
}

static void
take_setup(const char *program, const char *home, const char *folder)
{
    g_autofree char *state = g_strdup_printf("XDG_STATE_HOME=%s", home);
    const char *argv[] = {program, "--theme", "default", NULL};
    const char *env[] = {state, "XDG_CONFIG_HOME=/home/mara/.config", NULL};
    Tty *tty = tty_start(80, 24, argv, env);
    tty_wait(tty, "no configuration yet");
    tty_send(tty, "\r");
    tty_wait(tty, "> Bot token");
    tty_send(tty, "xoxb-0000000000-000000\r");
    tty_wait(tty, "> Channels");
    tty_send(tty, "#help-sms-credit");
    tty_wait(tty, "#help-sms-credit");
    take(tty, folder, "setup", 80, 24);
    tty_send(tty, "\x03");
    tty_end(tty);
    tty_free(tty);
}

static void
make_demo(char *program, const char *home)
{
    char demo[] = "--demo", reset[] = "--reset";
    char *argv[] = {program, demo, reset, NULL};
    g_auto(GStrv) env = g_environ_setenv(g_get_environ(), "XDG_STATE_HOME", home, TRUE);
    const char *now = strchr(NOW, '=') + 1;
    int status = -1;
    env = g_environ_setenv(env, "CREDITBOT_DEMO_NOW", now, TRUE);
    assert_true(g_spawn_sync(NULL, argv, env, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL,
                             &status, NULL));
    assert_int_equal(status, 0);
}

static void
test_pictures(void **state)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *here = g_path_get_dirname(self);
    g_autofree char *program = g_build_filename(here, "..", "..", "creditbot", NULL);
    g_autofree char *home = g_dir_make_tmp("creditbot-pictures-XXXXXX", NULL);
    const char *folder = *state;
    make_demo(program, home);
    take_console(program, home, folder);
    take_setup(program, home, folder);
    fixture_remove(home);
}

int
main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: pictures FOLDER\n", stderr);
        return 2;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(test_pictures, argv[1])};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
