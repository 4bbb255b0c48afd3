/* bulk_text.c: the rows of a bulk act: who, how much, what is posted, what is left out and why. */
#include "tui/widgets/bulk.h"
#include "tui/widgets/preview_job.h"

#include "base/money.h"

static void
write_row(Doc *doc, const BulkItem *item)
{
    const Request *request = item->request;
    g_autofree char *amount = request && request->has_amount
                                  ? money_display_in(request->amount, request->currency)
                                  : g_strdup("-");
    doc_addf(doc, ROLE_STRONG, "%" G_GINT64_FORMAT " %s  ", item->id,
             request ? wording_customer(request) : "?");
    doc_add(doc, ROLE_MONEY, amount);
    if (request && request->unusual)
        doc_addf(doc, ROLE_WARN, "  %s", request->unusual);
    doc_end(doc);
}

/* The exact words below their row. */
static void
write_post(Doc *doc, const BulkItem *item)
{
    if (!item->preview)
        return;
    doc_indent(doc, 5, 5);
    doc_line(doc, ROLE_TEXT, item->preview->plain);
    if (item->preview->claim)
        doc_line(doc, ROLE_WARN, item->preview->claim);
    if (item->preview->need - item->preview->have > 1)
        doc_line(doc, ROLE_WARN, "After you, one more approver is needed.");
    doc_indent(doc, 2, 5);
}

typedef struct {
    char currency[8];
    gint64 sum;
    guint n;
    gboolean overflow;
} Total;

static void
add_to_totals(GArray *totals, const Request *request)
{
    guint i = 0;
    while (i < totals->len &&
           g_strcmp0(g_array_index(totals, Total, i).currency, request->currency) != 0)
        i++;
    if (i == totals->len) {
        Total fresh = {"", 0, 0, FALSE};
        g_strlcpy(fresh.currency, request->currency ? request->currency : "",
                  sizeof fresh.currency);
        g_array_append_val(totals, fresh);
    }
    Total *total = &g_array_index(totals, Total, i);
    total->n++;
    total->overflow |= !money_add(total->sum, request->amount, &total->sum, NULL);
}

static void
write_totals(Doc *doc, const Bulk *bulk)
{
    g_autoptr(GArray) totals = g_array_new(FALSE, FALSE, sizeof(Total));
    for (guint i = 0; i < bulk->items->len; i++) {
        const BulkItem *item = g_ptr_array_index(bulk->items, i);
        if (!item->refusal && item->request->has_amount)
            add_to_totals(totals, item->request);
    }
    for (guint i = 0; i < totals->len; i++) {
        const Total *total = &g_array_index(totals, Total, i);
        g_autofree char *sum = total->overflow ? g_strdup("more than can be counted")
                                               : money_display_in(total->sum, total->currency);
        doc_addf(doc, ROLE_STRONG, "%s %s in %u request%s.", i ? "" : "Total", sum, total->n,
                 total->n == 1 ? "" : "s");
    }
    doc_end(doc);
}

static void
write_head(Doc *doc, const Bulk *bulk)
{
    const Preview *preview = NULL;
    for (guint i = 0; !preview && i < bulk->items->len; i++)
        preview = ((const BulkItem *)g_ptr_array_index(bulk->items, i))->preview;
    if (bulk->act->about)
        doc_line(doc, ROLE_TEXT, bulk->act->about);
    else if (preview && preview->live) {
        doc_add(doc, ROLE_LIVE, " LIVE ");
        doc_add(doc, ROLE_TEXT, " Each of these is posted in its own thread after the hold:");
    } else if (preview) {
        doc_add(doc, ROLE_DRY, " DRY RUN ");
        doc_addf(doc, ROLE_TEXT, " %s Live, each would be posted in its own thread:", PREVIEW_DRY);
    }
    doc_end(doc);
}

static void
write_left_out(Doc *doc, const Bulk *bulk)
{
    gboolean any = FALSE;
    for (guint i = 0; i < bulk->items->len; i++) {
        const BulkItem *item = g_ptr_array_index(bulk->items, i);
        if (!item->refusal)
            continue;
        if (!any)
            doc_line(doc, ROLE_WARN, "Left out, nothing happens to them:");
        any = TRUE;
        doc_indent(doc, 2, 5);
        doc_addf(doc, ROLE_TEXT, "%" G_GINT64_FORMAT " %s: ", item->id,
                 item->request ? wording_customer(item->request) : "?");
        doc_add(doc, ROLE_DIM, item->refusal);
        doc_end(doc);
        doc_indent(doc, 0, 0);
    }
}

static void
write_outcome(Doc *doc, const Bulk *bulk, const BulkItem *item, guint index)
{
    gboolean busy = bulk->stage == BULK_RUNNING && index + 1 == bulk->next;
    doc_addf(doc, ROLE_STRONG, "%" G_GINT64_FORMAT " %s: ", item->id,
             wording_customer(item->request));
    if (item->outcome)
        doc_add(doc, item->failed ? ROLE_BAD : ROLE_GOOD, item->outcome);
    else
        doc_add(doc, busy ? ROLE_BUSY : ROLE_DIM, busy ? "now …" : "waits");
    doc_end(doc);
}

static void
write_rows(Doc *doc, const Bulk *bulk)
{
    doc_indent(doc, 2, 5);
    for (guint i = 0; i < bulk->items->len; i++) {
        const BulkItem *item = g_ptr_array_index(bulk->items, i);
        if (item->refusal)
            continue;
        if (bulk->stage == BULK_ASKING) {
            write_row(doc, item);
            write_post(doc, item);
        } else {
            write_outcome(doc, bulk, item, i);
        }
    }
    doc_indent(doc, 0, 0);
}

void
bulk_write(Bulk *bulk)
{
    Doc *doc = bulk->form.text;
    form_renew(&bulk->form);
    if (bulk->stage == BULK_ASKING)
        write_head(doc, bulk);
    write_rows(doc, bulk);
    if (bulk->stage == BULK_ASKING)
        write_totals(doc, bulk);
    write_left_out(doc, bulk);
}
