/* screens.h: golden screens: what the terminal shows, each cell by its role, kept in text files.
 *
 * A file NAME.WIDTHxHEIGHT.screen has a head (how to come to the screen), `-- text` with the rows,
 * and `-- roles` with the spans of each row: "x+length role/ground". The roles are read off the
 * colours: in the theme "roles" each role has one of its own. In the theme "mono" the spans are
 * attributes. GENERATE=1 writes the files anew. */
#ifndef TESTS_CONSOLE_SCREENS_H
#define TESTS_CONSOLE_SCREENS_H

#include <glib.h>
#include "tty.h"

typedef struct {
    char *name;        /* "approve-second" */
    char *desk;        /* which desk it is shown on */
    int width, height; /* of the terminal */
    GPtrArray *steps;  /* char *: as written, see screens_step() */
} Screen;

void screen_free(gpointer screen);
/* All screens of a file of steps, one element a size; Screen *. Each entry is
 * `name desk sizes steps…`, lines that begin with a blank go on with the entry before, # begins a
 * comment. NULL with the line at fault. */
GPtrArray *screens_read(const char *path, GError **error);
/* Writes the theme whose colours tell the role to FOLDER/roles.theme. */
gboolean screens_theme(const char *folder, GError **error);
/* Does one step: `"typed"`, `[shown]`, `![gone]`, `WxH` (a new size), or a key as [keys] writes it.
 * Fails the test where a wait does not come true. */
void screens_step(Tty *tty, const char *step);
/* The bytes that a terminal sends for a key; NULL: no such key. Caller frees. */
char *screens_key(const char *name);
/* Compares what is shown with the file, waiting until it is so; with GENERATE=1 writes the file.
 * mono: spans are attributes. hide is a text that differs from run to run, shown as so many X. */
void screens_check(Tty *tty, const Screen *screen, const char *folder, gboolean mono,
                   const char *hide);

#endif
