/* term_caps.h: what this terminal can do and how it is told, from its description (terminfo) and
 * the environment. */
#ifndef TUI_TERM_CAPS_H
#define TUI_TERM_CAPS_H

#include <glib.h>
#include "tui/term_input.h"

/* Name here, name in terminfo(5). */
#define TERM_CAPS(X)                                                                               \
    X(CLEAR, "clear")                                                                              \
    X(ERASE_LINE, "el")                                                                            \
    X(ERASE_CHARS, "ech")                                                                          \
    X(SCROLL_REGION, "csr")                                                                        \
    X(SCROLL_UP, "ind")                                                                            \
    X(SCROLL_DOWN, "ri")                                                                           \
    X(PLAIN, "sgr0")                                                                               \
    X(BOLD, "bold")                                                                                \
    X(DIM, "dim")                                                                                  \
    X(ITALIC, "sitm")                                                                              \
    X(UNDERLINE, "smul")                                                                           \
    X(REVERSE, "rev")                                                                              \
    X(COLOURS_BACK, "op")                                                                          \
    X(CURSOR_HIDE, "civis")                                                                        \
    X(CURSOR_SHOW, "cnorm")                                                                        \
    X(SCREEN_ENTER, "smcup")                                                                       \
    X(SCREEN_LEAVE, "rmcup")                                                                       \
    X(KEYS_ENTER, "smkx")                                                                          \
    X(KEYS_LEAVE, "rmkx")

typedef enum {
#define X(id, name) CAP_##id,
    TERM_CAPS(X)
#undef X
        CAP_COUNT
} Cap;

typedef struct {
    char *text[CAP_COUNT]; /* without padding; NULL: it cannot */
    char *move;            /* cup, with its parameters */
    char *fg, *bg;         /* setaf, setab */
    int colours;           /* 0: none; above 256: 0xRRGGBB */
    gboolean ecma;         /* moves and colours are told as ECMA-48 has them */
    gboolean erases_in_colour, wraps_late, wraps;
    guint spoils_colours; /* ThemeAttrs that this terminal shows as colours of its own */
    gboolean modern;      /* understands OSC: links, colours, notifications */
    gboolean in_tmux;
    gpointer description; /* terminfo's own */
} TermCaps;

/* ERR_CONFIG when the terminal is unknown or cannot place text. environment gives variables (as
 * g_getenv). */
TermCaps *term_caps_load(const char *(*environment)(const char *name), GError **error);
void term_caps_free(TermCaps *caps);
/* Moves the cursor; the corner is 0, 0. */
void term_caps_move(const TermCaps *caps, GString *out, int x, int y);
/* Colours by index, -1: leaves it alone; only for terminals that are not ecma. */
void term_caps_colours(const TermCaps *caps, GString *out, int fg, int bg);
/* The keys as this terminal sends them. */
void term_caps_learn(TermInput *input);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(TermCaps, term_caps_free)

#endif
