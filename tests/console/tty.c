/* tty.c: forkpty and libvterm. */
#include "tty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <cmocka.h>

#define DEADLINE (10 * G_TIME_SPAN_SECOND)

struct Tty {
    VTerm *vterm;
    VTermScreen *screen;
    int fd, width, height;
    pid_t pid;
    int cursor_x, cursor_y;
    gboolean ended, alternate, cursor;
    int status;
    GString *raw;
    gsize forgotten; /* bytes that were in raw before */
};

static int
on_cursor(VTermPos pos, VTermPos old, int visible, void *data)
{
    Tty *tty = data;
    (void)old;
    (void)visible;
    tty->cursor_x = pos.col;
    tty->cursor_y = pos.row;
    return 1;
}

static int
on_property(VTermProp prop, VTermValue *value, void *data)
{
    Tty *tty = data;
    if (prop == VTERM_PROP_ALTSCREEN)
        tty->alternate = value->boolean != 0;
    if (prop == VTERM_PROP_CURSORVISIBLE)
        tty->cursor = value->boolean != 0;
    return 1;
}

static const VTermScreenCallbacks callbacks = {.movecursor = on_cursor, .settermprop = on_property};

static void
run_child(const char *const *argv, const char *const *env)
{
    static const char *const frozen[] = {"TERM=xterm-256color", "LC_ALL=C.UTF-8", "TZ=UTC"};
    static const char *const unset[] = {"LINES",
                                        "COLUMNS",
                                        "NO_COLOR",
                                        "COLORTERM",
                                        "DRY_RUN",
                                        "TMUX",
                                        "STY",
                                        "SSH_CONNECTION",
                                        "SSH_TTY",
                                        "PAGER",
                                        "EDITOR",
                                        "VISUAL",
                                        "BROWSER",
                                        "DISPLAY",
                                        "WAYLAND_DISPLAY",
                                        "TERM_PROGRAM",
                                        "COLORFGBG",
                                        "VTE_VERSION",
                                        "XDG_CONFIG_HOME",
                                        "XDG_STATE_HOME",
                                        "XDG_CACHE_HOME",
                                        "XDG_DATA_HOME",
                                        "XDG_RUNTIME_DIR",
                                        "CREDITBOT_CONFIG",
                                        "CREDITBOT_THEMES"};
    struct termios mode;
    /* No echo: what comes back is the program's, also when it has left its own mode. */
    if (tcgetattr(STDIN_FILENO, &mode) == 0) {
        mode.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
        tcsetattr(STDIN_FILENO, TCSANOW, &mode);
    }
    for (guint i = 0; i < G_N_ELEMENTS(unset); i++)
        unsetenv(unset[i]);
    for (guint i = 0; i < G_N_ELEMENTS(frozen); i++)
        putenv(g_strdup(frozen[i]));
    for (; env && *env; env++) {
        putenv(g_strdup(*env));
        if (g_str_has_prefix(*env, "HOME=") && chdir(*env + strlen("HOME=")) != 0)
            _exit(126);
    }
    char *args[8] = {NULL};
    for (guint i = 0; i < G_N_ELEMENTS(args) - 1 && argv[i]; i++)
        args[i] = g_strdup(argv[i]);
    execv(args[0], args);
    _exit(127);
}

Tty *
tty_start(int width, int height, const char *const *argv, const char *const *env)
{
    struct winsize size = {.ws_row = (unsigned short)height, .ws_col = (unsigned short)width};
    Tty *tty = g_new0(Tty, 1);
    tty->width = width;
    tty->height = height;
    tty->raw = g_string_new(NULL);
    tty->vterm = vterm_new(height, width);
    vterm_set_utf8(tty->vterm, 1);
    tty->screen = vterm_obtain_screen(tty->vterm);
    vterm_screen_enable_altscreen(tty->screen, 1);
    vterm_screen_set_callbacks(tty->screen, &callbacks, tty);
    vterm_screen_reset(tty->screen, 1);
    tty->pid = forkpty(&tty->fd, NULL, NULL, &size);
    assert_true(tty->pid >= 0);
    if (tty->pid == 0)
        run_child(argv, env);
    fcntl(tty->fd, F_SETFL, O_NONBLOCK);
    fcntl(tty->fd, F_SETFD, FD_CLOEXEC);
    return tty;
}

