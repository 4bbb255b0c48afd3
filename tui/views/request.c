/* request.c: one request: why, message, SQL, runs and their difference, post, events. */
#include "tui/views/request_view.h"

#include <string.h>
#include "base/money.h"
#include "base/text.h"
#include "tui/command.h"

static const struct {
    const char *title, *command;
    SectionFunc write;
} sections[SECTION_COUNT] = {
    [SECTION_WHY] = {"Why", "section-why", section_why},
    [SECTION_MESSAGE] = {"Message", "section-message", section_message},
    [SECTION_SQL] = {"SQL", "section-sql", section_sql},
    [SECTION_RUNS] = {"Runs", "section-runs", section_runs},
    [SECTION_POST] = {"Post", "section-post", section_post},
    [SECTION_EVENTS] = {"Events", "section-events", section_events},
    [SECTION_EVIDENCE] = {"Evidence", "section-evidence", section_evidence},
};

/* -- writing, only what is looked at -- */

void
request_rewrite(RequestView *view)
{
    for (int i = 0; i < SECTION_COUNT; i++) {
        doc_clear(view->docs[i]);
        view->written[i] = FALSE;
    }
}

static void
write_section(RequestView *view)
{
    if (view->written[view->section] || !view->dossier || !view->dossier->request ||
        !view->dossier->runs)
        return;
    gboolean compared =
        view->compared[0] == view->older && view->compared[1] == view->newer && view->older;
    SectionText text = {.dossier = view->dossier,
                        .facts = &view->console->facts,
                        .width = view->width,
                        .breakdown = view->breakdown,
                        .comparison = compared ? view->comparison : NULL,
                        .comparison_error = compared ? view->comparison_error : NULL,
                        .preview = view->preview,
                        .preview_error = view->preview_error,
                        .older = view->older,
                        .newer = view->newer,
                        .numbers = view->numbers,
                        .unwrapped = view->unwrapped,
                        .open_event = view->open_event,
                        .names = &view->names,
                        .sealed = &view->sealed};
    doc_clear(view->docs[view->section]);
    sections[view->section].write(view->docs[view->section], &text);
    view->written[view->section] = TRUE;
}

static void
go_to(RequestView *view, Section section)
{
    view->section = section;
    request_want(view);
}

static void
show_request(RequestView *view, gint64 id)
{
    if (view->id == id)
        return;
    view->id = id;
    view->section = SECTION_WHY;
    request_forget(view);
    for (int i = 0; i < SECTION_COUNT; i++)
        doc_home(view->docs[i]);
}

guint
view_request_open(Console *console, gint64 id)
{
    if (id == 0)
        return CHANGED_NOTHING;
    show_request(console_view_data(console, VIEW_REQUEST), id);
    console_show(console, VIEW_REQUEST);
    return CHANGED_SCREEN;
}

/* -- drawing -- */

static void
draw_head(const RequestView *view, Grid *grid, Rect area)
{
    const Request *request = view->dossier->request;
    const Facts *facts = &view->console->facts;
    Role role;
    g_autofree char *plain = wording_state(request, facts, &role);
    gboolean broken = request_is_broken(request);
    g_autofree char *state = g_strconcat(plain, broken ? " !! BREAK-GLASS" : "", NULL);
    role = broken ? ROLE_BAD : role;
    g_autofree char *amount = wording_amount(request);
    g_autofree char *interval = wording_interval(request);
    g_autofree char *product = wording_product(request->product);
    int x = area.x + 1, right = area.x + area.w - 1;
    g_autofree char *around =
        strcmp(interval, "-") == 0 ? g_strdup("") : g_strdup_printf(" ±%s", interval);
    g_autofree char *money =
        request->has_amount
            ? g_strdup_printf("%s %s%s", amount, request->currency ? request->currency : "", around)
            : g_strdup("no amount yet");
    int edge = right - 1 - MIN(text_width(money), 34);
    /* The state is what has to stay, then whose it is. */
    int words = text_width(state) + 2 + MIN(text_width(product), 8) + 2;
    grid_print_right(grid, right - 34, area.y, 34, ROLE_MONEY, money);
    x += grid_printf(grid, x, area.y, 12, ROLE_STRONG, "%" G_GINT64_FORMAT "  ", request->id);
    x += grid_print_cut(grid, x, area.y, MAX(edge - words - x, 8), ROLE_TITLE,
                        wording_customer(request)) +
         2;
    if (x + words <= edge)
        x += grid_print_cut(grid, x, area.y, 8, ROLE_DIM, product) + 2;
    grid_print_cut(grid, x, area.y, MAX(edge - x, 0), role, state);
}

/* Each section with its key; the one that is shown in brackets. */
static void
draw_tabs(const RequestView *view, Grid *grid, Rect area)
{
    int x = area.x, right = area.x + area.w;
    for (int i = 0; i < SECTION_COUNT; i++) {
        gboolean here = (Section)i == view->section;
        int command = commands_find(sections[i].command);
        g_autofree char *key = keymap_first(view->console->keymap, (guint)command);
        g_autofree char *label = g_strdup_printf(here ? "[%s]" : " %s ", sections[i].title);
        int from = x;
        x += grid_print(grid, x, area.y, MIN(6, right - x), ROLE_KEY, key);
        x += grid_print(grid, x, area.y, right - x, here ? ROLE_TAB_HERE : ROLE_TAB, label) + 1;
        grid_target(grid, from, area.y, x - from - 1, TARGET_COMMAND(command));
    }
}

