/* input.c: the text field. */
#include "tui/widgets/input.h"

#include <string.h>
#include "base/text.h"

#define INPUT_MAX 2000 /* bytes */

void
input_init(Input *input, const char *text)
{
    input->text = g_string_new(text ? text : "");
    input->cursor = input->text->len;
}

void
input_clear(Input *input)
{
    if (input->text)
        g_string_free(input->text, TRUE);
    input->text = NULL;
}

void
input_set(Input *input, const char *text)
{
    g_string_assign(input->text, text);
    input->cursor = input->text->len;
}

static void
insert(Input *input, const char *text)
{
    g_autofree char *clean = text_printable(text, -1, TEXT_LINE);
    gsize limit = input->max ? input->max : INPUT_MAX, len = strlen(clean);
    if (input->text->len + len > limit)
        return;
    g_string_insert_len(input->text, (gssize)input->cursor, clean, (gssize)len);
    input->cursor += len;
}

static void
move(Input *input, int direction)
{
    const char *at = input->text->str + input->cursor;
    if (direction < 0 && input->cursor > 0)
        input->cursor = (gsize)(g_utf8_prev_char(at) - input->text->str);
    else if (direction > 0 && *at)
        input->cursor = (gsize)(g_utf8_find_next_char(at, NULL) - input->text->str);
}

static void
erase_to(Input *input, gsize from)
{
    gsize first = MIN(from, input->cursor), last = MAX(from, input->cursor);
    g_string_erase(input->text, (gssize)first, (gssize)(last - first));
    input->cursor = first;
}

static void
erase_word(Input *input)
{
    gsize from = input->cursor;
    while (from > 0 && input->text->str[from - 1] == ' ')
        from--;
    while (from > 0 && input->text->str[from - 1] != ' ')
        from--;
    erase_to(input, from);
}

static void
erase_char(Input *input, int direction)
{
    gsize from = input->cursor;
    move(input, direction);
    gsize to = input->cursor;
    input->cursor = from;
    erase_to(input, to);
}

static gboolean
edit(Input *input, guint32 key)
{
    switch (key) {
    case KEYS_BACKSPACE:
        erase_char(input, -1);
        return TRUE;
    case KEYS_DELETE:
        erase_char(input, 1);
        return TRUE;
    case KEYS_CTRL('u'):
        erase_to(input, 0);
        return TRUE;
    case KEYS_CTRL('k'):
        erase_to(input, input->text->len);
        return TRUE;
    case KEYS_CTRL('w'):
        erase_word(input);
        return TRUE;
    case KEYS_LEFT:
        move(input, -1);
        return TRUE;
    case KEYS_RIGHT:
        move(input, 1);
        return TRUE;
    case KEYS_HOME:
    case KEYS_CTRL('a'):
        input->cursor = 0;
        return TRUE;
    case KEYS_END:
    case KEYS_CTRL('e'):
        input->cursor = input->text->len;
        return TRUE;
    default:
        return FALSE;
    }
}

gboolean
input_key(Input *input, const TermEvent *event, gboolean *changed)
{
    g_autofree char *before = g_strdup(input->text->str);
    gboolean taken = FALSE;
    if (event->type == EVENT_PASTE) {
        insert(input, event->text);
        taken = TRUE;
    } else if (event->type == EVENT_KEY && event->key >= ' ' && event->key < KEYS_SPECIAL &&
               event->key != 127) {
        char utf8[7] = {0};
        g_unichar_to_utf8(event->key, utf8);
        insert(input, utf8);
        taken = TRUE;
    } else if (event->type == EVENT_KEY) {
        taken = edit(input, event->key);
    }
    if (changed)
        *changed = strcmp(before, input->text->str) != 0;
    return taken;
}

void
input_draw(const Input *input, Grid *grid, int x, int y, int width, gboolean focus)
{
    grid_fill(grid, (Rect){x, y, width, 1}, ROLE_FIELD);
    g_autofree char *before = g_strndup(input->text->str, input->cursor);
    const char *from = input->text->str;
    int columns = text_width(before);
    /* Leaves out whole characters at the start until the cursor is within. */
    while (columns >= width && *from) {
        gsize step = text_fit(from, 2, NULL);
        step = step ? step : 1;
        g_autofree char *gone = g_strndup(from, step);
        columns -= text_width(gone);
        from += step;
    }
    grid_print(grid, x, y, width, ROLE_STRONG, from);
    if (focus)
        grid_set_cursor(grid, x + columns, y, TRUE);
}
