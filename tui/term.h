/* term.h: the terminal: shows a grid, gives events.
 *
 * term.c holds the modes and the signals, term_input.c reads, term_draw.c writes, term_curses.c
 * knows what this terminal can do and is the only file that includes curses.
 *
 * Everything here belongs to the screen thread. There is one terminal a process. */
#ifndef TUI_TERM_H
#define TUI_TERM_H

#include <glib.h>
#include "tui/grid.h"
#include "tui/theme.h"

/* Keys are Unicode code points (control keys as 1 to 26), or one of these. */
typedef enum {
    KEY_NONE = 0,
    KEYS_SPECIAL = 0x110000,
    KEYS_UP,
    KEYS_DOWN,
    KEYS_LEFT,
    KEYS_RIGHT,
    KEYS_HOME,
    KEYS_END,
    KEYS_PGUP,
    KEYS_PGDN,
    KEYS_INSERT,
    KEYS_DELETE,
    KEYS_BACKSPACE,
    KEYS_BACKTAB,
    KEYS_F1, /* to KEYS_F1 + 11 */
    KEYS_F12 = KEYS_F1 + 11,
} SpecialKey;

/* Added to a key: Alt with anything, Shift and Ctrl with the special ones alone ('A' is Shift-a
 * already, Ctrl-a is 1). */
typedef enum {
    KEYS_SHIFT = 0x1000000,
    KEYS_ALT = 0x2000000,
    KEYS_CONTROL = 0x4000000,
} KeyModifier;
#define KEYS_PLAIN(key) ((key)&0xffffffu)

#define KEYS_ENTER   13
#define KEYS_ESC     27
#define KEYS_TAB     9
#define KEYS_CTRL(c) ((guint32)((c)&31))

typedef enum {
    EVENT_NONE,
    EVENT_KEY,
    EVENT_CLICK,   /* x, y; clicks: 2 for the second of a double click */
    EVENT_DRAG,    /* x, y: the mouse moved with its button held; from_x, from_y: where it began */
    EVENT_RELEASE, /* x, y; from_x, from_y as above */
    EVENT_WHEEL,   /* x, y; key: KEYS_UP or KEYS_DOWN */
    EVENT_PASTE,   /* text, owned by the terminal until the next event */
    EVENT_RESIZE,  /* the size is in term_size() */
    EVENT_CONTINUED, /* after a suspension: draw everything */
    EVENT_GROUND,    /* the terminal told its background; key: 0xRRGGBB */
    EVENT_STOP, /* asked to end by a signal, or the terminal is gone; key: the signal, 0: gone */
} EventType;

typedef struct {
    EventType type;
    guint32 key;
    int x, y, from_x, from_y, clicks;
    const char *text;
} TermEvent;

typedef struct Term Term;

/* FALSE with the reason when there is no terminal that could show the console: decided before any
 * curses call. */
gboolean term_usable(GError **error);
typedef struct {
    const Theme *theme; /* borrowed until term_set_theme() */
    gboolean mouse;     /* taken from the terminal (xterm's modes 1000, 1002, 1006) */
    gboolean links;     /* OSC 8, where the terminal is likely to know it */
    gboolean
        ask_ground; /* asks for the background; the answer is an EVENT_GROUND, or never comes */
} TermOptions;

/* ERR_CONFIG when the terminal is unknown. */
Term *term_open(const TermOptions *options, GError **error);
/* Gives the terminal back as it was. */
void term_close(Term *term);
void term_set_theme(Term *term, const Theme *theme);
/* Takes the mouse, or leaves it to the terminal. */
void term_set_mouse(Term *term, gboolean mouse);
gboolean term_mouse(const Term *term);
/* TRUE when the locale is not UTF-8: the grid must be ASCII. */
gboolean term_ascii(const Term *term);
void term_size(const Term *term, int *width, int *height);
/* Shows a grid; writes only what differs from what is shown. */
void term_draw(Term *term, const Grid *grid);
/* The next draw paints every cell. */
void term_redraw(Term *term);
/* Waits until there is an event, wake_fd is readable or the time is over (milliseconds, -1: no
 * limit). */
void term_wait(Term *term, int wake_fd, int timeout);
/* The next event that is there; FALSE when there is none. */
gboolean term_next(Term *term, TermEvent *event);
/* Stops the process as Ctrl-Z does, with the terminal restored; returns after it goes on. */
void term_suspend(Term *term);
/* Gives the terminal to another program (a pager) as it was, and takes it back; between the two
 * nothing else here may be called. After the second, the next draw paints every cell. */
void term_leave(Term *term);
void term_return(Term *term);
/* Puts text on the clipboard (OSC 52; xterm ctlseqs "Manipulate Selection Data"). At most 64 KiB.
 */
void term_copy(Term *term, const char *text);
/* Rings the terminal's bell. */
void term_bell(Term *term);
/* A notification of the desktop that the terminal runs on (OSC 9 as iTerm2 and others take it, OSC
 * 777 as urxvt does; the one that the terminal is known for). Sanitised, at most 200 columns each;
 * nothing where the terminal is known to have neither. */
void term_notify(Term *term, const char *title, const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Term, term_close)

#endif
