/* request_text.c: the sections of a request that are plain text: message, SQL, post, events. */
#include "tui/views/request.h"

#include <string.h>
#include "base/json.h"
#include "base/text.h"
#include "services/sql_guard.h"

static void
add_fact(Doc *doc, const char *name, const char *value, Role role)
{
    if (!value || !*value)
        return;
    doc_indent(doc, 0, 12);
    doc_addf(doc, ROLE_DIM, "%-12s", name);
    doc_add(doc, role, value);
    doc_end(doc);
    doc_indent(doc, 0, 0);
}

/* Slack's mrkdwn as Slack shows it: links by their label, entities as their signs. */
static char *
plain_slack(const char *text)
{
    g_autoptr(GString) out = g_string_new(NULL);
    for (const char *p = text; *p;) {
        const char *close = *p == '<' ? strchr(p, '>') : NULL;
        if (!close) {
            g_string_append_c(out, *p++);
            continue;
        }
        g_autofree char *inside = g_strndup(p + 1, (gsize)(close - p - 1));
        const char *bar = strchr(inside, '|');
        if (bar) {
            g_autofree char *target = g_strndup(inside, (gsize)(bar - inside));
            g_string_append_printf(out, "%s (%s)", bar + 1, target);
        } else {
            g_string_append(out, inside);
        }
        p = close + 1;
    }
    return text_slack_unescape(out->str);
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
    g_autofree char *words = plain_slack(request->text ? request->text : "");
    add_fact(doc, "from", request->requester_name ? request->requester_name : request->requester,
             ROLE_STRONG);
    add_fact(doc, "in", channel, ROLE_TEXT);
    add_fact(doc, "at", when, ROLE_TEXT);
    if (request->edited_ts)
        add_fact(doc, "edited", "yes; this is the edited text", ROLE_WARN);
    doc_line(doc, ROLE_TEXT, "");
    doc_indent(doc, 2, 2);
    doc_line(doc, ROLE_TEXT, words);
    doc_indent(doc, 0, 0);
    doc_line(doc, ROLE_TEXT, "");
    add_fact(doc, "link", request->link_url ? request->link_url : "none that counts", ROLE_LINK);
    add_fact(doc, "kind", request->link_kind, ROLE_TEXT);
    add_fact(doc, "title", request->title, ROLE_TEXT);
    add_fact(doc, "link later", request->link_later, ROLE_WARN);
    add_fact(doc, "note", request->note, ROLE_WARN);
    add_fact(doc, "thread ts", request->thread_ts, ROLE_DIM);
}

/* -- SQL -- */

static gboolean
is_keyword(const char *word)
{
    static const char *const keywords[] = {
        "select", "from",    "where",    "group",    "order",  "by",       "having",    "limit",
        "with",   "as",      "join",     "left",     "right",  "inner",    "outer",     "full",
        "cross",  "on",      "using",    "and",      "or",     "not",      "in",        "is",
        "null",   "between", "like",     "case",     "when",   "then",     "else",      "end",
        "union",  "all",     "distinct", "cast",     "date",   "interval", "over",      "partition",
        "asc",    "desc",    "true",     "false",    "exists", "filter",   "sum",       "count",
        "avg",    "min",     "max",      "coalesce", "values", "except",   "intersect", "recursive",
        "offset", "fetch",   NULL};
    g_autofree char *low = g_ascii_strdown(word, -1);
    return g_strv_contains(keywords, low);
}

static Role
token_role(SqlKind kind, const char *token)
{
    switch (kind) {
    case SQL_COMMENT:
        return ROLE_SQL_COMMENT;
    case SQL_STRING:
        return ROLE_SQL_STRING;
    case SQL_NUMBER:
        return ROLE_SQL_NUMBER;
    case SQL_BAD:
        return ROLE_BAD;
    case SQL_WORD:
        return is_keyword(token) ? ROLE_SQL_WORD : ROLE_TEXT;
    default:
        return ROLE_TEXT;
    }
}

static void
add_sql(Doc *doc, const char *sql)
{
    gsize pos = 0;
    doc_indent(doc, 0, 4);
    for (;;) {
        SqlToken token = sql_next(sql, &pos);
        if (token.kind == SQL_END || token.length == 0)
            break;
        g_autofree char *piece = g_strndup(sql + token.start, token.length);
        doc_add(doc, token_role(token.kind, piece), piece);
    }
    doc_end(doc);
    doc_indent(doc, 0, 0);
}

void
section_sql(Doc *doc, const SectionText *text)
{
    const Request *request = text->dossier->request;
    const Breakdown *counting = dossier_counting(text->dossier);
    if (!request->sql) {
        doc_line(doc, ROLE_DIM, "The SQL was not fetched yet.");
        return;
    }
    if (counting) {
        const Run *run = counting->run;
        g_autofree char *rows = wording_count(run->rows);
        doc_addf(doc, ROLE_DIM, "run %" G_GINT64_FORMAT ": %s, query %s, %s rows, SHA-256 %.12s",
                 run->number, run->warehouse ? run->warehouse : "-",
                 run->query_id ? run->query_id : "-", rows,
                 run->sql_sha256 ? run->sql_sha256 : "-");
        doc_end(doc);
        if (g_strcmp0(run->sql_sha256, request->sql_sha256) != 0)
            doc_line(doc, ROLE_WARN, "The SQL changed since that run.");
    }
    doc_line(doc, ROLE_TEXT, "");
    add_sql(doc, request->sql);
}

