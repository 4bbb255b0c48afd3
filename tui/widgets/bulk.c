/* bulk.c: one act on several requests: every row is named, with what it means and what is left out;
 * one reason; row by row with its outcome. A failure stops no other row. */
#include "tui/widgets/bulk.h"

#include <string.h>
#include "base/money.h"

enum { FIELD_REASON, FIELD_COUNT };

static gboolean
run_approve(Desk *desk, BulkStep *step, Cancel *cancel, GError **error)
{
    (void)cancel;
    return desk_approve(desk, step->id, step->run_number, step->reason, &step->approved, error);
}

static gboolean
run_reject(Desk *desk, BulkStep *step, Cancel *cancel, GError **error)
{
    return desk_reject(desk, step->id, step->reason, FALSE, cancel, error);
}

static gboolean
run_rerun(Desk *desk, BulkStep *step, Cancel *cancel, GError **error)
{
    step->run = desk_rerun(desk, step->id, FALSE, NULL, cancel, error);
    return step->run != NULL;
}

static gboolean
run_retry(Desk *desk, BulkStep *step, Cancel *cancel, GError **error)
{
    return desk_retry(desk, step->id, error) &&
           desk_work(desk, step->id, &step->state, cancel, error);
}

static char *
done_approve(Console *console, const BulkStep *step)
{
    const Approved *approved = &step->approved;
    if (approved->dry_run)
        return g_strdup("could be approved (dry run: nothing recorded)");
    if (approved->hold_until == 0)
        return g_strdup_printf("approved %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT, approved->have,
                               approved->need);
    console_hold(console, step->id, approved->hold_until);
    return g_strdup("approved, held; close this to take it back");
}

static char *
done_reject(Console *console, const BulkStep *step)
{
    (void)step;
    return g_strdup(desk_dry_run(console->desk) ? "could be rejected (dry run: nothing recorded)"
                                                : "rejected");
}

static char *
done_rerun(Console *console, const BulkStep *step)
{
    (void)console;
    return money_display_in(step->run->amount, step->run->currency);
}

static char *
done_retry(Console *console, const BulkStep *step)
{
    (void)console;
    return g_strdup_printf("now %s", state_name(step->state));
}

static const BulkAct acts[] = {
    {"approve", "Approve", TRUE, TRUE, NULL, run_approve, done_approve},
    {"reject", "Reject", TRUE, FALSE,
     "Each is closed without a credit. Nothing is said in Slack; to tell a thread reject it alone.",
     run_reject, done_reject},
    {"rerun", "Rerun", FALSE, FALSE,
     "The SQL of each is fetched again and its query runs. Another amount voids the approvals that "
     "it has; nothing is posted.",
     run_rerun, done_rerun},
    {"retry", "Retry", FALSE, FALSE,
     "Each is taken on from where it failed, as far as a pass would take it.", run_retry,
     done_retry},
};

static const BulkAct *
act_named(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(acts); i++)
        if (strcmp(acts[i].name, name) == 0)
            return &acts[i];
    return NULL;
}

static void
item_free(gpointer data)
{
    BulkItem *item = data;
    request_free(item->request);
    preview_free(item->preview);
    g_free(item->refusal);
    g_free(item->outcome);
    g_free(item);
}

static guint
count_of(const Bulk *bulk)
{
    guint n = 0;
    for (guint i = 0; bulk->items && i < bulk->items->len; i++)
        n += ((const BulkItem *)g_ptr_array_index(bulk->items, i))->refusal == NULL;
    return n;
}

/* -- the rows, on a worker -- */

typedef struct {
    Console *console;
    guint serial;
    const BulkAct *act;
    GArray *ids;
    GPtrArray *items;
} Load;

static void
load_free(gpointer data)
{
    Load *load = data;
    g_array_unref(load->ids);
    if (load->items)
        g_ptr_array_unref(load->items);
    g_free(load);
}

/* What cannot be read is left out with its reason, as any other. */
static BulkItem *
item_new(Desk *desk, const BulkAct *act, gint64 id)
{
    g_autoptr(GError) error = NULL;
    BulkItem *item = g_new0(BulkItem, 1);
    item->id = id;
    item->request = store_request_get(desk_store(desk), id, &error);
    if (item->request)
        item->refusal = desk_refusal(desk, item->request, act->name);
    if (item->request && !item->refusal && act->posts)
        item->preview = desk_preview(desk, id, "result", item->request->run_number, NULL, &error);
    if (error)
        item->refusal = g_strdup(error->message);
    return item;
}

static gboolean
load_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    Load *load = data;
    load->items = g_ptr_array_new_with_free_func(item_free);
    for (guint i = 0; i < load->ids->len; i++) {
        if (cancel_check(cancel, error))
            return FALSE;
        g_ptr_array_add(load->items,
                        item_new(desk, load->act, g_array_index(load->ids, gint64, i)));
    }
    return TRUE;
}

static void
load_done(gpointer data, const GError *error)
{
    Load *load = data;
    Bulk *bulk = console_dialog(load->console, load->serial);
    if (!bulk || error)
        return;
    bulk->items = g_steal_pointer(&load->items);
    bulk->stage = BULK_ASKING;
    bulk->form.waiting = FALSE;
    guint n = count_of(bulk);
    bulk->form.shut = n == 0 || (!bulk->act->reason && !bulk->act->posts);
    if (!bulk->act->posts || n < 2)
        bulk->form.n = bulk->act->reason ? 1 : 0;
    bulk_write(bulk);
    console_touch(load->console);
}

/* -- row by row -- */

