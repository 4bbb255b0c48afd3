/* why.c: the pane below a list: answers 'why' for the selected request before anyone asks. */
#include "tui/views/rows.h"

#include <string.h>
#include "base/clock.h"
#include "base/money.h"
#include "tui/chart.h"
#include "tui/mrkdwn.h"

#define KEPT 32 /* breakdowns */

struct Why {
    Console *console;
    GHashTable *known; /* run id → Breakdown */
    gint64 asked;      /* run id on its way; 0: none */
};

typedef struct {
    Why *why;
    gint64 run_id;
    Breakdown *breakdown;
} Ask;

static void
breakdown_destroy(gpointer data)
{
    breakdown_free(data);
}

Why *
why_new(Console *console)
{
    Why *why = g_new0(Why, 1);
    why->console = console;
    why->known = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, breakdown_destroy);
    return why;
}

void
why_free(Why *why)
{
    if (!why)
        return;
    g_hash_table_unref(why->known);
    g_free(why);
}

static void
ask_free(gpointer data)
{
    Ask *ask = data;
    breakdown_free(ask->breakdown);
    g_free(ask);
}

static void
ask_read(Store *store, gpointer data)
{
    Ask *ask = data;
    Run *run = store_run_get(store, ask->run_id, NULL);
    ask->breakdown = run ? breakdown_new(run, 0) : NULL;
}

static void
ask_done(gpointer data)
{
    Ask *ask = data;
    Why *why = ask->why;
    why->asked = 0;
    if (!ask->breakdown)
        return;
    if (g_hash_table_size(why->known) >= KEPT)
        g_hash_table_remove_all(why->known);
    gint64 *key = g_new(gint64, 1);
    *key = ask->run_id;
    g_hash_table_insert(why->known, key, g_steal_pointer(&ask->breakdown));
    console_touch(why->console);
}

void
why_want(Why *why, const Request *request)
{
    if (!request || request->run_id == 0 || why->asked != 0 ||
        g_hash_table_contains(why->known, &request->run_id))
        return;
    Ask *ask = g_new0(Ask, 1);
    ask->why = why;
    ask->run_id = why->asked = request->run_id;
    reader_ask(why->console->live, ask_read, ask_done, ask, ask_free);
}

const Breakdown *
why_breakdown(const Why *why, const Request *request)
{
    return request && request->run_id ? g_hash_table_lookup(why->known, &request->run_id) : NULL;
}

/* Columns of a country line, from the left; those that do not fit are left out, credit never. */
static void
draw_country(Grid *grid, Rect area, int y, const BreakdownCountry *country, guint days, int name,
             int spark)
{
    int x = area.x, right = area.x + area.w;
    g_autofree char *attempts = wording_count(country->total);
    g_autofree char *credit = money_display(country->credit);
    gboolean hit = country->attacked_days > 0;
    grid_print_cut(grid, x, y, name, hit ? ROLE_STRONG : ROLE_TEXT, country->name);
    x += name + 1;
    chart_spark(grid, x, y, spark, country->attempts, country->attacked, days);
    x += spark + 1;
    grid_print_right(grid, x, y, 9, ROLE_TEXT, attempts);
    x += 10 + grid_print(grid, x + 10, y, 8, ROLE_DIM, "attempts") + 1;
    g_autofree char *rate = g_strdup_printf("%.1f%%", country->rate * 100);
    g_autofree char *usual = g_strdup_printf("usually %.0f%%", country->usual * 100);
    grid_print_right(grid, x, y, 6, hit ? ROLE_WARN : ROLE_TEXT, rate);
    x += 7 + grid_print(grid, x + 7, y, 8, ROLE_DIM, "verified") + 2;
    if (right - x >= 24)
        grid_print(grid, x, y, 13, ROLE_DIM, usual);
    grid_print_right(grid, right - 13, y, 13, country->credit > 0 ? ROLE_MONEY : ROLE_DIM, credit);
}

int
why_countries(Grid *grid, Rect area, const Breakdown *breakdown)
{
    guint n = breakdown->countries->len, days = breakdown->days->len;
    int name = 2, used = 0;
    for (guint i = 0; i < n; i++) {
        const BreakdownCountry *country = g_ptr_array_index(breakdown->countries, i);
        name = CLAMP((int)g_utf8_strlen(country->name, -1), name, 6);
    }
    int spark = MIN(CLAMP(area.w - name - 62, 8, 62), MAX((int)days, 1));
    /* No wider than it must be: the eye follows a line to its credit. */
    area.w = MIN(area.w, name + spark + 62);
    for (guint i = 0; i < n && used < area.h; i++) {
        guint left = n - i;
        if (used == area.h - 1 && left > 1) {
            grid_printf(grid, area.x, area.y + used, area.w, ROLE_DIM, "and %u countries more",
                        left);
            used++;
            break;
        }
        draw_country(grid, area, area.y + used++, g_ptr_array_index(breakdown->countries, i), days,
                     name, spark);
    }
    return used;
}

