/* review.c: what was approved by breaking the glass: first what nobody looked at yet. */
#include "tui/command.h"
#include "tui/views/rows.h"
#include "tui/widgets/dialogs.h"

#include <string.h>
#include "base/clock.h"
#include "base/money.h"

static gint64
glass_id(const void *row)
{
    const BreakGlass *glass = row;
    return glass->approval->id;
}

static void
glass_destroy(gpointer row)
{
    break_glass_free(row);
}

/* A cell of a list of requests. */
#define REQUEST_CELL(name, cell)                                                                   \
    static void name(const void *row, const void *context, GString *text, Role *role)              \
    {                                                                                              \
        const BreakGlass *glass = row;                                                             \
        cell(glass->request, context, text, role);                                                 \
    }
REQUEST_CELL(cell_glass_id, cell_id)
REQUEST_CELL(cell_glass_customer, cell_customer)
REQUEST_CELL(cell_glass_amount, cell_amount)
REQUEST_CELL(cell_glass_state, cell_state)

static void
cell_broken(const void *row, const void *context, GString *text, Role *role)
{
    const BreakGlass *glass = row;
    const Facts *facts = context;
    g_autofree char *at = wording_ago(glass->approval->at, facts->now);
    *role = glass->review ? ROLE_DIM : ROLE_BAD;
    g_string_append_printf(text, "%s%s", glass->review ? "" : "!! ", at);
}

static void
cell_person(const void *row, const void *context, GString *text, Role *role)
{
    const BreakGlass *glass = row;
    (void)context;
    (void)role;
    g_string_append(text, glass->approval->person);
}

static void
cell_reason(const void *row, const void *context, GString *text, Role *role)
{
    const BreakGlass *glass = row;
    (void)context;
    (void)role;
    g_string_append(text, glass->approval->reason ? glass->approval->reason : "");
}

static void
cell_reviewed(const void *row, const void *context, GString *text, Role *role)
{
    const BreakGlass *glass = row;
    (void)context;
    *role = glass->review ? ROLE_GOOD : ROLE_WARN;
    g_string_append(text, glass->review ? glass->review->actor : "open");
}

static gboolean
number_broken(const void *row, gint64 *number)
{
    const BreakGlass *glass = row;
    *number = glass->approval->at;
    return TRUE;
}

static gboolean
number_glass_id(const void *row, gint64 *number)
{
    const BreakGlass *glass = row;
    return number_id(glass->request, number);
}

static gboolean
number_glass_amount(const void *row, gint64 *number)
{
    const BreakGlass *glass = row;
    return number_amount(glass->request, number);
}

/* clang-format off */
static const ListColumn columns[] = {
    {"broken", "BROKEN", 10, 12, ALIGN_RIGHT, 0, cell_broken, NULL, number_broken, QUERY_TIME, TRUE},
    {"id", "ID", 4, 8, ALIGN_RIGHT, 0, cell_glass_id, NULL, number_glass_id, QUERY_NUMBER},
    {"customer", "CUSTOMER", 12, 40, ALIGN_LEFT, 0, cell_glass_customer},
    {"amount", "AMOUNT", 9, 16, ALIGN_RIGHT, 0, cell_glass_amount, NULL, number_glass_amount, QUERY_MONEY, TRUE},
    {"by", "BY", 4, 12, ALIGN_LEFT, 0, cell_person},
    {"reviewed", "REVIEWED", 8, 12, ALIGN_LEFT, 0, cell_reviewed},
    {"state", "STATE", 8, 14, ALIGN_LEFT, 2, cell_glass_state},
    {"reason", "REASON", 10, 60, ALIGN_LEFT, 1, cell_reason},
};
/* clang-format on */

static const ListOps list_ops = {.columns = columns,
                                 .n_columns = G_N_ELEMENTS(columns),
                                 .id = glass_id,
                                 .free_row = glass_destroy,
                                 .default_sort = -1,
                                 .frozen = 3};

/* Those that are open first, the longest open on top; then the newest. */
static int
compare_glasses(gconstpointer a, gconstpointer b)
{
    const BreakGlass *x = *(const BreakGlass *const *)a, *y = *(const BreakGlass *const *)b;
    if (!x->review != !y->review)
        return x->review ? 1 : -1;
    gint64 first = x->approval->id, second = y->approval->id;
    int order = first < second ? -1 : first > second;
    return x->review ? -order : order;
}

