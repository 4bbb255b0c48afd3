/* console.c: putting the console together, and its loop. */
#include "engine/person.h"
#include "tui/command.h"
#include "tui/tour.h"
#include "tui/widgets/dialogs.h"

#include <stdarg.h>
#include <string.h>
#include "base/error.h"

#define MESSAGE_STAYS (8 * G_TIME_SPAN_SECOND)

static const ViewOps *const all_views[VIEW_COUNT] = {
    [VIEW_QUEUE] = &view_queue, [VIEW_HISTORY] = &view_history, [VIEW_RUNS] = &view_runs,
    [VIEW_LOGS] = &view_logs,   [VIEW_REQUEST] = &view_request, [VIEW_REVIEW] = &view_review,
    [VIEW_HELP] = &view_help,
};

const ViewOps *
view_ops(ViewId id)
{
    return all_views[id];
}

gint64
console_now(Console *console)
{
    return desk_now(console->desk);
}

gpointer
console_view_data(Console *console, ViewId id)
{
    if (!console->views[id]) {
        console->views[id] = all_views[id]->open(console);
        remember_restore(console, id);
    }
    return console->views[id];
}

gpointer
console_view(Console *console)
{
    return console_view_data(console, console->here);
}

const ViewOps *
console_ops(Console *console)
{
    return all_views[console->here];
}

void
console_show(Console *console, ViewId id)
{
    if (id != console->here && all_views[console->here]->tab)
        console->before = console->here;
    console->here = id;
    all_views[id]->refresh(console_view(console));
    console->dirty = TRUE;
}

const Request *
console_request(Console *console)
{
    const ViewOps *ops = console_ops(console);
    return ops->request ? ops->request(console_view(console)) : NULL;
}

void
console_say(Console *console, Role role, const char *format, ...)
{
    g_clear_pointer(&console->message, g_free);
    console->message_until = 0;
    console->dirty = TRUE;
    if (!format)
        return;
    va_list args;
    va_start(args, format);
    console->message = g_strdup_vprintf(format, args);
    va_end(args);
    console->message_role = role;
    /* What went wrong stays until a key is pressed. */
    if (role != ROLE_BAD && role != ROLE_BUSY)
        console->message_until = console_now(console) + MESSAGE_STAYS;
}

void
console_say_error(Console *console, const char *what, const GError *error)
{
    console_say(console, ROLE_BAD, "%s: %s", what, error->message);
}

void
console_hold(Console *console, gint64 id, gint64 until)
{
    Hold hold = {id, until, FALSE};
    console_unhold(console, id);
    g_array_append_val(console->holds, hold);
    console_say(console, ROLE_TEXT, NULL);
}

void
console_unhold(Console *console, gint64 id)
{
    for (guint i = console->holds->len; i-- > 0;) {
        if (g_array_index(console->holds, Hold, i).id == id)
            g_array_remove_index(console->holds, i);
    }
}

void
console_touch(Console *console)
{
    console->dirty = TRUE;
}

/* One question about the summary at a time. */
static void
ask_summary(Console *console)
{
    console->summary_stale = console->summary_asked;
    if (console->summary_asked)
        return;
    console->summary_asked = TRUE;
    summary_ask(console);
}

void
console_refresh(Console *console)
{
    ask_summary(console);
    all_views[console->here]->refresh(console_view(console));
    console->dirty = TRUE;
}

/* A new request that is worth being called for. */
static void
ring(Console *console, const Notice *notice)
{
    gint64 above = config_amount(console->config, "tui", "bell_above");
    const char *how = config_string(console->config, "tui", "notify");
    if (above < 0 || notice->amount <= above || g_strcmp0(how, "off") == 0)
        return;
    term_bell(console->term);
    if (g_strcmp0(how, "desktop") == 0)
        term_notify(console->term, "creditbot", notice->words);
}

