/* frame.c: the whole screen: where you are, how things stand, the view, the message, the keys. */
#include "tui/command.h"

#include <string.h>
#include "base/clock.h"
#include "base/money.h"
#include "base/text.h"

static int
draw_mode(Console *console, Grid *grid, int x)
{
    gboolean dry = desk_dry_run(console->desk);
    const char *environment = config_string(console->config, "general", "environment");
    x += grid_print(grid, x, 0, 40, dry ? ROLE_DRY : ROLE_LIVE, dry ? " DRY RUN " : " LIVE ");
    if (console->demo)
        x += grid_print(grid, x + 1, 0, 20, ROLE_STRONG, "demo") + 1;
    else if (environment)
        x += grid_print_cut(grid, x + 1, 0, 20, ROLE_STRONG, environment) + 1;
    return x;
}

static int
tabs_start(const Grid *grid, int from)
{
    int need = 0;
    for (ViewId id = 0; id < VIEW_COUNT; id++)
        need += view_ops(id)->tab ? (int)strlen(view_ops(id)->title) + 5 : 0;
    return MAX(grid_width(grid) - need, from + 2);
}

static void
draw_tabs(Console *console, Grid *grid, int from)
{
    int width = grid_width(grid), x = tabs_start(grid, from);
    for (ViewId id = 0; id < VIEW_COUNT; id++) {
        const ViewOps *ops = view_ops(id);
        gboolean here =
            id == console->here || (id == console->before && !view_ops(console->here)->tab);
        if (!ops->tab)
            continue;
        g_autofree char *key = keymap_first(console->keymap, (guint)commands_find(ops->name));
        g_autofree char *label = g_strdup_printf(" %s %s ", key, ops->title);
        int used = grid_print(grid, x, 0, width - x, here ? ROLE_TAB_HERE : ROLE_TAB, label);
        grid_target(grid, x, 0, used, TARGET_COMMAND(commands_find(ops->name)));
        x += used + 1;
    }
}

/* "23:24 UTC", where there is room between the mode and the tabs. */
static void
draw_clock(Console *console, Grid *grid, int from)
{
    const char *which = config_string(console->config, "tui", "clock");
    gint64 seconds = console->facts.now / G_USEC_PER_SEC;
    gboolean local = g_strcmp0(which, "local") == 0;
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(seconds);
    g_autoptr(GDateTime) here = g_date_time_new_from_unix_local(seconds);
    g_autofree char *text =
        g_date_time_format(local ? here : utc, local ? "%H:%M %Z" : "%H:%M UTC");
    g_autofree char *other =
        g_strcmp0(which, "both") == 0 ? g_date_time_format(here, "  %H:%M %Z") : NULL;
    g_autofree char *both = g_strconcat(text, other ? other : "", NULL);
    if (from + 3 + text_width(both) < tabs_start(grid, from))
        grid_print(grid, from + 2, 0, 30, ROLE_DIM, both);
}

static void
draw_top(Console *console, Grid *grid)
{
    grid_fill(grid, (Rect){0, 0, grid_width(grid), 1}, ROLE_TOP);
    int x = 1 + grid_print(grid, 1, 0, 12, ROLE_TITLE, "creditbot");
    x = draw_mode(console, grid, x + 2);
    if (!view_ops(console->here)->tab && grid_width(grid) >= 100)
        x += grid_printf(grid, x + 2, 0, 20, ROLE_DIM, "%s", view_ops(console->here)->title) + 2;
    draw_clock(console, grid, x);
    draw_tabs(console, grid, x);
}

/* "6 waiting, 2 late, 16,694.67 pending" */
static char *
counts_words(const StateCounts *counts)
{
    gint64 waiting = 0;
    for (int state = 0; state < STATE_COUNT; state++)
        waiting += (STATES_OPEN & STATE_BIT(state)) ? counts->count[state] : 0;
    g_autofree char *pending = money_display(counts->amount[STATE_PENDING]);
    g_autofree char *n = wording_count(waiting);
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "%s waiting", n);
    if (counts->late > 0)
        g_string_append_printf(text, ", %" G_GINT64_FORMAT " late", counts->late);
    if (counts->count[STATE_DEAD] > 0)
        g_string_append_printf(text, ", %" G_GINT64_FORMAT " dead", counts->count[STATE_DEAD]);
    if (counts->amount[STATE_PENDING] > 0)
        g_string_append_printf(text, ", %s pending", pending);
    return g_string_free(text, FALSE);
}

/* "last pass 3m ago ok, next in 12m" */
static char *
pass_words(const Summary *summary, gint64 now, gboolean brief, Role *role)
{
    *role = ROLE_DIM;
    if (summary->paused) {
        *role = ROLE_WARN;
        return g_strdup_printf("PAUSED by %s", summary->paused);
    }
    if (summary->running) {
        *role = ROLE_BUSY;
        return g_strdup_printf("a pass runs (%s)", summary->runner);
    }
    if (!summary->last)
        return g_strdup("no pass yet");
    g_autofree char *ago = wording_ago(summary->last->finished_at, now);
    g_autofree char *next = summary->next_at > now ? wording_ago(summary->next_at, now) : NULL;
    gboolean overdue = summary->next_at > 0 && now > summary->next_at + 5 * G_TIME_SPAN_MINUTE;
    gboolean ok = g_strcmp0(summary->last->status, "ok") == 0;
    g_autofree char *status = g_strdup(summary->last->status ? summary->last->status : "");
    g_strdelimit(status, "_", ' ');
    *role = ok && !overdue ? ROLE_DIM : ROLE_WARN;
    return g_strdup_printf("%s %s %s%s%s", brief ? "pass" : "last pass", ago, status,
                           next      ? ", next "
                           : overdue ? ", next overdue"
                                     : "",
                           next ? next : "");
}

