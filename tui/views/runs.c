/* runs.c: the passes that were made, with what each did. */
#include "tui/views/feed.h"

#include <string.h>
#include "base/clock.h"

#define PASSES_MAX 1000

static gint64
pass_id(const void *row)
{
    const Pass *pass = row;
    return pass->id;
}

static void
pass_destroy(gpointer row)
{
    pass_free(row);
}

static void
cell_pass(const void *row, const void *context, GString *text, Role *role)
{
    (void)context;
    *role = ROLE_STRONG;
    g_string_append_printf(text, "%" G_GINT64_FORMAT, pass_id(row));
}

static void
cell_started(const void *row, const void *context, GString *text, Role *role)
{
    const Pass *pass = row;
    const Facts *facts = context;
    g_autofree char *at = wording_time(pass->started_at, facts->now);
    (void)role;
    g_string_append(text, at);
}

static void
cell_took(const void *row, const void *context, GString *text, Role *role)
{
    const Pass *pass = row;
    const Facts *facts = context;
    gint64 end = pass->finished_at ? pass->finished_at : facts->now;
    g_autofree char *took = duration_short(MAX(end - pass->started_at, 0));
    *role = ROLE_DIM;
    g_string_append(text, took);
}

static void
cell_trigger(const void *row, const void *context, GString *text, Role *role)
{
    const Pass *pass = row;
    (void)context;
    *role = ROLE_DIM;
    g_string_append_printf(text, "%s%s", pass->trigger ? pass->trigger : "-",
                           pass->dry_run ? " dry" : "");
}

static void
cell_status(const void *row, const void *context, GString *text, Role *role)
{
    const Pass *pass = row;
    (void)context;
    *role = g_strcmp0(pass->status, "ok") == 0        ? ROLE_GOOD
            : g_strcmp0(pass->status, "running") == 0 ? ROLE_BUSY
                                                      : ROLE_BAD;
    g_string_append(text, pass->status ? pass->status : "-");
    for (char *c = text->str; *c; c++)
        *c = *c == '_' ? ' ' : *c;
}

/* Numbers that are zero are quiet. */
static void
number(GString *text, Role *role, gint64 n, Role loud)
{
    *role = n > 0 ? loud : ROLE_DIM;
    if (n > 0)
        g_string_append_printf(text, "%" G_GINT64_FORMAT, n);
    else
        g_string_append_c(text, '-');
}

#define NUMBER_CELL(name, member, loud)                                                            \
    static void name(const void *row, const void *context, GString *text, Role *role)              \
    {                                                                                              \
        const Pass *pass = row;                                                                    \
        (void)context;                                                                             \
        number(text, role, pass->member, loud);                                                    \
    }
NUMBER_CELL(cell_found, found, ROLE_TEXT)
NUMBER_CELL(cell_fresh, fresh, ROLE_STRONG)
NUMBER_CELL(cell_calculated, calculated, ROLE_TEXT)
NUMBER_CELL(cell_pending, pending, ROLE_TEXT)
NUMBER_CELL(cell_posted, posted, ROLE_GOOD)
NUMBER_CELL(cell_failed, failed, ROLE_BAD)

static void
cell_who(const void *row, const void *context, GString *text, Role *role)
{
    const Pass *pass = row;
    (void)context;
    *role = ROLE_DIM;
    g_string_append_printf(text, "%s@%s", pass->actor ? pass->actor : "-",
                           pass->host ? pass->host : "-");
}

#define NUMBER(name, what)                                                                         \
    static gboolean name(const void *row, gint64 *number)                                          \
    {                                                                                              \
        const Pass *pass = row;                                                                    \
        *number = what;                                                                            \
        return TRUE;                                                                               \
    }
NUMBER(number_pass, pass->id)
NUMBER(number_started, pass->started_at)
NUMBER(number_found, pass->found)
NUMBER(number_fresh, pass->fresh)
NUMBER(number_calculated, pass->calculated)
NUMBER(number_pending, pass->pending)
NUMBER(number_posted, pass->posted)
NUMBER(number_failed, pass->failed)

static int
compare_took(const void *a, const void *b)
{
    const Pass *x = a, *y = b;
    gint64 p = x->finished_at - x->started_at, q = y->finished_at - y->started_at;
    return p < q ? 1 : p > q ? -1 : 0;
}

#define TEXTS(name, member)                                                                        \
    static int name(const void *a, const void *b)                                                  \
    {                                                                                              \
        const Pass *x = a, *y = b;                                                                 \
        return g_strcmp0(x->member, y->member);                                                    \
    }
TEXTS(compare_trigger, trigger)
TEXTS(compare_status, status)
TEXTS(compare_who, actor)

