/* request.c: one request: why, message, SQL, runs and their difference, post, events. */
#include "tui/views/request.h"

#include <string.h>
#include "base/money.h"

typedef struct {
    Console *console;
    gint64 id;
    Section section;
    Doc *docs[SECTION_COUNT];
    Dossier *dossier;
    Preview *preview;
    char *preview_error;
    gint64 preview_version; /* of the request that it was made for */
    guint newer, older;
    gboolean asked, stale, preview_asked;
} RequestView;

static const struct {
    const char *title;
    SectionFunc write;
} sections[SECTION_COUNT] = {
    [SECTION_WHY] = {"Why", section_why},    [SECTION_MESSAGE] = {"Message", section_message},
    [SECTION_SQL] = {"SQL", section_sql},    [SECTION_RUNS] = {"Runs", section_runs},
    [SECTION_POST] = {"Post", section_post}, [SECTION_EVENTS] = {"Events", section_events},
};

typedef struct {
    RequestView *view;
    gint64 id, run_number, version;
    Dossier *dossier;
    Preview *preview;
} Ask;

static void
ask_free(gpointer data)
{
    Ask *ask = data;
    dossier_free(ask->dossier);
    preview_free(ask->preview);
    g_free(ask);
}

static void
write_sections(RequestView *view)
{
    if (!view->dossier || !view->dossier->request)
        return;
    SectionText text = {.dossier = view->dossier,
                        .facts = &view->console->facts,
                        .preview = view->preview,
                        .preview_error = view->preview_error,
                        .newer = view->newer,
                        .older = view->older};
    for (int i = 0; i < SECTION_COUNT; i++) {
        doc_clear(view->docs[i]);
        sections[i].write(view->docs[i], &text);
    }
}

/* -- the exact post, from the desk -- */

static gboolean
preview_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    Ask *ask = data;
    (void)cancel;
    ask->preview = desk_preview(desk, ask->id, "result", ask->run_number, NULL, error);
    return ask->preview != NULL;
}

static void
preview_done(gpointer data, const GError *error)
{
    Ask *ask = data;
    RequestView *view = ask->view;
    view->preview_asked = FALSE;
    if (ask->id != view->id)
        return;
    g_clear_pointer(&view->preview, preview_free);
    g_clear_pointer(&view->preview_error, g_free);
    view->preview = g_steal_pointer(&ask->preview);
    view->preview_error = error ? g_strdup(error->message) : NULL;
    view->preview_version = ask->version;
    write_sections(view);
    console_touch(view->console);
}

static void
want_preview(RequestView *view)
{
    const Request *request = view->dossier ? view->dossier->request : NULL;
    gboolean postable = request && request->has_amount && (STATES_OPEN & STATE_BIT(request->state));
    if (!postable || view->preview_asked || view->preview_version == request->version)
        return;
    Ask *ask = g_new0(Ask, 1);
    ask->view = view;
    ask->id = request->id;
    ask->run_number = request->run_number;
    ask->version = request->version;
    view->preview_asked = TRUE;
    JobSpec spec = {.what = g_strdup("preview"),
                    .quiet = TRUE,
                    .run = preview_run,
                    .done = preview_done,
                    .data = ask,
                    .free_data = ask_free};
    work_start(view->console->work, &spec);
}

/* -- reading -- */

static void
ask_read(Store *store, gpointer data)
{
    Ask *ask = data;
    ask->dossier = dossier_read(store, ask->id);
}

static void request_refresh(gpointer data);

static void
ask_done(gpointer data)
{
    Ask *ask = data;
    RequestView *view = ask->view;
    view->asked = FALSE;
    if (ask->id == view->id) {
        dossier_free(view->dossier);
        view->dossier = g_steal_pointer(&ask->dossier);
        guint n = view->dossier->runs ? view->dossier->runs->len : 0;
        view->older = n > 1 ? CLAMP(view->older, 1, n - 1) : 0;
        view->newer = MIN(view->newer, view->older ? view->older - 1 : 0);
        write_sections(view);
        want_preview(view);
        console_touch(view->console);
    }
    if (view->stale || ask->id != view->id)
        request_refresh(view);
}

static void
request_refresh(gpointer data)
{
    RequestView *view = data;
    view->stale = view->asked;
    if (view->asked || view->id == 0)
        return;
    view->asked = TRUE;
    Ask *ask = g_new0(Ask, 1);
    ask->view = view;
    ask->id = view->id;
    reader_ask(view->console->live, ask_read, ask_done, ask, ask_free);
}

