/* term_curses.c: the terminal by way of ncurses; no other file knows that it is there.
 *
 * Signal handlers only write a byte to a pipe; the one exception are fatal signals, whose handler
 * restores the terminal with bytes that were prepared before and lets the signal take its course.
 */
#include "config.h"
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <term.h>

/* The names of curses' macros that would be in the way. */
#undef lines
#undef columns

#include "tui/term.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>
#include "base/error.h"
#include "base/text.h"

#define ESCAPE_DELAY  25 /* milliseconds until a lone ESC counts */
#define PASTE_MAX     65536
#define COPY_MAX      65536
#define KEY_PASTE_ON  (KEY_MAX + 1)
#define KEY_PASTE_OFF (KEY_MAX + 2)
#define MOUSE_EVENTS  (BUTTON1_PRESSED | BUTTON1_CLICKED | BUTTON4_PRESSED | BUTTON5_PRESSED)

typedef struct {
    int fg, bg;
} Colours;

struct Term {
    SCREEN *screen;
    const Theme *theme;
    int colours; /* 0: none */
    gboolean ascii, gone;
    GArray *pairs; /* Colours: pair number n is element n - 1 */
    attr_t attrs[ROLE_COUNT][ROLE_COUNT];
    int pair_of[ROLE_COUNT][ROLE_COUNT]; /* -1: not made yet */
    GString *paste;
};

/* What signal handlers need; written before they are installed. */
static int wake_pipe[2] = {-1, -1};
static char reset_bytes[256];
static size_t reset_length;
static struct termios saved_termios;
static gboolean have_termios;

static const int caught[] = {SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT};
static const int fatal[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};

static void
on_signal(int signo)
{
    int saved = errno;
    char byte = (char)signo;
    ssize_t ignored = write(wake_pipe[1], &byte, 1);
    (void)ignored;
    errno = saved;
}

static void
on_fatal(int signo)
{
    ssize_t ignored = write(STDOUT_FILENO, reset_bytes, reset_length);
    (void)ignored;
    if (have_termios)
        tcsetattr(STDIN_FILENO, TCSANOW, &saved_termios);
    signal(signo, SIG_DFL);
    raise(signo);
}

/* What was there before, so that it can be put back. */
static struct sigaction old_caught[G_N_ELEMENTS(caught)], old_fatal[G_N_ELEMENTS(fatal)];

static void
handle(int signo, void (*handler)(int), int flags, struct sigaction *old)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    sigemptyset(&action.sa_mask);
    sigaction(signo, &action, old);
}

static void
install_signals(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(caught); i++)
        handle(caught[i], on_signal, SA_RESTART, &old_caught[i]);
    for (gsize i = 0; i < G_N_ELEMENTS(fatal); i++)
        handle(fatal[i], on_fatal, (int)(SA_RESETHAND | SA_NODEFER), &old_fatal[i]);
    signal(SIGPIPE, SIG_IGN);
}

static void
restore_signals(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(caught); i++)
        sigaction(caught[i], &old_caught[i], NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(fatal); i++)
        sigaction(fatal[i], &old_fatal[i], NULL);
}

gboolean
term_usable(GError **error)
{
    const char *name = g_getenv("TERM");
    const char *why = NULL;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        why = "standard input and output are not a terminal";
    else if (!name || !*name || strcmp(name, "dumb") == 0)
        why = "the terminal cannot place text (TERM is unset or dumb)";
    if (why)
        g_set_error(
            error, CREDITBOT_ERROR, ERR_USAGE,
            "the console needs a terminal, but %s; 'creditbot list' prints the queue as text", why);
    return why == NULL;
}

static void
append_capability(GString *out, const char *name)
{
    const char *value = tigetstr(name);
    if (value && value != (const char *)-1)
        g_string_append(out, value);
}

/* Everything that leaves the terminal as a shell expects it, in bytes that a handler can write. */
static void
prepare_reset(void)
{
    g_autoptr(GString) out = g_string_new("\033[?1000l\033[?1002l\033[?1006l\033[?2004l");
    append_capability(out, "sgr0");
    append_capability(out, "op");
    append_capability(out, "cnorm");
    append_capability(out, "rmkx");
    append_capability(out, "rmcup");
    reset_length = MIN(out->len, sizeof reset_bytes);
    memcpy(reset_bytes, out->str, reset_length);
}

static void
write_raw(const char *text, gsize len)
{
    fflush(stdout);
    while (len > 0) {
        ssize_t n = write(STDOUT_FILENO, text, len);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            return;
        if (n > 0) {
            text += n;
            len -= (gsize)n;
        }
    }
}

static void
enter_modes(void)
{
    write_raw("\033[?2004h", 8);
}