/* What goes on with it, on the rule below the names. */
static void
draw_activity(const RequestView *view, Grid *grid, Rect area)
{
    const Facts *facts = &view->console->facts;
    const Progress *progress = facts_progress(facts, view->id);
    g_autofree char *words =
        progress ? wording_progress(progress, facts->now) : g_strdup(view->dossier->claim);
    if (!words)
        return;
    g_autofree char *spaced = g_strdup_printf(" %s ", words);
    grid_print_cut(grid, area.x + 1, area.y, area.w - 30, progress ? ROLE_BUSY : ROLE_WARN, spaced);
}

/* The line below: where in the text, and which match. */
static void
draw_place(const RequestView *view, Grid *grid, Rect area)
{
    Doc *doc = view->docs[view->section];
    int first, last, rows, at, matches;
    g_autoptr(GString) place = g_string_new(NULL);
    grid_hline(grid, area.x, area.y, area.w, ROLE_BORDER);
    draw_activity(view, grid, area);
    doc_position(doc, &first, &last, &rows);
    doc_matches(doc, &at, &matches);
    if (matches > 0)
        g_string_append_printf(place, " match %d of %d ", at, matches);
    if (rows > last - first + 1)
        g_string_append_printf(place, "%s %d-%d of %d ", matches > 0 ? "-" : "", first, last, rows);
    grid_print_right(grid, area.x, area.y, area.w - 2, ROLE_DIM, place->str);
}

static void
request_draw(gpointer data, Grid *grid, Rect area)
{
    RequestView *view = data;
    Rect inside = {area.x + 1, area.y + 3, area.w - 2, MAX(area.h - 3, 1)};
    if (!view->dossier || !view->dossier->request) {
        grid_print_cut(grid, area.x + 3, area.y + 2, area.w - 6, ROLE_DIM,
                       view->dossier && view->dossier->error ? view->dossier->error
                       : view->id                            ? "reading …"
                                                             : "no request was opened yet");
        return;
    }
    if (view->width != inside.w) {
        view->width = inside.w;
        request_rewrite(view);
    }
    write_section(view);
    draw_head(view, grid, area);
    draw_tabs(view, grid, (Rect){area.x + 1, area.y + 1, area.w - 2, 1});
    doc_draw(view->docs[view->section], grid, inside);
    draw_place(view, grid, (Rect){area.x, area.y + 2, area.w, 1});
}

/* -- the rest of the view -- */

static gpointer
request_open(Console *console)
{
    RequestView *view = g_new0(RequestView, 1);
    view->console = console;
    view->names.users = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    view->names.channels = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (int i = 0; i < SECTION_COUNT; i++)
        view->docs[i] = doc_new(grid_ascii(console->grid));
    return view;
}

static void
request_close(gpointer data)
{
    RequestView *view = data;
    request_forget(view);
    for (int i = 0; i < SECTION_COUNT; i++)
        doc_free(view->docs[i]);
    g_hash_table_unref(view->names.users);
    g_hash_table_unref(view->names.channels);
    g_free(view);
}

static void
request_refresh(gpointer data)
{
    request_ask(data);
}

static Doc *
request_doc(gpointer data)
{
    RequestView *view = data;
    write_section(view);
    return view->docs[view->section];
}

static const Request *
request_request(gpointer data)
{
    RequestView *view = data;
    return view->dossier ? view->dossier->request : NULL;
}

static guint
request_section(gpointer data, int step)
{
    RequestView *view = data;
    go_to(view, (Section)(((int)view->section + step + SECTION_COUNT) % SECTION_COUNT));
    return CHANGED_SCREEN;
}

/* -- the pair of runs -- */

static const Run *
run_at(const RequestView *view, int index)
{
    const GPtrArray *runs = view->dossier ? view->dossier->runs : NULL;
    return runs && index >= 0 && index < (int)runs->len ? g_ptr_array_index(runs, index) : NULL;
}

static int
index_of(const RequestView *view, gint64 run_id)
{
    for (int i = 0; run_at(view, i); i++) {
        if (run_at(view, i)->id == run_id)
            return i;
    }
    return -1;
}

static guint
set_pair(RequestView *view, const Run *a, const Run *b)
{
    if (!a || !b || a->id == b->id)
        return CHANGED_UNUSED;
    view->older = a->number < b->number ? a->id : b->id;
    view->newer = a->number < b->number ? b->id : a->id;
    view->chosen = TRUE;
    request_rewrite(view);
    go_to(view, SECTION_RUNS);
    return CHANGED_SCREEN;
}