static void
draw_status(Console *console, Grid *grid)
{
    int width = grid_width(grid);
    const Summary *summary = console->summary;
    grid_fill(grid, (Rect){0, 1, width, 1}, ROLE_STATUS);
    if (!summary) {
        grid_print(grid, 1, 1, width - 2, ROLE_DIM, "reading …");
        return;
    }
    if (summary->error) {
        grid_print_cut(grid, 1, 1, width - 2, ROLE_BAD, summary->error);
        return;
    }
    Role role;
    g_autofree char *counts = counts_words(&summary->counts);
    g_autofree char *pass =
        pass_words(summary, console->facts.now, text_width(counts) > width - 36, &role);
    int used = grid_print_cut(grid, 1, 1, width - 2,
                              summary->counts.late > 0 ? ROLE_STRONG : ROLE_TEXT, counts);
    int room = width - used - 3;
    if (room > 10)
        grid_print_right(grid, used + 2, 1, room, role, pass);
}

static char *
hold_words(Console *console)
{
    for (guint i = console->holds->len; i-- > 0;) {
        const Hold *hold = &g_array_index(console->holds, Hold, i);
        gint64 left = hold->until - console->facts.now;
        g_autofree char *key = keymap_first(console->keymap, (guint)commands_find("take-back"));
        if (!hold->posting)
            return g_strdup_printf(
                "%" G_GINT64_FORMAT " approved, posts in %" G_GINT64_FORMAT "s; %s takes it back",
                hold->id, MAX(left + G_USEC_PER_SEC - 1, 0) / G_USEC_PER_SEC, key);
    }
    return NULL;
}

static void
draw_message(Console *console, Grid *grid, int y)
{
    int width = grid_width(grid), x = 1;
    g_autofree char *hold = hold_words(console);
    if (hold)
        x += grid_print_cut(grid, x, y, width - 2, ROLE_WARN, hold) + 2;
    if (console->message)
        grid_print_cut(grid, x, y, width - x - 1, console->message_role, console->message);
}

static void
draw_hints(Console *console, Grid *grid, int y)
{
    int width = grid_width(grid), x = 1;
    const char *const *hints = console_ops(console)->hints;
    grid_fill(grid, (Rect){0, y, width, 1}, ROLE_HINTS);
    if (console->dialogs->len > 0) /* a dialog shows its own */
        return;
    for (guint i = 0; hints[i]; i++) {
        int index = commands_find(hints[i]);
        g_autofree char *key = keymap_first(console->keymap, (guint)index);
        int need = text_width(key) + 1 + text_width(commands[index].label);
        if (!*key || x + need >= width)
            continue;
        x += grid_print(grid, x, y, width - x, ROLE_KEY, key) + 1;
        x += grid_print(grid, x, y, width - x, ROLE_DIM, commands[index].label) + 2;
        grid_target(grid, x - 2 - need, y, need, TARGET_COMMAND(index));
    }
}

/* What fits on a screen that is too small for anything else. */
static void
draw_small(Console *console, Grid *grid)
{
    int width = grid_width(grid), height = grid_height(grid);
    gboolean dry = desk_dry_run(console->desk);
    grid_print(grid, 0, 0, width, dry ? ROLE_DRY : ROLE_LIVE, dry ? "DRY RUN" : "LIVE");
    g_autofree char *size = g_strdup_printf("%dx%d is too small; %dx%d is enough", width, height,
                                            CONSOLE_MIN_WIDTH, CONSOLE_MIN_HEIGHT);
    grid_print_cut(grid, 0, 1, width, ROLE_WARN, size);
    if (console->summary && !console->summary->error) {
        Role role;
        g_autofree char *counts = counts_words(&console->summary->counts);
        g_autofree char *pass = pass_words(console->summary, console->facts.now, FALSE, &role);
        grid_print_cut(grid, 0, 3, width, ROLE_TEXT, counts);
        grid_print_cut(grid, 0, 4, width, role, pass);
    }
    draw_message(console, grid, height - 2);
    grid_print_cut(grid, 0, height - 1, width, ROLE_DIM, "q quit");
}

void
frame_draw(Console *console)
{
    Grid *grid = console->grid;
    int width = grid_width(grid), height = grid_height(grid);
    console->facts.now = console_now(console);
    grid_clear(grid);
    if (width < CONSOLE_MIN_WIDTH || height < CONSOLE_MIN_HEIGHT) {
        draw_small(console, grid);
        return;
    }
    draw_top(console, grid);
    draw_status(console, grid);
    console_ops(console)->draw(console_view(console), grid, (Rect){0, 2, width, height - 4});
    draw_message(console, grid, height - 2);
    draw_hints(console, grid, height - 1);
    gboolean foot = FALSE;
    for (guint i = 0; i < console->dialogs->len; i++) {
        const Dialog *dialog = g_ptr_array_index(console->dialogs, i);
        dialog->ops->draw(dialog->data, grid, grid_whole(grid));
        foot = dialog->ops->foot;
    }
    if (console->dialogs->len > 0 && console->message && !foot)
        grid_print_cut(grid, 1, height - 2, width - 2, console->message_role, console->message);
}
