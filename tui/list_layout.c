/* list_layout.c: how wide the columns of a list are, which are left out, which are scrolled away.
 */
#include "tui/list_private.h"

#include "base/text.h"

#define MEASURE 400 /* rows that widths are taken from */

/* The sign of the selection, and that of marks where there are any. */
int
list_margin(const List *list)
{
    return g_hash_table_size(list->marks) > 0 ? 2 : 1;
}

gboolean
list_column_empty(const List *list, int column)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; list->ops->columns[column].sparse && i < list->shown->len; i++) {
        Role role;
        list_cell_text(list, g_ptr_array_index(list->shown, i), (guint)column, text, &role);
        if (text->len > 0)
            return FALSE;
    }
    return list->ops->columns[column].sparse;
}

static int
wanted_width(const List *list, guint column, GString *text)
{
    const ListColumn *spec = &list->ops->columns[column];
    int title = text_width(spec->title) + (list->sort == (int)column ? 1 : 0);
    int width = MAX(spec->min, title);
    if (list_column_empty(list, (int)column))
        return 0;
    guint from = list->top > MEASURE / 2 ? (guint)list->top - MEASURE / 2 : 0;
    guint to = MIN(list->shown->len, from + MEASURE);
    for (guint i = from; i < to && width < spec->max; i++) {
        Role role;
        list_cell_text(list, g_ptr_array_index(list->shown, i), column, text, &role);
        width = MAX(width, text_width(text->str));
    }
    return MIN(width, MAX(spec->max, spec->min));
}

static int
total_width(const List *list)
{
    int total = list_margin(list);
    for (guint i = 0; i < list->ops->n_columns; i++)
        total += list->widths[i] > 0 ? list->widths[i] + LIST_GAP : 0;
    return total - LIST_GAP;
}

/* Takes room from the columns that can give it, widest first. */
static void
shrink(List *list, int room)
{
    while (total_width(list) > room) {
        int best = -1, most = 0;
        for (guint i = 0; i < list->ops->n_columns; i++) {
            int spare = list->widths[i] - list->ops->columns[i].min;
            if (list->widths[i] > 0 && spare > 0 && list->widths[i] > most) {
                most = list->widths[i];
                best = (int)i;
            }
        }
        if (best < 0)
            return;
        list->widths[best]--;
    }
}

static int
minimum_width(const List *list)
{
    int total = list_margin(list);
    for (guint i = 0; i < list->ops->n_columns; i++)
        total +=
            list->widths[i] > 0 ? MIN(list->widths[i], list->ops->columns[i].min) + LIST_GAP : 0;
    return total - LIST_GAP;
}

/* Leaves out the columns that matter least until the least widths of the others fit. */
static void
drop_columns(List *list, int room)
{
    while (minimum_width(list) > room) {
        int worst = -1;
        for (guint i = 0; i < list->ops->n_columns; i++) {
            int drop = list->ops->columns[i].drop;
            if (list->widths[i] > 0 && drop > 0 &&
                (worst < 0 || drop > list->ops->columns[worst].drop))
                worst = (int)i;
        }
        if (worst < 0)
            return;
        list->widths[worst] = 0;
        list->more_right = TRUE;
    }
}

/* As many as ops wants, while they leave most of the room to the others. */
static int
frozen_columns(const List *list, int room)
{
    int wanted = MAX((int)list->ops->frozen, 1), used = list_margin(list), n = 0;
    while (n < wanted && n + 1 < (int)list->ops->n_columns &&
           used + list->widths[n] + LIST_GAP <= room / 2)
        used += list->widths[n++] + LIST_GAP;
    return n;
}

/* Scrolled: columns at their full widths, as many as fit behind the frozen ones. */
static void
lay_scrolled(List *list, int room)
{
    int used = list_margin(list);
    list->more_right = FALSE;
    for (int i = 0; i < (int)list->ops->n_columns; i++) {
        const ListColumn *spec = &list->ops->columns[i];
        gboolean away = i >= list->frozen && i < list->frozen + list->scroll;
        int left = room - used;
        if (away || list->more_right || left < MIN(list->widths[i], spec->min)) {
            list->more_right = list->more_right || !away;
            list->widths[i] = 0;
            continue;
        }
        list->more_right = list->widths[i] > left && spec->align == ALIGN_RIGHT;
        list->widths[i] = list->more_right ? 0 : MIN(list->widths[i], left);
        used += list->widths[i] ? list->widths[i] + LIST_GAP : 0;
    }
}

void
list_measure(List *list, int room)
{
    int n = (int)list->ops->n_columns;
    if (list->measured && list->measured_width == room)
        return;
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < list->ops->n_columns; i++)
        list->widths[i] = wanted_width(list, i, text);
    list->frozen = frozen_columns(list, room);
    list->scroll = CLAMP(list->scroll, 0, MAX(n - list->frozen - 1, 0));
    list->more_right = FALSE;
    /* On a screen where everything fits nothing stays scrolled away. */
    if (list->scroll > 0 && minimum_width(list) <= room)
        list->scroll = 0;
    if (list->scroll > 0) {
        lay_scrolled(list, room);
    } else {
        drop_columns(list, room);
        shrink(list, room);
    }
    list->measured = TRUE;
    list->measured_width = room;
}

gboolean
list_scroll(List *list, int columns)
{
    int before = list->scroll;
    if (columns > 0 && !list->more_right)
        return FALSE;
    list->scroll = MAX(list->scroll + columns, 0);
    list->measured = FALSE;
    list_measure(list, list->measured_width);
    return list->scroll != before;
}