static void
step_free(gpointer data)
{
    BulkStep *step = data;
    run_free(step->run);
    g_free(step->reason);
    g_free(step);
}

static gboolean
step_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    BulkStep *step = data;
    return step->act->run(desk, step, cancel, error);
}

static void step_next(Bulk *bulk);

/* The dialog was left: what was begun is finished, nothing more is begun. */
static void
step_done(gpointer data, const GError *error)
{
    BulkStep *step = data;
    Bulk *bulk = console_dialog(step->console, step->serial);
    char *outcome = error ? g_strdup(error->message) : step->act->done(step->console, step);
    if (bulk) {
        BulkItem *item = g_ptr_array_index(bulk->items, step->index);
        item->failed = error != NULL;
        item->outcome = outcome;
        step_next(bulk);
        bulk_write(bulk);
    } else {
        console_say(step->console, error ? ROLE_BAD : ROLE_GOOD,
                    "%" G_GINT64_FORMAT ": %s; the rows after it were left as they are", step->id,
                    outcome);
        g_free(outcome);
    }
    console_refresh(step->console);
}

static void
step_next(Bulk *bulk)
{
    const BulkItem *item = NULL;
    while (bulk->next < bulk->items->len) {
        item = g_ptr_array_index(bulk->items, bulk->next);
        if (!item->refusal)
            break;
        bulk->next++;
    }
    if (bulk->next >= bulk->items->len) {
        bulk->stage = BULK_DONE;
        return;
    }
    BulkStep *step = g_new0(BulkStep, 1);
    step->console = bulk->form.console;
    step->serial = bulk->serial;
    step->act = bulk->act;
    step->index = bulk->next++;
    step->id = item->id;
    step->run_number = item->request->run_number;
    step->reason = g_strdup(bulk->reason);
    JobSpec spec = {.what = g_strdup_printf("%s of %" G_GINT64_FORMAT, bulk->act->name, step->id),
                    .request_id = step->id,
                    .run = step_run,
                    .done = step_done,
                    .data = step,
                    .free_data = step_free};
    work_start(bulk->form.console->work, &spec);
}

static gboolean
typed_count(const Bulk *bulk)
{
    guint n = count_of(bulk);
    g_autofree char *wanted = g_strdup_printf("%u", n);
    if (bulk->form.n <= FIELD_COUNT || strcmp(form_text(&bulk->form, FIELD_COUNT), wanted) == 0)
        return TRUE;
    console_say(bulk->form.console, ROLE_WARN, "type %u in the last field to %s so many", n,
                bulk->act->name);
    return FALSE;
}

static void
begin(Bulk *bulk)
{
    if (count_of(bulk) == 0 ||
        (bulk->act->reason && !form_reason(&bulk->form, FIELD_REASON, "each of them")) ||
        !typed_count(bulk))
        return;
    if (bulk->act->reason)
        bulk->reason = g_strdup(form_text(&bulk->form, FIELD_REASON));
    bulk->stage = BULK_RUNNING;
    bulk->form.shut = TRUE;
    step_next(bulk);
    bulk_write(bulk);
}

/* -- the dialog -- */

static void
bulk_draw(gpointer data, Grid *grid, Rect screen)
{
    Bulk *bulk = data;
    guint n = count_of(bulk), all = bulk->items ? bulk->items->len : 0;
    g_autofree char *title = g_strdup_printf("%s %u of %u marked", bulk->act->title, n, all);
    g_autofree char *yes =
        bulk->stage == BULK_ASKING && n > 0 ? g_strdup_printf("%s %u", bulk->act->name, n) : NULL;
    const char *no = bulk->stage == BULK_RUNNING ? "stop after this one"
                     : bulk->stage == BULK_DONE  ? "close"
                                                 : "no";
    form_draw(&bulk->form, grid, screen, title, yes, no);
}

static guint
bulk_key(gpointer data, const TermEvent *event)
{
    Bulk *bulk = data;
    FormKey key = form_key(&bulk->form, event);
    if (key == FORM_NO || (key == FORM_YES && bulk->stage == BULK_DONE))
        console_pop(bulk->form.console);
    else if (key == FORM_YES && bulk->stage == BULK_ASKING)
        begin(bulk);
    return CHANGED_SCREEN;
}

static void
bulk_free(gpointer data)
{
    Bulk *bulk = data;
    form_clear(&bulk->form);
    if (bulk->items)
        g_ptr_array_unref(bulk->items);
    g_free(bulk->reason);
    g_free(bulk);
}

static const DialogOps bulk_ops = {"bulk", bulk_draw, bulk_key, bulk_free};

guint
bulk_open(Console *console, const char *act, GArray *ids, const char *reason)
{
    Bulk *bulk = g_new0(Bulk, 1);
    form_init(&bulk->form, console);
    form_field(&bulk->form, "Reason", NULL, reason);
    form_field(&bulk->form, "How many", g_strdup("typed as a number, so that it is meant"), NULL);
    bulk->form.waiting = TRUE;
    bulk->act = act_named(act);
    doc_line(bulk->form.text, ROLE_BUSY, "Looking at each of them …");
    bulk->serial = console_push(console, &bulk_ops, bulk);
    Load *load = g_new0(Load, 1);
    load->console = console;
    load->serial = bulk->serial;
    load->act = bulk->act;
    load->ids = ids;
    JobSpec spec = {.what = g_strdup("preview"),
                    .quiet = TRUE,
                    .run = load_run,
                    .done = load_done,
                    .data = load,
                    .free_data = load_free};
    work_start(console->work, &spec);
    return CHANGED_SCREEN;
}
