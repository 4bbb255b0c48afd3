/* form.c: see form.h. */
#include "tui/widgets/form.h"

#include <string.h>
#include "base/text.h"
#include "tui/widgets/dialogs.h"

#define WIDTH 76
#define SHORT 14 /* columns of a field that has a hint */

void
form_init(Form *form, Console *console)
{
    form->console = console;
    form->text = doc_new(grid_ascii(console->grid));
}

void
form_clear(Form *form)
{
    for (guint i = 0; i < form->made; i++) {
        input_clear(&form->fields[i].input);
        g_free(form->fields[i].hint);
    }
    doc_free(form->text);
}

Input *
form_field(Form *form, const char *label, char *hint, const char *text)
{
    FormField *field = &form->fields[form->made++];

    g_assert(form->made <= FORM_FIELDS);
    form->n = form->made;
    field->label = label;
    field->hint = hint;
    input_init(&field->input, text);
    return &field->input;
}

const char *
form_text(const Form *form, guint field)
{
    return form->fields[field].input.text->str;
}

void
form_extra(Form *form, guint32 key, const char *name, const char *label)
{
    g_assert(form->n_extras < FORM_EXTRAS);
    form->extras[form->n_extras++] = (FormExtra){key, name, label};
}

gboolean
form_has_extra(const Form *form, guint32 key)
{
    for (guint i = 0; i < form->n_extras; i++) {
        if (form->extras[i].key == key)
            return TRUE;
    }
    return FALSE;
}

void
form_renew(Form *form)
{
    doc_clear(form->text);
    doc_home(form->text);
    form->seen = FALSE;
}

/* With several fields Tab goes to the next one, as everywhere. */
static guint32
check_key(const Form *form)
{
    return form->n > 1 && !form->shut ? KEYS_CTRL('t') : KEYS_TAB;
}

/* -- drawing -- */

static int
label_width(const Form *form)
{
    int width = 0;

    for (guint i = 0; i < form->n; i++)
        width = MAX(width, text_width(form->fields[i].label));
    return width;
}

static void
draw_field(const Form *form, guint i, Grid *grid, Rect row, int labels)
{
    const FormField *field = &form->fields[i];
    gboolean here = i == form->focus;
    int x = row.x + labels + 1, room = row.x + row.w - x;

    grid_print(grid, row.x, row.y, labels, here ? ROLE_TITLE : ROLE_TEXT, field->label);
    input_draw(&field->input, grid, x, row.y, field->hint ? MIN(SHORT, room) : room, here);
    if (field->hint)
        grid_print_cut(grid, x + SHORT + 1, row.y, MAX(room - SHORT - 1, 0), ROLE_DIM, field->hint);
}

/* As many as there is room for, around the one that is typed into. */
static void
draw_fields(const Form *form, Grid *grid, Rect area)
{
    guint room = (guint)MAX(area.h, 1), labels = (guint)label_width(form);
    guint first = form->focus >= room ? form->focus - room + 1 : 0;

    for (guint i = 0; i < room && first + i < form->n; i++)
        draw_field(form, first + i, grid, (Rect){area.x, area.y + (int)i, area.w, 1}, (int)labels);
}

/* Says that there is more text than is shown; notes that its end was shown. */
static void
draw_text(Form *form, Grid *grid, Rect area)
{
    int first = 0, last = 0, rows = 0;

    doc_draw(form->text, grid, area);
    doc_position(form->text, &first, &last, &rows);
    form->seen = form->seen || (!form->waiting && last >= rows);
    if (last < rows)
        grid_printf(grid, area.x, area.y + area.h, area.w, ROLE_WARN, "%d more: PgDn", rows - last);
}

/* In the row above the keys that do it or not, which is free. */
static void
draw_extras(const Form *form, Grid *grid, Rect in)
{
    int x = in.x, y = in.y + in.h - 2, right = in.x + in.w;

    for (guint i = 0; i < form->n_extras; i++) {
        const FormExtra *extra = &form->extras[i];
        int from = x, width = text_width(extra->name) + 1 + text_width(extra->label);

        if (x + width > right)
            return;
        x += grid_print(grid, x, y, right - x, ROLE_KEY, extra->name) + 1;
        x += grid_print(grid, x, y, right - x, ROLE_TEXT, extra->label);
        grid_target(grid, from, y, x - from, TARGET_KEY(extra->key));
        x += 2;
    }
}

