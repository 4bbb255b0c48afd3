/* frame.c: the whole screen: where you are, how things stand, the view, the message, the keys. */
#include "tui/command.h"

#include <string.h>
#include "base/clock.h"
#include "base/money.h"
#include "base/text.h"
#include "tui/tour.h"

#define TITLE "creditbot"

/* The ground of the environment's name: surfaces that every theme has, and whose contrast is
 * checked. */
static Role
environment_role(const Config *config)
{
    static const struct {
        const char *colour;
        Role role;
    } roles[] = {
        {"red", ROLE_LIVE}, {"yellow", ROLE_MATCH}, {"blue", ROLE_TAB_HERE}, {"cyan", ROLE_DRY}};
    const char *colour = config_string(config, "tui", "environment_colour");
    for (gsize i = 0; i < G_N_ELEMENTS(roles); i++) {
        if (g_strcmp0(roles[i].colour, colour) == 0)
            return roles[i].role;
    }
    return ROLE_STRONG;
}

static int
draw_environment(Console *console, Grid *grid, int x, const char *environment)
{
    Role role = environment_role(console->config);
    if (role == ROLE_STRONG)
        return 1 + grid_print_cut(grid, x + 1, 0, 20, role, environment);
    g_autofree char *name = text_ellipsize(environment, 20, TEXT_LINE);
    g_autofree char *padded = g_strdup_printf(" %s ", name);
    return grid_print(grid, x, 0, 22, role, padded);
}

static int
draw_mode(Console *console, Grid *grid, int x)
{
    gboolean dry = desk_dry_run(console->desk);
    const char *environment = config_string(console->config, "general", "environment");
    x += grid_print(grid, x, 0, 40, dry ? ROLE_DRY : ROLE_LIVE, dry ? " DRY RUN " : " LIVE ");
    if (console->demo)
        x += grid_print(grid, x + 1, 0, 20, ROLE_STRONG, "demo") + 1;
    else if (environment)
        x += draw_environment(console, grid, x, environment);
    return x;
}

static int
tabs_width(void)
{
    int need = 0;
    for (ViewId id = 0; id < VIEW_COUNT; id++)
        need += view_ops(id)->tab ? (int)strlen(view_ops(id)->title) + 5 : 0;
    return need;
}