/* One side of the pair goes to an older (1) or a newer (-1) run; it passes over the other side. */
static guint
move_side(RequestView *view, gint64 moving, gint64 staying, int step)
{
    int index = index_of(view, moving) + step;
    if (run_at(view, index) && run_at(view, index)->id == staying)
        index += step;
    return set_pair(view, run_at(view, index), run_at(view, index_of(view, staying)));
}

/* Enter on a run: it takes the place of the side that is nearer to it in time. */
static guint
mark_run(RequestView *view)
{
    const Run *run = run_at(view, doc_selected(view->docs[SECTION_RUNS]));
    const Run *older = run_at(view, index_of(view, view->older)),
              *newer = run_at(view, index_of(view, view->newer));
    if (!run || !older || !newer || run == older || run == newer)
        return CHANGED_SCREEN;
    return set_pair(view, run, run->number > older->number ? older : newer);
}

static guint
toggle_event(RequestView *view)
{
    const GPtrArray *events = view->dossier ? view->dossier->events : NULL;
    int index = doc_selected(view->docs[SECTION_EVENTS]);
    if (!events || index < 0 || index >= (int)events->len)
        return CHANGED_NOTHING;
    gint64 id = ((const Event *)g_ptr_array_index(events, index))->id;
    view->open_event = view->open_event == id ? 0 : id;
    request_rewrite(view);
    return CHANGED_SCREEN;
}

static guint
open_linked(RequestView *view)
{
    const GPtrArray *linked = view->dossier ? view->dossier->linked : NULL;
    int index = doc_selected(view->docs[SECTION_POST]);
    if (!linked || index < 0 || index >= (int)linked->len)
        return CHANGED_NOTHING;
    return view_request_open(view->console,
                             ((const Request *)g_ptr_array_index(linked, index))->id);
}

static guint
request_enter(gpointer data)
{
    RequestView *view = data;
    write_section(view);
    if (view->section == SECTION_RUNS)
        return mark_run(view);
    if (view->section == SECTION_EVENTS)
        return toggle_event(view);
    return view->section == SECTION_POST ? open_linked(view) : CHANGED_NOTHING;
}

/* -- what commands ask of it -- */

static guint
toggle(RequestView *view, gboolean *what)
{
    *what = !*what;
    request_rewrite(view);
    go_to(view, SECTION_SQL);
    return CHANGED_SCREEN;
}

static guint
request_adjust(gpointer data, const char *what, int step)
{
    RequestView *view = data;
    write_section(view);
    if (strcmp(what, "run") == 0)
        return move_side(view, view->older, view->newer, step);
    if (strcmp(what, "other-run") == 0)
        return move_side(view, view->newer, view->older, step);
    if (strcmp(what, "section") == 0)
        go_to(view, (Section)CLAMP(step, 0, SECTION_COUNT - 1));
    else if (strcmp(what, "numbers") == 0)
        return toggle(view, &view->numbers);
    else if (strcmp(what, "wrap") == 0)
        return toggle(view, &view->unwrapped);
    else if (strcmp(what, "sideways") == 0)
        return doc_sideways(view->docs[view->section], step * 8) ? CHANGED_SCREEN : CHANGED_UNUSED;
    else
        return CHANGED_UNUSED;
    return CHANGED_SCREEN;
}

guint
view_request_compare(Console *console, gint64 a, gint64 b)
{
    RequestView *view = console_view_data(console, VIEW_REQUEST);
    const Run *first = NULL, *second = NULL;
    for (int i = 0; run_at(view, i); i++) {
        if (run_at(view, i)->number == a)
            first = run_at(view, i);
        if (run_at(view, i)->number == b)
            second = run_at(view, i);
    }
    return set_pair(view, first, second);
}

/* What the section is about, for a pager. */
const char *
view_request_output(Console *console, gint64 *run_id)
{
    static const char *const names[SECTION_COUNT] = {
        [SECTION_WHY] = "result",       [SECTION_MESSAGE] = "message", [SECTION_SQL] = "sql",
        [SECTION_RUNS] = "result",      [SECTION_POST] = "post",       [SECTION_EVENTS] = "events",
        [SECTION_EVIDENCE] = "evidence"};
    const RequestView *view = console_view_data(console, VIEW_REQUEST);
    const Run *run =
        view->section == SECTION_RUNS ? run_at(view, doc_selected(view->docs[SECTION_RUNS])) : NULL;
    *run_id = run ? run->id : 0;
    return names[view->section];
}

const char *
view_request_preview(Console *console)
{
    const RequestView *view = console_view_data(console, VIEW_REQUEST);
    return view->preview ? view->preview->text : NULL;
}

static const char *const hints[] = {
    "next-section", "back",      "approve", "reject",    "rerun", "filter", "dry-run",   "palette",
    "help",         "older-run", "pager",   "copy-part", "retry", "cancel", "take-back", NULL};

const ViewOps view_request = {
    .name = "request",
    .title = "Request",
    .hints = hints,
    .open = request_open,
    .close = request_close,
    .refresh = request_refresh,
    .draw = request_draw,
    .enter = request_enter,
    .doc = request_doc,
    .request = request_request,
    .section = request_section,
    .adjust = request_adjust,
};
