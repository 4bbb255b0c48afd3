/* request_runs.c: all runs of a request, and the difference of any two. */
#include "tui/views/request.h"

#include <string.h>
#include "base/clock.h"
#include "base/money.h"
#include "base/text.h"

#define CHANGES_MAX   200
#define SQL_LINES_MAX 2000
#define SQL_AROUND    3 /* lines that are the same, around those that differ */

/* -- the runs -- */

static gboolean
is_broken(const GPtrArray *approvals, gint64 run_id)
{
    for (guint i = 0; approvals && i < approvals->len; i++) {
        const Approval *approval = g_ptr_array_index(approvals, i);
        if (approval->run_id == run_id && approval->voided_at == 0 &&
            g_strcmp0(approval->method, "break-glass") == 0)
            return TRUE;
    }
    return FALSE;
}

static void
add_run(Doc *doc, const SectionText *text, const Run *run)
{
    g_autofree char *at = wording_time(run->started_at, text->facts->now);
    g_autofree char *took = duration_short(MAX(run->finished_at - run->started_at, 0));
    gboolean done = g_strcmp0(run->status, "done") == 0;
    g_autofree char *amount = done ? money_display(run->amount) : g_strdup("-");
    g_autofree char *by_hand = run_override_words(run);
    const char *mark = run->id == text->newer ? "+" : run->id == text->older ? "-" : " ";
    doc_addf(doc, *mark == '+' ? ROLE_ADDED : *mark == '-' ? ROLE_REMOVED : ROLE_TEXT, "%s ", mark);
    doc_addf(doc, ROLE_STRONG, "%3" G_GINT64_FORMAT "  ", run->number);
    doc_addf(doc, done ? ROLE_GOOD : ROLE_BAD, "%-9s ", run->status ? run->status : "");
    doc_addf(doc, ROLE_MONEY, "%14s ", amount);
    doc_addf(doc, ROLE_DIM, " %-12s %6s  %s", at, took, run->actor ? run->actor : "");
    if (run->id == text->dossier->request->run_id)
        doc_add(doc, ROLE_STRONG, "  counts");
    if (run->dry)
        doc_add(doc, ROLE_DRY, "  dry run");
    doc_end(doc);
    doc_indent(doc, 9, 9);
    if (is_broken(text->dossier->approvals, run->id))
        doc_line(doc, ROLE_BAD, "!! approved by breaking the glass");
    if (by_hand)
        doc_line(doc, ROLE_WARN, by_hand);
    if (run->error)
        doc_line(doc, ROLE_BAD, run->error);
    doc_indent(doc, 2, 2);
}

static void
add_runs(Doc *doc, const SectionText *text)
{
    const GPtrArray *runs = text->dossier->runs;
    doc_indent(doc, 2, 2);
    doc_addf(doc, ROLE_HEADER, "  %3s  %-9s %14s  %-12s %6s  %s", "RUN", "RESULT", "AMOUNT", "WHEN",
             "TOOK", "BY");
    doc_end(doc);
    for (guint i = 0; i < runs->len; i++) {
        doc_item(doc, (int)i);
        add_run(doc, text, g_ptr_array_index(runs, i));
    }
    doc_item(doc, -1);
    if (text->dossier->more_runs)
        doc_line(doc, ROLE_DIM, "Older runs are left out here.");
    doc_indent(doc, 0, 0);
}

/* -- what differs: facts -- */

static void
add_fact(Doc *doc, const ComparedFact *fact, int half)
{
    g_autofree char *before = text_printable(fact->before, -1, TEXT_LINE),
                    *after = text_printable(fact->after, -1, TEXT_LINE);
    doc_addf(doc, ROLE_CHANGED, "~ %-14.14s ", fact->name);
    if (text_width(before) <= half && text_width(after) <= half) {
        doc_add(doc, ROLE_REMOVED, before);
        doc_addf(doc, ROLE_DIM, "%*s -> ", half - text_width(before), "");
        doc_add(doc, ROLE_ADDED, after);
        doc_end(doc);
        return;
    }
    doc_end(doc);
    doc_indent(doc, 4, 6);
    doc_addf(doc, ROLE_REMOVED, "- %s", before);
    doc_end(doc);
    doc_addf(doc, ROLE_ADDED, "+ %s", after);
    doc_end(doc);
    doc_indent(doc, 0, 0);
}

