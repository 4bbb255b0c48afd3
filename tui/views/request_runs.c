/* request_runs.c: the sections about numbers: why the amount is what it is, and what changed since.
 */
#include "tui/views/request.h"
#include "tui/views/rows.h"

#include <string.h>
#include "base/money.h"
#include "base/clock.h"
#include "tui/chart.h"

#define CHANGES_MAX 200

static void
draw_countries(Grid *grid, Rect area, const void *data)
{
    why_countries(grid, area, data);
}

static void
draw_days(Grid *grid, Rect area, const void *data)
{
    const Breakdown *breakdown = data;
    ChartSeries series = breakdown_series(breakdown, breakdown->whole);
    chart_series(grid, area, &series);
}

static void
add_result(Doc *doc, const SectionText *text, const Breakdown *breakdown)
{
    const CalcResult *result = breakdown->result;
    g_autofree char *low = money_display(result->low), *high = money_display(result->high),
                    *spend = money_display(result->spend), *rows = wording_count(result->rows),
                    *amount = money_display(result->amount);
    g_autofree char *first = wording_day(result->first_day), *last = wording_day(result->last_day);
    doc_addf(doc, ROLE_MONEY, "%s %s", amount, result->currency ? result->currency : "");
    doc_addf(doc, ROLE_TEXT,
             ", 95%% between %s and %s, of %s spent from %s to %s (%s rows, %u clean days).", low,
             high, spend, first, last, rows, result->clean_days);
    doc_end(doc);
    if (result->unusual->len > 0) {
        doc_add(doc, ROLE_WARN, "Unusual: ");
        for (guint i = 0; i < result->unusual->len; i++)
            doc_addf(doc, ROLE_WARN, "%s%s", i ? ", " : "",
                     (char *)g_ptr_array_index(result->unusual, i));
        doc_end(doc);
    }
    for (guint i = 0; i < result->reasons->len; i++)
        doc_line(doc, ROLE_TEXT, g_ptr_array_index(result->reasons, i));
    (void)text;
}

static void
add_segments(Doc *doc, const Breakdown *breakdown)
{
    doc_heading(doc, "Attacked days");
    doc_addf(doc, ROLE_HEADER, "%-6s %-14s %10s %10s %8s %8s %14s", "", "day", "attempts",
             "verified", "rate", "usually", "credit");
    doc_end(doc);
    for (guint i = 0; i < breakdown->result->segments->len; i++) {
        const CalcSegment *segment = g_ptr_array_index(breakdown->result->segments, i);
        if (!segment->attacked)
            continue;
        g_autofree char *day = wording_day(segment->day), *credit = money_display(segment->credit);
        g_autofree char *attempts = wording_count(segment->attempts),
                        *verified = wording_count(segment->conversions);
        double rate =
            segment->attempts > 0 ? (double)segment->conversions / (double)segment->attempts : 0;
        g_autofree char *where =
            g_strdup_printf("%s %s", day, segment->detail ? segment->detail : "");
        doc_addf(doc, ROLE_STRONG, "%-6s ", segment->country);
        doc_addf(doc, ROLE_TEXT, "%-14.14s %10s %10s %7.1f%% %7.1f%% ", where, attempts, verified,
                 rate * 100, segment->baseline * 100);
        doc_addf(doc, ROLE_MONEY, "%14s", credit);
        doc_end(doc);
    }
}

void
section_why(Doc *doc, const SectionText *text)
{
    const Request *request = text->dossier->request;
    const Breakdown *breakdown = dossier_counting(text->dossier);
    if (request->error) {
        doc_line(doc, ROLE_BAD, request->error);
        doc_line(doc, ROLE_TEXT, "");
    }
    if (request->note)
        doc_line(doc, ROLE_WARN, request->note);
    if (!breakdown || !breakdown->result) {
        doc_line(doc, ROLE_DIM, "There is no result yet.");
        return;
    }
    add_result(doc, text, breakdown);
    doc_heading(doc, "By day, all countries: attempts, the verified below, attacked days marked");
    doc_figure(doc, 10, draw_days, breakdown);
    doc_heading(doc, "By country");
    doc_figure(doc, (int)MIN(breakdown->countries->len, 60u), draw_countries, breakdown);
    if (breakdown->whole->attacked_days > 0)
        add_segments(doc, breakdown);
    g_autofree char *parameters =
        breakdown->result->parameters ? json_print(breakdown->result->parameters) : NULL;
    if (parameters) {
        doc_heading(doc, "Calculator");
        doc_addf(doc, ROLE_DIM, "%s %s  %s",
                 breakdown->result->calculator ? breakdown->result->calculator : "-",
                 breakdown->result->version ? breakdown->result->version : "", parameters);
        doc_end(doc);
    }
}

/* -- runs -- */

static void
add_run(Doc *doc, const SectionText *text, guint index)
{
    const Breakdown *breakdown = g_ptr_array_index(text->dossier->runs, index);
    const Run *run = breakdown->run;
    g_autofree char *at = wording_time(run->started_at, text->facts->now);
    g_autofree char *took = duration_short(MAX(run->finished_at - run->started_at, 0));
    g_autofree char *amount = run->result ? money_display(run->amount) : g_strdup("-");
    gboolean done = g_strcmp0(run->status, "done") == 0;
    gboolean counts = run->id == text->dossier->request->run_id;
    gboolean pair = text->dossier->runs->len > 1;
    const char *mark = pair && (index == text->newer || index == text->older) ? "*" : " ";
    doc_addf(doc, ROLE_STRONG, "%s %3" G_GINT64_FORMAT "  ", mark, run->number);
    doc_addf(doc, done ? ROLE_GOOD : ROLE_BAD, "%-9s ", run->status ? run->status : "");
    doc_addf(doc, ROLE_MONEY, "%14s ", amount);
    doc_addf(doc, ROLE_DIM, " %s  %s  %s", at, took, run->actor ? run->actor : "");
    if (counts)
        doc_add(doc, ROLE_STRONG, "  counts");
    if (run->dry)
        doc_add(doc, ROLE_DRY, "  dry run");
    doc_end(doc);
    if (run->error) {
        doc_indent(doc, 7, 7);
        doc_line(doc, ROLE_BAD, run->error);
        doc_indent(doc, 0, 0);
    }
}

