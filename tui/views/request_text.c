/* request_text.c: the sections of a request in words: the message, and what is posted. */
#include "tui/views/request.h"

#include <string.h>
#include "tui/widgets/approval.h"

void
fact_add(Doc *doc, const char *name, const char *value, Role role)
{
    if (!value || !*value)
        return;
    doc_indent(doc, 0, 12);
    doc_addf(doc, ROLE_DIM, "%-12s", name);
    doc_add_link(doc, role, value, role == ROLE_LINK ? value : NULL);
    doc_end(doc);
    doc_indent(doc, 0, 0);
}

/* -- message -- */

/* Slack's web client shows a thread at client/TEAM/CHANNEL/thread/CHANNEL-TS; NULL where the
 * message does not say its team. */
static char *
thread_url(const Request *request, const cJSON *message)
{
    const char *team = json_string(message, "team");
    if (!team || !*team)
        return NULL;
    return g_strdup_printf("https://app.slack.com/client/%s/%s/thread/%s-%s", team,
                           request->channel, request->channel, request->thread_ts);
}

static char *
edited_words(const SectionText *text)
{
    const cJSON *edited = json_object(text->dossier->message, "edited");
    const char *user = json_string(edited, "user");
    const char *name = user ? g_hash_table_lookup(text->names->users, user) : NULL;
    const char *ts = text->dossier->request->edited_ts;
    if (!ts)
        return NULL;
    gint64 at = (gint64)(g_ascii_strtod(ts, NULL) * (double)G_USEC_PER_SEC);
    g_autofree char *when = wording_time(at, text->facts->now);
    return g_strdup_printf("%s UTC%s%s; this is the edited text", when, user ? " by " : "",
                           name   ? name
                           : user ? user
                                  : "");
}

void
section_message(Doc *doc, const SectionText *text)
{
    const Request *request = text->dossier->request;
    g_autofree char *at = wording_time(request->received_at, text->facts->now);
    g_autofree char *ago = wording_ago(request->received_at, text->facts->now);
    g_autofree char *when = g_strdup_printf("%s UTC (%s)", at, ago);
    g_autofree char *channel =
        g_strdup_printf("#%s", request->channel_name ? request->channel_name : request->channel);
    g_autofree char *edited = edited_words(text);
    g_autofree char *thread = thread_url(request, text->dossier->message);
    fact_add(doc, "from", request->requester_name ? request->requester_name : request->requester,
             ROLE_STRONG);
    fact_add(doc, "in", channel, ROLE_TEXT);
    fact_add(doc, "at", when, ROLE_TEXT);
    fact_add(doc, "edited", edited, ROLE_WARN);
    doc_line(doc, ROLE_TEXT, "");
    doc_indent(doc, 2, 2);
    mrkdwn_message(doc, text->dossier->message, request->text, text->names);
    doc_indent(doc, 0, 0);
    doc_line(doc, ROLE_TEXT, "");
    fact_add(doc, "link", request->link_url ? request->link_url : "none that counts",
             request->link_url ? ROLE_LINK : ROLE_DIM);
    fact_add(doc, "kind", request->link_kind, ROLE_TEXT);
    fact_add(doc, "title", request->title, ROLE_TEXT);
    fact_add(doc, "link later", request->link_later, ROLE_WARN);
    fact_add(doc, "note", request->note, ROLE_WARN);
    fact_add(doc, "thread", thread, ROLE_LINK);
    fact_add(doc, "thread ts", request->thread_ts, ROLE_DIM);
}

/* -- what is posted -- */

/* The blocks where there are any, since Slack shows those; else the text. */
static void
add_rendered(Doc *doc, const cJSON *blocks, const char *plain, const MrkdwnNames *names)
{
    doc_indent(doc, 3, 3);
    if (!mrkdwn_blocks(doc, blocks, names))
        mrkdwn_write(doc, plain ? plain : "", names);
    doc_indent(doc, 0, 0);
}

static void
add_raw(Doc *doc, const char *text)
{
    doc_indent(doc, 3, 3);
    doc_line(doc, ROLE_DIM, text ? text : "");
    doc_indent(doc, 0, 0);
}

static void
add_standing(Doc *doc, const Preview *preview)
{
    approval_write_policy(doc, preview, !preview->refusal);
    if (preview->refusal) {
        doc_addf(doc, ROLE_WARN, "You cannot approve it: %s", preview->refusal);
        doc_end(doc);
    }
}

static void
add_preview(Doc *doc, const SectionText *text)
{
    const Preview *preview = text->preview;
    if (!preview) {
        doc_line(doc, text->preview_error ? ROLE_BAD : ROLE_DIM,
                 text->preview_error ? text->preview_error
                 : text->dossier->request->has_amount
                     ? "Working out what would be posted …"
                     : "Nothing can be posted before there is an amount.");
        return;
    }
    doc_add(doc, preview->live ? ROLE_LIVE : ROLE_DRY, preview->live ? " LIVE " : " DRY RUN ");
    doc_addf(doc, ROLE_TEXT, " %s %s, in the thread %s:",
             preview->live ? "After approval this is posted to" : "Live, this would be posted to",
             preview->channel_name, preview->thread_ts ? preview->thread_ts : "-");
    doc_end(doc);
    doc_line(doc, ROLE_TEXT, "");
    add_rendered(doc, preview->blocks, preview->text, text->names);
    doc_line(doc, ROLE_TEXT, "");
    add_standing(doc, preview);
    doc_heading(doc, "As it is sent");
    add_raw(doc, preview->text);
}