/* What differs, one below the other; what does not, in a line. */
static void
add_facts(Doc *doc, const SectionText *text)
{
    const Comparison *comparison = text->comparison;
    int half = CLAMP((text->width - 22) / 2, 12, 60);
    g_autoptr(GString) same = g_string_new(NULL);
    guint parameters = 0;
    for (guint i = 0; i < comparison->facts->len; i++) {
        const ComparedFact *fact = g_ptr_array_index(comparison->facts, i);
        if (!fact->same)
            add_fact(doc, fact, half);
        else if (fact->parameter)
            parameters++;
        else
            g_string_append_printf(same, "%s%s", same->len ? ", " : "", fact->name);
    }
    if (parameters > 0)
        g_string_append_printf(same, "%s%u parameters", same->len ? ", " : "", parameters);
    if (same->len == 0)
        return;
    doc_indent(doc, 0, 2);
    doc_addf(doc, ROLE_DIM, "= unchanged: %s", same->str);
    doc_end(doc);
    doc_indent(doc, 0, 0);
}

/* -- segments -- */

/* "before -> after" in two columns; takes both. */
static void
add_pair(Doc *doc, char *before, char *after, int width)
{
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
    if (!any) /* never: what changed was there before or is there after */
        return;
    gboolean attacked = (before && before->attacked) || (after && after->attacked);
    Role role = change->sign == '+'   ? ROLE_ADDED
                : change->sign == '-' ? ROLE_REMOVED
                                      : ROLE_CHANGED;
    g_autofree char *day = wording_day(any->day);
    doc_addf(doc, role, "%c%s%-4.4s %-7.7s", change->sign, attacked ? "!" : " ",
             any->country ? any->country : "-", day);
    add_pair(doc, count_or_dash(before, before ? before->attempts : 0),
             count_or_dash(after, after ? after->attempts : 0), 8);
    add_pair(doc, count_or_dash(before, before ? before->conversions : 0),
             count_or_dash(after, after ? after->conversions : 0), 7);
    add_pair(doc, before ? money_display(before->credit) : g_strdup("-"),
             after ? money_display(after->credit) : g_strdup("-"), 10);
    if (any->detail)
        doc_addf(doc, ROLE_DIM, " %s", any->detail);
    doc_end(doc);
}

static void
add_segments(Doc *doc, const Comparison *comparison)
{
    const GArray *changes = comparison->changes;
    doc_addf(doc, ROLE_TITLE, "Segments: ");
    if (!comparison->before->result || !comparison->after->result) {
        doc_line(doc, ROLE_DIM, "one of the two has no result.");
        return;
    }
    if (changes->len == 0) {
        doc_line(doc, ROLE_DIM, "all the same.");
        return;
    }
    doc_addf(doc, ROLE_TEXT, "%u new, %u gone, %u changed; ! is attacked", comparison->added,
             comparison->gone, comparison->changed);
    doc_end(doc);
    doc_addf(doc, ROLE_HEADER, "  %-12s%8s    %-8s%7s    %-7s%10s    %-10s", "segment", "attempts",
             "", "verified", "", "credit", "");
    doc_end(doc);
    for (guint i = 0; i < MIN(changes->len, CHANGES_MAX); i++)
        add_change(doc, &g_array_index(changes, SegmentChange, i));
    if (changes->len > CHANGES_MAX) {
        doc_addf(doc, ROLE_DIM, "and %u more, with smaller differences",
                 changes->len - CHANGES_MAX);
        doc_end(doc);
    }
    if (comparison->before->segments > COMPARISON_SEGMENTS_MAX ||
        comparison->after->segments > COMPARISON_SEGMENTS_MAX)
        doc_line(doc, ROLE_WARN, "Only the 50,000 segments that matter most are compared.");
}