/* -- post -- */

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
    doc_indent(doc, 3, 3);
    doc_line(doc, ROLE_STRONG, preview->plain);
    doc_indent(doc, 0, 0);
    doc_line(doc, ROLE_TEXT, "");
    doc_addf(doc, ROLE_TEXT, "Evidence %s; %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " approvals.",
             preview->evidence ? preview->evidence : "-", preview->have, preview->need);
    doc_end(doc);
    if (preview->refusal) {
        doc_addf(doc, ROLE_WARN, "You cannot approve it: %s", preview->refusal);
        doc_end(doc);
    }
    doc_heading(doc, "As it is sent");
    doc_line(doc, ROLE_DIM, preview->text);
}

static void
add_approvals(Doc *doc, const SectionText *text)
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
        doc_addf(doc, ROLE_TEXT, "%s  %s: %s", at, approval->actor ? approval->actor : "-",
                 approval->reason ? approval->reason : "");
        if (!valid)
            doc_addf(doc, ROLE_WARN, " (void: %s)",
                     approval->voided_why ? approval->voided_why : "-");
        doc_end(doc);
    }
    doc_indent(doc, 0, 0);
}

static void
add_post(Doc *doc, const Post *post, gint64 now)
{
    g_autofree char *at = wording_time(post->settled_at ? post->settled_at : post->created_at, now);
    gboolean posted = g_strcmp0(post->status, "posted") == 0;
    doc_addf(doc, posted ? ROLE_GOOD : ROLE_WARN, "%s  ", post->status);
    doc_addf(doc, ROLE_TEXT, "%s  %s to %s %s", at, post->kind, post->channel,
             post->posted_ts ? post->posted_ts : "");
    doc_end(doc);
    doc_indent(doc, 3, 3);
    doc_line(doc, ROLE_TEXT, post->text);
    if (post->error)
        doc_line(doc, ROLE_BAD, post->error);
    doc_indent(doc, 0, 0);
}

void
section_post(Doc *doc, const SectionText *text)
{
    const GPtrArray *posts = text->dossier->posts;
    const Request *request = text->dossier->request;
    if (STATES_OPEN & STATE_BIT(request->state))
        add_preview(doc, text);
    add_approvals(doc, text);
    if (!posts || posts->len == 0) {
        if (STATES_CLOSED & STATE_BIT(request->state))
            doc_line(doc, ROLE_DIM, "Nothing was posted for this request.");
        return;
    }
    doc_heading(doc, "What was posted");
    for (guint i = 0; i < posts->len; i++)
        add_post(doc, g_ptr_array_index(posts, i), text->facts->now);
}

/* -- events -- */

/* {"reason":"…"} as "reason …"; other JSON as it is. */
static char *
detail_words(const char *detail)
{
    g_autoptr(cJSON) json = json_parse(detail, strlen(detail), "detail", NULL);
    if (!json || !cJSON_IsObject(json))
        return g_strdup(detail);
    GString *words = g_string_new(NULL);
    const cJSON *member;
    cJSON_ArrayForEach (member, json) {
        g_autofree char *value = json_text(json, member->string);
        gboolean digest = value && strlen(value) == 64 && strspn(value, "0123456789abcdef") == 64;
        if (value && *value)
            g_string_append_printf(words, "%s%s %.*s", words->len ? ", " : "", member->string,
                                   digest ? 12 : 200, value);
    }
    return g_string_free(words, FALSE);
}

void
section_events(Doc *doc, const SectionText *text)
{
    const GPtrArray *events = text->dossier->events;
    if (!events || events->len == 0) {
        doc_line(doc, ROLE_DIM, "Nothing happened yet.");
        return;
    }
    doc_indent(doc, 0, 14);
    for (guint i = 0; i < events->len; i++) {
        const Event *event = g_ptr_array_index(events, i);
        g_autofree char *at = wording_time(event->at, text->facts->now);
        g_autofree char *detail = event->detail ? detail_words(event->detail) : NULL;
        doc_addf(doc, ROLE_DIM, "%-13s ", at);
        doc_addf(doc, ROLE_STRONG, "%-9s ", event->kind ? event->kind : "");
        if (event->from || event->to)
            doc_addf(doc, ROLE_TEXT, "%s -> %s  ", event->from ? event->from : "-",
                     event->to ? event->to : "-");
        doc_addf(doc, ROLE_TEXT, "%s", event->actor ? event->actor : "");
        if (detail && *detail)
            doc_addf(doc, ROLE_DIM, "  %s", detail);
        doc_end(doc);
    }
    doc_indent(doc, 0, 0);
}
