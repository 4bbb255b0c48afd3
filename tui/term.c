/* term.c: the terminal's modes, signals and time; what is read and written goes through
 * term_input.c and term_draw.c.
 *
 * Signal handlers only write a byte to a pipe; the one exception are fatal signals, whose handler
 * restores the terminal with bytes that were prepared before and lets the signal take its course.
 */
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
#include "base/error.h"
#include "base/text.h"
#include "tui/term_caps.h"
#include "tui/term_draw.h"
#include "tui/term_input.h"

#define COPY_MAX    65536
#define NOTICE_MAX  200 /* columns */
#define SYNC_MIN    500 /* bytes of a frame from which on it is shown at once */
#define ANSWER_TIME G_TIME_SPAN_SECOND
#define ANSWER_WAIT 60 /* milliseconds at the end for an answer that is still on its way */

#define PASTE_ON  "\033[?2004h"
#define PASTE_OFF "\033[?2004l"
#define MOUSE_ON  "\033[?1000h\033[?1002h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1002l\033[?1000l"
/* DECSTBM: all rows scroll; what is drawn may leave some of them set. */
#define SCROLL_ALL "\033[r"
#define SYNC_ON    "\033[?2026h"
#define SYNC_OFF   "\033[?2026l"
/* The background, whether it knows synchronised output, and last what every terminal answers. */
#define ASK_GROUND "\033]11;?\033\\"
#define ASK_SYNC   "\033[?2026$p"
#define ASK_WHO    "\033[c"

struct Term {
    TermCaps *caps;
    TermInput *input;
    TermDraw *draw;
    GString *out;
    gboolean ascii, gone, mouse;
    gint64 asked_at; /* 0: nothing was asked */
    int width, height;
};

/* What signal handlers need; written before they are installed. */
static int wake_pipe[2] = {-1, -1};
static char reset_bytes[256];
static size_t reset_length;
static struct termios saved_termios;
static gboolean have_termios;

static const int caught[] = {SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT};
static const int fatal[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};

/* What was there before, so that it can be put back. */
static struct sigaction old_caught[G_N_ELEMENTS(caught)], old_fatal[G_N_ELEMENTS(fatal)];

/* -- signals -- */

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

static gboolean
open_pipe(GError **error)
{
    if (pipe(wake_pipe) != 0) {
        g_set_error(error, CREDITBOT_ERROR, ERR_STORE, "cannot make a pipe: %s", g_strerror(errno));
        return FALSE;
    }
    for (int i = 0; i < 2; i++) {
        fcntl(wake_pipe[i], F_SETFL, O_NONBLOCK);
        fcntl(wake_pipe[i], F_SETFD, FD_CLOEXEC);
    }
    return TRUE;
}

static void
close_pipe(void)
{
    for (int i = 0; i < 2; i++) {
        close(wake_pipe[i]);
        wake_pipe[i] = -1;
    }
}

/* -- writing -- */

static void
write_bytes(Term *term, const char *bytes, gsize len)
{
    while (len > 0 && !term->gone) {
        ssize_t n = write(STDOUT_FILENO, bytes, len);
        if (n > 0) {
            bytes += n;
            len -= (gsize)n;
        } else if (n < 0 && errno == EAGAIN) {
            struct pollfd fd = {.fd = STDOUT_FILENO, .events = POLLOUT};
            poll(&fd, 1, -1);
        } else if (n < 0 && errno != EINTR) {
            term->gone = TRUE;
        }
    }
}

static void
write_text(Term *term, const char *text)
{
    write_bytes(term, text, strlen(text));
}

static void
append_cap(GString *out, const TermCaps *caps, Cap cap)
{
    if (caps->text[cap])
        g_string_append(out, caps->text[cap]);
}

/* Everything that leaves the terminal as a shell expects it, in bytes that a handler can write. */
static void
prepare_reset(const Term *term)
{
    g_autoptr(GString) out = g_string_new(NULL);
    if (term->caps->modern)
        g_string_append(out, SYNC_OFF "\033]8;;\033\\");
    g_string_append(out, MOUSE_OFF PASTE_OFF);
    if (term->caps->text[CAP_SCROLL_REGION] && term->caps->ecma)
        g_string_append(out, SCROLL_ALL);
    append_cap(out, term->caps, CAP_PLAIN);
    append_cap(out, term->caps, CAP_COLOURS_BACK);
    append_cap(out, term->caps, CAP_CURSOR_SHOW);
    append_cap(out, term->caps, CAP_KEYS_LEAVE);
    append_cap(out, term->caps, CAP_SCREEN_LEAVE);
    if (!term->caps->text[CAP_SCREEN_LEAVE])
        append_cap(out, term->caps, CAP_CLEAR);
    reset_length = MIN(out->len, sizeof reset_bytes);
    memcpy(reset_bytes, out->str, reset_length);
}

/* -- modes -- */

