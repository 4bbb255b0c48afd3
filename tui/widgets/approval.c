/* approval.c: see approval.h. */
#include "tui/widgets/approval.h"

#include <string.h>
#include "base/money.h"

typedef struct {
    DecisionJob job;
    gint64 run_number;
    gboolean break_glass;
    char *signature;
    Approved approved;
} ApprovalJob;

static void
approval_clear(gpointer data)
{
    ApprovalJob *job = data;
    g_free(job->signature);
}

static gboolean
approval_run(Desk *desk, Cancel *cancel, gpointer data, GError **error)
{
    ApprovalJob *job = data;
    const ApproveHow how = {.run_number = job->run_number,
                            .reason = job->job.reason,
                            .break_glass = job->break_glass,
                            .signature = job->signature};
    (void)cancel;
    return desk_approve_as(desk, job->job.id, &how, &job->approved, error);
}

static void
approval_done(gpointer data, const GError *error)
{
    const ApprovalJob *job = data;
    Console *console = job->job.console;
    const Approved *approved = &job->approved;
    gint64 id = job->job.id, more = approved->need - approved->have;
    if (!error && console->unused_of == id)
        g_clear_pointer(&console->unused_reason, g_free);
    if (error) {
        g_autofree char *what = g_strdup_printf("%" G_GINT64_FORMAT " was not approved", id);
        console_say_error(console, what, error);
    } else if (approved->dry_run) {
        console_say(
            console, ROLE_DRY,
            "DRY RUN: %" G_GINT64_FORMAT " could be approved; nothing was recorded or posted", id);
    } else if (approved->hold_until == 0) {
        console_say(console, ROLE_GOOD,
                    "%" G_GINT64_FORMAT " approved %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT
                    "; it waits for %s",
                    id, approved->have, approved->need,
                    more > 1 ? "other approvers" : "another approver");
    } else {
        if (job->break_glass)
            console_say(console, ROLE_BAD,
                        "!! the glass is broken for %" G_GINT64_FORMAT
                        ": another person has to review it",
                        id);
        console_hold(console, id, approved->hold_until);
    }
    console_refresh(console);
}

guint
approval_give(Decision *decision, const ApprovalGiven *given)
{
    ApprovalJob *job = decision_job(decision, sizeof *job, given->reason_field);
    job->job.clear = approval_clear;
    job->run_number = given->run_number;
    job->break_glass = given->break_glass;
    job->signature = g_strdup(given->signature);
    return decision_do(decision, job, "approval", "approving", approval_run, approval_done);
}

/* -- the policy in words -- */

static char *
number_words(gint64 n)
{
    static const char *const words[] = {"no", "one", "two", "three", "four", "five"};
    return n < (gint64)G_N_ELEMENTS(words) ? g_strdup(words[n])
                                           : g_strdup_printf("%" G_GINT64_FORMAT, n);
}

/* "After you, one more approver is needed, one of seniors: ines or juri." */
static void
add_needed(Doc *doc, const Preview *preview, gboolean may)
{
    gint64 missing = preview->need - preview->have, others = missing - (may ? 1 : 0);
    const char *who = preview->who, *group = preview->tier ? NULL : preview->need_group;
    if (missing > 0 && others == 0 && preview->need > 1)
        doc_add(doc, ROLE_TEXT, "Yours is the last approval that it needs. ");
    if (others <= 0)
        return;
    g_autofree char *number = number_words(others);
    if (!may)
        number[0] = g_ascii_toupper(number[0]);
    doc_addf(doc, ROLE_WARN, "%s%s more approver%s needed%s%s%s%s. ", may ? "After you, " : "",
             number, others == 1 ? " is" : "s are", group ? ", one of " : "", group ? group : "",
             who ? ": " : "", who ? who : "");
}

static void
add_day(Doc *doc, const Preview *preview)
{
    gint64 count = preview->approved_today_count, sum = preview->approved_today_amount;
    gint64 limit = preview->today_limit;
    g_autofree char *today = money_display(sum);
    g_autofree char *most = limit >= 0 ? money_display(limit) : NULL;
    gboolean near = limit >= 0 && sum + preview->amount > limit;
    doc_addf(doc, near ? ROLE_WARN : ROLE_TEXT,
             "Your total today: %s in %" G_GINT64_FORMAT " approval%s%s%s.", today, count,
             count == 1 ? "" : "s", most ? ", at most " : "", most ? most : "");
    doc_end(doc);
}

void
approval_write_policy(Doc *doc, const Preview *preview, gboolean may)
{
    if (preview->tier)
        doc_addf(doc, ROLE_STRONG, "%c%s. ", g_ascii_toupper(*preview->tier), preview->tier + 1);
    if (preview->approvals)
        doc_addf(doc, ROLE_TEXT, "%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " so far: %s. ",
                 preview->have, preview->need, preview->approvals);
    add_needed(doc, preview, may);
    doc_end(doc);
    if (preview->split) {
        doc_addf(doc, ROLE_WARN, "%c%s.", g_ascii_toupper(*preview->split), preview->split + 1);
        doc_end(doc);
    }
    doc_addf(doc, ROLE_TEXT, "Sealed to run %" G_GINT64_FORMAT ". ", preview->run_number);
    add_day(doc, preview);
}

/* -- what is counted together -- */

/* "counted together with 4, 7 and 9 (same customer or link), …" */
GArray *
approval_split_ids(const char *split)
{
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    const char *at = split ? strstr(split, "together with ") : NULL;
    const char *end = at ? strchr(at, '(') : NULL;
    while (at && end && at < end) {
        char *after = NULL;
        gint64 id = g_ascii_isdigit(*at) ? g_ascii_strtoll(at, &after, 10) : 0;
        /* "and 3 more" is a number of requests, not one of them. */
        if (id > 0 && strncmp(after, " more", 5) != 0)
            g_array_append_val(ids, id);
        at = after ? after : at + 1;
    }
    return ids;
}

static guint
go_to(Console *console, const char *text, gint64 data)
{
    gint64 id = text ? g_ascii_strtoll(text, NULL, 10) : 0;
    (void)data;
    if (text && id <= 0)
        console_say(console, ROLE_WARN, "'%s' is not the number of a request", text);
    return id > 0 ? view_request_open(console, id) : CHANGED_SCREEN;
}

guint
approval_go_to_split(Decision *decision)
{
    Console *console = decision->form.console;
    const char *split = decision->preview ? decision->preview->split : NULL;
    g_autoptr(GArray) ids = approval_split_ids(split);
    g_autoptr(GString) label = g_string_new("Go to request");
    if (ids->len == 0)
        return CHANGED_NOTHING;
    for (guint i = 0; i < ids->len; i++)
        g_string_append_printf(label, "%s%" G_GINT64_FORMAT, i ? ", " : " (",
                               g_array_index(ids, gint64, i));
    g_string_append(label, "):");
    g_autofree char *first = g_strdup_printf("%" G_GINT64_FORMAT, g_array_index(ids, gint64, 0));
    console_pop(console);
    return ids->len == 1 ? go_to(console, first, 0)
                         : prompt_open(console, label->str, first, go_to, NULL, 0);
}
