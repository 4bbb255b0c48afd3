/* preview.c: see preview.h. */
#include "cli/preview.h"

#include "base/money.h"
#include "cli/present.h"

static void
print_amounts(Out *out, const Preview *preview)
{
    if (preview->has_before && preview->before != preview->amount) {
        g_autofree char *before = present_money(preview->before, preview->currency);
        g_autofree char *after = present_money(preview->amount, preview->currency);
        out_printf(out, "\nAmount: %s -> %s.\n", before, after);
    }
    out_field(out, "unusual", preview->unusual);
    out_field(out, "changed", preview->change);
    out_field(out, "careful", preview->claim);
}

/* Why so many, who has and who may still, and what stands against it. */
static void
print_policy(Out *out, const Preview *preview)
{
    out_field(out, "needs", preview->tier);
    out_field(out, "split", preview->split);
    out_field(out, "stale", preview->stale);
    out_field(out, "approved", preview->approvals);
    if (preview->have < preview->need)
        out_field(out, "may", preview->who);
}

static void
print_seal(Out *out, const Preview *preview)
{
    g_autofree char *today = money_display(preview->approved_today_amount);
    g_autofree char *limit = preview->today_limit < 0 ? NULL : money_display(preview->today_limit);

    out_printf(out,
               "\nEvidence %s. Approvals: %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
               ". Yours today: %" G_GINT64_FORMAT ", %s in all%s%s.\n",
               preview->evidence, preview->have, preview->need, preview->approved_today_count,
               today, limit ? " of " : "", limit ? limit : "");
}

gboolean
preview_print(Out *out, const Preview *preview, GError **error)
{
    out_printf(out, "%s ", preview->live ? "This posts to" : "DRY RUN: this would post to");
    out_text(out, ROLE_BOLD, preview->channel_name);
    out_printf(out, ", in its thread ");
    out_text(out, ROLE_PLAIN, preview->thread_ts);
    out_printf(out, ":\n\n");
    out_block(out, 4, preview->plain);
    print_amounts(out, preview);
    print_policy(out, preview);
    if (preview->evidence)
        print_seal(out, preview);
    else
        out_line(out);
    return out_flush(out, error);
}