static void
make_raw(void)
{
    struct termios raw = saved_termios;
    if (!have_termios)
        return;
    raw.c_iflag &= (tcflag_t) ~(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON);
    raw.c_oflag &= (tcflag_t)~OPOST;
    raw.c_lflag &= (tcflag_t) ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    raw.c_cflag = (raw.c_cflag & (tcflag_t) ~(CSIZE | PARENB)) | CS8;
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

static void
enter_modes(Term *term)
{
    g_autoptr(GString) out = g_string_new(NULL);
    make_raw();
    append_cap(out, term->caps, CAP_SCREEN_ENTER);
    append_cap(out, term->caps, CAP_KEYS_ENTER);
    g_string_append(out, PASTE_ON);
    if (term->mouse)
        g_string_append(out, MOUSE_ON);
    write_bytes(term, out->str, out->len);
    term_draw_forget(term->draw);
}

static void
leave_modes(Term *term)
{
    write_bytes(term, reset_bytes, reset_length);
    if (have_termios)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &saved_termios);
}

static void
read_size(Term *term)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
        term->width = size.ws_col;
        term->height = size.ws_row;
    }
}

/* Apple's Terminal shows the last letter of ASK_SYNC. */
static void
ask(Term *term, gboolean ground)
{
    if (!term->caps->modern)
        return;
    if (ground)
        write_text(term, ASK_GROUND);
    if (g_strcmp0(g_getenv("TERM_PROGRAM"), "Apple_Terminal") != 0)
        write_text(term, ASK_SYNC);
    write_text(term, ASK_WHO);
    term->asked_at = g_get_monotonic_time();
}

/* -- open and close -- */

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

Term *
term_open(const TermOptions *options, GError **error)
{
    setlocale(LC_CTYPE, "");
    g_autoptr(TermCaps) caps = term_caps_load(g_getenv, error);
    if (!caps || !open_pipe(error))
        return NULL;
    Term *term = g_new0(Term, 1);
    term->caps = g_steal_pointer(&caps);
    term->input = term_input_new();
    term_caps_learn(term->input);
    term->draw = term_draw_new(term->caps, options->theme, options->links && term->caps->modern);
    term->out = g_string_new(NULL);
    term->ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
    term->mouse = options->mouse;
    term->width = 80;
    term->height = 24;
    read_size(term);
    have_termios = tcgetattr(STDIN_FILENO, &saved_termios) == 0;
    prepare_reset(term);
    install_signals();
    enter_modes(term);
    ask(term, options->ask_ground);
    return term;
}

/* An answer that comes after the end would be typed into the shell. */
static void
await_answer(Term *term)
{
    struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
    gint64 now = g_get_monotonic_time();
    TermEvent event;
    char bytes[512];
    gint64 until = now + ANSWER_WAIT * G_TIME_SPAN_MILLISECOND;
    while (term->asked_at && now - term->asked_at < ANSWER_TIME && now < until &&
           !term_input_answered(term->input)) {
        ssize_t n = 0;
        if (poll(&fd, 1, (int)((until - now) / 1000) + 1) > 0)
            n = read(STDIN_FILENO, bytes, sizeof bytes);
        if (n <= 0)
            break;
        now = g_get_monotonic_time();
        term_input_feed(term->input, bytes, (gsize)n, now);
        while (term_input_next(term->input, now, &event)) {
        }
    }
    tcflush(STDIN_FILENO, TCIFLUSH);
}

void
term_close(Term *term)
{
    if (!term)
        return;
    if (!term->gone)
        await_answer(term);
    leave_modes(term);
    restore_signals();
    close_pipe();
    term_draw_free(term->draw);
    term_input_free(term->input);
    term_caps_free(term->caps);
    g_string_free(term->out, TRUE);
    g_free(term);
}

/* -- showing -- */

void
term_set_theme(Term *term, const Theme *theme)
{
    term_draw_set_theme(term->draw, theme);
}

void
term_set_mouse(Term *term, gboolean mouse)
{
    if (term->mouse != mouse)
        write_text(term, mouse ? MOUSE_ON : MOUSE_OFF);
    term->mouse = mouse;
}

gboolean
term_mouse(const Term *term)
{
    return term->mouse;
}

gboolean
term_ascii(const Term *term)
{
    return term->ascii;
}

void
term_size(const Term *term, int *width, int *height)
{
    *width = term->width;
    *height = term->height;
}

void
term_draw(Term *term, const Grid *grid)
{
    GString *out = term->out;
    if (term->gone)
        return;
    g_string_truncate(out, 0);
    term_draw_frame(term->draw, grid, term->width, term->height, out);
    if (out->len >= SYNC_MIN && term_input_sync(term->input)) {
        g_string_prepend(out, SYNC_ON);
        g_string_append(out, SYNC_OFF);
    }
    write_bytes(term, out->str, out->len);
}