static int
tabs_start(const Grid *grid, int from)
{
    return MAX(grid_width(grid) - tabs_width(), from + 2);
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

static char *
clock_words(gint64 now, const char *zone, const char *format)
{
    g_autoptr(GTimeZone) there = g_time_zone_new_identifier(zone);
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(now / G_USEC_PER_SEC);
    g_autoptr(GDateTime) time = there && utc ? g_date_time_to_timezone(utc, there) : NULL;
    return time ? g_date_time_format(time, format) : g_strdup("");
}

/* "23:24 UTC  01:24 CEST", or the first of them, where there is room between the mode and the tabs.
 */
static void
draw_clock(Console *console, Grid *grid, int from)
{
    const char *which = config_string(console->config, "tui", "clock");
    const char *zone = config_string(console->config, "general", "timezone");
    gboolean same = !zone || strcmp(zone, "UTC") == 0;
    int room = tabs_start(grid, from) - from - 3;
    g_autofree char *utc = clock_words(console->facts.now, "UTC", "%H:%M UTC");
    g_autofree char *local =
        same ? g_strdup("") : clock_words(console->facts.now, zone, "%H:%M %Z");
    g_autofree char *both = g_strdup_printf("%s  %s", utc, local);
    const char *text = g_strcmp0(which, "local") == 0 && *local ? local : utc;
    if (g_strcmp0(which, "both") == 0 && *local && text_width(both) < room)
        text = both;
    if (text_width(text) < room)
        grid_print(grid, from + 2, 0, room, ROLE_DIM, text);
}

/* The columns before the mode. On a narrow screen the views go before our own name. */
static int
title_width(Console *console, Grid *grid)
{
    int title = 1 + text_width(TITLE) + 2;
    int end = draw_mode(console, grid, title);
    gboolean fits = tabs_start(grid, end) + tabs_width() <= grid_width(grid);
    grid_fill(grid, (Rect){0, 0, grid_width(grid), 1}, ROLE_TOP);
    if (fits)
        grid_print(grid, 1, 0, 12, ROLE_TITLE, TITLE);
    return fits ? title : 0;
}

static void
draw_top(Console *console, Grid *grid)
{
    grid_fill(grid, (Rect){0, 0, grid_width(grid), 1}, ROLE_TOP);
    int x = draw_mode(console, grid, title_width(console, grid));
    if (!view_ops(console->here)->tab && grid_width(grid) >= 100)
        x += grid_printf(grid, x + 2, 0, 20, ROLE_DIM, "%s", view_ops(console->here)->title) + 2;
    draw_clock(console, grid, x);
    draw_tabs(console, grid, x);
}

/* "6 waiting, 2 late, 1 dead, 16,694.67 pending": what is pending gives way first. */
static char *
counts_words(const Summary *summary, gboolean brief)
{
    const StateCounts *counts = &summary->counts;
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
    if (summary->to_review > 0)
        g_string_append_printf(text, ", !! %u to review", summary->to_review);
    if (counts->amount[STATE_PENDING] > 0 && !brief)
        g_string_append_printf(text, ", %s pending", pending);
    return g_string_free(text, FALSE);
}

static char *
paused_words(const Console *console, const Summary *summary)
{
    const char *zone = config_string(console->config, "general", "timezone");
    g_autofree char *until =
        summary->paused_until
            ? clock_words(summary->paused_until, zone ? zone : "UTC", " until %H:%M %Z")
            : g_strdup("");
    return g_strdup_printf("PAUSED%s by %s", until, summary->paused);
}

/* "last pass 3m ago ok, next in 12m" */
static char *
pass_words(const Console *console, gboolean brief, Role *role)
{
    const Summary *summary = console->summary;
    gint64 now = console->facts.now;
    *role = ROLE_DIM;
    if (summary->paused) {
        *role = ROLE_WARN;
        return paused_words(console, summary);
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
    /* The less important gives way first: long words, then what is pending, then the end of the
     * pass. */
    Role role;
    g_autofree char *counts = counts_words(summary, FALSE);
    g_autofree char *pass = pass_words(console, text_width(counts) > width - 36, &role);
    if (text_width(counts) + text_width(pass) + 4 > width) {
        g_free(counts);
        g_free(pass);
        counts = counts_words(summary, TRUE);
        pass = pass_words(console, TRUE, &role);
    }
    Role counted = summary->to_review > 0     ? ROLE_BAD
                   : summary->counts.late > 0 ? ROLE_STRONG
                                              : ROLE_TEXT;
    int used = grid_print_cut(grid, 1, 1, width - 2, counted, counts);
    int room = width - used - 4;
    if (room > 10)
        grid_print_right(grid, used + 3, 1, room, role, pass);
}

static guint
holds_left(const Console *console)
{
    guint n = 0;
    for (guint i = 0; i < console->holds->len; i++)
        n += !g_array_index(console->holds, Hold, i).posting;
    return n;
}

/* Always of the one that the key takes back. */
static char *
hold_words(Console *console)
{
    const Hold *hold = desk_held_here(console);
    if (!hold)
        return NULL;
    gint64 left = hold->until - console->facts.now;
    guint more = holds_left(console) - 1;
    g_autofree char *key = keymap_first(console->keymap, (guint)commands_find("take-back"));
    g_autofree char *others = more > 0 ? g_strdup_printf(" (%u more held)", more) : g_strdup("");
    return g_strdup_printf(
        "%" G_GINT64_FORMAT " approved, posts in %" G_GINT64_FORMAT "s; %s takes it back%s",
        hold->id, MAX(left + G_USEC_PER_SEC - 1, 0) / G_USEC_PER_SEC, key, others);
}

static void
draw_message(Console *console, Grid *grid, int y, gboolean tips)
{
    int width = grid_width(grid), x = 1;
    g_autofree char *hold = hold_words(console);
    if (hold)
        x += grid_print_cut(grid, x, y, width - 2, ROLE_WARN, hold) + 2;
    if (console->message && console->dialogs->len == 0)
        grid_print_cut(grid, x, y, width - x - 1, console->message_role, console->message);
    g_autofree char *tip = hold || console->message || !tips ? NULL : tour_words(console);
    if (tip)
        grid_print_cut(grid, x, y, width - x - 1, ROLE_TITLE, tip);
}

/* A text is searched with the key that filters a list. */
static const char *
hint_label(Console *console, int index)
{
    gboolean text = console_ops(console)->doc && !console_ops(console)->list;
    return text && strcmp(commands[index].name, "filter") == 0 ? "search" : commands[index].label;
}

/* The columns that the key and the name of a command need, 0 where it has no key. */
static int
hint_width(Console *console, int index)
{
    g_autofree char *key = keymap_first(console->keymap, (guint)index);
    return *key ? text_width(key) + 1 + text_width(hint_label(console, index)) : 0;
}

/* The way to everything else is never what a narrow screen leaves out. */
static gboolean
hint_stays(const char *name)
{
    return strcmp(name, "palette") == 0 || strcmp(name, "help") == 0;
}

static int
draw_hint(Console *console, Grid *grid, int x, int y, int index)
{
    int width = grid_width(grid), from = x;
    g_autofree char *key = keymap_first(console->keymap, (guint)index);
    x += grid_print(grid, x, y, width - x, ROLE_KEY, key) + 1;
    x += grid_print(grid, x, y, width - x, ROLE_DIM, hint_label(console, index));
    grid_target(grid, from, y, x - from, TARGET_COMMAND(index));
    return x - from + 2;
}

static void
draw_hints(Console *console, Grid *grid, int y)
{
    int width = grid_width(grid), x = 1, kept = 0;
    const char *const *hints = console_ops(console)->hints;
    grid_fill(grid, (Rect){0, y, width, 1}, ROLE_HINTS);
    if (console->dialogs->len > 0) /* a dialog shows its own */
        return;
    for (guint i = 0; hints[i]; i++) {
        int need = hint_stays(hints[i]) ? hint_width(console, commands_find(hints[i])) : 0;
        kept += need ? need + 2 : 0;
    }
    for (guint i = 0; hints[i]; i++) {
        int index = commands_find(hints[i]), need = hint_width(console, index);
        if (need && hint_stays(hints[i]))
            kept -= need + 2;
        if (need && x + need + kept < width)
            x += draw_hint(console, grid, x, y, index);
    }
}

/* What fits on a screen that is too small for anything else. */
static void
draw_small(Console *console, Grid *grid)
{
    int width = grid_width(grid), height = grid_height(grid);
    gboolean dry = desk_dry_run(console->desk);
    grid_print(grid, 0, 0, width, dry ? ROLE_DRY : ROLE_LIVE, dry ? "DRY RUN" : "LIVE");
    g_autofree char *size = wording_too_small(width, height, CONSOLE_MIN_WIDTH, CONSOLE_MIN_HEIGHT);
    grid_print_cut(grid, 0, 1, width, ROLE_WARN, size);
    if (console->summary && !console->summary->error) {
        Role role;
        g_autofree char *counts = counts_words(console->summary, FALSE);
        g_autofree char *pass = pass_words(console, FALSE, &role);
        int y = MIN(3, height - 3); /* the last two lines are the message's and the key's */
        grid_print_cut(grid, 0, y, width, ROLE_TEXT, counts);
        if (y + 1 < height - 2)
            grid_print_cut(grid, 0, y + 1, width, role, pass);
    }
    draw_message(console, grid, height - 2, FALSE);
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
    if (console->dialogs->len == 0)
        toasts_draw(console->toasts, grid, (Rect){0, 2, width, height - 4}, console->facts.now);
    draw_message(console, grid, height - 2, TRUE);
    draw_hints(console, grid, height - 1);
    gboolean foot = FALSE;
    for (guint i = 0; i < console->dialogs->len; i++) {
        const Dialog *dialog = g_ptr_array_index(console->dialogs, i);
        dialog->ops->draw(dialog->data, grid, grid_whole(grid));
        foot = dialog->ops->foot;
    }
    /* In the line of the keys, which no dialog covers. */
    if (console->dialogs->len > 0 && console->message && !foot)
        grid_print_cut(grid, 1, height - 1, width - 2, console->message_role, console->message);
}
