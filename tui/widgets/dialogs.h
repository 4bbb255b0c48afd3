/* dialogs.h: the dialogs of the console; each opens itself on top of what is shown. */
#ifndef TUI_WIDGETS_DIALOGS_H
#define TUI_WIDGETS_DIALOGS_H

#include "store/store.h"
#include "tui/console_private.h"

/* Shows exactly what would be posted; Enter approves once that has been shown. */
guint approve_open(Console *console, const Request *request, const char *reason);
/* Approves alone, in place of those who are missing. */
guint break_glass_open(Console *console, const Request *request, const char *reason);
/* Another person looked at what was approved so. */
guint review_open(Console *console, const BreakGlass *glass);
guint reject_open(Console *console, const Request *request, const char *reason);
guint rerun_open(Console *console, const Request *request, gboolean dry, const char *parameters);

/* Several requests at once, each named; act: "approve" "reject" "rerun" "retry". ids (gint64) is
 * taken. */
guint bulk_open(Console *console, const char *act, GArray *ids, const char *reason);

/* Another amount: an override, or (corrects) the correction of what is posted. value: what is typed
 * already. */
guint amount_open(Console *console, const Request *request, gboolean corrects, const char *value);
/* A link, judged while it is typed; given(console, id, url) once it counts. */
typedef void (*GiveLinkFunc)(Console *console, gint64 id, const char *url);
guint give_link_open(Console *console, const Request *request, const char *url, GiveLinkFunc given);
/* given(console, reason, until): until 0: until somebody resumes. */
typedef void (*PauseFunc)(Console *console, const char *reason, gint64 until);
guint pause_open(Console *console, const char *reason, PauseFunc given);

/* A question that Enter answers with yes; text is taken as it is, several lines. run(console, data)
 * then; data is freed with g_free. */
typedef guint (*ConfirmFunc)(Console *console, gpointer data);
guint confirm_open(Console *console, const char *title, const char *text, const char *yes,
                   ConfirmFunc run, gpointer data);

/* A line at the foot. done(console, text, data) with what was typed (NULL: given up); changed (may
 * be NULL) while it is typed. */
typedef guint (*PromptFunc)(Console *console, const char *text, gint64 data);
guint prompt_open(Console *console, const char *label, const char *text, PromptFunc done,
                  PromptFunc changed, gint64 data);
/* The same with more: all but label and done may be NULL. */
typedef struct {
    const char *label, *text; /* copied */
    PromptFunc done, changed;
    /* What is wrong with the text, shown while it is typed and kept from being taken; NULL:
     * nothing. The prompt frees it. */
    char *(*check)(Console *console, const char *text, gint64 data);
    /* What the word at the cursor could become, for Tab: see query_complete(). */
    char **(*complete)(Console *console, const char *text, gsize cursor, gsize *from, gint64 data);
    gboolean restore; /* giving up tells changed and check the first text again */
    gint64 data;
} PromptSpec;
guint prompt_ask(Console *console, const PromptSpec *spec);
/* A prompt for the path of one file, with Tab. */
guint prompt_path(Console *console, const char *label, const char *text, PromptFunc done,
                  gint64 data);
/* More is known of what the word at the cursor could become. */
void prompt_look_again(Console *console);

guint palette_open(Console *console);
/* The themes, each shown while it is chosen. */
guint themes_open(Console *console);

/* One of a few things; each has a letter. choices is borrowed and outlives the dialog. */
typedef struct {
    char key;
    const char *label;
} Choice;
typedef guint (*ChooseFunc)(Console *console, guint index);
guint choose_open(Console *console, const char *title, const Choice *choices, guint n,
                  ChooseFunc run);

/* -- what they have in common, dialog.c -- */
/* A box in the middle: width columns of inside, height rows of inside; returns the inside. */
Rect dialog_box(Grid *grid, Rect screen, int width, int height, const char *title);
/* "[ Enter ] approve   [ Esc ] no" in a row. */
void dialog_keys(Grid *grid, Rect inside, int row, const char *yes, const char *no);

#endif