void
term_redraw(Term *term)
{
    term_draw_forget(term->draw);
}

/* -- waiting and reading -- */

void
term_wait(Term *term, int wake_fd, int timeout)
{
    struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                           {.fd = wake_pipe[0], .events = POLLIN},
                           {.fd = wake_fd, .events = POLLIN}};
    int limit = term_input_timeout(term->input, g_get_monotonic_time());
    if (limit >= 0 && (timeout < 0 || limit < timeout))
        timeout = limit;
    if (poll(fds, G_N_ELEMENTS(fds), timeout) > 0 &&
        (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)))
        term->gone = TRUE;
}

void
term_leave(Term *term)
{
    leave_modes(term);
}

/* An interrupt that was meant for the other program is not ours. */
static void
forget_interrupts(void)
{
    char bytes[64];
    ssize_t n = read(wake_pipe[0], bytes, sizeof bytes);
    for (ssize_t i = 0; i < n; i++) {
        if (bytes[i] != SIGINT && bytes[i] != SIGQUIT)
            on_signal(bytes[i]);
    }
}

void
term_return(Term *term)
{
    forget_interrupts();
    read_size(term);
    enter_modes(term);
}

void
term_suspend(Term *term)
{
    sigset_t set;
    struct sigaction on_continue;
    term_leave(term);
    signal(SIGTSTP, SIG_DFL);
    handle(SIGCONT, SIG_DFL, 0, &on_continue);
    sigemptyset(&set);
    sigaddset(&set, SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    kill(0, SIGTSTP); /* the whole job, as the terminal driver does */
    handle(SIGTSTP, on_signal, SA_RESTART, NULL);
    sigaction(SIGCONT, &on_continue, NULL);
    term_return(term);
}

static gboolean
next_signal(Term *term, TermEvent *event)
{
    char byte;
    if (read(wake_pipe[0], &byte, 1) != 1)
        return FALSE;
    event->type = EVENT_CONTINUED;
    if (byte == SIGWINCH) {
        read_size(term);
        event->type = EVENT_RESIZE;
    } else if (byte == SIGTSTP) {
        term_suspend(term);
    } else if (byte == SIGCONT) { /* it was stopped without being asked */
        read_size(term);
        enter_modes(term);
    } else {
        event->type = EVENT_STOP;
        event->key = (guint32)byte;
    }
    return TRUE;
}

/* FALSE when nothing is there to be read. */
static gboolean
read_bytes(Term *term, gint64 now)
{
    struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
    char bytes[4096];
    if (poll(&fd, 1, 0) <= 0)
        return FALSE;
    ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
    if (n > 0)
        term_input_feed(term->input, bytes, (gsize)n, now);
    else if (n == 0 || (errno != EINTR && errno != EAGAIN))
        term->gone = TRUE;
    return n > 0;
}

gboolean
term_next(Term *term, TermEvent *event)
{
    *event = (TermEvent){0};
    if (next_signal(term, event))
        return TRUE;
    gint64 now = g_get_monotonic_time();
    while (!term->gone) {
        if (term_input_next(term->input, now, event))
            return TRUE;
        if (!read_bytes(term, now))
            break;
    }
    if (term->gone)
        event->type = EVENT_STOP;
    return term->gone;
}

/* -- beyond the screen -- */

void
term_copy(Term *term, const char *text)
{
    gsize len = MIN(strlen(text), COPY_MAX);
    g_autofree char *coded = g_base64_encode((const guchar *)text, len);
    g_autofree char *bytes = g_strconcat("\033]52;c;", coded, "\007", NULL);
    if (term->caps->modern)
        write_text(term, bytes);
}

void
term_bell(Term *term)
{
    write_text(term, "\a");
}

static char *
notice_text(const char *text)
{
    g_autofree char *clean = text_printable(text, -1, TEXT_LINE);
    g_strdelimit(clean, ";", ','); /* what parts the fields of an OSC */
    return text_ellipsize(clean, NOTICE_MAX, TEXT_LINE);
}

/* urxvt, foot and what is built on VTE take OSC 777; others OSC 9. tmux hands it on where its
 * option allow-passthrough is on. */
void
term_notify(Term *term, const char *title, const char *text)
{
    const char *name = g_getenv("TERM"), *vte = g_getenv("VTE_VERSION");
    gboolean by_777 = (vte && *vte) ||
                      (name && (g_str_has_prefix(name, "rxvt") || g_str_has_prefix(name, "foot")));
    g_autofree char *head = notice_text(title), *body = notice_text(text);
    g_autofree char *bytes =
        g_strdup_printf(by_777 ? "\033]777;notify;%s;%s\007" : "\033]9;%s: %s\007", head, body);
    g_autofree char *through = g_strdup_printf("\033Ptmux;\033%s\033\\", bytes);
    if (term->caps->modern)
        write_text(term, term->caps->in_tmux ? through : bytes);
}