/* -- SQL -- */

/* Whether a line stands near one that differs. */
static gboolean
is_near(const Diff *diff, guint index)
{
    guint from = index > SQL_AROUND ? index - SQL_AROUND : 0,
          to = MIN(index + SQL_AROUND + 1, diff->lines->len);
    for (guint i = from; i < to; i++) {
        if (g_array_index(diff->lines, DiffLine, i).sign != ' ')
            return TRUE;
    }
    return FALSE;
}

static Role
line_role(char sign)
{
    return sign == '+' ? ROLE_ADDED : sign == '-' ? ROLE_REMOVED : ROLE_DIM;
}

/* One below the other, with the line numbers of both. */
static void
add_stacked(Doc *doc, const DiffLine *line)
{
    g_autofree char *before = g_strdup_printf("%u", line->before + 1),
                    *after = g_strdup_printf("%u", line->after + 1);
    doc_addf(doc, ROLE_DIM, "%4s %4s ", line->sign == '+' ? "" : before,
             line->sign == '-' ? "" : after);
    doc_addf(doc, line_role(line->sign), "%c %s", line->sign, line->line);
    doc_end(doc);
}

/* A piece of a side: what fits into its columns, padded; moves on in the text. */
static void
add_side(Doc *doc, const char **rest, guint number, gboolean first, Role role, int columns)
{
    int used = 0;
    gsize fits = *rest ? text_fit(*rest, columns, &used) : 0;
    g_autofree char *piece = *rest ? g_strndup(*rest, fits) : g_strdup("");
    if (*rest && first)
        doc_addf(doc, ROLE_DIM, "%4u ", number + 1);
    else
        doc_add(doc, ROLE_DIM, "     ");
    doc_add(doc, role, piece);
    doc_addf(doc, ROLE_TEXT, "%*s", columns - used, "");
    if (*rest)
        *rest = fits > 0 && (*rest)[fits] ? *rest + fits : NULL;
}

/* Side by side; either may be NULL. */
static void
add_beside(Doc *doc, const DiffLine *before, const DiffLine *after, int width)
{
    int columns = MAX((width - 17) / 2, 10);
    g_autofree char *left = before ? text_printable(before->line, -1, TEXT_LINE) : NULL;
    g_autofree char *right = after ? text_printable(after->line, -1, TEXT_LINE) : NULL;
    const char *l = left, *r = right;
    gboolean same = before && before->sign == ' ', first = TRUE;
    do {
        doc_add(doc, same ? ROLE_DIM : ROLE_REMOVED, !same && before && first ? "- " : "  ");
        add_side(doc, &l, before ? before->before : 0, first, same ? ROLE_DIM : ROLE_REMOVED,
                 columns);
        doc_add(doc, same ? ROLE_DIM : ROLE_ADDED, !same && after && first ? " + " : "   ");
        add_side(doc, &r, after ? after->after : 0, first, same ? ROLE_DIM : ROLE_ADDED, columns);
        doc_end(doc);
        first = FALSE;
    } while ((l || r) && doc_has_room(doc));
}

/* Lines that are gone beside those that are new, from index on; returns the first behind them. */
static guint
add_hunk(Doc *doc, const Diff *diff, guint index, int width)
{
    guint gone = index, fresh, end;
    while (gone < diff->lines->len && g_array_index(diff->lines, DiffLine, gone).sign == '-')
        gone++;
    for (fresh = gone; fresh < diff->lines->len; fresh++) {
        if (g_array_index(diff->lines, DiffLine, fresh).sign != '+')
            break;
    }
    end = fresh;
    for (guint i = 0; i < MAX(gone - index, fresh - gone); i++) {
        guint left = index + i, right = gone + i;
        add_beside(doc, left < gone ? &g_array_index(diff->lines, DiffLine, left) : NULL,
                   right < end ? &g_array_index(diff->lines, DiffLine, right) : NULL, width);
    }
    return end;
}