void
tty_free(Tty *tty)
{
    if (!tty->ended) {
        kill(tty->pid, SIGKILL);
        waitpid(tty->pid, &tty->status, 0);
    }
    if (tty->fd >= 0)
        close(tty->fd);
    vterm_free(tty->vterm);
    g_string_free(tty->raw, TRUE);
    g_free(tty);
}

static gboolean
take_in(Tty *tty)
{
    char buffer[16384];
    ssize_t n = read(tty->fd, buffer, sizeof buffer);
    if (n <= 0)
        return n < 0 && (errno == EINTR || errno == EAGAIN);
    g_string_append_len(tty->raw, buffer, n);
    vterm_input_write(tty->vterm, buffer, (size_t)n);
    vterm_screen_flush_damage(tty->screen);
    return TRUE;
}

/* Reads meanwhile: a program that waits for its terminal takes no keys. */
void
tty_send(Tty *tty, const char *bytes)
{
    gsize len = strlen(bytes);
    while (len > 0) {
        struct pollfd fd = {.fd = tty->fd, .events = POLLIN | POLLOUT};
        poll(&fd, 1, 1000);
        if ((fd.revents & POLLIN) && !take_in(tty))
            return; /* gone: the next wait says so */
        ssize_t n = write(tty->fd, bytes, len);
        if (n < 0 && errno == EIO)
            return;
        assert_true(n > 0 || errno == EINTR || errno == EAGAIN);
        if (n > 0) {
            bytes += n;
            len -= (gsize)n;
        }
    }
}

static const char margins_off[] = "\0337\033[r\0338"; /* the cursor stays */

void
tty_resize(Tty *tty, int width, int height)
{
    struct winsize size = {.ws_row = (unsigned short)height, .ws_col = (unsigned short)width};
    tty->width = width;
    tty->height = height;
    /* As xterm, a terminal that changes its size lets all rows scroll again; libvterm would keep
     * margins that begin below the last row, and copy a negative number of lines. */
    vterm_input_write(tty->vterm, margins_off, strlen(margins_off));
    vterm_set_size(tty->vterm, height, width);
    ioctl(tty->fd, TIOCSWINSZ, &size);
}

gboolean
tty_pump(Tty *tty, gint64 usec)
{
    struct pollfd fd = {.fd = tty->fd, .events = POLLIN};
    return poll(&fd, 1, (int)(usec / 1000)) <= 0 || fd.fd < 0 || take_in(tty);
}

void
tty_settle(Tty *tty)
{
    gint64 start = g_get_monotonic_time(), quiet = start;
    while (g_get_monotonic_time() - quiet < 300 * G_TIME_SPAN_MILLISECOND) {
        gsize bytes = tty_bytes(tty);
        assert_true(tty_pump(tty, 20000));
        if (tty_bytes(tty) != bytes)
            quiet = g_get_monotonic_time();
        if (g_get_monotonic_time() - start > DEADLINE)
            fail_msg("the screen never comes to rest");
    }
}

VTermScreenCell
tty_cell(Tty *tty, int x, int y)
{
    VTermScreenCell cell;
    memset(&cell, 0, sizeof cell);
    vterm_screen_get_cell(tty->screen, (VTermPos){.row = y, .col = x}, &cell);
    return cell;
}

static void
append_row(Tty *tty, int y, GString *text)
{
    gsize solid = text->len;
    for (int x = 0; x < tty->width; x++) {
        VTermScreenCell cell = tty_cell(tty, x, y);
        if (cell.chars[0] == (uint32_t)-1)
            continue;
        for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
            g_string_append_unichar(text, cell.chars[i]);
        if (cell.chars[0] == 0)
            g_string_append_c(text, ' ');
        else if (cell.chars[0] != ' ')
            solid = text->len;
    }
    g_string_truncate(text, solid);
    g_string_append_c(text, '\n');
}

char *
tty_screen(Tty *tty)
{
    GString *text = g_string_new(NULL);
    for (int y = 0; y < tty->height; y++)
        append_row(tty, y, text);
    return g_string_free(text, FALSE);
}

