/* pause.c: the schedule paused for a reason, for ever or for a time. */
#include "tui/widgets/dialogs.h"
#include "tui/widgets/form.h"

#include "base/clock.h"

enum { FIELD_REASON, FIELD_SPAN };

typedef struct {
    Form form;
    PauseFunc given;
} Pause;

static void
pause_draw(gpointer data, Grid *grid, Rect screen)
{
    Pause *pause = data;
    form_draw(&pause->form, grid, screen, "Pause the schedule", "pause it", "no");
}

/* Microseconds since the epoch, 0: until somebody resumes; FALSE after the operator was told. */
static gboolean
typed_until(const Pause *pause, gint64 *until)
{
    Console *console = pause->form.console;
    const char *text = form_text(&pause->form, FIELD_SPAN);
    g_autoptr(GError) error = NULL;
    gint64 span = 0;
    *until = 0;
    if (!*text)
        return TRUE;
    if (!duration_parse(text, &span, &error)) {
        console_say(console, ROLE_WARN, "%s", error->message);
        return FALSE;
    }
    *until = console_now(console) + span;
    return TRUE;
}

static guint
pause_key(gpointer data, const TermEvent *event)
{
    Pause *pause = data;
    Console *console = pause->form.console;
    gint64 until = 0;
    FormKey key = form_key(&pause->form, event);
    if (key == FORM_NO)
        console_pop(console);
    if (key != FORM_YES || !typed_until(pause, &until))
        return CHANGED_SCREEN;
    if (form_reason(&pause->form, FIELD_REASON, "the pause, so that others know")) {
        pause->given(console, form_text(&pause->form, FIELD_REASON), until);
        console_pop(console);
    }
    return CHANGED_SCREEN;
}

static void
pause_free(gpointer data)
{
    Pause *pause = data;
    form_clear(&pause->form);
    g_free(pause);
}

static const DialogOps pause_ops = {"pause", pause_draw, pause_key, pause_free};

guint
pause_open(Console *console, const char *reason, PauseFunc given)
{
    Pause *pause = g_new0(Pause, 1);
    form_init(&pause->form, console);
    form_field(&pause->form, "Reason", NULL, reason);
    form_field(&pause->form, "For", g_strdup("30m 2h 1d; empty: until somebody resumes it"), NULL);
    pause->given = given;
    doc_line(pause->form.text, ROLE_TEXT,
             "Passes of the schedule do nothing meanwhile, on every host that shares this state. "
             "What people do by hand still works.");
    console_push(console, &pause_ops, pause);
    return CHANGED_SCREEN;
}