void
form_draw(Form *form, Grid *grid, Rect screen, const char *title, const char *yes, const char *no)
{
    int width = MIN(WIDTH, screen.w - 6), rows = doc_rows(form->text, width);
    int most = screen.h - 4, below = form->check ? 4 : 3, fields = form->shut ? 0 : (int)form->n;
    /* At least three rows of the text stay on the screen. */
    fields = MAX(MIN(fields, most - below - MIN(rows, 3)), fields > 0 ? 1 : 0);
    Rect in = dialog_box(grid, screen, width, rows + fields + below, title);
    int y = in.y + in.h - 2 - (form->check ? 1 : 0) - fields;

    draw_text(form, grid, (Rect){in.x, in.y, in.w, MAX(y - 1 - in.y, 1)});
    if (fields == 0)
        grid_set_cursor(grid, in.x, in.y + in.h - 1, FALSE);
    else
        draw_fields(form, grid, (Rect){in.x, y, in.w, fields});
    if (form->check) {
        int x = in.x + grid_printf(grid, in.x, y + fields, in.w, ROLE_TEXT, "[%c] %s  ",
                                   form->checked ? 'x' : ' ', form->check);
        grid_print(grid, x, y + fields, in.x + in.w - x, ROLE_KEY,
                   check_key(form) == KEYS_TAB ? "Tab" : "Ctrl-T");
    }
    draw_extras(form, grid, in);
    dialog_keys(grid, in, in.h - 1, yes, no);
}

/* -- keys -- */

static gboolean
scrolls(Form *form, guint32 key)
{
    if (key == KEYS_PGUP || key == KEYS_PGDN)
        doc_page(form->text, key == KEYS_PGUP ? -1 : 1);
    else if ((form->n < 2 || form->shut) && (key == KEYS_UP || key == KEYS_DOWN))
        doc_scroll(form->text, key == KEYS_UP ? -1 : 1);
    else
        return FALSE;
    return TRUE;
}

static gboolean
moves(Form *form, guint32 key)
{
    gboolean on = key == KEYS_DOWN || key == KEYS_TAB;
    gboolean back = key == KEYS_UP || key == KEYS_BACKTAB;

    if (form->n < 2 || form->shut || (!on && !back))
        return FALSE;
    form->focus = (form->focus + (on ? 1 : form->n - 1)) % form->n;
    return TRUE;
}

static FormKey
confirm(Form *form)
{
    if (form->waiting)
        return FORM_NOTHING;
    if (form->seen)
        return FORM_YES;
    console_say(form->console, ROLE_WARN, "read it to its end first: PgDn shows the rest");
    return FORM_NOTHING;
}

FormKey
form_key(Form *form, const TermEvent *event)
{
    guint32 key = event->type == EVENT_KEY ? event->key : KEY_NONE;
    gboolean changed = FALSE;

    if (key == KEYS_ESC || key == KEYS_CTRL('c'))
        return FORM_NO;
    if (key == KEYS_ENTER)
        return confirm(form);
    if (scrolls(form, key) || moves(form, key))
        return FORM_NOTHING;
    if (form->check && key == check_key(form)) {
        form->checked = !form->checked;
        return FORM_CHECKED;
    }
    if (form->n > 0 && !form->shut && key != KEYS_TAB)
        input_key(&form->fields[form->focus].input, event, &changed);
    if (event->type == EVENT_PASTE && *event->text && !changed)
        console_say(form->console, ROLE_WARN, "nothing of the paste was taken: %s",
                    form->n > 0 && !form->shut ? "it does not fit into the field"
                                               : "there is no field for it");
    return changed ? FORM_TYPED : FORM_NOTHING;
}

gboolean
form_reason(const Form *form, guint field, const char *what)
{
    g_autofree char *reason = g_strstrip(g_strdup(form_text(form, field)));

    if (*reason)
        return TRUE;
    console_say(form->console, ROLE_WARN, "say why first: the reason is kept with %s", what);
    return FALSE;
}