static void
show_request(RequestView *view, gint64 id)
{
    if (view->id == id)
        return;
    view->id = id;
    view->newer = 0;
    view->older = 1;
    view->section = SECTION_WHY;
    view->preview_version = 0;
    g_clear_pointer(&view->dossier, dossier_free);
    g_clear_pointer(&view->preview, preview_free);
    g_clear_pointer(&view->preview_error, g_free);
    for (int i = 0; i < SECTION_COUNT; i++) {
        doc_clear(view->docs[i]);
        doc_home(view->docs[i]);
    }
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
    g_autofree char *state = wording_state(request, facts, &role);
    g_autofree char *amount = wording_amount(request);
    g_autofree char *interval = wording_interval(request);
    g_autofree char *product = wording_product(request->product);
    int x = area.x + 1, right = area.x + area.w - 1;
    g_autofree char *money =
        request->has_amount ? g_strdup_printf("%s %s ±%s", amount,
                                              request->currency ? request->currency : "", interval)
                            : g_strdup("no amount yet");
    grid_print_right(grid, right - 34, area.y, 34, ROLE_MONEY, money);
    x += grid_printf(grid, x, area.y, 12, ROLE_STRONG, "%" G_GINT64_FORMAT "  ", request->id);
    x += grid_print_cut(grid, x, area.y, MAX(right - 36 - 22 - x, 8), ROLE_TITLE,
                        wording_customer(request)) +
         2;
    x += grid_print_cut(grid, x, area.y, 8, ROLE_DIM, product) + 2;
    grid_print_cut(grid, x, area.y, MAX(right - 35 - x, 0), role, state);
}

static void
draw_tabs(const RequestView *view, Grid *grid, Rect area)
{
    int x = area.x + 1;
    for (int i = 0; i < SECTION_COUNT; i++) {
        gboolean here = (Section)i == view->section;
        g_autofree char *label = g_strdup_printf(here ? "[%s]" : " %s ", sections[i].title);
        x += grid_print(grid, x, area.y, 20, here ? ROLE_TAB_HERE : ROLE_TAB, label) + 1;
    }
    const Progress *progress = facts_progress(&view->console->facts, view->id);
    if (progress) {
        g_autofree char *words = wording_progress(progress, view->console->facts.now);
        grid_print_right(grid, x + 1, area.y, area.x + area.w - x - 2, ROLE_BUSY, words);
    }
}

static void
request_draw(gpointer data, Grid *grid, Rect area)
{
    RequestView *view = data;
    if (!view->dossier || !view->dossier->request) {
        grid_print_cut(grid, area.x + 3, area.y + 2, area.w - 6, ROLE_DIM,
                       view->dossier && view->dossier->error ? view->dossier->error
                       : view->id                            ? "reading …"
                                                             : "no request was opened yet");
        return;
    }
    draw_head(view, grid, area);
    draw_tabs(view, grid, (Rect){area.x, area.y + 1, area.w, 1});
    grid_hline(grid, area.x, area.y + 2, area.w, ROLE_BORDER);
    doc_draw(view->docs[view->section], grid,
             (Rect){area.x + 1, area.y + 3, area.w - 2, MAX(area.h - 3, 1)});
}

/* -- the rest of the view -- */

static gpointer
request_open(Console *console)
{
    RequestView *view = g_new0(RequestView, 1);
    view->console = console;
    for (int i = 0; i < SECTION_COUNT; i++)
        view->docs[i] = doc_new(grid_ascii(console->grid));
    return view;
}

static void
request_close(gpointer data)
{
    RequestView *view = data;
    for (int i = 0; i < SECTION_COUNT; i++)
        doc_free(view->docs[i]);
    dossier_free(view->dossier);
    preview_free(view->preview);
    g_free(view->preview_error);
    g_free(view);
}

static Doc *
request_doc(gpointer data)
{
    RequestView *view = data;
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
    view->section = (Section)(((int)view->section + step + SECTION_COUNT) % SECTION_COUNT);
    return CHANGED_SCREEN;
}

/* "run": the older of the two runs that are compared moves; the newer one follows. */
static guint
request_adjust(gpointer data, const char *what, int step)
{
    RequestView *view = data;
    guint n = view->dossier && view->dossier->runs ? view->dossier->runs->len : 0;
    if (strcmp(what, "run") != 0 || n < 2)
        return CHANGED_UNUSED;
    view->older = (guint)CLAMP((int)view->older + step, 1, (int)n - 1);
    view->newer = view->older - 1;
    view->section = SECTION_RUNS;
    write_sections(view);
    return CHANGED_SCREEN;
}

static const char *const hints[] = {"next-section", "approve", "reject",  "rerun",     "dry-run",
                                    "back",         "filter",  "palette", "help",      "older-run",
                                    "retry",        "copy",    "cancel",  "take-back", NULL};

const ViewOps view_request = {
    .name = "request",
    .title = "Request",
    .hints = hints,
    .open = request_open,
    .close = request_close,
    .refresh = request_refresh,
    .draw = request_draw,
    .doc = request_doc,
    .request = request_request,
    .section = request_section,
    .adjust = request_adjust,
};
