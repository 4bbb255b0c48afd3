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
say_no_key(Console *console, const char *typed)
{
    g_autofree char *help = keymap_first(console->keymap, (guint)commands_find("help"));
    console_say(console, ROLE_WARN, "%s means nothing here; %s shows what does", typed, help);
}

/* A key may be the end of a sequence, the beginning of one, or neither. */
static void
on_key(Console *console, const TermEvent *event)
{
    guint n = console->n_pending;
    if (console->message_until == 0)
        console_say(console, ROLE_TEXT, NULL);
    console->dirty = TRUE;
    console->pending[n++] = event->key;
    int command = keymap_find(console->keymap, console->pending, n, VIEW_BIT(console->here));
    g_autofree char *typed = key_sequence_name(console->pending, n);
    console->n_pending = command == KEYMAP_MORE && n < KEYMAP_DEPTH ? n : 0;
    if (command >= 0)
        apply(console, commands_run(console, &commands[command], ""));
    else if (console->n_pending > 0)
        console_say(console, ROLE_BUSY, "%s …", typed);
    else if ((n > 1 && event->key != KEYS_ESC) || (event->key > ' ' && event->key < 0x7f))
        say_no_key(console, typed);
}

/* -- the mouse -- */

/* TRUE when a row was hit. A drag hits rows alone, not the headings that a click sorts by. */
static gboolean
point_at(Console *console, const TermEvent *event)
{
    const ViewOps *ops = console_ops(console);
    List *list = ops->list ? ops->list(console_view(console)) : NULL;
    gboolean hit = FALSE;
    Doc *doc = !list && ops->doc ? ops->doc(console_view(console)) : NULL;
    if (ops->go)
        apply(console, ops->go(console_view(console), GO_CLICK, event->y));
    else if (doc)
        hit = doc_click(doc, event->y);
    else if (list)
        hit =
            list_click(list, event->type == EVENT_DRAG ? -1 : event->x, event->y) == LIST_CLICK_ROW;
    if (ops->moved)
        apply(console, ops->moved(console_view(console)));
    return hit;
}

static void
turn_wheel(Console *console, int rows)
{
    const ViewOps *ops = console_ops(console);
    List *list = ops->list ? ops->list(console_view(console)) : NULL;
    Doc *doc = !list && ops->doc ? ops->doc(console_view(console)) : NULL;
    if (ops->go)
        apply(console, ops->go(console_view(console), GO_ROWS, rows));
    else if (list)
        list_move(list, rows);
    else if (doc)
        doc_scroll(doc, rows);
    if (ops->moved)
        apply(console, ops->moved(console_view(console)));
}

/* A drag selects what it passes; a second click on a row opens it. */
static void
on_mouse(Console *console, const TermEvent *event)
{
    const ViewOps *ops = console_ops(console);
    const GridCell *cell = grid_cell(console->grid, event->x, event->y);
    guint target = event->type == EVENT_CLICK && cell ? cell->target : 0;
    console->dirty = TRUE;
    if (grid_width(console->grid) < CONSOLE_MIN_WIDTH ||
        grid_height(console->grid) < CONSOLE_MIN_HEIGHT)
        return;
    if (target > 0 && target <= commands_count())
        apply(console, commands_run(console, &commands[target - 1], ""));
    else if (event->type == EVENT_WHEEL)
        turn_wheel(console, event->key == KEYS_UP ? -3 : 3);
    else if (point_at(console, event) && event->clicks == 2 && ops->enter)
        apply(console, ops->enter(console_view(console)));
}

/* A dialog knows keys alone: a click on one that it shows is that key, the wheel moves. */
static void
on_dialog_mouse(Console *console, const Dialog *dialog, const TermEvent *event)
{
    const GridCell *cell = grid_cell(console->grid, event->x, event->y);
    TermEvent key = {.type = EVENT_KEY, .key = event->key};
    if (event->type == EVENT_CLICK)
        key.key = cell && cell->target >= TARGET_KEY(0) ? cell->target & 0x7fffu : KEY_NONE;
    if ((event->type == EVENT_CLICK || event->type == EVENT_WHEEL) && key.key)
        apply(console, dialog->ops->key(dialog->data, &key) | CHANGED_SCREEN);
}

/* Once, and only while nobody chose a theme: later answers change nothing. */
static void
on_ground(Console *console, guint32 rgb)
{
    if (console->theme_auto)
        console_set_theme(console, theme_for_ground(rgb), NULL);
    console->theme_auto = FALSE;
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
            keymap_find(console->keymap, &event->key, 1, VIEW_BIT(console->here)) == KEYMAP_NONE);
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
    case EVENT_DRAG:
    case EVENT_WHEEL:
        if (dialog)
            on_dialog_mouse(console, dialog, event);
        else
            on_mouse(console, event);
        break;
    case EVENT_GROUND:
        on_ground(console, event->key);
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
