/* request_why.c: why the amount is what it is: sentences, charts, segments, parameters. */
#include "tui/views/request.h"
#include "tui/views/rows.h"

#include <string.h>
#include "base/money.h"

#define CHART_ROWS    11
#define SEGMENTS_MAX  200
#define COUNTRIES_MAX 60

/* -- the amount -- */

static void
add_amount(Doc *doc, const Breakdown *breakdown)
{
    const CalcResult *result = breakdown->result;
    g_autofree char *low = money_display(result->low), *high = money_display(result->high),
                    *spend = money_display(result->spend), *rows = wording_count(result->rows),
                    *amount = money_display(breakdown->run->amount),
                    *calculated = money_display(result->amount);
    g_autofree char *first = wording_day(result->first_day), *last = wording_day(result->last_day);
    doc_addf(doc, ROLE_MONEY, "%s %s", amount, result->currency ? result->currency : "");
    doc_addf(doc, ROLE_TEXT,
             ", 95%% between %s and %s, of %s spent from %s to %s (%s rows, %u clean days).", low,
             high, spend, first, last, rows, result->clean_days);
    doc_end(doc);
    if (breakdown->run->amount != result->amount) {
        doc_addf(doc, ROLE_WARN, "The calculator found %s.", calculated);
        doc_end(doc);
    }
}

static void
add_reasons(Doc *doc, const Breakdown *breakdown)
{
    const CalcResult *result = breakdown->result;
    g_autofree char *by_hand = run_override_words(breakdown->run);
    if (by_hand)
        doc_line(doc, ROLE_WARN, by_hand);
    if (result->unusual->len > 0) {
        doc_add(doc, ROLE_WARN, "Unusual: ");
        for (guint i = 0; i < result->unusual->len; i++)
            doc_addf(doc, ROLE_WARN, "%s%s", i ? ", " : "",
                     (char *)g_ptr_array_index(result->unusual, i));
        doc_end(doc);
    }
    for (guint i = 0; i < result->reasons->len; i++)
        doc_line(doc, ROLE_TEXT, g_ptr_array_index(result->reasons, i));
}

/* -- charts -- */

static void
draw_days(Grid *grid, Rect area, const void *data)
{
    const Breakdown *breakdown = data;
    ChartSeries series = breakdown_series(breakdown, breakdown->whole);
    grid_print(grid, area.x, area.y, area.w, ROLE_TITLE, "By day, all countries");
    chart_legend(grid, area.x + 24, area.y, area.w - 24, "attempts", "verified", "attacked");
    chart_series(grid, (Rect){area.x, area.y + 1, area.w, area.h - 1}, &series);
}

static void
draw_countries(Grid *grid, Rect area, const void *data)
{
    grid_print(grid, area.x, area.y, area.w, ROLE_TITLE, "By country");
    why_countries(grid, (Rect){area.x, area.y + 1, area.w, area.h - 1}, data);
}

/* Wide screens: the days at the left, the countries at the right. */
static void
draw_both(Grid *grid, Rect area, const void *data)
{
    int left = area.w * 2 / 5;
    draw_days(grid, (Rect){area.x, area.y, left, MIN(area.h, CHART_ROWS + 3)}, data);
    draw_countries(grid, (Rect){area.x + left + 3, area.y, area.w - left - 3, area.h}, data);
}

static void
add_charts(Doc *doc, const SectionText *text)
{
    const Breakdown *breakdown = text->breakdown;
    int countries = (int)MIN(breakdown->countries->len, (guint)COUNTRIES_MAX) + 1;
    doc_line(doc, ROLE_TEXT, "");
    if (text->width >= WIDE) {
        doc_figure(doc, MAX(countries, CHART_ROWS + 3), draw_both, breakdown);
        return;
    }
    doc_figure(doc, CHART_ROWS, draw_days, breakdown);
    doc_line(doc, ROLE_TEXT, "");
    doc_figure(doc, countries, draw_countries, breakdown);
}

/* -- segments -- */

static void
add_segment(Doc *doc, const CalcSegment *segment)
{
    g_autofree char *day = wording_day(segment->day), *credit = money_display(segment->credit);
    g_autofree char *attempts = wording_count(segment->attempts),
                    *verified = wording_count(segment->conversions);
    double rate =
        segment->attempts > 0 ? (double)segment->conversions / (double)segment->attempts : 0;
    g_autofree char *where = g_strdup_printf("%s %s", day, segment->detail ? segment->detail : "");
    doc_addf(doc, ROLE_STRONG, "%-6s ", segment->country ? segment->country : "-");
    doc_addf(doc, ROLE_TEXT, "%-14.14s %10s %10s %7.1f%% %7.1f%% ", where, attempts, verified,
             rate * 100, segment->baseline * 100);
    doc_addf(doc, ROLE_MONEY, "%14s", credit);
    doc_end(doc);
}

