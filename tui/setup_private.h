/* setup_private.h: the insides of the first run, as its screen and its keys see them. */
#ifndef TUI_SETUP_PRIVATE_H
#define TUI_SETUP_PRIVATE_H

#include "engine/desk.h"
#include "tui/mailbox.h"
#include "tui/setup.h"
#include "tui/setup_form.h"
#include "tui/term.h"
#include "tui/widgets/input.h"
#include "tui/work.h"

/* Besides the pages: the first screen, and the last one, which is page setup_n_pages. */
#define SETUP_START     G_MAXUINT
#define SETUP_MAX_PAGES 8

typedef enum { TRIED_NOT, TRIED_WELL, TRIED_FAILED, TRIED_SKIPPED } Tried;

typedef struct {
    char *name, *found, *fix;
    CheckStatus status;
} Finding;

typedef struct {
    Tried tried;
    GPtrArray *findings; /* Finding; NULL: none yet */
} PageState;

typedef struct {
    const SetupOptions *options;
    Term *term;
    Grid *grid;
    Theme *theme;
    Mailbox *mailbox;
    Work *work;
    SetupForm *form;
    PageState pages[SETUP_MAX_PAGES];
    guint page, field;
    Input input;     /* of the field with the focus, when it is no secret */
    gboolean trying; /* a trial runs */
    guint trial;     /* its number: an older one is dropped */
    char *message;
    Role message_role;
    SetupEnd end; /* SETUP_FAILED: goes on */
    int signo;
} Setup;

/* setup.c */
void setup_say(Setup *setup, Role role, const char *text);
void setup_go(Setup *setup, guint page);
void setup_focus(Setup *setup, guint field);
void setup_try(Setup *setup);
void setup_stop_trial(Setup *setup);
void setup_write_file(Setup *setup);
/* setup_screen.c */
void setup_draw(Setup *setup);
/* setup_keys.c */
void setup_event(Setup *setup, const TermEvent *event);

#endif