/* What this console's own work did is told by that work. */
static void
take_notices(Console *console, Summary *summary)
{
    g_autoptr(GPtrArray) notices = g_steal_pointer(&summary->notices);
    console->last_event = summary->last_event;
    for (guint i = notices ? notices->len : 0; i-- > 0;) {
        const Notice *notice = g_ptr_array_index(notices, i);
        ring(console, notice);
        if (work_touched(console->work, notice->request_id))
            g_ptr_array_remove_index(notices, i);
    }
    if (notices && notices->len > 0)
        toasts_add(console->toasts, g_steal_pointer(&notices), console_now(console));
}

void
console_set_summary(Console *console, Summary *summary)
{
    take_notices(console, summary);
    summary_free(console->summary);
    console->summary = summary;
    console->summary_asked = FALSE;
    console->facts.progress = summary->progress;
    console->facts.claims = summary->claims;
    if (console_list(console))
        list_context_changed(console_list(console));
    console->dirty = TRUE;
    if (console->summary_stale)
        ask_summary(console);
}

guint
console_push(Console *console, const DialogOps *ops, gpointer data)
{
    Dialog *dialog = g_new0(Dialog, 1);
    *dialog = (Dialog){++console->serial, ops, data};
    g_ptr_array_add(console->dialogs, dialog);
    console->dirty = TRUE;
    return dialog->serial;
}

void
console_pop(Console *console)
{
    if (console->dialogs->len > 0)
        g_ptr_array_remove_index(console->dialogs, console->dialogs->len - 1);
    console->dirty = TRUE;
}

gpointer
console_dialog(Console *console, guint serial)
{
    for (guint i = 0; i < console->dialogs->len; i++) {
        const Dialog *dialog = g_ptr_array_index(console->dialogs, i);
        if (dialog->serial == serial)
            return dialog->data;
    }
    return NULL;
}

static void
dialog_free(gpointer data)
{
    Dialog *dialog = data;
    dialog->ops->free(dialog->data);
    g_free(dialog);
}

static void
on_changed(gpointer data)
{
    console_refresh(data);
}

static void
on_failed(gpointer data)
{
    const ReaderFailure *failure = data;
    console_say(failure->data, ROLE_BAD, "the state cannot be read: %s", failure->text);
}

static guint
notices_read_through(Console *console, gpointer data)
{
    (void)console;
    (void)data;
    return CHANGED_SCREEN;
}

guint
cmd_notices(Console *console, int by, const char *args)
{
    g_autofree char *text = toasts_text(console->toasts, console_now(console));
    (void)by;
    (void)args;
    return confirm_open(console, "What others did lately",
                        *text ? text : "Nothing since this console was opened.", "well",
                        notices_read_through, NULL);
}

/* -- start and end -- */

/* Named on the command line, NO_COLOR, the configuration's, the one that was chosen here last.
 * Caller frees. */
static char *
theme_name(const Console *console, const ConsoleOptions *options)
{
    const char *off = g_getenv("NO_COLOR");
    if (options && options->theme)
        return g_strdup(options->theme);
    if (off && *off)
        return g_strdup("mono");
    char *chosen = config_is_set(console->config, "tui", "theme")
                       ? NULL
                       : settings_get(console->settings, "console", "theme");
    const char *name = config_string(console->config, "tui", "theme");
    return chosen ? chosen : g_strdup(name ? name : "auto");
}

gboolean
console_set_theme(Console *console, const char *name, GError **error)
{
    Theme *theme = theme_load(name, error);
    if (!theme)
        return FALSE;
    if (console->term)
        term_set_theme(console->term, theme);
    theme_free(console->theme);
    console->theme = theme;
    console->dirty = TRUE;
    return TRUE;
}

gboolean
console_usable(GError **error)
{
    return term_usable(error);
}