/* " by signature of ines@example.com", " !! BREAK-GLASS". */
static char *
method_words(const Approval *approval)
{
    const char *method = approval->method ? approval->method : "";
    if (strcmp(method, "signature") == 0)
        return g_strdup_printf(" by signature of %s",
                               approval->principal ? approval->principal : "-");
    if (strcmp(method, "break-glass") == 0)
        return g_strdup(" !! BREAK-GLASS");
    return g_strdup(strcmp(method, "auto") == 0 ? " (the rule)" : "");
}

void
approvals_write(Doc *doc, const SectionText *text)
{
    const GPtrArray *approvals = text->dossier->approvals;
    if (!approvals || approvals->len == 0)
        return;
    doc_heading(doc, "Approvals");
    for (guint i = 0; i < approvals->len; i++) {
        const Approval *approval = g_ptr_array_index(approvals, i);
        g_autofree char *at = wording_time(approval->at, text->facts->now);
        gboolean valid = approval->voided_at == 0;
        doc_indent(doc, 0, 4);
        doc_addf(doc, valid ? ROLE_GOOD : ROLE_DIM, "%s ", valid ? "valid" : "void ");
        g_autofree char *method = method_words(approval);
        gboolean broken = g_strcmp0(approval->method, "break-glass") == 0;
        doc_addf(doc, ROLE_TEXT, "%s  %s", at, approval->person ? approval->person : "-");
        doc_add(doc, broken ? ROLE_BAD : ROLE_STRONG, method);
        doc_addf(doc, ROLE_TEXT, ": %s", approval->reason ? approval->reason : "");
        if (!valid)
            doc_addf(doc, ROLE_WARN, " (void: %s)",
                     approval->voided_why ? approval->voided_why : "-");
        doc_end(doc);
    }
    doc_indent(doc, 0, 0);
}

static const char *
kind_words(const char *kind)
{
    static const struct {
        const char *kind, *words;
    } kinds[] = {{"result", "the result"},
                 {"ask_link", "the question for a link"},
                 {"ask_tile", "the question for one tile"},
                 {"rejection", "the rejection"},
                 {"error_dm", "a direct message about the failure"}};
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (g_strcmp0(kind, kinds[i].kind) == 0)
            return kinds[i].words;
    }
    return kind ? kind : "a post";
}

static void
add_post(Doc *doc, const SectionText *text, const Post *post)
{
    g_autofree char *at =
        wording_time(post->settled_at ? post->settled_at : post->created_at, text->facts->now);
    gboolean posted = g_strcmp0(post->status, "posted") == 0;
    g_autoptr(cJSON) blocks =
        post->blocks ? json_parse(post->blocks, strlen(post->blocks), "blocks", NULL) : NULL;
    doc_addf(doc, posted ? ROLE_GOOD : ROLE_WARN, "%s  ", post->status ? post->status : "-");
    doc_addf(doc, ROLE_TEXT, "%s  %s to %s, thread %s, message %s", at, kind_words(post->kind),
             post->channel ? post->channel : "-", post->thread_ts ? post->thread_ts : "none",
             post->posted_ts ? post->posted_ts : "-");
    doc_end(doc);
    add_rendered(doc, blocks, post->text, text->names);
    if (post->error)
        doc_line(doc, ROLE_BAD, post->error);
    doc_line(doc, ROLE_DIM, "As it was sent:");
    add_raw(doc, post->text);
}

/* The request that this one corrects, and those that correct it: Enter opens one. */
static void
add_linked(Doc *doc, const SectionText *text)
{
    const GPtrArray *linked = text->dossier->linked;
    for (guint i = 0; linked && i < linked->len; i++) {
        const Request *other = g_ptr_array_index(linked, i);
        g_autofree char *amount = wording_amount(other);
        gboolean earlier = other->id < text->dossier->request->id;
        doc_indent(doc, 2, 4);
        doc_item(doc, (int)i);
        doc_addf(doc, ROLE_STRONG, "%s request %" G_GINT64_FORMAT,
                 earlier ? "Corrects" : "Corrected by", other->id);
        doc_addf(doc, ROLE_TEXT, ": %s %s, %s", amount, other->currency ? other->currency : "",
                 state_name(other->state));
        doc_end(doc);
    }
    doc_item(doc, -1);
    doc_indent(doc, 0, 0);
    if (linked && linked->len > 0)
        doc_line(doc, ROLE_TEXT, "");
}

void
section_post(Doc *doc, const SectionText *text)
{
    const GPtrArray *posts = text->dossier->posts;
    const Request *request = text->dossier->request;
    add_linked(doc, text);
    if (STATES_OPEN & STATE_BIT(request->state))
        add_preview(doc, text);
    approvals_write(doc, text);
    if (!posts || posts->len == 0) {
        if (STATES_CLOSED & STATE_BIT(request->state))
            doc_line(doc, ROLE_DIM, "Nothing was posted for this request.");
        return;
    }
    doc_heading(doc, "What was posted");
    for (guint i = 0; i < posts->len; i++) {
        if (i > 0)
            doc_line(doc, ROLE_TEXT, "");
        add_post(doc, text, g_ptr_array_index(posts, i));
    }
}
