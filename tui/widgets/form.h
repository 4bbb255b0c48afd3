/* form.h: what the dialogs that decide something have in common: a text that scrolls, fields below
 * it, the key that does it and the key that does not.
 *
 * The text is what will happen. The key that does it counts only once the end of that text was on
 * the screen, however long it is and however small the screen. */
#ifndef TUI_WIDGETS_FORM_H
#define TUI_WIDGETS_FORM_H

#include "tui/console_private.h"
#include "tui/widgets/input.h"

#define FORM_FIELDS 24

typedef struct {
    const char *label;
    char *hint; /* stands right of a short field; NULL: the field takes the row */
    Input input;
} FormField;

/* A further key of a dialog, shown above those that do it or not. */
typedef struct {
    guint32 key;
    const char *name, *label; /* "Ctrl-R", "rerun"; static */
} FormExtra;

#define FORM_EXTRAS 5

typedef struct {
    Console *console;
    Doc *text;
    FormField fields[FORM_FIELDS];
    guint n, focus;    /* the first n are there to be typed into */
    guint made;        /* how many there are */
    const char *check; /* a box that Tab ticks, Ctrl-T where there are several fields; NULL: none */
    gboolean checked;
    gboolean shut;    /* there is nothing to type: no fields are shown */
    gboolean waiting; /* the text is not what will happen yet */
    gboolean seen;    /* its end was on the screen since form_renew() */
    FormExtra extras[FORM_EXTRAS];
    guint n_extras;
} Form;

void form_init(Form *form, Console *console);
void form_clear(Form *form);
/* label is borrowed, hint taken. Returns the field's text. */
Input *form_field(Form *form, const char *label, char *hint, const char *text);
const char *form_text(const Form *form, guint field);
void form_extra(Form *form, guint32 key, const char *name, const char *label);
/* That key is among those that are shown. */
gboolean form_has_extra(const Form *form, guint32 key);
/* Forgets the text: what is written next has to be seen anew. */
void form_renew(Form *form);

/* yes NULL: there is nothing to do here but to leave. */
void form_draw(Form *form, Grid *grid, Rect screen, const char *title, const char *yes,
               const char *no);

typedef enum { FORM_NOTHING, FORM_YES, FORM_NO, FORM_TYPED, FORM_CHECKED } FormKey;
/* What a key means; scrolling and moving about are done here. FORM_YES is never given before the
 * text was seen; the operator is told. */
FormKey form_key(Form *form, const TermEvent *event);
/* TRUE when a reason stands in the field; else the operator is told that it is kept. */
gboolean form_reason(const Form *form, guint field, const char *what);

#endif