static void
add_pair(Doc *doc, const char *name, char *before, char *after, int width)
{
    (void)name;
    doc_addf(doc, ROLE_TEXT, "%*s -> %-*s", width, before, width, after);
    g_free(before);
    g_free(after);
}

static char *
count_or_dash(const CalcSegment *segment, gint64 n)
{
    return segment ? wording_count(n) : g_strdup("-");
}

static void
add_change(Doc *doc, const SegmentChange *change)
{
    const CalcSegment *before = change->before, *after = change->after;
    const CalcSegment *any = after ? after : before;
    Role role = change->sign == '+'   ? ROLE_ADDED
                : change->sign == '-' ? ROLE_REMOVED
                                      : ROLE_CHANGED;
    g_autofree char *day = wording_day(any->day);
    doc_addf(doc, role, "%c %-4s %-7s", change->sign, any->country ? any->country : "-", day);
    add_pair(doc, "attempts", count_or_dash(before, before ? before->attempts : 0),
             count_or_dash(after, after ? after->attempts : 0), 8);
    add_pair(doc, "verified", count_or_dash(before, before ? before->conversions : 0),
             count_or_dash(after, after ? after->conversions : 0), 7);
    add_pair(doc, "credit", before ? money_display(before->credit) : g_strdup("-"),
             after ? money_display(after->credit) : g_strdup("-"), 10);
    doc_end(doc);
}

/* What else is equal or not, in one sentence. */
static void
add_sameness(Doc *doc, const Run *before, const Run *after)
{
    const struct {
        const char *what;
        gboolean same;
    } parts[] = {
        {"SQL", g_strcmp0(before->sql_sha256, after->sql_sha256) == 0},
        {"calculator", g_strcmp0(before->calculator, after->calculator) == 0 &&
                           g_strcmp0(before->calculator_version, after->calculator_version) == 0},
        {"parameters", g_strcmp0(before->parameters, after->parameters) == 0},
        {"rows", before->rows == after->rows},
    };
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
        doc_addf(doc, parts[i].same ? ROLE_DIM : ROLE_WARN, "%s%s %s", i ? ", " : "", parts[i].what,
                 parts[i].same ? "unchanged" : "CHANGED");
    doc_end(doc);
}

static void
add_difference(Doc *doc, const Breakdown *before, const Breakdown *after)
{
    g_autofree char *old = before->run->result ? money_display(before->run->amount) : g_strdup("-");
    g_autofree char *new = after->run->result ? money_display(after->run->amount) : g_strdup("-");
    g_autoptr(GArray) changes = breakdown_compare(before, after);
    g_autofree char *title =
        g_strdup_printf("Run %" G_GINT64_FORMAT " -> run %" G_GINT64_FORMAT ": %s -> %s",
                        before->run->number, after->run->number, old, new);
    doc_heading(doc, title);
    add_sameness(doc, before->run, after->run);
    if (!before->result || !after->result) {
        doc_line(doc, ROLE_DIM, "One of them has no result: there is nothing to compare.");
        return;
    }
    if (changes->len == 0) {
        doc_line(doc, ROLE_DIM, "No attacked day differs.");
        return;
    }
    doc_addf(doc, ROLE_HEADER, "  %-12s%8s    %-8s%7s    %-7s%10s    %-10s", "segment", "attempts",
             "", "verified", "", "credit", "");
    doc_end(doc);
    for (guint i = 0; i < MIN(changes->len, CHANGES_MAX); i++)
        add_change(doc, &g_array_index(changes, SegmentChange, i));
    if (changes->len > CHANGES_MAX) {
        doc_addf(doc, ROLE_DIM, "and %u more", changes->len - CHANGES_MAX);
        doc_end(doc);
    }
}

/* Approvals that were given to a run and count no more. */
static void
add_voided(Doc *doc, const GPtrArray *approvals, const Run *run)
{
    for (guint i = 0; approvals && i < approvals->len; i++) {
        const Approval *approval = g_ptr_array_index(approvals, i);
        if (approval->run_id != run->id || approval->voided_at == 0)
            continue;
        doc_addf(doc, ROLE_WARN, "The approval of run %" G_GINT64_FORMAT " by %s is void: %s",
                 run->number, approval->actor ? approval->actor : "-",
                 approval->voided_why ? approval->voided_why : "the result changed");
        doc_end(doc);
    }
}

void
section_runs(Doc *doc, const SectionText *text)
{
    const GPtrArray *runs = text->dossier->runs;
    if (!runs || runs->len == 0) {
        doc_line(doc, ROLE_DIM, "Nothing was calculated yet.");
        return;
    }
    doc_addf(doc, ROLE_HEADER, "  %3s  %-9s %14s  %-9s", "RUN", "RESULT", "AMOUNT", "WHEN");
    doc_end(doc);
    for (guint i = 0; i < runs->len; i++)
        add_run(doc, text, i);
    if (runs->len < 2 || text->older >= runs->len)
        return;
    const Breakdown *before = g_ptr_array_index(runs, text->older);
    add_difference(doc, before, g_ptr_array_index(runs, text->newer));
    add_voided(doc, text->dossier->approvals, before->run);
}