static int
count_colours(void)
{
    const char *off = g_getenv("NO_COLOR");
    if ((off && *off) || !has_colors() || start_color() == ERR)
        return 0;
    use_default_colors();
    if (tigetflag("RGB") > 0)
        return 1 << 24;
    return COLORS;
}

static void
reset_pairs(Term *term)
{
    g_array_set_size(term->pairs, 0);
    for (int i = 0; i < ROLE_COUNT; i++) {
        for (int k = 0; k < ROLE_COUNT; k++)
            term->pair_of[i][k] = -1;
    }
}

Term *
term_open(const Theme *theme, gboolean mouse, GError **error)
{
    setlocale(LC_CTYPE, "");
    if (pipe(wake_pipe) != 0 || fcntl(wake_pipe[0], F_SETFL, O_NONBLOCK) < 0 ||
        fcntl(wake_pipe[1], F_SETFL, O_NONBLOCK) < 0) {
        g_set_error(error, CREDITBOT_ERROR, ERR_STORE, "cannot make a pipe: %s", g_strerror(errno));
        return NULL;
    }
    fcntl(wake_pipe[0], F_SETFD, FD_CLOEXEC);
    fcntl(wake_pipe[1], F_SETFD, FD_CLOEXEC);
    have_termios = tcgetattr(STDIN_FILENO, &saved_termios) == 0;
    install_signals();
    set_escdelay(ESCAPE_DELAY);
    SCREEN *screen = newterm(NULL, stdout, stdin);
    if (!screen) {
        restore_signals();
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "the terminal '%s' is not known here; set TERM, or use 'creditbot list'",
                    g_getenv("TERM"));
        return NULL;
    }
    Term *term = g_new0(Term, 1);
    term->screen = screen;
    term->theme = theme;
    term->pairs = g_array_new(FALSE, FALSE, sizeof(Colours));
    term->paste = g_string_new(NULL);
    term->ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
    term->colours = count_colours();
    reset_pairs(term);
    prepare_reset();
    raw();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    leaveok(stdscr, FALSE);
    define_key("\033[200~", KEY_PASTE_ON);
    define_key("\033[201~", KEY_PASTE_OFF);
    if (mouse) {
        mousemask(MOUSE_EVENTS, NULL);
        mouseinterval(0);
    }
    enter_modes();
    return term;
}

void
term_close(Term *term)
{
    if (!term)
        return;
    if (!term->gone) {
        write_raw("\033[?2004l", 8);
        curs_set(1);
        endwin();
    }
    delscreen(term->screen);
    restore_signals();
    close(wake_pipe[0]);
    close(wake_pipe[1]);
    wake_pipe[0] = wake_pipe[1] = -1;
    g_array_unref(term->pairs);
    g_string_free(term->paste, TRUE);
    g_free(term);
}

void
term_set_theme(Term *term, const Theme *theme)
{
    term->theme = theme;
    reset_pairs(term);
    clearok(curscr, TRUE);
}

gboolean
term_ascii(const Term *term)
{
    return term->ascii;
}

void
term_size(const Term *term, int *width, int *height)
{
    (void)term;
    *width = COLS;
    *height = LINES;
}

static int
make_pair(Term *term, int fg, int bg)
{
    if (fg < 0 && bg < 0)
        return 0;
    for (guint i = 0; i < term->pairs->len; i++) {
        const Colours *known = &g_array_index(term->pairs, Colours, i);
        if (known->fg == fg && known->bg == bg)
            return (int)i + 1;
    }
    Colours made = {fg, bg};
    int pair = (int)term->pairs->len + 1;
    if (pair >= COLOR_PAIRS || init_extended_pair(pair, fg, bg) == ERR)
        return 0;
    g_array_append_val(term->pairs, made);
    return pair;
}

static attr_t
curses_attrs(guint attrs)
{
    attr_t result = A_NORMAL;
    if (attrs & THEME_BOLD)
        result |= A_BOLD;
    if (attrs & THEME_DIM)
        result |= A_DIM;
    if (attrs & THEME_ITALIC)
        result |= A_ITALIC;
    if (attrs & THEME_UNDERLINE)
        result |= A_UNDERLINE;
    if (attrs & THEME_REVERSE)
        result |= A_REVERSE;
    return result;
}

static gboolean
is_set(ThemeColour colour)
{
    return colour.rgb >= 0 || colour.basic >= 0;
}