gboolean
tty_shows(Tty *tty, const char *text)
{
    g_autofree char *screen = tty_screen(tty);
    return strstr(screen, text) != NULL;
}

gboolean
tty_find(Tty *tty, const char *text, int *x, int *y)
{
    for (int row = 0; row < tty->height; row++) {
        g_autoptr(GString) line = g_string_new(NULL);
        append_row(tty, row, line);
        const char *hit = strstr(line->str, text);
        if (!hit)
            continue;
        *x = (int)g_utf8_pointer_to_offset(line->str, hit);
        *y = row;
        return TRUE;
    }
    return FALSE;
}

typedef gboolean (*Condition)(Tty *tty, const char *text);

static gboolean
is_shown(Tty *tty, const char *text)
{
    return tty_shows(tty, text);
}

static gboolean
is_gone(Tty *tty, const char *text)
{
    return !tty_shows(tty, text);
}

static gboolean
is_exactly(Tty *tty, const char *text)
{
    g_autofree char *screen = tty_screen(tty);
    return strcmp(screen, text) == 0;
}

/* Row by row: cmocka cuts what is longer than a kilobyte. */
static void
print_rows(const char *text)
{
    g_auto(GStrv) rows = g_strsplit(text, "\n", -1);
    for (char **row = rows; *row; row++)
        print_error("%s\n", *row);
}

static void
wait_for(Tty *tty, Condition condition, const char *what, const char *text)
{
    gboolean generating = g_strcmp0(g_getenv("GENERATE"), "1") == 0;
    gint64 deadline = g_get_monotonic_time() + (generating ? DEADLINE / 4 : DEADLINE);
    while (!condition(tty, text)) {
        gboolean alive = tty_pump(tty, 20000);
        if (!alive || g_get_monotonic_time() > deadline) {
            g_autofree char *screen = tty_screen(tty);
            print_error("%s: %s:\n", alive ? "too late" : "the program ended", what);
            print_rows(text);
            print_error("but the screen is:\n");
            print_rows(screen);
            fail();
        }
    }
}

void
tty_wait(Tty *tty, const char *text)
{
    wait_for(tty, is_shown, "expected to be shown", text);
}

void
tty_wait_gone(Tty *tty, const char *text)
{
    wait_for(tty, is_gone, "expected to go", text);
}

void
tty_expect(Tty *tty, const char *screen)
{
    wait_for(tty, is_exactly, "expected exactly", screen);
}

void
tty_hang_up(Tty *tty)
{
    close(tty->fd);
    tty->fd = -1;
}

int
tty_end(Tty *tty)
{
    gint64 deadline = g_get_monotonic_time() + DEADLINE;
    while (!tty->ended) {
        tty_pump(tty, 20000);
        tty->ended = waitpid(tty->pid, &tty->status, WNOHANG) == tty->pid;
        if (!tty->ended && g_get_monotonic_time() > deadline)
            fail_msg("the program does not end");
    }
    while (tty->fd >= 0 && tty_pump(tty, 50000)) {
        struct pollfd fd = {.fd = tty->fd, .events = POLLIN};
        if (poll(&fd, 1, 0) <= 0)
            break;
    }
    return tty->status;
}

static gboolean
cursor_in_row(Tty *tty, const char *row)
{
    return tty->cursor_y == (int)g_ascii_strtoll(row, NULL, 10);
}

void
tty_wait_cursor(Tty *tty, int y)
{
    g_autofree char *row = g_strdup_printf("%d", y);
    wait_for(tty, cursor_in_row, "expected the cursor in row", row);
}

gboolean
tty_cursor(const Tty *tty, int *x, int *y)
{
    *x = tty->cursor_x;
    *y = tty->cursor_y;
    return tty->cursor;
}

pid_t
tty_pid(const Tty *tty)
{
    return tty->pid;
}

gsize
tty_bytes(const Tty *tty)
{
    return tty->forgotten + tty->raw->len;
}

void
tty_forget(Tty *tty)
{
    tty->forgotten += tty->raw->len;
    g_string_truncate(tty->raw, 0);
}

const GString *
tty_raw(const Tty *tty)
{
    return tty->raw;
}

gboolean
tty_on_alternate(const Tty *tty)
{
    return tty->alternate;
}
