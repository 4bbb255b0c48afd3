/* input_events.c: keys, mouse, paste, signals and time: what each does. */
#include "tui/command.h"

#include <signal.h>

static void
apply(Console *console, guint changed)
{
    if (changed & CHANGED_SCREEN)
        console->dirty = TRUE;
    if (changed & CHANGED_DATA)
        console_refresh(console);
}

static void
on_key(Console *console, const TermEvent *event)
{
    if (console->message_until == 0)
        console_say(console, ROLE_TEXT, NULL);
    int command = keymap_command(console->keymap, event->key, VIEW_BIT(console->here));
    if (command >= 0)
        apply(console, commands_run(console, &commands[command], ""));
    else
        console->dirty = TRUE;
}

/* The digit of a view, clicked in the first line. */
static void
on_tab_click(Console *console, int x)
{
    for (ViewId id = 0; id < VIEW_COUNT; id++) {
        const ViewOps *ops = view_ops(id);
        for (int from = x; ops->tab && from >= 0 && from > x - 12; from--) {
            const GridCell *cell = grid_cell(console->grid, from, 0);
            const GridCell *next = grid_cell(console->grid, from + 2, 0);
            g_autofree char *key = keymap_first(console->keymap, (guint)commands_find(ops->name));
            if (cell && next && g_str_equal(cell->text, key) && cell->role >= ROLE_TAB &&
                cell->role <= ROLE_TAB_HERE && next->text[0] == ops->title[0]) {
                console_show(console, id);
                return;
            }
        }
    }
}

static void
on_mouse(Console *console, const TermEvent *event)
{
    const ViewOps *ops = console_ops(console);
    List *list = ops->list ? ops->list(console_view(console)) : NULL;
    Doc *doc = !list && ops->doc ? ops->doc(console_view(console)) : NULL;
    int step = event->key == KEYS_UP ? -3 : 3;
    console->dirty = TRUE;
    if (event->type == EVENT_CLICK && event->y == 0)
        on_tab_click(console, event->x);
    else if (ops->go)
        apply(console,
              ops->go(console_view(console), event->type == EVENT_CLICK ? GO_CLICK : GO_ROWS,
                      event->type == EVENT_CLICK ? event->y : step));
    else if (event->type == EVENT_CLICK && list)
        list_click(list, event->x, event->y);
    else if (event->type == EVENT_WHEEL && list)
        list_move(list, step);
    else if (event->type == EVENT_WHEEL && doc)
        doc_scroll(doc, step);
    if (ops->moved)
        apply(console, ops->moved(console_view(console)));
}

static void
on_resize(Console *console)
{
    int width, height;
    term_size(console->term, &width, &height);
    grid_resize(console->grid, width, height);
    console->dirty = TRUE;
}

static void
on_stop(Console *console, int signo)
{
    if (signo == SIGINT && work_running(console->work, NULL) > 0)
        console_say(console, ROLE_WARN, "stopping what runs …");
    console->exit_code = signo > 0 ? 128 + signo : 0;
    console->quit = TRUE;
}

/* Alt with a key that means nothing so is what a slow line makes of ESC and that key. */
static gboolean
is_two_keys(const Console *console, const TermEvent *event)
{
    return event->type == EVENT_KEY && (event->key & KEYS_ALT) &&
           (console->dialogs->len > 0 ||
            keymap_command(console->keymap, event->key, VIEW_BIT(console->here)) < 0);
}

void
console_event(Console *console, const TermEvent *event)
{
    if (is_two_keys(console, event)) {
        TermEvent first = {.type = EVENT_KEY, .key = KEYS_ESC}, second = *event;
        second.key &= ~(guint32)KEYS_ALT;
        console_event(console, &first);
        console_event(console, &second);
        return;
    }
    Dialog *dialog = console->dialogs->len
                         ? g_ptr_array_index(console->dialogs, console->dialogs->len - 1)
                         : NULL;
    switch (event->type) {
    case EVENT_RESIZE:
    case EVENT_CONTINUED:
        on_resize(console);
        break;
    case EVENT_STOP:
        on_stop(console, (int)event->key);
        break;
    case EVENT_KEY:
    case EVENT_PASTE:
        if (dialog) {
            if (console->message_until == 0)
                console_say(console, ROLE_TEXT, NULL);
            apply(console, dialog->ops->key(dialog->data, event) | CHANGED_SCREEN);
        } else if (event->type == EVENT_KEY) {
            on_key(console, event);
        }
        break;
    case EVENT_CLICK:
    case EVENT_WHEEL:
        if (!dialog)
            on_mouse(console, event);
        break;
    default:
        break;
    }
}

/* Approvals whose hold is over are posted. */
static gboolean
check_holds(Console *console, gint64 now)
{
    gboolean waiting = FALSE;
    for (guint i = 0; i < console->holds->len; i++) {
        Hold *hold = &g_array_index(console->holds, Hold, i);
        if (!hold->posting && hold->until <= now) {
            hold->posting = TRUE;
            desk_hold_over(console, hold->id);
        }
        waiting = waiting || !hold->posting;
    }
    return waiting;
}

int
console_tick(Console *console)
{
    gint64 now = console_now(console);
    gboolean waiting = check_holds(console, now);
    gboolean busy = waiting || work_running(console->work, NULL) > 0 ||
                    (console->summary && console->summary->progress->len > 0);
    if (console->message_until > 0 && now >= console->message_until)
        console_say(console, ROLE_TEXT, NULL);
    gint64 every = busy ? G_TIME_SPAN_SECOND : 10 * G_TIME_SPAN_SECOND;
    if (now - console->facts.now >= every || now < console->facts.now)
        console->dirty = TRUE;
    gint64 next = console->facts.now + every - now;
    if (console->message_until > 0)
        next = MIN(next, console->message_until - now);
    for (guint i = 0; i < console->holds->len; i++) {
        const Hold *hold = &g_array_index(console->holds, Hold, i);
        if (!hold->posting)
            next = MIN(next, hold->until - now);
    }
    return (int)CLAMP(next / 1000 + 1, 10, 10000);
}