static void
draw_head(const Why *why, Grid *grid, Rect area, const Request *request, const Breakdown *breakdown)
{
    gint64 now = why->console->facts.now;
    g_autofree char *asked = wording_ago(request->received_at, now);
    g_autoptr(GString) left = g_string_new(NULL);
    g_string_append_printf(left, "%" G_GINT64_FORMAT "  %s", request->id,
                           wording_customer(request));
    if (request->link_kind)
        g_string_append_printf(left, ", %s %.12s", request->link_kind,
                               request->link_ref ? request->link_ref : "");
    g_string_append_printf(left, ", asked %s", asked);
    if (request->requester_name)
        g_string_append_printf(left, " by %s", request->requester_name);
    g_autofree char *ran = request->run_at ? wording_ago(request->run_at, now) : NULL;
    g_autofree char *right =
        ran ? g_strdup_printf("run %" G_GINT64_FORMAT ", %s", request->run_number, ran)
            : g_strdup("");
    int room = MAX(area.w - (int)strlen(right) - 2, 10);
    grid_print_cut(grid, area.x, area.y, room, ROLE_STRONG, left->str);
    grid_print_right(grid, area.x + room, area.y, area.w - room, ROLE_DIM, right);
    (void)breakdown;
}

/* What a request without a result waits for. */
static void
write_waiting(const Why *why, Doc *doc, const Request *request)
{
    const Facts *facts = &why->console->facts;
    const Progress *progress = facts_progress(facts, request->id);
    if (progress) {
        g_autofree char *words = wording_progress(progress, facts->now);
        doc_addf(doc, ROLE_BUSY, "%s", words);
        doc_addf(doc, ROLE_DIM, "%s%s", progress->query_id ? "  query " : "",
                 progress->query_id ? progress->query_id : "");
        doc_end(doc);
    }
    if (request->error) {
        doc_addf(doc, ROLE_BAD, "%s", request->error);
        doc_end(doc);
    }
    if (request->state == STATE_FAILED && request->next_attempt_at) {
        g_autofree char *when = wording_ago(request->next_attempt_at, facts->now);
        doc_addf(doc, ROLE_DIM,
                 "Attempt %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " %s %s; t tries again now.",
                 request->attempts + 1, facts->attempts,
                 request->next_attempt_at > facts->now ? "is due" : "waits for a pass, due", when);
        doc_end(doc);
    }
    if (request->state == STATE_DEAD)
        doc_line(doc, ROLE_DIM, "It is not tried again by itself; t tries again.");
    if (request->state == STATE_NEEDS_LINK)
        doc_line(doc, ROLE_DIM, "It goes on when a link is given in the thread; l gives it here.");
    if (request->note)
        doc_line(doc, ROLE_WARN, request->note);
    if (request->text) {
        doc_indent(doc, 2, 2);
        mrkdwn_write(doc, request->text, NULL);
        doc_indent(doc, 0, 0);
    }
}

static void
write_reasons(const Why *why, Doc *doc, const Request *request, const Breakdown *breakdown)
{
    const Facts *facts = &why->console->facts;
    const Progress *progress = facts_progress(facts, request->id);
    if (progress || request->error)
        write_waiting(why, doc, request);
    if (request->unusual && *request->unusual) {
        doc_addf(doc, ROLE_WARN, "Unusual: %s.", request->unusual);
        doc_end(doc);
    }
    for (guint i = 0; breakdown->result && i < breakdown->result->reasons->len; i++)
        doc_line(doc, ROLE_TEXT, g_ptr_array_index(breakdown->result->reasons, i));
    if (request->note && !progress && !request->error)
        doc_line(doc, ROLE_DIM, request->note);
}

/* With room to spare, the days of all countries together. */
static int
draw_days(Grid *grid, Rect area, const Breakdown *breakdown)
{
    if (area.h < 7 || breakdown->days->len < 3)
        return 0;
    int height = CLAMP(area.h - 2, 5, 14);
    Rect chart = {area.x, area.y + 1, area.w, height};
    ChartSeries series = breakdown_series(breakdown, breakdown->whole);
    chart_legend(grid, area.x, area.y, area.w, "attempts", "verified", "attacked");
    return chart_series(grid, chart, &series) + 1;
}

void
why_draw(Why *why, Grid *grid, Rect area, const Request *request)
{
    grid_hline(grid, area.x, area.y, area.w, ROLE_BORDER);
    Rect in = {area.x + 1, area.y + 1, area.w - 2, area.h - 1};
    if (!request || in.h < 1)
        return;
    const Breakdown *breakdown = why_breakdown(why, request);
    draw_head(why, grid, in, request, breakdown);
    int y = in.y + 1, left = in.h - 1;
    Doc *doc = doc_new(grid_ascii(grid));
    if (breakdown && breakdown->result)
        write_reasons(why, doc, request, breakdown);
    else if (breakdown && breakdown->problem)
        doc_line(doc, ROLE_WARN, breakdown->problem);
    else if (request->run_id == 0 || request->error)
        write_waiting(why, doc, request);
    int text = doc_rows(doc, in.w);
    if (breakdown && breakdown->result && left > 1) {
        int rows = MAX(MIN(left - text, (int)breakdown->countries->len), MIN(left / 2, 3));
        int used = why_countries(grid, (Rect){in.x, y, in.w, MIN(rows, left)}, breakdown);
        y += used;
        left -= used;
        int chart = draw_days(grid, (Rect){in.x, y, in.w, left - text}, breakdown);
        y += chart;
        left -= chart;
    }
    if (left > 0)
        doc_draw(doc, grid, (Rect){in.x, y, in.w, left});
    doc_free(doc);
}
