/* setup_form.h: the values of the first run: which there are, what is wrong with one, and the file
 * that they make. No screen, no network: pure but for setup_write(). */
#ifndef TUI_SETUP_FORM_H
#define TUI_SETUP_FORM_H

#include <glib.h>
#include "base/config.h"

#define SETUP_VALUE_MAX 1024 /* bytes of a value with its NUL */

typedef enum {
    FIELD_TEXT,
    FIELD_SECRET, /* shown as dots, wiped */
    FIELD_CHOICE, /* one of the choices of its key */
} FieldKind;

typedef struct {
    const char *section, *key;
    const char *label;
    FieldKind kind;
    gboolean optional;
    const char *drivers; /* asked for with these warehouse drivers only; NULL: always */
    const char *start;   /* what it holds at first */
    const char *help;    /* one line: what it is and where it is found */
    /* What is wrong with a value beyond the key's own check, and what to do; NULL: nothing. */
    const char *(*wrong)(const char *value);
} SetupField;

typedef struct {
    const char *service; /* of desk_try() */
    const char *title;   /* "Slack" */
    const char *about;   /* why it is asked, one line */
    const char *needs;   /* what must be given there, one line */
    guint first, n;      /* its fields in setup_fields */
} SetupPage;

extern const SetupField setup_fields[];
extern const guint setup_n_fields;
extern const SetupPage setup_pages[];
extern const guint setup_n_pages;

/* All answers; every value is wiped by setup_form_free(). */
typedef struct {
    char (*values)[SETUP_VALUE_MAX]; /* by the index of the field */
    const Config *present;           /* borrowed */
    const char *slack_url;           /* borrowed; NULL: the default */
} SetupForm;

SetupForm *setup_form_new(const Config *present, const char *slack_url);
void setup_form_free(SetupForm *form);
/* TRUE when the field is asked for with the driver that is chosen. */
gboolean setup_asked(const SetupForm *form, guint field);
/* TRUE when the environment gives it, so that it may stay empty here. */
gboolean setup_given(const SetupForm *form, guint field);
/* What is wrong with a field's value, with what to do; NULL: nothing. Caller frees. */
char *setup_wrong(const SetupForm *form, guint field);
/* The next or previous choice of a FIELD_CHOICE. */
void setup_choose(SetupForm *form, guint field, int step);
/* A configuration of the answers and the environment, to be tried. Caller owns. */
Config *setup_config(const SetupForm *form, GError **error);
/* The file, secrets and all. Caller frees with text_wipe_free(). */
char *setup_text(const SetupForm *form);
/* Writes the file: folders 0700, file 0600, whole or not at all, never over another one
 * (ERR_CONFIG). What is written was read back and gives the same values. */
gboolean setup_write(const SetupForm *form, const char *path, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SetupForm, setup_form_free)

#endif