guint
console_keep_theme(Console *console)
{
    const char *name = console->theme->name;
    const Config *config = console->config;
    if (console->settings)
        settings_set(console->settings, "console", "theme", name);
    if (config_is_set(config, "tui", "theme"))
        console_say(console, ROLE_DIM, "theme %s; next time it is what %s says", name,
                    config_origin(config, "tui", "theme"));
    else
        console_say(console, ROLE_DIM, "theme %s, also next time", name);
    return CHANGED_SCREEN;
}

gboolean
console_check(const Config *config, GError **error)
{
    const char *name = config_string(config, "tui", "theme");
    g_autoptr(Theme) theme = theme_load(name ? name : "auto", error);
    if (!theme && error) {
        g_prefix_error(error, "[tui] ");
        (*error)->code = ERR_CONFIG;
    }
    g_autoptr(Keymap) keymap = theme ? commands_keymap(config, error) : NULL;
    return keymap != NULL;
}

char *
console_keys(const Config *config, GError **error)
{
    return commands_keys_text(config, error);
}

char *
console_store_path(Console *console, GError **error)
{
    g_autofree char *folder = config_state_dir(console->config, error);
    return folder ? store_path(config_string(console->config, "store", "url"), folder, error)
                  : NULL;
}

static gboolean
open_readers(Console *console, GError **error)
{
    g_autofree char *path = console_store_path(console, error);
    if (!path)
        return FALSE;
    ReaderOptions live = {.path = path,
                          .group = config_string(console->config, "store", "group"),
                          .changed = on_changed,
                          .failed = on_failed,
                          .data = console};
    ReaderOptions bulk = {.path = path, .group = live.group};
    console->live = reader_new(console->mailbox, &live);
    console->bulk = reader_new(console->mailbox, &bulk);
    return TRUE;
}

static gboolean
draws_ascii(const Console *console)
{
    const char *unicode = config_string(console->config, "tui", "unicode");
    if (g_strcmp0(unicode, "always") == 0)
        return FALSE;
    return g_strcmp0(unicode, "never") == 0 || term_ascii(console->term);
}

static gboolean
console_open(Console *console, const ConsoleOptions *options, GError **error)
{
    int width, height;
    g_autofree char *theme = theme_name(console, options);
    console->theme_auto = strcmp(theme, "auto") == 0;
    if (!(console->theme = theme_load(theme, error)) ||
        !(console->keymap = commands_keymap(console->config, error)) ||
        !open_readers(console, error))
        return FALSE;
    TermOptions term = {.theme = console->theme,
                        .mouse = config_bool(console->config, "tui", "mouse"),
                        .links =
                            g_strcmp0(config_string(console->config, "tui", "links"), "never") != 0,
                        .ask_ground = console->theme_auto};
    console->term = term_open(&term, error);
    if (!console->term)
        return FALSE;
    term_size(console->term, &width, &height);
    console->grid = grid_new(width, height, draws_ascii(console));
    console->facts.ascii = grid_ascii(console->grid);
    return TRUE;
}

static void
load_settings(Console *console)
{
    g_autoptr(GError) damaged = NULL;
    g_autofree char *path = settings_path(console->demo);
    console->settings = settings_load(path, &damaged);
    if (damaged)
        console_say(console, ROLE_WARN, "what was remembered is left out: %s", damaged->message);
}

static void
save_settings(Console *console)
{
    g_autoptr(GError) error = NULL;
    for (ViewId id = 0; id < VIEW_COUNT; id++)
        remember_keep(console, id);
    if (!settings_save(console->settings, &error))
        log_write(console->log, LOG_LEVEL_WARN, "console", "%s", error->message);
    g_clear_pointer(&console->settings, settings_free);
}

