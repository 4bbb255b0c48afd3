/* term_curses.c: the terminal's description by way of curses' terminfo; no other file knows curses.
 *
 * What is drawn does not go through curses' own screen: it writes about twice the bytes that
 * term_draw.c needs for a page over SSH, and knows neither links (OSC 8) nor true colour on a
 * terminal that tells it by COLORTERM. */
#include "config.h"
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <term.h>

/* The names of curses' macros that would be in the way. */
#undef lines
#undef columns
#undef bell

#include "tui/term_caps.h"

#include <string.h>
#include <unistd.h>
#include "base/error.h"

static const char *const cap_names[CAP_COUNT] = {
#define X(id, name) name,
    TERM_CAPS(X)
#undef X
};

/* Padding ("$<5/>") is for terminals of another age. */
static char *
without_padding(const char *text)
{
    g_autoptr(GString) out = g_string_new(NULL);
    while (*text) {
        const char *end = text[0] == '$' && text[1] == '<' ? strchr(text, '>') : NULL;
        if (!end)
            g_string_append_c(out, *text);
        text = end ? end + 1 : text + 1;
    }
    return g_strdup(out->str);
}

static char *
capability(const char *name)
{
    const char *value = tigetstr(name);
    return value && value != (const char *)-1 && *value ? without_padding(value) : NULL;
}

static gboolean
is_set(const char *value)
{
    return value && *value;
}

/* Terminals that are as old as their descriptions: an OSC would be text on their screen. */
static gboolean
is_modern(const char *term, gboolean in_tmux)
{
    static const char *const old[] = {"linux", "vt",   "ansi",  "cons25", "sun",  "wy",
                                      "wsvt",  "pcvt", "bsdos", "hurd",   "dumb", "cygwin"};
    for (guint i = 0; i < G_N_ELEMENTS(old); i++) {
        if (g_str_has_prefix(term, old[i]) && !g_str_has_prefix(term, "vte"))
            return FALSE;
    }
    return in_tmux || !g_str_has_prefix(term, "screen");
}

/* GNU screen hands COLORTERM on without knowing such colours itself. */
static int
count_colours(const TermCaps *caps, const char *term, const char *(*environment)(const char *name))
{
    const char *true_colour = environment("COLORTERM");
    int n = tigetnum("colors");
    if (is_set(environment("NO_COLOR")) || n < 8)
        return 0;
    gboolean told =
        g_strcmp0(true_colour, "truecolor") == 0 || g_strcmp0(true_colour, "24bit") == 0;
    if (caps->ecma && (tigetflag("RGB") > 0 || tigetflag("Tc") > 0 || n > 256 ||
                       (told && (caps->in_tmux || !g_str_has_prefix(term, "screen")))))
        return 1 << 24;
    return n >= 256 ? 256 : n >= 16 ? 16 : 8;
}

/* terminfo's ncv, in the order of its attributes. */
static guint
spoils_colours(void)
{
    int bits = tigetnum("ncv");
    bits = bits > 0 ? bits : 0;
    return (bits & 2 ? THEME_UNDERLINE : 0u) | (bits & 4 ? THEME_REVERSE : 0u) |
           (bits & 16 ? THEME_DIM : 0u) | (bits & 32 ? THEME_BOLD : 0u);
}

static gboolean
starts(const char *text, const char *with)
{
    return !text || g_str_has_prefix(text, with);
}

TermCaps *
term_caps_load(const char *(*environment)(const char *name), GError **error)
{
    const char *term = environment("TERM");
    int status = 0;
    g_autoptr(TermCaps) caps = g_new0(TermCaps, 1);
    if (term && setupterm(term, STDOUT_FILENO, &status) == OK)
        caps->description = cur_term;
    if (!caps->description || !(caps->move = capability("cup"))) {
        g_set_error(error, CREDITBOT_ERROR, ERR_CONFIG,
                    "the terminal '%s' is %s here; set TERM, or use 'creditbot list'",
                    term ? term : "", status == 1 ? "one that cannot place text" : "not known");
        return NULL;
    }
    for (int i = 0; i < CAP_COUNT; i++)
        caps->text[i] = capability(cap_names[i]);
    caps->fg = capability("setaf");
    caps->bg = capability("setab");
    caps->in_tmux = is_set(environment("TMUX"));
    caps->modern = is_modern(term, caps->in_tmux);
    caps->ecma = strcmp(caps->move, "\033[%i%p1%d;%p2%dH") == 0 &&
                 starts(caps->text[CAP_BOLD], "\033[1m") &&
                 starts(caps->text[CAP_REVERSE], "\033[7m") && starts(caps->fg, "\033[");
    caps->erases_in_colour = tigetflag("bce") > 0;
    caps->wraps = tigetflag("am") > 0;
    caps->wraps_late = tigetflag("xenl") > 0;
    caps->spoils_colours = spoils_colours();
    caps->colours = count_colours(caps, term, environment);
    return g_steal_pointer(&caps);
}

void
term_caps_free(TermCaps *caps)
{
    if (!caps)
        return;
    for (int i = 0; i < CAP_COUNT; i++)
        g_free(caps->text[i]);
    g_free(caps->move);
    g_free(caps->fg);
    g_free(caps->bg);
    if (caps->description)
        del_curterm(caps->description);
    g_free(caps);
}

void
term_caps_move(const TermCaps *caps, GString *out, int x, int y)
{
    if (caps->ecma && x == 0)
        g_string_append_printf(out, "\033[%dH", y + 1);
    else if (caps->ecma)
        g_string_append_printf(out, "\033[%d;%dH", y + 1, x + 1);
    else
        g_string_append(out, tiparm(caps->move, y, x));
}

void
term_caps_colours(const TermCaps *caps, GString *out, int fg, int bg)
{
    if (caps->fg && fg >= 0)
        g_string_append(out, tiparm(caps->fg, fg));
    if (caps->bg && bg >= 0)
        g_string_append(out, tiparm(caps->bg, bg));
}

void
term_caps_learn(TermInput *input)
{
    static const struct {
        const char *name;
        guint32 key;
    } keys[] = {
        {"kcuu1", KEYS_UP},     {"kcud1", KEYS_DOWN},   {"kcub1", KEYS_LEFT},
        {"kcuf1", KEYS_RIGHT},  {"khome", KEYS_HOME},   {"kend", KEYS_END},
        {"kpp", KEYS_PGUP},     {"knp", KEYS_PGDN},     {"kich1", KEYS_INSERT},
        {"kdch1", KEYS_DELETE}, {"kcbt", KEYS_BACKTAB}, {"kbs", KEYS_BACKSPACE},
        {"kent", KEYS_ENTER},   {"kfnd", KEYS_HOME},    {"kslt", KEYS_END},
        {"ka1", KEYS_HOME},     {"ka3", KEYS_PGUP},     {"kc1", KEYS_END},
        {"kc3", KEYS_PGDN},
    };
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        const char *sequence = tigetstr(keys[i].name);
        if (sequence != (const char *)-1)
            term_input_learn(input, sequence, keys[i].key);
    }
    for (guint i = 0; i < 12; i++) {
        char name[8];
        g_snprintf(name, sizeof name, "kf%u", i + 1);
        const char *sequence = tigetstr(name);
        if (sequence != (const char *)-1)
            term_input_learn(input, sequence, KEYS_F1 + i);
    }
}