/* Style of a role on a surface; two reversals are one, not none. */
static void
make_style(Term *term, Role role, Role ground)
{
    const ThemeStyle *on = &term->theme->styles[ground], *mark = &term->theme->styles[role];
    ThemeColour fg = is_set(on->fg) ? on->fg : mark->fg, bg = is_set(mark->bg) ? mark->bg : on->bg;
    if (is_set(mark->bg) && is_set(mark->fg))
        fg = mark->fg;
    int fg_index = theme_colour(fg, term->colours), bg_index = theme_colour(bg, term->colours);
    /* Eight colours: a foreground that falls on its own ground would vanish. */
    if (fg_index >= 0 && fg_index == bg_index)
        fg_index = bg_index == COLOR_BLACK ? COLOR_WHITE : COLOR_BLACK;
    term->pair_of[role][ground] = term->colours > 0 ? make_pair(term, fg_index, bg_index) : 0;
    term->attrs[role][ground] = curses_attrs(on->attrs | mark->attrs);
}

/* What a cell shows, in the few characters that curses takes; the base alone, or '?', where it
 * cannot. */
static void
cell_to_curses(Term *term, const GridCell *cell, cchar_t *out)
{
    wchar_t wide[CCHARW_MAX + 1];
    guint n = 0;
    if (term->pair_of[cell->role][cell->ground] < 0)
        make_style(term, cell->role, cell->ground);
    int pair = term->pair_of[cell->role][cell->ground];
    attr_t attrs = term->attrs[cell->role][cell->ground];
    for (const char *p = cell->text; *p && n < CCHARW_MAX; p = g_utf8_find_next_char(p, NULL)) {
        wchar_t c = (wchar_t)g_utf8_get_char(p);
        if (n > 0 && wcwidth(c) != 0)
            break;
        wide[n++] = c;
    }
    wide[n] = 0;
    if (n == 0 || wcwidth(wide[0]) != cell->width ||
        setcchar(out, wide, attrs, (short)pair, &pair) == ERR) {
        wide[0] = n > 0 && wcwidth(wide[0]) == 1 ? wide[0] : L'?';
        wide[1] = 0;
        setcchar(out, wide, attrs, (short)pair, &pair);
    }
}

static void
draw_row(Term *term, const Grid *grid, int y, int width)
{
    for (int x = 0; x < width; x++) {
        const GridCell *cell = grid_cell(grid, x, y);
        cchar_t shown;
        if (!cell || cell->width == 0)
            continue;
        cell_to_curses(term, cell, &shown);
        mvadd_wch(y, x, &shown);
        wchar_t base = (wchar_t)g_utf8_get_char(cell->text);
        if (cell->width == 2 && wcwidth(base) != 2) {
            GridCell blank = *cell;
            g_strlcpy(blank.text, " ", sizeof blank.text);
            blank.width = 1;
            cell_to_curses(term, &blank, &shown);
            mvadd_wch(y, x + 1, &shown);
        }
    }
}

void
term_draw(Term *term, const Grid *grid)
{
    int width = MIN(grid_width(grid), COLS), height = MIN(grid_height(grid), LINES), x, y;
    gboolean typing;
    if (term->gone)
        return;
    for (int row = 0; row < height; row++)
        draw_row(term, grid, row, width);
    if (grid_cursor(grid, &x, &y, &typing)) {
        curs_set(1);
        move(y, x);
    } else {
        curs_set(0);
    }
    refresh();
}

void
term_redraw(Term *term)
{
    (void)term;
    clearok(curscr, TRUE);
}

void
term_wait(Term *term, int wake_fd, int timeout)
{
    struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                           {.fd = wake_pipe[0], .events = POLLIN},
                           {.fd = wake_fd, .events = POLLIN}};
    if (poll(fds, G_N_ELEMENTS(fds), timeout) > 0 &&
        (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)))
        term->gone = TRUE;
}

static void
resize(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
        resizeterm(size.ws_row, size.ws_col);
}

void
term_leave(Term *term)
{
    (void)term;
    write_raw("\033[?2004l", 8);
    curs_set(1);
    def_prog_mode();
    endwin();
}

void
term_return(Term *term)
{
    (void)term;
    reset_prog_mode();
    enter_modes();
    resize();
    clearok(curscr, TRUE);
}

