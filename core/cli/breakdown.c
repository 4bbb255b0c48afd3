/* breakdown.c: sums the segments of a calculation by country, for people. */
#include "cli/breakdown.h"

#include <string.h>

#include "base/money.h"

typedef struct {
    const char *country, *detail;
    gint64 attempts, conversions, credit;
    double usual; /* sum of baselines, weighted by attempts */
    guint attacked, days;
} Sum;

static void
add_segment(GArray *sums, const CalcSegment *segment)
{
    Sum *last = sums->len ? &g_array_index(sums, Sum, sums->len - 1) : NULL;
    if (!last || g_strcmp0(last->country, segment->country) != 0 ||
        g_strcmp0(last->detail, segment->detail) != 0) {
        Sum fresh = {.country = segment->country, .detail = segment->detail};
        g_array_append_val(sums, fresh);
        last = &g_array_index(sums, Sum, sums->len - 1);
    }
    last->attempts += segment->attempts;
    last->conversions += segment->conversions;
    last->credit += segment->credit;
    last->usual += segment->baseline * (double)segment->attempts;
    last->attacked += segment->attacked;
    last->days++;
}

static gint
by_credit(gconstpointer a, gconstpointer b)
{
    const Sum *x = a, *y = b;
    if (x->credit != y->credit)
        return x->credit < y->credit ? 1 : -1;
    return (x->attempts < y->attempts) - (x->attempts > y->attempts);
}

static double
percent(double part, gint64 whole)
{
    return whole > 0 ? 100.0 * part / (double)whole : 0.0;
}

static void
print_sums(Out *out, GArray *sums)
{
    g_array_sort(sums, by_credit);
    out_text(out, ROLE_DIM, "  COUNTRY      ATTEMPTS  VERIFIED  USUALLY  ATTACKED        CREDIT");
    out_line(out);
    for (guint i = 0; i < sums->len; i++) {
        const Sum *sum = &g_array_index(sums, Sum, i);
        g_autofree char *credit = money_display(sum->credit);
        g_autofree char *name = sum->detail ? g_strdup_printf("%s %s", sum->country, sum->detail)
                                            : g_strdup(sum->country);
        out_printf(out, "  ");
        out_cell(out, ROLE_PLAIN, 10, name);
        out_printf(out, " %10" G_GINT64_FORMAT "    %5.1f%%   %5.1f%%  %2u of %2u  ", sum->attempts,
                   percent((double)sum->conversions, sum->attempts),
                   percent(sum->usual, sum->attempts), sum->attacked, sum->days);
        out_cell(out, sum->credit ? ROLE_BOLD : ROLE_PLAIN, -12, credit);
        out_line(out);
    }
}

static void
print_days(Out *out, const CalcResult *result)
{
    out_printf(out, "\nattacked days\n");
    for (guint i = 0; i < result->segments->len; i++) {
        const CalcSegment *segment = g_ptr_array_index(result->segments, i);
        if (!segment->attacked)
            continue;
        g_autofree char *credit = money_display(segment->credit);
        out_printf(out, "  ");
        out_cell(out, ROLE_PLAIN, 10, segment->day);
        out_raw(out, " ", 1);
        out_cell(out, ROLE_PLAIN, 8, segment->country);
        out_cell(out, ROLE_PLAIN, 8, segment->detail);
        out_printf(out,
                   " %9" G_GINT64_FORMAT " attempts, %6" G_GINT64_FORMAT
                   " verified, %8.0f honest %12s\n",
                   segment->attempts, segment->conversions, segment->expected, credit);
    }
}

void
breakdown_print(Out *out, const CalcResult *result, gboolean days)
{
    g_autoptr(GArray) sums = g_array_new(FALSE, TRUE, sizeof(Sum));
    for (guint i = 0; i < result->segments->len; i++)
        add_segment(sums, g_ptr_array_index(result->segments, i));
    out_printf(out, "\nbreakdown");
    if (result->first_day && result->last_day) {
        out_printf(out, ", ");
        out_text(out, ROLE_PLAIN, result->first_day);
        out_printf(out, " to ");
        out_text(out, ROLE_PLAIN, result->last_day);
    }
    out_printf(out, ", %" G_GINT64_FORMAT " rows\n", result->rows);
    print_sums(out, sums);
    if (days)
        print_days(out, result);
    if (result->reasons->len)
        out_printf(out, "\nwhy\n");
    for (guint i = 0; i < result->reasons->len; i++)
        out_block(out, 2, g_ptr_array_index(result->reasons, i));
}