/* clang-format off */
static const ListColumn columns[] = {
    {"pass", "PASS", 4, 8, ALIGN_RIGHT, 0, cell_pass, NULL, number_pass, QUERY_NUMBER, TRUE},
    {"started", "STARTED", 12, 12, ALIGN_RIGHT, 0, cell_started, NULL, number_started, QUERY_TIME, TRUE},
    {"took", "TOOK", 5, 7, ALIGN_RIGHT, 0, cell_took, compare_took, .big_first = TRUE},
    {"trigger", "BY", 6, 12, ALIGN_LEFT, 0, cell_trigger, compare_trigger},
    {"status", "RESULT", 11, 12, ALIGN_LEFT, 0, cell_status, compare_status},
    {"found", "FOUND", 5, 7, ALIGN_RIGHT, 3, cell_found, NULL, number_found, QUERY_NUMBER, TRUE},
    {"new", "NEW", 4, 7, ALIGN_RIGHT, 0, cell_fresh, NULL, number_fresh, QUERY_NUMBER, TRUE},
    {"calculated", "CALC", 4, 7, ALIGN_RIGHT, 2, cell_calculated, NULL, number_calculated, QUERY_NUMBER, TRUE},
    {"pending", "PENDING", 7, 7, ALIGN_RIGHT, 1, cell_pending, NULL, number_pending, QUERY_NUMBER, TRUE},
    {"posted", "POSTED", 6, 7, ALIGN_RIGHT, 0, cell_posted, NULL, number_posted, QUERY_NUMBER, TRUE},
    {"failed", "FAILED", 6, 7, ALIGN_RIGHT, 0, cell_failed, NULL, number_failed, QUERY_NUMBER, TRUE},
    {"who", "WHO", 8, 30, ALIGN_LEFT, 4, cell_who, compare_who},
};
/* clang-format on */

static const ListOps list_ops = {columns, G_N_ELEMENTS(columns), pass_id, pass_destroy, 0, FALSE};

static gboolean
runs_read(Store *store, FeedAsk *ask, GError **error)
{
    GPtrArray *passes = store_passes(store, 0, PASSES_MAX, error);
    if (passes)
        g_ptr_array_extend_and_steal(ask->rows, passes);
    return passes != NULL;
}

static const FeedOps feed_ops = {.list = &list_ops, .read = runs_read, .refresh = feed_refresh};

static gpointer
runs_open(Console *console)
{
    return feed_open(console, sizeof(Feed), &feed_ops);
}

static void
draw_detail(gpointer data, Grid *grid, Rect area)
{
    const Feed *runs = data;
    const Pass *pass = list_selected(runs->list);
    gint64 now = runs->console->facts.now;
    g_autofree char *started = wording_ago(pass->started_at, now);
    Doc *doc = doc_new(grid_ascii(grid));
    grid_hline(grid, area.x, area.y, area.w, ROLE_BORDER);
    doc_addf(doc, ROLE_STRONG, "Pass %" G_GINT64_FORMAT, pass->id);
    doc_addf(doc, ROLE_TEXT,
             ", %s, by %s on %s (pid %" G_GINT64_FORMAT ")%s, exit code %" G_GINT64_FORMAT, started,
             pass->actor ? pass->actor : "-", pass->host ? pass->host : "-", pass->pid,
             pass->dry_run ? ", DRY RUN" : "", pass->exit_code);
    doc_end(doc);
    doc_addf(doc, ROLE_TEXT,
             "%" G_GINT64_FORMAT " found, %" G_GINT64_FORMAT " new, %" G_GINT64_FORMAT
             " ignored, %" G_GINT64_FORMAT " asked for a link, %" G_GINT64_FORMAT
             " calculated, %" G_GINT64_FORMAT " pending, %" G_GINT64_FORMAT
             " posted, %" G_GINT64_FORMAT " failed.",
             pass->found, pass->fresh, pass->ignored, pass->needs_link, pass->calculated,
             pass->pending, pass->posted, pass->failed);
    doc_end(doc);
    if (pass->error)
        doc_line(doc, ROLE_BAD, pass->error);
    doc_line(doc, ROLE_DIM, "Enter shows its log.");
    doc_draw(doc, grid, (Rect){area.x + 1, area.y + 1, area.w - 2, area.h - 1});
    doc_free(doc);
}

static void
runs_draw(gpointer view, Grid *grid, Rect area)
{
    const Feed *runs = view;
    int pane = CLAMP(area.h / 3, 5, 8);
    if (list_count(runs->list) == 0) {
        feed_draw_empty(runs, grid, area, "No pass matches. Esc shows all.",
                        "No pass was made yet: p makes one now.");
        return;
    }
    list_draw_with(runs->list, grid, area, pane, draw_detail, view);
}

static guint
runs_enter(gpointer view)
{
    const Feed *runs = view;
    return view_logs_open(runs->console, list_selected_id(runs->list));
}

static const char *const hints[] = {"open",    "pass", "pause", "resume", "filter", "sort",
                                    "palette", "help", "queue", "quit",   NULL};

const ViewOps view_runs = {
    .name = "runs",
    .title = "Runs",
    .tab = TRUE,
    .hints = hints,
    .open = runs_open,
    .close = feed_close,
    .refresh = feed_refresh,
    .draw = runs_draw,
    .enter = runs_enter,
    .list = feed_list,
};