void
term_suspend(Term *term)
{
    term_leave(term);
    signal(SIGTSTP, SIG_DFL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    kill(0, SIGTSTP); /* the whole job, as the terminal driver does */
    handle(SIGTSTP, on_signal, SA_RESTART, NULL);
    term_return(term);
}

static gboolean
next_signal(Term *term, TermEvent *event)
{
    char byte;
    if (read(wake_pipe[0], &byte, 1) != 1)
        return FALSE;
    switch (byte) {
    case SIGWINCH:
        resize();
        event->type = EVENT_RESIZE;
        break;
    case SIGTSTP:
        term_suspend(term);
        resize();
        event->type = EVENT_CONTINUED;
        break;
    case SIGCONT:
        reset_prog_mode();
        resize();
        clearok(curscr, TRUE);
        event->type = EVENT_CONTINUED;
        break;
    default:
        event->type = EVENT_STOP;
        event->key = (guint32)byte;
        break;
    }
    return TRUE;
}

static const struct {
    int curses;
    guint32 key;
} special[] = {
    {KEY_UP, KEYS_UP},       {KEY_DOWN, KEYS_DOWN},    {KEY_LEFT, KEYS_LEFT},
    {KEY_RIGHT, KEYS_RIGHT}, {KEY_HOME, KEYS_HOME},    {KEY_END, KEYS_END},
    {KEY_PPAGE, KEYS_PGUP},  {KEY_NPAGE, KEYS_PGDN},   {KEY_IC, KEYS_INSERT},
    {KEY_DC, KEYS_DELETE},   {KEY_BTAB, KEYS_BACKTAB}, {KEY_BACKSPACE, KEYS_BACKSPACE},
    {KEY_ENTER, KEYS_ENTER}, {KEY_FIND, KEYS_HOME},    {KEY_SELECT, KEYS_END},
    {KEY_A1, KEYS_HOME},     {KEY_A3, KEYS_PGUP},      {KEY_C1, KEYS_END},
    {KEY_C3, KEYS_PGDN},
};

static gboolean
mouse_event(TermEvent *event)
{
    MEVENT mouse;
    if (getmouse(&mouse) != OK)
        return FALSE;
    event->x = mouse.x;
    event->y = mouse.y;
    event->type = (mouse.bstate & (BUTTON4_PRESSED | BUTTON5_PRESSED)) ? EVENT_WHEEL : EVENT_CLICK;
    event->key = (mouse.bstate & BUTTON4_PRESSED) ? KEYS_UP : KEYS_DOWN;
    return TRUE;
}

/* What is pasted arrives as one event: no letter of it can be taken for a command. */
static gboolean
paste_event(Term *term, TermEvent *event)
{
    wint_t c;
    g_string_truncate(term->paste, 0);
    for (;;) {
        int kind = get_wch(&c);
        if (kind == ERR) {
            struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
            if (poll(&fd, 1, 500) <= 0)
                break;
        } else if (kind == KEY_CODE_YES && c == KEY_PASTE_OFF) {
            break;
        } else if (kind == OK && term->paste->len < PASTE_MAX) {
            g_string_append_unichar(term->paste, c == '\r' ? '\n' : (gunichar)c);
        }
    }
    event->type = EVENT_PASTE;
    event->text = term->paste->str;
    return TRUE;
}

static gboolean
special_event(Term *term, wint_t c, TermEvent *event)
{
    if (c == KEY_MOUSE)
        return mouse_event(event);
    if (c == KEY_PASTE_ON)
        return paste_event(term, event);
    event->type = c == KEY_RESIZE ? EVENT_RESIZE : EVENT_KEY;
    if (c >= KEY_F(1) && c <= KEY_F(12))
        event->key = KEYS_F1 + (guint32)(c - KEY_F(1));
    for (gsize i = 0; i < G_N_ELEMENTS(special); i++) {
        if ((wint_t)special[i].curses == c)
            event->key = special[i].key;
    }
    return event->key != KEY_NONE || event->type == EVENT_RESIZE;
}

gboolean
term_next(Term *term, TermEvent *event)
{
    wint_t c;
    *event = (TermEvent){0};
    if (next_signal(term, event))
        return TRUE;
    if (term->gone) {
        event->type = EVENT_STOP;
        return TRUE;
    }
    int kind = get_wch(&c);
    if (kind == ERR)
        return FALSE;
    if (kind == KEY_CODE_YES) {
        event->clicks = 1;
        if (!special_event(term, c, event))
            event->type = EVENT_NONE;
        return TRUE;
    }
    event->type = EVENT_KEY;
    event->key = c == 127 || c == 8 ? KEYS_BACKSPACE : c == '\n' ? KEYS_ENTER : (guint32)c;
    return TRUE;
}

void
term_copy(Term *term, const char *text)
{
    gsize len = MIN(strlen(text), COPY_MAX);
    g_autofree char *coded = g_base64_encode((const guchar *)text, len);
    g_autofree char *bytes = g_strconcat("\033]52;c;", coded, "\007", NULL);
    if (!term->gone)
        write_raw(bytes, strlen(bytes));
}

void
term_bell(Term *term)
{
    if (!term->gone)
        write_raw("\a", 1);
}

void
term_notify(Term *term, const char *title, const char *text)
{
    g_autofree char *shown = text_printable(title, -1, TEXT_LINE);
    g_autofree char *more = text_printable(text, -1, TEXT_LINE);
    g_autofree char *bytes = g_strdup_printf("\033]9;%.200s: %.200s\007", shown, more);
    if (!term->gone)
        write_raw(bytes, strlen(bytes));
}