static void
add_segments(Doc *doc, const Breakdown *breakdown)
{
    const GPtrArray *segments = breakdown->result->segments;
    gint64 rest = breakdown->left_out_credit;
    guint shown = 0, more = breakdown->left_out;
    if (breakdown->attacked == 0)
        return;
    doc_heading(doc, "Attacked days, the largest credit first");
    doc_addf(doc, ROLE_HEADER, "%-6s %-14s %10s %10s %8s %8s %14s", "", "day", "attempts",
             "verified", "rate", "usually", "credit");
    doc_end(doc);
    for (guint i = 0; i < segments->len; i++) {
        const CalcSegment *segment = g_ptr_array_index(segments, i);
        if (segment->attacked && shown < SEGMENTS_MAX) {
            add_segment(doc, segment);
            shown++;
            continue;
        }
        more += segment->attacked ? 1 : 0;
        rest += segment->credit;
    }
    if (more > 0) {
        g_autofree char *count = wording_count(more), *credit = money_display(rest);
        doc_addf(doc, ROLE_DIM, "and %s others", count);
        doc_addf(doc, ROLE_DIM, "%*s", (int)(60 - strlen(count)), "");
        doc_addf(doc, ROLE_MONEY, "%14s", credit);
        doc_end(doc);
    }
}

/* -- what it was made with -- */

static void
add_parameters(Doc *doc, const cJSON *json, const char *prefix, guint depth)
{
    const cJSON *member;
    cJSON_ArrayForEach (member, json) {
        g_autofree char *name =
            g_strdup_printf("%s%s", prefix, member->string ? member->string : "");
        g_autofree char *inner = g_strconcat(name, ".", NULL);
        if (cJSON_IsObject(member) && depth < 4) {
            add_parameters(doc, member, inner, depth + 1);
            continue;
        }
        g_autofree char *value =
            cJSON_IsString(member) ? g_strdup(member->valuestring) : json_print(member);
        doc_indent(doc, 2, 30);
        doc_addf(doc, ROLE_DIM, "%-27s ", name);
        doc_add(doc, ROLE_TEXT, value);
        doc_end(doc);
    }
    doc_indent(doc, 0, 0);
}

static void
add_making(Doc *doc, const Breakdown *breakdown)
{
    const CalcResult *result = breakdown->result;
    const Run *run = breakdown->run;
    doc_heading(doc, "How it was made");
    doc_addf(doc, ROLE_TEXT, "Run %" G_GINT64_FORMAT ", calculator %s %s, %s%s%s.", run->number,
             result->calculator ? result->calculator : "-", result->version ? result->version : "",
             run->warehouse ? run->warehouse : "no warehouse", run->query_id ? " query " : "",
             run->query_id ? run->query_id : "");
    doc_end(doc);
    doc_addf(doc, ROLE_DIM, "SQL %.12s, evidence %.12s.", run->sql_sha256 ? run->sql_sha256 : "-",
             run->digest ? run->digest : "-");
    doc_end(doc);
    if (result->parameters)
        add_parameters(doc, result->parameters, "", 0);
}

void
section_why(Doc *doc, const SectionText *text)
{
    const Request *request = text->dossier->request;
    const Breakdown *breakdown = text->breakdown;
    if (request->error) {
        doc_line(doc, ROLE_BAD, request->error);
        doc_line(doc, ROLE_TEXT, "");
    }
    if (request->note)
        doc_line(doc, ROLE_WARN, request->note);
    if (!breakdown || !breakdown->result) {
        const char *why = breakdown && breakdown->problem ? breakdown->problem
                          : request->run_id && !breakdown ? "Reading the result …"
                                                          : "There is no result yet.";
        doc_line(doc, breakdown && breakdown->problem ? ROLE_WARN : ROLE_DIM, why);
        return;
    }
    add_amount(doc, breakdown);
    add_reasons(doc, breakdown);
    add_charts(doc, text);
    add_segments(doc, breakdown);
    add_making(doc, breakdown);
}