static gboolean
review_read(Store *store, FeedAsk *ask, GError **error)
{
    GPtrArray *glasses = store_break_glass(store, FALSE, error);
    if (!glasses)
        return FALSE;
    g_ptr_array_sort(glasses, compare_glasses);
    g_ptr_array_extend_and_steal(ask->rows, glasses);
    return TRUE;
}

static const FeedOps feed_ops = {.list = &list_ops, .read = review_read, .refresh = feed_refresh};

static gpointer
review_view_open(Console *console)
{
    return feed_open(console, sizeof(Feed), &feed_ops);
}

/* By the login; the desk knows of a person's other ones. */
static gboolean
is_own(const Console *console, const BreakGlass *glass)
{
    return g_strcmp0(glass->approval->actor, desk_actor(console->desk)) == 0;
}

static void
draw_detail(gpointer data, Grid *grid, Rect area)
{
    const Feed *review = data;
    const BreakGlass *glass = list_selected(review->list);
    const Approval *approval = glass->approval;
    gint64 now = review->console->facts.now;
    g_autofree char *at = wording_time(approval->at, now);
    Doc *doc = doc_new(grid_ascii(grid));
    grid_hline(grid, area.x, area.y, area.w, ROLE_BORDER);
    doc_addf(doc, ROLE_BAD, "!! %s broke the glass", approval->person);
    doc_addf(doc, ROLE_TEXT, " for %" G_GINT64_FORMAT " at %s: %s", glass->request->id, at,
             approval->reason ? approval->reason : "");
    doc_end(doc);
    doc_addf(doc, ROLE_TEXT, "It stood for %" G_GINT64_FORMAT " approvers%s%s.", approval->need,
             approval->need_group ? ", one of " : "",
             approval->need_group ? approval->need_group : "");
    doc_end(doc);
    if (glass->review) {
        g_autofree char *when = wording_time(glass->review->at, now);
        doc_addf(doc, ROLE_GOOD, "Reviewed by %s at %s: %s", glass->review->actor, when,
                 glass->review->word);
        doc_end(doc);
    } else if (is_own(review->console, glass)) {
        doc_line(doc, ROLE_WARN,
                 "Nobody looked at it yet: ask another person to. You broke it, and cannot close "
                 "its review.");
    } else {
        g_autofree char *key =
            keymap_first(review->console->keymap, (guint)commands_find("reviewed"));
        doc_addf(doc, ROLE_WARN, "Nobody looked at it yet: Enter opens it, %s closes the review.",
                 key);
        doc_end(doc);
    }
    doc_draw(doc, grid, (Rect){area.x + 1, area.y + 1, area.w - 2, area.h - 1});
    doc_free(doc);
}

static void
review_draw(gpointer view, Grid *grid, Rect area)
{
    const Feed *review = view;
    if (list_count(review->list) == 0)
        feed_draw_empty(review, grid, area, "None of them matches. Esc shows all.",
                        "Nobody broke the glass: every credit had the approvals that it needs.");
    else
        list_draw_with(review->list, grid, area, CLAMP(area.h / 3, 5, 8), draw_detail, view);
}

static const Request *
review_request(gpointer view)
{
    const Feed *review = view;
    const BreakGlass *glass = list_selected(review->list);
    return glass ? glass->request : NULL;
}

static guint
review_enter(gpointer view)
{
    const Feed *review = view;
    const Request *request = review_request(view);
    return request ? view_request_open(review->console, request->id) : CHANGED_NOTHING;
}

guint
cmd_reviewed(Console *console, int by, const char *args)
{
    const Feed *review = console_view(console);
    const BreakGlass *glass = list_selected(review->list);
    (void)by;
    (void)args;
    if (glass && !glass->review && is_own(console, glass)) {
        console_say(console, ROLE_WARN,
                    "you broke the glass for %" G_GINT64_FORMAT ": another person reviews it",
                    glass->request->id);
        return CHANGED_SCREEN;
    }
    if (glass && !glass->review)
        return review_open(console, glass);
    console_say(console, ROLE_WARN, glass ? "it is reviewed already" : "nothing is selected");
    return CHANGED_SCREEN;
}

static const char *const hints[] = {"reviewed", "open", "back",  "filter", "sort",
                                    "palette",  "help", "queue", "quit",   NULL};

const ViewOps view_review = {
    .name = "review",
    .title = "Review",
    .hints = hints,
    .open = review_view_open,
    .close = feed_close,
    .refresh = feed_refresh,
    .draw = review_draw,
    .enter = review_enter,
    .list = feed_list,
    .request = review_request,
};