static void
add_sql(Doc *doc, const SectionText *text)
{
    const Diff *diff = text->comparison->sql;
    gboolean skipped = FALSE;
    if (!diff)
        return;
    g_autofree char *title = g_strdup_printf("SQL: %u lines gone, %u new", diff->gone, diff->fresh);
    doc_heading(doc, title);
    for (guint i = 0, shown = 0; i < diff->lines->len && shown < SQL_LINES_MAX; shown++) {
        const DiffLine *line = &g_array_index(diff->lines, DiffLine, i);
        if (!is_near(diff, i)) {
            if (!skipped)
                doc_line(doc, ROLE_DIM, doc_ascii(doc) ? "     ..." : "     ⋮");
            skipped = TRUE;
            i++;
            continue;
        }
        skipped = FALSE;
        if (text->width < WIDE) {
            add_stacked(doc, line);
            i++;
        } else if (line->sign == ' ') {
            add_beside(doc, line, line, text->width);
            i++;
        } else {
            i = add_hunk(doc, diff, i, text->width);
        }
    }
    if (!diff->whole)
        doc_line(doc, ROLE_WARN, "The SQL is longer than what is compared here.");
}

/* -- all of it -- */

static char *
difference_words(const Run *before, const Run *after)
{
    gint64 by = after->amount - before->amount;
    if (by == 0 && g_strcmp0(before->status, "done") == 0 &&
        g_strcmp0(after->status, "done") == 0) {
        g_autofree char *amount = money_display(after->amount);
        return g_strdup_printf("Run %" G_GINT64_FORMAT " -> run %" G_GINT64_FORMAT
                               ": %s, as before",
                               before->number, after->number, amount);
    }
    g_autofree char *old = money_display(before->amount), *new = money_display(after->amount),
                    *moved = money_display(ABS(by));
    if (g_strcmp0(before->status, "done") != 0 || g_strcmp0(after->status, "done") != 0)
        return g_strdup_printf("Run %" G_GINT64_FORMAT " -> run %" G_GINT64_FORMAT, before->number,
                               after->number);
    return g_strdup_printf("Run %" G_GINT64_FORMAT " -> run %" G_GINT64_FORMAT ": %s -> %s (%s%s)",
                           before->number, after->number, old, new, by < 0 ? "-" : "+", moved);
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
comparison_write(Doc *doc, const SectionText *text)
{
    const Comparison *comparison = text->comparison;
    if (!comparison) {
        doc_line(doc, ROLE_TEXT, "");
        doc_line(doc, text->comparison_error ? ROLE_BAD : ROLE_DIM,
                 text->comparison_error ? text->comparison_error : "Comparing …");
        return;
    }
    g_autofree char *title = difference_words(comparison->before->run, comparison->after->run);
    doc_heading(doc, title);
    add_voided(doc, text->dossier->approvals, comparison->before->run);
    add_facts(doc, text);
    doc_line(doc, ROLE_TEXT, "");
    add_segments(doc, comparison);
    add_sql(doc, text);
}

void
section_runs(Doc *doc, const SectionText *text)
{
    const GPtrArray *runs = text->dossier->runs;
    if (!runs || runs->len == 0) {
        doc_line(doc, ROLE_DIM, "Nothing was calculated yet.");
        return;
    }
    add_runs(doc, text);
    if (text->older && text->newer)
        comparison_write(doc, text);
    else
        doc_line(doc, ROLE_DIM, "There is one run; a second one would be compared with it here.");
}
