/* tty.h: a program in a terminal emulator (libvterm): real keys in, cells and attributes out.
 *
 * Waiting is always for a condition, with a deadline; a condition that does not come true fails the
 * test and prints the screen. */
#ifndef TESTS_CONSOLE_TTY_H
#define TESTS_CONSOLE_TTY_H

#include <glib.h>
#include <sys/types.h>
#include <vterm.h>

typedef struct Tty Tty;

/* env: "NAME=value", NULL-terminated, besides a frozen environment; it starts in HOME where that is
 * given. */
Tty *tty_start(int width, int height, const char *const *argv, const char *const *env);
/* Kills what still runs. */
void tty_free(Tty *tty);
void tty_send(Tty *tty, const char *bytes);
void tty_resize(Tty *tty, int width, int height);
/* Reads what comes within so many microseconds; FALSE when the program is gone. */
gboolean tty_pump(Tty *tty, gint64 usec);
/* Reads until nothing has come for 300 ms; fails the test when something always does. */
void tty_settle(Tty *tty);
/* The whole screen, blanks at the ends of rows cut. Caller frees. */
char *tty_screen(Tty *tty);
gboolean tty_shows(Tty *tty, const char *text);
void tty_wait(Tty *tty, const char *text);
void tty_wait_gone(Tty *tty, const char *text); /* until it is not shown */
void tty_expect(Tty *tty, const char *screen);  /* until the screen is exactly this */
/* The terminal goes away, as a lost connection does it; then only tty_end() and tty_free(). */
void tty_hang_up(Tty *tty);
/* Waits for the program's end; its wait status. */
int tty_end(Tty *tty);
VTermScreenCell tty_cell(Tty *tty, int x, int y);
/* Where a text stands; FALSE when it is not shown. */
gboolean tty_find(Tty *tty, const char *text, int *x, int *y);
void tty_wait_cursor(Tty *tty, int y); /* until the cursor stands in this row */
/* Where the cursor stands; FALSE when it is hidden. */
gboolean tty_cursor(const Tty *tty, int *x, int *y);
pid_t tty_pid(const Tty *tty);
gsize tty_bytes(const Tty *tty); /* received so far */
/* Everything received so far, or since tty_forget(), as it came. Borrowed. */
const GString *tty_raw(const Tty *tty);
void tty_forget(Tty *tty);
gboolean tty_on_alternate(const Tty *tty); /* the alternate screen is shown */

#endif