/* Workers first: what they hand back still finds the console. */
static void
console_close(Console *console)
{
    save_settings(console);
    claims_free(console->claims);
    reader_free(console->bulk);
    reader_free(console->live);
    term_close(console->term);
    work_free(console->work);
    g_ptr_array_unref(console->dialogs);
    for (int id = 0; id < VIEW_COUNT; id++) {
        if (console->views[id])
            all_views[id]->close(console->views[id]);
    }
    mailbox_free(console->mailbox);
    summary_free(console->summary);
    toasts_free(console->toasts);
    paths_clear(&console->paths);
    grid_free(console->grid);
    keymap_free(console->keymap);
    theme_free(console->theme);
    g_array_unref(console->holds);
    g_free(console->message);
    g_free(console->search);
    g_free(console->unused_reason);
}

static gboolean
in_decision(const Console *console)
{
    static const char *const about[] = {"approve", "reject", "rerun", "amount", "correct", NULL};
    const Dialog *first = console->dialogs->len ? g_ptr_array_index(console->dialogs, 0) : NULL;
    return first && g_strv_contains(about, first->ops->name);
}

/* The request that is open, or that a dialog is about, is this operator's for now. */
static void
claim_shown(Console *console)
{
    const Request *request = console_request(console);
    gboolean deciding = in_decision(console), open = console->here == VIEW_REQUEST;
    gboolean wanted = request && (deciding || open) && (STATE_BIT(request->state) & STATES_OPEN);
    claims_want(console->claims, wanted ? request->id : 0,
                !wanted    ? NULL
                : deciding ? "deciding"
                           : "looking");
}

/* Toasts go by themselves: milliseconds until something is to be drawn, at most timeout. */
static int
toast_timeout(Console *console, int timeout)
{
    gint64 now = console_now(console), next = toasts_next(console->toasts, now);
    if (console->toasts_until > 0 && now >= console->toasts_until)
        console->dirty = TRUE;
    console->toasts_until = next;
    return next > 0 ? (int)MIN(timeout, (next - now) / 1000 + 1) : timeout;
}

static void
loop(Console *console)
{
    TermEvent event;
    console_refresh(console);
    while (!console->quit) {
        int timeout = toast_timeout(console, console_tick(console));
        claim_shown(console);
        if (console->dirty) {
            console->dirty = FALSE;
            frame_draw(console);
            term_draw(console->term, console->grid);
        }
        term_wait(console->term, mailbox_fd(console->mailbox), timeout);
        while (!console->quit && term_next(console->term, &event))
            console_event(console, &event);
        mailbox_run(console->mailbox);
    }
}

static gboolean
may_break(Desk *desk, const Config *config)
{
    g_autofree char *self = person_of_login(config, desk_actor(desk));
    const char *const *who = config_list(config, "approval", "break_glass");
    for (; *who; who++) {
        const char *const one[] = {*who, NULL};
        if (person_in(config, one, self) || person_in_group(config, *who, self))
            return TRUE;
    }
    return FALSE;
}

int
console_run(Desk *desk, const Config *config, Log *log, const ConsoleOptions *options,
            GError **error)
{
    Console console = {.desk = desk,
                       .config = config,
                       .log = log,
                       .demo = options && options->demo,
                       .here = VIEW_QUEUE,
                       .before = VIEW_QUEUE};
    if (!term_usable(error))
        return -1;
    console.mailbox = mailbox_new();
    console.work = work_new(desk, console.mailbox);
    console.dialogs = g_ptr_array_new_with_free_func(dialog_free);
    console.toasts = toasts_new();
    console.claims = claims_new(desk);
    console.holds = g_array_new(FALSE, TRUE, sizeof(Hold));
    facts_from_config(&console.facts, config);
    console.may_break = may_break(desk, config);
    console.facts.now = desk_now(desk);
    load_settings(&console);
    console.tips = options && options->tips && tour_wanted(&console);
    gboolean opened = console_open(&console, options, error);
    if (opened && options && options->logs)
        view_logs_files(&console, options->logs, options->log_pipe, options->log_level,
                        options->log_filter);
    if (opened)
        loop(&console);
    console_close(&console);
    return opened ? console.exit_code : -1;
}
